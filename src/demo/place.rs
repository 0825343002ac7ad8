//! Where does the demo keep what it needs?

use super::DemoError;
use super::ports::Ports;
use super::server;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// The usual place, in the current folder.
const HERE: &str = "demo-data";
/// The place when the server's account cannot enter the current folder.
const ELSEWHERE: &str = "/tmp/dragoman-demo";

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

    /// The ledger.
    pub fn ledger(&self) -> PathBuf {
        self.root.join("ledger")
    }

    /// The gateway's settings.
    pub fn settings(&self) -> PathBuf {
        self.root.join("dragoman.toml")
    }

    /// Writes the gateway's settings, anew at each start.
    pub fn write_settings(&self, ports: Ports) -> Result<(), DemoError> {
        let path = self.settings();
        fs::write(&path, settings(ports)).map_err(|source| DemoError::file(path, source))
    }

    fn make(&self) -> Result<(), DemoError> {
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
        Ok(())
    }
}

fn settings(ports: Ports) -> String {
    let Ports { gateway, status, server } = ports;
    format!(
        r#"# Written by `dragoman demo` at each start. Relative paths are relative to this file.
[status]
listen = "127.0.0.1:{status}"

[ledger]
directory = "ledger"

[data_plane]
drain_seconds = 1

[[listener]]
name = "shop"
protocol = "postgres"
listen = "127.0.0.1:{gateway}"
upstream = "127.0.0.1:{server}"
environment = "development"
mode = "observe"
"#
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_settings_name_the_three_ports() {
        let text = settings(Ports { gateway: 7000, status: 7001, server: 7002 });
        let parsed: toml::Table = text.parse().unwrap();
        let listener = &parsed["listener"][0];
        assert_eq!(listener["listen"].as_str(), Some("127.0.0.1:7000"));
        assert_eq!(listener["upstream"].as_str(), Some("127.0.0.1:7002"));
        assert_eq!(parsed["status"]["listen"].as_str(), Some("127.0.0.1:7001"));
    }

    #[test]
    fn a_place_that_cannot_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let below = file.path().join("demo");
        let message = Place::choose(Some(below.clone())).unwrap_err().to_string();
        assert!(message.contains(&below.display().to_string()) && message.contains("--data"), "{message}");
    }
}
