//! What is different between two states of a function, a sequence, a type, an extension, and of grants?

use super::super::model::{Detail, Domain, Grant, Routine, RoutineForm, Sequence, Volatility};
use super::change::{Aspect, Severity, Writer};
use super::{columns, relation};
use std::collections::BTreeSet;

/// Compares what only a kind has. Where it became another kind, that is said already.
pub(super) fn detail(writer: &mut Writer, before: &Detail, after: &Detail) {
    match (before, after) {
        (Detail::Relation(old), Detail::Relation(new)) => relation::relation(writer, old, new),
        (Detail::Routine(old), Detail::Routine(new)) => routine(writer, old, new),
        (Detail::Sequence(old), Detail::Sequence(new)) => sequence(writer, old, new),
        (Detail::Enum(old), Detail::Enum(new)) => labels(writer, old, new),
        (Detail::Domain(old), Detail::Domain(new)) => domain(writer, old, new),
        (Detail::Composite(old), Detail::Composite(new)) => columns::columns(writer, old, new),
        (Detail::Range(old), Detail::Range(new)) => {
            let (was, is) = (Some(old.subtype.clone()), Some(new.subtype.clone()));
            writer.field(None, "subtype", was, is, Severity::Breaking);
        }
        (
            Detail::Extension { version: was, schema: was_in },
            Detail::Extension { version: is, schema: is_in },
        ) => {
            writer.field(None, "version", Some(was.clone()), Some(is.clone()), Severity::Risky);
            writer.field(None, "schema", Some(was_in.clone()), Some(is_in.clone()), Severity::Risky);
        }
        (old, new) => {
            let (was, is) = (Some(form(old).to_owned()), Some(form(new).to_owned()));
            writer.field(None, "form", was, is, Severity::Breaking);
        }
    }
}

fn form(detail: &Detail) -> &'static str {
    match detail {
        Detail::Schema => "schema",
        Detail::Relation(_) => "relation",
        Detail::Routine(_) => "routine",
        Detail::Sequence(_) => "sequence",
        Detail::Enum(_) => "enum",
        Detail::Domain(_) => "domain",
        Detail::Composite(_) => "composite type",
        Detail::Range(_) => "range type",
        Detail::Base => "base type",
        Detail::Extension { .. } => "extension",
    }
}

/// Who loses a privilege fails; who gets one may do what nobody thought of.
pub(super) fn grants(writer: &mut Writer, before: &[Grant], after: &[Grant]) {
    let said = |grant: &Grant| {
        let column = grant.column.as_ref().map(|column| format!(" ({column})")).unwrap_or_default();
        let option = if grant.grantable { " with grant option" } else { "" };
        format!("{}{column} to {}{option}", grant.privilege, grant.grantee)
    };
    let old: BTreeSet<String> = before.iter().map(said).collect();
    let new: BTreeSet<String> = after.iter().map(said).collect();
    for grant in old.difference(&new) {
        writer.removed(Aspect::Grant, grant, grant.clone(), Severity::Breaking);
    }
    for grant in new.difference(&old) {
        writer.added(Aspect::Grant, grant, grant.clone(), Severity::Risky);
    }
}

fn routine(writer: &mut Writer, before: &Routine, after: &Routine) {
    let form = |routine: &Routine| {
        let word = match routine.form {
            RoutineForm::Plain => "plain",
            RoutineForm::Aggregate => "aggregate",
            RoutineForm::Window => "window",
        };
        Some(word.to_owned())
    };
    writer.field(None, "form", form(before), form(after), Severity::Breaking);
    writer.field(None, "result", before.result.clone(), after.result.clone(), Severity::Breaking);
    let (was, is) = (Some(before.arguments.clone()), Some(after.arguments.clone()));
    writer.field(None, "arguments", was, is, Severity::Risky);
    let (was, is) = (Some(before.language.clone()), Some(after.language.clone()));
    writer.field(None, "language", was, is, Severity::Risky);
    let volatility = |routine: &Routine| {
        routine.volatility.map(|volatility| {
            match volatility {
                Volatility::Immutable => "immutable",
                Volatility::Stable => "stable",
                Volatility::Volatile => "volatile",
            }
            .to_owned()
        })
    };
    writer.field(None, "volatility", volatility(before), volatility(after), Severity::Risky);
    let (was, is) = (before.security_definer, after.security_definer);
    writer.flag(None, "security_definer", was, is, Severity::Risky);
    writer.flag(None, "strict", before.strict, after.strict, Severity::Risky);
    let (was, is) = (before.settings.join(", "), after.settings.join(", "));
    writer.field(None, "settings", Some(was), Some(is), Severity::Risky);
    writer.field(None, "definition", before.definition.clone(), after.definition.clone(), Severity::Risky);
}

fn sequence(writer: &mut Writer, before: &Sequence, after: &Sequence) {
    let (was, is) = (Some(before.data_type.clone()), Some(after.data_type.clone()));
    writer.field(None, "data_type", was, is, Severity::Risky);
    let numbers = [
        ("start", before.start, after.start),
        ("increment", before.increment, after.increment),
        ("minimum", before.minimum, after.minimum),
        ("maximum", before.maximum, after.maximum),
        ("cache", before.cache, after.cache),
    ];
    for (field, was, is) in numbers {
        writer.field(None, field, Some(was.to_string()), Some(is.to_string()), Severity::Risky);
    }
    writer.flag(None, "cycle", before.cycle, after.cycle, Severity::Risky);
    writer.field(None, "owned_by", before.owned_by.clone(), after.owned_by.clone(), Severity::Risky);
}

fn labels(writer: &mut Writer, before: &[String], after: &[String]) {
    for label in before.iter().filter(|label| !after.contains(label)) {
        writer.removed(Aspect::Label, label, label.clone(), Severity::Breaking);
    }
    for label in after.iter().filter(|label| !before.contains(label)) {
        writer.added(Aspect::Label, label, label.clone(), Severity::Safe);
    }
    let was: Vec<&String> = before.iter().filter(|label| after.contains(label)).collect();
    let is: Vec<&String> = after.iter().filter(|label| before.contains(label)).collect();
    if was != is {
        let order = |labels: Vec<&String>| {
            Some(labels.into_iter().map(String::as_str).collect::<Vec<_>>().join(", "))
        };
        writer.field(None, "order_of_labels", order(was), order(is), Severity::Risky);
    }
}

fn domain(writer: &mut Writer, before: &Domain, after: &Domain) {
    let (was, is) = (Some(before.data_type.clone()), Some(after.data_type.clone()));
    writer.field(None, "data_type", was, is, Severity::Breaking);
    let severity = if after.nullable { Severity::Risky } else { Severity::Breaking };
    writer.flag(None, "nullable", before.nullable, after.nullable, severity);
    writer.field(None, "default", before.default.clone(), after.default.clone(), Severity::Risky);
    writer.field(None, "collation", before.collation.clone(), after.collation.clone(), Severity::Risky);
    relation::checks(writer, &before.checks, &after.checks);
}
