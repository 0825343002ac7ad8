//! What is written down and counted of a statement?

use super::{AT_ONCE, End, Open};
use crate::naming::source;
use crate::scope::{Scope, Wire};
use crate::statistics::Ended;
use exchange::{
    Event as Word, Fingerprint, Kind, Outcome, Record, RecordBody, Statement, StatementRecord, Timing,
    VerdictWord,
};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) fn micros(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}

/// Writes and counts a statement's outcome. A Prepare that succeeded leaves no trace: its executions
/// do.
pub(super) fn write(
    open: &mut Open,
    (place, statement): (usize, &Arc<Statement>),
    end: End,
    previous: &mut Option<(Fingerprint, Instant)>,
    wire: &Wire,
    scope: &Scope,
) {
    if open.kind == Kind::Prepare && matches!(end.outcome, Outcome::Completed { .. }) {
        return;
    }
    let now = end.at;
    let total = now.saturating_duration_since(open.started);
    // A session's statements run one after the other: what one waited for another is not its own.
    let begun = previous.map_or(open.started, |(_, ended)| ended.max(open.started));
    let own = now.saturating_duration_since(begun);
    scope.counters().exchanged(statement.class, verdict_index(open.verdict), Some(own));
    let timing = Timing {
        judge: micros(open.judge),
        forward: open.forward.map_or(0, micros),
        first: open.first.map_or(0, micros),
        last: micros(total),
        total: micros(total),
    };
    let body = StatementRecord {
        timing,
        outcome: Some(end.outcome),
        bytes_in: open.bytes_in + end.copied_in,
        bytes_out: end.bytes_out,
        values: open.take_values(place),
        ..describe(open, statement, wire)
    };
    let at_us = scope.thread.wall.at(now);
    // What a name stands for is what was run.
    let ran = body.source.as_ref().unwrap_or(statement);
    let repeats = previous.replace((ran.fingerprint, now)).is_some_and(|(before, ended)| {
        before == ran.fingerprint && open.started.saturating_duration_since(ended) <= AT_ONCE
    });
    let ended = Ended {
        outcome: end.outcome,
        first_us: open
            .first
            .and_then(|first| (open.started + first).checked_duration_since(begun))
            .map(|first| micros(first).into()),
        total_us: micros(own).into(),
        bytes_in: body.bytes_in,
        bytes_out: body.bytes_out,
        at_us,
        repeats,
    };
    count(ran, &ended, scope);
    let record = record(Word::StatementOutcome, body, at_us, scope);
    let mut journal = scope.thread.journal.borrow_mut();
    if open.reserved > 0 {
        open.reserved -= 1;
        journal.write_reserved(record);
    } else {
        // Counted as lost by the journal when there is no room.
        let _ = journal.offer(record);
    }
}

/// What a record says of a statement before it has ended.
pub(crate) fn describe(open: &Open, statement: &Arc<Statement>, wire: &Wire) -> StatementRecord {
    StatementRecord {
        exchange: open.exchange,
        kind: open.kind,
        statement: Arc::clone(statement),
        source: source(&open.analysis, statement, Some(wire)),
        claims: open.claims.clone(),
        verdict: open.verdict,
        rule: open.rule.clone(),
        values: None,
        would: open.would.clone(),
        policy_epoch: open.epoch,
        transaction: open.transaction,
        outcome: None,
        timing: Timing::default(),
        bytes_in: open.bytes_in,
        bytes_out: 0,
    }
}

/// Counts a statement's end in the thread's statistics.
pub(crate) fn count(statement: &Arc<Statement>, ended: &Ended, scope: &Scope) {
    let mut statistics = scope.thread.statistics.borrow_mut();
    scope.with_facts(|facts| statistics.record(scope.listener.number, facts, statement, ended));
}

/// A record of a statement at that moment, in microseconds since 1970-01-01 UTC.
pub(crate) fn record(event: Word, body: StatementRecord, at_us: u64, scope: &Scope) -> Record {
    Record { event, at_us, session: Some(scope.facts()), body: RecordBody::Statement(body) }
}

/// The place of a verdict in [`ThreadCounters::exchanges`].
pub(crate) fn verdict_index(verdict: VerdictWord) -> usize {
    match verdict {
        VerdictWord::Allow => 0,
        VerdictWord::Refuse => 1,
        VerdictWord::Unjudged => 2,
        VerdictWord::Hold => 3,
    }
}

const _: () = assert!(crate::counters::VERDICTS == 4);
