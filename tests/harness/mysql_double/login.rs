//! How does the double find out whether somebody knows the password?

use super::super::server::PASSWORD;
use super::{CHALLENGE, Guest, Manner};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use std::sync::LazyLock;

/// The server's key, made once, as it takes long; and its public half as the server gives it away.
static KEY: LazyLock<(OaepPrivateDecryptingKey, String)> = LazyLock::new(|| {
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("a key");
    let public: PublicKeyX509Der<'_> = key.public_key().as_der().expect("the public key");
    let public = pem(public.as_ref());
    (OaepPrivateDecryptingKey::new(key).expect("a key for OAEP"), public)
});

/// A challenge that is not the greeting's.
const FRESH: &[u8; 20] = b"ABCDEFGHIJKLMNOPQRST";

/// The password of the second factor.
pub const SECOND_PASSWORD: &str = "battery-staple-1846";

/// What MariaDB's `ed25519_password` makes of [`PASSWORD`], as its own server has stored it.
const ED25519_KEY: [u8; 32] = [
    0x63, 0xd3, 0xed, 0x36, 0x6c, 0x0b, 0xde, 0xaf, 0xa2, 0x89, 0x2c, 0xc1, 0x1d, 0xae, 0xdb, 0xc1, 0xeb,
    0x4a, 0x13, 0x1e, 0xfd, 0x75, 0x43, 0x67, 0x1e, 0x54, 0x92, 0x71, 0xb0, 0xd2, 0xfe, 0xdd,
];

/// How it asks for the password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Login {
    /// The greeting names `caching_sha2_password`.
    #[default]
    Caching,
    /// The greeting names another plugin, and `caching_sha2_password` comes with a fresh challenge.
    CachingBySwitch,
    /// `caching_sha2_password`, then another password as it is.
    TwoFactors,
    /// MariaDB's ed25519.
    Ed25519,
    /// The password itself.
    Clear,
    /// A plugin that no gateway can relay.
    Kerberos,
}

impl Login {
    /// The plugin the greeting names.
    pub(super) fn first_plugin(self) -> &'static [u8] {
        match self {
            Login::Caching | Login::TwoFactors => b"caching_sha2_password",
            Login::CachingBySwitch | Login::Ed25519 | Login::Clear | Login::Kerberos => {
                b"mysql_native_password"
            }
        }
    }
}

impl Guest {
    /// How somebody proved to know the password; `None` where nobody did.
    pub(super) fn log_in(
        &mut self,
        response: &[u8],
        manner: Manner,
        encrypted: bool,
    ) -> std::io::Result<Option<&'static str>> {
        match manner.login {
            Login::Caching => self.caching(&proof(response), manner.warm, encrypted, CHALLENGE, PASSWORD),
            Login::CachingBySwitch => {
                let proof = self.switch(0xfe, b"caching_sha2_password", FRESH)?;
                self.caching(&proof, manner.warm, encrypted, FRESH, PASSWORD)
            }
            Login::TwoFactors => {
                let first = self.caching(&proof(response), manner.warm, encrypted, CHALLENGE, PASSWORD)?;
                if first.is_none() {
                    return Ok(None);
                }
                let second = self.switch(2, b"mysql_clear_password", b"")?;
                Ok((second == ended(SECOND_PASSWORD)).then_some("two factors"))
            }
            Login::Ed25519 => {
                let challenge = [7; 32];
                let signature = self.switch(0xfe, b"client_ed25519", &challenge)?;
                let key = UnparsedPublicKey::new(&ED25519, ED25519_KEY);
                Ok(key.verify(&challenge, &signature).is_ok().then_some("signed"))
            }
            Login::Clear => {
                let password = self.switch(0xfe, b"mysql_clear_password", b"")?;
                Ok((password == ended(PASSWORD)).then_some("clear"))
            }
            Login::Kerberos => {
                self.switch(0xfe, b"authentication_kerberos_client", b"service@REALM")?;
                Ok(None)
            }
        }
    }

    /// Asks by another plugin, for this factor or the next.
    fn switch(&mut self, tag: u8, plugin: &[u8], challenge: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut payload = [&[tag], plugin, b"\0", challenge].concat();
        if challenge.len() == FRESH.len() {
            payload.push(0);
        }
        self.say(&payload)?;
        self.hear()
    }

    /// MySQL's documentation, "Caching SHA-2 Pluggable Authentication".
    fn caching(
        &mut self,
        proof: &[u8],
        warm: bool,
        encrypted: bool,
        challenge: &[u8; 20],
        password: &str,
    ) -> std::io::Result<Option<&'static str>> {
        if proof != scramble(password, challenge) {
            return Ok(None);
        }
        if warm {
            self.say(&[1, 3])?;
            return Ok(Some("fast"));
        }
        self.say(&[1, 4])?;
        let answer = self.hear()?;
        if encrypted {
            return Ok((answer == ended(password)).then_some("clear"));
        }
        // Some clients send the password itself here, which no server takes.
        if answer != [2] {
            return Ok(None);
        }
        self.say(&[b"\x01", KEY.1.as_bytes()].concat())?;
        let hidden = self.hear()?;
        let mut plain = vec![0; KEY.0.min_output_size()];
        let Ok(plain) = KEY.0.decrypt(&OAEP_SHA1_MGF1SHA1, &hidden, &mut plain, None) else {
            return Ok(None);
        };
        let seen: Vec<u8> =
            plain.iter().zip(challenge.iter().cycle()).map(|(byte, salt)| byte ^ salt).collect();
        Ok((seen == ended(password)).then_some("encrypted"))
    }
}

/// The proof in a response.
fn proof(response: &[u8]) -> Vec<u8> {
    let user_ends = response[32..].iter().position(|byte| *byte == 0).expect("a user's end");
    let proof = &response[32 + user_ends + 1..];
    proof[1..=usize::from(proof[0])].to_vec()
}

fn ended(password: &str) -> Vec<u8> {
    [password.as_bytes(), b"\0"].concat()
}

/// XOR of the password's hash and the hash of its twice hashed hash and the challenge.
fn scramble(password: &str, challenge: &[u8; 20]) -> Vec<u8> {
    let once = digest(&SHA256, password.as_bytes());
    let twice = digest(&SHA256, once.as_ref());
    let mixed = digest(&SHA256, &[twice.as_ref(), challenge].concat());
    once.as_ref().iter().zip(mixed.as_ref()).map(|(one, other)| one ^ other).collect()
}

fn pem(der: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for bytes in der.chunks(3) {
        let number = bytes.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        let number = number << (8 * (3 - bytes.len()));
        for place in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= bytes.len() { char::from(letter) } else { '=' });
        }
    }
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line)).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}
