//! Does it depend on the client's encoding what the names of a text are?

use crate::Lexing;
use crate::token::{Kind, Lexer, Token};

/// Whether a name, or the tag of a dollar-quoted literal, has a byte beyond ASCII. The server compares
/// these after it has converted them: where different bytes become one character, two names that differ
/// here are one there, and a literal ends elsewhere.
pub fn has_encoded_names(text: &[u8], lexing: Lexing) -> bool {
    !text.is_ascii() && Lexer::new(text, lexing).any(|token| is_encoded(&token, text))
}

fn is_encoded(token: &Token, text: &[u8]) -> bool {
    let bytes = token.bytes(text);
    match token.kind {
        Kind::Space | Kind::Comment | Kind::Number | Kind::Punctuation(_) | Kind::Cast => false,
        Kind::Literal => bytes.strip_prefix(b"$").is_some_and(|rest| {
            let tag = rest.split(|byte| *byte == b'$').next().unwrap_or_default();
            !tag.is_ascii()
        }),
        Kind::Word(_)
        | Kind::QuotedIdentifier
        | Kind::UnicodeIdentifier
        | Kind::Parameter
        | Kind::Variable
        | Kind::Operator
        | Kind::Other(_) => !bytes.is_ascii(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_tags_count_and_what_is_quoted_does_not() {
        let encoded: [&[u8]; 5] = [
            b"select \xa1\xa2",
            b"select \"\xe9\"",
            b"select $\xa1\xa2$ x $\xa1\xa2$",
            b"prepare \xe9 as select 1",
            b"select a\xe9 from t",
        ];
        for text in encoded {
            assert!(has_encoded_names(text, Lexing::default()), "{text:?}");
        }
        let plain: [&[u8]; 5] = [
            b"select '\xe9'",
            b"select $$\xe9$$, $tag$ \xa1\xa2 $tag$",
            b"select 1 /* \xe9 */ -- \xa1",
            b"select E'\xe9'",
            b"select name from t",
        ];
        for text in plain {
            assert!(!has_encoded_names(text, Lexing::default()), "{text:?}");
        }
    }
}
