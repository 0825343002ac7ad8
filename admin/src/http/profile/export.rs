//! `GET /api/v1/profile/export`: everything that is known of who asks.

use crate::app::profile;
use crate::http::activity::list::ActivityEntry;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::activity::Entry;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use utoipa::ToSchema;

/// Everything that is known of somebody, but secrets.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileExport {
    /// The account, ways to sign in, sessions, tokens, workspaces, invitations and names on the wire.
    #[schema(value_type = Object)]
    pub about: serde_json::Value,
    /// What they did, earliest first.
    pub activity: Vec<ActivityEntry>,
}

/// Copies everything that is known of who asks, but secrets.
#[utoipa::path(get, path = "/api/v1/profile/export", operation_id = "export_profile", tag = "profile",
    responses((status = 200, description = "All of it", body = ProfileExport)))]
pub async fn handle(operation: Operation) -> Result<Response, Problem> {
    let (about, entries) = profile::export(&operation).await?;
    let begin = stream::iter([Ok(format!("{{\"about\":{about},\"activity\":[").into_bytes())]);
    let entries = entries.map_ok(stream_of).try_flatten().enumerate().map(|(place, entry)| {
        let comma = if place == 0 { "" } else { "," };
        entry.map(|entry| [comma.as_bytes(), &entry].concat())
    });
    let end = stream::iter([Ok(b"]}".to_vec())]);
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"profile.json\""),
    ];
    Ok((headers, Body::from_stream(begin.chain(entries).chain(end))).into_response())
}

fn stream_of(entries: Vec<Entry>) -> impl futures_util::Stream<Item = Result<Vec<u8>, Problem>> {
    let texts = entries
        .into_iter()
        .map(|entry| Ok(serde_json::to_vec(&ActivityEntry::of(entry)).unwrap_or_default()));
    stream::iter(texts.collect::<Vec<_>>())
}
