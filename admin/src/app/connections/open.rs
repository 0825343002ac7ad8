//! How is a known database connected to, for whatever wants to ask it something?
//!
//! Each use has a connection of its own, so that nothing of one is left for the next; at most
//! [`OPEN_MAX`] of one database at a time.

use super::draft::{kind_of, listen_of, tls_of};
use super::{health, may_use, show};
use crate::app::secrets;
use crate::fleet::listeners_of;
use crate::operation::Operation;
use crate::plane::App;
use crate::problem::{Code, FieldProblem, Problem};
use admin_engines::{Egress, EngineError, ErrorClass, Kind, Target, connect};
use admin_store::connections::{Connection, ConnectionSettings, Place};
use admin_store::listeners::Listener;
use admin_store::{Id, StoreError, workspaces};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

/// Connections to one database that are open at the same time.
pub const OPEN_MAX: usize = 4;
/// Longest time until a connection is there, with all attempts.
pub const OPEN_LIMIT: Duration = Duration::from_secs(10);
/// Longest wait for one of [`OPEN_MAX`] to be free.
const TURN_LIMIT: Duration = Duration::from_secs(10);
/// Attempts where the cause may pass by itself.
const ATTEMPTS: u32 = 3;
/// The wait after the first attempt; doubled after the next.
const FIRST_WAIT: Duration = Duration::from_millis(150);
/// Databases whose turns are remembered although nobody waits.
const IDLE_MAX: usize = 1_000;

/// Who is connected to which database.
#[derive(Debug, Default)]
pub struct Turns(Mutex<HashMap<Id, Arc<Semaphore>>>);

impl Turns {
    async fn take(&self, id: Id) -> Option<OwnedSemaphorePermit> {
        let semaphore = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if turns.len() > IDLE_MAX {
                turns.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
            }
            Arc::clone(turns.entry(id).or_insert_with(|| Arc::new(Semaphore::new(OPEN_MAX))))
        };
        tokio::time::timeout(TURN_LIMIT, semaphore.acquire_owned()).await.ok()?.ok()
    }
}

/// An open connection, and the right to have it.
#[derive(Debug)]
pub struct Opened {
    /// The connection: new, nobody used it before.
    pub connection: admin_engines::Connection,
    /// What is known of its database.
    pub known: Connection,
    _turn: OwnedSemaphorePermit,
}

impl Opened {
    /// Says goodbye to the server. Dropping it closes it as well, without a word.
    pub async fn close(self) {
        self.connection.close().await;
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database cannot be used.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The state cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Others have all connections there may be.
    #[error("{OPEN_MAX} connections to this database are at work already")]
    Busy,
    /// Something else is wrong on our side.
    #[error(transparent)]
    Problem(#[from] Problem),
}

impl From<OpenError> for Problem {
    fn from(error: OpenError) -> Problem {
        match error {
            OpenError::Engine(error) => failed(&error),
            OpenError::Store(error) => error.into(),
            OpenError::Busy => Problem::new(Code::TooManyRequests, error.to_string())
                .with_retry_after(5)
                .with_hint("wait until one of them is done, or cancel it"),
            OpenError::Problem(problem) => problem,
        }
    }
}

/// What somebody is told of a database that cannot be used: the class, the server's own words, and tips.
pub fn failed(error: &EngineError) -> Problem {
    let one = |field: &str, message: &str| FieldProblem {
        field: field.to_owned(),
        message: message.to_owned(),
        hint: None,
        span: None,
    };
    let said = error.detail().map(|detail| one("server", detail));
    let tips = error.tips().into_iter().map(|tip| one(error.class().as_str(), tip));
    Problem::new(Code::ConnectionFailed, error.message().to_owned())
        .with_hint("look at `errors`: each says what may help")
        .with_errors(said.into_iter().chain(tips))
}

/// Connects to a database of the workspace for who asks.
pub async fn open(operation: &Operation, id: Id) -> Result<Opened, Problem> {
    let known = show(operation, id).await?;
    may_use(operation, known.settings.environment)?;
    Ok(open_known(&operation.app, known, "dragoman").await?)
}

/// Connects to a database as `application`. Whether somebody may is decided before.
pub async fn open_known(app: &App, known: Connection, application: &str) -> Result<Opened, OpenError> {
    let turn = app.turns.take(known.id).await.ok_or(OpenError::Busy)?;
    let (target, egress) = way(app, &known, application).await?;
    match tokio::time::timeout(OPEN_LIMIT, attempt(&target, &egress)).await {
        Ok(Ok(connection)) => Ok(Opened { connection, known, _turn: turn }),
        Ok(Err(error)) => {
            health::failed(app, &known, &error).await?;
            Err(error.into())
        }
        Err(_) => {
            let message = format!("`{}` did not answer within {OPEN_LIMIT:?}", target.place);
            let error = EngineError::new(ErrorClass::Timeout, target.kind, message);
            health::failed(app, &known, &error).await?;
            Err(error.into())
        }
    }
}

async fn attempt(target: &Target, egress: &Egress) -> Result<admin_engines::Connection, EngineError> {
    let mut wait = FIRST_WAIT;
    let mut attempts = 1;
    loop {
        match connect(target, egress, OPEN_LIMIT).await {
            Err(error) if attempts < ATTEMPTS && error.class().passes_by_itself() => {
                attempts += 1;
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            result => return result,
        }
    }
}

/// Where a known connection leads now, with everything to log in, and the rule it goes by.
pub(super) async fn way(
    app: &App,
    known: &Connection,
    application: &str,
) -> Result<(Target, Egress), OpenError> {
    let settings = &known.settings;
    let kind = kind_of(settings)?;
    let password = match settings.secret {
        Some(id) => {
            let mut tx = app.store.read().await?;
            let kept = admin_store::secrets::get(&mut tx, id).await?;
            tx.commit().await?;
            secrets::open(&app.vault, &kept).await?
        }
        None => Zeroizing::default(),
    };
    let mut tx = app.store.read().await?;
    let mut target = target(kind, settings, password, application);
    let mut egress = app.egress.clone();
    if let Some(name) = &settings.via {
        let workspace = workspaces::by_id(&mut tx, known.workspace).await?;
        let listeners = listeners_of(&mut tx, &workspace).await?;
        let named = || listeners.iter().filter(|one| one.name == *name && one.present);
        // A password goes to where it was meant for: a data plane that says of a listener of that name that it is
        // elsewhere now gets nothing by it, unless it is the one of this process.
        let is_meant = |one: &&Listener| {
            let place = listen_of(one).map(|(host, port)| Place::Server { host, port });
            settings.secret.is_none()
                || app.fleet.is_own(&one.plane)
                || place.as_ref() == Some(&settings.place)
        };
        let Some((host, port)) = named().filter(is_meant).find_map(listen_of) else {
            let message = if named().next().is_none() {
                format!("the listener `{name}` is not there")
            } else {
                format!(
                    "the listener `{name}` is not where it was when the password was saved: save the connection again with its password"
                )
            };
            return Err(EngineError::new(ErrorClass::Unreachable, kind, message).into());
        };
        target.place = admin_engines::Place::Tcp { host, port };
        egress = only(&target.place)?;
    }
    tx.commit().await?;
    Ok((target, egress))
}

/// A rule that allows one place: a listener's own, which the rule for everything else forbids.
pub(super) fn only(place: &admin_engines::Place) -> Result<Egress, OpenError> {
    let (only, none) = ([place.to_string()], []);
    Ok(Egress::compile(only.as_slice(), none.as_slice()).map_err(|error| {
        Problem::new(Code::Unavailable, "the address of the listener cannot be used").with_cause(error)
    })?)
}

/// What the engines need to know of a database.
pub(super) fn target(
    kind: Kind,
    settings: &ConnectionSettings,
    password: Zeroizing<String>,
    application: &str,
) -> Target {
    let place = match &settings.place {
        Place::Server { host, port } => admin_engines::Place::Tcp { host: host.clone(), port: *port },
        Place::File(file) => admin_engines::Place::File { path: file.into() },
    };
    Target {
        kind,
        place,
        user: settings.user.clone(),
        password,
        database: settings.database.clone(),
        tls: tls_of(settings),
        application: application.to_owned(),
    }
}

/// The rule about where connections may lead, from the settings; and never to `own`.
pub(crate) fn egress(
    settings: &crate::settings::Settings,
    own: std::net::SocketAddr,
) -> Result<Egress, admin_engines::egress::BadRule> {
    let none: &[String] = &[];
    let egress = Egress::compile(&settings.egress, none)?;
    let mut own = vec![own];
    own.extend(&settings.own_addresses);
    Ok(egress.without_own(own).with_sqlite_folder(settings.sqlite_directory.clone()))
}
