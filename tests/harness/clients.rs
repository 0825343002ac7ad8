//! How are psql, Python and node run against a port?

use super::server::PASSWORD;
use super::{PATIENCE, places};
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A client that has ended.
#[derive(Debug)]
pub struct Ended {
    /// Whether it ended well.
    pub success: bool,
    /// Its standard output.
    pub output: String,
    /// Its standard error.
    pub error: String,
}

impl Ended {
    /// What it printed; panics when it failed.
    pub fn printed(&self) -> &str {
        assert!(self.success, "the client failed\n{}\n{}", self.output, self.error);
        &self.output
    }

    /// What it printed and complained of, with process numbers hidden; panics when it failed.
    pub fn transcript(&self) -> String {
        hide_numbers_after("PID ", &format!("{}\n--- standard error ---\n{}", self.printed(), self.error))
    }
}

/// psql without anybody's own settings; add `-c` or `-f`.
pub fn psql(port: u16, user: &str) -> Command {
    let mut command = libpq(Command::new("psql"), port, user);
    command.args(["-X", "-v", "VERBOSITY=verbose"]);
    command
}

/// A script of `tests/clients`, run by the Python that has psycopg.
pub fn python(script: &str, port: u16, user: &str) -> Command {
    python_at(&places::python(), script, port, user)
}

/// A script of `tests/clients`, run by another Python.
pub fn python_at(python: &Path, script: &str, port: u16, user: &str) -> Command {
    let mut command = libpq(Command::new(python), port, user);
    // What is imported from beside the script leaves nothing there.
    command.env("PYTHONDONTWRITEBYTECODE", "1").arg(places::client_script(script));
    command
}

/// A script of `tests/clients`, run by node.
pub fn node(script: &str, port: u16, user: &str) -> Command {
    let mut command = libpq(Command::new("node"), port, user);
    command.env("NODE_PATH", places::node_modules()).arg(places::client_script(script));
    command
}

/// The client knows its server, user, password and database as libpq's clients do.
pub fn libpq(mut command: Command, port: u16, user: &str) -> Command {
    command.env_remove("PGSERVICE").env_remove("PGOPTIONS").env_remove("PGSSLROOTCERT");
    command.env("PGHOST", "127.0.0.1").env("PGPORT", port.to_string()).env("PGUSER", user);
    command.env("PGPASSWORD", PASSWORD).env("PGDATABASE", "shop").env("PGCONNECT_TIMEOUT", "15");
    command.env("PGSSLMODE", "disable").env("PGGSSENCMODE", "disable").env("PGAPPNAME", "client");
    // Nobody's certificates and history: the client sees a home without any.
    command.env("HOME", "/nonexistent").env("LC_ALL", "C.UTF-8");
    command
}

/// Runs a client to its end, or kills it when it takes too long.
pub fn run(command: &mut Command) -> Ended {
    run_with_input(command, "")
}

/// [`run`] with something on its standard input.
pub fn run_with_input(command: &mut Command, input: &str) -> Ended {
    run_within(PATIENCE, command, input)
}

/// [`run_with_input`] with a bound of its own.
pub fn run_within(bound: Duration, command: &mut Command, input: &str) -> Ended {
    let folder = tempfile::tempdir().expect("a folder");
    let (output, error) = (folder.path().join("output"), folder.path().join("error"));
    let given = folder.path().join("input");
    std::fs::write(&given, input).expect("the input");
    command.stdin(std::fs::File::open(&given).expect("the input"));
    command.stdout(std::fs::File::create(&output).expect("a file"));
    command.stderr(std::fs::File::create(&error).expect("a file"));
    let program = command.get_program().to_owned();
    let mut process = command.spawn().unwrap_or_else(|error| missing(&program, &error));
    let deadline = Instant::now() + bound;
    let status = loop {
        if let Some(status) = process.try_wait().expect("its status") {
            break Some(status);
        }
        if Instant::now() > deadline {
            let _ = process.kill();
            let _ = process.wait();
            break None;
        }
        std::thread::park_timeout(Duration::from_millis(5));
    };
    let text = |path| String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
    let ended = Ended {
        success: status.is_some_and(|status| status.success()),
        output: text(output),
        error: text(error),
    };
    assert!(status.is_some(), "{} did not end within {bound:?}: {ended:?}", program.display());
    ended
}

/// Starts a client that is to be interrupted.
pub fn start(command: &mut Command) -> std::process::Child {
    let program = command.get_program().to_owned();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap_or_else(|error| missing(&program, &error))
}

fn missing(program: &OsStr, error: &std::io::Error) -> ! {
    panic!("{} cannot be run ({error}): run make setup-test", program.display())
}

/// Replaces each number that follows `word` by a star.
fn hide_numbers_after(word: &str, text: &str) -> String {
    let mut parts = text.split(word);
    let mut hidden = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        hidden.push_str(word);
        hidden.push('*');
        hidden.push_str(part.trim_start_matches(|letter: char| letter.is_ascii_digit()));
    }
    hidden
}
