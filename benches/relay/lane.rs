//! Which ways lead to the server, and how is each opened?

use super::blind;
use super::channel::Opening;
use super::client::{Client, Login};
use super::database::Database;
use super::failure::Failure;
use super::mysql::{Account, Session};
use super::plan::{Server, Transport};
use super::process::Process;
use super::settings;
use super::stopped::Stopped;
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
/// What the gateway calls the thread that writes its ledger.
const LEDGER_THREAD: &str = "ledger";
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
    /// The same with a ledger that leaves it to the system when records reach the disk.
    Unsynced,
    /// The same with a ledger that brings every write to the disk at once.
    Each,
    /// The same while the thread of its ledger stands still: nothing is recorded.
    Unrecorded,
    /// The gateway once more, told the same: what two equal lanes differ by.
    Again,
    /// The gateway in mode `enforce`, by the rules of the pack `production`.
    Judging,
    /// The gateway in mode `enforce`, by the rules of the pack `read-only`.
    ReadOnly,
    /// The gateway that verifies logins by what it looks up at the server.
    Verifying,
}

impl Kind {
    /// Those everything is measured over, in the order of the tables.
    pub const ALL: [Kind; 5] = [Kind::Direct, Kind::Blind, Kind::Haproxy, Kind::Pgbouncer, Kind::Gateway];

    /// The gateways that differ in their ledger only, that without one first.
    pub const RECORDING: [Kind; 4] = [Kind::Unrecorded, Kind::Unsynced, Kind::Gateway, Kind::Each];

    /// The gateways that differ in what they judge by only, that without rules first.
    pub const JUDGING: [Kind; 4] = [Kind::Gateway, Kind::Again, Kind::Judging, Kind::ReadOnly];

    /// The gateways that enforce a pack.
    pub const ENFORCING: [Kind; 2] = [Kind::Judging, Kind::ReadOnly];

    /// Whether MySQL's protocol can be measured over it. pgbouncer does not speak it; and where haproxy ends
    /// TLS it does so at once, while MySQL's clients wait for a greeting in plaintext first.
    pub fn carries_mysql(self, transport: Transport) -> bool {
        self != Kind::Pgbouncer && (self != Kind::Haproxy || transport == Transport::Plain)
    }

    /// Its name in tables and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Direct => "direct",
            Kind::Blind => "blind",
            Kind::Haproxy => "haproxy",
            Kind::Pgbouncer => "pgbouncer",
            Kind::Gateway => "gateway",
            Kind::Unsynced => "gateway-none",
            Kind::Each => "gateway-each",
            Kind::Unrecorded => "gateway-unrecorded",
            Kind::Again => "gateway-again",
            Kind::Judging => "gateway-judging",
            Kind::ReadOnly => "gateway-read-only",
            Kind::Verifying => "gateway-verifying",
        }
    }

    /// Whether it can be opened here: a peer's program has to be installed.
    pub fn is_installed(self) -> bool {
        match self {
            Kind::Haproxy | Kind::Pgbouncer => self.program().is_some(),
            _ => true,
        }
    }

    /// The version a peer's program tells.
    pub fn version(self) -> Option<String> {
        let flag = match self {
            Kind::Haproxy => "-v",
            Kind::Direct | Kind::Blind => return None,
            _ => "--version",
        };
        let output = Command::new(self.program()?).arg(flag).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout);
        Some(text.lines().next()?.trim().to_owned()).filter(|line| !line.is_empty())
    }

    /// The program behind it: `DRAGOMAN_BENCH_HAPROXY` and `DRAGOMAN_BENCH_PGBOUNCER` name one, else
    /// it is looked for where packages put it.
    fn program(self) -> Option<PathBuf> {
        match self {
            Kind::Direct | Kind::Blind => None,
            Kind::Haproxy => find_program("DRAGOMAN_BENCH_HAPROXY", "haproxy"),
            Kind::Pgbouncer => find_program("DRAGOMAN_BENCH_PGBOUNCER", "pgbouncer"),
            _ => Some(PathBuf::from(env!("CARGO_BIN_EXE_dragoman"))),
        }
    }
}

/// The program that a variable of the environment names, else where packages put it.
pub fn find_program(variable: &str, name: &str) -> Option<PathBuf> {
    if let Some(named) = env::var_os(variable).filter(|value| !value.is_empty()) {
        return Some(PathBuf::from(named));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let places = env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    places.map(|place| place.join(name)).find(|candidate| candidate.is_file())
}

/// Where a lane leads, and how clients reach it.
pub struct Route<'a> {
    /// Which server is behind it.
    pub server: Server,
    /// Where that is.
    pub upstream: SocketAddr,
    /// Whose roles and certificate the lane's program knows.
    pub database: &'a Database,
    /// How clients connect; the program reaches the server in plaintext either way.
    pub transport: Transport,
    /// The most sessions at once.
    pub sessions: usize,
}

/// An open lane. Dropping it ends its program.
pub struct Lane {
    /// Where clients connect.
    pub address: SocketAddr,
    opening: Opening,
    program: Option<Program>,
}

/// A running program and the directory with its files.
pub struct Program {
    child: Child,
    directory: TempDir,
    stopped: Option<Stopped>,
}

impl Drop for Program {
    fn drop(&mut self) {
        // Before the end: whoever stops a thread would have to see it die.
        self.stopped = None;
        // Already gone is fine; nothing is left to do for a bench when it cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Lane {
    /// Opens a lane with a fresh program.
    pub fn open(kind: Kind, route: &Route<'_>) -> Result<Lane, Failure> {
        let mut lane = match kind {
            Kind::Direct => Lane { address: route.upstream, opening: Opening::Plain, program: None },
            Kind::Blind => open_myself(kind.name(), &["--blind-relay", &route.upstream.to_string()])?,
            Kind::Haproxy => open_peer(kind, |port, directory| settings::haproxy(port, directory, route))?,
            Kind::Pgbouncer => {
                open_peer(kind, |port, directory| settings::pgbouncer(port, directory, route))?
            }
            _ => open_gateway(kind, route)?,
        };
        lane.opening = match (route.transport, kind) {
            (Transport::Plain, _) => Opening::Plain,
            (Transport::Tls, Kind::Haproxy) => Opening::Direct(route.database.certificate.client.clone()),
            (Transport::Tls, _) => Opening::Asked(route.database.certificate.client.clone()),
        };
        Ok(lane)
    }

    /// Opens what stands in for the server (`double.rs`): a way to nothing behind it.
    pub fn open_double() -> Result<Lane, Failure> {
        open_myself("the server's double", &["--double"])
    }

    /// Logs in over it.
    pub fn log_in(&self, login: &Login) -> Result<Client, Failure> {
        Client::log_in(self.address, &self.opening, login)
    }

    /// Logs in over it by MySQL's protocol.
    pub fn log_in_mysql(&self, account: &Account) -> Result<Session, Failure> {
        Session::log_in(self.address, &self.opening, account)
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
    /// Starts it, its errors in a file of its directory.
    pub fn start(name: &str, directory: TempDir, mut command: Command) -> Result<Program, Failure> {
        let log = fs::File::create(log_file(&directory)).map_err(Failure::system("make a log file"))?;
        let child = command.stdin(Stdio::null()).stderr(log).spawn();
        let child = child.map_err(|error| not_serving(name, &error.to_string()))?;
        Ok(Program { child, directory, stopped: None })
    }

    fn last_words(&self) -> String {
        let text = fs::read_to_string(log_file(&self.directory)).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(5)..).unwrap_or_default().join(" | ")
    }

    /// Waits until `serves`, or says why that will not happen.
    pub fn wait(&mut self, name: &str, serves: impl Fn() -> bool) -> Result<(), Failure> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if serves() {
                return Ok(());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(not_serving(name, &format!("it ended with {status}: {}", self.last_words())));
            }
            if Instant::now() > deadline {
                let why = format!("not ready after {} s: {}", START_LIMIT.as_secs(), self.last_words());
                return Err(not_serving(name, &why));
            }
            thread::sleep(LOOK_AGAIN);
        }
    }
}

/// Starts this program again as something else, which says where it serves.
pub fn open_myself(name: &str, arguments: &[&str]) -> Result<Lane, Failure> {
    let myself = env::current_exe().map_err(Failure::system("find this program"))?;
    let mut command = Command::new(myself);
    command.args(arguments).stdout(Stdio::piped());
    let mut program = Program::start(name, open_directory()?, command)?;
    let mut line = String::new();
    if let Some(output) = program.child.stdout.take() {
        BufReader::new(output).read_line(&mut line).map_err(Failure::system("read what a program says"))?;
    }
    let address = line.trim().strip_prefix(blind::SERVING).and_then(|address| address.parse().ok());
    match address {
        Some(address) => Ok(Lane { address, opening: Opening::Plain, program: Some(program) }),
        None => Err(not_serving(name, &program.last_words())),
    }
}

fn open_peer(
    kind: Kind,
    configure: impl Fn(u16, &Path) -> Result<Vec<String>, Failure>,
) -> Result<Lane, Failure> {
    let directory = open_directory()?;
    let address = free_address()?;
    let arguments = configure(address.port(), directory.path())?;
    let path = kind.program().ok_or_else(|| not_serving(kind.name(), "it is not installed"))?;
    let mut command = Command::new(path);
    command.args(arguments).current_dir(directory.path()).stdout(Stdio::null());
    if kind == Kind::Pgbouncer && nix::unistd::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let mut program = Program::start(kind.name(), directory, command)?;
    program.wait(kind.name(), || TcpStream::connect(address).is_ok())?;
    Ok(Lane { address, opening: Opening::Plain, program: Some(program) })
}

fn open_gateway(kind: Kind, route: &Route<'_>) -> Result<Lane, Failure> {
    let directory = open_directory()?;
    let (address, status) = (free_address()?, free_address()?);
    let file = settings::gateway(kind, [address, status], directory.path(), route)?;
    let path = kind.program().ok_or_else(|| not_serving(kind.name(), "it was not built"))?;
    let mut command = Command::new(path);
    command.args(["serve", "--config", &file]).current_dir(directory.path()).stdout(Stdio::null());
    let mut program = Program::start(kind.name(), directory, command)?;
    program.wait(kind.name(), || is_ready(status))?;
    if kind == Kind::Unrecorded {
        program.stopped = Some(Stopped::thread_of(program.child.id(), LEDGER_THREAD)?);
    }
    Ok(Lane { address, opening: Opening::Plain, program: Some(program) })
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
pub fn open_directory() -> Result<TempDir, Failure> {
    tempfile::Builder::new()
        .prefix("dragoman-lane-")
        .permissions(fs::Permissions::from_mode(0o755))
        .tempdir()
        .map_err(Failure::system("make a directory for a lane"))
}

fn log_file(directory: &TempDir) -> PathBuf {
    directory.path().join("log")
}

/// A free port, as far as anybody can promise.
pub fn free_address() -> Result<SocketAddr, Failure> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(Failure::system("find a free port"))
}

fn not_serving(name: &str, why: &str) -> Failure {
    Failure::NotServing { program: name.to_owned(), why: why.to_owned() }
}
