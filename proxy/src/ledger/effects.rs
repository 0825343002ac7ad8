//! What does a line say of what a statement does?
//!
//! What can be told from the other fields is left out, since most lines are of plain reads: the
//! relations that are only read stand under `tables`, and functions that only read say nothing.

use super::json;
use exchange::{Access, Basis, Effects, Known, Marks, Unjudged};

/// Most relations and functions a line names; in generated statements nobody reads more.
const NAMED_MAX: usize = 16;

/// Writes `,"effects":{…}`, where there is more to say than the class does.
pub(super) fn write(lines: &mut Vec<u8>, effects: &Effects) {
    if effects.basis == Basis::Keywords {
        return;
    }
    lines.extend_from_slice(b",\"effects\":{\"verb\":");
    json::string(lines, effects.verb);
    if let Basis::Unjudged(why) = &effects.basis {
        lines.extend_from_slice(b",\"unjudged\":");
        json::string(lines, reason(why));
    }
    // What may be a part of a literal is not written down.
    if !effects.marks.contains(Marks::DISPUTED) {
        relations(lines, effects);
        functions(lines, effects);
    }
    words(lines, b",\"marks\":[", effects.marks.words());
    lines.push(b'}');
}

/// Why a statement has no effects that could be relied on, as a word. What a parser said may hold a
/// part of the text, and stays out.
fn reason(why: &Unjudged) -> &'static str {
    match why {
        Unjudged::Syntax { .. } => "syntax",
        Unjudged::TooLarge(_) => "too_large",
        Unjudged::Node(node) => node,
        Unjudged::Ambiguous(_) => "ambiguous",
        Unjudged::Unseen => "unseen",
    }
}

fn relations(lines: &mut Vec<u8>, effects: &Effects) {
    let told = effects.relations.iter().filter(|relation| relation.access != Access::READ);
    let mut before: &[u8] = b",\"relations\":[{\"name\":";
    let mut any = false;
    for relation in told.take(NAMED_MAX) {
        lines.extend_from_slice(before);
        named(lines, relation.schema.as_deref(), &relation.name);
        words(lines, b",\"access\":[", relation.access.words());
        lines.push(b'}');
        before = b",{\"name\":";
        any = true;
    }
    if any {
        lines.push(b']');
    }
}

fn functions(lines: &mut Vec<u8>, effects: &Effects) {
    let told = effects.functions.iter().filter(|function| function.known != Known::Reads);
    let mut before: &[u8] = b",\"functions\":[";
    for function in told.take(NAMED_MAX) {
        lines.extend_from_slice(before);
        named(lines, function.schema.as_deref(), &function.name);
        before = b",";
    }
    if before == b"," {
        lines.push(b']');
    }
}

fn named(lines: &mut Vec<u8>, schema: Option<&str>, name: &str) {
    match schema {
        Some(schema) => json::string(lines, &format!("{schema}.{name}")),
        None => json::string(lines, name),
    }
}

fn words(lines: &mut Vec<u8>, name: &[u8], words: impl Iterator<Item = &'static str>) {
    let mut before = name;
    for word in words {
        lines.extend_from_slice(before);
        json::string(lines, word);
        before = b",";
    }
    if before == b"," {
        lines.push(b']');
    }
}
