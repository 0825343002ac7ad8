//! Which segments does a directory hold, and who may write the next one?
//!
//! ```text
//! ledger/                0700
//!   lock                 held by the one process that writes; its text is the process id
//!   00000001.jsonl       0600
//!   00000002.jsonl       the highest number is the open segment
//! ```

use super::chain::{self, Hash, Sealed};
use super::error::{LedgerError, Owner};
use super::segment::Segment;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// First bytes looked at from a segment's end for its last line; four times as many each time it
/// is not there. A line is seldom longer than 2 KiB.
const TAIL_BYTES: u64 = 64 * 1024;

/// How the line starts that a writer ends with.
const STOPPED: &[u8] = b"{\"v\":1,\"event\":\"writer.stop\"";

/// A directory this process may write.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    lock: File,
    /// Highest number a segment had.
    newest: u64,
}

/// What earlier writers left.
#[derive(Debug)]
pub(super) struct Past {
    /// The hash of the last whole line.
    pub(super) last: Hash,
    /// What a reader of the ledger should know about the end of it.
    pub(super) remarks: Vec<String>,
}

impl Directory {
    /// Makes the directory if it is missing, and takes its lock.
    pub(super) fn open(path: &Path) -> Result<(Directory, Past), LedgerError> {
        let lock = take(path)?;
        let (newest, mut plain) = segments(path)?;
        plain.sort_unstable();
        let past = past(path, newest, &plain)?;
        Ok((Directory { path: path.to_owned(), lock, newest }, past))
    }

    /// Begins the segment after the newest. Makes the directory again, and takes its lock again,
    /// if somebody has removed it.
    pub(super) fn begin(&mut self) -> Result<Segment, LedgerError> {
        if !is_same(&self.lock, &self.path.join("lock")) {
            self.lock = take(&self.path)?;
        }
        let (newest, _) = segments(&self.path)?;
        let number = newest.max(self.newest) + 1;
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
        Ok(Segment::new(file, path))
    }
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

/// The highest number any segment has, and the numbers of those that are plain JSON Lines.
fn segments(path: &Path) -> Result<(u64, Vec<u64>), LedgerError> {
    let failed = |source| LedgerError::Read { path: path.to_owned(), source };
    let mut newest = 0;
    let mut plain = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let Some((digits, ending)) = name.to_str().and_then(|name| name.split_once('.')) else { continue };
        let Ok(number) = digits.parse::<u64>() else { continue };
        if digits.len() < 8 || !ending.starts_with("jsonl") {
            continue;
        }
        newest = newest.max(number);
        if ending == "jsonl" {
            plain.push(number);
        }
    }
    Ok((newest, plain))
}

/// Reads where the chain goes on: at the last whole line of the newest segment that has one.
fn past(directory: &Path, newest: u64, plain: &[u64]) -> Result<Past, LedgerError> {
    let mut past = Past { last: chain::NO_LINE, remarks: Vec::new() };
    for number in plain.iter().rev() {
        let name = format!("{number:08}.jsonl");
        let path = directory.join(&name);
        let failed = |source| LedgerError::Read { path: path.clone(), source };
        let tail = File::open(&path).and_then(|mut file| read_tail(&mut file)).map_err(failed)?;
        if tail.torn_bytes > 0 {
            let torn = tail.torn_bytes;
            past.remarks.push(format!("{name} ends in {torn} bytes of an unfinished line, left as they are"));
        }
        let Some(line) = tail.line else { continue };
        if !line.starts_with(STOPPED) {
            past.remarks.push(format!("the writer of {name} did not stop in order"));
        }
        match chain::check(&line) {
            Sealed::Holds(hash) => past.last = hash,
            Sealed::Differs(hash) => {
                past.last = hash;
                past.remarks.push(format!("the last line of {name} does not have the hash it states"));
            }
            Sealed::Unsealed => past.remarks.push(format!("the last line of {name} has no hash")),
        }
        return Ok(past);
    }
    if newest > 0 && plain.last() != Some(&newest) {
        past.remarks.push("no earlier segment holds a line to go on from".to_owned());
    }
    Ok(past)
}

/// The end of a segment.
struct Tail {
    /// The last whole line, without its line feed.
    line: Option<Vec<u8>>,
    /// Bytes after it.
    torn_bytes: u64,
}

fn read_tail(file: &mut File) -> io::Result<Tail> {
    let length = file.metadata()?.len();
    let mut window = TAIL_BYTES.min(length);
    loop {
        file.seek(SeekFrom::Start(length - window))?;
        let mut bytes = Vec::new();
        file.take(window).read_to_end(&mut bytes)?;
        let ends = bytes.iter().rposition(|byte| *byte == b'\n');
        let before = bytes.get(..ends.unwrap_or(0)).unwrap_or_default();
        let starts = before.iter().rposition(|byte| *byte == b'\n');
        if window == length || (ends.is_some() && starts.is_some()) {
            let line = ends.map(|_| before.get(starts.map_or(0, |at| at + 1)..).unwrap_or_default().to_vec());
            let torn_bytes = (bytes.len() - ends.map_or(0, |at| at + 1)) as u64;
            return Ok(Tail { line, torn_bytes });
        }
        window = window.saturating_mul(4).min(length);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn tail(contents: &[u8]) -> (Option<Vec<u8>>, u64) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("segment");
        fs::write(&path, contents).unwrap();
        let tail = read_tail(&mut File::open(path).unwrap()).unwrap();
        (tail.line, tail.torn_bytes)
    }

    #[test]
    fn the_last_whole_line_is_found_however_long_it_is() {
        assert_eq!(tail(b""), (None, 0));
        assert_eq!(tail(b"torn"), (None, 4));
        assert_eq!(tail(b"one\n"), (Some(b"one".to_vec()), 0));
        assert_eq!(tail(b"one\ntwo\nto"), (Some(b"two".to_vec()), 2));
        for bytes in [65_534, 65_535, 65_536, 65_537, 300_000] {
            let long = vec![b'x'; bytes];
            let contents = [b"one\n", long.as_slice(), b"\n", long.as_slice()].concat();
            assert_eq!(tail(&contents), (Some(long), bytes as u64));
        }
    }

    #[test]
    fn numbers_go_on_after_the_highest_whatever_its_ending() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["00000007.jsonl", "00000012.jsonl.zst", "00000099.index", "notes.jsonl", "13.jsonl"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let (mut directory, past) = Directory::open(folder.path()).unwrap();
        assert_eq!(past.last, chain::NO_LINE);
        assert_eq!(past.remarks, ["no earlier segment holds a line to go on from"]);
        let segment = directory.begin().unwrap();
        assert_eq!(segment.path(), folder.path().join("00000013.jsonl"));
        assert_eq!(fs::metadata(segment.path()).unwrap().mode() & 0o777, 0o600);
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
