//! How does a test speak MySQL without a library, so that nothing between it and the bytes is polite?
//!
//! It logs in without a password, sends anything, and reads every answer to its end: results with
//! cursors and without, a server that asks for a file, packets of 16 MB, a compressed connection.

use super::harness::PATIENCE;
use std::io::{Read, Write};
use std::net::TcpStream;

/// LONG_PASSWORD, FOUND_ROWS, LONG_FLAG, CONNECT_WITH_DB, LOCAL_FILES, PROTOCOL_41, TRANSACTIONS,
/// SECURE_CONNECTION, MULTI_STATEMENTS, MULTI_RESULTS, PS_MULTI_RESULTS, PLUGIN_AUTH.
const CAPABILITIES: u32 =
    1 | 1 << 2 | 1 << 3 | 1 << 7 | 1 << 9 | 1 << 13 | 1 << 15 | 1 << 16 | 1 << 17 | 1 << 18 | 1 << 19;
/// Frames with a header of their own around the packets.
const COMPRESS: u32 = 1 << 5;
/// Asks for `utf8mb4_general_ci`.
const UTF8MB4: u8 = 45;
/// The longest payload of one packet; what is longer goes on in the next.
const PACKET_MAX: usize = 0xff_ffff;
/// SERVER_MORE_RESULTS_EXISTS.
const MORE_RESULTS: u16 = 8;
/// SERVER_STATUS_CURSOR_EXISTS.
const CURSOR: u16 = 0x40;
/// What this client hands out when a server asks for a file.
const FILE: &[u8] = b"666\tfrom the client\n";

/// How a session logs in.
#[derive(Clone, Debug)]
pub struct Login {
    /// The user, who has no password.
    pub user: String,
    /// The database.
    pub database: String,
    /// The number of the collation.
    pub charset: u8,
    /// Whether it compresses, where the server offers it.
    pub compressed: bool,
}

impl Login {
    /// Of `user`, into `database`.
    pub fn of(user: &str, database: &str) -> Login {
        let (user, database) = (user.to_owned(), database.to_owned());
        Login { user, database, charset: UTF8MB4, compressed: false }
    }
}

/// An error packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its number.
    pub code: u16,
    /// SQLSTATE, where it has one, and text.
    pub text: String,
}

impl Failure {
    /// The packet again that said so.
    pub fn packet(&self) -> Vec<u8> {
        [&[0xff][..], &self.code.to_le_bytes(), self.text.as_bytes()].concat()
    }
}

/// A prepared statement.
#[derive(Clone, Copy, Debug)]
pub struct Prepared {
    /// Its number.
    pub id: u32,
}

/// An open session.
#[derive(Debug)]
pub struct Client {
    socket: TcpStream,
    login: Login,
    /// What of a decompressed frame is not read yet; `None` on a plain connection.
    frames: Option<Vec<u8>>,
    /// The number of the last packet that was read.
    sequence: u8,
    /// Whether a cursor was asked for: its rows come when they are fetched.
    has_cursor: bool,
    /// The number of the session at the server.
    pub id: u32,
}

impl Client {
    /// Logs in; an error is the server's or the gateway's.
    pub fn login(port: u16, login: &Login) -> Result<Client, Failure> {
        let closed = || Failure { code: 0, text: "the connection was closed during the login".to_owned() };
        let socket = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
        socket.set_nodelay(true).expect("no delay");
        socket.set_read_timeout(Some(PATIENCE)).expect("a bound");
        let mut client =
            Client { socket, login: login.clone(), frames: None, sequence: 0, has_cursor: false, id: 0 };
        let greeting = client.packet().ok_or_else(closed)?;
        if let Some(failure) = failure(&greeting) {
            return Err(failure);
        }
        let version = greeting.iter().position(|byte| *byte == 0).expect("a version ends");
        client.id = u32::from_le_bytes(greeting[version + 1..version + 5].try_into().expect("four bytes"));
        let offered = u16::from_le_bytes([greeting[version + 14], greeting[version + 15]]);
        let compress = if login.compressed { COMPRESS & u32::from(offered) } else { 0 };
        let names = format!("{}\0\0{}\0mysql_native_password\0", login.user, login.database);
        let body = [
            &(CAPABILITIES | compress).to_le_bytes()[..],
            &(1_u32 << 30).to_le_bytes(),
            &[login.charset],
            &[0; 23],
            names.as_bytes(),
        ];
        client.send(&packets(1, &body.concat())).map_err(|_| closed())?;
        let answer = client.packet().ok_or_else(closed)?;
        if let Some(failure) = failure(&answer) {
            return Err(failure);
        }
        client.frames = (compress != 0).then(Vec::new);
        Ok(client)
    }

    /// Whether the connection is compressed.
    pub fn is_compressed(&self) -> bool {
        self.frames.is_some()
    }

    /// Sends packets.
    pub fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let Some(_) = self.frames else { return self.socket.write_all(bytes) };
        bytes.chunks(PACKET_MAX).try_for_each(|part| {
            // A frame whose length without compression is 0 holds its bytes as they are.
            let length = u32::try_from(part.len()).expect("a length").to_le_bytes();
            self.socket.write_all(&[&length[..3], &[0, 0, 0, 0], part].concat())
        })
    }

    /// Sends each byte in a segment of its own.
    pub fn send_bytewise(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        bytes.iter().try_for_each(|byte| self.socket.write_all(&[*byte]))
    }

    /// The payload of the next packet, its parts put together; `None` when the peer has closed.
    pub fn packet(&mut self) -> Option<Vec<u8>> {
        let mut whole = Vec::new();
        loop {
            let header = self.read(4)?;
            self.sequence = header[3];
            let length = u32::from_le_bytes([header[0], header[1], header[2], 0]) as usize;
            whole.extend(self.read(length)?);
            if length < PACKET_MAX {
                return Some(whole);
            }
        }
    }

    fn read(&mut self, count: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; count];
        let Some(frames) = &mut self.frames else {
            self.socket.read_exact(&mut bytes).ok()?;
            return Some(bytes);
        };
        while frames.len() < count {
            let mut header = [0; 7];
            self.socket.read_exact(&mut header).ok()?;
            let length =
                |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], 0]) as usize;
            let mut body = vec![0; length(0)];
            self.socket.read_exact(&mut body).ok()?;
            if length(4) == 0 {
                frames.extend(body);
            } else {
                flate2::read::ZlibDecoder::new(&body[..]).read_to_end(frames).expect("a compressed frame");
            }
        }
        Some(frames.drain(..count).collect())
    }

    /// All packets of the answer to one command that returns OK, an error or results; `None` when
    /// the session has ended.
    pub fn answer(&mut self) -> Option<Vec<Vec<u8>>> {
        let mut packets = Vec::new();
        loop {
            let first = self.packet()?;
            packets.push(first.clone());
            let status = match first.first() {
                Some(0xff) | None => return Some(packets),
                Some(0) => status_of_ok(&first),
                Some(0xfe) if first.len() < 9 => status_of_eof(&first),
                // Asked for a proof by another method, it gives the empty one again.
                Some(0xfe) => {
                    self.send(&self::packets(self.sequence.wrapping_add(1), &[])).ok()?;
                    continue;
                }
                Some(0xfb) => {
                    let parts = [self::packets(2, FILE), self::packets(3, &[])].concat();
                    self.send(&parts).ok()?;
                    continue;
                }
                Some(_) => self.rows(&mut packets)?,
            };
            if status & MORE_RESULTS == 0 {
                return Some(packets);
            }
        }
    }

    /// Columns, EOF, rows, EOF; the last status.
    fn rows(&mut self, packets: &mut Vec<Vec<u8>>) -> Option<u16> {
        let mut ends = 0;
        loop {
            let packet = self.packet()?;
            let is_end = packet.first() == Some(&0xfe) && packet.len() < 9;
            let status = if is_end { status_of_eof(&packet) } else { 0 };
            let failed = packet.first() == Some(&0xff) && failure(&packet).is_some();
            packets.push(packet);
            ends += usize::from(is_end);
            if failed || ends == 2 || (is_end && self.has_cursor && status & CURSOR != 0) {
                return Some(status);
            }
        }
    }

    /// Sends a command and reads its answer.
    pub fn ask(&mut self, command: &[u8]) -> Option<Vec<Vec<u8>>> {
        self.send(&packets(0, command)).ok()?;
        self.answer()
    }

    /// Sends a text and reads its answer.
    pub fn query(&mut self, text: &[u8]) -> Option<Vec<Vec<u8>>> {
        self.ask(&[b"\x03", text].concat())
    }

    /// Prepares a text.
    pub fn prepare(&mut self, text: &[u8]) -> Option<Result<Prepared, Failure>> {
        self.send(&packets(0, &[b"\x16", text].concat())).ok()?;
        self.prepared()
    }

    /// Reads the answer to a text that is to be prepared.
    pub fn prepared(&mut self) -> Option<Result<Prepared, Failure>> {
        let answer = self.packet()?;
        if let Some(failure) = failure(&answer) {
            return Some(Err(failure));
        }
        if answer.len() < 9 {
            return Some(Err(Failure { code: 0, text: format!("Not a prepared statement: {answer:?}") }));
        }
        let number = |at: usize| u16::from_le_bytes([answer[at], answer[at + 1]]);
        let (columns, parameters) = (number(5), number(7));
        for count in [parameters, columns].into_iter().filter(|count| *count > 0) {
            for _ in 0..=count {
                self.packet()?;
            }
        }
        Some(Ok(Prepared { id: u32::from_le_bytes(answer[1..5].try_into().expect("four bytes")) }))
    }

    /// Executes what was prepared, fetching the rows where the server opened a cursor.
    pub fn execute(&mut self, statement: Prepared, cursor: bool) -> Option<Vec<Vec<u8>>> {
        self.send(&packets(0, &execution(statement.id, cursor))).ok()?;
        self.has_cursor = cursor;
        let mut packets = self.answer()?;
        self.has_cursor = false;
        let last = packets.last().expect("an answer has packets");
        if cursor && last.first() == Some(&0xfe) && last.len() < 9 && status_of_eof(last) & CURSOR != 0 {
            let fetch = [&[0x1c], &statement.id.to_le_bytes()[..], &1000_u32.to_le_bytes()].concat();
            self.send(&self::packets(0, &fetch)).ok()?;
            loop {
                let packet = self.packet()?;
                let is_end =
                    failure(&packet).is_some() || (packet.first() == Some(&0xfe) && packet.len() < 9);
                packets.push(packet);
                if is_end {
                    break;
                }
            }
        }
        Some(packets)
    }

    /// Executes what was prepared with these values, each sent as a string.
    pub fn execute_with(&mut self, statement: Prepared, values: &[Option<&[u8]>]) -> Option<Vec<Vec<u8>>> {
        let mut command = execution(statement.id, false);
        if !values.is_empty() {
            command.truncate(10);
            let mut nulls = vec![0_u8; values.len().div_ceil(8)];
            for (place, _) in values.iter().enumerate().filter(|(_, value)| value.is_none()) {
                nulls[place / 8] |= 1 << (place % 8);
            }
            command.extend(nulls);
            command.push(1);
            command.extend(values.iter().flat_map(|_| [0xfd, 0]));
            for value in values.iter().flatten() {
                command.push(u8::try_from(value.len()).expect("a short value"));
                command.extend(*value);
            }
        }
        self.ask(&command)
    }

    /// Closes what was prepared; nobody answers that.
    pub fn close(&mut self, statement: Prepared) -> Option<()> {
        self.send(&packets(0, &[&[0x19], &statement.id.to_le_bytes()[..]].concat())).ok()
    }

    /// Makes the session as new.
    pub fn reset(&mut self) -> Option<Vec<Vec<u8>>> {
        self.ask(&[0x1f])
    }

    /// Logs in once more in the same session.
    pub fn change_user(&mut self) -> Option<Vec<Vec<u8>>> {
        let Login { user, database, charset, .. } = self.login.clone();
        let body = format!("\x11{user}\0\0{database}\0");
        let command = [body.as_bytes(), &[charset, 0], b"mysql_native_password\0"].concat();
        self.ask(&command)
    }

    /// Says goodbye and waits until the peer has let go of everything.
    pub fn quit(mut self) {
        let _ = self.send(&packets(0, &[1]));
        while self.packet().is_some() {}
    }
}

/// A payload as packets, the first of which has the number `sequence`.
pub fn packets(sequence: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload.len() + 8);
    let mut sequence = sequence;
    for part in payload.chunks(PACKET_MAX) {
        bytes.extend([header(part.len(), sequence).as_slice(), part].concat());
        sequence = sequence.wrapping_add(1);
    }
    if payload.len().is_multiple_of(PACKET_MAX) {
        bytes.extend(header(0, sequence));
    }
    bytes
}

fn header(length: usize, sequence: u8) -> [u8; 4] {
    let length = u32::try_from(length).expect("a length").to_le_bytes();
    [length[0], length[1], length[2], sequence]
}

/// The execution of a statement without parameters.
pub fn execution(id: u32, cursor: bool) -> Vec<u8> {
    [&[0x17], &id.to_le_bytes()[..], &[u8::from(cursor), 1, 0, 0, 0]].concat()
}

/// The error a packet is, if it is one.
pub fn failure(packet: &[u8]) -> Option<Failure> {
    let [0xff, low, high, rest @ ..] = packet else { return None };
    let code = u16::from_le_bytes([*low, *high]);
    // 0xffff is MariaDB's report of progress.
    (code != 0xffff).then(|| Failure { code, text: String::from_utf8_lossy(rest).into_owned() })
}

/// Affected rows and the last insert id stand before the status, each as long as its first byte says.
fn status_of_ok(packet: &[u8]) -> u16 {
    let after = |at: usize| match packet.get(at) {
        Some(0xfc) => at + 3,
        Some(0xfd) => at + 4,
        Some(0xfe) => at + 9,
        _ => at + 1,
    };
    let at = after(after(1));
    packet.get(at..at + 2).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn status_of_eof(packet: &[u8]) -> u16 {
    packet.get(3..5).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
}
