//! How do rule sets come to be: drafts, test cases, versions?

mod publish;
mod trial;

pub(crate) use publish::check_note;
pub use publish::{NOTE_CHARACTERS_MAX, publish, roll_back};
pub use trial::{Checked, Trial, check, run_cases};
pub(crate) use trial::{blocking, scope_of, with};

use super::rules::{Scope, Texts, compile};
use crate::access::Capability;
use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_store::rule_sets::{self, DraftChange, Published, RuleSet, RuleSetChange, RuleSetVersion};
use admin_store::{Id, Page, Tx, publications};
use policies::{FILE_BYTES_MAX, PACKS};
use serde_json::json;

/// Longest text of test cases, in bytes.
pub const CASES_BYTES_MAX: usize = 256 * 1024;
/// Longest name: it stands in records and in what clients are told.
pub const NAME_BYTES_MAX: usize = 64;

/// A rule set by what people say of it.
#[derive(Clone, Debug)]
pub struct About {
    /// Its name, by which it is included and named in records.
    pub name: String,
    /// What it is for.
    pub description: String,
}

impl About {
    fn check(&self) -> Result<(), Problem> {
        let plain = |one: u8| one.is_ascii_alphanumeric() || one == b'-' || one == b'_';
        let name = &self.name;
        if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(plain) {
            return Err(Problem::invalid(
                "name",
                format!("must be from 1 to {NAME_BYTES_MAX} of the characters a-z, A-Z, 0-9, `-` and `_`"),
            ));
        }
        if PACKS.iter().any(|pack| pack.eq_ignore_ascii_case(name)) {
            return Err(Problem::invalid("name", format!("`{name}` is the name of a pack"))
                .with_hint("choose another name; a rule set can `include` the pack"));
        }
        super::workspaces::check_description(&self.description)
    }
}

/// What somebody writes.
#[derive(Clone, Debug)]
pub struct Writing {
    /// The document.
    pub text: String,
    /// Its test cases.
    pub cases: String,
    /// The published version it continues; where nothing is said, that of the draft before, else the
    /// published one.
    pub base: Option<i64>,
}

/// What there is to write on.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The rule set.
    pub rule_set: RuleSet,
    /// The document.
    pub text: String,
    /// Its test cases.
    pub cases: String,
    /// The published version it continues; 0 for none.
    pub base: i64,
    /// Whether somebody saved a draft; else this is what is published.
    pub is_saved: bool,
}

/// Makes a rule set without a text.
pub async fn create(operation: &Operation, about: About) -> Result<RuleSet, Problem> {
    about.check()?;
    let (workspace, by) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut change = operation.begin().await?;
    let made = rule_sets::create(&mut change.tx, workspace, &about.name, &about.description, by).await?;
    change.commit(Target::new("rule_set", made.id, made.name.clone()), json!({})).await?;
    Ok(made)
}

/// The rule sets by name; the cursor is a name's key.
pub async fn list(
    operation: &Operation,
    after: Option<Vec<u8>>,
    limit: u32,
) -> Result<Page<RuleSet, Vec<u8>>, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let page = rule_sets::list(&mut tx, workspace, after, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// One of them, and the listeners it is published for.
pub async fn show(operation: &Operation, id: Id) -> Result<(RuleSet, Vec<String>), Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let rule_set = rule_sets::get(&mut tx, workspace, id).await?;
    let listeners = publications::users_of(&mut tx, id).await?;
    tx.commit().await?;
    Ok((rule_set, listeners))
}

/// Changes name and description. The name is in records and in what others include: it stays once a
/// version was published.
pub async fn change(operation: &Operation, id: Id, version: i64, about: About) -> Result<RuleSet, Problem> {
    about.check()?;
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    let before = rule_sets::get(&mut change.tx, workspace, id).await?;
    if before.published.is_some() && before.name != about.name {
        return Err(Problem::new(Code::Conflict, "a rule set that was published keeps its name")
            .with_hint("records and other rule sets name it; make another one with the new name"));
    }
    let next = RuleSetChange { name: &about.name, description: &about.description };
    let edited = rule_sets::update(&mut change.tx, workspace, id, version, next).await?;
    change.commit(Target::new("rule_set", id, edited.name.clone()), json!({ "before": before.name })).await?;
    Ok(edited)
}

/// Removes one with all its versions, unless it is published for a listener. Versions are what was in force:
/// who removes them must be allowed to say what is.
pub async fn remove(operation: &Operation, id: Id, version: i64) -> Result<(), Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    let rule_set = rule_sets::get(&mut change.tx, workspace, id).await?;
    if rule_set.published.is_some() {
        operation.entered()?.require(Capability::PublishRules)?;
    }
    if !users_of(&mut change.tx, workspace, &rule_set.name).await?.is_empty() {
        return Err(Problem::new(Code::Conflict, "the rule set is published for a listener")
            .with_hint("take it out of what is published first"));
    }
    rule_sets::delete(&mut change.tx, workspace, id, version).await?;
    let details = json!({ "published": rule_set.published });
    change.commit(Target::new("rule_set", id, rule_set.name), details).await
}

/// The listeners of the workspace whose published rule sets use this one, by name or by inclusion.
async fn users_of(tx: &mut Tx, workspace: Id, name: &str) -> Result<Vec<String>, Problem> {
    let texts = Texts::of(&rule_sets::published(tx, workspace).await?);
    let all = super::publications::all(tx, workspace).await?;
    let uses = all.into_iter().filter(|shown| {
        let names: Vec<String> = shown.policies.iter().map(|(name, _)| name.clone()).collect();
        compile(&names, &texts, &Scope::anywhere()).used.contains(name)
    });
    Ok(uses.map(|shown| shown.listener).collect())
}

/// What there is to write on: the draft, else what is published, else nothing.
pub async fn desk(operation: &Operation, id: Id) -> Result<Desk, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let desk = desk_in(&mut tx, workspace, id).await?;
    tx.commit().await?;
    Ok(desk)
}

async fn desk_in(tx: &mut Tx, workspace: Id, id: Id) -> Result<Desk, Problem> {
    let rule_set = rule_sets::get(tx, workspace, id).await?;
    if let Some(draft) = rule_sets::draft(tx, workspace, id).await? {
        let rule_set = RuleSet { draft_version: draft.draft_version, ..rule_set };
        return Ok(Desk { rule_set, text: draft.text, cases: draft.cases, base: draft.base, is_saved: true });
    }
    let Some(number) = rule_set.published else {
        return Ok(Desk { rule_set, text: String::new(), cases: String::new(), base: 0, is_saved: false });
    };
    let published = rule_sets::version(tx, workspace, id, number).await?;
    let (text, cases) = (published.text, published.cases);
    Ok(Desk { rule_set, text, cases, base: number, is_saved: false })
}

fn check_writing(text: &str, cases: &str) -> Result<(), Problem> {
    if text.len() > FILE_BYTES_MAX {
        return Err(Problem::invalid("text", format!("must have at most {FILE_BYTES_MAX} bytes")));
    }
    if cases.len() > CASES_BYTES_MAX {
        return Err(Problem::invalid("cases", format!("must have at most {CASES_BYTES_MAX} bytes")));
    }
    Ok(())
}

/// Saves the draft; mistakes in it are no hindrance. `version` is the draft's that was read.
pub async fn save(operation: &Operation, id: Id, version: i64, writing: Writing) -> Result<Desk, Problem> {
    check_writing(&writing.text, &writing.cases)?;
    let (workspace, by) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut change = operation.begin().await?;
    let before = desk_in(&mut change.tx, workspace, id).await?;
    let base = writing.base.unwrap_or(before.base);
    if base < 0 || base > before.rule_set.published.unwrap_or(0) {
        return Err(Problem::invalid("base", "is no version that was published"));
    }
    let next = DraftChange { text: &writing.text, cases: &writing.cases, base, by };
    rule_sets::save_draft(&mut change.tx, workspace, id, version, next).await?;
    let desk = desk_in(&mut change.tx, workspace, id).await?;
    let target = Target::new("rule_set", id, desk.rule_set.name.clone());
    change.commit(target, json!({ "base": base })).await?;
    Ok(desk)
}

/// Throws the draft away.
pub async fn discard(operation: &Operation, id: Id, version: i64) -> Result<(), Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    let rule_set = rule_sets::get(&mut change.tx, workspace, id).await?;
    rule_sets::discard_draft(&mut change.tx, workspace, id, version).await?;
    change.commit(Target::new("rule_set", id, rule_set.name), json!({})).await
}

/// The versions, latest first.
pub async fn versions(
    operation: &Operation,
    id: Id,
    before: Option<i64>,
    limit: u32,
) -> Result<Page<RuleSetVersion, i64>, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    rule_sets::get(&mut tx, workspace, id).await?;
    let page = rule_sets::versions(&mut tx, workspace, id, before, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// One version with its texts.
pub async fn version(
    operation: &Operation,
    id: Id,
    number: i64,
) -> Result<(RuleSetVersion, Published), Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let texts = rule_sets::version(&mut tx, workspace, id, number).await?;
    let page = rule_sets::versions(&mut tx, workspace, id, number.checked_add(1), 1).await?;
    tx.commit().await?;
    let version = page.items.into_iter().find(|one| one.number == number);
    Ok((version.ok_or_else(|| Problem::not_found("version"))?, texts))
}
