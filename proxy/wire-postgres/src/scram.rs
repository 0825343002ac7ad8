//! How is a SCRAM-SHA-256 proof asked for, checked and given by somebody who never learns the password?
//!
//! ```text
//! client                                            server: salt, iterations, StoredKey, ServerKey
//!   n,,n=,r=<nonce>                             ->
//!                                               <-  r=<nonce><more>,s=<salt>,i=<iterations>
//!   c=biws,r=<nonce><more>,p=<proof>            ->
//!                                               <-  v=<signature>
//!
//! proof     = ClientKey xor HMAC(StoredKey, messages)        StoredKey = SHA-256(ClientKey)
//! signature = HMAC(ServerKey, messages)
//! ```
//!
//! Who has the StoredKey takes the ClientKey out of a right proof, and the ClientKey proves the same to whoever
//! has the same verifier: [`Server`] checks a client, [`Client`] then logs in upstream with what was left in
//! its hands. Both read and write SCRAM's own messages (RFC 5802, RFC 7677); the frames around them belong to
//! [`crate::verification`]. The nonces are handed in: nothing here is random.

mod attributes;
mod binding;
mod client;
mod end_point;
mod server;
mod verifier;

pub use binding::Binding;
pub use client::{Client, Expectation};
pub use end_point::end_point;
pub use server::{Asked, Server};
pub use verifier::{Verifier, VerifierError};

pub(crate) use binding::Flag;

use aws_lc_rs::{digest, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The mechanism without channel binding.
pub const MECHANISM: &[u8] = b"SCRAM-SHA-256";
/// The mechanism whose proofs are bound to a TLS connection.
pub const MECHANISM_PLUS: &[u8] = b"SCRAM-SHA-256-PLUS";

/// Random bytes in a nonce: PostgreSQL's `SCRAM_RAW_NONCE_LEN`, 24 characters of base64.
pub const NONCE_BYTES: usize = 18;

/// Bytes of a key, a proof and a signature.
const KEY_BYTES: usize = digest::SHA256_OUTPUT_LEN;

/// What is wrong with a SCRAM message of a client, in the server's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// Not what RFC 5802 says a message is.
    #[error("malformed SCRAM message")]
    Malformed,
    /// A mechanism that was not offered.
    #[error("client selected an invalid SASL authentication mechanism")]
    Mechanism,
    /// An extension that has to be understood (`m=`); there is none.
    #[error("client requires an unsupported SCRAM extension")]
    Extension,
    /// Somebody wants to act as somebody else (`a=`).
    #[error("client uses authorization identity, but it is not supported")]
    Identity,
    /// The answer is not to the nonce that was sent.
    #[error("invalid SCRAM response: the nonce does not match")]
    Nonce,
    /// Another channel binding than `tls-server-end-point`.
    #[error("unsupported SCRAM channel-binding type")]
    BindingType,
    /// The client could bind its proof and believes the server cannot, which was offered: somebody between the
    /// two took the offer away.
    #[error("SCRAM channel binding negotiation error")]
    Downgrade,
    /// The proof is bound to another certificate.
    #[error("SCRAM channel binding check failed")]
    Binding,
}

impl Mistake {
    /// Whether it is about the connection under the login, where PostgreSQL says 28000 instead of 08P01.
    pub fn is_binding(self) -> bool {
        matches!(self, Mistake::Downgrade | Mistake::Binding)
    }
}

/// What proves to a server with the same verifier that its user is there. Wiped when it is dropped.
pub struct ClientKey(Zeroizing<[u8; KEY_BYTES]>);

impl fmt::Debug for ClientKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ClientKey(..)")
    }
}

impl ClientKey {
    /// Takes the key out of a proof, or puts it into one: the two are the same step.
    fn masked(&self, signature: &[u8; KEY_BYTES]) -> ClientKey {
        let mut masked = Zeroizing::new([0; KEY_BYTES]);
        for ((place, left), right) in masked.iter_mut().zip(self.0.iter()).zip(signature) {
            *place = left ^ right;
        }
        ClientKey(masked)
    }

    /// Whether it is the key of `verifier`, in constant time; of one that is imagined none is.
    fn fits(&self, verifier: &Verifier) -> bool {
        let hash = digest::digest(&digest::SHA256, &self.0[..]);
        bool::from(hash.as_ref().ct_eq(&verifier.stored_key[..]) & verifier.exists)
    }
}

/// HMAC-SHA-256 of the concatenated `parts`.
fn authenticated(key: &[u8; KEY_BYTES], parts: &[&[u8]]) -> Zeroizing<[u8; KEY_BYTES]> {
    let mut tag = Zeroizing::new([0; KEY_BYTES]);
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let signed = hmac::sign_to_buffer(&key, &parts.concat(), &mut tag[..]);
    assert!(signed.is_ok(), "32 bytes hold the whole tag");
    tag
}

/// Appends `bytes` in base64.
fn put_base64(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(Zeroizing::new(STANDARD.encode(bytes)).as_bytes());
}

/// Reads a key, proof or signature: base64 with its padding, nothing else, of the right length.
fn key_of_base64(text: &[u8]) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    // One group more than a key has: the decoder wants room for every character it is given.
    let mut decoded = Zeroizing::new([0; KEY_BYTES + 3]);
    let length = STANDARD.decode_slice(text, &mut decoded[..]).ok()?;
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    key.copy_from_slice(decoded.get(..length).filter(|key| key.len() == KEY_BYTES)?);
    Some(key)
}

/// Whether all of `text` may stand in a nonce: visible ASCII but the comma, at least one.
fn is_nonce(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| matches!(byte, b'!'..=b'~') && *byte != b',')
}

#[cfg(test)]
pub(crate) mod tests;
