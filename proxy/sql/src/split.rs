//! Into which statements does the server divide a text?
//!
//! The grammar ends a statement at every `;` that is not inside parentheses (`CREATE RULE … DO
//! (a; b)`) and not inside the body of `CREATE FUNCTION … BEGIN ATOMIC a; b; END`. The `END` of such
//! a body is the only one that can follow a `;` or `ATOMIC`: no statement allowed in the body
//! begins with it, and a `CASE` never ends right there. For every text the grammar accepts the
//! answer is exact; a text it rejects is rejected as a whole, so nothing of it runs.
//!
//! MySQL's stored programs are divided by their blocks: see [`blocks`]. There the answer can be
//! wrong where a column is called `end` or `begin`.

mod blocks;

use crate::Lexing;
use crate::keyword::Keyword;
use crate::token::{Kind, Lexer};
use blocks::Blocks;
use std::ops::Range;

/// Yields the byte range of each statement, from its first token to its last, without its `;`.
/// Statements without any token are dropped, as the server does.
#[derive(Clone, Debug)]
pub struct Statements<'text> {
    lexer: Lexer<'text>,
    splitter: Splitter,
}

impl<'text> Statements<'text> {
    /// Begins at the start of `text`.
    pub fn new(text: &'text [u8], lexing: Lexing) -> Statements<'text> {
        Statements { lexer: Lexer::new(text, lexing), splitter: Splitter::new(lexing) }
    }
}

impl Iterator for Statements<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let mut range: Option<Range<usize>> = None;
        while let Some(token) = self.lexer.next_significant() {
            if self.splitter.ends_at(token.kind) {
                if range.is_some() {
                    return range;
                }
                continue;
            }
            range = Some(range.map_or(token.start, |range| range.start)..token.end);
        }
        range
    }
}

/// Told the kind of every token in order, says which of them separate statements.
#[derive(Clone, Debug)]
pub(crate) enum Splitter {
    Postgres(Bodies),
    Mysql(Blocks),
}

impl Splitter {
    pub(crate) fn new(lexing: Lexing) -> Splitter {
        if lexing.is_mysql() {
            Splitter::Mysql(Blocks::default())
        } else {
            Splitter::Postgres(Bodies::default())
        }
    }

    /// Whether this token is a `;` between statements.
    #[inline]
    pub(crate) fn ends_at(&mut self, kind: Kind) -> bool {
        match self {
            Splitter::Postgres(bodies) => bodies.ends_at(kind),
            Splitter::Mysql(blocks) => blocks.ends_at(kind),
        }
    }
}

/// Where in PostgreSQL's parentheses and bodies we are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bodies {
    parentheses: usize,
    /// Bodies between `BEGIN ATOMIC` and `END` we are in.
    bodies: usize,
    head: Head,
    previous: Previous,
}

/// How far the statement has been recognised as one that may have a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Head {
    #[default]
    Start,
    Create,
    CreateOr,
    CreateOrReplace,
    Routine,
    Other,
}

/// The token before, as far as it matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Previous {
    #[default]
    Other,
    Begin,
    /// `;` inside a body, or `ATOMIC`.
    BodyStart,
}

impl Bodies {
    #[inline]
    fn ends_at(&mut self, kind: Kind) -> bool {
        if !kind.is_significant() {
            return false;
        }
        let previous = std::mem::take(&mut self.previous);
        match kind {
            Kind::Word(keyword) => {
                if self.head != Head::Other || self.bodies > 0 {
                    self.word(keyword, previous);
                }
                return false;
            }
            Kind::Punctuation(b';') if self.parentheses == 0 && self.bodies == 0 => {
                self.head = Head::Start;
                return true;
            }
            Kind::Punctuation(b';') => {
                self.previous = Previous::BodyStart;
                if self.bodies > 0 {
                    self.head = Head::Start;
                }
                return false;
            }
            Kind::Punctuation(b'(') => self.parentheses += 1,
            Kind::Punctuation(b')') => self.parentheses = self.parentheses.saturating_sub(1),
            _ => {}
        }
        if self.head != Head::Routine {
            self.head = Head::Other;
        }
        false
    }

    fn word(&mut self, keyword: Keyword, previous: Previous) {
        if self.bodies > 0 && previous == Previous::BodyStart && keyword == Keyword::End {
            self.bodies -= 1;
            self.head = Head::Other;
            return;
        }
        self.head = match (self.head, keyword) {
            (Head::Start, Keyword::Create) => Head::Create,
            (Head::Create, Keyword::Or) => Head::CreateOr,
            (Head::CreateOr, Keyword::Replace) => Head::CreateOrReplace,
            (Head::Create | Head::CreateOrReplace, Keyword::Function | Keyword::Procedure) => Head::Routine,
            (Head::Routine, Keyword::Begin) => {
                self.previous = Previous::Begin;
                Head::Routine
            }
            (Head::Routine, Keyword::Atomic) if previous == Previous::Begin => {
                self.previous = Previous::BodyStart;
                self.bodies += 1;
                Head::Start
            }
            (Head::Routine, _) => Head::Routine,
            _ => Head::Other,
        };
    }
}

#[cfg(test)]
mod tests;
