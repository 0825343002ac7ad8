//! Where are the programs of a PostgreSQL server, and which version are they?

use super::ServerError;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the directory with the programs; the Makefile sets it.
pub const VARIABLE: &str = "DRAGOMAN_POSTGRES_BIN";
/// Where Debian and Ubuntu keep one directory for each major version.
const INSTALLED: &str = "/usr/lib/postgresql";
/// What a server cannot do without.
const PROGRAMS: [&str; 2] = ["initdb", "postgres"];

/// The directory with `initdb` and `postgres`: the one given, else the one the environment variable
/// `DRAGOMAN_POSTGRES_BIN` names, else the newest installed one.
pub fn find_binaries(given: Option<&Path>) -> Result<PathBuf, ServerError> {
    if let Some(directory) = given {
        return check(directory);
    }
    if let Some(directory) = env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        return check(Path::new(&directory));
    }
    newest(Path::new(INSTALLED)).ok_or(ServerError::NoBinaries)
}

/// That `directory` has the programs; answers its absolute path.
pub(super) fn check(directory: &Path) -> Result<PathBuf, ServerError> {
    for program in PROGRAMS {
        if !directory.join(program).is_file() {
            return Err(ServerError::NotBinaries { directory: directory.to_owned(), program });
        }
    }
    fs::canonicalize(directory).map_err(|source| ServerError::File { path: directory.to_owned(), source })
}

/// The version `postgres --version` tells, such as `18.4` or `19beta1`.
pub(super) fn version(bin: &Path) -> Result<String, ServerError> {
    let program = bin.join("postgres");
    let output = Command::new(&program)
        .arg("--version")
        .output()
        .map_err(|source| ServerError::Spawn { program: program.clone(), source })?;
    let said = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
        if let Some(version) = said.split(") ").nth(1).and_then(|rest| rest.split_whitespace().next()) {
            return Ok(version.to_owned());
        }
    }
    let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(ServerError::Broken { program, output })
}

/// The leading digits of a version: `18` of `18.4`.
pub(super) fn major(version: &str) -> &str {
    let end = version.find(|character: char| !character.is_ascii_digit()).unwrap_or(version.len());
    version.get(..end).unwrap_or(version)
}

fn newest(installed: &Path) -> Option<PathBuf> {
    let versions = fs::read_dir(installed).ok()?.filter_map(|entry| {
        let entry = entry.ok()?;
        let number: u32 = entry.file_name().to_str()?.parse().ok()?;
        let bin = check(&entry.path().join("bin")).ok()?;
        Some((number, bin))
    });
    versions.max_by_key(|(number, _)| *number).map(|(_, bin)| bin)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn install(root: &Path, version: &str) {
        let bin = root.join(version).join("bin");
        fs::create_dir_all(&bin).unwrap();
        for program in PROGRAMS {
            fs::write(bin.join(program), "").unwrap();
        }
    }

    #[test]
    fn the_newest_installed_version_is_found_by_number_not_by_spelling() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(newest(root.path()), None);
        for version in ["9", "15", "18"] {
            install(root.path(), version);
        }
        fs::create_dir_all(root.path().join("19/bin")).unwrap();
        let expected = fs::canonicalize(root.path().join("18/bin")).unwrap();
        assert_eq!(newest(root.path()), Some(expected));
    }

    #[test]
    fn a_directory_without_the_programs_is_named() {
        let root = tempfile::tempdir().unwrap();
        let message = find_binaries(Some(root.path())).unwrap_err().to_string();
        assert!(message.contains(&root.path().display().to_string()), "{message}");
        assert!(message.contains("initdb"), "{message}");
    }

    #[test]
    fn the_major_version_ends_where_the_digits_end() {
        for (version, expected) in [("18.4", "18"), ("19beta1", "19"), ("15", "15")] {
            assert_eq!(major(version), expected);
        }
    }
}
