//! How is an MD5 password asked for, checked and given by somebody who never learns the password?
//!
//! ```text
//! stored = "md5" + hex(MD5(password + user))
//! answer = "md5" + hex(MD5(the 32 characters stored + 4 bytes of salt))
//! ```
//!
//! What is stored is all one needs to log in, here and at the server: that is what is wrong with the method, and
//! why the server warns of it from version 18 on (PostgreSQL documentation, "Password Authentication").

use ::md5::{Digest as _, Md5};
use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Characters of a hash.
const HASH_CHARACTERS: usize = 32;

/// Bytes of the salt a server sends.
pub const SALT_BYTES: usize = 4;

/// A stored MD5 password. It is as good as the password: wiped when dropped, shown by nothing.
pub struct Verifier(Zeroizing<[u8; HASH_CHARACTERS]>);

impl fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Verifier(md5)")
    }
}

impl Verifier {
    /// Reads `md5…` with 32 hexadecimal digits behind, in lower case as PostgreSQL writes them.
    pub fn parse(text: &str) -> Option<Verifier> {
        let hash: [u8; HASH_CHARACTERS] = text.strip_prefix("md5")?.as_bytes().try_into().ok()?;
        let hash = Zeroizing::new(hash);
        hash.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).then_some(Verifier(hash))
    }

    /// What a client that has the password answers to `salt`.
    pub fn answer(&self, salt: [u8; SALT_BYTES]) -> Zeroizing<Vec<u8>> {
        let digest = Md5::new().chain_update(&self.0[..]).chain_update(salt).finalize();
        let mut answer = Zeroizing::new(Vec::with_capacity(3 + HASH_CHARACTERS));
        answer.extend_from_slice(b"md5");
        for byte in digest {
            answer.extend([byte >> 4, byte & 0x0f].map(digit));
        }
        answer
    }

    /// Whether `answer` is the right one to `salt`, in constant time.
    pub fn accepts(&self, salt: [u8; SALT_BYTES], answer: &[u8]) -> bool {
        self.answer(salt)[..].ct_eq(answer).into()
    }

    /// Whether `other` says the same.
    pub fn is_same(&self, other: &Verifier) -> bool {
        self.0.ct_eq(&*other.0).into()
    }
}

/// A hexadecimal digit, without a table to look at.
fn digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'a' + (value - 10) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// `SELECT rolpassword FROM pg_authid` after `CREATE ROLE hashed PASSWORD 'correct-horse-7391'` with
    /// `password_encryption = md5`.
    const STORED: &str = "md544e5b9eff62feea281ac7a4160c308cd";

    #[test]
    fn the_answer_is_the_one_of_who_has_the_password() {
        let verifier = Verifier::parse(STORED).unwrap();
        let salt = [1, 0, 255, 39];
        // md5(md5('correct-horse-7391' || 'hashed') || salt), by another program.
        let answer = b"md572143bc4a6c11cfd4230d183b1788469";
        assert_eq!(&verifier.answer(salt)[..], answer);
        assert!(verifier.accepts(salt, answer));
        assert!(!verifier.accepts([1, 0, 255, 40], answer));
        for wrong in [&b""[..], b"md5", &answer[3..], &answer[..34], &[&answer[..], b"0"].concat()] {
            assert!(!verifier.accepts(salt, wrong), "{wrong:?}");
        }
        assert!(!verifier.accepts(salt, &answer.to_ascii_uppercase()));
    }

    #[test]
    fn only_what_postgresql_writes_is_read() {
        assert!(Verifier::parse(STORED).is_some_and(|one| one.is_same(&Verifier::parse(STORED).unwrap())));
        for text in
            ["", "md5", &STORED[3..], &STORED[..34], &STORED.to_uppercase(), &STORED.replace("md5", "MD5")]
        {
            assert!(Verifier::parse(text).is_none(), "{text}");
        }
        assert!(Verifier::parse(&format!("{STORED}0")).is_none());
        assert!(Verifier::parse(&format!("md5{}", "g".repeat(32))).is_none());
        assert!(Verifier::parse(&format!("md5{}", "\u{e9}".repeat(16))).is_none());
    }

    #[test]
    fn it_is_not_shown() {
        assert_eq!(format!("{:?}", Verifier::parse(STORED)), "Some(Verifier(md5))");
    }
}
