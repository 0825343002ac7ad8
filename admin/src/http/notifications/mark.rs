//! `POST /api/v1/workspaces/{workspace}/notifications/marks`: says what somebody has read.

use crate::app::notifications::{self, MARKED_MAX, Marked};
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

/// What somebody says of notifications.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarkWord {
    /// They are read.
    Read,
    /// They are not.
    Unread,
    /// The latest of them is read, and all that came before.
    ReadAndBefore,
}

/// What somebody has read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MarksDraft {
    /// Which.
    #[schema(value_type = Vec<uuid::Uuid>, min_items = 1, max_items = 200)]
    pub notifications: Vec<Id>,
    /// What of them.
    pub mark: MarkWord,
}

/// Marks notifications as read or not read, for who asks.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/notifications/marks", operation_id = "mark_notifications", tag = "notifications",
    params(InWorkspace), request_body = MarksDraft, responses((status = 204, description = "They are marked")))]
pub async fn handle(operation: Operation, Json(draft): Json<MarksDraft>) -> Result<StatusCode, Problem> {
    let Some(latest) = draft.notifications.iter().copied().max() else {
        return Err(Problem::invalid("notifications", "must name at least one"));
    };
    if draft.notifications.len() > MARKED_MAX {
        return Err(Problem::invalid("notifications", format!("must be at most {MARKED_MAX}")));
    }
    let marked = match draft.mark {
        MarkWord::ReadAndBefore => Marked::Until(latest),
        MarkWord::Read => Marked::These(draft.notifications, true),
        MarkWord::Unread => Marked::These(draft.notifications, false),
    };
    notifications::mark(&operation, marked).await?;
    Ok(StatusCode::NO_CONTENT)
}
