//! How does the gateway say something of its own to the server, before the client may say anything more?
//!
//! ```text
//! client  -> [COM_RESET_CONNECTION]      pending: Reset
//! gateway -> [COM_QUERY SET ...]         pending: Reset Guard
//! server  <- [OK][OK]                    the client sees the first only
//! ```
//!
//! Beside the guard that is a question: of `sql_mode` the server's flags tell a part.

use super::pending::{Pending, Reply};
use super::{Event, HELD_MAX, Parameter, Read, Session};
use crate::capabilities::Capabilities;
use crate::frame::{HEADER_BYTES, Header};
use crate::message::{self, EOF, ERROR, OK, OkFacts, Reader};
use crate::refusal;
use crate::violation::Violation;
use exchange::TransactionState;

/// What is to be set or asked anew in a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Renewal {
    /// What the gateway had set is gone.
    pub(super) guard: bool,
    pub(super) doubt: Doubt,
}

/// What is not known of how the server reads texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    /// Nothing.
    #[default]
    Nothing,
    /// What its flags say: no answer has told them.
    Flags,
    /// What its flags do not say.
    Modes,
}

impl<T: Clone> Session<T> {
    /// Whether the client's direction says [`super::Step::Unguarded`].
    pub fn is_unguarded(&self) -> bool {
        self.renewal != Renewal::default()
    }

    /// Whether what the gateway had set in the session is gone, or nothing but an answer is missing.
    pub fn has_lost_guard(&self) -> bool {
        self.renewal.guard
    }

    /// A statement has set `sql_mode` to what no text tells.
    pub fn doubt_modes(&mut self) {
        // MariaDB's flags tell what may be another grammar.
        if !self.agreed.is_mariadb || self.modes.ansi_quotes {
            self.renewal.doubt = Doubt::Modes;
        }
    }

    /// Makes the session read-only: writes into `out` the command of the gateway's own that goes to the
    /// server before anything else. Its answer does not reach the client: its end is told by
    /// [`Event::Guarded`], and if it is not ok there is no session to go on with. Until then nothing of
    /// the client passes ([`super::Step::Wait`]).
    pub fn guard(&mut self, out: &mut Vec<u8>) {
        self.guarded = true;
        refusal::guard_query(self.agreed.capabilities, out);
        self.expect(Reply::Guard);
    }

    /// Sets anew what the session has lost: the guard, if it is to be `read_only` now; and where the
    /// gateway `asks`, it finds out how the server reads texts.
    pub fn renew(&mut self, read_only: bool, asks: bool, out: &mut Vec<u8>) {
        let Renewal { guard, doubt } = std::mem::take(&mut self.renewal);
        if guard {
            self.guarded = false;
            if read_only {
                self.guard(out);
            }
        }
        match doubt {
            Doubt::Modes if asks => {
                refusal::modes_query(self.agreed.capabilities, out);
                self.expect(Reply::Modes { packets: 0 });
            }
            Doubt::Flags if !self.is_guarding() => {
                refusal::status_command(out);
                self.expect(Reply::Guard);
            }
            Doubt::Nothing | Doubt::Flags | Doubt::Modes => {}
        }
    }

    fn expect(&mut self, reply: Reply<T>) {
        self.pending.push_back(Pending { reply, exchange: 0, sequence: 0 });
    }

    /// Whether the gateway's own command was not answered.
    pub(super) fn is_guarding(&self) -> bool {
        self.pending.back().is_some_and(|last| last.reply.is_own())
    }

    /// Whether the server's next packet answers the gateway's own command.
    pub(super) fn is_guard_next(&self) -> bool {
        !self.server_continues && self.pending.front().is_some_and(|front| front.reply.is_own())
    }

    /// What the answer to the gateway's own command tells, as far as it is in `rest`.
    pub(super) fn guarded(&mut self, header: Header, rest: &[u8]) -> Read<Answer> {
        let tag = rest.get(HEADER_BYTES).copied().unwrap_or_default();
        if header.body > HELD_MAX {
            return Err(Violation::Server(tag));
        }
        let Some(body) = rest.get(HEADER_BYTES..header.frame()) else { return Ok(Answer::More) };
        // No packet of an answer is empty, and what follows one is not its first byte.
        if body.is_empty() {
            return Err(Violation::Server(OK));
        }
        // A session that ends, ends for the client.
        if tag == ERROR && message::error(body).fatal {
            return Ok(Answer::Passes);
        }
        if let Some(Pending { reply: Reply::Modes { packets }, .. }) = self.pending.front_mut() {
            let packet = *packets;
            *packets = packets.saturating_add(1);
            return self.modes_told(packet, tag, header, body);
        }
        let ok = match tag {
            OK => {
                let facts = message::ok(body, self.agreed.capabilities).ok_or(Violation::Server(tag))?;
                let before = self.modes;
                self.note(facts.status);
                self.tell_changes(&facts);
                if self.modes.ansi_quotes && !before.ansi_quotes {
                    self.doubt_modes();
                }
                // It does not reach a transaction that is open already, which none is here.
                facts.status.transaction() == TransactionState::Idle && !facts.status.more_results()
            }
            ERROR => false,
            tag => return Err(Violation::Server(tag)),
        };
        Ok(self.own_ends(ok, header))
    }

    fn own_ends(&mut self, ok: bool, header: Header) -> Answer {
        self.pending.pop_front();
        Answer::Ends(Event::Guarded { ok, drop: header.frame() })
    }

    /// A packet of the one row that says which modes are set: the count of columns, the column, EOF where
    /// that was not agreed away, the row, the end.
    fn modes_told(&mut self, packet: u8, tag: u8, header: Header, body: &[u8]) -> Read<Answer> {
        let row = if self.has(Capabilities::DEPRECATE_EOF) { 2 } else { 3 };
        let violation = Violation::Server(tag);
        match packet {
            // Whoever does not have it reads as if nothing was set.
            _ if tag == ERROR => return Ok(self.own_ends(true, header)),
            0 if message::column_count(body) != Some(1) => return Err(violation),
            packet if packet == row => {
                let modes = Reader(body).string().ok_or(violation)?;
                self.events.push_back(Event::Parameter(Parameter::SqlModes(modes.into())));
            }
            packet if packet > row => {
                let facts = if tag == EOF && body.len() <= 5 {
                    message::eof(body).map(OkFacts::of_status)
                } else {
                    message::ok(body, self.agreed.capabilities)
                };
                self.note(facts.ok_or(violation)?.status);
                return Ok(self.own_ends(true, header));
            }
            // A column, and what stands behind it, are never empty.
            _ if body.is_empty() => return Err(violation),
            _ => {}
        }
        Ok(Answer::Ends(Event::Dropped { len: header.frame() }))
    }
}

/// What became of the answer to the gateway's own command.
pub(super) enum Answer {
    /// It is not there as a whole.
    More,
    /// It is for the client.
    Passes,
    /// It, or this packet of it, ends so.
    Ends(Event),
}
