//! Does a writer that is killed at any moment lose anything it has acknowledged?
//!
//! A thousand times a child writes records of several classes through a journal, says on its output which intents were
//! answered "recorded", and is killed: while it opens the ledger, between two acknowledgements, while it
//! begins a segment or signs. After each kill every acknowledged intent has to be there once, in a chain without a
//! break, and the next child goes on in the same directory. Now and then the last line is torn as well, as a machine
//! that stops would leave it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod kill {
    pub mod child;
    pub mod ledger;
    pub mod random;
}

use kill::child::{Child, ROLE};
use kill::ledger::Checked;
use kill::random::Random;
use proxy::ledger::verify::{self, Options, Verdict, Verification};
use proxy::ledger::{Ledger, LedgerSettings};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const TEST: &str = "a_writer_that_is_killed_at_any_of_a_thousand_moments_loses_nothing_it_has_acknowledged";
const KILLS: u64 = 1_000;
/// Ledgers that are written at the same time, each with its share of the kills: what one holds is read again at
/// each start, and the machine has more than one core.
const LEDGERS: u64 = 4;

/// What the kills of one ledger came to.
#[derive(Debug, Default)]
struct Sum {
    acknowledged: u64,
    before_the_first: u64,
    torn: u64,
    segments: u64,
    checkpoints: u64,
}

#[test]
fn a_writer_that_is_killed_at_any_of_a_thousand_moments_loses_nothing_it_has_acknowledged() {
    if let Ok(role) = std::env::var(ROLE) {
        kill::child::write_until_killed(&role);
    }
    let began = Instant::now();
    let threads: Vec<_> =
        (0..LEDGERS).map(|number| std::thread::spawn(move || kill_often(number, KILLS / LEDGERS))).collect();
    let sums: Vec<Sum> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    let all = |of: fn(&Sum) -> u64| sums.iter().map(of).sum::<u64>();
    let acknowledged = all(|sum| sum.acknowledged);
    println!(
        "{KILLS} kills in {:?}: {acknowledged} intents acknowledged and all there once, {} kills before the first, {} torn \
         lines, {} segments, {} checkpoints",
        began.elapsed(),
        all(|sum| sum.before_the_first),
        all(|sum| sum.torn),
        all(|sum| sum.segments),
        all(|sum| sum.checkpoints),
    );
    // Or the kills have hit nothing of what they are about.
    assert!(acknowledged > 10 * KILLS && all(|sum| sum.before_the_first) > KILLS / 50);
    assert!(all(|sum| sum.segments) > 2 * KILLS && all(|sum| sum.checkpoints) > KILLS);
}

fn kill_often(number: u64, kills: u64) -> Sum {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("ledger");
    let mut random = Random(number);
    let mut checked = Checked::new(&directory);
    let mut sum = Sum::default();
    // Every other ledger was there before. Of one that was killed before it had a `head`, nobody can tell later where it ended.
    let has_head = number % 2 == 1;
    if has_head {
        start_and_stop(&directory);
    }
    for round in 0..kills {
        let sync = match round % 3 {
            0 => "none",
            1 => "group",
            _ => "each",
        };
        let mut child = Child::start(TEST, &format!("{sync} {round}"), &directory);
        // A third of them somewhere on the way to the first acknowledgement and just behind it.
        if random.below(3) == 0 {
            child.kill_after(0, Duration::from_micros(random.below(12_000)));
        } else {
            child.kill_after(1 + random.below(60), Duration::from_micros(random.below(600)));
        }
        let acknowledged = child.acknowledged();
        if random.below(20) == 0 {
            checked.tear();
        }
        sum.acknowledged += acknowledged.len() as u64;
        sum.before_the_first += u64::from(acknowledged.is_empty());
        checked.go_on();
        for exchange in acknowledged {
            assert_eq!(
                checked.times(exchange),
                1,
                "{sync}, round {round}: how often intent {exchange} is there"
            );
        }
    }
    sum.torn = checked.torn;
    sum.segments = checked.segments;
    sum.checkpoints = checked.checkpoints;
    start_and_stop(&directory);
    let verification = verified(&directory);
    assert_eq!(verification.integrity, Verdict::Holds, "{:?}", verification.findings);
    let is_whole = match verification.completeness {
        Verdict::Holds => true,
        Verdict::CannotTell => !has_head,
        Verdict::Broken => false,
    };
    assert!(is_whole, "{:?}", verification.findings);
    // Which is not for want of looking: one byte of one line is found.
    checked.damage();
    assert_eq!(verified(&directory).integrity, Verdict::Broken);
    sum
}

/// One start that ends in order.
fn start_and_stop(directory: &Path) {
    let ledger = Ledger::open(LedgerSettings::new(directory), Arc::default()).unwrap();
    ledger.spawn(Vec::new()).unwrap().close().unwrap();
}

/// What the ledger's own verification says.
fn verified(directory: &Path) -> Verification {
    let options = Options { directories: vec![directory.to_owned()], ..Options::default() };
    verify::verify(&options, &mut |_, _| {}).unwrap()
}
