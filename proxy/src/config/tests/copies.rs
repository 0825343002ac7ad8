//! Where may copies of the ledger go, and what is said when one cannot?

use super::super::{copies, load, report_stream};
use super::{LISTENER, good, parse, told};
use crate::ledger::copies::{Content, CopySettings, Place};
use crate::nats::NatsLogin;
use std::time::Duration;

fn copy(lines: &str) -> String {
    format!("{LISTENER}[[ledger.copies]]\nname = 'siem'\n{lines}\n")
}

fn ready(lines: &str) -> CopySettings {
    let [copy] = copies(&good(&copy(lines), &[])).unwrap().try_into().unwrap();
    copy
}

#[test]
fn a_copy_goes_to_a_folder_a_collector_or_a_web_server() {
    let folder = ready("to = 'file:///mnt/archive/the shop'");
    assert_eq!(folder.place, Place::Folder("/mnt/archive/the shop".into()));
    assert_eq!((folder.content, folder.is_required), (Content::Checkpoints, false));
    assert_eq!(folder.patience, Duration::from_secs(300));
    let lines = "to = 'file:///mnt'\ncontent = 'records'\non_failure = 'refuse'\npatience_seconds = 60";
    let required = ready(lines);
    assert_eq!((required.content, required.is_required), (Content::Records, true));
    assert_eq!(required.patience, Duration::from_secs(60));
}

#[test]
fn certificates_and_tokens_are_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let own = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    std::fs::write(folder.path().join("ca.pem"), own.pem()).unwrap();
    std::fs::write(folder.path().join("token"), "open sesame\n").unwrap();
    let text = copy("to = 'https://siem.example.com/ledger'\nca = 'ca.pem'\ntoken = { file = 'token' }")
        + "[[ledger.copies]]\nname = 'other'\nto = 'syslog+tls://[::1]:6514'\nca = 'ca.pem'";
    std::fs::write(folder.path().join("dragoman.toml"), text).unwrap();
    let config = load(&folder.path().join("dragoman.toml"), std::iter::empty()).unwrap();
    let [web, syslog] = copies(&config).unwrap().try_into().unwrap();
    assert_eq!(web.place, Place::Web("https://siem.example.com/ledger".into()));
    assert_eq!(web.token.as_ref().map(|token| token.reveal()), Some("open sesame"));
    assert!(!format!("{web:?}").contains("sesame"));
    assert_eq!(syslog.place, Place::Syslog { host: "::1".into(), port: 6514 });
    assert!(web.tls.is_some() && syslog.tls.is_some());
}

#[test]
fn what_makes_no_sense_is_told_with_its_place() {
    let check = |lines: &str, expected: &str| match parse(&copy(lines), &[]) {
        Ok(_) => panic!("this is taken: {lines}"),
        Err(problems) => assert_eq!(told(&problems), expected, "{lines}"),
    };
    let bad_place = |why: &str| {
        format!(
            "f:7:6: ledger.copies[siem].to: no copy of the ledger can go there: {why}\n    \
             hint: write `file:///folder`, `syslog+tls://host:port`, `https://host/path` or `nats+tls://host:port`, without a password"
        )
    };
    for (to, why) in [
        ("ftp://siem", "it begins with no word that is known here"),
        ("http://siem", "it begins with no word that is known here"),
        ("file://archive/shop", "it names no folder by its whole path"),
        ("file:///", "it names no folder by its whole path"),
        ("syslog+tls://siem", "its host or port cannot be one"),
        ("syslog+tls://siem:0", "its host or port cannot be one"),
        ("syslog+tls://unix:/run/socket", "its host or port cannot be one"),
        ("syslog+tls://me:word@siem:6514", "it has a user or a password"),
        ("https://me:word@siem/", "it has a user or a password"),
        ("https://siem/?key=word", "it has a `?` or a `#`"),
        ("https://", "its host or port cannot be one"),
        ("nats://nats.example.com:4222", "it is not encrypted, and not of this machine"),
        ("nats+tls://me:word@nats:4222", "it has a user or a password"),
        ("nats+tls://nats", "its host or port cannot be one"),
    ] {
        check(&format!("to = '{to}'"), &bad_place(why));
    }
    check(
        "to = 'file:///etc/gateway/data/ledger/copy'",
        "f:7:6: ledger.copies[siem].to: this is the ledger's own folder, or in it\n    \
         hint: name a folder elsewhere, best on another disk that others look after",
    );
    check(
        "to = 'file:///mnt'\nca = 'ca.pem'\ntoken = { file = 'token' }",
        "f:8:6: ledger.copies[siem].ca: `ca` does nothing beside `file://`\n    hint: leave one of them out\n\
         f:9:9: ledger.copies[siem].token: `token` does nothing beside `file://`\n    hint: leave one of them out",
    );
    check(
        "to = 'syslog+tls://siem:6514'\ntoken = { env = 'TOKEN', file = 'token' }",
        "f:8:9: ledger.copies[siem].token: `token` does nothing beside `syslog+tls://`\n    \
         hint: leave one of them out\n\
         f:8:17: ledger.copies[siem].token.env: `file` is set as well\n    \
         hint: a secret comes from one place: leave one of them out",
    );
    check(
        "to = 'https://siem.example.com/'\nsubject = 'a'\nuser = 'me'",
        "f:8:11: ledger.copies[siem].subject: `subject` does nothing beside `an address that does not begin with nats`\n    \
         hint: leave one of them out\n\
         f:9:8: ledger.copies[siem].user: `user` is set without `password`\n    hint: set both, or none\n\
         f:9:8: ledger.copies[siem].user: `user` does nothing beside `an address that does not begin with nats`\n    \
         hint: leave one of them out",
    );
    check(
        "to = 'nats+tls://nats:4222'\ntoken = { file = 'token' }\ncredentials = { file = 'creds' }",
        "f:9:15: ledger.copies[siem].credentials: `credentials` does nothing beside `token`\n    \
         hint: leave one of them out",
    );
    check(
        "to = 'file:///mnt'\n[[ledger.copies]]\nname = 'siem'\nto = 'file:///var'",
        "f:9:8: ledger.copies[siem].name: another copy is already called `siem` (line 6)\n    \
         hint: give it another name",
    );
}

#[test]
fn files_that_are_missing_are_told_when_they_are_loaded() {
    let error = |lines: &str| copies(&good(&copy(lines), &[])).unwrap_err().to_string();
    assert_eq!(
        error("to = 'https://siem.example.com/'\nca = 'ca.pem'"),
        "1 mistake in the settings\n/etc/gateway/gateway.toml:8:6: ledger.copies[siem].ca: the file \
         `/etc/gateway/ca.pem` does not exist\n    hint: paths are relative to the settings file; check the path \
         and its mode"
    );
}

#[test]
fn folders_that_hold_each_other_are_refused_however_they_are_written() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("data/ledger")).unwrap();
    std::os::unix::fs::symlink("data", folder.path().join("link")).unwrap();
    let check = |ledger: &str, to: &str, expected: &str| {
        let file = folder.path().join("dragoman.toml");
        let to = to.replace("HERE", &folder.path().display().to_string());
        let copy = format!("[[ledger.copies]]\nname = 'worm'\nto = 'file://{to}'\n");
        std::fs::write(&file, format!("{LISTENER}[ledger]\n{ledger}\n{copy}")).unwrap();
        let loaded = load(&file, std::iter::empty()).map(drop).map_err(|error| error.to_string());
        match expected {
            "" => assert!(loaded.is_ok(), "{loaded:?}"),
            words => assert!(loaded.as_ref().is_err_and(|told| told.contains(words)), "{to}: {loaded:?}"),
        }
    };
    let ledger = "directory = 'data/ledger'";
    check(ledger, "HERE/link/ledger/copy", "ledger.copies[worm].to: this is the ledger's own folder");
    check(ledger, "HERE/data/", "ledger.copies[worm].to: this folder holds the ledger itself");
    check(ledger, "HERE/worm", "");
    let keys = "directory = 'data/ledger'\nkeys = 'link/ledger/keys'";
    check(keys, "HERE/worm", "ledger.keys: the ledger's secrets would stand in the folder of its files");
    check("directory = 'data/ledger'\nkeys = 'data/ledger-keys'", "HERE/worm", "");
}

#[test]
fn a_stream_takes_lines_under_its_subject_and_is_shown_who_asks() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("word"), "open sesame\n").unwrap();
    let text = copy("to = 'nats://[::1]:4222'\nuser = 'gateway'\npassword = { file = 'word' }")
        + "[report_stream]\nto = 'nats://localhost:4222'\nsubject = 'team.traffic'\ntoken = { file = 'word' }";
    std::fs::write(folder.path().join("dragoman.toml"), text).unwrap();
    let config = load(&folder.path().join("dragoman.toml"), std::iter::empty()).unwrap();
    let [nats] = copies(&config).unwrap().try_into().unwrap();
    let subject = "dragoman.ledger".into();
    assert_eq!(nats.place, Place::Nats { host: "::1".into(), port: 4222, subject });
    assert!(nats.tls.is_none() && nats.token.is_none());
    let NatsLogin::Password { user, password } = &nats.login else { panic!("{:?}", nats.login) };
    assert_eq!((&**user, password.reveal()), ("gateway", "open sesame"));
    assert!(!format!("{nats:?}").contains("sesame"));
    let reports = report_stream(&config).unwrap().unwrap();
    assert_eq!((&*reports.subject, &*reports.host, reports.port), ("team.traffic", "localhost", 4222));
    assert!(matches!(&reports.login, NatsLogin::Token(token) if token.reveal() == "open sesame"));
}

#[test]
fn a_stream_of_reports_is_told_what_makes_no_sense() {
    let check =
        |lines: &str, expected: &str| match parse(&format!("{LISTENER}[report_stream]\n{lines}\n"), &[]) {
            Ok(_) => panic!("this is taken: {lines}"),
            Err(problems) => assert!(told(&problems).contains(expected), "{lines}: {}", told(&problems)),
        };
    check("to = 'nats://nats.example.com:4222'", "it is not encrypted, and not of this machine");
    check(
        "to = 'nats+tls://nats:4222'\nsubject = 'a.*'",
        "report_stream.subject: subjects cannot begin like this",
    );
    check("to = 'nats+tls://nats:4222'\nuser = 'me'", "`user` is set without `password`");
    check("to = 'nats://127.0.0.1:4222'\nca = 'ca.pem'", "`ca` does nothing beside `nats://`");
}
