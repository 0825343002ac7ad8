//! The outbox by example, over real sockets: order, slow peers, errors, and the end of a socket.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::peer::Peer;
use crate::stream::Stream;
use std::future::Future;
use std::io::Read;
use std::pin::Pin;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::task::LocalSet;
use tokio::time::timeout;

const TOO_LONG: Duration = Duration::from_secs(20);

/// Runs a test on a thread with an outbox, as the relay's threads are.
fn on_a_relay_thread(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, async {
        tokio::task::spawn_local(open());
        tokio::task::yield_now().await;
        timeout(TOO_LONG, test).await.expect("the test hung");
    });
}

fn has_ring() -> bool {
    with(|outbox| outbox.ring.is_open()).unwrap_or(false)
}

fn pair() -> (Peer, UnixStream) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    (Peer::new(Stream::Unix(ours)), theirs)
}

/// Puts bytes as the pump does: one look, nothing waited for.
async fn write(peer: &mut Peer, bytes: &[u8]) -> Option<io::Result<usize>> {
    poll_fn(|context| {
        Poll::Ready(match Pin::new(&mut *peer).poll_write(context, bytes) {
            Poll::Ready(result) => Some(result),
            Poll::Pending => None,
        })
    })
    .await
}

/// Bytes that tell their place.
fn numbered(from: usize, len: usize) -> Vec<u8> {
    (from..from + len).map(|at| (at % 251) as u8).collect()
}

#[test]
fn chunks_of_many_sockets_leave_together_and_in_order() {
    on_a_relay_thread(async {
        let mut pairs: Vec<_> = (0..300).map(|_| pair()).collect();
        for round in 0..5 {
            for (peer, _) in &mut pairs {
                assert_eq!(write(peer, &numbered(round * 10, 10)).await.unwrap().unwrap(), 10);
            }
        }
        for (_, theirs) in &mut pairs {
            let mut heard = vec![0; 50];
            theirs.read_exact(&mut heard).await.unwrap();
            assert_eq!(heard, numbered(0, 50));
        }
    });
}

#[test]
fn several_sends_are_one_call_where_the_system_has_rings() {
    on_a_relay_thread(async {
        if !has_ring() {
            return;
        }
        let (mut one, mut other) = (pair(), pair());
        write(&mut one.0, b"one").await.unwrap().unwrap();
        write(&mut other.0, b"other").await.unwrap().unwrap();
        assert_eq!(with(|outbox| outbox.chunks.len()), Some(2), "they wait for the end of the turn");
        tokio::task::yield_now().await;
        assert_eq!(with(|outbox| outbox.chunks.len()), Some(0));
        let mut heard = [0; 5];
        other.1.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"other");
    });
}

/// Writes `total` bytes in chunks of uneven length, as fast as the socket takes them; what does not
/// fit waits.
async fn pour(mut peer: Peer, total: usize, step: usize) {
    let mut sent = 0;
    let mut len = 1;
    while sent < total {
        len = (len * 7 + step) % 20_011 + 1;
        let chunk = numbered(sent, len.min(total - sent));
        sent += poll_fn(|context| Pin::new(&mut peer).poll_write(context, &chunk)).await.unwrap();
    }
    peer.flush().await.unwrap();
    peer.shutdown().await.unwrap();
}

#[test]
fn slow_readers_get_every_byte_in_order_and_hold_up_nobody() {
    on_a_relay_thread(async {
        const TOTAL: usize = 3_000_000;
        let mut readers = Vec::new();
        for step in 0..6 {
            let (peer, mut theirs) = pair();
            tokio::task::spawn_local(pour(peer, TOTAL, step));
            readers.push(tokio::task::spawn_local(async move {
                let mut heard = Vec::new();
                let mut chunk = vec![0; 1 + 9_000 * step];
                loop {
                    match theirs.read(&mut chunk).await.unwrap() {
                        0 => break,
                        len => heard.extend_from_slice(&chunk[..len]),
                    }
                    if step % 2 == 0 {
                        tokio::task::yield_now().await;
                    }
                }
                assert!(heard == numbered(0, TOTAL), "reader {step}: {} bytes", heard.len());
            }));
        }
        for reader in readers {
            reader.await.unwrap();
        }
    });
}

#[test]
fn a_peer_that_does_not_read_is_seen_and_its_partner_waits() {
    on_a_relay_thread(async {
        let (mut peer, mut theirs) = pair();
        let (mut other, mut other_end) = pair();
        let mut sent = 0;
        while !peer.is_behind() {
            match write(&mut peer, &numbered(sent, 4_000)).await {
                Some(result) => sent += result.unwrap(),
                None => break,
            }
            // Two chunks a turn, so that the ring is what refuses.
            write(&mut other, b"x").await.unwrap().unwrap();
            tokio::task::yield_now().await;
            other_end.read_u8().await.unwrap();
        }
        assert!(write(&mut peer, b"more").await.is_none(), "nothing more is taken");
        let waits = sent;
        let reader = tokio::task::spawn_local(async move {
            let mut heard = vec![0; waits];
            theirs.read_exact(&mut heard).await.unwrap();
            (heard, theirs)
        });
        peer.flush().await.unwrap();
        assert!(!peer.is_behind());
        let (heard, _theirs) = reader.await.unwrap();
        assert!(heard == numbered(0, sent));
    });
}

#[test]
fn an_error_of_a_send_reaches_the_session_it_belongs_to() {
    on_a_relay_thread(async {
        let (mut broken, gone) = pair();
        let (mut sound, mut theirs) = pair();
        drop(gone);
        write(&mut broken, b"lost").await.unwrap().unwrap();
        write(&mut sound, b"heard").await.unwrap().unwrap();
        tokio::task::yield_now().await;
        let mut heard = [0; 5];
        theirs.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"heard");
        assert!(broken.is_behind());
        let error = write(&mut broken, b"more").await.unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    });
}

#[test]
fn what_was_written_before_an_end_arrives_before_it() {
    on_a_relay_thread(async {
        let (mut ended, mut theirs) = pair();
        write(&mut ended, b"goodbye").await.unwrap().unwrap();
        ended.shutdown().await.unwrap();
        let mut heard = Vec::new();
        theirs.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"goodbye");

        let (mut dropped, mut theirs) = pair();
        write(&mut dropped, b"goodbye").await.unwrap().unwrap();
        drop(dropped);
        let mut heard = Vec::new();
        theirs.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"goodbye");
    });
}

#[test]
fn a_ring_that_fails_is_given_up_and_nothing_is_lost() {
    on_a_relay_thread(async {
        with(|outbox| outbox.ring = Ring::failed());
        let (mut one, mut other) = (pair(), pair());
        write(&mut one.0, b"one").await.unwrap().unwrap();
        write(&mut other.0, b"two").await.unwrap().unwrap();
        for (_, theirs) in [&mut one, &mut other] {
            let mut heard = [0; 3];
            theirs.read_exact(&mut heard).await.unwrap();
        }
    });
}

#[test]
fn a_ring_that_the_system_takes_away_is_given_up_and_nothing_is_lost() {
    on_a_relay_thread(async {
        if !has_ring() {
            return;
        }
        with(|outbox| outbox.ring.take_away());
        let (mut one, mut other) = (pair(), pair());
        for _ in 0..2 {
            write(&mut one.0, b"one").await.unwrap().unwrap();
            write(&mut other.0, b"two").await.unwrap().unwrap();
            for ((_, theirs), said) in [(&mut one, b"one"), (&mut other, b"two")] {
                let mut heard = [0; 3];
                theirs.read_exact(&mut heard).await.unwrap();
                assert_eq!(&heard, said);
            }
            assert!(!has_ring());
        }
    });
}

#[test]
fn without_an_outbox_each_chunk_is_sent_as_it_comes() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (mut peer, theirs) = pair();
        write(&mut peer, b"now").await.unwrap().unwrap();
        let mut heard = [0; 8];
        assert_eq!(theirs.into_std().unwrap().read(&mut heard).unwrap(), 3);
    });
}

/// A peer that comes, says its own numbers in uneven chunks and goes; `None` when it left in the middle.
async fn say(mut peer: Peer, seed: usize) -> Option<usize> {
    let total = seed * 7_919 % 90_000;
    let leaves_at = if seed.is_multiple_of(3) { total / 2 } else { usize::MAX };
    let mut sent = 0;
    while sent < total {
        let len = ((sent + seed) * 31 % 9_500 + 1).min(total - sent);
        let chunk = numbered(seed + sent, len);
        sent += poll_fn(|context| Pin::new(&mut peer).poll_write(context, &chunk)).await.unwrap();
        if sent >= leaves_at {
            return None;
        }
        if !seed.is_multiple_of(5) {
            tokio::task::yield_now().await;
        }
    }
    peer.shutdown().await.unwrap();
    Some(sent)
}

#[test]
fn nobody_hears_what_was_said_to_another_however_peers_come_and_go() {
    on_a_relay_thread(async {
        const SESSIONS: usize = 40;
        let sessions: Vec<_> = (0..SESSIONS)
            .map(|session| {
                tokio::task::spawn_local(async move {
                    for round in 0..25 {
                        // Each takes the number of a socket that was closed a moment ago.
                        let seed = session + round * SESSIONS;
                        let (peer, mut theirs) = pair();
                        socket2::SockRef::from(&theirs).set_recv_buffer_size(4_096).unwrap();
                        let speaker = tokio::task::spawn_local(say(peer, seed));
                        let (mut heard, mut chunk) = (Vec::new(), vec![0; 1 + seed % 20_000]);
                        loop {
                            match theirs.read(&mut chunk).await.unwrap() {
                                0 => break,
                                len => heard.extend_from_slice(&chunk[..len]),
                            }
                            if seed.is_multiple_of(2) {
                                tokio::task::yield_now().await;
                            }
                        }
                        let said = speaker.await.unwrap();
                        assert!(heard == numbered(seed, heard.len()), "another's bytes in {seed}");
                        assert!(said.is_none_or(|said| said == heard.len()), "{seed}: {said:?}");
                    }
                })
            })
            .collect();
        for session in sessions {
            session.await.unwrap();
        }
    });
}

#[test]
fn a_stream_does_not_hold_up_the_short_chunks_of_others() {
    on_a_relay_thread(async {
        let (mut short, theirs) = pair();
        let (mut long, _other_end) = pair();
        write(&mut short, b"now").await.unwrap().unwrap();
        for _ in 0..=BYTES_MAX / CHUNK_BYTES_MAX {
            // Whether the socket takes it or not: trying costs as much.
            let _ = write(&mut long, &numbered(0, 2 * CHUNK_BYTES_MAX)).await;
        }
        let mut heard = [0; 8];
        assert_eq!(theirs.into_std().unwrap().read(&mut heard).unwrap(), 3);
    });
}
