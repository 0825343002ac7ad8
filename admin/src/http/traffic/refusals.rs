//! `GET …/refusals`: what was refused or held.

use super::sums::{CallerPrincipalView, CallerView};
use crate::app::traffic::{Asked, scope};
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::traffic::{self, RefusalFilter};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What is done with a statement that may not pass.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusalWord {
    /// It was refused.
    Refuse,
    /// It was held for somebody's approval.
    Hold,
}

/// Which refusals.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RefusalsQuery {
    /// From this time on; with neither bound everything that is kept.
    #[param(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    /// Before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// Only of the listener with this name.
    #[param(max_length = 200)]
    pub listener: Option<String>,
    /// Only by this rule, as `rule set/rule`.
    #[param(max_length = 200)]
    pub rule: Option<String>,
    /// Only refused, or only held ones.
    #[param(inline)]
    pub verdict: Option<RefusalWord>,
    /// Only of this fingerprint.
    #[param(max_length = 100)]
    pub fingerprint: Option<String>,
    /// Only of this database role.
    #[param(max_length = 200)]
    pub user: Option<String>,
    /// Only of this application.
    #[param(max_length = 200)]
    pub application: Option<String>,
    /// Most items of this part.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Where the part before ended.
    #[param(max_length = 1024)]
    pub cursor: Option<String>,
}

/// A statement that was refused or held.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusalView {
    /// When.
    pub at: Timestamp,
    /// Its listener.
    pub listener: String,
    /// The session's UUID, as the ledger has it.
    pub session: String,
    /// Who asked.
    pub caller: CallerView,
    /// Who that is; absent where nobody linked the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<CallerPrincipalView>,
    /// Which statement; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The statement without its literals, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What it does.
    pub class: String,
    /// `refuse` or `hold`.
    pub verdict: String,
    /// The rule, as `rule set/rule`; empty where none decided.
    pub rule: String,
    /// What the client was given.
    pub sqlstate: String,
}

/// Lists refusals, the latest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/refusals", operation_id = "list_refusals", tag = "traffic",
    params(("workspace" = String, Path, description = "Slug or id of the workspace", max_length = 64), RefusalsQuery),
    responses((status = 200, description = "Refusals", body = Page<RefusalView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<RefusalsQuery>,
) -> Result<Json<Page<RefusalView>>, Problem> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor.clone() };
    let (limit, after) = (page.limit()?, page.after()?);
    let is_bounded = query.from.is_some() || query.until.is_some();
    let asked = Asked {
        from: query.from,
        until: query.until,
        listener: query.listener,
        fingerprint: query.fingerprint,
        ..Asked::default()
    };
    let mut scope = scope(&operation, asked).await?;
    let Some(selected) = scope.filter.clone() else { return Ok(Json(Page::new(Vec::new(), None))) };
    let filter = RefusalFilter {
        rule: query.rule,
        fingerprint: selected.fingerprint,
        user: query.user,
        application: query.application,
        verdict: query.verdict.map(|word| match word {
            RefusalWord::Refuse => "refuse".to_owned(),
            RefusalWord::Hold => "hold".to_owned(),
        }),
        range: is_bounded.then_some(scope.range),
    };
    let listeners = scope.numbers();
    let found = traffic::refusals(&mut scope.tx, &listeners, &filter, after, limit.into()).await?;
    let statements = scope.statements(found.items.iter().filter_map(|row| row.fingerprint)).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for row in found.items {
        let principal = scope.principal(row.listener, &row.caller).await?;
        let statement = row.fingerprint.and_then(|number| statements.get(&number));
        items.push(RefusalView {
            at: Timestamp(row.at),
            listener: scope.name(row.listener),
            session: row.session,
            caller: CallerView::of(&row.caller),
            principal: principal.map(CallerPrincipalView::of),
            fingerprint: statement.map(|statement| statement.fingerprint.clone()),
            text: statement.and_then(|statement| statement.text.clone()),
            class: row.class,
            verdict: row.verdict,
            rule: row.rule,
            sqlstate: row.sqlstate,
        });
    }
    let next = found.next.map(|id| id.array());
    Ok(Json(Page::new(items, next.as_ref().map(<[u8; 16]>::as_slice))))
}
