//! What comes of a login that the gateway verifies itself: over every pair of connections, with every kind of channel
//! binding and of password, and for everybody who must not get in?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;
#[path = "verification/raw.rs"]
mod raw;
#[path = "verification/stage.rs"]
mod stage;

use harness::clients::{Ended, node, psql, python, run};
use harness::compared::Part;
use harness::compiled::{go, java};
use harness::gateway::Gateway;
use harness::ledger::files_that_tell;
use harness::script::assert_same_text;
use harness::server::{PASSWORD, rows};
use harness::wire::{Frame, VERSION_3_0, VERSION_3_2, Wire, message, query, startup, tags};
use harness::{each_version, eventually};
use raw::{Between, Raw, initial, verifier};
use stage::Stage;
use std::path::Path;
use std::process::Command;

const WRONG: &str = "battery-staple-2684";
const WHO: &str = "SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

/// How a role proves itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Md5,
    Scram,
    Cert,
}

/// What libpq is told of channel binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Binding {
    Disable,
    Prefer,
    Require,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    In,
    /// Not, and these words say so.
    Out(&'static str),
}

/// What must come of a login with TLS to the gateway or not (`client`), from there to the server or not (`upstream`), and
/// why.
fn expected(method: Method, client: bool, upstream: bool, binding: Binding) -> (Outcome, &'static str) {
    use Binding::{Disable, Prefer, Require};
    use Outcome::{In, Out};
    match (method, client, upstream, binding) {
        (Method::Scram | Method::Cert, false, _, Require) => (
            Out("channel binding required, but SSL not in use"),
            "libpq has nothing to bind to, and says so before it proves anything",
        ),
        (Method::Scram, _, _, Disable) => (In, "a proof that is bound to nothing holds on every hop"),
        (Method::Scram, false, _, Prefer) => (In, "without TLS nothing is offered to bind to"),
        (Method::Scram, true, _, Prefer | Require) => {
            (In, "the proof is bound to the listener's certificate, and the gateway's own to the server's")
        }
        (Method::Md5, _, _, Disable | Prefer) => (In, "MD5 is bound to nothing and passes on every hop"),
        (Method::Md5, _, _, Require) => (
            Out("channel binding required but not supported by server's authentication request"),
            "libpq does not answer to MD5 then, with the server as little as here",
        ),
        (Method::Cert, false, _, Disable | Prefer) => (
            Out("password authentication failed for user \"badge\""),
            "without TLS no certificate is shown, and the role has no password",
        ),
        (Method::Cert, true, true, Disable | Prefer) => (
            In,
            "the client's certificate names the role, and the gateway's own is mapped to it at the server",
        ),
        (Method::Cert, true, true, Require) => (
            Out("channel binding required, but server authenticated client without channel binding"),
            "nobody asked libpq for a proof that it could have bound",
        ),
        (Method::Cert, true, false, _) => (
            Out("pg_hba.conf rejects connection"),
            "the gateway can show the server its certificate over TLS only; the server has the last word",
        ),
    }
}

fn client_of(stage: &Stage, method: Method, port: u16) -> Command {
    let user = match method {
        Method::Md5 => "hashed",
        Method::Scram => "app",
        Method::Cert => "badge",
    };
    let mut client = psql(port, user);
    if method == Method::Cert {
        client.env("PGSSLCERT", &stage.badge.certificate).env("PGSSLKEY", &stage.badge.key);
    }
    client.args(["-A", "-t", "-c", WHO]);
    client
}

#[test]
fn every_pair_of_hops_binding_and_method_ends_as_it_must() {
    each_version(|version| {
        let stage = Stage::set(version);
        for upstream in [false, true] {
            let gateway = stage.looking_up(upstream).start();
            for method in [Method::Md5, Method::Scram, Method::Cert] {
                for client in [false, true] {
                    for binding in [Binding::Disable, Binding::Prefer, Binding::Require] {
                        let (outcome, why) = expected(method, client, upstream, binding);
                        let mut command = client_of(&stage, method, gateway.port);
                        command.env("PGSSLMODE", if client { "require" } else { "disable" });
                        command.env("PGCHANNELBINDING", format!("{binding:?}").to_lowercase());
                        let ended = run(&mut command);
                        let row = format!(
                            "{method:?}, TLS to the gateway {client}, to the server {upstream}, {binding:?}: {why}"
                        );
                        check_row(&row, outcome, upstream, &ended);
                    }
                }
            }
        }
    });
}

fn check_row(row: &str, outcome: Outcome, upstream: bool, ended: &Ended) {
    match outcome {
        Outcome::In => {
            let encrypted = if upstream { "|t\n" } else { "|f\n" };
            assert!(ended.success && ended.output.ends_with(encrypted), "{row}\n{ended:?}");
        }
        Outcome::Out(words) => assert!(!ended.success && ended.error.contains(words), "{row}\n{ended:?}"),
    }
}

fn log_in(port: u16, user: &str, password: &str) -> Ended {
    run(psql(port, user).env("PGPASSWORD", password).args(["-A", "-t", "-c", "SELECT current_user, 6 * 7"]))
}

/// psql names the port it could not log in at; the two runs have different ones.
fn without_port(ended: &Ended, port: u16) -> String {
    ended.error.replace(&port.to_string(), "the port")
}

/// A role and a password, what the gateway says, whether the server would say the same, and why.
struct Refused {
    user: &'static str,
    password: &'static str,
    says: &'static str,
    as_the_server: bool,
    why: &'static str,
}

const fn refused(
    user: &'static str,
    password: &'static str,
    says: &'static str,
    why: &'static str,
) -> Refused {
    Refused { user, password, says, as_the_server: true, why }
}

const FAILED: &str = "password authentication failed for user";

/// Who does not get in where verifiers come from the server.
const REFUSED: [Refused; 8] = [
    refused("app", WRONG, FAILED, "the wrong password"),
    refused("hashed", WRONG, FAILED, "the wrong password, by MD5"),
    refused("app", "", "no password supplied", "psql has none and does not ask for it here"),
    refused("nobody_at_all", PASSWORD, FAILED, "a user there is none of is asked as if there were"),
    refused("lapsed", PASSWORD, FAILED, "VALID UNTIL has passed: the password is as good as none"),
    refused("blank", PASSWORD, FAILED, "a role without a password"),
    Refused {
        user: "retired",
        password: PASSWORD,
        says: FAILED,
        as_the_server: false,
        why: "NOLOGIN: the server tells it who knows the password; the gateway gives nobody that certainty",
    },
    Refused {
        user: "trusted",
        password: PASSWORD,
        says: FAILED,
        as_the_server: false,
        why: "the server would let the gateway's address in without a proof: the role has no password to prove",
    },
];

#[test]
fn who_must_not_get_in_hears_what_the_server_says_and_the_server_hears_nothing() {
    each_version(|version| {
        let stage = Stage::set(version);
        let gateway = stage.looking_up(false).start();
        for Refused { user, password, says, as_the_server, why } in &REFUSED {
            let direct = log_in(stage.server.port, user, password);
            let before = stage.refused_by_server(user);
            let through = log_in(gateway.port, user, password);
            assert!(!through.success && through.error.contains(says), "{user}: {why}\n{through:?}");
            assert_eq!(stage.refused_by_server(user), before, "{user}: nobody asks the server ({why})");
            let same = without_port(&direct, stage.server.port) == without_port(&through, gateway.port);
            assert_eq!(same, *as_the_server, "{user}: {why}\n{direct:?}\n{through:?}");
            if *says == FAILED {
                let words = format!("FATAL:  password authentication failed for user \"{user}\"\n");
                assert!(through.error.ends_with(&words), "{user}: {why}\n{through:?}");
            }
        }
        gateway.recorded("the failed logins", |records| {
            let failed = records.iter().filter(|record| record.event() == "login.failed");
            let told = failed.filter(|record| record.text_of("sqlstate") == "28P01").count();
            (told == REFUSED.len() - 1).then_some(())
        });
        assert_eq!(gateway.metric("dragoman_sessions_total"), Some(0.0));
        assert!(log_in(gateway.port, "app", PASSWORD).success, "the right one still gets in");
        assert_nothing_tells(&stage, &gateway);
    });
}

/// Neither passwords nor verifiers stand in anything the gateway writes.
fn assert_nothing_tells(stage: &Stage, gateway: &Gateway) {
    let (scram, md5) = (stage.stored("app"), stage.stored("hashed"));
    let key = scram.rsplit('$').next().expect("keys").to_owned();
    let telling = files_that_tell(gateway.folder(), &[PASSWORD, WRONG, &md5[3..], &key[..43], &key[45..]]);
    assert!(telling.is_empty(), "{telling:?}");
}

#[test]
fn the_upstream_has_the_last_word_on_a_right_proof() {
    each_version(|version| {
        let stage = Stage::set(version);
        let gateway = stage.looking_up(true).start();
        let mut nowhere = psql(gateway.port, "app");
        let ended = run(nowhere.env("PGDATABASE", "nowhere").args(["-c", "SELECT 1"]));
        assert!(ended.error.contains("FATAL:  database \"nowhere\" does not exist"), "{ended:?}");
        // pg_hba.conf asks this role for the password itself, which the gateway never had.
        let ended = log_in(gateway.port, "clear", PASSWORD);
        assert!(ended.error.contains("the server asks for the password itself"), "{ended:?}");
        gateway.recorded("what was said to them", |records| {
            let failed = records.iter().filter(|record| record.event() == "login.failed");
            let mut told: Vec<_> = failed.map(|record| record.text_of("sqlstate")).collect();
            told.sort();
            (told == ["28000", "3D000"]).then_some(())
        });
        rows(&mut Wire::login(stage.server.port, "trusted"), "ALTER DATABASE shop CONNECTION LIMIT 0");
        rows(&mut Wire::login(stage.server.port, "trusted"), "ALTER ROLE app NOSUPERUSER");
        let ended = log_in(gateway.port, "app", PASSWORD);
        assert!(ended.error.contains("too many connections for database \"shop\""), "{ended:?}");
    });
}

#[test]
fn a_changed_password_counts_at_once_and_the_old_one_never_again() {
    each_version(|version| {
        let stage = Stage::set(version);
        let gateway = stage.looking_up(true).start();
        assert!(log_in(gateway.port, "app", PASSWORD).success);
        // The verifier is known now, and has gone out of date.
        rows(&mut Wire::login(stage.server.port, "trusted"), &format!("ALTER ROLE app PASSWORD '{WRONG}'"));
        let ended = log_in(gateway.port, "app", PASSWORD);
        assert!(!ended.success && ended.error.contains(FAILED), "the old password: {ended:?}");
        eventually("the new password gets in", || log_in(gateway.port, "app", WRONG).success.then_some(()));
        let ended = log_in(gateway.port, "app", PASSWORD);
        assert!(!ended.success && ended.error.contains(FAILED), "the old password: {ended:?}");
        // From SCRAM to MD5, and away.
        let mut wire = Wire::login(stage.server.port, "trusted");
        rows(&mut wire, "ALTER ROLE hashed PASSWORD NULL");
        eventually("the role has no password any more", || {
            (!log_in(gateway.port, "hashed", PASSWORD).success).then_some(())
        });
        rows(&mut wire, &format!("ALTER ROLE hashed PASSWORD '{PASSWORD}'"));
        eventually("it has one by SCRAM", || log_in(gateway.port, "hashed", PASSWORD).success.then_some(()));
    });
}

#[test]
fn roles_of_a_file_get_in_and_nobody_else() {
    each_version(|version| {
        let stage = Stage::set(version);
        let file = stage.file("users.txt");
        let line = |user: &str| format!("\"{user}\" \"{}\"\n", stage.stored(user));
        let lines = [line("app"), line("lapsed"), line("retired")].concat();
        std::fs::write(&file, format!("{lines}hashed:{}\n", stage.stored("hashed"))).expect("the file");
        let gateway = stage.verifying(&format!("verifiers = '{}'", file.display())).start();
        for user in ["app", "hashed"] {
            assert_eq!(log_in(gateway.port, user, PASSWORD).printed(), format!("{user}|42\n"));
            assert!(log_in(gateway.port, user, WRONG).error.contains(FAILED));
        }
        assert!(log_in(gateway.port, "keeper", PASSWORD).error.contains(FAILED), "it is not in the file");
        // What the file cannot know the server does, and says it in its own words.
        for (user, says) in [("lapsed", FAILED), ("retired", "is not permitted to log in")] {
            let direct = log_in(stage.server.port, user, PASSWORD);
            let through = log_in(gateway.port, user, PASSWORD);
            assert!(through.error.contains(says), "{through:?}");
            assert_eq!(without_port(&direct, stage.server.port), without_port(&through, gateway.port));
        }
        let expired = "User \"lapsed\" has an expired password";
        assert_eq!(stage.server.log().matches(expired).count(), 2, "the server's log says why, both times");
        check_outdated_line(&stage, &gateway, &file);
        assert_nothing_tells(&stage, &gateway);
    });
}

/// The server has another password than the file by now.
fn check_outdated_line(stage: &Stage, gateway: &Gateway, file: &Path) {
    let before = stage.stored("app");
    rows(&mut Wire::login(stage.server.port, "trusted"), &format!("ALTER ROLE app PASSWORD '{WRONG}'"));
    let (old, new) = (log_in(gateway.port, "app", PASSWORD), log_in(gateway.port, "app", WRONG));
    assert!(old.error.contains(FAILED), "the server says no: {old:?}");
    assert!(new.error.contains(FAILED), "the gateway says no: {new:?}");
    let text = std::fs::read_to_string(file).expect("the file").replace(&before, &stage.stored("app"));
    let beside = file.with_extension("new");
    std::fs::write(&beside, text).expect("the new file");
    std::fs::rename(&beside, file).expect("the file is replaced");
    eventually("the file is read again", || log_in(gateway.port, "app", WRONG).success.then_some(()));
    assert!(log_in(gateway.port, "app", PASSWORD).error.contains(FAILED));
}

#[test]
fn a_function_may_answer_for_the_table_and_a_probe_that_may_not_ask_lets_nobody_in() {
    each_version(|version| {
        let stage = Stage::set(version);
        let mut wire = Wire::login_to(stage.server.port, "trusted", "postgres");
        rows(
            &mut wire,
            "REVOKE ALL (rolname, rolpassword, rolcanlogin, rolvaliduntil) ON pg_authid FROM keeper",
        );
        let gateway = stage.looking_up(false).start_unready();
        let ended = log_in(gateway.port, "app", PASSWORD);
        assert!(
            ended.error.contains("the gateway cannot look up what this login is verified by"),
            "{ended:?}"
        );
        eventually("the log names the GRANT", || {
            gateway.log().contains("GRANT SELECT (rolname").then_some(())
        });
        assert!(gateway.ready().1.contains("logins cannot be verified"), "{}", gateway.ready().1);
        rows(&mut wire, "CREATE SCHEMA gateway");
        rows(
            &mut wire,
            "CREATE FUNCTION gateway.verifier(role text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog \
             AS $$ SELECT rolpassword FROM pg_authid WHERE rolname = role AND rolcanlogin AND rolname <> 'hashed' $$",
        );
        rows(&mut wire, "GRANT USAGE ON SCHEMA gateway TO keeper");
        let plan = stage.verifying("lookup = 'gateway.verifier'").table("listener.probe", &stage.probe());
        let gateway = plan.start();
        assert_eq!(log_in(gateway.port, "app", PASSWORD).printed(), "app|42\n");
        assert!(log_in(gateway.port, "app", WRONG).error.contains(FAILED));
        assert!(log_in(gateway.port, "hashed", PASSWORD).error.contains(FAILED), "the function names it not");
        // A name is a value, whatever it looks like.
        for user in ["app'--", "x'; DROP FUNCTION gateway.verifier; --", "app\" OR true"] {
            assert!(log_in(gateway.port, user, PASSWORD).error.contains(FAILED), "{user}");
        }
        assert_eq!(log_in(gateway.port, "app", PASSWORD).printed(), "app|42\n");
    });
}

#[test]
fn a_client_sees_the_messages_of_a_direct_login() {
    each_version(|version| {
        let stage = Stage::set(version);
        let gateway = stage.looking_up(true).start();
        let seen = |port: u16, user: &str, password: &str| {
            Raw::new(user, password).log_in(&mut Wire::connect(port), VERSION_3_0, &[])
        };
        let (direct, shown_directly) = seen(stage.server.port, "app", PASSWORD);
        let (through, shown) = seen(gateway.port, "app", PASSWORD);
        assert_eq!(shown, shown_directly, "the salt is the role's own");
        assert_eq!(tags(&direct), tags(&through));
        for (one, other) in direct.iter().zip(&through).filter(|(one, _)| one.tag == b'S') {
            assert_eq!(one, other);
        }
        let codes = |frames: &[Frame]| -> Vec<Option<u8>> {
            let requests = frames.iter().filter(|frame| frame.tag == b'R');
            requests.map(|frame| frame.body.get(3).copied()).collect()
        };
        assert_eq!(codes(&direct), [Some(10), Some(11), Some(12), Some(0)]);
        assert_eq!(codes(&through), codes(&direct));
        let (direct, _) = seen(stage.server.port, "app", WRONG);
        let (through, _) = seen(gateway.port, "app", WRONG);
        assert_eq!((tags(&direct).as_str(), tags(&through).as_str()), ("RRE", "RRE"));
        let said = |frames: &[Frame]| {
            let mut fields = frames.last().expect("an error").fields();
            // Where in the server's source it was said.
            fields.retain(|kind, _| !"FLR".contains(*kind));
            fields
        };
        assert_eq!(said(&direct), said(&through));
    });
}

#[test]
fn a_user_there_is_none_of_is_asked_as_one_there_is() {
    each_version(|version| {
        let stage = Stage::set(version);
        let newer = version.parse::<u32>().is_ok_and(|version| version >= 16);
        if newer {
            let mut wire = Wire::login(stage.server.port, "trusted");
            rows(&mut wire, "ALTER SYSTEM SET scram_iterations = 7000");
            rows(&mut wire, "SELECT pg_reload_conf()");
            eventually("the setting is in force", || {
                (stage.server.ask("SHOW scram_iterations").as_deref() == Some("7000")).then_some(())
            });
            let sql = format!("CREATE ROLE slow LOGIN PASSWORD '{PASSWORD}'");
            rows(&mut Wire::login(stage.server.port, "trusted"), &sql);
        }
        let gateway = stage.looking_up(false).start();
        let shown = |user: &str| {
            let (frames, shown) =
                Raw::new(user, WRONG).log_in(&mut Wire::connect(gateway.port), VERSION_3_0, &[]);
            assert_eq!(tags(&frames), "RRE", "{user}");
            shown.expect("a salt")
        };
        let iterations = if newer { 7_000 } else { 4_096 };
        for user in ["nobody_at_all", "nobody_else", "lapsed", "retired", "blank", "trusted"] {
            let first = shown(user);
            assert_eq!(shown(user), first, "{user} shows the same salt each time");
            assert_eq!((first.iterations, first.salt.len()), (iterations, 24), "{user}");
        }
        assert_ne!(shown("nobody_at_all").salt, shown("nobody_else").salt);
        if newer {
            assert_eq!(log_in(gateway.port, "slow", PASSWORD).printed(), "slow|42\n");
            assert_eq!(shown("slow").iterations, 7_000);
            assert_eq!(shown("app").iterations, 4_096, "a role keeps what its password was made with");
        }
    });
}

/// What a client must not say, and what it hears.
const MISTAKES: [(&str, &str, &str, &str); 6] = [
    (
        "SCRAM-SHA-256-PLUS",
        "p=tls-server-end-point,,n=,r=abc",
        "08P01",
        "invalid SASL authentication mechanism",
    ),
    ("SCRAM-SHA-1", "n,,n=,r=abc", "08P01", "invalid SASL authentication mechanism"),
    ("SCRAM-SHA-256", "n,a=trusted,n=,r=abc", "08P01", "authorization identity"),
    ("SCRAM-SHA-256", "n,,m=x,n=,r=abc", "08P01", "unsupported SCRAM extension"),
    ("SCRAM-SHA-256", "n,,r=abc", "08P01", "malformed SCRAM message"),
    ("SCRAM-SHA-256", "p=tls-unique,,n=,r=abc", "08P01", "unsupported SCRAM channel-binding type"),
];

#[test]
fn what_a_client_must_not_say_ends_its_login() {
    each_version(|version| {
        let stage = Stage::set(version);
        let gateway = stage.looking_up(true).start();
        let heard = |bytes: &[u8]| {
            let mut wire = Wire::connect(gateway.port);
            wire.send(&startup(VERSION_3_0, &[("user", "app"), ("database", "shop")]));
            assert_eq!(wire.frame().map(|frame| frame.tag), Some(b'R'));
            let _ = wire.try_send(bytes);
            let error = wire.frame().expect("an answer");
            assert_eq!(error.tag, b'E');
            assert!(wire.frame().is_none(), "and nothing behind it");
            (error.sqlstate(), error.fields()[&'M'].clone())
        };
        for (mechanism, first, sqlstate, words) in MISTAKES {
            let (code, text) = heard(&initial(mechanism, first));
            assert!(code == sqlstate && text.contains(words), "{mechanism} {first}: {code} {text}");
        }
        // More than PostgreSQL reads of a client that has proved nothing: refused by its length, before it is there.
        let (code, text) = heard(b"p\0\x10\0\0SCRAM");
        assert!(code == "08P01" && text.contains("invalid message length"), "{code} {text}");
        // Somebody took the offer of channel binding away: over TLS it was made.
        let mut wire =
            Wire::connect_tls(gateway.port, stage.own.client_config(&["postgresql"])).expect("TLS");
        let fooled = Raw { header: "y,,", ..Raw::new("app", PASSWORD) };
        let (frames, _) = fooled.log_in(&mut wire, VERSION_3_0, &[]);
        assert_eq!(tags(&frames), "RE");
        let error = frames.last().expect("an error");
        assert_eq!(
            (error.sqlstate().as_str(), error.fields()[&'M'].as_str()),
            ("28000", "SCRAM channel binding negotiation error")
        );
        // Without TLS it was not.
        let (frames, _) = fooled.log_in(&mut Wire::connect(gateway.port), VERSION_3_0, &[]);
        assert_eq!(frames.last().map(|frame| frame.tag), Some(b'Z'));
    });
}

#[test]
fn a_client_that_sends_all_it_has_at_once_or_bit_by_bit_gets_in() {
    each_version(|version| {
        let stage = Stage::set(version);
        let gateway = stage.looking_up(true).start();
        let relay = harness::relay::Relay::before(gateway.port, 1);
        let (frames, _) = Raw::new("app", PASSWORD).log_in(&mut Wire::connect(relay.port), VERSION_3_0, &[]);
        assert_eq!(frames.last().map(|frame| frame.tag), Some(b'Z'));
        // The mechanism first, and its message when it is asked for.
        let mut wire = Wire::connect(gateway.port);
        wire.send(&startup(VERSION_3_0, &[("user", "app"), ("database", "shop")]));
        wire.send(&message(b'p', b"SCRAM-SHA-256\0\xff\xff\xff\xff"));
        let frames = wire.until(b'R', 2);
        assert_eq!(frames[1].body, [0, 0, 0, 11], "an empty challenge");
        wire.send(&message(b'p', b"n,,n=,r=abc"));
        let first = wire.frame().expect("the salt");
        assert!(first.body.starts_with(b"\0\0\0\x0br=abc"), "{first:?}");
        // What comes with the last answer is the session's first request, and waits for it.
        let mut wire = Wire::connect(gateway.port);
        let eager = Raw { behind: query("SELECT 6 * 7"), ..Raw::new("app", PASSWORD) };
        eager.log_in(&mut wire, VERSION_3_0, &[]);
        let frames = wire.until(b'Z', 1);
        assert_eq!(tags(&frames), "TDCZ");
        assert_eq!(frames[1].columns(), [Some("42".to_owned())]);
    });
}

#[test]
fn a_server_of_protocol_3_0_says_so_to_a_client_of_3_2() {
    each_version(|version| {
        let stage = Stage::set(version);
        let gateway = stage.looking_up(true).start();
        let negotiated = |port: u16| {
            let mut wire = Wire::connect(port);
            let (frames, _) =
                Raw::new("app", PASSWORD).log_in(&mut wire, VERSION_3_2, &[("_pq_.nothing", "1")]);
            assert_eq!(frames.last().map(|frame| frame.tag), Some(b'Z'), "{}", tags(&frames));
            frames.into_iter().filter(|frame| frame.tag == b'v').collect::<Vec<_>>()
        };
        let (direct, through) = (negotiated(stage.server.port), negotiated(gateway.port));
        assert_eq!(direct.len(), 1);
        assert_eq!(direct, through);
        // libpq 18, which asks for 3.2 and takes the answer at any time before it is let in.
        let mut client = python("connect.py", gateway.port, "app");
        client.env("PGMAXPROTOCOLVERSION", "latest").env("PGREQUIREAUTH", "scram-sha-256");
        assert_eq!(run(&mut client).printed(), "logged in without TLS\n");
    });
}

/// Runs a driver's script as two roles, in plaintext and over TLS, with the right password and a wrong one.
fn check_driver(name: &str, command: impl Fn(&str) -> Command, bindings: &[&str]) {
    for user in ["app", "hashed"] {
        for tls in ["no", "yes"] {
            for binding in bindings {
                let mut client = command(user);
                client.env("CLIENT_TLS", tls).env("CLIENT_BINDING", binding);
                let what = format!("{name} as {user}, TLS {tls}, binding {binding}");
                assert_eq!(run(&mut client).printed(), format!("{user} 42\n"), "{what}");
                let ended = run(client.env("PGPASSWORD", WRONG));
                let words = format!("error 28P01 password authentication failed for user \"{user}\"\n");
                assert!(!ended.success && ended.output == words, "{what}: {ended:?}");
            }
        }
    }
}

#[test]
fn drivers_with_a_scram_of_their_own_get_in() {
    each_version(|version| {
        let stage = Stage::set(version);
        let gateway = stage.looking_up(true).start();
        let port = gateway.port;
        check_driver("node-postgres", |user| node("verification_node.js", port, user), &["no", "yes"]);
        check_driver("asyncpg", |user| python("verification_asyncpg.py", port, user), &["no"]);
        // tokio-postgres is what the gateway itself asks with; here it is a client.
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        for user in ["app", "hashed"] {
            let login = |password: &str| {
                let mut config = tokio_postgres::Config::new();
                config.host("127.0.0.1").port(port).user(user).password(password).dbname("shop");
                runtime.block_on(async move { config.connect(tokio_postgres::NoTls).await.map(drop) })
            };
            login(PASSWORD).expect("tokio-postgres logs in");
            let error = login(WRONG).expect_err("a wrong password");
            assert_eq!(error.code().map(tokio_postgres::error::SqlState::code), Some("28P01"));
        }
    });
}

#[test]
fn drivers_of_libpq_get_in_with_every_binding() {
    each_version(|version| {
        let stage = Stage::set(version);
        let gateway = stage.looking_up(true).start();
        for (mode, binding, said) in [
            ("disable", "prefer", "logged in without TLS\n"),
            ("require", "disable", "logged in with TLS\n"),
            ("require", "require", "logged in with TLS\n"),
        ] {
            let mut client = python("connect.py", gateway.port, "app");
            client.env("PGSSLMODE", mode).env("PGCHANNELBINDING", binding);
            assert_eq!(run(&mut client).printed(), said, "psycopg: {mode}, {binding}");
        }
        // Begun with TLS at once, and asking for nothing but SCRAM.
        let mut client = python("connect.py", gateway.port, "app");
        client.env("PGSSLMODE", "require").env("PGSSLNEGOTIATION", "direct");
        client.env("PGCHANNELBINDING", "require").env("PGREQUIREAUTH", "scram-sha-256");
        assert_eq!(run(&mut client).printed(), "logged in with TLS\n");
    });
}

#[test]
fn drivers_of_java_and_go_see_the_same_as_directly() {
    each_version(|version| {
        let stage = Stage::set(version);
        let gateway = stage.looking_up(true).start();
        let same = |what: &str, see: &dyn Fn(u16, &Path) -> String| {
            let direct = see(stage.server.port, &stage.server.certificate().authority);
            let through = see(gateway.port, &stage.own.authority);
            assert!(direct.lines().count() > 5, "{what} shows next to nothing: {direct}");
            assert_same_text(what, &direct, &through);
        };
        for user in ["app", "hashed"] {
            same(&format!("JDBC as {user}"), &|port, authority| {
                let mut client = java("Encrypted", port, user);
                client.env("AUTHORITY", authority).env("ANOTHER", &stage.authority);
                Part::All.printed(&mut client)
            });
        }
        for driver in ["pgx", "pq"] {
            same(driver, &|port, _| Part::All.printed(&mut go(driver, port, "app")));
        }
    });
}

#[test]
fn names_and_passwords_of_every_kind_get_in() {
    // What libpq makes of a password before it hashes it (SASLprep) is between it and the server that stored it: a
    // ligature and a soft hyphen go, spaces of other kinds become one, and what is no text is taken as it is.
    const PASSWORDS: [&str; 4] =
        ["\u{fb01}n\u{ad}e", "a\u{a0}b\u{2003}c", "p,=:$ \"'\\", "\u{1f512}\u{627}1"];
    const NAMES: [&str; 4] = ["a,b=c", "quo\"ted", "Bj\u{f6}rn \u{5218}", "' OR true --"];
    each_version(|version| {
        let stage = Stage::set(version);
        let mut wire = Wire::login(stage.server.port, "trusted");
        let mut lines = String::new();
        for (name, password) in NAMES.iter().zip(PASSWORDS) {
            let (name, password) = (name.replace('"', "\"\""), password.replace('\'', "''"));
            rows(&mut wire, &format!("CREATE ROLE \"{name}\" LOGIN PASSWORD '{password}'"));
            let stored = stage.stored(&name.replace("\"\"", "\"").replace('\'', "''"));
            lines.push_str(&format!("\"{name}\" \"{stored}\"\n"));
        }
        let file = stage.file("users.txt");
        std::fs::write(&file, lines).expect("the file");
        let looking_up = stage.looking_up(true).start();
        let reading = stage.verifying(&format!("verifiers = '{}'", file.display())).start();
        for (name, password) in NAMES.iter().zip(PASSWORDS) {
            for port in [stage.server.port, looking_up.port, reading.port] {
                assert_eq!(log_in(port, name, password).printed(), format!("{name}|42\n"));
                let ended = log_in(port, name, WRONG);
                assert!(ended.error.contains(FAILED), "{name}: {ended:?}");
            }
        }
    });
}

#[test]
fn a_proof_is_bound_by_the_hash_of_the_listeners_certificate() {
    let stage = Stage::set(&harness::places::newest_version());
    for (name, algorithm, bound) in [
        ("ECDSA with SHA-384", &rcgen::PKCS_ECDSA_P384_SHA384, true),
        ("RSA with SHA-512", &rcgen::PKCS_RSA_SHA512, true),
        // There is no hash to bind by, to libpq as little as here: channel binding is not offered.
        ("Ed25519", &rcgen::PKCS_ED25519, false),
    ] {
        let gateway = stage.showing(algorithm).start();
        for (binding, gets_in) in [("disable", true), ("prefer", true), ("require", bound)] {
            let mut client = client_of(&stage, Method::Scram, gateway.port);
            let ended = run(client.env("PGSSLMODE", "require").env("PGCHANNELBINDING", binding));
            assert_eq!(ended.success, gets_in, "{name}, {binding}: {ended:?}");
            let unoffered = "server did not offer an authentication method that supports channel binding";
            assert!(gets_in || ended.error.contains(unoffered), "{name}: {ended:?}");
        }
    }
}

#[test]
fn a_server_whose_certificate_has_no_hash_to_bind_by_is_logged_in_to_without_a_binding() {
    let stage = Stage::set(&harness::places::newest_version());
    stage.let_server_show_ed25519();
    let login = |port: u16, binding: &str| {
        let mut client = client_of(&stage, Method::Scram, port);
        run(client.env("PGSSLMODE", "require").env("PGCHANNELBINDING", binding))
    };
    // The server offers it all the same, and libpq gives up, unless it is told not to try.
    let direct = login(stage.server.port, "prefer");
    assert!(!direct.success && direct.error.contains("could not find digest for NID UNDEF"), "{direct:?}");
    assert!(login(stage.server.port, "disable").success);
    let gateway = stage.looking_up(true).start();
    for binding in ["disable", "prefer", "require"] {
        assert_eq!(login(gateway.port, binding).printed(), "app|t\n");
    }
}

#[test]
fn who_sits_between_the_gateway_and_its_server_is_found_out() {
    each_version(|version| {
        let stage = Stage::set(version);
        let file = stage.file("users.txt");
        std::fs::write(&file, format!("app:{}\n", stage.stored("app"))).expect("the file");
        let verifiers = format!("verifiers = '{}'", file.display());
        for (between, says, why) in [
            (
                Between::AnotherCertificate,
                "FATAL:  SCRAM channel binding check failed",
                "the gateway's proof is bound to the certificate it is shown, and the server's is another",
            ),
            (
                Between::NoTls,
                "FATAL:  the server offers channel binding over a connection without TLS",
                "a server offers to bind to TLS where it has TLS: somebody else has it in the gateway's place",
            ),
        ] {
            let port = between.before(stage.server.port, &stage.own, &stage.server.certificate());
            let mode = if between == Between::NoTls { "prefer" } else { "require" };
            let plan = stage.verifying_before(port, &verifiers).upstream_tls(mode);
            let ended = log_in(plan.start_unready().port, "app", PASSWORD);
            assert!(!ended.success && ended.error.contains(says), "{why}\n{ended:?}");
            // Who relays the login sees neither: the client proves itself without a binding.
            let relaying = harness::gateway::Plan::before_port(port).upstream_tls(mode).start_unready();
            assert!(log_in(relaying.port, "app", PASSWORD).success, "{between:?}");
        }
    });
}

#[test]
fn a_server_that_does_not_have_the_verifier_is_found_out() {
    each_version(|version| {
        let stage = Stage::set(version);
        // The same password with another salt: the client is who it says, and the server is another than the file's.
        let file = stage.file("users.txt");
        std::fs::write(&file, format!("app:{}\n", verifier(PASSWORD, 4_096))).expect("the file");
        let gateway = stage.verifying(&format!("verifiers = '{}'", file.display())).start();
        let before = stage.refused_by_server("app");
        let ended = log_in(gateway.port, "app", PASSWORD);
        assert!(ended.error.contains(FAILED), "{ended:?}");
        assert_eq!(stage.refused_by_server("app"), before + 1, "the server itself says no, and logs it");
        assert!(log_in(gateway.port, "app", WRONG).error.contains(FAILED));
        assert_eq!(
            stage.refused_by_server("app"),
            before + 1,
            "the gateway does, and it does not reach the server"
        );
    });
}
