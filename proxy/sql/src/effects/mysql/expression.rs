//! Which columns, functions and queries does an expression hold?
//!
//! How strongly operators bind does not matter here, so an expression is operands and operators in turn. Parentheses are
//! counted, not recursed into: generated conditions nest deep.

use super::reader::{Place, Read, Reader};
use super::words;
use crate::functions::Kind as Does;
use crate::mysql::{character_sets, functions};
use crate::token::Kind;
use exchange::{Access, Class};

/// What the last operand was, as far as it decides what may follow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operand {
    Plain,
    /// A query in parentheses, or VALUES: a UNION may follow.
    Query,
}

impl<'a> Reader<'a> {
    /// An expression.
    pub(super) fn expression(&mut self, place: Place) -> Read {
        self.deeper(|reader| reader.operands(place))
    }

    /// Expressions with commas in between.
    pub(super) fn expressions(&mut self, place: Place) -> Read {
        self.list(|reader| reader.expression(place))
    }

    fn operands(&mut self, place: Place) -> Read {
        let mut open = 0usize;
        loop {
            self.prefixes();
            if self.is_sign(b'(') {
                if self.begins_query(1) {
                    self.skip();
                    self.query_in_parentheses(place)?;
                    if self.behind_operand(&mut open, Operand::Query, place)? {
                        continue;
                    }
                    return Ok(());
                }
                self.skip();
                open += 1;
                continue;
            }
            let operand = self.operand(place)?;
            if !self.behind_operand(&mut open, operand, place)? {
                return Ok(());
            }
        }
    }

    /// Signs and words before an operand.
    fn prefixes(&mut self) {
        loop {
            let prefix = match self.kind() {
                Some(Kind::Operator) => {
                    matches!(self.tokens.bytes(self.at), b"-" | b"+" | b"~" | b"!")
                }
                Some(Kind::Word(_)) => match self.word() {
                    "not" => true,
                    "binary" => !self.sign_at(1, b'.') && !self.ends_operand(1),
                    "prior" => false,
                    _ => false,
                },
                _ => false,
            };
            if !prefix {
                return;
            }
            self.skip();
        }
    }

    /// Whether the token `ahead` cannot begin an operand, so that a word before it is a name.
    fn ends_operand(&self, ahead: usize) -> bool {
        matches!(self.tokens.kind(self.at + ahead), None | Some(Kind::Punctuation(b')' | b',' | b'.' | b';')))
    }

    /// Behind an operand: `true` if another must follow.
    fn behind_operand(&mut self, open: &mut usize, last: Operand, place: Place) -> Read<bool> {
        let mut last = last;
        loop {
            match self.kind() {
                Some(Kind::Punctuation(b')')) if *open > 0 => {
                    self.skip();
                    *open -= 1;
                    continue;
                }
                Some(Kind::Punctuation(b',')) if *open > 0 => {
                    self.skip();
                    return Ok(true);
                }
                Some(Kind::Operator) => {
                    if self.is_operator(":=") {
                        self.understood += 1;
                        self.becomes(Class::Session);
                    }
                    self.skip();
                    return Ok(true);
                }
                Some(Kind::Word(_)) => {}
                _ if *open > 0 => return self.unexpected(),
                _ => return Ok(false),
            }
            match self.word() {
                "and" | "or" | "xor" | "div" | "mod" | "like" | "rlike" | "regexp" | "between" | "escape"
                | "in"
                    if !(self.is("in") && matches!(self.word_at(1), "boolean" | "natural")) =>
                {
                    self.skip();
                    return Ok(true);
                }
                "is" => self.is_what()?,
                "not" => {
                    self.skip();
                    match self.word() {
                        "in" | "like" | "rlike" | "regexp" | "between" => {
                            self.skip();
                            return Ok(true);
                        }
                        _ => return self.unexpected(),
                    }
                }
                "sounds" if self.word_at(1) == "like" => {
                    self.at += 2;
                    return Ok(true);
                }
                "member" if self.word_at(1) == "of" || self.sign_at(1, b'(') => {
                    self.skip();
                    self.take("of");
                    return Ok(true);
                }
                "collate" => {
                    self.skip();
                    self.collation()?;
                }
                "union" | "except" | "intersect" | "minus" | "order" | "limit"
                    if *open > 0 && last == Operand::Query =>
                {
                    self.query_rest(place.scope)?;
                }
                _ if *open > 0 => return self.unexpected(),
                _ => return Ok(false),
            }
            last = Operand::Plain;
        }
    }

    /// IS [NOT] NULL and its like.
    fn is_what(&mut self) -> Read {
        self.skip();
        self.take("not");
        match self.take_any(&["null", "true", "false", "unknown"]) {
            Some(_) => Ok(()),
            None => self.unexpected(),
        }
    }

    /// The name of a collation or a character set.
    pub(super) fn collation(&mut self) -> Read {
        if matches!(self.kind(), Some(Kind::Word(_) | Kind::QuotedIdentifier | Kind::Literal)) {
            self.skip();
            return Ok(());
        }
        self.unexpected()
    }

    fn operand(&mut self, place: Place) -> Read<Operand> {
        match self.kind() {
            Some(Kind::Literal) => {
                self.take_literal();
            }
            Some(Kind::Number | Kind::Parameter) => self.skip(),
            Some(Kind::Variable) => self.variable()?,
            Some(Kind::Other(b'@')) => {
                self.skip();
                self.expect_literal()?;
            }
            // `\N`, which is NULL.
            Some(Kind::Other(b'\\')) if self.word_at(1) == "n" => self.at += 2,
            Some(Kind::Other(b'{')) => self.in_braces(place)?,
            Some(Kind::QuotedIdentifier) | Some(Kind::Punctuation(b'.')) => self.column_or_call(place)?,
            Some(Kind::Word(_)) => return self.word_operand(place),
            _ => return self.unexpected(),
        }
        Ok(Operand::Plain)
    }

    /// `@a`, `@@a`, `@@global.a`.
    fn variable(&mut self) -> Read {
        let bare = self.tokens.bytes(self.at) == b"@@";
        let system = self.tokens.bytes(self.at).starts_with(b"@@");
        self.skip();
        if bare {
            self.any_name()?;
        }
        while system && self.take_sign(b'.') {
            // The name of a connection may be a literal.
            if !self.take_kind(Kind::Literal) {
                self.any_name()?;
            }
        }
        Ok(())
    }

    /// `{d '2020-01-01'}` and its like.
    fn in_braces(&mut self, place: Place) -> Read {
        self.skip();
        self.any_name()?;
        self.expression(place)?;
        if self.take_kind(Kind::Other(b'}')) { Ok(()) } else { self.unexpected() }
    }

    fn word_operand(&mut self, place: Place) -> Read<Operand> {
        let word = self.word();
        let calls = self.sign_at(1, b'(');
        match word {
            "null" | "true" | "false" if !calls => self.skip(),
            "case" => self.case(place)?,
            "exists" if calls => {
                self.at += 2;
                self.query_in_parentheses(place.quiet())?;
            }
            "all" | "any" | "some" if calls => {
                self.at += 2;
                self.query_in_parentheses(place.quiet())?;
            }
            "interval" => self.interval(place)?,
            "row" if calls => {
                self.at += 2;
                self.expressions(place)?;
                self.expect_sign(b')')?;
            }
            "match" => self.matches(place)?,
            "default" if !calls => self.skip(),
            "next" | "previous" if self.word_at(1) == "value" && self.word_at(2) == "for" => {
                self.sequence_value(word == "next")?;
            }
            "date" | "time" | "timestamp" if self.tokens.kind(self.at + 1) == Some(Kind::Literal) => {
                self.at += 2;
            }
            // As in FOR SYSTEM_TIME BETWEEN.
            "timestamp" | "transaction"
                if matches!(
                    self.tokens.kind(self.at + 1),
                    Some(Kind::Variable | Kind::Parameter | Kind::Number)
                ) =>
            {
                self.skip();
                return self.operand(place);
            }
            "values" if calls => {
                self.call(place)?;
                return Ok(Operand::Query);
            }
            _ if self.introduces() => {
                self.skip();
                self.skip();
            }
            _ if calls => self.call(place)?,
            _ if functions::is_called_without_parentheses(word) && !self.sign_at(1, b'.') => self.skip(),
            _ => self.column_or_call(place)?,
        }
        Ok(Operand::Plain)
    }

    /// Whether a literal follows, and the word says its character set.
    fn introduces(&self) -> bool {
        let named = self
            .word()
            .strip_prefix('_')
            .is_some_and(|name| character_sets::is_character_set(name.as_bytes(), self.lexing.server()));
        named && matches!(self.tokens.kind(self.at + 1), Some(Kind::Literal | Kind::Number))
    }

    fn case(&mut self, place: Place) -> Read {
        self.skip();
        if !self.is("when") {
            self.expression(place)?;
        }
        while self.take("when") {
            self.expression(place.quiet())?;
            self.expect("then")?;
            self.expression(place)?;
        }
        if self.take("else") {
            self.expression(place)?;
        }
        self.expect("end")
    }

    /// `INTERVAL 1 DAY`, or the function of that name.
    fn interval(&mut self, place: Place) -> Read {
        self.skip();
        self.expression(place)?;
        if words::is_unit(self.word()) {
            self.skip();
        }
        Ok(())
    }

    fn matches(&mut self, place: Place) -> Read {
        self.skip();
        let parentheses = self.take_sign(b'(');
        self.expressions(place)?;
        if parentheses {
            self.expect_sign(b')')?;
        }
        self.expect("against")?;
        self.expect_sign(b'(')?;
        self.against(place)?;
        self.expect_sign(b')')
    }

    /// What is searched for, and how.
    fn against(&mut self, place: Place) -> Read {
        self.expression(place)?;
        while self.take_all(&["in", "boolean", "mode"])
            || self.take_all(&["in", "natural", "language", "mode"])
            || self.take_all(&["with", "query", "expansion"])
        {}
        Ok(())
    }

    /// `NEXT VALUE FOR s` and `PREVIOUS VALUE FOR s`.
    fn sequence_value(&mut self, next: bool) -> Read {
        self.at += 3;
        let name = self.relation_name()?;
        if next {
            self.understood += 1;
            self.uses(name, Access::READ.with(Access::UPDATE));
            self.acts_as("nextval", Does::Writes);
        } else {
            self.uses(name, Access::READ);
        }
        Ok(())
    }

    /// `a`, `t.a`, `s.t.a`, `.t.a`, or a call of somebody's function with its schema: `s.f(1)`.
    fn column_or_call(&mut self, place: Place) -> Read {
        let leading = self.take_sign(b'.');
        let first_at = self.at;
        let first = if leading { self.any_name()? } else { self.name()? };
        if !self.is_sign(b'.') {
            if self.is_sign(b'(') {
                self.calls(None, first_at);
                return self.arguments(first.1, place);
            }
            self.column(first.1, place);
            return Ok(());
        }
        self.skip();
        let second_at = self.at;
        let second = self.any_name()?;
        if self.is_sign(b'(') {
            self.calls(Some(first.0), second_at);
            return self.arguments("", place);
        }
        if !self.take_sign(b'.') {
            self.field(second.1);
            self.column_of(None, first.0, second.1, place);
            return Ok(());
        }
        let third = self.any_name()?;
        self.field(third.1);
        self.column_of(Some(first.0), second.0, third.1, place);
        Ok(())
    }

    /// In MariaDB's ORACLE mode `s.nextval` moves the sequence.
    fn field(&mut self, name: &str) {
        if name == "nextval" {
            self.acts_as("nextval", Does::Writes);
        }
    }
}
