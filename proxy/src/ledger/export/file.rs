//! How does a file appear whole or not at all?

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Where an export goes.
///
/// A file stands under another name in the same folder, for its owner only; it gets its own name when it is complete,
/// and is gone when it is given up before. What is there already and is no file, such as a pipe or `/dev/null`, is
/// written into as it is.
#[derive(Debug)]
pub struct Destination {
    file: File,
    /// `None` where what is there is written into.
    draft: Option<Draft>,
}

#[derive(Debug)]
struct Draft {
    path: PathBuf,
    becomes: PathBuf,
    replaces: bool,
}

impl Destination {
    /// Begins at `path`. A file that is there already is replaced only where that is wanted: otherwise the error is
    /// `AlreadyExists`. A link is followed to what it leads to.
    pub fn open(path: &Path, replaces: bool) -> io::Result<Destination> {
        match fs::metadata(path) {
            Ok(there) if there.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            Ok(there) if !there.is_file() => {
                Ok(Destination { file: OpenOptions::new().write(true).open(path)?, draft: None })
            }
            Ok(_) if replaces => Destination::draft(fs::canonicalize(path)?, true),
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Err(_) if path.is_symlink() => {
                Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a link to what is not there"))
            }
            Err(_) => Destination::draft(path.to_owned(), replaces),
        }
    }

    fn draft(becomes: PathBuf, replaces: bool) -> io::Result<Destination> {
        let name = becomes
            .file_name()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it names no file"))?;
        let mut draft = std::ffi::OsString::from(".");
        draft.push(name);
        draft.push(format!(".{}.tmp", std::process::id()));
        let path = becomes.with_file_name(draft);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Destination { file, draft: Some(Draft { path, becomes, replaces }) })
    }

    /// Ends it: brings a file to the disk and gives it its name.
    pub fn keep(mut self) -> io::Result<()> {
        let Some(draft) = &self.draft else { return Ok(()) };
        self.file.sync_all()?;
        if draft.replaces {
            fs::rename(&draft.path, &draft.becomes)?;
        } else {
            rename_to_new(&draft.path, &draft.becomes)?;
        }
        let folder = draft.becomes.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).to_owned();
        self.draft = None;
        File::open(folder)?.sync_all()
    }
}

/// Renames, unless there is something of that name by now.
fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // A file system that cannot do both at once.
        Err(Errno::INVAL | Errno::NOSYS) if !to.exists() => fs::rename(from, to),
        Err(Errno::INVAL | Errno::NOSYS) => Err(io::ErrorKind::AlreadyExists.into()),
        renamed => Ok(renamed?),
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Destination {
    fn drop(&mut self) {
        if let Some(draft) = &self.draft {
            let _ = fs::remove_file(&draft.path);
        }
    }
}
