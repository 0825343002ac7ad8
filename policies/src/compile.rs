//! Which rules do the rule sets of a listener come to?
//!
//! Files are read and put together with what they include; lists are merged; then every condition
//! is turned into a test with all names resolved. Everything that is wrong is told at once.

mod contradiction;
mod resolve;
#[cfg(test)]
mod tests;
mod unnamed;

use crate::bits::RULES_MAX;
use crate::condition::Condition;
use crate::diagnostic::{Complaints, Diagnostic, Place, Placed, bounded};
use crate::document::{self, Document, RuleEntry, is_name};
use crate::packs::{PACKS, pack};
use crate::rule::{Action, Rule};
use crate::ruleset::{Ruleset, SessionRule};
use crate::verdict::Rates;
use exchange::{Environment, Protocol};
use resolve::{Lists, Resolver};
use std::sync::Arc;

/// The listener that rules are compiled for.
#[derive(Clone, Copy, Debug)]
pub struct Listener<'a> {
    /// Its name.
    pub name: &'a str,
    /// How careful people have to be with what is behind it.
    pub environment: Environment,
    /// The protocol it serves.
    pub protocol: Protocol,
    /// Whether what is refused does not pass.
    pub enforces: bool,
    /// Whether what no rule speaks of may pass.
    pub default_allows: bool,
}

/// Most rule sets that one listener names or includes.
const SETS_MAX: usize = 64;

/// One rule set that was read.
pub(crate) struct Loaded {
    pub(crate) name: String,
    /// The file as people know it.
    pub(crate) file: String,
    pub(crate) is_pack: bool,
    pub(crate) document: Document,
}

/// What gives the text of a rule set that is no pack: the path shown to people, and the text.
pub type Files<'a> = dyn Fn(&str) -> Option<(String, String)> + 'a;

/// Compiles the rule sets `names`, in this order, for one listener. A pack's name gives the pack;
/// every other is asked of `files`.
pub fn compile(
    epoch: u64,
    names: &[&str],
    files: &Files<'_>,
    listener: &Listener<'_>,
) -> Result<Ruleset, Vec<Diagnostic>> {
    let mut loader = Loader { files, loaded: Vec::new(), under_way: Vec::new(), found: Vec::new() };
    for name in names {
        let asker =
            Asker { file: &format!("policies of listener `{}`", listener.name), place: Place::default() };
        loader.load(name, &asker);
    }
    let Loader { loaded, mut found, .. } = loader;
    let written = loaded.iter().map(|set| set.document.rules_written).sum();
    if let Some(many) = too_many(written, listener) {
        // First, since it is why nothing else was looked at.
        found.insert(0, many);
        return Err(bounded(found));
    }
    let lists = Lists::of(&loaded);
    let (mut rules, mut sessions) = (Vec::new(), Vec::new());
    for set in &loaded {
        let mut resolver = Resolver::new(set, &lists, listener);
        for entry in &set.document.sessions {
            contradiction::of_session(entry, &mut resolver.complaints);
            sessions.push(SessionRule {
                when: resolver.conditions(&entry.when),
                unless: entry.unless.as_ref().map(|one| resolver.conditions(&one.conditions)),
            });
        }
        for entry in &set.document.rules {
            rules.push(rule(set, entry, &mut resolver));
        }
        found.append(&mut resolver.complaints.found);
    }
    bounds(&rules, listener, &mut found);
    if found.is_empty() {
        Ok(Ruleset::of(epoch, (listener.enforces, listener.default_allows), rules, sessions))
    } else {
        Err(bounded(found))
    }
}

/// The rules of `floor` and behind them those of `more`, for one listener. Both were compiled by themselves:
/// no list of the one reaches into the other, so what the floor refuses stays refused.
pub fn join(
    epoch: u64,
    floor: &Ruleset,
    more: &Ruleset,
    listener: &Listener<'_>,
) -> Result<Ruleset, Vec<Diagnostic>> {
    let rules: Vec<Rule> = floor.rules.iter().chain(&more.rules).cloned().collect();
    let mut found = Vec::new();
    bounds(&rules, listener, &mut found);
    if !found.is_empty() {
        return Err(found);
    }
    let sessions = floor.sessions.iter().chain(&more.sessions).cloned().collect();
    Ok(Ruleset::of(epoch, (listener.enforces, listener.default_allows), rules, sessions))
}

fn rule<'a>(set: &Loaded, entry: &'a RuleEntry, resolver: &mut Resolver<'a>) -> Rule {
    contradiction::of_rule(entry, &mut resolver.complaints);
    let boxed = |text: &Option<String>| text.as_deref().map(Into::into);
    let mut when: Box<[Condition]> = resolver.conditions(&entry.when);
    if entry.action == Action::Allow {
        let more = unnamed::conditions(&entry.when, &when);
        when = when.into_iter().chain(more).collect();
    }
    Rule {
        name: Arc::from(format!("{}/{}", set.name, entry.name.value)),
        when,
        unless: entry.unless.as_ref().map(|one| resolver.conditions(&one.conditions)),
        action: entry.action.clone(),
        message: boxed(&entry.message),
        hint: boxed(&entry.hint),
        dry_run: entry.dry_run,
        record: entry.record,
    }
}

fn bounds(rules: &[Rule], listener: &Listener<'_>, found: &mut Vec<Diagnostic>) {
    found.extend(too_many(rules.len(), listener));
    let rates =
        rules.iter().filter(|one| matches!(one.action, Action::Limit(limit) if limit.rate.is_some())).count();
    if rates > Rates::MAX {
        let message =
            format!("{rates} rules with `per_second` are more than the {} a listener can have", Rates::MAX);
        found.push(of_listener(
            listener,
            message,
            "count several groups by one rule: `by` keeps users apart",
        ));
    }
}

/// What is wrong where a listener would have this many rules.
fn too_many(rules: usize, listener: &Listener<'_>) -> Option<Diagnostic> {
    let message = format!("{rules} rules in all are more than the {RULES_MAX} a listener can have");
    let hint = "put names that are treated alike into one list, and use one rule for them";
    (rules > RULES_MAX).then(|| of_listener(listener, message, hint))
}

fn of_listener(listener: &Listener<'_>, message: String, hint: &str) -> Diagnostic {
    let file = format!("policies of listener `{}`", listener.name);
    Diagnostic { file, line: 0, column: 0, message, hint: Some(hint.to_owned()) }
}

/// Who asks for a rule set, for what goes wrong.
struct Asker<'a> {
    file: &'a str,
    place: Place,
}

struct Loader<'a> {
    files: &'a Files<'a>,
    loaded: Vec<Loaded>,
    /// Names of the sets that are being read, each included by the one before.
    under_way: Vec<String>,
    found: Vec<Diagnostic>,
}

impl Loader<'_> {
    /// Reads a rule set and before it what it includes; once, however often it is asked for.
    fn load(&mut self, name: &str, asker: &Asker<'_>) {
        if self.under_way.iter().any(|one| one == name) {
            let round = self.under_way.join("` includes `");
            self.tell(
                asker,
                format!("`{round}` includes `{name}`: that never ends"),
                "take one `include` out",
            );
            return;
        }
        if self.loaded.iter().any(|one| one.name == name) {
            return;
        }
        if self.loaded.len() + self.under_way.len() >= SETS_MAX {
            self.tell(
                asker,
                format!("more than {SETS_MAX} rule sets"),
                "put rules that belong together into one file",
            );
            return;
        }
        let Some((file, text, is_pack)) = self.find(name, asker) else { return };
        let mut complaints = Complaints { file: &file, found: Vec::new() };
        let document = document::read(&text, &mut complaints);
        self.found.append(&mut complaints.found);
        self.under_way.push(name.to_owned());
        for Placed { value, place } in &document.include {
            self.load(value, &Asker { file: &file, place: *place });
        }
        self.under_way.pop();
        self.loaded.push(Loaded { name: name.to_owned(), file, is_pack, document });
    }

    fn find(&mut self, name: &str, asker: &Asker<'_>) -> Option<(String, String, bool)> {
        if let Some(text) = pack(name) {
            if let Some((file, _)) = (self.files)(name) {
                let taken = Asker { file: &file, place: Place { line: 1, column: 1 } };
                let message = format!("`{name}` is the name of a pack, and packs cannot be replaced");
                self.tell(&taken, message, "give the file another name; it can `include` the pack");
            }
            return Some((format!("pack {name}"), text.to_owned(), true));
        }
        let file = if is_name(name) { (self.files)(name) } else { None };
        if file.is_none() {
            let near =
                crate::diagnostic::nearest(name, &PACKS).map(|near| format!("did you mean `{near}`? "));
            let hint = format!(
                "{}packs are {}; every other name is a file `{name}.toml` in the folder of `policies.directory`",
                near.unwrap_or_default(),
                PACKS.join(", ")
            );
            self.tell(asker, format!("there is no rule set `{name}`"), &hint);
        }
        file.map(|(file, text)| (file, text, false))
    }

    fn tell(&mut self, asker: &Asker<'_>, message: String, hint: &str) {
        let mut complaints = Complaints { file: asker.file, found: Vec::new() };
        complaints.tell(asker.place, message, hint);
        self.found.append(&mut complaints.found);
    }
}
