//! Where does one message end and the next begin?
//!
//! ```text
//! +-----+-------------------+----------------+
//! | tag | length, incl. 4   | body           |   length - 4 bytes of body
//! +-----+-------------------+----------------+
//!   1     4, big endian
//! ```

use crate::violation::Violation;

/// Bytes of tag and length.
pub const HEADER_BYTES: usize = 5;

/// Largest length of the message types that carry no payload of their own: PostgreSQL's
/// `PQ_SMALL_MESSAGE_LIMIT`.
pub const SMALL_MAX: i32 = 10_000;

/// Largest length of any message: PostgreSQL's `PQ_LARGE_MESSAGE_LIMIT` (`MaxAllocSize - 1`).
pub const LARGE_MAX: i32 = 0x3fff_fffe;

/// A message's tag and the bytes of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The type byte.
    pub tag: u8,
    /// Bytes of the body.
    pub body: usize,
}

impl Header {
    /// Bytes of the whole frame.
    pub fn frame(self) -> usize {
        HEADER_BYTES + self.body
    }
}

/// Reads the five bytes of a header; `None` when they are not all there.
fn split(input: &[u8]) -> Option<(u8, i32)> {
    let [tag, a, b, c, d, ..] = input else { return None };
    Some((*tag, i32::from_be_bytes([*a, *b, *c, *d])))
}

fn checked(tag: u8, length: i32, max: i32) -> Result<Header, Violation> {
    match usize::try_from(length) {
        Ok(bytes) if bytes >= 4 && length <= max => Ok(Header { tag, body: bytes - 4 }),
        _ => Err(Violation::Length { tag, length }),
    }
}

/// The header of a client's message after login; `None` when more bytes are needed. The tag is
/// checked as soon as it is there, the length against the bound of its type (PostgreSQL,
/// `SocketBackend`).
pub fn client(input: &[u8]) -> Result<Option<Header>, Violation> {
    let Some(tag) = input.first().copied() else { return Ok(None) };
    let max = match tag {
        b'Q' | b'P' | b'B' | b'F' | b'd' => LARGE_MAX,
        b'E' | b'D' | b'C' | b'S' | b'H' | b'X' | b'c' | b'f' => SMALL_MAX,
        _ => return Err(Violation::UnknownMessage(tag)),
    };
    match split(input) {
        Some((tag, length)) => checked(tag, length, max).map(Some),
        None => Ok(None),
    }
}

/// The header of a client's message during login, where only authentication responses (`p`) may come.
pub fn client_login(input: &[u8]) -> Result<Option<Header>, Violation> {
    let Some(tag) = input.first().copied() else { return Ok(None) };
    if tag != b'p' {
        return Err(Violation::NotAuthentication(tag));
    }
    match split(input) {
        // PG_MAX_AUTH_TOKEN_LENGTH is 65,535 bytes.
        Some((tag, length)) => checked(tag, length, 65_535 + 4).map(Some),
        None => Ok(None),
    }
}

/// The header of a server's message; `None` when more bytes are needed. Tags are not checked: what
/// a server sends is passed on, known or not.
pub fn server(input: &[u8]) -> Result<Option<Header>, Violation> {
    match split(input) {
        Some((tag, length)) => checked(tag, length, i32::MAX).map(Some).map_err(|_| Violation::Server(tag)),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_counts_its_own_length_field() {
        assert_eq!(client(b"S\0\0\0\x04"), Ok(Some(Header { tag: b'S', body: 0 })));
        assert_eq!(client(b"Q\0\0\0\x06a\0"), Ok(Some(Header { tag: b'Q', body: 2 })));
    }

    #[test]
    fn an_incomplete_header_asks_for_more() {
        for end in 0..5 {
            assert_eq!(client(&b"S\0\0\0\x04"[..end]), Ok(None));
        }
    }

    #[test]
    fn lengths_outside_the_bounds_of_the_type_are_violations() {
        for (bytes, length) in [
            (b"Q\0\0\0\x03", 3),
            (b"Q\x40\0\0\0", 0x4000_0000),
            (b"Q\xff\xff\xff\xff", -1),
            (b"S\0\0\x27\x11", 10_001),
        ] {
            assert_eq!(client(bytes), Err(Violation::Length { tag: bytes[0], length }));
        }
        assert_eq!(client(b"S\0\0\x27\x10").map(|header| header.is_some()), Ok(true));
    }

    #[test]
    fn a_message_type_nobody_knows_is_refused_by_its_first_byte() {
        assert_eq!(client(b"p"), Err(Violation::UnknownMessage(b'p')));
        assert_eq!(client(b"\0"), Err(Violation::UnknownMessage(0)));
        assert_eq!(client_login(b"Q"), Err(Violation::NotAuthentication(b'Q')));
    }
}
