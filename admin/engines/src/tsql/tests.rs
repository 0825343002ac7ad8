//! What is read as one query that only reads, and what is not?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use proptest::prelude::*;

/// One to a line. What is allowed, in the words people and tools write.
const ALLOWED: &str = include_str!("vectors/allowed.sql");
/// `words of the reason => text`, one to a line; `\n` and `\r` stand for the ends of lines.
const REFUSED: &str = include_str!("vectors/refused.sql");

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("-- #"))
}

#[test]
fn queries_that_only_read_pass() {
    let mut count = 0;
    for line in lines(ALLOWED) {
        let text = line.replace("\\n", "\n");
        assert_eq!(check(&text), Ok(()), "{text}");
        count += 1;
    }
    assert!(count >= 40, "{count}");
}

#[test]
fn everything_else_is_refused_with_its_reason_and_place() {
    let mut count = 0;
    for line in lines(REFUSED) {
        let (reason, text) = line.split_once(" => ").expect(line);
        let text = text.replace("\\n", "\n").replace("\\r", "\r");
        let refusal = check(&text).expect_err(&text);
        assert!(refusal.message.contains(reason), "{text}: {}", refusal.message);
        assert!(refusal.span.start <= refusal.span.end && refusal.span.end <= text.len(), "{text}");
        assert!(text.get(refusal.span.clone()).is_some(), "{text}: {:?}", refusal.span);
        count += 1;
    }
    assert!(count >= 80, "{count}");
}

#[test]
fn the_place_is_that_of_what_is_wrong() {
    for (text, wrong) in [
        ("SELECT 1 DELETE FROM t", "DELETE"),
        ("SELECT a INTO b FROM c", "INTO"),
        ("SELECT dbo.f(1)", "dbo.f("),
        ("SELECT * FROM t WITH (NOLOCK, XLOCK)", "XLOCK"),
        ("SELECT 1; SELECT 2", "SELECT 2"),
        ("SELECT upper(eval(1))", "eval"),
    ] {
        let refusal = check(text).unwrap_err();
        assert!(text[refusal.span.start..].starts_with(wrong), "{text}: {:?}", refusal.span);
    }
    assert_eq!(check("SELECT 'ü', f(1)").unwrap_err().position("SELECT 'ü', f(1)"), 13);
}

#[test]
fn what_is_nested_too_deeply_is_refused_and_not_read() {
    for (open, close) in [("(", ")"), ("(SELECT ", ")"), ("CASE WHEN ", " THEN 1 END"), ("abs(", ")")] {
        let text = format!("SELECT {}1{}", open.repeat(20_000), close.repeat(20_000));
        assert!(check(&text).is_err());
    }
    let within = format!("SELECT {}1{}", "(".repeat(40), ")".repeat(40));
    assert_eq!(check(&within), Ok(()));
    let joins: String = (0..500).map(|at| format!(" JOIN t{at} ON t{at}.a = b.a")).collect();
    assert_eq!(check(&format!("SELECT 1 FROM b{joins}")), Ok(()), "a long query is not a deep one");
}

/// Pieces that a text could be put together from.
const PIECES: [&str; 48] = [
    "SELECT", "WITH", "FROM", "WHERE", "(", ")", ",", ";", "'", "''", "N'", "[", "]", "]]", "\"", "--", "/*",
    "*/", "\n", "\r", "@P1", "@@", "@", "1", "0x", ".", "..", "*", "=", "a", "dbo", "count", "EXEC",
    "DELETE", "INTO", "JOIN", "ON", "AS", "CASE", "END", "NEXT", "VALUE", "FOR", "ü", "\u{212a}", "\u{ff25}",
    "\u{a0}", " ",
];

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}") {
        let _ = check(&text);
    }

    #[test]
    fn nothing_put_together_from_its_pieces_makes_it_panic(
        pieces in proptest::collection::vec(0..PIECES.len(), 0..60),
        spaced in any::<bool>(),
    ) {
        let words: Vec<&str> = pieces.iter().map(|at| PIECES[*at]).collect();
        let text = words.join(if spaced { " " } else { "" });
        if let Err(refusal) = check(&text) {
            prop_assert!(text.get(refusal.span).is_some());
        }
    }

    /// However an allowed text is cut or gets one more piece: it is read or refused, and what changes something
    /// never passes as a word of its own.
    #[test]
    fn a_mutation_never_panics_and_never_lets_a_change_in(
        line in 0_usize..40, at in 0.0_f64..1.0, piece in 0..PIECES.len(), cut in any::<bool>(),
    ) {
        let text = lines(ALLOWED).nth(line).unwrap().replace("\\n", "\n");
        let mut at = (text.len() as f64 * at) as usize;
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let (before, after) = text.split_at(at);
        let after = if cut { "" } else { after };
        let mutated = format!("{before} {} {after}", PIECES[piece]);
        if check(&mutated).is_ok() {
            let words = lexer::read(&mutated).unwrap();
            for token in words {
                if let Kind::Word { upper } = token.kind {
                    prop_assert!(!["EXEC", "DELETE", "INTO", "INSERT"].contains(&upper.as_str()), "{mutated}");
                }
            }
        }
    }
}
