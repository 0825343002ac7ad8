//! Does the auditor's walk-through work line by line as it is written?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::places;
use harness::walkthrough::{ANYTHING, are_lines, is_line, steps, walk};
use std::env;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A demo in `folder`, on free ports.
struct Demo {
    program: Child,
    base: u16,
}

impl Demo {
    fn start(folder: &Path) -> Demo {
        let base = free_base();
        let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
        command.args(["demo", "--data", "demo-data", "--ports", &base.to_string()]).current_dir(folder);
        if env::var_os("DRAGOMAN_POSTGRES_BIN").is_none() {
            command.arg("--postgres-bin").arg(places::postgres_binaries("18"));
        }
        let mut program = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(program.stdout.take().unwrap());
        let mut screen = String::new();
        while !screen.contains("Ctrl-C") {
            assert!(output.read_line(&mut screen).unwrap() > 0, "the demo ended: {screen}");
        }
        // What it still says when it stops is nobody's.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        Demo { program, base }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let stop = Command::new("kill").arg(self.program.id().to_string()).status();
        if stop.is_err() {
            let _ = self.program.kill();
        }
        let _ = self.program.wait();
    }
}

/// Six ports in a row that are free now, beyond those that the demo's own tests look at.
fn free_base() -> u16 {
    let first = 33_000 + 10 * u16::try_from(std::process::id() % 900).unwrap();
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    (first..).step_by(10).find(|base| (*base..*base + 6).all(is_free)).unwrap()
}

#[test]
fn the_walk_through_works_line_by_line_as_written() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/auditor.md")).unwrap();
    let steps = steps(&page);
    assert!(steps.len() > 30, "only {} commands were found", steps.len());
    // The demo's server runs as another account where this is root.
    let folder = tempfile::Builder::new().permissions(Permissions::from_mode(0o711)).tempdir().unwrap();
    let demo = Demo::start(folder.path());
    let own = |port: u16| format!("127.0.0.1:{port}");
    walk(
        folder.path(),
        &steps,
        &[("127.0.0.1:6432", own(demo.base)), ("127.0.0.1:8432", own(demo.base + 5))],
    );
}

#[test]
fn a_line_that_differs_is_seen() {
    assert!(is_line("a…c", "abc") && is_line("…", "") && is_line("a", "a") && is_line("a…b…c", "a-b-b-c"));
    assert!(!is_line("a…c", "ab") && !is_line("a", "ab") && !is_line("a…b", "a") && !is_line("ab…bc", "abc"));
    let expected = ["a".to_owned(), ANYTHING.to_owned(), "z".to_owned()];
    assert!(are_lines(&expected, &["a", "z"]) && are_lines(&expected, &["a", "b", "c", "z"]));
    assert!(!are_lines(&expected, &["a", "b"]) && !are_lines(&expected, &["a", "z", "b"]));
    assert!(!are_lines(&[], &["a"]));
}
