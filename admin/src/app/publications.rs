//! Which rule sets are in force above a listener's file, and how do they get there?
//!
//! A snapshot is everything that is published, of all workspaces. It is made in the transaction that
//! changes anything of it, and data planes are told when that is done.

use super::fleet::Named;
use super::rules::{Scope, Texts, bad_rules, compile};
use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_store::listeners::{self, Listener};
use admin_store::publications::{self, Item, Publication, PublicationChange};
use admin_store::rule_sets::{self, Published};
use admin_store::{Id, StoreError, Tx, users, workspaces};
use control::{ManagedListener, RuleSetText, Snapshot};
use policies::PACKS;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Rule sets of one listener that can be named.
pub const POLICIES_MAX: usize = 32;
/// Texts of one snapshot, in bytes: well below what the link carries.
const SNAPSHOT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What is published for a listener, with names in place of ids.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The listener.
    pub listener: String,
    /// Rule sets in order: packs, and rule sets of the workspace with their published version.
    pub policies: Vec<(String, Option<i64>)>,
    /// Whether what is refused does not pass; `None` leaves it to the file.
    pub enforces: Option<bool>,
    /// Who changed it last.
    pub changed_by: Id,
    /// When.
    pub changed_at: i64,
    /// What a change must name.
    pub version: i64,
}

/// What somebody wants published for a listener.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Whether what is refused does not pass; `None` leaves it to the file.
    pub enforces: Option<bool>,
    /// Names of packs and of rule sets of the workspace, in order.
    pub policies: Vec<String>,
    /// What is said about it.
    pub note: String,
}

/// What is published in a workspace.
pub(crate) async fn all(tx: &mut Tx, workspace: Id) -> Result<Vec<Shown>, Problem> {
    let published = rule_sets::published(tx, workspace).await?;
    let all = publications::list(tx, workspace).await?;
    Ok(all.into_iter().map(|one| shown(one, &published)).collect())
}

fn shown(publication: Publication, published: &[Published]) -> Shown {
    let policies = publication.items.iter().filter_map(|item| match item {
        Item::Pack(name) => Some((name.clone(), None)),
        Item::RuleSet(id) => {
            published.iter().find(|one| one.id == *id).map(|one| (one.name.clone(), Some(one.number)))
        }
    });
    Shown {
        policies: policies.collect(),
        listener: publication.listener,
        enforces: publication.enforces,
        changed_by: publication.changed_by,
        changed_at: publication.changed_at,
        version: publication.version,
    }
}

/// What is published for a listener, and what its data planes made of it.
#[derive(Clone, Debug)]
pub struct Effective {
    /// The listener.
    pub named: Named,
    /// The latest snapshot.
    pub latest: u64,
    /// What a change must name; 0 while nothing is published.
    pub version: i64,
    /// What data planes run that have not taken the latest snapshot yet, by the snapshot they told of last.
    pub earlier: BTreeMap<u64, Vec<(String, Option<i64>)>>,
}

/// What is published for a listener of the workspace.
pub async fn effective(operation: &Operation, name: &str) -> Result<Effective, Problem> {
    let named = super::fleet::listener(operation, name).await?;
    let workspace = &operation.entered()?.workspace.slug;
    let mut tx = operation.read().await?;
    let latest = u64::try_from(publications::latest_version(&mut tx).await?).unwrap_or(0);
    let told = named.rows.iter().filter_map(|(_, member)| Some(member.as_ref()?.plane.snapshot));
    let behind: BTreeSet<u64> = told.filter(|snapshot| *snapshot < latest).collect();
    let mut earlier = BTreeMap::new();
    for number in behind.into_iter().rev().take(EARLIER_MAX) {
        let found = publications::snapshot(&mut tx, i64::try_from(number).unwrap_or(0)).await?;
        // Before the first snapshot a data plane runs nothing that was published; one that was forgotten is
        // not known.
        if found.is_some() || number == 0 {
            earlier.insert(number, found.map(|found| running(&found, workspace, name)).unwrap_or_default());
        }
    }
    tx.commit().await?;
    let version = named.publication.as_ref().map_or(0, |shown| shown.version);
    Ok(Effective { named, latest, version, earlier })
}

/// Snapshots that are looked into for one listener: data planes that are behind are behind by the same.
const EARLIER_MAX: usize = 8;

/// The rule sets of a listener of a workspace in a snapshot, with their versions; packs have none. The name may have
/// been another workspace's then.
fn running(snapshot: &Snapshot, workspace: &str, listener: &str) -> Vec<(String, Option<i64>)> {
    let of_owner = |one: &&ManagedListener| one.name == listener && one.workspace == workspace;
    let Some(found) = snapshot.listeners.iter().find(of_owner) else { return Vec::new() };
    let version = |name: &String| {
        found.texts.iter().find(|text| text.name == *name).map(|text| i64::from(text.version))
    };
    found.policies.iter().map(|name| (name.clone(), version(name))).collect()
}

/// Says what is published for a listener; `version` is the one that was read, 0 where nothing was.
pub async fn put(operation: &Operation, name: &str, version: i64, wanted: Wanted) -> Result<(), Problem> {
    super::rule_sets::check_note(&wanted.note)?;
    if wanted.policies.len() > POLICIES_MAX {
        return Err(Problem::invalid("policies", format!("must be at most {POLICIES_MAX}")));
    }
    let (workspace, by) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut change = operation.begin().await?;
    // First the turn: what others publish meanwhile would be missing otherwise.
    let turn = publications::next(&mut change.tx).await?;
    managed(operation, &mut change.tx, name).await?;
    let published = rule_sets::published(&mut change.tx, workspace).await?;
    let items = items(&wanted.policies, &published)?;
    let next = PublicationChange { enforces: wanted.enforces, items: &items, by };
    publications::put(&mut change.tx, workspace, name, version, next).await?;
    let details = json!({ "policies": wanted.policies, "enforces": wanted.enforces, "note": wanted.note });
    let affected = Affected { workspace, what: What::Listener(name.to_owned()) };
    let made = snapshot(&mut change.tx, turn, affected, &wanted.note, by).await?;
    change.commit(Target::new("listener", name, name), details).await?;
    operation.app.fleet.published(made.unwrap_or_default());
    Ok(())
}

/// Leaves a listener to its file again.
pub async fn remove(operation: &Operation, name: &str, version: i64) -> Result<(), Problem> {
    let (workspace, by) = (operation.entered()?.workspace.id, operation.person()?.user.id);
    let mut change = operation.begin().await?;
    let turn = publications::next(&mut change.tx).await?;
    publications::remove(&mut change.tx, workspace, name, version).await?;
    let affected = Affected { workspace, what: What::Listener(name.to_owned()) };
    let made = snapshot(&mut change.tx, turn, affected, "", by).await?;
    change.commit(Target::new("listener", name, name), json!({})).await?;
    operation.app.fleet.published(made.unwrap_or_default());
    Ok(())
}

/// Whether rule sets may be published for listeners of that name, which are all the workspace's.
async fn managed(operation: &Operation, tx: &mut Tx, name: &str) -> Result<(), Problem> {
    let workspace = &operation.entered()?.workspace;
    let rows = crate::fleet::listeners_of(tx, workspace).await?;
    let known: Vec<Listener> = rows.into_iter().filter(|row| row.name == name).collect();
    if known.is_empty() {
        return Err(Problem::not_found("listener"));
    }
    let here: Vec<Listener> = known.into_iter().filter(|row| row.present).collect();
    let is_foreign = |row: &Listener| row.present && row.name == name && row.workspace != workspace.slug;
    if listeners::all(tx).await?.iter().any(is_foreign) {
        return Err(Problem::new(
            Code::Conflict,
            "a data plane has a listener of this name for another workspace, and it would be given these rules too",
        )
        .with_hint("give listeners of different workspaces different names in the settings files"));
    }
    if !here.iter().any(|row| row.state.as_ref().is_some_and(|state| state.managed)) {
        return Err(Problem::new(Code::Conflict, "the listener takes no rules from the control plane")
            .with_hint("set `managed = true` for it in the settings file of its data plane"));
    }
    Ok(())
}

/// What names stand for.
fn items(names: &[String], published: &[Published]) -> Result<Vec<Item>, Problem> {
    let mut seen = BTreeSet::new();
    let mut items = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let field = format!("policies[{at}]");
        if !seen.insert(name) {
            return Err(Problem::invalid(&field, format!("`{name}` is named twice")));
        }
        if PACKS.contains(&name.as_str()) {
            items.push(Item::Pack(name.clone()));
            continue;
        }
        let found = published.iter().find(|one| one.name == *name).ok_or_else(|| {
            Problem::invalid(&field, format!("there is no pack and no published rule set `{name}`"))
                .with_hint(format!(
                    "packs are {}; a rule set must have a published version",
                    PACKS.join(", ")
                ))
        })?;
        items.push(Item::RuleSet(found.id));
    }
    Ok(items)
}

/// What changes by a snapshot.
#[derive(Debug)]
pub(crate) struct Affected {
    /// In which workspace.
    pub workspace: Id,
    /// What there.
    pub what: What,
}

/// What changes.
#[derive(Debug)]
pub(crate) enum What {
    /// What is published for a listener.
    Listener(String),
    /// A rule set, by its name.
    RuleSet(String),
    /// The mode of a listener for a stated time: no rule is another one.
    Mode,
}

/// Everything a snapshot is made of, read in its transaction.
struct Inputs {
    publications: Vec<Publication>,
    listeners: Vec<Listener>,
    slugs: BTreeMap<Id, String>,
    published: BTreeMap<Id, Vec<Published>>,
    /// The e-mails of who published what.
    people: BTreeMap<Id, String>,
    affected: Affected,
}

/// Makes the next snapshot. What it changes must compile for its listeners; what others published is left
/// as it is. Gives its version; `None` when a rule set was changed that no listener uses.
pub(crate) async fn snapshot(
    tx: &mut Tx,
    turn: publications::Turn,
    affected: Affected,
    note: &str,
    by: Id,
) -> Result<Option<u64>, Problem> {
    // What is published now, with what this transaction changed after it took the turn.
    let mut publications: Vec<Publication> =
        turn.everything().iter().filter(|one| one.workspace != affected.workspace).cloned().collect();
    publications.extend(publications::list(tx, affected.workspace).await?);
    publications.sort_by_key(|one| (one.changed_at, one.workspace));
    let listeners = listeners::all(tx).await?;
    let (mut slugs, mut published) = (BTreeMap::new(), BTreeMap::new());
    let workspaces: BTreeSet<Id> = publications.iter().map(|one| one.workspace).collect();
    for id in workspaces {
        slugs.insert(id, workspaces::by_id(tx, id).await?.slug);
        published.insert(id, rule_sets::published(tx, id).await?);
    }
    let people = people(tx, &publications, &published).await?;
    let inputs = Inputs { publications, listeners, slugs, published, people, affected };
    let built = tokio::task::spawn_blocking(move || inputs.build()).await;
    let built = built.map_err(|error| {
        Problem::new(Code::Internal, "the rules could not be put together").with_cause(error)
    })??;
    let Some(listeners) = built else { return Ok(None) };
    let made = publications::publish(tx, turn, listeners, note, Some(by)).await?;
    Ok(Some(made.version))
}

/// The e-mails of who published what, as far as they still have an account.
async fn people(
    tx: &mut Tx,
    publications: &[Publication],
    published: &BTreeMap<Id, Vec<Published>>,
) -> Result<BTreeMap<Id, String>, Problem> {
    let ids: BTreeSet<Id> = publications
        .iter()
        .map(|one| one.changed_by)
        .chain(published.values().flatten().map(|one| one.author))
        .collect();
    let mut people = BTreeMap::new();
    for id in ids {
        match users::by_id(tx, id).await {
            Ok(user) => _ = people.insert(id, user.label()),
            Err(StoreError::Missing(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(people)
}

impl Inputs {
    fn build(&self) -> Result<Option<Vec<ManagedListener>>, Problem> {
        let mut managed: BTreeMap<String, ManagedListener> = BTreeMap::new();
        let mut concerned = matches!(self.affected.what, What::Listener(_) | What::Mode);
        let mut bytes = 0_usize;
        for publication in self.publications.iter().filter(|one| self.is_owned(one)) {
            let published = self.published.get(&publication.workspace).map(Vec::as_slice).unwrap_or_default();
            let texts = Texts::of(published);
            let names: Vec<String> =
                shown(publication.clone(), published).policies.into_iter().map(|(name, _)| name).collect();
            let used = compile(&names, &texts, &Scope::anywhere()).used;
            if self.concerns(publication, &used) {
                concerned = true;
                self.check(publication, &names, &texts)?;
            }
            let of = |name: &String| {
                texts.find(name).map(|found| RuleSetText {
                    name: name.clone(),
                    version: u32::try_from(found.version).unwrap_or(u32::MAX),
                    text: found.text.clone(),
                    by: self.person(published.iter().find(|one| one.name == *name).map(|one| one.author)),
                })
            };
            let texts: Vec<RuleSetText> = used.iter().filter_map(of).collect();
            bytes += texts.iter().map(|text| text.text.len()).sum::<usize>();
            let listener = ManagedListener {
                name: publication.listener.clone(),
                workspace: self.slugs.get(&publication.workspace).cloned().unwrap_or_default(),
                enforces: publication.enforces,
                policies: names,
                texts,
                by: self.person(Some(publication.changed_by)),
            };
            // Those changed first come first: who came later to a name that is taken waits.
            managed.entry(publication.listener.clone()).or_insert(listener);
        }
        if bytes > SNAPSHOT_BYTES_MAX {
            return Err(Problem::new(
                Code::TooLarge,
                "all that is published is too much for the data planes",
            )
            .with_hint("publish shorter rule sets, or fewer"));
        }
        Ok(concerned.then(|| managed.into_values().collect()))
    }

    /// The e-mail of somebody; empty where there is no account any more.
    fn person(&self, id: Option<Id>) -> String {
        id.and_then(|id| self.people.get(&id)).cloned().unwrap_or_default()
    }

    /// A listener that belongs to another workspace now is not given rules of the one it had.
    fn is_owned(&self, publication: &Publication) -> bool {
        let slug = self.slugs.get(&publication.workspace).map(String::as_str).unwrap_or_default();
        let mut owners = self
            .listeners
            .iter()
            .filter(|row| row.present && row.name == publication.listener)
            .map(|row| row.workspace.as_str())
            .peekable();
        owners.peek().is_none() || owners.any(|owner| owner == slug)
    }

    fn concerns(&self, publication: &Publication, used: &BTreeSet<String>) -> bool {
        publication.workspace == self.affected.workspace
            && match &self.affected.what {
                What::Listener(name) => publication.listener == *name,
                What::RuleSet(name) => used.contains(name),
                What::Mode => false,
            }
    }

    /// Compiles for each listener of the name, as its data plane will.
    fn check(&self, publication: &Publication, names: &[String], texts: &Texts) -> Result<(), Problem> {
        let here = self.listeners.iter().filter(|row| row.present && row.name == publication.listener);
        let mut scopes: Vec<Scope> = here.filter_map(|row| row.state.as_ref()).map(Scope::of).collect();
        if scopes.is_empty() {
            scopes.push(Scope::anywhere());
        }
        for scope in scopes {
            if let Err(found) = compile(names, texts, &scope).rules {
                return Err(bad_rules(&found, texts, ""));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_one_name_in_two_workspaces_each_runs_its_own() {
        let listener = |workspace: &str, version| ManagedListener {
            name: "pg".to_owned(),
            workspace: workspace.to_owned(),
            policies: vec!["own".to_owned(), "read-only".to_owned()],
            texts: vec![RuleSetText {
                name: "own".to_owned(),
                version,
                text: String::new(),
                by: String::new(),
            }],
            enforces: None,
            by: String::new(),
        };
        let snapshot =
            Snapshot { listeners: vec![listener("pay", 3), listener("shop", 7)], ..Snapshot::default() };
        let expected = |version| vec![("own".to_owned(), Some(version)), ("read-only".to_owned(), None)];
        assert_eq!(running(&snapshot, "pay", "pg"), expected(3));
        assert_eq!(running(&snapshot, "shop", "pg"), expected(7));
        assert_eq!(running(&snapshot, "shop", "my"), []);
        assert_eq!(running(&snapshot, "other", "pg"), []);
    }
}
