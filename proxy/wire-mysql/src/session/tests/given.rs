//! What an execution gives its parameters, and what is said beside a request: however the stream is cut.

use super::*;
use crate::bound::VALUES_BYTES_MAX;

/// `a|b|-` of the values, with `…` where there were more.
pub(super) fn shown(given: &bound::Bound) -> String {
    let text = |value: &Option<Box<[u8]>>| match value {
        Some(value) => String::from_utf8_lossy(value).into_owned(),
        None => "-".to_owned(),
    };
    let values: Vec<String> = given.values.iter().map(text).collect();
    format!("{}{}", values.join("|"), if given.is_cut { "…" } else { "" })
}

fn keeping() -> Script {
    let mut script = Script::new();
    script.session.keep_parameters(Some(Budget::default()));
    script
}

/// An execution that gives a text, and tells its type or not.
pub(super) fn execute_with(id: u32, tells_type: bool, value: &str) -> Vec<u8> {
    let mut body = id.to_le_bytes().to_vec();
    body.extend([0, 1, 0, 0, 0, 0, u8::from(tells_type)]);
    if tells_type {
        body.extend([0xfd, 0]);
    }
    body.push(u8::try_from(value.len()).unwrap());
    body.extend(value.as_bytes());
    message(code::STMT_EXECUTE, &body)
}

pub(super) fn long_data(id: u32, data: &[u8]) -> Vec<u8> {
    message(code::STMT_SEND_LONG_DATA, &[&id.to_le_bytes()[..], &[0, 0], data].concat())
}

/// An execution of which the only value came before.
fn execute_long(id: u32) -> Vec<u8> {
    let mut body = id.to_le_bytes().to_vec();
    body.extend([0, 1, 0, 0, 0, 0, 1, 0xfc, 0]);
    message(code::STMT_EXECUTE, &body)
}

#[test]
fn values_are_kept_of_each_execution_however_it_is_cut() {
    let stream = [execute_with(3, true, "it's"), execute_with(3, false, "other")].concat();
    for chunk in 1..stream.len() {
        let mut script = keeping();
        script.client(&prepare("insert ?")).server(&prepared(3));
        let before = script.sent_up.len();
        for part in stream.chunks(chunk) {
            script.client(part);
        }
        assert_eq!(script.story[3..], ["2 execute insert ? given it's", "3 execute insert ? given other"]);
        assert_eq!(script.sent_up[before..], stream, "nothing is changed or held for good");
    }
    let mut script = Script::new();
    script.client(&prepare("insert ?")).server(&prepared(3)).client(&stream);
    assert_eq!(script.story[3], "2 execute insert ?", "nobody asked for them");
}

#[test]
fn types_stay_those_of_the_execution_that_passed_last() {
    let mut script = keeping();
    script.client(&prepare("insert ?")).server(&prepared(3));
    // The server has not seen the types of what was refused.
    script.refused = Some("insert");
    script.client(&execute_with(3, true, "a"));
    script.refused = None;
    script.client(&execute_with(3, false, "b"));
    assert_eq!(
        script.story[3..],
        ["refuse 2 execute insert ?", "2 refused", "ready idle", "3 execute insert ?"]
    );
}

#[test]
fn the_last_prepared_is_known_when_it_has_a_number() {
    let mut script = keeping();
    script.client(&[prepare("insert ?"), execute_with(LAST_PREPARED, true, "a")].concat());
    assert_eq!(script.story, ["1 prepare insert ?"], "it waits for the number");
    script.server(&prepared(9));
    assert_eq!(script.story[3..], ["2 execute insert ? given a"]);
    script.server(&ok(1, 0)).client(&prepare("boom")).server(&error(1064, "42000"));
    script.client(&execute_with(LAST_PREPARED, true, "b")).server(&error(1243, "HY000"));
    assert_eq!(script.story.iter().filter(|line| line.contains("given")).count(), 1, "{:?}", script.story);
}

#[test]
fn long_data_is_the_value_of_one_execution() {
    let mut script = keeping();
    script.client(&prepare("insert ?")).server(&prepared(3));
    script.client(&[long_data(3, b"one "), long_data(3, b"two"), execute_long(3)].concat()).server(&ok(1, 0));
    script.client(&execute_with(3, true, "plain")).server(&ok(1, 0));
    // Taken back before it was executed.
    script.client(&[long_data(3, b"gone"), of_statement(code::STMT_RESET, 3)].concat()).server(&ok(0, 0));
    script.client(&execute_with(3, false, "again"));
    let executions: Vec<_> = script.story.iter().filter(|line| line.contains("execute")).collect();
    assert_eq!(
        executions,
        [
            "2 execute insert ? given one two",
            "3 execute insert ? given plain",
            "4 execute insert ? given again"
        ]
    );
}

#[test]
fn long_data_of_what_was_refused_is_still_there() {
    let mut script = keeping();
    script.client(&prepare("insert ?")).server(&prepared(3));
    script.refused = Some("insert");
    script.client(&[long_data(3, b"one"), execute_long(3)].concat());
    script.refused = None;
    script.client(&execute_long(3));
    assert_eq!(script.story.last().unwrap(), "3 execute insert ? given one", "as the server has it");
}

#[test]
fn long_executions_pass_and_what_is_beyond_is_left_out() {
    let piece = vec![b'x'; 3 * VALUES_BYTES_MAX];
    let mut body = 3u32.to_le_bytes().to_vec();
    body.extend([0, 1, 0, 0, 0, 0, 1, 0xfc, 0, 0xfd, 0, 0, 3]);
    body.extend(&piece);
    let stream = [long_data(3, &piece), execute_long(3), message(code::STMT_EXECUTE, &body)].concat();
    for size in [1_000, stream.len()] {
        let mut script = keeping();
        script.client(&prepare("insert ?")).server(&prepared(3));
        let before = script.sent_up.len();
        for part in stream.chunks(size) {
            script.client(part);
        }
        assert_eq!(script.story[3..], ["2 execute insert ? given …", "3 execute insert ? given …"]);
        assert_eq!(script.sent_up[before..], stream);
    }
}

#[test]
fn a_reset_forgets_what_was_given() {
    let mut script = keeping();
    script.client(&prepare("insert ?")).server(&prepared(3)).client(&long_data(3, b"one"));
    script.client(&message(code::RESET_CONNECTION, b"")).server(&ok(0, 0));
    script.client(&prepare("insert ?")).server(&prepared(3)).client(&execute_with(3, true, "two"));
    assert_eq!(script.story.last().unwrap(), "4 execute insert ? given two");
}

const ATTRIBUTES: u64 = NEW | 1 << 27;

/// A query with one attribute.
fn query_for(name: &str, text: &str) -> Vec<u8> {
    let mut body = b"\x01\x01\0\x01\xfe\0\x0con_behalf_of".to_vec();
    body.push(u8::try_from(name.len()).unwrap());
    body.extend(name.as_bytes());
    body.extend(text.as_bytes());
    message(code::QUERY, &body)
}

#[test]
fn the_text_of_a_query_stands_behind_its_attributes() {
    let stream = [query_for("ann", "select 1"), message(code::QUERY, b"\0\x01select 2")].concat();
    for chunk in 1..stream.len() {
        let mut script = Script::with(ATTRIBUTES);
        for part in stream.chunks(chunk) {
            script.client(part);
        }
        assert_eq!(script.story, ["1 run select 1 for ann", "2 run select 2"]);
        assert_eq!(script.sent_up, stream);
    }
    // Not agreed on, they are part of the text, for the server as well.
    let mut script = Script::with(NEW);
    script.client(&message(code::QUERY, b"\0\x01select 2"));
    assert_eq!(script.story, ["1 run \0\x01select 2"]);
}

#[test]
fn a_malformed_block_ends_the_session() {
    let mut script = Script::with(ATTRIBUTES);
    for body in [&b""[..], b"select 1", b"\x01\x01\0\x01\xfe\0\x01a\x7fselect 1"] {
        let stream = message(code::QUERY, body);
        assert_eq!(script.session.client(&stream).err(), Some(Violation::Malformed(code::QUERY)));
    }
    // A text that is prepared has none.
    script.client(&prepare("select ?"));
    assert_eq!(script.story, ["1 prepare select ?"]);
}

#[test]
fn attributes_of_an_execution_are_read_though_nobody_keeps_values() {
    let mut script = Script::with(ATTRIBUTES);
    let answer = [packet(1, b"\0\x03\0\0\0\x01\0\x01\0\0\0\0"), column(), column()].concat();
    script.client(&prepare("select ?")).server(&answer);
    let mut body = 3u32.to_le_bytes().to_vec();
    body.extend(b"\x08\x01\0\0\0\x02\0\x01\xfd\0\0\xfd\0\x0con_behalf_of\x01x\x03ann");
    script.client(&message(code::STMT_EXECUTE, &body));
    assert_eq!(script.story.last().unwrap(), "2 execute select ? for ann");
    // Long data is not among the values, and is nothing that is kept.
    let mut body = 3u32.to_le_bytes().to_vec();
    body.extend(b"\x08\x01\0\0\0\x02\0\x01\xfd\0\0\xfd\0\x0con_behalf_of\x03bob");
    script.client(&[long_data(3, b"x"), message(code::STMT_EXECUTE, &body)].concat());
    assert_eq!(script.story.last().unwrap(), "3 execute select ? for bob");
}

#[test]
fn values_beyond_the_budget_are_not_kept_and_what_was_judged_gives_its_room_back() {
    let budget = Budget::default();
    let mut script = Script::new();
    script.session.keep_parameters(Some(budget.clone()));
    script.client(&prepare("insert ?")).server(&prepared(3));
    let rest = budget.take(Budget::BYTES_MAX - 10);
    script.client(&execute_with(3, true, "a"));
    assert_eq!(script.story.last().unwrap(), "2 execute insert ?");
    drop(rest);
    script.client(&execute_with(3, false, "b"));
    assert_eq!(script.story.last().unwrap(), "3 execute insert ? given b");
    assert!(budget.take(Budget::BYTES_MAX).is_some(), "nothing is held between two requests");
    script.client(&long_data(3, b"long"));
    assert!(budget.take(Budget::BYTES_MAX).is_none(), "what waits for its execution takes room");
    script.client(&of_statement(code::STMT_CLOSE, 3));
    assert!(budget.take(Budget::BYTES_MAX).is_some());
}
