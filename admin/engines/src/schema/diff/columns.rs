//! What is different between the columns of a table, a view or a composite type?

use super::super::model::{Column, GeneratedKind, Identity, ObjectKind};
use super::change::{Aspect, Severity, Writer};
use super::rename;
use std::collections::{BTreeMap, HashMap};

pub(super) fn columns(writer: &mut Writer, before: &[Column], after: &[Column]) {
    let old: HashMap<&str, &Column> = before.iter().map(|column| (column.name.as_str(), column)).collect();
    let new: HashMap<&str, &Column> = after.iter().map(|column| (column.name.as_str(), column)).collect();
    let gone: Vec<&Column> = before.iter().filter(|column| !new.contains_key(column.name.as_str())).collect();
    let come: Vec<&Column> = after.iter().filter(|column| !old.contains_key(column.name.as_str())).collect();
    for column in &gone {
        writer.removed(Aspect::Column, &column.name, said(column), Severity::Breaking);
    }
    let renames: BTreeMap<String, _> = rename::columns(&gone, &come);
    for column in &come {
        writer.added(Aspect::Column, &column.name, said(column), severity_of_new(writer.kind(), column));
        if let Some(change) = writer.changes.last_mut() {
            change.possible_rename_of = renames.get(&column.name).cloned();
        }
    }
    for column in after {
        if let Some(old) = old.get(column.name.as_str()) {
            compare(writer, old, column);
        }
    }
    order(writer, before, after, &old, &new);
}

/// A column that must have a value and has none of its own makes every INSERT that does not know it fail.
fn severity_of_new(kind: ObjectKind, column: &Column) -> Severity {
    let table = matches!(kind, ObjectKind::Table | ObjectKind::PartitionedTable | ObjectKind::ForeignTable);
    let filled = column.nullable
        || column.default.is_some()
        || column.generated.is_some()
        || column.identity.is_some();
    if table && !filled { Severity::Breaking } else { Severity::Safe }
}

fn compare(writer: &mut Writer, before: &Column, after: &Column) {
    let part = Some((Aspect::Column, after.name.as_str()));
    let (was, is) = (Some(before.data_type.clone()), Some(after.data_type.clone()));
    writer.field(part, "data_type", was, is, severity_of_type(&before.data_type, &after.data_type));
    // Writers meet a column that refuses NULL, readers one that has it.
    let severity = if after.nullable { Severity::Risky } else { Severity::Breaking };
    writer.flag(part, "nullable", before.nullable, after.nullable, severity);
    let severity = match (&before.default, &after.default) {
        (_, None) if !after.nullable => Severity::Breaking,
        (None, Some(_)) => Severity::Safe,
        _ => Severity::Risky,
    };
    writer.field(part, "default", before.default.clone(), after.default.clone(), severity);
    let generated = |column: &Column| {
        column.generated.as_ref().map(|generated| {
            let kind = match generated.kind {
                GeneratedKind::Stored => "stored",
                GeneratedKind::Virtual => "virtual",
            };
            format!("({}) {kind}", generated.expression)
        })
    };
    writer.field(part, "generated", generated(before), generated(after), Severity::Risky);
    let identity = |column: &Column| {
        column.identity.map(|identity| {
            match identity {
                Identity::Always => "always",
                Identity::ByDefault => "by default",
                Identity::AutoIncrement => "auto_increment",
            }
            .to_owned()
        })
    };
    writer.field(part, "identity", identity(before), identity(after), Severity::Risky);
    writer.field(part, "collation", before.collation.clone(), after.collation.clone(), Severity::Risky);
    writer.field(part, "comment", before.comment.clone(), after.comment.clone(), Severity::Safe);
}

/// A column that came or went moves those behind it; that alone is no change of theirs.
fn order(
    writer: &mut Writer,
    before: &[Column],
    after: &[Column],
    old: &HashMap<&str, &Column>,
    new: &HashMap<&str, &Column>,
) {
    let names = |columns: &[Column], other: &HashMap<&str, &Column>| -> Vec<String> {
        let both = columns.iter().filter(|column| other.contains_key(column.name.as_str()));
        both.map(|column| column.name.clone()).collect()
    };
    let (was, is) = (names(before, new), names(after, old));
    let moved = was.iter().zip(&is).any(|(was, is)| was != is);
    if moved {
        let order = |names: Vec<String>| Some(names.join(", "));
        writer.field(None, "order_of_columns", order(was), order(is), Severity::Risky);
    }
}

/// What a column is, in one line.
fn said(column: &Column) -> String {
    let mut text = column.data_type.clone();
    if !column.nullable {
        text.push_str(" not null");
    }
    if let Some(default) = &column.default {
        text.push_str(" default ");
        text.push_str(default);
    }
    text
}

/// A longer text holds every shorter one; a wider number does, but what reads it may not.
fn severity_of_type(before: &str, after: &str) -> Severity {
    const NUMBERS: [&str; 5] = ["tinyint", "smallint", "mediumint", "integer", "bigint"];
    let (old, new) = (TypeName::read(before), TypeName::read(after));
    let is_text = |name: &str| matches!(name, "character varying" | "varchar");
    if is_text(&old.name) {
        let longer = match (old.length, new.length) {
            (Some(was), Some(is)) => is_text(&new.name) && is >= was,
            (_, None) => is_text(&new.name) || new.name == "text",
            (None, Some(_)) => false,
        };
        return if longer { Severity::Safe } else { Severity::Breaking };
    }
    let rank = |name: &str| {
        NUMBERS.iter().position(|number| *number == if name == "int" { "integer" } else { name })
    };
    match (rank(&old.name), rank(&new.name)) {
        (Some(old), Some(new)) if new >= old => Severity::Risky,
        _ => Severity::Breaking,
    }
}

/// The parts of `character varying(80)`.
struct TypeName {
    name: String,
    length: Option<u64>,
}

impl TypeName {
    fn read(text: &str) -> TypeName {
        let text = text.trim().to_lowercase();
        match text.strip_suffix(')').and_then(|rest| rest.split_once('(')) {
            Some((name, length)) => {
                TypeName { name: name.trim().to_owned(), length: length.trim().parse().ok() }
            }
            None => TypeName { name: text, length: None },
        }
    }
}
