//! Which runs are at work in this process, and how are they cancelled?

use crate::problem::{Code, Problem};
use admin_store::Id;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// Runs of one person at a time: as many as tabs are looked at, and few enough to leave the rest to others.
pub const OF_PERSON_MAX: usize = 8;
/// Runs of everybody at a time: each holds a connection to a database and some megabytes.
pub const MAX: usize = 32;

/// The runs at work. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct ActiveRuns(Arc<Mutex<HashMap<Id, Active>>>);

#[derive(Debug)]
struct Active {
    workspace: Id,
    user: Id,
    cancel: watch::Sender<bool>,
}

/// The place of one run among those at work; given back when dropped.
#[derive(Debug)]
pub struct Permit {
    runs: ActiveRuns,
    id: Id,
    cancelled: watch::Receiver<bool>,
}

impl ActiveRuns {
    /// A place for one more run, if there is one.
    pub fn admit(&self, id: Id, workspace: Id, user: Id) -> Result<Permit, Problem> {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = runs.values().filter(|run| run.user == user).count();
        let full = |detail: String| {
            let problem = Problem::new(Code::TooManyRequests, detail).with_retry_after(1);
            Err(problem.with_hint("wait until one of them has ended, or cancel one"))
        };
        if own >= OF_PERSON_MAX {
            return full(format!("{OF_PERSON_MAX} of your queries are running"));
        }
        if runs.len() >= MAX {
            return full(format!("{MAX} queries are running here"));
        }
        let (cancel, cancelled) = watch::channel(false);
        runs.insert(id, Active { workspace, user, cancel });
        Ok(Permit { runs: self.clone(), id, cancelled })
    }

    /// Cancels a run. Says whether it was at work here.
    pub fn cancel(&self, workspace: Id, id: Id) -> bool {
        let runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match runs.get(&id).filter(|run| run.workspace == workspace) {
            Some(run) => {
                run.cancel.send_replace(true);
                true
            }
            None => false,
        }
    }

    /// Whether a run is at work here.
    pub fn is_active(&self, id: Id) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&id)
    }
}

impl Permit {
    /// Ends when somebody cancels the run, and never otherwise.
    pub async fn cancelled(&self) {
        let mut cancelled = self.cancelled.clone();
        if cancelled.wait_for(|cancelled| *cancelled).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.runs.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_person_cannot_take_every_place_and_places_are_given_back() {
        let (runs, workspace) = (ActiveRuns::default(), Id::new());
        let (one, other) = (Id::new(), Id::new());
        let mut held: Vec<Permit> =
            (0..OF_PERSON_MAX).map(|_| runs.admit(Id::new(), workspace, one).unwrap()).collect();
        let problem = runs.admit(Id::new(), workspace, one).unwrap_err();
        assert_eq!(problem.code(), Code::TooManyRequests);
        held.push(runs.admit(Id::new(), workspace, other).unwrap());
        held.remove(0);
        held.push(runs.admit(Id::new(), workspace, one).unwrap());
        while held.len() < MAX {
            held.push(runs.admit(Id::new(), workspace, Id::new()).unwrap());
        }
        assert!(runs.admit(Id::new(), workspace, Id::new()).is_err());
        held.clear();
        assert!(runs.admit(Id::new(), workspace, one).is_ok());
    }

    #[tokio::test]
    async fn a_run_is_cancelled_in_its_own_workspace_only() {
        let (runs, workspace, id) = (ActiveRuns::default(), Id::new(), Id::new());
        let permit = runs.admit(id, workspace, Id::new()).unwrap();
        assert!(!runs.cancel(Id::new(), id));
        assert!(runs.cancel(workspace, id));
        permit.cancelled().await;
        drop(permit);
        assert!(!runs.cancel(workspace, id) && !runs.is_active(id));
    }
}
