//! Which words, signs and literals is a text of T-SQL made of?
//!
//! Where servers or settings could read a text in two ways it is refused: a character that is neither ASCII
//! nor a letter of its own, a comment that some reader might end earlier, a number that runs into a word.

use super::Refusal;
use super::words::HINT;
use std::ops::Range;

/// One piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// In bytes.
    pub(super) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word without quotes; `upper` is it in upper case.
    Word { upper: String },
    /// A name in brackets or double quotes. With `QUOTED_IDENTIFIER OFF` the latter is a string: either way it
    /// ends at the same place.
    Quoted,
    /// `'…'`, `N'…'`
    Text,
    /// `1`, `1.5e3`, `0xFF`
    Number,
    /// `@name`
    Variable { upper: String },
    /// `@@NAME`
    Global { upper: String },
    /// An operator or a mark.
    Sign(&'static str),
}

/// Longest first.
const SIGNS: [&str; 23] = [
    "<>", "<=", ">=", "!=", "!<", "!>", "(", ")", ",", ".", ";", "*", "+", "-", "/", "%", "&", "|", "^", "~",
    "=", "<", ">",
];

/// The tokens of `text`, without space and comments.
pub(super) fn read(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    while lexer.blank()? {
        let begin = lexer.at;
        let kind = lexer.token()?;
        tokens.push(Token { kind, span: begin..lexer.at });
    }
    Ok(tokens)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn refuse<T>(&self, message: &str, from: usize) -> Result<T, Refusal> {
        let to = self.peek().map_or(self.text.len(), |next| self.at + next.len_utf8());
        Err(Refusal::new(message, HINT, from..to.max(from)))
    }

    /// Steps over space and comments; whether something follows.
    fn blank(&mut self) -> Result<bool, Refusal> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r']);
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("--") {
                self.line_comment()?;
            } else if trimmed.starts_with("/*") {
                self.block_comment()?;
            } else {
                return Ok(!trimmed.is_empty());
            }
        }
    }

    fn line_comment(&mut self) -> Result<(), Refusal> {
        let rest = self.rest();
        let end = rest.find('\n').unwrap_or(rest.len());
        let line = rest.get(..end).unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.contains(['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']) {
            return self.refuse("a comment holds a character that could end it", self.at);
        }
        self.at += end;
        Ok(())
    }

    /// Comments are nested: `/* /* */ */` is one.
    fn block_comment(&mut self) -> Result<(), Refusal> {
        let begin = self.at;
        let mut depth = 0_usize;
        loop {
            let rest = self.rest();
            if rest.starts_with("/*") {
                depth += 1;
                self.at += 2;
            } else if rest.starts_with("*/") {
                depth = depth.saturating_sub(1);
                self.at += 2;
                if depth == 0 {
                    return Ok(());
                }
            } else if let Some(next) = self.peek() {
                self.at += next.len_utf8();
            } else {
                return self.refuse("a comment has no end", begin);
            }
        }
    }

    fn token(&mut self) -> Result<Kind, Refusal> {
        let begin = self.at;
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return self.refuse("the text has ended", begin) };
        match first {
            '\'' => self.quoted(begin, '\'', Kind::Text),
            'N' | 'n' if rest.get(1..).is_some_and(|rest| rest.starts_with('\'')) => {
                self.at += 1;
                self.quoted(begin, '\'', Kind::Text)
            }
            '"' => self.quoted(begin, '"', Kind::Quoted),
            '[' => self.quoted(begin, ']', Kind::Quoted),
            '@' => self.variable(begin),
            first if first.is_ascii_digit() => self.number(begin),
            '.' if rest.get(1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) => {
                self.number(begin)
            }
            first if first == '_' || first == '#' || is_letter(first) => {
                let upper = self.word();
                Ok(Kind::Word { upper })
            }
            _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => {
                    self.at += sign.len();
                    Ok(Kind::Sign(sign))
                }
                None => self.refuse("a character is not known outside of quotes", begin),
            },
        }
    }

    /// From a quote to the next one that is not doubled.
    fn quoted(&mut self, begin: usize, end: char, kind: Kind) -> Result<Kind, Refusal> {
        self.at += 1;
        loop {
            let Some(found) = self.rest().find(end) else {
                self.at = self.text.len();
                return self.refuse("a quote has no end", begin);
            };
            self.at += found + 1;
            if !self.rest().starts_with(end) {
                return Ok(kind);
            }
            self.at += 1;
        }
    }

    fn word(&mut self) -> String {
        let rest = self.rest();
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '_' | '#' | '@' | '$') || is_letter(c);
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default().to_ascii_uppercase()
    }

    fn variable(&mut self, begin: usize) -> Result<Kind, Refusal> {
        let is_global = self.rest().starts_with("@@");
        let upper = self.word_behind(if is_global { 2 } else { 1 });
        match upper {
            upper if upper.is_empty() => self.refuse("`@` is no name of a variable", begin),
            upper if is_global => Ok(Kind::Global { upper }),
            upper => Ok(Kind::Variable { upper }),
        }
    }

    fn word_behind(&mut self, signs: usize) -> String {
        self.at += signs;
        self.word()
    }

    fn number(&mut self, begin: usize) -> Result<Kind, Refusal> {
        let rest = self.rest();
        if rest.starts_with("0x") || rest.starts_with("0X") {
            self.at += 2;
            self.digits(|c| c.is_ascii_hexdigit());
        } else {
            self.digits(|c| c.is_ascii_digit());
            if self.rest().starts_with('.') {
                self.at += 1;
                self.digits(|c| c.is_ascii_digit());
            }
            if self.rest().starts_with(['e', 'E']) {
                self.at += 1;
                if self.rest().starts_with(['+', '-']) {
                    self.at += 1;
                }
                self.digits(|c| c.is_ascii_digit());
            }
        }
        let runs_on =
            |c: char| c == '_' || c == '.' || c == '#' || c == '@' || c == '$' || c.is_alphanumeric();
        if self.peek().is_some_and(runs_on) {
            return self.refuse("a number runs into what follows it", begin);
        }
        Ok(Kind::Number)
    }

    fn digits(&mut self, is: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !is(c)).unwrap_or(rest.len());
    }
}

/// A letter that no reader takes for another: of ASCII, or one that is not another shape of such a letter (wide and
/// letter-like forms, and those that become one in another case).
fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    let alike = ('\u{2100}'..='\u{214f}').contains(&c) || c >= '\u{ff00}';
    // `ſ`, `K` and `ı` are ASCII in another case; `ß`, which becomes two letters, is one of its own.
    let alone =
        |first: Option<char>, second: Option<char>| second.is_none() && first.is_some_and(|c| c.is_ascii());
    let (mut lower, mut upper) = (c.to_lowercase(), c.to_uppercase());
    let folds = alone(lower.next(), lower.next()) || alone(upper.next(), upper.next()) || c == 'İ';
    c.is_alphabetic() && !alike && !folds
}
