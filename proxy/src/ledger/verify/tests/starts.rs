//! What another start of the gateway does not heal: lines that were missing when it began.

use super::paper::{name, writer_name};
use super::written::{offer, open};
use super::*;
use std::fs;

/// One start that keeps some records and stops.
fn run(directory: &Path) {
    let (handle, mut journal) = open(directory);
    offer(&mut journal, 8);
    handle.close().unwrap();
}

fn of(directory: &Path) -> Options {
    Options { directories: vec![directory.to_owned()], ..Options::default() }
}

/// Takes the last lines of the only segment.
fn cut(directory: &Path, lines: usize) -> Vec<String> {
    let path = directory.join(name(1));
    let text = fs::read_to_string(&path).unwrap();
    let all: Vec<&str> = text.split_inclusive('\n').collect();
    fs::write(&path, all[..all.len() - lines].concat()).unwrap();
    all.into_iter().map(str::to_owned).collect()
}

#[track_caller]
fn only(directory: &Path, expected: &[Code]) -> Verification {
    let verification = verified(&of(directory));
    assert_eq!(codes(&verification.findings), expected, "{:#?}", verification.findings);
    verification
}

#[test]
fn a_tail_that_was_cut_stays_missing_however_often_the_gateway_starts() {
    for lines in 1..5 {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("ledger");
        run(&directory);
        cut(&directory, lines);
        assert_eq!(verified(&of(&directory)).findings[0].code, Code::MissingEnd);
        for _ in 0..2 {
            run(&directory);
            let verification = verified(&of(&directory));
            assert_eq!(verification.completeness, Verdict::Broken, "{lines}: {verification:#?}");
            let found = verification.findings.iter().find(|found| found.code == Code::MissingBeforeStart);
            let found = found.unwrap();
            let place = found.place.clone().unwrap();
            assert_eq!((place.file, place.line), (name(2), 1), "{lines}");
            assert!(found.message.contains("`head` names line 11 of writer"), "{lines}: {}", found.message);
        }
    }
}

#[test]
fn a_cut_that_was_hidden_in_the_head_shows_in_the_file_of_the_newest_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("ledger");
    run(&directory);
    let lines = cut(&directory, 2);
    let last: serde_json::Value = serde_json::from_str(&lines[lines.len() - 3]).unwrap();
    let bytes: usize = lines[..lines.len() - 2].iter().map(String::len).sum();
    let head = serde_json::json!({
        "v": 1, "writer": last["writer"], "seq": last["seq"], "hash": last["hash"], "segment": 1, "bytes": bytes,
    });
    fs::write(directory.join("head"), format!("{head}\n")).unwrap();
    // The line of the checkpoint and `writer.stop` are gone; all that was signed is there.
    assert_eq!(verified(&of(&directory)).findings[0].code, Code::MissingEnd);
    run(&directory);
    let verification = only(&directory, &[Code::MissingBeforeStart, Code::OtherPrevious]);
    assert!(
        verification.findings[0].message.contains("`checkpoint` was line 10 of writer"),
        "{verification:#?}"
    );
}

#[test]
fn an_end_that_nothing_showed_at_a_start_stays_unknown_unless_a_checkpoint_from_elsewhere_covers_it() {
    for gone in ["head", "checkpoint"] {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("ledger");
        // Two, so that the newest checkpoint is not the first one.
        run(&directory);
        run(&directory);
        let elsewhere = folder.path().join("elsewhere.note");
        fs::copy(directory.join("checkpoint"), &elsewhere).unwrap();
        fs::remove_file(directory.join(gone)).unwrap();
        run(&directory);
        let verification = only(&directory, &[Code::UnknownEndBeforeStart]);
        assert_eq!(verification.verdict(), Verdict::CannotTell);
        let verification = verified(&Options { checkpoints: vec![elsewhere], ..of(&directory) });
        assert_eq!(verification.findings, [], "{gone}");
        // One of the time after it does not.
        let later = folder.path().join("later.note");
        fs::copy(directory.join("checkpoint"), &later).unwrap();
        let verification = verified(&Options { checkpoints: vec![later], ..of(&directory) });
        assert_eq!(codes(&verification.findings), [Code::UnknownEndBeforeStart], "{gone}");
    }
}

#[test]
fn keys_that_were_taken_away_are_told_of_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("ledger");
    run(&directory);
    fs::remove_file(directory.join("verifier.keys")).unwrap();
    run(&directory);
    let start = fs::read_to_string(directory.join(name(2))).unwrap();
    let start: serde_json::Value = serde_json::from_str(start.lines().next().unwrap()).unwrap();
    let note = start["note"].as_str().unwrap();
    assert!(note.contains("`verifier.keys` was missing or empty and was made again"), "{note}");
    assert_eq!(only(&directory, &[]).verdict(), Verdict::Holds);
}

#[test]
fn a_checkpoint_from_elsewhere_over_more_of_an_earlier_writer_than_is_here_says_what_is_missing() {
    let mut paper = Paper::new(7);
    paper.lines(3).checkpoint();
    let mut forged = paper.clone();
    paper.lines(4).checkpoint();
    // By somebody who wrote `head` and `checkpoint` anew before the next start.
    forged.start("").lines(2).stop();
    let folder = forged.save();
    let told = [Code::NotStoppedBefore, Code::OwnWord];
    let verification = holds(&options(&folder), &told);
    assert_eq!(verification.remarks[0].place.as_ref().unwrap().file, name(2));
    let elsewhere = folder.write("elsewhere.note", &paper.checkpoints[1]);
    let verification = verified(&Options { checkpoints: vec![elsewhere], ..options(&folder) });
    assert_eq!(codes(&verification.findings), [Code::MissingBeforeStart]);
    let found = &verification.findings[0];
    assert!(
        found.message.starts_with(&format!("records 6 to 9 of writer {} (4) are missing", writer_name(1)))
    );
    assert_eq!(found.place.as_ref().unwrap().file, name(2));
}

#[test]
fn what_older_ledgers_say_in_the_note_of_a_start_is_read() {
    let missing = format!(
        "; `head` names line 9 of writer {}, of which 5 are here: lines are missing at the end",
        writer_name(1)
    );
    let mut paper = Paper::new(7);
    paper.lines(2).stop();
    paper.start(&missing).lines(1).stop();
    let verification = verified(&options(&paper.save()));
    assert_eq!(codes(&verification.findings), [Code::MissingBeforeStart]);
    assert!(verification.findings[0].message.ends_with(&missing[2..]), "{verification:#?}");
    let mut paper = Paper::new(7);
    paper.lines(2).stop();
    paper.start("; before this start the ledger had no `head` and no checkpoint: x").lines(1).stop();
    holds(&options(&paper.save()), &[Code::NeverSignedBefore, Code::OwnWord]);
}
