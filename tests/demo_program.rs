//! Does `dragoman demo` run end to end, start again quickly, and leave nothing running however it ends?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use dragoman::demo::server::{PostgresServer, ServerOptions};
use harness::clients::{psql, run};
use harness::ledger::{self, Record};
use harness::{eventually_within, places};
use std::env;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tokio_postgres::NoTls;

/// Longest wait for anything here; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running demo that has shown its screen.
struct Demo {
    program: Child,
    screen: String,
    base: u16,
    cluster: PathBuf,
    // Open until the end: the demo still says that it stops.
    _output: BufReader<ChildStdout>,
}

impl Demo {
    fn start(place: &Path, base: u16) -> Demo {
        Demo::start_with(place, base, |_| ())
    }

    fn start_with(place: &Path, base: u16, with: impl FnOnce(&mut Command)) -> Demo {
        let mut demo = command(place, base);
        with(&mut demo);
        let mut program = demo.stdout(Stdio::piped()).spawn().unwrap();
        let mut screen = String::new();
        let mut output = BufReader::new(program.stdout.take().unwrap());
        while !screen.contains("Ctrl-C") {
            let read = output.read_line(&mut screen).unwrap();
            assert!(read > 0, "the demo ended: {screen}");
        }
        Demo { program, screen, base, cluster: place.join("postgres"), _output: output }
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.program.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end, and until nothing of it is left. Answers its exit code.
    fn end(mut self) -> Option<i32> {
        let status = self.program.wait().unwrap();
        let deadline = Instant::now() + PATIENCE;
        while !processes_on(&self.cluster).is_empty() {
            assert!(Instant::now() < deadline, "left: {:?}", processes_on(&self.cluster));
            std::thread::yield_now();
        }
        for port in self.base..self.base + 6 {
            assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err(), "port {port} is still served");
        }
        status.code()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn command(place: &Path, base: u16) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
    command.arg("demo").arg("--data").arg(place).args(["--ports", &base.to_string()]);
    if env::var_os("DRAGOMAN_POSTGRES_BIN").is_none() {
        command.arg("--postgres-bin").arg(places::postgres_binaries("18"));
    }
    command
}

/// Six ports in a row that are free now. Other processes begin to look elsewhere: those with the
/// next numbers ten ports further.
fn free_base() -> u16 {
    let first = 20_000 + 10 * u16::try_from(std::process::id() % 1_200).unwrap();
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    (first..).step_by(10).find(|base| (*base..*base + 6).all(is_free)).unwrap()
}

/// Postmasters on this cluster, and whatever else names it.
fn processes_on(cluster: &Path) -> Vec<i32> {
    let needle = cluster.as_os_str().as_encoded_bytes();
    let ids =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let arguments = |id: i32| fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    ids.filter(|id| arguments(*id).split(|byte| *byte == 0).any(|argument| argument == needle)).collect()
}

/// The sum of a metric's samples whose labels contain `labels`; 0 while there is none.
fn metric(status: u16, name: &str, labels: &str) -> f64 {
    let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, status)).unwrap();
    write!(socket, "GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
    let mut text = String::new();
    socket.read_to_string(&mut text).unwrap();
    let value = |line: &str| {
        let rest = line.strip_prefix(name).filter(|rest| rest.starts_with('{') && rest.contains(labels))?;
        rest.rsplit_once(' ')?.1.parse::<f64>().ok()
    };
    text.lines().filter_map(value).sum()
}

/// Runs a demo that cannot start; answers what it says.
fn refused(place: &Path, base: u16) -> String {
    let Output { status, stderr, .. } = command(place, base).output().unwrap();
    assert_eq!(status.code(), Some(1));
    String::from_utf8(stderr).unwrap()
}

async fn orders(base: u16) -> i64 {
    let login = format!("host=127.0.0.1 port={base} user=shop_app password=shop dbname=shop");
    let (client, connection) = tokio_postgres::connect(&login, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.query_one("SELECT count(*) FROM orders", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn the_demo_serves_the_shop_and_leaves_nothing_running_however_it_ends() {
    let folder = tempfile::Builder::new().permissions(Permissions::from_mode(0o711)).tempdir().unwrap();
    let place = folder.path().join("demo");
    let base = free_base();

    let demo = Demo::start(&place, base);
    assert!(demo.screen.contains("order_items"), "{}", demo.screen);
    let connect = format!("postgresql://shop_app:shop@127.0.0.1:{base}/shop");
    assert!(demo.screen.contains(&connect), "{}", demo.screen);
    assert_eq!(orders(base).await, 24_000);
    let said = refused(&place, base);
    assert!(said.contains(&format!("port {base}, wanted for the gateway")), "{said}");
    assert!(said.contains("--ports"), "{said}");
    demo.signal("-INT");
    assert_eq!(demo.end(), Some(0));

    let start = Instant::now();
    let demo = Demo::start(&place, base);
    assert!(start.elapsed() < Duration::from_secs(3), "the second start took {:?}", start.elapsed());
    assert!(!demo.screen.contains("order_items"), "filled again: {}", demo.screen);
    demo.signal("-KILL");
    assert_eq!(demo.end(), None);

    // Also after it was killed, and when told by SIGTERM.
    let demo = Demo::start(&place, base);
    assert_eq!(orders(base).await, 24_000);
    demo.signal("-TERM");
    assert_eq!(demo.end(), Some(0));
}

/// What somebody at a terminal does first; the last line tells what the ledger has to say of it.
const SESSION: [(&str, &str); 5] = [
    ("\\d", "read ok"),
    (
        "SELECT c.country, count(*) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY c.country",
        "read ok",
    ),
    ("COPY (SELECT id, number FROM orders ORDER BY id LIMIT 500) TO STDOUT", "read ok 500"),
    ("SELECT no_such_column FROM orders", "read syntax_error_or_access_rule_violation 42703"),
    ("SET my.own = 'by hand'", "session ok"),
];

/// The ledger's outcome of what was typed: `\d` asks the catalog.
fn outcome_of<'a>(typed: &str, records: &'a [Record]) -> Option<&'a Record> {
    let begins = match typed {
        "\\d" => "SELECT n.nspname",
        "SET my.own = 'by hand'" => "SET my.own",
        _ => &typed[..20],
    };
    records.iter().find(|record| {
        record.event() == "statement.outcome"
            && record.principal("application") == "by hand"
            && record.text_of("text").starts_with(begins)
    })
}

#[test]
fn what_somebody_types_at_the_demo_is_in_its_ledger_and_metrics_within_a_second() {
    let folder = tempfile::Builder::new().permissions(Permissions::from_mode(0o711)).tempdir().unwrap();
    let place = folder.path().join("demo");
    let demo = Demo::start(&place, free_base());
    let counted = || {
        let of = |name, labels| metric(demo.base + 1, name, labels);
        [
            // The demo's own traffic sets nothing: this one is exact.
            of("dragoman_exchanges_total", "class=\"session\""),
            of("dragoman_exchanges_total", "class=\"read\""),
            of("dragoman_exchanges_failed_total", ""),
            of("dragoman_sessions_total", ""),
            of("dragoman_bytes_total", ""),
        ]
    };
    let before = counted();
    assert_eq!(before[0], 0.0, "somebody else sets something");
    let mut client = psql(demo.base, "shop_app");
    client.env("PGPASSWORD", "shop").env("PGAPPNAME", "by hand");
    let ended = run(client.args(SESSION.iter().flat_map(|(typed, _)| ["-c", *typed])));
    let done = Instant::now();
    assert!(ended.output.contains("order_items") && ended.error.contains("42703"), "{ended:?}");
    let within_a_second = Duration::from_secs(1);
    let records = eventually_within(within_a_second, "all of it is in the ledger", || {
        let records = ledger::read(&place.join("ledger"));
        SESSION.iter().all(|(typed, _)| outcome_of(typed, &records).is_some()).then_some(records)
    });
    println!("in the ledger {:?} after psql had ended", done.elapsed());
    // Enough for what was typed, whatever the demo's own traffic adds.
    let least = [1.0, 4.0, 1.0, 1.0, 5_000.0];
    eventually_within(within_a_second.saturating_sub(done.elapsed()), "the metrics have moved", || {
        let moved = counted().iter().zip(before).map(|(now, before)| now - before).collect::<Vec<_>>();
        (moved[0] == least[0] && moved.iter().zip(least).all(|(moved, least)| *moved >= least)).then_some(())
    });
    println!("in the metrics {:?} after psql had ended", done.elapsed());
    for (typed, expected) in SESSION {
        let record = outcome_of(typed, &records).unwrap();
        let words = ["class", "message_class", "sqlstate"].map(|field| record.text_of(field));
        let rows =
            record.number("rows").filter(|rows| *rows == 500).map_or(String::new(), |rows| rows.to_string());
        let told = format!("{} {rows}", words.join(" ").trim());
        assert_eq!(told.trim(), expected, "{typed}: {}", record.0);
        assert_eq!(record.principal("user"), "shop_app");
    }
    demo.signal("-INT");
    assert_eq!(demo.end(), Some(0));
}

/// What the screen says to try, and what comes of it: nothing for whoever only reads, the error with its
/// hint for both.
struct Tried {
    sql: &'static str,
    error: &'static str,
    hint: &'static str,
}

const READS_ONLY: &str = "25006: this user only reads in production";
const WRITERS_ONLY: &str =
    "who has to write is named in the list `writers`: ask the people who run this gateway";
const EVERY_ROW: &str = "42501: this UPDATE or DELETE has no condition, so it would hit every row";

/// What only a reader is refused.
const NOT_FOR_READERS: [Tried; 3] = [
    Tried { sql: "UPDATE orders SET total = 0 WHERE id = 1", error: READS_ONLY, hint: WRITERS_ONLY },
    Tried {
        sql: "WITH x AS (DELETE FROM reviews WHERE id = 1 RETURNING 1) SELECT * FROM x",
        error: READS_ONLY,
        hint: WRITERS_ONLY,
    },
    Tried {
        sql: "SELECT setval('orders_id_seq', 1)",
        error: "25006: this function changes something that stays, and this user only reads in production",
        hint: "leave it out: nextval and setval, large objects and replication slots are writes",
    },
];

/// What nobody may do.
const NOT_FOR_ANYBODY: [Tried; 5] = [
    Tried {
        sql: "UPDATE orders SET total = 0",
        error: EVERY_ROW,
        hint: "add a WHERE that looks at a row; for many rows go in steps",
    },
    Tried {
        sql: "WITH x AS (DELETE FROM reviews RETURNING 1) SELECT * FROM x",
        error: EVERY_ROW,
        hint: "add a WHERE that looks at a row; for many rows go in steps",
    },
    Tried {
        sql: "SELECT * INTO taken FROM orders",
        error: "QG001: changes of the schema of production wait for approval",
        hint: "nobody can approve it from here yet: ask the people who run this gateway about rule \
               `production/ddl`",
    },
    Tried {
        sql: "DO $$ BEGIN DELETE FROM reviews; END $$",
        error: "42501: SQL that stands in a literal or comes from elsewhere cannot be judged",
        hint: "send the inner statement itself instead of DO, query_to_xml, dblink, EXECUTE IMMEDIATE and their \
               like",
    },
    Tried {
        sql: "COPY orders TO PROGRAM 'cat > taken'",
        error: "42501: no program is started on a production server",
        hint: "COPY … TO STDOUT gives the rows to your client, which can hand them on",
    },
];

/// A session of psql at the demo.
fn typed(demo: &Demo, user: &str, statements: &[&str]) -> harness::clients::Ended {
    let mut client = psql(demo.base, user);
    client.env("PGPASSWORD", "shop").env("PGAPPNAME", "by hand").arg("-qAt");
    run(client.args(statements.iter().flat_map(|statement| ["-c", *statement])))
}

/// What the trials could have changed.
fn state(demo: &Demo) -> String {
    let ended = typed(
        demo,
        "shop_owner",
        &[
            "SELECT count(*), md5(string_agg(o::text, '|' ORDER BY o.id)) FROM orders o",
            "SELECT count(*), md5(string_agg(r::text, '|' ORDER BY r.id)) FROM reviews r",
            "SELECT last_value FROM orders_id_seq",
            "SELECT to_regclass('taken') IS NULL",
        ],
    );
    assert!(ended.error.is_empty() && ended.output.lines().count() == 4, "{ended:?}");
    ended.output
}

/// Tries each in one session, which goes on, and then one of them in a transaction, which can be left.
fn check_refused(demo: &Demo, user: &str, trials: &[&Tried]) {
    let before = state(demo);
    for tried in trials {
        let Tried { sql, error, hint } = tried;
        let ended = typed(
            demo,
            user,
            &[sql, "SELECT 'goes on'", "BEGIN", sql, "SELECT 'failed'", "ROLLBACK", "SELECT 'is left'"],
        );
        assert_eq!(ended.output, "goes on\nis left\n", "{user}: {sql}: {ended:?}");
        let errors: Vec<&str> = ended.error.split("ERROR:  ").skip(1).collect();
        assert_eq!(errors.len(), 3, "{user}: {sql}: {ended:?}");
        for said in &errors[..2] {
            let lines: Vec<&str> = said.lines().collect();
            assert_eq!(lines[0], *error, "{user}: {sql}");
            assert!(
                lines[1].starts_with("DETAIL:  `") && lines[1].ends_with(" of listener `shop`"),
                "{said}"
            );
            assert_eq!(lines[2], format!("HINT:  {hint}"), "{user}: {sql}");
        }
        assert!(errors[2].starts_with("25P02: "), "{user}: {sql}: {ended:?}");
    }
    assert_eq!(state(demo), before, "something {user} was refused has happened all the same");
}

/// `/readyz`: the status and what it says.
fn readiness(status: u16) -> String {
    let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, status)).unwrap();
    write!(socket, "GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
    let mut text = String::new();
    socket.read_to_string(&mut text).unwrap();
    text
}

fn check_rules_are_followed(demo: &Demo, place: &Path) {
    let file = place.join("policies/shop.toml");
    let rules = fs::read_to_string(&file).unwrap();
    let update = "UPDATE orders SET total = total WHERE id = 1";
    let changes = || {
        let records = ledger::read(&place.join("ledger"));
        records.iter().filter(|record| record.event() == "policy.changed").count()
    };
    assert_eq!(changes(), 0);
    fs::write(&file, rules.replace("[\"shop_app\"]", "[\"shop_app\", \"shop_owner\"]")).unwrap();
    eventually_within(PATIENCE, "the change of the rules is in the ledger", || {
        (changes() == 1).then_some(())
    });
    assert_eq!(typed(demo, "shop_owner", &[update]).error, "");

    fs::write(&file, "[lists]\nwriters = [").unwrap();
    let said = eventually_within(PATIENCE, "/readyz tells of the broken file", || {
        Some(readiness(demo.base + 1)).filter(|said| said.contains("changes not taken"))
    });
    assert!(said.starts_with("HTTP/1.0 200 ") && said.contains("shop: ready"), "{said}");
    assert_eq!(typed(demo, "shop_owner", &[update]).error, "", "the rules of before are in force");

    fs::write(&file, rules).unwrap();
    eventually_within(PATIENCE, "/readyz is content again", || {
        (!readiness(demo.base + 1).contains("changes not taken")).then_some(())
    });
    eventually_within(PATIENCE, "the change back is in the ledger too", || (changes() == 2).then_some(()));
    assert!(typed(demo, "shop_owner", &[update]).error.contains(READS_ONLY));
}

#[test]
fn the_demo_refuses_what_its_screen_says_to_try_and_follows_its_rules() {
    let folder = tempfile::Builder::new().permissions(Permissions::from_mode(0o711)).tempdir().unwrap();
    let place = folder.path().join("demo");
    let demo = Demo::start(&place, free_base());
    for user in ["shop_app", "shop_owner"] {
        let connect = format!("postgresql://{user}:shop@127.0.0.1:{}/shop", demo.base);
        assert!(demo.screen.contains(&connect), "{}", demo.screen);
    }
    let trials: Vec<&Tried> = NOT_FOR_READERS.iter().chain(&NOT_FOR_ANYBODY).collect();
    check_refused(&demo, "shop_owner", &trials);
    check_refused(&demo, "shop_app", &NOT_FOR_ANYBODY.iter().collect::<Vec<_>>());
    let written = typed(
        &demo,
        "shop_app",
        &[
            "UPDATE customers SET family_name = 'Tried' WHERE id = 7",
            "SELECT family_name FROM customers WHERE id = 7",
        ],
    );
    assert_eq!((written.output.as_str(), written.error.as_str()), ("Tried\n", ""));
    check_rules_are_followed(&demo, &place);
    // Whatever the demo's own traffic does may pass.
    let records = ledger::read(&place.join("ledger"));
    let stopped = ["statement.refused", "statement.held"];
    let refused: Vec<_> = records.iter().filter(|record| stopped.contains(&record.event())).collect();
    assert!(!refused.is_empty());
    for record in refused {
        assert_eq!(record.principal("application"), "by hand", "{}", record.0);
    }
    let of_traffic = ["storefront", "storefront-old", "order-page", "checkout", "reporting", "export"];
    for application in of_traffic {
        let works = |record: &Record| {
            record.principal("application") == application && record.text_of("message_class") == "ok"
        };
        assert!(records.iter().any(works), "nothing of {application} passed");
    }
    demo.signal("-INT");
    assert_eq!(demo.end(), Some(0));
}

/// What the demo's API says of the open session of a process of the server.
fn live_session(demo: &Demo, place: &Path, process: &str) -> Option<serde_json::Value> {
    // Asked no more often than anybody may.
    std::thread::park_timeout(Duration::from_millis(50));
    let url = format!("http://127.0.0.1:{}/api/v1/workspaces/default/live-sessions", demo.base + 5);
    let token = fs::read_to_string(place.join("token")).unwrap();
    let client = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(url).bearer_auth(token).send().unwrap().text().unwrap();
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let process: u64 = process.parse().unwrap();
    let Some(sessions) = answer["items"].as_array() else { panic!("{answer}") };
    sessions.iter().find(|one| one["server_process"] == process).cloned()
}

/// A session of psql that holds a row until it is told to let go, and its process at the server.
struct Holder {
    client: Child,
    process: String,
}

impl Holder {
    fn begin(demo: &Demo, statement: &str) -> Holder {
        let mut client = psql(demo.base, "shop_app");
        client.env("PGPASSWORD", "shop").arg("-qAt").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut client = client.spawn().unwrap();
        let input = client.stdin.as_mut().unwrap();
        writeln!(input, "SELECT pg_backend_pid();\nBEGIN;\n{statement};").unwrap();
        let mut lines = BufReader::new(client.stdout.as_mut().unwrap()).lines();
        let process = lines.next().unwrap().unwrap();
        Holder { client, process }
    }

    fn end(mut self) {
        writeln!(self.client.stdin.take().unwrap(), "ROLLBACK;").unwrap();
        assert!(self.client.wait().unwrap().success());
    }
}

/// Nobody has to set anything up to see who waits for whom.
fn check_blocking_is_known(demo: &Demo, place: &Path) {
    let update = "UPDATE suppliers SET active = active WHERE id = 7";
    let holder = Holder::begin(demo, update);
    eventually_within(PATIENCE, "the first one holds the row", || {
        live_session(demo, place, &holder.process)
            .filter(|one| one["state"] == "in_transaction" && one["statements"] == 3)
    });
    let waiter = Holder::begin(demo, update);
    let waits = eventually_within(PATIENCE, "who waits is seen", || {
        live_session(demo, place, &waiter.process).filter(|one| one["blocked_by"][0].is_object())
    });
    assert_eq!(waits["blocked_by"][0]["process"].to_string(), holder.process, "{waits}");
    assert_eq!(
        (&waits["wait"]["kind"], &waits["wait"]["event"]),
        (&"Lock".into(), &"transactionid".into()),
        "{waits}"
    );
    holder.end();
    waiter.end();
    eventually_within(PATIENCE, "the catalog says that the shop's own function reads", || {
        let value = typed(demo, "shop_owner", &["SELECT customer_value(1) IS NOT NULL"]);
        (value.output == "t\n" && value.error.is_empty()).then_some(())
    });
}

#[test]
fn who_waits_for_whom_is_known_from_the_start_in_a_folder_of_before_too() {
    let folder = tempfile::Builder::new().permissions(Permissions::from_mode(0o711)).tempdir().unwrap();
    let place = folder.path().join("demo");
    let base = free_base();
    let said = folder.path().join("said");
    let mut former: Option<(String, String)> = None;
    for round in ["a new folder", "a folder of before"] {
        let demo = Demo::start_with(&place, base, |command| {
            command.env_remove("DRAGOMAN_LOG").stderr(fs::File::create(&said).unwrap());
        });
        let secret = place.join("probe.secret");
        assert_eq!(fs::metadata(&secret).unwrap().permissions().mode() & 0o777, 0o600, "{round}");
        let password = fs::read_to_string(&secret).unwrap();
        let settings = fs::read_to_string(place.join("dragoman.toml")).unwrap();
        check_blocking_is_known(&demo, &place);
        let screen = demo.screen.clone();
        demo.signal("-INT");
        assert_eq!(demo.end(), Some(0), "{round}");
        // All of it is as it should be: there is nothing to warn of but the new key of a new folder.
        let said = fs::read_to_string(&said).unwrap();
        let warned: Vec<&str> = said.lines().filter(|line| !line.contains("new master key")).collect();
        assert!(warned.is_empty(), "{round}: {said}");
        let log = fs::read_to_string(place.join("postgres/server.log")).unwrap();
        let shown = [&log, &settings, &screen].map(|text| text.contains(&password));
        assert_eq!(shown, [false; 3], "{round}");
        make_it_of_before(&place, &settings);
        if let Some((former_settings, former_password)) = former.replace((settings.clone(), password.clone()))
        {
            assert_eq!(settings, former_settings);
            assert_ne!(password, former_password);
        }
    }
}

/// Takes away what a demo did not have when its gateway had no role of its own.
fn make_it_of_before(place: &Path, settings: &str) {
    let (before, _) = settings.split_once("\n[listener.probe]\n").unwrap();
    fs::write(place.join("dragoman.toml"), before.replace("\nmanaged = true", "")).unwrap();
    fs::remove_file(place.join("probe.secret")).unwrap();
    let bin =
        env::var_os("DRAGOMAN_POSTGRES_BIN").map_or_else(|| places::postgres_binaries("18"), PathBuf::from);
    let mut options = ServerOptions::new(bin, place.join("postgres"));
    options.hba = Some("local all all trust\n".to_owned());
    let server = PostgresServer::start(options).unwrap();
    let mut administrator = psql(server.port(), "postgres");
    administrator.env("PGHOST", server.socket_directory());
    let harm = "DROP OWNED BY shop_probe; DROP ROLE shop_probe";
    let ended = run(administrator.args(["-c", harm]));
    assert!(ended.error.is_empty(), "{ended:?}");
    server.stop().unwrap();
}

/// The lines of the README that ask the demo's API, as a shell takes them, for this demo's place and port.
fn lines_of_the_readme(demo: &Demo, place: &Path) -> Vec<String> {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let section = readme.split("## Ask it from a script").nth(1).unwrap().split("\n## ").next().unwrap();
    let lines = section.lines().filter_map(|line| line.strip_prefix("$ "));
    let here = |line: &str| {
        line.replace("demo-data", &place.display().to_string()).replace("8432", &(demo.base + 5).to_string())
    };
    lines.map(here).collect()
}

/// The first line of the screen leads to a page, and its password lets somebody in.
fn lets_in(demo: &Demo) {
    let line = demo.screen.lines().find(|line| line.trim_start().starts_with("open ")).expect(&demo.screen);
    let words: Vec<&str> = line.split_whitespace().collect();
    let [_, page, "sign", "in", "as", email, "the", "password:", command @ ..] = words.as_slice() else {
        panic!("{line}")
    };
    let password = Command::new("bash").arg("-c").arg(command.join(" ")).output().unwrap();
    let password = String::from_utf8(password.stdout).unwrap();
    let client = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(*page).send().unwrap();
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
    assert!(answer.text().unwrap().contains("<title>Dragoman"));
    let person = serde_json::json!({ "email": email.trim_end_matches(';'), "password": password.trim_end() });
    let session = client.post(format!("{page}api/v1/session")).body(person.to_string());
    let session = session.header("content-type", "application/json").send().unwrap();
    assert_eq!(session.status().as_u16(), 201, "{}", session.text().unwrap());
}

#[test]
fn the_readmes_lines_ask_the_api_for_what_they_say() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let place = folder.path().join("demo");
    let demo = Demo::start(&place, free_base());
    assert!(demo.screen.contains("/demo/token)"), "{}", demo.screen);
    lets_in(&demo);
    let lines = lines_of_the_readme(&demo, &place);
    let (definitions, questions): (Vec<_>, Vec<_>) = lines.iter().partition(|line| !line.starts_with("ask "));
    assert!(questions.len() >= 9, "{lines:?}");
    for question in questions {
        let script: Vec<&str> = definitions.iter().copied().chain([question]).map(String::as_str).collect();
        let what = format!("an answer to `{question}`");
        let answer = eventually_within(Duration::from_secs(60), &what, || {
            let output = Command::new("bash").arg("-c").arg(script.join("\n")).output().unwrap();
            assert!(output.status.success(), "{question}: {}", String::from_utf8_lossy(&output.stderr));
            let text = String::from_utf8(output.stdout).unwrap();
            // What the traffic has not brought about yet comes within seconds.
            let is_there = !text.contains("\"items\":[]") || question.contains("'refusals'");
            (is_there && !text.contains("\"code\":\"not_found\"")).then_some(text)
        });
        let first: serde_json::Value = serde_json::from_str(answer.lines().next_back().unwrap()).unwrap();
        assert_eq!(first.get("code"), None, "{question}: {answer}");
    }
    demo.signal("-INT");
    assert_eq!(demo.end(), Some(0));
}
