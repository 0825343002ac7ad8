//! When does a gateway look after the ledger it has written?
//!
//! One thread of low priority, one thing at a time: it removes what is old, once a minute, and reads the whole
//! ledger, once a day and whenever somebody asks for it. What comes of both is kept here for whoever asks.

use crate::ledger::LedgerHandle;
use crate::ledger::copies::Copies;
use crate::ledger::orders::Orders;
use crate::ledger::retention::{Hindrance, Looked, Retention, Rule};
use crate::ledger::search::yield_to_others;
use crate::ledger::wholeness::self_check;
use ::control::{LedgerCheckProgress, LedgerRetention, LedgerSelfCheck, LedgerVerdict};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How often it is looked whether the ledger is closed or something is asked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked whether something is old.
const RETENTION_EVERY: Duration = Duration::from_secs(60);
/// When the first check begins by itself: a start has other things to do.
const FIRST_CHECK: Duration = Duration::from_secs(60);

/// What is known of how the ledger is looked after.
#[derive(Debug, Default)]
pub(crate) struct Care {
    state: Mutex<State>,
    thread: Mutex<Option<Thread>>,
    is_asked: AtomicBool,
    /// Turns true when nobody wants the check any more that goes on.
    stop: Arc<AtomicBool>,
    /// Records that were removed since the start.
    removed: AtomicU64,
    /// Held while old records are removed.
    at_work: Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    check: LedgerSelfCheck,
    /// Whether the check that goes on is one that somebody asked for: the gateway's own are not stopped.
    is_asked_for: bool,
    retention: LedgerRetention,
}

impl Care {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nothing is being removed; nothing is as long as this is held.
    pub(in crate::ledger) fn hold(&self) -> MutexGuard<'_, ()> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the checks of the whole ledger go.
    pub(super) fn check(&self) -> LedgerSelfCheck {
        let mut check = self.state().check.clone();
        check.is_waiting = self.is_asked.load(Ordering::Acquire) && check.running.is_none();
        check
    }

    /// What is removed, and when.
    pub(super) fn retention(&self) -> LedgerRetention {
        self.state().retention.clone()
    }

    /// Has the whole ledger checked soon. Whoever asks while it is being checked is told how far that is.
    pub(crate) fn ask(&self) -> LedgerSelfCheck {
        if self.state().check.running.is_none() {
            self.is_asked.store(true, Ordering::Release);
        }
        if let Some(thread) = &*self.thread.lock().unwrap_or_else(PoisonError::into_inner) {
            thread.unpark();
        }
        self.check()
    }

    /// Stops the check that somebody asked for. One that the gateway makes by itself goes on: who could stop those could
    /// keep it from finding anything.
    pub(crate) fn stop(&self) -> LedgerSelfCheck {
        self.is_asked.store(false, Ordering::Release);
        let state = self.state();
        if state.check.running.is_some() && state.is_asked_for {
            self.stop.store(true, Ordering::Release);
        }
        drop(state);
        self.check()
    }

    /// Whether the last check found the ledger changed or something missing.
    pub(crate) fn is_broken(&self) -> bool {
        let state = self.state();
        let verdicts = state.check.last.iter().flat_map(|last| [last.integrity, last.completeness]);
        verdicts.into_iter().any(|verdict| verdict == LedgerVerdict::Broken)
    }

    /// Whether old records stay although it is time to remove them.
    pub(crate) fn is_held_up(&self) -> bool {
        self.state().retention.held_up.is_some()
    }

    /// Records that were removed since the start.
    pub(crate) fn removed(&self) -> u64 {
        self.removed.load(Ordering::Acquire)
    }
}

impl LedgerHandle {
    /// Starts the thread that looks after what is written. It ends when the ledger is closed, and is not waited for.
    /// Between two checks of all of it lies `check_every`; without, it is checked when somebody asks.
    pub(crate) fn tend(&self, rule: Rule, check_every: Option<Duration>, copies: Copies) -> io::Result<()> {
        let _ = self.wholeness.copies.set(copies.clone());
        let keeper = Keeper {
            directory: self.wholeness.directory.clone(),
            rule,
            check_every,
            orders: self.orders(),
            copies,
            closing: Arc::clone(&self.closing),
            released: Arc::clone(&self.relief.released),
            care: Arc::clone(&self.wholeness.care),
        };
        keeper.start()
    }

    /// How it is looked after.
    pub(crate) fn care(&self) -> Arc<Care> {
        Arc::clone(&self.wholeness.care)
    }
}

/// Who looks after a ledger.
#[derive(Debug)]
struct Keeper {
    directory: PathBuf,
    rule: Rule,
    /// How long after the end of one check the next begins by itself.
    check_every: Option<Duration>,
    orders: Orders,
    copies: Copies,
    /// Says that the ledger is being closed.
    closing: Arc<AtomicBool>,
    /// Says that another process writes it.
    released: Arc<AtomicBool>,
    care: Arc<Care>,
}

impl Keeper {
    fn start(self) -> io::Result<()> {
        let care = Arc::clone(&self.care);
        {
            let mut state = care.state();
            state.retention.days = self.rule.days;
            state.retention.bytes = self.rule.bytes;
            state.check.next_at_us = self.check_every.map(|_| after(FIRST_CHECK));
        }
        let thread =
            std::thread::Builder::new().name("ledger-keeper".to_owned()).spawn(move || self.run())?;
        *care.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread.thread().clone());
        Ok(())
    }

    fn run(self) {
        yield_to_others();
        let mut retention =
            Retention::new(self.directory.clone(), self.rule, self.orders.clone(), self.copies.clone());
        let mut look_at = Instant::now();
        let mut check_at = self.check_every.map(|_| Instant::now() + FIRST_CHECK);
        while !self.closing.load(Ordering::Acquire) {
            if self.released.load(Ordering::Acquire) {
                std::thread::park_timeout(LOOK_EVERY);
                continue;
            }
            let has_removed = if Instant::now() >= look_at { self.remove(&mut retention) } else { false };
            if Instant::now() >= look_at {
                look_at = Instant::now() + if has_removed { LOOK_EVERY } else { RETENTION_EVERY };
            }
            let is_due = check_at.is_some_and(|check_at| Instant::now() >= check_at);
            if self.care.is_asked.load(Ordering::Acquire) || is_due {
                // One that was stopped stands for none of the gateway's own.
                let next_at_us = self.care.state().check.next_at_us;
                let has_ended = self.check(!is_due);
                if has_ended {
                    check_at = self.check_every.map(|wait| Instant::now() + wait);
                }
                self.care.state().check.next_at_us =
                    if has_ended { self.check_every.map(after) } else { next_at_us };
            }
            std::thread::park_timeout(LOOK_EVERY);
        }
    }

    /// Removes what is old; says whether anything was, since more may be.
    fn remove(&self, retention: &mut Retention) -> bool {
        let at_work = self.care.hold();
        if self.released.load(Ordering::Acquire) {
            return false;
        }
        let looked = retention.look(now_us());
        drop(at_work);
        let mut state = self.care.state();
        state.retention.last = retention.last();
        match looked {
            Ok(looked) => {
                if state.retention.held_up.take().is_some() {
                    tracing::info!("old segments of the ledger can be removed again");
                }
                drop(state);
                self.note_removed(&looked)
            }
            Err(hindrance) => {
                let text = hindrance.to_string();
                if state.retention.held_up.replace(text.clone()).is_none_or(|before| before != text) {
                    log(&hindrance);
                }
                false
            }
        }
    }

    fn note_removed(&self, looked: &Looked) -> bool {
        let Looked::Removed(removal) = looked else { return false };
        self.care.removed.fetch_add(removal.records, Ordering::Release);
        tracing::info!(
            first_segment = removal.first_segment,
            last_segment = removal.last_segment,
            records = removal.records,
            bytes = removal.bytes,
            "old segments of the ledger were removed, as `ledger.retention` says"
        );
        true
    }

    /// Reads the whole ledger; whether to its end.
    fn check(&self, is_asked_for: bool) -> bool {
        let started_at_us = now_us();
        let was_broken = self.care.is_broken();
        // Before anybody can see that it goes on.
        self.care.stop.store(false, Ordering::Release);
        {
            let mut state = self.care.state();
            state.check.running = Some(LedgerCheckProgress { started_at_us, bytes_read: 0, bytes_total: 0 });
            state.check.next_at_us = None;
            state.is_asked_for = is_asked_for;
        }
        self.care.is_asked.store(false, Ordering::Release);
        let mut progress = |bytes_read, bytes_total| {
            let mut state = self.care.state();
            state.check.running = Some(LedgerCheckProgress { started_at_us, bytes_read, bytes_total });
        };
        let stop = Arc::clone(&self.care.stop);
        let result = self_check::check(&self.directory, started_at_us, stop, &mut progress);
        {
            let mut state = self.care.state();
            state.check.running = None;
            // One that was stopped says nothing: what is known stays.
            if let Some(result) = &result {
                state.check.last = Some(result.clone());
            }
        }
        let Some(result) = result else {
            tracing::info!("the check of the ledger was stopped by who asked for it, or by another person");
            return false;
        };
        if self.care.is_broken() {
            tracing::error!(
                found = %result.summary,
                "the ledger is not whole: keep a copy of it as it is, and run `dragoman ledger verify`"
            );
        } else if was_broken {
            tracing::info!(found = %result.summary, "the ledger holds again");
        }
        true
    }
}

/// Told once, until it is another.
fn log(hindrance: &Hindrance) {
    if hindrance.is_grave() {
        tracing::error!(error = %hindrance, "nothing of the ledger is removed although it is time");
    } else {
        tracing::warn!(error = %hindrance, "nothing of the ledger is removed although it is time");
    }
}

pub(super) fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

fn after(wait: Duration) -> i64 {
    now_us().saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::ledger::{Ledger, LedgerSettings};
    use relay::journal::LedgerHealth;
    use std::path::Path;

    /// Longer than anything here takes; reaching it is the failure.
    const TOO_LONG: Duration = Duration::from_secs(30);

    fn open(directory: &Path, rule: Rule) -> LedgerHandle {
        let mut settings = LedgerSettings::new(directory);
        settings.segment_bytes_max = 4_000;
        let ledger = Ledger::open(settings, Arc::new(LedgerHealth::default())).unwrap();
        let ledger = ledger.spawn(Vec::new()).unwrap();
        let day = Some(Duration::from_secs(24 * 60 * 60));
        ledger.tend(rule, day, Copies::default()).unwrap();
        ledger
    }

    /// Polls; nobody is woken by what is looked at here.
    fn until(what: &str, mut holds: impl FnMut() -> bool) {
        let deadline = Instant::now() + TOO_LONG;
        while !holds() {
            assert!(Instant::now() < deadline, "in {TOO_LONG:?} not: {what}");
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    fn write(ledger: &LedgerHandle, records: usize) {
        let members = format!("\"note\":\"{}\"", "x".repeat(300));
        for _ in 0..records {
            ledger
                .orders()
                .tell(exchange::Event::ConfigChanged, members.clone().into_bytes(), false)
                .unwrap();
        }
    }

    /// How the check ended that is asked for now.
    fn checked(care: &Care) -> (LedgerVerdict, LedgerVerdict) {
        let before = care.check().last.map(|last| last.ended_at_us);
        let asked = care.ask();
        assert!(asked.is_waiting || asked.running.is_some() || asked.last.is_some());
        until("checked", || care.check().last.is_some_and(|last| Some(last.ended_at_us) != before));
        let last = care.check().last.unwrap();
        assert!(last.records > 0 && !last.summary.is_empty(), "{last:?}");
        (last.integrity, last.completeness)
    }

    #[test]
    fn whoever_asks_is_told_whether_the_ledger_is_whole_and_where_it_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("ledger");
        let ledger = open(&directory, Rule::default());
        write(&ledger, 40);
        let care = ledger.care();
        assert!(care.check().last.is_none() && care.check().next_at_us.is_some() && !care.is_broken());
        assert_eq!(checked(&care), (LedgerVerdict::Holds, LedgerVerdict::Holds), "{:?}", care.check());
        assert!(!care.is_broken());
        let path = directory.join("00000002.jsonl");
        let whole = std::fs::read(&path).unwrap();
        let mut changed = whole.clone();
        *changed.get_mut(100).unwrap() ^= 1;
        std::fs::write(&path, &changed).unwrap();
        assert_eq!(checked(&care).0, LedgerVerdict::Broken);
        assert!(care.is_broken());
        let found = care.check().last.unwrap();
        assert!(found.findings.first().unwrap().contains("00000002.jsonl line 1"), "{found:?}");
        assert!(found.summary.contains("00000002.jsonl line 1"), "{found:?}");
        std::fs::write(&path, &whole).unwrap();
        assert_eq!(checked(&care), (LedgerVerdict::Holds, LedgerVerdict::Holds));
        assert!(!care.is_broken());
        ledger.close().unwrap();
    }

    #[test]
    fn a_check_that_is_not_wanted_any_more_leaves_what_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("ledger");
        let ledger = open(&directory, Rule::default());
        write(&ledger, 40);
        let care = ledger.care();
        checked(&care);
        let before = care.check();
        // It may not have begun, go on, or have ended: what was found stays in any case, and nothing is waited for.
        care.ask();
        let after = care.stop();
        assert!(!after.is_waiting, "{after:?}");
        until("nothing goes on", || care.check().running.is_none());
        assert!(care.check().last.is_some_and(|last| last.ended_at_us >= before.last.unwrap().ended_at_us));
        assert!(care.check().next_at_us.is_some());
        // What has said so beforehand is not begun: nothing is read, and that is not a finding.
        let stop = Arc::new(AtomicBool::new(true));
        assert_eq!(self_check::check(&directory, now_us(), stop, &mut |_, _| {}), None);
        assert_eq!(
            checked(&care),
            (LedgerVerdict::Holds, LedgerVerdict::Holds),
            "and it can be asked for again"
        );
        ledger.close().unwrap();
    }

    #[test]
    fn what_is_old_goes_by_itself_and_what_is_in_the_way_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("ledger");
        let ledger = open(&directory, Rule::default());
        write(&ledger, 60);
        assert_eq!(ledger.care().retention().last, None, "no rule, nothing goes");
        ledger.close().unwrap();
        let path = directory.join("00000002.jsonl");
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, whole.get(1..).unwrap()).unwrap();
        let rule = Rule { days: 0, bytes: 1 };
        let ledger = open(&directory, rule);
        let care = ledger.care();
        until("held up", || care.is_held_up());
        let retention = care.retention();
        assert!(retention.held_up.unwrap().contains("00000002.jsonl"), "the place is told");
        assert!((retention.days, retention.bytes) == (0, 1) && path.exists());
        ledger.close().unwrap();
        std::fs::write(&path, whole).unwrap();
        let ledger = open(&directory, rule);
        let care = ledger.care();
        until("removed", || care.retention().last.is_some() && care.removed() > 0);
        assert!(!care.is_held_up() && !path.exists());
        assert_eq!(care.removed(), care.retention().last.unwrap().records);
        assert_eq!(checked(&care), (LedgerVerdict::Holds, LedgerVerdict::Holds), "{:?}", care.check());
        ledger.close().unwrap();
    }
}
