//! How does a text carry the signature of who wrote it?
//!
//! A signed note (C2SP, `signed-note`): the text, an empty line, and a line for each signature,
//! `— NAME BASE64`, where the base64 is of the first four bytes of the key's id and 64 bytes of Ed25519
//! over the text with its last line feed. A verifier key is one word: `NAME+ID+BASE64`, where the base64 is
//! of the byte 1 and the 32 bytes of the public key. Tools that know signed notes check these.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::fmt::{self, Write as _};
use std::str::FromStr;

/// Ed25519, as the form numbers it.
const ED25519_KIND: u8 = 1;
/// What stands before the 32 bytes of a key in its SubjectPublicKeyInfo (RFC 8410 section 4).
pub(super) const ED25519_INFO: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const BEFORE_SIGNATURES: &str = "\n\n";
const SIGNATURE: &str = "\u{2014} ";
/// Longest note that is read: many times what is written here.
pub(super) const BYTES_MAX: usize = 16 * 1024;

/// Whose signature somebody believes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    public: [u8; 32],
}

/// A word is no verifier key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no verifier key: it has the form NAME+ID+BASE64 and is of Ed25519")]
pub struct BadVerifierKey;

impl VerifierKey {
    /// The key of that name.
    pub fn new(name: &str, public: [u8; 32]) -> VerifierKey {
        VerifierKey { name: name.to_owned(), public }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public key.
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// Its number, which a signature begins with: a hint which key to try, and no proof.
    pub fn id(&self) -> u32 {
        let hash = Sha256::new()
            .chain_update(self.name.as_bytes())
            .chain_update([b'\n', ED25519_KIND])
            .chain_update(self.public)
            .finalize();
        hash.first_chunk().map_or(0, |id| u32::from_be_bytes(*id))
    }

    /// The key as PEM, for tools that know no notes: `openssl pkeyutl -verify` is one.
    pub fn pem(&self) -> String {
        let der = [ED25519_INFO.as_slice(), &self.public].concat();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
    }

    fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.public).verify(text.as_bytes(), signature).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key: Vec<u8> = std::iter::once(ED25519_KIND).chain(self.public).collect();
        write!(formatter, "{}+{:08x}+{}", self.name, self.id(), STANDARD.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = BadVerifierKey;
    fn from_str(word: &str) -> Result<VerifierKey, BadVerifierKey> {
        // Base64 has a plus as well, a name has none.
        let mut parts = word.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(BadVerifierKey);
        };
        let key = STANDARD.decode(key).map_err(|_| BadVerifierKey)?;
        let (&[ED25519_KIND], Ok(public)) =
            (key.get(..1).unwrap_or_default(), key.get(1..).unwrap_or_default().try_into())
        else {
            return Err(BadVerifierKey);
        };
        let read = VerifierKey { name: name.to_owned(), public };
        let is_named = !name.is_empty() && !name.contains(char::is_whitespace);
        if is_named && u32::from_str_radix(id, 16) == Ok(read.id()) { Ok(read) } else { Err(BadVerifierKey) }
    }
}

/// Signs `text`, which ends in a line feed and has no empty line, in the name `name`.
pub(super) fn sign(text: &str, name: &str, pair: &Ed25519KeyPair) -> String {
    let public = pair.public_key().as_ref().try_into().unwrap_or([0; 32]);
    let mut signature = VerifierKey::new(name, public).id().to_be_bytes().to_vec();
    signature.extend_from_slice(pair.sign(text.as_bytes()).as_ref());
    let mut note = text.to_owned();
    let _ = writeln!(note, "\n{SIGNATURE}{name} {}", STANDARD.encode(signature));
    note
}

/// A note taken apart; nothing of it is checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    text: String,
    signatures: Vec<Signature>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Signature {
    name: String,
    id: u32,
    bytes: Vec<u8>,
}

/// A text is no signed note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no signed note: a text, an empty line and at least one line of a signature")]
pub(super) struct BadNote;

impl Note {
    /// Takes one apart, with the line feed at its end.
    pub(super) fn parse(note: &str) -> Result<Note, BadNote> {
        if note.len() > BYTES_MAX {
            return Err(BadNote);
        }
        let (text, signatures) = note.rsplit_once(BEFORE_SIGNATURES).ok_or(BadNote)?;
        let signatures = signatures.strip_suffix('\n').ok_or(BadNote)?;
        let signatures: Option<Vec<Signature>> = signatures.split('\n').map(signature).collect();
        let signatures = signatures.filter(|signatures| !signatures.is_empty()).ok_or(BadNote)?;
        Ok(Note { text: format!("{text}\n"), signatures })
    }

    /// What was signed, with the line feed at its end.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Who says to have signed it.
    pub(super) fn signers(&self) -> impl Iterator<Item = (&str, u32)> {
        self.signatures.iter().map(|signature| (signature.name.as_str(), signature.id))
    }

    /// Which of these keys has signed it.
    pub(super) fn verified_by<'k>(&self, keys: &'k [VerifierKey]) -> Option<&'k VerifierKey> {
        keys.iter().find(|key| {
            let own = |one: &&Signature| one.name == key.name && one.id == key.id();
            self.signatures.iter().filter(own).any(|one| key.verifies(&self.text, &one.bytes))
        })
    }
}

fn signature(line: &str) -> Option<Signature> {
    let (name, bytes) = line.strip_prefix(SIGNATURE)?.split_once(' ')?;
    let bytes = STANDARD.decode(bytes).ok()?;
    let (id, bytes) = bytes.split_first_chunk()?;
    let name = Some(name).filter(|name| !name.is_empty())?.to_owned();
    Some(Signature { name, id: u32::from_be_bytes(*id), bytes: bytes.to_vec() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn pair(seed: u8) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
    }

    fn verifier(name: &str, pair: &Ed25519KeyPair) -> VerifierKey {
        VerifierKey::new(name, pair.public_key().as_ref().try_into().unwrap())
    }

    #[test]
    fn a_signed_note_is_verified_by_the_key_that_signed_it_and_by_no_other() {
        let text = "shop\n17\nroot\n";
        let note = sign(text, "shop", &pair(7));
        let read = Note::parse(&note).unwrap();
        assert_eq!(read.text(), text);
        let keys = [verifier("shop", &pair(8)), verifier("other", &pair(7)), verifier("shop", &pair(7))];
        assert_eq!(read.verified_by(&keys), keys.get(2));
        assert_eq!(read.verified_by(&keys[..2]), None);
        for at in 0..note.len() {
            let mut bytes = note.clone().into_bytes();
            bytes[at] ^= 1;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            let holds = Note::parse(&changed).is_ok_and(|note| note.verified_by(&keys[2..]).is_some());
            assert!(!holds, "a change of byte {at} is not seen");
        }
    }

    #[test]
    fn a_verifier_key_is_read_as_it_is_written() {
        let key = verifier("dragoman-ledger/1", &pair(9));
        assert_eq!(key.to_string().parse(), Ok(key.clone()));
        let words = ["", "a", "a+b", "a+00000000+AQ==", "+00000000+AQ=="];
        for word in words {
            assert_eq!(word.parse::<VerifierKey>(), Err(BadVerifierKey), "{word}");
        }
        let other = key.to_string().replace("ledger/1", "ledger/2");
        assert_eq!(other.parse::<VerifierKey>(), Err(BadVerifierKey));
    }

    #[test]
    fn a_key_is_shown_as_openssl_shows_it() {
        // The key of RFC 8410 section 10.1.
        let public = STANDARD.decode("Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=").unwrap();
        let key = VerifierKey::new("shop", public.try_into().unwrap());
        let pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
        assert_eq!(key.pem(), pem);
    }

    #[test]
    fn a_known_key_and_note_are_read_as_their_form_says() {
        // The example of the form's own description.
        let key: VerifierKey =
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".parse().unwrap();
        let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
        let signed = "\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        let note = Note::parse(&format!("{text}{signed}")).unwrap();
        assert_eq!(note.verified_by(std::slice::from_ref(&key)), Some(&key));
    }
}
