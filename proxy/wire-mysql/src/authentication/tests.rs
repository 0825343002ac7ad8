//! What does a relayed login let pass, what does it change, and what does it refuse?

#![allow(clippy::unwrap_used)]
use super::*;

fn packet(sequence: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame::put(sequence, payload, &mut bytes);
    bytes
}

fn granted() -> Vec<u8> {
    packet(2, OK_BODY)
}

fn switch(plugin: &str) -> Vec<u8> {
    packet(2, &[&[EOF][..], plugin.as_bytes(), b"\0saltsaltsaltsaltsalt\0"].concat())
}

fn login<'a>(hops: Hops, plugin: &'a str, proof: &'a [u8]) -> Login<'a> {
    Login {
        hops,
        plugin: plugin.as_bytes(),
        proof,
        challenge: *b"abcdefghijklmnopqrst",
        factors: true,
        trusts_key: true,
        numbers: Numbers { client: 2, server: 2 },
    }
}

fn relay(hops: Hops, plugin: &str, proof: &[u8]) -> Relay {
    Relay::of_login(&login(hops, plugin, proof)).unwrap()
}

/// Hands a packet of the client in and says what is to be done with it.
fn said(relay: &mut Relay, sequence: u8, payload: &[u8]) -> Said {
    relay.client(&packet(sequence, payload)).unwrap().unwrap()
}

const NATIVE: &str = "mysql_native_password";
const CACHING_NAME: &str = "caching_sha2_password";
const OK_BODY: &[u8] = b"\0\0\0\x02\0\0\0";

#[test]
fn a_login_without_a_proof_is_not_proved() {
    for (proof, proved) in [(&b""[..], false), (b"\0", false), (b"twenty bytes of hash", true)] {
        let mut relay = relay(Hops::Plaintext, NATIVE, proof);
        assert_eq!(relay.server(&granted()), Ok(Challenge::Granted { len: 11, proved }));
    }
}

#[test]
fn what_was_proved_by_another_plugin_does_not_count() {
    let mut relay = relay(Hops::Plaintext, CACHING_NAME, b"thirty-two bytes");
    let asked = switch(NATIVE);
    assert_eq!(relay.server(&asked), Ok(Challenge::Pass(asked.len())));
    relay.client_number(&mut asked.clone());
    assert_eq!(said(&mut relay, 3, b""), Said::Pass(4));
    relay.server_number(&mut packet(3, b""));
    assert_eq!(relay.server(&packet(4, OK_BODY)), Ok(Challenge::Granted { len: 11, proved: false }));
}

#[test]
fn each_factor_is_judged_and_one_proof_is_enough() {
    for (first, second, proved) in [(&b"proof"[..], &b""[..], true), (b"", b"proof", true), (b"", b"", false)]
    {
        let mut relay = relay(Hops::Plaintext, NATIVE, first);
        let next = packet(2, b"\x02caching_sha2_password\0saltsaltsaltsaltsalt\0");
        assert_eq!(relay.server(&next), Ok(Challenge::Pass(next.len())));
        relay.client_number(&mut next.clone());
        said(&mut relay, 3, second);
        relay.server_number(&mut packet(3, second));
        assert_eq!(relay.server(&packet(4, OK_BODY)), Ok(Challenge::Granted { len: 11, proved }));
    }
    let mut relay = relay(Hops::Plaintext, NATIVE, b"proof");
    let next = packet(2, b"\x02mysql_clear_password\0");
    assert_eq!(relay.server(&next), Ok(Challenge::Impossible(Obstacle::Clear)));
}

#[test]
fn a_question_of_a_plugin_that_looks_like_a_factor_is_none_where_nobody_knows_of_factors() {
    let without = Login { factors: false, ..login(Hops::Private, "dialog", b"secret\0") };
    let mut relay = Relay::of_login(&without).unwrap();
    let question = packet(2, b"\x02Your number: ");
    assert_eq!(relay.server(&question), Ok(Challenge::Pass(question.len())));
}

#[test]
fn over_hops_that_are_alike_the_whole_password_passes_as_it_is() {
    let mut relay = relay(Hops::Private, CACHING_NAME, b"thirty-two bytes");
    assert_eq!(relay.server(&packet(2, &[1, 4])), Ok(Challenge::Pass(6)));
    relay.client_number(&mut packet(2, &[1, 4]));
    assert_eq!(said(&mut relay, 3, b"secret\0"), Said::Pass(11));
}

#[test]
fn a_password_hidden_under_our_key_reaches_a_private_server_as_it_is() {
    let mut relay = relay(Hops::PrivateServer, CACHING_NAME, b"thirty-two bytes");
    let wanted = packet(2, &[1, 4]);
    assert_eq!(relay.server(&wanted), Ok(Challenge::Pass(6)));
    relay.client_number(&mut wanted.clone());
    assert_eq!(said(&mut relay, 3, &[2]), Said::KeyWanted(5));
    let mut key = Vec::new();
    relay.key_packet("-----BEGIN PUBLIC KEY-----", &mut key);
    assert_eq!(key, packet(4, b"\x01-----BEGIN PUBLIC KEY-----"));
    assert_eq!(said(&mut relay, 5, &[9; 256]), Said::Hidden(260));
    let mut answer = Vec::new();
    relay.answer(b"secret\0", b"secret\0", &mut answer);
    assert_eq!(answer, packet(3, b"secret\0"), "the server has seen two packets less");
    assert_eq!(relay.server(&packet(4, OK_BODY)), Ok(Challenge::Granted { len: 11, proved: true }));
    let mut granted = packet(4, OK_BODY);
    relay.client_number(&mut granted);
    assert_eq!(granted, packet(6, OK_BODY));
}

#[test]
fn a_client_asks_for_the_key_once() {
    let mut relay = relay(Hops::PrivateServer, CACHING_NAME, b"thirty-two bytes");
    relay.server(&packet(2, &[1, 4])).unwrap();
    relay.client_number(&mut packet(2, &[1, 4]));
    assert_eq!(said(&mut relay, 3, &[2]), Said::KeyWanted(5));
    relay.key_packet("key", &mut Vec::new());
    assert_eq!(said(&mut relay, 5, &[2]), Said::Hidden(5), "which nothing will reveal");
}

#[test]
fn a_password_of_a_private_client_reaches_a_server_in_plaintext_under_its_key() {
    let mut relay = relay(Hops::PrivateClient, CACHING_NAME, b"thirty-two bytes");
    assert_eq!(relay.server(&packet(2, &[1, 4])), Ok(Challenge::Pass(6)));
    relay.client_number(&mut packet(2, &[1, 4]));
    assert_eq!(said(&mut relay, 3, b"secret\0"), Said::Clear(11));
    let mut request = Vec::new();
    relay.key_request(&mut request);
    assert_eq!(request, packet(3, &[2]));
    let key_packet = packet(4, b"\x01-----BEGIN PUBLIC KEY-----");
    assert_eq!(relay.server(&key_packet), Ok(Challenge::Key(key_packet.len())));
    assert_eq!(key(&key_packet), b"-----BEGIN PUBLIC KEY-----");
    let mut answer = Vec::new();
    relay.answer(b"secret\0", &[7; 256], &mut answer);
    assert_eq!(answer, packet(5, &[7; 256]));
    assert_eq!(relay.server(&packet(6, OK_BODY)), Ok(Challenge::Granted { len: 11, proved: true }));
    let mut granted = packet(6, OK_BODY);
    relay.client_number(&mut granted);
    assert_eq!(granted, packet(4, OK_BODY));
}

#[test]
fn no_password_is_asked_for_where_nobody_knows_whose_the_key_is() {
    let login = Login { trusts_key: false, ..login(Hops::PrivateClient, CACHING_NAME, b"thirty-two bytes") };
    let mut relay = Relay::of_login(&login).unwrap();
    assert_eq!(relay.server(&packet(2, &[1, 4])), Ok(Challenge::Impossible(Obstacle::UntrustedKey)));
}

#[test]
fn what_is_no_key_is_no_key() {
    let mut relay = relay(Hops::PrivateClient, CACHING_NAME, b"thirty-two bytes");
    relay.server(&packet(2, &[1, 4])).unwrap();
    relay.client_number(&mut packet(2, &[1, 4]));
    said(&mut relay, 3, b"secret\0");
    relay.key_request(&mut Vec::new());
    assert_eq!(relay.server(&packet(4, b"\x04")), Err(Violation::Server(4)));
}

#[test]
fn within_a_session_the_whole_password_does_not_change_its_form() {
    for hops in [Hops::PrivateClient, Hops::PrivateServer] {
        let mut relay = Relay::new(hops, CACHING, b"thirty-two bytes", false).unwrap();
        assert_eq!(relay.server(&packet(2, &[1, 4])), Ok(Challenge::Impossible(Obstacle::UnlikeHops)));
    }
}

#[test]
fn sha256_password_passes_only_where_the_hops_are_alike() {
    for (hops, passes) in [
        (Hops::Plaintext, true),
        (Hops::Private, true),
        (Hops::PrivateClient, false),
        (Hops::PrivateServer, false),
    ] {
        let mut relay = relay(hops, "", b"");
        assert_eq!(matches!(relay.server(&switch("sha256_password")), Ok(Challenge::Pass(_))), passes);
    }
}

#[test]
fn a_warm_cache_grants_over_any_hops_and_without_another_answer() {
    let mut relay = relay(Hops::PrivateClient, CACHING_NAME, b"thirty-two bytes");
    assert_eq!(relay.server(&packet(2, &[1, 3])), Ok(Challenge::Pass(6)));
    assert_eq!(relay.client(b"\x01\0\0\0\x0e"), Ok(None), "nothing was asked");
    assert_eq!(relay.server(&packet(3, OK_BODY)), Ok(Challenge::Granted { len: 11, proved: true }));
}

#[test]
fn a_key_that_is_asked_for_in_plaintext_passes_and_so_does_what_it_hides() {
    let mut relay = relay(Hops::Plaintext, CACHING_NAME, b"thirty-two bytes");
    let mut sequence = 2;
    for (challenge, answer) in [(&[1, 4][..], &[2][..]), (b"\x01-----BEGIN PUBLIC KEY-----", &[9; 256])] {
        let mut challenge = packet(sequence, challenge);
        assert_eq!(relay.server(&challenge), Ok(Challenge::Pass(challenge.len())));
        relay.client_number(&mut challenge);
        assert_eq!(said(&mut relay, sequence + 1, answer), Said::Pass(answer.len() + HEADER_BYTES));
        relay.server_number(&mut packet(sequence + 1, answer));
        sequence += 2;
    }
    assert_eq!(relay.server(&packet(6, OK_BODY)), Ok(Challenge::Granted { len: 11, proved: true }));
}

#[test]
fn what_cannot_be_relayed_is_named() {
    for (hops, plugin, obstacle) in [
        (Hops::Plaintext, "mysql_clear_password", Some(Obstacle::Clear)),
        (Hops::PrivateClient, "dialog", Some(Obstacle::Clear)),
        (Hops::Private, "dialog", None),
        (Hops::PrivateServer, "authentication_openid_connect_client", Some(Obstacle::Clear)),
        (Hops::Private, "auth_gssapi_client", Some(Obstacle::HostBound("auth_gssapi_client".into()))),
        (Hops::Private, "of_tomorrow", None),
        (Hops::PrivateServer, "of_tomorrow", Some(Obstacle::Unknown("of_tomorrow".into()))),
        (Hops::PrivateServer, "client_ed25519", None),
        (Hops::PrivateClient, "parsec", None),
    ] {
        let asked = switch(plugin);
        let expected = obstacle.clone().map_or(Challenge::Pass(asked.len()), Challenge::Impossible);
        assert_eq!(relay(hops, NATIVE, b"").server(&asked), Ok(expected), "{plugin}");
        let unasked = Relay::new(hops, plugin.as_bytes(), b"secret\0", false);
        assert_eq!(unasked.err(), obstacle, "{plugin}");
    }
}

#[test]
fn numbers_are_each_hops_own_and_in_order() {
    let numbers = Numbers { client: 3, server: 2 };
    let login = Login { numbers, ..login(Hops::PrivateClient, NATIVE, b"proof") };
    let mut relay = Relay::of_login(&login).unwrap();
    let mut asked = switch(NATIVE);
    relay.server(&asked).unwrap();
    relay.client_number(&mut asked);
    assert_eq!(frame::header(&asked).unwrap().sequence, 3);
    let answer = packet(4, b"proof");
    let before = relay.client(&packet(5, b"proof"));
    assert_eq!(before, Err(Violation::Order { found: 5, expected: 4 }));
    assert_eq!(relay.client(&answer), Ok(Some(Said::Pass(9))));
    let mut answer = answer;
    relay.server_number(&mut answer);
    assert_eq!(frame::header(&answer).unwrap().sequence, 3);
    assert_eq!(relay.server(&packet(3, OK_BODY)), Err(Violation::Order { found: 3, expected: 4 }));
}

#[test]
fn a_server_that_asks_and_asks_is_not_listened_to() {
    let mut relay = Relay::new(Hops::Plaintext, NATIVE.as_bytes(), b"proof", false).unwrap();
    let ends = (0..255).find(|_| relay.server(&switch(NATIVE)) == Err(Violation::Endless));
    assert_eq!(ends, Some(u32::from(ROUNDS_MAX)));
}

#[test]
fn a_server_that_asks_for_a_file_gets_none() {
    let mut relay = relay(Hops::Plaintext, NATIVE, b"proof");
    assert_eq!(relay.server(&packet(2, b"\xfb/etc/hostname")), Err(Violation::File));
}

#[test]
fn what_a_server_still_waits_for_is_known_when_the_client_has_left() {
    let mut unanswered = relay(Hops::Plaintext, NATIVE, b"proof");
    assert_eq!(unanswered.abandon().1, None, "it is the server's turn");
    unanswered.server(&switch(NATIVE)).unwrap();
    assert_eq!(unanswered.abandon().1, Some(packet(3, b"")));
    let mut whole = relay(Hops::PrivateServer, CACHING_NAME, b"thirty-two bytes");
    whole.server(&packet(2, &[1, 4])).unwrap();
    assert_eq!(whole.abandon().1, Some(packet(3, &[0])));
}

#[test]
fn every_prefix_asks_for_more() {
    let asked = switch(NATIVE);
    for end in 0..asked.len() {
        assert_eq!(relay(Hops::Plaintext, NATIVE, b"").server(&asked[..end]), Ok(Challenge::More));
    }
    let answer = packet(3, b"twenty bytes of hash");
    for end in 0..answer.len() {
        let mut relay = relay(Hops::Plaintext, NATIVE, b"");
        relay.server(&asked).unwrap();
        relay.client_number(&mut asked.clone());
        assert_eq!(relay.client(&answer[..end]), Ok(None));
    }
}

#[test]
fn requests_sent_behind_the_last_answer_wait_for_the_login() {
    let mut relay = relay(Hops::Plaintext, NATIVE, b"twenty bytes of hash");
    assert_eq!(relay.client(b"\x01\0\0\0\x0e"), Ok(None), "nothing was asked yet");
}
