//! What is asked of the ledger?

use super::records::{self, FROM_US, LISTENERS, Random, SPAN_US, SQLSTATES, Written};
use control::LedgerQuery;
use serde_json::Value;

/// Microseconds of an hour.
const HOUR_US: u64 = 3_600_000_000;

/// A kind of question, a row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Newest,
    Older,
    Hour,
    User,
    Fingerprint,
    Session,
    Table,
    Refused,
    Sqlstate,
    Slow,
    TableInHour,
    Never,
    Word,
    RareWord,
    NoWord,
}

impl Kind {
    pub const ALL: [Kind; 15] = [
        Kind::Newest,
        Kind::Older,
        Kind::Hour,
        Kind::User,
        Kind::Fingerprint,
        Kind::Session,
        Kind::Table,
        Kind::Refused,
        Kind::Sqlstate,
        Kind::Slow,
        Kind::TableInHour,
        Kind::Never,
        Kind::Word,
        Kind::RareWord,
        Kind::NoWord,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Newest => "the newest, of two listeners",
            Kind::Older => "everything before a moment",
            Kind::Hour => "an hour of one listener",
            Kind::User => "one user",
            Kind::Fingerprint => "one fingerprint",
            Kind::Session => "one session",
            Kind::Table => "one table",
            Kind::Refused => "refusals",
            Kind::Sqlstate => "one SQLSTATE",
            Kind::Slow => "over 5 s",
            Kind::TableInHour => "writes to a table, a user, a day",
            Kind::Never => "a user and a rule that never meet",
            Kind::Word => "text: a frequent word",
            Kind::RareWord => "text: a word of one statement",
            Kind::NoWord => "text: a word that is nowhere",
        }
    }

    pub fn is_text(self) -> bool {
        matches!(self, Kind::Word | Kind::RareWord | Kind::NoWord)
    }
}

/// A question of a run.
pub struct Question {
    pub kind: Kind,
    pub query: LedgerQuery,
}

/// Everything of all listeners and of the gateway.
pub fn everything(limit: u32) -> LedgerQuery {
    let listeners = LISTENERS.iter().map(|name| (*name).to_owned()).collect();
    LedgerQuery { listeners, gateway: true, limit, ..LedgerQuery::default() }
}

/// Questions of all kinds in turn, always the same.
pub fn mix(written: &Written, count: usize, limit: u32) -> Vec<Question> {
    let mut random = Random(7);
    let kinds = Kind::ALL.iter().cycle().take(count);
    kinds.map(|kind| Question { kind: *kind, query: query(*kind, written, limit, &mut random) }).collect()
}

fn query(kind: Kind, written: &Written, limit: u32, random: &mut Random) -> LedgerQuery {
    let all = everything(limit);
    let moment = (FROM_US + random.below(SPAN_US)) as i64;
    let hour_us = HOUR_US as i64;
    let user = Some(records::user_name(random.skewed(records::USERS)));
    let table = records::table_name(random.below(records::TABLES));
    let text = |text: String| LedgerQuery { text: Some(text), ..everything(limit) };
    match kind {
        Kind::Newest => {
            LedgerQuery { listeners: vec!["shop".to_owned(), "crm".to_owned()], gateway: false, ..all }
        }
        Kind::Older => LedgerQuery { until_us: Some(moment), ..all },
        Kind::Hour => LedgerQuery {
            listeners: vec![LISTENERS[random.below(6) as usize].to_owned()],
            from_us: Some(moment),
            until_us: Some(moment + hour_us),
            ..all
        },
        Kind::User => LedgerQuery { user, ..all },
        Kind::Fingerprint => {
            let fingerprint = records::fingerprint(random.below(records::STATEMENTS));
            LedgerQuery { fingerprint: Some(fingerprint.to_string()), ..all }
        }
        Kind::Session => {
            let number = random.below(written.sessions.len().max(1) as u64) as usize;
            LedgerQuery { session: written.sessions.get(number).map(ToString::to_string), ..all }
        }
        Kind::Table => LedgerQuery { table: Some(table), ..all },
        Kind::Refused => LedgerQuery {
            events: vec!["statement.refused".to_owned()],
            user: user.filter(|_| moment % 2 == 0),
            ..all
        },
        Kind::Sqlstate => {
            LedgerQuery { sqlstate: Some(SQLSTATES[random.below(6) as usize].to_owned()), ..all }
        }
        Kind::Slow => LedgerQuery { total_us_min: Some(5_000_000), ..all },
        Kind::TableInHour => LedgerQuery {
            table: Some(format!("app.{table}")),
            class: Some("write".to_owned()),
            user,
            from_us: Some(moment),
            until_us: Some(moment + 24 * hour_us),
            ..all
        },
        Kind::Never => LedgerQuery { user, rule: Some("shop/nobody".to_owned()), ..all },
        Kind::Word => text("where".to_owned()),
        Kind::RareWord => text(format!("Column_{}", random.below(records::STATEMENTS / 8) * 8)),
        Kind::NoWord => text(format!("nowhere_{}", random.below(1_000_000))),
    }
}

impl Question {
    /// Whether a record may be in the answer, by the conditions that the mix has.
    pub fn is_answer(&self, record: &Value) -> bool {
        let query = &self.query;
        let is =
            |wanted: &Option<String>, value: &Value| wanted.is_none() || wanted.as_deref() == value.as_str();
        let names = |table: &String| {
            let tables = record["tables"].as_array().into_iter().flatten().filter_map(Value::as_str);
            tables.into_iter().any(|name| name == table || name.ends_with(&format!(".{table}")))
        };
        let text = record["text"].as_str().unwrap_or("").to_lowercase();
        (record["listener"]
            .as_str()
            .is_none_or(|name| query.listeners.iter().any(|listener| listener == name)))
            && is(&query.user, &record["principal"]["user"])
            && is(&query.fingerprint, &record["fingerprint"])
            && is(&query.session, &record["session"])
            && is(&query.sqlstate, &record["sqlstate"])
            && is(&query.class, &record["class"])
            && is(&query.rule, &record["rule"])
            && (query.events.is_empty() || query.events.iter().any(|event| record["event"] == **event))
            && query.table.as_ref().is_none_or(names)
            && query.text.as_ref().is_none_or(|word| text.contains(&word.to_lowercase()))
            && query.total_us_min.is_none_or(|least| record["timing_us"]["total"].as_u64() >= Some(least))
    }
}
