//! Which sessions have been idle too long, and which should end because the gateway stops?
//!
//! A timer per session would cost memory and re-arming; instead every session leaves a [`Mark`]
//! with its thread, and one task looks at all of them twice a second.

use crate::cancel::CancelTarget;
use crate::exchanges::Exchanges;
use crate::settings::ListenerSettings;
use crate::sight::{Activity, SessionSight};
use exchange::{ExchangeId, Session, SessionId, TransactionState};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};

/// How often marks are looked at: the precision of idle limits.
pub(crate) const PERIOD: Duration = Duration::from_millis(500);

/// Why a session is asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    LoginTooLong,
    IdleTooLong,
    IdleInTransactionTooLong,
    ShuttingDown,
    /// The server did not close its end in time, and nobody waits for it.
    Left,
    /// The session was to be read-only, and the server did not make it so.
    Unguarded,
    /// Somebody who may ended it.
    Terminated,
    /// An answer went beyond its bound, and nobody can tell the server to stop.
    LimitReached,
    /// Its statement takes room for too long that others need.
    HoldsTooLong,
}

/// Longest wait for a server to close its end after the client's goodbye.
const LEAVE_WAIT: Duration = Duration::from_secs(10);

/// Longest time in which a client does nothing about a statement whose room others need.
const STALL_MAX: Duration = Duration::from_secs(1);

/// Longest time such a statement may take to arrive and leave.
const HOLD_MAX: Duration = Duration::from_secs(10);

/// What a session holds for a statement that its server does not have yet, beyond what every session may.
#[derive(Clone, Copy, Debug)]
struct Holding {
    bytes: usize,
    since: Instant,
    /// When the last byte of it came, or the session had to wait for room.
    heard: Instant,
    /// Whether it is the client that has to go on.
    at_client: bool,
}

/// What a session tells of that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    pub(crate) bytes: usize,
    /// Whether it is the client that has to go on, by sending or by reading.
    pub(crate) at_client: bool,
    /// Whether more of it has come.
    pub(crate) heard: bool,
}

impl Holding {
    fn is_slow(&self, now: Instant) -> bool {
        let is_stalled = now.saturating_duration_since(self.heard) >= STALL_MAX;
        (self.at_client && is_stalled) || now.saturating_duration_since(self.since) >= HOLD_MAX
    }
}

/// One session, as its thread sees it.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) activity: Cell<Activity>,
    /// A request waits at the gate, which has a bound of its own to look at.
    pub(crate) waiting: Cell<bool>,
    /// A statement waits for room to arrive in.
    pub(crate) short: Cell<bool>,
    since: Cell<Instant>,
    ending: Cell<Option<Ending>>,
    waker: RefCell<Option<Waker>>,
    /// Who it is, as of now.
    pub(crate) facts: RefCell<Arc<Session>>,
    /// What is under way; here, so that it can be seen without asking the session.
    pub(crate) exchanges: RefCell<Exchanges>,
    /// What cancels at the server; it never leaves the data plane.
    pub(crate) cancel: RefCell<Option<Arc<CancelTarget>>>,
    pub(crate) bytes_in: Cell<u64>,
    pub(crate) bytes_out: Cell<u64>,
    /// An exchange that was to be cancelled for its bound, and was not.
    pub(crate) uncancelled: Cell<Option<ExchangeId>>,
    /// What it holds for a statement that its server does not have yet.
    holding: Cell<Option<Holding>>,
    /// Since when a transaction block is open.
    transaction: Cell<Option<Instant>>,
    begun: Instant,
    pub(crate) settings: Arc<ListenerSettings>,
}

impl Mark {
    pub(crate) fn new(facts: Session, settings: Arc<ListenerSettings>, now: Instant) -> Rc<Mark> {
        Rc::new(Mark {
            activity: Cell::new(Activity::Login),
            waiting: Cell::new(false),
            short: Cell::new(false),
            since: Cell::new(now),
            ending: Cell::new(None),
            waker: RefCell::new(None),
            facts: RefCell::new(Arc::new(facts)),
            exchanges: RefCell::default(),
            cancel: RefCell::default(),
            bytes_in: Cell::new(0),
            bytes_out: Cell::new(0),
            uncancelled: Cell::new(None),
            holding: Cell::new(None),
            transaction: Cell::new(None),
            begun: now,
            settings,
        })
    }

    /// Notes what the session does now; `coarse` is the thread's clock of the last sweep.
    pub(crate) fn set(&self, activity: Activity, coarse: Instant) {
        self.activity.set(activity);
        self.since.set(coarse);
    }

    /// Whether it holds more than every session may.
    pub(crate) fn is_holding(&self) -> bool {
        self.holding.get().is_some()
    }

    /// Whether the session should end; remembers whom to wake when it should.
    pub(crate) fn ending(&self, waker: &Waker) -> Option<Ending> {
        let mut mine = self.waker.borrow_mut();
        if !mine.as_ref().is_some_and(|mine| mine.will_wake(waker)) {
            *mine = Some(waker.clone());
        }
        self.ending.get()
    }

    /// The server said how far the transaction is: the moment counts at which its block was opened.
    pub(crate) fn in_transaction(&self, state: TransactionState) {
        match (state, self.transaction.get()) {
            (TransactionState::Idle, None) | (TransactionState::Open | TransactionState::Failed, Some(_)) => {
            }
            (TransactionState::Idle, Some(_)) => self.transaction.set(None),
            (TransactionState::Open | TransactionState::Failed, None) => {
                self.transaction.set(Some(self.exchanges.borrow().moment()));
            }
        }
    }

    pub(crate) fn end(&self, ending: Ending) {
        if self.ending.get().is_none() {
            self.ending.set(Some(ending));
            self.wake();
        }
    }

    /// Nobody could cancel this exchange.
    pub(crate) fn not_cancelled(&self, exchange: ExchangeId) {
        self.uncancelled.set(Some(exchange));
        self.wake();
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.borrow().as_ref() {
            waker.wake_by_ref();
        }
    }

    /// What somebody sees who looks at the session.
    pub(crate) fn sight(&self, now: Instant) -> SessionSight {
        let exchanges = self.exchanges.borrow();
        SessionSight {
            session: Arc::clone(&self.facts.borrow()),
            activity: self.activity.get(),
            activity_for: now.saturating_duration_since(self.since.get()),
            age: now.saturating_duration_since(self.begun),
            current: exchanges.current(now),
            exchanges: exchanges.begun(),
            transaction_for: self.transaction.get().map(|since| now.saturating_duration_since(since)),
            waits: self.waiting.get(),
            bytes_in: self.bytes_in.get(),
            bytes_out: self.bytes_out.get(),
            server: self.cancel.borrow().as_ref().map(|target| (target.process(), target.upstream.clone())),
        }
    }

    fn look(&self, now: Instant, draining: bool) {
        let waits = self.waiting.get() || self.short.get() || self.exchanges.borrow().overdue(now).is_some();
        if waits {
            self.wake();
        }
        let limits = &self.settings.limits;
        let waited = now.saturating_duration_since(self.since.get());
        let over = |limit: Option<Duration>| limit.is_some_and(|limit| waited >= limit);
        match self.activity.get() {
            Activity::Login if waited >= limits.login => self.end(Ending::LoginTooLong),
            Activity::Leaving if waited >= LEAVE_WAIT => self.end(Ending::Left),
            Activity::Login | Activity::Busy | Activity::Leaving => {}
            Activity::Idle(TransactionState::Idle) if draining => self.end(Ending::ShuttingDown),
            Activity::Idle(TransactionState::Idle) if over(limits.idle) => self.end(Ending::IdleTooLong),
            Activity::Idle(TransactionState::Idle) => {}
            Activity::Idle(_) if over(limits.transaction_idle) => self.end(Ending::IdleInTransactionTooLong),
            Activity::Idle(_) => {}
        }
    }
}

/// All sessions of a thread.
#[derive(Debug)]
pub(crate) struct Sessions {
    marks: RefCell<Vec<Weak<Mark>>>,
    coarse: Cell<Instant>,
    draining: Cell<bool>,
    /// That it is for good.
    stopping: Cell<bool>,
    /// What the sessions hold for statements that their servers do not have yet, and may.
    held: Cell<usize>,
    held_max: usize,
}

impl Sessions {
    pub(crate) fn new(now: Instant, held_max: usize) -> Sessions {
        Sessions {
            marks: RefCell::default(),
            coarse: Cell::new(now),
            draining: Cell::new(false),
            stopping: Cell::new(false),
            held: Cell::new(0),
            held_max,
        }
    }

    /// Notes what a session holds for a statement.
    pub(crate) fn holds(&self, mark: &Mark, Held { bytes, at_client, heard }: Held) {
        let before = mark.holding.get();
        let coarse = self.coarse.get();
        self.held.set(self.held.get() + bytes - before.map_or(0, |holding| holding.bytes));
        mark.holding.set((bytes > 0).then(|| Holding {
            bytes,
            since: before.map_or(coarse, |holding| holding.since),
            heard: before.filter(|_| !heard).map_or(coarse, |holding| holding.heard),
            at_client,
        }));
    }

    /// Whether a session may take `more` bytes for its statement now. Where there is no room it is the turn of the
    /// one that began first, so that each gets through in the end; what takes too long about it ends.
    pub(crate) fn may_hold(&self, mark: &Mark, more: usize) -> bool {
        let mut over = (self.held.get() + more).saturating_sub(self.held_max);
        if over == 0 {
            return true;
        }
        if let Some(holding) = mark.holding.get() {
            mark.holding.set(Some(Holding { heard: self.coarse.get(), ..holding }));
        }
        let marks: Vec<_> = self.marks.borrow().iter().filter_map(Weak::upgrade).collect();
        let mut holding: Vec<_> = marks.iter().filter_map(|mark| Some((mark.holding.get()?, mark))).collect();
        holding.sort_by_key(|(holding, _)| holding.since);
        for (holding, slow) in &holding {
            if over == 0 || !(holding.is_slow(self.coarse.get()) || slow.ending.get().is_some()) {
                continue;
            }
            slow.end(Ending::HoldsTooLong);
            over = over.saturating_sub(holding.bytes);
        }
        let first = holding.iter().find(|(_, one)| one.ending.get().is_none());
        first.is_none_or(|(_, first)| std::ptr::eq::<Mark>(&***first, mark))
    }

    pub(crate) fn add(&self, mark: &Rc<Mark>) {
        self.marks.borrow_mut().push(Rc::downgrade(mark));
    }

    /// The time of the last sweep: precise enough for idleness, and free.
    pub(crate) fn coarse(&self) -> Instant {
        self.coarse.get()
    }

    /// From now on sessions end as soon as they are idle outside a transaction.
    pub(crate) fn drain(&self) {
        self.stopping.set(true);
        self.draining.set(true);
        self.sweep(self.coarse.get());
    }

    /// Has sessions end as soon as they are idle outside a transaction, or not any more.
    pub(crate) fn end_idle(&self, ends: bool) {
        // A stop is not taken back.
        self.draining.set(ends || self.stopping.get());
        self.sweep(self.coarse.get());
    }

    /// Ends a session that has just become idle while draining.
    pub(crate) fn end_if_idle(&self, mark: &Mark) {
        mark.look(self.coarse.get(), self.draining.get());
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.get()
    }

    /// What the last `most` of the first `left` sessions show, and how many are left then.
    pub(crate) fn sights(&self, left: usize, most: usize, now: Instant) -> (Vec<SessionSight>, usize) {
        let marks = self.marks.borrow();
        let end = left.min(marks.len());
        let start = end.saturating_sub(most);
        let some = marks.get(start..end).unwrap_or_default();
        (some.iter().filter_map(Weak::upgrade).map(|mark| mark.sight(now)).collect(), start)
    }

    /// The session of this id.
    pub(crate) fn find(&self, id: SessionId) -> Option<Rc<Mark>> {
        let marks = self.marks.borrow();
        let found = |mark: &Rc<Mark>| mark.facts.borrow().id == id;
        marks.iter().filter_map(Weak::upgrade).find(found)
    }

    /// Ends every session, whatever it does.
    pub(crate) fn end_all(&self) {
        for mark in self.marks.borrow().iter().filter_map(Weak::upgrade) {
            mark.end(Ending::ShuttingDown);
        }
    }

    /// Looks at every session; `now` becomes the coarse clock.
    pub(crate) fn sweep(&self, now: Instant) {
        self.coarse.set(now);
        let draining = self.draining.get();
        self.marks.borrow_mut().retain(|mark| {
            let Some(mark) = mark.upgrade() else { return false };
            mark.look(now, draining);
            true
        });
    }
}
