//! How does a test speak the PostgreSQL protocol byte by byte, with nothing in between?
//!
//! Messages are made by plain functions that return bytes; [`Wire`] sends bytes and reads frames.
//! PostgreSQL documentation, chapter "Frontend/Backend Protocol".

use super::server::PASSWORD;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// Longest a read may take before the test fails.
const SILENCE_MAX: Duration = Duration::from_secs(15);
/// `SSLRequest`: eight bytes.
pub const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
/// `GSSENCRequest`: eight bytes.
pub const GSS_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30];
/// Protocol 3.0.
pub const VERSION_3_0: u32 = 0x0003_0000;
/// Protocol 3.2.
pub const VERSION_3_2: u32 = 0x0003_0002;
/// The version clients ask for to see whether a server can negotiate.
pub const VERSION_GREASE: u32 = 0x0003_270f;

/// One message of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its type.
    pub tag: u8,
    /// What follows the length.
    pub body: Vec<u8>,
}

impl Frame {
    /// The fields of an ErrorResponse or NoticeResponse.
    pub fn fields(&self) -> BTreeMap<char, String> {
        let parts = self.body.split(|byte| *byte == 0).filter(|part| !part.is_empty());
        parts.map(|part| (char::from(part[0]), String::from_utf8_lossy(&part[1..]).into_owned())).collect()
    }

    /// The SQLSTATE of an ErrorResponse; empty when it has none.
    pub fn sqlstate(&self) -> String {
        self.fields().remove(&'C').unwrap_or_default()
    }

    /// The columns of a DataRow, as text.
    pub fn columns(&self) -> Vec<Option<String>> {
        let mut rest = &self.body[2..];
        let mut columns = Vec::new();
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            let length = usize::try_from(i32::from_be_bytes(*length)).ok();
            let value = length.map(|length| String::from_utf8_lossy(&after[..length]).into_owned());
            rest = &after[length.unwrap_or(0)..];
            columns.push(value);
        }
        columns
    }

    /// The text of a CommandComplete.
    pub fn command(&self) -> String {
        String::from_utf8_lossy(self.body.strip_suffix(&[0]).unwrap_or(&self.body)).into_owned()
    }
}

/// The messages' types as a word, such as `TDDCZ`.
pub fn tags(frames: &[Frame]) -> String {
    frames.iter().map(|frame| char::from(frame.tag)).collect()
}

/// The first SQLSTATE among `frames`.
pub fn first_error(frames: &[Frame]) -> Option<String> {
    frames.iter().find(|frame| frame.tag == b'E').map(Frame::sqlstate)
}

trait Channel: Read + Write + Send {
    fn socket(&self) -> &TcpStream;

    /// Begins to write with new keys, where there are any.
    fn renew_keys(&mut self) -> Result<(), String> {
        Err("no TLS".to_owned())
    }
}

impl Channel for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Channel for rustls::StreamOwned<rustls::ClientConnection, TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref()
    }

    fn renew_keys(&mut self) -> Result<(), String> {
        self.conn.refresh_traffic_keys().map_err(|error| error.to_string())
    }
}

/// A connection that shows every byte.
pub struct Wire {
    channel: Box<dyn Channel>,
    /// The server process's number, once logged in.
    pub pid: u32,
    /// The cancel key, once logged in.
    pub key: Vec<u8>,
    /// Whether the peer ended the connection by a reset instead of an orderly close.
    pub reset: bool,
    /// Whether TLS ended without its goodbye, which libpq takes for an attack.
    pub torn: bool,
}

impl Wire {
    /// Connects and sends nothing.
    pub fn connect(port: u16) -> Wire {
        Wire::try_connect(port).expect("a connection")
    }

    fn try_connect(port: u16) -> std::io::Result<Wire> {
        Wire::over(TcpStream::connect(("127.0.0.1", port))?)
    }

    /// Takes over a connection, from either end.
    pub fn over(socket: TcpStream) -> std::io::Result<Wire> {
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(SILENCE_MAX))?;
        socket.set_write_timeout(Some(SILENCE_MAX))?;
        Ok(Wire { channel: Box::new(socket), pid: 0, key: Vec::new(), reset: false, torn: false })
    }

    /// Logs in to `shop`, with the password if one is asked for in plain.
    pub fn login(port: u16, user: &str) -> Wire {
        Wire::try_login(port, user).unwrap_or_else(|error| panic!("`{user}` could not log in: {error}"))
    }

    /// [`Wire::login`] that may fail.
    pub fn try_login(port: u16, user: &str) -> Result<Wire, String> {
        Wire::try_login_to(port, user, "shop")
    }

    /// [`Wire::login`] to another database.
    pub fn login_to(port: u16, user: &str, database: &str) -> Wire {
        Wire::try_login_to(port, user, database)
            .unwrap_or_else(|error| panic!("`{user}` could not log in: {error}"))
    }

    fn try_login_to(port: u16, user: &str, database: &str) -> Result<Wire, String> {
        let mut wire = Wire::try_connect(port).map_err(|error| error.to_string())?;
        let frames = wire.open(VERSION_3_0, &[("user", user), ("database", database)]);
        match frames.last() {
            Some(frame) if frame.tag == b'Z' => Ok(wire),
            Some(frame) => Err(format!("{:?}", frame.fields())),
            None => Err("closed without a word".to_owned()),
        }
    }

    /// Sends a startup message, answers a request for a plain password, and reads up to
    /// ReadyForQuery or the end.
    pub fn open(&mut self, version: u32, parameters: &[(&str, &str)]) -> Vec<Frame> {
        let _ = self.try_send(&startup(version, parameters));
        let mut frames = Vec::new();
        while let Some(frame) = self.frame() {
            match (frame.tag, frame.body.as_slice()) {
                (b'R', [0, 0, 0, 3]) => self.send(&password(PASSWORD)),
                (b'K', [a, b, c, d, key @ ..]) => {
                    self.pid = u32::from_be_bytes([*a, *b, *c, *d]);
                    self.key = key.to_vec();
                }
                _ => {}
            }
            let ready = frame.tag == b'Z';
            frames.push(frame);
            if ready {
                break;
            }
        }
        frames
    }

    /// Asks for TLS and makes it; the answer `N` is an error.
    pub fn connect_tls(port: u16, config: Arc<rustls::ClientConfig>) -> Result<Wire, String> {
        let mut wire = Wire::connect(port);
        wire.send(&SSL_REQUEST);
        match wire.byte() {
            Some(b'S') => wire.start_tls(config),
            other => Err(format!("the answer to SSLRequest is {other:?}")),
        }
    }

    /// Begins TLS on a connection.
    pub fn start_tls(self, config: Arc<rustls::ClientConfig>) -> Result<Wire, String> {
        let socket = self.channel.socket().try_clone().map_err(|error| error.to_string())?;
        let name = "localhost".try_into().map_err(|_| "no name".to_owned())?;
        let session = rustls::ClientConnection::new(config, name).map_err(|error| error.to_string())?;
        let mut stream = rustls::StreamOwned::new(session, socket);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock).map_err(|error| error.to_string())?;
        }
        Ok(Wire { channel: Box::new(stream), pid: 0, key: Vec::new(), reset: false, torn: false })
    }

    /// Sends bytes.
    pub fn send(&mut self, bytes: &[u8]) {
        self.try_send(bytes).expect("the bytes are taken");
    }

    /// Sends bytes to a peer that may have closed.
    pub fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.channel.write_all(bytes)?;
        self.channel.flush()
    }

    /// Sends KeyUpdate: what is written from now on has new keys (RFC 8446, section 4.6.3).
    pub fn renew_keys(&mut self) {
        self.channel.renew_keys().expect("new keys");
    }

    /// The first byte that comes within `bound`, left where it is; only for connections without TLS.
    pub fn heard_within(&self, bound: Duration) -> Option<u8> {
        let socket = self.channel.socket();
        socket.set_read_timeout(Some(bound)).expect("a bound");
        let mut byte = [0];
        let heard = socket.peek(&mut byte);
        socket.set_read_timeout(Some(SILENCE_MAX)).expect("a bound");
        matches!(heard, Ok(1)).then_some(byte[0])
    }

    /// Sends each byte in a segment of its own.
    pub fn send_bytewise(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.try_send(&[*byte]).is_err() {
                return;
            }
        }
    }

    /// Reads one bare byte; `None` at the end.
    pub fn byte(&mut self) -> Option<u8> {
        let mut byte = [0];
        self.fill(&mut byte).then_some(byte[0])
    }

    /// Reads one message; `None` when the peer has closed.
    pub fn frame(&mut self) -> Option<Frame> {
        let mut head = [0; 5];
        if !self.fill(&mut head) {
            return None;
        }
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        assert!(length >= 4, "a message of type {:?} has length {length}", char::from(head[0]));
        let mut body = vec![0; length - 4];
        self.fill(&mut body).then_some(Frame { tag: head[0], body })
    }

    /// Reads one message's head and throws its body away as it comes: the type and length.
    pub fn skim(&mut self) -> Option<(u8, usize)> {
        let mut head = [0; 5];
        if !self.fill(&mut head) {
            return None;
        }
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let mut left = length - 4;
        let mut piece = [0; 64 * 1024];
        while left > 0 {
            let size = left.min(piece.len());
            if !self.fill(&mut piece[..size]) {
                return None;
            }
            left -= size;
        }
        Some((head[0], length))
    }

    /// Reads until `count` messages of type `tag` have come, or the end.
    pub fn until(&mut self, tag: u8, count: usize) -> Vec<Frame> {
        let mut frames = Vec::new();
        let mut seen = 0;
        while seen < count {
            let Some(frame) = self.frame() else { break };
            seen += usize::from(frame.tag == tag);
            frames.push(frame);
        }
        frames
    }

    /// Reads everything until the peer closes.
    pub fn rest(&mut self) -> Vec<Frame> {
        std::iter::from_fn(|| self.frame()).collect()
    }

    /// Sends a simple query and reads its whole answer.
    pub fn query(&mut self, sql: &str) -> Vec<Frame> {
        self.send(&query(sql));
        self.until(b'Z', 1)
    }

    /// Says goodbye and reads to the end.
    pub fn terminate(mut self) -> Vec<Frame> {
        let _ = self.try_send(&terminate());
        self.rest()
    }

    /// Closes the sending half.
    pub fn finish_sending(&self) {
        self.channel.socket().shutdown(Shutdown::Write).expect("the half can be closed");
    }

    /// Ends the connection with a reset.
    pub fn abort(self) {
        let socket = socket2::SockRef::from(self.channel.socket());
        socket.set_linger(Some(Duration::ZERO)).expect("linger can be set");
    }

    /// A second handle of the socket; only for connections without TLS.
    pub fn socket(&self) -> TcpStream {
        self.channel.socket().try_clone().expect("a second handle")
    }

    /// Fills `bytes`; `false` when the peer closed before the first of them.
    fn fill(&mut self, bytes: &mut [u8]) -> bool {
        let mut filled = 0;
        while filled < bytes.len() {
            match self.channel.read(&mut bytes[filled..]) {
                Ok(0) => return false,
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    panic!("the peer says nothing for {SILENCE_MAX:?}")
                }
                Err(error) => {
                    self.reset = error.kind() == ErrorKind::ConnectionReset;
                    self.torn = error.kind() == ErrorKind::UnexpectedEof;
                    return false;
                }
            }
        }
        true
    }
}

/// Any message: its type, its length, its body.
pub fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("a length").to_be_bytes();
    [&[tag], length.as_slice(), body].concat()
}

/// StartupMessage.
pub fn startup(version: u32, parameters: &[(&str, &str)]) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    for (name, value) in parameters {
        body.extend_from_slice(&zero_ended(name));
        body.extend_from_slice(&zero_ended(value));
    }
    body.push(0);
    let length = u32::try_from(body.len() + 4).expect("a length").to_be_bytes();
    [length.as_slice(), &body].concat()
}

/// CancelRequest.
pub fn cancel_request(pid: u32, key: &[u8]) -> Vec<u8> {
    let length = u32::try_from(12 + key.len()).expect("a length").to_be_bytes();
    [length.as_slice(), &80_877_102_u32.to_be_bytes(), &pid.to_be_bytes(), key].concat()
}

/// PasswordMessage.
pub fn password(password: &str) -> Vec<u8> {
    message(b'p', &zero_ended(password))
}

/// Query.
pub fn query(sql: &str) -> Vec<u8> {
    message(b'Q', &zero_ended(sql))
}

/// Parse.
pub fn parse(name: &str, sql: &str, types: &[u32]) -> Vec<u8> {
    let mut body = [zero_ended(name), zero_ended(sql)].concat();
    body.extend_from_slice(&count(types.len()));
    body.extend(types.iter().flat_map(|oid| oid.to_be_bytes()));
    message(b'P', &body)
}

/// Bind with text parameters and results of one format (0 text, 1 binary).
pub fn bind(portal: &str, statement: &str, values: &[Option<&[u8]>], format: u16) -> Vec<u8> {
    let mut body = [zero_ended(portal), zero_ended(statement)].concat();
    body.extend_from_slice(&count(0));
    body.extend_from_slice(&count(values.len()));
    for value in values {
        let length = value.map_or(-1, |value| i32::try_from(value.len()).expect("a length"));
        body.extend_from_slice(&length.to_be_bytes());
        body.extend_from_slice(value.unwrap_or_default());
    }
    body.extend_from_slice(&count(1));
    body.extend_from_slice(&format.to_be_bytes());
    message(b'B', &body)
}

/// Describe of a statement (`S`) or portal (`P`).
pub fn describe(what: u8, name: &str) -> Vec<u8> {
    message(b'D', &[vec![what], zero_ended(name)].concat())
}

/// Close of a statement (`S`) or portal (`P`).
pub fn close(what: u8, name: &str) -> Vec<u8> {
    message(b'C', &[vec![what], zero_ended(name)].concat())
}

/// Execute; `rows` 0 means all.
pub fn execute(portal: &str, rows: u32) -> Vec<u8> {
    message(b'E', &[zero_ended(portal), rows.to_be_bytes().to_vec()].concat())
}

/// FunctionCall with text arguments and a text result.
pub fn function_call(oid: u32, arguments: &[&str]) -> Vec<u8> {
    let mut body = oid.to_be_bytes().to_vec();
    body.extend_from_slice(&count(0));
    body.extend_from_slice(&count(arguments.len()));
    for argument in arguments {
        body.extend_from_slice(&u32::try_from(argument.len()).expect("a length").to_be_bytes());
        body.extend_from_slice(argument.as_bytes());
    }
    body.extend_from_slice(&count(0));
    message(b'F', &body)
}

/// Sync.
pub fn sync() -> Vec<u8> {
    message(b'S', &[])
}

/// Flush.
pub fn flush() -> Vec<u8> {
    message(b'H', &[])
}

/// CopyData.
pub fn copy_data(data: &[u8]) -> Vec<u8> {
    message(b'd', data)
}

/// CopyDone.
pub fn copy_done() -> Vec<u8> {
    message(b'c', &[])
}

/// CopyFail.
pub fn copy_fail(reason: &str) -> Vec<u8> {
    message(b'f', &zero_ended(reason))
}

/// Terminate.
pub fn terminate() -> Vec<u8> {
    message(b'X', &[])
}

fn zero_ended(text: &str) -> Vec<u8> {
    [text.as_bytes(), &[0]].concat()
}

fn count(count: usize) -> [u8; 2] {
    u16::try_from(count).expect("a count").to_be_bytes()
}
