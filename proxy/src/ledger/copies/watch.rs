//! When is a place that is required counted as failed, and who is told?

use super::state::State;
use relay::journal::LedgerHealth;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch::Receiver;

/// How often it is looked at: patience is counted in whole seconds.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Looks until the copies are closed. On a thread of its own, since that of a copy may be held up by its place.
pub(super) fn run(states: &[Arc<State>], health: &LedgerHealth, closes: &Receiver<bool>) {
    let required: Vec<_> = states.iter().filter(|state| state.settings.is_required).collect();
    let mut failed = vec![false; required.len()];
    while !*closes.borrow() && closes.has_changed().is_ok() {
        for (state, was) in required.iter().zip(&mut failed) {
            let is = state.has_failed();
            if is != *was {
                tell(state, is);
            }
            *was = is;
        }
        health.set_copy_failing(failed.contains(&true));
        std::thread::park_timeout(LOOK_EVERY);
    }
}

fn tell(state: &State, has_failed: bool) {
    let settings = &state.settings;
    let (name, to) = (&settings.name, &settings.to);
    if has_failed {
        let status = state.status(super::state::now_us());
        tracing::error!(
            copy = name,
            to,
            patience_seconds = settings.patience.as_secs(),
            error = status.error,
            "a required copy of the ledger was not taken: statements are refused as `ledger.on_failure` says \
             until it is"
        );
    } else {
        tracing::info!(copy = name, to, "a required copy of the ledger is taken again");
    }
}
