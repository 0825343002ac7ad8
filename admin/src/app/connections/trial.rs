//! Does a connection work, before it is saved and after?

use super::draft::{self, Draft};
use super::health;
use super::open::{only, target, way};
use super::{may_use, show};
use crate::operation::Operation;
use crate::problem::Problem;
use admin_engines::{Egress, EngineError, ErrorClass, ServerFacts, Target, connect};
use admin_store::Id;
use std::time::Duration;

/// Longest time a trial takes.
pub const LIMIT: Duration = Duration::from_secs(10);

/// How a trial ended. That it failed is an answer too.
#[derive(Clone, Debug)]
pub enum Trial {
    /// It works.
    Well {
        /// How long connecting took, with the login.
        connect: Duration,
        /// How long the smallest question took.
        latency: Duration,
        /// What the server says of itself.
        server: ServerFacts,
    },
    /// It does not.
    Failed(EngineError),
}

/// Tries a connection that is not saved.
pub async fn of_draft(operation: &Operation, draft: Draft) -> Result<Trial, Problem> {
    may_use(operation, draft.environment)?;
    let workspace = &operation.entered()?.workspace;
    let mut tx = operation.read().await?;
    let settings = draft::settle(&mut tx, workspace, &draft).await?;
    tx.commit().await?;
    let password = draft.password.clone().unwrap_or_default();
    let target = target(draft.kind, &settings, password, "dragoman test");
    let egress = if settings.via.is_some() { only(&target.place)? } else { operation.app.egress.clone() };
    Ok(attempt(&target, &egress).await)
}

/// Tries one that is saved; what is found is its health too.
pub async fn of_saved(operation: &Operation, id: Id) -> Result<Trial, Problem> {
    let known = show(operation, id).await?;
    may_use(operation, known.settings.environment)?;
    let trial = match way(&operation.app, &known, "dragoman test").await {
        Ok((target, egress)) => attempt(&target, &egress).await,
        Err(super::OpenError::Engine(error)) => Trial::Failed(error),
        Err(error) => return Err(error.into()),
    };
    let found = match &trial {
        Trial::Well { latency, .. } => Ok(*latency),
        Trial::Failed(error) => Err(error),
    };
    health::found(&operation.app, &known, found).await?;
    Ok(trial)
}

async fn attempt(target: &Target, egress: &Egress) -> Trial {
    let place = target.place.to_string();
    let trying = async {
        let begun = std::time::Instant::now();
        let mut connection = connect(target, egress, LIMIT).await?;
        let connect = begun.elapsed();
        let latency = connection.ping().await?;
        let server = connection.facts().await?;
        connection.close().await;
        Ok(Trial::Well { connect, latency, server })
    };
    match tokio::time::timeout(LIMIT, trying).await {
        Ok(Ok(well)) => well,
        Ok(Err(error)) => Trial::Failed(error),
        Err(_) => {
            let message = format!("`{place}` did not answer within {LIMIT:?}");
            Trial::Failed(EngineError::new(ErrorClass::Timeout, target.kind, message))
        }
    }
}
