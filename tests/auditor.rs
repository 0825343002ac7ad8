//! Does the auditor's walk-through work line by line as it is written?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::places;
use std::env;
use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What stands for anything within a line, and alone for any lines.
const ANYTHING: &str = "…";

/// A command of the page, and what it says there that it prints.
#[derive(Debug)]
struct Step {
    command: String,
    expected: Vec<String>,
}

/// The steps of all `console` blocks, in order.
fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => match line.strip_prefix("$ ") {
                Some(command) => steps.push(Step { command: command.to_owned(), expected: Vec::new() }),
                None => steps.last_mut().expect("a command stands first").expected.push(line.to_owned()),
            },
        }
    }
    steps
}

/// Whether a printed line is the expected one.
fn is_line(expected: &str, printed: &str) -> bool {
    let mut parts = expected.split(ANYTHING);
    let Some(mut rest) = printed.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// Whether printed lines are the expected ones.
fn are_lines(expected: &[String], printed: &[&str]) -> bool {
    match (expected.split_first(), printed.split_first()) {
        (None, None) => true,
        (None, Some(_)) => false,
        (Some((first, rest)), _) if first == ANYTHING => {
            (0..=printed.len()).any(|skipped| are_lines(rest, &printed[skipped..]))
        }
        (Some(_), None) => false,
        (Some((first, rest)), Some((line, lines))) => is_line(first, line) && are_lines(rest, lines),
    }
}

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

/// All commands in one shell, as somebody types them, each with what it printed.
fn typed(folder: &Path, steps: &[Step], base: u16) -> Vec<String> {
    const MARK: &str = "=== of step ";
    let mut script = String::from("exec 2>&1\n");
    for (number, Step { command, .. }) in steps.iter().enumerate() {
        let command = command
            .replace("127.0.0.1:6432", &format!("127.0.0.1:{base}"))
            .replace("127.0.0.1:8432", &format!("127.0.0.1:{}", base + 5));
        let _ = writeln!(script, "printf '\\n{MARK}{number}\\n'\n{command}");
    }
    let program = PathBuf::from(env!("CARGO_BIN_EXE_dragoman"));
    let own = env::join_paths(
        [program.parent().unwrap().to_owned()]
            .into_iter()
            .chain(env::split_paths(&env::var_os("PATH").unwrap_or_default())),
    );
    let mut shell = Command::new("timeout");
    shell.args(["--kill-after=5", "100", "bash", "-c", &script]);
    shell.current_dir(folder).env("PATH", own.unwrap()).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    let output = shell.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut printed = Vec::new();
    for (number, Step { command, .. }) in steps.iter().enumerate() {
        let after = text.split_once(&format!("\n{MARK}{number}\n"));
        let (_, after) = after.unwrap_or_else(|| panic!("the shell ended before `{command}`:\n{text}"));
        let until = format!("\n{MARK}{}\n", number + 1);
        printed.push(after.split_once(&until).map_or(after, |(own, _)| own).to_owned());
    }
    printed
}

#[test]
fn the_walk_through_works_line_by_line_as_written() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/auditor.md")).unwrap();
    let steps = steps(&page);
    assert!(steps.len() > 30, "only {} commands were found", steps.len());
    // The demo's server runs as another account where this is root.
    let folder = tempfile::Builder::new().permissions(Permissions::from_mode(0o711)).tempdir().unwrap();
    let demo = Demo::start(folder.path());
    let printed = typed(folder.path(), &steps, demo.base);
    for (Step { command, expected }, printed) in steps.iter().zip(&printed) {
        let printed: Vec<&str> = printed.trim_end_matches('\n').lines().collect();
        let expected: Vec<String> = expected.clone();
        assert!(
            are_lines(&expected, &printed),
            "$ {command}\nexpected:\n{}\nprinted:\n{}",
            expected.join("\n"),
            printed.join("\n")
        );
    }
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
