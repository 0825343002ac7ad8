//! Which server stands behind the lanes when MySQL's protocol is measured?

use super::certificate::Certificate;
use super::channel::Opening;
use super::failure::Failure;
use super::lane::{Program, find_program, free_address, open_directory};
use super::mysql::{Account, Session};
use super::settings;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The database of the bench.
pub const DATABASE: &str = "bench";
/// The account that needs no password.
pub const TRUSTED: Account = Account { user: "bench", password: None };
/// The account that has to prove its password (`mysql_native_password`).
pub const CHALLENGED: Account = Account { user: "bench_native", password: Some("not a secret") };

const NAME: &str = "mariadbd";
/// As PostgreSQL's in `workload.rs`, with MariaDB's table of numbers.
const FILL: [&str; 3] = [
    "CREATE TABLE accounts (aid integer PRIMARY KEY, bid integer, abalance integer, filler char(84))",
    "INSERT INTO accounts SELECT seq, 1, 100000 + (seq * 7919) % 900000, '' FROM seq_100000_to_199999",
    "ANALYZE TABLE accounts",
];

/// A MariaDB with the table of accounts. Dropping it ends it.
pub struct MysqlServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it says it is.
    pub version: String,
    _program: Program,
}

/// The program, where installed: `DRAGOMAN_BENCH_MARIADBD` names one.
fn program() -> Option<PathBuf> {
    find_program("DRAGOMAN_BENCH_MARIADBD", NAME)
}

impl MysqlServer {
    /// Whether there is one on this machine.
    pub fn is_installed() -> bool {
        program().is_some() && find_program("DRAGOMAN_BENCH_MARIADB_INSTALL_DB", INSTALL).is_some()
    }

    /// Makes, starts and fills one that takes `sessions` at once, and offers TLS.
    pub fn start(sessions: usize, certificate: &Certificate) -> Result<MysqlServer, Failure> {
        let missing =
            || Failure::NotServing { program: NAME.to_owned(), why: "it is not installed".to_owned() };
        let (server, install) = (program(), find_program("DRAGOMAN_BENCH_MARIADB_INSTALL_DB", INSTALL));
        let (server, install) = server.zip(install).ok_or_else(missing)?;
        let directory = open_directory()?;
        let data = format!("--datadir={}", directory.path().join("data").display());
        let account = nix::unistd::geteuid().is_root().then_some("--user=root");
        let made = Command::new(install)
            .args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal", &data])
            .args(account)
            .output()
            .map_err(Failure::system("make a MariaDB"))?;
        if !made.status.success() {
            let why = String::from_utf8_lossy(&made.stderr).trim().to_owned();
            return Err(Failure::NotServing { program: INSTALL.to_owned(), why });
        }
        let begin = directory.path().join("begin.sql");
        let accounts = [TRUSTED, CHALLENGED].map(|Account { user, password }| {
            let by = password.map(|password| format!(" IDENTIFIED BY '{password}'")).unwrap_or_default();
            format!("CREATE USER '{user}'@'%'{by};\nGRANT ALL ON {DATABASE}.* TO '{user}'@'%';\n")
        });
        fs::write(&begin, format!("CREATE DATABASE {DATABASE};\n{}", accounts.concat()))
            .map_err(Failure::system("write the first statements"))?;
        let shown = settings::files(directory.path(), certificate)?;
        let address = free_address()?;
        let mut command = Command::new(&server);
        command
            .args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-name-resolve", "--skip-log-bin"])
            .args(["--innodb-flush-log-at-trx-commit=0", &data])
            .args([format!("--ssl-cert={}", shown.chain), format!("--ssl-key={}", shown.key)])
            .arg(format!("--port={}", address.port()))
            .arg(format!("--socket={}", directory.path().join("socket").display()))
            .arg(format!("--max-connections={sessions}"))
            .arg(format!("--init-file={}", begin.display()))
            .args(account)
            .stdout(Stdio::null());
        let mut program = Program::start(NAME, directory, command)?;
        program.wait(NAME, || session(address).is_ok())?;
        let mut filler = session(address)?;
        for statement in FILL {
            filler.run(statement)?;
        }
        filler.leave()?;
        let version =
            Command::new(server).arg("--version").output().map_err(Failure::system("ask for a version"))?;
        let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
        let version =
            version.split_once("Ver ").map_or(version.clone(), |(_, rest)| format!("MariaDB {rest}"));
        Ok(MysqlServer { address, version, _program: program })
    }
}

const INSTALL: &str = "mariadb-install-db";

/// A session with nothing in between.
pub fn session(address: SocketAddr) -> Result<Session, Failure> {
    Session::log_in(address, &Opening::Plain, &TRUSTED)
}
