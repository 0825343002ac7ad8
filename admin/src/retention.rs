//! How long is kept what the control plane knows of people and of traffic?
//!
//! Each node goes by its own settings. What is kept so long is removed by whoever comes to it: [`crate::background`]
//! what is of the traffic, [`crate::notices`] notices, [`crate::app::runs`] runs, [`crate::housekeeping`] the rest.

use admin_store::traffic;

/// A day, in the microseconds of the state.
const DAY_US: i64 = 86_400_000_000;

/// How long each kind of thing is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// What is of the traffic.
    pub traffic: traffic::Retention,
    /// Runs of queries, with their texts.
    pub runs: Period,
    /// Notices.
    pub notices: Period,
    /// What people did.
    pub activity: Period,
    /// Tokens, after they have ended.
    pub tokens: Period,
    /// Invitations, after they have ended or were accepted.
    pub invitations: Period,
    /// How much was asked of each connection, day by day.
    pub connection_usage: Period,
}

impl Default for Retention {
    fn default() -> Retention {
        Retention {
            traffic: traffic::Retention::default(),
            runs: Period::Days(30),
            notices: Period::Days(30),
            activity: Period::ForEver,
            tokens: Period::ForEver,
            invitations: Period::ForEver,
            connection_usage: Period::ForEver,
        }
    }
}

/// How long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// As long as what it belongs to.
    ForEver,
    /// So many days.
    Days(u32),
}

impl Period {
    /// Of a setting, where 0 is for ever.
    pub fn of(days: u32) -> Period {
        if days == 0 { Period::ForEver } else { Period::Days(days) }
    }

    /// As a setting has it: 0 for ever.
    pub fn days(self) -> u32 {
        match self {
            Period::ForEver => 0,
            Period::Days(days) => days,
        }
    }

    /// What was before this moment is kept no longer at `now`, both in microseconds; `None` where all is kept.
    pub fn begins(self, now: i64) -> Option<i64> {
        match self {
            Period::ForEver => None,
            Period::Days(days) => Some(now.saturating_sub(i64::from(days) * DAY_US)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY_US, Period};

    #[test]
    fn nothing_is_kept_for_no_days() {
        assert_eq!((Period::of(0), Period::ForEver.begins(0)), (Period::ForEver, None));
        assert_eq!((Period::of(2).days(), Period::of(0).days()), (2, 0));
        assert_eq!(Period::of(2).begins(3 * DAY_US + 1), Some(DAY_US + 1));
    }
}
