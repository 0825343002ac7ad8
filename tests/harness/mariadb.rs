//! How does a test get its own MariaDB server within a second, and clients for it?

use super::certificate::Certificate;
use super::clients::{Ended, run_with_input};
use super::{gateway::Plan, places, server::PASSWORD};
use dragoman::demo::server::{MariadbOptions, MariadbServer, find_client};
use std::fs::{File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A running MariaDB server of this test's own.
pub struct Mariadb {
    /// Its TCP port on 127.0.0.1.
    pub port: u16,
    // INVARIANT: declared before the folder, so the server is gone before its data are.
    process: MariadbServer,
    certificate: Certificate,
    _folder: tempfile::TempDir,
}

/// Run at each start, a line each; made to be run twice.
fn fixture() -> String {
    let mut lines = vec![
        "CREATE DATABASE IF NOT EXISTS shop".to_owned(),
        "CREATE DATABASE IF NOT EXISTS other".to_owned(),
        "CREATE USER IF NOT EXISTS nobody@'127.0.0.1', ann@'127.0.0.1'".to_owned(),
        "GRANT ALL ON *.* TO nobody@'127.0.0.1', ann@'127.0.0.1'".to_owned(),
    ];
    for user in ["app", "bob"] {
        lines.push(format!("CREATE USER IF NOT EXISTS {user}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'"));
        lines.push(format!("CREATE USER IF NOT EXISTS {user}@localhost IDENTIFIED BY '{PASSWORD}'"));
        lines.push(format!("GRANT ALL ON *.* TO {user}@'127.0.0.1', {user}@localhost"));
    }
    lines.extend(include_str!("../clients/fixture_mysql.sql").lines().map(str::to_owned));
    lines
        .iter()
        .filter(|line| !line.is_empty())
        .map(|line| format!("{};\n", line.trim_end_matches(';')))
        .collect()
}

impl Mariadb {
    /// Starts a server with the fixture in database `shop`.
    pub fn start() -> Mariadb {
        Mariadb::start_with(&[])
    }

    /// The same with more arguments.
    pub fn start_with(more: &[&str]) -> Mariadb {
        let folder = tempfile::Builder::new().prefix("dragoman-mariadb-").tempdir().expect("a folder");
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("permissions");
        let data = folder.path().join("data");
        let copied = Command::new("cp").arg("-a").arg(template()).arg(&data).status();
        assert!(copied.is_ok_and(|status| status.success()), "the template could not be copied");
        let certificate = Certificate::in_folder(&data);
        // A server that starts removes what looks like a temporary table from a folder it shares.
        let temporary = folder.path().join("temporary");
        std::fs::create_dir(&temporary).expect("a folder for temporary tables");
        std::fs::set_permissions(&temporary, Permissions::from_mode(0o777)).expect("permissions");
        let mut arguments = vec![
            format!("--tmpdir={}", temporary.display()),
            "--local-infile=1".to_owned(),
            "--max-allowed-packet=128M".to_owned(),
            format!("--ssl-ca={}", certificate.authority.display()),
            format!("--ssl-cert={}", certificate.certificate.display()),
            format!("--ssl-key={}", certificate.key.display()),
        ];
        arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
        let options = MariadbOptions { data, port: 0, statements: fixture(), arguments };
        let process = MariadbServer::start(&options).unwrap_or_else(|error| panic!("{error}"));
        Mariadb { port: process.port(), process, certificate, _folder: folder }
    }

    /// The certificate it shows.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Its unix socket.
    pub fn socket(&self) -> PathBuf {
        self.process.socket()
    }

    /// A gateway before it.
    pub fn plan(&self) -> Plan {
        Plan::before_port(self.port).protocol("mysql")
    }

    /// Ends it at once with all its sessions, as a crash would.
    pub fn kill(&mut self) {
        self.process.kill().expect("the server can be killed");
    }

    /// Everything it has said in its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.process.log_file()).unwrap_or_default()
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&self) -> bool {
        self.process.has_ended()
    }

    /// Runs statements as its administrator, over its socket; panics where one fails.
    pub fn administer(&self, statements: &[impl AsRef<str>]) {
        let mut command = Command::new(find_client().unwrap_or_else(|error| panic!("{error}")));
        command.args(["--no-defaults", "--user=root", "--batch"]);
        command.arg(format!("--socket={}", self.socket().display()));
        let script: Vec<&str> = statements.iter().map(|one| one.as_ref().trim_end_matches(';')).collect();
        // A body of a routine has semicolons of its own.
        run_with_input(&mut command, &format!("DELIMITER //\n{}\n//\n", script.join("\n//\n"))).printed();
    }

    /// Runs `sql` directly and returns what the client printed: a row a line, tabs between columns.
    pub fn ask(&self, sql: &str) -> String {
        run_with_input(&mut mariadb(self.port, "app"), sql).printed().trim_end().to_owned()
    }
}

/// The `mariadb` client: no table borders, every warning, and on after errors.
pub fn mariadb(port: u16, user: &str) -> Command {
    let mut command = Command::new(find_client().unwrap_or_else(|error| panic!("{error}")));
    command.args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", "--batch", "--skip-column-names"]);
    command.args(["--force", "--show-warnings", "--local-infile=1", "--connect-timeout=15"]);
    command.arg(format!("--port={port}")).arg(format!("--user={user}"));
    command.env("MYSQL_PWD", PASSWORD).env("HOME", "/nonexistent").env("LC_ALL", "C.UTF-8");
    command.arg("--database=shop");
    command
}

/// A script of `tests/clients`, run by the Python that has PyMySQL and MySQL's own connector.
pub fn python_mysql(script: &str, port: u16) -> Command {
    let mut command = Command::new(places::python());
    command.arg(places::client_script(script));
    at(command, port)
}

/// A script of `tests/clients`, run by node.
pub fn node_mysql(script: &str, port: u16) -> Command {
    let mut command = Command::new("node");
    command.env("NODE_PATH", places::node_modules()).arg(places::client_script(script));
    at(command, port)
}

/// Where a script finds the server.
pub fn at(mut command: Command, port: u16) -> Command {
    command.env("MYSQL_PORT", port.to_string()).env("MYSQL_PASSWORD", PASSWORD);
    command.env("HOME", "/nonexistent").env("LC_ALL", "C.UTF-8").env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Runs a client to its end and returns what it printed.
pub fn printed(command: &mut Command) -> String {
    let ended: Ended = run_with_input(command, "");
    ended.printed().to_owned()
}

/// The data directory all servers start from; made by whoever needs it first.
fn template() -> PathBuf {
    let owner = std::fs::metadata("/proc/self").expect("/proc").uid();
    let cache = std::env::temp_dir().join(format!("dragoman-templates-{owner}"));
    std::fs::create_dir_all(&cache).expect("the cache folder");
    std::fs::set_permissions(&cache, Permissions::from_mode(0o755)).expect("permissions");
    let lock = File::create(cache.join("mariadb.lock")).expect("the lock file");
    lock.lock().expect("the lock");
    let finished = cache.join("mariadb-1");
    if !finished.exists() {
        let unfinished = cache.join("mariadb-unfinished");
        let _ = std::fs::remove_dir_all(&unfinished);
        make_template(&unfinished);
        std::fs::rename(&unfinished, &finished).expect("the template gets its name");
    }
    finished
}

fn make_template(data: &Path) {
    let options =
        MariadbOptions { data: data.to_owned(), port: 0, statements: String::new(), arguments: Vec::new() };
    let server = MariadbServer::start(&options).unwrap_or_else(|error| panic!("{error}"));
    server.stop().expect("the server stops");
    let certificate = Certificate::make(data);
    let owner = std::fs::metadata(data).expect("the data directory");
    for file in [&certificate.authority, &certificate.certificate, &certificate.key] {
        std::fs::set_permissions(file, Permissions::from_mode(0o600)).expect("permissions");
        chown(file, Some(owner.uid()), Some(owner.gid())).expect("the owner is the server's");
    }
}
