//! What of that which was removed may live on under another name?
//!
//! By likeness only, so it is offered with how sure it is, and never taken for true.

use super::super::model::{Column, KeyGroup, Object, ObjectKey, Relation};
use super::change::PossibleRename;
use std::collections::{BTreeMap, BTreeSet};
use strsim::normalized_levenshtein;

/// Least likeness that is worth a word.
const TABLE_LEAST: f64 = 0.7;
const COLUMN_LEAST: f64 = 0.55;

/// Most pairs that are compared. Where more was removed and added, it is another schema, not a rename.
const PAIRS_MAX: usize = 100_000;

/// For each added table or view what it may have been.
pub(super) fn relations(removed: &[&Object], added: &[&Object]) -> BTreeMap<ObjectKey, PossibleRename> {
    let shapes =
        |objects: &[&Object]| -> Vec<Shape> { objects.iter().filter_map(|object| shape(object)).collect() };
    let (old, new) = (shapes(removed), shapes(added));
    let pairs = matched(&old, &new, TABLE_LEAST, table_likeness, |shape| shape.name.clone());
    let renames = pairs.into_iter().filter_map(|(old_at, new_at, likeness)| {
        let (old, new) = (old.get(old_at)?, new.get(new_at)?);
        let rename = PossibleRename {
            name: old.name.clone(),
            object: Some(old.key.clone()),
            confidence_percent: percent(likeness),
        };
        Some((new.key.clone(), rename))
    });
    renames.collect()
}

/// For each added column what it may have been.
pub(super) fn columns(removed: &[&Column], added: &[&Column]) -> BTreeMap<String, PossibleRename> {
    let pairs =
        matched(removed, added, COLUMN_LEAST, |a, b| column_likeness(a, b), |column| column.name.clone());
    let renames = pairs.into_iter().filter_map(|(old_at, new_at, likeness)| {
        let (old, new) = (removed.get(old_at)?, added.get(new_at)?);
        let confidence_percent = percent(likeness);
        Some((new.name.clone(), PossibleRename { name: old.name.clone(), object: None, confidence_percent }))
    });
    renames.collect()
}

/// What a table is compared by.
struct Shape {
    key: ObjectKey,
    name: String,
    schema: String,
    columns: BTreeSet<(String, String)>,
}

fn shape(object: &Object) -> Option<Shape> {
    let key = object.key();
    let relation: &Relation = object.relation().filter(|_| key.group == KeyGroup::Relation)?;
    let columns =
        relation.columns.iter().map(|column| (column.name.clone(), column.data_type.clone())).collect();
    let name = format!("{}.{}", object.schema, object.name);
    Some(Shape { key, name, schema: object.schema.clone(), columns })
}

/// Mostly by the columns both have; a table without any is like no other.
fn table_likeness(a: &Shape, b: &Shape) -> f64 {
    let both = a.columns.intersection(&b.columns).count();
    let all = a.columns.union(&b.columns).count();
    if both == 0 {
        return 0.0;
    }
    let schema = if a.schema == b.schema { 1.0 } else { 0.0 };
    let name = normalized_levenshtein(&a.key.name, &b.key.name);
    0.75 * ratio(both, all) + 0.15 * name + 0.1 * schema
}

/// By name, type, place and the rest; another type is another column.
fn column_likeness(a: &Column, b: &Column) -> f64 {
    if a.data_type != b.data_type {
        return 0.0;
    }
    let place = match a.ordinal.abs_diff(b.ordinal) {
        0 => 1.0,
        1 => 0.6,
        _ => 0.0,
    };
    let rest = [
        a.nullable == b.nullable,
        a.default == b.default,
        a.generated == b.generated,
        a.comment == b.comment,
    ];
    let same = rest.iter().filter(|same| **same).count();
    let name = normalized_levenshtein(&a.name, &b.name);
    0.3 + 0.3 * name + 0.25 * place + 0.15 * ratio(same, rest.len())
}

/// Pairs of one of each side that are alike, the most alike first; none is in two pairs. Both directions
/// of a comparison give the same pairs.
fn matched<T>(
    old: &[T],
    new: &[T],
    least: f64,
    likeness: impl Fn(&T, &T) -> f64,
    name: impl Fn(&T) -> String,
) -> Vec<(usize, usize, f64)> {
    if old.len().saturating_mul(new.len()) > PAIRS_MAX {
        return Vec::new();
    }
    let mut pairs = Vec::new();
    for (old_at, a) in old.iter().enumerate() {
        for (new_at, b) in new.iter().enumerate() {
            let likeness = likeness(a, b);
            if likeness >= least {
                let mut names = [name(a), name(b)];
                names.sort();
                pairs.push((old_at, new_at, likeness, names));
            }
        }
    }
    pairs.sort_by(|a, b| b.2.total_cmp(&a.2).then_with(|| a.3.cmp(&b.3)));
    let (mut old_taken, mut new_taken) = (BTreeSet::new(), BTreeSet::new());
    pairs.retain(|(old_at, new_at, ..)| {
        !old_taken.contains(old_at) && !new_taken.contains(new_at) && {
            old_taken.insert(*old_at);
            new_taken.insert(*new_at)
        }
    });
    pairs.into_iter().map(|(old_at, new_at, likeness, _)| (old_at, new_at, likeness)).collect()
}

fn ratio(part: usize, all: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    number(part) / number(all.max(1))
}

/// Never quite sure, whatever is alike.
fn percent(likeness: f64) -> u8 {
    // Between 0 and 99, so the cast cannot lose anything.
    (likeness * 100.0).round().clamp(0.0, 99.0) as u8
}
