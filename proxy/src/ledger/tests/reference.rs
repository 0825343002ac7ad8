//! Whether docs/ledger.md shows what the code writes.

use super::*;
use crate::ledger::chain::NO_LINE;
use exchange::{
    Address, Class, Environment, Fingerprint, Kind, Outcome, Principal, Protocol, Session, SessionId,
    Statement, StatementRecord, Timing, TlsFacts, TransactionState, Verb, VerdictWord,
};

const AT_US: u64 = 1_785_846_896_000_789;

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

fn shape(fingerprint: u64, class: Class, text: &str) -> Arc<Statement> {
    let fingerprint = Fingerprint(fingerprint);
    Arc::new(Statement { fingerprint, text: text.into(), class, verb: Verb::Other })
}

fn intent() -> StatementRecord {
    StatementRecord {
        exchange: 12,
        kind: Kind::Run,
        statement: shape(0x3f0c_8d5b_92e1_47a6, Class::Write, "update orders set state = ? where id = ?"),
        source: None,
        verdict: VerdictWord::Allow,
        rule: None,
        policy_epoch: 3,
        transaction: TransactionState::Open,
        outcome: None,
        timing: Timing::default(),
        bytes_in: 61,
        bytes_out: 0,
    }
}

fn examples() -> Vec<Record> {
    let outcome = StatementRecord {
        outcome: Some(Outcome::Completed { rows: 1 }),
        timing: Timing { judge: 2, forward: 9, first: 412, last: 415, total: 421 },
        bytes_out: 24,
        ..intent()
    };
    let execute = StatementRecord {
        exchange: 13,
        statement: shape(0x81aa_04c2_7be3_5d19, Class::Write, "execute add_item ( ? )"),
        source: Some(shape(0xd2b7_6f10_a94c_3e85, Class::Write, "insert into items values ( $1 )")),
        transaction: TransactionState::Idle,
        outcome: Some(Outcome::Failed { sqlstate: Some(*b"23505") }),
        timing: Timing { judge: 1, forward: 7, first: 650, last: 652, total: 660 },
        bytes_in: 31,
        bytes_out: 118,
        ..intent()
    };
    let refused = StatementRecord {
        exchange: 14,
        statement: shape(0x0b9e_55d1_c07f_8842, Class::Ddl, "drop table orders"),
        verdict: VerdictWord::Refuse,
        rule: Some("guard/no-drop".into()),
        transaction: TransactionState::Idle,
        outcome: Some(Outcome::Refused { sqlstate: *b"42501" }),
        timing: Timing { judge: 3, forward: 0, first: 0, last: 0, total: 95 },
        bytes_in: 23,
        bytes_out: 141,
        ..intent()
    };
    let end =
        RecordBody::Ended { sqlstate: None, message_class: "closed", bytes_in: 1_306, bytes_out: 9_417 };
    let start = "version 0.1.0, process 4711; 00000006.jsonl ends in 117 bytes of an unfinished line, left as \
                 they are; the writer of 00000006.jsonl did not stop in order";
    let bodies = [
        (Event::WriterStart, RecordBody::Note(start.into())),
        (Event::SessionStart, RecordBody::None),
        (Event::StatementIntent, RecordBody::Statement(intent())),
        (Event::StatementOutcome, RecordBody::Statement(outcome)),
        (Event::StatementOutcome, RecordBody::Statement(execute)),
        (Event::StatementRefused, RecordBody::Statement(refused)),
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
    for word in ["session.start", "session.end", "login.failed", "limit.hit", "config.changed"] {
        assert!(reference.contains(&format!("`{word}`")), "`{word}` is not explained");
    }
}
