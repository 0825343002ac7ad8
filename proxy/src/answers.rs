//! How does a data plane answer what the control plane asks?
//!
//! Beside the data path: the ledger is read by threads that give way to others, the relay threads are asked for
//! their sessions in small parts, and a server is asked who waits for whom only when somebody looks.

mod blocking;
mod sessions;
mod wishes;

use crate::drain::Drain;
use crate::ledger::search::Searcher;
use crate::ledger::wholeness::Wholeness;
use crate::ledger::{LedgerHandle, Notes, access};
use crate::listeners::Listeners;
use crate::replacement::Replacement;
use crate::reports::Reports;
use ::control::{AnswerBody, CancelElsewhere, QuestionBody, QuestionFailure};
use blocking::Servers;
use relay::Threads;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Semaphore;

/// Questions about the ledger that are answered at the same time.
const SEARCHES_MAX: usize = 4;
/// The same of questions about sessions, which are short.
const LOOKS_MAX: usize = 8;
/// Longest an answer about the ledger takes, waiting for its turn included.
const SEARCH_MAX: Duration = Duration::from_secs(10);
/// The same of an answer about sessions.
const LOOK_MAX: Duration = Duration::from_secs(5);

/// What answers are made of.
#[derive(Debug)]
pub(crate) struct Answers {
    searcher: Arc<Searcher>,
    wholeness: Arc<Wholeness>,
    notes: Notes,
    threads: Arc<Threads>,
    listeners: Arc<Listeners>,
    reports: Arc<Reports>,
    drain: Arc<Drain>,
    replacement: Arc<Replacement>,
    servers: Servers,
    searches: Arc<Semaphore>,
    looks: Arc<Semaphore>,
}

impl Answers {
    pub(crate) fn new(
        searcher: Arc<Searcher>,
        ledger: &LedgerHandle,
        threads: Arc<Threads>,
        listeners: Arc<Listeners>,
        reports: Arc<Reports>,
        (drain, replacement): (Arc<Drain>, Arc<Replacement>),
    ) -> Answers {
        Answers {
            searcher,
            wholeness: ledger.wholeness(),
            notes: ledger.notes(),
            threads,
            listeners,
            reports,
            drain,
            replacement,
            servers: Servers::default(),
            searches: Arc::new(Semaphore::new(SEARCHES_MAX)),
            looks: Arc::new(Semaphore::new(LOOKS_MAX)),
        }
    }

    /// Answers one question.
    pub(crate) async fn answer(&self, body: QuestionBody) -> Result<AnswerBody, QuestionFailure> {
        match body {
            QuestionBody::Ledger(query) => {
                // Before anything of it is handed out.
                if let Some(reader) = &query.reader {
                    let written = self.notes.keep_access(reader.takes_away, access::of_person(reader)).await;
                    written
                        .map_err(|_| failure("busy", "too many reads wait to be written down; ask again"))?;
                }
                let searcher = Arc::clone(&self.searcher);
                let search = move |deadline| searcher.search(&query, deadline).map(AnswerBody::Ledger);
                self.read(search).await
            }
            QuestionBody::LedgerStatus(query) => {
                let (wholeness, searcher) = (Arc::clone(&self.wholeness), Arc::clone(&self.searcher));
                let served =
                    self.listeners.all().iter().map(|one| one.settings.load().name.to_string()).collect();
                let look = move |deadline| wholeness.status(&searcher, &query.listeners, served, deadline);
                self.read(move |deadline| Ok(AnswerBody::LedgerStatus(Box::new(look(deadline)?)))).await
            }
            QuestionBody::VerifyLedger => Ok(AnswerBody::VerifyLedger(Box::new(self.wholeness.verify()))),
            QuestionBody::StopVerifying => {
                Ok(AnswerBody::VerifyLedger(Box::new(self.wholeness.stop_verifying())))
            }
            QuestionBody::Sessions(query) => {
                let _place = self.look_place().await?;
                sessions::sessions(self, &query).await.map(AnswerBody::Sessions)
            }
            QuestionBody::Session(demand) => {
                let _place = self.look_place().await?;
                wishes::fulfil(self, &demand).await.map(|reply| AnswerBody::Session(Box::new(reply)))
            }
            QuestionBody::Cancel(CancelElsewhere { listener, process, key, .. }) => {
                let all = self.listeners.all();
                for one in all.iter().filter(|one| *one.settings.load().name == *listener) {
                    one.cancel(process, &key).await;
                }
                Ok(AnswerBody::Cancelled)
            }
            QuestionBody::Watch { seconds } => {
                let seconds = seconds.min(QuestionBody::WATCH_SECONDS_MAX);
                self.reports.watch(SystemTime::now(), Duration::from_secs(seconds.into()));
                Ok(AnswerBody::Watched)
            }
            QuestionBody::Drain(demand) => Ok(AnswerBody::Drain(self.drain.begin(demand).await)),
            QuestionBody::Undrain => {
                let taken = self.drain.take_back().await;
                taken.map(|()| AnswerBody::Drain(None)).map_err(|error| failure("bind", &error.to_string()))
            }
            QuestionBody::Restart(demand) => Ok(AnswerBody::Restart(self.replacement.ask(demand))),
        }
    }

    /// Reads the ledger on a thread that may block.
    async fn read(
        &self,
        look: impl FnOnce(Instant) -> Result<AnswerBody, QuestionFailure> + Send + 'static,
    ) -> Result<AnswerBody, QuestionFailure> {
        let deadline = Instant::now() + SEARCH_MAX;
        let place = tokio::time::timeout(SEARCH_MAX, Arc::clone(&self.searches).acquire_owned()).await;
        let Ok(Ok(place)) = place else {
            let message = "other searches of this ledger took all the time; ask again, or for less";
            return Err(failure("busy", message));
        };
        let searched = tokio::task::spawn_blocking(move || {
            let _place = place;
            look(deadline)
        });
        let mistake = |_| Err(failure("unreadable", "the search ended by a mistake of ours"));
        searched.await.unwrap_or_else(mistake)
    }

    async fn look_place(&self) -> Result<tokio::sync::OwnedSemaphorePermit, QuestionFailure> {
        let place = tokio::time::timeout(LOOK_MAX, Arc::clone(&self.looks).acquire_owned()).await;
        let Ok(Ok(place)) = place else {
            return Err(failure("busy", "too many look at the sessions of this gateway; ask again"));
        };
        Ok(place)
    }
}

fn failure(code: &str, message: &str) -> QuestionFailure {
    QuestionFailure { code: code.to_owned(), message: message.to_owned() }
}
