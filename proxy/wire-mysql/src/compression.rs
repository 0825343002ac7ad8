//! How do packets travel in compressed frames, and which number has the next frame?
//!
//! ```text
//! +------------------------+--------+---------------------------+---------+
//! | length of the payload  | number | length inflated, 0 if not | payload |
//! +------------------------+--------+---------------------------+---------+
//!   3, little endian         1        3
//! ```
//!
//! The inflated bytes are packets with headers of their own; where frames are cut has nothing to do
//! with where packets are. Frames are numbered like packets, by both peers in turns, and begin anew with
//! each command. Compression belongs to a hop, as TLS does: this module reads and writes no more than the
//! frames' headers, and follows the packets within as far as their numbers go.

use crate::capabilities::Capabilities;
use crate::frame;
use crate::violation::Violation;

/// Bytes of a frame's header.
pub const HEADER_BYTES: usize = 7;

/// Shorter payloads are sent as they are: what peers do (`MIN_COMPRESS_LENGTH`).
pub const LEAST: usize = 50;

/// What frames are compressed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// zlib's format.
    Zlib,
    /// zstd, at the level the client asks for.
    Zstd {
        /// 1 to 22.
        level: u8,
    },
}

impl Algorithm {
    /// What a client gets that asks for `asked` where `offered` was offered: zlib before zstd, as servers
    /// choose. `level` is what stands at the end of its response.
    pub fn agreed(offered: Capabilities, asked: Capabilities, level: Option<u8>) -> Option<Algorithm> {
        let both = offered & asked;
        if both.has(Capabilities::COMPRESS) {
            Some(Algorithm::Zlib)
        } else if both.has(Capabilities::COMPRESS_ZSTD) {
            Some(Algorithm::Zstd { level: level.unwrap_or(3).clamp(1, 22) })
        } else {
            None
        }
    }
}

/// A frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Bytes that follow.
    pub payload: usize,
    /// The frame's number within its exchange; wraps at 256.
    pub number: u8,
    /// Bytes they inflate to; `None` where they are sent as they are.
    pub inflated: Option<usize>,
}

/// The header at the front of `input`; `None` when more bytes are needed.
pub fn header(input: &[u8]) -> Option<Header> {
    let [a, b, c, number, d, e, f, ..] = input else { return None };
    let length = |low: &u8, middle: &u8, high: &u8| {
        usize::from(*low) | usize::from(*middle) << 8 | usize::from(*high) << 16
    };
    let inflated = length(d, e, f);
    Some(Header { payload: length(a, b, c), number: *number, inflated: (inflated > 0).then_some(inflated) })
}

impl Header {
    /// The header's bytes. Frames of ours are always short.
    pub fn bytes(self) -> [u8; HEADER_BYTES] {
        let [a, b, c, ..] = self.payload.to_le_bytes();
        let [d, e, f, ..] = self.inflated.unwrap_or_default().to_le_bytes();
        [a, b, c, self.number, d, e, f]
    }

    /// Bytes of the frame's content.
    pub fn content(self) -> usize {
        self.inflated.unwrap_or(self.payload)
    }
}

/// Whose turn it is on a connection, as far as its frames' numbers go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The client's: everything is answered, and a command begins or goes on.
    Command,
    /// The server's: it owes an answer.
    Answer,
    /// The client's again, within an exchange: the server waits for a file or a proof. The number is
    /// the one the server expects of its next packet.
    Continuation(u8),
}

/// The numbers of frames, as both peers of one hop count them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Numbers {
    next: u8,
}

impl Numbers {
    /// Takes in a frame of the client's. `begins` says whether a command begins with it.
    pub fn received(&mut self, number: u8, begins: bool) -> Result<(), Violation> {
        let expected = if begins { 0 } else { self.next };
        if number != expected {
            return Err(Violation::FrameNumber { expected, number });
        }
        self.next = number.wrapping_add(1);
        Ok(())
    }

    /// The number of the next frame to the client.
    pub fn send(&mut self) -> u8 {
        let number = self.next;
        self.next = number.wrapping_add(1);
        number
    }

    /// Nothing is outstanding: what is said now is read as the answer to the client's next command.
    pub fn rest(&mut self) {
        self.next = 1;
    }
}

/// Follows the packets within frames, and numbers them as a server without frames expects.
///
/// Who compresses looks at the numbers of frames alone. Clients begin a command with any number of a packet
/// (MariaDB's Connector/J), and what they send within an exchange is numbered after the frames they have
/// read, which need not be as many as the packets in them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Packets {
    header: [u8; frame::HEADER_BYTES],
    /// Bytes of the header that have come.
    come: usize,
    /// Bytes still to come of the packet's body.
    body: usize,
    /// Whether the next packet goes on with the same message.
    continues: bool,
    /// The number of the next packet.
    number: u8,
}

impl Packets {
    /// Whether the next byte begins a message.
    pub fn are_whole(&self) -> bool {
        self.come == 0 && self.body == 0 && !self.continues
    }

    /// Bytes to the end of the header or the body that is being read.
    pub fn wanted(&self) -> usize {
        if self.come == 0 && self.body > 0 { self.body } else { frame::HEADER_BYTES - self.come }
    }

    /// From the next packet on, numbers are counted from this one.
    pub fn count_from(&mut self, number: u8) {
        self.number = number;
    }

    /// Goes on to the end of the first message in `bytes`, or of `bytes`; how far that was.
    pub fn next(&mut self, bytes: &mut [u8]) -> usize {
        let mut at = 0;
        while let Some(rest) = bytes.get_mut(at..).filter(|rest| !rest.is_empty()) {
            if self.body > 0 {
                let by = self.body.min(rest.len());
                self.body -= by;
                at += by;
            } else if let Some(byte) = rest.first_mut() {
                self.header_byte(byte);
                at += 1;
            }
            if self.are_whole() {
                break;
            }
        }
        at
    }

    fn header_byte(&mut self, byte: &mut u8) {
        if self.come == frame::HEADER_BYTES - 1 {
            *byte = self.number;
            self.number = self.number.wrapping_add(1);
        }
        if let Some(place) = self.header.get_mut(self.come) {
            *place = *byte;
        }
        self.come += 1;
        if self.come == frame::HEADER_BYTES
            && let Some(header) = frame::header(&self.header)
        {
            self.come = 0;
            self.body = header.body;
            self.continues = header.continues();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_header_is_read_as_it_was_written() {
        for (payload, number, inflated) in [(5, 0, None), (0x01_02_03, 255, Some(0xff_ffff)), (1, 7, Some(1))]
        {
            let header = Header { payload, number, inflated };
            assert_eq!(super::header(&header.bytes()), Some(header));
        }
        assert_eq!(super::header(b"\x05\0\0\x01\x32\0\0").unwrap().content(), 50);
        assert_eq!(super::header(b"\x05\0\0\x01\0\0\0").unwrap().content(), 5);
        for end in 0..HEADER_BYTES {
            assert_eq!(super::header(&[0; HEADER_BYTES][..end]), None);
        }
    }

    #[test]
    fn zlib_comes_before_zstd_and_both_only_where_both_have_it() {
        let (zlib, zstd) = (Capabilities::COMPRESS, Capabilities::COMPRESS_ZSTD);
        let none = Capabilities::default();
        for (offered, asked, level, expected) in [
            (zlib | zstd, zlib | zstd, Some(9), Some(Algorithm::Zlib)),
            (zlib | zstd, zstd, Some(9), Some(Algorithm::Zstd { level: 9 })),
            (zlib | zstd, zstd, Some(200), Some(Algorithm::Zstd { level: 22 })),
            (zlib | zstd, zstd, None, Some(Algorithm::Zstd { level: 3 })),
            (zlib, zstd, Some(3), None),
            (zlib | zstd, none, None, None),
            (none, zlib, None, None),
        ] {
            assert_eq!(Algorithm::agreed(offered, asked, level), expected);
        }
    }

    #[test]
    fn frames_are_numbered_by_both_peers_in_turns_and_anew_with_each_command() {
        let mut numbers = Numbers::default();
        numbers.received(0, true).unwrap();
        numbers.received(1, false).unwrap();
        assert_eq!((numbers.send(), numbers.send()), (2, 3));
        numbers.received(4, false).unwrap();
        assert_eq!(numbers.send(), 5);
        assert_eq!(numbers.received(6, true), Err(Violation::FrameNumber { expected: 0, number: 6 }));
        numbers.received(0, true).unwrap();
        assert_eq!(numbers.received(0, false), Err(Violation::FrameNumber { expected: 1, number: 0 }));
        numbers.rest();
        assert_eq!(numbers.send(), 1);
    }

    #[test]
    fn numbers_wrap_at_256() {
        let mut numbers = Numbers::default();
        numbers.received(0, true).unwrap();
        for number in (1..=255).chain([0, 1]) {
            assert_eq!(numbers.send(), number);
        }
    }

    fn packet(number: u8, body: usize) -> Vec<u8> {
        let [a, b, c, ..] = body.to_le_bytes();
        [vec![a, b, c, number], vec![7; body]].concat()
    }

    #[test]
    fn a_message_ends_with_its_last_packet() {
        let mut long = [packet(0, frame::PAYLOAD_MAX), packet(1, 0), packet(0, 3)].concat();
        let mut packets = Packets::default();
        assert!(packets.are_whole());
        let first = packets.next(&mut long);
        assert_eq!((first, packets.are_whole()), (frame::PAYLOAD_MAX + 8, true));
        assert_eq!(packets.wanted(), 4);
        assert_eq!(packets.next(&mut long[first..first + 3]), 3);
        assert_eq!(packets.wanted(), 1);
        assert_eq!(packets.next(&mut long[first + 3..first + 6]), 3);
        assert!(!packets.are_whole());
        assert_eq!(packets.wanted(), 1);
        assert_eq!(packets.next(&mut long[first + 6..]), 1);
        assert!(packets.are_whole());
    }

    proptest! {
        /// However the stream is cut, packets get the numbers their server expects and nothing else changes.
        #[test]
        fn packets_are_numbered_from_where_the_server_expects(
            bodies in proptest::collection::vec(0_usize..300, 1..8),
            from in any::<u8>(), to in any::<u8>(), cut in 1_usize..40,
        ) {
            let stream = |first: u8| -> Vec<u8> {
                let numbered = (0_u8..).map(|number| first.wrapping_add(number)).zip(&bodies);
                numbered.flat_map(|(number, body)| packet(number, *body)).collect()
            };
            let mut packets = Packets::default();
            packets.count_from(to);
            let mut bytes = stream(from);
            for piece in bytes.chunks_mut(cut) {
                let mut at = 0;
                while at < piece.len() {
                    at += packets.next(&mut piece[at..]);
                }
            }
            prop_assert!(packets.are_whole());
            prop_assert_eq!(bytes, stream(to));
        }
    }
}
