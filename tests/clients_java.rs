//! Do clients in Java see anything else through the gateway than they see directly?
//!
//! Each runs its program whole, directly and through a gateway that observes, and the reads in it again, directly and
//! through a gateway that lets only reads pass. What it prints must be the same text.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::certificate::Certificate;
use harness::compared::{Part, check, observing};
use harness::compiled::java;
use harness::each_version;
use harness::script::assert_same_text;
use harness::server::Server;

#[test]
fn jdbc_sees_the_same_through_the_gateway() {
    check("JDBC", |port, part| part.printed(&mut java("WithJdbc", port, "app")));
}

#[test]
fn a_pool_of_hikari_sees_the_same_through_the_gateway() {
    check("HikariCP", |port, part| part.printed(&mut java("Pool", port, "app")));
}

/// The listener shows the server's own certificate, so that every mode finds what it finds directly.
#[test]
fn jdbc_sees_the_same_in_every_mode_of_tls() {
    each_version(|version| {
        let server = Server::start(version);
        let certificate = server.certificate();
        let another = tempfile::tempdir().unwrap();
        let another = Certificate::make(another.path()).authority;
        let see = |port| {
            let mut client = java("Encrypted", port, "app");
            client.env("AUTHORITY", &certificate.authority).env("ANOTHER", &another);
            Part::All.printed(&mut client)
        };
        let direct = see(server.port);
        assert!(direct.matches("connected").count() > 6, "{direct}");
        assert!(direct.contains("PKIX") || direct.contains("08006"), "{direct}");
        for upstream in ["disable", "prefer"] {
            let gateway =
                observing(&server).client_tls("prefer", &certificate).upstream_tls(upstream).start();
            let title = format!("TLS with PostgreSQL {version}, upstream {upstream}");
            assert_same_text(&title, &direct, &see(gateway.port));
        }
    });
}
