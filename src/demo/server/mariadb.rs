//! How does a real MariaDB live and die as a child of this process?
//!
//! As [`PostgresServer`](super::PostgresServer) does: made where there is nothing, started, never
//! left behind. It stands for MySQL, whose protocol it speaks. Durability is off: the data are
//! sample data and can be made again.

use super::account::{self, Account};
use super::failure::{last_words, tells_full_disk};
use super::process::Process;
use super::{DROP_LIMIT, READY_INTERVAL, START_LIMIT, STOP_LIMIT, ServerError, cluster, free_port, process};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Where servers are, beside the places of `PATH`: Debian's is not among an ordinary user's.
const INSTALLED: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/usr/libexec"];

/// What a server cannot do without, and what sample traffic is sent with.
const SERVER: &str = "mariadbd";
const INSTALLER: &str = "mariadb-install-db";
const CLIENT: &str = "mariadb";

/// Its unix socket, in the data directory.
const SOCKET: &str = "mariadbd.sock";

/// Keep a sample server small, and quick to make.
const SMALL: [&str; 6] = [
    "--innodb-log-file-size=8M",
    "--innodb-buffer-pool-size=32M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--aria-pagecache-buffer-size=8M",
    "--key-buffer-size=8M",
];

/// What server to start, and where.
#[derive(Clone, Debug)]
pub struct MariadbOptions {
    /// Its data directory; made when absent.
    pub data: PathBuf,
    /// The port on 127.0.0.1; 0 picks a free one.
    pub port: u16,
    /// Statements it runs at each start, a line each.
    pub statements: String,
    /// More arguments. They win over the defaults chosen here.
    pub arguments: Vec<String>,
}

/// A running MariaDB. Dropping it stops it.
#[derive(Debug)]
pub struct MariadbServer {
    data: PathBuf,
    port: u16,
    version: String,
    process: Process,
}

/// The client program that comes with MariaDB.
pub fn find_client() -> Result<PathBuf, ServerError> {
    find(CLIENT)
}

fn find(program: &'static str) -> Result<PathBuf, ServerError> {
    let path = env::var_os("PATH").unwrap_or_default();
    let places = env::split_paths(&path).chain(INSTALLED.iter().map(PathBuf::from));
    let found = places.map(|place| place.join(program)).find(|file| file.is_file());
    found.ok_or(ServerError::NoMariadb { program })
}

impl MariadbServer {
    /// Makes the data directory if there is none, starts the server and waits until it accepts
    /// connections. Blocks for about a second the first time, a fraction of it later.
    pub fn start(options: &MariadbOptions) -> Result<MariadbServer, ServerError> {
        let account = Account::for_server();
        let (server, installer) = (find(SERVER)?, find(INSTALLER)?);
        let version = version(&server)?;
        let data =
            std::path::absolute(&options.data).map_err(|source| ServerError::file(&options.data, source))?;
        if data.join("mysql").is_dir() {
            account::check_owner(&data, account)?;
        } else {
            make(&installer, &data, account)?;
        }
        let port = if options.port == 0 { free_port()? } else { options.port };
        let statements = data.join("dragoman.sql");
        cluster::write_file(&statements, &options.statements, account)?;
        let log = log_file(&data);
        let mut command = Command::new(&server);
        command.arg("--no-defaults").arg(argument("datadir", &data)).arg(argument("tmpdir", &data));
        // Relative to the data directory: the path of a socket has a short limit.
        command.arg(format!("--socket={SOCKET}")).arg(argument("init-file", &statements));
        command.arg(argument("pid-file", &data.join("mariadbd.pid")));
        command.arg(format!("--port={port}")).args(["--bind-address=127.0.0.1", "--skip-name-resolve"]);
        command.args(SMALL).args(&options.arguments);
        cluster::log_to(&mut command, &log, account)?;
        let process = process::spawn_ended_by(command, libc::SIGTERM)
            .map_err(|source| ServerError::Spawn { program: server, source })?;
        let server = MariadbServer { data, port, version, process };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// The port it listens on, at 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its unix socket.
    pub fn socket(&self) -> PathBuf {
        socket(&self.data)
    }

    /// Its data directory.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Its version, such as `10.11.19`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether it has ended, by itself or by force.
    pub fn has_ended(&self) -> bool {
        self.process.has_ended()
    }

    /// The file it logs to; emptied at each start.
    pub fn log_file(&self) -> PathBuf {
        log_file(&self.data)
    }

    /// Stops it, by force when that takes too long.
    pub fn stop(self) -> Result<(), ServerError> {
        self.shut_down(STOP_LIMIT)
    }

    /// Kills it at once, as a crash would.
    pub fn kill(&mut self) -> Result<(), ServerError> {
        self.process.kill_tree().map_err(|source| ServerError::Signal { process: self.process.id(), source })
    }

    fn wait_until_ready(&self) -> Result<(), ServerError> {
        let deadline = Instant::now() + START_LIMIT;
        let log = self.log_file();
        let said = || String::from_utf8_lossy(&fs::read(&log).unwrap_or_default()).into_owned();
        while !said().contains("ready for connections") {
            if self.process.wait(READY_INTERVAL) {
                return Err(cause(&said(), &self.data, self.port, &log));
            }
            if Instant::now() > deadline {
                return Err(ServerError::StartTimeout { seconds: START_LIMIT.as_secs(), log });
            }
        }
        Ok(())
    }

    fn shut_down(&self, limit: std::time::Duration) -> Result<(), ServerError> {
        if self.process.has_ended() {
            return Ok(());
        }
        let failed = |source| ServerError::Signal { process: self.process.id(), source };
        self.process.signal(libc::SIGTERM).map_err(failed)?;
        if self.process.wait(limit) { Ok(()) } else { self.process.kill_tree().map_err(failed) }
    }
}

impl Drop for MariadbServer {
    fn drop(&mut self) {
        if let Err(error) = self.shut_down(DROP_LIMIT) {
            tracing::error!(%error, "the server could not be stopped");
        }
    }
}

/// Makes the data directory beside its final place and renames: one that is there is a whole one.
fn make(installer: &Path, data: &Path, account: Option<Account>) -> Result<(), ServerError> {
    let draft = data.with_extension("initializing");
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(|source| ServerError::file(&draft, source))?;
    }
    let parent = data.parent().unwrap_or(data);
    fs::create_dir_all(parent).map_err(|source| ServerError::file(parent, source))?;
    account::check_reach(parent)?;
    account::make_private_directory(&draft, account)?;
    let log = log_file(&draft);
    let mut command = Command::new(installer);
    command.args(["--no-defaults", "--auth-root-authentication-method=normal"]);
    command.args(["--skip-test-db", "--skip-name-resolve"]).arg(argument("datadir", &draft)).args(SMALL);
    // A server that starts removes what looks like a temporary table from a folder that it shares with others.
    command.arg(argument("tmpdir", &draft));
    cluster::log_to(&mut command, &log, account)?;
    let process = process::spawn_ended_by(command, libc::SIGTERM)
        .map_err(|source| ServerError::Spawn { program: installer.to_owned(), source })?;
    if !(process.wait(START_LIMIT) && process.succeeded()) {
        let said = String::from_utf8_lossy(&fs::read(&log).unwrap_or_default()).into_owned();
        let _ = fs::remove_dir_all(&draft);
        return Err(match tells_full_disk(&said) {
            true => ServerError::DiskFull { place: data.to_owned() },
            false => ServerError::Installer { data: data.to_owned(), output: last_words(&said) },
        });
    }
    fs::rename(&draft, data).map_err(|source| ServerError::file(data, source))
}

/// Why it ended while it started.
fn cause(said: &str, data: &Path, port: u16, log: &Path) -> ServerError {
    if tells_full_disk(said) {
        return ServerError::DiskFull { place: data.to_owned() };
    }
    if said.contains("Address already in use") {
        return ServerError::PortTaken { port };
    }
    let error = said.lines().find(|line| line.contains("[ERROR]")).map(str::to_owned);
    ServerError::Exited { said: error.unwrap_or_else(|| last_words(said)), log: log.to_owned() }
}

/// `mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for …`
fn version(server: &Path) -> Result<String, ServerError> {
    let failed = |source| ServerError::Spawn { program: server.to_owned(), source };
    let output = Command::new(server).args(["--no-defaults", "--version"]).output().map_err(failed)?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = said.split("Ver ").nth(1).and_then(|rest| rest.split(['-', ' ']).next());
    let broken = || ServerError::Broken { program: server.to_owned(), output: said.trim().to_owned() };
    version.map(str::to_owned).ok_or_else(broken)
}

fn argument(name: &str, path: &Path) -> std::ffi::OsString {
    let mut argument = std::ffi::OsString::from(format!("--{name}="));
    argument.push(path);
    argument
}

fn socket(data: &Path) -> PathBuf {
    data.join(SOCKET)
}

fn log_file(data: &Path) -> PathBuf {
    data.join("server.log")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_named_with_the_packages_it_comes_in() {
        let message = find("no-such-mariadbd").unwrap_err().to_string();
        for expected in ["`no-such-mariadbd`", "apt install mariadb-server-core", "`--mysql`"] {
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn what_the_log_says_becomes_the_cause() {
        let place = Path::new("/data");
        let told = |said: &str| cause(said, place, 6034, Path::new("/log")).to_string();
        assert!(
            told("[ERROR] Can't start server: Bind on TCP/IP port: Address already in use").contains("6034")
        );
        assert!(told("[ERROR] InnoDB: No space left on device").contains("no space left"));
        assert!(told("[Note] a\n[ERROR] unknown option '--x'\n[ERROR] Aborting").contains("unknown option"));
    }
}
