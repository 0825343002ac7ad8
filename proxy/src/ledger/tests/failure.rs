//! What happens while the ledger cannot be written, and after.

use super::*;
use crate::ledger::segment::Segment;
use std::fs::{self, File, OpenOptions};

/// Everything about a ledger whose segment is looked at before every write.
struct Watched {
    health: Arc<LedgerHealth>,
    journal: Journal,
    handle: LedgerHandle,
}

fn watched(directory: &Path, sync: Sync) -> Watched {
    let health = Arc::new(LedgerHealth::default());
    let (journal, reader) = journal_with_room(Arc::clone(&health), 8);
    let mut ledger = Ledger::open(settings(directory, sync), Arc::clone(&health)).unwrap();
    ledger.writer.look_every = Duration::ZERO;
    Watched { health, journal, handle: ledger.spawn(vec![reader]).unwrap() }
}

#[test]
fn while_it_fails_who_waits_is_refused_and_what_is_offered_is_kept_or_counted() {
    for sync in [Sync::None, Sync::Group, Sync::Each] {
        let folder = tempfile::tempdir().unwrap();
        let (directory, moved) = (folder.path().join("ledger"), folder.path().join("moved"));
        let Watched { health, mut journal, handle } = watched(&directory, sync);
        assert!(intend(&mut journal, note("before")));
        assert!(!journal.is_failing());

        eventually("the head says so", || {
            fs::read_to_string(directory.join("head")).unwrap().contains("\"seq\":2,")
        });

        // The directory is taken away, and a file in its place keeps it from being made again.
        fs::rename(&directory, &moved).unwrap();
        File::create(&directory).unwrap();
        assert!(!intend(&mut journal, note("while failing, tried")));
        assert!(journal.is_failing());
        // One that must not run unrecorded still finds the room it reserved for its outcome.
        journal.reserve().unwrap();
        assert!(!intend(&mut journal, note("while failing, queued")));
        let offered: Vec<bool> = (0..10).map(|number| journal.offer(note(number)).is_ok()).collect();
        assert_eq!(offered.iter().filter(|fits| **fits).count(), 6, "8 less the intent and the reserved");
        assert!(journal.intend(note("no room"), &Arc::default()).is_err());
        journal.write_reserved(note("reserved"));

        fs::remove_file(&directory).unwrap();
        eventually("it is written again", || !health.is_failing());
        let stats = handle.stats();
        eventually("the gap is told", || stats.gaps() == 2);
        assert!(intend(&mut journal, note("after")));
        handle.close().unwrap();
        assert_eq!(stats.failures(), 1);
        assert_eq!(stats.lost(), 4);

        let records = verified(&[&moved, &directory]);
        let notes = texts(&records, "note");
        let remark = "00000001.jsonl was removed or renamed while it was written; lines in it may be missing";
        let mut expected = vec!["before", "while failing, tried", remark, "while failing, queued"];
        expected.extend(["0", "1", "2", "3", "4", "5", "reserved", "after"]);
        assert_eq!(notes[1..], expected);
        let gaps: Vec<_> = records.iter().filter(|record| record["event"] == "writer.gap").collect();
        assert_eq!((&gaps[0]["note"], &gaps[1]["lost"]), (&Value::from(remark), &Value::from(4)));
        assert_eq!(segments(&directory), [directory.join("00000002.jsonl")]);
    }
}

#[test]
fn a_removed_segment_is_noticed_and_followed_by_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let Watched { health, mut journal, handle } = watched(folder.path(), Sync::Group);
    assert!(intend(&mut journal, note("before")));
    fs::remove_file(folder.path().join("00000001.jsonl")).unwrap();
    assert!(!intend(&mut journal, note("noticed")));
    eventually("it is written again", || !health.is_failing());
    assert!(intend(&mut journal, note("after")));
    handle.close().unwrap();
    let text = fs::read_to_string(folder.path().join("00000002.jsonl")).unwrap();
    let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records[0]["seq"], 3, "the chain goes on");
    assert_eq!(
        texts(&records, "note"),
        [
            "noticed",
            "00000001.jsonl was removed or renamed while it was written; lines in it may be missing",
            "after"
        ]
    );
}

#[test]
fn a_ledger_that_cannot_be_written_still_closes_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("ledger");
    let Watched { mut journal, handle, .. } = watched(&directory, Sync::Group);
    fs::rename(&directory, folder.path().join("moved")).unwrap();
    File::create(&directory).unwrap();
    assert!(!intend(&mut journal, note("tried")));
    journal.offer(note("queued")).unwrap();
    let ticket = Arc::new(Ticket::default());
    journal.intend(note("asked"), &ticket).unwrap();
    let began = Instant::now();
    match handle.close() {
        Err(LedgerError::Unwritten { records, source }) => {
            assert_eq!(records, 3);
            assert!(matches!(*source, LedgerError::Directory { .. }), "{source:?}");
        }
        other => panic!("{other:?}"),
    }
    assert!(began.elapsed() < CLOSE_MAX);
    assert!(!wait_for(&ticket));
    assert!(journal.offer(note("nobody reads this any more")).is_err());
}

/// A writer whose next write goes to a device instead of a segment.
fn writing_to(device: &str, directory: &Path, sync: Sync) -> Writer {
    let mut writer = Ledger::open(settings(directory, sync), Arc::default()).unwrap().writer;
    let file = OpenOptions::new().append(true).open(device).unwrap();
    let path = directory.join("device.jsonl");
    fs::write(&path, "").unwrap();
    writer.segment = Some(Segment::new(file, path, 99));
    writer.tell(Event::ConfigChanged, RecordBody::Note("one".into()));
    writer
}

#[cfg(target_os = "linux")]
#[test]
fn a_segment_that_cannot_be_cut_back_is_followed_by_a_new_one() {
    for sync in [Sync::None, Sync::Group, Sync::Each] {
        let folder = tempfile::tempdir().unwrap();
        // Answers every write with ENOSPC and cannot be cut.
        let mut writer = writing_to("/dev/full", folder.path(), sync);
        let error = writer.commit(false).unwrap_err();
        assert!(error.with_causes().contains("No space left on device"), "{}", error.with_causes());
        assert!(matches!(error, LedgerError::Write { .. }));
        writer.tell(Event::ConfigChanged, RecordBody::Note("two".into()));
        writer.commit(true).unwrap();
        assert_eq!(writer.pending(), 0);
        let _ = fs::remove_file(folder.path().join("device.jsonl"));
        let records = verified(&[folder.path()]);
        assert_eq!(texts(&records, "note")[1..], ["one", "two"]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_failed_sync_may_have_lost_is_written_again_elsewhere() {
    for sync in [Sync::Group, Sync::Each] {
        let folder = tempfile::tempdir().unwrap();
        // Takes every write and refuses to be synced.
        let mut writer = writing_to("/dev/null", folder.path(), sync);
        let error = writer.commit(true).unwrap_err();
        assert!(matches!(error, LedgerError::Sync { .. }), "{error:?}");
        assert_eq!(writer.pending(), 1, "still in memory");
        assert!(!folder.path().join("device.jsonl").exists(), "an empty segment is not left behind");
        writer.commit(true).unwrap();
        let records = verified(&[folder.path()]);
        assert_eq!(texts(&records, "note")[1..], ["one"]);
    }
}

/// A file system of 256 KiB, most of it taken, in a mount namespace of its own. Needs the right to mount.
const SMALL_DISK: &str = r#"
command -v unshare >/dev/null || exit 97
if [ "$(id -u)" = 0 ]; then as=-m; else as=-rm; fi
unshare $as true 2>/dev/null || exit 97
exec unshare $as sh -c '
    mount -t tmpfs -o size=256k,mode=0700 ledger "$LEDGER_TEST_DIRECTORY" 2>/dev/null || exit 97
    head -c 229376 /dev/zero >"$LEDGER_TEST_DIRECTORY/filler"
    exec "$@"' sh "$@"
"#;

/// A limit on the size of files, which everybody may set. Ignored, its signal becomes EFBIG.
const SMALL_FILES: &str = r#"trap "" XFSZ; ulimit -S -f 16; exec "$@""#;

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_survived_without_a_torn_line_or_a_lost_record() {
    const TEST: &str = "ledger::tests::failure::a_full_disk_is_survived_without_a_torn_line_or_a_lost_record";
    if let Some(role) = role() {
        return fill_and_recover(&role);
    }
    for (role, start) in [("disk", SMALL_DISK), ("files", SMALL_FILES)] {
        for sync in ["none", "group", "each"] {
            let folder = tempfile::tempdir().unwrap();
            let output = again(TEST, &format!("{role} {sync}"), folder.path(), start).output().unwrap();
            if role == "disk" && output.status.code() == Some(97) {
                println!("not allowed to mount here; the limit on files stands for the full disk");
                continue;
            }
            let said = String::from_utf8_lossy(&output.stdout);
            let wrong = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && said.contains("survived"), "{role} {sync}: {said}{wrong}");
        }
    }
}

/// Writes until it fails, checks what is there, makes room, goes on.
#[cfg(target_os = "linux")]
fn fill_and_recover(role: &str) {
    let (full, sync) = role.split_once(' ').unwrap();
    let sync = match sync {
        "none" => Sync::None,
        "group" => Sync::Group,
        _ => Sync::Each,
    };
    let directory = child_directory();
    let health = Arc::new(LedgerHealth::default());
    let (mut journal, reader) = journal(Arc::clone(&health));
    let ledger = Ledger::open(settings(&directory, sync), Arc::clone(&health)).unwrap();
    let handle = ledger.spawn(vec![reader]).unwrap();
    let mut expected = Vec::new();
    let mut keep = |text: String| {
        expected.push(text.clone());
        note(text)
    };
    let mut kept = 0;
    while intend(&mut journal, keep(format!("intent {kept} {}", "x".repeat(500)))) {
        kept += 1;
        assert!(kept < 1_000, "it never got full");
    }
    assert!(kept > 5 && health.is_failing());
    for path in segments(&directory) {
        assert!(fs::read(&path).unwrap().ends_with(b"\n"), "no half of a line is left while it fails");
    }
    for number in 0..100 {
        journal.offer(keep(format!("offered while failing {number}"))).unwrap();
    }
    assert!(!intend(&mut journal, keep("asked while failing".to_owned())));

    if full == "disk" {
        fs::remove_file(directory.join("filler")).unwrap();
    } else {
        let pid = std::process::id().to_string();
        assert!(
            Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited:"]).status().unwrap().success()
        );
    }
    eventually("it is written again", || !health.is_failing());
    assert!(intend(&mut journal, keep("after".to_owned())));
    let stats = handle.stats();
    handle.close().unwrap();
    assert_eq!((stats.failures(), stats.gaps(), stats.lost()), (1, 0, 0));
    let records = verified(&[&directory]);
    assert_eq!(texts(&records, "note")[1..], expected);
    println!("survived");
}
