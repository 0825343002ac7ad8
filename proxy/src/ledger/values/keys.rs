//! Where is the key of a day, and what is made of it?
//!
//! A key appears under its name only when all of it is on the disk: it is written under another name first. A
//! day that was erased has a file `DAY.erased`, and no key is ever made for it again.

use super::Day;
use aws_lc_rs::{hkdf, hmac};
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use zeroize::Zeroizing;

/// The folder of the days' keys within that of the ledger's secrets.
const FOLDER: &str = "values";
pub(super) const KEY_BYTES: usize = 32;
const KEY_ENDING: &str = ".key";
const ERASED_ENDING: &str = ".erased";
/// What the key that seals is made for (the `info` of HKDF, RFC 5869).
const SEALS: &[u8] = b"dragoman value";
/// What the keys that hash are made for, with the workspace behind it.
const HASHES: &[u8] = b"dragoman parameter";

/// Why there is no key of a day.
#[derive(Debug, thiserror::Error)]
pub enum KeyFailure {
    /// It was destroyed on purpose.
    #[error("the values of {0} were erased")]
    Erased(Day),
    /// There is none.
    #[error("there is no key of {day} in `{}`", folder.display())]
    Missing {
        /// The day.
        day: Day,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// It cannot be read.
    #[error("cannot read the key `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("`{}` is no key: it has to hold 32 bytes", .0.display())]
    NoKey(PathBuf),
    /// It cannot be made.
    #[error("cannot make the key `{}`: {source}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The system has no random bytes, or the cryptography failed.
    #[error("the system gives no random bytes, or its cryptography failed")]
    Cryptography,
}

/// What is there of a day's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It is there.
    Kept,
    /// It was destroyed on purpose.
    Erased,
}

/// 32 secret bytes in one place of the memory: what is moved is where they are, so that no copy stays behind
/// unwiped.
type Secret = Box<Zeroizing<[u8; KEY_BYTES]>>;

/// The key of a day. It has no text form.
pub(super) struct DayKey(Secret);

/// What is made of the key of a day to seal and open its values.
pub(super) struct SealingKey(Secret);

impl std::fmt::Debug for DayKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("DayKey(…)")
    }
}

impl DayKey {
    #[cfg(test)]
    pub(super) fn of(bytes: [u8; KEY_BYTES]) -> DayKey {
        DayKey(Box::new(Zeroizing::new(bytes)))
    }

    /// What seals and opens the values of the day.
    pub(super) fn sealing(&self) -> Result<SealingKey, KeyFailure> {
        self.derived(&[SEALS]).map(SealingKey)
    }

    /// What hashes the parameters of a workspace on that day.
    pub(super) fn hasher(&self, workspace: &str) -> Result<hmac::Key, KeyFailure> {
        let key = self.derived(&[HASHES, workspace.as_bytes()])?;
        Ok(hmac::Key::new(hmac::HMAC_SHA256, key.as_slice()))
    }

    fn derived(&self, purpose: &[&[u8]]) -> Result<Secret, KeyFailure> {
        let mut key = Secret::default();
        let derived = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(self.0.as_slice());
        let filled = derived.expand(purpose, hkdf::HKDF_SHA256).and_then(|okm| okm.fill(key.as_mut_slice()));
        filled.map(|()| key).map_err(|_| KeyFailure::Cryptography)
    }
}

impl SealingKey {
    pub(super) fn seal(&self, nonce: &XNonce, payload: Payload<'_, '_>) -> Option<Vec<u8>> {
        self.cipher().encrypt(nonce, payload).ok()
    }

    pub(super) fn open(&self, nonce: &XNonce, payload: Payload<'_, '_>) -> Option<Vec<u8>> {
        self.cipher().decrypt(nonce, payload).ok()
    }

    /// Made for each use and wiped behind it: a cipher that is kept would be moved, and leave copies.
    #[inline]
    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&**self.0).into())
    }
}

/// The folder with the keys of the days.
#[derive(Clone, Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The one within the folder of the ledger's secrets.
    pub(super) fn new(keys: &Path) -> Folder {
        Folder(keys.join(FOLDER))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn key_path(&self, day: Day) -> PathBuf {
        self.0.join(format!("{day}{KEY_ENDING}"))
    }

    pub(super) fn tombstone_path(&self, day: Day) -> PathBuf {
        self.0.join(format!("{day}{ERASED_ENDING}"))
    }

    /// Whether the day was erased.
    pub(super) fn is_erased(&self, day: Day) -> bool {
        fs::symlink_metadata(self.tombstone_path(day)).is_ok()
    }

    /// Reads the key of a day.
    pub(super) fn read(&self, day: Day) -> Result<DayKey, KeyFailure> {
        if self.is_erased(day) {
            return Err(KeyFailure::Erased(day));
        }
        let path = self.key_path(day);
        let mut bytes = Zeroizing::new([0; KEY_BYTES + 1]);
        let length = match File::open(&path).and_then(|mut file| fill_from(&mut file, bytes.as_mut_slice())) {
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(KeyFailure::Missing { day, folder: self.0.clone() });
            }
            Err(source) => return Err(KeyFailure::Unreadable { path, source }),
        };
        match bytes.first_chunk::<KEY_BYTES>() {
            Some(bytes) if length == KEY_BYTES => {
                let mut key = Secret::default();
                key.copy_from_slice(bytes);
                Ok(DayKey(key))
            }
            _ => Err(KeyFailure::NoKey(path)),
        }
    }

    /// Reads the key of a day, or makes it; two that make it at once have the same one.
    pub(super) fn read_or_make(&self, day: Day) -> Result<DayKey, KeyFailure> {
        match self.read(day) {
            Err(KeyFailure::Missing { .. }) => self.make(day)?,
            read => return read,
        }
        let key = self.read(day);
        if matches!(key, Err(KeyFailure::Erased(_))) {
            // Somebody erased the day between the two looks, and may not have seen the new key.
            let _ = fs::remove_file(self.key_path(day));
        }
        key
    }

    fn make(&self, day: Day) -> Result<(), KeyFailure> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(key.as_mut_slice()).map_err(|_| KeyFailure::Cryptography)?;
        let path = self.key_path(day);
        let counter = COUNTER.fetch_add(1, Ordering::Relaxed);
        let draft = self.0.join(format!("{day}{KEY_ENDING}.{}-{counter}.new", std::process::id()));
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        let made = made.and_then(|()| write_new(&draft, key.as_slice()));
        // Unlike a rename it never takes the place of a key that came first.
        let linked = made.and_then(|()| match fs::hard_link(&draft, &path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        });
        // Whatever became of it: the draft is of no use any more.
        let _ = fs::remove_file(&draft);
        linked
            .and_then(|()| sync_folder(&self.0))
            .map_err(|source| KeyFailure::Unwritable { path, source })?;
        // The folders may be new as well. Whose parents cannot be read has made them himself.
        for parent in self.0.ancestors().skip(1).take(2).filter(|parent| !parent.as_os_str().is_empty()) {
            let _ = sync_folder(parent);
        }
        Ok(())
    }

    /// The days of which there is anything, oldest first. No folder is no day.
    pub(super) fn days(&self) -> io::Result<Vec<(Day, KeyState)>> {
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut days = std::collections::BTreeMap::new();
        for entry in entries {
            let name = entry?.file_name();
            let Some(name) = name.to_str() else { continue };
            if let Some(Ok(day)) = name.strip_suffix(ERASED_ENDING).map(str::parse) {
                days.insert(day, KeyState::Erased);
            } else if let Some(Ok(day)) = name.strip_suffix(KEY_ENDING).map(str::parse) {
                days.entry(day).or_insert(KeyState::Kept);
            }
        }
        Ok(days.into_iter().collect())
    }

    /// The files that hold a day's key: the key, and drafts that a crash has left.
    pub(super) fn files_of(&self, day: Day) -> io::Result<Vec<PathBuf>> {
        let key = format!("{day}{KEY_ENDING}");
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let is_of_day = entry.file_name().to_str().is_some_and(|name| name.starts_with(&key));
            files.extend(is_of_day.then(|| entry.path()));
        }
        Ok(files)
    }
}

/// Reads as much as there is and room for; returns how much.
fn fill_from(file: &mut File, room: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = room.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Brings the names of a folder to the disk.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
