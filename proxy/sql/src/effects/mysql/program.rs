//! Does a stored program end where the statement does?
//!
//! A `;` inside a program's blocks separates nothing that the client asked for, and the text was divided by words that
//! may also be names. Here the blocks have to nest as the servers' grammar has them, with no such word anywhere else: then
//! all of it is the program's, and no statement hides behind it.

use super::reader::{Read, Reader};
use crate::token::Kind;
use exchange::Unjudged;

/// What a word opened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Begin,
    If,
    Case,
    /// A CASE that is a value.
    Value,
    Loop,
    While,
    Repeat,
    For,
}

impl Block {
    /// The word behind its END.
    fn closing(self) -> &'static str {
        match self {
            Block::Begin | Block::Value => "",
            Block::If => "if",
            Block::Case => "case",
            Block::Loop => "loop",
            Block::While => "while",
            Block::Repeat => "repeat",
            Block::For => "for",
        }
    }
}

/// Where in a program we are.
struct Blocks {
    open: Vec<Block>,
    /// A statement may begin here.
    starts: bool,
    /// The statement declares what is done about errors: a block may follow.
    handles: bool,
    /// The condition of a REPEAT is read.
    until: bool,
    /// No block was opened yet.
    heading: bool,
}

const AMBIGUOUS: Unjudged = Unjudged::Ambiguous("where a stored program ends");

/// The words that statements begin with, but for blocks, DO and SET; in ascending order.
const BODIES: &[&str] = &[
    "alter",
    "analyze",
    "binlog",
    "cache",
    "call",
    "change",
    "check",
    "checksum",
    "close",
    "commit",
    "create",
    "deallocate",
    "declare",
    "delete",
    "desc",
    "describe",
    "drop",
    "execute",
    "explain",
    "fetch",
    "flush",
    "get",
    "grant",
    "handler",
    "help",
    "insert",
    "install",
    "iterate",
    "kill",
    "leave",
    "load",
    "lock",
    "open",
    "optimize",
    "prepare",
    "purge",
    "release",
    "rename",
    "repair",
    "replace",
    "reset",
    "resignal",
    "return",
    "revoke",
    "rollback",
    "savepoint",
    "select",
    "show",
    "shutdown",
    "signal",
    "stop",
    "table",
    "truncate",
    "uninstall",
    "unlock",
    "update",
    "use",
    "values",
    "with",
    "xa",
];

impl<'a> Reader<'a> {
    /// Takes the rest of the statement, which is a stored program or its body.
    pub(super) fn program(&mut self) -> Read {
        let mut depth = 0usize;
        let mut blocks =
            Blocks { open: Vec::new(), starts: false, handles: false, until: false, heading: true };
        while let Some(kind) = self.kind() {
            let behind_dot = self.tokens.kind(self.at.wrapping_sub(1)) == Some(Kind::Punctuation(b'.'));
            match kind {
                Kind::Punctuation(b';') if blocks.open.is_empty() => return Err(AMBIGUOUS),
                Kind::Punctuation(b'(') => (blocks.starts, depth) = (false, depth + 1),
                Kind::Punctuation(b')') => (blocks.starts, depth) = (false, depth.saturating_sub(1)),
                Kind::Punctuation(b';' | b':') => (blocks.starts, blocks.handles) = (true, false),
                Kind::Word(_) if !behind_dot => {
                    let word = self.word();
                    if blocks.heading && depth == 0 && self.begins_body(word) {
                        // The body is this statement alone, so its first `;` ends it.
                        return self.one_statement();
                    }
                    if word == "end" {
                        self.closes(&mut blocks)?;
                    } else {
                        self.opens(&mut blocks, word)?;
                    }
                }
                _ => blocks.starts = false,
            }
            self.skip();
        }
        if blocks.open.is_empty() { Ok(()) } else { Err(AMBIGUOUS) }
    }

    /// Whether a statement other than a block begins here, where a program's heading may still go on.
    fn begins_body(&self, word: &str) -> bool {
        let before = self.tokens.word(self.at.wrapping_sub(1));
        match word {
            "set" => !matches!(before, "character" | "char"),
            _ => BODIES.binary_search(&word).is_ok(),
        }
    }

    fn one_statement(&mut self) -> Read {
        while let Some(kind) = self.kind() {
            if kind == Kind::Punctuation(b';') {
                return Err(AMBIGUOUS);
            }
            self.skip();
        }
        Ok(())
    }

    fn opens(&mut self, blocks: &mut Blocks, word: &str) -> Read {
        let starts = std::mem::take(&mut blocks.starts);
        let first = blocks.heading && blocks.open.is_empty();
        let opened = match word {
            "begin" if starts || first || blocks.handles => Block::Begin,
            "begin" => return Err(AMBIGUOUS),
            "case" if starts => Block::Case,
            "case" => Block::Value,
            "if" if starts
                || (first
                    && !self.sign_at(1, b'(')
                    && self.word_at(1) != "not"
                    && self.word_at(1) != "exists") =>
            {
                Block::If
            }
            "loop" if starts || first => Block::Loop,
            "while" if starts || first => Block::While,
            "repeat" if starts || (first && !self.sign_at(1, b'(')) => Block::Repeat,
            "for" if starts => Block::For,
            "then" | "else" => {
                blocks.starts = matches!(blocks.open.last(), Some(Block::If | Block::Case));
                return Ok(());
            }
            "do" => {
                blocks.starts = matches!(blocks.open.last(), Some(Block::While | Block::For)) || first;
                return Ok(());
            }
            "handler" => {
                blocks.handles = true;
                return Ok(());
            }
            // Its condition has no `;` behind it.
            "until" if starts => {
                blocks.until = blocks.open.last() == Some(&Block::Repeat);
                return Ok(());
            }
            _ => return Ok(()),
        };
        blocks.handles = false;
        blocks.heading &= opened == Block::Value;
        blocks.starts = matches!(opened, Block::Begin | Block::Loop | Block::Repeat);
        blocks.open.push(opened);
        Ok(())
    }

    fn closes(&mut self, blocks: &mut Blocks) -> Read {
        let Some(open) = blocks.open.pop() else { return Err(AMBIGUOUS) };
        if open == Block::Value {
            blocks.starts = false;
            return Ok(());
        }
        let until = std::mem::take(&mut blocks.until) && open == Block::Repeat;
        if !blocks.starts && !until {
            return Err(AMBIGUOUS);
        }
        let closing = open.closing();
        if !closing.is_empty() {
            self.skip();
            if self.word() != closing {
                return Err(AMBIGUOUS);
            }
        }
        blocks.starts = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::BODIES;

    #[test]
    fn the_list_can_be_searched() {
        assert!(BODIES.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
