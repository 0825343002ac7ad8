//! `GET /api/v1/workspaces/{workspace}/runs`: what was run.

use super::show::RunView;
use crate::app::runs::history::{self, Asked};
use crate::http::extract::Query;
use crate::http::page::{Page, PageQuery};
use crate::http::path::InWorkspace;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::runs::RunState;
use axum::Json;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Whose runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// One's own.
    Mine,
    /// Everybody's.
    All,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It runs.
    Running,
    /// It ended well.
    Done,
    /// It ended with an error.
    Failed,
    /// Somebody ended it.
    Cancelled,
    /// The rules refused it.
    Refused,
}

impl State {
    fn stored(self) -> RunState {
        match self {
            State::Running => RunState::Running,
            State::Done => RunState::Done,
            State::Failed => RunState::Failed,
            State::Cancelled => RunState::Cancelled,
            State::Refused => RunState::Refused,
        }
    }
}

/// Which runs.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RunsQuery {
    /// Most items of this part.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Where the part before ended: `next` of its answer.
    #[param(max_length = 1024)]
    pub cursor: Option<String>,
    /// Whose; one's own where nothing is said. `all` needs the capability `view_activity`.
    #[param(inline)]
    pub of: Option<Whose>,
    /// Only on this connection.
    #[param(value_type = Option<String>, format = Uuid)]
    pub connection: Option<Id>,
    /// Only of this saved query.
    #[param(value_type = Option<String>, format = Uuid)]
    pub saved_query: Option<Id>,
    /// Only those that are this far.
    #[param(inline)]
    pub state: Option<State>,
}

/// Lists runs, latest first. They are kept as long as `admin.retention.run_days` says.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/runs", operation_id = "list_runs", tag = "runs",
    params(InWorkspace, RunsQuery), responses((status = 200, description = "Runs", body = Page<RunView>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<RunsQuery>,
) -> Result<Json<Page<RunView>>, Problem> {
    let asked = Asked {
        all: query.of == Some(Whose::All),
        connection: query.connection,
        saved_query: query.saved_query,
        state: query.state.map(State::stored),
    };
    let part = PageQuery { limit: query.limit, cursor: query.cursor };
    let page = history::list(&operation, asked, part.after()?, part.limit()?).await?;
    Ok(Json(Page::by_id(page.items.into_iter().map(RunView::of).collect(), page.next)))
}
