//! Which values stand in the file, and where? TOML as a tree in which every key and value knows its
//! place, so that whatever is wrong with it can be shown to a person.

use super::path::{Path, Segment};
use super::problem::{Cause, Place, Problem};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// A value as TOML has it.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Table(Vec<Entry>),
    Array(Vec<Node>),
    String(String),
    Integer(i128),
    Boolean(bool),
    Float,
    Date,
    /// Something is wrong with it, and that was already said.
    Broken,
}

/// A key of a table.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) node: Node,
}

impl Default for Node {
    fn default() -> Node {
        Node { place: Place::File, value: Value::Table(Vec::new()) }
    }
}

/// Reads a document. What is no TOML is left out and told as a problem.
pub(crate) fn parse(text: &str) -> (Node, Vec<Problem>) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let lines = Lines(text);
    let problems = errors.iter().map(|error| Problem {
        place: error.span().map_or(Place::File, |span| lines.place(&span)),
        key: String::new(),
        cause: Cause::Syntax { message: error.message().trim_end().replace('\n', ", ").into() },
    });
    let root = Node { place: Place::File, value: table(document.get_ref(), &lines) };
    (root, problems.collect())
}

/// Reads one value, as it would stand right of a `=`; `None` when it is no TOML.
pub(crate) fn scalar(text: &str) -> Option<Value> {
    let parsed = DeValue::parse(text).ok()?;
    Some(value(parsed.get_ref(), &Lines(text)))
}

fn table(table: &DeTable<'_>, lines: &Lines<'_>) -> Value {
    let mut entries: Vec<_> = table.iter().collect();
    // Problems are told in the order of the file; the parser's own order is alphabetical.
    entries.sort_by_key(|(key, _)| key.span().start);
    let entries = entries.into_iter().map(|(key, inner)| Entry {
        key: key.get_ref().to_string(),
        place: lines.place(&key.span()),
        node: Node { place: lines.place(&inner.span()), value: value(inner.get_ref(), lines) },
    });
    Value::Table(entries.collect())
}

fn value(found: &DeValue<'_>, lines: &Lines<'_>) -> Value {
    match found {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => {
            // Beyond 128 bits it is out of any range all the same.
            Value::Integer(i128::from_str_radix(number.as_str(), number.radix()).unwrap_or(i128::MAX))
        }
        DeValue::Float(_) => Value::Float,
        DeValue::Boolean(truth) => Value::Boolean(*truth),
        DeValue::Datetime(_) => Value::Date,
        DeValue::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| Node { place: lines.place(&item.span()), value: value(item.get_ref(), lines) })
                .collect(),
        ),
        DeValue::Table(inner) => table(inner, lines),
    }
}

struct Lines<'a>(&'a str);

impl Lines<'_> {
    fn place(&self, span: &Range<usize>) -> Place {
        let before = self.0.get(..span.start).unwrap_or(self.0);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Place::Line { line, column }
    }
}

impl Node {
    /// What a person calls it.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Table(_) => "a table",
            Value::Array(_) => "a list",
            Value::String(_) => "a string",
            Value::Integer(_) => "a whole number",
            Value::Boolean(_) => "`true` or `false`",
            Value::Float => "a number with a fraction",
            Value::Date => "a date",
            Value::Broken => "a mistake",
        }
    }

    /// The value of a key, if this is a table that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        let Value::Table(entries) = &self.value else { return None };
        entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// The items of a list; none if this is no list.
    pub(crate) fn items(&self) -> &[Node] {
        if let Value::Array(items) = &self.value { items } else { &[] }
    }

    /// Sets what `keys` lead to, making tables on the way; does nothing where something else than a
    /// table is in the way.
    pub(crate) fn set(&mut self, keys: &[String], node: Node) {
        let Some((key, rest)) = keys.split_first() else {
            *self = node;
            return;
        };
        let Value::Table(entries) = &mut self.value else { return };
        if let Some(entry) = entries.iter_mut().find(|entry| entry.key == *key) {
            return entry.node.set(rest, node);
        }
        let place = node.place.clone();
        let mut inner = Node { place: place.clone(), ..Node::default() };
        inner.set(rest, node);
        entries.push(Entry { key: key.clone(), place, node: inner });
    }

    /// Where `path` leads, or the nearest place on the way there.
    pub(crate) fn place(&self, path: &Path) -> Place {
        let mut place = self.place.clone();
        let mut node = self;
        for segment in path.segments() {
            let next = match segment {
                Segment::Key(key) => node.get(key),
                Segment::Index(index) => node.items().get(*index),
            };
            let Some(next) = next else { break };
            node = next;
            place = node.place.clone();
        }
        place
    }

    /// The document without what is broken, for serde.
    pub(crate) fn sound(&self) -> serde_json::Value {
        match &self.value {
            Value::Table(entries) => entries
                .iter()
                .filter(|entry| !matches!(entry.node.value, Value::Broken))
                .map(|entry| (entry.key.clone(), entry.node.sound()))
                .collect(),
            Value::Array(items) => {
                items.iter().filter(|item| !matches!(item.value, Value::Broken)).map(Node::sound).collect()
            }
            Value::String(text) => text.as_str().into(),
            Value::Integer(number) => i64::try_from(*number).map_or(serde_json::Value::Null, Into::into),
            Value::Boolean(truth) => (*truth).into(),
            Value::Float | Value::Date | Value::Broken => serde_json::Value::Null,
        }
    }
}
