//! How are the databases, and who looks after them?
//!
//! A loop in the background looks at all of them, a few at a time; one that is well every 30 seconds,
//! one that is not after a wait that doubles. Nodes that share the state share the work by claims.

use super::open::{OpenError, way};
use super::{may_use, show};
use crate::app::live;
use crate::key_store::KeyStore;
use crate::operation::Operation;
use crate::plane::App;
use crate::problem::Problem;
use admin_engines::health::{Backoff, Condition, Health};
use admin_engines::{EngineError, ErrorClass, Kind, connect};
use admin_store::connections::{self, Check, Checked, Claim, Connection, Failure};
use admin_store::{Id, StoreError, now_us};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How often a database that is well is looked at.
pub const INTERVAL: Duration = Duration::from_secs(30);
/// Databases that are looked at together.
const AT_ONCE: i64 = 4;
/// The wait where none is due.
const PAUSE: Duration = Duration::from_secs(2);
/// Longest look.
const LIMIT: Duration = Duration::from_secs(10);
/// How long a claim holds, in microseconds: longer than a look.
const CLAIM_US: i64 = 40_000_000;

/// How well a connection is, in a word.
pub fn condition(health: &connections::Health) -> Condition {
    let class = health.last_error.as_ref().map(|failure| class_of(&failure.class));
    match class {
        Some(class) if health.failures > 0 && !class.passes_by_itself() => Condition::Broken,
        _ if health.failures > 0 => Condition::Failing,
        _ if health.last_ok_at.is_some() => Condition::Well,
        _ => Condition::Unknown,
    }
}

/// The class of a stored word; what is not known may pass.
fn class_of(word: &str) -> ErrorClass {
    serde_json::from_value(word.into()).unwrap_or(ErrorClass::Lost)
}

/// What is known of one connection.
pub async fn look_up(operation: &Operation, id: Id) -> Result<connections::Health, Problem> {
    Ok(show(operation, id).await?.health)
}

/// Looks now, and says how it is.
pub async fn check(operation: &Operation, id: Id) -> Result<connections::Health, Problem> {
    let known = show(operation, id).await?;
    may_use(operation, known.settings.environment)?;
    let result = look_at(&operation.app, &known).await?;
    found(&operation.app, &known, result.as_ref().copied()).await?;
    look_up(operation, id).await
}

/// Looks after all databases until the control plane stops.
pub(crate) async fn keep_watch(app: App) {
    let mut stopping = app.stopping.clone();
    loop {
        let round = async {
            let looked = look(&app).await.unwrap_or_else(|error| {
                tracing::debug!(%error, "the databases were not looked at");
                0
            });
            if looked < AT_ONCE {
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => return,
            () = round => {}
        }
    }
}

/// Looks at those that are due, a few; gives how many.
async fn look(app: &App) -> Result<i64, StoreError> {
    let now = now_us();
    let mut tx = app.store.write().await?;
    let claims = connections::claim_checks(&mut tx, now, now + CLAIM_US, AT_ONCE).await?;
    tx.commit().await?;
    let looks = claims.iter().map(|claim| look_once(app, claim));
    for result in futures_util::future::join_all(looks).await {
        result?;
    }
    Ok(i64::try_from(claims.len()).unwrap_or(AT_ONCE))
}

async fn look_once(app: &App, claim: &Claim) -> Result<(), StoreError> {
    let mut tx = app.store.read().await?;
    let known = connections::get(&mut tx, claim.workspace, claim.connection).await;
    tx.commit().await?;
    let known = match known {
        Ok(known) => known,
        // Forgotten meanwhile.
        Err(StoreError::Missing(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    let result = look_at(app, &known).await?;
    // A secret store that is away says nothing of the database. It is looked at again when the claim is over.
    if result.is_err() && app.vault.key_store().is_some_and(KeyStore::is_away) {
        return Ok(());
    }
    let checked = checked(claim.failures, result.as_ref().copied());
    let mut tx = app.store.write().await?;
    connections::finish_check(&mut tx, claim, &checked).await?;
    tx.commit().await?;
    live::health(app, claim.workspace, claim.connection).await;
    Ok(())
}

/// How long the database takes to answer, or why it does not.
async fn look_at(app: &App, known: &Connection) -> Result<Result<Duration, EngineError>, StoreError> {
    let kind: Kind = known.settings.kind.parse().unwrap_or(Kind::Postgres);
    let looking = async {
        let (target, egress) = way(app, known, "dragoman health").await?;
        let mut connection = connect(&target, &egress, LIMIT).await?;
        let latency = connection.ping().await?;
        connection.close().await;
        Ok::<Duration, OpenError>(latency)
    };
    let message = match tokio::time::timeout(LIMIT, looking).await {
        Ok(Ok(latency)) => return Ok(Ok(latency)),
        Ok(Err(OpenError::Engine(error))) => return Ok(Err(error)),
        Ok(Err(OpenError::Store(error))) => return Err(error),
        Ok(Err(OpenError::Problem(problem))) => {
            return Ok(Err(EngineError::new(ErrorClass::Password, kind, problem.detail().to_owned())));
        }
        Ok(Err(error @ OpenError::Busy)) => error.to_string(),
        Err(_) => format!("no answer within {LIMIT:?}"),
    };
    Ok(Err(EngineError::new(ErrorClass::Timeout, kind, message)))
}

/// Writes down what somebody found who looked for a reason of their own.
pub(super) async fn found(
    app: &App,
    known: &Connection,
    result: Result<Duration, &EngineError>,
) -> Result<(), StoreError> {
    let mut tx = app.store.write().await?;
    connections::record(&mut tx, known.id, &checked(known.health.failures, result)).await?;
    tx.commit().await?;
    live::health(app, known.workspace, known.id).await;
    Ok(())
}

/// The same for what did not work.
pub(super) async fn failed(app: &App, known: &Connection, error: &EngineError) -> Result<(), StoreError> {
    found(app, known, Err(error)).await
}

/// What was found, and when to look next.
fn checked(failures: i64, result: Result<Duration, &EngineError>) -> Checked {
    let now = SystemTime::now();
    let mut health =
        Health { failures: u32::try_from(failures.max(0)).unwrap_or(u32::MAX), ..Health::default() };
    health.observe(now, result, INTERVAL, Backoff::default(), jitter());
    let next_check_at = health.next_attempt.map_or_else(now_us, microseconds);
    let found = match result {
        Ok(latency) => Check::Well { latency_us: i64::try_from(latency.as_micros()).unwrap_or(i64::MAX) },
        Err(error) => Check::Failed(Failure {
            class: error.class().as_str().to_owned(),
            message: error.message().to_owned(),
        }),
    };
    Checked { at: microseconds(now), found, next_check_at }
}

fn microseconds(at: SystemTime) -> i64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// From 0 to 1: databases that failed together are not tried together again.
fn jitter() -> f64 {
    let mut bytes = [0_u8; 1];
    match crate::http::caller::fill(&mut bytes) {
        Ok(()) => f64::from(bytes[0]) / 255.0,
        Err(_) => 1.0,
    }
}
