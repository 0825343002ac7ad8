//! Who stops what sessions of a MySQL server run, when relay threads ask for it?
//!
//! The probe's login does, on the gateway's own runtime: a relay thread only waits for the answer.

use crate::probe::mysql::kill;
use relay::cancel;
use relay::settings::{ListenerSettings, UpstreamAddress};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};

/// Logins of one listener for this at the same time; more wait their turn.
const LOGINS_MAX: usize = 16;

/// Stops what sessions behind one listener run.
#[derive(Debug)]
pub(crate) struct Killer {
    runtime: Handle,
    places: Arc<Semaphore>,
}

impl Killer {
    pub(crate) fn new(runtime: Handle) -> Killer {
        Killer { runtime, places: Arc::new(Semaphore::new(LOGINS_MAX)) }
    }
}

impl cancel::Killer for Killer {
    fn kill(
        &self,
        settings: Arc<ListenerSettings>,
        upstream: UpstreamAddress,
        process: u32,
    ) -> oneshot::Receiver<Result<(), String>> {
        let (answer, heard) = oneshot::channel();
        let places = Arc::clone(&self.places);
        self.runtime.spawn(async move {
            let _place = places.acquire().await;
            // Whoever has given up does not want it any more: it could hit a later statement.
            if !answer.is_closed() {
                let killed = kill(&settings, &upstream, process).await;
                let _ = answer.send(killed.map_err(|error| error.to_string()));
            }
        });
        heard
    }
}
