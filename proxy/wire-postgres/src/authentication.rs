//! May this login be relayed, and what of it has to be changed on the way?
//!
//! The gateway holds no secrets of its own here: it passes the server's challenges and the client's
//! answers on. [`Relay`] watches both and decides three things: whether the server asked for any
//! proof at all, whether SCRAM with channel binding can work over these hops (RFC 5802, RFC 5929:
//! the proof is bound to one TLS connection's certificate, and there may be two), and which methods
//! cannot be relayed by nature.

use crate::frame::{self, HEADER_BYTES};
use crate::violation::Violation;

/// How the two hops are secured, as far as channel binding cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hops {
    /// The client speaks plaintext: it must not be offered channel binding.
    PlaintextClient,
    /// The client speaks TLS, and what it would bind to is not what the server has.
    Separate,
    /// The listener shows the upstream's own certificate: bindings agree.
    SameCertificate,
}

/// What to do with a message of the server during login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// More bytes are needed.
    More,
    /// Pass these many bytes on as they are; the client's answer follows or more of the server's.
    Pass(usize),
    /// Pass `bytes` on in place of the first `len` bytes.
    Replace {
        /// Bytes of the server's message.
        len: usize,
        /// What goes to the client instead.
        bytes: Vec<u8>,
    },
    /// The login succeeded; the message is `len` bytes, not yet passed on.
    Granted {
        /// Bytes of the server's message.
        len: usize,
        /// Whether the client had to prove anything.
        proved: bool,
    },
    /// The login cannot be relayed.
    Impossible(Obstacle),
    /// The server refused: pass these many bytes on, then the connection ends.
    Failed {
        /// Bytes of the server's message.
        len: usize,
        /// The server's SQLSTATE.
        sqlstate: Option<[u8; 5]>,
    },
}

/// Why a login cannot be relayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// GSSAPI tokens name the host the client thinks it talks to.
    Gss,
    /// SSPI, for the same reason.
    Sspi,
    /// The client bound its proof to the gateway's certificate, the server expects its own.
    ChannelBinding,
    /// A method this version does not know.
    Unknown(u32),
}

/// Watches one login.
#[derive(Debug)]
pub struct Relay {
    hops: Hops,
    challenged: bool,
    awaits_answer: bool,
    awaits_mechanism: bool,
}

impl Relay {
    /// A login about to begin.
    pub fn new(hops: Hops) -> Relay {
        Relay { hops, challenged: false, awaits_answer: false, awaits_mechanism: false }
    }

    /// Judges the first message of the server in `input`.
    pub fn server(&mut self, input: &[u8]) -> Result<Challenge, Violation> {
        let Some(header) = frame::server(input)? else { return Ok(Challenge::More) };
        // Nothing a server sends before it accepts a login is long; a hostile one gets no buffer.
        if header.body > 64 * 1024 {
            return Err(Violation::Server(header.tag));
        }
        let Some(body) = input.get(HEADER_BYTES..header.frame()) else { return Ok(Challenge::More) };
        match header.tag {
            b'R' => self.authentication(header.frame(), body),
            b'E' => {
                let facts = crate::message::error(body);
                Ok(Challenge::Failed { len: header.frame(), sqlstate: facts.sqlstate })
            }
            // NegotiateProtocolVersion, NoticeResponse and whatever comes later.
            _ => Ok(Challenge::Pass(header.frame())),
        }
    }

    fn authentication(&mut self, len: usize, body: &[u8]) -> Result<Challenge, Violation> {
        let (code, rest) = body.split_first_chunk::<4>().ok_or(Violation::Server(b'R'))?;
        let code = u32::from_be_bytes(*code);
        match code {
            0 => return Ok(Challenge::Granted { len, proved: self.challenged }),
            // Cleartext password, MD5.
            3 | 5 => (self.challenged, self.awaits_answer) = (true, true),
            10 => {
                (self.challenged, self.awaits_answer) = (true, true);
                self.awaits_mechanism = true;
                return Ok(self.mechanisms(len, rest));
            }
            // SASLContinue; SASLFinal needs no answer.
            11 => self.awaits_answer = true,
            12 => {}
            7 | 8 => return Ok(Challenge::Impossible(Obstacle::Gss)),
            9 => return Ok(Challenge::Impossible(Obstacle::Sspi)),
            other => return Ok(Challenge::Impossible(Obstacle::Unknown(other))),
        }
        Ok(Challenge::Pass(len))
    }

    /// A client in plaintext is not offered `-PLUS`: libpq would treat the offer as an error.
    fn mechanisms(&self, len: usize, list: &[u8]) -> Challenge {
        let offered = list.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        if self.hops != Hops::PlaintextClient || !offered.clone().any(|name| name.ends_with(b"-PLUS")) {
            return Challenge::Pass(len);
        }
        let mut body = 10u32.to_be_bytes().to_vec();
        for name in offered.filter(|name| !name.ends_with(b"-PLUS")) {
            body.extend_from_slice(name);
            body.push(0);
        }
        body.push(0);
        let mut bytes = vec![b'R'];
        let length = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&body);
        Challenge::Replace { len, bytes }
    }

    /// Judges the client's next answer in `input`: how many bytes may pass, `None` when more are
    /// needed or nothing was asked, or why the login ends here. What a client sends before it is
    /// asked waits: its first requests may come together with its last answer.
    pub fn client(&mut self, input: &[u8]) -> Result<Result<Option<usize>, Obstacle>, Violation> {
        if !self.awaits_answer {
            return Ok(Ok(None));
        }
        let Some(header) = frame::client_login(input)? else { return Ok(Ok(None)) };
        let Some(body) = input.get(HEADER_BYTES..header.frame()) else { return Ok(Ok(None)) };
        self.awaits_answer = false;
        if self.awaits_mechanism {
            self.awaits_mechanism = false;
            let plus = body.split(|byte| *byte == 0).next().is_some_and(|name| name.ends_with(b"-PLUS"));
            if plus && self.hops != Hops::SameCertificate {
                return Ok(Err(Obstacle::ChannelBinding));
            }
        }
        Ok(Ok(Some(header.frame())))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn request(code: u32, rest: &[u8]) -> Vec<u8> {
        let mut bytes = vec![b'R'];
        bytes.extend(u32::try_from(rest.len() + 8).unwrap().to_be_bytes());
        bytes.extend(code.to_be_bytes());
        bytes.extend(rest);
        bytes
    }

    fn answer(body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![b'p'];
        bytes.extend(u32::try_from(body.len() + 4).unwrap().to_be_bytes());
        bytes.extend(body);
        bytes
    }

    const BOTH: &[u8] = b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0";

    #[test]
    fn a_login_without_a_challenge_is_not_proved() {
        let granted = request(0, b"");
        let mut relay = Relay::new(Hops::PlaintextClient);
        assert_eq!(relay.server(&granted), Ok(Challenge::Granted { len: 9, proved: false }));
        let mut relay = Relay::new(Hops::PlaintextClient);
        assert_eq!(relay.server(&request(5, b"salt")), Ok(Challenge::Pass(13)));
        assert_eq!(relay.server(&granted), Ok(Challenge::Granted { len: 9, proved: true }));
    }

    #[test]
    fn a_client_in_plaintext_is_not_offered_channel_binding() {
        let mut relay = Relay::new(Hops::PlaintextClient);
        let offer = request(10, BOTH);
        let bytes = request(10, b"SCRAM-SHA-256\0\0");
        assert_eq!(relay.server(&offer), Ok(Challenge::Replace { len: offer.len(), bytes }));
    }

    #[test]
    fn a_client_over_tls_gets_the_list_as_it_is() {
        for hops in [Hops::Separate, Hops::SameCertificate] {
            let offer = request(10, BOTH);
            assert_eq!(Relay::new(hops).server(&offer), Ok(Challenge::Pass(offer.len())));
        }
    }

    #[test]
    fn channel_binding_passes_only_where_the_certificates_are_the_same() {
        let plus = answer(b"SCRAM-SHA-256-PLUS\0\0\0\0\x04p=..");
        let plain = answer(b"SCRAM-SHA-256\0\0\0\0\x03n,,");
        for (hops, bytes, expected) in [
            (Hops::Separate, &plus, Err(Obstacle::ChannelBinding)),
            (Hops::SameCertificate, &plus, Ok(Some(plus.len()))),
            (Hops::Separate, &plain, Ok(Some(plain.len()))),
        ] {
            let mut relay = Relay::new(hops);
            relay.server(&request(10, BOTH)).unwrap();
            assert_eq!(relay.client(bytes), Ok(expected));
        }
    }

    #[test]
    fn what_cannot_be_relayed_is_named() {
        for (code, obstacle) in
            [(7, Obstacle::Gss), (8, Obstacle::Gss), (9, Obstacle::Sspi), (77, Obstacle::Unknown(77))]
        {
            let mut relay = Relay::new(Hops::Separate);
            assert_eq!(relay.server(&request(code, b"")), Ok(Challenge::Impossible(obstacle)));
        }
    }

    #[test]
    fn every_prefix_asks_for_more() {
        let offer = request(10, BOTH);
        for end in 0..offer.len() {
            assert_eq!(Relay::new(Hops::Separate).server(&offer[..end]), Ok(Challenge::More));
        }
        let bytes = answer(b"SCRAM-SHA-256\0\0\0\0\x03n,,");
        for end in 0..bytes.len() {
            let mut relay = Relay::new(Hops::Separate);
            relay.server(&offer).unwrap();
            assert_eq!(relay.client(&bytes[..end]), Ok(Ok(None)));
        }
    }

    #[test]
    fn requests_sent_behind_the_last_answer_wait_for_the_login() {
        let mut relay = Relay::new(Hops::PlaintextClient);
        let query = b"Q\0\0\0\x05\0";
        assert_eq!(relay.client(query), Ok(Ok(None)), "nothing was asked yet");
        relay.server(&request(3, b"")).unwrap();
        assert_eq!(relay.client(query), Err(Violation::NotAuthentication(b'Q')), "an answer was asked for");
        let password = answer(b"secret\0");
        assert_eq!(relay.client(&password), Ok(Ok(Some(password.len()))));
        assert_eq!(relay.client(query), Ok(Ok(None)), "answered, not yet granted");
    }
}
