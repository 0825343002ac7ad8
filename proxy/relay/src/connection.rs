//! What is the life of a client's connection, from accept to the last record?

use crate::buffer::write_all;
use crate::cancel::{CancelTarget, InFlight};
use crate::exchanges::Exchanges;
use crate::fault::Fault;
use crate::listener::{Listener, Place};
use crate::opening::{Granted, Opened, Opening};
use crate::peer::Peer;
use crate::pump::{End, Pump, finish};
use crate::scope::{Scope, Thread, counters, now_us};
use crate::session::sqlstate;
use crate::settings::ListenerSettings;
use crate::sweep::{Ending, Mark};
use crate::upstream;
use exchange::{
    Address, Event, Principal, Protocol, Record, RecordBody, Refusal, RefusalClass, Session, SessionId,
};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longest wait for a peer to take the last bytes of a session.
const FAREWELL: Duration = Duration::from_secs(5);

/// Longest wait for the server to close a connection that brought a cancel.
const CANCEL_WAIT: Duration = Duration::from_secs(10);

/// The same for a cancel of the gateway's own, when it is being stopped.
const OWN_CANCEL_WAIT: Duration = Duration::from_secs(2);

/// Serves one connection to its end.
pub(crate) async fn serve(socket: TcpStream, peer: SocketAddr, listener: Arc<Listener>, thread: Rc<Thread>) {
    let settings = listener.settings.load_full();
    let address = Address::Tcp(peer);
    let _witness = Witness { listener: Arc::clone(&listener), thread: thread.index };
    let mut place = Place::take(&listener, address);
    if place.is_err() && listener.sessions() > refused_at_once(&settings) {
        return;
    }
    // The opening is large and short: boxed, it does not weigh on the session that follows.
    let opened = Box::pin(open(socket, address, &listener, &settings, &thread, &mut place)).await;
    match opened {
        Some(Opened::Session(granted)) => run(session(*granted, listener, settings, thread)).await,
        Some(Opened::Cancel(..)) | None => {}
    }
    drop(place);
}

/// Connections over the limit are told so, but not without a bound: above this many they are closed
/// unheard.
fn refused_at_once(settings: &ListenerSettings) -> usize {
    settings.limits.connections.unwrap_or(usize::MAX).saturating_mul(2).saturating_add(100)
}

/// Counts a session that a fault of our own ended: a panic is contained in its session, not silent.
struct Witness {
    listener: Arc<Listener>,
    thread: usize,
}

impl Drop for Witness {
    fn drop(&mut self) {
        if std::thread::panicking() {
            counters(&self.listener, self.thread).faults.add(1);
            let name = Arc::clone(&self.listener.settings.load().name);
            tracing::error!(listener = &*name, "a fault of the gateway ended one session; the others go on");
        }
    }
}

/// Opens the connection; tells and records why, where it does not become a session.
async fn open(
    socket: TcpStream,
    address: Address,
    listener: &Arc<Listener>,
    settings: &Arc<ListenerSettings>,
    thread: &Rc<Thread>,
    place: &mut Result<Place, crate::listener::Crowded>,
) -> Option<Opened> {
    let mut opening = Opening::new(listener, settings, address, socket);
    let result = tokio::select! {
        biased;
        result = timeout(settings.limits.login, opening.run(place)) => result.unwrap_or(Err(Fault::Timeout)),
        () = thread.stopping.notified() => Err(Fault::Stopping),
    };
    let fault = match result {
        Ok(Opened::Cancel(id, key)) => {
            deliver_cancel(listener, settings, id, &key, thread.index).await;
            // The client takes the close as "delivered"; over TLS it must be an orderly one.
            if let Some(mut client) = opening.client.take() {
                let _ = timeout(FAREWELL, client.shutdown()).await;
            }
            return None;
        }
        Ok(opened) => return Some(opened),
        Err(fault) => fault,
    };
    tracing::debug!(listener = &*settings.name, client = %address, error = %fault, "login failed");
    counters(listener, thread.index).login_failed(fault.reason());
    let principal = opening.principal.take();
    if let Some(refusal) = fault.refusal(settings.protocol)
        && let Some(mut client) = opening.client.take()
    {
        let mut bytes = Vec::new();
        opening.last_words(&refusal, &mut bytes);
        let _ = timeout(FAREWELL, async {
            write_all(&mut client, &bytes).await?;
            client.shutdown().await
        })
        .await;
    }
    record_failure(&fault, principal, settings, address, thread);
    None
}

pub(crate) fn session_of(principal: Principal, settings: &ListenerSettings) -> Session {
    Session {
        id: SessionId(uuid::Uuid::now_v7().as_u128()),
        listener: Arc::clone(&settings.name),
        workspace: Arc::clone(&settings.workspace),
        environment: settings.environment,
        protocol: settings.protocol,
        principal,
    }
}

/// A failed login leaves a record, also when nobody said a name.
fn record_failure(
    fault: &Fault,
    principal: Option<Principal>,
    settings: &ListenerSettings,
    address: Address,
    thread: &Thread,
) {
    let nobody =
        || Principal { user: "".into(), database: "".into(), application: "".into(), address, tls: None };
    let session = Arc::new(session_of(principal.unwrap_or_else(nobody), settings));
    if let Some(limit) = fault.limit() {
        limit_hit(limit, Arc::clone(&session), thread);
    }
    let body = RecordBody::Ended {
        sqlstate: fault.sqlstate(settings.protocol),
        message_class: fault.reason().as_str(),
        bytes_in: 0,
        bytes_out: 0,
    };
    let record = Record { event: Event::LoginFailed, at_us: now_us(), session: Some(session), body };
    let _ = thread.journal.borrow_mut().offer(record);
}

/// Records that a limit was reached, by the name of its setting or rule.
pub(crate) fn limit_hit(limit: &str, session: Arc<Session>, thread: &Thread) {
    let body = RecordBody::Note(limit.into());
    let record = Record { event: Event::LimitHit, at_us: now_us(), session: Some(session), body };
    let _ = thread.journal.borrow_mut().offer(record);
}

/// Brings a cancel to the server and waits until the server has taken it.
async fn deliver_cancel(
    listener: &Listener,
    settings: &ListenerSettings,
    id: u32,
    key: &[u8],
    thread: usize,
) {
    let Some(cancel) = listener.cancels.begin(id, key) else { return };
    let deliver = async {
        // A place is waited for within the same bound.
        let _place = listener.cancels.places.acquire().await;
        carry_cancel(cancel.target(), settings).await
    };
    match timeout(CANCEL_WAIT, deliver).await {
        Ok(Ok(())) => counters(listener, thread).cancels.add(1),
        Ok(Err(error)) => {
            tracing::warn!(listener = &*settings.name, %error, "a cancel did not reach the server")
        }
        Err(_) => tracing::warn!(listener = &*settings.name, "a cancel was not taken by the server in time"),
    }
}

/// Brings a cancel of the gateway's own to the server, beside the session it is about.
pub(crate) fn cancel_beside(cancel: InFlight, settings: Arc<ListenerSettings>) {
    tokio::task::spawn_local(async move {
        match timeout(CANCEL_WAIT, carry_cancel(cancel.target(), &settings)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(listener = &*settings.name, %error, "a limit's cancel did not reach the server")
            }
            Err(_) => tracing::warn!(
                listener = &*settings.name,
                "a limit's cancel was not taken by the server in time"
            ),
        }
    });
}

async fn carry_cancel(target: &CancelTarget, settings: &ListenerSettings) -> std::io::Result<()> {
    let mut stream = upstream::connect_to(&target.upstream, &settings.upstream_tls).await?;
    write_all(&mut stream, &target.request()).await?;
    // The server answers nothing: it signals the backend, then closes.
    let mut nothing = [0; 64];
    while stream.read(&mut nothing).await? > 0 {}
    Ok(())
}

/// A session after its login. Made outside of the future that runs it, which would keep room for all
/// its parts as long as it lives.
fn session(
    granted: Granted,
    listener: Arc<Listener>,
    settings: Arc<ListenerSettings>,
    thread: Rc<Thread>,
) -> Box<Pump> {
    let facts = session_of(granted.principal, &settings);
    let guarded_by = granted.guarded_by;
    let exchanges = Exchanges::of_login(granted.brought);
    let mark = Mark::new(facts, Arc::clone(&settings), Instant::now());
    mark.exchanges.replace(exchanges);
    thread.sessions.add(&mark);
    let scope = Scope::new(thread, listener, settings, Rc::clone(&mark));
    let mut pump = Pump::new(scope, granted.wire, granted.ends, mark, established);
    pump.gate.judge.guarded_by = guarded_by;
    Box::new(pump)
}

/// Runs a session to its end.
async fn run(mut pump: Box<Pump>) {
    let end = match pump.begin() {
        Ok(()) => (&mut pump).await,
        Err(end) => end,
    };
    pump.ended = Some(outcome(&end, pump.wire.protocol()));
    Box::pin(farewell(&mut pump, end)).await;
}

/// The server is ready for the first time: the login is done.
fn established(scope: &Scope) {
    scope.counters().sessions_total.add(1);
    let record = Record {
        event: Event::SessionStart,
        at_us: now_us(),
        session: Some(scope.facts()),
        body: RecordBody::None,
    };
    let _ = scope.thread.journal.borrow_mut().offer(record);
}

/// How a session's end is recorded.
fn outcome(end: &End, protocol: Protocol) -> (Option<[u8; 5]>, &'static str) {
    match end {
        End::Client => (None, "closed"),
        End::Upstream => (None, "upstream_closed"),
        End::Fatal(sqlstate) => (Some(*sqlstate), "upstream_fatal"),
        End::ClientBroken(_) => (None, "client_broken"),
        End::UpstreamBroken(_) => (None, "upstream_broken"),
        End::Violation(_) => {
            (Some(sqlstate(protocol, RefusalClass::ProtocolViolation)), "protocol_violation")
        }
        End::Gateway(ending) => {
            let refusal = ending_refusal(*ending);
            (refusal.map(|refusal| sqlstate(protocol, refusal.class)), ending_word(*ending))
        }
    }
}

fn ending_word(ending: Ending) -> &'static str {
    match ending {
        Ending::LoginTooLong => "timeout",
        Ending::IdleTooLong | Ending::IdleInTransactionTooLong => "idle",
        Ending::ShuttingDown => "shutting_down",
        Ending::Left => "closed",
        Ending::Unguarded => "unguarded",
    }
}

/// The setting that bounds what ended.
fn ending_limit(ending: Ending) -> Option<&'static str> {
    match ending {
        Ending::LoginTooLong => Some("limits.login_seconds"),
        Ending::IdleTooLong => Some("limits.idle_seconds"),
        Ending::IdleInTransactionTooLong => Some("limits.transaction_idle_seconds"),
        Ending::ShuttingDown | Ending::Left | Ending::Unguarded => None,
    }
}

/// What the client is told; nothing when it has left.
fn ending_refusal(ending: Ending) -> Option<Refusal> {
    let (class, message, hint) = match ending {
        Ending::LoginTooLong => (
            RefusalClass::LoginRefused,
            "login took too long",
            "`limits.login_seconds` of the listener bounds it",
        ),
        Ending::IdleTooLong => (
            RefusalClass::IdleTooLong,
            "terminating connection: idle for too long",
            "`limits.idle_seconds` of the listener bounds it",
        ),
        Ending::IdleInTransactionTooLong => (
            RefusalClass::IdleTooLong,
            "terminating connection: idle in transaction for too long",
            "`limits.transaction_idle_seconds` of the listener bounds it",
        ),
        Ending::ShuttingDown => (
            RefusalClass::ShuttingDown,
            "terminating connection: the gateway is being stopped",
            "connect again",
        ),
        Ending::Unguarded => (
            RefusalClass::LoginRefused,
            "the server did not make the session read-only, so it does not begin",
            "`default_transaction_read_only` must be settable on the server or the pooler before it",
        ),
        Ending::Left => return None,
    };
    Some(Refusal::new(class, message).with_hint(hint))
}

/// Gives each peer what it is still owed, within a bound.
async fn farewell(pump: &mut Pump, end: End) {
    if let End::ClientBroken(error) | End::UpstreamBroken(error) = &end {
        tracing::debug!(listener = &*pump.scope.settings.name, ?end, %error, "a connection broke");
    }
    if let End::Gateway(ending) = &end
        && let Some(limit) = ending_limit(*ending)
    {
        limit_hit(limit, pump.scope.facts(), &pump.scope.thread);
    }
    let refusal = match &end {
        End::Violation(violation) => {
            Some(Refusal::new(RefusalClass::ProtocolViolation, violation.to_string()))
        }
        End::Gateway(ending) => ending_refusal(*ending),
        End::Client | End::Upstream | End::Fatal(_) | End::ClientBroken(_) | End::UpstreamBroken(_) => None,
    };
    if let Some(refusal) = refusal {
        pump.scope.counters().refused(refusal.class);
        tracing::debug!(listener = &*pump.scope.settings.name, reason = %refusal.message, "session ended by the gateway");
        if pump.wire.is_between_messages() {
            let mut bytes = Vec::new();
            pump.wire.last_words(&refusal, &mut bytes);
            let held = pump.down.unjudged().len();
            pump.down.replace(held, &bytes);
        }
    }
    if matches!(end, End::Gateway(_)) && pump.wire.is_busy() {
        cancel_own(pump).await;
    }
    let _ = timeout(FAREWELL, async {
        match end {
            End::ClientBroken(_) => {}
            End::Client
            | End::Upstream
            | End::Fatal(_)
            | End::UpstreamBroken(_)
            | End::Violation(_)
            | End::Gateway(_) => {
                let _ = finish(&mut pump.client, &mut pump.down).await;
            }
        }
        close(&mut pump.upstream).await;
    })
    .await;
}

/// Asks the server to stop what it runs for a session the gateway ends: its client was told that
/// the session is over, so nothing of it should go on unseen.
async fn cancel_own(pump: &Pump) {
    let Some(target) = &pump.gate.cancels else { return };
    let settings = &pump.scope.settings;
    match timeout(OWN_CANCEL_WAIT, carry_cancel(target, settings)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(listener = &*settings.name, %error, "a cancel did not reach the server")
        }
        Err(_) => tracing::warn!(listener = &*settings.name, "a cancel was not taken by the server in time"),
    }
}

/// Says goodbye to the server; it does not matter whether it hears.
async fn close(upstream: &mut Peer) {
    let _ = upstream.shutdown().await;
}
