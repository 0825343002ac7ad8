//! What can the program be asked to do?
//!
//! Exit codes: 0 done, 1 an error that is told on standard error, 2 a command line that makes no
//! sense, or asks for what is not in this version.

mod policy;
mod probe;

use crate::demo::DemoOptions;
use crate::top::{Format, Size, Tab, TopOptions};
use clap::{Args, Parser, Subcommand, ValueEnum};
use probe::ProbeOptions;
use proxy::config::settings::{DefaultVerdict, Listener, Mode, Protocol, TlsMode};
use proxy::config::{self, Config, ConfigError};
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tracing_subscriber::filter::LevelFilter;

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
enum Command {
    /// Serves the listeners of a settings file until it is told to stop
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
    /// Which part of the gateway to run; `data`, which carries the sessions, is all there is yet
    #[arg(long, value_enum, default_value_t = Plane::Data)]
    plane: Plane,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Plane {
    /// Listeners, relay and ledger
    Data,
    /// Known, so that a script for a later version is told what is wrong with it
    #[value(hide = true)]
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
    /// The role to look at; all that may log in if not given
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// The database to look at; those of `probe.databases` if not given
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
    /// The first of three ports in a row, five with MySQL; 6432, 9432 and 6431 if not given, and
    /// 6033 and 6034 for MySQL
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
    if let Some(reason) = not_in_this_version(&command) {
        eprintln!("dragoman: {reason}");
        return ExitCode::from(USAGE);
    }
    // The demo and the view have screens of their own, which everyday news would tear.
    let has_screen = matches!(command, Command::Demo(_) | Command::Top(_));
    crate::logging::start(if has_screen { LevelFilter::WARN } else { LevelFilter::INFO });
    match command {
        Command::Serve(Serve { file, .. }) => told(crate::serve::serve(&file.config)),
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
        Command::Config { form } => print(&match form {
            Form::Reference => config::reference(),
            Form::Schema => config::schema(),
            Form::Example => config::example(),
        }),
    }
}

/// What of the command line is known and cannot be had yet, in words.
fn not_in_this_version(command: &Command) -> Option<&'static str> {
    match command {
        Command::Serve(Serve { plane: Plane::Control, .. }) => Some(
            "the control plane is not in this version\n    hint: leave `--plane` out, or use `--plane data`; \
             the data plane runs without a control plane",
        ),
        Command::Serve(_)
        | Command::Demo(_)
        | Command::Top(_)
        | Command::Check(_)
        | Command::Probe(_)
        | Command::Policy { .. }
        | Command::Config { .. } => None,
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
    config::listeners(&config)?;
    Ok(summary(path, &config))
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
        if listener.protocol == Protocol::Postgres {
            let _ = writeln!(text, "    privileges: {}", privileges(listener));
        }
    }
    let _ = writeln!(
        text,
        "  ledger in {}, status on {}",
        config.ledger.directory.display(),
        config.status.listen
    );
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

fn client_tls(listener: &Listener) -> &'static str {
    match (listener.tls.mode, &listener.tls.certificate) {
        (Some(TlsMode::Disable), _) | (_, None) => "cannot use it",
        (Some(TlsMode::Require), Some(_)) => "must use it",
        (Some(TlsMode::Prefer) | None, Some(_)) => "may use it",
    }
}

#[cfg(test)]
mod tests;
