//! Who waits how long, and what it costs to wait.

use super::*;

fn start(folder: &Path, sync: Sync, prepare: impl FnOnce(&mut Journal)) -> (Journal, LedgerHandle) {
    let health = Arc::new(LedgerHealth::default());
    let (mut writing, reader) = journal(Arc::clone(&health));
    prepare(&mut writing);
    let ledger = Ledger::open(settings(folder, sync), health).unwrap();
    (writing, ledger.spawn(vec![reader]).unwrap())
}

#[test]
fn a_group_goes_to_the_disk_together_when_somebody_waits() {
    let folder = tempfile::tempdir().unwrap();
    let ticket = Arc::new(Ticket::default());
    let (_journal, handle) = start(folder.path(), Sync::Group, |journal| {
        for number in 0..500 {
            journal.offer(note(number)).unwrap();
        }
        journal.intend(note("intent"), &ticket).unwrap();
    });
    assert!(wait_for(&ticket));
    // One for `writer.start` and one for all that waited.
    let stats = handle.stats();
    assert_eq!((stats.records(), stats.syncs()), (502, 2));
    handle.close().unwrap();
}

#[test]
fn each_write_goes_to_the_disk_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (_journal, handle) = start(folder.path(), Sync::Each, |journal| {
        for number in 0..2_500 {
            journal.offer(note(number)).unwrap();
        }
    });
    let stats = handle.stats();
    eventually("all is kept", || stats.records() == 2_501);
    // One for `writer.start` and three writes of at most 1,000 records.
    assert_eq!(stats.syncs(), 4);
    handle.close().unwrap();
}

#[test]
fn without_sync_only_the_first_start_and_the_close_go_to_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, handle) = start(folder.path(), Sync::None, |_| {});
    assert!(intend(&mut journal, note("intent")));
    let stats = handle.stats();
    // One for `writer.start`, since the key that signs is new.
    assert_eq!((stats.records(), stats.syncs()), (2, 1));
    handle.close().unwrap();
    assert_eq!(stats.syncs(), 2);
}

#[test]
fn records_nobody_waits_for_get_to_the_disk_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, handle) = start(folder.path(), Sync::Group, |_| {});
    let stats = handle.stats();
    for round in 1..=3 {
        journal.offer(note(round)).unwrap();
        eventually("it is kept without a further record", || stats.records() == 1 + round);
        assert_eq!(stats.syncs(), 1 + round);
    }
    handle.close().unwrap();
}

#[test]
fn who_waits_does_not_wait_for_the_lingering() {
    const INTENTS: u32 = 600;
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, handle) = start(folder.path(), Sync::None, |_| {});
    let mut waits: Vec<Duration> = (0..INTENTS)
        .map(|number| {
            // The outcome of the statement before makes the ledger linger.
            journal.offer(note("outcome")).unwrap();
            let began = Instant::now();
            assert!(intend(&mut journal, note(number)));
            began.elapsed()
        })
        .collect();
    waits.sort();
    let (quick, all) = (waits[waits.len() / 4], waits.iter().sum::<Duration>());
    println!("{all:?} for {INTENTS} intents, a quarter of them within {quick:?}");
    // A busy machine delays many of them, but the lingering would delay each.
    let lingered = Duration::from_millis(5) / 2;
    assert!(quick < lingered, "a quarter of the intents within {quick:?}");
    assert!(!holds_times() || all < INTENTS * lingered, "{all:?} for {INTENTS} intents");
    handle.close().unwrap();
}

#[test]
fn many_sessions_share_the_way_to_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let health = Arc::new(LedgerHealth::default());
    let (journals, readers): (Vec<_>, Vec<_>) = (0..4).map(|_| journal(Arc::clone(&health))).unzip();
    let handle = Ledger::open(settings(folder.path(), Sync::Group), health).unwrap().spawn(readers).unwrap();
    let threads: Vec<_> = journals
        .into_iter()
        .map(|mut journal| {
            std::thread::spawn(move || {
                for _ in 0..50 {
                    let tickets: Vec<Arc<Ticket>> = (0..8).map(|_| Arc::default()).collect();
                    for ticket in &tickets {
                        journal.intend(note("intent"), ticket).unwrap();
                    }
                    assert!(tickets.iter().all(|ticket| wait_for(ticket)));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let stats = handle.stats();
    assert_eq!(stats.records(), 1 + 4 * 50 * 8);
    assert!(stats.syncs() <= 1 + 4 * 50 * 8 / 2, "{} syncs", stats.syncs());
    handle.close().unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn an_idle_ledger_uses_no_processor_time() {
    const TEST: &str = "ledger::tests::waits::an_idle_ledger_uses_no_processor_time";
    if role().is_none() {
        // Alone in a process, since the thread is found by its name.
        let folder = tempfile::tempdir().unwrap();
        let output = again(TEST, "idle", folder.path(), r#"exec "$@""#).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && text.contains("measured"), "{text}");
        return;
    }
    let (mut journal, handle) = start(&child_directory(), Sync::Group, |_| {});
    assert!(intend(&mut journal, note("intent")));
    let used = || -> Duration {
        let mut times = Vec::new();
        for task in std::fs::read_dir("/proc/self/task").unwrap() {
            let task = task.unwrap().path();
            if std::fs::read_to_string(task.join("comm")).unwrap().trim() == "ledger" {
                // Nanoseconds on a processor come first.
                let schedule = std::fs::read_to_string(task.join("schedstat")).unwrap();
                times.push(schedule.split(' ').next().unwrap().parse().unwrap());
            }
        }
        assert_eq!(times.len(), 1);
        Duration::from_nanos(times[0])
    };
    let before = used();
    assert!(before > Duration::ZERO);
    // The time over which is measured: nobody sends.
    let (_nobody, window) = sync_channel::<()>(1);
    window.recv_timeout(Duration::from_secs(2)).unwrap_err();
    let spent = used() - before;
    println!("measured {spent:?}");
    assert!(!holds_times() || spent < Duration::from_millis(4), "{spent:?} in two seconds");
    // Whatever else the machine does: who looks all the time takes its share of a processor, a twentieth at least.
    assert!(spent < Duration::from_millis(100), "{spent:?} in two seconds");
    // And it still answers at once.
    assert!(intend(&mut journal, note("intent")));
    handle.close().unwrap();
}
