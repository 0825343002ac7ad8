//! Do records and reports get into a stream of NATS JetStream, each once, whatever happens to its server?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;
#[path = "streams/nats.rs"]
mod nats;

use harness::control::{Caller, Control, TOKEN};
use harness::eventually;
use harness::gateway::{Gateway, Plan};
use harness::server::Server;
use harness::wire::{Wire, first_error};
use nats::Nats;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

const RECORDS: &str = "LEDGER";
const REPORTS: &str = "REPORTS";

/// A copy of every record in a stream.
fn copied(nats: &Nats) -> String {
    format!("name = 'stream'\ncontent = 'records'\n{}", nats.lines())
}

/// All lines of a ledger, in their order.
fn lines(gateway: &Gateway) -> Vec<String> {
    let folder = gateway.folder().join("ledger");
    let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    names.sort();
    let texts = names.into_iter().map(|path| fs::read_to_string(path).unwrap());
    texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn payloads(nats: &Nats) -> Vec<String> {
    let text = |payload: &[u8]| String::from_utf8(payload.to_vec()).unwrap();
    nats.all(RECORDS).iter().map(|message| text(&message.payload)).collect()
}

/// Waits until the place has everything that is in the ledger.
fn settle(gateway: &Gateway, nats: &Nats) {
    eventually("the stream has every line", || {
        // Looked at first: what comes meanwhile is later.
        let last = lines(gateway).last()?.clone();
        payloads(nats).contains(&last).then_some(())
    });
}

fn insert(wire: &mut Wire, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let failed = first_error(&wire.query(&format!("INSERT INTO streamed VALUES ({number})")));
        assert_eq!(failed, None, "nobody waits for the stream");
    }
}

/// The calls of one statement that the reports in the stream add up to.
fn calls(nats: &Nats, words: &str) -> u64 {
    let messages = nats.all(REPORTS);
    let reports: Vec<Value> =
        messages.iter().map(|message| serde_json::from_slice(&message.payload).unwrap()).collect();
    let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let texts = reports.iter().flat_map(|report| list(report, "statements"));
    let known: BTreeSet<String> = texts
        .filter(|one| one["text"].as_str().is_some_and(|text| text.contains(words)))
        .map(|one| one["fingerprint"].as_str().unwrap().to_owned())
        .collect();
    let counts =
        reports.iter().flat_map(|report| list(report, "minutes")).flat_map(|one| list(&one, "counts"));
    let of_words = counts.filter(|one| known.contains(one["fingerprint"].as_str().unwrap()));
    of_words.map(|one| one["sums"]["calls"].as_u64().unwrap()).sum()
}

#[test]
fn every_line_is_in_the_stream_once_and_in_order_though_its_server_was_killed_meanwhile() {
    let server = Server::start("18");
    let mut nats = Nats::start(true);
    nats.make(RECORDS, "dragoman.ledger");
    nats.make(REPORTS, "dragoman.reports");
    let gateway = Plan::before(&server)
        .table("[ledger.copies]", &copied(&nats))
        .table("report_stream", &nats.lines())
        .start();
    let mut wire = Wire::login(gateway.port, "clear");
    assert_eq!(first_error(&wire.query("CREATE TABLE streamed (number int)")), None);
    insert(&mut wire, 0..200);
    settle(&gateway, &nats);

    nats.kill();
    insert(&mut wire, 200..400);
    eventually("the gateway says that the stream is away", || {
        gateway.metric_where("dragoman_ledger_copy_failures_total", "stream").filter(|count| *count > 0.0)
    });
    nats.start_again();
    insert(&mut wire, 400..600);
    settle(&gateway, &nats);

    let (sent, there) = (lines(&gateway), payloads(&nats));
    let upto = sent.iter().position(|line| Some(line) == there.last()).expect("its last line is a line");
    assert_eq!(there, sent[..=upto], "each line once, in the ledger's order, byte for byte");
    assert!(there.iter().filter(|line| line.contains("streamed")).count() >= 600);
    // By its subject one can choose, and by its headers one knows it again.
    let messages = nats.all(RECORDS);
    let first: Value = serde_json::from_slice(&messages[0].payload).unwrap();
    let event = first["event"].as_str().unwrap();
    assert_eq!(messages[0].subject.as_str(), format!("dragoman.ledger.{event}"));
    let headers = messages[0].headers.as_ref().unwrap();
    assert_eq!(headers.get("Dragoman-Seq").unwrap().as_str(), first["seq"].to_string());
    assert_eq!(headers.get("Dragoman-Writer").unwrap().as_str(), first["writer"].as_str().unwrap());

    eventually("the reports add up to what ran", || (calls(&nats, "streamed VALUES") == 600).then_some(()));
    assert_eq!(gateway.metric("dragoman_report_stream_given_up_total"), Some(0.0));
    let plane = &nats.all(REPORTS)[0];
    let report: Value = serde_json::from_slice(&plane.payload).unwrap();
    assert_eq!(plane.subject.as_str(), format!("dragoman.reports.{}", report["plane"].as_str().unwrap()));
    assert!(!gateway.log().contains(nats::PASSWORD), "a password in the log");
}

#[test]
fn lines_that_come_a_second_time_are_not_there_twice() {
    let server = Server::start("18");
    let nats = Nats::start(false);
    nats.make(RECORDS, "dragoman.ledger");
    let mut gateway = Plan::before(&server).table("[ledger.copies]", &copied(&nats)).start();
    let mut wire = Wire::login(gateway.port, "clear");
    assert_eq!(first_error(&wire.query("CREATE TABLE streamed (number int)")), None);
    insert(&mut wire, 0..50);
    settle(&gateway, &nats);
    let before = payloads(&nats);

    // It is not known any more what was taken: everything is sent again.
    gateway.kill();
    fs::remove_file(gateway.folder().join("ledger/copies/stream.json")).unwrap();
    gateway.start_again();
    settle(&gateway, &nats);
    let after = payloads(&nats);
    assert!(after.len() > before.len(), "the new process has lines of its own");
    assert_eq!(after[..before.len()], before[..]);
    let unique: BTreeSet<&String> = after.iter().collect();
    assert_eq!(unique.len(), after.len(), "a line is there twice");
}

#[test]
fn what_a_control_plane_has_taken_goes_to_the_stream_as_well() {
    let server = Server::start("18");
    let nats = Nats::start(false);
    nats.make(REPORTS, "team.traffic");
    let control = Control::start(harness::free_port(), tempfile::tempdir().unwrap());
    let root = Caller::first(&control.url(), || control.log());
    let secret = tempfile::NamedTempFile::new().unwrap();
    fs::write(secret.path(), TOKEN).unwrap();
    let link = format!("url = \"{}\"\ntoken = {{ file = \"{}\" }}", control.url(), secret.path().display());
    let stream = format!("{}\nsubject = 'team.traffic'", nats.lines().replace(nats::USER, "analyst"));
    let gateway = Plan::before(&server).table("link", &link).table("report_stream", &stream).start();
    let mut wire = Wire::login(gateway.port, "clear");
    assert_eq!(first_error(&wire.query("CREATE TABLE streamed (number int)")), None);
    insert(&mut wire, 0..30);
    eventually("the control plane knows of them", || (root.calls("streamed") >= 30).then_some(()));
    eventually("so does the stream", || (calls(&nats, "streamed VALUES") == 30).then_some(()));
}

#[test]
fn what_is_in_the_way_is_said_with_what_helps() {
    let server = Server::start("18");
    let nats = Nats::start(true);
    let other = tempfile::tempdir().unwrap();
    let stranger = harness::certificate::Certificate::make(other.path());
    let own = nats.lines();
    let wrong = other.path().join("wrong");
    fs::write(&wrong, "not-the-word").unwrap();
    let password = nats.folder.path().join("password");
    let ca = nats.folder.path().join("authority.pem");
    let named = |name: &str, lines: &str| format!("name = '{name}'\ncontent = 'records'\n{lines}");
    let swapped = |from: &std::path::Path, to: &std::path::Path| {
        own.replace(&from.display().to_string(), &to.display().to_string())
    };
    let gateway = Plan::before(&server)
        .table("[ledger.copies]", &named("nowhere", &own))
        .table("[ledger.copies]", &named("stranger", &swapped(&ca, &stranger.authority)))
        .table("[ledger.copies]", &named("wrong", &swapped(&password, &wrong)))
        .start();
    for (name, error, words) in [
        ("nowhere", "refused", "no stream of JetStream takes `dragoman.ledger.>`"),
        ("stranger", "tls", "certificate"),
        ("wrong", "refused", "authorization violation"),
    ] {
        eventually(&format!("{name} is told"), || {
            let log = gateway.log();
            log.lines()
                .find(|line| line.contains(name) && line.contains(error) && line.contains(words))
                .map(|_| ())
        });
    }
    assert!(!gateway.log().contains("not-the-word"), "a password in the log");
    let mut wire = Wire::login(gateway.port, "clear");
    assert_eq!(first_error(&wire.query("SELECT 1")), None, "statements go on");
}
