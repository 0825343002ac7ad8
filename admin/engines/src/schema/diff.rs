//! What is different between two snapshots, how bad is it, and what may have been renamed?
//!
//! Compare keys and hashes first, [`diff_keys`]; load only the objects it names, and give those of both
//! sides to [`diff`]: objects that are equal add nothing to it.

mod change;
mod columns;
mod details;
mod relation;
mod rename;
#[cfg(test)]
mod tests;

pub use change::{Action, Aspect, Change, Part, PossibleRename, Severity};

use super::model::{Object, ObjectKey};
use change::Writer;
use std::collections::BTreeMap;

/// Which objects are on one side only, and which are on both and differ. In the order of the keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyDiff {
    /// After, but not before.
    pub added: Vec<ObjectKey>,
    /// Before, but not after.
    pub removed: Vec<ObjectKey>,
    /// Before and after, with different hashes.
    pub changed: Vec<ObjectKey>,
}

/// The hash before and the hash after, where there is one.
type Sides<'h> = (Option<&'h [u8; 32]>, Option<&'h [u8; 32]>);

/// Compares two snapshots by the keys and hashes of their objects alone, in any order.
pub fn diff_keys(before: &[(ObjectKey, [u8; 32])], after: &[(ObjectKey, [u8; 32])]) -> KeyDiff {
    let mut sides: BTreeMap<&ObjectKey, Sides<'_>> = BTreeMap::new();
    for (key, hash) in before {
        sides.entry(key).or_default().0 = Some(hash);
    }
    for (key, hash) in after {
        sides.entry(key).or_default().1 = Some(hash);
    }
    let mut diff = KeyDiff::default();
    for (key, sides) in sides {
        match sides {
            (None, _) => diff.added.push(key.clone()),
            (_, None) => diff.removed.push(key.clone()),
            (Some(before), Some(after)) if before != after => diff.changed.push(key.clone()),
            (Some(_), Some(_)) => {}
        }
    }
    diff
}

/// Compares two snapshots, or what differs of them. In the order of the keys; what may have been renamed is
/// told on what was added, and nothing is taken for renamed.
pub fn diff(before: &[Object], after: &[Object]) -> Vec<Change> {
    let hashes = |objects: &[Object]| -> Vec<(ObjectKey, [u8; 32])> {
        objects.iter().map(|object| (object.key(), object.content_hash())).collect()
    };
    let found = diff_keys(&hashes(before), &hashes(after));
    let by_key = |objects: &'_ [Object]| -> BTreeMap<ObjectKey, usize> {
        objects.iter().enumerate().map(|(index, object)| (object.key(), index)).collect()
    };
    let (old, new) = (by_key(before), by_key(after));
    let of = |places: &BTreeMap<ObjectKey, usize>, key: &ObjectKey| places.get(key).copied();
    let removed: Vec<&Object> = found.removed.iter().filter_map(|key| before.get(of(&old, key)?)).collect();
    let added: Vec<&Object> = found.added.iter().filter_map(|key| after.get(of(&new, key)?)).collect();
    let mut changes: Vec<Change> = removed.iter().map(|object| change::object_removed(object)).collect();
    let renames = rename::relations(&removed, &added);
    for object in &added {
        let mut change = change::object_added(object);
        change.possible_rename_of = renames.get(&change.object).cloned();
        changes.push(change);
    }
    for key in &found.changed {
        let pair = of(&old, key).zip(of(&new, key));
        if let Some((before, after)) = pair.and_then(|(old, new)| before.get(old).zip(after.get(new))) {
            changes.extend(diff_objects(before, after));
        }
    }
    changes.sort_by(|a, b| a.object.cmp(&b.object));
    changes
}

/// Compares an object with what became of it, part by part. What the server counted is not compared.
pub fn diff_objects(before: &Object, after: &Object) -> Vec<Change> {
    let mut writer = Writer::new(after);
    if before.kind != after.kind {
        let (was, is) = (Some(before.kind.to_string()), Some(after.kind.to_string()));
        writer.field(None, "kind", was, is, Severity::Breaking);
    }
    let (old, new) = (&before.definition, &after.definition);
    writer.field(None, "owner", old.owner.clone(), new.owner.clone(), Severity::Risky);
    writer.field(None, "comment", old.comment.clone(), new.comment.clone(), Severity::Safe);
    details::grants(&mut writer, &old.grants, &new.grants);
    details::detail(&mut writer, &old.detail, &new.detail);
    writer.changes
}
