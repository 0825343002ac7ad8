//! How is a SQLite file opened so that it can only be read, and asked without holding up anybody?
//!
//! Several walls, each enough by itself for what it is there for: the file is opened read-only,
//! `query_only` is on, an authorizer lets nothing but reads be compiled, and limits bound what one
//! statement may take. SQLite blocks, so it works on threads that may.

mod functions;
mod guard;
mod work;

use crate::connection::{ServerFacts, catalog_error};
use crate::egress::Egress;
use crate::error::{EngineError, ErrorClass, from_sqlite};
use crate::run::{Explaining, Plan, RunEvent, RunRequest, RunSummary};
use crate::schema::model::Catalog;
use crate::schema::{self, Options};
use crate::stream::{Ended, bounded};
use crate::target::{Kind, Place, Target};
use guard::{Question, Watch};
use rusqlite::{Connection, InterruptHandle, OpenFlags};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;

/// How long SQLite waits for a lock another program holds.
const BUSY_LIMIT: Duration = Duration::from_secs(2);
/// Longest time a small question about the file may take.
const QUESTION_LIMIT: Duration = Duration::from_secs(10);

/// Longest time the file's whole schema may take to be read.
const CATALOG_LIMIT: Duration = Duration::from_secs(60);

/// An open SQLite file, to be read.
pub struct Sqlite {
    connection: Arc<Mutex<Connection>>,
    canceller: SqliteCanceller,
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sqlite").finish_non_exhaustive()
    }
}

/// Interrupts what runs on one open file.
#[derive(Clone)]
pub struct SqliteCanceller {
    interrupt: Arc<InterruptHandle>,
    watch: Arc<Watch>,
}

impl std::fmt::Debug for SqliteCanceller {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SqliteCanceller").finish_non_exhaustive()
    }
}

impl SqliteCanceller {
    pub(crate) fn cancel(&self) {
        // The flag is there for a statement that has not begun to run: SQLite forgets an interrupt
        // that comes too early.
        self.watch.stop();
        self.interrupt.interrupt();
    }
}

impl Sqlite {
    pub(crate) async fn open(target: &Target, egress: &Egress) -> Result<Sqlite, EngineError> {
        let Place::File { path } = target.place.clone() else {
            return Err(EngineError::new(
                ErrorClass::File,
                Kind::Sqlite,
                "a SQLite database is a file: a path is needed",
            ));
        };
        let egress = egress.clone();
        on_thread(move || {
            let file = egress.sqlite_file(&path)?;
            let watch = Arc::new(Watch::default());
            let connection = open(&file, &watch).map_err(|error| from_sqlite(&error))?;
            let interrupt = Arc::new(connection.get_interrupt_handle());
            let canceller = SqliteCanceller { interrupt, watch };
            Ok(Sqlite { connection: Arc::new(Mutex::new(connection)), canceller })
        })
        .await
    }

    pub(crate) fn canceller(&self) -> SqliteCanceller {
        self.canceller.clone()
    }

    /// Asks the open file something on a thread that may block. What is asked is bound by `limit`, and by
    /// the walls around every statement. When the future is dropped it is interrupted.
    pub async fn ask<T: Send + 'static>(
        &mut self,
        limit: Duration,
        what: impl FnOnce(&Connection) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        self.put(&Question::new(limit), limit, what).await
    }

    async fn put<T: Send + 'static>(
        &mut self,
        question: &Arc<Question>,
        limit: Duration,
        what: impl FnOnce(&Connection) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let connection = self.connection.clone();
        let stop = StopOnDrop(Some((question.clone(), self.canceller.interrupt.clone())));
        let (own, watch) = (question.clone(), self.canceller.watch.clone());
        let result = on_thread(move || {
            // One that nobody waits for any more may still hold it: it has been told to end.
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            if own.is_over() {
                return Err(crate::stream::gone(Kind::Sqlite));
            }
            watch.begin(&own);
            let result = what(&connection);
            watch.end();
            if !connection.is_autocommit() {
                connection.execute_batch("ROLLBACK").map_err(|error| from_sqlite(&error))?;
            }
            result
        })
        .await;
        stop.disarm();
        let late = question.is_late();
        result.map_err(|error| if late { crate::stream::out_of_time(Kind::Sqlite, limit) } else { error })
    }

    pub(crate) async fn ping(&mut self) -> Result<(), EngineError> {
        self.ask(QUESTION_LIMIT, |connection| {
            // Reads the file's header: an empty statement would not look at the file at all.
            connection
                .query_row("PRAGMA schema_version", [], |row| row.get::<_, i64>(0))
                .map(drop)
                .map_err(|error| from_sqlite(&error))
        })
        .await
    }

    pub(crate) async fn facts(&mut self) -> Result<ServerFacts, EngineError> {
        self.ping().await?;
        let name = self.ask(QUESTION_LIMIT, |connection| {
            let name = connection.path().and_then(|path| Path::new(path).file_name());
            Ok(name.map(|name| name.to_string_lossy().into_owned()))
        });
        let database = name.await?;
        // SQLite's number has three digits for each part behind the major one.
        let number = u32::try_from(rusqlite::version_number()).unwrap_or(0);
        Ok(ServerFacts {
            product: "SQLite".to_owned(),
            version: rusqlite::version().to_owned(),
            version_number: number / 1_000_000 * 10_000 + number / 1_000 % 1_000 * 100 + number % 1_000,
            read_only: Some(true),
            in_recovery: None,
            current_user: None,
            database,
            encrypted: None,
            excess: Vec::new(),
        })
    }

    pub(crate) async fn run(
        &mut self,
        request: &RunRequest,
        events: &mpsc::Sender<RunEvent>,
    ) -> Result<RunSummary, EngineError> {
        let (own_request, own_events) = (request.clone(), events.clone());
        let runtime = tokio::runtime::Handle::current();
        let question = Question::new(request.timeout);
        let own = question.clone();
        let asking = self.put(&question, request.timeout, move |connection| {
            work::run(connection, &own_request, &own_events, &own, &runtime)
        });
        match bounded(Kind::Sqlite, request.timeout, events, asking).await {
            Ended::Finished(result) => result,
            // Dropping the question has interrupted it; the next one waits for its end.
            Ended::Interrupted(error) => Err(error),
        }
    }

    pub(crate) async fn explain(
        &mut self,
        how: Explaining,
        request: &RunRequest,
    ) -> Result<Plan, EngineError> {
        if how != Explaining::Plan {
            let message = "SQLite tells how it would run a statement, and nothing of how it ran";
            return Err(crate::stream::no_such_plan(Kind::Sqlite, message));
        }
        let request = request.clone();
        let limit = request.timeout;
        self.ask(limit, move |connection| work::explain(connection, &request)).await
    }

    pub(crate) async fn catalog(&mut self, options: &Options) -> Result<Catalog, EngineError> {
        let options = options.clone();
        self.ask(CATALOG_LIMIT, move |connection| {
            let result = schema::sqlite::catalog(connection, &options);
            result.map_err(|error| catalog_error(Kind::Sqlite, "the file", &error))
        })
        .await
    }

    pub(crate) async fn close(self) {
        self.canceller.cancel();
        let connection = self.connection;
        let closing = on_thread(move || {
            drop(connection);
            Ok(())
        });
        if let Err(error) = closing.await {
            tracing::warn!(%error, "a SQLite file could not be closed");
        }
    }
}

/// Opens the file with every wall up.
fn open(file: &Path, watch: &Arc<Watch>) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        // The path has no links any more: one that is put there now is not followed.
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY_LIMIT)?;
    guard::put_up(&connection, watch)?;
    // SQLite opens anything; that it is a database shows when it is read.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    Ok(connection)
}

/// Does what blocks on a thread that may.
async fn on_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
) -> Result<T, EngineError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(EngineError::new(ErrorClass::Lost, Kind::Sqlite, "the work on the file was given up")),
    }
}

/// Interrupts a question nobody waits for any more.
struct StopOnDrop(Option<(Arc<Question>, Arc<InterruptHandle>)>);

impl StopOnDrop {
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        if let Some((question, interrupt)) = self.0.take() {
            question.stop();
            interrupt.interrupt();
        }
    }
}
