//! How does the gateway itself log in to an upstream?

use relay::settings::{ListenerSettings, Probe, UpstreamAddress, UpstreamTls};
use rustls::pki_types::ServerName;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::task::AbortHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};
use tokio_postgres::{Client, Config};

/// Longest wait for a server to accept, encrypt and log in.
const LOGIN_WAIT: Duration = Duration::from_secs(10);

/// What holds in the gateway's own sessions: only what PostgreSQL itself brought is found by an unqualified
/// name, nothing is written, and nothing runs or waits for long.
const OPTIONS: &str = "-c search_path=pg_catalog -c default_transaction_read_only=on \
     -c statement_timeout=60s -c lock_timeout=5s";

/// What the server sees as the gateway's name.
const APPLICATION: &str = "dragoman probe";

/// Why the gateway could not find something out.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// No server of the listener accepts.
    #[error("upstream `{upstream}` does not answer: {source}")]
    Unreachable {
        /// The last one that was asked.
        upstream: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The server does not let the gateway in.
    #[error("the upstream does not let `{user}` in: {}", words(source))]
    Login {
        /// As whom.
        user: Box<str>,
        /// What the server said.
        #[source]
        source: tokio_postgres::Error,
    },
    /// The server does not answer a question.
    #[error("the upstream's catalog cannot be read: {}", words(_0))]
    Query(#[from] tokio_postgres::Error),
    /// It takes too long.
    #[error("the upstream did not answer within {0} seconds")]
    Slow(u64),
    /// The server has no role of that name.
    #[error("the upstream has no role of this name")]
    NoRole,
    /// The listener has no probe.
    #[error("the listener has no `probe.user`")]
    NoProbe,
}

/// What the server said, or else the driver.
fn words(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(said) => format!("{} (SQLSTATE {})", said.message(), said.code().code()),
        None => std::error::Error::source(error)
            .map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}")),
    }
}

/// A session of the gateway's own; ends when dropped.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) client: Client,
    task: AbortHandle,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Logs in to `database` at the first server of the listener that accepts.
pub(crate) async fn connect(
    settings: &ListenerSettings,
    probe: &Probe,
    database: &str,
) -> Result<Link, ProbeError> {
    let mut last = ProbeError::NoProbe;
    for upstream in &settings.upstream {
        let login = log_in(upstream, &settings.upstream_tls, probe, database);
        match tokio::time::timeout(LOGIN_WAIT, login).await {
            Ok(Ok(link)) => return Ok(link),
            // This one answers: that it refuses is the answer.
            Ok(Err(error @ ProbeError::Login { .. })) => return Err(error),
            Ok(Err(error)) => last = error,
            Err(_) => last = ProbeError::Slow(LOGIN_WAIT.as_secs()),
        }
    }
    Err(last)
}

async fn log_in(
    upstream: &UpstreamAddress,
    tls: &UpstreamTls,
    probe: &Probe,
    database: &str,
) -> Result<Link, ProbeError> {
    let mut config = Config::new();
    config.user(&*probe.user).dbname(database).application_name(APPLICATION).options(OPTIONS);
    if let Some(password) = &probe.password {
        config.password(password.reveal());
    }
    let unreachable = |source| ProbeError::Unreachable { upstream: upstream.to_string(), source };
    match upstream {
        UpstreamAddress::Tcp { host, port } => {
            let stream = TcpStream::connect((&**host, *port)).await.map_err(unreachable)?;
            stream.set_nodelay(true).map_err(unreachable)?;
            start(stream, &config, tls, host, &probe.user).await
        }
        UpstreamAddress::Unix(path) => {
            let stream = UnixStream::connect(path).await.map_err(unreachable)?;
            start(stream, &config, &UpstreamTls::Disable, "localhost", &probe.user).await
        }
    }
}

async fn start<S>(
    stream: S,
    config: &Config,
    tls: &UpstreamTls,
    host: &str,
    user: &str,
) -> Result<Link, ProbeError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let refused = |source| ProbeError::Login { user: user.into(), source };
    let mut config = config.clone();
    // Without it the driver would not encrypt: it connects nowhere by itself.
    config.host(host);
    let (mode, tls) = match tls {
        UpstreamTls::Disable => (SslMode::Disable, None),
        UpstreamTls::Prefer(tls) => (SslMode::Prefer, Some(tls)),
        UpstreamTls::Require(tls) => (SslMode::Require, Some(tls)),
    };
    config.ssl_mode(mode);
    let task = match tls {
        None => {
            let (client, connection) =
                config.connect_raw(stream, tokio_postgres::NoTls).await.map_err(refused)?;
            (client, tokio::spawn(async move { drop(connection.await) }))
        }
        Some(tls) => {
            let encryption = Encryption { config: Arc::clone(tls), host: host.to_owned() };
            let (client, connection) = config.connect_raw(stream, encryption).await.map_err(refused)?;
            (client, tokio::spawn(async move { drop(connection.await) }))
        }
    };
    Ok(Link { client: task.0, task: task.1.abort_handle() })
}

/// Begins TLS for the driver, by the listener's own rules.
struct Encryption {
    config: Arc<rustls::ClientConfig>,
    host: String,
}

/// An encrypted connection of the driver's.
struct Encrypted<S>(tokio_rustls::client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Encryption {
    type Stream = Encrypted<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move {
            let name = ServerName::try_from(self.host).map_err(|_| {
                io::Error::new(io::ErrorKind::InvalidInput, "the upstream's host is no name TLS can check")
            })?;
            let connector = tokio_rustls::TlsConnector::from(self.config);
            Ok(Encrypted(connector.connect(name, stream).await?))
        })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
