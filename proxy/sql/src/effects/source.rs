//! What is handed to the grammar for a text?
//!
//! The grammar's library reads UTF-8 and knows `standard_conforming_strings = on` only. Bytes that are
//! not UTF-8 are taken as Latin-1, which keeps every token where it is; a plain literal that holds a
//! backslash while the setting is off is written as `E'…'`, which reads by the same rules. Comments
//! become space: the library takes the square of a comment's length for those within others, and
//! does not continue a literal behind one.

use crate::Lexing;
use crate::token::{Ending, Kind, Lexer, Token};
use exchange::Unjudged;
use std::borrow::Cow;

/// What is written before a plain literal to make its backslashes escapes. The space keeps it from
/// becoming part of a word.
const ESCAPE_PREFIX: &str = " E";

/// A text as the grammar's library can read it.
pub(crate) struct Source<'text> {
    original: &'text [u8],
    text: Cow<'text, str>,
    /// Where in the original something was put in before, in order.
    insertions: Vec<usize>,
    /// Whether bytes from 0x80 on have become two.
    latin: bool,
}

impl<'text> Source<'text> {
    /// `comments`: whether the text has any. `Err` says why it is not to be parsed.
    pub(crate) fn new(
        original: &'text [u8],
        lexing: Lexing,
        comments: bool,
    ) -> Result<Source<'text>, Unjudged> {
        let escapes = lexing != Lexing::default() && original.contains(&b'\\');
        let valid = std::str::from_utf8(original).ok();
        let latin = valid.is_none();
        if let Some(text) = valid.filter(|_| !escapes && !comments) {
            return Ok(Source { original, text: Cow::Borrowed(text), insertions: Vec::new(), latin });
        }
        let bytes = if latin { characters(original) } else { original.len() };
        let mut writer = Writer { text: String::with_capacity(bytes), insertions: Vec::new() };
        for token in Lexer::new(original, lexing) {
            writer.token(&token, original, latin, escapes)?;
        }
        Ok(Source { original, text: Cow::Owned(writer.text), insertions: writer.insertions, latin })
    }

    /// What the library reads.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether names read from it are those of the text, character by character.
    pub(crate) fn is_exact(&self) -> bool {
        !self.latin
    }

    /// Which character of the original, from 1, stands at `offset` of [`Source::text`].
    pub(crate) fn character(&self, offset: usize) -> Option<u32> {
        let mut insertions = self.insertions.iter().peekable();
        let (mut at, mut characters) = (0, 1u32);
        for (place, byte) in self.original.iter().enumerate() {
            at += if insertions.next_if_eq(&&place).is_some() { ESCAPE_PREFIX.len() } else { 0 };
            if at >= offset {
                break;
            }
            at += if self.latin && *byte >= 0x80 { 2 } else { 1 };
            characters = characters.checked_add(u32::from(self.latin || byte & 0xc0 != 0x80))?;
        }
        Some(characters)
    }

    /// Tells where offsets of the original are in [`Source::text`], asked for in ascending order.
    pub(crate) fn places(&self) -> Places<'_> {
        Places { source: self, at: 0, high: 0, insertions: 0 }
    }
}

/// See [`Source::places`].
pub(crate) struct Places<'source> {
    source: &'source Source<'source>,
    at: usize,
    high: usize,
    insertions: usize,
}

impl Places<'_> {
    /// Where what begins at `offset` of the original begins in the text that is read.
    pub(crate) fn place(&mut self, offset: usize) -> usize {
        if self.source.latin {
            let passed = self.source.original.get(self.at..offset).unwrap_or_default();
            self.high += passed.iter().filter(|byte| **byte >= 0x80).count();
            self.at = offset;
        }
        while self.source.insertions.get(self.insertions).is_some_and(|place| *place <= offset) {
            self.insertions += 1;
        }
        offset + self.high + self.insertions * ESCAPE_PREFIX.len()
    }
}

/// Writes a text anew, token by token.
struct Writer {
    text: String,
    insertions: Vec<usize>,
}

impl Writer {
    fn token(&mut self, token: &Token, original: &[u8], latin: bool, escapes: bool) -> Result<(), Unjudged> {
        let bytes = token.bytes(original);
        match (token.kind, bytes.first()) {
            (Kind::Comment, _) if token.ending == Ending::Missing => {
                let before = original.get(..token.start).unwrap_or_default();
                let characters = before.iter().filter(|byte| latin || **byte & 0xc0 != 0x80).count();
                let position = u32::try_from(characters + 1).ok();
                return Err(Unjudged::Syntax { position, message: "unterminated /* comment".into() });
            }
            (Kind::Comment, _) => {
                // One space for each byte that is read, so that places stay what they are.
                let count = if latin { characters(bytes) } else { bytes.len() };
                self.text.extend(std::iter::repeat_n(' ', count));
                return Ok(());
            }
            (Kind::Literal, Some(b'\'')) if escapes && bytes.contains(&b'\\') => {
                self.insertions.push(token.start);
                self.text.push_str(ESCAPE_PREFIX);
            }
            (Kind::Literal, Some(b'n' | b'N' | b'u' | b'U')) if escapes && bytes.contains(&b'\\') => {
                let why = "a literal whose reading depends on standard_conforming_strings";
                return Err(Unjudged::Ambiguous(why));
            }
            _ => {}
        }
        if latin {
            self.text.extend(bytes.iter().map(|byte| *byte as char));
        } else {
            self.text.push_str(&String::from_utf8_lossy(bytes));
        }
        Ok(())
    }
}

/// Bytes that a text of Latin-1 takes as UTF-8.
fn characters(bytes: &[u8]) -> usize {
    bytes.len() + bytes.iter().filter(|byte| **byte >= 0x80).count()
}
