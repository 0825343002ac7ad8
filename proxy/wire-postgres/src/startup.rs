//! What does a client open a connection with?
//!
//! Before any tagged message a client sends one packet of length and code: a request for
//! encryption, a request to cancel, or the startup itself (PostgreSQL documentation, "Start-up",
//! "Canceling Requests in Progress", "SSL Session Encryption").

use crate::violation::Violation;

/// Largest startup packet: PostgreSQL's `MAX_STARTUP_PACKET_LENGTH`.
pub const STARTUP_BYTES_MAX: usize = 10_000;

/// First byte of a TLS handshake record: the client starts TLS without asking (`sslnegotiation=direct`).
pub const TLS_FIRST_BYTE: u8 = 0x16;

const CANCEL: u32 = 80_877_102;
const SSL: u32 = 80_877_103;
const GSS: u32 = 80_877_104;

/// Major version that marks requests which are no startup.
const FIRST_SPECIAL: u32 = 1234;

/// The request for encryption the gateway itself sends upstream.
pub const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// A first packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First<'a> {
    /// The client asks whether TLS may begin.
    Ssl,
    /// The client asks whether GSSAPI encryption may begin.
    Gss,
    /// The client asks to cancel what the session with this id and key runs.
    Cancel {
        /// The process id the server gave out.
        id: u32,
        /// The secret key the server gave out, 4 to 256 bytes.
        key: &'a [u8],
    },
    /// The client wants a session.
    Startup(Startup<'a>),
}

/// A startup packet's parameters, still as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Startup<'a> {
    /// Major version in the high, minor in the low 16 bits.
    pub version: u32,
    parameters: &'a [u8],
}

impl<'a> Startup<'a> {
    /// The parameters in order: name and value.
    pub fn parameters(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        let mut rest = self.parameters;
        std::iter::from_fn(move || {
            let (name, after) = string(rest)?;
            if name.is_empty() {
                return None;
            }
            let (value, after) = string(after)?;
            rest = after;
            Some((name, value))
        })
    }

    /// The last value of a parameter, as the server takes it.
    pub fn parameter(&self, wanted: &[u8]) -> Option<&'a [u8]> {
        self.parameters().filter(|(name, _)| *name == wanted).map(|(_, value)| value).last()
    }
}

fn string(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = input.iter().position(|byte| *byte == 0)?;
    Some((input.get(..end)?, input.get(end + 1..)?))
}

/// Reads the first packet. `Ok(None)` when more bytes are needed; otherwise the packet and its
/// length in bytes. A hostile length is refused as soon as its four bytes are there.
pub fn first(input: &[u8]) -> Result<Option<(First<'_>, usize)>, Violation> {
    let Some((length, rest)) = input.split_first_chunk::<4>() else {
        // The highest byte of an allowed length is zero: anything else is no Postgres client.
        return if input.first().is_some_and(|byte| *byte != 0) {
            Err(Violation::StartupLength)
        } else {
            Ok(None)
        };
    };
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| Violation::StartupLength)?;
    if !(8..=STARTUP_BYTES_MAX + 4).contains(&length) {
        return Err(Violation::StartupLength);
    }
    let Some(body) = rest.get(..length - 4) else { return Ok(None) };
    let (code, body) = body.split_first_chunk::<4>().ok_or(Violation::Startup)?;
    let packet = match (u32::from_be_bytes(*code), body) {
        (SSL, []) => First::Ssl,
        (GSS, []) => First::Gss,
        (CANCEL, body) => cancel(body)?,
        (version, body) if version >> 16 == 3 => First::Startup(startup(version, body)?),
        // Of a later protocol nothing is known but that the server will answer for itself.
        (version, body) if (4..FIRST_SPECIAL).contains(&(version >> 16)) => {
            First::Startup(startup(version, body).unwrap_or(Startup { version, parameters: &[] }))
        }
        _ => return Err(Violation::Startup),
    };
    Ok(Some((packet, length)))
}

/// The request that cancels what the session with this id and key runs.
pub fn cancel_request(id: u32, key: &[u8]) -> Vec<u8> {
    let length = u32::try_from(12 + key.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), &CANCEL.to_be_bytes(), &id.to_be_bytes(), key].concat()
}

fn cancel(body: &[u8]) -> Result<First<'_>, Violation> {
    let (id, key) = body.split_first_chunk::<4>().ok_or(Violation::Startup)?;
    if !(4..=256).contains(&key.len()) {
        return Err(Violation::Startup);
    }
    Ok(First::Cancel { id: u32::from_be_bytes(*id), key })
}

/// Checks that the parameters are pairs of strings that end in one empty name, with nothing behind.
fn startup(version: u32, body: &[u8]) -> Result<Startup<'_>, Violation> {
    let mut rest = body;
    loop {
        let (name, after) = string(rest).ok_or(Violation::Startup)?;
        if name.is_empty() {
            return if after.is_empty() {
                Ok(Startup { version, parameters: body })
            } else {
                Err(Violation::Startup)
            };
        }
        let (_, after) = string(after).ok_or(Violation::Startup)?;
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn packet(code: u32, body: &[u8]) -> Vec<u8> {
        let mut bytes = u32::try_from(body.len() + 8).unwrap().to_be_bytes().to_vec();
        bytes.extend(code.to_be_bytes());
        bytes.extend(body);
        bytes
    }

    #[test]
    fn each_opening_is_told_apart() {
        assert_eq!(first(&SSL_REQUEST), Ok(Some((First::Ssl, 8))));
        assert_eq!(first(&packet(GSS, b"")), Ok(Some((First::Gss, 8))));
        let bytes = packet(CANCEL, &[0, 0, 0, 9, 1, 2, 3, 4]);
        assert_eq!(first(&bytes), Ok(Some((First::Cancel { id: 9, key: &[1, 2, 3, 4] }, 16))));
        let bytes = packet(0x0003_0000, b"user\0ann\0options\0-c a=b=c\0\0");
        let Ok(Some((First::Startup(startup), length))) = first(&bytes) else { panic!("no startup") };
        assert_eq!(length, bytes.len());
        assert_eq!(startup.parameter(b"user"), Some(&b"ann"[..]));
        assert_eq!(startup.parameter(b"options"), Some(&b"-c a=b=c"[..]));
        assert_eq!(startup.parameter(b"database"), None);
    }

    #[test]
    fn every_prefix_of_an_opening_asks_for_more() {
        let bytes = packet(0x0003_0002, b"user\0ann\0\0");
        for end in 0..bytes.len() {
            assert_eq!(first(&bytes[..end]), Ok(None), "at {end}");
        }
    }

    #[test]
    fn garbage_is_refused_as_early_as_it_shows() {
        for bytes in [
            &b"GET / HTTP/1.1\r\n"[..],
            b"\xff",
            &[0, 0, 0, 7],
            &[0, 0, 0x27, 0x15],
            &[0x7f, 0xff, 0xff, 0xff],
        ] {
            assert_eq!(first(bytes), Err(Violation::StartupLength), "{bytes:?}");
        }
        for bytes in [
            packet(0x0002_0000, b"user\0a\0\0"),
            packet(0x0003_0000, b"user\0a\0"),
            packet(0x0003_0000, b"user\0a\0\0x"),
            packet(0x0003_0000, b"user"),
            packet(SSL, b"x"),
            packet(CANCEL, &[0, 0, 0, 1, 1, 2, 3]),
        ] {
            assert_eq!(first(&bytes), Err(Violation::Startup), "{bytes:?}");
        }
    }
}
