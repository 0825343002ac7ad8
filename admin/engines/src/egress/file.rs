//! Which files may be opened as databases?

use super::Egress;
use crate::error::{EngineError, ErrorClass};
use crate::target::Kind;
use std::path::{Component, Path, PathBuf};

impl Egress {
    /// The file that `path` means, as an absolute path without symbolic links: a regular file inside
    /// the one folder, wherever links lead. Looks at the disk.
    pub fn sqlite_file(&self, path: &Path) -> Result<PathBuf, EngineError> {
        let refuse = |message: &str| Err(EngineError::new(ErrorClass::File, Kind::Sqlite, message));
        let Some(folder) = self.sqlite_folder() else {
            return Err(EngineError::new(
                ErrorClass::Egress,
                Kind::Sqlite,
                "SQLite files cannot be opened: no folder for them is set",
            ));
        };
        let Some(text) = path.to_str() else { return refuse("the file's name is not UTF-8") };
        // SQLite reads a name that begins with `file:` as a URI, and what follows a `?` as options.
        if text.is_empty()
            || text.contains(['?', '\0', '#'])
            || text.to_ascii_lowercase().starts_with("file:")
        {
            return refuse("the file's name must be a plain path, without `?`, `#` and `file:`");
        }
        if path.components().any(|part| matches!(part, Component::ParentDir)) {
            return refuse("the file's name must not go up by `..`");
        }
        // What is not there and what is not allowed get one answer: nobody can feel their way
        // through the disk by the difference.
        let absent = "there is no such file in the folder of SQLite files";
        let Ok(folder) = folder.canonicalize() else {
            return refuse("the folder of SQLite files cannot be read");
        };
        let Ok(file) = folder.join(path).canonicalize() else { return refuse(absent) };
        if !file.starts_with(&folder) || file == folder {
            return refuse(absent);
        }
        match file.metadata() {
            Ok(metadata) if metadata.is_file() => Ok(file),
            Ok(_) => refuse("it is not a regular file"),
            Err(_) => refuse(absent),
        }
    }
}
