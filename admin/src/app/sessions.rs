//! How does somebody sign in, stay signed in, and leave?

use super::passwords;
use super::second_factors::{self, Shown};
use crate::http::caller::{csrf, hash, new_secret};
use crate::http::rates::network_of;
use crate::operation::{Change, Operation, Person, Target, Via};
use crate::problem::{Code, Problem};
use admin_store::sessions::{NewSession, Session};
use admin_store::throttles::{self, Limit};
use admin_store::users::{self, User};
use admin_store::{Id, Page, Tx, now_us, sessions};
use serde_json::json;

/// Failures that are borne before one has to wait, by e-mail and by address.
const BY_EMAIL: Limit =
    Limit { window_us: 900_000_000, failures: 5, wait_us: 5_000_000, wait_us_max: 900_000_000 };
const BY_ADDRESS: Limit =
    Limit { window_us: 900_000_000, failures: 30, wait_us: 5_000_000, wait_us_max: 900_000_000 };

/// A session that has just begun.
#[derive(Clone, Debug)]
pub struct Begun {
    /// Who it is.
    pub user: User,
    /// Which session.
    pub session: Id,
    /// What the cookie holds: known to the browser only.
    pub secret: String,
    /// What changes must bring along.
    pub csrf: String,
}

/// Signs somebody in by e-mail and password, and by a code where the account asks for one: no session begins
/// before all of it was right, and only then are failures forgotten.
pub async fn sign_in(
    operation: &Operation,
    email: &str,
    password: String,
    code: Option<&str>,
) -> Result<Begun, Problem> {
    let keys = keys(operation, email);
    let mut tx = operation.read().await?;
    is_free(&mut tx, &keys).await?;
    let user = users::by_email(&mut tx, email).await?.filter(|user| !user.is_disabled);
    let stored = match &user {
        Some(user) => users::password_hash(&mut tx, user.id).await?,
        None => None,
    };
    tx.commit().await?;
    let is_right = passwords::verify(password, stored).await?;
    let opened = match &user {
        Some(user) if is_right => second_factors::open(operation, user.id, code).await?,
        Some(_) | None => None,
    };
    let mut change = operation.begin().await?;
    // Of guesses that are made at once those that came too late are not answered, right or wrong.
    is_free(&mut change.tx, &keys).await?;
    let Some(user) = user.filter(|_| is_right) else {
        let wrong = Problem::new(Code::WrongCredentials, "no account has this e-mail and this password");
        return failed(change, &keys, wrong.with_hint("check both, or reset the password")).await;
    };
    let shown = second_factors::take(&mut change, &user, code, opened).await?;
    let details = match shown {
        Shown::NotAsked => json!({ "by": "password" }),
        Shown::Code => json!({ "by": "password", "second_factor": "code" }),
        Shown::Recovery(left) => json!({ "by": "password", "second_factor": "recovery_code", "left": left }),
        Shown::Nothing => {
            return Err(Problem::new(Code::SecondFactorRequired, "this account asks for a code as well"));
        }
        Shown::Wrong => {
            let wrong = Problem::new(Code::WrongCode, "the code is wrong, too old, or was shown before");
            return failed(change, &keys, wrong).await;
        }
    };
    for (key, _) in &keys {
        throttles::clear(&mut change.tx, key).await?;
    }
    let begun = begin(&mut change, user).await?;
    let target = Target::new("session", begun.session, "");
    change.commit(target, details).await?;
    Ok(begun)
}

/// Counts a failure, and says what it was.
async fn failed<T>(
    mut change: Change<'_>,
    keys: &[(Vec<u8>, Limit)],
    problem: Problem,
) -> Result<T, Problem> {
    for (key, limit) in keys {
        throttles::fail(&mut change.tx, key, now_us(), limit).await?;
    }
    change.tx.commit().await?;
    Err(problem)
}

/// Whether nobody who goes by one of these keys has to wait now.
async fn is_free(tx: &mut Tx, keys: &[(Vec<u8>, Limit)]) -> Result<(), Problem> {
    let now = now_us();
    for (key, _) in keys {
        let blocked = throttles::state(tx, key).await?.blocked_until - now;
        if blocked > 0 {
            let seconds = u64::try_from(blocked / 1_000_000).unwrap_or(0) + 1;
            return Err(Problem::new(Code::Throttled, "too many failed attempts to sign in")
                .with_retry_after(seconds)
                .with_hint("wait as long as `Retry-After` says, or reset the password"));
        }
    }
    Ok(())
}

fn keys(operation: &Operation, email: &str) -> Vec<(Vec<u8>, Limit)> {
    let mut keys = vec![([b"sign in by e-mail\0".as_slice(), &users::email_key(email)].concat(), BY_EMAIL)];
    if let Some(address) = operation.request.address {
        let address = network_of(address);
        keys.push((format!("sign in from\0{address}").into_bytes(), BY_ADDRESS));
    }
    keys
}

/// Begins a session of `user` within a change.
pub(crate) async fn begin(change: &mut Change<'_>, user: User) -> Result<Begun, Problem> {
    let secret = new_secret()?;
    let csrf = csrf(&secret);
    let operation = change.operation;
    let now = now_us();
    let address = operation.request.address.map(|address| address.to_string()).unwrap_or_default();
    let user_agent = operation.request.user_agent.clone();
    let expires_at = now + i64::from(operation.app.settings.session_hours) * 3_600_000_000;
    let new = NewSession {
        secret_hash: &hash(&secret),
        user: user.id,
        csrf_hash: &hash(&csrf),
        user_agent: &user_agent,
        address: &address,
        expires_at,
    };
    let session = sessions::create(&mut change.tx, &new).await?;
    change.set_actor(user.id);
    Ok(Begun { user, session, secret, csrf })
}

/// Who asks and by which session, for what no token may be used for: a token that leaks must not make
/// itself more, nor lock its person out.
pub(crate) fn of_console(operation: &Operation) -> Result<(&Person, Id), Problem> {
    let person = operation.person()?;
    match person.via {
        Via::Session { id } => Ok((person, id)),
        Via::Token { .. } => Err(Problem::new(Code::Forbidden, "no token may be used for this")
            .with_hint("sign in with a session")),
    }
}

/// Ends the session that asks.
pub async fn sign_out(operation: &Operation) -> Result<(), Problem> {
    let (_, id) = of_console(operation)?;
    end(operation, id).await
}

/// The sessions of who asks, oldest first.
pub async fn list(operation: &Operation, after: Option<Id>, limit: u32) -> Result<Page<Session>, Problem> {
    let person = operation.person()?;
    let mut tx = operation.read().await?;
    let page = sessions::list(&mut tx, person.user.id, now_us(), after, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

/// Ends one session of who asks.
pub async fn end(operation: &Operation, id: Id) -> Result<(), Problem> {
    let (person, _) = of_console(operation)?;
    let mut change = operation.begin().await?;
    sessions::end(&mut change.tx, person.user.id, id).await?;
    change.commit(Target::new("session", id, ""), json!({})).await
}

/// Ends all sessions of who asks but the one that asks.
pub async fn end_others(operation: &Operation) -> Result<(), Problem> {
    let (person, id) = of_console(operation)?;
    let mut change = operation.begin().await?;
    let ended = sessions::end_all(&mut change.tx, person.user.id, Some(id)).await?;
    let target = Target::new("user", person.user.id, "");
    change.commit(target, json!({ "ended": ended })).await
}
