//! How does a data plane stop taking sessions for a while, and take them again?
//!
//! At first it only says so: `/readyz` answers 503 while connections are still accepted, so that whatever brings
//! them has time to bring them elsewhere. Then its ports are closed. Sessions that are open go on; where that was
//! asked for they are ended once they are idle outside a transaction. The link, the ledger and the rules stay as
//! they are. A drain is of one process: the next one serves.

use crate::handover::predecessor::Former;
use crate::in_force::InForce;
use crate::listeners::BindError;
use ::control::{DrainDemand, DrainPhase, DrainState};
use relay::Threads;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, watch};

/// What was asked, and how far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Course {
    /// Which demand it is: a later one takes its place.
    number: u64,
    demand: DrainDemand,
    since_us: i64,
    is_shut: bool,
}

/// The drain of one data plane.
#[derive(Debug)]
pub(crate) struct Drain {
    threads: Arc<Threads>,
    in_force: Arc<InForce>,
    former: Option<Arc<Former>>,
    runtime: Handle,
    /// One at a time changes anything.
    turn: Mutex<u64>,
    course: watch::Sender<Option<Course>>,
}

impl Drain {
    pub(crate) fn new(
        threads: Arc<Threads>,
        in_force: Arc<InForce>,
        former: Option<Arc<Former>>,
        runtime: Handle,
    ) -> Drain {
        let course = watch::Sender::new(None);
        Drain { threads, in_force, former, runtime, turn: Mutex::new(0), course }
    }

    /// How far it is; `None` where sessions are taken.
    pub(crate) fn state(&self) -> Option<DrainState> {
        let course = (*self.course.borrow())?;
        let before = self.former.as_ref().map_or(0, |former| former.sessions());
        let sessions = self.threads.sessions() as u64 + before;
        let phase = match (course.is_shut, sessions) {
            (false, _) => DrainPhase::Accepting,
            (true, 0) => DrainPhase::Drained,
            (true, _) => DrainPhase::Draining,
        };
        let accepts_us = i64::from(course.demand.accept_seconds) * 1_000_000;
        Some(DrainState {
            phase,
            since_us: course.since_us,
            accepts_until_us: course.since_us.saturating_add(accepts_us),
            end_idle_after_seconds: course.demand.end_idle_after_seconds,
            sessions,
        })
    }

    /// Told when a drain begins, closes the ports, or is taken back.
    pub(crate) fn changes(&self) -> watch::Receiver<impl Clone + use<>> {
        self.course.subscribe()
    }

    /// Begins to drain. Where one is under way its bounds are those of the later demand; ports that are closed stay so.
    /// Not cancel safe.
    pub(crate) async fn begin(self: &Arc<Drain>, demand: DrainDemand) -> Option<DrainState> {
        let demand = DrainDemand {
            accept_seconds: demand.accept_seconds.min(DrainDemand::ACCEPT_SECONDS_MAX),
            end_idle_after_seconds: demand
                .end_idle_after_seconds
                .map(|seconds| seconds.min(DrainDemand::END_IDLE_SECONDS_MAX)),
        };
        let mut turn = self.turn.lock().await;
        *turn += 1;
        let number = *turn;
        let before = *self.course.borrow();
        let is_shut = before.is_some_and(|course| course.is_shut);
        self.threads.end_idle(false).await;
        self.course.send_replace(Some(Course { number, demand, since_us: now_us(), is_shut }));
        drop(turn);
        tracing::warn!(
            accept_seconds = demand.accept_seconds,
            end_idle_after_seconds = demand.end_idle_after_seconds,
            sessions = self.threads.sessions(),
            "this data plane is drained: it is not ready any more, and soon accepts no connections"
        );
        let this = Arc::downgrade(self);
        self.runtime.spawn(async move {
            tokio::time::sleep(Duration::from_secs(demand.accept_seconds.into())).await;
            let Some(drain) = this.upgrade() else { return };
            drain.shut(number).await;
            drop(drain);
            let Some(seconds) = demand.end_idle_after_seconds else { return };
            tokio::time::sleep(Duration::from_secs(seconds.into())).await;
            let Some(drain) = this.upgrade() else { return };
            drain.end_idle(number).await;
        });
        self.state()
    }

    async fn shut(&self, number: u64) {
        let turn = self.turn.lock().await;
        if *turn == number {
            self.in_force.shut();
            self.course.send_modify(|course| {
                if let Some(course) = course {
                    course.is_shut = true;
                }
            });
            let sessions = self.threads.sessions();
            tracing::warn!(sessions, "no connections are accepted any more; sessions that are open go on");
        }
    }

    async fn end_idle(&self, number: u64) {
        let turn = self.turn.lock().await;
        if *turn == number {
            self.threads.end_idle(true).await;
            let sessions = self.threads.sessions();
            tracing::warn!(sessions, "sessions that are idle outside a transaction are ended");
        }
    }

    /// Takes sessions again. Where a port cannot be opened any more everything stays drained. Not cancel safe.
    pub(crate) async fn take_back(&self) -> Result<(), BindError> {
        let mut turn = self.turn.lock().await;
        if self.course.borrow().is_none() {
            return Ok(());
        }
        self.in_force.serve_again()?;
        *turn += 1;
        self.threads.end_idle(false).await;
        self.course.send_replace(None);
        tracing::warn!("this data plane takes sessions again");
        Ok(())
    }
}

fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
