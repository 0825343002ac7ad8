//! Which commit is this program built from? Told by `dragoman --version`.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rustc-env=DRAGOMAN_COMMIT={}", commit().unwrap_or_else(|| String::from("unknown")));
    println!("cargo:rerun-if-changed=build.rs");
    // Without these, a commit that changes nothing else would leave the old name in the program. A
    // source archive has no such files, and naming missing ones would rebuild every time.
    for file in [".git/HEAD", ".git/logs/HEAD"] {
        if Path::new(file).is_file() {
            println!("cargo:rerun-if-changed={file}");
        }
    }
}

/// The first twelve digits; `None` outside a git checkout or without git.
fn commit() -> Option<String> {
    let output = Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim();
    (output.status.success() && !text.is_empty()).then(|| String::from(text))
}
