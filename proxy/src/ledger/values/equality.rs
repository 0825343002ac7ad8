//! Which hashes does a value have in the records of some days?
//!
//! One for each day, workspace and form: a driver sends 42 as two digits or as bytes of an integer, and the
//! ledger keeps what was sent.

use super::keys::{Folder, KeyFailure, KeyState};
use super::{Day, sealer};
use std::io;
use std::ops::RangeInclusive;
use std::path::Path;

/// The hashes of a value.
#[derive(Debug, Default)]
pub struct Equals {
    /// What to look for: a record with any of these has the value.
    pub hashes: Vec<String>,
    /// The days that can be searched.
    pub days: Vec<Day>,
    /// The days that cannot, and why: nobody can tell whether their records have the value.
    pub not_searched: Vec<(Day, KeyFailure)>,
}

/// The hashes of a value in the records of these workspaces and days.
pub fn hashes_of(
    keys: &Path,
    workspaces: &[&str],
    days: RangeInclusive<Day>,
    value: &str,
) -> io::Result<Equals> {
    let folder = Folder::new(keys);
    let mut equals = Equals::default();
    let forms = forms(value);
    for (day, state) in folder.days()?.into_iter().filter(|(day, _)| days.contains(day)) {
        let hashed = match state {
            KeyState::Erased => Err(KeyFailure::Erased(day)),
            KeyState::Kept => folder.read(day).and_then(|key| {
                let mut hashes = Vec::new();
                for workspace in workspaces {
                    let hasher = key.hasher(workspace)?;
                    let of =
                        |form: &Vec<u8>| String::from_utf8_lossy(&sealer::hash(&hasher, form)).into_owned();
                    hashes.extend(forms.iter().map(of));
                }
                Ok(hashes)
            }),
        };
        match hashed {
            Ok(hashes) => {
                equals.hashes.extend(hashes);
                equals.days.push(day);
            }
            Err(failure) => equals.not_searched.push((day, failure)),
        }
    }
    Ok(equals)
}

/// The bytes by which drivers send a value: as text, and what PostgreSQL's binary form may be.
fn forms(value: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![value.as_bytes().to_vec()];
    if let Ok(number) = value.parse::<i64>() {
        forms.extend(i16::try_from(number).ok().map(|number| number.to_be_bytes().to_vec()));
        forms.extend(i32::try_from(number).ok().map(|number| number.to_be_bytes().to_vec()));
        forms.push(number.to_be_bytes().to_vec());
    } else if let Ok(number) = value.parse::<f64>() {
        forms.push(number.to_be_bytes().to_vec());
    }
    if let Ok(id) = uuid::Uuid::try_parse(value) {
        forms.push(id.as_bytes().to_vec());
    }
    forms
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_value_has_the_forms_that_drivers_send() {
        assert_eq!(forms("ada@example.org"), [b"ada@example.org".to_vec()]);
        assert_eq!(
            forms("42"),
            [b"42".to_vec(), vec![0, 42], vec![0, 0, 0, 42], vec![0, 0, 0, 0, 0, 0, 0, 42]]
        );
        assert_eq!(forms("3000000000").len(), 2, "too large for 32 bits");
        assert_eq!(forms("1.5"), [b"1.5".to_vec(), 1.5_f64.to_be_bytes().to_vec()]);
        let id = forms("0198c0de-1234-7abc-8def-0123456789ab");
        assert_eq!(id.last().unwrap().len(), 16);
    }
}
