//! How is shown what stands in a document, and where, for a form beside the text?

use policies::outline::{Element, Part, Value};
use serde::Serialize;
use utoipa::ToSchema;

/// A key with its value. Places are in bytes from the beginning of the text: first and one past the last.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldView {
    /// The key.
    #[schema(example = "decision")]
    pub key: String,
    /// Where the key stands.
    pub at: (u32, u32),
    /// Where the value stands; of a table with a header, where that does.
    pub span: (u32, u32),
    /// The value, as JSON has it.
    pub value: serde_json::Value,
    /// Of a table its keys in the order of the text; absent of anything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<String>>,
}

/// A table with a header.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlockView {
    /// Where its header stands, such as `[[rule]]`.
    pub header: (u32, u32),
    /// What it says, in order.
    pub fields: Vec<FieldView>,
}

/// What stands in a document, and where.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutlineView {
    /// What stands at the top: `description`, `include`.
    pub fields: Vec<FieldView>,
    /// `[lists]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lists: Option<BlockView>,
    /// Each `[[session]]`.
    pub sessions: Vec<BlockView>,
    /// Each `[[rule]]`.
    pub rules: Vec<BlockView>,
}

impl OutlineView {
    /// Of a document; `None` where it is no TOML.
    pub(super) fn of(text: &str) -> Option<OutlineView> {
        let mut view =
            OutlineView { fields: Vec::new(), lists: None, sessions: Vec::new(), rules: Vec::new() };
        for part in policies::outline(text)? {
            match part.key.as_str() {
                "rule" => view.rules = blocks(part.element)?,
                "session" => view.sessions = blocks(part.element)?,
                "lists" => view.lists = Some(block(part.element)?),
                _ => view.fields.push(field(part)?),
            }
        }
        Some(view)
    }
}

/// The tables of `[[…]]`; where it is something else, a form could not change it.
fn blocks(element: Element) -> Option<Vec<BlockView>> {
    let Value::Array(items) = element.value else { return None };
    items.into_iter().map(block).collect()
}

fn block(element: Element) -> Option<BlockView> {
    let Value::Table(parts) = element.value else { return None };
    let fields = parts.into_iter().map(field).collect::<Option<_>>()?;
    Some(BlockView { header: place(&element.at)?, fields })
}

fn field(part: Part) -> Option<FieldView> {
    let (at, span) = (place(&part.key_at)?, place(&part.element.at)?);
    let keys = match &part.element.value {
        Value::Table(parts) => Some(parts.iter().map(|part| part.key.clone()).collect()),
        _ => None,
    };
    Some(FieldView { key: part.key, at, span, value: json(part.element.value), keys })
}

fn place(at: &std::ops::Range<usize>) -> Option<(u32, u32)> {
    Some((u32::try_from(at.start).ok()?, u32::try_from(at.end).ok()?))
}

fn json(value: Value) -> serde_json::Value {
    match value {
        Value::Table(parts) => {
            let entries = parts.into_iter().map(|part| (part.key, json(part.element.value)));
            serde_json::Value::Object(entries.collect())
        }
        Value::Array(items) => items.into_iter().map(|item| json(item.value)).collect(),
        Value::String(text) | Value::Date(text) => text.into(),
        Value::Integer(number) => number.into(),
        Value::Float(number) => number.into(),
        Value::Boolean(truth) => truth.into(),
    }
}
