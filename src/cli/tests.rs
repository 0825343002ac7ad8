//! Does the command line say what it should?
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use clap::CommandFactory;

fn parse(line: &str) -> Command {
    Arguments::try_parse_from(line.split_whitespace()).unwrap().command
}

#[test]
fn the_command_line_is_consistent() {
    Arguments::command().debug_assert();
}

#[test]
fn the_version_names_the_release_the_commit_and_the_features() {
    assert!(VERSION.starts_with(concat!(env!("CARGO_PKG_VERSION"), " (commit ")), "{VERSION}");
    assert!(VERSION.ends_with(", features: postgres, tls)"), "{VERSION}");
}

#[test]
fn the_demo_takes_its_places_and_ports() {
    let Command::Demo(demo) = parse("dragoman demo --data shop --postgres-bin /usr/bin --ports 7000") else {
        panic!("not the demo");
    };
    assert_eq!(demo.data.as_deref(), Some(Path::new("shop")));
    assert_eq!(demo.postgres_bin.as_deref(), Some(Path::new("/usr/bin")));
    assert_eq!(demo.ports, Some(7000));
}

#[test]
fn what_makes_no_sense_is_refused() {
    for line in
        ["dragoman", "dragoman serve", "dragoman config all", "dragoman demo --ports 70000", "dragoman fly"]
    {
        assert!(Arguments::try_parse_from(line.split_whitespace()).is_err(), "{line}");
    }
}

#[test]
fn a_good_file_is_summed_up() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    std::fs::write(
        &file,
        "[ledger]\ndirectory = '/var/lib/gateway'\n\
         [[listener]]\nname = 'shop'\nlisten = '127.0.0.1:6432'\nupstream = ['db1:5432', 'db2:5432']\n\
         [[listener]]\nname = 'books'\nlisten = '127.0.0.1:6433'\nupstream = 'unix:/run/books'\n\
         mode = 'enforce'\ndefault = 'refuse'\n",
    )
    .unwrap();
    let config = config::load(&file, std::iter::empty()).unwrap();
    assert_eq!(
        summary(Path::new("gateway.toml"), &config),
        "gateway.toml: good, 2 listeners\n\
         \x20 shop: 127.0.0.1:6432 -> db1:5432 or db2:5432, observes\n\
         \x20   TLS: clients cannot use it, upstream `prefer`\n\
         \x20 books: 127.0.0.1:6433 -> unix:/run/books, enforces, refuses by default\n\
         \x20   TLS: clients cannot use it, upstream `prefer`\n\
         \x20 ledger in /var/lib/gateway, status on 127.0.0.1:9432\n"
    );
}
