//! The command `ledger key`: who signs a ledger's checkpoints, and whom is an auditor to believe?

use super::whereabouts::directory_of;
use crate::cli::{print, with_causes};
use clap::{ArgGroup, Args};
use proxy::config::ConfigError;
use proxy::ledger::{BadVerifierKey, KeyError, SigningKey, VerifierKey};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The file of a ledger's folder that says whom to believe.
const VERIFIER_KEYS: &str = "verifier.keys";

/// What `ledger key` is asked.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("ledger").args(["directory", "config"]))]
pub(in crate::cli) struct Key {
    /// Where to write a new key; a file that is there already is never replaced
    #[arg(value_name = "FILE", required_unless_present_any = ["public", "pem"], conflicts_with_all = ["public", "pem"])]
    file: Option<PathBuf>,
    /// The folder of a ledger's files: says under which name the new key will sign there
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    /// The settings file of the gateway whose ledger it is, in place of its folder
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Makes nothing: prints the verifier keys of a ledger, newest last
    #[arg(long, requires = "ledger")]
    public: bool,
    /// Makes nothing: prints the newest of them as PEM, for tools such as openssl
    #[arg(long, requires = "directory")]
    pem: bool,
}

/// Why there is no key to make or show.
#[derive(Debug, thiserror::Error)]
enum NoKey {
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// One cannot be made.
    #[error("no key was written to `{}`", path.display())]
    Make {
        /// Where.
        path: PathBuf,
        /// Why.
        source: KeyError,
    },
    /// There is a file already.
    #[error(
        "there is a file `{}` already, and a key is never replaced\n    hint: name another file; checkpoints that were \
         signed with an old key are still checked with it", .0.display()
    )]
    Exists(PathBuf),
    /// The ledger says nobody.
    #[error(
        "cannot read `{}`: {source}\n    hint: name a ledger's folder; a gateway writes the file at its first start",
        path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        source: io::Error,
    },
    /// The file is empty.
    #[error(
        "`{}` says of nobody that they sign this ledger\n    hint: a gateway writes it at its next start", .0.display()
    )]
    Nobody(PathBuf),
    /// A line of the file is no key.
    #[error("line {line} of `{}`", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line.
        line: usize,
        /// Why.
        source: BadVerifierKey,
    },
}

/// Answers it.
pub(super) fn run(key: &Key) -> ExitCode {
    match answer(key) {
        Ok(text) => print(&text),
        Err(error) => {
            eprintln!("dragoman: {}", with_causes(&error));
            ExitCode::FAILURE
        }
    }
}

fn answer(key: &Key) -> Result<String, NoKey> {
    let named = key.config.as_deref().map(directory_of).transpose()?;
    let directory = key.directory.as_deref().or(named.as_deref());
    match (&key.file, directory) {
        (Some(file), directory) => made(file, directory),
        (None, Some(directory)) => shown(directory, key.pem),
        // The command line needs one of them.
        (None, None) => Ok(String::new()),
    }
}

fn made(path: &Path, directory: Option<&Path>) -> Result<String, NoKey> {
    let name = match directory {
        Some(directory) => known(directory)?.last().map(|key| key.name().to_owned()),
        None => None,
    };
    let key = SigningKey::make(path).map_err(|source| match source {
        KeyError::Write(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            NoKey::Exists(path.to_owned())
        }
        source => NoKey::Make { path: path.to_owned(), source },
    })?;
    // What the settings are read with has another working directory.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut text = format!("{}: a new key, for its owner only\n", path.display());
    match name {
        Some(name) => {
            let _ = writeln!(
                text,
                "\nOnce the settings name it, whoever checks the ledger is to believe it as:\n\n{}",
                VerifierKey::new(&name, key.public())
            );
        }
        None => text.push_str(
            "\nThe gateway says at its next start whom to believe for it, and `dragoman ledger key --public --directory \
             DIR` does after that.\n",
        ),
    }
    let _ = writeln!(
        text,
        "\nIn the settings:\n\n[ledger.checkpoints]\nkey = {{ file = {} }}",
        serde_json::Value::from(path.to_string_lossy())
    );
    Ok(text)
}

fn shown(directory: &Path, as_pem: bool) -> Result<String, NoKey> {
    let keys = known(directory)?;
    if as_pem {
        return Ok(keys.last().map(VerifierKey::pem).unwrap_or_default());
    }
    Ok(keys.iter().map(|key| format!("{key}\n")).collect())
}

/// The verifier keys of a ledger, newest last.
fn known(directory: &Path) -> Result<Vec<VerifierKey>, NoKey> {
    let path = directory.join(VERIFIER_KEYS);
    let text =
        fs::read_to_string(&path).map_err(|source| NoKey::Unreadable { path: path.clone(), source })?;
    let mut keys = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let read = line.parse();
        keys.push(read.map_err(|source| NoKey::Line { path: path.clone(), line: number + 1, source })?);
    }
    if keys.is_empty() { Err(NoKey::Nobody(path)) } else { Ok(keys) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn ask(file: Option<PathBuf>, directory: Option<&Path>, pem: bool) -> Result<String, String> {
        let public = file.is_none();
        answer(&Key { file, directory: directory.map(Path::to_owned), config: None, public, pem })
            .map_err(|error| with_causes(&error))
    }

    #[test]
    fn a_key_is_made_once_and_says_what_to_do_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/checkpoint.pem");
        let text = ask(Some(path.clone()), None, false).unwrap();
        let shown = fs::canonicalize(&path).unwrap();
        assert!(text.contains(&format!("key = {{ file = \"{}\" }}", shown.display())), "{text}");
        assert!(text.contains("`dragoman ledger key --public"), "{text}");
        let before = fs::read(&path).unwrap();
        let error = ask(Some(path.clone()), None, false).unwrap_err();
        assert!(error.starts_with("there is a file `") && error.contains("never replaced"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn the_keys_of_a_ledger_are_shown_and_name_a_new_one() {
        let ledger = tempfile::tempdir().unwrap();
        let error = ask(None, Some(ledger.path()), false).unwrap_err();
        assert!(error.starts_with("cannot read `") && error.contains("at its first start"), "{error}");
        fs::write(ledger.path().join(VERIFIER_KEYS), "\n").unwrap();
        let error = ask(None, Some(ledger.path()), false).unwrap_err();
        assert!(error.contains("says of nobody"), "{error}");
        let name = "dragoman-ledger/0198c0de-1234-7abc-8def-0123456789ab";
        let keys = [VerifierKey::new(name, [1; 32]), VerifierKey::new(name, [2; 32])];
        fs::write(ledger.path().join(VERIFIER_KEYS), format!("{}\n{}\n", keys[0], keys[1])).unwrap();
        assert_eq!(ask(None, Some(ledger.path()), false).unwrap(), format!("{}\n{}\n", keys[0], keys[1]));
        assert_eq!(ask(None, Some(ledger.path()), true).unwrap(), keys[1].pem());
        let path = ledger.path().join("new.pem");
        let text = ask(Some(path.clone()), Some(ledger.path()), false).unwrap();
        let key = SigningKey::from_pem(&fs::read_to_string(path).unwrap()).unwrap();
        assert!(text.contains(&VerifierKey::new(name, key.public()).to_string()), "{text}");
        fs::write(ledger.path().join(VERIFIER_KEYS), format!("{}\nno key\n", keys[0])).unwrap();
        let error = ask(None, Some(ledger.path()), false).unwrap_err();
        assert!(error.starts_with("line 2 of `"), "{error}");
    }
}
