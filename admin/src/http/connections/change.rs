//! `PATCH /api/v1/workspaces/{workspace}/connections/{connection}`: changes what is known of a database.

use super::create::{TlsDraft, password};
use super::view::ConnectionView;
use super::words::{ApplyPolicyWord, EnvironmentWord};
use crate::app::connections::{self, ConnectionOptions, Edit};
use crate::http::etag;
use crate::http::extract::{Json, Path};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

/// What is to be changed. What is left out stays; null takes away what may be missing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionEdit {
    /// What people call it.
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// The gateway's listener it goes through; null for straight to the server, whose `host` is needed then.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 255)]
    pub via: Option<Option<String>>,
    /// The server.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 253, pattern = "^[A-Za-z0-9._:][A-Za-z0-9._:-]*$")]
    pub host: Option<Option<String>>,
    /// Its port; null for the usual one.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<u16>, minimum = 1, maximum = 65535)]
    pub port: Option<Option<u16>>,
    /// The file of SQLite.
    #[schema(min_length = 1, max_length = 255)]
    pub file: Option<String>,
    /// The database on the server.
    #[schema(max_length = 255)]
    pub database: Option<String>,
    /// Who logs in.
    #[schema(max_length = 255)]
    pub user: Option<String>,
    /// The password; null takes it away. Needed again where `via`, `host`, `port`, `user` or `tls` change.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 8192, format = Password, write_only)]
    pub password: Option<Option<String>>,
    /// How the way is encrypted.
    pub tls: Option<TlsDraft>,
    /// How much depends on it.
    pub environment: Option<EnvironmentWord>,
    /// Whether everything runs in read-only transactions.
    pub read_only: Option<bool>,
    /// Whether changes that were proposed may be made.
    pub apply_policy: Option<ApplyPolicyWord>,
    /// How its schema is looked at; all of it is replaced.
    pub options: Option<ConnectionOptions>,
}

/// Tells null from nothing said.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(from).map(Some)
}

impl ConnectionEdit {
    fn edit(self) -> Edit {
        Edit {
            name: self.name,
            via: self.via,
            host: self.host,
            port: self.port,
            file: self.file.map(Some),
            database: self.database,
            user: self.user,
            password: self.password.map(|given| given.and_then(password)),
            tls: self.tls.map(TlsDraft::tls),
            environment: self.environment.map(Into::into),
            read_only: self.read_only,
            apply_policy: self.apply_policy.map(Into::into),
            options: self.options,
        }
    }
}

/// Changes a connection. One of a production database needs the capability `use_production` too.
#[utoipa::path(patch, path = "/api/v1/workspaces/{workspace}/connections/{connection}",
    operation_id = "change_connection", tag = "connections",
    params(InWorkspace, ("connection" = String, Path, description = "Which connection", format = Uuid), ("If-Match" = String, Header, description = "The version that is changed")),
    request_body = ConnectionEdit,
    responses((status = 200, description = "The connection", body = ConnectionView, headers(("ETag" = String)))))]
pub async fn handle(
    operation: Operation,
    place: Path<(String, Id)>,
    headers: HeaderMap,
    Json(edit): Json<ConnectionEdit>,
) -> Result<Response, Problem> {
    let Path((_, id)) = place;
    let version = etag::expected(&headers)?;
    let changed = connections::change(&operation, id, version, edit.edit()).await?;
    Ok(etag::answer(StatusCode::OK, changed.version, ConnectionView::of(&changed)?))
}
