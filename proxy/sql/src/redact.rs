//! How does a statement read without its literals?
//!
//! Every literal becomes `?`, comments go, white space is folded; identifiers, keywords and `$1`
//! stay. The text ends up in files and on screens, so a literal must not leak even when the
//! session is in another state than we were told: as soon as a token's end is disputed (see
//! [`Ending`]) everything behind it could be inside a literal, and is left out. A quoted identifier
//! without an end, or where a password is expected, is taken for a literal as well.

use crate::keyword::Keyword;
use crate::token::{Ending, Kind, Token};
use exchange::Statement;

const ELLIPSIS: &str = "…";

/// Told every token of a statement in order, makes its text.
pub(crate) struct Redactor {
    text: String,
    state: State,
    space: bool,
    previous: Previous,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Writing,
    /// Nothing more may be written.
    Full,
}

/// The word before, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Previous {
    Other,
    Identified,
    Password,
}

impl Redactor {
    /// `source_bytes` is the statement's length, if known; `hidden` when nothing of it may be shown.
    pub(crate) fn new(source_bytes: usize, hidden: bool) -> Redactor {
        let capacity = source_bytes.min(Statement::TEXT_BYTES_MAX);
        let mut redactor = Redactor {
            text: String::with_capacity(if hidden { ELLIPSIS.len() } else { capacity }),
            state: State::Writing,
            space: false,
            previous: Previous::Other,
        };
        if hidden {
            redactor.stop();
        }
        redactor
    }

    /// Takes the statement's next token, space and comments included.
    pub(crate) fn push(&mut self, token: &Token, source: &[u8]) {
        if self.state == State::Full {
            return;
        }
        let bytes = token.bytes(source);
        let previous = std::mem::replace(&mut self.previous, Previous::Other);
        match token.kind {
            Kind::Space | Kind::Comment => {
                self.space = !self.text.is_empty();
                self.previous = previous;
            }
            Kind::Literal | Kind::Number => self.write("?"),
            Kind::QuotedIdentifier | Kind::UnicodeIdentifier
                if token.ending != Ending::Certain || previous == Previous::Password =>
            {
                self.write("?");
            }
            Kind::Word(keyword) => {
                self.previous = following(previous, keyword);
                self.write_bytes(bytes);
            }
            Kind::Other(byte) if !byte.is_ascii_graphic() => self.write("\u{fffd}"),
            Kind::QuotedIdentifier
            | Kind::UnicodeIdentifier
            | Kind::Parameter
            | Kind::Operator
            | Kind::Cast
            | Kind::Punctuation(_)
            | Kind::Other(_) => self.write_bytes(bytes),
        }
        if token.ending == Ending::Disputed {
            self.stop();
        }
    }

    /// The text.
    pub(crate) fn finish(self) -> Box<str> {
        debug_assert!(self.text.len() <= Statement::TEXT_BYTES_MAX);
        self.text.into_boxed_str()
    }

    fn write_bytes(&mut self, bytes: &[u8]) {
        // One token can be as long as the text: no more of it is looked at than can be kept.
        let bytes = bytes.get(..=Statement::TEXT_BYTES_MAX).unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => self.write(text),
            Err(_) => self.write(&String::from_utf8_lossy(bytes)),
        }
    }

    fn write(&mut self, piece: &str) {
        let space = usize::from(std::mem::take(&mut self.space));
        if self.text.len() + space + piece.len() <= Statement::TEXT_BYTES_MAX {
            if space > 0 {
                self.text.push(' ');
            }
            self.text.push_str(piece);
            return;
        }
        if space > 0 && self.text.len() < Statement::TEXT_BYTES_MAX {
            self.text.push(' ');
        }
        let room = Statement::TEXT_BYTES_MAX - self.text.len();
        self.text.push_str(piece.get(..piece.floor_char_boundary(room)).unwrap_or_default());
        self.stop();
    }

    /// Ends the text with `…`, making room for it where there is none.
    fn stop(&mut self) {
        if self.state == State::Full {
            return;
        }
        let room = Statement::TEXT_BYTES_MAX - ELLIPSIS.len();
        if self.text.len() > room {
            self.text.truncate(self.text.floor_char_boundary(room));
        }
        self.text.push_str(ELLIPSIS);
        self.state = State::Full;
    }
}

/// What a word says of the token behind it: `PASSWORD` and `IDENTIFIED BY` expect a secret.
fn following(previous: Previous, keyword: Keyword) -> Previous {
    match keyword {
        Keyword::Password => Previous::Password,
        Keyword::Identified => Previous::Identified,
        Keyword::By if previous == Previous::Identified => Previous::Password,
        _ => Previous::Other,
    }
}

#[cfg(test)]
mod tests;
