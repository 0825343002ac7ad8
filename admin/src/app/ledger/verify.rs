//! How does somebody have the data planes check their ledgers?
//!
//! A check reads a whole ledger and may take long: it is asked for here, and how it goes is told with the status.

use super::{Missing, known_planes, planes_of};
use crate::fleet::beside;
use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_store::planes::Plane;
use control::{AnswerBody, LedgerSelfCheck, QuestionBody};
use serde_json::json;
use std::time::Duration;

/// Longest wait for a data plane: it only has to say that it heard.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// What each data plane says.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The data plane's id, as people know it, and how its check goes.
    pub planes: Vec<(String, String, LedgerSelfCheck)>,
    /// Data planes that did not answer.
    pub unavailable: Vec<Missing>,
}

/// What is wanted of the data planes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A check.
    Verify,
    /// The end of one that somebody asked for.
    Stop,
}

/// Asks the data planes that have listeners of the workspace, or only one of them, and writes down that somebody did. A
/// check that the workspace did not ask for goes on, unless an admin of the instance stops it.
pub async fn verify(operation: &Operation, wish: Wish, only: Option<&str>) -> Result<Asked, Problem> {
    let mut names = planes_of(operation, &[]).await?;
    if let Some(only) = only {
        names.retain(|plane, _| plane == only);
        if names.is_empty() {
            return Err(Problem::not_found("data plane"));
        }
    }
    let known = known_planes(operation).await?;
    let asked = known.into_iter().filter(|plane| names.remove(&plane.id).is_some());
    let answers = asked.map(|plane| async move {
        let answer = ask(operation, wish, &plane).await;
        (plane, answer)
    });
    let (mut asked, mut problem) = (Asked::default(), None);
    for (plane, answer) in futures_util::future::join_all(answers).await {
        match answer {
            Ok(check) => asked.planes.push((plane.id, plane.name, check)),
            Err(error) => {
                let reason = error.detail().to_owned();
                asked.unavailable.push(Missing { plane: plane.id, name: plane.name, reason });
                problem = Some(error);
            }
        }
    }
    if asked.planes.is_empty() {
        return Err(problem.unwrap_or_else(|| {
            Problem::new(Code::Conflict, "no data plane keeps a ledger for this workspace")
                .with_hint("connect a data plane with a listener of the workspace")
        }));
    }
    let workspace = &operation.entered()?.workspace;
    let target = Target::new("ledger", workspace.id, workspace.slug.clone());
    let planes: Vec<&str> = asked.planes.iter().map(|(id, ..)| id.as_str()).collect();
    operation.begin().await?.commit(target, json!({ "planes": planes })).await?;
    Ok(asked)
}

async fn ask(operation: &Operation, wish: Wish, plane: &Plane) -> Result<LedgerSelfCheck, Problem> {
    let (workspace, fleet) = (operation.entered()?.workspace.id, &operation.app.fleet);
    let question = match wish {
        Wish::Verify => QuestionBody::VerifyLedger,
        Wish::Stop if fleet.checks.is_of(&plane.id, workspace) || operation.caller.instance().is_ok() => {
            QuestionBody::StopVerifying
        }
        Wish::Stop => {
            let said =
                format!("no check that this workspace asked for goes on at the data plane `{}`", plane.name);
            return Err(Problem::new(Code::Conflict, said)
                .with_hint("one that others asked for goes on; an admin of the instance can stop it"));
        }
    };
    let check = match fleet.ask(&plane.id, question, ANSWER_MAX).await? {
        AnswerBody::VerifyLedger(check) => *check,
        _ => return Err(beside(&plane.id)),
    };
    match wish {
        Wish::Verify => fleet.checks.asked(plane, workspace, &check),
        Wish::Stop => fleet.checks.forget(&plane.id),
    }
    Ok(check)
}
