//! Records as lines, read back by a JSON parser.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::ledger::chain::{NO_LINE, Sealed, check};
use exchange::{
    Access, Address, Basis, Certificate, Class, Effects, Environment, Event, Fingerprint, Function, Kind,
    Known, Marks, Protocol, Relation, SessionId, Timing, TlsFacts, TransactionState, Unjudged, Verb,
    VerdictWord,
};
use serde_json::{Value, json};
use std::sync::Arc;

const AT_US: u64 = 1_785_846_896_000_789;
const WRITER: u128 = 0x0198_c0de_1234_7abc_8def_0123_4567_89ab;

/// Everything a client can put into a name or a statement that JSON or a line has to mind.
const NASTY: &str =
    "a \"quoted\" \\ back\\slash,\nline\r\n\ttab\0nul\u{1}\u{1f}\u{7f} é … \u{2028} 🦀 \",\"hash\":\"";

fn session(text: &str) -> Session {
    Session {
        id: SessionId(0x0198_c0de_0000_7000_8000_0000_0000_0001),
        listener: "shop".into(),
        workspace: "default".into(),
        environment: Environment::Production,
        protocol: Protocol::Postgres,
        principal: Principal {
            user: text.into(),
            database: text.into(),
            application: text.into(),
            address: Address::Tcp("[2001:db8::1]:49152".parse().unwrap()),
            tls: Some(TlsFacts { version: "TLSv1.3", certificate: None }),
        },
    }
}

fn relation(schema: Option<&str>, name: &str, access: Access) -> Relation {
    Relation { schema: schema.map(Into::into), name: name.into(), access }
}

fn function(schema: Option<&str>, name: &str, known: Known) -> Function {
    Function { schema: schema.map(Into::into), name: name.into(), known }
}

/// Something of everything a line tells, and of what it leaves out.
fn effects(name: &str) -> Effects {
    Effects {
        base_class: Class::Write,
        relations: [
            relation(None, "only_read", Access::READ),
            relation(Some("shop"), "orders", Access::READ.with(Access::UPDATE)),
            relation(None, name, Access::LOCK),
        ]
        .into(),
        functions: [
            function(None, "lower", Known::Reads),
            function(Some("shop"), name, Known::Unknown),
            function(None, "nextval", Known::Acts),
        ]
        .into(),
        columns: [exchange::Column { relation: Some(0), name: "secret".into() }].into(),
        row_limit: Some(5),
        marks: Marks::EVERY_ROW.with(Marks::UNKNOWN_FUNCTION),
        ..Effects::of_class(Basis::Grammar, "update", Class::Write)
    }
}

fn statement(text: &str) -> StatementRecord {
    let statement = Statement {
        fingerprint: Fingerprint(0xab),
        text: text.into(),
        class: Class::Write,
        verb: Verb::Other,
        tables: [text, "shop.orders"]
            .iter()
            .filter(|name| !name.is_empty())
            .map(|name| (*name).into())
            .collect(),
        effects: Arc::new(effects(text)),
    };
    StatementRecord {
        exchange: 7,
        kind: Kind::Execute,
        statement: Arc::new(statement.clone()),
        source: Some(Arc::new(statement)),
        claims: None,
        verdict: VerdictWord::Allow,
        rule: Some(text.into()),
        values: None,
        would: Some((text.into(), "refuse")),
        policy_epoch: 3,
        transaction: TransactionState::Open,
        outcome: Some(Outcome::Completed { rows: 2 }),
        timing: Timing { judge: 1, forward: 2, first: 3, last: 4, total: u32::MAX },
        bytes_in: 60,
        bytes_out: u64::MAX,
    }
}

fn record(event: Event, session: Option<Session>, body: RecordBody) -> Record {
    Record { event, at_us: AT_US, session: session.map(Arc::new), body }
}

fn lines_of(records: &[Record]) -> Vec<String> {
    let mut encoder = Encoder::new(WRITER, 42, NO_LINE);
    let mut lines = Vec::new();
    for record in records {
        encoder.append(&mut lines, record);
    }
    String::from_utf8(lines).unwrap().split_terminator('\n').map(str::to_owned).collect()
}

/// The line as a parser reads it, without what ties it to others.
fn read(record: Record) -> Value {
    let lines = lines_of(&[record]);
    assert_eq!(lines.len(), 1, "one record, one line");
    assert!(matches!(check(lines[0].as_bytes()), Sealed::Holds(_)));
    let mut value: Value = serde_json::from_str(&lines[0]).unwrap();
    let object = value.as_object_mut().unwrap();
    for (field, expected) in [
        ("v", json!(1)),
        ("ts", json!("2026-08-04T12:34:56.000789Z")),
        ("writer", json!("0198c0de-1234-7abc-8def-0123456789ab")),
        ("seq", json!(1)),
        ("prev", json!("0".repeat(64))),
    ] {
        assert_eq!(object.remove(field), Some(expected), "{field}");
    }
    object.remove("hash").unwrap();
    object.remove("id").unwrap();
    value
}

#[test]
fn a_statement_with_everything_comes_back_from_a_json_parser() {
    for text in [NASTY, "update t set a = ?", ""] {
        let body = RecordBody::Statement(statement(text));
        let effects = json!({
            "verb": "update",
            "relations": [{"name": "shop.orders", "access": ["read", "update"]}, {"name": text, "access": ["lock"]}],
            "functions": [format!("shop.{text}"), "nextval"],
            "marks": ["every_row", "unknown_function"],
        });
        let mut expected = json!({
            "event": "statement.outcome", "workspace": "default", "listener": "shop",
            "environment": "production", "session": "0198c0de-0000-7000-8000-000000000001", "exchange": 7,
            "principal": {"user": text, "database": text, "application": text,
                "address": "[2001:db8::1]:49152", "tls": "TLSv1.3"},
            "kind": "execute", "class": "write", "fingerprint": "1-00000000000000ab", "text": text,
            "tables": [text, "shop.orders"], "effects": effects,
            "source": {"fingerprint": "1-00000000000000ab", "text": text, "tables": [text, "shop.orders"],
                "effects": effects},
            "verdict": "allow", "rule": text, "would": {"rule": text, "verdict": "refuse"}, "policy_epoch": 3, "tx": {"state": "open"},
            "timing_us": {"judge": 1, "forward": 2, "first": 3, "last": 4, "total": u32::MAX},
            "rows": 2, "bytes_in": 60, "bytes_out": u64::MAX, "message_class": "ok",
        });
        if text.is_empty() {
            expected["principal"] = json!({"address": "[2001:db8::1]:49152", "tls": "TLSv1.3"});
            expected["tables"] = json!(["shop.orders"]);
            expected["source"]["tables"] = json!(["shop.orders"]);
        }
        assert_eq!(read(record(Event::StatementOutcome, Some(session(text)), body)), expected);
    }
}

#[test]
fn what_is_not_known_is_absent() {
    let mut who = session("app");
    who.principal.application = "".into();
    who.principal.address = Address::Unix;
    who.principal.tls = None;
    let mut body =
        StatementRecord { source: None, rule: None, would: None, outcome: None, ..statement("select ?") };
    let known = Arc::make_mut(&mut body.statement);
    known.tables = Box::default();
    known.effects = Arc::new(Effects::of_class(Basis::Keywords, "statement", Class::Write));
    assert_eq!(
        read(record(Event::StatementIntent, Some(who), RecordBody::Statement(body))),
        json!({
            "event": "statement.intent", "workspace": "default", "listener": "shop",
            "environment": "production", "session": "0198c0de-0000-7000-8000-000000000001", "exchange": 7,
            "principal": {"user": "app", "database": "app", "address": "unix", "tls": "none"},
            "kind": "execute", "class": "write", "fingerprint": "1-00000000000000ab", "text": "select ?",
            "verdict": "allow", "policy_epoch": 3, "tx": {"state": "open"}, "bytes_in": 60,
        })
    );
}

#[test]
fn whom_a_certificate_names_stands_with_its_principal() {
    let mut who = session("ann");
    let mut shown = |names: &[&str]| {
        let names = names.iter().map(|name| Box::from(*name)).collect();
        let certificate = Some(Arc::new(Certificate { names, fingerprint: [0xa5; 32] }));
        who.principal.tls = Some(TlsFacts { version: "TLSv1.2", certificate });
        let claims = Claims { on_behalf_of: Some("ada".into()), trace_id: None };
        let body = StatementRecord { claims: Some(Arc::new(claims)), ..statement("x") };
        read(record(Event::StatementOutcome, Some(who.clone()), RecordBody::Statement(body)))
    };
    for names in [&[][..], &["ann"], &["ann", NASTY, "ann@example.com"]] {
        let value = shown(names);
        let principal = &value["principal"];
        assert_eq!(principal["certificate"], json!({ "names": names, "sha256": "a5".repeat(32) }));
        assert_eq!((&principal["tls"], &principal["on_behalf_of"]), (&json!("TLSv1.2"), &json!("ada")));
    }
}

#[test]
fn what_a_client_claims_stands_with_its_principal() {
    let trace = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
    for (on_behalf_of, trace_id) in [(Some(NASTY), Some(trace)), (None, Some(1)), (Some("ada"), None)] {
        let claims = Claims { on_behalf_of: on_behalf_of.map(Into::into), trace_id };
        let body = StatementRecord { claims: Some(Arc::new(claims)), ..statement("x") };
        let value = read(record(Event::StatementOutcome, Some(session("x")), RecordBody::Statement(body)));
        let principal = &value["principal"];
        assert_eq!(principal["tls"], json!("TLSv1.3"));
        assert_eq!(principal.get("on_behalf_of"), on_behalf_of.map(|name| json!(name)).as_ref());
        let expected = trace_id.map(|trace: u128| json!(format!("{trace:032x}")));
        assert_eq!(principal.get("trace_id"), expected.as_ref());
    }
}

#[test]
fn effects_say_what_the_other_fields_do_not() {
    let of = |effects: Effects| {
        let mut body = statement("x");
        Arc::make_mut(&mut body.statement).effects = Arc::new(effects);
        let value = read(record(Event::StatementOutcome, Some(session("x")), RecordBody::Statement(body)));
        value.get("effects").cloned().unwrap_or_default()
    };
    let plain = || Effects {
        relations: [relation(None, "orders", Access::READ)].into(),
        functions: [function(None, "count", Known::Reads)].into(),
        ..Effects::of_class(Basis::Grammar, "select", Class::Read)
    };
    assert_eq!(of(plain()), json!({"verb": "select"}), "a plain read says no more than its verb");
    assert_eq!(of(Effects { basis: Basis::Message, ..plain() }), json!({"verb": "select"}));
    assert_eq!(of(Effects { basis: Basis::Keywords, ..plain() }), Value::Null);
    let message = "syntax error at or near \"hidden\"".into();
    for (why, word) in [
        (Unjudged::Syntax { position: Some(3), message }, "syntax"),
        (Unjudged::TooLarge("more than 4096 names".into()), "too_large"),
        (Unjudged::Node("NewNode"), "NewNode"),
        (Unjudged::Ambiguous("the encoding"), "ambiguous"),
        (Unjudged::Unseen, "unseen"),
    ] {
        assert_eq!(of(Effects::unjudged(why)), json!({"verb": "unknown", "unjudged": word}));
    }
    let many: Vec<_> = (0..40).map(|number| relation(None, &format!("t{number}"), Access::INSERT)).collect();
    let told = of(Effects { relations: many.into(), ..plain() });
    assert_eq!(told["relations"].as_array().map(Vec::len), Some(16), "{told}");
    let all = Marks::ALL.iter().fold(Marks::NONE, |all, (mark, _)| all.with(*mark));
    let told = of(Effects { marks: all, ..plain() });
    assert_eq!(told["marks"].as_array().map(Vec::len), Some(Marks::ALL.len()), "{told}");
}

#[test]
fn every_verdict_has_its_word() {
    for (verdict, word) in [
        (VerdictWord::Allow, "allow"),
        (VerdictWord::Refuse, "refuse"),
        (VerdictWord::Hold, "hold"),
        (VerdictWord::Unjudged, "unjudged"),
    ] {
        let body = StatementRecord { verdict, ..statement("x") };
        let value = read(record(Event::StatementHeld, Some(session("x")), RecordBody::Statement(body)));
        assert_eq!((&value["event"], &value["verdict"]), (&json!("statement.held"), &json!(word)));
    }
}

#[test]
fn every_outcome_says_its_class_and_its_sqlstate() {
    for (outcome, sqlstate, class) in [
        (Outcome::Failed { sqlstate: Some(*b"23505") }, json!("23505"), "integrity_constraint_violation"),
        (Outcome::Failed { sqlstate: None }, Value::Null, "error"),
        (Outcome::Failed { sqlstate: Some(*b"\"\n\xff\\}") }, json!("\"\n\u{fffd}\\}"), "error"),
        (Outcome::Refused { sqlstate: *b"42501" }, json!("42501"), "refused"),
        (Outcome::Skipped, Value::Null, "skipped"),
        (Outcome::Lost, Value::Null, "lost"),
    ] {
        let body = StatementRecord { outcome: Some(outcome), ..statement("x") };
        let value = read(record(Event::StatementOutcome, Some(session("x")), RecordBody::Statement(body)));
        assert_eq!(value.get("sqlstate").cloned().unwrap_or_default(), sqlstate);
        assert_eq!(value["message_class"], class);
        assert!(value.get("rows").is_none());
    }
}

#[test]
fn the_other_records_come_back_too() {
    let ended = RecordBody::Ended {
        sqlstate: Some(*b"28P01"),
        message_class: "invalid_authorization_specification",
        bytes_in: 91,
        bytes_out: 12,
    };
    let value = read(record(Event::LoginFailed, Some(session(NASTY)), ended));
    assert_eq!(value["event"], "login.failed");
    assert_eq!(value["principal"]["user"], NASTY);
    assert_eq!(value["sqlstate"], "28P01");
    assert_eq!(value["message_class"], "invalid_authorization_specification");
    assert_eq!((&value["bytes_in"], &value["bytes_out"]), (&json!(91), &json!(12)));

    let value = read(record(Event::WriterGap, None, RecordBody::Gap { lost: 12_345 }));
    assert_eq!(value, json!({"event": "writer.gap", "lost": 12_345}));
    for event in [Event::ConfigChanged, Event::PolicyChanged, Event::ModeChanged] {
        let value = read(record(event, None, RecordBody::Note(NASTY.into())));
        assert_eq!(value, json!({"event": event.as_str(), "note": NASTY}));
    }
    assert_eq!(read(record(Event::WriterStop, None, RecordBody::None)), json!({"event": "writer.stop"}));
}

#[test]
fn a_line_never_has_the_parts_of_another_session_or_statement() {
    let mut encoder = Encoder::new(WRITER, 42, NO_LINE);
    // Owners come and go, so that addresses are used again, and more than there are places, long and
    // short.
    let mut owners = std::collections::VecDeque::new();
    for number in 0..12_000_usize {
        let name = format!("{number}{}", "x".repeat(if number % 7 == 0 { 1_500 } else { number % 40 }));
        owners.push_back((Arc::new(session(&name)), statement(&name), name));
        if owners.len() > 2_500 {
            owners.pop_front();
        }
        for at in [number * 31 % owners.len(), owners.len() - 1] {
            let (session, body, name) = &owners[at];
            let body = RecordBody::Statement(body.clone());
            let session = Some(Arc::clone(session));
            let mut lines = Vec::new();
            let record = Record { event: Event::StatementOutcome, at_us: AT_US, session, body };
            encoder.append(&mut lines, &record);
            let line: Value = serde_json::from_slice(&lines).unwrap();
            assert_eq!((&line["principal"]["user"], &line["text"]), (&json!(name), &json!(name)));
        }
    }
    let kept = encoder.fragments.held_bytes();
    let long = record(Event::LoginFailed, Some(session(&"x".repeat(50_000))), RecordBody::None);
    encoder.append(&mut Vec::new(), &long);
    assert_eq!(encoder.fragments.held_bytes(), kept, "a name of any length is not kept");
}

#[test]
fn fields_come_in_the_order_of_the_reference() {
    let mut body = statement("x");
    body.outcome = Some(Outcome::Failed { sqlstate: Some(*b"23505") });
    let line = lines_of(&[record(Event::StatementOutcome, Some(session("x")), RecordBody::Statement(body))])
        .remove(0);
    let mut at = 0;
    for field in [
        "v",
        "event",
        "id",
        "ts",
        "writer",
        "seq",
        "workspace",
        "listener",
        "environment",
        "session",
        "exchange",
        "principal",
        "kind",
        "class",
        "fingerprint",
        "text",
        "tables",
        "effects",
        "source",
        "verdict",
        "rule",
        "would",
        "policy_epoch",
        "tx",
        "timing_us",
        "bytes_in",
        "bytes_out",
        "sqlstate",
        "message_class",
        "prev",
        "hash",
    ] {
        let found = line[at..].find(&format!("\"{field}\":"));
        at += found.unwrap_or_else(|| panic!("`{field}` is missing or comes too early in {line}"));
    }
}

#[test]
fn values_stand_at_the_end_sealed_and_bound_to_their_record() {
    let keys = tempfile::tempdir().unwrap();
    let mut encoder = Encoder::new(WRITER, 42, NO_LINE);
    encoder.sealer = Sealer::new(keys.path());
    let planted = |text: &str| exchange::Values {
        text: Some(text.as_bytes().into()),
        hashed: Some(vec![Some(text.as_bytes().into())]),
        withheld: Some("cut"),
        ..exchange::Values::default()
    };
    let mut lines = Vec::new();
    for values in [Some(planted("planted-one")), None, Some(planted("planted-two"))] {
        let body = StatementRecord { values: values.map(Box::new), ..statement("x") };
        let body = RecordBody::Statement(body);
        encoder.append(&mut lines, &record(Event::StatementOutcome, Some(session("x")), body));
    }
    let text = String::from_utf8(lines).unwrap();
    assert!(!text.contains("planted"), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    for line in [lines[0], lines[2]] {
        assert!(matches!(check(line.as_bytes()), Sealed::Holds(_)));
        let (_, end) = line.split_once("\"message_class\":\"ok\",").unwrap();
        let mut at = 0;
        for field in ["sealed", "hashes", "withheld", "prev", "hash"] {
            at += end[at..].find(&format!("\"{field}\":")).unwrap_or_else(|| panic!("{field}: {line}"));
        }
    }
    assert!(!lines[1].contains("sealed") && !lines[1].contains("hashes") && !lines[1].contains("withheld"));
    let mut opener = crate::ledger::values::Opener::new(keys.path());
    let [one, other]: [Value; 2] = [lines[0], lines[2]].map(|line| serde_json::from_str(line).unwrap());
    let opened = opener.open(&other).unwrap().unwrap();
    assert_eq!(opened.text.unwrap().as_text(), Some("planted-two"));
    let mut moved = other.clone();
    moved["sealed"] = one["sealed"].clone();
    assert!(opener.open(&moved).is_err(), "a value opens in its own record only");
}

#[test]
fn lines_count_up_and_each_states_the_hash_of_the_one_before() {
    let records = vec![record(Event::WriterStop, None, RecordBody::None); 3];
    let lines = lines_of(&records);
    let mut previous = "0".repeat(64);
    for (position, line) in lines.iter().enumerate() {
        let value: Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["seq"], position + 1);
        assert_eq!(value["prev"], previous);
        previous = value["hash"].as_str().unwrap().to_owned();
    }
}

#[test]
fn ids_are_version_7_carry_the_records_time_and_differ() {
    let mut ids = Ids { state: 1 };
    let mut seen = std::collections::HashSet::new();
    for _ in 0..10_000 {
        let id = uuid::Uuid::from_u128(ids.next(AT_US));
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
        assert_eq!(seconds * 1000 + u64::from(nanos) / 1_000_000, AT_US / 1000);
        assert!(seen.insert(id));
    }
    let mut last = 0;
    for at_us in AT_US..AT_US + 3_000 {
        let id = ids.next(at_us);
        assert!(id >> 64 > last, "ids sort by time, to the microsecond");
        last = id >> 64;
    }
}
