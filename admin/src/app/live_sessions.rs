//! Which sessions are open now behind the listeners of a workspace, and who ends one?
//!
//! The data planes are asked each time: nothing of it is kept. A session is looked for within the workspace
//! only; what is another's is not there.

use super::ledger::{Missing, known_planes, planes_of};
use crate::fleet::beside;
use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_store::Id;
use admin_store::planes::Plane;
use admin_store::principals::{self, Meaning};
use control::{
    AnswerBody, LiveQuery, LiveSession, QuestionBody, SessionDemand, SessionReply, SessionTold, Wish,
};
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration;

/// Longest wait for the sessions of a data plane: whoever watches asks again soon.
const LOOK_MAX: Duration = Duration::from_millis(950);
/// Longest wait for what becomes of a session.
const CONTROL_MAX: Duration = Duration::from_secs(8);
/// Names of callers that are looked up for one answer.
const NAMES_MAX: usize = 500;
/// Longest reason, in characters.
const REASON_MAX: usize = 500;

/// A session and where it is.
#[derive(Clone, Debug)]
pub struct Open {
    /// The data plane's id.
    pub plane: String,
    /// As people know it.
    pub plane_name: String,
    /// The session.
    pub session: LiveSession,
    /// Who its caller is, where the workspace has linked the name.
    pub principal: Option<Meaning>,
}

/// What is open now.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// Sessions: those that run something first.
    pub open: Vec<Open>,
    /// How many there are.
    pub total: u64,
    /// Data planes that did not answer.
    pub unavailable: Vec<Missing>,
}

/// What became of a session.
#[derive(Clone, Debug)]
pub struct Controlled {
    /// The data plane's id.
    pub plane: String,
    /// As people know it.
    pub plane_name: String,
    /// The session and what it ran.
    pub told: SessionTold,
}

/// The sessions that are open now.
pub async fn list(operation: &Operation, listener: Option<String>, limit: u32) -> Result<Live, Problem> {
    let only: Vec<String> = listener.into_iter().collect();
    let asked = asked(operation, &only).await?;
    let workspace = &operation.entered()?.workspace;
    let answers = asked.into_iter().map(|(plane, listeners)| async move {
        let query = LiveQuery { workspace: workspace.slug.clone(), listeners, limit };
        let answer = match operation.app.fleet.ask(&plane.id, QuestionBody::Sessions(query), LOOK_MAX).await {
            Ok(AnswerBody::Sessions(sessions)) => Ok(sessions),
            Ok(_) => Err(beside(&plane.id)),
            Err(problem) => Err(problem),
        };
        (plane, answer)
    });
    let (mut live, mut answered, mut problem) = (Live::default(), false, None);
    for (plane, answer) in futures_util::future::join_all(answers).await {
        match answer {
            Ok(sessions) => {
                answered = true;
                live.total += sessions.total;
                // Looked at once more, whatever a data plane says.
                let own = sessions.sessions.into_iter().filter(|one| one.workspace == workspace.slug);
                live.open.extend(own.map(|session| Open {
                    plane: plane.id.clone(),
                    plane_name: plane.name.clone(),
                    session,
                    principal: None,
                }));
            }
            Err(error) => {
                let reason = error.detail().to_owned();
                live.unavailable.push(Missing { plane: plane.id, name: plane.name, reason });
                problem = Some(error);
            }
        }
    }
    if let Some(problem) = problem.filter(|_| !answered) {
        return Err(problem);
    }
    live.open.sort_by_key(|open| {
        let session = &open.session;
        let since = session.current.as_ref().map_or(session.state_since_us, |current| current.started_at_us);
        (session.state, since, session.session.clone())
    });
    live.open.truncate(limit as usize);
    name(operation, workspace.id, &mut live.open).await?;
    Ok(live)
}

/// The planes to ask, each with the names of its listeners.
async fn asked(operation: &Operation, only: &[String]) -> Result<Vec<(Plane, Vec<String>)>, Problem> {
    let mut names = planes_of(operation, only).await?;
    if !only.is_empty() && names.is_empty() {
        return Err(Problem::not_found("listener"));
    }
    let known = known_planes(operation).await?;
    Ok(known.into_iter().filter_map(|plane| names.remove(&plane.id).map(|names| (plane, names))).collect())
}

/// Says who the callers are.
async fn name(operation: &Operation, workspace: Id, open: &mut [Open]) -> Result<(), Problem> {
    let mut known: HashMap<(String, String, String), Option<Meaning>> = HashMap::new();
    let mut tx = operation.read().await?;
    for one in open {
        let session = &one.session;
        let key = (session.listener.clone(), session.user.clone(), session.application.clone());
        if let Some(meaning) = known.get(&key) {
            one.principal = meaning.clone();
        } else if known.len() < NAMES_MAX {
            let found = principals::resolve(&mut tx, workspace, &key.0, &key.1, &key.2).await?;
            one.principal = found.map(|principal| principal.meaning);
            known.insert(key, one.principal.clone());
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Cancels what a session runs, or ends the session; who did and why is written into the activity.
pub async fn control(
    operation: &Operation,
    session: Id,
    wish: Wish,
    reason: Option<String>,
) -> Result<Controlled, Problem> {
    let reason = reason.map(|reason| reason.trim().to_owned());
    if let Some(reason) = &reason
        && (reason.is_empty() || reason.chars().count() > REASON_MAX)
    {
        return Err(Problem::invalid("reason", format!("must have 1 to {REASON_MAX} characters")));
    }
    let asked = asked(operation, &[]).await?;
    let workspace = &operation.entered()?.workspace.slug;
    let answers = asked.into_iter().map(|(plane, listeners)| async move {
        let session = session.to_string();
        let demand = SessionDemand { workspace: workspace.clone(), listeners, session, wish };
        let answer =
            match operation.app.fleet.ask(&plane.id, QuestionBody::Session(demand), CONTROL_MAX).await {
                Ok(AnswerBody::Session(reply)) => Ok(*reply),
                Ok(_) => Err(beside(&plane.id)),
                Err(problem) => Err(problem),
            };
        (plane, answer)
    });
    let mut problem = None;
    for (plane, answer) in futures_util::future::join_all(answers).await {
        match answer {
            Ok(SessionReply::NotHere) => {}
            Ok(SessionReply::Done(told)) => {
                let controlled = Controlled { plane: plane.id, plane_name: plane.name, told };
                write_down(operation, session, &controlled, reason).await?;
                return Ok(controlled);
            }
            Ok(SessionReply::NothingRuns(_)) => {
                return Err(Problem::new(Code::Conflict, "the session runs nothing that could be cancelled")
                    .with_hint(
                        "look at it as it is now; to end an open transaction, terminate the session",
                    ));
            }
            Ok(SessionReply::Cannot(_, why)) => {
                return Err(Problem::new(Code::Conflict, why)
                    .with_hint("terminate the session: its connections are closed"));
            }
            Err(error) => problem = Some(error),
        }
    }
    // Nobody can say that a session is not there while somebody who may have it is away.
    Err(problem.unwrap_or_else(|| Problem::not_found("session")))
}

async fn write_down(
    operation: &Operation,
    session: Id,
    controlled: &Controlled,
    reason: Option<String>,
) -> Result<(), Problem> {
    let told = &controlled.told;
    let mut details = json!({
        "plane": controlled.plane, "listener": told.listener, "user": told.user, "database": told.database,
        "application": told.application,
    });
    if let Some(fields) = details.as_object_mut() {
        if let Some(statement) = &told.statement {
            fields.insert("fingerprint".to_owned(), json!(statement.fingerprint));
        }
        if let Some(reason) = reason {
            fields.insert("reason".to_owned(), json!(reason));
        }
    }
    let label = format!("{}@{}", told.user, told.listener);
    operation.begin().await?.commit(Target::new("live_session", session, label), details).await
}
