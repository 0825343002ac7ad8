//! How is a PostgreSQL server connected to and looked at?

mod cancel;
mod decode;
mod execute;
mod explain;
pub(crate) mod frames;
mod parameter;
mod value;

use crate::connection::{ServerFacts, catalog_error};
use crate::egress::Egress;
use crate::error::{EngineError, ErrorClass, from_postgres};
use crate::schema::model::Catalog;
use crate::schema::{self, Options};
use crate::target::{Kind, Target, TlsMode};
use crate::{socket, tls};
use cancel::CancelOnDrop;
use frames::{Connector, Framed};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{AsyncMessage, Client, NoTls, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

pub use cancel::PostgresCanceller;

/// Most notices that wait for somebody to read them; more are dropped.
const NOTICES_MAX: usize = 64;
/// Longest wait for a session to be clean again after a statement.
const CLEAN_LIMIT: Duration = Duration::from_secs(5);

/// A connection to a PostgreSQL server.
pub struct Postgres {
    client: Arc<Client>,
    canceller: PostgresCanceller,
    notices: mpsc::Receiver<String>,
    /// Why the session ended, when the server said so outside of a statement.
    ended: Arc<Mutex<Option<EngineError>>>,
    place: String,
    /// Whether the session is known to be clean: no transaction, nothing left of a statement.
    clean: bool,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Postgres").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Postgres {
    pub(crate) async fn connect(target: &Target, egress: &Egress) -> Result<Postgres, EngineError> {
        let (host, _) = socket::host_of(target)?;
        let tls = tls::client_config(Kind::Postgres, &target.tls)?.map(MakeRustlsConnect::new);
        let (stream, address) = socket::connect(target, egress).await?;
        let place = target.place.to_string();
        let mut config = tokio_postgres::Config::new();
        config.user(&target.user).password(target.password.as_bytes());
        config.application_name(&target.application);
        if !target.database.is_empty() {
            config.dbname(&target.database);
        }
        config.ssl_mode(match target.tls.mode {
            TlsMode::Disable => SslMode::Disable,
            TlsMode::Prefer => SslMode::Prefer,
            TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull => SslMode::Require,
        });
        let (sender, notices) = mpsc::channel(NOTICES_MAX);
        let ended = Arc::new(Mutex::new(None));
        let failed = |error: tokio_postgres::Error| from_postgres(&place, &error);
        let client = match tls.clone() {
            Some(mut make) => {
                let connector = MakeTlsConnect::<tokio::net::TcpStream>::make_tls_connect(&mut make, host)
                    .map_err(|_| EngineError::new(ErrorClass::Tls, Kind::Postgres, "TLS cannot be set up"))?;
                let (client, connection) = config
                    .connect_raw(Framed::after_answer(stream), Connector(connector))
                    .await
                    .map_err(failed)?;
                tokio::spawn(drive(connection, sender, ended.clone(), place.clone()));
                client
            }
            None => {
                let (client, connection) =
                    config.connect_raw(Framed::new(stream), NoTls).await.map_err(failed)?;
                tokio::spawn(drive(connection, sender, ended.clone(), place.clone()));
                client
            }
        };
        let canceller = PostgresCanceller::new(client.cancel_token(), address, host.to_owned(), tls);
        let client = Arc::new(client);
        Ok(Postgres { client, canceller, notices, ended, place, clean: true })
    }

    /// The driver's own client: what reads catalogs uses it.
    pub fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn is_usable(&self) -> bool {
        self.clean && !self.client.is_closed()
    }

    pub(crate) fn canceller(&self) -> PostgresCanceller {
        self.canceller.clone()
    }

    pub(crate) async fn ping(&mut self) -> Result<(), EngineError> {
        self.ready()?;
        self.client.simple_query("").await.map(drop).map_err(|error| self.error(&error))
    }

    pub(crate) async fn facts(&mut self) -> Result<ServerFacts, EngineError> {
        self.ready()?;
        let sql = "SELECT current_setting('server_version'), current_setting('server_version_num'), \
                   pg_is_in_recovery(), current_setting('default_transaction_read_only'), \
                   current_user, current_database(), \
                   (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())";
        let answer = self.client.simple_query(sql).await.map_err(|error| self.error(&error))?;
        let row = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let word = |at: usize| row.and_then(|row| row.try_get(at).ok().flatten()).map(str::to_owned);
        let flag = |at: usize| word(at).map(|word| word == "t" || word == "on");
        let in_recovery = flag(2);
        Ok(ServerFacts {
            product: "PostgreSQL".to_owned(),
            version: word(0).unwrap_or_default(),
            version_number: word(1).and_then(|word| word.parse().ok()).unwrap_or(0),
            read_only: flag(3).map(|default| default || in_recovery == Some(true)),
            in_recovery,
            current_user: word(4),
            database: word(5),
            encrypted: flag(6),
            excess: Vec::new(),
        })
    }

    pub(crate) async fn catalog(&mut self, options: &Options) -> Result<Catalog, EngineError> {
        self.ready()?;
        // One that is dropped before its end leaves a transaction behind.
        self.clean = false;
        let result = schema::postgres::catalog(&self.client, options).await;
        let told = |error| catalog_error(Kind::Postgres, &self.place, &error);
        let result = result.map_err(told);
        self.finish(false).await?;
        result
    }

    pub(crate) async fn close(self) {
        // The driver says goodbye when the client is dropped.
        drop(self.client);
    }

    /// Whether another statement may begin.
    fn ready(&self) -> Result<(), EngineError> {
        if self.is_usable() {
            return Ok(());
        }
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let lost = || {
            let message = format!("the connection to `{}` is not usable any more", self.place);
            EngineError::new(ErrorClass::Lost, Kind::Postgres, message)
        };
        Err(ended.unwrap_or_else(lost))
    }

    /// An error of the driver; the server's own reason where it ended the session.
    fn error(&self, error: &tokio_postgres::Error) -> EngineError {
        if error.is_closed()
            && let Some(ended) = self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone()
        {
            return ended;
        }
        from_postgres(&self.place, error)
    }

    fn cancel_on_drop(&self) -> CancelOnDrop {
        CancelOnDrop::new(self.canceller.clone(), self.client.clone())
    }
}

/// Moves bytes between client and server until the session ends.
async fn drive<S, T>(
    mut connection: tokio_postgres::Connection<S, T>,
    notices: mpsc::Sender<String>,
    ended: Arc<Mutex<Option<EngineError>>>,
    place: String,
) where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notice(notice))) => {
                // When nobody reads them, notices are not worth waiting for.
                let _ = notices.try_send(notice.message().to_owned());
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                let error = from_postgres(&place, &error);
                *ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                return;
            }
            None => return,
        }
    }
}
