//! How does a running data plane give way to another process, and go on where that fails?

use super::prepared::live;
use super::{Gateway, held};
use crate::handover::successor::Duties;
use crate::handover::{HandoverError, Successor};
use crate::ledger::LedgerError;
use crate::ledger::forward::Unanswered;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Why a data plane has not given way: it goes on as before.
#[derive(Debug, thiserror::Error)]
pub enum GiveWayError {
    /// The other process cannot, or does not answer.
    #[error(transparent)]
    Handover(#[from] HandoverError),
    /// The ledger cannot be left as it is.
    #[error("the ledger cannot be released: {0}")]
    Ledger(#[source] LedgerError),
}

impl Gateway {
    /// The sockets that listen, by what the settings call them: those of the listeners, and the status.
    pub fn sockets(&self) -> io::Result<Vec<(SocketAddr, OwnedFd)>> {
        let mut sockets = self.listeners.sockets()?;
        if let Some(port) = &*held(&self.status_port) {
            sockets.push((port.address, port.socket.as_fd().try_clone_to_owned()?));
        }
        Ok(sockets)
    }

    /// Where the ledger is.
    pub fn ledger_directory(&self) -> PathBuf {
        self.in_force.ledger_directory().to_owned()
    }

    /// The number of the process before this one, as long as that has sessions.
    pub fn process_before(&self) -> Option<u32> {
        self.former.as_ref().and_then(|former| former.process())
    }

    /// Sessions that are open or being opened.
    pub fn sessions(&self) -> usize {
        self.threads.sessions()
    }

    /// Ends the link to the control plane, as if there had been none.
    pub fn unlink(&self) {
        let link = held(&self.link).take();
        if let Some(link) = link {
            link.stop();
        }
    }

    /// Leaves the ledger to the other process. Once that writes and accepts, nothing is accepted here any more, and what the
    /// last sessions bring goes there. On an error this one goes on as before. Blocks.
    pub fn give_way(&self, mut successor: Successor, give_up: impl FnOnce()) -> Result<(), GiveWayError> {
        let view = held(&self.live).take();
        drop(view);
        if let Err(error) = self.ledger.release() {
            self.look_again();
            return Err(GiveWayError::Ledger(error));
        }
        if let Err(error) = successor.released(self.listeners.epoch()) {
            // It must not open the ledger later: it has to end first.
            give_up();
            self.ledger.reclaim();
            self.look_again();
            return Err(error.into());
        }
        self.listeners.close();
        if let Some(port) = held(&self.status_port).take() {
            port.accepts.abort();
        }
        let unanswered = Arc::new(Unanswered::default());
        self.ledger.forward(successor.outlet(), Arc::clone(&unanswered));
        let in_force = Arc::clone(&self.in_force);
        let duties = Duties {
            unanswered,
            health: Arc::clone(&self.health),
            listeners: Arc::clone(&self.listeners),
            threads: Arc::clone(&self.threads),
            runtime: self.runtime.handle().clone(),
            follow_rules: Box::new(move || match in_force.follow() {
                Ok(()) => tracing::info!("the sessions that are left go by the new rules"),
                Err(error) => tracing::error!(%error, "the sessions that are left keep the old rules"),
            }),
        };
        match successor.heed(duties) {
            Ok(in_charge) => *held(&self.in_charge) = Some(in_charge),
            // The other one serves: there is no way back. Lines that it does not answer are written here when it ends.
            Err(error) => tracing::error!(%error, "there is no thread to hear the new process"),
        }
        if let Some(copies) = held(&self.copies).take() {
            copies.stop();
        }
        Ok(())
    }

    /// The live view can be opened again.
    fn look_again(&self) {
        let config = self.in_force.config();
        let view = live(&config, &self.listeners, &self.threads, &self.ledger, self.runtime.handle());
        *held(&self.live) = view;
    }

    /// Longest that sessions stay here once another process serves.
    pub fn handover_bound(&self) -> Duration {
        Duration::from_secs(self.in_force.config().data_plane.handover_seconds.into())
    }

    /// Whether the process that serves is being stopped, and this one shall be as well.
    pub fn is_told_to_stop(&self) -> bool {
        held(&self.in_charge).as_ref().is_some_and(|in_charge| in_charge.is_told_to_stop())
    }
}
