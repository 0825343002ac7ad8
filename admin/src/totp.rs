//! Which code holds at which moment? One-time passwords by time (RFC 6238, on HOTP of RFC 4226).
//!
//! SHA-1, six digits, 30 seconds: the one choice that every authenticator app knows. No clock in here.

use crate::problem::Problem;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use std::fmt::Write as _;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// How long a code holds, in seconds (RFC 6238, section 5.2).
pub const STEP_SECONDS: i64 = 30;
/// Steps before and after this one whose code is taken: clocks differ, and people take time to type.
const STEPS_ASIDE: i64 = 1;
/// Digits of a code.
pub const DIGITS: usize = 6;
/// Bytes of a secret: as many as SHA-1 gives (RFC 4226, section 4, R6).
const SECRET_BYTES: usize = 20;
/// The letters of base32 (RFC 4648, section 6).
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What the codes of one device are made from.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// A new one of random bytes.
    pub fn new() -> Result<Secret, Problem> {
        let mut bytes = Zeroizing::new(vec![0; SECRET_BYTES]);
        crate::http::caller::fill(&mut bytes)?;
        Ok(Secret(bytes))
    }

    /// The secret of a text in base32 as [`Secret::text`] gives it; `None` for another text.
    pub fn of_text(text: &str) -> Option<Secret> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_BYTES));
        let (mut held, mut bits) = (0_u32, 0_u32);
        for letter in text.bytes() {
            let value = LETTERS.iter().position(|one| *one == letter)?;
            held = (held << 5 | u32::try_from(value).ok()?) & 0xfff;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
            }
        }
        (bytes.len() == SECRET_BYTES).then_some(Secret(bytes))
    }

    /// In base32, as people type it into an app.
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(base32(&self.0))
    }

    /// What an app reads out of the QR code: the form that all of them agree on.
    pub fn uri(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let (issuer, account, secret) = (escaped(issuer), escaped(account), self.text());
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}",
            secret.as_str()
        ))
    }

    /// The code of a step (RFC 4226, section 5.3).
    pub fn code(&self, step: i64) -> String {
        // INVARIANT: HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&self.0) else { return String::new() };
        mac.update(&step.to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let offset = usize::from(hash.last().copied().unwrap_or_default() & 0xf);
        let four = hash.iter().skip(offset).take(4).fold(0_u32, |all, byte| all << 8 | u32::from(*byte));
        format!("{:06}", (four & 0x7fff_ffff) % 1_000_000)
    }

    /// The step at `now`, or one beside it, that `code` is of. Every step is compared, in the same time.
    pub fn step_of(&self, code: &str, now: i64) -> Option<i64> {
        let mut found = None;
        for step in now - STEPS_ASIDE..=now + STEPS_ASIDE {
            if bool::from(self.code(step).as_bytes().ct_eq(code.as_bytes())) {
                found = Some(step);
            }
        }
        found
    }
}

/// The step of a moment in microseconds.
pub fn step_at(us: i64) -> i64 {
    us.div_euclid(1_000_000 * STEP_SECONDS)
}

/// Bytes as letters and digits that cannot be mistaken for each other (RFC 4648, section 6), without padding.
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8 | u32::from(*byte)) & 0xffff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

fn letter(value: u32) -> char {
    LETTERS.get((value & 31) as usize).map_or('A', |letter| char::from(*letter))
}

/// A part of a URI (RFC 3986, section 2.1).
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn secret() -> Secret {
        Secret(Zeroizing::new(b"12345678901234567890".to_vec()))
    }

    #[test]
    fn codes_are_those_of_the_specifications() {
        // RFC 4226, appendix D.
        let codes: Vec<_> = (0..10).map(|step| secret().code(step)).collect();
        let of_hotp = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        assert_eq!(codes, of_hotp);
        // RFC 6238, appendix B, the last six of its eight digits.
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037"), (20_000_000_000, "353130")]
        {
            assert_eq!(secret().code(step_at(seconds * 1_000_000)), code, "{seconds}");
        }
    }

    #[test]
    fn a_code_holds_for_one_step_before_and_one_after() {
        let code = secret().code(1_000);
        for (now, step) in
            [(998, None), (999, Some(1_000)), (1_000, Some(1_000)), (1_001, Some(1_000)), (1_002, None)]
        {
            assert_eq!(secret().step_of(&code, now), step, "at {now}");
        }
        for wrong in ["", "0", "1234567", "abcdef", &code[..5]] {
            assert_eq!(secret().step_of(wrong, 1_000), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_read_as_it_was_written() {
        assert_eq!(secret().text().as_str(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(Secret::of_text(&secret().text()).unwrap().0, secret().0);
        let new = Secret::new().unwrap();
        assert_eq!(Secret::of_text(&new.text()).unwrap().0, new.0);
        assert!(Secret::of_text("GEZDGNBV").is_none() && Secret::of_text("gezdgnbvgy3tqojq0").is_none());
        // RFC 4648, section 10.
        for (bytes, text) in [("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn the_uri_names_issuer_and_account() {
        assert_eq!(
            secret().uri("Dragoman", "ada+one@example.com").as_str(),
            "otpauth://totp/Dragoman:ada%2Bone@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Dragoman"
        );
    }
}
