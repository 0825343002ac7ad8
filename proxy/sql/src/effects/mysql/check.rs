//! Does nothing stand in a statement that its reading did not see?
//!
//! A second look at the tokens, which knows nothing of the grammar: every name before a parenthesis has to be one that
//! was read as a call or a list, and every word that makes a query do more than read has to have been taken for that. If the
//! reading ever goes astray, a statement is not judged rather than judged wrongly.

use super::reader::{Read, Reader};
use super::words;
use crate::token::Kind;
use exchange::Unjudged;

impl<'a> Reader<'a> {
    /// Compares what was read with what stands there.
    pub(super) fn checked(&mut self) -> Read {
        self.called.sort_unstable();
        let mut acting = 0;
        for at in 0..self.tokens.len() {
            let word = self.tokens.word(at);
            let next = self.tokens.kind(at + 1);
            match self.tokens.kind(at) {
                Some(Kind::Word(_) | Kind::QuotedIdentifier) if next == Some(Kind::Punctuation(b'(')) => {
                    let known = words::precedes_parenthesis(word) || self.called.binary_search(&at).is_ok();
                    if !known {
                        return Err(Unjudged::Node("a name before a parenthesis that is no call"));
                    }
                }
                Some(Kind::Operator) if self.tokens.bytes(at) == b":=" => acting += 1,
                _ => {}
            }
            let named = at > 0 && self.tokens.kind(at - 1) == Some(Kind::Punctuation(b'.'));
            if !word.is_empty() && !named {
                acting += usize::from(self.acts_at(at, word));
            }
        }
        if acting == self.understood {
            Ok(())
        } else {
            Err(Unjudged::Node("a word that may write, lock or assign, in a place where it is not known"))
        }
    }

    fn acts_at(&self, at: usize, word: &str) -> bool {
        let next = self.tokens.word(at + 1);
        match word {
            "into" | "outfile" | "dumpfile" | "procedure" => true,
            "for" => matches!(next, "update" | "share"),
            "lock" => next == "in",
            "next" => next == "value" && self.tokens.word(at + 2) == "for",
            _ => false,
        }
    }
}
