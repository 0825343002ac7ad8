//! How does what happened reach the control plane?

use super::patience::Patience;
use super::{Ends, LAST_REPORTS_MAX, now_us};
use crate::reports::Backlog;
use control::{CarrierError, Report};
use std::time::{Duration, Instant};

/// How often it is looked whether there is something to tell.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The same while somebody watches.
const LOOK_EVERY_WATCHED: Duration = Duration::from_millis(200);
/// Longest one report is on its way.
const REPORT_MAX: Duration = Duration::from_secs(60);
/// How often a report that is not wanted is sent before it is given up.
const REFUSED_MAX: u32 = 5;

/// Tells until the link is stopped, and then what is left.
pub(super) async fn run(ends: &Ends, backlog: Backlog) {
    let mut telling = Telling {
        ends,
        backlog,
        patience: Patience::new("reporting"),
        not_before: Instant::now(),
        refused: 0,
        node: 0,
        away: 0,
    };
    while !ends.is_stopped() {
        let is_watched = ends.sources.reports.is_watched(now_us());
        tokio::select! {
            () = tokio::time::sleep(if is_watched { LOOK_EVERY_WATCHED } else { LOOK_EVERY }) => {}
            () = ends.news.notified() => {}
            () = ends.stopped() => break,
        }
        telling.fold();
        tokio::select! {
            () = telling.round() => {}
            () = ends.stopped() => break,
        }
    }
    telling.fold();
    // The ledger is closed: no minute goes on.
    telling.backlog.settle(i64::MAX / 2);
    telling.not_before = Instant::now();
    if tokio::time::timeout(LAST_REPORTS_MAX, telling.round()).await.is_err() || telling.backlog.has_more() {
        tracing::warn!("the control plane was not told everything of the last minutes; the ledger has it");
    }
}

struct Telling<'a> {
    ends: &'a Ends,
    backlog: Backlog,
    patience: Patience,
    /// When to try again.
    not_before: Instant,
    /// How often the report under way was not wanted.
    refused: u32,
    /// Which node is told.
    node: usize,
    /// How many nodes in a row could not be reached.
    away: usize,
}

impl Telling<'_> {
    /// Takes over what the ledger's thread has handed over.
    fn fold(&mut self) {
        let reports = &self.ends.sources.reports;
        // Looked at first: what came until then is in what is taken.
        let until_us = reports.noted_until_us();
        for handed in reports.take() {
            if !self.backlog.add(handed) {
                reports.forget_texts();
            }
        }
        self.backlog.settle(until_us);
        if let Some(acknowledgement) = self.ends.take_acknowledgement() {
            self.backlog.acknowledge(acknowledgement);
        }
    }

    /// Sends one report after the other until nothing is left or something goes wrong. Not to be sent again by
    /// another number when it is dropped: the report under way stays.
    async fn round(&mut self) {
        if Instant::now() < self.not_before {
            return;
        }
        // Of the minute that goes on as well, as often as the ledger's thread hands over sums.
        while let Some(report) = self.backlog.next(true).cloned() {
            match self.send(report).await {
                Ok(()) => {
                    self.refused = 0;
                    self.away = 0;
                    self.patience.reward();
                    self.backlog.taken();
                }
                Err(CarrierError::Away(why)) if self.turns_to_next() => {
                    // The report keeps its number: who had taken it before it went away took it for all nodes.
                    tracing::warn!(why, "a node of the control plane is away; another one is told");
                }
                Err(error) => {
                    self.not_before = Instant::now() + self.patience.try_on(&error);
                    self.count(&error);
                    return;
                }
            }
            if !self.backlog.has_more() {
                return;
            }
        }
    }

    /// Turns to the next node; whether there is one that was not tried since the last success.
    fn turns_to_next(&mut self) -> bool {
        let nodes = self.ends.nodes.len();
        self.node = (self.node + 1) % nodes;
        self.away += 1;
        let goes_on = self.away < nodes;
        if !goes_on {
            self.away = 0;
        }
        goes_on
    }

    /// Sends a report; what is handed over meanwhile is taken over.
    async fn send(&mut self, report: Report) -> Result<(), CarrierError> {
        let ends = self.ends;
        let Some(node) = ends.nodes.get(self.node) else {
            return Err(CarrierError::Away("no node".to_owned()));
        };
        let mut sending = std::pin::pin!(tokio::time::timeout(REPORT_MAX, node.report(report)));
        loop {
            tokio::select! {
                sent = &mut sending => {
                    let late = |_| Err(CarrierError::Away("it did not answer in time".to_owned()));
                    return sent.unwrap_or_else(late);
                }
                () = tokio::time::sleep(LOOK_EVERY) => self.fold(),
            }
        }
    }

    fn count(&mut self, error: &CarrierError) {
        match error {
            CarrierError::Away(_) => {}
            CarrierError::Refused(_) => {
                self.refused += 1;
                if self.refused >= REFUSED_MAX {
                    tracing::error!(%error, "a report is given up; the ledger has what it told");
                    self.refused = 0;
                    self.backlog.unwanted();
                }
            }
        }
    }
}
