//! How does the gateway say no in MySQL's own words?
//!
//! The bytes of the protocol the gateway writes itself after the login: error packets, and the command that
//! guards a session. MySQL answers each command by itself and an error leaves its transaction as it was, so
//! a refused command does not go to the server at all: its error is put between the answers, in its turn.

use crate::capabilities::Capabilities;
use crate::frame;
use crate::message::code;
use exchange::{Refusal, RefusalClass};

/// Longest text of an error, in bytes: what the common client library keeps of one
/// (`MYSQL_ERRMSG_SIZE`, 512).
const TEXT_BYTES_MAX: usize = 500;

/// The error number of a refusal (docs: errors to clients).
pub fn code(class: RefusalClass) -> u16 {
    match class {
        RefusalClass::NotPermitted => 1142,
        RefusalClass::ReadOnly => 1792,
        RefusalClass::Unjudgeable => 1064,
        RefusalClass::LimitReached => 1226,
        RefusalClass::Held => 1644,
        RefusalClass::TooLarge => 1153,
        RefusalClass::Unrecorded => 1036,
        RefusalClass::Unsupported => 1235,
        RefusalClass::UpstreamUnreachable | RefusalClass::TooManyConnections => 1040,
        RefusalClass::LoginRefused | RefusalClass::WrongPassword => 1045,
        RefusalClass::ProtocolViolation => 1835,
        RefusalClass::IdleTooLong => 4031,
        RefusalClass::ShuttingDown => 1053,
    }
}

/// The SQLSTATE of a refusal (docs: errors to clients).
pub fn sqlstate(class: RefusalClass) -> &'static [u8; 5] {
    match class {
        RefusalClass::NotPermitted
        | RefusalClass::Unsupported
        | RefusalClass::Unjudgeable
        | RefusalClass::LimitReached => b"42000",
        RefusalClass::ReadOnly => b"25006",
        RefusalClass::Held => b"45000",
        RefusalClass::TooLarge | RefusalClass::ShuttingDown => b"08S01",
        RefusalClass::Unrecorded | RefusalClass::ProtocolViolation | RefusalClass::IdleTooLong => b"HY000",
        RefusalClass::UpstreamUnreachable | RefusalClass::TooManyConnections => b"08004",
        RefusalClass::LoginRefused | RefusalClass::WrongPassword => b"28000",
    }
}

/// When an error is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Instead of the greeting: nothing is agreed on, and clients expect no SQLSTATE yet.
    Greeting,
    /// Any later.
    Session,
    /// Within a transaction, which an error of MySQL's leaves open.
    Transaction,
}

/// What a client is told of its transaction: others end theirs with an error.
const GOES_ON: &str = "the transaction goes on";

/// Appends an error packet that says `refusal`. There is one text: detail and hint follow the message.
/// What is held begins with the hint, the address of who may approve it: texts are cut at their end.
pub fn error_packet(moment: Moment, sequence: u8, refusal: &Refusal, out: &mut Vec<u8>) {
    let mut payload = vec![0xff];
    payload.extend_from_slice(&code(refusal.class).to_le_bytes());
    if moment != Moment::Greeting {
        payload.push(b'#');
        payload.extend_from_slice(sqlstate(refusal.class));
    }
    let (message, detail, hint) =
        (Some(&*refusal.message), refusal.detail.as_deref(), refusal.hint.as_deref());
    let goes_on = (moment == Moment::Transaction).then_some(GOES_ON);
    let parts = match refusal.class {
        RefusalClass::Held => [hint, message, goes_on, detail],
        _ => [message, goes_on, detail, hint],
    };
    let text = parts.into_iter().flatten().collect::<Vec<&str>>().join("; ");
    payload.extend_from_slice(cut(&text).as_bytes());
    frame::put(sequence, &payload, out);
}

/// Appends the command that makes a session's transactions read-only from the next one on (see
/// [`crate::Session::renew`]).
pub(crate) fn guard_query(agreed: Capabilities, out: &mut Vec<u8>) {
    query("SET SESSION TRANSACTION READ ONLY", agreed, out);
}

/// Appends the command that asks which modes the server reads texts by.
pub(crate) fn modes_query(agreed: Capabilities, out: &mut Vec<u8>) {
    query("SELECT @@session.sql_mode", agreed, out);
}

fn query(text: &str, agreed: Capabilities, out: &mut Vec<u8>) {
    let mut payload = vec![code::QUERY];
    if agreed.has(Capabilities::QUERY_ATTRIBUTES) {
        // No parameters, one set of them.
        payload.extend_from_slice(&[0, 1]);
    }
    payload.extend_from_slice(text.as_bytes());
    frame::put(0, &payload, out);
}

/// Appends the command whose answer tells how the server reads texts, and nothing else.
pub(crate) fn status_command(out: &mut Vec<u8>) {
    frame::put(0, &[code::PING], out);
}

fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::message;

    #[test]
    fn a_refusal_is_a_whole_error_packet() {
        let refusal = Refusal::new(RefusalClass::Unrecorded, "the ledger cannot record this")
            .with_detail("disk full")
            .with_hint("make room");
        let mut bytes = Vec::new();
        error_packet(Moment::Session, 3, &refusal, &mut bytes);
        let (header, body) = frame::packet(&bytes).unwrap();
        assert_eq!((header.sequence, header.frame()), (3, bytes.len()));
        let facts = message::error(body);
        assert_eq!((facts.code, facts.sqlstate), (1036, Some(*b"HY000")));
        assert!(body.ends_with(b"HY000the ledger cannot record this; disk full; make room"));
    }

    #[test]
    fn within_a_transaction_a_refusal_says_that_it_goes_on() {
        let refusal = Refusal::new(RefusalClass::ReadOnly, "this session reads only").with_detail("a write");
        let mut bytes = Vec::new();
        error_packet(Moment::Transaction, 1, &refusal, &mut bytes);
        assert!(bytes.ends_with(b"#25006this session reads only; the transaction goes on; a write"));
    }

    #[test]
    fn each_class_has_its_number_and_sqlstate() {
        for (class, expected) in [
            (RefusalClass::ReadOnly, (1792, b"25006")),
            (RefusalClass::NotPermitted, (1142, b"42000")),
            (RefusalClass::Unjudgeable, (1064, b"42000")),
            (RefusalClass::TooLarge, (1153, b"08S01")),
            (RefusalClass::LimitReached, (1226, b"42000")),
            (RefusalClass::Held, (1644, b"45000")),
            (RefusalClass::Unrecorded, (1036, b"HY000")),
        ] {
            assert_eq!((code(class), sqlstate(class)), expected, "{}", class.as_str());
        }
    }

    #[test]
    fn what_is_held_begins_with_where_it_is_approved() {
        let refusal = Refusal::new(RefusalClass::Held, "this statement waits for approval")
            .with_detail("deletes rows")
            .with_hint("https://gateway.test/proposals/7");
        let mut bytes = Vec::new();
        error_packet(Moment::Session, 1, &refusal, &mut bytes);
        let text = b"#45000https://gateway.test/proposals/7; this statement waits for approval; deletes rows";
        assert_eq!(bytes.get(5..7), Some(&1644u16.to_le_bytes()[..]));
        assert!(bytes.ends_with(text));
    }

    #[test]
    fn the_guard_is_a_query_with_attributes_where_they_were_agreed_on() {
        for (agreed, before) in [(0, &b"\x03"[..]), (Capabilities::QUERY_ATTRIBUTES.0, b"\x03\0\x01")] {
            let mut bytes = Vec::new();
            guard_query(Capabilities(agreed), &mut bytes);
            let (header, body) = frame::packet(&bytes).unwrap();
            assert_eq!((header.sequence, header.frame()), (0, bytes.len()));
            assert_eq!(body, [before, b"SET SESSION TRANSACTION READ ONLY"].concat());
        }
    }

    #[test]
    fn before_the_greeting_there_is_no_sqlstate() {
        let refusal = Refusal::new(RefusalClass::UpstreamUnreachable, "nobody there");
        let mut bytes = Vec::new();
        error_packet(Moment::Greeting, 0, &refusal, &mut bytes);
        assert_eq!(&bytes[4..], b"\xff\x10\x04nobody there");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let refusal = Refusal::new(RefusalClass::NotPermitted, "ü".repeat(400));
        let mut bytes = Vec::new();
        error_packet(Moment::Session, 1, &refusal, &mut bytes);
        let text = std::str::from_utf8(&bytes[13..]).unwrap();
        assert_eq!(text.chars().count(), 250);
    }
}
