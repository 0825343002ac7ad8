//! `GET /api/v1/workspaces/{workspace}/privacy`: what is kept, and for how long?

use crate::app::privacy::{self, KeepingRule, Known, Periods};
use crate::http::extract::Query;
use crate::http::instance::health::NoQuery;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use crate::retention::Retention;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// How long things are kept that the control plane keeps.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct PeriodsView {
    /// Hours that sums of traffic are kept by the minute.
    pub traffic_minutes_hours: i64,
    /// Days that they are kept by the hour.
    pub traffic_hours_days: i64,
    /// Days that they are kept by the day, and statements that nobody has sent since.
    pub traffic_days_days: i64,
    /// Days that sessions on the wire, refusals and events are kept.
    pub traffic_events_days: i64,
    /// Days that runs are kept, with their texts.
    pub run_days: u32,
    /// Days that notices are kept.
    pub notice_days: u32,
    /// Days that the activity is kept; 0: for ever.
    pub activity_days: u32,
    /// Days that tokens are kept after they have expired or were revoked; 0: until their account is erased.
    pub token_days: u32,
    /// Days that invitations are kept after they have expired or were accepted; 0: as long as their workspace.
    pub invitation_days: u32,
    /// Days that it is kept how much was asked of each connection; 0: as long as the connection.
    pub connection_usage_days: u32,
    /// Snapshots that are kept of the schema of a connection.
    pub schema_snapshots: i64,
    /// Things that are remembered of what somebody opened, in a workspace.
    pub recent: i64,
    /// Hours that a session of the console lasts without use.
    pub session_hours: u32,
}

impl PeriodsView {
    fn of(periods: Periods) -> PeriodsView {
        let Retention { traffic, runs, notices, activity, tokens, invitations, connection_usage } =
            periods.kept;
        PeriodsView {
            traffic_minutes_hours: traffic.minutes_hours,
            traffic_hours_days: traffic.hours_days,
            traffic_days_days: traffic.days_days,
            traffic_events_days: traffic.events_days,
            run_days: runs.days(),
            notice_days: notices.days(),
            activity_days: activity.days(),
            token_days: tokens.days(),
            invitation_days: invitations.days(),
            connection_usage_days: connection_usage.days(),
            schema_snapshots: periods.schema_snapshots,
            recent: periods.recent,
            session_hours: periods.session_hours,
        }
    }
}

/// A rule in force that has values of statements kept, sealed, in the ledger.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KeepingRuleView {
    /// The rule set.
    pub rule_set: String,
    /// The rule.
    pub rule: String,
    /// What it has kept: `text`, `parameters`, `hashes`, `error`.
    #[schema(example = json!(["text", "parameters"]))]
    pub record: Vec<String>,
    /// For which listeners it is in force.
    pub listeners: Vec<String>,
}

impl KeepingRuleView {
    fn of(rule: KeepingRule) -> KeepingRuleView {
        let KeepingRule { rule_set, rule, record, listeners } = rule;
        KeepingRuleView { rule_set, rule, record, listeners }
    }
}

/// What is kept about people in a workspace.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PrivacyView {
    /// How long things are kept.
    pub periods: PeriodsView,
    /// Rules that have values of statements kept, sealed; without any the ledger has statements without literals only.
    pub rules: Vec<KeepingRuleView>,
    /// Rule sets that listeners' files name and whose text only their data plane has: they may have values kept as well.
    pub unknown_rule_sets: Vec<String>,
}

/// Tells what is kept about people in a workspace, for how long, and which rules have values of statements kept. How long
/// a data plane keeps its ledger is told with the status of the ledger.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/privacy", operation_id = "show_privacy", tag = "privacy",
    params(InWorkspace), responses((status = 200, description = "What is kept", body = PrivacyView)))]
pub async fn handle(
    operation: Operation,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<PrivacyView>, Problem> {
    let Known { periods, rules, unknown } = privacy::show(&operation).await?;
    Ok(Json(PrivacyView {
        periods: PeriodsView::of(periods),
        rules: rules.into_iter().map(KeepingRuleView::of).collect(),
        unknown_rule_sets: unknown,
    }))
}
