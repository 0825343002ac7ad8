//! What does the gateway make of a server that does what no real one can be made to do?
//!
//! Every test here runs before a [`Double`]: a script in the place of a server, never in the place
//! of a test against a real one. Its tests say so in their names.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::double::{Double, PROCESS, complete, one_column, ready, row, words};
use harness::gateway::Gateway;
use harness::ledger::Record;
use harness::wire::{
    Frame, VERSION_3_2, Wire, bind, cancel_request, copy_data, copy_done, describe, execute, first_error,
    message, parse, query, sync, tags, terminate,
};
use std::time::Duration;

/// How long nothing has to come for the test to believe that nothing comes.
const SILENCE: Duration = Duration::from_millis(600);
const KEY: [u8; 4] = [1, 2, 3, 4];

/// A gateway before a double, and a session seen from both of its ends.
fn session(double: &Double) -> (Gateway, Wire, Wire) {
    let gateway = double.gateway();
    let client = Wire::login(gateway.port, "clear");
    (gateway, client, double.session())
}

/// The client ends the session, and the server closes as a real one would.
fn goodbye(mut client: Wire, mut server: Wire) {
    client.send(&terminate());
    assert_arrives(&mut server, &terminate());
    drop(server);
    assert_eq!(client.rest(), []);
}

/// Every byte of a frame, as it was sent.
fn bytes(frame: &Frame) -> Vec<u8> {
    message(frame.tag, &frame.body)
}

/// Reads as many messages as `expected` has, which have to be these.
fn assert_arrives(server: &mut Wire, expected: &[u8]) {
    let mut arrived = Vec::new();
    while arrived.len() < expected.len() {
        arrived.extend(bytes(&server.frame().expect("a message")));
    }
    assert_eq!(arrived.escape_ascii().to_string(), expected.escape_ascii().to_string());
}

/// Reads messages that have to be these bytes.
fn assert_hears(client: &mut Wire, expected: &[Vec<u8>]) {
    assert_arrives(client, &expected.concat());
}

/// The records of the only session, once it is over.
fn records(gateway: &Gateway) -> Vec<Record> {
    gateway.recorded("the session's end", |records| {
        records.iter().any(|record| record.event() == "session.end").then(|| records.to_vec())
    })
}

fn outcomes(gateway: &Gateway) -> Vec<Record> {
    let mut records = records(gateway);
    records.retain(|record| record.event() == "statement.outcome");
    records
}

fn shown(record: &Record) -> String {
    let rows = record.number("rows").map_or(String::new(), |rows| format!(" rows={rows}"));
    let words = ["message_class", "sqlstate"].map(|field| record.text_of(field));
    format!("{} | {}{rows}", record.text_of("text"), words.join(" ").trim())
}

fn asked_cancelled() -> Vec<u8> {
    words(
        b'E',
        &[('S', "ERROR"), ('V', "ERROR"), ('C', "57014"), ('M', "canceling statement due to user request")],
    )
}

/// While a cancel is on its way, `next` may not reach the server: it might hit it.
fn check_cancel(next: &[u8], answer: &[Vec<u8>]) {
    let double = Double::start(&KEY);
    let (gateway, mut client, mut server) = session(&double);
    client.send(&[parse("s", "SELECT 1", &[]), sync()].concat());
    assert_arrives(&mut server, &[parse("s", "SELECT 1", &[]), sync()].concat());
    server.send(&[message(b'1', &[]), ready(b'I')].concat());
    client.until(b'Z', 1);
    client.send(&query("SELECT pg_sleep(60)"));
    assert_arrives(&mut server, &query("SELECT pg_sleep(60)"));
    let mut cancelling = Wire::connect(gateway.port);
    cancelling.send(&cancel_request(PROCESS, &KEY));
    let cancel = double.cancel();
    assert_eq!(cancel.packet, cancel_request(PROCESS, &KEY), "it comes as it was sent");
    // The server ends the statement, and takes its time to end the connection that asked for it.
    server.send(&[asked_cancelled(), ready(b'I')].concat());
    assert_eq!(first_error(&client.until(b'Z', 1)).as_deref(), Some("57014"));
    client.send(next);
    assert_eq!(server.heard_within(SILENCE), None, "something reached the server behind a cancel");
    assert_eq!(cancelling.heard_within(Duration::from_millis(10)), None);
    assert!(!has_ended(&cancelling), "the cancel is delivered when the server says so, not before");
    drop(cancel);
    assert_arrives(&mut server, next);
    assert_eq!(cancelling.rest(), []);
    server.send(&answer.concat());
    assert_hears(&mut client, answer);
}

/// Whether the peer has closed: then, and only then, a look finds an end.
fn has_ended(wire: &Wire) -> bool {
    let socket = wire.socket();
    socket.set_nonblocking(true).expect("non-blocking");
    let looked = socket.peek(&mut [0]);
    socket.set_nonblocking(false).expect("blocking");
    matches!(looked, Ok(0))
}

#[test]
fn nothing_of_the_next_query_passes_while_a_cancel_is_on_its_way_to_a_double() {
    check_cancel(&query("SELECT 7"), &[one_column(), row("7"), complete("SELECT 1"), ready(b'I')]);
}

#[test]
fn nothing_of_the_next_bind_passes_while_a_cancel_is_on_its_way_to_a_double() {
    let next = [bind("", "s", &[], 0), describe(b'P', ""), execute("", 0), sync()].concat();
    let answer = [message(b'2', &[]), one_column(), row("7"), complete("SELECT 1"), ready(b'I')];
    check_cancel(&next, &answer);
}

#[test]
fn nothing_of_the_next_preparation_passes_while_a_cancel_is_on_its_way_to_a_double() {
    let next = [parse("", "SELECT 7", &[]), describe(b'S', ""), sync()].concat();
    check_cancel(&next, &[message(b'1', &[]), message(b't', &[0, 0]), one_column(), ready(b'I')]);
}

#[test]
fn two_cancels_on_their_way_to_a_double_are_both_waited_for() {
    let double = Double::start(&KEY);
    let (gateway, mut client, mut server) = session(&double);
    client.send(&query("SELECT pg_sleep(60)"));
    assert_arrives(&mut server, &query("SELECT pg_sleep(60)"));
    let mut cancelling: Vec<Wire> = (0..2).map(|_| Wire::connect(gateway.port)).collect();
    cancelling.iter_mut().for_each(|wire| wire.send(&cancel_request(PROCESS, &KEY)));
    let (first, second) = (double.cancel(), double.cancel());
    server.send(&[asked_cancelled(), ready(b'I')].concat());
    client.until(b'Z', 1);
    client.send(&query("SELECT 7"));
    drop(first);
    assert_eq!(server.heard_within(SILENCE), None, "the second cancel is still on its way");
    drop(second);
    assert_arrives(&mut server, &query("SELECT 7"));
}

#[test]
fn a_query_that_comes_in_pieces_while_a_cancel_is_on_its_way_to_a_double_is_not_forgotten() {
    let double = Double::start(&KEY);
    let (gateway, mut client, mut server) = session(&double);
    let next = query("SELECT 7");
    for pieces in [vec![3, 5], vec![1, 12], vec![9]] {
        let mut cancelling = Wire::connect(gateway.port);
        cancelling.send(&cancel_request(PROCESS, &KEY));
        let cancel = double.cancel();
        let mut rest = next.as_slice();
        for piece in pieces {
            client.send(&rest[..piece]);
            rest = &rest[piece..];
            // So that the gateway sees each piece by itself.
            assert_eq!(server.heard_within(Duration::from_millis(50)), None);
        }
        drop(cancel);
        assert_eq!(cancelling.rest(), []);
        assert_eq!(server.heard_within(Duration::from_millis(50)), None, "half a query was passed on");
        client.send(rest);
        assert_arrives(&mut server, &next);
        server.send(&[complete("SELECT 0"), ready(b'I')].concat());
        assert_eq!(tags(&client.until(b'Z', 1)), "CZ");
    }
}

#[test]
fn the_longest_key_there_may_be_goes_from_a_double_to_the_client_and_back() {
    let key: Vec<u8> = (0..=255).collect();
    let double = Double::start(&key);
    let gateway = double.gateway();
    let mut client = Wire::connect(gateway.port);
    client.open(VERSION_3_2, &[("user", "clear"), ("database", "shop")]);
    assert_eq!((client.pid, client.key.as_slice()), (PROCESS, key.as_slice()));
    let _server = double.session();
    let mut cancelling = Wire::connect(gateway.port);
    cancelling.send(&cancel_request(PROCESS, &key));
    let cancel = double.cancel();
    assert_eq!(cancel.packet, cancel_request(PROCESS, &key));
    drop(cancel);
    assert_eq!(cancelling.rest(), []);
    for wrong in [&key[..255], &key[..4], &[key.as_slice(), &[0]].concat()] {
        let mut cancelling = Wire::connect(gateway.port);
        let _ = cancelling.try_send(&cancel_request(PROCESS, wrong));
        cancelling.rest();
    }
    assert!(!double.is_cancelled_within(SILENCE), "a key that is not the session's was passed on");
}

#[test]
fn errors_of_a_double_without_a_code_or_with_unknown_fields_pass_as_they_are() {
    let double = Double::start(&KEY);
    let (gateway, mut client, mut server) = session(&double);
    let errors = [
        words(b'E', &[('S', "ERROR"), ('M', "nothing but words")]),
        words(b'E', &[('S', "ERROR"), ('C', "XX"), ('M', "a short code")]),
        words(b'E', &[('z', "unknown"), ('C', "22012"), ('é', "beyond"), ('M', ""), ('~', "")]),
        words(b'E', &[]),
        message(b'E', &[]),
        message(b'E', b"C22012\0Mno end"),
    ];
    for error in &errors {
        client.send(&query("SELECT 1"));
        assert_arrives(&mut server, &query("SELECT 1"));
        server.send(&[error.clone(), ready(b'I')].concat());
        assert_hears(&mut client, &[error.clone(), ready(b'I')]);
    }
    goodbye(client, server);
    let endings: Vec<_> = outcomes(&gateway).iter().map(shown).collect();
    let wordless = "SELECT ? | error";
    let expected = [
        wordless,
        wordless,
        "SELECT ? | data_exception 22012",
        wordless,
        wordless,
        "SELECT ? | data_exception 22012",
    ];
    assert_eq!(endings, expected);
}

#[test]
fn what_a_double_says_in_the_middle_of_a_result_passes_and_is_not_counted() {
    let double = Double::start(&KEY);
    let (gateway, mut client, mut server) = session(&double);
    let notice = words(b'N', &[('S', "NOTICE"), ('V', "NOTICE"), ('C', "00000"), ('M', "by the way")]);
    let parameter = message(b'S', b"TimeZone\0Asia/Tokyo\0");
    let notification = message(b'A', b"\0\0\x12\x67bell\0rung\0");
    let unknown = message(b'S', b"application_name\0renamed\0");
    let answer = [
        notice.clone(),
        one_column(),
        row("1"),
        notice.clone(),
        row("2"),
        parameter.clone(),
        unknown,
        row("3"),
        notification.clone(),
        complete("SELECT 3"),
        parameter,
        notice,
        ready(b'I'),
        notification,
    ];
    client.send(&query("SELECT n FROM t"));
    assert_arrives(&mut server, &query("SELECT n FROM t"));
    server.send(&answer.concat());
    assert_hears(&mut client, &answer);
    client.send(&query("SELECT 2"));
    assert_arrives(&mut server, &query("SELECT 2"));
    server.send(&[complete("SELECT 0"), ready(b'I')].concat());
    client.until(b'Z', 1);
    goodbye(client, server);
    let outcomes = outcomes(&gateway);
    let endings: Vec<_> = outcomes.iter().map(shown).collect();
    assert_eq!(endings, ["SELECT n FROM t | ok rows=3", "SELECT ? | ok rows=0"]);
    assert_eq!(outcomes[1].principal("application"), "renamed");
}

/// The double closes in the middle; the client gets what was sent and an orderly end.
fn check_close(begin: &[Vec<u8>], client_sends: &[u8], torn: &[u8], heard: &str, text: &str) {
    let double = Double::start(&KEY);
    let (gateway, mut client, mut server) = session(&double);
    client.send(&query(text));
    assert_arrives(&mut server, &query(text));
    server.send(&begin.concat());
    assert_hears(&mut client, begin);
    client.send(client_sends);
    assert_arrives(&mut server, client_sends);
    server.send(torn);
    drop(server);
    let rest = client.rest();
    assert_eq!(tags(&rest), heard);
    assert!(!client.reset, "an orderly end");
    let records = records(&gateway);
    let find = |event| records.iter().rfind(|record| record.event() == event).expect("a record");
    assert_eq!(find("statement.outcome").text_of("message_class"), "lost");
    assert_eq!(find("session.end").text_of("message_class"), "upstream_closed");
    harness::eventually("no session", || (gateway.metric("dragoman_sessions") == Some(0.0)).then_some(()));
}

const COPY_RESPONSE: [u8; 5] = [0, 0, 1, 0, 0];

#[test]
fn a_double_that_closes_in_a_copy_to_it_ends_the_session() {
    let data = [copy_data(b"1\n"), copy_data(b"2\n")].concat();
    check_close(&[message(b'G', &COPY_RESPONSE)], &data, &[], "", "COPY t FROM STDIN");
}

#[test]
fn a_double_that_closes_before_it_confirms_a_copy_leaves_its_outcome_open() {
    let data = [copy_data(b"1\n"), copy_done()].concat();
    check_close(&[message(b'G', &COPY_RESPONSE)], &data, &[], "", "COPY t FROM STDIN");
}

#[test]
fn a_double_that_closes_in_a_copy_from_it_ends_the_session() {
    let begin = [message(b'H', &COPY_RESPONSE), copy_data(b"1\n")];
    check_close(&begin, &[], &copy_data(b"2\n"), "d", "COPY t TO STDOUT");
    check_close(
        &begin,
        &[],
        &[copy_data(b"2\n"), copy_data(b"torn apart")[..8].to_vec()].concat(),
        "d",
        "COPY t TO STDOUT",
    );
}

#[test]
fn a_double_that_closes_in_a_row_or_before_ready_ends_the_session() {
    let torn = row("torn apart");
    check_close(&[one_column()], &[], &torn[..9], "", "SELECT n FROM t");
    check_close(&[one_column(), row("1")], &[], &torn[..3], "", "SELECT n FROM t");
}
