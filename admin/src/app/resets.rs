//! How does somebody come back who forgot the password, and how is an address shown to be somebody's? By a
//! link that is sent there and works once.

use super::passwords;
use super::sessions::of_console;
use crate::http::caller::{hash, new_secret};
use crate::http::rates::network_of;
use crate::mail::{Errand, Message};
use crate::operation::{Change, Operation, Target};
use crate::plane::App;
use crate::problem::{Code, Problem};
use admin_store::resets::{self, Purpose};
use admin_store::throttles::{self, Limit};
use admin_store::users::{self, User};
use admin_store::{Id, Tx, identities, now_us, second_factors, sessions, tokens};
use serde_json::json;

/// How long a link to a new password works, in microseconds.
const PASSWORD_LINK_US: i64 = 3_600_000_000;
/// How long a link that confirms an address works.
const ADDRESS_LINK_US: i64 = 24 * 3_600_000_000;
/// Links that are sent to one e-mail; more are not, and who asks is told the same.
const BY_EMAIL: Limit =
    Limit { window_us: 3_600_000_000, failures: 5, wait_us: 900_000_000, wait_us_max: 3_600_000_000 };
/// Links that are asked for from one address.
const BY_ADDRESS: Limit =
    Limit { window_us: 3_600_000_000, failures: 30, wait_us: 60_000_000, wait_us_max: 3_600_000_000 };

/// Sends a link to a new password, if the e-mail is somebody's. Who asks cannot tell: the answer is given
/// before anybody looks whose e-mail it is.
pub async fn ask_for_password(operation: &Operation, email: &str) -> Result<(), Problem> {
    super::people::check_email(email)?;
    let now = now_us();
    let mut tx = operation.app.store.write().await?;
    let mut wait = 0;
    if let Some(address) = operation.request.address {
        let address = network_of(address);
        let key = format!("password reset from\0{address}").into_bytes();
        wait = throttles::fail(&mut tx, &key, now, &BY_ADDRESS).await?.blocked_until - now;
    }
    let key = [b"password reset of\0".as_slice(), &users::email_key(email)].concat();
    let of_email = throttles::fail(&mut tx, &key, now, &BY_EMAIL).await?;
    tx.commit().await?;
    if wait > 0 {
        let seconds = u64::try_from(wait / 1_000_000).unwrap_or(0) + 1;
        return Err(Problem::new(Code::Throttled, "too many links were asked for from this address")
            .with_retry_after(seconds));
    }
    if of_email.blocked_until > now {
        return Ok(());
    }
    let (operation, email) = (operation.clone(), email.to_owned());
    tokio::spawn(async move {
        if let Err(problem) = send_password_link(&operation, &email).await {
            tracing::warn!(%problem, cause = problem.cause(), "a link to a new password was not sent");
        }
    });
    Ok(())
}

async fn send_password_link(operation: &Operation, email: &str) -> Result<(), Problem> {
    let mut change = operation.begin().await?;
    let found = users::by_email(&mut change.tx, email).await?;
    let Some(user) = found.filter(|user| !user.is_disabled) else { return Ok(()) };
    let ends_at = now_us() + PASSWORD_LINK_US;
    let to = (user.id, user.email.as_str());
    ask(&mut change, Purpose::Password, to, ends_at).await?;
    change.commit(Target::new("user", user.id, ""), json!({})).await?;
    operation.app.mail.wake();
    Ok(())
}

/// Asks for a mail with a link, within a change; former links of this person and purpose are void.
async fn ask(change: &mut Change<'_>, purpose: Purpose, to: (Id, &str), ends_at: i64) -> Result<(), Problem> {
    // Nobody has this secret: the link gets its own when it is sent.
    resets::create(&mut change.tx, purpose, &hash(&new_secret()?), to, ends_at).await?;
    let errand = match purpose {
        Purpose::Password => Errand::Password { user: to.0 },
        Purpose::Email => Errand::Address { user: to.0 },
    };
    errand.ask(&mut change.tx).await
}

/// The mail with the link that was asked for, and a secret of its own; `None` where it is of no use any more.
pub(crate) async fn mail(
    app: &App,
    tx: &mut Tx,
    purpose: Purpose,
    user: Id,
) -> Result<Option<Message>, Problem> {
    let secret = new_secret()?;
    let to = resets::renew(tx, purpose, user, &hash(&secret), now_us()).await?;
    let url = &app.settings.public_url;
    Ok(to.map(|to| match purpose {
        Purpose::Password => Message::password_reset(&to, format!("{url}/reset-password#{secret}")),
        Purpose::Email => Message::verification(&to, format!("{url}/confirm-email#{secret}")),
    }))
}

fn void() -> Problem {
    Problem::new(Code::Expired, "this link was used, is too old, or was never sent")
        .with_hint("ask for a new one; only the last one that was sent works")
}

/// Sets a new password by the link that was sent. All sessions end.
pub async fn set_password(operation: &Operation, secret: &str, password: String) -> Result<(), Problem> {
    // Whether the password will do is said before the link is used up, and before it is known whose it is.
    passwords::check(&password, "")?;
    let mut tx = operation.read().await?;
    let is_good = resets::is_good(&mut tx, Purpose::Password, &hash(secret), now_us()).await?;
    tx.commit().await?;
    // Only for who has a link: to hash is work that holds up everybody who signs in.
    if !is_good {
        return Err(void());
    }
    let stored = passwords::hash(password.clone()).await?;
    let mut change = operation.begin().await?;
    let taken = resets::take(&mut change.tx, Purpose::Password, &hash(secret), now_us()).await?;
    let taken = taken.ok_or_else(void)?;
    let user = users::by_id(&mut change.tx, taken.user).await?;
    // A link to an address that is not the person's any more lets nobody in.
    if user.is_disabled || users::email_key(&user.email) != users::email_key(&taken.email) {
        return Err(void());
    }
    passwords::check(&password, &user.email)?;
    users::set_password(&mut change.tx, user.id, Some(&stored)).await?;
    sessions::end_all(&mut change.tx, user.id, None).await?;
    if !user.is_email_verified {
        came_to_its_owner(&mut change, &user).await?;
    }
    change.set_actor(user.id);
    change.commit(Target::new("user", user.id, ""), json!({})).await
}

/// The link shows whose address it is. Until now anybody could have made the account in their name: what
/// else opens it goes.
async fn came_to_its_owner(change: &mut Change<'_>, user: &User) -> Result<(), Problem> {
    users::set_email(&mut change.tx, user.id, &user.email, true).await?;
    tokens::revoke_all(&mut change.tx, user.id, now_us()).await?;
    second_factors::remove(&mut change.tx, user.id).await?;
    for identity in identities::list(&mut change.tx, user.id).await? {
        super::identities::unlink_within(change, user.id, identity.id).await?;
    }
    Ok(())
}

/// Asks within a change for a mail that confirms `email`.
pub(crate) async fn ask_for_confirmation(
    change: &mut Change<'_>,
    user: Id,
    email: &str,
) -> Result<(), Problem> {
    ask(change, Purpose::Email, (user, email), now_us() + ADDRESS_LINK_US).await
}

/// Asks who is signed in to confirm an address: a new one, or the one they have. It counts when they did.
pub async fn change_email(operation: &Operation, email: &str) -> Result<(), Problem> {
    let (person, _) = of_console(operation)?;
    super::people::check_email(email)?;
    let user = &person.user;
    let now = now_us();
    let key = [b"confirmation of\0".as_slice(), &user.id.array()].concat();
    let mut change = operation.begin().await?;
    let state = throttles::fail(&mut change.tx, &key, now, &BY_EMAIL).await?;
    if state.blocked_until > now {
        let seconds = u64::try_from((state.blocked_until - now) / 1_000_000).unwrap_or(0) + 1;
        change.tx.commit().await?;
        return Err(Problem::new(Code::Throttled, "too many mails were sent to confirm an address")
            .with_retry_after(seconds));
    }
    ask_for_confirmation(&mut change, user.id, email.trim()).await?;
    change.commit(Target::new("user", user.id, ""), json!({})).await?;
    operation.app.mail.wake();
    Ok(())
}

/// Confirms an address by the link that was sent there. Only who asked for it can, signed in: nobody
/// confirms an account by opening a mail they did not expect.
pub async fn confirm_email(operation: &Operation, secret: &str) -> Result<User, Problem> {
    let (person, _) = of_console(operation)?;
    let mut change = operation.begin().await?;
    let taken = resets::take(&mut change.tx, Purpose::Email, &hash(secret), now_us()).await?;
    let taken = taken.filter(|taken| taken.user == person.user.id).ok_or_else(void)?;
    let id = person.user.id;
    users::set_email(&mut change.tx, id, &taken.email, true)
        .await
        .map_err(|error| error.about("account with this e-mail"))?;
    let user = users::by_id(&mut change.tx, id).await?;
    change.commit(Target::new("user", id, ""), json!({})).await?;
    Ok(user)
}
