//! How is somebody's wish about a session fulfilled?

use super::sessions::statement;
use super::{Answers, failure};
use ::control::{QuestionFailure, SessionDemand, SessionReply, SessionTold, Wish};
use exchange::{Protocol, SessionId};
use relay::control::{Demand, Outcome};
use relay::sight::SessionSight;

/// Cancels what a session runs, or ends it.
pub(super) async fn fulfil(
    answers: &Answers,
    demand: &SessionDemand,
) -> Result<SessionReply, QuestionFailure> {
    let Ok(session) = uuid::Uuid::parse_str(&demand.session) else { return Ok(SessionReply::NotHere) };
    let wish = match demand.wish {
        Wish::Cancel => relay::control::Wish::Cancel,
        Wish::Terminate => relay::control::Wish::Terminate,
    };
    let wanted = Demand {
        session: SessionId(session.as_u128()),
        workspace: demand.workspace.as_str().into(),
        listeners: demand.listeners.iter().map(|name| name.as_str().into()).collect(),
        wish,
    };
    let outcome = answers.threads.control(wanted).await;
    if let Outcome::Done(sight) = &outcome {
        tracing::warn!(
            listener = &*sight.session.listener,
            session = %sight.session.id,
            wish = ?demand.wish,
            "somebody of the control plane controlled a session"
        );
    }
    Ok(match outcome {
        Outcome::NotHere => SessionReply::NotHere,
        Outcome::Done(sight) => SessionReply::Done(told(&sight)),
        Outcome::NothingRuns(sight) => SessionReply::NothingRuns(told(&sight)),
        Outcome::NoKey(sight) => {
            let reason = match sight.session.protocol {
                Protocol::Mysql => {
                    "MySQL cancels only for another login, and the listener had none when this session began: \
                     `[listener.probe]` names one, which needs the privilege CONNECTION ADMIN (MariaDB) or \
                     CONNECTION_ADMIN (MySQL)"
                }
                Protocol::Postgres => "the server gave out no key to cancel this session by",
            };
            SessionReply::Cannot(told(&sight), reason.to_owned())
        }
        Outcome::NotDelivered(_, reason) => return Err(failure("undelivered", &reason)),
    })
}

fn told(sight: &SessionSight) -> SessionTold {
    let principal = &sight.session.principal;
    SessionTold {
        listener: sight.session.listener.to_string(),
        user: principal.user.to_string(),
        database: principal.database.to_string(),
        application: principal.application.to_string(),
        statement: sight.current.as_ref().map(|current| statement(current, super::sessions::now_us())),
    }
}
