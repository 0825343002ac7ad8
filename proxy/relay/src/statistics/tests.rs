//! Statistics by example, and under ten million different statements.

#![allow(clippy::unwrap_used)]

use super::*;
use exchange::{Address, Class, Environment, Principal, Protocol, SessionId, Verb};

fn session(user: &str, application: &str) -> Session {
    Session {
        id: SessionId(1),
        listener: "shop".into(),
        workspace: "default".into(),
        environment: Environment::Production,
        protocol: Protocol::Postgres,
        principal: Principal {
            user: user.into(),
            database: "shop".into(),
            application: application.into(),
            address: Address::Unix,
            tls: None,
        },
    }
}

fn statement(number: u64) -> Arc<Statement> {
    Arc::new(Statement {
        fingerprint: Fingerprint(number),
        text: "select ?".into(),
        class: Class::Read,
        verb: Verb::Other,
        tables: Box::default(),
    })
}

fn ended(outcome: Outcome) -> Ended {
    Ended { outcome, first_us: Some(10), total_us: 20, bytes_in: 3, bytes_out: 5, at_us: 7, repeats: false }
}

const OK: Outcome = Outcome::Completed { rows: 2 };

fn only(statistics: &Statistics) -> StatementStatistics {
    let entries: Vec<_> = statistics.entries(0, usize::MAX).collect();
    assert_eq!(entries.len(), 1);
    entries.into_iter().next().unwrap()
}

#[test]
fn what_a_statement_did_is_added_up() {
    let mut statistics = Statistics::new(1 << 20);
    let (someone, statement) = (session("ann", "psql"), statement(1));
    statistics.record(0, &someone, &statement, &ended(OK));
    statistics.record(0, &someone, &statement, &Ended { at_us: 9, repeats: true, ..ended(OK) });
    statistics.record(0, &someone, &statement, &ended(Outcome::Failed { sqlstate: Some(*b"40001") }));
    statistics.record(0, &someone, &statement, &ended(Outcome::Failed { sqlstate: None }));
    statistics.record(0, &someone, &statement, &ended(Outcome::Refused { sqlstate: *b"42501" }));
    let figures = only(&statistics);
    let totals = Totals {
        calls: 5,
        failed: 2,
        refused: 1,
        rows: 4,
        bytes_in: 15,
        bytes_out: 25,
        time_us: 80,
        repeats: 1,
    };
    assert_eq!(figures.totals, totals);
    assert_eq!((figures.total.count(), figures.first.count()), (4, 4), "what was refused took no time");
    assert_eq!(figures.errors, [(*b"40001", 1), (*b"42501", 1)]);
    assert_eq!(figures.other_errors, 1);
    assert_eq!((figures.first_seen_us, figures.last_seen_us), (7, 7));
}

#[test]
fn listeners_are_counted_apart() {
    let mut statistics = Statistics::new(1 << 20);
    statistics.record(0, &session("ann", ""), &statement(1), &ended(OK));
    statistics.record(1, &session("ann", ""), &statement(1), &ended(OK));
    assert_eq!(statistics.entries(0, usize::MAX).count(), 2);
}

#[test]
fn names_and_errors_are_bounded_and_the_rest_is_told() {
    let mut statistics = Statistics::new(1 << 20);
    let one = statement(1);
    for number in 0..100 {
        let someone = session(&format!("user{number}"), "psql");
        let sqlstate = Some([b'9', b'9', b'0', b'0' + number / 10, b'0' + number % 10]);
        statistics.record(0, &someone, &one, &ended(Outcome::Failed { sqlstate }));
    }
    let figures = only(&statistics);
    assert_eq!((figures.users.kept.len(), figures.users.more), (KINDS_MAX, true));
    assert_eq!((figures.applications.kept.len(), figures.applications.more), (1, false));
    let told: u64 = figures.errors.iter().map(|(_, count)| count).sum();
    assert_eq!((figures.errors.len(), told + figures.other_errors), (KINDS_MAX, 100));
}

#[test]
fn merging_is_counting_all_in_one() {
    let (ann, bob) = (session("ann", "psql"), session("bob", "web"));
    let (mut first, mut second, mut both) =
        (Statistics::new(1 << 20), Statistics::new(1 << 20), Statistics::new(1 << 20));
    for number in 0..50 {
        let failed = Outcome::Failed { sqlstate: Some(*b"23505") };
        let ended = Ended {
            total_us: number * 97,
            at_us: number,
            ..ended(if number % 7 == 0 { failed } else { OK })
        };
        let (part, someone) = if number % 3 == 0 { (&mut second, &bob) } else { (&mut first, &ann) };
        part.record(0, someone, &statement(1), &ended);
        both.record(0, someone, &statement(1), &ended);
    }
    let (mut merged, other, both) = (only(&first), only(&second), only(&both));
    merged.merge(&other);
    assert_eq!(merged.totals, both.totals);
    assert_eq!((merged.total, merged.first), (both.total, both.first));
    assert_eq!((merged.errors, merged.other_errors), (both.errors, both.other_errors));
    assert_eq!(merged.users.kept.len(), 2);
    assert_eq!((merged.first_seen_us, merged.last_seen_us), (both.first_seen_us, both.last_seen_us));
}

/// What is really allocated, as far as it can be seen from outside the allocator.
fn occupied(statistics: &Statistics) -> usize {
    let entries = statistics.entries.capacity() * size_of::<Entry>();
    let index = statistics.index.capacity() * (size_of::<(Key, usize)>() + 1) * 8 / 7;
    let held: usize = statistics.entries.iter().map(|entry| entry.held).sum();
    entries + index + held
}

#[test]
fn ten_million_different_statements_run_flat_and_the_heavy_ones_stay() {
    const DIFFERENT: u64 = 10_000_000;
    const HEAVY: u64 = 50;
    let bound = 8 << 20;
    let mut statistics = Statistics::new(bound);
    let someone = session("ann", "psql");
    let heavy: Vec<_> = (0..HEAVY).map(|number| statement(u64::MAX - number)).collect();
    // One allocation, with another fingerprint each time: what is measured is the table.
    let mut light = statement(0);
    for number in 0..DIFFERENT {
        match Arc::get_mut(&mut light) {
            Some(same) => same.fingerprint = Fingerprint(number),
            None => light = statement(number),
        }
        statistics.record(0, &someone, &light, &ended(OK));
        if number % 20 == 0 {
            let one = &heavy[usize::try_from(number / 20 % HEAVY).unwrap()];
            statistics.record(0, &someone, one, &ended(OK));
        }
        if number % 1_000_000 == 0 {
            assert!(statistics.bytes <= bound, "{} bytes after {number}", statistics.bytes);
            assert!(occupied(&statistics) <= bound * 2, "{} occupied", occupied(&statistics));
        }
    }
    assert!(statistics.bytes <= bound);
    let entries: Vec<_> = statistics.entries(0, usize::MAX).collect();
    for one in &heavy {
        let kept = entries.iter().find(|entry| entry.statement.fingerprint == one.fingerprint);
        assert_eq!(kept.map(|kept| kept.totals.calls), Some(DIFFERENT / 20 / HEAVY));
    }
    let (mut all, evicted, _) = statistics.others();
    entries.iter().for_each(|entry| all.add(&entry.totals));
    let calls = DIFFERENT + DIFFERENT / 20;
    assert_eq!((all.calls, all.rows, all.time_us), (calls, 2 * calls, 20 * calls));
    assert_eq!(evicted + entries.len() as u64, DIFFERENT + HEAVY);
}
