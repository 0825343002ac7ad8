//! What stands in for a SQL Server where none can be had?
//!
//! It speaks the protocol as far as it is needed (MS-TDS): the first question, TLS, a login, batches, calls, attentions;
//! headers, the first question and ends of answers by an implementation of it that is none of ours. What it answers
//! to a text is said by the test. It proves what we send and how we read what comes back, and nothing about what a
//! real server does with a text.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::servers::{Certificate, PASSWORD};
use super::wire::{Answer, done, error_token, login_ack, result};
use bytes::{BufMut, Bytes};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use tds_protocol::packet::{PacketHeader, PacketStatus, PacketType};
use tds_protocol::prelogin::{EncryptionLevel, PreLogin};

type Answers = Arc<dyn Fn(&str) -> Answer + Send + Sync>;

/// A server of the test's own, on a free port, until the process ends.
pub struct Double {
    pub port: u16,
    pub heard: Arc<Mutex<Vec<Heard>>>,
}

/// What came in.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    Login {
        user: String,
        database: String,
        application: String,
    },
    Batch(String),
    /// A call of `sp_executesql`, as it is.
    Call(Bytes),
    Attention,
    /// The client has gone.
    End,
}

/// Whether it has TLS.
#[derive(Clone)]
pub enum Crypt {
    None,
    With(Arc<ServerConfig>),
    /// It takes nobody without.
    Only(Arc<ServerConfig>),
}

pub fn crypt(certificate: &Certificate) -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(&certificate.certificate).unwrap();
    let chain: Vec<_> = chain.map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(&certificate.key).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap())
}

impl Double {
    pub fn start(crypt: Crypt, answers: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Double {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (own, answers): (_, Answers) = (heard.clone(), Arc::new(answers));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (crypt, heard, answers) = (crypt.clone(), own.clone(), answers.clone());
                std::thread::spawn(move || {
                    let session = Session { heard: heard.clone(), answers };
                    let _ = session.serve(stream, &crypt);
                    heard.lock().unwrap().push(Heard::End);
                });
            }
        });
        Double { port, heard }
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// The batches that came in, in their order.
    pub fn batches(&self) -> Vec<String> {
        let batch = |heard: Heard| match heard {
            Heard::Batch(text) => Some(text),
            _ => None,
        };
        self.heard().into_iter().filter_map(batch).collect()
    }
}

trait Wire: Read + Write {
    /// The socket below, to look whether something comes in.
    fn socket(&self) -> &TcpStream;
}

impl Wire for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Wire for StreamOwned<ServerConnection, TcpStream> {
    fn socket(&self) -> &TcpStream {
        &self.sock
    }
}

struct Session {
    heard: Arc<Mutex<Vec<Heard>>>,
    answers: Answers,
}

impl Session {
    fn serve(&self, mut stream: TcpStream, crypt: &Crypt) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let (kind, question) = read(&mut stream)?;
        if kind != PacketType::PreLogin {
            return Ok(());
        }
        let asked = PreLogin::decode(question).unwrap().encryption;
        let (config, level) = match (crypt, asked) {
            (Crypt::With(config) | Crypt::Only(config), EncryptionLevel::On) => {
                (Some(config), EncryptionLevel::On)
            }
            (Crypt::Only(_), _) => (None, EncryptionLevel::Required),
            _ => (None, EncryptionLevel::NotSupported),
        };
        write(&mut stream, PacketType::TabularResult, &PreLogin::new().with_encryption(level).encode())?;
        match config {
            None => self.session(&mut stream),
            Some(config) => {
                let tls = handshake(&mut stream, config.clone())?;
                self.session(&mut StreamOwned::new(tls, stream))
            }
        }
    }

    fn session(&self, wire: &mut dyn Wire) -> io::Result<()> {
        loop {
            let (kind, payload) = read(wire)?;
            match kind {
                PacketType::Tds7Login => self.login(wire, &payload)?,
                PacketType::SqlBatch => {
                    let skipped = u32::from_le_bytes(payload[..4].try_into().unwrap()) as usize;
                    let text = utf16(&payload[skipped..]);
                    self.say(Heard::Batch(text.clone()));
                    self.answer(wire, &text)?;
                }
                PacketType::Rpc => {
                    self.say(Heard::Call(payload));
                    self.answer(wire, "a call")?;
                }
                PacketType::Attention => {
                    self.say(Heard::Attention);
                    write(wire, PacketType::TabularResult, &done(true))?;
                }
                _ => return Ok(()),
            }
        }
    }

    fn say(&self, heard: Heard) {
        self.heard.lock().unwrap().push(heard);
    }

    /// Of the names in it each has a place and a length in characters, from byte 36 on (MS-TDS 2.2.6.4).
    fn login(&self, wire: &mut dyn Wire, payload: &[u8]) -> io::Result<()> {
        let field = |at: usize| {
            let number = |at: usize| usize::from(u16::from_le_bytes([payload[at], payload[at + 1]]));
            payload[number(at)..number(at) + number(at + 2) * 2].to_vec()
        };
        let password: Vec<u8> = field(44).iter().map(|byte| (byte ^ 0xa5).rotate_left(4)).collect();
        let (user, application, database) = (utf16(&field(40)), utf16(&field(48)), utf16(&field(68)));
        self.say(Heard::Login { user, database: database.clone(), application });
        let answer = if let Some(port) = database.strip_prefix("at ") {
            super::wire::routing(port.parse().unwrap())
        } else if utf16(&password) == PASSWORD {
            login_ack()
        } else {
            error_token(18456, "Login failed for user 'somebody'.", 1)
        };
        let mut bytes = answer.to_vec();
        bytes.extend_from_slice(&done(false));
        write(wire, PacketType::TabularResult, &bytes)
    }

    fn answer(&self, wire: &mut dyn Wire, text: &str) -> io::Result<()> {
        let of_session = text.starts_with("SET ") || text.starts_with("IF @@TRANCOUNT");
        let answer = if of_session { Answer::Done } else { (self.answers)(text) };
        match answer {
            Answer::Done => write(wire, PacketType::TabularResult, &done(false)),
            Answer::Bytes(bytes) => write(wire, PacketType::TabularResult, &bytes),
            Answer::Error { number, message, line } => {
                let mut bytes = error_token(number, message, line).to_vec();
                bytes.extend_from_slice(&done(false));
                write(wire, PacketType::TabularResult, &bytes)
            }
            Answer::Rows { columns, rows } => {
                let mut bytes = result(&columns, &rows).to_vec();
                bytes.extend_from_slice(&done(false));
                write(wire, PacketType::TabularResult, &bytes)
            }
            // Only an attention, or the client's end, ends it.
            Answer::Silence => Ok(()),
            Answer::Endless { columns, row } => {
                let head = result(&columns, &[]);
                packet(wire, PacketType::TabularResult, &head, false)?;
                let row = super::wire::row(&row);
                while !comes_in(wire.socket()) {
                    packet(wire, PacketType::TabularResult, &row, false)?;
                }
                let (kind, _) = read(wire)?;
                assert_eq!(kind, PacketType::Attention);
                self.say(Heard::Attention);
                write(wire, PacketType::TabularResult, &done(true))
            }
        }
    }
}

/// Whether the client has said something, or gone.
fn comes_in(socket: &TcpStream) -> bool {
    socket.set_nonblocking(true).unwrap();
    let looked = socket.peek(&mut [0]);
    socket.set_nonblocking(false).unwrap();
    looked.is_ok()
}

/// The handshake, in packets of the first question.
fn handshake(stream: &mut TcpStream, config: Arc<ServerConfig>) -> io::Result<ServerConnection> {
    let mut tls = ServerConnection::new(config).unwrap();
    while tls.is_handshaking() {
        let mut flight = Vec::new();
        while tls.wants_write() {
            tls.write_tls(&mut flight)?;
        }
        if !flight.is_empty() {
            write(stream, PacketType::PreLogin, &flight)?;
        }
        if tls.is_handshaking() {
            let (_, payload) = read(stream)?;
            let mut payload = payload.as_ref();
            while !payload.is_empty() {
                tls.read_tls(&mut payload)?;
                tls.process_new_packets().map_err(io::Error::other)?;
            }
        }
    }
    let mut flight = Vec::new();
    while tls.wants_write() {
        tls.write_tls(&mut flight)?;
    }
    if !flight.is_empty() {
        write(stream, PacketType::PreLogin, &flight)?;
    }
    Ok(tls)
}

/// One whole message.
fn read(wire: &mut (impl Read + ?Sized)) -> io::Result<(PacketType, Bytes)> {
    let mut message = Vec::new();
    loop {
        let mut header = [0; 8];
        wire.read_exact(&mut header)?;
        let header = PacketHeader::decode(&mut header.as_slice()).map_err(io::Error::other)?;
        let mut payload = vec![0; usize::from(header.length) - 8];
        wire.read_exact(&mut payload)?;
        message.extend_from_slice(&payload);
        if header.status.contains(PacketStatus::END_OF_MESSAGE) {
            return Ok((header.packet_type, message.into()));
        }
    }
}

/// One whole message, in packets of 4,096 bytes at most.
fn write(wire: &mut (impl Write + ?Sized), kind: PacketType, payload: &[u8]) -> io::Result<()> {
    let mut parts = payload.chunks(4088).peekable();
    if parts.peek().is_none() {
        return packet(wire, kind, &[], true);
    }
    while let Some(part) = parts.next() {
        packet(wire, kind, part, parts.peek().is_none())?;
    }
    Ok(())
}

fn packet(wire: &mut (impl Write + ?Sized), kind: PacketType, payload: &[u8], last: bool) -> io::Result<()> {
    let status = if last { PacketStatus::END_OF_MESSAGE } else { PacketStatus::NORMAL };
    let mut bytes = Vec::new();
    PacketHeader::new(kind, status, u16::try_from(payload.len() + 8).unwrap()).encode(&mut bytes);
    bytes.put_slice(payload);
    wire.write_all(&bytes)?;
    wire.flush()
}

fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    String::from_utf16(&units).unwrap()
}
