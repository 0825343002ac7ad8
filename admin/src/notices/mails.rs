//! Who gets what they have not read by mail? Who asked for it, at most once an hour.

use crate::access::Capabilities;
use crate::app::members::held_by;
use crate::app::notifications::Kind;
use crate::mail::Message;
use crate::plane::App;
use admin_store::notices::{self, Notice, Reader, Recipient};
use admin_store::{Id, StoreError, Tx, members, now_us, users, workspaces};

/// How often somebody gets a mail at most, in microseconds.
const EVERY_US: i64 = 3_600_000_000;
/// People who are read at once.
const AT_ONCE: i64 = 200;
/// Notices in a mail; of more it is told how many there are.
const IN_A_MAIL: i64 = 20;

/// Sends what is due. That one person's mail cannot be put together keeps nobody else's.
pub(super) async fn send(app: &App) -> Result<(), StoreError> {
    let now = now_us();
    let mut after = None;
    loop {
        let mut tx = app.store.read().await?;
        let people = notices::recipients(&mut tx, now - EVERY_US, after, AT_ONCE).await?;
        tx.commit().await?;
        for to in &people {
            match send_to(app, to, now).await {
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

async fn send_to(app: &App, to: &Recipient, now: i64) -> Result<(), StoreError> {
    let mut tx = app.store.read().await?;
    let due = digest(app, &mut tx, to).await?;
    tx.commit().await?;
    let Some((message, until)) = due else { return Ok(()) };
    let mut tx = app.store.write().await?;
    // Noted first: a mail that is lost is better than one that comes twice.
    if notices::mailed(&mut tx, to, until, now - EVERY_US, now).await? {
        tx.commit().await?;
        if let Err(problem) = app.mail.send(message) {
            tracing::warn!(reason = problem.detail(), "a digest of notifications was not sent");
        }
    }
    Ok(())
}

/// The mail for somebody, and the last notice in it; nothing where there is nothing to tell, or nobody to.
async fn digest(app: &App, tx: &mut Tx, to: &Recipient) -> Result<Option<(Message, Id)>, StoreError> {
    let user = users::by_id(tx, to.user).await?;
    if user.is_disabled || user.erased_at.is_some() || !user.is_email_verified {
        return Ok(None);
    }
    let Some(person) = notices::person(tx, to.user, to.workspace).await? else { return Ok(None) };
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
    let new: Vec<&Notice> = page.items.iter().filter(|one| one.id > person.mailed_until).collect();
    let Some(latest) = new.first() else { return Ok(None) };
    let workspace = workspaces::by_id(tx, to.workspace).await?;
    let lines: Vec<String> = new.iter().map(|notice| line(notice)).collect();
    let link =
        format!("{}/w/{}/notifications", app.settings.public_url.trim_end_matches('/'), workspace.slug);
    let more = page.next.is_some() && new.len() == page.items.len();
    Ok(Some((Message::digest(&user.email, &workspace.name, &lines, more, link), latest.id)))
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
