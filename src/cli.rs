//! What can the program be asked to do?
//!
//! Exit codes: 0 done, 1 an error that is told on standard error, 2 a command line that makes no
//! sense, or asks for what is not in this version.

mod kept;
mod ledger;
mod policy;
mod probe;
mod state;

use crate::demo::DemoOptions;
use crate::top::{Format, Size, Tab, TopOptions};
use clap::{Args, Parser, Subcommand, ValueEnum};
use probe::ProbeOptions;
use proxy::config::settings::{
    AuthenticationMode, CertificateNames, ClientCertificate, DefaultVerdict, Listener, Mode, TlsMode,
};
use proxy::config::{self, Config, ConfigError};
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (commit ",
    env!("DRAGOMAN_COMMIT"),
    ", features: postgres, mysql, tls)"
);

/// The exit code of a command line that cannot be followed, here and in clap.
const USAGE: u8 = 2;

/// A gateway that sees, judges, times and records every statement between applications and their
/// databases.
#[derive(Debug, Parser)]
#[command(name = "dragoman", version = VERSION, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one of it, made at the start")]
enum Command {
    /// Serves what a settings file names, listeners and control plane, until it is told to stop
    Serve(Serve),
    /// Shows the gateway at work in front of a small PostgreSQL server of its own
    Demo(Demo),
    /// Shows what happens behind a running gateway's ports: statements, sessions, errors
    Top(Top),
    /// Says whether a settings file can be used: exit code 0 when it can, 1 with all its mistakes
    Check(File),
    /// Looks once what roles may really do, and prints what ends it: exit code 0 when they can only read, 1 when
    /// one can do more, 2 when that cannot be told
    Probe(Probe),
    /// Says what rules would decide: tests, explanations, and what has happened judged again
    Policy {
        /// What to do with them
        #[command(subcommand)]
        command: policy::Policy,
    },
    /// Proves that a ledger is whole, finds records in it, hands them out, opens or erases what was sealed
    Ledger {
        /// What to do with it
        #[command(subcommand)]
        command: ledger::Ledger,
    },
    /// Copies what the control plane remembers, brings it back, seals its secrets anew
    State {
        /// What to do with it
        #[command(subcommand)]
        command: state::State,
    },
    /// Prints what can be set
    Config {
        /// In which form
        #[arg(value_enum)]
        form: Form,
    },
}

#[derive(Debug, Args)]
struct Serve {
    #[command(flatten)]
    file: File,
    /// Which part of the gateway to run; without it the data plane, and the control plane where the settings
    /// have a table `[admin]`
    #[arg(long, value_enum)]
    plane: Option<Plane>,
}

/// A part of the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Plane {
    /// Listeners, relay and ledger
    Data,
    /// People, the API and what they keep
    Control,
}

#[derive(Debug, Args)]
struct File {
    /// The settings file (TOML)
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

#[derive(Debug, Args)]
struct Probe {
    #[command(flatten)]
    file: File,
    /// The listener whose upstream is looked at; all that have a probe if not given
    #[arg(long, value_name = "NAME")]
    listener: Option<String>,
    /// The role to look at, or the user of MySQL; all that may log in if not given
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// The database to look at; those of `probe.databases` if not given. MySQL is looked at as a whole
    #[arg(long, value_name = "NAME")]
    database: Option<String>,
}

#[derive(Debug, Args)]
struct Demo {
    /// The folder to keep everything in; `demo-data` if not given
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The folder with PostgreSQL's `initdb` and `postgres`; found by itself if not given
    #[arg(long, value_name = "DIR")]
    postgres_bin: Option<PathBuf>,
    /// The first of six ports in a row, of which the fourth and the fifth are for MySQL; 6432, 9432, 6431 and 8432
    /// if not given, and 6033 and 6034 for MySQL
    #[arg(long, value_name = "BASE", value_parser = crate::demo::ports_base)]
    ports: Option<u16>,
    /// Shows MySQL as well, with a MariaDB of this machine (`mariadbd`) behind a second listener
    #[arg(long)]
    mysql: bool,
}

#[derive(Debug, Args)]
struct Top {
    #[command(flatten)]
    file: File,
    /// Prints one look and ends, for scripts
    #[arg(long)]
    once: bool,
    /// How the one look is printed
    #[arg(long, value_enum, default_value_t = Format::Text, requires = "once")]
    format: Format,
    /// Between two looks; 2 if not given. With --once: two looks, and what came between them
    #[arg(long, value_name = "SECONDS", value_parser = interval)]
    interval: Option<f64>,
    /// The table to begin with, or to print
    #[arg(long, value_enum, default_value_t = Tab::Statements)]
    show: Tab,
    /// The column rows are in order of, such as p95; a wrong one is answered with all there are
    #[arg(long, value_name = "COLUMN")]
    sort: Option<String>,
    /// Most rows to print
    #[arg(long, value_name = "ROWS", default_value_t = 50, requires = "once")]
    limit: usize,
    /// Words that all have to be found in a row; user:shop looks in one field
    #[arg(long, value_name = "WORDS", default_value = "")]
    filter: String,
    /// The screen to draw
    #[arg(long, hide = true, default_value = "140x40")]
    size: Size,
}

/// Seconds between two looks.
fn interval(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.2..=3_600.0).contains(seconds));
    seconds.ok_or_else(|| "seconds from 0.2 to 3600".to_owned())
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// All settings, as Markdown
    Reference,
    /// The JSON schema, for editors
    Schema,
    /// A file to begin with
    Example,
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    let command = Arguments::parse().command;
    // The demo and the view have screens of their own, which everyday news would tear.
    crate::logging::start(match command {
        Command::Demo(_) => crate::demo::LOG,
        Command::Top(_) | Command::Ledger { .. } => "warn",
        _ => "info",
    });
    match command {
        Command::Serve(Serve { file, plane }) => told(crate::serve::serve(&file.config, plane)),
        Command::Demo(Demo { data, postgres_bin, ports, mysql }) => {
            told(crate::demo::run(DemoOptions { data, postgres_bin, ports, mysql }))
        }
        Command::Top(top) => told(crate::top::run(top.into())),
        Command::Check(file) => match check(&file.config) {
            Ok(summary) => print(&summary),
            Err(error) => told(Err(error)),
        },
        Command::Probe(Probe { file, listener, role, database }) => {
            probe::run(&ProbeOptions { config: file.config, listener, role, database })
        }
        Command::Policy { command } => policy::run(command),
        Command::Ledger { command } => ledger::run(command),
        Command::State { command } => state::run(command),
        Command::Config { form } => print(&match form {
            Form::Reference => config::reference(),
            Form::Schema => config::schema(),
            Form::Example => config::example(),
        }),
    }
}

impl From<Top> for TopOptions {
    fn from(top: Top) -> TopOptions {
        let Top { file, once, format, interval, show, sort, limit, filter, size } = top;
        TopOptions { config: file.config, once, format, interval, show, sort, limit, filter, size }
    }
}

fn told(result: Result<(), impl Error>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dragoman: {}", with_causes(&error));
            ExitCode::FAILURE
        }
    }
}

/// What happened and why, down to what the system said; nothing twice.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            let _ = write!(text, ": {words}");
        }
        cause = inner.source();
    }
    text
}

/// Prints what was asked for. A reader that went away (`| head`) is no error of ours.
fn print(text: &str) -> ExitCode {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            eprintln!("dragoman: cannot write to standard output: {error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

fn check(path: &Path) -> Result<String, ConfigError> {
    let config = config::load(path, config::process_environment())?;
    // What it gives is of no use here, but certificates and keys are looked at on the way.
    let listeners = config::listeners(&config)?;
    config::copies(&config)?;
    config::ledger_key(&config)?;
    config::admin_secrets(&config)?;
    config::link_token(&config)?;
    config::report_stream(&config)?;
    // What can be used, and not for long.
    let warnings = proxy::warnings(&listeners).into_iter();
    Ok(warnings.fold(summary(path, &config), |text, warning| text + "  warning: " + &warning + "\n"))
}

/// Where the state is, without what may be a password.
fn state(config: &Config) -> String {
    let url = config.state_url();
    match url.rsplit_once('@') {
        Some((_, host)) => format!("postgres://…@{host}"),
        None => url,
    }
}

fn summary(path: &Path, config: &Config) -> String {
    let mut text = String::new();
    let noun = if config.listeners.len() == 1 { "listener" } else { "listeners" };
    let _ = writeln!(text, "{}: good, {} {noun}", path.display(), config.listeners.len());
    for listener in &config.listeners {
        let upstream: Vec<_> = listener.upstream.iter().map(ToString::to_string).collect();
        let does = match (listener.mode, listener.default) {
            (Mode::Observe, DefaultVerdict::Allow) => "observes",
            (Mode::Observe, DefaultVerdict::Refuse) => "observes what it would refuse",
            (Mode::Enforce, DefaultVerdict::Allow) => "enforces, allows by default",
            (Mode::Enforce, DefaultVerdict::Refuse) => "enforces, refuses by default",
        };
        let _ =
            writeln!(text, "  {}: {} -> {}, {does}", listener.name, listener.listen, upstream.join(" or "));
        let upstream = listener.upstream_tls.mode.as_str();
        let _ = writeln!(text, "    TLS: clients {}, upstream `{upstream}`", client_tls(listener));
        let _ = writeln!(text, "    privileges: {}", privileges(listener));
        if let Some(by) = verified_by(listener) {
            let _ = writeln!(text, "    logins: verified here, by {by}");
        }
    }
    if let Some(admin) = &config.admin {
        let _ = writeln!(text, "  control plane: {}, state in {}", admin.public_url(), state(config));
    }
    if let Some(link) = config.link.as_ref().filter(|_| config.admin.is_none()) {
        let nodes = std::iter::once(link.url.as_str()).chain(link.nodes.iter().map(String::as_str));
        let _ = writeln!(text, "  linked to the control plane at {}", nodes.collect::<Vec<_>>().join(", "));
    }
    let _ = writeln!(
        text,
        "  ledger in {}, status on {}",
        config.ledger.directory.display(),
        config.status.listen
    );
    text.push_str(&kept::lines(&config.ledger));
    text
}

/// Nobody connects here: what roles may really do is not known.
fn privileges(listener: &Listener) -> String {
    let looks = match &listener.probe.user {
        Some(user) => format!("looked at as `{user}`; `dragoman probe` looks now"),
        None => "unverified: there is no `probe.user`".to_owned(),
    };
    let needs = if listener.require_verified { ", only verified roles may log in" } else { "" };
    format!("{looks}{needs}")
}

/// Where verifiers come from; `None` where logins are relayed.
fn verified_by(listener: &Listener) -> Option<String> {
    let own = &listener.authentication;
    match (own.mode, &own.verifiers, &own.lookup) {
        (AuthenticationMode::Relay, ..) => None,
        (AuthenticationMode::Verify, Some(file), _) => Some(format!("the file {}", file.display())),
        (AuthenticationMode::Verify, None, Some(function)) => {
            Some(format!("what the function {function} in database {} tells", own.lookup_database))
        }
        (AuthenticationMode::Verify, None, None) => Some("what the server's pg_authid tells".to_owned()),
    }
}

fn client_tls(listener: &Listener) -> String {
    let tls = &listener.tls;
    let use_it = match (tls.mode, &tls.certificate) {
        (Some(TlsMode::Disable), _) | (_, None) => return "cannot use it".to_owned(),
        (Some(TlsMode::Require), Some(_)) => "must use it",
        (Some(TlsMode::Prefer) | None, Some(_)) => "may use it",
    };
    let show = match (&tls.client_ca, tls.client_certificate) {
        (None, _) => "",
        (Some(_), Some(ClientCertificate::Optional)) => " and may show a certificate",
        (Some(_), Some(ClientCertificate::Require) | None) => " and must show a certificate",
    };
    let names = match listener.authentication.certificate {
        CertificateNames::User => " of their own user",
        CertificateNames::Ignore => "",
    };
    format!("{use_it}{show}{names}")
}

#[cfg(test)]
mod tests;
