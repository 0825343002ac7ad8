//! Does a session go on under TLS as it does without, however much is sent and however slowly read?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::certificate::Certificate;
use harness::gateway::{Gateway, Plan};
use harness::server::{Server, rows};
use harness::wire::{
    VERSION_3_0, Wire, bind, copy_data, copy_done, execute, first_error, parse, query, sync, tags,
};
use harness::{each_version, eventually};
use rustls::version::{TLS12, TLS13};
use std::sync::Arc;

/// How much a gateway may grow while it carries what does not fit into its buffers.
const GROWTH_MAX_KIB: u64 = 8 * 1024;

fn login(gateway: &Gateway, config: &Arc<rustls::ClientConfig>) -> Wire {
    let mut wire = Wire::connect_tls(gateway.port, config.clone()).expect("TLS");
    let frames = wire.open(VERSION_3_0, &[("user", "clear"), ("database", "shop")]);
    assert_eq!(frames.last().map(|frame| frame.tag), Some(b'Z'), "{}", tags(&frames));
    wire
}

fn assert_works(session: &mut Wire) {
    let frames = session.query("SELECT 7");
    assert_eq!(tags(&frames), "TDCZ", "{:?}", first_error(&frames));
}

/// Runs `body` with TLS towards the client only, and in both directions.
fn each_way(body: impl Fn(&Server, &Gateway, &Certificate) + Sync) {
    each_version(|version| {
        let server = Server::start(version);
        let certificate = server.certificate();
        for upstream in ["disable", "require"] {
            let plan = Plan::before(&server).client_tls("require", &certificate).upstream_tls(upstream);
            println!("PostgreSQL {version}, TLS towards the server: {upstream}");
            body(&server, &plan.start(), &certificate);
        }
    });
}

#[test]
fn clients_of_either_version_of_tls_are_served() {
    each_way(|_, gateway, certificate| {
        for (version, name) in [(&TLS12, "TLSv1.2"), (&TLS13, "TLSv1.3")] {
            let mut session = login(gateway, &certificate.client_config_with(&[version], &[]));
            for _ in 0..50 {
                assert_works(&mut session);
            }
            let rest = session.terminate();
            assert_eq!(tags(&rest), "");
            gateway.recorded(&format!("a session with {name}"), |records| {
                let start = records.iter().rfind(|record| record.event() == "session.start")?;
                (start.principal("tls") == name).then_some(())
            });
        }
    });
}

#[test]
fn a_reader_that_stalls_under_tls_costs_no_memory_and_stops_nobody() {
    each_way(|server, gateway, certificate| {
        for version in [&TLS12, &TLS13] {
            let config = certificate.client_config_with(&[version], &[]);
            let mut others: Vec<Wire> = (0..4).map(|_| login(gateway, &config)).collect();
            let mut slow = login(gateway, &config);
            others.iter_mut().for_each(assert_works);
            let before = gateway.resident_kib();
            slow.send(&query("SELECT generate_series(1, 4000), repeat('z', 10000)"));
            let stalled = format!(
                "SELECT count(*) FROM pg_stat_activity WHERE pid = {} AND wait_event = 'ClientWrite'",
                slow.pid
            );
            eventually("the server waits for the reader", || {
                (server.ask(&stalled).as_deref() == Some("1")).then_some(())
            });
            others.iter_mut().for_each(assert_works);
            let (mut most, mut bytes, mut messages) = (gateway.resident_kib(), 0, 0);
            while let Some((tag, length)) = slow.skim() {
                bytes += length;
                messages += 1;
                if messages % 200 == 0 {
                    most = most.max(gateway.resident_kib());
                    // A pause of the reader: somebody else's turn, and back.
                    assert_works(&mut others[0]);
                }
                if tag == b'Z' {
                    break;
                }
            }
            assert!(bytes > 40_000_000, "only {bytes} bytes came");
            let grown = most.saturating_sub(before);
            assert!(grown < GROWTH_MAX_KIB, "grown by {grown} KiB while carrying 40 MB");
            assert_works(&mut slow);
        }
    });
}

#[test]
fn many_small_queries_under_tls_get_their_own_answers() {
    each_way(|_, gateway, certificate| {
        for version in [&TLS12, &TLS13] {
            let mut session = login(gateway, &certificate.client_config_with(&[version], &[]));
            for number in 0..1000 {
                let found = rows(&mut session, &format!("SELECT {number}"));
                assert_eq!(found, [[Some(number.to_string())]]);
            }
            // The same in flight: each in a TLS record of its own.
            for number in 0..1000 {
                session.send(&query(&format!("SELECT {number}")));
            }
            for number in 0..1000 {
                let frames = session.until(b'Z', 1);
                assert_eq!(tags(&frames), "TDCZ");
                assert_eq!(frames[1].columns(), [Some(number.to_string())]);
            }
        }
    });
}

/// How many queries of a pipeline, how long each, and after how many the keys change.
const PIPELINED: usize = 2000;
const PADDING: usize = 5000;
const KEYS_LAST: usize = 150;

/// RFC 8446, section 4.6.3: the other side has to answer with a KeyUpdate of its own, in the
/// middle of whatever it is writing.
#[test]
fn keys_that_change_in_the_middle_of_a_pipeline_lose_nothing() {
    each_way(|_, gateway, certificate| {
        let mut session = login(gateway, &certificate.client_config_with(&[&TLS13], &[]));
        let padding = "p".repeat(PADDING);
        for number in 0..PIPELINED {
            let bytes = query(&format!("SELECT {number} /* {padding} */"));
            if number % KEYS_LAST == KEYS_LAST - 1 {
                // Also in the middle of a message.
                session.send(&bytes[..number]);
                session.renew_keys();
                session.send(&bytes[number..]);
            } else {
                session.send(&bytes);
            }
        }
        for number in 0..PIPELINED {
            let frames = session.until(b'Z', 1);
            assert_eq!(tags(&frames), "TDCZ", "answer {number}");
            assert_eq!(frames[1].columns(), [Some(number.to_string())]);
        }
        session.renew_keys();
        assert_works(&mut session);
    });
}

#[test]
fn keys_that_change_while_a_result_arrives_or_a_copy_goes_out_lose_nothing() {
    each_way(|server, gateway, certificate| {
        let mut session = login(gateway, &certificate.client_config_with(&[&TLS13], &[]));
        session.send(&query("SELECT n, repeat('x', 1000) FROM generate_series(1, 20000) AS n"));
        session.until(b'D', 10);
        session.renew_keys();
        session.send(&[parse("", "SELECT 7", &[]), bind("", "", &[], 0), execute("", 0), sync()].concat());
        let frames = session.until(b'Z', 2);
        assert_eq!(tags(&frames).matches('D').count(), 20_000 - 10 + 1);
        session.send(&query("COPY scratch (id) FROM STDIN"));
        session.until(b'G', 1);
        for number in 0..20_000 {
            if number % 3000 == 1000 {
                session.renew_keys();
            }
            session.send(&copy_data(format!("{number}\n").as_bytes()));
        }
        session.send(&copy_done());
        assert_eq!(session.until(b'Z', 1)[0].command(), "COPY 20000");
        server.ask("TRUNCATE scratch");
    });
}
