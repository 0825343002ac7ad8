//! What does everything in one session have at hand?

use crate::analyses::Analyses;
use crate::counters::ThreadCounters;
use crate::journal::Journal;
use crate::listener::Listener;
use crate::settings::ListenerSettings;
use crate::sweep::Sessions;
use exchange::Session;
use sql::Analysis;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// The protocol side of a session, which remembers the analysis of what was prepared.
pub(crate) type Wire = wire_postgres::Session<Arc<Analysis>>;

/// What the sessions of one relay thread share. Lives on that thread only.
#[derive(Debug)]
pub(crate) struct Thread {
    pub(crate) index: usize,
    pub(crate) journal: RefCell<Journal>,
    pub(crate) analyses: RefCell<Analyses>,
    pub(crate) sessions: Sessions,
    /// Told when openings should be given up.
    pub(crate) stopping: tokio::sync::Notify,
}

/// One session's surroundings.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) thread: Rc<Thread>,
    pub(crate) listener: Arc<Listener>,
    pub(crate) settings: Arc<ListenerSettings>,
    facts: RefCell<Arc<Session>>,
}

impl Scope {
    pub(crate) fn new(
        thread: Rc<Thread>,
        listener: Arc<Listener>,
        settings: Arc<ListenerSettings>,
        facts: Session,
    ) -> Scope {
        Scope { thread, listener, settings, facts: RefCell::new(Arc::new(facts)) }
    }

    /// Who is asking, as of now.
    pub(crate) fn facts(&self) -> Arc<Session> {
        Arc::clone(&self.facts.borrow())
    }

    /// The server reported another `application_name`.
    pub(crate) fn set_application(&self, name: &[u8]) {
        let mut facts = self.facts.borrow_mut();
        if facts.principal.application.as_bytes() != name {
            let mut changed = Session::clone(&facts);
            changed.principal.application = String::from_utf8_lossy(name).into();
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

/// Microseconds since 1970-01-01 UTC.
pub(crate) fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
