//! Does `dragoman demo` run end to end, start again quickly, and leave nothing running however it ends?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

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
        let mut program = command(place, base).stdout(Stdio::piped()).spawn().unwrap();
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
        for port in self.base..self.base + 3 {
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

/// Three ports in a row that are free now. Other processes begin to look elsewhere: those with the
/// next numbers ten ports further.
fn free_base() -> u16 {
    let first = 20_000 + 10 * u16::try_from(std::process::id() % 1_200).unwrap();
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    (first..).step_by(10).find(|base| (*base..*base + 3).all(is_free)).unwrap()
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
