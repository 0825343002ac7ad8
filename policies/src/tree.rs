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
    let lines = Lines::of(text);
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

/// Where lines begin and how many characters stand before each block, so that no place has to count from the
/// beginning of the text.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// Characters before each [`BLOCK_BYTES`] of the text.
    characters: Vec<usize>,
}

const BLOCK_BYTES: usize = 64;

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Lines<'a> {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let counted = text.as_bytes().chunks(BLOCK_BYTES).scan(0, |all, block| {
            let before = *all;
            *all += characters(block);
            Some(before)
        });
        Lines { text, starts, characters: counted.collect() }
    }

    fn place(&self, span: &Range<usize>) -> Place {
        let line = self.starts.partition_point(|start| *start <= span.start);
        let start = line.checked_sub(1).and_then(|at| self.starts.get(at)).copied().unwrap_or(0);
        Place { line, column: self.before(span.start) - self.before(start) + 1 }
    }

    /// How many characters stand before a byte.
    fn before(&self, at: usize) -> usize {
        let at = at.min(self.text.len());
        let Some(before) = self.characters.get(at / BLOCK_BYTES) else {
            // The end of a text that fills its last block.
            let last = self.characters.len().saturating_sub(1);
            let block = self.text.as_bytes().get(last * BLOCK_BYTES..).unwrap_or_default();
            return self.characters.get(last).map_or(0, |before| before + characters(block));
        };
        let block = self.text.as_bytes().get(at / BLOCK_BYTES * BLOCK_BYTES..at).unwrap_or_default();
        before + characters(block)
    }
}

/// How many characters begin in these bytes.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_that_counting_from_the_beginning_gives() {
        for text in ["", "a", "\n", &"é\nab\r\n".repeat(40), &"größer ".repeat(64), &"x".repeat(128)] {
            let lines = Lines::of(text);
            for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                let before = &text[..at];
                let line = before.matches('\n').count() + 1;
                let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
                assert_eq!(lines.place(&(at..at)), Place { line, column }, "{at} of {text:?}");
            }
        }
    }
}
