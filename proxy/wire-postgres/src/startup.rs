//! What does a client open a connection with?
//!
//! Before any tagged message a client sends one packet of length and code: a request for
//! encryption, a request to cancel, or the startup itself (PostgreSQL documentation, "Start-up",
//! "Canceling Requests in Progress", "SSL Session Encryption").

mod settings;

use crate::violation::Violation;
pub use settings::Setting;

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

    /// As whom the server logs the client in: it cuts what is longer than a name may be
    /// (`ProcessStartupPacket`).
    pub fn user(&self) -> &'a [u8] {
        cut(self.parameter(b"user").unwrap_or_default())
    }

    /// In which database: the user's name where none is named, or one without a letter, and cut like it.
    pub fn database(&self) -> &'a [u8] {
        self.parameter(b"database").filter(|name| !name.is_empty()).map_or_else(|| self.user(), cut)
    }
}

/// Longest name of the server's, in bytes (`NAMEDATALEN` - 1).
const NAME_BYTES_MAX: usize = 63;

fn cut(name: &[u8]) -> &[u8] {
    name.get(..NAME_BYTES_MAX).unwrap_or(name)
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

/// The same startup packet with one more parameter, the last: it is applied after `options` and after every
/// parameter before it, so it counts, also against what is set for the role or the database. On a packet
/// that becomes longer than [`STARTUP_BYTES_MAX`] by it the server closes the connection. `packet` is one
/// that [`first`] has read as a whole.
pub fn with_parameter(packet: &[u8], name: &[u8], value: &[u8]) -> Vec<u8> {
    let (head, parameters) = packet.split_at_checked(8).unwrap_or((packet, b""));
    let parameters = parameters.strip_suffix(b"\0").unwrap_or(parameters);
    let mut bytes = [head, parameters].concat();
    for text in [name, value] {
        bytes.extend(text.iter().filter(|byte| **byte != 0));
        bytes.push(0);
    }
    bytes.push(0);
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    if let Some(place) = bytes.first_chunk_mut::<4>() {
        *place = length.to_be_bytes();
    }
    bytes
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
mod tests;
