//! What does a client see when the bytes of a conversation come one by one, or end at any place there is?
//!
//! One conversation is recorded directly. Then it is held through a gateway again and again, cut at every boundary of a
//! message, on either side of the gateway, by FIN, by RST, by both, or only one way. What a client heard each time has to be the
//! beginning of the record, what the ledger says has to agree with it, and what has run without being announced is
//! found at the server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "chaos/account.rs"]
mod account;
#[path = "chaos/conversation.rs"]
mod conversation;
#[path = "chaos/cut.rs"]
mod cut;
mod harness;

use account::{assert_settled, assert_verifies, by_application};
use conversation::{Heard, hold, script};
use cut::{Cut, Cutter, Passed, Side, Unit, Way};
use harness::certificate::Certificate;
use harness::gateway::{Gateway, Plan};
use harness::relay::Relay;
use harness::script::assert_same;
use harness::server::{Server, rows};
use harness::wire::{Wire, query, tags, terminate};
use harness::{each_version, eventually, places};
use std::time::{Duration, Instant};

/// How much a gateway may grow over a few hundred sessions that were cut.
const GROWTH_MAX_KIB: u64 = 8 * 1024;
/// Sessions after which everything that is kept between sessions is there.
const WARM_UP: usize = 40;

/// Whether the versions are those of `make test-all`, where there is time for more.
fn is_wide() -> bool {
    places::versions().len() > 2
}

/// Where the connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    BeforeServer,
    BeforeGateway,
}

struct Stage {
    server: Server,
    gateway: Gateway,
    place: Place,
    cutter: Cutter,
    /// The same cuts without a gateway.
    directly: Cutter,
    record: Heard,
    /// Every cut: the number of its rows and what its client is called.
    held: Vec<(u32, String)>,
}

impl Stage {
    fn new(version: &str, place: Place) -> Stage {
        let server = Server::start(version);
        let directly = Cutter::before(server.port);
        let (gateway, cutter) = match place {
            Place::BeforeServer => {
                let cutter = Cutter::before(server.port);
                (Plan::before_port(cutter.port).upstream_tls("disable").start(), cutter)
            }
            Place::BeforeGateway => {
                let gateway = Plan::before(&server).start();
                let cutter = Cutter::before(gateway.port);
                (gateway, cutter)
            }
        };
        let record = hold(Wire::connect(server.port), 1, "direct");
        Stage { server, gateway, place, cutter, directly, record, held: Vec::new() }
    }

    fn connect(&self) -> Wire {
        Wire::connect(if self.place == Place::BeforeServer { self.gateway.port } else { self.cutter.port })
    }

    /// Holds the whole conversation, which has to be the record; how much has passed.
    fn hold_whole(&mut self, name: &str) -> Passed {
        self.cutter.set(None);
        let number = self.next(name);
        let heard = hold(self.connect(), number, name);
        assert_same(name, &self.record.frames, &heard.frames);
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
        let heard = hold(self.connect(), number, &name);
        eventually(&format!("{name} happens"), || (self.cutter.cuts() == 1).then_some(()));
        if (cut.side, cut.way) == (Side::Client, Way::Half) {
            // Everything that was sent is answered, as the server answers it directly: it may have words about the end.
            self.directly.set(Some(cut));
            let direct = hold(Wire::connect(self.directly.port), 1_000_000 + number, &name);
            heard.assert_begins(&direct, &format!("{name}, held against the same directly"));
            // A login whose client has left is given up: startup message and password are no session yet.
            let as_much = heard.frames.len() >= direct.frames.len() || cut.after <= 2;
            assert!(as_much, "{name}: directly more is answered: {}", tags(&direct.frames));
        } else {
            heard.assert_begins(&self.record, &name);
        }
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
                    Unit::Byte => passed.within(side, is_wide()),
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
            "{cuts} cuts ({} messages of the client, {} of the server) in {:?}, {resets} seen as a reset, grown by {grown} KiB",
            passed.client.len(),
            passed.server.len(),
            began.elapsed()
        )
    }

    fn assert_nothing_left(&self) {
        eventually("no session in the gateway", || {
            (self.gateway.metric("dragoman_sessions") == Some(0.0)).then_some(())
        });
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'clear'";
        eventually("no session at the server", || {
            (self.server.ask(sql).as_deref() == Some("0")).then_some(())
        });
    }

    /// Ends the gateway and holds its ledger against what clients heard and what the server has.
    fn settle(mut self) -> String {
        let mut wire = Wire::login(self.server.port, "clear");
        let sql = "SELECT id, label, count(*) FROM scratch WHERE id BETWEEN 2 AND 999999 GROUP BY 1, 2";
        let kept_rows = rows(&mut wire, sql);
        self.gateway.terminate();
        let status = self.gateway.ended_within(Duration::from_secs(10));
        assert!(status.success(), "{status}");
        let records = self.gateway.records();
        let (statements, sessions) = assert_settled(&records);
        let accounts = by_application(&records);
        let reference = &accounts["reference"];
        let kept = self.held.iter().filter_map(|(_, name)| Some((name, accounts.get(name)?)));
        let lost: usize = kept.map(|(name, kept)| kept.assert_begins(reference, name)).sum();
        for row in &kept_rows {
            let [id, label, count] = [0, 1, 2].map(|column| row[column].clone().expect("a value"));
            let (_, name) = &self.held[id.parse::<usize>().expect("a number") - 2];
            let (text, kind, times) = match label.as_str() {
                "block" => ("INSERT INTO scratch (id, label) VALUES (?, ?)", "run", "1"),
                "extended" => ("INSERT INTO scratch (id, label) VALUES ($1, $2)", "execute", "1"),
                "copied" => ("COPY scratch (id, label) FROM STDIN", "run", "2"),
                _ => panic!("{name}: a row nobody kept: {row:?}"),
            };
            assert_eq!(count, times, "{name}: {label}");
            let kept =
                accounts.get(name).unwrap_or_else(|| panic!("{name}: `{label}` ran and left no record"));
            kept.assert_tells_of(kind, text, name);
        }
        assert!(kept_rows.len() > 20, "the cuts left no rows to speak of: {}", kept_rows.len());
        assert_verifies(&self.gateway.ledger());
        format!("{statements} statements of {sessions} sessions accounted for, {lost} of them as lost")
    }
}

/// The versions this is worth its time on: the newest alone, unless there is time for all.
fn on_some_versions(body: impl Fn(&str) + Sync) {
    match is_wide() {
        true => each_version(body),
        false => body(&places::newest_version()),
    }
}

#[test]
fn a_server_that_is_gone_after_any_message_leaves_a_right_beginning_and_a_whole_account() {
    each_version(|version| {
        let mut stage = Stage::new(version, Place::BeforeServer);
        let line = stage.cut_everywhere(Unit::Message, &[Way::Close, Way::Reset]);
        println!("PostgreSQL {version}, before the server: {line}; {}", stage.settle());
    });
}

#[test]
fn a_client_that_is_gone_after_any_message_leaves_nothing_behind_and_a_whole_account() {
    on_some_versions(|version| {
        let mut stage = Stage::new(version, Place::BeforeGateway);
        let line = stage.cut_everywhere(Unit::Message, &[Way::Close, Way::Reset]);
        println!("PostgreSQL {version}, before the gateway: {line}; {}", stage.settle());
    });
}

#[test]
fn half_a_connection_that_closes_after_any_message_closes_as_it_does_directly() {
    on_some_versions(|version| {
        for place in [Place::BeforeServer, Place::BeforeGateway] {
            let mut stage = Stage::new(version, place);
            let line = stage.cut_everywhere(Unit::Message, &[Way::Half, Way::CloseAndReset]);
            println!("PostgreSQL {version}, {place:?}: {line}; {}", stage.settle());
        }
    });
}

#[test]
fn a_connection_that_ends_within_any_message_leaves_a_right_beginning_and_a_whole_account() {
    on_some_versions(|version| {
        let mut stage = Stage::new(version, Place::BeforeServer);
        let line = stage.cut_everywhere(Unit::Byte, &[Way::Close]);
        println!("PostgreSQL {version}, before the server, within messages: {line}; {}", stage.settle());
    });
}

#[test]
fn a_conversation_in_segments_of_one_byte_is_the_same_with_and_without_tls() {
    each_version(|version| {
        let server = Server::start(version);
        let slow_server = Relay::before(server.port, 1);
        let folder = tempfile::tempdir().expect("a folder");
        let certificate = Certificate::make(folder.path());
        let direct = script(1).run(server.port);
        assert!(direct.len() > 60, "the conversation is too short: {}", tags(&direct));
        for (number, upstream) in [(10, "disable"), (20, "require")] {
            let plan = Plan::before_port(slow_server.port).upstream_tls(upstream);
            let gateway = plan.client_tls("prefer", &certificate).start();
            let slow_gateway = Relay::before(gateway.port, 1);
            let plain = script(number).run(slow_gateway.port);
            assert_same(&format!("in plaintext, upstream {upstream}"), &direct, &plain);
            let wire = Wire::connect_tls(slow_gateway.port, certificate.client_config(&[])).expect("TLS");
            assert_same(&format!("over TLS, upstream {upstream}"), &direct, &script(number + 1).run_on(wire));
        }
    });
}

#[test]
fn what_a_server_said_before_it_closed_is_heard_by_a_client_that_reads_later() {
    each_version(|version| {
        let server = Server::start(version);
        let cutter = Cutter::before(server.port);
        let gateway = Plan::before_port(cutter.port).upstream_tls("disable").start();
        for way in [Way::Close, Way::Half, Way::CloseAndReset] {
            let mut session = Wire::login(gateway.port, "clear");
            // RowDescription, rows, CommandComplete, ReadyForQuery: less than sockets have room for.
            let after = 1003;
            cutter.set(Some(Cut { side: Side::Server, unit: Unit::Message, after, way }));
            session.send(&query("SELECT n, repeat('x', 100) FROM generate_series(1, 1000) AS n"));
            eventually("the server is gone", || (cutter.cuts() == 1).then_some(()));
            eventually("the gateway has noticed", || {
                (gateway.metric("dragoman_sessions") == Some(0.0)).then_some(())
            });
            let frames = session.rest();
            let heard = tags(&frames);
            let whole = format!("T{}CZ", "D".repeat(1000));
            // What a reset leaves of what was under way is the network's to say, but it is the beginning.
            assert!(whole.starts_with(&heard), "{way:?}: {heard}");
            assert!(
                heard == whole || way == Way::CloseAndReset,
                "{way:?}: {} messages of {after}",
                heard.len()
            );
            assert!(!session.reset, "{way:?}: the client was told by a reset");
            cutter.set(None);
        }
    });
}

#[test]
fn what_a_client_asked_before_it_closed_is_done_as_it_is_directly() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let inserts = |number: u32| -> Vec<u8> {
            (0..20).flat_map(|_| query(&format!("INSERT INTO scratch (id) VALUES ({number})"))).collect()
        };
        let count = |number: u32| {
            server.ask(&format!("SELECT count(*) FROM scratch WHERE id = {number}")).expect("a count")
        };
        for (number, port) in [(1, server.port), (2, gateway.port)] {
            // Requests, goodbye and FIN in one piece, and nothing is read: all of it is done.
            let mut session = Wire::login(port, "clear");
            session.send(&[inserts(number), terminate()].concat());
            session.finish_sending();
            eventually("every row is there", || (count(number) == "20").then_some(()));
            let heard = tags(&session.rest());
            let told = || -> Vec<String> {
                let told = |one: &harness::ledger::Record| {
                    format!("{} {}", one.event(), one.text_of("message_class"))
                };
                gateway.records().iter().map(told).collect()
            };
            assert_eq!(heard, "CZ".repeat(20), "port {port}, reset: {}; {:?}", session.reset, told());
        }
        // Requests, FIN and RST: nobody can tell how much of it is done, but all that is was announced.
        let mut session = Wire::login(gateway.port, "clear");
        session.send(&inserts(3));
        session.finish_sending();
        session.abort();
        eventually("the session is over", || {
            (gateway.metric("dragoman_sessions") == Some(0.0)).then_some(())
        });
        eventually("no session at the server", || {
            let sql = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'clear'";
            (server.ask(sql).as_deref() == Some("0")).then_some(())
        });
        let done: usize = count(3).parse().expect("a number");
        let announced = gateway.recorded("the session's end", |records| {
            let ends = records.iter().filter(|record| record.event() == "session.end").count();
            let intents = records.iter().filter(|record| record.event() == "statement.intent").count();
            (ends == 2).then_some(intents - 20)
        });
        assert!(done <= announced && announced <= 20, "{done} rows of {announced} announced");
    });
}
