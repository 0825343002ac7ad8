//! Answers with a bound: when going beyond is told, and what stands in place of the error of a request
//! that was cancelled for it.

use super::*;

/// A script whose requests may be answered with so many rows and bytes.
fn bounded(rows: Option<u64>, bytes: Option<u64>) -> Script {
    let mut script = Script::new();
    script.limit = (rows, bytes);
    script
}

/// The error that stands in place of the server's.
fn ours() -> Vec<u8> {
    let mut bytes = Vec::new();
    let refusal = Refusal::new(RefusalClass::LimitReached, "too much");
    refusal::error_response(refusal::Severity::Error, &refusal, &mut bytes);
    bytes
}

fn rows(count: usize) -> Vec<u8> {
    row().repeat(count)
}

#[test]
fn an_answer_within_its_bound_is_like_any_other() {
    let mut script = bounded(Some(3), Some(100));
    let answer = [rows(3), complete("SELECT 3"), ready(b'I')].concat();
    script.client(&query("select 3")).server(&answer);
    script.check(&["1 run select 3", "1 completed 3", "ready idle"]);
    assert_eq!(script.sent_down, answer);
}

#[test]
fn the_first_row_beyond_is_told_before_it_passes_and_the_cancelled_request_is_cut() {
    let mut script = bounded(Some(3), None);
    script.client(&query("select many")).server(&rows(3));
    assert_eq!(script.story.len(), 1, "three rows are within the bound");
    let heard = script.session.server(&rows(2)).unwrap();
    assert_eq!(heard, Heard { len: 0, event: Some(Event::Exceeded { exchange: 1, what: Excess::Rows }) });
    script.session.relabel(1, Refusal::new(RefusalClass::LimitReached, "too much"));
    script.server(&[rows(20), error("57014"), ready(b'I')].concat());
    let bytes = rows(23).len() + ours().len();
    script.check(&["1 run select many", &format!("1 cut 53400 after 23 rows, {bytes} bytes"), "ready idle"]);
    assert_eq!(script.sent_down, [rows(23), ours(), ready(b'I')].concat());
}

#[test]
fn bytes_are_counted_at_the_beginning_of_a_message() {
    // Twelve bytes each: the second would go beyond, however little of it is there.
    let mut script = bounded(None, Some(23));
    script.client(&query("select wide")).server(&rows(1)).server(&row()[..4]);
    assert_eq!(script.story.len(), 1);
    script.server(&row()[4..5]);
    assert_eq!(script.story, ["1 run select wide", "1 exceeds Bytes"]);
    assert_eq!(script.sent_down, [&row()[..], &row()[..5]].concat());
}

#[test]
fn notices_count_as_bytes_and_copied_data_as_rows() {
    let mut script = bounded(None, Some(50));
    script.client(&query("do")).server(&message(b'N', &[b'x'; 60]));
    assert_eq!(script.story, ["1 run do", "1 exceeds Bytes"]);
    let mut script = bounded(Some(1), None);
    script.client(&query("copy t to stdout")).server(&message(b'H', &[0, 0, 0]));
    script.server(&message(b'd', b"1\n").repeat(2));
    assert_eq!(script.story, ["1 run copy t to stdout", "1 exceeds Rows"]);
}

#[test]
fn what_completes_first_has_completed() {
    let mut script = bounded(Some(1), None);
    script.client(&query("select 2")).server(&[rows(2), complete("SELECT 2"), ready(b'I')].concat());
    script.check(&["1 run select 2", "1 exceeds Rows", "1 completed 2", "ready idle"]);
    // Nothing of it is left for the next.
    script.limit = (None, None);
    script.client(&query("slow")).server(&[error("57014"), ready(b'I')].concat());
    assert_eq!(script.story[4..], ["2 run slow", "2 failed 57014", "ready idle"]);
}

#[test]
fn the_statements_of_a_query_share_its_bound() {
    let mut script = bounded(Some(3), None);
    script.client(&query("select 2; select 2; select 2"));
    script.server(&[rows(2), complete("SELECT 2"), rows(2), complete("SELECT 2")].concat());
    script.server(&[rows(1), error("57014"), ready(b'I')].concat());
    let bytes = rows(1).len() + ours().len();
    script.check(&[
        "1 run select 2; select 2; select 2",
        "1 completed 2",
        "1 exceeds Rows",
        "1 completed 2",
        &format!("1 cut 53400 after 1 rows, {bytes} bytes"),
        "ready idle",
    ]);
}

#[test]
fn an_execution_fetched_in_parts_counts_on() {
    let mut script = bounded(Some(3), None);
    let part = execute("c");
    script.client(&[parse("", "select big"), bind("c", ""), part.clone(), sync()].concat());
    script
        .server(&[message(b'1', b""), message(b'2', b""), rows(2), message(b's', b""), ready(b'T')].concat());
    script.client(&[part.clone(), sync()].concat());
    script.server(&[rows(2), message(b's', b""), ready(b'T')].concat());
    // Each part that goes beyond is told, or the rest could be had part by part.
    script.client(&[part, sync()].concat()).server(&[rows(1), error("57014"), ready(b'E')].concat());
    let bytes = rows(1).len() + ours().len();
    script.check(&[
        "1 prepare select big",
        "2 execute select big",
        "1 completed 0",
        "ready open",
        "2 resume 2",
        "2 exceeds Rows",
        "ready open",
        "2 resume 2",
        "2 exceeds Rows",
        &format!("2 cut 53400 after 1 rows, {bytes} bytes"),
        "ready failed",
    ]);
}

#[test]
fn an_execution_sent_ahead_of_the_first_parts_answer_counts_on_too() {
    let mut script = bounded(Some(3), None);
    script.client(&[parse("", "select big"), bind("", ""), execute("")].concat());
    script.limit = (None, None);
    script.client(&[execute(""), sync()].concat());
    script.server(&[message(b'1', b""), message(b'2', b""), rows(2), message(b's', b"")].concat());
    script.server(&rows(1));
    assert!(!script.story.iter().any(|line| line.contains("exceeds")), "{:?}", script.story);
    script.server(&rows(1));
    assert_eq!(script.story.last().unwrap(), "3 exceeds Rows");
}

#[test]
fn a_batch_that_is_cut_is_skipped_to_its_sync() {
    let mut script = bounded(Some(0), None);
    let run = |text| [parse("", text), bind("", ""), execute("")].concat();
    script.client(&[run("select many"), run("select 2"), sync()].concat());
    script.server(&[message(b'1', b""), message(b'2', b""), row(), error("57014"), ready(b'I')].concat());
    script.client(&query("select 3")).server(&[complete("SELECT 0"), ready(b'I')].concat());
    let bytes = message(b'2', b"").len() + row().len() + ours().len();
    script.check(&[
        "1 prepare select many",
        "2 execute select many",
        "3 prepare select 2",
        "4 execute select 2",
        "1 completed 0",
        "2 exceeds Rows",
        &format!("2 cut 53400 after 1 rows, {bytes} bytes"),
        "3 skipped",
        "4 skipped",
        "ready idle",
        "5 run select 3",
        "5 completed 0",
        "ready idle",
    ]);
}

#[test]
fn a_request_is_cut_without_a_bound_when_it_was_cancelled_for_another_reason() {
    for asked in
        [query("select slow"), [parse("", "select slow"), bind("", ""), execute(""), sync()].concat()]
    {
        let mut script = Script::new();
        script.client(&asked);
        let last = script.session.upcoming_exchange() - 1;
        script.session.relabel(last, Refusal::new(RefusalClass::LimitReached, "too much"));
        if asked[0] == b'P' {
            // The Bind plans and may be what takes long: it fails for the execution it was for.
            script.server(&message(b'1', b""));
        }
        script.server(&[error("57014"), ready(b'I')].concat());
        let cut = format!("{last} cut 53400 after 0 rows, {} bytes", ours().len());
        assert!(script.story.contains(&cut), "{:?}", script.story);
        assert!(script.sent_down.ends_with(&[ours(), ready(b'I')].concat()));
        assert!(!script.session.is_busy());
    }
}

#[test]
fn another_error_of_a_cancelled_request_is_the_servers_own() {
    let fatal = message(b'E', b"SFATAL\0VFATAL\0C57014\0Mtext\0\0");
    let intruded = message(b'E', b"SERROR\0VERROR\0C57014\0Mtext\0RCopyGetData\0\0");
    for answer in [error("22012"), fatal, intruded] {
        let mut script = Script::new();
        script.client(&query("select slow"));
        script.session.relabel(1, Refusal::new(RefusalClass::LimitReached, "too much"));
        script.server(&answer);
        assert!(script.story[1].starts_with("1 failed"), "{:?}", script.story);
        assert_eq!(script.sent_down, answer);
    }
}

#[test]
fn of_a_long_error_nothing_is_left() {
    let text = [b"SERROR\0VERROR\0C57014\0Mtext\0W", &[b'x'; 200_000][..], b"\0\0"].concat();
    let answer = [message(b'E', &text), ready(b'I')].concat();
    for size in [1_000, answer.len()] {
        let mut script = Script::new();
        script.client(&query("select slow"));
        script.session.relabel(1, Refusal::new(RefusalClass::LimitReached, "too much"));
        for chunk in answer.chunks(size) {
            script.server(chunk);
        }
        assert_eq!(script.sent_down, [ours(), ready(b'I')].concat());
        assert!(script.story[1].starts_with("1 cut 53400"), "{:?}", script.story);
    }
}

#[test]
fn what_the_server_will_not_look_at_is_not_bounded() {
    let mut script = Script::new();
    script.session.limit(0, Some(1), None);
    script.session.limit(7, Some(1), None);
    script.session.relabel(7, Refusal::new(RefusalClass::LimitReached, "too much"));
    assert!(script.session.watches.is_empty());
    script.limit = (Some(1), None);
    script.client(&query("select 1")).server(&[row(), complete("SELECT 1"), ready(b'I')].concat());
    assert!(script.session.watches.is_empty(), "what has ended is not watched");
}
