//! Where do MySQL's stored programs end?
//!
//! `CREATE PROCEDURE`, `FUNCTION`, `TRIGGER` and `EVENT` have a body, and MariaDB has `BEGIN NOT
//! ATOMIC`: a statement, or a block that holds more of them. Blocks are `BEGIN … END`, `CASE … END`,
//! `IF … END IF`, `LOOP … END LOOP`, `REPEAT … END REPEAT`, `WHILE … END WHILE` and MariaDB's
//! `FOR … END FOR`; a `;` inside one separates nothing that the client asked for.

use crate::keyword::Keyword;
use crate::token::Kind;

/// Told the kind of every token in order, says which of them separate statements.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blocks {
    head: Head,
    /// Blocks we are in.
    open: usize,
    /// One bit for each of the innermost blocks, the last opened lowest: it is a `CASE` that is an
    /// expression, so that no statement begins behind its THEN.
    expressions: u64,
    previous: Previous,
}

/// How far the statement has been recognised as one that has a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Head {
    #[default]
    Start,
    /// Behind `CREATE` or `ALTER`, with `OR REPLACE` and `DEFINER = …`.
    Create,
    /// Behind `BEGIN`.
    Begin,
    Program,
    Other,
}

/// The token before, as far as it matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Previous {
    #[default]
    Other,
    /// A statement may begin here.
    StatementStart,
    /// The same, where this is the end of a program's heading.
    HeadingEnd,
    End,
    /// A dot: a name follows, whatever it looks like.
    Dot,
    /// `BEGIN`, of a block or of a transaction.
    Begin,
}

impl Blocks {
    pub(super) fn ends_at(&mut self, kind: Kind) -> bool {
        if !kind.is_significant() {
            return false;
        }
        let previous = std::mem::take(&mut self.previous);
        match kind {
            Kind::Punctuation(b';') if self.open == 0 => {
                *self = Blocks::default();
                return true;
            }
            Kind::Word(keyword) if previous != Previous::Dot => self.word(keyword, previous),
            Kind::Punctuation(b';' | b':') => {
                self.previous = Previous::StatementStart;
                self.seen_other();
            }
            Kind::Punctuation(b')') | Kind::Literal => {
                self.previous = Previous::HeadingEnd;
                self.seen_other();
            }
            Kind::Punctuation(b'.') => self.previous = Previous::Dot,
            _ => self.seen_other(),
        }
        false
    }

    /// A token that is no word: of a head only `DEFINER = user@host` has some.
    fn seen_other(&mut self) {
        if matches!(self.head, Head::Start | Head::Begin) {
            self.head = Head::Other;
        }
    }

    fn word(&mut self, keyword: Keyword, previous: Previous) {
        match self.head {
            Head::Start => {
                self.head = match keyword {
                    Keyword::Create | Keyword::Alter => Head::Create,
                    Keyword::Begin => Head::Begin,
                    _ => Head::Other,
                };
            }
            Head::Begin => {
                // BEGIN NOT ATOMIC is a block; BEGIN [WORK] begins a transaction.
                self.head = if keyword == Keyword::Not { Head::Program } else { Head::Other };
                self.open = usize::from(self.head == Head::Program);
            }
            Head::Create => match keyword {
                Keyword::Procedure | Keyword::Function | Keyword::Trigger | Keyword::Event => {
                    self.head = Head::Program;
                }
                Keyword::Table | Keyword::View | Keyword::Database | Keyword::Index | Keyword::User => {
                    self.head = Head::Other;
                }
                _ => {}
            },
            Head::Program => self.word_of_program(keyword, previous),
            Head::Other => {}
        }
    }

    fn word_of_program(&mut self, keyword: Keyword, previous: Previous) {
        let starts = matches!(previous, Previous::StatementStart | Previous::HeadingEnd | Previous::Begin);
        match keyword {
            Keyword::Atomic if self.open == 1 => self.previous = Previous::StatementStart,
            Keyword::Begin => {
                self.opens(false);
                self.previous = Previous::Begin;
            }
            Keyword::Case if previous != Previous::End => self.opens(!starts),
            Keyword::If | Keyword::Loop | Keyword::Repeat | Keyword::While if starts => {
                self.opens(false);
                if matches!(keyword, Keyword::Loop | Keyword::Repeat) {
                    self.previous = Previous::StatementStart;
                }
            }
            // Not that of a cursor with parameters.
            Keyword::For if starts && previous != Previous::HeadingEnd => self.opens(false),
            Keyword::End => {
                self.open = self.open.saturating_sub(1);
                self.expressions >>= 1;
                self.previous = Previous::End;
            }
            // DETERMINISTIC, SQL, DATA and ROW may stand before a body that is one statement.
            Keyword::Then | Keyword::Else | Keyword::Do | Keyword::Row | Keyword::Data
                if self.expressions & 1 == 0 =>
            {
                self.previous = Previous::StatementStart;
            }
            _ => {}
        }
    }

    fn opens(&mut self, expression: bool) {
        self.open += 1;
        self.expressions = self.expressions << 1 | u64::from(expression);
    }
}

#[cfg(test)]
mod tests;
