//! Is there one chain and nothing lost when another process takes the directory, or does not, or dies?

use super::*;
use crate::ledger::forward::{Outlet, Unanswered};
use crate::ledger::open_lines::Arrivals;
use std::io;
use std::sync::mpsc::{SyncSender, sync_channel};

/// Batches on their way to a ledger in the place of another process.
#[derive(Debug)]
struct Way(SyncSender<(u64, Vec<u8>)>);

impl Outlet for Way {
    fn send(&mut self, number: u64, batch: &[u8]) -> io::Result<()> {
        self.0.send((number, batch.to_vec())).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// A ledger, who writes into it, and the folder.
fn open(directory: &Path) -> (LedgerHandle, Journal) {
    let health = Arc::new(LedgerHealth::default());
    let (journal, reader) = journal(Arc::clone(&health));
    let ledger = Ledger::open(settings(directory, Sync::Group), health).unwrap();
    (ledger.spawn(vec![reader]).unwrap(), journal)
}

/// The ledger of another process, which takes what `old` sends until it is told to die.
struct Other {
    ledger: LedgerHandle,
    dies: Arc<AtomicBool>,
    /// It dies as well, but what it was sent last is kept.
    dies_silent: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<()>,
}

impl Other {
    fn in_the_place_of(old: &LedgerHandle, directory: &Path) -> Other {
        let health = Arc::new(LedgerHealth::default());
        let (mut arrivals, reader) = Arrivals::new(&health);
        let replaces = Some(std::process::id());
        let settings = LedgerSettings { replaces, ..settings(directory, Sync::Group) };
        let ledger = Ledger::open(settings, health).unwrap().spawn(vec![reader]).unwrap();
        let (way, batches) = sync_channel::<(u64, Vec<u8>)>(16);
        let unanswered = Arc::new(Unanswered::default());
        old.forward(Box::new(Way(way)), Arc::clone(&unanswered));
        let dies = Arc::new(AtomicBool::new(false));
        let dies_silent = Arc::new(AtomicBool::new(false));
        let (answers, stopped) = (Arc::clone(&unanswered), Arc::clone(&dies));
        let silent = Arc::clone(&dies_silent);
        let thread = std::thread::spawn(move || {
            while let Ok((number, batch)) = batches.recv() {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let arrived = arrivals.take(&batch, &stopped).unwrap().unwrap();
                if silent.load(Ordering::Relaxed) {
                    break;
                }
                answers.settle(number, arrived.is_kept);
            }
            answers.gone();
        });
        Other { ledger, dies, dies_silent, thread }
    }
}

#[test]
fn lines_of_the_old_process_are_tied_in_by_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let (old, mut journal) = open(folder.path());
    assert!(intend(&mut journal, note("before")));
    old.release().unwrap();
    // Nobody writes now, and nothing is lost.
    journal.offer(note("between")).unwrap();
    let other = Other::in_the_place_of(&old, folder.path());
    for number in 0..50 {
        assert!(intend(&mut journal, note(number)), "acknowledged when the other one has kept it");
        other.ledger.offer(note(format!("own {number}"))).unwrap();
    }
    old.close().unwrap();
    drop(journal);
    other.thread.join().unwrap();
    other.ledger.close().unwrap();
    let records = verified(&[folder.path()]);
    let notes = texts(&records, "note");
    let starts: Vec<_> = notes.iter().filter(|note| note.starts_with("version")).collect();
    assert_eq!(starts.len(), 2, "{notes:?}");
    assert!(starts[1].contains("in the place of process"), "{starts:?}");
    let numbers: Vec<usize> = notes.iter().filter_map(|note| note.parse().ok()).collect();
    assert_eq!(numbers, (0..50).collect::<Vec<_>>());
    assert_eq!(notes.iter().filter(|note| **note == "between").count(), 1);
    let writers: std::collections::BTreeSet<_> = texts(&records, "writer").into_iter().collect();
    assert_eq!(writers.len(), 2, "the old one has written nothing behind its end");
    assert_eq!(events(&records).iter().filter(|event| **event == "writer.stop").count(), 2);
}

#[test]
fn a_directory_that_nobody_took_is_written_on() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, mut journal) = open(folder.path());
    assert!(intend(&mut journal, note("before")));
    for round in 0..3 {
        ledger.release().unwrap();
        journal.offer(note(format!("between {round}"))).unwrap();
        ledger.reclaim();
        assert!(intend(&mut journal, note(format!("after {round}"))));
    }
    ledger.close().unwrap();
    let records = verified(&[folder.path()]);
    let notes = texts(&records, "note");
    let told: Vec<_> = notes.iter().filter(|note| !note.starts_with("version")).copied().collect();
    let expected = ["before", "between 0", "after 0", "between 1", "after 1", "between 2", "after 2"];
    assert_eq!(told, expected);
}

#[test]
fn what_a_dead_process_has_not_answered_is_written_by_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let (old, mut journal) = open(folder.path());
    old.release().unwrap();
    let other = Other::in_the_place_of(&old, folder.path());
    assert!(intend(&mut journal, note("kept by the other")));
    other.dies.store(true, Ordering::Relaxed);
    // It takes this and dies: who waits is told that it is not recorded, and it is written all the same.
    assert!(!intend(&mut journal, note("not answered")));
    other.thread.join().unwrap();
    other.ledger.close().unwrap();
    eventually("it is recorded again", || intend(&mut journal, note("after")));
    old.close().unwrap();
    let records = verified(&[folder.path()]);
    let notes = texts(&records, "note");
    for told in ["kept by the other", "not answered"] {
        assert_eq!(notes.iter().filter(|note| **note == told).count(), 1, "{told}: {notes:?}");
    }
    assert!(notes.contains(&"after"));
}

#[test]
fn a_ledger_that_is_released_can_be_closed_and_has_everything() {
    let folder = tempfile::tempdir().unwrap();
    let (ledger, mut journal) = open(folder.path());
    ledger.release().unwrap();
    journal.offer(note("between")).unwrap();
    ledger.close().unwrap();
    assert!(texts(&verified(&[folder.path()]), "note").contains(&"between"));
}

#[test]
fn what_a_dead_process_has_written_without_saying_so_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let (old, mut journal) = open(folder.path());
    old.release().unwrap();
    let other = Other::in_the_place_of(&old, folder.path());
    other.dies_silent.store(true, Ordering::Relaxed);
    // It cannot be told that it is recorded, for nobody says so.
    assert!(!intend(&mut journal, note("written and not answered")));
    other.thread.join().unwrap();
    other.ledger.close().unwrap();
    eventually("the old one writes again", || intend(&mut journal, note("after")));
    old.close().unwrap();
    let records = verified(&[folder.path()]);
    let notes = texts(&records, "note");
    assert_eq!(notes.iter().filter(|note| **note == "written and not answered").count(), 1, "{notes:?}");
}
