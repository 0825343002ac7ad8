//! `GET /api/v1/workspaces/{workspace}/runs/{run}`: one run.

use crate::app::runs::history;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_engines::Truncation;
use admin_store::Id;
use admin_store::runs::Run;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// A run.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunView {
    /// What it is found by.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// On which connection; it may be gone.
    #[schema(value_type = String, format = Uuid)]
    pub connection: Id,
    /// By whom.
    #[schema(value_type = String, format = Uuid)]
    pub user: Id,
    /// Of which saved query; it may be gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub saved_query: Option<Id>,
    /// The statement as it was written.
    pub sql: String,
    /// What the rules said: `allow`, `refuse`.
    pub verdict: String,
    /// `running`, `done`, `failed`, `cancelled`, `refused`.
    pub state: String,
    /// Rows that came.
    pub rows: i64,
    /// Bytes of their values.
    pub bytes: i64,
    /// Which bound cut the result, `rows` or `bytes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub truncated: Option<Truncation>,
    /// How long it took, with connecting, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_us: Option<i64>,
    /// Which kind of error ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_class: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

impl RunView {
    /// As people see it.
    pub(crate) fn of(run: Run) -> RunView {
        let truncated = history::truncation(&run);
        RunView {
            id: run.id,
            connection: run.connection,
            user: run.user,
            saved_query: run.saved_query,
            sql: run.text,
            verdict: run.verdict,
            state: run.state.word().to_owned(),
            rows: run.rows,
            bytes: run.bytes,
            truncated,
            elapsed_us: run.elapsed_us,
            error_class: run.error_class.filter(|_| truncated.is_none()),
            started_at: Timestamp(run.started_at),
            finished_at: run.finished_at.map(Timestamp),
        }
    }
}

/// Shows one of one's own runs, or anybody's to who may see what people did.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/runs/{run}", operation_id = "show_run", tag = "runs",
    params(InWorkspace, ("run" = String, Path, description = "Which run", format = Uuid)),
    responses((status = 200, description = "The run", body = RunView)))]
pub async fn handle(operation: Operation, place: Path<(String, Id)>) -> Result<Json<RunView>, Problem> {
    let Path((_, run)) = place;
    Ok(Json(RunView::of(history::show(&operation, run).await?)))
}
