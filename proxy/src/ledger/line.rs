//! How does a record become a line? The fields and their meaning are in docs/ledger.md.

use super::chain::{self, Hash};
use super::effects;
use super::fragments::Fragments;
use super::json;
use super::timestamp::Timestamps;
use exchange::{Outcome, Principal, Record, RecordBody, Session, Statement, StatementRecord};

/// How a line begins, with the version of the fields; raised when one changes its meaning.
const BEGINNING: &[u8] = b"{\"v\":1,\"event\":\"";

/// Turns records into lines, each tied to the one before.
#[derive(Debug)]
pub(super) struct Encoder {
    /// Which start of the program writes, as a field.
    writer: Box<[u8]>,
    fragments: Fragments,
    /// Lines written by it.
    seq: u64,
    previous: Hash,
    ids: Ids,
    timestamps: Timestamps,
}

impl Encoder {
    /// `writer` identifies this start of the program; `seed` makes the ids of its records its own;
    /// `previous` is the hash of the last line there is.
    pub(super) fn new(writer: u128, seed: u64, previous: Hash) -> Encoder {
        let mut field = b"\",\"writer\":\"".to_vec();
        json::uuid(&mut field, writer);
        field.extend_from_slice(b"\",\"seq\":");
        Encoder {
            writer: field.into(),
            fragments: Fragments::new(),
            seq: 0,
            previous,
            ids: Ids { state: seed },
            timestamps: Timestamps::new(),
        }
    }

    /// Appends the record's line.
    pub(super) fn append(&mut self, lines: &mut Vec<u8>, record: &Record) {
        let from = lines.len();
        self.envelope(lines, record);
        let parts = record.session.as_ref().and_then(|session| self.fragments.session(session));
        if let Some(parts) = parts {
            lines.extend_from_slice(&parts.place);
        }
        if let RecordBody::Statement(statement) = &record.body {
            number(lines, b",\"exchange\":", statement.exchange);
        }
        if let Some(parts) = parts {
            lines.extend_from_slice(&parts.principal);
        }
        match &record.body {
            RecordBody::None => {}
            RecordBody::Statement(statement) => {
                word(lines, b",\"kind\":\"", statement.kind.as_str());
                lines.extend_from_slice(self.fragments.statement(&statement.statement));
                self::statement(lines, statement);
            }
            RecordBody::Ended { sqlstate, message_class, bytes_in, bytes_out } => {
                number(lines, b",\"bytes_in\":", *bytes_in);
                number(lines, b",\"bytes_out\":", *bytes_out);
                ending(lines, *sqlstate, message_class);
            }
            RecordBody::Gap { lost } => number(lines, b",\"lost\":", *lost),
            RecordBody::Note(note) => string(lines, b",\"note\":", note),
        }
        lines.extend_from_slice(b",\"prev\":\"");
        lines.extend_from_slice(&self.previous);
        lines.push(b'"');
        self.previous = chain::seal(lines, from);
    }

    fn envelope(&mut self, lines: &mut Vec<u8>, record: &Record) {
        self.seq += 1;
        lines.extend_from_slice(BEGINNING);
        lines.extend_from_slice(record.event.as_str().as_bytes());
        lines.extend_from_slice(b"\",\"id\":\"");
        json::uuid(lines, self.ids.next(record.at_us));
        lines.extend_from_slice(b"\",\"ts\":\"");
        self.timestamps.write(lines, record.at_us);
        number(lines, &self.writer, self.seq);
    }
}

pub(super) fn place(lines: &mut Vec<u8>, session: &Session) {
    string(lines, b",\"workspace\":", &session.workspace);
    string(lines, b",\"listener\":", &session.listener);
    word(lines, b",\"environment\":\"", session.environment.as_str());
    lines.extend_from_slice(b",\"session\":\"");
    json::uuid(lines, session.id.0);
    lines.push(b'"');
}

pub(super) fn principal(lines: &mut Vec<u8>, principal: &Principal) {
    lines.extend_from_slice(b",\"principal\":{");
    let Principal { user, database, application, .. } = principal;
    for (name, value) in
        [(&b"\"user\":"[..], user), (b"\"database\":", database), (b"\"application\":", application)]
    {
        if !value.is_empty() {
            string(lines, name, value);
            lines.push(b',');
        }
    }
    lines.extend_from_slice(b"\"address\":");
    json::shown(lines, principal.address);
    word(lines, b",\"tls\":\"", principal.tls.as_ref().map_or("none", |tls| tls.version));
    lines.push(b'}');
}

fn statement(lines: &mut Vec<u8>, body: &StatementRecord) {
    if let Some(source) = &body.source {
        lines.extend_from_slice(b",\"source\":{");
        shape(lines, source);
        lines.push(b'}');
    }
    word(lines, b",\"verdict\":\"", body.verdict.as_str());
    if let Some(rule) = &body.rule {
        string(lines, b",\"rule\":", rule);
    }
    if let Some((rule, verdict)) = &body.would {
        string(lines, b",\"would\":{\"rule\":", rule);
        word(lines, b",\"verdict\":\"", verdict);
        lines.push(b'}');
    }
    number(lines, b",\"policy_epoch\":", body.policy_epoch);
    word(lines, b",\"tx\":{\"state\":\"", body.transaction.as_str());
    lines.push(b'}');
    match &body.outcome {
        None => number(lines, b",\"bytes_in\":", body.bytes_in),
        Some(outcome) => ended(lines, body, outcome),
    }
}

fn ended(lines: &mut Vec<u8>, body: &StatementRecord, outcome: &Outcome) {
    let timing = &body.timing;
    number(lines, b",\"timing_us\":{\"judge\":", timing.judge.into());
    number(lines, b",\"forward\":", timing.forward.into());
    number(lines, b",\"first\":", timing.first.into());
    number(lines, b",\"last\":", timing.last.into());
    number(lines, b",\"total\":", timing.total.into());
    lines.push(b'}');
    if let Outcome::Completed { rows } = outcome {
        number(lines, b",\"rows\":", *rows);
    }
    number(lines, b",\"bytes_in\":", body.bytes_in);
    number(lines, b",\"bytes_out\":", body.bytes_out);
    ending(lines, outcome.sqlstate(), outcome.message_class());
}

fn ending(lines: &mut Vec<u8>, sqlstate: Option<[u8; 5]>, message_class: &str) {
    if let Some(sqlstate) = sqlstate {
        // Five characters of the server's own: letters and digits, if it keeps to the standard.
        string(lines, b",\"sqlstate\":", &String::from_utf8_lossy(&sqlstate));
    }
    word(lines, b",\"message_class\":\"", message_class);
}

pub(super) fn class(lines: &mut Vec<u8>, statement: &Statement) {
    word(lines, b",\"class\":\"", statement.class.as_str());
}

pub(super) fn shape(lines: &mut Vec<u8>, statement: &Statement) {
    lines.extend_from_slice(b"\"fingerprint\":");
    json::shown(lines, statement.fingerprint);
    string(lines, b",\"text\":", &statement.text);
    let mut before: &[u8] = b",\"tables\":[";
    for table in &statement.tables {
        string(lines, before, table);
        before = b",";
    }
    if !statement.tables.is_empty() {
        lines.push(b']');
    }
    effects::write(lines, &statement.effects);
}

fn number(lines: &mut Vec<u8>, name: &[u8], value: u64) {
    lines.extend_from_slice(name);
    json::number(lines, value);
}

fn string(lines: &mut Vec<u8>, name: &[u8], value: &str) {
    lines.extend_from_slice(name);
    json::string(lines, value);
}

/// A word of our own, which needs no escaping; `name` ends with the opening quote.
fn word(lines: &mut Vec<u8>, name: &[u8], value: &str) {
    lines.extend_from_slice(name);
    lines.extend_from_slice(value.as_bytes());
    lines.push(b'"');
}

/// The ids of records: UUID version 7 with the record's own time (RFC 9562 section 5.7, and 6.2
/// method 3 for the microseconds), so that they sort as the records happened. What is random in
/// them has to be different, not hard to guess.
#[derive(Debug)]
struct Ids {
    state: u64,
}

impl Ids {
    fn next(&mut self, at_us: u64) -> u128 {
        // SplitMix64 (Steele, Lea, Flood 2014): visits each 64-bit number once.
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;

        let millis = u128::from(at_us / 1000) & 0xffff_ffff_ffff;
        let fraction = u128::from(at_us % 1000 * 4096 / 1000);
        let random = u128::from(mixed >> 2);
        millis << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random
    }
}

#[cfg(test)]
mod tests;
