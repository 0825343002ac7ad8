//! Whatever two peers send each other, in whatever pieces: are bytes only ever passed, refused or
//! held, and does every exchange end at most once?
#![no_main]

use exchange::{Refusal, RefusalClass};
use libfuzzer_sys::fuzz_target;
use std::collections::HashSet;
use wire_postgres::{Event, Session, Step};

#[derive(Default)]
struct Ends(HashSet<u64>);

impl Ends {
    fn end(&mut self, exchange: u64, admitted: u64) {
        assert!(exchange > 0 && exchange <= admitted);
        self.0.insert(exchange);
    }
}

fn listen(session: &mut Session<u8>, held: &mut Vec<u8>, ends: &mut Ends, admitted: u64) {
    let mut rounds = 0;
    while let Ok(heard) = session.server(held) {
        assert!(heard.len <= held.len());
        held.drain(..heard.len);
        match heard.event {
            None => return,
            Some(Event::Completed { exchange, .. } | Event::Skipped { exchange }) => {
                ends.end(exchange, admitted)
            }
            Some(Event::Failed { exchange: Some(exchange), .. }) => ends.end(exchange, admitted),
            Some(Event::Refused { replaces, .. }) => {
                assert!(replaces >= 5);
                held.drain(..replaces.min(held.len()));
            }
            Some(Event::Exceeded { exchange, .. }) => {
                assert!(exchange > 0 && exchange <= admitted);
                session.relabel(exchange, Refusal::new(RefusalClass::LimitReached, "too much"));
            }
            Some(Event::Cut { exchange, replaces, bytes, .. }) => {
                assert!(bytes.len() > 5);
                held.drain(..replaces);
                ends.end(exchange, admitted);
            }
            Some(Event::Dropped { len } | Event::Guarded { drop: len, .. }) => {
                assert!(len > 0);
                held.drain(..len);
            }
            Some(_) => {}
        }
        rounds += 1;
        assert!(rounds < 1_000_000, "the session goes round in circles");
    }
}

fuzz_target!(|data: &[u8]| {
    let mut session: Session<u8> = Session::new(256);
    let (mut up, mut down) = (Vec::new(), Vec::new());
    let mut ends = Ends::default();
    let mut admitted = 0;
    let mut rest = data;
    if data.first().is_some_and(|order| order & 3 == 2) {
        session.expect_guard();
    }
    while let Some((&order, after)) = rest.split_first() {
        let (chunk, after) = after.split_at(usize::from(order >> 2).min(after.len()));
        rest = after;
        if order & 1 == 0 {
            down.extend_from_slice(chunk);
            listen(&mut session, &mut down, &mut ends, admitted);
            continue;
        }
        up.extend_from_slice(chunk);
        loop {
            let input = std::mem::take(&mut up);
            let taken = match session.client(&input) {
                Err(_) => return,
                Ok(Step::More | Step::Wait | Step::Unguarded) => 0,
                Ok(Step::Pass(len) | Step::Discard(len)) => {
                    assert!(len > 0 && len <= input.len());
                    len
                }
                Ok(Step::Ask(ask)) => {
                    assert!(ask.bytes > 0 && ask.bytes <= input.len());
                    if order & 2 == 0 {
                        let exchange = session.admit(&ask, Some(order), order & 4 == 0).exchange;
                        admitted = admitted.max(exchange);
                        if order & 8 == 0 {
                            session.limit(exchange, Some(u64::from(order >> 6)), Some(u64::from(order)));
                        }
                    } else {
                        let mut poison = Vec::new();
                        let refusal = Refusal::new(RefusalClass::NotPermitted, "no");
                        admitted = admitted.max(session.refuse(&ask, refusal, &mut poison).exchange);
                        assert!(poison.len() > 5);
                    }
                    ask.bytes
                }
            };
            up.extend_from_slice(&input[taken..]);
            if taken == 0 {
                break;
            }
        }
        listen(&mut session, &mut down, &mut ends, admitted);
    }
});
