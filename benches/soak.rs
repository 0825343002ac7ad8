//! Does the gateway stay as small as it is while everything happens to it for an hour?
//!
//! A mixed load of all paths of both protocols runs for `SOAK_SECONDS` (3,600): long sessions and short ones, TLS, writes,
//! COPY, pipelines, errors, refusals, cancels, results nobody reads to the end, clients that break the protocol or vanish. Every answer
//! is checked by its own numbers. Once a second the resident memory is read; in the end the slope of it is printed with its
//! error, and the program fails where it is above the bound.
//!
//! | variable | default | |
//! |---|---|---|
//! | `SOAK_SECONDS` | 3600 | how long it runs |
//! | `SOAK_PAUSE_MS` | 20 | how long a client waits between two statements: what bounds the ledger's size |
//! | `SOAK_SLOPE_KIB_PER_HOUR` | 2048 | more than this, beyond twice the slope's error, is a failure |

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../tests/chaos/account.rs"]
mod account;
#[path = "../tests/harness/mod.rs"]
mod harness;
#[path = "../tests/chaos/load.rs"]
mod load;
#[path = "soak/others.rs"]
mod others;
#[path = "soak/slope.rs"]
mod slope;

use harness::certificate::Certificate;
use harness::gateway::{Gateway, Plan};
use harness::mariadb::Mariadb;
use harness::server::Server;
use harness::{eventually, free_port, places};
use load::{Load, TABLES, Tally};
use slope::Slope;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Caches fill and the allocator settles meanwhile: no sample counts before so much of the time is over.
const WARM_UP_SHARE: u32 = 6;
/// Means of so many stretches are what the line is put through: samples next to each other are not independent.
const STRETCHES: usize = 20;

/// What the listener for PostgreSQL refuses.
const RULES: &str = "[[rule]]\nname = \"no-ddl\"\nwhen = { class = [\"ddl\"] }\ndecision = \"refuse\"\n";

fn number(variable: &str, usual: u64) -> u64 {
    let text = std::env::var(variable).ok();
    text.map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

/// One sample of the gateway.
struct Sample {
    at: Duration,
    resident_kib: u64,
    descriptors: usize,
}

struct Setting {
    server: Server,
    // Lives as long as what asks it.
    _mariadb: Mariadb,
    certificate: Certificate,
    gateway: Gateway,
    mysql_port: u16,
    _folder: tempfile::TempDir,
}

impl Setting {
    fn new() -> Setting {
        let server = Server::start(&places::newest_version());
        server.ask(TABLES);
        let mariadb = Mariadb::start();
        let folder = tempfile::tempdir().expect("a folder");
        let certificate = Certificate::make(folder.path());
        std::fs::write(folder.path().join("own.toml"), RULES).expect("the rules");
        let mysql_port = free_port();
        let mysql = format!(
            "name = \"mysql\"\nprotocol = \"mysql\"\nlisten = \"127.0.0.1:{mysql_port}\"\n\
             upstream = [\"127.0.0.1:{}\"]\nenvironment = \"development\"\nmode = \"observe\"\n\
             allow_unauthenticated = true",
            mariadb.port
        );
        let gateway = Plan::before(&server)
            .mode("enforce")
            .listener("policies = [\"own\"]\ndefault = \"allow\"")
            .client_tls("prefer", &certificate)
            .table("policies", &format!("directory = \"{}\"", folder.path().display()))
            .table("[listener]", &mysql)
            .start();
        Setting { server, _mariadb: mariadb, certificate, gateway, mysql_port, _folder: folder }
    }
}

/// The groups of clients that use the load of `tests/chaos`: how many, statements of a session, over TLS.
const GROUPS: [(u32, u64, bool); 4] = [(6, 0, false), (2, 20, false), (3, 0, true), (1, 20, true)];

fn main() -> ExitCode {
    let seconds = number("SOAK_SECONDS", 3600);
    let pause = Duration::from_millis(number("SOAK_PAUSE_MS", 20));
    let bound = number("SOAK_SLOPE_KIB_PER_HOUR", 2048);
    let setting = Setting::new();
    println!("{seconds} s of mixed load, a pause of {pause:?} between two statements of a client");
    let (tally, samples) = run(&setting, Duration::from_secs(seconds), pause);
    let holds = report(&samples, &tally, bound);
    let Setting { server, mut gateway, .. } = setting;
    eventually("no session is left", || (gateway.metric("dragoman_sessions") == Some(0.0)).then_some(()));
    let rows = server.ask("SELECT count(*) FROM written").expect("a count");
    assert_eq!(rows, tally.confirmed().to_string(), "rows that are there, and rows that were confirmed");
    gateway.terminate();
    let status = gateway.ended_within(Duration::from_secs(30));
    assert!(status.success(), "{status}");
    account::assert_verifies(&gateway.ledger());
    println!("the ledger holds; every confirmed row is there, and no other");
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(setting: &Setting, time: Duration, pause: Duration) -> (Tally, Vec<Sample>) {
    let (stop, answered) = (AtomicBool::new(false), AtomicU64::new(0));
    let (port, stop, answered) = (setting.gateway.port, &stop, &answered);
    std::thread::scope(|scope| {
        let ending = StopAtEnd(stop);
        let mut first = 0;
        let mut groups = Vec::new();
        for (clients, per_session, encrypted) in GROUPS {
            let tls = encrypted.then(|| setting.certificate.client_config(&[]));
            let load =
                Load { port, first, clients, reconnects: true, pause, per_session, stop, answered, tls };
            first += clients;
            groups.push(scope.spawn(move || load.run()));
        }
        let tls = setting.certificate.client_config(&[]);
        let others = [
            scope.spawn(move || others::cancels(port, stop)),
            scope.spawn(move || others::is_refused(port, stop)),
            scope.spawn(move || others::reads_much(port, stop)),
            scope.spawn(move || others::vanishes(port, stop)),
            scope.spawn(move || others::breaks_the_protocol(port, Arc::clone(&tls), stop)),
            scope.spawn(move || others::speaks_mysql(setting.mysql_port, 1, pause, stop)),
            scope.spawn(move || others::speaks_mysql(setting.mysql_port, 2, pause, stop)),
        ];
        let samples =
            watch(&setting.gateway, time, answered, || others.iter().any(|other| other.is_finished()));
        drop(ending);
        let mut tally = Tally::default();
        for group in groups {
            tally.add(group.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause)));
        }
        for other in others {
            let (what, count) = other.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause));
            println!("{count:>10} {what}");
        }
        (tally, samples)
    })
}

struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Samples once a second and says once a minute how it goes; ends early where a client has.
fn watch(gateway: &Gateway, time: Duration, answered: &AtomicU64, failed: impl Fn() -> bool) -> Vec<Sample> {
    let began = Instant::now();
    let mut samples: Vec<Sample> = Vec::new();
    while began.elapsed() < time && !failed() {
        let due = Duration::from_secs(samples.len() as u64);
        std::thread::sleep(due.saturating_sub(began.elapsed()));
        let (resident_kib, descriptors) = (gateway.resident_kib(), gateway.descriptors());
        samples.push(Sample { at: began.elapsed(), resident_kib, descriptors });
        if samples.len() % 60 == 1 {
            println!(
                "{:>6} s  {resident_kib:>8} KiB resident  {descriptors:>4} descriptors  {:>9} answers",
                began.elapsed().as_secs(),
                answered.load(Ordering::Relaxed)
            );
        }
    }
    samples
}

/// Prints what came of it; whether it is within the bound.
fn report(samples: &[Sample], tally: &Tally, bound: u64) -> bool {
    println!(
        "{:>10} right answers in {} sessions, {} rows written",
        tally.answers,
        tally.logins,
        tally.confirmed()
    );
    tally.assert_right(1);
    assert_eq!((tally.closed, tally.resets, tally.unconnected), (0, 0, 0), "{tally:?}");
    assert!(tally.refused.is_empty() && tally.fatal.is_empty(), "{tally:?}");
    let end = samples.last().map_or(Duration::ZERO, |sample| sample.at);
    let counted: Vec<_> = samples.iter().filter(|sample| sample.at > end / WARM_UP_SHARE).collect();
    let points: Vec<(f64, f64)> =
        counted.iter().map(|sample| (sample.at.as_secs_f64() / 3600.0, sample.resident_kib as f64)).collect();
    let Some(slope) = Slope::of(&slope::stretches(&points, STRETCHES)) else {
        println!("too short for a slope: SOAK_SECONDS");
        return false;
    };
    let least = counted.iter().map(|sample| sample.resident_kib).min().unwrap_or_default();
    let most = counted.iter().map(|sample| sample.resident_kib).max().unwrap_or_default();
    let descriptors = |sample: Option<&&Sample>| sample.map_or(0, |sample| sample.descriptors);
    println!(
        "resident memory: {least} to {most} KiB after the first {} s; slope {:+.0} KiB an hour, error {:.0}; \
         descriptors {} then {}",
        (end / WARM_UP_SHARE).as_secs(),
        slope.by,
        slope.error,
        descriptors(counted.first()),
        descriptors(counted.last()),
    );
    let holds = slope.by - 2.0 * slope.error <= bound as f64;
    println!("{}: the bound is {bound} KiB an hour", if holds { "flat" } else { "NOT FLAT" });
    holds
}
