//! Who gets in by a certificate of their own, who does not, and what is known of those who do?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::authority::{Authority, Identity, config};
use harness::clients::{psql, run, run_with_input};
use harness::compiled::java;
use harness::gateway::{Gateway, Plan};
use harness::mariadb::{Mariadb, mariadb, node_mysql, printed};
use harness::server::Server;
use harness::wire::{Frame, VERSION_3_0, Wire, first_error, tags};
use harness::{each_version, places};
use rcgen::{DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, SanType, SerialNumber, date_time_ymd};
use rustls::version::{TLS12, TLS13};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// Authorities, and a certificate of the gateway's.
struct Papers {
    /// Vouches for clients.
    clients: Authority,
    /// Vouches for nobody here.
    strangers: Authority,
    /// Vouches for the gateway.
    servers: Authority,
    gateway: Identity,
    folder: tempfile::TempDir,
}

const YEAR_SECONDS: i64 = 365 * 24 * 60 * 60;

impl Papers {
    fn make() -> Papers {
        let folder = tempfile::Builder::new().prefix("dragoman-papers-").tempdir().expect("a folder");
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("permissions");
        let make = |name| Authority::make(folder.path(), name);
        let (clients, strangers, servers) = (make("clients"), make("strangers"), make("servers"));
        let gateway = servers.server(None, YEAR_SECONDS);
        Papers { clients, strangers, servers, gateway, folder }
    }

    /// `[listener.tls]` that asks clients for certificates.
    fn plan(&self, plan: Plan, more: &str) -> Plan {
        let (Identity { certificate, key }, ca) = (&self.gateway, self.clients.file.display());
        let (certificate, key) = (certificate.display(), key.display());
        let lines = format!("certificate = \"{certificate}\"\nkey = \"{key}\"\nclient_ca = \"{ca}\"\n{more}");
        plan.table("listener.tls", &lines)
    }

    fn login(&self, gateway: &Gateway, user: &str, shown: Option<&Identity>) -> Result<Wire, Failed> {
        self.login_by(gateway, user, shown, &TLS13)
    }

    fn login_by(
        &self,
        gateway: &Gateway,
        user: &str,
        shown: Option<&Identity>,
        version: &'static rustls::SupportedProtocolVersion,
    ) -> Result<Wire, Failed> {
        let config = config(&[version], &[&self.servers.file], shown);
        // In TLS 1.2 the server has looked at it when the handshake is over, in 1.3 it looks afterwards.
        let mut wire = Wire::connect_tls(gateway.port, config).map_err(|_| Failed::Handshake)?;
        let frames = wire.open(VERSION_3_0, &[("user", user), ("database", "shop")]);
        match frames.last() {
            Some(frame) if frame.tag == b'Z' => Ok(wire),
            Some(frame) if frame.tag == b'E' => Err(Failed::Told(message(frame))),
            Some(_) => panic!("{}", tags(&frames)),
            None => Err(Failed::Handshake),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Failed {
    Handshake,
    /// SQLSTATE and message.
    Told(String),
}

fn told(text: &str) -> Failed {
    Failed::Told(text.to_owned())
}

fn message(frame: &Frame) -> String {
    format!("{}: {}", frame.sqlstate(), frame.fields().remove(&'M').unwrap_or_default())
}

const REQUIRED: &str = "28000: this listener requires a client certificate";
const OF_ANOTHER: &str = "28000: the client certificate is not this user's";
const UNPROVED: &str = "28000: the server granted this login without asking for a proof";

fn assert_works(mut wire: Wire) {
    let frames = wire.query("SELECT 7");
    assert_eq!(tags(&frames), "TDCZ", "{:?}", first_error(&frames));
}

fn server() -> Server {
    Server::start(&places::newest_version())
}

#[test]
fn certificates_are_asked_for_and_looked_at_as_the_settings_say() {
    let (server, papers) = (server(), Papers::make());
    let list = papers.folder.path().join("clients.crl");
    papers.clients.revoke(&list, &[4711], 3_600);
    let of = |name: &str, change: fn(&mut rcgen::CertificateParams)| papers.clients.client_with(name, change);
    let good = papers.clients.client("clear");
    let bad = [
        ("UnknownIssuer", papers.strangers.client("clear")),
        ("expired", of("clear", |one| one.not_after = date_time_ymd(2020, 1, 1))),
        ("not valid yet", of("clear", |one| one.not_before = date_time_ymd(2090, 1, 1))),
        ("revoked", of("clear", |one| one.serial_number = Some(SerialNumber::from(4711u64)))),
        (
            "does not allow extended key usage for client authentication",
            of("clear", |one| one.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]),
        ),
    ];
    for (mode, anonymous) in [
        ("", Some(told(REQUIRED))),
        ("client_certificate = \"require\"", Some(told(REQUIRED))),
        ("client_certificate = \"optional\"", None),
    ] {
        let crl = format!("{mode}\nclient_crl = \"{}\"", list.display());
        let gateway = papers.plan(Plan::before(&server), &crl).start();
        for version in [&TLS12, &TLS13] {
            let login = |shown| papers.login_by(&gateway, "clear", shown, version);
            assert_works(login(Some(&good)).unwrap_or_else(|failed| panic!("{mode}: {failed:?}")));
            assert_eq!(login(None).err(), anonymous, "{mode} without a certificate");
            for (why, identity) in &bad {
                assert_eq!(login(Some(identity)).err(), Some(Failed::Handshake), "{mode}: {why}");
            }
        }
        let plain = Wire::try_login(gateway.port, "clear").map(drop);
        assert_eq!(plain.is_ok(), anonymous.is_none(), "in plaintext: {plain:?}");
        let log = gateway.log().to_lowercase();
        for (why, _) in &bad {
            let said = log.lines().any(|line| {
                line.contains("a client's certificate is not taken") && line.contains(&why.to_lowercase())
            });
            assert!(said, "the log does not say `{why}`: {log}");
        }
        // Each is counted, and recorded as what was refused.
        let count = 2 * bad.len() + if anonymous.is_some() { 3 } else { 0 };
        gateway.recorded("the refused", |records| {
            let failed = records.iter().filter(|record| record.event() == "login.failed");
            let refused = failed.filter(|record| record.text_of("message_class") == "refused").count();
            (refused == count).then_some(())
        });
        #[allow(clippy::cast_precision_loss)]
        let counted = gateway.metric_where("dragoman_logins_failed_total", "reason=\"refused\"");
        assert_eq!(counted, Some(count as f64));
    }
}

#[test]
fn a_list_of_revoked_certificates_that_is_out_of_date_lets_nobody_in() {
    let (server, papers) = (server(), Papers::make());
    let list = papers.folder.path().join("clients.crl");
    papers.clients.revoke(&list, &[], -3_600);
    let crl = format!("client_crl = \"{}\"", list.display());
    let gateway = papers.plan(Plan::before(&server), &crl).start();
    let good = papers.clients.client("clear");
    assert_eq!(papers.login(&gateway, "clear", Some(&good)).err(), Some(Failed::Handshake));
    // Another list is taken by itself, as every file of certificates is.
    papers.clients.revoke(&list, &[], 3_600);
    harness::eventually("the new list counts", || {
        papers.login(&gateway, "clear", Some(&good)).ok().map(drop)
    });
}

#[test]
fn an_authority_below_is_known_by_the_chain_and_needs_a_list_of_its_own() {
    let (server, papers) = (server(), Papers::make());
    let below = papers.clients.below("department");
    let identity = below.client("clear");
    let alone = papers.folder.path().join("alone.pem");
    let leaf = std::fs::read_to_string(&identity.certificate).unwrap();
    let leaf = leaf.split_inclusive("-----END CERTIFICATE-----\n").next().unwrap().to_owned();
    std::fs::write(&alone, leaf).unwrap();
    let alone = Identity { certificate: alone, key: identity.key.clone() };
    let (list, lists) = (papers.folder.path().join("one.crl"), papers.folder.path().join("both.crl"));
    papers.clients.revoke(&list, &[], 3_600);
    below.revoke(&lists, &[], 3_600);
    let both = std::fs::read_to_string(&list).unwrap() + &std::fs::read_to_string(&lists).unwrap();
    std::fs::write(&lists, both).unwrap();
    let crl = |file: &Path| format!("client_crl = \"{}\"", file.display());
    for (more, gets_in) in [(String::new(), true), (crl(&list), false), (crl(&lists), true)] {
        let gateway = papers.plan(Plan::before(&server), &more).start();
        for version in [&TLS12, &TLS13] {
            let failed = papers.login_by(&gateway, "clear", Some(&identity), version).err();
            assert_eq!(failed, (!gets_in).then_some(Failed::Handshake), "{more}");
            let failed = papers.login_by(&gateway, "clear", Some(&alone), version).err();
            assert_eq!(failed, Some(Failed::Handshake), "without the chain, {more}");
        }
    }
}

#[test]
fn a_certificate_of_the_user_is_proof_enough_and_one_of_another_keeps_out() {
    each_version(|version| {
        let (server, papers) = (Server::start(version), Papers::make());
        let plan = papers.plan(Plan::before(&server), "client_certificate = \"optional\"");
        let gateway = plan.clone().table("listener.authentication", "certificate = \"user\"").start();
        let with =
            |names: Vec<SanType>| papers.clients.client_with("somebody", |one| one.subject_alt_names = names);
        let dns = with(vec![SanType::DnsName("trusted".try_into().unwrap())]);
        let mail = with(vec![
            SanType::Rfc822Name("ann@example.com".try_into().unwrap()),
            SanType::Rfc822Name("trusted".try_into().unwrap()),
        ]);
        let address = with(vec![SanType::URI("trusted".try_into().unwrap())]);
        let two_names = papers.clients.client_with("x", |one| {
            one.distinguished_name = DistinguishedName::new();
            one.distinguished_name.push(DnType::CommonName, "other");
            // Another `commonName`.
            one.distinguished_name.push(DnType::CustomDnType(vec![2, 5, 4, 3]), "trusted");
        });
        let common = papers.clients.client("trusted");
        let login = |user: &str, shown: &Identity| papers.login(&gateway, user, Some(shown));
        // The server asks `trusted` for nothing, and `clear` for a password.
        for identity in [&common, &dns, &mail] {
            assert_works(
                login("trusted", identity).unwrap_or_else(|failed| panic!("{identity:?}: {failed:?}")),
            );
        }
        for identity in
            [&address, &two_names, &papers.clients.client("Trusted"), &papers.clients.client("trusted ")]
        {
            assert_eq!(login("trusted", identity).err(), Some(told(OF_ANOTHER)), "{identity:?}");
        }
        // Also with the password of the other.
        assert_eq!(login("clear", &common).err(), Some(told(OF_ANOTHER)));
        assert_works(login("clear", &papers.clients.client("clear")).unwrap());
        // Without a certificate everything is as ever.
        assert_eq!(papers.login(&gateway, "trusted", None).err(), Some(told(UNPROVED)));
        assert_works(papers.login(&gateway, "clear", None).unwrap());
        // Ignored, the same certificate proves nothing.
        let gateway = plan.start();
        assert_eq!(papers.login(&gateway, "trusted", Some(&common)).err(), Some(told(UNPROVED)));
        assert_works(papers.login(&gateway, "clear", Some(&common)).unwrap());
    });
}

#[test]
fn the_ledger_and_the_rules_know_whom_a_certificate_names() {
    let (server, papers) = (server(), Papers::make());
    let rules = tempfile::tempdir().unwrap();
    let text = "[[rule]]\nname = \"jobs\"\nwhen = { class = \"write\" }\nunless = { certificate = \"*.jobs.internal\" }\ndecision = \"refuse\"\n";
    std::fs::write(rules.path().join("own.toml"), text).unwrap();
    let plan = papers.plan(Plan::before(&server), "client_certificate = \"optional\"").mode("enforce");
    let plan = plan.listener("policies = [\"own\"]");
    let plan = plan.table("policies", &format!("directory = \"{}\"", rules.path().display()));
    let gateway = plan.start();
    let job = papers.clients.client_with("night", |one| {
        one.subject_alt_names = vec![SanType::DnsName("night.jobs.internal".try_into().unwrap())];
    });
    let person = papers.clients.client("ann");
    let insert = "INSERT INTO scratch (id) VALUES (1)";
    for (identity, expected) in [(Some(&job), None), (Some(&person), Some("42501")), (None, Some("42501"))] {
        let mut wire = papers.login(&gateway, "clear", identity).unwrap();
        assert_eq!(first_error(&wire.query(insert)).as_deref(), expected, "{identity:?}");
    }
    gateway.recorded("whose certificates they were", |records| {
        let starts = records.iter().filter(|record| record.event() == "session.start");
        let seen: Vec<_> =
            starts.map(|record| record.0["principal"]["certificate"]["names"].clone()).collect();
        (seen.len() == 3).then(|| {
            let night = serde_json::json!(["night", "night.jobs.internal"]);
            assert_eq!(seen, [night, serde_json::json!(["ann"]), serde_json::Value::Null]);
        })
    });
    let hash = fingerprint(&job.certificate);
    let written = gateway.records();
    let outcome = written
        .iter()
        .find(|record| record.event() == "statement.outcome" && record.text_of("class") == "write");
    assert_eq!(outcome.unwrap().0["principal"]["certificate"]["sha256"], hash);
}

/// As `openssl x509 -fingerprint -sha256` says it, in the ledger's form.
fn fingerprint(certificate: &Path) -> String {
    let said = Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(certificate)
        .output();
    let said = String::from_utf8(said.expect("openssl").stdout).unwrap();
    said.split_once('=').expect("a fingerprint").1.trim().replace(':', "").to_lowercase()
}

#[test]
fn psql_gets_in_with_its_certificate_and_is_told_what_it_lacks() {
    each_version(|version| {
        let (server, papers) = (Server::start(version), Papers::make());
        let plan = papers.plan(Plan::before(&server), "mode = \"require\"");
        let gateway = plan.table("listener.authentication", "certificate = \"user\"").start();
        let ask = |user: &str, shown: Option<&Identity>, negotiation: Option<&str>| {
            let mut command = psql(gateway.port, user);
            command.env("PGSSLMODE", "verify-full").env("PGSSLROOTCERT", &papers.servers.file);
            command.env("PGHOST", "localhost").env("PGHOSTADDR", "127.0.0.1");
            // The server's own binding is to a certificate that nobody sees here.
            command.env("PGCHANNELBINDING", "disable");
            if let Some(Identity { certificate, key }) = shown {
                command.env("PGSSLCERT", certificate).env("PGSSLKEY", key);
            }
            if let Some(negotiation) = negotiation {
                command.env("PGSSLNEGOTIATION", negotiation);
            }
            run(command.args(["-A", "-t", "-c", "SELECT current_user"]))
        };
        for (user, negotiation) in
            [("trusted", None), ("app", None), ("hashed", None), ("trusted", Some("direct"))]
        {
            let ended = ask(user, Some(&papers.clients.client(user)), negotiation);
            assert_eq!(ended.printed().trim(), user, "{negotiation:?}");
        }
        for (shown, said) in [
            (None, "this listener requires a client certificate"),
            (Some(papers.clients.client("app")), "the client certificate is not this user's"),
            (Some(papers.strangers.client("trusted")), "alert unknown ca"),
            (
                Some(papers.clients.client_with("trusted", |one| one.not_after = date_time_ymd(2020, 1, 1))),
                "alert certificate expired",
            ),
        ] {
            let ended = ask("trusted", shown.as_ref(), None);
            assert!(!ended.success && ended.error.contains(said), "not `{said}`: {}", ended.error);
        }
    });
}

#[test]
fn jdbc_gets_in_with_its_certificate() {
    let (server, papers) = (server(), Papers::make());
    let plan = papers.plan(Plan::before(&server), "mode = \"require\"");
    let gateway = plan.table("listener.authentication", "certificate = \"user\"").start();
    let own = papers.clients.client("trusted");
    let (certificate, key) = (own.certificate.display(), own.key.display());
    let convert = |arguments: String| {
        let made = Command::new("openssl").args(arguments.split(' ')).output().expect("openssl");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    convert(format!("pkcs8 -topk8 -nocrypt -inform PEM -in {key} -outform DER -out {key}.pk8"));
    convert(format!(
        "pkcs12 -export -in {certificate} -inkey {key} -name user -passout pass:none -out {key}.p12"
    ));
    let mut client = java("Certified", gateway.port, "trusted");
    // Nobody's certificate lies where the driver looks by itself.
    client.env("JAVA_TOOL_OPTIONS", "-Duser.home=/nonexistent");
    client.env("AUTHORITY", &papers.servers.file).env("PGHOST", "localhost");
    client.env("CLIENT_CERTIFICATE", &own.certificate).env("CLIENT_KEY", &own.key);
    let printed = run(&mut client).printed().to_owned();
    assert_eq!(printed.matches("connected | trusted").count(), 4, "{printed}");
    let without = printed.split_once("without").map(|(_, rest)| rest).unwrap_or_default();
    assert!(
        without.contains("this listener requires a client certificate") && without.contains("28000"),
        "{printed}"
    );
}

/// A server that takes the gateway's certificate for everybody named, and nothing else over TCP.
fn server_by_certificate(version: &str, papers: &Papers) -> Server {
    let write = |name: &str, text: &str| {
        let file = papers.folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let access = write(
        "pg_hba.conf",
        "local all trusted trust\nhost all trusted 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 cert map=gateway\n",
    );
    let names = write("pg_ident.conf", "gateway gateway.internal app\ngateway gateway.internal hashed\n");
    let ca = papers.clients.file.display().to_string();
    Server::start_with(version, &[("hba_file", &access), ("ident_file", &names), ("ssl_ca_file", &ca)])
}

#[test]
fn an_upstream_that_asks_for_a_certificate_gets_the_gateways() {
    each_version(|version| {
        let papers = Papers::make();
        let server = server_by_certificate(version, &papers);
        let own = papers.clients.client("gateway.internal");
        let (certificate, key) = (own.certificate.display(), own.key.display());
        let upstream = format!("mode = \"require\"\ncertificate = \"{certificate}\"\nkey = \"{key}\"");
        let plan = papers.plan(Plan::before(&server), "client_certificate = \"optional\"");
        let plan = plan.table("listener.authentication", "certificate = \"user\"");
        // The probe's identity is a role like any other: the gateway's certificate is its proof as well.
        let probe = "user = \"hashed\"\ndatabases = [\"shop\"]";
        let probing = plan.clone().table("listener.probe", probe);
        let gateway = probing.table("listener.upstream_tls", &upstream).start();
        let login = |user: &str, shown: Option<&Identity>| papers.login(&gateway, user, shown);
        for user in ["app", "hashed"] {
            let mut wire = login(user, Some(&papers.clients.client(user))).unwrap();
            let sql = "SELECT client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
            let seen = harness::server::rows(&mut wire, sql);
            assert_eq!(seen, [[Some("/CN=gateway.internal".to_owned())]], "{user}");
        }
        harness::eventually("the probe has looked at two roles", || {
            let text = gateway.ready().1;
            let known =
                text.contains(" 0 unverified") && !text.contains("privileges: 0 verified, 0 with gaps");
            known.then_some(())
        });
        // Whom the server does not map it refuses itself, and who shows nothing is refused here.
        let unmapped = login("clear", Some(&papers.clients.client("clear"))).err();
        assert_eq!(unmapped, Some(told("28000: certificate authentication failed for user \"clear\"")));
        assert_eq!(login("app", None).err(), Some(told(UNPROVED)));
        // Without one of its own the gateway gets nobody in.
        let gateway = plan.table("listener.upstream_tls", "mode = \"require\"").start();
        let failed = papers.login(&gateway, "app", Some(&papers.clients.client("app"))).err();
        assert_eq!(failed, Some(told("28000: connection requires a valid client certificate")));
    });
}

#[test]
fn the_lowest_version_of_tls_is_the_settings() {
    let papers = Papers::make();
    let server = Server::start_with(&places::newest_version(), &[("ssl_max_protocol_version", "TLSv1.2")]);
    let start = |minimum: &str, upstream: &str| {
        let plan =
            papers.plan(Plan::before(&server), &format!("client_certificate = \"optional\"\n{minimum}"));
        plan.table("listener.upstream_tls", &format!("mode = \"require\"\n{upstream}")).start()
    };
    let gateway = start("minimum_version = \"1.3\"", "");
    assert_eq!(papers.login_by(&gateway, "clear", None, &TLS12).err(), Some(Failed::Handshake));
    assert_works(papers.login_by(&gateway, "clear", None, &TLS13).unwrap());
    let gateway = start("minimum_version = \"1.2\"", "minimum_version = \"1.3\"");
    for version in [&TLS12, &TLS13] {
        let failed = papers.login_by(&gateway, "clear", None, version).err();
        assert_eq!(failed, Some(told("08001: no server behind listener `shop` can be reached")));
    }
}

#[test]
fn a_client_that_vouches_for_itself_is_taken_for_nobody() {
    let (server, papers) = (server(), Papers::make());
    let gateway = papers.plan(Plan::before(&server), "").start();
    let authority = |one: &mut rcgen::CertificateParams| {
        one.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    };
    // The authority's own name, and one that may sign others: neither opens the door.
    let named = papers.strangers.client_with("clients", authority);
    let signing = papers.clients.client_with("clear", authority);
    for identity in [&named, &signing] {
        assert_eq!(papers.login(&gateway, "clear", Some(identity)).err(), Some(Failed::Handshake));
    }
}

#[test]
fn mariadb_clients_show_certificates_too() {
    let (server, papers) = (Mariadb::start(), Papers::make());
    let plan = papers.plan(server.plan(), "client_certificate = \"require\"");
    let gateway = plan.table("listener.authentication", "certificate = \"user\"").start();
    let ask = |user: &str, shown: Option<&Identity>, sql: &str| {
        let mut command = mariadb(gateway.port, user);
        command.arg("--ssl").arg(format!("--ssl-ca={}", papers.servers.file.display()));
        if let Some(Identity { certificate, key }) = shown {
            command.arg(format!("--ssl-cert={}", certificate.display()));
            command.arg(format!("--ssl-key={}", key.display()));
        }
        if user == "nobody" {
            command.env_remove("MYSQL_PWD");
        }
        run_with_input(&mut command, sql)
    };
    // An account without a password, and one with.
    for user in ["nobody", "app"] {
        let ended = ask(user, Some(&papers.clients.client(user)), "SELECT USER()");
        assert_eq!(ended.printed().trim(), format!("{user}@127.0.0.1"));
    }
    for (shown, said) in [
        (None, "this listener requires a client certificate"),
        (Some(papers.clients.client("app")), "the client certificate is not this user's"),
        (Some(papers.strangers.client("nobody")), "unknown ca"),
    ] {
        let ended = ask("nobody", shown.as_ref(), "SELECT 1");
        assert!(!ended.success && ended.error.contains(said), "not `{said}`: {}", ended.error);
    }
    gateway.recorded("the certificate", |records| {
        let mut starts = records.iter().filter(|record| record.event() == "session.start");
        starts.find(|record| record.0["principal"]["certificate"]["names"][0] == "nobody").map(|_| ())
    });
}

#[test]
fn a_session_does_not_become_somebody_elses_whose_certificate_was_not_shown() {
    let (server, papers) = (Mariadb::start(), Papers::make());
    let plan = papers.plan(server.plan(), "client_certificate = \"optional\"");
    let gateway = plan.table("listener.authentication", "certificate = \"user\"").start();
    let nobody = papers.clients.client("nobody");
    let mut client = node_mysql("login_certificate.js", gateway.port);
    client.env("CLIENT_CERTIFICATE", &nobody.certificate).env("CLIENT_KEY", &nobody.key);
    let refused = "the client certificate is not this user's; log in as whom its common name, or a DNS or mail name of it, \
                   spells; `authentication.certificate` of the listener asks for that";
    let expected = format!(
        "refused ann 1045 {refused}\nin nobody@127.0.0.1\nin nobody@127.0.0.1\nrefused app 1045 {refused}\nin nobody@127.0.0.1\n"
    );
    assert_eq!(printed(&mut client), expected);
}
