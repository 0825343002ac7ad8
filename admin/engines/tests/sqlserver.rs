//! Is a SQL Server connected to, asked and left as it should be?
//!
//! No SQL Server can be had where these tests run, so a double answers here; its tests say so in their names. The
//! last test asks a real one where `DRAGOMAN_SQLSERVER` says how.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "sqlserver/double.rs"]
mod double;
mod harness;
// Its name in tests elsewhere that have the double, too.
use harness as servers;
#[path = "sqlserver/cells.rs"]
mod cells;
#[path = "sqlserver/wire.rs"]
mod wire;

#[path = "sqlserver/catalog.rs"]
mod catalog;
#[path = "sqlserver/real.rs"]
mod real;

use admin_engines::{
    Cell, Connection, Egress, EngineError, ErrorClass, Kind, Place, RunRequest, Target, Tls, TlsMode,
    Truncation, connect,
};
use double::{Crypt, Double, Heard, crypt};
use harness::{Certificate, PASSWORD, PATIENCE, eventually, rows, said};
use std::time::Duration;
use tokio::sync::mpsc;
use wire::{Answer, int, number, nvarchar, text};

fn target(port: u16, mode: TlsMode, ca_pem: Option<String>) -> Target {
    Target {
        kind: Kind::SqlServer,
        place: Place::Tcp { host: "127.0.0.1".to_owned(), port },
        user: "reader".to_owned(),
        password: PASSWORD.to_owned().into(),
        database: "shop".to_owned(),
        tls: Tls { mode, ca_pem },
        application: "dragoman test".to_owned(),
    }
}

async fn connect_to(double: &Double) -> Connection {
    let target = target(double.port, TlsMode::Prefer, None);
    connect(&target, &Egress::default(), PATIENCE).await.unwrap()
}

fn seven(_: &str) -> Answer {
    Answer::Rows { columns: vec![int("n")], rows: vec![vec![number(7)]] }
}

fn endless(_: &str) -> Answer {
    Answer::Endless { columns: vec![int("n")], row: vec![number(7)] }
}

async fn heard(double: &Double, what: &Heard) {
    eventually("the double hears it", async || double.heard().contains(what).then_some(())).await;
}

#[tokio::test]
async fn a_double_is_logged_in_to_with_tls_and_without() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::make(&folder.path().join("own"));
    let other = Certificate::make(&folder.path().join("other"));
    let pem = |certificate: &Certificate| Some(std::fs::read_to_string(&certificate.authority).unwrap());
    let plain = Double::start(Crypt::None, seven);
    let with = Double::start(Crypt::With(crypt(&certificate)), seven);
    let only = Double::start(Crypt::Only(crypt(&certificate)), seven);
    for (double, mode, ca, expected) in [
        (&plain, TlsMode::Disable, None, Ok(false)),
        (&plain, TlsMode::Prefer, None, Ok(false)),
        (&plain, TlsMode::Require, None, Err(ErrorClass::Tls)),
        (&with, TlsMode::Disable, None, Ok(false)),
        (&with, TlsMode::Prefer, None, Ok(true)),
        (&with, TlsMode::Require, None, Ok(true)),
        (&with, TlsMode::VerifyCa, pem(&certificate), Ok(true)),
        (&with, TlsMode::VerifyFull, pem(&certificate), Ok(true)),
        (&with, TlsMode::VerifyFull, pem(&other), Err(ErrorClass::Tls)),
        (&only, TlsMode::Disable, None, Err(ErrorClass::Tls)),
        (&only, TlsMode::Require, None, Ok(true)),
    ] {
        let connected = connect(&target(double.port, mode, ca), &Egress::default(), PATIENCE).await;
        let found = match connected {
            Ok(mut connection) => {
                assert_eq!(rows(&mut connection, "SELECT n FROM t").await, [[Cell::Integer(7)]], "{mode:?}");
                let encrypted = connection.facts().await.unwrap().encrypted.unwrap();
                connection.close().await;
                Ok(encrypted)
            }
            Err(error) => Err(error.class()),
        };
        assert_eq!(found, expected, "{mode:?} at port {}", double.port);
    }
    let login = Heard::Login {
        user: "reader".to_owned(),
        database: "shop".to_owned(),
        application: "dragoman test".to_owned(),
    };
    assert_eq!(with.heard().first(), Some(&login));
}

#[tokio::test]
async fn a_wrong_password_and_a_server_of_another_kind_are_told_by_a_double() {
    let double = Double::start(Crypt::None, seven);
    let mut wrong = target(double.port, TlsMode::Prefer, None);
    wrong.password = "planted-wrong".to_owned().into();
    let error = connect(&wrong, &Egress::default(), PATIENCE).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Password);
    assert!(error.message().contains("18456") && !format!("{error:?}").contains("planted"), "{error:?}");
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ =
                tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let error =
        connect(&target(port, TlsMode::Prefer, None), &Egress::default(), PATIENCE).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Protocol, "{error:?}");
}

#[tokio::test]
async fn a_double_that_sends_clients_on_is_followed_once_and_only_where_the_rules_allow_it() {
    let there = Double::start(Crypt::None, seven);
    let gateway = Double::start(Crypt::None, seven);
    let mut target = target(gateway.port, TlsMode::Prefer, None);
    // The double of the gateway reads where to from the database's name; that behind it has the name as well.
    target.database = format!("at {}", there.port);
    let error = connect(&target, &Egress::default(), PATIENCE).await.unwrap_err();
    assert_eq!(
        error.class(),
        ErrorClass::Protocol,
        "it is sent on again, and that is once too often: {error:?}"
    );
    assert_eq!(there.heard().len().min(1), 1, "but it was followed");
}

#[tokio::test]
async fn a_query_to_a_double_runs_in_a_transaction_that_is_rolled_back() {
    let double = Double::start(Crypt::None, seven);
    let mut connection = connect_to(&double).await;
    let text = "SELECT n FROM t WHERE a = 'x' -- ü";
    assert_eq!(rows(&mut connection, text).await, [[Cell::Integer(7)]]);
    let batches = double.batches();
    let [begin, query, end] = batches.as_slice() else { panic!("{batches:?}") };
    assert!(begin.ends_with("BEGIN TRANSACTION") && begin.contains("SET XACT_ABORT ON"), "{begin}");
    assert!(begin.contains("SET LOCK_TIMEOUT 30000;"), "{begin}");
    assert_eq!((query.as_str(), end.as_str()), (text, "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION"));
    // Whoever asks to write gets the same: nothing that writes is known here, and nothing is kept.
    let request = RunRequest { read_only: false, ..RunRequest::read(text) };
    said(&mut connection, &request).await.unwrap();
    let batches = double.batches();
    assert_eq!(batches.last().unwrap(), "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION");
    let commits = |batch: &String| batch.split([' ', ';']).any(|word| word == "COMMIT");
    assert!(!batches.iter().any(commits) && connection.is_usable());
}

#[tokio::test]
async fn what_the_allowlist_refuses_never_reaches_a_double() {
    let double = Double::start(Crypt::None, seven);
    let mut connection = connect_to(&double).await;
    let before = double.heard().len();
    for text in
        ["DELETE FROM t", "SELECT 1 EXEC x", "SELECT dbo.f()", "SELECT 1; SELECT 2", "SELECT 1 INTO t"]
    {
        let error = said(&mut connection, &RunRequest::read(text)).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Permission, "{text}");
        assert!(error.position().is_some(), "{text}");
    }
    assert_eq!(double.heard().len(), before);
    assert!(connection.is_usable());
}

#[tokio::test]
async fn parameters_go_to_a_double_beside_the_text() {
    let double = Double::start(Crypt::None, seven);
    let mut connection = connect_to(&double).await;
    let parameters = vec![Some("it's; DELETE".to_owned()), None];
    let request = RunRequest { parameters, ..RunRequest::read("SELECT n FROM t WHERE a = @P1 OR b = @P2") };
    said(&mut connection, &request).await.unwrap();
    let call = double.heard().into_iter().find_map(|heard| match heard {
        Heard::Call(bytes) => Some(bytes),
        _ => None,
    });
    let call = call.unwrap();
    let holds = |needle: &str| {
        let needle: Vec<u8> = needle.encode_utf16().flat_map(u16::to_le_bytes).collect();
        call.windows(needle.len()).any(|window| window == needle)
    };
    assert!(
        holds("SELECT n FROM t WHERE a = @P1 OR b = @P2") && holds("it's; DELETE") && holds("@P1 nvarchar")
    );
}

#[tokio::test]
async fn an_error_of_a_double_has_its_class_and_line_and_leaves_the_session_clean() {
    let double = Double::start(Crypt::None, |text| match text {
        text if text.contains("missing") => {
            Answer::Error { number: 208, message: "Invalid object name 'missing'.", line: 2 }
        }
        text if text.contains("forbidden") => Answer::Error { number: 229, message: "denied", line: 1 },
        text if text.contains("gone") => Answer::Error { number: 4060, message: "no", line: 1 },
        _ => seven(text),
    });
    let mut connection = connect_to(&double).await;
    let error = said(&mut connection, &RunRequest::read("SELECT 'ü',\n n FROM missing")).await.unwrap_err();
    assert_eq!((error.class(), error.position()), (ErrorClass::Statement, Some(13)), "{error:?}");
    assert_eq!(error.detail(), Some("Invalid object name 'missing'."));
    assert!(!error.message().contains("missing"), "the server's words are for the person who asked only");
    for (text, class) in
        [("SELECT 1 FROM forbidden", ErrorClass::Permission), ("SELECT 1 FROM gone", ErrorClass::Database)]
    {
        assert_eq!(said(&mut connection, &RunRequest::read(text)).await.unwrap_err().class(), class);
    }
    assert_eq!(double.batches().last().unwrap(), "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION");
    assert_eq!(rows(&mut connection, "SELECT n FROM t").await, [[Cell::Integer(7)]]);
}

#[tokio::test]
async fn a_bound_of_rows_or_bytes_stops_a_double_and_keeps_the_session() {
    let double = Double::start(Crypt::None, endless);
    let mut connection = connect_to(&double).await;
    for (rows_max, bytes_max, expected, truncation) in
        [(100, u64::MAX, 100, Truncation::Rows), (u64::MAX, 84, 10, Truncation::Bytes)]
    {
        let request = RunRequest { rows_max, bytes_max, ..RunRequest::read("SELECT n FROM t") };
        let said = said(&mut connection, &request).await.unwrap();
        assert_eq!((said.rows.len(), said.done.unwrap().truncated), (expected, Some(truncation)));
        assert!(connection.is_usable(), "the rest was stopped and read");
        assert_eq!(
            double.heard().last(),
            Some(&Heard::Batch("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION".into()))
        );
    }
    assert_eq!(double.heard().iter().filter(|heard| **heard == Heard::Attention).count(), 2);
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_stopped_at_a_double() {
    let double = Double::start(Crypt::None, |_| Answer::Silence);
    let mut connection = connect_to(&double).await;
    let request = RunRequest { timeout: Duration::from_millis(300), ..RunRequest::read("SELECT n FROM t") };
    let error = said(&mut connection, &request).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Timeout);
    heard(&double, &Heard::Attention).await;
    assert!(!connection.is_usable());
    let again = said(&mut connection, &request).await.unwrap_err();
    assert_eq!(again.class(), ErrorClass::Lost);
}

#[tokio::test]
async fn a_query_is_cancelled_at_a_double_from_elsewhere() {
    for answers in [endless as fn(&str) -> Answer, |_: &str| Answer::Silence] {
        let double = Double::start(Crypt::None, answers);
        let mut connection = connect_to(&double).await;
        let canceller = connection.canceller();
        let request =
            RunRequest { rows_max: u64::MAX, bytes_max: u64::MAX, ..RunRequest::read("SELECT n FROM t") };
        let cancelling = async {
            let running = |heard: &Heard| matches!(heard, Heard::Batch(text) if text.contains("FROM t"));
            eventually("the query runs", async || double.heard().iter().any(running).then_some(())).await;
            canceller.cancel().await.unwrap();
        };
        let (sender, mut events) = mpsc::channel(4);
        let hearing = async { while events.recv().await.is_some() {} };
        let running = async {
            let result = connection.run(&request, &sender).await;
            drop(sender);
            result
        };
        let (result, (), ()) = tokio::join!(running, cancelling, hearing);
        assert_eq!(result.unwrap_err().class(), ErrorClass::Cancelled);
        heard(&double, &Heard::Attention).await;
        assert!(!connection.is_usable());
    }
}

#[tokio::test]
async fn a_query_nobody_waits_for_is_stopped_at_a_double() {
    let double = Double::start(Crypt::None, |_| Answer::Silence);
    let mut connection = connect_to(&double).await;
    let (sender, events) = mpsc::channel(4);
    drop(events);
    let error: EngineError = connection.run(&RunRequest::read("SELECT n FROM t"), &sender).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Cancelled);
    drop(connection);
    heard(&double, &Heard::End).await;
    // And one whose run is dropped in the middle.
    let mut connection = connect_to(&double).await;
    let (sender, _events) = mpsc::channel(4);
    let request = RunRequest::read("SELECT n FROM t");
    let dropped = tokio::time::timeout(Duration::from_millis(300), connection.run(&request, &sender)).await;
    assert!(dropped.is_err());
    heard(&double, &Heard::Attention).await;
    assert!(!connection.is_usable());
}

#[tokio::test]
async fn a_row_of_a_double_that_is_too_large_is_not_taken_in() {
    let double = Double::start(Crypt::None, |_| Answer::Rows {
        columns: vec![wire::column("t", &wire::nvarchar_max_type())],
        rows: vec![vec![wire::parts(&vec![b'a'; 70 * 1024 * 1024])]],
    });
    let mut connection = connect_to(&double).await;
    let error = said(&mut connection, &RunRequest::read("SELECT t FROM t")).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Limit, "{error:?}");
    assert!(!connection.is_usable());
}

#[tokio::test]
async fn facts_and_what_the_login_may_do_beyond_reading_are_told_by_a_double() {
    let privileges = |sysadmin: i32, insert: i32| {
        let columns = ["sysadmin", "db_datawriter", "may_insert", "may_execute"].map(int).to_vec();
        let rows = vec![vec![number(sysadmin), vec![0], number(insert), number(insert)]];
        Answer::Rows { columns, rows }
    };
    for (sysadmin, insert, expected) in [(0, 0, 0), (0, 1, 2), (1, 1, 1)] {
        let double = Double::start(Crypt::None, move |asked| {
            if asked.contains("IS_SRVROLEMEMBER") {
                return privileges(sysadmin, insert);
            }
            let columns = ["version", "who", "name", "updateability"].map(nvarchar).to_vec();
            let row = ["16.0.4085.2", "reader", "shop", "READ_WRITE"].map(text).to_vec();
            Answer::Rows { columns, rows: vec![row] }
        });
        let mut connection = connect_to(&double).await;
        assert!(connection.ping().await.unwrap() > Duration::ZERO);
        let facts = connection.facts().await.unwrap();
        assert_eq!((facts.product.as_str(), facts.version_number), ("SQL Server", 160_099));
        assert_eq!(
            (facts.current_user.as_deref(), facts.database.as_deref()),
            (Some("reader"), Some("shop"))
        );
        assert_eq!((facts.read_only, facts.encrypted), (Some(false), Some(false)));
        assert_eq!(facts.excess.len(), expected, "{:?}", facts.excess);
        assert!(facts.excess.iter().all(|excess| !excess.remedy.is_empty()));
        if sysadmin == 1 {
            assert!(facts.excess.first().unwrap().what.contains("everything"));
        }
    }
}
