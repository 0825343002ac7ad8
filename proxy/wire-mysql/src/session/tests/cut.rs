//! Answers with a bound: when going beyond is told, and what stands in place of the error of a request
//! that was killed for it, or of the rest of an answer that nobody can stop.

use super::*;
use exchange::step::Excess;

/// A script whose requests may be answered with so many rows and bytes.
fn bounded(rows: Option<u64>, bytes: Option<u64>) -> Script {
    let mut script = Script::new();
    script.limit = (rows, bytes);
    script
}

pub(super) fn too_much() -> Refusal {
    Refusal::new(RefusalClass::LimitReached, "too much")
}

/// The error that stands in place of the server's.
fn ours(sequence: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    refusal::error_packet(Moment::Session, sequence, &too_much(), &mut bytes);
    bytes
}

/// The front of a result, up to its rows.
fn front() -> Vec<u8> {
    [packet(1, b"\x01"), column(), eof(0)].concat()
}

fn killed() -> Vec<u8> {
    error(1317, "70100")
}

#[test]
fn an_answer_within_its_bound_is_like_any_other() {
    let mut script = bounded(Some(3), Some(200));
    let answer = rows(3, 0);
    script.client(&query("select 3")).server(&answer);
    script.check(&["1 run select 3", "1 returned 3", "ready idle"]);
    assert_eq!(script.sent_down, answer);
    assert!(script.session.watches.is_idle());
}

#[test]
fn the_first_row_beyond_is_told_before_it_passes_and_the_killed_request_is_cut() {
    let mut script = bounded(Some(3), None);
    script.client(&query("select many")).server(&[front(), row().repeat(3)].concat());
    assert_eq!(script.story.len(), 1, "three rows are within the bound");
    let heard = script.session.server(&row().repeat(2)).unwrap();
    assert_eq!(heard, Heard { len: 0, event: Some(Event::Exceeded { exchange: 1, what: Excess::Rows }) });
    script.session.relabel(1, too_much());
    script.server(&[row().repeat(20), killed()].concat());
    let bytes = front().len() + row().len() * 23 + ours(1).len();
    script.check(&["1 run select many", &format!("1 cut 42000 after 23 rows, {bytes} bytes"), "ready idle"]);
    assert_eq!(script.sent_down, [front(), row().repeat(23), ours(1)].concat());
}

#[test]
fn bytes_are_counted_at_the_beginning_of_a_packet() {
    let size = u64::try_from(front().len() + row().len()).unwrap();
    let mut script = bounded(None, Some(size + 5));
    script.client(&query("select wide")).server(&[front(), row(), row()[..4].to_vec()].concat());
    assert_eq!(script.story.len(), 1, "what a packet is its first byte says");
    script.server(&row()[4..5]);
    assert_eq!(script.story, ["1 run select wide", "1 exceeds Bytes"]);
    assert_eq!(script.sent_down.len(), front().len() + row().len() + 5, "nothing is held back");
}

#[test]
fn what_completes_first_has_completed() {
    let mut script = bounded(Some(1), None);
    script.client(&query("select 2")).server(&[front(), row(), row()].concat());
    script.session.relabel(1, too_much());
    script.server(&eof(0));
    script.check(&["1 run select 2", "1 exceeds Rows", "1 returned 2", "ready idle"]);
    // Nothing of it is left for the next, which somebody else kills.
    script.limit = (None, None);
    script.client(&query("slow")).server(&killed());
    assert_eq!(script.story[4..], ["2 run slow", "2 failed 70100", "ready idle"]);
}

#[test]
fn the_results_of_a_query_share_its_bound() {
    let mut script = bounded(Some(3), None);
    script.client(&query("select 2; update; select 2"));
    script.server(&[rows(2, MORE), ok(7, MORE), front(), row()].concat());
    assert!(!script.story.iter().any(|line| line.contains("exceeds")), "{:?}", script.story);
    script.server(&row());
    script.session.relabel(1, too_much());
    script.server(&killed());
    let bytes = front().len() + row().len() * 2 + ours(1).len();
    script.check(&[
        "1 run select 2; update; select 2",
        "1 returned 2",
        "1 completed 7",
        "1 exceeds Rows",
        &format!("1 cut 42000 after 2 rows, {bytes} bytes"),
        "ready idle",
    ]);
}

#[test]
fn an_execution_fetched_in_parts_counts_on() {
    let mut script = bounded(Some(3), None);
    script.session.statements.insert(5, (Some("select big".into()), 0), 9);
    script.client(&execute(5)).server(&[packet(1, b"\x01"), column(), eof(CURSOR)].concat());
    let fetch = of_statement(code::STMT_FETCH, 5);
    script.client(&fetch).server(&[row().repeat(2), eof(CURSOR)].concat());
    script.client(&fetch).server(&[row().repeat(2), eof(CURSOR)].concat());
    // Each part that goes beyond is told, or the rest could be had part by part.
    script.client(&fetch).server(&row());
    script.session.relabel(1, too_much());
    script.server(&killed());
    let bytes = row().len() + ours(1).len();
    script.check(&[
        "1 execute select big",
        "ready idle",
        "ready idle",
        "1 exceeds Rows",
        "ready idle",
        "1 exceeds Rows",
        &format!("1 cut 42000 after 1 rows, {bytes} bytes"),
        "ready idle",
    ]);
}

#[test]
fn bytes_of_an_execution_fetched_in_parts_count_on_too() {
    let opened = [packet(1, b"\x01"), column(), eof(CURSOR)].concat();
    let part = [row(), eof(CURSOR)].concat();
    let mut script = bounded(None, Some(u64::try_from(opened.len() + 2 * part.len()).unwrap()));
    script.session.statements.insert(5, (Some("select big".into()), 0), 9);
    let fetch = of_statement(code::STMT_FETCH, 5);
    script.client(&execute(5)).server(&opened);
    script.client(&fetch).server(&part).client(&fetch).server(&part);
    assert!(!script.story.iter().any(|line| line.contains("exceeds")), "{:?}", script.story);
    script.client(&fetch).server(&part);
    assert!(script.story.iter().any(|line| line == "1 exceeds Bytes"), "{:?}", script.story);
}

#[test]
fn another_error_of_a_killed_request_is_the_servers_own() {
    for answer in [error(1146, "42S02"), error(1927, "70100"), error(1969, "70100")] {
        let mut script = Script::new();
        script.client(&query("select slow"));
        script.session.relabel(1, too_much());
        script.server(&answer);
        assert!(script.story[1].starts_with("1 failed"), "{:?}", script.story);
        assert_eq!(script.sent_down, answer);
    }
    let mut script = Script::new();
    script.client(&query("select sorted"));
    script.session.relabel(1, too_much());
    script.server(&error(1028, "HY000"));
    assert!(script.story[1].starts_with("1 cut"), "a sort says it in other words");
}

#[test]
fn nobody_is_bounded_but_who_is_pending() {
    let mut script = Script::new();
    script.session.limit(7, Some(1), None);
    script.session.relabel(7, too_much());
    assert!(script.session.watches.is_idle());
}

#[test]
fn an_answer_that_nobody_can_stop_ends_in_the_place_of_its_next_packet() {
    let mut script = bounded(Some(2), None);
    script.client(&query("select many")).server(&[front(), row(), row()].concat());
    let heard = script.session.server(&row()).unwrap();
    assert_eq!(heard, Heard { len: 0, event: Some(Event::Exceeded { exchange: 1, what: Excess::Rows }) });
    let cut = script.session.break_off(1, &too_much()).unwrap();
    // Rows are numbered 3 here, and so is the end of the answer one higher.
    let bytes_out = (front().len() + row().len() * 2 + ours(4).len()) as u64;
    let (sqlstate, rows, copied_in) = (*b"42000", 2, 0);
    let expected =
        Event::Cut { exchange: 1, replaces: 0, bytes: ours(4), sqlstate, rows, bytes_out, copied_in };
    assert_eq!(cut, expected);
    // Before its first packet as well; in the middle of one nothing can be said.
    let mut script = Script::new();
    script.client(&query("slow"));
    assert!(
        matches!(script.session.break_off(1, &too_much()), Some(Event::Cut { bytes, .. }) if bytes == ours(1))
    );
    let mut script = Script::new();
    script.client(&query("wide")).server(&[front(), row()[..5].to_vec()].concat());
    assert_eq!(script.session.break_off(1, &too_much()), None);
    let mut script = Script::new();
    script.client(&[query("first"), query("second")].concat());
    assert_eq!(script.session.break_off(2, &too_much()), None, "the client waits for another answer");
}

#[test]
fn a_cursor_of_what_was_prepared_last_is_bounded_under_either_number() {
    let fetch = |id| of_statement(code::STMT_FETCH, id);
    for (executed, fetched) in
        [(5, 5), (5, LAST_PREPARED), (LAST_PREPARED, 5), (LAST_PREPARED, LAST_PREPARED)]
    {
        let mut script = bounded(Some(2), None);
        script.client(&prepare("select many")).server(&prepared(5));
        script.client(&execute(executed)).server(&[packet(1, b"\x01"), column(), eof(CURSOR)].concat());
        script.client(&fetch(fetched)).server(&[row(), row(), eof(CURSOR)].concat());
        script.client(&fetch(fetched));
        let heard = script.session.server(&row()).unwrap();
        let exceeded = Event::Exceeded { exchange: 2, what: Excess::Rows };
        assert_eq!(heard, Heard { len: 0, event: Some(exceeded) }, "{executed} {fetched}");
    }
}

#[test]
fn a_cursor_that_is_opened_again_under_the_last_number_ends_the_one_before() {
    let opened = [packet(1, b"\x01"), column(), eof(CURSOR)].concat();
    let mut script = Script::new();
    script.client(&prepare("select many")).server(&prepared(5));
    script.client(&execute(LAST_PREPARED)).server(&opened);
    script.client(&execute(LAST_PREPARED)).server(&opened);
    script.client(&of_statement(code::STMT_CLOSE, LAST_PREPARED));
    script.check(&[
        "1 prepare select many",
        "1 completed 0",
        "ready idle",
        "2 execute select many",
        "ready idle",
        "3 execute select many",
        "2 completed 0",
        "ready idle",
        "3 completed 0",
    ]);
    assert_eq!(script.session.statements.suspended(5), None);
}
