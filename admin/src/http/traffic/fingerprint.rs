//! `GET …/fingerprints/{fingerprint}`: one statement, who calls it, and its trend.

use super::fingerprints::FingerprintView;
use super::refusal_rules::RuleCountView;
use super::series::{PointView, SeriesView};
use super::sums::{CallerView, CoveredView, SumsView};
use super::uses::StatementUsesView;
use crate::app::traffic::{Asked, scope};
use crate::http::extract::{Path, Query};
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::traffic::{self, Group, GroupBy, Measure, RuleCount, Top};
use axum::Json;
use control::Sums;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Callers that are shown.
const CALLERS: usize = 50;
/// Steps of the histogram.
const LATENCY_STEPS: usize = 60;
/// Points of the trend, about.
const POINTS: i64 = 60;

/// Which statement.
#[derive(Deserialize)]
pub struct Place {
    fingerprint: String,
}

/// When.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RangeQuery {
    /// From this time on; an hour before `until` where nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Before this time; now where nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

/// A statement and what happened with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FingerprintDetail {
    /// The statement.
    pub statement: FingerprintView,
    /// Which tables and columns it uses and what it joins; absent while it was not looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<StatementUsesView>,
    /// What the figures are about.
    pub covered: CoveredView,
    /// Everything of it.
    pub total: SumsView,
    /// How long its calls took; at most 60 steps, those without a call left out.
    pub latency: Vec<LatencyStepView>,
    /// What the rules said.
    pub verdicts: VerdictsView,
    /// Who called it, most time first; at most 50.
    pub callers: Vec<CallerShare>,
    /// Minutes of one step of the trend.
    pub step_minutes: i64,
    /// It over time.
    pub trend: Vec<PointView>,
}

/// How many calls took about as long.
#[derive(Debug, Serialize, ToSchema)]
pub struct LatencyStepView {
    /// The longest of them at most, in microseconds; they are longer than the step before says.
    pub up_to_us: u64,
    /// How many.
    pub count: u64,
}

/// What the rules said of a statement.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerdictsView {
    /// How often it passed.
    pub allowed: u64,
    /// How often it was refused.
    pub refused: u64,
    /// How often it was held for somebody's approval.
    pub held: u64,
    /// The rules that refused or held it, the most frequent first; of each listener its newest 20,000 are looked at.
    pub rules: Vec<RuleCountView>,
}

impl VerdictsView {
    fn of(total: &Sums, rules: Vec<RuleCount>) -> VerdictsView {
        let held = rules.iter().filter(|rule| rule.verdict == "hold").map(|rule| rule.refusals);
        let held = held.fold(0, u64::saturating_add).min(total.refusals);
        VerdictsView {
            allowed: total.calls,
            refused: total.refusals - held,
            held,
            rules: rules.into_iter().map(RuleCountView::of).collect(),
        }
    }
}

/// A caller and its share.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallerShare {
    /// Who.
    pub caller: CallerView,
    /// How often and how long.
    pub sums: SumsView,
}

/// Shows a statement, who calls it, how long it takes, and its trend.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/fingerprints/{fingerprint}", operation_id = "show_fingerprint", tag = "traffic",
    params(("workspace" = String, Path, description = "Slug or id of the workspace", max_length = 64),
        ("fingerprint" = String, Path, description = "Such as `1-8ca5ea4f9ec4b1bc`", max_length = 100), RangeQuery),
    responses((status = 200, description = "The statement", body = FingerprintDetail)))]
pub async fn handle(
    operation: Operation,
    Path(place): Path<Place>,
    Query(query): Query<RangeQuery>,
) -> Result<Json<FingerprintDetail>, Problem> {
    let asked = Asked {
        from: query.from,
        until: query.until,
        fingerprint: Some(place.fingerprint),
        ..Asked::default()
    };
    let mut scope = scope(&operation, asked).await?;
    let missing = || Problem::not_found("statement");
    let filter = scope.filter.clone().ok_or_else(missing)?;
    let number = filter.fingerprint.ok_or_else(missing)?;
    let listeners = scope.numbers();
    let mut found = traffic::fingerprint(&mut scope.tx, &listeners, number).await.map_err(|_| missing())?;
    let usage = found.usage.take();
    let top = Top {
        range: scope.range,
        listeners: listeners.clone(),
        filter: filter.clone(),
        group_by: GroupBy::Caller,
        measure: Measure::TotalUs,
        limit: CALLERS,
        after: None,
    };
    let reader = &operation.app.traffic;
    let answer = reader.top(&mut scope.tx, &top).await?;
    let step = ((scope.range.until - scope.range.from) / 60_000_000 / POINTS).max(1);
    let series = reader.series(&mut scope.tx, &listeners, scope.range, &filter, step).await?;
    let covered = answer.covered.range();
    let rules = traffic::refusals_of_fingerprint(&mut scope.tx, &listeners, number, covered).await?;
    let latency = answer.total.latency.up_to(LATENCY_STEPS);
    let callers = answer.rows.iter().filter_map(|row| match &row.group {
        Group::Caller(caller) => {
            Some(CallerShare { caller: CallerView::of(caller), sums: SumsView::of(&row.sums) })
        }
        _ => None,
    });
    let series = SeriesView::of(&series);
    Ok(Json(FingerprintDetail {
        usage: usage.map(StatementUsesView::of),
        latency: latency.into_iter().map(|(up_to_us, count)| LatencyStepView { up_to_us, count }).collect(),
        verdicts: VerdictsView::of(&answer.total, rules),
        covered: CoveredView::of(answer.covered),
        total: SumsView::of(&answer.total),
        callers: callers.collect(),
        step_minutes: series.step_minutes,
        trend: series.points,
        statement: FingerprintView::of(found, &scope),
    }))
}
