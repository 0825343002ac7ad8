//! Where in a JSON text does each value stand?

use super::text::number;
use super::{Errors, Place, RowError};
use serde_json::Value;

/// A value and where it begins.
#[derive(Debug)]
pub(super) struct Located<'t> {
    pub(super) line: u64,
    pub(super) column: u64,
    /// Its whole text.
    pub(super) text: &'t str,
    pub(super) node: Node<'t>,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Node<'t> {
    Array(Vec<Located<'t>>),
    /// In the order of the text, with what stands twice.
    Object(Vec<(String, Located<'t>)>),
    Text(String),
    Flag(bool),
    Number,
    Null,
}

/// The value of a JSON text with all its places. `serde_json` decides what JSON is, and how deep it may go,
/// so what is walked here is known to be right.
pub(super) fn locate(text: &str) -> Result<Located<'_>, Vec<RowError>> {
    let mut errors = Errors::default();
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        let place = Place {
            line: number(error.line().max(1)),
            column: number(error.column().max(1)),
            field: String::new(),
        };
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or_default();
        errors.add(&place, format!("this is not JSON: {said}"), "check commas, quotes and brackets");
        return Err(errors.list);
    }
    let mut walk = Walk { text, at: 0, line: 1, line_start: 0 };
    Ok(walk.value())
}

struct Walk<'t> {
    text: &'t str,
    at: usize,
    line: u64,
    line_start: usize,
}

impl<'t> Walk<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Goes to the next character that means something, and tells it.
    fn next(&mut self) -> u8 {
        for byte in self.rest().bytes() {
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.line_start = self.at + 1;
                }
                b' ' | b'\t' | b'\r' => {}
                other => return other,
            }
            self.at += 1;
        }
        0
    }

    fn value(&mut self) -> Located<'t> {
        let first = self.next();
        let (start, line) = (self.at, self.line);
        let before = self.text.get(self.line_start..start).unwrap_or_default();
        let column = number(before.chars().count() + 1);
        let node = match first {
            b'[' => self.array(),
            b'{' => self.object(),
            b'"' => Node::Text(self.string()),
            _ => self.word(),
        };
        Located { line, column, text: self.text.get(start..self.at).unwrap_or_default(), node }
    }

    fn array(&mut self) -> Node<'t> {
        let mut items = Vec::new();
        self.at += 1;
        while !matches!(self.next(), b']' | 0) {
            items.push(self.value());
            if self.next() == b',' {
                self.at += 1;
            }
        }
        self.at += 1;
        Node::Array(items)
    }

    fn object(&mut self) -> Node<'t> {
        let mut items = Vec::new();
        self.at += 1;
        while !matches!(self.next(), b'}' | 0) {
            let key = self.string();
            if self.next() == b':' {
                self.at += 1;
            }
            items.push((key, self.value()));
            if self.next() == b',' {
                self.at += 1;
            }
        }
        self.at += 1;
        Node::Object(items)
    }

    /// A text cannot hold a line's end, so the line stays.
    fn string(&mut self) -> String {
        let rest = self.rest();
        let mut escaped = false;
        let end = rest.bytes().skip(1).position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let text = rest.get(..end.map_or(rest.len(), |end| end + 2)).unwrap_or(rest);
        self.at += text.len().max(1);
        serde_json::from_str(text).unwrap_or_default()
    }

    fn word(&mut self) -> Node<'t> {
        let rest = self.rest();
        let ends = |character: char| matches!(character, ',' | ']' | '}') || character.is_ascii_whitespace();
        let word = rest.get(..rest.find(ends).unwrap_or(rest.len())).unwrap_or(rest);
        self.at += word.len().max(1);
        match serde_json::from_str(word) {
            Ok(Value::Bool(flag)) => Node::Flag(flag),
            Ok(Value::Number(_)) => Node::Number,
            _ => Node::Null,
        }
    }
}

impl Located<'_> {
    /// The word for what it is.
    pub(super) fn word(&self) -> &'static str {
        match self.node {
            Node::Array(_) => "a list",
            Node::Object(_) => "an object",
            Node::Text(_) => "a text",
            Node::Flag(_) => "true or false",
            Node::Number => "a number",
            Node::Null => "null",
        }
    }

    /// Its place, with the way to it.
    pub(super) fn place(&self, field: &str) -> Place {
        Place { line: self.line, column: self.column, field: field.to_owned() }
    }
}
