//! What may roles really do, and which statements end what they should not? `dragoman probe`.
//!
//! Exit codes: 0 every role can only read, 1 one can do more, 2 that cannot be told.

use super::with_causes;
use exchange::Protocol;
use proxy::config::{self, ConfigError};
use proxy::probe::{Examination, ProbeError, Standing, WHOLE_SERVER, examine};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// What the command line asks of the probe.
#[derive(Debug)]
pub(super) struct ProbeOptions {
    pub(super) config: PathBuf,
    pub(super) listener: Option<String>,
    pub(super) role: Option<String>,
    pub(super) database: Option<String>,
}

/// Why nothing could be looked at.
#[derive(Debug, thiserror::Error)]
enum Nothing {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("there is no listener `{name}`\n    hint: the settings have {known}")]
    NoListener { name: String, known: String },
    #[error("no listener has `probe.user`\n    hint: see docs/probe.md")]
    NoProbe,
    #[error(
        "listener `{0}` names no database to look at\n    hint: use `--database NAME`, or set `probe.databases`"
    )]
    NoDatabase(String),
    #[error("cannot start a thread")]
    Threads(#[source] std::io::Error),
}

/// What was found, from good to bad: the worst decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Finding {
    Verified,
    Untold,
    Gaps,
}

/// Looks once and prints what it found.
pub(super) fn run(options: &ProbeOptions) -> ExitCode {
    match look(options) {
        Ok((text, finding)) => {
            super::print(&text);
            match finding {
                Finding::Verified => ExitCode::SUCCESS,
                Finding::Gaps => ExitCode::FAILURE,
                Finding::Untold => ExitCode::from(super::USAGE),
            }
        }
        Err(error) => {
            eprintln!("dragoman: {}", with_causes(&error));
            ExitCode::from(super::USAGE)
        }
    }
}

fn look(options: &ProbeOptions) -> Result<(String, Finding), Nothing> {
    let config = config::load(&options.config, config::process_environment())?;
    let all = config::listeners(&config)?;
    let wanted = |name: &str| options.listener.as_deref().is_none_or(|wanted| wanted == name);
    if let Some(name) = options.listener.as_ref().filter(|_| !all.iter().any(|one| wanted(&one.name))) {
        let known: Vec<_> = all.iter().map(|one| format!("`{}`", one.name)).collect();
        return Err(Nothing::NoListener { name: name.clone(), known: known.join(", ") });
    }
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Nothing::Threads)?;
    let (mut text, mut worst) = (String::new(), None);
    for settings in all.iter().filter(|one| wanted(&one.name)) {
        let Some(probe) = &settings.probe else { continue };
        let databases: Vec<&str> = match (settings.protocol, &options.database) {
            // Its accounts belong to no database: the server is looked at as a whole.
            (Protocol::Mysql, _) => vec![WHOLE_SERVER],
            (Protocol::Postgres, Some(named)) => vec![named],
            (Protocol::Postgres, None) => probe.databases.iter().map(|name| &**name).collect(),
        };
        if databases.is_empty() {
            return Err(Nothing::NoDatabase(settings.name.to_string()));
        }
        for database in databases {
            let place =
                if database == WHOLE_SERVER { String::new() } else { format!(", database {database}") };
            let _ = writeln!(text, "listener {}{place}, as {}", settings.name, probe.user);
            let found = runtime.block_on(examine(settings, options.role.as_deref(), database));
            worst = worst.max(Some(report(&mut text, settings.protocol, &found)));
        }
    }
    worst.map(|worst| (text, worst)).ok_or(Nothing::NoProbe)
}

/// Writes what one look found.
fn report(text: &mut String, protocol: Protocol, found: &Result<Examination, ProbeError>) -> Finding {
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            let _ = writeln!(text, "  cannot tell: {}", with_causes(error));
            return Finding::Untold;
        }
    };
    if found.by_superuser {
        let excess = match protocol {
            Protocol::Postgres => "role is a superuser, and need not be",
            Protocol::Mysql => "account can do more than it needs",
        };
        let _ = writeln!(text, "  the probe's own {excess}: see docs/probe.md");
    }
    for note in &found.notes {
        let _ = writeln!(text, "  {note}");
    }
    let mut worst = Finding::Verified;
    for ((role, _), standing) in &found.standings {
        let finding = match standing {
            Standing::Verified => {
                let _ = writeln!(text, "  {role}: verified, it can only read");
                Finding::Verified
            }
            Standing::Unverified(reason) => {
                let _ = writeln!(text, "  {role}: unverified: {reason}");
                Finding::Untold
            }
            Standing::Gaps(gaps) => {
                let _ = writeln!(text, "  {role}: can do more than read");
                for gap in gaps.iter() {
                    let _ = writeln!(text, "    - {}", gap.words);
                    for statement in &gap.remedy {
                        let _ = writeln!(text, "        {statement}");
                    }
                }
                Finding::Gaps
            }
        };
        worst = worst.max(finding);
    }
    if !found.catalog.is_complete() {
        let _ = writeln!(text, "  the catalog has too many functions: all of them stay unknown");
    }
    for view in found.catalog.acting_relations() {
        let _ = writeln!(text, "  reading {view} runs functions that may write");
    }
    worst
}
