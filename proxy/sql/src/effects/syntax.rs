//! What is said of a text the grammar does not accept?

use super::source::Source;
use crate::Lexing;
use crate::token::{Kind, Lexer};
use exchange::Unjudged;

/// Longest token repeated in a message: the longest name.
const TOKEN_BYTES_MAX: usize = 63;

/// Longest text whose error is looked for: finding it takes a few more parses.
const SEARCHED_BYTES_MAX: usize = 64 * 1024;

/// Most parses to find an error's place among equal tokens.
const SEARCHES_MAX: usize = 16;

/// What the library's bindings put before the parser's words.
const INTRODUCTION: &str = "Invalid statement: ";

/// The words before the token an error is at.
const NEAR: &str = " at or near \"";

/// What follows from the library's `error` about the text. `bare`: nothing of it may be repeated.
pub(crate) fn rejected(error: &str, source: &Source<'_>, bare: bool) -> Unjudged {
    let message = error.strip_prefix(INTRODUCTION).unwrap_or(error);
    let position = offset(message, source.text()).and_then(|offset| source.character(offset));
    Unjudged::Syntax { position, message: discreet(message, bare).into() }
}

/// The message without what it quotes of the text, unless that is one word or sign.
fn discreet(message: &str, bare: bool) -> String {
    let (words, quoted) = match message.split_once(NEAR) {
        Some((words, quoted)) => (words, quoted.strip_suffix('"')),
        None => (message, None),
    };
    // Some messages repeat names and literals behind a colon or in quotes of their own.
    let plain = words.split([':', '"']).next().unwrap_or_default().trim_end();
    match quoted.filter(|token| !bare && plain.len() == words.len() && is_harmless(token)) {
        Some(token) => format!("{plain}{NEAR}{token}\""),
        None => plain.to_owned(),
    }
}

/// Whether `token` is one token and no literal, whole or in part.
fn is_harmless(token: &str) -> bool {
    let mut tokens = Lexer::new(token.as_bytes(), Lexing::default());
    let only = tokens.next();
    token.len() <= TOKEN_BYTES_MAX
        && tokens.next().is_none()
        && only.is_some_and(|one| {
            matches!(one.kind, Kind::Word(_) | Kind::Operator | Kind::Cast | Kind::Punctuation(_))
        })
}

/// Where the error is. The library tells the token and not its place: where the token stands more than
/// once, the shortest beginning of the text is looked for that ends with it and is rejected there.
fn offset(message: &str, text: &str) -> Option<usize> {
    if message.ends_with("at end of input") {
        return Some(text.len());
    }
    let token = message.split_once(NEAR)?.1.strip_suffix('"')?;
    if text.len() > SEARCHED_BYTES_MAX {
        return None;
    }
    let places: Vec<(usize, usize)> = Lexer::new(text.as_bytes(), Lexing::default())
        .filter(|one| one.is_significant() && one.bytes(text.as_bytes()) == token.as_bytes())
        .map(|one| (one.start, one.end))
        .collect();
    let (mut low, mut high) = (0, places.len().checked_sub(1)?);
    for _ in 0..SEARCHES_MAX {
        if low == high {
            break;
        }
        let middle = low + (high - low) / 2;
        let beginning = text.get(..places.get(middle)?.1)?;
        match pg_raw_parse::parse(beginning) {
            Err(error) if error.to_string().contains(NEAR) => high = middle,
            _ => low = middle + 1,
        }
    }
    places.get(low).filter(|_| low == high).map(|place| place.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use exchange::Basis;

    #[track_caller]
    fn check(text: &str, expected: &str, at: Option<u32>) {
        let analysis = crate::analyse(text.as_bytes(), Lexing::default());
        match &analysis.statements[0].effects.basis {
            Basis::Unjudged(Unjudged::Syntax { position, message }) => {
                assert_eq!((&**message, *position), (expected, at), "{text}");
            }
            other => panic!("{other:?}: {text}"),
        }
    }

    #[test]
    fn an_error_has_its_place_and_one_token_at_most() {
        check("selec 1", "syntax error at or near \"selec\"", Some(1));
        check("select from from from where", "syntax error at or near \"from\"", Some(13));
        check("select 'é' , (", "syntax error at end of input", Some(15));
        check("select a b c", "syntax error at or near \"c\"", Some(12));
        check("/* é */ select 'é' ) 1", "syntax error at or near \")\"", Some(20));
        check("select ) ) )", "syntax error at or near \")\"", Some(8));
    }

    #[test]
    fn nothing_of_a_literal_is_repeated() {
        check("select 1 'secret'", "syntax error", Some(10));
        check("select 'secret", "unterminated quoted string", Some(8));
        check("select $$secret", "unterminated dollar-quoted string", Some(8));
        check("select a 12345 from t", "syntax error", Some(10));
        check("select 1 from \"hidden", "unterminated quoted identifier", Some(15));
        check("select a.b.c.d.e.f from a.b.c.d.e", "improper qualified name (too many dotted names)", None);
    }
}
