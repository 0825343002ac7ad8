//! What is in a workspace where everything has happened once? Its people, a data plane with traffic, and
//! some of everything that can be made.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::harness::{Caller, PASSWORD, Plane};
use admin::http::rates::{Bound, Bounds};
use admin::settings::Settings;
use admin_store::Backend;
use control::{
    Answer, AnswerBody, Blocking, CertificateState, DrainPhase, DrainState, ErrorCount, GatewayEvent,
    LedgerCheck, LedgerCheckProgress, LedgerCheckResult, LedgerCheckpoint, LedgerCopyStatus, LedgerPage,
    LedgerRemoval, LedgerRetention, LedgerSelfCheck, LedgerStatus, LedgerVerdict, ListenerRecords,
    ListenerState, Listening, LiveSession, LiveSessions, LiveState, LiveStatement, Minute, PlaneState,
    QuestionBody, Refusal, Replacement, Report, RestartReply, SessionEnd, SessionReply, SessionStart,
    SessionTold, StatementCount, StatementText, Sums,
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// The workspace everything is in: the one that listeners may belong to.
pub const WORKSPACE: &str = "default";
/// The listener of the data plane.
pub const LISTENER: &str = "shop";

/// A control plane with content.
pub struct Filled {
    /// It.
    pub plane: Plane,
    /// Admin of the instance and owner of the workspace, with a session.
    pub root: Caller,
    /// The same person, by a token with all scopes.
    pub token: Caller,
    /// Ids of people on whom nothing depends.
    pub bystanders: Vec<String>,
    /// Ids of members who stay.
    pub members: Vec<String>,
    data_plane: JoinHandle<()>,
}

impl Filled {
    /// Starts it with all of it, and takes any number of requests.
    pub async fn start(backend: Backend) -> Filled {
        let any = Bound::new(1_000_000, 1_000_000);
        let change = |settings: &mut Settings| settings.rates = Bounds { person: any, address: any };
        let plane = Plane::start_with(backend, change).await;
        let root = plane.set_up().await;
        let mut bystanders = Vec::new();
        for number in 0..5 {
            let person = plane.person(&format!("bystander{number}")).await;
            let session = person.get("/api/v1/session").await.expect(200);
            bystanders.push(session["person"]["id"].as_str().expect("an id").to_owned());
            plane.make_member(WORKSPACE, &format!("bystander{number}@example.com"), "viewer").await;
        }
        let members = bystanders.split_off(3);
        let token = token(&plane, &root).await;
        let data_plane = start_data_plane(&plane).await;
        make_database(&plane);
        make_things(&root, &bystanders).await;
        Filled { plane, root, token, bystanders, members, data_plane }
    }

    /// Ids of sessions nobody uses.
    pub async fn spare_sessions(&self) -> Vec<String> {
        for _ in 0..3 {
            self.plane.nobody().sign_in("root@example.com", PASSWORD).await;
        }
        let listed = self.root.get("/api/v1/sessions").await.expect(200);
        let items = listed["items"].as_array().expect("sessions").iter();
        let spare =
            items.filter(|session| session["is_current"] == false).filter_map(|one| one["id"].as_str());
        spare.map(ToOwned::to_owned).collect()
    }

    /// Ids of tokens nobody uses.
    pub async fn spare_tokens(&self) -> Vec<String> {
        let mut ids = Vec::new();
        for number in 0..3 {
            let draft = json!({ "name": format!("spare {number}"), "scopes": ["view"] });
            let made = self.root.post("/api/v1/tokens", draft).await.expect(201);
            ids.push(made["token"]["id"].as_str().expect("an id").to_owned());
        }
        ids
    }

    /// Stops everything.
    pub async fn stop(self) {
        self.data_plane.abort();
        self.plane.stop().await;
    }
}

/// A token of `person` with every scope there is.
pub async fn token(plane: &Plane, person: &Caller) -> Caller {
    let scopes: Vec<&str> =
        admin::access::Capability::ALL.iter().map(|scope| scope.as_str()).chain(["profile"]).collect();
    let draft = json!({ "name": "contract", "scopes": scopes });
    let made = person.post("/api/v1/tokens", draft).await.expect(201);
    let mut caller = plane.nobody();
    caller.token = Some(made["secret"].as_str().expect("a secret").to_owned());
    caller
}

/// A data plane of this test's own: tells of some traffic, and answers every question with one record.
async fn start_data_plane(plane: &Plane) -> JoinHandle<()> {
    let carrier = plane.plane.carrier();
    let state = data_plane();
    let listening = Listening { version: control::VERSION, state: state.clone(), snapshot: 0 };
    let (told, first) = tokio::sync::oneshot::channel();
    let task = {
        let carrier = carrier.clone();
        tokio::spawn(async move {
            let _ = told.send(());
            loop {
                let Ok(directions) = carrier.listen(listening.clone()).await else { return };
                for question in directions.questions {
                    let answer = Answer { number: question.number, result: Ok(found(question.body)) };
                    let _ = carrier.answer(&state.plane, answer).await;
                }
            }
        })
    };
    first.await.expect("it listens");
    carrier.report(traffic()).await.expect("the report is taken");
    task
}

fn data_plane() -> PlaneState {
    PlaneState {
        plane: "plane-of-the-test".to_owned(),
        name: "machine".to_owned(),
        version: "0.1.0".to_owned(),
        started_at_us: admin_store::now_us(),
        listeners: vec![ListenerState {
            name: LISTENER.to_owned(),
            protocol: "postgres".to_owned(),
            workspace: WORKSPACE.to_owned(),
            environment: "production".to_owned(),
            listen: "127.0.0.1:6432".to_owned(),
            upstream: vec!["127.0.0.1:5432".to_owned()],
            mode: "observe".to_owned(),
            floor_mode: "observe".to_owned(),
            floor_policies: Vec::new(),
            default: "allow".to_owned(),
            managed: true,
            mode_changes: true,
            mode_changed: None,
            upstream_up: Some(true),
            sessions: 1,
            certificates: vec![CertificateState {
                setting: "tls.certificate".to_owned(),
                expires_at_us: admin_store::now_us() + 86_400_000_000,
            }],
        }],
        memory_bytes: Some(40_000_000),
        replacement: Some(Replacement::default()),
        ..PlaneState::default()
    }
}

/// Rules that compile.
pub const RULES: &str = r#"
description = "No writes"

[[rule]]
name = "no-writes"
when = { class = ["write"] }
decision = "refuse"
reason = "not_permitted"
message = "no writes here"
"#;

const FINGERPRINT: &str = "1-8ca5ea4f9ec4b1bc";
const SESSION: &str = "01990000-0000-7000-8000-00000000abcd";

fn caller() -> control::Caller {
    control::Caller {
        user: "shop_web".to_owned(),
        database: "shop".to_owned(),
        application: "web".to_owned(),
    }
}

fn minute(minute: i64) -> Minute {
    let mut sums = Sums {
        calls: 3,
        errors: 1,
        rows: 7,
        bytes_in: 90,
        bytes_out: 900,
        total_us: 6_000,
        ..Sums::default()
    };
    for us in [1_000, 2_000, 3_000] {
        sums.latency.observe(us);
    }
    let fingerprint = FINGERPRINT.to_owned();
    Minute {
        listener: LISTENER.to_owned(),
        minute,
        counts: vec![StatementCount { fingerprint: fingerprint.clone(), caller: caller(), sums }],
        errors: vec![ErrorCount { sqlstate: "42P01".to_owned(), fingerprint, count: 1 }],
        ..Minute::default()
    }
}

fn traffic() -> Report {
    let now = admin_store::now_us();
    let this_minute = now / 60_000_000;
    Report {
        plane: "plane-of-the-test".to_owned(),
        start: "first".to_owned(),
        number: 1,
        statements: vec![StatementText {
            listener: LISTENER.to_owned(),
            fingerprint: FINGERPRINT.to_owned(),
            text: "SELECT name FROM customers WHERE id = $1".to_owned(),
            class: "read".to_owned(),
            tables: vec!["public.customers".to_owned()],
        }],
        minutes: vec![minute(this_minute - 2), minute(this_minute - 1)],
        session_starts: vec![SessionStart {
            session: SESSION.to_owned(),
            listener: LISTENER.to_owned(),
            at_us: now - 90_000_000,
            caller: caller(),
            address: "127.0.0.1:50000".to_owned(),
            tls: "TLSv1.3".to_owned(),
        }],
        session_ends: vec![SessionEnd {
            session: SESSION.to_owned(),
            at_us: now - 30_000_000,
            cause: "client".to_owned(),
            bytes_in: 90,
            bytes_out: 900,
        }],
        refusals: vec![Refusal {
            listener: LISTENER.to_owned(),
            session: SESSION.to_owned(),
            at_us: now - 60_000_000,
            caller: caller(),
            fingerprint: FINGERPRINT.to_owned(),
            class: "read".to_owned(),
            verdict: "refuse".to_owned(),
            rule: "shop/no-reads".to_owned(),
            sqlstate: "42501".to_owned(),
        }],
        events: vec![GatewayEvent {
            at_us: now - 60_000_000,
            event: "policy.changed".to_owned(),
            listener: LISTENER.to_owned(),
            note: "rules were read again".to_owned(),
        }],
        untold: 0,
        acknowledgement: None,
    }
}

/// A record as a ledger has it.
fn a_record() -> Value {
    json!({
        "v": 1, "event": "statement.outcome", "id": SESSION, "ts": "2026-11-21T10:35:00.000000Z",
        "listener": LISTENER, "fingerprint": FINGERPRINT, "class": "read", "seq": 1,
    })
}

/// What the data plane answers: one of everything.
fn found(question: QuestionBody) -> AnswerBody {
    match question {
        QuestionBody::Ledger(_) => AnswerBody::Ledger(LedgerPage {
            records: vec![a_record()],
            records_read: 1,
            ..LedgerPage::default()
        }),
        QuestionBody::LedgerStatus(query) => AnswerBody::LedgerStatus(Box::new(a_status(query.listeners))),
        QuestionBody::VerifyLedger | QuestionBody::StopVerifying => {
            AnswerBody::VerifyLedger(Box::new(a_self_check()))
        }
        QuestionBody::Sessions(_) => {
            AnswerBody::Sessions(LiveSessions { sessions: vec![a_session()], total: 1 })
        }
        QuestionBody::Session(demand) if demand.session == SESSION => {
            let session = a_session();
            AnswerBody::Session(Box::new(SessionReply::Done(SessionTold {
                listener: session.listener,
                user: session.user,
                database: session.database,
                application: session.application,
                statement: session.current,
            })))
        }
        QuestionBody::Cancel(_) => AnswerBody::Cancelled,
        QuestionBody::Watch { .. } => AnswerBody::Watched,
        QuestionBody::Drain(demand) => AnswerBody::Drain(Some(DrainState {
            phase: DrainPhase::Accepting,
            since_us: admin_store::now_us(),
            accepts_until_us: admin_store::now_us(),
            end_idle_after_seconds: demand.end_idle_after_seconds,
            sessions: 1,
        })),
        QuestionBody::Undrain => AnswerBody::Drain(None),
        QuestionBody::Restart(_) => AnswerBody::Restart(RestartReply::NotNow("it is busy".to_owned())),
        QuestionBody::Session(_) => AnswerBody::Session(Box::new(SessionReply::NotHere)),
    }
}

fn a_session() -> LiveSession {
    let now = admin_store::now_us();
    LiveSession {
        session: SESSION.to_owned(),
        workspace: WORKSPACE.to_owned(),
        listener: LISTENER.to_owned(),
        protocol: "postgres".to_owned(),
        environment: "production".to_owned(),
        user: "shop_web".to_owned(),
        database: "shop".to_owned(),
        application: "web".to_owned(),
        address: "127.0.0.1:50000".to_owned(),
        tls: String::new(),
        started_at_us: now - 90_000_000,
        state: LiveState::Active,
        state_since_us: now - 1_000_000,
        transaction_since_us: Some(now - 2_000_000),
        statements: 3,
        bytes_in: 90,
        bytes_out: 900,
        server_process: Some(4_711),
        waits_at_gate: false,
        current: Some(LiveStatement {
            fingerprint: FINGERPRINT.to_owned(),
            text: "SELECT name FROM customers WHERE id = $1".to_owned(),
            is_text_cut: false,
            class: "read".to_owned(),
            kind: "execute".to_owned(),
            started_at_us: now - 1_000_000,
            verdict: "allow".to_owned(),
            rule: None,
        }),
        wait: None,
        blocking: Blocking::Known(Vec::new()),
    }
}

fn a_status(listeners: Vec<String>) -> LedgerStatus {
    let now = admin_store::now_us();
    let newest = |listener| ListenerRecords { listener, newest_us: Some(now) };
    LedgerStatus {
        failing: false,
        started_at_us: now,
        sync: "group".to_owned(),
        records: 1,
        bytes: 100,
        records_lost: 0,
        gaps: 0,
        failures: 0,
        queue_bytes: 0,
        segments: 1,
        segments_unsearched: 0,
        segment_bytes: 100,
        oldest_us: Some(now),
        newest_us: Some(now),
        listeners: listeners.into_iter().map(newest).collect(),
        checks: vec![LedgerCheck {
            what: "last_line_at_start".to_owned(),
            at_us: now,
            result: "nothing".to_owned(),
            remarks: Vec::new(),
        }],
        self_check: a_self_check(),
        checkpoint: Some(LedgerCheckpoint {
            at_us: now,
            records: 1,
            key_id: "9a1f03c2".to_owned(),
            verifier_key: Some("dragoman-ledger/1+9a1f03c2+AQ==".to_owned()),
            text: "dragoman-ledger/1\nversion 1\n".to_owned(),
        }),
        copies: vec![LedgerCopyStatus {
            name: "siem".to_owned(),
            to: "syslog+tls://siem.example.com:6514".to_owned(),
            content: "records".to_owned(),
            last_taken_us: Some(now),
            lag_seconds: 0,
            failing: true,
            error: Some("refused".to_owned()),
            blocking: true,
        }],
        retention: LedgerRetention {
            days: 90,
            bytes: 0,
            last: Some(LedgerRemoval {
                at_us: now,
                first_segment: 1,
                last_segment: 2,
                records: 10,
                bytes: 1_000,
                from_us: now,
                until_us: now,
            }),
            held_up: None,
        },
    }
}

fn a_self_check() -> LedgerSelfCheck {
    let now = admin_store::now_us();
    LedgerSelfCheck {
        is_waiting: false,
        running: Some(LedgerCheckProgress { started_at_us: now, bytes_read: 10, bytes_total: 100 }),
        last: Some(LedgerCheckResult {
            started_at_us: now - 1_000,
            ended_at_us: now,
            integrity: LedgerVerdict::Holds,
            completeness: LedgerVerdict::CannotTell,
            records: 1,
            summary: "integrity holds, completeness cannot tell".to_owned(),
            findings: vec!["nothing shows where the ledger ends".to_owned()],
            remarks: vec!["the ledger is being written".to_owned()],
        }),
        next_at_us: None,
    }
}

/// The file of SQLite that connections lead to.
const FILE: &str = "shop.db";

/// A statement that runs on it.
pub const STATEMENT: &str = "SELECT name FROM customers";

fn make_database(plane: &Plane) {
    let path = plane.folder.join("sqlite").join(FILE);
    let file = rusqlite::Connection::open(path).expect("a file");
    file.execute_batch(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
         CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers (id), total REAL);
         INSERT INTO customers VALUES (1, 'Ada'), (2, 'Grace');
         INSERT INTO orders VALUES (1, 1, 12.5);",
    )
    .expect("two tables");
}

/// Three of everything that can be made in a workspace: one may be deleted, one changed, and one is left.
async fn make_things(root: &Caller, bystanders: &[String]) {
    let place = |noun: &str| format!("/api/v1/workspaces/{WORKSPACE}/{noun}");
    for number in 0..3 {
        let drafts = [
            ("teams", json!({ "name": format!("Team {number}") })),
            ("machines", json!({ "kind": "service", "name": format!("Service {number}"), "role": "viewer" })),
            ("roles", json!({ "name": format!("role-{number}"), "capabilities": ["view"] })),
            (
                "principals",
                json!({ "database_user": format!("user{number}"), "kind": "service", "label": "Website" }),
            ),
            ("invitations", json!({ "email": format!("guest{number}@example.com"), "role": "viewer" })),
        ];
        for (noun, draft) in drafts {
            root.post(&place(noun), draft).await.expect(201);
        }
        make_connection(root, number).await;
        make_rule_set(root, number).await;
    }
    let teams = root.get(&place("teams")).await.expect(200);
    for team in teams["items"].as_array().expect("teams") {
        let team = team["id"].as_str().expect("an id");
        for user in bystanders {
            let path = format!("{}/{team}/members/{user}", place("teams"));
            root.with_json(Method::PUT, &path, &[], json!({})).await.expect(204);
        }
    }
    let mark = json!({ "kind": "fingerprint", "target": FINGERPRINT });
    root.with_json(Method::PUT, &place("favourites"), &[], mark.clone()).await.expect(204);
    root.with_json(Method::PUT, &place("recent"), &[], mark).await.expect(204);
}

/// A connection with two snapshots of its schema, a saved query on it and a run.
async fn make_connection(root: &Caller, number: usize) {
    let place = |noun: &str| format!("/api/v1/workspaces/{WORKSPACE}/{noun}");
    let draft = json!({ "name": format!("Shop {number}"), "kind": "sqlite", "file": FILE });
    let made = root.post(&place("connections"), draft).await.expect(201);
    let connection = made["id"].as_str().expect("an id");
    let snapshots = format!("{}/{connection}/schema/snapshots", place("connections"));
    root.post(&snapshots, json!({})).await.expect(201);
    let picture = json!({ "tables": [{ "key": "AWEAYgA", "x": 0, "y": 0 }] });
    let viewpoint = json!({ "connection": connection, "name": "Customers", "picture": picture });
    root.post(&place("viewpoints"), viewpoint).await.expect(201);
    let title = format!("Customers {number}");
    let query = json!({ "title": title, "sql": STATEMENT, "connection": connection, "tags": ["all"] });
    root.post(&place("queries"), query).await.expect(201);
    let run = root.post(&place("runs"), json!({ "connection": connection, "sql": STATEMENT })).await;
    assert_eq!(run.status.as_u16(), 200, "{}", run.text);
}

/// A rule set with one published version and a draft.
async fn make_rule_set(root: &Caller, number: usize) {
    let sets = format!("/api/v1/workspaces/{WORKSPACE}/rule-sets");
    let made = root.post(&sets, json!({ "name": format!("own-{number}") })).await.expect(201);
    let set = format!("{sets}/{}", made["id"].as_str().expect("an id"));
    for _ in 0..2 {
        let draft = root.get(&format!("{set}/draft")).await;
        let version = draft.header("etag").expect("a version");
        let saved = root.put(&format!("{set}/draft"), &version, json!({ "text": RULES, "cases": "" })).await;
        saved.expect(200);
        let version = saved.header("etag").expect("a version");
        let publish = format!("{set}/publish");
        let headers = [("if-match", version.as_str())];
        root.with_json(Method::POST, &publish, &headers, json!({ "note": "because" })).await.expect(200);
    }
}
