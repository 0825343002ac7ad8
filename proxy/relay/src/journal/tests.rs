//! The journal by example: full queues, reservations, tickets, and a reader that is never left asleep.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use exchange::{Address, Environment, Event, Principal, Protocol, RecordBody, Session, SessionId};
use std::task::Wake;
use std::time::{Duration, Instant};

/// Longer than anything here takes; reaching it is the failure.
const TOO_LONG: Duration = Duration::from_secs(60);

fn record(number: u64) -> Record {
    Record { event: Event::StatementOutcome, at_us: number, session: None, body: RecordBody::None }
}

fn note(text: &str) -> Record {
    Record { event: Event::ConfigChanged, at_us: 0, session: None, body: RecordBody::Note(text.into()) }
}

fn small(records_max: usize) -> (Journal, JournalReader) {
    journal_with_room(Arc::new(LedgerHealth::default()), records_max)
}

/// Wakes the thread that polls, as a runtime would.
struct ThreadWaker(Thread);

impl Wake for ThreadWaker {
    fn wake(self: Arc<ThreadWaker>) {
        self.0.unpark();
    }
}

fn wait_for(ticket: &Ticket) -> bool {
    let waker = Waker::from(Arc::new(ThreadWaker(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let deadline = Instant::now() + TOO_LONG;
    loop {
        match ticket.poll(&mut context) {
            Poll::Ready(answer) => return answer,
            Poll::Pending => std::thread::park_timeout(TOO_LONG),
        }
        assert!(Instant::now() < deadline, "the ticket was never answered");
    }
}

fn answer_now(ticket: &Ticket) -> Poll<bool> {
    ticket.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_full_queue_counts_what_does_not_fit() {
    let (mut journal, mut reader) = small(2);
    assert!(journal.offer(record(1)).is_ok());
    assert!(journal.offer(record(2)).is_ok());
    assert!(journal.offer(record(3)).is_err());
    assert!(journal.offer(record(4)).is_err());
    journal.count_lost(5);
    assert_eq!(reader.shared().take_lost(), 7);
    assert_eq!(reader.shared().take_lost(), 0, "counted once");
    let read: Vec<u64> = std::iter::from_fn(|| reader.next()).map(|entry| entry.record.at_us).collect();
    assert_eq!(read, [1, 2]);
}

#[test]
fn an_intent_that_does_not_fit_is_not_counted_as_lost() {
    let (mut journal, reader) = small(1);
    journal.offer(record(1)).unwrap();
    assert!(journal.intend(record(2), &Arc::default()).is_err());
    assert_eq!(reader.shared().take_lost(), 0);
}

#[test]
fn reserved_room_is_kept_free_for_who_reserved_it() {
    let (mut journal, mut reader) = small(3);
    journal.reserve().unwrap();
    journal.reserve().unwrap();
    journal.offer(record(1)).unwrap();
    assert!(journal.offer(record(2)).is_err(), "the rest of the room is reserved");
    assert!(journal.reserve().is_err());
    journal.write_reserved(record(3));
    journal.release();
    journal.offer(record(4)).unwrap();
    let read: Vec<u64> = std::iter::from_fn(|| reader.next()).map(|entry| entry.record.at_us).collect();
    assert_eq!(read, [1, 3, 4]);
    assert_eq!(reader.shared().take_lost(), 1);
}

#[test]
fn text_that_waits_is_bounded_in_bytes_too() {
    let (mut journal, mut reader) = small(8);
    let text = "x".repeat(HELD_BYTES_MAX / 2 + 1);
    journal.reserve().unwrap();
    journal.offer(note(&text)).unwrap();
    journal.offer(note(&text)).unwrap();
    assert!(journal.offer(note("one more")).is_err());
    journal.write_reserved(note("reserved before"));
    while reader.next().is_some() {}
    assert_eq!(reader.shared().held_bytes(), 0);
    journal.offer(note("there is room again")).unwrap();
}

#[test]
fn names_of_those_who_fail_to_log_in_are_bounded_too() {
    let name = "x".repeat(64 * 1024);
    let principal = Principal {
        user: name.as_str().into(),
        database: "".into(),
        application: "".into(),
        address: Address::Unix,
        tls: None,
    };
    let (mut journal, reader) = small(RECORDS_MAX);
    let mut waiting = 0;
    while waiting < 2 * HELD_BYTES_MAX / name.len() {
        let session = Arc::new(Session {
            id: SessionId(waiting as u128),
            listener: "shop".into(),
            workspace: "default".into(),
            environment: Environment::Production,
            protocol: Protocol::Mysql,
            principal: principal.clone(),
        });
        let body = RecordBody::Ended { sqlstate: None, message_class: "refused", bytes_in: 0, bytes_out: 0 };
        let record = Record { event: Event::LoginFailed, at_us: 0, session: Some(session), body };
        if journal.offer(record).is_err() {
            break;
        }
        waiting += 1;
    }
    assert_eq!(waiting, HELD_BYTES_MAX / name.len());
    assert_eq!(reader.shared().take_lost(), 1);
}

#[test]
fn a_ticket_wakes_who_waits_with_the_answer() {
    for expected in [true, false] {
        let (mut journal, mut reader) = small(1);
        let ticket = Arc::new(Ticket::default());
        journal.intend(record(1), &ticket).unwrap();
        assert!(answer_now(&ticket).is_pending());
        let session = std::thread::spawn({
            let ticket = Arc::clone(&ticket);
            move || wait_for(&ticket)
        });
        let claim = reader.next().unwrap().ticket.unwrap();
        if expected {
            claim.recorded()
        } else {
            claim.failed()
        }
        assert_eq!(session.join().unwrap(), expected);
    }
}

#[test]
fn the_answer_to_an_abandoned_intent_is_not_the_answer_to_the_next() {
    let (mut journal, mut reader) = small(2);
    let ticket = Arc::new(Ticket::default());
    journal.intend(record(1), &ticket).unwrap();
    journal.intend(record(2), &ticket).unwrap();
    reader.next().unwrap().ticket.unwrap().recorded();
    assert!(answer_now(&ticket).is_pending(), "the second intent is not recorded yet");
    reader.next().unwrap().ticket.unwrap().recorded();
    assert_eq!(answer_now(&ticket), Poll::Ready(true));
}

#[test]
fn an_entry_dropped_without_an_answer_answers_not_recorded() {
    let (mut journal, mut reader) = small(1);
    let ticket = Arc::new(Ticket::default());
    journal.intend(record(1), &ticket).unwrap();
    drop(reader.next());
    assert_eq!(answer_now(&ticket), Poll::Ready(false));
}

#[test]
fn who_waits_is_answered_when_the_ledger_fails_and_the_records_stay() {
    let (mut journal, mut reader) = small(4);
    let (first, second) = (Arc::new(Ticket::default()), Arc::new(Ticket::default()));
    journal.intend(record(1), &first).unwrap();
    reader.fail_waiting();
    assert_eq!(answer_now(&first), Poll::Ready(false));
    journal.intend(record(2), &second).unwrap();
    journal.offer(record(3)).unwrap();
    reader.fail_waiting();
    assert_eq!(answer_now(&second), Poll::Ready(false));
    // What comes after a read is answered too: the count of answered entries follows the queue.
    assert_eq!(reader.next().unwrap().record.at_us, 1);
    journal.intend(record(4), &first).unwrap();
    reader.fail_waiting();
    assert_eq!(answer_now(&first), Poll::Ready(false));
    let read: Vec<u64> = std::iter::from_fn(|| reader.next()).map(|entry| entry.record.at_us).collect();
    assert_eq!(read, [2, 3, 4]);
}

#[test]
fn nobody_waits_for_a_reader_that_is_gone() {
    let (mut journal, reader) = small(4);
    let before = Arc::new(Ticket::default());
    journal.intend(record(1), &before).unwrap();
    drop(reader);
    assert_eq!(answer_now(&before), Poll::Ready(false));
    assert!(journal.intend(record(2), &Arc::default()).is_err());
    assert!(journal.offer(record(3)).is_err());
}

#[test]
fn a_reader_that_goes_while_intents_come_answers_every_one() {
    for _ in 0..200 {
        let (mut journal, reader) = small(64);
        let writer = std::thread::spawn(move || {
            let mut tickets = Vec::new();
            loop {
                let ticket = Arc::new(Ticket::default());
                if journal.intend(record(1), &ticket).is_err() {
                    // With the journal, so that the queue is not what answers.
                    return (tickets, journal);
                }
                tickets.push(ticket);
            }
        });
        drop(reader);
        let (tickets, _journal) = writer.join().unwrap();
        for ticket in tickets {
            assert!(!wait_for(&ticket));
        }
    }
}

/// Parks as the ledger's thread does until something is there; fails when nobody wakes it.
fn park_until(reader: &JournalReader, lingering: bool) {
    let shared = reader.shared();
    let there = if lingering {
        shared.reader_lingers();
        shared.take_urgent()
    } else {
        shared.reader_sleeps();
        !reader.is_empty()
    };
    if !there {
        let parked = Instant::now();
        std::thread::park_timeout(TOO_LONG);
        assert!(parked.elapsed() < TOO_LONG, "the wake-up was lost");
    }
    shared.reader_wakes();
}

#[test]
fn a_sleeping_reader_is_woken_by_every_record() {
    const RECORDS: u64 = 50_000;
    let (mut journal, mut reader) = small(4);
    let read = Arc::new(AtomicU64::new(0));
    let writer = std::thread::spawn({
        let read = Arc::clone(&read);
        move || {
            for number in 0..RECORDS {
                journal.offer(record(number)).unwrap();
                // No further record comes to repair a lost wake-up. The core is given up while
                // waiting: on a machine whose cores are all busy the reader has to get one.
                let mut turns = 0_u32;
                while read.load(Ordering::Acquire) <= number {
                    turns += 1;
                    if turns.is_multiple_of(64) {
                        std::thread::yield_now();
                    } else {
                        std::hint::spin_loop();
                    }
                }
                // Uneven gaps, so that the reader is met in every moment of falling asleep.
                for _ in 0..number % 61 {
                    std::hint::spin_loop();
                }
            }
        }
    });
    for expected in 0..RECORDS {
        let entry = loop {
            match reader.next() {
                Some(entry) => break entry,
                None if reader.is_empty() => park_until(&reader, false),
                // Counted and not in the queue yet: its writer may have lost its core in between.
                None => std::thread::yield_now(),
            }
        };
        assert_eq!(entry.record.at_us, expected);
        read.store(expected + 1, Ordering::Release);
    }
    writer.join().unwrap();
}

#[test]
fn a_lingering_reader_is_woken_by_everybody_who_waits() {
    const INTENTS: u64 = 10_000;
    let (mut journal, mut reader) = small(16);
    let session = std::thread::spawn(move || {
        let ticket = Arc::new(Ticket::default());
        for number in 0..INTENTS {
            journal.intend(record(number), &ticket).unwrap();
            assert!(wait_for(&ticket));
        }
    });
    let mut answered = 0;
    while answered < INTENTS {
        reader.shared().take_urgent();
        while let Some(entry) = reader.next() {
            entry.ticket.unwrap().recorded();
            answered += 1;
        }
        if answered < INTENTS {
            park_until(&reader, true);
        }
    }
    session.join().unwrap();
}

#[test]
fn a_lingering_reader_is_not_disturbed_by_records_nobody_waits_for() {
    let (mut journal, reader) = small(16);
    reader.shared().reader_lingers();
    journal.offer(record(1)).unwrap();
    assert!(!reader.shared().take_urgent());
    assert_eq!(reader.shared().reader_waits.load(Ordering::Relaxed), LINGERS);
    journal.intend(record(2), &Arc::default()).unwrap();
    assert!(reader.shared().take_urgent());
    assert_eq!(reader.shared().reader_waits.load(Ordering::Relaxed), AWAKE);
}

#[test]
fn what_the_near_queue_cannot_hold_comes_behind_it_in_order() {
    let (mut journal, mut reader) = small(4 * NEAR_MAX);
    let mut written = 0;
    let mut read = 0;
    // Filled beyond the near queue and emptied by uneven parts, so that both ends change queues at
    // different moments.
    for part in [3 * NEAR_MAX, NEAR_MAX / 2, 1, NEAR_MAX, 2 * NEAR_MAX] {
        while reader.waiting() < 3 * NEAR_MAX {
            journal.offer(record(written)).unwrap();
            written += 1;
        }
        for _ in 0..part {
            assert_eq!(reader.next().map(|entry| entry.record.at_us), Some(read));
            read += 1;
        }
    }
    while let Some(entry) = reader.next() {
        assert_eq!(entry.record.at_us, read);
        read += 1;
    }
    assert_eq!(read, written);
    assert!(reader.is_empty());
    assert_eq!(reader.shared().held_bytes(), 0);
}

#[test]
fn two_threads_keep_the_order_while_the_queues_change() {
    const RECORDS: u64 = 200_000;
    let (mut journal, mut reader) = small(8 * NEAR_MAX);
    let writer = std::thread::spawn(move || {
        for number in 0..RECORDS {
            while journal.offer(record(number)).is_err() {
                std::thread::yield_now();
            }
        }
    });
    let deadline = Instant::now() + TOO_LONG;
    let mut far = 0;
    for number in 0..RECORDS {
        let entry = loop {
            far += u64::from(reader.shared().is_far.load(Ordering::Relaxed));
            match reader.next() {
                Some(entry) => break entry,
                None => std::thread::yield_now(),
            }
            assert!(Instant::now() < deadline, "stuck at {number} of {RECORDS}");
        };
        assert_eq!(entry.record.at_us, number);
        if number % 50_000 == 0 {
            // A disk that is slow for a moment.
            while reader.waiting() < 2 * NEAR_MAX && !writer.is_finished() {
                std::thread::yield_now();
            }
        }
    }
    writer.join().unwrap();
    assert!(far > 0, "the far queue was never used");
}

#[test]
fn whoever_waits_far_behind_is_answered_too() {
    let (mut journal, mut reader) = small(4 * NEAR_MAX);
    for number in 0..2 * NEAR_MAX as u64 {
        journal.offer(record(number)).unwrap();
    }
    let ticket = Arc::new(Ticket::default());
    journal.intend(record(7), &ticket).unwrap();
    assert_eq!(answer_now(&ticket), Poll::Pending);
    reader.fail_waiting();
    assert_eq!(answer_now(&ticket), Poll::Ready(false));
}
