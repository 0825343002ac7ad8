//! How is one session cancelled or ended that somebody names?
//!
//! Each relay thread is asked whether it has the session; the one that has does what is wanted. What cancels
//! at the server stays in the session's own [`CancelTarget`](crate::cancel): nobody who asks is given it.

use crate::cancel;
use crate::connection;
use crate::scope::Thread;
use crate::sight::{Activity, SessionSight};
use crate::sweep::{Ending, Mark};
use exchange::SessionId;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::oneshot;

/// What is wanted of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The server is to stop what it runs, as when the client itself asks for that.
    Cancel,
    /// It is to end: its client is told, what it runs is cancelled, both connections are closed.
    Terminate,
}

/// Something is wanted of a session.
#[derive(Clone, Debug)]
pub struct Demand {
    /// Which.
    pub session: SessionId,
    /// Whose it must be.
    pub workspace: Arc<str>,
    /// Behind which listeners it may be.
    pub listeners: Arc<[Box<str>]>,
    /// What is wanted.
    pub wish: Wish,
}

/// What became of it.
#[derive(Debug)]
pub enum Outcome {
    /// There is no such session.
    NotHere,
    /// It is done, or is being done.
    Done(SessionSight),
    /// The server owes it nothing.
    NothingRuns(SessionSight),
    /// The server gave out nothing that it could be cancelled by.
    NoKey(SessionSight),
    /// The cancel did not arrive, for this reason.
    NotDelivered(SessionSight, String),
}

/// Does what is wanted, if the session is of this thread.
pub(crate) fn obey(thread: &Rc<Thread>, demand: &Demand, reply: oneshot::Sender<Outcome>) {
    let found = thread.sessions.find(demand.session).filter(|mark| is_meant(mark, demand));
    let Some(mark) = found else {
        let _ = reply.send(Outcome::NotHere);
        return;
    };
    let sight = mark.sight(Instant::now());
    match demand.wish {
        Wish::Terminate => {
            mark.end(Ending::Terminated);
            let _ = reply.send(Outcome::Done(sight));
        }
        Wish::Cancel => cancel(&mark, sight, reply),
    }
}

fn is_meant(mark: &Mark, demand: &Demand) -> bool {
    let facts = mark.facts.borrow();
    facts.workspace == demand.workspace && demand.listeners.iter().any(|name| **name == *facts.listener)
}

/// From here until the cancel has arrived nothing more of the session passes: it hits what was looked at, or
/// nothing.
fn cancel(mark: &Mark, sight: SessionSight, reply: oneshot::Sender<Outcome>) {
    let Some(target) = mark.cancel.borrow().clone().filter(|target| target.can_be_cancelled()) else {
        let _ = reply.send(Outcome::NoKey(sight));
        return;
    };
    if sight.activity != Activity::Busy || sight.current.is_none() {
        let _ = reply.send(Outcome::NothingRuns(sight));
        return;
    }
    let (on_its_way, settings) = (cancel::begin_own(&target), Arc::clone(&mark.settings));
    tokio::task::spawn_local(async move {
        let outcome = match connection::cancel_asked(on_its_way, &settings).await {
            Ok(()) => Outcome::Done(sight),
            Err(reason) => Outcome::NotDelivered(sight, reason),
        };
        let _ = reply.send(outcome);
    });
}
