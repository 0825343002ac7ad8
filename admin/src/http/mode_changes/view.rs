//! How is a change of a listener's mode shown?

use crate::app::mode_changes::{Deal, Shown, deal};
use crate::http::etag;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::mode_changes::Standing;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a listener does with what the rules refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModeWord {
    /// It passes and is recorded.
    Observe,
    /// It does not pass.
    Enforce,
}

/// What became of a change of a mode.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModeStandingWord {
    /// Somebody is to approve.
    Asked,
    /// It is in force at the data planes that have taken it.
    Running,
    /// Somebody did not approve.
    Denied,
    /// Who asked has taken it back.
    Withdrawn,
    /// Nobody approved in time.
    Lapsed,
    /// Somebody ended it before its time.
    Ended,
    /// Its time was up.
    Over,
}

/// Somebody who had to do with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModePersonView {
    /// The user's id.
    #[schema(format = Uuid)]
    pub id: String,
    /// The name; absent where there is no account any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Another mode of a listener for a stated time.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModeChangeView {
    /// The id; the ledger names it.
    #[schema(format = Uuid)]
    pub id: String,
    /// The mode meanwhile.
    pub mode: ModeWord,
    /// How long, in minutes.
    pub minutes: i64,
    /// Why.
    pub reason: String,
    /// What became of it.
    pub standing: ModeStandingWord,
    /// Who asked.
    pub asked_by: ModePersonView,
    /// When.
    pub asked_at: Timestamp,
    /// Nobody can approve after this.
    pub lapses_at: Timestamp,
    /// Who approved or denied; absent where nobody had to, or nobody has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<ModePersonView>,
    /// When it ends at the latest; absent before it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Who ended it before its time, or took it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<ModePersonView>,
    /// What a change must name in `If-Match`, in quotes.
    pub version: i64,
}

impl ModeChangeView {
    /// As it is shown.
    pub(crate) fn of(shown: Shown) -> ModeChangeView {
        let Shown { change, people } = shown;
        let person = |id: Id| ModePersonView { id: id.to_string(), name: people.get(&id).cloned() };
        ModeChangeView {
            id: change.id.to_string(),
            mode: if change.enforces { ModeWord::Enforce } else { ModeWord::Observe },
            minutes: change.seconds / 60,
            reason: change.reason,
            standing: match change.standing {
                Standing::Asked => ModeStandingWord::Asked,
                Standing::Running => ModeStandingWord::Running,
                Standing::Denied => ModeStandingWord::Denied,
                Standing::Withdrawn => ModeStandingWord::Withdrawn,
                Standing::Lapsed => ModeStandingWord::Lapsed,
                Standing::Ended => ModeStandingWord::Ended,
                Standing::Over => ModeStandingWord::Over,
            },
            asked_by: person(change.asked_by),
            asked_at: Timestamp(change.asked_at),
            lapses_at: Timestamp(change.lapses_at),
            decided_by: change.decided_by.map(person),
            until: change.until_at.map(Timestamp),
            ended_by: change.ended_by.map(person),
            version: change.version,
        }
    }
}

/// Deals with a change and answers with it.
pub(super) async fn dealt(
    operation: &Operation,
    (listener, id): (&str, Id),
    headers: &HeaderMap,
    how: Deal,
) -> Result<Response, Problem> {
    let shown = deal(operation, listener, id, etag::expected(headers)?, how).await?;
    Ok(etag::answer(StatusCode::OK, shown.change.version, ModeChangeView::of(shown)))
}
