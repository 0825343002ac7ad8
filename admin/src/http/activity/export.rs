//! `GET /api/v1/workspaces/{workspace}/activity/export`: a copy of what people did.

use super::list::{ActivityEntry, ActivityQuery};
use crate::app::activity;
use crate::http::extract::Query;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::activity::Entry;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which entries are copied.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// What this person did, in the console or by tokens.
    #[param(value_type = Option<String>, format = Uuid)]
    pub actor: Option<Id>,
    /// This kind of deed: an operation's id.
    #[param(max_length = 100)]
    pub action: Option<String>,
    /// To this kind of thing.
    #[param(max_length = 100)]
    pub target_kind: Option<String>,
    /// To this thing: its id.
    #[param(max_length = 100)]
    pub target: Option<String>,
    /// Not before this.
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Before this.
    #[param(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
}

impl ExportQuery {
    fn whole(self) -> ActivityQuery {
        ActivityQuery {
            limit: None,
            cursor: None,
            actor: self.actor,
            action: self.action,
            target_kind: self.target_kind,
            target: self.target,
            from: self.from,
            until: self.until,
        }
    }
}

/// Copies what people did in a workspace, earliest first: NDJSON, an entry a line as in the list. A copy that
/// ends without its last byte was broken off.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/activity/export", operation_id = "export_activity",
    tag = "activity", params(InWorkspace, ExportQuery),
    responses((status = 200, description = "Entries", body = String, content_type = "application/x-ndjson")))]
pub async fn handle(operation: Operation, Query(query): Query<ExportQuery>) -> Result<Response, Problem> {
    let filter = query.whole().filter()?;
    let parts = activity::export(&operation, filter).map(|part| part.map(lines));
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"activity.ndjson\""),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

fn lines(entries: Vec<Entry>) -> Vec<u8> {
    let mut text = Vec::new();
    for entry in entries {
        text.extend(serde_json::to_vec(&ActivityEntry::of(entry)).unwrap_or_default());
        text.push(b'\n');
    }
    text
}
