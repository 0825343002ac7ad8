//! Does a real SQL Server do what is expected of it?

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::harness::{PATIENCE, said, texts};
use admin_engines::schema::Options;
use admin_engines::{Egress, ErrorClass, Kind, Place, RunRequest, Target, Tls, TlsMode, connect};

/// `host port user password database`, with spaces between.
const VARIABLE: &str = "DRAGOMAN_SQLSERVER";

#[tokio::test]
async fn a_real_server_browses_and_answers_where_there_is_one() {
    let Ok(told) = std::env::var(VARIABLE) else {
        eprintln!("SKIPPED: {VARIABLE} is not set, so no real SQL Server was asked");
        return;
    };
    let words: Vec<&str> = told.split_whitespace().collect();
    let [host, port, user, password, database] = words.as_slice() else {
        panic!("{VARIABLE} is not `host port user password database`")
    };
    let target = Target {
        kind: Kind::SqlServer,
        place: Place::Tcp { host: (*host).to_owned(), port: port.parse().unwrap() },
        user: (*user).to_owned(),
        password: (*password).to_owned().into(),
        database: (*database).to_owned(),
        tls: Tls { mode: TlsMode::Require, ca_pem: None },
        application: "dragoman test".to_owned(),
    };
    let mut connection = connect(&target, &Egress::default(), PATIENCE).await.unwrap();
    let facts = connection.facts().await.unwrap();
    assert_eq!((facts.product.as_str(), facts.encrypted), ("SQL Server", Some(true)));
    assert_eq!(facts.database.as_deref(), Some(*database));
    assert_eq!(
        texts(&mut connection, "SELECT @@TRANCOUNT, N'ü', CAST(1.50 AS money)").await,
        [["1", "ü", "1.5000"]]
    );
    // Every function that passes is one the server has, and every question of ours one that it answers.
    let catalog = connection.catalog(&Options::default()).await.unwrap();
    assert_eq!(catalog.warnings, []);
    assert!(catalog.objects.iter().any(|object| object.name == "dbo"));
    let error = said(&mut connection, &RunRequest::read("SELECT *\nFROM no_such_table")).await.unwrap_err();
    assert_eq!((error.class(), error.position()), (ErrorClass::Statement, Some(10)));
    let endless = "SELECT a.number FROM master..spt_values a, master..spt_values b, master..spt_values c";
    let few = RunRequest { rows_max: 10, ..RunRequest::read(endless) };
    assert_eq!(said(&mut connection, &few).await.unwrap().rows.len(), 10);
    assert!(connection.is_usable());
    assert_eq!(texts(&mut connection, "SELECT @@TRANCOUNT").await, [["1"]]);
}
