//! Whether docs/ledger.md shows what the code writes.

use super::*;
use crate::ledger::chain::NO_LINE;
use exchange::{
    Access, Address, Basis, Class, Effects, Environment, Fingerprint, Kind, Marks, Outcome, Principal,
    Protocol, Relation, Session, SessionId, Statement, StatementRecord, Timing, TlsFacts, TransactionState,
    Verb, VerdictWord,
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
            tls: Some(TlsFacts { version: "TLSv1.3", certificate: None }),
        },
    })
}

/// What happens to the one relation of a statement, and what else is so.
fn effects(verb: &'static str, class: Class, access: Option<(&str, Access)>, marks: Marks) -> Effects {
    let relation = |(name, access): (&str, Access)| Relation { schema: None, name: name.into(), access };
    let relations = access.into_iter().map(relation).collect();
    Effects { relations, marks, ..Effects::of_class(Basis::Grammar, verb, class) }
}

fn shape(fingerprint: u64, class: Class, text: &str, effects: Effects) -> Arc<Statement> {
    Arc::new(Statement {
        fingerprint: Fingerprint(fingerprint),
        text: text.into(),
        class,
        verb: Verb::Other,
        tables: effects.relations.iter().map(|relation| relation.name.clone()).collect(),
        effects: Arc::new(effects),
    })
}

fn intent() -> StatementRecord {
    let update = Access::UPDATE;
    StatementRecord {
        exchange: 12,
        kind: Kind::Run,
        statement: shape(
            0x8ca5_ea4f_9ec4_b1bc,
            Class::Write,
            "UPDATE orders SET state = ? WHERE id = ?",
            effects("update", Class::Write, Some(("orders", update)), Marks::NONE),
        ),
        source: None,
        claims: None,
        verdict: VerdictWord::Allow,
        rule: Some("production/writers".into()),
        values: None,
        would: None,
        policy_epoch: 3,
        transaction: TransactionState::Open,
        outcome: None,
        timing: Timing::default(),
        bytes_in: 54,
        bytes_out: 0,
    }
}

fn outcome() -> StatementRecord {
    StatementRecord {
        outcome: Some(Outcome::Completed { rows: 1 }),
        timing: Timing { judge: 2, forward: 9, first: 412, last: 421, total: 421 },
        bytes_out: 14,
        ..intent()
    }
}

fn execute() -> StatementRecord {
    let insert = effects("insert", Class::Write, Some(("items", Access::INSERT)), Marks::NONE);
    let execute = effects("execute", Class::Read, None, Marks::USES_NAME.with(Marks::RETURNS_ROWS));
    StatementRecord {
        exchange: 13,
        statement: shape(0x2cc6_06f2_b03d_a128, Class::Write, "EXECUTE add_item (?)", execute),
        source: Some(shape(0xd101_39b6_2710_a676, Class::Write, "INSERT INTO items VALUES ($1)", insert)),
        transaction: TransactionState::Idle,
        outcome: Some(Outcome::Failed { sqlstate: Some(*b"23505") }),
        timing: Timing { judge: 1, forward: 7, first: 650, last: 660, total: 660 },
        bytes_in: 26,
        bytes_out: 118,
        ..intent()
    }
}

/// An intent of a statement of that class.
pub(super) fn statement_of(class: Class) -> Record {
    let statement =
        shape(class.index() as u64, class, class.as_str(), effects("select", class, None, Marks::NONE));
    let body = RecordBody::Statement(StatementRecord { statement, ..intent() });
    Record { event: Event::StatementIntent, at_us: AT_US, session: Some(session()), body }
}

/// As the gate writes what does not pass: it never ran, so judging is all the time it took.
fn stopped(exchange: u64, statement: Arc<Statement>, rule: &str, sqlstate: [u8; 5]) -> StatementRecord {
    StatementRecord {
        exchange,
        statement,
        verdict: VerdictWord::Refuse,
        rule: Some(rule.into()),
        transaction: TransactionState::Idle,
        outcome: Some(Outcome::Refused { sqlstate }),
        timing: Timing { judge: 3, ..Timing::default() },
        bytes_in: 23,
        ..intent()
    }
}

fn refused() -> StatementRecord {
    let delete = Access::DELETE;
    let every_row = effects("delete", Class::Write, Some(("orders", delete)), Marks::EVERY_ROW);
    let statement = shape(0x71d0_7f0a_3b5c_9e22, Class::Write, "DELETE FROM orders", every_row);
    StatementRecord {
        values: None,
        would: Some(("shop/deletes".into(), "hold")),
        ..stopped(14, statement, "production/every-row", *b"42501")
    }
}

fn held() -> StatementRecord {
    let drop = effects("drop table", Class::Ddl, Some(("orders", Access::DEFINE)), Marks::NONE);
    let statement = shape(0x1965_61b2_3ded_1407, Class::Ddl, "DROP TABLE orders", drop);
    StatementRecord { verdict: VerdictWord::Hold, ..stopped(15, statement, "production/ddl", *b"QG001") }
}

fn examples() -> Vec<Record> {
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
        (Event::StatementOutcome, RecordBody::Statement(outcome())),
        (Event::StatementOutcome, RecordBody::Statement(execute())),
        (Event::StatementRefused, RecordBody::Statement(refused())),
        (Event::StatementHeld, RecordBody::Statement(held())),
        (
            Event::PolicyChanged,
            RecordBody::Note("rules of listener `shop` changed: 28 in place of 27, published as version 7 by ada@example.org; rule set `shop` version 3 by ben@example.org".into()),
        ),
        (Event::LimitHit, RecordBody::Note("limits.idle_seconds".into())),
        (Event::SessionEnd, end),
        (Event::WriterGap, RecordBody::Gap { lost: 1_204 }),
        (Event::WriterStop, RecordBody::None),
    ];
    let record = |(position, (event, body)): (usize, (Event, RecordBody))| {
        let of_gateway = [Event::WriterStart, Event::PolicyChanged, Event::WriterGap, Event::WriterStop];
        let session = (!of_gateway.contains(&event)).then(session);
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
    for event in Event::ALL {
        let row = format!("\n| `{}` |", event.as_str());
        assert!(reference.contains(&row), "`{}` is not explained", event.as_str());
    }
}
