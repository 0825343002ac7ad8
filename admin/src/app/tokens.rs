//! By which tokens do programs act for a person, and what may they?

use super::people::check_name;
use super::sessions::of_console;
use crate::access::{Capabilities, Capability};
use crate::http::caller::{SCOPE_PROFILE, TOKEN_PREFIX, hash, new_secret};
use crate::operation::{Operation, Target, enter};
use crate::problem::{Code, Problem};
use admin_store::tokens::{NewToken, Token};
use admin_store::{Id, PAGE_ROWS_MAX, Page, now_us, tokens};
use serde_json::json;

/// Days a token is good at most, and where nothing is said.
pub const DAYS_MAX: u16 = 366;
/// See [`DAYS_MAX`].
pub const DAYS: u16 = 90;
/// Good tokens of one person at once.
const TOKENS_MAX: usize = 100;
/// Characters by which a person tells one token from another: too few to guess the rest from.
pub(crate) const SHOWN_CHARACTERS: usize = 12;

/// A token to be.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What the person calls it.
    pub name: String,
    /// Words of capabilities, and `profile`.
    pub scopes: Vec<String>,
    /// The only workspace it is good in: slug or id.
    pub workspace: Option<String>,
    /// How long it is good.
    pub days: Option<u16>,
}

impl Draft {
    /// The scopes, each once, if there are any.
    fn scopes(&self) -> Result<Vec<String>, Problem> {
        let mut scopes = self.scopes.clone();
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(Problem::invalid("scopes", "must name at least one scope"));
        }
        if scopes.iter().any(|word| word != SCOPE_PROFILE && Capability::of(word).is_none()) {
            return Err(Problem::invalid("scopes", "must be words of capabilities, or `profile`"));
        }
        Ok(scopes)
    }
}

/// Makes a token; what it is comes with its secret, which is shown this once.
pub async fn create(operation: &Operation, draft: Draft) -> Result<(Token, String), Problem> {
    let (person, _) = of_console(operation)?;
    check_name(&draft.name)?;
    let scopes = draft.scopes()?;
    let days = draft.days.unwrap_or(DAYS);
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(Problem::invalid("expires_in_days", format!("must be from 1 to {DAYS_MAX}")));
    }
    let workspace = match &draft.workspace {
        Some(slug) => Some(only_in(operation, slug, &scopes).await?),
        None => None,
    };
    let secret = format!("{TOKEN_PREFIX}{}", new_secret()?);
    let prefix: String = secret.chars().take(SHOWN_CHARACTERS).collect();
    let now = now_us();
    let mut change = operation.begin().await?;
    let all = tokens::list(&mut change.tx, person.user.id, None, PAGE_ROWS_MAX).await?;
    if all.items.iter().filter(|token| is_good(token, now)).count() >= TOKENS_MAX {
        return Err(Problem::new(Code::Conflict, format!("there are {TOKENS_MAX} tokens already"))
            .with_hint("revoke some that nobody uses"));
    }
    let new = NewToken {
        user: person.user.id,
        workspace,
        name: draft.name.trim(),
        prefix: &prefix,
        secret_hash: &hash(&secret),
        scopes: &scopes,
        expires_at: Some(now + i64::from(days) * 24 * 3_600_000_000),
    };
    let token = tokens::create(&mut change.tx, &new).await?;
    if let Some(workspace) = workspace {
        change.set_workspace(workspace);
    }
    let target = Target::new("token", token.id, token.name.clone());
    change.commit(target, json!({ "scopes": scopes, "expires_in_days": days })).await?;
    Ok((token, secret))
}

/// The workspace a token shall be good in alone: its person is there and has what the token asks for.
async fn only_in(operation: &Operation, slug: &str, scopes: &[String]) -> Result<Id, Problem> {
    if scopes.iter().any(|word| word == SCOPE_PROFILE) {
        return Err(Problem::invalid("scopes", "`profile` is about the person and not about one workspace")
            .with_hint("leave out the workspace, or `profile`"));
    }
    let entered = enter(&operation.app, &operation.caller, slug, Capability::View).await?;
    let wanted: Capabilities = scopes.iter().filter_map(|word| Capability::of(word)).collect();
    match wanted.iter().find(|capability| !entered.capabilities.contains(*capability)) {
        Some(lacking) => {
            Err(Problem::invalid("scopes", format!("you lack `{}` in this workspace", lacking.as_str())))
        }
        None => Ok(entered.workspace.id),
    }
}

/// Whether a token can be used at `now`.
pub fn is_good(token: &Token, now: i64) -> bool {
    token.revoked_at.is_none() && token.expires_at.is_none_or(|end| end > now)
}

/// The tokens of who asks, oldest first, with those that are good no longer.
pub async fn list(operation: &Operation, after: Option<Id>, limit: u32) -> Result<Page<Token>, Problem> {
    let person = operation.person()?;
    let mut tx = operation.read().await?;
    let page = tokens::list(&mut tx, person.user.id, after, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// Revokes a token of who asks. A token may do so too: to revoke itself is the least it can do.
pub async fn revoke(operation: &Operation, id: Id) -> Result<(), Problem> {
    let person = operation.person()?;
    let mut change = operation.begin().await?;
    let token = tokens::by_id(&mut change.tx, person.user.id, id).await?;
    tokens::revoke(&mut change.tx, person.user.id, id, now_us()).await?;
    change.commit(Target::new("token", id, token.name), json!({})).await
}
