//! Where do the tokens of a text begin and end, as MySQL's own scanner would say?
//!
//! The rules are those of the scanners of MySQL 8 and MariaDB, which differ in version comments only. Which of
//! them hold follows from the session's `sql_mode` and from the server.
//!
//! What stands in a version comment is executed by the servers that are new enough, and a comment to others. Here
//! it is executed: its tokens count. Where the server that reads the text executes it too, that is all. Where it
//! does not, or where nobody has told which server it is, the comment is *doubtful*: who greets may stand before
//! another server, so a reading that leaves the tokens out is never relied on. [`Lexer::version_comment`] tells
//! which comment that is, and one that would end elsewhere if it were a comment is [`Ending::Disputed`]. So is a
//! `;` inside any version comment.

use super::{
    CLASSES, DIGIT, Ending, HEX_DIGIT, IDENTIFIER, IDENTIFIER_START, Kind, Lexer, SPACE, Stop, certain,
};
use crate::MysqlServer;
use crate::keyword::Keyword;
use crate::mysql::character_sets::is_character_set;

/// The part of `sql_mode` that changes where a token ends.
#[derive(Clone, Copy)]
pub(super) struct Quoting {
    pub(super) ansi_quotes: bool,
    pub(super) no_backslash_escapes: bool,
    pub(super) double_byte: bool,
}

/// What the next token depends on beside its bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct State {
    within: Within,
    /// Doubtful version comments that began so far.
    begun: u32,
    /// These are comments, not executed.
    skipped: bool,
    /// A statement before this one may have changed `sql_mode`.
    unsettled: bool,
    before: Before,
}

/// What a token follows, with nothing between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Before {
    #[default]
    Other,
    /// An unquoted name: a dot belongs to it.
    Name,
    /// A variable: the same, and a second dot is no other's.
    Variable,
    /// A backslash outside of quotes: `\N` is NULL, whatever follows.
    Backslash,
    /// A dot that is no number's: what follows is a name, whatever it looks like.
    Dot,
}

/// What a token stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Within {
    /// No version comment.
    #[default]
    Nothing,
    /// A version comment that the server executes.
    Executed,
    /// One that it may take for a comment.
    Doubtful,
}

impl State {
    pub(super) fn begun(within: Within) -> State {
        State { within, begun: u32::from(within == Within::Doubtful), ..State::default() }
    }

    fn is_inside(self) -> bool {
        self.within != Within::Nothing
    }

    fn is_skipping(self) -> bool {
        self.skipped && self.within == Within::Doubtful
    }
}

impl Lexer<'_> {
    /// Which doubtful version comment of the text the last token stands in, counted from 1; `None` outside.
    pub fn version_comment(&self) -> Option<u32> {
        (self.state.within == Within::Doubtful).then_some(self.state.begun)
    }

    /// What the last token stands in.
    pub(crate) fn within(&self) -> Within {
        self.state.within
    }

    /// From here on doubtful version comments are comments: the reading of a server that does not execute them.
    pub(crate) fn skip_version_comments(mut self) -> Self {
        self.state.skipped = true;
        self
    }

    /// From here on the session's settings may be others than those given.
    pub(crate) fn unsettle(&mut self) {
        self.state.unsettled = true;
    }

    /// Whether they may.
    pub(crate) fn is_unsettled(&self) -> bool {
        self.state.unsettled
    }

    #[inline(never)]
    pub(super) fn mysql_token_at(&mut self, start: usize, first: u8, quoting: Quoting) -> (Kind, Stop) {
        let token = self.mysql_token(start, first, quoting);
        self.state.before = match token.0 {
            Kind::Word(_) => Before::Name,
            Kind::Variable => Before::Variable,
            Kind::Punctuation(b'.') => Before::Dot,
            Kind::Other(b'\\') => Before::Backslash,
            _ => Before::Other,
        };
        token
    }

    #[inline(always)]
    fn mysql_token(&mut self, start: usize, first: u8, quoting: Quoting) -> (Kind, Stop) {
        let class = CLASSES[first as usize];
        if self.state.is_inside() && (self.state.is_skipping() || self.begins(start, b"*/")) {
            self.state.within = Within::Nothing;
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
            (b'.', Some(b'0'..=b'9')) if !matches!(self.state.before, Before::Name | Before::Variable) => {
                (Kind::Number, self.fraction(start))
            }
            (b'@', Some(b'@')) => (Kind::Variable, certain(self.run_end(start + 2, IDENTIFIER))),
            (b'@', Some(b'`')) => (Kind::Variable, self.quoted(start + 2, b'`')),
            (b'@', Some(byte)) if variable_byte(byte) => {
                let rest = self.text.get(start + 1..).unwrap_or_default();
                let length = rest.iter().position(|byte| !variable_byte(*byte)).unwrap_or(rest.len());
                (Kind::Variable, (start + 1 + length, self.word_ending(start + 1, start + 1 + length)))
            }
            (b'?', _) => (Kind::Parameter, certain(start + 1)),
            (b';', _) if self.state.is_inside() => (Kind::Punctuation(b';'), (start + 1, Ending::Disputed)),
            (b':', Some(b'=')) => (Kind::Operator, certain(start + 2)),
            (b'.', Some(b'.')) if self.state.before != Before::Variable => {
                (Kind::Operator, certain(start + 2))
            }
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
            (b'N', _) if self.state.before == Before::Backslash => {
                return (Kind::Word(Keyword::None), certain(start + 1));
            }
            _ if self.state.before == Before::Dot => {}
            (b'n' | b'N', Some(b'\'')) => return self.mysql_quoted(start, start + 1, quoting),
            (b'b' | b'B' | b'x' | b'X', Some(b'\'')) => {
                return (Kind::Literal, self.digits_literal(start + 2, matches!(first, b'x' | b'X')));
            }
            _ => {}
        }
        let end = self.run_end(start + 1, IDENTIFIER);
        if first == b'_' && self.byte(end) == Some(b'\'') && self.introduces(start, end) {
            return self.mysql_quoted(start, end, quoting);
        }
        (Kind::Word(Keyword::at(self.text, start..end)), (end, self.word_ending(start, end)))
    }

    /// Whether the word says the character set of a literal behind it.
    fn introduces(&self, start: usize, end: usize) -> bool {
        let name = self.text.get(start + 1..end).unwrap_or_default();
        self.state.before != Before::Dot && is_character_set(name, self.lexing.server())
    }

    /// A literal of digits ends at the first quote: two are none of its own. With anything else in it the servers
    /// reject the text.
    fn digits_literal(&self, at: usize, hexadecimal: bool) -> Stop {
        let rest = self.text.get(at..).unwrap_or_default();
        let is_digit = |byte: &u8| match hexadecimal {
            true => byte.is_ascii_hexdigit(),
            false => matches!(byte, b'0' | b'1'),
        };
        let length = rest.iter().take_while(|byte| is_digit(byte)).count();
        match rest.get(length) {
            Some(b'\'') => certain(at + length + 1),
            _ => (self.text.len(), Ending::Missing),
        }
    }

    /// In Latin-1 some bytes above 0x7f are signs, and one is a space, which ends a word. In UTF-8 they are parts of
    /// characters, all of which may stand in words.
    fn word_ending(&self, start: usize, end: usize) -> Ending {
        let word = self.text.get(start..end).unwrap_or_default();
        let is_sign = |byte: &u8| matches!(byte, 0x80..=0xbf | 0xd7 | 0xf7);
        if !word.is_ascii() && word.iter().any(is_sign) && std::str::from_utf8(word).is_err() {
            return Ending::Disputed;
        }
        Ending::Certain
    }

    /// A number, or an identifier that begins like one.
    #[inline(always)]
    fn mysql_number(&self, start: usize) -> (Kind, Stop) {
        let token = |kind, end| (kind, certain(end));
        let word = |end| token(Kind::Word(Keyword::at(self.text, start..end)), end);
        if self.state.before == Before::Dot {
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
            // The range of a loop in MariaDB: `1..10`.
            Some(b'.') if self.byte(digits_end + 1) == Some(b'.') => token(Kind::Number, digits_end),
            Some(b'.') => (Kind::Number, self.fraction(digits_end)),
            Some(b'e' | b'E') => match self.exponent(digits_end) {
                Some(end) => token(Kind::Number, end),
                None => word(self.run_end(digits_end, IDENTIFIER)),
            },
            _ if self.is(digits_end, IDENTIFIER) => word(self.run_end(digits_end, IDENTIFIER)),
            _ => token(Kind::Number, digits_end),
        }
    }

    /// Where the number ends whose dot is at `dot`. A letter of an exponent without one makes the servers forget
    /// the number and take the next character for a token, even where that begins a comment.
    fn fraction(&self, dot: usize) -> Stop {
        let end = self.run_end(dot + 1, DIGIT);
        if !matches!(self.byte(end), Some(b'e' | b'E')) {
            return certain(end);
        }
        self.exponent(end).map_or((end, Ending::Disputed), certain)
    }

    /// Where the exponent ends whose letter is at `at`, if digits follow.
    fn exponent(&self, at: usize) -> Option<usize> {
        let sign = usize::from(matches!(self.byte(at + 1), Some(b'+' | b'-')));
        self.is(at + 1 + sign, DIGIT).then(|| self.run_end(at + 1 + sign, DIGIT))
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
            Some(b'"') if self.state.unsettled => {
                let (end, ending) = self.mysql_string(quote + 1, b'"', quoting);
                let doubted = if ending == Ending::Certain { Ending::Disputed } else { ending };
                (Kind::Literal, (end, doubted))
            }
            Some(byte) => (Kind::Literal, self.mysql_string(quote + 1, byte, quoting)),
            None => (Kind::Other(0), certain(start + 1)),
        }
    }

    /// A session without `ANSI_QUOTES` reads a name as a string, in which a backslash escapes.
    fn name_ending(&self, opening: usize, end: usize, ending: Ending) -> Ending {
        let name = self.text.get(opening..end).unwrap_or_default();
        match ending {
            Ending::Certain if !self.knows_ansi_quotes() && name.windows(2).any(|pair| pair == b"\\\"") => {
                Ending::Disputed
            }
            other => other,
        }
    }

    /// Whether the session's `ANSI_QUOTES` is as given: MariaDB says so in the status flags of every answer.
    fn knows_ansi_quotes(&self) -> bool {
        matches!(self.lexing.server(), MysqlServer::Mariadb(_)) && !self.state.unsettled
    }

    /// `opening` is the offset behind the opening quote.
    ///
    /// A server says with every answer whether `NO_BACKSLASH_ESCAPES` is on, so an escaped `'` is in
    /// dispute only where a statement of the same text may have changed it; MySQL does not say whether
    /// `ANSI_QUOTES` is, so there an escaped `"` always is.
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
                let half = quoting.double_byte
                    && backslashes > 0
                    && before.iter().rev().nth(backslashes).is_some_and(|byte| *byte >= 0x80);
                let unknown = self.state.unsettled || (quote == b'"' && !self.knows_ansi_quotes());
                if half || (backslashes % 2 == 1 && unknown) {
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

    /// `--` begins a comment only before white space, a control character or the end. Separators at the end are taken
    /// off a text before it is read.
    fn ends_dashes(&self, at: usize) -> bool {
        let is_taken_off = |byte: &u8| *byte == b';' || CLASSES[*byte as usize] & SPACE != 0;
        match self.byte(at) {
            Some(b';') => self.text.get(at..).unwrap_or_default().iter().all(is_taken_off),
            Some(byte) => byte == b' ' || byte.is_ascii_control(),
            None => true,
        }
    }

    /// A comment, or the opening of a version comment.
    fn mysql_comment(&mut self, start: usize) -> Stop {
        let opening = match (self.byte(start + 2), self.byte(start + 3)) {
            (Some(b'!'), _) => start + 3,
            (Some(b'M'), Some(b'!')) => start + 4,
            (Some(b'+'), _) => return self.hint(start + 2),
            _ => return self.plain_comment(start + 2),
        };
        let rest = self.text.get(opening..).unwrap_or_default();
        let digits = rest.iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
        let digits = if digits < 5 { b"" } else { rest.get(..digits).unwrap_or_default() };
        let content = opening + digits.len();
        let is_executed = is_executed(self.lexing.server(), opening == start + 4, digits);
        if self.state.is_inside() {
            // MariaDB goes on as if nothing were there, and the first `*/` ends both.
            let nests = is_executed && matches!(self.lexing.server(), MysqlServer::Mariadb(_));
            return if nests { certain(content) } else { (opening, Ending::Disputed) };
        }
        if is_executed {
            self.state.within = Within::Executed;
            return (content, self.executed_ending(content));
        }
        if self.state.skipped {
            return self.plain_comment(opening);
        }
        self.state.within = Within::Doubtful;
        self.state.begun = self.state.begun.saturating_add(1);
        (content, self.version_ending(content))
    }

    /// A comment with hints. MySQL sets variables for the statement by them, MariaDB before 12 reads none.
    fn hint(&self, at: usize) -> Stop {
        let (end, ending) = self.plain_comment(at);
        let reads = !matches!(self.lexing.server(), MysqlServer::Mariadb(..120_000));
        let content = self.text.get(at..end).unwrap_or_default();
        (end, if reads && acts(content) { Ending::Disputed } else { ending })
    }

    /// Whether a version comment that is executed has an end, which may still stand in a literal or a comment that is
    /// not told apart here. MySQL is about to give up comments within one.
    fn executed_ending(&self, content: usize) -> Ending {
        let (end, ending) = self.plain_comment(content);
        let inside = self.text.get(content..end).unwrap_or_default();
        let nests = inside.windows(2).any(|pair| pair == b"/*");
        if nests && !matches!(self.lexing.server(), MysqlServer::Mariadb(_)) {
            return Ending::Disputed;
        }
        ending
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

/// Whether the server executes a version comment of these digits; `of_mariadb`: one that begins with `/*M!`. Where
/// nobody has told which server it is, whether all do.
fn is_executed(server: MysqlServer, of_mariadb: bool, digits: &[u8]) -> bool {
    let version = digits
        .iter()
        .fold(0, |version: u32, digit| version.saturating_mul(10).saturating_add(u32::from(digit - b'0')));
    match server {
        MysqlServer::Mariadb(own) => {
            version <= own && (of_mariadb || !matches!(version, FIRST_NOT_OF_MARIADB..=99_999))
        }
        // Before 8.0 only five digits were read, and a sixth belonged to what follows.
        MysqlServer::Mysql(own) => !of_mariadb && version <= own && digits.len() < 6,
        MysqlServer::Unknown => !of_mariadb && version < FIRST_NOT_OF_MARIADB && digits.len() < 6,
    }
}

/// From here to 9.99.99 MariaDB leaves out what is meant for MySQL; nobody still runs a server before this one.
const FIRST_NOT_OF_MARIADB: u32 = 50_700;

/// Whether a comment's hints may do more than choose a plan: set a variable that is not on the list, or put the
/// statement into a resource group.
fn acts(hints: &[u8]) -> bool {
    let lower = hints.to_ascii_lowercase();
    let after = |word: &[u8]| {
        let mut places = Vec::new();
        places.extend(lower.windows(word.len()).enumerate().filter(|(_, part)| *part == word));
        places.into_iter().map(|(place, _)| place + word.len()).collect::<Vec<_>>()
    };
    let harmless = |at: &usize| {
        let rest = lower.get(*at..).unwrap_or_default().trim_ascii_start();
        let rest = rest.strip_prefix(b"(").unwrap_or_default().trim_ascii_start();
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let name = rest.get(..length).unwrap_or_default();
        HARMLESS_IN_HINTS.iter().any(|one| one.as_bytes() == name)
    };
    !after(b"resource_group").is_empty() || !after(b"set_var").iter().all(harmless)
}

/// What `SET_VAR` may set without a doubt: how a plan is chosen, how much room it takes and how long.
const HARMLESS_IN_HINTS: [&str; 22] = [
    "big_tables",
    "div_precision_increment",
    "end_markers_in_json",
    "eq_range_index_dive_limit",
    "group_concat_max_len",
    "join_buffer_size",
    "lock_wait_timeout",
    "max_error_count",
    "max_execution_time",
    "max_heap_table_size",
    "max_join_size",
    "max_length_for_sort_data",
    "max_seeks_for_key",
    "max_sort_length",
    "optimizer_prune_level",
    "optimizer_search_depth",
    "optimizer_switch",
    "range_optimizer_max_mem_size",
    "read_rnd_buffer_size",
    "sort_buffer_size",
    "time_zone",
    "tmp_table_size",
];

/// A byte of a user variable's name, or of a host's name behind `@`.
fn variable_byte(byte: u8) -> bool {
    byte == b'.' || CLASSES[byte as usize] & IDENTIFIER != 0
}

#[cfg(test)]
mod tests;
