//! How much memory does an idle session hold in the program in between?

use super::channel::Channel;
use super::client::{self, Login};
use super::failure::Failure;
use super::lane::Lane;
use super::mysql_server::TRUSTED;
use super::workload::{FIRST_ACCOUNT, Workload, balance};
use std::fmt;
use std::net::TcpStream;
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

/// How sessions begin and end.
pub struct Sessions<'a> {
    /// Opens one and runs one query on it.
    pub open: &'a dyn Fn() -> Result<Channel<TcpStream>, Failure>,
    /// What it says at the end.
    pub goodbye: &'a [u8],
}

/// Holds `count` sessions on a lane just opened. Each has run one query, as those of a pool in an
/// application have; the first one is there before the memory is read, so that what a program sets
/// up once is not counted.
pub fn measure(lane: &Lane, sessions: &Sessions<'_>, count: usize) -> Result<Option<Point>, Failure> {
    let Some(process) = lane.process() else { return Ok(None) };
    let first = (sessions.open)()?;
    thread::sleep(SETTLE / 4);
    let before = process.resident()?;
    let mut channels = vec![first];
    for _ in 0..count {
        channels.push((sessions.open)()?);
    }
    thread::sleep(SETTLE);
    let after = process.resident()?;
    client::leave(channels, sessions.goodbye)?;
    Ok(Some(Point { bytes: after.saturating_sub(before) as f64 / count.max(1) as f64 }))
}

/// A session of PostgreSQL that was used once.
pub fn used_once(lane: &Lane, login: &Login) -> Result<Channel<TcpStream>, Failure> {
    let mut client = lane.log_in(login)?;
    let rows = client.query(&format!("SELECT abalance FROM accounts WHERE aid = {FIRST_ACCOUNT}"))?;
    let expected = balance(FIRST_ACCOUNT).to_string();
    if rows == [[Some(expected.clone())]] {
        return Ok(client.into_channel());
    }
    Err(Failure::WrongAnswer { expected, got: format!("{rows:?}") })
}

/// A session of MySQL that was used once.
pub fn used_once_mysql(lane: &Lane, workload: &Workload) -> Result<Channel<TcpStream>, Failure> {
    let mut session = lane.log_in_mysql(&TRUSTED)?;
    let mut question = workload.question();
    let answer = session.exchange(question.about(FIRST_ACCOUNT))?;
    if question.check(&answer)? {
        return Ok(session.into_channel());
    }
    let expected = "all of the answer".to_owned();
    Err(Failure::WrongAnswer { expected, got: answer.escape_ascii().to_string() })
}
