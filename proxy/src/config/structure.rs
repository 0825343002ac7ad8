//! Does the document have the form the schema asks for: known keys, right types, known words,
//! numbers in range, addresses that can be read?
//!
//! Everything that is wrong is told, not only the first; what is wrong is marked as broken, so that
//! the rest can still be looked at.

use super::path::{Path, display};
use super::problem::{Cause, Place, Problem};
use super::tree::{Entry, Node, Value};
use super::{address, authentication};
use policies::Network;
use serde_json::Value as Json;

/// Looks through `root`, marks what is wrong in it, and tells it.
pub(crate) fn examine(root: &mut Node, schema: &Json) -> Vec<Problem> {
    let mut found = Vec::new();
    // What is broken has no name any more: things are called as they were before.
    let before = root.clone();
    node(root, schema, &Path::default(), &mut found);
    let named = |(path, place, cause): Found| Problem { place, key: display(&path, &before), cause };
    found.into_iter().map(named).collect()
}

type Found = (Path, Place, Cause);

fn node(node: &mut Node, schema: &Json, path: &Path, found: &mut Vec<Found>) {
    let alternatives = alternatives(schema);
    let fitting = alternatives.iter().find(|one| fits(node, one)).copied();
    let Some(schema) = fitting else {
        let cause = Cause::WrongType { found: node.kind(), expected: expected(&alternatives) };
        return spoil(node, path, cause, found);
    };
    match &mut node.value {
        Value::Table(_) => table(node, schema, path, found),
        Value::Array(items) => {
            let place = node.place.clone();
            if items.is_empty() && schema.get("minItems").is_some() {
                found.push((path.clone(), place, Cause::EmptyList));
                node.value = Value::Broken;
                return;
            }
            let inner = schema.get("items").unwrap_or(&Json::Null);
            for (index, item) in items.iter_mut().enumerate() {
                self::node(item, inner, &path.index(index), found);
            }
            // A list of values is of use as a whole only; of a list of tables the others still are.
            let tables = kind(inner) == Some("object");
            if !tables && items.iter().any(|item| matches!(item.value, Value::Broken)) {
                node.value = Value::Broken;
            }
        }
        Value::String(text) => {
            if let Some(cause) = text_fault(text, schema) {
                spoil(node, path, cause, found);
            }
        }
        Value::Integer(value) => {
            let bound = |key: &str| schema.get(key).and_then(Json::as_i64).map(i128::from);
            let (min, max) =
                (bound("minimum").unwrap_or(0), bound("maximum").unwrap_or(i128::from(i64::MAX)));
            if !(min..=max).contains(value) {
                let cause = Cause::OutOfRange { value: *value, min, max };
                spoil(node, path, cause, found);
            }
        }
        Value::Boolean(_) | Value::Float | Value::Date | Value::Broken => {}
    }
}

fn spoil(node: &mut Node, path: &Path, cause: Cause, found: &mut Vec<Found>) {
    found.push((path.clone(), node.place.clone(), cause));
    node.value = Value::Broken;
}

fn table(node: &mut Node, schema: &Json, path: &Path, found: &mut Vec<Found>) {
    let Value::Table(entries) = &mut node.value else { return };
    for entry in entries.iter_mut() {
        let path = path.key(&entry.key);
        match schema.pointer("/properties").and_then(|all| all.get(&entry.key)) {
            Some(inner) => self::node(&mut entry.node, inner, &path, found),
            None => unknown_key(entry, schema, path, found),
        }
    }
    let mut lacking = false;
    for key in schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
    {
        match entries.iter().find(|entry| entry.key == key) {
            Some(entry) => lacking |= matches!(entry.node.value, Value::Broken),
            None => {
                lacking = true;
                found.push((path.clone(), node.place.clone(), missing(key, schema)));
            }
        }
    }
    if lacking {
        node.value = Value::Broken;
    }
}

fn unknown_key(entry: &mut Entry, schema: &Json, path: Path, found: &mut Vec<Found>) {
    let cause = no_such_setting(&entry.key, schema);
    found.push((path, entry.place.clone(), cause));
    entry.node.value = Value::Broken;
}

/// What to say about `key`, which `schema` does not have.
pub(crate) fn no_such_setting(key: &str, schema: &Json) -> Cause {
    let known = keys(schema);
    Cause::UnknownKey { nearest: nearest(key, &known), known }
}

fn missing(key: &str, schema: &Json) -> Cause {
    let example = schema.pointer(&format!("/properties/{key}/examples/0")).unwrap_or(&Json::Null);
    Cause::Missing { key: String::from(key), example: format!("{key} = {example}") }
}

fn text_fault(text: &str, schema: &Json) -> Option<Cause> {
    let words = words(schema);
    if !words.is_empty() && !words.iter().any(|word| word == text) {
        let word = String::from(text);
        return Some(Cause::UnknownWord { nearest: nearest(text, &words), word, known: words });
    }
    let value = || String::from(text);
    match schema.get("format").and_then(Json::as_str)? {
        "name" => (!address::is_name(text)).then(|| Cause::BadName { value: value() }),
        "path" => text.is_empty().then_some(Cause::EmptyPath),
        "listen-address" => {
            address::listen(text).err().map(|fault| Cause::BadListen { value: value(), fault })
        }
        "upstream-address" => {
            address::server(text).err().map(|fault| Cause::BadUpstream { value: value(), fault })
        }
        "network" => {
            (text == "unix" || Network::of(text).is_err()).then(|| Cause::BadNetwork { value: value() })
        }
        "function" => authentication::function(text).is_none().then(|| Cause::BadFunction { value: value() }),
        "http-url" => address::http_url(text).err().map(|fault| Cause::BadUrl { fault }),
        "state-url" => address::state_url(text).err().map(|fault| Cause::BadState { fault }),
        "egress" => (!address::is_egress(text)).then(|| Cause::BadEgress { value: value() }),
        "host" => (!address::is_host(text)).then(|| Cause::BadHost { value: value() }),
        "subject" => (!address::is_subject(text)).then_some(Cause::BadSubject),
        "mailbox" => (!address::is_mailbox(text)).then(|| Cause::BadMailbox { value: value() }),
        _ => None,
    }
}

/// The keys of a table's schema, in its order.
pub(crate) fn keys(schema: &Json) -> Vec<String> {
    let properties = schema.get("properties").and_then(Json::as_object);
    properties.into_iter().flat_map(|all| all.keys().cloned()).collect()
}

/// The one of `known` that looks like `word`, if one does.
fn nearest(word: &str, known: &[String]) -> Option<String> {
    let folded = word.to_lowercase().replace('-', "_");
    let distance = |other: &String| strsim::damerau_levenshtein(&folded, &other.replace('-', "_"));
    let (best, distance) =
        known.iter().map(|other| (other, distance(other))).min_by_key(|(_, near)| *near)?;
    (distance <= best.len().div_ceil(3)).then(|| best.clone())
}

/// The words a schema of words knows; none for any other schema.
pub(crate) fn words(schema: &Json) -> Vec<String> {
    let listed = schema.get("enum").and_then(Json::as_array).into_iter().flatten();
    let told = schema.get("oneOf").and_then(Json::as_array).into_iter().flatten();
    let told = told.filter_map(|word| word.get("const"));
    listed.chain(told).filter_map(Json::as_str).map(String::from).collect()
}

/// What a value may be: the schema itself, or each of its alternatives.
pub(crate) fn alternatives(schema: &Json) -> Vec<&Json> {
    match schema.get("anyOf").and_then(Json::as_array) {
        Some(all) => all.iter().collect(),
        None => vec![schema],
    }
}

/// The JSON type a schema asks for.
pub(crate) fn kind(schema: &Json) -> Option<&str> {
    let words = || (!words(schema).is_empty()).then_some("string");
    schema.get("type").and_then(Json::as_str).or_else(words)
}

fn fits(node: &Node, schema: &Json) -> bool {
    let kind = kind(schema);
    match &node.value {
        Value::Table(_) => kind == Some("object"),
        Value::Array(_) => kind == Some("array"),
        Value::String(_) => kind == Some("string"),
        Value::Integer(_) => kind == Some("integer"),
        Value::Boolean(_) => kind == Some("boolean"),
        Value::Float | Value::Date => false,
        Value::Broken => true,
    }
}

fn expected(alternatives: &[&Json]) -> &'static str {
    match alternatives {
        [one] => match kind(one) {
            Some("object") => "a table",
            Some("array") if one.pointer("/items/type").and_then(Json::as_str) == Some("object") => {
                "a list of tables, written `[[…]]`"
            }
            Some("array") => "a list of strings",
            Some("integer") => "a whole number",
            Some("boolean") => "`true` or `false`",
            _ => "a string",
        },
        _ => "a string or a list of strings",
    }
}
