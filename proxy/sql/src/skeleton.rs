//! Which texts do the same, whatever their literals?
//!
//! A skeleton is a text with its pure constants taken out and everything else kept as it stands. Two
//! texts with the same skeleton have the same analysis, but where a literal decides what a statement
//! does (see [`shares`]). Unlike a fingerprint it folds nothing: it is compared byte by byte, so no
//! collision can lend one text the judgement of another.

use crate::keyword::Keyword;
use crate::token::{Ending, Kind, Lexer};
use crate::{Analysis, Lexing};
use exchange::{Basis, Class, Marks};

/// What stands for a constant, by its kind. No token of a text that has a skeleton begins with one.
const NUMBER: u8 = 8;

/// Writes the skeleton of `text` into `out`, which is emptied first. `false` when it has none: the
/// text can be read in more than one way, has bytes that begin no token, or a literal that decides how a
/// name reads (UESCAPE).
pub fn write(text: &[u8], lexing: Lexing, out: &mut Vec<u8>) -> bool {
    out.clear();
    out.reserve(text.len());
    // What stands behind these is part of what a statement does: its row limit.
    let mut counts = false;
    for token in Lexer::new(text, lexing) {
        if token.ending != Ending::Certain {
            return false;
        }
        let bytes = token.bytes(text);
        match token.kind {
            // What MySQL executes, or takes for a hint, is no comment: each such text is one of its own.
            Kind::Comment if lexing.is_mysql() && is_read(bytes) => return false,
            Kind::Space | Kind::Comment => out.push(space(bytes)),
            Kind::Literal if !counts => out.push(literal(bytes)),
            Kind::Number if !counts => out.push(NUMBER),
            Kind::Other(_) => return false,
            // The literal behind it decides how a name before it reads.
            Kind::Word(Keyword::Uescape) => return false,
            Kind::Word(Keyword::Limit | Keyword::Fetch | Keyword::Offset) => {
                counts = true;
                out.extend_from_slice(bytes);
            }
            _ => out.extend_from_slice(bytes),
        }
    }
    true
}

/// Whether a server of MySQL or MariaDB may read what stands in this comment.
fn is_read(comment: &[u8]) -> bool {
    [&b"/*!"[..], b"/*M!", b"/*+"].iter().any(|opening| comment.starts_with(opening))
}

/// Literals in pieces are joined over a line's end only, so that is told from other space.
fn space(bytes: &[u8]) -> u8 {
    if bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r')) { b'\n' } else { b' ' }
}

fn literal(bytes: &[u8]) -> u8 {
    match bytes.first() {
        Some(b'e' | b'E') => 2,
        Some(b'u' | b'U') => 3,
        Some(b'b' | b'B') => 4,
        Some(b'x' | b'X') => 5,
        Some(b'n' | b'N') => 6,
        Some(b'$') => 7,
        _ => 1,
    }
}

/// Whether `analysis` holds for every text with the same skeleton: it rests on the grammar, and no
/// literal decides anything.
pub fn shares(analysis: &Analysis) -> bool {
    analysis.ending == Ending::Certain
        && !analysis.folded
        && analysis.statements.iter().all(|statement| {
            matches!(statement.class, Class::Read | Class::Write)
                && statement.effects.basis == Basis::Grammar
                && !statement.effects.marks.contains(Marks::LITERALS_DECIDE)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skeleton(text: &str) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        write(text.as_bytes(), Lexing::default(), &mut out).then_some(out)
    }

    #[test]
    fn texts_that_differ_in_constants_have_the_same() {
        for (one, other) in [
            ("select 1", "select 23.5"),
            ("select 'a' from t where b = 'c'", "select 'it''s' from t where b = ''"),
            ("select $$a$$", "select $b$;$b$"),
            ("select /* a */ 1", "select /* trace 5 */ 2"),
            ("select 1 -- a\n, 2", "select 2 -- b\n, 3"),
        ] {
            assert_eq!(skeleton(one), skeleton(other), "{one} {other}");
            assert!(skeleton(one).is_some());
        }
    }

    #[test]
    fn texts_that_differ_in_anything_else_do_not() {
        for (one, other) in [
            ("select a ? b", "select a 'x' b"),
            ("select 1", "select '1'"),
            ("select 'a'", "select E'a'"),
            ("select 'a' 'b'", "select 'a'\n'b'"),
            ("select 1 limit 5", "select 1 limit 6"),
            ("select 1 limit (5)", "select 1 limit (6)"),
            ("select 1 limit '5'", "select 1 limit '400'"),
            ("select 1 limit '5'", "select 1 limit 5"),
            ("select 1 limit $$5$$", "select 1 limit '5'"),
            ("select 1 offset 0 limit '5'", "select 1 offset 0 limit '6'"),
            ("select 1 fetch first '5' rows only", "select 1 fetch first '6' rows only"),
            ("select 1 fetch first 5 rows only", "select 1 fetch first 6 rows only"),
            ("select $1", "select $2"),
            ("select 1;select 2", "select 1 select 2"),
            ("select \"a\"", "select a"),
            ("select -1", "select 1"),
        ] {
            assert_ne!(skeleton(one), skeleton(other), "{one} {other}");
        }
    }

    fn mysql_skeleton(text: &str) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        write(text.as_bytes(), Lexing::MYSQL, &mut out).then_some(out)
    }

    #[test]
    fn texts_of_mysql_that_differ_in_constants_have_the_same() {
        for (one, other) in [
            ("select a from t where b = 1", "select a from t where b = 23.5"),
            ("select 'a' from `t`", "select \"it's\" from `t`"),
            ("select 1 # a\n, 2", "select 2 -- b\n, 3"),
            ("select x'0f', 0x0f", "select x'1f', 0x1f"),
        ] {
            assert_eq!(mysql_skeleton(one), mysql_skeleton(other), "{one} {other}");
            assert!(mysql_skeleton(one).is_some());
        }
    }

    #[test]
    fn texts_of_mysql_that_differ_in_anything_else_do_not() {
        for (one, other) in [
            ("select a from t limit 5", "select a from t limit 6"),
            ("select a from t limit 0, 5", "select a from t limit 0, 6"),
            ("select `a`", "select a"),
            ("select @a", "select @b"),
            ("select ?", "select 1"),
            ("select 'a'", "select x'61'"),
            ("select 1a from t", "select 2a from t"),
        ] {
            assert_ne!(mysql_skeleton(one), mysql_skeleton(other), "{one} {other}");
        }
    }

    #[test]
    fn a_text_of_mysql_with_a_comment_that_is_read_has_none() {
        for text in
            ["select /*! 1 */", "select /*!50000 1 */", "select /*M! 1 */", "select /*+ SET_VAR(a = 1) */ 1"]
        {
            assert_eq!(mysql_skeleton(text), None, "{text}");
        }
    }

    #[test]
    fn a_text_whose_names_a_literal_decides_has_none() {
        for text in ["select f.U&\"!0061\" UESCAPE '!' from f", "select U&'!0061' uescape '!'"] {
            assert_eq!(skeleton(text), None, "{text}");
        }
    }

    #[test]
    fn a_text_that_reads_in_more_than_one_way_has_none() {
        for text in [r"select 'a\'b'", "select 'a", "select \u{1}", "select \"a", "select /* a"] {
            assert_eq!(skeleton(text), None, "{text}");
        }
    }
}
