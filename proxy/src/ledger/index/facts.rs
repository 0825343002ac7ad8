//! What of a line can be looked up?
//!
//! Two readers fill the same [`Facts`]: `scan`, which knows how the ledger writes and is fast, and
//! [`of_value`], which takes the word of a JSON parser, for what somebody else wrote. Both may note too
//! much (a field that stands twice) and never too little: a key that is missing would hide a record.

use super::hash::{Field, key};
use super::moment;
use memchr::memrchr_iter;
use serde_json::Value;

/// What one line says. Kept between lines for its memory.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// When it happened.
    pub(super) ts: Option<i64>,
    /// Whether it has an id.
    pub(super) has_id: bool,
    /// `timing_us.total`.
    pub(super) total_us: Option<u64>,
    has_listener: bool,
    /// The keys of everything in it that can be looked up; some may be there twice.
    pub(super) keys: Vec<u64>,
    /// The statement's text and that of what it stands for, in lower case.
    pub(super) texts: Vec<u8>,
    /// Where in `texts` each one ends, and its key.
    pub(super) text_ends: Vec<(usize, u64)>,
}

impl Facts {
    /// Forgets the line before.
    pub(super) fn clear(&mut self) {
        self.ts = None;
        self.has_id = false;
        self.total_us = None;
        self.has_listener = false;
        self.keys.clear();
        self.texts.clear();
        self.text_ends.clear();
    }

    /// Everything of the line was noted: says whether it can be a record, which needs a moment and an
    /// id to have a place among the others.
    pub(super) fn finish(&mut self) -> Option<i64> {
        if !self.has_listener {
            self.keys.push(key(Field::Gateway, b""));
        }
        self.ts.filter(|_| self.has_id)
    }

    /// Notes a field of the line itself that is a string.
    pub(super) fn top(&mut self, name: &[u8], value: &[u8]) {
        match name {
            b"event" => self.note(Field::Event, value),
            b"id" => self.has_id = id(value).is_some(),
            b"ts" => self.ts = moment::micros(value),
            b"listener" => {
                self.has_listener = true;
                self.note(Field::Listener, value);
            }
            b"session" => self.note(Field::Session, value),
            b"class" => self.note(Field::Class, value),
            b"verdict" => self.note(Field::Verdict, value),
            b"rule" => self.note(Field::Rule, value),
            b"sqlstate" => self.note(Field::Sqlstate, value),
            _ => self.shape(name, value),
        }
    }

    /// A field of the line that is no string has taken the place of one.
    pub(super) fn top_is_no_string(&mut self, name: &[u8]) {
        match name {
            b"id" => self.has_id = false,
            b"ts" => self.ts = None,
            b"listener" => self.has_listener = false,
            _ => {}
        }
    }

    /// Notes a field that a line and its `source` have.
    pub(super) fn shape(&mut self, name: &[u8], value: &[u8]) {
        match name {
            b"fingerprint" => self.note(Field::Fingerprint, value),
            b"text" => self.text(value),
            _ => {}
        }
    }

    /// Notes a field of `principal`.
    pub(super) fn principal(&mut self, name: &[u8], value: &[u8]) {
        match name {
            b"user" => self.note(Field::User, value),
            b"database" => self.note(Field::Database, value),
            b"application" => self.note(Field::Application, value),
            _ => {}
        }
    }

    /// Notes a field of `would`.
    pub(super) fn would(&mut self, name: &[u8], value: &[u8]) {
        if name == b"rule" {
            self.note(Field::Rule, value);
        }
    }

    /// Notes a table: as it is written, and without what stands before each dot.
    pub(super) fn table(&mut self, name: &[u8]) {
        self.note(Field::Table, name);
        for dot in memrchr_iter(b'.', name) {
            self.note(Field::Table, name.get(dot + 1..).unwrap_or_default());
        }
    }

    /// Notes the keyed hash of a parameter.
    pub(super) fn parameter(&mut self, hash: &[u8]) {
        self.note(Field::Parameter, hash);
    }

    fn text(&mut self, text: &[u8]) {
        let from = self.texts.len();
        self.texts.extend_from_slice(text);
        let lower = self.texts.get_mut(from..).unwrap_or_default();
        lower.make_ascii_lowercase();
        let key = key(Field::Text, lower);
        self.keys.push(key);
        self.text_ends.push((self.texts.len(), key));
    }

    fn note(&mut self, field: Field, value: &[u8]) {
        self.keys.push(key(field, value));
    }
}

/// The id of a record: a UUID in its usual text.
pub(in crate::ledger) fn id(text: &[u8]) -> Option<u128> {
    let id = if text.len() == 36 { uuid::Uuid::try_parse_ascii(text).ok() } else { None };
    id.map(|id| id.as_u128())
}

/// Notes what a JSON parser made of a line; whether it is an object at all.
pub(super) fn of_value(line: &Value, facts: &mut Facts) -> bool {
    let Value::Object(fields) = line else { return false };
    for (name, value) in fields {
        match value {
            Value::String(text) => facts.top(name.as_bytes(), text.as_bytes()),
            _ => facts.top_is_no_string(name.as_bytes()),
        }
    }
    strings(line.get("principal"), |name, text| facts.principal(name, text));
    strings(line.get("would"), |name, text| facts.would(name, text));
    strings(line.get("source"), |name, text| facts.shape(name, text));
    members(line.get("tables"), |name| facts.table(name));
    members(line.get("source").and_then(|source| source.get("tables")), |name| facts.table(name));
    members(line.get("hashes"), |hash| facts.parameter(hash));
    facts.total_us = line.get("timing_us").and_then(|timing| timing.get("total")).and_then(Value::as_u64);
    true
}

fn strings(object: Option<&Value>, mut each: impl FnMut(&[u8], &[u8])) {
    for (name, value) in object.and_then(Value::as_object).into_iter().flatten() {
        if let Value::String(text) = value {
            each(name.as_bytes(), text.as_bytes());
        }
    }
}

fn members(array: Option<&Value>, mut each: impl FnMut(&[u8])) {
    for member in array.and_then(Value::as_array).into_iter().flatten() {
        if let Value::String(text) = member {
            each(text.as_bytes());
        }
    }
}
