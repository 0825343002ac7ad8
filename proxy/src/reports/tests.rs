//! Does what is told come to what the ledger was given, and is everything bounded?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use control::{Report, StatementCount};
use exchange::{
    Address, Basis, Class, Effects, Environment, Event, Kind, Outcome, Principal, Protocol, Record,
    RecordBody, StatementRecord, Timing, TransactionState, Verb, VerdictWord,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant, UNIX_EPOCH};

const MINUTE_US: u64 = 60_000_000;

fn session(listener: &str, user: &str, application: &str) -> Arc<Session> {
    Arc::new(Session {
        id: SessionId(7),
        listener: listener.into(),
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
    })
}

fn statement(fingerprint: u64, class: Class) -> Arc<Statement> {
    Arc::new(Statement {
        fingerprint: Fingerprint(fingerprint),
        text: format!("SELECT {fingerprint}").into(),
        class,
        verb: Verb::Other,
        tables: ["orders".into()].into(),
        effects: Arc::new(Effects::of_class(Basis::Grammar, "select", class)),
    })
}

fn record(
    session: &Arc<Session>,
    statement: &Arc<Statement>,
    outcome: Outcome,
    total: u32,
    at_us: u64,
) -> Record {
    let event = match outcome {
        Outcome::Refused { .. } => Event::StatementRefused,
        _ => Event::StatementOutcome,
    };
    let body = StatementRecord {
        exchange: 1,
        kind: Kind::Run,
        statement: Arc::clone(statement),
        source: None,
        claims: None,
        verdict: VerdictWord::Allow,
        rule: None,
        values: None,
        would: None,
        policy_epoch: 1,
        transaction: TransactionState::Idle,
        outcome: Some(outcome),
        timing: Timing { total, ..Timing::default() },
        bytes_in: 10,
        bytes_out: 20,
    };
    Record { event, at_us, session: Some(Arc::clone(session)), body: RecordBody::Statement(body) }
}

/// A tally that is switched on, and where it hands over to.
fn tally() -> (Tally, Arc<Reports>) {
    let reports = Arc::new(Reports::new(true));
    (Tally::new(Arc::clone(&reports)), reports)
}

/// Everything so far is handed over and folded in.
fn fold(tally: &mut Tally, reports: &Reports, backlog: &mut Backlog, wall_us: u64) {
    tally.turn(Instant::now(), wall_us.cast_signed(), true);
    for handed in reports.take() {
        if !backlog.add(handed) {
            reports.forget_texts();
        }
    }
    backlog.settle(reports.noted_until_us());
}

fn told(backlog: &mut Backlog, live: bool) -> Vec<Report> {
    let mut all = Vec::new();
    while let Some(report) = backlog.next(live) {
        all.push(report.clone());
        backlog.taken();
    }
    all
}

/// What all reports come to, by minute and listener.
fn sums(reports: &[Report]) -> BTreeMap<(i64, String), Sums> {
    let mut all = BTreeMap::<_, Sums>::new();
    for minute in reports.iter().flat_map(|report| &report.minutes) {
        let sum = all.entry((minute.minute, minute.listener.clone())).or_default();
        minute.counts.iter().for_each(|count| sum.merge(&count.sums));
        sum.merge(&minute.others);
    }
    all
}

fn errors(reports: &[Report]) -> u64 {
    let minutes = reports.iter().flat_map(|report| &report.minutes);
    minutes.map(|minute| minute.other_errors + minute.errors.iter().map(|one| one.count).sum::<u64>()).sum()
}

#[test]
fn sums_are_what_the_ledger_was_given_and_parts_add_up() {
    let (mut tally, reports) = tally();
    let mut backlog = Backlog::new("plane", "start");
    let sessions =
        [session("shop", "ann", "web"), session("shop", "bob", ""), session("other", "ann", "web")];
    let statements: Vec<_> = (0..50).map(|number| statement(number, Class::Read)).collect();
    let mut expected = BTreeMap::<(i64, String), Sums>::new();
    let (mut failed, mut all) = (0, Vec::new());
    for number in 0..30_000_u64 {
        let session = &sessions[number as usize % 3];
        let at_us = 100 * MINUTE_US + number * 6_000;
        let outcome = match number % 7 {
            0 => Outcome::Failed { sqlstate: Some(*b"23505") },
            1 => Outcome::Refused { sqlstate: *b"42501" },
            2 => Outcome::Lost,
            _ => Outcome::Completed { rows: 2 },
        };
        let total = (number % 1000) as u32;
        tally.note(&record(session, &statements[number as usize % 50], outcome, total, at_us));
        let minute = (at_us / MINUTE_US).cast_signed();
        let sum = expected.entry((minute, session.listener.to_string())).or_default();
        match outcome {
            Outcome::Refused { .. } => sum.refusals += 1,
            _ => {
                let rows = if let Outcome::Completed { rows } = outcome { rows } else { 0 };
                let error = u64::from(matches!(outcome, Outcome::Failed { .. }));
                failed += error;
                let mut one =
                    Sums { calls: 1, errors: error, rows, bytes_in: 10, bytes_out: 20, ..Sums::default() };
                one.total_us = total.into();
                one.latency.observe(total.into());
                sum.merge(&one);
            }
        }
        if number % 997 == 0 {
            fold(&mut tally, &reports, &mut backlog, at_us);
            all.extend(told(&mut backlog, true));
        }
    }
    fold(&mut tally, &reports, &mut backlog, 200 * MINUTE_US);
    all.extend(told(&mut backlog, false));
    assert_eq!(sums(&all), expected);
    assert_eq!(errors(&all), failed);
    let texts: Vec<_> = all.iter().flat_map(|report| &report.statements).collect();
    let each: BTreeSet<_> = texts.iter().map(|text| (&text.listener, &text.fingerprint)).collect();
    assert_eq!((texts.len(), each.len()), (100, 100), "each text is told once behind each listener");
    let refusals = all.iter().map(|report| report.refusals.len() as u64 + report.untold).sum::<u64>();
    assert_eq!(refusals, expected.values().map(|sum| sum.refusals).sum::<u64>());
    let numbers: Vec<_> = all.iter().map(|report| report.number).collect();
    assert_eq!(numbers, (1..=all.len() as u64).collect::<Vec<_>>());
}

#[test]
fn of_more_than_can_be_told_those_that_took_longest_are_and_the_rest_is_summed() {
    let (mut tally, reports) = tally();
    let mut backlog = Backlog::new("plane", "start");
    let session = session("shop", "ann", "web");
    let count = 3 * Report::COUNTS_MAX as u64;
    let mut all = Vec::new();
    for round in 0..3 {
        for number in 0..count {
            let statement = statement(number, Class::Read);
            // In the first round the last third is heaviest, later the first third.
            let total = if round == 0 { number } else { 10 * (count - number) };
            let outcome = Outcome::Completed { rows: 1 };
            tally.note(&record(&session, &statement, outcome, total as u32, 60 * MINUTE_US + round));
        }
        fold(&mut tally, &reports, &mut backlog, 60 * MINUTE_US + round);
        all.extend(told(&mut backlog, true).into_iter().take(1));
    }
    fold(&mut tally, &reports, &mut backlog, 62 * MINUTE_US);
    all.extend(told(&mut backlog, false));
    let by_name: BTreeMap<_, Sums> = rows(&all).fold(BTreeMap::new(), |mut sums, row| {
        sums.entry(row.fingerprint.clone()).or_insert_with(Sums::default).merge(&row.sums);
        sums
    });
    assert_eq!(by_name.len(), Report::COUNTS_MAX);
    // Who is named at all is named for every call of its.
    assert!(by_name.values().all(|sum| sum.calls == 3), "{by_name:?}");
    // The heaviest of all is among them, though it was light when the first part was told.
    assert!(by_name.contains_key(&Fingerprint(0).to_string()));
    let total: u64 = sums(&all).values().map(|sum| sum.calls).sum();
    assert_eq!(total, 3 * count);
}

fn rows(reports: &[Report]) -> impl Iterator<Item = &StatementCount> {
    reports.iter().flat_map(|report| &report.minutes).flat_map(|minute| &minute.counts)
}

#[test]
fn a_client_that_calls_itself_something_else_each_time_fills_no_memory() {
    let (mut tally, reports) = tally();
    let mut backlog = Backlog::new("plane", "start");
    let one = statement(1, Class::Read);
    let calls = 50_000_u64;
    for number in 0..calls {
        let session = session("shop", "ann", &format!("{number} {}", "x".repeat(1000)));
        tally.note(&record(&session, &one, Outcome::Completed { rows: 1 }, 5, MINUTE_US));
    }
    fold(&mut tally, &reports, &mut backlog, 3 * MINUTE_US);
    let all = told(&mut backlog, false);
    assert_eq!(rows(&all).count(), Report::COUNTS_MAX);
    assert!(rows(&all).all(|row| row.caller.application.len() <= 256));
    assert_eq!(sums(&all).values().map(|sum| sum.calls).sum::<u64>(), calls);
}

#[test]
fn a_report_is_the_same_until_it_was_taken() {
    let (mut tally, reports) = tally();
    let mut backlog = Backlog::new("plane", "start");
    let (session, one) = (session("shop", "ann", "web"), statement(1, Class::Read));
    tally.note(&record(&session, &one, Outcome::Completed { rows: 1 }, 5, MINUTE_US));
    fold(&mut tally, &reports, &mut backlog, 3 * MINUTE_US);
    let first = backlog.next(false).cloned().unwrap();
    tally.note(&record(&session, &one, Outcome::Completed { rows: 1 }, 5, 4 * MINUTE_US));
    fold(&mut tally, &reports, &mut backlog, 9 * MINUTE_US);
    assert_eq!(backlog.next(true), Some(&first));
    backlog.taken();
    let second = backlog.next(false).cloned().unwrap();
    assert_eq!((first.number, second.number), (1, 2));
    assert_eq!(second.minutes.iter().map(|minute| minute.minute).collect::<Vec<_>>(), [4]);
    backlog.taken();
    assert_eq!(backlog.next(true), None);
}

#[test]
fn while_nobody_takes_the_reports_minutes_are_kept_and_their_memory_is_bounded() {
    let (mut tally, reports) = tally();
    let mut backlog = Backlog::new("plane", "start");
    let sessions: Vec<_> = (0..20).map(|number| session("shop", "ann", &format!("app {number}"))).collect();
    let statements: Vec<_> = (0..50).map(|number| statement(number, Class::Read)).collect();
    let minutes = 120_u64;
    for minute in 0..minutes {
        for session in &sessions {
            for statement in &statements {
                let outcome = Outcome::Completed { rows: 1 };
                tally.note(&record(
                    session,
                    statement,
                    outcome,
                    minute as u32 * 77,
                    (60 + minute) * MINUTE_US,
                ));
            }
        }
        tally.note(&Record {
            event: Event::SessionStart,
            at_us: minute,
            session: Some(Arc::clone(&sessions[0])),
            body: RecordBody::None,
        });
        fold(&mut tally, &reports, &mut backlog, (62 + minute) * MINUTE_US);
    }
    fold(&mut tally, &reports, &mut backlog, 300 * MINUTE_US);
    assert!(backlog.minutes_bytes() <= 8 * 1024 * 1024, "{}", backlog.minutes_bytes());
    let all = told(&mut backlog, false);
    let sums = sums(&all);
    assert_eq!(sums.len() as u64, minutes, "every minute is told by itself");
    assert!(sums.values().all(|sum| sum.calls == 1000));
    let named: BTreeSet<_> = all
        .iter()
        .flat_map(|report| &report.minutes)
        .filter(|one| !one.counts.is_empty())
        .collect::<Vec<_>>()
        .iter()
        .map(|minute| minute.minute)
        .collect();
    assert!(
        named.contains(&(59 + minutes as i64)) && !named.contains(&60),
        "the oldest lose their rows: {named:?}"
    );
    assert_eq!(all.iter().map(|report| report.session_starts.len() as u64).sum::<u64>(), minutes);
}

#[test]
fn very_many_minutes_become_hours_and_their_sums_stay() {
    let bounds = minutes::Bounds { bytes: 1024 * 1024, count: 100 };
    let mut kept = minutes::Minutes::new(bounds);
    let (mut tally, reports) = tally();
    let (session, one) = (session("shop", "ann", "web"), statement(1, Class::Read));
    let mut dropped = 0;
    for minute in 600..1200 {
        tally.note(&record(&session, &one, Outcome::Completed { rows: 1 }, 5, minute * MINUTE_US));
        tally.turn(Instant::now(), 0, true);
        for handed in reports.take() {
            handed.tables.into_iter().for_each(|table| kept.add(table));
        }
        dropped += kept.settle(((minute + 2) * MINUTE_US).cast_signed());
    }
    assert!(kept.len() <= 100, "{}", kept.len());
    let mut told = Vec::new();
    while kept.has_settled() {
        told.extend(kept.take(false));
    }
    assert_eq!(
        (told.iter().map(|one| one.others.calls + one.counts.len() as u64).sum::<u64>(), dropped),
        (600, 0)
    );
    assert!(told[0].minute == 600 && told[1].minute == 660, "{told:?}");
}

#[test]
fn what_is_told_one_by_one_is_counted_where_it_does_not_fit() {
    let (mut tally, reports) = tally();
    let mut backlog = Backlog::new("plane", "start");
    let session = session("shop", "ann", "web");
    let start = || Record {
        event: Event::SessionStart,
        at_us: 1,
        session: Some(Arc::clone(&session)),
        body: RecordBody::None,
    };
    for _ in 0..20 {
        (0..1000).for_each(|_| tally.note(&start()));
        fold(&mut tally, &reports, &mut backlog, 1);
    }
    let all = told(&mut backlog, false);
    assert!(all.iter().all(|report| report.session_starts.len() <= Report::EVENTS_MAX));
    let (starts, untold) = all.iter().fold((0, 0), |(starts, untold), one| {
        (starts + one.session_starts.len() as u64, untold + one.untold)
    });
    assert_eq!((starts, starts + untold), (5_000, 20_000));
}

#[test]
fn what_concerns_the_gateway_and_changed_schemas_are_events() {
    let (mut tally, reports) = tally();
    let mut backlog = Backlog::new("plane", "start");
    let session = session("shop", "ann", "web");
    let note = |event, session: Option<&Arc<Session>>, body| Record {
        event,
        at_us: 5,
        session: session.cloned(),
        body,
    };
    tally.note(&note(Event::PolicyChanged, None, RecordBody::Note("rules changed".into())));
    tally.note(&note(Event::WriterGap, None, RecordBody::Gap { lost: 3 }));
    tally.note(&note(Event::LimitHit, Some(&session), RecordBody::Note("limits.idle_seconds".into())));
    tally.note(&note(Event::LoginFailed, Some(&session), RecordBody::None));
    let ddl = statement(9, Class::Ddl);
    let completed = Outcome::Completed { rows: 0 };
    for _ in 0..3 {
        tally.note(&record(&session, &ddl, completed, 5, 6));
    }
    tally.note(&record(&session, &statement(10, Class::Ddl), Outcome::Failed { sqlstate: None }, 5, 6));
    fold(&mut tally, &reports, &mut backlog, 1);
    let events: Vec<_> = told(&mut backlog, true).into_iter().flat_map(|report| report.events).collect();
    let seen: Vec<_> = events
        .iter()
        .map(|event| (event.event.as_str(), event.listener.as_str(), event.note.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            ("policy.changed", "", "rules changed"),
            ("writer.gap", "", "3 records are missing"),
            ("limit.hit", "shop", "limits.idle_seconds"),
            ("ddl", "shop", "shop: orders"),
        ]
    );
}

#[test]
fn nothing_is_added_up_before_it_is_switched_on() {
    let reports = Arc::new(Reports::new(false));
    let mut tally = Tally::new(Arc::clone(&reports));
    let (session, one) = (session("shop", "ann", "web"), statement(1, Class::Read));
    let call = record(&session, &one, Outcome::Completed { rows: 1 }, 5, MINUTE_US);
    tally.note(&call);
    tally.turn(Instant::now(), 1, true);
    assert!(reports.take().is_empty());
    reports.switch_on();
    tally.note(&call);
    tally.turn(Instant::now(), 1, true);
    assert_eq!(reports.take().len(), 1);
}

#[test]
fn texts_that_had_no_room_are_told_later() {
    let (mut tally, reports) = tally();
    let mut backlog = Backlog::new("plane", "start");
    let session = session("shop", "ann", "web");
    let long = |number: u64| {
        let one = (*statement(number, Class::Read)).clone();
        Arc::new(Statement { text: "x".repeat(8000).into(), ..one })
    };
    let statements: Vec<_> = (0..1500).map(long).collect();
    let mut seen = BTreeSet::new();
    for round in 0..3 {
        for statement in &statements {
            tally.note(&record(&session, statement, Outcome::Completed { rows: 1 }, 5, round));
        }
        fold(&mut tally, &reports, &mut backlog, round);
        let all = told(&mut backlog, false);
        seen.extend(all.iter().flat_map(|report| &report.statements).map(|text| text.fingerprint.clone()));
        if round == 0 {
            assert!(seen.len() < statements.len());
        }
    }
    assert!(seen.len() > 500, "{}", seen.len());
}

#[test]
fn what_nobody_takes_from_the_ledgers_thread_stays_there() {
    let (mut tally, reports) = tally();
    let mut backlog = Backlog::new("plane", "start");
    let (session, one) = (session("shop", "ann", "web"), statement(1, Class::Read));
    let mut now = Instant::now();
    for _ in 0..100 {
        tally.note(&record(&session, &one, Outcome::Completed { rows: 1 }, 5, MINUTE_US));
        now += Duration::from_secs(6);
        tally.turn(now, 1, false);
    }
    let waiting = reports.take();
    assert_eq!(waiting.len(), PARTS_MAX);
    waiting.into_iter().for_each(|handed| assert!(backlog.add(handed)));
    fold(&mut tally, &reports, &mut backlog, 3 * MINUTE_US);
    assert_eq!(sums(&told(&mut backlog, false)).values().map(|sum| sum.calls).sum::<u64>(), 100);
}

#[test]
fn sums_are_handed_over_every_second_while_somebody_watches() {
    let (mut tally, reports) = tally();
    let (session, one) = (session("shop", "ann", "web"), statement(1, Class::Read));
    let mut now = Instant::now();
    let mut handed_in_ten_seconds = |tally: &mut Tally, wall_us: i64| {
        let mut handed = 0;
        for _ in 0..100 {
            tally.note(&record(&session, &one, Outcome::Completed { rows: 1 }, 5, MINUTE_US));
            now += Duration::from_millis(100);
            tally.turn(now, wall_us, false);
            handed += reports.take().len();
        }
        handed
    };
    assert_eq!(handed_in_ten_seconds(&mut tally, 1), 2);
    reports.watch(UNIX_EPOCH, Duration::from_secs(5));
    let watched = handed_in_ten_seconds(&mut tally, 4_999_999);
    assert!((10..=14).contains(&watched), "{watched}");
    assert_eq!(handed_in_ten_seconds(&mut tally, 5_000_000), 2, "nobody watches any more");
}

/// What a record costs the ledger's thread, for people: run with `--release` and `--nocapture`.
#[test]
fn the_cost_of_a_record_is_printed() {
    let (mut tally, reports) = tally();
    let sessions: Vec<_> =
        (0..1000).map(|number| session("shop", "ann", &format!("app {}", number % 10))).collect();
    let statements: Vec<_> = (0..1000).map(|number| statement(number, Class::Read)).collect();
    let records: Vec<_> = (0..20_000_usize)
        .map(|number| {
            let (session, statement) = (&sessions[number * 7 % 1000], &statements[number * 13 % 1000]);
            let total = (number * 31 % 5000) as u32;
            record(session, statement, Outcome::Completed { rows: 1 }, total, MINUTE_US)
        })
        .collect();
    records.iter().for_each(|one| tally.note(one));
    let rounds = 20;
    let since = Instant::now();
    for _ in 0..rounds {
        records.iter().for_each(|one| tally.note(one));
    }
    let each = since.elapsed() / (rounds * records.len() as u32);
    let since = Instant::now();
    tally.turn(Instant::now(), 1, true);
    println!("{each:?} a record, {:?} to hand over", since.elapsed());
    assert_eq!(reports.take().len(), 1);
}
