//! How does a record become a row of a table that programs for tables read without harm?

use crate::app::ledger::Found;
use crate::app::ledger::export::End;
use serde_json::Value;

/// The event of the last line of a copy.
pub(super) const END_EVENT: &str = "export.end";

/// The columns, and where each stands in a record.
const COLUMNS: [(&str, &[&str]); 35] = [
    ("ts", &["ts"]),
    ("event", &["event"]),
    ("id", &["id"]),
    ("workspace", &["workspace"]),
    ("listener", &["listener"]),
    ("environment", &["environment"]),
    ("session", &["session"]),
    ("exchange", &["exchange"]),
    ("user", &["principal", "user"]),
    ("database", &["principal", "database"]),
    ("application", &["principal", "application"]),
    ("address", &["principal", "address"]),
    ("tls", &["principal", "tls"]),
    ("on_behalf_of", &["principal", "on_behalf_of"]),
    ("trace_id", &["principal", "trace_id"]),
    ("kind", &["kind"]),
    ("class", &["class"]),
    ("verdict", &["verdict"]),
    ("rule", &["rule"]),
    ("would_rule", &["would", "rule"]),
    ("would_verdict", &["would", "verdict"]),
    ("policy_epoch", &["policy_epoch"]),
    ("fingerprint", &["fingerprint"]),
    ("text", &["text"]),
    ("tables", &["tables"]),
    ("transaction", &["tx", "state"]),
    ("rows", &["rows"]),
    ("total_us", &["timing_us", "total"]),
    ("bytes_in", &["bytes_in"]),
    ("bytes_out", &["bytes_out"]),
    ("sqlstate", &["sqlstate"]),
    ("message_class", &["message_class"]),
    ("lost", &["lost"]),
    ("hash", &["hash"]),
    ("note", &["note"]),
];

/// The line of names: the columns of a record, and the data plane it is from.
pub(super) fn head() -> Vec<u8> {
    let mut text = String::from("plane");
    for (name, _) in COLUMNS {
        text.push(',');
        text.push_str(name);
    }
    text.push_str("\r\n");
    text.into_bytes()
}

/// A row for each record.
pub(super) fn rows(found: &[Found]) -> Vec<u8> {
    let mut text = String::new();
    for one in found {
        row(&one.plane, &one.record, &mut text);
    }
    text.into_bytes()
}

/// The last row: how many there were.
pub(super) fn last_row(end: &End) -> Vec<u8> {
    let mut note = format!("{} records", end.records);
    if end.cut {
        note.push_str("; cut: there are more");
    }
    for missing in &end.incomplete {
        note.push_str(&format!("; those of `{}` are missing: {}", missing.name, missing.reason));
    }
    let mut text = String::new();
    row("", &serde_json::json!({ "event": END_EVENT, "note": note }), &mut text);
    text.into_bytes()
}

fn row(plane: &str, record: &Value, out: &mut String) {
    cell(plane, out);
    for (_, path) in COLUMNS {
        out.push(',');
        match path.iter().try_fold(record, |at, name| at.get(name)) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => cell(text, out),
            Some(Value::Array(items)) => {
                let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                cell(&texts.join(" "), out);
            }
            Some(other) => cell(&other.to_string(), out),
        }
    }
    out.push_str("\r\n");
}

/// One cell. Programs for tables run what begins like a formula: such a text is given a mark in front, which they
/// take for "this is text".
pub(crate) fn cell(text: &str, out: &mut String) {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !is_formula && !text.contains(['"', ',', '\n', '\r']) {
        out.push_str(text);
        return;
    }
    out.push('"');
    if is_formula {
        out.push('\'');
    }
    for character in text.chars() {
        if character == '"' {
            out.push('"');
        }
        out.push(character);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn written(text: &str) -> String {
        let mut out = String::new();
        cell(text, &mut out);
        out
    }

    #[test]
    fn no_cell_is_a_formula_and_none_breaks_its_row() {
        for (text, expected) in [
            ("", ""),
            ("SELECT 1", "SELECT 1"),
            ("a,b", "\"a,b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+1", "\"'+1\""),
            ("-- a comment", "\"'-- a comment\""),
            ("@sum", "\"'@sum\""),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
        ] {
            assert_eq!(written(text), expected, "{text:?}");
        }
    }

    #[test]
    fn every_row_has_a_cell_for_every_column() {
        let record = json!({ "ts": "t", "principal": { "user": "=cmd" }, "tables": ["a", "b"], "rows": 7 });
        let rows = String::from_utf8(rows(&[Found { plane: "p".to_owned(), record }])).unwrap_or_default();
        let cells: Vec<&str> = rows.trim_end().split(',').collect();
        let head = String::from_utf8(head()).unwrap_or_default();
        let names: Vec<&str> = head.trim_end().split(',').collect();
        assert_eq!(cells.len(), names.len());
        let find =
            |name: &str| names.iter().position(|one| *one == name).and_then(|at| cells.get(at)).copied();
        assert_eq!((find("plane"), find("ts"), find("rows")), (Some("p"), Some("t"), Some("7")));
        assert_eq!((find("user"), find("tables"), find("note")), (Some("\"'=cmd\""), Some("a b"), Some("")));
    }
}
