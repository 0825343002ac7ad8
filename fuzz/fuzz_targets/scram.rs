//! Whatever a client answers and whatever an upstream asks in a verified login, in whatever pieces: does anybody get in
//! without the key, does anything panic, is more taken than was given?
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::Arc;
use wire_postgres::scram::{Binding, end_point};
use wire_postgres::verification::{Client, Credential, NONCE_BYTES, Progress, Reply, Server, Verifier};

/// The verifier of RFC 7677's example, and an MD5 password: the seeds have right answers to them.
const STORED: [&str; 2] = [
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
    "md544e5b9eff62feea281ac7a4160c308cd",
];

fn binding(choice: u8) -> Binding {
    match choice % 3 {
        0 => Binding::Plaintext,
        1 => Binding::None,
        _ => Binding::Certificate(Arc::from(&b"hash"[..])),
    }
}

/// What the client's bytes come to when they arrive in pieces of `size`.
fn prove(server: &mut Server, bytes: &[u8], size: usize) -> Option<Credential> {
    let (mut held, mut out) = (Vec::new(), Vec::new());
    for piece in bytes.chunks(size.max(1)) {
        held.extend_from_slice(piece);
        loop {
            match server.client(&held, &mut out) {
                Ok(Progress::Answered(len)) => {
                    assert!(len > 4 && len <= held.len());
                    held.drain(..len);
                }
                Ok(Progress::Proved { consumed, credential }) => {
                    assert!(consumed <= held.len());
                    return Some(credential);
                }
                Ok(Progress::More) => break,
                Ok(Progress::Failed(_)) | Err(_) => return None,
            }
        }
    }
    None
}

/// An upstream that says anything: its bytes are never the client's, and it grants nothing it has begun to ask for.
fn hear(mut client: Client<'_>, mut bytes: &[u8]) {
    let (mut out, mut asked, mut signed) = (Vec::new(), false, false);
    loop {
        let tag = bytes.first().copied();
        let code = bytes.get(8).copied();
        match client.server(bytes, &mut out) {
            Ok(Reply::Answered(len)) => {
                asked = true;
                signed = code == Some(12) || code == Some(5);
                bytes = &bytes[len..];
            }
            Ok(Reply::Pass(len) | Reply::Stale(len)) => bytes = &bytes[len..],
            Ok(Reply::Granted { len }) => {
                assert!(len <= bytes.len() && tag == Some(b'R') && (signed || !asked));
                return;
            }
            Ok(Reply::Failed { len, .. }) => {
                assert!(len <= bytes.len() && tag == Some(b'E'));
                return;
            }
            Ok(Reply::More | Reply::Impossible(_)) | Err(_) => return,
        }
        assert!(out.len() <= bytes.len() + 8_192, "an upstream cannot make an answer grow");
        out.clear();
    }
}

fuzz_target!(|data: &[u8]| {
    let [kind, hops, size, nonce, data @ ..] = data else { return };
    let text = String::from_utf8_lossy(data);
    let _ = Verifier::parse(&text);
    let _ = end_point(data);
    let stored = Verifier::parse(STORED[usize::from(kind % 2)]).expect("it is one");
    let mut server = Server::new(&stored, binding(*hops), [*nonce; NONCE_BYTES]);
    let mut offer = Vec::new();
    server.offer(&mut offer);
    let cut = data.windows(4).position(|bytes| bytes == b"\0--\0").unwrap_or(data.len());
    let (client, upstream) = data.split_at(cut);
    let upstream = upstream.get(4..).unwrap_or_default();
    let Some(credential) = prove(&mut server, client, usize::from(*size)) else { return };
    // A proof was right: what it left gets in at a server with the same verifier, and at none that makes one up.
    let imagined = Verifier::imagined(&[*nonce; 32], data, 4096);
    for (verifier, gets_in) in [(&stored, true), (&imagined, false)] {
        let mut server = Server::new(verifier, binding(*hops), [1; NONCE_BYTES]);
        let mut client = Client::new(&credential, binding(*hops), [2; NONCE_BYTES]);
        let (mut down, mut up) = (Vec::new(), Vec::new());
        server.offer(&mut down);
        let entered = loop {
            up.clear();
            match client.server(&down, &mut up) {
                Ok(Reply::Answered(_) | Reply::Stale(_)) if !up.is_empty() => {}
                _ => break false,
            }
            down.clear();
            match server.client(&up, &mut down) {
                Ok(Progress::Answered(_)) => {}
                Ok(Progress::Proved { .. }) => break true,
                _ => break false,
            }
        };
        assert_eq!(entered, gets_in);
    }
    hear(Client::new(&credential, binding(*hops), [*nonce; NONCE_BYTES]), upstream);
});
