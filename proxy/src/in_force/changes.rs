//! When does a mode that a listener has for a stated time begin, and when does it end?
//!
//! Publishing begins it; here it ends, whether or not anybody is there who published it.

use super::InForce;
use crate::config::Config;
use crate::managed::changes::{Changes, Moment, Told};
use exchange::Event;
use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How often clocks are looked at: the wall clock may be set.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// No look is sooner than this after the one before.
const LOOK_MIN: Duration = Duration::from_millis(10);

/// Ends what is over, until the data plane is gone.
pub(crate) async fn run(in_force: Weak<InForce>) {
    loop {
        let Some(wait) = in_force.upgrade().map(|in_force| in_force.look_at_changes()) else { return };
        tokio::time::sleep(wait).await;
    }
}

/// Says that something happened to a mode which another one keeps as it is.
pub(super) fn mode_stays(told: &Told) -> String {
    format!("listener `{}` keeps its mode: {}", told.listener, told.words)
}

impl InForce {
    /// Lets changes begin and end that do so now, and keeps what becomes of them. One that cannot be kept does not begin.
    pub(super) fn settle(&self, changes: &mut Changes, before: &Changes, config: &Config) -> Vec<Told> {
        let now = Moment::now();
        let mut told = changes.settle(config, &now);
        if let Err(error) = self.keep_changes(changes, before, &now) {
            tracing::error!(%error, "changes of modes cannot be kept: none begins");
            changes.give_up_new(before, &mut told);
        }
        told
    }

    fn keep_changes(
        &self,
        changes: &Changes,
        before: &Changes,
        now: &Moment,
    ) -> Result<(), crate::managed::kept::KeptError> {
        if changes == before { Ok(()) } else { changes.keep(&self.kept, now) }
    }

    /// Tells what became of changes while nothing ran, and keeps it.
    pub(super) fn tell_beginning(&self, told: Vec<Told>) {
        if told.is_empty() {
            return;
        }
        if let Err(error) = self.now().changes.keep(&self.kept, &Moment::now()) {
            tracing::error!(%error, "changes of modes cannot be kept");
        }
        for one in told {
            let words = format!("listener `{}`, since the start of the gateway: {}", one.listener, one.words);
            tracing::warn!("{words}");
            self.notes.tell(Event::ModeChanged, words);
        }
    }

    /// Ends what is over. Says when to look again.
    fn look_at_changes(&self) -> Duration {
        let mut now = self.now();
        let moment = Moment::now();
        let Some(left) = now.changes.left(&moment) else { return LOOK_EVERY };
        let mut changes = now.changes.clone();
        let told = if self.listeners.is_closed() {
            // Whoever writes the ledger now, another process or the next one, tells it and keeps it.
            changes.settle(&now.config, &moment);
            Vec::new()
        } else {
            self.settle(&mut changes, &now.changes, &now.config)
        };
        if changes == now.changes {
            return left.clamp(LOOK_MIN, LOOK_EVERY);
        }
        let wanted = changes.over(now.base.clone());
        if self.listeners.is_closed() {
            self.listeners.follow(wanted);
        } else if let Err(error) = self.put(wanted, None, told) {
            tracing::error!(%error, "a change of a mode is over and cannot be ended; it is tried again");
            return LOOK_EVERY;
        } else {
            self.listeners.tell_rules_changed();
        }
        now.changes = changes;
        LOOK_MIN
    }

    /// The listeners whose mode is another for a stated time.
    pub(crate) fn changed_modes(&self) -> BTreeSet<Arc<str>> {
        let now = self.now();
        let names = now.base.iter().map(|listener| Arc::clone(&listener.name));
        names.filter(|name| now.changes.of(name).is_some()).collect()
    }
}
