//! What does a long result cost over a lane, and does memory stay flat while it runs?

use super::channel::Channel;
use super::client::{self, Client, Login};
use super::failure::Failure;
use super::lane::Lane;
use super::mysql::{self, Session};
use super::mysql_server::TRUSTED;
use super::plan::Width;
use super::process::Process;
use super::wire;
use std::fmt;
use std::io::Read;
use std::net::TcpStream;
use std::time::Instant;

const CHUNK_BYTES: usize = 256 * 1024;
/// How often memory is looked at.
const LOOK_EVERY_BYTES: u64 = 16_000_000;
/// The text of the rows, repeated to the width: a byte that is lost or doubled shifts it.
const PATTERN: &str = "abcdefghijklmnopqrstuvwxyz0123456789-";

/// The figures of one measurement.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// Bytes on the wire in millions for each second.
    pub megabytes_rate: f64,
    /// Processor seconds of the program in between for each 10^9 bytes.
    pub cpu_per_gigabyte: Option<f64>,
    /// The most its resident memory grew while the result ran.
    pub growth_bytes: Option<u64>,
}

impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:>7.0} MB/s", self.megabytes_rate)?;
        if let (Some(cpu), Some(growth)) = (self.cpu_per_gigabyte, self.growth_bytes) {
            write!(formatter, "  CPU {cpu:.2} s/GB  memory +{} KiB", growth / 1024)?;
        }
        Ok(())
    }
}

/// A result on its way, of which the rows are still to come.
struct Running {
    channel: Channel<TcpStream>,
    /// What of them has been read.
    held: Vec<u8>,
    expected: Expected,
    goodbye: Vec<u8>,
}

/// What has to come.
struct Expected {
    /// The bytes of some rows, which come again and again.
    cycle: Vec<u8>,
    /// Bytes of all rows.
    total: u64,
    /// What follows them.
    end: Vec<u8>,
}

/// Reads a result of about `bytes` on a lane of PostgreSQL just opened, and checks all of it.
pub fn measure(lane: &Lane, login: &Login, width: Width, bytes: u64) -> Result<Point, Failure> {
    let mut client = lane.log_in(login)?;
    client.query("SELECT 1")?;
    measured(lane, || ask(client, width, bytes))
}

/// The same of MySQL.
pub fn measure_mysql(lane: &Lane, width: Width, bytes: u64) -> Result<Point, Failure> {
    let mut session = lane.log_in_mysql(&TRUSTED)?;
    let end = short_mysql(&mut session, width)?;
    measured(lane, || ask_mysql(session, width, bytes, end))
}

fn measured(lane: &Lane, ask: impl FnOnce() -> Result<Running, Failure>) -> Result<Point, Failure> {
    let process = lane.process();
    let (before, resident) =
        (process.map(Process::used).transpose()?, process.map(Process::resident).transpose()?);
    let begun = Instant::now();
    let mut running = ask()?;
    let mut growth = 0;
    let received = receive(&mut running.channel, running.held, &running.expected, || {
        if let (Some(process), Some(resident)) = (process, resident) {
            growth = growth.max(process.resident()?.saturating_sub(resident));
        }
        Ok(())
    })?;
    let passed = begun.elapsed().as_secs_f64();
    let used = match (before, process) {
        (Some(before), Some(process)) => Some(process.used()?.since(before)),
        _ => None,
    };
    client::leave(vec![running.channel], &running.goodbye)?;
    let received = received as f64;
    Ok(Point {
        megabytes_rate: received / 1e6 / passed,
        cpu_per_gigabyte: used.map(|used| used.total.as_secs_f64() * 1e9 / received),
        growth_bytes: process.map(|_| growth),
    })
}

fn ask(mut client: Client, width: Width, bytes: u64) -> Result<Running, Failure> {
    let row = row(width);
    let rows = (bytes / row.len() as u64).max(1);
    // A set-returning function in the target list streams; in FROM it would be kept in a file first.
    client.send(&wire::query(&format!(
        "SELECT text FROM (SELECT rpad('', {}, '{PATTERN}') AS text, generate_series(1, {rows})) AS rows",
        width.bytes()
    )))?;
    if client.receive()?.0 != b'T' {
        return Err(wrong("a RowDescription", "another message"));
    }
    let held = client.take_held();
    let mut end = wire::message(b'C', format!("SELECT {rows}\0").as_bytes());
    end.extend_from_slice(&wire::message(b'Z', b"I"));
    let expected = Expected { total: rows * row.len() as u64, cycle: row, end };
    Ok(Running { channel: client.into_channel(), held, expected, goodbye: wire::terminate() })
}

fn ask_mysql(mut session: Session, width: Width, bytes: u64, end: Vec<u8>) -> Result<Running, Failure> {
    // The number of a packet is one byte, so all of them differ until it begins again.
    let cycle: Vec<u8> = (0..=u8::MAX).flat_map(|number| mysql_row(width, number)).collect();
    let rows = (bytes / mysql_row(width, 0).len() as u64).max(1);
    session.send(&mysql_query(width, rows))?;
    // The count of columns and the one column.
    for _ in 0..2 {
        session.receive()?;
    }
    let held = session.take_held();
    let total = rows * mysql_row(width, 0).len() as u64;
    let last = u8::try_from(rows % 256).unwrap_or(0);
    let end = mysql::packet(FIRST_ROW.wrapping_add(last), &end);
    let expected = Expected { cycle, total, end };
    Ok(Running { channel: session.into_channel(), held, expected, goodbye: mysql::GOODBYE.to_vec() })
}

/// Has a short result of the same kind, checks its rows and answers what ended it.
fn short_mysql(session: &mut Session, width: Width) -> Result<Vec<u8>, Failure> {
    const ROWS: u8 = 3;
    let answer = session.exchange(&mysql_query(width, ROWS.into()))?;
    let rows: Vec<u8> = (0..ROWS).flat_map(|number| mysql_row(width, number)).collect();
    let at = answer.windows(rows.len()).position(|window| window == rows);
    let end = at.and_then(|at| answer.get(at + rows.len() + mysql::HEADER_BYTES..));
    // An OK of seven bytes under EOF's tag.
    match end {
        Some(end @ [0xfe, _, _, _, _, _, _]) => Ok(end.to_vec()),
        _ => Err(differs(&answer, &rows, 0)),
    }
}

fn mysql_query(width: Width, rows: u64) -> Vec<u8> {
    mysql::query(&format!("SELECT rpad('', {}, '{PATTERN}') FROM seq_1_to_{rows}", width.bytes()))
}

/// Behind the count of columns and the one column.
const FIRST_ROW: u8 = 3;

/// The row of this number: a length-encoded text.
fn mysql_row(width: Width, number: u8) -> Vec<u8> {
    let text = text(width);
    let mut payload = match u8::try_from(text.len()) {
        Ok(length @ ..=250) => vec![length],
        _ => [&[0xfc][..], &u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes()].concat(),
    };
    payload.extend(text);
    mysql::packet(FIRST_ROW.wrapping_add(number), &payload)
}

/// Reads all rows and the end of the result; answers how many bytes the rows were.
fn receive(
    channel: &mut impl Read,
    held: Vec<u8>,
    expected: &Expected,
    mut look: impl FnMut() -> Result<(), Failure>,
) -> Result<u64, Failure> {
    let Expected { cycle, total, end } = expected;
    // Any part of the stream of at most a chunk is a part of this, beginning within the first cycle.
    let rows = cycle.repeat(CHUNK_BYTES.max(held.len()) / cycle.len() + 2);
    let (mut chunk, mut held) = (held.clone(), held.len());
    chunk.resize(CHUNK_BYTES.max(held), 0);
    let (mut seen, mut next_look, mut tail) = (0_u64, LOOK_EVERY_BYTES, Vec::new());
    loop {
        let bytes = chunk.get(..held).unwrap_or_default();
        let in_rows = bytes.len().min(usize::try_from(*total - seen).unwrap_or(usize::MAX));
        let (data, rest) = bytes.split_at(in_rows);
        let offset = (seen % cycle.len() as u64) as usize;
        let wanted = rows.get(offset..offset + data.len()).unwrap_or_default();
        if wanted != data {
            return Err(differs(data, wanted, seen));
        }
        seen += data.len() as u64;
        tail.extend_from_slice(rest);
        if tail.len() >= end.len() {
            look()?;
            return if tail == *end { Ok(seen) } else { Err(differs(&tail, end, seen)) };
        }
        if seen >= next_look {
            next_look += LOOK_EVERY_BYTES;
            look()?;
        }
        held = channel.read(&mut chunk).map_err(Failure::system("read a long result"))?;
        if held == 0 {
            return Err(Failure::Closed);
        }
    }
}

/// The DataRow all rows are.
fn row(width: Width) -> Vec<u8> {
    let text = text(width);
    let mut body = 1_i16.to_be_bytes().to_vec();
    body.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    body.extend_from_slice(&text);
    wire::message(b'D', &body)
}

fn text(width: Width) -> Vec<u8> {
    PATTERN.bytes().cycle().take(width.bytes()).collect()
}

fn differs(got: &[u8], expected: &[u8], at: u64) -> Failure {
    match wire::first(got).filter(|message| message.kind == b'E') {
        Some(message) => Failure::Refused { message: wire::error(message.body) },
        None => {
            let shown = |bytes: &[u8]| bytes.get(..80).unwrap_or(bytes).escape_ascii().to_string();
            wrong(&format!("`{}` around byte {at}", shown(expected)), &shown(got))
        }
    }
}

fn wrong(expected: &str, got: &str) -> Failure {
    Failure::WrongAnswer { expected: expected.to_owned(), got: got.to_owned() }
}
