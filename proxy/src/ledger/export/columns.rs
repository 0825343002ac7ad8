//! Which columns does a table of records have?
//!
//! The first of them, up to `note`, have the names and the order that the control plane's copies have.

use serde_json::Value;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    /// A time as the ledger writes it.
    Moment,
    /// Texts.
    List,
}

/// A column.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Where its value stands in a record.
    path: &'static [&'static str],
}

impl Column {
    /// The value of a record, if it has one.
    pub(super) fn of<'a>(&self, record: &'a Value) -> Option<&'a Value> {
        self.path.iter().try_fold(record, |at, name| at.get(name)).filter(|value| !value.is_null())
    }
}

const fn column(name: &'static str, kind: Kind, path: &'static [&'static str]) -> Column {
    Column { name, kind, path }
}

use Kind::{List, Moment, Number, Text};

/// All of them, in their order.
pub(super) const COLUMNS: [Column; 50] = [
    column("ts", Moment, &["ts"]),
    column("event", Text, &["event"]),
    column("id", Text, &["id"]),
    column("workspace", Text, &["workspace"]),
    column("listener", Text, &["listener"]),
    column("environment", Text, &["environment"]),
    column("session", Text, &["session"]),
    column("exchange", Number, &["exchange"]),
    column("user", Text, &["principal", "user"]),
    column("database", Text, &["principal", "database"]),
    column("application", Text, &["principal", "application"]),
    column("address", Text, &["principal", "address"]),
    column("tls", Text, &["principal", "tls"]),
    column("on_behalf_of", Text, &["principal", "on_behalf_of"]),
    column("trace_id", Text, &["principal", "trace_id"]),
    column("kind", Text, &["kind"]),
    column("class", Text, &["class"]),
    column("verdict", Text, &["verdict"]),
    column("rule", Text, &["rule"]),
    column("would_rule", Text, &["would", "rule"]),
    column("would_verdict", Text, &["would", "verdict"]),
    column("policy_epoch", Number, &["policy_epoch"]),
    column("fingerprint", Text, &["fingerprint"]),
    column("text", Text, &["text"]),
    column("tables", List, &["tables"]),
    column("transaction", Text, &["tx", "state"]),
    column("rows", Number, &["rows"]),
    column("total_us", Number, &["timing_us", "total"]),
    column("bytes_in", Number, &["bytes_in"]),
    column("bytes_out", Number, &["bytes_out"]),
    column("sqlstate", Text, &["sqlstate"]),
    column("message_class", Text, &["message_class"]),
    column("lost", Number, &["lost"]),
    column("hash", Text, &["hash"]),
    column("note", Text, &["note"]),
    column("verb", Text, &["effects", "verb"]),
    column("unjudged", Text, &["effects", "unjudged"]),
    column("source_fingerprint", Text, &["source", "fingerprint"]),
    column("source_text", Text, &["source", "text"]),
    column("source_tables", List, &["source", "tables"]),
    column("judge_us", Number, &["timing_us", "judge"]),
    column("first_us", Number, &["timing_us", "first"]),
    column("reader", Text, &["reader", "name"]),
    column("asked", Text, &["asked"]),
    column("format", Text, &["format"]),
    column("writer", Text, &["writer"]),
    column("seq", Number, &["seq"]),
    column("prev", Text, &["prev"]),
    column("certificate", List, &["principal", "certificate", "names"]),
    column("certificate_sha256", Text, &["principal", "certificate", "sha256"]),
];

/// The texts of a list.
pub(super) fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}
