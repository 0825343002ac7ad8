//! How does a test get its own PostgreSQL server within half a second?
//!
//! One data directory per version is made once and kept; each test starts on its own copy of it.
//! The template holds the roles and the fixture every test uses.

use super::certificate::Certificate;
use super::places;
use super::wire::{Frame, Wire};
use dragoman::demo::server::{PostgresServer, ServerOptions};
use std::fs::{File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The password of every role that has one, and so a secret no file of a gateway may hold.
pub const PASSWORD: &str = "correct-horse-7391";

/// Written at each start; what the demo's server sets anyway (`fsync = off`) is not repeated.
const SETTINGS: [(&str, &str); 12] = [
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("wal_level", "logical"),
    ("max_wal_senders", "10"),
    ("max_replication_slots", "10"),
    ("max_prepared_transactions", "10"),
    ("max_connections", "200"),
    ("shared_buffers", "16MB"),
    ("password_encryption", "scram-sha-256"),
    ("autovacuum", "off"),
    ("jit", "off"),
    ("timezone", "UTC"),
];

/// Each way of logging in has a role of its own; everybody else uses SCRAM.
const ACCESS: &str = "
local all trusted trust
local all clear   password
host  all trusted 127.0.0.1/32 trust
host  all clear   127.0.0.1/32 password
host  all hashed  127.0.0.1/32 md5
host  all all     127.0.0.1/32 scram-sha-256
";

const FIXTURE: &str = include_str!("../clients/fixture.sql");

/// A running PostgreSQL server of this test's own.
pub struct Server {
    /// Its version as the test asked for it, such as `18`.
    pub version: String,
    /// Its TCP port on 127.0.0.1; stays the same over a restart.
    pub port: u16,
    // INVARIANT: declared before the folder, so the server is gone before its data are.
    process: PostgresServer,
    _folder: tempfile::TempDir,
}

impl Server {
    /// Starts a server of `version` with the fixture in database `shop`.
    pub fn start(version: &str) -> Server {
        Server::start_with(version, &[])
    }

    /// The same with more settings, as in postgresql.conf.
    pub fn start_with(version: &str, more: &[(&str, &str)]) -> Server {
        let template = template(version);
        let folder = tempfile::Builder::new().prefix("dragoman-server-").tempdir().expect("a folder");
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("permissions");
        let data = folder.path().join("data");
        let copied = Command::new("cp").arg("-a").arg(&template).arg(&data).status();
        assert!(copied.is_ok_and(|status| status.success()), "the template could not be copied");
        let mut options = options(version, &data);
        for (name, value) in [("ssl", "on"), ("ssl_cert_file", "server.pem"), ("ssl_key_file", "server.key")]
        {
            options = options.with(name, value);
        }
        for (name, value) in more {
            options = options.with(name, value);
        }
        let process = PostgresServer::start(options).unwrap_or_else(|error| panic!("{error}"));
        Server { version: version.to_owned(), port: process.port(), process, _folder: folder }
    }

    /// Ends it at once with all its sessions, as a crash would.
    pub fn kill(&mut self) {
        self.process.kill().expect("the server can be killed");
    }

    /// Starts it again, on the same port.
    pub fn restart(&mut self) {
        self.process.restart().expect("the server starts again");
        assert_eq!(self.process.port(), self.port, "the port stays");
    }

    /// The certificate it shows.
    pub fn certificate(&self) -> Certificate {
        Certificate::in_folder(self.process.data())
    }

    /// Everything it has written into its log since its last start.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.process.log_file()).expect("the server's log"))
            .into_owned()
    }

    /// Its unix socket.
    pub fn socket(&self) -> PathBuf {
        self.process.socket_directory().join(format!(".s.PGSQL.{}", self.port))
    }

    /// Runs `sql` directly, as a superuser, and returns the first column of the first row.
    pub fn ask(&self, sql: &str) -> Option<String> {
        let mut wire = Wire::login(self.port, "trusted");
        rows(&mut wire, sql).into_iter().next()?.into_iter().next()?
    }
}

/// Runs `sql` and returns its rows; panics when it fails.
pub fn rows(wire: &mut Wire, sql: &str) -> Vec<Vec<Option<String>>> {
    let frames = wire.query(sql);
    let error = frames.iter().find(|frame| frame.tag == b'E');
    assert!(error.is_none(), "`{sql}` failed: {:?}", error.map(Frame::fields));
    assert!(frames.last().is_some_and(|frame| frame.tag == b'Z'), "`{sql}` has no end");
    frames.iter().filter(|frame| frame.tag == b'D').map(Frame::columns).collect()
}

fn options(version: &str, data: &Path) -> ServerOptions {
    let mut options = ServerOptions::new(places::postgres_binaries(version), data);
    options.superuser = "trusted".to_owned();
    options.hba = Some(ACCESS.to_owned());
    for (name, value) in SETTINGS {
        options = options.with(name, value);
    }
    options
}

/// The data directory all servers of `version` start from; made by whoever needs it first.
fn template(version: &str) -> PathBuf {
    let owner = std::fs::metadata("/proc/self").expect("/proc").uid();
    let cache = std::env::temp_dir().join(format!("dragoman-templates-{owner}"));
    std::fs::create_dir_all(&cache).expect("the cache folder");
    std::fs::set_permissions(&cache, Permissions::from_mode(0o755)).expect("permissions");
    let lock = File::create(cache.join(format!("{version}.lock"))).expect("the lock file");
    lock.lock().expect("the lock");
    let binaries = places::postgres_binaries(version);
    let settings = format!("{SETTINGS:?}{ACCESS}{FIXTURE}{PASSWORD}{}", binaries.display());
    let finished = cache.join(format!("{version}-{:016x}", digest(&settings)));
    if !finished.exists() {
        let unfinished = cache.join(format!("{version}-unfinished"));
        let _ = std::fs::remove_dir_all(&unfinished);
        make_template(version, &unfinished);
        std::fs::rename(&unfinished, &finished).expect("the template gets its name");
    }
    finished
}

fn make_template(version: &str, data: &Path) {
    let server = PostgresServer::start(options(version, data)).unwrap_or_else(|error| panic!("{error}"));
    let mut wire = Wire::login_to(server.port(), "trusted", "postgres");
    for statement in roles(version) {
        rows(&mut wire, &statement);
    }
    let mut wire = Wire::login_to(server.port(), "trusted", "shop");
    for statement in FIXTURE.split(";\n\n") {
        rows(&mut wire, statement);
    }
    drop(wire);
    let certificate = Certificate::make(data);
    let owner = std::fs::metadata(data).expect("the data directory");
    for file in [&certificate.authority, &certificate.certificate, &certificate.key] {
        std::fs::set_permissions(file, Permissions::from_mode(0o600)).expect("permissions");
        chown(file, Some(owner.uid()), Some(owner.gid())).expect("the owner is the server's");
    }
    server.stop().expect("the server stops");
}

fn roles(version: &str) -> Vec<String> {
    let mut statements = vec![
        format!("CREATE ROLE app SUPERUSER REPLICATION LOGIN PASSWORD '{PASSWORD}'"),
        format!("CREATE ROLE clear SUPERUSER REPLICATION LOGIN PASSWORD '{PASSWORD}'"),
        "SET password_encryption = 'md5'".to_owned(),
        format!("CREATE ROLE hashed LOGIN PASSWORD '{PASSWORD}'"),
        "CREATE DATABASE shop".to_owned(),
    ];
    if version.parse::<u32>().is_ok_and(|version| version >= 18) {
        statements.insert(0, "SET md5_password_warnings = off".to_owned());
    }
    statements
}

/// FNV-1a: names a template after everything it was made from.
fn digest(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
