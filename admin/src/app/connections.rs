//! Which databases does a workspace know, and who may change that?

pub mod draft;
pub mod health;
pub mod open;
pub mod trial;

pub use draft::{ConnectionOptions, Draft, Edit};
pub use open::{OpenError, Opened, open, open_known};

use super::schema::refresh;
use super::secrets;
use crate::access::Capability;
use crate::operation::{Operation, Target};
use crate::problem::Problem;
use admin_store::connections::{self, Connection, ConnectionSettings, Environment, Place, UsageDay};
use admin_store::{Id, Page, StoreError, now_us};
use serde_json::{Value, json};

/// Most days of use that are told at once.
pub const USAGE_DAYS_MAX: i64 = 400;

/// Whatever talks to a production database needs a capability of its own.
pub(crate) fn may_use(operation: &Operation, environment: Environment) -> Result<(), Problem> {
    match environment {
        Environment::Production => operation.entered()?.require(Capability::UseProduction),
        Environment::Development | Environment::Staging => Ok(()),
    }
}

fn target(connection: &Connection) -> Target {
    Target::new("connection", connection.id, connection.settings.name.clone())
}

/// What the activity tells: all but the secret.
fn details(settings: &ConnectionSettings) -> Value {
    let place = match &settings.place {
        Place::Server { host, port } => format!("{host}:{port}"),
        Place::File(file) => file.clone(),
    };
    json!({
        "kind": settings.kind, "place": place, "database": settings.database, "user": settings.user,
        "via": settings.via, "environment": settings.environment.word(), "read_only": settings.read_only,
        "has_password": settings.secret.is_some(),
    })
}

/// Makes a database known. It is looked at soon, and its schema is read.
pub async fn create(operation: &Operation, draft: Draft) -> Result<Connection, Problem> {
    let entered = operation.entered()?;
    let (workspace, by) = (entered.workspace.id, operation.person()?.user.id);
    let id = Id::new();
    let mut tx = operation.read().await?;
    let mut settings = draft::settle(&mut tx, &entered.workspace, &draft).await?;
    tx.commit().await?;
    draft::look_for_file(&operation.app, &settings).await?;
    let sealed = seal(operation, id, &draft).await?;
    let mut change = operation.begin().await?;
    if let Some(sealed) = &sealed {
        let secret = secrets::keep_password(&mut change.tx, (workspace, id), None, sealed).await?;
        settings.secret = Some(secret);
    }
    let made = connections::create(&mut change.tx, workspace, id, &settings, by).await?;
    refresh::plan(&mut change.tx, &made, now_us()).await?;
    change.commit(target(&made), details(&made.settings)).await?;
    Ok(made)
}

/// The password of a draft, sealed for the connection it becomes.
async fn seal(
    operation: &Operation,
    id: Id,
    draft: &Draft,
) -> Result<Option<admin_store::secrets::Sealed>, Problem> {
    match &draft.password {
        Some(password) => Ok(Some(secrets::seal_password(&operation.app.vault, id, password).await?)),
        None => Ok(None),
    }
}

/// The connections by name; the cursor is a name's key.
pub async fn list(
    operation: &Operation,
    after: Option<Vec<u8>>,
    limit: u32,
) -> Result<Page<Connection, Vec<u8>>, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let page = connections::list(&mut tx, workspace, after, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// One of them.
pub async fn show(operation: &Operation, id: Id) -> Result<Connection, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let connection = connections::get(&mut tx, workspace, id).await?;
    tx.commit().await?;
    Ok(connection)
}

/// Changes the one that still has `version`. Where it leads changes only together with its password:
/// else a stored one could be sent to a server that collects it.
pub async fn change(operation: &Operation, id: Id, version: i64, edit: Edit) -> Result<Connection, Problem> {
    let entered = operation.entered()?;
    let workspace = entered.workspace.id;
    let before = show(operation, id).await?;
    // Where it led is compared below: of another version that would say nothing.
    if before.version != version {
        return Err(StoreError::Changed("connection").into());
    }
    // Who may not use it could make it one that may be used.
    may_use(operation, before.settings.environment)?;
    let draft = edit.applied_to(&before.settings)?;
    let mut tx = operation.read().await?;
    let mut settings = draft::settle(&mut tx, &entered.workspace, &draft).await?;
    tx.commit().await?;
    draft::look_for_file(&operation.app, &settings).await?;
    settings.secret = match edit.password {
        None => before.settings.secret,
        Some(_) => None,
    };
    if settings.secret.is_some() && draft::leads_elsewhere(&before.settings, &settings) {
        return Err(Problem::invalid(
            "password",
            "must be given again when it is sent elsewhere or otherwise",
        )
        .with_hint("a stored password goes only where it was meant to go: send `password` as well"));
    }
    let sealed = seal(operation, id, &draft).await?;
    let mut change = operation.begin().await?;
    if let Some(sealed) = &sealed {
        let old = before.settings.secret;
        let kept = secrets::keep_password(&mut change.tx, (workspace, id), old, sealed).await?;
        settings.secret = Some(kept);
    }
    let now = now_us();
    let changed = connections::update(&mut change.tx, workspace, id, version, &settings).await?;
    connections::check_at(&mut change.tx, id, now).await?;
    let (old, new) = (&before.settings, &changed.settings);
    let is_another = old.database != new.database || old.options != new.options;
    if is_another || draft::leads_elsewhere(old, new) {
        refresh::plan(&mut change.tx, &changed, now).await?;
    }
    change.commit(target(&changed), details(&changed.settings)).await?;
    Ok(changed)
}

/// Forgets a connection with its password, its snapshots and what was counted of it.
pub async fn remove(operation: &Operation, id: Id, version: Option<i64>) -> Result<(), Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    let connection = connections::get(&mut change.tx, workspace, id).await?;
    let version = version.unwrap_or(connection.version);
    connections::delete(&mut change.tx, workspace, id, version).await?;
    refresh::forget(&mut change.tx, id).await?;
    change.commit(target(&connection), details(&connection.settings)).await
}

/// How much was done through a connection on each of the last `days` days, today included.
pub async fn usage(operation: &Operation, id: Id, days: i64) -> Result<Vec<UsageDay>, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let today = connections::day_of(now_us());
    let mut tx = operation.read().await?;
    connections::get(&mut tx, workspace, id).await?;
    let from = today - (days.clamp(1, USAGE_DAYS_MAX) - 1);
    let usage = connections::usage(&mut tx, id, from, today).await?;
    tx.commit().await?;
    Ok(usage)
}
