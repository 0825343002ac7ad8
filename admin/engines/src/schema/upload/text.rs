//! Is a file text in UTF-8, and is a value in it a name, a yes or no, a reference?

use super::{BYTES_MAX, Errors, NAME_MAX, Place, RowError, TEXT_MAX};

const SAVE: &str = "save the file as UTF-8 and upload it again";

/// The file as text, without the mark some editors put before it.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Vec<RowError>> {
    let mut errors = Errors::default();
    let start = Place { line: 1, column: 1, field: String::new() };
    if bytes.len() > BYTES_MAX {
        let message = format!("the file has {} bytes; {BYTES_MAX} are allowed", bytes.len());
        errors.add(&start, message, "split it by schemas");
        return Err(errors.list);
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        errors.add(&start, "the file is in UTF-16", SAVE);
        return Err(errors.list);
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    let bad = match std::str::from_utf8(bytes) {
        Ok(text) => match text.find('\0') {
            None => return Ok(text),
            Some(at) => at,
        },
        Err(error) => error.valid_up_to(),
    };
    let before = bytes.get(..bad).unwrap_or_default();
    let newline = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = String::from_utf8_lossy(before.get(newline..).unwrap_or_default()).chars().count() + 1;
    let place = Place { line: number(line), column: number(column), field: String::new() };
    errors.add(&place, "here is a byte that is not UTF-8 text", SAVE);
    Err(errors.list)
}

/// A name: not empty, not longer than any server's, without characters nobody can type.
pub(super) fn name(text: &str, place: &Place, errors: &mut Errors) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        errors.add(place, "the name is missing", "every schema, table and column has one");
        return None;
    }
    if text.chars().count() > NAME_MAX {
        errors.add(place, "the name is too long", format!("{NAME_MAX} characters are allowed"));
        return None;
    }
    if text.chars().any(char::is_control) {
        errors.add(place, "the name has a control character", "take it out");
        return None;
    }
    Some(text.to_owned())
}

/// A text of bounded length; nothing where it is empty.
pub(super) fn text(text: &str, place: &Place, errors: &mut Errors) -> Option<String> {
    if text.chars().count() > TEXT_MAX {
        errors.add(place, "the text is too long", format!("{TEXT_MAX} characters are allowed"));
        return None;
    }
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Yes or no, in the words people and tools use.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "yes" | "y" | "true" | "t" | "1" | "x" => Some(true),
        "no" | "n" | "false" | "f" | "0" | "" => Some(false),
        _ => None,
    }
}

/// The parts of `schema.table.column`; a part with a dot in it stands in double quotes.
pub(super) fn parts(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    loop {
        let (part, after) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (part, after) = quoted.split_once('"')?;
                (part, after)
            }
            None => rest.split_at(rest.find('.').unwrap_or(rest.len())),
        };
        if part.trim().is_empty() {
            return None;
        }
        parts.push(part.trim().to_owned());
        match after.strip_prefix('.') {
            Some(next) => rest = next,
            None if after.trim().is_empty() => return Some(parts),
            None => return None,
        }
    }
}

pub(super) fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
