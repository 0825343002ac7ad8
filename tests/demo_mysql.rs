//! Does `dragoman demo --mysql` show MySQL beside PostgreSQL, and leave nothing running however it ends?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use dragoman::demo::server::find_client;
use harness::clients::run_with_input;
use harness::{eventually, ledger, places, signal};
use std::env;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running demo that has shown its screen.
struct Demo {
    program: Child,
    screen: String,
    // Open until the end: the demo still says that it stops.
    _output: BufReader<std::process::ChildStdout>,
}

impl Demo {
    fn start(place: &Path, base: u16) -> Demo {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
        command.args(["demo", "--mysql", "--ports", &base.to_string(), "--data"]).arg(place);
        if env::var_os("DRAGOMAN_POSTGRES_BIN").is_none() {
            command.arg("--postgres-bin").arg(places::postgres_binaries("18"));
        }
        let mut program = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(program.stdout.take().unwrap());
        let mut screen = String::new();
        while !screen.contains("Ctrl-C") {
            assert!(output.read_line(&mut screen).unwrap() > 0, "the demo ended: {screen}");
        }
        Demo { program, screen, _output: output }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Five ports in a row that are free now, far from those of the other demo tests.
fn free_base() -> u16 {
    let first = 40_000 + 10 * u16::try_from(std::process::id() % 1_200).unwrap();
    let is_free = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    (first..).step_by(10).find(|base| (*base..*base + 5).all(is_free)).unwrap()
}

/// Whatever runs with this folder in its arguments.
fn processes_on(folder: &Path) -> Vec<u32> {
    let needle = folder.as_os_str().as_encoded_bytes().to_vec();
    let ids =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let names = |id: &u32| {
        let arguments = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        arguments.windows(needle.len()).any(|window| window == needle)
    };
    ids.filter(|id| *id != std::process::id() && names(id)).collect()
}

#[test]
fn mysql_traffic_appears_beside_postgres_and_nothing_is_left() {
    let folder = tempfile::Builder::new().prefix("dragoman-demo-").tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let place = folder.path().join("demo");
    let base = free_base();
    for (ending, by) in [("a crash", "KILL"), ("Ctrl-C", "INT")] {
        let mut demo = Demo::start(&place, base);
        let connect = format!("mariadb -h 127.0.0.1 -P {} -u shop_app -pshop shop", base + 3);
        assert!(demo.screen.contains(&connect), "{}", demo.screen);
        let mut client = Command::new(find_client().unwrap());
        client.args(["--no-defaults", "--batch", "-h", "127.0.0.1", "-P", &(base + 3).to_string()]);
        client.args(["-u", "shop_app", "-pshop", "shop"]);
        let seen = run_with_input(&mut client, "SELECT COUNT(*) AS customers FROM customers");
        assert_eq!(seen.printed(), "customers\n2000\n", "{ending}");
        eventually("statements of both kinds of client are in the ledger", || {
            let records = ledger::read(&place.join("ledger"));
            let said = |listener: &str, user: &str| {
                records.iter().any(|record| {
                    record.event() == "statement.outcome"
                        && record.text_of("listener") == listener
                        && record.principal("user") == user
                })
            };
            let all = [("shop", "shop_app"), ("shop-mysql", "shop_app"), ("shop-mysql", "shop_reader")];
            all.iter().all(|(listener, user)| said(listener, user)).then_some(())
        });
        signal(demo.program.id(), by);
        let status = demo.program.wait().unwrap();
        assert_eq!(status.success(), by == "INT", "{ending}: {status}");
        eventually(&format!("nothing is left after {ending}"), || {
            processes_on(&place).is_empty().then_some(())
        });
        for port in base..base + 5 {
            assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err(), "port {port} is still served");
        }
    }
}
