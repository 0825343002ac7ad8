//! `POST …/fingerprints/{fingerprint}/explain`: how would a database run a statement that was seen?

use crate::app::runs::explain_fingerprint::{self, Draft};
use crate::http::extract::{Json, Path};
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which statement.
#[derive(Deserialize)]
pub struct Place {
    fingerprint: String,
}

/// How a statement that was seen is explained.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FingerprintExplainInput {
    /// On which connection.
    #[schema(value_type = String, format = Uuid)]
    pub connection: Id,
    /// What stood where the text has `?` or `$1`: as many as `placeholders` of an answer without them says, `null` for a
    /// missing value. Where none are given PostgreSQL plans for whatever they are, and MySQL for missing ones.
    #[schema(max_items = 1000, example = json!(["42"]))]
    pub values: Option<Vec<Option<String>>>,
    /// Whether the statement runs, to measure: a query only, in a transaction that only reads, bounded as a run is, and
    /// with `values` where it lacks any. MySQL's own server cannot.
    pub analyze: Option<bool>,
}

/// A plan of a statement that was seen.
#[derive(Debug, Serialize, ToSchema)]
pub struct FingerprintPlanView {
    /// `postgres`, `mysql`.
    #[schema(value_type = String)]
    pub engine: admin_engines::Kind,
    /// Whose format the plan is in: `postgres`, `mysql`, `mariadb`.
    #[schema(value_type = String)]
    pub format: admin_engines::PlanFormat,
    /// The plan as the database gives it.
    #[schema(value_type = serde_json::Value)]
    pub plan: serde_json::Value,
    /// The same plan as a text that people read.
    pub text: String,
    /// What was explained: with `$1`, `$2`, … or NULL where values are missing.
    pub statement: String,
    /// How many values it takes, in the order of `$1`, `$2`, … or as they stand.
    pub placeholders: u64,
    /// Whether it ran.
    pub analyzed: bool,
    /// What its author may want to know.
    pub warnings: Vec<String>,
}

/// Asks a database how it would run a statement that was seen on the wire. It is judged as if somebody ran it, and runs
/// only where `analyze` says so.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/fingerprints/{fingerprint}/explain", operation_id = "explain_fingerprint", tag = "traffic",
    params(("workspace" = String, Path, description = "Slug or id of the workspace", max_length = 64),
        ("fingerprint" = String, Path, description = "Such as `1-8ca5ea4f9ec4b1bc`", max_length = 100)),
    request_body = FingerprintExplainInput,
    responses((status = 200, description = "The plan", body = FingerprintPlanView)))]
pub async fn handle(
    operation: Operation,
    Path(place): Path<Place>,
    Json(input): Json<FingerprintExplainInput>,
) -> Result<axum::Json<FingerprintPlanView>, Problem> {
    let analyze = input.analyze == Some(true);
    let Place { fingerprint } = place;
    let draft = Draft { fingerprint, connection: input.connection, values: input.values, analyze };
    let explained = explain_fingerprint::explain(&operation, draft).await?;
    Ok(axum::Json(FingerprintPlanView {
        engine: explained.engine,
        format: explained.plan.format,
        text: explained.plan.text(),
        plan: explained.plan.json,
        statement: explained.statement,
        placeholders: explained.placeholders as u64,
        analyzed: analyze,
        warnings: explained.warnings,
    }))
}
