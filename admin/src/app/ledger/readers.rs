//! Who reads, as the ledgers that are read say it?
//!
//! The activity tells of every look on the control plane's side; a ledger tells of it on its own, where who runs the
//! control plane cannot change it.

use crate::operation::{Operation, Via};
use crate::problem::Problem;
use admin_store::tokens;
use control::LedgerReader;
use serde_json::{Map, Value};

/// What becomes of the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handed<'a> {
    /// They are shown: as a `page`, as `counts` of their values, or one `record`.
    Shown(&'a str),
    /// They are taken away as a file of this form.
    Taken(&'a str),
}

/// Whoever asks, and for what. `details` are the conditions, as the activity tells them.
pub(super) async fn reader(
    operation: &Operation,
    details: &Map<String, Value>,
    handed: Handed<'_>,
) -> Result<LedgerReader, Problem> {
    let person = operation.person()?;
    let email = person.user.label();
    let (is_token, name) = match person.via {
        Via::Session { .. } => (false, email),
        Via::Token { id, .. } => {
            let mut tx = operation.read().await?;
            let token = tokens::by_id(&mut tx, person.user.id, id).await?;
            tx.commit().await?;
            (true, format!("{} ({email})", token.name))
        }
    };
    let mut asked = format!("workspace={}", operation.entered()?.workspace.slug);
    for (field, value) in details {
        let words = words(value);
        if !words.is_empty() {
            asked.push_str(&format!(" {field}={words}"));
        }
    }
    let (takes_away, format) = match handed {
        Handed::Shown(format) => (false, format),
        Handed::Taken(format) => (true, format),
    };
    Ok(LedgerReader { takes_away, is_token, name, asked, format: format.to_owned() })
}

/// A condition on one line, in quotes where it could be taken for more than one.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) if !text.contains(|letter: char| letter.is_whitespace() || letter == '"') => {
            text.clone()
        }
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::words;
    use serde_json::json;

    #[test]
    fn conditions_are_told_apart() {
        for (value, expected) in [
            (json!("orders"), "orders"),
            (json!("drop table"), "\"drop table\""),
            (json!("a\"b"), r#""a\"b""#),
            (json!(["pg", "my sql"]), "pg,\"my sql\""),
            (json!([]), ""),
            (json!(7), "7"),
        ] {
            assert_eq!(words(&value), expected);
        }
    }
}
