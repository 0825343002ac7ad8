//! Can either peer of a login make the relay of it panic or pass more than it was given?
#![no_main]

use libfuzzer_sys::fuzz_target;
use wire_postgres::authentication::{Challenge, Hops, Relay};

fuzz_target!(|data: &[u8]| {
    let Some((&hops, data)) = data.split_first() else { return };
    let Some((&cut, data)) = data.split_first() else { return };
    let hops = [Hops::PlaintextClient, Hops::Separate, Hops::SameCertificate][usize::from(hops) % 3];
    let (mut server, mut client) = data.split_at(usize::from(cut).min(data.len()));
    let mut relay = Relay::new(hops);
    loop {
        match relay.server(server) {
            Ok(Challenge::Pass(len) | Challenge::Replace { len, .. }) => server = &server[len..],
            Ok(Challenge::Granted { len, .. } | Challenge::Failed { len, .. }) => {
                assert!(len <= server.len());
                return;
            }
            Ok(Challenge::More | Challenge::Impossible(_)) | Err(_) => break,
        }
        while let Ok(Ok(Some(len))) = relay.client(client) {
            client = &client[len..];
        }
    }
});
