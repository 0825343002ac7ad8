//! How does a statement whose literals are gone become one that a server takes?
//!
//! A text that was kept has `?` where a literal stood and `$1` where a parameter did. Each of them is a
//! *gap*: whoever asks the server for a plan puts a parameter, a missing value or a literal there. What no
//! parameter can stand for is guessed and said ([`Gaps::is_guessed`]): the length of a type, and the column
//! that a number in ORDER BY or GROUP BY stood for.

use crate::Lexing;
use crate::keyword::Keyword;
use crate::token::{Ending, Kind, Lexer, Token};
use crate::usage::placeholders::{Before, Part, begins_value, behind_word, is_any, split};

/// Stands for a gap in the text while it is written: no text has it.
const MARK: char = '\0';

/// A place in a text where a value is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Which of the values belongs here, from 0. A parameter that is used twice has two gaps and one value.
    pub value: usize,
    /// Whether only a number can stand here: behind LIMIT and OFFSET.
    pub is_count: bool,
}

/// A text with gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gaps {
    /// One more than gaps.
    pieces: Vec<String>,
    gaps: Vec<Gap>,
    values: usize,
    guessed: bool,
}

impl Gaps {
    /// The gaps of a text; `None` where it was cut, or a token has no sure end.
    pub fn of(text: &str, lexing: Lexing) -> Option<Gaps> {
        if text.contains(MARK) || text.trim_end().ends_with('…') {
            return None;
        }
        let mut writer = Writer::new(text.len(), lexing);
        let mut tokens = Lexer::new(text.as_bytes(), lexing);
        while let Some(token) = tokens.next() {
            if token.ending != Ending::Certain {
                return None;
            }
            let written = text.get(token.start..token.end)?;
            match token.kind {
                Kind::Operator => {
                    let mut ahead = tokens;
                    let next = ahead.next_significant();
                    let value_follows = next.is_some_and(|next| begins_value(&next, text.as_bytes()));
                    writer.operator(written, value_follows);
                }
                _ => writer.token(&token, written),
            }
        }
        Some(writer.finish())
    }

    /// How many values it lacks.
    pub fn values(&self) -> usize {
        self.values
    }

    /// Whether anything stands in the text that was guessed.
    pub fn is_guessed(&self) -> bool {
        self.guessed
    }

    /// The text with what `fill` gives for each gap.
    pub fn filled(&self, mut fill: impl FnMut(Gap) -> String) -> String {
        let mut text = String::new();
        let mut gaps = self.gaps.iter();
        for piece in &self.pieces {
            text.push_str(piece);
            if let Some(gap) = gaps.next() {
                text.push_str(&fill(*gap));
            }
        }
        text
    }
}

/// A list behind ORDER BY or GROUP BY.
#[derive(Clone, Copy)]
struct List {
    /// In how many parentheses it stands.
    depth: usize,
    /// Elements that are over.
    before: usize,
    /// Nothing of the element has come yet.
    fresh: bool,
}

struct Writer {
    out: String,
    /// The numbers of parameters; `None` for what was a literal.
    gaps: Vec<(Option<u32>, bool)>,
    mysql: bool,
    before: Before,
    /// Inside the parentheses of a type that takes numbers: how many came already.
    sized: Option<usize>,
    /// Directly behind `::`.
    cast: bool,
    /// Where the name of a type begins that a literal may stand behind.
    type_from: Option<usize>,
    /// Directly behind AT, and behind AS.
    at: bool,
    names: bool,
    /// Directly behind the name of a type that takes numbers.
    takes_numbers: bool,
    /// Directly behind LIMIT or OFFSET, or in their list.
    counts: bool,
    depth: usize,
    list: Option<List>,
    guessed: bool,
}

impl Writer {
    fn new(length: usize, lexing: Lexing) -> Writer {
        Writer {
            out: String::with_capacity(length + 64),
            gaps: Vec::new(),
            mysql: lexing.is_mysql(),
            before: Before::Open,
            sized: None,
            cast: false,
            type_from: None,
            at: false,
            names: false,
            takes_numbers: false,
            counts: false,
            depth: 0,
            list: None,
            guessed: false,
        }
    }

    fn token(&mut self, token: &Token, written: &str) {
        match token.kind {
            Kind::Space | Kind::Comment => return self.out.push(' '),
            // The escape character of what stood before is gone with it.
            Kind::Word(Keyword::Uescape) => return,
            Kind::Parameter => {
                let number = written.strip_prefix('$').and_then(|digits| digits.parse().ok());
                self.gap(number);
            }
            Kind::Word(_) => self.word(written),
            Kind::Punctuation(byte) => self.punctuation(byte, written),
            Kind::Cast => self.keep(written, Before::Open),
            _ => self.keep(written, Before::Value),
        }
        self.cast = token.kind == Kind::Cast;
    }

    fn keep(&mut self, written: &str, before: Before) {
        if self.out.ends_with(MARK) && !written.starts_with([' ', ')', ']', ',', ';', ':', '.']) {
            self.out.push(' ');
        }
        self.out.push_str(written);
        self.before = before;
        self.begun();
    }

    /// Something of the element has come.
    fn begun(&mut self) {
        let depth = self.depth;
        if let Some(list) = self.list.as_mut().filter(|list| list.depth == depth) {
            list.fresh = false;
        }
    }

    fn punctuation(&mut self, byte: u8, written: &str) {
        match byte {
            b'(' => {
                self.sized = self.takes_numbers.then_some(0);
                self.keep(written, Before::Open);
                self.depth += 1;
            }
            b')' | b']' => {
                self.sized = None;
                if byte == b')' {
                    self.depth = self.depth.saturating_sub(1);
                    self.list = self.list.filter(|list| list.depth <= self.depth);
                }
                self.keep(written, Before::Value);
            }
            b',' => {
                self.takes_numbers = false;
                self.keep(written, Before::Open);
                if let Some(list) = self.list.as_mut().filter(|list| list.depth == self.depth) {
                    (list.before, list.fresh) = (list.before + 1, true);
                }
                return;
            }
            _ => self.keep(written, Before::Open),
        }
        (self.counts, self.takes_numbers) = (false, false);
    }

    fn word(&mut self, written: &str) {
        let word = written.as_bytes();
        let before = match behind_word(written) {
            // Behind `::` a type is the end of a value.
            Before::Type if self.cast => Before::Value,
            before => before,
        };
        let goes_on = is_any(word, "with without time zone varying precision") && self.type_from.is_some();
        if !goes_on {
            let begins = is_type(word, self.mysql) && !self.cast && !self.at;
            self.type_from = begins.then_some(self.out.len());
        }
        self.takes_numbers = takes_numbers(word) && (!self.mysql || self.names);
        (self.at, self.names) = (is_any(word, "at"), is_any(word, "as"));
        self.keep(written, before);
        self.counts = is_any(word, "limit offset");
        if is_any(word, "by") {
            self.list = Some(List { depth: self.depth, before: 0, fresh: true });
        } else if is_any(word, "limit offset having window union except intersect for from where select") {
            self.list = self.list.filter(|list| list.depth < self.depth);
        }
    }

    fn operator(&mut self, written: &str, value_follows: bool) {
        split(written, self.before == Before::Value, value_follows, &mut |part| match part {
            Part::Placeholder => self.gap(None),
            Part::Operator(operator) => {
                let signed = written.len() > operator.len();
                let operator = if signed { self.unsigned(operator) } else { operator };
                if !operator.is_empty() {
                    self.keep(operator, Before::Open);
                }
            }
        });
        (self.cast, self.counts) = (false, false);
    }

    /// An operator without the sign of the number behind it: the sign is the value's own.
    fn unsigned<'w>(&self, operator: &'w str) -> &'w str {
        // PostgreSQL ends an operator with a sign only where it has one of these.
        let keeps = operator.contains(['~', '!', '@', '#', '%', '^', '&', '|', '`']);
        match operator.strip_suffix(['-', '+']) {
            Some("") if self.before == Before::Value => operator,
            Some(rest) if !keeps => rest,
            _ => operator,
        }
    }

    fn gap(&mut self, parameter: Option<u32>) {
        if let Some(numbers) = &mut self.sized {
            let number = if *numbers == 0 { "6" } else { "2" };
            *numbers += 1;
            self.guessed = true;
            return self.keep(number, Before::Value);
        }
        let list = self.list.filter(|list| list.fresh && list.depth == self.depth && parameter.is_none());
        if let Some(list) = list {
            self.guessed = true;
            return self.keep(&(list.before + 1).to_string(), Before::Value);
        }
        let type_from = self.type_from.take().filter(|_| matches!(self.before, Before::Type | Before::Sized));
        let type_name = type_from.map(|from| self.out.split_off(from));
        // What is put there is a token of its own.
        if !(self.out.is_empty() || self.out.ends_with([' ', '(', '[', MARK])) {
            self.out.push(' ');
        }
        self.out.push(MARK);
        if let Some(name) = type_name.filter(|_| !self.mysql) {
            self.out.push_str("::");
            self.out.push_str(name.trim());
        }
        self.gaps.push((parameter, self.counts));
        self.before = Before::Value;
        self.begun();
    }

    fn finish(self) -> Gaps {
        let mut numbers: Vec<u32> = self.gaps.iter().filter_map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut values = numbers.len();
        let gaps = self.gaps.iter().map(|(number, is_count)| {
            let known = number.and_then(|number| numbers.binary_search(&number).ok());
            let value = known.unwrap_or_else(|| {
                values += 1;
                values - 1
            });
            Gap { value, is_count: *is_count }
        });
        let gaps = gaps.collect();
        let pieces = self.out.split(MARK).map(ToOwned::to_owned).collect();
        Gaps { pieces, gaps, values, guessed: self.guessed }
    }
}

/// Whether a literal may stand behind the name of this type.
fn is_type(word: &[u8], mysql: bool) -> bool {
    if mysql {
        return is_any(word, "date time timestamp");
    }
    const TYPES: &str = "\
        date time timestamp timestamptz timetz interval numeric decimal int integer bigint smallint int2 \
        int4 int8 float float4 float8 real double json jsonb text uuid inet cidr macaddr bool boolean bytea \
        point box line lseg path polygon circle money xml tsvector tsquery regclass daterange tsrange \
        tstzrange int4range int8range numrange char character varchar nchar bit";
    is_any(word, TYPES)
}

/// Whether the name of a type may be followed by its length, precision or scale.
fn takes_numbers(word: &[u8]) -> bool {
    const TYPES: &str = "\
        char character varchar varying nchar float time timestamp timestamptz timetz interval bit numeric decimal \
        binary datetime double";
    is_any(word, TYPES)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use exchange::Basis;

    /// With `$1` and so on for PostgreSQL, and with NULL for MySQL.
    fn filled(text: &str, lexing: Lexing) -> String {
        let gaps = Gaps::of(text, lexing).unwrap();
        gaps.filled(|gap| match (lexing.is_mysql(), gap.is_count) {
            (false, _) => format!("${}", gap.value + 1),
            (true, true) => "10".to_owned(),
            (true, false) => "NULL".to_owned(),
        })
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let filled = filled(text, Lexing::default());
        assert_eq!(filled, expected, "{text}");
        let analysis = crate::analyse(filled.as_bytes(), Lexing::default());
        let statement = analysis.statements.first().unwrap();
        assert_eq!(statement.effects.basis, Basis::Grammar, "the grammar takes `{filled}`");
    }

    #[test]
    fn literals_and_parameters_are_gaps() {
        check("SELECT * FROM t WHERE a = ? AND b > ?", "SELECT * FROM t WHERE a = $1 AND b > $2");
        check("SELECT * FROM t WHERE a=? AND b>=?", "SELECT * FROM t WHERE a= $1 AND b>= $2");
        // Parameters keep their order, literals come behind them.
        check(
            "SELECT ? FROM t WHERE a = $3 OR b = $1 OR c = $3",
            "SELECT $3 FROM t WHERE a = $2 OR b = $1 OR c = $2",
        );
        check("SELECT * FROM t WHERE a IN (?, ?,?)", "SELECT * FROM t WHERE a IN ($1, $2, $3)");
        check("SELECT ?::text, ARRAY[?,?]", "SELECT $1::text, ARRAY[$2, $3]");
        check("SELECT a FROM t WHERE b LIKE ? ESCAPE ?", "SELECT a FROM t WHERE b LIKE $1 ESCAPE $2");
        check("SELECT a FROM t LIMIT ? OFFSET ?", "SELECT a FROM t LIMIT $1 OFFSET $2");
        check("SELECT a FROM t FETCH FIRST ? ROWS ONLY", "SELECT a FROM t FETCH FIRST $1 ROWS ONLY");
    }

    #[test]
    fn operators_that_have_the_sign_stay_and_signs_of_numbers_go() {
        check("SELECT a ? ? FROM t", "SELECT a ? $1 FROM t");
        check("SELECT a ?| ? FROM t", "SELECT a ?| $1 FROM t");
        check("SELECT a @? ? FROM t", "SELECT a @? $1 FROM t");
        check(
            "SELECT a FROM t WHERE b > -? AND c=-? AND d - ? > ?",
            "SELECT a FROM t WHERE b > $1 AND c= $2 AND d - $3 > $4",
        );
        check("SELECT a->>? FROM t WHERE b ~ ?", "SELECT a->> $1 FROM t WHERE b ~ $2");
    }

    #[test]
    fn a_literal_behind_its_type_is_cast_and_what_no_parameter_can_be_is_guessed() {
        check(
            "SELECT * FROM t WHERE a > now() - INTERVAL ? AND b < timestamp with time zone ? AND c > DATE ?",
            "SELECT * FROM t WHERE a > now() - $1::INTERVAL AND b < $2::timestamp with time zone AND c > $3::DATE",
        );
        check(
            "SELECT interval ? day, a AT TIME ZONE ? FROM t",
            "SELECT $1::interval day, a AT TIME ZONE $2 FROM t",
        );
        check(
            "SELECT a::numeric(?, ?), b::varchar(?) FROM t GROUP BY ?, ? ORDER BY ? DESC, c LIMIT ?",
            "SELECT a::numeric(6, 2), b::varchar(6) FROM t GROUP BY 1, 2 ORDER BY 1 DESC, c LIMIT $1",
        );
        check(
            "SELECT date_trunc(?, a), sum(b) OVER (PARTITION BY c ORDER BY d) FROM t ORDER BY date_trunc(?, a)",
            "SELECT date_trunc($1, a), sum(b) OVER (PARTITION BY c ORDER BY d) FROM t ORDER BY date_trunc($2, a)",
        );
        assert!(Gaps::of("SELECT a FROM t GROUP BY ?", Lexing::default()).unwrap().is_guessed());
        assert!(!Gaps::of("SELECT a FROM t WHERE b = ?", Lexing::default()).unwrap().is_guessed());
    }

    #[test]
    fn mysql_has_no_numbers_and_no_casts() {
        let check = |text, expected: &str| assert_eq!(filled(text, Lexing::MYSQL), expected, "{text}");
        check("SELECT `a` FROM t WHERE b=? AND c = -?", "SELECT `a` FROM t WHERE b= NULL AND c = - NULL");
        check(
            "SELECT a FROM t WHERE b > DATE ? - INTERVAL ? DAY",
            "SELECT a FROM t WHERE b > NULL - INTERVAL NULL DAY",
        );
        check("SELECT a FROM t ORDER BY ? LIMIT ?, ?", "SELECT a FROM t ORDER BY 1 LIMIT 10, 10");
        check("SELECT CAST(a AS CHAR(?)), TIME(?) FROM t", "SELECT CAST(a AS CHAR(6)), TIME(NULL) FROM t");
    }

    #[test]
    fn what_was_cut_has_no_gaps_that_are_known() {
        for text in ["SELECT a FROM t WHERE b IN (?, ?…", "…", "SELECT 'a", "SELECT \0"] {
            assert_eq!(Gaps::of(text, Lexing::default()), None, "{text}");
        }
    }
}
