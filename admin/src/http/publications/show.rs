//! `GET /api/v1/workspaces/{workspace}/listeners/{listener}/publication`: what is published for a listener,
//! and where it is in force.

use super::view::{PolicyView, PublishedView};
use crate::app::fleet::Acknowledged;
use crate::app::publications::{self, Effective};
use crate::http::etag;
use crate::http::extract::Path;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

/// What became of what is published, at one data plane.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AcknowledgedWord {
    /// It is in force.
    InForce,
    /// The data plane did not take it; what was in force before still is.
    Refused,
    /// The data plane has not told yet.
    Pending,
    /// The data plane is not connected; it takes it when it is.
    Away,
}

/// What a data plane made of the latest snapshot of all that is published.
#[derive(Debug, Serialize, ToSchema)]
pub struct AcknowledgementView {
    /// The data plane's id.
    pub plane: String,
    /// The data plane's name.
    pub plane_name: String,
    /// What became of it.
    pub state: AcknowledgedWord,
    /// The snapshot the data plane told of last.
    pub snapshot: u64,
    /// The published rule sets it runs; absent where that is not known: it refused the latest, or what it has
    /// is forgotten here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<Vec<PolicyView>>,
    /// Why it was not taken, as far as listeners of this workspace are concerned.
    pub problems: Vec<String>,
    /// How many more problems there are, of listeners of other workspaces or of the data plane itself: a data plane
    /// takes everything that is published, or nothing.
    pub problems_elsewhere: u64,
    /// The rule sets of the listener's file there: they come first.
    pub floor_policies: Vec<String>,
    /// Whether its file lets rule sets be published for it.
    pub managed: bool,
}

/// What is published for a listener, and where it is in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicationView {
    /// The listener's name.
    pub listener: String,
    /// What is published; absent where the listener is left to its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<PublishedView>,
    /// The latest snapshot of all that is published; 0 before the first.
    pub snapshot: u64,
    /// What each data plane that has the listener made of it.
    pub planes: Vec<AcknowledgementView>,
}

/// Answers with the publication of a listener and its version.
pub(super) async fn answer(
    operation: &Operation,
    listener: &str,
    status: StatusCode,
) -> Result<Response, Problem> {
    let Effective { named, latest, version, earlier } = publications::effective(operation, listener).await?;
    let current = named.publication.as_ref().map(|shown| shown.policies.clone()).unwrap_or_default();
    let rows = named.rows.into_iter().filter(|(row, _)| row.present);
    let planes = rows.filter_map(|(row, member)| {
        let member = member?;
        let state = row.state.unwrap_or_default();
        let acknowledged = crate::app::fleet::acknowledged(&member, latest);
        let running = match acknowledged {
            Acknowledged::InForce => Some(current.clone()),
            Acknowledged::Refused => None,
            // What it told of last it did not take: what it runs is older.
            _ if member.has_problems() => None,
            Acknowledged::Pending | Acknowledged::Away => earlier.get(&member.plane.snapshot).cloned(),
        };
        let running = if state.managed { running } else { Some(Vec::new()) };
        Some(AcknowledgementView {
            running: running.map(|running| running.into_iter().map(PolicyView::of).collect()),
            state: match acknowledged {
                Acknowledged::InForce => AcknowledgedWord::InForce,
                Acknowledged::Refused => AcknowledgedWord::Refused,
                Acknowledged::Pending => AcknowledgedWord::Pending,
                Acknowledged::Away => AcknowledgedWord::Away,
            },
            plane: member.plane.id,
            plane_name: member.plane.name,
            snapshot: member.plane.snapshot,
            problems: member.plane.problems,
            problems_elsewhere: member.problems_elsewhere,
            floor_policies: state.floor_policies,
            managed: state.managed,
        })
    });
    let view = PublicationView {
        planes: planes.collect(),
        listener: named.name,
        published: named.publication.map(PublishedView::of),
        snapshot: latest,
    };
    Ok(etag::answer(status, version, view))
}

/// Shows what is published for a listener and what became of it at each data plane. Its `ETag` is what a
/// change must name, also while nothing is published.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/listeners/{listener}/publication", operation_id = "show_publication",
    tag = "publications", params(InWorkspace, ("listener" = String, Path, description = "The listener's name", min_length = 1, max_length = 200)),
    responses((status = 200, description = "What is published", body = PublicationView, headers(("ETag" = String)))))]
pub async fn handle(operation: Operation, place: Path<(String, String)>) -> Result<Response, Problem> {
    let Path((_, listener)) = place;
    answer(&operation, &listener, StatusCode::OK).await
}
