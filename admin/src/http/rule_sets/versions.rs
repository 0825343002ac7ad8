//! `GET /api/v1/workspaces/{workspace}/rule-sets/{rule_set}/versions`: what was published when.

use crate::app::rule_sets;
use crate::http::extract::{Path, Query};
use crate::http::page::{Page, PageQuery, bad_cursor};
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::rule_sets::RuleSetVersion;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// A version of a rule set.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionView {
    /// 1 for the first.
    pub number: i64,
    /// What its author said about it.
    pub note: String,
    /// The earlier version whose text this is, when somebody rolled back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<i64>,
    /// Who published it: a user's id.
    #[schema(format = Uuid)]
    pub author: String,
    /// When.
    pub created_at: Timestamp,
}

impl VersionView {
    /// As it is shown.
    pub(super) fn of(version: RuleSetVersion) -> VersionView {
        VersionView {
            number: version.number,
            note: version.note,
            copy_of: version.copy_of,
            author: version.author.to_string(),
            created_at: Timestamp(version.created_at),
        }
    }
}

/// Lists the versions, latest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/rule-sets/{rule_set}/versions", operation_id = "list_versions", tag = "rule_sets",
    params(InWorkspace, ("rule_set" = String, Path, description = "Which rule set", format = Uuid), PageQuery),
    responses((status = 200, description = "Versions", body = Page<VersionView>)))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<VersionView>>, Problem> {
    let Path((_, id)) = place;
    let number =
        |bytes: Vec<u8>| <[u8; 8]>::try_from(bytes).map(i64::from_be_bytes).map_err(|_| bad_cursor());
    let before = query.cursor()?.map(number).transpose()?;
    let page = rule_sets::versions(&operation, id, before, query.limit()?).await?;
    let items = page.items.into_iter().map(VersionView::of).collect();
    let next = page.next.map(i64::to_be_bytes);
    Ok(Json(Page::new(items, next.as_ref().map(<[u8; 8]>::as_slice))))
}
