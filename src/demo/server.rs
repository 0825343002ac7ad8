//! How does a real PostgreSQL live and die as a child of this process?
//!
//! [`PostgresServer`] makes a cluster where there is none, starts `postgres` on it, and never
//! leaves a process behind: it is stopped when dropped, and on Linux the kernel tells the server to
//! shut down when this process is killed. The integration tests use it as well as the demo.
//! Durability is off (`fsync = off`): the data are sample data and can be made again.

mod account;
mod binaries;
mod cluster;
mod failure;
mod mariadb;
mod process;

pub use account::{check_reach, enterable};
pub use binaries::find_binaries;
pub use failure::ServerError;
pub use mariadb::{MariadbOptions, MariadbServer, find_client};
pub use process::effective_user;

use account::Account;
use process::Process;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Longest wait for a server to accept connections. Crash recovery of a large test database has to
/// fit in.
const START_LIMIT: Duration = Duration::from_secs(60);
/// Longest wait for a fast shutdown before the server is killed.
const STOP_LIMIT: Duration = Duration::from_secs(15);
/// The same when the server is dropped without a word: somebody is already unhappy.
const DROP_LIMIT: Duration = Duration::from_secs(5);
/// How often the server is asked whether it is ready.
const READY_INTERVAL: Duration = Duration::from_millis(10);
/// How often a free port is picked again when somebody else took it in between.
const PORT_ATTEMPTS: usize = 5;

/// What server to start, and where.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The directory with `initdb` and `postgres`.
    pub bin: PathBuf,
    /// The cluster's directory. It is made when absent or empty; its parents have to be enterable
    /// for the account the server runs as: a temporary directory of root itself will do, one below
    /// it will not unless it is opened (mode 0711).
    pub data: PathBuf,
    /// The port on 127.0.0.1; 0 picks a free one, anew at each start.
    pub port: u16,
    /// More settings, as in postgresql.conf. They win over the defaults chosen here.
    pub settings: Vec<(String, String)>,
    /// The whole text of pg_hba.conf. Without it the unix socket trusts, and 127.0.0.1 trusts or
    /// asks for SCRAM, depending on whether there is a `password`.
    pub hba: Option<String>,
    /// The bootstrap superuser's name.
    pub superuser: String,
    /// The bootstrap superuser's password.
    pub password: Option<String>,
    /// More arguments for initdb.
    pub initdb_arguments: Vec<String>,
}

impl ServerOptions {
    /// A server with the binaries of `bin` on the cluster in `data`, on a free port, with the
    /// superuser `postgres` and no password.
    pub fn new(bin: impl Into<PathBuf>, data: impl Into<PathBuf>) -> ServerOptions {
        ServerOptions {
            bin: bin.into(),
            data: data.into(),
            port: 0,
            settings: Vec::new(),
            hba: None,
            superuser: "postgres".to_owned(),
            password: None,
            initdb_arguments: Vec::new(),
        }
    }

    /// The same with one more setting.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> ServerOptions {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A running PostgreSQL. Dropping it stops it.
#[derive(Debug)]
pub struct PostgresServer {
    options: ServerOptions,
    account: Option<Account>,
    version: String,
    port: u16,
    sockets: SocketDirectory,
    process: Process,
}

impl PostgresServer {
    /// Makes the cluster if there is none, starts the server and waits until it accepts
    /// connections. Blocks for about a second the first time, a fraction of it later.
    pub fn start(mut options: ServerOptions) -> Result<PostgresServer, ServerError> {
        let account = Account::for_server();
        options.bin = binaries::check(&options.bin)?;
        account::check_reach(&options.bin)?;
        let version = binaries::version(&options.bin)?;
        options.data = cluster::prepare(&options, &version, account)?;
        let sockets = SocketDirectory::choose(&options.data, account)?;
        let (process, port) = launch(&options, account, &sockets)?;
        Ok(PostgresServer { options, account, version, port, sockets, process })
    }

    /// The port it listens on, at 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its unix socket is: a directory only its own account (and root) can enter.
    pub fn socket_directory(&self) -> &Path {
        self.sockets.path()
    }

    /// The cluster's directory.
    pub fn data(&self) -> &Path {
        &self.options.data
    }

    /// Its version, such as `18.4`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The process id of its postmaster.
    pub fn process_id(&self) -> i32 {
        self.process.id()
    }

    /// Whether it has ended, by itself or by force.
    pub fn has_ended(&self) -> bool {
        self.process.has_ended()
    }

    /// The file it logs to; emptied at each start.
    pub fn log_file(&self) -> PathBuf {
        cluster::log_file(&self.options.data)
    }

    /// Stops it: a fast shutdown (sessions are ended, data are written), by force when that takes
    /// too long.
    pub fn stop(self) -> Result<(), ServerError> {
        self.shut_down(STOP_LIMIT)
    }

    /// Kills it and all its children at once, as a crash or a power cut would.
    pub fn kill(&mut self) -> Result<(), ServerError> {
        self.process.kill_tree().map_err(|source| ServerError::Signal { process: self.process.id(), source })
    }

    /// Stops it if it runs, and starts it again on the same data, socket and (but for port 0, where
    /// the port it had is asked for again) port.
    pub fn restart(&mut self) -> Result<(), ServerError> {
        self.shut_down(STOP_LIMIT)?;
        let options = ServerOptions { port: self.port, ..self.options.clone() };
        let (process, port) = launch(&options, self.account, &self.sockets)?;
        self.process = process;
        self.port = port;
        Ok(())
    }

    fn shut_down(&self, limit: Duration) -> Result<(), ServerError> {
        if self.process.has_ended() {
            return Ok(());
        }
        let failed = |source| ServerError::Signal { process: self.process.id(), source };
        // SIGINT asks for the fast shutdown (PostgreSQL manual, "Shutting Down the Server").
        self.process.signal(libc::SIGINT).map_err(failed)?;
        if self.process.wait(limit) { Ok(()) } else { self.process.kill_tree().map_err(failed) }
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if let Err(error) = self.shut_down(DROP_LIMIT) {
            tracing::error!(%error, "the server could not be stopped");
        }
    }
}

/// Where the unix socket lives: the cluster's own directory (0700), or a short private one when
/// that path would be too long for a socket's address.
#[derive(Debug)]
enum SocketDirectory {
    InCluster(PathBuf),
    Private(PathBuf),
}

/// `sun_path` holds 104 bytes on the BSDs and 108 on Linux, a final zero among them.
const SOCKET_PATH_BYTES_MAX: usize = 103;
/// The name PostgreSQL gives its socket, at its longest, with the slash before it.
const SOCKET_NAME: &str = "/.s.PGSQL.65535";

impl SocketDirectory {
    fn choose(data: &Path, account: Option<Account>) -> Result<SocketDirectory, ServerError> {
        if data.as_os_str().len() + SOCKET_NAME.len() <= SOCKET_PATH_BYTES_MAX {
            return Ok(SocketDirectory::InCluster(data.to_owned()));
        }
        let name = format!("dragoman-socket-{}-{}", std::process::id(), process::serial());
        let path = Path::new("/tmp").join(name);
        account::make_private_directory(&path, account)?;
        Ok(SocketDirectory::Private(path))
    }

    fn path(&self) -> &Path {
        match self {
            SocketDirectory::InCluster(path) | SocketDirectory::Private(path) => path,
        }
    }
}

impl Drop for SocketDirectory {
    fn drop(&mut self) {
        if let SocketDirectory::Private(path) = self {
            // What is left in it after a kill is a socket and its lock file, both ours.
            let _ = fs::remove_dir_all(path);
        }
    }
}

fn launch(
    options: &ServerOptions,
    account: Option<Account>,
    sockets: &SocketDirectory,
) -> Result<(Process, u16), ServerError> {
    for _ in 1..PORT_ATTEMPTS {
        let port = if options.port == 0 { free_port()? } else { options.port };
        match launch_on(options, port, account, sockets) {
            Err(ServerError::PortTaken { .. }) if options.port == 0 => {}
            other => return other.map(|process| (process, port)),
        }
    }
    let port = free_port()?;
    launch_on(options, port, account, sockets).map(|process| (process, port))
}

fn launch_on(
    options: &ServerOptions,
    port: u16,
    account: Option<Account>,
    sockets: &SocketDirectory,
) -> Result<Process, ServerError> {
    cluster::wait_for_former_server(&options.data, STOP_LIMIT)?;
    cluster::configure(options, port, sockets.path(), account)?;
    let process = process::spawn(cluster::command(options, account)?)
        .map_err(|source| ServerError::Spawn { program: options.bin.join("postgres"), source })?;
    wait_until_ready(&options.data, port, &process)?;
    Ok(process)
}

/// Waits for `ready` in postmaster.pid, as `pg_ctl start --wait` does. A failure drops (and so
/// stops) the process.
fn wait_until_ready(data: &Path, port: u16, process: &Process) -> Result<(), ServerError> {
    let deadline = Instant::now() + START_LIMIT;
    while !cluster::is_ready(data, process.id()) {
        if process.wait(READY_INTERVAL) {
            return Err(failure::read_log(data, port, &cluster::log_file(data)));
        }
        if Instant::now() > deadline {
            return Err(ServerError::StartTimeout {
                seconds: START_LIMIT.as_secs(),
                log: cluster::log_file(data),
            });
        }
    }
    Ok(())
}

fn free_port() -> Result<u16, ServerError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|source| ServerError::NoPort { source })
}
