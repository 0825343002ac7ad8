//! Does the code still have the shape that ARCHITECTURE.md describes?
//!
//! What a program can check about the layout is checked here, so that no review has to: which crate
//! may use which, which crates are pure, what every source file must and must not hold. Each
//! failure says what to do. Moving a wall is allowed: change the table below, and say why in an ADR
//! (docs/adr/).
#![allow(clippy::expect_used, clippy::panic)]

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One crate of ours: where it lives, and which of ours it may use.
struct House {
    name: &'static str,
    folder: &'static str,
    may_use: &'static [&'static str],
}

/// The crates and their allowed edges. A crate that is not there yet may be missing; a crate that
/// is there must have a row.
const HOUSES: &[House] = &[
    House { name: "exchange", folder: "proxy/exchange", may_use: &[] },
    House { name: "wire-postgres", folder: "proxy/wire-postgres", may_use: &["exchange"] },
    House { name: "wire-mysql", folder: "proxy/wire-mysql", may_use: &["exchange"] },
    House { name: "sql", folder: "proxy/sql", may_use: &["exchange"] },
    House { name: "policies", folder: "policies", may_use: &["exchange", "sql"] },
    House {
        name: "relay",
        folder: "proxy/relay",
        may_use: &["exchange", "wire-postgres", "wire-mysql", "sql", "policies"],
    },
    House { name: "control", folder: "proxy/control", may_use: &["exchange", "policies"] },
    House {
        name: "proxy",
        folder: "proxy",
        may_use: &["exchange", "wire-postgres", "wire-mysql", "sql", "policies", "relay", "control"],
    },
    House { name: "admin-store", folder: "admin/store", may_use: &["control", "policies"] },
    House { name: "admin-engines", folder: "admin/engines", may_use: &[] },
    House { name: "admin-console", folder: "admin/console", may_use: &[] },
    House {
        name: "admin",
        folder: "admin",
        may_use: &["admin-store", "admin-engines", "control", "policies", "sql", "exchange"],
    },
    House {
        name: "dragoman",
        folder: "",
        may_use: &[
            "exchange",
            "sql",
            "policies",
            "proxy",
            "control",
            "admin-store",
            "admin-console",
            "admin",
        ],
    },
];

/// Crates that know no socket, no file, no clock and no environment: they can be fuzzed and tested
/// with bytes alone.
const PURE: &[&str] = &["exchange", "wire-postgres", "wire-mysql", "sql", "policies"];

/// Crates by which something happens; a pure crate may not even reach one through others.
const IMPURE_CRATES: &[&str] = &[
    "async-std",
    "axum",
    "chrono",
    "crossbeam-channel",
    "getrandom",
    "hyper",
    "libc",
    "mio",
    "nix",
    "parking_lot",
    "rand",
    "reqwest",
    "rusqlite",
    "rustls",
    "signal-hook",
    "smol",
    "socket2",
    "sqlx",
    "tempfile",
    "tokio",
    "tokio-postgres",
    "tokio-rustls",
    "tracing-subscriber",
    "uuid",
    "walkdir",
];

/// Ways to such a crate along which nothing happens.
const HARMLESS_WAYS: &[&str] = &[
    // The server's own grammar, in C: its bindings take C's types from `libc` and call nothing of it.
    "sql -> pg_raw_parse -> libc",
];

/// What the data path must not know of: HTTP, JSON, SQL drivers. (It reaches TOML through `policies`, which
/// reads rule files when they are loaded.)
const NOT_IN_RELAY: &[&str] = &[
    "axum",
    "http",
    "hyper",
    "hyper-util",
    "mysql_async",
    "prometheus",
    "reqwest",
    "rusqlite",
    "schemars",
    "serde_json",
    "sqlx",
    "tokio-postgres",
];

/// Drivers of the control plane's own state.
const STATE_DRIVERS: &[&str] = &["sqlx", "libsqlite3-sys"];

/// Never part of the program: one TLS, one provider of cryptography.
const BANNED_CRATES: &[&str] = &["native-tls", "openssl", "openssl-sys", "ring"];

/// Words that tell nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["utils", "util", "common", "helpers", "helper", "misc", "types", "core"];

/// Longest file under a `src` folder, and longest file of tests or benchmarks.
const SOURCE_LINES_MAX: usize = 600;
const TEST_LINES_MAX: usize = 1_200;

// ---- the crates ----

#[test]
fn every_crate_uses_only_the_crates_its_row_allows() {
    let workspace = workspace();
    let ours: BTreeSet<&str> = workspace.packages.iter().map(|package| package.name.as_str()).collect();
    let mut findings = Vec::new();
    for package in &workspace.packages {
        let Some(house) = house(package) else {
            findings.push(format!(
                "`{}` has no row: add it to HOUSES in tests/architecture.rs with the crates it may use, and say \
                 why it is a crate in an ADR",
                package.name
            ));
            continue;
        };
        let folder = package.manifest_path.parent().map(|folder| folder.as_std_path().to_path_buf());
        if folder != Some(root().join(house.folder).components().collect()) {
            findings.push(format!("`{}` belongs into the folder `{}`: move it", house.name, house.folder));
        }
        for dependency in &package.dependencies {
            let used = dependency.name.as_str();
            let edge = ours.contains(used) && dependency.kind != DependencyKind::Development;
            if edge && !house.may_use.contains(&used) {
                findings.push(format!(
                    "`{}` must not use `{used}`: it may use {:?}; move the code to where both may look, or hand the \
                     value in from above",
                    house.name, house.may_use
                ));
            }
        }
    }
    report("crate edges", &findings);
}

#[test]
fn pure_crates_reach_nothing_that_happens() {
    let mut findings = Vec::new();
    for name in PURE {
        for (reached, way) in reachable(name) {
            let harmless = HARMLESS_WAYS.iter().any(|harmless| way.ends_with(harmless));
            if IMPURE_CRATES.contains(&reached.as_str()) && !harmless {
                findings.push(format!(
                    "`{name}` reaches `{reached}` ({way}): pure crates know no socket, file, clock or environment; \
                     pass the value in, or drop the dependency's feature that brings it"
                ));
            }
        }
    }
    report("pure crates", &findings);
}

#[test]
fn the_data_path_knows_no_http_no_json_and_no_driver() {
    let findings: Vec<String> = reachable("relay")
        .into_iter()
        .filter(|(reached, _)| NOT_IN_RELAY.contains(&reached.as_str()))
        .map(|(reached, way)| {
            format!("`relay` reaches `{reached}` ({way}): that belongs into `proxy`, which hands relay what it needs")
        })
        .collect();
    report("relay", &findings);
}

#[test]
fn only_the_state_store_has_a_driver_for_the_state() {
    let workspace = workspace();
    let mut findings = Vec::new();
    for package in workspace.packages.iter().filter(|package| package.name.as_str() != "admin-store") {
        // What only tests ask for may be a driver under test.
        let asked = package.dependencies.iter().filter(|one| one.kind != DependencyKind::Development);
        for dependency in asked {
            if STATE_DRIVERS.contains(&dependency.name.as_str()) {
                findings.push(format!(
                    "`{}` uses `{}`: only `admin-store` talks to the state; add what you need to its interface",
                    package.name, dependency.name
                ));
            }
        }
    }
    report("state drivers", &findings);
}

#[test]
fn the_program_holds_no_banned_crate() {
    let findings: Vec<String> = reachable("dragoman")
        .into_iter()
        .filter(|(reached, _)| BANNED_CRATES.contains(&reached.as_str()))
        .map(|(reached, way)| {
            format!("`{reached}` is in the program ({way}): TLS is rustls with aws-lc-rs; choose that feature of the \
                     dependency, or another dependency (docs/adr/0002-crates.md)")
        })
        .collect();
    report("banned crates", &findings);
}

/// The members of the workspace and what they ask for.
fn workspace() -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml")).no_deps();
    command.exec().expect("`cargo metadata` runs in the workspace")
}

fn house(package: &Package) -> Option<&'static House> {
    HOUSES.iter().find(|house| house.name == package.name.as_str())
}

/// Every crate that `from` is built with on this machine, but for its own tests, and by which ways it is
/// reached: one for each crate that asks for it. Empty when there is no crate of that name. Asked of `cargo tree`: `cargo metadata`
/// lists optional dependencies that no feature switches on as well.
fn reachable(from: &str) -> BTreeSet<(String, String)> {
    let mut ways = BTreeMap::new();
    if !workspace().packages.iter().any(|package| package.name.as_str() == from) {
        return BTreeSet::new();
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut tree = Command::new(cargo);
    tree.current_dir(root()).args(["tree", "--package", from, "--edges", "normal"]);
    tree.args(["--prefix", "depth", "--format", " {p}"]);
    let output = tree.output().expect("`cargo tree` runs in the workspace");
    assert!(output.status.success(), "`cargo tree`: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let mut way: Vec<&str> = Vec::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        let depth: usize =
            words.next().and_then(|word| word.parse().ok()).expect("a line begins with its depth");
        way.truncate(depth);
        way.push(words.next().expect("a line names a crate"));
        if depth > 0 {
            let (reached, asks) = (way[depth].to_owned(), way[depth - 1].to_owned());
            ways.entry((reached, asks)).or_insert_with(|| way.join(" -> "));
        }
    }
    assert!(text.starts_with("0 "), "`cargo tree` said nothing about `{from}`");
    ways.into_iter().map(|((reached, _), way)| (reached, way)).collect()
}

// ---- the files ----

#[test]
fn every_source_file_answers_one_question_and_fits_its_length() {
    let files = rust_files();
    let mut findings = Vec::new();
    for file in &files {
        findings.extend(length_finding(file));
        if file.is_under("src") && !file.text.trim_start_matches('\u{feff}').starts_with("//!") {
            findings.push(format!(
                "{}: the first line must be `//!` and say which question the file answers",
                file.path
            ));
        }
    }
    report("source files", &findings);
}

#[test]
fn no_folder_or_module_has_an_empty_name() {
    let mut findings = Vec::new();
    for file in rust_files() {
        for part in Path::new(&file.path).iter().map(|part| part.to_string_lossy()) {
            let stem = part.strip_suffix(".rs").unwrap_or(&part);
            if EMPTY_NAMES.contains(&stem) {
                findings.push(format!("{}: `{stem}` says nothing: name it after what is inside", file.path));
            }
        }
    }
    report("names", &findings);
}

#[test]
fn pure_crates_name_no_file_clock_environment_or_socket() {
    let folders: Vec<&str> =
        HOUSES.iter().filter(|house| PURE.contains(&house.name)).map(|house| house.folder).collect();
    let findings: Vec<String> = rust_files()
        .iter()
        .filter(|file| folders.iter().any(|folder| file.path.starts_with(&format!("{folder}/src/"))))
        .flat_map(impurities)
        .collect();
    report("pure crates", &findings);
}

#[test]
fn only_the_gate_clears_a_request() {
    let findings: Vec<String> = rust_files()
        .iter()
        .filter(|file| file.is_under("src") && !file.path.starts_with("proxy/relay/src/gate"))
        .flat_map(clearings)
        .collect();
    report("the gate", &findings);
}

#[test]
fn nothing_is_left_for_later_and_no_registry_is_named() {
    let findings: Vec<String> = text_files().iter().flat_map(leftovers).collect();
    report("all files", &findings);
}

/// A file of the repository.
struct File {
    /// Relative to the root, with `/`.
    path: String,
    text: String,
}

impl File {
    /// Whether a folder of that name is on the file's path.
    fn is_under(&self, folder: &str) -> bool {
        self.path.starts_with(&format!("{folder}/")) || self.path.contains(&format!("/{folder}/"))
    }

    /// The lines of code with their numbers: no comments, no tests at the end.
    fn code(&self) -> Vec<(usize, &str)> {
        let mut lines = Vec::new();
        let mut after_test_attribute = false;
        for (index, line) in self.text.lines().enumerate() {
            let trimmed = line.trim_start();
            if after_test_attribute && trimmed.starts_with("mod ") && trimmed.ends_with('{') {
                break;
            }
            after_test_attribute =
                trimmed.starts_with("#[cfg(test)]") || (after_test_attribute && trimmed.starts_with("#["));
            if !trimmed.starts_with("//") {
                lines.push((index + 1, line));
            }
        }
        lines
    }
}

fn length_finding(file: &File) -> Option<String> {
    let in_tests = file.is_under("tests") || file.is_under("benches") || file.path.ends_with("/tests.rs");
    let max = if in_tests { TEST_LINES_MAX } else { SOURCE_LINES_MAX };
    let lines = file.text.lines().count();
    (lines > max)
        .then(|| format!("{}: {lines} lines, {max} at most: split it by the questions it answers", file.path))
}

/// Where a pure crate names what it must not know. Tests may: they read their own cases.
fn impurities(file: &File) -> Vec<String> {
    const FORBIDDEN: &[&str] = &[
        "std::fs",
        "std::env",
        "std::process",
        "std::thread",
        "std::net::Tcp",
        "std::net::Udp",
        "std::os::",
        "std::io::stdin",
        "SystemTime::now",
        "Instant::now",
        "tokio::",
        "env!(",
        "OffsetDateTime::now",
        "Utc::now",
    ];
    const FORBIDDEN_IN_GROUP: &[&str] = &["fs", "env", "process", "thread", "os"];
    if file.path.ends_with("/tests.rs") || file.is_under("tests") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (number, line) in file.code() {
        let group = line.trim_start().strip_prefix("use std::{").unwrap_or_default();
        let grouped =
            group.split([',', '{', '}', ';']).map(|part| part.split("::").next().unwrap_or_default().trim());
        let named = FORBIDDEN.iter().find(|word| line.contains(**word)).copied();
        if let Some(word) =
            named.or_else(|| grouped.into_iter().find(|part| FORBIDDEN_IN_GROUP.contains(part)))
        {
            findings.push(format!(
                "{}:{number}: `{word}` in a pure crate: take the value as an argument and let the caller ask the world",
                file.path
            ));
        }
    }
    findings
}

/// Where a `Cleared` is made. Taking one apart (a pattern) and naming the type are fine.
fn clearings(file: &File) -> Vec<String> {
    let mut findings = Vec::new();
    for (number, line) in file.code() {
        for (position, word) in line.match_indices("Cleared") {
            let (before, after) = (&line[..position], &line[position + word.len()..]);
            let whole = !before.ends_with(|character: char| character.is_alphanumeric() || character == '_');
            let makes =
                after.starts_with("::") || after.trim_start().starts_with('{') || after.starts_with('(');
            let names = ["->", "impl", "for"].iter().any(|lead| before.trim_end().ends_with(lead));
            let takes_apart =
                after.contains("=>") || before.trim_end().ends_with("let") || before.contains("matches!(");
            if whole && makes && !names && !takes_apart && !before.trim_start().starts_with("use ") {
                findings.push(format!(
                    "{}:{number}: a `Cleared` is made outside the gate: only proxy/relay/src/gate* may, after judging; \
                     call the gate",
                    file.path
                ));
            }
        }
    }
    findings
}

/// Words that have no place in a finished file, and hosts that would tie a clone to one network.
fn leftovers(file: &File) -> Vec<String> {
    // In halves, or this file would find itself.
    const LATER: &[&str] =
        &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("to", "do!("), concat!("unimple", "mented!(")];
    const HOSTS: &[&str] = &[
        concat!("crates", ".io"),
        concat!("npmjs", ".org"),
        concat!("npmjs", ".com"),
        concat!("pypi", ".org"),
        concat!("python", "hosted.org"),
        concat!("deb.debian", ".org"),
        concat!("archive.ubuntu", ".com"),
        concat!("docker", ".io"),
        concat!("gcr", ".io"),
        concat!("ghcr", ".io"),
        concat!("quay", ".io"),
    ];
    let mut findings = Vec::new();
    let lock_file = file.path.ends_with("Cargo.lock") || file.path.ends_with("package-lock.json");
    for (index, line) in file.text.lines().enumerate() {
        if let Some(word) = LATER.iter().find(|word| has_word(line, word)) {
            findings.push(format!("{}:{}: `{word}`: do it now, or take it out", file.path, index + 1));
        }
        if let Some(host) = HOSTS.iter().find(|host| !lock_file && line.contains(**host)) {
            findings.push(format!(
                "{}:{}: `{host}`: name the package only; which registry serves it is the machine's setting",
                file.path,
                index + 1
            ));
        }
    }
    findings
}

/// Whether `word` stands in `line` and is not part of a longer word.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(position, found)| {
        let is_part = |character: char| character.is_alphanumeric() || character == '_';
        let before = line[..position].chars().next_back().is_some_and(is_part);
        let after = line[position + found.len()..].chars().next().is_some_and(is_part);
        !before && (word.ends_with('(') || !after)
    })
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file of ours.
fn rust_files() -> Vec<File> {
    let files: Vec<File> = text_files().into_iter().filter(|file| file.path.ends_with(".rs")).collect();
    assert!(files.len() > 10, "only {} Rust files were found: the walk is broken", files.len());
    files
}

/// Every text file of the repository, without what is built, fetched or recorded.
fn text_files() -> Vec<File> {
    const SKIPPED: &[&str] = &[
        ".cache",
        ".git",
        "artifacts",
        "bench-results",
        "captures",
        "corpus",
        "demo-data",
        "dist",
        "node_modules",
        "target",
        "test-results",
    ];
    const BYTES_MAX: u64 = 4 * 1024 * 1024;
    let mut files = Vec::new();
    let mut open = vec![root()];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder).expect("a folder of the repository can be read");
        for entry in entries.map(|entry| entry.expect("an entry can be read")) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().expect("an entry has a type");
            if kind.is_dir() && !SKIPPED.contains(&name.as_str()) {
                open.push(entry.path());
            } else if kind.is_file() && entry.metadata().is_ok_and(|metadata| metadata.len() <= BYTES_MAX) {
                // What is not UTF-8 is not text of ours.
                if let Ok(text) = std::fs::read_to_string(entry.path()) {
                    files.push(File { path: relative(&entry.path()), text });
                }
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

fn relative(path: &Path) -> String {
    let parts = path.strip_prefix(root()).expect("the walk stays inside").iter();
    parts.map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Fails with every finding at once, so that one run shows all there is to do.
#[track_caller]
fn report(what: &str, findings: &[String]) {
    if findings.is_empty() {
        return;
    }
    let mut text = format!("{what}: {} to mend", findings.len());
    for finding in findings {
        let _ = write!(text, "\n  {finding}");
    }
    panic!("{text}");
}

// ---- do these checks see anything? ----

#[test]
fn the_checks_find_what_they_look_for() {
    fn check(scan: fn(&File) -> Vec<String>, path: &str, text: &str, expected: usize) {
        let findings = scan(&File { path: path.to_owned(), text: text.to_owned() });
        assert_eq!(findings.len(), expected, "`{text}` gave {findings:?}");
    }
    let pure = "proxy/sql/src/token.rs";
    check(impurities, pure, "let now = Instant::now();", 1);
    check(impurities, pure, "use std::{collections::HashMap, fs};", 1);
    check(impurities, pure, "// std::fs is for others\nuse std::net::SocketAddr;", 0);
    check(impurities, pure, "fn f() {}\n#[cfg(test)]\nmod tests {\n use std::fs;\n}", 0);
    check(impurities, pure, "#[cfg(test)]\nmod tests;\nuse std::env;", 1);
    let relay = "proxy/relay/src/pump.rs";
    check(clearings, relay, "outbound.send(Cleared::Original(bytes));", 1);
    check(clearings, relay, "let cleared = Cleared { bytes };", 1);
    check(clearings, relay, "let cleared = Cleared(bytes);", 1);
    check(clearings, relay, "Cleared::Original(bytes) => bytes,", 0);
    check(clearings, relay, "fn send(&mut self, cleared: Cleared<'_>) -> Cleared {", 0);
    check(clearings, relay, "if let Cleared::Poison(bytes) = cleared {", 0);
    check(leftovers, "src/main.rs", concat!("// TO", "DO: more"), 1);
    check(leftovers, "src/main.rs", concat!("to", "do!()"), 1);
    check(leftovers, "src/main.rs", "// how MASTODONS live", 0);
    check(leftovers, "README.md", concat!("see crates", ".io"), 1);
    check(leftovers, "Cargo.lock", concat!("see crates", ".io"), 0);
    let long = "x\n".repeat(SOURCE_LINES_MAX + 1);
    assert!(length_finding(&File { path: "src/long.rs".to_owned(), text: long.clone() }).is_some());
    assert!(length_finding(&File { path: "tests/long.rs".to_owned(), text: long }).is_none());
}

#[test]
fn the_walk_over_crates_sees_what_is_reached_through_others() {
    let all = reachable("dragoman");
    let reaches = |name: &str| all.iter().any(|(reached, _)| reached == name);
    assert!(reaches("proxy"), "dragoman uses proxy directly");
    assert!(reaches("exchange"), "dragoman uses exchange through others");
    assert!(!reaches("cargo_metadata"), "what only tests use does not count");
    assert!(reachable("no-such-crate").is_empty());
}
