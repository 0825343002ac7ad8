//! Do keys survive their bytes, and do hashes tell what changed and nothing else?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use proptest::prelude::*;

fn any_key() -> impl Strategy<Value = ObjectKey> {
    let group = prop::sample::select(vec![
        KeyGroup::Schema,
        KeyGroup::Relation,
        KeyGroup::Function,
        KeyGroup::Extension,
    ]);
    let part = "[a\u{0}\u{1}\u{2}é.]{0,4}";
    (group, part, part, part)
        .prop_map(|(group, schema, name, signature)| ObjectKey::new(group, &schema, &name, &signature))
}

proptest! {
    #[test]
    fn a_key_is_found_again_in_its_bytes(key in any_key()) {
        prop_assert_eq!(ObjectKey::from_bytes(&key.bytes()), Some(key));
    }

    #[test]
    fn bytes_are_equal_for_equal_keys_and_sort_as_they_do(a in any_key(), b in any_key()) {
        prop_assert_eq!(a.bytes().cmp(&b.bytes()), a.cmp(&b));
    }

    #[test]
    fn other_bytes_are_no_key_or_the_key_of_these_bytes(bytes in prop::collection::vec(any::<u8>(), 0..12)) {
        if let Some(key) = ObjectKey::from_bytes(&bytes) {
            prop_assert_eq!(key.bytes(), bytes);
        }
    }
}

#[test]
fn keys_are_written_as_people_call_things() {
    let key = |group, schema, name, signature| ObjectKey::new(group, schema, name, signature).to_string();
    assert_eq!(key(KeyGroup::Relation, "public", "Orders", ""), "relation public.Orders");
    assert_eq!(
        key(KeyGroup::Function, "public", "total", "integer, date"),
        "function public.total(integer, date)"
    );
    assert_eq!(key(KeyGroup::Schema, "", "sales", ""), "schema sales");
}

#[test]
fn a_hash_is_of_the_canonical_text() {
    let object = Object::new(ObjectKind::Schema, "", "sales", Detail::Schema);
    let text = r#"{"definition":{"detail":"schema"},"kind":"schema","name":"sales","schema":""}"#;
    let expected: [u8; 32] = <sha2::Sha256 as sha2::Digest>::digest(text.as_bytes()).into();
    assert_eq!(object.content_hash(), expected);
}
