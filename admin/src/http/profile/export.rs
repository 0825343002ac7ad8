//! `GET /api/v1/profile/export`: everything that is known of who asks.

use crate::app::profile;
use crate::http::activity::list::ActivityEntry;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::kept::Written;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use serde::Serialize;
use utoipa::ToSchema;

/// Everything that is known of somebody, but secrets.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileExport {
    /// The account, ways to sign in, sessions, tokens, workspaces, invitations, names on the wire, and what they marked
    /// and opened.
    #[schema(value_type = Object)]
    pub about: serde_json::Value,
    /// The queries they saved, earliest first.
    #[schema(value_type = Vec<Object>)]
    pub queries: Vec<serde_json::Value>,
    /// What they ran and is still kept, earliest first.
    #[schema(value_type = Vec<Object>)]
    pub runs: Vec<serde_json::Value>,
    /// The viewpoints they made, earliest first.
    #[schema(value_type = Vec<Object>)]
    pub viewpoints: Vec<serde_json::Value>,
    /// What they did, earliest first.
    pub activity: Vec<ActivityEntry>,
}

/// Copies everything that is known of who asks, but secrets. A copy that is no whole document was broken off.
#[utoipa::path(get, path = "/api/v1/profile/export", operation_id = "export_profile", tag = "profile",
    responses((status = 200, description = "All of it", body = ProfileExport)))]
pub async fn handle(operation: Operation) -> Result<Response, Problem> {
    let about = profile::export(&operation).await?;
    let lists = [("queries", Written::Queries), ("runs", Written::Runs), ("viewpoints", Written::Viewpoints)];
    let mut parts = part(format!("{{\"about\":{about}")).boxed();
    for (name, what) in lists {
        let values = profile::written(&operation, what)?.map_ok(|values| texts(&values));
        parts = parts.chain(list(name, values)).boxed();
    }
    let entries = profile::deeds(&operation)?.map_ok(|entries| {
        let entries: Vec<ActivityEntry> = entries.into_iter().map(ActivityEntry::of).collect();
        texts(&entries)
    });
    let parts = parts.chain(list("activity", entries)).chain(part("}".to_owned()));
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"profile.json\""),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

fn part(text: String) -> impl Stream<Item = Result<Vec<u8>, Problem>> {
    stream::iter([Ok(text.into_bytes())])
}

fn texts<T: Serialize>(values: &[T]) -> Vec<Vec<u8>> {
    values.iter().map(|value| serde_json::to_vec(value).unwrap_or_default()).collect()
}

/// `,"name":[…]`, as its parts come.
fn list(
    name: &str,
    parts: impl Stream<Item = Result<Vec<Vec<u8>>, Problem>> + Send + 'static,
) -> impl Stream<Item = Result<Vec<u8>, Problem>> + Send + 'static {
    let each = parts.map_ok(|texts| stream::iter(texts.into_iter().map(Ok))).try_flatten();
    let each = each.enumerate().map(|(place, text)| {
        let comma = if place == 0 { "" } else { "," };
        text.map(|text| [comma.as_bytes(), &text].concat())
    });
    part(format!(",\"{name}\":[")).chain(each).chain(part("]".to_owned()))
}
