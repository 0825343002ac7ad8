//! What does a server keep of a password?
//!
//! ```text
//! SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>        the binary parts in base64
//! ```
//!
//! `pg_authid.rolpassword`, the result of psql's `\password`, and lists of users of poolers have this form
//! (PostgreSQL documentation, "pg_authid").

use super::{KEY_BYTES, authenticated, key_of_base64};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::Zeroizing;

/// Bytes of a salt PostgreSQL makes: `SCRAM_DEFAULT_SALT_LEN`.
const SALT_BYTES: usize = 16;

/// Longest salt: with it and the longest nonce a client can send, the server's first message stays below the
/// 2,000 bytes that libpq takes of an authentication request.
const SALT_BYTES_MAX: usize = 256;

/// Most iterations: PostgreSQL's own bound of `scram_iterations`. They cost the gateway nothing: only who
/// has the password hashes that often.
const ITERATIONS_MAX: u32 = i32::MAX.unsigned_abs();

/// A stored SCRAM verifier. With it and one login overheard its user's key is known, so it is kept as a
/// password is: wiped when dropped, shown by nothing.
pub struct Verifier {
    pub(super) iterations: u32,
    pub(super) salt: Box<[u8]>,
    pub(super) stored_key: Zeroizing<[u8; KEY_BYTES]>,
    pub(super) server_key: Zeroizing<[u8; KEY_BYTES]>,
    /// Not for one that is imagined: then no proof is right.
    pub(super) exists: Choice,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Verifier").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

/// Why a text is no verifier. Says nothing of what the text holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifierError {
    /// Neither begins as a verifier does: perhaps a password in plain.
    #[error("neither `SCRAM-SHA-256$…` nor `md5…`: passwords in plain are not taken")]
    Form,
    /// The parts of a SCRAM verifier are not all there, or more of them.
    #[error("a SCRAM verifier has the form `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`")]
    Parts,
    /// Not a number from 1 to 2,147,483,647.
    #[error("the iterations of a SCRAM verifier are a number from 1 to 2147483647")]
    Iterations,
    /// Not base64, empty, or too long.
    #[error("the salt of a SCRAM verifier is 1 to 256 bytes in base64")]
    Salt,
    /// Not base64, or not 32 bytes.
    #[error("the keys of a SCRAM verifier are 32 bytes each in base64")]
    Keys,
}

impl Verifier {
    /// Reads a verifier.
    pub fn parse(text: &str) -> Result<Verifier, VerifierError> {
        let text = text.strip_prefix("SCRAM-SHA-256$").ok_or(VerifierError::Form)?;
        let (hashing, keys) = text.split_once('$').ok_or(VerifierError::Parts)?;
        let (iterations, salt) = hashing.split_once(':').ok_or(VerifierError::Parts)?;
        let (stored_key, server_key) = keys.split_once(':').ok_or(VerifierError::Parts)?;
        let digits = iterations.bytes().all(|byte| byte.is_ascii_digit());
        let iterations =
            iterations.parse().ok().filter(|number| digits && (1..=ITERATIONS_MAX).contains(number));
        let salt = STANDARD.decode(salt).ok().filter(|salt| (1..=SALT_BYTES_MAX).contains(&salt.len()));
        Ok(Verifier {
            iterations: iterations.ok_or(VerifierError::Iterations)?,
            salt: salt.ok_or(VerifierError::Salt)?.into(),
            stored_key: key_of_base64(stored_key.as_bytes()).ok_or(VerifierError::Keys)?,
            server_key: key_of_base64(server_key.as_bytes()).ok_or(VerifierError::Keys)?,
            exists: Choice::from(1),
        })
    }

    /// The verifier of a user there is none of: the same each time it is asked for, unlike any other's, and no
    /// proof fits it. `iterations` is what the server gives new passwords.
    pub fn imagined(seed: &[u8; 32], user: &[u8], iterations: u32) -> Verifier {
        let made = |what: &[u8]| authenticated(seed, &[what, b"\0", user]);
        Verifier {
            iterations: iterations.clamp(1, ITERATIONS_MAX),
            salt: made(b"salt").iter().copied().take(SALT_BYTES).collect(),
            stored_key: made(b"stored key"),
            server_key: made(b"server key"),
            exists: Choice::from(0),
        }
    }

    /// How often a password is hashed.
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Whether `other` says the same.
    pub fn is_same(&self, other: &Verifier) -> bool {
        let keys = self.stored_key.ct_eq(&*other.stored_key) & self.server_key.ct_eq(&*other.server_key);
        let hashing = self.iterations.ct_eq(&other.iterations) & self.salt.ct_eq(&other.salt);
        (keys & hashing & self.exists.ct_eq(&other.exists)).into()
    }
}
