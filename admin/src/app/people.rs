//! How does somebody become a person here?

use super::invitations::register_within;
use super::{passwords, resets, workspaces};
use crate::operation::{Operation, Target};
use crate::problem::{Code, Problem};
use crate::settings::Registration;
use admin_store::users::{self, NewUser, User};
use serde_json::json;

/// Somebody who wants to be a person here.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// Where mail reaches them.
    pub email: String,
    /// What others see.
    pub name: String,
    /// Their password.
    pub password: String,
}

/// Longest e-mail address (RFC 5321 section 4.5.3.1.3) and longest name, in bytes and characters.
pub const EMAIL_BYTES_MAX: usize = 254;
/// See [`EMAIL_BYTES_MAX`].
pub const NAME_CHARACTERS_MAX: usize = 100;

impl Newcomer {
    /// Whether it all can be used.
    pub fn check(&self) -> Result<(), Problem> {
        check_email(&self.email)?;
        check_name(&self.name)?;
        passwords::check(&self.password, &self.email)
    }
}

/// Whether something can be an e-mail address; whether it is one shows when mail arrives.
pub fn check_email(email: &str) -> Result<(), Problem> {
    let is_one = email.len() <= EMAIL_BYTES_MAX
        && email.split_once('@').is_some_and(|(local, domain)| {
            let plain = |text: &str| {
                !text
                    .chars()
                    .any(|one| one.is_whitespace() || one.is_control() || "<>,;:\"\\()[]".contains(one))
            };
            !local.is_empty()
                && !domain.is_empty()
                && !domain.contains('@')
                && plain(local)
                && plain(domain)
                && !domain.starts_with('.')
                && !domain.ends_with('.')
        });
    if is_one {
        Ok(())
    } else {
        Err(Problem::invalid("email", "is not an e-mail address like `ada@example.com`"))
    }
}

/// Whether a name can be shown in one line.
pub fn check_name(name: &str) -> Result<(), Problem> {
    check_line("name", name, NAME_CHARACTERS_MAX)
}

/// Whether the text of `field` can be shown in one line.
pub fn check_line(field: &str, text: &str, characters_max: usize) -> Result<(), Problem> {
    let fits = !text.is_empty() && !text.starts_with(' ') && text.chars().count() <= characters_max;
    if fits && !text.chars().any(char::is_control) {
        return Ok(());
    }
    let said =
        format!("must have from 1 to {characters_max} characters in one line, the first of them no blank");
    Err(Problem::invalid(field, said))
}

/// Makes a person with a workspace of their own: anybody where registration is open, and who was sent an
/// invitation unless it is closed.
pub async fn register(
    operation: &Operation,
    newcomer: Newcomer,
    invitation: Option<&str>,
) -> Result<User, Problem> {
    newcomer.check()?;
    may_register(operation, invitation.is_some())?;
    let hash = passwords::hash(newcomer.password.clone()).await?;
    let mut change = operation.begin().await?;
    let user = match invitation {
        Some(secret) => register_within(&mut change, secret, &newcomer, &hash).await?,
        None => {
            let user = create(&mut change.tx, &newcomer, &hash, false).await?;
            resets::ask_for_confirmation(&mut change, user.id, &user.email).await?;
            user
        }
    };
    change.set_actor(user.id);
    let target = Target::new("user", user.id, "");
    change.commit(target, json!({ "invited": invitation.is_some() })).await?;
    operation.app.mail.wake();
    Ok(user)
}

/// Whether somebody can become a person here.
pub(crate) fn may_register(operation: &Operation, is_invited: bool) -> Result<(), Problem> {
    match operation.app.settings.registration {
        Registration::Open => Ok(()),
        Registration::Invited if is_invited => Ok(()),
        Registration::Invited => {
            Err(Problem::new(Code::Forbidden, "nobody can register here without an invitation")
                .with_hint("ask somebody of your team for an invitation"))
        }
        Registration::Closed => Err(Problem::new(Code::Forbidden, "nobody can register here")
            .with_hint("ask an admin of the instance for an account")),
    }
}

/// Makes a person and their own workspace.
pub(crate) async fn create(
    tx: &mut admin_store::Tx,
    newcomer: &Newcomer,
    password_hash: &str,
    is_instance_admin: bool,
) -> Result<User, Problem> {
    let new = NewUser {
        email: newcomer.email.trim(),
        is_email_verified: false,
        name: newcomer.name.trim(),
        password_hash: Some(password_hash),
        is_instance_admin,
    };
    let user = users::create(tx, &new).await.map_err(|error| error.about("account with this e-mail"))?;
    workspaces::create_personal(tx, &user).await?;
    Ok(user)
}
