//! What happens behind a running gateway's ports at this moment? `dragoman top`.
//!
//! A view of the terminal ([`screen`], [`draw`]) or one print for scripts ([`once`]). Both ask the
//! gateway over its private socket ([`ask`]), put two looks side by side ([`picture`]) and show them
//! in tables ([`columns`], [`table`]). What is shown and what keys change is in [`view`].

mod amounts;
mod ask;
mod columns;
mod conditions;
mod draw;
mod figures;
mod filter;
mod flags;
mod keys;
mod once;
mod picture;
mod pretty;
#[cfg(test)]
mod samples;
mod screen;
mod svg;
mod table;
mod view;

pub(crate) use once::{Format, Size};
pub(crate) use view::Tab;

use ask::{AskError, Line};
use columns::{Column, ERRORS, LISTENERS, SESSIONS, STATEMENTS};
use draw::Palette;
use proxy::config::{self, ConfigError};
use proxy::live::socket;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use view::{Start, View};

/// What the command line asks of the view.
#[derive(Debug)]
pub(crate) struct TopOptions {
    /// The gateway's settings file.
    pub(crate) config: PathBuf,
    /// Print and end.
    pub(crate) once: bool,
    /// In which form.
    pub(crate) format: Format,
    /// Seconds between two looks.
    pub(crate) interval: Option<f64>,
    /// The first table.
    pub(crate) show: Tab,
    /// A column of it.
    pub(crate) sort: Option<String>,
    /// Most rows that are printed.
    pub(crate) limit: usize,
    /// Which rows.
    pub(crate) filter: String,
    /// The screen that is drawn as a picture.
    pub(crate) size: Size,
}

/// Why there is nothing to see.
#[derive(Debug, thiserror::Error)]
pub enum TopError {
    /// The settings do not say where the gateway is.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The gateway gave no look.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The column is none of the table's.
    #[error("there is no column `{name}`\n    hint: known are {known}")]
    Column {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// There is no screen to draw on.
    #[error(
        "the live view needs a terminal, and standard output is none\n    hint: `--once` prints text, `--once --format json` JSON"
    )]
    NoTerminal,
    /// The terminal failed.
    #[error("cannot use the terminal")]
    Terminal(#[source] io::Error),
    /// What was to be printed was not taken.
    #[error("cannot write to standard output")]
    Output(#[source] io::Error),
    /// The process cannot wait for signals.
    #[error("cannot wait for signals")]
    Signals(#[source] io::Error),
}

/// Shows or prints what the options ask for. Must not be called within a tokio runtime.
pub(crate) fn run(options: TopOptions) -> Result<(), TopError> {
    check_sort(&options)?;
    let config = config::load(&options.config, config::process_environment())?;
    let line = Line::new(socket::path(&config.ledger.directory));
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(TopError::Signals)?;
    if options.once {
        return runtime.block_on(once::print(line, &options));
    }
    let is_dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() || is_dumb {
        return Err(TopError::NoTerminal);
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let interval_ms = options.interval.map(|seconds| (seconds * 1e3).round() as u64);
    let start = Start {
        socket: line.path().to_owned(),
        tab: options.show,
        sort: options.sort,
        filter: options.filter,
        interval_ms,
    };
    runtime.block_on(screen::show(View::new(start), line, Palette::of_environment()))
}

/// Whether the table that is shown has the column it is to be sorted by.
fn check_sort(options: &TopOptions) -> Result<(), TopError> {
    fn names<R>(columns: &[Column<R>]) -> Vec<&'static str> {
        columns.iter().map(|column| column.name).collect()
    }
    let known = match options.show {
        Tab::Statements => names(STATEMENTS),
        Tab::Sessions => names(SESSIONS),
        Tab::Errors => names(ERRORS),
        Tab::Listeners => names(LISTENERS),
    };
    match &options.sort {
        Some(name) if !known.contains(&name.as_str()) => {
            Err(TopError::Column { name: name.clone(), known: known.join(", ") })
        }
        Some(_) | None => Ok(()),
    }
}
