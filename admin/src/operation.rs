//! Who asks, may they, and what did they do?
//!
//! Whether they may is decided before a handler runs, by the action's line in the table
//! ([`crate::access::Action`]): a handler that is reached is allowed. It takes an [`Operation`], which
//! is the only way to change the state: [`Operation::begin`] gives a [`Change`], and committing one
//! writes its entry into the activity in the same transaction.

use crate::access::{Action, Capabilities, Capability, Needs};
use crate::app::members::held_by;
use crate::plane::App;
use crate::problem::{Code, Problem};
use crate::topics::Topic;
use admin_store::activity::{self, Actor, Deed, Outcome};
use admin_store::{Id, Tx, members, users, workspaces};
use std::net::IpAddr;

/// A request of the API at work.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What all requests share.
    pub app: App,
    /// What is asked for.
    pub action: Action,
    /// Who asks.
    pub caller: Caller,
    /// The workspace it is asked in.
    pub entered: Option<Entered>,
    /// What is known of the request.
    pub request: RequestFacts,
}

/// What is known of a request.
#[derive(Clone, Debug)]
pub struct RequestFacts {
    /// Unique; told to who asks and in the log.
    pub id: String,
    /// From where.
    pub address: Option<IpAddr>,
    /// The program that asks, as it says; at most 256 bytes.
    pub user_agent: String,
}

/// Who asks.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Nobody knows.
    Nobody,
    /// Credentials were shown that are not valid.
    Rejected(&'static str),
    /// A data plane that showed its token.
    Plane,
    /// Somebody who is signed in.
    Person(Box<Person>),
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who.
    pub user: users::User,
    /// By what.
    pub via: Via,
}

/// By what somebody is signed in.
#[derive(Clone, Debug)]
pub enum Via {
    /// A session of the console.
    Session {
        /// Which.
        id: Id,
    },
    /// A personal access token.
    Token {
        /// Which.
        id: Id,
        /// What it may be used for.
        scopes: Capabilities,
        /// Whether it may be used for what is about the person itself.
        is_for_person: bool,
        /// The only workspace it may be used in.
        workspace: Option<Id>,
    },
}

/// A workspace somebody has entered.
#[derive(Clone, Debug)]
pub struct Entered {
    /// Which.
    pub workspace: workspaces::Workspace,
    /// What they are in it; `None` for an admin of the instance who is no member.
    pub role: Option<String>,
    /// What they may do in it.
    pub capabilities: Capabilities,
}

impl Entered {
    /// Asks for one more capability than the action needs by itself.
    pub fn require(&self, capability: Capability) -> Result<(), Problem> {
        if self.capabilities.contains(capability) {
            return Ok(());
        }
        Err(lacks(capability))
    }
}

fn lacks(capability: Capability) -> Problem {
    Problem::new(
        Code::Forbidden,
        format!("this needs the capability `{}` in this workspace", capability.as_str()),
    )
    .with_hint("ask somebody who may manage the members of this workspace")
}

impl Caller {
    /// Whoever is signed in.
    pub fn person(&self) -> Result<&Person, Problem> {
        match self {
            Caller::Person(person) => Ok(person),
            Caller::Nobody | Caller::Plane => {
                Err(Problem::new(Code::Unauthenticated, "this needs somebody who is signed in")
                    .with_hint("sign in, or send `Authorization: Bearer` with a personal access token"))
            }
            Caller::Rejected(why) => {
                Err(Problem::new(Code::Unauthenticated, *why).with_hint("sign in again"))
            }
        }
    }

    /// Whoever may do what is about themselves.
    pub(crate) fn oneself(&self) -> Result<&Person, Problem> {
        let person = self.person()?;
        match person.via {
            Via::Token { is_for_person: false, .. } => {
                Err(Problem::new(Code::Forbidden, "this token may not be used for what is about its person")
                    .with_hint("make a token with the scope `profile`, or use the console"))
            }
            Via::Session { .. } | Via::Token { .. } => Ok(person),
        }
    }

    /// Admins of the instance only; a token never is enough.
    pub(crate) fn instance(&self) -> Result<&Person, Problem> {
        let person = self.person()?;
        match person.via {
            Via::Session { .. } if person.user.is_instance_admin => Ok(person),
            Via::Session { .. } => {
                Err(Problem::new(Code::Forbidden, "only admins of the instance may do this"))
            }
            Via::Token { .. } => Err(Problem::new(Code::Forbidden, "no token may be used for this")
                .with_hint("sign in with a session")),
        }
    }
}

/// Enters the workspace that `slug` (or its id) names, if `capability` is had there. To somebody who may
/// not even see it the workspace does not exist.
pub(crate) async fn enter(
    app: &App,
    caller: &Caller,
    slug: &str,
    capability: Capability,
) -> Result<Entered, Problem> {
    let person = caller.person()?;
    let mut tx = app.store.read().await?;
    let workspace = match slug.parse::<Id>() {
        Ok(id) => workspaces::by_id(&mut tx, id).await?,
        Err(_) => workspaces::by_slug(&mut tx, slug).await?,
    };
    let member = members::find(&mut tx, workspace.id, person.user.id).await?;
    tx.commit().await?;
    let (role, mut capabilities) = match &member {
        Some(member) => (Some(member.role.word().to_owned()), held_by(member)),
        None if person.user.is_instance_admin && is_meant(&person.via, workspace.id) => {
            (None, Capabilities::all())
        }
        None => return Err(Problem::not_found("workspace")),
    };
    if let Via::Token { scopes, workspace: only, .. } = &person.via {
        if only.is_some_and(|only| only != workspace.id) {
            return Err(Problem::not_found("workspace"));
        }
        capabilities = capabilities.and(*scopes);
    }
    if !capabilities.contains(capability) {
        return Err(lacks(capability));
    }
    Ok(Entered { workspace, role, capabilities })
}

/// Whether an admin of the instance means a workspace of others: a token that was made for no workspace is
/// good in those its person is a member of, and not in everybody's.
fn is_meant(via: &Via, workspace: Id) -> bool {
    match via {
        Via::Session { .. } => true,
        Via::Token { workspace: only, .. } => *only == Some(workspace),
    }
}

/// Decides whether `caller` may do `action`, in workspace `slug` where it is about one.
pub(crate) async fn authorize(
    app: &App,
    caller: &Caller,
    action: Action,
    slug: Option<&str>,
) -> Result<Option<Entered>, Problem> {
    match action.needs() {
        Needs::Nobody => Ok(None),
        Needs::Person => caller.oneself().map(|_| None),
        Needs::Instance => caller.instance().map(|_| None),
        Needs::Workspace(capability) => {
            let slug = slug.ok_or_else(|| Problem::new(Code::Internal, "a path without its workspace"))?;
            enter(app, caller, slug, capability).await.map(Some)
        }
        // The layer that looks at tokens of data planes is the one before this.
        Needs::Plane => match caller {
            Caller::Plane => Ok(None),
            _ => Err(Problem::new(Code::Unauthenticated, "this needs the token of a data plane")
                .with_hint("set `link.token` of the data plane to what `admin.link.token` is here")),
        },
    }
}

impl Operation {
    /// Whoever is signed in.
    pub fn person(&self) -> Result<&Person, Problem> {
        self.caller.person()
    }

    /// The workspace it is asked in.
    pub fn entered(&self) -> Result<&Entered, Problem> {
        self.entered
            .as_ref()
            .ok_or_else(|| Problem::new(Code::Internal, "an action without a workspace was asked for in one"))
    }

    /// Begins to change something.
    pub async fn begin(&self) -> Result<Change<'_>, Problem> {
        let tx = self.app.store.write().await?;
        Ok(Change {
            operation: self,
            workspace: self.entered.as_ref().map(|entered| entered.workspace.id),
            actor: None,
            tx,
        })
    }

    /// Begins to read: everything that is read is of one moment.
    pub async fn read(&self) -> Result<Tx, Problem> {
        Ok(self.app.store.read().await?)
    }
}

/// What a change is about.
#[derive(Clone, Debug)]
pub struct Target {
    /// What kind of thing: `connection`, `user`.
    pub kind: &'static str,
    /// Which.
    pub id: String,
    /// As people know it.
    pub label: String,
}

impl Target {
    /// A thing with a name.
    pub fn new(kind: &'static str, id: impl ToString, label: impl Into<String>) -> Target {
        Target { kind, id: id.to_string(), label: label.into() }
    }
}

/// A change under way. Dropped, it did not happen.
#[derive(Debug)]
pub struct Change<'o> {
    /// What is asked for.
    pub operation: &'o Operation,
    workspace: Option<Id>,
    actor: Option<Id>,
    /// Where to make it.
    pub tx: Tx,
}

impl Change<'_> {
    /// Makes it so, together with its entry in the activity. `details` never holds a secret.
    pub async fn commit(self, target: Target, details: serde_json::Value) -> Result<(), Problem> {
        self.commit_as(Outcome::Done, target, details).await
    }

    /// The same of what was refused or failed, where that is to be known.
    pub async fn commit_as(
        mut self,
        outcome: Outcome,
        target: Target,
        details: serde_json::Value,
    ) -> Result<(), Problem> {
        let deed = self.deed(outcome, target, details);
        let id = activity::append(&mut self.tx, &deed).await?;
        crate::notices::of_deed(&mut self.tx, &deed, id).await?;
        self.tx.commit().await?;
        if let Some(entered) = &self.operation.entered {
            let told = serde_json::json!({
                "id": id.to_string(), "action": deed.action, "target_kind": deed.target.kind,
                "target_id": deed.target.id, "target_label": deed.target.label,
            });
            self.operation.app.topics.publish(&entered.workspace.slug, Topic::Activity, &told);
        }
        Ok(())
    }

    /// Keeps an entry of its own for a part of the change, of what `user` has by it from now on: one change may
    /// be about several workspaces.
    pub(crate) async fn note(
        &mut self,
        workspace: Option<Id>,
        user: Id,
        target: Target,
        details: serde_json::Value,
    ) -> Result<(), Problem> {
        let mut deed = self.deed(Outcome::Done, target, details);
        (deed.workspace, deed.actor) = (workspace, Actor::User(user));
        let id = activity::append(&mut self.tx, &deed).await?;
        crate::notices::of_deed(&mut self.tx, &deed, id).await?;
        Ok(())
    }

    fn deed(&self, outcome: Outcome, target: Target, details: serde_json::Value) -> Deed {
        let caller = match &self.operation.caller {
            Caller::Person(person) => match &person.via {
                Via::Token { id, .. } => Actor::Token { user: person.user.id, token: *id },
                Via::Session { .. } => Actor::User(person.user.id),
            },
            Caller::Nobody | Caller::Rejected(_) => Actor::Nobody,
            Caller::Plane => Actor::System,
        };
        Deed {
            workspace: self.workspace,
            actor: self.actor.map_or(caller, Actor::User),
            actor_label: self.operation.request.user_agent.clone(),
            action: self.operation.action.as_str().to_owned(),
            target: activity::Target { kind: target.kind.to_owned(), id: target.id, label: target.label },
            details,
            outcome,
            request_id: self.operation.request.id.clone(),
            address: self.operation.request.address.map(|address| address.to_string()).unwrap_or_default(),
        }
    }

    /// Says whose workspace it is, where that is known only on the way.
    pub fn set_workspace(&mut self, workspace: Id) {
        self.workspace = Some(workspace);
    }

    /// Says who does it, where that is known only on the way: somebody who has just signed in.
    pub fn set_actor(&mut self, user: Id) {
        self.actor = Some(user);
    }
}
