//! What do the groups that a sign-in service tells of somebody give them here?
//!
//! At each sign-in what groups gave is made to be what they say: given, changed, taken away. What was given by
//! hand is left alone, and so are the last owner of a workspace and the last admin of the instance.

use super::members::find_role;
use crate::operation::{Change, Operation, Target};
use crate::plane::App;
use crate::problem::{Code, Problem};
use crate::settings::Groups;
use crate::sign_in::{Service, Told};
use admin_store::group_grants::{self, Given, Grant};
use admin_store::members::{self, Member, Role};
use admin_store::users::{self, User};
use admin_store::workspaces::{self, Kind, Workspace};
use admin_store::{Id, StoreError, Tx, teams};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// What somebody is to have by groups, each with the group that gives it.
#[derive(Default)]
struct Wanted {
    workspaces: BTreeMap<Id, (Role, String)>,
    teams: BTreeMap<Id, (Id, String)>,
    admin: Option<String>,
}

/// Whether somebody is in the group that the settings require of all who come by this service.
pub(crate) fn admit(service: &Service, told: &Told) -> Result<(), Problem> {
    let required = service.groups().and_then(|groups| groups.required.as_ref());
    match required {
        Some(group) if !told.groups.contains(group) => {
            let name = service.name();
            Err(Problem::new(
                Code::Forbidden,
                format!("`{name}` does not say that you are in the group `{group}`"),
            )
            .with_hint(format!("ask who manages `{name}` to put you into it, then sign in again")))
        }
        Some(_) | None => Ok(()),
    }
}

/// Whether a group stands for an invitation: the one that is required, or one that gives something here.
pub(crate) fn is_invited(service: &Service, told: &Told) -> bool {
    let Some(groups) = service.groups() else { return false };
    let named = groups.gives.iter().map(|gives| &gives.group).chain(&groups.required);
    named.into_iter().any(|group| told.groups.contains(group))
}

/// Makes what groups of the service gave somebody what they say now.
pub(crate) async fn apply(
    change: &mut Change<'_>,
    service: &Service,
    user: &User,
    told: &Told,
) -> Result<(), Problem> {
    let Some(groups) = service.groups() else { return Ok(()) };
    let wanted = wanted(&mut change.tx, groups, told).await?;
    let given = group_grants::of_user(&mut change.tx, user.id, service.name()).await?;
    take_away(change, service.name(), user, &given, &wanted).await?;
    for (workspace, (role, group)) in &wanted.workspaces {
        let grant = Grant { provider: service.name().to_owned(), group: group.clone() };
        give_membership(change, user, *workspace, (role.clone(), grant)).await?;
    }
    for (team, (workspace, group)) in &wanted.teams {
        let grant = Grant { provider: service.name().to_owned(), group: group.clone() };
        give_team(change, user, (*workspace, *team), grant).await?;
    }
    admin(change, service.name(), user, (given.is_admin, wanted.admin)).await
}

/// Takes away all that groups of a service gave somebody who cannot come by it any more: nothing would tell when it
/// ends.
pub(crate) async fn part(change: &mut Change<'_>, provider: &str, user: Id) -> Result<(), Problem> {
    let user = users::by_id(&mut change.tx, user).await?;
    let given = group_grants::of_user(&mut change.tx, user.id, provider).await?;
    take_away(change, provider, &user, &given, &Wanted::default()).await?;
    admin(change, provider, &user, (given.is_admin, None)).await
}

/// What the groups somebody is in give. A workspace, role or team that is not there gives nothing, and is told in the
/// log: names in the settings can be wrong for a while.
async fn wanted(tx: &mut Tx, groups: &Groups, told: &Told) -> Result<Wanted, Problem> {
    let mut wanted = Wanted::default();
    let mut most: HashMap<Id, usize> = HashMap::new();
    for gives in groups.gives.iter().filter(|gives| told.groups.contains(&gives.group)) {
        let group = &gives.group;
        if gives.is_instance_admin {
            wanted.admin.get_or_insert_with(|| group.clone());
        }
        let Some(slug) = &gives.workspace else { continue };
        let Some(workspace) = shared(tx, slug).await? else {
            tracing::warn!(
                group,
                workspace = slug,
                "a group names a workspace that is not there: it gives nothing"
            );
            continue;
        };
        if let Some(name) = &gives.role {
            match find_role(tx, workspace.id, name).await? {
                // Of several the one that allows most.
                Some((role, allowed)) => {
                    let count = allowed.iter().count();
                    if most.get(&workspace.id).is_none_or(|most| *most < count) {
                        most.insert(workspace.id, count);
                        wanted.workspaces.insert(workspace.id, (role, group.clone()));
                    }
                }
                None => tracing::warn!(
                    group,
                    role = name,
                    "a group names a role that is not there: it gives nothing"
                ),
            }
        }
        for name in &gives.teams {
            match teams::by_name(tx, workspace.id, name).await? {
                Some(team) => {
                    wanted.teams.entry(team.id).or_insert_with(|| (workspace.id, group.clone()));
                }
                None => tracing::warn!(
                    group,
                    team = name,
                    "a group names a team that is not there: it gives nothing"
                ),
            }
        }
    }
    Ok(wanted)
}

async fn shared(tx: &mut Tx, slug: &str) -> Result<Option<Workspace>, Problem> {
    match workspaces::by_slug(tx, slug).await {
        Ok(workspace) => Ok(Some(workspace).filter(|workspace| workspace.kind != Kind::Personal)),
        Err(StoreError::Missing(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Takes away what groups gave and do not give any more.
async fn take_away(
    change: &mut Change<'_>,
    provider: &str,
    user: &User,
    given: &Given,
    wanted: &Wanted,
) -> Result<(), Problem> {
    for (team, workspace) in given.teams.iter().filter(|(team, _)| !wanted.teams.contains_key(team)) {
        teams::remove_member(&mut change.tx, *workspace, *team, user.id).await?;
        let details = json!({ "by_group_of": provider, "team": team, "taken": true });
        change.note(Some(*workspace), user.id, Target::new("member", user.id, ""), details).await?;
    }
    for workspace in given.workspaces.iter().filter(|workspace| !wanted.workspaces.contains_key(workspace)) {
        let Some(member) = members::find(&mut change.tx, *workspace, user.id).await? else { continue };
        if is_last_owner(&mut change.tx, &member).await? {
            tracing::warn!(user = %user.id, "no group makes the last owner of a workspace its owner any more: they stay");
            continue;
        }
        members::remove(&mut change.tx, *workspace, user.id).await?;
        let details = json!({ "by_group_of": provider, "from": member.role.word(), "taken": true });
        change.note(Some(*workspace), user.id, Target::new("member", user.id, ""), details).await?;
    }
    Ok(())
}

async fn is_last_owner(tx: &mut Tx, member: &Member) -> Result<bool, Problem> {
    Ok(member.role == Role::Owner && members::owners(tx, member.workspace).await? <= 1)
}

/// Makes somebody a member in this role, unless somebody else gave them another.
async fn give_membership(
    change: &mut Change<'_>,
    user: &User,
    workspace: Id,
    (role, grant): (Role, Grant),
) -> Result<(), Problem> {
    let target = || Target::new("member", user.id, "");
    // Whoever deletes the role meanwhile waits, or has done it.
    members::lock(&mut change.tx, workspace).await?;
    if find_role(&mut change.tx, workspace, role.word()).await?.is_none() {
        return Ok(());
    }
    let member = members::find(&mut change.tx, workspace, user.id).await?;
    let Some(member) = member else {
        members::add(&mut change.tx, workspace, user.id, role.clone(), &[]).await?;
        group_grants::note_member(&mut change.tx, workspace, user.id, &grant).await?;
        let details = json!({ "role": role.word(), "by_group_of": grant.provider, "group": grant.group });
        return change.note(Some(workspace), user.id, target(), details).await;
    };
    let before = group_grants::member(&mut change.tx, workspace, user.id).await?;
    let Some(before) = before.filter(|before| before.provider == grant.provider) else { return Ok(()) };
    if member.role == role && before == grant {
        return Ok(());
    }
    if role != Role::Owner && is_last_owner(&mut change.tx, &member).await? {
        tracing::warn!(user = %user.id, "no group makes the last owner of a workspace its owner any more: they stay");
        return Ok(());
    }
    let place = (workspace, user.id);
    members::set_role(&mut change.tx, place, member.version, role.clone(), &member.capabilities).await?;
    group_grants::note_member(&mut change.tx, workspace, user.id, &grant).await?;
    let details = json!({ "from": member.role.word(), "to": role.word(), "by_group_of": grant.provider, "group": grant.group });
    change.note(Some(workspace), user.id, target(), details).await
}

/// Puts a member of the workspace into a team, unless they are in it.
async fn give_team(
    change: &mut Change<'_>,
    user: &User,
    (workspace, team): (Id, Id),
    grant: Grant,
) -> Result<(), Problem> {
    let is_member = members::find(&mut change.tx, workspace, user.id).await?.is_some();
    if !is_member || teams::list_of(&mut change.tx, workspace, user.id).await?.contains(&team) {
        return Ok(());
    }
    teams::add_member(&mut change.tx, workspace, team, user.id).await?;
    group_grants::note_team_member(&mut change.tx, team, user.id, &grant).await?;
    let details = json!({ "by_group_of": grant.provider, "group": grant.group, "team": team });
    change.note(Some(workspace), user.id, Target::new("member", user.id, ""), details).await
}

/// Makes somebody an admin of the instance, or none; the last one stays.
async fn admin(
    change: &mut Change<'_>,
    provider: &str,
    user: &User,
    (is_given, wanted): (bool, Option<String>),
) -> Result<(), Problem> {
    let is_wanted = match (&wanted, is_given) {
        (Some(_), false) if !user.is_instance_admin => true,
        (None, true) => false,
        (Some(_), _) | (None, false) => return Ok(()),
    };
    if !is_wanted && user.is_instance_admin && users::instance_admins(&mut change.tx).await? <= 1 {
        tracing::warn!(user = %user.id, "no group makes the last admin of the instance one any more: they stay");
        return Ok(());
    }
    users::set_standing(&mut change.tx, user.id, user.version, is_wanted, user.is_disabled).await?;
    match &wanted {
        Some(group) => {
            let grant = Grant { provider: provider.to_owned(), group: group.clone() };
            group_grants::note_admin(&mut change.tx, user.id, &grant).await?;
        }
        None => group_grants::forget_admin(&mut change.tx, user.id).await?,
    }
    let details = json!({ "is_instance_admin": is_wanted, "by_group_of": provider, "group": wanted });
    change.note(None, user.id, Target::new("user", user.id, ""), details).await
}

/// Whether a group still decides over this: its service is there and reads groups. Else it is everybody's to change
/// again.
pub(crate) fn leads(app: &App, grant: &Grant) -> bool {
    app.sign_in.find(&grant.provider).is_ok_and(|service| service.groups().is_some())
}

/// What is given by a group is changed there: whoever changed it here would find it changed back.
fn of_group(grant: &Grant) -> Problem {
    Problem::new(
        Code::Conflict,
        format!("the group `{}` of `{}` gave this, and decides over it", grant.group, grant.provider),
    )
    .with_hint(
        "change the group there, or what it gives in the settings; it holds from their next sign-in on",
    )
}

/// Whether a membership is changed by hand; one that no group decides over any more is from now on.
pub(crate) async fn membership_by_hand(
    operation: &Operation,
    tx: &mut Tx,
    workspace: Id,
    user: Id,
) -> Result<(), Problem> {
    match group_grants::member(tx, workspace, user).await? {
        Some(grant) if leads(&operation.app, &grant) => Err(of_group(&grant)),
        Some(_) => Ok(group_grants::forget_member(tx, workspace, user).await?),
        None => Ok(()),
    }
}

/// The same of being in a team.
pub(crate) async fn team_by_hand(
    operation: &Operation,
    tx: &mut Tx,
    team: Id,
    user: Id,
) -> Result<(), Problem> {
    match group_grants::team_member(tx, team, user).await? {
        Some(grant) if leads(&operation.app, &grant) => Err(of_group(&grant)),
        Some(_) | None => Ok(()),
    }
}

/// The same of being an admin of the instance.
pub(crate) async fn admin_by_hand(operation: &Operation, tx: &mut Tx, user: Id) -> Result<(), Problem> {
    match group_grants::admin(tx, user).await? {
        Some(grant) if leads(&operation.app, &grant) => Err(of_group(&grant)),
        Some(_) => Ok(group_grants::forget_admin(tx, user).await?),
        None => Ok(()),
    }
}
