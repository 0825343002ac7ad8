//! What happens to sessions when the settings change, the program is stopped, or the disk is full?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::gateway::{Gateway, Plan};
use harness::server::Server;
use harness::wire::{Wire, first_error, query, tags};
use harness::{eventually, places};
use std::time::{Duration, Instant};

fn server() -> Server {
    Server::start(&places::newest_version())
}

fn assert_works(session: &mut Wire) {
    let frames = session.query("SELECT 7");
    assert_eq!(tags(&frames), "TDCZ", "{:?}", first_error(&frames));
}

/// `trusted` may log in only where the settings allow it: a setting that shows at once.
fn admits_trusted(gateway: &Gateway) -> bool {
    Wire::try_login(gateway.port, "trusted").is_ok()
}

#[test]
fn new_settings_apply_at_a_signal_and_drop_no_session() {
    let server = server();
    let plan = Plan::before(&server);
    let gateway = plan.start();
    let mut session = Wire::login(gateway.port, "clear");
    session.query("BEGIN; SET LOCAL my.own = 'kept'");
    assert!(!admits_trusted(&gateway));
    gateway.rewrite(&plan.clone().listener("allow_unauthenticated = true"));
    gateway.hang_up();
    eventually("the new settings apply", || admits_trusted(&gateway).then_some(()));
    let rows = harness::server::rows(&mut session, "SHOW my.own");
    assert_eq!(rows, [[Some("kept".to_owned())]], "the open transaction goes on");
    gateway.rewrite(&plan);
    gateway.hang_up();
    eventually("the former settings apply", || (!admits_trusted(&gateway)).then_some(()));
    assert_works(&mut session);
    gateway.recorded("that the settings changed", |records| {
        let changes = records.iter().filter(|record| record.event() == "config.changed").count();
        (changes == 2).then_some(())
    });
}

#[test]
fn a_listener_that_begins_or_ceases_to_enforce_is_recorded() {
    let server = server();
    let plan = Plan::before(&server);
    let gateway = plan.start();
    let mut session = Wire::login(gateway.port, "clear");
    let changed = |count: usize| {
        gateway.recorded(&format!("{count} changes of the mode"), |records| {
            let changes = records.iter().filter(|record| record.event() == "mode.changed");
            let notes: Vec<String> = changes.map(|record| record.text_of("note").to_owned()).collect();
            (notes.len() >= count).then_some(notes)
        })
    };
    gateway.rewrite(&plan.clone().mode("enforce").listener("default = \"refuse\""));
    gateway.hang_up();
    assert_eq!(changed(1), ["listener `shop` changes from observe to enforce, by the settings file"]);
    assert_eq!(first_error(&session.query("SELECT 7")).as_deref(), Some("42501"));
    // A change of anything else is none of the mode.
    gateway.rewrite(&plan.clone().mode("enforce"));
    gateway.hang_up();
    eventually("the default has changed", || first_error(&session.query("SELECT 7")).is_none().then_some(()));
    gateway.rewrite(&plan);
    gateway.hang_up();
    assert_eq!(changed(2)[1..], ["listener `shop` changes from enforce to observe, by the settings file"]);
    assert_works(&mut session);
}

#[test]
fn new_settings_apply_when_the_file_changes() {
    let server = server();
    let plan = Plan::before(&server);
    let gateway = plan.start();
    let mut session = Wire::login(gateway.port, "clear");
    gateway.rewrite(&plan.clone().listener("allow_unauthenticated = true"));
    eventually("the new settings apply", || admits_trusted(&gateway).then_some(()));
    assert_works(&mut session);
}

#[test]
fn a_bad_file_changes_nothing_and_the_log_says_why() {
    let server = server();
    let plan = Plan::before(&server).listener("allow_unauthenticated = true");
    let gateway = plan.start();
    let mut session = Wire::login(gateway.port, "clear");
    let good = gateway.settings();
    let cases = [
        ("an unknown key", good.replace("allow_unauthenticated", "allow_everybody"), "allow_everybody"),
        ("no TOML at all", format!("{good}\n[[[["), "dragoman.toml"),
        ("a wrong value", good.replace("\"observe\"", "\"perhaps\""), "perhaps"),
        (
            "a missing certificate",
            format!("{good}\n[listener.tls]\ncertificate = \"gone.pem\"\nkey = \"gone.key\"\n"),
            "gone.pem",
        ),
    ];
    for (what, text, said) in cases {
        gateway.rewrite_text(&text);
        gateway.hang_up();
        eventually(&format!("the log names {what}"), || gateway.log().contains(said).then_some(()));
        assert_works(&mut session);
        assert!(admits_trusted(&gateway), "{what}: the old settings hold");
        assert_eq!(gateway.ready().0, 200, "{what}");
    }
    gateway.rewrite(&Plan::before(&server));
    gateway.hang_up();
    eventually("a good file applies again", || (!admits_trusted(&gateway)).then_some(()));
}

#[test]
fn a_stopping_gateway_lets_statements_end_and_closes_the_idle() {
    let server = server();
    let mut gateway = Plan::before(&server).data_plane("drain_seconds = 10").start();
    let mut idle = Wire::login(gateway.port, "clear");
    let mut open = Wire::login(gateway.port, "clear");
    let mut busy = Wire::login(gateway.port, "clear");
    open.query("BEGIN; INSERT INTO scratch (id) VALUES (1)");
    busy.send(&query("SELECT pg_sleep(1.5), 'done'"));
    let asleep =
        format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {} AND wait_event = 'PgSleep'", busy.pid);
    eventually("the statement runs", || (server.ask(&asleep).as_deref() == Some("1")).then_some(()));
    gateway.terminate();
    let told = idle.rest();
    assert_eq!((tags(&told), first_error(&told)), ("E".to_owned(), Some("57P01".to_owned())));
    assert!(Wire::try_login(gateway.port, "clear").is_err(), "a stopping gateway takes nobody in");
    assert_eq!(gateway.ready().0, 503, "a stopping gateway is not ready");
    assert_eq!(gateway.get("/healthz").0, 200, "it is alive all the same");
    let frames = busy.rest();
    assert_eq!((tags(&frames), first_error(&frames)), ("TDCZE".to_owned(), Some("57P01".to_owned())));
    assert_eq!(
        tags(&open.query("INSERT INTO scratch (id) VALUES (2)")),
        "CZ",
        "the open transaction goes on"
    );
    let mut frames = open.query("COMMIT");
    frames.extend(open.rest());
    assert_eq!((tags(&frames), first_error(&frames)), ("CZE".to_owned(), Some("57P01".to_owned())));
    let status = gateway.ended_within(Duration::from_secs(5));
    assert!(status.success(), "{status}\n{}", gateway.log());
    assert_eq!(server.ask("SELECT count(*) FROM scratch").as_deref(), Some("2"));
    let records = gateway.records();
    let events: Vec<_> = records.iter().map(harness::ledger::Record::event).collect();
    assert_eq!(events.iter().filter(|event| **event == "session.end").count(), 3, "{events:?}");
    assert_eq!(events.last(), Some(&"writer.stop"));
}

#[test]
fn a_stopping_gateway_waits_no_longer_than_it_was_told() {
    let server = server();
    let mut gateway = Plan::before(&server).data_plane("drain_seconds = 1").start();
    let mut open = Wire::login(gateway.port, "clear");
    let mut busy = Wire::login(gateway.port, "clear");
    open.query("BEGIN");
    busy.send(&query("SELECT pg_sleep(60)"));
    let asleep =
        format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {} AND wait_event = 'PgSleep'", busy.pid);
    eventually("the statement runs", || (server.ask(&asleep).as_deref() == Some("1")).then_some(()));
    let pid = gateway.pid();
    let began = Instant::now();
    gateway.terminate();
    let status = gateway.ended_within(Duration::from_secs(6));
    assert!(began.elapsed() > Duration::from_millis(900), "ended after {:?}", began.elapsed());
    assert!(status.success(), "{status}\n{}", gateway.log());
    for (who, session) in [("the open transaction", &mut open), ("the running statement", &mut busy)] {
        let told = session.rest();
        assert_eq!(first_error(&told).as_deref(), Some("57P01"), "{who}: {}", tags(&told));
    }
    assert!(children_of(pid).is_empty(), "processes are left: {:?}", children_of(pid));
    let lost = gateway
        .records()
        .into_iter()
        .any(|record| record.event() == "statement.outcome" && record.text_of("message_class") == "lost");
    assert!(lost, "nobody knows how the statement ended, and the ledger says so");
}

fn children_of(parent: u32) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").expect("/proc").flatten();
    let stats = processes.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
    let wanted = parent.to_string();
    stats
        .filter(|stat| stat.rsplit(')').next().and_then(|rest| rest.split(' ').nth(2)) == Some(&wanted))
        .collect()
}

#[test]
fn a_full_disk_refuses_statements_and_keeps_the_session() {
    let server = server();
    let rules = tempfile::Builder::new().prefix("dragoman-rules-").tempdir().expect("a folder");
    let reads_and_writes =
        "[[rule]]\nname = \"all\"\nwhen = { class = [\"read\", \"write\"] }\ndecision = \"allow\"\n";
    std::fs::write(rules.path().join("own.toml"), reads_and_writes).expect("the rules are written");
    let plan = Plan::before(&server).ledger("on_failure = \"refuse\"").ledger_disk(2048).mode("enforce");
    let directory = format!("directory = \"{}\"", rules.path().display());
    let gateway = plan.listener("policies = [\"own\"]").table("policies", &directory).start();
    let mut session = Wire::login(gateway.port, "clear");
    session.query("BEGIN");
    assert_works(&mut session);
    let ballast = gateway.fill_ledger_disk();
    let write = "INSERT INTO scratch (id) VALUES (1)";
    let refused = eventually("a statement is refused", || {
        let frames = session.query(write);
        first_error(&frames).map(|code| (code, frames))
    });
    assert_eq!((refused.0.as_str(), tags(&refused.1).as_str()), ("58030", "EZ"), "{:?}", refused.1);
    // The refused statement failed for the server too: the transaction can only be rolled back,
    // and that always passes.
    assert_eq!(tags(&session.query("ROLLBACK")), "CZ");
    assert_eq!(first_error(&session.query(write)).as_deref(), Some("58030"));
    assert_eq!(first_error(&session.query("SELECT 1")).as_deref(), Some("58030"));
    assert_eq!(server.ask("SELECT count(*) FROM scratch").as_deref(), Some("0"), "nothing refused has run");
    std::fs::remove_file(ballast).expect("room again");
    eventually("statements pass again", || first_error(&session.query("SELECT 1")).is_none().then_some(()));
    assert_eq!(tags(&session.query(write)), "CZ");
    gateway.recorded("what was written afterwards", |records| {
        let mut writes =
            records.iter().filter(|record| record.text_of("text").starts_with("INSERT INTO scratch"));
        writes.any(|record| record.text_of("message_class") == "ok").then_some(())
    });
    // The rule that lets them pass is not to blame for those that did not.
    let records = gateway.records();
    let unrecorded: Vec<_> = records.iter().filter(|record| record.text_of("sqlstate") == "58030").collect();
    assert!(!unrecorded.is_empty(), "no refusal was written down");
    for record in unrecorded {
        let told = (record.event(), record.text_of("verdict"), record.0.get("rule"));
        assert_eq!(told, ("statement.refused", "refuse", None), "{}", record.0);
    }
    let passed = records.iter().filter(|record| record.text_of("message_class") == "ok");
    assert!(passed.clone().any(|record| record.text_of("rule") == "own/all"), "the rule decides otherwise");
}

#[test]
fn a_full_disk_can_be_told_to_stop_nothing_and_the_gap_is_told() {
    // More than the gateway keeps waiting for room, so that something has to be missing.
    const QUERIES: usize = 80;
    const STATEMENTS: usize = 1000;
    let server = server();
    let gateway = Plan::before(&server).ledger("on_failure = \"continue\"").ledger_disk(64 * 1024).start();
    let mut session = Wire::login(gateway.port, "clear");
    assert_works(&mut session);
    let ballast = gateway.fill_ledger_disk();
    let many = "SELECT 1; ".repeat(STATEMENTS);
    for _ in 0..QUERIES {
        assert_eq!(first_error(&session.query(&many)), None);
        assert_eq!(tags(&session.query("INSERT INTO scratch (id) VALUES (1)")), "CZ");
    }
    assert_eq!(server.ask("SELECT count(*) FROM scratch"), Some(QUERIES.to_string()));
    std::fs::remove_file(ballast).expect("room again");
    session.terminate();
    let (kept, lost) = gateway.recorded("the gap and the session's end", |records| {
        let lost = records
            .iter()
            .filter(|record| record.event() == "writer.gap")
            .filter_map(|gap| gap.number("lost"));
        let lost = usize::try_from(lost.sum::<u64>()).ok().filter(|lost| *lost > 0)?;
        let about_statements = records.iter().filter(|record| record.event().starts_with("statement."));
        // One statement before, and each write has an intent. The session's own lines may be missing.
        let expected = 1 + QUERIES * (STATEMENTS + 2);
        let kept = about_statements.count();
        (kept + lost >= expected).then_some((kept, lost))
    });
    assert!(kept + lost <= 1 + QUERIES * (STATEMENTS + 2) + 2, "{kept} kept and {lost} lost are too many");
    assert!(gateway.metric("dragoman_ledger_gaps_total").is_some_and(|gaps| gaps >= 1.0));
}
