//! Is the client who it says it is?

use super::{Credential, Left, MD5, NONCE_BYTES, SASL, SASL_CONTINUE, SASL_FINAL, Verifier, put_request};
use crate::frame::{self, HEADER_BYTES};
use crate::md5;
use crate::scram::{self, Binding, MECHANISM, MECHANISM_PLUS, Mistake};
use crate::violation::Violation;
use std::sync::Arc;

/// Longest answer of a client, its length field included: PostgreSQL's `PG_MAX_SASL_MESSAGE_LENGTH`.
const ANSWER_BYTES_MAX: usize = 1_024;

/// What an answer of the client led to.
#[derive(Debug)]
pub enum Progress {
    /// More bytes of the client are needed.
    More,
    /// The first so many bytes are read; what was appended goes to the client, who answers it.
    Answered(usize),
    /// The proof is right.
    Proved {
        /// Bytes that are read.
        consumed: usize,
        /// What to log in upstream with. What was appended goes to the client before AuthenticationOk, and nowhere
        /// if the upstream does not let it in.
        credential: Credential,
    },
    /// The first so many bytes are read, and the proof is wrong.
    Failed(usize),
}

/// One login of a client.
#[derive(Debug)]
pub struct Server {
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The client is to choose a mechanism.
    Mechanism(scram::Server),
    /// It has, and its first message is to come.
    First(scram::Server, Chosen),
    /// Its proof is to come.
    Last(scram::Asked),
    /// The same, in one message.
    Md5(Arc<md5::Verifier>, [u8; md5::SALT_BYTES]),
    /// It is decided.
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chosen {
    Plain,
    Plus,
}

impl Server {
    /// A login against `verifier`, over a connection with `binding`. The nonce is new and random.
    pub fn new(verifier: &Verifier, binding: Binding, nonce: [u8; NONCE_BYTES]) -> Server {
        let stage = match verifier {
            Verifier::Scram(verifier) => {
                Stage::Mechanism(scram::Server::new(Arc::clone(verifier), binding, nonce))
            }
            Verifier::Md5(verifier) => {
                let [a, b, c, d, ..] = nonce;
                Stage::Md5(Arc::clone(verifier), [a, b, c, d])
            }
        };
        Server { stage }
    }

    /// Appends what the client is asked first.
    pub fn offer(&self, out: &mut Vec<u8>) {
        match &self.stage {
            Stage::Md5(_, salt) => put_request(MD5, salt, out),
            Stage::Mechanism(server) if server.offers_plus() => {
                put_request(SASL, &[MECHANISM_PLUS, b"\0", MECHANISM, b"\0\0"].concat(), out);
            }
            _ => put_request(SASL, &[MECHANISM, b"\0\0"].concat(), out),
        }
    }

    /// Reads the client's next answer off the front of `input`, and appends what it is told.
    pub fn client(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<Progress, Violation> {
        let Some(header) = frame::client_login(input)? else { return Ok(Progress::More) };
        if header.body > ANSWER_BYTES_MAX - 4 {
            let length = i32::try_from(header.body + 4).unwrap_or(i32::MAX);
            return Err(Violation::Length { tag: header.tag, length });
        }
        let Some(body) = input.get(HEADER_BYTES..header.frame()) else { return Ok(Progress::More) };
        let consumed = header.frame();
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Mechanism(server) => {
                self.chosen(server, body, out)?;
                Ok(Progress::Answered(consumed))
            }
            Stage::First(server, chosen) => {
                self.first(server, chosen, body, out)?;
                Ok(Progress::Answered(consumed))
            }
            Stage::Last(asked) => {
                let mut last = Vec::new();
                let Some((key, verifier)) = asked.last(body, &mut last).map_err(Violation::Scram)? else {
                    return Ok(Progress::Failed(consumed));
                };
                put_request(SASL_FINAL, &last, out);
                Ok(Progress::Proved { consumed, credential: Credential(Left::Scram { key, verifier }) })
            }
            Stage::Md5(verifier, salt) => {
                let answer = body.strip_suffix(b"\0").ok_or(Violation::Malformed(header.tag))?;
                if !verifier.accepts(salt, answer) {
                    return Ok(Progress::Failed(consumed));
                }
                Ok(Progress::Proved { consumed, credential: Credential(Left::Md5(verifier)) })
            }
            Stage::Over => Err(Violation::UnknownMessage(header.tag)),
        }
    }

    /// SASLInitialResponse: the mechanism, and the first message or -1 for none yet.
    fn chosen(&mut self, server: scram::Server, body: &[u8], out: &mut Vec<u8>) -> Result<(), Violation> {
        let malformed = Violation::Malformed(b'p');
        let end = body.iter().position(|byte| *byte == 0).ok_or(malformed)?;
        let (name, rest) = body.split_at_checked(end).ok_or(malformed)?;
        let (length, message) =
            rest.get(1..).and_then(|rest| rest.split_first_chunk::<4>()).ok_or(malformed)?;
        let chosen = match name {
            MECHANISM => Chosen::Plain,
            MECHANISM_PLUS if server.offers_plus() => Chosen::Plus,
            _ => return Err(Violation::Scram(Mistake::Mechanism)),
        };
        match i32::from_be_bytes(*length) {
            -1 if message.is_empty() => {
                put_request(SASL_CONTINUE, b"", out);
                self.stage = Stage::First(server, chosen);
                Ok(())
            }
            length if usize::try_from(length) == Ok(message.len()) => {
                self.first(server, chosen, message, out)
            }
            _ => Err(malformed),
        }
    }

    fn first(
        &mut self,
        server: scram::Server,
        chosen: Chosen,
        message: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Violation> {
        let mut asks = Vec::new();
        let asked = server.first(chosen == Chosen::Plus, message, &mut asks).map_err(Violation::Scram)?;
        put_request(SASL_CONTINUE, &asks, out);
        self.stage = Stage::Last(asked);
        Ok(())
    }
}
