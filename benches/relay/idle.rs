//! How much memory does an idle session hold in the program in between?

use super::client::{self, Client, Login};
use super::failure::Failure;
use super::lane::Lane;
use super::wire;
use super::workload::{FIRST_ACCOUNT, balance};
use std::fmt;
use std::thread;
use std::time::Duration;

/// Memory given back in the background has this long to go.
const SETTLE: Duration = Duration::from_secs(1);

/// The figure of one measurement.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// Growth of resident memory for each session, in bytes. The kernel's socket buffers are not in
    /// it: they are the same two sockets for every lane.
    pub bytes: f64,
}

impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:>7.0} bytes/session", self.bytes)
    }
}

/// Holds `sessions` on a lane just opened. Each has run one query, as those of a pool in an
/// application have; the first one is there before the memory is read, so that what a program sets
/// up once is not counted.
pub fn measure(lane: &Lane, login: &Login, sessions: usize) -> Result<Option<Point>, Failure> {
    let Some(process) = lane.process() else { return Ok(None) };
    let first = used_once(lane, login)?;
    thread::sleep(SETTLE / 4);
    let before = process.resident()?;
    let mut channels = vec![first.into_channel()];
    for _ in 0..sessions {
        channels.push(used_once(lane, login)?.into_channel());
    }
    thread::sleep(SETTLE);
    let after = process.resident()?;
    client::leave(channels, &wire::terminate())?;
    Ok(Some(Point { bytes: after.saturating_sub(before) as f64 / sessions.max(1) as f64 }))
}

fn used_once(lane: &Lane, login: &Login) -> Result<Client, Failure> {
    let mut client = lane.log_in(login)?;
    let rows = client.query(&format!("SELECT abalance FROM accounts WHERE aid = {FIRST_ACCOUNT}"))?;
    let expected = balance(FIRST_ACCOUNT).to_string();
    if rows == [[Some(expected.clone())]] {
        return Ok(client);
    }
    Err(Failure::WrongAnswer { expected, got: format!("{rows:?}") })
}
