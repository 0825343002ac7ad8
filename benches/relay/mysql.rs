//! Which bytes does a MySQL client send, and when is an answer whole? Only as much as the load needs.
//!
//! Capabilities are those of today's drivers: protocol 4.1, no EOF packets (CLIENT_DEPRECATE_EOF).

use super::channel::{Channel, Opening};
use super::client;
use super::failure::Failure;
use super::mysql_server::DATABASE;
use super::workload::{FIRST_ACCOUNT, Number, Workload, balance};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

/// LONG_PASSWORD, CONNECT_WITH_DB, PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION, PLUGIN_AUTH,
/// DEPRECATE_EOF.
const CAPABILITIES: u32 = 1 | 8 | 0x200 | 0x2000 | 0x8000 | 0x8_0000 | 0x100_0000;
/// That a client wants TLS.
const TLS: u32 = 0x800;
/// Capabilities, longest packet, character set and zeros: all of a request for TLS.
const REQUEST_BYTES: usize = 32;
const PACKET_BYTES_MAX: u32 = 1 << 24;
/// utf8mb4_general_ci
const CHARACTER_SET: u8 = 45;
const PLUGIN: &str = "mysql_native_password";

/// Length and number, before every payload.
pub const HEADER_BYTES: usize = 4;

/// COM_QUIT, as a packet.
pub const GOODBYE: [u8; 5] = [1, 0, 0, 0, 1];

/// How a statement is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// COM_QUERY: the text, with the account number in it, each time.
    Text,
    /// COM_STMT_PREPARE once for each connection; then COM_STMT_EXECUTE.
    Prepared,
}

impl Form {
    /// Both.
    pub const ALL: [Form; 2] = [Form::Text, Form::Prepared];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Form::Text => "text",
            Form::Prepared => "prepared",
        }
    }
}

/// Who logs in.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// Its name.
    pub user: &'static str,
    /// What it has to know, if anything.
    pub password: Option<&'static str>,
}

/// A logged in connection.
pub struct Session {
    channel: Channel<TcpStream>,
    held: Vec<u8>,
}

impl Session {
    /// Connects and logs in.
    pub fn log_in(address: SocketAddr, opening: &Opening, account: &Account) -> Result<Session, Failure> {
        let mut session = Session { channel: Channel::open(address, &Opening::Plain)?, held: Vec::new() };
        let greeting = session.receive()?;
        let challenge = challenge(&greeting);
        let challenge = challenge.ok_or_else(|| unexpected("a greeting of protocol 10", &greeting))?;
        let mut sequence = 1;
        let mut capabilities = CAPABILITIES;
        if let Opening::Asked(config) = opening {
            capabilities |= TLS;
            let request = response(capabilities, account, &challenge);
            session.send(&packet(sequence, request.get(..REQUEST_BYTES).unwrap_or_default()))?;
            let Channel::Plain(stream) = session.channel else { return Err(Failure::Closed) };
            session.channel = Channel::begin_tls(stream, config)?;
            sequence += 1;
        }
        session.send(&packet(sequence, &response(capabilities, account, &challenge)))?;
        let answer = session.receive()?;
        match answer.first() {
            Some(0) => Ok(session),
            _ => Err(unexpected("a login with what the greeting asked for", &answer)),
        }
    }

    /// Says goodbye and waits until the other side has closed.
    pub fn leave(self) -> Result<(), Failure> {
        client::leave(vec![self.channel], &GOODBYE)
    }

    /// Runs a statement without rows.
    pub fn run(&mut self, text: &str) -> Result<(), Failure> {
        self.exchange(&query(text)).map(|_| ())
    }

    /// Runs a statement and answers whether it was refused.
    pub fn is_refused(&mut self, text: &str) -> Result<bool, Failure> {
        match self.exchange(&query(text)) {
            Ok(_) => Ok(false),
            Err(Failure::Refused { .. }) => Ok(true),
            Err(other) => Err(other),
        }
    }

    /// Sends a request and answers all bytes of the reply.
    pub fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, Failure> {
        self.send(request)?;
        let first = self.receive()?;
        let mut answer = packet(1, &first);
        let mut sequence = 1_u8;
        let is_prepare = request.get(4) == Some(&COM_STMT_PREPARE);
        let mut left = match (first.first(), first.as_slice()) {
            (Some(0xff), _) => {
                let message = first.get(3..).unwrap_or_default().escape_ascii().to_string();
                return Err(Failure::Refused { message });
            }
            // Statement, columns, parameters: a definition for each follows.
            (Some(0), [_, _, _, _, _, c0, c1, p0, p1, ..]) if is_prepare => {
                Left::Packets(u16::from_le_bytes([*c0, *c1]) + u16::from_le_bytes([*p0, *p1]))
            }
            (Some(0), _) => Left::Packets(0),
            (Some(_), _) => Left::UntilEnd,
            (None, _) => return Err(unexpected("a reply", &first)),
        };
        while !left.is_nothing() {
            let next = self.receive()?;
            sequence = sequence.wrapping_add(1);
            answer.extend(packet(sequence, &next));
            left = left.after(&next);
        }
        Ok(answer)
    }

    /// The bare connection, between two exchanges.
    pub fn into_channel(self) -> Channel<TcpStream> {
        self.channel
    }

    /// What has been read and not been answered by [`Session::receive`] yet.
    pub fn take_held(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.channel.write_all(bytes).map_err(Failure::system("send to the lane"))
    }

    /// The payload of the next packet.
    pub fn receive(&mut self) -> Result<Vec<u8>, Failure> {
        loop {
            if let Some(([l0, l1, l2, _], rest)) = self.held.split_first_chunk::<4>() {
                let length = u32::from_le_bytes([*l0, *l1, *l2, 0]) as usize;
                if let Some(payload) = rest.get(..length) {
                    let payload = payload.to_vec();
                    self.held.drain(..4 + length);
                    return Ok(payload);
                }
            }
            let mut chunk = [0; 4096];
            match self.channel.read(&mut chunk).map_err(Failure::system("read from the lane"))? {
                0 => return Err(Failure::Closed),
                count => self.held.extend_from_slice(chunk.get(..count).unwrap_or_default()),
            }
        }
    }
}

/// What of a reply has not come yet.
#[derive(Clone, Copy)]
enum Left {
    Packets(u16),
    UntilEnd,
}

impl Left {
    fn is_nothing(self) -> bool {
        matches!(self, Left::Packets(0))
    }

    fn after(self, payload: &[u8]) -> Left {
        match self {
            Left::Packets(count) => Left::Packets(count.saturating_sub(1)),
            // OK in place of EOF; no row of ours begins so.
            Left::UntilEnd if payload.first() == Some(&0xfe) => Left::Packets(0),
            Left::UntilEnd => Left::UntilEnd,
        }
    }
}

/// Builds the requests of a form, and learns the answer from the server itself.
pub fn learn(form: Form, direct: &mut Session) -> Result<Workload, Failure> {
    let account = FIRST_ACCOUNT + 12_345;
    let (setup, request, number) = match form {
        Form::Text => {
            (None, query(&format!("SELECT abalance FROM accounts WHERE aid = {account}")), Number::Digits)
        }
        Form::Prepared => {
            let prepare = command(COM_STMT_PREPARE, b"SELECT abalance FROM accounts WHERE aid = ?");
            let answer = direct.exchange(&prepare)?;
            // No cursor; once; no NULL; types follow; a 32 bit integer.
            let parts: [&[u8]; 5] =
                [&statement(&answer), &[0], &1_u32.to_le_bytes(), &[0, 1, 3, 0], &account.to_le_bytes()];
            (Some(prepare), command(COM_STMT_EXECUTE, &parts.concat()), Number::Binary)
        }
    };
    let answer = direct.exchange(&request)?;
    Workload::around(setup, request, answer, [account, balance(account)], number)
}

/// Where a COM_STMT_EXECUTE names its statement: behind the header and the command.
pub const STATEMENT_AT: usize = 5;

/// The number of the statement that a COM_STMT_PREPARE was answered with. A server that keeps threads
/// for later connections goes on counting in them.
pub fn statement(answer: &[u8]) -> [u8; 4] {
    answer.get(5..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default()
}

const COM_QUERY: u8 = 3;
const COM_STMT_PREPARE: u8 = 0x16;
const COM_STMT_EXECUTE: u8 = 0x17;

/// COM_QUERY.
pub fn query(text: &str) -> Vec<u8> {
    command(COM_QUERY, text.as_bytes())
}

fn command(code: u8, body: &[u8]) -> Vec<u8> {
    packet(0, &[&[code], body].concat())
}

/// A payload behind its header.
pub fn packet(sequence: u8, payload: &[u8]) -> Vec<u8> {
    let [l0, l1, l2, _] = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes();
    let mut packet = vec![l0, l1, l2, sequence];
    packet.extend_from_slice(payload);
    packet
}

/// HandshakeResponse41.
fn response(capabilities: u32, account: &Account, challenge: &[u8]) -> Vec<u8> {
    let mut body = capabilities.to_le_bytes().to_vec();
    body.extend(PACKET_BYTES_MAX.to_le_bytes());
    body.push(CHARACTER_SET);
    body.extend([0; 23]);
    body.extend(format!("{}\0", account.user).bytes());
    let proof = account.password.map(|password| proof(password, challenge)).unwrap_or_default();
    body.push(u8::try_from(proof.len()).unwrap_or(0));
    body.extend(proof);
    body.extend(format!("{DATABASE}\0{PLUGIN}\0").bytes());
    body
}

/// The 20 bytes that a greeting of protocol 10 challenges a client with.
fn challenge(greeting: &[u8]) -> Option<Vec<u8>> {
    let version = greeting.strip_prefix(&[10])?;
    let end = version.iter().position(|byte| *byte == 0)?;
    // The connection's number, 8 bytes, a zero; capabilities and much else; 12 bytes, a zero.
    let rest = version.get(end + 1 + 4..)?;
    Some([rest.get(..8)?, rest.get(27..39)?].concat())
}

/// SHA1(password) XOR SHA1(challenge, SHA1(SHA1(password))).
fn proof(password: &str, challenge: &[u8]) -> Vec<u8> {
    let hash = |bytes: &[u8]| digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes);
    let once = hash(password.as_bytes());
    let stored = hash(once.as_ref());
    let mask = hash(&[challenge, stored.as_ref()].concat());
    once.as_ref().iter().zip(mask.as_ref()).map(|(byte, mask)| byte ^ mask).collect()
}

fn unexpected(expected: &str, got: &[u8]) -> Failure {
    Failure::WrongAnswer { expected: expected.to_owned(), got: got.escape_ascii().to_string() }
}
