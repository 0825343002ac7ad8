//! What does somebody know and change about themselves?

use super::people::check_name;
use super::sessions::of_console;
use super::{activity, passwords, second_factors};
use crate::http::timestamp::Timestamp;
use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use admin_store::activity::Entry;
use admin_store::kept::{self, Written};
use admin_store::second_factors::SecondFactor;
use admin_store::throttles;
use admin_store::users::{self, Profile, User};
use admin_store::workspaces::Kind;
use admin_store::{Id, PAGE_ROWS_MAX, StoreError, Tx, members, privacy, sessions, workspaces};
use futures_util::Stream;
use futures_util::stream::try_unfold;
use serde_json::{Value, json};

/// Largest document of what the console remembers of a person, in bytes.
pub const PREFERENCES_BYTES_MAX: usize = 16 * 1024;
/// Who asks, as the state has them now, and their second factor if it holds.
pub async fn show(operation: &Operation) -> Result<(User, Option<SecondFactor>), Problem> {
    let id = operation.person()?.user.id;
    let mut tx = operation.read().await?;
    let user = users::by_id(&mut tx, id).await?;
    let second_factor = second_factors::find(&mut tx, id).await?;
    tx.commit().await?;
    Ok((user, second_factor))
}

/// Changes name and preferences of who asks, who still has `version`.
pub async fn change(
    operation: &Operation,
    version: i64,
    name: Option<String>,
    preferences: Option<Value>,
) -> Result<(User, Option<SecondFactor>), Problem> {
    if name.is_none() && preferences.is_none() {
        return Err(Problem::invalid("name", "is missing: there is nothing to change"));
    }
    name.as_deref().map(check_name).transpose()?;
    if preferences.as_ref().is_some_and(|document| document.to_string().len() > PREFERENCES_BYTES_MAX) {
        return Err(Problem::invalid("preferences", "must have at most 16 KiB"));
    }
    let id = operation.person()?.user.id;
    let mut change = operation.begin().await?;
    let now = users::by_id(&mut change.tx, id).await?;
    let profile = Profile {
        name: name.map_or(now.name, |name| name.trim().to_owned()),
        preferences: preferences.unwrap_or(now.preferences),
    };
    users::set_profile(&mut change.tx, id, version, &profile).await?;
    let user = users::by_id(&mut change.tx, id).await?;
    let second_factor = second_factors::find(&mut change.tx, id).await?;
    change.commit(Target::new("user", id, ""), json!({})).await?;
    Ok((user, second_factor))
}

/// Sets another password; the old one must be known, by who has one. All other sessions end.
pub async fn change_password(
    operation: &Operation,
    old: Option<String>,
    password: String,
) -> Result<(), Problem> {
    let (person, session) = of_console(operation)?;
    let user = &person.user;
    passwords::check(&password, &user.email)?;
    if user.has_password {
        second_factors::know_password(operation, user.id, "old_password", old.unwrap_or_default()).await?;
    }
    let hash = passwords::hash(password).await?;
    let mut change = operation.begin().await?;
    throttles::clear(&mut change.tx, &second_factors::key(user.id)).await?;
    users::set_password(&mut change.tx, user.id, Some(&hash)).await?;
    let ended = sessions::end_all(&mut change.tx, user.id, Some(session)).await?;
    change.commit(Target::new("user", user.id, ""), json!({ "ended": ended })).await
}

/// Runs, queries and viewpoints that are read at once: each can be a mebibyte.
const WRITTEN_AT_ONCE: i64 = 16;

/// What is known of who asks, but secrets. What they wrote and did comes apart, part by part.
pub async fn export(operation: &Operation) -> Result<Value, Problem> {
    let id = operation.person()?.user.id;
    let mut tx = operation.read().await?;
    let mut document = privacy::export(&mut tx, id).await?;
    tx.commit().await?;
    readable(&mut document);
    Ok(document)
}

/// What who asks did, part by part.
pub fn deeds(
    operation: &Operation,
) -> Result<impl Stream<Item = Result<Vec<Entry>, Problem>> + Send + 'static + use<>, Problem> {
    Ok(activity::of_person(operation.app.clone(), operation.person()?.user.id))
}

/// Where a copy goes on.
enum Next {
    After(Option<Id>),
    End,
}

/// What who asks wrote, part by part: each is read when the one before was taken.
pub fn written(
    operation: &Operation,
    what: Written,
) -> Result<impl Stream<Item = Result<Vec<Value>, Problem>> + Send + 'static + use<>, Problem> {
    let (app, user) = (operation.app.clone(), operation.person()?.user.id);
    Ok(try_unfold((app, Next::After(None)), move |(app, next)| async move {
        let Next::After(after) = next else { return Ok(None) };
        let mut tx = app.store.read().await?;
        let mut page = kept::written(&mut tx, what, user, after, WRITTEN_AT_ONCE).await?;
        tx.commit().await?;
        page.items.iter_mut().for_each(readable);
        let next = page.next.map_or(Next::End, |id| Next::After(Some(id)));
        Ok(Some((page.items, (app, next))))
    }))
}

/// Times as the rest of the API writes them.
fn readable(document: &mut Value) {
    match document {
        Value::Array(values) => values.iter_mut().for_each(readable),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_i64() {
                    Some(us) if name.ends_with("_at") => *value = json!(Timestamp(us)),
                    _ => readable(value),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Forgets who asks, if `confirmation` is their e-mail. What they did stays on record under an id that leads to
/// no name.
pub async fn erase(operation: &Operation, confirmation: &str) -> Result<(), Problem> {
    let (person, _) = of_console(operation)?;
    let id = person.user.id;
    let mut change = operation.begin().await?;
    let user = users::by_id(&mut change.tx, id).await?;
    if users::email_key(confirmation) != users::email_key(&user.email) {
        return Err(Problem::new(Code::Conflict, "`confirm` is not your e-mail")
            .with_hint("the account goes for good: repeat its e-mail to say that you mean it"));
    }
    let owned = owned_alone(&mut change.tx, id).await?;
    if !owned.is_empty() {
        let names = owned.join("`, `");
        let detail = format!("you are the last owner of the workspaces `{names}`");
        return Err(Problem::new(Code::Conflict, detail)
            .with_hint("make somebody else an owner of each, or delete it"));
    }
    privacy::erase(&mut change.tx, id).await.map_err(|error| match error {
        StoreError::LastOne("instance admin") => {
            Problem::new(Code::Conflict, "you are the last admin of the instance")
                .with_hint("make somebody else an admin first")
        }
        other => other.into(),
    })?;
    // The name goes with the person; the activity keeps the id.
    change.commit(Target::new("user", id, ""), json!({})).await
}

/// Slugs of the workspaces that would be nobody's without `user`.
async fn owned_alone(tx: &mut Tx, user: Id) -> Result<Vec<String>, Problem> {
    let (mut owned, mut after) = (Vec::new(), None);
    loop {
        let page = workspaces::list_of(tx, user, after, PAGE_ROWS_MAX).await?;
        for (workspace, role) in page.items {
            let is_owner = role == members::Role::Owner && workspace.kind != Kind::Personal;
            if is_owner && members::owners(tx, workspace.id).await? == 1 {
                owned.push(workspace.slug);
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(owned);
        }
    }
}
