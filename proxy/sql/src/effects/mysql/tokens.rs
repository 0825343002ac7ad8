//! Which tokens does a MySQL statement consist of, and which names do they spell?
//!
//! The tokens are the lexer's, without space and comments; a name is told as it is written, and folded. Bytes that are
//! not UTF-8 may stand in literals only: a name of them could be any.

use super::super::bounds::TOKENS_MAX;
use crate::token::{Ending, Kind, Lexer, Token};
use exchange::Unjudged;
use std::borrow::Cow;

/// Longest name read: the servers take names of 64 characters, and aliases of 256.
const NAME_BYTES_MAX: usize = 1_024;

/// Room for the tokens of most statements at once.
const TOKENS_EXPECTED_MAX: usize = 256;

/// A token in few bytes: there can be a million.
#[derive(Clone, Copy)]
struct Spot {
    start: u32,
    end: u32,
    /// Where its lower case begins in [`Tokens::lower`], if it is a name.
    lower: u32,
    kind: Kind,
}

/// The significant tokens of one statement.
pub(super) struct Tokens<'text> {
    text: &'text [u8],
    /// The names one behind the other, in lower case.
    lower: String,
    list: Vec<Spot>,
    /// Names in which a quote is doubled, by the offset they begin at.
    unescaped: Vec<(u32, String, String)>,
}

impl<'text> Tokens<'text> {
    /// Reads all of them; `lexer` stands before the statement and ends with it.
    pub(super) fn read(lexer: Lexer<'text>) -> Result<Tokens<'text>, Unjudged> {
        let text = lexer.text();
        let room = (text.len() / 4 + 4).min(TOKENS_EXPECTED_MAX);
        let mut tokens =
            Tokens { text, lower: String::new(), list: Vec::with_capacity(room), unescaped: Vec::new() };
        tokens.lower.reserve(text.len().min(4 * TOKENS_EXPECTED_MAX));
        let unsettled = lexer.is_unsettled();
        for token in lexer {
            // A name, or a literal.
            if unsettled && token.bytes(text).first() == Some(&b'"') {
                return Err(Unjudged::Ambiguous("a statement before it decides what is quoted"));
            }
            // Also of a comment: hints may act.
            if token.ending == Ending::Disputed {
                return Err(Unjudged::Ambiguous("where its literals, names and comments end"));
            }
            if token.is_significant() {
                tokens.push(&token)?;
            }
        }
        Ok(tokens)
    }

    fn push(&mut self, token: &Token) -> Result<(), Unjudged> {
        if token.ending == Ending::Missing {
            let position = self.character(token.start);
            return Err(Unjudged::Syntax {
                position,
                message: "a literal, name or comment has no end".into(),
            });
        }
        if self.list.len() >= TOKENS_MAX {
            return Err(Unjudged::TooLarge("more than 1,000,000 tokens".into()));
        }
        let offset = |offset: usize| {
            u32::try_from(offset).map_err(|_| Unjudged::TooLarge("more than 4 GiB of text".into()))
        };
        let (start, end) = (offset(token.start)?, offset(token.end)?);
        let lower = offset(self.lower.len())?;
        if matches!(token.kind, Kind::Word(_) | Kind::QuotedIdentifier | Kind::Variable) {
            self.name_at(token, start)?;
        }
        self.list.push(Spot { start, end, lower, kind: token.kind });
        Ok(())
    }

    /// Checks the name, and keeps it apart where it is not what is written.
    fn name_at(&mut self, token: &Token, start: u32) -> Result<(), Unjudged> {
        let bytes = token.bytes(self.text);
        if bytes.len() > NAME_BYTES_MAX {
            return Err(Unjudged::TooLarge("a name of more than 1,024 bytes".into()));
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Err(Unjudged::Ambiguous("a name that is not UTF-8"));
        };
        let from = self.lower.len();
        self.lower.push_str(text);
        if let Some(name) = self.lower.get_mut(from..) {
            name.make_ascii_lowercase();
        }
        if token.kind == Kind::QuotedIdentifier {
            let inside = inside(text);
            if let Some(quote) = text.chars().next().filter(|quote| inside.contains(*quote)) {
                let name = inside.replace(&format!("{quote}{quote}"), &quote.to_string());
                let lower = name.to_ascii_lowercase();
                self.unescaped.push((start, name, lower));
            }
        }
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.list.get(at).map(|spot| spot.kind)
    }

    /// Where the token begins.
    pub(super) fn start(&self, at: usize) -> Option<usize> {
        self.list.get(at).map(|spot| spot.start as usize)
    }

    /// The token's own bytes.
    pub(super) fn bytes(&self, at: usize) -> &'text [u8] {
        self.list.get(at).map_or(&[], |spot| self.written(spot))
    }

    fn written(&self, spot: &Spot) -> &'text [u8] {
        self.text.get(spot.start as usize..spot.end as usize).unwrap_or_default()
    }

    fn lowered(&self, spot: &Spot) -> &str {
        let (from, length) = (spot.lower as usize, (spot.end - spot.start) as usize);
        self.lower.get(from..from + length).unwrap_or_default()
    }

    /// The word in lower case; empty for what is no unquoted word, and for a name with a dot and another at once behind
    /// it: the servers do not look whether such a one is a keyword.
    pub(super) fn word(&self, at: usize) -> &str {
        match self.list.get(at) {
            Some(spot) if matches!(spot.kind, Kind::Word(_)) && !self.qualifies(at, spot.end) => {
                self.lowered(spot)
            }
            _ => "",
        }
    }

    fn qualifies(&self, at: usize, end: u32) -> bool {
        let dot = self.list.get(at + 1).filter(|dot| dot.kind == Kind::Punctuation(b'.') && dot.start == end);
        let name = dot.and_then(|dot| self.list.get(at + 2).filter(|name| name.start == dot.end));
        name.is_some_and(|name| matches!(name.kind, Kind::Word(_)))
    }

    /// What the name at `at` spells, as it is written and in lower case.
    pub(super) fn name(&self, at: usize) -> Option<(&str, &str)> {
        let spot = self.list.get(at)?;
        match spot.kind {
            Kind::Word(_) => Some((text(self.written(spot)), self.lowered(spot))),
            Kind::QuotedIdentifier => {
                let kept = self.unescaped.binary_search_by_key(&spot.start, |(start, ..)| *start).ok();
                match kept.and_then(|place| self.unescaped.get(place)) {
                    Some((_, written, lower)) => Some((written, lower)),
                    None => Some((inside(text(self.written(spot))), inside(self.lowered(spot)))),
                }
            }
            _ => None,
        }
    }

    /// What the literal at `at` stands for, if it is one string.
    pub(super) fn string(&self, at: usize, escapes: bool) -> Option<Cow<'text, [u8]>> {
        (self.kind(at)? == Kind::Literal).then(|| unescaped(self.bytes(at), escapes)).flatten()
    }

    /// Whether only space stands between the tokens at `at` and behind it, or nothing.
    pub(super) fn follows_at_once(&self, at: usize) -> bool {
        match (self.list.get(at), self.list.get(at + 1)) {
            (Some(one), Some(next)) => one.end == next.start,
            _ => false,
        }
    }

    /// The place of an offset in characters from 1.
    pub(super) fn character(&self, offset: usize) -> Option<u32> {
        let before = self.text.get(..offset)?;
        let characters = before.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        u32::try_from(characters + 1).ok()
    }

    /// Where the text ends, in characters from 1.
    pub(super) fn end(&self) -> Option<u32> {
        self.character(self.text.len())
    }
}

/// What stands between the quotes.
fn inside(quoted: &str) -> &str {
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default()
}

/// Names were checked when they were read.
fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// The bytes a string literal stands for; `None` for what is none (`x'41'`, `b'1'`).
fn unescaped(literal: &[u8], escapes: bool) -> Option<Cow<'_, [u8]>> {
    let opening = literal.iter().position(|byte| matches!(byte, b'\'' | b'"'))?;
    if matches!(literal.first(), Some(b'x' | b'X' | b'b' | b'B')) {
        return None;
    }
    let quote = *literal.get(opening)?;
    let inside = literal.get(opening + 1..literal.len().checked_sub(1)?)?;
    if !(inside.contains(&quote) || escapes && inside.contains(&b'\\')) {
        return Some(Cow::Borrowed(inside));
    }
    let mut bytes = Vec::with_capacity(inside.len());
    let mut rest = inside.iter().copied();
    while let Some(byte) = rest.next() {
        match byte {
            b'\\' if escapes => match rest.next()? {
                b'0' => bytes.push(0),
                b'b' => bytes.push(8),
                b'n' => bytes.push(b'\n'),
                b'r' => bytes.push(b'\r'),
                b't' => bytes.push(b'\t'),
                b'Z' => bytes.push(26),
                // In a pattern these keep their backslash, and so does the server's literal.
                other @ (b'%' | b'_') => bytes.extend([b'\\', other]),
                other => bytes.push(other),
            },
            _ if byte == quote => {
                rest.next();
                bytes.push(byte);
            }
            _ => bytes.push(byte),
        }
    }
    Some(Cow::Owned(bytes))
}
