//! Does `dragoman demo --mysql` show MySQL beside PostgreSQL, refuse what it says to try, and leave nothing running
//! however it ends?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use dragoman::demo::server::find_client;
use harness::clients::{Ended, run_with_input};
use harness::{eventually, eventually_within, ledger, places, signal};
use std::env;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running demo that has shown its screen.
struct Demo {
    program: Child,
    screen: String,
    // Open until the end: the demo still says that it stops.
    _output: BufReader<std::process::ChildStdout>,
}

impl Demo {
    fn start(place: &Path, base: u16) -> Demo {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
        command.args(["demo", "--mysql", "--ports", &base.to_string(), "--data"]).arg(place);
        if env::var_os("DRAGOMAN_POSTGRES_BIN").is_none() {
            command.arg("--postgres-bin").arg(places::postgres_binaries("18"));
        }
        let mut program = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(program.stdout.take().unwrap());
        let mut screen = String::new();
        while !screen.contains("Ctrl-C") {
            assert!(output.read_line(&mut screen).unwrap() > 0, "the demo ended: {screen}");
        }
        Demo { program, screen, _output: output }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Six ports in a row that are free now, far from those of the other demo tests.
fn free_base() -> u16 {
    let first = 40_000 + 10 * u16::try_from(std::process::id() % 1_200).unwrap();
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    (first..).step_by(10).find(|base| (*base..*base + 6).all(is_free)).unwrap()
}

/// Whatever runs with this folder in its arguments.
fn processes_on(folder: &Path) -> Vec<u32> {
    let needle = folder.as_os_str().as_encoded_bytes().to_vec();
    let ids =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let names = |id: &u32| {
        let arguments = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        arguments.windows(needle.len()).any(|window| window == needle)
    };
    ids.filter(|id| *id != std::process::id() && names(id)).collect()
}

/// What somebody at a terminal does first, and what the ledger has to say of it.
const FIRST: [(&str, &str); 3] = [
    ("SHOW TABLES", "read ok"),
    (
        "SELECT c.city, COUNT(*) AS orders FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY c.city",
        "read ok",
    ),
    ("SELECT no_such_column FROM orders", "read syntax_error_or_access_rule_violation 42S22"),
];

/// The sum of a metric's samples of the second listener whose labels contain `labels`.
fn metric(base: u16, name: &str, labels: &str) -> f64 {
    let page = reqwest::blocking::get(format!("http://127.0.0.1:{}/metrics", base + 1)).unwrap();
    let value = |line: &str| {
        let rest = line.strip_prefix(name).filter(|rest| rest.starts_with('{') && rest.contains(labels))?;
        rest.contains("shop-mysql").then(|| rest.rsplit_once(' ')?.1.parse::<f64>().ok())?
    };
    page.text().unwrap().lines().filter_map(value).sum()
}

#[test]
fn what_somebody_types_first_is_in_the_ledger_and_the_metrics_within_a_second() {
    let folder = tempfile::Builder::new().prefix("dragoman-demo-").tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let (place, base) = (folder.path().join("demo"), free_base());
    let mut demo = Demo::start(&place, base);
    let counted = || {
        [("dragoman_exchanges_total", "class=\"read\""), ("dragoman_exchanges_failed_total", "")]
            .map(|(name, labels)| metric(base, name, labels))
    };
    let before = counted();
    let ended = typed(base, "shop_app", &FIRST.map(|(sql, _)| sql));
    let done = Instant::now();
    assert!(ended.output.contains("order_lines") && ended.error.contains("ERROR 1054"), "{ended:?}");
    let a_second = Duration::from_secs(1);
    for (sql, told) in FIRST {
        let record = eventually_within(a_second.saturating_sub(done.elapsed()), sql, || {
            let records = ledger::read(&place.join("ledger"));
            let is_it = |record: &ledger::Record| {
                record.event() == "statement.outcome" && record.text_of("text") == sql
            };
            records.into_iter().find(is_it)
        });
        let words = ["class", "message_class", "sqlstate"].map(|field| record.text_of(field)).join(" ");
        assert_eq!((words.trim(), record.text_of("listener")), (told, "shop-mysql"), "{}", record.0);
    }
    eventually_within(a_second.saturating_sub(done.elapsed()), "the metrics have moved", || {
        let now = counted();
        (now[0] >= before[0] + 3.0 && now[1] >= before[1] + 1.0).then_some(())
    });
    signal(demo.program.id(), "INT");
    assert!(demo.program.wait().unwrap().success());
}

/// What somebody may not do at the demo: who asks, what, and what is said of it.
const REFUSED: [(&str, &str, &str); 14] = [
    (
        "shop_app",
        "UPDATE products SET stock = 0",
        "ERROR 1142 (42000): this UPDATE or DELETE has no condition",
    ),
    ("shop_app", "/*! DELETE FROM orders */", "ERROR 1142 (42000): this UPDATE or DELETE has no condition"),
    ("shop_app", "SELECT * FROM products INTO OUTFILE '/tmp/shop.txt'", "ERROR 1142 (42000): files of a"),
    ("shop_app", "PREPARE s FROM @text", "ERROR 1064 (42000): statement cannot be judged"),
    ("shop_app", "SET GLOBAL max_connections = 5", "ERROR 1142 (42000): settings that outlast the session"),
    ("shop_app", "DROP TABLE orders", "ERROR 1644 (45000): nobody can approve it from here yet"),
    (
        "shop_reader",
        "UPDATE products SET stock = stock WHERE id = 1",
        "ERROR 1792 (25006): this user only reads",
    ),
    ("shop_reader", "SELECT 1; DELETE FROM orders WHERE id = 1", "ERROR 1792 (25006): this user only reads"),
    ("shop_reader", "CALL best_sellers(3)", "ERROR 1792 (25006): this statement calls a function of which"),
    ("shop_reader", "SELECT GET_LOCK('a', 1)", "ERROR 1792 (25006): who only reads in production takes no"),
    ("shop_reader", "SELECT id FROM orders WHERE id = 1 FOR UPDATE", "ERROR 1792 (25006): who only reads in"),
    ("shop_reader", "START TRANSACTION READ WRITE", "ERROR 1792 (25006): this session reads only, and that"),
    ("shop_reader", "SET tx_read_only = 0", "ERROR 1792 (25006): this session reads only, and that"),
    ("shop_reader", "PREPARE s FROM 'DELETE FROM orders WHERE id = 1'", "ERROR 1792 (25006): this user only"),
];

/// A session of the `mariadb` program at the demo, which goes on after errors.
fn typed(base: u16, user: &str, statements: &[&str]) -> Ended {
    let mut client = Command::new(find_client().unwrap());
    client.args(["--no-defaults", "--batch", "--skip-column-names", "--force", "--delimiter=//"]);
    client.args(["-h", "127.0.0.1", "-P", &(base + 3).to_string(), "-u", user, "-pshop", "shop"]);
    run_with_input(&mut client, &statements.iter().map(|one| format!("{one} //\n")).collect::<String>())
}

/// What the trials could have changed.
fn state(base: u16) -> String {
    let sums =
        "SELECT COUNT(*), SUM(stock) FROM products WHERE id = 1; SELECT COUNT(*) FROM orders WHERE id < 5000";
    let ended = typed(base, "shop_app", &[sums, "SELECT @@global.max_connections"]);
    assert!(ended.error.is_empty() && ended.output.lines().count() == 3, "{ended:?}");
    ended.output
}

#[test]
fn the_demo_refuses_what_its_screen_says_to_try_of_mysql_and_the_transaction_goes_on() {
    let folder = tempfile::Builder::new().prefix("dragoman-demo-").tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let base = free_base();
    let mut demo = Demo::start(&folder.path().join("demo"), base);
    let before = state(base);
    for (user, sql, told) in REFUSED {
        let script =
            ["SET @text = 'DELETE FROM orders'", sql, "BEGIN", sql, "SELECT @@in_transaction", "ROLLBACK"];
        let ended = typed(base, user, &script);
        assert_eq!(ended.output, "1\n", "{user}: {sql}: {ended:?}");
        // The client says between the two where in its input it was, and shows the statement again.
        let (number, words) = told.split_once(": ").unwrap();
        let lines: Vec<&str> = ended.error.lines().filter(|line| line.starts_with("ERROR ")).collect();
        assert_eq!(lines.len(), 2, "{user}: {sql}: {ended:?}");
        assert!(
            lines.iter().all(|line| line.starts_with(number) && line.contains(words)),
            "{user}: {sql}: {ended:?}"
        );
        assert!(!lines[0].contains("the transaction goes on"), "{user}: {sql}: {ended:?}");
        assert!(lines[1].contains("the transaction goes on"), "{user}: {sql}: {ended:?}");
    }
    assert_eq!(state(base), before, "something that was refused has happened all the same");
    let written = typed(
        base,
        "shop_app",
        &["UPDATE customers SET city = 'Tried' WHERE id = 7", "CALL best_sellers(3)"],
    );
    assert_eq!((written.output.lines().count(), written.error.as_str()), (4, ""), "{written:?}");
    signal(demo.program.id(), "INT");
    assert!(demo.program.wait().unwrap().success());
}

#[test]
fn mysql_traffic_appears_beside_postgres_and_nothing_is_left() {
    let folder = tempfile::Builder::new().prefix("dragoman-demo-").tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let place = folder.path().join("demo");
    let base = free_base();
    for (ending, by) in [("a crash", "KILL"), ("Ctrl-C", "INT")] {
        let mut demo = Demo::start(&place, base);
        let connect = format!("mariadb -h 127.0.0.1 -P {} -u shop_app -pshop shop", base + 3);
        assert!(demo.screen.contains(&connect), "{}", demo.screen);
        let mut client = Command::new(find_client().unwrap());
        client.args(["--no-defaults", "--batch", "-h", "127.0.0.1", "-P", &(base + 3).to_string()]);
        client.args(["-u", "shop_app", "-pshop", "shop"]);
        let seen = run_with_input(&mut client, "SELECT COUNT(*) AS customers FROM customers");
        assert_eq!(seen.printed(), "customers\n2000\n", "{ending}");
        eventually("statements of both kinds of client are in the ledger", || {
            let records = ledger::read(&place.join("ledger"));
            let said = |listener: &str, user: &str| {
                records.iter().any(|record| {
                    record.event() == "statement.outcome"
                        && record.text_of("listener") == listener
                        && record.principal("user") == user
                })
            };
            let all = [("shop", "shop_app"), ("shop-mysql", "shop_app"), ("shop-mysql", "shop_reader")];
            all.iter().all(|(listener, user)| said(listener, user)).then_some(())
        });
        signal(demo.program.id(), by);
        let status = demo.program.wait().unwrap();
        assert_eq!(status.success(), by == "INT", "{ending}: {status}");
        eventually(&format!("nothing is left after {ending}"), || {
            processes_on(&place).is_empty().then_some(())
        });
        for port in base..base + 6 {
            assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err(), "port {port} is still served");
        }
    }
}
