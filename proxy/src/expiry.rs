//! Which certificates do not hold any more, or not for long?

use crate::listeners::Listeners;
use relay::settings::{Expiry, ListenerSettings, Side};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const DAY_SECONDS: u64 = 24 * 60 * 60;

/// How long before the end it is warned of.
const NOTICE_SECONDS: u64 = 30 * DAY_SECONDS;

/// How often it is looked.
const PERIOD: Duration = Duration::from_secs(10);

/// How often the same is said again.
const AGAIN: Duration = Duration::from_secs(DAY_SECONDS);

/// Seconds since 1970.
pub(crate) fn now_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// What there is to warn of in the certificates of `listeners` now, in words that begin with the listener's name; nothing,
/// as a rule.
pub fn warnings(listeners: &[ListenerSettings]) -> Vec<String> {
    let now = now_seconds();
    let of_listener = |settings: &ListenerSettings| {
        let words = settings.expiries.iter().filter_map(|expiry| warning(*expiry, now));
        words.map(|words| format!("{}: {words}", settings.name)).collect::<Vec<_>>()
    };
    listeners.iter().flat_map(of_listener).collect()
}

fn warning(expiry: Expiry, now: u64) -> Option<String> {
    let Expiry { setting, at, .. } = expiry;
    let what = match setting {
        "tls.client_crl" => "a list of revoked certificates in",
        _ => "a certificate in",
    };
    if at <= now {
        let since = lasting(now - at);
        let then = match setting {
            "tls.client_crl" => ": certificates of clients are not taken any more",
            _ => "",
        };
        return Some(format!("{what} `{setting}` has expired {since} ago{then}"));
    }
    (at - now < NOTICE_SECONDS).then(|| format!("{what} `{setting}` expires in {}", lasting(at - now)))
}

fn lasting(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / DAY_SECONDS, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// How many seconds the first of a side's certificates still holds, negative once it does not; `None` where the side has
/// none.
pub(crate) fn left(settings: &ListenerSettings, side: Side) -> Option<i64> {
    let first =
        settings.expiries.iter().filter(|expiry| expiry.side == side).map(|expiry| expiry.at).min()?;
    Some(i64::try_from(first).unwrap_or(i64::MAX).saturating_sub_unsigned(now_seconds()))
}

/// Warns in the log, until aborted.
pub(crate) async fn run(listeners: Arc<Listeners>) {
    let mut told = Told::default();
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        for listener in listeners.served() {
            told.tell(&listener.settings.load(), Instant::now());
        }
        told.forget(Instant::now());
    }
}

/// What was said of which certificate, and when.
#[derive(Debug, Default)]
struct Told(HashMap<(Arc<str>, &'static str, u64), Instant>);

impl Told {
    fn tell(&mut self, settings: &ListenerSettings, at: Instant) {
        let now = now_seconds();
        for expiry in &settings.expiries {
            let Some(words) = warning(*expiry, now) else { continue };
            let key = (Arc::clone(&settings.name), expiry.setting, expiry.at);
            if self.0.get(&key).is_some_and(|before| at.duration_since(*before) < AGAIN) {
                continue;
            }
            self.0.insert(key, at);
            let listener = &*settings.name;
            // Somebody has to act once it has expired; before that it is in time.
            if expiry.at <= now {
                tracing::error!(listener, "{words}");
            } else {
                tracing::warn!(listener, "{words}");
            }
        }
    }

    /// Certificates that were replaced are not kept in mind for ever.
    fn forget(&mut self, at: Instant) {
        self.0.retain(|_, before| at.duration_since(*before) < AGAIN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_thirty_days_are_warned_of_and_what_has_expired() {
        let said = |setting, at| warning(Expiry { side: Side::Client, setting, at }, 100 * DAY_SECONDS);
        let in_days = |days: u64| 100 * DAY_SECONDS + days * DAY_SECONDS;
        assert_eq!(said("tls.certificate", in_days(30)), None);
        let words = |text: &str| Some(text.to_owned());
        assert_eq!(
            said("tls.certificate", in_days(30) - 1),
            words("a certificate in `tls.certificate` expires in 29 days")
        );
        assert_eq!(
            said("upstream_tls.certificate", 100 * DAY_SECONDS + 7_199),
            words("a certificate in `upstream_tls.certificate` expires in 119 minutes")
        );
        assert_eq!(
            said("tls.certificate", 100 * DAY_SECONDS - 60),
            words("a certificate in `tls.certificate` has expired 1 minute ago")
        );
        assert_eq!(
            said("tls.client_crl", 97 * DAY_SECONDS),
            words(
                "a list of revoked certificates in `tls.client_crl` has expired 3 days ago: certificates of clients are \
                 not taken any more"
            )
        );
    }
}
