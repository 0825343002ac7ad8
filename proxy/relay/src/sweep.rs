//! Which sessions have been idle too long, and which should end because the gateway stops?
//!
//! A timer per session would cost memory and re-arming; instead every session leaves a [`Mark`]
//! with its thread, and one task looks at all of them twice a second.

use crate::exchanges::Exchanges;
use crate::settings::ListenerSettings;
use crate::sight::{Activity, SessionSight};
use exchange::{Session, TransactionState};
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
}

/// Longest wait for a server to close its end after the client's goodbye.
const LEAVE_WAIT: Duration = Duration::from_secs(10);

/// One session, as its thread sees it.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) activity: Cell<Activity>,
    /// A request waits at the gate, which has a bound of its own to look at.
    pub(crate) waiting: Cell<bool>,
    since: Cell<Instant>,
    ending: Cell<Option<Ending>>,
    waker: RefCell<Option<Waker>>,
    /// Who it is, as of now.
    pub(crate) facts: RefCell<Arc<Session>>,
    /// What is under way; here, so that it can be seen without asking the session.
    pub(crate) exchanges: RefCell<Exchanges>,
    begun: Instant,
    settings: Arc<ListenerSettings>,
}

impl Mark {
    pub(crate) fn new(facts: Session, settings: Arc<ListenerSettings>, now: Instant) -> Rc<Mark> {
        Rc::new(Mark {
            activity: Cell::new(Activity::Login),
            waiting: Cell::new(false),
            since: Cell::new(now),
            ending: Cell::new(None),
            waker: RefCell::new(None),
            facts: RefCell::new(Arc::new(facts)),
            exchanges: RefCell::default(),
            begun: now,
            settings,
        })
    }

    /// Notes what the session does now; `coarse` is the thread's clock of the last sweep.
    pub(crate) fn set(&self, activity: Activity, coarse: Instant) {
        self.activity.set(activity);
        self.since.set(coarse);
    }

    /// Whether the session should end; remembers whom to wake when it should.
    pub(crate) fn ending(&self, waker: &Waker) -> Option<Ending> {
        let mut mine = self.waker.borrow_mut();
        if !mine.as_ref().is_some_and(|mine| mine.will_wake(waker)) {
            *mine = Some(waker.clone());
        }
        self.ending.get()
    }

    fn end(&self, ending: Ending) {
        if self.ending.get().is_none() {
            self.ending.set(Some(ending));
            if let Some(waker) = self.waker.borrow().as_ref() {
                waker.wake_by_ref();
            }
        }
    }

    /// What somebody sees who looks at the session.
    fn sight(&self, now: Instant) -> SessionSight {
        let exchanges = self.exchanges.borrow();
        SessionSight {
            session: Arc::clone(&self.facts.borrow()),
            activity: self.activity.get(),
            activity_for: now.saturating_duration_since(self.since.get()),
            age: now.saturating_duration_since(self.begun),
            current: exchanges.current(now),
            exchanges: exchanges.begun(),
        }
    }

    fn look(&self, now: Instant, draining: bool) {
        let waits = self.waiting.get() || self.exchanges.borrow().overdue(now).is_some();
        if waits && let Some(waker) = self.waker.borrow().as_ref() {
            waker.wake_by_ref();
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
}

impl Sessions {
    pub(crate) fn new(now: Instant) -> Sessions {
        Sessions { marks: RefCell::default(), coarse: Cell::new(now), draining: Cell::new(false) }
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
        self.draining.set(true);
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
