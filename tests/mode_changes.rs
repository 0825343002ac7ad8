//! Does a listener have another mode for as long as was asked, and not a moment longer, whoever is gone meanwhile?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use control::{Answer, Carried, Carrier, CarrierError, Directions, Listening, ModeChange, Report, Snapshot};
use harness::gateway::Plan;
use harness::ledger::{self, Record};
use harness::server::Server;
use harness::wire::{Wire, first_error};
use harness::{each_version, eventually, eventually_within, free_port};
use proxy::{Gateway, config};
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const RULES: &str = "[[rule]]\nname = \"no-delete\"\nwhen = { verb = \"delete\" }\ndecision = \"refuse\"\n";
const DELETE: &str = "DELETE FROM scratch WHERE false";
const PERMITS: &str = "managed = true\nmode_changes = true";

/// A control plane that publishes once, and is away until and after that.
#[derive(Debug, Default)]
struct Double {
    snapshots: Mutex<VecDeque<Snapshot>>,
    acknowledged: AtomicBool,
}

impl Carrier for Double {
    fn listen(&self, _: Listening) -> Carried<'_, Directions> {
        Box::pin(async {
            let Some(snapshot) = self.snapshots.lock().unwrap().pop_front() else {
                return Err(CarrierError::Away("nobody is there".to_owned()));
            };
            Ok(Directions { snapshot: Some(Arc::new(snapshot)), questions: Vec::new() })
        })
    }

    fn report(&self, report: Report) -> Carried<'_, ()> {
        if report.acknowledgement.is_some() {
            self.acknowledged.store(true, Ordering::SeqCst);
        }
        Box::pin(async { Ok(()) })
    }

    fn answer(&self, _: &str, _: Answer) -> Carried<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// A listener that enforces by its file, before `server`; gives its port.
fn write_settings(folder: &Path, server: &Server, more: &str) -> u16 {
    let port = free_port();
    fs::create_dir(folder.join("policies")).unwrap();
    fs::write(folder.join("policies/base.toml"), RULES).unwrap();
    let text = format!(
        "[status]\nlisten = '127.0.0.1:0'\n[data_plane]\nthreads = 1\ndrain_seconds = 0\n[[listener]]\nname = 'shop'\n\
         listen = '127.0.0.1:{port}'\nupstream = '127.0.0.1:{}'\nmode = 'enforce'\npolicies = ['base']\n\
         allow_unauthenticated = true\n{more}\n",
        server.port
    );
    fs::write(folder.join("dragoman.toml"), text).unwrap();
    port
}

fn start(folder: &Path) -> Gateway {
    Gateway::start(config::load(&folder.join("dragoman.toml"), std::iter::empty()).unwrap()).unwrap()
}

fn stop(gateway: Gateway) {
    gateway.stop(&AtomicBool::new(true));
}

/// Observing for `seconds` from now on.
fn observing(seconds: u32) -> ModeChange {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(seconds.into());
    ModeChange {
        id: "0199aaaa-0000-7000-8000-000000000001".to_owned(),
        listener: "shop".to_owned(),
        workspace: "default".to_owned(),
        enforces: false,
        until_us: i64::try_from(now.as_micros()).unwrap(),
        seconds,
        reason: "orders are stuck".to_owned(),
        asked_by: "ann@example.com".to_owned(),
        approved_by: "ben@example.com".to_owned(),
        ended_by: None,
    }
}

fn publish(gateway: &Gateway, change: ModeChange) -> Arc<Double> {
    let double = Arc::new(Double::default());
    let snapshot = Snapshot { version: 1, made_at_us: 1, listeners: Vec::new(), mode_changes: vec![change] };
    double.snapshots.lock().unwrap().push_back(snapshot);
    gateway.link(vec![Arc::<Double>::clone(&double)]).unwrap();
    eventually("it is taken", || double.acknowledged.load(Ordering::SeqCst).then_some(()));
    double
}

fn passes(wire: &mut Wire) -> bool {
    first_error(&wire.query(DELETE)).is_none()
}

/// What the ledger says of modes, in order.
fn modes(records: &[Record]) -> Vec<String> {
    let of = records.iter().filter(|record| record.event() == "mode.changed");
    of.map(|record| record.text_of("note").to_owned()).collect()
}

#[test]
fn a_listener_observes_for_the_time_that_was_asked_and_returns_with_nobody_there() {
    each_version(|version| {
        let server = Server::start(version);
        let folder = tempfile::tempdir().unwrap();
        let port = write_settings(folder.path(), &server, PERMITS);
        let gateway = start(folder.path());
        let mut wire = Wire::login(port, "trusted");
        assert!(!passes(&mut wire));
        let since = Instant::now();
        publish(&gateway, observing(4));
        assert!(passes(&mut wire), "a session that is open goes by the new mode");
        assert!(passes(&mut Wire::login(port, "trusted")));
        // The double is away from here on.
        eventually_within(Duration::from_secs(15), "it is refused again", || {
            (!passes(&mut wire)).then_some(())
        });
        assert!(since.elapsed() >= Duration::from_secs(3), "it was not cut short");
        assert!(!passes(&mut Wire::login(port, "trusted")));
        stop(gateway);
        let records = ledger::read(&folder.path().join("data/ledger"));
        let told = modes(&records);
        assert_eq!(told.len(), 2, "{told:?}");
        let id = observing(1).id;
        let begun =
            format!("listener `shop` changes from enforce to observe: mode change {id} begins, until ");
        assert!(told[0].starts_with(&begun), "{told:?}");
        let by = "asked for by ann@example.com, approved by ben@example.com: orders are stuck";
        assert!(told[0].ends_with(by), "{told:?}");
        let over = format!(
            "listener `shop` changes from observe to enforce: mode change {id} is over: its time is up"
        );
        assert_eq!(told[1], over);
        // What passed only since the listener observed is on record as such, between the two.
        let place = |note: &str| records.iter().position(|one| one.text_of("note") == note).unwrap();
        let passed = records.iter().position(|one| {
            one.event() == "statement.outcome"
                && one.text_of("verdict") == "refuse"
                && one.text_of("rule") == "base/no-delete"
        });
        assert!((place(&told[0])..place(&told[1])).contains(&passed.unwrap()));
    });
}

#[test]
fn a_data_plane_that_starts_anew_goes_on_to_the_same_end_and_enforces_after_it() {
    let server = Server::start("18");
    let folder = tempfile::tempdir().unwrap();
    let port = write_settings(folder.path(), &server, PERMITS);
    let gateway = start(folder.path());
    let since = Instant::now();
    publish(&gateway, observing(6));
    assert!(passes(&mut Wire::login(port, "trusted")));
    stop(gateway);

    let gateway = start(folder.path());
    let mut wire = Wire::login(port, "trusted");
    assert!(passes(&mut wire), "it goes on without anybody who published it");
    eventually_within(Duration::from_secs(15), "it is refused again", || (!passes(&mut wire)).then_some(()));
    let lasted = since.elapsed();
    assert!((Duration::from_secs(5)..Duration::from_secs(9)).contains(&lasted), "{lasted:?}");
    stop(gateway);
    let gateway = start(folder.path());
    assert!(!passes(&mut Wire::login(port, "trusted")), "what is kept of the snapshot begins nothing again");
    stop(gateway);
    let records = ledger::read(&folder.path().join("data/ledger"));
    assert_eq!(modes(&records).len(), 2, "{:?}", modes(&records));
    let starts: Vec<_> = records.iter().filter(|one| one.event() == "writer.start").collect();
    assert_eq!(starts.len(), 3);
    assert!(starts[1].text_of("note").contains("listener `shop` observes"));
    assert!(starts[1].text_of("note").contains("at the latest by mode change 0199aaaa"));
    assert!(starts[2].text_of("note").contains("listener `shop` enforces"));
}

#[test]
fn one_that_was_stopped_over_the_end_enforces_from_its_first_statement_and_says_so() {
    let server = Server::start("18");
    let folder = tempfile::tempdir().unwrap();
    let port = write_settings(folder.path(), &server, PERMITS);
    let gateway = start(folder.path());
    publish(&gateway, observing(2));
    assert!(passes(&mut Wire::login(port, "trusted")));
    stop(gateway);
    std::thread::park_timeout(Duration::from_millis(2_500));
    let gateway = start(folder.path());
    assert!(!passes(&mut Wire::login(port, "trusted")));
    stop(gateway);
    let told = modes(&ledger::read(&folder.path().join("data/ledger")));
    assert!(told[1].ends_with("is over: its time is up"), "{told:?}");
}

#[test]
fn settings_that_do_not_permit_it_keep_the_listener_enforcing_and_a_reload_ends_it() {
    let server = Server::start("18");
    let folder = tempfile::tempdir().unwrap();
    let port = write_settings(folder.path(), &server, "managed = true");
    let gateway = start(folder.path());
    publish(&gateway, observing(600));
    let mut wire = Wire::login(port, "trusted");
    assert!(!passes(&mut wire));
    let file = folder.path().join("dragoman.toml");
    let strict = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{strict}mode_changes = true\n")).unwrap();
    gateway.reload(config::load(&file, std::iter::empty()).unwrap()).unwrap();
    assert!(passes(&mut wire));
    fs::write(&file, strict).unwrap();
    gateway.reload(config::load(&file, std::iter::empty()).unwrap()).unwrap();
    assert!(!passes(&mut wire));
    stop(gateway);
    let told = modes(&ledger::read(&folder.path().join("data/ledger")));
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains("keeps its mode") && told[0].contains("is refused"), "{told:?}");
    assert!(told[2].contains("does not permit it any more"), "{told:?}");
}

// ---- the real planes, in processes of their own ----

const PASSWORD: &str = "four-words-nobody-says-4831";
const TOKEN: &str = "a-token-that-both-planes-know-7391";
const AT: &str = "/api/v1/workspaces/default";

/// Somebody who asks the API.
struct Caller {
    http: Client,
    url: String,
    cookie: String,
    csrf: String,
}

impl Caller {
    /// Whoever this answer lets in.
    fn of(url: &str, response: Response, status: u16) -> Caller {
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let csrf = body(response, status)["csrf_token"].as_str().unwrap().to_owned();
        Caller { http, url: url.to_owned(), cookie, csrf }
    }

    fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{AT}{path}", self.url)).header("cookie", &self.cookie);
        body(request.send().unwrap(), 200)
    }

    fn post(&self, path: &str, version: i64, draft: &Value, status: u16) -> Value {
        let request = self.http.post(format!("{}{AT}{path}", self.url)).header("cookie", &self.cookie);
        let request = request.header("x-csrf-token", &self.csrf).header("if-match", format!("\"{version}\""));
        let request = if draft.is_null() { request } else { request.json(draft) };
        body(request.send().unwrap(), status)
    }
}

#[track_caller]
fn body(response: Response, status: u16) -> Value {
    let (found, text) = (response.status().as_u16(), response.text().unwrap());
    assert_eq!(found, status, "{text}");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// A control plane by itself, in a folder of the test.
struct Control {
    process: Child,
    folder: tempfile::TempDir,
    url: String,
}

impl Control {
    fn start() -> Control {
        let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
        fs::write(folder.path().join("token"), TOKEN).unwrap();
        let text = format!(
            "[admin]\nlisten = \"127.0.0.1:{port}\"\ndata_directory = \"control\"\n\
             [admin.link]\ntoken = {{ file = \"token\" }}\n"
        );
        fs::write(folder.path().join("control.toml"), text).unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
        command.args(["serve", "--plane", "control", "--config"]).arg(folder.path().join("control.toml"));
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let control =
            Control { process: command.spawn().unwrap(), folder, url: format!("http://127.0.0.1:{port}") };
        eventually("the control plane answers", || {
            let health = reqwest::blocking::get(format!("{}/api/v1/health", control.url));
            health.ok().filter(|one| one.status() == 200)
        });
        control
    }

    /// Becomes the first admin by the link that the program printed.
    fn first(&self) -> Caller {
        let token = eventually("the set-up link is printed", || {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap();
            let at = log.find("/setup#")?;
            log[at + 7..].split_whitespace().next().map(ToOwned::to_owned)
        });
        let person = json!({ "email": "root@example.com", "name": "Root", "password": PASSWORD });
        let draft = json!({ "token": token, "person": person });
        let response = Client::new().post(format!("{}/api/v1/setup", self.url)).json(&draft).send().unwrap();
        Caller::of(&self.url, response, 201)
    }

    /// Somebody who follows an invitation of `root`: without a mail server mails are files.
    fn join(&self, root: &Caller, name: &str, role: &str) -> Caller {
        let email = format!("{name}@example.com");
        root.post("/invitations", 0, &json!({ "email": email, "role": role }), 201);
        let token = eventually("the mail is there", || {
            let mails = fs::read_dir(self.folder.path().join("control/mail")).ok()?;
            let texts = mails.filter_map(|mail| fs::read_to_string(mail.ok()?.path()).ok());
            let text = texts.map(|text| text.replace("=\r\n", "").replace("=\n", "").replace("=3D", "="));
            let text = text.into_iter().find(|text| text.contains(&email))?;
            let link = text.split_whitespace().find(|word| word.starts_with("http") && word.contains('#'))?;
            link.split_once('#').map(|(_, token)| token.to_owned())
        });
        let http = Client::new();
        let person = json!({ "email": email, "name": name, "password": PASSWORD, "invitation": token });
        let made = http.post(format!("{}/api/v1/registration", self.url)).json(&person).send().unwrap();
        body(made, 201);
        let signs_in = json!({ "email": email, "password": PASSWORD });
        let response = http.post(format!("{}/api/v1/session", self.url)).json(&signs_in).send().unwrap();
        let status = response.status().as_u16();
        Caller::of(&self.url, response, status)
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn with_the_control_plane_killed_and_the_data_plane_started_anew_a_real_one_ends_in_time() {
    let server = Server::start("18");
    let mut control = Control::start();
    let root = control.first();
    let secret = control.folder.path().join("token");
    let link = format!("url = \"{}\"\ntoken = {{ file = \"{}\" }}", control.url, secret.display());
    let settings = format!("allow_unauthenticated = true\npolicies = [\"base\"]\n{PERMITS}");
    let rules = tempfile::tempdir().unwrap();
    fs::write(rules.path().join("base.toml"), RULES).unwrap();
    let plan = Plan::before(&server)
        .mode("enforce")
        .listener(&settings)
        .table("link", &link)
        .table("policies", &format!("directory = \"{}\"", rules.path().display()));
    let mut gateway = plan.start();
    let listener = "/listeners/shop/mode-changes";
    eventually("the control plane knows the listener", || {
        let listeners = root.get("/listeners");
        (listeners["items"][0]["planes"][0]["state"]["mode_changes"] == true).then_some(())
    });
    let mut wire = Wire::login(gateway.port, "trusted");
    assert!(!passes(&mut wire));

    let ann = control.join(&root, "ann", "editor");
    let draft = json!({ "mode": "observe", "minutes": 1, "reason": "orders are stuck" });
    let asked = ann.post(listener, 0, &draft, 201);
    let (id, version) = (asked["id"].as_str().unwrap(), asked["version"].as_i64().unwrap());
    assert!(!passes(&mut wire), "asking changes nothing");
    let approve = format!("{listener}/{id}/approve");
    ann.post(&approve, version, &Value::Null, 403);
    let since = Instant::now();
    let running = root.post(&approve, version, &Value::Null, 200);
    assert_eq!((&running["standing"], &running["decided_by"]["name"]), (&json!("running"), &json!("Root")));
    eventually("it passes", || passes(&mut wire).then_some(()));
    assert_eq!(gateway.metric("dragoman_mode_changed"), Some(1.0));

    control.process.kill().unwrap();
    control.process.wait().unwrap();
    gateway.kill();
    gateway.start_again();
    let mut wire = Wire::login(gateway.port, "trusted");
    assert!(passes(&mut wire), "it goes on");
    eventually_within(Duration::from_secs(75), "it is refused again", || (!passes(&mut wire)).then_some(()));
    let lasted = since.elapsed();
    assert!((Duration::from_secs(50)..Duration::from_secs(70)).contains(&lasted), "{lasted:?}");
    assert_eq!(gateway.metric("dragoman_mode_changed"), Some(0.0));
    let told = modes(&gateway.records());
    assert!(
        told[0].contains("asked for by ann@example.com, approved by root@example.com: orders are stuck"),
        "{told:?}"
    );
    assert!(told[1].ends_with("its time is up"), "{told:?}");
    gateway.kill();
    gateway.start_again();
    assert!(!passes(&mut Wire::login(gateway.port, "trusted")));
}
