//! Is what a view is told what the threads showed?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use exchange::{Address, Class, Environment, Kind, Principal, Protocol, Session, SessionId, Statement, Verb};
use relay::sight::{CurrentSight, Names};
use std::sync::Arc;
use std::time::Duration;

/// A statement that took `us` in each of its calls and was seen last at `seen_us`.
pub(in crate::live) fn statement(number: u64, calls: u64, us: u64, seen_us: u64) -> StatementStatistics {
    let (mut first, mut total) = (Latency::default(), Latency::default());
    for _ in 0..calls {
        first.observe(us / 2);
        total.observe(us);
    }
    StatementStatistics {
        listener: "shop".into(),
        statement: Arc::new(shape(number)),
        totals: Totals { calls, rows: 3 * calls, time_us: us * calls, ..Totals::default() },
        first,
        total,
        errors: Vec::new(),
        other_errors: 0,
        users: Names { kept: vec!["anna".into()], more: true },
        applications: Names::default(),
        first_seen_us: 1,
        last_seen_us: seen_us,
    }
}

fn shape(number: u64) -> Statement {
    Statement {
        fingerprint: Fingerprint(number),
        text: format!("SELECT ? FROM t{number}").into(),
        class: Class::Read,
        verb: Verb::Other,
        tables: [format!("t{number}").into()].into(),
        effects: std::sync::Arc::new(exchange::Effects::of_class(
            exchange::Basis::Keywords,
            "statement",
            exchange::Class::Read,
        )),
    }
}

fn session(number: u128, activity: Activity, seconds: u64) -> SessionSight {
    let principal = Principal {
        user: "anna".into(),
        database: "shop".into(),
        application: "psql".into(),
        address: Address::Unix,
        tls: None,
    };
    SessionSight {
        session: Arc::new(Session {
            id: SessionId(number),
            listener: "shop".into(),
            workspace: "default".into(),
            environment: Environment::Development,
            protocol: Protocol::Postgres,
            principal,
        }),
        activity,
        activity_for: Duration::from_secs(seconds),
        age: Duration::from_secs(60),
        current: None,
        exchanges: 7,
        transaction_for: None,
        waits: false,
        bytes_in: 0,
        bytes_out: 0,
        server: None,
    }
}

fn ask(sort: Sort) -> Request {
    let want = crate::live::wire::Want::Sight;
    Request { v: VERSION, want, statements: 10, sort, active_since_us: None, read: None }
}

#[test]
fn a_statement_is_told_with_everything_but_literals() {
    let mut one = statement(5, 4, 1_000, 77);
    one.totals.failed = 3;
    one.errors = vec![(*b"42703", 2), (*b"\x00\"\x1b01", 1)];
    let gathered = Gathered::new(Look::default(), Sight { statements: vec![one], ..Sight::default() });
    let look = write(&gathered, &ask(Sort::Time)).look.unwrap();
    let told = &look.statements[0];
    assert_eq!(told.fingerprint, Fingerprint(5).to_string());
    assert_eq!((told.text.as_str(), told.class.as_str()), ("SELECT ? FROM t5", "read"));
    assert_eq!((told.tables.clone(), told.users.clone()), (vec!["t5".to_owned()], vec!["anna".to_owned()]));
    assert!(told.more_users && !told.more_applications);
    assert_eq!((told.totals.calls, told.totals.rows, told.totals.time_us), (4, 12, 4_000));
    assert_eq!((told.total.count(), told.total.max_us, told.first.count()), (4, 1_000, 4));
    assert_eq!(told.errors, [("42703".to_owned(), 2), ("???01".to_owned(), 1)]);
}

#[test]
fn distributions_are_told_step_by_step_and_add_up() {
    let statements = vec![statement(1, 90, 100, 0), statement(2, 10, 50_000, 0)];
    let others = Totals { calls: 5, time_us: 500, failed: 1, ..Totals::default() };
    let sight = Sight { statements, others, evicted: 2, ..Sight::default() };
    let look = write(&Gathered::new(Look::default(), sight), &ask(Sort::Time)).look.unwrap();
    assert_eq!((look.totals.calls, look.totals.time_us, look.totals.failed), (105, 509_500, 1));
    assert_eq!((look.statements_kept, look.statements_evicted, look.others.calls), (2, 2, 5));
    assert_eq!(look.latency.count(), 100);
    let near = |us: Option<u64>, expected: u64| {
        let us = us.unwrap();
        assert!(us.abs_diff(expected) * 10 <= expected, "{us} is not near {expected}");
    };
    near(look.latency.quantile(0.5), 100);
    near(look.latency.quantile(0.95), 50_000);
    assert_eq!(look.latency.max_us, 50_000);
    // The same quantiles as the histogram's own.
    for statement in [statement(1, 90, 100, 0), statement(2, 10, 50_000, 0)] {
        let told = distribution(&statement.total);
        for share in [0.5, 0.95, 0.99] {
            near(told.quantile(share), statement.total.quantile(share));
        }
    }
}

#[test]
fn sessions_that_others_may_wait_for_come_first() {
    let mut running = session(1, Activity::Busy, 1);
    running.current = Some(CurrentSight {
        statement: Arc::new(shape(9)),
        kind: Kind::Execute,
        lasting: Duration::from_millis(2_300),
        verdict: exchange::VerdictWord::Allow,
        rule: None,
    });
    let sessions = vec![
        session(5, Activity::Idle(TransactionState::Idle), 50),
        session(4, Activity::Login, 1),
        session(3, Activity::Idle(TransactionState::Failed), 9),
        session(2, Activity::Busy, 1),
        running,
    ];
    let gathered = Gathered::new(Look::default(), Sight { sessions, ..Sight::default() });
    let look = write(&gathered, &ask(Sort::Time)).look.unwrap();
    let told: Vec<_> =
        look.sessions.iter().map(|one| (one.activity.as_str(), one.activity_us / 1_000_000)).collect();
    assert_eq!(told, [("busy", 1), ("busy", 1), ("failed transaction", 9), ("login", 1), ("idle", 50)]);
    let current = look.sessions[0].current.as_ref().unwrap();
    assert_eq!(
        (current.text.as_str(), current.kind.as_str(), current.for_us),
        ("SELECT ? FROM t9", "execute", 2_300_000)
    );
    let counts = look.session_counts;
    assert_eq!((counts.busy, counts.transaction, counts.login, counts.idle), (2, 1, 1, 1));
}

#[test]
fn errors_are_told_by_sqlstate_with_the_statement_that_has_most() {
    let mut statements = vec![statement(1, 9, 1, 0), statement(2, 9, 1, 0), statement(3, 9, 1, 0)];
    statements[0].errors = vec![(*b"23505", 2), (*b"42703", 1)];
    statements[1].errors = vec![(*b"23505", 6)];
    statements[2].other_errors = 4;
    let gathered = Gathered::new(Look::default(), Sight { statements, ..Sight::default() });
    let look = write(&gathered, &ask(Sort::Time)).look.unwrap();
    let told: Vec<_> = look
        .errors
        .iter()
        .map(|one| (one.sqlstate.as_str(), one.class.as_str(), one.count, one.statements, one.text.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("23505", "integrity_constraint_violation", 8, 2, "SELECT ? FROM t2"),
            ("", "error", 4, 1, "SELECT ? FROM t3"),
            ("42703", "syntax_error_or_access_rule_violation", 1, 1, "SELECT ? FROM t1"),
        ]
    );
}
