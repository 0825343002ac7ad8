//! Which answers are bounded, and what is said of one that is cut short?
//!
//! Kept beside the queue of replies, since few requests have a bound: where none has, this is an empty
//! list and costs a look at its length.

use super::pending::{Pending, Reply};
use super::{Event, NAMES_MAX, Read, Session};
use crate::frame::{HEADER_BYTES, Header};
use crate::message;
use crate::refusal::{self, Severity};
use exchange::step::Excess;
use exchange::{ExchangeId, Refusal};
use std::collections::{HashMap, HashSet, VecDeque};

/// What the server says of a request that was cancelled (`query_canceled`).
const CANCELED: [u8; 5] = *b"57014";

/// How much an answer may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    rows: u64,
    bytes: u64,
}

impl Bound {
    const NONE: Bound = Bound { rows: u64::MAX, bytes: u64::MAX };

    /// What both allow.
    fn and(self, other: Bound) -> Bound {
        Bound { rows: self.rows.min(other.rows), bytes: self.bytes.min(other.bytes) }
    }

    /// What is left of it after these rows and bytes.
    pub(super) fn less(self, (rows, bytes): (u64, u64)) -> Bound {
        let left =
            |bound: u64, taken: u64| if bound == u64::MAX { bound } else { bound.saturating_sub(taken) };
        Bound { rows: left(self.rows, rows), bytes: left(self.bytes, bytes) }
    }

    /// What these rows and bytes have too much of.
    pub(super) fn excess(self, rows: u64, bytes: u64) -> Option<Excess> {
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
    /// Rows and bytes of the statements of a Query that have ended.
    before: (u64, u64),
    /// That the answer goes beyond its bound was told.
    told: bool,
    /// What the client gets in place of the error of a cancelled request.
    relabel: Option<Box<Refusal>>,
}

/// What is watched.
#[derive(Debug)]
pub(super) struct Watches {
    /// Exchanges of the queue of replies, in the order of their numbers.
    exchanges: VecDeque<Watch>,
    /// Bounded executions that were suspended, by the number of their portal. Some may have ended.
    suspended: HashMap<u64, Bound>,
}

impl Watches {
    pub(super) fn new() -> Watches {
        Watches { exchanges: VecDeque::new(), suspended: HashMap::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.exchanges.is_empty()
    }

    /// An execution goes on with a portal: what bounded it before bounds it still.
    pub(super) fn go_on(&mut self, exchange: ExchangeId, serial: u64) {
        if !self.suspended.is_empty()
            && let Some(bound) = self.suspended.get(&serial)
        {
            self.bound(exchange, *bound);
        }
    }

    /// No portal is left.
    pub(super) fn forget_suspended(&mut self) {
        self.suspended.clear();
    }

    /// Bounds an exchange, beside what bounds it already.
    pub(super) fn bound(&mut self, exchange: ExchangeId, bound: Bound) {
        if bound != Bound::NONE {
            self.change(exchange, |watch| watch.bound = watch.bound.and(bound));
        }
    }

    /// What an exchange may hold as a whole.
    pub(super) fn bound_of(&self, exchange: ExchangeId) -> Bound {
        self.find(exchange).map_or(Bound::NONE, |watch| watch.bound)
    }

    /// A statement of a Query has ended: its rows and bytes go on to count.
    pub(super) fn add(&mut self, exchange: ExchangeId, (rows, bytes): (u64, u64)) {
        if let Some(watch) = self.find_mut(exchange) {
            watch.before = (watch.before.0 + rows, watch.before.1 + bytes);
        }
    }

    /// The exchange has left the queue.
    pub(super) fn forget(&mut self, exchange: ExchangeId) {
        if let Ok(place) = self.place(exchange) {
            self.exchanges.remove(place);
        }
    }

    fn change(&mut self, exchange: ExchangeId, change: impl FnOnce(&mut Watch)) {
        if let Err(place) = self.place(exchange) {
            let (bound, before) = (Bound::NONE, (0, 0));
            self.exchanges.insert(place, Watch { exchange, bound, before, told: false, relabel: None });
        }
        if let Some(watch) = self.find_mut(exchange) {
            change(watch);
        }
    }

    fn place(&self, exchange: ExchangeId) -> Result<usize, usize> {
        self.exchanges.binary_search_by_key(&exchange, |watch| watch.exchange)
    }

    fn find(&self, exchange: ExchangeId) -> Option<&Watch> {
        self.place(exchange).ok().and_then(|place| self.exchanges.get(place))
    }

    fn find_mut(&mut self, exchange: ExchangeId) -> Option<&mut Watch> {
        self.place(exchange).ok().and_then(|place| self.exchanges.get_mut(place))
    }
}

impl<T: Clone> Session<T> {
    /// Bounds what a request that was admitted may be answered with, all statements of a Query together,
    /// all parts of an execution fetched in parts together. Pieces of COPY data count as rows; bytes are
    /// those of the whole answer, as [`Event::Completed`] tells them. Going beyond is told by
    /// [`Event::Exceeded`]; nothing is held back. Bounds set before hold too. A request the server has
    /// answered, or will not look at, has nothing left to bound.
    pub fn limit(&mut self, exchange: ExchangeId, rows: Option<u64>, bytes: Option<u64>) {
        if self.is_pending(exchange) {
            let bound = Bound { rows: rows.unwrap_or(u64::MAX), bytes: bytes.unwrap_or(u64::MAX) };
            self.watches.bound(exchange, bound);
        }
    }

    /// Says what the client is told if this request ends as cancelled (57014): told by [`Event::Cut`].
    /// For whoever cancels it upstream in the gateway's name. If it ends in any other way, that is how it
    /// ended. An execution that stops at its row limit first is not relabelled when it goes on.
    pub fn relabel(&mut self, exchange: ExchangeId, refusal: Refusal) {
        if self.is_pending(exchange) {
            self.watches.change(exchange, |watch| watch.relabel = Some(Box::new(refusal)));
        }
    }

    fn is_pending(&self, exchange: ExchangeId) -> bool {
        exchange > 0 && self.pending.iter().rev().any(|pending| pending.exchange == exchange)
    }

    /// What the statement that is being answered may still bring, beside what is counted in `rows` and
    /// `bytes`. `None` without a bound, and when going beyond it was told.
    pub(super) fn left(&self) -> Option<Bound> {
        let is_mark = |pending: &&Pending<T>| matches!(pending.reply, Reply::CopyEnd);
        let front = self.pending.iter().find(|pending| !is_mark(pending))?;
        let before = match &front.reply {
            Reply::Query { .. } => (0, 0),
            Reply::Execute { portal, serial, .. } => {
                let portal = self.portals.of(portal).filter(|portal| portal.serial == *serial);
                let suspended = portal.and_then(|portal| portal.suspended);
                suspended.map_or((0, 0), |suspended| (suspended.rows, suspended.bytes))
            }
            _ => return None,
        };
        let watch = self.watches.find(front.exchange)?;
        let bounded = !watch.told && watch.bound != Bound::NONE;
        bounded.then(|| watch.bound.less(watch.before).less(before))
    }

    /// Whether the message that begins with this header goes beyond what the answer may hold.
    pub(super) fn exceeded(&mut self, header: Header) -> Option<Event> {
        let rows = self.rows + u64::from(matches!(header.tag, b'D' | b'd'));
        let what = self.left()?.excess(rows, self.bytes + header.frame() as u64)?;
        let exchange = self.front()?.exchange;
        self.watches.change(exchange, |watch| watch.told = true);
        Some(Event::Exceeded { exchange, what })
    }

    /// An execution with this bound was suspended: whatever goes on with its portal is bounded too, also
    /// what was sent already.
    pub(super) fn stays_bounded(&mut self, serial: u64, bound: Bound) {
        if bound == Bound::NONE {
            return;
        }
        if self.watches.suspended.len() >= 2 * NAMES_MAX {
            let alive: HashSet<u64> = self.portals.values().map(|portal| portal.serial).collect();
            self.watches.suspended.retain(|portal, _| alive.contains(portal));
        }
        self.watches.suspended.insert(serial, bound);
        let of_portal =
            |reply: &Reply<T>| matches!(reply, Reply::Execute { serial: of, .. } if *of == serial);
        if let Some(next) = self.pending.iter().find(|pending| of_portal(&pending.reply)) {
            self.watches.bound(next.exchange, bound);
        }
    }

    /// What stands in place of this error, if it says that a request was cancelled which the gateway has
    /// cancelled.
    pub(super) fn relabelled(&mut self, error: &[u8]) -> Option<Box<Refusal>> {
        if self.watches.is_empty() {
            return None;
        }
        let exchange = self.failing()?;
        let facts = message::error(error);
        // A client that breaks off its own COPY is told so under the same number.
        let cancelled = facts.sqlstate == Some(CANCELED) && !facts.fatal && !facts.in_copy;
        if cancelled { self.watches.find_mut(exchange)?.relabel.take() } else { None }
    }

    /// Puts the gateway's words in place of the server's error, of which `held` bytes are there.
    pub(super) fn cut(&mut self, header: Header, held: &[u8], refusal: &Refusal) -> Read<Option<Event>> {
        let (rows, mut bytes) = (self.rows, Vec::new());
        refusal::error_response(Severity::Error, refusal, &mut bytes);
        self.bytes += bytes.len() as u64;
        self.server_dropped = header.body - held.len();
        let failure = self.fail(message::error(held))?;
        Ok(failure.exchange.map(|exchange| Event::Cut {
            exchange,
            replaces: HEADER_BYTES + held.len(),
            bytes,
            sqlstate: *refusal::sqlstate(refusal.class),
            rows,
            bytes_out: failure.bytes,
            copied_in: failure.copied_in,
        }))
    }
}
