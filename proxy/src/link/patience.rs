//! When is it time to try again?

use control::CarrierError;
use std::time::Duration;

/// The first pause after the control plane could not be reached; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(1);
/// The longest of them.
const LONGEST: Duration = Duration::from_secs(30);
/// The pause after it did not want what it was sent: somebody has to change something first.
const REFUSED: Duration = Duration::from_secs(60);

/// How often it went wrong in a row, and what was said about it.
#[derive(Debug)]
pub(super) struct Patience {
    /// What is tried, for the log.
    what: &'static str,
    failures: u32,
    said: Option<String>,
}

impl Patience {
    pub(super) fn new(what: &'static str) -> Patience {
        Patience { what, failures: 0, said: None }
    }

    /// It went well.
    pub(super) fn reward(&mut self) {
        self.failures = 0;
        if self.said.take().is_some() {
            tracing::info!(what = self.what, "the control plane is there again");
        }
    }

    /// It went wrong: says so once for each reason, and how long to wait.
    pub(super) fn try_on(&mut self, error: &CarrierError) -> Duration {
        let words = error.to_string();
        if self.said.as_ref() != Some(&words) {
            match error {
                CarrierError::Away(_) => {
                    tracing::warn!(%error, what = self.what, "trying again; the data plane goes on meanwhile");
                }
                CarrierError::Refused(_) => {
                    tracing::error!(%error, what = self.what, "the data plane goes on as it is");
                }
            }
            self.said = Some(words);
        }
        let pause = match error {
            CarrierError::Away(_) => FIRST.saturating_mul(1 << self.failures.min(5)).min(LONGEST),
            CarrierError::Refused(_) => REFUSED,
        };
        self.failures = self.failures.saturating_add(1);
        // Half of it is left to chance: many data planes must not come back at the same moment.
        let chance = u32::from(uuid::Uuid::now_v7().as_bytes()[15]);
        pause / 2 + pause / 2 * chance / 255
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_bound_and_begin_anew() {
        let mut patience = Patience::new("test");
        let away = CarrierError::Away("no route".to_owned());
        for seconds in [1, 2, 4, 8, 16, 30, 30, 30] {
            let (pause, whole) = (patience.try_on(&away), Duration::from_secs(seconds));
            assert!(pause >= whole / 2 && pause <= whole, "{pause:?} of {whole:?}");
        }
        patience.reward();
        assert!(patience.try_on(&away) <= FIRST);
        let refused = CarrierError::Refused("who are you".to_owned());
        assert!(patience.try_on(&refused) >= REFUSED / 2);
    }
}
