//! What does a long result cost over a lane, and does memory stay flat while it runs?

use super::client::{self, Login};
use super::failure::Failure;
use super::lane::Lane;
use super::plan::Width;
use super::process::Process;
use super::wire;
use std::fmt;
use std::io::Read;
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

/// Reads a result of about `bytes` on a lane just opened, and checks all of it.
pub fn measure(lane: &Lane, login: &Login, width: Width, bytes: u64) -> Result<Point, Failure> {
    let row = row(width);
    let rows = (bytes / row.len() as u64).max(1);
    let mut client = lane.log_in(login)?;
    client.query("SELECT 1")?;
    let process = lane.process();
    let (before, resident) =
        (process.map(Process::used).transpose()?, process.map(Process::resident).transpose()?);
    let begun = Instant::now();
    // A set-returning function in the target list streams; in FROM it would be kept in a file first.
    client.send(&wire::query(&format!(
        "SELECT text FROM (SELECT rpad('', {}, '{PATTERN}') AS text, generate_series(1, {rows})) AS rows",
        width.bytes()
    )))?;
    if client.receive()?.0 != b'T' {
        return Err(wrong("a RowDescription", "another message"));
    }
    let held = client.take_held();
    let mut channel = client.into_channel();
    let mut growth = 0;
    let received = receive(&mut channel, held, &row, rows, || {
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
    client::leave(vec![channel], &wire::terminate())?;
    let received = received as f64;
    Ok(Point {
        megabytes_rate: received / 1e6 / passed,
        cpu_per_gigabyte: used.map(|used| used.total.as_secs_f64() * 1e9 / received),
        growth_bytes: process.map(|_| growth),
    })
}

/// Reads `rows` times `row` and the end of the result; answers how many bytes that were.
fn receive(
    channel: &mut impl Read,
    held: Vec<u8>,
    row: &[u8],
    rows: u64,
    mut look: impl FnMut() -> Result<(), Failure>,
) -> Result<u64, Failure> {
    // Any part of the stream of at most a chunk is a part of this, beginning within the first row.
    let expected = row.repeat(CHUNK_BYTES / row.len() + 2);
    let mut end = wire::message(b'C', format!("SELECT {rows}\0").as_bytes());
    end.extend_from_slice(&wire::message(b'Z', b"I"));
    let total = rows * row.len() as u64;
    let (mut chunk, mut held) = (held.clone(), held.len());
    chunk.resize(CHUNK_BYTES.max(held), 0);
    let (mut seen, mut next_look, mut tail) = (0_u64, LOOK_EVERY_BYTES, Vec::new());
    loop {
        let bytes = chunk.get(..held).unwrap_or_default();
        let in_rows = bytes.len().min(usize::try_from(total - seen).unwrap_or(usize::MAX));
        let (data, rest) = bytes.split_at(in_rows);
        let offset = (seen % row.len() as u64) as usize;
        if expected.get(offset..offset + data.len()) != Some(data) {
            return Err(differs(data, row, seen));
        }
        seen += data.len() as u64;
        tail.extend_from_slice(rest);
        if tail.len() >= end.len() {
            look()?;
            return if tail == end { Ok(seen) } else { Err(differs(&tail, &end, seen)) };
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
    let text: Vec<u8> = PATTERN.bytes().cycle().take(width.bytes()).collect();
    let mut body = 1_i16.to_be_bytes().to_vec();
    body.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    body.extend_from_slice(&text);
    wire::message(b'D', &body)
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
