//! What can go wrong with the server, said in a sentence that tells what to do?

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Why a server did not start or stop.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// No directory was given and none is installed.
    #[error(
        "no PostgreSQL server found: run `make setup` to fetch one, or name one with `--postgres-bin DIR`"
    )]
    NoBinaries,
    /// No MariaDB is installed.
    #[error(
        "no `{program}` found, which the MySQL side of the demo runs on: install it with `apt install mariadb-server-core mariadb-client-core` (or your system's packages of MariaDB), or leave `--mysql` out"
    )]
    NoMariadb {
        /// What is missing.
        program: &'static str,
    },
    /// mariadb-install-db failed.
    #[error("mariadb-install-db could not make `{}`: {output}", data.display())]
    Installer {
        /// The data directory.
        data: PathBuf,
        /// What it said.
        output: String,
    },
    /// The directory given has no server.
    #[error("`{}` has no `{program}`: name the directory that holds initdb and postgres with `--postgres-bin DIR`, or run `make setup`", directory.display())]
    NotBinaries {
        /// The directory.
        directory: PathBuf,
        /// What is missing in it.
        program: &'static str,
    },
    /// A program is there and does not run.
    #[error("`{}` does not run ({output}): run `make setup` again, or name another server with `--postgres-bin DIR`", program.display())]
    Broken {
        /// The program.
        program: PathBuf,
        /// What it said.
        output: String,
    },
    /// A directory keeps the server's account out.
    #[error("`{}` keeps out uid {uid}, as which the server runs since PostgreSQL does not run as root, and `{}` lies below it: choose another place (`--data DIR`, `--postgres-bin DIR`), open it with `chmod o+x`, or run as an ordinary user", directory.display(), needed.display())]
    Unreachable {
        /// The directory that cannot be entered.
        directory: PathBuf,
        /// What lies below it.
        needed: PathBuf,
        /// The server's account.
        uid: u32,
    },
    /// The data belong to somebody else.
    #[error("`{}` belongs to uid {owner}, the server would run as uid {runs_as}: choose another place with `--data DIR`, or run as its owner", data.display())]
    Owner {
        /// The cluster.
        data: PathBuf,
        /// Who owns it.
        owner: u32,
        /// As whom the server would run.
        runs_as: u32,
    },
    /// The directory holds something that is not a cluster.
    #[error("`{}` is not empty and holds no database cluster: choose another place with `--data DIR`", data.display())]
    NotACluster {
        /// The directory.
        data: PathBuf,
    },
    /// The cluster is of another major version.
    #[error("`{}` was made by PostgreSQL {found}, this server is PostgreSQL {server}: choose another place with `--data DIR`, or name a server of version {found} with `--postgres-bin DIR` (removing it helps too, but only when no demo runs on it)", data.display())]
    Version {
        /// The cluster.
        data: PathBuf,
        /// The cluster's major version.
        found: String,
        /// The server's version.
        server: String,
    },
    /// Another server runs on the data.
    #[error("a server (process {process}) already runs on `{}`: stop it, or choose another place with `--data DIR`", data.display())]
    InUse {
        /// The cluster.
        data: PathBuf,
        /// The other server's postmaster.
        process: i32,
    },
    /// The port is taken.
    #[error(
        "port {port} on 127.0.0.1 is taken: stop what listens there, or choose other ports with `--ports BASE`"
    )]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// No port is free at all.
    #[error("no free port on 127.0.0.1")]
    NoPort {
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The disk is full.
    #[error("no space left on the disk that holds `{}`: free some (a demo needs about 250 MB), or choose another place with `--data DIR`", place.display())]
    DiskFull {
        /// What was being written.
        place: PathBuf,
    },
    /// initdb failed.
    #[error("initdb could not make a cluster in `{}`: {output}", data.display())]
    Initdb {
        /// The cluster.
        data: PathBuf,
        /// What it said.
        output: String,
    },
    /// The server ended while it started.
    #[error("the server did not start: {said} (more in `{}`)", log.display())]
    Exited {
        /// Its last words.
        said: String,
        /// Its log.
        log: PathBuf,
    },
    /// The server is not ready in time.
    #[error("the server is not ready after {seconds} s: see `{}`", log.display())]
    StartTimeout {
        /// How long it had.
        seconds: u64,
        /// Its log.
        log: PathBuf,
    },
    /// A program cannot be started.
    #[error("cannot start `{}`", program.display())]
    Spawn {
        /// The program.
        program: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The server cannot be told to stop.
    #[error("cannot stop process {process}")]
    Signal {
        /// The server.
        process: i32,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file or directory cannot be used.
    #[error("cannot use `{}`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl ServerError {
    /// For a failed use of a file, naming a full disk for what it is.
    pub(super) fn file(path: &Path, source: io::Error) -> ServerError {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                ServerError::DiskFull { place: path.to_owned() }
            }
            _ => ServerError::File { path: path.to_owned(), source },
        }
    }
}

/// Whether a program's words tell of a full disk.
pub(super) fn tells_full_disk(said: &str) -> bool {
    said.contains("No space left on device") || said.contains("Disk quota exceeded")
}

/// Why the server ended while it started, from its log.
pub(super) fn read_log(data: &Path, port: u16, log: &Path) -> ServerError {
    let said = fs::read(log).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    if tells_full_disk(&said) {
        return ServerError::DiskFull { place: data.to_owned() };
    }
    if said.contains("Address already in use") {
        return ServerError::PortTaken { port };
    }
    ServerError::Exited { said: last_words(&said), log: log.to_owned() }
}

/// The line that matters most: the last fatal one, else the last one.
pub(super) fn last_words(said: &str) -> String {
    let advice = |line: &&str| line.contains("hint:") || line.contains("for more information");
    let matters = |line: &&str| !line.is_empty() && !advice(line);
    let lines = || said.lines().map(str::trim).filter(matters);
    let fatal = lines().rfind(|line| line.contains("FATAL:") || line.contains("PANIC:"));
    let errors = || lines().rfind(|line| line.contains("error:"));
    fatal.or_else(errors).or_else(|| lines().next_back()).unwrap_or("it said nothing").to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_log_of_a_failed_start_becomes_the_cause() {
        let place = tempfile::tempdir().unwrap();
        let log = place.path().join("log");
        let check = |text: &str, expected: &str| {
            fs::write(&log, text).unwrap();
            let message = read_log(Path::new("/data"), 6431, &log).to_string();
            assert!(message.contains(expected), "{message}");
        };
        check("LOG:  could not bind IPv4 address: Address already in use\nFATAL:  x", "port 6431");
        check("PANIC:  could not write to file: No space left on device", "no space left");
        check("LOG:  a\nFATAL:  unrecognized setting\nLOG:  database system is shut down", "unrecognized");
        check("", "it said nothing");
    }
}
