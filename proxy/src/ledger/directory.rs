//! Which segments does a directory hold, and who may write the next one?
//!
//! ```text
//! ledger/                0700
//!   lock                 held by the one process that writes; its text is the process id
//!   00000001.jsonl       0600
//!   00000002.jsonl       the highest number is the open segment
//!   head                 the last line that is kept (`head`)
//!   checkpoint           the newest checkpoint (`checkpoints`)
//!   writers              who has written before (`writers`)
//!   verifier.keys        who signs checkpoints, newest last (`signer`)
//! ```

use super::error::{LedgerError, Owner};
use super::past::{self, Past};
use super::segment::Segment;
use super::segment_name;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A directory this process may write.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    lock: File,
    /// Highest number a segment had.
    newest: u64,
}

impl Directory {
    /// Makes the directory if it is missing, and takes its lock.
    pub(super) fn open(path: &Path) -> Result<(Directory, Past), LedgerError> {
        let lock = take(path)?;
        let newest = newest(path)?;
        let past = Past::of(path)?;
        Ok((Directory { path: path.to_owned(), lock, newest }, past))
    }

    /// Begins the segment after the newest. Makes the directory again, and takes its lock again,
    /// if somebody has removed it.
    pub(super) fn begin(&mut self) -> Result<Segment, LedgerError> {
        if !is_same(&self.lock, &self.path.join("lock")) {
            self.lock = take(&self.path)?;
        }
        let newest = newest(&self.path)?.max(self.newest);
        let number = segment_name::next(newest).ok_or(LedgerError::NoNumber { newest })?;
        let path = self.path.join(format!("{number:08}.jsonl"));
        let opened = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path);
        let file = opened.map_err(|source| LedgerError::Begin { path: path.clone(), source })?;
        // The name has to survive a loss of power as well as what is written under it.
        if let Err(source) = File::open(&self.path).and_then(|directory| directory.sync_all()) {
            // Or every try leaves another empty file.
            let _ = fs::remove_file(&path);
            return Err(LedgerError::Begin { path, source });
        }
        self.newest = number;
        Ok(Segment::new(file, path, number))
    }
}

/// The highest number any segment has.
fn newest(path: &Path) -> Result<u64, LedgerError> {
    let segments = past::segments(path).map_err(|source| LedgerError::Read { path: path.to_owned(), source });
    segments.map(|(newest, _)| newest)
}

/// Whether `path` still names the file that is open.
pub(super) fn is_same(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(named)) => open.dev() == named.dev() && open.ino() == named.ino(),
        _ => false,
    }
}

fn take(path: &Path) -> Result<File, LedgerError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| LedgerError::Directory { path: path.to_owned(), source })?;
    let lock_path = path.join("lock");
    let failed = |source| LedgerError::Lock { path: lock_path.clone(), source };
    let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).clone();
    let mut lock = options.open(&lock_path).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(LedgerError::Locked { path: path.to_owned(), owner: owner(&mut lock) });
        }
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    // The lock holds without the number in it, which only makes the next one's message better.
    let _ = lock.set_len(0).and_then(|()| write!(lock, "{}", std::process::id()));
    Ok(lock)
}

fn owner(lock: &mut File) -> Owner {
    // A process id has at most ten digits.
    let mut text = String::new();
    match lock.take(16).read_to_string(&mut text) {
        Ok(_) => text.trim().parse().map_or(Owner::Unknown, Owner::Process),
        Err(_) => Owner::Unknown,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::ledger::chain;

    #[test]
    fn numbers_go_on_after_the_highest_whatever_its_ending() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["00000007.jsonl", "00000012.jsonl.zst", "00000099.index", "notes.jsonl", "13.jsonl"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let (mut directory, past) = Directory::open(folder.path()).unwrap();
        assert_eq!(past.last, chain::NO_LINE);
        let expected =
            ["00000012.jsonl.zst cannot be decompressed", "no earlier segment holds a line to go on from"];
        assert_eq!(past.remarks, expected);
        let segment = directory.begin().unwrap();
        assert_eq!(segment.path(), folder.path().join("00000013.jsonl"));
        assert_eq!(fs::metadata(segment.path()).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_number_behind_which_there_is_none_is_refused_and_one_that_is_too_long_is_none() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("18446744073709551615.jsonl.old"), "").unwrap();
        let (mut directory, _) = Directory::open(folder.path()).unwrap();
        assert_eq!(directory.begin().unwrap().path(), folder.path().join("00000001.jsonl"));
        fs::write(folder.path().join("999999999999999999.jsonl.old"), "").unwrap();
        let error = directory.begin().unwrap_err();
        assert!(matches!(error, LedgerError::NoNumber { newest: 999_999_999_999_999_999 }), "{error}");
    }

    #[test]
    fn a_pipe_in_the_place_of_a_segment_is_an_error_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("00000002.jsonl");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
        let error = Directory::open(folder.path()).unwrap_err();
        assert!(matches!(&error, LedgerError::Read { path, .. } if *path == pipe), "{error}");
        assert!(error.to_string().contains("it is no regular file"), "{error}");
    }

    #[test]
    fn a_missing_directory_is_made_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/ledger");
        let (_directory, past) = Directory::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o700);
        assert!(past.remarks.is_empty());
    }

    #[test]
    fn a_second_writer_is_told_who_to_stop() {
        let folder = tempfile::tempdir().unwrap();
        let _first = Directory::open(folder.path()).unwrap();
        let error = Directory::open(folder.path()).unwrap_err();
        let expected = format!(
            "the ledger's directory `{}` is being written by process `{}`; stop it, or name another directory \
             in `ledger.directory`",
            folder.path().display(),
            std::process::id()
        );
        assert_eq!(error.to_string(), expected);
    }
}
