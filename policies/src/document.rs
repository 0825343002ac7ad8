//! What stands in a rule file? Its keys and values, each of the right kind and with its place; what they
//! mean together is the business of `compile`.

mod limit;

use crate::bits::RULES_MAX;
use crate::diagnostic::{Complaints, Place, Placed};
use crate::key::{Key, Shape};
use crate::rule::{Action, Reason};
use crate::schedule::{self, DAYS, Schedule};
use crate::tree::{self, Entry, Node, Value};
use crate::verdict::Keep;
use std::collections::HashMap;

/// Largest rule file: far above any that a person keeps.
pub const FILE_BYTES_MAX: usize = 1024 * 1024;

/// Longest name of a rule or list; it stands in records and in what clients are told.
const NAME_BYTES_MAX: usize = 64;

/// Longest text that a client is told.
const TEXT_BYTES_MAX: usize = 500;

/// One rule file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Document {
    pub(crate) include: Vec<Placed<String>>,
    pub(crate) lists: Vec<List>,
    pub(crate) sessions: Vec<SessionEntry>,
    pub(crate) rules: Vec<RuleEntry>,
    /// How many rules are written; where no listener can have so many, none was read.
    pub(crate) rules_written: usize,
}

/// Names that rules refer to by `@name`.
#[derive(Clone, Debug)]
pub(crate) struct List {
    pub(crate) name: String,
    pub(crate) entries: Vec<Placed<String>>,
}

/// A `[[session]]`: what a session is like from its beginning.
#[derive(Clone, Debug)]
pub(crate) struct SessionEntry {
    pub(crate) name: Placed<String>,
    pub(crate) when: Vec<ConditionEntry>,
    pub(crate) unless: Option<Unless>,
}

/// A `[[rule]]`.
#[derive(Clone, Debug)]
pub(crate) struct RuleEntry {
    pub(crate) name: Placed<String>,
    pub(crate) when: Vec<ConditionEntry>,
    pub(crate) unless: Option<Unless>,
    pub(crate) action: Action,
    pub(crate) message: Option<String>,
    pub(crate) hint: Option<String>,
    pub(crate) dry_run: bool,
    pub(crate) record: Keep,
}

/// What takes a rule away.
#[derive(Clone, Debug)]
pub(crate) struct Unless {
    pub(crate) place: Place,
    pub(crate) conditions: Vec<ConditionEntry>,
}

/// One key of `when` or `unless`.
#[derive(Clone, Debug)]
pub(crate) struct ConditionEntry {
    pub(crate) key: Key,
    pub(crate) place: Place,
    pub(crate) wanted: Wanted,
}

/// What a condition asks for.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    Words(Vec<Placed<String>>),
    Truth(bool),
    Number(u64),
    Time(Schedule),
}

const TOP: [&str; 5] = ["description", "include", "lists", "session", "rule"];
const SESSION: [&str; 4] = ["name", "when", "unless", "read_only"];
const RULE: [&str; 11] = [
    "name",
    "when",
    "unless",
    "decision",
    "overridable",
    "message",
    "hint",
    "reason",
    "dry_run",
    "limit",
    "record",
];
const DECISIONS: [&str; 5] = ["allow", "refuse", "hold", "limit", "note"];
const REASONS: [&str; 2] = ["not_permitted", "read_only"];
const TIME: [&str; 4] = ["days", "from", "to", "offset"];

/// Reads a file; what is wrong with it is told, and left out.
pub(crate) fn read(text: &str, complaints: &mut Complaints<'_>) -> Document {
    let mut document = Document::default();
    if text.len() > FILE_BYTES_MAX {
        let message = format!("the file is larger than {FILE_BYTES_MAX} bytes");
        complaints.tell(Place::default(), message, "divide it, and `include` the parts");
        return document;
    }
    let Some(entries) = tree::parse(text, complaints) else { return document };
    for entry in &entries {
        match entry.key.as_str() {
            "description" => drop(string(entry, complaints)),
            "include" => document.include = words(entry, complaints).unwrap_or_default(),
            "lists" => document.lists = lists(entry, complaints),
            "session" => document.sessions = tables(entry, complaints, session),
            "rule" => {
                document.rules_written =
                    if let Value::Array(items) = &entry.node.value { items.len() } else { 0 };
                if document.rules_written <= RULES_MAX {
                    document.rules = tables(entry, complaints, rule);
                }
            }
            other => complaints.tell_unknown(entry.place, "key of a rule file", other, &TOP),
        }
    }
    twice(document.rules.iter().map(|one| &one.name), "rule", complaints);
    twice(document.sessions.iter().map(|one| &one.name), "session", complaints);
    document
}

fn twice<'n>(names: impl Iterator<Item = &'n Placed<String>>, what: &str, complaints: &mut Complaints<'_>) {
    let mut seen: HashMap<&str, Place> = HashMap::new();
    for name in names {
        match seen.get(name.value.as_str()) {
            Some(first) => {
                let message = format!("there is a {what} `{}` already, in line {}", name.value, first.line);
                complaints.tell(name.place, message, "give each its own name");
            }
            None => drop(seen.insert(&name.value, name.place)),
        }
    }
}

fn lists(entry: &Entry, complaints: &mut Complaints<'_>) -> Vec<List> {
    let Some(entries) = table(entry, complaints) else { return Vec::new() };
    let mut found = Vec::new();
    for list in entries {
        if !is_name(&list.key) {
            complaints.tell(list.place, format!("`{}` is no name of a list", list.key), NAME_HINT);
            continue;
        }
        let Value::Array(items) = &list.node.value else {
            let message = format!("`{}` must be a list of strings, not {}", list.key, list.node.kind());
            complaints.tell(list.node.place, message, "");
            continue;
        };
        let entries: Vec<_> = items.iter().filter_map(|item| word(item, &list.key, complaints)).collect();
        for one in entries.iter().filter(|one| one.value.starts_with('@')) {
            let message = format!("`{}`: a list cannot refer to another list", one.value);
            complaints.tell(one.place, message, "write its entries");
        }
        found.push(List { name: list.key.clone(), entries });
    }
    found
}

/// What each table of `[[…]]` makes.
fn tables<T>(
    entry: &Entry,
    complaints: &mut Complaints<'_>,
    make: fn(&Node, &[Entry], &mut Complaints<'_>) -> Option<T>,
) -> Vec<T> {
    let Value::Array(items) = &entry.node.value else {
        complaints.tell(
            entry.place,
            format!("`{}` is {}", entry.key, entry.node.kind()),
            format!("write `[[{}]]`", entry.key),
        );
        return Vec::new();
    };
    let mut made = Vec::new();
    for item in items {
        match &item.value {
            Value::Table(entries) => made.extend(make(item, entries, complaints)),
            _ => complaints.tell(item.place, format!("this is {}, not a table", item.kind()), ""),
        }
    }
    made
}

fn session(node: &Node, entries: &[Entry], complaints: &mut Complaints<'_>) -> Option<SessionEntry> {
    unknown_keys(entries, "key of a session", &SESSION, complaints);
    let name = name(node, entries, "session", complaints);
    let when = find(entries, "when").map(|one| conditions(one, complaints)).unwrap_or_default();
    let unless = unless(entries, complaints);
    let all = when.iter().chain(unless.iter().flat_map(|one| &one.conditions));
    for one in all.filter(|one| !one.key.is_of_session()) {
        let message = format!("`{}` is not known when a session opens", one.key.word());
        let known: Vec<_> = Key::ALL.into_iter().filter(|key| key.is_of_session()).map(Key::word).collect();
        complaints.tell(one.place, message, format!("known then: {}", known.join(", ")));
    }
    match find(entries, "read_only").map(|entry| (entry, truth(entry, complaints))) {
        Some((_, Some(true) | None)) => {}
        Some((entry, Some(false))) => complaints.tell(
            entry.node.place,
            "this session entry says nothing",
            "`read_only = true` is all it can say; leave it out for sessions that may write",
        ),
        None => complaints.tell(node.place, "a session entry needs `read_only = true`", ""),
    }
    Some(SessionEntry { name: name?, when, unless })
}

fn rule(node: &Node, entries: &[Entry], complaints: &mut Complaints<'_>) -> Option<RuleEntry> {
    unknown_keys(entries, "key of a rule", &RULE, complaints);
    let name = name(node, entries, "rule", complaints);
    let when = find(entries, "when").map(|one| conditions(one, complaints)).unwrap_or_default();
    let unless = unless(entries, complaints);
    let action = action(node, entries, complaints);
    let mut text = |key: &str| find(entries, key).and_then(|entry| told(entry, complaints));
    let (message, hint) = (text("message"), text("hint"));
    let dry_run = find(entries, "dry_run").and_then(|entry| truth(entry, complaints)).unwrap_or(false);
    let (name, action) = (name?, action?);
    if matches!(action, Action::Note | Action::Allow) {
        for entry in ["message", "hint"].iter().filter_map(|key| find(entries, key)) {
            let message = format!("`{}` is for decisions that a client is told", entry.key);
            complaints.tell(entry.place, message, "leave it out, or write a comment");
        }
    }
    if let (Action::Note, Some(entry)) = (&action, find(entries, "dry_run")) {
        complaints.tell(entry.place, "a note decides nothing, so it has no dry run", "leave `dry_run` out");
    }
    let record = find(entries, "record").and_then(|entry| record(entry, &action, complaints));
    Some(RuleEntry { name, when, unless, action, message, hint, dry_run, record: record.unwrap_or_default() })
}

/// What a rule wants kept.
fn record(entry: &Entry, action: &Action, complaints: &mut Complaints<'_>) -> Option<Keep> {
    if matches!(action, Action::Limit(_)) {
        let message = "`record` does not belong to `decision = \"limit\"`: a limit is about answers";
        complaints.tell(entry.place, message, "write a rule of its own, with `decision = \"note\"`");
        return None;
    }
    let known = Keep::ALL.map(|(_, word)| word);
    let mut keep = Keep::NOTHING;
    for word in words(entry, complaints)? {
        match Keep::ALL.into_iter().find(|(_, known)| *known == word.value) {
            Some((one, _)) => keep = keep.with(one),
            None => complaints.tell_unknown(word.place, "part of a record", &word.value, &known),
        }
    }
    Some(keep)
}

fn action(node: &Node, entries: &[Entry], complaints: &mut Complaints<'_>) -> Option<Action> {
    let Some(entry) = find(entries, "decision") else {
        complaints.tell(node.place, "a rule needs a `decision`", format!("one of: {}", DECISIONS.join(", ")));
        return None;
    };
    let decision = one_of(entry, "decision", &DECISIONS, complaints)?;
    let belongs = [("overridable", "refuse"), ("reason", "refuse"), ("limit", "limit")];
    for (key, owner) in belongs {
        if let Some(stray) = find(entries, key).filter(|_| decision != owner) {
            let message = format!("`{key}` belongs to `decision = \"{owner}\"`, and this is `{decision}`");
            complaints.tell(stray.place, message, format!("leave `{key}` out"));
        }
    }
    match decision {
        "allow" => Some(Action::Allow),
        "hold" => Some(Action::Hold),
        "note" => Some(Action::Note),
        "refuse" => {
            let overridable =
                find(entries, "overridable").and_then(|entry| truth(entry, complaints)).unwrap_or(true);
            let reason =
                find(entries, "reason").and_then(|entry| one_of(entry, "reason", &REASONS, complaints));
            let reason = if reason == Some("read_only") { Reason::ReadOnly } else { Reason::NotPermitted };
            Some(Action::Refuse { last_word: !overridable, reason })
        }
        _ => match find(entries, "limit") {
            Some(entry) => limit::read(entry, complaints).map(Action::Limit),
            None => {
                let hint = "for instance `limit = { rows = 1000 }`";
                complaints.tell(entry.place, "`decision = \"limit\"` needs a `limit`", hint);
                None
            }
        },
    }
}

fn unless(entries: &[Entry], complaints: &mut Complaints<'_>) -> Option<Unless> {
    let entry = find(entries, "unless")?;
    Some(Unless { place: entry.place, conditions: conditions(entry, complaints) })
}

fn conditions(entry: &Entry, complaints: &mut Complaints<'_>) -> Vec<ConditionEntry> {
    let known = Key::ALL.map(Key::word);
    let mut found = Vec::new();
    for one in table(entry, complaints).unwrap_or_default() {
        let Some(key) = Key::of(&one.key) else {
            complaints.tell_unknown(one.place, "condition", &one.key, &known);
            continue;
        };
        let wanted = match key.shape() {
            Shape::Words => words(one, complaints).map(Wanted::Words),
            Shape::Truth => truth(one, complaints).map(Wanted::Truth),
            Shape::Number => whole(one, 0, u64::MAX, complaints).map(Wanted::Number),
            Shape::Time => time(one, complaints).map(Wanted::Time),
        };
        found.extend(wanted.map(|wanted| ConditionEntry { key, place: one.place, wanted }));
    }
    found
}

fn time(entry: &Entry, complaints: &mut Complaints<'_>) -> Option<Schedule> {
    let entries = table(entry, complaints)?;
    unknown_keys(entries, "key of a time", &TIME, complaints);
    let mut schedule = Schedule::ALWAYS;
    if let Some(days) = find(entries, "days") {
        schedule.days = 0;
        for day in words(days, complaints)? {
            match DAYS.iter().position(|known| *known == day.value) {
                Some(at) => schedule.days |= 1 << at,
                None => complaints.tell_unknown(day.place, "day", &day.value, &DAYS),
            }
        }
    }
    let mut minute = |key: &str| match find(entries, key) {
        None => Some(None),
        Some(entry) => {
            let found = string(entry, complaints).and_then(|text| schedule::minute(&text));
            if found.is_none() {
                complaints.tell(
                    entry.node.place,
                    "this is no time of a day",
                    "write it as `\"08:30\"`, up to `\"24:00\"`",
                );
            }
            found.map(Some)
        }
    };
    let (from, to) = (minute("from")?, minute("to")?);
    schedule.from = from.unwrap_or(schedule.from);
    schedule.to = to.unwrap_or(schedule.to);
    if let Some(entry) = find(entries, "offset") {
        match string(entry, complaints).and_then(|text| schedule::offset(&text)) {
            Some(minutes) => schedule.offset = minutes,
            None => {
                complaints.tell(entry.node.place, "this is no distance from UTC", "write it as `\"+01:00\"`");
            }
        }
    }
    if schedule.from == schedule.to || schedule.from == Schedule::ALWAYS.to {
        let hint = "`to` is the first minute that is not in it; leave both out for the whole day";
        complaints.tell(entry.place, "no time of a day is from here to there", hint);
        return None;
    }
    if find(entries, "days").is_none() && from.is_none() && to.is_none() {
        complaints.tell(entry.place, "this time is always", "name `days`, `from` or `to`");
        return None;
    }
    Some(schedule)
}

// ---- single values ----

const NAME_HINT: &str = "letters, digits, `-` and `_`, at most 64";

fn name(
    node: &Node,
    entries: &[Entry],
    what: &str,
    complaints: &mut Complaints<'_>,
) -> Option<Placed<String>> {
    let Some(entry) = find(entries, "name") else {
        complaints.tell(node.place, format!("a {what} needs a `name`"), "people see it as `file/name`");
        return None;
    };
    let value = string(entry, complaints)?;
    if !is_name(&value) {
        complaints.tell(entry.node.place, format!("`{value}` is no name of a {what}"), NAME_HINT);
        return None;
    }
    Some(Placed { value, place: entry.node.place })
}

/// Whether a rule, list or rule set may be called so.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |one: u8| one.is_ascii_alphanumeric() || one == b'-' || one == b'_';
    (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(plain)
}

fn find<'e>(entries: &'e [Entry], key: &str) -> Option<&'e Entry> {
    entries.iter().find(|entry| entry.key == key)
}

fn unknown_keys(entries: &[Entry], what: &str, known: &[&str], complaints: &mut Complaints<'_>) {
    for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
        complaints.tell_unknown(entry.place, what, &entry.key, known);
    }
}

fn mismatch(entry: &Entry, wanted: &str, complaints: &mut Complaints<'_>) {
    let message = format!("`{}` must be {wanted}, not {}", entry.key, entry.node.kind());
    complaints.tell(entry.node.place, message, "");
}

fn table<'e>(entry: &'e Entry, complaints: &mut Complaints<'_>) -> Option<&'e [Entry]> {
    let Value::Table(entries) = &entry.node.value else {
        mismatch(entry, "a table", complaints);
        return None;
    };
    Some(entries)
}

fn string(entry: &Entry, complaints: &mut Complaints<'_>) -> Option<String> {
    let Value::String(text) = &entry.node.value else {
        mismatch(entry, "a string", complaints);
        return None;
    };
    Some(text.clone())
}

/// A text for clients.
fn told(entry: &Entry, complaints: &mut Complaints<'_>) -> Option<String> {
    let text = string(entry, complaints)?;
    if text.is_empty() || text.len() > TEXT_BYTES_MAX || text.chars().any(char::is_control) {
        let message = format!("`{}` must be one line of 1 to {TEXT_BYTES_MAX} bytes", entry.key);
        complaints.tell(entry.node.place, message, "");
        return None;
    }
    Some(text)
}

fn truth(entry: &Entry, complaints: &mut Complaints<'_>) -> Option<bool> {
    let Value::Boolean(truth) = &entry.node.value else {
        mismatch(entry, "`true` or `false`", complaints);
        return None;
    };
    Some(*truth)
}

fn whole(entry: &Entry, least: u64, most: u64, complaints: &mut Complaints<'_>) -> Option<u64> {
    let Value::Integer(number) = &entry.node.value else {
        mismatch(entry, "a whole number", complaints);
        return None;
    };
    let number = u64::try_from(*number).ok().filter(|number| (least..=most).contains(number));
    if number.is_none() {
        let bounds =
            if most == u64::MAX { format!("at least {least}") } else { format!("from {least} to {most}") };
        complaints.tell(entry.node.place, format!("`{}` must be {bounds}", entry.key), "");
    }
    number
}

fn one_of(
    entry: &Entry,
    what: &str,
    known: &[&'static str],
    complaints: &mut Complaints<'_>,
) -> Option<&'static str> {
    let text = string(entry, complaints)?;
    let found = known.iter().find(|word| **word == text).copied();
    if found.is_none() {
        complaints.tell_unknown(entry.node.place, what, &text, known);
    }
    found
}

/// One string or a list of them, at least one.
fn words(entry: &Entry, complaints: &mut Complaints<'_>) -> Option<Vec<Placed<String>>> {
    match &entry.node.value {
        Value::String(_) => word(&entry.node, &entry.key, complaints).map(|one| vec![one]),
        Value::Array(items) if items.is_empty() => {
            let so = match entry.key.as_str() {
                "record" => "it asks for nothing",
                "include" => "it takes in nothing",
                _ => "nothing matches it",
            };
            complaints.tell(entry.node.place, format!("`{}` is empty, so {so}", entry.key), "");
            None
        }
        Value::Array(items) => {
            let words: Vec<_> = items.iter().filter_map(|item| word(item, &entry.key, complaints)).collect();
            (!words.is_empty()).then_some(words)
        }
        _ => {
            mismatch(entry, "a string or a list of strings", complaints);
            None
        }
    }
}

fn word(item: &Node, key: &str, complaints: &mut Complaints<'_>) -> Option<Placed<String>> {
    match &item.value {
        Value::String(text) if !text.is_empty() => Some(Placed { value: text.clone(), place: item.place }),
        Value::String(_) => {
            complaints.tell(item.place, format!("`{key}` holds an empty string"), "");
            None
        }
        _ => {
            complaints.tell(item.place, format!("`{key}` must hold strings, not {}", item.kind()), "");
            None
        }
    }
}
