//! How is a connection to a server behind a listener made?

use crate::listener::Listener;
use crate::settings::{ListenerSettings, UpstreamAddress, UpstreamTls};
use crate::stream::Stream;
use rustls::pki_types::ServerName;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;
use wire_postgres::startup::SSL_REQUEST;

/// Longest wait for one server to accept and answer the request for TLS.
pub(crate) const CONNECT_WAIT: Duration = Duration::from_secs(5);

/// Connects to the first server of the listener that accepts. Not cancel safe: a connection half
/// made is closed.
pub(crate) async fn connect(
    listener: &Listener,
    settings: &ListenerSettings,
    tls: &UpstreamTls,
) -> io::Result<(Stream, UpstreamAddress)> {
    let passed_over = |address: &&UpstreamAddress| listener.upstreams.is_passed_over(&address.to_string());
    let (later, first): (Vec<_>, Vec<_>) = settings.upstream.iter().partition(passed_over);
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in first.into_iter().chain(later) {
        let (answered, stream) = match connect_to(address, tls).await {
            Ok(stream) => (Ok(()), Some(stream)),
            Err(error) => (Err(error), None),
        };
        listener.upstreams.note(&settings.name, &address.to_string(), &answered);
        match (stream, answered) {
            (Some(stream), _) => return Ok((stream, address.clone())),
            (None, Err(error)) => last = error,
            (None, Ok(())) => {}
        }
    }
    Err(last)
}

/// Connects to one server, with `tls` asked for as PostgreSQL does.
pub(crate) async fn connect_to(address: &UpstreamAddress, tls: &UpstreamTls) -> io::Result<Stream> {
    timeout(CONNECT_WAIT, dial(address, tls)).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// Whether it is this process, or its machine, that has no room for another connection: says nothing of the peer.
pub fn is_own_shortage(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let shortages = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
    Errno::from_io_error(error).is_some_and(|errno| shortages.contains(&errno))
}

/// Whether one server accepts connections: nothing is sent.
pub async fn probe(address: &UpstreamAddress) -> io::Result<()> {
    let reach = async {
        match address {
            UpstreamAddress::Tcp { host, port } => TcpStream::connect((&**host, *port)).await.map(drop),
            UpstreamAddress::Unix(path) => UnixStream::connect(path).await.map(drop),
        }
    };
    timeout(CONNECT_WAIT, reach).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

async fn dial(address: &UpstreamAddress, tls: &UpstreamTls) -> io::Result<Stream> {
    match address {
        UpstreamAddress::Tcp { host, port } => {
            let mut stream = TcpStream::connect((&**host, *port)).await?;
            stream.set_nodelay(true)?;
            let keepalive = socket2::TcpKeepalive::new().with_time(Duration::from_secs(60));
            socket2::SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
            match agree(&mut stream, tls).await? {
                Some(config) => Ok(Stream::UpstreamTls(Box::new(encrypt(stream, config, host).await?))),
                None => Ok(Stream::Tcp(stream)),
            }
        }
        UpstreamAddress::Unix(path) => {
            let mut stream = UnixStream::connect(path).await?;
            match require_only(tls) {
                Some(tls) => match agree(&mut stream, tls).await? {
                    Some(config) => {
                        Ok(Stream::UpstreamUnixTls(Box::new(encrypt(stream, config, "localhost").await?)))
                    }
                    None => Ok(Stream::Unix(stream)),
                },
                None => Ok(Stream::Unix(stream)),
            }
        }
    }
}

/// A unix socket needs no TLS unless it is required, as with libpq.
fn require_only(tls: &UpstreamTls) -> Option<&UpstreamTls> {
    match tls {
        UpstreamTls::Require(_) => Some(tls),
        UpstreamTls::Disable | UpstreamTls::Prefer(_) => None,
    }
}

/// Asks the server for TLS where the settings want it.
async fn agree(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    tls: &UpstreamTls,
) -> io::Result<Option<Arc<rustls::ClientConfig>>> {
    let (config, required) = match tls {
        UpstreamTls::Disable => return Ok(None),
        UpstreamTls::Prefer(config) => (config, false),
        UpstreamTls::Require(config) => (config, true),
    };
    stream.write_all(&SSL_REQUEST).await?;
    // One byte and no more: what is behind it belongs to the TLS handshake.
    match stream.read_u8().await? {
        b'S' => Ok(Some(Arc::clone(config))),
        b'N' if !required => Ok(None),
        b'N' => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "the server does not offer TLS, and the listener requires it",
        )),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the server answered the request for TLS with something else",
        )),
    }
}

/// Becomes the TLS client of a connection that was in plaintext so far (MySQL, where TLS begins in
/// the middle of the login). Not cancel safe.
pub(crate) async fn encrypt_end(
    stream: Stream,
    config: Arc<rustls::ClientConfig>,
    address: &UpstreamAddress,
) -> io::Result<Stream> {
    Ok(match (stream, address) {
        (Stream::Tcp(socket), UpstreamAddress::Tcp { host, .. }) => {
            Stream::UpstreamTls(Box::new(encrypt(socket, config, host).await?))
        }
        (Stream::Unix(socket), _) => {
            Stream::UpstreamUnixTls(Box::new(encrypt(socket, config, "localhost").await?))
        }
        (other, _) => other,
    })
}

async fn encrypt<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    config: Arc<rustls::ClientConfig>,
    host: &str,
) -> io::Result<tokio_rustls::client::TlsStream<S>> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| {
        io::Error::new(io::ErrorKind::InvalidInput, "the upstream's host is no name TLS can check")
    })?;
    tokio_rustls::TlsConnector::from(config).connect(name, stream).await
}
