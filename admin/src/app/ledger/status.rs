//! How whole are the ledgers, as far as their data planes know?

use super::{Missing, known_planes, planes_of};
use crate::access::Action;
use crate::fleet::beside;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::activity::{self, Filter};
use control::{AnswerBody, LedgerStatus, LedgerStatusQuery, QuestionBody};
use std::time::Duration;

/// Longest wait for a data plane: it looks for the newest record of each listener.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// What each data plane says of its ledger.
#[derive(Clone, Debug, Default)]
pub struct Statuses {
    /// The data plane's id, as people know it, and what it says.
    pub planes: Vec<(String, String, LedgerStatus)>,
    /// Data planes that did not answer.
    pub unavailable: Vec<Missing>,
    /// When somebody here last had them checked, and what that person is called now.
    pub asked: Option<(i64, Option<String>)>,
}

/// Asks the data planes that have listeners of the workspace.
pub async fn status(operation: &Operation) -> Result<Statuses, Problem> {
    let mut names = planes_of(operation, &[]).await?;
    let known = known_planes(operation).await?;
    let asked = known.into_iter().filter_map(|plane| Some((names.remove(&plane.id)?, plane)));
    let answers = asked.map(|(listeners, plane)| async move {
        let body = QuestionBody::LedgerStatus(LedgerStatusQuery { listeners });
        let answer = match operation.app.fleet.ask(&plane.id, body, ANSWER_MAX).await {
            Ok(AnswerBody::LedgerStatus(status)) => Ok(*status),
            Ok(_) => Err(beside(&plane.id)),
            Err(problem) => Err(problem),
        };
        (plane, answer)
    });
    let mut statuses = Statuses { asked: last_asked(operation).await?, ..Statuses::default() };
    for (plane, answer) in futures_util::future::join_all(answers).await {
        match answer {
            Ok(status) => statuses.planes.push((plane.id, plane.name, status)),
            Err(problem) => {
                let reason = problem.detail().to_owned();
                statuses.unavailable.push(Missing { plane: plane.id, name: plane.name, reason });
            }
        }
    }
    Ok(statuses)
}

/// Who last had the ledgers checked, as the activity tells.
async fn last_asked(operation: &Operation) -> Result<Option<(i64, Option<String>)>, Problem> {
    let filter = Filter {
        workspace: Some(operation.entered()?.workspace.id),
        action: Some(Action::VerifyLedger.as_str().to_owned()),
        outcome: Some(activity::Outcome::Done),
        ..Filter::default()
    };
    let mut tx = operation.read().await?;
    let page = activity::list(&mut tx, &filter, None, 1).await?;
    tx.commit().await?;
    Ok(page.items.into_iter().next().map(|entry| (entry.at, entry.actor_name)))
}
