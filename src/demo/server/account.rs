//! As whom does the server run, and can that account reach what it needs?
//!
//! PostgreSQL refuses to run as root. Started by root, the server runs as an account without
//! rights; everything above its directories then has to be enterable for that account.

use super::ServerError;
use super::process;
use std::fs::{self, DirBuilder, Metadata};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

/// `nobody` and `nogroup` on Debian, the kernel's overflow ids everywhere.
const NOBODY: u32 = 65534;

/// The account a server runs as when this process is root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Account {
    /// The user id.
    pub(super) uid: u32,
    /// The group id.
    pub(super) gid: u32,
}

impl Account {
    /// The account to change to; `None` when this process is not root and cannot.
    pub(super) fn for_server() -> Option<Account> {
        (process::effective_user() == 0).then_some(Account { uid: NOBODY, gid: NOBODY })
    }

    fn can_enter(self, directory: &Metadata) -> bool {
        let mode = directory.permissions().mode();
        let bit = if directory.uid() == self.uid {
            0o100
        } else if directory.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        mode & bit != 0
    }
}

/// Whether the account the server runs as can enter `path` and everything above it. A path that
/// does not exist yet is judged by its nearest parent that does.
pub fn enterable(path: &Path) -> bool {
    check_reach(path).is_ok()
}

/// The same, naming the directory that is in the way.
pub fn check_reach(path: &Path) -> Result<(), ServerError> {
    let Some(account) = Account::for_server() else { return Ok(()) };
    let absolute =
        std::path::absolute(path).map_err(|source| ServerError::File { path: path.to_owned(), source })?;
    let nearest = absolute.ancestors().find_map(|parent| fs::canonicalize(parent).ok());
    for directory in nearest.iter().flat_map(|path| path.ancestors()) {
        let metadata = fs::metadata(directory)
            .map_err(|source| ServerError::File { path: directory.to_owned(), source })?;
        if metadata.is_dir() && !account.can_enter(&metadata) {
            return Err(ServerError::Unreachable {
                directory: directory.to_owned(),
                needed: path.to_owned(),
                uid: account.uid,
            });
        }
    }
    Ok(())
}

/// Makes a directory nobody but the server's account (and root) can enter.
pub(super) fn make_private_directory(path: &Path, account: Option<Account>) -> Result<(), ServerError> {
    DirBuilder::new()
        .mode(0o700)
        .create(path)
        .map_err(|source| ServerError::File { path: path.to_owned(), source })?;
    give(path, account)
}

/// Hands a file or directory of ours to the server's account.
pub(super) fn give(path: &Path, account: Option<Account>) -> Result<(), ServerError> {
    let Some(account) = account else { return Ok(()) };
    chown(path, Some(account.uid), Some(account.gid))
        .map_err(|source| ServerError::File { path: path.to_owned(), source })
}

/// PostgreSQL insists that its data belong to the account it runs as; says so before it does.
pub(super) fn check_owner(data: &Path, account: Option<Account>) -> Result<(), ServerError> {
    let metadata =
        fs::metadata(data).map_err(|source| ServerError::File { path: data.to_owned(), source })?;
    let runs_as = account.map_or_else(process::effective_user, |account| account.uid);
    if metadata.uid() == runs_as {
        return Ok(());
    }
    Err(ServerError::Owner { data: PathBuf::from(data), owner: metadata.uid(), runs_as })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_closed_parent_is_named_when_root_starts_the_server() {
        let place = tempfile::tempdir().unwrap();
        let closed = fs::canonicalize(place.path()).unwrap().join("closed");
        make_private_directory(&closed, None).unwrap();
        let needed = closed.join("below/data");
        match check_reach(&needed) {
            Err(ServerError::Unreachable { directory, .. }) => {
                assert_eq!(process::effective_user(), 0, "only root changes its account");
                assert!(directory == closed || Some(directory.as_path()) == closed.parent(), "{directory:?}");
            }
            Err(other) => panic!("unexpected: {other}"),
            Ok(()) => assert_ne!(process::effective_user(), 0, "uid {NOBODY} cannot enter {closed:?}"),
        }
    }

    #[test]
    fn the_bit_that_counts_is_the_owners_then_the_groups_then_the_others() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("directory");
        fs::create_dir(&path).unwrap();
        let check = |mode: u32, uid_offset: u32, gid_offset: u32, expected: bool| {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let metadata = fs::metadata(&path).unwrap();
            let account = Account { uid: metadata.uid() + uid_offset, gid: metadata.gid() + gid_offset };
            assert_eq!(account.can_enter(&metadata), expected, "{mode:o} {uid_offset} {gid_offset}");
        };
        check(0o700, 0, 0, true);
        check(0o700, 1, 1, false);
        check(0o611, 0, 0, false);
        check(0o710, 1, 0, true);
        check(0o701, 1, 0, false);
        check(0o701, 1, 1, true);
    }
}
