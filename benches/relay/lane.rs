//! Which ways lead to the server, and how is each opened?

use super::blind;
use super::database::{CHALLENGED, DATABASE, Database, TRUSTED};
use super::failure::Failure;
use super::process::Process;
use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longest wait for a lane's program to serve.
const START_LIMIT: Duration = Duration::from_secs(15);
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// `nobody` on Debian, the kernel's overflow id everywhere: a pooler refuses to run as root.
const NOBODY: u32 = 65534;

/// A way to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing in between.
    Direct,
    /// A relay that does not look (`blind.rs`).
    Blind,
    /// haproxy in TCP mode, where installed.
    Haproxy,
    /// pgbouncer with session pooling, where installed.
    Pgbouncer,
    /// The gateway: judging, observing, recording.
    Gateway,
}

impl Kind {
    /// All of them, in the order of the tables.
    pub const ALL: [Kind; 5] = [Kind::Direct, Kind::Blind, Kind::Haproxy, Kind::Pgbouncer, Kind::Gateway];

    /// Its name in tables and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Direct => "direct",
            Kind::Blind => "blind",
            Kind::Haproxy => "haproxy",
            Kind::Pgbouncer => "pgbouncer",
            Kind::Gateway => "gateway",
        }
    }

    /// Whether it can be opened here: a peer's program has to be installed.
    pub fn is_installed(self) -> bool {
        match self {
            Kind::Direct | Kind::Blind | Kind::Gateway => true,
            Kind::Haproxy | Kind::Pgbouncer => self.program().is_some(),
        }
    }

    /// The version a peer's program tells.
    pub fn version(self) -> Option<String> {
        let flag = match self {
            Kind::Haproxy => "-v",
            Kind::Pgbouncer | Kind::Gateway => "--version",
            Kind::Direct | Kind::Blind => return None,
        };
        let output = Command::new(self.program()?).arg(flag).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout);
        Some(text.lines().next()?.trim().to_owned()).filter(|line| !line.is_empty())
    }

    /// The program behind it: `DRAGOMAN_BENCH_HAPROXY` and `DRAGOMAN_BENCH_PGBOUNCER` name one, else
    /// it is looked for where packages put it.
    fn program(self) -> Option<PathBuf> {
        let (variable, name) = match self {
            Kind::Direct | Kind::Blind => return None,
            Kind::Gateway => return Some(PathBuf::from(env!("CARGO_BIN_EXE_dragoman"))),
            Kind::Haproxy => ("DRAGOMAN_BENCH_HAPROXY", "haproxy"),
            Kind::Pgbouncer => ("DRAGOMAN_BENCH_PGBOUNCER", "pgbouncer"),
        };
        if let Some(named) = env::var_os(variable).filter(|value| !value.is_empty()) {
            return Some(PathBuf::from(named));
        }
        let path = env::var_os("PATH").unwrap_or_default();
        let places = env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
        places.map(|place| place.join(name)).find(|candidate| candidate.is_file())
    }
}

/// An open lane. Dropping it ends its program.
pub struct Lane {
    /// Where clients connect.
    pub address: SocketAddr,
    program: Option<Program>,
}

/// A running program and the directory with its files.
struct Program {
    child: Child,
    directory: TempDir,
}

impl Drop for Program {
    fn drop(&mut self) {
        // Already gone is fine; nothing is left to do for a bench when it cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Lane {
    /// Opens a lane to the database with a fresh program.
    pub fn open(kind: Kind, database: &Database) -> Result<Lane, Failure> {
        let upstream = database.address();
        match kind {
            Kind::Direct => Ok(Lane { address: upstream, program: None }),
            Kind::Blind => open_blind(upstream),
            Kind::Haproxy => open_peer(kind, |port, directory| haproxy(port, directory, upstream)),
            Kind::Pgbouncer => open_peer(kind, |port, directory| pgbouncer(port, directory, database)),
            Kind::Gateway => open_gateway(upstream),
        }
    }

    /// The process in between, if there is one.
    pub fn process(&self) -> Option<Process> {
        self.program.as_ref().map(|program| Process::new(program.child.id()))
    }

    /// The last lines the program said, to explain a failure.
    pub fn last_words(&self) -> String {
        self.program.as_ref().map(Program::last_words).unwrap_or_default()
    }
}

impl Program {
    fn start(kind: Kind, directory: TempDir, mut command: Command) -> Result<Program, Failure> {
        let log = fs::File::create(log_file(&directory)).map_err(Failure::system("make a log file"))?;
        let child = command.stdin(Stdio::null()).stderr(log).spawn();
        let child = child.map_err(|error| not_serving(kind, &error.to_string()))?;
        Ok(Program { child, directory })
    }

    fn last_words(&self) -> String {
        let text = fs::read_to_string(log_file(&self.directory)).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(5)..).unwrap_or_default().join(" | ")
    }

    /// Waits until `serves`, or says why that will not happen.
    fn wait(&mut self, kind: Kind, serves: impl Fn() -> bool) -> Result<(), Failure> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if serves() {
                return Ok(());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(not_serving(kind, &format!("it ended with {status}: {}", self.last_words())));
            }
            if Instant::now() > deadline {
                let why = format!("not ready after {} s: {}", START_LIMIT.as_secs(), self.last_words());
                return Err(not_serving(kind, &why));
            }
            thread::sleep(LOOK_AGAIN);
        }
    }
}

fn open_blind(upstream: SocketAddr) -> Result<Lane, Failure> {
    let myself = env::current_exe().map_err(Failure::system("find this program"))?;
    let mut command = Command::new(myself);
    command.arg("--blind-relay").arg(upstream.to_string()).stdout(Stdio::piped());
    let mut program = Program::start(Kind::Blind, directory()?, command)?;
    let mut line = String::new();
    if let Some(output) = program.child.stdout.take() {
        BufReader::new(output).read_line(&mut line).map_err(Failure::system("read from the blind relay"))?;
    }
    let address = line.trim().strip_prefix(blind::SERVING).and_then(|address| address.parse().ok());
    match address {
        Some(address) => Ok(Lane { address, program: Some(program) }),
        None => Err(not_serving(Kind::Blind, &program.last_words())),
    }
}

fn open_peer(
    kind: Kind,
    configure: impl Fn(u16, &Path) -> Result<Vec<String>, Failure>,
) -> Result<Lane, Failure> {
    let directory = directory()?;
    let address = free_address()?;
    let arguments = configure(address.port(), directory.path())?;
    let path = kind.program().ok_or_else(|| not_serving(kind, "it is not installed"))?;
    let mut command = Command::new(path);
    command.args(arguments).current_dir(directory.path()).stdout(Stdio::null());
    if kind == Kind::Pgbouncer && nix::unistd::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let mut program = Program::start(kind, directory, command)?;
    program.wait(kind, || TcpStream::connect(address).is_ok())?;
    Ok(Lane { address, program: Some(program) })
}

fn haproxy(port: u16, directory: &Path, upstream: SocketAddr) -> Result<Vec<String>, Failure> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let text = format!(
        "global\n  maxconn 2000\n  nbthread {cores}\n\
         defaults\n  mode tcp\n  timeout connect 10s\n  timeout client 1h\n  timeout server 1h\n\
         listen bench\n  bind 127.0.0.1:{port}\n  server upstream {upstream}\n"
    );
    let file = write(directory, "haproxy.cfg", &text)?;
    Ok(["-db", "-f", &file].map(str::to_owned).to_vec())
}

fn pgbouncer(port: u16, directory: &Path, database: &Database) -> Result<Vec<String>, Failure> {
    let upstream = database.address();
    let users = format!("\"{TRUSTED}\" \"\"\n\"{CHALLENGED}\" \"{}\"\n", database.verifier);
    let users = write(directory, "users.txt", &users)?;
    let rules =
        format!("host all {CHALLENGED} 127.0.0.1/32 scram-sha-256\nhost all {TRUSTED} 127.0.0.1/32 trust\n");
    let rules = write(directory, "hba.conf", &rules)?;
    let text = format!(
        "[databases]\n{DATABASE} = host={} port={} dbname={DATABASE}\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
         auth_type = hba\nauth_hba_file = {rules}\nauth_file = {users}\n\
         pool_mode = session\nmax_client_conn = 5000\ndefault_pool_size = 5000\n\
         log_connections = 0\nlog_disconnections = 0\n",
        upstream.ip(),
        upstream.port()
    );
    let file = write(directory, "pgbouncer.ini", &text)?;
    Ok(vec![file])
}

fn open_gateway(upstream: SocketAddr) -> Result<Lane, Failure> {
    let kind = Kind::Gateway;
    let directory = directory()?;
    let (address, status) = (free_address()?, free_address()?);
    let text = format!(
        "[status]\nlisten = \"{status}\"\n\
         [ledger]\ndirectory = \"ledger\"\nsync = \"group\"\n\
         [[listener]]\nname = \"bench\"\nprotocol = \"postgres\"\nlisten = \"{address}\"\n\
         upstream = [\"{upstream}\"]\nmode = \"observe\"\nallow_unauthenticated = true\n"
    );
    let file = write(directory.path(), "dragoman.toml", &text)?;
    let path = kind.program().ok_or_else(|| not_serving(kind, "it was not built"))?;
    let mut command = Command::new(path);
    command.args(["serve", "--config", &file]).current_dir(directory.path()).stdout(Stdio::null());
    let mut program = Program::start(kind, directory, command)?;
    program.wait(kind, || is_ready(status))?;
    Ok(Lane { address, program: Some(program) })
}

/// Whether `/readyz` answers 200.
fn is_ready(status: SocketAddr) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(status)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// A directory for one program's files, open to the account a peer may run as.
fn directory() -> Result<TempDir, Failure> {
    tempfile::Builder::new()
        .prefix("dragoman-lane-")
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir()
        .map_err(Failure::system("make a directory for a lane"))
}

fn write(directory: &Path, name: &str, text: &str) -> Result<String, Failure> {
    let path = directory.join(name).display().to_string();
    fs::write(&path, text).map_err(|source| Failure::File { path: path.clone(), source })?;
    Ok(path)
}

fn log_file(directory: &TempDir) -> PathBuf {
    directory.path().join("log")
}

/// A free port, as far as anybody can promise.
fn free_address() -> Result<SocketAddr, Failure> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(Failure::system("find a free port"))
}

fn not_serving(kind: Kind, why: &str) -> Failure {
    Failure::NotServing { program: kind.name().to_owned(), why: why.to_owned() }
}
