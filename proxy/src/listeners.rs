//! Which ports are served, and what happens to them when the settings change?

use crate::handover::Sockets;
use crate::handover::predecessor::Former;
use crate::killer::Killer;
use crate::link::FleetCancels;
use crate::verifiers::Lookups;
use relay::cancel::Elsewhere;
use relay::settings::ListenerSettings;
use relay::{Arrival, Listener, Threads};
use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};
use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, TcpKeepalive, Type};
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::Notify;

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

/// A socket that listens: the one of the process before, if it had this address, or a new one.
pub(crate) fn bind(name: &str, address: SocketAddr, given: &Sockets) -> Result<TcpListener, BindError> {
    let open = || {
        if let Some(socket) = given.take(address) {
            socket.set_nonblocking(true)?;
            return TcpListener::from_std(socket);
        }
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&SockAddr::from(address))?;
        socket.listen(BACKLOG)?;
        TcpListener::from_std(socket.into())
    };
    open().map_err(|source| BindError { name: name.to_owned(), address, source })
}

/// Whether connections are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doors {
    /// They are.
    Open,
    /// Not until somebody opens them again.
    Shut,
    /// Not any more.
    Closed,
}

/// A listener and the task that accepts for it.
#[derive(Debug)]
struct Port {
    listener: Arc<Listener>,
    /// `None` while nothing is accepted.
    socket: Option<Arc<TcpListener>>,
    /// Told when nothing more is to be accepted.
    end: Arc<Notify>,
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
    /// INVARIANT: taken after `ports` by whoever holds both.
    doors: Mutex<Doors>,
    /// The process before this one, which lets its sessions end.
    former: OnceLock<Arc<Former>>,
    /// Asks other data planes for sessions whose cancels come to this one.
    fleet: Arc<FleetCancels>,
}

impl Listeners {
    pub(crate) fn new(threads: Arc<Threads>, thread_count: usize) -> Listeners {
        Listeners {
            threads,
            thread_count,
            ports: Mutex::default(),
            retired: Mutex::default(),
            epoch: AtomicU64::new(0),
            doors: Mutex::new(Doors::Open),
            former: OnceLock::new(),
            fleet: Arc::default(),
        }
    }

    /// Goes on where the process before is, which has sessions of these listeners and has put settings in force
    /// `epoch` times.
    pub(crate) fn succeed(&self, former: &Arc<Former>, epoch: u64) {
        self.epoch.store(epoch, Ordering::Relaxed);
        let _ = self.former.set(Arc::clone(former));
    }

    /// By whom cancels reach other data planes.
    pub(crate) fn fleet(&self) -> Arc<FleetCancels> {
        Arc::clone(&self.fleet)
    }

    /// How often settings were put in force.
    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Relaxed)
    }

    /// The sockets that listen, by what their settings say. They stay open as long as these do.
    pub(crate) fn sockets(&self) -> io::Result<Vec<(SocketAddr, OwnedFd)>> {
        let ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        let open = ports.values().filter_map(|port| Some((port, port.socket.as_ref()?)));
        let one = |(port, socket): (&Port, &Arc<TcpListener>)| {
            Ok((port.listener.settings.load().listen, socket.as_fd().try_clone_to_owned()?))
        };
        open.map(one).collect()
    }

    /// Has sessions that the process before still has go by the rules in force, once those can be read.
    pub(crate) fn tell_rules_changed(&self) {
        if let Some(former) = self.former.get() {
            former.rules_changed();
        }
    }

    /// Gives the sessions that are left the rules of `wanted`; nothing is served anew.
    pub(crate) fn follow(&self, wanted: Vec<ListenerSettings>) {
        let epoch = self.epoch.fetch_add(1, Ordering::Relaxed) + 1;
        let all = self.all();
        for settings in wanted {
            if let Some(listener) = all.iter().find(|one| one.settings.load().name == settings.name) {
                listener.replace(settings, epoch);
            }
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

    /// Every listener that accepts connections, or does once the doors are open again, by name.
    pub fn served(&self) -> Vec<Arc<Listener>> {
        let ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        let mut served: Vec<_> = ports.values().map(|port| Arc::clone(&port.listener)).collect();
        served.sort_by(|one, other| one.settings.load().name.cmp(&other.settings.load().name));
        served
    }

    /// Makes the served ports those of `wanted`. Either all of it happens or nothing: ports that
    /// cannot be opened leave everything as it was. Sessions that live are not touched.
    pub(crate) fn apply(&self, wanted: Vec<ListenerSettings>, runtime: &Handle) -> Result<(), BindError> {
        if self.is_closed() {
            // Sessions that are left follow the rules; nothing is opened at a stop.
            self.follow(wanted);
            return Ok(());
        }
        let opened = self.open(&wanted, &Sockets::none(), runtime)?;
        self.serve(wanted, opened, runtime);
        Ok(())
    }

    /// Opens the ports that are not served yet; nothing is accepted on them.
    pub(crate) fn open(
        &self,
        wanted: &[ListenerSettings],
        given: &Sockets,
        runtime: &Handle,
    ) -> Result<Opened, BindError> {
        let _entered = runtime.enter();
        let ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        let same_port = |settings: &ListenerSettings, port: &Port| {
            port.listener.settings.load().listen == settings.listen
        };
        let mut opened = Opened::new();
        if self.doors() != Doors::Open {
            return Ok(opened);
        }
        for settings in wanted {
            let is_open = |port: &Port| port.socket.is_some() && same_port(settings, port);
            if !ports.get(&settings.name).is_some_and(is_open) {
                opened.insert(Arc::clone(&settings.name), bind(&settings.name, settings.listen, given)?);
            }
        }
        Ok(opened)
    }

    /// Serves what is wanted, on ports opened before, and nothing else.
    pub(crate) fn serve(&self, wanted: Vec<ListenerSettings>, mut opened: Opened, runtime: &Handle) {
        let mut ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        if self.doors() != Doors::Open {
            // They were shut, or closed for good, since these were opened.
            opened.clear();
        }
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
                    port.end.notify_one();
                    port.listener.replace(settings, epoch);
                    self.accept(socket, port.listener, runtime)
                }
                (None, Some(socket)) => {
                    let listener = self.revive(settings, epoch, runtime);
                    self.accept(socket, listener, runtime)
                }
                // A new one while the doors are shut: it is served once they are open again.
                (None, None) => continue,
            };
            ports.insert(name, port);
        }
        for (name, port) in old {
            port.end.notify_one();
            tracing::info!(listener = &*name, sessions = port.listener.sessions(), "not served any more");
            self.retired.lock().unwrap_or_else(PoisonError::into_inner).push(port.listener);
        }
    }

    /// Whether the gateway is being stopped.
    pub(crate) fn is_closed(&self) -> bool {
        self.doors() == Doors::Closed
    }

    fn doors(&self) -> Doors {
        *self.doors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Accepts nothing until [`Listeners::unlock`]: ports are closed, so that whoever connects is refused at once.
    pub(crate) fn shut(&self) {
        let mut ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        let mut doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        if *doors == Doors::Open {
            *doors = Doors::Shut;
            for port in ports.values_mut() {
                if port.socket.take().is_some() {
                    port.end.notify_one();
                }
            }
        }
    }

    /// Ports may be opened again by [`Listeners::apply`].
    pub(crate) fn unlock(&self) {
        let mut doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        if *doors == Doors::Shut {
            *doors = Doors::Open;
        }
    }

    /// A listener of this name that still has sessions, with new settings, or a new one.
    fn revive(&self, settings: ListenerSettings, epoch: u64, runtime: &Handle) -> Arc<Listener> {
        let mut retired = self.retired.lock().unwrap_or_else(PoisonError::into_inner);
        let position = retired.iter().position(|old| old.settings.load().name == settings.name);
        match position.map(|position| retired.remove(position)) {
            Some(listener) => {
                listener.replace(settings, epoch);
                listener
            }
            None => {
                let mut listener = Listener::new(settings, epoch, self.thread_count);
                if let Some(former) = self.former.get() {
                    listener = listener.with_elsewhere(Arc::clone(former) as Arc<dyn Elsewhere>);
                }
                let listener = listener.with_fleet(Arc::clone(&self.fleet) as Arc<dyn Elsewhere>);
                let listener = listener.with_killer(Arc::new(Killer::new(runtime.clone())));
                Arc::new(listener.with_lookup(Arc::new(Lookups::new(runtime.clone()))))
            }
        }
    }

    /// Accepts nothing any more.
    pub(crate) fn close(&self) {
        let mut ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner);
        *self.doors.lock().unwrap_or_else(PoisonError::into_inner) = Doors::Closed;
        for (_, port) in ports.drain() {
            port.end.notify_one();
            self.retired.lock().unwrap_or_else(PoisonError::into_inner).push(port.listener);
        }
    }

    fn accept(&self, socket: TcpListener, listener: Arc<Listener>, runtime: &Handle) -> Port {
        let settings = listener.settings.load();
        let (mode, listen) = (settings.mode.as_str(), settings.listen);
        tracing::info!(listener = &*settings.name, %listen, mode, "serving");
        let socket = Arc::new(socket);
        let end = Arc::new(Notify::new());
        let place = (Arc::clone(&socket), Arc::clone(&end));
        let accept = accept_all(place, Arc::clone(&listener), Arc::clone(&self.threads));
        runtime.spawn(accept);
        Port { listener, socket: Some(socket), end }
    }
}

/// File descriptors that sessions do not get, where the limit is at least twice as many: for listening sockets,
/// the ledger, the status, the control plane.
const DESCRIPTORS_KEPT: u64 = 128;

/// How long nothing is accepted when there was no room for a connection: sessions may end meanwhile. Connections wait in the
/// kernel's backlog.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts until told that it is the end. Not aborted: what was accepted is handed over.
async fn accept_all(
    (socket, end): (Arc<TcpListener>, Arc<Notify>),
    listener: Arc<Listener>,
    threads: Arc<Threads>,
) {
    let mut short_since = None;
    loop {
        let accepted = tokio::select! {
            biased;
            () = end.notified() => return,
            accepted = accept(&socket, &threads) => accepted,
        };
        match accepted {
            Ok((socket, peer)) => {
                if let Some(since) = short_since.take() {
                    accepts_again(&listener, since);
                }
                threads.hand_over(Arrival { socket, peer, listener: Arc::clone(&listener) }).await;
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                if short_since.is_none() {
                    short_since = Some(Instant::now());
                    accepts_no_more(&listener, &error);
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Accepts one connection where there are descriptors for both its ends.
async fn accept(socket: &TcpListener, threads: &Threads) -> io::Result<(std::net::TcpStream, SocketAddr)> {
    if !has_room(threads.sessions() as u64, getrlimit(Resource::Nofile).current) {
        return Err(Errno::MFILE.into());
    }
    let (stream, peer) = socket.accept().await?;
    prepare(&stream)?;
    Ok((stream.into_std()?, peer))
}

/// Whether a process with `sessions` may have another one under this limit on open files, and still open files
/// of its ledger, answer its status and reach the servers.
fn has_room(sessions: u64, limit: Option<u64>) -> bool {
    let Some(limit) = limit else { return true };
    let kept = DESCRIPTORS_KEPT.min(limit / 2);
    sessions.saturating_add(1).saturating_mul(2).saturating_add(kept) <= limit
}

/// Says once what is in the way, and what it is bounded by.
fn accepts_no_more(listener: &Listener, error: &io::Error) {
    listener.accept_pauses.fetch_add(1, Ordering::Relaxed);
    let name = Arc::clone(&listener.settings.load().name);
    let descriptors =
        getrlimit(Resource::Nofile).current.map_or("unlimited".to_owned(), |most| most.to_string());
    tracing::error!(
        listener = &*name,
        %error,
        limit = descriptors,
        "no more connections are accepted until others end: new ones wait. A session takes two file descriptors; \
         `ulimit -n` or `LimitNOFILE=` of the unit bounds them"
    );
}

fn accepts_again(listener: &Listener, since: Instant) {
    let name = Arc::clone(&listener.settings.load().name);
    tracing::info!(
        listener = &*name,
        paused_ms = since.elapsed().as_millis() as u64,
        "connections are accepted again"
    );
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_leave_descriptors_for_the_rest_of_the_gateway() {
        for (limit, most) in [(40, 10), (256, 64), (1_024, 448), (20_000, 9_936)] {
            assert!(has_room(most - 1, Some(limit)), "{limit}");
            assert!(!has_room(most, Some(limit)), "{limit}");
        }
        assert!(has_room(u64::MAX, None) && !has_room(u64::MAX, Some(u64::MAX - 1)));
    }
}
