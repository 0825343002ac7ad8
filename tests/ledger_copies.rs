//! What does the program do with a copy of the ledger that it must have, and what is the copy worth?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::gateway::Plan;
use harness::server::Server;
use harness::wire::{Wire, first_error};
use harness::{eventually, places};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Longest the gateway takes to stop.
const STOP_MAX: Duration = Duration::from_secs(20);

fn verified(arguments: &[&str], directory: &Path) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
    command.args(["ledger", "verify", "--directory"]).arg(directory).args(arguments);
    let output = command.output().expect("the program runs");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_required_copy_that_is_not_taken_refuses_statements_until_it_is_and_is_then_whole() {
    let server = Server::start(&places::newest_version());
    let places = tempfile::tempdir().expect("a folder");
    let (archive, notes) = (places.path().join("archive"), places.path().join("notes"));
    std::fs::create_dir(&archive).expect("the archive");
    std::fs::create_dir(&notes).expect("the folder of checkpoints");
    let required = "content = 'records'\non_failure = 'refuse'\npatience_seconds = 5";
    let table = |name: &str, place: &Path, more: &str| {
        format!("name = '{name}'\nto = 'file://{}'\n{more}", place.display())
    };
    let mut gateway = Plan::before(&server)
        .ledger("on_failure_by_class = { read = \"continue\" }\ncheckpoints = { every_seconds = 1 }")
        .table("[ledger.copies]", &table("archive", &archive, required))
        .table("[ledger.copies]", &table("notes", &notes, ""))
        .start();
    let mut session = Wire::login(gateway.port, "clear");
    // On a busy machine the copy's first try may take longer than its patience.
    let create = "CREATE TABLE kept (id int)";
    eventually("the table is made", || first_error(&session.query(create)).is_none().then_some(()));

    // The archive is gone, as when its disk is.
    let away = places.path().join("away");
    std::fs::rename(&archive, &away).expect("the archive is moved");
    let insert = "INSERT INTO kept VALUES (1)";
    eventually("what has to be recorded is refused", || {
        first_error(&session.query(insert)).filter(|state| state == "58030")
    });
    assert_eq!(first_error(&session.query("SELECT 1")), None, "reads go on");
    assert!(gateway.metric_where("dragoman_ledger_copy_failures_total", "archive") > Some(0.0));
    assert!(gateway.log().contains("a required copy of the ledger was not taken"), "{}", gateway.log());
    assert!(gateway.log().contains(&format!("the folder `{}` is not there", archive.display())));
    let (code, body) = gateway.ready();
    assert!(code == 200 && body.contains("ledger: its required copy `archive` is "), "{code} {body}");
    assert!(!body.contains("archive/"), "no place is told: {body}");

    std::fs::rename(&away, &archive).expect("the archive is back");
    eventually("it runs again", || first_error(&session.query(insert)).is_none().then_some(()));
    assert!(gateway.log().contains("a required copy of the ledger is taken again"), "{}", gateway.log());
    assert!(!gateway.ready().1.contains("ledger:"), "{:?}", gateway.ready());
    session.terminate();

    let ledger = gateway.folder().join("ledger");
    let segment = |folder: &Path| std::fs::read(folder.join("00000001.jsonl")).expect("a segment");
    let gathered = notes.join("checkpoints.note");
    eventually("both copies have all there is", || {
        let text = String::from_utf8(segment(&ledger)).expect("text");
        let newest = std::fs::read_to_string(ledger.join("checkpoint")).expect("a checkpoint");
        let is_signed = text.lines().last().is_some_and(|line| line.contains(r#""event":"checkpoint""#));
        let is_gathered = std::fs::read_to_string(&gathered).is_ok_and(|notes| notes.contains(&newest));
        (is_signed && is_gathered && segment(&archive) == text.as_bytes()).then_some(())
    });
    let before = segment(&ledger);
    gateway.terminate();
    assert!(gateway.ended_within(STOP_MAX).success());

    // A stopping gateway waits two seconds for its copies, which on a busy machine may be too short for its last lines.
    let copied = segment(&archive);
    assert!(
        copied.starts_with(&before) && segment(&ledger).starts_with(&copied),
        "the archive has other bytes"
    );
    let (code, said) = verified(&[], &archive);
    assert_eq!(code, Some(0), "{said}");
    let against = ["--checkpoint", gathered.to_str().expect("a name")];
    let (code, said) = verified(&against, &ledger);
    assert_eq!(code, Some(0), "{said}");

    // Who can write the ledger's folder takes away its end, and everything beside it that would tell.
    let text = String::from_utf8(segment(&ledger)).expect("text");
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let earlier = lines.iter().take(3).copied().collect::<String>();
    std::fs::write(ledger.join("00000001.jsonl"), earlier).expect("the ledger is cut");
    for name in ["head", "checkpoint"] {
        std::fs::remove_file(ledger.join(name)).expect("it was there");
    }
    let (code, said) = verified(&against, &ledger);
    assert_eq!(code, Some(1), "{said}");
}
