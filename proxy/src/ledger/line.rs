//! How does a record become a line? The fields and their meaning are in docs/ledger.md.

use super::chain::{self, Hash};
use super::effects;
use super::fragments::Fragments;
use super::json;
use super::timestamp::Timestamps;
use super::values::Sealer;
use exchange::{
    Certificate, Claims, Event, LedgerAccess, OpenLine, Outcome, Principal, Record, RecordBody, Session,
    Statement, StatementRecord,
};

/// How a line begins, with the version of the fields; raised when one changes its meaning.
pub(super) const BEGINNING: &[u8] = b"{\"v\":1,\"event\":\"";

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
    /// Seals what rules keep of statements.
    pub(super) sealer: Sealer,
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
            sealer: Sealer::without_keys(),
        }
    }

    /// Appends a line of the ledger's own, whose members are encoded already: with commas between them, none
    /// before or behind.
    pub(super) fn append_members(&mut self, lines: &mut Vec<u8>, event: Event, at_us: u64, members: &[u8]) {
        let from = lines.len();
        self.envelope(lines, event, at_us);
        lines.push(b',');
        lines.extend_from_slice(members);
        self.chain(lines, from);
    }

    /// The `seq` of the last line.
    pub(super) fn seq(&self) -> u64 {
        self.seq
    }

    /// The hash of the last line.
    pub(super) fn previous(&self) -> Hash {
        self.previous
    }

    /// Appends the record's line.
    pub(super) fn append(&mut self, lines: &mut Vec<u8>, record: &Record) {
        let from = lines.len();
        if let RecordBody::Line(line) = &record.body {
            lines.extend_from_slice(&line.front);
            self.place_in_order(lines);
            lines.extend_from_slice(&line.rest);
        } else {
            let id = self.envelope(lines, record.event, record.at_us);
            self.members(lines, record, id);
        }
        self.chain(lines, from);
    }

    /// Makes a line that another process gives its place: without writer, number and chain.
    pub(super) fn open_line(&mut self, record: &Record) -> OpenLine {
        let mut front = Vec::new();
        let id = self.front(&mut front, record.event, record.at_us);
        let mut rest = Vec::new();
        self.members(&mut rest, record, id);
        let class = match &record.body {
            RecordBody::Statement(statement) => Some(statement.statement.class),
            _ => None,
        };
        OpenLine { class, front: front.into(), rest: rest.into() }
    }

    /// Writes what a record tells, each member behind a comma.
    fn members(&mut self, lines: &mut Vec<u8>, record: &Record, id: u128) {
        let parts = record.session.as_ref().and_then(|session| self.fragments.session(session));
        if let Some(parts) = parts {
            lines.extend_from_slice(&parts.place);
        }
        if let RecordBody::Statement(statement) = &record.body {
            number(lines, b",\"exchange\":", statement.exchange);
        }
        if let Some(parts) = parts {
            lines.extend_from_slice(&parts.principal);
            if let RecordBody::Statement(StatementRecord { claims: Some(claims), .. }) = &record.body {
                self::claims(lines, claims);
            }
        }
        match &record.body {
            RecordBody::None => {}
            RecordBody::Statement(statement) => {
                word(lines, b",\"kind\":\"", statement.kind.as_str());
                lines.extend_from_slice(self.fragments.statement(&statement.statement));
                self::statement(lines, statement);
                if let Some(values) = &statement.values {
                    let workspace = record.session.as_ref().map_or("", |session| &session.workspace);
                    self.sealer.write(lines, id, record.at_us, workspace, values);
                }
            }
            RecordBody::Ended { sqlstate, message_class, bytes_in, bytes_out } => {
                number(lines, b",\"bytes_in\":", *bytes_in);
                number(lines, b",\"bytes_out\":", *bytes_out);
                ending(lines, *sqlstate, message_class);
            }
            RecordBody::Gap { lost } => number(lines, b",\"lost\":", *lost),
            RecordBody::Note(note) => string(lines, b",\"note\":", note),
            RecordBody::Access(access) => self::access(lines, access),
            // Its members are written already.
            RecordBody::Line(_) => {}
        }
    }

    /// Ends the line that begins at `from`.
    fn chain(&mut self, lines: &mut Vec<u8>, from: usize) {
        lines.extend_from_slice(b",\"prev\":\"");
        lines.extend_from_slice(&self.previous);
        lines.push(b'"');
        self.previous = chain::seal(lines, from);
    }

    /// Writes what every line begins with. Returns the record's id.
    fn envelope(&mut self, lines: &mut Vec<u8>, event: Event, at_us: u64) -> u128 {
        let id = self.front(lines, event, at_us);
        self.place_in_order(lines);
        id
    }

    /// Writes who writes the line, and its number.
    fn place_in_order(&mut self, lines: &mut Vec<u8>) {
        self.seq += 1;
        number(lines, &self.writer, self.seq);
    }

    /// Writes what does not depend on who writes the line.
    fn front(&mut self, lines: &mut Vec<u8>, event: Event, at_us: u64) -> u128 {
        let id = self.ids.next(at_us);
        lines.extend_from_slice(BEGINNING);
        lines.extend_from_slice(event.as_str().as_bytes());
        lines.extend_from_slice(b"\",\"id\":\"");
        json::uuid(lines, id);
        lines.extend_from_slice(b"\",\"ts\":\"");
        self.timestamps.write(lines, at_us);
        id
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
    if let Some(shown) = principal.tls.as_ref().and_then(|tls| tls.certificate.as_ref()) {
        certificate(lines, shown);
    }
    lines.push(b'}');
}

/// The certificate a client has shown: whom it names, and which one it is.
fn certificate(lines: &mut Vec<u8>, certificate: &Certificate) {
    lines.extend_from_slice(b",\"certificate\":{\"names\":[");
    for (position, name) in certificate.names.iter().enumerate() {
        if position > 0 {
            lines.push(b',');
        }
        json::string(lines, name);
    }
    lines.extend_from_slice(b"],\"sha256\":\"");
    lines.extend(certificate.fingerprint.into_iter().flat_map(json::hex_digits));
    lines.extend_from_slice(b"\"}");
}

/// What a client says of a statement goes into the principal that was just written.
fn claims(lines: &mut Vec<u8>, claims: &Claims) {
    lines.truncate(lines.len().saturating_sub(1));
    if let Some(person) = &claims.on_behalf_of {
        string(lines, b",\"on_behalf_of\":", person);
    }
    if let Some(trace) = claims.trace_id {
        lines.extend_from_slice(b",\"trace_id\":");
        json::shown(lines, format_args!("{trace:032x}"));
    }
    lines.push(b'}');
}

fn access(lines: &mut Vec<u8>, access: &LedgerAccess) {
    word(lines, b",\"reader\":{\"kind\":\"", access.kind.as_str());
    string(lines, b",\"name\":", &access.name);
    lines.push(b'}');
    string(lines, b",\"asked\":", &access.asked);
    string(lines, b",\"format\":", &access.format);
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
