//! Does a collector of syslog messages get every line, as the standards have it?

use super::collector::{Collector, Manner};
use super::server::{Authority, Server, nobody};
use super::*;

fn to(port: u16) -> String {
    format!("syslog+tls://localhost:{port}")
}

fn more(authority: &Authority, content: &str) -> String {
    format!("content = '{content}'\nca = '{}'", authority.file.display())
}

#[test]
fn each_line_is_a_message_with_its_place_in_the_chain() {
    let mut files = Files::new();
    let authority = Authority::new(files.folder.path(), "ca");
    let collector = Collector::start(&authority, Manner::Reads);
    files.write(2).keep();
    let threads = files.start(&copy("siem", &to(collector.server.port), &more(&authority, "records")));
    files.rotate().write(1_500).keep();
    eventually("all lines are there", || collector.texts() == files.lines());
    let second = collector.messages()[1].clone();
    assert_eq!((second.priority, &*second.application, &*second.id), (110, "dragoman", "config.changed"));
    assert_eq!(second.time, "2026-08-04T12:34:56.000002Z");
    assert_eq!(second.data, format!("[dragoman@32473 ledger=\"{WRITER}\" writer=\"{WRITER}\" seq=\"2\"]"));
    eventually_all(&threads, "siem");
    threads.stop();
    // What was taken is not sent again.
    files.write(1).keep();
    let threads = files.start(&copy("siem", &to(collector.server.port), &more(&authority, "records")));
    eventually("the new line is there, once", || collector.texts() == files.lines());
    threads.stop();
}

#[test]
fn a_checkpoint_is_a_message_that_gives_back_its_very_text() {
    let mut files = Files::new();
    let authority = Authority::new(files.folder.path(), "ca");
    let collector = Collector::start(&authority, Manner::Reads);
    let note = files.write(4).sign();
    let threads = files.start(&copy("siem", &to(collector.server.port), &more(&authority, "checkpoints")));
    eventually("it is there", || !collector.messages().is_empty());
    threads.stop();
    let messages = collector.messages();
    let [message] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!(serde_json::from_str::<String>(&message.text).unwrap(), note);
    assert_eq!((&*message.id, &*message.time), ("checkpoint", "2026-08-04T12:34:56.000001Z"));
    assert!(message.data.ends_with(" seq=\"4\"]"), "{}", message.data);
}

#[test]
fn what_a_broken_connection_may_have_lost_is_sent_again() {
    let mut files = Files::new();
    let authority = Authority::new(files.folder.path(), "ca");
    let collector = Collector::start(&authority, Manner::BreaksOffAfter(100_000));
    files.write(3_000).keep();
    let threads = files.start(&copy("siem", &to(collector.server.port), &more(&authority, "records")));
    eventually("everything is there", || {
        let texts = collector.texts();
        let lines = files.lines();
        texts.len() >= lines.len() && lines.iter().zip(&texts).all(|(line, text)| line == text)
    });
    eventually_all(&threads, "siem");
    assert!(status(&threads, "siem").failures >= 1);
    threads.stop();
}

#[test]
fn nothing_counts_as_taken_while_the_connection_is_young_but_for_a_clean_end() {
    let mut files = Files::new();
    let authority = Authority::new(files.folder.path(), "ca");
    let collector = Collector::start(&authority, Manner::Reads);
    files.write(3).keep();
    let threads = files.start(&copy("siem", &to(collector.server.port), &more(&authority, "records")));
    eventually("it is there", || collector.texts().len() == 3);
    // The collector ends the connection after it has read that this is the end.
    threads.stop();
    let cursor = fs::read_to_string(files.directory().join("copies/siem.json")).unwrap();
    let cursor: serde_json::Value = serde_json::from_str(&cursor).unwrap();
    assert_eq!((&cursor["seq"], &cursor["writer"]), (&3.into(), &WRITER.into()));
    assert_eq!(cursor["hash"], *files.hash);
}

#[test]
fn who_cannot_show_who_he_is_gets_nothing() {
    let mut files = Files::new();
    let (ours, other) =
        (Authority::new(files.folder.path(), "ours"), Authority::new(files.folder.path(), "other"));
    let collector = Collector::start(&other, Manner::Reads);
    files.write(3).keep();
    let port = collector.server.port;
    let stranger = files.start(&copy("siem", &to(port), &more(&ours, "records")));
    eventually_fails(&stranger, "siem", "tls");
    stranger.stop();
    // Of the right authority, and of another name.
    let misnamed =
        files.start(&copy("siem", &format!("syslog+tls://127.0.0.1:{port}"), &more(&other, "records")));
    eventually_fails(&misnamed, "siem", "tls");
    misnamed.stop();
    assert!(collector.messages().is_empty());
}

#[test]
fn a_place_that_is_away_or_silent_is_told_as_what_it_is() {
    let mut files = Files::new();
    let authority = Authority::new(files.folder.path(), "ca");
    let silent = Server::silent();
    files.write(3).keep();
    let copies = copy("silent", &to(silent.port), &more(&authority, "records"))
        + &copy("away", &to(nobody()), &more(&authority, "records"));
    let threads = files.start(&copies);
    eventually_fails(&threads, "away", "away");
    eventually_fails(&threads, "silent", "silent");
    threads.stop();
}
