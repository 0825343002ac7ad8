//! What does a question ask of a record?
//!
//! Twice: by keys, which the indexes know and which may let too many through, and of the record itself,
//! which decides.

use super::cursor::Cursor;
use super::failure;
use crate::ledger::index::{Damaged, Field, Glance, PartView, Row, Rows, Texts, key};
use control::{LedgerQuery, QuestionFailure};
use memchr::memmem::Finder;
use serde_json::Value;

/// Most listeners, and most events, of one question: more than a workspace has.
const NAMES_MAX: usize = 10_000;
/// Most hashes of one question: those of a value over ten years, in several workspaces and forms.
const HASHES_MAX: usize = 100_000;
/// Longest text that is searched for; nobody types more.
const TEXT_BYTES_MAX: usize = 1_000;

/// Whose records may be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those of the listeners that the query names, and of the gateway itself where the query says so: what
    /// the control plane may ask for.
    Named,
    /// All there are: whoever asks can read the files.
    Everything,
}

/// A question that can be answered.
#[derive(Debug)]
pub(in crate::ledger) struct Question<'a> {
    query: &'a LedgerQuery,
    scope: Scope,
    /// Of each group a record has to have one key; those of a group are in order.
    groups: Vec<Vec<u64>>,
    /// The keyed hashes of which a record has to have one, in order.
    hashes: Vec<&'a str>,
    /// In lower case; each has to stand in a text.
    words: Vec<Finder<'static>>,
    /// Nothing that happened before is wanted.
    pub(super) oldest: i64,
    /// Nothing that happened after is wanted.
    pub(super) newest: i64,
    /// Only records older than this.
    pub(super) cursor: Cursor,
    /// Most records of the answer.
    pub(super) limit: usize,
    /// See [`Row::total`].
    total_min: u32,
}

impl<'a> Question<'a> {
    pub(in crate::ledger) fn of(
        query: &'a LedgerQuery,
        scope: Scope,
    ) -> Result<Question<'a>, QuestionFailure> {
        if query.limit == 0 {
            return Err(failure::bad_question("`limit` is `0`; ask for at least one record"));
        }
        if query.listeners.len().max(query.events.len()) > NAMES_MAX {
            let message =
                format!("`listeners` or `events` has more than {NAMES_MAX} names; ask for fewer at once");
            return Err(failure::bad_question(&message));
        }
        if query.hashes.len() > HASHES_MAX {
            let message = format!("`hashes` has more than {HASHES_MAX} values; ask for fewer days at once");
            return Err(failure::bad_question(&message));
        }
        let text = query.text.as_deref().unwrap_or_default();
        if text.len() > TEXT_BYTES_MAX {
            let message = format!("`text` is longer than {TEXT_BYTES_MAX} bytes; search for a part of it");
            return Err(failure::bad_question(&message));
        }
        let cursor = match &query.cursor {
            Some(text) => Cursor::read(text).ok_or_else(|| failure::bad_cursor(text))?,
            None => Cursor::NEWEST,
        };
        let until = query.until_us.map_or(i64::MAX, |until_us| until_us.saturating_sub(1));
        // Before the first moment there is none.
        let nothing = query.until_us == Some(i64::MIN);
        Ok(Question {
            query,
            scope,
            groups: groups(query, scope),
            hashes: in_order(query.hashes.iter().map(String::as_str)),
            words: text
                .split_whitespace()
                .map(|word| Finder::new(&word.to_ascii_lowercase()).into_owned())
                .collect(),
            oldest: if nothing { i64::MAX } else { query.from_us.unwrap_or(i64::MIN) },
            newest: until.min(cursor.newest()),
            cursor,
            limit: query.limit.min(LedgerQuery::RECORDS_MAX) as usize,
            total_min: query.total_us_min.map_or(0, |us| Row::total(Some(us))),
        })
    }

    /// Goes on behind a record that was found.
    pub(super) fn go_on_after(&mut self, cursor: Cursor) {
        self.cursor = cursor;
        self.newest = self.newest.min(cursor.newest());
    }

    /// Whether every record there is is wanted.
    pub(in crate::ledger) fn wants_everything(&self) -> bool {
        self.groups.is_empty()
            && self.words.is_empty()
            && self.query.total_us_min.is_none()
            && (self.oldest, self.newest) == (i64::MIN, i64::MAX)
    }

    /// Whether a line may be wanted, by what was seen of it.
    pub(in crate::ledger) fn may_want(&self, at_us: i64, glance: &Glance) -> bool {
        (self.oldest..=self.newest).contains(&at_us)
            && self
                .query
                .total_us_min
                .is_none_or(|least| glance.total_us().is_some_and(|total| total >= least))
            && self.groups.iter().all(|keys| glance.has_any(keys))
            && self.words.iter().all(|word| word.find(glance.texts()).is_some())
    }

    /// Whether something that happened in this span may be wanted.
    pub(in crate::ledger) fn spans(&self, (min, max): (i64, i64)) -> bool {
        min <= self.newest && max >= self.oldest && self.oldest <= self.newest
    }

    /// Whether rows with this total, or at most with this total, may be wanted.
    pub(super) fn takes_total(&self, total: u32) -> bool {
        total >= self.total_min
    }

    /// Whether a row may be wanted by what is known of it besides its keys.
    pub(super) fn takes(&self, row: &Row) -> bool {
        self.takes_total(row.total) && (self.oldest..=self.newest).contains(&row.ts)
    }

    /// The rows of a part that may be wanted by their keys; `None` when there are none.
    pub(super) fn rows(&self, part: &impl PartView) -> Result<Option<Rows>, Damaged> {
        let mut rows = Rows::first(part.row_count());
        for group in &self.groups {
            let mut any = Rows::none();
            part.add_rows(group, &mut any)?;
            rows.keep_only(&any);
            if rows.is_empty() {
                return Ok(None);
            }
        }
        if self.words.is_empty() {
            return Ok(Some(rows));
        }
        let Some(texts) = part.texts()? else { return Ok(Some(rows)) };
        for word in &self.words {
            let mut any = Rows::none();
            let having = Texts(&texts).filter(|text| word.find(text).is_some());
            let keys: Vec<u64> = having.map(|text| key(Field::Text, text)).collect();
            part.add_rows(&keys, &mut any)?;
            rows.keep_only(&any);
            if rows.is_empty() {
                return Ok(None);
            }
        }
        Ok(Some(rows))
    }

    /// Whether a record is wanted, apart from when it happened.
    pub(in crate::ledger) fn wants(&self, record: &Value) -> bool {
        let query = self.query;
        let has = |wanted: &Option<String>, path: &[&str]| {
            wanted.as_deref().is_none_or(|wanted| string(record, path) == Some(wanted))
        };
        let either =
            |wanted: &Option<String>, one: &[&str], other: &[&str]| has(wanted, one) || has(wanted, other);
        let place = match string(record, &["listener"]) {
            _ if self.scope == Scope::Everything => true,
            Some(listener) => query.listeners.iter().any(|name| name == listener),
            None => query.gateway,
        };
        place
            && (query.events.is_empty()
                || string(record, &["event"])
                    .is_some_and(|event| query.events.iter().any(|name| name == event)))
            && has(&query.user, &["principal", "user"])
            && has(&query.database, &["principal", "database"])
            && has(&query.application, &["principal", "application"])
            && has(&query.session, &["session"])
            && either(&query.fingerprint, &["fingerprint"], &["source", "fingerprint"])
            && has(&query.class, &["class"])
            && has(&query.verdict, &["verdict"])
            && either(&query.rule, &["rule"], &["would", "rule"])
            && has(&query.sqlstate, &["sqlstate"])
            && (self.hashes.is_empty() || self.has_hash(record))
            && query.table.as_deref().is_none_or(|wanted| names_table(record, wanted))
            && query.total_us_min.is_none_or(|least| {
                let total = record.get("timing_us").and_then(|timing| timing.get("total"));
                total.and_then(Value::as_u64).is_some_and(|total| total >= least)
            })
            && self.has_words(record)
    }

    fn has_hash(&self, record: &Value) -> bool {
        let hashes = record.get("hashes").and_then(Value::as_array).into_iter().flatten();
        hashes.filter_map(Value::as_str).any(|hash| self.hashes.binary_search(&hash).is_ok())
    }

    fn has_words(&self, record: &Value) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let lower = |path: &[&str]| string(record, path).map(str::to_ascii_lowercase).unwrap_or_default();
        let texts = [lower(&["text"]), lower(&["source", "text"])];
        self.words.iter().all(|word| texts.iter().any(|text| word.find(text.as_bytes()).is_some()))
    }
}

/// What is asked for by keys; what leaves fewest records comes first.
fn groups(query: &LedgerQuery, scope: Scope) -> Vec<Vec<u64>> {
    let single = [
        (Field::Session, &query.session),
        (Field::Sqlstate, &query.sqlstate),
        (Field::Rule, &query.rule),
        (Field::Fingerprint, &query.fingerprint),
        (Field::Table, &query.table),
        (Field::User, &query.user),
        (Field::Application, &query.application),
        (Field::Database, &query.database),
        (Field::Class, &query.class),
        (Field::Verdict, &query.verdict),
    ];
    let wanted =
        single.iter().filter_map(|(field, wanted)| Some(vec![key(*field, wanted.as_ref()?.as_bytes())]));
    let mut groups: Vec<Vec<u64>> = wanted.collect();
    let keys = |field, names: &[String]| -> Vec<u64> {
        names.iter().map(|name| key(field, name.as_bytes())).collect()
    };
    if !query.hashes.is_empty() {
        groups.insert(0, keys(Field::Parameter, &query.hashes));
    }
    if !query.events.is_empty() {
        groups.push(keys(Field::Event, &query.events));
    }
    if scope == Scope::Named {
        let mut places = keys(Field::Listener, &query.listeners);
        places.extend(query.gateway.then(|| key(Field::Gateway, b"")));
        groups.push(places);
    }
    groups.into_iter().map(in_order).collect()
}

fn in_order<T: Ord>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort_unstable();
    values
}

fn string<'a>(record: &'a Value, path: &[&str]) -> Option<&'a str> {
    path.iter().try_fold(record, |value, name| value.get(name))?.as_str()
}

/// Whether a statement names a table: as it is written, or what stands behind one of its dots.
fn names_table(record: &Value, wanted: &str) -> bool {
    let owners = [Some(record), record.get("source")].into_iter().flatten();
    let tables = owners.filter_map(|owner| owner.get("tables").and_then(Value::as_array)).flatten();
    tables.filter_map(Value::as_str).any(|table| {
        table.strip_suffix(wanted).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    })
}
