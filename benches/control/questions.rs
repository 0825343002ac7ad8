//! What do people ask, in which mixture, and what has to be in the answer?

use super::prepare::{Prepared, WORKSPACE};
use crate::ledger::questions::Question;
use crate::state::{self, Dice, TABLES};
use admin::http::timestamp::Timestamp;
use control::LedgerQuery;

const MINUTE_US: i64 = 60_000_000;
const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;
/// "A moment" is within so many minutes before now: figures are asked for that nobody asked for just before.
const MOMENTS: u64 = 10 * 60;

/// A kind of question, a row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name in tables.
    pub name: &'static str,
    /// What an answer has to hold.
    pub marks: &'static [&'static str],
    path: fn(&Asked<'_>, &mut Dice) -> String,
}

const ITEMS: &[&str] = &["\"items\":[{"];
const POINTS: &[&str] = &["\"points\":[{"];
/// A search that finds nothing is answered; one that a data plane did not answer is not.
const COMPLETE: &[&str] = &["\"items\":[", "\"incomplete\":[]"];

/// All of them, in the order they are asked in; every one as often as the others.
pub const KINDS: [Kind; 19] = [
    Kind {
        name: "top statements by time, the last hour",
        marks: ITEMS,
        path: |_, _| traffic("top", "measure=total_us"),
    },
    Kind {
        name: "top statements by p99, the last 24 h",
        marks: ITEMS,
        path: |asked, _| traffic("top", &format!("measure=p99&{}", asked.last(DAY))),
    },
    Kind {
        name: "top statements by time, 24 h until a moment",
        marks: ITEMS,
        path: |asked, dice| traffic("top", &format!("measure=total_us&{}", asked.until_a_moment(DAY, dice))),
    },
    Kind {
        name: "top statements by p95, 30 d until a moment",
        marks: ITEMS,
        path: |asked, dice| traffic("top", &format!("measure=p95&{}", asked.until_a_moment(30 * DAY, dice))),
    },
    Kind {
        name: "top applications by calls, 24 h until a moment",
        marks: ITEMS,
        path: |asked, dice| {
            let range = asked.until_a_moment(DAY, dice);
            traffic("top", &format!("group_by=application&measure=calls&{range}"))
        },
    },
    Kind {
        name: "top tables by time, 7 d until a moment",
        marks: ITEMS,
        path: |asked, dice| {
            let range = asked.until_a_moment(7 * DAY, dice);
            traffic("top", &format!("group_by=table&measure=total_us&{range}"))
        },
    },
    Kind { name: "series of the last hour", marks: POINTS, path: |_, _| traffic("series", "") },
    Kind {
        name: "series of 24 h until a moment",
        marks: POINTS,
        path: |asked, dice| traffic("series", &asked.until_a_moment(DAY, dice)),
    },
    Kind {
        name: "series of 30 d, an application",
        marks: POINTS,
        path: |asked, dice| {
            let application = format!("application{}", dice.below(state::CALLERS));
            traffic("series", &format!("application={application}&{}", asked.last(30 * DAY)))
        },
    },
    Kind {
        name: "statements by words",
        marks: ITEMS,
        path: |_, dice| in_workspace(&format!("fingerprints?words=sel%20table_{}%20tot", dice.below(300))),
    },
    Kind {
        name: "statements by table and class",
        marks: ITEMS,
        // Every fifth table is read.
        path: |_, dice| {
            let table = state::table(dice.below(TABLES / 5) * 5);
            in_workspace(&format!("fingerprints?class=read&table={table}"))
        },
    },
    Kind {
        name: "a statement in full, the last hour",
        marks: &["\"trend\":[{"],
        path: |_, dice| in_workspace(&format!("fingerprints/{}", state::name(dice.below(50)))),
    },
    Kind {
        name: "a statement in full, 24 h until a moment",
        marks: &["\"trend\":[{"],
        path: |asked, dice| {
            let fingerprint = state::name(dice.below(asked.fingerprints));
            in_workspace(&format!("fingerprints/{fingerprint}?{}", asked.until_a_moment(DAY, dice)))
        },
    },
    Kind {
        name: "sessions of a user",
        marks: ITEMS,
        path: |_, dice| in_workspace(&format!("sessions?user=user{}", dice.below(10))),
    },
    Kind {
        name: "refusals of a user",
        marks: ITEMS,
        path: |_, dice| in_workspace(&format!("refusals?user=user{}", dice.below(10))),
    },
    Kind {
        name: "ledger by conditions",
        marks: COMPLETE,
        path: |asked, dice| asked.ledger(dice, |question| !question.kind.is_text()),
    },
    Kind {
        name: "ledger by words",
        marks: COMPLETE,
        path: |asked, dice| asked.ledger(dice, |question| question.kind.is_text()),
    },
    Kind { name: "workspaces", marks: ITEMS, path: |_, _| "/api/v1/workspaces".to_owned() },
    Kind { name: "activity", marks: ITEMS, path: |_, _| in_workspace("activity") },
];

/// What questions are about.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    now_us: i64,
    fingerprints: u64,
    ledger: &'a [Question],
}

impl<'a> Asked<'a> {
    /// About what was prepared.
    pub fn of(prepared: &'a Prepared) -> Asked<'a> {
        Asked { now_us: prepared.now_us, fingerprints: prepared.fingerprints, ledger: &prepared.ledger }
    }

    /// The path of a question of a kind.
    pub fn path(&self, kind: Kind, dice: &mut Dice) -> String {
        (kind.path)(self, dice)
    }

    /// So many minutes until now, as somebody asks who has just opened a page.
    fn last(&self, minutes: i64) -> String {
        let from = admin_store::now_us() - minutes * MINUTE_US;
        format!("from={}", Timestamp(from))
    }

    /// So many minutes until a moment of the last hours.
    fn until_a_moment(&self, minutes: i64, dice: &mut Dice) -> String {
        let until = self.now_us - i64::try_from(dice.below(MOMENTS)).unwrap_or(0) * MINUTE_US;
        format!("from={}&until={}", Timestamp(until - minutes * MINUTE_US), Timestamp(until))
    }

    fn ledger(&self, dice: &mut Dice, is_wanted: fn(&Question) -> bool) -> String {
        loop {
            let number = usize::try_from(dice.below(self.ledger.len() as u64)).unwrap_or(0);
            if let Some(question) = self.ledger.get(number).filter(|question| is_wanted(question)) {
                return in_workspace(&format!("ledger?{}", conditions(&question.query)));
            }
        }
    }
}

fn in_workspace(rest: &str) -> String {
    format!("/api/v1/workspaces/{WORKSPACE}/{rest}")
}

fn traffic(endpoint: &str, query: &str) -> String {
    in_workspace(&format!("traffic/{endpoint}?{query}"))
}

/// A search as the API takes it. No value here needs another spelling in a URL.
fn conditions(query: &LedgerQuery) -> String {
    let moment = |at: Option<i64>| at.map(|at| Timestamp(at).to_string());
    let list = |names: &[String]| (!names.is_empty()).then(|| names.join(","));
    let said = [
        ("from", moment(query.from_us)),
        ("until", moment(query.until_us)),
        ("listeners", list(&query.listeners)),
        ("events", list(&query.events)),
        ("user", query.user.clone()),
        ("session", query.session.clone()),
        ("fingerprint", query.fingerprint.clone()),
        ("table", query.table.clone()),
        ("class", query.class.clone()),
        ("rule", query.rule.clone()),
        ("sqlstate", query.sqlstate.clone()),
        ("text", query.text.clone()),
        ("total_us_min", query.total_us_min.map(|least| least.to_string())),
        ("limit", Some(query.limit.to_string())),
    ];
    let said = said.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
    said.collect::<Vec<_>>().join("&")
}
