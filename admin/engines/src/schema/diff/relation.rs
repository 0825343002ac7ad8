//! What is different between two states of a table or a view, beside its columns?

use super::super::model::{
    Check, ForeignKey, Index, Key, KeyAction, Policy, Postponement, Relation, Trigger,
};
use super::change::{Aspect, Severity, Writer};
use super::columns;
use std::collections::BTreeSet;

pub(super) fn relation(writer: &mut Writer, before: &Relation, after: &Relation) {
    columns::columns(writer, &before.columns, &after.columns);
    primary_key(writer, before.primary_key.as_ref(), after.primary_key.as_ref());
    let constraint = [Severity::Risky, Severity::Risky];
    let (old, new) = (&before.unique_keys, &after.unique_keys);
    parts(writer, (Aspect::UniqueKey, constraint), (old, new), key_name, key_said, |writer, old, new| {
        key(writer, Aspect::UniqueKey, old, new);
    });
    let (old, new) = (&before.foreign_keys, &after.foreign_keys);
    parts(writer, (Aspect::ForeignKey, constraint), (old, new), foreign_name, foreign_said, foreign_key);
    let (old, new) = (&before.checks, &after.checks);
    parts(
        writer,
        (Aspect::Check, constraint),
        (old, new),
        check_name,
        |check| check.expression.clone(),
        check,
    );
    let (old, new) = (&before.exclusions, &after.exclusions);
    let name = |exclusion: &super::super::model::Exclusion| exclusion.name.clone();
    let said = |exclusion: &super::super::model::Exclusion| exclusion.definition.clone();
    parts(writer, (Aspect::Exclusion, constraint), (old, new), name, said, |writer, old, new| {
        let part = Some((Aspect::Exclusion, new.name.as_str()));
        let (was, is) = (Some(old.definition.clone()), Some(new.definition.clone()));
        writer.field(part, "definition", was, is, Severity::Risky);
    });
    let (old, new) = (&before.indexes, &after.indexes);
    let severities = [Severity::Safe, Severity::Risky];
    parts(writer, (Aspect::Index, severities), (old, new), |index| index.name.clone(), index_said, index);
    let (old, new) = (&before.triggers, &after.triggers);
    parts(
        writer,
        (Aspect::Trigger, constraint),
        (old, new),
        |trigger| trigger.name.clone(),
        trigger_said,
        trigger,
    );
    let (old, new) = (&before.policies, &after.policies);
    parts(
        writer,
        (Aspect::Policy, constraint),
        (old, new),
        |policy| policy.name.clone(),
        policy_said,
        policy,
    );
    rest(writer, before, after);
}

fn rest(writer: &mut Writer, before: &Relation, after: &Relation) {
    writer.flag(None, "row_security", before.row_security, after.row_security, Severity::Risky);
    let (was, is) = (before.row_security_forced, after.row_security_forced);
    writer.flag(None, "row_security_forced", was, is, Severity::Risky);
    let place = |relation: &Relation| {
        relation.partition_of.as_ref().map(|place| format!("{} {}", place.parent, place.bound))
    };
    writer.field(None, "partition_of", place(before), place(after), Severity::Risky);
    let (was, is) = (before.partition_key.clone(), after.partition_key.clone());
    writer.field(None, "partition_key", was, is, Severity::Breaking);
    let bound = |part: &super::super::model::Part| part.bound.clone().unwrap_or_default();
    let severities = [Severity::Safe, Severity::Breaking];
    let (old, new) = (&before.parts, &after.parts);
    parts(
        writer,
        (Aspect::Partition, severities),
        (old, new),
        |part| part.name.clone(),
        bound,
        |writer, old, new| {
            let part = Some((Aspect::Partition, new.name.as_str()));
            writer.field(part, "bound", old.bound.clone(), new.bound.clone(), Severity::Risky);
        },
    );
    let names = |relation: &Relation| -> BTreeSet<String> {
        relation.inherits.iter().map(ToString::to_string).collect()
    };
    let (old, new) = (names(before), names(after));
    for name in old.difference(&new) {
        writer.removed(Aspect::Inheritance, name, name.clone(), Severity::Risky);
    }
    for name in new.difference(&old) {
        writer.added(Aspect::Inheritance, name, name.clone(), Severity::Risky);
    }
    writer.field(None, "query", before.query.clone(), after.query.clone(), Severity::Risky);
    let keys: BTreeSet<&String> = before.options.keys().chain(after.options.keys()).collect();
    for name in keys {
        let (was, is) = (before.options.get(name).cloned(), after.options.get(name).cloned());
        writer.field(Some((Aspect::Option, name)), "value", was, is, severity_of_option(name));
    }
}

/// Most only tune; these change what is kept, or who sees what.
fn severity_of_option(name: &str) -> Severity {
    let weighty = ["persistence", "engine", "server", "collation", "virtual", "strict", "without_rowid"];
    let watched = ["security", "check_option", "replica_identity", "system_versioned"];
    let is_weighty = weighty.contains(&name) || watched.iter().any(|word| name.contains(word));
    if is_weighty { Severity::Risky } else { Severity::Safe }
}

/// Compares parts that have names. `severities` are of one that was added and one that was removed.
fn parts<T>(
    writer: &mut Writer,
    (aspect, [added, removed]): (Aspect, [Severity; 2]),
    (before, after): (&[T], &[T]),
    name: impl Fn(&T) -> String,
    said: impl Fn(&T) -> String,
    compare: impl Fn(&mut Writer, &T, &T),
) {
    // A name may stand more than once where parts need none: each is compared with one of the other side.
    let mut left: Vec<&T> = after.iter().collect();
    for old in before {
        let wanted = name(old);
        match left.iter().position(|new| name(new) == wanted) {
            Some(place) => compare(writer, old, left.remove(place)),
            None => writer.removed(aspect, &wanted, said(old), removed),
        }
    }
    for new in left {
        writer.added(aspect, &name(new), said(new), added);
    }
}

fn primary_key(writer: &mut Writer, before: Option<&Key>, after: Option<&Key>) {
    match (before, after) {
        (Some(old), None) => {
            writer.removed(Aspect::PrimaryKey, &key_name(old), key_said(old), Severity::Breaking);
        }
        (None, Some(new)) => writer.added(Aspect::PrimaryKey, &key_name(new), key_said(new), Severity::Risky),
        (Some(old), Some(new)) => key(writer, Aspect::PrimaryKey, old, new),
        (None, None) => {}
    }
}

fn key(writer: &mut Writer, aspect: Aspect, before: &Key, after: &Key) {
    let name = key_name(after);
    let part = Some((aspect, name.as_str()));
    writer.field(part, "name", filled(&before.name), filled(&after.name), Severity::Safe);
    let (was, is) = (before.columns.join(", "), after.columns.join(", "));
    writer.field(part, "columns", Some(was), Some(is), Severity::Breaking);
    postponement(writer, part, before.deferrable, after.deferrable);
    let (was, is) = (before.nulls_not_distinct, after.nulls_not_distinct);
    writer.flag(part, "nulls_not_distinct", was, is, Severity::Risky);
    let (was, is) = (before.without_overlaps, after.without_overlaps);
    writer.flag(part, "without_overlaps", was, is, Severity::Risky);
}

fn postponement(
    writer: &mut Writer,
    part: Option<(Aspect, &str)>,
    before: Postponement,
    after: Postponement,
) {
    let word = |value: Postponement| {
        let word = match value {
            Postponement::Never => "never",
            Postponement::InitiallyImmediate => "initially immediate",
            Postponement::InitiallyDeferred => "initially deferred",
        };
        Some(word.to_owned())
    };
    writer.field(part, "deferrable", word(before), word(after), Severity::Risky);
}

fn key_name(key: &Key) -> String {
    if key.name.is_empty() { key.columns.join(", ") } else { key.name.clone() }
}

fn key_said(key: &Key) -> String {
    format!("({})", key.columns.join(", "))
}

fn foreign_name(key: &ForeignKey) -> String {
    if key.name.is_empty() { foreign_said(key) } else { key.name.clone() }
}

fn foreign_said(key: &ForeignKey) -> String {
    let to = &key.references;
    format!("({}) references {}.{} ({})", key.columns.join(", "), to.schema, to.table, to.columns.join(", "))
}

fn foreign_key(writer: &mut Writer, before: &ForeignKey, after: &ForeignKey) {
    let name = foreign_name(after);
    let part = Some((Aspect::ForeignKey, name.as_str()));
    let (was, is) = (foreign_said(before), foreign_said(after));
    writer.field(part, "columns", Some(was), Some(is), Severity::Risky);
    writer.field(part, "on_delete", action(before.on_delete), action(after.on_delete), Severity::Risky);
    writer.field(part, "on_update", action(before.on_update), action(after.on_update), Severity::Risky);
    writer.flag(part, "match_full", before.match_full, after.match_full, Severity::Risky);
    postponement(writer, part, before.deferrable, after.deferrable);
    let severity = if after.not_validated { Severity::Risky } else { Severity::Safe };
    writer.flag(part, "validated", !before.not_validated, !after.not_validated, severity);
    writer.flag(part, "enforced", !before.not_enforced, !after.not_enforced, Severity::Risky);
}

fn action(action: KeyAction) -> Option<String> {
    let word = match action {
        KeyAction::NoAction => "no action",
        KeyAction::Restrict => "restrict",
        KeyAction::Cascade => "cascade",
        KeyAction::SetNull => "set null",
        KeyAction::SetDefault => "set default",
    };
    Some(word.to_owned())
}

fn check_name(check: &Check) -> String {
    if check.name.is_empty() { check.expression.clone() } else { check.name.clone() }
}

pub(super) fn check(writer: &mut Writer, before: &Check, after: &Check) {
    let name = check_name(after);
    let part = Some((Aspect::Check, name.as_str()));
    let (was, is) = (Some(before.expression.clone()), Some(after.expression.clone()));
    writer.field(part, "expression", was, is, Severity::Risky);
    let severity = if after.not_validated { Severity::Risky } else { Severity::Safe };
    writer.flag(part, "validated", !before.not_validated, !after.not_validated, severity);
    writer.flag(part, "enforced", !before.not_enforced, !after.not_enforced, Severity::Risky);
}

/// The checks of a domain.
pub(super) fn checks(writer: &mut Writer, before: &[Check], after: &[Check]) {
    let severities = [Severity::Risky, Severity::Risky];
    let said = |check: &Check| check.expression.clone();
    parts(writer, (Aspect::Check, severities), (before, after), check_name, said, check);
}

fn index_said(index: &Index) -> String {
    index.definition.clone().unwrap_or_else(|| {
        let unique = if index.unique { "unique " } else { "" };
        format!("{unique}{} ({})", index.method, index.columns.join(", "))
    })
}

fn index(writer: &mut Writer, before: &Index, after: &Index) {
    let part = Some((Aspect::Index, after.name.as_str()));
    let method = |index: &Index| Some(index.method.clone());
    writer.field(part, "method", method(before), method(after), Severity::Risky);
    let list = |columns: &[String]| filled(&columns.join(", "));
    writer.field(part, "columns", list(&before.columns), list(&after.columns), Severity::Risky);
    writer.field(part, "include", list(&before.include), list(&after.include), Severity::Risky);
    writer.flag(part, "unique", before.unique, after.unique, Severity::Risky);
    let severity = if after.unusable { Severity::Risky } else { Severity::Safe };
    writer.flag(part, "usable", !before.unusable, !after.unusable, severity);
    writer.field(part, "predicate", before.predicate.clone(), after.predicate.clone(), Severity::Risky);
    // The statement tells what the fields do not, such as the order; said only where they say nothing.
    let told = |change: &super::Change| {
        change.part.as_ref().is_some_and(|part| part.aspect == Aspect::Index && part.name == after.name)
    };
    if !writer.changes.iter().any(told) {
        writer.field(
            part,
            "definition",
            before.definition.clone(),
            after.definition.clone(),
            Severity::Risky,
        );
    }
}

fn trigger_said(trigger: &Trigger) -> String {
    trigger.definition.clone()
}

fn trigger(writer: &mut Writer, before: &Trigger, after: &Trigger) {
    let part = Some((Aspect::Trigger, after.name.as_str()));
    let time = |trigger: &Trigger| Some(format!("{} {}", trigger.timing, trigger.events.join(", ")));
    writer.field(part, "time", time(before), time(after), Severity::Risky);
    let (was, is) = (Some(before.definition.clone()), Some(after.definition.clone()));
    writer.field(part, "definition", was, is, Severity::Risky);
    writer.field(part, "enabled", before.enabled.clone(), after.enabled.clone(), Severity::Risky);
}

fn policy_said(policy: &Policy) -> String {
    format!("for {} to {}", policy.command, policy.roles.join(", "))
}

fn policy(writer: &mut Writer, before: &Policy, after: &Policy) {
    let part = Some((Aspect::Policy, after.name.as_str()));
    let (was, is) = (Some(before.command.clone()), Some(after.command.clone()));
    writer.field(part, "command", was, is, Severity::Risky);
    writer.flag(part, "restrictive", before.restrictive, after.restrictive, Severity::Risky);
    let (was, is) = (before.roles.join(", "), after.roles.join(", "));
    writer.field(part, "roles", Some(was), Some(is), Severity::Risky);
    writer.field(part, "using", before.using.clone(), after.using.clone(), Severity::Risky);
    writer.field(part, "check", before.check.clone(), after.check.clone(), Severity::Risky);
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
