//! `POST /api/v1/workspaces/{workspace}/ledger/verify`: has the data planes check their ledgers.

use super::search::MissingView;
use super::wholeness::LedgerSelfCheckView;
use crate::app::ledger::verify::{self, Asked, Wish};
use crate::http::extract::Query;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Whose ledger.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LedgerVerifyQuery {
    /// Only this data plane's, by its id; all that have listeners of the workspace where none is named.
    #[param(max_length = 200)]
    pub plane: Option<String>,
}

/// How the check of a data plane's ledger goes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlaneSelfCheckView {
    /// The data plane's id.
    pub plane: String,
    /// As people know it.
    pub plane_name: String,
    /// How it goes.
    pub self_check: LedgerSelfCheckView,
}

/// The checks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SelfChecksView {
    /// Each data plane that answered.
    pub planes: Vec<PlaneSelfCheckView>,
    /// Data planes that did not answer, or whose check is not this workspace's to stop.
    pub unavailable: Vec<MissingView>,
}

impl SelfChecksView {
    fn of(asked: Asked) -> SelfChecksView {
        let view = |(plane, plane_name, check)| PlaneSelfCheckView {
            plane,
            plane_name,
            self_check: LedgerSelfCheckView::of(check),
        };
        SelfChecksView {
            planes: asked.planes.into_iter().map(view).collect(),
            unavailable: asked.unavailable.into_iter().map(MissingView::of).collect(),
        }
    }
}

/// Has the data planes of the workspace's listeners read their ledgers as a whole and check them, with low priority.
/// A check that goes on already is not begun again. How it goes and how it ended is told with the status of the
/// ledger. It is a data plane's own word about itself: for proof use `dragoman ledger verify` with a checkpoint that
/// was kept elsewhere.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/ledger/verify", operation_id = "verify_ledger",
    tag = "ledger", params(InWorkspace, LedgerVerifyQuery),
    responses((status = 202, description = "They were asked", body = SelfChecksView)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<LedgerVerifyQuery>,
) -> Result<(StatusCode, Json<SelfChecksView>), Problem> {
    let asked = verify::verify(&operation, Wish::Verify, query.plane.as_deref()).await?;
    Ok((StatusCode::ACCEPTED, Json(SelfChecksView::of(asked))))
}

/// Stops the checks that somebody of this workspace asked for. Those that another workspace asked for first go on unless
/// an admin of the instance stops them, and those that data planes make by themselves go on in any case. What the last
/// check found stays known. That somebody stopped them is written into the activity.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/ledger/verify", operation_id = "stop_verifying_ledger",
    tag = "ledger", params(InWorkspace, LedgerVerifyQuery),
    responses((status = 200, description = "How they go now", body = SelfChecksView)))]
pub async fn stop(
    operation: Operation,
    Query(query): Query<LedgerVerifyQuery>,
) -> Result<Json<SelfChecksView>, Problem> {
    let asked = verify::verify(&operation, Wish::Stop, query.plane.as_deref()).await?;
    Ok(Json(SelfChecksView::of(asked)))
}
