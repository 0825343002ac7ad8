//! How does a test do what a page of the documentation says, line by line?

use std::env;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What stands for anything within a line, and alone for any lines.
pub const ANYTHING: &str = "…";

/// A command of the page, and what it says there that it prints.
#[derive(Debug)]
pub struct Step {
    /// What is typed.
    pub command: String,
    /// Lines, in which [`ANYTHING`] stands for what differs from run to run.
    pub expected: Vec<String>,
}

/// The steps of all `console` blocks, in order.
pub fn steps(page: &str) -> Vec<Step> {
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
pub fn is_line(expected: &str, printed: &str) -> bool {
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
pub fn are_lines(expected: &[String], printed: &[&str]) -> bool {
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

/// All commands in one shell, as somebody types them, each with what it printed.
fn typed(folder: &Path, steps: &[Step], other: &[(&str, String)]) -> Vec<String> {
    const MARK: &str = "=== of step ";
    let mut script = String::from("exec 2>&1\n");
    for (number, Step { command, .. }) in steps.iter().enumerate() {
        let command = other.iter().fold(command.clone(), |text, (here, there)| text.replace(here, there));
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
    let shell = shell.stdout(Stdio::piped()).spawn().unwrap();
    // timeout(1) has a process group of its own, in which is whatever the steps have started.
    let group = format!("-{}", shell.id());
    let output = shell.wait_with_output().unwrap();
    let _ = Command::new("kill").args(["-9", "--", &group]).stderr(Stdio::null()).status();
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

/// Types `steps` in `folder`, with `other` words instead of the page's, and compares what is printed.
pub fn walk(folder: &Path, steps: &[Step], other: &[(&str, String)]) {
    let printed = typed(folder, steps, other);
    for (Step { command, expected }, printed) in steps.iter().zip(&printed) {
        let printed: Vec<&str> = printed.trim_end_matches('\n').lines().collect();
        assert!(
            are_lines(expected, &printed),
            "$ {command}\nexpected:\n{}\nprinted:\n{}",
            expected.join("\n"),
            printed.join("\n")
        );
    }
}
