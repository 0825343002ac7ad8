//! Does the upstream let in whom we have checked, and is it the upstream?

use super::{
    CLEARTEXT, Credential, Left, MD5, NONCE_BYTES, OK, SASL, SASL_CONTINUE, SASL_FINAL, length_field,
    put_answer,
};
use crate::frame::{self, HEADER_BYTES};
use crate::scram::{self, Binding, Expectation, Flag, MECHANISM, MECHANISM_PLUS};
use crate::violation::Violation;
use std::fmt;
use zeroize::Zeroizing;

/// Longest authentication request: libpq's bound.
const REQUEST_BYTES_MAX: usize = 2_000;

/// Most of anything else a server says before it lets somebody in, all of it together: the client hears it when it is let
/// in, so somebody has to keep it until then.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// What to do with a message of the upstream during login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// More bytes of the upstream are needed.
    More,
    /// Not about the login: pass these many bytes on to the client.
    Pass(usize),
    /// The first so many bytes are read and not for the client; what was appended goes upstream.
    Answered(usize),
    /// AuthenticationOk, `len` bytes of it, not read off: they and all behind them are the client's.
    Granted {
        /// Bytes of the message.
        len: usize,
    },
    /// The upstream refused: pass these many bytes on, then the connection ends.
    Failed {
        /// Bytes of the message.
        len: usize,
        /// The upstream's SQLSTATE.
        sqlstate: Option<[u8; 5]>,
    },
    /// The first so many bytes are read, and they say that the upstream has another verifier for this user, or
    /// imagines one because the user must not log in. Where something was appended, it is an answer of the right
    /// form that no server can take: sent upstream, it lets the server say no in its own words, and log why.
    Stale(usize),
    /// The login cannot be completed.
    Impossible(Obstacle),
}

/// Why a login that was checked at the gateway does not get into the upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It wants the password itself.
    Password,
    /// GSSAPI.
    Gss,
    /// SSPI.
    Sspi,
    /// SASL by none of the mechanisms that a SCRAM verifier serves.
    Mechanism,
    /// It offers to bind to TLS where there is none.
    Stripped,
    /// What it says last is not what a server with the verifier says.
    Impostor,
    /// A method this version does not know.
    Unknown(u32),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::Password => formatter.write_str(
                "the server asks for the password itself, which a gateway that verifies logins does not have",
            ),
            Obstacle::Gss => {
                formatter.write_str("the server asks for GSSAPI, which a verified login cannot answer")
            }
            Obstacle::Sspi => {
                formatter.write_str("the server asks for SSPI, which a verified login cannot answer")
            }
            Obstacle::Mechanism => formatter.write_str("the server offers no SCRAM-SHA-256"),
            Obstacle::Stripped => {
                formatter.write_str("the server offers channel binding over a connection without TLS")
            }
            Obstacle::Impostor => formatter.write_str("the server does not have the verifier of the role"),
            Obstacle::Unknown(code) => {
                write!(formatter, "the server asks for authentication method {code}, which is not known here")
            }
        }
    }
}

/// One login to an upstream.
#[derive(Debug)]
pub struct Client<'a> {
    credential: &'a Credential,
    binding: Binding,
    nonce: [u8; NONCE_BYTES],
    stage: Stage<'a>,
    /// Bytes that were passed on.
    passed: usize,
}

#[derive(Debug)]
enum Stage<'a> {
    /// Nothing was asked yet.
    Start,
    /// The salt is to come.
    First(scram::Client<'a>),
    /// The server's signature is to come.
    Last(Expectation),
    /// Everything was answered.
    Answered,
    /// What was answered can have no success.
    Void,
}

impl<'a> Client<'a> {
    /// A login with what a client's proof left, over a connection with `binding`. The nonce is new and random.
    pub fn new(credential: &'a Credential, binding: Binding, nonce: [u8; NONCE_BYTES]) -> Client<'a> {
        Client { credential, binding, nonce, stage: Stage::Start, passed: 0 }
    }

    /// Judges the first message of the upstream in `input`, and appends what it is answered.
    pub fn server(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<Reply, Violation> {
        let Some(header) = frame::server(input)? else { return Ok(Reply::More) };
        let most = if header.tag == b'R' {
            REQUEST_BYTES_MAX
        } else {
            MESSAGE_BYTES_MAX.saturating_sub(self.passed)
        };
        if header.body > most {
            return Err(Violation::Server(header.tag));
        }
        let Some(body) = input.get(HEADER_BYTES..header.frame()) else { return Ok(Reply::More) };
        match header.tag {
            b'R' => self.request(header.frame(), body, out),
            b'E' => {
                let sqlstate = crate::message::error(body).sqlstate;
                Ok(Reply::Failed { len: header.frame(), sqlstate })
            }
            // NegotiateProtocolVersion, NoticeResponse and whatever comes later.
            _ => {
                self.passed += header.frame();
                Ok(Reply::Pass(header.frame()))
            }
        }
    }

    fn request(&mut self, len: usize, body: &[u8], out: &mut Vec<u8>) -> Result<Reply, Violation> {
        const UNEXPECTED: Violation = Violation::Server(b'R');
        let (code, rest) = body.split_first_chunk::<4>().ok_or(UNEXPECTED)?;
        let stage = std::mem::replace(&mut self.stage, Stage::Void);
        match (u32::from_be_bytes(*code), stage) {
            (OK, granted @ (Stage::Start | Stage::Answered)) => {
                // It is not read off: who asks again hears the same.
                self.stage = granted;
                Ok(Reply::Granted { len })
            }
            // Let in by somebody who has not shown that it knows us.
            (OK, _) | (SASL_FINAL, Stage::Void) => Ok(Reply::Impossible(Obstacle::Impostor)),
            (CLEARTEXT, _) => Ok(Reply::Impossible(Obstacle::Password)),
            (MD5, Stage::Start) => self.md5(len, rest, out),
            (SASL, Stage::Start) => self.mechanism(len, rest, out),
            (SASL_CONTINUE, Stage::First(client)) => {
                let mut last = Zeroizing::new(Vec::new());
                let expectation = client.last(rest, &mut last).map_err(|_| UNEXPECTED)?;
                put_answer(&[&last], out);
                let Some(expectation) = expectation else { return Ok(Reply::Stale(len)) };
                self.stage = Stage::Last(expectation);
                Ok(Reply::Answered(len))
            }
            (SASL_FINAL, Stage::Last(expectation)) => {
                if !expectation.is_met(rest).map_err(|_| UNEXPECTED)? {
                    return Ok(Reply::Impossible(Obstacle::Impostor));
                }
                self.stage = Stage::Answered;
                Ok(Reply::Answered(len))
            }
            (MD5 | SASL | SASL_CONTINUE | SASL_FINAL, _) => Err(UNEXPECTED),
            (7 | 8, _) => Ok(Reply::Impossible(Obstacle::Gss)),
            (9, _) => Ok(Reply::Impossible(Obstacle::Sspi)),
            (other, _) => Ok(Reply::Impossible(Obstacle::Unknown(other))),
        }
    }

    fn md5(&mut self, len: usize, salt: &[u8], out: &mut Vec<u8>) -> Result<Reply, Violation> {
        let salt = salt.try_into().map_err(|_| Violation::Server(b'R'))?;
        match &self.credential.0 {
            Left::Md5(verifier) => {
                put_answer(&[&verifier.answer(salt), b"\0"], out);
                self.stage = Stage::Answered;
                Ok(Reply::Answered(len))
            }
            // To a role with a SCRAM verifier the server offers SCRAM, whatever pg_hba.conf says.
            Left::Scram { .. } => Ok(Reply::Stale(len)),
        }
    }

    fn mechanism(&mut self, len: usize, list: &[u8], out: &mut Vec<u8>) -> Result<Reply, Violation> {
        let offers = |wanted: &[u8]| list.split(|byte| *byte == 0).any(|name| name == wanted);
        let Left::Scram { key, verifier } = &self.credential.0 else { return Ok(Reply::Stale(len)) };
        let (mechanism, flag) = match &self.binding {
            Binding::Plaintext if offers(MECHANISM_PLUS) => return Ok(Reply::Impossible(Obstacle::Stripped)),
            Binding::Certificate(end_point) if offers(MECHANISM_PLUS) => {
                (MECHANISM_PLUS, Flag::Bound(end_point.clone()))
            }
            _ if !offers(MECHANISM) => return Ok(Reply::Impossible(Obstacle::Mechanism)),
            Binding::Certificate(_) => (MECHANISM, Flag::NotOffered),
            Binding::Plaintext | Binding::None => (MECHANISM, Flag::Unbound),
        };
        let client = scram::Client::new(key, verifier, flag, self.nonce);
        let mut first = Vec::new();
        client.first(&mut first);
        put_answer(&[mechanism, b"\0", &length_field(first.len()), &first], out);
        self.stage = Stage::First(client);
        Ok(Reply::Answered(len))
    }
}
