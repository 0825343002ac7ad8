//! How is a secret of the demo made, and kept from everybody else?

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// A secret cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct NoRandom;

/// Thirty-two hexadecimal digits.
pub(super) fn random_text() -> Result<String, NoRandom> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| NoRandom)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A file nobody else can read, in the place of one that was there: that one's mode would stay, and a link
/// would be followed.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_secret_is_its_owners_alone_whatever_was_there_before() {
        let folder = tempfile::tempdir().unwrap();
        let (path, elsewhere) = (folder.path().join("secret"), folder.path().join("elsewhere"));
        let check = |what: &str| {
            write(&path, "open sesame").unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), "open sesame", "{what}");
            let metadata = fs::symlink_metadata(&path).unwrap();
            assert!(metadata.is_file(), "{what}");
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{what}");
        };
        check("nothing");
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        check("a file everybody reads");
        fs::write(&elsewhere, "a letter").unwrap();
        fs::remove_file(&path).unwrap();
        symlink(&elsewhere, &path).unwrap();
        check("a link");
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "a letter");
    }

    #[test]
    fn no_two_secrets_are_the_same() {
        let (one, other) = (random_text().unwrap(), random_text().unwrap());
        assert_ne!(one, other);
        assert!(one.len() == 32 && one.bytes().all(|byte| byte.is_ascii_hexdigit()), "{one}");
    }
}
