//! `POST /api/v1/workspaces/{workspace}/connections`: makes a database known.

use super::view::ConnectionView;
use super::words::{ApplyPolicyWord, EnvironmentWord, KindWord, TlsModeWord};
use crate::app::connections::{self, ConnectionOptions, Draft};
use crate::http::etag;
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_engines::{Tls, TlsMode};
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

/// A connection to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionDraft {
    /// What people call it; unique in the workspace, in whatever case of letters.
    #[schema(min_length = 1, max_length = 100, example = "Shop, replica")]
    pub name: String,
    /// What kind of database it is.
    pub kind: KindWord,
    /// The gateway's listener it goes through, which the workspace must own; leave `host` and `port` out then.
    #[schema(max_length = 255, example = "shop")]
    pub via: Option<String>,
    /// The server: a host name, or an address without brackets and port.
    #[schema(
        min_length = 1,
        max_length = 253,
        pattern = "^[A-Za-z0-9._:][A-Za-z0-9._:-]*$",
        example = "db.example.com"
    )]
    pub host: Option<String>,
    /// Its port; 5432 for PostgreSQL and 3306 for MySQL where nothing is said.
    #[schema(minimum = 1, maximum = 65535, example = 5432)]
    pub port: Option<u16>,
    /// The file of SQLite, relative to the folder that the operator has named.
    #[schema(min_length = 1, max_length = 255, example = "shop.db")]
    pub file: Option<String>,
    /// The database on the server; the server's default where nothing is said.
    #[schema(max_length = 255, example = "shop")]
    pub database: Option<String>,
    /// Who logs in.
    #[schema(max_length = 255, example = "dragoman")]
    pub user: Option<String>,
    /// The password. It is kept sealed and never shown.
    #[schema(max_length = 8192, format = Password, write_only)]
    pub password: Option<String>,
    /// How the way is encrypted; `prefer` where nothing is said.
    pub tls: Option<TlsDraft>,
    /// How much depends on it; `development` where nothing is said.
    pub environment: Option<EnvironmentWord>,
    /// Whether everything runs in read-only transactions; yes where nothing is said.
    pub read_only: Option<bool>,
    /// Whether changes that were proposed may be made; never where nothing is said.
    pub apply_policy: Option<ApplyPolicyWord>,
    /// How its schema is looked at.
    pub options: Option<ConnectionOptions>,
}

/// How the way to a database shall be encrypted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsDraft {
    /// Whether, and who may answer.
    pub mode: TlsModeWord,
    /// The authorities' certificates, as PEM; needed for `verify-ca` and `verify-full`.
    #[schema(max_length = 262144)]
    pub ca_pem: Option<String>,
}

impl TlsDraft {
    /// As the engines take it.
    pub(super) fn tls(self) -> Tls {
        Tls { mode: self.mode.into(), ca_pem: self.ca_pem.filter(|pem| !pem.trim().is_empty()) }
    }
}

/// A password as somebody sent it; an empty one is none.
pub(super) fn password(text: String) -> Option<Zeroizing<String>> {
    Some(Zeroizing::new(text)).filter(|text| !text.is_empty())
}

impl ConnectionDraft {
    /// As the product takes it.
    pub(super) fn draft(self) -> Draft {
        let unsaid = Tls { mode: TlsMode::Prefer, ca_pem: None };
        Draft {
            name: self.name,
            kind: self.kind.into(),
            via: self.via,
            host: self.host,
            port: self.port,
            file: self.file,
            database: self.database.unwrap_or_default(),
            user: self.user.unwrap_or_default(),
            password: self.password.and_then(password),
            tls: self.tls.map_or(unsaid, TlsDraft::tls),
            environment: self.environment.unwrap_or(EnvironmentWord::Development).into(),
            read_only: self.read_only.unwrap_or(true),
            apply_policy: self.apply_policy.unwrap_or(ApplyPolicyWord::Never).into(),
            options: self.options.unwrap_or_default(),
        }
    }
}

/// Makes a database known. It is looked at soon, and unless its options say otherwise its schema is read.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/connections", operation_id = "create_connection",
    tag = "connections", params(InWorkspace), request_body = ConnectionDraft,
    responses((status = 201, description = "The connection", body = ConnectionView,
        headers(("Location" = String), ("ETag" = String)))))]
pub async fn handle(operation: Operation, Json(draft): Json<ConnectionDraft>) -> Result<Response, Problem> {
    let made = connections::create(&operation, draft.draft()).await?;
    let slug = &operation.entered()?.workspace.slug;
    let location = format!("/api/v1/workspaces/{slug}/connections/{}", made.id);
    Ok(etag::made(&location, made.version, ConnectionView::of(&made)?))
}
