//! Can a session that is to read only change anything, on any path, by any way of writing it?
//!
//! Judged by effect: the database and everything around it are compared before and after each
//! attempt, over connections that go past the gateway. The attacker is a superuser, so nothing but
//! the gateway, and what it makes the server do, stands in between. Each vector is also run without
//! a gateway, where it has to have its effect: a vector that does nothing anyway proves nothing.
//! See docs/bypass.md.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "bypass/attempt.rs"]
mod attempt;
mod harness;
#[path = "bypass/path.rs"]
mod path;
#[path = "bypass/raw.rs"]
mod raw;
#[path = "bypass/tally.rs"]
mod tally;
#[path = "bypass/text.rs"]
mod text;
#[path = "bypass/vector.rs"]
mod vector;
#[path = "bypass/watch.rs"]
mod watch;

use attempt::{Attempt, Stop};
use harness::each_version;
use harness::gateway::{Gateway, Plan};
use harness::server::Server;
use harness::wire::{Wire, first_error};
use path::{Case, cases};
use std::collections::BTreeSet;
use tally::Tally;
use vector::{Effect, Vector};
use watch::{State, Watch};

/// A suite smaller than this has lost something.
const VECTORS_MIN: usize = 200;
const CASES_MIN: usize = 1_500;

/// Logs in by a password, and may do everything.
const ATTACKER: &str = "clear";
/// Makes the attacker's transactions read-only unless it says otherwise: what a session behind the
/// gateway is to the server.
const BIND: &str = "ALTER ROLE clear SET default_transaction_read_only = on";
const UNBIND: &str = "ALTER ROLE clear RESET default_transaction_read_only";

fn server(version: &str) -> Server {
    // What waits for a lock that an attempt holds shall not wait long; nothing shall happen by itself.
    Server::start_with(
        version,
        &[
            ("lock_timeout", "500ms"),
            ("statement_timeout", "10s"),
            ("checkpoint_timeout", "1h"),
            ("max_wal_size", "1GB"),
        ],
    )
}

/// All vectors of a version and their cases. Each version takes another share of the paths.
fn vectors(version: &str, watch: &mut Watch) -> Vec<(Vector, Vec<Case>)> {
    let version: u32 = version.parse().expect("a version is a number");
    let mut vectors = vector::from_files(version, &watch.places);
    vectors.extend(raw::vectors(watch));
    let mut names = BTreeSet::new();
    for vector in &vectors {
        assert!(names.insert((vector.group, vector.name.clone())), "two vectors are named `{}`", vector.name);
    }
    let turns = version as usize..;
    turns.zip(vectors).map(|(turn, vector)| (vector.clone(), cases(&vector, turn))).collect()
}

/// Plays a case past any gateway and says what is wrong with it as a vector; `None` when it did
/// what it says it does.
fn wrong_without_a_gateway(
    watch: &mut Watch,
    session: &mut Option<Wire>,
    vector: &Vector,
    case: &Case,
) -> Option<String> {
    watch.run(&vector.around[0]);
    if vector.watch == "sessions" {
        watch.revive_victim();
    }
    let facts = match vector.watch {
        "canary" => "rows",
        "answer" | "listeners" | "notifications" => "prepared transactions",
        other => other,
    };
    let before = watch.state(Some(facts));
    let is_bound = vector.watch == "canary";
    watch.run(&is_bound.then(|| BIND.to_owned()).into_iter().collect::<Vec<_>>());
    let mut attempt = match session.take().filter(|_| !vector.has_own_session) {
        Some(wire) => Attempt::again(wire, vector, case),
        None => Attempt::play(watch.places.port, ATTACKER, vector, case),
    };
    watch.run(&is_bound.then(|| UNBIND.to_owned()).into_iter().collect::<Vec<_>>());
    let changed = match (vector.watch, &vector.answer) {
        ("answer", Some(text)) => attempt.shows(text),
        ("listeners", _) => {
            watch.run(&["NOTIFY trap".to_owned()]);
            attempt.is_usable();
            attempt.heard()
        }
        _ if vector.effect == Effect::Change => watch.changes_soon(facts, &before),
        _ => before.difference(&watch.state(Some(facts))).is_some(),
    };
    let told = attempt.errors();
    let as_said = match vector.effect {
        Effect::Change => changed,
        Effect::Nothing => !changed,
        Effect::Error => !changed && attempt.failed(),
    };
    if vector.has_own_session {
        attempt.finish();
    } else {
        *session = attempt.into_session();
    }
    watch.run(&vector.around[1]);
    let name = format!("{}: {} ({})", vector.group, vector.name, case.path);
    (!as_said).then(|| format!("{name}: changed {}: {changed}; {told}", vector.watch))
}

#[test]
fn without_the_gateway_each_vector_does_what_it_says() {
    each_version(|version| {
        let server = server(version);
        let mut watch = Watch::over(&server);
        let mut wrong = Vec::new();
        let mut session = None;
        let (mut played, mut effective) = (0, 0);
        let vectors = vectors(version, &mut watch);
        for (vector, cases) in &vectors {
            for case in cases {
                wrong.extend(wrong_without_a_gateway(&mut watch, &mut session, vector, case));
                played += 1;
                effective += usize::from(vector.effect == Effect::Change);
            }
        }
        println!(
            "PostgreSQL {version}: {} vectors, {played} cases, {effective} with an effect",
            vectors.len()
        );
        assert!(wrong.is_empty(), "{} cases prove nothing:\n{}", wrong.len(), wrong.join("\n"));
        assert!(effective >= CASES_MIN, "only {effective} cases have an effect");
    });
}

#[test]
fn a_session_that_is_bound_cannot_write_in_disguise() {
    each_version(|version| {
        let server = server(version);
        let mut watch = Watch::over(&server);
        let before = watch.state(Some("rows"));
        let mut wire = Wire::login_to(server.port, "trusted", watch::DATABASE);
        assert_eq!(first_error(&wire.query(attempt::DISGUISED_WRITE)), None);
        let written = watch.state(Some("rows"));
        assert!(before.difference(&written).is_some(), "the disguised write leaves no row");
        let mut bound = Vector::of_bytes("nothing", "canary", Vec::new());
        bound.messages = vec![vector::Message::Sql("SELECT 1".to_owned())];
        watch.run(&[BIND.to_owned()]);
        for case in cases(&bound, 0) {
            let attempt = Attempt::play(server.port, ATTACKER, &bound, &case);
            assert_eq!(attempt.stop, Stop::Server("25006".to_owned()));
        }
        assert_eq!(written.difference(&watch.state(Some("rows"))), None);
    });
}

/// What is told when only the end of the server's log is another one.
const LOG: &str = "something was written into the log";

/// A played case, and whether its session was of use afterwards, once that is known.
struct Played {
    attempt: Attempt,
    is_usable: Option<bool>,
}

/// What is played against a gateway.
struct Siege<'a> {
    server: &'a Server,
    gateway: Gateway,
    watch: Watch,
    /// The state after the vector before, as long as nobody did anything since.
    left: Option<State>,
    tally: Tally,
}

impl Siege<'_> {
    fn before<'a>(server: &'a Server) -> Siege<'a> {
        let watch = Watch::over(server);
        let plan = Plan::before(server).mode("enforce");
        let gateway = plan.listener("policies = [\"read-only\"]\ndefault = \"allow\"").start();
        Siege { server, gateway, watch, left: None, tally: Tally::default() }
    }

    /// Plays all cases of a vector and compares; when something changed, plays them one by one to
    /// see which.
    fn play(&mut self, vector: &Vector, cases: &[Case]) {
        self.tally.vector(vector.group);
        let Some(told) = self.change(vector, cases, true) else { return };
        let name = format!("ESCAPED {}: {}", vector.group, vector.name);
        let alone = |case: &Case| Some((case.path, self.change(vector, std::slice::from_ref(case), false)?));
        let by_case: Vec<_> = cases.iter().filter_map(alone).collect();
        // The server writes into its log by itself now and then, but not each time.
        if by_case.is_empty() && told != LOG {
            self.tally.escape(vector.group, format!("{name} (together): {told}"));
        }
        for (path, told) in by_case {
            self.tally.escape(vector.group, format!("{name} ({path}): {told}"));
        }
    }

    /// Plays `cases` and says what changed.
    fn change(&mut self, vector: &Vector, cases: &[Case], is_counted: bool) -> Option<String> {
        self.watch.run(&vector.around[0]);
        self.watch.revive_victim();
        let wal = self.wal(vector);
        let is_slow = watch::SLOW.contains(&vector.watch);
        let slow = is_slow.then(|| self.watch.state(Some(vector.watch)));
        let is_as_left = vector.around[0].is_empty();
        let before = self.left.take().filter(|_| is_as_left).unwrap_or_else(|| self.watch.state(None));
        let number = self.watch.transactions();
        let mut played = self.attempts(vector, cases);
        self.tally.transactions += self.watch.transactions() - number;
        let after = self.watch.state(None);
        let mut told = before.difference(&after);
        // What other processes of the server do for a statement is there a little later.
        let reached = played.iter().any(|played| !matches!(played.attempt.stop, Stop::Gateway(_)));
        if slow.is_some_and(|slow| reached && self.watch.changes_soon(vector.watch, &slow)) {
            told.get_or_insert_with(|| format!("{} changed", vector.watch));
        }
        if wal.is_some() && wal != self.wal(vector) {
            told.get_or_insert_with(|| LOG.to_owned());
        }
        told = told.or(self.change_in_sessions(vector, &mut played));
        if is_counted {
            self.count(vector, cases, &played);
        }
        played.into_iter().for_each(|played| played.attempt.finish());
        self.watch.run(&vector.around[1]);
        self.left = vector.around[1].is_empty().then_some(after).filter(|_| told.is_none());
        told
    }

    /// Plays all cases, in sessions of their own where what they leave in one matters.
    fn attempts(&self, vector: &Vector, cases: &[Case]) -> Vec<Played> {
        let mut session: Option<Wire> = None;
        let mut played: Vec<Played> = Vec::new();
        for case in cases {
            let mut attempt = match session.take() {
                Some(wire) => Attempt::again(wire, vector, case),
                None => Attempt::play(self.gateway.port, ATTACKER, vector, case),
            };
            let mut is_usable = None;
            if !vector.has_own_session {
                is_usable = Some(attempt.is_usable());
                session = attempt.take_session();
            }
            played.push(Played { attempt, is_usable });
        }
        played
    }

    /// What the sessions themselves show, and whether they can write now.
    fn change_in_sessions(&mut self, vector: &Vector, played: &mut [Played]) -> Option<String> {
        self.watch.run(&["NOTIFY trap".to_owned()]);
        let before = self.watch.state(Some("rows"));
        let mut told = None;
        for Played { attempt, is_usable } in played {
            if let Some(text) = vector.answer.as_ref().filter(|text| attempt.shows(text)) {
                told = Some(format!("the answer shows `{text}`"));
            }
            is_usable.get_or_insert_with(|| attempt.is_usable());
            if attempt.heard() {
                told = Some("the session listens".to_owned());
            }
        }
        let written = before.difference(&self.watch.state(Some("rows")));
        told.or(written.map(|written| format!("the session could write afterwards: {written}")))
    }

    fn count(&mut self, vector: &Vector, cases: &[Case], played: &[Played]) {
        for (case, Played { attempt, is_usable }) in cases.iter().zip(played) {
            self.tally.case(vector.group, &vector.name, &attempt.stop);
            // A gateway that lets nobody in refuses nothing: only what is in the login itself may fail it.
            let is_shut_out = !attempt.was_let_in && vector.startup.is_empty();
            if is_shut_out || (attempt.was_let_in && *is_usable != Some(true) && !vector.may_end_session) {
                let name = format!("{}: {} ({})", vector.group, vector.name, case.path);
                self.tally.unusable(format!("UNUSABLE {name}: {}", attempt.errors()));
            }
        }
    }

    /// Where the log ends, for vectors that would write into it.
    fn wal(&mut self, vector: &Vector) -> Option<State> {
        (vector.watch == "wal").then(|| self.watch.state(Some("wal")))
    }
}

#[test]
fn nothing_escapes_a_gateway_that_lets_reads_only_pass() {
    each_version(|version| {
        let server = server(version);
        let mut siege = Siege::before(&server);
        let vectors = vectors(version, &mut siege.watch);
        let settings = siege.watch.settings();
        for (vector, cases) in &vectors {
            siege.play(vector, cases);
        }
        assert_eq!(siege.watch.settings(), settings, "what a new session finds set");
        println!("{}", siege.tally.table(version));
        let (vectors, cases) = siege.tally.total();
        assert!(vectors >= VECTORS_MIN && cases >= CASES_MIN, "{vectors} vectors and {cases} cases");
        assert_eq!(siege.tally.failures(), "", "on {}", siege.server.version);
    });
}

/// What only the database knows. It is here so that nobody believes otherwise: the day one of these
/// is stopped, this test fails and docs/bypass.md changes.
#[test]
fn what_no_text_shows_and_the_server_lets_readers_do_gets_through() {
    each_version(|version| {
        let server = server(version);
        let mut siege = Siege::before(&server);
        let number = version.parse().expect("a version is a number");
        let vectors = vector::beyond(number, &siege.watch.places);
        for (turn, vector) in vectors.iter().enumerate() {
            for case in cases(vector, turn) {
                let name = format!("{} ({}) on {version}", vector.name, case.path);
                let directly = wrong_without_a_gateway(&mut siege.watch, &mut None, vector, &case);
                assert_eq!(directly, None, "{name}");
                let told = siege.change(vector, &[case], false);
                assert!(told.is_some(), "{name} changes nothing any more: say so in docs/bypass.md");
            }
        }
    });
}
