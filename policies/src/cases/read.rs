//! Which rule sets and cases stand in a Markdown file?

use super::{ENVIRONMENTS, Setting};
use crate::diagnostic::{Complaints, Diagnostic, Place};
use crate::schedule::{DAYS, minute};
use exchange::{
    Address, Certificate, Environment, Kind, Principal, Protocol, Session, SessionId, TlsFacts,
    TransactionState,
};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// What a fenced block holds.
pub(super) enum Block {
    /// A rule set. Its text begins with as many empty lines as stand before it in the file, so that
    /// mistakes show their line there.
    Rules { name: String, text: String },
    /// Somebody's statements.
    Case { setting: Box<Setting>, lines: Vec<Line> },
}

/// A statement and what is expected of it.
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) statement: String,
    pub(super) expected: Expected,
}

/// `refuse production/every-row reason=not_permitted`.
pub(super) struct Expected {
    pub(super) text: String,
    pub(super) verdict: &'static str,
    pub(super) rule: Option<String>,
    pub(super) more: Vec<(String, String)>,
}

const VERDICTS: [&str; 4] = ["allow", "refuse", "hold", "unjudged"];

const MORE: [&str; 9] = ["rows", "bytes", "seconds", "rate", "noted", "record", "would", "reason", "session"];

const HEADS: [&str; 17] = [
    "policies",
    "user",
    "role",
    "database",
    "application",
    "address",
    "tls",
    "certificate",
    "listener",
    "environment",
    "protocol",
    "mode",
    "default",
    "path",
    "kind",
    "transaction",
    "time",
];

/// Monday, 1970-01-05 00:00 UTC.
const MONDAY_US: u64 = 4 * 24 * 60 * MINUTE_US;

const MINUTE_US: u64 = 60_000_000;

/// The blocks of a file in order, and what is wrong with them.
pub(super) fn blocks(path: &str, text: &str) -> (Vec<Block>, Vec<Diagnostic>) {
    let mut complaints = Complaints { file: path, found: Vec::new() };
    let mut blocks = Vec::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((start, line)) = lines.next() {
        let kind = line.trim_start_matches('`');
        let Some(fence) = line.get(..line.len() - kind.len()).filter(|fence| fence.len() >= 3) else {
            continue;
        };
        // What is fenced with more marks shows such blocks, and ends where as many stand again.
        let inside: Vec<(usize, &str)> =
            lines.by_ref().take_while(|(_, line)| !line.starts_with(fence)).collect();
        let mut words = kind.split_whitespace();
        match (words.next(), words.next()) {
            (Some("toml"), Some(name)) if fence.len() == 3 => {
                let body: Vec<&str> = inside.iter().map(|(_, line)| *line).collect();
                let text = format!("{}{}\n", "\n".repeat(start), body.join("\n"));
                blocks.push(Block::Rules { name: name.to_owned(), text });
            }
            (Some("case"), None) if fence.len() == 3 => blocks.push(case(&inside, &mut complaints)),
            (Some("case"), Some(_)) if fence.len() == 3 => {
                complaints.tell(
                    Place { line: start, column: 1 },
                    "a block of cases has no name",
                    "write ```case",
                );
            }
            _ => {}
        }
    }
    (blocks, complaints.found)
}

fn case(inside: &[(usize, &str)], complaints: &mut Complaints<'_>) -> Block {
    let mut setting = Setting::default();
    let mut lines: Vec<Line> = Vec::new();
    let mut in_head = true;
    for (number, line) in inside {
        let place = Place { line: *number, column: 1 };
        if line.trim().is_empty() {
            in_head = false;
        } else if in_head {
            head(&mut setting, line, place, complaints);
        } else if let Some((statement, expected)) = line.rsplit_once(" => ") {
            let Some(expected) = expectation(expected.trim(), place, complaints) else { continue };
            lines.push(Line { number: *number, statement: statement.trim().to_owned(), expected });
        } else {
            let hint = "write `STATEMENT => VERDICT RULE`, such as `DELETE FROM orders => refuse production/every-row`";
            complaints.tell(place, "this line does not say what is expected", hint);
        }
    }
    Block::Case { setting: Box::new(setting), lines }
}

fn expectation(text: &str, place: Place, complaints: &mut Complaints<'_>) -> Option<Expected> {
    let mut words = text.split_whitespace();
    let word = words.next().unwrap_or_default();
    let Some(verdict) = VERDICTS.into_iter().find(|one| *one == word) else {
        complaints.tell_unknown(place, "verdict", word, &VERDICTS);
        return None;
    };
    let mut expected = Expected { text: text.to_owned(), verdict, rule: None, more: Vec::new() };
    for word in words {
        match word.split_once('=') {
            None if expected.rule.is_none() => expected.rule = Some(word.to_owned()),
            Some((key, value)) if MORE.contains(&key) => {
                expected.more.push((key.to_owned(), value.to_owned()))
            }
            _ => complaints.tell_unknown(place, "part of an expectation", word, &MORE),
        }
    }
    Some(expected)
}

/// Takes in `key: value`.
fn head(setting: &mut Setting, line: &str, place: Place, complaints: &mut Complaints<'_>) {
    let Some((key, value)) = line.split_once(':').map(|(key, value)| (key.trim(), value.trim())) else {
        complaints.tell(
            place,
            "this line says nothing of who asks",
            "write `key: value`, then an empty line, then statements",
        );
        return;
    };
    let known = match take(setting, key, value) {
        Taken::Done => return,
        Taken::UnknownKey => HEADS.as_slice(),
        Taken::UnknownValue(known) => known,
    };
    match known {
        [] => complaints.tell(place, format!("`{value}` is no {key}"), ""),
        known if known == HEADS => complaints.tell_unknown(place, "key of a case", key, known),
        known => complaints.tell_unknown(place, key, value, known),
    }
}

enum Taken {
    Done,
    UnknownKey,
    /// None of these; none named where the words are too many.
    UnknownValue(&'static [&'static str]),
}

fn take(setting: &mut Setting, key: &str, value: &str) -> Taken {
    let names = || -> Vec<String> {
        value.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
    };
    let principal = &mut setting.session.principal;
    match key {
        "policies" => setting.policies = names(),
        "user" => {
            principal.user = value.into();
            setting.role = Some(value.to_owned());
        }
        "role" => setting.role = (value != "unknown").then(|| value.to_owned()),
        "database" => principal.database = value.into(),
        "application" => principal.application = value.into(),
        "address" if value == "unix" => principal.address = Address::Unix,
        "address" => match value.parse::<IpAddr>() {
            Ok(address) => principal.address = Address::Tcp(SocketAddr::new(address, 40_000)),
            Err(_) => return Taken::UnknownValue(&[]),
        },
        "tls" => match value {
            "none" => principal.tls = None,
            "TLSv1.2" => encrypted(principal).version = "TLSv1.2",
            "TLSv1.3" => encrypted(principal).version = "TLSv1.3",
            _ => return Taken::UnknownValue(&["none", "TLSv1.2", "TLSv1.3"]),
        },
        "certificate" => {
            let names = names().into_iter().map(String::into_boxed_str).collect();
            encrypted(principal).certificate = Some(Arc::new(Certificate { names, fingerprint: [0; 32] }));
        }
        "listener" => setting.session.listener = value.into(),
        "environment" => match ENVIRONMENTS.into_iter().find(|one| one.as_str() == value) {
            Some(environment) => setting.session.environment = environment,
            None => return Taken::UnknownValue(&["development", "staging", "production"]),
        },
        "protocol" => match value {
            "postgres" => setting.session.protocol = Protocol::Postgres,
            "mysql" => setting.session.protocol = Protocol::Mysql,
            _ => return Taken::UnknownValue(&["postgres", "mysql"]),
        },
        _ => return take_circumstance(setting, key, value),
    }
    Taken::Done
}

/// The client's TLS, which there is now.
fn encrypted(principal: &mut Principal) -> &mut TlsFacts {
    principal.tls.get_or_insert(TlsFacts { version: "TLSv1.3", certificate: None })
}

fn take_circumstance(setting: &mut Setting, key: &str, value: &str) -> Taken {
    match (key, value) {
        ("mode", "enforce" | "observe") => setting.enforces = value == "enforce",
        ("mode", _) => return Taken::UnknownValue(&["enforce", "observe"]),
        ("default", "allow" | "refuse") => setting.default_allows = value == "allow",
        ("default", _) => return Taken::UnknownValue(&["allow", "refuse"]),
        ("path", "default" | "changed") => setting.path_known = value == "default",
        ("path", _) => return Taken::UnknownValue(&["default", "changed"]),
        ("kind", "run") => setting.kind = Kind::Run,
        ("kind", "prepare") => setting.kind = Kind::Prepare,
        ("kind", "execute") => setting.kind = Kind::Execute,
        ("kind", "function") => setting.kind = Kind::Function,
        ("kind", _) => return Taken::UnknownValue(&["run", "prepare", "execute", "function"]),
        ("transaction", "idle") => setting.transaction = TransactionState::Idle,
        ("transaction", "open") => setting.transaction = TransactionState::Open,
        ("transaction", "failed") => setting.transaction = TransactionState::Failed,
        ("transaction", _) => return Taken::UnknownValue(&["idle", "open", "failed"]),
        ("time", _) => match time(value) {
            Some(now_us) => setting.now_us = now_us,
            None => return Taken::UnknownValue(&[]),
        },
        _ => return Taken::UnknownKey,
    }
    Taken::Done
}

/// `mon 08:30`, in UTC.
fn time(text: &str) -> Option<u64> {
    let (day, clock) = text.split_once(' ')?;
    let day = DAYS.iter().position(|one| *one == day)? as u64;
    Some(MONDAY_US + (day * 24 * 60 + u64::from(minute(clock)?)) * MINUTE_US)
}

impl Default for Setting {
    /// Somebody called `app` in front of a listener that enforces, on a Monday at noon.
    fn default() -> Setting {
        let principal = Principal {
            user: "app".into(),
            database: "shop".into(),
            application: "".into(),
            address: Address::Unix,
            tls: None,
        };
        let session = Session {
            id: SessionId(0),
            listener: "shop".into(),
            workspace: "default".into(),
            environment: Environment::Production,
            protocol: Protocol::Postgres,
            principal,
        };
        Setting {
            policies: Vec::new(),
            enforces: true,
            default_allows: true,
            session,
            role: Some("app".to_owned()),
            path_known: true,
            kind: Kind::Run,
            transaction: TransactionState::Idle,
            now_us: MONDAY_US + 12 * 60 * MINUTE_US,
        }
    }
}
