//! What is wrong with the settings, where, and what to do about it?

mod hints;

use super::address::{Fault, UrlFault};
use super::retention::RetentionFault;
use crate::verifiers::LineFault;
use hints::{AUTHORITIES, ELSEWHERE, LINES, PLACES, STATES, block, meant, usable};
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file itself cannot be read.
    #[error("the settings file `{}` {fault}\n    hint: {}", path.display(), fault.hint())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        fault: FileFault,
    },
    /// Something in it is wrong: all that was found, in the order of the file.
    #[error("{}", Listing(path, problems))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What was found; never empty.
        problems: Vec<Problem>,
    },
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    /// There is none.
    #[error("does not exist")]
    Missing,
    /// It is a folder.
    #[error("is a directory, not a file")]
    Directory,
    /// The operating system does not let us.
    #[error("may not be read by this user")]
    Denied,
    /// It is too large to be what it should be.
    #[error("is larger than {max} bytes")]
    TooLarge {
        /// The most we read.
        max: u64,
    },
    /// It is no text.
    #[error("is not UTF-8 text")]
    NotText,
    /// Anything else.
    #[error("cannot be read: {0}")]
    Other(#[source] io::Error),
}

impl From<io::Error> for FileFault {
    fn from(error: io::Error) -> FileFault {
        match error.kind() {
            io::ErrorKind::NotFound => FileFault::Missing,
            io::ErrorKind::IsADirectory => FileFault::Directory,
            io::ErrorKind::PermissionDenied => FileFault::Denied,
            _ => FileFault::Other(error),
        }
    }
}

impl FileFault {
    fn hint(&self) -> &'static str {
        match self {
            FileFault::Missing => {
                "check the path, or write a first one: `dragoman config example > dragoman.toml`"
            }
            FileFault::Directory => "name the file inside it",
            FileFault::Denied => "check the file's owner and mode",
            FileFault::TooLarge { .. } => "check that it is a settings file",
            FileFault::NotText => "save it as UTF-8",
            FileFault::Other(_) => "check the disk it is on",
        }
    }
}

struct Listing<'a>(&'a PathBuf, &'a [Problem]);

impl fmt::Display for Listing<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Listing(path, problems) = self;
        let noun = if problems.len() == 1 { "mistake" } else { "mistakes" };
        write!(formatter, "{} {noun} in the settings", problems.len())?;
        for problem in *problems {
            write!(formatter, "\n{}", problem.at(path))?;
        }
        Ok(())
    }
}

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Somewhere in the file.
    File,
    /// In the file; both counted from 1, columns in characters.
    Line {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// In an environment variable.
    Variable(Arc<str>),
}

/// One thing that is wrong.
#[derive(Debug)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// The setting, as `listener[shop].tls.key`; empty where it is none.
    pub key: String,
    /// What.
    pub cause: Cause,
}

impl Problem {
    /// The problem as a person reads it: place, setting, what is wrong, and on a second line what to
    /// do.
    pub fn at(&self, file: &std::path::Path) -> String {
        let mut text = match &self.place {
            Place::File => format!("{}: ", file.display()),
            Place::Line { line, column } => format!("{}:{line}:{column}: ", file.display()),
            Place::Variable(name) => format!("environment variable {name}: "),
        };
        if !self.key.is_empty() {
            text.push_str(&self.key);
            text.push_str(": ");
        }
        text.push_str(&self.cause.to_string());
        if let Some(hint) = self.cause.hint() {
            text.push_str("\n    hint: ");
            text.push_str(&hint);
        }
        text
    }
}

/// What can be wrong.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// It is no TOML.
    #[error("this is not TOML: {message}")]
    Syntax {
        /// The parser's words.
        message: Box<str>,
    },
    /// There is no such setting.
    #[error("there is no setting of this name")]
    UnknownKey {
        /// One that looks like it.
        nearest: Option<String>,
        /// All that are known in this table.
        known: Vec<String>,
    },
    /// A value of another type.
    #[error("this is {found}, it must be {expected}")]
    WrongType {
        /// What it is.
        found: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A word that is none of those known.
    #[error("`{word}` is not one of its values")]
    UnknownWord {
        /// The word.
        word: String,
        /// One that looks like it.
        nearest: Option<String>,
        /// All that are known.
        known: Vec<String>,
    },
    /// A number outside its range.
    #[error("{value} is not in the range {min} to {max}")]
    OutOfRange {
        /// The number.
        value: i128,
        /// The least.
        min: i128,
        /// The most.
        max: i128,
    },
    /// A setting that has no default is not set.
    #[error("`{key}` is missing")]
    Missing {
        /// The setting.
        key: String,
        /// How it could look, as TOML.
        example: String,
    },
    /// A list that needs at least one item has none.
    #[error("the list is empty")]
    EmptyList,
    /// A path of no characters.
    #[error("the path is empty")]
    EmptyPath,
    /// A name of no characters.
    #[error("the name is empty")]
    EmptyName,
    /// One secret, from two places.
    #[error("`file` is set as well")]
    TwoSecrets,
    /// A secret of no characters.
    #[error("the secret is empty")]
    EmptySecret,
    /// A secret's environment variable is not there, or no text.
    #[error("there is no environment variable `{name}` that holds text")]
    NoVariable {
        /// Its name.
        name: String,
    },
    /// No name of ours.
    #[error("`{value}` is not a name")]
    BadName {
        /// The text.
        value: String,
    },
    /// No address to listen on.
    #[error("`{value}` is not an address to listen on: {fault}")]
    BadListen {
        /// The text.
        value: String,
        /// Why not.
        fault: Fault,
    },
    /// No address of a server.
    #[error("`{value}` is not the address of a server: {fault}")]
    BadUpstream {
        /// The text.
        value: String,
        /// Why not.
        fault: Fault,
    },
    /// No address of a web server. Not shown: it can hold a password.
    #[error("this is not the address of a web server: {fault}")]
    BadUrl {
        /// Why not.
        fault: UrlFault,
    },
    /// No place for the state. Not shown: it can hold a password.
    #[error("the state cannot be kept there: {fault}")]
    BadState {
        /// Why not.
        fault: UrlFault,
    },
    /// No network.
    #[error("`{value}` is not a network")]
    BadNetwork {
        /// The text.
        value: String,
    },
    /// Neither a network nor a host.
    #[error("`{value}` is neither a network nor a host")]
    BadEgress {
        /// The text.
        value: String,
    },
    /// No name of a host.
    #[error("`{value}` is not a host")]
    BadHost {
        /// The text.
        value: String,
    },
    /// Nobody mail could come from.
    #[error("`{value}` is not an address of mail")]
    BadMailbox {
        /// The text.
        value: String,
    },
    /// Something that makes no sense without something else.
    #[error("`{what}` needs `{needs}`")]
    Lacks {
        /// What is there.
        what: &'static str,
        /// What is not.
        needs: &'static str,
    },
    /// Two settings of which one would do nothing.
    #[error("`{one}` does nothing beside `{other}`")]
    Useless {
        /// What would do nothing.
        one: &'static str,
        /// Why.
        other: &'static str,
    },
    /// No place for a copy of the ledger. Not shown: it can hold a password.
    #[error("no copy of the ledger can go there: {fault}")]
    BadPlace {
        /// Why not.
        fault: UrlFault,
    },
    /// No way for a subject of NATS to begin.
    #[error("subjects cannot begin like this")]
    BadSubject,
    /// A copy of the ledger within the ledger.
    #[error("this is the ledger's own folder, or in it")]
    OwnCopy,
    /// A copy would hold the ledger itself.
    #[error("this folder holds the ledger itself")]
    CopyAround,
    /// Secrets in the folder that is handed to auditors.
    #[error("the ledger's secrets would stand in the folder of its files")]
    KeysInLedger,
    /// Nothing that signs.
    #[error("this is no Ed25519 key as PEM (PKCS #8)")]
    NoSigningKey,
    /// Two copies of one name.
    #[error("another copy is already called `{name}`{}", Line(other))]
    CopyTaken {
        /// The name.
        name: String,
        /// Where the other one is.
        other: Place,
    },
    /// The other side's certificate shall be checked, and the system knows nobody to check it by.
    #[error("the system has no list of public authorities to check the certificate by")]
    NoAuthorities,
    /// Two ways to sign in of one name.
    #[error("another way to sign in is already called `{name}`{}", Line(other))]
    SignInTaken {
        /// The name.
        name: String,
        /// Where the other one is.
        other: Place,
    },
    /// A time that the control plane keeps things for.
    #[error(transparent)]
    Retention(RetentionFault),
    /// Nothing to serve.
    #[error("there is no listener, so there is nothing to serve")]
    NoListener,
    /// Two listeners of one name.
    #[error("another listener is already called `{name}`{}", Line(other))]
    NameTaken {
        /// The name.
        name: String,
        /// Where the other one is.
        other: Place,
    },
    /// Two that listen on one address.
    #[error("`{address}` is already taken by `{other}`{}", Line(place))]
    AddressTaken {
        /// The address.
        address: String,
        /// Whose it is.
        other: String,
        /// Where that one is.
        place: Place,
    },
    /// A listener that would connect to itself.
    #[error("`{address}` is this listener itself: every connection would make another one")]
    OwnUpstream {
        /// The upstream.
        address: String,
    },
    /// A mistake in a rule file, or a rule set that is not there.
    #[error("{0}")]
    Rule(policies::Diagnostic),
    /// A rule file that cannot be read.
    #[error("`{file}` cannot be read: {reason}")]
    RuleFile {
        /// The file.
        file: String,
        /// What the system says.
        reason: String,
    },
    /// TLS without a certificate.
    #[error("`{mode}` needs a certificate")]
    NoCertificate {
        /// The mode.
        mode: &'static str,
    },
    /// One of certificate and key without the other.
    #[error("`{present}` is set without `{absent}`")]
    HalfPair {
        /// What is set.
        present: &'static str,
        /// What is not.
        absent: &'static str,
    },
    /// A certificate shall be checked, but against what?
    #[error("`{mode}` needs `ca`: the system's own list of certificates is not used")]
    NoCa {
        /// The mode.
        mode: &'static str,
    },
    /// A list of certificates that nothing is checked against.
    #[error("with mode `{mode}` the upstream's certificate is not checked, so `ca` would do nothing")]
    UnusedCa {
        /// The mode.
        mode: &'static str,
    },
    /// No function.
    #[error("`{value}` is not the name of a function")]
    BadFunction {
        /// The text.
        value: String,
    },
    /// Logins are to be verified, and by what?
    #[error("`verify` needs to know what is stored of passwords")]
    NoVerifiers,
    /// Logins of MySQL are to be verified.
    #[error("logins of MySQL cannot be verified at the gateway")]
    VerifiesMysql,
    /// A file of verifiers with nobody in it.
    #[error("the file `{}` has no role in it", path.display())]
    NoRoles {
        /// The file.
        path: PathBuf,
    },
    /// A line of a file of verifiers.
    #[error("line {line} of the file `{}`: {fault}", path.display())]
    RoleLine {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        fault: LineFault,
    },
    /// Databases of a MySQL server, which nothing is looked up in.
    #[error("accounts of MySQL belong to no database")]
    UnusedDatabases,
    /// TLS on a unix socket.
    #[error("`{mode}` cannot hold: the unix socket `{address}` has no TLS")]
    TlsOverUnix {
        /// The mode.
        mode: &'static str,
        /// The upstream.
        address: String,
    },
    /// An override of something inside a list.
    #[error("elements of lists cannot be overridden")]
    VariableInList,
    /// An override of a whole table.
    #[error("this is a table, not a value")]
    VariableIsTable,
    /// An override with one underscore where two are needed.
    #[error("this is read by nobody")]
    VariableUnderscore {
        /// What was meant.
        meant: String,
    },
    /// A file that is named cannot be read.
    #[error("the file `{}` {fault}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        fault: FileFault,
    },
    /// A file without what it should hold.
    #[error("the file `{}` holds no {what} in PEM form", path.display())]
    NotPem {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// TLS does not take what the file holds.
    #[error("the file `{}` cannot be used: {source}", path.display())]
    Tls {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: rustls::Error,
    },
    /// Schema and settings disagree: our own mistake.
    #[error("the settings cannot be taken over: {0}")]
    Mismatch(#[source] serde_json::Error),
}

struct Line<'a>(&'a Place);

impl fmt::Display for Line<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Place::File => Ok(()),
            Place::Line { line, .. } => write!(formatter, " (line {line})"),
            Place::Variable(name) => write!(formatter, " (by {name})"),
        }
    }
}

impl Cause {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Cause::UnknownKey { nearest, known } | Cause::UnknownWord { nearest, known, .. } => {
                return Some(meant(nearest.as_ref(), known));
            }
            Cause::Missing { example, .. } => return Some(format!("add it, for example `{example}`")),
            Cause::VariableUnderscore { meant } => {
                return Some(format!("two underscores stand between a table and a key: {meant}"));
            }
            Cause::TlsOverUnix { .. } => "use `prefer`, or reach the server over TCP",
            Cause::EmptyList => "name at least one",
            Cause::EmptyPath => "name a file or a folder, or leave the setting out",
            Cause::EmptyName => "write a name, or leave the setting out",
            Cause::EmptySecret => "write it there, or leave the setting out",
            Cause::TwoSecrets => "a secret comes from one place: leave one of them out",
            Cause::NoVariable { .. } => "set it for the gateway's process, or use `file`",
            Cause::BadName { .. } => "use 1 to 63 of the characters a-z, 0-9, `_` and `-`",
            Cause::BadListen { .. } => {
                "write an IP address and a port, as `127.0.0.1:6432`; `0.0.0.0:6432` listens on every address"
            }
            Cause::BadUpstream { .. } => "write `host:port`, `[ipv6]:port` or `unix:/path/of/the/socket`",
            Cause::BadUrl { .. } => "write `https://host`, with a port and a path where it has them",
            Cause::BadState { .. } => STATES,
            Cause::BadNetwork { .. } => "write `10.0.0.0/8`, `10.1.2.3` or `fd00::/8`",
            Cause::BadEgress { .. } => "write `10.0.0.0/8`, `db.internal` or `db.internal:5432`",
            Cause::BadHost { .. } => {
                "write a name such as `mail.example.com`, or an IP address, without a port"
            }
            Cause::BadMailbox { .. } => "write `dragoman@example.com` or `Dragoman <dragoman@example.com>`",
            Cause::Lacks { .. } => "set it as well, or leave both out",
            Cause::Useless { .. } => "leave one of them out",
            Cause::NoListener => "add a `[[listener]]`; `dragoman config example` shows one",
            Cause::BadPlace { .. } => PLACES,
            Cause::BadSubject => {
                "write words of letters, digits, `-` and `_` with dots between, eight at most: `dragoman.ledger`"
            }
            Cause::KeysInLedger => "name a folder elsewhere: who is given the ledger must not get its keys",
            Cause::NoSigningKey => "name another one; `dragoman ledger key FILE` makes one",
            Cause::OwnCopy | Cause::CopyAround => ELSEWHERE,
            Cause::NoAuthorities | Cause::NoCa { .. } => AUTHORITIES,
            Cause::NameTaken { .. } | Cause::CopyTaken { .. } | Cause::SignInTaken { .. } => {
                "give it another name"
            }
            Cause::AddressTaken { .. } => "give it another port",
            Cause::OwnUpstream { .. } => "name the database server's own address",
            Cause::Retention(fault) => return Some(fault.hint()),
            Cause::Rule(diagnostic) => return diagnostic.hint.clone(),
            Cause::RuleFile { .. } => "check the file's owner, mode and encoding (UTF-8)",
            Cause::NoCertificate { .. } => "set `certificate` and `key`, or use mode `disable`",
            Cause::HalfPair { .. } => "set both, or none",
            Cause::UnusedCa { .. } => "use mode `verify-ca` or `verify-full`, or leave `ca` out",
            Cause::BadFunction { .. } => "write `schema.function`, letter for letter and without quotes",
            Cause::NoVerifiers => {
                "set `verifiers`, or `probe.user`, whose role looks them up at the upstream"
            }
            Cause::VerifiesMysql => "use `relay`, which MySQL's logins pass with TLS on either side",
            Cause::RoleLine { fault: LineFault::Twice { .. }, .. } => "take one of the two out",
            Cause::NoRoles { .. } | Cause::RoleLine { .. } => LINES,
            Cause::UnusedDatabases => "leave it out: the server is looked at as a whole",
            Cause::VariableInList => "change the file instead",
            Cause::VariableIsTable => "add two underscores and a key",
            Cause::File { .. } => "paths are relative to the settings file; check the path and its mode",
            Cause::NotPem { what, .. } => block(what),
            Cause::Tls { source, .. } => usable(source),
            Cause::Syntax { .. }
            | Cause::WrongType { .. }
            | Cause::OutOfRange { .. }
            | Cause::Mismatch(_) => return None,
        };
        Some(String::from(text))
    }
}
