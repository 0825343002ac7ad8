//! How do reports get into a stream of NATS JetStream as well?
//!
//! A report that the control plane has taken waits here until the stream has acknowledged it; where there is no control
//! plane, each report does. Reports wait within a bound ([`WAITING_BYTES_MAX`]): when the stream is away for long the
//! oldest are given up, counted and said. Nothing else waits for the stream.
//!
//! ```text
//! subject   SUBJECT.PLANE, such as dragoman.reports.0192…
//! headers   Nats-Msg-Id: PLANE:START:NUMBER
//! payload   the report as JSON, as the control plane is told it (`control::Report`)
//! ```

use crate::ledger::copies::{Failure, Patience};
use crate::nats::{Message, NatsFault, NatsSettings, Stream};
use control::{Answer, CancelElsewhere, Carried, Carrier, Directions, Listening, Report};
use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// Bytes of reports that may wait; one report has some MiB at most.
const WAITING_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Longest the last reports take when the gateway stops.
const LAST_MAX: Duration = Duration::from_secs(2);
/// Longest the stream's thread is waited for.
const STOP_MAX: Duration = Duration::from_secs(3);
/// How long nobody says that there is nothing.
const NOTHING_EVERY: Duration = Duration::from_secs(20);
/// Reports on their way at the same time.
const AT_ONCE: usize = 16;

/// How the stream is doing.
#[derive(Debug, Default)]
pub(crate) struct StreamStats {
    taken: AtomicU64,
    failures: AtomicU64,
    given_up: AtomicU64,
    waiting: AtomicU64,
}

impl StreamStats {
    /// Reports that the stream has acknowledged.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// How often something went wrong.
    pub(crate) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Reports that were given up because too many waited.
    pub(crate) fn given_up(&self) -> u64 {
        self.given_up.load(Ordering::Relaxed)
    }

    /// Reports that wait.
    pub(crate) fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }
}

#[derive(Debug, Default)]
struct Waiting {
    reports: VecDeque<Arc<Written>>,
    bytes: usize,
}

/// A report as it goes.
#[derive(Debug)]
struct Written {
    plane: String,
    id: String,
    payload: Vec<u8>,
}

/// What waits, and who is told of it.
#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    news: Notify,
    stats: Arc<StreamStats>,
}

impl Queue {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, waiting: &Waiting) {
        self.stats.waiting.store(waiting.reports.len() as u64, Ordering::Relaxed);
    }

    fn offer(&self, report: &Report) {
        if report.is_empty() {
            return;
        }
        let payload = match serde_json::to_vec(report) {
            Ok(payload) => payload,
            Err(error) => {
                tracing::error!(%error, "a report cannot be written for the stream");
                return;
            }
        };
        let id = format!("{}:{}:{}", report.plane, report.start, report.number);
        let mut waiting = self.waiting();
        waiting.bytes += payload.len();
        waiting.reports.push_back(Arc::new(Written { plane: report.plane.clone(), id, payload }));
        let mut given_up = 0;
        while waiting.bytes > WAITING_BYTES_MAX
            && let Some(oldest) = waiting.reports.pop_front()
        {
            waiting.bytes -= oldest.payload.len();
            given_up += 1;
        }
        self.count(&waiting);
        drop(waiting);
        if given_up > 0 && self.stats.given_up.fetch_add(given_up, Ordering::Relaxed) == 0 {
            tracing::error!(
                "the stream of reports is away for so long that reports are given up; the ledger has what they told"
            );
        }
        self.news.notify_one();
    }

    fn first(&self) -> Vec<Arc<Written>> {
        self.waiting().reports.iter().take(AT_ONCE).cloned().collect()
    }

    /// This one the stream will never take.
    fn give_up(&self, one: &Arc<Written>) {
        let mut waiting = self.waiting();
        if waiting.reports.front().is_some_and(|first| Arc::ptr_eq(first, one)) {
            waiting.reports.pop_front();
            waiting.bytes -= one.payload.len();
            self.stats.given_up.fetch_add(1, Ordering::Relaxed);
        }
        self.count(&waiting);
    }

    /// The stream has these. What was given up meanwhile is not there any more.
    fn taken(&self, taken: &[Arc<Written>]) {
        let mut waiting = self.waiting();
        for one in taken {
            if waiting.reports.front().is_some_and(|first| Arc::ptr_eq(first, one)) {
                waiting.reports.pop_front();
                waiting.bytes -= one.payload.len();
            }
        }
        self.count(&waiting);
        self.stats.taken.fetch_add(taken.len() as u64, Ordering::Relaxed);
    }
}

/// The thread that brings reports to the stream.
#[derive(Debug)]
pub(crate) struct ReportStream {
    queue: Arc<Queue>,
    stop: watch::Sender<bool>,
    ended: Receiver<()>,
}

impl ReportStream {
    pub(crate) fn start(settings: NatsSettings) -> io::Result<ReportStream> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let queue = Arc::<Queue>::default();
        let (stop, stopping) = watch::channel(false);
        let (end, ended) = sync_channel(1);
        let brought = Arc::clone(&queue);
        let run = move || {
            crate::ledger::search::yield_to_others();
            runtime.block_on(bring(&brought, Stream::new(settings), stopping));
            // A look-up of a name that does not end is left behind.
            runtime.shutdown_background();
            let _ = end.send(());
        };
        std::thread::Builder::new().name("report-stream".to_owned()).spawn(run)?;
        Ok(ReportStream { queue, stop, ended })
    }

    pub(crate) fn stats(&self) -> Arc<StreamStats> {
        Arc::clone(&self.queue.stats)
    }

    /// The same nodes; what one of them has taken goes to the stream as well. Without a node there is one that takes
    /// everything and says nothing.
    pub(crate) fn beside(&self, nodes: Option<Vec<Arc<dyn Carrier>>>) -> Vec<Arc<dyn Carrier>> {
        let nodes = nodes.unwrap_or_else(|| vec![Arc::new(Nobody)]);
        let beside = |node| -> Arc<dyn Carrier> { Arc::new(Beside { node, queue: Arc::clone(&self.queue) }) };
        nodes.into_iter().map(beside).collect()
    }

    /// Brings away what waits, for as long as [`LAST_MAX`], and ends. The link has to be stopped before.
    pub(crate) fn stop(self) {
        let _ = self.stop.send(true);
        if self.ended.recv_timeout(STOP_MAX).is_err() {
            tracing::warn!("the stream of reports did not stop in time");
        }
        let left = self.queue.stats.waiting();
        if left > 0 {
            tracing::warn!(
                left,
                "the stream of reports did not get all of them; the ledger has what they told"
            );
        }
    }
}

async fn bring(queue: &Queue, mut stream: Stream, stopping: watch::Receiver<bool>) {
    let (mut told, mut last) = (stopping.clone(), stopping);
    let ends = async {
        // Whoever could say so is gone: that is an end as well.
        let _ = last.wait_for(|stop| *stop).await;
        tokio::time::sleep(LAST_MAX).await;
    };
    tokio::select! {
        () = ends => {}
        () = bring_all(queue, &mut stream, &mut told) => {}
    }
}

/// Until it is told to stop and nothing waits any more.
async fn bring_all(queue: &Queue, stream: &mut Stream, told: &mut watch::Receiver<bool>) {
    let mut patience = Patience::default();
    let mut at_once = AT_ONCE;
    loop {
        let mut next = queue.first();
        next.truncate(at_once);
        if next.is_empty() {
            if *told.borrow() {
                return;
            }
            tokio::select! {
                () = queue.news.notified() => {}
                _ = told.wait_for(|stop| *stop) => {}
            }
            continue;
        }
        match stream.publish(next.iter().map(|one| message(one)).collect()).await {
            Ok(()) => {
                at_once = AT_ONCE;
                queue.taken(&next);
                if patience.reward() {
                    tracing::info!("the stream takes reports again");
                }
            }
            // Which of them it is shows when they go one by one; those that are there already are known by their ids.
            Err(error) if error.fault == NatsFault::TooLong && next.len() > 1 => at_once = 1,
            Err(error) if error.fault == NatsFault::TooLong => {
                tracing::error!(detail = %error, "a report is given up; the ledger has what it told");
                next.iter().for_each(|one| queue.give_up(one));
                at_once = AT_ONCE;
            }
            Err(error) => {
                queue.stats.failures.fetch_add(1, Ordering::Relaxed);
                stream.close();
                let failure = Failure::from(error);
                let (is_news, pause) = patience.try_on(&failure);
                if is_news {
                    tracing::warn!(detail = %failure, "the stream takes no reports; trying again");
                }
                let was_told = *told.borrow();
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    // At the end it is tried at once, and no more often than a pause of its own lets it.
                    _ = told.wait_for(|stop| *stop), if !was_told => {}
                }
            }
        }
    }
}

fn message(report: &Written) -> Message {
    Message {
        subject_end: report.plane.clone(),
        id: report.id.clone(),
        headers: Vec::new(),
        payload: report.payload.clone(),
    }
}

/// A node of the control plane, beside which reports go to a stream.
#[derive(Debug)]
struct Beside {
    node: Arc<dyn Carrier>,
    queue: Arc<Queue>,
}

impl Carrier for Beside {
    fn listen(&self, listening: Listening) -> Carried<'_, Directions> {
        self.node.listen(listening)
    }

    fn report(&self, report: Report) -> Carried<'_, ()> {
        Box::pin(async move {
            self.node.report(report.clone()).await?;
            self.queue.offer(&report);
            Ok(())
        })
    }

    fn answer(&self, plane: &str, answer: Answer) -> Carried<'_, ()> {
        self.node.answer(plane, answer)
    }

    fn cancel(&self, cancel: CancelElsewhere) -> Carried<'_, ()> {
        self.node.cancel(cancel)
    }
}

/// Who stands for a control plane where there is none.
#[derive(Debug)]
struct Nobody;

impl Carrier for Nobody {
    fn listen(&self, _: Listening) -> Carried<'_, Directions> {
        Box::pin(async {
            tokio::time::sleep(NOTHING_EVERY).await;
            Ok(Directions::default())
        })
    }

    fn report(&self, _: Report) -> Carried<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn answer(&self, _: &str, _: Answer) -> Carried<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn report(number: u64, bytes: usize) -> Report {
        let (event, listener) = ("gateway.start".to_owned(), String::new());
        let event = control::GatewayEvent { at_us: 0, event, listener, note: "x".repeat(bytes) };
        Report {
            plane: "p".to_owned(),
            start: "s".to_owned(),
            number,
            events: vec![event],
            ..Report::default()
        }
    }

    #[test]
    fn what_waits_is_bounded_and_the_oldest_is_given_up() {
        let queue = Queue::default();
        let third = WAITING_BYTES_MAX / 3;
        for number in 1..=4 {
            queue.offer(&report(number, third));
        }
        assert_eq!((queue.stats.waiting(), queue.stats.given_up()), (2, 2));
        let first = queue.first();
        assert_eq!(first[0].id, "p:s:3");
        // Given up while it was on its way: it is not taken from the queue a second time.
        queue.offer(&report(5, third));
        queue.taken(&first);
        let left: Vec<_> = queue.first().iter().map(|one| one.id.clone()).collect();
        assert_eq!(left, ["p:s:5"]);
        let bytes: usize = queue.waiting().reports.iter().map(|one| one.payload.len()).sum();
        assert_eq!(queue.waiting().bytes, bytes);
        queue.offer(&Report::default());
        assert_eq!(queue.stats.waiting(), 1);
    }
}
