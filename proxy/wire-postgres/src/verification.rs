//! How does the gateway check a login itself, and then log in upstream without the password?
//!
//! ```text
//! client                          gateway                                    upstream
//!                             <-  what a server would ask for: SCRAM or MD5
//!   answers                   ->  Server: right or wrong, by the Verifier
//!                                 Credential: what the right proof left
//!                                 startup packet                         ->
//!                                                                        <-  asks in its turn
//!                                 Client: answers out of the Credential  ->
//!                                                                        <-  AuthenticationOk
//! ```
//!
//! [`Server`] is what the gateway is to its client, [`Client`] what it is to the upstream. Both take whole messages of
//! the protocol (PostgreSQL documentation, "SASL Authentication") off the front of a buffer, one a call; what stands
//! behind them waits. What the messages hold is read in [`crate::scram`] and [`crate::md5`].

mod client;
mod server;

pub use client::{Client, Obstacle, Reply};
pub use scram::NONCE_BYTES;
pub use server::{Progress, Server};

use crate::scram::VerifierError;
use crate::{md5, scram};
use std::fmt;
use std::sync::Arc;

/// What is stored of a role's password.
#[derive(Clone, Debug)]
pub enum Verifier {
    /// `SCRAM-SHA-256$…`.
    Scram(Arc<scram::Verifier>),
    /// `md5…`.
    Md5(Arc<md5::Verifier>),
}

impl Verifier {
    /// Reads what `pg_authid.rolpassword` holds, or a line of a list of users. A password in plain is none.
    pub fn parse(text: &str) -> Result<Verifier, VerifierError> {
        match md5::Verifier::parse(text) {
            Some(verifier) => Ok(Verifier::Md5(Arc::new(verifier))),
            None => Ok(Verifier::Scram(Arc::new(scram::Verifier::parse(text)?))),
        }
    }

    /// [`scram::Verifier::imagined`]: of a user there is none of, or who has no password.
    pub fn imagined(seed: &[u8; 32], user: &[u8], iterations: u32) -> Verifier {
        Verifier::Scram(Arc::new(scram::Verifier::imagined(seed, user, iterations)))
    }

    /// Whether `other` says the same: so whether what was read anew is what was known.
    pub fn is_same(&self, other: &Verifier) -> bool {
        match (self, other) {
            (Verifier::Scram(one), Verifier::Scram(other)) => one.is_same(other),
            (Verifier::Md5(one), Verifier::Md5(other)) => one.is_same(other),
            (Verifier::Scram(_), Verifier::Md5(_)) | (Verifier::Md5(_), Verifier::Scram(_)) => false,
        }
    }
}

/// What a right proof leaves: enough to give the same proof upstream, while the login lasts. Wiped when it is
/// dropped.
pub struct Credential(Left);

enum Left {
    Scram { key: scram::ClientKey, verifier: Arc<scram::Verifier> },
    Md5(Arc<md5::Verifier>),
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credential(..)")
    }
}

// Codes of authentication requests.
const OK: u32 = 0;
const CLEARTEXT: u32 = 3;
const MD5: u32 = 5;
const SASL: u32 = 10;
const SASL_CONTINUE: u32 = 11;
const SASL_FINAL: u32 = 12;

/// Appends an authentication request.
fn put_request(code: u32, body: &[u8], out: &mut Vec<u8>) {
    put(b'R', &[&code.to_be_bytes(), body], out);
}

/// Appends an answer to one.
fn put_answer(parts: &[&[u8]], out: &mut Vec<u8>) {
    put(b'p', parts, out);
}

fn put(tag: u8, parts: &[&[u8]], out: &mut Vec<u8>) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    out.push(tag);
    out.extend_from_slice(&length_field(length + 4));
    for part in parts {
        out.extend_from_slice(part);
    }
}

fn length_field(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests;
