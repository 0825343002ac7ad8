//! `POST /api/v1/workspaces/{workspace}/ledger/verify`: has the data planes check their ledgers.

use super::search::MissingView;
use super::wholeness::LedgerSelfCheckView;
use crate::app::ledger::verify;
use crate::http::extract::Query;
use crate::http::instance::health::NoQuery;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

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
    /// Data planes that did not answer.
    pub unavailable: Vec<MissingView>,
}

/// Has the data planes of the workspace's listeners read their ledgers as a whole and check them, with low priority.
/// A check that goes on already is not begun again. How it goes and how it ended is told with the status of the
/// ledger. It is a data plane's own word about itself: for proof use `dragoman ledger verify` with a checkpoint that
/// was kept elsewhere.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/ledger/verify", operation_id = "verify_ledger",
    tag = "ledger", params(InWorkspace),
    responses((status = 202, description = "They were asked", body = SelfChecksView)))]
pub async fn handle(
    operation: Operation,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<(StatusCode, Json<SelfChecksView>), Problem> {
    let asked = verify::verify(&operation).await?;
    let view = |(plane, plane_name, check)| PlaneSelfCheckView {
        plane,
        plane_name,
        self_check: LedgerSelfCheckView::of(check),
    };
    let planes = asked.planes.into_iter().map(view).collect();
    let unavailable = asked.unavailable.into_iter().map(MissingView::of).collect();
    Ok((StatusCode::ACCEPTED, Json(SelfChecksView { planes, unavailable })))
}
