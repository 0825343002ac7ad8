//! How does a statement read without its literals?
//!
//! Every literal becomes `?`, comments go, white space is folded; identifiers, keywords and `$1`
//! stay. The text ends up in files and on screens, so a literal must not leak even when the
//! session is in another state than we were told: as soon as a token's end is disputed (see
//! [`Ending`]) everything behind it could be inside a literal, and is left out. A quoted identifier
//! without an end, or where a password is expected, is taken for a literal as well.

mod secret;

use crate::token::{Ending, Kind, Token};
use exchange::Statement;
use secret::{Show, Watch};
use std::ops::Range;

const ELLIPSIS: &str = "…";

/// Told every token of a statement in order, makes its text.
pub(crate) struct Redactor {
    text: String,
    state: State,
    /// Whether space stands between what was taken last and what comes next.
    space: bool,
    /// What was taken last and stays as it stands: most of a statement is copied in long pieces.
    run: Range<usize>,
    watch: Watch,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Writing,
    /// Nothing more may be written.
    Full,
}

impl Redactor {
    /// `source_bytes` is the statement's length, if known; `hidden` when nothing of it may be shown.
    pub(crate) fn new(source_bytes: usize, hidden: bool) -> Redactor {
        let capacity = source_bytes.min(Statement::TEXT_BYTES_MAX);
        let mut redactor = Redactor {
            text: String::with_capacity(if hidden { ELLIPSIS.len() } else { capacity }),
            state: State::Writing,
            space: false,
            run: 0..0,
            watch: Watch::default(),
        };
        if hidden {
            redactor.stop();
        }
        redactor
    }

    /// Takes the statement's next token, space and comments included.
    #[inline]
    pub(crate) fn push(&mut self, token: &Token, source: &[u8]) {
        if self.state == State::Full {
            return;
        }
        if !token.is_significant() {
            self.space = true;
            return self.stop_if_disputed(token);
        }
        match (self.watch.look(token, source), token.kind) {
            (Show::Nothing, _) => return self.stop_behind(source),
            (Show::Hidden, _) => self.replace("?", source),
            (Show::AsItIs, Kind::Literal | Kind::Number) => self.replace("?", source),
            (Show::AsItIs, Kind::Other(byte)) if !byte.is_ascii_graphic() => self.replace("\u{fffd}", source),
            (Show::AsItIs, _) => self.keep(token, source),
        }
        self.stop_if_disputed(token);
    }

    fn stop_if_disputed(&mut self, token: &Token) {
        if token.ending == Ending::Disputed {
            self.stop();
        }
    }

    /// The text.
    pub(crate) fn finish(mut self, source: &[u8]) -> Box<str> {
        self.write_run(source);
        debug_assert!(self.text.len() <= Statement::TEXT_BYTES_MAX);
        self.text.into_boxed_str()
    }

    /// Shows nothing more, but what was taken before.
    fn stop_behind(&mut self, source: &[u8]) {
        self.write_run(source);
        self.stop();
    }

    fn keep(&mut self, token: &Token, source: &[u8]) {
        let end = self.run.end + usize::from(self.space);
        let joins = !self.run.is_empty()
            && end == token.start
            && (!self.space || source.get(self.run.end) == Some(&b' '));
        if joins {
            self.run.end = token.end;
            self.space = false;
            return;
        }
        self.write_run(source);
        self.write_space();
        self.run = token.start..token.end;
    }

    fn replace(&mut self, replacement: &str, source: &[u8]) {
        self.write_run(source);
        self.write_space();
        self.write(replacement);
    }

    fn write_run(&mut self, source: &[u8]) {
        let run = std::mem::replace(&mut self.run, 0..0);
        let bytes = source.get(run).unwrap_or_default();
        // A run can be as long as the text: no more of it is looked at than can be kept.
        let bytes = bytes.get(..=Statement::TEXT_BYTES_MAX).unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => self.write(text),
            Err(_) => self.write(&String::from_utf8_lossy(bytes)),
        }
    }

    fn write_space(&mut self) {
        if std::mem::take(&mut self.space) && !self.text.is_empty() {
            self.write(" ");
        }
    }

    fn write(&mut self, piece: &str) {
        if self.state == State::Full {
            return;
        }
        let room = Statement::TEXT_BYTES_MAX - self.text.len();
        self.text.push_str(piece.get(..piece.floor_char_boundary(room)).unwrap_or_default());
        if piece.len() > room {
            self.stop();
        }
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

#[cfg(test)]
mod tests;
