//! What do thousands of idle sessions, a storm of logins, and peers that read or write slowly cost a gateway, and
//! the others on it?
//!
//! `make test-all` does the same with more of everything (`DRAGOMAN_SPEED`). Figures are printed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "storms/crowd.rs"]
mod crowd;
mod harness;

use crowd::Crowd;
use harness::gateway::{Gateway, Plan};
use harness::server::{PASSWORD, Server};
use harness::wire::{VERSION_3_0, Wire, first_error, query, tags};
use harness::{eventually, places};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Whether there is time for everything.
fn at_length() -> bool {
    std::env::var_os("DRAGOMAN_SPEED").is_some()
}

/// Sessions that the limit on open files allows this process, which holds two ends of each, and the gateway, which
/// has the same limit and keeps some for itself.
fn sessions_allowed(wanted: usize) -> usize {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).expect("the limit");
    setrlimit(Resource::RLIMIT_NOFILE, most, most).expect("the limit is raised");
    wanted.min(usize::try_from(most).unwrap_or(wanted).saturating_sub(300) / 2)
}

fn assert_works(session: &mut Wire) {
    let frames = session.query("SELECT 7");
    assert_eq!(tags(&frames), "TDCZ", "{:?}", first_error(&frames));
}

/// How long the queries of one session took while something else went on.
struct Times(Vec<Duration>);

impl Times {
    fn at(&self, share: f64) -> Duration {
        let mut times = self.0.clone();
        times.sort();
        times[((times.len() - 1) as f64 * share) as usize]
    }

    fn text(&self) -> String {
        let [p50, p99, most] = [0.5, 0.99, 1.0].map(|share| self.at(share).as_secs_f64() * 1e3);
        format!("p50 {p50:.1} ms, p99 {p99:.1} ms, longest {most:.1} ms of {} queries", self.0.len())
    }
}

/// Asks one session again and again while `body` runs, and says how long each answer took.
fn meanwhile<R>(session: &mut Wire, body: impl FnOnce() -> R) -> (R, Times) {
    while_asking(|| assert_works(session), body)
}

/// The same with any way to ask.
fn while_asking<R>(mut ask: impl FnMut() + Send, body: impl FnOnce() -> R) -> (R, Times) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let done = &done;
        let asking = scope.spawn(move || {
            let mut times = Vec::new();
            while !done.load(Ordering::Relaxed) || times.is_empty() {
                let began = Instant::now();
                ask();
                times.push(began.elapsed());
                std::thread::park_timeout(Duration::from_millis(2));
            }
            Times(times)
        });
        // Also when the body fails: who asks has to end.
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
        done.store(true, Ordering::Relaxed);
        let times = asking.join().expect("the session goes on");
        match ended {
            Ok(value) => (value, times),
            Err(cause) => std::panic::resume_unwind(cause),
        }
    })
}

/// Longest that the answer to another session's query may take, on a machine that does everything at once.
const OTHERS_MAX: Duration = Duration::from_secs(1);

#[test]
fn thousands_of_idle_sessions_before_a_double_cost_little_and_leave_nothing() {
    const EACH_MAX: u64 = 12 * 1024;
    let count = sessions_allowed(if at_length() { 10_000 } else { 1_000 });
    let crowd = Crowd::start();
    let gateway = Plan::before_port(crowd.port).start();
    let mut other = Wire::login(gateway.port, "other");
    Wire::login(gateway.port, "first").terminate();
    let files = gateway.descriptors();
    let mut grown = Vec::new();
    for round in 1..=2 {
        let before = gateway.resident_kib();
        let began = Instant::now();
        let (mut sessions, times) = meanwhile(&mut other, || {
            let mut sessions: Vec<Wire> = (0..count).map(|_| Wire::login(gateway.port, "idle")).collect();
            // As those of a pool: each was used once.
            sessions.iter_mut().for_each(assert_works);
            sessions
        });
        let took = began.elapsed().as_secs_f64();
        let each = gateway.resident_kib().saturating_sub(before) * 1024 / count as u64;
        let files_each = (gateway.descriptors() - files) as f64 / count as f64;
        println!(
            "round {round}: {count} idle sessions in {took:.1} s, {each} bytes and {files_each:.2} descriptors each"
        );
        println!("another session meanwhile: {}", times.text());
        assert!(each < EACH_MAX, "{each} bytes for each idle session");
        assert!(files_each < 2.01, "{files_each} descriptors for each idle session");
        assert!(times.at(0.99) < OTHERS_MAX, "another session waited: {}", times.text());
        sessions.iter_mut().for_each(assert_works);
        drop(sessions);
        eventually("all are gone", || (gateway.metric("dragoman_sessions") == Some(1.0)).then_some(()));
        eventually("their descriptors, too", || (gateway.descriptors() <= files).then_some(()));
        grown.push(each);
    }
    assert!(grown[1] <= grown[0], "what the first left was used again: {grown:?}");
}

/// What became of the logins of a storm.
#[derive(Default)]
struct Outcome {
    served: AtomicUsize,
    told: AtomicUsize,
}

/// Logs in so often a second, as far as `at_once` logins under way allow it: each is let in or told why not.
fn storm(port: u16, per_second: u32, lasts: Duration, at_once: u32) -> (usize, usize, Times) {
    let (outcome, began) = (Outcome::default(), Instant::now());
    let total = (lasts.as_secs_f64() * f64::from(per_second)) as u32;
    let times = std::thread::scope(|scope| {
        let outcome = &outcome;
        let workers: Vec<_> = (0..at_once)
            .map(|worker| {
                scope.spawn(move || {
                    let mut times = Vec::new();
                    for number in (worker..total).step_by(at_once as usize) {
                        let due = began + Duration::from_secs_f64(f64::from(number) / f64::from(per_second));
                        std::thread::park_timeout(due.saturating_duration_since(Instant::now()));
                        let begun = Instant::now();
                        match Wire::try_login(port, "storm") {
                            Ok(session) => {
                                times.push(begun.elapsed());
                                session.terminate();
                                outcome.served.fetch_add(1, Ordering::Relaxed);
                            }
                            Err(words) if words.contains("53300") => {
                                outcome.told.fetch_add(1, Ordering::Relaxed);
                            }
                            Err(words) => panic!("neither served nor told: {words}"),
                        }
                    }
                    times
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("the storm goes on")).collect()
    });
    (outcome.served.into_inner(), outcome.told.into_inner(), Times(times))
}

#[test]
fn a_thousand_logins_a_second_before_a_double_are_all_served_or_told() {
    let lasts = Duration::from_secs(if at_length() { 10 } else { 3 });
    let crowd = Crowd::start();
    let gateway = Plan::before_port(crowd.port).start();
    let mut other = Wire::login(gateway.port, "other");
    // What a program sets up once is there before anything is compared.
    storm(gateway.port, 1_000, Duration::from_secs(1), 64);
    let before = gateway.resident_kib();
    let began = Instant::now();
    let ((served, told, logins), times) = meanwhile(&mut other, || storm(gateway.port, 1_000, lasts, 64));
    let rate = (served + told) as f64 / began.elapsed().as_secs_f64();
    println!(
        "{served} logins served, {told} told to come again, {rate:.0} a second; a login: {}",
        logins.text()
    );
    println!("another session meanwhile: {}", times.text());
    eventually("all are gone", || (gateway.metric("dragoman_sessions") == Some(1.0)).then_some(()));
    let grown = gateway.resident_kib().saturating_sub(before);
    println!("memory after it: {grown} KiB more than before");
    assert_eq!(served + told, lasts.as_secs() as usize * 1_000, "each has its answer");
    assert!(grown < 4 * 1024, "grown by {grown} KiB");
    assert!(times.at(0.99) < OTHERS_MAX, "another session waited: {}", times.text());
}

/// A real server starts a process for each login, so that is how fast it goes.
fn storm_of_proofs(plan: &Plan, how: &str) {
    const AT_ONCE: usize = 24;
    let rounds = if at_length() { 50 } else { 8 };
    let gateway = plan.start();
    let url = format!("host=127.0.0.1 port={} user=app password={PASSWORD} dbname=shop", gateway.port);
    let one = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let runtime = one();
    let (other, connection) =
        runtime.block_on(tokio_postgres::connect(&url, tokio_postgres::NoTls)).expect("let in");
    runtime.spawn(connection);
    let ask = || drop(runtime.block_on(other.simple_query("SELECT 7")).expect("the other session goes on"));
    let began = Instant::now();
    let ((), times) = while_asking(ask, || {
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    let runtime = one();
                    for _ in 0..rounds {
                        runtime.block_on(async {
                            let (client, connection) =
                                tokio_postgres::connect(&url, tokio_postgres::NoTls).await.expect("let in");
                            drop(client);
                            connection.await.expect("it ends as it should");
                        });
                    }
                });
            }
        });
    });
    let rate = (AT_ONCE * rounds) as f64 / began.elapsed().as_secs_f64();
    println!("{how}: {rate:.0} logins a second; another session meanwhile: {}", times.text());
    assert!(times.at(0.99) < OTHERS_MAX, "another session waited: {}", times.text());
}

#[test]
fn a_storm_of_logins_with_proofs_lets_everybody_in() {
    let server = Server::start(&places::newest_version());
    storm_of_proofs(&Plan::before(&server), "relayed");
    let verified = Plan::before(&server).table("listener.authentication", "mode = \"verify\"");
    storm_of_proofs(&verified.table("listener.probe", "user = \"trusted\""), "verified");
}

/// Waits until so many sessions of the server wait for their clients to read.
fn stalled(server: &Server, count: usize) {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'ClientWrite'";
    eventually("the server waits for the readers", || {
        let waiting = server.ask(sql).and_then(|count| count.parse::<usize>().ok());
        (waiting? >= count).then_some(())
    });
}

/// Waits until the gateway carries nothing more: until then everybody has their hands full.
fn at_rest(gateway: &Gateway) {
    let mut last = (None, Instant::now());
    eventually("nothing more is carried", || {
        let carried = gateway.metric_where("dragoman_bytes_total", "side=\"upstream\"");
        if carried != last.0 {
            last = (carried, Instant::now());
        }
        (last.1.elapsed() > Duration::from_millis(300)).then_some(())
    });
}

const LARGE: &str = "SELECT generate_series(1, 20000), repeat('z', 10000)";

/// Sessions that ask for 200 MB each and read nothing of it.
fn check_readers(gateway: &Gateway, server: &Server, sessions: Vec<Wire>, each_max: u64) {
    let count = sessions.len();
    let mut other = Wire::login(gateway.port, "clear");
    assert_works(&mut other);
    let before = gateway.resident_kib();
    let mut sessions = sessions;
    sessions.iter_mut().for_each(|session| session.send(&query(LARGE)));
    stalled(server, count);
    at_rest(gateway);
    let ((), times) = meanwhile(&mut other, || std::thread::park_timeout(Duration::from_secs(1)));
    let each = gateway.resident_kib().saturating_sub(before) * 1024 / count as u64;
    println!("{count} readers that stall: {each} bytes each; another session meanwhile: {}", times.text());
    assert!(each < each_max, "{each} bytes for each reader that stalls");
    assert!(times.at(0.99) < OTHERS_MAX, "another session waited: {}", times.text());
    // Whoever reads after all gets all of it; the others' going is noticed.
    let mut slow = sessions.pop().expect("a session");
    let mut bytes = 0;
    while let Some((tag, length)) = slow.skim() {
        bytes += length;
        if tag == b'Z' {
            break;
        }
    }
    assert!(bytes > 200_000_000, "only {bytes} bytes came");
    sessions.into_iter().for_each(Wire::abort);
    drop(slow);
    eventually("all are gone", || (gateway.metric("dragoman_sessions") == Some(1.0)).then_some(()));
}

#[test]
fn two_hundred_readers_that_stall_hold_a_buffer_each_and_stop_nobody() {
    let server = Server::start_with(&places::newest_version(), &[("max_connections", "260")]);
    let gateway = Plan::before(&server).start();
    let sessions = (0..200).map(|_| Wire::login(gateway.port, "clear")).collect();
    check_readers(&gateway, &server, sessions, 96 * 1024);
}

#[test]
fn readers_that_stall_under_tls_hold_a_buffer_and_a_record_each() {
    let server = Server::start(&places::newest_version());
    let certificate = server.certificate();
    let gateway = Plan::before(&server).client_tls("prefer", &certificate).start();
    let config = certificate.client_config(&[]);
    let sessions = (0..50).map(|_| {
        let mut session = Wire::connect_tls(gateway.port, config.clone()).expect("TLS");
        let frames = session.open(VERSION_3_0, &[("user", "clear"), ("database", "shop")]);
        assert_eq!(frames.last().map(|frame| frame.tag), Some(b'Z'));
        session
    });
    check_readers(&gateway, &server, sessions.collect(), 192 * 1024);
}

#[test]
fn a_statement_that_comes_byte_by_byte_is_run_and_stops_nobody() {
    let bytes: usize = if at_length() { 16 * 1024 * 1024 - 64 } else { 1024 * 1024 };
    let server = Server::start(&places::newest_version());
    let gateway = Plan::before(&server).start();
    let (mut slow, mut other) = (Wire::login(gateway.port, "clear"), Wire::login(gateway.port, "clear"));
    assert_works(&mut slow);
    let before = gateway.resident_kib();
    let text = format!("SELECT length('{}')", "s".repeat(bytes));
    let (most, times) = meanwhile(&mut other, || {
        slow.send_bytewise(&query(&text));
        let most = gateway.resident_kib();
        let frames = slow.until(b'Z', 1);
        assert_eq!(tags(&frames), "TDCZ", "{:?}", first_error(&frames));
        assert_eq!(frames[1].columns(), [Some(bytes.to_string())]);
        most
    });
    let grown = most.saturating_sub(before) * 1024;
    println!("{bytes} bytes one by one: {grown} bytes held; another session meanwhile: {}", times.text());
    assert!(grown < bytes as u64 * 2 + (4 << 20), "{grown} bytes held for a statement of {bytes}");
    assert!(times.at(0.99) < OTHERS_MAX, "another session waited: {}", times.text());
    // The allocator gives back what is free when it is asked for more, not before.
    eventually("what was held is let go", || {
        assert_eq!(first_error(&slow.query(&text)), None);
        (gateway.resident_kib().saturating_sub(before) < 16 * 1024).then_some(())
    });
}

/// What nobody ends would be held for ever: each takes part of the room, and who is done with it is served.
#[test]
fn statements_that_stop_half_way_hold_no_more_than_there_is_room_for() {
    const COUNT: usize = 100;
    const ROOM: u64 = 32 << 20;
    let server = Server::start(&places::newest_version());
    let gateway = Plan::before(&server).data_plane(&format!("held_bytes = {ROOM}")).start();
    let mut whole: Vec<Wire> = (0..4).map(|_| Wire::login(gateway.port, "clear")).collect();
    let text = format!("SELECT length('{}')", "w".repeat(2 << 20));
    let run = |session: &mut Wire| {
        let frames = session.query(&text);
        assert_eq!(tags(&frames), "TDCZ", "{:?}", first_error(&frames));
    };
    // What is kept of statements of this size anyhow is there before anything is compared.
    whole.iter_mut().for_each(run);
    let before = gateway.resident_kib();
    let half = [&b"Q\0\x40\0\0"[..], &vec![b' '; 3 << 20]].concat();
    let mut most = 0;
    let held: Vec<Wire> = (0..COUNT)
        .map(|_| {
            let mut wire = Wire::login(gateway.port, "clear");
            let _ = wire.try_send(&half);
            most = most.max(gateway.resident_kib());
            wire
        })
        .collect();
    let began = Instant::now();
    for _ in 0..3 {
        for session in &mut whole {
            run(session);
            most = most.max(gateway.resident_kib());
        }
    }
    let took = began.elapsed();
    let grown = most.saturating_sub(before);
    let ended =
        gateway.metric_where("dragoman_limit_hits_total", "reason=\"held_bytes\"").unwrap_or_default();
    println!(
        "{COUNT} half statements: {grown} KiB held, {ended} ended; 12 whole ones of 2 MiB took {took:?}"
    );
    // One statement for each of two threads may be beyond, a buffer that grows is there twice for a moment, and
    // the allocator takes its time. Without a bound they hold 400 MiB.
    assert!(grown * 1024 < ROOM + (48 << 20), "{grown} KiB held");
    assert!(ended >= 1.0, "somebody had to go");
    assert!(took < Duration::from_secs(20), "whole statements took {took:?}");
    drop(held);
}
