//! `GET /api/v1/workspaces/{workspace}/live-sessions`: the sessions that are open now.

use crate::app::live_sessions::{self, Live, Open};
use crate::http::extract::Query;
use crate::http::ledger::search::MissingView;
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::http::traffic::sums::{CallerPrincipalView, CallerView};
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::now_us;
use axum::Json;
use control::{Blocker, Blocking, LiveQuery, LiveState, LiveStatement};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which sessions.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LiveSessionsQuery {
    /// Only of the listener with this name.
    #[param(min_length = 1, max_length = 200)]
    pub listener: Option<String>,
    /// Most sessions.
    #[param(minimum = 1, maximum = 2000, default = 2000)]
    pub limit: Option<u32>,
}

/// What a session is doing.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LiveSessionState {
    /// Its login is not finished.
    Login,
    /// The server owes it an answer, or the gateway holds its request.
    Active,
    /// It waits for its client, outside a transaction.
    Idle,
    /// It waits for its client in an open transaction.
    InTransaction,
    /// It waits for its client in a transaction that failed.
    FailedTransaction,
    /// Its client has left.
    Leaving,
}

impl LiveSessionState {
    fn of(state: LiveState) -> LiveSessionState {
        match state {
            LiveState::Login => LiveSessionState::Login,
            LiveState::Active => LiveSessionState::Active,
            LiveState::Idle => LiveSessionState::Idle,
            LiveState::InTransaction => LiveSessionState::InTransaction,
            LiveState::FailedTransaction => LiveSessionState::FailedTransaction,
            LiveState::Leaving => LiveSessionState::Leaving,
        }
    }
}

/// A statement under way.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CurrentStatementView {
    /// Its shape.
    pub fingerprint: String,
    /// Its text without literals, at most 2,000 characters.
    pub text: String,
    /// Whether the text is longer.
    pub is_text_cut: bool,
    /// What it does: `read`, `write`, …
    #[schema(example = "write")]
    pub class: String,
    /// By which way it came: `run`, `execute`, …
    #[schema(example = "run")]
    pub kind: String,
    /// When it began.
    pub started_at: Timestamp,
    /// `allow`, `unjudged`; `refuse` and `hold` where the listener only observes.
    #[schema(example = "allow")]
    pub verdict: String,
    /// The rule that decided, where one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

impl CurrentStatementView {
    fn of(statement: LiveStatement) -> CurrentStatementView {
        CurrentStatementView {
            fingerprint: statement.fingerprint,
            text: statement.text,
            is_text_cut: statement.is_text_cut,
            class: statement.class,
            kind: statement.kind,
            started_at: Timestamp(statement.started_at_us),
            verdict: statement.verdict,
            rule: statement.rule,
        }
    }
}

/// What a server says that a process waits for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WaitView {
    /// The kind, in the server's words.
    #[schema(example = "Lock")]
    pub kind: String,
    /// The event, in the server's words.
    #[schema(example = "transactionid")]
    pub event: String,
}

/// Who keeps a session waiting: a session of this workspace, or somebody else at the server.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BlockerView {
    /// The server's process; 0 for a prepared transaction, which has none.
    pub process: u32,
    /// The session; absent where it is none of this workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// As whom the server knows somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// In which database that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// By which name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// There where it is a transaction that was prepared and waits to be committed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_prepared_transaction: Option<bool>,
}

impl BlockerView {
    fn of(blocker: Blocker) -> BlockerView {
        BlockerView {
            process: blocker.process,
            session: blocker.session,
            user: blocker.user,
            database: blocker.database,
            application: blocker.application,
            is_prepared_transaction: (blocker.process == 0).then_some(true),
        }
    }
}

/// Whether it is known who keeps a session waiting.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockingWord {
    /// It is: `blocked_by` names them all.
    Known,
    /// It is not: `blocking_reason` says why.
    Unknown,
}

/// A session that is open now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LiveSessionView {
    /// Its UUID, as the ledger has it.
    #[schema(format = Uuid)]
    pub session: String,
    /// The data plane it goes through.
    pub plane: String,
    /// That one's name.
    pub plane_name: String,
    /// Its listener.
    pub listener: String,
    /// `postgres`, `mysql`.
    #[schema(example = "postgres")]
    pub protocol: String,
    /// `development`, `staging`, `production`.
    #[schema(example = "production")]
    pub environment: String,
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
    /// What it is doing.
    pub state: LiveSessionState,
    /// Since when, at a precision of half a second.
    pub state_since: Timestamp,
    /// Since when its transaction block is open; absent outside of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_started_at: Option<Timestamp>,
    /// Requests since it began.
    pub statements: u64,
    /// Bytes from the client.
    pub bytes_in: u64,
    /// Bytes from the server.
    pub bytes_out: u64,
    /// The process id that the server gave out; absent where its protocol has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_process: Option<u32>,
    /// Whether its next request waits in the gateway: while it is judged, for the ledger, for a cancel on its way.
    pub waits_at_gate: bool,
    /// The oldest statement under way; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<CurrentStatementView>,
    /// What the server says it waits for; absent where it waits for nothing, or nobody may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<WaitView>,
    /// Whether it is known who keeps it waiting.
    pub blocking: BlockingWord,
    /// Why that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocking_reason: Option<String>,
    /// Who keeps it waiting; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<Vec<BlockerView>>,
}

/// The sessions that are open now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LiveSessionsView {
    /// When they were looked at.
    pub at: Timestamp,
    /// How many there are.
    pub total: u64,
    /// Whether there are more than are told.
    pub truncated: bool,
    /// Those that run something first, the longest first; then those in a transaction.
    pub items: Vec<LiveSessionView>,
    /// Data planes that did not answer: their sessions are missing here.
    pub unavailable: Vec<MissingView>,
}

impl LiveSessionsView {
    fn of(live: Live) -> LiveSessionsView {
        LiveSessionsView {
            at: Timestamp(now_us()),
            total: live.total,
            truncated: live.total > live.open.len() as u64,
            items: live.open.into_iter().map(view).collect(),
            unavailable: live.unavailable.into_iter().map(MissingView::of).collect(),
        }
    }
}

fn view(open: Open) -> LiveSessionView {
    let session = open.session;
    let (blocking, blocking_reason, blocked_by) = match session.blocking {
        Blocking::Known(by) => {
            (BlockingWord::Known, None, Some(by.into_iter().map(BlockerView::of).collect()))
        }
        Blocking::Unknown(reason) => (BlockingWord::Unknown, Some(reason), None),
    };
    LiveSessionView {
        session: session.session,
        plane: open.plane,
        plane_name: open.plane_name,
        listener: session.listener,
        protocol: session.protocol,
        environment: session.environment,
        caller: CallerView {
            user: session.user,
            database: session.database,
            application: session.application,
        },
        principal: open.principal.map(CallerPrincipalView::of),
        address: session.address,
        tls: session.tls,
        started_at: Timestamp(session.started_at_us),
        state: LiveSessionState::of(session.state),
        state_since: Timestamp(session.state_since_us),
        transaction_started_at: session.transaction_since_us.map(Timestamp),
        statements: session.statements,
        bytes_in: session.bytes_in,
        bytes_out: session.bytes_out,
        server_process: session.server_process,
        waits_at_gate: session.waits_at_gate,
        current: session.current.map(CurrentStatementView::of),
        wait: session.wait.map(|wait| WaitView { kind: wait.kind, event: wait.event }),
        blocking,
        blocking_reason,
        blocked_by,
    }
}

/// Lists the sessions that are open now behind the workspace's listeners, as their data planes have them at this
/// moment. Whom a server keeps waiting for whom is asked of the server, where the listener has a probe.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/live-sessions", operation_id = "list_live_sessions",
    tag = "live sessions", params(InWorkspace, LiveSessionsQuery),
    responses((status = 200, description = "Sessions", body = LiveSessionsView)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<LiveSessionsQuery>,
) -> Result<Json<LiveSessionsView>, Problem> {
    let limit = query.limit.unwrap_or(LiveQuery::SESSIONS_MAX);
    if !(1..=LiveQuery::SESSIONS_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("must be from 1 to {}", LiveQuery::SESSIONS_MAX)));
    }
    Ok(Json(LiveSessionsView::of(live_sessions::list(&operation, query.listener, limit).await?)))
}
