//! How does the gateway itself log in to a MySQL or MariaDB server?

use super::look::word;
use super::tunnel::{Tunnel, TunnelError};
use crate::probe::ProbeError;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, DriverError, Error, IoError, OptsBuilder, Row};
use relay::settings::{ListenerSettings, Probe, UpstreamAddress, UpstreamTls};
use rustls::ClientConfig;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;

/// Longest wait for a server to accept, encrypt and log in.
const LOGIN_WAIT: Duration = Duration::from_secs(10);

/// Longest wait for a goodbye.
const GOODBYE_WAIT: Duration = Duration::from_secs(1);

/// What the server sees as the gateway's name.
const APPLICATION: &str = "dragoman probe";

/// Largest packet that is taken from the server: one row of a look.
const PACKET_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What holds in the gateway's own sessions: names and texts are written as they are read here, nothing is
/// written and nothing waits for long.
const SETTINGS: [&str; 2] = [
    "SET SESSION sql_mode = '', sql_quote_show_create = 1, lock_wait_timeout = 5",
    "SET SESSION TRANSACTION READ ONLY",
];

/// Which server it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) is_mariadb: bool,
    /// `10.11.8` is 101,108 and `8.4.3` is 80,403.
    pub(crate) version: u32,
}

/// A session of the gateway's own; ends when dropped.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) conn: Conn,
    pub(crate) server: Server,
    /// Whether it goes over a unix socket.
    pub(crate) is_socket: bool,
}

impl Link {
    /// Says goodbye, so that the server does not count a session that broke off.
    pub(crate) async fn close(self) {
        // A failed goodbye closes the connection as well.
        let _ = tokio::time::timeout(GOODBYE_WAIT, self.conn.disconnect()).await;
    }
}

/// Logs in to the first server of the listener that accepts.
pub(crate) async fn connect(settings: &ListenerSettings, probe: &Probe) -> Result<Link, ProbeError> {
    let mut last = ProbeError::NoProbe;
    for upstream in &settings.upstream {
        match connect_to(upstream, settings, probe).await {
            Ok(link) => return Ok(link),
            // This one answers: that it refuses is the answer.
            Err(error @ ProbeError::MysqlLogin { .. }) => return Err(error),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Logs in to one server of the listener.
pub(crate) async fn connect_to(
    upstream: &UpstreamAddress,
    settings: &ListenerSettings,
    probe: &Probe,
) -> Result<Link, ProbeError> {
    let login = async {
        let mut conn = log_in(upstream, &settings.upstream_tls, probe).await?;
        for setting in SETTINGS {
            conn.query_drop(setting).await?;
        }
        let version: Option<Row> = conn.query_first("SELECT VERSION()").await?;
        let server = server(&version.map(|row| word(&row, 0)).unwrap_or_default());
        Ok(Link { conn, server, is_socket: matches!(upstream, UpstreamAddress::Unix(_)) })
    };
    tokio::time::timeout(LOGIN_WAIT, login).await.unwrap_or(Err(ProbeError::Slow(LOGIN_WAIT.as_secs())))
}

async fn log_in(upstream: &UpstreamAddress, tls: &UpstreamTls, probe: &Probe) -> Result<Conn, ProbeError> {
    let unreachable = |source| ProbeError::Unreachable { upstream: upstream.to_string(), source };
    let (host, port) = match upstream {
        UpstreamAddress::Unix(path) => {
            let path = path.to_string_lossy().into_owned();
            return driver(options(probe).socket(Some(path)), upstream, probe).await;
        }
        UpstreamAddress::Tcp { host, port } => (&**host, *port),
    };
    let in_the_clear = || options(probe).ip_or_hostname(host).tcp_port(port);
    let (config, required): (&Arc<ClientConfig>, bool) = match tls {
        UpstreamTls::Disable => return driver(in_the_clear(), upstream, probe).await,
        UpstreamTls::Prefer(config) => (config, false),
        UpstreamTls::Require(config) => (config, true),
    };
    let stream = TcpStream::connect((host, port)).await.map_err(unreachable)?;
    let opened = Tunnel::open(stream, host, Arc::clone(config), required).await;
    let Some(tunnel) = opened.map_err(|error| told(upstream, error))? else {
        return driver(in_the_clear(), upstream, probe).await;
    };
    match driver(options(probe).socket(Some(tunnel.path())), upstream, probe).await {
        Ok(conn) => Ok(conn),
        // What went wrong behind the tunnel is the reason, not that it closed.
        Err(error) => Err(tunnel.failure().await.map_or(error, |failure| told(upstream, failure))),
    }
}

fn told(upstream: &UpstreamAddress, error: TunnelError) -> ProbeError {
    let upstream = upstream.to_string();
    match error {
        TunnelError::Foreign => ProbeError::Foreign { upstream },
        TunnelError::Encryption(source) => ProbeError::Encryption { upstream, source },
        TunnelError::Lost(source) => ProbeError::Unreachable { upstream, source },
    }
}

/// Lets the driver log in, on a task of its own: it may panic over a server that does not keep to the
/// protocol. The task ends when nobody waits for it.
async fn driver(options: OptsBuilder, upstream: &UpstreamAddress, probe: &Probe) -> Result<Conn, ProbeError> {
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(Conn::new(options));
    match tasks.join_next().await {
        Some(Ok(Ok(conn))) => Ok(conn),
        Some(Ok(Err(error))) => Err(refused(error, upstream, probe)),
        Some(Err(_)) | None => Err(ProbeError::Foreign { upstream: upstream.to_string() }),
    }
}

fn refused(error: Error, upstream: &UpstreamAddress, probe: &Probe) -> ProbeError {
    let upstream = upstream.to_string();
    match error {
        Error::Server(_)
        | Error::Driver(
            DriverError::UnknownAuthPlugin { .. }
            | DriverError::MysqlOldPasswordDisabled
            | DriverError::CleartextPluginDisabled,
        ) => ProbeError::MysqlLogin { user: probe.user.clone(), error },
        // A packet that cannot be read, as the driver says it.
        Error::Io(IoError::Io(source)) if source.get_ref().is_some() && is_broken(source.kind()) => {
            ProbeError::Foreign { upstream }
        }
        Error::Io(IoError::Io(source)) => ProbeError::Unreachable { upstream, source },
        Error::Driver(DriverError::ConnectionClosed) => {
            ProbeError::Unreachable { upstream, source: io::ErrorKind::UnexpectedEof.into() }
        }
        Error::Io(_) | Error::Driver(_) | Error::Other(_) | Error::Url(_) => ProbeError::Foreign { upstream },
    }
}

fn is_broken(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

fn options(probe: &Probe) -> OptsBuilder {
    let password = probe.password.as_ref().map(|password| password.reveal().to_owned());
    OptsBuilder::default()
        .user(Some(&*probe.user))
        .pass(password)
        // Else the driver would move to whatever socket the server names.
        .prefer_socket(false)
        .max_allowed_packet(Some(PACKET_BYTES_MAX))
        .wait_timeout(Some(28_800))
        .stmt_cache_size(0)
        .enable_cleartext_plugin(false)
        .connect_attribute("program_name", APPLICATION)
}

/// MariaDB may put `5.5.5-` before its version, for clients of its first years.
fn server(version: &str) -> Server {
    let is_mariadb = version.to_ascii_lowercase().contains("mariadb");
    let version = version.strip_prefix("5.5.5-").unwrap_or(version);
    let mut parts = version.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0).min(99);
    Server { is_mariadb, version: next() * 10_000 + next() * 100 + next() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_known_by_its_version() {
        let check = |version: &str, is_mariadb: bool, expected: u32| {
            assert_eq!(server(version), Server { is_mariadb, version: expected }, "{version}");
        };
        check("10.11.19-MariaDB-0+deb12u1", true, 101_119);
        check("5.5.5-10.6.4-MariaDB-log", true, 100_604);
        check("8.4.3", false, 80_403);
        check("9.1.0-commercial", false, 90_100);
        check("", false, 0);
    }
}
