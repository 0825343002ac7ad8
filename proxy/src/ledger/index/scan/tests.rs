//! The fast reader beside a JSON parser.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::super::facts;
use super::super::hash::{Field, key};
use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn by_scan(text: &str) -> Option<Facts> {
    let mut facts = Facts::default();
    line(text.as_bytes(), &mut facts).then(|| {
        facts.finish();
        facts
    })
}

fn by_parser(text: &str) -> Option<Facts> {
    let mut facts = Facts::default();
    facts::of_value(&serde_json::from_str::<Value>(text).ok()?, &mut facts).then(|| {
        facts.finish();
        facts
    })
}

/// Everything noted, in one comparable value.
fn noted(mut facts: Facts) -> (Option<i64>, bool, Option<u64>, Vec<u64>, String) {
    facts.keys.sort_unstable();
    facts.keys.dedup();
    let mut texts: Vec<String> = Vec::new();
    let mut from = 0;
    for (end, _) in &facts.text_ends {
        texts.push(String::from_utf8(facts.texts[from..*end].to_vec()).unwrap());
        from = *end;
    }
    texts.sort();
    (facts.ts, facts.has_id, facts.total_us, facts.keys, texts.join("\n"))
}

/// The scan takes the line and notes what the parser notes.
fn check(text: &str) {
    assert_eq!(noted(by_scan(text).expect(text)), noted(by_parser(text).expect(text)), "{text}");
}

#[test]
fn a_line_with_everything_is_read_without_a_parser() {
    let text = r#"{"v":1,"event":"statement.outcome","id":"019fccc5-1586-70a7-9cf4-ced99a878876","ts":"2026-08-04T12:34:56.006041Z","writer":"01990a3b-4d20-7b31-8c55-1f2e3d4c5b6a","seq":5,"workspace":"default","listener":"shop","environment":"production","session":"01990a3b-5c7e-7d10-9f3e-5a6b7c8d9e0f","exchange":13,"principal":{"user":"a\"p\\p\u0001é","database":"shop","application":"checkout","address":"192.0.2.17:52114","tls":"TLSv1.3"},"kind":"run","class":"write","fingerprint":"1-2cc606f2b03da128","text":"EXECUTE add_item (?)","effects":{"verb":"execute","marks":["returns_rows","}]{"]},"source":{"fingerprint":"1-d10139b62710a676","text":"INSERT INTO Items VALUES ($1)","tables":["shop.items","x"],"effects":{"verb":"insert","relations":[{"name":"items","access":["insert"]}]}},"verdict":"allow","rule":"production/writers","would":{"rule":"shop/deletes","verdict":"hold"},"policy_epoch":3,"tx":{"state":"idle"},"timing_us":{"judge":1,"forward":7,"first":650,"last":660,"total":660},"bytes_in":26,"bytes_out":118,"sqlstate":"23505","message_class":"integrity_constraint_violation","sealed":{"day":"2026-08-04","nonce":"AAAA","value":"AAAA"},"hashes":["9c2b",null],"prev":"03f4b622b5a1253330939d59f746769bc0d36f99d7119a9ad8d2d8327479ec16","hash":"ce0d3e514c92ff84599f0b4dce394467ef293bd24d4820930a75f5791f7be46c"}"#;
    check(text);
    let facts = by_scan(text).unwrap();
    assert_eq!((facts.ts, facts.has_id, facts.total_us), (Some(1_785_846_896_006_041), true, Some(660)));
    for (field, value) in [
        (Field::User, "a\"p\\p\u{1}é"),
        (Field::Table, "shop.items"),
        (Field::Table, "items"),
        (Field::Rule, "production/writers"),
        (Field::Rule, "shop/deletes"),
        (Field::Fingerprint, "1-d10139b62710a676"),
        (Field::Text, "insert into items values ($1)"),
        (Field::Sqlstate, "23505"),
        (Field::Parameter, "9c2b"),
    ] {
        assert!(facts.keys.contains(&key(field, value.as_bytes())), "{field:?} {value}");
    }
    assert!(!facts.keys.contains(&key(Field::Gateway, b"")));
}

#[test]
fn what_somebody_else_wrote_is_left_to_the_parser() {
    for text in [
        "",
        "[]",
        "nonsense",
        "{\"v\": 1}",
        "{\"v\":1} ",
        "{\"v\":1",
        "{\"\\u0076\":1}",
        "{\"a\":[1}",
        "\"x\"",
        "{\"a\"}",
    ] {
        assert!(by_scan(text).is_none() || by_parser(text).is_some(), "{text}");
    }
    for text in [
        "{}",
        "{\"ts\":1,\"id\":null,\"listener\":{}}",
        "{\"timing_us\":7,\"principal\":\"x\",\"tables\":{},\"hashes\":[1,null,\"0a\"]}",
    ] {
        check(text);
    }
}

/// Values that a field of a line can be surprised by.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<u64>().prop_map(|number| json!(number)),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        any::<bool>().prop_map(|word| json!(word)),
        Just(Value::Null),
        ".*".prop_map(Value::String),
        "[a-z.\"\\\\]{0,6}".prop_map(Value::String),
        Just(json!("2026-08-04T12:34:56.006041Z")),
        Just(json!("019fccc5-1586-70a7-9cf4-ced99a878876")),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((name(), inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "event",
        "id",
        "ts",
        "listener",
        "session",
        "principal",
        "user",
        "database",
        "application",
        "class",
        "fingerprint",
        "text",
        "tables",
        "hashes",
        "source",
        "verdict",
        "rule",
        "would",
        "timing_us",
        "total",
        "sqlstate",
        "other",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn both_readers_note_the_same(fields in prop::collection::vec((name(), value()), 0..12)) {
        check(&Value::Object(fields.into_iter().collect()).to_string());
    }

    #[test]
    fn no_bytes_make_the_scan_fail(bytes in prop::collection::vec(prop::sample::select(b"{}[]\",:\\a1 \x00\xff".to_vec()), 0..40)) {
        line(&bytes, &mut Facts::default());
    }
}
