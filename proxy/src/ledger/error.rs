//! What can go wrong with the ledger, and what to do about it?

use super::key::KeyError;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why the ledger cannot be opened, written or closed.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The directory is not there and cannot be made.
    #[error("cannot make the ledger's directory `{}`: {source}\n    hint: make it, or name another one in `ledger.directory`", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process writes there.
    #[error(
        "the ledger's directory `{}` is being written by {owner}; stop it, or name another directory in \
         `ledger.directory`", path.display()
    )]
    Locked {
        /// The directory.
        path: PathBuf,
        /// Who writes, as far as it said.
        owner: Owner,
    },
    /// The lock cannot be taken.
    #[error("cannot lock `{}`: {source}\n    hint: the directory must be writable for this user, on a file system with locks", path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is there cannot be read.
    #[error("cannot read the ledger at `{}`: {source}\n    hint: check its owner and its permissions", path.display())]
    Read {
        /// The directory or the segment.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A new segment cannot be begun.
    #[error("cannot begin the ledger's segment `{}`: {source}\n    hint: check free space and permissions", path.display())]
    Begin {
        /// The segment.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A segment has the highest number there is.
    #[error(
        "the ledger cannot begin a segment behind number {newest}: there is no higher one\n    hint: whoever put a \
         segment of that number into the folder did so by hand; move it away"
    )]
    NoNumber {
        /// The number.
        newest: u64,
    },
    /// Lines cannot be written.
    #[error("cannot write the ledger's segment `{}`; check free space and the disk", path.display())]
    Write {
        /// The segment.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Lines were written but not brought to the disk.
    #[error("cannot bring the ledger's segment `{}` to the disk; check the disk", path.display())]
    Sync {
        /// The segment.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// One of the small files beside the segments cannot be replaced.
    #[error("cannot replace the ledger's file `{}`; check free space and permissions", path.display())]
    Replace {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The key that signs cannot be used.
    #[error("the key that signs the ledger's checkpoints, `{}`, cannot be used: {source}", place.display())]
    Key {
        /// The setting or the file.
        place: PathBuf,
        /// Why.
        source: KeyError,
    },
    /// The key that signed before is not there.
    #[error(
        "the ledger at `{}` was signed with the key {key}, which is not in `{}`\n    hint: put it back there or name it \
         in `ledger.checkpoints.key`; if it is lost, name another one there (`dragoman ledger key FILE` makes one), and the \
         ledger says that this one signs from then on", directory.display(), path.display()
    )]
    KeyGone {
        /// The ledger.
        directory: PathBuf,
        /// The verifier key.
        key: String,
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The segment was taken away while it was written.
    #[error("the ledger's segment `{}` was removed or renamed while it was written; only closed segments may be moved", path.display())]
    Removed {
        /// Where it was.
        path: PathBuf,
    },
    /// The thread cannot be started.
    #[error("cannot start the ledger's thread; check the limit on processes")]
    Thread {
        /// Why.
        source: io::Error,
    },
    /// The thread ended before it was asked to.
    #[error("the ledger's thread has ended; the log says why")]
    Ended,
    /// The ledger could not be written when it was closed.
    #[error("the ledger was closed with {records} records unwritten")]
    Unwritten {
        /// How many.
        records: u64,
        /// Why.
        source: Box<LedgerError>,
    },
    /// The ledger did not close in time.
    #[error("the ledger did not close within {} seconds; its disk does not answer", after.as_secs())]
    NotClosed {
        /// How long was waited.
        after: Duration,
    },
}

/// Who holds the lock of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The process with this id.
    Process(u32),
    /// It did not say.
    Unknown,
}

impl std::fmt::Display for Owner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Owner::Process(id) => write!(formatter, "process `{id}`"),
            Owner::Unknown => formatter.write_str("another process"),
        }
    }
}

impl LedgerError {
    /// The error with all its causes, for a log line.
    pub(super) fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}
