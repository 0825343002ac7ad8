//! What does a change of rows use, by its words?

use super::super::Place;
use super::super::draft::{Level, Query, Reference};
use super::Reader;
use exchange::Access;

/// Words between a verb and what is changed.
const CHANGE_MODIFIERS: &str = "low_priority delayed high_priority ignore quick only";

impl Reader<'_> {
    pub(super) fn insert(&mut self, parent: Option<Level>, query: Query, access: Access) {
        self.take_among(CHANGE_MODIFIERS);
        self.take_word(&["into"]);
        let level = self.draft.open(parent);
        let Some((schema, name)) = self.take_path() else { return };
        if self.take_word(&["partition"]) {
            self.skip_parentheses();
        }
        let alias = if self.take_word(&["as"]) { self.take_name() } else { None };
        self.relation_item(level, schema, name, access, alias);
        let first = |name: &str| Reference::Within { level, items: 0..1, name: name.into() };
        if self.is_sign(0, b'(') && !self.is_query(0) {
            for name in self.names() {
                self.draft.column(first(&name), true, Place::Insert);
            }
        } else if !self.is_word(0, &["set"]) {
            self.draft.column(first("*"), true, Place::Insert);
        }
        if self.take_word(&["overriding"]) {
            self.take_words(&["user", "system", "value"]);
        }
        if self.take_word(&["values", "value"]) {
            self.rows(level);
        } else if self.take_word(&["set"]) {
            self.assignments(level, Place::Insert);
        } else if self.is_query(0) {
            let inserted = self.draft.query();
            self.deeper(|reader| reader.query(parent, inserted));
        } else {
            self.draft.complete &= self.take_word(&["default"]) && self.take_word(&["values"]);
        }
        if self.take_word(&["as"]) {
            // A name for the row that is inserted.
            let name = self.take_name().unwrap_or_default();
            self.second_name(level, name);
            if self.is_sign(0, b'(') {
                self.skip_parentheses();
                self.draft.complete = false;
            }
        }
        self.on_duplicate(level);
        if self.take_word(&["returning"]) {
            self.outputs(level, query);
        }
    }

    fn on_duplicate(&mut self, level: Level) {
        if !self.take_word(&["on"]) {
            return;
        }
        if self.take_word(&["duplicate"]) {
            self.take_words(&["key", "update"]);
            self.grant(level, None, Access::UPDATE);
            self.assignments(level, Place::Set);
        } else if self.take_word(&["conflict"]) {
            self.second_name(level, "excluded".into());
            if self.is_sign(0, b'(') {
                self.expression(level, Place::Insert, None);
            }
            while self.take_word(&["on", "constraint", "do", "nothing"]) {}
            if self.take_word(&["update"]) {
                self.take_word(&["set"]);
                self.grant(level, None, Access::UPDATE);
                self.assignments(level, Place::Set);
                self.filtered(level);
            }
        }
    }

    pub(super) fn update(&mut self, parent: Option<Level>, query: Query) {
        self.take_among(CHANGE_MODIFIERS);
        let level = self.draft.open(parent);
        self.sources(level, Access::NONE);
        if self.take_word(&["set"]) {
            self.assignments(level, Place::Set);
        } else {
            self.draft.complete = false;
        }
        self.grant_rest(level);
        if self.take_word(&["from"]) {
            self.sources(level, Access::READ);
        }
        self.changed(level, query);
    }

    /// What stands behind what is changed.
    fn changed(&mut self, level: Level, query: Query) {
        self.filtered(level);
        self.tail(level, query);
        if self.take_word(&["returning"]) {
            self.outputs(level, query);
        }
    }

    /// `column = value, …`; columns get values.
    fn assignments(&mut self, level: Level, place: Place) {
        loop {
            let Some((item, name)) = self.take_path() else {
                self.draft.complete = false;
                return;
            };
            if place == Place::Set {
                self.grant(level, item.as_deref(), Access::UPDATE);
            }
            let reference = match item {
                None => self.assigned(level, name),
                item => Reference::Named { level, schema: None, item, name },
            };
            self.draft.column(reference, true, place);
            if !matches!(self.bytes(0), b"=" | b":=") {
                self.draft.complete = false;
                return;
            }
            self.at += 1;
            self.expression(level, place, None);
            if !self.take_sign(b',') {
                return;
            }
        }
    }

    pub(super) fn delete(&mut self, parent: Option<Level>, query: Query) {
        self.take_among(CHANGE_MODIFIERS);
        let level = self.draft.open(parent);
        let mut targets = Vec::new();
        let named_first = !self.take_word(&["from"]);
        // The names before FROM or USING are of relations or aliases that stand behind it.
        let start = self.at;
        while let Some((_, name)) = self.take_path() {
            targets.push(name);
            if self.is_sign(0, b'.') {
                self.at += 2;
            }
            if !self.take_sign(b',') {
                break;
            }
        }
        let listed = if named_first {
            self.take_word(&["from"])
        } else {
            self.lexing.is_mysql() && self.take_word(&["using"])
        };
        if listed {
            self.sources(level, Access::NONE);
        } else {
            self.at = start;
            self.sources(level, Access::NONE);
            targets.clear();
        }
        if targets.is_empty() {
            self.grant(level, None, Access::DELETE);
        }
        for target in targets {
            self.grant(level, Some(&target), Access::DELETE);
        }
        self.grant_rest(level);
        if self.take_word(&["using"]) {
            self.sources(level, Access::READ);
        }
        self.changed(level, query);
    }
}
