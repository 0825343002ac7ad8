//! What survives a writer that is killed.

use super::*;
use std::io::{BufRead as _, BufReader, Write as _};

const TEST: &str = "ledger::tests::crash::a_killed_writer_loses_nothing_it_has_acknowledged";

#[test]
fn a_killed_writer_loses_nothing_it_has_acknowledged() {
    if let Some(role) = role() {
        write_until_killed(&role);
    }
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for (round, sync) in ["none", "group", "each", "none", "group", "each"].into_iter().enumerate() {
        let mut child =
            again(TEST, &format!("{sync} {round}"), folder.path(), r#"exec "$@""#).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let notes = |line: String| line.strip_prefix("kept ").map(str::to_owned);
        // Each round is killed at another moment.
        acknowledged.extend(output.by_ref().filter_map(notes).take(20 + 37 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said between the last look and the kill.
        acknowledged.extend(output.filter_map(notes));

        let records = verified(&[folder.path()]);
        let written: std::collections::HashSet<&str> = texts(&records, "note").into_iter().collect();
        assert!(acknowledged.len() >= 20 + 37 * round, "round {round} did not come to its kill");
        for note in &acknowledged {
            assert!(written.contains(note.as_str()), "round {round}: `{note}` was kept and is gone");
        }
        let starts = events(&records).iter().filter(|event| **event == "writer.start").count();
        assert_eq!(starts, round + 1);
    }
}

/// Says on its output what was answered "recorded", until it is killed.
fn write_until_killed(role: &str) -> ! {
    let (sync, round) = role.split_once(' ').unwrap();
    let sync = match sync {
        "none" => Sync::None,
        "group" => Sync::Group,
        _ => Sync::Each,
    };
    let health = Arc::new(LedgerHealth::default());
    let (mut journal, reader) = journal(Arc::clone(&health));
    let ledger = Ledger::open(settings(&child_directory(), sync), health).unwrap();
    let _handle = ledger.spawn(vec![reader]).unwrap();
    let mut output = std::io::stdout();
    for number in 0.. {
        let text = format!("round {round} number {number}");
        journal.offer(note("an outcome nobody waits for")).unwrap();
        if intend(&mut journal, note(&text)) {
            writeln!(output, "kept {text}").unwrap();
            output.flush().unwrap();
        }
    }
    unreachable!()
}
