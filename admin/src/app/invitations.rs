//! Who is asked to join a workspace, and how do they come in? By a link that only goes to their address, so
//! that whoever has it has shown that the address is theirs.

use super::members::{find_role, held_by, may_give, role_of};
use super::people::{Newcomer, check_email};
use super::sessions::of_console;
use crate::access::Capability;
use crate::http::caller::{hash, new_secret};
use crate::mail::{Errand, Message};
use crate::operation::{Change, Operation, Target};
use crate::plane::App;
use crate::problem::{Code, Problem};
use admin_store::invitations::{self, Invitation, NewInvitation};
use admin_store::throttles::{self, Limit};
use admin_store::users::{self, User, email_key};
use admin_store::workspaces::{self, Workspace};
use admin_store::{Id, Page, Tx, members, now_us};
use serde_json::json;

/// How long an invitation is good: a week, in microseconds.
const GOOD_US: i64 = 7 * 24 * 3_600_000_000;
/// Invitations of one person: nobody sends mail to the world from here.
const BY_INVITER: Limit =
    Limit { window_us: 3_600_000_000, failures: 100, wait_us: 600_000_000, wait_us_max: 3_600_000_000 };

/// Asks somebody to join. A former invitation of theirs to the same workspace is void.
pub async fn create(operation: &Operation, email: &str, role: &str) -> Result<Invitation, Problem> {
    check_email(email)?;
    let (entered, person) = (operation.entered()?, operation.person()?);
    let now = now_us();
    let mut change = operation.begin().await?;
    members::lock(&mut change.tx, entered.workspace.id).await?;
    let (role, allowed) = role_of(&mut change.tx, entered.workspace.id, role).await?;
    may_give(entered, allowed)?;
    let key = [b"invitations of\0".as_slice(), &person.user.id.array()].concat();
    let state = throttles::fail(&mut change.tx, &key, now, &BY_INVITER).await?;
    if state.blocked_until > now {
        change.tx.commit().await?;
        let seconds = u64::try_from((state.blocked_until - now) / 1_000_000).unwrap_or(0) + 1;
        return Err(Problem::new(Code::Throttled, "you have invited very many people in a short time")
            .with_retry_after(seconds));
    }
    if let Some(user) = users::by_email(&mut change.tx, email).await?
        && members::find(&mut change.tx, entered.workspace.id, user.id).await?.is_some()
    {
        return Err(Problem::new(Code::Duplicate, "they are a member of this workspace already"));
    }
    let new = NewInvitation {
        workspace: entered.workspace.id,
        email: email.trim(),
        role,
        // Nobody has this secret: the link gets its own when it is sent.
        secret_hash: &hash(&new_secret()?),
        invited_by: person.user.id,
        expires_at: now + GOOD_US,
    };
    let made = invitations::create(&mut change.tx, &new).await?;
    let errand = Errand::Invitation { workspace: made.workspace, invitation: made.id };
    errand.ask(&mut change.tx).await?;
    // No address in what stays on record: an invitation is erased with its person.
    let target = Target::new("invitation", made.id, "");
    change.commit(target, json!({ "role": made.role.word() })).await?;
    operation.app.mail.wake();
    Ok(made)
}

/// The mail of an invitation, with a link of its own; `None` where it is of no use any more.
pub(crate) async fn mail(app: &App, tx: &mut Tx, workspace: Id, id: Id) -> Result<Option<Message>, Problem> {
    let secret = new_secret()?;
    let renewed = invitations::renew(tx, workspace, id, &hash(&secret), now_us()).await?;
    let Some(invitation) = renewed else { return Ok(None) };
    let Some(inviter) = invitation.invited_by else { return Ok(None) };
    if !is_backed(tx, &invitation).await? {
        return Ok(None);
    }
    let workspace = workspaces::by_id(tx, workspace).await?;
    let inviter = users::by_id(tx, inviter).await?.name;
    let link = format!("{}/invitation#{secret}", app.settings.public_url);
    Ok(Some(Message::invitation(&invitation.email, &inviter, &workspace.name, link)))
}

/// The workspace's invitations, latest first.
pub async fn list(
    operation: &Operation,
    before: Option<Id>,
    limit: u32,
) -> Result<Page<Invitation>, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let page = invitations::list(&mut tx, workspace, before, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// Takes an invitation back that nobody has accepted.
pub async fn revoke(operation: &Operation, id: Id) -> Result<(), Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    invitations::revoke(&mut change.tx, workspace, id).await?;
    change.commit(Target::new("invitation", id, ""), json!({})).await
}

fn void() -> Problem {
    let what = "this invitation was accepted, taken back, is too old, was never sent, or who sent it may not \
                invite any more";
    Problem::new(Code::Expired, what).with_hint("ask who invited you for a new one")
}

/// The invitation of a link that still works, and where to.
pub async fn look(operation: &Operation, secret: &str) -> Result<(Invitation, Workspace), Problem> {
    let mut tx = operation.read().await?;
    let found = find(&mut tx, secret).await?;
    tx.commit().await?;
    Ok(found)
}

async fn find(tx: &mut Tx, secret: &str) -> Result<(Invitation, Workspace), Problem> {
    let invitation = invitations::by_secret(tx, &hash(secret), now_us()).await?.ok_or_else(void)?;
    if !is_backed(tx, &invitation).await? {
        return Err(void());
    }
    let workspace = workspaces::by_id(tx, invitation.workspace).await?;
    Ok((invitation, workspace))
}

/// Whether who invited could still do so: what somebody may no more, nobody gets from them.
async fn is_backed(tx: &mut Tx, invitation: &Invitation) -> Result<bool, Problem> {
    let Some(inviter) = invitation.invited_by else { return Ok(false) };
    let user = users::by_id(tx, inviter).await?;
    let role = find_role(tx, invitation.workspace, invitation.role.word()).await?;
    let Some((_, allowed)) = role.filter(|_| !user.is_disabled) else { return Ok(false) };
    let held = match members::find(tx, invitation.workspace, inviter).await? {
        Some(member) => held_by(&member),
        None if user.is_instance_admin => return Ok(true),
        None => return Ok(false),
    };
    Ok(held.contains(Capability::ManageMembers) && allowed.iter().all(|one| held.contains(one)))
}

/// Whoever is signed in accepts an invitation to their own address.
pub async fn accept(operation: &Operation, secret: &str) -> Result<(Workspace, members::Role), Problem> {
    let (person, _) = of_console(operation)?;
    let mut change = operation.begin().await?;
    let user = users::by_id(&mut change.tx, person.user.id).await?;
    let (_, workspace) = find(&mut change.tx, secret).await?;
    accept_within(&mut change, secret, &user).await?;
    let member = members::find(&mut change.tx, workspace.id, user.id).await?;
    let role = member.map_or(members::Role::Viewer, |member| member.role);
    change.set_workspace(workspace.id);
    let target = Target::new("member", user.id, "");
    change.commit(target, json!({ "role": role.word() })).await?;
    Ok((workspace, role))
}

/// Accepts within a change, and notes that the address is theirs: the link went nowhere else.
pub(crate) async fn accept_within(
    change: &mut Change<'_>,
    secret: &str,
    user: &User,
) -> Result<Invitation, Problem> {
    // Whoever changes or deletes the role they are invited to, or who invited, is first, or waits.
    let (invitation, workspace) = find(&mut change.tx, secret).await?;
    members::lock(&mut change.tx, workspace.id).await?;
    if !is_backed(&mut change.tx, &invitation).await? {
        return Err(void());
    }
    let accepted = invitations::accept(&mut change.tx, &hash(secret), user.id, now_us()).await?;
    let accepted = accepted.ok_or_else(void)?;
    if email_key(&accepted.email) != email_key(&user.email) {
        return Err(Problem::new(Code::Forbidden, "this invitation is for another e-mail")
            .with_hint("sign in as whom it was sent to, or ask for one to this account's e-mail"));
    }
    if !user.is_email_verified {
        users::set_email(&mut change.tx, user.id, &user.email, true).await?;
    }
    Ok(accepted)
}

/// Makes a person of whom an invitation was sent to, within a change.
pub(crate) async fn register_within(
    change: &mut Change<'_>,
    secret: &str,
    newcomer: &Newcomer,
    password_hash: &str,
) -> Result<User, Problem> {
    find(&mut change.tx, secret).await?;
    let user = super::people::create(&mut change.tx, newcomer, password_hash, false).await?;
    let accepted = accept_within(change, secret, &user).await?;
    change.set_workspace(accepted.workspace);
    Ok(users::by_id(&mut change.tx, user.id).await?)
}
