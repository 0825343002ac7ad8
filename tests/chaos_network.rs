//! What happens to many clients over a network that is slow, loses packets and breaks connections?
//!
//! Where the kernel can, packets are really lost: in a network namespace of the test's own, by netem or by nftables. Delay
//! and what loss does to a stream are also shown by a relay of our own, which needs neither and says so in its name.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "chaos/account.rs"]
mod account;
#[path = "chaos/conversation.rs"]
mod conversation;
mod harness;
#[path = "chaos/load.rs"]
mod load;
#[path = "chaos/weather.rs"]
mod weather;

use account::{assert_settled, assert_verifies};
use conversation::script;
use harness::gateway::{Gateway, Plan};
use harness::ledger::Record;
use harness::script::assert_same;
use harness::server::Server;
use harness::{each_version, eventually_within, places};
use load::{Load, TABLES, Tally};
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use weather::{DelayingAndDroppingRelay, Weather};

/// How long clients may take for their answers.
const BUSY_MAX: Duration = Duration::from_secs(60);

/// Clients ask until there are `answers`.
fn load(port: u16, clients: u32, reconnects: bool, answers: u64) -> Tally {
    let (stop, answered) = (AtomicBool::new(false), AtomicU64::new(0));
    let (pause, per_session) = (Duration::ZERO, 0);
    let load = Load {
        port,
        first: 0,
        clients,
        reconnects,
        pause,
        per_session,
        stop: &stop,
        answered: &answered,
        tls: None,
    };
    std::thread::scope(|scope| {
        let running = scope.spawn(|| load.run());
        let deadline = Instant::now() + BUSY_MAX;
        while answered.load(Ordering::Relaxed) < answers
            && !running.is_finished()
            && Instant::now() < deadline
        {
            std::thread::park_timeout(Duration::from_millis(5));
        }
        stop.store(true, Ordering::Relaxed);
        running.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause))
    })
}

fn ended(mut gateway: Gateway) -> Vec<Record> {
    eventually_within(Duration::from_secs(30), "no session", || {
        (gateway.metric("dragoman_sessions") == Some(0.0)).then_some(())
    });
    gateway.terminate();
    let status = gateway.ended_within(Duration::from_secs(20));
    assert!(status.success(), "{status}");
    assert_verifies(&gateway.ledger());
    gateway.records()
}

/// Nobody's answer is another's, nobody's session ended, and every confirmed row is there.
fn assert_untroubled(server: &Server, gateway: Gateway, tally: &Tally, answers: u64) {
    tally.assert_right(answers);
    assert_eq!((tally.closed, tally.resets, tally.unconnected), (0, 0, 0), "{tally:?}");
    assert!(tally.refused.is_empty() && tally.fatal.is_empty(), "{tally:?}");
    let rows = server.ask("SELECT count(*) FROM written").expect("a count");
    assert_eq!(rows, tally.confirmed().to_string(), "rows that are there, and rows that were confirmed");
    assert_settled(&ended(gateway));
}

#[test]
fn sessions_over_a_relay_that_delays_and_drops_get_their_own_answers() {
    const ANSWERS: u64 = 600;
    each_version(|version| {
        let server = Server::start(version);
        server.ask(TABLES);
        let direct = script(2).run(server.port);
        let far_server = DelayingAndDroppingRelay::before(server.port, Weather::BAD);
        let gateway = Plan::before_port(far_server.port).upstream_tls("disable").start();
        let far_gateway = DelayingAndDroppingRelay::before(gateway.port, Weather::BAD);
        assert_same("over bad weather", &direct, &script(3).run(far_gateway.port));
        let began = Instant::now();
        let tally = load(far_gateway.port, 12, false, ANSWERS);
        let count = |of: fn(&weather::Happened) -> &AtomicU64| {
            of(&far_server.happened).load(Ordering::Relaxed)
                + of(&far_gateway.happened).load(Ordering::Relaxed)
        };
        println!(
            "PostgreSQL {version}: {} right answers in {:?} over two relays: {} pieces, {} of them lost once; slowest {} ms",
            tally.answers,
            began.elapsed(),
            count(|happened| &happened.pieces),
            count(|happened| &happened.lost),
            tally.slowest_us / 1000
        );
        assert!(count(|happened| &happened.lost) > 20, "the weather was too good");
        assert_untroubled(&server, gateway, &tally, ANSWERS);
    });
}

#[test]
fn connections_that_a_relay_breaks_again_and_again_lose_their_own_session_only() {
    const ANSWERS: u64 = 600;
    each_version(|version| {
        let server = Server::start(version);
        server.ask(TABLES);
        let quick = Duration::from_millis(1);
        let weather = Weather {
            delay: quick,
            jitter: quick,
            lost_per_mille: 0,
            again_after: quick,
            broken_per_mille: 10,
        };
        let far_server = DelayingAndDroppingRelay::before(server.port, weather);
        let gateway = Plan::before_port(far_server.port).upstream_tls("disable").start();
        let far_gateway = DelayingAndDroppingRelay::before(gateway.port, weather);
        let tally = load(far_gateway.port, 12, true, ANSWERS);
        let broken = |relay: &DelayingAndDroppingRelay| relay.happened.broken.load(Ordering::Relaxed);
        println!(
            "PostgreSQL {version}: {} right answers in {} sessions; {} connections broken before the server and {} before \
             the gateway: {} closed, {} reset, {:?}",
            tally.answers,
            tally.logins,
            broken(&far_server),
            broken(&far_gateway),
            tally.closed,
            tally.resets,
            tally.fatal
        );
        tally.assert_right(ANSWERS / 2);
        assert!(broken(&far_server) > 10 && broken(&far_gateway) > 10, "too little was broken");
        assert!(tally.refused.is_empty(), "{tally:?}");
        // At login the gateway says that the server has gone; later it can only close, as the server did.
        assert!(tally.fatal.keys().all(|code| code == "08001"), "{:?}", tally.fatal);
        let rows: u64 =
            server.ask("SELECT count(*) FROM written").expect("a count").parse().expect("a number");
        assert!(rows >= tally.confirmed(), "{} rows were confirmed and {rows} are there", tally.confirmed());
        let records = ended(gateway);
        assert_settled(&records);
        let write = |record: &&Record| {
            record.event() == "statement.intent"
                && ["INSERT INTO written", "COPY written"]
                    .iter()
                    .any(|text| record.text_of("text").starts_with(text))
        };
        let announced = records.iter().filter(write).count() as u64;
        assert!(rows <= announced, "{rows} rows, and {announced} were announced");
    });
}

/// Names the way packets are lost by, in the namespace.
const NETWORK: &str = "DRAGOMAN_TEST_NETWORK";

/// Makes the loopback of a namespace a network with delay and loss, as the kernel can.
const MAKE_NETWORK: &str = "ip link set lo up
if tc qdisc add dev lo root netem delay 2ms 1ms loss 2% 2>/dev/null; then network=netem
elif printf 'table inet lossy { chain arriving { type filter hook input priority 0; \
iif lo meta l4proto tcp numgen random mod 100 < 2 counter drop; }; }' | nft -f - 2>/dev/null; then network=nftables
else network=none; fi
DRAGOMAN_TEST_NETWORK=$network exec \"$@\"";

#[test]
fn sessions_over_a_network_that_loses_packets_get_their_own_answers() {
    const TEST: &str = "sessions_over_a_network_that_loses_packets_get_their_own_answers";
    let Ok(network) = std::env::var(NETWORK) else {
        return run_in_a_network_of_its_own(TEST);
    };
    if network == "none" {
        println!(
            "this kernel has neither netem nor nftables for us: only the relay of our own delays and drops"
        );
        return;
    }
    const ANSWERS: u64 = 600;
    let server = Server::start(&places::newest_version());
    server.ask(TABLES);
    let direct = script(2).run(server.port);
    let gateway = Plan::before(&server).start();
    assert_same("over a lossy network", &direct, &script(3).run(gateway.port));
    let before = retransmitted();
    let began = Instant::now();
    let tally = load(gateway.port, 12, false, ANSWERS);
    let again = retransmitted() - before;
    println!(
        "in a namespace with {network}: {} right answers in {:?}, {again} segments sent again, slowest {} ms",
        tally.answers,
        began.elapsed(),
        tally.slowest_us / 1000
    );
    assert!(again > 20, "only {again} segments had to be sent again");
    assert_untroubled(&server, gateway, &tally, ANSWERS);
}

/// Runs this test once more where nothing but itself is on the network.
fn run_in_a_network_of_its_own(test: &str) {
    let mut command = Command::new("unshare");
    if std::fs::metadata("/proc/self").expect("/proc").uid() != 0 {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--net", "sh", "-c", MAKE_NETWORK, "sh"]).arg(std::env::current_exe().expect("this test"));
    let ran = command.args(["--exact", test, "--nocapture"]).output().expect("unshare runs");
    let said = [ran.stdout, ran.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
    println!("{}", said[0]);
    assert!(ran.status.success(), "{}\n{}\n{}", ran.status, said[0], said[1]);
    assert!(said[0].contains("1 passed"), "nothing ran in the namespace: {}", said[0]);
}

/// TCP segments this namespace has sent again.
fn retransmitted() -> u64 {
    let text = std::fs::read_to_string("/proc/self/net/snmp").expect("the counters");
    let mut lines = text.lines().filter(|line| line.starts_with("Tcp:"));
    let (names, values) = (lines.next().expect("names"), lines.next().expect("values"));
    let mut both = names.split(' ').zip(values.split(' '));
    both.find(|(name, _)| *name == "RetransSegs").and_then(|(_, value)| value.parse().ok()).expect("a count")
}
