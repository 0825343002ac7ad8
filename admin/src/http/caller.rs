//! Who asks? A session's cookie or a personal access token say so.

use super::cookies;
use crate::access::{Capabilities, Capability};
use crate::operation::{Caller, Operation, Person, RequestFacts, Via};
use crate::plane::App;
use crate::problem::{Code, Problem};
use admin_store::{Id, now_us, sessions, tokens, users};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Every personal access token begins with this: leaked ones are found by it.
pub const TOKEN_PREFIX: &str = "dgm_";
/// The header that shows a request with a cookie comes from the console.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// The scope of a token for what is about its person.
pub const SCOPE_PROFILE: &str = "profile";
/// A session's or token's last use is written down this often, in microseconds.
const TOUCH_EVERY_US: i64 = 60_000_000;

/// What the state holds in place of a secret.
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// The CSRF token of a session: whoever has the session's secret can work it out, a page of somebody
/// else that only has the cookie sent cannot.
pub fn csrf(session_secret: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(b"dragoman csrf\0");
    hasher.update(session_secret.as_bytes());
    URL_SAFE_NO_PAD.encode(hasher.finalize())
}

/// A new secret of 256 bits.
pub fn new_secret() -> Result<String, Problem> {
    let mut bytes = [0_u8; 32];
    fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Random bytes of the system.
pub fn fill(bytes: &mut [u8]) -> Result<(), Problem> {
    getrandom::fill(bytes).map_err(|error| {
        Problem::new(Code::Unavailable, "the system gives no random bytes").with_cause(error)
    })
}

impl FromRequestParts<App> for Operation {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Operation, Problem> {
        parts.extensions.get::<Operation>().cloned().ok_or_else(|| {
            Problem::new(Code::Internal, "a request came past the layers that say whose it is")
        })
    }
}

/// The layer that finds out who asks, counts requests, and refuses what another site made a browser send.
pub async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let decided = identified(&app, &mut request).await;
    let who = request.extensions().get::<Caller>().and_then(Who::of);
    let mut response = match decided {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    if let Some(who) = who {
        response.extensions_mut().insert(who);
    }
    response
}

/// Who asked, for the log: ids and no names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A data plane.
    Plane,
    /// Somebody by a session.
    Person(Id),
    /// A program by somebody's token.
    Token(Id),
}

impl Who {
    fn of(caller: &Caller) -> Option<Who> {
        match caller {
            Caller::Nobody | Caller::Rejected(_) => None,
            Caller::Plane => Some(Who::Plane),
            Caller::Person(person) => Some(match person.via {
                Via::Session { .. } => Who::Person(person.user.id),
                Via::Token { id, .. } => Who::Token(id),
            }),
        }
    }
}

impl std::fmt::Display for Who {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Who::Plane => formatter.write_str("plane"),
            Who::Person(id) => write!(formatter, "person/{id}"),
            Who::Token(id) => write!(formatter, "token/{id}"),
        }
    }
}

async fn identified(app: &App, request: &mut Request) -> Result<(), Problem> {
    let caller = caller(app, request.headers()).await?;
    let too_many = |seconds| {
        Problem::new(Code::TooManyRequests, "too many requests in a short time")
            .with_retry_after(seconds)
            .with_hint("wait as long as `Retry-After` says")
    };
    request.extensions_mut().insert(caller.clone());
    match &caller {
        Caller::Person(person) => {
            app.rates.person(person.user.id.array()).map_err(too_many)?;
            let is_change = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
            if is_change && matches!(person.via, Via::Session { .. }) {
                is_from_console(app, request.headers())?;
            }
        }
        Caller::Plane => {}
        Caller::Nobody | Caller::Rejected(_) => {
            let address = request.extensions().get::<RequestFacts>().and_then(|facts| facts.address);
            if let Some(address) = address {
                app.rates.address(address).map_err(too_many)?;
            }
        }
    }
    Ok(())
}

async fn caller(app: &App, headers: &HeaderMap) -> Result<Caller, Problem> {
    by_headers(app, headers, true).await
}

/// Who showed these headers, as it is now. It counts as no use of a session or token: who only watches
/// does nothing.
pub(crate) async fn still(app: &App, headers: &HeaderMap) -> Result<Caller, Problem> {
    by_headers(app, headers, false).await
}

async fn by_headers(app: &App, headers: &HeaderMap, is_use: bool) -> Result<Caller, Problem> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let token = value.to_str().ok().and_then(|value| value.split_once(' '));
        return match token {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                by_token(app, token.trim(), is_use).await
            }
            _ => Ok(Caller::Rejected("only `Authorization: Bearer` with a token is known here")),
        };
    }
    match cookies::read(headers, cookies::session_name(app.settings.is_secure())) {
        Some(secret) => by_session(app, secret, is_use).await,
        None => Ok(Caller::Nobody),
    }
}

async fn by_session(app: &App, secret: &str, is_use: bool) -> Result<Caller, Problem> {
    let (key, now) = (hash(secret), now_us());
    let mut tx = app.store.read().await?;
    let Some(session) = sessions::by_secret(&mut tx, &key, now).await? else {
        return Ok(Caller::Rejected("the session has ended"));
    };
    let user = users::by_id(&mut tx, session.user).await?;
    tx.commit().await?;
    if is_use && now - session.last_used_at > TOUCH_EVERY_US {
        let expires_at = now + i64::from(app.settings.session_hours) * 3_600_000_000;
        let mut tx = app.store.write().await?;
        sessions::used(&mut tx, session.id, now, expires_at).await?;
        users::seen(&mut tx, user.id, now).await?;
        tx.commit().await?;
    }
    Ok(Caller::Person(Box::new(Person { user, via: Via::Session { id: session.id } })))
}

async fn by_token(app: &App, token: &str, is_use: bool) -> Result<Caller, Problem> {
    let of_plane = app.settings.link_token.as_ref();
    if of_plane.is_some_and(|known| bool::from(hash(known).ct_eq(&hash(token)))) {
        return Ok(Caller::Plane);
    }
    const UNKNOWN: Caller = Caller::Rejected("the token is unknown, has expired or was revoked");
    if !token.starts_with(TOKEN_PREFIX) {
        return Ok(UNKNOWN);
    }
    let (key, now) = (hash(token), now_us());
    let mut tx = app.store.read().await?;
    let Some(token) = tokens::by_secret(&mut tx, &key, now).await? else { return Ok(UNKNOWN) };
    let user = users::by_id(&mut tx, token.user).await?;
    tx.commit().await?;
    if is_use && token.last_used_at.is_none_or(|used| now - used > TOUCH_EVERY_US) {
        let mut tx = app.store.write().await?;
        tokens::used(&mut tx, token.id, now).await?;
        tx.commit().await?;
    }
    let scopes: Capabilities = token.scopes.iter().filter_map(|word| Capability::of(word)).collect();
    let via = Via::Token {
        id: token.id,
        scopes,
        is_for_person: token.scopes.iter().any(|word| word == SCOPE_PROFILE),
        workspace: token.workspace,
    };
    Ok(Caller::Person(Box::new(Person { user, via })))
}

/// A browser sends cookies with requests that other sites make it send: those lack the session's token.
fn is_from_console(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let secret = cookies::read(headers, cookies::session_name(app.settings.is_secure())).unwrap_or_default();
    let shown = headers.get(CSRF_HEADER).map(|value| value.as_bytes()).unwrap_or_default();
    if bool::from(csrf(secret).as_bytes().ct_eq(shown)) {
        return Ok(());
    }
    Err(Problem::new(Code::CsrfMissing, "a change with a session's cookie needs the session's CSRF token")
        .with_hint("send `csrf_token` of `GET /api/v1/session` in the header `X-CSRF-Token`"))
}
