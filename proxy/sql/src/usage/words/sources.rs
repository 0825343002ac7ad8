//! What does FROM name, by its words, and how are its parts joined?

use super::super::draft::{Item, Level, Of, Reference};
use super::super::{JoinKind, Place};
use super::Reader;
use exchange::Access;

/// Words that begin a join.
const JOINS: &str = "join inner cross left right full natural straight_join";

/// Words behind a relation that are no name for it.
const NO_ALIAS: &str = "\
    join inner cross left right full natural straight_join on using where group having order limit \
    offset fetch union except intersect for lock window set into partition use force ignore values \
    select returning from procedure with tablesample";

impl Reader<'_> {
    /// The parts of FROM; relations in it get this access.
    pub(super) fn sources(&mut self, level: Level, access: Access) {
        let start = self.draft.items(level);
        // What the last join has on its left begins here, and its right.
        let (mut left, mut right) = (start, start);
        self.source(level, access);
        let mut kind = JoinKind::Inner;
        loop {
            if self.take_sign(b',') {
                left = self.draft.items(level);
                self.source(level, access);
            } else if self.is_among(JOINS) {
                right = self.draft.items(level);
                let natural;
                (kind, natural) = self.join();
                self.source(level, access);
                if natural {
                    let end = self.draft.items(level);
                    let all = |items| Reference::Within { level, items, name: "*".into() };
                    self.draft.join(all(left..right), all(right..end), JoinKind::Natural);
                }
            } else if self.take_word(&["on"]) {
                self.expression(level, Place::Join, Some(kind));
            } else if self.is_word(0, &["using"]) && self.is_sign(1, b'(') {
                self.at += 1;
                let end = self.draft.items(level);
                for name in self.names() {
                    self.draft.using(level, left..right, right..end, &name);
                }
            } else {
                return;
            }
        }
    }

    /// The words of a join: how it is written, and whether it is NATURAL.
    fn join(&mut self) -> (JoinKind, bool) {
        let (mut kind, mut natural) = (JoinKind::Inner, false);
        loop {
            if self.take_word(&["natural"]) {
                natural = true;
            } else if self.take_word(&["left"]) {
                kind = JoinKind::Left;
            } else if self.take_word(&["right"]) {
                kind = JoinKind::Right;
            } else if self.take_word(&["full"]) {
                kind = JoinKind::Full;
            } else if self.take_word(&["join", "straight_join"]) {
                return (kind, natural);
            } else if !self.take_word(&["inner", "cross", "outer"]) {
                self.draft.complete = false;
                return (kind, natural);
            }
        }
    }

    fn source(&mut self, level: Level, access: Access) {
        let lateral = self.take_word(&["lateral"]);
        self.take_word(&["only"]);
        if self.is_query(0) && self.is_sign(0, b'(') {
            let query = self.draft.query();
            let parent = if lateral { Some(level) } else { self.draft.parent(level) };
            self.at += 1;
            if !self.deeper(|reader| reader.query(parent, query)) {
                self.at -= 1;
                self.skip_parentheses();
            } else {
                self.draft.complete &= self.take_sign(b')');
            }
            let name = self.alias().unwrap_or_default();
            let columns = if self.is_sign(0, b'(') { self.names() } else { Vec::new() };
            return self.draft.item(level, Item { name, schema: None, of: Of::Query(query), columns });
        }
        if self.take_sign(b'(') {
            self.deeper(|reader| reader.sources(level, access));
            self.draft.complete &= self.take_sign(b')');
            return;
        }
        let Some((schema, name)) = self.take_path() else {
            self.draft.complete = false;
            return;
        };
        if self.is_sign(0, b'(') {
            if name.eq_ignore_ascii_case("json_table") {
                // Behind what it reads stand the columns it makes of that.
                let open = self.at;
                self.at += 1;
                self.expression(level, Place::Other, None);
                self.at = open;
                self.skip_parentheses();
            } else {
                self.expression(level, Place::Other, None);
            }
            let alias = self.alias().unwrap_or(name);
            if self.is_sign(0, b'(') {
                self.skip_parentheses();
            }
            return self
                .draft
                .item(level, Item { name: alias, schema: None, of: Of::Other, columns: Vec::new() });
        }
        if schema.is_none() && self.lexing.is_mysql() && name.eq_ignore_ascii_case("dual") {
            return;
        }
        if self.take_word(&["partition"]) {
            self.skip_parentheses();
        }
        let alias = self.alias();
        self.hints();
        self.relation_item(level, schema, name, access, alias);
    }

    fn alias(&mut self) -> Option<Box<str>> {
        if self.take_word(&["as"]) || !self.is_among(NO_ALIAS) { self.take_name() } else { None }
    }

    /// `USE INDEX (…)` and its like.
    fn hints(&mut self) {
        while self.is_word(0, &["use", "force", "ignore"]) && self.is_word(1, &["index", "key"]) {
            self.at += 2;
            if self.take_word(&["for"]) {
                self.take_words(&["join", "order", "group", "by"]);
            }
            if self.is_sign(0, b'(') {
                self.skip_parentheses();
            }
            self.take_sign(b',');
        }
    }

    /// A relation, or a query of a WITH, whose columns are of this level.
    pub(super) fn relation_item(
        &mut self,
        level: Level,
        schema: Option<Box<str>>,
        name: Box<str>,
        access: Access,
        alias: Option<Box<str>>,
    ) {
        let query = if schema.is_none() { self.draft.with(level, &name) } else { None };
        let of = match query {
            Some(query) => Of::Query(query),
            None => self.draft.relation(schema.as_deref(), &name, access).map_or(Of::Other, Of::Relation),
        };
        let schema = schema.filter(|_| alias.is_none());
        let name = alias.unwrap_or(name);
        self.draft.item(level, Item { name, schema, of, columns: Vec::new() });
    }

    /// The relation that is changed has another name, too.
    pub(super) fn second_name(&mut self, level: Level, name: Box<str>) {
        if let Some(of) = self.draft.item_at(level, 0).map(|item| item.of.clone()) {
            self.draft.item(level, Item { name, schema: None, of, columns: Vec::new() });
        }
    }

    /// The column that gets a value where no relation is named.
    pub(super) fn assigned(&self, level: Level, name: Box<str>) -> Reference {
        let items = if self.lexing.is_mysql() { 0..self.draft.items(level) } else { 0..1 };
        Reference::Within { level, items, name }
    }

    /// This happens to the item called so; without a name, to the only one.
    pub(super) fn grant(&mut self, level: Level, name: Option<&str>, access: Access) {
        let relations: Vec<(usize, bool)> = (0..self.draft.items(level))
            .filter_map(|place| self.draft.item_at(level, place))
            .filter_map(|item| match item.of {
                Of::Relation(relation) => {
                    let called = name.is_none_or(|name| item.name.eq_ignore_ascii_case(name));
                    Some((relation, called))
                }
                _ => None,
            })
            .collect();
        let mut called: Vec<usize> = relations.iter().filter(|one| one.1).map(|one| one.0).collect();
        called.dedup();
        // Whose column it is cannot be told: it may be any.
        self.draft.complete &= called.len() == 1;
        for place in called {
            if let Some(relation) = self.draft.relations.get_mut(place) {
                relation.access.insert(access);
            }
        }
    }

    /// Relations that nothing happened to so far are read.
    pub(super) fn grant_rest(&mut self, level: Level) {
        for place in 0..self.draft.items(level) {
            if let Some(Of::Relation(relation)) = self.draft.item_at(level, place).map(|item| item.of.clone())
                && let Some(relation) = self.draft.relations.get_mut(relation)
                && relation.access == Access::NONE
            {
                relation.access = Access::READ;
            }
        }
    }
}
