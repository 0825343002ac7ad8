//! What does a listener do whose rule sets the control plane publishes?
//!
//! The file is the floor: its rule sets come first and are compiled by themselves, so that no list that was
//! published reaches into them, and what they refuse stays refused. What is published comes behind them.
//! A listener can be made to enforce and never to cease.
//!
//! All listeners of a snapshot or none: [`over`] changes nothing when anything is wrong.

pub(crate) mod changes;
pub(crate) mod kept;
#[cfg(test)]
mod tests;

use crate::config::Config;
use crate::config::settings::{self, DefaultVerdict, Listener};
use control::{ManagedListener, RuleSetText, Snapshot};
use policies::{Diagnostic, PACKS, Ruleset};
use relay::settings::{ListenerSettings, Mode};
use std::collections::BTreeSet;

/// Most that is told of what is wrong with a snapshot.
const PROBLEMS_MAX: usize = 50;

/// The listeners of `config` as `wanted` has them, with what `snapshot` publishes above. What is wrong is told in
/// words for whoever publishes.
pub(crate) fn over(
    wanted: Vec<ListenerSettings>,
    config: &Config,
    snapshot: Option<&Snapshot>,
) -> Result<Vec<ListenerSettings>, Vec<String>> {
    let Some(snapshot) = snapshot else { return Ok(wanted) };
    let mut problems = twice(snapshot);
    let mut ready = Vec::new();
    for mut listener in wanted {
        let written = config.listeners.iter().find(|one| *one.name == *listener.name);
        let of_owner =
            |one: &&ManagedListener| *one.name == *listener.name && *one.workspace == *listener.workspace;
        let published = snapshot.listeners.iter().find(of_owner);
        if let (Some(written), Some(published)) = (written.filter(|one| one.managed), published) {
            match publish(&listener, written, published) {
                Ok((mode, rules)) => {
                    listener.mode = mode;
                    listener.rules = rules;
                }
                Err(found) => problems.extend(found),
            }
        }
        ready.push(listener);
    }
    if problems.is_empty() {
        return Ok(ready);
    }
    if problems.len() > PROBLEMS_MAX {
        let more = problems.len() - PROBLEMS_MAX;
        problems.truncate(PROBLEMS_MAX);
        problems.push(format!("and {more} more"));
    }
    Err(problems)
}

/// Whether anything is published for a listener of `config`.
pub(crate) fn concerns(config: &Config) -> bool {
    config.listeners.iter().any(|listener| listener.managed)
}

/// Listeners that are named more than once.
fn twice(snapshot: &Snapshot) -> Vec<String> {
    let mut names = BTreeSet::new();
    let again = snapshot.listeners.iter().filter(|one| !names.insert((&one.workspace, &one.name)));
    again.map(|listener| format!("listener `{}` is published twice", listener.name)).collect()
}

/// The mode and the rules of one listener.
fn publish(
    floor: &ListenerSettings,
    written: &Listener,
    published: &ManagedListener,
) -> Result<(Mode, Ruleset), Vec<String>> {
    let mode = match (floor.mode, published.enforces) {
        (Mode::Observe, Some(true)) => Mode::Enforce,
        (mode, _) => mode,
    };
    let name = &published.name;
    let mut problems = misnamed(published);
    let scope = policies::Listener {
        name: &written.name,
        environment: written.environment.into(),
        protocol: written.protocol.into(),
        enforces: mode == Mode::Enforce,
        default_allows: written.default == DefaultVerdict::Allow,
    };
    let names: Vec<&str> = published.policies.iter().map(String::as_str).collect();
    let texts = |name: &str| {
        let text = published.texts.iter().find(|text| text.name == name)?;
        Some((format!("`{name}` version {}", text.version), text.text.clone()))
    };
    let joined = policies::compile(0, &names, &texts, &scope)
        .and_then(|above| policies::join(0, &floor.rules, &above, &scope));
    match joined {
        Ok(rules) if problems.is_empty() => return Ok((mode, rules)),
        Ok(_) => {}
        Err(found) => problems.extend(found.iter().map(|one| told(name, one))),
    }
    Err(problems)
}

/// Texts that have a pack's name or another's.
fn misnamed(published: &ManagedListener) -> Vec<String> {
    let name = &published.name;
    let mut names = BTreeSet::new();
    let mut problems = Vec::new();
    for RuleSetText { name: text, .. } in &published.texts {
        if PACKS.contains(&text.as_str()) {
            problems.push(format!(
                "listener `{name}`: `{text}` is the name of a pack, and packs cannot be replaced"
            ));
        }
        if !names.insert(text) {
            problems.push(format!("listener `{name}`: there are two texts of rule set `{text}`"));
        }
    }
    problems
}

fn told(listener: &str, found: &Diagnostic) -> String {
    match &found.hint {
        Some(hint) => format!("listener `{listener}`: {found} (hint: {hint})"),
        None => format!("listener `{listener}`: {found}"),
    }
}

/// The word for a mode of the file.
pub(crate) fn mode_word(mode: settings::Mode) -> &'static str {
    match mode {
        settings::Mode::Observe => Mode::Observe.as_str(),
        settings::Mode::Enforce => Mode::Enforce.as_str(),
    }
}
