//! What does a statement use, as far as its words tell?
//!
//! For MySQL, where there is no grammar, and for texts that the grammar does not accept, such as those that were
//! cut. Each token is looked at once; queries within one another are followed to a bounded depth. What
//! is not understood is passed over, and the answer says so.

mod changes;
mod expression;
mod sources;

use super::draft::{Draft, Level, Output, Query, Reference};
use super::{JoinKind, Place, Usage};
use crate::Lexing;
use crate::name;
use crate::token::{Ending, Kind, Lexer, Token};
use exchange::Access;
use expression::Shape;

/// Most queries and parentheses within one another that are followed.
const DEPTH_MAX: usize = 64;

/// A statement while its words are read.
struct Reader<'text> {
    text: &'text [u8],
    lexing: Lexing,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    draft: Draft,
}

/// What the statements of `text` use.
pub(super) fn read(text: &str, lexing: Lexing) -> Usage {
    let mut reader = Reader {
        text: text.as_bytes(),
        lexing,
        tokens: Vec::new(),
        at: 0,
        depth: 0,
        draft: Draft::new(lexing.is_mysql()),
    };
    let mut lexer = Lexer::new(text.as_bytes(), lexing);
    while let Some(token) = lexer.next() {
        // Not every server executes what stands in a version comment.
        reader.draft.complete &= lexer.version_comment().is_none();
        // Behind such an end a literal could pass for a name.
        if token.ending != Ending::Certain {
            reader.draft.complete = false;
            break;
        }
        if token.is_significant() {
            reader.tokens.push(token);
        }
    }
    // PostgreSQL's texts come here only where the grammar did not accept them.
    reader.draft.complete &= lexing.is_mysql();
    while reader.at < reader.tokens.len() {
        let before = reader.at;
        reader.statement();
        while reader.at < reader.tokens.len() && !reader.take_sign(b';') {
            // Something of the statement was not understood.
            reader.draft.complete = false;
            reader.at += 1;
        }
        debug_assert!(reader.at > before);
    }
    reader.draft.finish()
}

impl<'text> Reader<'text> {
    fn bytes(&self, ahead: usize) -> &'text [u8] {
        self.tokens.get(self.at + ahead).map_or(&[], |token| token.bytes(self.text))
    }

    fn kind(&self, ahead: usize) -> Option<Kind> {
        self.tokens.get(self.at + ahead).map(|token| token.kind)
    }

    fn is_word(&self, ahead: usize, words: &[&str]) -> bool {
        matches!(self.kind(ahead), Some(Kind::Word(_)))
            && words.iter().any(|word| self.bytes(ahead).eq_ignore_ascii_case(word.as_bytes()))
    }

    /// Whether the next word is one of these, with spaces between them.
    fn is_among(&self, words: &str) -> bool {
        matches!(self.kind(0), Some(Kind::Word(_)))
            && words.split(' ').any(|word| self.bytes(0).eq_ignore_ascii_case(word.as_bytes()))
    }

    fn take_among(&mut self, words: &str) {
        while self.is_among(words) {
            self.at += 1;
        }
    }

    fn is_sign(&self, ahead: usize, sign: u8) -> bool {
        self.kind(ahead) == Some(Kind::Punctuation(sign))
    }

    fn take_sign(&mut self, sign: u8) -> bool {
        let taken = self.is_sign(0, sign);
        self.at += usize::from(taken);
        taken
    }

    fn take_word(&mut self, words: &[&str]) -> bool {
        let taken = self.is_word(0, words);
        self.at += usize::from(taken);
        taken
    }

    fn take_words(&mut self, words: &[&str]) {
        while self.take_word(words) {}
    }

    fn is_name(&self, ahead: usize) -> bool {
        matches!(self.kind(ahead), Some(Kind::Word(_) | Kind::QuotedIdentifier | Kind::UnicodeIdentifier))
    }

    /// One part of a name, as the server knows it.
    fn take_name(&mut self) -> Option<Box<str>> {
        let token = *self.tokens.get(self.at)?;
        if !self.is_name(0) {
            return None;
        }
        self.at += 1;
        match token.kind {
            // A MySQL server on Linux tells `T` from `t`.
            Kind::Word(_) if self.lexing.is_mysql() => Some(name::of_protocol(token.bytes(self.text))),
            _ => name::of_token(&token, self.text, b'\\'),
        }
    }

    /// A name of one or two parts; of more, the last two.
    fn take_path(&mut self) -> Option<(Option<Box<str>>, Box<str>)> {
        let mut schema = None;
        let mut name = self.take_name()?;
        while self.is_sign(0, b'.') && self.is_name(1) {
            self.at += 1;
            schema = Some(std::mem::replace(&mut name, self.take_name()?));
        }
        Some((schema, name))
    }

    /// Passes over what stands in parentheses, which open here.
    fn skip_parentheses(&mut self) {
        let mut depth = 0usize;
        while let Some(kind) = self.kind(0) {
            self.at += 1;
            match kind {
                Kind::Punctuation(b'(') => depth += 1,
                Kind::Punctuation(b')') if depth <= 1 => return,
                Kind::Punctuation(b')') => depth -= 1,
                _ => {}
            }
        }
    }

    /// Does something a level deeper; `false` when that is too deep.
    fn deeper(&mut self, act: impl FnOnce(&mut Reader<'text>)) -> bool {
        if self.depth >= DEPTH_MAX {
            self.draft.complete = false;
            return false;
        }
        self.depth += 1;
        act(self);
        self.depth -= 1;
        true
    }

    fn statement(&mut self) {
        if self.take_word(&["explain", "describe", "desc"]) {
            self.take_words(&["analyze", "extended", "verbose"]);
            if self.take_word(&["format"]) {
                self.at += 2;
            }
        }
        let query = self.draft.query();
        if self.is_body() {
            self.body(None, query);
        } else if self.take_word(&["truncate"]) {
            self.take_word(&["table"]);
            if let Some((schema, name)) = self.take_path() {
                self.draft.relation(schema.as_deref(), &name, Access::TRUNCATE);
            }
        } else if self.is_among(WITHOUT_RELATIONS) {
            while self.kind(0).is_some_and(|kind| kind != Kind::Punctuation(b';')) {
                self.draft.complete &= !self.is_word(0, &["select", "from", "password"]);
                self.at += 1;
            }
        }
    }

    /// Whether a query or a change of rows begins here.
    fn is_body(&self) -> bool {
        self.is_query(0) || self.is_word(0, &["insert", "replace", "update", "delete"])
    }

    /// Whether a query begins there, perhaps in parentheses.
    fn is_query(&self, ahead: usize) -> bool {
        let mut ahead = ahead;
        while self.is_sign(ahead, b'(') {
            ahead += 1;
        }
        self.is_word(ahead, &["select", "with", "values", "table"])
    }

    /// A query or a change of rows, with its WITH.
    fn body(&mut self, parent: Option<Level>, query: Query) {
        let parent = if self.take_word(&["with"]) { self.with(parent) } else { parent };
        if self.is_query(0) {
            self.query(parent, query);
        } else if self.take_word(&["insert"]) {
            self.insert(parent, query, Access::INSERT);
        } else if self.take_word(&["replace"]) {
            self.insert(parent, query, Access::INSERT.with(Access::DELETE));
        } else if self.take_word(&["update"]) {
            self.update(parent, query);
        } else if self.take_word(&["delete"]) {
            self.delete(parent, query);
        } else {
            self.draft.complete = false;
        }
    }

    /// The level from which the queries of a WITH are seen.
    fn with(&mut self, parent: Option<Level>) -> Option<Level> {
        let recursive = self.take_word(&["recursive"]);
        let mut around = parent;
        while let Some(name) = self.take_name() {
            let query = self.draft.query();
            if self.is_sign(0, b'(') {
                let names = self.names();
                self.draft.names(query, names);
            }
            self.take_word(&["as"]);
            self.take_words(&["not", "materialized"]);
            let before = around;
            around = Some(self.draft.open_with(around, name, query));
            if !self.take_sign(b'(') {
                break;
            }
            let seen = if recursive { around } else { before };
            self.deeper(|reader| reader.body(seen, query));
            if !self.take_sign(b')') || !self.take_sign(b',') {
                break;
            }
        }
        around
    }

    /// Names in parentheses.
    fn names(&mut self) -> Vec<Box<str>> {
        let mut names = Vec::new();
        self.at += 1;
        while let Some(name) = self.take_name() {
            names.push(name);
            if !self.take_sign(b',') {
                break;
            }
        }
        self.draft.complete &= self.take_sign(b')');
        names
    }

    /// Queries with UNION and its like between them.
    fn query(&mut self, parent: Option<Level>, query: Query) {
        let parent = if self.take_word(&["with"]) { self.with(parent) } else { parent };
        loop {
            let branch = self.draft.query();
            self.draft.branch(query, branch);
            let level = self.draft.open(parent);
            if self.take_sign(b'(') {
                self.deeper(|reader| reader.query(parent, branch));
                if !self.take_sign(b')') {
                    return;
                }
            } else {
                self.select(level, branch);
            }
            self.tail(level, query);
            if !self.take_word(&["union", "intersect", "except"]) {
                return;
            }
            self.take_words(&["all", "distinct"]);
        }
    }

    fn select(&mut self, level: Level, query: Query) {
        if self.take_word(&["values"]) {
            self.rows(level);
            return;
        }
        if self.take_word(&["table"]) {
            if let Some((schema, name)) = self.take_path() {
                self.relation_item(level, schema, name, Access::READ, None);
                self.draft.all(level, Place::Select);
                self.draft.output(query, level, Output::All(None));
            }
            return;
        }
        self.draft.complete &= self.take_word(&["select"]);
        self.take_among(SELECT_MODIFIERS);
        self.outputs(level, query);
        if self.take_word(&["into"]) {
            while self.kind(0).is_some()
                && !self.is_word(0, &["from", "where", "limit"])
                && !self.is_sign(0, b')')
            {
                self.at += 1;
            }
        }
        if self.take_word(&["from"]) {
            self.sources(level, Access::READ);
        }
        self.filtered(level);
        if self.take_word(&["group"]) {
            self.by(level, query, Place::Group);
        }
        if self.take_word(&["having"]) {
            self.expression(level, Place::Having, None);
        }
        if self.take_word(&["window"]) {
            while self.take_name().is_some() && self.take_word(&["as"]) && self.is_sign(0, b'(') {
                self.expression(level, Place::Select, None);
                self.take_sign(b',');
            }
        }
    }

    /// The list behind SELECT or RETURNING.
    fn outputs(&mut self, level: Level, query: Query) {
        loop {
            let found = self.expression(level, Place::Select, None);
            let output = match found.shape {
                Shape::Column(reference) => {
                    let own = match &reference {
                        Reference::Named { name, .. } => Some(name.clone()),
                        _ => None,
                    };
                    Output::Value { name: found.alias.or(own), of: Some(reference) }
                }
                Shape::All(item) => Output::All(item),
                Shape::Other => Output::Value { name: found.alias, of: None },
            };
            self.draft.output(query, level, output);
            if !self.take_sign(b',') {
                return;
            }
        }
    }

    /// WHERE.
    fn filtered(&mut self, level: Level) {
        if self.take_word(&["where"]) {
            self.expression(level, Place::Where, Some(JoinKind::Condition));
        }
    }

    /// ORDER BY, LIMIT and what locks rows.
    fn tail(&mut self, level: Level, query: Query) {
        if self.take_word(&["order"]) {
            self.by(level, query, Place::Order);
        }
        while self.take_word(&["limit", "offset", "fetch"]) {
            self.expression(level, Place::Other, None);
            while self.take_sign(b',') || self.take_word(&["first", "next", "row", "rows", "only"]) {
                self.expression(level, Place::Other, None);
            }
        }
        if self.take_word(&["into"]) {
            self.draft.complete = false;
        }
        while self.is_word(0, &["for", "lock"]) {
            self.at += 1;
            while self.kind(0).is_some()
                && (self.is_name(0) || self.is_sign(0, b',') || self.is_sign(0, b'.'))
                && !self.is_word(0, &["union", "on", "for"])
            {
                self.at += 1;
            }
        }
    }

    /// The list behind GROUP BY and ORDER BY.
    fn by(&mut self, level: Level, query: Query, place: Place) {
        self.take_word(&["by"]);
        loop {
            self.expression_of(level, place, None, Some(query));
            if self.is_word(0, &["with"]) && self.is_word(1, &["rollup"]) {
                self.at += 2;
            }
            if !self.take_sign(b',') {
                return;
            }
        }
    }

    /// Rows of values.
    fn rows(&mut self, level: Level) {
        loop {
            self.take_word(&["row"]);
            if !self.is_sign(0, b'(') {
                return;
            }
            self.expression(level, Place::Select, None);
            if !self.take_sign(b',') {
                return;
            }
        }
    }
}

const SELECT_MODIFIERS: &str = "\
    all distinct distinctrow high_priority straight_join sql_small_result sql_big_result \
    sql_buffer_result sql_no_cache sql_cache sql_calc_found_rows";

/// Statements that name no relation.
const WITHOUT_RELATIONS: &str =
    "begin start commit rollback savepoint release set use kill xa deallocate execute unlock flush reset";
