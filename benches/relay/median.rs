//! What do the values of many rounds amount to?

/// How sure an interval is.
const CERTAINTY: f64 = 0.95;

/// A figure over the rounds.
#[derive(Clone, Copy, Debug)]
pub struct Median {
    /// The value in the middle.
    pub value: f64,
    /// Lowest and highest.
    pub range: (f64, f64),
    /// Of how many values.
    pub count: usize,
    /// Where the median of many more rounds would be, with 95 % certainty if rounds are independent
    /// of each other; fewer than six values do not tell.
    pub interval: Option<(f64, f64)>,
}

impl Median {
    /// Of some values; none of none.
    pub fn of(mut values: Vec<f64>) -> Option<Median> {
        values.sort_unstable_by(f64::total_cmp);
        let (lowest, highest) = (*values.first()?, *values.last()?);
        let half = values.len() / 2;
        let upper = *values.get(half)?;
        let value = match values.get(half.wrapping_sub(1)) {
            Some(lower) if values.len().is_multiple_of(2) => f64::midpoint(*lower, upper),
            _ => upper,
        };
        let interval = interval(&values);
        Some(Median { value, range: (lowest, highest), count: values.len(), interval })
    }

    /// Half the distance between lowest and highest, as a share of the median; one value has none.
    pub fn spread(self) -> Option<f64> {
        (self.count > 1).then(|| (self.range.1 - self.range.0) / 2.0 / self.value)
    }
}

/// Between which two of some sorted values the median lies: each value is below it as likely as above,
/// so that the number of those below is a matter of coin tosses, whatever the figures' distribution.
fn interval(sorted: &[f64]) -> Option<(f64, f64)> {
    let count = sorted.len();
    let mut probability = 0.5_f64.powi(i32::try_from(count).ok()?);
    let (mut tail, mut beside) = (0.0, 0);
    // That the median lies beyond the `beside` outermost values of a side is as unlikely as `tail`.
    while beside < count / 2 {
        tail += probability;
        if 2.0 * tail > 1.0 - CERTAINTY {
            break;
        }
        probability *= (count - beside) as f64 / (beside + 1) as f64;
        beside += 1;
    }
    let lowest = beside.checked_sub(1)?;
    Some((*sorted.get(lowest)?, *sorted.get(count - beside)?))
}

/// A median as a cell of a table, as far as there is one.
pub fn number(median: Option<Median>, decimals: usize) -> String {
    median.map_or_else(|| "-".to_owned(), |median| format!("{:.decimals$}", median.value))
}

/// A median and its spread, as two cells.
pub fn with_spread(median: Option<Median>, decimals: usize) -> Vec<String> {
    let spread = median.and_then(Median::spread);
    let spread = spread.map_or_else(|| "-".to_owned(), |spread| format!("±{:.0} %", spread * 100.0));
    vec![number(median, decimals), spread]
}

/// A median and where it lies, as two cells.
pub fn with_interval(median: Option<Median>, decimals: usize) -> Vec<String> {
    let interval = median.and_then(|median| interval_of(median, decimals));
    vec![number(median, decimals), interval.unwrap_or_else(|| "-".to_owned())]
}

/// Where a median lies, in words; too few rounds do not tell.
pub fn interval_of(median: Median, decimals: usize) -> Option<String> {
    let (lowest, highest) = median.interval?;
    Some(format!("{lowest:.decimals$} to {highest:.decimals$}"))
}
