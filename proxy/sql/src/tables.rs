//! Which tables does a statement name?
//!
//! Read off the tokens, without a grammar: the names behind FROM and its commas, JOIN, INTO, UPDATE,
//! USING of a DELETE or MERGE, TABLE, TRUNCATE, COPY, LOCK, REFERENCES, and ON of an index, trigger or
//! policy. A name with parentheses behind it in FROM is a function. A name that a WITH gives is left
//! out wherever it stands without a schema, even where it means a table.

use crate::Lexing;
use crate::keyword::Keyword;
use crate::name;
use crate::token::{Ending, Kind, Lexer, Token};
use exchange::Statement;

/// Names a WITH gives that are told from tables; more are in generated statements only.
const QUERIES_MAX: usize = 16;

/// Told every significant token of a statement in order, finds its tables. Large, so it is used again
/// for the next statement.
pub(crate) struct Tables {
    is_mysql: bool,
    /// Nothing more is taken.
    hidden: bool,
    found: Places,
    /// What WITH gives.
    queries: Places,
    state: State,
    /// The name that is being read.
    name: (usize, usize),
    previous: Option<Kind>,
    head: Keyword,
    /// What CREATE creates.
    object: Keyword,
    depth: u32,
    /// One bit for each depth of parentheses, the outermost lowest.
    lists: u64,
    queried: u64,
    using: u64,
    with: u64,
}

/// Where in the text distinct names stand.
#[derive(Clone, Copy, Default)]
struct Places {
    places: [(usize, usize); QUERIES_MAX],
    used: usize,
}

const _: () = assert!(QUERIES_MAX == Statement::TABLES_MAX);

/// What the next token may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Nothing,
    /// The first part of a name.
    Expected(Place),
    /// A dot, or the end of the name.
    Named(Place),
    /// Another part of a name.
    Dotted(Place),
}

/// Where a name stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where a function or a query in parentheses may stand too.
    Source,
    /// Behind INTO, where TEMP may stand before the name.
    Target,
    Only,
    /// Behind WITH: not a table.
    Query,
}

impl Tables {
    pub(crate) fn new(lexing: Lexing) -> Tables {
        Tables {
            is_mysql: lexing.is_mysql(),
            hidden: false,
            found: Places::default(),
            queries: Places::default(),
            state: State::Nothing,
            name: (0, 0),
            previous: None,
            head: Keyword::None,
            object: Keyword::None,
            depth: 0,
            lists: 0,
            queried: 0,
            using: 0,
            with: 0,
        }
    }

    /// A statement begins; `hidden` when nothing of it may be shown.
    pub(crate) fn begin(&mut self, hidden: bool) {
        self.hidden = hidden;
        (self.found.used, self.queries.used) = (0, 0);
        (self.state, self.previous) = (State::Nothing, None);
        (self.head, self.object) = (Keyword::None, Keyword::None);
        (self.depth, self.lists, self.queried, self.using, self.with) = (0, 0, 0, 0, 0);
    }

    /// Takes the statement's next significant token.
    #[inline]
    pub(crate) fn push(&mut self, token: &Token, text: &[u8]) {
        // Behind a disputed end a literal could pass for a name.
        self.hidden |= token.ending != Ending::Certain;
        if self.hidden {
            return;
        }
        let state = std::mem::replace(&mut self.state, State::Nothing);
        match state {
            // A column, whatever it is called.
            State::Nothing if self.previous == Some(Kind::Punctuation(b'.')) && is_name(token.kind) => {}
            State::Nothing => self.outside(token.kind),
            State::Expected(place) => self.expected(token, text, place),
            State::Named(place) if token.kind == Kind::Punctuation(b'.') => self.state = State::Dotted(place),
            State::Named(place) => self.named(token, text, place),
            State::Dotted(place) if is_name(token.kind) => {
                self.name.1 = token.end;
                self.state = State::Named(place);
            }
            State::Dotted(_) => self.outside(token.kind),
        }
        self.previous = Some(token.kind);
    }

    /// The names, folded, sorted and each once.
    pub(crate) fn finish(&mut self, text: &[u8], lexing: Lexing) -> Box<[Box<str>]> {
        if let State::Named(place) = self.state
            && !self.hidden
        {
            self.take(text, place);
        }
        if self.found.used == 0 {
            return Box::default();
        }
        let folded = |place: &(usize, usize)| name_at(text.get(place.0..place.1)?, lexing);
        // Without one it allocates nothing.
        let queries: Vec<Box<str>> = self.queries.all().iter().filter_map(folded).collect();
        let mut names: Vec<Box<str>> = self.found.all().iter().filter_map(folded).collect();
        names.retain(|name| !queries.contains(name));
        names.sort_unstable();
        names.dedup();
        let mut bytes = 0usize;
        names.retain(|name| {
            bytes += name.len();
            bytes <= Statement::TABLES_BYTES_MAX
        });
        names.into_boxed_slice()
    }

    fn bit(&self) -> u64 {
        1u64.checked_shl(self.depth).unwrap_or(0)
    }

    fn expected(&mut self, token: &Token, text: &[u8], place: Place) {
        match token.kind {
            // ONLY (t), IF EXISTS t, LATERAL f(): the name is still to come.
            Kind::Word(Keyword::Only | Keyword::If | Keyword::Not | Keyword::Exists | Keyword::Lateral)
            | Kind::Word(Keyword::Ignore | Keyword::Recursive | Keyword::Into) => {
                self.state = State::Expected(place);
            }
            Kind::Word(Keyword::Table | Keyword::Tables) if place != Place::Query => {
                self.state = State::Expected(Place::Only);
            }
            Kind::Word(keyword) if begins_clause(keyword) => self.outside(token.kind),
            Kind::Word(_) if self.is_mysql && is_modifier(token.bytes(text)) => {
                self.state = State::Expected(place);
            }
            kind if is_name(kind) => {
                self.name = (token.start, token.end);
                self.state = State::Named(place);
            }
            Kind::Punctuation(b'(') if place == Place::Source => {
                self.depth += 1;
                self.clear();
                self.lists |= self.bit();
                self.state = State::Expected(Place::Source);
            }
            other => self.outside(other),
        }
    }

    /// Behind a whole name.
    fn named(&mut self, token: &Token, text: &[u8], place: Place) {
        match (place, token.kind) {
            // A function.
            (Place::Source, Kind::Punctuation(b'(')) => {}
            // ROWS FROM (f(), g()).
            (Place::Source, Kind::Word(Keyword::From))
                if self.previous == Some(Kind::Word(Keyword::Rows)) =>
            {
                self.state = State::Expected(Place::Source);
                return;
            }
            (Place::Query, Kind::Word(Keyword::As) | Kind::Punctuation(b'(')) => {
                self.queries.add(self.name, text);
                self.with |= self.bit();
            }
            (Place::Query, _) => {}
            // INTO TEMP t.
            (Place::Target, kind)
                if matches!(
                    self.previous,
                    Some(Kind::Word(Keyword::Temp | Keyword::Temporary | Keyword::Unlogged))
                ) && (is_name(kind) || kind == Kind::Word(Keyword::Table))
                    && !matches!(kind, Kind::Word(keyword) if begins_clause(keyword)) =>
            {
                return self.expected(token, text, Place::Only);
            }
            _ => self.take(text, place),
        }
        self.outside(token.kind);
    }

    fn take(&mut self, text: &[u8], place: Place) {
        let (start, end) = self.name;
        let dual =
            self.is_mysql && text.get(start..end).is_some_and(|name| name.eq_ignore_ascii_case(b"dual"));
        if place != Place::Query && !dual {
            self.found.add(self.name, text);
        }
    }

    /// A token that is no part of a name.
    fn outside(&mut self, kind: Kind) {
        match kind {
            Kind::Word(keyword) => self.word(keyword),
            Kind::Punctuation(b'(') => {
                self.depth += 1;
                self.clear();
            }
            Kind::Punctuation(b')') => self.depth = self.depth.saturating_sub(1),
            Kind::Punctuation(b',') if self.lists & self.bit() != 0 => {
                self.state = State::Expected(Place::Source);
            }
            Kind::Punctuation(b',')
                if self.with & self.bit() != 0 && self.previous == Some(Kind::Punctuation(b')')) =>
            {
                self.state = State::Expected(Place::Query);
            }
            // A body with more than one statement.
            Kind::Punctuation(b';') => self.clear(),
            _ => {}
        }
    }

    /// At this depth nothing is known any more.
    fn clear(&mut self) {
        let others = !self.bit();
        self.lists &= others;
        self.queried &= others;
        self.using &= others;
        self.with &= others;
    }

    fn word(&mut self, keyword: Keyword) {
        let bit = self.bit();
        let first = self.previous.is_none();
        if first {
            self.head = keyword;
        } else if self.head == Keyword::Create
            && self.object == Keyword::None
            && matches!(keyword, Keyword::Index | Keyword::Trigger | Keyword::Policy | Keyword::Table)
        {
            self.object = keyword;
        }
        match keyword {
            Keyword::Select => {
                self.clear();
                self.queried |= bit;
            }
            Keyword::Values | Keyword::Where | Keyword::Set | Keyword::Group | Keyword::Having => {
                self.lists &= !bit;
            }
            Keyword::Union | Keyword::Except | Keyword::Intersect | Keyword::Limit | Keyword::Offset => {
                self.lists &= !bit;
            }
            // ORDER BY and PARTITION BY; a window's own is deeper.
            Keyword::By | Keyword::For | Keyword::Returning | Keyword::Fetch => self.lists &= !bit,
            Keyword::With => self.state = State::Expected(Place::Query),
            Keyword::From => self.from(),
            Keyword::Join => self.state = State::Expected(Place::Source),
            Keyword::Into => {
                self.with &= !bit;
                self.state = State::Expected(Place::Target);
            }
            Keyword::Using if self.using & bit != 0 => {
                self.using &= !bit;
                self.lists |= bit;
                self.state = State::Expected(Place::Source);
            }
            Keyword::Delete | Keyword::Merge => {
                self.clear();
                self.queried |= bit;
                self.using |= bit;
            }
            Keyword::Update if self.at_statement_start() => {
                self.clear();
                self.queried |= bit;
                self.lists |= if self.is_mysql { bit } else { 0 };
                self.state = State::Expected(Place::Only);
            }
            Keyword::Insert | Keyword::Replace if self.is_mysql && first => {
                self.state = State::Expected(Place::Target);
            }
            Keyword::Truncate | Keyword::Lock | Keyword::Rename if first => {
                self.lists |= bit;
                self.state = State::Expected(Place::Only);
            }
            Keyword::Copy if first => self.state = State::Expected(Place::Only),
            Keyword::Table | Keyword::Tables => {
                let many = matches!(self.head, Keyword::Drop | Keyword::Lock | Keyword::Rename);
                self.lists |= if many { bit } else { 0 };
                self.state = State::Expected(Place::Only);
            }
            Keyword::References => self.state = State::Expected(Place::Only),
            Keyword::On if self.depth == 0 => self.on(),
            _ => {}
        }
    }

    /// FROM names tables where a query or a DELETE stands at this depth, not in `extract(year from a)`,
    /// `a is distinct from b`, `fetch 1 from c`.
    fn from(&mut self) {
        let bit = self.bit();
        if self.queried & bit == 0 || self.previous == Some(Kind::Word(Keyword::Distinct)) {
            return;
        }
        self.lists |= bit;
        self.state = State::Expected(Place::Source);
    }

    fn on(&mut self) {
        if matches!(self.object, Keyword::Index | Keyword::Trigger | Keyword::Policy) && self.queried & 1 == 0
        {
            self.state = State::Expected(Place::Only);
        }
    }

    /// Whether UPDATE begins a statement here; `FOR UPDATE` and `ON UPDATE` do not.
    fn at_statement_start(&self) -> bool {
        match self.previous {
            None | Some(Kind::Punctuation(b'(' | b')' | b';')) => true,
            Some(Kind::Word(keyword)) => matches!(
                keyword,
                Keyword::Explain
                    | Keyword::Analyze
                    | Keyword::Analyse
                    | Keyword::Verbose
                    | Keyword::As
                    | Keyword::Also
                    | Keyword::Instead
                    | Keyword::Atomic
            ),
            _ => false,
        }
    }
}

impl Places {
    fn all(&self) -> &[(usize, usize)] {
        self.places.get(..self.used).unwrap_or_default()
    }

    /// Takes a name if it is written as none before, and there is room.
    fn add(&mut self, name: (usize, usize), text: &[u8]) {
        if name.1 - name.0 > Statement::TABLES_BYTES_MAX {
            return;
        }
        let written = |place: (usize, usize)| text.get(place.0..place.1);
        if self.all().iter().any(|place| written(*place) == written(name)) {
            return;
        }
        if let Some(room) = self.places.get_mut(self.used) {
            *room = name;
            self.used += 1;
        }
    }
}

/// The name written in `bytes`, its parts folded and joined by dots. A part that holds a dot keeps
/// quotes, so that it cannot pass for two.
fn name_at(bytes: &[u8], lexing: Lexing) -> Option<Box<str>> {
    let mut whole = String::with_capacity(bytes.len());
    let parts = Lexer::new(bytes, lexing).filter(|token| is_name(token.kind));
    for token in parts {
        let part = match token.kind {
            // A MySQL server on Linux tells `T` from `t`.
            Kind::Word(_) if lexing.is_mysql() => name::of_protocol(token.bytes(bytes)),
            _ => name::of_token(&token, bytes, b'\\')?,
        };
        if !whole.is_empty() {
            whole.push('.');
        }
        if part.contains('.') {
            whole.extend(["\"", &part, "\""]);
        } else {
            whole.push_str(&part);
        }
    }
    (!whole.is_empty()).then(|| whole.into())
}

fn is_name(kind: Kind) -> bool {
    matches!(kind, Kind::Word(_) | Kind::QuotedIdentifier | Kind::UnicodeIdentifier)
}

/// MySQL's words between a verb and the table.
fn is_modifier(word: &[u8]) -> bool {
    [&b"low_priority"[..], b"high_priority", b"delayed", b"quick"]
        .iter()
        .any(|modifier| word.eq_ignore_ascii_case(modifier))
}

/// Words that are no names where a table may stand.
fn begins_clause(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::All
            | Keyword::And
            | Keyword::Any
            | Keyword::Array
            | Keyword::As
            | Keyword::Binary
            | Keyword::By
            | Keyword::Case
            | Keyword::Create
            | Keyword::Default
            | Keyword::Delete
            | Keyword::Distinct
            | Keyword::Dumpfile
            | Keyword::Else
            | Keyword::End
            | Keyword::Except
            | Keyword::False
            | Keyword::Fetch
            | Keyword::For
            | Keyword::From
            | Keyword::Grant
            | Keyword::Group
            | Keyword::Having
            | Keyword::In
            | Keyword::Insert
            | Keyword::Intersect
            | Keyword::Is
            | Keyword::Join
            | Keyword::Like
            | Keyword::Limit
            | Keyword::Null
            | Keyword::Offset
            | Keyword::On
            | Keyword::Or
            | Keyword::Outfile
            | Keyword::Returning
            | Keyword::Select
            | Keyword::Set
            | Keyword::Then
            | Keyword::To
            | Keyword::True
            | Keyword::Union
            | Keyword::Update
            | Keyword::User
            | Keyword::Using
            | Keyword::Values
            | Keyword::When
            | Keyword::Where
            | Keyword::With
    )
}

#[cfg(test)]
mod tests;
