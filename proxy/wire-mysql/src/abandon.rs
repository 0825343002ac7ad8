//! How does a handshake end whose client has left?
//!
//! A server counts handshakes that break off (`max_connect_errors`), and in the end takes no more
//! connections from the host they came from: that is the gateway's. A login that it refuses does not
//! count. So what was begun is brought to an end by answers that prove nothing, which every server
//! refuses; one that grants them all the same hears goodbye.

use crate::capabilities::Capabilities;
use crate::frame::{self, HEADER_BYTES};
use crate::message::{EOF, ERROR, OK, Reader, code};
use crate::startup::FIXED;
use crate::violation::Violation;

/// Whom the server is told it refuses: it stands in its log, and nobody has this name.
pub const NOBODY: &[u8] = b"client_left_the_gateway";

/// Packets of a server that are answered; each plugin needs two or three.
const ROUNDS_MAX: u8 = 8;

/// A handshake that is brought to an end. The caller sends what it is given, and hands in what it hears.
#[derive(Debug)]
pub struct Abandoned {
    plugin: Box<[u8]>,
    /// Whether the plugin has gone on beyond its first question.
    went_on: bool,
    /// The number of the next packet.
    number: u8,
    rounds: u8,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// More bytes of the server are needed.
    More,
    /// These many of its bytes are read, and this is the answer (nothing where more of its own follows).
    Answer(usize, Vec<u8>),
    /// The server has refused.
    Over,
    /// The server has granted: this says goodbye.
    Leave(Vec<u8>),
}

/// The request for TLS where the response that follows is to be encrypted.
pub fn tls_request(server: Capabilities) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame::put(1, &front(server, true), &mut bytes);
    bytes
}

/// The response of nobody, without a proof; `tls` says whether a request for TLS went ahead.
pub fn response(server: Capabilities, tls: bool) -> (Vec<u8>, Abandoned) {
    let mut payload = front(server, tls);
    payload.extend_from_slice(NOBODY);
    // The name's end, and no proof.
    payload.extend_from_slice(&[0, 0]);
    let plugin = b"mysql_native_password";
    if server.has(Capabilities::PLUGIN_AUTHENTICATION) {
        payload.extend_from_slice(plugin);
        payload.push(0);
    }
    let number = if tls { 2 } else { 1 };
    let mut bytes = Vec::new();
    frame::put(number, &payload, &mut bytes);
    (bytes, Abandoned::under_way(plugin, false, number + 1))
}

/// Capabilities, packet size, character set and what is reserved.
fn front(server: Capabilities, tls: bool) -> Vec<u8> {
    let wanted = Capabilities::MYSQL
        | Capabilities::PROTOCOL_41
        | Capabilities::SECURE_CONNECTION
        | Capabilities::PLUGIN_AUTHENTICATION;
    let asked = (wanted & (server | Capabilities::MYSQL)).with(Capabilities::TLS, tls);
    let mut front = vec![0; FIXED];
    let [a, b, c, d, ..] = asked.0.to_le_bytes();
    const UTF8MB4: u8 = 45;
    for (place, byte) in front.iter_mut().zip([a, b, c, d, 0, 0, 0, 1, UTF8MB4]) {
        *place = byte;
    }
    front
}

impl Abandoned {
    /// A login under way: `plugin` has the turn, beyond its first question if it `went_on`, and the next
    /// packet has this number.
    pub fn under_way(plugin: &[u8], went_on: bool, number: u8) -> Abandoned {
        Abandoned { plugin: plugin.into(), went_on, number, rounds: 0 }
    }

    /// The answer to what the server has asked and nobody has answered.
    pub fn answer(&mut self) -> Vec<u8> {
        self.say(&vec![0; self.answer_bytes()])
    }

    /// Reads the server's next packet in `input`.
    pub fn server(&mut self, input: &[u8]) -> Result<Next, Violation> {
        let Some((header, body)) = frame::packet(input) else { return Ok(Next::More) };
        self.number = header.sequence.wrapping_add(1);
        self.rounds += 1;
        let (Some((&tag, rest)), true) = (body.split_first(), self.rounds <= ROUNDS_MAX) else {
            return Err(Violation::Endless);
        };
        let len = header.frame();
        Ok(match (tag, rest) {
            (ERROR, _) => Next::Over,
            (OK, _) => {
                let mut bytes = Vec::new();
                frame::put(0, &[code::QUIT], &mut bytes);
                Next::Leave(bytes)
            }
            (EOF, rest) => {
                self.plugin = Reader(rest).terminated().unwrap_or(rest).into();
                self.went_on = false;
                Next::Answer(len, self.answer())
            }
            // The OK follows by itself.
            (1, &[3]) | (3, []) if &*self.plugin == b"caching_sha2_password" => Next::Answer(len, Vec::new()),
            _ => {
                self.went_on = true;
                Next::Answer(len, self.answer())
            }
        })
    }

    /// Bytes of an answer that a server reads and finds wrong. What is too short or too long for its plugin
    /// would count as broken off.
    fn answer_bytes(&self) -> usize {
        const SIGNATURE: usize = 64;
        // A challenge of the client's own, and a signature of both.
        const CHALLENGE_AND_SIGNATURE: usize = 32 + SIGNATURE;
        match (&*self.plugin, self.went_on) {
            (b"parsec", true) => CHALLENGE_AND_SIGNATURE,
            (b"client_ed25519", _) => SIGNATURE,
            (b"mysql_clear_password" | b"sha256_password" | b"dialog", _) | (_, true) => 1,
            (_, false) => 0,
        }
    }

    fn say(&mut self, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + payload.len());
        frame::put(self.number, payload, &mut bytes);
        self.number = self.number.wrapping_add(1);
        bytes
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::startup::{self, Answer};

    const SERVER: Capabilities = Capabilities(0xffff_fffe);

    fn packet(sequence: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        frame::put(sequence, payload, &mut bytes);
        bytes
    }

    #[test]
    fn the_response_is_one_and_proves_nothing() {
        for tls in [false, true] {
            let (bytes, _) = response(SERVER, tls);
            let read = startup::answer(&bytes, tls);
            let Ok(Some((Answer::Response(response), len))) = read else { panic!("{read:?}") };
            assert_eq!((len, response.user, response.proof), (bytes.len(), NOBODY, &b""[..]));
            assert_eq!(response.plugin, b"mysql_native_password");
            assert_eq!(response.capabilities.has(Capabilities::TLS), tls);
        }
        assert_eq!(startup::answer(&tls_request(SERVER), false), Ok(Some((Answer::Tls, 36))));
    }

    #[test]
    fn a_refusal_ends_it_and_a_login_is_left_again() {
        let (_, mut abandoned) = response(SERVER, false);
        assert_eq!(abandoned.server(&packet(2, b"\xff\x15\x04#28000no")), Ok(Next::Over));
        let (_, mut abandoned) = response(SERVER, false);
        assert_eq!(abandoned.server(&packet(2, b"\0\0\0\x02\0\0\0")), Ok(Next::Leave(packet(0, &[1]))));
    }

    #[test]
    fn each_plugin_gets_an_answer_of_the_length_it_reads() {
        for (plugin, answer) in [
            ("mysql_native_password", 0),
            ("caching_sha2_password", 0),
            ("client_ed25519", 64),
            ("mysql_clear_password", 1),
            ("parsec", 0),
        ] {
            let mut abandoned = Abandoned::under_way(b"mysql_native_password", false, 2);
            let asked = packet(2, &[&[EOF][..], plugin.as_bytes(), b"\0saltsaltsaltsaltsalt\0"].concat());
            let expected = Next::Answer(asked.len(), packet(3, &vec![0; answer]));
            assert_eq!(abandoned.server(&asked), Ok(expected), "{plugin}");
        }
        let mut abandoned = Abandoned::under_way(b"caching_sha2_password", false, 2);
        assert_eq!(abandoned.server(&packet(2, &[1, 4])), Ok(Next::Answer(6, packet(3, &[0]))));
        assert_eq!(abandoned.server(&packet(4, &[1, 3])), Ok(Next::Answer(6, Vec::new())));
    }

    #[test]
    fn a_server_that_asks_and_asks_is_left() {
        let mut abandoned = Abandoned::under_way(b"dialog", false, 0);
        let ends =
            (0..u8::MAX).find(|round| abandoned.server(&packet(round * 2, b"\x04Password: ")).is_err());
        assert_eq!(ends, Some(ROUNDS_MAX));
    }
}
