//! Do the times that the control plane keeps things for go together?

use super::path::{Origin, Path};
use super::problem::Cause;
use super::settings::{Admin, AdminRetention};

/// Least days of the activity: nobody has what they did gone before somebody could look.
const ACTIVITY_DAYS_MIN: u32 = 30;

/// Why a time cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RetentionFault {
    /// Something would outlast what it is added up to, or what it names.
    #[error("`{one} = {value}` is longer than `{other} = {days}`")]
    Outlasts {
        /// What would.
        one: &'static str,
        /// As it is written.
        value: u32,
        /// What it may not outlast.
        other: &'static str,
        /// The days of that.
        days: u32,
        /// The most it may be, in its own unit.
        most: u32,
    },
    /// The activity would be gone at once.
    #[error("so few days are over before anybody looks")]
    TooFew,
}

impl RetentionFault {
    /// What to do next.
    pub(super) fn hint(&self) -> String {
        match self {
            RetentionFault::Outlasts { one, other, most, .. } => {
                format!("write at most {most} for `{one}`, or more for `{other}`")
            }
            RetentionFault::TooFew => format!("write at least {ACTIVITY_DAYS_MIN}, or 0 to keep it for ever"),
        }
    }
}

/// What makes no sense together.
pub(super) fn check(admin: &Admin, origin: &Origin, admin_path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    let path = admin_path.key("retention");
    let AdminRetention {
        traffic_minutes_hours: minutes,
        traffic_hours_days: hours,
        traffic_days_days: days,
        traffic_events_days: events,
        activity_days: activity,
        ..
    } = admin.retention;
    let written = origin.root.get("admin").and_then(|admin| admin.get("retention"));
    let is_written = |key: &str| written.is_some_and(|table| table.get(key).is_some());
    let pairs = [
        ("traffic_minutes_hours", minutes, "traffic_hours_days", hours, hours.saturating_mul(24)),
        ("traffic_hours_days", hours, "traffic_days_days", days, days),
        ("traffic_events_days", events, "traffic_days_days", days, days),
    ];
    for (one, value, other, days, most) in pairs.into_iter().filter(|(_, value, _, _, most)| value > most) {
        // A default is no mistake: what is written beside it is.
        let key = if is_written(one) { one } else { other };
        let fault = RetentionFault::Outlasts { one, value, other, days, most };
        tell(&path.key(key), Cause::Retention(fault));
    }
    if (1..ACTIVITY_DAYS_MIN).contains(&activity) {
        tell(&path.key("activity_days"), Cause::Retention(RetentionFault::TooFew));
    }
}
