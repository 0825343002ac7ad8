//! Where is the last good snapshot while the control plane is away, and is it what was written?
//!
//! ```text
//! data/                    the parent of the ledger's folder
//!   snapshot.json          0600: {"sha256":"…","snapshot":{…}}, replaced as a whole
//!   mode-changes.json      0600: the same of what became of changes of modes; there once there was one
//!   plane                  0600: the data plane's own id, a UUID
//! ```

use super::changes::KeptChanges;
use control::Snapshot;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Largest snapshot that is read or written.
pub(crate) const SNAPSHOT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Why there is no snapshot though there is a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeptError {
    /// The system does not let us.
    #[error("`{}` cannot be read or written: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It is not what was written.
    #[error("`{}` is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How that is seen.
        what: &'static str,
    },
}

#[derive(Deserialize, Serialize)]
struct Envelope<'a> {
    sha256: String,
    #[serde(borrow)]
    snapshot: &'a RawValue,
}

/// The files of the link beside the ledger.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// Those that belong to the ledger in `directory`.
    pub(crate) fn beside(directory: &Path) -> Kept {
        let parent = directory.parent().filter(|parent| !parent.as_os_str().is_empty());
        Kept { folder: parent.unwrap_or(Path::new(".")).to_owned() }
    }

    fn snapshot_file(&self) -> PathBuf {
        self.folder.join("snapshot.json")
    }

    fn changes_file(&self) -> PathBuf {
        self.folder.join("mode-changes.json")
    }

    /// The last good snapshot; `None` where there never was one.
    pub(crate) fn snapshot(&self) -> Result<Option<Snapshot>, KeptError> {
        whole(self.snapshot_file(), "it has not the form of a snapshot")
    }

    /// Keeps `snapshot` in place of the one before.
    pub(crate) fn keep(&self, snapshot: &Snapshot) -> Result<(), KeptError> {
        keep_whole(self.snapshot_file(), snapshot)
    }

    /// What became of changes of modes; `None` where there never was one.
    pub(super) fn changes(&self) -> Result<Option<KeptChanges>, KeptError> {
        whole(self.changes_file(), "it has not the form of changes of modes")
    }

    /// Keeps `changes` in place of those before.
    pub(super) fn keep_changes(&self, changes: &KeptChanges) -> Result<(), KeptError> {
        keep_whole(self.changes_file(), changes)
    }

    /// The data plane's own id, made where there is none.
    pub(crate) fn plane_id(&self) -> Result<String, KeptError> {
        let path = self.folder.join("plane");
        let file = |source| KeptError::File { path: path.clone(), source };
        match read(&path) {
            Ok(bytes) => {
                let text = std::str::from_utf8(&bytes).ok().map(str::trim);
                let id = text.and_then(|text| uuid::Uuid::parse_str(text).ok());
                let what = "it holds no UUID; remove it, and the data plane is a new one";
                id.map(|id| id.to_string()).ok_or(KeptError::Damaged { path, what })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let id = uuid::Uuid::now_v7().to_string();
                replace(&path, format!("{id}\n").as_bytes()).map_err(file)?;
                Ok(id)
            }
            Err(source) => Err(file(source)),
        }
    }
}

/// What was kept in a file; `None` where there is none.
fn whole<T: DeserializeOwned>(path: PathBuf, misshapen: &'static str) -> Result<Option<T>, KeptError> {
    let damaged = |what| KeptError::Damaged { path: path.clone(), what };
    let bytes = match read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(KeptError::File { path, source }),
    };
    if bytes.len() > SNAPSHOT_BYTES_MAX {
        return Err(damaged("it is too large"));
    }
    let envelope: Envelope<'_> = serde_json::from_slice(&bytes).map_err(|_| damaged(misshapen))?;
    if envelope.sha256 != digest(envelope.snapshot.get()) {
        return Err(damaged("its checksum does not match"));
    }
    serde_json::from_str(envelope.snapshot.get()).map(Some).map_err(|_| damaged(misshapen))
}

/// Keeps `content` in place of what was in the file before.
fn keep_whole<T: Serialize>(path: PathBuf, content: &T) -> Result<(), KeptError> {
    let file = |source| KeptError::File { path: path.clone(), source };
    let raw = serde_json::value::to_raw_value(content).map_err(|error| file(error.into()))?;
    let envelope = Envelope { sha256: digest(raw.get()), snapshot: &raw };
    let bytes = serde_json::to_vec(&envelope).map_err(|error| file(error.into()))?;
    replace(&path, &bytes).map_err(file)
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(SNAPSHOT_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Either the old content is there or the new one, also after a power failure.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_added_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
