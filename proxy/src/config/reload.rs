//! What of a changed file needs a restart?

use super::generate::document_schema;
use super::settings::Config;
use super::structure::kind;
use serde_json::Value as Json;

/// The settings that differ between `running` and `new` and that a reload cannot apply, as people
/// name them. Everything else applies to new sessions, or at once.
pub fn restart_needed(running: &Config, new: &Config) -> Vec<String> {
    let schema = document_schema();
    let (Ok(one), Ok(other)) = (serde_json::to_value(running), serde_json::to_value(new)) else {
        return vec![String::from("all")];
    };
    let mut found = Vec::new();
    compare(&one, &other, &schema, "", &mut found);
    found
}

fn compare(one: &Json, other: &Json, schema: &Json, path: &str, found: &mut Vec<String>) {
    let properties = schema.get("properties").and_then(Json::as_object);
    for (key, inner) in properties.into_iter().flatten() {
        let (a, b) = (one.get(key).unwrap_or(&Json::Null), other.get(key).unwrap_or(&Json::Null));
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        if a == b {
            continue;
        }
        match (kind(inner), inner.get("items")) {
            (Some("object"), _) => compare(a, b, inner, &path, found),
            (Some("array"), Some(items)) if kind(items) == Some("object") => {
                listed(a, b, items, &path, found)
            }
            _ if !applied(inner) => found.push(path),
            _ => {}
        }
    }
}

fn applied(setting: &Json) -> bool {
    matches!(setting.get("x-reload").and_then(Json::as_str), Some("new sessions" | "at once"))
}

/// Compares lists of tables by the tables' names; their order means nothing.
fn listed(one: &Json, other: &Json, schema: &Json, path: &str, found: &mut Vec<String>) {
    let items = |list: &Json| list.as_array().cloned().unwrap_or_default();
    let named = |item: &Json| item.get("name").and_then(Json::as_str).unwrap_or_default().to_owned();
    let (ones, others) = (items(one), items(other));
    for item in &ones {
        let path = format!("{path}[{}]", named(item));
        // One that came or went is applied by opening or closing its port.
        if let Some(other) = others.iter().find(|other| named(other) == named(item)) {
            compare(item, other, schema, &path, found);
        }
    }
}
