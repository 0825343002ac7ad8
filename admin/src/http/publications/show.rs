//! `GET /api/v1/workspaces/{workspace}/listeners/{listener}/publication`: what is published for a listener,
//! and where it is in force.

use super::view::PublishedView;
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
    /// Why it was not taken.
    pub problems: Vec<String>,
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
    let Effective { named, latest, version } = publications::effective(operation, listener).await?;
    let rows = named.rows.into_iter().filter(|(row, _)| row.present);
    let planes = rows.filter_map(|(row, member)| {
        let member = member?;
        let state = row.state.unwrap_or_default();
        Some(AcknowledgementView {
            state: match crate::app::fleet::acknowledged(&member, latest) {
                Acknowledged::InForce => AcknowledgedWord::InForce,
                Acknowledged::Refused => AcknowledgedWord::Refused,
                Acknowledged::Pending => AcknowledgedWord::Pending,
                Acknowledged::Away => AcknowledgedWord::Away,
            },
            plane: member.plane.id,
            plane_name: member.plane.name,
            snapshot: member.plane.snapshot,
            problems: member.plane.problems,
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
