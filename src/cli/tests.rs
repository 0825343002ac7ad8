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
    assert!(VERSION.ends_with(", features: postgres, mysql, tls)"), "{VERSION}");
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
fn the_view_takes_its_tables_and_what_of_them() {
    let line = "dragoman top --config g.toml --once --format json --interval 2.5 --show errors --sort rate --limit 7 \
                --filter error:42";
    let Command::Top(top) = parse(line) else { panic!("not the view") };
    let options = TopOptions::from(top);
    assert_eq!((options.config.as_path(), options.once), (Path::new("g.toml"), true));
    assert_eq!((options.format, options.show, options.limit), (Format::Json, Tab::Errors, 7));
    assert_eq!((options.interval, options.sort.as_deref()), (Some(2.5), Some("rate")));
    assert_eq!(options.filter, "error:42");
    let Command::Top(plain) = parse("dragoman top --config g.toml") else { panic!("not the view") };
    assert_eq!((plain.once, plain.interval, plain.show, plain.limit), (false, None, Tab::Statements, 50));
}

#[test]
fn what_makes_no_sense_is_refused() {
    for line in [
        "dragoman",
        "dragoman serve",
        "dragoman config all",
        "dragoman demo --ports 70000",
        "dragoman fly",
        "dragoman top",
        "dragoman top --config g.toml --format json",
        "dragoman top --config g.toml --limit 5",
        "dragoman top --config g.toml --interval 0",
        "dragoman top --config g.toml --interval NaN",
        "dragoman top --config g.toml --show colours",
    ] {
        assert!(Arguments::try_parse_from(line.split_whitespace()).is_err(), "{line}");
    }
}

#[test]
fn which_plane_is_served_may_be_said_or_left_out() {
    for (line, expected) in [
        ("dragoman serve --config g.toml", None),
        ("dragoman serve --config g.toml --plane data", Some(Plane::Data)),
        ("dragoman serve --config g.toml --plane control", Some(Plane::Control)),
    ] {
        let Command::Serve(Serve { file, plane }) = parse(line) else { panic!("{line}") };
        assert_eq!((file.config.as_path(), plane), (Path::new("g.toml"), expected), "{line}");
    }
}

#[test]
fn the_demo_shows_mysql_when_asked() {
    for (line, expected) in [("dragoman demo", false), ("dragoman demo --mysql --ports 7000", true)] {
        let command = parse(line);
        let Command::Demo(Demo { mysql, .. }) = command else { panic!("{line}") };
        assert_eq!(mysql, expected, "{line}");
    }
}

#[test]
fn the_probe_takes_its_listener_role_and_database() {
    let line = "dragoman probe --config g.toml --listener shop --role reader --database books";
    let Command::Probe(probe) = parse(line) else { panic!("not the probe") };
    assert_eq!((probe.listener.as_deref(), probe.role.as_deref()), (Some("shop"), Some("reader")));
    assert_eq!(probe.database.as_deref(), Some("books"));
}

#[test]
fn help_shows_only_what_can_be_had() {
    let mut program = Arguments::command();
    for (name, hidden) in [("top", "svg"), ("top", "--size")] {
        let help = program.find_subcommand_mut(name).unwrap().render_long_help().to_string();
        assert!(!help.to_lowercase().contains(hidden), "{help}");
    }
}

#[test]
fn a_good_file_is_summed_up() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    std::fs::write(
        &file,
        "[ledger]\ndirectory = '/var/lib/gateway'\nsync_by_class = { read = 'none', ddl = 'each' }\n\
         retention = { days = 400 }\n\
         [[ledger.copies]]\nname = 'worm'\nto = 'file:///nowhere/at/all'\non_failure = 'refuse'\n\
         [[listener]]\nname = 'shop'\nlisten = '127.0.0.1:6432'\nupstream = ['db1:5432', 'db2:5432']\n\
         [[listener]]\nname = 'books'\nlisten = '127.0.0.1:6433'\nupstream = 'unix:/run/books'\n\
         mode = 'enforce'\ndefault = 'refuse'\nrequire_verified = true\nprobe = { user = 'looker' }\n\
         authentication = { mode = 'verify' }\n\
         [[listener]]\nname = 'sales'\nprotocol = 'mysql'\nlisten = '127.0.0.1:6033'\nupstream = 'db3:3306'\n\
         mode = 'enforce'\nprobe = { user = 'looker' }\n",
    )
    .unwrap();
    let config = config::load(&file, std::iter::empty()).unwrap();
    assert_eq!(
        summary(Path::new("gateway.toml"), &config),
        "gateway.toml: good, 3 listeners\n\
         \x20 shop: 127.0.0.1:6432 -> db1:5432 or db2:5432, observes\n\
         \x20   TLS: clients cannot use it, upstream `prefer`\n\
         \x20   privileges: unverified: there is no `probe.user`\n\
         \x20 books: 127.0.0.1:6433 -> unix:/run/books, enforces, refuses by default\n\
         \x20   TLS: clients cannot use it, upstream `prefer`\n\
         \x20   privileges: looked at as `looker`; `dragoman probe` looks now, only verified roles may log in\n\
         \x20   logins: verified here, by what the server's pg_authid tells\n\
         \x20 sales: 127.0.0.1:6033 -> db3:3306, enforces, allows by default\n\
         \x20   TLS: clients cannot use it, upstream `prefer`\n\
         \x20   privileges: looked at as `looker`; `dragoman probe` looks now\n\
         \x20 ledger in /var/lib/gateway, status on 127.0.0.1:9432\n\
         \x20   kept on disk: `group`, read `none`, ddl `each`\n\
         \x20   signed: after 10000 records or 10 s, with `/var/lib/gateway-keys/checkpoint.pem`, which a first start makes\n\
         \x20   copy worm: checkpoints to file:///nowhere/at/all, required within 300 s; the folder is not there, and the gateway makes none\n\
         \x20   removed: after 400 days\n"
    );
}

#[test]
fn a_key_that_cannot_sign_is_told_before_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    let listener = "[[listener]]\nname = 'shop'\nlisten = '127.0.0.1:6432'\nupstream = 'db1:5432'\n";
    std::fs::write(&file, format!("[ledger.checkpoints]\nkey = {{ file = 'signs.pem' }}\n{listener}"))
        .unwrap();
    let told = || check(&file).map_err(|error| error.to_string());
    let missing = told().unwrap_err();
    assert!(missing.contains("ledger.checkpoints.key.file") && missing.contains("signs.pem"), "{missing}");
    let key = folder.path().join("signs.pem");
    std::fs::write(&key, "rubbish").unwrap();
    let rubbish = told().unwrap_err();
    assert!(
        rubbish.contains("this is no Ed25519 key") && rubbish.contains("`dragoman ledger key"),
        "{rubbish}"
    );
    std::fs::remove_file(&key).unwrap();
    proxy::ledger::SigningKey::make(&key).unwrap();
    let good = told().unwrap();
    assert!(good.contains("/signs.pem`\n"), "{good}");
    let others = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&key, others).unwrap();
    let open = told().unwrap();
    assert!(open.contains("/signs.pem`, which others than its owner may read"), "{open}");
}
