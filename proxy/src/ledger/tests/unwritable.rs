//! What happens where files beside the segments cannot be replaced, or nothing can be written at all.

use super::*;
use std::fs;

struct Running {
    health: Arc<LedgerHealth>,
    journal: Journal,
    handle: LedgerHandle,
}

fn start(directory: &Path, sync: Sync) -> Running {
    let health = Arc::new(LedgerHealth::default());
    let (journal, reader) = journal(Arc::clone(&health));
    let mut settings = settings(directory, sync);
    settings.checkpoints.every_records = 4;
    let ledger = Ledger::open(settings, Arc::clone(&health)).unwrap();
    Running { health, journal, handle: ledger.spawn(vec![reader]).unwrap() }
}

/// Writes before, while and after something stands in the way; says what was kept, in order.
fn go_through(mut running: Running, directory: &Path, block: &mut dyn FnMut(bool)) {
    let mut expected = Vec::new();
    let mut ask = |journal: &mut Journal, text: String| {
        let recorded = intend(journal, note(&text));
        expected.push((text, recorded));
        recorded
    };
    for number in 0..5 {
        assert!(ask(&mut running.journal, format!("before {number}")));
    }
    block(true);
    let mut number = 0;
    while ask(&mut running.journal, format!("meanwhile {number}")) {
        number += 1;
        assert!(number < 100_000, "nothing stands in the way");
    }
    assert!(running.health.is_failing());
    assert!(!ask(&mut running.journal, "while failing".to_owned()));
    block(false);
    let health = Arc::clone(&running.health);
    eventually("it is written again", || !health.is_failing());
    assert!(ask(&mut running.journal, "after".to_owned()));
    let stats = running.handle.stats();
    running.handle.close().unwrap();
    assert_eq!((stats.failures(), stats.gaps(), stats.lost()), (1, 0, 0));
    let records = verified(&[directory]);
    let written = texts(&records, "note");
    let taken: Vec<&str> = expected.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(written[1..], taken, "also what was not acknowledged is written when it can be");
}

#[test]
fn a_head_or_a_checkpoint_that_cannot_be_replaced_counts_as_a_ledger_that_cannot_be_written() {
    for name in ["head.new", "checkpoint.new"] {
        for sync in [Sync::None, Sync::Group, Sync::Each] {
            let folder = tempfile::tempdir().unwrap();
            let running = start(folder.path(), sync);
            // A folder where the draft is to be written.
            let draft = folder.path().join(name);
            go_through(running, folder.path(), &mut |blocked| {
                if blocked {
                    let deadline = Instant::now() + TOO_LONG;
                    // The draft of this moment may be in its place.
                    while fs::create_dir(&draft).is_err() {
                        assert!(Instant::now() < deadline, "{}", draft.display());
                    }
                } else {
                    fs::remove_dir(&draft).unwrap();
                }
            });
        }
    }
}

/// Whether files can be made immutable here: the user is root, and the file system knows the attribute.
#[cfg(target_os = "linux")]
fn immutable(path: &Path, is_set: bool) -> bool {
    let how = if is_set { "+i" } else { "-i" };
    Command::new("chattr")
        .arg(how)
        .arg(path)
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_becomes_read_only_is_survived() {
    let probe = tempfile::tempdir().unwrap();
    if !immutable(probe.path(), true) {
        println!("files cannot be made immutable here; the full disk stands for the read-only one");
        return;
    }
    assert!(immutable(probe.path(), false));
    for sync in [Sync::None, Sync::Group, Sync::Each] {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("ledger");
        let running = start(&directory, sync);
        let mut paths = Vec::new();
        go_through(running, &directory, &mut |blocked| {
            if blocked {
                paths = segments(&directory);
                paths.push(directory.clone());
            }
            for path in &paths {
                assert!(immutable(path, blocked));
            }
        });
    }
}

/// A file system that is read-only from the start, in a mount namespace of its own. Needs the right to mount.
#[cfg(target_os = "linux")]
const READ_ONLY: &str = r#"
command -v unshare >/dev/null || exit 97
if [ "$(id -u)" = 0 ]; then as=-m; else as=-rm; fi
unshare $as true 2>/dev/null || exit 97
exec unshare $as sh -c '
    mount -t tmpfs -o size=256k,mode=0700,ro ledger "$LEDGER_TEST_DIRECTORY" 2>/dev/null || exit 97
    exec "$@"' sh "$@"
"#;

#[cfg(target_os = "linux")]
#[test]
fn a_start_on_a_read_only_file_system_says_so() {
    const TEST: &str = "ledger::tests::unwritable::a_start_on_a_read_only_file_system_says_so";
    if role().is_some() {
        let error = Ledger::open(settings(&child_directory(), Sync::Group), Arc::default()).unwrap_err();
        println!("told: {}", error.with_causes());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = again(TEST, "start", folder.path(), READ_ONLY).output().unwrap();
    if output.status.code() == Some(97) {
        println!("not allowed to mount here");
        return;
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let expected =
        format!("told: cannot lock `{}`: Read-only file system", folder.path().join("lock").display());
    assert!(said.contains(&expected), "{said}");
}
