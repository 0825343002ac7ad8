//! The session machine by example, and the property that holds for every way of cutting a stream.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod bound;
mod cut;
mod guard;
mod look;

use super::*;
use exchange::RefusalClass;
use proptest::prelude::*;

/// Builds one message.
fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    bytes.extend(u32::try_from(body.len() + 4).unwrap().to_be_bytes());
    bytes.extend(body);
    bytes
}

fn query(text: &str) -> Vec<u8> {
    message(b'Q', format!("{text}\0").as_bytes())
}

fn parse(name: &str, text: &str) -> Vec<u8> {
    message(b'P', format!("{name}\0{text}\0\0\0").as_bytes())
}

fn bind(portal: &str, statement: &str) -> Vec<u8> {
    message(b'B', format!("{portal}\0{statement}\0\0\0\0\0\0\0").as_bytes())
}

fn execute(portal: &str) -> Vec<u8> {
    message(b'E', format!("{portal}\0\0\0\0\x05").as_bytes())
}

fn close(kind: char, name: &str) -> Vec<u8> {
    message(b'C', format!("{kind}{name}\0").as_bytes())
}

fn describe(kind: char, name: &str) -> Vec<u8> {
    message(b'D', format!("{kind}{name}\0").as_bytes())
}

fn sync() -> Vec<u8> {
    message(b'S', b"")
}

fn complete(tag: &str) -> Vec<u8> {
    message(b'C', format!("{tag}\0").as_bytes())
}

fn error(sqlstate: &str) -> Vec<u8> {
    message(b'E', format!("SERROR\0VERROR\0C{sqlstate}\0Mtext\0\0").as_bytes())
}

fn ready(state: u8) -> Vec<u8> {
    message(b'Z', &[state])
}

fn row() -> Vec<u8> {
    message(b'D', &[0, 1, 0, 0, 0, 1, b'x'])
}

/// A session whose login is over.
fn logged_in<T: Clone>(statement_bytes_max: usize) -> Session<T> {
    let mut session = Session::new(statement_bytes_max);
    assert!(matches!(session.server(&ready(b'I')).unwrap().event, Some(Event::Ready { .. })));
    session
}

/// A session with every request admitted, that writes down what it sees in words.
struct Script {
    session: Session<String>,
    held_client: Vec<u8>,
    held_server: Vec<u8>,
    /// Texts that are refused.
    refused: Option<&'static str>,
    /// How many rows and bytes each request may be answered with.
    limit: (Option<u64>, Option<u64>),
    story: Vec<String>,
    sent_up: Vec<u8>,
    sent_down: Vec<u8>,
    /// Bytes of Syncs the server would have ignored.
    dropped: usize,
}

impl Script {
    fn new() -> Script {
        Script {
            session: logged_in(1 << 20),
            held_client: Vec::new(),
            held_server: Vec::new(),
            refused: None,
            limit: (None, None),
            story: Vec::new(),
            sent_up: Vec::new(),
            sent_down: Vec::new(),
            dropped: 0,
        }
    }

    fn client(&mut self, bytes: &[u8]) -> &mut Script {
        self.held_client.extend(bytes);
        loop {
            let input = std::mem::take(&mut self.held_client);
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
                Step::Unguarded => panic!("another protocol's"),
            };
            self.held_client = input[taken..].to_vec();
            if taken == 0 {
                break;
            }
        }
        self.listen();
        self
    }

    fn decide(&mut self, ask: &Ask<'_, String>, input: &[u8]) -> usize {
        let (words, text) = match &ask.request {
            Request::Run { text } => ("run", String::from_utf8_lossy(text).into_owned()),
            Request::Prepare { text, .. } => ("prepare", String::from_utf8_lossy(text).into_owned()),
            Request::Execute { statement, resumes: None, .. } => {
                ("execute", statement.clone().unwrap_or("?".into()))
            }
            Request::Execute { resumes: Some(of), .. } => ("resume", of.to_string()),
            Request::Function { oid } => ("function", oid.to_string()),
            Request::Command { command, .. } => ("command", command.as_str().to_owned()),
            Request::Unsupported { what } => ("unsupported", (*what).to_owned()),
            Request::Oversize { .. } => ("oversize", String::new()),
        };
        if self.refused.is_some_and(|refused| text.contains(refused)) {
            let mut poison = Vec::new();
            let admitted =
                self.session.refuse(ask, Refusal::new(RefusalClass::NotPermitted, "no"), &mut poison);
            self.sent_up.extend(poison);
            self.story.push(format!("refuse {} {words} {text}", admitted.exchange));
        } else {
            let admitted = self.session.admit(ask, Some(text.clone()), text.starts_with("copy"));
            if !matches!(ask.request, Request::Execute { resumes: Some(_), .. }) {
                self.session.limit(admitted.exchange, self.limit.0, self.limit.1);
            }
            self.sent_up.extend(&input[..ask.bytes]);
            self.story.push(format!("{} {words} {text}", admitted.exchange));
        }
        ask.bytes
    }

    fn server(&mut self, bytes: &[u8]) -> &mut Script {
        self.held_server.extend(bytes);
        self.listen();
        self
    }

    fn listen(&mut self) {
        loop {
            let heard = self.session.server(&self.held_server).unwrap();
            self.sent_down.extend(self.held_server.drain(..heard.len));
            let Some(event) = heard.event else { return };
            let words = match event {
                Event::Completed { exchange, rows, .. } => format!("{exchange} completed {rows}"),
                Event::Failed { exchange, sqlstate, fatal, .. } => {
                    let code = String::from_utf8_lossy(&sqlstate.unwrap_or(*b"-----")).into_owned();
                    let of = exchange.map_or("-".into(), |exchange| exchange.to_string());
                    format!("{of} failed {code}{}", if fatal { " fatal" } else { "" })
                }
                Event::Returned { exchange, rows, .. } => format!("{exchange} returned {rows}"),
                Event::Skipped { exchange } => format!("{exchange} skipped"),
                Event::Refused { exchange, replaces, bytes } => {
                    self.held_server.drain(..replaces);
                    self.sent_down.extend(bytes);
                    format!("{exchange} refused")
                }
                Event::Ready { transaction, .. } => format!("ready {}", transaction.as_str()),
                Event::Parameter(parameter) => format!("{parameter:?}"),
                Event::Key { id, key } => format!("key {id} {}", key.len()),
                Event::Exceeded { exchange, what } => {
                    let refusal = Refusal::new(RefusalClass::LimitReached, "too much");
                    self.session.relabel(exchange, refusal);
                    format!("{exchange} exceeds {what:?}")
                }
                Event::Cut { exchange, replaces, bytes, sqlstate, rows, bytes_out, .. } => {
                    self.held_server.drain(..replaces);
                    self.sent_down.extend(bytes);
                    let code = String::from_utf8_lossy(&sqlstate).into_owned();
                    format!("{exchange} cut {code} after {rows} rows, {bytes_out} bytes")
                }
                Event::Dropped { len } => {
                    self.held_server.drain(..len);
                    continue;
                }
                Event::Guarded { ok, drop } => {
                    self.held_server.drain(..drop);
                    format!("guarded {ok}")
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
    script.client(&query("select 1; select 2"));
    script.server(&[row(), complete("SELECT 1"), row(), row(), complete("SELECT 2"), ready(b'I')].concat());
    script.check(&["1 run select 1; select 2", "1 completed 1", "1 completed 2", "ready idle"]);
}

#[test]
fn an_error_in_a_query_ends_it() {
    let mut script = Script::new();
    script.client(&query("select 1; boom; select 2"));
    script.server(&[complete("SELECT 1"), error("42703"), ready(b'E')].concat());
    script.check(&["1 run select 1; boom; select 2", "1 completed 1", "1 failed 42703", "ready failed"]);
}

#[test]
fn an_execution_knows_what_was_prepared() {
    let mut script = Script::new();
    script.client(&[parse("s", "select $1"), bind("", "s"), describe('P', ""), execute(""), sync()].concat());
    script.server(
        &[
            message(b'1', b""),
            message(b'2', b""),
            message(b'T', &[0, 0]),
            row(),
            complete("SELECT 1"),
            ready(b'I'),
        ]
        .concat(),
    );
    script.client(&[bind("", "s"), execute(""), sync()].concat());
    script.server(&[message(b'2', b""), complete("SELECT 0"), ready(b'I')].concat());
    script.check(&[
        "1 prepare select $1",
        "2 execute select $1",
        "1 completed 0",
        "2 completed 1",
        "ready idle",
        "3 execute select $1",
        "3 completed 0",
        "ready idle",
    ]);
}

#[test]
fn a_batch_that_fails_undoes_no_name_of_a_later_batch() {
    let mut script = Script::new();
    let boom = [parse("", "boom"), bind("", ""), execute(""), sync()].concat();
    script.client(&[boom.clone(), parse("", "select 2")].concat());
    script.server(&[error("42601"), ready(b'I')].concat());
    script.client(&[bind("", ""), execute(""), sync()].concat());
    assert!(script.story.iter().any(|line| line.ends_with("execute select 2")), "{:?}", script.story);
    // The same when the later batch has bound already, and when it fails itself: then nothing is left.
    let mut script = Script::new();
    script.client(&[boom.clone(), parse("", "select 2"), bind("", "")].concat());
    script.server(&[error("42601"), ready(b'I')].concat());
    script.client(&execute(""));
    assert!(script.story.iter().any(|line| line.ends_with("execute select 2")), "{:?}", script.story);
    let mut script = Script::new();
    script.client(&[boom.clone(), boom].concat());
    script.server(&[error("42601"), ready(b'I'), error("42601"), ready(b'I')].concat());
    script.client(&[bind("", ""), execute("")].concat());
    assert!(script.story.iter().all(|line| !line.starts_with("5 execute boom")), "{:?}", script.story);
}

#[test]
fn an_error_skips_to_the_next_sync_and_no_further() {
    let mut script = Script::new();
    let batch = |text| [parse("", text), bind("", ""), execute(""), sync()].concat();
    script.client(&[batch("boom"), batch("select 2")].concat());
    script.server(&[error("42601"), ready(b'I')].concat());
    script.server(&[message(b'1', b""), message(b'2', b""), complete("SELECT 1"), ready(b'I')].concat());
    script.check(&[
        "1 prepare boom",
        "2 execute boom",
        "3 prepare select 2",
        "4 execute select 2",
        "1 failed 42601",
        "2 skipped",
        "ready idle",
        "3 completed 0",
        "4 completed 1",
        "ready idle",
    ]);
}

#[test]
fn names_are_as_before_when_the_batch_that_changed_them_was_skipped() {
    let mut script = Script::new();
    script.client(&[parse("s", "old"), sync()].concat()).server(&[message(b'1', b""), ready(b'I')].concat());
    script.client(&[execute("nowhere"), close('S', "s"), parse("s", "new"), sync()].concat());
    script.server(&[error("34000"), ready(b'I')].concat());
    script.client(&[bind("", "s"), execute(""), sync()].concat());
    assert_eq!(script.story.last().unwrap(), "4 execute old");
}

#[test]
fn a_failing_bind_is_the_failure_of_the_execution_it_was_for() {
    let mut script = Script::new();
    script.client(&[parse("", "select $1::int"), bind("", ""), execute(""), sync()].concat());
    script.server(&[message(b'1', b""), error("22P02"), ready(b'I')].concat());
    script.check(&[
        "1 prepare select $1::int",
        "2 execute select $1::int",
        "1 completed 0",
        "2 failed 22P02",
        "ready idle",
    ]);
}

#[test]
fn what_the_client_sends_after_an_error_and_before_its_sync_is_skipped() {
    let mut script = Script::new();
    script.client(&[parse("", "boom"), message(b'H', b"")].concat()).server(&error("42601"));
    script.client(&[bind("", ""), execute(""), query("select 1")].concat());
    script.client(&sync()).server(&ready(b'I'));
    script.check(&[
        "1 prepare boom",
        "1 failed 42601",
        "2 execute ?",
        "3 run select 1",
        "2 skipped",
        "3 skipped",
        "ready idle",
    ]);
}

#[test]
fn a_portal_fetched_in_parts_is_one_execution() {
    let mut script = Script::new();
    let limited = message(b'E', b"c\0\0\0\0\x02");
    script.client(&[parse("", "select big"), bind("c", ""), limited.clone(), sync()].concat());
    script.server(
        &[message(b'1', b""), message(b'2', b""), row(), row(), message(b's', b""), ready(b'T')].concat(),
    );
    script.client(&[limited.clone(), sync()].concat());
    script.server(&[row(), row(), message(b's', b""), ready(b'T')].concat());
    script.client(&[limited, sync()].concat()).server(&[row(), complete("SELECT 1"), ready(b'T')].concat());
    script.check(&[
        "1 prepare select big",
        "2 execute select big",
        "1 completed 0",
        "ready open",
        "2 resume 2",
        "ready open",
        "2 resume 2",
        "2 completed 5",
        "ready open",
    ]);
}

#[test]
fn a_portal_left_in_the_middle_completes_when_its_transaction_ends() {
    for ending in [close('P', "c"), query("commit")] {
        let mut script = Script::new();
        script.client(&[parse("", "select big"), bind("c", ""), execute("c"), sync()].concat());
        script.server(
            &[message(b'1', b""), message(b'2', b""), row(), message(b's', b""), ready(b'T')].concat(),
        );
        let closes = ending[0] == b'C';
        script.client(&ending);
        if closes {
            script.client(&sync()).server(&[message(b'3', b""), ready(b'T')].concat());
        } else {
            script.server(&[complete("COMMIT"), ready(b'I')].concat());
        }
        assert!(script.story.contains(&"2 completed 1".to_owned()), "{:?}", script.story);
    }
}

#[test]
fn a_sync_during_copy_in_is_ignored_by_the_server_and_not_waited_for() {
    let mut script = Script::new();
    script.client(&[parse("", "copy t from stdin"), bind("", ""), execute(""), sync()].concat());
    script.server(&[message(b'1', b""), message(b'2', b""), message(b'G', &[0, 0, 0])].concat());
    script.client(&[message(b'd', b"1\n"), message(b'd', b"2\n"), message(b'c', b""), sync()].concat());
    script.server(&[complete("COPY 2"), ready(b'I')].concat());
    script.check(&[
        "1 prepare copy t from stdin",
        "2 execute copy t from stdin",
        "1 completed 0",
        "2 completed 2",
        "ready idle",
    ]);
}

#[test]
fn copy_data_counts_for_the_statement_that_takes_it() {
    let mut session: Session<()> = logged_in(1 << 20);
    let bytes = query("copy t from stdin");
    let Step::Ask(ask) = session.client(&bytes).unwrap() else { panic!("no request") };
    session.admit(&ask, None, true);
    session.server(&message(b'G', &[0, 0, 0])).unwrap();
    let data = [message(b'd', &[b'x'; 100]), message(b'c', b"")].concat();
    assert!(matches!(session.client(&data), Ok(Step::Pass(len)) if len == data.len()));
    let heard = session.server(&complete("COPY 1")).unwrap();
    assert!(
        matches!(heard.event, Some(Event::Completed { exchange: 1, rows: 1, copied_in: 105, .. })),
        "{heard:?}"
    );
}

#[test]
fn late_copy_data_after_an_error_changes_nothing() {
    let mut script = Script::new();
    script.client(&query("copy t from stdin")).server(&message(b'G', &[0, 0, 0]));
    script.client(&message(b'd', b"bad\n")).server(&[error("22P02"), ready(b'I')].concat());
    script.client(&[message(b'd', b"late\n"), message(b'c', b"")].concat());
    script.client(&query("select 1")).server(&[complete("SELECT 1"), ready(b'I')].concat());
    script.check(&[
        "1 run copy t from stdin",
        "1 failed 22P02",
        "ready idle",
        "2 run select 1",
        "2 completed 1",
        "ready idle",
    ]);
}

#[test]
fn a_function_call_has_its_own_ready() {
    let mut script = Script::new();
    script.client(&message(b'F', &[0, 0, 3, 0xe8, 0, 0, 0, 0, 0, 0]));
    script.server(&[message(b'V', &[0, 0, 0, 1, b'x']), ready(b'I')].concat());
    script.check(&["1 function 1000", "1 completed 1", "ready idle"]);
}

#[test]
fn unasked_messages_belong_to_no_exchange() {
    let mut script = Script::new();
    script.server(&[message(b'A', b"\0\0\0\x01ch\0\0"), message(b'N', b"SNOTICE\0\0")].concat());
    script.server(&message(b'E', b"SFATAL\0VFATAL\0C57P01\0Mbye\0\0"));
    script.check(&["- failed 57P01 fatal"]);
    assert_eq!(script.held_server, b"");
}

#[test]
fn settings_that_change_what_a_statement_means_are_told() {
    let mut script = Script::new();
    let mut report = |name: &str, value: &str| {
        script.server(&message(b'S', format!("{name}\0{value}\0").as_bytes()));
    };
    report("search_path", "\"$user\", public");
    report("default_transaction_read_only", "on");
    report("default_transaction_read_only", "off");
    report("session_authorization", "ann");
    report("server_version", "18.4 (Debian 18.4-1)");
    report("standard_conforming_strings", "off");
    report("TimeZone", "UTC");
    let text = |bytes: &[u8]| bytes.into();
    let expected = [
        Parameter::SearchPath(text(b"\"$user\", public")),
        Parameter::DefaultTransactionReadOnly(true),
        Parameter::DefaultTransactionReadOnly(false),
        Parameter::SessionAuthorization(text(b"ann")),
        Parameter::ServerVersion(text(b"18.4 (Debian 18.4-1)")),
        Parameter::StandardConformingStrings(false),
    ];
    assert_eq!(script.story, expected.map(|parameter| format!("{parameter:?}")));
}

#[test]
fn a_refused_query_fails_with_the_servers_own_order_of_replies() {
    let mut script = Script::new();
    script.refused = Some("drop");
    script.client(&query("drop table t"));
    script.server(&[error("42601"), ready(b'E')].concat());
    script.check(&["refuse 1 run drop table t", "1 refused", "ready failed"]);
    assert!(!script.sent_up.windows(4).any(|window| window == b"drop"));
    let answer = String::from_utf8_lossy(&script.sent_down).into_owned();
    assert!(answer.contains("C42501\0Mno\0") && !answer.contains("42601"), "{answer:?}");
}

#[test]
fn a_refused_parse_skips_its_batch() {
    let mut script = Script::new();
    script.refused = Some("drop");
    script.client(&[parse("", "drop table t"), bind("", ""), execute(""), sync()].concat());
    script.server(&[error("42601"), ready(b'I')].concat());
    script.check(&["refuse 1 prepare drop table t", "2 execute ?", "1 refused", "2 skipped", "ready idle"]);
}

#[test]
fn a_refused_execution_leaves_the_statement_prepared() {
    let mut script = Script::new();
    script
        .client(&[parse("", "select drop"), sync()].concat())
        .server(&[message(b'1', b""), ready(b'I')].concat());
    script.refused = Some("drop");
    script.client(&[bind("", ""), execute(""), sync()].concat());
    script.server(&[message(b'2', b""), error("42601"), ready(b'I')].concat());
    assert_eq!(script.session.statement(b"").map(String::as_str), Some("select drop"));
    assert_eq!(script.story.last().unwrap(), "ready idle");
}

#[test]
fn the_servers_own_fatal_is_not_taken_for_the_answer_to_poison() {
    let mut script = Script::new();
    script.refused = Some("drop");
    script.client(&query("drop table t"));
    script.server(&message(b'E', b"SFATAL\0VFATAL\0C57P01\0Mbye\0\0"));
    assert_eq!(script.story.last().unwrap(), "1 failed 57P01 fatal");
    assert!(String::from_utf8_lossy(&script.sent_down).contains("57P01"));
}

/// It has a grammar of its own and no database to run SQL in.
#[test]
fn a_session_of_physical_replication_rejects_poison_as_not_supported() {
    let mut script = Script::new();
    script.refused = Some("IDENTIFY");
    script.client(&query("IDENTIFY_SYSTEM"));
    script.server(&[error("0A000"), ready(b'I')].concat());
    script.check(&["refuse 1 run IDENTIFY_SYSTEM", "1 refused", "ready idle"]);
    assert!(!String::from_utf8_lossy(&script.sent_down).contains("0A000"));
}

#[test]
fn a_statement_over_the_bound_is_asked_for_by_its_header_and_streamed() {
    for refuse in [false, true] {
        let mut session: Session<()> = logged_in(64);
        let bytes = query(&"x".repeat(1000));
        let Step::Ask(ask) = session.client(&bytes[..20]).unwrap() else { panic!("no request") };
        assert!(matches!(ask.request, Request::Oversize { kind: Kind::Run, .. }));
        assert_eq!((ask.bytes, ask.bytes + ask.rest), (5, bytes.len()));
        let mut poison = Vec::new();
        if refuse {
            session.refuse(&ask, Refusal::new(RefusalClass::TooLarge, "no"), &mut poison);
            assert!(matches!(session.client(&bytes[5..]), Ok(Step::Discard(len)) if len == bytes.len() - 5));
        } else {
            session.admit(&ask, None, true);
            assert!(matches!(session.client(&bytes[5..]), Ok(Step::Pass(len)) if len == bytes.len() - 5));
        }
    }
}

#[test]
fn a_name_without_its_end_is_not_looked_for_in_the_next_message() {
    for behind in [&b""[..], b"S\0\0\0\x04", b"\0\0\0\0"] {
        let mut session: Session<()> = logged_in(64);
        let bytes = [message(b'P', &[b'x'; 100]), behind.to_vec()].concat();
        assert_eq!(session.client(&bytes).unwrap_err(), Violation::Malformed(b'P'));
    }
}

#[test]
fn an_endless_name_is_given_up_long_before_it_is_as_large_as_a_statement() {
    let mut session: Session<()> = logged_in(1 << 20);
    let bytes = message(b'P', &vec![b'x'; 2 << 20]);
    assert!(matches!(session.client(&bytes[..8_000]), Ok(Step::More)));
    assert_eq!(session.client(&bytes[..10_000]).unwrap_err(), Violation::Malformed(b'P'));
}

#[test]
fn what_is_sent_with_the_login_is_not_taken_for_answered_by_the_logins_end() {
    let mut session: Session<()> = Session::new(1 << 20);
    let bytes = query("select 1");
    let Step::Ask(ask) = session.client(&bytes).unwrap() else { panic!("no request") };
    session.admit(&ask, None, true);
    let heard = session.server(&ready(b'I')).unwrap();
    assert_eq!(heard.event, Some(Event::Ready { exchange: None, transaction: TransactionState::Idle }));
    assert!(session.is_busy());
}

#[test]
fn a_portal_bound_anew_does_not_go_on_with_what_the_old_one_left() {
    let mut script = Script::new();
    let limited = message(b'E', b"\0\0\0\0\x01");
    script.client(&[parse("s1", "select many"), parse("s2", "delete all"), sync()].concat());
    script.server(&[message(b'1', b""), message(b'1', b""), ready(b'T')].concat());
    script.client(&[bind("", "s1"), limited, bind("", "s2"), message(b'H', b"")].concat());
    script.server(&[message(b'2', b""), row(), message(b's', b""), message(b'2', b"")].concat());
    script.client(&[execute(""), sync()].concat()).server(&[complete("DELETE 9"), ready(b'T')].concat());
    script.check(&[
        "1 prepare select many",
        "2 prepare delete all",
        "1 completed 0",
        "2 completed 0",
        "ready open",
        "3 execute select many",
        "3 completed 1",
        "4 execute delete all",
        "4 completed 9",
        "ready open",
    ]);
}

#[test]
fn a_fetch_that_is_skipped_does_not_hide_the_rows_delivered_before() {
    let mut script = Script::new();
    let limited = message(b'E', b"p\0\0\0\0\x01");
    script.client(&[parse("", "select many"), bind("p", ""), limited.clone(), sync()].concat());
    script.server(&[message(b'1', b""), message(b'2', b""), row(), message(b's', b""), ready(b'T')].concat());
    script.client(&[limited, parse("", "boom"), sync()].concat());
    script.server(&[error("22012"), ready(b'E')].concat());
    assert!(script.story.contains(&"2 failed 22012".to_owned()), "{:?}", script.story);
    let mut script = Script::new();
    let limited = message(b'E', b"p\0\0\0\0\x01");
    script.client(&[parse("", "select many"), bind("p", ""), limited.clone(), sync()].concat());
    script.server(&[message(b'1', b""), message(b'2', b""), row(), message(b's', b""), ready(b'T')].concat());
    script.client(&[describe('S', "nowhere"), limited, sync()].concat());
    script.server(&[error("26000"), ready(b'E')].concat());
    assert!(!script.story.contains(&"2 skipped".to_owned()), "{:?}", script.story);
}

#[test]
fn a_query_ends_the_unnamed_portal_and_what_it_left_undone() {
    let mut script = Script::new();
    let limited = message(b'E', b"\0\0\0\0\x01");
    script.client(&[parse("", "select many"), bind("", ""), limited, sync()].concat());
    script.server(&[message(b'1', b""), message(b'2', b""), row(), message(b's', b""), ready(b'T')].concat());
    script.client(&query("select 1")).server(&[complete("SELECT 1"), ready(b'T')].concat());
    assert_eq!(script.story.last().unwrap(), "2 completed 1");
}

#[test]
fn a_request_during_copy_is_swallowed_by_the_failing_copy() {
    let mut script = Script::new();
    script.client(&query("copy t from stdin")).server(&message(b'G', &[0, 0, 0]));
    script.client(&[query("select 1"), query("select 2")].concat());
    let intruded = message(b'E', b"SERROR\0VERROR\0C08P01\0Munexpected\0RCopyGetData\0\0");
    script.server(&[intruded, ready(b'I'), complete("SELECT 1"), ready(b'I')].concat());
    script.check(&[
        "1 run copy t from stdin",
        "2 run select 1",
        "3 run select 2",
        "1 failed 08P01",
        "2 skipped",
        "ready idle",
        "3 completed 1",
        "ready idle",
    ]);
}

#[test]
fn what_an_unanswered_batch_does_to_a_name_is_waited_for() {
    let prepared = |name: &str| {
        let mut script = Script::new();
        script
            .client(&[parse(name, "insert"), sync()].concat())
            .server(&[message(b'1', b""), ready(b'T')].concat());
        script
    };
    let use_it = |name: &str| [bind("", name), execute(""), sync()].concat();
    // A batch that fails changes nothing: what follows runs what the name meant before.
    for (name, change) in [
        ("s", [execute("nowhere"), close('S', "s"), parse("s", "select"), sync()].concat()),
        ("", [execute("nowhere"), parse("", "select"), sync()].concat()),
    ] {
        let mut script = prepared(name);
        script.client(&[change, use_it(name)].concat());
        script.server(&[error("34000"), ready(b'E')].concat()).client(b"");
        assert_eq!(script.story.last().unwrap(), "4 execute insert", "{:?}", script.story);
    }
    // A Parse of a name in use fails, and leaves it.
    let mut script = prepared("s");
    script.client(&[parse("s", "select"), sync(), use_it("s")].concat());
    script.server(&[error("42P05"), ready(b'E')].concat()).client(b"");
    assert_eq!(script.story.last().unwrap(), "3 execute insert");
    // Within one batch nothing is waited for: if the Parse fails, the Execute does not run.
    let mut script = prepared("s");
    script.client(&[parse("", "select"), use_it("")].concat());
    assert_eq!(script.story.last().unwrap(), "3 execute select");
}

#[test]
fn a_refused_preparation_leaves_a_name_that_is_in_use() {
    let mut script = Script::new();
    script
        .client(&[parse("s", "select 1"), sync()].concat())
        .server(&[message(b'1', b""), ready(b'I')].concat());
    script.refused = Some("drop");
    script.client(&[parse("s", "drop"), sync()].concat());
    assert!(!script.session.is_doomed(), "a Sync ends what a refusal dooms");
    script.server(&[error("42601"), ready(b'I')].concat());
    assert_eq!(script.session.statement(b"s").map(String::as_str), Some("select 1"));
}

#[test]
fn a_sync_during_copy_waits_until_it_has_one_meaning() {
    let begun = || {
        let mut script = Script::new();
        script.client(&query("copy t from stdin")).server(&message(b'G', &[0, 0, 0]));
        script.client(&[message(b'd', b"bad\n"), sync()].concat());
        assert!(script.sent_up.ends_with(b"bad\n"), "the Sync is held");
        script
    };
    // The COPY has failed: the server will answer the Sync.
    let mut script = begun();
    script.server(&[error("22P02"), ready(b'I')].concat()).client(b"");
    assert!(script.sent_up.ends_with(&sync()));
    script.server(&ready(b'I'));
    script.check(&["1 run copy t from stdin", "1 failed 22P02", "ready idle", "ready idle"]);
    // The COPY goes on: the server would ignore the Sync, so it is dropped.
    let mut script = begun();
    script.client(&message(b'c', b"")).server(&[complete("COPY 1"), ready(b'I')].concat());
    assert!(script.sent_up.ends_with(&message(b'c', b"")));
    script.check(&["1 run copy t from stdin", "1 completed 1", "ready idle"]);
}

#[test]
fn a_copy_that_fails_as_it_begins_leaves_its_sync_to_be_answered() {
    let mut script = Script::new();
    script.client(&[parse("", "copy v from stdin"), bind("", ""), execute(""), sync()].concat());
    script.server(&[message(b'1', b""), message(b'2', b""), message(b'G', &[0, 0, 0])].concat());
    script.server(&error("42809")).client(b"").server(&ready(b'I'));
    script.check(&[
        "1 prepare copy v from stdin",
        "2 execute copy v from stdin",
        "1 completed 0",
        "2 failed 42809",
        "ready idle",
    ]);
}

#[test]
fn two_copies_in_one_query_are_told_apart() {
    let mut script = Script::new();
    script.client(&query("copy t from stdin; copy t from stdin"));
    let begins = message(b'G', &[0, 0, 0]);
    script.server(&begins).client(&message(b'c', b""));
    script.server(&[complete("COPY 0"), begins].concat());
    script.client(&[sync(), message(b'c', b"")].concat());
    script.server(&[complete("COPY 0"), ready(b'I')].concat());
    script.client(&query("select 5")).server(&[complete("SELECT 1"), ready(b'I')].concat());
    script.check(&[
        "1 run copy t from stdin; copy t from stdin",
        "1 completed 0",
        "1 completed 0",
        "ready idle",
        "2 run select 5",
        "2 completed 1",
        "ready idle",
    ]);
}

#[test]
fn what_a_batch_left_unanswered_did_to_names_is_undone() {
    let mut script = Script::new();
    script
        .client(&[parse("s", "delete"), sync()].concat())
        .server(&[message(b'1', b""), ready(b'I')].concat());
    script.client(&[close('S', "s"), parse("s", "select"), sync()].concat()).server(&ready(b'I'));
    assert_eq!(script.session.statement(b"s").map(String::as_str), Some("delete"));
    let mut session: Session<()> = logged_in(64);
    assert_eq!(session.client(&message(b'H', b"x")).unwrap_err(), Violation::Malformed(b'H'));
}

#[test]
fn a_batch_without_its_sync_leaves_settings_in_doubt() {
    let mut script = Script::new();
    assert_eq!(script.session.is_batch_closed(), None);
    script.client(&[parse("", "set x"), bind("", ""), execute(""), message(b'H', b"")].concat());
    script.server(&[message(b'1', b""), message(b'2', b""), complete("SET")].concat());
    assert_eq!(script.session.is_batch_closed(), Some(false), "all answered, not all reported");
    script.client(&sync());
    assert_eq!(script.session.is_batch_closed(), Some(true));
    script.server(&ready(b'I'));
    assert_eq!(script.session.is_batch_closed(), None);
}

#[test]
fn portals_outlive_a_failure_that_a_savepoint_undoes() {
    let mut script = Script::new();
    let limited = message(b'E', b"p\0\0\0\0\x01");
    script.client(&[parse("", "select many"), bind("p", ""), limited.clone(), sync()].concat());
    script.server(&[message(b'1', b""), message(b'2', b""), row(), message(b's', b""), ready(b'T')].concat());
    script.client(&query("boom")).server(&[error("42601"), ready(b'E')].concat());
    script.client(&query("rollback to a")).server(&[complete("ROLLBACK"), ready(b'T')].concat());
    script.client(&[limited, sync()].concat()).server(&[row(), complete("SELECT 1"), ready(b'T')].concat());
    assert!(script.story.ends_with(&[
        "2 resume 2".to_owned(),
        "2 completed 2".to_owned(),
        "ready open".to_owned()
    ]));
}

#[test]
fn copy_leaves_nothing_outstanding() {
    let mut script = Script::new();
    script.client(&query("copy t from stdin")).server(&message(b'G', &[0, 0, 0]));
    script.client(&[message(b'd', b"1\n"), message(b'c', b"")].concat());
    script.server(&[complete("COPY 1"), ready(b'I')].concat());
    script.check(&["1 run copy t from stdin", "1 completed 1", "ready idle"]);
}

#[test]
fn answers_to_nothing_end_the_session() {
    for bytes in [ready(b'I'), complete("SELECT 1")] {
        let mut session: Session<()> = logged_in(64);
        assert_eq!(session.server(&bytes).unwrap_err(), Violation::Server(bytes[0]));
    }
}

#[test]
fn a_name_in_doubt_means_nothing() {
    let mut script = Script::new();
    script
        .client(&[parse("s", "select 1"), sync()].concat())
        .server(&[message(b'1', b""), ready(b'I')].concat());
    script.session.set_naming(true);
    script.client(&[bind("", "s"), execute(""), sync()].concat());
    assert_eq!(script.story.last().unwrap(), "2 execute ?");
}

#[test]
fn violations_come_up_after_what_was_sent_before_them() {
    let mut session: Session<()> = logged_in(64);
    let bytes = [sync(), vec![b'?', 0, 0, 0, 4]].concat();
    assert!(matches!(session.client(&bytes), Ok(Step::Pass(5))));
    assert_eq!(session.client(&bytes[5..]).unwrap_err(), Violation::UnknownMessage(b'?'));
}

/// Requests that are cancelled, or may be answered with more than a bound allows.
fn cancelled() -> impl Strategy<Value = Vec<(Vec<u8>, Vec<u8>)>> {
    let turn = |asked: Vec<Vec<u8>>, answered: Vec<Vec<u8>>| vec![(asked.concat(), answered.concat())];
    prop_oneof![
        Just(turn(vec![query("slow")], vec![row(), row(), error("57014"), ready(b'I')])),
        Just(turn(
            vec![query("copy t to stdout")],
            vec![
                message(b'H', &[0, 0, 0]),
                message(b'd', b"1\n"),
                message(b'd', b"2\n"),
                complete("COPY 2"),
                ready(b'I')
            ]
        )),
        Just(turn(
            vec![parse("", "slow"), bind("", ""), execute(""), execute(""), sync()],
            vec![
                message(b'1', b""),
                message(b'2', b""),
                row(),
                message(b's', b""),
                message(b'N', &[b'x'; 70]),
                row(),
                error("57014"),
                ready(b'I')
            ]
        )),
    ]
}

/// A conversation: what the client sends and what a server answers, in turns.
fn conversations() -> impl Strategy<Value = Vec<(Vec<u8>, Vec<u8>)>> {
    let turn = |asked: Vec<Vec<u8>>, answered: Vec<Vec<u8>>| vec![(asked.concat(), answered.concat())];
    let copy = [
        turn(
            vec![parse("", "copy t from stdin"), bind("", ""), execute(""), sync()],
            vec![message(b'1', b""), message(b'2', b""), message(b'G', &[0, 0, 0])],
        ),
        turn(
            vec![message(b'd', &[7; 300]), message(b'f', b"no\0"), sync()],
            vec![error("57014"), ready(b'I')],
        ),
    ];
    let paged = vec![
        message(b'1', b""),
        message(b't', &[0, 0]),
        message(b'T', &[0, 0]),
        message(b'2', b""),
        row(),
        message(b's', b""),
        message(b'3', b""),
        ready(b'I'),
    ];
    let one = prop_oneof![
        Just(turn(
            vec![query("select 1; select 2")],
            vec![row(), complete("SELECT 1"), row(), complete("SELECT 1"), ready(b'I')]
        )),
        Just(turn(vec![query("boom")], vec![error("42601"), ready(b'I')])),
        cancelled(),
        Just(turn(vec![query("")], vec![message(b'I', b""), ready(b'I')])),
        Just(turn(
            vec![
                parse("s", "select $1"),
                describe('S', "s"),
                bind("p", "s"),
                execute("p"),
                close('P', "p"),
                sync()
            ],
            paged
        )),
        Just(turn(
            vec![parse("", "boom"), bind("", ""), execute(""), sync()],
            vec![error("42601"), ready(b'I')]
        )),
        Just(copy.concat()),
        Just(turn(
            vec![message(b'F', &[0, 0, 0, 1, 0, 0, 0, 0, 0, 0])],
            vec![message(b'V', &[0xff; 4]), ready(b'I')]
        )),
        Just(turn(vec![], vec![message(b'N', b"SNOTICE\0\0"), message(b'S', b"application_name\0x\0")])),
    ];
    proptest::collection::vec(one, 1..8).prop_map(|turns| turns.concat())
}

/// What a conversation's requests are bounded by.
fn limits() -> impl Strategy<Value = (Option<u64>, Option<u64>)> {
    (proptest::option::of(0u64..3), proptest::option::of(0u64..60))
}

fn chunks(bytes: &[u8], sizes: &[usize]) -> Vec<Vec<u8>> {
    let mut rest = bytes;
    let mut out = Vec::new();
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, after) = rest.split_at((*size).min(rest.len()));
        out.push(chunk.to_vec());
        rest = after;
    }
    out
}

proptest! {
    #[test]
    fn any_chunking_of_both_streams_tells_the_same_story(
        conversation in conversations(),
        client_sizes in proptest::collection::vec(1usize..40, 1..20),
        server_sizes in proptest::collection::vec(1usize..40, 1..20),
        limit in limits(),
    ) {
        let mut whole = Script::new();
        let mut cut = Script::new();
        (whole.limit, cut.limit) = (limit, limit);
        for (asked, answered) in &conversation {
            whole.client(asked).server(answered);
            for chunk in chunks(asked, &client_sizes) {
                cut.client(&chunk);
            }
            for chunk in chunks(answered, &server_sizes) {
                cut.server(&chunk);
            }
        }
        prop_assert_eq!(&whole.story, &cut.story);
        prop_assert_eq!(&whole.sent_up, &cut.sent_up);
        prop_assert_eq!(&whole.sent_down, &cut.sent_down);
        // Every byte in is a byte out or held: nothing is lost, nothing invented.
        let asked: Vec<u8> = conversation.iter().flat_map(|(asked, _)| asked.clone()).collect();
        let answered: Vec<u8> = conversation.iter().flat_map(|(_, answered)| answered.clone()).collect();
        let up = [whole.sent_up.clone(), whole.held_client.clone()].concat();
        prop_assert_eq!(up.len() + whole.dropped, asked.len());
        prop_assert_eq!(whole.dropped % sync().len(), 0);
        if whole.dropped == 0 {
            prop_assert_eq!(up, asked);
        }
        if !whole.story.iter().any(|line| line.contains(" cut ")) {
            prop_assert_eq!([whole.sent_down.clone(), whole.held_server.clone()].concat(), answered);
        }
    }

    #[test]
    fn arbitrary_bytes_from_either_peer_never_panic(
        client in proptest::collection::vec(any::<u8>(), 0..200),
        server in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut session: Session<()> = logged_in(64);
        let mut at = 0;
        while let Ok(step) = session.client(&client[at..]) {
            at += match step {
                Step::More | Step::Wait | Step::Unguarded => break,
                Step::Pass(len) | Step::Discard(len) => len,
                Step::Ask(ask) => {
                    session.admit(&ask, Some(()), false);
                    ask.bytes
                }
            };
        }
        let mut at = 0;
        while let Ok(Heard { len, event: Some(_) }) = session.server(&server[at..]) {
            at += len;
        }
    }

    #[test]
    fn every_exchange_ends_exactly_once(
        conversation in conversations(),
        refuses in any::<bool>(),
        limit in limits(),
    ) {
        let mut script = Script::new();
        script.limit = limit;
        script.refused = refuses.then_some("$1");
        for (asked, answered) in &conversation {
            let refused = refuses && asked.starts_with(b"P") && asked.windows(2).any(|window| window == b"$1");
            // A server answers poison with a syntax error and skips to the Sync.
            let poisoned = [error("42601"), ready(b'I')].concat();
            script.client(asked).server(if refused { &poisoned } else { answered });
        }
        let is_asked = |line: &&String| {
            line.split(' ').nth(1).is_some_and(|word| ["prepare", "execute", "function"].contains(&word))
        };
        for line in script.story.iter().filter(is_asked) {
            let number = line.split(' ').next().unwrap();
            let ends = script.story.iter().filter(|other| {
                let mut words = other.split(' ');
                words.next() == Some(number)
                    && words.next().is_some_and(|word| ["completed", "failed", "cut", "skipped"].contains(&word))
            });
            prop_assert_eq!(ends.count(), 1, "{} in {:?}", line, script.story);
        }
    }
}
