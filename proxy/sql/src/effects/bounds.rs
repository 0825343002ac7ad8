//! Is a text small enough to be given to the grammar?
//!
//! Counted along the tokens, before anything is parsed: the parser's work and memory follow from the
//! number of tokens, its stack from how deep they nest.

use crate::keyword::Keyword;
use crate::token::Kind;

/// Most tokens of a text: each becomes at most a few hundred bytes of the tree.
pub(crate) const TOKENS_MAX: usize = 1_000_000;

/// Most parentheses, brackets, CASE and BEGIN ATOMIC within one another.
pub(crate) const NESTING_MAX: usize = 1_000;

/// Most operators in a row, without a comma or parenthesis in between.
pub(crate) const CHAIN_MAX: usize = 10_000;

/// What was counted so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bounds {
    tokens: usize,
    depth: usize,
    chain: usize,
    exceeded: Option<&'static str>,
}

impl Bounds {
    /// Takes the next significant token.
    #[inline]
    pub(crate) fn push(&mut self, kind: Kind) {
        self.tokens += 1;
        if self.tokens > TOKENS_MAX {
            self.exceeded.get_or_insert("more than 1,000,000 tokens");
        }
        match kind {
            Kind::Punctuation(b'(' | b'[') | Kind::Word(Keyword::Case | Keyword::Atomic) => self.deeper(),
            Kind::Punctuation(b')' | b']') | Kind::Word(Keyword::End) => {
                self.depth = self.depth.saturating_sub(1);
                self.chain = 0;
            }
            Kind::Punctuation(b',' | b';') => self.chain = 0,
            Kind::Operator | Kind::Cast | Kind::Punctuation(b'.') => self.longer(),
            Kind::Word(
                Keyword::And
                | Keyword::Or
                | Keyword::Not
                | Keyword::Is
                | Keyword::Union
                | Keyword::Intersect
                | Keyword::Except
                | Keyword::Join
                | Keyword::Select
                | Keyword::When,
            ) => self.longer(),
            _ => {}
        }
    }

    /// The limit that is exceeded, in words.
    pub(crate) fn exceeded(&self) -> Option<&'static str> {
        self.exceeded
    }

    fn deeper(&mut self) {
        self.depth += 1;
        self.chain = 0;
        if self.depth > NESTING_MAX {
            self.exceeded.get_or_insert("nested deeper than 1,000");
        }
    }

    fn longer(&mut self) {
        self.chain += 1;
        if self.chain > CHAIN_MAX {
            self.exceeded.get_or_insert("more than 10,000 operators in a row");
        }
    }
}
