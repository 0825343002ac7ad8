//! How is a whole password hidden under an RSA key, or read that was hidden under the gateway's own?
//!
//! `caching_sha2_password` wants it where the server does not have the hash at hand: as it is over TLS, under
//! the server's key without. Where only one of the hops has TLS, the gateway changes the one form into the
//! other (`wire_mysql::authentication` says when). It has a key of its own for that: made when it is first
//! asked for, kept in memory, gone with the process. What passes here is wiped afterwards.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA1_MGF1SHA1, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey,
    PublicEncryptingKey,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

/// Bytes of a line of PEM.
const PEM_LINE_BYTES: usize = 64;

/// The gateway's key: the private half, and the public one as PEM.
struct Key {
    private: OaepPrivateDecryptingKey,
    public: String,
}

/// One for the process; `None` where it could not be made.
static KEY: OnceCell<Option<Key>> = OnceCell::const_new();

/// Made on another thread, as it takes long: the sessions of this one go on.
async fn key() -> Option<&'static Key> {
    KEY.get_or_init(|| async { spawn_blocking(|| make().ok()).await.ok().flatten() }).await.as_ref()
}

fn make() -> Result<Key, Unspecified> {
    let private = PrivateDecryptingKey::generate(KeySize::Rsa2048)?;
    let public: PublicKeyX509Der<'_> = private.public_key().as_der()?;
    let public = pem(public.as_ref());
    Ok(Key { private: OaepPrivateDecryptingKey::new(private)?, public })
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
    for line in text.as_bytes().chunks(PEM_LINE_BYTES) {
        pem.extend(line.iter().map(|byte| char::from(*byte)));
        pem.push('\n');
    }
    pem + "-----END PUBLIC KEY-----\n"
}

/// The key a client hides its password under, as PEM.
pub(crate) async fn public_key() -> Option<&'static str> {
    key().await.map(|key| &*key.public)
}

/// What was hidden under the gateway's key; `None` where it was not.
pub(crate) async fn reveal(hidden: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (key, hidden) = (key().await?, hidden.to_vec());
    let revealed = spawn_blocking(move || {
        let mut room = Zeroizing::new(vec![0; key.private.min_output_size()]);
        let len = key.private.decrypt(&OAEP_SHA1_MGF1SHA1, &hidden, &mut room, None).ok()?.len();
        room.truncate(len);
        Some(room)
    });
    revealed.await.ok().flatten()
}

/// Hides a password under the key a server gave as PEM; `None` where that is no RSA key of 2048 bits and
/// more, or there is no room under it.
pub(crate) async fn hide(key: &[u8], password: Zeroizing<Vec<u8>>) -> Option<Vec<u8>> {
    let key = SubjectPublicKeyInfoDer::from_pem_slice(key).ok()?;
    let hidden = spawn_blocking(move || {
        let key = OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(&key).ok()?).ok()?;
        let mut room = vec![0; key.ciphertext_size()];
        let len = key.encrypt(&OAEP_SHA1_MGF1SHA1, &password, &mut room, None).ok()?.len();
        room.truncate(len);
        Some(room)
    });
    hidden.await.ok().flatten()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn what_is_hidden_under_our_key_is_revealed_and_nothing_else() {
        run(async {
            let key = public_key().await.unwrap();
            assert_eq!(public_key().await, Some(key), "the key stays");
            let hidden = hide(key.as_bytes(), Zeroizing::new(b"secret\0".to_vec())).await.unwrap();
            assert_eq!(reveal(&hidden).await.unwrap().as_slice(), b"secret\0");
            assert_eq!(reveal(&hidden[1..]).await, None);
            assert_eq!(reveal(b"secret\0").await, None);
            let another = make().unwrap().public;
            let hidden = hide(another.as_bytes(), Zeroizing::new(b"secret\0".to_vec())).await.unwrap();
            assert_eq!(reveal(&hidden).await, None);
        });
    }

    #[test]
    fn what_is_no_key_hides_nothing() {
        run(async {
            let password = || Zeroizing::new(b"secret\0".to_vec());
            let elliptic = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
            for key in ["", "-----BEGIN PUBLIC KEY-----\n", elliptic, &pem(&[0x30; 300])] {
                assert_eq!(hide(key.as_bytes(), password()).await, None, "{key}");
            }
            let key = public_key().await.unwrap();
            assert_eq!(hide(key.as_bytes(), Zeroizing::new(vec![7; 300])).await, None, "too long");
        });
    }
}
