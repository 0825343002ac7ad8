//! How is a database connected to, looked at and asked, whichever kind it is?

use crate::egress::Egress;
use crate::error::{EngineError, ErrorClass, from_mysql, from_postgres, from_sqlite, from_sqlserver};
use crate::mysql::{Mysql, MysqlCanceller};
use crate::postgres::{Postgres, PostgresCanceller};
use crate::run::{Explaining, Plan, RunEvent, RunRequest, RunSummary};
use crate::schema::model::Catalog;
use crate::schema::{CatalogError, Options};
use crate::sqlite::{Sqlite, SqliteCanceller};
use crate::sqlserver::{SqlServer, SqlServerCanceller};
use crate::target::{Kind, Target};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::sync::mpsc;

/// An open connection to a database. One statement runs at a time.
#[derive(Debug)]
pub enum Connection {
    /// To a PostgreSQL server.
    Postgres(Postgres),
    /// To a MySQL or MariaDB server.
    Mysql(Mysql),
    /// To a SQLite file.
    Sqlite(Sqlite),
    /// To a SQL Server.
    SqlServer(Box<SqlServer>),
}

/// What a server says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerFacts {
    /// What it is: `PostgreSQL`, `MySQL`, `MariaDB`, `SQLite`, `SQL Server`.
    pub product: String,
    /// Its version in its own words.
    pub version: String,
    /// Its version as a number to compare: major * 10,000 + minor * 100 + patch; for PostgreSQL the
    /// server's own `server_version_num`.
    pub version_number: u32,
    /// Whether the server as a whole only reads; unknown where it does not say.
    pub read_only: Option<bool>,
    /// Whether it is a standby that replays another's changes; unknown where it does not say.
    pub in_recovery: Option<bool>,
    /// Who is logged in.
    pub current_user: Option<String>,
    /// The database.
    pub database: Option<String>,
    /// Whether the connection is encrypted; unknown for files.
    pub encrypted: Option<bool>,
    /// What the login may do that a reader need not, as far as this kind of database is asked for it: SQL Server.
    #[serde(default)]
    pub excess: Vec<Excess>,
}

/// A privilege that a connection for reading does not need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excess {
    /// What may be done with it.
    pub what: String,
    /// How it is taken away, in the database's own words.
    pub remedy: String,
}

/// Connects to `target` where `egress` allows it, within `limit` for everything together.
pub async fn connect(target: &Target, egress: &Egress, limit: Duration) -> Result<Connection, EngineError> {
    let connecting = async {
        match target.kind {
            Kind::Postgres => Postgres::connect(target, egress).await.map(Connection::Postgres),
            Kind::Mysql => Mysql::connect(target, egress).await.map(Connection::Mysql),
            Kind::Sqlite => Sqlite::open(target, egress).await.map(Connection::Sqlite),
            Kind::SqlServer => {
                SqlServer::connect(target, egress).await.map(Box::new).map(Connection::SqlServer)
            }
        }
    };
    match tokio::time::timeout(limit, connecting).await {
        Ok(result) => result,
        Err(_) => {
            let message = format!("`{}` did not answer within {limit:?}", target.place);
            Err(EngineError::new(ErrorClass::Timeout, target.kind, message))
        }
    }
}

impl Connection {
    /// Which kind of database it leads to.
    pub fn kind(&self) -> Kind {
        match self {
            Connection::Postgres(_) => Kind::Postgres,
            Connection::Mysql(_) => Kind::Mysql,
            Connection::Sqlite(_) => Kind::Sqlite,
            Connection::SqlServer(_) => Kind::SqlServer,
        }
    }

    /// Whether another statement may be tried: false once the connection broke, or a run was dropped
    /// before its end.
    pub fn is_usable(&self) -> bool {
        match self {
            Connection::Postgres(postgres) => postgres.is_usable(),
            Connection::Mysql(mysql) => mysql.is_usable(),
            Connection::Sqlite(_) => true,
            Connection::SqlServer(server) => server.is_usable(),
        }
    }

    /// How long the smallest question takes to be answered.
    pub async fn ping(&mut self) -> Result<Duration, EngineError> {
        let begun = std::time::Instant::now();
        match self {
            Connection::Postgres(postgres) => postgres.ping().await,
            Connection::Mysql(mysql) => mysql.ping().await,
            Connection::Sqlite(sqlite) => sqlite.ping().await,
            Connection::SqlServer(server) => server.ping().await,
        }?;
        Ok(begun.elapsed())
    }

    /// What the server says of itself.
    pub async fn facts(&mut self) -> Result<ServerFacts, EngineError> {
        match self {
            Connection::Postgres(postgres) => postgres.facts().await,
            Connection::Mysql(mysql) => mysql.facts().await,
            Connection::Sqlite(sqlite) => sqlite.facts().await,
            Connection::SqlServer(server) => server.facts().await,
        }
    }

    /// Runs one statement and streams what comes back. Ends with [`RunEvent::Done`] in the channel
    /// and the same summary as its value, or with an error. When the receiver is dropped the server's
    /// work is cancelled, and the error is [`ErrorClass::Cancelled`].
    ///
    /// Not cancel safe: when the future is dropped before its end, the server's work is cancelled in
    /// the background and the connection is not usable any more ([`Connection::is_usable`]).
    pub async fn run(
        &mut self,
        request: &RunRequest,
        events: &mpsc::Sender<RunEvent>,
    ) -> Result<RunSummary, EngineError> {
        crate::stream::check(self.kind(), request)?;
        match self {
            Connection::Postgres(postgres) => postgres.run(request, events).await,
            Connection::Mysql(mysql) => mysql.run(request, events).await,
            Connection::Sqlite(sqlite) => sqlite.run(request, events).await,
            Connection::SqlServer(server) => server.run(request, events).await,
        }
    }

    /// How the database would run a statement; it is not run. Bounded by `timeout`.
    pub async fn explain(
        &mut self,
        sql: &str,
        parameters: &[Option<String>],
        timeout: Duration,
    ) -> Result<Plan, EngineError> {
        self.explain_as(Explaining::Plan, sql, parameters, timeout).await
    }

    /// How the database would run a statement, or with [`Explaining::Analyze`] has run it. Bounded by `timeout`.
    pub async fn explain_as(
        &mut self,
        how: Explaining,
        sql: &str,
        parameters: &[Option<String>],
        timeout: Duration,
    ) -> Result<Plan, EngineError> {
        let request = RunRequest {
            parameters: parameters.to_vec(),
            timeout,
            rows_max: 10_000,
            ..RunRequest::read(sql)
        };
        crate::stream::check(self.kind(), &request)?;
        match self {
            Connection::Postgres(postgres) => postgres.explain(how, &request).await,
            Connection::Mysql(mysql) => mysql.explain(how, &request).await,
            Connection::Sqlite(sqlite) => sqlite.explain(how, &request).await,
            Connection::SqlServer(server) => server.explain(how, &request),
        }
    }

    /// What is in the database.
    ///
    /// Not cancel safe: when the future is dropped before its end, close the connection.
    pub async fn catalog(&mut self, options: &Options) -> Result<Catalog, EngineError> {
        match self {
            Connection::Postgres(postgres) => postgres.catalog(options).await,
            Connection::Mysql(mysql) => mysql.catalog(options).await,
            Connection::Sqlite(sqlite) => sqlite.catalog(options).await,
            Connection::SqlServer(server) => server.catalog(options).await,
        }
    }

    /// What cancels this connection's statement from elsewhere.
    pub fn canceller(&self) -> Canceller {
        match self {
            Connection::Postgres(postgres) => Canceller::Postgres(postgres.canceller()),
            Connection::Mysql(mysql) => Canceller::Mysql(mysql.canceller()),
            Connection::Sqlite(sqlite) => Canceller::Sqlite(sqlite.canceller()),
            Connection::SqlServer(server) => Canceller::SqlServer(server.canceller()),
        }
    }

    /// Says goodbye to the server.
    pub async fn close(self) {
        match self {
            Connection::Postgres(postgres) => postgres.close().await,
            Connection::Mysql(mysql) => mysql.close().await,
            Connection::Sqlite(sqlite) => sqlite.close().await,
            Connection::SqlServer(server) => server.close().await,
        }
    }
}

/// Why a catalog could not be read, as an error of the connection.
pub(crate) fn catalog_error(kind: Kind, place: &str, error: &CatalogError) -> EngineError {
    match error {
        CatalogError::Postgres { source, .. } => from_postgres(place, source),
        CatalogError::Mysql { source, .. } => from_mysql(place, source),
        CatalogError::Sqlite { source, .. } => from_sqlite(source),
        CatalogError::SqlServer { source, .. } => from_sqlserver(place, source),
        CatalogError::TooMany { .. } => EngineError::new(ErrorClass::Limit, kind, error.to_string()),
        CatalogError::TooOld { .. } => EngineError::new(ErrorClass::Protocol, kind, error.to_string()),
    }
}

/// Cancels the statement of one connection, from any task.
#[derive(Clone, Debug)]
pub enum Canceller {
    /// A CancelRequest to a PostgreSQL server.
    Postgres(PostgresCanceller),
    /// `KILL QUERY` on a second connection.
    Mysql(MysqlCanceller),
    /// SQLite's interrupt.
    Sqlite(SqliteCanceller),
    /// An attention on the connection itself.
    SqlServer(SqlServerCanceller),
}

impl Canceller {
    /// Asks the server to cancel what the connection runs now. Success says that the server was
    /// asked; nothing runs when it was too late.
    pub async fn cancel(&self) -> Result<(), EngineError> {
        match self {
            Canceller::Postgres(canceller) => canceller.cancel().await,
            Canceller::Mysql(canceller) => canceller.cancel().await,
            Canceller::Sqlite(canceller) => {
                canceller.cancel();
                Ok(())
            }
            Canceller::SqlServer(canceller) => {
                canceller.cancel();
                Ok(())
            }
        }
    }
}
