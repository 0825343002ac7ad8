//! How is everything a record says shown to people?

use super::table::shown;
use serde_json::Value;
use std::fmt::Write as _;

/// A field on each line: `principal.user: app`. Ends with a line feed.
pub(super) fn text(record: &Value) -> String {
    let mut text = String::new();
    for (name, value) in record.as_object().into_iter().flatten() {
        put(&mut text, name, value);
    }
    text
}

fn put(text: &mut String, name: &str, value: &Value) {
    let written = match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                put(text, &format!("{name}.{field}"), value);
            }
            return;
        }
        Value::String(value) => value.clone(),
        Value::Array(values) if values.iter().all(Value::is_string) => {
            values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    };
    let _ = writeln!(text, "{}: {}", shown(name), shown(&written));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_field_has_a_line_whatever_a_client_wrote() {
        let record = json!({
            "id": "7", "principal": { "user": "a\u{1b}[2Jb\nid: 8" }, "tables": ["orders", "items"], "rows": 3,
            "effects": { "relations": [{ "name": "orders" }] },
        });
        let text = text(&record);
        let mut lines: Vec<&str> = text.lines().collect();
        lines.sort_unstable();
        assert_eq!(
            lines,
            [
                "effects.relations: [{\"name\":\"orders\"}]",
                "id: 7",
                "principal.user: a [2Jb id: 8",
                "rows: 3",
                "tables: orders items",
            ]
        );
    }
}
