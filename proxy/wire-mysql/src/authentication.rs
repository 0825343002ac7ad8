//! May this login be relayed, and what of it has to be changed on the way?
//!
//! The gateway holds no secrets of its own here: it passes the server's challenges and the client's
//! answers on. [`Relay`] watches both and decides: whether the client proved anything at all, whether
//! the plugin can work over these hops (some send the password itself where they believe the
//! connection private, and hide it under a key where they do not), which plugins cannot be relayed by
//! nature, and whether the login comes to an end. Each hop has numbers of its own: the request for TLS
//! takes one, and so does what only one of the hops needs.
//!
//! ```text
//! caching_sha2_password, when the server wants the whole password:
//!
//! only the server's hop is private             only the client's hop is private
//! client  01 04                 <- server      client  01 04                 <- server
//! client  02                  ->               client  the password        ->
//!         01 and our key     <-                        02                    -> server
//! client  hidden under it     ->                       01 and its key        <- server
//!         the password          -> server              hidden under it       -> server
//! ```

use crate::abandon::Abandoned;
use crate::frame::{self, HEADER_BYTES, Header};
use crate::message::{self, EOF, ERROR, FILE, OK, Reader};
use crate::violation::Violation;
use std::fmt;

/// Packets a server may send before it grants a login or refuses it: more than any plugin and any number of
/// factors and questions need.
const ROUNDS_MAX: u8 = 64;

/// Bytes of a challenge that hide a password.
pub const CHALLENGE_BYTES: usize = 20;

/// The client's request for the key that a password is to be hidden under (caching_sha2_password).
const KEY_REQUEST: &[u8] = &[2];

/// First byte of what a plugin goes on with.
const MORE: u8 = 1;

/// First byte of the server's request for another factor, where both sides know of more than one.
const NEXT_FACTOR: u8 = 2;

const CACHING: &[u8] = b"caching_sha2_password";

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
    /// These many bytes bring the server's key ([`key`] finds it): they do not pass, and the password that is
    /// held is sent hidden under it ([`Relay::answer`]).
    Key(usize),
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

/// What to do with a packet of the client during login: each is so many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It passes, under [`Relay::server_number`].
    Pass(usize),
    /// It asks for a key and does not pass: the gateway's own is the answer ([`Relay::key_packet`]).
    KeyWanted(usize),
    /// The password, hidden under the gateway's key: what it reveals is sent ([`Relay::answer`]).
    Hidden(usize),
    /// The password itself: it is held, and the server asked for its key ([`Relay::key_request`]).
    Clear(usize),
}

impl Said {
    /// Bytes of the packet.
    pub fn bytes(self) -> usize {
        match self {
            Said::Pass(len) | Said::KeyWanted(len) | Said::Hidden(len) | Said::Clear(len) => len,
        }
    }
}

/// Why a login cannot be relayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The plugin would need the password itself on one hop and an encrypted one on the other.
    UnlikeHops,
    /// The server's key would come over a network in plaintext, where anybody could give theirs.
    UntrustedKey,
    /// What the server gave is no key, or too weak a one.
    BadKey,
    /// What the client sent was not hidden under the gateway's key.
    AnotherKey,
    /// The plugin sends the password itself, and not both hops are private.
    Clear,
    /// The plugin's tokens name the host the client thinks it talks to.
    HostBound(Box<str>),
    /// The passwords of before MySQL 4.1.
    TooOld,
    /// A plugin this version does not know, over hops that are not alike.
    Unknown(Box<str>),
    /// Nobody can tell which user or database the server takes a name for.
    Name,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::UnlikeHops => formatter.write_str(
                "the server asks for the whole password, which is sent one way over TLS and another without, and only one of the two connections has TLS",
            ),
            Obstacle::UntrustedKey => formatter.write_str(
                "the server asks for the whole password over a network in plaintext, where anybody could hand out a key to read it with",
            ),
            Obstacle::BadKey => {
                formatter.write_str("what the server gave to hide the password under is no RSA key of 2048 bits or more, or the password is too long for it")
            }
            Obstacle::AnotherKey => {
                formatter.write_str("the password was not hidden under the gateway's key")
            }
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
            Obstacle::Name => formatter.write_str(
                "the name of its user or database is too long, or not in the character set it should be in",
            ),
        }
    }
}

/// The number of the next packet on each hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// On the client's.
    pub client: u8,
    /// On the server's.
    pub server: u8,
}

/// A login about to go to the server.
#[derive(Clone, Copy, Debug)]
pub struct Login<'a> {
    /// How private the hops are.
    pub hops: Hops,
    /// The plugin of the proof.
    pub plugin: &'a [u8],
    /// What the client answered the greeting's challenge with.
    pub proof: &'a [u8],
    /// The greeting's challenge.
    pub challenge: [u8; CHALLENGE_BYTES],
    /// Whether both sides know of more than one factor.
    pub factors: bool,
    /// Whether a key the server gives in plaintext is trusted to be its own.
    pub trusts_key: bool,
    /// The numbers that follow the response.
    pub numbers: Numbers,
}

/// Whose way the whole password goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whole {
    /// The client's own, if it is sent at all.
    Relayed,
    /// The client may ask for a key once more, then it sends the password hidden.
    AwaitsHidden { may_ask: bool },
    /// The client sends the password itself.
    AwaitsClear,
    /// The server sends its key.
    AwaitsKey,
}

/// Watches one login, from the client's response on.
#[derive(Debug)]
pub struct Relay {
    hops: Hops,
    plugin: Box<[u8]>,
    challenge: [u8; CHALLENGE_BYTES],
    proved: bool,
    /// Whether an earlier factor was proved.
    proved_before: bool,
    factors: bool,
    trusts_key: bool,
    whole: Whole,
    /// Whether the plugin has gone on beyond its first question.
    went_on: bool,
    /// Whether the client is to answer.
    awaits_answer: bool,
    /// Whether the server waits for something.
    owes_server: bool,
    rounds: u8,
    /// `None` within a session, whose numbers are followed there.
    numbers: Option<Numbers>,
}

impl Relay {
    /// A login within a session (a change of user), with what the client has proved by `plugin` so far.
    /// There the whole password does not change its form on the way. `factors` says whether both sides know
    /// of more than one.
    pub fn new(hops: Hops, plugin: &[u8], proof: &[u8], factors: bool) -> Result<Relay, Obstacle> {
        let relay = Relay {
            hops,
            plugin: plugin.into(),
            challenge: [0; CHALLENGE_BYTES],
            proved: proves(proof),
            proved_before: false,
            factors,
            trusts_key: false,
            whole: Whole::Relayed,
            went_on: false,
            awaits_answer: false,
            owes_server: false,
            rounds: 0,
            numbers: None,
        };
        // What proves nothing gives nothing away either; the server will name the plugin it wants.
        if proves(proof) { relay.permits(plugin).map(|()| relay) } else { Ok(relay) }
    }

    /// A login that opens a session.
    pub fn of_login(login: &Login<'_>) -> Result<Relay, Obstacle> {
        let Login { hops, plugin, proof, challenge, factors, trusts_key, numbers } = *login;
        let relay = Relay::new(hops, plugin, proof, factors)?;
        Ok(Relay { challenge, trusts_key, numbers: Some(numbers), ..relay })
    }

    /// Judges the first packet of the server in `input`.
    pub fn server(&mut self, input: &[u8]) -> Result<Challenge, Violation> {
        let Some(header) = bounded(input, Violation::Server(0))? else { return Ok(Challenge::More) };
        let Some(body) = input.get(HEADER_BYTES..header.frame()) else { return Ok(Challenge::More) };
        if let Some(numbers) = &mut self.numbers {
            numbers.server = in_order(header.sequence, numbers.server)?;
        }
        self.judge(header.frame(), body)
    }

    /// Judges a packet of the server of `len` bytes by its `body`, or the front of a long one.
    pub(crate) fn judge(&mut self, len: usize, body: &[u8]) -> Result<Challenge, Violation> {
        self.rounds = self.rounds.saturating_add(1);
        if self.rounds > ROUNDS_MAX {
            return Err(Violation::Endless);
        }
        match body.split_first() {
            Some((&OK, _)) => Ok(Challenge::Granted { len, proved: self.proved || self.proved_before }),
            Some((&ERROR, _)) => Ok(Challenge::Failed { len, sqlstate: message::error(body).sqlstate }),
            // A packet of one byte asks for the passwords of before MySQL 4.1.
            Some((&EOF, [])) => Ok(Challenge::Impossible(Obstacle::TooOld)),
            Some((&EOF, rest)) => Ok(self.asks_by(len, rest)),
            Some((&NEXT_FACTOR, rest)) if self.factors => {
                self.proved_before |= self.proved;
                Ok(self.asks_by(len, rest))
            }
            Some((&FILE, _)) => Err(Violation::File),
            Some((&tag, rest)) => self.more(len, tag, rest),
            None => Err(Violation::Server(0)),
        }
    }

    /// The server names a plugin and challenges anew.
    fn asks_by(&mut self, len: usize, rest: &[u8]) -> Challenge {
        let mut reader = Reader(rest);
        let plugin = reader.terminated().unwrap_or(rest);
        if let Err(obstacle) = self.permits(plugin) {
            return Challenge::Impossible(obstacle);
        }
        self.plugin = plugin.into();
        self.challenge = [0; CHALLENGE_BYTES];
        for (place, byte) in self.challenge.iter_mut().zip(reader.0) {
            *place = *byte;
        }
        self.proved = false;
        self.went_on = false;
        self.whole = Whole::Relayed;
        self.is_asked();
        Challenge::Pass(len)
    }

    /// The plugin goes on with something of its own.
    fn more(&mut self, len: usize, tag: u8, rest: &[u8]) -> Result<Challenge, Violation> {
        const FAST_GRANTED: u8 = 3;
        const FULL_WANTED: u8 = 4;
        self.went_on = true;
        if &*self.plugin != CACHING {
            self.is_asked();
            return Ok(Challenge::Pass(len));
        }
        // Some servers leave out the byte that says: more.
        match (self.whole, tag, rest) {
            (Whole::AwaitsKey, MORE, _) => return Ok(Challenge::Key(len)),
            (Whole::AwaitsKey, ..) => return Err(Violation::Server(tag)),
            (_, MORE, &[FULL_WANTED]) | (_, FULL_WANTED, []) => {
                self.whole = match self.hops {
                    Hops::Plaintext | Hops::Private => Whole::Relayed,
                    // Within a session nobody stands by with a key.
                    _ if self.numbers.is_none() => return Ok(Challenge::Impossible(Obstacle::UnlikeHops)),
                    Hops::PrivateServer => Whole::AwaitsHidden { may_ask: true },
                    Hops::PrivateClient if self.trusts_key => Whole::AwaitsClear,
                    Hops::PrivateClient => return Ok(Challenge::Impossible(Obstacle::UntrustedKey)),
                };
                self.is_asked();
            }
            // The scramble was right: the OK follows by itself.
            (_, MORE, &[FAST_GRANTED]) | (_, FAST_GRANTED, []) => self.awaits_answer = false,
            (_, MORE, _) => self.is_asked(),
            _ => return Err(Violation::Server(tag)),
        }
        Ok(Challenge::Pass(len))
    }

    fn is_asked(&mut self) {
        self.awaits_answer = true;
        self.owes_server = true;
    }

    /// Whether `plugin` can work over these hops.
    fn permits(&self, plugin: &[u8]) -> Result<(), Obstacle> {
        let named = || String::from_utf8_lossy(plugin).into_owned().into_boxed_str();
        match plugin {
            // Proofs made from a challenge, whatever the hops. caching_sha2_password may ask for more.
            b""
            | b"mysql_native_password"
            | CACHING
            | b"client_ed25519"
            | b"parsec"
            | b"authentication_webauthn_client" => Ok(()),
            b"sha256_password" if self.hops.are_alike() => Ok(()),
            b"sha256_password" => Err(Obstacle::UnlikeHops),
            b"mysql_clear_password" | b"dialog" | b"authentication_openid_connect_client" => {
                if self.hops == Hops::Private { Ok(()) } else { Err(Obstacle::Clear) }
            }
            b"auth_gssapi_client" | b"authentication_kerberos_client" | b"authentication_windows_client" => {
                Err(Obstacle::HostBound(named()))
            }
            b"mysql_old_password" => Err(Obstacle::TooOld),
            _ if self.hops.are_alike() => Ok(()),
            _ => Err(Obstacle::Unknown(named())),
        }
    }

    /// Judges the client's next answer in `input`; `None` when more is needed or nothing was asked.
    /// What a client sends before it is asked waits: its first requests may come together with its last
    /// answer.
    pub fn client(&mut self, input: &[u8]) -> Result<Option<Said>, Violation> {
        if !self.awaits_answer {
            return Ok(None);
        }
        let Some(header) = bounded(input, Violation::StartupLength)? else { return Ok(None) };
        let Some(body) = input.get(HEADER_BYTES..header.frame()) else { return Ok(None) };
        if let Some(numbers) = &mut self.numbers {
            numbers.client = in_order(header.sequence, numbers.client)?;
        }
        self.awaits_answer = false;
        let len = header.frame();
        Ok(Some(match self.whole {
            Whole::AwaitsHidden { may_ask: true } if body == KEY_REQUEST => {
                self.whole = Whole::AwaitsHidden { may_ask: false };
                self.awaits_answer = true;
                Said::KeyWanted(len)
            }
            Whole::AwaitsHidden { .. } => Said::Hidden(len),
            Whole::AwaitsClear => {
                self.whole = Whole::AwaitsKey;
                Said::Clear(len)
            }
            Whole::Relayed | Whole::AwaitsKey => {
                self.proved = proves(body);
                Said::Pass(len)
            }
        }))
    }

    /// Appends the packet that gives the client the gateway's key, a PEM text.
    pub fn key_packet(&mut self, key: &str, out: &mut Vec<u8>) {
        let payload = [&[MORE], key.as_bytes()].concat();
        frame::put(self.take_client_number(), &payload, out);
    }

    /// Appends the packet that asks the server for its key.
    pub fn key_request(&mut self, out: &mut Vec<u8>) {
        frame::put(self.take_server_number(), KEY_REQUEST, out);
    }

    /// Appends the packet that brings the server the password in the form it expects. `proves` is the
    /// password itself: an empty one proves nothing.
    pub fn answer(&mut self, password: &[u8], form: &[u8], out: &mut Vec<u8>) {
        self.proved = proves(password);
        self.whole = Whole::Relayed;
        frame::put(self.take_server_number(), form, out);
    }

    /// Covers a password with the challenge, or uncovers it: that is how it goes under a key.
    pub fn cover(&self, password: &mut [u8]) {
        for (byte, challenge) in password.iter_mut().zip(self.challenge.iter().cycle()) {
            *byte ^= challenge;
        }
    }

    /// Whether the client's answer comes next.
    pub(crate) fn awaits_answer(&self) -> bool {
        self.awaits_answer
    }

    /// Gives a packet of the server the number its client expects.
    pub fn client_number(&mut self, packet: &mut [u8]) {
        let number = self.take_client_number();
        frame::renumber(packet, number);
    }

    /// Gives a packet of the client the number its server expects.
    pub fn server_number(&mut self, packet: &mut [u8]) {
        let number = self.take_server_number();
        frame::renumber(packet, number);
    }

    /// The numbers of the next packets; of no use within a session.
    pub fn numbers(&self) -> Numbers {
        self.numbers.unwrap_or(Numbers { client: 0, server: 0 })
    }

    /// The login as nobody's any more: how it goes on when the client has left, and what the server waits
    /// for now.
    pub fn abandon(&self) -> (Abandoned, Option<Vec<u8>>) {
        let mut abandoned = Abandoned::under_way(&self.plugin, self.went_on, self.numbers().server);
        let owed = self.owes_server.then(|| abandoned.answer());
        (abandoned, owed)
    }

    fn take_client_number(&mut self) -> u8 {
        self.numbers.as_mut().map_or(0, |numbers| take(&mut numbers.client))
    }

    fn take_server_number(&mut self) -> u8 {
        self.owes_server = false;
        self.numbers.as_mut().map_or(0, |numbers| take(&mut numbers.server))
    }
}

fn take(number: &mut u8) -> u8 {
    std::mem::replace(number, number.wrapping_add(1))
}

/// The number after `found`, which must be the one `expected`.
pub(crate) fn in_order(found: u8, expected: u8) -> Result<u8, Violation> {
    if found == expected { Ok(found.wrapping_add(1)) } else { Err(Violation::Order { found, expected }) }
}

/// The server's key, as PEM, in the packet that brings it ([`Challenge::Key`]).
pub fn key(packet: &[u8]) -> &[u8] {
    packet.get(HEADER_BYTES + 1..).unwrap_or_default()
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
mod tests;
