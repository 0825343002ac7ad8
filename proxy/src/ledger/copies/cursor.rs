//! What has a place taken already, also after a restart?
//!
//! `copies/NAME.json` in the ledger's folder, replaced as a whole after the place has taken something. Retention
//! reads its `segment`: nothing from there on may be removed while a copy of records needs it.

use super::batch::At;
use super::{CopySettings, state};
use serde::{Deserialize, Serialize};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The folder of the cursors, in that of the ledger.
const FOLDER: &str = "copies";

#[derive(Debug, Deserialize, Serialize)]
struct Written {
    v: u32,
    to: String,
    content: String,
    #[serde(flatten)]
    at: At,
    taken_us: u64,
}

/// The file of one copy.
#[derive(Debug)]
pub(super) struct Cursor {
    folder: PathBuf,
    path: PathBuf,
    draft: PathBuf,
    is_failing: bool,
}

impl Cursor {
    /// That of the copy called `name`.
    pub(super) fn new(directory: &Path, name: &str) -> Cursor {
        let folder = directory.join(FOLDER);
        let (path, draft) = (folder.join(format!("{name}.json")), folder.join(format!("{name}.new")));
        Cursor { folder, path, draft, is_failing: false }
    }

    /// What the place has taken, and when; `None` where it has taken nothing yet. A place that was changed in the
    /// settings has taken nothing.
    pub(super) fn load(&self, settings: &CopySettings) -> Option<(At, u64)> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                let file = self.path.display();
                tracing::warn!(%error, %file, "what a copy has taken cannot be read: it begins anew");
                return None;
            }
        };
        let of_this_place = |written: &Written| {
            written.v == 1 && written.to == settings.to && written.content == settings.content.as_str()
        };
        match serde_json::from_slice::<Written>(&bytes).ok().filter(of_this_place) {
            Some(written) => Some((written.at, written.taken_us)),
            None => {
                let copy = &settings.name;
                tracing::info!(
                    copy,
                    to = settings.to,
                    "a copy of the ledger begins anew: its place was changed"
                );
                // Or retention would go by what the former place has taken.
                let _ = fs::remove_file(&self.path);
                None
            }
        }
    }

    /// Remembers what the place has taken. Where that fails the place is sent it again after a restart.
    pub(super) fn save(&mut self, settings: &CopySettings, at: &At) {
        let content = settings.content.as_str().to_owned();
        let written =
            Written { v: 1, to: settings.to.clone(), content, at: at.clone(), taken_us: state::now_us() };
        let saved = self.replace(&written);
        match saved {
            Ok(()) => self.is_failing = false,
            Err(error) if !self.is_failing => {
                self.is_failing = true;
                let file = self.path.display();
                tracing::warn!(%error, %file, "what a copy has taken cannot be remembered; after a restart it is sent again");
            }
            Err(_) => {}
        }
    }

    fn replace(&self, written: &Written) -> io::Result<()> {
        let mut text = serde_json::to_vec(written)?;
        text.push(b'\n');
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let options = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).clone();
        let mut file = options.open(&self.draft)?;
        file.write_all(&text)?;
        // Or a loss of power could leave an empty one, and everything would be sent again.
        file.sync_data()?;
        fs::rename(&self.draft, &self.path)
    }
}
