//! Does the probe find what an account of MySQL may really do, and do its statements close what it finds? By effect,
//! on a real MariaDB.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::clients::{Ended, run_with_input};
use harness::eventually;
use harness::gateway::Plan;
use harness::ledger::files_that_tell;
use harness::mariadb::{Mariadb, mariadb};
use harness::mysql_wire::{MysqlWire, command, packet};
use harness::server::PASSWORD;
use proxy::config::{self, Config};
use proxy::probe::{Examination, Gap, ProbeError, Standing, examine};
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A server with an account that only reads, before which the probe is set up.
struct Stage {
    server: Mariadb,
    folder: tempfile::TempDir,
}

/// What every stage has: tables, an account that reads one database, and the probe's.
const SETTING: &[&str] = &[
    "CREATE TABLE shop.invoices (id int, total int)",
    "CREATE TABLE shop.ledger (id int)",
    "CREATE TABLE other.stock (id int, note varchar(20))",
    "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'correct-horse-7391'",
    "GRANT SELECT ON shop.* TO reader@'127.0.0.1'",
    "CREATE USER dragoman_probe@'127.0.0.1' IDENTIFIED BY 'correct-horse-7391'",
    "GRANT SELECT ON mysql.* TO dragoman_probe@'127.0.0.1'",
];

impl Stage {
    fn new() -> Stage {
        Stage::before(Mariadb::start())
    }

    fn before(server: Mariadb) -> Stage {
        let stage = Stage { server, folder: tempfile::tempdir().unwrap() };
        stage.run(SETTING);
        stage
    }

    /// Runs statements one after the other in one session of an administrator.
    fn run(&self, statements: &[impl AsRef<str>]) {
        self.server.administer(statements);
    }

    fn close(&self, gaps: &[Gap]) {
        for gap in gaps {
            assert!(!gap.remedy.is_empty(), "nothing closes: {}", gap.words);
            self.run(&gap.remedy);
        }
    }

    fn config(&self, password: &str, upstream: &str) -> Config {
        let lines = format!(
            "upstream = '{upstream}'\nprobe = {{ user = 'dragoman_probe', password = {{ file = 'probe.secret' }} }}"
        );
        config::load(&self.settings(password, &lines), std::iter::empty()).unwrap()
    }

    fn upstream(&self) -> String {
        format!("127.0.0.1:{}", self.server.port)
    }

    /// Writes a settings file with these lines of its listener, and the secret beside it.
    fn settings(&self, password: &str, listener: &str) -> PathBuf {
        std::fs::write(self.folder.path().join("probe.secret"), format!("{password}\n")).unwrap();
        let file = self.folder.path().join("dragoman.toml");
        let head = "[[listener]]\nname = 'shop'\nprotocol = 'mysql'\nlisten = '127.0.0.1:0'";
        std::fs::write(&file, format!("{head}\n{listener}\n")).unwrap();
        file
    }

    /// A gateway before the server, with the probe and these lines of its listener.
    fn gateway(&self, password: &str, listener: &str) -> Plan {
        let secret = self.folder.path().join("gateway.secret");
        std::fs::write(&secret, password).unwrap();
        let probe = format!("user = 'dragoman_probe'\npassword = {{ file = '{}' }}", secret.display());
        self.server.plan().listener(listener).table("listener.probe", &probe)
    }

    /// `dragoman probe`.
    fn command(&self, settings: &Path, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dragoman"));
        command.args(["probe", "--config"]).arg(settings).args(arguments);
        let ended = command.output().unwrap();
        let said = [ended.stdout, ended.stderr].concat();
        (ended.status.code(), String::from_utf8(said).unwrap())
    }

    fn examine_as(&self, password: &str, user: &str) -> Result<Examination, ProbeError> {
        let listeners = config::listeners(&self.config(password, &self.upstream())).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(examine(&listeners[0], Some(user), ""))
    }

    fn examine(&self, user: &str) -> Examination {
        self.examine_as(PASSWORD, user).unwrap()
    }

    fn standing(&self, user: &str) -> Standing {
        let mut found = self.examine(user).standings;
        assert_eq!(found.len(), 1);
        found.remove(0).1
    }

    fn gaps(&self) -> Vec<Gap> {
        match self.standing("reader") {
            Standing::Gaps(gaps) => gaps.to_vec(),
            other => panic!("there is no gap: {other:?}"),
        }
    }

    /// What the reader gets by a statement.
    fn reader(&self, sql: &str) -> Ended {
        let mut command = mariadb(self.server.port, "reader");
        run_with_input(command.arg("--skip-force"), sql)
    }

    /// Opens a gap by `statements`, of which `deed` shows that it is one where that can be shown; checks that it is
    /// told with `words`, that what is said of it closes it, and that the reader reads as before.
    fn check(&self, statements: &[&str], deed: &str, words: &str) {
        assert!(deed.is_empty() || !self.reader(deed).success, "{deed} without {statements:?}");
        self.run(statements);
        assert!(
            deed.is_empty() || self.reader(deed).success,
            "{deed} with {statements:?}: {:?}",
            self.reader(deed)
        );
        let gaps = self.gaps();
        let all: Vec<&str> = gaps.iter().map(|gap| &*gap.words).collect();
        assert!(all.contains(&words), "{statements:?}: {all:#?}");
        self.close(&gaps);
        assert_eq!(self.standing("reader"), Standing::Verified, "{statements:?}, closed by {gaps:?}");
        assert!(deed.is_empty() || !self.reader(deed).success, "{deed} after {gaps:?}");
        let read = self.reader("SELECT count(*) FROM shop.invoices");
        assert!(read.success, "after {statements:?} it reads: {read:?}");
    }
}

#[test]
fn an_account_that_was_granted_nothing_but_reading_is_verified() {
    let stage = Stage::new();
    assert_eq!(stage.standing("reader"), Standing::Verified);
    stage.run(&[
        "GRANT SELECT, SHOW DATABASES, PROCESS, BINLOG MONITOR, SLAVE MONITOR ON *.* TO reader@'127.0.0.1'",
        "GRANT SELECT, SHOW VIEW ON other.* TO reader@'127.0.0.1'",
        "GRANT SELECT (id) ON other.stock TO reader@'127.0.0.1'",
        "CREATE ROLE reporting",
        "GRANT SELECT ON other.* TO reporting",
        "GRANT reporting TO reader@'127.0.0.1'",
        "SET DEFAULT ROLE reporting FOR reader@'127.0.0.1'",
    ]);
    assert_eq!(stage.standing("reader"), Standing::Verified);
}

#[test]
fn grants_are_found_and_what_is_said_takes_them_back() {
    let stage = Stage::new();
    let check = |statements: &[&str], deed: &str, words: &str| stage.check(statements, deed, words);
    check(
        &["GRANT INSERT, UPDATE ON *.* TO reader@'127.0.0.1'"],
        "INSERT INTO other.stock VALUES (1, 'a')",
        "has INSERT, UPDATE on every database",
    );
    check(
        &["GRANT INSERT ON other.* TO reader@'127.0.0.1'"],
        "INSERT INTO other.stock VALUES (1, 'a')",
        "has INSERT on database `other`",
    );
    check(
        &["GRANT INSERT ON `oth__`.* TO reader@'127.0.0.1'"],
        "INSERT INTO other.stock VALUES (1, 'a')",
        "has INSERT on databases like `oth__`",
    );
    check(
        &["CREATE DATABASE `my_``db`", "GRANT CREATE, DROP ON `my\\_``db`.* TO reader@'127.0.0.1'"],
        "CREATE OR REPLACE TABLE `my_``db`.t (id int)",
        "has CREATE, DROP on database `my_``db`",
    );
    check(
        &["GRANT DELETE, DROP ON shop.ledger TO reader@'127.0.0.1'"],
        "DELETE FROM shop.ledger",
        "has DELETE, DROP on table `shop`.`ledger`",
    );
    check(
        &["GRANT INSERT (id), UPDATE (id), SELECT (id) ON other.stock TO reader@'127.0.0.1'"],
        "INSERT INTO other.stock (id) VALUES (1)",
        "has INSERT (`id`), UPDATE (`id`) on table `other`.`stock`",
    );
    check(
        &["GRANT CREATE TEMPORARY TABLES, LOCK TABLES ON shop.* TO reader@'127.0.0.1'"],
        "CREATE TEMPORARY TABLE shop.t (id int)",
        "has CREATE TEMPORARY TABLES, LOCK TABLES on database `shop`",
    );
    check(
        &[
            "GRANT REFERENCES, EVENT, TRIGGER, CREATE ROUTINE, INDEX, ALTER, CREATE VIEW, DELETE HISTORY ON shop.* TO \
           reader@'127.0.0.1'",
        ],
        "CREATE VIEW shop.v AS SELECT 1",
        "has REFERENCES, INDEX, ALTER, CREATE VIEW, CREATE ROUTINE, EVENT, TRIGGER, DELETE HISTORY on database `shop`",
    );
}

#[test]
fn rights_on_the_whole_server_are_found_whatever_their_name() {
    let stage = Stage::new();
    let check = |statements: &[&str], deed: &str, words: &str| stage.check(statements, deed, words);
    check(
        &["GRANT ALL PRIVILEGES ON *.* TO reader@'127.0.0.1' WITH GRANT OPTION"],
        "INSERT INTO other.stock VALUES (1, 'a')",
        "has ALL PRIVILEGES on every database",
    );
    check(
        &["GRANT ALL PRIVILEGES ON shop.* TO reader@'127.0.0.1'"],
        "INSERT INTO shop.ledger VALUES (1)",
        "has ALL PRIVILEGES on database `shop`",
    );
    check(&["GRANT FILE ON *.* TO reader@'127.0.0.1'"], "", "has FILE on every database");
}

#[test]
fn rights_of_administrators_are_found_whatever_their_name() {
    let stage = Stage::new();
    for privilege in [
        "RELOAD",
        "SHUTDOWN",
        "SUPER",
        "REPLICATION SLAVE",
        "CREATE USER",
        "CREATE TABLESPACE",
        "SET USER",
        "FEDERATED ADMIN",
        "CONNECTION ADMIN",
        "READ_ONLY ADMIN",
        "REPLICATION SLAVE ADMIN",
        "REPLICATION MASTER ADMIN",
        "BINLOG ADMIN",
        "BINLOG REPLAY",
    ] {
        stage.check(
            &[&format!("GRANT {privilege} ON *.* TO reader@'127.0.0.1'")],
            "",
            &format!("has {privilege} on every database"),
        );
    }
}

#[test]
fn what_may_be_granted_on_and_whom_somebody_may_act_as_is_found() {
    let stage = Stage::new();
    let check = |statements: &[&str], words: &str| stage.check(statements, "", words);
    check(
        &["GRANT SELECT ON other.* TO reader@'127.0.0.1' WITH GRANT OPTION"],
        "may grant what it has on database `other` to others",
    );
    check(
        &["GRANT USAGE ON *.* TO reader@'127.0.0.1' WITH GRANT OPTION"],
        "may grant what it has on every database to others",
    );
    check(
        &["GRANT PROXY ON app@'127.0.0.1' TO reader@'127.0.0.1'"],
        "may act as another account, `app`@`127.0.0.1` (PROXY)",
    );
    check(
        &["CREATE ROLE reporting", "GRANT reporting TO reader@'127.0.0.1' WITH ADMIN OPTION"],
        "may grant role `reporting` to others",
    );
}

#[test]
fn roles_are_followed_whether_they_are_taken_at_login_or_not() {
    let stage = Stage::new();
    stage.run(&["CREATE ROLE writer", "CREATE ROLE `the other`", "GRANT `the other` TO writer"]);
    stage.check(
        &["GRANT INSERT ON other.* TO writer", "GRANT writer TO reader@'127.0.0.1'"],
        "SET ROLE writer; INSERT INTO other.stock VALUES (1, 'a')",
        "has INSERT on database `other`, through role `writer`",
    );
    stage.check(
        &["GRANT UPDATE ON other.stock TO `the other`"],
        "SET ROLE writer; UPDATE other.stock SET id = 1",
        "has UPDATE on table `other`.`stock`, through role `the other`",
    );
    let all = ", as everybody may (PUBLIC): whoever else needs that needs a grant of their own then";
    stage.check(
        &["GRANT INSERT ON shop.ledger TO PUBLIC"],
        "INSERT INTO shop.ledger VALUES (1)",
        &format!("has INSERT on table `shop`.`ledger`{all}"),
    );
    stage.check(
        &["GRANT DROP ON *.* TO PUBLIC"],
        "DROP TABLE IF EXISTS other.nothing",
        &format!("has DROP on every database{all}"),
    );
}

#[test]
fn routines_that_run_with_their_definers_rights_are_found_and_others_are_not() {
    let stage = Stage::new();
    stage.run(&[
        "CREATE PROCEDURE shop.buy() SQL SECURITY DEFINER BEGIN INSERT INTO shop.ledger VALUES (1); END",
        "CREATE PROCEDURE shop.tidy() SQL SECURITY INVOKER BEGIN DELETE FROM shop.ledger; END",
        "CREATE FUNCTION shop.Price() RETURNS int SQL SECURITY INVOKER RETURN 7",
        "GRANT EXECUTE ON PROCEDURE shop.tidy TO reader@'127.0.0.1'",
        "GRANT EXECUTE ON FUNCTION shop.price TO reader@'127.0.0.1'",
    ]);
    assert_eq!(stage.standing("reader"), Standing::Verified, "they do what the caller may do");
    assert_eq!(stage.reader("SELECT shop.price()").printed(), "7\n");
    assert!(!stage.reader("CALL shop.tidy()").success, "the server refuses what the caller may not");
    stage.check(
        &["GRANT EXECUTE ON PROCEDURE shop.buy TO reader@'127.0.0.1'"],
        "CALL shop.buy()",
        "has EXECUTE on procedure `shop`.`buy`, which runs with its definer's rights",
    );
    stage.check(
        &["GRANT EXECUTE ON shop.* TO reader@'127.0.0.1'"],
        "CALL shop.buy()",
        "has EXECUTE on database `shop`, where a routine may run with its definer's rights",
    );
    stage.check(
        &["GRANT ALTER ROUTINE ON FUNCTION shop.price TO reader@'127.0.0.1'"],
        "",
        "has ALTER ROUTINE on function `shop`.`price`",
    );
}

#[test]
fn accounts_of_the_same_name_count_where_the_server_counts_them() {
    let stage = Stage::new();
    stage.run(&["CREATE USER reader@'127.%'", "GRANT ALL PRIVILEGES ON *.* TO reader@'127.%'"]);
    assert!(!stage.reader("INSERT INTO other.stock VALUES (1, 'a')").success, "it is not that account");
    assert_eq!(stage.standing("reader"), Standing::Verified, "rights on everything are the account's own");
    stage.check(
        &["GRANT INSERT ON other.* TO reader@'127.%'", "GRANT DELETE ON shop.ledger TO reader@'127.%'"],
        "INSERT INTO other.stock VALUES (1, 'a'); DELETE FROM shop.ledger",
        "has INSERT on database `other`, by the account `reader`@`127.%`, whose rights count beside those of the one \
         it logs in to",
    );
    // A row that no account has and no REVOKE reaches: so it was once installed for databases called `test`.
    stage.check(
        &[
            "INSERT INTO mysql.db (Host, Db, User, Select_priv, Insert_priv, Create_tmp_table_priv) VALUES ('%', \
             'other', '', 'Y', 'Y', 'Y')",
            "FLUSH PRIVILEGES",
        ],
        "INSERT INTO other.stock VALUES (1, 'a')",
        "has INSERT, CREATE TEMPORARY TABLES on database `other`, by a row of mysql.db for everybody at hosts like `%` \
         that belongs to no account",
    );
    stage.run(&["CREATE USER ''@'127.0.0.1'", "GRANT INSERT ON shop.ledger TO ''@'127.0.0.1'"]);
    assert!(
        !stage.reader("INSERT INTO shop.ledger VALUES (1)").success,
        "what nobody may on a table is nobody's"
    );
    assert_eq!(stage.standing("reader"), Standing::Verified);
    stage.check(
        &["GRANT INSERT ON other.* TO ''@'127.0.0.1'"],
        "INSERT INTO other.stock VALUES (1, 'a')",
        "has INSERT on database `other`, by the account ''@`127.0.0.1`, whose rights count beside those of the one it \
         logs in to",
    );
    assert!(matches!(stage.standing("whoever"), Standing::Gaps(_)), "who has no account has this one");
    stage.run(&["DROP USER reader@'127.0.0.1', ''@'127.0.0.1'"]);
    let Standing::Gaps(gaps) = stage.standing("reader") else { panic!("the server takes the other now") };
    assert_eq!(&*gaps[0].words, "has ALL PRIVILEGES on every database");
}

#[test]
fn functions_from_libraries_are_told() {
    let stage = Stage::new();
    stage.check(
        &["INSERT INTO mysql.func VALUES ('sys_exec', 0, 'lib_mysqludf_sys.so', 'function')"],
        "",
        "may call `sys_exec` of the library `lib_mysqludf_sys.so`, as everybody may: no privilege bounds what such a \
         function does",
    );
}

#[test]
fn the_probe_needs_to_read_one_database_and_says_when_it_is_less_or_more() {
    let stage = Stage::new();
    let own = stage.examine("dragoman_probe");
    assert_eq!((&own.standings[0].1, own.by_superuser), (&Standing::Verified, false));
    // Who waits for whom, and stopping what sessions run: that is no more than it needs.
    stage.run(&["GRANT PROCESS, CONNECTION ADMIN ON *.* TO dragoman_probe@'127.0.0.1'"]);
    assert!(!stage.examine("reader").by_superuser);
    stage.run(&["GRANT INSERT ON shop.* TO dragoman_probe@'127.0.0.1'"]);
    assert!(stage.examine("reader").by_superuser);
    stage.run(&["REVOKE ALL PRIVILEGES, GRANT OPTION FROM dragoman_probe@'127.0.0.1'"]);
    let told = stage.examine_as(PASSWORD, "reader").unwrap_err().to_string();
    let remedy = "GRANT SELECT ON mysql.* TO `dragoman_probe`@`127.0.0.1`;";
    assert_eq!(
        told,
        format!(
            "the upstream does not let `dragoman_probe`@`127.0.0.1` read who may do what; this lets it: {remedy}"
        )
    );
    // Not a table less.
    stage.run(&["GRANT SELECT ON mysql.global_priv TO dragoman_probe@'127.0.0.1'"]);
    assert_eq!(stage.examine_as(PASSWORD, "reader").unwrap_err().to_string(), told);
    stage.run(&[remedy]);
    assert_eq!(stage.standing("reader"), Standing::Verified);
}

#[test]
fn what_cannot_be_told_says_why_and_no_secret() {
    let stage = Stage::new();
    let wrong = stage.examine_as("battery-staple-2684", "reader").unwrap_err().to_string();
    assert_eq!(
        wrong,
        "the upstream does not let `dragoman_probe` in: Access denied for user 'dragoman_probe'@'127.0.0.1' (using \
         password: YES) (error 1045, SQLSTATE 28000)"
    );
    let Standing::Unverified(reason) = stage.standing("nobody_at_all") else { panic!("it is not there") };
    assert_eq!(
        &*reason,
        "the upstream has no account for this name at 127.0.0.1, from where the gateway comes"
    );
    let listeners = config::listeners(&stage.config(PASSWORD, &stage.upstream())).unwrap();
    assert!(!format!("{listeners:?}").contains(PASSWORD));
}

#[test]
fn what_is_no_server_of_mysql_is_told_as_such() {
    let stage = Stage::new();
    let said_to = |greeting: &'static [u8], tls: &str| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let upstream = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let mut socket = socket;
                let _ = socket.write_all(greeting);
            }
        });
        let lines =
            format!("upstream = '{upstream}'\nupstream_tls = {{ mode = '{tls}' }}\nprobe = {{ user = 'p' }}");
        let (code, said) = stage.command(&stage.settings(PASSWORD, &lines), &["--role", "reader"]);
        assert_eq!(code, Some(2), "{said}");
        said
    };
    for tls in ["disable", "prefer", "require"] {
        // Whether something is meant by what comes before the end the driver cannot always tell.
        for greeting in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b""] {
            let said = said_to(greeting, tls);
            let is_told =
                said.contains("does not speak MySQL's protocol") || said.contains("does not answer");
            assert!(is_told, "{tls}: {said}");
        }
        // A greeting that is none: version 9, and nothing behind it.
        let said = said_to(b"\x02\0\0\0\x09\0", tls);
        assert!(said.contains("does not speak MySQL's protocol"), "{tls}: {said}");
        let said = said_to(b"\x12\0\0\0\xff\x69\x04Host is blocked", tls);
        assert!(said.contains("does not let `p` in: ") && said.contains("blocked"), "{tls}: {said}");
    }
}

/// Logs in as the reader and runs a statement.
fn reader(port: u16, sql: &str) -> Ended {
    run_with_input(mariadb(port, "reader").arg("--skip-force"), sql)
}

#[test]
fn a_gateway_tells_what_the_accounts_that_log_in_may_do() {
    let stage = Stage::new();
    stage.run(&["GRANT INSERT ON shop.ledger TO reader@'127.0.0.1'"]);
    let gateway = stage.gateway(PASSWORD, "").start();
    assert!(gateway.ready().1.contains("privileges: 0 verified, 0 with gaps, 0 unverified"));
    assert_eq!(reader(gateway.port, "SELECT 1").printed(), "1\n");
    eventually("the gap is told", || {
        gateway.ready().1.contains("privileges: 0 verified, 1 with gaps, 0 unverified\n").then_some(())
    });
    let log = gateway.log();
    let told = "the role can do more than read: has INSERT on table `shop`.`ledger` [closed by: REVOKE INSERT ON \
                `shop`.`ledger` FROM `reader`@`127.0.0.1`;]";
    assert!(log.contains(told), "{log}");
    assert!(log.contains("role=\"reader\"") && !log.contains("database="), "{log}");
    assert!(!log.contains("can do more than read, and needs"), "{log}");
    assert_eq!(files_that_tell(gateway.folder(), &[PASSWORD]), []);
}

#[test]
fn a_probe_that_is_not_let_in_leaves_everybody_unverified_and_served() {
    let stage = Stage::new();
    let gateway = stage.gateway("battery-staple-2684", "").start();
    assert_eq!(reader(gateway.port, "SELECT 1").printed(), "1\n");
    eventually("the reason is told", || {
        let (code, body) = gateway.ready();
        let why = "1 unverified: the upstream does not let `dragoman_probe` in: Access denied";
        (code == 200 && body.contains(why)).then_some(())
    });
    assert!(gateway.log().contains("the probe could not look, trying again later"));
    assert_eq!(files_that_tell(gateway.folder(), &["battery-staple-2684"]), []);
}

#[test]
fn only_a_verified_account_logs_in_where_that_is_required() {
    let stage = Stage::new();
    let gateway = stage.gateway(PASSWORD, "require_verified = true").start();
    assert_eq!(reader(gateway.port, "SELECT 1").printed(), "1\n");
    stage.run(&[
        "CREATE USER writer@'127.0.0.1' IDENTIFIED BY 'correct-horse-7391'",
        "GRANT SELECT, INSERT ON shop.* TO writer@'127.0.0.1'",
    ]);
    let writer = || run_with_input(mariadb(gateway.port, "writer").arg("--skip-force"), "SELECT 1");
    let refused = writer();
    assert!(!refused.success && refused.error.contains("has INSERT on database `shop`"), "{refused:?}");
    assert!(refused.error.contains("user 'writer' is not verified as read-only"), "{refused:?}");
    stage.run(&["REVOKE INSERT ON shop.* FROM writer@'127.0.0.1'"]);
    eventually("the login follows the privileges", || writer().success.then_some(()));
    let wrong = stage.gateway("battery-staple-2684", "require_verified = true").start();
    let refused = reader(wrong.port, "SELECT 1");
    assert!(!refused.success && refused.error.contains("`dragoman_probe`"), "{refused:?}");
}

#[test]
fn a_session_becomes_nobody_elses_who_is_not_verified() {
    let stage = Stage::new();
    stage.run(&[
        "REVOKE ALL PRIVILEGES, GRANT OPTION FROM nobody@'127.0.0.1'",
        "GRANT SELECT ON shop.* TO nobody@'127.0.0.1'",
        "CREATE USER guest@'127.0.0.1'",
        "GRANT SELECT ON shop.* TO guest@'127.0.0.1'",
    ]);
    let plan = stage.gateway(PASSWORD, "require_verified = true\nallow_unauthenticated = true");
    let gateway = plan.mode("enforce").start();
    let mut wire = MysqlWire::login(gateway.port, "client");
    // `ann` may do everything; nobody has looked at her, and then somebody has.
    let become_user = |wire: &mut MysqlWire, user: &str| {
        wire.send(&command(0x11, format!("{user}\0\0shop\0\x2d\0mysql_native_password\0\0").as_bytes()));
        let first = wire.packet().unwrap();
        // The server asks for the proof once more.
        if first.error().is_none() && !first.is_ok() {
            wire.go_on(&packet(first.sequence + 1, b""));
            return wire.packet().unwrap();
        }
        first
    };
    for _ in 0..2 {
        let (_, said) = become_user(&mut wire, "ann").error().expect("she is refused");
        assert!(said.contains("user 'ann' is not verified as read-only"), "{said}");
        eventually("ann is looked at", || gateway.log().contains("role=\"ann\"").then_some(()));
    }
    eventually("whoever is verified takes over", || become_user(&mut wire, "guest").is_ok().then_some(()));
    wire.quit();
}

#[test]
fn the_command_line_looks_once_and_says_it_by_its_exit_code() {
    let stage = Stage::new();
    let probe = "probe = { user = 'dragoman_probe', password = { file = 'probe.secret' } }";
    let lines = format!("upstream = '{}'\n{probe}", stage.upstream());
    let file = stage.settings(PASSWORD, &lines);
    let head = "listener shop, as dragoman_probe\n";
    let said = stage.command(&file, &["--role", "reader"]);
    assert_eq!(said, (Some(0), format!("{head}  reader: verified, it can only read\n")));
    stage.run(&["GRANT DELETE ON shop.ledger TO reader@'127.0.0.1'"]);
    let gap = "  reader: can do more than read\n    - has DELETE on table `shop`.`ledger`\n        \
               REVOKE DELETE ON `shop`.`ledger` FROM `reader`@`127.0.0.1`;\n";
    assert_eq!(stage.command(&file, &["--role", "reader"]), (Some(1), format!("{head}{gap}")));
    let (code, all) = stage.command(&file, &[]);
    assert!(code == Some(1) && all.contains(gap) && all.contains("  app: can do more than read\n"), "{all}");
    assert!(!all.contains("mariadb.sys") && !all.contains("  PUBLIC"), "nobody logs in as these: {all}");
    stage.run(&[
        "CREATE FUNCTION shop.buy() RETURNS int BEGIN INSERT INTO shop.ledger VALUES (1); RETURN 1; END",
        "SET GLOBAL read_only = ON",
    ]);
    let (_, said) = stage.command(&file, &["--role", "reader"]);
    assert!(said.contains("  the server itself is `read_only` now"), "{said}");
    assert!(
        said.contains("  1 stored functions run with their definers' rights (`shop`.`buy` is one)"),
        "{said}"
    );
    let wrong = stage.settings("battery-staple-2684", &lines);
    let (code, said) = stage.command(&wrong, &[]);
    assert!(
        code == Some(2) && said.contains("cannot tell: the upstream does not let `dragoman_probe` in"),
        "{said}"
    );
}

#[test]
fn the_probe_comes_by_tls_as_the_listener_says_or_by_a_unix_socket() {
    let stage = Stage::new();
    stage.run(&["ALTER USER dragoman_probe@'127.0.0.1' REQUIRE SSL"]);
    let with = |upstream: &str, tls: &str| {
        let lines = format!(
            "upstream = '{upstream}'\nupstream_tls = {{ {tls} }}\nprobe = {{ user = 'dragoman_probe', password = {{ \
             file = 'probe.secret' }} }}"
        );
        stage.command(&stage.settings(PASSWORD, &lines), &["--role", "reader"])
    };
    let verified = "reader: verified, it can only read";
    let ca = format!("mode = 'verify-full', ca = '{}'", stage.server.certificate().authority.display());
    for tls in ["mode = 'prefer'", "mode = 'require'", &ca] {
        let (code, said) = with(&stage.upstream(), tls);
        assert!(code == Some(0) && said.contains(verified), "{tls}: {said}");
    }
    let (code, said) = with(&stage.upstream(), "mode = 'disable'");
    assert!(code == Some(2) && said.contains("Access denied"), "the server requires TLS: {said}");
    let other = tempfile::tempdir().unwrap();
    let stranger = harness::certificate::Certificate::make(other.path());
    let (code, said) =
        with(&stage.upstream(), &format!("mode = 'verify-full', ca = '{}'", stranger.authority.display()));
    assert!(code == Some(2) && said.contains("cannot be encrypted: invalid peer certificate"), "{said}");
    stage.run(&[
        "CREATE USER dragoman_probe@localhost IDENTIFIED BY 'correct-horse-7391'",
        "GRANT SELECT ON mysql.* TO dragoman_probe@localhost",
    ]);
    let (code, said) = with(&format!("unix:{}", stage.server.socket().display()), "mode = 'disable'");
    assert!(code == Some(2) && said.contains("no account for this name at localhost"), "{said}");
    stage.run(&["CREATE USER reader@localhost", "GRANT SELECT ON shop.* TO reader@localhost"]);
    let (code, said) = with(&format!("unix:{}", stage.server.socket().display()), "mode = 'disable'");
    assert!(code == Some(0) && said.contains(verified), "{said}");
}

#[test]
fn a_server_that_resolves_names_is_looked_at_by_every_name_of_the_gateway() {
    let stage = Stage::before(Mariadb::start_with(&["--disable-skip-name-resolve"]));
    stage.run(&[
        "CREATE USER dragoman_probe@localhost IDENTIFIED BY 'correct-horse-7391'",
        "GRANT SELECT ON mysql.* TO dragoman_probe@localhost",
    ]);
    assert_eq!(stage.standing("reader"), Standing::Verified, "the server knows the address as well");
    stage.run(&["CREATE USER reader@localhost", "GRANT INSERT ON *.* TO reader@localhost"]);
    let Standing::Gaps(gaps) = stage.standing("reader") else { panic!("either may be taken") };
    assert_eq!(&*gaps[0].remedy[0], "REVOKE INSERT ON *.* FROM `reader`@`localhost`;");
}

#[test]
fn what_the_documentation_sets_up_is_all_that_is_needed() {
    let stage = Stage::new();
    stage.run(&["DROP USER dragoman_probe@'127.0.0.1'"]);
    let document = include_str!("../docs/probe.md");
    let (_, section) = document.split_once("## MySQL and MariaDB").unwrap();
    let (_, block) = section.split_once("```sql\n").unwrap();
    let statements: Vec<String> = block
        .split_once("```")
        .unwrap()
        .0
        .lines()
        .map(|line| line.replace("10.0.0.5", "127.0.0.1"))
        .collect();
    assert_eq!(statements.len(), 2);
    stage.run(&statements);
    assert_eq!(stage.standing("reader"), Standing::Verified);
}
