//! How does a text whose literals are gone become one that the grammar accepts?
//!
//! A text that was kept has `?` where a literal stood, and `a = 1` written closely reads `a=?`, which is one
//! operator to PostgreSQL. Here each `?` that stands for a literal becomes a constant, and so does each
//! literal, so that nothing of it can matter. What of an operator belongs to it follows from whether a
//! value may stand there: behind a value `?` is PostgreSQL's own operator (`tags ? 'a'`), where another
//! value follows.

use crate::Lexing;
use crate::keyword::{Keyword, is_reserved};
use crate::token::{Ending, Kind, Lexer, Token};

/// What stands for a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// A string, and a number where nothing else may stand.
    Text,
    Number,
}

impl Stand {
    fn written(self) -> &'static str {
        match self {
            Stand::Text => " '?' ",
            Stand::Number => " 1 ",
        }
    }
}

/// What stood before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// Something behind which a value may begin.
    Open,
    /// A value, or the end of one.
    Value,
    /// The name of a type: a value of its own, or what a literal begins with.
    Type,
    /// The name of a type that takes numbers in parentheses.
    Sized,
}

/// `text` with constants in place of what stands for literals; `None` where a token has no sure end.
pub(crate) fn replace(text: &str, lexing: Lexing, stand: Stand) -> Option<String> {
    let source = text.as_bytes();
    let mut writer = Writer {
        out: String::with_capacity(text.len() + 64),
        stand,
        before: Before::Open,
        sized: false,
        cast: false,
    };
    let mut tokens = Lexer::new(source, lexing);
    while let Some(token) = tokens.next() {
        if token.ending != Ending::Certain {
            return None;
        }
        match token.kind {
            Kind::Space | Kind::Comment => writer.out.push(' '),
            Kind::Operator => {
                let mut ahead = tokens;
                let value_follows = ahead.next_significant().is_some_and(|next| begins_value(&next, source));
                writer.operator(text.get(token.start..token.end)?, value_follows);
            }
            // The escape character of what stood before is gone with it.
            Kind::Word(Keyword::Uescape) => {
                tokens.next_significant();
            }
            _ => writer.token(&token, text)?,
        }
    }
    Some(writer.out)
}

struct Writer {
    out: String,
    stand: Stand,
    before: Before,
    /// Inside the parentheses of a type that takes numbers.
    sized: bool,
    /// Directly behind `::`.
    cast: bool,
}

impl Writer {
    fn token(&mut self, token: &Token, text: &str) -> Option<()> {
        let written = text.get(token.start..token.end)?;
        let cast = token.kind == Kind::Cast;
        match token.kind {
            Kind::Literal => self.value(),
            Kind::Punctuation(b'(') => {
                self.sized = self.before == Before::Sized;
                self.keep(written, Before::Open);
            }
            Kind::Punctuation(b')' | b']') => {
                self.sized = false;
                self.keep(written, Before::Value);
            }
            Kind::Punctuation(_) | Kind::Cast => self.keep(written, Before::Open),
            // Behind `::` a type is the end of a value.
            Kind::Word(_) => match behind_word(written) {
                Before::Type if self.cast => self.keep(written, Before::Value),
                before => self.keep(written, before),
            },
            _ => self.keep(written, Before::Value),
        }
        self.cast = cast;
        Some(())
    }

    fn keep(&mut self, written: &str, before: Before) {
        self.out.push_str(written);
        self.before = before;
    }

    fn value(&mut self) {
        let stand = if self.sized { Stand::Number } else { self.stand };
        self.out.push_str(stand.written());
        self.before = Before::Value;
    }

    /// An operator in which placeholders may stand.
    fn operator(&mut self, written: &str, value_follows: bool) {
        split(written, self.before == Before::Value, value_follows, &mut |part| match part {
            Part::Operator(operator) => self.keep(operator, Before::Open),
            Part::Placeholder => self.value(),
        });
    }
}

/// What an operator is made of.
pub(crate) enum Part<'w> {
    Operator(&'w str),
    Placeholder,
}

/// Takes an operator apart in which placeholders may stand.
pub(crate) fn split<'w>(
    written: &'w str,
    mut behind_value: bool,
    value_follows: bool,
    each: &mut impl FnMut(Part<'w>),
) {
    // The operators of jsonb and the geometric types that begin or end with the sign.
    let own = matches!(written, "?" | "?|" | "?&" | "@?" | "?#" | "?-" | "?||" | "?-|");
    if own && behind_value && value_follows {
        return each(Part::Operator(written));
    }
    let mut rest = written;
    while let Some((operator, behind)) = rest.split_once('?') {
        if operator.is_empty() && behind_value && value_follows && !behind.is_empty() {
            // `a ?|?`: the sign, and what belongs to it up to the next.
            let own = 1 + behind.find('?').unwrap_or(behind.len());
            let (operator, behind) = rest.split_at(own);
            each(Part::Operator(operator));
            (rest, behind_value) = (behind, false);
            continue;
        }
        if !operator.is_empty() {
            each(Part::Operator(operator));
        }
        each(Part::Placeholder);
        (rest, behind_value) = (behind, true);
    }
    if !rest.is_empty() {
        each(Part::Operator(rest));
    }
}

/// Whether a value begins with this token.
pub(crate) fn begins_value(token: &Token, source: &[u8]) -> bool {
    let bytes = token.bytes(source);
    match token.kind {
        Kind::Literal
        | Kind::Number
        | Kind::Parameter
        | Kind::QuotedIdentifier
        | Kind::UnicodeIdentifier
        | Kind::Punctuation(b'(') => true,
        Kind::Operator => bytes.first() == Some(&b'?'),
        Kind::Word(keyword) => {
            matches!(keyword, Keyword::Array | Keyword::Any | Keyword::All | Keyword::Case | Keyword::Null)
                || !(is_reserved(&bytes.to_ascii_lowercase()) || is_unit(bytes) || follows_value(bytes))
        }
        _ => false,
    }
}

/// Whether it is one of these words, with spaces between them.
pub(crate) fn is_any(word: &[u8], words: &str) -> bool {
    words.split(' ').any(|one| word.eq_ignore_ascii_case(one.as_bytes()))
}

/// Words behind an INTERVAL's literal.
fn is_unit(word: &[u8]) -> bool {
    is_any(word, "year month day hour minute second")
}

/// Other words that stand behind a literal and are no values.
fn follows_value(word: &[u8]) -> bool {
    const WORDS: &str = "\
        rows row preceding following percent escape at by over filter within is isnull set values for \
        passing columns path partition range groups nulls first next ties no cascade restrict format \
        delimiter csv header quote not returning begin language immutable stable volatile owned cache \
        increment cycle key update nothing keep omit error empty default uescape between skip nowait of";
    is_any(word, WORDS)
}

pub(crate) fn behind_word(word: &str) -> Before {
    let word = word.as_bytes();
    const VALUES: &str = "\
        null true false end current_date current_time current_timestamp current_user session_user user \
        localtime localtimestamp default current_schema current_role";
    const SIZED: &str = "\
        char character varchar varying nchar float time timestamp interval bit second current_timestamp \
        current_time localtime localtimestamp";
    const TYPES: &str = "\
        date timestamptz timetz numeric decimal int integer bigint smallint int2 int4 int8 float4 float8 \
        real precision json jsonb text uuid inet cidr macaddr bool boolean bytea point box line lseg \
        path polygon circle money xml tsvector tsquery regclass daterange tsrange tstzrange int4range \
        int8range numrange zone escape rows range groups first next by is delimiter quote";
    if is_any(word, SIZED) {
        Before::Sized
    } else if is_any(word, VALUES) {
        Before::Value
    } else if is_any(word, TYPES) {
        Before::Type
    } else if is_reserved(&word.to_ascii_lowercase()) {
        Before::Open
    } else {
        Before::Value
    }
}
