//! What of a statement should be seen at a glance?

use super::figures::Figures;
use proxy::live::wire::StatementLook;

/// From this p95 on a statement is slow, in microseconds.
pub(super) const SLOW_US: u64 = 100_000;

/// From this part of all time on a slow statement weighs.
const HEAVY: f64 = 0.1;

/// From this part of its calls on errors are a statement's habit.
const FAILING: f64 = 0.01;

/// An N+1 is asked at least so often, in at least this part of its calls right after itself, for at
/// most so many rows, and shortly: one slow look through many rows is another trouble.
const REPEATED_CALLS: u64 = 20;
const REPEATED_PART: f64 = 0.5;
const REPEATED_ROWS: f64 = 50.0;
const REPEATED_MEAN_US: f64 = 50_000.0;

/// The flags of a statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    /// 95 of 100 calls do not end in time.
    pub(super) slow: bool,
    /// It is slow, and a good part of all time goes there.
    pub(super) heavy: bool,
    /// The same read again and again in one session: a loop that could be a join.
    pub(super) repeated: bool,
    /// It fails or is refused.
    pub(super) failing: bool,
    /// It was not seen before this view began.
    pub(super) new: bool,
}

impl Flags {
    /// By the figures that are shown; N+1 by all calls, since it takes some to tell.
    pub(super) fn of(statement: &StatementLook, shown: &Figures, began_us: u64) -> Flags {
        let slow = shown.p95.is_some_and(|p95| p95 >= SLOW_US);
        #[allow(clippy::cast_precision_loss)]
        let failing = match (shown.errors, shown.calls) {
            (Some(errors), Some(calls)) if calls > 0 => errors as f64 / calls as f64 >= FAILING,
            _ => false,
        };
        Flags {
            slow,
            heavy: slow && shown.share.is_some_and(|share| share >= HEAVY),
            repeated: is_repeated(statement),
            failing,
            new: statement.first_seen_us >= began_us,
        }
    }

    /// In words, the gravest first.
    pub(super) fn words(self) -> Vec<&'static str> {
        let all = [(self.slow, "slow"), (self.repeated, "N+1"), (self.failing, "errors"), (self.new, "new")];
        all.into_iter().filter_map(|(set, word)| set.then_some(word)).collect()
    }

    /// How much they ask to be looked at, for sorting.
    pub(super) fn weight(self) -> f64 {
        let all = [
            (self.heavy, 16.0),
            (self.slow, 8.0),
            (self.repeated, 4.0),
            (self.failing, 2.0),
            (self.new, 1.0),
        ];
        all.into_iter().filter_map(|(set, weight)| set.then_some(weight)).sum()
    }
}

fn is_repeated(statement: &StatementLook) -> bool {
    let figures = Figures::since_start(statement, 0);
    statement.class == "read"
        // Reading on in a cursor is a loop by design.
        && !statement.text.starts_with("FETCH")
        && statement.totals.calls >= REPEATED_CALLS
        && figures.repeated.is_some_and(|part| part >= REPEATED_PART)
        && figures.rows.is_some_and(|rows| rows <= REPEATED_ROWS)
        && figures.mean.is_some_and(|mean| mean <= REPEATED_MEAN_US)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use proxy::live::wire::{Distribution, Sums};

    fn read(calls: u64, repeats: u64, rows: u64, us: u64) -> StatementLook {
        StatementLook {
            text: "SELECT ? FROM lines".to_owned(),
            class: "read".to_owned(),
            totals: Sums { calls, repeats, rows: rows * calls, time_us: us * calls, ..Sums::default() },
            total: Distribution { steps: vec![(us, calls)], max_us: us },
            first_seen_us: 5,
            ..StatementLook::default()
        }
    }

    fn words(statement: &StatementLook) -> String {
        let shown = Figures::since_start(statement, 10_000_000);
        Flags::of(statement, &shown, 10).words().join(" ")
    }

    #[test]
    fn each_flag_has_its_reason() {
        assert_eq!(words(&read(100, 10, 1, 500)), "");
        assert_eq!(words(&read(100, 93, 3, 500)), "N+1");
        assert_eq!(words(&read(19, 18, 3, 500)), "", "too few to tell");
        assert_eq!(words(&read(100, 93, 200, 500)), "", "much is read each time");
        assert_eq!(words(&read(100, 93, 1, 120_000)), "slow");
        assert_eq!(words(&StatementLook { class: "write".to_owned(), ..read(100, 93, 1, 500) }), "");
        assert_eq!(words(&StatementLook { text: "FETCH ? FROM c".to_owned(), ..read(100, 93, 1, 500) }), "");
        assert_eq!(words(&StatementLook { first_seen_us: 10, ..read(1, 0, 1, 500) }), "new");
        let mut failing = read(100, 0, 1, 500);
        failing.totals.refused = 1;
        assert_eq!(words(&failing), "errors");
    }

    #[test]
    fn a_slow_one_that_takes_much_of_the_time_weighs_more() {
        let statement = read(10, 0, 1, 200_000);
        for (all, heavy) in [(4_000_000, true), (40_000_000, false)] {
            let flags = Flags::of(&statement, &Figures::since_start(&statement, all), 10);
            assert_eq!((flags.slow, flags.heavy), (true, heavy), "{all}");
        }
    }
}
