//! What does the product keep about people, for how long, and which rules have values kept?
//!
//! Figures are those that the program itself goes by, so that nobody has to look them up in a settings file.

use super::schema::take;
use crate::fleet::listeners_of;
use crate::operation::Operation;
use crate::problem::Problem;
use crate::retention::Retention;
use admin_store::favourites::RECENT_MAX;
use admin_store::kept::{self, Kept};
use admin_store::publications::{self, Item};
use admin_store::rule_sets::{self, Published};
use policies::pack;
use std::collections::{BTreeMap, BTreeSet};

/// Rules that are told.
const RULES_MAX: usize = 500;

/// How long things are kept that this control plane keeps.
#[derive(Clone, Copy, Debug)]
pub struct Periods {
    /// By the settings of who answers.
    pub kept: Retention,
    /// Snapshots that are kept of the schema of a connection.
    pub schema_snapshots: i64,
    /// Things that are remembered of what somebody opened, in a workspace.
    pub recent: i64,
    /// Hours that a session of the console lasts without use.
    pub session_hours: u32,
}

/// A rule that has values of statements kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeepingRule {
    /// The rule set, as rules name it.
    pub rule_set: String,
    /// The rule.
    pub rule: String,
    /// What it has kept: `text`, `parameters`, `hashes`, `error`.
    pub record: Vec<String>,
    /// For which listeners it is in force.
    pub listeners: Vec<String>,
}

/// What is known of a workspace.
#[derive(Clone, Debug)]
pub struct Known {
    /// How long things are kept.
    pub periods: Periods,
    /// Rules that have values kept.
    pub rules: Vec<KeepingRule>,
    /// Rule sets of listeners' files whose text only their data plane has: they may have values kept as well.
    pub unknown: Vec<String>,
}

/// What is kept in a workspace, and for how long.
pub async fn show(operation: &Operation) -> Result<Known, Problem> {
    let workspace = &operation.entered()?.workspace;
    let mut tx = operation.read().await?;
    let published = rule_sets::published(&mut tx, workspace.id).await?;
    let publications = publications::list(&mut tx, workspace.id).await?;
    let listeners = listeners_of(&mut tx, workspace).await?;
    tx.commit().await?;
    let mut in_force: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut note = |set: &str, listener: &str| {
        in_force.entry(set.to_owned()).or_default().insert(listener.to_owned());
    };
    for row in &listeners {
        let floor = row.state.iter().flat_map(|state| &state.floor_policies);
        floor.for_each(|set| note(set, &row.name));
    }
    for publication in &publications {
        for item in &publication.items {
            if let Some(name) = name_of(item, &published) {
                note(name, &publication.listener);
            }
        }
    }
    let (mut rules, mut unknown) = (Vec::new(), Vec::new());
    for (set, listeners) in in_force {
        let own = published.iter().find(|one| one.name == set).map(|one| one.text.as_str());
        match pack(&set).or(own) {
            Some(text) => rules.extend(keeping(&set, text, &listeners)),
            None => unknown.push(set),
        }
    }
    rules.truncate(RULES_MAX);
    Ok(Known { periods: periods(operation), rules, unknown })
}

fn periods(operation: &Operation) -> Periods {
    Periods {
        kept: operation.app.settings.retention,
        schema_snapshots: take::KEPT,
        recent: RECENT_MAX,
        session_hours: operation.app.settings.session_hours,
    }
}

fn name_of<'a>(item: &'a Item, published: &'a [Published]) -> Option<&'a str> {
    match item {
        Item::Pack(name) => Some(name),
        Item::RuleSet(id) => published.iter().find(|one| one.id == *id).map(|one| one.name.as_str()),
    }
}

/// The rules of a text that have `record`. What is published compiles, so that nothing has to be told here.
fn keeping(set: &str, text: &str, listeners: &BTreeSet<String>) -> Vec<KeepingRule> {
    let Ok(document) = text.parse::<toml::Table>() else { return Vec::new() };
    let rules = document.get("rule").and_then(toml::Value::as_array).into_iter().flatten();
    let keeping = rules.filter_map(|rule| {
        let record = match rule.get("record")? {
            toml::Value::String(word) => vec![word.clone()],
            toml::Value::Array(words) => {
                words.iter().filter_map(toml::Value::as_str).map(ToOwned::to_owned).collect()
            }
            _ => return None,
        };
        Some(KeepingRule {
            rule_set: set.to_owned(),
            rule: rule.get("name").and_then(toml::Value::as_str)?.to_owned(),
            record,
            listeners: listeners.iter().cloned().collect(),
        })
    });
    keeping.collect()
}

/// How much is kept of who asks.
pub async fn of_oneself(operation: &Operation) -> Result<Vec<Kept>, Problem> {
    let user = operation.person()?.user.id;
    let mut tx = operation.read().await?;
    let kept = kept::of_person(&mut tx, user).await?;
    tx.commit().await?;
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::{KeepingRule, keeping};
    use std::collections::BTreeSet;

    #[test]
    fn rules_that_have_values_kept_are_found_in_a_text() {
        let text = "description = \"people\"\n\n[[rule]]\nname = \"one\"\ndecision = \"note\"\nrecord = [\"text\", \"hashes\"]\n\n\
            [[rule]]\nname = \"two\"\ndecision = \"refuse\"\n\n[[rule]]\nname = \"three\"\ndecision = \"note\"\nrecord = \"error\"\n";
        let listeners = BTreeSet::from(["shop".to_owned()]);
        let rule = |rule: &str, record: &[&str]| KeepingRule {
            rule_set: "people".to_owned(),
            rule: rule.to_owned(),
            record: record.iter().map(|word| (*word).to_owned()).collect(),
            listeners: vec!["shop".to_owned()],
        };
        assert_eq!(
            keeping("people", text, &listeners),
            [rule("one", &["text", "hashes"]), rule("three", &["error"])]
        );
        assert_eq!(keeping("people", "no = [document", &listeners), []);
    }
}
