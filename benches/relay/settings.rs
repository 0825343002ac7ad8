//! What is the program of each lane told?

use super::certificate::Certificate;
use super::database::{CHALLENGED, DATABASE, TRUSTED};
use super::failure::Failure;
use super::lane::{Kind, Route};
use super::plan::{Server, Transport};
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::thread;

/// Connections beyond those that are measured: the first ones, and those that look whether it serves.
const MORE: usize = 20;

/// haproxy in TCP mode; with TLS it ends that itself, and knows nothing of PostgreSQL's way to begin it.
pub fn haproxy(port: u16, directory: &Path, route: &Route<'_>) -> Result<Vec<String>, Failure> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let tls = match route.transport {
        Transport::Plain => String::new(),
        Transport::Tls => format!(" ssl crt {}", files(directory, &route.database.certificate)?.both),
    };
    let text = format!(
        "global\n  maxconn {}\n  nbthread {cores}\n\
         defaults\n  mode tcp\n  timeout connect 10s\n  timeout client 1h\n  timeout server 1h\n\
         listen bench\n  bind 127.0.0.1:{port}{tls}\n  server upstream {}\n",
        route.sessions + MORE,
        route.upstream
    );
    let file = write(directory, "haproxy.cfg", &text)?;
    Ok(["-db", "-f", &file].map(str::to_owned).to_vec())
}

/// pgbouncer with session pooling.
pub fn pgbouncer(port: u16, directory: &Path, route: &Route<'_>) -> Result<Vec<String>, Failure> {
    let Route { upstream, database, transport, sessions, .. } = route;
    let users = format!("\"{TRUSTED}\" \"\"\n\"{CHALLENGED}\" \"{}\"\n", database.verifier);
    let users = write(directory, "users.txt", &users)?;
    let rules =
        format!("host all {CHALLENGED} 127.0.0.1/32 scram-sha-256\nhost all {TRUSTED} 127.0.0.1/32 trust\n");
    let rules = write(directory, "hba.conf", &rules)?;
    let tls = match transport {
        Transport::Plain => String::new(),
        Transport::Tls => {
            let Files { chain, key, .. } = files(directory, &database.certificate)?;
            format!(
                "client_tls_sslmode = require\nclient_tls_cert_file = {chain}\nclient_tls_key_file = {key}\n\
                 server_tls_sslmode = disable\n"
            )
        }
    };
    let most = sessions + MORE;
    let text = format!(
        "[databases]\n{DATABASE} = host={} port={} dbname={DATABASE}\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
         auth_type = hba\nauth_hba_file = {rules}\nauth_file = {users}\n\
         pool_mode = session\nmax_client_conn = {most}\ndefault_pool_size = {most}\n\
         log_connections = 0\nlog_disconnections = 0\n{tls}",
        upstream.ip(),
        upstream.port()
    );
    let file = write(directory, "pgbouncer.ini", &text)?;
    Ok(vec![file])
}

/// The gateway: observing, judging, recording; or enforcing the rules of a pack.
pub fn gateway(
    kind: Kind,
    [address, status]: [SocketAddr; 2],
    directory: &Path,
    route: &Route<'_>,
) -> Result<String, Failure> {
    let judging = match kind {
        Kind::Judging => "mode = \"enforce\"\npolicies = [\"production\"]",
        Kind::ReadOnly => "mode = \"enforce\"\npolicies = [\"read-only\"]",
        _ => "mode = \"observe\"",
    };
    let sync = match kind {
        // What is not recorded must not keep statements from running.
        Kind::Unrecorded => "none\"\non_failure = \"continue",
        Kind::Unsynced => "none",
        Kind::Each => "each",
        _ => "group",
    };
    // MariaDB offers TLS always, PostgreSQL while it is measured.
    let upstream_tls = "[listener.upstream_tls]\nmode = \"disable\"\n";
    let tls = match route.transport {
        Transport::Plain if route.server == Server::Mysql => upstream_tls.to_owned(),
        Transport::Plain => String::new(),
        Transport::Tls => {
            let Files { chain, key, .. } = files(directory, &route.database.certificate)?;
            format!(
                "[listener.tls]\nmode = \"require\"\ncertificate = \"{chain}\"\nkey = \"{key}\"\n\
                 {upstream_tls}"
            )
        }
    };
    let protocol = if route.server == Server::Mysql { "mysql" } else { "postgres" };
    // Without a password where the server trusts everybody of this machine.
    let logins = match kind {
        Kind::Verifying => "authentication = { mode = \"verify\" }\nprobe = { user = \"postgres\" }",
        _ => "allow_unauthenticated = true",
    };
    let text = format!(
        "[status]\nlisten = \"{status}\"\n\
         [ledger]\ndirectory = \"ledger\"\nsync = \"{sync}\"\n\
         [[listener]]\nname = \"bench\"\nprotocol = \"{protocol}\"\nlisten = \"{address}\"\n\
         upstream = [\"{}\"]\n{judging}\n{logins}\n\
         limits = {{ connections = {} }}\n{tls}",
        route.upstream,
        route.sessions + MORE,
    );
    write(directory, "dragoman.toml", &text)
}

/// Where the certificate and its key are: apart, and in one file.
pub struct Files {
    /// The certificate.
    pub chain: String,
    /// Its key.
    pub key: String,
    /// Both.
    pub both: String,
}

/// Readable by the account a peer may run as: the key is worth nothing beyond this run.
pub fn files(directory: &Path, certificate: &Certificate) -> Result<Files, Failure> {
    let Certificate { chain, key, .. } = certificate;
    Ok(Files {
        chain: write(directory, "server.pem", chain)?,
        key: write(directory, "server.key", key)?,
        both: write(directory, "both.pem", &format!("{chain}{key}"))?,
    })
}

fn write(directory: &Path, name: &str, text: &str) -> Result<String, Failure> {
    let path = directory.join(name).display().to_string();
    fs::write(&path, text).map_err(|source| Failure::File { path: path.clone(), source })?;
    Ok(path)
}
