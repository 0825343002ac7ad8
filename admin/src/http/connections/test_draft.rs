//! `POST /api/v1/workspaces/{workspace}/connections/test`: would this connection work?

use super::create::ConnectionDraft;
use crate::app::connections::trial::{self, Trial};
use crate::http::extract::Json;
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// How a test ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestView {
    /// Whether it works.
    pub ok: bool,
    /// How long connecting took, with the login, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect_us: Option<u64>,
    /// How long the smallest question took, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_us: Option<u64>,
    /// What the server says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<ServerView>,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<TestProblem>,
}

/// What a server says of itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerView {
    /// `PostgreSQL`, `MySQL`, `MariaDB`, `SQLite` or `SQL Server`.
    pub product: String,
    /// Its version in its own words.
    pub version: String,
    /// Whether the server as a whole only reads; absent where it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// Whether it is a standby; absent where it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_recovery: Option<bool>,
    /// Who is logged in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_user: Option<String>,
    /// The database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// Whether the connection is encrypted; absent for files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypted: Option<bool>,
    /// What the login may do that reading does not need; only SQL Server is asked for it.
    pub excess: Vec<ExcessView>,
}

/// A privilege that a connection for reading does not need.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExcessView {
    /// What may be done with it.
    #[schema(example = "the user may insert rows everywhere (db_datawriter or INSERT)")]
    pub what: String,
    /// How it is taken away, in the database's own words.
    #[schema(example = "ALTER ROLE db_datawriter DROP MEMBER …, REVOKE INSERT TO …")]
    pub remedy: String,
}

/// What is wrong with a connection.
#[derive(Debug, Serialize, ToSchema)]
pub struct TestProblem {
    /// Which kind of thing: `dns`, `refused`, `timeout`, `unreachable`, `tls`, `password`, `database`, `permission`,
    /// `egress`, `file`, `protocol`, `lost` and others.
    #[schema(example = "refused")]
    pub class: String,
    /// In words.
    pub message: String,
    /// The server's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What may help, the likeliest first.
    pub tips: Vec<String>,
}

impl TestView {
    /// As it is shown.
    pub(super) fn of(trial: Trial) -> TestView {
        let micros = |time: Duration| Some(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        match trial {
            Trial::Well { connect, latency, server } => TestView {
                ok: true,
                connect_us: micros(connect),
                latency_us: micros(latency),
                server: Some(ServerView {
                    product: server.product,
                    version: server.version,
                    read_only: server.read_only,
                    in_recovery: server.in_recovery,
                    current_user: server.current_user,
                    database: server.database,
                    encrypted: server.encrypted,
                    excess: server
                        .excess
                        .into_iter()
                        .map(|one| ExcessView { what: one.what, remedy: one.remedy })
                        .collect(),
                }),
                problem: None,
            },
            Trial::Failed(error) => TestView {
                ok: false,
                connect_us: None,
                latency_us: None,
                server: None,
                problem: Some(TestProblem {
                    class: error.class().as_str().to_owned(),
                    message: error.message().to_owned(),
                    detail: error.detail().map(ToOwned::to_owned),
                    tips: error.tips().into_iter().map(ToOwned::to_owned).collect(),
                }),
            },
        }
    }
}

/// Tries a connection before it is saved, for at most 10 seconds. That it does not work is an answer, with what
/// may help; nothing is kept.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/connections/test", operation_id = "test_connection_draft",
    tag = "connections", params(InWorkspace), request_body = ConnectionDraft,
    responses((status = 200, description = "Whether it works, and what helps if not", body = TestView)))]
pub async fn handle(
    operation: Operation,
    Json(draft): Json<ConnectionDraft>,
) -> Result<axum::Json<TestView>, Problem> {
    let trial = trial::of_draft(&operation, draft.draft()).await?;
    Ok(axum::Json(TestView::of(trial)))
}
