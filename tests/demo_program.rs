//! Does `dragoman demo` run end to end, start again quickly, and leave nothing running however it ends?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "harness/places.rs"]
#[allow(dead_code)] // shared with tests that need more of it
mod places;

use std::env;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tokio_postgres::NoTls;

/// Longest wait for anything here; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running demo that has shown its screen.
struct Demo {
    program: Child,
    screen: String,
    base: u16,
    cluster: PathBuf,
    // Open until the end: the demo still says that it stops.
    _output: BufReader<ChildStdout>,
}

impl Demo {
    fn start(place: &Path, base: u16) -> Demo {
        let mut program = command(place, base).stdout(Stdio::piped()).spawn().unwrap();
        let mut screen = String::new();
        let mut output = BufReader::new(program.stdout.take().unwrap());
        while !screen.contains("Ctrl-C") {
            let read = output.read_line(&mut screen).unwrap();
            assert!(read > 0, "the demo ended: {screen}");
        }
        Demo { program, screen, base, cluster: place.join("postgres"), _output: output }
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.program.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end, and until nothing of it is left. Answers its exit code.
    fn end(mut self) -> Option<i32> {
        let status = self.program.wait().unwrap();
        let deadline = Instant::now() + PATIENCE;
        while !processes_on(&self.cluster).is_empty() {
            assert!(Instant::now() < deadline, "left: {:?}", processes_on(&self.cluster));
            std::thread::yield_now();
        }
        for port in self.base..self.base + 3 {
            assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err(), "port {port} is still served");
        }
        status.code()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn command(place: &Path, base: u16) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
    command.arg("demo").arg("--data").arg(place).args(["--ports", &base.to_string()]);
    if env::var_os("DRAGOMAN_POSTGRES_BIN").is_none() {
        command.arg("--postgres-bin").arg(places::postgres_binaries("18"));
    }
    command
}

/// Three ports in a row that are free now; other processes begin to look elsewhere.
fn free_base() -> u16 {
    let first = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    (first..).step_by(3).find(|base| (*base..*base + 3).all(is_free)).unwrap()
}

/// Postmasters on this cluster, and whatever else names it.
fn processes_on(cluster: &Path) -> Vec<i32> {
    let needle = cluster.as_os_str().as_encoded_bytes();
    let ids =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let arguments = |id: i32| fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    ids.filter(|id| arguments(*id).split(|byte| *byte == 0).any(|argument| argument == needle)).collect()
}

/// Runs a demo that cannot start; answers what it says.
fn refused(place: &Path, base: u16) -> String {
    let Output { status, stderr, .. } = command(place, base).output().unwrap();
    assert_eq!(status.code(), Some(1));
    String::from_utf8(stderr).unwrap()
}

async fn orders(base: u16) -> i64 {
    let login = format!("host=127.0.0.1 port={base} user=shop_app password=shop dbname=shop");
    let (client, connection) = tokio_postgres::connect(&login, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.query_one("SELECT count(*) FROM orders", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn the_demo_serves_the_shop_and_leaves_nothing_running_however_it_ends() {
    let folder = tempfile::Builder::new().permissions(Permissions::from_mode(0o711)).tempdir().unwrap();
    let place = folder.path().join("demo");
    let base = free_base();

    let demo = Demo::start(&place, base);
    assert!(demo.screen.contains("order_items"), "{}", demo.screen);
    let connect = format!("postgresql://shop_app:shop@127.0.0.1:{base}/shop");
    assert!(demo.screen.contains(&connect), "{}", demo.screen);
    assert_eq!(orders(base).await, 24_000);
    let said = refused(&place, base);
    assert!(said.contains(&format!("port {base}, wanted for the gateway")), "{said}");
    assert!(said.contains("--ports"), "{said}");
    demo.signal("-INT");
    assert_eq!(demo.end(), Some(0));

    let start = Instant::now();
    let demo = Demo::start(&place, base);
    assert!(start.elapsed() < Duration::from_secs(3), "the second start took {:?}", start.elapsed());
    assert!(!demo.screen.contains("order_items"), "filled again: {}", demo.screen);
    demo.signal("-KILL");
    assert_eq!(demo.end(), None);

    // Also after it was killed, and when told by SIGTERM.
    let demo = Demo::start(&place, base);
    assert_eq!(orders(base).await, 24_000);
    demo.signal("-TERM");
    assert_eq!(demo.end(), Some(0));
}
