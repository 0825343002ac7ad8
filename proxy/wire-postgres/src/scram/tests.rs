//! SCRAM by its RFCs' examples, by verifiers PostgreSQL made, and by what must not pass.

#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use aws_lc_rs::pbkdf2;
use std::num::NonZeroU32;
use std::sync::Arc;

/// The verifier of RFC 7677's example, whose password is `pencil`.
pub(crate) const PENCIL: &str = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
pub(crate) const RFC_NONCE: &str = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
pub(crate) const RFC_FIRST_BARE: &str = "n=user,r=rOprNGfwEbeRWgbNEkqO";
pub(crate) const RFC_SERVER_FIRST: &str =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
pub(crate) const RFC_FINAL: &str = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
pub(crate) const RFC_SERVER_FINAL: &str = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

/// What who has the password makes of it: the key, and what a server stores.
pub(crate) fn made(password: &str, salt: &[u8], iterations: u32) -> (ClientKey, Verifier) {
    let mut salted = Zeroizing::new([0; KEY_BYTES]);
    let times = NonZeroU32::new(iterations).unwrap();
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, times, salt, password.as_bytes(), &mut salted[..]);
    let key = ClientKey(authenticated(&salted, &[b"Client Key"]));
    let mut stored_key = Zeroizing::new([0; KEY_BYTES]);
    stored_key.copy_from_slice(digest::digest(&digest::SHA256, &key.0[..]).as_ref());
    let server_key = authenticated(&salted, &[b"Server Key"]);
    let mut text = format!("SCRAM-SHA-256${iterations}:").into_bytes();
    put_base64(salt, &mut text);
    text.push(b'$');
    put_base64(&stored_key[..], &mut text);
    text.push(b':');
    put_base64(&server_key[..], &mut text);
    let verifier = Verifier::parse(std::str::from_utf8(&text).unwrap()).unwrap();
    (key, verifier)
}

impl Verifier {
    /// The same, of somebody who has seen the salt and the StoredKey and not the ServerKey.
    pub(crate) fn of_an_impostor(mut self) -> Verifier {
        self.server_key = Zeroizing::new([0; KEY_BYTES]);
        self
    }
}

/// The key of RFC 7677's example.
pub(crate) fn pencil_key() -> ClientKey {
    made("pencil", &STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap(), 4096).0
}

#[test]
fn the_rfcs_password_makes_the_rfcs_verifier() {
    let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
    let (key, verifier) = made("pencil", &salt, 4096);
    assert!(verifier.is_same(&Verifier::parse(PENCIL).unwrap()));
    assert!(key.fits(&verifier));
    assert!(!made("Pencil", &salt, 4096).0.fits(&verifier));
}

/// `SELECT rolpassword FROM pg_authid`, as each version made it of the password `correct-horse-7391`; the last one
/// with `scram_iterations = 100000`.
const POSTGRESQL: [(&str, &str); 6] = [
    (
        "14",
        "SCRAM-SHA-256$4096:yfsdFwFewtCEEtf+ocAi0g==$iyXzjS8Yy/UdzgcORYQQzZENE7N1ZHlwCrw8kpW3W0k=:jE5shen6hGcSfEKnG1ZRHr3Qw89yjvKxStoaStFbrmQ=",
    ),
    (
        "15",
        "SCRAM-SHA-256$4096:oUQQNmggDJPRD5nSWvoDrg==$W9DBYMQCgKwlSjgPrYVFQk5SSMUHp5yiQVUChRBXxOA=:uIuoH+oYb8ZO7GWuOiRBozSW3g7QS/Dtq1FPUCKMJnA=",
    ),
    (
        "16",
        "SCRAM-SHA-256$4096:ihIIsTMK9gZ54vTvmpCOow==$8RHiub9eiPw4W3OuIWq1sjfwuMEKEJG7CxkTsLrtnf8=:Oljun/g/AD0lzYJRhleqBfLv5eTfY5C8kMDqRiGf2cU=",
    ),
    (
        "17",
        "SCRAM-SHA-256$4096:Y9cKpg/Z5pQIozbngLkRlA==$/WZfRkjs+m5QZMATaSbVPTRUHIaCbEb7uhYx7OJNElA=:6XDp96MY5uF36tREBKT9vHFt/3WvYslVC/ThhBgBlOk=",
    ),
    (
        "18",
        "SCRAM-SHA-256$4096:qxVEA8Yue2UfwmbyG/q1fQ==$+IOldMnoekafjY+5/F9shMJYDcukIFu4O0G/qK3hV/M=:T021GcVrt5kMGtFhQib3tKYoqBWuANUaKArRMf2ZiKI=",
    ),
    (
        "18",
        "SCRAM-SHA-256$100000:LleOvlJrESRPUogm74Bgjg==$Gw3tTErBW7w6+K8V7/ae1afIHiV4N5Ne6g+tbyWxRQY=:6coadRuTZibMoMwQ0x7Vl4qHoq13mU5SBQn52v8SJA0=",
    ),
];

#[test]
fn verifiers_made_by_postgresql_are_those_of_their_password() {
    for (version, text) in POSTGRESQL {
        let verifier = Verifier::parse(text).unwrap();
        let (key, same) = made("correct-horse-7391", &verifier.salt, verifier.iterations);
        assert!(key.fits(&verifier) && same.is_same(&verifier), "PostgreSQL {version}");
        let (wrong, _) = made("correct-horse-7392", &verifier.salt, verifier.iterations);
        assert!(!wrong.fits(&verifier), "PostgreSQL {version}");
    }
    let verifier = POSTGRESQL.last().map(|(_, text)| Verifier::parse(text).unwrap());
    assert_eq!(verifier.map(|verifier| verifier.iterations()), Some(100_000));
}

#[test]
fn what_is_no_verifier_is_told_apart() {
    let keys = "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
    let salt = "W22ZaJ0SNY7soEsUEjb6gQ==";
    let (long, longest) = (STANDARD.encode([7; 257]), STANDARD.encode([7; 256]));
    for (text, error) in [
        (String::new(), VerifierError::Form),
        ("battery-staple".to_owned(), VerifierError::Form),
        (format!("SCRAM-SHA-1$4096:{salt}${keys}"), VerifierError::Form),
        (format!("SCRAM-SHA-256-PLUS$4096:{salt}${keys}"), VerifierError::Form),
        (format!("scram-sha-256$4096:{salt}${keys}"), VerifierError::Form),
        (format!(" SCRAM-SHA-256$4096:{salt}${keys}"), VerifierError::Form),
        ("SCRAM-SHA-256$".to_owned(), VerifierError::Parts),
        (format!("SCRAM-SHA-256$4096${keys}"), VerifierError::Parts),
        (format!("SCRAM-SHA-256$4096:{salt}"), VerifierError::Parts),
        (format!("SCRAM-SHA-256$4096:{salt}$onlyone"), VerifierError::Parts),
        (format!("SCRAM-SHA-256$0:{salt}${keys}"), VerifierError::Iterations),
        (format!("SCRAM-SHA-256$:{salt}${keys}"), VerifierError::Iterations),
        (format!("SCRAM-SHA-256$-4096:{salt}${keys}"), VerifierError::Iterations),
        (format!("SCRAM-SHA-256$+4096:{salt}${keys}"), VerifierError::Iterations),
        (format!("SCRAM-SHA-256$2147483648:{salt}${keys}"), VerifierError::Iterations),
        (format!("SCRAM-SHA-256$99999999999999999999:{salt}${keys}"), VerifierError::Iterations),
        (format!("SCRAM-SHA-256$4096:${keys}"), VerifierError::Salt),
        (format!("SCRAM-SHA-256$4096:{}${keys}", &salt[1..]), VerifierError::Salt),
        (format!("SCRAM-SHA-256$4096:{long}${keys}"), VerifierError::Salt),
        (format!("SCRAM-SHA-256$4096:{salt}${}", &keys[1..]), VerifierError::Keys),
        (format!("SCRAM-SHA-256$4096:{salt}${keys}:"), VerifierError::Keys),
        (format!("SCRAM-SHA-256$4096:{salt}${keys}\n"), VerifierError::Keys),
        (format!("SCRAM-SHA-256$4096:{salt}${}", keys.replace('=', "")), VerifierError::Keys),
        (format!("SCRAM-SHA-256$4096:{salt}${salt}:{salt}"), VerifierError::Keys),
    ] {
        let found = Verifier::parse(&text).map(|_| ());
        assert_eq!(found, Err(error), "{text}");
    }
    for text in [
        format!("SCRAM-SHA-256$2147483647:{salt}${keys}"),
        format!("SCRAM-SHA-256$1:{longest}${keys}"),
        format!("SCRAM-SHA-256$4096:AA==${keys}"),
    ] {
        assert!(Verifier::parse(&text).is_ok(), "{text}");
    }
}

#[test]
fn nothing_secret_is_shown() {
    let (key, verifier) = made("pencil", b"0123456789abcdef", 1);
    let made_keys = (verifier.stored_key.clone(), verifier.server_key.clone());
    let server = Server::new(Arc::new(verifier), Binding::None, [7; NONCE_BYTES]);
    let shown = format!("{server:?} {key:?}");
    assert!(shown.contains("Verifier { iterations: 1, .. }") && shown.contains("ClientKey(..)"), "{shown}");
    for secret in [&key.0, &made_keys.0, &made_keys.1] {
        let bytes = format!("{:?}", &secret[..4]);
        assert!(!shown.contains(bytes.trim_matches(['[', ']'])), "{shown}");
    }
}

#[test]
fn an_imagined_verifier_stays_the_same_is_nobody_elses_and_fits_no_key() {
    let seed = [9; 32];
    let imagined = |user: &str| Verifier::imagined(&seed, user.as_bytes(), 4096);
    assert!(imagined("nobody").is_same(&imagined("nobody")));
    assert_ne!(imagined("nobody").salt, imagined("somebody").salt);
    assert_ne!(imagined("nobody").salt, Verifier::imagined(&[8; 32], b"nobody", 4096).salt);
    assert_eq!((imagined("nobody").salt.len(), imagined("nobody").iterations), (16, 4096));
    assert_eq!(Verifier::imagined(&seed, b"nobody", 0).iterations, 1);
    // Even who would have the key is not let in, and nobody has: it is what makes the two take the same time.
    let (key, real) = made("pencil", b"0123456789abcdef", 1);
    let mut doomed = imagined("nobody");
    doomed.stored_key = real.stored_key.clone();
    assert!(key.fits(&real) && !key.fits(&doomed));
    assert!(!doomed.is_same(&real));
}

#[test]
fn a_clients_first_message_is_read_to_the_letter() {
    let verifier = Arc::new(Verifier::parse(PENCIL).unwrap());
    let bound = || Binding::Certificate(Arc::from(&b"hash"[..]));
    let first = |binding: Binding, plus: bool, text: &str| {
        let server = Server::new(Arc::clone(&verifier), binding, [0xff; NONCE_BYTES]);
        let mut out = Vec::new();
        server.first(plus, text.as_bytes(), &mut out).map(|_| String::from_utf8(out).unwrap())
    };
    let asks = |nonce: &str| Ok(format!("r={nonce}{},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "/".repeat(24)));
    for (text, expected) in [
        ("n,,n=,r=abc", asks("abc")),
        ("y,,n=,r=abc", asks("abc")),
        // Names are ignored, as they are by PostgreSQL: escapes, right or wrong, and what drivers send for "none".
        ("n,,n=*,r=abc", asks("abc")),
        ("n,,n=a=2Cb=3D,r=abc", asks("abc")),
        ("n,,n=a=b,r=abc", asks("abc")),
        ("n,,n=\u{e9},r=abc", asks("abc")),
        ("n,,n=,r=!~,x=1,Y=", asks("!~")),
        ("", Err(Mistake::Malformed)),
        ("n", Err(Mistake::Malformed)),
        ("n,", Err(Mistake::Malformed)),
        ("n,,", Err(Mistake::Malformed)),
        ("n,,n=", Err(Mistake::Malformed)),
        ("n,,n=,r=", Err(Mistake::Malformed)),
        ("n,,n=,r=a b", Err(Mistake::Malformed)),
        ("n,,n=,r=\u{e9}", Err(Mistake::Malformed)),
        ("n,,n=,r=abc\0", Err(Mistake::Malformed)),
        ("n,,n=a\0b,r=abc", Err(Mistake::Malformed)),
        ("n,,n=,r=abc,", Err(Mistake::Malformed)),
        ("n,,n=,r=abc,r=def", Err(Mistake::Malformed)),
        ("n,,n=,r=abc,1=2", Err(Mistake::Malformed)),
        ("n,,n=,r=abc,xx=2", Err(Mistake::Malformed)),
        ("n,,r=abc,n=", Err(Mistake::Malformed)),
        ("N,,n=,r=abc", Err(Mistake::Malformed)),
        ("n,x,n=,r=abc", Err(Mistake::Malformed)),
        ("n,a=root,n=,r=abc", Err(Mistake::Identity)),
        ("n,,m=1,n=,r=abc", Err(Mistake::Extension)),
        ("n,,n=,r=abc,m=1", Err(Mistake::Extension)),
        ("p=tls-unique,,n=,r=abc", Err(Mistake::BindingType)),
        ("p=,,n=,r=abc", Err(Mistake::BindingType)),
        ("p,,n=,r=abc", Err(Mistake::Malformed)),
        // Without PLUS chosen, or offered.
        ("p=tls-server-end-point,,n=,r=abc", Err(Mistake::Malformed)),
    ] {
        assert_eq!(first(Binding::Plaintext, false, text), expected, "{text}");
        assert_eq!(first(Binding::None, false, text), expected, "{text}");
    }
    for (plus, text, expected) in [
        (false, "n,,n=,r=abc", asks("abc")),
        (false, "y,,n=,r=abc", Err(Mistake::Downgrade)),
        (false, "p=tls-server-end-point,,n=,r=abc", Err(Mistake::Malformed)),
        (true, "p=tls-server-end-point,,n=,r=abc", asks("abc")),
        (true, "n,,n=,r=abc", Err(Mistake::Malformed)),
        (true, "y,,n=,r=abc", Err(Mistake::Malformed)),
        (true, "p=tls-exporter,,n=,r=abc", Err(Mistake::BindingType)),
    ] {
        assert_eq!(first(bound(), plus, text), expected, "{text}, with channel binding");
    }
}

#[test]
fn only_the_downgrade_and_the_wrong_certificate_are_about_the_binding() {
    for (mistake, binding) in [
        (Mistake::Malformed, false),
        (Mistake::Mechanism, false),
        (Mistake::Extension, false),
        (Mistake::Identity, false),
        (Mistake::Nonce, false),
        (Mistake::BindingType, false),
        (Mistake::Downgrade, true),
        (Mistake::Binding, true),
    ] {
        assert_eq!(mistake.is_binding(), binding, "{mistake}");
    }
}
