//! Which answers are bounded, and what is said of one that is cut short?
//!
//! Kept beside the queue of answers, since few requests have a bound: where none has, this is an empty
//! list and costs a look at its length. What bounds an execution stays with its cursor while its rows are
//! fetched.

use super::pending::{Pending, Reply, Stage};
use super::{Event, Session};
use crate::frame::Header;
use crate::message::{self, EOF, ERROR};
use crate::names::Suspended;
use crate::refusal::{self, Moment};
use exchange::step::Excess;
use exchange::{ExchangeId, Refusal};
use std::collections::VecDeque;

/// What the server says of a request that was killed: ER_QUERY_INTERRUPTED, and ER_FILSORT_ABORTED where it
/// was sorting.
const INTERRUPTED: [u16; 2] = [1317, 1028];

/// How much an answer may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    rows: u64,
    bytes: u64,
}

impl Bound {
    /// Anything.
    pub(crate) const NONE: Bound = Bound { rows: u64::MAX, bytes: u64::MAX };

    /// What is left of it after these rows and bytes.
    fn less(self, (rows, bytes): (u64, u64)) -> Bound {
        let left =
            |bound: u64, taken: u64| if bound == u64::MAX { bound } else { bound.saturating_sub(taken) };
        Bound { rows: left(self.rows, rows), bytes: left(self.bytes, bytes) }
    }

    /// What these rows and bytes have too much of.
    fn excess(self, rows: u64, bytes: u64) -> Option<Excess> {
        match (rows > self.rows, bytes > self.bytes) {
            (true, _) => Some(Excess::Rows),
            (false, true) => Some(Excess::Bytes),
            (false, false) => None,
        }
    }
}

/// What is watched of one exchange.
#[derive(Debug)]
struct Watch {
    exchange: ExchangeId,
    bound: Bound,
    /// Rows and bytes of the results that have ended.
    before: (u64, u64),
    /// That the answer goes beyond its bound was told.
    told: bool,
    /// What the client gets in place of the error of a request that was killed.
    relabel: Option<Box<Refusal>>,
}

/// What is watched.
#[derive(Debug, Default)]
pub(super) struct Watches {
    /// Exchanges of the queue of answers, in the order of their numbers.
    exchanges: VecDeque<Watch>,
    /// Whether there was ever a bounded execution whose rows were to be fetched.
    has_cursors: bool,
}

impl Watches {
    /// Whether nothing has to be looked at.
    pub(super) fn is_idle(&self) -> bool {
        self.exchanges.is_empty() && !self.has_cursors
    }

    /// Results of an exchange have ended, and more come: their rows and bytes go on to count.
    pub(super) fn add(&mut self, exchange: ExchangeId, (rows, bytes): (u64, u64)) {
        if let Some(watch) = self.find(exchange) {
            watch.before = (watch.before.0 + rows, watch.before.1 + bytes);
        }
    }

    /// What an execution may hold whose rows are fetched from now on.
    pub(super) fn suspend(&mut self, exchange: ExchangeId) -> Bound {
        let bound = self.find(exchange).map_or(Bound::NONE, |watch| watch.bound);
        self.has_cursors |= bound != Bound::NONE;
        bound
    }

    /// The exchange has left the queue; `all` have if nothing is left in it.
    pub(super) fn forget(&mut self, exchange: ExchangeId, all: bool) {
        if all {
            self.exchanges.clear();
        } else if let Ok(place) = self.place(exchange) {
            self.exchanges.remove(place);
        }
    }

    fn change(&mut self, exchange: ExchangeId, change: impl FnOnce(&mut Watch)) {
        if let Err(place) = self.place(exchange) {
            let (bound, before) = (Bound::NONE, (0, 0));
            self.exchanges.insert(place, Watch { exchange, bound, before, told: false, relabel: None });
        }
        if let Some(watch) = self.find(exchange) {
            change(watch);
        }
    }

    fn place(&self, exchange: ExchangeId) -> Result<usize, usize> {
        self.exchanges.binary_search_by_key(&exchange, |watch| watch.exchange)
    }

    fn find(&mut self, exchange: ExchangeId) -> Option<&mut Watch> {
        self.place(exchange).ok().and_then(|place| self.exchanges.get_mut(place))
    }
}

impl<T: Clone> Session<T> {
    /// Bounds what a request that was admitted may be answered with, all results of it together, all parts
    /// of an execution fetched in parts together. Bytes are those of the whole answer, as
    /// [`Event::Completed`] tells them. Going beyond is told by [`Event::Exceeded`]; nothing is held back.
    /// A request the server has answered has nothing left to bound.
    pub fn limit(&mut self, exchange: ExchangeId, rows: Option<u64>, bytes: Option<u64>) {
        let bound = Bound { rows: rows.unwrap_or(u64::MAX), bytes: bytes.unwrap_or(u64::MAX) };
        if bound != Bound::NONE && self.is_pending(exchange) {
            self.watches.change(exchange, |watch| watch.bound = bound);
        }
    }

    /// Lets nothing more come of an answer: its next packet, unless it is the last, is told by
    /// [`Event::Exceeded`] before it passes. For whoever ends it there ([`Session::break_off`]).
    pub fn limit_to_nothing(&mut self, exchange: ExchangeId) {
        let nothing = Bound { rows: 0, bytes: 0 };
        if let Some(Pending { reply: Reply::Fetch { id }, .. }) = self.pending.front() {
            let id = *id;
            if let Some(cursor) = self.statements.suspended_mut(id) {
                (cursor.bound, cursor.told) = (nothing, false);
                self.watches.has_cursors = true;
            }
        } else if self.is_pending(exchange) {
            self.watches.change(exchange, |watch| (watch.bound, watch.told) = (nothing, false));
        }
    }

    /// Says what the client is told if this request ends as killed: told by [`Event::Cut`]. For whoever
    /// kills it in the gateway's name. If it ends in any other way, that is how it ended.
    pub fn relabel(&mut self, exchange: ExchangeId, refusal: Refusal) {
        if self.is_pending(exchange) {
            self.watches.change(exchange, |watch| watch.relabel = Some(Box::new(refusal)));
        }
    }

    /// Ends the answer under way in the gateway's words, in the place of the server's next packet: for a
    /// server that nobody can tell to stop. Nothing that it sends may reach the client any more. `None`
    /// where the answer cannot be ended so, since the client has half a packet of it or waits for
    /// another one.
    pub fn break_off(&mut self, exchange: ExchangeId, refusal: &Refusal) -> Option<Event> {
        if self.answering()? != exchange || !self.is_between_messages() {
            return None;
        }
        let sequence = self.pending.front()?.sequence.wrapping_add(1);
        let rows = self.rows;
        let mut bytes = Vec::new();
        refusal::error_packet(Moment::Session, sequence, refusal, &mut bytes);
        self.bytes += bytes.len() as u64;
        // How an error of the server would end it.
        let failed = self.failed(bytes.get(crate::frame::HEADER_BYTES..).unwrap_or_default());
        cut_instead(failed, refusal, rows, (0, bytes))
    }

    /// Whether rows of a cursor are fetched now: all of them were put aside before the first.
    pub fn is_fetching(&self) -> bool {
        matches!(self.pending.front(), Some(Pending { reply: Reply::Fetch { .. }, .. }))
    }

    fn is_pending(&self, exchange: ExchangeId) -> bool {
        let is_it =
            |pending: &Pending<T>| pending.exchange == exchange || self.fetches(pending) == Some(exchange);
        exchange > 0 && self.pending.iter().rev().any(is_it)
    }

    /// The execution whose rows are fetched.
    fn fetches(&self, pending: &Pending<T>) -> Option<ExchangeId> {
        self.cursor(pending).map(|cursor| cursor.exchange)
    }

    fn cursor(&self, pending: &Pending<T>) -> Option<&Suspended> {
        let Reply::Fetch { id } = &pending.reply else { return None };
        self.statements.suspended(*id)
    }

    /// The exchange that the server answers now.
    fn answering(&self) -> Option<ExchangeId> {
        let front = self.pending.front()?;
        if front.is_exchange() { Some(front.exchange) } else { self.fetches(front) }
    }

    /// What the answer under way may still bring, beside what is counted in `rows` and `bytes`. `None`
    /// without a bound, and when going beyond it was told.
    fn left(&self) -> Option<(ExchangeId, Bound)> {
        let front = self.pending.front()?;
        let (exchange, bound, before, told) = match self.cursor(front) {
            Some(cursor) => (cursor.exchange, cursor.bound, (cursor.rows, cursor.bytes), cursor.told),
            None => {
                let place = self.watches.place(front.exchange).ok()?;
                let watch = self.watches.exchanges.get(place)?;
                (watch.exchange, watch.bound, watch.before, watch.told)
            }
        };
        (!told && bound != Bound::NONE).then(|| (exchange, bound.less(before)))
    }

    /// Whether the packet that begins with this header goes beyond what the answer may hold. What ends an
    /// answer does not.
    pub(super) fn exceeded(&mut self, header: Header, first: Option<u8>) -> Option<Event> {
        if self.watches.is_idle() || first == Some(ERROR) {
            return None;
        }
        let is_fetch = matches!(self.pending.front()?.reply, Reply::Fetch { .. });
        let is_row = match self.stage {
            Stage::Rows => !self.ends_rows(header, first),
            Stage::First => is_fetch && first != Some(EOF),
            _ => false,
        };
        if !is_row && !matches!(self.stage, Stage::Columns(_)) {
            return None;
        }
        let (exchange, left) = self.left()?;
        let what = left.excess(self.rows + u64::from(is_row), self.bytes + header.frame() as u64)?;
        match self.pending.front().map(|front| &front.reply) {
            // Each part that goes beyond is told, or the rest could be had part by part.
            Some(Reply::Fetch { id }) => {
                let id = *id;
                self.statements.suspended_mut(id)?.told = true;
            }
            _ => self.watches.change(exchange, |watch| watch.told = true),
        }
        Some(Event::Exceeded { exchange, what })
    }

    /// What stands in place of this error, if it says that a request was interrupted which the gateway has
    /// killed.
    pub(super) fn relabelled(&mut self, error: &[u8]) -> Option<Box<Refusal>> {
        if self.watches.exchanges.is_empty() {
            return None;
        }
        let exchange = self.answering()?;
        let interrupted = INTERRUPTED.contains(&message::error(error).code);
        if interrupted { self.watches.find(exchange)?.relabel.take() } else { None }
    }

    /// Puts the gateway's words in place of the server's error, which is there as a whole.
    pub(super) fn cut(&mut self, header: Header, error: &[u8], refusal: &Refusal) -> Option<Event> {
        let (rows, mut bytes) = (self.rows, Vec::new());
        refusal::error_packet(self.moment(), header.sequence, refusal, &mut bytes);
        self.bytes += bytes.len() as u64;
        let failed = self.failed(error);
        cut_instead(failed, refusal, rows, (header.frame(), bytes))
    }
}

/// The same end, told as one that the gateway has brought about.
fn cut_instead(
    failed: Event,
    refusal: &Refusal,
    rows: u64,
    (replaces, bytes): (usize, Vec<u8>),
) -> Option<Event> {
    let Event::Failed { exchange: Some(exchange), bytes: bytes_out, copied_in, .. } = failed else {
        return None;
    };
    let sqlstate = *refusal::sqlstate(refusal.class);
    Some(Event::Cut { exchange, replaces, bytes, sqlstate, rows, bytes_out, copied_in })
}
