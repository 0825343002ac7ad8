//! How do data planes and this control plane talk? Snapshots and questions wait here until their plane
//! listens; reports go into the state as they come.
//!
//! A plane in this process and one elsewhere are the same: both call [`LocalCarrier`], one through HTTP.

mod questions;

use crate::app::ledger::checks::Checks;
use crate::app::ledger::copies::Copies;
use crate::plane::App;
use crate::problem::{Code, Problem};
use admin_store::workspaces::{self, Kind, Slug};
use admin_store::{StoreError, listeners, now_us, planes, publications, traffic};
use control::{
    Answer, AnswerBody, CancelElsewhere, Carried, Carrier, CarrierError, Directions, LedgerPage, LedgerQuery,
    Listening, QuestionBody, Report,
};
use questions::Questions;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// Longest a plane waits in one call for something new.
const LISTEN_MAX: Duration = Duration::from_secs(20);
/// How often another node's publications are looked for.
const PUBLICATIONS_EVERY: Duration = Duration::from_secs(1);
/// Longest somebody waits for a plane's answer.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// Longest a cancel that came to another plane is looked for: nobody waits for it longer.
const CANCEL_MAX: Duration = Duration::from_secs(4);
/// How a plane is told as it is, this often where nothing changed, in microseconds.
const SEEN_EVERY_US: i64 = 10_000_000;

/// What all planes share.
#[derive(Debug)]
pub struct Fleet {
    /// The version of the latest snapshot.
    published: watch::Sender<u64>,
    questions: Questions,
    /// Copies of ledgers that may be made now.
    pub(crate) copies: Copies,
    /// Whose the checks of ledgers are that go on.
    pub(crate) checks: Checks,
    /// The data plane of this process.
    own: OnceLock<String>,
    /// When each plane was last written down, and as what.
    told: Mutex<HashMap<String, (i64, control::PlaneState)>>,
}

impl Default for Fleet {
    fn default() -> Fleet {
        Fleet {
            published: watch::Sender::new(0),
            questions: Questions::default(),
            copies: Copies::default(),
            checks: Checks::default(),
            own: OnceLock::new(),
            told: Mutex::default(),
        }
    }
}

impl Fleet {
    /// Says that a snapshot was published: planes that listen are given it at once.
    pub fn published(&self, version: u64) {
        self.published.send_if_modified(|latest| {
            let is_later = version > *latest;
            *latest = version.max(*latest);
            is_later
        });
    }

    /// Asks each of `planes` for records of its ledger; answers by plane. A plane that is away or does not
    /// answer in time is a problem of its own.
    pub async fn ask_ledger(
        &self,
        planes: &[String],
        query: &LedgerQuery,
    ) -> Vec<(String, Result<LedgerPage, Problem>)> {
        let asked = planes.iter().map(|plane| async move {
            let found = match self.ask(plane, QuestionBody::Ledger(Box::new(query.clone())), ANSWER_MAX).await
            {
                Ok(AnswerBody::Ledger(page)) => Ok(page),
                Ok(_) => Err(beside(plane)),
                Err(problem) => Err(problem),
            };
            (plane.clone(), found)
        });
        futures_util::future::join_all(asked).await
    }

    /// Asks one plane something, and waits for its answer no longer than `limit`.
    pub async fn ask(&self, plane: &str, body: QuestionBody, limit: Duration) -> Result<AnswerBody, Problem> {
        self.questions.ask(plane, body, limit).await
    }

    /// Has a client's cancel looked for by all other planes that listen here and serve the same listener of the same
    /// workspace.
    async fn cancel(&self, cancel: CancelElsewhere) {
        let asked = self.beside(&cancel).into_iter().map(|plane| {
            let body = QuestionBody::Cancel(cancel.clone());
            async move { self.ask(&plane, body, CANCEL_MAX).await }
        });
        // Whether anybody has the session is nobody's business: a cancel has no answer.
        futures_util::future::join_all(asked).await;
    }

    /// Planes other than the one a cancel came to, behind whose listener of the same name its session may be.
    fn beside(&self, cancel: &CancelElsewhere) -> Vec<String> {
        let Some(workspace) = self.workspace_of(&cancel.plane, &cancel.listener) else { return Vec::new() };
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let serves = |state: &control::PlaneState| {
            let mut all = state.listeners.iter();
            all.any(|listener| listener.name == cancel.listener && listener.workspace == workspace)
        };
        let found = told.iter().filter(|(plane, (_, state))| {
            **plane != cancel.plane && serves(state) && self.questions.is_listening(plane)
        });
        found.map(|(plane, _)| plane.clone()).collect()
    }

    /// Planes that listen here now and have a listener of one of these workspaces, by slug.
    pub fn planes_of(&self, workspaces: &BTreeSet<String>) -> Vec<String> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let owns = |state: &control::PlaneState| {
            state.listeners.iter().any(|listener| workspaces.contains(&listener.workspace))
        };
        let found =
            told.iter().filter(|(plane, (_, state))| owns(state) && self.questions.is_listening(plane));
        found.map(|(plane, _)| plane.clone()).collect()
    }

    /// How much memory a plane said it uses, if it told this node.
    pub fn memory_of(&self, plane: &str) -> Option<u64> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.get(plane).and_then(|(_, state)| state.memory_bytes)
    }

    /// Forgets how a plane said it is: what it says next is written down, whatever it is.
    pub fn forget(&self, plane: &str) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).remove(plane);
        self.checks.forget(plane);
    }

    /// The slug of the workspace that a plane says one of its listeners belongs to, if it told this node.
    pub fn workspace_of(&self, plane: &str, listener: &str) -> Option<String> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, state) = told.get(plane)?;
        let found = state.listeners.iter().find(|one| one.name == listener);
        found.map(|found| found.workspace.clone())
    }

    /// Whether a plane is the one of this process, for which no token stands.
    pub fn is_own(&self, plane: &str) -> bool {
        self.own.get().is_some_and(|own| own == plane)
    }

    /// Whether a plane is listening here now.
    pub fn is_listening(&self, plane: &str) -> bool {
        self.questions.is_listening(plane)
    }
}

/// Looks for snapshots that other nodes published, until the control plane stops.
pub async fn follow_publications(app: App) {
    let mut stopping = app.stopping.clone();
    loop {
        if let Ok(version) = latest(&app).await {
            app.fleet.published(version);
        }
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => return,
            () = tokio::time::sleep(PUBLICATIONS_EVERY) => {}
        }
    }
}

async fn latest(app: &App) -> Result<u64, StoreError> {
    let mut tx = app.store.read().await?;
    let version = publications::latest_version(&mut tx).await?;
    tx.commit().await?;
    Ok(u64::try_from(version).unwrap_or(0))
}

/// The control plane as data planes call it.
#[derive(Clone, Debug)]
pub struct LocalCarrier {
    app: App,
    /// Whether it is the data plane of this process that calls.
    is_own: bool,
}

impl LocalCarrier {
    /// For the data plane of this process.
    pub fn own(app: App) -> LocalCarrier {
        LocalCarrier { app, is_own: true }
    }

    /// For those elsewhere, who showed the token.
    pub fn elsewhere(app: App) -> LocalCarrier {
        LocalCarrier { app, is_own: false }
    }

    /// Nobody elsewhere speaks for the data plane of this process.
    fn check(&self, plane: &str) -> Result<(), CarrierError> {
        if self.is_own {
            self.app.fleet.own.get_or_init(|| plane.to_owned());
            return Ok(());
        }
        if self.app.fleet.is_own(plane) {
            return Err(CarrierError::Refused(
                "this is the id of the data plane in the same process".to_owned(),
            ));
        }
        Ok(())
    }

    async fn do_listen(&self, listening: Listening) -> Result<Directions, CarrierError> {
        if listening.version != control::VERSION {
            return Err(CarrierError::Refused(format!(
                "the data plane speaks version {} of the link, this control plane {}: update the older of both",
                listening.version,
                control::VERSION
            )));
        }
        self.check(&listening.state.plane)?;
        let app = &self.app;
        self.write_down(&listening.state).await.map_err(away)?;
        let _present = app.fleet.questions.present(&listening.state.plane);
        let mut published = app.fleet.published.subscribe();
        let mut stopping = app.stopping.clone();
        let deadline = tokio::time::Instant::now() + LISTEN_MAX;
        loop {
            let version = *published.borrow_and_update();
            let snapshot = if version > listening.snapshot { self.snapshot(version).await? } else { None };
            let questions = app.fleet.questions.take(&listening.state.plane);
            if snapshot.is_some() || !questions.is_empty() {
                return Ok(Directions { snapshot, questions });
            }
            tokio::select! {
                _ = published.changed() => {}
                () = app.fleet.questions.wait(&listening.state.plane) => {}
                _ = stopping.wait_for(|stopping| *stopping) => {
                    return Err(CarrierError::Away("the control plane stops".to_owned()));
                }
                () = tokio::time::sleep_until(deadline) => return Ok(Directions::default()),
            }
        }
    }

    async fn snapshot(&self, version: u64) -> Result<Option<Arc<control::Snapshot>>, CarrierError> {
        let mut tx = self.app.store.read().await.map_err(away)?;
        let version = i64::try_from(version).unwrap_or(i64::MAX);
        let snapshot = publications::snapshot(&mut tx, version).await.map_err(away)?;
        tx.commit().await.map_err(away)?;
        Ok(snapshot.map(Arc::new))
    }

    /// A plane is as it says. Workspaces that its listeners name and that nobody made yet are made.
    async fn write_down(&self, state: &control::PlaneState) -> Result<(), StoreError> {
        let now = now_us();
        let is_known = |(at, known): &(i64, control::PlaneState)| now - at < SEEN_EVERY_US && known == state;
        let fleet = &self.app.fleet;
        let told = || fleet.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told().get(&state.plane).is_some_and(is_known) {
            return Ok(());
        }
        let mut tx = self.app.store.write().await?;
        planes::upsert(&mut tx, state, now).await?;
        for listener in &state.listeners {
            let Some(slug) = Slug::parse(&listener.workspace) else {
                tracing::warn!(
                    listener = listener.name,
                    workspace = listener.workspace,
                    "the workspace of a listener is no slug: its traffic belongs to nobody"
                );
                continue;
            };
            match workspaces::by_slug(&mut tx, slug.as_str()).await {
                Ok(_) => {}
                Err(StoreError::Missing(_)) => {
                    workspaces::create(&mut tx, &slug, slug.as_str(), Kind::Gateway, None).await?;
                }
                Err(error) => return Err(error),
            }
        }
        tx.commit().await?;
        told().insert(state.plane.clone(), (now, state.clone()));
        crate::app::live::listening(&self.app, state);
        Ok(())
    }

    async fn do_report(&self, report: Report) -> Result<(), CarrierError> {
        self.check(&report.plane)?;
        let app = &self.app;
        let mut tx = app.store.write().await.map_err(away)?;
        let ingested = traffic::ingest(&mut tx, &report, now_us()).await.map_err(away)?;
        if let Some(said) = &report.acknowledgement {
            planes::acknowledged(&mut tx, &report.plane, said).await.map_err(away)?;
        }
        tx.commit().await.map_err(away)?;
        if !ingested.repeated {
            crate::plane::reported(app, &report, &ingested);
        }
        Ok(())
    }
}

fn away(error: StoreError) -> CarrierError {
    CarrierError::Away(error.to_string())
}

impl LocalCarrier {
    /// Runs on the control plane's own threads, whoever calls: connections to the state belong to them, and
    /// so does the work.
    fn carry<T, F>(&self, work: impl FnOnce(LocalCarrier) -> F) -> Carried<'static, T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, CarrierError>> + Send + 'static,
    {
        let work = self.app.runtime.spawn(work(self.clone()));
        Box::pin(async move { work.await.map_err(|error| CarrierError::Away(error.to_string()))? })
    }
}

/// Ends a task when nobody waits for it any more.
struct Awaited(tokio::task::AbortHandle);

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Carrier for LocalCarrier {
    fn listen(&self, listening: Listening) -> Carried<'_, Directions> {
        let this = self.clone();
        let work = self.app.runtime.spawn(async move { this.do_listen(listening).await });
        let awaited = Awaited(work.abort_handle());
        // One that went on for a plane that is gone would take questions that nobody answers.
        Box::pin(async move {
            let done = work.await;
            drop(awaited);
            done.map_err(|error| CarrierError::Away(error.to_string()))?
        })
    }

    fn report(&self, report: Report) -> Carried<'_, ()> {
        self.carry(|this| async move { this.do_report(report).await })
    }

    fn cancel(&self, cancel: CancelElsewhere) -> Carried<'_, ()> {
        self.carry(|this| async move {
            this.check(&cancel.plane)?;
            this.app.fleet.cancel(cancel).await;
            Ok(())
        })
    }

    fn answer(&self, plane: &str, answer: Answer) -> Carried<'_, ()> {
        let checked = self.check(plane);
        if checked.is_ok() {
            self.app.fleet.questions.answer(plane, answer);
        }
        Box::pin(async { checked })
    }
}

/// The numbers and planes of the listeners that belong to a workspace. Only a workspace that an admin of
/// the instance made, or that was made for a listener, has any: a name alone gives nobody traffic.
pub async fn listeners_of(
    tx: &mut admin_store::Tx,
    workspace: &workspaces::Workspace,
) -> Result<Vec<listeners::Listener>, Problem> {
    if workspace.kind != Kind::Gateway {
        return Ok(Vec::new());
    }
    Ok(listeners::of_workspace(tx, &workspace.slug).await?)
}

/// What somebody is told when a plane answers something else than it was asked.
pub fn beside(plane: &str) -> Problem {
    Problem::new(
        Code::BadGateway,
        format!("the data plane `{plane}` answered something else than it was asked"),
    )
}

/// What somebody is told when no plane that could answer is there.
pub fn plane_away(name: &str) -> Problem {
    Problem::new(Code::PlaneAway, format!("the data plane `{name}` is not connected"))
        .with_retry_after(5)
        .with_hint(
            "look whether it runs and reaches this control plane; what it reported before is still there",
        )
}
