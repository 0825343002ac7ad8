//! What a Bind gave its parameters: kept where that is asked for, however the stream is cut, and within
//! the session's budget.

use super::*;

/// A Bind of the unnamed portal to `statement`, with one value.
fn bind_value(statement: &str, value: &[u8]) -> Vec<u8> {
    let mut body = format!("\0{statement}\0\0\0\0\x01").into_bytes();
    body.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
    body.extend(value);
    body.extend(b"\0\0");
    message(b'B', &body)
}

fn keeping(budget: &Budget) -> Script {
    let mut script = Script::new();
    script.session.keep_parameters(Some(budget.clone()));
    script
}

fn kept(script: &Script) -> Option<Vec<u8>> {
    let bound = script.session.parameters(b"")?;
    assert!(bound.values.len() <= 1);
    bound.values.first().map(|value| value.as_ref().unwrap().to_vec())
}

#[test]
fn values_are_kept_of_each_bind_however_it_is_cut() {
    let stream = [parse("p", "select $1"), bind_value("p", b"it's"), execute("")].concat();
    for chunk in 1..stream.len() {
        let mut script = keeping(&Budget::default());
        for part in stream.chunks(chunk) {
            script.client(part);
        }
        assert_eq!(kept(&script).as_deref(), Some(&b"it's"[..]), "in pieces of {chunk}");
        assert_eq!(script.sent_up, stream, "nothing is changed or held for good");
        script.client(&bind_value("p", b"other"));
        assert_eq!(kept(&script).as_deref(), Some(&b"other"[..]));
    }
    let mut script = Script::new();
    script.client(&stream);
    assert_eq!(kept(&script), None, "nobody asked for them");
}

#[test]
fn a_long_bind_passes_and_what_is_beyond_is_left_out() {
    let long = vec![b'x'; 3 * crate::bound::HELD_MAX];
    let stream = [parse("p", "select $1"), bind_value("p", &long), execute(""), sync()].concat();
    let mut script = keeping(&Budget::default());
    for part in stream.chunks(16 * 1024) {
        script.client(part);
    }
    assert_eq!(script.sent_up, stream);
    let bound = script.session.parameters(b"").unwrap();
    assert_eq!((bound.values.len(), bound.is_cut), (0, true));
}

#[test]
fn values_beyond_the_budget_are_not_kept_and_those_that_go_give_room() {
    let budget = Budget::default();
    let mut script = keeping(&budget);
    script.client(&parse("p", "select $1"));
    let rest = budget.take(Budget::BYTES_MAX - 10);
    script.client(&bind_value("p", b"a"));
    assert!(script.session.parameters(b"").is_none());
    drop(rest);
    script.client(&bind_value("p", b"b"));
    assert_eq!(kept(&script).as_deref(), Some(&b"b"[..]));
    assert!(budget.take(Budget::BYTES_MAX - 10).is_none(), "it takes room");
    drop(script);
    assert!(budget.take(Budget::BYTES_MAX).is_some(), "and gives it back");
}

#[test]
fn an_error_is_told_with_the_place_of_its_fields() {
    let mut script = Script::new();
    script.client(&query("select 1"));
    let answer = [row(), error("22012")].concat();
    let mut from = 0;
    loop {
        let heard = script.session.server(&answer[from..]).unwrap();
        from += heard.len;
        if matches!(heard.event, Some(Event::Failed { .. })) {
            break;
        }
        assert!(heard.len > 0 || heard.event.is_some());
    }
    let fields = &answer[from - script.session.error_bytes()..from];
    assert_eq!(fields, &error("22012")[5..]);
}
