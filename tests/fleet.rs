//! Can a data plane be taken out and brought back from the control plane, and a whole fleet be restarted, with nobody refused?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::control::{Caller, Control, TOKEN};
use harness::gateway::{Gateway, Plan};
use harness::server::Server;
use harness::wire::{Wire, first_error, tags};
use harness::{eventually, eventually_within, free_port, places, signal};
use serde_json::{Value, json};
use std::fs;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const RESTARTS: &str = "/api/v1/plane-restarts";
/// Longest that two data planes take to be restarted on a busy machine.
const ROLLED_WITHIN: Duration = Duration::from_secs(90);

/// Some control planes on one state, and two data planes before one server.
struct Scene {
    controls: Vec<Option<Control>>,
    planes: [Gateway; 2],
    root: Caller,
    upstream: Server,
    /// Held for what it keeps.
    _state: Server,
    /// Held for its file.
    _secret: tempfile::NamedTempFile,
}

impl Scene {
    fn start(nodes: usize) -> Scene {
        let newest = places::newest_version();
        let (state, upstream) = (Server::start(&newest), Server::start(&newest));
        state.ask("CREATE DATABASE state");
        upstream.ask("CREATE TABLE planted (plane int, number int)");
        upstream.ask("GRANT ALL ON planted TO PUBLIC");
        let controls: Vec<_> = (0..nodes).map(|_| Some(control(&state))).collect();
        let urls: Vec<String> = controls.iter().map(|one| one.as_ref().unwrap().url()).collect();
        // The link of whoever started last is the one that holds.
        let last = nodes - 1;
        let root = Caller::first(&urls[last], || controls[last].as_ref().unwrap().log());
        let secret = tempfile::NamedTempFile::new().unwrap();
        fs::write(secret.path(), TOKEN).unwrap();
        let others: Vec<String> = urls.iter().skip(1).map(|url| format!("\"{url}\"")).collect();
        let link = format!(
            "url = \"{}\"\nnodes = [{}]\ntoken = {{ file = \"{}\" }}",
            urls[0],
            others.join(", "),
            secret.path().display()
        );
        let planes = [(); 2].map(|()| Plan::before(&upstream).table("link", &link).start());
        let scene = Scene { controls, planes, root, upstream, _state: state, _secret: secret };
        eventually("both data planes are known and have said what they can", || {
            let told = [0, 1].map(|plane| scene.find(plane));
            told.iter()
                .all(|one| one.as_ref().is_some_and(|one| one.get("cannot_restart").is_none()))
                .then_some(())
        });
        scene
    }

    /// A data plane as the control plane shows it.
    fn find(&self, plane: usize) -> Option<Value> {
        std::thread::park_timeout(Duration::from_millis(50));
        let listens = format!("127.0.0.1:{}", self.planes[plane].port);
        let items = self.root.get("/api/v1/planes")["items"].as_array()?.clone();
        items.into_iter().find(|one| {
            let listeners = one["listeners"].as_array();
            listeners.is_some_and(|all| all.iter().any(|listener| listener["listen"] == listens))
        })
    }

    fn shown(&self, plane: usize) -> Value {
        self.find(plane).expect("it is known")
    }

    fn id(&self, plane: usize) -> String {
        self.shown(plane)["id"].as_str().unwrap().to_owned()
    }

    /// The process that writes the ledger of a data plane: the one that serves.
    fn process(&self, plane: usize) -> u32 {
        let lock = fs::read_to_string(self.planes[plane].folder().join("ledger/lock")).unwrap();
        lock.trim().parse().unwrap()
    }

    /// How often a process has begun to write the ledger of a data plane.
    fn processes(&self, plane: usize) -> usize {
        self.planes[plane].records().iter().filter(|record| record.event() == "writer.start").count()
    }

    /// Waits until a restart has ended.
    fn ended(&self, asked: &Caller, id: &str) -> Value {
        eventually_within(ROLLED_WITHIN, "the restart ends", || {
            std::thread::park_timeout(Duration::from_millis(200));
            let shown = asked.get(&format!("{RESTARTS}/{id}"));
            (shown["standing"] != "running").then_some(shown)
        })
    }

    fn activity(&self, action: &str) -> Vec<Value> {
        let all = self.root.get(&format!("/api/v1/instance/activity?action={action}"));
        all["items"].as_array().unwrap().clone()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        // The first process of each is the harness's own.
        for plane in &self.planes {
            let lock = fs::read_to_string(plane.folder().join("ledger/lock")).unwrap_or_default();
            if let Some(process) = lock.trim().parse().ok().filter(|process| *process != plane.pid()) {
                signal(process, "KILL");
            }
        }
    }
}

fn control(state: &Server) -> Control {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key"), KEY).unwrap();
    let tables = format!("[state]\nurl = \"postgres://trusted@127.0.0.1:{}/state\"", state.port);
    Control::start_with(free_port(), folder, "master_key = { file = \"key\" }", &tables)
}

fn is_refused(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_err()
}

#[test]
fn a_drained_data_plane_takes_no_sessions_until_it_is_brought_back() {
    let scene = Scene::start(1);
    let (plane, port, id) = (&scene.planes[0], scene.planes[0].port, scene.id(0));
    let mut working = Wire::login(port, "clear");
    assert_eq!(tags(&working.query("BEGIN")), "CZ");
    let mut idle = Wire::login(port, "clear");
    let demand = json!({ "reason": "a new kernel", "accept_seconds": 2, "end_idle_after_seconds": 1 });
    let told = scene.root.post(&format!("/api/v1/planes/{id}/drain"), &demand, 200);
    assert_eq!((&told["drain"]["phase"], &told["drain"]["sessions"]), (&json!("accepting"), &json!(2)));
    let (status, text) = plane.ready();
    assert!(status == 503 && text.starts_with("draining: connections are still accepted"), "{status} {text}");
    Wire::login(port, "clear").terminate();
    eventually("nothing is accepted", || is_refused(port).then_some(()));
    assert_eq!(first_error(&idle.rest()).as_deref(), Some("57P01"), "an idle session is ended");
    let insert = working.query("INSERT INTO planted VALUES (0, 1)");
    assert_eq!(tags(&insert), "CZ", "one inside a transaction goes on");
    let (status, text) = plane.ready();
    assert!(status == 503 && text.contains("1 sessions are left"), "{status} {text}");
    eventually("what is left is told", || {
        let drain = scene.shown(0)["drain"].clone();
        (drain["phase"] == "draining" && drain["sessions"] == 1).then_some(())
    });
    assert_eq!(plane.metric("dragoman_draining"), Some(1.0));
    assert_eq!(tags(&working.query("COMMIT")).chars().next(), Some('C'));
    assert_eq!(first_error(&working.rest()).as_deref(), Some("57P01"), "and ends after it");
    eventually("it is drained", || (scene.shown(0)["drain"]["phase"] == "drained").then_some(()));
    assert!(plane.ready().1.starts_with("drained"), "{:?}", plane.ready());
    // The other one is not concerned.
    Wire::login(scene.planes[1].port, "clear").terminate();

    let back =
        scene.root.post(&format!("/api/v1/planes/{id}/undrain"), &json!({ "reason": "it is done" }), 200);
    assert_eq!(back, json!({}));
    eventually("it is ready", || (plane.ready().0 == 200).then_some(()));
    let mut session = Wire::login(port, "clear");
    assert_eq!(session.query("SELECT 1").last().unwrap().tag, b'Z');
    eventually("that is told", || scene.shown(0).get("drain").is_none().then_some(()));
    assert_eq!(plane.metric("dragoman_draining"), Some(0.0));
    let shown = scene.shown(0);
    let happened: Vec<&str> =
        shown["events"].as_array().unwrap().iter().filter_map(|event| event["event"].as_str()).collect();
    assert_eq!(happened[..3], ["serving", "drained", "draining"], "{shown}");
    assert_eq!(scene.activity("drain_plane")[0]["details"]["reason"], "a new kernel");
    assert_eq!(scene.activity("undrain_plane")[0]["details"]["reason"], "it is done");
    drained_until_the_next_process(&scene, session);
}

/// A drain is of one process: the one that takes its place serves.
fn drained_until_the_next_process(scene: &Scene, mut session: Wire) {
    let (plane, port) = (&scene.planes[0], scene.planes[0].port);
    let path = format!("/api/v1/planes/{}/drain", scene.id(0));
    scene.root.post(&path, &json!({ "reason": "once more", "accept_seconds": 0 }), 200);
    eventually("nothing is accepted", || is_refused(port).then_some(()));
    assert_eq!(session.query("SELECT 1").last().unwrap().tag, b'Z', "nobody asked for sessions to be ended");
    plane.hang_up();
    eventually("settings are taken", || plane.log().contains("settings and rules reloaded").then_some(()));
    assert!(is_refused(port), "settings open no port");
    eventually("that it is drained is told", || scene.shown(0).get("drain").map(drop));
    let refused = scene.root.post(RESTARTS, &json!({ "reason": "why not", "planes": [scene.id(0)] }), 409);
    assert!(refused["detail"].as_str().unwrap().contains("bring it back first"), "{refused}");
    let before = scene.process(0);
    signal(before, "USR2");
    eventually("another process serves", || (scene.process(0) != before && !is_refused(port)).then_some(()));
    Wire::login(port, "clear").terminate();
    assert_eq!(session.query("SELECT 1").last().unwrap().tag, b'Z', "the session goes on where it is");
}

/// Clients that connect, write a row and leave, again and again.
struct Load {
    stopped: Arc<AtomicBool>,
    served: Arc<AtomicUsize>,
    failed: Arc<Mutex<Vec<String>>>,
    ended: Vec<JoinHandle<()>>,
}

impl Load {
    fn start(scene: &Scene) -> Load {
        let (stopped, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let failed = Arc::new(Mutex::new(Vec::new()));
        let clients = scene.planes.iter().enumerate().map(|(plane, gateway)| {
            let (stopped, served, failed) = (Arc::clone(&stopped), Arc::clone(&served), Arc::clone(&failed));
            let port = gateway.port;
            std::thread::spawn(move || {
                while !stopped.load(Ordering::Relaxed) {
                    match Wire::try_login(port, "clear") {
                        Ok(mut wire) => {
                            let said = tags(&wire.query(&format!("INSERT INTO planted VALUES ({plane}, 1)")));
                            wire.terminate();
                            if said == "CZ" {
                                served.fetch_add(1, Ordering::Relaxed);
                            } else {
                                failed.lock().unwrap().push(said);
                            }
                        }
                        Err(error) => failed.lock().unwrap().push(error),
                    }
                    // A pause between two rows: the machine has other tests to run.
                    std::thread::park_timeout(Duration::from_millis(5));
                }
            })
        });
        let ended = clients.collect();
        Load { stopped, served, failed, ended }
    }

    /// All rows that were written, none of which may have failed.
    fn stop(self) -> usize {
        self.stopped.store(true, Ordering::Relaxed);
        self.ended.into_iter().for_each(|client| client.join().unwrap());
        let failed = self.failed.lock().unwrap();
        assert!(failed.is_empty(), "{failed:?}");
        self.served.load(Ordering::Relaxed)
    }
}

#[test]
fn data_planes_are_restarted_one_after_the_other_and_no_statement_fails() {
    let scene = Scene::start(1);
    let before = [0, 1].map(|plane| scene.process(plane));
    let load = Load::start(&scene);
    eventually("rows are written", || (load.served.load(Ordering::Relaxed) > 20).then_some(()));
    let begun = scene.root.post(RESTARTS, &json!({ "reason": "a new version", "step_seconds": 60 }), 201);
    scene.root.post(RESTARTS, &json!({ "reason": "another" }), 409);
    let shown = scene.ended(&scene.root, begun["id"].as_str().unwrap());
    let written = load.stop();
    assert_eq!(shown["standing"], "done", "{shown}");
    let steps = shown["steps"].as_array().unwrap();
    let version = env!("CARGO_PKG_VERSION");
    for step in steps {
        let found = (&step["standing"], &step["version_before"], &step["version_after"]);
        assert_eq!(found, (&json!("back"), &json!(version), &json!(version)), "{shown}");
    }
    assert!(steps[0]["ended_at"].as_str() <= steps[1]["began_at"].as_str(), "one after the other: {shown}");
    for (plane, before) in before.into_iter().enumerate() {
        assert_ne!(scene.process(plane), before, "another process serves");
        assert_eq!(scene.processes(plane), 2, "and there were two");
    }
    let rows = scene.upstream.ask("SELECT count(*) FROM planted").unwrap();
    assert_eq!(rows, written.to_string(), "each row that was acknowledged is there once");
    assert_eq!(scene.activity("restart_planes")[0]["details"]["reason"], "a new version");
}

#[test]
fn another_node_goes_on_with_a_restart_and_no_data_plane_is_restarted_twice() {
    let mut scene = Scene::start(2);
    let other = scene.root.at(&scene.controls[1].as_ref().unwrap().url());
    let asked = scene.root.at(&scene.controls[0].as_ref().unwrap().url());
    let load = Load::start(&scene);
    let begun = asked.post(RESTARTS, &json!({ "reason": "a new version", "step_seconds": 80 }), 201);
    let id = begun["id"].as_str().unwrap().to_owned();
    eventually("it is under way", || {
        std::thread::park_timeout(Duration::from_millis(20));
        let shown = other.get(&format!("{RESTARTS}/{id}"));
        (shown["steps"][0]["standing"] == "restarting").then_some(())
    });
    scene.controls[0].take().unwrap().kill();
    let shown = scene.ended(&other, &id);
    load.stop();
    assert_eq!(shown["standing"], "done", "{shown}");
    for plane in 0..2 {
        assert_eq!(scene.processes(plane), 2, "each was restarted once: {shown}");
    }
}

#[test]
fn a_data_plane_whose_new_process_cannot_start_ends_the_restart_with_its_words() {
    let scene = Scene::start(1);
    // The first of the two: their names are the machine's, so the id decides.
    let ids = [scene.id(0), scene.id(1)];
    let (broken, sound) = if ids[0] < ids[1] { (0, 1) } else { (1, 0) };
    let settings = scene.planes[broken].settings();
    scene.planes[broken].rewrite_text(&settings.replace("mode = \"observe\"", "mode = \"sometimes\""));
    let begun = scene.root.post(RESTARTS, &json!({ "reason": "a new version", "step_seconds": 60 }), 201);
    let shown = scene.ended(&scene.root, begun["id"].as_str().unwrap());
    assert_eq!(shown["standing"], "failed", "{shown}");
    let (first, second) = (&shown["steps"][0], &shown["steps"][1]);
    assert_eq!((&first["plane"], &first["standing"]), (&json!(ids[broken]), &json!("failed")), "{shown}");
    assert!(first["why"].as_str().unwrap().contains("sometimes"), "{shown}");
    assert_eq!((&second["plane"], &second["standing"]), (&json!(ids[sound]), &json!("left")), "{shown}");
    for plane in 0..2 {
        assert_eq!(scene.processes(plane), 1, "nothing was replaced");
        Wire::login(scene.planes[plane].port, "clear").terminate();
    }
    let happened = scene.shown(broken)["events"][0].clone();
    assert_eq!(happened["event"], "not_restarted", "{happened}");

    // Mended, it is restarted; the other one too, unless somebody cancels meanwhile.
    scene.planes[broken].rewrite_text(&settings);
    let draft = json!({ "reason": "once more", "planes": [ids[broken]], "step_seconds": 60 });
    let begun = scene.root.post(RESTARTS, &draft, 201);
    let id = begun["id"].as_str().unwrap();
    assert_eq!(scene.ended(&scene.root, id)["standing"], "done");
    assert_eq!((scene.processes(broken), scene.processes(sound)), (2, 1));
    scene.root.post(&format!("{RESTARTS}/{id}/cancel"), &json!({}), 409);
    assert_eq!(scene.root.get(RESTARTS)["items"].as_array().unwrap().len(), 2);
}
