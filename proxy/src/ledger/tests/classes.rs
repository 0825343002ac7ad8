//! Which records are kept when, where classes differ.

use super::reference::statement_of;
use super::*;
use exchange::Class;

/// A ledger in which reads are kept when written, writes in groups, and DDL each.
fn mixed(folder: &Path) -> (Journal, LedgerHandle) {
    let mut settings = settings(folder, Sync::None);
    settings.sync_by_class[Class::Write.index()] = Some(Sync::Group);
    settings.sync_by_class[Class::Ddl.index()] = Some(Sync::Each);
    let health = Arc::new(LedgerHealth::default());
    let (writing, reader) = journal(Arc::clone(&health));
    (writing, Ledger::open(settings, health).unwrap().spawn(vec![reader]).unwrap())
}

#[test]
fn who_waits_is_answered_when_the_record_is_kept_as_its_class_says() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, handle) = mixed(folder.path());
    let stats = handle.stats();
    // One for the first start.
    assert_eq!(stats.syncs(), 1);
    for _ in 0..5 {
        assert!(intend(&mut journal, statement_of(Class::Read)));
    }
    assert_eq!((stats.records(), stats.syncs()), (6, 1), "written is enough");
    assert!(intend(&mut journal, statement_of(Class::Write)));
    assert_eq!((stats.records(), stats.syncs()), (7, 2));
    assert!(intend(&mut journal, statement_of(Class::Ddl)));
    assert_eq!((stats.records(), stats.syncs()), (8, 3));
    // What is no statement follows `sync`.
    assert!(intend(&mut journal, note("of no class")));
    assert_eq!((stats.records(), stats.syncs()), (9, 3));
    handle.close().unwrap();
    assert_eq!(verified(&[folder.path()]).len(), 10);
}

#[test]
fn a_record_nobody_waits_for_takes_what_came_before_it_to_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, handle) = mixed(folder.path());
    let stats = handle.stats();
    for (round, class) in [Class::Write, Class::Ddl, Class::Write].into_iter().enumerate() {
        let before = stats.syncs();
        for _ in 0..3 {
            journal.offer(statement_of(Class::Read)).unwrap();
        }
        journal.offer(statement_of(class)).unwrap();
        let records = 1 + 4 * (round as u64 + 1);
        eventually("all are kept", || stats.records() == records);
        assert_eq!(stats.syncs(), before + 1, "{class:?}");
    }
    handle.close().unwrap();
}

#[test]
fn what_only_has_to_be_written_does_not_wait_for_the_disk_among_what_does() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, handle) = mixed(folder.path());
    let stats = handle.stats();
    let (before, began) = (stats.syncs(), Instant::now());
    for _ in 0..50 {
        // It will be brought to the disk after ten milliseconds; the read is answered before.
        journal.offer(statement_of(Class::Write)).unwrap();
        assert!(intend(&mut journal, statement_of(Class::Read)));
    }
    // As many as the time asks for, and none for the reads.
    let (trips, took) = (stats.syncs() - before, began.elapsed());
    assert!(u128::from(trips) <= took.as_millis() / 10 + 1, "{trips} trips to the disk in {took:?}");
    handle.close().unwrap();
    assert_eq!(verified(&[folder.path()]).len(), 102);
}

#[test]
fn a_closed_segment_is_on_the_disk_where_anything_has_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = LedgerSettings { segment_bytes_max: 4_096, ..settings(folder.path(), Sync::None) };
    for (ddl, expected) in [(None, 1), (Some(Sync::Each), 2)] {
        settings.sync_by_class[Class::Ddl.index()] = ddl;
        let health = Arc::new(LedgerHealth::default());
        let (mut journal, reader) = journal(Arc::clone(&health));
        let handle = Ledger::open(settings.clone(), health).unwrap().spawn(vec![reader]).unwrap();
        let stats = handle.stats();
        let before = segments(folder.path()).len();
        while segments(folder.path()).len() == before {
            assert!(intend(&mut journal, statement_of(Class::Read)));
        }
        assert_eq!(stats.syncs(), expected, "{ddl:?}");
        handle.close().unwrap();
    }
}
