//! What if the network is slow, uneven and loses things?
//!
//! [`DelayingAndDroppingRelay`] is no network: it is a TCP relay that does to a stream what delay and loss do to it as TCP's
//! users see them. Everything comes late, in pieces nobody chose; what stands for a lost packet holds up all that is
//! behind it for as long as a retransmission takes; and now and then a connection is lost altogether.

#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// What the network is like.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// Every piece comes so late.
    pub delay: Duration,
    /// And at most so much later.
    pub jitter: Duration,
    /// Of a thousand pieces, so many are lost once and sent again.
    pub lost_per_mille: u64,
    /// What that takes: the least time Linux waits before it sends again.
    pub again_after: Duration,
    /// Of a thousand pieces, so many are the last of their connection.
    pub broken_per_mille: u64,
}

impl Weather {
    /// 4 ms there and 4 ms back, up to 4 ms of jitter, 2 % loss.
    pub const BAD: Weather = Weather {
        delay: Duration::from_millis(4),
        jitter: Duration::from_millis(4),
        lost_per_mille: 20,
        again_after: Duration::from_millis(200),
        broken_per_mille: 0,
    };
}

/// How often what happened.
#[derive(Debug, Default)]
pub struct Happened {
    pub pieces: AtomicU64,
    pub lost: AtomicU64,
    pub broken: AtomicU64,
}

/// The relay. It lives until the test's process ends.
pub struct DelayingAndDroppingRelay {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    pub happened: Arc<Happened>,
}

/// Largest piece: a segment of Ethernet.
const PIECE_MAX: u64 = 1448;
/// Pieces under way in one direction of a connection; more, and the sender feels it.
const UNDER_WAY_MAX: usize = 64;

impl DelayingAndDroppingRelay {
    pub fn before(port: u16, weather: Weather) -> DelayingAndDroppingRelay {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let happened = Arc::new(Happened::default());
        let relay = DelayingAndDroppingRelay {
            port: listener.local_addr().expect("its address").port(),
            happened: Arc::clone(&happened),
        };
        std::thread::spawn(move || {
            for (number, client) in listener.incoming().flatten().enumerate() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                let ends = [(&client, &server), (&server, &client)];
                for (direction, (from, to)) in ends.into_iter().enumerate() {
                    let (Ok(from), Ok(to)) = (from.try_clone(), to.try_clone()) else { continue };
                    let dice = Dice(1 + (number * 2 + direction) as u64);
                    let happened = Arc::clone(&happened);
                    let (sender, receiver) = sync_channel(UNDER_WAY_MAX);
                    std::thread::spawn(move || take(from, &sender, weather, dice, &happened));
                    std::thread::spawn(move || hand_over(to, &receiver));
                }
            }
        });
        relay
    }
}

/// A piece and when it arrives; `None` is the end.
type Piece = (Instant, Option<Vec<u8>>);

fn take(
    mut from: TcpStream,
    pieces: &SyncSender<Piece>,
    weather: Weather,
    mut dice: Dice,
    happened: &Happened,
) {
    let mut room = vec![0; 16 * 1024];
    // Nothing overtakes: TCP's users see bytes in their order.
    let mut arrives = Instant::now();
    while let Ok(count) = from.read(&mut room) {
        let mut rest = &room[..count];
        while !rest.is_empty() {
            let size = usize::try_from(1 + dice.below(PIECE_MAX)).unwrap_or(1).min(rest.len());
            let (piece, more) = rest.split_at(size);
            rest = more;
            happened.pieces.fetch_add(1, Ordering::Relaxed);
            let jitter = u64::try_from(weather.jitter.as_micros()).unwrap_or(0);
            let mut late = weather.delay + Duration::from_micros(dice.below(jitter + 1));
            if dice.below(1000) < weather.lost_per_mille {
                happened.lost.fetch_add(1, Ordering::Relaxed);
                late += weather.again_after;
            }
            arrives = arrives.max(Instant::now() + late);
            if dice.below(1000) < weather.broken_per_mille {
                happened.broken.fetch_add(1, Ordering::Relaxed);
                let _ = from.shutdown(Shutdown::Both);
                let _ = pieces.send((arrives, None));
                return;
            }
            if pieces.send((arrives, Some(piece.to_vec()))).is_err() {
                return;
            }
        }
        if count == 0 {
            break;
        }
    }
    let _ = pieces.send((arrives, None));
}

fn hand_over(mut to: TcpStream, pieces: &Receiver<Piece>) {
    let _ = to.set_nodelay(true);
    while let Ok((arrives, piece)) = pieces.recv() {
        // The delay is what this relay is for.
        std::thread::sleep(arrives.saturating_duration_since(Instant::now()));
        if piece.is_none_or(|piece| to.write_all(&piece).is_err()) {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// The same numbers in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound.max(1)
    }
}
