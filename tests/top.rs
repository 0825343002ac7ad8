//! Does `dragoman top` show what happens behind a gateway, on a terminal and to scripts, and to
//! nobody else?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;
#[path = "top/terminal.rs"]
mod terminal;

use harness::clients::psql;
use harness::gateway::{Gateway, Plan};
use harness::server::Server;
use harness::wire::{Wire, bind, execute, parse, query, sync};
use harness::{clients, eventually, free_port, places};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use terminal::Terminal;

fn gateway() -> (Server, Gateway) {
    let server = Server::start(&places::newest_version());
    let gateway = Plan::before(&server).start();
    (server, gateway)
}

fn socket(gateway: &Gateway) -> PathBuf {
    gateway.folder().join("dragoman.sock")
}

/// `dragoman top` for a gateway.
fn top(gateway: &Gateway, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
    command.args(["top", "--config"]).arg(gateway.folder().join("dragoman.toml")).args(more);
    command.stdin(Stdio::null());
    command
}

fn text(gateway: &Gateway, more: &[&str]) -> String {
    let Output { status, stdout, stderr } = top(gateway, more).output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

fn json(gateway: &Gateway, more: &[&str]) -> Value {
    let text = text(gateway, &[&["--once", "--format", "json"], more].concat());
    assert_eq!(text.lines().count(), 1, "one object on one line");
    serde_json::from_str(&text).unwrap()
}

/// The statement of a look whose text begins like this.
fn statement<'a>(look: &'a Value, begins: &str) -> Option<&'a Value> {
    let statements = look["statements"].as_array().unwrap();
    statements.iter().find(|one| one["text"].as_str().unwrap().starts_with(begins))
}

/// Waits until a statement that begins like this was counted so often.
fn counted(gateway: &Gateway, begins: &str, calls: u64) -> (Value, Value) {
    let what = format!("{calls} of `{begins}`");
    eventually(&what, || {
        let look = json(gateway, &["--limit", "1000"]);
        let one = statement(&look, begins).filter(|one| one["calls"] == calls)?.clone();
        Some((look, one))
    })
}

fn run_as(gateway: &Gateway, application: &str, statements: &[&str]) {
    let mut client = psql(gateway.port, "clear");
    client.env("PGAPPNAME", application);
    clients::run(client.args(statements.iter().flat_map(|sql| ["-c", *sql])));
}

#[test]
fn one_look_as_json_has_every_statement_with_its_counts_and_errors() {
    let (_server, gateway) = gateway();
    run_as(&gateway, "billing", &["SELECT id, name FROM customers WHERE id = 471108150815"; 7]);
    run_as(
        &gateway,
        "stock",
        &["SELECT id, name FROM customers WHERE id < 41", "SELECT missing FROM orders"],
    );
    run_as(
        &gateway,
        "stock",
        &["INSERT INTO scratch VALUES (1, 'Geheimnis-7391', 2)", "SELECT missing FROM orders"],
    );

    let (_, customers) = counted(&gateway, "SELECT id, name FROM customers WHERE id =", 7);
    assert_eq!((&customers["class"], &customers["listener"]), (&"read".into(), &"shop".into()));
    assert_eq!(customers["applications"], serde_json::json!(["billing"]));
    assert_eq!(customers["users"], serde_json::json!(["clear"]));
    assert_eq!((customers["errors"].as_u64(), customers["rows_per_call"].as_f64()), (Some(0), Some(0.0)));
    let (mean, p99) = (customers["mean_us"].as_f64().unwrap(), customers["p99_us"].as_u64().unwrap());
    assert!(mean > 0.0 && mean <= customers["max_us"].as_f64().unwrap(), "{customers}");
    assert!(customers["p50_us"].as_u64().unwrap() <= p99 && p99 <= customers["max_us"].as_u64().unwrap());
    let (_, range) = counted(&gateway, "SELECT id, name FROM customers WHERE id <", 1);
    assert_eq!(range["rows_per_call"].as_f64(), Some(40.0));

    let (look, missing) = counted(&gateway, "SELECT missing FROM orders", 2);
    assert_eq!(missing["errors"], 2);
    assert_eq!(missing["errors_by_sqlstate"], serde_json::json!([{ "sqlstate": "42703", "count": 2 }]));
    assert_eq!(missing["flags"], serde_json::json!(["errors"]));
    let errors = look["errors"].as_array().unwrap();
    assert_eq!((errors.len(), &errors[0]["code"], &errors[0]["count"]), (1, &"42703".into(), &2.into()));
    let listener = &look["listeners"][0];
    assert_eq!(
        (&listener["name"], &listener["up"], &listener["mode"]),
        (&"shop".into(), &true.into(), &"observe".into())
    );
    // Nothing a client wrote as a value is to be seen.
    let all = look.to_string();
    assert!(!all.contains("471108150815") && !all.contains("Geheimnis"), "{all}");
    assert!(statement(&look, "INSERT INTO scratch VALUES").is_some());
}

#[test]
fn the_same_read_again_and_again_is_called_an_n_plus_one_and_a_slow_one_slow() {
    let (_server, gateway) = gateway();
    let mut wire = Wire::login(gateway.port, "clear");
    for customer in 1..=40 {
        let lines = "SELECT id, amount FROM orders WHERE customer = $1";
        let asked = [
            parse("", lines, &[23]),
            bind("", "", &[Some(customer.to_string().as_bytes())], 0),
            execute("", 0),
            sync(),
        ];
        wire.send(&asked.concat());
        wire.until(b'Z', 1);
    }
    wire.query("SELECT pg_sleep(0.15)");
    for _ in 0..30 {
        wire.query("SELECT count(*) FROM orders");
        wire.query("SELECT count(*) FROM customers");
    }
    let (look, repeated) = counted(&gateway, "SELECT id, amount FROM orders", 40);
    assert_eq!(repeated["flags"], serde_json::json!(["N+1"]), "{repeated}");
    assert!(repeated["repeated_share"].as_f64().unwrap() >= 0.9, "{repeated}");
    assert_eq!(statement(&look, "SELECT pg_sleep").unwrap()["flags"], serde_json::json!(["slow"]));
    let (_, other) = counted(&gateway, "SELECT count(*) FROM orders", 30);
    assert_eq!(other["flags"], serde_json::json!([]), "two that take turns are no loop of one: {other}");
    // Asked at a pace of its own, the same read is no loop.
    for _ in 0..25 {
        wire.query("SELECT max(id) FROM orders");
        std::thread::park_timeout(Duration::from_millis(15));
    }
    let (_, paced) = counted(&gateway, "SELECT max(id) FROM orders", 25);
    assert_eq!(paced["flags"], serde_json::json!([]), "{paced}");
    let found = json(&gateway, &["--filter", "flag:n+1"]);
    assert_eq!(found["statements"].as_array().unwrap().len(), 1);
}

#[test]
fn a_session_is_shown_with_what_it_runs() {
    let (_server, gateway) = gateway();
    let mut idle = Wire::login(gateway.port, "clear");
    idle.query("BEGIN");
    let mut busy = Wire::login(gateway.port, "clear");
    busy.send(&query("SELECT pg_sleep(60)"));
    let look = eventually("one runs, one waits in its transaction", || {
        let look = json(&gateway, &[]);
        (look["sessions"]["busy"] == 1 && look["sessions"]["transaction"] == 1).then_some(look)
    });
    let [running, waiting] = look["session_list"].as_array().unwrap().as_slice() else { panic!("{look}") };
    assert_eq!(running["current"]["text"], "SELECT pg_sleep(?)");
    assert_eq!(
        (&running["activity"], &running["user"], &running["database"]),
        (&"busy".into(), &"clear".into(), &"shop".into())
    );
    assert_eq!((&waiting["activity"], &waiting["current"]), (&"transaction".into(), &Value::Null));
    let sessions = text(&gateway, &["--once", "--show", "sessions", "--filter", "activity:busy"]);
    assert!(sessions.contains("SELECT pg_sleep(?)") && sessions.lines().count() == 6, "{sessions}");
}

#[test]
fn one_look_as_text_can_be_sorted_filtered_and_cut() {
    let (_server, gateway) = gateway();
    run_as(&gateway, "billing", &["SELECT count(*) FROM orders"; 5]);
    run_as(&gateway, "stock", &["SELECT count(*) FROM customers"; 3]);
    counted(&gateway, "SELECT count(*) FROM orders", 5);
    counted(&gateway, "SELECT count(*) FROM customers", 3);
    let all = text(&gateway, &["--once", "--sort", "calls"]);
    assert!(!all.contains('\x1b'), "no control codes: {all}");
    let lines: Vec<_> = all.lines().collect();
    assert!(lines[0].starts_with("dragoman ") && lines[0].ends_with("figures since the start"), "{all}");
    let titles: Vec<_> = lines[4].split_whitespace().collect();
    assert_eq!((titles[0], titles[titles.len() - 1]), ("flags", "statement"));
    assert!(lines[5].ends_with("SELECT count(*) FROM orders"), "{all}");
    assert!(lines[6].ends_with("SELECT count(*) FROM customers"), "{all}");
    let cut = text(&gateway, &["--once", "--sort", "calls", "--limit", "1"]);
    assert_eq!(cut.lines().count(), 6, "{cut}");
    let found = text(&gateway, &["--once", "--filter", "application:stock"]);
    assert!(found.contains("FROM customers") && !found.contains("FROM orders"), "{found}");
    let nothing = text(&gateway, &["--once", "--filter", "nobody"]);
    assert!(nothing.ends_with("(nothing is found by the filter)\n"), "{nothing}");
    let listeners = text(&gateway, &["--once", "--show", "listeners"]);
    assert!(listeners.contains(&format!("127.0.0.1:{}", gateway.port)), "{listeners}");
    let wrong = top(&gateway, &["--once", "--sort", "colour"]).output().unwrap();
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert_eq!(wrong.status.code(), Some(1));
    assert!(said.contains("no column `colour`") && said.contains("p95"), "{said}");
}

#[test]
fn two_looks_show_what_came_between_them() {
    let (_server, gateway) = gateway();
    run_as(&gateway, "before", &["SELECT count(*) FROM orders"; 9]);
    counted(&gateway, "SELECT count(*) FROM orders", 9);
    let looking = top(&gateway, &["--once", "--format", "json", "--interval", "3"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Its first look is taken once the gateway has a view connected; what runs after that counts.
    let socket = fs::canonicalize(socket(&gateway)).unwrap();
    eventually("the first look", || is_connected(&socket).then_some(()));
    std::thread::park_timeout(Duration::from_millis(500));
    run_as(&gateway, "between", &["SELECT count(*) FROM customers"; 4]);
    let output = looking.wait_with_output().unwrap();
    let look: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(look["window"], "interval");
    let seconds = look["interval_seconds"].as_f64().unwrap();
    assert!((2.9..20.0).contains(&seconds), "{seconds}");
    let customers = statement(&look, "SELECT count(*) FROM customers").unwrap();
    assert_eq!((&customers["calls"], &customers["flags"]), (&4.into(), &serde_json::json!(["new"])));
    let rate = customers["calls_per_second"].as_f64().unwrap();
    assert!((rate - 4.0 / seconds).abs() < 0.001, "{rate}");
    assert!(statement(&look, "SELECT count(*) FROM orders").is_none(), "it did not run: {look}");
}

/// Whether a client is connected to a unix socket: it then stands there twice or more, once as the
/// listening one (proc(5), `/proc/net/unix`).
fn is_connected(socket: &Path) -> bool {
    let table = fs::read_to_string("/proc/net/unix").unwrap();
    table.lines().filter(|line| line.ends_with(&socket.display().to_string())).count() > 1
}

#[test]
fn without_a_gateway_it_says_which_socket_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("dragoman.toml");
    let listener = "[[listener]]\nname = 'shop'\nlisten = '127.0.0.1:1'\nupstream = '127.0.0.1:2'\n";
    fs::write(&settings, format!("[ledger]\ndirectory = 'ledger'\n{listener}")).unwrap();
    let run = |path: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
        let output = command.args(["top", "--once", "--config"]).arg(path).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    };
    let said = run(&settings);
    let socket = folder.path().join("dragoman.sock");
    assert!(said.contains(&format!("no gateway answers at `{}`", socket.display())), "{said}");
    assert!(said.contains("hint: start it with `dragoman serve`"), "{said}");
    // A socket that outlived its gateway is no gateway either.
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    assert!(run(&settings).contains("no gateway answers"));
    let deep = "d".repeat(120);
    fs::write(&settings, format!("[ledger]\ndirectory = '{deep}/ledger'\n{listener}")).unwrap();
    let said = run(&settings);
    assert!(said.contains("107 is the most") && said.contains("ledger.directory"), "{said}");
}

#[test]
fn the_socket_is_the_gateways_own_and_goes_with_it() {
    let (_server, mut gateway) = gateway();
    let path = socket(&gateway);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    // A second gateway with its ledger beside the first one's serves, and says why it has no view.
    let other = other_gateway(&gateway);
    assert!(other.contains("another gateway answers at the live view's socket"), "{other}");
    assert!(other.contains(&path.display().to_string()) && other.contains("ledger.directory"), "{other}");
    assert_eq!(json(&gateway, &[])["gateway"]["pid"], gateway.pid());
    gateway.terminate();
    gateway.ended_within(Duration::from_secs(20));
    assert!(!path.exists(), "removed at the end");
}

/// What a second gateway with its ledger in the same folder says until it serves.
fn other_gateway(first: &Gateway) -> String {
    let text = first.settings().replace("\"ledger\"", "\"ledger-two\"");
    let mut text = text.replace(&format!(":{}\"", first.port), &format!(":{}\"", free_port()));
    let status = text.lines().find(|line| line.starts_with("listen")).unwrap().to_owned();
    text = text.replacen(&status, &format!("listen = \"127.0.0.1:{}\"", free_port()), 1);
    let settings = first.folder().join("second.toml");
    fs::write(&settings, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
    command.args(["serve", "--config"]).arg(&settings).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let mut said = String::new();
    let mut log = BufReader::new(process.stderr.take().unwrap());
    while !said.contains("gateway started") {
        assert!(log.read_line(&mut said).unwrap() > 0, "the second gateway ended: {said}");
    }
    harness::signal(process.id(), "TERM");
    assert!(process.wait().unwrap().success());
    said
}

#[test]
fn a_gateway_that_was_killed_leaves_a_socket_that_the_next_one_replaces() {
    let (server, mut gateway) = gateway();
    let path = socket(&gateway);
    harness::signal(gateway.pid(), "KILL");
    gateway.ended_within(Duration::from_secs(20));
    assert!(path.exists());
    let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
    command.args(["serve", "--config"]).arg(gateway.folder().join("dragoman.toml")).stderr(Stdio::null());
    let mut next = command.spawn().unwrap();
    let pid = next.id();
    eventually("the next gateway is seen", || {
        let output = top(&gateway, &["--once", "--format", "json"]).output().unwrap();
        let look: Value = serde_json::from_slice(&output.stdout).ok()?;
        (look["gateway"]["pid"] == pid).then_some(())
    });
    harness::signal(pid, "TERM");
    assert!(next.wait().unwrap().success());
    drop(server);
}

#[test]
fn the_socket_answers_whoever_speaks_its_language() {
    let (_server, gateway) = gateway();
    run_as(&gateway, "raw", &["SELECT 'a literal' AS word"]);
    counted(&gateway, "SELECT ? AS word", 1);
    let mut stream = UnixStream::connect(socket(&gateway)).unwrap();
    let mut say = |line: &str| {
        stream.write_all(line.as_bytes()).unwrap();
        let mut answer = String::new();
        BufReader::new(&stream).read_line(&mut answer).unwrap();
        serde_json::from_str::<Value>(&answer).unwrap()
    };
    let answer = say("{\"v\":1,\"want\":\"sight\",\"statements\":1,\"sort\":\"last_seen\"}\n");
    assert_eq!((&answer["v"], answer["look"]["statements"].as_array().unwrap().len()), (&1.into(), 1));
    assert!(!answer.to_string().contains("a literal"));
    assert!(say("{\"v\":9,\"want\":\"sight\"}\n")["error"].as_str().unwrap().contains("version 1"));
}

/// The texts of the rows of the table of statements, from the top.
fn rows(lines: &[String]) -> Vec<String> {
    let Some(head) = lines.iter().position(|line| line.contains("statement") && line.contains("calls/s"))
    else {
        return Vec::new();
    };
    let column = lines[head].chars().position(|letter| letter == 's').map(|_| {
        lines[head]
            .char_indices()
            .map(|(place, _)| place)
            .position(|place| lines[head][place..].starts_with("statement"))
    });
    let column = column.flatten().unwrap();
    let text = |line: &String| line.chars().skip(column).collect::<String>();
    lines[head + 1..lines.len() - 1].iter().take_while(|line| !line.is_empty()).map(text).collect()
}

#[test]
fn the_view_shows_sorts_filters_fits_and_gives_the_terminal_back() {
    let (_server, gateway) = gateway();
    run_as(&gateway, "billing", &["SELECT count(*) FROM orders"; 6]);
    run_as(&gateway, "stock", &["SELECT count(*) FROM customers", "SELECT pg_sleep(0.2)"]);
    counted(&gateway, "SELECT pg_sleep", 1);
    let mut command = top(&gateway, &["--interval", "0.5"]);
    command.env_remove("NO_COLOR");
    let mut terminal = Terminal::start(command, 120, 30);
    terminal.shows_line(&["Dragoman", "up"]);
    terminal.shows_line(&["shop postgres", &gateway.port.to_string(), "observe up"]);
    terminal.shows("the slow one first", |lines| {
        rows(lines).first()?.starts_with("SELECT pg_sleep").then_some(())
    });
    terminal.shows_line(&["slow", "SELECT pg_sleep"]);
    assert!(!terminal.is_a_shells());
    assert_eq!(terminal.modes(), (true, false));

    terminal.press("<");
    terminal.shows_line(&["Statements", "by calls"]);
    terminal
        .shows("the frequent one first", |lines| rows(lines).first()?.ends_with("FROM orders").then_some(()));
    terminal.press("r");
    terminal
        .shows("the frequent one last", |lines| rows(lines).last()?.ends_with("FROM orders").then_some(()));
    terminal.press("/app:stock\r");
    terminal.shows("two rows", |lines| (rows(lines).len() == 2).then_some(()));
    terminal.press("\x1b");
    terminal.shows("all rows", |lines| (rows(lines).len() >= 3).then_some(()));
    terminal.press("\r");
    terminal.shows_line(&["Times of all calls"]);
    terminal.press("\x1b");
    terminal.shows_line(&["flags", "calls/s", "statement"]);
    terminal.press("2");
    terminal.shows_line(&["Sessions", "by activity"]);
    terminal.press("1");
    terminal.resize(80, 24);
    terminal.shows("the narrow table", |lines| {
        (lines.len() == 24 && lines[5].starts_with("flags") && !lines[5].contains("applications"))
            .then_some(())
    });
    terminal.forget();
    terminal.press("\x0c");
    terminal.shows_line(&["Dragoman", "up"]);
    terminal.press(" ");
    terminal.shows_line(&["paused"]);
    terminal.press("q");
    assert!(terminal.ended().success());
    assert!(terminal.is_a_shells(), "lines are read and letters shown again");
    eventually("the shell's screen is back", || (terminal.modes() == (false, true)).then_some(()));
}

#[test]
fn the_terminal_is_given_back_on_ctrl_c_and_on_a_signal() {
    let (_server, gateway) = gateway();
    for name in ["Ctrl-C", "SIGTERM"] {
        let mut terminal = Terminal::start(top(&gateway, &[]), 80, 24);
        let waits = format!("no statement has passed yet: point a client at 127.0.0.1:{}", gateway.port);
        terminal.shows_line(&[&waits]);
        match name {
            "Ctrl-C" => terminal.press("\x03"),
            _ => terminal.signal("TERM"),
        }
        assert!(terminal.ended().success(), "{name}");
        assert!(terminal.is_a_shells(), "{name}");
        eventually("the shell's screen is back", || (terminal.modes() == (false, true)).then_some(()));
    }
    let piped = top(&gateway, &[]).output().unwrap();
    assert_eq!(piped.status.code(), Some(1));
    assert!(String::from_utf8(piped.stderr).unwrap().contains("`--once` prints text"));
}

#[test]
fn a_gateway_that_goes_is_told_of_and_one_that_comes_back_is_found() {
    let (_server, mut gateway) = gateway();
    run_as(&gateway, "before", &["SELECT count(*) FROM orders"]);
    counted(&gateway, "SELECT count(*) FROM orders", 1);
    let terminal = Terminal::start(top(&gateway, &["--interval", "0.5"]), 160, 24);
    terminal.shows_line(&["SELECT count(*) FROM orders"]);
    gateway.terminate();
    gateway.ended_within(Duration::from_secs(20));
    terminal.shows_line(&["no gateway answers at", "trying again"]);
    terminal.shows_line(&["SELECT count(*) FROM orders"]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
    command.args(["serve", "--config"]).arg(gateway.folder().join("dragoman.toml")).stderr(Stdio::null());
    let mut next = command.spawn().unwrap();
    terminal.shows_line(&["no statement has passed yet"]);
    harness::signal(next.id(), "TERM");
    assert!(next.wait().unwrap().success());
}

#[test]
fn a_statement_is_not_charged_for_those_it_waited_for() {
    let (_server, gateway) = gateway();
    let mut session = Wire::login(gateway.port, "clear");
    session.query("SELECT pg_sleep(0.3); SELECT 7 AS innocent");
    let pipeline = [
        parse("", "SELECT pg_sleep(0.3)", &[]),
        bind("", "", &[], 0),
        execute("", 0),
        parse("", "SELECT 8 AS blameless", &[]),
        bind("", "", &[], 0),
        execute("", 0),
        sync(),
    ];
    session.send(&pipeline.concat());
    session.until(b'Z', 1);
    for text in ["SELECT ? AS innocent", "SELECT ? AS blameless"] {
        let (_, one) = counted(&gateway, text, 1);
        assert!(one["max_us"].as_u64().unwrap() < 150_000, "{one}");
    }
    let (_, slow) = counted(&gateway, "SELECT pg_sleep", 2);
    assert!(slow["mean_us"].as_f64().unwrap() >= 300_000.0, "{slow}");
}
