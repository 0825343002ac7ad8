//! What happens to many clients when the machine fails under them: servers restart, the gateway is killed, descriptors and
//! disks run out, the clock jumps?
//!
//! Every client of the load checks in each answer its own number and one that is never used twice.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "chaos/account.rs"]
mod account;
mod harness;
#[path = "chaos/load.rs"]
mod load;

use account::{assert_settled, assert_verifies};
use harness::gateway::{Gateway, Plan};
use harness::ledger::Record;
use harness::server::{PASSWORD, Server, rows};
use harness::wire::{Wire, first_error, query, tags};
use harness::{each_version, eventually, eventually_within, places, signal};
use load::{Load, TABLES, Tally};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Answers between two mishaps: enough for every client to have been through every kind of statement.
const BETWEEN: u64 = 300;
/// How long a load may take to get that far, while other tests have the machine too.
const BUSY_MAX: Duration = Duration::from_secs(60);

/// A load that runs while `meanwhile` does something to it; what its clients met with.
fn under_load(
    port: u16,
    clients: u32,
    reconnects: bool,
    meanwhile: impl FnOnce(&mut dyn FnMut(&str, u64)),
) -> Tally {
    let (stop, answered) = (AtomicBool::new(false), AtomicU64::new(0));
    let load = Load {
        port,
        first: 0,
        clients,
        reconnects,
        pause: Duration::ZERO,
        per_session: 0,
        stop: &stop,
        answered: &answered,
        tls: None,
    };
    std::thread::scope(|scope| {
        let running = scope.spawn(|| load.run());
        let stopped = StopAtEnd(&stop);
        // Waits until so many more answers have come.
        meanwhile(&mut |what, more| {
            let upto = answered.load(Ordering::Relaxed) + more;
            eventually_within(BUSY_MAX, what, || (answered.load(Ordering::Relaxed) >= upto).then_some(()));
        });
        drop(stopped);
        running.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause))
    })
}

/// Clients stop also where the test has failed.
struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn with_tables(version: &str) -> Server {
    let server = Server::start(version);
    server.ask(TABLES);
    server
}

/// Rows the server has of each client.
fn rows_written(server: &Server) -> BTreeMap<u32, u64> {
    let mut wire = Wire::login(server.port, "clear");
    let number =
        |value: &Option<String>| value.as_ref().and_then(|text| text.parse::<u64>().ok()).expect("a number");
    let rows = rows(&mut wire, "SELECT client, count(*) FROM written GROUP BY 1");
    rows.iter().map(|row| (u32::try_from(number(&row[0])).expect("a client"), number(&row[1]))).collect()
}

/// Announced writes of each client.
fn writes_announced(records: &[Record]) -> BTreeMap<u32, u64> {
    let mut all = BTreeMap::new();
    for record in records.iter().filter(|record| record.event() == "statement.intent") {
        let text = record.text_of("text");
        if text.starts_with("INSERT INTO written") || text.starts_with("COPY written") {
            let client =
                record.principal("application").strip_prefix("client ").expect("a client of the load");
            *all.entry(client.parse().expect("its number")).or_default() += 1;
        }
    }
    all
}

/// Panics unless every row of the server was announced, and every confirmed row is there.
fn assert_nothing_unaccounted(server: &Server, records: &[Record], tally: &Tally) {
    let (there, announced) = (rows_written(server), writes_announced(records));
    for (client, rows) in &there {
        let intents = announced.get(client).copied().unwrap_or_default();
        assert!(*rows <= intents, "client {client}: {rows} rows, but only {intents} were announced");
    }
    for (client, confirmed) in tally.written.iter().filter(|(_, confirmed)| **confirmed > 0) {
        let rows = there.get(client).copied().unwrap_or_default();
        assert!(rows >= *confirmed, "client {client}: {confirmed} rows were confirmed and {rows} are there");
    }
}

fn ended(mut gateway: Gateway) -> Vec<Record> {
    gateway.terminate();
    let status = gateway.ended_within(Duration::from_secs(20));
    assert!(status.success(), "{status}");
    assert_verifies(&gateway.ledger());
    gateway.records()
}

/// Each client of pgbench writes a number into its own row and reads it back.
const PGBENCH: &str = "\\set number random(1, 1000000000)
\\set own 500 + :client_id
UPDATE own SET number = :number WHERE client = :own;
SELECT client AS whose, number AS told FROM own WHERE client = :own \\gset
\\if :whose <> :own or :told <> :number
SELECT 'an answer of somebody else' / 0;
\\endif
";

/// Runs pgbench again and again until told to stop: transactions that were processed, and how often it was aborted; counts
/// runs that were not.
fn pgbench(port: u16, stop: &AtomicBool, processed_whole: &AtomicU64) -> (u64, u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("own.sql");
    std::fs::write(&script, PGBENCH).expect("the script");
    let (mut transactions, mut aborted) = (0, 0);
    for protocol in ["simple", "extended", "prepared"].iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let mut command = Command::new("pgbench");
        command.args(["-n", "-h", "127.0.0.1", "-U", "clear", "-c", "4", "-T", "1", "-M", protocol, "-p"]);
        command.arg(port.to_string()).arg("-f").arg(&script).arg("shop");
        command.env("PGPASSWORD", PASSWORD).env("PGSSLMODE", "disable").env("PGGSSENCMODE", "disable");
        let ran = command.stdin(Stdio::null()).output().expect("pgbench is there: run make setup-test");
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(!said.contains("somebody else") && !said.contains("integer"), "{said}");
        let told = String::from_utf8_lossy(&ran.stdout).into_owned();
        let processed =
            told.lines().find_map(|line| line.strip_prefix("number of transactions actually processed: "));
        let processed = processed.and_then(|count| count.split('/').next()?.trim().parse::<u64>().ok());
        transactions += processed.unwrap_or_default();
        if ran.status.success() {
            processed_whole.fetch_add(1, Ordering::Relaxed);
        }
        aborted += u64::from(!ran.status.success());
    }
    (transactions, aborted)
}

#[test]
fn a_server_that_restarts_under_load_is_found_again_and_nobody_gets_the_answer_of_another() {
    const RESTARTS: usize = 3;
    each_version(|version| {
        let mut server = with_tables(version);
        let gateway = Plan::before(&server).start();
        let (port, stop, whole) = (gateway.port, AtomicBool::new(false), AtomicU64::new(0));
        let began = Instant::now();
        let (tally, (transactions, aborted)) = std::thread::scope(|scope| {
            let bench = scope.spawn(|| pgbench(port, &stop, &whole));
            let stopped = StopAtEnd(&stop);
            let tally = under_load(port, 8, true, |more_answers| {
                for _ in 0..RESTARTS {
                    more_answers("answers before a restart", BETWEEN);
                    server.kill();
                    server.restart();
                }
                more_answers("answers after the last restart", BETWEEN);
                let before = whole.load(Ordering::Relaxed);
                eventually_within(BUSY_MAX, "a run of pgbench that is not aborted", || {
                    (whole.load(Ordering::Relaxed) > before).then_some(())
                });
            });
            drop(stopped);
            (tally, bench.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause)))
        });
        println!(
            "PostgreSQL {version}: {RESTARTS} restarts in {:?}: {} right answers in {} sessions, {} sessions cut, {} resets, \
             {:?} at login; pgbench: {transactions} transactions, {aborted} runs aborted",
            began.elapsed(),
            tally.answers,
            tally.logins,
            tally.closed,
            tally.resets,
            tally.fatal,
        );
        tally.assert_right(BETWEEN * (RESTARTS as u64 + 1));
        assert!(tally.logins > 8 && tally.closed + tally.fatal.values().sum::<u64>() >= 8, "{tally:?}");
        assert!(tally.refused.is_empty() && tally.unconnected == 0, "{tally:?}");
        // While the server is away, the gateway says so; while it starts, the server does; one that is stopped says that.
        let known = ["08001", "57P01", "57P02", "57P03"];
        assert!(tally.fatal.keys().all(|code| known.contains(&code.as_str())), "{:?}", tally.fatal);
        assert!(transactions > 0 && aborted > 0, "{transactions} transactions, {aborted} aborted");
        let records = ended(gateway);
        assert_settled(&records);
        // What was confirmed just before a crash may be lost: the server runs with `synchronous_commit = off`.
        let (there, announced) = (rows_written(&server), writes_announced(&records));
        assert!(there.iter().all(|(client, rows)| rows <= &announced[client]), "{there:?} of {announced:?}");
    });
}

#[test]
fn a_gateway_that_is_killed_under_load_leaves_closed_connections_and_a_ledger_that_holds() {
    const CLIENTS: u32 = 8;
    each_version(|version| {
        let server = with_tables(version);
        let mut gateway = Plan::before(&server).start();
        let mut tally = under_load(gateway.port, CLIENTS, false, |more_answers| {
            more_answers("answers before the kill", 2 * BETWEEN);
            gateway.kill();
        });
        // Whoever is closed in the middle of an answer has a beginning of it; nobody is told anything else.
        tally.assert_right(2 * BETWEEN);
        assert!(tally.fatal.is_empty() && tally.refused.is_empty(), "{tally:?}");
        assert_eq!(tally.closed + tally.resets, u64::from(CLIENTS), "{tally:?}");
        println!(
            "PostgreSQL {version}: {} right answers, then {} clients saw a close and {} a reset",
            tally.answers, tally.closed, tally.resets
        );
        assert_verifies(&gateway.ledger());
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'clear'";
        eventually("no session at the server", || (server.ask(sql).as_deref() == Some("0")).then_some(()));
        gateway.start_again();
        tally.add(under_load(gateway.port, CLIENTS, false, |more_answers| {
            more_answers("answers after the kill", BETWEEN);
        }));
        tally.assert_right(3 * BETWEEN);
        let records = ended(gateway);
        assert_nothing_unaccounted(&server, &records, &tally);
        let unknown = open_intents(&records);
        assert!(unknown <= CLIENTS as usize, "{unknown} statements without an outcome, of {CLIENTS} clients");
        println!("PostgreSQL {version}: of {unknown} statements nobody can tell how they ended");
    });
}

/// Intents without an outcome.
fn open_intents(records: &[Record]) -> usize {
    let key = |record: &Record| (record.text_of("session").to_owned(), record.number("exchange"));
    let mut open: Vec<_> =
        records.iter().filter(|record| record.event() == "statement.intent").map(key).collect();
    let ended = |record: &&Record| matches!(record.event(), "statement.outcome" | "statement.refused");
    let ended: BTreeSet<_> = records.iter().filter(ended).map(key).collect();
    open.retain(|intent| !ended.contains(intent));
    open.len()
}

#[test]
fn a_ledger_disk_that_is_full_under_load_refuses_and_loses_nothing() {
    each_version(|version| {
        let server = with_tables(version);
        let plan = Plan::before(&server).ledger("on_failure = \"refuse\"").ledger_disk(48 * 1024);
        let gateway = plan.start();
        let unrecorded =
            || gateway.metric_where("dragoman_refusals_total", "reason=\"unrecorded\"").unwrap_or(0.0);
        let began = Instant::now();
        let tally = under_load(gateway.port, 6, false, |more_answers| {
            for _ in 0..2 {
                more_answers("answers while there is room", BETWEEN);
                let before = unrecorded();
                let ballast = gateway.fill_ledger_disk();
                eventually("statements are refused", || (unrecorded() > before + 30.0).then_some(()));
                std::fs::remove_file(ballast).expect("room again");
            }
            more_answers("answers with room again", BETWEEN);
        });
        println!(
            "PostgreSQL {version}: {} right answers and {:?} refused, in {:?}, slowest answer {} ms",
            tally.answers,
            tally.refused,
            began.elapsed(),
            tally.slowest_us / 1000
        );
        tally.assert_right(3 * BETWEEN);
        assert!(tally.refused.keys().eq(["58030"]), "{:?}", tally.refused);
        assert_eq!(
            (tally.closed, tally.resets, tally.fatal.len()),
            (0, 0, 0),
            "no session has ended: {tally:?}"
        );
        let there: u64 = rows_written(&server).values().sum();
        assert_eq!(there, tally.confirmed(), "what was refused has not run, what was confirmed has");
        let records = gateway.recorded("every session's end", |records| {
            let ends = records.iter().filter(|record| record.event() == "session.end").count();
            (ends == 6).then(|| records.to_vec())
        });
        assert_nothing_unaccounted(&server, &records, &tally);
        assert_settled(&records);
        let copy = tempfile::tempdir().expect("a folder");
        let copied = Command::new("cp").arg("-a").arg(gateway.ledger()).arg(copy.path()).status();
        assert!(copied.is_ok_and(|status| status.success()), "the ledger can be copied");
        assert_verifies(&copy.path().join("ledger"));
    });
}

/// Sets the soft limit on open files of a process that runs.
fn limit_descriptors(gateway: &Gateway, limit: usize) {
    let arguments = [format!("--pid={}", gateway.pid()), format!("--nofile={limit}:")];
    let status = Command::new("prlimit").args(arguments).status();
    assert!(status.is_ok_and(|status| status.success()), "the limit could not be set");
}

/// The limit is one on the numbers of descriptors, and the lowest free one is taken.
fn lowest_free_descriptor(gateway: &Gateway) -> usize {
    let entries =
        std::fs::read_dir(format!("/proc/{}/fd", gateway.pid())).expect("its descriptors").flatten();
    let taken: BTreeSet<usize> =
        entries.filter_map(|entry| entry.file_name().to_str().and_then(|name| name.parse().ok())).collect();
    (0..).find(|number| !taken.contains(number)).expect("a number")
}

fn assert_writes(session: &mut Wire) {
    let frames = session.query("INSERT INTO scratch (id) VALUES (1)");
    assert_eq!(tags(&frames), "CZ", "{:?}", first_error(&frames));
}

#[test]
fn descriptors_that_run_out_hold_up_new_connections_and_no_session() {
    const LIMIT: usize = 120;
    const CLIENTS: usize = 60;
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let mut sessions: Vec<Wire> = (0..6).map(|_| Wire::login(gateway.port, "clear")).collect();
        limit_descriptors(&gateway, LIMIT);
        // Half of so small a limit is kept, and a session takes two.
        let most = (LIMIT - LIMIT / 2) / 2;
        let (release, inside, been) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            let released = StopAtEnd(&release);
            for _ in 0..CLIENTS {
                scope.spawn(|| {
                    let mut wire = Wire::login(gateway.port, "clear");
                    inside.fetch_add(1, Ordering::Relaxed);
                    been.fetch_add(1, Ordering::Relaxed);
                    while !release.load(Ordering::Relaxed) {
                        std::thread::park_timeout(Duration::from_millis(5));
                    }
                    assert_eq!(tags(&wire.query("SELECT 7")), "TDCZ");
                    wire.terminate();
                    inside.fetch_sub(1, Ordering::Relaxed);
                });
            }
            eventually("as many are in as there is room for", || {
                (inside.load(Ordering::Relaxed) as usize + sessions.len() == most).then_some(())
            });
            eventually("the metric counts a pause", || {
                gateway.metric("dragoman_accept_pauses_total").filter(|pauses| *pauses >= 1.0)
            });
            let log = gateway.log();
            let line =
                log.lines().find(|line| line.contains("no more connections are accepted")).expect("a line");
            assert!(line.contains("LimitNOFILE") && line.contains(&LIMIT.to_string()), "{line}");
            for session in &mut sessions {
                assert_writes(session);
            }
            assert_eq!(gateway.ready().0, 200, "it still answers, and the server still does");
            assert_eq!(
                inside.load(Ordering::Relaxed) as usize + sessions.len(),
                most,
                "nobody was let in meanwhile"
            );
            drop(released);
        });
        assert_eq!(been.load(Ordering::Relaxed) as usize, CLIENTS, "who waited was let in");
        let said = |words: &str| gateway.log().matches(words).count();
        eventually("it says that it accepts again", || {
            (said("connections are accepted again") > 0).then_some(())
        });
        let pauses = gateway.metric("dragoman_accept_pauses_total").unwrap_or_default();
        assert!(
            said("no more connections are accepted") as f64 <= pauses,
            "a line for each pause, and no more"
        );
        assert_eq!(gateway.metric_where("dragoman_upstream_up", ""), Some(1.0));
    });
}

#[test]
fn a_connection_without_a_descriptor_for_its_server_is_told_so_and_the_server_is_not_blamed() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).upstream_tls("disable").start();
        let mut session = Wire::login(gateway.port, "clear");
        assert_writes(&mut session);
        // Room for the client's end and not for the server's, unless something else was open while it was looked for.
        eventually("a login finds one descriptor", || {
            limit_descriptors(&gateway, lowest_free_descriptor(&gateway) + 1);
            let told = Wire::try_login(gateway.port, "clear").err()?;
            assert!(told.contains("53300") && told.contains("no file descriptor left"), "{told}");
            Some(())
        });
        // The ledger had no descriptor either for a moment: what has to be recorded is refused then, and the session goes on.
        eventually("the session writes", || {
            let frames = session.query("INSERT INTO scratch (id) VALUES (1)");
            let refused = first_error(&frames);
            assert!(refused.is_none() || refused.as_deref() == Some("58030"), "{refused:?}");
            refused.is_none().then_some(())
        });
        limit_descriptors(&gateway, 1024);
        eventually("logins pass again", || Wire::try_login(gateway.port, "clear").ok());
        assert_writes(&mut session);
        assert_eq!(gateway.ready().0, 200);
        assert!(!gateway.log().contains("upstream does not answer"), "the server was blamed");
        let limited = gateway.metric_where("dragoman_logins_failed_total", "reason=\"limit\"");
        assert!(limited.is_some_and(|count| count >= 1.0), "{limited:?}");
    });
}

/// The library that moves a program's time of day.
fn faketime() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let found =
        folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
    found.expect("no libfaketime in /usr/lib/*/faketime: run make setup-test")
}

struct Clock(tempfile::TempDir);

impl Clock {
    fn new() -> Clock {
        let clock = Clock(tempfile::tempdir().expect("a folder"));
        clock.set("+0");
        clock
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("clock")
    }

    /// Moves the time of day, such as by `+1d`; the time that only goes forward stays.
    fn set(&self, by: &str) {
        let beside = self.0.path().join("clock.new");
        std::fs::write(&beside, by).expect("the clock is written");
        std::fs::rename(beside, self.file()).expect("the clock is set");
    }

    fn apply(&self, plan: Plan) -> Plan {
        let preload = faketime();
        plan.environment("LD_PRELOAD", path_text(&preload))
            .environment("FAKETIME_TIMESTAMP_FILE", path_text(&self.file()))
            .environment("FAKETIME_NO_CACHE", "1")
            .environment("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    }
}

fn path_text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

/// The hours from now to when the newest outcome says that it was.
fn hours_ahead(gateway: &Gateway, text: &str) -> i64 {
    let ts = gateway.recorded(text, |records| {
        let outcomes = records.iter().filter(|record| record.event() == "statement.outcome");
        outcomes
            .rev()
            .find(|record| record.text_of("text").contains(text))
            .map(|record| record.text_of("ts").to_owned())
    });
    // The system's own `date` reads it.
    let seconds = Command::new("date").args(["-d", &ts, "+%s"]).output().expect("date").stdout;
    let then: i64 = String::from_utf8_lossy(&seconds).trim().parse().expect("seconds");
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    (then - i64::try_from(now).expect("seconds")) / 3600
}

#[test]
fn a_clock_that_jumps_ends_no_session_and_breaks_no_ledger() {
    let server = Server::start(&places::newest_version());
    let clock = Clock::new();
    let limits = "limits = { idle_seconds = 120, transaction_idle_seconds = 120, login_seconds = 120 }";
    let gateway = clock.apply(Plan::before(&server).listener(limits)).start();
    let mut idle = Wire::login(gateway.port, "clear");
    let mut open = Wire::login(gateway.port, "clear");
    open.query("BEGIN; INSERT INTO scratch (id) VALUES (1)");
    let mut opening = Wire::connect(gateway.port);
    opening.send(&harness::wire::startup(
        harness::wire::VERSION_3_0,
        &[("user", "clear"), ("database", "shop")],
    ));
    let mut busy = Wire::login(gateway.port, "clear");
    let mut other = Wire::login(gateway.port, "clear");
    for (jump, hours) in [("+1d", 23_i64), ("-2d", -48), ("+400d", 9599), ("+0", 0)] {
        busy.send(&query("SELECT pg_sleep(1.2)"));
        clock.set(jump);
        // Until the gateway has looked at its sessions twice with the new time: it does so every half a second.
        assert_eq!(tags(&busy.until(b'Z', 1)), "TDCZ", "{jump}");
        let name = format!("jumped_{}", hours.unsigned_abs());
        assert_eq!(tags(&other.query(&format!("SELECT 1 AS {name}"))), "TDCZ", "{jump}");
        let ahead = hours_ahead(&gateway, &name);
        assert!((ahead - hours).abs() <= 1, "{jump}: the ledger's time is {ahead} hours ahead");
        for (who, session) in [("idle", &mut idle), ("in a transaction", &mut open)] {
            let frames = session.query("SELECT 7");
            assert_eq!(tags(&frames), "TDCZ", "{who}, {jump}: {:?}", first_error(&frames));
        }
    }
    // The login that was under way all the time goes on.
    assert_eq!(opening.frame().map(|frame| frame.tag), Some(b'R'));
    opening.send(&harness::wire::password(PASSWORD));
    assert_eq!(opening.until(b'Z', 1).last().map(|frame| frame.tag), Some(b'Z'));
    assert_eq!(tags(&open.query("COMMIT")), "CZ");
    let slept = gateway.recorded("four statements that slept", |records| {
        let slept: Vec<_> = records
            .iter()
            .filter(|record| {
                record.event() == "statement.outcome" && record.text_of("text").contains("pg_sleep")
            })
            .map(|record| {
                record.0.pointer("/timing_us/total").and_then(serde_json::Value::as_u64).unwrap_or_default()
            })
            .collect();
        (slept.len() == 4).then_some(slept)
    });
    assert!(
        slept.iter().all(|us| (1_000_000..15_000_000).contains(us)),
        "durations jumped with the clock: {slept:?}"
    );
    for session in [idle, open, opening, busy, other] {
        session.terminate();
    }
    eventually("no session", || (gateway.metric("dragoman_sessions") == Some(0.0)).then_some(()));
    let records = ended(gateway);
    assert_settled(&records);
    let told = records.iter().filter(|record| record.event() == "limit.hit").count();
    assert_eq!(told, 0, "a limit was reached");
}

#[test]
fn a_gateway_that_stands_still_for_a_while_goes_on_where_it_was() {
    each_version(|version| {
        let server = with_tables(version);
        let gateway = Plan::before(&server).start();
        let tally = under_load(gateway.port, 4, false, |more_answers| {
            for _ in 0..3 {
                more_answers("answers between two stops", BETWEEN / 2);
                signal(gateway.pid(), "STOP");
                std::thread::park_timeout(Duration::from_millis(700));
                signal(gateway.pid(), "CONT");
            }
            more_answers("answers after the last stop", BETWEEN / 2);
        });
        tally.assert_right(BETWEEN * 2);
        let ends = (tally.closed, tally.resets, tally.fatal.len(), tally.refused.len());
        assert_eq!(ends, (0, 0, 0, 0), "{tally:?}");
        let records = ended(gateway);
        assert_settled(&records);
        assert_nothing_unaccounted(&server, &records, &tally);
    });
}
