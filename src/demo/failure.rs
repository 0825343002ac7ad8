//! What can go wrong with the demo, said in a sentence that tells what to do?

use super::ports::{NoBase, Wanted, option};
use super::secret::NoRandom;
use super::server::ServerError;
use super::shop::FillError;
use crate::serve::ServeError;
use proxy::config::ConfigError;
use std::io;
use std::path::PathBuf;

/// Why the demo did not run.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The sample server does not start or stop.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The disk filled up while the sample database was made.
    #[error("no space left on the disk that holds `{}`: free about 250 MB, or choose another place with `--data DIR`", place.display())]
    DiskFull {
        /// The demo's directory.
        place: PathBuf,
    },
    /// The sample database cannot be made.
    #[error("the sample database cannot be made (to begin anew, remove `{}`)", place.display())]
    Fill {
        /// The demo's directory.
        place: PathBuf,
        /// Why.
        #[source]
        source: FillError,
    },
    /// A port is taken.
    #[error(
        "port {port}, wanted for {wanted}, is taken: stop what listens there, or choose other ports with {}",
        option(*suggestion)
    )]
    PortTaken {
        /// The port.
        port: u16,
        /// What for.
        wanted: Wanted,
        /// A base that is free.
        suggestion: u16,
    },
    /// A port cannot be listened on.
    #[error("port {port}, wanted for {wanted}, cannot be listened on (others: {})", option(*suggestion))]
    PortRefused {
        /// The port.
        port: u16,
        /// What for.
        wanted: Wanted,
        /// A base that is free.
        suggestion: u16,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Three ports from there do not exist.
    #[error(transparent)]
    PortsOutOfRange(#[from] NoBase),
    /// The place is no folder.
    #[error("`{}` is {what}, not a folder: name a new or an empty folder with `--data DIR`", place.display())]
    NotAFolder {
        /// What was given.
        place: PathBuf,
        /// What it is, in words.
        what: &'static str,
    },
    /// Somebody keeps something else there.
    #[error("`{}` holds files that are not a demo's, and the demo might overwrite them: name a new or an empty folder with `--data DIR`", place.display())]
    Occupied {
        /// The folder.
        place: PathBuf,
    },
    /// The directory is somebody else's, or open to others.
    #[error("`{}` is not a directory of yours alone: choose another place with `--data DIR`", place.display())]
    ForeignPlace {
        /// The directory.
        place: PathBuf,
    },
    /// A file cannot be written.
    #[error("cannot write `{}` (another place: `--data DIR`)", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A password cannot be made.
    #[error(transparent)]
    NoRandom(#[from] NoRandom),
    /// The runtime or the signals are not to be had.
    #[error("the system refuses threads or signals to this program (its limits: `ulimit -a`)")]
    System {
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The gateway's settings were changed into something it cannot use.
    #[error("the demo's settings cannot be used (to begin with fresh ones, remove `{}` and the rule files it names)", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: ConfigError,
    },
    /// The gateway does not start.
    #[error(transparent)]
    Gateway(Box<ServeError>),
    /// The sample server ended while the demo ran.
    #[error("the sample server ended by itself: its last words are in `{}`", log.display())]
    ServerEnded {
        /// Its log.
        log: PathBuf,
    },
}

impl DemoError {
    /// For a failed use of a file, naming a full disk for what it is.
    pub(super) fn file(path: PathBuf, source: io::Error) -> DemoError {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => DemoError::DiskFull { place: path },
            _ => DemoError::File { path, source },
        }
    }
}
