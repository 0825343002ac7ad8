//! How does somebody take a copy of what the ledgers say?
//!
//! Part by part, each asked for when the one before was taken: a copy of a hundred thousand records never is in
//! memory. That it was asked for is written down before its first record leaves. A copy is made by a task of its
//! own, which ends in time whether or not somebody takes what it makes.

use super::copies::Turn;
use super::readers::{Handed, reader};
use super::{Answer, Asked, Found, Missing, ask, conditions, is_of_instance, write_down};
use crate::operation::Operation;
use crate::problem::Problem;
use control::LedgerQuery;
use futures_util::stream::{self, try_unfold};
use futures_util::{Stream, TryStreamExt};
use serde_json::json;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

/// Most records of one copy.
pub const RECORDS_MAX: u32 = 100_000;
/// Longest one copy takes; what is older is left out, and the end says so.
const COPY_MAX: Duration = Duration::from_secs(300);
/// How much longer its reader may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Parts that wait to be taken: the first of them goes out while the next is asked for.
const PARTS_AHEAD: usize = 1;

/// A part of a copy.
#[derive(Debug)]
pub enum Part {
    /// Records, newest first.
    Records(Vec<Found>),
    /// That was all there is of it.
    End(End),
}

/// How a copy ended.
#[derive(Clone, Debug, Default)]
pub struct End {
    /// Records in it.
    pub records: u64,
    /// Whether there were more.
    pub cut: bool,
    /// Data planes whose records are missing in some part.
    pub incomplete: Vec<Missing>,
}

struct Copying {
    operation: Operation,
    asked: Asked,
    left: u32,
    end: End,
    until: Instant,
}

enum Step {
    /// What was asked for already, and what follows.
    Told(Answer, Copying),
    Ask(Copying),
    Ended,
}

/// Begins a copy. What is wrong with the question is told here, before anything was sent.
pub async fn export(
    operation: &Operation,
    mut asked: Asked,
    records_max: u32,
    format: &str,
) -> Result<impl Stream<Item = Result<Part, Problem>> + Send + 'static, Problem> {
    if asked.query.gateway {
        is_of_instance(operation)?;
    }
    let turn = operation.app.fleet.copies.take(operation.person()?.user.id)?;
    let mut details = conditions(&asked);
    asked.limit = records_max.min(LedgerQuery::RECORDS_MAX);
    asked.query.reader = Some(reader(operation, &details, Handed::Taken(format)).await?);
    let first = ask(operation, asked.clone()).await?;
    asked.query.reader = None;
    details.insert("format".to_owned(), json!(format));
    details.insert("records_max".to_owned(), json!(records_max));
    write_down(operation, details).await?;
    let until = Instant::now() + COPY_MAX;
    let copying =
        Copying { operation: operation.clone(), asked, left: records_max, end: End::default(), until };
    let (parts, taken) = mpsc::channel(PARTS_AHEAD);
    tokio::spawn(make(Step::Told(first, copying), until + PATIENCE, parts, turn));
    Ok(stream::unfold(taken, async |mut taken| taken.recv().await.map(|part| (part, taken))))
}

/// Makes the parts until all are taken, nobody takes them any more, or the time is up: then the copy has no last
/// line, by which its reader knows.
async fn make(first: Step, until: Instant, parts: mpsc::Sender<Result<Part, Problem>>, turn: Turn) {
    let all = async {
        let mut steps = pin!(try_unfold(first, step));
        loop {
            let part = match steps.try_next().await {
                Ok(None) => return,
                Ok(Some(part)) => Ok(part),
                Err(problem) => Err(problem),
            };
            if parts.send(part).await.is_err() {
                return;
            }
        }
    };
    // Whoever does not take what is made has been told nothing of an end.
    let _ = timeout_at(until, all).await;
    drop(turn);
}

async fn step(step: Step) -> Result<Option<(Part, Step)>, Problem> {
    let (answer, mut copying) = match step {
        Step::Told(answer, copying) => (answer, copying),
        Step::Ask(mut copying) => {
            copying.asked.limit = copying.left.min(LedgerQuery::RECORDS_MAX);
            (ask(&copying.operation, copying.asked.clone()).await?, copying)
        }
        Step::Ended => return Ok(None),
    };
    if !answer.found.is_empty() {
        copying.left = copying.left.saturating_sub(u32::try_from(answer.found.len()).unwrap_or(u32::MAX));
        copying.end.records += answer.found.len() as u64;
    }
    for missing in answer.incomplete {
        if !copying.end.incomplete.iter().any(|known| known.plane == missing.plane) {
            copying.end.incomplete.push(missing);
        }
    }
    copying.asked.after = answer.next;
    let is_over = answer.next.is_none() || copying.left == 0 || Instant::now() >= copying.until;
    if !is_over {
        return Ok(Some((Part::Records(answer.found), Step::Ask(copying))));
    }
    if answer.found.is_empty() {
        copying.end.cut = answer.next.is_some();
        return Ok(Some((Part::End(copying.end), Step::Ended)));
    }
    // Once more around, for the end.
    let rest = Answer { next: answer.next, ..Answer::default() };
    Ok(Some((Part::Records(answer.found), Step::Told(rest, Copying { left: 0, ..copying }))))
}
