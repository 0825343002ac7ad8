//! Whose mode is another for a stated time, and for how long yet?
//!
//! A change ends by whichever of two clocks is first: the wall clock reaches what was stated, or the time that was asked for
//! has passed since this data plane took it, by a clock that nobody sets. So neither a wall clock that is set back nor one that
//! differs from the control plane's makes it last longer than was asked. What was taken is kept beside the ledger: after a
//! restart it goes on to the same end, and what is over stays over, whatever a snapshot still says.

use super::kept::{Kept, KeptError};
use crate::config::Config;
use crate::ledger::moments;
use control::{MODE_CHANGE_SECONDS_MAX, ModeChange, ModeChanged, Snapshot};
use relay::settings::{ListenerSettings, Mode};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Changes of modes that are known here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// What was published last.
    wanted: Vec<ModeChange>,
    taken: Vec<Taken>,
}

/// A change of a listener of this data plane, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Taken {
    change: ModeChange,
    course: Course,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Course {
    /// It is in force.
    Holds {
        /// When it was taken, by the wall clock, in microseconds since 1970-01-01 UTC.
        since_us: i64,
        /// When it ends, in milliseconds since the machine started.
        ends_up_ms: u64,
    },
    /// The settings file does not permit it, so far.
    NotPermitted,
    /// It was, or never is.
    Over,
}

/// The changes as they are kept.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct KeptChanges {
    /// Which start of the machine `ends_up_ms` is counted from.
    boot: String,
    taken: Vec<Taken>,
}

/// What is told of a change: of which listener, in which words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) listener: String,
    pub(crate) words: String,
}

/// What time it is, by both clocks.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    /// Microseconds since 1970-01-01 UTC.
    pub(crate) wall_us: i64,
    /// Milliseconds since the machine started, those counted in which it slept.
    pub(crate) up_ms: u64,
    /// Which start of the machine that was; empty where the system does not tell.
    pub(crate) boot: String,
}

impl Moment {
    /// Now (proc_uptime(5), random(4)). Where the system has neither, the time since the process first asked counts.
    pub(crate) fn now() -> Moment {
        static FIRST: OnceLock<Instant> = OnceLock::new();
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let own = FIRST.get_or_init(Instant::now).elapsed();
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let text = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
        let up = text.split_ascii_whitespace().next().and_then(|seconds| seconds.parse().ok());
        let up = up.and_then(|seconds: f64| Duration::try_from_secs_f64(seconds).ok());
        let (up, boot) = match up {
            Some(up) => (up, boot.trim()),
            None => (own, ""),
        };
        Moment {
            wall_us: i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            up_ms: milliseconds(up),
            boot: boot.to_owned(),
        }
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Changes {
    /// Those that were kept, with what `snapshot` wants. Nothing is settled yet. Where what was kept is damaged nothing
    /// of the snapshot is begun: whether its time was up is not known any more.
    pub(crate) fn begin(kept: &Kept, snapshot: Option<&Snapshot>, now: &Moment) -> Changes {
        let wanted = snapshot.map(|snapshot| snapshot.mode_changes.clone()).unwrap_or_default();
        let taken = match kept.changes() {
            Ok(Some(kept)) => kept.taken.into_iter().map(|one| one.after(&kept.boot, now)).collect(),
            Ok(None) => Vec::new(),
            Err(error) => {
                tracing::error!(%error, "changes of modes cannot be gone on with; listeners have the mode of before");
                wanted.iter().map(|change| Taken { change: change.clone(), course: Course::Over }).collect()
            }
        };
        Changes { wanted, taken }
    }

    /// Keeps them for a restart.
    pub(crate) fn keep(&self, kept: &Kept, now: &Moment) -> Result<(), KeptError> {
        kept.keep_changes(&KeptChanges { boot: now.boot.clone(), taken: self.taken.clone() })
    }

    /// Takes what was published in place of what was before.
    pub(crate) fn want(&mut self, snapshot: &Snapshot) {
        self.wanted.clone_from(&snapshot.mode_changes);
    }

    /// Lets each begin or end as clocks and settings say. Tells what began or ended.
    pub(crate) fn settle(&mut self, config: &Config, now: &Moment) -> Vec<Told> {
        let before = std::mem::take(&mut self.taken);
        let mut told = Vec::new();
        for change in &self.wanted {
            let Some(permitted) = permits(config, change) else { continue };
            if self.taken.iter().any(|one| one.change.id == change.id) {
                continue;
            }
            let old = before.iter().find(|one| one.change.id == change.id).map(|one| one.course);
            let (course, words) = next(old, change, permitted, now);
            let listener = change.listener.clone();
            told.extend(words.map(|words| Told { listener, words }));
            self.taken.push(Taken { change: change.clone(), course });
        }
        for Taken { change, .. } in before.iter().filter(|one| one.holds()) {
            if !self.taken.iter().any(|one| one.change.id == change.id) {
                let words = format!("mode change {} is over: it was taken back", change.id);
                told.push(Told { listener: change.listener.clone(), words });
            }
        }
        told
    }

    /// Lets none hold that did not `before`: it could not be kept, and a restart might bring it back after its end.
    pub(crate) fn give_up_new(&mut self, before: &Changes, told: &mut Vec<Told>) {
        for one in &mut self.taken {
            let held = before.taken.iter().any(|old| old.change.id == one.change.id && old.holds());
            if one.holds() && !held {
                one.course = Course::Over;
                let id = &one.change.id;
                let words = format!("mode change {id} is refused: it cannot be kept for a restart");
                told.retain(|old| !old.words.starts_with(&format!("mode change {id} ")));
                told.push(Told { listener: one.change.listener.clone(), words });
            }
        }
    }

    /// The change of a listener's mode that holds.
    pub(crate) fn of(&self, listener: &str) -> Option<&ModeChange> {
        let held = self.taken.iter().filter(|one| one.holds() && one.change.listener == listener);
        // The control plane has one at a time; the safer of two counts.
        held.map(|one| &one.change).max_by_key(|change| change.enforces)
    }

    /// The same as others are told.
    pub(crate) fn told(&self, listener: &str) -> Option<ModeChanged> {
        self.of(listener).map(|change| ModeChanged { id: change.id.clone(), until_us: change.until_us })
    }

    /// `listeners` in the modes that hold.
    pub(crate) fn over(&self, mut listeners: Vec<ListenerSettings>) -> Vec<ListenerSettings> {
        for listener in &mut listeners {
            if let Some(change) = self.of(&listener.name) {
                listener.mode = if change.enforces { Mode::Enforce } else { Mode::Observe };
                listener.rules = listener.rules.clone().enforced(change.enforces);
            }
        }
        listeners
    }

    /// How long the first of those that hold has yet, by the clock that nobody sets.
    pub(crate) fn left(&self, now: &Moment) -> Option<Duration> {
        let left = self.taken.iter().filter_map(|one| match one.course {
            Course::Holds { ends_up_ms, .. } => Some(ends_up_ms.saturating_sub(now.up_ms)),
            Course::NotPermitted | Course::Over => None,
        });
        left.min().map(Duration::from_millis)
    }
}

impl Taken {
    fn holds(&self) -> bool {
        matches!(self.course, Course::Holds { .. })
    }

    /// As it was kept, counted from the start of the machine that `now` is counted from.
    fn after(self, boot: &str, now: &Moment) -> Taken {
        let Course::Holds { since_us, .. } = self.course else { return self };
        if boot == now.boot && !boot.is_empty() {
            return self;
        }
        // Only the wall clock is left. One that is before the beginning was set back.
        let passed_us = now.wall_us.saturating_sub(since_us);
        let left_us = asked_us(&self.change).saturating_sub(passed_us);
        let course = if passed_us < 0 {
            Course::Over
        } else {
            Course::Holds { since_us, ends_up_ms: now.up_ms.saturating_add(whole_ms(left_us)) }
        };
        Taken { course, ..self }
    }
}

/// How long was asked for, as far as that counts.
fn asked_us(change: &ModeChange) -> i64 {
    i64::from(change.seconds.min(MODE_CHANGE_SECONDS_MAX)) * 1_000_000
}

/// Milliseconds, rounded down; none of what is below nothing.
fn whole_ms(us: i64) -> u64 {
    u64::try_from(us / 1_000).unwrap_or(0)
}

/// Whether the settings file permits a change; `None` where the listener is not here or belongs to another workspace.
fn permits(config: &Config, change: &ModeChange) -> Option<bool> {
    let is_it = |one: &&crate::config::settings::Listener| {
        one.name == change.listener && one.workspace == change.workspace
    };
    config.listeners.iter().find(is_it).map(|one| one.managed && one.mode_changes)
}

/// What becomes of a change, and what is told of it where that is new.
fn next(old: Option<Course>, change: &ModeChange, permitted: bool, now: &Moment) -> (Course, Option<String>) {
    let id = &change.id;
    let over = |why: &str| (Course::Over, Some(format!("mode change {id} is over: {why}")));
    match old {
        Some(Course::Over) => (Course::Over, None),
        Some(Course::Holds { ends_up_ms, .. }) => match &change.ended_by {
            Some(by) => over(&format!("ended before its time by {by}")),
            None if !permitted => over("the settings file does not permit it any more (`mode_changes`)"),
            None if now.up_ms >= ends_up_ms || now.wall_us >= change.until_us => over("its time is up"),
            None => (old.unwrap_or(Course::Over), None),
        },
        None | Some(Course::NotPermitted) => {
            let left_us = asked_us(change).min(change.until_us.saturating_sub(now.wall_us));
            if change.ended_by.is_some() || whole_ms(left_us) == 0 {
                return (Course::Over, None);
            }
            if !permitted {
                let words = format!(
                    "mode change {id}, asked for by {}, is refused: the settings file does not permit it (`mode_changes`)",
                    change.asked_by
                );
                return (Course::NotPermitted, old.is_none().then_some(words));
            }
            let ends_up_ms = now.up_ms.saturating_add(whole_ms(left_us));
            let course = Course::Holds { since_us: now.wall_us, ends_up_ms };
            (course, Some(begins(change)))
        }
    }
}

fn begins(change: &ModeChange) -> String {
    let ModeChange { id, asked_by, approved_by, reason, .. } = change;
    let until = moments::write(change.until_us);
    let approved =
        if approved_by.is_empty() { String::new() } else { format!(", approved by {approved_by}") };
    format!(
        "mode change {id} begins, until {until} at the latest, asked for by {asked_by}{approved}: {reason}"
    )
}

#[cfg(test)]
mod tests;
