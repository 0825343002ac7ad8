//! What is the life of a client's connection, from accept to the last record?

use crate::buffer::write_all;
use crate::cancel::{CancelFrom, CancelTarget, Elsewhere, How, InFlight};
use crate::counters::LoginFailure;
use crate::exchanges::Exchanges;
use crate::fault::{Fault, is_about_certificate};
use crate::limit::Limit;
use crate::listener::{Crowded, Listener, Place, TurnedAway};
use crate::logins::Login;
use crate::mysql_handshake::Handshake;
use crate::opening::{Granted, Opened, Opening};
use crate::peer::Peer;
use crate::proxy_header;
use crate::pump::{End, Pump, finish};
use crate::scope::{Scope, Thread, counters, now_us};
use crate::session::sqlstate;
use crate::settings::ListenerSettings;
use crate::sight::Activity;
use crate::sweep::{Ending, Mark};
use crate::upstream;
use exchange::{
    Address, Event, Principal, Protocol, Record, RecordBody, Refusal, RefusalClass, Session, SessionId,
};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{timeout, timeout_at};

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
    // Whose connection a load balancer brings is heard within the opening.
    let began = Instant::now();
    let mut place = Place::take(&listener, (!brings_others(&settings, address)).then_some(address));
    let turned_away = place.is_err().then(|| TurnedAway::count(&listener));
    if turned_away.as_ref().is_some_and(|(_, count)| *count > turned_away_max(&settings)) {
        return close_unheard(&listener, &settings, address, &thread);
    }
    let login = Login::begin(&listener);
    let end = began + settings.limits.login;
    // Boxed, as what follows: neither weighs on the session that comes of it.
    if !login.has_come() && !Box::pin(wait_for_turn(&login, end, &thread)).await {
        return;
    }
    // The opening is large and short: boxed, it does not weigh on the session that follows.
    let surroundings = Surroundings { listener: &listener, settings: &settings, thread: &thread, end };
    let opened = Box::pin(open(socket, address, login, surroundings, &mut place)).await;
    match opened {
        Some(Opened::Session(granted)) => run(session(granted, listener, settings, thread, began)).await,
        Some(Opened::Cancel(..)) | None => {}
    }
    drop(place);
}

/// Waits for a place among the logins, but no longer than a login may take. `false` when the gateway is being stopped.
async fn wait_for_turn(login: &Login, end: Instant, thread: &Thread) -> bool {
    tokio::select! {
        biased;
        _ = timeout_at(end.into(), login.comes()) => true,
        () = thread.stopping.notified() => false,
    }
}

/// Whether a peer brings the connections of others, and says whose.
fn brings_others(settings: &ListenerSettings, peer: Address) -> bool {
    settings.proxy_protocol_from.iter().any(|network| network.contains(peer))
}

/// Connections over the limit are told so, but not without a bound: above this many they are closed
/// unheard.
fn turned_away_max(settings: &ListenerSettings) -> usize {
    settings.limits.connections.unwrap_or(usize::MAX).saturating_add(100)
}

/// Closes a connection without a word, since even words would take room that there is not. It is counted, and the
/// ledger is told once a minute.
fn close_unheard(listener: &Listener, settings: &ListenerSettings, address: Address, thread: &Thread) {
    let limit = Limit::Connections;
    let counters = counters(listener, thread.index);
    counters.login_failed(LoginFailure::Limit);
    counters.limit_hit(limit);
    if listener.unheard.is_due(Instant::now()) {
        let session = Arc::new(session_of(nobody(address), settings));
        record_limit_hit(limit.setting(), session, thread);
    }
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

/// What there is around a connection that is being opened.
#[derive(Clone, Copy)]
struct Surroundings<'a> {
    listener: &'a Arc<Listener>,
    settings: &'a Arc<ListenerSettings>,
    thread: &'a Rc<Thread>,
    /// When the login has to be done.
    end: Instant,
}

/// Opens the connection; tells and records why, where it does not become a session.
async fn open(
    socket: TcpStream,
    address: Address,
    login: Login,
    surroundings: Surroundings<'_>,
    place: &mut Result<Place, Crowded>,
) -> Option<Opened> {
    let Surroundings { listener, settings, thread, end } = surroundings;
    let mut opening = Opening::new(listener, settings, address, socket, &login);
    let mut handshake = Handshake::default();
    let result = tokio::select! {
        biased;
        result = timeout_at(end.into(), begin(&mut opening, place, &mut handshake)) => result.unwrap_or(Err(Fault::Timeout)),
        () = thread.stopping.notified() => Err(Fault::Stopping),
        () = login.gives_way() => Err(Fault::GaveWay),
    };
    let fault = match result {
        Ok(Opened::Cancel(id, key)) => {
            deliver_cancel(listener, settings, id, &key, CancelFrom::Client, thread.index).await;
            // The client takes the close as "delivered"; over TLS it must be an orderly one.
            if let Some(mut client) = opening.client.take() {
                let _ = timeout(FAREWELL, client.shutdown()).await;
            }
            return None;
        }
        Ok(opened) => return Some(opened),
        Err(fault) => fault,
    };
    log_failure(&fault, opening.address, settings);
    counters(listener, thread.index).login_failed(fault.reason());
    if fault.is_failed_proof(settings.protocol) {
        listener.throttle.failed(opening.address, &settings.limits, Instant::now());
    }
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
    let principal = principal.unwrap_or_else(|| nobody(opening.address));
    record_failure(&fault, principal, surroundings);
    handshake.finish(&settings.name).await;
    None
}

/// Whoever runs the gateway is asked why a certificate is not taken: TLS tells the client little.
fn log_failure(fault: &Fault, client: Address, settings: &ListenerSettings) {
    let listener = &*settings.name;
    match fault {
        Fault::ClientTls(error) if is_about_certificate(error) => {
            tracing::info!(listener, %client, %error, "a client's certificate is not taken");
        }
        _ => tracing::debug!(listener, %client, error = %fault, "login failed"),
    }
}

/// Opens the connection, once it is known whose it is. Not cancel safe.
async fn begin(
    opening: &mut Opening<'_>,
    place: &mut Result<Place, Crowded>,
    handshake: &mut Handshake,
) -> Result<Opened, Fault> {
    if brings_others(opening.settings, opening.address) {
        let client = proxy_header::read(opening.end()?).await?;
        opening.address = client.map_or(opening.address, Address::Tcp);
        let taken = place.as_mut().map_or(Ok(()), |place| place.take_address(opening.address));
        if let Err(crowded) = taken {
            *place = Err(crowded);
        }
    }
    opening.run(place, handshake).await
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

/// Who is at `address`, before a name was said.
fn nobody(address: Address) -> Principal {
    Principal { user: "".into(), database: "".into(), application: "".into(), address, tls: None }
}

/// A failed login leaves a record, also when nobody said a name.
fn record_failure(fault: &Fault, principal: Principal, surroundings: Surroundings<'_>) {
    let Surroundings { listener, settings, thread, .. } = surroundings;
    if let Some(limit) = fault.limit() {
        counters(listener, thread.index).limit_hit(limit);
    }
    if !fault.is_recorded() {
        return;
    }
    let session = Arc::new(session_of(principal, settings));
    if let Some(limit) = fault.limit() {
        record_limit_hit(limit.setting(), Arc::clone(&session), thread);
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

/// Counts and records that a session has reached a limit of its listener.
pub(crate) fn limit_hit(limit: Limit, scope: &Scope) {
    scope.counters().limit_hit(limit);
    record_limit_hit(limit.setting(), scope.facts(), &scope.thread);
}

/// Counts and records that a session has reached a bound of a rule.
pub(crate) fn rule_limit_hit(rule: &str, scope: &Scope) {
    scope.counters().rule_limit_hits.add(1);
    record_limit_hit(rule, scope.facts(), &scope.thread);
}

/// Records that a limit was reached, by the name of its setting or rule.
fn record_limit_hit(limit: &str, session: Arc<Session>, thread: &Thread) {
    let body = RecordBody::Note(limit.into());
    let record = Record { event: Event::LimitHit, at_us: now_us(), session: Some(session), body };
    let _ = thread.journal.borrow_mut().offer(record);
}

/// Brings a cancel to the server and waits until the server has taken it.
pub(crate) async fn deliver_cancel(
    listener: &Listener,
    settings: &Arc<ListenerSettings>,
    id: u32,
    key: &[u8],
    from: CancelFrom,
    thread: usize,
) {
    let Some(cancel) = listener.cancels.begin(id, key) else {
        // Perhaps a session of the process before this one, or of another data plane.
        let ask = |who: &OnceLock<Arc<dyn Elsewhere>>| {
            who.get().and_then(|elsewhere| elsewhere.cancel(&settings.name, id, key))
        };
        let former = ask(&listener.cancels.elsewhere);
        let fleet = if from == CancelFrom::Client { ask(&listener.cancels.fleet) } else { None };
        for arrived in [former, fleet].into_iter().flatten() {
            let _ = timeout(CANCEL_WAIT, arrived).await;
        }
        return;
    };
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

/// Brings a cancel of the gateway's own to the server, beside the session it is about. If that fails,
/// `otherwise` is done.
pub(crate) fn cancel_beside(
    cancel: InFlight,
    settings: Arc<ListenerSettings>,
    otherwise: impl FnOnce() + 'static,
) {
    tokio::task::spawn_local(async move {
        match timeout(CANCEL_WAIT, carry_cancel(cancel.target(), &settings)).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => {
                tracing::warn!(listener = &*settings.name, %error, "a limit's cancel did not reach the server")
            }
            Err(_) => tracing::warn!(
                listener = &*settings.name,
                "a limit's cancel was not taken by the server in time"
            ),
        }
        otherwise();
    });
}

/// Brings a cancel that somebody asked for to the server, and says whether it was taken.
pub(crate) async fn cancel_asked(cancel: InFlight, settings: &Arc<ListenerSettings>) -> Result<(), String> {
    match timeout(OWN_CANCEL_WAIT, carry_cancel(cancel.target(), settings)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(format!("the cancel did not reach the server: {error}")),
        Err(_) => Err("the server did not take the cancel in time".to_owned()),
    }
}

async fn carry_cancel(target: &CancelTarget, settings: &Arc<ListenerSettings>) -> std::io::Result<()> {
    let key = match &target.how {
        How::Key(key) => key,
        How::Killer(killer) => {
            let killed = killer.kill(Arc::clone(settings), target.upstream.clone(), target.process()).await;
            return killed
                .unwrap_or_else(|_| Err("it was given up".to_owned()))
                .map_err(std::io::Error::other);
        }
        How::Nohow => return Err(std::io::ErrorKind::Unsupported.into()),
    };
    let mut stream = upstream::connect_to(&target.upstream, &settings.upstream_tls).await?;
    let request = wire_postgres::startup::cancel_request(target.process(), key);
    write_all(&mut stream, &request).await?;
    // The server answers nothing: it signals the backend, then closes.
    let mut nothing = [0; 64];
    while stream.read(&mut nothing).await? > 0 {}
    Ok(())
}

/// A session after its login. Made outside of the future that runs it, which would keep room for all
/// its parts as long as it lives.
fn session(
    granted: Box<Granted>,
    listener: Arc<Listener>,
    settings: Arc<ListenerSettings>,
    thread: Rc<Thread>,
    began: Instant,
) -> Box<Pump> {
    // Unboxed here, and not by who waits for the session's end: the box would be held as long.
    let granted = *granted;
    let facts = session_of(granted.principal, &settings);
    let guarded_by = granted.guarded_by;
    let exchanges = Exchanges::of_login(granted.brought, settings.protocol);
    let mark = Mark::new(facts, Arc::clone(&settings), Instant::now());
    // What is left of `login_seconds`, and no more, is for what the server says behind the proof.
    mark.set(Activity::Login, began);
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
        End::Gateway(Ending::LimitReached) => {
            (Some(sqlstate(protocol, RefusalClass::LimitReached)), ending_word(Ending::LimitReached))
        }
        End::Gateway(ending) => {
            let refusal = ending_refusal(*ending, protocol);
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
        Ending::Terminated => "terminated",
        Ending::LimitReached | Ending::HoldsTooLong => "limit",
    }
}

/// The setting that bounds what ended.
fn ending_limit(ending: Ending) -> Option<Limit> {
    match ending {
        Ending::LoginTooLong => Some(Limit::LoginSeconds),
        Ending::IdleTooLong => Some(Limit::IdleSeconds),
        Ending::IdleInTransactionTooLong => Some(Limit::TransactionIdleSeconds),
        Ending::HoldsTooLong => Some(Limit::HeldBytes),
        Ending::ShuttingDown | Ending::Left | Ending::Unguarded | Ending::Terminated => None,
        // By a rule, of which its exchange tells.
        Ending::LimitReached => None,
    }
}

/// What the client is told; nothing when it has left.
fn ending_refusal(ending: Ending, protocol: Protocol) -> Option<Refusal> {
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
            match protocol {
                Protocol::Postgres => {
                    "`default_transaction_read_only` must be settable on the server or the pooler before it"
                }
                Protocol::Mysql => {
                    "`SET SESSION TRANSACTION READ ONLY` must be possible on the server or the proxy before it"
                }
            },
        ),
        Ending::Terminated => (
            RefusalClass::ShuttingDown,
            "terminating connection due to administrator command",
            "somebody who may control sessions ended this one; connect again",
        ),
        Ending::HoldsTooLong => (
            RefusalClass::LimitReached,
            "terminating connection: its statement takes room for too long that others need",
            "`data_plane.held_bytes` bounds what statements take until the server has them",
        ),
        // The answer that went too far ends in the rule's words.
        Ending::Left | Ending::LimitReached => return None,
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
        limit_hit(limit, &pump.scope);
    }
    let refusal = match &end {
        End::Violation(violation) => {
            Some(Refusal::new(RefusalClass::ProtocolViolation, violation.to_string()))
        }
        End::Gateway(ending) => ending_refusal(*ending, pump.wire.protocol()),
        End::Client | End::Upstream | End::Fatal(_) | End::ClientBroken(_) | End::UpstreamBroken(_) => None,
    };
    if let Some(refusal) = refusal {
        // That somebody wanted it is no refusal of the gateway's.
        if !matches!(end, End::Gateway(Ending::Terminated)) {
            pump.scope.counters().refused(refusal.class);
        }
        tracing::debug!(listener = &*pump.scope.settings.name, reason = %refusal.message, "session ended by the gateway");
        if pump.wire.is_between_messages() {
            let mut bytes = Vec::new();
            pump.wire.last_words(&refusal, &mut bytes);
            let held = pump.down.unjudged().len();
            pump.down.replace(held, &bytes);
        }
    }
    match end {
        // That nobody could cancel it is why it ends.
        End::Gateway(Ending::LimitReached) => pump.break_off(),
        End::Gateway(_) if pump.wire.is_busy() => cancel_own(pump).await,
        _ => {}
    }
    pump.let_go();
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
    let Some(target) = pump.gate.cancels.as_ref().filter(|target| target.can_be_cancelled()) else { return };
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
