//! `POST /api/v1/workspaces/{workspace}/live-sessions/{session}/cancel`: cancels what a session runs.

use crate::app::live_sessions::{self, Controlled};
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::http::traffic::sums::CallerView;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::StatusCode;
use control::Wish;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlInput {
    /// Why it is done; it is kept in the activity.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "blocks the release")]
    pub reason: Option<String>,
}

/// A statement that was under way.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ControlledStatementView {
    /// Its shape.
    pub fingerprint: String,
    /// Its text without literals, at most 2,000 characters.
    pub text: String,
    /// Whether the text is longer.
    pub is_text_cut: bool,
}

/// The session it was done to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ControlledView {
    /// Its UUID.
    #[schema(value_type = String, format = Uuid)]
    pub session: Id,
    /// The data plane it goes through.
    pub plane: String,
    /// That one's name.
    pub plane_name: String,
    /// Its listener.
    pub listener: String,
    /// Who.
    pub caller: CallerView,
    /// What was under way; absent when nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<ControlledStatementView>,
}

impl ControlledView {
    /// As it is shown.
    pub(super) fn of(session: Id, controlled: Controlled) -> ControlledView {
        let told = controlled.told;
        ControlledView {
            session,
            plane: controlled.plane,
            plane_name: controlled.plane_name,
            listener: told.listener,
            caller: CallerView { user: told.user, database: told.database, application: told.application },
            statement: told.statement.map(|statement| ControlledStatementView {
                fingerprint: statement.fingerprint,
                text: statement.text,
                is_text_cut: statement.is_text_cut,
            }),
        }
    }
}

/// Cancels what a session runs now, as its client could itself: the server ends the statement with an error, and
/// the session goes on. The key for that stays in the data plane; a MySQL server is told by the listener's probe. A
/// session that runs nothing is a conflict, and so is one of MySQL whose listener has no probe.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/live-sessions/{session}/cancel",
    operation_id = "cancel_live_session", tag = "live sessions",
    params(InWorkspace, ("session" = String, Path, description = "Which session", format = Uuid)),
    request_body = ControlInput,
    responses((status = 202, description = "The server was told to stop", body = ControlledView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Json(input): Json<ControlInput>,
) -> Result<(StatusCode, axum::Json<ControlledView>), Problem> {
    let Path((_, session)) = place;
    let controlled = live_sessions::control(&operation, session, Wish::Cancel, input.reason).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(ControlledView::of(session, controlled))))
}
