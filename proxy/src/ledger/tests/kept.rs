//! What is kept, and how it is tied together.

use super::*;
use std::io::Write as _;

#[test]
fn the_chain_goes_on_over_two_starts() {
    let folder = tempfile::tempdir().unwrap();
    let health = Arc::new(LedgerHealth::default());
    for start in 0..2 {
        let ledger = Ledger::open(settings(folder.path(), Sync::Group), Arc::clone(&health)).unwrap();
        let (mut first, first_reader) = journal(Arc::clone(&health));
        let (mut second, second_reader) = journal(Arc::clone(&health));
        let handle = ledger.spawn(vec![first_reader, second_reader]).unwrap();
        for number in 0..1_500 {
            first.offer(note(format!("first {start} {number}"))).unwrap();
            second.offer(note(format!("second {start} {number}"))).unwrap();
        }
        handle.offer(note(format!("own {start}"))).unwrap();
        let stats = handle.stats();
        handle.close().unwrap();
        assert_eq!(stats.records(), 3_003);
        assert_eq!(stats.queue_bytes(), 0);
        let newest = segments(folder.path()).pop().unwrap();
        assert_eq!(stats.bytes(), std::fs::metadata(newest).unwrap().len());
    }
    assert_eq!(segments(folder.path()).len(), 2);
    let records = verified(&[folder.path()]);
    assert_eq!(records.len(), 6_006);
    for (start, part) in records.chunks(3_003).enumerate() {
        let events = events(part);
        assert_eq!((events[0], events[3_002]), ("writer.start", "writer.stop"));
        let notes = texts(part, "note");
        for journal in ["first", "second"] {
            let prefix = format!("{journal} {start} ");
            let written: Vec<_> = notes.iter().filter_map(|note| note.strip_prefix(&prefix)).collect();
            let expected: Vec<_> = (0..1_500).map(|number| number.to_string()).collect();
            assert_eq!(written, expected, "complete and in the order of one thread");
        }
        assert!(notes.contains(&format!("own {start}").as_str()));
    }
    assert_ne!(records[0]["writer"], records[3_003]["writer"]);
    assert!(!records[3_003]["note"].as_str().unwrap().contains(';'), "nothing to remark: {}", records[3_003]);
}

#[test]
fn a_torn_tail_is_left_and_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Ledger::open(settings(folder.path(), Sync::None), Arc::default()).unwrap();
    drop(open());
    let first = segments(folder.path()).remove(0);
    let mut file = std::fs::OpenOptions::new().append(true).open(&first).unwrap();
    file.write_all(b"{\"v\":1,\"event\":\"statement.int").unwrap();
    let torn = std::fs::read(&first).unwrap();

    open().spawn(Vec::new()).unwrap().close().unwrap();
    assert_eq!(std::fs::read(&first).unwrap(), torn, "left as it was");
    let records = verified(&[folder.path()]);
    assert_eq!(events(&records), ["writer.start", "writer.start", "writer.stop"]);
    let expected = format!(
        "version {}, process {}; 00000001.jsonl ends in 29 bytes of an unfinished line, left as they are; \
         the writer of 00000001.jsonl did not stop in order",
        env!("CARGO_PKG_VERSION"),
        std::process::id()
    );
    assert_eq!(records[1]["note"], expected);
}

#[test]
fn a_changed_last_line_is_told_of_and_the_chain_shows_it() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Ledger::open(settings(folder.path(), Sync::None), Arc::default()).unwrap();
    open().spawn(Vec::new()).unwrap().close().unwrap();
    let first = segments(folder.path()).remove(0);
    let text = std::fs::read_to_string(&first).unwrap();
    std::fs::write(&first, text.replace("\"seq\":3,", "\"seq\":4,")).unwrap();
    drop(open());
    let second = std::fs::read_to_string(segments(folder.path()).remove(1)).unwrap();
    let start: Value = serde_json::from_str(&second).unwrap();
    let remark = "the last line of 00000001.jsonl does not have the hash it states";
    assert!(start["note"].as_str().unwrap().ends_with(remark), "{start}");
    assert!(!text.contains(start["prev"].as_str().unwrap()), "tied to the bytes, not to what they state");
}

#[test]
fn a_crash_before_the_first_line_does_not_break_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let ledger = Ledger::open(settings(folder.path(), Sync::None), Arc::default()).unwrap();
        ledger.spawn(Vec::new()).unwrap().close().unwrap();
    };
    run();
    std::fs::write(folder.path().join("00000002.jsonl"), "").unwrap();
    std::fs::write(folder.path().join("00000003.jsonl"), "{\"v\":").unwrap();
    run();
    let records = verified(&[folder.path()]);
    assert_eq!(events(&records), ["writer.start", "writer.stop", "writer.start", "writer.stop"]);
    assert!(folder.path().join("00000004.jsonl").exists());
}

#[test]
fn a_full_segment_is_followed_by_the_next() {
    for sync in [Sync::None, Sync::Group, Sync::Each] {
        let folder = tempfile::tempdir().unwrap();
        let health = Arc::new(LedgerHealth::default());
        let settings = LedgerSettings { segment_bytes_max: 4_096, ..settings(folder.path(), sync) };
        let (mut journal, reader) = journal(Arc::clone(&health));
        let handle = Ledger::open(settings, health).unwrap().spawn(vec![reader]).unwrap();
        for number in 0..200 {
            journal.offer(note(number)).unwrap();
        }
        journal.offer(note("x".repeat(10_000))).unwrap();
        journal.offer(note("last")).unwrap();
        handle.close().unwrap();
        let records = verified(&[folder.path()]);
        assert_eq!(records.len(), 204);
        let paths = segments(folder.path());
        assert!(paths.len() > 10, "{sync:?}: {} segments", paths.len());
        for path in paths {
            let text = std::fs::read_to_string(&path).unwrap();
            let last = text.lines().last().expect("no empty segment").len() as u64;
            let length = text.len() as u64;
            assert!(length <= 4_096 + last, "{}: {length} bytes", path.display());
        }
    }
}

#[test]
fn one_directory_has_one_writer_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Ledger::open(settings(folder.path(), Sync::Group), Arc::default());
    let handle = open().unwrap().spawn(Vec::new()).unwrap();
    match open() {
        Err(LedgerError::Locked { owner, .. }) => assert_eq!(owner, Owner::Process(std::process::id())),
        other => panic!("{other:?}"),
    }
    handle.close().unwrap();
    open().unwrap();
}

#[test]
fn what_did_not_fit_becomes_one_gap_record_after_what_did() {
    let folder = tempfile::tempdir().unwrap();
    let health = Arc::new(LedgerHealth::default());
    let (mut first, first_reader) = journal_with_room(Arc::clone(&health), 4);
    let (mut second, second_reader) = journal_with_room(Arc::clone(&health), 4);
    first.reserve().unwrap();
    for number in 0..10 {
        assert_eq!(first.offer(note(number)).is_ok(), number < 3, "one place is reserved");
        assert_eq!(second.offer(note(number)).is_ok(), number < 4);
    }
    first.write_reserved(note("reserved"));
    let ledger = Ledger::open(settings(folder.path(), Sync::Group), health).unwrap();
    let handle = ledger.spawn(vec![first_reader, second_reader]).unwrap();
    let stats = handle.stats();
    handle.close().unwrap();
    let records = verified(&[folder.path()]);
    let mut expected = vec!["writer.start"];
    expected.extend(["config.changed"; 8]);
    expected.extend(["writer.gap", "writer.stop"]);
    assert_eq!(events(&records), expected);
    assert_eq!(records[9]["lost"], 13);
    assert!(texts(&records, "note").contains(&"reserved"));
    assert_eq!((stats.gaps(), stats.lost(), stats.records()), (1, 13, 11));
}

#[test]
fn a_journal_whose_thread_has_ended_is_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let health = Arc::new(LedgerHealth::default());
    let (mut writing, reader) = journal_with_room(Arc::clone(&health), 2);
    let handle = Ledger::open(settings(folder.path(), Sync::None), health).unwrap();
    for number in 0..3 {
        let _ = writing.offer(note(number));
    }
    drop(writing);
    let handle = handle.spawn(vec![reader]).unwrap();
    let stats = handle.stats();
    eventually("all is told", || stats.records() == 4);
    handle.close().unwrap();
    let records = verified(&[folder.path()]);
    assert_eq!(
        events(&records),
        ["writer.start", "config.changed", "config.changed", "writer.gap", "writer.stop"]
    );
    assert_eq!(records[3]["lost"], 1);
}
