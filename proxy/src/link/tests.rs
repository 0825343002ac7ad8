//! Does the link carry what it should, and does the data plane go on without it?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod http;

use crate::Gateway;
use crate::config::{self, Config};
use crate::link::LinkError;
use control::{
    Answer, AnswerBody, Carried, Carrier, CarrierError, Directions, LedgerQuery, Listening, ManagedListener,
    Question, QuestionBody, Report, RuleSetText, Snapshot,
};
use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const NO_DELETE: &str =
    "[[rule]]\nname = \"no-delete\"\nwhen = { verb = \"delete\" }\ndecision = \"refuse\"\n";

/// A control plane that a test plays.
#[derive(Debug, Default)]
struct Double {
    directions: Mutex<VecDeque<Directions>>,
    /// What is answered to everything while it is set.
    failing: Mutex<Option<CarrierError>>,
    heard: Mutex<Heard>,
}

#[derive(Debug, Default)]
struct Heard {
    listened: Vec<Listening>,
    reports: Vec<Report>,
    answers: Vec<Answer>,
}

impl Double {
    fn direct(&self, directions: Directions) {
        self.directions.lock().unwrap().push_back(directions);
    }

    fn publish(&self, version: u64, listener: ManagedListener) {
        let snapshot =
            Snapshot { version, made_at_us: 1, listeners: vec![listener], mode_changes: Vec::new() };
        self.direct(Directions { snapshot: Some(Arc::new(snapshot)), questions: Vec::new() });
    }

    fn fail(&self, error: Option<CarrierError>) {
        *self.failing.lock().unwrap() = error;
    }

    fn failure(&self) -> Result<(), CarrierError> {
        self.failing.lock().unwrap().clone().map_or(Ok(()), Err)
    }

    fn acknowledged(&self, version: u64) -> Option<Vec<String>> {
        let heard = self.heard.lock().unwrap();
        let mut all = heard.reports.iter().filter_map(|report| report.acknowledgement.as_ref());
        all.find(|one| one.version == version).map(|one| one.problems.clone())
    }
}

impl Carrier for Double {
    fn listen(&self, listening: Listening) -> Carried<'_, Directions> {
        Box::pin(async move {
            self.failure()?;
            self.heard.lock().unwrap().listened.push(listening);
            let deadline = Instant::now() + Duration::from_secs(2);
            while Instant::now() < deadline {
                if let Some(directions) = self.directions.lock().unwrap().pop_front() {
                    return Ok(directions);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Ok(Directions::default())
        })
    }

    fn report(&self, report: Report) -> Carried<'_, ()> {
        Box::pin(async move {
            self.heard.lock().unwrap().reports.push(report);
            self.failure()
        })
    }

    fn answer(&self, _: &str, answer: Answer) -> Carried<'_, ()> {
        Box::pin(async move {
            self.failure()?;
            self.heard.lock().unwrap().answers.push(answer);
            Ok(())
        })
    }
}

fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// Settings with one listener, and no server behind it.
fn settings(folder: &Path, more: &str) -> Config {
    let file = folder.join("dragoman.toml");
    let text = format!(
        "[status]\nlisten = '127.0.0.1:0'\n[data_plane]\nthreads = 1\ndrain_seconds = 0\n[[listener]]\nname = 'shop'\n\
         listen = '127.0.0.1:0'\nupstream = '127.0.0.1:1'\n{more}\n"
    );
    std::fs::write(&file, text).unwrap();
    config::load(&file, std::iter::empty()).unwrap()
}

fn start(folder: &TempDir, more: &str) -> Gateway {
    Gateway::start(settings(folder.path(), more)).unwrap()
}

fn linked(folder: &TempDir, more: &str) -> (Gateway, Arc<Double>) {
    let gateway = start(folder, more);
    let double = Arc::new(Double::default());
    gateway.link(vec![Arc::<Double>::clone(&double)]).unwrap();
    (gateway, double)
}

fn stop(gateway: Gateway) {
    gateway.stop(&AtomicBool::new(true));
}

fn published(enforces: Option<bool>, text: &str) -> ManagedListener {
    ManagedListener {
        name: "shop".to_owned(),
        workspace: "default".to_owned(),
        enforces,
        policies: vec!["strict".to_owned()],
        texts: vec![RuleSetText {
            name: "strict".to_owned(),
            version: 1,
            text: text.to_owned(),
            by: "ada@example.org".to_owned(),
        }],
        by: "ben@example.org".to_owned(),
    }
}

/// How many rules are in force, whether they are enforced, and their epoch.
fn in_force(gateway: &Gateway) -> (usize, bool, u64) {
    let listener = gateway.served().into_iter().next().unwrap();
    let rules = listener.ruleset.load();
    (rules.rules(), rules.enforces(), rules.epoch())
}

fn readiness(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// The notes of the ledger's records of an event.
fn notes(folder: &Path, event: &str) -> Vec<String> {
    let mut files: Vec<_> =
        std::fs::read_dir(folder.join("data/ledger")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let texts = files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    let lines: Vec<String> = texts
        .flat_map(|file| {
            std::fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    let records = lines.iter().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let records = records.filter(|record| record["event"] == event);
    records.map(|record| record["note"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_data_plane_says_how_it_is_and_takes_what_is_published() {
    let folder = tempfile::tempdir().unwrap();
    let (gateway, double) = linked(&folder, "managed = true\nworkspace = 'sales'");
    let told = eventually("it listens", || double.heard.lock().unwrap().listened.first().cloned());
    assert_eq!((told.version, told.snapshot), (control::VERSION, 0));
    let [shop] = told.state.listeners.try_into().unwrap();
    assert_eq!(
        (shop.name.as_str(), shop.workspace.as_str(), shop.protocol.as_str()),
        ("shop", "sales", "postgres")
    );
    assert_eq!((shop.mode.as_str(), shop.floor_mode.as_str(), shop.managed), ("observe", "observe", true));
    assert_eq!(
        (shop.upstream.as_slice(), shop.default.as_str()),
        (["127.0.0.1:1".to_owned()].as_slice(), "allow")
    );

    let (_, _, epoch) = in_force(&gateway);
    double.publish(3, ManagedListener { workspace: "sales".to_owned(), ..published(Some(true), NO_DELETE) });
    assert_eq!(eventually("it acknowledges", || double.acknowledged(3)), Vec::<String>::new());
    assert_eq!(in_force(&gateway), (1, true, epoch + 1));
    let again = eventually("it listens for later ones", || {
        double.heard.lock().unwrap().listened.iter().find(|one| one.snapshot == 3).cloned()
    });
    assert_eq!(
        (again.state.plane, again.state.listeners[0].mode.as_str()),
        (told.state.plane.clone(), "enforce")
    );
    stop(gateway);
    let heard = double.heard.lock().unwrap();
    assert!(heard.reports.iter().all(|report| report.plane == told.state.plane));
    let events: Vec<_> =
        heard.reports.iter().flat_map(|report| &report.events).map(|event| event.event.as_str()).collect();
    for event in ["mode.changed", "policy.changed", "writer.stop"] {
        assert!(events.contains(&event), "{event} in {events:?}");
    }
    let by = "published as version 3 by ben@example.org; rule set `strict` version 1 by ada@example.org";
    assert_eq!(
        notes(folder.path(), "mode.changed"),
        [format!("listener `shop` changes from observe to enforce, {by}")]
    );
}

#[test]
fn a_snapshot_with_a_mistake_changes_nothing_and_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (gateway, double) = linked(&folder, "managed = true");
    double.publish(1, published(Some(true), NO_DELETE));
    eventually("it takes the first", || double.acknowledged(1));
    let before = in_force(&gateway);
    double.publish(2, published(Some(true), "[[rule]]\nname = \"x\"\ndecision = \"refuze\"\n"));
    let problems = eventually("it says why not", || double.acknowledged(2));
    assert!(problems.len() == 1 && problems[0].contains("`refuze` is no decision"), "{problems:?}");
    assert_eq!(in_force(&gateway), before);
    let ready = readiness(gateway.status_address());
    assert!(
        ready.contains("published rules: version 2 was not taken, what was in force before still is"),
        "{ready}"
    );
    // It asks for later ones, so that the same is not offered for ever.
    eventually("it goes on", || {
        double.heard.lock().unwrap().listened.iter().find(|one| one.snapshot == 2).cloned()
    });
    double.publish(3, published(None, NO_DELETE));
    eventually("it takes the third", || double.acknowledged(3));
    assert!(!readiness(gateway.status_address()).contains("published rules"));
    assert_eq!((in_force(&gateway).0, in_force(&gateway).1), (1, false));
    stop(gateway);
}

#[test]
fn a_mistake_in_rules_keeps_no_mode_from_changing_nor_from_changing_back() {
    let folder = tempfile::tempdir().unwrap();
    let (gateway, double) = linked(&folder, "managed = true\nmode_changes = true\nmode = 'enforce'");
    double.publish(1, published(None, NO_DELETE));
    eventually("it takes the first", || double.acknowledged(1));
    let bad = published(None, "[[rule]]\nname = \"x\"\ndecision = \"refuze\"\n");
    let change = control::ModeChange {
        id: "c1".to_owned(),
        listener: "shop".to_owned(),
        workspace: "default".to_owned(),
        until_us: i64::MAX,
        seconds: 600,
        ..control::ModeChange::default()
    };
    let publish = |version, change| {
        let listeners = vec![bad.clone()];
        let snapshot = Snapshot { version, made_at_us: 1, listeners, mode_changes: vec![change] };
        double.direct(Directions { snapshot: Some(Arc::new(snapshot)), questions: Vec::new() });
        assert_eq!(eventually("it says why not", || double.acknowledged(version)).len(), 1);
        (in_force(&gateway).0, in_force(&gateway).1)
    };
    assert_eq!(publish(2, change.clone()), (1, false));
    let ended = control::ModeChange { ended_by: Some("ada@example.org".to_owned()), ..change };
    assert_eq!(publish(3, ended), (1, true));
    stop(gateway);
    let notes = notes(folder.path(), "mode.changed");
    assert!(notes.len() == 2 && notes[1].ends_with("ended before its time by ada@example.org"), "{notes:?}");
}

#[test]
fn the_last_good_snapshot_holds_after_a_restart_before_the_control_plane_is_heard_of() {
    let folder = tempfile::tempdir().unwrap();
    let (gateway, double) = linked(&folder, "managed = true");
    double.publish(7, published(Some(true), NO_DELETE));
    eventually("it is taken", || double.acknowledged(7));
    let plane = double.heard.lock().unwrap().listened[0].state.plane.clone();
    stop(gateway);

    let gateway = start(&folder, "managed = true");
    assert_eq!((in_force(&gateway).0, in_force(&gateway).1), (1, true));
    let double = Arc::new(Double::default());
    double.fail(Some(CarrierError::Away("nobody is there".to_owned())));
    gateway.link(vec![Arc::<Double>::clone(&double)]).unwrap();
    // The file goes on to count: with rules of its own, what was published is above them.
    std::fs::create_dir(folder.path().join("policies")).unwrap();
    std::fs::write(folder.path().join("policies/base.toml"), NO_DELETE).unwrap();
    gateway.reload(settings(folder.path(), "managed = true\npolicies = ['base']")).unwrap();
    assert_eq!((in_force(&gateway).0, in_force(&gateway).1), (2, true));
    gateway.reload(settings(folder.path(), "policies = ['base']")).unwrap();
    assert_eq!(
        (in_force(&gateway).0, in_force(&gateway).1),
        (1, false),
        "not managed: the file alone decides"
    );
    gateway.reload(settings(folder.path(), "managed = true")).unwrap();
    assert_eq!((in_force(&gateway).0, in_force(&gateway).1), (1, true));
    double.fail(None);
    let told = eventually("it listens again", || double.heard.lock().unwrap().listened.first().cloned());
    assert_eq!((told.snapshot, told.state.plane), (7, plane));
    stop(gateway);
}

#[test]
fn a_damaged_snapshot_leaves_the_floor_and_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (gateway, double) = linked(&folder, "managed = true\nmode = 'enforce'");
    double.publish(7, published(None, NO_DELETE));
    eventually("it is taken", || double.acknowledged(7));
    stop(gateway);
    let file = folder.path().join("data/snapshot.json");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("delete", "truncate")).unwrap();
    let gateway = start(&folder, "managed = true\nmode = 'enforce'");
    assert_eq!((in_force(&gateway).0, in_force(&gateway).1), (0, true));
    let ready = readiness(gateway.status_address());
    assert!(
        ready.contains("published rules: the snapshot of before cannot be used: its file is damaged"),
        "{ready}"
    );
    let double = Arc::new(Double::default());
    gateway.link(vec![Arc::<Double>::clone(&double)]).unwrap();
    double.publish(8, published(None, NO_DELETE));
    eventually("it is taken", || double.acknowledged(8));
    assert!(!readiness(gateway.status_address()).contains("published rules"));
    stop(gateway);
}

#[test]
fn settings_that_published_rules_do_not_fit_are_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let (gateway, double) = linked(&folder, "managed = true");
    let many: String =
        (0..300).map(|number| format!("[[rule]]\nname = \"r{number}\"\ndecision = \"note\"\n")).collect();
    double.publish(1, published(Some(true), &many));
    eventually("it is taken", || double.acknowledged(1));
    let before = in_force(&gateway);
    std::fs::create_dir(folder.path().join("policies")).unwrap();
    std::fs::write(folder.path().join("policies/base.toml"), &many).unwrap();
    let error = gateway
        .reload(settings(folder.path(), "managed = true\npolicies = ['base']"))
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("the published rules do not fit the new settings: listener `shop`: "),
        "{error}"
    );
    assert_eq!(in_force(&gateway), before);
    stop(gateway);
}

#[test]
fn questions_are_answered_from_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let (gateway, double) = linked(&folder, "");
    let ask = |number, query| Question { number, body: QuestionBody::Ledger(Box::new(query)) };
    let of_gateway = LedgerQuery { gateway: true, limit: 10, ..LedgerQuery::default() };
    let questions = vec![
        ask(1, of_gateway.clone()),
        ask(2, LedgerQuery { cursor: Some("nonsense".to_owned()), ..of_gateway }),
    ];
    double.direct(Directions { snapshot: None, questions });
    let mut answers = eventually("both are answered", || {
        let answers = double.heard.lock().unwrap().answers.clone();
        (answers.len() == 2).then_some(answers)
    });
    answers.sort_by_key(|answer| answer.number);
    let AnswerBody::Ledger(page) = answers[0].result.as_ref().unwrap() else { panic!("another kind") };
    assert_eq!(page.records[0]["event"], "writer.start");
    assert_eq!(answers[1].result.as_ref().unwrap_err().code, "bad_cursor");
    stop(gateway);
}

#[test]
fn a_report_that_did_not_arrive_is_sent_again_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = start(&folder, "");
    let double = Arc::new(Double::default());
    double.fail(Some(CarrierError::Away("nobody is there".to_owned())));
    gateway.link(vec![Arc::<Double>::clone(&double)]).unwrap();
    gateway.reload(settings(folder.path(), "")).unwrap();
    eventually("it tries twice", || (double.heard.lock().unwrap().reports.len() >= 2).then_some(()));
    let first = double.heard.lock().unwrap().reports.clone();
    assert!(first.iter().all(|report| *report == first[0]), "{first:?}");
    double.fail(None);
    gateway.reload(settings(folder.path(), "")).unwrap();
    eventually("another follows", || {
        double.heard.lock().unwrap().reports.iter().find(|one| one.number == 2).cloned()
    });
    stop(gateway);
    let reports = double.heard.lock().unwrap().reports.clone();
    let numbers: Vec<_> = reports.iter().map(|report| report.number).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    let mut each = reports.clone();
    each.dedup_by_key(|report| report.number);
    let changes =
        each.iter().flat_map(|report| &report.events).filter(|event| event.event == "config.changed");
    assert_eq!(changes.count(), 2);
}

#[test]
fn every_node_is_listened_to_and_the_next_is_told_when_one_is_away() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = start(&folder, "");
    let nodes = [Arc::new(Double::default()), Arc::new(Double::default())];
    nodes[0].fail(Some(CarrierError::Away("nobody is there".to_owned())));
    gateway.link(vec![Arc::<Double>::clone(&nodes[0]), Arc::<Double>::clone(&nodes[1])]).unwrap();
    gateway.reload(settings(folder.path(), "")).unwrap();
    let told = eventually("the second is told", || nodes[1].heard.lock().unwrap().reports.first().cloned());
    assert_eq!(
        nodes[0].heard.lock().unwrap().reports.first(),
        Some(&told),
        "the same report, by the same number"
    );
    nodes[0].fail(None);
    eventually("the first is listened to again", || {
        (!nodes[0].heard.lock().unwrap().listened.is_empty()).then_some(())
    });
    let page = QuestionBody::Ledger(Box::new(LedgerQuery { limit: 5, ..LedgerQuery::default() }));
    for (node, number) in nodes.iter().zip([7, 8]) {
        node.direct(Directions { snapshot: None, questions: vec![Question { number, body: page.clone() }] });
        let answered = || node.heard.lock().unwrap().answers.first().map(|answer| answer.number);
        assert_eq!(eventually("who asked is answered", answered), number);
    }
    stop(gateway);
}

#[test]
fn without_a_node_there_is_no_link() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = start(&folder, "");
    assert!(matches!(gateway.link(Vec::new()), Err(LinkError::Nobody)));
    stop(gateway);
}

#[test]
fn one_data_plane_has_one_control_plane() {
    let folder = tempfile::tempdir().unwrap();
    let (gateway, _double) = linked(&folder, "");
    assert!(gateway.link(vec![Arc::new(Double::default())]).is_err());
    stop(gateway);
}

#[test]
fn a_gateway_stops_in_time_though_its_control_plane_never_answers() {
    #[derive(Debug)]
    struct Mute;
    impl Carrier for Mute {
        fn listen(&self, _: Listening) -> Carried<'_, Directions> {
            Box::pin(std::future::pending())
        }
        fn report(&self, _: Report) -> Carried<'_, ()> {
            Box::pin(std::future::pending())
        }
        fn answer(&self, _: &str, _: Answer) -> Carried<'_, ()> {
            Box::pin(std::future::pending())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let gateway = start(&folder, "");
    gateway.link(vec![Arc::new(Mute)]).unwrap();
    gateway.reload(settings(folder.path(), "")).unwrap();
    let since = Instant::now();
    stop(gateway);
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
}
