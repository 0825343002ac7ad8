//! How are clients in Java and Go compiled once, and run against a port?
//!
//! What is compiled is kept beside the servers' templates, under a name made of everything it was made of.

use super::clients::{libpq, run_within};
use super::places;
use std::fs::{File, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The driver, and a pool with what it logs by: Debian's packages.
const JARS: [&str; 4] = [
    "/usr/share/java/postgresql.jar",
    "/usr/share/java/HikariCP.jar",
    "/usr/share/java/slf4j-api.jar",
    "/usr/share/java/slf4j-nop.jar",
];

/// Longest a compiler may take, once, on a machine that may be busy.
const COMPILER_PATIENCE: Duration = Duration::from_secs(90);

/// Where Debian's packages put the sources of Go's libraries.
const GO_PATH: &str = "/usr/share/gocode";

/// The class of `tests/clients/java` with the driver, to be run as `user`.
pub fn java(class: &str, port: u16, user: &str) -> Command {
    let mut command = libpq(Command::new("java"), port, user);
    // A short run: no time is spent on the best code.
    command.args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-cp"]);
    command.arg(format!("{}:{}", classes().display(), class_path())).arg(class);
    command
}

/// The program of `tests/clients/go`, to be run as `user`.
pub fn go(name: &str, port: u16, user: &str) -> Command {
    let source = places::client_script("go").join(name).join("main.go");
    let folder = built(&format!("go-{name}"), std::slice::from_ref(&source), |folder| {
        let mut command = Command::new("go");
        command.args(["build", "-o"]).arg(folder.join("client")).arg(&source);
        // No modules: what is imported is found in the folder of Debian's packages.
        command.env("GO111MODULE", "off").env("GOPATH", GO_PATH).env("GOCACHE", places::go_cache());
        command.env("GOFLAGS", "");
        command
    });
    libpq(Command::new(folder.join("client")), port, user)
}

fn class_path() -> String {
    for jar in JARS {
        assert!(Path::new(jar).exists(), "{jar} is missing: run make setup-test");
    }
    JARS.join(":")
}

/// All classes of `tests/clients/java`.
fn classes() -> PathBuf {
    let folder = places::client_script("java");
    let entries = std::fs::read_dir(&folder).expect("the folder of the Java clients");
    let mut sources: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    sources.sort();
    built("java", &sources, |folder| {
        let mut command = Command::new("javac");
        command.args(["-nowarn", "-cp", &class_path(), "-d"]).arg(folder).args(&sources);
        command
    })
}

/// The folder that `compile` fills from these files, made by whoever needs it first.
fn built(name: &str, sources: &[PathBuf], compile: impl Fn(&Path) -> Command) -> PathBuf {
    let owner = std::fs::metadata("/proc/self").expect("/proc").uid();
    let cache = std::env::temp_dir().join(format!("dragoman-compiled-{owner}"));
    std::fs::create_dir_all(&cache).expect("the cache folder");
    std::fs::set_permissions(&cache, Permissions::from_mode(0o755)).expect("permissions");
    let lock = File::create(cache.join(format!("{name}.lock"))).expect("the lock file");
    lock.lock().expect("the lock");
    let mut digest = DefaultHasher::new();
    for source in sources {
        std::fs::read(source).expect("a source").hash(&mut digest);
    }
    let finished = cache.join(format!("{name}-{:016x}", digest.finish()));
    if !finished.exists() {
        let unfinished = cache.join(format!("{name}-unfinished"));
        let _ = std::fs::remove_dir_all(&unfinished);
        std::fs::create_dir_all(&unfinished).expect("a folder");
        run_within(COMPILER_PATIENCE, &mut compile(&unfinished), "").printed();
        std::fs::rename(&unfinished, &finished).expect("what is compiled gets its name");
    }
    finished
}
