//! What does everything in one session have at hand?

use crate::analyses::Analyses;
use crate::counters::ThreadCounters;
use crate::journal::Journal;
use crate::listener::Listener;
use crate::meaning::Meanings;
use crate::settings::ListenerSettings;
use crate::statistics::Statistics;
use crate::sweep::{Mark, Sessions};
use exchange::{Principal, Session};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The protocol side of a session.
pub(crate) type Wire = crate::session::Session;

/// What the sessions of one relay thread share. Lives on that thread only.
#[derive(Debug)]
pub(crate) struct Thread {
    pub(crate) index: usize,
    pub(crate) journal: RefCell<Journal>,
    pub(crate) analyses: RefCell<Analyses>,
    pub(crate) meanings: RefCell<Meanings>,
    pub(crate) statistics: RefCell<Statistics>,
    pub(crate) sessions: Sessions,
    pub(crate) wall: Wall,
    /// Told when openings should be given up.
    pub(crate) stopping: tokio::sync::Notify,
}

/// One session's surroundings.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) thread: Rc<Thread>,
    pub(crate) listener: Arc<Listener>,
    pub(crate) settings: Arc<ListenerSettings>,
    mark: Rc<Mark>,
}

impl Scope {
    pub(crate) fn new(
        thread: Rc<Thread>,
        listener: Arc<Listener>,
        settings: Arc<ListenerSettings>,
        mark: Rc<Mark>,
    ) -> Scope {
        Scope { thread, listener, settings, mark }
    }

    /// Who is asking, as of now.
    pub(crate) fn facts(&self) -> Arc<Session> {
        Arc::clone(&self.mark.facts.borrow())
    }

    /// The same, looked at where it is.
    pub(crate) fn with_facts<R>(&self, look: impl FnOnce(&Session) -> R) -> R {
        look(&self.mark.facts.borrow())
    }

    /// The server reported another `application_name`.
    pub(crate) fn set_application(&self, name: &[u8]) {
        self.change(name, |principal| &mut principal.application);
    }

    /// The session was given to another user.
    pub(crate) fn set_user(&self, name: &[u8]) {
        self.change(name, |principal| &mut principal.user);
    }

    /// The session went to another database.
    pub(crate) fn set_database(&self, name: &[u8]) {
        self.change(name, |principal| &mut principal.database);
    }

    fn change(&self, value: &[u8], part: fn(&mut Principal) -> &mut Box<str>) {
        let mut facts = self.mark.facts.borrow_mut();
        let mut changed = Session::clone(&facts);
        let part = part(&mut changed.principal);
        if part.as_bytes() != value {
            *part = String::from_utf8_lossy(value).into();
            *facts = Arc::new(changed);
        }
    }

    pub(crate) fn counters(&self) -> &ThreadCounters {
        counters(&self.listener, self.thread.index)
    }
}

/// A listener's counters of one thread. A listener is made with as many as there are threads.
pub(crate) fn counters(listener: &Listener, thread: usize) -> &ThreadCounters {
    &listener.counters[thread]
}

/// Tells the time of day from the monotonic clock, so that one reading of a clock serves both.
#[derive(Debug)]
pub(crate) struct Wall(Cell<(Instant, u64)>);

impl Wall {
    pub(crate) fn new() -> Wall {
        Wall(Cell::new((Instant::now(), now_us())))
    }

    /// Takes in what has been done to the time of day since: with every sweep.
    pub(crate) fn set(&self) {
        self.0.set((Instant::now(), now_us()));
    }

    /// Microseconds since 1970-01-01 UTC at that moment.
    pub(crate) fn at(&self, moment: Instant) -> u64 {
        let (base, base_us) = self.0.get();
        let since = moment.saturating_duration_since(base);
        base_us.saturating_add(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
    }
}

/// Microseconds since 1970-01-01 UTC.
pub(crate) fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
