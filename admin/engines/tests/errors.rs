//! Is each way a connection can fail told apart, and does somebody get a tip for it?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use admin_engines::{Egress, EngineError, ErrorClass, Kind, Place, Target, Tls, TlsMode, connect};
use harness::{PASSWORD, PATIENCE, Server, free_port};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const SHORT: Duration = Duration::from_millis(300);

fn target(kind: Kind, host: &str, port: u16) -> Target {
    Target {
        kind,
        place: Place::Tcp { host: host.to_owned(), port },
        user: "app".to_owned(),
        password: PASSWORD.to_owned().into(),
        database: "shop".to_owned(),
        tls: Tls::default(),
        application: "engines-test".to_owned(),
    }
}

async fn fails(target: &Target, egress: &Egress, limit: Duration, class: ErrorClass) -> EngineError {
    let error = connect(target, egress, limit).await.expect_err("it cannot connect");
    assert_eq!(error.class(), class, "{target:?}: {error:?}");
    assert!(!error.tips().is_empty());
    assert!(!format!("{error:?}").contains(PASSWORD), "{error:?}");
    error
}

#[tokio::test]
async fn what_a_socket_says_is_told_apart() {
    for kind in [Kind::Postgres, Kind::Mysql] {
        let anywhere = Egress::default();
        let refused = target(kind, "127.0.0.1", free_port());
        fails(&refused, &anywhere, PATIENCE, ErrorClass::Refused).await;
        fails(&target(kind, "no-such-host.invalid", 1), &anywhere, PATIENCE, ErrorClass::Dns).await;
        fails(&target(kind, "169.254.169.254", 80), &anywhere, PATIENCE, ErrorClass::Egress).await;
        let elsewhere = Egress::compile(&["10.0.0.0/8"], &[]).unwrap();
        fails(&refused, &elsewhere, PATIENCE, ErrorClass::Egress).await;
        let file = Target { place: Place::File { path: "/etc/passwd".into() }, ..refused };
        fails(&file, &anywhere, PATIENCE, ErrorClass::Protocol).await;
    }
}

/// Listens, and does `answer` with each connection.
async fn listen(answer: &'static [u8], close: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.write_all(answer).await;
            if close {
                let _ = socket.read(&mut [0; 1024]).await;
            } else {
                kept.push(socket);
            }
        }
    });
    port
}

#[tokio::test]
async fn a_server_that_says_nothing_or_something_else_is_told_apart() {
    for kind in [Kind::Postgres, Kind::Mysql] {
        for mode in [TlsMode::Disable, TlsMode::Prefer] {
            let at = |port| Target { tls: Tls { mode, ca_pem: None }, ..target(kind, "127.0.0.1", port) };
            let silent = listen(b"", false).await;
            fails(&at(silent), &Egress::default(), SHORT, ErrorClass::Timeout).await;
            for answer in [
                b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(),
                b"SSH-2.0-OpenSSH_9.2\r\n",
                b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
                b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                b"\x05\0\0\0\x0aabc\0................................................................................",
                b"R\0\0\0\x08\0\0\0\x63................................................................................",
            ] {
                let port = listen(answer, true).await;
                let error = connect(&at(port), &Egress::default(), PATIENCE).await.unwrap_err();
                let class = error.class();
                assert!(
                    matches!(
                        class,
                        ErrorClass::Protocol | ErrorClass::Lost | ErrorClass::Tls | ErrorClass::Password
                    ),
                    "{kind} {mode:?} {answer:?}: {error:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn what_postgres_says_is_told_apart() {
    let server = Server::postgres().await;
    let anywhere = Egress::default();
    let right = server.target();
    let wrong = Target { password: "planted-wrong".to_owned().into(), ..right.clone() };
    let error = fails(&wrong, &anywhere, PATIENCE, ErrorClass::Password).await;
    assert_eq!(error.sqlstate(), Some("28P01"));
    assert!(!format!("{error:?}").contains("planted"), "{error:?}");
    let barred = Target { user: "barred".to_owned(), ..right.clone() };
    let error = fails(&barred, &anywhere, PATIENCE, ErrorClass::Password).await;
    assert_eq!(error.sqlstate(), Some("28000"));
    assert!(error.tips().iter().any(|tip| tip.contains("pg_hba.conf")));
    let none = Target { database: "none".to_owned(), ..right.clone() };
    fails(&none, &anywhere, PATIENCE, ErrorClass::Database).await;
    let owner = server.owner("postgres").await;
    owner.batch_execute("CREATE DATABASE closed; ").await.unwrap();
    owner.batch_execute("REVOKE CONNECT ON DATABASE closed FROM public").await.unwrap();
    let closed = Target { database: "closed".to_owned(), ..right.clone() };
    fails(&closed, &anywhere, PATIENCE, ErrorClass::Permission).await;
    owner.batch_execute("ALTER ROLE app CONNECTION LIMIT 0").await.unwrap();
    let error = fails(&right, &anywhere, PATIENCE, ErrorClass::Limit).await;
    assert_eq!(error.sqlstate(), Some("53300"));
    owner.batch_execute("ALTER ROLE app CONNECTION LIMIT -1").await.unwrap();
    // A MySQL client at a PostgreSQL server, which waits for the client to speak first.
    let other = Target { kind: Kind::Mysql, ..right };
    fails(&other, &anywhere, SHORT, ErrorClass::Timeout).await;
}

#[tokio::test]
async fn what_mariadb_says_is_told_apart() {
    let server = Server::mariadb().await;
    let anywhere = Egress::default();
    let right = server.target();
    for mode in [TlsMode::Disable, TlsMode::Require] {
        let right = Target { tls: Tls { mode, ca_pem: None }, ..right.clone() };
        let wrong = Target { password: "planted-wrong".to_owned().into(), ..right.clone() };
        let error = fails(&wrong, &anywhere, PATIENCE, ErrorClass::Password).await;
        assert_eq!(error.sqlstate(), Some("28000"));
        assert!(!format!("{error:?}").contains("planted"), "{error:?}");
        let none = Target {
            database: "none".to_owned(),
            user: "owner".to_owned(),
            password: String::new().into(),
            ..right.clone()
        };
        fails(&none, &anywhere, PATIENCE, ErrorClass::Database).await;
        let closed = Target { database: "mysql_closed".to_owned(), ..right.clone() };
        fails(&closed, &anywhere, PATIENCE, ErrorClass::Permission).await;
    }
    let other = Target { kind: Kind::Postgres, ..right };
    let error = connect(&other, &anywhere, PATIENCE).await.unwrap_err();
    assert!(matches!(error.class(), ErrorClass::Protocol | ErrorClass::Tls | ErrorClass::Lost), "{error:?}");
}

/// The same five modes at both servers: who is trusted, and who is not.
#[tokio::test]
async fn each_mode_of_tls_trusts_whom_it_says() {
    for server in [Server::postgres().await, Server::mariadb().await] {
        let anywhere = Egress::default();
        let at = |mode, host: &str| Target {
            place: Place::Tcp { host: host.to_owned(), port: server.port },
            ..server.target_with_tls(mode)
        };
        for mode in
            [TlsMode::Disable, TlsMode::Prefer, TlsMode::Require, TlsMode::VerifyCa, TlsMode::VerifyFull]
        {
            connect(&at(mode, "127.0.0.1"), &anywhere, PATIENCE)
                .await
                .unwrap_or_else(|error| panic!("{mode:?}: {error:?}"));
            // The certificate does not name `localhost`: only the last mode minds.
            let only_v4 = Egress::compile(&["127.0.0.1"], &[]).unwrap();
            let result = connect(&at(mode, "localhost"), &only_v4, PATIENCE).await;
            assert_eq!(result.is_ok(), mode != TlsMode::VerifyFull, "{mode:?}: {result:?}");
            if let Err(error) = result {
                assert_eq!(error.class(), ErrorClass::Tls);
                assert!(error.detail().is_some_and(|detail| detail.contains("does not name")), "{error:?}");
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let stranger = harness::Certificate::make(folder.path());
        let other = std::fs::read_to_string(stranger.authority).unwrap();
        let own = std::fs::read_to_string(&server.certificate.certificate).unwrap();
        for mode in [TlsMode::VerifyCa, TlsMode::VerifyFull] {
            for pem in [Some(other.clone()), None, Some(String::new()), Some("nonsense".to_owned())] {
                let target = Target { tls: Tls { mode, ca_pem: pem.clone() }, ..server.target() };
                let result = connect(&target, &anywhere, PATIENCE).await;
                assert_eq!(result.unwrap_err().class(), ErrorClass::Tls, "{mode:?} {pem:?}");
            }
            // The server's certificate is no authority: it vouches for nobody, not even for itself.
            let target = Target { tls: Tls { mode, ca_pem: Some(own.clone()) }, ..server.target() };
            let error = connect(&target, &anywhere, PATIENCE).await.unwrap_err();
            assert_eq!(error.class(), ErrorClass::Tls, "{mode:?}: {error:?}");
        }
        let broken = Target {
            tls: Tls { mode: TlsMode::Disable, ca_pem: None },
            user: "tlsonly".to_owned(),
            ..server.target()
        };
        if server.kind == Kind::Postgres {
            fails(&broken, &anywhere, PATIENCE, ErrorClass::Password).await;
        }
    }
}

#[tokio::test]
async fn a_server_without_tls_is_named_where_tls_is_required() {
    // A PostgreSQL that answers `N`, and a MySQL whose greeting has no such capability.
    let postgres = listen(b"N", false).await;
    let greeting = b"\x2b\0\0\0\x0a8.0.1\0\x01\0\0\0abcdefgh\0\xff\xf7\x21\x02\0\xff\xff\x15\0\0\0\0\0\0\0\0\0\0ijklmnopqrst";
    let mysql = listen(greeting, false).await;
    for (kind, port) in [(Kind::Postgres, postgres), (Kind::Mysql, mysql)] {
        let tls = Tls { mode: TlsMode::Require, ca_pem: None };
        fails(
            &Target { tls, ..target(kind, "127.0.0.1", port) },
            &Egress::default(),
            PATIENCE,
            ErrorClass::Tls,
        )
        .await;
    }
}
