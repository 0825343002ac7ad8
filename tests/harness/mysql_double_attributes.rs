//! What does a server hear of query attributes, which no MariaDB knows?
//!
//! [`AttributesDouble`] is no database: it lets everybody in, offers `CLIENT_QUERY_ATTRIBUTES`, answers every
//! command with an OK and remembers what it heard, but for what gateways ask for themselves. It reads the block before a text by itself, in its own way.
//! Tests that use it say `double` in their names.

use super::PATIENCE;
use super::mysql_wire::packet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// QUERY_ATTRIBUTES.
pub const ATTRIBUTES: u32 = 1 << 27;

/// LONG_PASSWORD (it is no MariaDB), CONNECT_WITH_DB, PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION,
/// MULTI_STATEMENTS, MULTI_RESULTS, PS_MULTI_RESULTS, PLUGIN_AUTH, CONNECT_ATTRS, LENENC_DATA.
const CAPABILITIES: u32 =
    1 | 8 | 0x0200 | 0x2000 | 0x8000 | 1 << 16 | 1 << 17 | 1 << 18 | 1 << 19 | 1 << 20 | 1 << 21 | ATTRIBUTES;

/// What a gateway asks of a MySQL server, whose flags do not tell it.
const MODES: &[u8] = b"SELECT @@session.sql_mode";

/// A command, as it was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its first byte.
    pub code: u8,
    /// Everything behind that.
    pub body: Vec<u8>,
    /// Of a COM_QUERY: where its text begins.
    pub text_at: usize,
}

impl Command {
    /// The text of a COM_QUERY.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body[self.text_at..]).into_owned()
    }
}

/// A server that hears attributes. It lives until the test's process ends.
pub struct AttributesDouble {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    heard: Receiver<Command>,
}

impl AttributesDouble {
    /// Begins to serve.
    pub fn start() -> AttributesDouble {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let (told, heard) = sync_channel(1024);
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let told = told.clone();
                // A connection that only looks whether somebody listens ends in an error.
                std::thread::spawn(move || serve(socket, &told));
            }
        });
        AttributesDouble { port, heard }
    }

    /// What it heard up to the next goodbye.
    pub fn session(&self) -> Vec<Command> {
        let mut commands = Vec::new();
        loop {
            let command = self.heard.recv_timeout(PATIENCE).expect("a command");
            if command.code == 1 {
                return commands;
            }
            commands.push(command);
        }
    }

    /// The next command it hears.
    pub fn hears(&self) -> Command {
        self.heard.recv_timeout(PATIENCE).expect("a command")
    }

    /// Whether it has heard nothing.
    pub fn heard_nothing(&self) -> bool {
        self.heard.try_recv().is_err()
    }
}

fn say(socket: &mut TcpStream, sequence: u8, payload: &[u8]) -> std::io::Result<()> {
    socket.write_all(&packet(sequence, payload))
}

fn hear(socket: &mut TcpStream) -> std::io::Result<(u8, Vec<u8>)> {
    let mut header = [0; 4];
    socket.read_exact(&mut header)?;
    let mut payload = vec![0; u32::from_le_bytes([header[0], header[1], header[2], 0]) as usize];
    socket.read_exact(&mut payload)?;
    Ok((header[3], payload))
}

fn serve(mut socket: TcpStream, told: &SyncSender<Command>) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    say(&mut socket, 0, &greeting())?;
    let (sequence, response) = hear(&mut socket)?;
    let capabilities = u32::from_le_bytes([response[0], response[1], response[2], response[3]]);
    let has_attributes = capabilities & ATTRIBUTES != 0;
    say(&mut socket, sequence + 1, b"\0\0\0\x02\0\0\0")?;
    let mut statements = 0_u32;
    loop {
        let Ok((_, payload)) = hear(&mut socket) else {
            let _ = told.send(Command { code: 1, body: Vec::new(), text_at: 0 });
            return Ok(());
        };
        let (code, body) = (payload[0], payload[1..].to_vec());
        let text_at = if code == 3 && has_attributes { text_at(&body) } else { 0 };
        if code == 3 && body.ends_with(MODES) {
            // A gateway's own question: of what the client sends nothing is told by it.
            for (sequence, payload) in (1..).zip(one_value(b"STRICT_TRANS_TABLES")) {
                say(&mut socket, sequence, &payload)?;
            }
            continue;
        }
        let parameters = body.iter().filter(|byte| **byte == b'?').count();
        let _ = told.send(Command { code, body, text_at });
        match code {
            1 => return Ok(()),
            // Long data and closing are not answered.
            0x18 | 0x19 => {}
            0x16 => {
                statements += 1;
                let count = u8::try_from(parameters).expect("few parameters");
                say(
                    &mut socket,
                    1,
                    &[&[0][..], &statements.to_le_bytes(), &[0, 0, count, 0, 0, 0, 0]].concat(),
                )?;
                for place in 0..count {
                    let column = b"\x03def\0\0\0\x01?\0\x0c\x3f\0\0\0\0\0\xfd\x80\0\0\0\0";
                    say(&mut socket, 2 + place, column)?;
                }
                if count > 0 {
                    say(&mut socket, 2 + count, b"\xfe\0\0\x02\0")?;
                }
            }
            _ => say(&mut socket, 1, b"\0\0\0\x02\0\0\0")?,
        }
    }
}

/// A result of one column and one row.
fn one_value(value: &[u8]) -> [Vec<u8>; 5] {
    let column = b"\x03def\0\0\0\x01m\0\x0c\x3f\0\0\x04\0\0\xfd\x80\0\0\0\0".to_vec();
    let end = b"\xfe\0\0\x02\0".to_vec();
    let row = [&[u8::try_from(value.len()).expect("short")], value].concat();
    [vec![1], column, end.clone(), row, end]
}

fn greeting() -> Vec<u8> {
    let bits = CAPABILITIES.to_le_bytes();
    let mut payload = b"\x0a8.4.0-double\0\x07\0\0\0abcdefgh\0".to_vec();
    payload.extend(&bits[..2]);
    payload.extend(b"\xff\x02\0");
    payload.extend(&bits[2..]);
    payload.push(21);
    payload.extend([0; 10]);
    payload.extend(b"ijklmnopqrst\0mysql_native_password\0");
    payload
}

/// MySQL's documentation, "COM_QUERY": where the text begins. Panics at what no client may send.
fn text_at(body: &[u8]) -> usize {
    let (count, mut at) = length(body, 0);
    let (sets, next) = length(body, at);
    assert_eq!(sets, 1, "sets of values");
    at = next;
    if count == 0 {
        return at;
    }
    let nulls = at;
    at += count.div_ceil(8);
    assert_eq!(body[at], 1, "types are told");
    at += 1;
    let mut types = Vec::new();
    for _ in 0..count {
        types.push(body[at]);
        let (name, behind) = length(body, at + 2);
        at = behind + name;
    }
    for (place, of) in types.iter().enumerate() {
        if body[nulls + place / 8] >> (place % 8) & 1 == 1 {
            continue;
        }
        at = match of {
            1 => at + 1,
            2 => at + 2,
            3 | 4 => at + 4,
            5 | 8 => at + 8,
            _ => {
                let (value, behind) = length(body, at);
                behind + value
            }
        };
    }
    at
}

/// A length-encoded integer, and what is behind it.
fn length(body: &[u8], at: usize) -> (usize, usize) {
    let number = |bytes: usize| {
        let digits = &body[at + 1..at + 1 + bytes];
        digits.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
    };
    match body[at] {
        0xfc => (number(2), at + 3),
        0xfd => (number(3), at + 4),
        0xfe => (number(8), at + 9),
        small => (usize::from(small), at + 1),
    }
}
