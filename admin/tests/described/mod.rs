//! What does the API's description say there is, and which ids does a state have for its paths?
//!
//! Generic: an endpoint that is added is walked by the tests that use this without another line.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod content;
pub mod narrow;

use crate::harness::{Answer, Caller};
use admin::access::{Action, Needs};
use reqwest::Method;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The description.
pub fn document() -> Value {
    serde_json::to_value(admin::http::document()).expect("the description is JSON")
}

/// The description as it is committed: the order of fields is always the same, and one stands on a line.
pub fn committed_text() -> String {
    let mut text = serde_json::to_string_pretty(&document()).expect("JSON");
    text.push('\n');
    text
}

/// One endpoint of the description.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its method.
    pub method: Method,
    /// Its path, with names in braces.
    pub path: String,
    /// Its action's word.
    pub id: String,
    /// Everything the description says.
    pub operation: Value,
}

/// All endpoints, in the description's order.
pub fn endpoints(document: &Value) -> Vec<Endpoint> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("a path") {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else { continue };
            let Some(id) = operation["operationId"].as_str() else { continue };
            all.push(Endpoint {
                method,
                path: path.clone(),
                id: id.to_owned(),
                operation: operation.clone(),
            });
        }
    }
    all
}

impl Endpoint {
    /// What it needs.
    pub fn needs(&self) -> Needs {
        Action::of(&self.id).map_or_else(|| panic!("`{}` is no action", self.id), Action::needs)
    }

    /// The names in its path.
    pub fn places(&self) -> Vec<&str> {
        self.path.split('/').filter_map(place).collect()
    }

    /// Whether it is a list that is given in parts.
    pub fn has_cursor(&self) -> bool {
        let parameters = self.operation["parameters"].as_array().into_iter().flatten();
        self.method == Method::GET && parameters.into_iter().any(|one| one["name"] == "cursor")
    }

    /// The path with `values` in its places and what it must have behind `?`; `None` where one is not known.
    pub fn filled(&self, document: &Value, values: &BTreeMap<String, String>) -> Option<String> {
        let mut path = Vec::new();
        for part in self.path.split('/') {
            path.push(match place(part) {
                Some(name) => values.get(name)?.clone(),
                None => part.to_owned(),
            });
        }
        let mut query = Vec::new();
        for parameter in self.operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "query" && parameter["required"] == true {
                let name = parameter["name"].as_str()?;
                query.push(format!("{name}={}", an_example(document, parameter)?));
            }
        }
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        Some(format!("{}{query}", path.join("/")))
    }
}

/// The name where one stands in braces.
fn place(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

/// A value that a parameter may have, written as in a URL: what the description gives as an example, else
/// the first of its words, else its least.
fn an_example(document: &Value, parameter: &Value) -> Option<String> {
    let schema = resolved(document, &parameter["schema"]);
    let told = [
        &parameter["example"],
        &schema["example"],
        &schema["examples"][0],
        &schema["enum"][0],
        &schema["default"],
        &schema["minimum"],
    ];
    let value = told.into_iter().find(|value| !value.is_null())?;
    Some(value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned))
}

/// A schema, or what it refers to.
pub fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap_or(schema),
        None => schema,
    }
}

/// Ids that are there now, by their name in paths: asked from the lists, each as `caller` sees it.
///
/// The list of `{team}` is what stands before it in its path: `GET …/teams`.
pub async fn known_ids(caller: &Caller, document: &Value, workspace: &str) -> BTreeMap<String, Vec<String>> {
    let all = endpoints(document);
    let mut known = BTreeMap::from([("workspace".to_owned(), vec![workspace.to_owned()])]);
    let mut places: Vec<(String, String)> = Vec::new();
    for endpoint in &all {
        let parts: Vec<&str> = endpoint.path.split('/').collect();
        for (index, part) in parts.iter().enumerate() {
            let Some(name) = place(part) else { continue };
            let list = parts.get(..index).unwrap_or_default().join("/");
            if name != "workspace" && !places.contains(&(name.to_owned(), list.clone())) {
                places.push((name.to_owned(), list));
            }
        }
    }
    // Short paths first: what stands in them is needed for the longer ones.
    places.sort_by_key(|(_, list)| list.len());
    for (name, list) in places {
        let lists = all.iter().find(|endpoint| endpoint.method == Method::GET && endpoint.path == list);
        let Some(lists) = lists else { continue };
        let first = known.iter().filter_map(|(name, ids)| Some((name.clone(), ids.first()?.clone())));
        let Some(path) = lists.filled(document, &first.collect()) else { continue };
        let answer = caller.get(&path).await;
        let ids: Vec<String> = ids_of(&answer, &name);
        let all: &mut Vec<String> = known.entry(name).or_default();
        for id in ids {
            if !all.contains(&id) {
                all.push(id);
            }
        }
    }
    known
}

/// The ids of a list's items: `id`, or the field that is called as the place, or what else names them.
fn ids_of(answer: &Answer, name: &str) -> Vec<String> {
    if !answer.status.is_success() || answer.text.is_empty() {
        return Vec::new();
    }
    let document = answer.json();
    let items = document["items"].as_array().into_iter().flatten();
    let id = |item: &Map<String, Value>| {
        [name, "id", "user_id", "slug", "name", "number", "version"]
            .into_iter()
            .filter_map(|field| item.get(field))
            .map(|value| if value.is_object() { &value["id"] } else { value })
            .find_map(|value| match value {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
    };
    items.filter_map(|item| item.as_object().and_then(id)).collect()
}
