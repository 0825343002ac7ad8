//! What is known of a person, and how is a person forgotten?

use crate::activity::{self, Filter};
use crate::page::{PAGE_ROWS_MAX, Page};
use crate::row::Values;
use crate::{
    Id, Result, StoreError, Tx, group_grants, identities, kept, members, now_us, second_factors, users,
    workspaces,
};
use serde_json::{Value, json};

/// Everything about a person but secrets, as one document. What the person did comes apart, by [`deeds`], and so does
/// what the person wrote, by [`kept::written`]: they have no end.
pub async fn export(tx: &mut Tx, user: Id) -> Result<Value> {
    let person = users::by_id(tx, user).await?;
    Ok(json!({
        "user": {
            "id": person.id, "email": person.email, "is_email_verified": person.is_email_verified,
            "name": person.name, "preferences": person.preferences, "has_password": person.has_password,
            "has_second_factor": person.has_second_factor,
            "is_instance_admin": person.is_instance_admin, "is_disabled": person.is_disabled,
            "created_at": person.created_at, "changed_at": person.changed_at,
            "last_seen_at": person.last_seen_at,
        },
        "identities": identities_of(tx, user).await?,
        "sessions": sessions_of(tx, user).await?,
        "tokens": tokens_of(tx, user).await?,
        "workspaces": workspaces_of(tx, user).await?,
        "invitations": invitations_of(tx, &person.email).await?,
        "principals": principals_of(tx, user).await?,
        "work": kept::documents(tx, user).await?,
    }))
}

/// What the person did, earliest first, as documents; page by page.
pub async fn deeds(tx: &mut Tx, user: Id, after: Option<Id>, limit: i64) -> Result<Page<Value>> {
    let filter = Filter { user: Some(user), ..Filter::default() };
    let found = activity::export(tx, &filter, after, limit).await?;
    let items = found
        .items
        .into_iter()
        .map(|entry| {
            json!({
                "id": entry.id, "at": entry.at, "workspace": entry.deed.workspace,
                "action": entry.deed.action, "target_kind": entry.deed.target.kind,
                "target_id": entry.deed.target.id, "target_label": entry.deed.target.label,
                "details": entry.deed.details, "outcome": entry.deed.outcome.word(),
                "request_id": entry.deed.request_id, "address": entry.deed.address,
            })
        })
        .collect();
    Ok(Page { items, next: found.next })
}

/// Forgets a person: the row keeps its id and nothing else, ways to sign in are gone, the personal workspace
/// is gone with everything in it. What the person did stays on record under the id, which leads to no name
/// any more. Refused while the person is the last owner of another workspace, or the last instance admin.
pub async fn erase(tx: &mut Tx, user: Id) -> Result<()> {
    let person = users::by_id(tx, user).await?;
    if person.erased_at.is_some() {
        return Err(StoreError::Missing("user"));
    }
    if let Some(personal) = workspaces::personal_of(tx, user).await? {
        workspaces::remove(tx, personal.id).await?;
    }
    loop {
        let left = workspaces::list_of(tx, user, None, PAGE_ROWS_MAX).await?;
        for (workspace, _) in &left.items {
            members::remove(tx, workspace.id, user).await?;
        }
        if left.next.is_none() {
            break;
        }
    }
    // After that: who cannot sign in is no owner, and a workspace would lose its last one.
    users::set_standing(tx, user, person.version, false, true).await?;
    second_factors::remove(tx, user).await?;
    group_grants::forget_admin(tx, user).await?;
    for statement in [
        "DELETE FROM sessions WHERE user_id = $1",
        "DELETE FROM tokens WHERE user_id = $1",
        "DELETE FROM identities WHERE user_id = $1",
        "DELETE FROM oauth_states WHERE user_id = $1",
        "DELETE FROM resets WHERE user_id = $1",
        "DELETE FROM idempotency WHERE caller = $1",
        // Texts that the person wrote; what others share stays, under an id that leads to no name.
        "DELETE FROM query_runs WHERE user_id = $1",
        "DELETE FROM favourites WHERE user_id = $1",
        "DELETE FROM recent_items WHERE user_id = $1",
        "DELETE FROM saved_queries WHERE owner = $1 AND visibility = 'private'",
        "DELETE FROM notice_people WHERE user_id = $1",
        "DELETE FROM notice_marks WHERE user_id = $1",
        "UPDATE principals SET user_id = NULL, label = '', version = version + 1 WHERE user_id = $1",
        "UPDATE invitations SET email = '', email_key = secret_hash WHERE accepted_by = $1",
    ] {
        sqlx::query(statement).bind(user.bytes()).execute(tx.on()).await?;
    }
    sqlx::query("DELETE FROM invitations WHERE email_key = $1")
        .bind(users::email_key(&person.email))
        .execute(tx.on())
        .await?;
    sqlx::query(
        "UPDATE users SET email = '', email_key = $2, email_verified = 0, name = '', password_hash = NULL, \
         preferences = '{}', last_seen_at = NULL, erased_at = $3, changed_at = $3, version = version + 1 \
         WHERE id = $1",
    )
    .bind(user.bytes())
    // Unique, and the key of no e-mail: none begins with a zero byte.
    .bind([&[0][..], &user.bytes()].concat())
    .bind(now_us())
    .execute(tx.on())
    .await?;
    Ok(())
}

async fn identities_of(tx: &mut Tx, user: Id) -> Result<Vec<Value>> {
    let found = identities::list(tx, user).await?;
    let document = |identity: identities::Identity| {
        json!({
            "provider": identity.provider, "subject": identity.subject, "email": identity.email,
            "linked_at": identity.linked_at, "last_used_at": identity.last_used_at,
        })
    };
    Ok(found.into_iter().map(document).collect())
}

async fn sessions_of(tx: &mut Tx, user: Id) -> Result<Vec<Value>> {
    let rows = sqlx::query(
        "SELECT id, user_agent, address, created_at, last_used_at, expires_at FROM sessions \
         WHERE user_id = $1 ORDER BY id",
    )
    .bind(user.bytes())
    .fetch_all(tx.on())
    .await?;
    rows.iter()
        .map(|row| {
            Ok(json!({
                "id": row.id("id")?, "user_agent": row.text("user_agent")?, "address": row.text("address")?,
                "created_at": row.int("created_at")?, "last_used_at": row.int("last_used_at")?,
                "expires_at": row.int("expires_at")?,
            }))
        })
        .collect()
}

async fn tokens_of(tx: &mut Tx, user: Id) -> Result<Vec<Value>> {
    let rows = sqlx::query(
        "SELECT id, workspace_id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at \
         FROM tokens WHERE user_id = $1 ORDER BY id",
    )
    .bind(user.bytes())
    .fetch_all(tx.on())
    .await?;
    rows.iter()
        .map(|row| {
            Ok(json!({
                "id": row.id("id")?, "workspace": row.id_opt("workspace_id")?, "name": row.text("name")?,
                "prefix": row.text("prefix")?, "scopes": row.json::<Value>("scopes")?,
                "created_at": row.int("created_at")?, "expires_at": row.int_opt("expires_at")?,
                "last_used_at": row.int_opt("last_used_at")?, "revoked_at": row.int_opt("revoked_at")?,
            }))
        })
        .collect()
}

async fn workspaces_of(tx: &mut Tx, user: Id) -> Result<Vec<Value>> {
    let rows = sqlx::query(
        "SELECT w.id, w.slug, w.name, w.kind, m.role, m.capabilities, m.joined_at \
         FROM members m JOIN workspaces w ON w.id = m.workspace_id WHERE m.user_id = $1 ORDER BY w.id",
    )
    .bind(user.bytes())
    .fetch_all(tx.on())
    .await?;
    rows.iter()
        .map(|row| {
            Ok(json!({
                "id": row.id("id")?, "slug": row.text("slug")?, "name": row.text("name")?,
                "kind": row.text("kind")?, "role": row.text("role")?,
                "capabilities": row.json::<Value>("capabilities")?, "joined_at": row.int("joined_at")?,
            }))
        })
        .collect()
}

async fn invitations_of(tx: &mut Tx, email: &str) -> Result<Vec<Value>> {
    let rows = sqlx::query(
        "SELECT id, workspace_id, role, created_at, expires_at, accepted_at FROM invitations \
         WHERE email_key = $1 ORDER BY id",
    )
    .bind(users::email_key(email))
    .fetch_all(tx.on())
    .await?;
    rows.iter()
        .map(|row| {
            Ok(json!({
                "id": row.id("id")?, "workspace": row.id("workspace_id")?, "role": row.text("role")?,
                "created_at": row.int("created_at")?, "expires_at": row.int("expires_at")?,
                "accepted_at": row.int_opt("accepted_at")?,
            }))
        })
        .collect()
}

async fn principals_of(tx: &mut Tx, user: Id) -> Result<Vec<Value>> {
    let rows = sqlx::query(
        "SELECT id, workspace_id, listener, database_user, application, kind, label FROM principals \
         WHERE user_id = $1 ORDER BY id",
    )
    .bind(user.bytes())
    .fetch_all(tx.on())
    .await?;
    rows.iter()
        .map(|row| {
            Ok(json!({
                "id": row.id("id")?, "workspace": row.id("workspace_id")?, "listener": row.text("listener")?,
                "database_user": row.text("database_user")?, "application": row.text("application")?,
                "kind": row.text("kind")?, "label": row.text("label")?,
            }))
        })
        .collect()
}
