//! Is each limit told to whoever reaches it, counted under its name, and recorded?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::gateway::{Gateway, Plan};
use harness::mariadb::Mariadb;
use harness::mysql_wire::{CAPABILITIES, MysqlWire, packet, query as mysql_query, response};
use harness::server::Server;
use harness::wire::{Frame, VERSION_3_0, Wire, message, password, query, startup};
use harness::{eventually, places};
use std::collections::BTreeSet;

/// The table of a listener's limits, with one line in it.
const LIMITS: &str = "listener.limits";

/// What a client that reached a limit is told: SQLSTATE or number, and the text with its hint.
type Told = (String, String);

/// How a limit is reached.
struct Case {
    /// The label it is counted under.
    reason: &'static str,
    /// What the ledger calls it, and the hint where it is another.
    setting: &'static str,
    /// The SQLSTATE in one protocol, and the number in the other.
    code: &'static str,
    /// Part of what is said.
    words: &'static str,
    /// Makes the listener's limit so low that `reach` reaches it.
    plan: fn(Plan) -> Plan,
    /// Reaches it once, and says what the client heard.
    reach: fn(&Gateway) -> Told,
}

fn limits(plan: Plan, line: &str) -> Plan {
    plan.table(LIMITS, line)
}

/// Reaches each limit before a gateway of its own, and sees that it is told, counted and recorded.
fn check(cases: &[Case], plan: &Plan) {
    let mut shown = BTreeSet::new();
    for Case { reason, setting, code, words, plan: with, reach } in cases {
        let gateway = with(plan.clone()).start();
        let (told, text) = reach(&gateway);
        assert_eq!(told, *code, "{reason}: {text}");
        assert!(text.contains(words), "{reason}: {text}");
        assert!(text.contains(setting) || *reason == "rule", "{reason}: the setting is not named: {text}");
        gateway.recorded(&format!("{reason} is reached"), |records| {
            let hits: Vec<_> = records.iter().filter(|record| record.event() == "limit.hit").collect();
            assert!(hits.iter().all(|hit| hit.text_of("note") == *setting), "{reason}: {hits:?}");
            (hits.len() == 1).then_some(())
        });
        let counted = gateway.metric_where("dragoman_limit_hits_total", &format!("reason=\"{reason}\""));
        assert_eq!(counted, Some(1.0), "{reason}");
        assert_eq!(gateway.metric("dragoman_limit_hits_total"), Some(1.0), "{reason}: and no other");
        let metrics = gateway.get("/metrics").1;
        let of_family = metrics.lines().filter(|line| line.starts_with("dragoman_limit_hits_total{"));
        shown.extend(of_family.map(|line| {
            let (_, rest) = line.split_once("reason=\"").expect("a reason");
            rest.split('"').next().expect("its end").to_owned()
        }));
    }
    let tried: BTreeSet<_> = cases.iter().map(|case| case.reason.to_owned()).collect();
    assert_eq!(tried, shown, "a limit is without a case");
}

/// A rule that bounds answers, in a folder that the gateway finds.
fn rule(plan: Plan) -> Plan {
    static FOLDER: std::sync::OnceLock<tempfile::TempDir> = std::sync::OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::Builder::new().prefix("dragoman-rules-").tempdir().unwrap();
        let text = "[[rule]]\nname = \"portion\"\nwhen = { class = [\"read\"] }\ndecision = \"limit\"\nlimit = { rows = 5 }\n";
        std::fs::write(folder.path().join("own.toml"), text).unwrap();
        folder
    });
    let directory = format!("directory = \"{}\"", folder.path().display());
    plan.mode("enforce").listener("policies = [\"own\"]\ndefault = \"allow\"").table("policies", &directory)
}

/// The error in these frames, its hint behind it.
fn told(frames: &[Frame]) -> Told {
    let error = frames.iter().find(|frame| frame.tag == b'E').expect("an error");
    let fields = error.fields();
    (error.sqlstate(), format!("{} {}", fields[&'M'], fields.get(&'H').map_or("", String::as_str)))
}

/// Whether so many connections have been taken in.
fn taken_in(gateway: &Gateway, count: f64) {
    eventually("the connections are there", || {
        (gateway.metric("dragoman_sessions") == Some(count)).then_some(())
    });
}

fn second_login(gateway: &Gateway) -> Told {
    let _first = Wire::login(gateway.port, "clear");
    told(&Wire::connect(gateway.port).open(VERSION_3_0, &[("user", "clear"), ("database", "shop")]))
}

/// A login with a password that is not the user's.
fn wrong_password(port: u16) -> Vec<Frame> {
    let mut wire = Wire::connect(port);
    wire.send(&startup(VERSION_3_0, &[("user", "clear"), ("database", "shop")]));
    assert_eq!(wire.frame().map(|frame| frame.tag), Some(b'R'));
    wire.send(&password("guessed"));
    wire.rest()
}

/// A statement that does not come to an end, another one behind it that needs its room.
fn hold_room(gateway: &Gateway) -> Told {
    let mut slow = Wire::login(gateway.port, "clear");
    // The threads take turns: the third session is on the first one's.
    let _elsewhere = Wire::login(gateway.port, "clear");
    let mut other = Wire::login(gateway.port, "clear");
    slow.send(&[&b"Q\0\x40\0\0"[..], &vec![b' '; 1_500_000]].concat());
    other.send(&query(&format!("SELECT 7 /* {} */", "x".repeat(1_500_000))));
    let heard = told(&slow.rest());
    assert!(other.until(b'Z', 1).iter().any(|frame| frame.tag == b'D'), "the other gets through");
    heard
}

const POSTGRES: [Case; 12] = [
    Case {
        reason: "connections",
        setting: "limits.connections",
        code: "53300",
        words: "too many connections to this listener",
        plan: |plan| limits(plan, "connections = 1"),
        reach: second_login,
    },
    Case {
        reason: "connections_per_user",
        setting: "limits.connections_per_user",
        code: "53300",
        words: "too many connections for this user",
        plan: |plan| limits(plan, "connections_per_user = 1"),
        reach: second_login,
    },
    Case {
        reason: "connections_per_address",
        setting: "limits.connections_per_address",
        code: "53300",
        words: "too many connections from this address",
        plan: |plan| limits(plan, "connections_per_address = 1"),
        reach: second_login,
    },
    Case {
        reason: "logins",
        setting: "limits.logins",
        code: "53300",
        words: "kept the gateway waiting",
        plan: |plan| limits(plan, "logins = 1"),
        reach: |gateway| {
            let mut silent = Wire::connect(gateway.port);
            taken_in(gateway, 1.0);
            Wire::login(gateway.port, "clear");
            told(&silent.rest())
        },
    },
    Case {
        reason: "login_failures",
        setting: "limits.login_failures",
        code: "53300",
        words: "too many failed logins from this address",
        plan: |plan| limits(plan, "login_failures = 1"),
        reach: |gateway| {
            assert_eq!(told(&wrong_password(gateway.port)).0, "28P01");
            told(&Wire::connect(gateway.port).open(VERSION_3_0, &[("user", "clear"), ("database", "shop")]))
        },
    },
    Case {
        reason: "login_seconds",
        setting: "limits.login_seconds",
        code: "28000",
        words: "login took too long",
        plan: |plan| limits(plan, "login_seconds = 1"),
        reach: |gateway| told(&Wire::connect(gateway.port).rest()),
    },
    Case {
        reason: "login_bytes",
        setting: "limits.login_bytes",
        code: "08P01",
        words: "more than 1024 bytes (`limits.login_bytes`) before the login was done",
        plan: |plan| limits(plan, "login_bytes = 1024"),
        reach: |gateway| {
            let mut wire = Wire::connect(gateway.port);
            wire.send(&startup(VERSION_3_0, &[("user", "clear"), ("database", "shop")]));
            assert_eq!(wire.frame().map(|frame| frame.tag), Some(b'R'));
            let _ = wire.try_send(&message(b'p', &[b'x'; 2_000]));
            told(&wire.rest())
        },
    },
    Case {
        reason: "statement_bytes",
        setting: "limits.statement_bytes",
        code: "54000",
        words: "statement is too large to be judged",
        plan: |plan| limits(plan.mode("enforce"), "statement_bytes = 1024"),
        reach: |gateway| {
            let mut wire = Wire::login(gateway.port, "clear");
            told(&wire.query(&format!("SELECT '{}'", "x".repeat(2_000))))
        },
    },
    Case {
        reason: "idle_seconds",
        setting: "limits.idle_seconds",
        code: "57P01",
        words: "idle for too long",
        plan: |plan| limits(plan, "idle_seconds = 1"),
        reach: |gateway| told(&Wire::login(gateway.port, "clear").rest()),
    },
    Case {
        reason: "transaction_idle_seconds",
        setting: "limits.transaction_idle_seconds",
        code: "57P01",
        words: "idle in transaction for too long",
        plan: |plan| limits(plan, "transaction_idle_seconds = 1"),
        reach: |gateway| {
            let mut wire = Wire::login(gateway.port, "clear");
            wire.query("BEGIN");
            told(&wire.rest())
        },
    },
    Case {
        reason: "held_bytes",
        setting: "data_plane.held_bytes",
        code: "53400",
        words: "takes room for too long that others need",
        plan: |plan| plan.data_plane("held_bytes = 1048576"),
        reach: hold_room,
    },
    Case {
        reason: "rule",
        setting: "own/portion",
        code: "53400",
        words: "the result has more than 5 rows",
        plan: rule,
        reach: |gateway| {
            let mut wire = Wire::login(gateway.port, "clear");
            told(&wire.query("SELECT generate_series(1, 10000000)"))
        },
    },
];

#[test]
fn every_limit_of_a_listener_for_postgres_is_told_counted_and_recorded() {
    let server = Server::start(&places::newest_version());
    check(&POSTGRES, &Plan::before(&server));
}

/// The error a client of MySQL gets next.
fn mysql_told(wire: &mut MysqlWire) -> Told {
    let error = std::iter::from_fn(|| wire.packet()).find_map(|packet| packet.error());
    let (number, text) = error.expect("an error");
    (number.to_string(), text)
}

/// What is said to a second client that logs in, at once or to its response.
fn second_mysql_login(gateway: &Gateway) -> Told {
    let _first = MysqlWire::login(gateway.port, "limits");
    let mut second = MysqlWire::connect(gateway.port);
    let greeting = second.packet().expect("a greeting, or an error");
    if let Some((number, text)) = greeting.error() {
        return (number.to_string(), text);
    }
    second.send(&response("nobody", "limits", CAPABILITIES));
    mysql_told(&mut second)
}

/// A login as somebody who has a password, without it.
fn wrong_mysql_password(port: u16) -> Told {
    let mut wire = MysqlWire::connect(port);
    let greeting = wire.packet().expect("a greeting");
    if let Some((number, text)) = greeting.error() {
        return (number.to_string(), text);
    }
    wire.send(&response("app", "limits", CAPABILITIES));
    mysql_told(&mut wire)
}

fn hold_mysql_room(gateway: &Gateway) -> Told {
    let mut slow = MysqlWire::login(gateway.port, "limits");
    let _elsewhere = MysqlWire::login(gateway.port, "limits");
    let mut other = MysqlWire::login(gateway.port, "limits");
    let unfinished = mysql_query(&" ".repeat(4_000_000));
    slow.send(&unfinished[..1_500_000]);
    let answer = other.ask(&mysql_query(&format!("SELECT 7 /* {} */", "x".repeat(1_500_000))));
    assert!(answer.len() > 3, "the other gets through: {answer:?}");
    mysql_told(&mut slow)
}

const MYSQL: [Case; 12] = [
    Case {
        reason: "connections",
        setting: "limits.connections",
        code: "1040",
        words: "too many connections to this listener",
        plan: |plan| limits(plan, "connections = 1"),
        reach: second_mysql_login,
    },
    Case {
        reason: "connections_per_user",
        setting: "limits.connections_per_user",
        code: "1040",
        words: "too many connections for this user",
        plan: |plan| limits(plan, "connections_per_user = 1"),
        reach: second_mysql_login,
    },
    Case {
        reason: "connections_per_address",
        setting: "limits.connections_per_address",
        code: "1040",
        words: "too many connections from this address",
        plan: |plan| limits(plan, "connections_per_address = 1"),
        reach: second_mysql_login,
    },
    Case {
        reason: "logins",
        setting: "limits.logins",
        code: "1040",
        words: "kept the gateway waiting",
        plan: |plan| limits(plan, "logins = 1"),
        reach: |gateway| {
            let mut silent = MysqlWire::connect(gateway.port);
            assert_eq!(silent.packet().unwrap().payload.first(), Some(&10), "a greeting");
            MysqlWire::login(gateway.port, "limits");
            mysql_told(&mut silent)
        },
    },
    Case {
        reason: "login_failures",
        setting: "limits.login_failures",
        code: "1040",
        words: "too many failed logins from this address",
        plan: |plan| limits(plan, "login_failures = 1"),
        reach: |gateway| {
            assert_eq!(wrong_mysql_password(gateway.port).0, "1045");
            wrong_mysql_password(gateway.port)
        },
    },
    Case {
        reason: "login_seconds",
        setting: "limits.login_seconds",
        code: "1045",
        words: "login took too long",
        plan: |plan| limits(plan, "login_seconds = 1"),
        reach: |gateway| mysql_told(&mut MysqlWire::connect(gateway.port)),
    },
    Case {
        reason: "login_bytes",
        setting: "limits.login_bytes",
        code: "1835",
        words: "more than 1024 bytes (`limits.login_bytes`) before the login was done",
        plan: |plan| limits(plan, "login_bytes = 1024"),
        reach: |gateway| {
            let mut wire = MysqlWire::connect(gateway.port);
            assert_eq!(wire.packet().unwrap().payload.first(), Some(&10), "a greeting");
            wire.send(&packet(1, &[0; 2_000]));
            mysql_told(&mut wire)
        },
    },
    Case {
        reason: "statement_bytes",
        setting: "limits.statement_bytes",
        code: "1153",
        words: "statement is too large to be judged",
        plan: |plan| limits(plan.mode("enforce"), "statement_bytes = 1024"),
        reach: |gateway| {
            let mut wire = MysqlWire::login(gateway.port, "limits");
            wire.send(&mysql_query(&format!("SELECT '{}'", "x".repeat(2_000))));
            mysql_told(&mut wire)
        },
    },
    Case {
        reason: "idle_seconds",
        setting: "limits.idle_seconds",
        code: "4031",
        words: "idle for too long",
        plan: |plan| limits(plan, "idle_seconds = 1"),
        reach: |gateway| mysql_told(&mut MysqlWire::login(gateway.port, "limits")),
    },
    Case {
        reason: "transaction_idle_seconds",
        setting: "limits.transaction_idle_seconds",
        code: "4031",
        words: "idle in transaction for too long",
        plan: |plan| limits(plan, "transaction_idle_seconds = 1"),
        reach: |gateway| {
            let mut wire = MysqlWire::login(gateway.port, "limits");
            assert!(wire.ask(&mysql_query("BEGIN"))[0].is_ok());
            mysql_told(&mut wire)
        },
    },
    Case {
        reason: "held_bytes",
        setting: "data_plane.held_bytes",
        code: "1226",
        words: "takes room for too long that others need",
        plan: |plan| plan.data_plane("held_bytes = 1048576"),
        reach: hold_mysql_room,
    },
    Case {
        reason: "rule",
        setting: "own/portion",
        code: "1226",
        words: "the result has more than 5 rows",
        plan: rule,
        reach: |gateway| {
            let mut wire = MysqlWire::login(gateway.port, "limits");
            wire.send(&mysql_query("SELECT seq FROM seq_1_to_3000000"));
            mysql_told(&mut wire)
        },
    },
];

#[test]
fn every_limit_of_a_listener_for_mysql_is_told_counted_and_recorded() {
    let server = Mariadb::start();
    check(&MYSQL, &server.plan().listener("allow_unauthenticated = true"));
}

/// A listener that only observes lets it pass, and says that it was not looked at.
#[test]
fn a_statement_that_passes_unjudged_for_its_size_is_counted_and_recorded_as_well() {
    let server = Server::start(&places::newest_version());
    let gateway = limits(Plan::before(&server), "statement_bytes = 1024").start();
    let mut wire = Wire::login(gateway.port, "clear");
    let frames = wire.query(&format!("SELECT '{}'", "x".repeat(2_000)));
    assert!(frames.iter().any(|frame| frame.tag == b'D'), "{frames:?}");
    let counted = gateway.metric_where("dragoman_limit_hits_total", "reason=\"statement_bytes\"");
    assert_eq!(counted, Some(1.0));
    gateway.recorded("the limit", |records| {
        let hit = records.iter().find(|record| record.event() == "limit.hit")?;
        assert_eq!((hit.text_of("note"), hit.principal("user")), ("limits.statement_bytes", "clear"));
        Some(())
    });
}

/// Of a flood there is no room even to tell each, and the ledger is not the place for it.
#[test]
fn connections_that_are_closed_without_a_word_are_counted_and_recorded_once() {
    let server = Server::start(&places::newest_version());
    let gateway = limits(Plan::before(&server), "connections = 1").start();
    let _session = Wire::login(gateway.port, "clear");
    let crowd: Vec<Wire> = (0..130).map(|_| Wire::connect(gateway.port)).collect();
    // Twice the limit and 100 are open at once; the one that is counted out is gone by then.
    eventually("the rest was closed", || {
        let counted = gateway.metric_where("dragoman_limit_hits_total", "reason=\"connections\"");
        (counted == Some(29.0)).then_some(())
    });
    let closed = crowd.into_iter().filter(|wire| {
        let mut socket = wire.socket();
        socket.set_read_timeout(Some(std::time::Duration::from_millis(1))).unwrap();
        matches!(std::io::Read::read(&mut socket, &mut [0]), Ok(0))
    });
    assert_eq!(closed.count(), 29, "without a word");
    gateway.recorded("the limit", |records| {
        let hits = records.iter().filter(|record| record.event() == "limit.hit").collect::<Vec<_>>();
        assert!(hits.iter().all(|hit| hit.text_of("note") == "limits.connections"), "{hits:?}");
        (hits.len() == 1).then_some(())
    });
}
