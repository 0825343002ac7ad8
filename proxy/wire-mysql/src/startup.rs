//! What do a server and a client open a connection with?
//!
//! ```text
//! server -> greeting           version, connection id, capabilities, plugin and challenge
//! client -> request for TLS    the first 32 bytes of a response, then the handshake begins at once
//! client -> response           user, proof, database, plugin, attributes
//! ```
//!
//! The greeting must be the real server's: its challenge is what the client's proof answers. What
//! is changed in either packet: capability bits, and the sequence number where only one hop has TLS.

use crate::authentication::{CHALLENGE_BYTES, in_order};
use crate::capabilities::Capabilities;
use crate::frame::{self, HEADER_BYTES, Header};
use crate::message::{self, ERROR, Reader};
use crate::violation::Violation;

/// Largest greeting or response: a server's own bound on connection attributes, 64 KiB, with room for
/// the rest.
pub const STARTUP_BYTES_MAX: usize = 128 * 1024;

/// Bytes of capabilities, packet size and character set: all of a request for TLS, and the front of a
/// response.
pub(crate) const FIXED: usize = 32;

/// Where the extended capabilities of MariaDB stand in a response's payload.
const EXTENDED_AT: usize = 28;

/// What a server says first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First<'a> {
    /// It is ready for a login.
    Greeting(Greeting<'a>),
    /// It does not want this connection: the packet is an error.
    Error,
}

/// A server's greeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Greeting<'a> {
    /// The server's version.
    pub version: &'a [u8],
    /// The connection's number, by which it can be killed.
    pub connection: u32,
    /// What the server can do.
    pub capabilities: Capabilities,
    /// The plugin the challenge is for.
    pub plugin: &'a [u8],
    /// The challenge.
    pub challenge: [u8; CHALLENGE_BYTES],
    /// Where the low and high halves and the extended part of the capabilities stand in the payload.
    places: [usize; 3],
}

/// Reads the first packet of a server; `None` when more bytes are needed, otherwise its length too.
pub fn first(input: &[u8]) -> Result<Option<(First<'_>, usize)>, Violation> {
    let Some(header) = bounded(input, Violation::Greeting)? else { return Ok(None) };
    let Some((_, payload)) = frame::packet(input) else { return Ok(None) };
    let first = match payload.first() {
        Some(&ERROR) => First::Error,
        Some(10) => First::Greeting(greeting(payload).ok_or(Violation::Greeting)?),
        _ => return Err(Violation::Greeting),
    };
    Ok(Some((first, header.frame())))
}

fn bounded(input: &[u8], violation: Violation) -> Result<Option<Header>, Violation> {
    match frame::header(input) {
        Some(header) if header.body > STARTUP_BYTES_MAX => Err(violation),
        other => Ok(other),
    }
}

fn greeting(payload: &[u8]) -> Option<Greeting<'_>> {
    let mut reader = Reader(payload);
    let at = |reader: &Reader<'_>| payload.len() - reader.0.len();
    reader.byte()?;
    let version = reader.terminated()?;
    let connection = u32::try_from(reader.number(4)?).ok()?;
    // The zero behind it ends what servers of before 4.1 sent.
    let begins = reader.take(8)?;
    reader.take(1)?;
    let low_at = at(&reader);
    let low = reader.number(2)?;
    // The character set and the status.
    reader.take(3)?;
    let high_at = at(&reader);
    let high = reader.number(2)?;
    let challenge_len = reader.byte()?;
    reader.take(6)?;
    let extended_at = at(&reader);
    let extended = reader.number(4)?;
    let mut capabilities = Capabilities(low | high << 16);
    if !capabilities.has(Capabilities::MYSQL) {
        capabilities = capabilities | Capabilities(extended << 32);
    }
    if !capabilities.has(Capabilities::PROTOCOL_41) {
        return None;
    }
    let goes_on = reader.take(usize::from(challenge_len).saturating_sub(8).max(13))?;
    let mut challenge = [0; CHALLENGE_BYTES];
    for (place, byte) in challenge.iter_mut().zip(begins.iter().chain(goes_on)) {
        *place = *byte;
    }
    // Old servers leave the terminator out.
    let plugin = reader.terminated().unwrap_or(reader.0);
    let places = [low_at, high_at, extended_at];
    Some(Greeting { version, connection, capabilities, plugin, challenge, places })
}

impl Greeting<'_> {
    /// The greeting's `packet` as the client gets it: with what can be followed of the capabilities, and
    /// TLS as the listener has it.
    pub fn for_client(&self, packet: &[u8], tls: bool) -> Vec<u8> {
        let offered = self.capabilities.offered(tls).0.to_le_bytes();
        let mut bytes = packet.to_vec();
        let [low, high, extended] = self.places;
        put(&mut bytes, low, offered.get(0..2));
        put(&mut bytes, high, offered.get(2..4));
        if !self.capabilities.has(Capabilities::MYSQL) {
            put(&mut bytes, extended, offered.get(4..8));
        }
        bytes
    }
}

/// Overwrites bytes of the payload.
fn put(packet: &mut [u8], at: usize, bytes: Option<&[u8]>) {
    let Some(bytes) = bytes else { return };
    let start = HEADER_BYTES + at;
    if let Some(place) = packet.get_mut(start..start + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}

/// What a client answers the greeting with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<'a> {
    /// It begins TLS, with the next byte.
    Tls,
    /// It logs in.
    Response(Response<'a>),
}

/// A client's response to the greeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response<'a> {
    /// What the client can do.
    pub capabilities: Capabilities,
    /// The number of its character set.
    pub character_set: u16,
    /// Who wants in.
    pub user: &'a [u8],
    /// The answer to the challenge.
    pub proof: &'a [u8],
    /// The database; empty for none.
    pub database: &'a [u8],
    /// The plugin the proof is made with; empty where the client names none.
    pub plugin: &'a [u8],
    /// The packet's sequence number.
    pub sequence: u8,
    /// The level of zstd, its last byte, where the client asks for that.
    pub compression_level: Option<u8>,
    attributes: &'a [u8],
}

/// Reads a client's packet; `None` when more bytes are needed, otherwise its length too. `tls` says
/// whether TLS has begun already, after which it cannot begin again, and the numbers go on.
pub fn answer(input: &[u8], tls: bool) -> Result<Option<(Answer<'_>, usize)>, Violation> {
    let Some(header) = bounded(input, Violation::StartupLength)? else { return Ok(None) };
    in_order(header.sequence, if tls { 2 } else { 1 })?;
    let Some((_, payload)) = frame::packet(input) else { return Ok(None) };
    let mut reader = Reader(payload);
    let low = reader.number(4).ok_or(Violation::Startup)?;
    if !Capabilities(low).has(Capabilities::PROTOCOL_41) {
        return Err(Violation::TooOld);
    }
    if payload.len() < FIXED {
        return Err(Violation::Startup);
    }
    let answer = if Capabilities(low).has(Capabilities::TLS) && !tls {
        // More than that would be a login in plaintext by a client that believes it is encrypted.
        if payload.len() > FIXED {
            return Err(Violation::Startup);
        }
        Answer::Tls
    } else {
        Answer::Response(response(payload, header.sequence).ok_or(Violation::Startup)?)
    };
    Ok(Some((answer, header.frame())))
}

fn response(payload: &[u8], sequence: u8) -> Option<Response<'_>> {
    let mut reader = Reader(payload);
    let mut capabilities = Capabilities(reader.number(4)?);
    reader.take(4)?;
    let character_set = u16::from(reader.byte()?);
    reader.take(19)?;
    let extended = reader.number(4)?;
    if !capabilities.has(Capabilities::MYSQL) {
        capabilities = capabilities | Capabilities(extended << 32);
    }
    let user = reader.terminated()?;
    let proof = if capabilities.has(Capabilities::PLUGIN_DATA_LENGTH) {
        reader.string()?
    } else if capabilities.has(Capabilities::SECURE_CONNECTION) {
        let len = reader.byte()?;
        reader.take(usize::from(len))?
    } else {
        reader.terminated()?
    };
    let database = optional(&mut reader, capabilities.has(Capabilities::CONNECT_WITH_DATABASE), zero_ended)?;
    let plugin = optional(&mut reader, capabilities.has(Capabilities::PLUGIN_AUTHENTICATION), zero_ended)?;
    let attributes =
        optional(&mut reader, capabilities.has(Capabilities::CONNECT_ATTRIBUTES), Reader::string)?;
    let compression_level = reader.byte().filter(|_| capabilities.has(Capabilities::COMPRESS_ZSTD));
    Some(Response {
        capabilities,
        character_set,
        user,
        proof,
        database,
        plugin,
        sequence,
        compression_level,
        attributes,
    })
}

/// Clients have been seen to end their packet before the last strings they announce.
fn optional<'a>(
    reader: &mut Reader<'a>,
    announced: bool,
    read: fn(&mut Reader<'a>) -> Option<&'a [u8]>,
) -> Option<&'a [u8]> {
    if !announced || reader.0.is_empty() { Some(&[]) } else { read(reader) }
}

/// And to leave the terminator of the last one out.
fn zero_ended<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    reader.terminated().or_else(|| reader.take(reader.0.len()))
}

impl<'a> Response<'a> {
    /// The value of a connection attribute.
    pub fn attribute(&self, wanted: &[u8]) -> Option<&'a [u8]> {
        message::attribute(self.attributes, wanted)
    }

    /// The request for TLS the gateway sends a server before the response.
    pub fn tls_request(&self, packet: &[u8], server: Capabilities) -> Vec<u8> {
        let front = packet.get(HEADER_BYTES..HEADER_BYTES + FIXED).unwrap_or_default();
        let mut bytes = Vec::new();
        frame::put(1, front, &mut bytes);
        self.put_capabilities(&mut bytes, server, true);
        bytes
    }

    /// The response's `packet` as the server gets it: with what can be followed of the capabilities, and
    /// TLS and the number as the hop to it has them.
    pub fn for_server(&self, packet: &[u8], server: Capabilities, tls: bool) -> Vec<u8> {
        let payload = packet.get(HEADER_BYTES..).unwrap_or_default();
        // The level belongs to a capability that no server is asked for.
        let len = payload.len() - usize::from(self.compression_level.is_some()).min(payload.len());
        let mut bytes = Vec::with_capacity(packet.len());
        frame::put(self.sequence, payload.get(..len).unwrap_or_default(), &mut bytes);
        self.put_capabilities(&mut bytes, server, tls);
        frame::renumber(&mut bytes, if tls { 2 } else { 1 });
        bytes
    }

    fn put_capabilities(&self, packet: &mut [u8], server: Capabilities, tls: bool) {
        let asked = self.capabilities.asked(server, tls).0.to_le_bytes();
        put(packet, 0, asked.get(0..4));
        if !self.capabilities.has(Capabilities::MYSQL) {
            put(packet, EXTENDED_AT, asked.get(4..8));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    /// A greeting as MariaDB 10.11 sends it, with all capabilities.
    fn greeting_packet(capabilities: u64) -> Vec<u8> {
        let bits = capabilities.to_le_bytes();
        let mut payload = b"\x0a5.5.5-10.11.19-MariaDB\0\x2a\0\0\0saltsalt\0".to_vec();
        payload.extend(&bits[0..2]);
        payload.extend(b"\x2d\x02\0");
        payload.extend(&bits[2..4]);
        payload.extend(b"\x15\0\0\0\0\0\0");
        payload.extend(&bits[4..8]);
        payload.extend(b"saltsaltsalt\0mysql_native_password\0");
        let mut bytes = Vec::new();
        frame::put(0, &payload, &mut bytes);
        bytes
    }

    fn response_packet(capabilities: u64, sequence: u8) -> Vec<u8> {
        let bits = capabilities.to_le_bytes();
        let mut payload = bits[0..4].to_vec();
        payload.extend(b"\0\0\0\x01\x21");
        payload.extend([0; 19]);
        payload.extend(&bits[4..8]);
        payload.extend(b"ann\0\x03abcshop\0mysql_native_password\0\x14\x0cprogram_name\x06report");
        let mut bytes = Vec::new();
        frame::put(sequence, &payload, &mut bytes);
        bytes
    }

    const ALL: u64 = !1;

    #[test]
    fn each_opening_is_told_apart() {
        let packet = greeting_packet(ALL);
        let Ok(Some((First::Greeting(greeting), length))) = first(&packet) else { panic!("no greeting") };
        assert_eq!((length, greeting.connection), (packet.len(), 42));
        assert_eq!(greeting.version, b"5.5.5-10.11.19-MariaDB");
        assert_eq!(greeting.plugin, b"mysql_native_password");
        assert_eq!(first(b"\x03\0\0\0\xff\x10\x04"), Ok(Some((First::Error, 7))));
        let packet = response_packet(ALL & !Capabilities::TLS.0, 1);
        let Ok(Some((Answer::Response(response), length))) = answer(&packet, false) else { panic!("none") };
        assert_eq!((length, response.user, response.database), (packet.len(), &b"ann"[..], &b"shop"[..]));
        assert_eq!((response.proof, response.plugin), (&b"abc"[..], &b"mysql_native_password"[..]));
        assert_eq!(response.attribute(b"program_name"), Some(&b"report"[..]));
        let request = response.tls_request(&packet, Capabilities(ALL));
        assert_eq!(answer(&request, false), Ok(Some((Answer::Tls, 36))));
    }

    #[test]
    fn every_prefix_of_an_opening_asks_for_more() {
        let (greeting, response) = (greeting_packet(ALL), response_packet(ALL, 2));
        for end in 0..greeting.len() {
            assert_eq!(first(&greeting[..end]), Ok(None), "at {end}");
        }
        for end in 0..response.len() {
            assert_eq!(answer(&response[..end], true), Ok(None), "at {end}");
        }
    }

    #[test]
    fn a_greeting_changes_in_its_capabilities_only() {
        let packet = greeting_packet(ALL);
        let Ok(Some((First::Greeting(greeting), _))) = first(&packet) else { panic!("no greeting") };
        let told = greeting.for_client(&packet, false);
        assert_eq!(told, greeting_packet(Capabilities(ALL).offered(false).0));
        // A MySQL server has no extended bits: what stands there is not touched.
        let packet = greeting_packet(0x0000_1234_ffff_ffff);
        let Ok(Some((First::Greeting(greeting), _))) = first(&packet) else { panic!("no greeting") };
        assert_eq!(greeting.capabilities.0, 0xffff_ffff);
        let low = Capabilities(0xffff_ffff).offered(true).0;
        assert_eq!(greeting.for_client(&packet, true), greeting_packet(low | 0x1234 << 32));
    }

    #[test]
    fn a_response_changes_in_its_capabilities_and_number_only() {
        let server = Capabilities(ALL & !Capabilities::DEPRECATE_EOF.0);
        for (tls, sequence) in [(false, 1), (true, 2)] {
            let packet = response_packet(ALL, 2);
            let Ok(Some((Answer::Response(response), _))) = answer(&packet, true) else { panic!("none") };
            let asked = Capabilities(ALL).asked(server, tls).0;
            assert_eq!(response.for_server(&packet, server, tls), response_packet(asked, sequence));
        }
    }

    #[test]
    fn the_level_of_a_compression_stays_on_its_hop() {
        let plain = ALL & !(Capabilities::COMPRESS.0 | Capabilities::COMPRESS_ZSTD.0);
        let zstd = plain | Capabilities::COMPRESS_ZSTD.0;
        for (capabilities, level) in [(plain, None), (zstd, Some(7))] {
            let mut payload = response_packet(capabilities, 2).split_off(HEADER_BYTES);
            payload.extend(level);
            let mut packet = Vec::new();
            frame::put(2, &payload, &mut packet);
            let Ok(Some((Answer::Response(response), _))) = answer(&packet, true) else { panic!("none") };
            assert_eq!(response.compression_level, level);
            let asked = Capabilities(plain).asked(Capabilities(ALL), true).0;
            assert_eq!(response.for_server(&packet, Capabilities(ALL), true), response_packet(asked, 2));
        }
    }

    #[test]
    fn garbage_is_refused_as_early_as_it_shows() {
        assert_eq!(first(b"HTTP/1.1"), Err(Violation::Greeting));
        assert_eq!(first(b"\x01\0\0\0\x09"), Err(Violation::Greeting));
        assert_eq!(answer(b"GET / HTTP", false), Err(Violation::StartupLength));
        assert_eq!(answer(b"\x02\0\0\x01\0\0", false), Err(Violation::Startup));
        assert_eq!(answer(b"\x04\0\0\x01\0\0\0\0", false), Err(Violation::TooOld));
        // A whole login under a request for TLS, in plaintext.
        assert_eq!(answer(&response_packet(ALL, 1), false), Err(Violation::Startup));
    }
}
