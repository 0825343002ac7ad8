//! Does a rule's bound on rows, bytes and seconds end what goes beyond it on a MySQL listener, with a login that
//! may stop it at the server and without one, and is what somebody cancels from the API stopped there?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::gateway::{Gateway, Plan};
use harness::mariadb::Mariadb;
use harness::mysql_wire::{
    CAPABILITIES, DEPRECATE_EOF, MysqlWire, Packet, command, execute, query, response,
};
use harness::server::PASSWORD;
use harness::{eventually, free_port};
use reqwest::blocking::Client;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Three million rows: no server has sent them all before it is told to stop.
const MANY: &str = "SELECT seq, REPEAT('x', 200) FROM seq_1_to_3000000";

/// Much work, and one row at its end.
const SLOW: &str = "SELECT SUM(a.seq * b.seq) FROM seq_1_to_1000000 a JOIN seq_1_to_1000000 b";

const ROWS: &str = r#"
[[rule]]
name = "portion"
when = { class = ["read"] }
decision = "limit"
limit = { rows = 100 }
message = "an answer has at most 100 rows"
hint = "add LIMIT"
"#;

const HURRY: &str = "[[rule]]\nname = \"hurry\"\nwhen = { class = [\"read\"] }\ndecision = \"limit\"\n\
    limit = { seconds = 0.5 }\n";

/// Who stops statements for the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stopper {
    /// A login that may.
    May,
    /// One that may not.
    MayNot,
    /// None.
    Nobody,
}

/// A server, and the gateway before it.
struct Scene {
    server: Mariadb,
    gateway: Gateway,
    _folder: tempfile::TempDir,
}

impl Scene {
    fn of(rules: &str, stopper: Stopper) -> Scene {
        Scene::with(rules, stopper, |plan| plan)
    }

    fn with(rules: &str, stopper: Stopper, more: impl FnOnce(Plan) -> Plan) -> Scene {
        let server = Mariadb::start();
        let folder = tempfile::Builder::new().prefix("dragoman-rules-").tempdir().unwrap();
        std::fs::write(folder.path().join("own.toml"), rules).unwrap();
        let directory = format!("directory = \"{}\"", folder.path().display());
        let listener = "policies = [\"own\"]\ndefault = \"allow\"\nallow_unauthenticated = true";
        let mut plan = server.plan().mode("enforce").listener(listener).table("policies", &directory);
        if stopper != Stopper::Nobody {
            let secret = folder.path().join("secret");
            std::fs::write(&secret, PASSWORD).unwrap();
            server.administer(&[format!("CREATE USER prober@'%' IDENTIFIED BY '{PASSWORD}'")]);
            plan = plan.table(
                "listener.probe",
                &format!("user = 'prober'\npassword = {{ file = '{}' }}", secret.display()),
            );
        }
        if stopper == Stopper::May {
            server.administer(&["GRANT CONNECTION ADMIN ON *.* TO prober@'%'"]);
        }
        Scene { gateway: more(plan).start(), server, _folder: folder }
    }

    fn login(&self) -> MysqlWire {
        MysqlWire::login(self.gateway.port, "limits")
    }

    fn hits(&self, rule: &str, count: usize) {
        self.gateway.recorded(&format!("{count} hits of {rule}"), |records| {
            let hits = records.iter().filter(|one| one.event() == "limit.hit" && one.text_of("note") == rule);
            (hits.count() == count).then_some(())
        });
    }

    /// The SQLSTATE of each outcome of a statement with this in its text, when the sessions have ended.
    fn outcomes(&self, text: &str, sessions: usize) -> Vec<String> {
        self.gateway.recorded("the sessions' ends", |records| {
            let ends = records.iter().filter(|one| one.event() == "session.end").count();
            let of_text = records.iter().filter(|one| one.event() == "statement.outcome");
            let of_text = of_text.filter(|one| one.text_of("text").contains(text));
            (ends == sessions).then(|| of_text.map(|one| one.text_of("sqlstate").to_owned()).collect())
        })
    }

    /// Waits until the server runs nothing of the client's any more.
    fn runs_nothing(&self) {
        let sql = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'nobody' AND command IN \
                   ('Query', 'Execute', 'Fetch')";
        eventually("nothing runs at the server", || (self.server.ask(sql) == "0").then_some(()));
    }
}

/// The number and text of the error that ends an answer.
#[track_caller]
fn error_of(packets: &[Packet]) -> (u16, String) {
    packets.last().unwrap().error().unwrap_or_else(|| panic!("no error: {:?}", packets.last()))
}

/// The rows before the error, told from columns by their place.
fn rows(packets: &[Packet]) -> usize {
    let first_row = 1 + packets.iter().position(Packet::is_eof).expect("an end of the columns");
    packets.len() - first_row - 1
}

fn says(error: &(u16, String), parts: &[&str]) {
    assert_eq!(error.0, 1226, "{error:?}");
    assert!(error.1.starts_with("#42000"), "{error:?}");
    assert!(parts.iter().all(|part| error.1.contains(part)), "{error:?}");
}

/// The only value of an answer.
fn value(packets: &[Packet]) -> String {
    let row = packets.iter().skip_while(|packet| !packet.is_eof()).nth(1).expect("a row");
    String::from_utf8_lossy(&row.payload[1..]).into_owned()
}

#[test]
fn too_many_rows_end_in_an_error_and_the_session_goes_on() {
    let scene = Scene::of(ROWS, Stopper::May);
    let mut wire = scene.login();
    let answer = wire.ask(&query(MANY));
    says(&error_of(&answer), &["an answer has at most 100 rows", "`own/portion`", "add LIMIT"]);
    assert!((100..3_000_000).contains(&rows(&answer)), "{}", rows(&answer));
    // The same of a prepared statement, within a transaction that goes on.
    wire.ask(&query("BEGIN"));
    wire.ask(&query("INSERT INTO scratch (id) VALUES (1)"));
    let many = wire.prepare(MANY);
    let answer = wire.ask(&execute(many, false));
    says(&error_of(&answer), &["at most 100 rows", "the transaction goes on"]);
    assert_eq!(value(&wire.ask(&query("SELECT COUNT(*) FROM scratch"))), "1");
    wire.ask(&query("COMMIT"));
    assert_eq!(scene.server.ask("SELECT COUNT(*) FROM scratch"), "1");
    // At the bound, and what is no read.
    assert_eq!(rows(&wire.ask(&query("SELECT seq FROM seq_1_to_100"))), 100);
    assert!(wire.ask(&query("INSERT INTO scratch (id) SELECT seq FROM seq_2_to_2000"))[0].is_ok());
    scene.hits("own/portion", 2);
    wire.quit();
    assert_eq!(scene.outcomes("REPEAT", 1), ["42000", "42000"]);
    scene.runs_nothing();
}

#[test]
fn the_results_of_one_text_are_bounded_together() {
    for capabilities in [CAPABILITIES, CAPABILITIES | DEPRECATE_EOF] {
        let scene = Scene::of(ROWS, Stopper::May);
        let mut wire = MysqlWire::login_with(scene.gateway.port, "limits", capabilities);
        let answer = wire.ask(&query(&format!("SELECT seq FROM seq_1_to_60; SELECT 1; {MANY}; SELECT 2")));
        says(&error_of(&answer), &["at most 100 rows"]);
        assert_eq!(wire.ask(&query("SELECT 7")).iter().filter(|one| one.payload == b"\x017").count(), 1);
        wire.quit();
        scene.hits("own/portion", 1);
    }
}

#[test]
fn the_parts_of_a_cursor_are_bounded_together() {
    let scene = Scene::of(ROWS, Stopper::May);
    let mut wire = scene.login();
    // The server puts all of it aside before the first part is fetched.
    let many = wire.prepare("SELECT seq, REPEAT('x', 200) FROM seq_1_to_200000");
    let answer = wire.ask(&execute(many, true));
    assert!(answer.last().unwrap().is_eof(), "{:?}", answer.last());
    let fetch = |rows: u32| command(0x1c, &[many.to_le_bytes(), rows.to_le_bytes()].concat());
    let part = |wire: &mut MysqlWire, rows: u32| {
        wire.send(&fetch(rows));
        let mut part = Vec::new();
        while !part.last().is_some_and(|last: &Packet| last.is_eof() || last.error().is_some()) {
            part.push(wire.packet().unwrap());
        }
        part
    };
    assert_eq!(part(&mut wire, 60).len(), 61);
    assert_eq!(part(&mut wire, 40).len(), 41);
    // No server stops while it hands out what it has put aside: the answer ends here, and the session.
    wire.send(&fetch(200_000));
    let [packet] = &last_words(&mut wire)[..] else { panic!("more than an error") };
    says(&packet.error().unwrap(), &["at most 100 rows", "the session ends"]);
    scene.hits("own/portion", 1);
    assert_eq!(scene.outcomes("REPEAT", 1), ["42000"]);
    // Another session is not touched.
    assert_eq!(value(&scene.login().ask(&query("SELECT 5"))), "5");
}

#[test]
fn too_many_bytes_end_in_an_error() {
    let rules = "[[rule]]\nname = \"bulk\"\ndecision = \"limit\"\nlimit = { bytes = \"100 kB\" }\n";
    let scene = Scene::of(rules, Stopper::May);
    let mut wire = scene.login();
    scene
        .server
        .administer(&[format!("CREATE PROCEDURE shop.parts() BEGIN SELECT 1; {MANY}; SELECT 2; END")]);
    for sql in [MANY, "SELECT REPEAT('x', 20000000), seq FROM seq_1_to_40", "CALL parts()"] {
        let answer = wire.ask(&query(sql));
        says(&error_of(&answer), &["the result has more than 100000 bytes", "`own/bulk`"]);
        assert_eq!(value(&wire.ask(&query("SELECT 1"))), "1");
    }
    scene.hits("own/bulk", 3);
}

#[test]
fn what_takes_too_long_is_ended_and_what_waits_behind_it_is_not() {
    let scene = Scene::of(HURRY, Stopper::May);
    let mut wire = scene.login();
    let began = Instant::now();
    wire.send(&[query(SLOW), query("SELECT 'behind'")].concat());
    says(&error_of(&wire.answer()), &["the statement took longer than 0.5 s", "`own/hurry`"]);
    assert_eq!(value(&wire.answer()), "behind");
    let slow = wire.prepare(SLOW);
    says(&error_of(&wire.ask(&execute(slow, false))), &["longer than 0.5 s"]);
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    scene.hits("own/hurry", 2);
    wire.quit();
    assert_eq!(scene.outcomes("SUM", 1), ["42000", "42000"]);
    scene.runs_nothing();
}

#[test]
fn a_statement_that_ends_before_it_is_stopped_has_completed_and_the_next_is_not_hit() {
    let scene = Scene::of(ROWS, Stopper::May);
    let mut wire = scene.login();
    // The server has sent all of it by the time anybody counts.
    for round in 0..20 {
        let answer = wire.ask(&query("SELECT seq FROM seq_1_to_101"));
        assert_eq!((rows(&answer), answer.last().unwrap().is_eof()), (101, true), "{round}");
        assert_eq!(value(&wire.ask(&query("SELECT SLEEP(0.02)"))), "0", "{round}");
    }
    scene.hits("own/portion", 20);
    wire.quit();
    assert_eq!(scene.outcomes("seq_1_to_101", 1), vec![String::new(); 20]);
}

/// The rest of an answer, its error and the end of the connection.
fn last_words(wire: &mut MysqlWire) -> Vec<Packet> {
    let mut packets = Vec::new();
    while let Some(packet) = wire.packet() {
        packets.push(packet);
    }
    packets
}

#[test]
fn without_a_login_of_its_own_the_gateway_ends_the_answer_and_the_session() {
    for stopper in [Stopper::Nobody, Stopper::MayNot] {
        let scene = Scene::of(&format!("{ROWS}\n{HURRY}"), stopper);
        let mut wire = scene.login();
        assert_eq!(value(&wire.ask(&query("SELECT 1"))), "1");
        wire.send(&query(MANY));
        let packets = last_words(&mut wire);
        says(&error_of(&packets), &["at most 100 rows", "`own/portion`", "the session ends", "add LIMIT"]);
        let numbers: Vec<u8> = packets.iter().map(|packet| packet.sequence).collect();
        let expected: Vec<u8> = (1..=packets.len()).map(|number| (number % 256) as u8).collect();
        assert_eq!(numbers, expected, "the numbers go on to the last packet");
        match stopper {
            // In the place of the first row beyond.
            Stopper::Nobody => assert_eq!(rows(&packets), 100),
            _ => assert!(rows(&packets) >= 100),
        }
        let mut wire = scene.login();
        let slow = wire.prepare(SLOW);
        wire.send(&execute(slow, false));
        let packets = last_words(&mut wire);
        says(&error_of(&packets), &["longer than 0.5 s", "the session ends"]);
        assert_eq!((packets.len(), packets[0].sequence), (1, 1));
        assert_eq!(scene.outcomes("REPEAT", 2), ["42000"]);
        assert_eq!(scene.outcomes("SUM", 2), ["42000"]);
        let ends = scene.gateway.recorded("two ends", |records| {
            let ends: Vec<_> = records.iter().filter(|one| one.event() == "session.end").collect();
            let told = |one: &&harness::ledger::Record| {
                (one.text_of("sqlstate").to_owned(), one.text_of("message_class").to_owned())
            };
            (ends.len() == 2).then(|| ends.iter().map(told).collect::<Vec<_>>())
        });
        assert_eq!(ends, vec![("42000".to_owned(), "limit".to_owned()); 2]);
        if stopper == Stopper::MayNot {
            let log = scene.gateway.log();
            assert!(log.contains("GRANT CONNECTION ADMIN ON *.* TO"), "{log}");
        }
    }
}

/// The control plane of the program, and its first admin.
struct Control {
    http: Client,
    url: String,
    cookie: String,
    csrf: String,
}

const PATH: &str = "/api/v1/workspaces/default/live-sessions";

impl Control {
    fn of(scene: &Scene, port: u16) -> Control {
        let url = format!("http://127.0.0.1:{port}");
        let token = eventually("the set-up link is printed", || {
            let log = scene.gateway.log();
            let at = log.find("/setup#")?;
            log[at + 7..].split_whitespace().next().map(ToOwned::to_owned)
        });
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        let person =
            json!({ "email": "root@example.com", "name": "Root", "password": "four-words-nobody-says-4831" });
        let response = http
            .post(format!("{url}/api/v1/setup"))
            .json(&json!({ "token": token, "person": person }))
            .send()
            .unwrap();
        let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let csrf = response.json::<Value>().unwrap()["csrf_token"].as_str().unwrap().to_owned();
        Control { http, url, cookie, csrf }
    }

    /// The session that runs something.
    fn running(&self) -> Value {
        eventually("something runs", || {
            std::thread::park_timeout(Duration::from_millis(50));
            let request = self.http.get(format!("{}{PATH}", self.url)).header("cookie", &self.cookie);
            let live: Value = request.send().unwrap().json().unwrap();
            live["items"].as_array()?.iter().find(|one| one["current"].is_object()).cloned()
        })
    }

    fn cancel(&self, session: &Value) -> (u16, Value) {
        let path = format!("{}{PATH}/{}/cancel", self.url, session["session"].as_str().unwrap());
        let request = self.http.post(path).header("cookie", &self.cookie).header("x-csrf-token", &self.csrf);
        let response = request.json(&json!({})).send().unwrap();
        (response.status().as_u16(), response.json().unwrap_or_default())
    }
}

#[test]
fn what_a_session_runs_is_cancelled_from_the_api_where_a_login_may() {
    for stopper in [Stopper::May, Stopper::MayNot, Stopper::Nobody] {
        let port = free_port();
        let admin = format!("listen = \"127.0.0.1:{port}\"\ndata_directory = \"control\"");
        let scene = Scene::with(ROWS, stopper, |plan| plan.table("admin", &admin));
        let control = Control::of(&scene, port);
        let mut wire = scene.login();
        let own: u32 = value(&wire.ask(&query("SELECT CONNECTION_ID()"))).parse().unwrap();
        wire.send(&query(SLOW));
        let session = control.running();
        assert_eq!(session["server_process"], own, "{session}");
        let (status, answer) = control.cancel(&session);
        match stopper {
            Stopper::May => {
                assert_eq!(status, 202, "{answer}");
                // Nobody's rule has ended it: the words are the server's.
                assert_eq!(error_of(&wire.answer()).0, 1317);
                assert_eq!(value(&wire.ask(&query("SELECT 1"))), "1");
            }
            Stopper::MayNot => {
                assert!(status >= 400, "{answer}");
                assert!(answer.to_string().contains("GRANT CONNECTION ADMIN ON *.* TO"), "{answer}");
            }
            Stopper::Nobody => {
                assert_eq!(status, 409, "{answer}");
                assert!(answer.to_string().contains("[listener.probe]"), "{answer}");
            }
        }
    }
}

/// Logged in as this user, and the connection's number.
fn login_as(gateway: &Gateway, user: &str) -> (MysqlWire, u32) {
    let mut wire = MysqlWire::connect(gateway.port);
    wire.packet().expect("a greeting");
    wire.send(&response(user, "kills", CAPABILITIES));
    let answer = wire.packet().expect("an answer");
    assert!(answer.is_ok(), "{:?}", answer.error());
    let own = value(&wire.ask(&query("SELECT CONNECTION_ID()"))).parse().unwrap();
    (wire, own)
}

#[test]
fn who_reads_only_may_stop_what_is_his_own_and_nothing_else() {
    let server = Mariadb::start();
    let plan = server.plan().mode("enforce");
    let gateway = plan.listener("policies = [\"read-only\"]\nallow_unauthenticated = true").start();
    let (mut wire, own) = login_as(&gateway, "nobody");
    let (mut second, own_too) = login_as(&gateway, "nobody");
    let (_other, others) = login_as(&gateway, "ann");
    // As a driver's timeout does, and the client at the terminal when somebody interrupts it.
    let begin = |wire: &mut MysqlWire| {
        wire.send(&query(SLOW));
        eventually("the statement runs", || {
            let sql = format!("SELECT info FROM information_schema.processlist WHERE id = {own}");
            server.ask(&sql).contains("SUM").then_some(())
        });
    };
    begin(&mut wire);
    assert!(second.ask(&query(&format!("KILL QUERY {own}")))[0].is_ok());
    assert_eq!(error_of(&wire.answer()).0, 1317);
    begin(&mut wire);
    assert!(second.ask(&query(&format!("KILL {own}")))[0].is_ok());
    // The server may say why, or only close.
    assert!(last_words(&mut wire).iter().all(|packet| packet.error().is_some()));
    let nobodys: u32 = server.ask("SELECT CONNECTION_ID()").parse().unwrap();
    for refused in [
        query(&format!("KILL QUERY {others}")),
        query(&format!("KILL {others}")),
        query(&format!("KILL {nobodys}")),
        query(&format!("KILL {own_too} + 0")),
        query("KILL USER ann"),
        command(0x0c, &others.to_le_bytes()),
        command(0x0c, b"x"),
    ] {
        let (number, words) = error_of(&second.ask(&refused));
        assert_eq!(number, 1792, "{words}");
        assert!(words.contains("not administered"), "{words}");
    }
    assert!(second.try_prepare("KILL ?").is_err());
    let (third, own_third) = login_as(&gateway, "nobody");
    assert!(second.ask(&command(0x0c, &own_third.to_le_bytes()))[0].is_ok());
    drop(third);
    second.quit();
    let lines = gateway.recorded("the end of the second session", |records| {
        let kills = records.iter().filter(|one| one.text_of("text").to_lowercase().starts_with("kill"));
        let shown = |one: &harness::ledger::Record| {
            let event = one.event().replace("statement.", "");
            format!("{event} {} {}", one.text_of("text"), one.text_of("class"))
        };
        records
            .iter()
            .any(|one| one.event() == "session.end" && one.text_of("message_class") == "closed")
            .then(|| kills.map(shown).filter(|line| line.starts_with("outcome")).collect::<Vec<_>>())
    });
    assert_eq!(lines, ["outcome KILL QUERY ? session", "outcome KILL ? session", "outcome kill session"]);
}
