//! How does a client prove that it knows the password (RFC 5802, RFC 7677), at little cost?
//!
//! The slow part, the thousands of hashes from password to key, depends on the role's salt only. It
//! is done once and kept, so that the login figures show the lanes and not the load generator.

use super::failure::Failure;
use sha2::{Digest, Sha256};
use std::sync::Mutex;

type Hash = [u8; 32];

/// A password and, after the first login, the keys made from it.
#[derive(Debug)]
pub struct Scram {
    password: String,
    keys: Mutex<Option<Keys>>,
}

#[derive(Clone, Debug)]
struct Keys {
    salt: String,
    iterations: u32,
    client: Hash,
    server: Hash,
}

/// The last message of the client and what the server has to answer to it.
#[derive(Debug)]
pub struct Proof {
    /// The message.
    pub message: String,
    /// The server's final message, when it knows the password as well.
    pub expected: String,
}

impl Scram {
    /// For one role.
    pub fn new(password: &str) -> Scram {
        Scram { password: password.to_owned(), keys: Mutex::new(None) }
    }

    /// The client's first message without its header; `nonce` must be new for each login.
    pub fn first(nonce: &str) -> String {
        format!("n=,r={nonce}")
    }

    /// The answer to the server's first message.
    pub fn prove(&self, client_first: &str, server_first: &str) -> Result<Proof, Failure> {
        let field = |name: &str| server_first.split(',').find_map(|field| field.strip_prefix(name));
        let (Some(nonce), Some(salt), Some(iterations)) = (field("r="), field("s="), field("i=")) else {
            return Err(Failure::Login("the server's first SCRAM message lacks a field"));
        };
        let own = client_first.rsplit("r=").next().unwrap_or_default();
        if !nonce.starts_with(own) {
            return Err(Failure::Login("the server's nonce does not begin with ours"));
        }
        let iterations =
            iterations.parse().map_err(|_| Failure::Login("the SCRAM iteration count is no number"))?;
        let keys = self.keys(salt, iterations)?;
        // "biws" is "n,,": no channel binding.
        let without_proof = format!("c=biws,r={nonce}");
        let signed = format!("{client_first},{server_first},{without_proof}");
        let signature = hmac(&sha256(&keys.client), signed.as_bytes());
        let mut proof = keys.client;
        for (byte, mask) in proof.iter_mut().zip(signature) {
            *byte ^= mask;
        }
        let message = format!("{without_proof},p={}", base64(&proof));
        let expected = format!("v={}", base64(&hmac(&keys.server, signed.as_bytes())));
        Ok(Proof { message, expected })
    }

    fn keys(&self, salt: &str, iterations: u32) -> Result<Keys, Failure> {
        let mut kept = self.keys.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(keys) = kept.as_ref().filter(|keys| keys.salt == salt && keys.iterations == iterations) {
            return Ok(keys.clone());
        }
        let bytes = from_base64(salt).ok_or(Failure::Login("the SCRAM salt is not base64"))?;
        let salted = stretch(self.password.as_bytes(), &bytes, iterations);
        let keys = Keys {
            salt: salt.to_owned(),
            iterations,
            client: hmac(&salted, b"Client Key"),
            server: hmac(&salted, b"Server Key"),
        };
        *kept = Some(keys.clone());
        Ok(keys)
    }
}

/// `Hi` of RFC 5802: PBKDF2 with one block.
fn stretch(password: &[u8], salt: &[u8], iterations: u32) -> Hash {
    let mut block = salt.to_vec();
    block.extend_from_slice(&1_u32.to_be_bytes());
    let mut last = hmac(password, &block);
    let mut result = last;
    for _ in 1..iterations {
        last = hmac(password, &last);
        for (byte, mask) in result.iter_mut().zip(last) {
            *byte ^= mask;
        }
    }
    result
}

/// HMAC of RFC 2104; no key here is longer than a block of 64 bytes.
fn hmac(key: &[u8], text: &[u8]) -> Hash {
    let padded = |mask: u8| {
        let mut pad = [mask; 64];
        for (byte, key) in pad.iter_mut().zip(key) {
            *byte ^= key;
        }
        pad
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for position in 0..4 {
            let index = (bits >> (18 - 6 * position)) as usize & 63;
            text.push(if position <= group.len() { char::from(ALPHABET[index]) } else { '=' });
        }
    }
    text
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let index = ALPHABET.iter().position(|known| *known == letter)?;
        bits = bits << 6 | u32::try_from(index).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}
