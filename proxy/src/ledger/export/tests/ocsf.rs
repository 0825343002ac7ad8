//! Has every event what the schema asks for, and nothing that it does not know?

use super::*;
use std::collections::BTreeSet;

/// What version 1.3.0 of the schema says of a class: its name, the words for activities, and what an event must have.
struct Class {
    uid: u64,
    name: &'static str,
    activities: &'static [(u64, &'static str)],
    required: &'static [&'static str],
    one_of: &'static [&'static str],
}

const CLASSES: [Class; 5] = [
    Class { uid: 0, name: "Base Event", activities: &[], required: &[], one_of: &["metadata"] },
    Class {
        uid: 3002,
        name: "Authentication",
        activities: &[(1, "Logon"), (2, "Logoff")],
        required: &["user"],
        one_of: &["service", "dst_endpoint"],
    },
    Class {
        uid: 3004,
        name: "Entity Management",
        activities: &[(1, "Create"), (2, "Read"), (3, "Update"), (4, "Delete")],
        required: &["entity"],
        one_of: &["entity"],
    },
    Class {
        uid: 6002,
        name: "Application Lifecycle",
        activities: &[(3, "Start"), (4, "Stop")],
        required: &["app"],
        one_of: &["app"],
    },
    Class {
        uid: 6005,
        name: "Datastore Activity",
        activities: &[
            (1, "Read"),
            (2, "Update"),
            (3, "Connect"),
            (4, "Query"),
            (5, "Write"),
            (6, "Create"),
            (7, "Delete"),
        ],
        required: &["actor", "src_endpoint"],
        one_of: &["database", "databucket", "table"],
    },
];

/// What an event of any class may have, and what those of some classes may.
const KNOWN: [&str; 35] = [
    "time",
    "class_uid",
    "class_name",
    "category_uid",
    "category_name",
    "activity_id",
    "activity_name",
    "type_uid",
    "type_name",
    "severity_id",
    "severity",
    "status_id",
    "status",
    "status_code",
    "status_detail",
    "message",
    "metadata",
    "unmapped",
    "duration",
    "user",
    "service",
    "src_endpoint",
    "dst_endpoint",
    "is_remote",
    "session",
    "actor",
    "entity",
    "app",
    "database",
    "table",
    "type_id",
    "type",
    "query_info",
    "observables",
    "raw_data",
];

fn number(event: &Value, path: &str) -> u64 {
    event.pointer(path).and_then(Value::as_u64).unwrap_or_else(|| panic!("no number at {path}: {event}"))
}

fn check(event: &Value) {
    let class =
        CLASSES.iter().find(|class| class.uid == number(event, "/class_uid")).expect("a class of the schema");
    assert_eq!(event["class_name"], class.name);
    assert_eq!(number(event, "/category_uid"), class.uid / 1_000);
    let activity = number(event, "/activity_id");
    match class.activities.iter().find(|(uid, _)| *uid == activity) {
        Some((_, name)) => assert_eq!(event["activity_name"], *name),
        None => assert_eq!(activity, 99, "{event}"),
    }
    assert_eq!(number(event, "/type_uid"), class.uid * 100 + activity);
    assert!((1..=4).contains(&number(event, "/severity_id")));
    let statuses = [(0, "Unknown"), (1, "Success"), (2, "Failure")];
    assert!(statuses.contains(&(number(event, "/status_id"), event["status"].as_str().unwrap())));
    assert!(
        number(event, "/time") > 1_700_000_000_000 && number(event, "/time") < 4_000_000_000_000,
        "milliseconds"
    );
    assert_eq!(event["metadata"]["version"], "1.3.0");
    for field in ["name", "vendor_name", "version"] {
        assert!(event["metadata"]["product"][field].is_string());
    }
    for field in class.required {
        assert!(event[field].is_object(), "no `{field}`: {event}");
    }
    assert!(class.one_of.iter().any(|field| event[field].is_object()), "{event}");
    for field in event.as_object().unwrap().keys() {
        assert!(KNOWN.contains(&field.as_str()), "`{field}` is nothing of the schema");
    }
    let user = if class.uid == 3002 { &event["user"] } else { &event["actor"]["user"] };
    if user.is_object() {
        assert!(user["name"].is_string() && [0, 1].contains(&number(user, "/type_id")), "{user}");
    }
    if event["actor"].is_object() {
        assert!(["user", "session", "app_name"].iter().any(|field| !event["actor"][field].is_null()));
    }
    if event["src_endpoint"].is_object() {
        assert!(["ip", "name"].iter().any(|field| event["src_endpoint"][field].is_string()));
    }
    if class.uid == 6005 {
        assert_eq!(event["database"]["type_id"], 1);
        assert!([1, 3].contains(&number(event, "/type_id")));
        assert!(event["query_info"].is_null() || event["query_info"]["query_string"].is_string());
    }
}

/// Whether every value of a record stands somewhere in its event.
fn holds(event: &Value, record: &Value) -> bool {
    fn leaves(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => fields.values().for_each(|value| leaves(value, into)),
            Value::Array(items) => items.iter().for_each(|value| leaves(value, into)),
            Value::String(text) => drop(into.insert(text.clone())),
            other => drop(into.insert(other.to_string())),
        }
    }
    let (mut of_event, mut of_record) = (BTreeSet::new(), BTreeSet::new());
    leaves(event, &mut of_event);
    leaves(record, &mut of_record);
    // An address is told in two parts.
    of_record.retain(|leaf| leaf != "192.0.2.17:52114");
    let missing: Vec<_> = of_record.difference(&of_event).collect();
    assert!(missing.is_empty(), "{missing:?} of {record} is not in {event}");
    true
}

#[test]
fn every_event_is_one_of_the_schema_and_loses_nothing() {
    let (_folder, directory) = scene();
    let (records, bytes) = exported(&directory, Format::Ocsf);
    let events: Vec<Value> =
        String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.len(), records.len());
    let mut seen = BTreeSet::new();
    for (event, record) in events.iter().zip(&records) {
        check(event);
        assert!(holds(event, record));
        assert_eq!(event["metadata"]["uid"], record["id"]);
        seen.insert((
            record["event"].as_str().unwrap().to_owned(),
            number(event, "/type_uid"),
            number(event, "/status_id"),
        ));
    }
    for expected in [
        ("statement.intent", 600_502, 0),
        ("statement.outcome", 600_502, 1),
        ("statement.outcome", 600_505, 2),
        ("statement.refused", 600_507, 2),
        ("statement.held", 600_599, 2),
        ("limit.hit", 600_599, 2),
        ("login.failed", 300_201, 2),
        ("session.start", 300_201, 1),
        ("session.end", 300_202, 1),
        ("writer.start", 600_203, 1),
        ("writer.stop", 600_204, 1),
        ("writer.gap", 600_299, 2),
        ("checkpoint", 600_299, 1),
        ("policy.changed", 300_403, 1),
        ("config.changed", 300_403, 1),
        ("mode.changed", 300_403, 1),
        ("ledger.read", 300_402, 1),
        ("ledger.export", 300_402, 1),
        ("ledger.erased", 300_404, 1),
    ] {
        let (event, kind, status) = expected;
        assert!(seen.contains(&(event.to_owned(), kind, status)), "{expected:?} is not in {seen:?}");
    }
}

#[test]
fn what_a_statement_does_is_told_in_the_words_of_the_schema() {
    for (class, verb, expected) in [
        ("read", "select", 4),
        ("write", "insert", 6),
        ("write", "update", 2),
        ("write", "delete", 7),
        ("write", "merge", 5),
        ("ddl", "create table", 99),
        ("privilege", "grant", 99),
        ("unknown", "unknown", 99),
    ] {
        let record = json!({ "event": "statement.outcome", "class": class, "effects": { "verb": verb } });
        let event = ocsf_event(&record, 1_785_846_896_000_789);
        check(&event);
        assert_eq!(event["activity_id"], expected, "{class} {verb}");
        assert_eq!(event["time"], 1_785_846_896_000_i64);
    }
    // An event of a later version, and a record that lacks everything.
    for record in
        [json!({ "event": "something.new", "id": "x" }), json!({}), json!({ "event": "login.failed" })]
    {
        check(&ocsf_event(&record, 1_785_846_896_000_789));
    }
}
