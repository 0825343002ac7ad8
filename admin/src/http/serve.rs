//! How are connections of the API taken?
//!
//! Somebody who says nothing, or says it byte by byte, or takes no answer, holds a connection for a while only, and
//! there are so many connections and no more: the data plane of the same process needs file descriptors too. Nobody
//! holds more than half of them from one address.

use super::patience::Patient;
use super::router;
use crate::plane::App;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tower::Service;

/// Longest time from when a request is waited for to the end of its head.
const HEAD_LIMIT: Duration = Duration::from_secs(30);
/// Longest time in which nothing of an answer is taken.
const WRITE_LIMIT: Duration = Duration::from_secs(30);
/// Between two attempts where the system gives no connection, because it has no file descriptor left.
const PAUSE: Duration = Duration::from_millis(500);

/// Serves until `stopping` turns true, then lets requests finish.
pub async fn serve(listener: TcpListener, app: App, connections: u32, stopping: watch::Receiver<bool>) {
    let connections = connections as usize;
    let limits = Limits { connections, of_an_address: connections / 2, head: HEAD_LIMIT, write: WRITE_LIMIT };
    serve_at_most(limits, listener, router(app), stopping).await;
}

#[derive(Clone, Copy)]
struct Limits {
    connections: usize,
    of_an_address: usize,
    head: Duration,
    write: Duration,
}

/// Connections by address, of which none has more than half of all.
#[derive(Clone, Default)]
struct Addresses(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One connection of an address, until it is dropped.
struct Counted(Addresses, IpAddr);

impl Addresses {
    fn take(&self, address: IpAddr, most: usize) -> Option<Counted> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        drop(held);
        Some(Counted(self.clone(), address))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut held = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.1);
            }
        }
    }
}

async fn serve_at_most(
    limits: Limits,
    listener: TcpListener,
    router: Router,
    stopping: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let addresses = Addresses::default();
    let mut connections = JoinSet::new();
    let mut stops = stopping.clone();
    let stopped = async { stops.wait_for(|stopping| *stopping).await.map(drop) };
    let mut stopped = pin!(stopped);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            _ = stopped.as_mut() => break,
            next = next => next,
        };
        while connections.try_join_next().is_some() {}
        match (place, accepted) {
            (Ok(place), Ok((stream, from))) => {
                let Some(counted) = addresses.take(from.ip(), limits.of_an_address) else {
                    tracing::debug!(%from, "an address that holds half of the API's connections gets no more");
                    continue;
                };
                let attended =
                    attend(stream, from, limits, router.clone(), stopping.clone(), (place, counted));
                connections.spawn(attended);
            }
            (_, Err(error)) => {
                tracing::warn!(%error, "a connection to the API could not be taken");
                tokio::time::sleep(PAUSE).await;
            }
            (Err(_), _) => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Answers the requests of one connection.
async fn attend(
    stream: TcpStream,
    from: SocketAddr,
    limits: Limits,
    router: Router,
    mut stopping: watch::Receiver<bool>,
    place: (OwnedSemaphorePermit, Counted),
) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(from));
        router.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .serve_connection(TokioIo::new(Patient::new(stream, limits.write)), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = async { drop(stopping.wait_for(|stopping| *stopping).await) } => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%from, %error, "a connection to the API broke");
    }
    drop(place);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const ASKED: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    async fn answer_of(stream: &mut TcpStream) -> String {
        let mut answer = vec![0; 4_096];
        let read = stream.read(&mut answer).await.unwrap();
        String::from_utf8_lossy(answer.get(..read).unwrap()).into_owned()
    }

    #[tokio::test]
    async fn who_says_nothing_loses_the_place_that_others_wait_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = watch::channel(false);
        let router = Router::new().route(
            "/",
            get(|ConnectInfo(from): ConnectInfo<SocketAddr>| async move { from.ip().to_string() }),
        );
        let short = Duration::from_millis(300);
        let limits = Limits { connections: 2, of_an_address: 2, head: short, write: short };
        let serving = serve_at_most(limits, listener, router, stopping);
        let serving = tokio::spawn(serving);
        let mut silent = TcpStream::connect(address).await.unwrap();
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nHos").await.unwrap();
        let mut third = TcpStream::connect(address).await.unwrap();
        third.write_all(ASKED).await.unwrap();
        // Both places are taken by those who do not ask, and are given up in time.
        let answer = tokio::time::timeout(Duration::from_secs(20), answer_of(&mut third)).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
        let mut rest = Vec::new();
        slow.read_to_end(&mut rest).await.unwrap();
        silent.read_to_end(&mut rest).await.unwrap();
        drop(third);
        stop.send_replace(true);
        tokio::time::timeout(Duration::from_secs(20), serving).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn who_takes_no_answer_loses_the_place() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = watch::channel(false);
        let large = "x".repeat(16 << 20);
        let router = Router::new().route("/", get(|| async move { large.clone() }));
        let limits = Limits {
            connections: 2,
            of_an_address: 1,
            head: Duration::from_secs(20),
            write: Duration::from_millis(300),
        };
        let serving = tokio::spawn(serve_at_most(limits, listener, router, stopping));
        let mut deaf = TcpStream::connect(address).await.unwrap();
        deaf.write_all(ASKED).await.unwrap();
        // One place of two: a second connection of the same address is ended at once.
        let mut second = TcpStream::connect(address).await.unwrap();
        let _ = second.write_all(ASKED).await;
        let read = second.read(&mut [0; 64]).await;
        assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
        // It has its place again as soon as the first one is given up.
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        loop {
            let mut third = TcpStream::connect(address).await.unwrap();
            let _ = third.write_all(ASKED).await;
            let mut head = [0; 12];
            if third.read_exact(&mut head).await.is_ok() {
                assert_eq!(&head, b"HTTP/1.1 200");
                break;
            }
            assert!(std::time::Instant::now() < deadline, "the place was not given back");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        drop(deaf);
        stop.send_replace(true);
        tokio::time::timeout(Duration::from_secs(20), serving).await.unwrap().unwrap();
    }
}
