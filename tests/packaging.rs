//! Is what is packed for Debian whole, and does it work where it is unpacked?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
    said
}

/// The program of the tests, packed.
fn packed(folder: &Path) -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/deb.sh");
    let said =
        run(Command::new(script).arg(env!("CARGO_BIN_EXE_dragoman")).arg(folder).env("DEB_LEVEL", "1"));
    PathBuf::from(said.trim())
}

#[test]
fn the_package_is_whole_and_its_program_takes_its_settings() {
    let folder = tempfile::tempdir().unwrap();
    let package = packed(folder.path());
    let field = |name| run(Command::new("dpkg-deb").arg("--field").arg(&package).arg(name)).trim().to_owned();
    assert_eq!(field("Package"), "dragoman");
    assert_eq!(field("Version"), env!("CARGO_PKG_VERSION"));
    let root = folder.path().join("root");
    run(Command::new("dpkg-deb").arg("--extract").arg(&package).arg(&root));
    let mode = |path: &str| fs::metadata(root.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("usr/bin/dragoman"), mode("etc/dragoman/dragoman.toml")), (0o755, 0o640));
    for path in ["lib/systemd/system/dragoman.service", "usr/share/doc/dragoman/copyright"] {
        assert_eq!(mode(path), 0o644, "{path}");
    }
    let program = root.join("usr/bin/dragoman");
    let said =
        run(Command::new(&program).args(["check", "--config"]).arg(root.join("etc/dragoman/dragoman.toml")));
    assert!(said.contains("8432") || said.contains("control plane"), "{said}");

    let control = folder.path().join("control");
    run(Command::new("dpkg-deb").arg("--control").arg(&package).arg(&control));
    assert_eq!(fs::read_to_string(control.join("conffiles")).unwrap(), "/etc/dragoman/dragoman.toml\n");
    for script in ["postinst", "prerm", "postrm"] {
        run(Command::new("sh").arg("-n").arg(control.join(script)));
    }
}

#[test]
fn the_unit_names_what_the_package_has() {
    let unit = include_str!("../packaging/systemd/dragoman.service");
    let value = |key: &str| unit.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).unwrap();
    assert_eq!(value("ExecStart"), "/usr/bin/dragoman serve --config /etc/dragoman/dragoman.toml");
    assert_eq!((value("Type"), value("User"), value("KillMode")), ("notify", "dragoman", "mixed"));
    assert_eq!(value("WorkingDirectory"), "/var/lib/dragoman");
}
