//! Which listening sockets has a process from the one before?

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::sync::{Mutex, PoisonError};

/// Sockets that listen, by the address that the settings name. Who wants one takes it; those that nobody takes are
/// closed with this.
#[derive(Debug, Default)]
pub struct Sockets(Mutex<HashMap<SocketAddr, OwnedFd>>);

impl Sockets {
    /// None: every port is opened.
    pub fn none() -> Sockets {
        Sockets::default()
    }

    pub(crate) fn add(&self, address: SocketAddr, socket: OwnedFd) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(address, socket);
    }

    /// The one of this address, where there is one.
    pub fn take(&self, address: SocketAddr) -> Option<TcpListener> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&address).map(TcpListener::from)
    }
}
