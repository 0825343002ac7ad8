//! `GET /api/v1/workspaces/{workspace}/access-review`: who can do what, and when did they last?

use crate::access::Capability;
use crate::app::access_review::{self, Filter, Reviewed, of_token};
use crate::http::extract::Query;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which members are looked at.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReviewQuery {
    /// Who did nothing for so many days: nothing here, nothing in the console, nothing by a token.
    #[param(minimum = 1, maximum = 3650, example = 90)]
    pub unused_days: Option<u16>,
    /// Who can administer, which is to manage members or the workspace or to own it; or who cannot.
    pub administers: Option<bool>,
}

impl ReviewQuery {
    /// As the product takes it.
    pub(crate) fn filter(self) -> Filter {
        Filter { unused_days: self.unused_days, administers: self.administers }
    }
}

/// Members of a workspace, and what they may.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessReview {
    /// Who used nothing for longest is first.
    pub items: Vec<ReviewedMember>,
    /// Whether there are more than are looked at.
    pub is_cut: bool,
    /// Names of admins of the instance who are no members: they can do everything in every workspace.
    pub instance_admins: Vec<String>,
    /// Of who may do what by what, all members together: the same until somebody may something else.
    #[schema(example = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    pub digest: String,
}

/// One member.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewedMember {
    /// Which person.
    #[schema(value_type = String, format = Uuid)]
    pub user: Id,
    /// What others see.
    pub name: String,
    /// `person`, `service` or `agent`.
    #[schema(example = "person")]
    pub kind: String,
    /// Who answers for it where it is no person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responsible: Option<String>,
    /// Where mail reaches them; empty for services and agents.
    pub email: String,
    /// Whether the account may not come in.
    pub is_disabled: bool,
    /// Whether a sign-in by password asks them for a code as well.
    pub has_second_factor: bool,
    /// What they are in the workspace.
    #[schema(example = "viewer")]
    pub role: String,
    /// Whether they manage members or the workspace, or own it.
    pub administers: bool,
    /// Their teams.
    pub teams: Vec<String>,
    /// All they may, by the role and beyond it.
    pub capabilities: Vec<ReviewedCapability>,
    /// Tokens that are good in this workspace.
    pub tokens: Vec<ReviewedToken>,
    /// When they last signed in, as far as the activity is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_signed_in_at: Option<Timestamp>,
    /// When they last did anything anywhere, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
    /// When they last did something here that leaves an entry: changes, and what was run. Looking leaves none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}

/// Something a member may.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewedCapability {
    /// What.
    pub capability: Capability,
    /// Whether they have it beyond the role.
    pub is_beyond_role: bool,
    /// When they last used it; absent for never, and where its use leaves no entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}

/// A token of a member.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewedToken {
    /// What its person calls it.
    pub name: String,
    /// What it can do here: its scopes, and never more than its person may.
    pub capabilities: Vec<Capability>,
    /// Whether it is good in this workspace only.
    pub is_only_here: bool,
    /// When it ends; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was last used anywhere, to the minute; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}

impl ReviewedMember {
    /// As it is shown.
    pub(crate) fn of(one: &Reviewed) -> ReviewedMember {
        let (standing, member) = (&one.standing, &one.standing.member);
        let by_role = crate::app::members::allowed_by_role(member);
        let capability = |capability| ReviewedCapability {
            capability,
            is_beyond_role: !by_role.contains(capability),
            last_used_at: one.used.get(&capability).copied().map(Timestamp),
        };
        let tokens = standing.tokens.iter().map(|token| ReviewedToken {
            name: token.name.clone(),
            capabilities: of_token(one, &token.scopes).iter().collect(),
            is_only_here: token.workspace.is_some(),
            expires_at: token.expires_at.map(Timestamp),
            last_used_at: token.last_used_at.map(Timestamp),
        });
        ReviewedMember {
            user: member.user,
            name: member.name.clone(),
            kind: member.machine.map_or("person", |kind| kind.word()).to_owned(),
            responsible: standing.responsible.clone(),
            email: member.email.clone(),
            is_disabled: standing.is_disabled,
            has_second_factor: standing.has_second_factor,
            role: member.role.word().to_owned(),
            administers: one.administers(),
            teams: standing.teams.clone(),
            capabilities: one.capabilities.iter().map(capability).collect(),
            tokens: tokens.collect(),
            last_signed_in_at: standing.last_signed_in_at.map(Timestamp),
            last_seen_at: standing.last_seen_at.map(Timestamp),
            last_used_at: one.last_used_at.map(Timestamp),
        }
    }
}

/// Shows who can do what in a workspace and when they last did, who used nothing for longest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/access-review", operation_id = "review_access",
    tag = "members", params(InWorkspace, ReviewQuery),
    responses((status = 200, description = "The members", body = AccessReview)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<ReviewQuery>,
) -> Result<Json<AccessReview>, Problem> {
    let review = access_review::review(&operation, query.filter()).await?;
    Ok(Json(AccessReview {
        items: review.members.iter().map(ReviewedMember::of).collect(),
        is_cut: review.is_cut,
        instance_admins: review.instance_admins,
        digest: review.digest,
    }))
}
