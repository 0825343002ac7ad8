//! Whose account is it that another service speaks of?
//!
//! One that was linked before is that person's. Else an account here with the same e-mail is the same
//! person's only when both sides have seen that the e-mail is theirs. Else it is somebody new.

use super::people::may_register;
use super::sessions::{Begun, begin, of_console};
use super::{groups, invitations, workspaces};
use crate::http::caller::{hash, new_secret};
use crate::operation::{Caller, Change, Operation, Target, Via};
use crate::problem::{Code, Problem};
use crate::sign_in::{Attempt, Service, Told};
use admin_store::identities::{self, Identity, Purpose};
use admin_store::users::{self, NewUser, User};
use admin_store::{Id, StoreError, now_us};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How long somebody may take to sign in elsewhere, in seconds.
pub const ATTEMPT_SECONDS: u64 = 600;

/// A sign-in elsewhere that has begun.
#[derive(Clone)]
pub struct Started {
    /// Where the browser goes.
    pub address: String,
    /// What the browser keeps, and shows when it comes back.
    pub cookie: String,
}

/// What a browser brought back.
#[derive(Clone, Default)]
pub struct Brought {
    /// What the service gives us the answer for.
    pub code: Option<String>,
    /// What we gave along.
    pub state: Option<String>,
    /// Why the service says nothing.
    pub error: Option<String>,
    /// Who the service says it is.
    pub issuer: Option<String>,
    /// What the browser kept.
    pub cookie: Option<String>,
}

/// How a sign-in elsewhere ended.
#[derive(Clone)]
pub enum Ended {
    /// Somebody is signed in.
    SignedIn(Box<Begun>),
    /// The account was linked to who is signed in.
    Linked,
}

/// What goes to the service and comes back: who has the cookie can work it out. A page that makes a browser
/// finish a sign-in that began in another one lacks the cookie, and whoever sees the URL cannot make it.
fn state_of(cookie: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(b"dragoman sign-in\0");
    hasher.update(cookie.as_bytes());
    URL_SAFE_NO_PAD.encode(hasher.finalize())
}

/// The invitation in a cookie.
fn invitation_of(cookie: &str) -> Option<&str> {
    cookie.split_once('.').map(|(_, invitation)| invitation)
}

/// Begins to sign in; an invitation travels in the browser's cookie.
pub async fn begin_sign_in(
    operation: &Operation,
    service: &str,
    invitation: Option<&str>,
) -> Result<Started, Problem> {
    start(operation, service, Purpose::SignIn, invitation).await
}

/// Begins to link an account elsewhere to who is signed in.
pub async fn begin_link(operation: &Operation, service: &str) -> Result<Started, Problem> {
    let (person, _) = of_console(operation)?;
    start(operation, service, Purpose::Link(person.user.id), None).await
}

async fn start(
    operation: &Operation,
    service: &str,
    purpose: Purpose,
    invitation: Option<&str>,
) -> Result<Started, Problem> {
    let service = operation.app.sign_in.find(service)?;
    let secret = new_secret()?;
    let cookie = invitation.map_or(secret.clone(), |invitation| format!("{secret}.{invitation}"));
    let (state, nonce, verifier) = (state_of(&cookie), new_secret()?, new_secret()?);
    let attempt =
        Attempt { callback: callback(operation, service), state: &state, nonce: &nonce, verifier: &verifier };
    let address = operation.app.sign_in.address(service, &attempt).await?;
    let seconds = i64::try_from(ATTEMPT_SECONDS).unwrap_or(600);
    let begun = identities::Begun {
        provider: service.name().to_owned(),
        nonce,
        verifier,
        redirect: "/".to_owned(),
        purpose,
        expires_at: now_us() + seconds * 1_000_000,
    };
    // Nothing is changed yet that anybody would want to read of: no entry in the activity.
    let mut tx = operation.app.store.write().await?;
    identities::begin(&mut tx, &hash(&state), &begun).await?;
    tx.commit().await?;
    Ok(Started { address, cookie })
}

fn callback(operation: &Operation, service: &Service) -> String {
    format!("{}/api/v1/sign-in/{}/callback", operation.app.settings.public_url, service.name())
}

/// Ends what [`begin_sign_in`] or [`begin_link`] began.
pub async fn finish(operation: &Operation, service: &str, brought: Brought) -> Result<Ended, Problem> {
    let service = operation.app.sign_in.find(service)?;
    let cookie = brought.cookie.unwrap_or_default();
    let state = brought.state.unwrap_or_default();
    if cookie.is_empty() || !bool::from(state_of(&cookie).as_bytes().ct_eq(state.as_bytes())) {
        return Err(Problem::new(Code::Forbidden, "this sign-in did not begin in this browser")
            .with_hint("begin again, and let the browser keep cookies"));
    }
    let mut tx = operation.app.store.write().await?;
    let begun = identities::take(&mut tx, &hash(&state), now_us()).await?;
    tx.commit().await?;
    let begun = begun.filter(|begun| begun.provider == service.name()).ok_or_else(|| {
        Problem::new(Code::Expired, "this sign-in was ended before, or took too long")
            .with_hint("begin again")
    })?;
    if !operation.app.sign_in.is_from(service, brought.issuer.as_deref()) {
        return Err(Problem::new(Code::Forbidden, "the answer is another service's").with_hint("begin again"));
    }
    if let Some(error) = brought.error {
        return Err(denied(service, &error));
    }
    let code = brought.code.unwrap_or_default();
    if code.is_empty() {
        return Err(Problem::invalid("code", "is missing").with_hint("begin again"));
    }
    let attempt = Attempt {
        callback: callback(operation, service),
        state: &state,
        nonce: &begun.nonce,
        verifier: &begun.verifier,
    };
    let told = operation.app.sign_in.ask(service, &code, &attempt).await?;
    match begun.purpose {
        Purpose::Link(user) => link(operation, service, user, &told).await,
        Purpose::SignIn => sign_in(operation, service, &told, invitation_of(&cookie)).await,
    }
}

/// The service says why it says nothing. Its words are not repeated: anybody can write them into a URL.
fn denied(service: &Service, error: &str) -> Problem {
    let name = service.name();
    match error {
        "access_denied" => Problem::new(Code::Forbidden, format!("you did not let `{name}` say who you are"))
            .with_hint("begin again and agree, or sign in by password"),
        _ => Problem::new(Code::BadGateway, format!("`{name}` could not sign you in"))
            .with_hint("try again later; an admin can compare client id and callback with what is set there"),
    }
}

async fn link(operation: &Operation, service: &Service, user: Id, told: &Told) -> Result<Ended, Problem> {
    let is_same = matches!(&operation.caller, Caller::Person(person)
        if person.user.id == user && matches!(person.via, Via::Session { .. }));
    if !is_same {
        return Err(Problem::new(
            Code::Forbidden,
            "who began to link this account is not signed in any more",
        )
        .with_hint("sign in and begin again"));
    }
    let mut change = operation.begin().await?;
    match identities::by_subject(&mut change.tx, service.name(), &told.subject, now_us()).await? {
        Some(known) if known.user == user => {}
        Some(_) => {
            return Err(Problem::new(Code::Conflict, "this account is linked to another person here")
                .with_hint("unlink it there first"));
        }
        None => add(&mut change, service, user, told).await?,
    }
    change.commit(Target::new("user", user, ""), json!({ "service": service.name() })).await?;
    Ok(Ended::Linked)
}

async fn add(change: &mut Change<'_>, service: &Service, user: Id, told: &Told) -> Result<(), Problem> {
    identities::link(&mut change.tx, user, service.name(), &told.subject, told.email.as_deref()).await?;
    Ok(())
}

async fn sign_in(
    operation: &Operation,
    service: &Service,
    told: &Told,
    invitation: Option<&str>,
) -> Result<Ended, Problem> {
    groups::admit(service, told)?;
    let mut change = operation.begin().await?;
    let known = identities::by_subject(&mut change.tx, service.name(), &told.subject, now_us()).await?;
    let is_invited = invitation.is_some() || groups::is_invited(service, told);
    let (user, came) = match known {
        Some(known) => (users::by_id(&mut change.tx, known.user).await?, "known"),
        None => find_or_make(&mut change, service, told, is_invited).await?,
    };
    if user.is_disabled {
        return Err(Problem::new(Code::Forbidden, "this account is disabled")
            .with_hint("ask an admin of the instance"));
    }
    let mut details = json!({ "by": service.name(), "came": came });
    if let Some(secret) = invitation {
        let accepted = invitations::accept_within(&mut change, secret, &user).await?;
        change.set_workspace(accepted.workspace);
        details["role"] = json!(accepted.role.word());
    }
    // As they are after an invitation: it may have confirmed their e-mail.
    let user = users::by_id(&mut change.tx, user.id).await?;
    groups::apply(&mut change, service, &user, told).await?;
    let user = users::by_id(&mut change.tx, user.id).await?;
    let begun = begin(&mut change, user).await?;
    let target = Target::new("session", begun.session, "");
    change.commit(target, details).await?;
    Ok(Ended::SignedIn(Box::new(begun)))
}

/// The person with this e-mail, where both sides have seen that it is theirs; or a new one.
async fn find_or_make(
    change: &mut Change<'_>,
    service: &Service,
    told: &Told,
    is_invited: bool,
) -> Result<(User, &'static str), Problem> {
    let name = service.name();
    let Some(email) = told.email.as_deref().filter(|_| told.is_email_verified) else {
        return Err(Problem::new(
            Code::Forbidden,
            format!("`{name}` does not say that your e-mail is yours"),
        )
        .with_hint(
            "confirm your e-mail there, or sign in by password and link the account in your profile",
        ));
    };
    super::people::check_email(email)?;
    match users::by_email(&mut change.tx, email).await? {
        // Anybody could have made it in their name; to link it would let that person in for good.
        Some(user) if !user.is_email_verified => {
            Err(Problem::new(Code::Conflict, "an account has this e-mail and never confirmed it")
                .with_hint("sign in by password, or reset it, and link the account in your profile"))
        }
        Some(user) => {
            add(change, service, user.id, told).await?;
            Ok((user, "linked"))
        }
        None => {
            may_register(change.operation, is_invited)?;
            let user = make(change, email, told).await?;
            add(change, service, user.id, told).await?;
            Ok((user, "new"))
        }
    }
}

async fn make(change: &mut Change<'_>, email: &str, told: &Told) -> Result<User, Problem> {
    let local = email.split('@').next().unwrap_or(email);
    let name = told.name.as_deref().unwrap_or(local);
    let name: String = name.chars().filter(|one| !one.is_control()).take(100).collect();
    let name = if name.trim().is_empty() { local } else { name.trim() };
    let new = NewUser { email, is_email_verified: true, name, password_hash: None, is_instance_admin: false };
    let user = users::create(&mut change.tx, &new).await?;
    workspaces::create_personal(&mut change.tx, &user).await?;
    Ok(user)
}

/// The accounts elsewhere of who asks, in the order they were linked.
pub async fn list(operation: &Operation) -> Result<Vec<Identity>, Problem> {
    let person = operation.person()?;
    let mut tx = operation.read().await?;
    let found = identities::list(&mut tx, person.user.id).await?;
    tx.commit().await?;
    Ok(found)
}

/// Takes a link away, unless it is the last way in.
pub async fn unlink(operation: &Operation, id: Id) -> Result<(), Problem> {
    let (person, _) = of_console(operation)?;
    let mut change = operation.begin().await?;
    unlink_within(&mut change, person.user.id, id).await?;
    change.commit(Target::new("identity", id, ""), json!({})).await
}

/// The same within a change. What groups of the service gave goes along, unless another account there is left.
pub(crate) async fn unlink_within(change: &mut Change<'_>, user: Id, id: Id) -> Result<(), Problem> {
    let linked = identities::list(&mut change.tx, user).await?;
    identities::unlink(&mut change.tx, user, id).await.map_err(|error| match error {
        StoreError::LastOne(_) => Problem::new(Code::Conflict, "this is the only way you can sign in")
            .with_hint("set a password first, or link another account"),
        other => other.into(),
    })?;
    let (gone, left): (Vec<Identity>, Vec<Identity>) = linked.into_iter().partition(|one| one.id == id);
    for gone in gone.iter().filter(|gone| !left.iter().any(|one| one.provider == gone.provider)) {
        groups::part(change, &gone.provider, user).await?;
    }
    Ok(())
}
