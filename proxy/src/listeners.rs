//! Which ports are served, and what happens to them when the settings change?

use relay::settings::ListenerSettings;
use relay::{Arrival, Listener, Threads};
use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, TcpKeepalive, Type};
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

/// Connections the kernel may hold that were not accepted yet.
const BACKLOG: i32 = 4096;

/// A port could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address} for `{name}`: {source}\n    hint: {}", self.hint())]
pub struct BindError {
    /// Whose port.
    pub name: String,
    /// Which address.
    pub address: SocketAddr,
    /// What the system said.
    #[source]
    pub source: io::Error,
}

impl BindError {
    fn hint(&self) -> &'static str {
        match self.source.kind() {
            io::ErrorKind::AddrInUse => {
                "another program has this port: stop it, or set another `listen` (for `status`: `status.listen`)"
            }
            io::ErrorKind::PermissionDenied => "ports below 1024 need a privilege: set another `listen`",
            io::ErrorKind::AddrNotAvailable => "this machine has no such address: see `ip address`",
            _ => "check `listen`",
        }
    }
}

/// A socket that listens.
pub(crate) fn bind(name: &str, address: SocketAddr) -> Result<TcpListener, BindError> {
    let open = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&SockAddr::from(address))?;
        socket.listen(BACKLOG)?;
        TcpListener::from_std(socket.into())
    };
    open().map_err(|source| BindError { name: name.to_owned(), address, source })
}

/// A listener and the task that accepts for it.
#[derive(Debug)]
struct Port {
    listener: Arc<Listener>,
    accepts: AbortHandle,
}

/// Ports that listen and are not accepted from yet, by listener.
pub(crate) type Opened = HashMap<Arc<str>, TcpListener>;

/// All listeners of the process, by name.
#[derive(Debug)]
pub struct Listeners {
    threads: Arc<Threads>,
    thread_count: usize,
    ports: Mutex<HashMap<Arc<str>, Port>>,
    /// Listeners that were taken out of the settings and still have sessions.
    retired: Mutex<Vec<Arc<Listener>>>,
    epoch: AtomicU64,
    closed: AtomicBool,
}

impl Listeners {
    pub(crate) fn new(threads: Arc<Threads>, thread_count: usize) -> Listeners {
        Listeners {
            threads,
            thread_count,
            ports: Mutex::default(),
            retired: Mutex::default(),
            epoch: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        }
    }

    /// Every listener that is served, and those that only have old sessions left.
    pub fn all(&self) -> Vec<Arc<Listener>> {
        let mut retired = self.retired.lock().unwrap_or_else(PoisonError::into_inner);
        retired.retain(|listener| listener.sessions() > 0);
        let mut all = self.served();
        all.extend(retired.iter().cloned());
        all
    }

    /// Every listener that accepts connections, by name.
    pub fn served(&self) -> Vec<Arc<Listener>> {
        let ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        let mut served: Vec<_> = ports.values().map(|port| Arc::clone(&port.listener)).collect();
        served.sort_by(|one, other| one.settings.load().name.cmp(&other.settings.load().name));
        served
    }

    /// Makes the served ports those of `wanted`. Either all of it happens or nothing: ports that
    /// cannot be opened leave everything as it was. Sessions that live are not touched.
    pub(crate) fn apply(&self, wanted: Vec<ListenerSettings>, runtime: &Handle) -> Result<(), BindError> {
        let opened = self.open(&wanted, runtime)?;
        self.serve(wanted, opened, runtime);
        Ok(())
    }

    /// Opens the ports that are not served yet; nothing is accepted on them.
    pub(crate) fn open(&self, wanted: &[ListenerSettings], runtime: &Handle) -> Result<Opened, BindError> {
        let _entered = runtime.enter();
        let ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        let same_port = |settings: &ListenerSettings, port: &Port| {
            port.listener.settings.load().listen == settings.listen
        };
        let mut opened = Opened::new();
        for settings in wanted {
            if !ports.get(&settings.name).is_some_and(|port| same_port(settings, port)) {
                opened.insert(Arc::clone(&settings.name), bind(&settings.name, settings.listen)?);
            }
        }
        Ok(opened)
    }

    /// Serves what is wanted, on ports opened before, and nothing else.
    pub(crate) fn serve(&self, wanted: Vec<ListenerSettings>, mut opened: Opened, runtime: &Handle) {
        let mut ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        let epoch = self.epoch.fetch_add(1, Ordering::Relaxed) + 1;
        let mut old = std::mem::take(&mut *ports);
        for settings in wanted {
            let name = Arc::clone(&settings.name);
            let port = match (old.remove(&name), opened.remove(&name)) {
                (Some(port), None) => {
                    port.listener.replace(settings, epoch);
                    port
                }
                (Some(port), Some(socket)) => {
                    port.accepts.abort();
                    port.listener.replace(settings, epoch);
                    let accepts = self.accept(socket, &port.listener, runtime);
                    Port { listener: port.listener, accepts }
                }
                (None, Some(socket)) => {
                    let listener = self.revive(settings, epoch);
                    let accepts = self.accept(socket, &listener, runtime);
                    Port { listener, accepts }
                }
                // A new listener was opened above, so this cannot be.
                (None, None) => continue,
            };
            ports.insert(name, port);
        }
        for (name, port) in old {
            port.accepts.abort();
            tracing::info!(listener = &*name, sessions = port.listener.sessions(), "not served any more");
            self.retired.lock().unwrap_or_else(PoisonError::into_inner).push(port.listener);
        }
    }

    /// Whether the gateway is being stopped.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// A listener of this name that still has sessions, with new settings, or a new one.
    fn revive(&self, settings: ListenerSettings, epoch: u64) -> Arc<Listener> {
        let mut retired = self.retired.lock().unwrap_or_else(PoisonError::into_inner);
        let position = retired.iter().position(|old| old.settings.load().name == settings.name);
        match position.map(|position| retired.remove(position)) {
            Some(listener) => {
                listener.replace(settings, epoch);
                listener
            }
            None => Arc::new(Listener::new(settings, epoch, self.thread_count)),
        }
    }

    /// Accepts nothing any more.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        let mut ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, port) in ports.drain() {
            port.accepts.abort();
            self.retired.lock().unwrap_or_else(PoisonError::into_inner).push(port.listener);
        }
    }

    fn accept(&self, socket: TcpListener, listener: &Arc<Listener>, runtime: &Handle) -> AbortHandle {
        let settings = listener.settings.load();
        let (mode, listen) = (settings.mode.as_str(), settings.listen);
        tracing::info!(listener = &*settings.name, %listen, mode, "serving");
        let (listener, threads) = (Arc::clone(listener), Arc::clone(&self.threads));
        runtime.spawn(accept_all(socket, listener, threads)).abort_handle()
    }
}

/// Accepts until aborted.
async fn accept_all(socket: TcpListener, listener: Arc<Listener>, threads: Arc<Threads>) {
    loop {
        let accepted = match socket.accept().await {
            Ok((stream, peer)) => {
                prepare(&stream).and_then(|()| stream.into_std()).map(|stream| (stream, peer))
            }
            Err(error) => Err(error),
        };
        match accepted {
            Ok((socket, peer)) => {
                threads.hand_over(Arrival { socket, peer, listener: Arc::clone(&listener) })
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                let name = Arc::clone(&listener.settings.load().name);
                tracing::error!(listener = &*name, %error, "cannot accept connections, trying again");
                // Out of file descriptors or memory: a pause gives sessions time to end.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Sets what a client's connection needs: no delay of small answers, and a look now and then whether
/// a silent client is still there, as the server would have it (`tcp_keepalives_idle`).
fn prepare(stream: &tokio::net::TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(60));
    SockRef::from(stream).set_tcp_keepalive(&keepalive)
}

/// Whether an error of accept is about a connection that is gone already.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    ) || error.raw_os_error().is_none()
}
