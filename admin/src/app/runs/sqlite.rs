//! Does a text for a SQLite file look like one query?
//!
//! There is no grammar of SQLite here and no rules that could judge by it: the words of the text are looked
//! at, and SQLite's own authorizer, on a file that is opened read-only, decides when the statement is
//! prepared.

use super::judge::Objection;
use std::ops::Range;

/// Words a query begins with.
const QUERIES: [&str; 5] = ["SELECT", "WITH", "VALUES", "EXPLAIN", "PRAGMA"];
/// Words that change something behind WITH or EXPLAIN.
const CHANGES: [&str; 4] = ["INSERT", "UPDATE", "DELETE", "REPLACE"];

/// A word or sign of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Word(Range<usize>),
    Open,
    Close,
    Semicolon,
    Other,
}

/// The word the query begins with, or why it is none.
pub(super) fn check(text: &str) -> Result<String, Objection> {
    let (mut first, mut depth, mut ended) = (None::<String>, 0_usize, None::<usize>);
    let mut pieces = pieces(text).into_iter().peekable();
    while let Some((piece, place)) = pieces.next() {
        if piece == Piece::Semicolon {
            ended = ended.or(first.is_some().then_some(place.end));
            continue;
        }
        if let Some(end) = ended {
            return Err(Objection::several(end..text.len()));
        }
        if first.is_none() {
            let word = match &piece {
                Piece::Word(word) => text.get(word.clone()).unwrap_or_default().to_ascii_uppercase(),
                _ => String::new(),
            };
            if !QUERIES.contains(&word.as_str()) {
                return Err(Objection::no_query(place));
            }
            first = Some(word);
            continue;
        }
        match piece {
            Piece::Open => depth += 1,
            Piece::Close => depth = depth.saturating_sub(1),
            Piece::Word(word) if depth == 0 => {
                let word = text.get(word).unwrap_or_default();
                let calls = pieces.peek().is_some_and(|(next, _)| *next == Piece::Open);
                let changes = CHANGES.iter().any(|one| one.eq_ignore_ascii_case(word)) && !calls;
                let leads = first.as_deref().is_some_and(|first| matches!(first, "WITH" | "EXPLAIN"));
                if changes && leads {
                    return Err(Objection::no_query(place));
                }
            }
            Piece::Word(_) | Piece::Semicolon | Piece::Other => {}
        }
    }
    first.map(|word| word.to_ascii_lowercase()).ok_or_else(Objection::nothing)
}

/// What stands in the text, without space, comments and what is quoted (one [`Piece::Other`] each).
fn pieces(text: &str) -> Vec<(Piece, Range<usize>)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        let start = at;
        let next = bytes.get(at + 1).copied();
        let piece = match byte {
            b'-' if next == Some(b'-') => {
                at = end_of(text, at, "\n");
                continue;
            }
            b'/' if next == Some(b'*') => {
                at = end_of(text, at + 2, "*/");
                continue;
            }
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'\'' | b'"' | b'`' => {
                at = end_of_quoted(bytes, at, byte);
                Piece::Other
            }
            b'[' => {
                at = end_of(text, at, "]");
                Piece::Other
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80 => {
                let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
                at += bytes.get(at..).unwrap_or_default().iter().take_while(|byte| is_part(byte)).count();
                Piece::Word(start..at)
            }
            other => {
                at += 1;
                match other {
                    b'(' => Piece::Open,
                    b')' => Piece::Close,
                    b';' => Piece::Semicolon,
                    _ => Piece::Other,
                }
            }
        };
        found.push((piece, start..at));
    }
    found
}

/// Behind the next `end`, or the end of the text.
fn end_of(text: &str, from: usize, end: &str) -> usize {
    text.get(from..).and_then(|rest| rest.find(end)).map_or(text.len(), |at| from + at + end.len())
}

/// Behind the closing quote; two of them within are one that is meant.
fn end_of_quoted(bytes: &[u8], from: usize, quote: u8) -> usize {
    let mut at = from + 1;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        if *byte == quote {
            if bytes.get(at) != Some(&quote) {
                return at;
            }
            at += 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn queries_pass_with_the_word_they_begin_with() {
        for (text, word) in [
            ("select 1", "select"),
            ("  -- a comment\n/* another */ SELECT ';' AS \"a;b\", [c;d], `e;f` ;; -- end", "select"),
            ("WITH a AS (SELECT 'delete') SELECT replace(x, 'a', 'b') FROM a", "with"),
            ("VALUES (1), (2)", "values"),
            ("EXPLAIN QUERY PLAN SELECT 1", "explain"),
            ("pragma table_list", "pragma"),
            ("SELECT 'it''s; fine'", "select"),
        ] {
            assert_eq!(check(text).unwrap(), word, "{text}");
        }
    }

    #[test]
    fn everything_else_is_told_where_it_stands() {
        for (text, at) in [
            ("", 0..0),
            ("-- nothing", 0..0),
            ("DELETE FROM t", 0..6),
            ("WITH a AS (SELECT 1) DELETE FROM t", 21..27),
            ("EXPLAIN UPDATE t SET a = 1", 8..14),
            ("SELECT 1; SELECT 2", 9..18),
            ("; ATTACH 'x' AS y", 2..8),
            ("(SELECT 1)", 0..1),
        ] {
            assert_eq!(check(text).unwrap_err().span, at, "{text}");
        }
    }
}
