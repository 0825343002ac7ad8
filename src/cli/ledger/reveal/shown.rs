//! How are the values of a record shown?

use proxy::ledger::values::{Bytes, OpenError, Opener, Plain};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// What a record says of its values.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    record: &'a Value,
    opened: Result<Option<Plain>, OpenError>,
}

impl<'a> Shown<'a> {
    /// Opens them; `None` when no rule had any kept.
    pub(super) fn of(record: &'a Value, opener: &mut Opener) -> Option<Shown<'a>> {
        let has_some = ["sealed", "hashes", "withheld"].iter().any(|name| record.get(name).is_some());
        has_some.then(|| Shown { record, opened: opener.open(record) })
    }

    /// Whether there are values that do not open and were not destroyed on purpose.
    pub(super) fn is_failure(&self) -> bool {
        self.opened.as_ref().is_err_and(|error| !error.is_erased())
    }

    /// As a JSON object and a line feed.
    pub(super) fn json(&self) -> String {
        let mut object = Map::new();
        for name in ["id", "ts", "event", "session", "exchange", "withheld", "hashes"] {
            if let Some(value) = self.record.get(name) {
                object.insert(name.to_owned(), value.clone());
            }
        }
        match &self.opened {
            Ok(Some(plain)) => {
                // Strings and arrays of strings have a JSON form.
                let values = serde_json::to_value(plain).unwrap_or_default();
                object.insert("values".to_owned(), values);
            }
            Ok(None) => {}
            Err(error) => {
                object.insert("error".to_owned(), json!(self.located(error)));
            }
        }
        format!("{}\n", Value::Object(object))
    }

    /// For people: a line that says which record, and one for each value.
    pub(super) fn text(&self) -> String {
        let field = |name: &str| self.record.get(name).and_then(Value::as_str).unwrap_or_default();
        let principal =
            |name: &str| self.record["principal"].get(name).and_then(Value::as_str).unwrap_or("?");
        let mut text = format!(
            "{}  {}  {}  {} on {}\n",
            field("ts"),
            field("event"),
            field("id"),
            principal("user"),
            principal("database")
        );
        let mut row = |name: &str, value: &str| {
            let _ = writeln!(text, "    {name:<10}  {value}");
        };
        row("statement", &inline(field("text")));
        match &self.opened {
            Ok(Some(plain)) => rows(plain, &mut row),
            Ok(None) => {}
            Err(error) => row("values", &self.located(error)),
        }
        let hashes = self.record.get("hashes").and_then(Value::as_array);
        if let Some(hashes) = hashes.filter(|hashes| !hashes.is_empty()) {
            row(
                "hashes",
                &hashes.iter().map(|hash| hash.as_str().unwrap_or("NULL")).collect::<Vec<_>>().join(" "),
            );
        }
        if let Some(word) = self.record.get("withheld").and_then(Value::as_str) {
            row("withheld", word);
        }
        text.push('\n');
        text
    }

    /// What is wrong, and where the record stands.
    fn located(&self, error: &OpenError) -> String {
        if error.is_erased() {
            return error.to_string();
        }
        let writer = self.record.get("writer").and_then(Value::as_str).unwrap_or("?");
        format!("{error} (line {} of writer {writer})", self.record["seq"])
    }
}

fn rows(plain: &Plain, row: &mut dyn FnMut(&str, &str)) {
    if let Some(text) = &plain.text {
        row("text", &value(text));
    }
    for (at, parameter) in plain.parameters.iter().flatten().enumerate() {
        row(&format!("${}", at + 1), &parameter.as_ref().map_or_else(|| "NULL".to_owned(), value));
    }
    if let Some(error) = &plain.error {
        row("error", &value(error));
    }
}

/// A value on one line: text, or bytes as PostgreSQL shows them.
fn value(bytes: &Bytes) -> String {
    match bytes.as_text() {
        Some(text) => inline(text),
        None => bytes.0.iter().fold("\\x".to_owned(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }),
    }
}

/// A text without what would begin another line or steer a terminal.
fn inline(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { c.escape_default().to_string() } else { c.to_string() })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn values_stand_on_lines_of_their_own_and_steer_nothing() {
        let record = json!({"id": "i", "ts": "t", "event": "statement.intent", "text": "SELECT ?",
            "principal": {"user": "app", "database": "shop"}, "hashes": ["0a", null], "withheld": "cut"});
        let bytes = |text: &str| Bytes(text.as_bytes().to_vec());
        let plain = Plain {
            text: Some(bytes("SELECT\n\t'x'")),
            parameters: Some(vec![Some(bytes("ada")), None, Some(Bytes(vec![0, 255]))]),
            error: Some(bytes("Key (id)=(7)")),
        };
        let shown = Shown { record: &record, opened: Ok(Some(plain)) };
        let expected = "t  statement.intent  i  app on shop\n    statement   SELECT ?\n    text        SELECT\\n\\t'x'\n    \
                        $1          ada\n    $2          NULL\n    $3          \\x00ff\n    error       Key (id)=(7)\n    \
                        hashes      0a NULL\n    withheld    cut\n\n";
        assert_eq!(shown.text(), expected);
        let json: Value = serde_json::from_str(&shown.json()).unwrap();
        assert_eq!(json["values"]["parameters"], json!(["ada", null, {"base64": "AP8="}]));
        assert_eq!(inline("a\u{1b}[2J\u{9b}b"), "a\\u{1b}[2J\\u{9b}b");
    }
}
