//! Who gets what they have not read by mail? Who asked for it, at most once an hour.

use crate::access::Capabilities;
use crate::app::members::held_by;
use crate::app::notifications::Kind;
use crate::mail::{Errand, Message};
use crate::plane::App;
use admin_store::notices::{self, Notice, Person, Reader, Recipient};
use admin_store::{Id, StoreError, Tx, members, now_us, users, workspaces};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How often somebody gets a mail at most, in microseconds.
const EVERY_US: i64 = 3_600_000_000;
/// People who are read at once.
const AT_ONCE: i64 = 200;
/// Notices in a mail; of more it is told how many there are.
const IN_A_MAIL: i64 = 20;

/// Which notices a digest tells of.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Span {
    /// Those after this one, the last of the mail before,
    after: Id,
    /// up to this one, the last there was when the mail was asked for.
    until: Id,
}

/// Asks for what is due. That one person's mail cannot be put together keeps nobody else's.
pub(super) async fn ask(app: &App) -> Result<(), StoreError> {
    let now = now_us();
    let mut after = None;
    loop {
        let mut tx = app.store.read().await?;
        let people = notices::recipients(&mut tx, now - EVERY_US, after, AT_ONCE).await?;
        tx.commit().await?;
        for to in &people {
            match ask_for(app, to, now).await {
                Ok(()) => {}
                // The next would fare no better.
                Err(error @ (StoreError::Unavailable(_) | StoreError::Busy)) => return Err(error),
                Err(error) => tracing::warn!(%error, user = %to.user, "a digest was not put together"),
            }
        }
        after = people.last().copied();
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn ask_for(app: &App, to: &Recipient, now: i64) -> Result<(), StoreError> {
    let mut tx = app.store.read().await?;
    let span = match notices::person(&mut tx, to.user, to.workspace).await? {
        Some(person) => {
            let all = Span { after: person.mailed_until, until: Id::greatest() };
            let listed = unread(&mut tx, to, &person, all).await?;
            listed.and_then(|listed| Some(Span { until: listed.new.first()?.id, ..all }))
        }
        None => None,
    };
    tx.commit().await?;
    let Some(span) = span else { return Ok(()) };
    let errand = Errand::Digest(*to);
    let body = serde_json::to_value(span).unwrap_or_default();
    let mut tx = app.store.write().await?;
    let is_first = !errand.waits(&mut tx).await?
        && notices::mailed(&mut tx, to, span.until, now - EVERY_US, now).await?;
    if is_first && errand.put(&mut tx, &body).await? {
        tx.commit().await?;
        app.mail.wake();
    }
    Ok(())
}

/// The digest that was asked for with `body`, as it is now: nothing of what was read meanwhile, and nothing to whom
/// may not see it any more.
pub(crate) async fn write(
    app: &App,
    tx: &mut Tx,
    to: &Recipient,
    body: &Value,
) -> Result<Option<Message>, StoreError> {
    let span = Span::deserialize(body).map_err(|error| StoreError::Damaged(format!("a mail: {error}")))?;
    let Some(reader) = notices::person(tx, to.user, to.workspace).await? else { return Ok(None) };
    let Some(listed) = unread(tx, to, &reader, span).await? else { return Ok(None) };
    let workspace = workspaces::by_id(tx, to.workspace).await?;
    let lines: Vec<String> = listed.new.iter().map(line).collect();
    let link =
        format!("{}/w/{}/notifications", app.settings.public_url.trim_end_matches('/'), workspace.slug);
    Ok(Some(Message::digest(&listed.email, &workspace.name, &lines, listed.has_more, link)))
}

/// What somebody has not read and was not mailed.
struct Unread {
    /// Where to.
    email: String,
    /// The latest first; not none.
    new: Vec<Notice>,
    /// Whether there are older ones.
    has_more: bool,
}

/// Nothing where there is nothing to tell, or nobody to.
async fn unread(
    tx: &mut Tx,
    to: &Recipient,
    person: &Person,
    span: Span,
) -> Result<Option<Unread>, StoreError> {
    let user = users::by_id(tx, to.user).await?;
    let can_be_told = !user.is_disabled && user.erased_at.is_none() && user.is_email_verified;
    if !can_be_told || !person.wants_mail {
        return Ok(None);
    }
    let Some(capabilities) = capabilities(tx, to, user.is_instance_admin).await? else { return Ok(None) };
    let is_told = |kind: &Kind| !person.muted.iter().any(|word| word == kind.as_str());
    let kinds: Vec<&str> = Kind::told(capabilities).filter(is_told).map(Kind::as_str).collect();
    let reader = Reader {
        user: to.user,
        workspace: to.workspace,
        read_until: person.read_until,
        kinds: &kinds,
        unread: true,
    };
    let page = notices::list(tx, &reader, None, IN_A_MAIL).await?;
    let on_page = page.items.len();
    let is_new = |one: &Notice| one.id > span.after && one.id <= span.until;
    let new: Vec<Notice> = page.items.into_iter().filter(is_new).collect();
    let has_more = page.next.is_some() && new.len() == on_page;
    Ok((!new.is_empty()).then_some(Unread { email: user.email, new, has_more }))
}

/// What somebody may in the workspace as it is now; nothing for who is no longer in it.
async fn capabilities(
    tx: &mut Tx,
    to: &Recipient,
    is_admin: bool,
) -> Result<Option<Capabilities>, StoreError> {
    let member = members::find(tx, to.workspace, to.user).await?;
    Ok(match member {
        Some(member) => Some(held_by(&member)),
        None => is_admin.then(Capabilities::all),
    })
}

fn line(notice: &Notice) -> String {
    let by = notice.actor_name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    let detail = if notice.detail.is_empty() { String::new() } else { format!(": {}", notice.detail) };
    format!("{}{by}{detail}", notice.title)
}
