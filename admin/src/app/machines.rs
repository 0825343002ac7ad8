//! Which services and agents act in a workspace by tokens of their own, and who answers for them?
//!
//! A machine is a member that is no person: it cannot sign in, gets no mail, and has nothing that decides for others
//! ([`Capabilities::of_machines`]). Nobody makes, changes, deletes or gets a token of one that may what they may not.

use super::members::{held_by, may_give, role_of};
use super::people::check_name;
use super::sessions::of_console;
use super::tokens::{DAYS, DAYS_MAX, SHOWN_CHARACTERS, is_good};
use crate::access::Capabilities;
use crate::http::caller::{TOKEN_PREFIX, hash, new_secret};
use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_store::machines::{self, Kind, Machine};
use admin_store::members::{self, Role};
use admin_store::tokens::{self, NewToken, Token};
use admin_store::{Id, PAGE_ROWS_MAX, Page, StoreError, Tx, now_us};
use serde_json::{Value, json};

/// Most machines of one workspace.
pub const MACHINES_MAX: i64 = 100;
/// Good tokens of one machine at once: one, the next one, and some.
pub const TOKENS_MAX: usize = 10;

/// A machine as it shall be.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Which member answers for it; `None` for nobody, which only one that is disabled can have.
    pub responsible: Option<Id>,
    /// The word of its role.
    pub role: String,
    /// When it ends; `None` for never.
    pub expires_at: Option<i64>,
    /// Whether its tokens are refused.
    pub is_disabled: bool,
}

impl Wanted {
    /// What it shall be, if it can be, and if who asks may give it. One that ends at `ends_at` may go on having ended.
    async fn checked(
        &self,
        operation: &Operation,
        tx: &mut Tx,
        ends_at: Option<i64>,
    ) -> Result<Role, Problem> {
        if self.expires_at != ends_at && self.expires_at.is_some_and(|at| at <= now_us()) {
            return Err(Problem::new(Code::Conflict, "the time that it would end at is over already")
                .with_hint("name one that is to come in `expires_at`, or disable it"));
        }
        check_name(&self.name)?;
        super::workspaces::check_description(&self.description)?;
        let entered = operation.entered()?;
        if self.role == Role::Owner.word() {
            return Err(Problem::invalid("role", "cannot be `owner`: only people own a workspace"));
        }
        let (role, allowed) = role_of(tx, entered.workspace.id, &self.role).await?;
        may_give(entered, allowed)?;
        match self.responsible {
            Some(user) => {
                let member = members::find(tx, entered.workspace.id, user).await?;
                if member.is_none_or(|member| member.machine.is_some()) {
                    return Err(Problem::invalid("responsible", "is no person of this workspace"));
                }
            }
            None if !self.is_disabled => {
                return Err(Problem::invalid("responsible", "is missing: somebody answers for it")
                    .with_hint("name a member, or disable it"));
            }
            None => {}
        }
        Ok(role)
    }

    fn draft<'a>(&'a self, role: &'a Role) -> machines::Draft<'a> {
        machines::Draft {
            name: &self.name,
            description: &self.description,
            responsible: self.responsible,
            role,
            expires_at: self.expires_at,
            is_disabled: self.is_disabled,
        }
    }
}

/// The machines of the workspace, in the order they were made.
pub async fn list(operation: &Operation, after: Option<Id>, limit: u32) -> Result<Page<Machine>, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut tx = operation.read().await?;
    let page = machines::list(&mut tx, workspace, after, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// One of them.
pub async fn show(operation: &Operation, id: Id) -> Result<Machine, Problem> {
    let mut tx = operation.read().await?;
    let found = find(operation, &mut tx, id).await?;
    tx.commit().await?;
    Ok(found)
}

/// Makes one; who makes it answers for it where nobody else is named.
pub async fn create(operation: &Operation, kind: Kind, wanted: Wanted) -> Result<Machine, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    members::lock(&mut change.tx, workspace).await?;
    let role = wanted.checked(operation, &mut change.tx, None).await?;
    if machines::count(&mut change.tx, workspace).await? >= MACHINES_MAX {
        let detail = format!("a workspace has at most {MACHINES_MAX} services and agents");
        return Err(Problem::new(Code::Conflict, detail).with_hint("delete one that nobody uses"));
    }
    let draft = wanted.draft(&role);
    let id = machines::create(&mut change.tx, workspace, kind, &draft).await.map_err(named)?;
    let made = find(operation, &mut change.tx, id).await?;
    change.commit(target(&made), details(&made)).await?;
    Ok(made)
}

/// Changes the one that still has `version`.
pub async fn change(operation: &Operation, id: Id, version: i64, wanted: Wanted) -> Result<Machine, Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    members::lock(&mut change.tx, workspace).await?;
    let now = find(operation, &mut change.tx, id).await?;
    commands(operation, &mut change.tx, id).await?;
    let role = wanted.checked(operation, &mut change.tx, now.expires_at).await?;
    let draft = wanted.draft(&role);
    machines::edit(&mut change.tx, (workspace, id), version, &draft).await.map_err(named)?;
    let edited = find(operation, &mut change.tx, id).await?;
    let details = json!({ "from": details(&now), "to": details(&edited) });
    change.commit(target(&edited), details).await?;
    Ok(edited)
}

/// Deletes one with its tokens; what it did stays under its name.
pub async fn remove(operation: &Operation, id: Id) -> Result<(), Problem> {
    let workspace = operation.entered()?.workspace.id;
    let mut change = operation.begin().await?;
    members::lock(&mut change.tx, workspace).await?;
    let now = find(operation, &mut change.tx, id).await?;
    commands(operation, &mut change.tx, id).await?;
    machines::remove(&mut change.tx, workspace, id).await?;
    change.commit(target(&now), details(&now)).await
}

/// The tokens of a machine, oldest first, with those that are good no longer.
pub async fn list_tokens(
    operation: &Operation,
    id: Id,
    after: Option<Id>,
    limit: u32,
) -> Result<Page<Token>, Problem> {
    let mut tx = operation.read().await?;
    find(operation, &mut tx, id).await?;
    let page = tokens::list(&mut tx, id, after, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// Makes a token of a machine. It is good for all that its role allows; what it is comes with its secret, which is
/// shown this once.
pub async fn create_token(
    operation: &Operation,
    id: Id,
    name: &str,
    days: Option<u16>,
) -> Result<(Token, String), Problem> {
    of_console(operation)?;
    check_name(name)?;
    let days = days.unwrap_or(DAYS);
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(Problem::invalid("expires_in_days", format!("must be from 1 to {DAYS_MAX}")));
    }
    let secret = format!("{TOKEN_PREFIX}{}", new_secret()?);
    let prefix: String = secret.chars().take(SHOWN_CHARACTERS).collect();
    let (workspace, now) = (operation.entered()?.workspace.id, now_us());
    let mut change = operation.begin().await?;
    members::lock(&mut change.tx, workspace).await?;
    let machine = find(operation, &mut change.tx, id).await?;
    commands(operation, &mut change.tx, id).await?;
    if machine.expires_at.is_some_and(|at| at <= now) {
        return Err(Problem::new(
            Code::Conflict,
            format!("`{}` has ended: no token of its is good", machine.name),
        )
        .with_hint("give it another end first"));
    }
    let all = tokens::list(&mut change.tx, id, None, PAGE_ROWS_MAX).await?;
    if all.next.is_some() || all.items.iter().filter(|token| is_good(token, now)).count() >= TOKENS_MAX {
        return Err(Problem::new(
            Code::Conflict,
            format!("`{}` has {TOKENS_MAX} tokens already", machine.name),
        )
        .with_hint("revoke some that it does not use"));
    }
    let scopes: Vec<String> =
        Capabilities::of_machines().iter().map(|capability| capability.as_str().to_owned()).collect();
    let new = NewToken {
        user: id,
        workspace: Some(workspace),
        name,
        prefix: &prefix,
        secret_hash: &hash(&secret),
        scopes: &scopes,
        expires_at: Some(now + i64::from(days) * 24 * 3_600_000_000),
    };
    let token = tokens::create(&mut change.tx, &new).await?;
    let details = json!({ "token": token.id, "token_name": token.name, "expires_in_days": days });
    change.commit(target(&machine), details).await?;
    Ok((token, secret))
}

/// Revokes a token of a machine.
pub async fn revoke_token(operation: &Operation, id: Id, token: Id) -> Result<(), Problem> {
    let mut change = operation.begin().await?;
    let machine = find(operation, &mut change.tx, id).await?;
    // Who stops it decides over it, as who deletes it does.
    commands(operation, &mut change.tx, id).await?;
    let found = tokens::by_id(&mut change.tx, id, token).await?;
    tokens::revoke(&mut change.tx, id, token, now_us()).await?;
    let details = json!({ "token": token, "token_name": found.name });
    change.commit(target(&machine), details).await
}

/// What its name can be wrong by.
fn named(error: StoreError) -> Problem {
    match error {
        StoreError::Duplicate(_) => {
            Problem::new(Code::Duplicate, "a service or agent of this workspace has this name")
                .with_hint("choose another name")
        }
        other => other.into(),
    }
}

async fn find(operation: &Operation, tx: &mut Tx, id: Id) -> Result<Machine, Problem> {
    let workspace = operation.entered()?.workspace.id;
    machines::find(tx, workspace, id).await?.ok_or_else(|| Problem::not_found("machine"))
}

/// Whether who asks has all that the machine has.
async fn commands(operation: &Operation, tx: &mut Tx, id: Id) -> Result<(), Problem> {
    let entered = operation.entered()?;
    match members::find(tx, entered.workspace.id, id).await? {
        Some(member) => may_give(entered, held_by(&member)),
        None => Err(Problem::not_found("machine")),
    }
}

fn target(machine: &Machine) -> Target {
    Target::new("machine", machine.id, &machine.name)
}

fn details(machine: &Machine) -> Value {
    json!({
        "kind": machine.kind.word(), "role": machine.role.word(), "responsible": machine.responsible,
        "is_disabled": machine.is_disabled, "expires_at": machine.expires_at,
    })
}
