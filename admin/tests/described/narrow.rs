//! What must the description say besides, so that examples made from it meet something?
//!
//! "An id" would be an id of nothing, and "where the part before ended" a place no list has. In the
//! narrowed description they are words of an enum: what is there now.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::described::endpoints;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What is put in place of what.
pub struct Known {
    /// Ids by the names of places in paths.
    pub ids: BTreeMap<String, Vec<String>>,
    /// What fields of bodies that are called so can hold.
    pub fields: BTreeMap<String, Vec<String>>,
    /// Moments for `from`, and later ones for `until`.
    pub moments: [Vec<String>; 2],
}

/// The description with what is there.
pub fn narrowed(document: &Value, known: &Known) -> Value {
    let mut document = document.clone();
    let for_input = schemas_of_input_only(&document);
    for item in document["paths"].as_object_mut().expect("paths").values_mut() {
        for (method, operation) in item.as_object_mut().expect("a path") {
            let place = (method == "delete").then(|| last_place(operation)).flatten();
            if let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) {
                parameters.retain_mut(|parameter| narrow_parameter(parameter, known, place.as_deref()));
            }
        }
    }
    let schemas = document["components"]["schemas"].as_object_mut().expect("schemas");
    for (name, schema) in schemas.iter_mut().filter(|(name, _)| for_input.contains(name.as_str())) {
        // What is only looked at or kept may be any text; what is run must be a query of its database.
        let is_run = !["QueryDraft", "TextInput"].contains(&name.as_str());
        narrow_fields(schema, known, is_run);
    }
    document
}

/// The last name in an operation's path.
fn last_place(operation: &Value) -> Option<String> {
    let parameters = operation["parameters"].as_array()?;
    let last = parameters.iter().rfind(|parameter| parameter["in"] == "path")?;
    last["name"].as_str().map(ToOwned::to_owned)
}

/// Whether the parameter stays. A cursor does not: the only ones there are are those that lists give, and
/// another one need not be refused. Lists are gone through in `every_list_is_the_same_in_parts`.
fn narrow_parameter(parameter: &mut Value, known: &Known, deleted: Option<&str>) -> bool {
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    let place = parameter["in"].as_str().unwrap_or_default();
    let words: Vec<String> = match (place, name.as_str()) {
        ("path", name) => {
            let ids = known.ids.get(name).cloned().unwrap_or_default();
            match ids.split_last() {
                // What is deleted is the last of its kind, so that there is something left for the others.
                Some((last, _)) if deleted == Some(name) => vec![last.clone()],
                Some((_, others)) if !others.is_empty() => others.to_vec(),
                _ => ids,
            }
        }
        ("query", "cursor") => return false,
        ("query", "from" | "after") => known.moments[0].clone(),
        ("query", "until" | "before") => known.moments[1].clone(),
        // Versions that things that are made and changed here have.
        ("header", "If-Match") => (0..=4).map(|version| format!("\"{version}\"")).collect(),
        _ => return true,
    };
    if !words.is_empty() {
        let is_array = parameter["schema"]["type"] == "array";
        let one = json!({ "type": "string", "enum": words });
        parameter["schema"] = if is_array { json!({ "type": "array", "items": one }) } else { one };
        parameter.as_object_mut().expect("a parameter").remove("example");
    }
    true
}

/// Fields that hold an id of something: those that are called as the place in paths.
fn narrow_fields(schema: &mut Value, known: &Known, is_run: bool) {
    let Some(fields) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        for part in ["allOf", "oneOf", "anyOf"] {
            for one in schema.get_mut(part).and_then(Value::as_array_mut).into_iter().flatten() {
                narrow_fields(one, known, is_run);
            }
        }
        return;
    };
    if is_run && fields.contains_key("sql") {
        // The statement has none.
        fields.remove("parameters");
    }
    for (name, field) in fields.iter_mut() {
        let words = match name.as_str() {
            "sql" if !is_run => continue,
            "from" => &known.moments[0],
            "until" => &known.moments[1],
            name => match known.fields.get(name).or_else(|| known.ids.get(name)) {
                Some(words) if known.fields.contains_key(name) || field["format"] == "uuid" => words,
                _ => continue,
            },
        };
        if words.is_empty() {
            continue;
        }
        *field = match (field["items"].is_object(), field["type"].is_array()) {
            (true, _) => {
                let mut list = field.clone();
                list["items"] = json!({ "type": "string", "enum": words });
                list
            }
            (false, true) => json!({ "type": ["string", "null"], "enum": with_null(words) }),
            (false, false) => json!({ "type": "string", "enum": words }),
        };
    }
}

fn with_null(words: &[String]) -> Vec<Value> {
    words.iter().map(|word| Value::from(word.as_str())).chain([Value::Null]).collect()
}

/// Names of the schemas that bodies of requests use and answers do not.
fn schemas_of_input_only(document: &Value) -> BTreeSet<String> {
    let (mut of_input, mut of_output) = (BTreeSet::new(), BTreeSet::new());
    for endpoint in endpoints(document) {
        collect(document, &endpoint.operation["requestBody"], &mut of_input);
        collect(document, &endpoint.operation["responses"], &mut of_output);
    }
    of_input.difference(&of_output).cloned().collect()
}

fn collect(document: &Value, value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                let name = reference.rsplit('/').next().unwrap_or_default();
                if names.insert(name.to_owned()) {
                    collect(document, &document["components"]["schemas"][name], names);
                }
            }
            fields.values().for_each(|value| collect(document, value, names));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(document, value, names)),
        _ => {}
    }
}

/// Without the operations that are not asked, so that nothing about them is told.
pub fn only(mut document: Value, actions: &[String]) -> Value {
    let paths: &mut Map<String, Value> = document["paths"].as_object_mut().expect("paths");
    for item in paths.values_mut() {
        item.as_object_mut().expect("a path").retain(|_, operation| {
            operation["operationId"].as_str().is_some_and(|id| actions.iter().any(|action| action == id))
        });
    }
    paths.retain(|_, item| item.as_object().is_some_and(|item| !item.is_empty()));
    document
}
