//! What can a server of our own say that no real one can be made to say?
//!
//! [`Double`] is no database: it logs everybody in and then does what the test tells it. It stands
//! in for a server only where a real one cannot be brought to behave so, and tests that use it say
//! `double` in their names.

use super::gateway::{Gateway, Plan};
use super::wire::{SSL_REQUEST, Wire, message};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

/// Connections that may wait for the test to take them.
const WAITING_MAX: usize = 64;
/// The process number it gives every session.
pub const PROCESS: u32 = 4711;

/// A server that follows the test's script. It lives until the test's process ends.
pub struct Double {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    sessions: Receiver<Wire>,
    cancels: Receiver<Cancel>,
}

/// A connection that brought a cancel; it stays open as long as this lives.
pub struct Cancel {
    /// What came: length, code, process number, key.
    pub packet: Vec<u8>,
    _socket: TcpStream,
}

impl Double {
    /// Begins to serve; each session gets `key` as the key that cancels it.
    pub fn start(key: &[u8]) -> Double {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let (session, sessions) = sync_channel(WAITING_MAX);
        let (cancel, cancels) = sync_channel(WAITING_MAX);
        let key = key.to_vec();
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let (key, session, cancel) = (key.clone(), session.clone(), cancel.clone());
                // A connection that only looks whether somebody listens ends in an error.
                std::thread::spawn(move || welcome(socket, &key, &session, &cancel));
            }
        });
        Double { port, sessions, cancels }
    }

    /// A gateway before it.
    pub fn gateway(&self) -> Gateway {
        Plan::before_port(self.port).start()
    }

    /// The server's end of the next session, logged in and ready.
    pub fn session(&self) -> Wire {
        self.sessions.recv_timeout(super::PATIENCE).expect("a session")
    }

    /// The next connection that brings a cancel.
    pub fn cancel(&self) -> Cancel {
        self.cancels.recv_timeout(super::PATIENCE).expect("a cancel")
    }

    /// Whether another cancel comes within `bound`.
    pub fn is_cancelled_within(&self, bound: Duration) -> bool {
        self.cancels.recv_timeout(bound).is_ok()
    }
}

/// The first packet of a connection: nobody gets TLS, a cancel is kept, a startup logged in.
fn welcome(
    mut socket: TcpStream,
    key: &[u8],
    session: &SyncSender<Wire>,
    cancel: &SyncSender<Cancel>,
) -> std::io::Result<()> {
    let mut packet = first(&mut socket)?;
    if packet == SSL_REQUEST {
        socket.write_all(b"N")?;
        packet = first(&mut socket)?;
    }
    if packet[4..8] == 80_877_102_u32.to_be_bytes() {
        let _ = cancel.send(Cancel { packet, _socket: socket });
        return Ok(());
    }
    let mut wire = Wire::over(socket)?;
    wire.try_send(&message(b'R', &3_u32.to_be_bytes()))?;
    if wire.frame().is_none_or(|frame| frame.tag != b'p') {
        return Ok(());
    }
    let greeting = [
        message(b'R', &0_u32.to_be_bytes()),
        message(b'S', b"server_version\x0018.0\0"),
        message(b'K', &[PROCESS.to_be_bytes().as_slice(), key].concat()),
        ready(b'I'),
    ];
    wire.try_send(&greeting.concat())?;
    let _ = session.send(wire);
    Ok(())
}

fn first(socket: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut packet = vec![0; 4];
    socket.read_exact(&mut packet)?;
    let length = u32::from_be_bytes([packet[0], packet[1], packet[2], packet[3]]) as usize;
    assert!((8..20_000).contains(&length), "a first packet of {length} bytes");
    packet.resize(length, 0);
    socket.read_exact(&mut packet[4..])?;
    Ok(packet)
}

/// ReadyForQuery in this state of the transaction.
pub fn ready(state: u8) -> Vec<u8> {
    message(b'Z', &[state])
}

/// CommandComplete.
pub fn complete(tag: &str) -> Vec<u8> {
    message(b'C', &[tag.as_bytes(), &[0]].concat())
}

/// RowDescription of one column of text, named `n`.
pub fn one_column() -> Vec<u8> {
    message(b'T', b"\0\x01n\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0")
}

/// DataRow of one column.
pub fn row(value: &str) -> Vec<u8> {
    let length = u32::try_from(value.len()).expect("a length").to_be_bytes();
    message(b'D', &[[0, 1].as_slice(), &length, value.as_bytes()].concat())
}

/// ErrorResponse or NoticeResponse (`N`) with these fields, in this order.
pub fn words(tag: u8, fields: &[(char, &str)]) -> Vec<u8> {
    let mut body: Vec<u8> =
        fields.iter().flat_map(|(name, value)| format!("{name}{value}\0").into_bytes()).collect();
    body.push(0);
    message(tag, &body)
}
