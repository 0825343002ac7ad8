//! Whatever two MySQL peers send each other, from the greeting on and in whatever pieces: are bytes
//! only ever passed, refused or held, and is every exchange of a number that was given?
#![no_main]

use exchange::budget::Budget;
use exchange::{Refusal, RefusalClass, Request};
use libfuzzer_sys::fuzz_target;
use wire_mysql::abandon::Next;
use wire_mysql::authentication::{Challenge, Hops, Login, Numbers, Relay};
use wire_mysql::capabilities::Capabilities;
use wire_mysql::compression::{self, Packets};
use wire_mysql::session::Agreed;
use wire_mysql::startup::{self, Answer, First};
use wire_mysql::{Event, Session, Step};

fn listen(session: &mut Session<u8>, held: &mut Vec<u8>, admitted: u64) {
    let mut rounds = 0;
    while let Ok(heard) = session.server(held) {
        assert!(heard.len <= held.len());
        held.drain(..heard.len);
        let known = |exchange| assert!(exchange > 0 && exchange <= admitted);
        match heard.event {
            None => return,
            Some(Event::Completed { exchange, .. } | Event::Returned { exchange, .. }) => known(exchange),
            Some(Event::Failed { exchange: Some(exchange), .. }) => known(exchange),
            Some(Event::Exceeded { exchange, .. }) => {
                known(exchange);
                session.relabel(exchange, Refusal::new(RefusalClass::LimitReached, "enough"));
            }
            Some(Event::Cut { exchange, replaces, .. }) => {
                known(exchange);
                assert!(replaces > 9 && replaces <= held.len());
                held.drain(..replaces);
            }
            Some(Event::Refused { exchange, replaces, bytes }) => {
                known(exchange);
                assert!(replaces == 0 && bytes.len() > 9 && session.is_between_messages());
            }
            Some(Event::Guarded { drop, .. } | Event::Dropped { len: drop }) => {
                assert!(drop > 4 && drop <= held.len(), "{drop} of {}", held.len());
                held.drain(..drop);
            }
            Some(_) => {}
        }
        rounds += 1;
        assert!(rounds < 1_000_000, "the session goes round in circles");
    }
}

/// Every reader of an opening, over the same bytes.
fn open(data: &[u8]) {
    if let Ok(Some((First::Greeting(greeting), len))) = startup::first(data) {
        let packet = &data[..len];
        assert_eq!(greeting.for_client(packet, len % 2 == 0).len(), len);
    }
    for tls in [false, true] {
        if let Ok(Some((Answer::Response(response), len))) = startup::answer(data, tls) {
            let sent = response.for_server(&data[..len], Capabilities(u64::MAX), tls);
            assert_eq!(sent.len() + usize::from(response.compression_level.is_some()), len);
            assert!(matches!(startup::answer(&sent, tls), Ok(Some((Answer::Response(_), _)))));
        }
    }
    for hops in [Hops::Plaintext, Hops::Private, Hops::PrivateClient, Hops::PrivateServer] {
        let login = Login {
            hops,
            plugin: b"",
            proof: b"",
            challenge: [7; 20],
            factors: data.len() % 2 == 0,
            trusts_key: true,
            numbers: Numbers { client: 2, server: 2 },
        };
        let Ok(mut relay) = Relay::of_login(&login) else { continue };
        let mut rest = data;
        while let Ok(Challenge::Pass(len) | Challenge::Key(len)) = relay.server(rest) {
            relay.client_number(&mut rest[..len].to_vec());
            rest = &rest[len..];
            if let Ok(Some(said)) = relay.client(rest) {
                rest = &rest[said.bytes()..];
                relay.server_number(&mut [0; 4]);
            }
        }
        let (mut abandoned, _) = relay.abandon();
        while let Ok(Next::Answer(len, _)) = abandoned.server(rest) {
            rest = &rest[len..];
        }
    }
}

/// The packets in a client's frames, cut in two ways: the same bytes change, and only numbers do.
fn unframe(data: &[u8]) {
    let Some((front, data)) = data.split_first_chunk::<7>() else { return };
    let header = compression::header(front).expect("seven bytes");
    assert!(header.content() > 0 || header.payload == 0);
    let mut numbers = compression::Numbers::default();
    let _ = numbers.received(header.number, front[0] & 1 == 0);
    let again = |cut: usize| {
        let (mut packets, mut bytes) = (Packets::default(), data.to_vec());
        packets.count_from(front[2]);
        let mut whole = Vec::new();
        for (place, piece) in bytes.chunks_mut(cut).enumerate() {
            let mut at = 0;
            while at < piece.len() {
                assert!(packets.wanted() > 0);
                at += packets.next(&mut piece[at..]);
                if packets.are_whole() {
                    whole.push(place * cut + at);
                }
            }
        }
        (bytes, whole)
    };
    let (bytes, whole) = again(data.len().max(1));
    assert_eq!((&bytes, &whole), (&again(usize::from(front[3]) + 1).0, &again(usize::from(front[3]) + 1).1));
    assert_eq!(bytes.len(), data.len());
}

fuzz_target!(|data: &[u8]| {
    open(data);
    unframe(data);
    let Some((front, mut rest)) = data.split_first_chunk::<5>() else { return };
    let capabilities =
        Capabilities(u64::from_le_bytes([front[0], front[1], front[2], front[3], front[4], 0, 0, 0]));
    let agreed = Agreed {
        capabilities,
        is_mariadb: front[4] & 2 == 0,
        server_version: Box::default(),
        connection: 7,
        hops: Hops::Plaintext,
        character_set: 45,
        accepts_unproved: front[4] & 1 == 0,
    };
    let mut session: Session<u8> = Session::new(agreed, 256);
    session.keep_parameters((front[4] & 4 == 0).then(Budget::default));
    let (mut up, mut down) = (Vec::new(), b"\x07\0\0\x02\0\0\0\x02\0\0\0".to_vec());
    let mut admitted = 0;
    listen(&mut session, &mut down, admitted);
    while let Some((&order, after)) = rest.split_first() {
        let (chunk, after) = after.split_at(usize::from(order >> 3).min(after.len()));
        rest = after;
        if order & 1 == 0 {
            down.extend_from_slice(chunk);
            listen(&mut session, &mut down, admitted);
            continue;
        }
        up.extend_from_slice(chunk);
        loop {
            let input = std::mem::take(&mut up);
            let taken = match session.client(&input) {
                Err(_) => return,
                Ok(Step::More | Step::Wait) => 0,
                Ok(Step::Unguarded) => {
                    session.renew(order & 2 == 0, order & 4 == 0, &mut Vec::new());
                    assert!(!session.is_unguarded());
                    up.extend_from_slice(&input);
                    continue;
                }
                Ok(Step::Pass(len) | Step::Discard(len)) => {
                    assert!(len > 0 && len <= input.len());
                    len
                }
                Ok(Step::Ask(ask)) => {
                    assert!(ask.bytes > 0 && ask.bytes <= input.len());
                    let followed = !matches!(ask.request, Request::Unsupported { .. });
                    let before = admitted;
                    if followed && order & 2 == 0 {
                        admitted = session.admit(&ask, Some(order), order & 4 == 0).exchange;
                        session.limit(admitted, Some(u64::from(order >> 4)), None);
                    } else {
                        let mut poison = Vec::new();
                        let refusal = Refusal::new(RefusalClass::NotPermitted, "no");
                        admitted = session.refuse(&ask, refusal, &mut poison).exchange;
                        assert!(poison.is_empty());
                    }
                    assert_eq!(admitted, before + 1);
                    ask.bytes
                }
            };
            up.extend_from_slice(&input[taken..]);
            if taken == 0 {
                break;
            }
        }
        listen(&mut session, &mut down, admitted);
    }
});
