//! A data plane that a test makes up: it listens, reports and answers over HTTP with the token of data planes.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::harness::{Caller, Plane};
use admin::http::timestamp::Timestamp;
use serde_json::{Value, json};
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longest that anything takes that a test waits for.
const PATIENCE: Duration = Duration::from_secs(20);

/// The token that the harness gives to data planes.
pub const TOKEN: &str = "a-token-of-planes";

/// What a data plane saw and what it does.
#[derive(Debug, Default)]
pub struct Mind {
    /// Snapshots in the order they came.
    pub snapshots: Vec<Value>,
    /// What it says is wrong with the next ones.
    pub problems: Vec<String>,
    /// Its ledger, newest first.
    pub records: Vec<Value>,
    /// Questions it was asked.
    pub questions: Vec<Value>,
    /// Whether it answers with everything it has, whatever it is asked for.
    pub is_careless: bool,
    /// Its sessions, as `control::LiveSession`.
    pub sessions: Vec<Value>,
    /// What it answers when something is wanted of a session it has: `done`, unless it is set.
    pub reply: Option<Value>,
    /// How it checks its own ledger, as `control::LedgerSelfCheck`; asked to, it says that it will.
    pub self_check: Option<Value>,
    /// How the copies of its ledger are, as `control::LedgerCopyStatus`.
    pub copies: Option<Value>,
    /// Reports it sent.
    pub reports: u64,
    /// What it tells of itself beside its listeners, as fields of `control::PlaneState`.
    pub told: serde_json::Map<String, Value>,
    /// What it answers when it is to be restarted: that it begins, with a later process from then on, unless it is set.
    pub restart: Option<Value>,
}

/// A data plane that runs until it is dropped.
pub struct DataPlane {
    /// Its id.
    pub id: String,
    /// It.
    pub mind: Arc<Mutex<Mind>>,
    caller: Caller,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for DataPlane {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A listener as a data plane tells of it.
pub fn listener(name: &str, workspace: &str, managed: bool) -> Value {
    json!({
        "name": name, "protocol": "postgres", "workspace": workspace, "environment": "production",
        "listen": "127.0.0.1:6432", "upstream": ["127.0.0.1:5432"], "mode": "observe", "floor_mode": "observe",
        "floor_policies": ["read-only"], "default": "allow", "managed": managed, "upstream_up": true, "sessions": 3,
    })
}

/// Waits until `look` gives something.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "in {PATIENCE:?} not: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl DataPlane {
    /// Starts one, and waits until the control plane knows its listeners.
    pub async fn start(plane: &Plane, root: &Caller, id: &str, listeners: Vec<Value>) -> DataPlane {
        DataPlane::start_telling(plane, root, id, listeners, json!({})).await
    }

    /// The same of one that tells more of itself.
    pub async fn start_telling(
        plane: &Plane,
        root: &Caller,
        id: &str,
        listeners: Vec<Value>,
        told: Value,
    ) -> DataPlane {
        let mut caller = plane.nobody();
        caller.token = Some(TOKEN.to_owned());
        let told = told.as_object().unwrap().clone();
        let mind = Arc::new(Mutex::new(Mind { told, ..Mind::default() }));
        let state = json!({
            "plane": id, "name": format!("host-{id}"), "version": "0.1.0", "started_at_us": 1_790_000_000_000_000_i64,
            "listeners": listeners,
        });
        let task = tokio::spawn(run(caller.clone(), id.to_owned(), state, Arc::clone(&mind)));
        let data_plane = DataPlane { id: id.to_owned(), mind, caller, task };
        until("the plane is known", || async {
            let planes = root.get("/api/v1/planes").await.expect(200);
            let items = planes["items"].as_array().unwrap().clone();
            items
                .iter()
                .any(|one| one["id"] == id && one["is_listening"] == true && one["version"] == "0.1.0")
                .then_some(())
        })
        .await;
        data_plane
    }

    /// Sends a report with these fields.
    pub async fn report(&self, fields: Value) {
        report(&self.caller, &self.id, &self.mind, fields).await;
    }

    /// The latest snapshot, when it is at least of `version`.
    pub fn snapshot(&self, version: u64) -> Option<Value> {
        let mind = self.mind.lock().unwrap();
        mind.snapshots.last().filter(|one| one["version"].as_u64() >= Some(version)).cloned()
    }

    /// The listener `name` of the first snapshot that satisfies `is_it`.
    pub async fn published(&self, name: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let found = || {
            let mind = self.mind.lock().unwrap();
            let last = mind.snapshots.last()?;
            last["listeners"].as_array()?.iter().find(|one| one["name"] == name && is_it(one)).cloned()
        };
        until("the snapshot comes", || async { found() }).await
    }
}

async fn report(caller: &Caller, id: &str, mind: &Mutex<Mind>, fields: Value) {
    let number = {
        let mut mind = mind.lock().unwrap();
        mind.reports += 1;
        mind.reports
    };
    let mut report = json!({
        "plane": id, "start": "the first", "number": number, "statements": [], "minutes": [], "session_starts": [],
        "session_ends": [], "refusals": [], "events": [], "untold": 0, "acknowledgement": null,
    });
    for (key, value) in fields.as_object().unwrap() {
        report[key] = value.clone();
    }
    caller.post("/api/v1/link/report", report).await.expect(204);
}

async fn run(caller: Caller, id: String, state: Value, mind: Arc<Mutex<Mind>>) {
    let mut snapshot = 0;
    loop {
        let mut state = state.clone();
        state.as_object_mut().unwrap().extend(mind.lock().unwrap().told.clone());
        let listening = json!({ "version": control::VERSION, "state": state, "snapshot": snapshot });
        let answer = caller.post("/api/v1/link/listen", listening).await;
        if answer.status != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        }
        let directions = answer.json();
        if let Some(version) = directions["snapshot"]["version"].as_u64() {
            snapshot = version;
            let problems = {
                let mut mind = mind.lock().unwrap();
                mind.snapshots.push(directions["snapshot"].clone());
                mind.problems.clone()
            };
            let acknowledgement = json!({ "version": version, "problems": problems });
            report(&caller, &id, &mind, json!({ "acknowledgement": acknowledgement })).await;
        }
        for question in directions["questions"].as_array().into_iter().flatten() {
            let found = answer_to(&mut mind.lock().unwrap(), &question["body"]);
            let answer =
                json!({ "plane": id, "answer": { "number": question["number"], "result": { "Ok": found } } });
            caller.post("/api/v1/link/answer", answer).await.expect(204);
        }
    }
}

fn answer_to(mind: &mut Mind, query: &Value) -> Value {
    mind.questions.push(query.clone());
    match query["kind"].as_str().unwrap() {
        "ledger" => json!({ "ledger": records(mind, query) }),
        "sessions" => json!({ "sessions": sessions(mind, query) }),
        "watch" => json!("watched"),
        "session" => json!({ "session": reply(mind, query) }),
        "ledger_status" => {
            let mut told = status(query);
            if let Some(check) = &mind.self_check {
                told["self_check"] = check.clone();
            }
            if let Some(copies) = &mind.copies {
                told["copies"] = copies.clone();
            }
            json!({ "ledger_status": told })
        }
        "verify_ledger" => {
            mind.self_check.get_or_insert_with(|| json!({ "is_waiting": true }));
            json!({ "verify_ledger": mind.self_check })
        }
        "stop_verifying" => {
            mind.self_check = Some(json!({}));
            json!({ "verify_ledger": mind.self_check })
        }
        "drain" => {
            let state = json!({
                "phase": "accepting", "since_us": 1_790_000_000_000_000_i64, "sessions": 3,
                "accepts_until_us": 1_790_000_000_000_000_i64 + query["accept_seconds"].as_i64().unwrap() * 1_000_000,
                "end_idle_after_seconds": query["end_idle_after_seconds"],
            });
            mind.told.insert("drain".to_owned(), state.clone());
            json!({ "drain": state })
        }
        "undrain" => {
            mind.told.remove("drain");
            json!({ "drain": null })
        }
        "restart" => json!({ "restart": restarted(mind, query) }),
        other => panic!("asked about `{other}`"),
    }
}

fn restarted(mind: &mut Mind, query: &Value) -> Value {
    if let Some(reply) = &mind.restart {
        return reply.clone();
    }
    mind.told.insert("started_at_us".to_owned(), json!(query["started_at_us"].as_i64().unwrap() + 1));
    mind.told.insert("version".to_owned(), json!("0.1.1"));
    json!("begun")
}

fn is_asked_for(mind: &Mind, session: &Value, query: &Value) -> bool {
    let named = query["listeners"].as_array().unwrap().contains(&session["listener"]);
    mind.is_careless || (named && session["workspace"] == query["workspace"])
}

fn sessions(mind: &Mind, query: &Value) -> Value {
    let own: Vec<&Value> = mind.sessions.iter().filter(|one| is_asked_for(mind, one, query)).collect();
    let limit = usize::try_from(query["limit"].as_u64().unwrap()).unwrap();
    json!({ "sessions": own.iter().take(limit).collect::<Vec<_>>(), "total": own.len() })
}

fn reply(mind: &Mind, query: &Value) -> Value {
    let is_it = |one: &&Value| one["session"] == query["session"] && is_asked_for(mind, one, query);
    let Some(found) = mind.sessions.iter().find(is_it) else { return json!("not_here") };
    let told = json!({
        "listener": found["listener"], "user": found["user"], "database": found["database"],
        "application": found["application"], "statement": found["current"],
    });
    match &mind.reply {
        None => json!({ "done": told }),
        Some(Value::String(word)) => json!({ word: told }),
        Some(why) => json!({ "cannot": [told, why["cannot"]] }),
    }
}

/// A ledger that was begun at its first line, and has a newest record of every listener.
fn status(query: &Value) -> Value {
    let names = query["listeners"].as_array().unwrap().iter();
    json!({
        "failing": false, "started_at_us": 1_790_000_000_000_000_i64, "sync": "group", "records": 7, "bytes": 700,
        "records_lost": 2, "gaps": 1, "failures": 1, "queue_bytes": 0, "segments": 3, "segments_unsearched": 1,
        "segment_bytes": 9_000, "oldest_us": 1_780_000_000_000_000_i64, "newest_us": 1_790_000_000_500_000_i64,
        "listeners": names.map(|name| json!({ "listener": name, "newest_us": null })).collect::<Vec<_>>(),
        "checks": [{ "what": "last_line_at_start", "at_us": 1_790_000_000_000_000_i64, "result": "differs",
            "remarks": ["the last line of 00000002.jsonl does not have the hash it states"] }],
    })
}

/// A session that runs something and is kept waiting by `blocking`.
pub fn session(number: u64, workspace: &str, listener: &str, blocking: Value) -> Value {
    json!({
        "session": format!("019a9d2b-0000-7000-8000-{number:012}"), "workspace": workspace, "listener": listener,
        "protocol": "postgres", "environment": "production", "user": "app", "database": "shop",
        "application": "checkout", "address": "192.0.2.1:5000", "tls": "", "started_at_us": 1_790_000_000_000_000_i64,
        "state": "active", "state_since_us": 1_790_000_000_000_000_i64, "transaction_since_us": null, "statements": 3,
        "bytes_in": 10, "bytes_out": 20, "server_process": 4_000 + number, "waits_at_gate": false,
        "current": { "fingerprint": "1-00", "text": "UPDATE t SET a = ?", "is_text_cut": false, "class": "write",
            "kind": "run", "started_at_us": 1_790_000_000_000_000_i64 + i64::try_from(number).unwrap(),
            "verdict": "allow", "rule": null },
        "wait": { "kind": "Lock", "event": "transactionid" }, "blocking": blocking,
    })
}

/// Records as a ledger gives them: newest first, by listener and time, in pages.
fn records(mind: &Mind, query: &Value) -> Value {
    let at = |record: &Value| record["ts"].as_str().unwrap().parse::<Timestamp>().unwrap().0;
    let named = |record: &&Value| {
        mind.is_careless
            || query["listeners"].as_array().unwrap().contains(&record["listener"])
            || (record["listener"].is_null() && query["gateway"] == true)
    };
    let within = |record: &&Value| {
        query["until_us"].as_i64().is_none_or(|until| at(record) < until)
            && query["from_us"].as_i64().is_none_or(|from| at(record) >= from)
    };
    let skipped = query["cursor"].as_str().map_or(0, |cursor| cursor.parse().unwrap());
    let all: Vec<Value> = mind.records.iter().filter(named).filter(within).skip(skipped).cloned().collect();
    let limit = usize::try_from(query["limit"].as_u64().unwrap()).unwrap();
    let cursor = (all.len() > limit).then(|| (skipped + limit).to_string());
    let read = all.len();
    json!({
        "records": all.into_iter().take(limit).collect::<Vec<_>>(), "cursor": cursor, "searched_until_us": null,
        "records_read": read,
    })
}

/// A record of a statement.
pub fn record(number: u64, at_us: i64, workspace: &str, listener: &str) -> Value {
    let id = (u128::try_from(at_us / 1_000).unwrap() << 80) | (7 << 76) | (2 << 62) | u128::from(number);
    let hex = format!("{id:032x}");
    let id = [&hex[0..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..32]].join("-");
    json!({
        "v": 1, "event": "statement.outcome", "id": id, "ts": Timestamp(at_us).to_string(), "workspace": workspace,
        "listener": listener, "text": format!("SELECT {number}"),
    })
}
