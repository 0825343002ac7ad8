//! Does a gateway that verifies logins let in whom the server would, keep the others from it, and say why?
//!
//! Which methods and which TLS it does that over is `verification`'s question.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::clients::{Ended, psql, run};
use harness::gateway::{Gateway, Plan};
use harness::ledger::files_that_tell;
use harness::script::assert_same_text;
use harness::server::{PASSWORD, Server, rows};
use harness::wire::{Frame, VERSION_3_0, Wire, first_error, startup};
use harness::{each_version, eventually};
use std::time::{Duration, Instant};

const WRONG: &str = "battery-staple-2684";
const NEW: &str = "zebra-crossing-5520";

/// What the probe has to be granted, in the database it looks up verifiers in.
const GRANT: &str = "GRANT SELECT (rolname, rolpassword, rolcanlogin, rolvaliduntil) ON pg_catalog.pg_authid TO dragoman_probe";

fn revoke() -> String {
    GRANT.replacen("GRANT", "REVOKE", 1).replace(" TO ", " FROM ")
}

/// What a server and the gateway say of a wrong password; libpq does not show its SQLSTATE.
const REFUSED: &str = "password authentication failed for user";

/// A server with roles of every kind, and a folder for what gateways read.
struct Stage {
    server: Server,
    folder: tempfile::TempDir,
}

impl Stage {
    fn new(version: &str) -> Stage {
        Stage::with(version, &[("log_connections", "on")])
    }

    fn with(version: &str, settings: &[(&str, &str)]) -> Stage {
        let server = Server::start_with(version, settings);
        let stage = Stage { server, folder: tempfile::tempdir().unwrap() };
        std::fs::write(stage.folder.path().join("probe.secret"), PASSWORD).unwrap();
        let until = |role: &str, until: &str| {
            format!("CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}' VALID UNTIL '{until}'")
        };
        stage.run(&[
            &format!("CREATE ROLE dragoman_probe LOGIN PASSWORD '{PASSWORD}'"),
            &until("over", "2001-01-01"),
            &until("not_over", "2999-01-01"),
            &format!("CREATE ROLE group_only NOLOGIN PASSWORD '{PASSWORD}'"),
            "CREATE ROLE without LOGIN",
        ]);
        stage.run_in("postgres", &[GRANT]);
        stage
    }

    fn run(&self, statements: &[&str]) {
        self.run_in("shop", statements);
    }

    fn run_in(&self, database: &str, statements: &[&str]) {
        let mut wire = Wire::login_to(self.server.port, "trusted", database);
        for statement in statements {
            rows(&mut wire, statement);
        }
    }

    /// A gateway that looks up verifiers at the server, with more lines of its `[listener.authentication]`.
    fn plan(&self, more: &str) -> Plan {
        let probe = format!(
            "user = \"dragoman_probe\"\npassword = {{ file = \"{}\" }}",
            self.folder.path().join("probe.secret").display()
        );
        Plan::before(&self.server)
            .table("listener.authentication", &format!("mode = \"verify\"\n{more}"))
            .table("listener.probe", &probe)
    }

    /// A gateway that has them from a file of these lines.
    fn plan_of_file(&self, lines: &str) -> Plan {
        let file = self.users(lines);
        let verifiers = format!("mode = \"verify\"\nverifiers = \"{}\"", file.display());
        Plan::before(&self.server).table("listener.authentication", &verifiers)
    }

    fn users(&self, lines: &str) -> std::path::PathBuf {
        let (file, beside) = (self.folder.path().join("users.txt"), self.folder.path().join("users.new"));
        std::fs::write(&beside, lines).unwrap();
        std::fs::rename(&beside, &file).unwrap();
        file
    }

    /// What the server has of a role's password.
    fn stored(&self, role: &str) -> String {
        self.server.ask(&format!("SELECT rolpassword FROM pg_authid WHERE rolname = '{role}'")).unwrap()
    }

    /// How often the server has let in anybody else than the probe, or refused anybody.
    fn logins(&self) -> usize {
        let log = self.server.log();
        let others = |line: &&str| !line.contains("user=dragoman_probe") && !line.contains("user=trusted");
        log.lines().filter(|line| line.contains("connection authorized:")).filter(others).count()
            + log.matches("FATAL:").count()
    }
}

fn log_in(port: u16, user: &str, password: &str) -> Ended {
    run(psql(port, user).env("PGPASSWORD", password).args(["-A", "-t", "-c", "SELECT current_user, 6 * 7"]))
}

/// psql names the port it could not log in at; two runs have different ones.
fn without_port(ended: &Ended, port: u16) -> String {
    ended.error.replace(&port.to_string(), "the port")
}

/// Waits until the probe has begun its session, so that what connects afterwards is somebody else.
fn settled(gateway: &Gateway) {
    assert!(log_in(gateway.port, "app", PASSWORD).success, "{}", gateway.log());
}

#[test]
fn who_has_the_password_is_let_in_as_by_the_server_itself() {
    each_version(|version| {
        let stage = Stage::new(version);
        let gateway = stage.plan("").start();
        for user in ["app", "hashed", "not_over"] {
            assert_eq!(log_in(gateway.port, user, PASSWORD).printed(), format!("{user}|42\n"));
        }
        let shown = |port| {
            let mut client = psql(port, "app");
            client.env("PGOPTIONS", "-c work_mem=7MB -c statement_timeout=70s").env("PGAPPNAME", "till");
            let asked = "SHOW work_mem; SHOW statement_timeout; SHOW application_name";
            run(client.args(["-A", "-t", "-c", asked])).printed().to_owned()
        };
        assert_eq!(shown(gateway.port), shown(stage.server.port), "the startup packet passes as it came");
        // What the server says behind the login comes through whole: a cancel finds its session.
        let mut client = psql(gateway.port, "app");
        let slow =
            run(client.env("PGOPTIONS", "-c statement_timeout=50ms").args(["-c", "SELECT pg_sleep(9)"]));
        assert!(slow.error.contains("57014"), "{slow:?}");
    });
}

#[test]
fn who_has_not_is_told_what_the_server_says_and_the_server_hears_nothing() {
    each_version(|version| {
        let stage = Stage::new(version);
        let gateway = stage.plan("").start();
        settled(&gateway);
        let cases = [
            ("app", WRONG),
            ("hashed", WRONG),
            ("nobody_at_all", WRONG),
            ("over", PASSWORD),
            ("over", WRONG),
            ("without", ""),
            ("without", WRONG),
            ("group_only", WRONG),
        ];
        let before = stage.logins();
        let failed = |user: &str, password: &str| {
            let through = log_in(gateway.port, user, password);
            assert!(!through.success, "{user}");
            without_port(&through, gateway.port)
        };
        let through: Vec<_> = cases.iter().map(|(user, password)| failed(user, password)).collect();
        assert_eq!(stage.logins(), before, "guesses end at the gateway:\n{}", stage.server.log());
        for ((user, password), through) in cases.iter().zip(through) {
            let direct = log_in(stage.server.port, user, password);
            assert_same_text(user, &without_port(&direct, stage.server.port), &through);
        }
        // Roles that may not log in are not told apart from those that are not there, even by the right password.
        assert!(
            failed("group_only", PASSWORD).contains("password authentication failed for user \"group_only\"")
        );
        // libpq itself sends nothing where it is asked for a password and has none.
        let count = cases.iter().filter(|(_, password)| !password.is_empty()).count() + 1;
        gateway.recorded("each failure", |records| {
            let of = records.iter().filter(|record| record.event() == "login.failed");
            let of = of.filter(|record| record.text_of("message_class") == "password");
            let of: Vec<_> = of.collect();
            assert!(of.iter().all(|record| record.text_of("sqlstate") == "28P01"));
            (of.len() == count).then_some(())
        });
        let wrong = gateway.metric_where("dragoman_logins_failed_total", "reason=\"password\"");
        assert_eq!(wrong, Some(f64::from(u32::try_from(count).unwrap())));
        assert!(log_in(gateway.port, "app", PASSWORD).success);
    });
}

#[test]
fn no_file_of_the_gateway_tells_a_password_or_what_is_stored_of_one() {
    each_version(|version| {
        let stage = Stage::new(version);
        let (app, hashed) = (stage.stored("app"), stage.stored("hashed"));
        let gateway = stage.plan("").start();
        for user in ["app", "hashed"] {
            assert!(log_in(gateway.port, user, PASSWORD).success);
            assert!(!log_in(gateway.port, user, WRONG).success);
        }
        let salt = app.split(['$', ':']).nth(2).unwrap();
        let telling = files_that_tell(gateway.folder(), &[PASSWORD, WRONG, &app, &hashed, salt]);
        assert!(telling.is_empty(), "{telling:?}");
    });
}

#[test]
fn the_upstream_has_the_last_word_in_its_own_words() {
    each_version(|version| {
        let stage = Stage::new(version);
        let gateway = stage.plan("").start();
        let to = |port, database: &str, user: &str| {
            let ended = run(psql(port, user).env("PGDATABASE", database).args(["-c", "SELECT 1"]));
            assert!(!ended.success);
            without_port(&ended, port)
        };
        stage.run(&[
            "ALTER ROLE not_over CONNECTION LIMIT 0",
            "REVOKE CONNECT ON DATABASE template1 FROM PUBLIC",
        ]);
        for (database, user) in [("nowhere", "app"), ("shop", "not_over"), ("template1", "hashed")] {
            let direct = to(stage.server.port, database, user);
            assert_same_text(user, &direct, &to(gateway.port, database, user));
        }
        // Within the ten seconds for which the gateway still takes the password for good.
        stage.run(&["ALTER ROLE app VALID UNTIL '2001-01-01'"]);
        assert_same_text("app", &to(stage.server.port, "shop", "app"), &to(gateway.port, "shop", "app"));
        gateway.recorded("what the server refused", |records| {
            let failed = records.iter().filter(|record| record.event() == "login.failed");
            let by: Vec<_> = failed.map(|record| record.text_of("sqlstate")).collect();
            (by == ["3D000", "53300", "42501", "28P01"]).then_some(())
        });
        assert_eq!(gateway.metric_where("dragoman_logins_failed_total", "reason=\"upstream\""), Some(4.0));
    });
}

#[test]
fn a_server_that_asks_for_the_password_itself_cannot_be_served_and_the_error_says_what_can() {
    each_version(|version| {
        let stage = Stage::new(version);
        let gateway = stage.plan("").start();
        let ended = log_in(gateway.port, "clear", PASSWORD);
        for said in ["asks for the password itself", "scram-sha-256", "authentication.mode"] {
            assert!(ended.error.contains(said), "{said}: {ended:?}");
        }
        // It is the proof that comes first: by a wrong one nobody learns how the server asks.
        assert!(log_in(gateway.port, "clear", WRONG).error.contains(REFUSED));
    });
}

#[test]
fn where_the_server_trusts_the_gateway_a_client_proves_itself_all_the_same() {
    each_version(|version| {
        let stage = Stage::new(version);
        let gateway = stage.plan("").start();
        let (_, frame) = asked(gateway.port, "trusted");
        assert_eq!(&frame.body[..4], SASL, "asked, not let in");
        assert!(
            !log_in(gateway.port, "trusted", "").success && !log_in(gateway.port, "trusted", WRONG).success
        );
        stage.run(&[&format!("ALTER ROLE trusted PASSWORD '{PASSWORD}'")]);
        eventually("the new password is known", || {
            log_in(gateway.port, "trusted", PASSWORD).success.then_some(())
        });
        assert!(log_in(gateway.port, "trusted", WRONG).error.contains(REFUSED));
        assert!(log_in(stage.server.port, "trusted", WRONG).success, "the server itself would not mind");
    });
}

#[test]
fn a_password_that_is_changed_counts_for_the_next_login_but_one() {
    each_version(|version| {
        let stage = Stage::new(version);
        let gateway = stage.plan("").start();
        settled(&gateway);
        stage.run(&[&format!("ALTER ROLE app PASSWORD '{NEW}'")]);
        // The old one fits what the gateway knows, and the server takes it no longer.
        assert!(log_in(gateway.port, "app", PASSWORD).error.contains(REFUSED));
        eventually("the new one is known", || log_in(gateway.port, "app", NEW).success.then_some(()));
        let old = log_in(gateway.port, "app", PASSWORD);
        assert!(old.error.contains("password authentication failed for user \"app\""), "{old:?}");
        // The other way round: who comes first with the new one is refused once, and not for ten seconds.
        stage.run(&[&format!("ALTER ROLE app PASSWORD '{PASSWORD}'")]);
        let bound = Duration::from_secs(5);
        harness::eventually_within(bound, "it is known again", || {
            log_in(gateway.port, "app", PASSWORD).success.then_some(())
        });
    });
}

#[test]
fn a_probe_that_may_not_read_lets_nobody_in_and_says_which_grant_it_lacks() {
    each_version(|version| {
        let stage = Stage::new(version);
        stage.run_in("postgres", &[&revoke()]);
        let gateway = stage.plan("").start();
        eventually("it is said before anybody logs in", || {
            let (code, told) = gateway.ready();
            assert_eq!(code, 200, "{told}");
            told.contains("logins cannot be verified").then_some(())
        });
        for password in [PASSWORD, WRONG] {
            let ended = log_in(gateway.port, "app", password);
            assert!(ended.error.contains("cannot look up"), "{ended:?}");
        }
        let log = gateway.log();
        assert!(log.contains("GRANT SELECT (rolname, rolpassword, rolcanlogin, rolvaliduntil)"), "{log}");
        assert_eq!(log.matches("logins cannot be verified").count(), 1, "once, not for each login: {log}");
        let lookups = gateway.metric_where("dragoman_logins_failed_total", "reason=\"lookup\"");
        assert_eq!(lookups, Some(2.0));
        stage.run_in("postgres", &[GRANT]);
        eventually("it can again", || log_in(gateway.port, "app", PASSWORD).success.then_some(()));
        assert!(!gateway.ready().1.contains("logins cannot be verified"), "{}", gateway.ready().1);
    });
}

#[test]
fn a_function_can_answer_in_place_of_the_table_and_leave_roles_out() {
    each_version(|version| {
        let stage = Stage::new(version);
        let make = "CREATE SCHEMA gateway; CREATE FUNCTION gateway.verifier(role text) RETURNS TABLE (who name, stored text) \
                    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$ SELECT rolname, rolpassword \
                    FROM pg_authid WHERE rolname = role AND rolcanlogin AND NOT rolsuper $$; \
                    REVOKE ALL ON FUNCTION gateway.verifier(text) FROM PUBLIC";
        stage.run_in("postgres", &[&revoke()]);
        stage.run(&[make]);
        let gateway = stage.plan("lookup = \"gateway.verifier\"\nlookup_database = \"shop\"").start();
        let refused = log_in(gateway.port, "hashed", PASSWORD);
        assert!(refused.error.contains("cannot look up"), "{refused:?}");
        eventually("the grant is named", || {
            gateway.log().contains("GRANT EXECUTE ON FUNCTION").then_some(())
        });
        stage.run(&[
            "GRANT USAGE ON SCHEMA gateway TO dragoman_probe",
            "GRANT EXECUTE ON FUNCTION gateway.verifier(text) TO dragoman_probe",
        ]);
        eventually("it answers", || log_in(gateway.port, "hashed", PASSWORD).success.then_some(()));
        assert!(log_in(gateway.port, "hashed", WRONG).error.contains(REFUSED));
        assert!(log_in(gateway.port, "app", PASSWORD).error.contains(REFUSED), "superusers are left out");
    });
}

#[test]
fn many_logins_of_one_role_are_one_question_and_so_are_many_guesses() {
    each_version(|version| {
        let stage = Stage::with(version, &[("log_statement", "all")]);
        let gateway = stage.plan("").table("listener.limits", "login_failures = 0").start();
        let asked = || stage.server.log().matches("rolpassword END FROM pg_catalog.pg_authid").count();
        // The first question is the gateway's own, at its start.
        eventually("the gateway has tried it out", || (asked() == 1).then_some(()));
        let all_at_once = |password: &'static str, succeeds: bool| {
            std::thread::scope(|scope| {
                for _ in 0..16 {
                    scope.spawn(|| assert_eq!(log_in(gateway.port, "app", password).success, succeeds));
                }
            });
        };
        let begun = Instant::now();
        all_at_once(PASSWORD, true);
        let often = |longest: f64, every: f64| 1 + (longest / every) as usize;
        let for_logins = asked() - 1;
        assert!(for_logins <= often(begun.elapsed().as_secs_f64(), 10.0), "{for_logins}");
        let begun = Instant::now();
        all_at_once(WRONG, false);
        let for_guesses = asked() - 1 - for_logins;
        assert!(for_guesses <= often(begun.elapsed().as_secs_f64(), 1.0), "{for_guesses}");
    });
}

#[test]
fn nothing_that_a_client_sends_has_a_say_in_what_is_looked_up() {
    each_version(|version| {
        let stage = Stage::new(version);
        // Whatever an unqualified name could be taken for, with a password of the attacker's choice.
        let mine = stage.stored("app");
        stage.run(&[
            "CREATE SCHEMA evil",
            "GRANT ALL ON SCHEMA evil TO PUBLIC",
            &format!("CREATE TABLE evil.pg_authid AS SELECT rolname, '{mine}'::text AS rolpassword, true AS rolcanlogin, NULL::timestamptz AS rolvaliduntil FROM pg_authid"),
            "GRANT SELECT ON evil.pg_authid TO PUBLIC",
            "CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz'",
            &format!("ALTER ROLE not_over PASSWORD '{NEW}'"),
            "CREATE ROLE \"x'; DROP TABLE orders; --\" LOGIN PASSWORD 'correct-horse-7391'",
            GRANT,
        ]);
        let gateway = stage.plan("lookup_database = \"shop\"").start();
        let mut client = psql(gateway.port, "not_over");
        client.env("PGOPTIONS", "-c search_path=evil,pg_catalog");
        let ended = run(client.args(["-c", "SELECT 1"]));
        assert!(ended.error.contains(REFUSED), "{ended:?}");
        assert!(log_in(gateway.port, "not_over", NEW).success);
        // A name is a value, however it reads.
        let odd = log_in(gateway.port, "x'; DROP TABLE orders; --", PASSWORD);
        assert_eq!(odd.printed(), "x'; DROP TABLE orders; --|42\n");
        for odd in ["app' OR true --", "\"app\"", "app\\", "APP", "app ", "a\u{301}pp"] {
            assert!(log_in(gateway.port, odd, PASSWORD).error.contains(REFUSED), "{odd}");
        }
        // No name that is no text is asked for, and the connection survives it.
        let bytes = startup(VERSION_3_0, &[("user", "app?"), ("database", "shop")]);
        let bytes: Vec<u8> = bytes.into_iter().map(|byte| if byte == b'?' { 0xff } else { byte }).collect();
        let mut wire = Wire::connect(gateway.port);
        wire.send(&bytes);
        assert_eq!(&wire.frame().unwrap().body[..4], SASL);
        assert!(stage.server.ask("SELECT count(*) FROM orders").is_some());
    });
}

#[test]
fn a_file_of_verifiers_needs_no_probe_and_is_read_again_when_it_changes() {
    each_version(|version| {
        let stage = Stage::new(version);
        let line = |role: &str| format!("\"{role}\" \"{}\"\n", stage.stored(role));
        let gateway = stage.plan_of_file(&format!("; users\n{}", line("app"))).start();
        assert!(log_in(gateway.port, "app", PASSWORD).success);
        assert!(log_in(gateway.port, "app", WRONG).error.contains(REFUSED));
        assert!(log_in(gateway.port, "hashed", PASSWORD).error.contains(REFUSED), "not in the file");
        stage.users(&format!("{}hashed:{}\n", line("app"), stage.stored("hashed")));
        eventually("the new line counts", || log_in(gateway.port, "hashed", PASSWORD).success.then_some(()));
        // A mistake leaves everything as it was.
        stage.users("\"app\" \"open sesame\"\n");
        eventually("the mistake is told", || gateway.log().contains("line 1 of the file").then_some(()));
        assert!(!gateway.log().contains("open sesame"));
        assert!(log_in(gateway.port, "hashed", PASSWORD).success);
        // The server's own word is the last, and the log says that the file is behind.
        stage.run(&[&format!("ALTER ROLE app PASSWORD '{NEW}'")]);
        for password in [PASSWORD, NEW, PASSWORD] {
            assert!(log_in(gateway.port, "app", password).error.contains(REFUSED));
        }
        assert_eq!(gateway.log().matches("the upstream does not take the password that the file").count(), 1);
        stage.users(&line("app"));
        eventually("the line of the new one", || log_in(gateway.port, "app", NEW).success.then_some(()));
    });
}

#[test]
fn read_only_sessions_and_replication_begin_as_ever() {
    each_version(|version| {
        let stage = Stage::new(version);
        let gateway = stage.plan("").mode("enforce").listener("policies = [\"read-only\"]").start();
        let ended = run(psql(gateway.port, "app").args(["-A", "-t", "-c", "SHOW transaction_read_only"]));
        assert_eq!(ended.printed(), "on\n");
        let refused = run(psql(gateway.port, "app").args(["-c", "DELETE FROM orders"]));
        assert!(refused.error.contains("25006"), "{refused:?}");
        // A wrong password is told before any rule.
        let mut client = psql(gateway.port, "app");
        client.env("PGPASSWORD", WRONG).env("PGOPTIONS", "-c default_transaction_read_only=off");
        assert!(run(client.args(["-c", "SELECT 1"])).error.contains(REFUSED));
        let mut client = psql(gateway.port, "app");
        client.env("PGOPTIONS", "-c default_transaction_read_only=off");
        assert!(run(client.args(["-c", "SELECT 1"])).error.contains("reads only"));
        let open = stage.plan("").start();
        let walk = |port| {
            let to = format!("host=127.0.0.1 port={port} user=app dbname=shop replication=database");
            run(psql(port, "app").args(["-A", "-t", "-d", &to, "-c", "IDENTIFY_SYSTEM"]))
        };
        let name = |ended: Ended| ended.printed().split('|').next().unwrap().to_owned();
        assert_eq!(name(walk(open.port)), name(walk(stage.server.port)));
    });
}

#[test]
fn who_guesses_too_often_is_not_answered_any_more() {
    each_version(|version| {
        let stage = Stage::new(version);
        let gateway = stage.plan("").table("listener.limits", "login_failures = 3").start();
        settled(&gateway);
        for _ in 0..3 {
            assert!(log_in(gateway.port, "app", WRONG).error.contains(REFUSED));
        }
        for password in [WRONG, PASSWORD] {
            let ended = log_in(gateway.port, "app", password);
            assert!(ended.error.contains("too many failed logins"), "{ended:?}");
        }
        // What the server refuses after a right password is no guess.
        let other = stage.plan("").table("listener.limits", "login_failures = 3").start();
        for _ in 0..5 {
            let ended = run(psql(other.port, "app").env("PGDATABASE", "nowhere").args(["-c", "SELECT 1"]));
            assert!(ended.error.contains("does not exist"), "{ended:?}");
        }
    });
}

#[test]
fn an_upstream_that_is_away_is_said_to_be_away_and_nobody_waits_for_ever() {
    each_version(|version| {
        let mut stage = Stage::new(version);
        let gateway = stage.plan("").start();
        settled(&gateway);
        // It commits without waiting for its log, and is killed: its roles are to be there afterwards.
        assert_eq!(stage.server.ask("CHECKPOINT"), None, "it has no rows");
        stage.server.kill();
        // What is known still holds: the right password is tried upstream.
        assert!(log_in(gateway.port, "app", PASSWORD).error.contains("no server behind listener"));
        assert!(log_in(gateway.port, "app", WRONG).error.contains(REFUSED));
        // Of whom nothing is known nothing can be said.
        assert!(log_in(gateway.port, "hashed", PASSWORD).error.contains("cannot look up"));
        stage.server.restart();
        eventually("everybody is back", || log_in(gateway.port, "hashed", PASSWORD).success.then_some(()));
        assert!(log_in(gateway.port, "app", PASSWORD).success);
    });
}

#[test]
fn who_only_says_a_name_takes_none_of_the_places_of_whose_it_is() {
    each_version(|version| {
        let stage = Stage::new(version);
        let gateway = stage.plan("").table("listener.limits", "connections_per_user = 1").start();
        let _pretenders: Vec<_> = (0..3).map(|_| asked(gateway.port, "app")).collect();
        let mut held = psql(gateway.port, "app");
        let mut held = held.args(["-c", "SELECT pg_sleep(60)"]).spawn().unwrap();
        let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app' AND query LIKE '%sleep%'";
        eventually("the one that proves it gets the place", || {
            (stage.server.ask(sleeping).as_deref() == Some("1")).then_some(())
        });
        let second = log_in(gateway.port, "app", PASSWORD);
        assert!(second.error.contains("too many connections for this user"), "{second:?}");
        held.kill().unwrap();
        held.wait().unwrap();
    });
}

/// AuthenticationSASL.
const SASL: &[u8] = &[0, 0, 0, 10];

/// Begins to log in by hand; what the gateway asks.
fn asked(port: u16, user: &str) -> (Wire, Frame) {
    let mut wire = Wire::connect(port);
    wire.send(&startup(VERSION_3_0, &[("user", user), ("database", "shop")]));
    let frame = wire.frame().expect("a question");
    assert_eq!(frame.tag, b'R', "{:?}", frame.fields());
    (wire, frame)
}

#[test]
fn an_answer_that_is_none_ends_the_login_before_the_server_hears_of_it() {
    each_version(|version| {
        let stage = Stage::new(version);
        let gateway = stage.plan("").start();
        settled(&gateway);
        let before = stage.logins();
        let answer = |body: &[u8]| {
            let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
            [b"p".as_slice(), &length, body].concat()
        };
        let choice = |mechanism: &[u8], first: &[u8]| {
            let length = u32::try_from(first.len()).unwrap().to_be_bytes();
            answer(&[mechanism, b"\0", &length, first].concat())
        };
        let plain = b"SCRAM-SHA-256";
        let cases = [
            (choice(b"SCRAM-SHA-256-PLUS", b"p=tls-server-end-point,,n=,r=abcdefgh"), "08P01"),
            (choice(b"SCRAM-SHA-1", b"n,,n=,r=abcdefgh"), "08P01"),
            (choice(plain, b"n,,m=1,n=,r=abcdefgh"), "08P01"),
            (choice(plain, b"nonsense"), "08P01"),
            (choice(plain, &[b"n,,n=,r=".as_slice(), &[b'a'; 4_000]].concat()), "08P01"),
            (b"Q\0\0\0\x0dSELECT 1\0".to_vec(), "08P01"),
            (b"p\xff\xff\xff\xff".to_vec(), "08P01"),
        ];
        for (bytes, sqlstate) in cases {
            let (mut wire, _) = asked(gateway.port, "app");
            wire.send(&bytes);
            assert_eq!(first_error(&wire.rest()).as_deref(), Some(sqlstate), "{bytes:?}");
        }
        assert_eq!(stage.logins(), before);
    });
}
