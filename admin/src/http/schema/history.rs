//! `GET …/schema/objects/{key}/history`: with which snapshots did an object become another?

use super::diff::ChangeView;
use super::view::key;
use crate::app::schema::history::{self, Step, StepAction};
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// How an object came to be what it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct ObjectHistoryView {
    /// Snapshots that were looked at: those that are kept.
    pub snapshots: usize,
    /// Those with which it became another, the latest first.
    pub items: Vec<StepView>,
}

/// What happened to an object.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepWord {
    /// It was there already in the oldest snapshot that is kept.
    Found,
    /// The snapshot before did not have it.
    Added,
    /// It is another than in the snapshot before.
    Changed,
    /// It is no more.
    Removed,
}

/// A snapshot with which an object became another.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepView {
    /// Which.
    #[schema(format = Uuid)]
    pub snapshot: String,
    /// The snapshot before; absent for the oldest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    pub before: Option<String>,
    /// When the schema was first found to be this one.
    pub taken_at: Timestamp,
    /// What happened.
    pub action: StepWord,
    /// What of it changed, at most 200.
    pub changes: Vec<ChangeView>,
    /// Whether there are more.
    pub is_cut: bool,
}

impl StepView {
    fn of(step: Step) -> StepView {
        StepView {
            snapshot: step.snapshot.to_string(),
            before: step.before.map(|before| before.to_string()),
            taken_at: Timestamp(step.taken_at),
            action: match step.action {
                StepAction::Found => StepWord::Found,
                StepAction::Added => StepWord::Added,
                StepAction::Changed => StepWord::Changed,
                StepAction::Removed => StepWord::Removed,
            },
            changes: step.changes.into_iter().map(ChangeView::of).collect(),
            is_cut: step.is_cut,
        }
    }
}

/// Tells with which of the snapshots that are kept an object came, changed or went, and what changed of it.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/connections/{connection}/schema/objects/{key}/history",
    operation_id = "show_schema_object_history", tag = "schema",
    params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid), ("key" = String, Path, description = "The object's `key` in a list", min_length = 1, max_length = 16384)),
    responses((status = 200, description = "Its history", body = ObjectHistoryView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id, String)>,
) -> Result<Json<ObjectHistoryView>, Problem> {
    let Path((_, connection, text)) = place;
    let key = key(&text)?;
    let (steps, snapshots) = history::of_object(&operation, connection, &key).await?;
    Ok(Json(ObjectHistoryView { snapshots, items: steps.into_iter().map(StepView::of).collect() }))
}
