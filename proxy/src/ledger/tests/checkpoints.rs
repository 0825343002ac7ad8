//! When checkpoints are made, and what earlier writers left for them.

use super::*;
use crate::ledger::Sync;
use std::fs;

/// A ledger that signs after so many records and never because of the time.
fn signing(directory: &Path, every_records: u64) -> LedgerSettings {
    let mut settings = settings(directory, Sync::Group);
    settings.checkpoints.every_records = every_records;
    settings.checkpoints.every = Duration::from_secs(86_400);
    settings
}

/// One start that writes `count` notes and stops in order.
fn run(settings: LedgerSettings, count: usize) {
    let health = Arc::new(LedgerHealth::default());
    let (mut journal, reader) = journal(Arc::clone(&health));
    let handle = Ledger::open(settings, health).unwrap().spawn(vec![reader]).unwrap();
    for number in 0..count {
        assert!(intend(&mut journal, note(number)));
    }
    handle.close().unwrap();
}

fn lines(directory: &Path) -> Vec<Value> {
    let files = segments(directory).into_iter().map(|path| fs::read_to_string(path).unwrap());
    files
        .flat_map(|text| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<_>>())
        .collect()
}

fn checkpoints(directory: &Path) -> Vec<String> {
    let lines = lines(directory);
    texts(&lines, "checkpoint").into_iter().map(str::to_owned).collect()
}

/// What follows `name` in the newest checkpoint.
fn field(directory: &Path, name: &str) -> String {
    let newest = checkpoints(directory).pop().unwrap();
    let value = newest.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).unwrap();
    value.to_owned()
}

#[test]
fn what_is_kept_is_signed_after_so_many_records_and_before_the_stop() {
    let folder = tempfile::tempdir().unwrap();
    run(signing(folder.path(), 10), 25);
    let records = verified(&[folder.path()]);
    assert_eq!(records.len(), 27);
    let lines = lines(folder.path());
    let at: Vec<u64> = lines
        .iter()
        .filter(|line| line["event"] == "checkpoint")
        .map(|line| line["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(at, [11, 22, 29], "every ten lines, and behind the last note");
    assert_eq!(lines.last().unwrap()["event"], "writer.stop");
    let file = fs::read_to_string(folder.path().join("checkpoint")).unwrap();
    assert_eq!(checkpoints(folder.path()).pop(), Some(file));
}

#[test]
fn what_is_kept_is_signed_after_a_while_where_there_is_anything_new() {
    let folder = tempfile::tempdir().unwrap();
    let health = Arc::new(LedgerHealth::default());
    let (mut journal, reader) = journal(Arc::clone(&health));
    let mut settings = signing(folder.path(), 1_000_000);
    settings.checkpoints.every = Duration::from_millis(50);
    let handle = Ledger::open(settings, health).unwrap().spawn(vec![reader]).unwrap();
    let stats = handle.stats();
    let path = segments(folder.path()).remove(0);
    // How many there are depends on when the first line was signed: with the first note or before it came.
    for round in 1..=3 {
        journal.offer(note(round)).unwrap();
        eventually("it is signed", || {
            let text = fs::read_to_string(&path).unwrap();
            let is_checkpoint = |line: &&str| line.contains(r#""event":"checkpoint""#);
            text.contains(&format!(r#""note":"{round}""#))
                && text.ends_with('\n')
                && text.lines().last().is_some_and(|line| is_checkpoint(&line))
                && text.lines().filter(is_checkpoint).count() as u64 == stats.checkpoints()
        });
    }
    // Nothing new, nothing to sign.
    let signed = stats.checkpoints();
    let (_nobody, window) = sync_channel::<()>(1);
    window.recv_timeout(Duration::from_millis(300)).unwrap_err();
    assert_eq!(stats.checkpoints(), signed);
    handle.close().unwrap();
    assert_eq!(verified(&[folder.path()]).len(), 5);
}

#[test]
fn a_closed_segment_is_signed_soon_after() {
    let folder = tempfile::tempdir().unwrap();
    let settings = LedgerSettings { segment_bytes_max: 4_096, ..signing(folder.path(), 1_000_000) };
    run(settings, 60);
    verified(&[folder.path()]);
    let paths = segments(folder.path());
    assert!(paths.len() > 4);
    for path in &paths[1..] {
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains("\"event\":\"checkpoint\""), "{} has none", path.display());
    }
}

#[test]
fn the_head_names_the_last_line_and_where_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    for start in 1..=2 {
        run(signing(folder.path(), 1_000), 5);
        let head: Value = serde_json::from_slice(&fs::read(folder.path().join("head")).unwrap()).unwrap();
        let lines = lines(folder.path());
        let last = lines.last().unwrap();
        assert_eq!(
            (&head["writer"], &head["seq"], &head["hash"]),
            (&last["writer"], &last["seq"], &last["hash"])
        );
        assert_eq!(head["segment"], start);
        let newest = segments(folder.path()).pop().unwrap();
        assert_eq!(head["bytes"], fs::metadata(newest).unwrap().len());
        assert_eq!(head["v"], 1);
    }
}

#[test]
fn writers_that_have_ended_are_known_whatever_became_of_the_files_beside_the_segments() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path();
    for _ in 0..3 {
        run(signing(directory, 1_000), 2);
    }
    let known = fs::read_to_string(directory.join("writers")).unwrap();
    assert_eq!(known.lines().count(), 2, "the last writer ended after it was written");
    let of_first: Vec<Value> = lines(directory).into_iter().take(5).collect();
    let expected =
        format!("{} 5 {}", of_first[4]["writer"].as_str().unwrap(), of_first[4]["hash"].as_str().unwrap());
    assert_eq!(known.lines().next(), Some(expected.as_str()));

    // Lost, damaged, torn: made again from the segments.
    for damage in ["", "nonsense\n", &known[..known.len() - 1]] {
        fs::write(directory.join("writers"), damage).unwrap();
        if damage.is_empty() {
            fs::remove_file(directory.join("writers")).unwrap();
        }
        run(signing(directory, 1_000), 1);
        let start = &lines(directory).into_iter().rfind(|line| line["event"] == "writer.start").unwrap();
        assert!(start["note"].as_str().unwrap().contains("made again from the segments"), "{start}");
    }
    verified(&[directory]);
    assert_eq!(field(directory, "writers"), "6");

    // Segments that were moved away are not needed for the tree, once their writers are written down.
    let moved = directory.join("moved");
    fs::create_dir(&moved).unwrap();
    for path in &segments(directory)[..4] {
        fs::rename(path, moved.join(path.file_name().unwrap())).unwrap();
    }
    run(signing(directory, 1_000), 1);
    for path in segments(&moved) {
        fs::rename(&path, directory.join(path.file_name().unwrap())).unwrap();
    }
    verified(&[directory]);
    assert_eq!(field(directory, "writers"), "7");
}

#[test]
fn writers_whose_lines_were_removed_in_order_stay_in_the_tree_also_when_they_are_written_down_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path();
    for _ in 0..3 {
        run(signing(directory, 1_000), 2);
    }
    let all = lines(directory);
    let last = |writer: &Value| all.iter().rfind(|line| line["writer"] == *writer).unwrap();
    let (first, second) = (last(&all[0]["writer"]), last(&all[5]["writer"]));
    let until = |line: &Value| {
        format!(r#"{{"writer":{},"records":{},"hash":{}}}"#, line["writer"], line["seq"], line["hash"])
    };
    let handle = Ledger::open(signing(directory, 1_000), Arc::default()).unwrap().spawn(Vec::new()).unwrap();
    let members = format!(r#""removed":{{"segments":[1,2],"writers":[{},{}]}}"#, until(first), until(second));
    handle.orders().tell(Event::LedgerRemoved, members.into_bytes(), true).unwrap();
    handle.close().unwrap();
    let known = fs::read_to_string(directory.join("writers")).unwrap();
    for path in &segments(directory)[..2] {
        fs::remove_file(path).unwrap();
    }
    fs::remove_file(directory.join("writers")).unwrap();
    run(signing(directory, 1_000), 0);
    let made = fs::read_to_string(directory.join("writers")).unwrap();
    assert!(made.starts_with(&known), "{made}\n{known}");
    assert_eq!(field(directory, "writers"), "5");
    let note = lines(directory).into_iter().rfind(|line| line["event"] == "writer.start").unwrap()["note"]
        .to_string();
    assert!(note.contains("made again") && !note.contains("of which"), "{note}");

    // Where that cannot be told any more, the start says how many there were.
    fs::remove_file(directory.join("writers")).unwrap();
    fs::remove_file(&segments(directory)[0]).unwrap();
    fs::remove_file(&segments(directory)[0]).unwrap();
    run(signing(directory, 1_000), 0);
    let note = lines(directory).into_iter().rfind(|line| line["event"] == "writer.start").unwrap()["note"]
        .to_string();
    assert!(note.contains("a checkpoint covers 5 writers, of which 1 are known"), "{note}");
}

/// A ledger as it was written before there were checkpoints: three writers, two segments each, and nothing else.
fn older(directory: &Path) {
    let mut previous = "0".repeat(64);
    for number in 1..=6 {
        let writer = format!("01990a3b-4d20-7b31-8c55-{:012}", (number - 1) / 2);
        let mut text = String::new();
        for line in 1..=4 {
            let seq = line + (number - 1) % 2 * 4;
            let attested = format!(
                r#"{{"v":1,"event":"config.changed","id":"019fccc5-1580-7c9f-98f2-f879164c8375","ts":"2026-08-04T12:34:56.000789Z","writer":"{writer}","seq":{seq},"note":"{number}","prev":"{previous}""#
            );
            previous = sha256(format!("{attested}}}"));
            text.push_str(&format!("{attested},\"hash\":\"{previous}\"}}\n"));
        }
        fs::write(directory.join(format!("{number:08}.jsonl")), text).unwrap();
    }
}

#[test]
fn a_ledger_older_than_checkpoints_is_gone_on_with_and_compressed_segments_are_read() {
    for compressed in [0, 3, 6] {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path();
        older(directory);
        let paths: Vec<PathBuf> = segments(directory).into_iter().take(compressed).collect();
        for path in &paths {
            let packed = zstd::encode_all(fs::read(path).unwrap().as_slice(), 3).unwrap();
            fs::write(path.with_extension("jsonl.zst"), packed).unwrap();
            fs::remove_file(path).unwrap();
        }
        run(signing(directory, 1_000), 1);
        for path in &paths {
            let packed = fs::read(path.with_extension("jsonl.zst")).unwrap();
            fs::write(path, zstd::decode_all(packed.as_slice()).unwrap()).unwrap();
        }
        let records = verified(&[directory]);
        assert_eq!(records.len(), 24 + 3, "{compressed}");
        let note = records[24]["note"].as_str().unwrap();
        assert!(
            note.contains("; the writer of 00000006.jsonl did not stop in order; before this start the ledger had no `head`") || compressed == 6,
            "{note}"
        );
        assert_eq!(
            (field(directory, "writers"), field(directory, "records")),
            ("4".to_owned(), "26".to_owned())
        );
        let known = fs::read_to_string(directory.join("writers")).unwrap();
        assert!(
            known.starts_with("01990a3b-4d20-7b31-8c55-000000000000 8 ") && known.lines().count() == 3,
            "{known}"
        );
    }
}

#[test]
fn a_start_says_when_what_was_kept_or_signed_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path();
    run(signing(directory, 2), 6);
    let first = segments(directory).remove(0);
    let text = fs::read_to_string(&first).unwrap();
    let three: String = text.split_inclusive('\n').take(3).collect();
    fs::write(&first, three).unwrap();
    run(signing(directory, 1_000), 0);
    let start = lines(directory)
        .into_iter()
        .find(|line| line["seq"] == 1 && line["note"].as_str().unwrap().contains(';'));
    let note = start.unwrap()["note"].as_str().unwrap().to_owned();
    for (who, seq) in [("`head` names", 12), ("`checkpoint` covers", 10)] {
        let expected = format!("{who} line {seq} of writer ");
        assert!(note.contains(&expected) && note.contains("of which 3 are here"), "{expected}: {note}");
    }
}

#[test]
fn a_missing_file_of_the_newest_checkpoint_is_told_unless_a_crash_may_have_come_before_the_first_was_written()
{
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path();
    for (start, is_told) in [(1, false), (2, false), (3, true)] {
        run(signing(directory, 1_000), 1);
        let lines = lines(directory);
        let note =
            lines.iter().rfind(|line| line["event"] == "writer.start").unwrap()["note"].as_str().unwrap();
        assert_eq!(note.contains("`checkpoint` is missing"), is_told, "start {start}: {note}");
        fs::remove_file(directory.join("checkpoint")).unwrap();
    }
}
