//! How does a cancel reach the right session, and never a later statement of it?
//!
//! Process id and key pass verbatim from the server to the client; the registry remembers which
//! session they belong to. While a cancel is on its way upstream, the session's next request waits:
//! the server signals its backend before it closes the connection a cancel came by, so once that
//! is closed the cancel can only have hit what ran before.
//!
//! MySQL gives out no key: what runs there is stopped by a statement of another login ([`Killer`]), which
//! the client sends like any other and the gateway itself where the listener has such a login.

use crate::settings::{ListenerSettings, UpstreamAddress};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;

/// Cancels of one listener on their way at once; more wait their turn.
pub(crate) const IN_FLIGHT_MAX: usize = 64;

/// Stops what a session runs, at a server that takes that only from a login of its own (MySQL's KILL QUERY).
pub trait Killer: std::fmt::Debug + Send + Sync {
    /// Asks the server at `upstream` to stop what its connection `process` runs. The answer comes when the
    /// server has done so; where it has not, it says why. Called on a relay thread, it does nothing there.
    fn kill(
        &self,
        settings: Arc<ListenerSettings>,
        upstream: UpstreamAddress,
        process: u32,
    ) -> oneshot::Receiver<Result<(), String>>;
}

/// Who has sent a cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CancelFrom {
    /// A client: its session may be anywhere.
    Client,
    /// Another process or data plane, which looks at the others itself.
    Elsewhere,
}

/// Knows sessions of the same listener that another process serves: the one before this, after a restart, or
/// another data plane.
pub trait Elsewhere: std::fmt::Debug + Send + Sync {
    /// Has a cancel brought to the session of this process id and key, if it has one. The answer comes when it has
    /// arrived or nobody is there for it; `None` when nobody can be asked.
    fn cancel(&self, listener: &str, process: u32, key: &[u8]) -> Option<oneshot::Receiver<()>>;
}

/// How a session is cancelled at its server.
#[derive(Clone, Debug)]
pub(crate) enum How {
    /// By the key the server gave out (PostgreSQL).
    Key(Box<[u8]>),
    /// By another login (MySQL).
    Killer(Arc<dyn Killer>),
    /// Not at all.
    Nohow,
}

/// One session, as far as a cancel is concerned.
#[derive(Debug)]
pub(crate) struct CancelTarget {
    id: u32,
    pub(crate) how: How,
    /// Who is logged in.
    user: Mutex<Box<str>>,
    /// Where the session's own connection went.
    pub(crate) upstream: UpstreamAddress,
    in_flight: AtomicU32,
    waker: Mutex<Option<Waker>>,
}

impl CancelTarget {
    /// Somebody else is logged in.
    pub(crate) fn set_user(&self, user: &str) {
        *self.user.lock().unwrap_or_else(PoisonError::into_inner) = user.into();
    }

    /// Whether the gateway can cancel what it runs.
    pub(crate) fn can_be_cancelled(&self) -> bool {
        !matches!(self.how, How::Nohow)
    }

    fn has_key(&self, key: &[u8]) -> bool {
        matches!(&self.how, How::Key(known) if bool::from(known.ct_eq(key)))
    }

    /// The process id that the server gave out.
    pub(crate) fn process(&self) -> u32 {
        self.id
    }

    /// Waits until no cancel is on its way. Cancel safe.
    pub(crate) fn poll_quiet(&self, context: &mut Context<'_>) -> Poll<()> {
        if self.in_flight.load(Ordering::Acquire) == 0 {
            return Poll::Ready(());
        }
        *self.waker.lock().unwrap_or_else(PoisonError::into_inner) = Some(context.waker().clone());
        if self.in_flight.load(Ordering::Acquire) == 0 { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Begins a cancel of the gateway's own: the session's next request waits until it has arrived.
pub(crate) fn begin_own(target: &Arc<CancelTarget>) -> InFlight {
    target.in_flight.fetch_add(1, Ordering::AcqRel);
    InFlight(Arc::clone(target))
}

/// A cancel on its way; arrived, or given up, when dropped.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<CancelTarget>);

impl InFlight {
    pub(crate) fn target(&self) -> &CancelTarget {
        &self.0
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if self.0.in_flight.fetch_sub(1, Ordering::AcqRel) == 1 {
            let waker = self.0.waker.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}

/// The sessions of one listener by the process id their server gave out.
#[derive(Debug)]
pub struct CancelRegistry {
    sessions: Mutex<HashMap<u32, Vec<Arc<CancelTarget>>>>,
    pub(crate) places: tokio::sync::Semaphore,
    /// Who knows sessions of the process before this one.
    pub(crate) elsewhere: OnceLock<Arc<dyn Elsewhere>>,
    /// Who asks other data planes.
    pub(crate) fleet: OnceLock<Arc<dyn Elsewhere>>,
}

impl Default for CancelRegistry {
    fn default() -> Self {
        CancelRegistry {
            sessions: Mutex::default(),
            places: tokio::sync::Semaphore::new(IN_FLIGHT_MAX),
            elsewhere: OnceLock::new(),
            fleet: OnceLock::new(),
        }
    }
}

impl CancelRegistry {
    pub(crate) fn register(
        &self,
        id: u32,
        how: How,
        upstream: UpstreamAddress,
        user: &str,
    ) -> Arc<CancelTarget> {
        let (in_flight, waker) = (AtomicU32::new(0), Mutex::default());
        let user = Mutex::new(user.into());
        let target = Arc::new(CancelTarget { id, how, user, upstream, in_flight, waker });
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.entry(id).or_default().push(Arc::clone(&target));
        target
    }

    pub(crate) fn unregister(&self, target: &Arc<CancelTarget>) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(targets) = sessions.get_mut(&target.id) {
            targets.retain(|other| !Arc::ptr_eq(other, target));
            if targets.is_empty() {
                sessions.remove(&target.id);
            }
        }
    }

    /// Whether a session of this id is open, and all such are this user's: a listener may have several
    /// servers behind it, each with ids of its own.
    pub(crate) fn is_of(&self, id: u32, user: &str) -> bool {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let is_users = |target: &Arc<CancelTarget>| {
            **target.user.lock().unwrap_or_else(PoisonError::into_inner) == *user
        };
        sessions.get(&id).is_some_and(|targets| targets.iter().all(is_users))
    }

    /// Finds the session an id and key belong to and holds its next request. Keys are compared in
    /// constant time.
    pub(crate) fn begin(&self, id: u32, key: &[u8]) -> Option<InFlight> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let target = sessions.get(&id)?.iter().find(|target| target.has_key(key))?;
        target.in_flight.fetch_add(1, Ordering::AcqRel);
        Some(InFlight(Arc::clone(target)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::path::PathBuf;

    fn upstream() -> UpstreamAddress {
        UpstreamAddress::Unix(PathBuf::from("/nowhere"))
    }

    fn register(registry: &CancelRegistry, id: u32, key: &[u8]) -> Arc<CancelTarget> {
        registry.register(id, How::Key(key.into()), upstream(), "ann")
    }

    #[test]
    fn a_session_is_its_users_as_long_as_it_is_open() {
        let registry = CancelRegistry::default();
        let target = registry.register(7, How::Nohow, upstream(), "ann");
        assert!(registry.is_of(7, "ann"));
        assert!(!registry.is_of(7, "bob") && !registry.is_of(8, "ann"));
        // The same number at another server.
        let other = registry.register(7, How::Nohow, upstream(), "bob");
        assert!(!registry.is_of(7, "ann") && !registry.is_of(7, "bob"));
        other.set_user("ann");
        assert!(registry.is_of(7, "ann"));
        registry.unregister(&other);
        registry.unregister(&target);
        assert!(!registry.is_of(7, "ann"));
        assert!(registry.begin(7, b"").is_none());
    }

    #[test]
    fn only_the_right_key_finds_a_session() {
        let registry = CancelRegistry::default();
        let long: Box<[u8]> = vec![7; 256].into();
        register(&registry, 1, b"abcd");
        register(&registry, 1, &long);
        assert!(registry.begin(1, b"abcd").is_some());
        assert!(registry.begin(1, &long).is_some());
        for (id, key) in [(1, &b"abce"[..]), (1, b"abc"), (2, b"abcd"), (1, b"")] {
            assert!(registry.begin(id, key).is_none());
        }
    }

    #[test]
    fn a_session_is_quiet_again_when_every_cancel_arrived() {
        let registry = CancelRegistry::default();
        let target = register(&registry, 1, b"abcd");
        let mut context = Context::from_waker(Waker::noop());
        let (first, second) = (registry.begin(1, b"abcd").unwrap(), registry.begin(1, b"abcd").unwrap());
        assert!(target.poll_quiet(&mut context).is_pending());
        drop(first);
        assert!(target.poll_quiet(&mut context).is_pending());
        drop(second);
        assert!(target.poll_quiet(&mut context).is_ready());
    }

    #[test]
    fn a_session_that_ended_cannot_be_cancelled() {
        let registry = CancelRegistry::default();
        let target = register(&registry, 1, b"abcd");
        registry.unregister(&target);
        assert!(registry.begin(1, b"abcd").is_none());
    }
}
