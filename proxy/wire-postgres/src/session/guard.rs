//! How does the gateway say something of its own to the server, before the client may say anything?
//!
//! ```text
//! gateway -> [Query SET ...]             pending: Guard
//! server  <- [C][S][Z]                   the client sees [S] only
//! ```

use super::pending::{Pending, Reply};
use super::{Event, Read, Session};
use crate::frame::{HEADER_BYTES, Header};
use crate::message;
use crate::violation::Violation;

impl<T: Clone> Session<T> {
    /// A Query of the gateway's own ([`crate::refusal::guard_query`]) goes to the server right behind the
    /// login. Its answer does not reach the client ([`Event::Dropped`]), but for settings it reports;
    /// its end is told by [`Event::Guarded`], and if it is not ok there is no session to go on with. Until then nothing of the client passes ([`super::Step::Wait`]).
    pub fn expect_guard(&mut self) {
        self.batches_sent += 1;
        self.push(Reply::Guard { done: false });
    }

    /// Whether the gateway's own statement was not answered to its end.
    pub(super) fn is_guarding(&self) -> bool {
        matches!(self.pending.back(), Some(Pending { reply: Reply::Guard { .. }, .. }))
    }

    /// What a message tells that answers the gateway's own statement, of which `held` bytes are there.
    /// `None` when it is for the client.
    pub(super) fn guarded(&mut self, header: Header, held: &[u8]) -> Read<Option<Event>> {
        let Some(Pending { reply: Reply::Guard { done }, .. }) = self.pending.front_mut() else {
            return Ok(None);
        };
        let was_done = *done;
        match header.tag {
            b'C' => *done = held == b"SET\0",
            // A session that ends, ends for the client.
            b'E' if message::error(held).fatal => return Ok(None),
            b'E' => *done = false,
            b'Z' => {
                self.pop();
                self.take_counts();
                self.batches_done += 1;
                return Ok(Some(Event::Guarded { ok: was_done && held == b"I", drop: header.frame() }));
            }
            b'S' | b'N' => return Ok(None),
            // A SET answers nothing else.
            tag => return Err(Violation::Server(tag)),
        }
        self.server_dropped = header.body - held.len();
        Ok(Some(Event::Dropped { len: HEADER_BYTES + held.len() }))
    }
}
