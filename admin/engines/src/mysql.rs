//! How is a MySQL or MariaDB server connected to and looked at?

mod decode;
mod execute;
mod tunnel;

use crate::connection::{ServerFacts, catalog_error};
use crate::egress::Egress;
use crate::error::{EngineError, ErrorClass, from_mysql};
use crate::run::{Explaining, Plan, PlanFormat, RunEvent, RunRequest};
use crate::schema::model::Catalog;
use crate::schema::{self, Options};
use crate::socket;
use crate::target::{Kind, Target, TlsMode};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tunnel::Tunnel;

/// Longest wait for a cancel to be delivered, with the connection that it needs.
const CANCEL_LIMIT: Duration = Duration::from_secs(5);
/// Largest packet that is taken from the server: one row. MySQL's own default is 64 MiB.
const PACKET_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A connection to a MySQL or MariaDB server.
pub struct Mysql {
    conn: Conn,
    canceller: MysqlCanceller,
    is_mariadb: bool,
    encrypted: bool,
    place: String,
    /// Whether the session is known to be clean: no transaction, nothing left of a statement.
    clean: bool,
}

impl std::fmt::Debug for Mysql {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Mysql").field("place", &self.place).finish_non_exhaustive()
    }
}

/// Cancels what one session of a MySQL server runs, by `KILL QUERY` on a connection of its own.
#[derive(Clone)]
pub struct MysqlCanceller {
    target: Arc<Target>,
    address: SocketAddr,
    id: u32,
}

impl std::fmt::Debug for MysqlCanceller {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("MysqlCanceller").field("address", &self.address).finish_non_exhaustive()
    }
}

impl MysqlCanceller {
    pub(crate) async fn cancel(&self) -> Result<(), EngineError> {
        let killing = async {
            let (mut conn, _) = dial(&self.target, self.address).await?;
            let killed = conn.query_drop(format!("KILL QUERY {}", self.id)).await;
            // A failed goodbye says nothing about the cancel.
            let _ = conn.disconnect().await;
            killed.map_err(|error| from_mysql(&self.target.place.to_string(), &error))
        };
        tokio::time::timeout(CANCEL_LIMIT, killing).await.unwrap_or_else(|_| {
            let message = "the server did not take the cancel in time";
            Err(EngineError::new(ErrorClass::Timeout, Kind::Mysql, message))
        })
    }
}

impl Mysql {
    pub(crate) async fn connect(target: &Target, egress: &Egress) -> Result<Mysql, EngineError> {
        let (stream, address) = socket::connect(target, egress).await?;
        let place = target.place.to_string();
        let target = Arc::new(target.clone());
        let (conn, encrypted) = dial_over(&target, address, stream).await?;
        let canceller = MysqlCanceller { target, address, id: conn.id() };
        let mut mysql = Mysql { conn, canceller, is_mariadb: false, encrypted, place, clean: true };
        let version = mysql.words("SELECT VERSION()").await?;
        let version = version.first().cloned().flatten().unwrap_or_default();
        mysql.is_mariadb = version.to_ascii_lowercase().contains("mariadb");
        Ok(mysql)
    }

    /// The driver's own connection: what reads catalogs uses it.
    pub fn conn(&mut self) -> &mut Conn {
        &mut self.conn
    }

    /// Whether the server is MariaDB.
    pub fn is_mariadb(&self) -> bool {
        self.is_mariadb
    }

    pub(crate) fn is_usable(&self) -> bool {
        self.clean
    }

    pub(crate) fn canceller(&self) -> MysqlCanceller {
        self.canceller.clone()
    }

    pub(crate) async fn ping(&mut self) -> Result<(), EngineError> {
        self.ready()?;
        let answer = self.conn.ping().await;
        answer.map_err(|error| self.error(&error))
    }

    pub(crate) async fn facts(&mut self) -> Result<ServerFacts, EngineError> {
        self.ready()?;
        let row = self.words("SELECT VERSION(), @@global.read_only, CURRENT_USER(), DATABASE()").await?;
        let word = |at: usize| row.get(at).cloned().flatten();
        let version = word(0).unwrap_or_default();
        // A replica says so only to who may ask (REPLICATION CLIENT): unknown otherwise.
        let status = if self.is_mariadb { "SHOW ALL SLAVES STATUS" } else { "SHOW REPLICA STATUS" };
        let in_recovery = match self.conn.query::<mysql_async::Row, _>(status).await {
            Ok(rows) => Some(!rows.is_empty()),
            Err(mysql_async::Error::Server(_)) => None,
            Err(error) => return Err(self.error(&error)),
        };
        Ok(ServerFacts {
            product: if self.is_mariadb { "MariaDB" } else { "MySQL" }.to_owned(),
            version_number: version_number(&version),
            version,
            read_only: word(1).map(|word| word != "0"),
            in_recovery,
            current_user: word(2),
            database: word(3),
            encrypted: Some(self.encrypted),
            excess: Vec::new(),
        })
    }

    pub(crate) async fn explain(
        &mut self,
        how: Explaining,
        request: &RunRequest,
    ) -> Result<Plan, EngineError> {
        let refuse = |message| Err(crate::stream::no_such_plan(Kind::Mysql, message));
        let words = match how {
            Explaining::Plan => "EXPLAIN FORMAT=JSON",
            Explaining::Analyze if self.is_mariadb => "ANALYZE FORMAT=JSON",
            Explaining::Analyze => return refuse("MySQL gives no plan with measured figures as JSON"),
            Explaining::Generic(_) => return refuse("MySQL plans with the values of parameters only"),
        };
        let (sender, mut events) = mpsc::channel(16);
        let explaining = RunRequest { sql: format!("{words} {}", request.sql), ..request.clone() };
        let format = if self.is_mariadb { PlanFormat::Mariadb } else { PlanFormat::Mysql };
        let collecting = async {
            let mut text = String::new();
            while let Some(event) = events.recv().await {
                if let RunEvent::Rows(rows) = event {
                    text.extend(rows.iter().flatten().filter_map(|cell| cell.as_text()));
                }
            }
            text
        };
        let running = async {
            let result = self.run(&explaining, &sender).await;
            drop(sender);
            result
        };
        let (result, text) = tokio::join!(running, collecting);
        result?;
        let json = serde_json::from_str(&text).map_err(|error| {
            EngineError::new(ErrorClass::Protocol, Kind::Mysql, "the server's plan is no JSON")
                .with_detail(error.to_string())
        })?;
        Ok(Plan { format, json })
    }

    pub(crate) async fn catalog(&mut self, options: &Options) -> Result<Catalog, EngineError> {
        self.ready()?;
        // One that is dropped before its end may leave an answer half read.
        self.clean = false;
        let result = schema::mysql::catalog(&mut self.conn, options).await;
        self.clean = true;
        if let Err(schema::CatalogError::Mysql { source, .. }) = &result {
            self.clean = !source.is_fatal();
        }
        result.map_err(|error| catalog_error(Kind::Mysql, &self.place, &error))
    }

    pub(crate) async fn close(self) {
        if self.clean {
            // A failed goodbye closes the connection as well.
            let _ = tokio::time::timeout(CANCEL_LIMIT, self.conn.disconnect()).await;
        }
    }

    fn ready(&self) -> Result<(), EngineError> {
        if self.clean {
            return Ok(());
        }
        let message = format!("the connection to `{}` is not usable any more", self.place);
        Err(EngineError::new(ErrorClass::Lost, Kind::Mysql, message))
    }

    fn error(&mut self, error: &mysql_async::Error) -> EngineError {
        if error.is_fatal() {
            self.clean = false;
        }
        from_mysql(&self.place, error)
    }

    /// The first row of an answer, as texts.
    async fn words(&mut self, sql: &str) -> Result<Vec<Option<String>>, EngineError> {
        let row: Result<Option<mysql_async::Row>, _> = self.conn.query_first(sql).await;
        let row = row.map_err(|error| self.error(&error))?;
        let values = row.map(mysql_async::Row::unwrap).unwrap_or_default();
        Ok(values.into_iter().map(decode::word).collect())
    }
}

/// Connects to an address that was checked before.
async fn dial(target: &Arc<Target>, address: SocketAddr) -> Result<(Conn, bool), EngineError> {
    let stream = socket::connect_to(Kind::Mysql, address).await?;
    dial_over(target, address, stream).await
}

/// Logs in over `stream` where the connection is to be encrypted. In the clear the driver connects by
/// itself: it must know that nothing protects a password.
async fn dial_over(
    target: &Arc<Target>,
    address: SocketAddr,
    stream: tokio::net::TcpStream,
) -> Result<(Conn, bool), EngineError> {
    let place = target.place.to_string();
    if target.tls.mode == TlsMode::Disable {
        drop(stream);
        return in_the_clear(target, address).await;
    }
    let Some(tunnel) = Tunnel::open(target, stream).await? else {
        return in_the_clear(target, address).await;
    };
    match driver(options(target).socket(Some(tunnel.path()))).await {
        Ok(conn) => Ok((conn, true)),
        // What went wrong behind the tunnel is the reason, not that it closed.
        Err(failure) => Err(tunnel.failure().await.unwrap_or_else(|| failure.told(&place))),
    }
}

async fn in_the_clear(target: &Target, address: SocketAddr) -> Result<(Conn, bool), EngineError> {
    let options = options(target).ip_or_hostname(address.ip().to_string()).tcp_port(address.port());
    match driver(options).await {
        Ok(conn) => Ok((conn, false)),
        Err(failure) => Err(failure.told(&target.place.to_string())),
    }
}

enum Failure {
    Driver(mysql_async::Error),
    Panicked,
}

impl Failure {
    fn told(self, place: &str) -> EngineError {
        if let Failure::Driver(error) = self {
            let told = from_mysql(place, &error);
            // No packet of a login is that large.
            if told.class() != ErrorClass::Limit || matches!(error, mysql_async::Error::Server(_)) {
                return told;
            }
        }
        let message = format!("what answers at `{place}` does not speak the protocol of mysql");
        EngineError::new(ErrorClass::Protocol, Kind::Mysql, message)
    }
}

/// Lets the driver log in, on a task of its own: it may panic over a server that does not keep to the
/// protocol. The task ends when nobody waits for it.
async fn driver(opts: OptsBuilder) -> Result<Conn, Failure> {
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(Conn::new(opts));
    match tasks.join_next().await {
        Some(Ok(Ok(conn))) => Ok(conn),
        Some(Ok(Err(error))) => Err(Failure::Driver(error)),
        Some(Err(_)) | None => Err(Failure::Panicked),
    }
}

fn options(target: &Target) -> OptsBuilder {
    let options = OptsBuilder::default()
        .user(Some(target.user.as_str()))
        .pass(Some(target.password.as_str()))
        // Else the driver would move to whatever socket the server names.
        .prefer_socket(false)
        .max_allowed_packet(Some(PACKET_BYTES_MAX))
        .wait_timeout(Some(28_800))
        .stmt_cache_size(0)
        .enable_cleartext_plugin(false)
        .connect_attribute("program_name", target.application.as_str());
    if target.database.is_empty() { options } else { options.db_name(Some(target.database.as_str())) }
}

/// `11.8.2-MariaDB-log` is 110,802. MariaDB may put `5.5.5-` before it for old clients.
fn version_number(version: &str) -> u32 {
    let version = version.strip_prefix("5.5.5-").unwrap_or(version);
    let mut parts = version.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0).min(99);
    next() * 10_000 + next() * 100 + next()
}
