//! Is every change told, on both sides alike, with what it may break?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::super::model::{Column, Detail, Object, ObjectKey, ObjectKind, Relation};
use super::{Action, Aspect, Change, Severity, diff, diff_keys, diff_objects};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn column(name: &str, data_type: &str) -> Column {
    Column { name: name.to_owned(), data_type: data_type.to_owned(), nullable: true, ..Column::default() }
}

fn table(name: &str, columns: Vec<Column>) -> Object {
    let columns = columns.into_iter().enumerate();
    let columns = columns.map(|(at, column)| Column { ordinal: at as u32 + 1, ..column }).collect();
    let relation = Relation { columns, ..Relation::default() };
    Object::new(ObjectKind::Table, "public", name, Detail::Relation(Box::new(relation)))
}

/// Each change as its severity and its sentence.
fn told(changes: &[Change]) -> Vec<String> {
    changes.iter().map(|change| format!("{:?}: {}", change.severity, change.sentence)).collect()
}

#[test]
fn keys_and_hashes_alone_tell_what_is_to_be_loaded() {
    let key = |name: &str| ObjectKey::relation("public", name);
    let before = [(key("a"), [1; 32]), (key("b"), [1; 32]), (key("c"), [1; 32])];
    let after = [(key("d"), [1; 32]), (key("c"), [2; 32]), (key("b"), [1; 32])];
    let found = diff_keys(&before, &after);
    assert_eq!((found.added, found.removed, found.changed), (vec![key("d")], vec![key("a")], vec![key("c")]));
}

#[test]
fn changes_of_columns_are_told_with_what_they_may_break() {
    let old = table(
        "orders",
        vec![
            column("id", "integer"),
            column("name", "character varying(20)"),
            column("note", "text"),
            Column { default: Some("0".to_owned()), nullable: false, ..column("amount", "numeric") },
        ],
    );
    let new = table(
        "orders",
        vec![
            column("id", "bigint"),
            column("name", "character varying(40)"),
            Column { nullable: false, ..column("region", "uuid") },
            column("extra", "jsonb"),
            Column { nullable: false, ..column("amount", "text") },
        ],
    );
    let changes = diff(&[old], &[new]);
    assert_eq!(
        told(&changes),
        [
            "Breaking: column `note` of table `public.orders` was removed",
            "Breaking: column `region` of table `public.orders` was added",
            "Safe: column `extra` of table `public.orders` was added",
            "Risky: the data type of column `id` of table `public.orders` changed from `integer` to `bigint`",
            "Safe: the data type of column `name` of table `public.orders` changed from `character varying(20)` to \
             `character varying(40)`",
            "Breaking: the data type of column `amount` of table `public.orders` changed from `numeric` to `text`",
            "Breaking: the default of column `amount` of table `public.orders` was `0` and is gone",
        ]
    );
}

#[test]
fn a_moved_column_is_one_change_and_a_column_between_none() {
    let old = table("t", vec![column("a", "text"), column("b", "text"), column("c", "text")]);
    let between =
        table("t", vec![column("a", "text"), column("x", "date"), column("b", "text"), column("c", "text")]);
    assert_eq!(told(&diff_objects(&old, &between)), ["Safe: column `x` of table `public.t` was added"]);
    let moved = table("t", vec![column("c", "text"), column("a", "text"), column("b", "text")]);
    assert_eq!(
        told(&diff_objects(&old, &moved)),
        ["Risky: the order of columns of table `public.t` changed from `a, b, c` to `c, a, b`"]
    );
}

#[test]
fn what_may_have_been_renamed_is_offered_and_not_assumed() {
    let columns = || vec![column("id", "integer"), column("email", "text"), column("created", "date")];
    let other = vec![column("day", "date"), column("price", "money")];
    let before = [table("customer", columns()), table("gone", other)];
    let mut renamed = columns();
    renamed[1].name = "email_address".to_owned();
    let after = [table("customers", columns()), table("unlike", vec![column("x", "xml")])];
    let changes = diff(&before, &after);
    let actions: Vec<Action> = changes.iter().map(|change| change.action).collect();
    assert_eq!(actions, [Action::Removed, Action::Added, Action::Removed, Action::Added]);
    let rename = changes[1].possible_rename_of.as_ref().unwrap();
    assert_eq!((rename.name.as_str(), rename.object.as_ref()), ("public.customer", Some(&before[0].key())));
    assert!((90..100).contains(&rename.confidence_percent), "{rename:?}");
    assert_eq!(changes[3].possible_rename_of, None);

    let changes = diff(&[table("t", columns())], &[table("t", renamed)]);
    assert_eq!(changes.len(), 2);
    let rename = changes[1].possible_rename_of.as_ref().unwrap();
    assert_eq!(rename.name, "email");
    assert!(rename.confidence_percent < 100);
}

#[test]
fn a_table_that_becomes_a_view_is_changed() {
    let old = table("t", vec![column("a", "text")]);
    let mut new = old.clone();
    new.kind = ObjectKind::View;
    assert_eq!(
        told(&diff(&[old], &[new])),
        ["Breaking: the kind of view `public.t` changed from `table` to `view`"]
    );
}

#[test]
fn what_the_server_counts_is_no_change() {
    let old = table("t", vec![column("a", "text")]);
    let mut new = old.clone();
    new.measurements.row_estimate = Some(5);
    new.measurements.indexes.entry("i".to_owned()).or_default().scans = Some(7);
    assert_eq!(old.content_hash(), new.content_hash());
    assert_eq!(diff(&[old], &[new]), []);
}

/// Objects in which everything is set.
fn full() -> Vec<Object> {
    let column = json!({"ordinal": 1, "name": "a", "data_type": "text", "nullable": true, "default": "d", "generated":
        {"kind": "stored", "expression": "e"}, "identity": "always", "comment": "c", "collation": "C"});
    let bare = json!({"ordinal": 2, "name": "b", "data_type": "integer", "nullable": false});
    let key = json!({"name": "k", "columns": ["a", "b"], "deferrable": "initially_deferred", "nulls_not_distinct": true,
        "without_overlaps": true});
    let check = json!({"name": "c", "expression": "a > 0", "not_validated": true, "not_enforced": true});
    let relation = json!({"columns": [column, bare], "primary_key": key, "unique_keys": [key], "foreign_keys": [{
        "name": "f", "columns": ["a"], "references": {"schema": "s", "table": "o", "columns": ["x"]}, "on_delete": "cascade",
        "on_update": "set_null", "match_full": true, "deferrable": "initially_immediate", "not_validated": true,
        "not_enforced": true}], "checks": [check], "exclusions": [{"name": "x", "definition": "EXCLUDE"}], "indexes": [{
        "name": "i", "method": "btree", "columns": ["a"], "include": ["b"], "unique": true, "unusable": true,
        "predicate": "p", "definition": "CREATE"}], "triggers": [{"name": "t", "timing": "before", "events": ["insert"],
        "definition": "CREATE", "enabled": "disabled"}], "policies": [{"name": "p", "command": "all", "restrictive": true,
        "roles": ["r"], "using": "u", "check": "c"}], "row_security": true, "row_security_forced": true, "partition_of":
        {"parent": {"schema": "s", "name": "q"}, "bound": "DEFAULT"}, "partition_key": "RANGE (a)", "parts": [{"name":
        "p1", "bound": "1"}], "inherits": [{"schema": "s", "name": "h"}], "query": "SELECT", "options": {"fillfactor": "70"}});
    let routine = json!({"form": "window", "language": "sql", "arguments": "a integer", "identity_arguments": "integer",
        "result": "text", "volatility": "stable", "security_definer": true, "strict": true, "settings": ["a=b"],
        "definition": "CREATE"});
    let sequence = json!({"data_type": "bigint", "start": 1, "increment": 2, "minimum": 3, "maximum": 4, "cache": 5,
        "cycle": true, "owned_by": "s.t.a"});
    let domain =
        json!({"data_type": "text", "nullable": true, "default": "d", "collation": "C", "checks": [check]});
    [
        ("schema", json!("schema")),
        ("table", json!({"relation": relation})),
        ("function", json!({"routine": routine})),
        ("sequence", json!({"sequence": sequence})),
        ("enum", json!({"enum": ["a", "b"]})),
        ("domain", json!({"domain": domain})),
        ("type", json!({"composite": [column]})),
        ("type", json!({"range": {"subtype": "date"}})),
        ("extension", json!({"extension": {"version": "1", "schema": "s"}})),
    ]
    .into_iter()
    .map(|(kind, detail)| {
        let grant = json!({"grantee": "g", "column": "a", "privilege": "SELECT", "grantable": true});
        let definition = json!({"owner": "o", "comment": "c", "grants": [grant], "detail": detail});
        let object = json!({"kind": kind, "schema": "s", "name": "n", "definition": definition});
        serde_json::from_value(object).unwrap()
    })
    .collect()
}

/// Every value that differs from `value` in one place.
fn variations(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Bool(flag) => vec![json!(!flag)],
        Value::Number(number) => vec![json!(number.as_i64().unwrap() + 1)],
        // Another word, and where only listed words may stand, one of those.
        Value::String(text) => vec![
            json!(format!("{text}x")),
            json!("restrict"),
            json!("virtual"),
            json!("by_default"),
            json!("never"),
            json!("aggregate"),
            json!("immutable"),
        ],
        Value::Array(items) => {
            let mut found = vec![json!([])];
            for (at, item) in items.iter().enumerate() {
                found.extend(variations(item).into_iter().map(|other| {
                    let mut items = items.clone();
                    items[at] = other;
                    Value::Array(items)
                }));
            }
            found
        }
        Value::Object(fields) => {
            let mut found = Vec::new();
            for (name, item) in fields {
                let mut without = fields.clone();
                without.remove(name);
                found.push(Value::Object(without));
                // The place of a column is told by the order of all of them.
                for other in variations(item).into_iter().filter(|_| name != "ordinal") {
                    let mut fields = fields.clone();
                    fields[name] = other;
                    found.push(Value::Object(fields));
                }
            }
            found
        }
    }
}

#[test]
fn nothing_that_is_hashed_can_change_without_a_word() {
    let mut tried = 0;
    for object in full() {
        let value = serde_json::to_value(&object).unwrap();
        for definition in variations(&value["definition"]) {
            let mut other = value.clone();
            other["definition"] = definition;
            let Ok(other) = serde_json::from_value::<Object>(other) else { continue };
            if other.content_hash() == object.content_hash() {
                continue;
            }
            tried += 1;
            if other.key() == object.key() {
                assert_ne!(diff_objects(&object, &other), [], "{}", serde_json::to_string(&other).unwrap());
            }
            check_symmetry(std::slice::from_ref(&object), std::slice::from_ref(&other));
        }
    }
    assert!(tried > 250, "{tried}");
}

/// What a comparison says of each part, turned round or not.
fn turned(changes: &[Change], turn: bool) -> BTreeSet<String> {
    changes
        .iter()
        .map(|change| {
            let (action, before, after) = match (change.action, turn) {
                (Action::Added, true) => (Action::Removed, &change.after, &change.before),
                (Action::Removed, true) => (Action::Added, &change.after, &change.before),
                (Action::Changed, true) => (Action::Changed, &change.after, &change.before),
                (action, false) => (action, &change.before, &change.after),
            };
            // There is one primary key; it goes by the name it has after.
            let part = change.part.as_ref().filter(|part| part.aspect != Aspect::PrimaryKey);
            let aspect = change.part.as_ref().map(|part| part.aspect);
            format!(
                "{} {action:?} {aspect:?} {part:?} {:?} {before:?} {after:?}",
                change.object, change.field
            )
        })
        .collect()
}

/// Pairs of names that may be one.
fn renames(changes: &[Change], turn: bool) -> BTreeSet<(String, String, u8)> {
    let pairs = changes.iter().filter_map(|change| {
        let rename = change.possible_rename_of.as_ref()?;
        let now = match &change.part {
            Some(part) => format!("{} {}", change.object, part.name),
            None => change.object.to_string(),
        };
        let was = match &change.part {
            Some(_) => format!("{} {}", change.object, rename.name),
            None => rename.object.as_ref()?.to_string(),
        };
        Some(if turn { (now, was, rename.confidence_percent) } else { (was, now, rename.confidence_percent) })
    });
    pairs.collect()
}

fn check_symmetry(before: &[Object], after: &[Object]) {
    let (there, back) = (diff(before, after), diff(after, before));
    assert_eq!(turned(&there, false), turned(&back, true));
    assert_eq!(renames(&there, false), renames(&back, true));
}

fn any_table() -> impl Strategy<Value = Object> {
    let name = prop::sample::select(vec!["orders", "order", "customers", "items", "x"]);
    let column_name = prop::sample::select(vec!["id", "ident", "name", "names", "day", "total"]);
    let data_type = prop::sample::select(vec!["integer", "text", "date"]);
    let columns = prop::collection::btree_map(column_name, (data_type, any::<bool>(), 0_u8..9), 0..6);
    (name, columns).prop_map(|(name, columns)| {
        let mut columns: Vec<_> = columns.into_iter().collect();
        columns.sort_by_key(|(_, (_, _, place))| *place);
        let columns = columns.into_iter();
        let columns =
            columns.map(|(name, (data_type, nullable, _))| Column { nullable, ..column(name, data_type) });
        table(name, columns.collect())
    })
}

fn any_schema() -> impl Strategy<Value = Vec<Object>> {
    prop::collection::vec(any_table(), 0..5).prop_map(|tables| {
        let mut names = BTreeSet::new();
        tables.into_iter().filter(|table| names.insert(table.name.clone())).collect()
    })
}

proptest! {
    #[test]
    fn a_schema_does_not_differ_from_itself(schema in any_schema()) {
        prop_assert_eq!(diff(&schema, &schema), []);
    }

    #[test]
    fn there_and_back_say_the_same(before in any_schema(), after in any_schema()) {
        check_symmetry(&before, &after);
        let same = before.len() == after.len() && before.iter().all(|object| after.contains(object));
        prop_assert_eq!(diff(&before, &after).is_empty(), same);
    }
}

#[test]
fn severities_sort_from_safe_to_breaking() {
    assert!(Severity::Safe < Severity::Risky && Severity::Risky < Severity::Breaking);
    assert_eq!(serde_json::to_value(Aspect::ForeignKey).unwrap(), json!("foreign_key"));
}
