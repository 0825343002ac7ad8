//! How does a data plane take no more sessions, and take them again?
//!
//! It is asked, and does it by itself: what it was told holds whether or not this control plane is there afterwards, until
//! it is told otherwise or another process takes its place.

use super::reasons;
use crate::fleet::beside;
use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_store::activity::Outcome;
use admin_store::planes::{self, Plane};
use control::{AnswerBody, DrainDemand, DrainState, QuestionBody};
use serde_json::{Value, json};
use std::time::Duration;

/// How long it goes on accepting where nobody says: three looks of a balancer that looks every five seconds.
pub const ACCEPT_SECONDS_USUAL: u32 = 15;
/// Longest that a data plane takes to answer: what is asked is done at once.
const ANSWER_MAX: Duration = Duration::from_secs(8);

/// How a data plane is to be drained.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Why.
    pub reason: String,
    /// For so long it goes on accepting.
    pub accept_seconds: u32,
    /// So long after that idle sessions are ended; `None` for never.
    pub end_idle_after_seconds: Option<u32>,
}

/// Has a data plane take no more sessions.
pub async fn drain(operation: &Operation, id: &str, wanted: Wanted) -> Result<Option<DrainState>, Problem> {
    let reason = reasons::checked(&wanted.reason)?;
    let demand = checked(&wanted)?;
    let plane = capable(operation, id).await?;
    let details = json!({
        "reason": reason, "accept_seconds": demand.accept_seconds,
        "end_idle_after_seconds": demand.end_idle_after_seconds,
    });
    asked(operation, &plane, QuestionBody::Drain(demand), details).await
}

/// Has a data plane take sessions again.
pub async fn take_back(operation: &Operation, id: &str, reason: &str) -> Result<Option<DrainState>, Problem> {
    let reason = reasons::checked(reason)?;
    let plane = capable(operation, id).await?;
    asked(operation, &plane, QuestionBody::Undrain, json!({ "reason": reason })).await
}

fn checked(wanted: &Wanted) -> Result<DrainDemand, Problem> {
    let (accept_max, idle_max) = (DrainDemand::ACCEPT_SECONDS_MAX, DrainDemand::END_IDLE_SECONDS_MAX);
    if wanted.accept_seconds > accept_max {
        return Err(Problem::invalid("accept_seconds", format!("must be 0 to {accept_max}")));
    }
    if wanted.end_idle_after_seconds.is_some_and(|seconds| seconds > idle_max) {
        return Err(Problem::invalid("end_idle_after_seconds", format!("must be 0 to {idle_max}")));
    }
    Ok(DrainDemand {
        accept_seconds: wanted.accept_seconds,
        end_idle_after_seconds: wanted.end_idle_after_seconds,
    })
}

/// The data plane, which knows the question: an earlier version would not understand it.
async fn capable(operation: &Operation, id: &str) -> Result<Plane, Problem> {
    let mut tx = operation.read().await?;
    let plane = planes::one(&mut tx, id).await?;
    tx.commit().await?;
    if plane.replacement.is_none() {
        let message =
            format!("the data plane `{}` is of a version that cannot be drained from here", plane.name);
        return Err(Problem::new(Code::Conflict, message)
            .with_hint("take it out of its balancer by hand, or bring it to this version first"));
    }
    Ok(plane)
}

/// Asks, and writes down what came of it.
async fn asked(
    operation: &Operation,
    plane: &Plane,
    question: QuestionBody,
    details: Value,
) -> Result<Option<DrainState>, Problem> {
    let answer = match operation.app.fleet.ask(&plane.id, question, ANSWER_MAX).await {
        Ok(AnswerBody::Drain(state)) => Ok(state),
        Ok(_) => Err(beside(&plane.id)),
        Err(problem) => Err(problem),
    };
    let outcome = if answer.is_ok() { Outcome::Done } else { Outcome::Failed };
    let change = operation.begin().await?;
    change.commit_as(outcome, Target::new("plane", &plane.id, &plane.name), details).await?;
    answer
}
