//! What does somebody show beside the password, how do they come to it, and how do they lose it?
//!
//! Codes by time of an authenticator app, each good once, and ten recovery codes for when the device is
//! lost. It is asked for where the password is: who signs in with another service shows there what that
//! service wants.

use super::sessions::of_console;
use super::{passwords, secrets};
use crate::http::caller::{fill, hash};
use crate::operation::{Change, Operation, Target};
use crate::problem::{Code, Problem};
use crate::totp::{DIGITS, Secret, base32, step_at};
use admin_store::second_factors::{self, SecondFactor};
use admin_store::throttles::{self, Limit};
use admin_store::users::{self, User};
use admin_store::{Id, now_us, sessions};
use serde_json::json;
use zeroize::Zeroizing;

/// What apps show above the code.
const ISSUER: &str = "Dragoman";
/// How many recovery codes somebody has.
const RECOVERY_CODES: usize = 10;
/// Bytes of a recovery code: nobody finds one by trying, neither here nor with a copy of the state.
const RECOVERY_BYTES: usize = 10;
/// Longest code that is looked at, in characters: a recovery code with its dashes and some blanks.
pub const CODE_MAX: usize = 40;
/// Wrong guesses at one's own password or code: whoever sits at an open session has few.
const GUESSES: Limit =
    Limit { window_us: 900_000_000, failures: 5, wait_us: 30_000_000, wait_us_max: 900_000_000 };

/// What an authenticator app needs to know. Shown once.
pub struct Begun {
    /// The secret in base32.
    pub secret: Zeroizing<String>,
    /// The same with issuer and account, as apps read it out of a QR code.
    pub uri: Zeroizing<String>,
}

/// What somebody showed beside the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Nothing is asked for.
    NotAsked,
    /// Nothing, and something is asked for.
    Nothing,
    /// A code that is wrong, too old, or was shown before.
    Wrong,
    /// The code of a moment.
    Code,
    /// A recovery code; so many are left.
    Recovery(i64),
}

/// The second factor of a person, if it is asked for.
pub(crate) async fn find(tx: &mut admin_store::Tx, user: Id) -> Result<Option<SecondFactor>, Problem> {
    Ok(second_factors::find(tx, user).await?.filter(|found| found.confirmed_at.is_some()))
}

/// What a second factor's codes are made from, opened; a code that is shown is looked at with it.
pub(crate) struct Opened {
    secret: Id,
    text: Result<secrets::Password, Problem>,
}

/// Opens what the codes of a person are made from, before the change begins that takes one: a secret store may
/// be asked. Nothing where no code is shown, or one that needs no secret.
pub(crate) async fn open(
    operation: &Operation,
    user: Id,
    code: Option<&str>,
) -> Result<Option<Opened>, Problem> {
    if code.is_none_or(|code| plain(code).len() != DIGITS) {
        return Ok(None);
    }
    let mut tx = operation.read().await?;
    let kept = match second_factors::find(&mut tx, user).await? {
        Some(found) => Some(admin_store::secrets::get(&mut tx, found.secret).await?),
        None => None,
    };
    tx.commit().await?;
    let Some(kept) = kept else { return Ok(None) };
    let text = secrets::open(&operation.app.vault, &kept).await;
    Ok(Some(Opened { secret: kept.id, text }))
}

/// Looks at what somebody showed, and takes it: it is good once.
pub(crate) async fn take(
    change: &mut Change<'_>,
    user: &User,
    code: Option<&str>,
    opened: Option<Opened>,
) -> Result<Shown, Problem> {
    let Some(found) = find(&mut change.tx, user.id).await? else { return Ok(Shown::NotAsked) };
    let Some(code) = code.map(plain).filter(|code| !code.is_empty()) else { return Ok(Shown::Nothing) };
    if code.len() == DIGITS {
        return Ok(if take_code(change, user.id, &found, (&code, opened)).await? {
            Shown::Code
        } else {
            Shown::Wrong
        });
    }
    if second_factors::take_recovery_code(&mut change.tx, user.id, &hash(&code)).await? {
        return Ok(Shown::Recovery(found.recovery_codes - 1));
    }
    Ok(Shown::Wrong)
}

/// Whether it is the code of this moment, of a later step than any that was taken.
async fn take_code(
    change: &mut Change<'_>,
    user: Id,
    found: &SecondFactor,
    (code, opened): (&str, Option<Opened>),
) -> Result<bool, Problem> {
    let opened = opened.filter(|opened| opened.secret == found.secret).ok_or_else(|| {
        Problem::new(Code::Conflict, "the second factor was changed meanwhile")
            .with_hint("do it again with the next code")
    })?;
    let text = opened.text?;
    let secret = Secret::of_text(&text).ok_or_else(|| {
        Problem::new(Code::Unavailable, "the secret of this second factor is damaged")
            .with_hint("ask an admin of the instance to reset it")
    })?;
    match secret.step_of(code, step_at(now_us())) {
        Some(step) => Ok(second_factors::take_step(&mut change.tx, user, step).await?),
        None => Ok(false),
    }
}

/// Begins one for who asks, whose password it takes. It is asked for once [`confirm`] was given a code;
/// beginning again forgets what was begun before.
pub async fn begin(operation: &Operation, password: String) -> Result<Begun, Problem> {
    let (person, _) = of_console(operation)?;
    let user = &person.user;
    if !user.has_password {
        return Err(Problem::new(
            Code::Conflict,
            "you sign in with another service only, which is not asked a code here",
        )
        .with_hint("set a second step there, or set a password here first"));
    }
    know_password(operation, user.id, "password", password).await?;
    let secret = Secret::new()?;
    let text = secret.text();
    let sealed = secrets::seal_of_person(&operation.app.vault, user.id, &text).await?;
    let mut change = operation.begin().await?;
    if find(&mut change.tx, user.id).await?.is_some() {
        return Err(Problem::new(Code::Conflict, "you have a second factor already")
            .with_hint("turn it off first; that takes a code of the device you have"));
    }
    second_factors::remove(&mut change.tx, user.id).await?;
    let kept = secrets::keep_of_person(&mut change.tx, user.id, "second_factor", &sealed).await?;
    second_factors::begin(&mut change.tx, user.id, kept).await?;
    change.commit(Target::new("user", user.id, ""), json!({})).await?;
    let uri = secret.uri(ISSUER, &user.email);
    Ok(Begun { secret: text, uri })
}

/// Makes it hold, by a code that shows that the device has it. Gives the recovery codes; other sessions end,
/// for they began without it.
pub async fn confirm(operation: &Operation, code: &str) -> Result<Vec<String>, Problem> {
    let (person, session) = of_console(operation)?;
    let user = person.user.id;
    let key = key(user);
    is_free(operation, &key).await?;
    let opened = open(operation, user, Some(code)).await?;
    let mut change = operation.begin().await?;
    let begun = second_factors::find(&mut change.tx, user).await?;
    let begun = begun.filter(|begun| begun.confirmed_at.is_none()).ok_or_else(|| {
        Problem::new(Code::Conflict, "no second factor was begun, or it holds already")
            .with_hint("begin with `POST /api/v1/profile/second-factor`")
    })?;
    let code = plain(code);
    if code.len() != DIGITS || !take_code(&mut change, user, &begun, (&code, opened)).await? {
        return wrong_code(change, &key).await;
    }
    second_factors::confirm(&mut change.tx, user).await?;
    let codes = new_codes(&mut change, user).await?;
    let ended = sessions::end_all(&mut change.tx, user, Some(session)).await?;
    change.commit(Target::new("user", user, ""), json!({ "ended": ended })).await?;
    Ok(codes)
}

/// Turns it off, for who knows the password and shows a code.
pub async fn remove(operation: &Operation, password: String, code: &str) -> Result<(), Problem> {
    let (user, mut change) = know_both(operation, password, code).await?;
    second_factors::remove(&mut change.tx, user).await?;
    change.commit(Target::new("user", user, ""), json!({})).await
}

/// Ten new recovery codes in place of those that are left, for who knows the password and shows a code.
pub async fn renew_codes(
    operation: &Operation,
    password: String,
    code: &str,
) -> Result<Vec<String>, Problem> {
    let (user, mut change) = know_both(operation, password, code).await?;
    let codes = new_codes(&mut change, user).await?;
    change.commit(Target::new("user", user, ""), json!({})).await?;
    Ok(codes)
}

/// Takes it from somebody who lost device and codes. For admins of the instance; nothing happens where there
/// is none.
pub async fn reset(operation: &Operation, user: Id) -> Result<(), Problem> {
    let mut change = operation.begin().await?;
    let user = users::by_id(&mut change.tx, user).await?;
    let had = second_factors::remove(&mut change.tx, user.id).await?;
    change.commit(Target::new("user", user.id, ""), json!({ "had": had })).await
}

/// Whether who asks knows their password; wrong ones are counted.
pub(crate) async fn know_password(
    operation: &Operation,
    user: Id,
    field: &str,
    password: String,
) -> Result<(), Problem> {
    let key = key(user);
    is_free(operation, &key).await?;
    let mut tx = operation.read().await?;
    let stored = users::password_hash(&mut tx, user).await?;
    tx.commit().await?;
    if passwords::verify(password, stored).await? {
        return Ok(());
    }
    let mut tx = operation.app.store.write().await?;
    throttles::fail(&mut tx, &key, now_us(), &GUESSES).await?;
    tx.commit().await?;
    Err(Problem::invalid(field, "is not the password of this account"))
}

/// The failures of a person at their own password and codes.
pub(crate) fn key(user: Id) -> Vec<u8> {
    [b"own password\0".as_slice(), &user.array()].concat()
}

async fn know_both<'o>(
    operation: &'o Operation,
    password: String,
    code: &str,
) -> Result<(Id, Change<'o>), Problem> {
    let (person, _) = of_console(operation)?;
    let user = &person.user;
    know_password(operation, user.id, "password", password).await?;
    let opened = open(operation, user.id, Some(code)).await?;
    let mut change = operation.begin().await?;
    match take(&mut change, user, Some(code), opened).await? {
        Shown::Code | Shown::Recovery(_) => {}
        Shown::NotAsked => return Err(Problem::new(Code::Conflict, "you have no second factor")),
        Shown::Nothing | Shown::Wrong => return wrong_code(change, &key(user.id)).await,
    }
    throttles::clear(&mut change.tx, &key(user.id)).await?;
    Ok((user.id, change))
}

async fn is_free(operation: &Operation, key: &[u8]) -> Result<(), Problem> {
    let mut tx = operation.read().await?;
    let blocked = throttles::state(&mut tx, key).await?.blocked_until - now_us();
    tx.commit().await?;
    if blocked <= 0 {
        return Ok(());
    }
    Err(Problem::new(Code::Throttled, "the password or the code was wrong too often")
        .with_retry_after(u64::try_from(blocked / 1_000_000).unwrap_or(0) + 1))
}

async fn wrong_code<T>(mut change: Change<'_>, key: &[u8]) -> Result<T, Problem> {
    throttles::fail(&mut change.tx, key, now_us(), &GUESSES).await?;
    change.tx.commit().await?;
    Err(Problem::invalid("code", "is not the code of this moment, or was shown before")
        .with_hint("take the next code; if none is right, set the clock of the device"))
}

async fn new_codes(change: &mut Change<'_>, user: Id) -> Result<Vec<String>, Problem> {
    let (mut codes, mut hashes) = (Vec::new(), Vec::new());
    for _ in 0..RECOVERY_CODES {
        let mut bytes = Zeroizing::new([0_u8; RECOVERY_BYTES]);
        fill(bytes.as_mut())?;
        let text = base32(bytes.as_ref()).to_lowercase();
        hashes.push(hash(&text));
        codes.push(in_fours(&text));
    }
    second_factors::set_recovery_codes(&mut change.tx, user, &hashes).await?;
    Ok(codes)
}

/// With a dash behind every four letters, as people read them to each other.
fn in_fours(text: &str) -> String {
    let mut parted = String::new();
    for (place, letter) in text.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            parted.push('-');
        }
        parted.push(letter);
    }
    parted
}

/// A code without what people put between its parts.
fn plain(code: &str) -> String {
    code.chars().filter(|one| !one.is_whitespace() && *one != '-').collect::<String>().to_lowercase()
}
