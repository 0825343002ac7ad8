//! Records that other threads order.

use super::*;
use crate::ledger::orders::OrderError;
use std::fs::{self, File};

#[test]
fn what_is_ordered_is_kept_and_signed_when_the_answer_comes() {
    let folder = tempfile::tempdir().unwrap();
    let handle =
        Ledger::open(settings(folder.path(), Sync::None), Arc::default()).unwrap().spawn(Vec::new()).unwrap();
    let orders = handle.orders();
    orders.tell(Event::LedgerErased, br#""note":"plain""#.to_vec(), false).unwrap();
    let records = verified(&[folder.path()]);
    assert_eq!(texts(&records, "note").last(), Some(&"plain"));
    assert_eq!(handle.stats().checkpoints(), 0);

    let several: Vec<_> = (0..8)
        .map(|number| {
            let orders = orders.clone();
            std::thread::spawn(move || {
                let members = format!(r#""removed":{{"records":{number}}},"note":"{number}""#);
                orders.tell(Event::LedgerRemoved, members.into_bytes(), true)
            })
        })
        .collect();
    assert!(several.into_iter().all(|thread| thread.join().unwrap().is_ok()));
    let newest = fs::read_to_string(folder.path().join("checkpoint")).unwrap();
    assert!(newest.contains("\nrecords 1"), "it covers ten and more lines: {newest}");
    let records = verified(&[folder.path()]);
    let mut told: Vec<u64> =
        records.iter().filter_map(|record| record["removed"]["records"].as_u64()).collect();
    told.sort_unstable();
    assert_eq!(told, [0, 1, 2, 3, 4, 5, 6, 7]);
    handle.close().unwrap();
    assert_eq!(
        orders.tell(Event::LedgerErased, br#""note":"late""#.to_vec(), false),
        Err(OrderError::Closed)
    );
}

#[test]
fn while_the_ledger_cannot_be_written_who_orders_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let (directory, moved) = (folder.path().join("ledger"), folder.path().join("moved"));
    let mut ledger = Ledger::open(settings(&directory, Sync::Group), Arc::default()).unwrap();
    ledger.writer.look_every = Duration::ZERO;
    let health = Arc::clone(&ledger.health);
    let handle = ledger.spawn(Vec::new()).unwrap();
    fs::rename(&directory, &moved).unwrap();
    File::create(&directory).unwrap();
    for note in [r#""note":"one""#, r#""note":"two""#] {
        let answer = handle.orders().tell(Event::LedgerErased, note.as_bytes().to_vec(), true);
        assert_eq!(answer, Err(OrderError::NotKept));
    }
    fs::remove_file(&directory).unwrap();
    eventually("it is written again", || !health.is_failing());
    handle.orders().tell(Event::LedgerErased, br#""note":"after""#.to_vec(), true).unwrap();
    handle.close().unwrap();
    let text = fs::read_to_string(directory.join("00000002.jsonl")).unwrap();
    assert!(
        text.contains("\"note\":\"one\"") && !text.contains("\"note\":\"two\""),
        "the first was taken: {text}"
    );
}
