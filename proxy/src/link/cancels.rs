//! How does a cancel reach its session when that is behind another data plane?
//!
//! A balancer may bring a client's cancel to any of several data planes. The one it comes to has no session of
//! this id and key, and has the control plane ask the others. Whoever sends cancels need not be logged in: what
//! may wait and what may be on its way is bounded, and what is beyond that is dropped, as one for no session is.

use super::Ends;
use control::CancelElsewhere;
use relay::cancel::Elsewhere;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc, oneshot};

/// Cancels that may wait.
const WAITING_MAX: usize = 32;
/// Cancels that may be on their way at once.
const CARRIED_MAX: usize = 4;
/// Longest one is on its way to one node: the client waits no longer.
const CARRY_MAX: Duration = Duration::from_secs(5);

/// A cancel that a client sent to this data plane.
pub(crate) struct Wanted {
    listener: String,
    process: u32,
    key: Vec<u8>,
    arrived: oneshot::Sender<()>,
}

/// Where listeners leave cancels for sessions that are not theirs. Without a link nobody takes them.
#[derive(Default)]
pub(crate) struct FleetCancels {
    queue: Mutex<Option<mpsc::Sender<Wanted>>>,
}

impl std::fmt::Debug for FleetCancels {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("FleetCancels").finish_non_exhaustive()
    }
}

impl FleetCancels {
    /// Where they come out, for the link that begins.
    pub(super) fn open(&self) -> mpsc::Receiver<Wanted> {
        let (queue, wanted) = mpsc::channel(WAITING_MAX);
        *self.queue.lock().unwrap_or_else(PoisonError::into_inner) = Some(queue);
        wanted
    }
}

impl Elsewhere for FleetCancels {
    fn cancel(&self, listener: &str, process: u32, key: &[u8]) -> Option<oneshot::Receiver<()>> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let (arrived, waits) = oneshot::channel();
        let wanted = Wanted { listener: listener.to_owned(), process, key: key.to_owned(), arrived };
        queue.as_ref()?.try_send(wanted).ok().map(|()| waits)
    }
}

/// Carries them until the link is stopped.
pub(super) async fn run(ends: &Arc<Ends>, mut cancels: mpsc::Receiver<Wanted>) {
    let places = Arc::new(Semaphore::new(CARRIED_MAX));
    loop {
        let wanted = tokio::select! {
            wanted = cancels.recv() => wanted,
            () = ends.stopped() => return,
        };
        let Some(wanted) = wanted else { return };
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let ends = Arc::clone(ends);
        tokio::spawn(async move {
            carry(&ends, wanted).await;
            drop(place);
        });
    }
}

/// Has one node after the other asked, until one has taken it.
async fn carry(ends: &Ends, wanted: Wanted) {
    let Wanted { listener, process, key, arrived } = wanted;
    let cancel = CancelElsewhere { plane: ends.oneself.plane.clone(), listener, process, key };
    for node in &ends.nodes {
        match tokio::time::timeout(CARRY_MAX, node.cancel(cancel.clone())).await {
            Ok(Ok(())) => break,
            Ok(Err(error)) => tracing::debug!(%error, "a cancel was not taken; the next node is asked"),
            Err(_) => tracing::debug!("a cancel was not taken in time; the next node is asked"),
        }
        if arrived.is_closed() {
            break;
        }
    }
    // Whoever waited may have gone.
    let _ = arrived.send(());
}
