//! Which names are those of segments, and how is such a file opened?

use rustix::fs::OFlags;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Fewest digits of a segment's number.
const DIGITS_MIN: usize = 8;
/// Most digits: far more segments than there will be, and one more is still a number.
const DIGITS_MAX: usize = 18;

/// The number that the digits of a name are; `None` when it is no segment's.
pub(super) fn number(digits: &str) -> Option<u64> {
    let is_number = (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len())
        && digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

/// The number behind `newest`; `None` when it would be too long for a name.
pub(super) fn next(newest: u64) -> Option<u64> {
    newest.checked_add(1).filter(|next| number(&format!("{next:08}")).is_some())
}

/// Opens a file to read it. Only a regular one: whoever opens a pipe waits for somebody who writes into it.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or(0);
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("it is no regular file; take it out of the folder")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn numbers_have_as_many_digits_as_can_be_counted_on_from() {
        assert_eq!(number("00000007"), Some(7));
        assert_eq!(number("999999999999999999"), Some(999_999_999_999_999_999));
        for other in
            ["", "7", "0000007", "+0000007", "0000000x", "1000000000000000000", "18446744073709551615"]
        {
            assert_eq!(number(other), None, "{other}");
        }
        assert_eq!((next(0), next(99_999_999)), (Some(1), Some(100_000_000)));
        assert_eq!((next(999_999_999_999_999_999), next(u64::MAX)), (None, None));
    }

    #[test]
    fn what_is_no_regular_file_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        assert!(open(&pipe).unwrap_err().to_string().starts_with("it is no regular file"));
        assert!(open(folder.path()).is_err());
        assert!(open(Path::new("/dev/zero")).is_err());
        std::fs::write(folder.path().join("file"), "x").unwrap();
        assert_eq!(io::read_to_string(open(&folder.path().join("file")).unwrap()).unwrap(), "x");
    }
}
