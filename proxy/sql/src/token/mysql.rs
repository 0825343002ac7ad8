//! Where do the tokens of a text begin and end, as MySQL's own scanner would say?
//!
//! The rules are those of `sql/sql_lex.cc` of MySQL 8; MariaDB's differ in `/*M! … */` only, which is
//! read as MariaDB does. Which of them hold follows from the session's `sql_mode`.
//!
//! What stands in a version comment is executed by the servers that are new enough, and a comment
//! to others. Here it is executed: its tokens count. A version comment that would end elsewhere if
//! it were a comment is [`Ending::Disputed`], and so is a `;` inside one.

use super::{
    CLASSES, DIGIT, Ending, HEX_DIGIT, IDENTIFIER, IDENTIFIER_START, Kind, Lexer, SPACE, Stop, certain,
};
use crate::keyword::Keyword;

/// The part of `sql_mode` that changes where a token ends.
#[derive(Clone, Copy)]
pub(super) struct Quoting {
    pub(super) ansi_quotes: bool,
    pub(super) no_backslash_escapes: bool,
}

/// What becomes of version comments, and whether we are in one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Executable {
    /// Between `/*!` and `*/`.
    inside: bool,
    /// Version comments that began so far.
    begun: u32,
    /// They are comments, not executed.
    skipped: bool,
    /// A statement before this one may have changed `sql_mode`.
    unsettled: bool,
}

impl Executable {
    pub(super) fn begun(inside: bool) -> Executable {
        Executable { inside, begun: u32::from(inside), ..Executable::default() }
    }
}

impl Lexer<'_> {
    /// Which version comment of the text the last token stands in, counted from 1; `None` outside.
    pub(crate) fn version_comment(&self) -> Option<u32> {
        self.executable.inside.then_some(self.executable.begun)
    }

    /// From here on version comments are comments: the reading of a server too old for them.
    pub(crate) fn skip_version_comments(mut self) -> Self {
        self.executable.skipped = true;
        self
    }

    /// From here on the session's settings may be others than those given.
    pub(crate) fn unsettle(&mut self) {
        self.executable.unsettled = true;
    }

    #[inline(never)]
    pub(super) fn mysql_token_at(&mut self, start: usize, first: u8, quoting: Quoting) -> (Kind, Stop) {
        let class = CLASSES[first as usize];
        if self.executable.inside && (self.executable.skipped || self.begins(start, b"*/")) {
            self.executable.inside = false;
            return (Kind::Comment, self.plain_comment(start));
        }
        if class & IDENTIFIER_START != 0 || first == b'$' {
            return self.mysql_word(start, first, quoting);
        }
        if class & SPACE != 0 {
            return (Kind::Space, certain(self.run_end(start + 1, SPACE)));
        }
        if class & DIGIT != 0 {
            return self.mysql_number(start);
        }
        match (first, self.byte(start + 1)) {
            (b'\'' | b'"' | b'`', _) => self.mysql_quoted(start, start, quoting),
            (b'#', _) => (Kind::Comment, certain(self.mysql_line_end(start))),
            (b'-', Some(b'-')) if self.ends_dashes(start + 2) => {
                (Kind::Comment, certain(self.mysql_line_end(start)))
            }
            (b'/', Some(b'*')) => (Kind::Comment, self.mysql_comment(start)),
            (b'.', Some(b'0'..=b'9')) if !self.follows_name(start) => {
                (Kind::Number, certain(self.fraction(start)))
            }
            (b'@', Some(b'@')) => (Kind::Variable, certain(self.run_end(start + 2, IDENTIFIER))),
            (b'@', Some(b'`')) => (Kind::Variable, self.quoted(start + 2, b'`')),
            (b'@', Some(byte)) if variable_byte(byte) => {
                let rest = self.text.get(start + 1..).unwrap_or_default();
                let length = rest.iter().position(|byte| !variable_byte(*byte)).unwrap_or(rest.len());
                (Kind::Variable, certain(start + 1 + length))
            }
            (b'?', _) => (Kind::Parameter, certain(start + 1)),
            (b';', _) if self.executable.inside => (Kind::Punctuation(b';'), (start + 1, Ending::Disputed)),
            (b':', Some(b'=')) => (Kind::Operator, certain(start + 2)),
            (b'(' | b')' | b'[' | b']' | b',' | b';' | b'.' | b':', _) => {
                (Kind::Punctuation(first), certain(start + 1))
            }
            (b'+' | b'-' | b'*' | b'/' | b'%' | b'<' | b'>' | b'=' | b'~' | b'!' | b'^' | b'&' | b'|', _) => {
                (Kind::Operator, certain(start + self.operator_bytes(start)))
            }
            _ => (Kind::Other(first), certain(start + 1)),
        }
    }

    fn begins(&self, at: usize, with: &[u8]) -> bool {
        self.text.get(at..).is_some_and(|rest| rest.starts_with(with))
    }

    /// A word, or what begins like one: the prefixed literals.
    #[inline(always)]
    fn mysql_word(&self, start: usize, first: u8, quoting: Quoting) -> (Kind, Stop) {
        match (first, self.byte(start + 1)) {
            (b'n' | b'N', Some(b'\'')) => return self.mysql_quoted(start, start + 1, quoting),
            (b'b' | b'B' | b'x' | b'X', Some(b'\'')) => {
                return (Kind::Literal, self.quoted(start + 2, b'\''));
            }
            _ => {}
        }
        let end = self.run_end(start + 1, IDENTIFIER);
        if first == b'_' && self.byte(end) == Some(b'\'') {
            return self.mysql_quoted(start, end, quoting);
        }
        (Kind::Word(Keyword::at(self.text, start..end)), certain(end))
    }

    /// A number, or an identifier that begins like one.
    #[inline(always)]
    fn mysql_number(&self, start: usize) -> (Kind, Stop) {
        let token = |kind, end| (kind, certain(end));
        let word = |end| token(Kind::Word(Keyword::at(self.text, start..end)), end);
        // Directly behind `name.` there are no numbers.
        if start > 0 && self.byte(start - 1) == Some(b'.') && self.follows_name(start - 1) {
            return word(self.run_end(start, IDENTIFIER));
        }
        let radix_end = match (self.byte(start), self.byte(start + 1)) {
            (Some(b'0'), Some(b'x')) => self.run_end(start + 2, HEX_DIGIT),
            (Some(b'0'), Some(b'b')) => {
                let digits = self.text.get(start + 2..).unwrap_or_default();
                let length = digits.iter().position(|digit| !matches!(digit, b'0' | b'1'));
                start + 2 + length.unwrap_or(digits.len())
            }
            _ => start,
        };
        if radix_end > start + 2 && !self.is(radix_end, IDENTIFIER) {
            return token(Kind::Number, radix_end);
        }
        let digits_end = self.run_end(start, DIGIT);
        match self.byte(digits_end) {
            Some(b'.') => token(Kind::Number, self.fraction(digits_end)),
            Some(b'e' | b'E') => match self.exponent(digits_end) {
                Some(end) => token(Kind::Number, end),
                None => word(self.run_end(digits_end, IDENTIFIER)),
            },
            _ if self.is(digits_end, IDENTIFIER) => word(self.run_end(digits_end, IDENTIFIER)),
            _ => token(Kind::Number, digits_end),
        }
    }

    /// Where the number ends whose dot is at `dot`.
    fn fraction(&self, dot: usize) -> usize {
        let end = self.run_end(dot + 1, DIGIT);
        if matches!(self.byte(end), Some(b'e' | b'E')) { self.exponent(end).unwrap_or(end) } else { end }
    }

    /// Where the exponent ends whose letter is at `at`, if digits follow.
    fn exponent(&self, at: usize) -> Option<usize> {
        let sign = usize::from(matches!(self.byte(at + 1), Some(b'+' | b'-')));
        self.is(at + 1 + sign, DIGIT).then(|| self.run_end(at + 1 + sign, DIGIT))
    }

    /// Whether the dot at `dot` directly follows an unquoted name.
    fn follows_name(&self, dot: usize) -> bool {
        dot > 0 && self.is(dot - 1, IDENTIFIER)
    }

    /// A literal or a quoted name that begins at `start` and whose quote is at `quote`.
    #[inline(always)]
    fn mysql_quoted(&self, start: usize, quote: usize, quoting: Quoting) -> (Kind, Stop) {
        match self.byte(quote) {
            Some(b'`') => (Kind::QuotedIdentifier, self.quoted(quote + 1, b'`')),
            Some(b'"') if quoting.ansi_quotes => {
                let (end, ending) = self.quoted(quote + 1, b'"');
                (Kind::QuotedIdentifier, (end, self.name_ending(quote + 1, end, ending)))
            }
            Some(byte) => (Kind::Literal, self.mysql_string(quote + 1, byte, quoting)),
            None => (Kind::Other(0), certain(start + 1)),
        }
    }

    /// A session without `ANSI_QUOTES` reads a name as a string, in which a backslash escapes.
    fn name_ending(&self, opening: usize, end: usize, ending: Ending) -> Ending {
        let name = self.text.get(opening..end).unwrap_or_default();
        match ending {
            Ending::Certain if name.windows(2).any(|pair| pair == b"\\\"") => Ending::Disputed,
            other => other,
        }
    }

    /// `opening` is the offset behind the opening quote.
    ///
    /// A server says with every answer whether `NO_BACKSLASH_ESCAPES` is on, so an escaped `'` is in
    /// dispute only where a statement of the same text may have changed it; it does not say whether
    /// `ANSI_QUOTES` is, so an escaped `"` always is.
    fn mysql_string(&self, opening: usize, quote: u8, quoting: Quoting) -> Stop {
        let escapes = !quoting.no_backslash_escapes;
        let mut ending = Ending::Certain;
        let mut at = opening;
        while let Some(byte) = self.byte(at) {
            let escaped = byte == b'\\' && escapes;
            let quote_at = at + usize::from(escaped);
            if (byte == quote || escaped) && self.byte(quote_at) == Some(quote) {
                let before = self.text.get(opening..quote_at).unwrap_or_default();
                let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
                // In SJIS, BIG5, GBK and GB18030 the backslash may be half of a character.
                let half =
                    backslashes > 0 && before.iter().rev().nth(backslashes).is_some_and(|byte| *byte >= 0x80);
                if half || (backslashes % 2 == 1 && (quote == b'"' || self.executable.unsettled)) {
                    ending = Ending::Disputed;
                }
            }
            if escaped {
                at += 2;
            } else if byte != quote {
                at += 1;
            } else if self.byte(at + 1) == Some(quote) {
                at += 2;
            } else {
                return (at + 1, ending);
            }
        }
        (self.text.len(), Ending::Missing)
    }

    /// `#` and `--` comments end with a line feed; a carriage return is part of them.
    fn mysql_line_end(&self, start: usize) -> usize {
        let rest = self.text.get(start..).unwrap_or_default();
        start + rest.iter().position(|byte| matches!(byte, b'\n' | 0)).unwrap_or(rest.len())
    }

    /// `--` begins a comment only before white space, a control character or the end.
    fn ends_dashes(&self, at: usize) -> bool {
        self.byte(at).is_none_or(|byte| byte == b' ' || byte.is_ascii_control())
    }

    /// A comment, or the opening of a version comment.
    fn mysql_comment(&mut self, start: usize) -> Stop {
        let opening = match (self.byte(start + 2), self.byte(start + 3)) {
            (Some(b'!'), _) => start + 3,
            (Some(b'M'), Some(b'!')) => start + 4,
            _ => return self.plain_comment(start + 2),
        };
        if self.executable.skipped {
            return self.plain_comment(opening);
        }
        if self.executable.inside {
            return (opening, Ending::Disputed);
        }
        let rest = self.text.get(opening..).unwrap_or_default();
        let digits = rest.iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
        let content = if digits >= 5 { opening + digits } else { opening };
        self.executable.inside = true;
        self.executable.begun = self.executable.begun.saturating_add(1);
        (content, self.version_ending(content))
    }

    /// Up to the first `*/` from `at` on: MySQL's comments do not nest.
    fn plain_comment(&self, at: usize) -> Stop {
        let rest = self.text.get(at..).unwrap_or_default();
        match rest.windows(2).position(|pair| pair == b"*/") {
            Some(offset) => certain(at + offset + 2),
            None => (self.text.len(), Ending::Missing),
        }
    }

    /// Whether a version comment with this content ends at the same place for those who execute it
    /// and for those who do not. Reads no further than one token behind the nearer end.
    fn version_ending(&self, content: usize) -> Ending {
        let (comment_end, ending) = self.plain_comment(content);
        if ending == Ending::Missing {
            return Ending::Missing;
        }
        let inside = self.text.get(content..comment_end).unwrap_or_default();
        // Whoever skips it looks for comments inside it, one level deep.
        if inside.windows(2).any(|pair| pair == b"/*") {
            return Ending::Disputed;
        }
        let mut reader = *self;
        reader.at = content;
        while reader.at < comment_end {
            let Some(token) = reader.next() else { break };
            if token.kind == Kind::Comment && reader.version_comment().is_none() {
                return if token.end == comment_end { Ending::Certain } else { Ending::Disputed };
            }
        }
        Ending::Disputed
    }

    fn operator_bytes(&self, start: usize) -> usize {
        const LONGER: [&[u8]; 11] =
            [b"->>", b"<=>", b"->", b"<=", b">=", b"<>", b"!=", b"<<", b">>", b"||", b"&&"];
        LONGER.iter().find(|operator| self.begins(start, operator)).map_or(1, |operator| operator.len())
    }
}

/// A byte of a user variable's name, or of a host's name behind `@`.
fn variable_byte(byte: u8) -> bool {
    byte == b'.' || CLASSES[byte as usize] & IDENTIFIER != 0
}

#[cfg(test)]
mod tests;
