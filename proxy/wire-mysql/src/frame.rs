//! Where does one packet end and the next begin?
//!
//! ```text
//! +-------------------+----------+----------------+
//! | length of payload | sequence | payload        |
//! +-------------------+----------+----------------+
//!   3, little endian    1
//! ```
//!
//! A payload of 2^24 - 1 bytes is continued by the next packet, which may be empty.

/// Bytes of length and sequence number.
pub const HEADER_BYTES: usize = 4;

/// Payload of a packet that is continued by the next one.
pub const PAYLOAD_MAX: usize = 0xff_ffff;

/// A packet's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Bytes of the payload.
    pub body: usize,
    /// The packet's number within its exchange; wraps at 256.
    pub sequence: u8,
}

impl Header {
    /// Bytes of the whole packet.
    pub fn frame(self) -> usize {
        HEADER_BYTES + self.body
    }

    /// Whether the next packet goes on with the same message.
    pub fn continues(self) -> bool {
        self.body == PAYLOAD_MAX
    }
}

/// The header at the front of `input`; `None` when more bytes are needed.
pub fn header(input: &[u8]) -> Option<Header> {
    let [a, b, c, sequence, ..] = input else { return None };
    let body = usize::from(*a) | usize::from(*b) << 8 | usize::from(*c) << 16;
    Some(Header { body, sequence: *sequence })
}

/// The first packet of `input` as header and payload; `None` when it is not all there.
pub fn packet(input: &[u8]) -> Option<(Header, &[u8])> {
    let header = header(input)?;
    Some((header, input.get(HEADER_BYTES..header.frame())?))
}

/// Appends a packet. Payloads of ours are always shorter than [`PAYLOAD_MAX`].
pub fn put(sequence: u8, payload: &[u8], out: &mut Vec<u8>) {
    let [a, b, c, ..] = payload.len().min(PAYLOAD_MAX - 1).to_le_bytes();
    out.extend_from_slice(&[a, b, c, sequence]);
    out.extend_from_slice(payload.get(..PAYLOAD_MAX - 1).unwrap_or(payload));
}

/// Gives the packet at the front of `bytes` another number.
pub fn renumber(bytes: &mut [u8], sequence: u8) {
    if let Some(place) = bytes.get_mut(HEADER_BYTES - 1) {
        *place = sequence;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_header_counts_its_payload_only() {
        assert_eq!(header(b"\x01\0\0\0\x0e"), Some(Header { body: 1, sequence: 0 }));
        assert_eq!(header(b"\xff\xff\xff\x07"), Some(Header { body: PAYLOAD_MAX, sequence: 7 }));
    }

    #[test]
    fn an_incomplete_header_asks_for_more() {
        for end in 0..4 {
            assert_eq!(header(&b"\x01\0\0\0"[..end]), None);
        }
        assert_eq!(packet(b"\x02\0\0\0a"), None);
    }

    #[test]
    fn only_the_longest_packet_is_continued() {
        assert!(header(b"\xff\xff\xff\0").unwrap().continues());
        assert!(!header(b"\xfe\xff\xff\0").unwrap().continues());
        assert!(!header(b"\0\0\0\x01").unwrap().continues());
    }

    #[test]
    fn a_packet_that_was_put_is_read_again() {
        let mut bytes = Vec::new();
        put(3, b"abc", &mut bytes);
        renumber(&mut bytes, 4);
        assert_eq!(packet(&bytes), Some((Header { body: 3, sequence: 4 }, &b"abc"[..])));
    }
}
