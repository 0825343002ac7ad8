//! Which figures of a statement are shown, since the gateway started or of the last interval?

use proxy::live::wire::{Distribution, StatementLook, Sums};

/// Over which time figures are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Window {
    /// Since the gateway started.
    #[default]
    Start,
    /// Between the last two looks.
    Interval,
}

/// The figures of one statement; `None` is what cannot be known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Figures {
    /// Calls a second over the last interval, in both windows.
    pub(super) per_second: Option<f64>,
    /// Calls.
    pub(super) calls: Option<u64>,
    /// Its part of the time of all statements.
    pub(super) share: Option<f64>,
    /// Mean time in microseconds, and so on.
    pub(super) mean: Option<f64>,
    pub(super) p50: Option<u64>,
    pub(super) p95: Option<u64>,
    pub(super) p99: Option<u64>,
    /// Median time to the first byte.
    pub(super) first: Option<u64>,
    /// Rows for each call.
    pub(super) rows: Option<f64>,
    /// Bytes for each call, both ways.
    pub(super) bytes: Option<f64>,
    /// Failed and refused calls.
    pub(super) errors: Option<u64>,
    /// The part of calls that came at once after an answer to the same statement.
    pub(super) repeated: Option<f64>,
}

/// What came of a statement between two looks, and how long that was.
#[derive(Debug)]
pub(super) struct Came {
    pub(super) sums: Sums,
    pub(super) total: Distribution,
    pub(super) first: Distribution,
}

/// What came of a statement since a look at `earlier_us` that showed `earlier` of it. A statement
/// that the look did not show is known only if it was not there yet.
pub(super) fn came(now: &StatementLook, earlier: Option<&StatementLook>, earlier_us: u64) -> Option<Came> {
    // One that had to go and came back counts from zero again.
    match earlier.filter(|earlier| earlier.first_seen_us == now.first_seen_us) {
        Some(earlier) if now.totals.calls >= earlier.totals.calls => Some(Came {
            sums: now.totals.since(&earlier.totals),
            total: now.total.since(&earlier.total),
            first: now.first.since(&earlier.first),
        }),
        Some(_) => None,
        None => (now.first_seen_us >= earlier_us).then(|| Came {
            sums: now.totals,
            total: now.total.clone(),
            first: now.first.clone(),
        }),
    }
}

impl Figures {
    /// Since the gateway started. `all_time_us` is the time of all statements together.
    pub(super) fn since_start(statement: &StatementLook, all_time_us: u64) -> Figures {
        Figures::of(&statement.totals, &statement.total, &statement.first, all_time_us)
    }

    /// Of an interval in which the time of all statements together was `all_time_us`.
    pub(super) fn of_interval(came: &Came, all_time_us: u64) -> Figures {
        Figures::of(&came.sums, &came.total, &came.first, all_time_us)
    }

    fn of(sums: &Sums, total: &Distribution, first: &Distribution, all_time_us: u64) -> Figures {
        let each = |sum: u64| ratio(sum, sums.calls);
        Figures {
            per_second: None,
            calls: Some(sums.calls),
            share: ratio(sums.time_us, all_time_us).map(|share| share.min(1.0)),
            mean: each(sums.time_us),
            p50: total.quantile(0.5),
            p95: total.quantile(0.95),
            p99: total.quantile(0.99),
            first: first.quantile(0.5),
            rows: each(sums.rows),
            bytes: each(sums.bytes_in.saturating_add(sums.bytes_out)),
            errors: Some(sums.errors()),
            repeated: each(sums.repeats),
        }
    }
}

/// One number of another; `None` of nothing.
#[allow(clippy::cast_precision_loss)]
pub(super) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Something a second.
#[allow(clippy::cast_precision_loss)]
pub(super) fn per_second(number: u64, seconds: f64) -> Option<f64> {
    (seconds > 0.0).then(|| number as f64 / seconds)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn statement(calls: u64, first_seen_us: u64) -> StatementLook {
        StatementLook {
            totals: Sums { calls, rows: calls * 3, time_us: calls * 100, failed: 1, ..Sums::default() },
            total: Distribution { steps: vec![(128, calls)], max_us: 120 },
            first_seen_us,
            ..StatementLook::default()
        }
    }

    #[test]
    fn what_came_is_the_difference_or_unknown_never_wrong() {
        let now = statement(10, 500);
        let came_of =
            |earlier: Option<&StatementLook>| came(&now, earlier, 1_000).map(|came| came.sums.calls);
        assert_eq!(came_of(Some(&statement(4, 500))), Some(6));
        assert_eq!(came_of(None), None, "it was there and was not shown");
        assert_eq!(came_of(Some(&statement(4, 400))), None, "the one before was another entry");
        assert_eq!(came_of(Some(&statement(11, 500))), None, "counts do not shrink");
        assert_eq!(came(&now, None, 500).unwrap().sums.calls, 10, "it was not there yet");
        assert_eq!(came(&now, Some(&statement(4, 400)), 450).unwrap().sums.calls, 10, "it came anew");
    }

    #[test]
    fn figures_are_of_the_window_they_are_asked_for() {
        let now = statement(10, 0);
        let figures = Figures::since_start(&now, 4_000);
        assert_eq!((figures.calls, figures.share, figures.mean), (Some(10), Some(0.25), Some(100.0)));
        assert_eq!((figures.p95, figures.rows, figures.errors), (Some(120), Some(3.0), Some(1)));
        let came = came(&now, Some(&statement(8, 0)), 1).unwrap();
        let figures = Figures::of_interval(&came, 1_000);
        assert_eq!((figures.calls, figures.share, figures.errors), (Some(2), Some(0.2), Some(0)));
        let idle = Figures::since_start(&statement(0, 0), 0);
        assert_eq!((idle.share, idle.mean, idle.p50, idle.rows), (None, None, None, None));
    }
}
