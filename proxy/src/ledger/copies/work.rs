//! How does one copy go on, whatever its place does?
//!
//! ```text
//! files of the ledger ──► next batch ──► the place ──► taken ──► cursor
//!          ▲                                │
//!          └──── back to what is taken ◄────┴── anything went wrong, after a pause
//! ```

use super::batch::{At, Batch, ledger_id};
use super::checkpoints::Checkpoints;
use super::cursor::Cursor;
use super::failure::{Failure, Patience};
use super::records::Records;
use super::sink::{Sink, Taken};
use super::state::State;
use super::{Content, LAST_MAX, paced};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch::Receiver;

/// How often it is looked for something new.
const LOOK_EVERY: Duration = paced(Duration::from_millis(500), Duration::from_millis(20));

/// Runs until the copies are closed.
pub(super) fn run(state: Arc<State>, directory: PathBuf, mut closes: Receiver<bool>) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, copy = state.settings.name, "a copy of the ledger cannot begin");
            return;
        }
    };
    runtime.block_on(async {
        let last = closes.clone();
        tokio::select! {
            () = Work::new(&state, &directory, last).run() => {}
            () = closed_for(&mut closes, LAST_MAX) => {}
        }
    });
    // A look-up of a name that does not end is left behind.
    runtime.shutdown_background();
}

/// Ends that long after the copies were closed.
async fn closed_for(closes: &mut Receiver<bool>, longest: Duration) {
    // An error says that nobody is there any more who could close them.
    let _ = closes.wait_for(|closed| *closed).await;
    tokio::time::sleep(longest).await;
}

#[derive(Debug)]
enum Source {
    Checkpoints(Checkpoints),
    Records(Records),
}

impl Source {
    fn next(&mut self) -> Result<Option<Batch>, Failure> {
        match self {
            Source::Checkpoints(checkpoints) => checkpoints.next(),
            Source::Records(records) => records.next(),
        }
    }

    fn back_to(&mut self, at: &At) {
        match self {
            Source::Checkpoints(checkpoints) => checkpoints.back_to(at),
            Source::Records(records) => records.back_to(at),
        }
    }
}

struct Work<'a> {
    state: &'a State,
    directory: &'a Path,
    closes: Receiver<bool>,
    cursor: Cursor,
    /// What the place is known to have.
    taken: At,
    source: Source,
    patience: Patience,
    /// The ledger's id, once it is known.
    ledger: Option<String>,
}

impl<'a> Work<'a> {
    fn new(state: &'a State, directory: &'a Path, closes: Receiver<bool>) -> Work<'a> {
        let settings = &state.settings;
        let cursor = Cursor::new(directory, &settings.name);
        let (taken, last_taken_us) = cursor.load(settings).unzip();
        let taken: At = taken.unwrap_or_default();
        state.begins(taken.segment, last_taken_us);
        let source = match settings.content {
            Content::Checkpoints => Source::Checkpoints(Checkpoints::new(directory, &taken)),
            Content::Records => Source::Records(Records::new(directory, &settings.name, &taken)),
        };
        let patience = Patience::default();
        Work { state, directory, closes, cursor, taken, source, patience, ledger: None }
    }

    async fn run(mut self) {
        let mut sink = match Sink::new(&self.state.settings, self.directory) {
            Ok(sink) => sink,
            Err(failure) => {
                // With the settings that were checked before this is the system's own refusal.
                self.state.went_wrong(&failure);
                self.tell(&failure);
                return;
            }
        };
        loop {
            // Looked at before the files: what was written before the close is brought away.
            let is_closing = *self.closes.borrow();
            let turned = match self.turn(&mut sink).await {
                Ok(false) if is_closing => return self.end(&mut sink).await,
                Ok(false) => self.wait(&mut sink, LOOK_EVERY).await,
                Ok(true) => Ok(()),
                Err(failure) => Err(failure),
            };
            if let Err(failure) = turned {
                if is_closing {
                    return;
                }
                self.recover(&mut sink, &failure).await;
            }
        }
    }

    /// Brings the next batch to the place; false when there is none.
    async fn turn(&mut self, sink: &mut Sink) -> Result<bool, Failure> {
        let batch = self.source.next()?;
        if let Some(batch) = &batch {
            self.state.waits(batch.since_us);
            if self.ledger.is_none() {
                self.ledger = ledger_id(self.directory);
            }
            let ledger = self.ledger.as_deref().unwrap_or_default();
            sink.send(batch, self.state.settings.content, ledger).await?;
            self.reward();
        }
        let sent = batch.as_ref().map(|batch| &batch.after);
        if let Some(taken) = sink.taken(sent.unwrap_or(&self.taken)).filter(|taken| taken.at != self.taken) {
            self.took(taken);
        }
        if batch.is_none() && sink.is_settled() {
            self.reward();
            self.state.has_all();
        }
        Ok(batch.is_some())
    }

    fn took(&mut self, taken: Taken) {
        self.cursor.save(&self.state.settings, &taken.at);
        self.state.took(taken.at.segment, taken.left);
        self.taken = taken.at;
    }

    fn reward(&mut self) {
        self.state.went_well();
        if self.patience.reward() {
            let settings = &self.state.settings;
            tracing::info!(copy = settings.name, to = settings.to, "a copy of the ledger is taken again");
        }
    }

    /// Says what went wrong, waits, and goes back to what the place is known to have.
    async fn recover(&mut self, sink: &mut Sink, failure: &Failure) {
        self.state.went_wrong(failure);
        let pause = self.tell(failure);
        sink.give_up();
        self.source.back_to(&self.taken);
        if let (Some(bytes), Source::Records(records)) = (failure.lacks_from, &mut self.source) {
            // A folder from which something was taken away gets it again, at once.
            records.back_into(self.taken.segment, bytes);
            return;
        }
        // There is nothing left to listen to: the pause cannot fail.
        let _ = self.wait(sink, pause).await;
    }

    fn tell(&mut self, failure: &Failure) -> Duration {
        let settings = &self.state.settings;
        let (is_news, pause) = self.patience.try_on(failure);
        if is_news {
            let (copy, to, error) = (&settings.name, &settings.to, failure.kind.as_str());
            if failure.kind.needs_somebody() {
                tracing::error!(
                    copy,
                    to,
                    error,
                    detail = failure.detail,
                    "a copy of the ledger is not taken: somebody has to look"
                );
            } else {
                tracing::warn!(
                    copy,
                    to,
                    error,
                    detail = failure.detail,
                    "a copy of the ledger is not taken; trying again"
                );
            }
        }
        pause
    }

    /// Waits for as long, until the place is seen to be gone, or until the copies are closed.
    async fn wait(&mut self, sink: &mut Sink, pause: Duration) -> Result<(), Failure> {
        if *self.closes.borrow() {
            return Ok(());
        }
        tokio::select! {
            rested = sink.rest(pause) => rested,
            _ = self.closes.wait_for(|closed| *closed) => Ok(()),
        }
    }

    async fn end(&mut self, sink: &mut Sink) {
        if let Some(taken) = sink.finish().await {
            self.took(taken);
        }
    }
}
