//! What is a record as an event of the Open Cybersecurity Schema Framework?
//!
//! Statements are Datastore Activity, logins and ends of sessions Authentication, starts and stops of the gateway
//! Application Lifecycle, and what becomes of settings, rules and the ledger itself Entity Management. What has no place in
//! the schema stands under its own name in `unmapped`; nothing of a record is lost but the order of its fields.

use serde_json::{Map, Value, json};
use std::net::SocketAddr;

/// The version of the schema.
pub const VERSION: &str = "1.3.0";

/// The program in the schema's words.
const PRODUCT: &str = "Dragoman";
/// How a name is written that nobody told.
const UNKNOWN: &str = "unknown";

/// A class of events, with the category it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Base,
    Authentication,
    EntityManagement,
    ApplicationLifecycle,
    DatastoreActivity,
}

impl Class {
    fn uid(self) -> (u32, &'static str) {
        match self {
            Class::Base => (0, "Base Event"),
            Class::Authentication => (3002, "Authentication"),
            Class::EntityManagement => (3004, "Entity Management"),
            Class::ApplicationLifecycle => (6002, "Application Lifecycle"),
            Class::DatastoreActivity => (6005, "Datastore Activity"),
        }
    }

    fn category(self) -> (u32, &'static str) {
        match self {
            Class::Base => (0, "Uncategorized"),
            Class::Authentication | Class::EntityManagement => (3, "Identity & Access Management"),
            Class::ApplicationLifecycle | Class::DatastoreActivity => (6, "Application Activity"),
        }
    }
}

/// What an event of the ledger is in the schema.
struct Kind<'a> {
    class: Class,
    activity: (u32, &'a str),
    severity: (u32, &'static str),
}

const INFORMATIONAL: (u32, &str) = (1, "Informational");
const LOW: (u32, &str) = (2, "Low");
const MEDIUM: (u32, &str) = (3, "Medium");
const HIGH: (u32, &str) = (4, "High");
const OTHER: u32 = 99;

const UNKNOWN_STATUS: (u32, &str) = (0, "Unknown");
const SUCCESS: (u32, &str) = (1, "Success");
const FAILURE: (u32, &str) = (2, "Failure");

fn kind<'a>(event: &'a str, record: &'a Value) -> Kind<'a> {
    let of = |class, activity, severity| Kind { class, activity, severity };
    let failed = status(event, record) == FAILURE;
    match event {
        "statement.intent" => of(Class::DatastoreActivity, statement_activity(record), INFORMATIONAL),
        "statement.outcome" => {
            let severity = if failed { LOW } else { INFORMATIONAL };
            of(Class::DatastoreActivity, statement_activity(record), severity)
        }
        "statement.refused" | "statement.held" => {
            of(Class::DatastoreActivity, statement_activity(record), MEDIUM)
        }
        "limit.hit" => of(Class::DatastoreActivity, (OTHER, event), MEDIUM),
        "session.start" => of(Class::Authentication, (1, "Logon"), INFORMATIONAL),
        "login.failed" => of(Class::Authentication, (1, "Logon"), LOW),
        "session.end" => of(Class::Authentication, (2, "Logoff"), INFORMATIONAL),
        "writer.start" => of(Class::ApplicationLifecycle, (3, "Start"), INFORMATIONAL),
        "writer.stop" => of(Class::ApplicationLifecycle, (4, "Stop"), INFORMATIONAL),
        "writer.gap" => of(Class::ApplicationLifecycle, (OTHER, event), HIGH),
        "checkpoint" => of(Class::ApplicationLifecycle, (OTHER, event), INFORMATIONAL),
        "config.changed" | "policy.changed" | "mode.changed" => {
            of(Class::EntityManagement, (3, "Update"), LOW)
        }
        "ledger.read" | "ledger.export" => of(Class::EntityManagement, (2, "Read"), INFORMATIONAL),
        "ledger.removed" | "ledger.erased" => of(Class::EntityManagement, (4, "Delete"), MEDIUM),
        _ => of(Class::Base, (OTHER, event), INFORMATIONAL),
    }
}

/// What a statement does to the data, as far as the schema has a word for it.
fn statement_activity(record: &Value) -> (u32, &str) {
    let class = text(record, &["class"]).unwrap_or(UNKNOWN);
    match (class, text(record, &["effects", "verb"])) {
        ("read", _) => (4, "Query"),
        ("write", Some("insert")) => (6, "Create"),
        ("write", Some("update")) => (2, "Update"),
        ("write", Some("delete" | "truncate table" | "truncate")) => (7, "Delete"),
        ("write", _) => (5, "Write"),
        _ => (OTHER, class),
    }
}

fn status(event: &str, record: &Value) -> (u32, &'static str) {
    match event {
        "statement.refused" | "statement.held" | "login.failed" | "limit.hit" | "writer.gap" => FAILURE,
        // What becomes of it is not known yet.
        "statement.intent" => UNKNOWN_STATUS,
        "statement.outcome" => match text(record, &["message_class"]) {
            Some("ok") => SUCCESS,
            // Nobody can tell whether it took effect.
            Some("lost") | None => UNKNOWN_STATUS,
            Some(_) => FAILURE,
        },
        _ => SUCCESS,
    }
}

/// The event of a record that happened at `at_us`.
pub fn event(record: &Value, at_us: i64) -> Value {
    let word = text(record, &["event"]).unwrap_or(UNKNOWN);
    let Kind { class, activity, severity } = kind(word, record);
    let (class_uid, class_name) = class.uid();
    let (category_uid, category_name) = class.category();
    let mut event = Map::new();
    let mut put = |name: &str, value: Value| drop(event.insert(name.to_owned(), value));
    put("time", json!(at_us.div_euclid(1_000)));
    put("class_uid", json!(class_uid));
    put("class_name", json!(class_name));
    put("category_uid", json!(category_uid));
    put("category_name", json!(category_name));
    put("activity_id", json!(activity.0));
    put("activity_name", json!(activity.1));
    put("type_uid", json!(class_uid * 100 + activity.0));
    put(
        "type_name",
        json!(format!("{class_name}: {}", if activity.0 == OTHER { "Other" } else { activity.1 })),
    );
    put("severity_id", json!(severity.0));
    put("severity", json!(severity.1));
    let status = status(word, record);
    put("status_id", json!(status.0));
    put("status", json!(status.1));
    for (name, field) in
        [("status_code", "sqlstate"), ("status_detail", "message_class"), ("message", "note")]
    {
        if let Some(value) = text(record, &[field]) {
            put(name, json!(value));
        }
    }
    put("metadata", metadata(record, word));
    match class {
        Class::Base => {}
        Class::Authentication => authentication(record, &mut event),
        Class::EntityManagement => entity(record, word, &mut event),
        Class::ApplicationLifecycle => drop(event.insert("app".to_owned(), product())),
        Class::DatastoreActivity => datastore(record, &mut event),
    }
    event.insert("unmapped".to_owned(), unmapped(record, class));
    Value::Object(event)
}

fn product() -> Value {
    json!({ "name": PRODUCT, "vendor_name": PRODUCT, "version": env!("CARGO_PKG_VERSION") })
}

fn metadata(record: &Value, word: &str) -> Value {
    let mut metadata = json!({
        "version": VERSION, "product": product(), "log_name": "ledger", "event_code": word, "profiles": [],
    });
    for (name, field) in [
        ("uid", "id"),
        ("original_time", "ts"),
        ("log_provider", "writer"),
        ("sequence", "seq"),
        ("tenant_uid", "workspace"),
    ] {
        if let Some(value) = record.get(field) {
            metadata[name] = value.clone();
        }
    }
    metadata
}

fn authentication(record: &Value, event: &mut Map<String, Value>) {
    let mut put = |name: &str, value: Value| drop(event.insert(name.to_owned(), value));
    put("user", user(record));
    put("service", json!({ "name": text(record, &["listener"]).unwrap_or(UNKNOWN) }));
    put("src_endpoint", source(record));
    put("is_remote", json!(text(record, &["principal", "address"]) != Some("unix")));
    if let Some(session) = text(record, &["session"]) {
        put("session", json!({ "uid": session }));
    }
    if let Some(application) = text(record, &["principal", "application"]) {
        put("actor", json!({ "app_name": application }));
    }
}

fn datastore(record: &Value, event: &mut Map<String, Value>) {
    let mut put = |name: &str, value: Value| drop(event.insert(name.to_owned(), value));
    let mut actor = json!({ "user": user(record) });
    if let Some(session) = text(record, &["session"]) {
        actor["session"] = json!({ "uid": session });
    }
    if let Some(application) = text(record, &["principal", "application"]) {
        actor["app_name"] = json!(application);
    }
    put("actor", actor);
    put("src_endpoint", source(record));
    let listener = text(record, &["listener"]).unwrap_or(UNKNOWN);
    put("dst_endpoint", json!({ "svc_name": listener }));
    let database = text(record, &["principal", "database"]).unwrap_or(listener);
    put("database", json!({ "name": database, "type_id": 1, "type": "Relational" }));
    let table = record.pointer("/tables/0").and_then(Value::as_str);
    if let Some(table) = table {
        put("table", json!({ "name": table }));
    }
    put("type_id", json!(if table.is_some() { 3 } else { 1 }));
    put("type", json!(if table.is_some() { "Table" } else { "Database" }));
    if let Some(statement) = text(record, &["text"]) {
        let mut query = json!({ "query_string": statement });
        if let Some(fingerprint) = text(record, &["fingerprint"]) {
            query["uid"] = json!(fingerprint);
        }
        if let Some(bytes) = record.get("bytes_out").and_then(Value::as_u64) {
            query["bytes"] = json!(bytes);
        }
        put("query_info", query);
    }
    if let Some(total) = record.pointer("/timing_us/total").and_then(Value::as_u64) {
        put("duration", json!(total / 1_000));
    }
}

/// Settings, rules, and the ledger itself.
fn entity(record: &Value, word: &str, event: &mut Map<String, Value>) {
    let kind = match word {
        "config.changed" => "settings",
        "policy.changed" => "rules",
        "mode.changed" => "mode",
        "ledger.erased" => "sealed values",
        _ => "ledger",
    };
    let name = text(record, &["listener"]).unwrap_or(kind);
    event.insert("entity".to_owned(), json!({ "name": name, "type": kind }));
    let actor = match text(record, &["reader", "name"]) {
        Some(reader) => json!({ "user": { "name": reader, "type_id": 1, "type": "User" } }),
        None => json!({ "app_name": PRODUCT }),
    };
    event.insert("actor".to_owned(), actor);
}

fn user(record: &Value) -> Value {
    match text(record, &["principal", "user"]) {
        Some(name) => json!({ "name": name, "type_id": 1, "type": "User" }),
        None => json!({ "name": UNKNOWN, "type_id": 0, "type": "Unknown" }),
    }
}

/// Where the client is.
fn source(record: &Value) -> Value {
    let Some(address) = text(record, &["principal", "address"]) else { return json!({ "name": UNKNOWN }) };
    match address.parse::<SocketAddr>() {
        Ok(address) => json!({ "ip": address.ip().to_string(), "port": address.port() }),
        Err(_) => json!({ "name": address }),
    }
}

/// What stands nowhere else in the event.
fn unmapped(record: &Value, class: Class) -> Value {
    let mut rest = record.clone();
    let Some(fields) = rest.as_object_mut() else { return rest };
    for field in ["id", "ts", "writer", "seq", "workspace", "sqlstate", "message_class", "note"] {
        fields.remove(field);
    }
    let is_of_session = matches!(class, Class::Authentication | Class::DatastoreActivity);
    if is_of_session {
        fields.remove("session");
        if let Some(principal) = fields.get_mut("principal").and_then(Value::as_object_mut) {
            for field in ["user", "application", "address"] {
                principal.remove(field);
            }
            if class == Class::DatastoreActivity {
                principal.remove("database");
            }
        }
    }
    if class == Class::DatastoreActivity {
        fields.remove("text");
        fields.remove("fingerprint");
    }
    rest
}

fn text<'a>(record: &'a Value, path: &[&str]) -> Option<&'a str> {
    path.iter().try_fold(record, |at, name| at.get(name))?.as_str()
}
