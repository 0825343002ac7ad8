//! `GET …/sessions`: sessions of the listeners, live and past.

use super::sums::{CallerPrincipalView, CallerView};
use crate::app::traffic::{Asked, scope};
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::traffic::{self, SessionFilter};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which sessions.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SessionsQuery {
    /// Only of the listener with this name.
    #[param(max_length = 200)]
    pub listener: Option<String>,
    /// Only those that live, or only those that ended.
    pub live: Option<bool>,
    /// Only of this database role.
    #[param(max_length = 200)]
    pub user: Option<String>,
    /// Only of this application.
    #[param(max_length = 200)]
    pub application: Option<String>,
    /// Only those that began before.
    #[param(value_type = Option<String>, format = DateTime)]
    pub before: Option<Timestamp>,
    /// Most items of this part.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Where the part before ended.
    #[param(max_length = 1024)]
    pub cursor: Option<String>,
}

/// A session of a listener.
#[derive(Debug, Serialize, ToSchema)]
pub struct WireSessionView {
    /// Its UUID, as the ledger has it.
    pub session: String,
    /// Its listener.
    pub listener: String,
    /// Who.
    pub caller: CallerView,
    /// Who that is; absent where nobody linked the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<CallerPrincipalView>,
    /// From where: `ip:port` or `unix`.
    pub address: String,
    /// `TLSv1.3`, …; empty without TLS.
    pub tls: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; absent while it lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Why it ended; empty while it lives.
    pub cause: String,
    /// Bytes from the client; 0 while it lives.
    pub bytes_in: u64,
    /// Bytes to the client; 0 while it lives.
    pub bytes_out: u64,
}

/// Lists sessions, the latest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/sessions", operation_id = "list_wire_sessions", tag = "traffic",
    params(("workspace" = String, Path, description = "Slug or id of the workspace", max_length = 64), SessionsQuery),
    responses((status = 200, description = "Sessions", body = Page<WireSessionView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<SessionsQuery>,
) -> Result<Json<Page<WireSessionView>>, Problem> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor.clone() };
    let (limit, after) = (page.limit()?, page.after()?);
    let mut scope = scope(&operation, Asked { listener: query.listener, ..Asked::default() }).await?;
    let filter = SessionFilter {
        live: query.live,
        user: query.user,
        application: query.application,
        before: query.before.map(|before| before.0),
    };
    let listeners = scope.numbers();
    let found = traffic::sessions(&mut scope.tx, &listeners, &filter, after, limit.into()).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for row in found.items {
        let principal = scope.principal(row.listener, &row.caller).await?;
        items.push(WireSessionView {
            listener: scope.name(row.listener),
            session: row.session,
            caller: CallerView::of(&row.caller),
            principal: principal.map(CallerPrincipalView::of),
            address: row.address,
            tls: row.tls,
            started_at: Timestamp(row.started_at),
            ended_at: row.ended_at.map(Timestamp),
            cause: row.cause,
            bytes_in: row.bytes_in,
            bytes_out: row.bytes_out,
        });
    }
    let next = found.next.map(|id| id.array());
    Ok(Json(Page::new(items, next.as_ref().map(<[u8; 16]>::as_slice))))
}
