//! Where in a statement are we, and what was found so far?
//!
//! The statement is read from its first token to its last, and each token is taken by a rule that knows what it means: what
//! no rule takes is an error. Nothing is built: names are put down as they are read. Columns wait until the
//! statement's end, since what FROM names comes behind what SELECT uses.

use super::super::collect::{Collector, Name};
use super::super::scope::Scopes;
use super::Meaning;
use super::tokens::Tokens;
use super::words;
use crate::functions::Kind as Does;
use crate::mysql::{functions, relations};
use crate::token::Kind;
use crate::{Lexing, MysqlServer};
use exchange::{Access, Class, Effects, Known, Marks, Unjudged};
use std::collections::HashSet;

/// Most names compared with others: a statement of a million tokens could ask for the square of that.
const COMPARED_MAX: usize = 10_000_000;

/// What reading a part comes to.
pub(super) type Read<T = ()> = Result<T, Unjudged>;

/// Most calls, queries and joins within one another. Parentheses alone do not count.
const DEPTH_MAX: u32 = 200;

/// Where something stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The level of query.
    pub(super) scope: u32,
    /// The condition it is part of, by its place among [`Reader::conditions`].
    pub(super) condition: Option<u32>,
    /// Whether its value is part of what the outermost query returns.
    pub(super) output: bool,
}

impl Place {
    /// Something of `scope` that no query returns.
    pub(super) fn within(scope: u32) -> Place {
        Place { scope, condition: None, output: false }
    }

    /// The same, not returned.
    pub(super) fn quiet(self) -> Place {
        Place { output: false, ..self }
    }
}

/// A condition of which it matters whether it looks at a row.
pub(super) struct Condition {
    /// The level whose rows are meant.
    pub(super) scope: u32,
    pub(super) looks: bool,
    /// Of an UPDATE or DELETE: then every row is meant if it does not.
    pub(super) guards: bool,
    /// Of the outermost query.
    pub(super) outermost: bool,
}

/// A column that is used, until it can be told whose it is.
struct Use<'a> {
    place: Place,
    schema: Option<&'a str>,
    item: Option<&'a str>,
    name: &'a str,
}

/// A statement while it is read.
pub(super) struct Reader<'a> {
    pub(super) tokens: &'a Tokens<'a>,
    pub(super) at: usize,
    pub(super) lexing: Lexing,
    pub(super) found: Collector<'a>,
    pub(super) scopes: Scopes<'a>,
    pub(super) conditions: Vec<Condition>,
    uses: Vec<Use<'a>>,
    /// The levels whose every column is used.
    expanded: HashSet<u32>,
    /// Names compared so far, where there may be as many as the square of what stands there.
    compared: usize,
    depth: u32,
    /// What it does beside what its functions do.
    class: Class,
    /// Queries or changes of rows stand in it.
    pub(super) queries: bool,
    /// Settings hold for this statement only.
    pub(super) local: bool,
    /// Its rows go to a file or to variables.
    pub(super) goes_elsewhere: bool,
    /// It is EXPLAIN: what it explains does not run.
    pub(super) explains: bool,
    /// What it means to the session's names.
    pub(super) meaning: Meaning,
    /// Where the names stand that are called, and those that a list of columns follows.
    pub(super) called: Vec<usize>,
    /// How many words that do more than read were understood.
    pub(super) understood: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(tokens: &'a Tokens<'a>, lexing: Lexing) -> Reader<'a> {
        Reader {
            tokens,
            at: 0,
            lexing,
            found: Collector::new(),
            scopes: Scopes::new(),
            conditions: Vec::new(),
            uses: Vec::new(),
            expanded: HashSet::new(),
            compared: 0,
            depth: 0,
            class: Class::Read,
            queries: false,
            local: false,
            goes_elsewhere: false,
            explains: false,
            meaning: Meaning::Other,
            called: Vec::new(),
            understood: 0,
        }
    }

    /// The statement's class and effects, once all of it is read.
    pub(super) fn finish(mut self, verb: &'static str) -> (Class, Effects) {
        for one in std::mem::take(&mut self.uses) {
            self.used(&one);
        }
        if self.scopes.is_exhausted() {
            self.found.stop(Unjudged::TooLarge("more than 10,000,000 names to look up".into()));
        }
        if self.explains {
            self.found.explained_with_functions();
        } else {
            self.found.class(self.class);
            if self.conditions.iter().any(|condition| condition.guards && !condition.looks) {
                self.found.mark(Marks::EVERY_ROW);
            }
            let mut outermost = self.conditions.iter().filter(|condition| condition.outermost).peekable();
            if outermost.peek().is_some() && outermost.all(|condition| condition.looks) {
                self.found.mark(Marks::FILTERED);
            }
        }
        self.found.finish(verb)
    }

    // ---- tokens ----

    pub(super) fn kind(&self) -> Option<Kind> {
        self.tokens.kind(self.at)
    }

    pub(super) fn is_over(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The present word in lower case; empty for what is none.
    pub(super) fn word(&self) -> &'a str {
        self.tokens.word(self.at)
    }

    /// The word `ahead` tokens further on.
    pub(super) fn word_at(&self, ahead: usize) -> &'a str {
        self.tokens.word(self.at + ahead)
    }

    pub(super) fn is(&self, word: &str) -> bool {
        self.word() == word
    }

    pub(super) fn is_sign(&self, sign: u8) -> bool {
        self.kind() == Some(Kind::Punctuation(sign))
    }

    pub(super) fn sign_at(&self, ahead: usize, sign: u8) -> bool {
        self.tokens.kind(self.at + ahead) == Some(Kind::Punctuation(sign))
    }

    pub(super) fn is_operator(&self, operator: &str) -> bool {
        self.kind() == Some(Kind::Operator) && self.tokens.bytes(self.at) == operator.as_bytes()
    }

    pub(super) fn skip(&mut self) {
        self.at += 1;
    }

    /// Takes the word if it stands here.
    pub(super) fn take(&mut self, word: &str) -> bool {
        let stands = self.is(word);
        self.at += usize::from(stands);
        stands
    }

    /// Takes the words, all or none.
    pub(super) fn take_all(&mut self, words: &[&str]) -> bool {
        let stand = words.iter().enumerate().all(|(ahead, word)| self.word_at(ahead) == *word);
        self.at += if stand { words.len() } else { 0 };
        stand
    }

    /// Takes one of the words, and says which.
    pub(super) fn take_any(&mut self, words: &[&'static str]) -> Option<&'static str> {
        let present = self.word();
        let found = words.iter().find(|word| **word == present).copied();
        self.at += usize::from(found.is_some());
        found
    }

    pub(super) fn take_sign(&mut self, sign: u8) -> bool {
        let stands = self.is_sign(sign);
        self.at += usize::from(stands);
        stands
    }

    pub(super) fn take_operator(&mut self, operator: &str) -> bool {
        let stands = self.is_operator(operator);
        self.at += usize::from(stands);
        stands
    }

    pub(super) fn take_kind(&mut self, kind: Kind) -> bool {
        let stands = self.kind() == Some(kind);
        self.at += usize::from(stands);
        stands
    }

    pub(super) fn expect(&mut self, word: &str) -> Read {
        if self.take(word) { Ok(()) } else { self.unexpected() }
    }

    pub(super) fn expect_sign(&mut self, sign: u8) -> Read {
        if self.take_sign(sign) { Ok(()) } else { self.unexpected() }
    }

    pub(super) fn expect_operator(&mut self, operator: &str) -> Read {
        if self.take_operator(operator) { Ok(()) } else { self.unexpected() }
    }

    pub(super) fn expect_number(&mut self) -> Read {
        if self.take_kind(Kind::Number) || self.take_kind(Kind::Parameter) {
            Ok(())
        } else {
            self.unexpected()
        }
    }

    /// Strings, one or more behind each other, as a whole one literal.
    pub(super) fn take_literal(&mut self) -> bool {
        let from = self.at;
        while self.take_kind(Kind::Literal) {}
        self.at > from
    }

    pub(super) fn expect_literal(&mut self) -> Read {
        if self.take_literal() { Ok(()) } else { self.unexpected() }
    }

    /// The present token has no place here.
    pub(super) fn unexpected<T>(&self) -> Read<T> {
        let (Some(start), Some(kind)) = (self.tokens.start(self.at), self.kind()) else {
            return Err(Unjudged::Syntax {
                position: self.tokens.end(),
                message: "syntax error at end of input".into(),
            });
        };
        let position = self.tokens.character(start);
        let plain = matches!(kind, Kind::Word(_) | Kind::Operator | Kind::Punctuation(_));
        let bytes = self.tokens.bytes(self.at);
        let message = match std::str::from_utf8(bytes) {
            Ok(text) if plain && text.len() <= 63 => format!("syntax error at or near \"{text}\""),
            _ => "syntax error".to_owned(),
        };
        Err(Unjudged::Syntax { position, message: message.into() })
    }

    /// Reads something that may hold more of its kind.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Unjudged::TooLarge("nested deeper than 200".into()));
        }
        let found = read(self);
        self.depth -= 1;
        found
    }

    /// Items with commas in between.
    pub(super) fn list(&mut self, mut item: impl FnMut(&mut Self) -> Read) -> Read {
        loop {
            item(self)?;
            if !self.take_sign(b',') {
                return Ok(());
            }
        }
    }

    /// The same in parentheses, which may be empty.
    pub(super) fn parenthesised(&mut self, item: impl FnMut(&mut Self) -> Read) -> Read {
        self.expect_sign(b'(')?;
        if self.take_sign(b')') {
            return Ok(());
        }
        self.list(item)?;
        self.expect_sign(b')')
    }

    /// So many names are compared.
    pub(super) fn compares(&mut self, names: usize) -> Read {
        self.compared = self.compared.saturating_add(names);
        if self.compared > COMPARED_MAX {
            return Err(Unjudged::TooLarge("more than 10,000,000 names to look up".into()));
        }
        Ok(())
    }

    // ---- names ----

    /// Whether a name stands here, as it may where no keyword is expected.
    pub(super) fn is_name(&self) -> bool {
        match self.kind() {
            Some(Kind::QuotedIdentifier) => true,
            Some(Kind::Word(_)) => !words::is_reserved(self.word()),
            _ => false,
        }
    }

    /// A name as it is written, and in lower case.
    pub(super) fn name(&mut self) -> Read<(&'a str, &'a str)> {
        if self.is_name() { self.any_name() } else { self.unexpected() }
    }

    /// A name where every word is one, as behind a dot.
    pub(super) fn any_name(&mut self) -> Read<(&'a str, &'a str)> {
        match self.tokens.name(self.at) {
            Some(name) => {
                self.skip();
                Ok(name)
            }
            None => self.unexpected(),
        }
    }

    /// The name of a table, with its schema where one is written.
    pub(super) fn relation_name(&mut self) -> Read<Name<'a>> {
        // `.t` is a table of the present database.
        if self.take_sign(b'.') {
            return Ok((None, self.any_name()?.0));
        }
        let (first, _) = self.name()?;
        if self.take_sign(b'.') {
            return Ok((Some(first), self.any_name()?.0));
        }
        Ok((None, first))
    }

    /// A relation is used; its place among those found.
    pub(super) fn uses(&mut self, name: Name<'a>, access: Access) -> Option<u16> {
        let marks = relations::relation_marks(name.0, name.1);
        self.found.mark(marks);
        // It does something when it is read.
        if marks.contains(Marks::ADMINISTERS) {
            self.becomes(Class::Maintenance);
        }
        self.found.relation(name, access)
    }

    /// It does this, too, beside what its functions do.
    pub(super) fn becomes(&mut self, class: Class) {
        self.class = self.class.graver(class);
    }

    /// The command does this and is called so.
    pub(super) fn of(&mut self, class: Class, marks: Marks, verb: &'static str) -> &'static str {
        self.becomes(class);
        self.found.mark(marks);
        verb
    }

    // ---- columns ----

    /// A column is used by its name alone, or `*` for all.
    pub(super) fn column(&mut self, name: &'a str, place: Place) {
        self.uses.push(Use { place, schema: None, item: None, name });
    }

    /// A column of what is called `item`.
    pub(super) fn column_of(&mut self, schema: Option<&'a str>, item: &'a str, name: &'a str, place: Place) {
        self.uses.push(Use { place, schema, item: Some(item), name });
    }

    fn used(&mut self, one: &Use<'a>) {
        let everything = one.name == "*";
        if everything && one.place.output {
            self.found.mark(Marks::ALL_COLUMNS);
        }
        let Some(item) = one.item else {
            if everything {
                // Once is enough: a query may say it as often as it has room for.
                let items = if self.expanded.insert(one.place.scope) {
                    self.scopes.items(one.place.scope).len()
                } else {
                    0
                };
                for position in 0..items {
                    if let Some(item) = self.scopes.items(one.place.scope).get(position) {
                        self.found.column(item.relation, "*");
                    }
                }
                return;
            }
            self.looks(one.place, one.place.scope);
            let owner = self.scopes.only(one.place.scope);
            return self.found.column(owner, one.name);
        };
        let owner = self.scopes.find_named(one.place.scope, one.schema, item);
        self.looks(one.place, owner.map_or(one.place.scope, |(scope, _)| scope));
        self.found.column(owner.and_then(|(_, item)| item.relation), one.name);
        if everything {
            return;
        }
        // Where the innermost has no such column, it is another's.
        let found = &mut self.found;
        self.scopes.each_named(one.place.scope, one.schema, item, |item| {
            if item.relation.is_some() {
                found.column(item.relation, one.name);
            }
        });
    }

    /// The condition `place` is in looks at a row of `scope`.
    fn looks(&mut self, place: Place, scope: u32) {
        let condition = place.condition.and_then(|condition| self.conditions.get_mut(condition as usize));
        if let Some(condition) = condition {
            condition.looks |= condition.scope == scope;
        }
    }

    /// Begins a condition of `scope`; what is read in the place it gives belongs to it.
    pub(super) fn condition(&mut self, place: Place, guards: bool, outermost: bool) -> Place {
        let condition = u32::try_from(self.conditions.len()).ok();
        self.conditions.push(Condition { scope: place.scope, looks: false, guards, outermost });
        Place { condition, ..place.quiet() }
    }

    // ---- functions ----

    fn server(&self) -> MysqlServer {
        self.lexing.server()
    }

    /// The function whose name stands at `at` is called, and `(` follows it.
    pub(super) fn calls(&mut self, schema: Option<&'a str>, at: usize) {
        let Some((_, name)) = self.tokens.name(at) else { return };
        self.called.push(at);
        let apart =
            !self.tokens.follows_at_once(at) && functions::needs_its_parenthesis_at_once(name, self.server());
        // A name in quotes is no keyword, and some of the built-in functions are.
        let own = schema.is_some() || apart || self.tokens.kind(at) == Some(Kind::QuotedIdentifier);
        let does = if own { None } else { functions::function(name, self.server()) };
        // Without an argument it only tells the number.
        let only_tells =
            name == "last_insert_id" && self.tokens.kind(at + 2) == Some(Kind::Punctuation(b')'));
        match does {
            Some(_) if only_tells => self.found.function((None, name), Known::Reads),
            Some(Does::Reads) => self.found.function((None, name), Known::Reads),
            Some(does) => {
                self.found.function((None, name), Known::Acts);
                self.found.acts(does, name);
            }
            None => self.found.unknown((schema, name)),
        }
    }

    /// What the grammar itself does under the name of a function.
    pub(super) fn acts_as(&mut self, name: &'static str, does: Does) {
        self.found.function((None, name), Known::Acts);
        self.found.acts(does, name);
    }
}
