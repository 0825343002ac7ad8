//! What stands in for the server where one with thousands of sessions would not fit on the machine?
//!
//! The bench starts itself again with `--double` and this is what runs then: it lets everybody in,
//! answers the one question that idle sessions ask with the right row, and every other one with
//! nothing. One thread, so that it takes as little as possible.

use super::blind::SERVING;
use super::wire;
use super::workload::{FIRST_ACCOUNT, balance};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

const NEW_SESSION: Token = Token(usize::MAX);
const EVENTS_MAX: usize = 1024;
/// Far above any message it should get.
const HELD_BYTES_MAX: usize = 64 * 1024;
/// SSLRequest and GSSENCRequest, in place of a protocol version.
const ENCRYPTION_REQUESTS: [u32; 2] = [80_877_103, 80_877_104];
const CANCEL_REQUEST: u32 = 80_877_102;

/// What it says about itself: what poolers ask for.
const PARAMETERS: [(&str, &str); 9] = [
    ("server_version", "18.0"),
    ("server_encoding", "UTF8"),
    ("client_encoding", "UTF8"),
    ("application_name", "bench"),
    ("DateStyle", "ISO, MDY"),
    ("IntervalStyle", "postgres"),
    ("TimeZone", "UTC"),
    ("integer_datetimes", "on"),
    ("standard_conforming_strings", "on"),
];

/// Serves until it is killed; says on its output where.
pub fn serve() -> ExitCode {
    match accept() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the server's double: {error}");
            ExitCode::FAILURE
        }
    }
}

fn accept() -> io::Result<()> {
    super::process::raise_file_limit(u64::MAX);
    let mut listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let mut poll = Poll::new()?;
    poll.registry().register(&mut listener, NEW_SESSION, Interest::READABLE)?;
    println!("{SERVING}{}", listener.local_addr()?);
    let mut sessions: Vec<Option<Session>> = Vec::new();
    let mut free: Vec<usize> = Vec::new();
    let mut events = Events::with_capacity(EVENTS_MAX);
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if event.token() == NEW_SESSION {
                while let Ok((mut stream, _)) = listener.accept() {
                    stream.set_nodelay(true)?;
                    let index = free.pop().unwrap_or(sessions.len());
                    poll.registry().register(&mut stream, Token(index), Interest::READABLE)?;
                    let session = Some(Session { stream, started: false, held: Vec::new() });
                    match sessions.get_mut(index) {
                        Some(place) => *place = session,
                        None => sessions.push(session),
                    }
                }
                continue;
            }
            let index = event.token().0;
            let Some(place) = sessions.get_mut(index) else { continue };
            if place.as_mut().is_some_and(|session| session.go_on(index).is_err()) {
                *place = None;
                free.push(index);
            }
        }
    }
}

struct Session {
    stream: TcpStream,
    started: bool,
    held: Vec<u8>,
}

impl Session {
    /// Reads all there is and answers it; an error ends the session.
    fn go_on(&mut self, index: usize) -> io::Result<()> {
        let mut chunk = [0; 2048];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => self.held.extend_from_slice(chunk.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
            if self.held.len() > HELD_BYTES_MAX {
                return Err(ErrorKind::InvalidData.into());
            }
        }
        let mut answer = Vec::new();
        while let Some(size) = self.take_one(index, &mut answer)? {
            self.held.drain(..size);
        }
        if self.held.is_empty() {
            // An idle session holds nothing: there are thousands.
            self.held = Vec::new();
        }
        // Far smaller than a socket's buffer, which is empty: taken whole.
        self.stream.write_all(&answer)
    }

    /// The size of the first message, when it is there and answered.
    fn take_one(&mut self, index: usize, answer: &mut Vec<u8>) -> io::Result<Option<usize>> {
        if !self.started {
            return self.take_opening(index, answer);
        }
        let Some(message) = wire::first(&self.held) else { return Ok(None) };
        match message.kind {
            b'Q' => reply(message.body, answer),
            b'X' => return Err(ErrorKind::ConnectionAborted.into()),
            _ => return Err(ErrorKind::Unsupported.into()),
        }
        Ok(Some(message.size))
    }

    fn take_opening(&mut self, index: usize, answer: &mut Vec<u8>) -> io::Result<Option<usize>> {
        let Some((head, _)) = self.held.split_first_chunk::<8>() else { return Ok(None) };
        let [l0, l1, l2, l3, code @ ..] = *head;
        let size = u32::from_be_bytes([l0, l1, l2, l3]) as usize;
        let code = u32::from_be_bytes(code);
        if size < head.len() || code == CANCEL_REQUEST {
            return Err(ErrorKind::InvalidData.into());
        }
        if self.held.len() < size {
            return Ok(None);
        }
        if ENCRYPTION_REQUESTS.contains(&code) {
            answer.push(b'N');
        } else {
            self.started = true;
            answer.extend(welcome(index));
        }
        Ok(Some(size))
    }
}

/// AuthenticationOk, ParameterStatus, BackendKeyData, ReadyForQuery.
fn welcome(index: usize) -> Vec<u8> {
    let mut bytes = wire::message(b'R', &0_u32.to_be_bytes());
    for (name, value) in PARAMETERS {
        bytes.extend(wire::message(b'S', format!("{name}\0{value}\0").as_bytes()));
    }
    let number = u32::try_from(index + 1).unwrap_or(u32::MAX).to_be_bytes();
    bytes.extend(wire::message(b'K', &[number, number].concat()));
    bytes.extend(wire::message(b'Z', b"I"));
    bytes
}

fn reply(text: &[u8], answer: &mut Vec<u8>) {
    if text.starts_with(b"SELECT abalance") {
        // One column: name, table, column, type (integer), its size, modifier, format.
        let column: [&[u8]; 4] =
            [&1_u16.to_be_bytes(), b"abalance\0", &[0; 6], &[0, 0, 0, 23, 0, 4, 255, 255, 255, 255, 0, 0]];
        answer.extend(wire::message(b'T', &column.concat()));
        let value = balance(FIRST_ACCOUNT).to_string();
        let length = u32::try_from(value.len()).unwrap_or(0).to_be_bytes();
        answer.extend(wire::message(b'D', &[&1_u16.to_be_bytes(), &length[..], value.as_bytes()].concat()));
        answer.extend(wire::message(b'C', b"SELECT 1\0"));
    } else {
        answer.extend(wire::message(b'C', b"SET\0"));
    }
    answer.extend(wire::message(b'Z', b"I"));
}
