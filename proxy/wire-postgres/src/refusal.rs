//! How does the gateway say no in PostgreSQL's own words?
//!
//! The only bytes of the protocol the gateway writes itself: error responses, the poison that goes
//! upstream in place of a refused request, a look at a portal nobody knows ahead of it, and the statement that guards a
//! session. The server rejects the poison with an error of its own, whose text is then replaced: so the order of replies, the skip to the next Sync and the
//! state of the transaction are the server's, never ours.

use exchange::{Refusal, RefusalClass};

/// The SQLSTATE of a refusal (docs: errors to clients).
pub fn sqlstate(class: RefusalClass) -> &'static [u8; 5] {
    match class {
        // PostgreSQL's protocol has nothing that cannot be followed.
        RefusalClass::NotPermitted | RefusalClass::Unsupported => b"42501",
        RefusalClass::ReadOnly => b"25006",
        RefusalClass::Unjudgeable => b"42601",
        RefusalClass::LimitReached => b"53400",
        // A class of our own: `Q` stands for no class of the standard's or of PostgreSQL's.
        RefusalClass::Held => b"QG001",
        RefusalClass::TooLarge => b"54000",
        RefusalClass::Unrecorded => b"58030",
        RefusalClass::UpstreamUnreachable => b"08001",
        RefusalClass::TooManyConnections => b"53300",
        RefusalClass::LoginRefused => b"28000",
        RefusalClass::WrongPassword => b"28P01",
        RefusalClass::ProtocolViolation => b"08P01",
        RefusalClass::IdleTooLong | RefusalClass::ShuttingDown => b"57P01",
    }
}

/// How bad it is: an error ends the statement, a fatal one the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The statement fails, the session goes on.
    Error,
    /// The session ends.
    Fatal,
}

/// Appends an ErrorResponse that says `refusal`.
pub fn error_response(severity: Severity, refusal: &Refusal, out: &mut Vec<u8>) {
    let severity: &[u8] = match severity {
        Severity::Error => b"ERROR",
        Severity::Fatal => b"FATAL",
    };
    let start = begin(b'E', out);
    field(b'S', severity, out);
    field(b'V', severity, out);
    field(b'C', sqlstate(refusal.class), out);
    field(b'M', refusal.message.as_bytes(), out);
    if let Some(detail) = &refusal.detail {
        field(b'D', detail.as_bytes(), out);
    }
    if let Some(hint) = &refusal.hint {
        field(b'H', hint.as_bytes(), out);
    }
    if let Some(position) = refusal.position {
        field(b'P', position.to_string().as_bytes(), out);
    }
    out.push(0);
    finish(start, out);
}

fn begin(tag: u8, out: &mut Vec<u8>) -> usize {
    out.push(tag);
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    start
}

/// Writes the length of the message whose length field stands at `start`.
fn finish(start: usize, out: &mut [u8]) {
    let length = u32::try_from(out.len() - start).unwrap_or(u32::MAX);
    if let Some(place) = out.get_mut(start..start + 4) {
        place.copy_from_slice(&length.to_be_bytes());
    }
}

fn field(kind: u8, value: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    out.extend(value.iter().copied().filter(|byte| *byte != 0));
    out.push(0);
}

/// Text that no PostgreSQL grammar accepts: rejected before any name, privilege or transaction
/// state is looked at.
const POISON: &[u8] = b"!dragoman_refused";

/// Appends a Query the server rejects.
pub fn poison_query(out: &mut Vec<u8>) {
    let start = begin(b'Q', out);
    out.extend_from_slice(POISON);
    out.push(0);
    finish(start, out);
}

/// Appends a Parse the server rejects. `name` is that of the Parse it stands for: a failing Parse
/// drops the unnamed statement and no other, as the refused one would have. For other messages a
/// name of our own leaves the unnamed statement alone.
pub fn poison_parse(name: Option<&[u8]>, out: &mut Vec<u8>) {
    let start = begin(b'P', out);
    out.extend_from_slice(name.unwrap_or(b"dragoman_refused"));
    out.push(0);
    out.extend_from_slice(POISON);
    out.extend_from_slice(&[0, 0, 0]);
    finish(start, out);
}

/// Appends a Describe of a portal, which runs nothing: the server's error where there is none is the one that its
/// execution would have got.
pub fn look_at_portal(name: &[u8], out: &mut Vec<u8>) {
    let start = begin(b'D', out);
    out.push(b'P');
    out.extend_from_slice(name);
    out.push(0);
    finish(start, out);
}

/// Appends the Query that makes a session's transactions read-only from the start, where that could not
/// be asked for at the login (see [`crate::Session::expect_guard`]).
pub fn guard_query(out: &mut Vec<u8>) {
    let start = begin(b'Q', out);
    out.extend_from_slice(b"SET default_transaction_read_only = on\0");
    finish(start, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame;
    use crate::message;

    #[test]
    fn a_refusal_is_a_whole_error_response() {
        let refusal = Refusal::new(RefusalClass::Unrecorded, "the ledger cannot record\0 this")
            .with_detail("disk full")
            .with_hint("make room");
        let mut bytes = Vec::new();
        error_response(Severity::Error, &refusal, &mut bytes);
        assert_eq!(
            frame::server(&bytes).map(|header| header.map(|header| header.frame())),
            Ok(Some(bytes.len()))
        );
        let fields: Vec<_> = message::fields(&bytes[5..]).collect();
        let expected: [(u8, &[u8]); 6] = [
            (b'S', b"ERROR"),
            (b'V', b"ERROR"),
            (b'C', b"58030"),
            (b'M', b"the ledger cannot record this"),
            (b'D', b"disk full"),
            (b'H', b"make room"),
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn where_it_is_in_the_statement_is_a_field_of_its_own() {
        let refusal = Refusal::new(RefusalClass::Unjudgeable, "no").with_position(15).with_rule("reads");
        let mut bytes = Vec::new();
        error_response(Severity::Error, &refusal, &mut bytes);
        let fields: Vec<_> = message::fields(&bytes[5..]).collect();
        assert_eq!(fields.last(), Some(&(b'P', &b"15"[..])));
        assert_eq!(message::error(&bytes[5..]).sqlstate, Some(*b"42601"));
    }

    #[test]
    fn each_class_has_its_sqlstate() {
        for (class, expected) in [
            (RefusalClass::ReadOnly, b"25006"),
            (RefusalClass::NotPermitted, b"42501"),
            (RefusalClass::Unjudgeable, b"42601"),
            (RefusalClass::TooLarge, b"54000"),
            (RefusalClass::LimitReached, b"53400"),
            (RefusalClass::Held, b"QG001"),
            (RefusalClass::Unrecorded, b"58030"),
        ] {
            assert_eq!(sqlstate(class), expected, "{}", class.as_str());
        }
    }

    #[test]
    fn the_guard_is_a_query() {
        let mut bytes = Vec::new();
        guard_query(&mut bytes);
        assert_eq!(bytes[0], b'Q');
        assert_eq!(message::query(&bytes[5..]), Ok(&b"SET default_transaction_read_only = on"[..]));
    }

    #[test]
    fn poison_is_a_message_the_gateway_itself_would_accept_as_whole() {
        let mut bytes = Vec::new();
        poison_query(&mut bytes);
        assert_eq!(message::query(&bytes[5..]), Ok(POISON));
        bytes.clear();
        poison_parse(Some(b"s1"), &mut bytes);
        assert_eq!(message::parse(&bytes[5..]), Ok((&b"s1"[..], POISON)));
    }
}
