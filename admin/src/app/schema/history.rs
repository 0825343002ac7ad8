//! How did one object become what it is, snapshot by snapshot?

use super::{changes, look};
use crate::operation::Operation;
use crate::problem::Problem;
use admin_engines::schema::diff::{self, Change};
use admin_engines::schema::model::{Object, ObjectKey};
use admin_store::Id;
use admin_store::schema::{self, Hash, ObjectVersion};
use std::collections::{HashMap, HashSet};

/// Changes of one step that are told.
const CHANGES_MAX: usize = 200;

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepAction {
    /// It was there already in the oldest snapshot that is kept.
    Found,
    /// The snapshot before did not have it.
    Added,
    /// It is another than in the snapshot before.
    Changed,
    /// It is no more.
    Removed,
}

/// A snapshot with which an object became another.
#[derive(Clone, Debug)]
pub struct Step {
    /// Which.
    pub snapshot: Id,
    /// The snapshot before; `None` for the oldest.
    pub before: Option<Id>,
    /// When the schema was first found to be this one.
    pub taken_at: i64,
    /// What happened.
    pub action: StepAction,
    /// What of it changed.
    pub changes: Vec<Change>,
    /// Whether there is more than is told.
    pub is_cut: bool,
}

/// The steps of an object, the latest first, and how many snapshots were looked at.
pub async fn of_object(
    operation: &Operation,
    connection: Id,
    key: &ObjectKey,
) -> Result<(Vec<Step>, usize), Problem> {
    let mut looked = look(operation, connection, None).await?;
    let mut versions = schema::versions(&mut looked.tx, looked.connection.id, &key.bytes()).await?;
    versions.reverse();
    let seen = versions.len();
    let hashes: HashSet<Hash> = versions.iter().filter_map(|version| version.hash).collect();
    if hashes.is_empty() {
        return Err(Problem::not_found("object"));
    }
    let hashes: Vec<Hash> = hashes.into_iter().collect();
    let bodies = schema::definitions(&mut looked.tx, &hashes).await?;
    looked.tx.commit().await?;
    let read = |(hash, body)| Ok::<(Hash, Object), Problem>((hash, changes::read(body)?));
    let objects: HashMap<Hash, Object> = bodies.into_iter().map(read).collect::<Result<_, _>>()?;
    let mut steps = steps(&versions, &objects);
    steps.reverse();
    Ok((steps, seen))
}

/// The steps in `versions`, the oldest first.
fn steps(versions: &[ObjectVersion], objects: &HashMap<Hash, Object>) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut before: Option<&ObjectVersion> = None;
    for version in versions {
        let (old, new) = (before.and_then(|before| before.hash), version.hash);
        let action = match (old, new) {
            (None, Some(_)) if before.is_none() => Some(StepAction::Found),
            (None, Some(_)) => Some(StepAction::Added),
            (Some(_), None) => Some(StepAction::Removed),
            (Some(old), Some(new)) if old != new => Some(StepAction::Changed),
            _ => None,
        };
        if let Some(action) = action {
            let side = |hash: Option<Hash>| hash.and_then(|hash| objects.get(&hash)).cloned();
            let (old, new) = (side(old), side(new));
            let mut changes = match action {
                StepAction::Changed => diff::diff(old.as_slice(), new.as_slice()),
                StepAction::Found | StepAction::Added | StepAction::Removed => Vec::new(),
            };
            let is_cut = changes.len() > CHANGES_MAX;
            changes.truncate(CHANGES_MAX);
            let (snapshot, taken_at) = (version.snapshot, version.taken_at);
            let before = before.map(|before| before.snapshot);
            steps.push(Step { snapshot, before, taken_at, action, changes, is_cut });
        }
        before = Some(version);
    }
    steps
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use admin_engines::schema::model::{Detail, ObjectKind};

    fn version(taken_at: i64, hash: Option<u8>) -> ObjectVersion {
        ObjectVersion { snapshot: Id::new(), taken_at, seen_at: taken_at, hash: hash.map(|byte| [byte; 32]) }
    }

    #[test]
    fn only_snapshots_with_which_something_happened_are_steps() {
        let labels = |labels: &[&str]| {
            let labels = labels.iter().map(|label| (*label).to_owned()).collect();
            Object::new(ObjectKind::Enum, "public", "mood", Detail::Enum(labels))
        };
        let objects = HashMap::from([([1; 32], labels(&["sad"])), ([2; 32], labels(&["sad", "ok"]))]);
        let hashes = [None, Some(1), Some(1), Some(2), None, None, Some(2)];
        let versions: Vec<ObjectVersion> =
            (0..).zip(hashes).map(|(taken_at, hash)| version(taken_at, hash)).collect();
        let told = steps(&versions, &objects);
        let told: Vec<_> = told.iter().map(|step| (step.taken_at, step.action, step.changes.len())).collect();
        assert_eq!(
            told,
            [
                (1, StepAction::Added, 0),
                (3, StepAction::Changed, 1),
                (4, StepAction::Removed, 0),
                (6, StepAction::Added, 0)
            ]
        );
        let first = steps(&versions[1..], &objects);
        assert_eq!((first[0].action, first[0].before), (StepAction::Found, None));
        assert_eq!(first[1].before, Some(versions[2].snapshot));
    }
}
