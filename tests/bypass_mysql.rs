//! Can a MySQL session that is to read only change anything, on any path, by any way of writing it?
//!
//! Judged by effect: a MariaDB server and everything around it are compared before and after each
//! attempt, over a session that goes past the gateway. The attacker has all privileges, so nothing
//! but the gateway, and what it makes the server do, stands in between. Each vector is also run
//! without a gateway, where it has to have its effect: a vector that does nothing anyway proves
//! nothing. See docs/bypass.md.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "bypass_mysql/attempt.rs"]
mod attempt;
#[path = "bypass_mysql/client.rs"]
#[allow(dead_code)]
mod client;
mod harness;
#[path = "bypass_mysql/path.rs"]
mod path;
#[path = "bypass_mysql/raw.rs"]
mod raw;
#[path = "bypass_mysql/tally.rs"]
mod tally;
#[path = "bypass_mysql/text.rs"]
mod text;
#[path = "bypass_mysql/vector.rs"]
mod vector;
#[path = "bypass_mysql/watch.rs"]
mod watch;

use attempt::{Attempt, Stop};
use client::{Client, Login};
use harness::gateway::Gateway;
use harness::mariadb::Mariadb;
use path::{Case, Protocol, cases};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use tally::Tally;
use tempfile::TempDir;
use vector::{Effect, Vector};
use watch::{State, Watch};

/// A suite smaller than this has lost something.
const VECTORS_MIN: usize = 1_000;
/// Of cases that have an effect, by each of the two protocols.
const CASES_MIN: usize = 2_000;
/// Of cases over a compressed connection.
const COMPRESSED_MIN: usize = 500;

/// Logs in without a password, and may do everything.
const ATTACKER: &str = "attacker";

/// A server, and a folder it may read and write.
struct Stage {
    server: Mariadb,
    folder: TempDir,
}

impl Stage {
    fn new() -> Stage {
        let folder = tempfile::Builder::new().prefix("dragoman-bypass-").tempdir().expect("a folder");
        let everybody = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(folder.path(), everybody).expect("the server may enter");
        let files = format!("--secure-file-priv={}", folder.path().display());
        let server = Mariadb::start_with(&[
            &files,
            // What waits for a lock that an attempt holds shall not wait long; nothing shall happen by itself.
            "--lock-wait-timeout=1",
            "--innodb-lock-wait-timeout=1",
            "--event-scheduler=OFF",
            "--innodb-stats-auto-recalc=OFF",
            "--log-bin=binlog",
            "--server-id=7",
            "--log-bin-trust-function-creators=ON",
            "--userstat=ON",
            // Locks on names are seen nowhere else.
            "--performance-schema=ON",
            "--performance-schema-instrument=%=OFF",
            "--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON",
            "--performance-schema-max-table-instances=200",
            "--performance-schema-max-thread-instances=200",
        ]);
        Stage { server, folder }
    }

    fn watch(&self) -> Watch {
        Watch::over(&self.server, self.folder.path())
    }
}

/// All vectors and their cases.
fn vectors(watch: &Watch) -> Vec<(Vector, Vec<Case>)> {
    let mut vectors = vector::from_files(&watch.places);
    vectors.extend(raw::vectors());
    let mut names = BTreeSet::new();
    for vector in &vectors {
        assert!(names.insert((vector.group, vector.name.clone())), "two vectors are named `{}`", vector.name);
    }
    vectors.into_iter().enumerate().map(|(turn, vector)| (vector.clone(), cases(&vector, turn))).collect()
}

/// Plays a case past any gateway and says what is wrong with it as a vector; `None` when it did
/// what it says it does.
fn wrong_without_a_gateway(
    watch: &mut Watch,
    port: u16,
    session: &mut Option<Client>,
    vector: &Vector,
    case: &Case,
) -> Option<String> {
    watch.run(&vector.around[0]);
    if vector.watch == "files" {
        watch.tidy();
    }
    if vector.watch == "sessions" {
        watch.revive_victim();
    }
    let facts = match vector.watch {
        "canary" => "rows",
        "answer" => "transactions",
        other => other,
    };
    let before = watch.state(Some(facts));
    let is_bound = vector.watch == "canary";
    let victim = watch.victim_id();
    let is_own = vector.has_own_session || case.has_own_session();
    let attempt = match session.take().filter(|_| !is_own) {
        Some(session) => Attempt::again(session, vector, case, victim),
        None => Attempt::play(port, vector, case, is_bound, victim),
    };
    let changed = match (vector.watch, &vector.answer) {
        ("answer", Some(text)) => attempt.shows(text),
        _ if vector.effect == Effect::Change => watch.changes_soon(facts, &before),
        _ => before.difference(&watch.state(Some(facts))).is_some(),
    };
    let told = attempt.errors();
    let as_said = match vector.effect {
        Effect::Change => changed,
        Effect::Nothing => !changed,
        Effect::Error => !changed && attempt.failed(),
    };
    if is_own {
        attempt.finish();
        if ["locks", "transactions"].contains(&facts) {
            watch.settle();
        }
    } else {
        *session = attempt.into_session();
    }
    watch.run(&vector.around[1]);
    let name = format!("{}: {} ({})", vector.group, vector.name, case.path);
    (!as_said).then(|| format!("{name}: changed {}: {changed}; {told}", vector.watch))
}

#[test]
fn without_the_gateway_each_vector_does_what_it_says() {
    let stage = Stage::new();
    let mut watch = stage.watch();
    let (mut wrong, mut session) = (Vec::new(), None);
    let (mut played, mut text, mut binary) = (0, 0, 0);
    let vectors = vectors(&watch);
    for (vector, cases) in &vectors {
        for case in cases {
            wrong.extend(wrong_without_a_gateway(&mut watch, stage.server.port, &mut session, vector, case));
            played += 1;
            let is_effective = usize::from(vector.effect == Effect::Change);
            match case.protocol {
                Protocol::Text => text += is_effective,
                Protocol::Binary => binary += is_effective,
                Protocol::Bytes => {}
            }
        }
    }
    println!(
        "{} vectors, {played} cases; with an effect: {text} by the text protocol, {binary} by the binary one",
        vectors.len()
    );
    assert!(wrong.is_empty(), "{} cases prove nothing:\n{}", wrong.len(), wrong.join("\n"));
    assert!(text >= CASES_MIN && binary >= CASES_MIN, "only {text} and {binary} cases have an effect");
}

#[test]
fn a_session_that_is_bound_cannot_write_in_disguise() {
    let stage = Stage::new();
    let mut watch = stage.watch();
    let before = watch.state(Some("rows"));
    let mut free = Client::login(stage.server.port, &Login::of(ATTACKER, watch::DATABASE)).unwrap();
    let answer = free.query(attempt::DISGUISED_WRITE.as_bytes()).unwrap();
    assert!(answer.iter().all(|packet| client::failure(packet).is_none()));
    let written = watch.state(Some("rows"));
    assert!(before.difference(&written).is_some(), "the disguised write leaves no row");
    let mut bound = Vector::of_messages("nothing", "canary", Vec::new());
    bound.messages = vec![vector::Message::Sql(b"SELECT 1".to_vec())];
    for case in cases(&bound, 0) {
        let attempt = Attempt::play(stage.server.port, &bound, &case, true, 0);
        assert_eq!(attempt.stop, Stop::Server(1792), "{}", case.path);
    }
    assert_eq!(written.difference(&watch.state(Some("rows"))), None);
}

/// A played case, and whether its session was of use afterwards, once that is known.
struct Played {
    attempt: Attempt,
    is_usable: Option<bool>,
    /// Whether its session may read by another grammar now.
    is_foreign: bool,
}

/// What is played against a gateway.
struct Siege {
    gateway: Gateway,
    watch: Watch,
    /// The state after the vector before, as long as nobody did anything since.
    left: Option<State>,
    tally: Tally,
}

impl Siege {
    fn of(stage: &Stage) -> Siege {
        let lines = "policies = [\"read-only\"]\ndefault = \"allow\"\nallow_unauthenticated = true";
        let gateway = stage.server.plan().mode("enforce").listener(lines).start();
        Siege { gateway, watch: stage.watch(), left: None, tally: Tally::default() }
    }

    /// Plays all cases of a vector and compares; when something changed, plays them one by one to
    /// see which.
    fn play(&mut self, vector: &Vector, cases: &[Case]) {
        self.tally.vector(vector.group);
        let Some(told) = self.change(vector, cases, true) else { return };
        let name = format!("ESCAPED {}: {}", vector.group, vector.name);
        let alone = |case: &Case| Some((case.path, self.change(vector, std::slice::from_ref(case), false)?));
        let by_case: Vec<_> = cases.iter().filter_map(alone).collect();
        if by_case.is_empty() {
            self.tally.escape(vector.group, format!("{name} (together): {told}"));
        }
        for (path, told) in by_case {
            self.tally.escape(vector.group, format!("{name} ({path}): {told}"));
        }
    }

    /// Plays `cases` and says what changed.
    fn change(&mut self, vector: &Vector, cases: &[Case], is_counted: bool) -> Option<String> {
        self.watch.run(&vector.around[0]);
        self.watch.tidy();
        self.watch.revive_victim();
        let log = (vector.watch == "log").then(|| self.watch.state(Some("log")));
        let slow = watch::SLOW.contains(&vector.watch).then(|| self.watch.state(Some(vector.watch)));
        let is_as_left = vector.around[0].is_empty();
        let before = self.left.take().filter(|_| is_as_left).unwrap_or_else(|| self.watch.state(None));
        let mut played = self.attempts(vector, cases);
        let after = self.watch.state(None);
        let mut told = before.difference(&after);
        // What other threads of the server do for a statement is there a little later.
        let reached = played.iter().any(|played| !matches!(played.attempt.stop, Stop::Gateway(_)));
        if slow.is_some_and(|slow| reached && self.watch.changes_soon(vector.watch, &slow)) {
            told.get_or_insert_with(|| format!("{} changed", vector.watch));
        }
        if log.is_some_and(|log| log.difference(&self.watch.state(Some("log"))).is_some()) {
            told.get_or_insert_with(|| "something was written into the log".to_owned());
        }
        told = told.or(self.change_in_sessions(vector, &mut played));
        if is_counted {
            self.count(vector, cases, &played);
        }
        played.into_iter().for_each(|played| played.attempt.finish());
        if told.is_some() {
            // What a session that got through still holds is not the next one's.
            self.watch.settle();
        }
        self.watch.run(&vector.around[1]);
        self.left = vector.around[1].is_empty().then_some(after).filter(|_| told.is_none());
        told
    }

    /// Plays all cases, in sessions of their own where what they leave in one matters.
    fn attempts(&self, vector: &Vector, cases: &[Case]) -> Vec<Played> {
        let mut played: Vec<Played> = Vec::new();
        let victim = self.watch.victim_id();
        for case in cases {
            let is_own = vector.has_own_session || case.has_own_session();
            let is_free =
                |played: &&mut Played| played.is_usable == Some(true) && played.attempt.has_session();
            let shared = played.iter_mut().filter(|_| !is_own).find(is_free);
            let mut attempt = match shared.and_then(|played| played.attempt.take_session()) {
                Some(session) => Attempt::again(session, vector, case, victim),
                None => Attempt::play(self.gateway.port, vector, case, false, victim),
            };
            let is_usable = (!is_own).then(|| attempt.is_usable());
            played.push(Played { attempt, is_usable, is_foreign: case.is_foreign() });
        }
        played
    }

    /// What the sessions themselves show, and whether they can write now.
    fn change_in_sessions(&mut self, vector: &Vector, played: &mut [Played]) -> Option<String> {
        let before = self.watch.state(Some("rows"));
        let mut told = None;
        for Played { attempt, is_usable, is_foreign } in played {
            if let Some(text) = vector.answer.as_ref().filter(|text| attempt.shows(text)) {
                told = Some(format!("the answer shows `{text}`"));
            }
            // Those whose session another case took over have said so already.
            if is_usable.is_none_or(|_| attempt.has_session()) {
                *is_usable = Some(attempt.is_usable_to_its_end(*is_foreign));
            }
        }
        let written = before.difference(&self.watch.state(Some("rows")));
        told.or(written.map(|written| format!("the session could write afterwards: {written}")))
    }

    fn count(&mut self, vector: &Vector, cases: &[Case], played: &[Played]) {
        for (case, Played { attempt, is_usable, .. }) in cases.iter().zip(played) {
            self.tally.case(vector.group, &vector.name, case.protocol, &attempt.stop);
            self.tally.compressed += usize::from(attempt.was_compressed());
            // A gateway that lets nobody in refuses nothing.
            let is_of_no_use = attempt.was_let_in && *is_usable != Some(true) && !vector.may_end_session;
            if !attempt.was_let_in || is_of_no_use {
                let name = format!("{}: {} ({})", vector.group, vector.name, case.path);
                self.tally.unusable(format!("UNUSABLE {name}: {}", attempt.errors()));
            }
        }
    }
}

#[test]
fn nothing_escapes_a_gateway_that_lets_reads_only_pass() {
    let stage = Stage::new();
    let mut siege = Siege::of(&stage);
    let vectors = vectors(&siege.watch);
    for (vector, cases) in &vectors {
        siege.play(vector, cases);
    }
    println!("{}", siege.tally.table());
    assert_eq!(siege.tally.failures(), "");
    let [vectors, text, binary] = siege.tally.total();
    let compressed = siege.tally.compressed;
    assert!(compressed >= COMPRESSED_MIN, "only {compressed} cases over a compressed connection");
    let is_whole = vectors >= VECTORS_MIN && text >= CASES_MIN && binary >= CASES_MIN;
    assert!(is_whole, "{vectors} vectors, {text} cases by text, {binary} by the binary protocol");
}

/// What only the database knows. It is here so that nobody believes otherwise: the day one of these
/// is stopped, this test fails and docs/bypass.md changes.
#[test]
fn what_no_text_shows_and_the_server_lets_readers_do_gets_through() {
    let stage = Stage::new();
    let mut siege = Siege::of(&stage);
    let vectors = vector::beyond(&siege.watch.places);
    for (turn, vector) in vectors.iter().enumerate() {
        for case in cases(vector, turn) {
            let name = format!("{} ({})", vector.name, case.path);
            let port = stage.server.port;
            let directly = wrong_without_a_gateway(&mut siege.watch, port, &mut None, vector, &case);
            assert_eq!(directly, None, "{name}");
            let told = siege.change(vector, &[case], false);
            assert!(told.is_some(), "{name} changes nothing any more: say so in docs/bypass.md");
        }
    }
}

/// How a session tells its server to stop.
type Ending = fn(&mut Client) -> Option<Vec<Vec<u8>>>;

/// A server that is told to stop is gone, so each of these has one of its own.
#[test]
fn a_reader_cannot_stop_the_server() {
    let ways: [(&str, Ending); 4] = [
        ("SHUTDOWN", |session| session.query(b"SHUTDOWN")),
        ("SHUTDOWN, prepared", |session| {
            let statement = session.prepare(b"SHUTDOWN WAIT FOR ALL SLAVES")?.ok()?;
            session.execute(statement, false)
        }),
        ("SHUTDOWN in a block", |session| session.query(b"BEGIN NOT ATOMIC SHUTDOWN; END")),
        ("COM_SHUTDOWN", |session| session.ask(&[8, 0])),
    ];
    let stage = Stage::new();
    let siege = Siege::of(&stage);
    for (name, way) in ways {
        let mut session =
            Client::login(siege.gateway.port, &Login::of(ATTACKER, "shop")).unwrap_or_else(|error| {
                panic!("{name}: {error:?}");
            });
        way(&mut session);
        assert_eq!(stage.server.ask("SELECT 1"), "1", "{name}");
    }
    for (name, way) in ways {
        let server = Mariadb::start();
        let mut session = Client::login(server.port, &Login::of("root", "shop")).unwrap();
        way(&mut session);
        harness::eventually(&format!("{name} stops a server"), || server.has_ended().then_some(()));
    }
}
