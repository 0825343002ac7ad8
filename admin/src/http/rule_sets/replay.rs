//! `POST /api/v1/workspaces/{workspace}/rule-sets/{rule_set}/replay`: what would a draft have decided?

use crate::access::Capability;
use crate::app::rules::replay::{self, Asked, Replayed, Said};
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::http::traffic::sums::{CallerView, CoveredView};
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is to be tried; nothing is saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayDraft {
    /// The listener whose statements are looked at.
    #[schema(min_length = 1, max_length = 200)]
    pub listener: String,
    /// The document; the draft where nothing is said.
    #[schema(max_length = 1_048_576)]
    pub text: Option<String>,
    /// The whole list of rule sets to try; where nothing is said, what is published with this rule set in
    /// its place, or at the end.
    #[schema(max_items = 32)]
    pub policies: Option<Vec<String>>,
    /// From this time on; an hour before `until` where nothing is said.
    pub from: Option<Timestamp>,
    /// Before this time; now where nothing is said.
    pub until: Option<Timestamp>,
}

/// What rules say of a statement.
#[derive(Debug, Serialize, ToSchema)]
pub struct SaidView {
    /// `allow`, `refuse`, `hold`, `unjudged`.
    #[schema(example = "refuse")]
    pub verdict: &'static str,
    /// The rule that decides; absent where the listener's default does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What a rule on trial (`dry_run`) would change it to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would: Option<&'static str>,
    /// That rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would_rule: Option<String>,
    /// What binds it where it passes; absent where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "rows=1000 rate=shop/pace")]
    pub limits: Option<String>,
}

impl SaidView {
    fn of(said: Said) -> SaidView {
        let (would, would_rule) = said.would.unzip();
        SaidView { verdict: said.verdict, rule: said.rule, would, would_rule, limits: said.limits }
    }
}

/// A statement of which something else would be said.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferenceView {
    /// The statement.
    pub fingerprint: String,
    /// Without literals.
    pub text: String,
    /// What it does.
    pub class: String,
    /// What is said of it now.
    pub before: SaidView,
    /// What would be said.
    pub after: SaidView,
    /// How often it was asked.
    pub statements: u64,
    /// Who asked, at most five.
    pub callers: Vec<CallerView>,
    /// How many asked.
    pub callers_count: u64,
}

/// How often something is said now and something would be said.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeView {
    /// What is said now.
    #[schema(example = "allow")]
    pub before: &'static str,
    /// What would be said.
    #[schema(example = "refuse")]
    pub after: &'static str,
    /// Statements.
    pub statements: u64,
}

/// What would have become of what happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplayView {
    /// What the figures are about; absent where the listener has no traffic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covered: Option<CoveredView>,
    /// The rule sets that are published now, behind those of the listener's file.
    pub before: Vec<String>,
    /// The rule sets that were tried.
    pub after: Vec<String>,
    /// Statements in the range, refused ones too.
    pub statements: u64,
    /// Those that were judged.
    pub judged: u64,
    /// Those that nobody can tell of: their text is cut or unknown, or their literals decide what they do.
    pub untold: u64,
    /// Those that were not looked at: at most 10,000 statements with callers are, in about 20 seconds.
    pub left_out: u64,
    /// Statements by what is said now and what would be said.
    pub outcomes: Vec<OutcomeView>,
    /// Statements that pass now and would pass, and would be bound by other limits.
    pub bound_otherwise: u64,
    /// Statements of which something else would be said, most frequent first, at most 500.
    pub differences: Vec<DifferenceView>,
    /// Differences that are not among them.
    pub differences_left_out: u64,
    /// Rule sets of the listener's file whose text only its data plane knows: they are not part of this.
    pub unknown_floor: Vec<String>,
    /// What is not known of each statement and taken as usual.
    pub assumptions: Vec<&'static str>,
}

const ASSUMPTIONS: [&str; 4] = [
    "statements run as the role that logged in, with the search path of the login, outside of transactions",
    "clients are on the same machine and without TLS",
    "it is the time where the range ends",
    "literals are `1`, as a text or as a number",
];

impl ReplayView {
    fn of(found: Replayed) -> ReplayView {
        let outcomes = found.outcomes.into_iter();
        ReplayView {
            covered: found.covered.map(CoveredView::of),
            before: found.before,
            after: found.after,
            statements: found.statements,
            judged: found.judged,
            untold: found.untold,
            left_out: found.left_out,
            outcomes: outcomes
                .map(|((before, after), statements)| OutcomeView { before, after, statements })
                .collect(),
            bound_otherwise: found.bound_otherwise,
            differences: found
                .differences
                .into_iter()
                .map(|one| DifferenceView {
                    fingerprint: one.fingerprint,
                    text: one.text,
                    class: one.class,
                    before: SaidView::of(one.before),
                    after: SaidView::of(one.after),
                    statements: one.statements,
                    callers: one.callers.iter().map(CallerView::of).collect(),
                    callers_count: one.callers_count,
                })
                .collect(),
            differences_left_out: found.differences_left_out,
            unknown_floor: found.unknown_floor,
            assumptions: ASSUMPTIONS.to_vec(),
        }
    }
}

/// Judges what happened behind a listener by a draft, beside what is in force. Needs the capability
/// `view_traffic` as well. Nothing is saved.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/replay", operation_id = "replay_rules", tag = "rule_sets",
    params(InWorkspace, ("rule_set" = String, Path, description = "Which rule set", format = Uuid)), request_body = ReplayDraft,
    responses((status = 200, description = "What would have become of it", body = ReplayView)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Json(draft): Json<ReplayDraft>,
) -> Result<axum::Json<ReplayView>, Problem> {
    let Path((_, rule_set)) = place;
    operation.entered()?.require(Capability::ViewTraffic)?;
    let ReplayDraft { listener, text, policies, from, until } = draft;
    let asked = Asked { rule_set, text, listener, policies, from, until };
    Ok(axum::Json(ReplayView::of(replay::replay(&operation, asked).await?)))
}
