//! How does a cancel reach the right session, and never a later statement of it?
//!
//! Process id and key pass verbatim from the server to the client; the registry remembers which
//! session they belong to. While a cancel is on its way upstream, the session's next request waits:
//! the server signals its backend before it closes the connection a cancel came by, so once that
//! is closed the cancel can only have hit what ran before.

use crate::settings::UpstreamAddress;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use subtle::ConstantTimeEq;

/// Cancels of one listener on their way at once; more wait their turn.
pub(crate) const IN_FLIGHT_MAX: usize = 64;

/// One session, as far as a cancel is concerned.
#[derive(Debug)]
pub(crate) struct CancelTarget {
    id: u32,
    key: Box<[u8]>,
    /// Where the session's own connection went.
    pub(crate) upstream: UpstreamAddress,
    in_flight: AtomicU32,
    waker: Mutex<Option<Waker>>,
}

impl CancelTarget {
    /// The request that cancels what this session runs, as its client would send it.
    pub(crate) fn request(&self) -> Vec<u8> {
        wire_postgres::startup::cancel_request(self.id, &self.key)
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
}

impl Default for CancelRegistry {
    fn default() -> Self {
        CancelRegistry { sessions: Mutex::default(), places: tokio::sync::Semaphore::new(IN_FLIGHT_MAX) }
    }
}

impl CancelRegistry {
    pub(crate) fn register(&self, id: u32, key: Box<[u8]>, upstream: UpstreamAddress) -> Arc<CancelTarget> {
        let target = Arc::new(CancelTarget {
            id,
            key,
            upstream,
            in_flight: AtomicU32::new(0),
            waker: Mutex::default(),
        });
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

    /// Finds the session an id and key belong to and holds its next request. Keys are compared in
    /// constant time.
    pub(crate) fn begin(&self, id: u32, key: &[u8]) -> Option<InFlight> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let target = sessions.get(&id)?.iter().find(|target| bool::from(target.key.ct_eq(key)))?;
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

    #[test]
    fn only_the_right_key_finds_a_session() {
        let registry = CancelRegistry::default();
        let long: Box<[u8]> = vec![7; 256].into();
        registry.register(1, Box::from(&b"abcd"[..]), upstream());
        registry.register(1, long.clone(), upstream());
        assert!(registry.begin(1, b"abcd").is_some());
        assert!(registry.begin(1, &long).is_some());
        for (id, key) in [(1, &b"abce"[..]), (1, b"abc"), (2, b"abcd"), (1, b"")] {
            assert!(registry.begin(id, key).is_none());
        }
    }

    #[test]
    fn a_session_is_quiet_again_when_every_cancel_arrived() {
        let registry = CancelRegistry::default();
        let target = registry.register(1, Box::from(&b"abcd"[..]), upstream());
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
        let target = registry.register(1, Box::from(&b"abcd"[..]), upstream());
        registry.unregister(&target);
        assert!(registry.begin(1, b"abcd").is_none());
    }
}
