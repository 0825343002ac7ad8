//! How does a draft become a version, and an earlier version the next one?

use super::desk_in;
use super::trial::blocking;
use crate::app::publications::{Affected, What, snapshot};
use crate::app::rules::{self, Scope, Texts, bad_rules, compile, failed_cases};
use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_store::rule_sets::{self, Published, VersionAuthor};
use admin_store::{Id, StoreError, publications};
use serde_json::json;

/// Longest note of a version, in characters.
pub const NOTE_CHARACTERS_MAX: usize = 500;

/// Whether a document compiles and its cases hold.
async fn verified(name: &str, text: &str, cases: &str, published: &[Published]) -> Result<(), Problem> {
    let texts = Texts::of(published).with_draft(name, text);
    let (name, cases) = (name.to_owned(), cases.to_owned());
    blocking(move || {
        if let Err(found) = compile(&[name], &texts, &Scope::anywhere()).rules {
            return Err(bad_rules(&found, &texts, &cases));
        }
        match rules::run_cases(&cases, &texts) {
            Err(found) => Err(bad_rules(&found, &texts, &cases)),
            Ok(results) => failed_cases(&results, &cases).map_or(Ok(()), Err),
        }
    })
    .await?
}

/// Whether something can be a note.
pub(crate) fn check_note(note: &str) -> Result<(), Problem> {
    if note.chars().count() <= NOTE_CHARACTERS_MAX {
        return Ok(());
    }
    Err(Problem::invalid("note", format!("must have at most {NOTE_CHARACTERS_MAX} characters")))
}

/// Makes the draft the next version. Listeners it is published for have it with the same step. `version` is
/// the draft's that was read.
pub async fn publish(operation: &Operation, id: Id, version: i64, note: &str) -> Result<i64, Problem> {
    check_note(note)?;
    let (workspace, by) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut tx = operation.read().await?;
    let desk = desk_in(&mut tx, workspace, id).await?;
    let published = rule_sets::published(&mut tx, workspace).await?;
    tx.commit().await?;
    if !desk.is_saved {
        return Err(Problem::new(Code::Conflict, "there is no draft to publish").with_hint("save one first"));
    }
    // What is verified here is what is published below, and nothing that was saved meanwhile.
    if desk.rule_set.draft_version != version {
        return Err(StoreError::Changed("draft").into());
    }
    verified(&desk.rule_set.name, &desk.text, &desk.cases, &published).await?;
    let name = desk.rule_set.name;
    let mut change = operation.begin().await?;
    let turn = publications::next(&mut change.tx).await?;
    // Refused when somebody saved another draft since it was read.
    let number = rule_sets::publish(&mut change.tx, workspace, id, version, note, by).await?;
    let affected = Affected { workspace, what: What::RuleSet(name.clone()) };
    let made = snapshot(&mut change.tx, turn, affected, note, by).await?;
    let details = json!({ "version": number, "note": note, "snapshot": made });
    change.commit(Target::new("rule_set", id, name), details).await?;
    operation.app.fleet.published(made.unwrap_or_default());
    Ok(number)
}

/// Publishes the text of an earlier version again, as the next one. `published` is the version in force
/// that was seen.
pub async fn roll_back(
    operation: &Operation,
    id: Id,
    published: i64,
    number: i64,
    note: &str,
) -> Result<i64, Problem> {
    check_note(note)?;
    let (workspace, by) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut tx = operation.read().await?;
    let old = rule_sets::version(&mut tx, workspace, id, number).await?;
    let others = rule_sets::published(&mut tx, workspace).await?;
    tx.commit().await?;
    verified(&old.name, &old.text, "", &others).await?;
    let mut change = operation.begin().await?;
    let turn = publications::next(&mut change.tx).await?;
    let author = VersionAuthor { by, note };
    let next = rule_sets::roll_back(&mut change.tx, workspace, id, published, number, author).await?;
    let affected = Affected { workspace, what: What::RuleSet(old.name.clone()) };
    let made = snapshot(&mut change.tx, turn, affected, note, by).await?;
    let details = json!({ "version": next, "copy_of": number, "note": note, "snapshot": made });
    change.commit(Target::new("rule_set", id, old.name), details).await?;
    operation.app.fleet.published(made.unwrap_or_default());
    Ok(next)
}
