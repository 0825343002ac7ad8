//! Can a rule ever match?

use crate::diagnostic::{Complaints, Place};
use crate::document::{ConditionEntry, RuleEntry, SessionEntry, Unless, Wanted};
use crate::key::Key;
use crate::rule::Action;

/// Classes of statements that may change or remove rows.
const CHANGING: [&str; 3] = ["write", "code", "unknown"];

/// Tells what in a session entry contradicts itself.
pub(super) fn of_session(entry: &SessionEntry, complaints: &mut Complaints<'_>) {
    takes_all(&entry.when, entry.unless.as_ref(), "session entry", complaints);
}

/// Tells what in a rule contradicts itself.
pub(super) fn of_rule(entry: &RuleEntry, complaints: &mut Complaints<'_>) {
    takes_all(&entry.when, entry.unless.as_ref(), "rule", complaints);
    if entry.action == Action::Allow
        && let Some(place) = truth(&entry.when, Key::Unjudged, true)
    {
        let hint = "what cannot be judged is never let pass by a rule: leave `unjudged` out";
        complaints.tell(place, "this rule can never match", hint);
    }
    if let (Some(place), Some(classes)) =
        (truth(&entry.when, Key::EveryRow, true), words(&entry.when, Key::Class))
        && !classes.iter().any(|class| CHANGING.contains(class) || class.starts_with('@'))
    {
        let hint = "`every_row` is about UPDATE and DELETE, which are of class `write`";
        complaints.tell(place, "this rule can never match", hint);
    }
    if let (Some(place), Some(classes)) =
        (truth(&entry.when, Key::Unjudged, true), words(&entry.when, Key::Class))
        && !classes.iter().any(|class| *class == "unknown" || class.starts_with('@'))
    {
        complaints.tell(place, "this rule can never match", "what cannot be judged is of class `unknown`");
    }
    for (key, word) in [(Key::Limit, "limited"), (Key::Where, "filtered"), (Key::EveryRow, "every_row")] {
        if let (Some(place), Some(marks)) = (truth(&entry.when, key, false), words(&entry.when, Key::Mark))
            && marks == [word]
        {
            let hint = format!("`mark = [\"{word}\"]` and `{} = false` exclude each other", key.word());
            complaints.tell(place, "this rule can never match", hint);
        }
    }
}

/// An `unless` that holds whenever `when` does.
fn takes_all(when: &[ConditionEntry], unless: Option<&Unless>, what: &str, complaints: &mut Complaints<'_>) {
    let Some(unless) = unless else { return };
    let in_when = |one: &ConditionEntry| {
        // With things of which a statement has several the two are read differently: no contradiction.
        let several = matches!(
            one.key,
            Key::Role | Key::Schema | Key::Table | Key::Access | Key::Column | Key::Function | Key::Setting
        );
        !several && when.iter().any(|other| other.key == one.key && same(&one.wanted, &other.wanted))
    };
    if unless.conditions.iter().all(in_when) {
        let hint = "`unless` always holds where `when` does: it has to ask for more";
        complaints.tell(unless.place, format!("this {what} can never match"), hint);
    }
}

fn same(one: &Wanted, other: &Wanted) -> bool {
    match (one, other) {
        (Wanted::Words(one), Wanted::Words(other)) => {
            one.iter().map(|one| &one.value).eq(other.iter().map(|one| &one.value))
        }
        (Wanted::Truth(one), Wanted::Truth(other)) => one == other,
        (Wanted::Number(one), Wanted::Number(other)) => one == other,
        (Wanted::Time(one), Wanted::Time(other)) => one == other,
        _ => false,
    }
}

fn truth(when: &[ConditionEntry], key: Key, wanted: bool) -> Option<Place> {
    let found = when.iter().find(|one| one.key == key)?;
    matches!(found.wanted, Wanted::Truth(truth) if truth == wanted).then_some(found.place)
}

fn words(when: &[ConditionEntry], key: Key) -> Option<Vec<&str>> {
    match &when.iter().find(|one| one.key == key)?.wanted {
        Wanted::Words(words) => Some(words.iter().map(|one| one.value.as_str()).collect()),
        _ => None,
    }
}
