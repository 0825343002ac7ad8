//! How is a day's key destroyed, so that it stays destroyed?
//!
//! First the file `DAY.erased` is brought to the disk, from which on nobody makes or reads a key of that day;
//! then the key is written over and removed. Whatever stops it in between, doing it again ends it.

use super::keys::{Folder, KEY_BYTES, KeyState, sync_folder};
use super::{Day, KeyFailure};
use crate::ledger::timestamp::Timestamps;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Stands in the file `DAY.erased` when the ledger tells of it.
const RECORDED: &str = "recorded in the ledger\n";

/// Why a day was not erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// There is nothing to erase.
    #[error(
        "there is no key of {day} in `{}`: nothing was sealed on that day, or the keys are somewhere else\n    hint: \
         days count in UTC; `--keys DIR` names another folder", folder.display()
    )]
    Nothing {
        /// The day.
        day: Day,
        /// Where a key was looked for.
        folder: PathBuf,
    },
    /// The keys cannot be looked at.
    #[error(
        "cannot read the folder of keys `{}`: {source}\n    hint: check its owner and permissions, or name another \
         one with `--keys`", path.display()
    )]
    Read {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The key cannot be destroyed.
    #[error("cannot erase `{}`: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The system has no random bytes.
    #[error(transparent)]
    Key(#[from] KeyFailure),
}

/// That a day is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    /// The day.
    pub day: Day,
    /// Whether there was a key until now.
    pub had_key: bool,
    /// Whether the ledger tells of it already.
    pub is_recorded: bool,
}

/// Destroys the key of a day; `by` is who wanted it. Once it returns, no value of that day opens again.
pub fn erase(keys: &Path, day: Day, by: &str) -> Result<Erased, EraseError> {
    let folder = Folder::new(keys);
    let was_erased = folder.is_erased(day);
    let files = match folder.files_of(day) {
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        files => files.map_err(|source| EraseError::Read { path: folder.path().to_owned(), source })?,
    };
    if files.is_empty() && !was_erased {
        return Err(EraseError::Nothing { day, folder: folder.path().to_owned() });
    }
    let tombstone = folder.tombstone_path(day);
    if !was_erased {
        let text = format!("erased {} by {by}\n", now());
        append(&tombstone, &text, true)
            .and_then(|()| sync_folder(folder.path()))
            .map_err(|source| EraseError::Write { path: tombstone.clone(), source })?;
    }
    let mut had_key = false;
    for path in files.iter().chain([&folder.key_path(day)]) {
        match destroy(path) {
            Ok(()) => had_key = true,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(source) => return Err(EraseError::Write { path: path.clone(), source }),
        }
    }
    let synced = sync_folder(folder.path());
    synced.map_err(|source| EraseError::Write { path: folder.path().to_owned(), source })?;
    Ok(Erased { day, had_key, is_recorded: is_recorded(&folder, day) })
}

/// Whether a day was erased.
pub(crate) fn was_erased(keys: &Path, day: Day) -> bool {
    Folder::new(keys).is_erased(day)
}

/// Notes beside the keys that the ledger tells of the erasure.
pub fn confirm(keys: &Path, day: Day) -> Result<(), EraseError> {
    let path = Folder::new(keys).tombstone_path(day);
    append(&path, RECORDED, false).map_err(|source| EraseError::Write { path, source })
}

/// The days before `day` that have a key, and those whose erasure was not ended.
pub fn days_before(keys: &Path, day: Day) -> Result<Vec<Day>, EraseError> {
    let folder = Folder::new(keys);
    let days = folder.days().map_err(|source| EraseError::Read { path: folder.path().to_owned(), source })?;
    let is_left = |(known, state): &(Day, KeyState)| {
        *known < day && (*state == KeyState::Kept || !is_recorded(&folder, *known))
    };
    Ok(days.iter().filter(|day| is_left(day)).map(|(day, _)| *day).collect())
}

/// Whether the ledger tells that a day was erased, which it does last of all.
fn is_recorded(folder: &Folder, day: Day) -> bool {
    fs::read_to_string(folder.tombstone_path(day)).is_ok_and(|text| text.ends_with(RECORDED))
}

fn append(path: &Path, text: &str, is_new: bool) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(is_new).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Writes over a file and removes it.
fn destroy(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let mut noise = [0; KEY_BYTES];
    getrandom::fill(&mut noise).map_err(|_| io::Error::other("the system gives no random bytes"))?;
    file.write_all(&noise)?;
    file.sync_all()?;
    fs::remove_file(path)
}

fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut text = Vec::new();
    Timestamps::new().write(&mut text, u64::try_from(since.as_micros()).unwrap_or(u64::MAX));
    String::from_utf8_lossy(&text).into_owned()
}
