//! Whatever two MySQL peers send each other, from the greeting on and in whatever pieces: are bytes
//! only ever passed, refused or held, and is every exchange of a number that was given?
#![no_main]

use exchange::{Refusal, RefusalClass, Request};
use libfuzzer_sys::fuzz_target;
use wire_mysql::authentication::{Challenge, Hops, Relay};
use wire_mysql::capabilities::Capabilities;
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
            Some(Event::Refused { exchange, replaces, bytes }) => {
                known(exchange);
                assert!(replaces == 0 && bytes.len() > 9 && session.is_between_messages());
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
            assert_eq!(sent.len(), len);
            assert!(matches!(startup::answer(&sent, true), Ok(Some((Answer::Response(_), _)))));
        }
    }
    for hops in [Hops::Plaintext, Hops::Private, Hops::PrivateClient, Hops::PrivateServer] {
        let Ok(mut relay) = Relay::new(hops, b"", b"", 1) else { continue };
        let mut rest = data;
        while let Ok(Challenge::Pass(len)) = relay.server(rest) {
            rest = &rest[len..];
            if let Ok(Some(len)) = relay.client(rest) {
                rest = &rest[len..];
            }
        }
    }
}

fuzz_target!(|data: &[u8]| {
    open(data);
    let Some((front, mut rest)) = data.split_first_chunk::<5>() else { return };
    let capabilities =
        Capabilities(u64::from_le_bytes([front[0], front[1], front[2], front[3], front[4], 0, 0, 0]));
    let agreed = Agreed {
        capabilities,
        is_mariadb: front[4] & 2 == 0,
        hops: Hops::Plaintext,
        character_set: 45,
        accepts_unproved: front[4] & 1 == 0,
    };
    let mut session: Session<u8> = Session::new(agreed, 256);
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
