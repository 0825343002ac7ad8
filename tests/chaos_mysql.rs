//! What does a client of MySQL's protocol see when its conversation ends at any place there is?
//!
//! The matrix of `chaos_wire` for the other protocol, with a MariaDB: one conversation with every kind of packet is
//! recorded directly, then held through a gateway again and again, cut at every boundary of a packet, on either side of
//! the gateway. What a client heard has to be the beginning of the record, and the ledger has to agree with it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "chaos/account.rs"]
mod account;
#[path = "chaos/conversation_mysql.rs"]
mod conversation;
#[path = "chaos/cut.rs"]
mod cut;
mod harness;

use account::{assert_settled, assert_verifies, by_application};
use conversation::{Heard, TABLE, USER, hold};
use cut::{Cut, Cutter, Framing, Passed, Side, Unit, Way};
use harness::eventually;
use harness::gateway::{Gateway, Plan};
use harness::mariadb::Mariadb;
use std::time::{Duration, Instant};

/// How much a gateway may grow over a few hundred sessions that were cut.
const GROWTH_MAX_KIB: u64 = 8 * 1024;
/// Sessions after which everything that is kept between sessions is there.
const WARM_UP: usize = 40;

/// Where the connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    BeforeServer,
    BeforeGateway,
}

struct Stage {
    server: Mariadb,
    gateway: Gateway,
    place: Place,
    cutter: Cutter,
    record: Heard,
    /// Every cut: the number of its rows and what its client is called.
    held: Vec<(u32, String)>,
}

impl Stage {
    fn new(place: Place) -> Stage {
        // A server counts handshakes that break off, and takes no more from their address after a hundred in a row.
        let server = Mariadb::start_with(&["--max-connect-errors=1000000"]);
        server.administer(&[TABLE]);
        let gateway_before = |port| {
            let plan = Plan::before_port(port).protocol("mysql").upstream_tls("disable");
            // The user that the session is changed to has no password.
            plan.listener("allow_unauthenticated = true").start()
        };
        let (gateway, cutter) = match place {
            Place::BeforeServer => {
                let cutter = Cutter::with(Framing::Mysql, server.port);
                let gateway = gateway_before(cutter.port);
                eventually("who looked whether the server is there has left", || {
                    cutter.is_left().then_some(())
                });
                (gateway, cutter)
            }
            Place::BeforeGateway => {
                let gateway = gateway_before(server.port);
                let cutter = Cutter::with(Framing::Mysql, gateway.port);
                (gateway, cutter)
            }
        };
        let record = hold(server.port, 1, "direct");
        assert!(record.packets.len() > 150, "the conversation is too short: {:?}", record.packets.last());
        Stage { server, gateway, place, cutter, record, held: Vec::new() }
    }

    fn port(&self) -> u16 {
        if self.place == Place::BeforeServer { self.gateway.port } else { self.cutter.port }
    }

    /// Holds the whole conversation, which has to be the record; how much has passed.
    fn hold_whole(&mut self, name: &str) -> Passed {
        self.cutter.set(None);
        let number = self.next(name);
        hold(self.port(), number, name).assert_is(&self.record, name);
        self.cutter.passed()
    }

    fn next(&mut self, name: &str) -> u32 {
        let number = u32::try_from(self.held.len()).expect("a number") + 2;
        self.held.push((number, name.to_owned()));
        number
    }

    fn hold_and_cut(&mut self, cut: Cut) -> Heard {
        let name = format!("{:?} {:?} {:?} {}", cut.side, cut.way, cut.unit, cut.after);
        let number = self.next(&name);
        self.cutter.set(Some(cut));
        let heard = hold(self.port(), number, &name);
        eventually(&format!("{name} happens"), || (self.cutter.cuts() == 1).then_some(()));
        heard.assert_begins(&self.record, &name);
        heard
    }

    /// Cuts at each of `places`, in each way, and returns a line about it.
    fn cut_everywhere(&mut self, unit: Unit, ways: &[Way]) -> String {
        let passed = self.hold_whole("reference");
        let began = Instant::now();
        let (mut cuts, mut resets, mut warm_kib) = (0, 0, None);
        for way in ways {
            for side in [Side::Client, Side::Server] {
                let places = match unit {
                    Unit::Message => (0..passed.of(side).len()).collect(),
                    Unit::Byte => passed.within(side, false),
                };
                for after in places {
                    let heard = self.hold_and_cut(Cut { side, unit, after, way: *way });
                    cuts += 1;
                    resets += usize::from(heard.reset);
                    if cuts == WARM_UP {
                        warm_kib = Some(self.gateway.resident_kib());
                    }
                }
            }
        }
        let after = self.hold_whole("afterwards");
        assert_eq!(after.server, passed.server, "what the server says is as long as before");
        self.assert_nothing_left();
        let grown = self.gateway.resident_kib().saturating_sub(warm_kib.expect("enough cuts"));
        assert!(grown < GROWTH_MAX_KIB, "grown by {grown} KiB over {cuts} cuts");
        format!(
            "{cuts} cuts ({} packets of the client, {} of the server) in {:?}, {resets} seen as a reset, grown by {grown} KiB",
            passed.client.len(),
            passed.server.len(),
            began.elapsed()
        )
    }

    fn assert_nothing_left(&self) {
        eventually("no session in the gateway", || {
            (self.gateway.metric("dragoman_sessions") == Some(0.0)).then_some(())
        });
        // Those that have not logged in have no name yet.
        let sql = format!(
            "SELECT COUNT(*) FROM information_schema.processlist WHERE user IN ('{USER}', 'ann', 'unauthenticated user')"
        );
        eventually("no session at the server", || (self.server.ask(&sql) == "0").then_some(()));
    }

    /// Ends the gateway and holds its ledger against what the server has.
    fn settle(mut self) -> String {
        let sql = "SELECT id, label, COUNT(*) FROM kept WHERE id > 1 GROUP BY id, label";
        let kept_rows = self.server.ask(sql);
        self.gateway.terminate();
        let status = self.gateway.ended_within(Duration::from_secs(10));
        assert!(status.success(), "{status}");
        let records = self.gateway.records();
        let (statements, sessions) = assert_settled(&records);
        let accounts = by_application(&records);
        let reference = &accounts["reference"];
        let kept = self.held.iter().filter_map(|(_, name)| Some((name, accounts.get(name)?)));
        let lost: usize = kept.map(|(name, kept)| kept.assert_begins(reference, name)).sum();
        for row in kept_rows.lines() {
            let columns: Vec<&str> = row.split('\t').collect();
            let (_, name) = &self.held[columns[0].parse::<usize>().expect("a number") - 2];
            let (kind, text, times) = match columns[1] {
                "block" => ("run", "INSERT INTO kept (id, label) VALUES (?, ?)", "1"),
                "executed" | "long" => ("execute", "INSERT INTO kept (id, label) VALUES (?, ?)", "1"),
                "loaded" => ("run", "LOAD DATA LOCAL INFILE ? INTO TABLE kept (label) SET id = ?", "2"),
                _ => panic!("{name}: a row nobody kept: {row}"),
            };
            assert_eq!(columns[2], times, "{name}: {row}");
            let kept = accounts.get(name).unwrap_or_else(|| panic!("{name}: {row} and no record"));
            kept.assert_tells_of(kind, text, name);
        }
        let rows = kept_rows.lines().count();
        assert!(rows > 20, "the cuts left no rows to speak of: {rows}");
        assert_verifies(&self.gateway.ledger());
        format!("{statements} statements of {sessions} sessions accounted for, {lost} of them as lost")
    }
}

#[test]
fn a_server_that_is_gone_after_any_packet_leaves_a_right_beginning_and_a_whole_account() {
    let mut stage = Stage::new(Place::BeforeServer);
    let line = stage.cut_everywhere(Unit::Message, &[Way::Close, Way::Reset]);
    println!("MariaDB, before the server: {line}; {}", stage.settle());
}

#[test]
fn a_client_that_is_gone_after_any_packet_leaves_nothing_behind_and_a_whole_account() {
    let mut stage = Stage::new(Place::BeforeGateway);
    let line = stage.cut_everywhere(Unit::Message, &[Way::Close, Way::Reset]);
    println!("MariaDB, before the gateway: {line}; {}", stage.settle());
}

#[test]
fn a_connection_that_ends_within_any_packet_leaves_a_right_beginning_and_a_whole_account() {
    let mut stage = Stage::new(Place::BeforeServer);
    let line = stage.cut_everywhere(Unit::Byte, &[Way::Close]);
    println!("MariaDB, before the server, within packets: {line}; {}", stage.settle());
}
