//! Which settings do environment variables override?
//!
//! `DRAGOMAN_STATUS__LISTEN` overrides `status.listen`. A name without two underscores is none of
//! ours: container platforms make variables such as `DRAGOMAN_PORT` by themselves.

use super::problem::{Cause, Place, Problem};
use super::structure::{alternatives, keys, kind, no_such_setting};
use super::tree::{Node, Value, scalar};
use serde_json::Value as Json;

const PREFIX: &str = "DRAGOMAN_";
const SEPARATOR: &str = "__";

/// Puts the values of `variables` over those of the file, and tells what cannot be.
pub(crate) fn apply(
    root: &mut Node,
    schema: &Json,
    variables: impl Iterator<Item = (String, String)>,
) -> Vec<Problem> {
    let mut ours: Vec<_> = variables.filter(|(name, _)| name.starts_with(PREFIX)).collect();
    ours.sort();
    let mut problems = Vec::new();
    for (name, text) in ours {
        let path = name.strip_prefix(PREFIX).unwrap_or_default().to_ascii_lowercase();
        let place = Place::Variable(name.as_str().into());
        let keys: Vec<String> = path.split(SEPARATOR).map(String::from).collect();
        let found = if keys.len() > 1 { find(schema, &keys) } else { no_separator(schema, &path) };
        match found {
            Ok(Some(leaf)) => root.set(&keys, Node { value: read(&text, leaf), place }),
            Ok(None) => {}
            Err(cause) => problems.push(Problem { place, key: String::new(), cause }),
        }
    }
    problems
}

/// Two underscores or none of ours; but one where two would be a setting is a slip worth a word.
fn no_separator<'a>(schema: &Json, path: &str) -> Result<Option<&'a Json>, Cause> {
    for table in keys(schema) {
        let inner = schema.pointer(&format!("/properties/{table}")).unwrap_or(&Json::Null);
        let key = path.strip_prefix(&format!("{table}_")).unwrap_or_default();
        if keys(inner).iter().any(|known| known == key) {
            let meant = format!("{PREFIX}{}{SEPARATOR}{}", table.to_uppercase(), key.to_uppercase());
            return Err(Cause::VariableUnderscore { meant });
        }
    }
    Ok(None)
}

fn find<'a>(schema: &'a Json, path: &[String]) -> Result<Option<&'a Json>, Cause> {
    let mut schema = schema;
    for key in path {
        if kind(schema) == Some("array") {
            return Err(Cause::VariableInList);
        }
        let Some(inner) = schema.get("properties").and_then(|all| all.get(key)) else {
            return Err(no_such_setting(key, schema));
        };
        schema = inner;
    }
    match kind(schema) {
        Some("object") => Err(Cause::VariableIsTable),
        Some("array") => Err(Cause::VariableInList),
        _ => Ok(Some(schema)),
    }
}

/// The value of a variable: a string where the setting is one, quoted or not; else as TOML has it.
fn read(text: &str, schema: &Json) -> Value {
    let plain = || Value::String(String::from(text));
    let textual = alternatives(schema).iter().any(|one| kind(one) == Some("string"));
    match scalar(text.trim()) {
        Some(value @ Value::String(_)) => value,
        Some(value @ (Value::Integer(_) | Value::Boolean(_) | Value::Float)) if !textual => value,
        _ => plain(),
    }
}
