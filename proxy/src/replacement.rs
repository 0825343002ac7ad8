//! Who asks for a new process in the place of this one, and what became of it?
//!
//! The program itself does it ([`crate::handover`]); the control plane may ask for it as well as a signal. Each asking is
//! of one process, by the moment at which it started, and known by a name: a question that comes twice, or late,
//! replaces nobody a second time.

use crate::handover::predecessor::Former;
use ::control::{ReplacementFailure, RestartDemand, RestartReply};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::Notify;

/// Longest reason that is told, in bytes.
const WHY_BYTES_MAX: usize = 2_000;

/// What happens about it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Course {
    /// Nothing.
    Serving,
    /// It is wanted, and not begun.
    Wanted(String),
    /// It is under way; empty where a signal asked.
    UnderWay(String),
    /// The last one did not come about.
    Failed(ReplacementFailure),
}

/// How a data plane is replaced.
#[derive(Debug)]
pub struct Replacement {
    started_at_us: i64,
    former: Option<Arc<Former>>,
    unable: Mutex<Option<String>>,
    course: Mutex<Course>,
    wanted: Notify,
}

impl Replacement {
    /// Of the process that starts now.
    pub(crate) fn new(former: Option<Arc<Former>>) -> Replacement {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Replacement {
            started_at_us: i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            former,
            unable: Mutex::new(Some("nothing in this process can start another one".to_owned())),
            course: Mutex::new(Course::Serving),
            wanted: Notify::new(),
        }
    }

    /// When this process started, in microseconds since 1970-01-01 UTC.
    pub(crate) fn started_at_us(&self) -> i64 {
        self.started_at_us
    }

    /// Says whether there is somebody who starts another process; `unable` is why not.
    pub fn offer(&self, unable: Option<&str>) {
        *held(&self.unable) = unable.map(ToOwned::to_owned);
    }

    /// As the control plane is told.
    pub(crate) fn told(&self) -> ::control::Replacement {
        let failed = match &*held(&self.course) {
            Course::Failed(failure) => Some(failure.clone()),
            Course::Serving | Course::Wanted(_) | Course::UnderWay(_) => None,
        };
        ::control::Replacement { unable: held(&self.unable).clone(), failed }
    }

    /// Somebody asks for it.
    pub(crate) fn ask(&self, demand: RestartDemand) -> RestartReply {
        if demand.started_at_us != self.started_at_us {
            return RestartReply::Another;
        }
        if let Some(why) = held(&self.unable).clone() {
            return RestartReply::Unable(why);
        }
        let mut course = held(&self.course);
        match &*course {
            Course::Wanted(restart) | Course::UnderWay(restart) if *restart == demand.restart => {
                return RestartReply::Begun;
            }
            Course::Wanted(_) | Course::UnderWay(_) => {
                return RestartReply::NotNow("another restart is under way".to_owned());
            }
            // What became of it is told; it is not tried again by the same name.
            Course::Failed(failure) if failure.restart == demand.restart => return RestartReply::Begun,
            Course::Serving | Course::Failed(_) => {}
        }
        if let Some(former) = self.former.as_ref().filter(|former| former.process().is_some()) {
            let sessions = former.sessions();
            return RestartReply::NotNow(format!(
                "the process before this one is not done (open sessions: {sessions}), and only one may stay beside"
            ));
        }
        *course = Course::Wanted(demand.restart);
        self.wanted.notify_one();
        RestartReply::Begun
    }

    /// Waits until somebody asks for it. Cancel safe.
    pub async fn wanted(&self) {
        self.wanted.notified().await;
    }

    /// It begins, whoever has asked.
    pub fn begun(&self) {
        let mut course = held(&self.course);
        let restart = match std::mem::replace(&mut *course, Course::Serving) {
            Course::Wanted(restart) => restart,
            Course::Serving | Course::UnderWay(_) | Course::Failed(_) => String::new(),
        };
        *course = Course::UnderWay(restart);
    }

    /// It did not come about: this process goes on.
    pub fn failed(&self, why: &str) {
        let mut course = held(&self.course);
        let restart = match std::mem::replace(&mut *course, Course::Serving) {
            Course::Wanted(restart) | Course::UnderWay(restart) => restart,
            Course::Serving | Course::Failed(_) => String::new(),
        };
        let mut end = why.len().min(WHY_BYTES_MAX);
        while !why.is_char_boundary(end) {
            end -= 1;
        }
        let why = why.get(..end).unwrap_or_default().to_owned();
        *course = Course::Failed(ReplacementFailure { restart, why });
    }
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(replacement: &Replacement, restart: &str) -> RestartDemand {
        RestartDemand { restart: restart.to_owned(), started_at_us: replacement.started_at_us() }
    }

    #[test]
    fn a_restart_is_begun_once_whoever_asks_again() {
        let replacement = Replacement::new(None);
        let one = demand(&replacement, "one");
        assert!(matches!(replacement.ask(one.clone()), RestartReply::Unable(_)));
        replacement.offer(None);
        let late = RestartDemand { started_at_us: one.started_at_us - 1, ..one.clone() };
        assert_eq!(replacement.ask(late), RestartReply::Another);
        assert_eq!(replacement.ask(one.clone()), RestartReply::Begun);
        assert!(matches!(replacement.ask(demand(&replacement, "two")), RestartReply::NotNow(_)));
        replacement.begun();
        assert_eq!(replacement.ask(one.clone()), RestartReply::Begun);
        replacement.failed("no such file");
        let failed = ReplacementFailure { restart: "one".to_owned(), why: "no such file".to_owned() };
        assert_eq!(replacement.told(), ::control::Replacement { unable: None, failed: Some(failed) });
        assert_eq!(replacement.ask(one), RestartReply::Begun, "it is not tried again by the same name");
        assert!(replacement.told().failed.is_some());
        assert_eq!(replacement.ask(demand(&replacement, "two")), RestartReply::Begun);
        assert_eq!(replacement.told().failed, None);
    }

    #[test]
    fn what_a_signal_asked_for_is_nobodys_restart_and_a_long_reason_is_cut() {
        let replacement = Replacement::new(None);
        replacement.offer(None);
        replacement.begun();
        assert!(matches!(replacement.ask(demand(&replacement, "one")), RestartReply::NotNow(_)));
        replacement.failed(&"é".repeat(WHY_BYTES_MAX));
        let failed = replacement.told().failed.unwrap();
        assert_eq!((failed.restart.as_str(), failed.why.len()), ("", WHY_BYTES_MAX));
    }
}
