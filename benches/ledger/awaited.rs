//! How long does a session wait for its intent?

use super::records::Records;
use ::relay::journal::{LedgerHealth, Ticket, journal};
use exchange::{Event, Record};
use proxy::ledger::{Ledger, LedgerSettings, Sync};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Instant;

/// Waits of all sessions of one run.
#[derive(Debug)]
pub struct Waits {
    /// Microseconds, shortest first.
    us: Vec<f64>,
    pub intents: usize,
    pub seconds: f64,
    pub syncs: u64,
}

impl Waits {
    pub fn at(&self, share: f64) -> f64 {
        self.us.get(((self.us.len() as f64 - 1.0) * share).round() as usize).copied().unwrap_or(0.0)
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Unpark>) {
        self.0.unpark();
    }
}

/// Somebody who waits.
struct Session {
    ticket: Arc<Ticket>,
    since: Instant,
    left: usize,
}

/// Has each of so many sessions write so many intents, one after the other, on one thread, as a relay thread has it.
pub fn run(sessions: usize, intents: usize, sync: Sync) -> Result<Waits, String> {
    let failed = |error: proxy::ledger::LedgerError| error.to_string();
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let settings = LedgerSettings { sync, ..LedgerSettings::new(folder.path().join("ledger")) };
    let mut made = Records::new(10_000);
    let all = std::iter::from_fn(|| made.next());
    let records: Vec<Record> = all.filter(|record| record.event == Event::StatementIntent).collect();
    let health = Arc::new(LedgerHealth::default());
    let (mut journal, reader) = journal(Arc::clone(&health));
    let handle = Ledger::open(settings, health).map_err(failed)?.spawn(vec![reader]).map_err(failed)?;
    let stats = handle.stats();
    let (syncs, began) = (stats.syncs(), Instant::now());
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut next = records.iter().cycle();
    let mut ask = |ticket: &Arc<Ticket>| {
        let record = next.next().cloned().ok_or_else(|| "no record is an intent".to_owned())?;
        journal.intend(record, ticket).map_err(|_| "the ledger's queue is full".to_owned())
    };
    let mut waiting = Vec::new();
    for _ in 0..sessions {
        let session = Session { ticket: Arc::default(), since: Instant::now(), left: intents };
        ask(&session.ticket)?;
        waiting.push(session);
    }
    let mut us = Vec::new();
    while !waiting.is_empty() {
        let mut is_any = false;
        for session in &mut waiting {
            match session.ticket.poll(&mut Context::from_waker(&waker)) {
                Poll::Pending => continue,
                Poll::Ready(false) => return Err("an intent was not recorded".to_owned()),
                Poll::Ready(true) => is_any = true,
            }
            us.push(session.since.elapsed().as_secs_f64() * 1e6);
            session.left -= 1;
            if session.left > 0 {
                session.since = Instant::now();
                ask(&session.ticket)?;
            }
        }
        waiting.retain(|session| session.left > 0);
        if !is_any && !waiting.is_empty() {
            std::thread::park();
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    us.sort_by(f64::total_cmp);
    let waits = Waits { intents: us.len(), us, seconds, syncs: stats.syncs() - syncs };
    handle.close().map_err(failed)?;
    Ok(waits)
}
