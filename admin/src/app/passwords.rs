//! How are passwords kept and compared? Argon2id (RFC 9106), and never on a thread that answers others.

use crate::problem::{Code, Problem};
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::{LazyLock, OnceLock};
use tokio::sync::Semaphore;

/// Memory in KiB, passes and lanes: the second choice of the OWASP cheat sheet on storing passwords.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Shortest and longest password, in characters and in bytes.
pub const CHARACTERS_MIN: usize = 10;
/// See [`CHARACTERS_MIN`].
pub const BYTES_MAX: usize = 1024;

/// Hashes at once: each takes a core and 19 MiB for some 20 ms.
static PLACES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

fn hasher() -> Result<Argon2<'static>, Problem> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| Problem::new(Code::Internal, "passwords cannot be hashed").with_cause(error))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Whether a password can be taken: long enough, and neither the e-mail nor one that everybody tries.
pub fn check(password: &str, email: &str) -> Result<(), Problem> {
    const USUAL: [&str; 12] = [
        "password",
        "passwort",
        "qwertyuiop",
        "1234567890",
        "0123456789",
        "iloveyou",
        "letmein",
        "welcome",
        "admin",
        "changeme",
        "dragoman",
        "abcdefghij",
    ];
    let lower = password.to_lowercase();
    let bare = lower.trim_matches(|character: char| !character.is_alphabetic());
    let wrong = if password.chars().count() < CHARACTERS_MIN {
        "must have at least 10 characters"
    } else if password.len() > BYTES_MAX {
        "must have at most 1024 bytes"
    } else if lower == email.trim().to_lowercase() || USUAL.contains(&lower.as_str()) || USUAL.contains(&bare)
    {
        "is one of those that are tried first"
    } else {
        return Ok(());
    };
    Err(Problem::invalid("password", wrong).with_hint("take four words nobody would say one after the other"))
}

/// The hash of a password, as the state keeps it (PHC string format).
pub async fn hash(password: String) -> Result<String, Problem> {
    blocking(move || {
        let hash = hasher()?.hash_password(password.as_bytes());
        let hash = hash.map_err(|error| {
            Problem::new(Code::Internal, "the password cannot be hashed").with_cause(error)
        })?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether a password is the one of the hash. Takes as long where there is no hash: nobody learns from
/// the time whether an account is there.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool, Problem> {
    static NOBODYS: OnceLock<String> = OnceLock::new();
    blocking(move || {
        let known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash,
            None => match NOBODYS.get() {
                Some(hash) => hash.clone(),
                None => {
                    let made = hasher()?.hash_password(b"nobody has this one");
                    let made = made.map_err(|error| {
                        Problem::new(Code::Internal, "passwords cannot be hashed").with_cause(error)
                    })?;
                    NOBODYS.get_or_init(|| made.to_string()).clone()
                }
            },
        };
        let parsed = PasswordHash::new(&hash).map_err(|error| {
            Problem::new(Code::Internal, "a stored password is damaged").with_cause(error)
        })?;
        Ok(hasher()?.verify_password(password.as_bytes(), &parsed).is_ok() && known)
    })
    .await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let place = PLACES.acquire().await;
    let place = place
        .map_err(|error| Problem::new(Code::Unavailable, "the control plane stops").with_cause(error))?;
    let done = tokio::task::spawn_blocking(work).await;
    drop(place);
    done.map_err(|error| Problem::new(Code::Internal, "a password could not be hashed").with_cause(error))?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn a_password_is_its_own_and_nobodys_else() {
        let stored = hash("four words in line".to_owned()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(verify("four words in line".to_owned(), Some(stored.clone())).await.unwrap());
        assert!(!verify("four words in lime".to_owned(), Some(stored)).await.unwrap());
        assert!(!verify("nobody has this one".to_owned(), None).await.unwrap());
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        for password in ["short", "password123!", "1234567890", "Ada@Example.com", "DRAGOMAN-2026"] {
            assert!(check(password, "ada@example.com").is_err(), "{password}");
        }
        check("correct horse battery", "ada@example.com").unwrap();
    }
}
