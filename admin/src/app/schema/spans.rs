//! Where in an uploaded file is what an error tells of, in bytes?

use admin_engines::schema::upload::RowError;
use admin_store::schema::Source;

/// Longest place that is marked: nobody reads a line of a megabyte.
const SPAN_MAX: usize = 400;

/// The first byte and one past the last, if the file has such a place.
pub fn span(file: &[u8], source: Source, error: &RowError) -> Option<(u32, u32)> {
    let line = usize::try_from(error.line).ok()?.checked_sub(1)?;
    let column = usize::try_from(error.column).ok()?.checked_sub(1)?;
    let start = line_start(file, line)?;
    let (from, until) = match source {
        Source::Csv => field(file, start, column),
        Source::Json | Source::Live => value(file, start, column),
    };
    Some((u32::try_from(from).ok()?, u32::try_from(until.min(from + SPAN_MAX)).ok()?))
}

/// Where the line of that number begins, from 0; empty lines before it belong to it, as the reader of CSV has it.
fn line_start(file: &[u8], line: usize) -> Option<usize> {
    let mut ends = file.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    let start = if line == 0 { 0 } else { ends.nth(line - 1)? };
    let rest = file.get(start..)?;
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    Some(if blank < rest.len() { start + blank } else { start })
}

/// From the character of that number to what ends a value.
fn value(file: &[u8], start: usize, column: usize) -> (usize, usize) {
    let rest = file.get(start..).unwrap_or_default();
    let is_begin = |byte: u8| byte & 0b1100_0000 != 0b1000_0000;
    let characters = rest.iter().enumerate().filter(|(_, byte)| is_begin(**byte));
    let line = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let from = characters.map(|(at, _)| at).nth(column).unwrap_or(line).min(line);
    let length = rest.get(from..line).unwrap_or_default();
    let ends = length.iter().skip(1).position(|byte| matches!(byte, b',' | b'}' | b']' | b':'));
    let until = ends.map_or(line, |at| from + at + 1);
    (start + from, start + until)
}

/// The field of that number of a row of CSV. The delimiter is the one that the header has most of.
fn field(file: &[u8], start: usize, column: usize) -> (usize, usize) {
    let header = file.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let of = |delimiter: u8| header.iter().filter(|byte| **byte == delimiter).count();
    let delimiter = [b'\t', b';', b','].into_iter().max_by_key(|delimiter| of(*delimiter)).unwrap_or(b',');
    let (mut from, mut number, mut is_quoted) = (start, 0, false);
    for (at, byte) in file.iter().enumerate().skip(start) {
        match *byte {
            b'"' => is_quoted = !is_quoted,
            byte if byte == delimiter && !is_quoted => {
                if number == column {
                    return (from, at);
                }
                number += 1;
                from = at + 1;
            }
            b'\n' if !is_quoted => return (from, at),
            _ => {}
        }
    }
    (from, file.len())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn marked(file: &str, source: Source, (line, column): (u64, u64)) -> Option<&str> {
        let error =
            RowError { line, column, field: String::new(), message: String::new(), hint: String::new() };
        let (from, until) = span(file.as_bytes(), source, &error)?;
        file.get(usize::try_from(from).ok()?..usize::try_from(until).ok()?)
    }

    #[test]
    fn a_field_of_a_row_is_marked() {
        let csv = "table;column;type\norders;\"i;d\";bigint\n\ncustomers;größe;text";
        for (place, expected) in [
            ((1, 3), "type"),
            ((2, 2), "\"i;d\""),
            ((2, 3), "bigint"),
            ((3, 1), "customers"),
            ((4, 2), "größe"),
            ((4, 9), "text"),
        ] {
            assert_eq!(marked(csv, Source::Csv, place), Some(expected), "{place:?}");
        }
        assert_eq!(marked(csv, Source::Csv, (99, 1)), None);
        assert_eq!(marked("", Source::Csv, (1, 1)), Some(""));
    }

    #[test]
    fn a_value_of_json_is_marked() {
        let json = "{\n\"größe\": [7, \"x\"],\n\"a\": {}}";
        for (place, expected) in [((2, 1), "\"größe\""), ((2, 11), "7"), ((2, 14), "\"x\""), ((3, 6), "{")]
        {
            assert_eq!(marked(json, Source::Json, place), Some(expected), "{place:?}");
        }
        assert_eq!(marked("{\"tables\": [", Source::Json, (1, 12)), Some("["));
        assert_eq!(marked("[]]", Source::Json, (1, 9)), Some(""));
    }
}
