//! Which bytes stand for an object's definition, whatever order its fields are declared in?

use super::{Definition, ObjectKind};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

#[derive(Serialize)]
struct Content<'a> {
    kind: ObjectKind,
    schema: &'a str,
    name: &'a str,
    definition: &'a Definition,
}

pub(super) fn hash(kind: ObjectKind, schema: &str, name: &str, definition: &Definition) -> [u8; 32] {
    // A definition holds texts, numbers, flags and maps of texts: all of them have a JSON form.
    let value = serde_json::to_value(Content { kind, schema, name, definition }).unwrap_or(Value::Null);
    let mut text = String::with_capacity(4096);
    write(&value, &mut text);
    Sha256::digest(text.as_bytes()).into()
}

/// JSON without spaces, the keys of each object in the order of their bytes. Written here because the order
/// of a `serde_json::Map` depends on the features of the whole program.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string())
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            out.push('{');
            for (index, (key, item)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
    }
}
