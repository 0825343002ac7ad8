//! May this login be relayed, and what of it has to be changed on the way?
//!
//! The gateway holds no secrets of its own here: it passes the server's challenges and the client's
//! answers on. [`Relay`] watches both and decides three things: whether the client proved anything
//! at all, whether the plugin can work over these hops (some send the password itself where they
//! believe the connection private, and something else where they do not), and which plugins cannot
//! be relayed by nature. It changes the sequence numbers where only one hop has TLS: the request for
//! TLS has a number of its own.

use crate::frame::{self, HEADER_BYTES, Header};
use crate::message::{self, EOF, ERROR, OK, Reader};
use crate::violation::Violation;
use std::fmt;

/// How private the two hops are: by TLS, or because they do not leave the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hops {
    /// Both in plaintext.
    Plaintext,
    /// Both private.
    Private,
    /// Only the client's.
    PrivateClient,
    /// Only the server's.
    PrivateServer,
}

impl Hops {
    /// Whether the client does what the server expects of a hop like its own.
    fn are_alike(self) -> bool {
        matches!(self, Hops::Plaintext | Hops::Private)
    }
}

/// What to do with a packet of the server during login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// More bytes are needed.
    More,
    /// Pass these many bytes on, under [`Relay::client_number`]; the client's answer follows or more of
    /// the server's.
    Pass(usize),
    /// The login succeeded; the packet is `len` bytes, not yet passed on.
    Granted {
        /// Bytes of the server's packet.
        len: usize,
        /// Whether the client had to prove anything.
        proved: bool,
    },
    /// The login cannot be relayed.
    Impossible(Obstacle),
    /// The server refused: pass these many bytes on, then the connection ends.
    Failed {
        /// Bytes of the server's packet.
        len: usize,
        /// The server's SQLSTATE.
        sqlstate: Option<[u8; 5]>,
    },
}

/// Why a login cannot be relayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The plugin would need the password itself on one hop and an encrypted one on the other.
    UnlikeHops,
    /// The plugin sends the password itself, and not both hops are private.
    Clear,
    /// The plugin's tokens name the host the client thinks it talks to.
    HostBound(Box<str>),
    /// The passwords of before MySQL 4.1.
    TooOld,
    /// A plugin this version does not know, over hops that are not alike.
    Unknown(Box<str>),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::UnlikeHops => formatter.write_str(
                "the server asks for the whole password, which is sent one way over TLS and another without, and only one of the two connections has TLS",
            ),
            Obstacle::Clear => {
                formatter.write_str("the password would travel unencrypted on one of the two connections")
            }
            Obstacle::HostBound(plugin) => {
                write!(formatter, "tokens of `{plugin}` name the host the client connected to")
            }
            Obstacle::TooOld => formatter.write_str("the server asks for a password of before MySQL 4.1"),
            Obstacle::Unknown(plugin) => {
                write!(formatter, "`{plugin}` is a plugin this gateway does not know")
            }
        }
    }
}

/// Watches one login, from the client's response on.
#[derive(Debug)]
pub struct Relay {
    hops: Hops,
    plugin: Box<[u8]>,
    proved: bool,
    awaits_answer: bool,
    /// How far the client's numbers are ahead of the server's.
    ahead: u8,
}

impl Relay {
    /// A login about to go to the server, with what the client has proved by `plugin` so far. `ahead`
    /// is how far the client's sequence numbers are ahead of the server's (modulo 256).
    pub fn new(hops: Hops, plugin: &[u8], proof: &[u8], ahead: u8) -> Result<Relay, Obstacle> {
        let relay = Relay { hops, plugin: plugin.into(), proved: proves(proof), awaits_answer: false, ahead };
        // What proves nothing gives nothing away either; the server will name the plugin it wants.
        if proves(proof) { relay.permits(plugin).map(|()| relay) } else { Ok(relay) }
    }

    /// Judges the first packet of the server in `input`.
    pub fn server(&mut self, input: &[u8]) -> Result<Challenge, Violation> {
        let Some(header) = bounded(input, Violation::Server(0))? else { return Ok(Challenge::More) };
        match input.get(HEADER_BYTES..header.frame()) {
            Some(body) => self.judge(header.frame(), body),
            None => Ok(Challenge::More),
        }
    }

    /// Judges a packet of the server of `len` bytes by its `body`, or the front of a long one.
    pub(crate) fn judge(&mut self, len: usize, body: &[u8]) -> Result<Challenge, Violation> {
        Ok(match body.split_first() {
            Some((&OK, _)) => Challenge::Granted { len, proved: self.proved },
            Some((&ERROR, _)) => Challenge::Failed { len, sqlstate: message::error(body).sqlstate },
            // A packet of one byte asks for the passwords of before MySQL 4.1.
            Some((&EOF, [])) => Challenge::Impossible(Obstacle::TooOld),
            Some((&EOF, rest)) => {
                let plugin = Reader(rest).terminated().unwrap_or(rest);
                if let Err(obstacle) = self.permits(plugin) {
                    return Ok(Challenge::Impossible(obstacle));
                }
                self.plugin = plugin.into();
                self.proved = false;
                self.awaits_answer = true;
                Challenge::Pass(len)
            }
            Some((_, rest)) => self.more(len, rest),
            None => return Err(Violation::Server(0)),
        })
    }

    /// The plugin goes on with something of its own.
    fn more(&mut self, len: usize, rest: &[u8]) -> Challenge {
        const FAST_GRANTED: &[u8] = &[3];
        const FULL_WANTED: &[u8] = &[4];
        let caching = &*self.plugin == b"caching_sha2_password";
        if caching && rest == FULL_WANTED && !self.hops.are_alike() {
            return Challenge::Impossible(Obstacle::UnlikeHops);
        }
        // The scramble was right: the OK follows by itself.
        self.awaits_answer = !(caching && rest == FAST_GRANTED);
        Challenge::Pass(len)
    }

    /// Whether `plugin` can work over these hops.
    fn permits(&self, plugin: &[u8]) -> Result<(), Obstacle> {
        let named = || String::from_utf8_lossy(plugin).into_owned().into_boxed_str();
        match plugin {
            // Proofs made from a challenge, whatever the hops. caching_sha2_password may ask for more.
            b"" | b"mysql_native_password" | b"caching_sha2_password" | b"client_ed25519" | b"parsec" => {
                Ok(())
            }
            b"sha256_password" if self.hops.are_alike() => Ok(()),
            b"sha256_password" => Err(Obstacle::UnlikeHops),
            b"mysql_clear_password" | b"dialog" if self.hops == Hops::Private => Ok(()),
            b"mysql_clear_password" | b"dialog" => Err(Obstacle::Clear),
            b"auth_gssapi_client" | b"authentication_kerberos_client" | b"authentication_windows_client" => {
                Err(Obstacle::HostBound(named()))
            }
            b"mysql_old_password" => Err(Obstacle::TooOld),
            _ if self.hops.are_alike() => Ok(()),
            _ => Err(Obstacle::Unknown(named())),
        }
    }

    /// Judges the client's next answer in `input`: how many bytes may pass, under
    /// [`Relay::server_number`]; `None` when more are needed or nothing was asked. What a client sends
    /// before it is asked waits: its first requests may come together with its last answer.
    pub fn client(&mut self, input: &[u8]) -> Result<Option<usize>, Violation> {
        if !self.awaits_answer {
            return Ok(None);
        }
        let Some(header) = bounded(input, Violation::StartupLength)? else { return Ok(None) };
        let Some(body) = input.get(HEADER_BYTES..header.frame()) else { return Ok(None) };
        self.awaits_answer = false;
        self.proved = proves(body);
        Ok(Some(header.frame()))
    }

    /// Gives a packet of the server the number its client expects.
    pub fn client_number(&self, packet: &mut [u8]) {
        if let Some(header) = frame::header(packet) {
            frame::renumber(packet, header.sequence.wrapping_add(self.ahead));
        }
    }

    /// Gives a packet of the client the number its server expects.
    pub fn server_number(&self, packet: &mut [u8]) {
        if let Some(header) = frame::header(packet) {
            frame::renumber(packet, header.sequence.wrapping_sub(self.ahead));
        }
    }
}

/// An empty password is answered with nothing, or with its terminator alone.
fn proves(proof: &[u8]) -> bool {
    !proof.is_empty() && proof != [0]
}

/// Nothing a peer sends before a login is done is long; a hostile one gets no buffer.
fn bounded(input: &[u8], violation: Violation) -> Result<Option<Header>, Violation> {
    match frame::header(input) {
        Some(header) if header.body > 64 * 1024 => Err(violation),
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn packet(sequence: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        frame::put(sequence, payload, &mut bytes);
        bytes
    }

    fn granted() -> Vec<u8> {
        packet(2, b"\0\0\0\x02\0\0\0")
    }

    fn switch(plugin: &str) -> Vec<u8> {
        packet(2, &[&[EOF][..], plugin.as_bytes(), b"\0saltsaltsaltsaltsalt\0"].concat())
    }

    fn relay(hops: Hops, plugin: &str, proof: &[u8]) -> Relay {
        Relay::new(hops, plugin.as_bytes(), proof, 0).unwrap()
    }

    const NATIVE: &str = "mysql_native_password";
    const CACHING: &str = "caching_sha2_password";

    #[test]
    fn a_login_without_a_proof_is_not_proved() {
        for (proof, proved) in [(&b""[..], false), (b"\0", false), (b"twenty bytes of hash", true)] {
            let mut relay = relay(Hops::Plaintext, NATIVE, proof);
            assert_eq!(relay.server(&granted()), Ok(Challenge::Granted { len: 11, proved }));
        }
    }

    #[test]
    fn what_was_proved_by_another_plugin_does_not_count() {
        let mut relay = relay(Hops::Plaintext, CACHING, b"thirty-two bytes");
        let asked = switch(NATIVE);
        assert_eq!(relay.server(&asked), Ok(Challenge::Pass(asked.len())));
        let nothing = packet(3, b"");
        assert_eq!(relay.client(&nothing), Ok(Some(4)));
        assert_eq!(relay.server(&granted()), Ok(Challenge::Granted { len: 11, proved: false }));
    }

    #[test]
    fn the_whole_password_passes_only_where_the_hops_are_alike() {
        for (hops, passes) in [
            (Hops::Plaintext, true),
            (Hops::Private, true),
            (Hops::PrivateClient, false),
            (Hops::PrivateServer, false),
        ] {
            let mut relay = relay(hops, CACHING, b"thirty-two bytes");
            let expected =
                if passes { Challenge::Pass(6) } else { Challenge::Impossible(Obstacle::UnlikeHops) };
            assert_eq!(relay.server(&packet(2, &[1, 4])), Ok(expected));
            let mut relay = super::Relay::new(hops, b"", b"", 0).unwrap();
            assert_eq!(matches!(relay.server(&switch("sha256_password")), Ok(Challenge::Pass(_))), passes);
        }
    }

    #[test]
    fn a_warm_cache_grants_over_any_hops_and_without_another_answer() {
        let mut relay = relay(Hops::PrivateClient, CACHING, b"thirty-two bytes");
        assert_eq!(relay.server(&packet(2, &[1, 3])), Ok(Challenge::Pass(6)));
        assert_eq!(relay.client(b"\x01\0\0\0\x0e"), Ok(None), "nothing was asked");
        assert_eq!(relay.server(&granted()), Ok(Challenge::Granted { len: 11, proved: true }));
    }

    #[test]
    fn a_key_that_is_asked_for_in_plaintext_passes_and_so_does_what_it_encrypts() {
        let mut relay = relay(Hops::Plaintext, CACHING, b"thirty-two bytes");
        for (challenge, answer) in [(&[1, 4][..], &[2][..]), (b"\x01-----BEGIN PUBLIC KEY-----", &[9; 256])] {
            let challenge = packet(2, challenge);
            assert_eq!(relay.server(&challenge), Ok(Challenge::Pass(challenge.len())));
            let answer = packet(3, answer);
            assert_eq!(relay.client(&answer), Ok(Some(answer.len())));
        }
        assert_eq!(relay.server(&granted()), Ok(Challenge::Granted { len: 11, proved: true }));
    }

    #[test]
    fn what_cannot_be_relayed_is_named() {
        for (hops, plugin, obstacle) in [
            (Hops::Plaintext, "mysql_clear_password", Some(Obstacle::Clear)),
            (Hops::PrivateClient, "dialog", Some(Obstacle::Clear)),
            (Hops::Private, "dialog", None),
            (Hops::Private, "auth_gssapi_client", Some(Obstacle::HostBound("auth_gssapi_client".into()))),
            (Hops::Private, "of_tomorrow", None),
            (Hops::PrivateServer, "of_tomorrow", Some(Obstacle::Unknown("of_tomorrow".into()))),
            (Hops::PrivateServer, "client_ed25519", None),
        ] {
            let asked = switch(plugin);
            let expected = obstacle.clone().map_or(Challenge::Pass(asked.len()), Challenge::Impossible);
            assert_eq!(relay(hops, NATIVE, b"").server(&asked), Ok(expected), "{plugin}");
            let unasked = Relay::new(hops, plugin.as_bytes(), b"secret\0", 0);
            assert_eq!(unasked.err(), obstacle, "{plugin}");
        }
    }

    #[test]
    fn numbers_are_each_hops_own() {
        let relay = Relay::new(Hops::PrivateClient, b"", b"", 1).unwrap();
        let mut bytes = granted();
        relay.client_number(&mut bytes);
        assert_eq!(frame::header(&bytes).unwrap().sequence, 3);
        relay.server_number(&mut bytes);
        assert_eq!(bytes, granted());
        let relay = Relay::new(Hops::PrivateServer, b"", b"", 0u8.wrapping_sub(1)).unwrap();
        relay.client_number(&mut bytes);
        assert_eq!(frame::header(&bytes).unwrap().sequence, 1);
    }

    #[test]
    fn every_prefix_asks_for_more() {
        let asked = switch(NATIVE);
        for end in 0..asked.len() {
            assert_eq!(relay(Hops::Plaintext, NATIVE, b"").server(&asked[..end]), Ok(Challenge::More));
        }
        let answer = packet(3, b"twenty bytes of hash");
        for end in 0..answer.len() {
            let mut relay = relay(Hops::Plaintext, NATIVE, b"");
            relay.server(&asked).unwrap();
            assert_eq!(relay.client(&answer[..end]), Ok(None));
        }
    }

    #[test]
    fn requests_sent_behind_the_last_answer_wait_for_the_login() {
        let mut relay = relay(Hops::Plaintext, NATIVE, b"twenty bytes of hash");
        assert_eq!(relay.client(b"\x01\0\0\0\x0e"), Ok(None), "nothing was asked yet");
    }
}
