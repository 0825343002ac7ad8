//! Where in a text does something stand, in bytes?

use sql::Lexing;
use sql::token::{Kind, Lexer};
use std::ops::Range;

/// The text without space, comments and semicolons around it.
pub(super) fn whole(text: &str, lexing: Lexing) -> Range<usize> {
    let mut tokens = Lexer::new(text.as_bytes(), lexing)
        .filter(|token| token.is_significant() && token.kind != Kind::Punctuation(b';'));
    let Some(first) = tokens.next() else { return 0..0 };
    first.start..tokens.last().map_or(first.end, |last| last.end)
}

/// From the second statement on, if there is one.
pub(super) fn second(text: &str, lexing: Lexing) -> Option<Range<usize>> {
    let (mut begun, mut ended) = (false, false);
    for token in Lexer::new(text.as_bytes(), lexing).filter(sql::token::Token::is_significant) {
        match token.kind {
            Kind::Punctuation(b';') => ended = begun,
            _ if ended => return Some(token.start..text.len()),
            _ => begun = true,
        }
    }
    None
}

/// The token at a position as PostgreSQL counts: in characters from 1.
pub(super) fn at(text: &str, position: u32, lexing: Lexing) -> Range<usize> {
    let skipped = usize::try_from(position.saturating_sub(1)).unwrap_or(usize::MAX);
    let start = text.char_indices().nth(skipped).map_or(text.len(), |(at, _)| at);
    let token = Lexer::new(text.as_bytes(), lexing).find(|token| token.end > start);
    match token {
        Some(token) if text.is_char_boundary(token.end) => start..token.end,
        _ => start..text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bytes_of_tokens() {
        let lexing = Lexing::default();
        assert_eq!(whole(" /* a */ SELECT 1 ; -- b", lexing), 9..17);
        assert_eq!(whole(" -- nothing", lexing), 0..0);
        assert_eq!(second("SELECT 1; ; SELECT 2", lexing), Some(12..20));
        assert_eq!(second("; SELECT ';' ;", lexing), None);
        assert_eq!(at("SELECT 'ü' FORM t", 12, lexing), 12..16);
        assert_eq!(at("SELECT", 99, lexing), 6..6);
    }
}
