//! `GET …/traffic/series`: what happened over time.

use super::sums::{CoveredView, SumsView};
use super::traffic_query;
use crate::app::traffic::scope;
use crate::http::extract::Query;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::traffic::{Filter, SeriesAnswer};
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// Points of one answer, about.
const POINTS: i64 = 120;
/// The longest step: a week, in minutes.
const STEP_MINUTES_MAX: u32 = 7 * 24 * 60;

traffic_query! {
    /// What over time is asked for.
    SeriesQuery {
        /// Minutes of one step; what gives about 120 steps where nothing is said.
        #[param(minimum = 1, maximum = 10080)]
        step_minutes: Option<u32>,
    }
}

/// One step of time.
#[derive(Debug, Serialize, ToSchema)]
pub struct PointView {
    /// Its first instant.
    pub at: Timestamp,
    /// What happened in it.
    pub sums: SumsView,
}

/// What happened over time.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesView {
    /// What the answer is about.
    pub covered: CoveredView,
    /// Minutes of one step: at least what was asked for.
    pub step_minutes: i64,
    /// Every step, also those in which nothing happened.
    pub points: Vec<PointView>,
}

impl SeriesView {
    /// As it is shown.
    pub(super) fn of(answer: &SeriesAnswer) -> SeriesView {
        let points = answer
            .points
            .iter()
            .map(|point| PointView { at: Timestamp(point.at), sums: SumsView::of(&point.sums) });
        SeriesView {
            covered: CoveredView::of(answer.covered),
            step_minutes: answer.step_minutes,
            points: points.collect(),
        }
    }
}

/// The filter that nothing passes: of a fingerprint nobody has seen.
pub(super) fn nothing() -> Filter {
    Filter { fingerprint: Some(-1), ..Filter::default() }
}

/// Shows statements, errors, refusals, latency, rows and bytes over time.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/traffic/series", operation_id = "show_traffic_series", tag = "traffic",
    params(("workspace" = String, Path, description = "Slug or id of the workspace", max_length = 64), SeriesQuery),
    responses((status = 200, description = "Steps of time", body = SeriesView)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<SeriesQuery>,
) -> Result<Json<SeriesView>, Problem> {
    if query.step_minutes.is_some_and(|step| !(1..=STEP_MINUTES_MAX).contains(&step)) {
        return Err(Problem::invalid("step_minutes", "must be from 1 to 10080"));
    }
    let mut scope = scope(&operation, query.asked()).await?;
    let fitting = (scope.range.until - scope.range.from) / 60_000_000 / POINTS;
    let step = query.step_minutes.map_or(fitting.max(1), i64::from);
    let (listeners, filter) = (scope.numbers(), scope.filter.clone().unwrap_or_else(nothing));
    let answer = operation.app.traffic.series(&mut scope.tx, &listeners, scope.range, &filter, step).await?;
    Ok(Json(SeriesView::of(&answer)))
}
