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

/// What carries packets.
pub trait Transport {
    /// Sends packets. `begins` says whether a command begins with them, or an exchange goes on.
    fn send(&mut self, bytes: &[u8], begins: bool) -> std::io::Result<()>;
    /// Reads as many bytes as there is room for.
    fn receive(&mut self, place: &mut [u8]) -> std::io::Result<()>;
    /// Says which number the peer's next frame must have, where there are frames.
    fn expect(&mut self, _number: u8) {}
}

impl Transport for TcpStream {
    fn send(&mut self, bytes: &[u8], _begins: bool) -> std::io::Result<()> {
        self.write_all(bytes)
    }

    fn receive(&mut self, place: &mut [u8]) -> std::io::Result<()> {
        self.read_exact(place)
    }
}

/// A connection to a server or a gateway.
pub struct MysqlWire {
    transport: Box<dyn Transport>,
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
        MysqlWire { transport: Box::new(socket), deprecates_eof: false }
    }

    /// Logged in, over a transport of its own.
    pub fn over(transport: Box<dyn Transport>, capabilities: u32) -> MysqlWire {
        MysqlWire { transport, deprecates_eof: capabilities & DEPRECATE_EOF != 0 }
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
        self.transport.send(bytes, true).expect("sent");
    }

    /// The same within an exchange: a file, a proof.
    pub fn go_on(&mut self, bytes: &[u8]) {
        self.transport.send(bytes, false).expect("sent");
    }

    /// Says which number the next frame must have: the answer to a command that was sent ahead begins anew.
    pub fn expect(&mut self, number: u8) {
        self.transport.expect(number);
    }

    /// The next packet; `None` when the peer has closed.
    pub fn packet(&mut self) -> Option<Packet> {
        let mut header = [0; 4];
        self.transport.receive(&mut header).ok()?;
        let length = u32::from_le_bytes([header[0], header[1], header[2], 0]) as usize;
        let mut payload = vec![0; length];
        self.transport.receive(&mut payload).expect("a whole packet");
        Some(Packet { sequence: header[3], payload })
    }

    /// All packets of the answer to one command that returns OK, an error, or results.
    pub fn answer(&mut self) -> Vec<Packet> {
        let first = self.packet().expect("an answer");
        self.answer_from(first)
    }

    fn answer_from(&mut self, mut first: Packet) -> Vec<Packet> {
        let mut packets = Vec::new();
        loop {
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
            first = self.packet().expect("the next result");
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
            // The OK that stands for an EOF may tell of the session.
            let told = self.deprecates_eof && packet.payload.first() == Some(&0xfe);
            let (failed, eof) = (packet.error().is_some(), told || packet.is_eof());
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

    /// [`MysqlWire::ask`] where the answer may be an EOF instead of an OK.
    pub fn ask_eof(&mut self, bytes: &[u8]) -> Vec<Packet> {
        self.send(bytes);
        let first = self.packet().expect("an answer");
        if first.is_eof() {
            return vec![first];
        }
        self.answer_from(first)
    }

    /// Prepares a statement; its number.
    pub fn prepare(&mut self, text: &str) -> u32 {
        self.try_prepare(text).unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// [`MysqlWire::prepare`] that may fail.
    pub fn try_prepare(&mut self, text: &str) -> Result<u32, Option<(u16, String)>> {
        self.prepare_all(&command(0x16, text.as_bytes()))
    }

    /// The same with the packets of a COM_STMT_PREPARE.
    pub fn prepare_all(&mut self, packets: &[u8]) -> Result<u32, Option<(u16, String)>> {
        self.send(packets);
        let answer = self.packet().expect("an answer");
        if !answer.is_ok() {
            return Err(answer.error());
        }
        let body = &answer.payload;
        let number = |at: usize| u16::from_le_bytes([body[at], body[at + 1]]);
        for count in [number(7), number(5)] {
            let end = u16::from(count > 0 && !self.deprecates_eof);
            for _ in 0..count + end {
                self.packet().expect("a column");
            }
        }
        Ok(u32::from_le_bytes([body[1], body[2], body[3], body[4]]))
    }

    /// Says goodbye and waits until the peer has closed.
    pub fn quit(mut self) {
        let _ = self.transport.send(&command(1, b""), true);
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
