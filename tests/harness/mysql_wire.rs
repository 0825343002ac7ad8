//! How does a test speak MySQL byte by byte?
//!
//! A client without a library between the test and the bytes. It logs in as `nobody`, who has no
//! password, so that no test needs a hash.

use super::PATIENCE;
use std::io::{Read, Write};
use std::net::TcpStream;

/// What this client can do: PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH, CONNECT_ATTRS,
/// CONNECT_WITH_DB, MULTI_STATEMENTS, MULTI_RESULTS, PS_MULTI_RESULTS, SESSION_TRACK.
pub const CAPABILITIES: u32 = 0x0200 | 0x8000 | 1 << 19 | 1 << 20 | 8 | 1 << 16 | 1 << 17 | 1 << 18 | 1 << 23;

/// DEPRECATE_EOF.
pub const DEPRECATE_EOF: u32 = 1 << 24;

/// LOCAL_FILES.
pub const FILES: u32 = 0x80;

/// A connection to a server or a gateway.
pub struct MysqlWire {
    socket: TcpStream,
    /// Whether results end in an OK, and nothing stands between columns and rows.
    deprecates_eof: bool,
}

/// A packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Its number.
    pub sequence: u8,
    /// What is in it.
    pub payload: Vec<u8>,
}

impl Packet {
    /// The error's number and text, if it is one.
    pub fn error(&self) -> Option<(u16, String)> {
        let [0xff, low, high, rest @ ..] = &*self.payload else { return None };
        Some((u16::from_le_bytes([*low, *high]), String::from_utf8_lossy(rest).into_owned()))
    }

    /// Whether it is an OK.
    pub fn is_ok(&self) -> bool {
        self.payload.first() == Some(&0)
    }

    /// Whether it is an EOF.
    pub fn is_eof(&self) -> bool {
        self.payload.first() == Some(&0xfe) && self.payload.len() < 9
    }
}

/// Builds a packet.
pub fn packet(sequence: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a length").to_le_bytes();
    [&length[..3], &[sequence], payload].concat()
}

/// Builds a command.
pub fn command(code: u8, body: &[u8]) -> Vec<u8> {
    packet(0, &[&[code], body].concat())
}

/// Builds a COM_QUERY.
pub fn query(text: &str) -> Vec<u8> {
    command(3, text.as_bytes())
}

/// Builds the execution of a prepared statement without parameters, with a cursor or not.
pub fn execute(id: u32, cursor: bool) -> Vec<u8> {
    command(0x17, &[&id.to_le_bytes()[..], &[u8::from(cursor), 1, 0, 0, 0]].concat())
}

impl MysqlWire {
    /// A connection; nothing is read yet.
    pub fn connect(port: u16) -> MysqlWire {
        let socket = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
        socket.set_nodelay(true).expect("no delay");
        socket.set_read_timeout(Some(PATIENCE)).expect("a bound");
        MysqlWire { socket, deprecates_eof: false }
    }

    /// Logged in as `nobody`.
    pub fn login(port: u16, application: &str) -> MysqlWire {
        MysqlWire::login_with(port, application, CAPABILITIES)
    }

    /// The same with other capabilities.
    pub fn login_with(port: u16, application: &str, capabilities: u32) -> MysqlWire {
        let mut wire = MysqlWire::connect(port);
        let greeting = wire.packet().expect("a greeting");
        assert_eq!(greeting.payload.first(), Some(&10), "{greeting:?}");
        wire.send(&response("nobody", application, capabilities));
        let answer = wire.packet().expect("an answer");
        assert!(answer.is_ok(), "{:?}", answer.error());
        wire.deprecates_eof = capabilities & DEPRECATE_EOF != 0;
        wire
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).expect("sent");
    }

    /// The next packet; `None` when the peer has closed.
    pub fn packet(&mut self) -> Option<Packet> {
        let mut header = [0; 4];
        self.socket.read_exact(&mut header).ok()?;
        let length = u32::from_le_bytes([header[0], header[1], header[2], 0]) as usize;
        let mut payload = vec![0; length];
        self.socket.read_exact(&mut payload).expect("a whole packet");
        Some(Packet { sequence: header[3], payload })
    }

    /// All packets of the answer to one command that returns OK, an error, or results.
    pub fn answer(&mut self) -> Vec<Packet> {
        let mut packets = Vec::new();
        loop {
            let first = self.packet().expect("an answer");
            let ends = first.error().is_some();
            let status = if first.is_ok() { Some(status_of_ok(&first.payload)) } else { None };
            packets.push(first);
            if ends {
                return packets;
            }
            let status = status.unwrap_or_else(|| self.rows(&mut packets));
            // SERVER_MORE_RESULTS_EXISTS
            if status & 8 == 0 {
                return packets;
            }
        }
    }

    /// Columns, EOF, rows, EOF; the last status.
    fn rows(&mut self, packets: &mut Vec<Packet>) -> u16 {
        let mut ends = 0;
        if self.deprecates_eof {
            let columns = packets.last().and_then(|count| count.payload.first()).copied().unwrap_or_default();
            packets.extend((0..columns).map(|_| self.packet().expect("a column")));
            ends = 1;
        }
        loop {
            let packet = self.packet().expect("rows");
            let (failed, eof) = (packet.error().is_some(), packet.is_eof());
            let status = packet.payload.get(3..5).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
            packets.push(packet);
            ends += usize::from(eof);
            // SERVER_STATUS_CURSOR_EXISTS: the rows are fetched.
            if failed || ends == 2 || (eof && status & 0x40 != 0) {
                return if failed { 0 } else { status };
            }
        }
    }

    /// Sends one command and reads its answer.
    pub fn ask(&mut self, bytes: &[u8]) -> Vec<Packet> {
        self.send(bytes);
        self.answer()
    }

    /// Prepares a statement; its number.
    pub fn prepare(&mut self, text: &str) -> u32 {
        self.send(&command(0x16, text.as_bytes()));
        let answer = self.packet().expect("an answer");
        assert!(answer.is_ok(), "{:?}", answer.error());
        let body = &answer.payload;
        let number = |at: usize| u16::from_le_bytes([body[at], body[at + 1]]);
        for count in [number(7), number(5)] {
            let end = u16::from(count > 0 && !self.deprecates_eof);
            for _ in 0..count + end {
                self.packet().expect("a column");
            }
        }
        u32::from_le_bytes([body[1], body[2], body[3], body[4]])
    }

    /// Says goodbye and waits until the peer has closed.
    pub fn quit(mut self) {
        let _ = self.socket.write_all(&command(1, b""));
        assert_eq!(self.packet(), None);
    }
}

/// Affected rows and the last insert id stand before the status, each in one byte in these tests.
fn status_of_ok(payload: &[u8]) -> u16 {
    payload.get(3..5).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
}

/// A response to a greeting, without a proof.
pub fn response(user: &str, application: &str, capabilities: u32) -> Vec<u8> {
    let string = |text: &str| [&[u8::try_from(text.len()).expect("short")], text.as_bytes()].concat();
    let attributes = [string("program_name"), string(application)].concat();
    let mut payload = capabilities.to_le_bytes().to_vec();
    payload.extend([0, 0, 0, 1, 45]);
    payload.extend([0; 23]);
    payload.extend(format!("{user}\0").as_bytes());
    payload.push(0);
    payload.extend(b"shop\0mysql_native_password\0");
    payload.push(u8::try_from(attributes.len()).expect("short"));
    payload.extend(attributes);
    packet(1, &payload)
}
