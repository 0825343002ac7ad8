//! Whose is the check of a data plane's ledger that goes on?
//!
//! Several workspaces may have listeners of one data plane, which has one ledger and checks it once at a time. Who asked
//! first may stop the check, and nobody else: they could keep it from finding anything. This is remembered while this
//! node runs and the data plane is linked to it; a check of which it is not known is nobody's to stop.

use admin_store::Id;
use admin_store::planes::Plane;
use control::LedgerSelfCheck;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Checks that were asked for, by data plane.
#[derive(Debug, Default)]
pub(crate) struct Checks(Mutex<HashMap<String, Check>>);

#[derive(Clone, Copy, Debug)]
struct Check {
    workspace: Id,
    /// What was before it: when the data plane started, and when its last check had ended.
    before: (i64, Option<i64>),
}

impl Checks {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Check>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a workspace asked for a check, which `told` is about.
    pub(super) fn asked(&self, plane: &Plane, workspace: Id, told: &LedgerSelfCheck) {
        let before = (plane.started_at, told.last.as_ref().map(|last| last.ended_at_us));
        // One that has read something began before anybody asked now.
        let is_older = told.running.is_some_and(|running| running.bytes_read > 0);
        let mut all = self.all();
        match all.get(&plane.id) {
            Some(known) if known.before == before => {}
            Some(_) | None if is_older => _ = all.remove(&plane.id),
            Some(_) | None => _ = all.insert(plane.id.clone(), Check { workspace, before }),
        }
    }

    /// Whether a workspace asked for the check of that data plane.
    pub(super) fn is_of(&self, plane: &str, workspace: Id) -> bool {
        self.all().get(plane).is_some_and(|check| check.workspace == workspace)
    }

    /// Forgets the check of a data plane: it was stopped, or the data plane is gone.
    pub(crate) fn forget(&self, plane: &str) {
        self.all().remove(plane);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use control::{LedgerCheckProgress, LedgerCheckResult, LedgerVerdict};

    fn plane(started_at: i64) -> Plane {
        Plane {
            id: "p".to_owned(),
            name: "p".to_owned(),
            version: String::new(),
            started_at,
            first_seen_at: 0,
            last_seen_at: 0,
            snapshot: 0,
            problems: Vec::new(),
            untold: 0,
            drain: None,
            replacement: None,
            in_force: None,
        }
    }

    fn told(last_ended_at: Option<i64>, bytes_read: Option<u64>) -> LedgerSelfCheck {
        let last = last_ended_at.map(|ended_at_us| LedgerCheckResult {
            started_at_us: 0,
            ended_at_us,
            integrity: LedgerVerdict::Holds,
            completeness: LedgerVerdict::Holds,
            records: 0,
            summary: String::new(),
            findings: Vec::new(),
            remarks: Vec::new(),
        });
        let running =
            bytes_read.map(|bytes_read| LedgerCheckProgress { bytes_read, ..LedgerCheckProgress::default() });
        LedgerSelfCheck { is_waiting: bytes_read.is_none(), running, last, next_at_us: None }
    }

    #[test]
    fn a_check_is_theirs_who_asked_first_until_it_ends() {
        let (checks, one, other) = (Checks::default(), Id::new(), Id::new());
        let whose = || [one, other].map(|workspace| checks.is_of("p", workspace));
        assert_eq!(whose(), [false, false]);
        checks.asked(&plane(1), one, &told(None, None));
        checks.asked(&plane(1), other, &told(None, Some(5)));
        assert_eq!(whose(), [true, false], "the other joined");
        checks.asked(&plane(1), other, &told(Some(9), None));
        assert_eq!(whose(), [false, true], "the one has ended");
        checks.asked(&plane(2), one, &told(None, None));
        assert_eq!(whose(), [true, false], "the data plane began anew");
        checks.forget("p");
        checks.asked(&plane(2), other, &told(None, Some(5)));
        assert_eq!(whose(), [false, false], "nobody knows who asked for it");
        checks.asked(&plane(2), other, &told(Some(9), Some(0)));
        assert_eq!(whose(), [false, true], "it begins at once");
    }
}
