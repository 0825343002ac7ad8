//! How does a test speak MySQL in compressed frames, cut where it wants them cut?
//!
//! [`Frames`] carries packets as a strict client does: it wants each frame of the peer to have the number that comes
//! next. [`offering_zstd`] makes a MariaDB look as if it could be asked for zstd, which only a MySQL can.

use super::PATIENCE;
use super::mysql_wire::{CAPABILITIES, MysqlWire, Packet, Transport, packet, response};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

/// COMPRESS.
pub const ZLIB: u32 = 1 << 5;

/// ZSTD_COMPRESSION_ALGORITHM.
pub const ZSTD: u32 = 1 << 26;

/// Bytes of a frame's header.
pub const HEADER_BYTES: usize = 7;

/// What the frames of the client's own look like.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// Most bytes of packets in one frame.
    pub content: usize,
    /// Every so manieth frame is compressed, from the first on; 0 for none.
    pub compressed: usize,
}

impl Cut {
    /// One compressed frame for what is sent at once.
    pub const WHOLE: Cut = Cut { content: 0xff_ffff, compressed: 1 };
}

/// Packets in frames.
pub struct Frames {
    socket: TcpStream,
    zstd: bool,
    cut: Cut,
    number: u8,
    plain: Vec<u8>,
    at: usize,
}

/// Builds a frame of `payload` as it is.
pub fn frame(number: u8, payload: &[u8], inflated: usize) -> Vec<u8> {
    let three = |length: usize| u32::try_from(length).expect("a length").to_le_bytes();
    [&three(payload.len())[..3], &[number], &three(inflated)[..3], payload].concat()
}

/// zlib's format of `content`.
pub fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).expect("compressed");
    encoder.finish().expect("compressed")
}

/// What stands in the first of zlib's `frames`; nothing where there is none.
pub fn content(frames: &[u8]) -> Vec<u8> {
    let Some((header, rest)) = frames.split_at_checked(HEADER_BYTES) else { return Vec::new() };
    let payload = &rest[..u32::from_le_bytes([header[0], header[1], header[2], 0]) as usize];
    if header[4..] == [0, 0, 0] {
        return payload.to_vec();
    }
    let mut content = Vec::new();
    flate2::read::ZlibDecoder::new(payload).read_to_end(&mut content).expect("a whole frame");
    content
}

impl Transport for Frames {
    fn send(&mut self, bytes: &[u8], begins: bool) -> io::Result<()> {
        if begins {
            self.number = 0;
        }
        for (place, content) in bytes.chunks(self.cut.content).enumerate() {
            let compressed = self.cut.compressed > 0 && place % self.cut.compressed == 0;
            let framed = match (compressed, self.zstd) {
                (false, _) => frame(self.number, content, 0),
                (true, false) => frame(self.number, &deflated(content), content.len()),
                (true, true) => frame(self.number, &zstd::encode_all(content, 3)?, content.len()),
            };
            self.number = self.number.wrapping_add(1);
            self.socket.write_all(&framed)?;
        }
        Ok(())
    }

    fn receive(&mut self, place: &mut [u8]) -> io::Result<()> {
        while self.plain.len() - self.at < place.len() {
            self.plain.drain(..self.at);
            self.at = 0;
            self.frame()?;
        }
        place.copy_from_slice(&self.plain[self.at..self.at + place.len()]);
        self.at += place.len();
        Ok(())
    }

    fn expect(&mut self, number: u8) {
        self.number = number;
    }
}

impl Frames {
    fn frame(&mut self) -> io::Result<()> {
        let mut header = [0; HEADER_BYTES];
        self.socket.read_exact(&mut header)?;
        assert_eq!(header[3], self.number, "the frame's number");
        self.number = self.number.wrapping_add(1);
        let length = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], 0]) as usize;
        let (payload, inflated) = (length(0), length(4));
        let mut bytes = vec![0; payload];
        self.socket.read_exact(&mut bytes)?;
        let before = self.plain.len();
        match (inflated, self.zstd) {
            (0, _) => self.plain.extend(bytes),
            (_, false) => drop(flate2::read::ZlibDecoder::new(&*bytes).read_to_end(&mut self.plain)?),
            (_, true) => self.plain.extend(zstd::decode_all(&*bytes)?),
        }
        assert!(inflated == 0 || self.plain.len() - before == inflated, "the length it says");
        Ok(())
    }
}

/// A connection that has logged in as `nobody` and is compressed from here on.
pub fn logged_in(port: u16, application: &str, capabilities: u32) -> TcpStream {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    socket.set_nodelay(true).expect("no delay");
    socket.set_read_timeout(Some(PATIENCE)).expect("a bound");
    let greeting = read_packet(&mut socket);
    let offered = offered(&greeting.payload);
    let wanted = capabilities & (ZLIB | ZSTD);
    assert_eq!(offered & wanted, wanted, "what the greeting offers");
    let mut answer = response("nobody", application, capabilities);
    if capabilities & ZSTD != 0 {
        // The level stands at the end.
        answer.push(3);
        answer = packet(1, &answer[4..]);
    }
    socket.write_all(&answer).expect("sent");
    assert!(read_packet(&mut socket).is_ok(), "the login");
    socket
}

/// The low 32 capability bits of a greeting.
pub fn offered(greeting: &[u8]) -> u32 {
    let at = greeting.iter().skip(1).position(|byte| *byte == 0).expect("a version") + 2 + 4 + 9;
    u32::from_le_bytes([greeting[at], greeting[at + 1], greeting[at + 5], greeting[at + 6]])
}

fn read_packet(socket: &mut TcpStream) -> Packet {
    let mut header = [0; 4];
    socket.read_exact(&mut header).expect("a header");
    let mut payload = vec![0; u32::from_le_bytes([header[0], header[1], header[2], 0]) as usize];
    socket.read_exact(&mut payload).expect("a packet");
    Packet { sequence: header[3], payload }
}

/// A client that compresses, with frames cut its own way.
pub fn login(port: u16, application: &str, more: u32, cut: Cut) -> MysqlWire {
    let capabilities = CAPABILITIES | more;
    let socket = logged_in(port, application, capabilities);
    let zstd = more & ZSTD != 0 && more & ZLIB == 0;
    let frames = Frames { socket, zstd, cut, number: 0, plain: Vec::new(), at: 0 };
    MysqlWire::over(Box::new(frames), capabilities)
}

/// A relay before a server whose greeting gains the bit of zstd. Whoever asks the server itself for zstd is lost:
/// it does not know it.
pub fn offering_zstd(port: u16) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let own = listener.local_addr().expect("its address").port();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let _ = offer(client, port);
        }
    });
    own
}

fn offer(mut client: TcpStream, port: u16) -> io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    server.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let mut greeting = read_packet(&mut server);
    let at = greeting.payload.iter().skip(1).position(|byte| *byte == 0).expect("a version") + 2 + 4 + 9;
    greeting.payload[at + 6] |= (ZSTD >> 24) as u8;
    client.write_all(&packet(0, &greeting.payload))?;
    let (client_again, server_again) = (client.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || carry(client, server));
    std::thread::spawn(move || carry(server_again, client_again));
    Ok(())
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
