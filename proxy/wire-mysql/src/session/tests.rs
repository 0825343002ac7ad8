//! The session machine by example, and the property that holds for every way of cutting a stream.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod cut;
mod given;
mod guard;

use super::*;
use crate::frame::PAYLOAD_MAX;
use crate::message::code;
use exchange::RefusalClass;
use proptest::prelude::*;

/// Builds one packet.
fn packet(sequence: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(payload.len()).unwrap().to_le_bytes()[..3].to_vec();
    bytes.push(sequence);
    bytes.extend(payload);
    bytes
}

/// Builds the packets of a client's message.
fn message(code: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let payload = [&[code], body].concat();
    for (number, part) in payload.chunks(PAYLOAD_MAX).enumerate() {
        bytes.extend(packet(u8::try_from(number).unwrap(), part));
    }
    if payload.len() % PAYLOAD_MAX == 0 {
        bytes.extend(packet(u8::try_from(payload.len() / PAYLOAD_MAX).unwrap(), b""));
    }
    bytes
}

fn query(text: &str) -> Vec<u8> {
    message(code::QUERY, text.as_bytes())
}

fn prepare(text: &str) -> Vec<u8> {
    message(code::STMT_PREPARE, text.as_bytes())
}

fn execute(id: u32) -> Vec<u8> {
    message(code::STMT_EXECUTE, &[&id.to_le_bytes()[..], &[0, 1, 0, 0, 0]].concat())
}

fn of_statement(code: u8, id: u32) -> Vec<u8> {
    message(code, &[&id.to_le_bytes()[..], &[0, 0, 0, 0]].concat())
}

fn ping() -> Vec<u8> {
    message(code::PING, b"")
}

const MORE: u16 = 0x0008;
const OPEN: u16 = 0x0001;
const CURSOR: u16 = 0x0040;
const LAST_ROW: u16 = 0x0080;

fn ok_as(first: u8, affected: u8, status: u16) -> Vec<u8> {
    let [low, high] = status.to_le_bytes();
    packet(1, &[first, affected, 0, low, high, 0, 0])
}

fn ok(affected: u8, status: u16) -> Vec<u8> {
    ok_as(message::OK, affected, status)
}

fn eof(status: u16) -> Vec<u8> {
    let [low, high] = status.to_le_bytes();
    packet(2, &[message::EOF, 0, 0, low, high])
}

fn error(code: u16, sqlstate: &str) -> Vec<u8> {
    packet(1, &[&[0xff][..], &code.to_le_bytes(), b"#", sqlstate.as_bytes(), b"text"].concat())
}

fn row() -> Vec<u8> {
    packet(3, b"\x01x")
}

fn column() -> Vec<u8> {
    packet(2, b"\x03def\0\0\0\x01a\x01a\x0c\x3f\0\x01\0\0\0\x03\x81\0\0\0\0")
}

/// A result of one column as a server before `DEPRECATE_EOF` sends it, with its last status.
fn rows(count: usize, status: u16) -> Vec<u8> {
    [packet(1, b"\x01"), column(), eof(0), row().repeat(count), eof(status)].concat()
}

/// The answer to a preparation with one parameter and one column.
fn prepared(id: u32) -> Vec<u8> {
    let body = [&[0][..], &id.to_le_bytes(), &[1, 0, 1, 0, 0, 0, 0]].concat();
    [packet(1, &body), column(), eof(0), column(), eof(0)].concat()
}

fn agreed(capabilities: u64) -> Agreed {
    Agreed {
        capabilities: Capabilities(capabilities),
        is_mariadb: capabilities & 1 == 0,
        server_version: (*b"8.0.36").into(),
        connection: 42,
        hops: Hops::Plaintext,
        character_set: 45,
        accepts_unproved: false,
    }
}

const PLAIN: u64 = 1 << 15;
const FILES: u64 = PLAIN | 1 << 7;
const NEW: u64 = PLAIN | 1 | 1 << 24 | 1 << 23;

/// A session whose login is over.
fn logged_in<T: Clone>(statement_bytes_max: usize, capabilities: u64) -> Session<T> {
    let mut session = Session::new(agreed(capabilities), statement_bytes_max);
    let granted = ok(0, 0);
    let (mut rest, mut told) = (&granted[..], Vec::new());
    while let Heard { len, event: Some(event) } = session.server(rest).unwrap() {
        rest = &rest[len..];
        told.push(event);
    }
    assert!(matches!(told[0], Event::Parameter(Parameter::ServerVersion(_))), "{told:?}");
    assert!(matches!(told[1], Event::Key { id: 42, .. }), "{told:?}");
    assert!(matches!(told[2], Event::Parameter(Parameter::ClientEncoding(_))), "{told:?}");
    assert!(matches!(told[3..], [Event::Ready { .. }]), "{told:?}");
    // Only a MySQL server leaves open how it reads.
    assert_eq!(session.is_unguarded(), capabilities & 1 == 1);
    session.renew(false, false, &mut Vec::new());
    session
}

/// A session with every request admitted, that writes down what it sees in words.
struct Script {
    session: Session<String>,
    held_client: Vec<u8>,
    held_server: Vec<u8>,
    /// Texts that are refused.
    refused: Option<&'static str>,
    /// Whether the session is read-only.
    reads_only: bool,
    /// Whether the gateway asks what it does not know.
    asks: bool,
    /// How many rows and bytes each answer may have.
    limit: (Option<u64>, Option<u64>),
    /// Whether what goes beyond is killed.
    kills: bool,
    story: Vec<String>,
    sent_up: Vec<u8>,
    sent_down: Vec<u8>,
    /// Errors of the gateway's own.
    own: Vec<u8>,
    /// Bytes of refused requests.
    dropped: usize,
}

impl Script {
    fn new() -> Script {
        Script::with(PLAIN)
    }

    fn with(capabilities: u64) -> Script {
        Script {
            session: logged_in(1 << 20, capabilities),
            held_client: Vec::new(),
            held_server: Vec::new(),
            refused: None,
            reads_only: false,
            asks: false,
            limit: (None, None),
            kills: false,
            story: Vec::new(),
            sent_up: Vec::new(),
            sent_down: Vec::new(),
            own: Vec::new(),
            dropped: 0,
        }
    }

    fn client(&mut self, bytes: &[u8]) -> &mut Script {
        self.held_client.extend(bytes);
        self.send();
        self.listen();
        self
    }

    fn send(&mut self) {
        loop {
            let input = std::mem::take(&mut self.held_client);
            let mut renewed = false;
            let taken = match self.session.client(&input).unwrap() {
                Step::More | Step::Wait => 0,
                Step::Pass(len) => {
                    self.sent_up.extend(&input[..len]);
                    len
                }
                Step::Discard(len) => {
                    self.dropped += len;
                    len
                }
                Step::Ask(ask) => self.decide(&ask, &input),
                Step::Unguarded => {
                    self.session.renew(self.reads_only, self.asks, &mut self.sent_up);
                    renewed = true;
                    0
                }
            };
            self.held_client = input[taken..].to_vec();
            if taken == 0 && !renewed {
                break;
            }
        }
    }

    fn decide(&mut self, ask: &Ask<'_, String>, input: &[u8]) -> usize {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (words, text) = match &ask.request {
            Request::Run { text: sql } => ("run", text(sql)),
            Request::Prepare { text: sql, .. } => ("prepare", text(sql)),
            Request::Execute { statement, .. } => ("execute", statement.clone().unwrap_or("?".into())),
            Request::Function { oid } => ("function", oid.to_string()),
            Request::Command { command, object } => (command.as_str(), text(object)),
            Request::Unsupported { what } => ("unsupported", (*what).to_owned()),
            Request::Oversize { .. } => ("oversize", String::new()),
        };
        let refused = self.refused.is_some_and(|refused| text.contains(refused))
            || self.session.is_doomed()
            || words == "unsupported";
        if refused {
            let mut poison = Vec::new();
            let admitted =
                self.session.refuse(ask, Refusal::new(RefusalClass::NotPermitted, "no"), &mut poison);
            assert!(poison.is_empty());
            self.dropped += ask.bytes;
            self.story.push(format!("refuse {} {words} {text}", admitted.exchange));
        } else {
            let given = self.session.parameters().map(given::shown);
            let said = self
                .session
                .attribute(b"on_behalf_of")
                .map(|name| String::from_utf8_lossy(name).into_owned());
            let admitted = self.session.admit(ask, Some(text.clone()), text.starts_with("load"));
            self.session.limit(admitted.exchange, self.limit.0, self.limit.1);
            self.sent_up.extend(&input[..ask.bytes]);
            let given = given.map_or(String::new(), |given| format!(" given {given}"));
            let said = said.map_or(String::new(), |name| format!(" for {name}"));
            self.story.push(format!("{} {words} {text}{given}{said}", admitted.exchange));
        }
        ask.bytes
    }

    fn server(&mut self, bytes: &[u8]) -> &mut Script {
        self.held_server.extend(bytes);
        self.listen();
        // What waited for an answer may go on now.
        self.send();
        self.listen();
        self
    }

    fn listen(&mut self) {
        loop {
            let heard = self.session.server(&self.held_server).unwrap();
            self.sent_down.extend(self.held_server.drain(..heard.len));
            let Some(event) = heard.event else { return };
            let words = match event {
                Event::Completed { exchange, rows, copied_in: 0, .. } => {
                    format!("{exchange} completed {rows}")
                }
                Event::Completed { exchange, rows, copied_in, .. } => {
                    format!("{exchange} completed {rows} of {copied_in} bytes")
                }
                Event::Returned { exchange, rows, .. } => format!("{exchange} returned {rows}"),
                Event::Failed { exchange, sqlstate, fatal, .. } => {
                    let code = String::from_utf8_lossy(&sqlstate.unwrap_or(*b"-----")).into_owned();
                    let of = exchange.map_or("-".into(), |exchange| exchange.to_string());
                    format!("{of} failed {code}{}", if fatal { " fatal" } else { "" })
                }
                Event::Skipped { exchange } => format!("{exchange} skipped"),
                Event::Refused { exchange, replaces, bytes } => {
                    assert_eq!(replaces, 0);
                    assert!(self.session.is_between_messages());
                    self.own.extend(bytes);
                    format!("{exchange} refused")
                }
                Event::Ready { transaction, .. } => format!("ready {}", transaction.as_str()),
                Event::Parameter(parameter) => format!("{parameter:?}"),
                Event::Key { id, .. } => format!("key {id}"),
                Event::Exceeded { exchange, what } => {
                    if self.kills {
                        self.session.relabel(exchange, cut::too_much());
                    }
                    format!("{exchange} exceeds {what:?}")
                }
                Event::Cut { exchange, replaces, bytes, sqlstate, rows, bytes_out, .. } => {
                    self.held_server.drain(..replaces);
                    self.sent_down.extend(bytes);
                    let sqlstate = String::from_utf8_lossy(&sqlstate).into_owned();
                    format!("{exchange} cut {sqlstate} after {rows} rows, {bytes_out} bytes")
                }
                Event::Guarded { ok, drop } => {
                    self.held_server.drain(..drop);
                    format!("guarded {ok}")
                }
                Event::Dropped { len } => {
                    self.held_server.drain(..len);
                    continue;
                }
            };
            self.story.push(words);
        }
    }

    #[track_caller]
    fn check(&self, expected: &[&str]) {
        assert_eq!(self.story, expected);
        assert!(!self.session.is_busy(), "nothing is outstanding at the end");
    }
}

#[test]
fn a_query_of_several_statements_completes_each_and_is_ready_once() {
    let mut script = Script::new();
    script.client(&query("select 1; insert; select 2"));
    script.server(&[rows(1, MORE), ok(7, MORE), rows(2, 0)].concat());
    script.check(&[
        "1 run select 1; insert; select 2",
        "1 returned 1",
        "1 completed 7",
        "1 returned 2",
        "ready idle",
    ]);
}

#[test]
fn an_error_in_a_query_ends_it() {
    let mut script = Script::new();
    script.client(&query("select 1; boom; select 2"));
    script.server(&[rows(1, MORE), error(1146, "42S02")].concat());
    script.check(&["1 run select 1; boom; select 2", "1 returned 1", "1 failed 42S02", "ready idle"]);
}

#[test]
fn an_error_among_rows_ends_the_result() {
    let mut script = Script::new();
    script.client(&query("select"));
    script.server(&[packet(1, b"\x01"), column(), eof(0), row(), error(1317, "70100")].concat());
    script.check(&["1 run select", "1 failed 70100", "ready idle"]);
}

#[test]
fn results_that_end_in_an_ok_are_told_from_their_rows() {
    let mut script = Script::with(NEW);
    script.client(&query("select"));
    // A null, a row whose first byte is that of an EOF in a packet as long as no OK is, its
    // continuation, and the end.
    let null = packet(4, b"\xfb");
    let mut long = packet(5, b"\xfe");
    long[..3].copy_from_slice(&[0xff; 3]);
    long.resize(4 + PAYLOAD_MAX, 0xff);
    let end = ok_as(message::EOF, 0, OPEN);
    script.server(&[packet(1, b"\x01"), column(), null, long, packet(6, b"\xfe\0"), row(), end].concat());
    script.check(&["1 run select", "1 returned 3", "ready open"]);
}

#[test]
fn an_old_eof_is_told_from_a_row_with_an_eight_byte_length() {
    let mut script = Script::new();
    script.client(&query("select"));
    let row = packet(3, b"\xfe\x01\0\0\0\0\0\0\0x");
    script.server(&[packet(1, b"\x01"), column(), eof(0), row, eof(0)].concat());
    script.check(&["1 run select", "1 returned 1", "ready idle"]);
}

#[test]
fn the_transaction_is_what_the_status_says() {
    let mut script = Script::new();
    for (text, answer, state) in [
        ("begin", ok(0, OPEN), "ready open"),
        ("select", rows(0, OPEN), "ready open"),
        ("boom", error(1064, "42000"), "ready open"),
        ("lock", error(1213, "40001"), "ready idle"),
        ("begin", ok(0, 0x2000), "ready open"),
        ("commit", ok(0, 0), "ready idle"),
    ] {
        script.client(&query(text)).server(&answer);
        assert_eq!(script.story.last().unwrap(), state, "{text}");
    }
}

#[test]
fn an_execution_knows_what_was_prepared() {
    for capabilities in [PLAIN, NEW] {
        let mut script = Script::with(capabilities);
        let mut answer = prepared(3);
        if capabilities == NEW {
            answer = [packet(1, b"\0\x03\0\0\0\x01\0\x01\0\0\0\0"), column(), column()].concat();
        }
        script.client(&prepare("select ?")).server(&answer);
        script.client(&execute(3)).server(&ok(1, 0));
        script.client(&of_statement(code::STMT_CLOSE, 3)).client(&execute(3)).server(&error(1243, "HY000"));
        script.check(&[
            "1 prepare select ?",
            "1 completed 0",
            "ready idle",
            "2 execute select ?",
            "2 completed 1",
            "ready idle",
            "3 execute ?",
            "3 failed HY000",
            "ready idle",
        ]);
    }
}

#[test]
fn a_statement_without_parameters_and_columns_is_one_packet() {
    let mut script = Script::new();
    script.client(&prepare("commit")).server(&packet(1, b"\0\x03\0\0\0\0\0\0\0\0\0\0"));
    script
        .client(&prepare("set @a = ?"))
        .server(&[packet(1, b"\0\x04\0\0\0\0\0\x01\0\0\0\0"), column(), eof(0)].concat());
    script.check(&[
        "1 prepare commit",
        "1 completed 0",
        "ready idle",
        "2 prepare set @a = ?",
        "2 completed 0",
        "ready idle",
    ]);
}

#[test]
fn what_is_sent_ahead_is_answered_in_order() {
    let mut script = Script::new();
    // A client that does not wait for a number names what it prepared last.
    script.client(&[prepare("select ?"), execute(LAST_PREPARED), ping(), query("select 2")].concat());
    script.server(&[prepared(9), rows(3, 0), ok(0, 0), rows(1, 0)].concat());
    script.check(&[
        "1 prepare select ?",
        "2 execute select ?",
        "3 run select 2",
        "1 completed 0",
        "ready idle",
        "2 returned 3",
        "ready idle",
        "ready idle",
        "3 returned 1",
        "ready idle",
    ]);
}

#[test]
fn a_cursor_fetched_in_parts_is_one_execution() {
    for (capabilities, opened) in [
        (PLAIN, [packet(1, b"\x01"), column(), eof(CURSOR)].concat()),
        (NEW, [packet(1, b"\x01"), column(), ok_as(message::EOF, 0, CURSOR)].concat()),
    ] {
        let end = |status| if capabilities == NEW { ok_as(message::EOF, 0, status) } else { eof(status) };
        let mut script = Script::with(capabilities);
        script.session.statements.insert(5, (Some("select".into()), 0), 9);
        script.client(&execute(5)).server(&opened);
        let fetch = of_statement(code::STMT_FETCH, 5);
        script.client(&fetch).server(&[row(), row(), end(CURSOR)].concat());
        script.client(&fetch).server(&[row(), end(CURSOR | LAST_ROW)].concat());
        // Left undone, it ends with what it had.
        script.client(&execute(5)).server(&opened);
        script.client(&fetch).server(&[row(), end(CURSOR)].concat());
        script.client(&of_statement(code::STMT_RESET, 5)).server(&ok(0, 0));
        script.check(&[
            "1 execute select",
            "ready idle",
            "ready idle",
            "1 completed 3",
            "ready idle",
            "2 execute select",
            "ready idle",
            "ready idle",
            "2 completed 1",
            "ready idle",
        ]);
    }
}

#[test]
fn a_fetch_that_fails_is_the_failure_of_its_execution() {
    let mut script = Script::new();
    script.session.statements.insert(5, (Some("select".into()), 0), 9);
    script.client(&execute(5)).server(&[packet(1, b"\x01"), column(), eof(CURSOR)].concat());
    script.client(&of_statement(code::STMT_FETCH, 5)).server(&error(1317, "70100"));
    script.check(&["1 execute select", "ready idle", "1 failed 70100", "ready idle"]);
}

#[test]
fn a_file_counts_for_the_statement_that_takes_it() {
    let mut script = Script::with(FILES);
    script.client(&query("load data")).server(&packet(1, b"\xfb/tmp/file"));
    assert!(script.session.is_copying_in());
    // Packets that look like requests are the file's.
    script.client(&[packet(2, b"\x03select 1"), packet(3, b"")].concat());
    script.server(&ok(2, 0));
    script.client(&query("select")).server(&rows(1, 0));
    script.check(&[
        "1 run load data",
        "1 completed 2 of 17 bytes",
        "ready idle",
        "2 run select",
        "2 returned 1",
        "ready idle",
    ]);
}

#[test]
fn what_may_be_a_file_or_a_request_waits_until_the_server_has_said() {
    let mut script = Script::with(FILES);
    script.client(&[query("load data"), query("select 1")].concat());
    assert_eq!(script.story, ["1 run load data"]);
    script.server(&error(1148, "42000")).server(&rows(1, 0));
    script.check(&[
        "1 run load data",
        "1 failed 42000",
        "ready idle",
        "2 run select 1",
        "2 returned 1",
        "ready idle",
    ]);
}

#[test]
fn a_file_that_nobody_offered_is_not_asked_for() {
    for (capabilities, text) in [(FILES, "select 1"), (PLAIN, "load data")] {
        let mut script = Script::with(capabilities);
        script.client(&query(text));
        assert_eq!(script.session.server(&packet(1, b"\xfb/etc/passwd")), Err(Violation::File));
    }
}

#[test]
fn long_data_has_no_answer_and_counts_for_the_execution() {
    let mut session: Session<()> = logged_in(1 << 20, PLAIN);
    let input = [message(code::STMT_SEND_LONG_DATA, b"\x05\0\0\0\0\0some data"), execute(5)].concat();
    let Ok(Step::Pass(20)) = session.client(&input) else { panic!("long data passes") };
    let Ok(Step::Ask(ask)) = session.client(&input[20..]) else { panic!("an execution is asked for") };
    assert_eq!(session.admit(&ask, None, false).bytes_in, input.len() as u64);
}

#[test]
fn commands_without_a_text_are_asked_for_by_what_they_are() {
    let mut script = Script::new();
    script.client(&message(code::INIT_DB, b"shop")).server(&ok(0, 0));
    script.client(&message(code::FIELD_LIST, b"orders\0%")).server(&[column(), column(), eof(0)].concat());
    script.client(&message(code::STATISTICS, b"")).server(&packet(1, b"Uptime: 1"));
    script.client(&message(0x0c, b"\x07\0\0\0")).server(&error(1094, "HY000"));
    script.client(&message(0x1b, b"\0\0")).server(&eof(0));
    script.check(&[
        "1 use database shop",
        "1 completed 0",
        "Database([115, 104, 111, 112])",
        "ready idle",
        "2 list columns orders",
        "2 completed 2",
        "ready idle",
        "3 statistics ",
        "3 completed 0",
        "ready idle",
        "4 kill \u{7}\0\0\0",
        "4 failed HY000",
        "ready idle",
        "5 set option ",
        "5 completed 0",
        "ready idle",
    ]);
}

#[test]
fn what_the_server_tells_of_the_session_is_passed_on() {
    let mut script = Script::with(NEW);
    let string = |text: &[u8]| [&[u8::try_from(text.len()).unwrap()], text].concat();
    let mode = [string(b"sql_mode"), string(b"REAL_AS_FLOAT,ANSI_QUOTES")].concat();
    let changes = [b"\x01".to_vec(), string(&string(b"xy")), b"\0".to_vec(), string(&mode)].concat();
    let body = [b"\0\0\0\x02\x40\0\0\0".to_vec(), string(&changes)].concat();
    script.client(&query("set")).server(&packet(1, &body));
    assert_eq!(script.story[2], "Database([120, 121])");
    assert_eq!(script.story[3], "SqlMode { ansi_quotes: true, no_backslash_escapes: false }");
}

#[test]
fn the_flags_tell_how_strings_are_read() {
    let mode = |ansi_quotes: bool, no_backslash_escapes: bool| {
        format!("SqlMode {{ ansi_quotes: {ansi_quotes}, no_backslash_escapes: {no_backslash_escapes} }}")
    };
    for (capabilities, quotes) in [(PLAIN, true), (PLAIN | 1, false)] {
        let mut script = Script::with(capabilities);
        script.client(&query("set")).server(&ok(0, 0x8200));
        script.client(&query("select")).server(&rows(1, 0x8200));
        script.client(&query("set")).server(&ok(0, 0));
        let told: Vec<_> = script.story.iter().filter(|line| line.starts_with("Sql")).cloned().collect();
        assert_eq!(told, [mode(quotes, true), mode(false, false)]);
    }
}

#[test]
fn a_reset_forgets_statements_and_cursors() {
    let mut script = Script::new();
    script.client(&prepare("select ?")).server(&prepared(3));
    script.session.define_statement(b"named", Some("select 2".into()));
    script.client(&message(code::RESET_CONNECTION, b"")).server(&ok(0, 0));
    script.client(&execute(3)).server(&error(1243, "HY000"));
    assert!(script.story.contains(&"3 execute ?".to_owned()));
    assert_eq!(script.session.statement(b"named"), None);
}

const CHANGE: &[u8] = b"bob\0\x03abcshop\0\x1c\0mysql_native_password\0";

#[test]
fn a_change_of_user_is_a_login_of_its_own() {
    let mut script = Script::new();
    script.client(&message(code::CHANGE_USER, CHANGE));
    let answer = packet(3, b"twenty bytes of hash");
    // The answer and what is behind it wait until it is asked for, and until it is granted.
    script.client(&[answer.clone(), query("select 1")].concat());
    let asked = packet(2, b"\xfemysql_native_password\0saltsaltsaltsaltsalt\0");
    script.server(&asked);
    assert!(script.sent_up.ends_with(&answer));
    script.server(&ok(0, 0)).server(&rows(1, 0));
    script.check(&[
        "1 change user bob",
        "1 completed 0",
        "User([98, 111, 98])",
        "Database([115, 104, 111, 112])",
        "ApplicationName([])",
        "ClientEncoding([103, 98, 107])",
        "ready idle",
        "2 run select 1",
        "2 returned 1",
        "ready idle",
    ]);
}

#[test]
fn a_change_of_user_without_a_proof_ends_the_session() {
    let nobody = b"root\0\0\0\x1c\0mysql_native_password\0";
    let mut script = Script::new();
    script.client(&message(code::CHANGE_USER, nobody));
    assert_eq!(script.session.server(&ok(0, 0)), Err(Violation::Unproved));
    let mut script = Script::new();
    script.session.agreed.accepts_unproved = true;
    script.client(&message(code::CHANGE_USER, nobody)).server(&ok(0, 0));
    assert_eq!(script.story[1], "1 completed 0");
}

#[test]
fn unasked_errors_belong_to_no_exchange() {
    let mut script = Script::new();
    script.server(&error(1927, "70100"));
    script.check(&["- failed 70100 fatal"]);
}

#[test]
fn a_refused_query_is_answered_in_its_turn_and_under_its_number() {
    let mut script = Script::new();
    script.refused = Some("no");
    script.client(&[query("select 1"), query("no"), query("select 2")].concat());
    assert!(script.own.is_empty(), "the first is not answered yet");
    script.server(&rows(1, 0));
    assert_eq!(script.own[..4], packet(1, &vec![0; script.own.len() - 4])[..4]);
    script.server(&rows(2, 0));
    script.check(&[
        "1 run select 1",
        "refuse 2 run no",
        "3 run select 2",
        "1 returned 1",
        "ready idle",
        "2 refused",
        "ready idle",
        "3 returned 2",
        "ready idle",
    ]);
}

#[test]
fn with_nothing_outstanding_a_refusal_is_answered_at_once() {
    let mut script = Script::new();
    script.refused = Some("no");
    script.client(&query("no"));
    script.check(&["refuse 1 run no", "1 refused", "ready idle"]);
    assert!(script.sent_up.is_empty());
}

#[test]
fn what_a_refused_preparation_would_have_prepared_is_not_run() {
    let mut script = Script::new();
    script.client(&prepare("delete")).server(&prepared(3));
    script.refused = Some("no");
    // The server's own last statement is the one before.
    script.client(&[prepare("no"), execute(LAST_PREPARED), execute(3)].concat()).server(&ok(1, 0));
    script.check(&[
        "1 prepare delete",
        "1 completed 0",
        "ready idle",
        "refuse 2 prepare no",
        "refuse 3 execute ?",
        "4 execute delete",
        "2 refused",
        "ready idle",
        "3 refused",
        "ready idle",
        "4 completed 1",
        "ready idle",
    ]);
}

#[test]
fn replication_and_the_unknown_are_named() {
    let mut script = Script::new();
    script.client(&[message(0x12, b"\x04\0\0\0"), message(0x77, b""), packet(0, b"")].concat());
    script.check(&[
        "refuse 1 unsupported binlog dump",
        "refuse 2 unsupported unknown command",
        "refuse 3 unsupported unknown command",
        "1 refused",
        "ready idle",
        "2 refused",
        "ready idle",
        "3 refused",
        "ready idle",
    ]);
}

#[test]
fn a_statement_over_the_bound_is_asked_for_by_its_header_and_streamed() {
    let mut session: Session<()> = logged_in(64, PLAIN);
    let long = query(&"x".repeat(100));
    let Ok(Step::Ask(ask)) = session.client(&long[..5]) else { panic!("asked by its first bytes") };
    assert!(matches!(ask.request, Request::Oversize { kind: Kind::Run, .. }));
    assert_eq!((ask.bytes, ask.rest), (5, 100));
    session.admit(&ask, None, false);
    assert!(matches!(session.client(&long[5..50]), Ok(Step::Pass(45))));
    assert!(matches!(session.client(&long[50..]), Ok(Step::Pass(55))));
    assert!(matches!(session.client(&ping()), Ok(Step::Pass(5))));
}

#[test]
fn a_message_in_several_packets_goes_on_to_its_last() {
    for (len, packets) in
        [(PAYLOAD_MAX - 2, 1), (PAYLOAD_MAX - 1, 2), (PAYLOAD_MAX, 2), (2 * PAYLOAD_MAX - 1, 3)]
    {
        let input = [query(&"x".repeat(len)), ping()].concat();
        assert_eq!(input.len(), len + 1 + 4 * packets + ping().len());
        let mut script = Script::new();
        script.session.statement_bytes_max = 1 << 30;
        script.client(&input).server(&[rows(1, 0), ok(0, 0)].concat());
        assert_eq!(script.sent_up, input, "{len}");
        assert!(!script.session.is_busy());
        // Refused, all of it is dropped, and the error is numbered after its last packet.
        let mut script = Script::new();
        script.session.statement_bytes_max = 1 << 30;
        script.refused = Some("");
        script.client(&input);
        assert_eq!(script.dropped, input.len() - ping().len(), "{len}");
        assert_eq!(usize::from(script.own[3]), packets, "{len}");
        assert_eq!(script.sent_up, ping());
    }
}

#[test]
fn the_last_words_have_the_number_the_client_expects() {
    let refusal = Refusal::new(RefusalClass::ShuttingDown, "over");
    let number = |session: &Session<String>| {
        let mut out = Vec::new();
        session.last_words(&refusal, &mut out);
        out[3]
    };
    let mut script = Script::new();
    assert_eq!(number(&script.session), 1, "read as the answer to the next command");
    script.client(&query("select"));
    assert_eq!(number(&script.session), 1);
    script.server(&[packet(1, b"\x01"), column(), eof(0), packet(4, b"\x01x")].concat());
    assert_eq!(number(&script.session), 5);
}

#[test]
fn answers_to_nothing_end_the_session() {
    let mut script = Script::new();
    assert_eq!(script.session.server(&ok(0, 0)), Err(Violation::Server(0)));
    script.client(&query("select"));
    assert_eq!(script.session.server(&packet(1, b"\x01\x02")), Err(Violation::Server(1)));
}

#[test]
fn violations_come_up_after_what_was_sent_before_them() {
    let mut session: Session<()> = logged_in(64, PLAIN);
    let input = [ping(), packet(0, &[code::STMT_CLOSE])].concat();
    assert!(matches!(session.client(&input), Ok(Step::Pass(5))));
    assert_eq!(session.client(&input[5..]).err(), Some(Violation::Malformed(code::STMT_CLOSE)));
}

/// Conversations of one client that waits and one that sends ahead.
fn conversations() -> impl Strategy<Value = Vec<(Vec<u8>, Vec<u8>)>> {
    let exchange = prop_oneof![
        (0usize..4, 0usize..4).prop_map(|(first, second)| {
            (query("select 1; update"), [rows(first, MORE), ok(2, MORE), rows(second, OPEN)].concat())
        }),
        Just((query("no $1"), error(1064, "42000"))),
        (1u32..4).prop_map(|id| (prepare("select ?"), prepared(id))),
        (1u32..4).prop_map(|id| (execute(id), rows(2, 0))),
        (1u32..4, "[a-z]{0,9}").prop_map(|(id, value)| (given::execute_with(id, true, &value), ok(1, 0))),
        (1u32..4, "[a-z]{0,9}").prop_map(|(id, value)| (given::execute_with(id, false, &value), ok(1, 0))),
        (1u32..4, "[a-z]{0,9}").prop_map(|(id, data)| (given::long_data(id, data.as_bytes()), Vec::new())),
        (0usize..6).prop_map(|count| {
            let killed = error(1317, "70100");
            (
                query("select many"),
                [packet(1, b"\x01"), column(), eof(0), row().repeat(count), killed].concat(),
            )
        }),
        (1u32..4).prop_map(|id| {
            let opened = [packet(1, b"\x01"), column(), eof(CURSOR)].concat();
            (execute(id), opened)
        }),
        (1u32..4)
            .prop_map(|id| (of_statement(code::STMT_FETCH, id), [row(), eof(CURSOR | LAST_ROW)].concat())),
        (1u32..4).prop_map(|id| (of_statement(code::STMT_RESET, id), ok(0, 0))),
        (1u32..4).prop_map(|id| (message(code::STMT_CLOSE, &id.to_le_bytes()), Vec::new())),
        Just((message(code::STMT_SEND_LONG_DATA, b"\x01\0\0\0\0\0data"), Vec::new())),
        Just((ping(), ok(0, 0))),
        Just((message(code::INIT_DB, b"shop"), ok(0, 0))),
        Just((message(code::FIELD_LIST, b"t\0"), [column(), eof(0)].concat())),
        Just((message(code::STATISTICS, b""), packet(1, b"Uptime"))),
        Just((message(code::RESET_CONNECTION, b""), ok(0, 0))),
        Just((message(code::CHANGE_USER, CHANGE), ok(0, 0))),
        Just(([query("load data"), packet(2, b"line"), packet(3, b"")].concat(), Vec::new())),
        Just((message(0x12, b"\x04\0\0\0"), Vec::new())),
    ];
    proptest::collection::vec(exchange, 1..12)
}

/// `bytes` in pieces of these sizes, over and over.
fn chunks(bytes: &[u8], sizes: &[usize]) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    let mut rest = bytes;
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            return pieces;
        }
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        pieces.push(piece.to_vec());
        rest = after;
    }
    pieces
}

/// The server's part of a LOAD DATA: it asks for the file before the client sends it.
fn converse(script: &mut Script, asked: &[u8], answered: &[u8], client: &[usize], server: &[usize]) {
    let loads = asked.get(5..9) == Some(b"load");
    for chunk in chunks(asked, client) {
        script.client(&chunk);
    }
    if loads {
        for chunk in chunks(&packet(1, b"\xfbfile"), server) {
            script.server(&chunk);
        }
        for chunk in chunks(&ok(1, 0), server) {
            script.server(&chunk);
        }
    }
    for chunk in chunks(answered, server) {
        script.server(&chunk);
    }
}

proptest! {
    #[test]
    fn any_chunking_of_both_streams_tells_the_same_story(
        conversation in conversations(),
        client_sizes in proptest::collection::vec(1usize..40, 1..20),
        server_sizes in proptest::collection::vec(1usize..40, 1..20),
        refuses in any::<bool>(),
        limit in any::<(Option<u8>, Option<u8>)>(),
        keeps in any::<bool>(),
    ) {
        let (mut whole, mut cut) = (Script::with(FILES), Script::with(FILES));
        for script in [&mut whole, &mut cut] {
            script.refused = refuses.then_some("$1");
            script.limit = (limit.0.map(|rows| u64::from(rows % 4)), limit.1.map(u64::from));
            script.kills = true;
            script.session.keep_parameters(keeps.then(Budget::default));
        }
        for (asked, answered) in &conversation {
            let answered = if refuses && asked.ends_with(b"$1") { &[][..] } else { answered };
            converse(&mut whole, asked, answered, &[usize::MAX], &[usize::MAX]);
            converse(&mut cut, asked, answered, &client_sizes, &server_sizes);
        }
        prop_assert_eq!(&whole.story, &cut.story);
        prop_assert_eq!(&whole.sent_up, &cut.sent_up);
        prop_assert_eq!(&whole.sent_down, &cut.sent_down);
        prop_assert_eq!(&whole.own, &cut.own);
        // Every byte in is a byte out, dropped with a refusal, or held.
        let asked: usize = conversation.iter().map(|(asked, _)| asked.len()).sum();
        prop_assert_eq!(whole.sent_up.len() + whole.dropped + whole.held_client.len(), asked);
        prop_assert!(!whole.session.is_busy());
    }

    #[test]
    fn what_is_sent_ahead_tells_the_same_of_each_exchange(conversation in conversations()) {
        // What is done with cursors depends on what was answered before.
        let answered_alone = [
            code::QUERY, code::STMT_PREPARE, code::PING, code::INIT_DB, code::FIELD_LIST, code::STATISTICS,
            code::RESET_CONNECTION, 0x12,
        ];
        let alone: Vec<_> = conversation
            .into_iter()
            .filter(|(asked, _)| answered_alone.contains(&asked[4]) && asked.get(5..9) != Some(b"load"))
            .collect();
        let (mut waits, mut ahead) = (Script::new(), Script::new());
        for (asked, answered) in &alone {
            waits.client(asked).server(answered);
            ahead.client(asked);
        }
        for (_, answered) in &alone {
            ahead.server(answered);
        }
        let ends = |script: &Script| -> Vec<String> {
            let ended = |line: &&String| {
                ["completed", "returned", "failed", "refused"].contains(&line.split(' ').nth(1).unwrap_or(""))
            };
            script.story.iter().filter(ended).cloned().collect()
        };
        prop_assert_eq!(ends(&waits), ends(&ahead));
        prop_assert!(!ahead.session.is_busy());
    }

    #[test]
    fn every_exchange_ends_exactly_once(conversation in conversations(), refuses in any::<bool>()) {
        let mut script = Script::with(FILES);
        script.refused = refuses.then_some("$1");
        for (asked, answered) in &conversation {
            let answered = if refuses && asked.ends_with(b"$1") { &[][..] } else { answered };
            converse(&mut script, asked, answered, &[usize::MAX], &[usize::MAX]);
        }
        // What cursors have left undone ends with the session's reset.
        script.client(&message(code::RESET_CONNECTION, b"")).server(&ok(0, 0));
        let words = |line: &String| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let story: Vec<_> = script.story.iter().map(words).filter(|line| line.len() > 1).collect();
        let ends = |number: &str| {
            let ended = ["completed", "returned", "failed", "refused"];
            story.iter().filter(|line| line[0] == number && ended.contains(&line[1].as_str())).count()
        };
        let mut asked = 0;
        for line in &story {
            let (number, word) = if line[0] == "refuse" { (&line[1], &line[2]) } else { (&line[0], &line[1]) };
            let is_end = ["completed", "returned", "failed", "refused"].contains(&word.as_str());
            if number.parse::<u64>().is_err() || is_end {
                continue;
            }
            asked += 1;
            // The text of three statements has an end for each; it is the only one.
            let expected = if line.join(" ").ends_with("run select 1; update") { 3 } else { 1 };
            prop_assert_eq!(ends(number), expected, "{:?} of {:?}", line, story);
        }
        prop_assert_eq!(asked, script.session.exchanges);
    }

    #[test]
    fn arbitrary_bytes_from_either_peer_never_panic(
        client in proptest::collection::vec(any::<u8>(), 0..200),
        server in proptest::collection::vec(any::<u8>(), 0..200),
        capabilities in any::<u64>(),
    ) {
        let mut session: Session<()> = Session::new(agreed(capabilities), 64);
        session.keep_parameters(Some(Budget::default()));
        let mut at = 0;
        while let Ok(step) = session.client(&client[at..]) {
            at += match step {
                Step::More | Step::Wait => break,
                Step::Pass(len) | Step::Discard(len) => len,
                Step::Ask(ask) => {
                    let exchange = session.admit(&ask, Some(()), true).exchange;
                    session.limit(exchange, Some(0), Some(9));
                    session.relabel(exchange, cut::too_much());
                    ask.bytes
                }
                Step::Unguarded => {
                    session.renew(true, true, &mut Vec::new());
                    0
                }
            };
        }
        let mut at = 0;
        while let Ok(Heard { len, event: Some(_) }) = session.server(&server[at..]) {
            at += len;
        }
    }
}
