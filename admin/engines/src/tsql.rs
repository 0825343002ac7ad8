//! Is a text for SQL Server one query that only reads?
//!
//! SQL Server has no transaction that only reads, so what may reach it is decided here, by an allowlist: the
//! text is read as one `SELECT`, every word of it has to have its place in that, and every function has to be one
//! that is known to do nothing but compute. What is not known is refused. The rollback after every statement is the second
//! wall, and the privileges of the login are the third.
//!
//! ```text
//! text ──lexer──> tokens ──query, expression──> a query, or where and why it is none
//! ```

mod expression;
mod lexer;
mod query;
mod words;

use lexer::{Kind, Token};
use std::ops::Range;

/// Deepest nesting of parentheses, queries and CASE: beyond it a text is refused, not read.
const DEPTH_MAX: usize = 64;

/// Why a text may not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong, lowercase; quotes only words of the language and names of functions.
    pub message: String,
    /// What helps.
    pub hint: &'static str,
    /// Where in the text, in bytes.
    pub span: Range<usize>,
}

impl Refusal {
    fn new(message: impl Into<String>, hint: &'static str, span: Range<usize>) -> Refusal {
        Refusal { message: message.into(), hint, span }
    }

    /// The first character it is about, counted from 1.
    pub fn position(&self, text: &str) -> u32 {
        let before = text.get(..self.span.start).map_or(0, |before| before.chars().count());
        u32::try_from(before).unwrap_or(u32::MAX - 1).saturating_add(1)
    }
}

/// Whether `text` is one query that only reads. `Err` says why it may not run.
pub fn check(text: &str) -> Result<(), Refusal> {
    let tokens = lexer::read(text)?;
    if tokens.is_empty() {
        return Err(Refusal::new("there is no statement in this text", "write a query", 0..0));
    }
    let mut parser = Parser { text, tokens: &tokens, at: 0, depth: 0 };
    query::statement(&mut parser)
}

/// Reads tokens from the first to the last.
struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

type Read = Result<(), Refusal>;

impl Parser<'_> {
    fn ahead(&self, by: usize) -> Option<&Token> {
        self.tokens.get(self.at.saturating_add(by))
    }

    /// The next token's text in upper case where it is a word without quotes, else nothing.
    fn word_ahead(&self, by: usize) -> &str {
        match self.ahead(by) {
            Some(Token { kind: Kind::Word { upper }, .. }) => upper,
            _ => "",
        }
    }

    fn is_word(&self, word: &str) -> bool {
        self.word_ahead(0) == word
    }

    fn is_sign(&self, sign: &str) -> bool {
        self.sign_ahead(0) == sign
    }

    fn sign_ahead(&self, by: usize) -> &'static str {
        match self.ahead(by) {
            Some(Token { kind: Kind::Sign(sign), .. }) => sign,
            _ => "",
        }
    }

    fn skip(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    /// Steps over what is next, which has its place here.
    fn step(&mut self) -> Read {
        self.skip();
        Ok(())
    }

    /// Steps over the word if it is next.
    fn takes(&mut self, word: &str) -> bool {
        let is = self.is_word(word);
        if is {
            self.skip();
        }
        is
    }

    /// Steps over the sign if it is next.
    fn takes_sign(&mut self, sign: &str) -> bool {
        let is = self.is_sign(sign);
        if is {
            self.skip();
        }
        is
    }

    fn needs(&mut self, word: &str) -> Read {
        if self.takes(word) { Ok(()) } else { Err(self.unexpected(&format!("`{word}` is missing here"))) }
    }

    fn needs_sign(&mut self, sign: &str) -> Read {
        if self.takes_sign(sign) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{sign}` is missing here")))
        }
    }

    /// Where the next token is; the end of the text where there is none.
    fn place(&self) -> Range<usize> {
        let end = self.text.len();
        self.ahead(0).map_or(end..end, |token| token.span.clone())
    }

    fn refuse(&self, message: impl Into<String>, hint: &'static str) -> Refusal {
        Refusal::new(message, hint, self.place())
    }

    /// The next token has no place here; the words that do something are called by their names.
    fn unexpected(&self, what: &str) -> Refusal {
        let word = self.word_ahead(0);
        if let Some((message, hint)) = words::reason(word, self.word_ahead(1), self.word_ahead(2)) {
            return self.refuse(message, hint);
        }
        if words::is_reserved(word) {
            let message = format!("`{word}` has no place here in what is read as one query");
            return self.refuse(message, words::HINT);
        }
        self.refuse(what, words::HINT)
    }

    /// Goes one level deeper for `read`.
    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Read) -> Read {
        if self.depth >= DEPTH_MAX {
            let message = format!("the query is nested deeper than {DEPTH_MAX} levels");
            return Err(self.refuse(message, "use WITH for its parts"));
        }
        self.depth += 1;
        let result = read(self);
        self.depth = self.depth.saturating_sub(1);
        result
    }

    /// Whether what is next can be a part of a name: a word that is not reserved, or something quoted.
    fn is_name(&self, by: usize) -> bool {
        match self.ahead(by).map(|token| &token.kind) {
            Some(Kind::Quoted) => true,
            Some(Kind::Word { upper }) => !words::is_reserved(upper),
            _ => false,
        }
    }

    /// One name without dots.
    fn name(&mut self) -> Read {
        if !self.is_name(0) {
            return Err(self.unexpected("a name is missing here"));
        }
        self.skip();
        Ok(())
    }

    /// A name of up to three parts: a database's, a schema's, an object's. Four would lead to another server.
    fn object(&mut self) -> Read {
        let begin = self.place();
        self.name()?;
        let mut dots = 0_usize;
        while self.takes_sign(".") {
            dots += 1;
            if self.is_sign(".") {
                continue;
            }
            self.name()?;
        }
        if dots > 2 {
            let message = "a name of four parts leads to another server, which is not asked from here";
            let hint = "connect to that server";
            return Err(Refusal::new(message, hint, begin.start..self.place().start));
        }
        Ok(())
    }

    /// Names in parentheses.
    fn names(&mut self) -> Read {
        self.needs_sign("(")?;
        loop {
            self.name()?;
            if !self.takes_sign(",") {
                return self.needs_sign(")");
            }
        }
    }
}

#[cfg(test)]
mod tests;
