//! May a login bring settings that undo what the rules demand, and does a session that only reads begin
//! so?

use crate::harness::clients::{python, run};
use crate::harness::each_version;
use crate::harness::gateway::{Gateway, Plan};
use crate::harness::wire::{Frame, VERSION_3_0, Wire, tags};
use crate::rules::{Rules, logging, passes, reading_only, refuses};

fn open(gateway: &Gateway, more: &[(&str, &str)]) -> (Wire, Vec<Frame>) {
    let mut wire = Wire::connect(gateway.port);
    let parameters = [&[("user", "clear"), ("database", "shop")], more].concat();
    let frames = wire.open(VERSION_3_0, &parameters);
    (wire, frames)
}

#[test]
fn a_session_that_only_reads_begins_so_and_stays_so() {
    each_version(|version| {
        let server = logging(version);
        // What is set for the role is weaker than what the login sets.
        server.ask("ALTER ROLE clear SET default_transaction_read_only = off");
        server.ask("ALTER DATABASE shop SET default_transaction_read_only = off");
        server.ask("ALTER ROLE clear IN DATABASE shop SET default_transaction_read_only = off");
        let gateway = reading_only(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        for sql in [
            "SELECT 1",
            "RESET ALL",
            "DISCARD ALL",
            "RESET ALL; SELECT 1",
            "BEGIN; COMMIT",
            "SELECT 1; BEGIN",
        ] {
            wire.query(sql);
            for setting in ["default_transaction_read_only", "transaction_read_only"] {
                assert_eq!(passes(&mut wire, &format!("SHOW {setting}")).as_deref(), Some("on"), "{sql}");
            }
        }
        wire.query("ROLLBACK");
        for sql in [
            "INSERT INTO scratch (id) VALUES (1)",
            "SET default_transaction_read_only = off",
            "RESET default_transaction_read_only; SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
            "BEGIN READ WRITE",
            "START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ WRITE",
            "BEGIN; SET TRANSACTION READ WRITE",
            "SELECT set_config('default_transaction_read_only', 'o' || 'ff', false)",
            "SELECT nextval('pg_catalog.x')",
            "ALTER ROLE clear SET default_transaction_read_only = off",
        ] {
            let frames = wire.query(sql);
            assert_eq!(crate::harness::wire::first_error(&frames).as_deref(), Some("25006"), "{sql}");
            wire.query("ROLLBACK");
        }
        assert_eq!(server.ask("SELECT count(*) FROM scratch").as_deref(), Some("0"));
    });
}

#[test]
fn a_login_that_undoes_it_is_refused_and_others_are_not() {
    each_version(|version| {
        let server = logging(version);
        let gateway = reading_only(Plan::before(&server)).start();
        for refused in [
            ("default_transaction_read_only", "off"),
            ("Default_Transaction_Read_Only", "FALSE"),
            ("transaction_read_only", "0"),
            ("options", "-c default_transaction_read_only=off"),
            ("options", "-cdefault_transaction_read_only=no"),
            ("options", "--default-transaction-read-only=f"),
            ("options", "-c statement_timeout=5s -c default_transaction_read_only=off"),
            ("options", "-c session_replication_role=replica"),
            ("options", "-c role=app"),
            ("role", "app"),
            ("session_authorization", "app"),
            ("search_path", "public, pg_catalog"),
        ] {
            let (_, frames) = open(&gateway, &[refused]);
            assert_eq!(tags(&frames[frames.len() - 1..]), "E", "{refused:?}: {frames:?}");
            let fields = frames.last().unwrap().fields();
            assert_eq!(fields[&'S'], "FATAL", "{fields:?}");
            // What cannot be read at all is no better.
            assert!(["25006", "42601"].contains(&fields[&'C'].as_str()), "{refused:?}: {fields:?}");
        }
        for passing in [
            ("application_name", "it's; DROP TABLE x; --"),
            ("search_path", "\"$user\", public"),
            ("search_path", ""),
            ("statement_timeout", "5000"),
            ("extra_float_digits", "3"),
            ("DateStyle", "ISO, MDY"),
            ("geqo", "off"),
            ("TimeZone", "Europe/Berlin"),
            ("timezone", "UTC"),
            ("client_encoding", "UTF8"),
            ("client_encoding", "'utf-8'"),
            ("IntervalStyle", "iso_8601"),
            ("options", "-c geqo=off -c statement_timeout=5min"),
            ("options", "-c search_path=public --extra-float-digits=2"),
            ("options", "-c default_transaction_read_only=on"),
            ("options", "-c default_transaction_isolation=serializable"),
            ("default_transaction_read_only", "true"),
            ("replication", "false"),
            ("jit", "off"),
            ("my.own", "x"),
        ] {
            let (mut wire, frames) = open(&gateway, &[passing]);
            assert_eq!(
                frames.last().unwrap().tag,
                b'Z',
                "{passing:?}: {:?}",
                frames.last().unwrap().fields()
            );
            assert_eq!(passes(&mut wire, "SHOW transaction_read_only").as_deref(), Some("on"), "{passing:?}");
            refuses(&mut wire, "DELETE FROM scratch", "25006");
        }
        for replication in ["true", "database", "1"] {
            let (_, frames) = open(&gateway, &[("replication", replication)]);
            assert_eq!(frames.last().unwrap().fields()[&'C'], "25006", "{replication}");
        }
        // A failed login is in the ledger.
        gateway.recorded("the refused logins", |records| {
            let failed = records.iter().filter(|one| one.event() == "login.failed").count();
            (failed == 15).then_some(())
        });
    });
}

#[test]
fn where_no_rule_says_so_logins_bring_what_they_like() {
    let rules = Rules::of("");
    each_version(|version| {
        let server = logging(version);
        for gateway in [
            rules.enforced(Plan::before(&server)).start(),
            Plan::before(&server).listener("policies = [\"read-only\"]").start(),
        ] {
            for more in [
                [("options", "-c default_transaction_read_only=off")],
                [("options", "-c session_replication_role=replica")],
                [("search_path", "pg_catalog, public")],
            ] {
                let (_, frames) = open(&gateway, &more);
                assert_eq!(frames.last().unwrap().tag, b'Z', "{more:?}");
            }
            let (mut wire, _) = open(&gateway, &[]);
            let frames = wire.query("SHOW transaction_read_only");
            assert!(
                !frames.iter().any(|frame| frame.tag == b'D' && frame.columns()[0].as_deref() == Some("on"))
            );
        }
    });
}

#[test]
fn where_no_rule_speaks_and_the_default_refuses_logins_bring_what_is_harmless() {
    each_version(|version| {
        let server = logging(version);
        let gateway = Plan::before(&server).mode("enforce").listener("default = \"refuse\"").start();
        for refused in [
            ("role", "app"),
            ("session_authorization", "app"),
            ("options", "-c role=app"),
            ("options", "-c session_replication_role=replica"),
            ("options", "-c allow_system_table_mods=on"),
            ("options", "--allow-system-table-mods=on"),
            ("options", "-c log_statement=none"),
            ("options", "-c plperl.on_init=x"),
            ("options", "-c default_transaction_read_only=off"),
            ("search_path", "public, pg_catalog"),
            ("replication", "database"),
            ("replication", "true"),
        ] {
            let (_, frames) = open(&gateway, &[refused]);
            assert_eq!(tags(&frames[frames.len() - 1..]), "E", "{refused:?}: {frames:?}");
            assert_eq!(frames.last().unwrap().fields()[&'C'], "42501", "{refused:?}");
        }
        for passing in [
            ("application_name", "report"),
            ("search_path", "pg_catalog, public"),
            ("client_encoding", "UTF8"),
            ("options", "-c statement_timeout=5s -c geqo=off"),
            ("options", "-c default_transaction_read_only=on"),
            ("replication", "false"),
        ] {
            let (_, frames) = open(&gateway, &[passing]);
            assert_eq!(frames.last().unwrap().tag, b'Z', "{passing:?}");
        }
    });
}

#[test]
fn target_session_attrs_finds_a_listener_that_reads_only() {
    each_version(|version| {
        let server = logging(version);
        let gateway = reading_only(Plan::before(&server)).start();
        for (attributes, connects) in
            [("any", true), ("read-only", true), ("prefer-standby", true), ("read-write", false)]
        {
            let mut client = python("connect.py", gateway.port, "app");
            let ended = run(client.env("PGTARGETSESSIONATTRS", attributes));
            assert_eq!(ended.success, connects, "{attributes}: {}", ended.error);
            if !connects {
                assert!(ended.error.contains("session is read-only"), "{}", ended.error);
            }
        }
    });
}

#[test]
fn a_database_without_a_name_is_judged_as_the_one_it_is() {
    let rules = Rules::of(
        "[[rule]]\nname = \"shut\"\nwhen = { database = [\"clear\"], class = [\"write\"] }\ndecision = \"refuse\"\n",
    );
    each_version(|version| {
        let server = logging(version);
        server.ask("CREATE DATABASE clear");
        let plan = rules.enforced(Plan::before(&server)).listener("default = \"allow\"");
        let gateway = plan.start();
        for parameters in [&[("user", "clear")][..], &[("user", "clear"), ("database", "")]] {
            let mut wire = Wire::connect(gateway.port);
            let frames = wire.open(VERSION_3_0, parameters);
            assert_eq!(frames.last().map(|frame| frame.tag), Some(b'Z'), "{frames:?}");
            assert_eq!(passes(&mut wire, "SELECT current_database()").as_deref(), Some("clear"));
            passes(&mut wire, "CREATE TABLE IF NOT EXISTS kept (id int)");
            refuses(&mut wire, "INSERT INTO kept VALUES (1)", "42501");
        }
    });
}
