//! What do rules say, before anybody is refused by them? `policy test`, `policy explain`, `policy replay`.

mod explain;
mod replay;
#[cfg(test)]
mod tests;

use clap::{Args, Subcommand};
use policies::{Diagnostic, Ruleset};
use proxy::config::settings::{self, DefaultVerdict, Listener, Mode};
use proxy::config::{self, Config, ConfigError};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Largest rule or case file that is read.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

#[derive(Debug, Subcommand)]
pub(super) enum Policy {
    /// Runs the cases of Markdown files: exit code 0 when all hold, 1 otherwise
    Test(Test),
    /// Says what would become of a statement, and what every rule says of it
    Explain(explain::Explain),
    /// Says what other rule sets would have decided of what is in the ledger
    Replay(replay::Replay),
}

#[derive(Debug, Args)]
pub(super) struct Test {
    /// The settings file: its `policies.directory` holds the rule sets that the cases name, and the cases
    /// if no files are given
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Files of cases; rule sets are looked for beside them if there is no settings file
    #[arg(required_unless_present = "config")]
    files: Vec<PathBuf>,
}

/// Why a command about rules cannot do what it should.
#[derive(Debug, thiserror::Error)]
pub(super) enum PolicyError {
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A file or folder cannot be read.
    #[error("cannot read `{}`", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        cause: std::io::Error,
    },
    /// There is no such listener.
    #[error("there is no listener `{name}`\n    hint: the settings have {known}")]
    NoListener { name: String, known: String },
    /// There are no cases.
    #[error("there are no cases in `{}`\n    hint: cases are Markdown files, `*.md`; docs/policies.md shows them", path.display())]
    NoCases { path: PathBuf },
    /// Rule sets or cases are wrong.
    #[error("{}", shown(.0))]
    Wrong(Vec<Diagnostic>),
    /// An address is none.
    #[error("`{0}` is no address\n    hint: write an IP address, or `unix`")]
    Address(String),
}

fn shown(found: &[Diagnostic]) -> String {
    let mut text = format!("{} in the rules", if found.len() == 1 { "a mistake" } else { "mistakes" });
    for one in found {
        let _ = write!(text, "\n  {one}");
        if let Some(hint) = &one.hint {
            let _ = write!(text, "\n    hint: {hint}");
        }
    }
    text
}

/// What a command prints, and whether all is well.
pub(super) struct Report {
    pub(super) text: String,
    pub(super) good: bool,
}

/// Does what `policy` was asked for.
pub(super) fn run(command: Policy) -> ExitCode {
    let report = match command {
        Policy::Test(test) => test.run(),
        Policy::Explain(explain) => explain.run(),
        Policy::Replay(replay) => replay.run(),
    };
    match report {
        Ok(report) => {
            let printed = super::print(&report.text);
            if report.good { printed } else { ExitCode::FAILURE }
        }
        Err(error) => super::told(Err(error)),
    }
}

impl Test {
    fn run(&self) -> Result<Report, PolicyError> {
        let folder = match &self.config {
            Some(path) => Some(config::load(path, config::process_environment())?.policies.directory),
            None => None,
        };
        let mut files = self.files.clone();
        if let Some(folder) = folder.as_ref().filter(|_| files.is_empty()) {
            files = in_folder(folder, "md")?;
            if files.is_empty() {
                return Err(PolicyError::NoCases { path: folder.clone() });
            }
        }
        let mut text = String::new();
        let (mut all, mut failed) = (0, 0);
        for file in &files {
            let path = file.display().to_string();
            let folder = folder.as_deref().or(file.parent()).unwrap_or(Path::new(""));
            let cases = read(file)?;
            let results = policies::cases::run(&path, &cases, &|name| rule_set(folder, name));
            for one in results.map_err(PolicyError::Wrong)? {
                all += 1;
                let word = if one.passed { "ok    " } else { "FAILED" };
                let _ = writeln!(text, "{word} {path}:{}: {}: {}", one.line, one.user, one.statement);
                if !one.passed {
                    failed += 1;
                    let _ = writeln!(text, "       expected {}\n       got      {}", one.expected, one.got);
                }
            }
        }
        let noun = if all == 1 { "case" } else { "cases" };
        let _ = writeln!(text, "{all} {noun}, {failed} failed");
        Ok(Report { text, good: failed == 0 && all > 0 })
    }
}

/// The text of a rule set in a folder, and what people know it by.
fn rule_set(folder: &Path, name: &str) -> Option<(String, String)> {
    let file = folder.join(format!("{name}.toml"));
    Some((file.display().to_string(), read(&file).ok()?))
}

fn read(file: &Path) -> Result<String, PolicyError> {
    use std::io::Read as _;
    let unreadable = |cause| PolicyError::Unreadable { path: file.to_path_buf(), cause };
    let mut text = String::new();
    let open = std::fs::File::open(file).map_err(unreadable)?;
    let bytes = open.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(unreadable)?;
    if bytes as u64 > FILE_BYTES_MAX {
        return Err(unreadable(std::io::Error::new(std::io::ErrorKind::FileTooLarge, "larger than 4 MiB")));
    }
    Ok(text)
}

/// The files of a folder with this ending, sorted.
fn in_folder(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, PolicyError> {
    let unreadable = |cause| PolicyError::Unreadable { path: folder.to_path_buf(), cause };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|found| found == ending) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn listener<'c>(config: &'c Config, name: &str) -> Result<&'c Listener, PolicyError> {
    config.listeners.iter().find(|one| one.name == name).ok_or_else(|| PolicyError::NoListener {
        name: name.to_owned(),
        known: config.listeners.iter().map(|one| format!("`{}`", one.name)).collect::<Vec<_>>().join(", "),
    })
}

/// The rule sets `names`, for a listener of the settings.
fn compiled(config: &Config, listener: &Listener, names: &[String]) -> Result<Ruleset, PolicyError> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let scope = policies::Listener {
        name: &listener.name,
        environment: environment(listener),
        protocol: protocol(listener),
        enforces: listener.mode == Mode::Enforce,
        default_allows: listener.default == DefaultVerdict::Allow,
    };
    let folder = &config.policies.directory;
    policies::compile(0, &names, &|name| rule_set(folder, name), &scope).map_err(PolicyError::Wrong)
}

fn environment(listener: &Listener) -> exchange::Environment {
    match listener.environment {
        settings::Environment::Development => exchange::Environment::Development,
        settings::Environment::Staging => exchange::Environment::Staging,
        settings::Environment::Production => exchange::Environment::Production,
    }
}

fn protocol(listener: &Listener) -> exchange::Protocol {
    match listener.protocol {
        settings::Protocol::Postgres => exchange::Protocol::Postgres,
        settings::Protocol::Mysql => exchange::Protocol::Mysql,
    }
}
