//! Is a ledger whole and unchanged, as far as its own bytes and what is known from elsewhere show?
//!
//! This is apart from the writer on purpose. It shares with it how a line is hashed (`chain`), how a signature is
//! read (`note`) and how the tree over writers is added up (`merkle`), and nothing else: no hash that stands in a
//! file is believed, nor are `head`, `writers`, indexes or names. Segments are read once, as raw bytes, some at the
//! same time (`scan`); what they say is then put together in their order (`link`), and compared with what
//! others say about how far the ledger goes (`ends`).
//!
//! What it finds, and what to do about it, is in docs/evidence.md.

mod believed;
mod checkpoint;
mod ends;
mod files;
mod finding;
mod lines;
mod link;
mod record;
mod removed;
mod report;
mod scan;
mod scanning;
mod seam;
mod totals;
mod walk;
mod witness;

pub use finding::{Code, Finding, Part, Place, Verdict, Weight};
pub use report::{Reach, Signer, Verification};

use believed::Believed;
use ends::Moment;
use files::Files;
use link::Link;
use report::Report;
use scan::Question;
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use witness::Witnesses;

/// What is to be verified, and against what.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folders of the ledger: the one that is written, and those its segments were moved to.
    pub directories: Vec<PathBuf>,
    /// Files with checkpoints that were kept elsewhere, one after the other.
    pub checkpoints: Vec<PathBuf>,
    /// Files with the keys whose signatures are believed: verifier keys, one a line, or a public key as PEM. Without
    /// any, the folder's own word is taken for who signs.
    pub public_keys: Vec<PathBuf>,
    /// How old the newest checkpoint may be.
    pub fresh_within: Option<Duration>,
    /// Turns true when nobody wants it any more; looked at between segments.
    pub stop: Option<Arc<AtomicBool>>,
}

impl Options {
    fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(|stop| stop.load(Ordering::Acquire))
    }
}

/// Why nothing can be said at all.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A file or a folder cannot be read.
    #[error("cannot read `{}`: {source}\n    hint: check its name, its owner and its permissions", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that should hold keys holds none.
    #[error(
        "`{}` holds no key to believe\n    hint: give verifier keys, one a line (`NAME+ID+BASE64`), or an Ed25519 \
         public key as PEM (`BEGIN PUBLIC KEY`)", path.display()
    )]
    NotAKey {
        /// Which.
        path: PathBuf,
    },
    /// A file that should hold checkpoints holds none.
    #[error(
        "`{}` holds no checkpoint\n    hint: give a file with signed checkpoints, one after the other, as \
         `ledger.copies` collects them", path.display()
    )]
    NoCheckpoint {
        /// Which.
        path: PathBuf,
    },
    /// Nobody wants it any more.
    #[error("it was stopped before its end")]
    Stopped,
    /// A thread that reads cannot be started, or has ended.
    #[error("cannot start a thread to read with; check the limit on processes")]
    Thread,
}

impl VerifyError {
    fn read(path: &Path, source: io::Error) -> VerifyError {
        VerifyError::Read { path: path.to_owned(), source }
    }
}

/// Verifies a ledger. `progress` is told now and then how many bytes are done, of how many.
///
/// Reads every byte of the ledger once, with two cores if there are two, and holds some megabytes of it at a time.
/// A gateway that writes the ledger meanwhile is not disturbed: what it adds is left out.
pub fn verify(options: &Options, progress: &mut dyn FnMut(u64, u64)) -> Result<Verification, VerifyError> {
    // Before the segments are looked at: what is written meanwhile only takes them further than the heads say.
    let mut report = Report::default();
    let options = &each_once(options);
    let witnesses = Witnesses::read(options, &mut report)?;
    let files = Files::list(&options.directories, &mut report)?;
    let believed = Believed::read(&options.public_keys, &options.directories)?;
    let question = Question { believed, wanted: witnesses.positions() };
    let mut link = Link::new(&question, &files)?;
    let is_stopped = || options.is_stopped();
    scanning::scan_all(&files.segments, &question, (&is_stopped, progress), &mut |segment, scanned| {
        link.add(segment, scanned, &mut report)
    })?;
    let linked = link.finish(&mut report)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now_us = i64::try_from(now.as_micros()).unwrap_or(i64::MAX);
    let (fresh_within, is_being_written) = (options.fresh_within, files.is_being_written);
    let moment = Moment { directories: &files.directories, fresh_within, now_us, is_being_written };
    ends::conclude(&linked, &witnesses, &question.believed, moment, &mut report);
    Ok(report.into_verification(&files, linked, &question.believed))
}

/// Without the folders and files that are named again, in whatever way.
fn each_once(options: &Options) -> Options {
    let once = |paths: &[PathBuf]| {
        let mut seen = HashSet::new();
        let is_new =
            |path: &&PathBuf| seen.insert(path.canonicalize().unwrap_or_else(|_| path.to_path_buf()));
        paths.iter().filter(is_new).cloned().collect()
    };
    Options {
        directories: once(&options.directories),
        checkpoints: once(&options.checkpoints),
        public_keys: once(&options.public_keys),
        fresh_within: options.fresh_within,
        stop: options.stop.clone(),
    }
}

#[cfg(test)]
mod tests;
