//! Which columns stand in an expression, and which are compared, by its words?

use super::super::draft::{Level, Query, Reference};
use super::super::{JoinKind, Place};
use super::Reader;
use crate::token::Kind;

/// What an expression is, beside the columns in it.
#[derive(Debug)]
pub(super) enum Shape {
    /// One column and no more.
    Column(Reference),
    /// `*`, or `item.*`.
    All(Option<Box<str>>),
    Other,
}

/// An expression that was read.
#[derive(Debug)]
pub(super) struct Expression {
    pub(super) shape: Shape,
    /// The name behind it.
    pub(super) alias: Option<Box<str>>,
}

/// One of several conditions that all rows meet.
#[derive(Debug)]
enum Conjunct {
    Empty,
    Left(Reference),
    Equal(Reference),
    Both(Reference, Reference),
    /// Something else.
    Other,
}

/// An expression while it is read.
struct State {
    level: Level,
    place: Place,
    /// The query whose results an ORDER BY or GROUP BY may name.
    by: Option<Query>,
    /// Within parentheses.
    inside: bool,
    /// Whether a value stands before.
    value: bool,
    conjunct: Conjunct,
    /// Equalities that all rows meet, unless an OR follows.
    joins: Vec<(Reference, Reference)>,
    either: bool,
    between: bool,
    /// IN stands before.
    member: bool,
    /// Tokens of values, to tell one column from more.
    parts: usize,
    shape: Shape,
    alias: Option<Box<str>>,
}

impl State {
    fn new(level: Level, place: Place, by: Option<Query>, inside: bool) -> State {
        State {
            level,
            place,
            by,
            inside,
            value: false,
            conjunct: Conjunct::Empty,
            joins: Vec::new(),
            either: false,
            between: false,
            member: false,
            parts: 0,
            shape: Shape::Other,
            alias: None,
        }
    }

    /// Something that is no column of its own.
    fn other(&mut self, value: bool) {
        self.value = value;
        self.parts += 1;
        self.conjunct = Conjunct::Other;
    }

    fn column(&mut self, reference: Reference) {
        self.value = true;
        self.parts += 1;
        self.conjunct = match std::mem::replace(&mut self.conjunct, Conjunct::Other) {
            Conjunct::Empty => Conjunct::Left(reference.clone()),
            Conjunct::Equal(left) => Conjunct::Both(left, reference.clone()),
            _ => Conjunct::Other,
        };
        self.shape = Shape::Column(reference);
    }

    fn equal(&mut self) {
        self.value = false;
        self.parts += 1;
        self.conjunct = match std::mem::replace(&mut self.conjunct, Conjunct::Other) {
            Conjunct::Left(left) => Conjunct::Equal(left),
            _ => Conjunct::Other,
        };
    }

    /// One condition is over.
    fn end_conjunct(&mut self) {
        if let Conjunct::Both(left, right) = std::mem::replace(&mut self.conjunct, Conjunct::Empty) {
            self.joins.push((left, right));
        }
        self.value = false;
    }

    fn negated(&self) -> bool {
        !matches!(self.conjunct, Conjunct::Empty)
    }
}

impl Reader<'_> {
    /// Reads up to what cannot be part of an expression.
    pub(super) fn expression(&mut self, level: Level, place: Place, kind: Option<JoinKind>) -> Expression {
        self.expression_of(level, place, kind, None)
    }

    /// The same, where `by` is the query that an ORDER BY or GROUP BY belongs to.
    pub(super) fn expression_of(
        &mut self,
        level: Level,
        place: Place,
        kind: Option<JoinKind>,
        by: Option<Query>,
    ) -> Expression {
        let mut state = State::new(level, place, by, false);
        self.parts(&mut state);
        if let Some(kind) = kind {
            for (left, right) in state.joins {
                self.draft.join(left, right, kind);
            }
        }
        let shape = if state.parts == 1 { state.shape } else { Shape::Other };
        Expression { shape, alias: state.alias }
    }

    fn parts(&mut self, state: &mut State) {
        while let Some(kind) = self.kind(0) {
            let before = self.at;
            match kind {
                Kind::Punctuation(b'(') => self.parenthesis(state),
                Kind::Punctuation(b')' | b';') => break,
                Kind::Punctuation(b',') if !state.inside => break,
                Kind::Punctuation(b',') => {
                    self.at += 1;
                    state.other(false);
                }
                Kind::Word(_) => {
                    if self.word(state) {
                        break;
                    }
                }
                Kind::QuotedIdentifier | Kind::UnicodeIdentifier => self.name(state),
                Kind::Operator => self.operator(state),
                Kind::Literal | Kind::Number | Kind::Parameter | Kind::Variable => {
                    self.at += 1;
                    self.literal(state);
                }
                _ => {
                    self.at += 1;
                    state.other(false);
                }
            }
            debug_assert!(self.at > before || self.kind(0).is_some());
        }
        state.end_conjunct();
        if state.either {
            state.joins.clear();
        }
    }

    fn literal(&mut self, state: &mut State) {
        // Behind a value, a quoted text names what is returned.
        if !(state.value && state.place == Place::Select && !state.inside) {
            state.other(true);
        }
    }

    fn operator(&mut self, state: &mut State) {
        let bytes = self.bytes(0);
        self.at += 1;
        match bytes {
            b"=" => state.equal(),
            b"*" if !state.value && state.parts == 0 => {
                state.other(true);
                state.shape = Shape::All(None);
                if !state.inside {
                    let (level, place) = (state.level, state.place);
                    self.star(level, None, place);
                }
            }
            b"||" if self.lexing.is_mysql() => {
                state.either = true;
                state.other(false);
            }
            b"&&" => state.end_conjunct(),
            // What was an operator and a literal is one token without the literal's quotes.
            _ => state.other(bytes.ends_with(b"?")),
        }
    }

    /// What stands in parentheses: a query, the rest of a call, a list, or a condition.
    fn parenthesis(&mut self, state: &mut State) {
        let (level, place) = (state.level, state.place);
        if self.is_word(1, &["select", "with"]) {
            let query = self.draft.query();
            self.at += 1;
            if !self.deeper(|reader| reader.query(Some(level), query)) {
                self.at -= 1;
                self.skip_parentheses();
            } else if !self.take_sign(b')') {
                self.draft.complete = false;
            }
            let conjunct = std::mem::replace(&mut state.conjunct, Conjunct::Other);
            if let (true, Conjunct::Equal(left)) = (std::mem::take(&mut state.member), conjunct) {
                let right = Reference::Output { query, position: 0 };
                state.joins.push((left, right));
            }
            return state.other(true);
        }
        let negated = state.negated();
        let mut inner = State::new(level, place, None, true);
        self.at += 1;
        if self.deeper(|reader| reader.parts(&mut inner)) {
            self.draft.complete &= self.take_sign(b')');
        } else {
            self.at -= 1;
            self.skip_parentheses();
        }
        if !negated {
            state.joins.append(&mut inner.joins);
        }
        match inner.shape {
            Shape::Column(reference) if inner.parts == 1 => state.column(reference),
            _ => state.other(true),
        }
    }

    /// A keyword or a name; whether the expression is over.
    fn word(&mut self, state: &mut State) -> bool {
        let called = self.is_sign(1, b'(');
        if self.is_sign(1, b'.') {
            self.name(state);
            return false;
        }
        if self.is_word(0, &["and"]) {
            self.at += 1;
            match std::mem::take(&mut state.between) {
                true => state.other(false),
                false => state.end_conjunct(),
            }
            return false;
        }
        if self.is_word(0, &["or", "xor"]) {
            self.at += 1;
            (state.either, state.value) = (true, false);
            state.other(false);
            return false;
        }
        if self.is_word(0, &["in"]) && self.is_query(1) {
            self.at += 1;
            state.equal();
            state.member = true;
            return false;
        }
        if self.is_word(0, &["in"]) && self.is_word(1, &["boolean", "natural"]) {
            // The manner of a MATCH … AGAINST.
            while self.kind(0).is_some_and(|kind| matches!(kind, Kind::Word(_))) {
                self.at += 1;
            }
            return false;
        }
        if self.is_word(0, &["between"]) {
            state.between = true;
        }
        if self.is_among(OPERATORS) {
            self.at += 1;
            state.other(false);
            return false;
        }
        if self.is_among(VALUES) && !called {
            self.at += 1;
            state.other(true);
            return false;
        }
        if self.is_word(0, &["as"]) {
            self.at += 1;
            self.named(state);
            return false;
        }
        if (state.value || !called) && self.is_among(ENDS) {
            // `EXTRACT (YEAR FROM a)` and its like.
            if state.inside {
                self.at += 1;
                state.other(false);
                // What a text is converted to.
                if self
                    .tokens
                    .get(self.at - 1)
                    .is_some_and(|one| one.bytes(self.text).eq_ignore_ascii_case(b"using"))
                {
                    self.at += usize::from(self.is_name(0));
                }
            }
            return !state.inside;
        }
        self.name(state);
        false
    }

    /// What stands behind AS: another name, or within CAST a type.
    fn named(&mut self, state: &mut State) {
        if state.inside {
            while self.kind(0).is_some_and(|kind| !matches!(kind, Kind::Punctuation(b')' | b','))) {
                if self.is_sign(0, b'(') {
                    self.skip_parentheses();
                } else {
                    self.at += 1;
                }
            }
            return state.other(true);
        }
        match self.take_name() {
            Some(name) => state.alias = Some(name),
            None => self.at += usize::from(self.kind(0) == Some(Kind::Literal)),
        }
    }

    /// A column, a call, or another name for what stands before.
    fn name(&mut self, state: &mut State) {
        if state.value && !self.is_sign(1, b'(') {
            return self.behind_value(state);
        }
        let literal = matches!(self.kind(1), Some(Kind::Literal | Kind::Parameter));
        if literal && self.is_word(0, &["date", "time", "timestamp"]) {
            self.at += 2;
            return state.other(true);
        }
        // `EXTRACT (YEAR FROM a)`.
        if state.inside && state.parts == 0 && self.is_word(1, &["from"]) {
            self.at += 1;
            return state.other(true);
        }
        let (level, place) = (state.level, state.place);
        let mut parts: Vec<Box<str>> = Vec::new();
        loop {
            match self.take_name() {
                Some(part) => parts.push(part),
                None => {
                    self.at += 1;
                    return state.other(true);
                }
            }
            if !self.is_sign(0, b'.') {
                break;
            }
            self.at += 1;
            if self.bytes(0) == b"*" {
                self.at += 1;
                let item = parts.pop();
                self.star(level, item.clone(), place);
                state.other(true);
                state.shape = Shape::All(item);
                return;
            }
        }
        if self.is_sign(0, b'(') {
            state.other(false);
            return;
        }
        let name = parts.pop().unwrap_or_default();
        let item = parts.pop();
        let schema = parts.pop();
        let reference = match (&item, state.by) {
            (None, Some(query)) if state.parts == 0 => Reference::By { level, query, name },
            _ => Reference::Named { level, schema, item, name },
        };
        self.draft.column(reference.clone(), false, place);
        state.column(reference);
    }

    /// A name behind a value is another name for it, a unit of time or a direction.
    fn behind_value(&mut self, state: &mut State) {
        if self.is_among(BEHIND_VALUES) {
            self.at += 1;
            return;
        }
        let name = self.take_name();
        if state.place == Place::Select && !state.inside && state.alias.is_none() {
            state.alias = name;
        } else {
            self.at += usize::from(name.is_none());
            self.draft.complete = false;
        }
    }

    fn star(&mut self, level: Level, item: Option<Box<str>>, place: Place) {
        match item {
            None => self.draft.all(level, place),
            item => {
                let reference = Reference::Named { level, schema: None, item, name: "*".into() };
                self.draft.column(reference, false, place);
            }
        }
    }
}

/// Words that stand between values, or before one.
const OPERATORS: &str = "\
    not like ilike rlike regexp in between is div mod escape collate binary case when then else interval \
    at distinct all any some exists similar to sounds member of over filter within partition separator \
    both leading trailing array rows range groups distinctrow by";

/// Words that are values.
const VALUES: &str = "\
    null true false unknown end default current_date current_time current_timestamp current_user \
    localtime localtimestamp utc_date utc_time utc_timestamp maxvalue";

/// Words at which an expression is over, or a part of a call.
const ENDS: &str = "\
    from where group having order limit offset fetch union except intersect into for window on using \
    join inner left right full cross natural straight_join set values returning lock procedure with";

/// Words behind a value that change nothing.
const BEHIND_VALUES: &str = "\
    asc desc nulls first last year quarter month week day hour minute second microsecond year_month \
    day_hour day_minute day_second day_microsecond hour_minute hour_second minute_second preceding \
    following row rows only time zone current unbounded";
