//! What can a machine ask the gateway about itself? `/healthz`, `/readyz` and `/metrics`.
//!
//! Plain HTTP for probes and Prometheus. It never shows SQL, users or addresses of clients.

use crate::gateway::Rejected;
use crate::in_force::InForce;
use crate::ledger::copies::{Copies, CopyStatus};
use crate::listeners::Listeners;
use crate::metrics::Metrics;
use ::control::{DrainPhase, DrainState};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use relay::Listener;
use std::convert::Infallible;
use std::fmt::Write;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Status connections at once: probes and scrapers, not people.
const CONNECTIONS_MAX: usize = 64;

/// Longest wait for a request's header, and for a whole connection to be idle.
const HEADER_WAIT: Duration = Duration::from_secs(10);

/// Longest life of a status connection: one that reads nothing must not keep its place.
const CONNECTION_MAX: Duration = Duration::from_secs(60);

/// How often each upstream is asked whether it accepts connections.
const PROBE_PERIOD: Duration = Duration::from_secs(2);

/// What the status answers from.
#[derive(Debug)]
pub(crate) struct Status {
    pub(crate) listeners: Arc<Listeners>,
    pub(crate) metrics: Metrics,
    pub(crate) rejected: Rejected,
    pub(crate) in_force: Arc<InForce>,
}

/// Serves until aborted.
pub(crate) async fn serve(socket: Arc<TcpListener>, status: Arc<Status>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let stream = match socket.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a status connection, trying again");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let status = Arc::clone(&status);
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let status = Arc::clone(&status);
                async move { Ok::<_, Infallible>(answer(&request, &status)) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_WAIT)
                .max_buf_size(16 * 1024)
                .serve_connection(TokioIo::new(stream), service);
            if let Ok(Err(error)) = tokio::time::timeout(CONNECTION_MAX, connection).await {
                tracing::debug!(%error, "status connection");
            }
            drop(place);
        });
    }
}

fn answer(request: &Request<Incoming>, status: &Status) -> Response<Full<Bytes>> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered here\n".to_owned());
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    match request.uri().path() {
        "/healthz" => text(StatusCode::OK, "ok\n".to_owned()),
        "/readyz" => {
            let (ready, body) = if status.listeners.is_closed() {
                (false, "stopping: no new connections are accepted\n".to_owned())
            } else if let Some(state) = status.metrics.drained() {
                (false, draining(&state))
            } else {
                let (ready, body) = readiness(&status.listeners.served());
                let ledger = unkept(&status.metrics.copies);
                (ready, body + &ledger + &rejected(&status.rejected) + &unpublished(&status.in_force))
            };
            text(if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, body)
        }
        "/metrics" => match status.metrics.text(&status.listeners.all(), &status.in_force.changed_modes()) {
            Ok(body) => {
                let mut response = text(StatusCode::OK, body);
                let content = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
                response.headers_mut().insert(CONTENT_TYPE, content);
                response
            }
            Err(error) => {
                tracing::error!(%error, "metrics cannot be written");
                text(StatusCode::INTERNAL_SERVER_ERROR, "metrics cannot be written; see the log\n".to_owned())
            }
        },
        _ => text(StatusCode::NOT_FOUND, "known here: /healthz /readyz /metrics\n".to_owned()),
    }
}

fn text(code: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = code;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Whether every listener has an upstream that answers, and a line for each.
fn readiness(listeners: &[Arc<Listener>]) -> (bool, String) {
    let mut ready = true;
    let mut body = String::new();
    for listener in listeners {
        let settings = listener.settings.load();
        let reachable = is_reachable(listener);
        ready &= reachable;
        let word = if reachable { "ready" } else { "no upstream reachable" };
        let _ = writeln!(body, "{}: {word}", settings.name);
        for upstream in settings.upstream.iter().filter(|_| !reachable) {
            let reason = listener.upstreams.reason(&upstream.to_string());
            let _ = match reason {
                Some(reason) => writeln!(body, "  {upstream} does not answer: {reason}"),
                None => writeln!(body, "  {upstream} was not asked yet"),
            };
        }
        let lines = [crate::probe::summary(listener), crate::verifiers::trouble(listener)];
        for line in lines.into_iter().flatten() {
            let _ = writeln!(body, "  {line}");
        }
    }
    (ready, body)
}

/// How far it is with taking no more sessions.
fn draining(state: &DrainState) -> String {
    let sessions = state.sessions;
    match state.phase {
        DrainPhase::Accepting => format!("draining: connections are still accepted, {sessions} sessions\n"),
        DrainPhase::Draining => {
            format!("draining: no connections are accepted, {sessions} sessions are left\n")
        }
        DrainPhase::Drained => "drained: no connections are accepted, no session is left\n".to_owned(),
    }
}

/// That the newest settings or rules are not those in force; empty where they are. Not a reason to be unready:
/// what was in force before still is.
fn rejected(rejected: &Rejected) -> String {
    let why = rejected.lock().unwrap_or_else(PoisonError::into_inner);
    match &*why {
        Some(why) => {
            format!("changes not taken, the old settings and rules stay in force: {why}; the log says more\n")
        }
        None => String::new(),
    }
}

/// Which required copies of the ledger take nothing; empty where all do. Not a reason to be unready: what happens
/// to statements then is a setting.
fn unkept(copies: &Copies) -> String {
    let mut body = String::new();
    let failed = copies.statuses().into_iter().filter(|copy| copy.required && copy.failed);
    for CopyStatus { name, lag_seconds, error, .. } in failed {
        let reason = error.map(|word| format!(" ({})", word.replace('_', " "))).unwrap_or_default();
        let _ = writeln!(
            body,
            "ledger: its required copy `{name}` is {lag_seconds} s behind{reason}: statements are refused as \
             `ledger.on_failure` says"
        );
    }
    body
}

/// That published rules are not those in force; empty where they are.
fn unpublished(in_force: &InForce) -> String {
    let trouble = in_force.trouble();
    trouble.map(|why| format!("published rules: {why}; the log says more\n")).unwrap_or_default()
}

/// Whether at least one server behind a listener answered the last time.
pub(crate) fn is_reachable(listener: &Listener) -> bool {
    let settings = listener.settings.load();
    settings.upstream.iter().any(|upstream| listener.upstreams.is_up(&upstream.to_string()))
}

/// Asks every upstream again and again whether it accepts connections, until aborted.
pub(crate) async fn probe_all(listeners: Arc<Listeners>) {
    let mut ticks = tokio::time::interval(PROBE_PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let mut probes = tokio::task::JoinSet::new();
        for listener in listeners.served() {
            probes.spawn(probe(listener));
        }
        probes.join_all().await;
    }
}

async fn probe(listener: Arc<Listener>) {
    let settings = listener.settings.load_full();
    for upstream in &settings.upstream {
        // A MySQL server counts connections that do not log in, and after a hundred in a row it takes
        // none from their host: one that was reached is asked again when a login could not reach it.
        let counts = settings.protocol == exchange::Protocol::Mysql;
        if counts && listener.upstreams.is_up(&upstream.to_string()) {
            continue;
        }
        let answered = relay::upstream::probe(upstream).await;
        listener.upstreams.note(&settings.name, &upstream.to_string(), &answered);
    }
}
