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
        effects: std::sync::Arc::new(exchange::Effects::of_class(
            exchange::Basis::Keywords,
            "statement",
            exchange::Class::Read,
        )),
    })
}

fn ended(outcome: Outcome) -> Ended {
    Ended { outcome, first_us: Some(10), total_us: 20, bytes_in: 3, bytes_out: 5, at_us: 7, repeats: false }
}

const OK: Outcome = Outcome::Completed { rows: 2 };

fn all(statistics: &Statistics) -> Vec<StatementStatistics> {
    statistics.entries.iter().map(|entry| entry.figures.clone()).collect()
}

fn only(statistics: &Statistics) -> StatementStatistics {
    let entries = all(statistics);
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
    assert_eq!(all(&statistics).len(), 2);
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

/// Counts `statement` as often as it takes to make its histograms as large as they become.
fn wear_out(statistics: &mut Statistics, statement: &Arc<Statement>) {
    (0..70_000).for_each(|_| statistics.record(0, &session("ann", "psql"), statement, &ended(OK)));
}

#[test]
fn what_an_entry_holds_is_counted_as_it_grows_and_given_back() {
    let mut statistics = Statistics::new(1 << 20);
    let first = statement(1);
    let empty = statistics.bytes;
    statistics.record(0, &session("ann", "psql"), &first, &ended(OK));
    let small = statistics.bytes;
    wear_out(&mut statistics, &first);
    assert_eq!(statistics.bytes - small, 2 * 8 * 240, "two histograms of their largest form");
    statistics.record(0, &session("bob", "psql"), &first, &ended(OK));
    assert!(statistics.bytes > small + 2 * 8 * 240);
    statistics.evict();
    assert_eq!((statistics.bytes, statistics.entries.len()), (empty, 0));
}

#[test]
fn entries_that_grow_stay_within_the_bound_without_a_new_one() {
    let mut statistics = Statistics::new(64 << 10);
    let statements: Vec<_> = (0..100).map(statement).collect();
    for name in 0..KINDS_MAX {
        let someone = session(&format!("{name}{}", "ü".repeat(10_000)), &"x".repeat(10_000));
        for one in &statements {
            statistics.record(0, &someone, one, &ended(OK));
            assert!(statistics.bytes <= 64 << 10);
        }
    }
    let longest =
        all(&statistics).iter().flat_map(|entry| entry.users.kept.clone()).map(|name| name.len()).max();
    assert!(longest.unwrap() <= NAME_BYTES_MAX);
}

#[test]
fn a_look_in_parts_shows_each_call_once_while_entries_come_and_go() {
    let mut statistics = Statistics::new(256 << 10);
    let someone = session("ann", "psql");
    let mut next = 0;
    let mut some = |statistics: &mut Statistics, count: u64| {
        for _ in 0..count {
            statistics.record(0, &someone, &statement(next), &ended(OK));
            next += 1;
        }
        next
    };
    let before = some(&mut statistics, 2_000);
    assert!(statistics.evicted > 0, "the table is full");
    let look = statistics.look();
    let mut shown = Vec::new();
    loop {
        let part = statistics.part(look, 16);
        if part.is_empty() {
            break;
        }
        shown.extend(part);
        some(&mut statistics, 7);
    }
    let (others, _, _) = statistics.looked(look).unwrap();
    let mut numbers: Vec<_> = shown.iter().map(|one| one.statement.fingerprint).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), shown.len(), "none is shown twice");
    let calls = others.calls + shown.iter().map(|one| one.totals.calls).sum::<u64>();
    assert_eq!(calls, before, "what was counted when the look began, nothing twice and nothing left out");
    for (place, entry) in statistics.entries.iter().enumerate() {
        assert_eq!(statistics.index.find(entry.hash, |at| at == place), Some(place));
    }
}

#[test]
fn a_look_that_another_one_followed_shows_nothing_more() {
    let mut statistics = Statistics::new(1 << 20);
    statistics.record(0, &session("ann", ""), &statement(1), &ended(OK));
    let (first, second) = (statistics.look(), statistics.look());
    assert!(statistics.part(first, 1).is_empty());
    assert_eq!(statistics.looked(first), None);
    assert_eq!(statistics.part(second, 2).len(), 1);
    assert!(statistics.looked(second).is_some());
}

/// What is really occupied, as far as it can be seen from outside the allocator. Room at the end of
/// the table that no entry ever took is none: no page of it was touched.
fn occupied(statistics: &Statistics) -> usize {
    let entries = statistics.entries.len() * size_of::<Entry>();
    let held: usize = statistics.entries.iter().map(|entry| entry.held).sum();
    entries + statistics.index.bytes() + held
}

#[test]
fn ten_million_different_statements_run_flat_and_the_heavy_ones_stay() {
    const DIFFERENT: u64 = 10_000_000;
    const HEAVY: u64 = 50;
    let bound = 4 << 20;
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
            assert!(occupied(&statistics) <= bound, "{} occupied", occupied(&statistics));
        }
    }
    assert!(statistics.bytes <= bound);
    let entries = all(&statistics);
    for one in &heavy {
        let kept = entries.iter().find(|entry| entry.statement.fingerprint == one.fingerprint);
        assert_eq!(kept.map(|kept| kept.totals.calls), Some(DIFFERENT / 20 / HEAVY));
    }
    let mut all = statistics.others;
    entries.iter().for_each(|entry| all.add(&entry.totals));
    let calls = DIFFERENT + DIFFERENT / 20;
    assert_eq!((all.calls, all.rows, all.time_us), (calls, 2 * calls, 20 * calls));
    assert_eq!(statistics.evicted + entries.len() as u64, DIFFERENT + HEAVY);
}
