//! Where is the live view's socket, and whose is it?
//!
//! In the ledger's parent folder, since whoever may read there may see what is seen here. Only the
//! user the gateway runs as can open it.

use socket2::{Domain, SockAddr, Socket, Type};
use std::fs::{self, File, Metadata, Permissions, TryLockError};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::net::UnixListener;

/// The socket's name in its folder.
pub const SOCKET_NAME: &str = "dragoman.sock";

/// Longest path the system takes: `sun_path` of 108 bytes with the zero at its end (unix(7)).
pub const PATH_BYTES_MAX: usize = 107;

/// Connections the kernel may hold that were not accepted yet.
const BACKLOG: i32 = 16;

/// Longest wait for another gateway that is making its socket in the same folder.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// Why there is no socket for the live view.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// The path does not fit into a socket's address.
    #[error(
        "the path of the live view's socket has {bytes} bytes, and {PATH_BYTES_MAX} is the most a socket's can have: \
         `{}`\n    hint: give `ledger.directory` a shorter path; a symbolic link to the folder above it will do", path.display()
    )]
    TooLong {
        /// The path.
        path: PathBuf,
        /// Its length.
        bytes: usize,
    },
    /// Another gateway has it.
    #[error(
        "another gateway answers at the live view's socket `{}`\n    hint: give each gateway a ledger in a \
         folder of its own: `ledger.directory`", path.display()
    )]
    Taken {
        /// The path.
        path: PathBuf,
    },
    /// Something else has its name.
    #[error(
        "`{}` is where the live view's socket would be, and it is no socket\n    hint: move it away", path.display()
    )]
    Occupied {
        /// The path.
        path: PathBuf,
    },
    /// The system refused.
    #[error(
        "cannot make the live view's socket `{}`: {source}\n    hint: the gateway needs to write in the folder \
         above `ledger.directory`", path.display()
    )]
    Io {
        /// The path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// The socket of the gateway with this ledger, whichever way its folder is named: `.`, or through a symbolic link.
/// As it is named only where the whole path is too long for a socket.
pub fn path(ledger_directory: &Path) -> PathBuf {
    let beside = |directory: &Path| directory.parent().unwrap_or(directory).join(SOCKET_NAME);
    let named = beside(ledger_directory);
    match fs::canonicalize(ledger_directory).map(|whole| beside(&whole)) {
        Ok(whole) if check_length(&whole).is_ok() => whole,
        _ => named,
    }
}

/// Whether a socket at `path` can be had at all.
pub fn check_length(path: &Path) -> Result<(), SocketError> {
    let bytes = path.as_os_str().len();
    if bytes > PATH_BYTES_MAX {
        return Err(SocketError::TooLong { path: path.to_owned(), bytes });
    }
    Ok(())
}

/// A socket's file, removed at the end.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    /// The device and number of the file: another gateway's at the same place is left alone.
    number: (u64, u64),
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|found| number(&found) == self.number) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn number(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// Opens the socket at `path`, in the place of one whose gateway is dead. Must be called within a
/// runtime.
pub(crate) fn open(path: &Path) -> Result<(UnixListener, SocketFile), SocketError> {
    check_length(path)?;
    let failed = |source| SocketError::Io { path: path.to_owned(), source };
    // Held until the socket answers: of two gateways that start at once each would take the other's
    // for a dead one's.
    let _alone = lock_folder(path).map_err(failed)?;
    clear(path)?;
    let listen = || {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.bind(&SockAddr::unix(path)?)?;
        // Nobody can connect before it listens, and nobody else once it does.
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
        let file = SocketFile { path: path.to_owned(), number: number(&fs::symlink_metadata(path)?) };
        socket.listen(BACKLOG)?;
        Ok((UnixListener::from_std(OwnedFd::from(socket).into())?, file))
    };
    listen().map_err(failed)
}

fn lock_folder(path: &Path) -> io::Result<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = File::open(folder)?;
    let end = Instant::now() + LOCK_WAIT;
    loop {
        match folder.try_lock() {
            Ok(()) => return Ok(folder),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() < end => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(
                    io::ErrorKind::WouldBlock,
                    "another program has locked the folder",
                ));
            }
        }
    }
}

/// Removes a socket nobody answers at.
fn clear(path: &Path) -> Result<(), SocketError> {
    let failed = |source| SocketError::Io { path: path.to_owned(), source };
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    if !found.file_type().is_socket() {
        return Err(SocketError::Occupied { path: path.to_owned() });
    }
    let knock = || {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.connect(&SockAddr::unix(path)?)
    };
    match knock().map_err(|error| (error.kind(), error)) {
        Err((io::ErrorKind::ConnectionRefused, _)) => fs::remove_file(path).map_err(failed),
        // A full queue of connections is a sign of life, too.
        Ok(()) | Err((io::ErrorKind::WouldBlock, _)) => Err(SocketError::Taken { path: path.to_owned() }),
        Err((_, error)) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use std::os::unix::net::UnixStream;

    #[test]
    fn it_is_beside_the_ledger() {
        for (ledger, expected) in [
            ("data/ledger", "data/dragoman.sock"),
            ("ledger", "dragoman.sock"),
            ("/var/lib/gateway/ledger/", "/var/lib/gateway/dragoman.sock"),
            ("/", "/dragoman.sock"),
        ] {
            assert_eq!(path(Path::new(ledger)), Path::new(expected), "{ledger}");
        }
    }

    #[test]
    fn it_is_one_however_the_ledgers_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let whole = fs::canonicalize(folder.path()).unwrap();
        let ledger = whole.join("ledger");
        fs::create_dir_all(whole.join("elsewhere")).unwrap();
        fs::create_dir(&ledger).unwrap();
        std::os::unix::fs::symlink(&ledger, whole.join("elsewhere/link")).unwrap();
        let expected = whole.join(SOCKET_NAME);
        for named in ["ledger", "ledger/.", "elsewhere/../ledger", "elsewhere/link"] {
            assert_eq!(path(&whole.join(named)), expected, "{named}");
        }
        // Where the whole path is too long a link above it is the way to have one.
        let deep = whole.join("d".repeat(PATH_BYTES_MAX));
        fs::create_dir_all(deep.join("ledger")).unwrap();
        std::os::unix::fs::symlink(&deep, whole.join("short")).unwrap();
        assert_eq!(path(&whole.join("short/ledger")), whole.join("short").join(SOCKET_NAME));
    }

    #[tokio::test]
    async fn it_is_the_users_own_and_goes_with_the_gateway() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(SOCKET_NAME);
        let (_listener, file) = open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(UnixStream::connect(&path).is_ok());
        drop(file);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_dead_gateways_socket_is_replaced_and_a_living_ones_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(SOCKET_NAME);
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists(), "a socket outlives its process");
        let (_listener, file) = open(&path).unwrap();
        let refused = open(&path).unwrap_err();
        assert!(matches!(&refused, SocketError::Taken { path: named } if *named == path), "{refused}");
        assert!(refused.to_string().contains(&path.display().to_string()), "{refused}");
        assert!(UnixStream::connect(&path).is_ok(), "the living one still answers");
        // What is not ours any more is not removed.
        fs::remove_file(&path).unwrap();
        fs::write(&path, "a note").unwrap();
        drop(file);
        assert!(matches!(open(&path), Err(SocketError::Occupied { .. })));
        assert_eq!(fs::read_to_string(&path).unwrap(), "a note");
    }

    #[tokio::test]
    async fn a_path_that_is_too_long_is_told_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let room = PATH_BYTES_MAX - folder.path().as_os_str().len() - SOCKET_NAME.len() - 2;
        for (name, fits) in [("a".repeat(room), true), ("a".repeat(room + 1), false)] {
            let deep = folder.path().join(&name);
            fs::create_dir(&deep).unwrap();
            match open(&deep.join(SOCKET_NAME)) {
                Ok(_) => assert!(fits),
                Err(error) => {
                    assert!(!fits, "{error}");
                    let said = error.to_string();
                    assert!(said.contains("has 108 bytes") && said.contains("ledger.directory"), "{said}");
                }
            }
        }
        let nowhere = open(&folder.path().join("missing").join(SOCKET_NAME)).unwrap_err().to_string();
        assert!(nowhere.contains("folder above `ledger.directory`"), "{nowhere}");
    }
}
