//! Do PostgreSQL's own programs do anything else through the gateway than directly?
//!
//! psql, pg_dump, pg_dumpall, pg_restore, pgbench, pg_recvlogical, pg_receivewal and pg_basebackup, each of the
//! server's own version. What psql and pg_dump see that only read is in `reads.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::clients::{libpq, run, run_within};
use harness::compared::{assert_passed, observing, reading_only};
use harness::script::assert_same_text;
use harness::server::{Server, rows};
use harness::wire::Wire;
use harness::{PATIENCE, each_version, eventually, places};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A database with everything that can be dumped.
const SCHEMA: &str = include_str!("reads/schema.sql");
/// A restore makes two dozen extensions and fills many tables, on a machine that may be busy.
const RESTORE: Duration = Duration::from_secs(60);

/// One of PostgreSQL's programs, of a version.
fn program(name: &str, version: &str, port: u16) -> Command {
    libpq(Command::new(places::postgres_programs(version).join(name)), port, "app")
}

fn ask(server: &Server, database: &str, sql: &str) -> Vec<Vec<Option<String>>> {
    rows(&mut Wire::login_to(server.port, "trusted", database), sql)
}

// ---- psql ----

fn psql(version: &str, port: u16, script: &str) -> String {
    let mut command = program("psql", version, port);
    let file = places::client_script("shown.js");
    command.args(["-X", "-v", "VERBOSITY=verbose", "-v"]).arg(format!("file={}", file.display()));
    let seen = run(command.arg("-f").arg(places::client_script(script))).transcript();
    assert!(seen.contains("the end of it"), "psql {version} did not end its script: {seen}");
    seen
}

#[test]
fn psql_of_each_version_sees_the_same() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = observing(&server).start();
        for script in ["transparency.sql", "psql.sql"] {
            let (direct, through) = (psql(version, server.port, script), psql(version, gateway.port, script));
            assert_same_text(&format!("psql {version}, {script}"), &direct, &through);
        }
        assert_passed(&gateway);
    });
}

#[test]
fn psql_sees_the_same_of_servers_of_other_versions() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = observing(&server).start();
        for other in places::versions().iter().filter(|other| other.as_str() != version) {
            let (direct, through) =
                (psql(other, server.port, "psql.sql"), psql(other, gateway.port, "psql.sql"));
            assert_same_text(&format!("psql {other} with PostgreSQL {version}"), &direct, &through);
        }
    });
}

/// libpq 18 asks for 3.0 unless it is told otherwise; older servers negotiate it down.
#[test]
fn psql_18_sees_the_same_by_protocol_3_2() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = observing(&server).start();
        let seen = |port, script: &str, least: &str| {
            let mut command = program("psql", "18", port);
            command.env("PGMAXPROTOCOLVERSION", "latest").env("PGMINPROTOCOLVERSION", least);
            let file = format!("file={}", places::client_script("shown.js").display());
            command.args(["-X", "-v", "VERBOSITY=verbose", "-v", &file, "-f"]);
            command.arg(places::client_script(script));
            run(&mut command)
        };
        for script in ["transparency.sql", "psql.sql"] {
            let direct = seen(server.port, script, "3.0").transcript();
            let through = seen(gateway.port, script, "3.0").transcript();
            assert_same_text(
                &format!("psql 18 by 3.2 with PostgreSQL {version}, {script}"),
                &direct,
                &through,
            );
        }
        let (direct, through) = (seen(server.port, "psql.sql", "3.2"), seen(gateway.port, "psql.sql", "3.2"));
        assert_eq!(direct.success, version == "18", "{}", direct.error);
        let told = |error: &str, port: u16| error.replace(&port.to_string(), "PORT");
        assert_eq!(told(&direct.error, server.port), told(&through.error, gateway.port));
    });
}

// ---- dumps ----

/// A server whose database `store` has everything.
fn store(version: &str) -> Server {
    let server = Server::start(version);
    server.ask("CREATE DATABASE store");
    ask(&server, "store", SCHEMA);
    server
}

/// The text of a dump or a restore, without the words that are drawn anew for each.
fn dumped(command: &mut Command) -> String {
    let ended = run_within(RESTORE, command, "");
    let drawn = |line: &&str| !line.starts_with("\\restrict ") && !line.starts_with("\\unrestrict ");
    ended.printed().lines().filter(drawn).map(|line| format!("{line}\n")).collect()
}

fn plain(version: &str, port: u16, database: &str) -> String {
    dumped(program("pg_dump", version, port).args(["-d", database]))
}

/// Dumps `store` into `target` in a format that only pg_restore reads, with as many connections as `jobs`.
fn archive(version: &str, port: u16, format: &str, jobs: &str, target: &Path) {
    let mut command = program("pg_dump", version, port);
    command.args(["-d", "store", "-F", format, "-j", jobs, "-f"]).arg(target);
    run_within(RESTORE, &mut command, "").printed();
}

fn restored(version: &str, port: u16, database: &str, jobs: &str, source: &Path) {
    let mut command = program("pg_restore", version, port);
    command.args(["--exit-on-error", "-d", database, "-j", jobs]).arg(source);
    run_within(RESTORE, &mut command, "").printed();
}

/// An archive as text, in which no connection is needed.
fn read(version: &str, source: &Path) -> String {
    dumped(program("pg_restore", version, 0).args(["-f", "-"]).arg(source))
}

#[test]
fn dumps_are_the_same_and_are_restored_through_the_gateway() {
    each_version(|version| {
        let server = store(version);
        let gateway = observing(&server).start();
        let direct = plain(version, server.port, "store");
        assert!(direct.contains("COPY public.customers") && direct.contains("CREATE VIEW"), "{direct}");
        assert_same_text(&format!("pg_dump {version}"), &direct, &plain(version, gateway.port, "store"));
        let folder = tempfile::tempdir().expect("a folder");
        for (format, jobs) in [("custom", "1"), ("directory", "2")] {
            let name = format!("{format} format of PostgreSQL {version}");
            let archived = folder.path().join(format);
            archive(version, gateway.port, format, jobs, &archived);
            assert_same_text(&name, &direct, &read(version, &archived));
            let database = format!("restored_{format}");
            server.ask(&format!("CREATE DATABASE {database}"));
            restored(version, gateway.port, &database, "2", &archived);
            assert_same_text(&name, &direct, &plain(version, server.port, &database));
        }
        assert_passed(&gateway);
    });
}

#[test]
fn a_plain_dump_is_restored_by_psql_through_the_gateway() {
    each_version(|version| {
        let server = store(version);
        let gateway = observing(&server).start();
        let direct = plain(version, server.port, "store");
        server.ask("CREATE DATABASE restored");
        let mut command = program("psql", version, gateway.port);
        command.args(["-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", "restored"]);
        run_within(RESTORE, &mut command, &direct).printed();
        assert_same_text("restored", &direct, &plain(version, server.port, "restored"));
        assert_passed(&gateway);
    });
}

#[test]
fn a_dump_of_everything_is_the_same() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = observing(&server).start();
        let all = |port| dumped(&mut program("pg_dumpall", version, port));
        let direct = all(server.port);
        assert!(direct.contains("CREATE ROLE app") && direct.contains("COPY public.customers"), "{direct}");
        assert_same_text(&format!("pg_dumpall {version}"), &direct, &all(gateway.port));
        assert_passed(&gateway);
    });
}

/// Several connections at once look at one snapshot; each locks what it dumps, as far as any reader does.
#[test]
fn a_read_only_gateway_lets_parallel_dumps_pass() {
    each_version(|version| {
        let server = store(version);
        let gateway = reading_only(&server).start();
        let folder = tempfile::tempdir().expect("a folder");
        let archived = folder.path().join("directory");
        archive(version, gateway.port, "directory", "2", &archived);
        let direct = plain(version, server.port, "store");
        assert_same_text(&format!("pg_dump -j 2 of {version}"), &direct, &read(version, &archived));
        assert_passed(&gateway);
    });
}

// ---- pgbench ----

const BALANCES: &str = "SELECT \
    (SELECT md5(string_agg(aid || ' ' || abalance, ',' ORDER BY aid)) FROM pgbench_accounts WHERE abalance <> 0), \
    (SELECT string_agg(tid || ' ' || tbalance, ',' ORDER BY tid) FROM pgbench_tellers), \
    (SELECT string_agg(bid || ' ' || bbalance, ',' ORDER BY bid) FROM pgbench_branches), \
    (SELECT string_agg(tid || ' ' || aid || ' ' || delta, ',' ORDER BY ctid) FROM pgbench_history)";

/// Runs transactions that are drawn the same each time, and returns what they have left.
fn banked(server: &Server, port: u16, arguments: &[&str]) -> Vec<Vec<Option<String>>> {
    ask(
        server,
        "shop",
        "UPDATE pgbench_accounts SET abalance = 0 WHERE abalance <> 0; UPDATE pgbench_tellers SET tbalance = 0; \
         UPDATE pgbench_branches SET bbalance = 0; TRUNCATE pgbench_history",
    );
    let mut command = program("pgbench", &server.version, port);
    let ended = run(command.args(["-n", "--random-seed=7"]).args(arguments).arg("shop"));
    let told = ended.printed();
    let done = told.lines().find_map(|line| line.strip_prefix("number of transactions actually processed: "));
    let (done, all) = done.and_then(|done| done.split_once('/')).unwrap_or_else(|| panic!("{told}"));
    assert_eq!(done, all, "{told}");
    ask(server, "shop", BALANCES)
}

/// A pipeline of several statements, one of which writes.
const PIPELINE: &str = "\\set account random(1, 1000)\n\\set delta random(-50, 50)\n\\startpipeline\n\
    SELECT abalance FROM pgbench_accounts WHERE aid = :account;\n\
    UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :account;\n\
    INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (1, 1, :account, :delta, now());\n\
    SELECT count(*) FROM pgbench_tellers;\n\\endpipeline\n";

#[test]
fn pgbench_leaves_the_same_behind() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = observing(&server).start();
        let mut made = program("pgbench", version, gateway.port);
        run_within(RESTORE, made.args(["-i", "-q", "shop"]), "").printed();
        let accounts = ask(&server, "shop", "SELECT count(*), sum(abalance) FROM pgbench_accounts");
        assert_eq!(accounts, [[Some("100000".to_owned()), Some("0".to_owned())]]);
        let folder = tempfile::tempdir().expect("a folder");
        let pipeline = folder.path().join("pipeline.sql");
        std::fs::write(&pipeline, PIPELINE).expect("a script");
        let pipeline = pipeline.to_str().expect("a name");
        for arguments in [
            &["-M", "simple", "-t", "60"][..],
            &["-M", "extended", "-t", "60"],
            &["-M", "prepared", "-t", "60"],
            &["-M", "extended", "-t", "60", "-f", pipeline],
            &["-M", "prepared", "-t", "60", "-f", pipeline],
            &["-M", "prepared", "-t", "20", "-C"],
        ] {
            let direct = banked(&server, server.port, arguments);
            let through = banked(&server, gateway.port, arguments);
            assert_eq!(direct, through, "PostgreSQL {version}: {arguments:?}");
        }
        assert_passed(&gateway);
        // Many at once: what they do depends on their order, but not what it adds up to.
        banked(&server, gateway.port, &["-M", "prepared", "-c", "8", "-j", "2", "-t", "40"]);
        let sums = "SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(delta) FROM pgbench_history), \
                    (SELECT sum(tbalance) FROM pgbench_tellers) = (SELECT sum(bbalance) FROM pgbench_branches), \
                    (SELECT count(*) FROM pgbench_history)";
        let yes = Some("t".to_owned());
        assert_eq!(ask(&server, "shop", sums), [[yes.clone(), yes, Some("320".to_owned())]]);
    });
}

// ---- replication ----

/// What a program of logical replication writes of everything that happened since its slot was made.
fn decoded(version: &str, port: u16, slot: &str, end: &str, options: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("changes");
    let mut command = program("pg_recvlogical", version, port);
    command.args(["--slot", slot, "--start", "--no-loop", "--endpos", end, "-f"]).arg(&file);
    for option in options {
        command.args(["-o", option]);
    }
    run(command.args(["-d", "shop"])).printed();
    std::fs::read(&file).expect("the changes")
}

fn slots(version: &str, port: u16, names: &[(&str, &str)]) {
    for (slot, plugin) in names {
        let mut command = program("pg_recvlogical", version, port);
        command.args(["--slot", slot, "--create-slot", "-P", plugin, "-d", "shop"]);
        run(&mut command).printed();
    }
}

#[test]
fn logical_replication_brings_the_same_changes() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = observing(&server).start();
        slots(version, server.port, &[("text_direct", "test_decoding"), ("bytes_direct", "pgoutput")]);
        slots(version, gateway.port, &[("text_through", "test_decoding"), ("bytes_through", "pgoutput")]);
        ask(
            &server,
            "shop",
            "INSERT INTO scratch SELECT n, 'label ' || n, n / 4.0 FROM generate_series(1, 2000) AS n; \
             UPDATE scratch SET label = repeat('x', id) WHERE id < 100; DELETE FROM scratch WHERE id % 2 = 0; \
             TRUNCATE scratch",
        );
        let end = server.ask("SELECT pg_current_wal_insert_lsn()").expect("a place");
        // Something behind the end, which the programs wait for.
        ask(&server, "shop", "INSERT INTO scratch VALUES (1)");
        let text = |port, slot| {
            String::from_utf8(decoded(version, port, slot, &end, &["include-xids=0"])).expect("text")
        };
        let direct = text(server.port, "text_direct");
        assert!(direct.lines().count() > 3_000, "next to nothing was decoded: {direct}");
        assert_same_text("test_decoding", &direct, &text(gateway.port, "text_through"));
        let options = ["proto_version=1", "publication_names=everything"];
        let bytes = |port, slot| decoded(version, port, slot, &end, &options);
        let direct = bytes(server.port, "bytes_direct");
        assert!(direct.len() > 100_000, "{} bytes", direct.len());
        assert!(direct == bytes(gateway.port, "bytes_through"), "pgoutput says something else");
        let mut command = program("pg_recvlogical", version, gateway.port);
        run(command.args(["--slot", "text_through", "--drop-slot", "-d", "shop"])).printed();
        let left = "SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'text_through'";
        assert_eq!(server.ask(left).as_deref(), Some("0"));
    });
}

/// A server whose role `app` may replicate the whole of it.
fn replicated(version: &str) -> Server {
    let server = Server::start(version);
    let access = PathBuf::from(server.ask("SHOW hba_file").expect("its place"));
    let mut text = std::fs::read_to_string(&access).expect("who may do what");
    text.push_str("host replication all 127.0.0.1/32 scram-sha-256\n");
    std::fs::write(&access, text).expect("it can be written");
    server.ask("SELECT pg_reload_conf()");
    eventually("the server knows who may replicate", || {
        let known = server.ask("SELECT count(*) FROM pg_hba_file_rules WHERE database = '{replication}'");
        (known.as_deref() == Some("1")).then_some(())
    });
    server
}

#[test]
fn a_base_backup_passes_and_is_whole() {
    each_version(|version| {
        let server = replicated(version);
        let gateway = observing(&server).start();
        let folder = tempfile::tempdir().expect("a folder");
        let backup = folder.path().join("backup");
        // A second connection streams the log meanwhile.
        let mut command = program("pg_basebackup", version, gateway.port);
        command.args(["-X", "stream", "-c", "fast", "-D"]).arg(&backup);
        run_within(RESTORE, &mut command, "").printed();
        // Every file against its checksum in the manifest that the server made.
        let mut command = program("pg_verifybackup", version, 0);
        run(command.args(["-n", "-e"]).arg(&backup)).printed();
    });
}

#[test]
fn the_log_is_received_byte_for_byte() {
    each_version(|version| {
        let server = replicated(version);
        let gateway = observing(&server).start();
        let begin = server.ask("SELECT pg_current_wal_lsn()").expect("a place");
        ask(
            &server,
            "shop",
            "INSERT INTO scratch SELECT n, repeat('x', 200), 1 FROM generate_series(1, 5000) AS n",
        );
        let end = server.ask("SELECT pg_current_wal_flush_lsn()").expect("a place");
        let folder = tempfile::tempdir().expect("a folder");
        let received = |name: &str, port| {
            let target = folder.path().join(name);
            std::fs::create_dir(&target).expect("a folder");
            let mut command = program("pg_receivewal", version, port);
            run(command.args(["--no-loop", "--no-sync", "--endpos", &end, "-D"]).arg(&target)).printed();
            let files =
                std::fs::read_dir(&target).expect("the segments").map(|file| file.expect("one").path());
            let mut files: Vec<_> = files.collect();
            files.sort();
            assert!(!files.is_empty(), "nothing was received from {begin} to {end}");
            files
                .iter()
                .map(|file| {
                    let name = file.file_name().expect("a name").to_string_lossy();
                    (name.trim_end_matches(".partial").to_owned(), std::fs::read(file).expect("a segment"))
                })
                .collect::<Vec<_>>()
        };
        let (direct, through) = (received("direct", server.port), received("through", gateway.port));
        let size = "SELECT pg_walfile_name($1), (pg_walfile_name_offset($1)).file_offset";
        let end = ask(&server, "shop", &size.replace("$1", &format!("'{end}'::pg_lsn")));
        let (last, used) = (end[0][0].clone().unwrap(), end[0][1].clone().unwrap().parse::<usize>().unwrap());
        for ((name, direct), (other, through)) in direct.iter().zip(&through) {
            assert_eq!(name, other);
            // What lies behind the end is whatever had come by then.
            let known = if *name == last { used } else { direct.len() };
            assert!(direct[..known] == through[..known], "segment {name} of PostgreSQL {version} differs");
        }
        assert!(direct.iter().any(|(name, _)| *name == last), "{last} is missing");
    });
}

/// Replication is neither a read nor anything else that rules could judge.
#[test]
fn replication_is_refused_at_the_login_by_a_read_only_gateway() {
    each_version(|version| {
        let server = replicated(version);
        let gateway = reading_only(&server).start();
        let folder = tempfile::tempdir().expect("a folder");
        for (name, arguments) in [
            ("pg_basebackup", &["-X", "none", "-D", "backup"][..]),
            ("pg_receivewal", &["--no-loop", "-D", "."]),
            ("pg_recvlogical", &["--create-slot", "--slot", "never", "-P", "pgoutput", "-d", "shop"]),
        ] {
            let mut command = program(name, version, gateway.port);
            let ended = run_within(PATIENCE, command.current_dir(folder.path()).args(arguments), "");
            assert!(!ended.success, "{name} passed: {}", ended.output);
            let told = "replication is not for a session that reads only";
            assert!(ended.error.contains(told), "{name}: {}", ended.error);
        }
        assert_eq!(server.ask("SELECT count(*) FROM pg_replication_slots").as_deref(), Some("0"));
    });
}

/// Replication has a grammar of its own, which nobody judges: where a listener enforces any rules it ends at
/// its first command, and the session goes on.
#[test]
fn commands_of_replication_are_refused_by_a_gateway_that_enforces() {
    each_version(|version| {
        let server = replicated(version);
        let gateway = harness::gateway::Plan::before(&server).mode("enforce").start();
        let folder = tempfile::tempdir().expect("a folder");
        for (name, arguments) in [
            ("pg_basebackup", &["-X", "none", "-D", "backup"][..]),
            ("pg_receivewal", &["--no-loop", "-D", "."]),
            ("pg_recvlogical", &["--create-slot", "--slot", "never", "-P", "pgoutput", "-d", "shop"]),
        ] {
            let mut command = program(name, version, gateway.port);
            let ended = run(command.current_dir(folder.path()).args(arguments));
            assert!(!ended.success, "{name} passed: {}", ended.output);
            assert!(ended.error.contains("statement cannot be judged"), "{name}: {}", ended.error);
        }
    });
}
