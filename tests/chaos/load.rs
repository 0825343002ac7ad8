//! What do many clients do at once, so that an answer that reached the wrong one cannot stay unseen?
//!
//! Every statement of a client asks for the client's own number and for a number that is never used twice, and every
//! answer has to bring both. The kinds of statements take turns, so that all paths of the protocol are busy.

#![allow(dead_code)]

use super::harness::server::PASSWORD;
use super::harness::wire::{
    Frame, SSL_REQUEST, VERSION_3_0, Wire, bind, close, copy_data, copy_done, describe, execute, parse,
    password, query, startup, sync, tags, terminate,
};
use std::collections::BTreeMap;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The tables the clients write into; `own` has a row for each.
pub const TABLES: &str = "CREATE TABLE own (client int PRIMARY KEY, number bigint);\
     INSERT INTO own SELECT n, 0 FROM generate_series(0, 999) AS n;\
     CREATE TABLE written (client int, number bigint)";

/// Why a client's connection is over, or its answer no answer.
#[derive(Debug)]
pub enum Trouble {
    /// The connection was closed in order.
    Closed,
    /// The connection ended by a reset.
    Reset,
    /// An error the statement did not ask for; the session goes on.
    Refused(String),
    /// An error that ends the session.
    Fatal(String),
    /// An answer that is somebody else's, or nobody's.
    Wrong(String),
}

/// What clients met with.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Answers that were the right ones.
    pub answers: u64,
    /// Rows whose writing was confirmed, by client.
    pub written: BTreeMap<u32, u64>,
    /// Sessions that began.
    pub logins: u64,
    /// Errors nobody asked for, by SQLSTATE.
    pub refused: BTreeMap<String, u64>,
    /// Sessions ended by an error, by SQLSTATE, and logins that failed by one.
    pub fatal: BTreeMap<String, u64>,
    /// Sessions that were closed without a word.
    pub closed: u64,
    /// Sessions that ended by a reset.
    pub resets: u64,
    /// Connections that were not taken.
    pub unconnected: u64,
    /// Wrong answers.
    pub wrong: Vec<String>,
    /// The longest wait for an answer, in microseconds.
    pub slowest_us: u64,
}

impl Tally {
    /// Adds what others met with.
    pub fn add(&mut self, other: Tally) {
        self.answers += other.answers;
        self.logins += other.logins;
        self.closed += other.closed;
        self.resets += other.resets;
        self.unconnected += other.unconnected;
        self.slowest_us = self.slowest_us.max(other.slowest_us);
        self.wrong.extend(other.wrong);
        for (client, count) in other.written {
            *self.written.entry(client).or_default() += count;
        }
        for (mine, others) in [(&mut self.refused, other.refused), (&mut self.fatal, other.fatal)] {
            for (code, count) in others {
                *mine.entry(code).or_default() += count;
            }
        }
    }

    /// How many rows were confirmed.
    pub fn confirmed(&self) -> u64 {
        self.written.values().sum()
    }

    /// Panics where an answer was wrong, or where there were too few to tell.
    pub fn assert_right(&self, at_least: u64) {
        assert!(self.wrong.is_empty(), "{} wrong answers: {:?}", self.wrong.len(), self.wrong.first());
        assert!(self.answers >= at_least, "only {} answers: {self:?}", self.answers);
    }

    fn note(&mut self, trouble: Trouble) -> bool {
        let count = |codes: &mut BTreeMap<String, u64>, code| *codes.entry(code).or_default() += 1;
        match trouble {
            Trouble::Closed => self.closed += 1,
            Trouble::Reset => self.resets += 1,
            Trouble::Fatal(code) => count(&mut self.fatal, code),
            Trouble::Wrong(what) => self.wrong.push(what),
            Trouble::Refused(code) => {
                count(&mut self.refused, code);
                return true;
            }
        }
        false
    }
}

/// Many clients of one port.
pub struct Load<'a> {
    pub port: u16,
    /// The first client's number.
    pub first: u32,
    pub clients: u32,
    /// A client whose connection ended connects again.
    pub reconnects: bool,
    /// How long a client waits between two statements.
    pub pause: Duration,
    /// Statements of one session, after which it says goodbye; 0: without a bound.
    pub per_session: u64,
    pub stop: &'a AtomicBool,
    /// Counts right answers while the load runs.
    pub answered: &'a AtomicU64,
    /// Over TLS, where the listener has it.
    pub tls: Option<Arc<rustls::ClientConfig>>,
}

impl Load<'_> {
    /// Runs until told to stop, or until every client has lost its connection.
    pub fn run(&self) -> Tally {
        std::thread::scope(|scope| {
            let clients: Vec<_> = (self.first..self.first + self.clients)
                .map(|client| scope.spawn(move || self.client(client)))
                .collect();
            clients.into_iter().fold(Tally::default(), |mut sum, client| {
                sum.add(client.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause)));
                sum
            })
        })
    }

    fn client(&self, client: u32) -> Tally {
        let mut tally = Tally::default();
        let mut number = 0;
        while !self.stop.load(Ordering::Relaxed) {
            match self.login(client) {
                Ok(wire) => {
                    tally.logins += 1;
                    self.session(wire, client, &mut number, &mut tally);
                }
                Err(None) => tally.unconnected += 1,
                Err(Some(trouble)) => {
                    let _ = tally.note(trouble);
                }
            }
            if !self.reconnects {
                break;
            }
            // A client that is not served at once does not ask in a circle.
            std::thread::park_timeout(Duration::from_millis(20));
        }
        tally
    }

    /// `None`: there was no connection.
    fn login(&self, client: u32) -> Result<Wire, Option<Trouble>> {
        let socket = TcpStream::connect(("127.0.0.1", self.port)).map_err(|_| None)?;
        let mut wire = Wire::over(socket).map_err(|_| None)?;
        if let Some(tls) = &self.tls {
            let _ = wire.try_send(&SSL_REQUEST);
            if wire.byte() != Some(b'S') {
                return Err(Some(end_of(&wire)));
            }
            wire = wire.start_tls(Arc::clone(tls)).map_err(|_| None)?;
        }
        let name = format!("client {client}");
        let parameters = [("user", "clear"), ("database", "shop"), ("application_name", &*name)];
        let _ = wire.try_send(&startup(VERSION_3_0, &parameters));
        while let Some(frame) = wire.frame() {
            match (frame.tag, frame.body.as_slice()) {
                (b'R', [0, 0, 0, 3]) => drop(wire.try_send(&password(PASSWORD))),
                (b'E', _) => return Err(Some(Trouble::Fatal(frame.sqlstate()))),
                (b'Z', _) => return Ok(wire),
                _ => {}
            }
        }
        Err(Some(end_of(&wire)))
    }

    fn session(&self, wire: Wire, client: u32, number: &mut u64, tally: &mut Tally) {
        let mut session = Session { wire, client, prepared: false, written: 0 };
        let last = if self.per_session == 0 { u64::MAX } else { *number + self.per_session };
        while !self.stop.load(Ordering::Relaxed) && *number < last {
            *number += 1;
            let began = Instant::now();
            let told = session.ask(*number);
            *tally.written.entry(client).or_default() += std::mem::take(&mut session.written);
            match told {
                Ok(()) => {
                    tally.answers += 1;
                    self.answered.fetch_add(1, Ordering::Relaxed);
                    let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
                    tally.slowest_us = tally.slowest_us.max(took);
                }
                Err(trouble) => {
                    if !tally.note(trouble) {
                        return;
                    }
                }
            }
            if !self.pause.is_zero() {
                std::thread::park_timeout(self.pause);
            }
        }
        let _ = session.wire.try_send(&terminate());
    }
}

fn end_of(wire: &Wire) -> Trouble {
    if wire.reset { Trouble::Reset } else { Trouble::Closed }
}

struct Session {
    wire: Wire,
    client: u32,
    prepared: bool,
    /// Rows that were confirmed by the last statements.
    written: u64,
}

impl Session {
    fn ask(&mut self, number: u64) -> Result<(), Trouble> {
        match number % 10 {
            0 => self.simple(number),
            1 => self.extended(number),
            2 => self.prepared(number),
            3 => self.many_rows(number),
            4 => self.error(number),
            5 => self.write(number),
            6 => self.transaction(number),
            7 => self.copy_out(number),
            8 => self.copy_in(number),
            _ => self.pipeline(number),
        }
    }

    /// Sends and reads up to so many ReadyForQuery.
    fn answer(&mut self, bytes: &[u8], ready: usize) -> Result<Vec<Frame>, Trouble> {
        // What a peer said before it closed is read all the same.
        let _ = self.wire.try_send(bytes);
        let frames = self.wire.until(b'Z', ready);
        let fatal = frames
            .iter()
            .find(|frame| frame.tag == b'E' && frame.fields().get(&'S').map(String::as_str) == Some("FATAL"));
        if let Some(fatal) = fatal {
            return Err(Trouble::Fatal(fatal.sqlstate()));
        }
        if frames.iter().filter(|frame| frame.tag == b'Z').count() < ready {
            return Err(end_of(&self.wire));
        }
        Ok(frames)
    }

    /// The rows of an answer whose messages have to be of these types; rows and what is told unasked do not count.
    fn rows(&self, frames: &[Frame], expected: &str) -> Result<Vec<Vec<String>>, Trouble> {
        let shape: String = tags(frames).chars().filter(|tag| !"DdASN".contains(*tag)).collect();
        if shape != expected {
            return Err(match frames.iter().find(|frame| frame.tag == b'E') {
                Some(error) => Trouble::Refused(error.sqlstate()),
                None => Trouble::Wrong(format!("client {}: {shape} instead of {expected}", self.client)),
            });
        }
        let rows = frames
            .iter()
            .filter(|frame| frame.tag == b'D')
            .map(|frame| frame.columns().into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>());
        Ok(rows.collect())
    }

    fn check<T: PartialEq + std::fmt::Debug>(&self, what: &str, got: T, wanted: T) -> Result<(), Trouble> {
        if got == wanted {
            return Ok(());
        }
        Err(Trouble::Wrong(format!("client {}, {what}: {got:?} instead of {wanted:?}", self.client)))
    }

    fn own(&self, number: u64) -> Vec<String> {
        vec![self.client.to_string(), number.to_string()]
    }

    fn simple(&mut self, number: u64) -> Result<(), Trouble> {
        let frames = self.answer(&query(&format!("SELECT {}, {number}", self.client)), 1)?;
        let rows = self.rows(&frames, "TCZ")?;
        self.check("simple", rows, vec![self.own(number)])
    }

    fn extended(&mut self, number: u64) -> Result<(), Trouble> {
        let (client, text) = (self.client.to_string(), number.to_string());
        let values = [Some(client.as_bytes()), Some(text.as_bytes())];
        let bytes = [
            parse("", "SELECT $1::int, $2::bigint", &[]),
            bind("", "", &values, 0),
            describe(b'P', ""),
            execute("", 0),
            sync(),
        ];
        let frames = self.answer(&bytes.concat(), 1)?;
        let rows = self.rows(&frames, "12TCZ")?;
        self.check("extended", rows, vec![self.own(number)])
    }

    fn prepared(&mut self, number: u64) -> Result<(), Trouble> {
        let mut bytes = Vec::new();
        let mut expected = "2CZ";
        if !self.prepared {
            // Every client gives the name another meaning.
            let text = format!("SELECT {}, $1::bigint", self.client);
            bytes.extend([close(b'S', "mine"), parse("mine", &text, &[])].concat());
            expected = "312CZ";
        }
        let text = number.to_string();
        bytes.extend([bind("", "mine", &[Some(text.as_bytes())], 0), execute("", 0), sync()].concat());
        let frames = self.answer(&bytes, 1)?;
        let rows = self.rows(&frames, expected)?;
        self.prepared = true;
        self.check("prepared", rows, vec![self.own(number)])
    }

    fn many_rows(&mut self, number: u64) -> Result<(), Trouble> {
        let text = format!("SELECT {}, {number} + n FROM generate_series(0, 49) AS n", self.client);
        let frames = self.answer(&query(&text), 1)?;
        let rows = self.rows(&frames, "TCZ")?;
        self.check("many rows", rows, (number..number + 50).map(|number| self.own(number)).collect())
    }

    fn error(&mut self, number: u64) -> Result<(), Trouble> {
        let text = format!("SELECT CAST('{} {number}' AS int)", self.client);
        let frames = self.answer(&query(&text), 1)?;
        let told = frames.first().filter(|_| tags(&frames) == "EZ").map(Frame::fields).unwrap_or_default();
        if told.get(&'C').is_some_and(|code| code != "22P02") {
            return Err(Trouble::Refused(told[&'C'].clone()));
        }
        let own = format!("invalid input syntax for type integer: \"{} {number}\"", self.client);
        self.check("error", told.get(&'M').cloned(), Some(own))
    }

    fn write(&mut self, number: u64) -> Result<(), Trouble> {
        let text = format!("INSERT INTO written VALUES ({}, {number})", self.client);
        let frames = self.answer(&query(&text), 1)?;
        self.rows(&frames, "CZ")?;
        self.written += 1;
        self.check("write", frames[0].command(), "INSERT 0 1".to_owned())
    }

    fn transaction(&mut self, number: u64) -> Result<(), Trouble> {
        let client = self.client;
        let update = format!("UPDATE own SET number = {number} WHERE client = {client}");
        for text in ["BEGIN", &update] {
            let frames = self.answer(&query(text), 1)?;
            if let Err(trouble) = self.rows(&frames, "CZ") {
                self.answer(&query("ROLLBACK"), 1)?;
                return Err(trouble);
            }
        }
        let frames =
            self.answer(&query(&format!("SELECT client, number FROM own WHERE client = {client}")), 1)?;
        let seen = self.rows(&frames, "TCZ");
        let frames = self.answer(&query("COMMIT"), 1)?;
        self.check("transaction", seen?, vec![self.own(number)])?;
        self.rows(&frames, "CZ").map(|_| ())
    }

    fn copy_out(&mut self, number: u64) -> Result<(), Trouble> {
        let text =
            format!("COPY (SELECT {}, {number} + n FROM generate_series(0, 9) AS n) TO STDOUT", self.client);
        let frames = self.answer(&query(&text), 1)?;
        self.rows(&frames, "HcCZ")?;
        let lines = frames.iter().filter(|frame| frame.tag == b'd');
        let lines: Vec<_> = lines.map(|frame| String::from_utf8_lossy(&frame.body).into_owned()).collect();
        let own = (number..number + 10).map(|number| format!("{}\t{number}\n", self.client)).collect();
        self.check("copy out", lines, own)
    }

    fn copy_in(&mut self, number: u64) -> Result<(), Trouble> {
        let _ = self.wire.try_send(&query("COPY written FROM STDIN"));
        let mut begun = Vec::new();
        while begun.last().is_none_or(|frame: &Frame| !b"GZ".contains(&frame.tag))
            && let Some(frame) = self.wire.frame()
        {
            begun.push(frame);
        }
        if begun.last().is_none_or(|frame| frame.tag != b'G') {
            let fatal = begun.iter().find(|frame| frame.tag == b'E').map(Frame::sqlstate);
            return Err(match (fatal, begun.last()) {
                (Some(code), Some(last)) if last.tag == b'Z' => Trouble::Refused(code),
                (Some(code), _) => Trouble::Fatal(code),
                (None, _) => end_of(&self.wire),
            });
        }
        let line = format!("{}\t{number}\n", self.client);
        let frames = self.answer(&[copy_data(line.as_bytes()), copy_done()].concat(), 1)?;
        self.rows(&frames, "CZ")?;
        self.written += 1;
        self.check("copy in", frames[0].command(), "COPY 1".to_owned())
    }

    fn pipeline(&mut self, number: u64) -> Result<(), Trouble> {
        let one = |number: u64| {
            let text = format!("SELECT {}, {number}", self.client);
            [parse("", &text, &[]), bind("", "", &[], 0), execute("", 0), sync()].concat()
        };
        let bytes: Vec<u8> = (number..number + 5).flat_map(one).collect();
        let frames = self.answer(&bytes, 5)?;
        let rows = self.rows(&frames, "12CZ12CZ12CZ12CZ12CZ")?;
        self.check("pipeline", rows, (number..number + 5).map(|number| self.own(number)).collect())
    }
}
