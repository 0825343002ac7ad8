//! Whether docs/ledger.md shows what the code writes.

use super::*;
use crate::ledger::chain::NO_LINE;
use exchange::{
    Address, Class, Environment, Fingerprint, Kind, Outcome, Principal, Protocol, Session, SessionId,
    Statement, StatementRecord, Timing, TlsFacts, TransactionState, Verb, VerdictWord,
};

const AT_US: u64 = 1_785_846_896_000_789;

const EVENTS: [Event; 12] = [
    Event::SessionStart,
    Event::SessionEnd,
    Event::LoginFailed,
    Event::StatementIntent,
    Event::StatementOutcome,
    Event::StatementRefused,
    Event::LimitHit,
    Event::ConfigChanged,
    Event::ModeChanged,
    Event::WriterStart,
    Event::WriterStop,
    Event::WriterGap,
];

fn session() -> Arc<Session> {
    Arc::new(Session {
        id: SessionId(0x0199_0a3b_5c7e_7d10_9f3e_5a6b_7c8d_9e0f),
        listener: "shop".into(),
        workspace: "default".into(),
        environment: Environment::Production,
        protocol: Protocol::Postgres,
        principal: Principal {
            user: "app".into(),
            database: "shop".into(),
            application: "checkout".into(),
            address: Address::Tcp("192.0.2.17:52114".parse().unwrap()),
            tls: Some(TlsFacts { version: "TLSv1.3" }),
        },
    })
}

fn shape(fingerprint: u64, class: Class, text: &str, tables: &[&str]) -> Arc<Statement> {
    let fingerprint = Fingerprint(fingerprint);
    let tables = tables.iter().map(|table| (*table).into()).collect();
    Arc::new(Statement {
        fingerprint,
        text: text.into(),
        class,
        verb: Verb::Other,
        tables,
        effects: std::sync::Arc::new(exchange::Effects::of_class(
            exchange::Basis::Keywords,
            "statement",
            exchange::Class::Read,
        )),
    })
}

fn intent() -> StatementRecord {
    StatementRecord {
        exchange: 12,
        kind: Kind::Run,
        statement: shape(
            0x8ca5_ea4f_9ec4_b1bc,
            Class::Write,
            "UPDATE orders SET state = ? WHERE id = ?",
            &["orders"],
        ),
        source: None,
        verdict: VerdictWord::Allow,
        rule: None,
        would: None,
        policy_epoch: 3,
        transaction: TransactionState::Open,
        outcome: None,
        timing: Timing::default(),
        bytes_in: 54,
        bytes_out: 0,
    }
}

fn examples() -> Vec<Record> {
    let outcome = StatementRecord {
        outcome: Some(Outcome::Completed { rows: 1 }),
        timing: Timing { judge: 2, forward: 9, first: 412, last: 421, total: 421 },
        bytes_out: 14,
        ..intent()
    };
    let execute = StatementRecord {
        exchange: 13,
        statement: shape(0x2cc6_06f2_b03d_a128, Class::Unknown, "EXECUTE add_item (?)", &[]),
        source: Some(shape(0xd101_39b6_2710_a676, Class::Write, "INSERT INTO items VALUES ($1)", &["items"])),
        transaction: TransactionState::Idle,
        outcome: Some(Outcome::Failed { sqlstate: Some(*b"23505") }),
        timing: Timing { judge: 1, forward: 7, first: 650, last: 660, total: 660 },
        bytes_in: 26,
        bytes_out: 118,
        ..intent()
    };
    // As the gate writes one: it never ran, so judging is all the time it took.
    let refused = StatementRecord {
        exchange: 14,
        statement: shape(0x1965_61b2_3ded_1407, Class::Ddl, "DROP TABLE orders", &["orders"]),
        verdict: VerdictWord::Refuse,
        transaction: TransactionState::Idle,
        outcome: Some(Outcome::Refused { sqlstate: *b"42501" }),
        timing: Timing { judge: 3, ..Timing::default() },
        bytes_in: 23,
        ..intent()
    };
    let end = RecordBody::Ended {
        sqlstate: Some(*b"57P01"),
        message_class: "idle",
        bytes_in: 1_306,
        bytes_out: 9_417,
    };
    let start = "version 0.1.0, process 4711; 00000006.jsonl ends in 117 bytes of an unfinished line, left as \
                 they are; the writer of 00000006.jsonl did not stop in order";
    let bodies = [
        (Event::WriterStart, RecordBody::Note(start.into())),
        (Event::SessionStart, RecordBody::None),
        (Event::StatementIntent, RecordBody::Statement(intent())),
        (Event::StatementOutcome, RecordBody::Statement(outcome)),
        (Event::StatementOutcome, RecordBody::Statement(execute)),
        (Event::StatementRefused, RecordBody::Statement(refused)),
        (Event::LimitHit, RecordBody::Note("limits.idle_seconds".into())),
        (Event::SessionEnd, end),
        (Event::WriterGap, RecordBody::Gap { lost: 1_204 }),
        (Event::WriterStop, RecordBody::None),
    ];
    let record = |(position, (event, body)): (usize, (Event, RecordBody))| {
        let own = matches!(event, Event::WriterStart | Event::WriterGap | Event::WriterStop);
        let session = (!own).then(session);
        Record { event, at_us: AT_US + 1_313 * position as u64, session, body }
    };
    bodies.into_iter().enumerate().map(record).collect()
}

#[test]
fn the_reference_shows_what_the_code_writes() {
    let mut encoder = Encoder::new(0x0199_0a3b_4d20_7b31_8c55_1f2e_3d4c_5b6a, 7, NO_LINE);
    let mut lines = Vec::new();
    for record in examples() {
        encoder.append(&mut lines, &record);
    }
    let written = String::from_utf8(lines).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/ledger.md");
    let reference = std::fs::read_to_string(&path).unwrap();
    let shown: Vec<&str> = reference.lines().filter(|line| line.starts_with("{\"v\":")).collect();
    assert_eq!(shown, written.lines().collect::<Vec<_>>(), "docs/ledger.md has to show:\n{written}");
    for event in EVENTS {
        let row = format!("\n| `{}` |", event.as_str());
        assert!(reference.contains(&row), "`{}` is not explained", event.as_str());
    }
}
