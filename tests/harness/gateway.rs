//! How does a test run the real program before a server of its own?

use super::server::Server;
use super::{eventually, eventually_within, free_port, ledger, signal};
use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// What the settings file of a gateway says. The listener is named `shop`.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    upstream: Vec<String>,
    listener: String,
    tables: String,
    ledger: String,
    data_plane: String,
    mode: Option<String>,
    protocol: Option<String>,
    ledger_disk_kib: Option<u32>,
    environment: Vec<(String, String)>,
    program: Option<PathBuf>,
}

impl Plan {
    /// A gateway before `server`, every other setting at its default.
    pub fn before(server: &Server) -> Plan {
        Plan::before_port(server.port)
    }

    /// A gateway before a port of this machine.
    pub fn before_port(port: u16) -> Plan {
        Plan { upstream: vec![format!("127.0.0.1:{port}")], ..Plan::default() }
    }

    /// A gateway before several servers, in order of preference.
    pub fn before_any(upstream: &[String]) -> Plan {
        Plan { upstream: upstream.to_vec(), ..Plan::default() }
    }

    /// Lines of `[[listener]]`.
    #[must_use]
    pub fn listener(mut self, lines: &str) -> Plan {
        self.listener.push_str(lines);
        self.listener.push('\n');
        self
    }

    /// The protocol of the listener: `postgres`, unless it is said.
    #[must_use]
    pub fn protocol(mut self, protocol: &str) -> Plan {
        self.protocol = Some(protocol.to_owned());
        self
    }

    /// What is done with a refusal: `observe`, unless it is said, or `enforce`.
    #[must_use]
    pub fn mode(mut self, mode: &str) -> Plan {
        self.mode = Some(mode.to_owned());
        self
    }

    /// A table of its own, such as `listener.tls`.
    #[must_use]
    pub fn table(mut self, name: &str, lines: &str) -> Plan {
        self.tables.push_str(&format!("[{name}]\n{lines}\n"));
        self
    }

    /// Lines of `[ledger]`.
    #[must_use]
    pub fn ledger(mut self, lines: &str) -> Plan {
        self.ledger.push_str(lines);
        self.ledger.push('\n');
        self
    }

    /// Lines of `[data_plane]`.
    #[must_use]
    pub fn data_plane(mut self, lines: &str) -> Plan {
        self.data_plane.push_str(lines);
        self.data_plane.push('\n');
        self
    }

    /// Puts the ledger on a disk of its own with so many KiB, which a test can fill.
    #[must_use]
    pub fn ledger_disk(mut self, kib: u32) -> Plan {
        self.ledger_disk_kib = Some(kib);
        self
    }

    /// A variable of the program's environment.
    #[must_use]
    pub fn environment(mut self, name: &str, value: &str) -> Plan {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Where the program is called from; where it is built, unless it is said.
    #[must_use]
    pub fn program(mut self, path: &Path) -> Plan {
        self.program = Some(path.to_owned());
        self
    }

    /// Shows `certificate` to clients; `mode` is `prefer` or `require`.
    #[must_use]
    pub fn client_tls(self, mode: &str, certificate: &super::certificate::Certificate) -> Plan {
        let (file, key) = (certificate.certificate.display(), certificate.key.display());
        self.table("listener.tls", &format!("mode = \"{mode}\"\ncertificate = \"{file}\"\nkey = \"{key}\""))
    }

    /// Uses TLS towards the server in this `mode`.
    #[must_use]
    pub fn upstream_tls(self, mode: &str) -> Plan {
        self.table("listener.upstream_tls", &format!("mode = \"{mode}\""))
    }

    /// Starts it and waits until every listener has a reachable server.
    pub fn start(&self) -> Gateway {
        let gateway = self.start_unready();
        let what = format!("/readyz says yes; the gateway said: {}", gateway.log());
        eventually(&what, || (gateway.ready().0 == 200).then_some(()));
        gateway
    }

    /// Starts it and waits only until it is alive.
    pub fn start_unready(&self) -> Gateway {
        for _ in 0..3 {
            if let Some(gateway) = self.try_start() {
                return gateway;
            }
        }
        panic!("the gateway's ports were taken three times in a row");
    }

    /// `None` when another process took one of the ports in the meantime.
    fn try_start(&self) -> Option<Gateway> {
        let folder = tempfile::Builder::new().prefix("dragoman-gateway-").tempdir().expect("a folder");
        let (port, status_port) = (free_port(), free_port());
        let settings = folder.path().join("dragoman.toml");
        std::fs::write(&settings, self.text(port, status_port)).expect("the settings are written");
        let process = Some(self.spawn(folder.path()));
        let mut gateway = Gateway { port, status_port, folder, process, plan: self.clone() };
        let mut ended = None;
        eventually("the gateway is alive or ended", || {
            ended = gateway.process.as_mut().and_then(|process| process.try_wait().ok().flatten());
            (ended.is_some() || gateway.try_get("/healthz").is_some_and(|answer| answer.0 == 200))
                .then_some(())
        });
        let Some(status) = ended else { return Some(gateway) };
        gateway.process = None;
        assert!(
            gateway.log().to_lowercase().contains("in use"),
            "the gateway ended: {status}\n{}",
            gateway.log()
        );
        None
    }

    fn spawn(&self, folder: &Path) -> Child {
        let log = File::options().create(true).append(true).open(folder.join("gateway.log")).expect("a log");
        let mut command = self.command(&folder.join("ledger"));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.args(["serve", "--config"]).arg(folder.join("dragoman.toml"));
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("the log twice")).stderr(log);
        command.spawn().expect("the gateway starts")
    }

    /// With a disk of its own, the program runs in a mount namespace that nobody else sees; the
    /// shell that mounts becomes the program, so the process number is the program's.
    fn command(&self, ledger: &Path) -> Command {
        let program = self.program.as_deref().unwrap_or(Path::new(env!("CARGO_BIN_EXE_dragoman")));
        let Some(kib) = self.ledger_disk_kib else { return Command::new(program) };
        std::fs::create_dir(ledger).expect("the ledger's folder");
        let mut command = Command::new("unshare");
        if std::fs::metadata("/proc/self").expect("/proc").uid() != 0 {
            command.args(["--user", "--map-root-user"]);
        }
        let mount = format!("mount -t tmpfs -o size={kib}k none \"$1\" && shift && exec \"$@\"");
        command.args(["--mount", "sh", "-c", &mount, "sh"]).arg(ledger).arg(program);
        command
    }

    fn text(&self, port: u16, status_port: u16) -> String {
        let upstream: Vec<String> = self.upstream.iter().map(|address| format!("\"{address}\"")).collect();
        format!(
            "[status]\nlisten = \"127.0.0.1:{status_port}\"\n\n\
             [ledger]\ndirectory = \"ledger\"\n{}\n\
             [data_plane]\nthreads = 2\n{}\n\
             [[listener]]\nname = \"shop\"\nprotocol = \"{}\"\nlisten = \"127.0.0.1:{port}\"\n\
             upstream = [{}]\nenvironment = \"development\"\nmode = \"{}\"\n{}\n{}",
            self.ledger,
            self.data_plane,
            self.protocol.as_deref().unwrap_or("postgres"),
            upstream.join(", "),
            self.mode.as_deref().unwrap_or("observe"),
            self.listener,
            self.tables,
        )
    }
}

/// A running gateway.
pub struct Gateway {
    /// Where clients connect, on 127.0.0.1.
    pub port: u16,
    status_port: u16,
    folder: tempfile::TempDir,
    process: Option<Child>,
    plan: Plan,
}

impl Gateway {
    /// Its process's number.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("the gateway runs").id()
    }

    /// Everything it has said on its standard output and error.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("gateway.log")).unwrap_or_default()
    }

    /// The folder of its settings, in which relative paths of the settings begin.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of its ledger, as the gateway sees it.
    pub fn ledger(&self) -> PathBuf {
        let folder = self.folder.path().join("ledger");
        let Some(process) = self.process.as_ref() else { return folder };
        let seen = PathBuf::from(format!("/proc/{}/root{}", process.id(), folder.display()));
        if seen.exists() { seen } else { folder }
    }

    /// All records it has written so far.
    pub fn records(&self) -> Vec<ledger::Record> {
        ledger::read(&self.ledger())
    }

    /// Waits until `look` finds something in the records.
    pub fn recorded<T>(&self, what: &str, mut look: impl FnMut(&[ledger::Record]) -> Option<T>) -> T {
        eventually(&format!("recorded: {what}"), || look(&self.records()))
    }

    /// Replaces the settings file; the ports stay.
    pub fn rewrite(&self, plan: &Plan) {
        self.rewrite_text(&plan.text(self.port, self.status_port));
    }

    /// Replaces the settings file by any text.
    pub fn rewrite_text(&self, text: &str) {
        let file = self.folder.path().join("dragoman.toml");
        let beside = self.folder.path().join("dragoman.toml.new");
        std::fs::write(&beside, text).expect("the new settings are written");
        std::fs::rename(&beside, &file).expect("the settings are replaced");
    }

    /// The text of the settings file.
    pub fn settings(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("dragoman.toml")).expect("the settings")
    }

    /// Asks it to read its settings again.
    pub fn hang_up(&self) {
        signal(self.pid(), "HUP");
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        signal(self.pid(), "TERM");
    }

    /// Waits until it has ended.
    pub fn ended_within(&mut self, bound: Duration) -> ExitStatus {
        let mut process = self.process.take().expect("the gateway runs");
        eventually_within(bound, "the gateway ends", || process.try_wait().expect("its status"))
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        let mut process = self.process.take().expect("the gateway runs");
        process.kill().expect("the gateway can be killed");
        process.wait().expect("its status");
    }

    /// Starts it again with the same ports, settings and ledger, once it has ended.
    pub fn start_again(&mut self) {
        assert!(self.process.is_none(), "the gateway still runs");
        self.process = Some(self.plan.spawn(self.folder.path()));
        let what = format!("/readyz says yes again; the gateway said: {}", self.log());
        eventually(&what, || self.try_get("/readyz").is_some_and(|answer| answer.0 == 200).then_some(()));
    }

    /// `/readyz`: the status code and the text.
    pub fn ready(&self) -> (u16, String) {
        self.get("/readyz")
    }

    /// The sum of a metric over all its labels; `None` while it has no sample.
    pub fn metric(&self, name: &str) -> Option<f64> {
        self.metric_where(name, "")
    }

    /// The sum of a metric's samples whose labels contain `labels`, such as `class="read"`.
    pub fn metric_where(&self, name: &str, labels: &str) -> Option<f64> {
        let text = self.get("/metrics").1;
        let samples = text.lines().filter_map(|line| {
            let rest = line.strip_prefix(name)?;
            let (set, value) = rest.rsplit_once(' ')?;
            ((set.is_empty() || set.starts_with('{')) && set.contains(labels))
                .then(|| value.parse::<f64>().ok())?
        });
        samples.fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
    }

    /// Asks the status port.
    pub fn get(&self, path: &str) -> (u16, String) {
        self.try_get(path).unwrap_or_else(|| panic!("no answer to {path}; the gateway said: {}", self.log()))
    }

    fn try_get(&self, path: &str) -> Option<(u16, String)> {
        let mut socket = TcpStream::connect(("127.0.0.1", self.status_port)).ok()?;
        socket.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        // Version 1.0: the answer is not chunked and the connection is closed after it.
        write!(socket, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    }

    /// Resident memory in KiB.
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("its status");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("VmRSS");
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
    }

    /// Open files and sockets.
    pub fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.pid())).expect("its descriptors").count()
    }

    /// Fills the disk of [`Plan::ledger_disk`] to its last byte; returns the file to remove.
    pub fn fill_ledger_disk(&self) -> PathBuf {
        let ballast = self.ledger().join("ballast");
        let mut file = File::create(&ballast).expect("the ballast");
        for piece in [vec![0; 64 * 1024], vec![0; 512], vec![0]] {
            while file.write_all(&piece).is_ok() {}
        }
        ballast
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- what the gateway said ---\n{}---", self.log());
        }
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}
