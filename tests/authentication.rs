//! Who gets in through the gateway, and who does not?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::certificate::Certificate;
use harness::clients::{Ended, psql, run};
use harness::each_version;
use harness::gateway::{Gateway, Plan};
use harness::ledger::files_that_tell;
use harness::script::assert_same_text;
use harness::server::{PASSWORD, Server};
use harness::wire::{Frame, VERSION_3_0, Wire, tags};

const WRONG: &str = "battery-staple-2684";

/// Logs in with psql and says who it is.
fn log_in(port: u16, user: &str, password: &str) -> Ended {
    run(psql(port, user).env("PGPASSWORD", password).args(["-A", "-t", "-c", "SELECT current_user, 6 * 7"]))
}

/// psql names the port it could not log in at; the two runs have different ones.
fn without_port(ended: &Ended, port: u16) -> String {
    ended.error.replace(&port.to_string(), "the port")
}

#[test]
fn every_kind_of_password_is_relayed() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        for user in ["app", "hashed", "clear"] {
            assert_eq!(log_in(gateway.port, user, PASSWORD).printed(), format!("{user}|42\n"));
        }
    });
}

#[test]
fn a_wrong_password_fails_as_directly_and_is_recorded_without_it() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        for user in ["app", "hashed", "clear", "nobody_at_all"] {
            let direct = log_in(server.port, user, WRONG);
            let through = log_in(gateway.port, user, WRONG);
            assert!(!direct.success && !through.success, "{user}");
            let (direct, through) =
                (without_port(&direct, server.port), without_port(&through, gateway.port));
            assert_same_text(user, &direct, &through);
            gateway.recorded(&format!("the failed login of {user}"), |records| {
                let failed = records.iter().filter(|record| record.event() == "login.failed");
                let mine: Vec<_> = failed.filter(|record| record.principal("user") == user).collect();
                assert!(mine.len() <= 1, "{mine:?}");
                assert_eq!(mine.first()?.text_of("sqlstate"), "28P01");
                assert_eq!(mine.first()?.principal("database"), "shop");
                Some(())
            });
        }
        assert_eq!(gateway.metric("dragoman_logins_failed_total"), Some(4.0));
        assert!(log_in(gateway.port, "app", PASSWORD).success);
        assert_no_file_tells(&gateway);
        let starts = gateway.recorded("one session", |records| {
            let starts = records.iter().filter(|record| record.event() == "session.start").count();
            (starts > 0).then_some(starts)
        });
        assert_eq!(starts, 1, "a login that failed is no session");
    });
}

#[test]
fn a_login_the_server_ends_after_the_password_is_recorded_and_counted() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let upstream = || gateway.metric_where("dragoman_logins_failed_total", "reason=\"upstream\"");
        let mut client = psql(gateway.port, "app");
        let ended = run(client.env("PGDATABASE", "nowhere").args(["-c", "SELECT 1"]));
        assert!(!ended.success && ended.error.contains("\"nowhere\" does not exist"), "{ended:?}");
        gateway.recorded("the failed login", |records| {
            let failed = records.iter().find(|record| record.event() == "login.failed")?;
            assert_eq!((failed.principal("user"), failed.principal("database")), ("app", "nowhere"));
            assert_eq!(failed.text_of("sqlstate"), "3D000", "{}", failed.0);
            Some(())
        });
        assert_eq!(upstream(), Some(1.0));
        assert_eq!(gateway.metric("dragoman_logins_failed_total"), Some(1.0));
        assert_eq!(gateway.metric("dragoman_sessions_total"), Some(0.0));
        assert!(!log_in(gateway.port, "app", WRONG).success);
        harness::eventually("both are counted", || (upstream() == Some(2.0)).then_some(()));
    });
}

/// Neither password may be in the ledger, the log, or anything else the gateway writes.
fn assert_no_file_tells(gateway: &Gateway) {
    let telling = files_that_tell(gateway.folder(), &[PASSWORD, WRONG]);
    assert!(telling.is_empty(), "{telling:?}");
}

#[test]
fn a_login_without_a_challenge_is_refused_unless_allowed() {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let frames =
            Wire::connect(gateway.port).open(VERSION_3_0, &[("user", "trusted"), ("database", "shop")]);
        assert_eq!(tags(&frames), "E", "nothing of the server's may come before the refusal");
        let fields = frames.first().map(Frame::fields).expect("an error");
        assert_eq!(fields[&'S'], "FATAL");
        assert_eq!(fields[&'C'], "28000", "{fields:?}");
        assert!(
            format!("{fields:?}").contains("allow_unauthenticated"),
            "the way out is not named: {fields:?}"
        );
        gateway.recorded("the refused login", |records| {
            let failed = records.iter().find(|record| record.event() == "login.failed")?;
            assert_eq!(failed.principal("user"), "trusted");
            Some(())
        });
        let others = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'trusted' AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
        harness::eventually("the upstream's session is closed", || {
            (server.ask(others).as_deref() == Some("0")).then_some(())
        });
        let open = Plan::before(&server).listener("allow_unauthenticated = true").start();
        assert_eq!(log_in(open.port, "trusted", "").printed(), "trusted|42\n");
    });
}

/// How a client asks for TLS and for channel binding, and what is to come of it.
struct Case {
    client_tls: bool,
    binding: &'static str,
    succeeds: bool,
    /// What the failure has to say.
    says: &'static [&'static str],
}

const fn works(client_tls: bool, binding: &'static str) -> Case {
    Case { client_tls, binding, succeeds: true, says: &[] }
}

const fn fails(client_tls: bool, binding: &'static str, says: &'static [&'static str]) -> Case {
    Case { client_tls, binding, succeeds: false, says }
}

fn check_case(gateway: &Gateway, case: &Case) {
    let mode = if case.client_tls { "require" } else { "disable" };
    let mut client = psql(gateway.port, "app");
    client.env("PGSSLMODE", mode).env("PGCHANNELBINDING", case.binding);
    let ended =
        run(client.args(["-A", "-t", "-c", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"]));
    let what = format!("client TLS {mode}, channel binding {}: {ended:?}", case.binding);
    assert_eq!(ended.success, case.succeeds, "{what}");
    for said in case.says {
        assert!(ended.error.contains(said), "`{said}` is not said: {what}");
    }
}

fn check_matrix(plan: impl Fn(&Server, &Certificate) -> Plan + Sync, cases: &[Case]) {
    each_version(|version| {
        let server = Server::start(version);
        let folder = tempfile::tempdir().expect("a folder");
        let gateway = plan(&server, &Certificate::make(folder.path())).start();
        for case in cases {
            check_case(&gateway, case);
        }
        // Without SCRAM nothing is bound to TLS, and every combination works.
        for user in ["hashed", "clear"] {
            for mode in ["disable", "prefer"] {
                let ended = run(psql(gateway.port, user).env("PGSSLMODE", mode).args(["-c", "SELECT 1"]));
                assert!(ended.success, "{user} with sslmode {mode}: {ended:?}");
            }
        }
    });
}

#[test]
fn without_tls_at_the_listener_no_channel_binding_is_offered() {
    let cases =
        [works(false, "disable"), works(false, "prefer"), fails(false, "require", &["channel binding"])];
    check_matrix(|server, _| Plan::before(server).upstream_tls("disable"), &cases);
    // The server offers channel binding to the gateway, which must not pass that on.
    check_matrix(|server, _| Plan::before(server).upstream_tls("require"), &cases);
}

#[test]
fn tls_to_the_gateway_only_works_without_channel_binding() {
    check_matrix(
        |server, own| Plan::before(server).client_tls("prefer", own).upstream_tls("disable"),
        &[
            works(false, "prefer"),
            works(true, "disable"),
            works(true, "prefer"),
            fails(true, "require", &["channel binding"]),
        ],
    );
}

#[test]
fn channel_binding_over_two_certificates_is_refused_naming_the_ways_out() {
    const WAYS_OUT: &[&str] = &["channel_binding=disable", "certificate"];
    check_matrix(
        |server, own| Plan::before(server).client_tls("prefer", own).upstream_tls("require"),
        &[
            works(false, "prefer"),
            works(true, "disable"),
            fails(true, "prefer", WAYS_OUT),
            fails(true, "require", WAYS_OUT),
        ],
    );
}

#[test]
fn channel_binding_is_relayed_under_the_servers_own_certificate() {
    check_matrix(
        |server, _| Plan::before(server).client_tls("prefer", &server.certificate()).upstream_tls("require"),
        &[works(false, "prefer"), works(true, "disable"), works(true, "prefer"), works(true, "require")],
    );
}

#[test]
fn the_upstreams_certificate_is_checked_as_far_as_the_mode_says() {
    each_version(|version| {
        let server = Server::start(version);
        let folder = tempfile::tempdir().expect("a folder");
        let stranger = Certificate::make(folder.path());
        let with = |mode: &str, authority: &Certificate| {
            let lines = format!("mode = \"{mode}\"\nca = \"{}\"", authority.authority.display());
            Plan::before(&server).table("listener.upstream_tls", &lines).start_unready()
        };
        let encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        for mode in ["verify-ca", "verify-full"] {
            let good = with(mode, &server.certificate());
            let rows = harness::server::rows(&mut Wire::login(good.port, "clear"), encrypted);
            assert_eq!(rows, [[Some("t".to_owned())]], "{mode}");
            let bad = with(mode, &stranger);
            let frames =
                Wire::connect(bad.port).open(VERSION_3_0, &[("user", "clear"), ("database", "shop")]);
            assert_eq!(tags(&frames), "E", "{mode} with a stranger's certificate");
            assert_eq!(frames[0].sqlstate(), "08001", "{mode}: {:?}", frames[0].fields());
        }
    });
}

#[test]
fn a_server_without_tls_is_refused_where_tls_is_required() {
    each_version(|version| {
        let server = Server::start_with(version, &[("ssl", "off")]);
        let required = Plan::before(&server).upstream_tls("require").start_unready();
        let frames =
            Wire::connect(required.port).open(VERSION_3_0, &[("user", "clear"), ("database", "shop")]);
        assert_eq!(tags(&frames), "E");
        let preferred = Plan::before(&server).upstream_tls("prefer").start();
        assert!(Wire::try_login(preferred.port, "clear").is_ok());
    });
}
