//! Who asks an upstream for verifiers, when relay threads want them?
//!
//! The probe's login does, on the gateway's own runtime: a relay thread only waits for the answer. One session a
//! listener, begun when it is needed and ended when nobody has asked for a while. What a client says goes into it as the
//! value of a parameter and in no other way.

use super::error::{LookupError, identifier};
use crate::probe::ProbeError;
use crate::probe::postgres::{Link, connect};
use relay::settings::ListenerSettings;
use relay::verifiers::{self, ITERATIONS, Known, LOOKUP_WAIT, LookupFailed, Question, Verifier};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};
use tokio_postgres::types::Type;

/// Questions under way at the same time; more wait their turn.
const QUESTIONS_MAX: usize = 16;

/// How long a server that did not let the gateway in is left alone.
const RETRY: Duration = Duration::from_secs(1);

/// How long a session stays that nobody asks in.
const IDLE_MAX: Duration = Duration::from_secs(60);

/// The server's own table. Whoever may not log in has no verifier that holds, nor has one whose password is over.
const TABLE: &str = "SELECT CASE WHEN rolcanlogin AND (rolvaliduntil IS NULL OR rolvaliduntil > now()) THEN rolpassword END \
     FROM pg_catalog.pg_authid WHERE rolname = $1::name";

/// Versions before 16 have no such setting.
const USUAL_ITERATIONS: &str = "SELECT current_setting('scram_iterations', true)";

/// Asks the upstream of one listener.
#[derive(Debug)]
pub(crate) struct Lookups {
    runtime: Handle,
    asking: Arc<Asking>,
}

#[derive(Debug)]
struct Asking {
    places: Semaphore,
    server: tokio::sync::Mutex<Server>,
    /// Why the last question had no answer: told when it changes.
    trouble: Mutex<Option<Arc<str>>>,
}

/// What is known of the server.
#[derive(Debug, Default)]
struct Server {
    session: Option<Arc<Session>>,
    /// When the gateway was not let in the last time, with which settings, and why.
    failed: Option<(Instant, Arc<ListenerSettings>, Arc<ProbeError>)>,
}

/// A session of the gateway's own.
#[derive(Debug)]
struct Session {
    link: Link,
    settings: Arc<ListenerSettings>,
    text: String,
    iterations: u32,
    used: Mutex<Instant>,
}

impl Lookups {
    pub(crate) fn new(runtime: Handle) -> Lookups {
        let asking = Asking {
            places: Semaphore::new(QUESTIONS_MAX),
            server: tokio::sync::Mutex::default(),
            trouble: Mutex::default(),
        };
        Lookups { runtime, asking: Arc::new(asking) }
    }
}

impl verifiers::Lookup for Lookups {
    fn look_up(
        &self,
        settings: Arc<ListenerSettings>,
        question: Arc<Question>,
        user: Box<str>,
    ) -> oneshot::Receiver<Result<Known, LookupFailed>> {
        let (answer, heard) = oneshot::channel();
        let asking = Arc::clone(&self.asking);
        self.runtime.spawn(async move {
            let _place = asking.places.acquire().await;
            // Whoever has given up meanwhile does not want it any more.
            if answer.is_closed() {
                return;
            }
            let asked = tokio::time::timeout(LOOKUP_WAIT, asking.ask(&settings, &question, &user)).await;
            let found = asked.unwrap_or_else(|_| Err(LookupError::Slow(LOOKUP_WAIT.as_secs())));
            if matches!(found, Err(LookupError::Slow(_))) {
                asking.leave().await;
            }
            asking.tell(&settings, &question, found.as_ref().err());
            let _ = answer.send(found.map_err(|_| LookupFailed));
        });
        heard
    }

    fn trouble(&self) -> Option<Arc<str>> {
        self.asking.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Asking {
    async fn ask(
        self: &Arc<Self>,
        settings: &Arc<ListenerSettings>,
        question: &Question,
        user: &str,
    ) -> Result<Known, LookupError> {
        let session = self.session(settings, question).await?;
        match session.find(user).await {
            // It had ended meanwhile: a new one is asked.
            Err(_) if session.link.client.is_closed() => {
                self.session(settings, question).await?.find(user).await
            }
            found => found,
        }
    }

    /// The session of these settings; begun where there is none.
    async fn session(
        self: &Arc<Self>,
        settings: &Arc<ListenerSettings>,
        question: &Question,
    ) -> Result<Arc<Session>, LookupError> {
        let mut server = self.server.lock().await;
        let serves = |session: &&Arc<Session>| {
            Arc::ptr_eq(&session.settings, settings) && !session.link.client.is_closed()
        };
        if let Some(session) = server.session.as_ref().filter(serves) {
            session.is_used();
            return Ok(Arc::clone(session));
        }
        server.session = None;
        if let Some((at, with, error)) = &server.failed
            && at.elapsed() < RETRY
            && Arc::ptr_eq(with, settings)
        {
            return Err(LookupError::Probe(Arc::clone(error)));
        }
        match Session::begin(settings, question).await {
            Ok(session) => {
                let session = Arc::new(session);
                server.session = Some(Arc::clone(&session));
                server.failed = None;
                tokio::spawn(leave(Arc::clone(self), Arc::clone(&session)));
                Ok(session)
            }
            Err(error) => {
                if let LookupError::Probe(error) = &error {
                    server.failed = Some((Instant::now(), Arc::clone(settings), Arc::clone(error)));
                }
                Err(error)
            }
        }
    }

    /// Ends the session: it does not answer.
    async fn leave(&self) {
        self.server.lock().await.session = None;
    }

    /// Logs it once when questions cease to have answers, and when they have them again.
    fn tell(&self, settings: &ListenerSettings, question: &Question, error: Option<&LookupError>) {
        let why: Option<Arc<str>> = error.map(|error| error.to_string().into());
        let before = {
            let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *trouble, why.clone())
        };
        let listener = &*settings.name;
        let user = settings.probe.as_ref().map_or("", |probe| &probe.user);
        match (error, why) {
            (Some(error), why) if why != before => {
                let remedy = error.remedy(user, question);
                tracing::error!(
                    listener,
                    %error,
                    remedy,
                    "logins cannot be verified, and nobody is let in, until what is stored of passwords can be looked up"
                );
            }
            (None, _) if before.is_some() => tracing::info!(listener, "logins can be verified again"),
            _ => {}
        }
    }
}

/// Ends the session when nobody has asked in it for a while.
async fn leave(asking: Arc<Asking>, session: Arc<Session>) {
    loop {
        let idle = session.used.lock().unwrap_or_else(PoisonError::into_inner).elapsed();
        match IDLE_MAX.checked_sub(idle) {
            Some(rest) if !rest.is_zero() && !session.link.client.is_closed() => {
                tokio::time::sleep(rest).await
            }
            _ => break,
        }
    }
    let mut server = asking.server.lock().await;
    if server.session.as_ref().is_some_and(|current| Arc::ptr_eq(current, &session)) {
        server.session = None;
    }
}

impl Session {
    async fn begin(settings: &Arc<ListenerSettings>, question: &Question) -> Result<Session, LookupError> {
        let probe = settings.probe.as_ref().ok_or_else(|| Arc::new(ProbeError::NoProbe))?;
        let link = connect(settings, probe, &question.database).await.map_err(Arc::new)?;
        let rows = link.client.query_typed(USUAL_ITERATIONS, &[]).await?;
        let usual: Option<&str> = rows.first().map(|row| row.try_get(0)).transpose()?.flatten();
        let iterations = usual.and_then(|usual| usual.parse().ok()).unwrap_or(ITERATIONS);
        let text = match &question.function {
            Some([schema, name]) => format!("SELECT * FROM {}.{}($1)", identifier(schema), identifier(name)),
            None => TABLE.to_owned(),
        };
        let used = Mutex::new(Instant::now());
        Ok(Session { link, settings: Arc::clone(settings), text, iterations, used })
    }

    fn is_used(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// What is stored for a role.
    async fn find(&self, user: &str) -> Result<Known, LookupError> {
        let rows = self.link.client.query_typed(&self.text, &[(&user, Type::TEXT)]).await?;
        let verifier = match rows.as_slice() {
            [] => None,
            [row] => {
                let stored: Option<&str> = row.try_get(row.len().saturating_sub(1))?;
                // What is stored in no form that is known nobody can be verified by.
                stored.and_then(|stored| Verifier::parse(stored).ok())
            }
            _ => return Err(LookupError::Ambiguous),
        };
        Ok(Known { verifier, iterations: self.iterations })
    }
}
