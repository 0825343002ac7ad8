//! How does the bench talk to a lane outside of the measured loops: log in, ask, leave?

use super::channel::{Channel, Opening};
use super::failure::Failure;
use super::scram::Scram;
use super::wire;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Longest wait for any single answer: far above what a loaded machine needs, so that running into
/// it means that a lane hangs.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Most bytes of an answer kept for [`Client::exchange`].
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Who logs in, and where to.
#[derive(Debug)]
pub struct Login {
    user: &'static str,
    database: &'static str,
    scram: Option<Scram>,
}

impl Login {
    /// A role the server lets in without a challenge.
    pub fn trusted(user: &'static str, database: &'static str) -> Login {
        Login { user, database, scram: None }
    }

    /// A role that has to prove its password.
    pub fn with_password(user: &'static str, database: &'static str, password: &str) -> Login {
        Login { user, database, scram: Some(Scram::new(password)) }
    }
}

/// A logged in connection.
#[derive(Debug)]
pub struct Client {
    channel: Channel<TcpStream>,
    held: Vec<u8>,
}

impl Client {
    /// Connects and logs in, to the first ReadyForQuery. A role with a password must be challenged,
    /// one without must not.
    pub fn log_in(address: SocketAddr, opening: &Opening, login: &Login) -> Result<Client, Failure> {
        let mut client = Client { channel: Channel::open(address, opening)?, held: Vec::new() };
        client.send(&wire::startup(login.user, login.database))?;
        client.authenticate(login)?;
        while client.receive()?.0 != b'Z' {}
        Ok(client)
    }

    fn authenticate(&mut self, login: &Login) -> Result<(), Failure> {
        let (kind, body) = self.receive()?;
        let challenge = authentication(kind, &body)?;
        match (&login.scram, challenge.0) {
            (None, 0) => Ok(()),
            (Some(scram), 10) => self.prove(scram),
            (None, _) => Err(Failure::Login("a trusted role was asked for a proof")),
            (Some(_), _) => Err(Failure::Login("a role with a password was not asked for SCRAM")),
        }
    }

    fn prove(&mut self, scram: &Scram) -> Result<(), Failure> {
        let first = Scram::first(&nonce());
        let initial = format!("n,,{first}");
        let mut body = b"SCRAM-SHA-256\0".to_vec();
        body.extend_from_slice(&u32::try_from(initial.len()).unwrap_or(u32::MAX).to_be_bytes());
        body.extend_from_slice(initial.as_bytes());
        self.send(&wire::message(b'p', &body))?;
        let (kind, body) = self.receive()?;
        let (11, server_first) = authentication(kind, &body)? else {
            return Err(Failure::Login("expected the server's first SCRAM message"));
        };
        let proof = scram.prove(&first, &String::from_utf8_lossy(server_first))?;
        self.send(&wire::message(b'p', proof.message.as_bytes()))?;
        let (kind, body) = self.receive()?;
        match authentication(kind, &body)? {
            (12, last) if last == proof.expected.as_bytes() => {}
            _ => return Err(Failure::Login("the server did not prove that it knows the password")),
        }
        let (kind, body) = self.receive()?;
        match authentication(kind, &body)? {
            (0, _) => Ok(()),
            _ => Err(Failure::Login("expected AuthenticationOk")),
        }
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.channel.write_all(bytes).map_err(Failure::system("send to the lane"))
    }

    /// The next message; an ErrorResponse is a failure.
    pub fn receive(&mut self) -> Result<(u8, Vec<u8>), Failure> {
        loop {
            if let Some(message) = wire::first(&self.held) {
                let (kind, body, size) = (message.kind, message.body.to_vec(), message.size);
                self.held.drain(..size);
                if kind == b'E' {
                    return Err(Failure::Refused { message: wire::error(&body) });
                }
                return Ok((kind, body));
            }
            self.fill()?;
        }
    }

    /// Sends a request and answers all bytes up to and with ReadyForQuery.
    pub fn exchange(&mut self, request: &[u8]) -> Result<Vec<u8>, Failure> {
        self.send(request)?;
        let mut answer = Vec::new();
        loop {
            let (kind, body) = self.receive()?;
            answer.extend_from_slice(&wire::message(kind, &body));
            if kind == b'Z' {
                return Ok(answer);
            }
            if answer.len() > ANSWER_BYTES_MAX {
                let got = format!("{} bytes", answer.len());
                return Err(Failure::WrongAnswer { expected: "a short answer".to_owned(), got });
            }
        }
    }

    /// Runs a simple query and answers its rows.
    pub fn query(&mut self, text: &str) -> Result<Vec<Vec<Option<String>>>, Failure> {
        self.send(&wire::query(text))?;
        let mut rows = Vec::new();
        loop {
            let (kind, body) = self.receive()?;
            match kind {
                b'D' => rows.push(wire::row(&body).unwrap_or_default()),
                b'Z' => return Ok(rows),
                _ => {}
            }
        }
    }

    /// What has been read and not been answered by [`Client::receive`] yet.
    pub fn take_held(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }

    /// The bare connection, between two exchanges.
    pub fn into_channel(self) -> Channel<TcpStream> {
        self.channel
    }

    /// Says goodbye and waits until the other side has closed.
    pub fn leave(self) -> Result<(), Failure> {
        leave(vec![self.channel], &wire::terminate())
    }

    fn fill(&mut self) -> Result<(), Failure> {
        let mut chunk = [0; 8192];
        let count = self.channel.read(&mut chunk).map_err(Failure::system("read from the lane"))?;
        match chunk.get(..count) {
            Some(bytes) if count > 0 => self.held.extend_from_slice(bytes),
            _ => return Err(Failure::Closed),
        }
        Ok(())
    }
}

/// Ends sessions: all say goodbye, then all are waited for until the other side has closed, so that
/// nothing of one measurement runs during the next and the closed ports are not ours.
pub fn leave(mut channels: Vec<Channel<TcpStream>>, goodbye: &[u8]) -> Result<(), Failure> {
    for channel in &mut channels {
        channel.write_all(goodbye).map_err(Failure::system("send Terminate"))?;
    }
    for channel in &mut channels {
        let mut rest = [0; 1024];
        loop {
            match channel.read(&mut rest) {
                Ok(0) => break,
                Ok(_) => {}
                // The other side had closed with our Terminate unread.
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
                Err(error) => return Err(Failure::system("wait for the end of a session")(error)),
            }
        }
    }
    Ok(())
}

fn authentication(kind: u8, body: &[u8]) -> Result<(u32, &[u8]), Failure> {
    match (kind, body.split_first_chunk::<4>()) {
        (b'R', Some((code, rest))) => Ok((u32::from_be_bytes(*code), rest)),
        _ => Err(Failure::Login("expected an Authentication message")),
    }
}

/// New for each login of this process; it need not be hard to guess here.
fn nonce() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("bench{}x{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}
