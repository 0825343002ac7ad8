//! What has changed in a file, and what of it needs a restart?

use super::generate::document_schema;
use super::settings::Config;
use super::structure::kind;
use serde_json::Value as Json;

/// The settings that differ between `running` and `new` and that a reload cannot apply, as people
/// name them. Everything else applies to new sessions, or at once.
pub fn restart_needed(running: &Config, new: &Config) -> Vec<String> {
    differences(running, new, |setting| !applied(setting))
}

/// The settings that differ between `running` and `new`, as people name them, without their values;
/// a listener that came or went is named as a whole.
pub fn changed(running: &Config, new: &Config) -> Vec<String> {
    let mut found = differences(running, new, |_| true);
    for (ones, others) in [(running, new), (new, running)] {
        let known = |name: &str| others.listeners.iter().any(|other| other.name == name);
        let alone = ones.listeners.iter().filter(|one| !known(&one.name));
        found.extend(alone.map(|one| format!("listener[{}]", one.name)));
    }
    found
}

fn differences(running: &Config, new: &Config, counts: fn(&Json) -> bool) -> Vec<String> {
    let schema = document_schema();
    let (Ok(one), Ok(other)) = (serde_json::to_value(running), serde_json::to_value(new)) else {
        return vec![String::from("all")];
    };
    let mut found = Vec::new();
    compare(&one, &other, Section { schema: &schema, counts }, "", &mut found);
    found
}

/// A part of the schema, and which of its settings are looked for.
#[derive(Clone, Copy)]
struct Section<'a> {
    schema: &'a Json,
    counts: fn(&Json) -> bool,
}

fn compare(one: &Json, other: &Json, section: Section<'_>, path: &str, found: &mut Vec<String>) {
    let properties = section.schema.get("properties").and_then(Json::as_object);
    for (key, inner) in properties.into_iter().flatten() {
        let (a, b) = (one.get(key).unwrap_or(&Json::Null), other.get(key).unwrap_or(&Json::Null));
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        if a == b {
            continue;
        }
        // One that comes or goes is named as a whole, and so is a list that only a restart takes.
        let optional = inner.get("x-optional").is_some();
        if optional && (a.is_null() || b.is_null() || a.is_array()) {
            if (section.counts)(inner) {
                found.push(path);
            }
            continue;
        }
        match (kind(inner), inner.get("items")) {
            (Some("object"), _) => compare(a, b, Section { schema: inner, ..section }, &path, found),
            (Some("array"), Some(items)) if kind(items) == Some("object") => {
                listed(a, b, Section { schema: items, ..section }, &path, found)
            }
            _ if (section.counts)(inner) => found.push(path),
            _ => {}
        }
    }
}

fn applied(setting: &Json) -> bool {
    matches!(setting.get("x-reload").and_then(Json::as_str), Some("new sessions" | "at once"))
}

/// Compares lists of tables by the tables' names; their order means nothing.
fn listed(one: &Json, other: &Json, section: Section<'_>, path: &str, found: &mut Vec<String>) {
    let items = |list: &Json| list.as_array().cloned().unwrap_or_default();
    let named = |item: &Json| item.get("name").and_then(Json::as_str).unwrap_or_default().to_owned();
    let (ones, others) = (items(one), items(other));
    for item in &ones {
        let path = format!("{path}[{}]", named(item));
        // One that came or went is applied by opening or closing its port.
        if let Some(other) = others.iter().find(|other| named(other) == named(item)) {
            compare(item, other, section, &path, found);
        }
    }
}
