//! How does the gateway itself log in to a PostgreSQL server?

use crate::probe::ProbeError;
use relay::settings::{ListenerSettings, Probe, UpstreamAddress, UpstreamTls};
use rustls::pki_types::ServerName;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::oneshot;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};
use tokio_postgres::{Client, Config};

/// Longest wait for a server to accept, encrypt and log in.
const LOGIN_WAIT: Duration = Duration::from_secs(10);

/// Longest wait for what is under way to be answered when a session is no longer needed.
const GOODBYE_WAIT: Duration = Duration::from_secs(5);

/// What holds in the gateway's own sessions: only what PostgreSQL itself brought is found by an unqualified
/// name, nothing is written, and nothing runs or waits for long.
const OPTIONS: &str = "-c search_path=pg_catalog -c default_transaction_read_only=on \
     -c statement_timeout=60s -c lock_timeout=5s";

/// What the server sees as the gateway's name.
const APPLICATION: &str = "dragoman probe";

/// A session of the gateway's own; says goodbye and ends when dropped.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) client: Client,
    /// Dropped with the link: from then on the connection has [`GOODBYE_WAIT`].
    _kept: oneshot::Sender<Infallible>,
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

/// Logs in to `database` at one server of the listener.
pub(crate) async fn connect_to(
    upstream: &UpstreamAddress,
    settings: &ListenerSettings,
    probe: &Probe,
    database: &str,
) -> Result<Link, ProbeError> {
    let login = log_in(upstream, &settings.upstream_tls, probe, database);
    tokio::time::timeout(LOGIN_WAIT, login).await.unwrap_or(Err(ProbeError::Slow(LOGIN_WAIT.as_secs())))
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
    match tls {
        None => {
            let (client, connection) =
                config.connect_raw(stream, tokio_postgres::NoTls).await.map_err(refused)?;
            Ok(linked(client, connection))
        }
        Some(tls) => {
            let encryption = Encryption { config: Arc::clone(tls), host: host.to_owned() };
            let (client, connection) = config.connect_raw(stream, encryption).await.map_err(refused)?;
            Ok(linked(client, connection))
        }
    }
}

/// Keeps the connection going beside its client. A connection that is cut while the server still answers leaves
/// "connection to client lost" in the server's log, so it is given the time to say goodbye.
fn linked<C>(client: Client, connection: C) -> Link
where
    C: Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static,
{
    let (kept, dropped) = oneshot::channel();
    let bounded = async move {
        let _ = dropped.await;
        tokio::time::sleep(GOODBYE_WAIT).await;
    };
    tokio::spawn(async move {
        tokio::select! {
            _ = connection => {}
            () = bounded => {}
        }
    });
    Link { client, _kept: kept }
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
