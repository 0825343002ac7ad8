//! How does a gateway start whose control plane is measured, and how does it stand still while another one
//! is measured?

use super::prepare::{PEOPLE, Prepared};
use crate::relay::process::Process;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Longest wait for a gateway: one with a large state and ledger looks whether they are whole.
const START_LIMIT: Duration = Duration::from_secs(120);
/// Longest wait for a gateway to have done what it does after its start.
const SETTLE_LIMIT: Duration = Duration::from_secs(240);
/// It has when it used less than a share of a processor three times in a row, over so long each.
const SETTLE_LOOK: Duration = Duration::from_secs(2);
const QUIET: f64 = 0.05;
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// The listener that is loaded.
const LISTENER: &str = "shop";
/// What another data plane shows.
pub const LINK_TOKEN: &str = "a token of the benchmark, for nobody else";

/// A running gateway. Dropping it ends it.
pub struct Gateway {
    /// Where its listener is.
    pub address: SocketAddr,
    /// Where its API is, when it has one.
    pub api: Option<SocketAddr>,
    /// Its process.
    pub process: Process,
    /// How long its start took.
    pub started_in: Duration,
    child: Child,
}

impl Gateway {
    /// Starts one with a control plane on what was prepared.
    pub fn with_control(
        program: &Path,
        prepared: &Prepared,
        upstream: SocketAddr,
    ) -> Result<Gateway, String> {
        start((program, &prepared.folder), upstream, true)
    }

    /// Starts one whose settings know no control plane, in an empty folder.
    pub fn without_control(program: &Path, folder: &Path, upstream: SocketAddr) -> Result<Gateway, String> {
        start((program, folder), upstream, false)
    }

    /// Lets it stand still: nothing of it runs until it goes on.
    pub fn hold(&self) -> Result<(), String> {
        self.signal("STOP")
    }

    /// Lets it go on.
    pub fn go_on(&self) -> Result<(), String> {
        self.signal("CONT")
    }

    fn signal(&self, name: &str) -> Result<(), String> {
        let id = self.process.id.to_string();
        let status = Command::new("kill").args([format!("-{name}"), id]).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("cannot send SIG{name} to the gateway: kill ended with {status}")),
            Err(error) => Err(format!("cannot send SIG{name} to the gateway: {error}")),
        }
    }

    /// Waits until it has done what it does by itself after its start.
    pub fn settle(&self) -> Result<(), String> {
        let deadline = Instant::now() + SETTLE_LIMIT;
        let used = || self.process.used().map(|used| used.total).map_err(|failure| failure.to_string());
        let mut quiet = 0;
        while quiet < 3 && Instant::now() < deadline {
            let before = used()?;
            thread::sleep(SETTLE_LOOK);
            let share = (used()? - before).div_duration_f64(SETTLE_LOOK);
            quiet = if share < QUIET { quiet + 1 } else { 0 };
        }
        Ok(())
    }

    /// Where the API is.
    pub fn api(&self) -> Result<SocketAddr, String> {
        self.api.ok_or_else(|| "this gateway has no control plane".to_owned())
    }

    /// Processor time of the threads of the control plane, in clock ticks of 10 ms: the API's, those that
    /// read and write the state, those that wait for its disk.
    pub fn control_time(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.process.id)).into_iter().flatten().flatten();
        let ticks = tasks.filter_map(|task| {
            let text = fs::read_to_string(task.path().join("stat")).ok()?;
            let (name, rest) = text.split_once('(')?.1.rsplit_once(") ")?;
            // SQLite's threads are the state's alone.
            if !(name.starts_with("control") || name.starts_with("sqlx")) {
                return None;
            }
            let mut fields = rest.split(' ').skip(11).map_while(|field| field.parse::<u32>().ok());
            Some(fields.next()? + fields.next()?)
        });
        ticks.sum::<u32>() * Duration::from_millis(10)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // Already gone is fine; nothing is left to do for a bench when it cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(
    (program, folder): (&Path, &Path),
    upstream: SocketAddr,
    has_control: bool,
) -> Result<Gateway, String> {
    let [address, status, api] = [free_address()?, free_address()?, free_address()?];
    let admin = if has_control {
        format!(
            "[admin]\nlisten = \"{api}\"\ndata_directory = \"control\"\n\
             [admin.link]\ntoken = {{ env = \"BENCH_LINK_TOKEN\" }}\n"
        )
    } else {
        String::new()
    };
    let settings = format!(
        "[status]\nlisten = \"{status}\"\n\
         [ledger]\ndirectory = \"ledger\"\nsync = \"group\"\n\
         {admin}\
         [[listener]]\nname = \"{LISTENER}\"\nprotocol = \"postgres\"\nlisten = \"{address}\"\n\
         upstream = [\"{upstream}\"]\nmode = \"observe\"\nallow_unauthenticated = true\n\
         limits = {{ connections = {PEOPLE} }}\n"
    );
    let (file, log) = (folder.join("dragoman.toml"), folder.join("log"));
    let failed = |error: std::io::Error| format!("`{}`: {error}", folder.display());
    fs::write(&file, settings).map_err(failed)?;
    let mut command = Command::new(program);
    command.args(["serve", "--config"]).arg(&file).current_dir(folder).env("BENCH_LINK_TOKEN", LINK_TOKEN);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(fs::File::create(&log).map_err(failed)?);
    let began = Instant::now();
    let child = command.spawn().map_err(|error| format!("cannot start the gateway: {error}"))?;
    let process = Process::new(child.id());
    let api = has_control.then_some(api);
    let mut gateway = Gateway { address, api, process, started_in: Duration::ZERO, child };
    let is_ready =
        || answers_200(status, "/readyz") && api.is_none_or(|api| answers_200(api, "/api/v1/health"));
    while !is_ready() {
        let ended = gateway.child.try_wait().ok().flatten();
        if ended.is_some() || began.elapsed() > START_LIMIT {
            let said = fs::read_to_string(&log).unwrap_or_default();
            let last = said.lines().rev().take(5).collect::<Vec<_>>().join(" | ");
            return Err(format!("the gateway does not serve ({ended:?}); it last said: {last}"));
        }
        thread::sleep(LOOK_AGAIN);
    }
    gateway.started_in = began.elapsed();
    Ok(gateway)
}

fn answers_200(address: SocketAddr, path: &str) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(
            format!("GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n").as_bytes(),
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

/// A free port, as far as anybody can promise.
fn free_address() -> Result<SocketAddr, String> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    bound.map_err(|error| format!("no free port: {error}"))
}
