//! Is what is packed for Debian and for Kubernetes whole, and does it work where it is unpacked?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::{compiled, places};
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

const CHART: &str = "packaging/helm/dragoman";
/// What the chart has no value for.
const GIVEN: [&str; 2] =
    ["state.url=postgres://dragoman@db:5432/state", "controlPlane.publicUrl=https://dragoman.example.com"];

/// The settings that the chart comes to, by file, or why it comes to none. `helm` itself is not there: see
/// `tests/clients/go/chart`.
fn chart(given: &[&str]) -> Result<serde_json::Value, String> {
    let renderer = compiled::go("chart", 0, "nobody");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(CHART);
    let mut command = Command::new(places::python());
    command
        .arg(places::client_script("chart.py"))
        .arg(renderer.get_program())
        .arg(folder)
        .arg("shop")
        .args(given);
    let output = command.output().unwrap();
    if output.status.success() {
        return Ok(serde_json::from_slice(&output.stdout).unwrap());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Whether the program takes settings whose secrets are there.
fn taken(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let secrets = folder.path().join("secret");
    fs::create_dir(&secrets).unwrap();
    for (name, value) in [
        ("state-password", "word"),
        ("link-token", "0123456789abcdef0123456789abcdef"),
        ("master-key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
    ] {
        fs::write(secrets.join(name), value).unwrap();
    }
    let file = folder.path().join("settings.toml");
    fs::write(&file, text.replace("/etc/dragoman/secret", &secrets.display().to_string())).unwrap();
    run(Command::new(env!("CARGO_BIN_EXE_dragoman")).args(["check", "--config"]).arg(&file))
}

#[test]
fn the_chart_hangs_together_and_the_program_takes_its_settings_by_a_stand_in_for_helm() {
    let settings = chart(&GIVEN).unwrap();
    let text = |file: &str| settings[file].as_str().unwrap().to_owned();
    assert!(
        taken(&text("control.toml"))
            .contains("https://dragoman.example.com, state in postgres://…@db:5432/state")
    );
    let two = "linked to the control plane at http://shop-control-0.shop-control:8432, http://shop-control-1.shop-control:8432";
    assert!(taken(&text("data.toml")).contains(two), "{}", taken(&text("data.toml")));

    let three =
        chart(&[GIVEN[0], GIVEN[1], "controlPlane.replicas=3", "dataPlane.ledger.storageClassName=fast"]);
    assert!(
        three.unwrap()["data.toml"].as_str().unwrap().contains("http://shop-control-2.shop-control:8432")
    );
    let missing = chart(&GIVEN[1..]).unwrap_err();
    assert!(missing.contains("state.url: a PostgreSQL that all nodes share"), "{missing}");
}
