//! Which values stand in a rule file, and where? TOML as a tree in which everything knows its place.

use crate::diagnostic::{Complaints, Place};
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
    Float(f64),
    Boolean(bool),
    Date,
}

/// A key of a table.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) node: Node,
}

impl Node {
    /// What a person calls it.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Table(_) => "a table",
            Value::Array(_) => "a list",
            Value::String(_) => "a string",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number with a fraction",
            Value::Boolean(_) => "`true` or `false`",
            Value::Date => "a date",
        }
    }
}

/// Reads a document; `None` when it is no TOML, and then the mistakes say why.
pub(crate) fn parse(text: &str, complaints: &mut Complaints<'_>) -> Option<Vec<Entry>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let lines = Lines(text);
    for error in &errors {
        let place = error.span().map_or(Place::default(), |span| lines.place(&span));
        complaints.tell(place, error.message().trim_end().replace('\n', ", "), "");
    }
    errors.is_empty().then(|| table(document.get_ref(), &lines))
}

fn table(table: &DeTable<'_>, lines: &Lines<'_>) -> Vec<Entry> {
    let mut entries: Vec<_> = table.iter().collect();
    // Mistakes are told in the order of the file; the parser's own order is alphabetical.
    entries.sort_by_key(|(key, _)| key.span().start);
    let entries = entries.into_iter().map(|(key, inner)| Entry {
        key: key.get_ref().to_string(),
        place: lines.place(&key.span()),
        node: Node { place: lines.place(&inner.span()), value: value(inner.get_ref(), lines) },
    });
    entries.collect()
}

fn value(found: &DeValue<'_>, lines: &Lines<'_>) -> Value {
    match found {
        DeValue::String(text) => Value::String(text.to_string()),
        // Beyond 128 bits it is out of any range all the same.
        DeValue::Integer(number) => {
            Value::Integer(i128::from_str_radix(number.as_str(), number.radix()).unwrap_or(i128::MAX))
        }
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(truth) => Value::Boolean(*truth),
        DeValue::Datetime(_) => Value::Date,
        DeValue::Array(items) => {
            let node = |item: &toml::Spanned<DeValue<'_>>| Node {
                place: lines.place(&item.span()),
                value: value(item.get_ref(), lines),
            };
            Value::Array(items.iter().map(node).collect())
        }
        DeValue::Table(inner) => Value::Table(table(inner, lines)),
    }
}

struct Lines<'a>(&'a str);

impl Lines<'_> {
    fn place(&self, span: &Range<usize>) -> Place {
        let before = self.0.get(..span.start).unwrap_or(self.0);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Place { line, column }
    }
}
