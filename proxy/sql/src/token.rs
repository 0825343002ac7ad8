//! Where do the tokens of a text begin and end, as the server's own scanner would say?
//!
//! The rules here are those of PostgreSQL's `scan.l`; those of MySQL are in [`mysql`]. The text is bytes, not characters: it may be in any
//! client encoding, and every byte above 0x7f is part of an identifier. One pass, no recursion, no
//! allocation, and an answer for every input: what does not end is one token up to the end of the
//! text. Space and comments are tokens too, so that the tokens tile the text.

mod mysql;

use crate::Lexing;
use crate::keyword::Keyword;
pub(crate) use mysql::Within;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// White space.
    Space,
    /// `-- …` up to the end of the line, or `/* … */` with comments inside it. In MySQL `# …` too, and
    /// the two ends of a version comment, `/*!50001` and `*/`: what stands between them is executed.
    Comment,
    /// A keyword or an unquoted identifier.
    Word(Keyword),
    /// `"…"`; in MySQL `` `…` ``, and `"…"` where `ANSI_QUOTES` is on.
    QuotedIdentifier,
    /// `U&"…"`.
    UnicodeIdentifier,
    /// `'…'`, `E'…'`, `U&'…'`, `B'…'`, `X'…'`, `N'…'` with all their continuations on further lines, or
    /// `$tag$…$tag$`. In MySQL `"…"` and `_utf8mb4'…'` too.
    Literal,
    /// A number without its sign.
    Number,
    /// `$1`; in MySQL `?`.
    Parameter,
    /// MySQL's `@name`, `` @`name` `` and `@@name`.
    Variable,
    /// An operator of one or more characters, `:=` and `..`.
    Operator,
    /// `::`.
    Cast,
    /// One of `( ) [ ] , ; . :`.
    Punctuation(u8),
    /// A byte that begins no token.
    Other(u8),
}

impl Kind {
    /// Whether a token of this kind means something to the server: neither space nor comment.
    pub fn is_significant(self) -> bool {
        !matches!(self, Kind::Space | Kind::Comment)
    }
}

/// How sure the end of a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every session would end it there.
    Certain,
    /// A session with another `standard_conforming_strings`, or with a client encoding in which a
    /// backslash can be the second half of a character, would end it elsewhere. In MySQL also: one
    /// with another `ANSI_QUOTES`, one in whose encoding part of a word is a space, and a server that takes a
    /// version comment for a comment.
    Disputed,
    /// It has no end: the rest of the text belongs to it.
    Missing,
}

/// A token's place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Offset of its first byte.
    pub start: usize,
    /// Offset behind its last byte.
    pub end: usize,
    /// How sure its end is.
    pub ending: Ending,
}

impl Token {
    /// The token's own bytes; `text` is the text the lexer was given.
    pub fn bytes<'text>(&self, text: &'text [u8]) -> &'text [u8] {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether it means something to the server: neither space nor comment.
    pub fn is_significant(&self) -> bool {
        self.kind.is_significant()
    }
}

/// Yields the tokens of a text in order. Copying it is a way to look ahead.
#[derive(Clone, Copy, Debug)]
pub struct Lexer<'text> {
    text: &'text [u8],
    at: usize,
    lexing: Lexing,
    state: mysql::State,
}

impl<'text> Lexer<'text> {
    /// Starts at the beginning of `text`.
    pub fn new(text: &'text [u8], lexing: Lexing) -> Lexer<'text> {
        Lexer { text, at: 0, lexing, state: mysql::State::default() }
    }

    /// The text it was given.
    pub fn text(&self) -> &'text [u8] {
        self.text
    }

    /// The settings it reads by.
    pub fn lexing(&self) -> Lexing {
        self.lexing
    }

    /// Offset of the next token.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// As [`Lexer::new`], for a part of a text whose first token stands in this.
    pub(crate) fn beginning(text: &'text [u8], lexing: Lexing, within: Within) -> Lexer<'text> {
        Lexer { text, at: 0, lexing, state: mysql::State::begun(within) }
    }

    /// The next token that is neither space nor comment.
    pub fn next_significant(&mut self) -> Option<Token> {
        self.by_ref().find(Token::is_significant)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    /// The first offset from `at` on whose byte is not of `class`.
    fn run_end(&self, at: usize, class: u8) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        at + rest.iter().position(|byte| CLASSES[*byte as usize] & class == 0).unwrap_or(rest.len())
    }

    fn is(&self, at: usize, class: u8) -> bool {
        self.byte(at).is_some_and(|byte| CLASSES[byte as usize] & class != 0)
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    #[inline(always)]
    fn next(&mut self) -> Option<Token> {
        let start = self.at;
        let first = self.byte(start)?;
        // The parts stay in registers: a token that is written as bytes and copied as words costs more
        // than finding its end.
        let (kind, end, ending) = match self.lexing {
            Lexing::Postgres { standard_conforming_strings } => {
                let (kind, (end, ending)) = self.token_at(start, first, standard_conforming_strings);
                (kind, end, ending)
            }
            Lexing::Mysql { ansi_quotes, no_backslash_escapes, double_byte, .. } => {
                let quoting = mysql::Quoting { ansi_quotes, no_backslash_escapes, double_byte };
                let (kind, (end, ending)) = self.mysql_token_at(start, first, quoting);
                (kind, end, ending)
            }
        };
        debug_assert!(end > start && end <= self.text.len());
        self.at = end;
        Some(Token { kind, start, end, ending })
    }
}

/// Where a token ends, and how sure that is.
type Stop = (usize, Ending);

fn certain(end: usize) -> Stop {
    (end, Ending::Certain)
}

impl Lexer<'_> {
    /// `conforming`: whether `standard_conforming_strings` is on.
    #[inline(always)]
    fn token_at(&self, start: usize, first: u8, conforming: bool) -> (Kind, Stop) {
        let class = CLASSES[first as usize];
        if class & IDENTIFIER_START != 0 {
            return self.word(start, first, conforming);
        }
        if class & SPACE != 0 {
            return (Kind::Space, certain(self.run_end(start + 1, SPACE)));
        }
        if class & DIGIT != 0 {
            return (Kind::Number, certain(self.number(start)));
        }
        match (first, self.byte(start + 1)) {
            (b'\'', _) => (Kind::Literal, self.string(start + 1, Style::plain(conforming))),
            (b'"', _) => (Kind::QuotedIdentifier, self.quoted(start + 1, b'"')),
            (b'-', Some(b'-')) => (Kind::Comment, certain(self.line_end(start))),
            (b'/', Some(b'*')) => (Kind::Comment, self.comment(start + 2)),
            (b'$', Some(b'0'..=b'9')) => (Kind::Parameter, certain(self.run_end(start + 2, DIGIT))),
            (b'$', _) => match self.dollar_quoted(start) {
                Some(stop) => (Kind::Literal, stop),
                None => (Kind::Other(b'$'), certain(start + 1)),
            },
            (b'.', Some(b'0'..=b'9')) => (Kind::Number, certain(self.number(start))),
            (b'.', Some(b'.')) | (b':', Some(b'=')) => (Kind::Operator, certain(start + 2)),
            (b':', Some(b':')) => (Kind::Cast, certain(start + 2)),
            (b'(' | b')' | b'[' | b']' | b',' | b';' | b'.' | b':', _) => {
                (Kind::Punctuation(first), certain(start + 1))
            }
            _ if class & OPERATOR != 0 => (Kind::Operator, certain(self.operator(start))),
            _ => (Kind::Other(first), certain(start + 1)),
        }
    }

    /// A word, or what begins like one: the prefixed literals and `U&"…"`.
    #[inline(always)]
    fn word(&self, start: usize, first: u8, conforming: bool) -> (Kind, Stop) {
        match (first, self.byte(start + 1), self.byte(start + 2)) {
            (b'e' | b'E', Some(b'\''), _) => (Kind::Literal, self.string(start + 2, Style::Escape)),
            (b'n' | b'N', Some(b'\''), _) => {
                (Kind::Literal, self.string(start + 2, Style::plain(conforming)))
            }
            (b'b' | b'B' | b'x' | b'X', Some(b'\''), _) => {
                (Kind::Literal, self.string(start + 2, Style::Bits))
            }
            (b'u' | b'U', Some(b'&'), Some(b'\'')) => (Kind::Literal, self.string(start + 3, Style::Unicode)),
            (b'u' | b'U', Some(b'&'), Some(b'"')) => (Kind::UnicodeIdentifier, self.quoted(start + 3, b'"')),
            _ => {
                let end = self.run_end(start + 1, IDENTIFIER);
                (Kind::Word(Keyword::at(self.text, start..end)), certain(end))
            }
        }
    }

    fn line_end(&self, start: usize) -> usize {
        let rest = self.text.get(start..).unwrap_or_default();
        start + rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len())
    }

    /// Comments nest: depth is counted, not recursed into.
    fn comment(&self, mut at: usize) -> Stop {
        let mut depth = 1usize;
        while let Some(byte) = self.byte(at) {
            match (byte, self.byte(at + 1)) {
                (b'*', Some(b'/')) => {
                    at += 2;
                    depth -= 1;
                    if depth == 0 {
                        return certain(at);
                    }
                }
                (b'/', Some(b'*')) => {
                    at += 2;
                    depth += 1;
                }
                _ => at += 1,
            }
        }
        (self.text.len(), Ending::Missing)
    }

    /// Up to the closing `quote`; a doubled one is part of the name.
    fn quoted(&self, mut at: usize, quote: u8) -> Stop {
        while let Some(byte) = self.byte(at) {
            if byte != quote {
                at += 1;
            } else if self.byte(at + 1) == Some(quote) {
                at += 2;
            } else {
                return certain(at + 1);
            }
        }
        (self.text.len(), Ending::Missing)
    }

    /// `opening` is the offset behind the opening quote.
    fn string(&self, opening: usize, style: Style) -> Stop {
        let escapes = match style {
            Style::Escape | Style::PlainEscaping => true,
            Style::Plain | Style::Unicode | Style::Bits => false,
        };
        let mut ending = Ending::Certain;
        // Where the present part began: a literal may continue on another line.
        let mut part = opening;
        let mut at = opening;
        while let Some(byte) = self.byte(at) {
            if byte != b'\'' {
                if byte == b'\\' && escapes {
                    if self.byte(at + 1) == Some(b'\'') && self.is_disputed(part, at + 1, style) {
                        ending = Ending::Disputed;
                    }
                    at += 2;
                } else {
                    at += 1;
                }
                continue;
            }
            if self.is_disputed(part, at, style) {
                ending = Ending::Disputed;
            }
            if self.byte(at + 1) == Some(b'\'') && style != Style::Bits {
                at += 2;
            } else if let Some(next) = self.continuation(at + 1) {
                part = next;
                at = next;
            } else {
                return (at + 1, ending);
            }
        }
        (self.text.len(), Ending::Missing)
    }

    /// Whether a session in another state could read the quote at `quote` otherwise: as escaped
    /// where we do not, or the reverse. `part` is where the literal's present part began.
    fn is_disputed(&self, part: usize, quote: usize, style: Style) -> bool {
        if matches!(style, Style::Unicode | Style::Bits) {
            return false;
        }
        let before = self.text.get(part..quote).unwrap_or_default();
        let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
        if backslashes == 0 {
            return false;
        }
        // In SJIS, BIG5, GBK, UHC and GB18030 the backslash may be half of a character.
        let half = before.iter().rev().nth(backslashes).is_some_and(|byte| *byte >= 0x80);
        half || (matches!(style, Style::Plain | Style::PlainEscaping) && backslashes % 2 == 1)
    }

    /// Where a literal goes on if only space with at least one line end, and `--` comments, stand
    /// between its closing quote and another quote (SQL:2016 part 2, section 5.3).
    fn continuation(&self, mut at: usize) -> Option<usize> {
        let mut line_ended = false;
        loop {
            match self.byte(at)? {
                b'\n' | b'\r' => {
                    line_ended = true;
                    at += 1;
                }
                b'-' if self.byte(at + 1) == Some(b'-') => at = self.line_end(at),
                b'\'' if line_ended => return Some(at + 1),
                byte if CLASSES[byte as usize] & SPACE != 0 => at += 1,
                _ => return None,
            }
        }
    }

    /// `$tag$…$tag$`; `None` when what begins here is no such tag.
    fn dollar_quoted(&self, start: usize) -> Option<Stop> {
        let tag_end = if self.is(start + 1, IDENTIFIER_START) {
            self.run_end(start + 2, DOLLAR_TAG)
        } else {
            start + 1
        };
        if self.byte(tag_end) != Some(b'$') {
            return None;
        }
        let delimiter = self.text.get(start..=tag_end).unwrap_or_default();
        let mut at = tag_end + 1;
        // A tag holds no `$`, so no byte is compared more than twice.
        while let Some(rest) = self.text.get(at..) {
            let Some(offset) = rest.iter().position(|byte| *byte == b'$') else { break };
            if rest.get(offset..).is_some_and(|rest| rest.starts_with(delimiter)) {
                return Some(certain(at + offset + delimiter.len()));
            }
            at += offset + 1;
        }
        Some((self.text.len(), Ending::Missing))
    }

    fn number(&self, start: usize) -> usize {
        let radix = match (self.byte(start), self.byte(start + 1)) {
            (Some(b'0'), Some(b'x' | b'X')) => HEX_DIGIT,
            (Some(b'0'), Some(b'o' | b'O' | b'b' | b'B')) => DIGIT,
            _ => 0,
        };
        if radix != 0 {
            let end = self.digits(start + 2, radix);
            if end > start + 2 {
                return end;
            }
        }
        let mut end = if self.byte(start) == Some(b'.') { start } else { self.digits(start, DIGIT) };
        // `1..10` is a range, not two numbers with a dot.
        if self.byte(end) == Some(b'.') && self.byte(end + 1) != Some(b'.') {
            end = if self.is(end + 1, DIGIT) { self.digits(end + 1, DIGIT) } else { end + 1 };
        }
        if matches!(self.byte(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.byte(end + 1), Some(b'+' | b'-')));
            if self.is(end + 1 + sign, DIGIT) {
                end = self.digits(end + 1 + sign, DIGIT);
            }
        }
        end
    }

    /// Digits, with single underscores between them (PostgreSQL 16).
    fn digits(&self, mut at: usize, class: u8) -> usize {
        loop {
            at = self.run_end(at, class);
            if self.byte(at) == Some(b'_') && self.is(at + 1, class) {
                at += 2;
            } else {
                return at;
            }
        }
    }

    /// The longest run of operator characters that holds no comment; a `+` or `-` at its end
    /// belongs to what follows, unless a character is in it that no operator of SQL has.
    fn operator(&self, start: usize) -> usize {
        let mut end = start + 1;
        while self.is(end, OPERATOR) {
            if matches!(
                (self.byte(end), self.byte(end + 1)),
                (Some(b'-'), Some(b'-')) | (Some(b'/'), Some(b'*'))
            ) {
                break;
            }
            end += 1;
        }
        let run = self.text.get(start..end).unwrap_or_default();
        if run.len() > 1 && matches!(run.last(), Some(b'+' | b'-')) {
            let special = |byte: &u8| b"~!@#^&|`?%".contains(byte);
            let kept = run.iter().rposition(|byte| !matches!(byte, b'+' | b'-')).map_or(1, |last| last + 1);
            if !run.iter().any(special) {
                return start + kept;
            }
        }
        end
    }
}

/// Which rules a quoted literal follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    /// Plain while `standard_conforming_strings` is off.
    PlainEscaping,
    Escape,
    Unicode,
    Bits,
}

impl Style {
    fn plain(conforming: bool) -> Style {
        if conforming { Style::Plain } else { Style::PlainEscaping }
    }
}

const SPACE: u8 = 1;
const IDENTIFIER_START: u8 = 2;
const IDENTIFIER: u8 = 4;
const DIGIT: u8 = 8;
const HEX_DIGIT: u8 = 16;
const OPERATOR: u8 = 32;
const DOLLAR_TAG: u8 = 64;

static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0u8; 256];
    let mut byte = 0usize;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => SPACE,
            b'a'..=b'f' | b'A'..=b'F' => IDENTIFIER_START | IDENTIFIER | DOLLAR_TAG | HEX_DIGIT,
            b'g'..=b'z' | b'G'..=b'Z' | b'_' | 0x80.. => IDENTIFIER_START | IDENTIFIER | DOLLAR_TAG,
            b'0'..=b'9' => IDENTIFIER | DIGIT | HEX_DIGIT | DOLLAR_TAG,
            b'$' => IDENTIFIER,
            b'~' | b'!' | b'@' | b'#' | b'^' | b'&' | b'|' | b'`' | b'?' | b'+' | b'-' | b'*' | b'/'
            | b'%' | b'<' | b'>' | b'=' => OPERATOR,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

#[cfg(test)]
mod tests;
