//! How is one copy doing?

use super::failure::{Failure, Kind};
use super::{Content, CopySettings, CopyStatus, Place, held, paced};
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Least patience with a collector of syslog messages: what it was sent counts as taken only some seconds later.
const SYSLOG_PATIENCE_MIN: Duration = paced(Duration::from_secs(15), Duration::from_secs(1));

/// A copy, as its thread tells of it and others look at it.
#[derive(Debug)]
pub(super) struct State {
    pub(super) settings: CopySettings,
    now: Mutex<Now>,
}

#[derive(Debug, Default)]
struct Now {
    last_taken_us: Option<u64>,
    /// The moment of the oldest that the place has not taken.
    waiting_since_us: Option<u64>,
    /// Since when there is something it has not taken, or nobody can tell.
    untaken_since: Option<Instant>,
    failing: Option<Kind>,
    failures: u64,
    /// The segment that is read next.
    segment: u64,
}

impl State {
    pub(super) fn new(mut settings: CopySettings) -> State {
        if matches!(settings.place, Place::Syslog { .. }) {
            settings.patience = settings.patience.max(SYSLOG_PATIENCE_MIN);
        }
        State { settings, now: Mutex::default() }
    }

    /// Where it goes on after a restart.
    pub(super) fn begins(&self, segment: u64, last_taken_us: Option<u64>) {
        let mut now = held(&self.now);
        now.segment = segment;
        now.last_taken_us = last_taken_us;
    }

    /// There is something to take, of the moment `since_us`.
    pub(super) fn waits(&self, since_us: Option<u64>) {
        let mut now = held(&self.now);
        now.untaken_since.get_or_insert_with(Instant::now);
        now.waiting_since_us = now.waiting_since_us.or(since_us).or(Some(now_us()));
    }

    /// The place has taken something; `left` is the moment of the oldest it was sent and has not taken yet.
    pub(super) fn took(&self, segment: u64, left: Option<u64>) {
        let mut now = held(&self.now);
        now.last_taken_us = Some(now_us());
        now.untaken_since = left.map(|_| Instant::now());
        now.waiting_since_us = left;
        now.segment = segment;
    }

    /// There is nothing it has not taken.
    pub(super) fn has_all(&self) {
        let mut now = held(&self.now);
        now.untaken_since = None;
        now.waiting_since_us = None;
        now.failing = None;
    }

    /// A try went well.
    pub(super) fn went_well(&self) {
        held(&self.now).failing = None;
    }

    /// A try went wrong.
    pub(super) fn went_wrong(&self, failure: &Failure) {
        let mut now = held(&self.now);
        now.untaken_since.get_or_insert_with(Instant::now);
        now.failing = Some(failure.kind);
        now.failures += 1;
    }

    /// Whether it has taken nothing for longer than its patience, though there was something to take.
    pub(super) fn has_failed(&self) -> bool {
        held(&self.now).has_failed(self.settings.patience)
    }

    /// The segment it needs to be there.
    pub(super) fn needs(&self) -> Option<u64> {
        (self.settings.content == Content::Records).then(|| held(&self.now).segment)
    }

    pub(super) fn status(&self, now_us: u64) -> CopyStatus {
        let (settings, now) = (&self.settings, held(&self.now));
        let lag_us = now.waiting_since_us.map_or(0, |since| now_us.saturating_sub(since));
        CopyStatus {
            name: settings.name.clone(),
            to: settings.to.clone(),
            content: settings.content.as_str(),
            required: settings.is_required,
            last_taken_us: now.last_taken_us,
            lag_seconds: lag_us / 1_000_000,
            failing: now.failing.is_some(),
            error: now.failing.map(Kind::as_str),
            failures: now.failures,
            failed: now.has_failed(settings.patience),
        }
    }
}

impl Now {
    fn has_failed(&self, patience: Duration) -> bool {
        self.untaken_since.is_some_and(|since| since.elapsed() > patience)
    }
}

/// Microseconds since 1970-01-01 UTC.
pub(super) fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
