//! What do records of statements come to, by who asked, with what, and which tables were touched?
//!
//! Sums only, within bounds: of each kind so many groups are kept apart, and what does not fit is counted.

use super::Found;
use crate::http::timestamp::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Groups of one kind that are kept apart.
const GROUPS_MAX: usize = 2_000;
/// Names that one group has of each kind.
const NAMES_MAX: usize = 20;
/// Refused attempts that are told one by one: the newest.
pub const REFUSALS_MAX: usize = 100;
/// Hours that are told apart: 400 days.
const HOURS_MAX: usize = 9_600;
const HOUR_US: i64 = 3_600_000_000;

/// How a statement uses a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Access {
    /// Nobody can tell.
    Other,
    Read,
    Write,
    Define,
}

/// Sums of statements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Statements that ran.
    pub statements: u64,
    /// Of these, those that only read.
    pub reads: u64,
    /// Those that changed rows.
    pub writes: u64,
    /// Those that changed what is defined.
    pub defines: u64,
    /// Those that failed.
    pub failed: u64,
    /// Statements that were refused or held, and did not run.
    pub refused: u64,
    /// Rows that those that read returned.
    pub rows_read: u64,
    /// Rows that those that write changed or returned.
    pub rows_changed: u64,
    /// The moment of the first.
    pub first: Option<i64>,
    /// The moment of the last.
    pub last: Option<i64>,
}

/// What belongs together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// The statement's text, where the group is a fingerprint; the others have none.
    pub text: Option<String>,
    /// Its class; the same.
    pub class: Option<String>,
    /// Its sums.
    pub counts: Counts,
    /// Database users.
    pub users: BTreeSet<String>,
    /// Applications.
    pub applications: BTreeSet<String>,
    /// Tables.
    pub tables: BTreeSet<String>,
}

/// Groups of one kind.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// By what they have in common.
    pub by_name: BTreeMap<String, Group>,
    /// Statements and attempts that no group has: there were too many, of which these are the oldest.
    pub left_out: u64,
}

/// A statement that did not run.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Its record.
    pub found: Found,
    /// When.
    pub at: i64,
}

/// All sums.
#[derive(Debug, Default)]
pub struct Tally {
    table: Option<String>,
    /// Records that were counted.
    pub records: u64,
    /// Everything.
    pub all: Counts,
    /// By database user, application, class, table, fingerprint, claim and address.
    pub users: Groups,
    /// See there.
    pub applications: Groups,
    /// See there.
    pub classes: Groups,
    /// See there.
    pub tables: Groups,
    /// See there.
    pub statements: Groups,
    /// See there.
    pub claims: Groups,
    /// See there.
    pub addresses: Groups,
    /// Statements and refused attempts by the hour, in hours since 1970.
    pub hours: BTreeMap<i64, (u64, u64)>,
    /// The newest that did not run.
    pub refusals: Vec<Attempt>,
    /// Statements that began and of which no end is on record in this time.
    pub unfinished: u64,
    /// Statements that name no table.
    pub without_table: u64,
    /// Statements of which nobody can tell what they do.
    pub unjudged: u64,
    /// Statements with functions that may do more than read.
    pub with_functions: u64,
    ended: HashSet<(u128, u64, u64)>,
}

impl Tally {
    /// Of records that name this table, or of any.
    pub fn new(table: Option<String>) -> Tally {
        Tally { table, ..Tally::default() }
    }

    /// Counts a record; records come newest first.
    pub fn add(&mut self, found: &Found) {
        let record = &found.record;
        let at = string(record, &["ts"]).and_then(|at| at.parse::<Timestamp>().ok()).map_or(0, |at| at.0);
        self.records += 1;
        match string(record, &["event"]) {
            Some("statement.outcome") => {
                self.ended.extend(key(record));
                self.count(record, at, false);
            }
            Some("statement.refused" | "statement.held") => {
                self.count(record, at, true);
                if self.refusals.len() < REFUSALS_MAX {
                    self.refusals.push(Attempt { found: found.clone(), at });
                }
            }
            Some("statement.intent") => {
                // Its end is newer, and came before.
                let has_ended = key(record).is_none_or(|key| self.ended.contains(&key));
                self.unfinished += u64::from(!has_ended);
            }
            _ => {}
        }
    }

    fn count(&mut self, record: &Value, at: i64, is_refused: bool) {
        let accesses = accesses(record);
        let of_table = |name: &str| self.table.as_deref().is_none_or(|table| is_same(name, table));
        let meant = accesses.iter().filter(|(name, _)| of_table(name)).map(|(_, access)| *access).max();
        let whole = accesses.iter().map(|(_, access)| *access).max().unwrap_or_else(|| of_class(record));
        let access = meant.unwrap_or(whole);
        let rows = record.get("rows").and_then(Value::as_u64).unwrap_or(0);
        let is_failed = !is_refused && !matches!(string(record, &["message_class"]), None | Some("ok"));
        let one = One { at, access, rows: if access == whole { rows } else { 0 }, is_refused, is_failed };
        self.all.add(&one);
        if !is_refused {
            self.without_table += u64::from(accesses.is_empty());
            self.unjudged += u64::from(string(record, &["effects", "unjudged"]).is_some());
            let functions = record.get("effects").and_then(|effects| effects.get("functions"));
            let has_any = functions.and_then(Value::as_array).is_some_and(|names| !names.is_empty());
            self.with_functions += u64::from(has_any);
        }
        self.add_hour(at, is_refused);
        self.add_groups(record, &one);
        for (name, access) in &accesses {
            let of_it = One { access: *access, rows: if *access == whole { rows } else { 0 }, ..one };
            self.tables.add(name, record, &of_it);
        }
    }

    fn add_hour(&mut self, at: i64, is_refused: bool) {
        let hour = at.div_euclid(HOUR_US);
        if self.hours.len() >= HOURS_MAX && !self.hours.contains_key(&hour) {
            return;
        }
        let (statements, refused) = self.hours.entry(hour).or_default();
        *(if is_refused { refused } else { statements }) += 1;
    }

    fn add_groups(&mut self, record: &Value, one: &One) {
        let principal = |field: &str| string(record, &["principal", field]).filter(|text| !text.is_empty());
        let unnamed = "";
        self.users.add(principal("user").unwrap_or(unnamed), record, one);
        self.applications.add(principal("application").unwrap_or(unnamed), record, one);
        self.classes.add(string(record, &["class"]).unwrap_or("unknown"), record, one);
        if let Some(fingerprint) = string(record, &["fingerprint"]) {
            self.statements.add(fingerprint, record, one);
            self.statements.describe(fingerprint, record);
        }
        if let Some(claim) = principal("on_behalf_of") {
            self.claims.add(claim, record, one);
        }
        let address = principal("address").unwrap_or(unnamed);
        self.addresses.add(host(address), record, one);
    }
}

/// One statement, as it is counted.
#[derive(Clone, Copy, Debug)]
struct One {
    at: i64,
    access: Access,
    rows: u64,
    is_refused: bool,
    is_failed: bool,
}

impl Counts {
    fn add(&mut self, one: &One) {
        self.first = Some(self.first.map_or(one.at, |first| first.min(one.at)));
        self.last = Some(self.last.map_or(one.at, |last| last.max(one.at)));
        if one.is_refused {
            self.refused += 1;
            return;
        }
        self.statements += 1;
        self.failed += u64::from(one.is_failed);
        match one.access {
            Access::Read => {
                self.reads += 1;
                self.rows_read += one.rows;
            }
            Access::Write => {
                self.writes += 1;
                self.rows_changed += one.rows;
            }
            Access::Define => self.defines += 1,
            Access::Other => {}
        }
    }
}

impl Groups {
    fn add(&mut self, name: &str, record: &Value, one: &One) {
        if self.by_name.len() >= GROUPS_MAX && !self.by_name.contains_key(name) {
            self.left_out += 1;
            return;
        }
        let group = self.by_name.entry(name.to_owned()).or_default();
        group.counts.add(one);
        let mut note = |names: fn(&mut Group) -> &mut BTreeSet<String>, name: Option<&str>| {
            let names = names(group);
            if let Some(name) = name.filter(|name| names.len() < NAMES_MAX && !names.contains(*name)) {
                names.insert(name.to_owned());
            }
        };
        note(|group| &mut group.users, string(record, &["principal", "user"]));
        note(|group| &mut group.applications, string(record, &["principal", "application"]));
        for table in tables(record) {
            note(|group| &mut group.tables, Some(table));
        }
    }

    /// Keeps what the statement of a group is, as the first record that tells it has it.
    fn describe(&mut self, name: &str, record: &Value) {
        let Some(group) = self.by_name.get_mut(name).filter(|group| group.text.is_none()) else { return };
        group.text = string(record, &["text"]).map(ToOwned::to_owned);
        group.class = string(record, &["class"]).map(ToOwned::to_owned);
    }
}

fn string<'a>(record: &'a Value, path: &[&str]) -> Option<&'a str> {
    path.iter().try_fold(record, |value, name| value.get(name))?.as_str()
}

/// What tells a statement's end and its beginning.
fn key(record: &Value) -> Option<(u128, u64, u64)> {
    let session: uuid::Uuid = string(record, &["session"])?.parse().ok()?;
    let exchange = record.get("exchange")?.as_u64()?;
    let shape = string(record, &["fingerprint"]).and_then(|text| text.split_once('-'));
    let shape = shape.and_then(|(_, digits)| u64::from_str_radix(digits, 16).ok()).unwrap_or(0);
    Some((session.as_u128(), exchange, shape))
}

/// The statement, and what a name in it stands for.
fn owners(record: &Value) -> impl Iterator<Item = &Value> {
    [Some(record), record.get("source")].into_iter().flatten()
}

fn tables(record: &Value) -> impl Iterator<Item = &str> {
    let lists = owners(record).filter_map(|owner| owner.get("tables").and_then(Value::as_array));
    lists.flatten().filter_map(Value::as_str)
}

/// Each table that a statement names, and what it does with it: what its effects do not tell of is read.
fn accesses(record: &Value) -> Vec<(String, Access)> {
    let mut found: BTreeMap<&str, Access> = BTreeMap::new();
    for owner in owners(record) {
        let effects = owner.get("effects");
        let is_unjudged = effects.is_some_and(|effects| effects.get("unjudged").is_some());
        let names = owner.get("tables").and_then(Value::as_array).into_iter().flatten();
        for name in names.filter_map(Value::as_str) {
            let access = if is_unjudged { Access::Other } else { access_of(effects, name) };
            let known = found.entry(name).or_insert(access);
            *known = (*known).max(access);
        }
    }
    found.into_iter().map(|(name, access)| (name.to_owned(), access)).collect()
}

fn access_of(effects: Option<&Value>, table: &str) -> Access {
    let relations = effects.and_then(|effects| effects.get("relations")).and_then(Value::as_array);
    let named = relations.into_iter().flatten().filter(|relation| {
        relation.get("name").and_then(Value::as_str).is_some_and(|name| is_same(name, table))
    });
    let words = named.filter_map(|relation| relation.get("access").and_then(Value::as_array)).flatten();
    let access = |word: &Value| match word.as_str() {
        Some("insert" | "update" | "delete" | "truncate") => Access::Write,
        Some("define") => Access::Define,
        _ => Access::Read,
    };
    words.map(access).max().unwrap_or(Access::Read)
}

/// Where no table is named.
fn of_class(record: &Value) -> Access {
    match string(record, &["class"]) {
        Some("read") => Access::Read,
        Some("write") => Access::Write,
        Some("ddl" | "privilege") => Access::Define,
        _ => Access::Other,
    }
}

/// Whether two ways of writing mean the same table, as far as they tell: one may leave its schema out.
fn is_same(one: &str, other: &str) -> bool {
    let ends = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    ends(one, other) || ends(other, one)
}

/// An address without its port.
fn host(address: &str) -> &str {
    match address.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            host.trim_start_matches('[').trim_end_matches(']')
        }
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    const AT: i64 = 1_790_000_000_000_000;
    const SESSION: &str = "01990a3b-5c7e-7d10-9f3e-5a6b7c8d9e0f";

    fn found(event: &str, exchange: u64, fields: Value) -> Found {
        let mut record = json!({
            "event": event, "ts": Timestamp(AT + i64::try_from(exchange).unwrap()).to_string(), "session": SESSION,
            "exchange": exchange, "fingerprint": "1-8ca5ea4f9ec4b1bc", "message_class": "ok",
            "principal": { "user": "app", "application": "checkout", "address": "192.0.2.17:52114" },
        });
        for (name, value) in fields.as_object().unwrap() {
            record[name] = value.clone();
        }
        Found { plane: "p".to_owned(), record }
    }

    fn update(exchange: u64) -> Value {
        json!({
            "class": "write", "text": "UPDATE orders SET state = ? FROM shop.items WHERE id = ?", "rows": exchange,
            "tables": ["orders", "shop.items"],
            "effects": { "verb": "update", "relations": [{ "name": "orders", "access": ["update"] }] },
        })
    }

    #[test]
    fn what_is_changed_is_told_from_what_is_only_read_beside_it() {
        let mut tally = Tally::new(None);
        tally.add(&found("statement.outcome", 7, update(7)));
        let of = |name: &str| tally.tables.by_name.get(name).unwrap().counts.clone();
        assert_eq!((of("orders").writes, of("orders").rows_changed, of("orders").reads), (1, 7, 0));
        assert_eq!((of("shop.items").writes, of("shop.items").reads, of("shop.items").rows_read), (0, 1, 0));
        assert_eq!((tally.all.writes, tally.all.rows_changed), (1, 7));
        let text = |groups: &Groups| groups.by_name.values().next().unwrap().text.clone();
        assert!(text(&tally.statements).unwrap().starts_with("UPDATE orders"));
        assert_eq!((text(&tally.users), text(&tally.tables)), (None, None), "a text is the statement's own");
        // The same record for whoever asks about the table that is only read.
        let mut items = Tally::new(Some("items".to_owned()));
        items.add(&found("statement.outcome", 7, update(7)));
        assert_eq!((items.all.reads, items.all.writes, items.all.rows_read), (1, 0, 0));
        assert_eq!(items.addresses.by_name.keys().collect::<Vec<_>>(), ["192.0.2.17"]);
    }

    #[test]
    fn a_beginning_without_its_end_is_counted_apart_and_one_with_it_is_not_counted_twice() {
        let mut tally = Tally::new(None);
        tally.add(&found("statement.outcome", 9, update(1)));
        tally.add(&found("statement.intent", 9, update(1)));
        tally.add(&found("statement.intent", 8, update(1)));
        assert_eq!((tally.all.statements, tally.unfinished, tally.records), (1, 1, 3));
    }

    #[test]
    fn what_did_not_run_is_an_attempt_and_nothing_else() {
        let mut tally = Tally::new(None);
        for (number, event) in ["statement.refused", "statement.held"].into_iter().enumerate() {
            tally.add(&found(event, number as u64, update(5)));
        }
        tally.add(&found(
            "statement.outcome",
            3,
            json!({ "class": "read", "message_class": "syntax_error" }),
        ));
        let all = tally.all.clone();
        assert_eq!((all.statements, all.refused, all.failed, all.writes, all.rows_changed), (1, 2, 1, 0, 0));
        assert_eq!((tally.refusals.len(), tally.without_table), (2, 1));
        assert_eq!(tally.hours.values().copied().collect::<Vec<_>>(), [(1, 2)]);
        assert_eq!((all.first, all.last), (Some(AT), Some(AT + 3)));
    }

    #[test]
    fn groups_are_bounded_and_the_rest_is_counted() {
        let mut tally = Tally::new(None);
        for number in 0..GROUPS_MAX as u64 + 3 {
            let principal = json!({ "principal": { "user": format!("user{number}") }, "class": "read" });
            tally.add(&found("statement.outcome", number, principal));
        }
        assert_eq!((tally.users.by_name.len(), tally.users.left_out), (GROUPS_MAX, 3));
        assert_eq!(tally.all.statements, GROUPS_MAX as u64 + 3);
    }

    #[test]
    fn a_name_may_leave_its_schema_out() {
        for (one, other, expected) in [
            ("orders", "orders", true),
            ("shop.orders", "orders", true),
            ("orders", "shop.orders", true),
            ("reorders", "orders", false),
            ("a.orders", "b.orders", false),
        ] {
            assert_eq!(is_same(one, other), expected, "{one} {other}");
        }
        for (address, expected) in
            [("192.0.2.1:5", "192.0.2.1"), ("[2001:db8::1]:5", "2001:db8::1"), ("unix", "unix"), ("", "")]
        {
            assert_eq!(host(address), expected);
        }
    }
}
