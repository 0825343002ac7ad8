//! What is kept in memory between questions, and how is a question answered with it?

use super::codec::decode;
use super::fold::Told;
use super::known::{self, Known};
use super::page::TrafficPage;
use super::pages::{list_placeholders, lists, load_some};
use super::span::{Plan, Segment};
use super::top::TopAnswer;
use super::{Level, compute, epoch};
use crate::row::Values;
use crate::{Result, Tx};
use sqlx::AssertSqlSafe;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

/// Answers that are kept, and the rows of the largest that is.
const ANSWERS_MAX: usize = 128;
const ANSWER_ROWS_MAX: usize = 100;

/// Which page.
type Key = (i64, Level, i64);

/// Answers questions about the traffic. Holds decoded pages up to a number of bytes and an index of the
/// fingerprints; both follow the state by version, so that any number of nodes may write. Cheap to clone:
/// clones share what they hold.
#[derive(Clone, Debug)]
pub struct TrafficReader {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    known: RwLock<Known>,
    pages: Mutex<Pages>,
    answers: Mutex<Answers>,
    /// Lets one at a time read what is new.
    refreshing: tokio::sync::Mutex<()>,
}

/// Answers to questions, as of one moment of the state.
#[derive(Debug, Default)]
struct Answers {
    epoch: i64,
    answers: HashMap<String, TopAnswer>,
}

/// Decoded pages.
#[derive(Debug, Default)]
struct Pages {
    pages: HashMap<Key, Held>,
    bytes: usize,
    bytes_max: usize,
    /// Counts uses, so that it is known which page was used last.
    uses: u64,
}

#[derive(Debug)]
struct Held {
    version: i64,
    used: u64,
    page: Arc<TrafficPage>,
}

impl Pages {
    fn find(&mut self, key: Key, version: i64) -> Option<Arc<TrafficPage>> {
        self.uses += 1;
        let held = self.pages.get_mut(&key).filter(|held| held.version == version)?;
        held.used = self.uses;
        Some(Arc::clone(&held.page))
    }

    fn hold(&mut self, key: Key, version: i64, page: &Arc<TrafficPage>) {
        self.uses += 1;
        self.bytes += page.bytes();
        let held = Held { version, used: self.uses, page: Arc::clone(page) };
        if let Some(before) = self.pages.insert(key, held) {
            self.bytes -= before.page.bytes();
        }
        if self.bytes > self.bytes_max {
            self.let_go();
        }
    }

    /// Lets go of those that were not used for longest, an eighth more than needed.
    fn let_go(&mut self) {
        let mut by_use: Vec<(u64, Key)> = self.pages.iter().map(|(key, held)| (held.used, *key)).collect();
        by_use.sort_unstable();
        for (_, key) in by_use {
            if self.bytes <= self.bytes_max - self.bytes_max / 8 {
                return;
            }
            if let Some(gone) = self.pages.remove(&key) {
                self.bytes -= gone.page.bytes();
            }
        }
    }
}

impl TrafficReader {
    /// Pages held that way by default: 30 days of three busy listeners and their last two days by the hour.
    pub const BYTES_MAX: usize = 192 << 20;

    /// A reader that holds pages of `bytes_max` bytes in all, about.
    pub fn new(bytes_max: usize) -> TrafficReader {
        TrafficReader {
            inner: Arc::new(Inner {
                known: RwLock::default(),
                pages: Mutex::new(Pages { bytes_max, ..Pages::default() }),
                answers: Mutex::default(),
                refreshing: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// Takes in fingerprints that are new since. Every question does it; done once at the start, the first
    /// question does not wait for all of them. Returns the number of the last transaction that wrote.
    pub async fn refresh(&self, tx: &mut Tx) -> Result<i64> {
        let epoch = epoch(tx).await?;
        if epoch <= self.known().since().epoch() {
            return Ok(epoch);
        }
        let _one = self.inner.refreshing.lock().await;
        let since = self.known().since();
        if let Some(news) = known::news(tx, since).await? {
            let inner = Arc::clone(&self.inner);
            compute(move || {
                inner.known.write().unwrap_or_else(PoisonError::into_inner).take(news);
                Ok(())
            })
            .await?;
        }
        Ok(epoch)
    }

    /// The answer to the same question, if nothing was written since.
    pub(crate) fn answered(&self, epoch: i64, question: &str) -> Option<TopAnswer> {
        let answers = self.inner.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.answers.get(question).filter(|_| answers.epoch == epoch).cloned()
    }

    /// Keeps an answer until something is written: many people look at the same page.
    pub(crate) fn keep(&self, epoch: i64, question: String, answer: &TopAnswer) {
        let mut answers = self.inner.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.epoch != epoch || answers.answers.len() >= ANSWERS_MAX {
            answers.answers.clear();
            answers.epoch = epoch;
        }
        if answer.rows.len() <= ANSWER_ROWS_MAX {
            answers.answers.insert(question, answer.clone());
        }
    }

    /// What is known; held for as long as something is computed, never over an await.
    pub(crate) fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.inner.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Pages> {
        self.inner.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Pages of a plan, those of one listener and level ascending.
    pub(crate) async fn pages(&self, tx: &mut Tx, plan: &Plan) -> Result<Vec<Told>> {
        let mut told = Vec::new();
        for (segment, listeners) in &plan.segments {
            self.segment(tx, *segment, listeners, &mut told).await?;
        }
        Ok(told)
    }

    /// Pages of a segment.
    pub(crate) async fn segment(
        &self,
        tx: &mut Tx,
        segment: Segment,
        listeners: &[i64],
        told: &mut Vec<Told>,
    ) -> Result<()> {
        let mut missing: HashMap<i64, Vec<i64>> = HashMap::new();
        for list in lists(listeners) {
            let text = format!(
                "SELECT listener, start, version FROM traffic_pages \
                 WHERE level = $1 AND start >= $2 AND start < $3 AND listener IN {}",
                list_placeholders(4)
            );
            let mut query = sqlx::query(AssertSqlSafe(text))
                .bind(segment.level.number())
                .bind(segment.from)
                .bind(segment.until);
            for listener in list {
                query = query.bind(listener);
            }
            let rows = query.fetch_all(tx.on()).await?;
            let mut held = self.held();
            for row in &rows {
                let (listener, start, version) =
                    (row.int("listener")?, row.int("start")?, row.int("version")?);
                match held.find((listener, segment.level, start), version) {
                    Some(page) => told.push(Told { listener, start, page }),
                    None => missing.entry(listener).or_default().push(start),
                }
            }
        }
        for (listener, starts) in missing {
            let found = load_some(tx, listener, segment.level, &starts).await?;
            let decoded = compute(move || {
                let decoded = found
                    .into_iter()
                    .map(|(start, version, bytes)| Ok((start, version, Arc::new(decode(&bytes)?))));
                decoded.collect::<Result<Vec<_>>>()
            })
            .await?;
            let mut held = self.held();
            for (start, version, page) in decoded {
                held.hold((listener, segment.level, start), version, &page);
                told.push(Told { listener, start, page });
            }
        }
        Ok(())
    }
}

impl Default for TrafficReader {
    fn default() -> TrafficReader {
        TrafficReader::new(TrafficReader::BYTES_MAX)
    }
}
