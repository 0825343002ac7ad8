//! Where does the demo keep what it needs?

use super::DemoError;
use super::server;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// The usual place, in the current folder.
const HERE: &str = "demo-data";
/// The place when the server's account cannot enter the current folder.
const ELSEWHERE: &str = "/tmp/dragoman-demo";

/// The file that tells a demo's folder from anybody else's.
const MARK: &str = ".dragoman-demo";
const MARK_TEXT: &str =
    "`dragoman demo` keeps its sample data in this folder. When no demo runs on it, it can be removed.\n";

/// The file with the password of the gateway's own role at the sample server, beside the settings that name it.
pub(super) const PROBE_SECRET: &str = "probe.secret";

/// The demo's directory.
#[derive(Debug)]
pub struct Place {
    root: PathBuf,
    /// Why it is not where one would look for it.
    pub remark: Option<String>,
}

impl Place {
    /// The directory given, else `demo-data` here, else one in /tmp when the sample server could not
    /// reach that. Makes it.
    pub fn choose(given: Option<PathBuf>) -> Result<Place, DemoError> {
        let here = Path::new(HERE);
        let place = match given {
            Some(root) => Place { root, remark: None },
            None if server::enterable(here) => Place { root: here.to_owned(), remark: None },
            None => {
                let remark = format!(
                    "the current folder is closed to the account the server runs as (not root): using {ELSEWHERE}"
                );
                Place { root: PathBuf::from(ELSEWHERE), remark: Some(remark) }
            }
        };
        place.make()?;
        Ok(place)
    }

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The sample server's cluster.
    pub fn cluster(&self) -> PathBuf {
        self.root.join("postgres")
    }

    /// The MySQL sample server's data.
    pub fn mariadb(&self) -> PathBuf {
        self.root.join("mariadb")
    }

    /// The gateway's settings.
    pub fn settings(&self) -> PathBuf {
        self.root.join("dragoman.toml")
    }

    /// The gateway's rule files.
    pub fn rules(&self) -> PathBuf {
        self.root.join("policies")
    }

    /// The password the gateway looks into the sample server with.
    pub(super) fn probe_secret(&self) -> PathBuf {
        self.root.join(PROBE_SECRET)
    }

    fn make(&self) -> Result<(), DemoError> {
        self.check_kind()?;
        server::check_reach(&self.root)?;
        // The server's account has to get through to its cluster, and to see nothing else.
        DirBuilder::new()
            .recursive(true)
            .mode(0o711)
            .create(&self.root)
            .map_err(|source| DemoError::file(self.root.clone(), source))?;
        // Others may write in /tmp: what they laid there must not be used.
        let metadata =
            fs::symlink_metadata(&self.root).map_err(|source| DemoError::file(self.root.clone(), source))?;
        let is_ours = metadata.uid() == server::effective_user() && metadata.mode() & 0o022 == 0;
        if self.root == Path::new(ELSEWHERE) && !(metadata.is_dir() && is_ours) {
            return Err(DemoError::ForeignPlace { place: self.root.clone() });
        }
        self.claim()
    }

    /// That no file is in the way.
    fn check_kind(&self) -> Result<(), DemoError> {
        let what = match (fs::metadata(&self.root), fs::symlink_metadata(&self.root)) {
            (Ok(metadata), _) if !metadata.is_dir() => "a file",
            (Err(error), Ok(_)) if error.kind() == io::ErrorKind::NotFound => "a link to nothing",
            _ => return Ok(()),
        };
        Err(DemoError::NotAFolder { place: self.root.clone(), what })
    }

    /// Marks an empty folder as the demo's; takes no other that is not.
    fn claim(&self) -> Result<(), DemoError> {
        let failed = |source| DemoError::file(self.root.clone(), source);
        let mark = self.root.join(MARK);
        if mark.exists() {
            return Ok(());
        }
        // Demos of before the mark are known by what they write beside the server's own settings.
        let former = self.cluster().join("dragoman.conf").exists();
        if !former && fs::read_dir(&self.root).map_err(failed)?.next().is_some() {
            return Err(DemoError::Occupied { place: self.root.clone() });
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(&mark).map_err(failed)?;
        file.write_all(MARK_TEXT.as_bytes()).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_place_that_cannot_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let below = file.path().join("demo");
        let message = Place::choose(Some(below.clone())).unwrap_err().to_string();
        assert!(message.contains(&below.display().to_string()) && message.contains("--data"), "{message}");
    }

    #[test]
    fn a_file_and_a_dangling_link_are_named_for_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "letter").unwrap();
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        for (place, expected) in [(file, "is a file, not a folder"), (link, "is a link to nothing")] {
            let message = Place::choose(Some(place)).unwrap_err().to_string();
            assert!(message.contains(expected) && message.contains("--data"), "{message}");
        }
    }

    #[test]
    fn only_a_folder_that_is_empty_or_was_a_demos_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let root = |name: &str| folder.path().join(name);
        let empty = root("empty");
        fs::create_dir(&empty).unwrap();
        Place::choose(Some(empty.clone())).unwrap();
        fs::write(empty.join("dragoman.toml"), "").unwrap();
        Place::choose(Some(empty)).unwrap();

        let former = root("former");
        fs::create_dir_all(former.join("postgres")).unwrap();
        fs::write(former.join("postgres/dragoman.conf"), "").unwrap();
        Place::choose(Some(former)).unwrap();

        let foreign = root("foreign");
        fs::create_dir_all(foreign.join("postgres")).unwrap();
        fs::write(foreign.join("dragoman.toml"), "mine").unwrap();
        let error = Place::choose(Some(foreign.clone())).unwrap_err();
        assert!(matches!(error, DemoError::Occupied { .. }), "{error}");
        assert_eq!(fs::read_dir(&foreign).unwrap().count(), 2, "something was written");
    }
}
