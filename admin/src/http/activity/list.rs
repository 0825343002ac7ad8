//! `GET /api/v1/workspaces/{workspace}/activity`: what people did in a workspace.

use crate::app::activity;
use crate::http::extract::Query;
use crate::http::machines::show::MachineKind;
use crate::http::page::{Page, PageQuery};
use crate::http::path::InWorkspace;
use crate::http::timestamp::Timestamp;
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::Id;
use admin_store::activity::{Actor, Entry, Filter};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Longest word that is looked for.
const WORD_BYTES_MAX: usize = 100;

/// Which entries are looked for, and which part of them.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ActivityQuery {
    /// Most items of this part.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// Where the part before ended: `next` of its answer.
    #[param(max_length = 1024)]
    pub cursor: Option<String>,
    /// What this person did, in the console or by tokens.
    #[param(value_type = Option<String>, format = Uuid)]
    pub actor: Option<Id>,
    /// This kind of deed: an operation's id.
    #[param(max_length = 100, example = "create_connection")]
    pub action: Option<String>,
    /// To this kind of thing.
    #[param(max_length = 100, example = "connection")]
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

impl ActivityQuery {
    /// What is looked for.
    pub(crate) fn filter(&self) -> Result<Filter, Problem> {
        for (field, word) in
            [("action", &self.action), ("target_kind", &self.target_kind), ("target", &self.target)]
        {
            if word.as_ref().is_some_and(|word| word.len() > WORD_BYTES_MAX) {
                return Err(Problem::invalid(field, format!("must have at most {WORD_BYTES_MAX} bytes")));
            }
        }
        Ok(Filter {
            workspace: None,
            user: self.actor,
            action: self.action.clone(),
            target_kind: self.target_kind.clone(),
            target_id: self.target.clone(),
            outcome: None,
            from: self.from.map(|from| from.0),
            until: self.until.map(|until| until.0),
        })
    }

    /// Which part of it.
    pub(crate) fn part(&self) -> PageQuery {
        PageQuery { limit: self.limit, cursor: self.cursor.clone() }
    }
}

/// Something that was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityEntry {
    /// Which; later ones are greater.
    #[schema(value_type = String, format = Uuid)]
    pub id: Id,
    /// When.
    pub at: Timestamp,
    /// In which workspace; absent for what is about the instance or a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub workspace: Option<Id>,
    /// Which person; absent for nobody who is known, and for the program itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub actor: Option<Id>,
    /// What the person is called now; absent for who was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor_name: Option<String>,
    /// What the actor is where it is no person: a service or an agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine: Option<MachineKind>,
    /// By which token; absent for a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub token: Option<Id>,
    /// By which program, as it said.
    pub user_agent: String,
    /// What: an operation's id.
    #[schema(example = "create_connection")]
    pub action: String,
    /// To what kind of thing.
    pub target_kind: String,
    /// To which.
    pub target: String,
    /// What people called it then.
    pub target_label: String,
    /// What else there is to know.
    #[schema(value_type = Object)]
    pub details: serde_json::Value,
    /// `done`, `refused` or `failed`.
    #[schema(example = "done")]
    pub outcome: String,
    /// The request that did it.
    pub request: String,
    /// Where it came from.
    pub address: String,
}

impl ActivityEntry {
    /// As it is shown.
    pub(crate) fn of(entry: Entry) -> ActivityEntry {
        let (actor, token) = match entry.deed.actor {
            Actor::User(user) => (Some(user), None),
            Actor::Token { user, token } => (Some(user), Some(token)),
            Actor::Nobody | Actor::System => (None, None),
        };
        ActivityEntry {
            id: entry.id,
            at: Timestamp(entry.at),
            workspace: entry.deed.workspace,
            actor,
            actor_name: entry.actor_name,
            machine: entry.machine.map(MachineKind::of),
            token,
            user_agent: entry.deed.actor_label,
            action: entry.deed.action,
            target_kind: entry.deed.target.kind,
            target: entry.deed.target.id,
            target_label: entry.deed.target.label,
            details: entry.deed.details,
            outcome: entry.deed.outcome.word().to_owned(),
            request: entry.deed.request_id,
            address: entry.deed.address,
        }
    }
}

/// The part of a list that was asked for.
pub(crate) async fn part(
    operation: &Operation,
    query: &ActivityQuery,
) -> Result<Json<Page<ActivityEntry>>, Problem> {
    let part = query.part();
    let page = activity::list(operation, query.filter()?, part.after()?, part.limit()?).await?;
    let items = page.items.into_iter().map(ActivityEntry::of).collect();
    Ok(Json(Page::by_id(items, page.next)))
}

/// Lists what people did in a workspace, latest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/activity", operation_id = "list_activity",
    tag = "activity", params(InWorkspace, ActivityQuery),
    responses((status = 200, description = "Entries", body = Page<ActivityEntry>)))]
pub async fn handle(
    operation: Operation,
    Query(query): Query<ActivityQuery>,
) -> Result<Json<Page<ActivityEntry>>, Problem> {
    part(&operation, &query).await
}
