//! `POST /api/v1/workspaces/{workspace}/explain`: how would the database run a query?

use crate::app::runs::explain;
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A statement whose plan is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExplainInput {
    /// On which connection.
    #[schema(value_type = String, format = Uuid)]
    pub connection: Id,
    /// The statement, without EXPLAIN.
    #[schema(min_length = 1, max_length = 1_048_576, example = "SELECT * FROM orders")]
    pub sql: String,
    /// The values of its parameters, as for a run.
    #[schema(max_items = 1000)]
    pub parameters: Option<Vec<Option<String>>>,
}

/// A plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanView {
    /// `postgres`, `mysql`, `sqlite`.
    #[schema(value_type = String)]
    pub engine: admin_engines::Kind,
    /// Whose format the plan is in: `postgres`, `mysql`, `mariadb`, `sqlite`.
    #[schema(value_type = String)]
    pub format: admin_engines::PlanFormat,
    /// The plan as the database gives it.
    #[schema(value_type = serde_json::Value)]
    pub plan: serde_json::Value,
    /// The same plan as a text that people read.
    pub text: String,
    /// What its author may want to know.
    pub warnings: Vec<String>,
}

/// Asks the database how it would run a query. It is judged as if it ran, and it does not run.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/explain", operation_id = "explain_query", tag = "runs",
    params(InWorkspace), request_body = ExplainInput,
    responses((status = 200, description = "The plan", body = PlanView)))]
pub async fn handle(
    operation: Operation,
    Json(input): Json<ExplainInput>,
) -> Result<axum::Json<PlanView>, Problem> {
    let parameters = input.parameters.unwrap_or_default();
    let explained = explain::explain(&operation, input.connection, &input.sql, parameters).await?;
    Ok(axum::Json(PlanView {
        engine: explained.engine,
        format: explained.plan.format,
        text: explained.plan.text(),
        plan: explained.plan.json,
        warnings: explained.warnings,
    }))
}
