//! `GET …/traffic/errors`: which errors the servers answered with.

use super::series::nothing;
use super::sums::CoveredView;
use super::traffic_query;
use crate::app::traffic::scope;
use crate::http::extract::Query;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

traffic_query! {
    /// Which errors are asked for. What is said of callers does not matter here.
    ErrorsQuery {}
}

/// Errors of one SQLSTATE.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorItem {
    /// Five characters; `none` where the server sent none.
    pub sqlstate: String,
    /// How many.
    pub count: u64,
    /// The statements that had most of them.
    pub fingerprints: Vec<ErrorFingerprint>,
}

/// A statement and how often it had an error.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorFingerprint {
    /// Which; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Its text, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How often.
    pub count: u64,
}

/// Errors by SQLSTATE.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorsView {
    /// What the answer is about.
    pub covered: CoveredView,
    /// The most frequent first.
    pub items: Vec<ErrorItem>,
    /// Errors that are only counted.
    pub others: u64,
}

/// Lists errors by SQLSTATE, the most frequent first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/traffic/errors", operation_id = "show_traffic_errors", tag = "traffic",
    params(("workspace" = String, Path, description = "Slug or id of the workspace", max_length = 64), ErrorsQuery),
    responses((status = 200, description = "Errors, the most frequent first", body = ErrorsView)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<ErrorsQuery>,
) -> Result<Json<ErrorsView>, Problem> {
    let mut scope = scope(&operation, query.asked()).await?;
    let (listeners, filter) = (scope.numbers(), scope.filter.clone().unwrap_or_else(nothing));
    let answer = operation.app.traffic.errors(&mut scope.tx, &listeners, scope.range, &filter).await?;
    let numbers = answer.rows.iter().flat_map(|row| &row.fingerprints).map(|(number, _)| *number);
    let statements = scope.statements(numbers).await?;
    let items = answer.rows.into_iter().map(|row| {
        let fingerprints = row.fingerprints.into_iter().map(|(number, count)| {
            let found = statements.get(&number);
            ErrorFingerprint {
                fingerprint: found.map(|found| found.fingerprint.clone()),
                text: found.and_then(|found| found.text.clone()),
                count,
            }
        });
        ErrorItem { sqlstate: row.sqlstate, count: row.count, fingerprints: fingerprints.collect() }
    });
    let items = items.collect();
    Ok(Json(ErrorsView { covered: CoveredView::of(answer.covered), items, others: answer.others }))
}
