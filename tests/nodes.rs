//! Is there a single point of failure? Two control planes on one PostgreSQL state and two data planes, each of which
//! is killed while statements pass.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::control::{Caller, Control, TOKEN};
use harness::gateway::{Gateway, Plan};
use harness::server::Server;
use harness::wire::{Wire, first_error};
use harness::{eventually, eventually_within, free_port};
use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How soon a rule set that was published holds everywhere.
const CONVERGED_WITHIN: Duration = Duration::from_secs(5);
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const SETS: &str = "/api/v1/workspaces/default/rule-sets";

/// Two of each, on one state, before one server.
struct Scene {
    state: Server,
    upstream: Server,
    controls: [Option<Control>; 2],
    planes: [Gateway; 2],
    root: Caller,
    /// Where the rule set `own` is.
    own: String,
    /// Held for its file.
    _secret: tempfile::NamedTempFile,
}

impl Scene {
    fn start() -> Scene {
        let (state, upstream) = (Server::start("18"), Server::start("18"));
        state.ask("CREATE DATABASE state");
        upstream.ask("CREATE TABLE planted (plane int, number int)");
        upstream.ask("GRANT ALL ON planted TO PUBLIC");
        let controls = [(); 2].map(|()| Some(control(free_port(), tempfile::tempdir().unwrap(), &state)));
        let urls = controls.each_ref().map(|one| one.as_ref().unwrap().url());
        // The link of whoever started last is the one that holds.
        let root = Caller::first(&urls[1], || controls[1].as_ref().unwrap().log());
        let secret = tempfile::NamedTempFile::new().unwrap();
        fs::write(secret.path(), TOKEN).unwrap();
        let link = |first: usize| {
            let (one, other) = (&urls[first], &urls[1 - first]);
            let token = secret.path().display();
            format!("url = \"{one}\"\nnodes = [\"{other}\"]\ntoken = {{ file = \"{token}\" }}")
        };
        let plan = |first| {
            Plan::before(&upstream).mode("enforce").listener("managed = true").table("link", &link(first))
        };
        let planes = [0, 1].map(|first| plan(first).start());
        let own = root.post(SETS, &json!({ "name": "own" }), 201);
        let own = format!("{SETS}/{}", own["id"].as_str().unwrap());
        let scene = Scene { state, upstream, controls, planes, root, own, _secret: secret };
        scene.publish_first();
        scene
    }

    /// Whoever is asked at the control plane `node`.
    fn at(&self, node: usize) -> Caller {
        self.root.at(&self.controls[node].as_ref().unwrap().url())
    }

    /// A rule set that refuses nothing of the test, for both data planes' listeners.
    fn publish_first(&self) {
        self.publish(0, 0);
        let path = "/api/v1/workspaces/default/listeners/shop/publication";
        self.root.change("PUT", path, path, &json!({ "policies": ["own"], "enforces": true }));
        self.hold(0);
    }

    /// Publishes rules that refuse to drop `gone_{round}`, at the control plane `node`.
    fn publish(&self, node: usize, round: usize) {
        let text = format!(
            "[[rule]]\nname = \"round\"\nwhen = {{ table = \"gone_{round}\" }}\ndecision = \"refuse\"\n"
        );
        let (asked, draft) = (self.at(node), format!("{}/draft", self.own));
        asked.change("PUT", &draft, &draft, &json!({ "text": text, "cases": "" }));
        asked.change("POST", &format!("{}/publish", self.own), &draft, &json!({ "note": "because" }));
    }

    /// Waits until the rules of `round` hold on both data planes.
    fn hold(&self, round: usize) {
        let since = Instant::now();
        for plane in &self.planes {
            let mut wire = Wire::login(plane.port, "clear");
            let asked = format!("SELECT * FROM gone_{round}");
            eventually_within(CONVERGED_WITHIN, "the rules hold", || {
                let error = first_error(&wire.query(&asked)).unwrap_or_default();
                // Without the rule the server says that there is no such table: 42P01.
                (error != "42P01").then_some(())
            });
        }
        println!("round {round}: rules held everywhere after {:?}", since.elapsed());
    }

    /// The calls of the planted statement that the control plane `node` knows.
    fn calls(&self, node: usize) -> u64 {
        self.at(node).calls("planted")
    }

    fn kill_control(&mut self, node: usize) -> (u16, tempfile::TempDir) {
        let control = self.controls[node].take().unwrap();
        (control.port, control.kill())
    }

    fn start_control(&mut self, node: usize, (port, folder): (u16, tempfile::TempDir)) {
        self.controls[node] = Some(control(port, folder, &self.state));
    }
}

fn control(port: u16, folder: tempfile::TempDir, state: &Server) -> Control {
    fs::write(folder.path().join("key"), KEY).unwrap();
    let tables = format!("[state]\nurl = \"postgres://trusted@127.0.0.1:{}/state\"", state.port);
    Control::start_with(port, folder, "master_key = { file = \"key\" }", &tables)
}

/// Writes down in the state, beside the program, each claim of a job: when, until when, by which session, and until when
/// somebody else's claim held. Both nodes put it there anew; nothing of the program knows of it.
const WATCHED: &str = "
CREATE TABLE seen_claims (kind text, job_key text, at_us bigint, held_until bigint, until bigint, session int);
CREATE FUNCTION see_claim() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO seen_claims VALUES (NEW.kind, NEW.job_key, extract(epoch FROM clock_timestamp()) * 1000000,
    OLD.claimed_until, NEW.claimed_until, pg_backend_pid());
  RETURN NEW;
END $$;
CREATE TRIGGER see_claim AFTER UPDATE OF claimed_until ON jobs FOR EACH ROW WHEN (NEW.claimed_until > 0)
  EXECUTE FUNCTION see_claim()";

/// No job was claimed while somebody else's claim held, and more than one session claimed jobs.
fn claimed_by_one_at_a_time(state: &Server) {
    let mut wire = Wire::login_to(state.port, "trusted", "state");
    let sql = "SELECT count(*), count(*) FILTER (WHERE held_until > at_us), count(DISTINCT session), \
               count(DISTINCT job_key) FROM seen_claims";
    let counts = |wire: &mut Wire| {
        let found = harness::server::rows(wire, sql).remove(0);
        let found = <[Option<String>; 4]>::try_from(found).unwrap();
        found.map(|count| count.unwrap().parse::<u64>().unwrap())
    };
    let [claims, twice, sessions, jobs] =
        eventually_within(Duration::from_secs(60), "jobs are claimed again and again", || {
            let found @ [claims, _, sessions, jobs] = counts(&mut wire);
            (claims >= jobs + 4 && jobs > 1 && sessions > 1).then_some(found)
        });
    println!("{claims} claims of {jobs} jobs by {sessions} sessions, {twice} while another one held");
    assert_eq!(twice, 0, "a job was claimed while somebody else was at it");
}

/// Somebody who writes through a data plane, one row after the other, until told to stop or cut off.
struct Writer {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicU64>,
    ended: JoinHandle<bool>,
}

impl Writer {
    fn start(plane: usize, port: u16) -> Writer {
        let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (stopped, counted) = (Arc::clone(&stop), Arc::clone(&acknowledged));
        let mut wire = Wire::login(port, "clear");
        let ended = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                let number = counted.load(Ordering::Relaxed);
                let sql = format!("INSERT INTO planted VALUES ({plane}, {number})");
                if wire.try_send(&harness::wire::query(&sql)).is_err() {
                    return false;
                }
                let mut is_done = false;
                while let Some(frame) = wire.frame() {
                    is_done |= frame.tag == b'C';
                    assert_ne!(frame.tag, b'E', "{:?}", frame.fields());
                    if frame.tag == b'Z' {
                        break;
                    }
                }
                if !is_done {
                    return false;
                }
                counted.fetch_add(1, Ordering::Relaxed);
                // A pause between two rows: the machine has other tests to run.
                std::thread::park_timeout(Duration::from_millis(2));
            }
            true
        });
        Writer { stop, acknowledged, ended }
    }

    fn count(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Waits until some more rows were written: that somebody else was killed was not noticed.
    fn goes_on(&self) {
        let before = self.count();
        eventually("the session goes on", || (self.count() > before + 20).then_some(()));
    }

    /// How many rows were acknowledged, and whether it was told to stop rather than cut off.
    fn stop(self) -> (u64, bool) {
        self.stop.store(true, Ordering::Relaxed);
        let told = self.ended.join().unwrap();
        (self.acknowledged.load(Ordering::Relaxed), told)
    }
}

/// Intents of planted rows in the ledger of a data plane, which has to be whole.
fn kept(plane: &Gateway) -> u64 {
    let verified = Command::new(env!("CARGO_BIN_EXE_dragoman"))
        .args(["ledger", "verify", "--directory"])
        .arg(plane.ledger())
        .output()
        .unwrap();
    // Nothing is broken; whether somebody has signed it yet is a matter of seconds.
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.code() != Some(1) && said.contains("completeness  holds"), "{said}");
    let planted = |record: &&harness::ledger::Record| {
        record.event() == "statement.intent" && record.text_of("text").contains("INSERT INTO planted")
    };
    plane.records().iter().filter(planted).count() as u64
}

fn rows(scene: &Scene, plane: usize) -> u64 {
    let count = scene.upstream.ask(&format!("SELECT count(*) FROM planted WHERE plane = {plane}"));
    count.unwrap().parse().unwrap()
}

#[test]
fn a_killed_control_plane_is_not_missed() {
    let mut scene = Scene::start();
    let frames = Wire::login_to(scene.state.port, "trusted", "state").query(WATCHED);
    assert_eq!(first_error(&frames), None);
    let writers = [0, 1].map(|plane| Writer::start(plane, scene.planes[plane].port));
    writers.iter().for_each(Writer::goes_on);
    for round in 1..=4 {
        let (killed, other) = (round % 2, 1 - round % 2);
        let left = scene.kill_control(killed);
        scene.publish(other, round);
        scene.hold(round);
        writers.iter().for_each(Writer::goes_on);
        asked_of_both(&scene, other);
        scene.start_control(killed, left);
    }
    let written = writers.map(Writer::stop);
    claimed_by_one_at_a_time(&scene.state);
    assert!(written.iter().all(|(_, told)| *told), "a session ended: {written:?}");
    let all: u64 = written.iter().map(|(count, _)| count).sum();
    for node in 0..2 {
        eventually("every row is counted once", || (scene.calls(node) == all).then_some(()));
    }
    for (plane, (count, _)) in written.iter().enumerate() {
        assert_eq!((kept(&scene.planes[plane]), rows(&scene, plane)), (*count, *count), "data plane {plane}");
    }
}

/// Both data planes answer the control plane `node`.
fn asked_of_both(scene: &Scene, node: usize) {
    let asked = scene.at(node);
    eventually("both data planes are asked and answer", || {
        let found: Value = asked.get("/api/v1/workspaces/default/live-sessions");
        std::thread::park_timeout(Duration::from_millis(50));
        let planes: std::collections::BTreeSet<&str> =
            found["items"].as_array()?.iter().filter_map(|one| one["plane"].as_str()).collect();
        (planes.len() == 2).then_some(())
    });
}

#[test]
fn a_killed_data_plane_loses_nothing_that_was_acknowledged_and_the_other_does_not_notice() {
    let mut scene = Scene::start();
    for round in 1..=4 {
        let (killed, other) = (round % 2, 1 - round % 2);
        let before = rows(&scene, killed);
        let writers = [0, 1].map(|plane| Writer::start(plane, scene.planes[plane].port));
        writers.iter().for_each(Writer::goes_on);
        scene.planes[killed].kill();
        writers[other].goes_on();
        scene.publish(round % 2, round);
        scene.planes[killed].start_again();
        // It starts with the rules it had, and takes those that were published meanwhile.
        scene.hold(round);
        let written = writers.map(Writer::stop);
        assert!(!written[killed].1 && written[other].1, "round {round}: {written:?}");
        // Each row that was acknowledged is there. The last one may be though nobody was told so, and so may its intent.
        let (left, acknowledged) = (rows(&scene, killed), written[killed].0);
        let added = left - before;
        assert!(
            (acknowledged..=acknowledged + 1).contains(&added),
            "round {round}: {added} of {acknowledged}"
        );
        let intents = kept(&scene.planes[killed]);
        assert!(
            (left..=left + round as u64).contains(&intents),
            "round {round}: {intents} intents of {left} rows"
        );
    }
}

/// A cancel as a client sends it: on a connection of its own, answered by silence.
fn cancel(port: u16, pid: u32, key: &[u8]) {
    let mut wire = Wire::connect(port);
    wire.send(&harness::wire::cancel_request(pid, key));
    assert_eq!(wire.rest(), []);
}

#[test]
fn a_cancel_that_comes_to_another_data_plane_finds_its_session() {
    let scene = Scene::start();
    let mut watcher = Wire::login(scene.upstream.port, "trusted");
    for (plane, other) in [(0, 1), (1, 0)] {
        let mut session = Wire::login(scene.planes[plane].port, "clear");
        session.send(&harness::wire::query("SELECT pg_sleep(60)"));
        let sql = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE pid = {} AND wait_event = 'PgSleep'",
            session.pid
        );
        let mut is_asleep = || harness::server::rows(&mut watcher, &sql)[0][0].as_deref() == Some("1");
        eventually("it sleeps", || is_asleep().then_some(()));
        cancel(scene.planes[other].port, session.pid, b"not1");
        cancel(scene.planes[other].port, session.pid.wrapping_add(1), &session.key);
        assert!(is_asleep(), "by another key or process nothing is cancelled");
        cancel(scene.planes[other].port, session.pid, &session.key);
        let frames = session.until(b'Z', 1);
        assert_eq!(first_error(&frames).as_deref(), Some("57014"));
        assert_eq!(first_error(&session.query("SELECT 1")), None, "the session goes on");
    }
    // Nobody has it, and nobody waits long for that.
    let since = Instant::now();
    cancel(scene.planes[0].port, 4_242, b"none");
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
}
