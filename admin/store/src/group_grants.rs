//! What did a group of a sign-in service give somebody, so that it can be taken away again?
//!
//! A note beside a membership of a workspace, beside one of a team, or beside an admin of the instance. It goes
//! with what it stands beside; what has none was given by hand.

use crate::row::Values;
use crate::text::storable;
use crate::{Id, Result, Tx, now_us};
use sqlx::any::AnyRow;

/// By which group something was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The service, by its name in the settings.
    pub provider: String,
    /// The group there.
    pub group: String,
}

/// What the groups of one service gave somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Workspaces one is a member of by them.
    pub workspaces: Vec<Id>,
    /// Teams one is in by them, each with its workspace.
    pub teams: Vec<(Id, Id)>,
    /// Whether one is an admin of the instance by them.
    pub is_admin: bool,
}

/// What the groups of `provider` gave `user`.
pub async fn of_user(tx: &mut Tx, user: Id, provider: &str) -> Result<Given> {
    let workspaces = sqlx::query(
        "SELECT workspace_id FROM member_grants WHERE user_id = $1 AND provider = $2 ORDER BY workspace_id",
    )
    .bind(user.bytes())
    .bind(provider)
    .fetch_all(tx.on())
    .await?;
    let teams = sqlx::query(
        "SELECT g.team_id, m.workspace_id FROM team_grants g \
         JOIN team_members m ON m.team_id = g.team_id AND m.user_id = g.user_id \
         WHERE g.user_id = $1 AND g.provider = $2 ORDER BY g.team_id",
    )
    .bind(user.bytes())
    .bind(provider)
    .fetch_all(tx.on())
    .await?;
    let admin = admin(tx, user).await?;
    Ok(Given {
        workspaces: workspaces.iter().map(|row| row.id("workspace_id")).collect::<Result<_>>()?,
        teams: teams
            .iter()
            .map(|row| Ok((row.id("team_id")?, row.id("workspace_id")?)))
            .collect::<Result<_>>()?,
        is_admin: admin.is_some_and(|grant| grant.provider == provider),
    })
}

/// By which group somebody is a member, if by one.
pub async fn member(tx: &mut Tx, workspace: Id, user: Id) -> Result<Option<Grant>> {
    let row = sqlx::query(
        "SELECT provider, group_name FROM member_grants WHERE workspace_id = $1 AND user_id = $2",
    )
    .bind(workspace.bytes())
    .bind(user.bytes())
    .fetch_optional(tx.on())
    .await?;
    row.as_ref().map(read).transpose()
}

/// The members of a workspace who are that by a group, among those from `first` to `last`.
pub async fn members(tx: &mut Tx, workspace: Id, first: Id, last: Id) -> Result<Vec<(Id, Grant)>> {
    let rows = sqlx::query(
        "SELECT user_id, provider, group_name FROM member_grants \
         WHERE workspace_id = $1 AND user_id >= $2 AND user_id <= $3 ORDER BY user_id",
    )
    .bind(workspace.bytes())
    .bind(first.bytes())
    .bind(last.bytes())
    .fetch_all(tx.on())
    .await?;
    rows.iter().map(|row| Ok((row.id("user_id")?, read(row)?))).collect()
}

/// Notes by which group a member is one.
pub async fn note_member(tx: &mut Tx, workspace: Id, user: Id, grant: &Grant) -> Result<()> {
    storable(&[("service", &grant.provider), ("group", &grant.group)])?;
    sqlx::query(
        "INSERT INTO member_grants (workspace_id, user_id, provider, group_name, given_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (workspace_id, user_id) DO UPDATE SET \
         provider = excluded.provider, group_name = excluded.group_name",
    )
    .bind(workspace.bytes())
    .bind(user.bytes())
    .bind(&grant.provider)
    .bind(&grant.group)
    .bind(now_us())
    .execute(tx.on())
    .await?;
    Ok(())
}

/// From now on the membership is one that was given by hand.
pub async fn forget_member(tx: &mut Tx, workspace: Id, user: Id) -> Result<()> {
    sqlx::query("DELETE FROM member_grants WHERE workspace_id = $1 AND user_id = $2")
        .bind(workspace.bytes())
        .bind(user.bytes())
        .execute(tx.on())
        .await?;
    Ok(())
}

/// By which group somebody is in a team, if by one.
pub async fn team_member(tx: &mut Tx, team: Id, user: Id) -> Result<Option<Grant>> {
    let row = sqlx::query("SELECT provider, group_name FROM team_grants WHERE team_id = $1 AND user_id = $2")
        .bind(team.bytes())
        .bind(user.bytes())
        .fetch_optional(tx.on())
        .await?;
    row.as_ref().map(read).transpose()
}

/// Notes by which group somebody is in a team.
pub async fn note_team_member(tx: &mut Tx, team: Id, user: Id, grant: &Grant) -> Result<()> {
    storable(&[("service", &grant.provider), ("group", &grant.group)])?;
    sqlx::query(
        "INSERT INTO team_grants (team_id, user_id, provider, group_name, given_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (team_id, user_id) DO UPDATE SET \
         provider = excluded.provider, group_name = excluded.group_name",
    )
    .bind(team.bytes())
    .bind(user.bytes())
    .bind(&grant.provider)
    .bind(&grant.group)
    .bind(now_us())
    .execute(tx.on())
    .await?;
    Ok(())
}

/// By which group somebody is an admin of the instance, if by one.
pub async fn admin(tx: &mut Tx, user: Id) -> Result<Option<Grant>> {
    let row = sqlx::query("SELECT provider, group_name FROM admin_grants WHERE user_id = $1")
        .bind(user.bytes())
        .fetch_optional(tx.on())
        .await?;
    row.as_ref().map(read).transpose()
}

/// Notes by which group somebody is an admin of the instance.
pub async fn note_admin(tx: &mut Tx, user: Id, grant: &Grant) -> Result<()> {
    storable(&[("service", &grant.provider), ("group", &grant.group)])?;
    sqlx::query(
        "INSERT INTO admin_grants (user_id, provider, group_name, given_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id) DO UPDATE SET provider = excluded.provider, group_name = excluded.group_name",
    )
    .bind(user.bytes())
    .bind(&grant.provider)
    .bind(&grant.group)
    .bind(now_us())
    .execute(tx.on())
    .await?;
    Ok(())
}

/// From now on they are an admin by hand, or none.
pub async fn forget_admin(tx: &mut Tx, user: Id) -> Result<()> {
    sqlx::query("DELETE FROM admin_grants WHERE user_id = $1").bind(user.bytes()).execute(tx.on()).await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<Grant> {
    Ok(Grant { provider: row.text("provider")?, group: row.text("group_name")? })
}
