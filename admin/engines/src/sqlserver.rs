//! How is a SQL Server connected to and looked at?

mod decode;
mod execute;
mod link;
mod privileges;

use crate::connection::{ServerFacts, catalog_error};
use crate::egress::Egress;
use crate::error::{EngineError, ErrorClass, from_sqlserver};
use crate::run::{Explaining, Plan, RunRequest};
use crate::schema::model::Catalog;
use crate::schema::{self, Options};
use crate::target::{Kind, Place, Target};
use link::{Link, Wire};
use std::time::Duration;
use tiberius::{AuthMethod, Client, Config, EncryptionLevel, Row};
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

/// Longest wait for a small question, and for a session to be clean again.
const QUESTION_LIMIT: Duration = Duration::from_secs(10);

/// The driver's client over the link.
pub(crate) type Driver = Client<Compat<Wire>>;

/// A connection to a SQL Server.
pub struct SqlServer {
    client: Driver,
    link: Link,
    place: String,
    /// Whether the session is known to be clean: no transaction, no answer half read.
    clean: bool,
}

impl std::fmt::Debug for SqlServer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SqlServer").field("place", &self.place).finish_non_exhaustive()
    }
}

/// Stops what one session of a SQL Server runs, by an attention on its own connection.
#[derive(Clone, Debug)]
pub struct SqlServerCanceller {
    stop: link::Stop,
}

impl SqlServerCanceller {
    pub(crate) fn cancel(&self) {
        self.stop.now();
    }
}

/// What the server says of itself. Each question is one every version since 2012 answers.
const FACTS: &str = "SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version,
 SUSER_SNAME() AS who, DB_NAME() AS name,
 CAST(DATABASEPROPERTYEX(DB_NAME(), 'Updateability') AS nvarchar(128)) AS updateability";

impl SqlServer {
    pub(crate) async fn connect(target: &Target, egress: &Egress) -> Result<SqlServer, EngineError> {
        match dial(target, egress).await? {
            Dialled::There(server) => Ok(*server),
            Dialled::Elsewhere { host, port } => {
                // Azure's gateways send clients on, once. The rules of where to go hold there too.
                let next = Target { place: Place::Tcp { host, port }, ..target.clone() };
                match dial(&next, egress).await? {
                    Dialled::There(server) => Ok(*server),
                    Dialled::Elsewhere { .. } => {
                        let message = "the server sends its clients on more than once";
                        Err(EngineError::new(ErrorClass::Protocol, Kind::SqlServer, message))
                    }
                }
            }
        }
    }

    pub(crate) fn is_usable(&self) -> bool {
        self.clean && !self.link.is_stopped()
    }

    pub(crate) fn canceller(&self) -> SqlServerCanceller {
        SqlServerCanceller { stop: self.link.stop() }
    }

    pub(crate) async fn ping(&mut self) -> Result<(), EngineError> {
        self.ask("SELECT 1").await.map(drop)
    }

    pub(crate) async fn facts(&mut self) -> Result<ServerFacts, EngineError> {
        let rows = self.ask(FACTS).await?;
        let word = |name: &str| rows.first().and_then(|row| row.try_get::<&str, _>(name).ok().flatten());
        let version = word("version").unwrap_or_default().to_owned();
        let mut facts = ServerFacts {
            product: "SQL Server".to_owned(),
            version_number: version_number(&version),
            version,
            read_only: word("updateability").map(|word| word == "READ_ONLY"),
            in_recovery: None,
            current_user: word("who").map(ToOwned::to_owned),
            database: word("name").map(ToOwned::to_owned),
            encrypted: Some(self.link.is_encrypted()),
            excess: Vec::new(),
        };
        facts.excess = privileges::excess(self).await?;
        Ok(facts)
    }

    pub(crate) fn explain(&self, _how: Explaining, _request: &RunRequest) -> Result<Plan, EngineError> {
        let message = "plans of SQL Server are not read here: SHOWPLAN needs a permission that readers lack";
        Err(crate::stream::no_such_plan(Kind::SqlServer, message))
    }

    pub(crate) async fn catalog(&mut self, options: &Options) -> Result<Catalog, EngineError> {
        self.ready()?;
        // One that is dropped before its end may leave an answer half read.
        self.clean = false;
        let result = schema::sqlserver::catalog(&mut self.client, options).await;
        self.clean = match &result {
            Err(schema::CatalogError::SqlServer { source, .. }) => source.code().is_some(),
            Err(schema::CatalogError::TooMany { .. }) | Ok(_) => true,
            Err(_) => false,
        };
        result.map_err(|error| catalog_error(Kind::SqlServer, &self.place, &error))
    }

    pub(crate) async fn close(self) {
        // The session ends with the connection, and so does a transaction.
        if self.clean {
            let _ = tokio::time::timeout(QUESTION_LIMIT, self.client.close()).await;
        }
    }

    fn ready(&self) -> Result<(), EngineError> {
        if self.is_usable() {
            return Ok(());
        }
        let message = format!("the connection to `{}` is not usable any more", self.place);
        Err(EngineError::new(ErrorClass::Lost, Kind::SqlServer, message))
    }

    /// The rows of a small question of our own.
    async fn ask(&mut self, sql: &'static str) -> Result<Vec<Row>, EngineError> {
        self.ready()?;
        self.clean = false;
        self.link.begin();
        let asking = async { self.client.simple_query(sql).await?.into_first_result().await };
        let answer = tokio::time::timeout(QUESTION_LIMIT, asking).await;
        match answer {
            Ok(Ok(rows)) => {
                self.clean = true;
                Ok(rows)
            }
            Ok(Err(error)) => {
                self.clean = error.code().is_some();
                Err(from_sqlserver(&self.place, &error))
            }
            Err(_) => Err(crate::stream::out_of_time(Kind::SqlServer, QUESTION_LIMIT)),
        }
    }
}

enum Dialled {
    There(Box<SqlServer>),
    /// The server sends its clients to another.
    Elsewhere {
        host: String,
        port: u16,
    },
}

async fn dial(target: &Target, egress: &Egress) -> Result<Dialled, EngineError> {
    let (stream, _) = crate::socket::connect(target, egress).await?;
    let place = target.place.to_string();
    let (wire, link) = link::open(target, stream).await?;
    // A login that fails to be read must not take us with it: the driver is on a task of its own.
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(Client::connect(config(target), wire.compat_write()));
    match tasks.join_next().await {
        Some(Ok(Ok(client))) => Ok(Dialled::There(Box::new(SqlServer { client, link, place, clean: true }))),
        Some(Ok(Err(tiberius::error::Error::Routing { host, port }))) => {
            Ok(Dialled::Elsewhere { host, port })
        }
        Some(Ok(Err(error))) => Err(from_sqlserver(&place, &error)),
        Some(Err(_)) | None => {
            let message = format!("what answers at `{place}` does not speak the protocol of sqlserver");
            Err(EngineError::new(ErrorClass::Protocol, Kind::SqlServer, message))
        }
    }
}

/// What the driver needs for the login. It knows nothing of TLS: the link under it does that. Its own limits are
/// off: each statement brings one.
fn config(target: &Target) -> Config {
    let mut config = Config::new();
    if let Place::Tcp { host, port } = &target.place {
        config.host(host);
        config.port(*port);
    }
    if !target.database.is_empty() {
        config.database(&target.database);
    }
    config.application_name(&target.application);
    config.authentication(AuthMethod::sql_server(&target.user, target.password.as_str()));
    config.encryption(EncryptionLevel::NotSupported);
    config.handshake_timeout(None);
    config.command_timeout(None);
    config.lossy_utf16_decoding(true);
    config
}

/// `16.0.4085.2` is 160,099: each part behind the first counts to 99.
fn version_number(version: &str) -> u32 {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0).min(99);
    next() * 10_000 + next() * 100 + next()
}
