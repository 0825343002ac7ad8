//! Does a connection to a real MariaDB read what is there, and only that?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use admin_engines::{
    Cell, CellKind, Connection, Egress, ErrorClass, Kind, PlanFormat, RunRequest, Target, TlsMode,
    Truncation, connect,
};
use harness::{PATIENCE, Server, eventually, rows, said, texts};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// What a connection that only reads does not run, and what no connection does.
const REFUSED: &[&str] = &[
    "DELETE FROM kept",
    "DELETE FROM kept RETURNING id",
    "INSERT INTO kept VALUES (2)",
    "INSERT INTO kept VALUES (2) RETURNING id",
    "REPLACE INTO kept VALUES (1) RETURNING id",
    "DROP TABLE kept",
    "TRUNCATE kept",
    "CREATE TABLE more (id int)",
    "CREATE TABLE more AS SELECT 1",
    "SELECT wipe()",
    "SELECT NEXT VALUE FOR counted",
    "CALL commits()",
    "SET TRANSACTION READ WRITE",
    "SET SESSION TRANSACTION READ WRITE",
    "SET STATEMENT max_statement_time=0 FOR DELETE FROM kept",
    "SELECT 1 INTO @x",
    "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE kept",
    "COMMIT",
    "START TRANSACTION READ WRITE",
    "LOCK TABLES kept WRITE",
    "FLUSH TABLES",
    "OPTIMIZE TABLE kept",
    "ALTER TABLE kept ADD x int",
    "GRANT ALL ON shop.* TO app@'127.0.0.1'",
    "COMMIT; DELETE FROM kept",
    "SELECT 1; SELECT 2",
    "SELECT 1; DELETE FROM kept; COMMIT",
    "HANDLER kept OPEN",
    "XA START 'x'",
    "PREPARE p FROM 'DELETE FROM kept'",
    "EXECUTE IMMEDIATE 'DELETE FROM kept'",
    "BEGIN NOT ATOMIC DELETE FROM kept; END",
    "ANALYZE FORMAT=JSON DELETE FROM kept",
    "DO SLEEP(0)",
    "",
    "SELECT 1\0",
    "SELECT 'unended",
    "/* unended",
    "/*!50000 DELETE FROM kept */",
    "/*M! DELETE FROM kept */",
];

/// The server's owner, who sees everybody's sessions.
async fn owner(server: &Server) -> Connection {
    let target = Target { user: "owner".to_owned(), password: String::new().into(), ..server.target() };
    connect(&target, &Egress::default(), PATIENCE).await.unwrap()
}

async fn write(connection: &mut Connection, sql: &str) {
    let request = RunRequest { read_only: false, ..RunRequest::read(sql) };
    said(connection, &request).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

/// What sessions of `app` run.
async fn busy(owner: &mut Connection) -> Vec<Vec<String>> {
    let sql =
        "SELECT info FROM information_schema.processlist WHERE user = 'app' AND command NOT IN ('Sleep')";
    texts(owner, sql).await
}

async fn wait_until_busy(owner: &mut Connection) {
    eventually("it runs", async || (!busy(owner).await.is_empty()).then_some(())).await;
}

async fn wait_until_idle(owner: &mut Connection) {
    eventually("no session is busy", async || busy(owner).await.is_empty().then_some(())).await;
}

#[tokio::test]
async fn the_servers_facts_are_known_in_every_mode_of_tls() {
    let server = Server::mariadb().await;
    for mode in [TlsMode::Disable, TlsMode::Prefer, TlsMode::Require, TlsMode::VerifyCa, TlsMode::VerifyFull]
    {
        let target = server.target_with_tls(mode);
        let mut connection = connect(&target, &Egress::default(), PATIENCE).await.unwrap();
        let facts = connection.facts().await.unwrap();
        assert_eq!(facts.product, "MariaDB");
        assert!(facts.version_number > 100_000 && facts.version.contains("MariaDB"), "{facts:?}");
        assert_eq!(facts.read_only, Some(false));
        assert_eq!(
            (facts.current_user.as_deref(), facts.database.as_deref()),
            (Some("app@127.0.0.1"), Some("shop"))
        );
        let encrypted = mode != TlsMode::Disable;
        assert_eq!(facts.encrypted, Some(encrypted));
        let cipher = texts(&mut connection, "SHOW STATUS LIKE 'Ssl_cipher'").await;
        assert_eq!(!cipher[0][1].is_empty(), encrypted, "{mode:?}: {cipher:?}");
        assert!(connection.ping().await.unwrap() < PATIENCE);
        assert_eq!(connection.kind(), Kind::Mysql);
        let catalog = connection.catalog(&Default::default()).await.unwrap();
        assert_eq!(catalog.database, "shop");
        assert_eq!(texts(&mut connection, "SELECT 1").await, [["1"]]);
        connection.close().await;
    }
}

#[tokio::test]
async fn every_type_has_its_kind() {
    let server = Server::mariadb().await;
    let mut connection = server.connect().await;
    let table = "CREATE TABLE t (a tinyint, b smallint unsigned, c mediumint, d int unsigned, e bigint, f bigint unsigned, \
                 g float, h double, i decimal(30,5), j date, k time(3), l datetime(6), m timestamp NULL, n year, \
                 o varchar(20), p char(5), q text, r blob, s varbinary(9), t bit(10), u enum('x','y'), v set('p','q'), \
                 w longtext, y binary(2)) CHARACTER SET utf8mb4";
    write(&mut connection, table).await;
    let values = "INSERT INTO t VALUES (-128, 65535, -8388608, 4294967295, -9223372036854775808, 18446744073709551615, \
                  0.1, 1e300, '1234567890123456789012345.67890', '2026-07-30', '-838:59:59.5', '2026-07-30 07:08:09.000001', \
                  NULL, 2026, 'ünï', 'ab', 'text', x'00ff', x'01', b'1000000001', 'y', 'p,q', 'long', x'0a0b')";
    write(&mut connection, values).await;
    let said = said(&mut connection, &RunRequest::read("SELECT * FROM t")).await.unwrap();
    let text = |text: &str| Cell::Text(text.to_owned());
    let expected = [
        ("tinyint", Cell::Integer(-128)),
        ("smallint unsigned", Cell::Unsigned(65_535)),
        ("mediumint", Cell::Integer(-8_388_608)),
        ("int unsigned", Cell::Unsigned(4_294_967_295)),
        ("bigint", Cell::Integer(i64::MIN)),
        ("bigint unsigned", Cell::Unsigned(u64::MAX)),
        ("float", Cell::Float(0.1)),
        ("double", Cell::Float(1e300)),
        ("decimal", Cell::Decimal("1234567890123456789012345.67890".to_owned())),
        ("date", Cell::Date("2026-07-30".to_owned())),
        ("time", Cell::Time("-838:59:59.5".to_owned())),
        ("datetime", Cell::Timestamp("2026-07-30T07:08:09.000001".to_owned())),
        ("timestamp", Cell::Null),
        ("year", Cell::Integer(2026)),
        ("varchar", text("ünï")),
        ("char", text("ab")),
        ("text", text("text")),
        ("blob", Cell::Bytes(vec![0, 255])),
        ("varbinary", Cell::Bytes(vec![1])),
        ("bit", Cell::Unsigned(513)),
        ("enum", text("y")),
        ("set", text("p,q")),
        ("text", text("long")),
        ("binary", Cell::Bytes(vec![10, 11])),
    ];
    for (at, (word, cell)) in expected.into_iter().enumerate() {
        assert_eq!(said.rows[0][at], cell, "{word}");
        assert_eq!(said.columns[at].type_name, word, "{:?}", said.columns[at]);
    }
    assert_eq!(said.columns[5].kind, CellKind::Unsigned);
    let zero = "SELECT CAST('0000-00-00' AS DATE), CAST('2026-07-30 00:00:00' AS DATETIME)";
    let row = rows(&mut connection, zero).await.remove(0);
    assert_eq!(row[1], Cell::Timestamp("2026-07-30T00:00:00".to_owned()));
}

#[tokio::test]
async fn parameters_are_never_sql() {
    let server = Server::mariadb().await;
    let mut connection = server.connect().await;
    let hostile = "it's; DROP TABLE x; --";
    let request = RunRequest {
        parameters: vec![Some("7".to_owned()), Some(hostile.to_owned()), None, Some("2".to_owned())],
        ..RunRequest::read(
            "SELECT ? + 1, ?, ? FROM (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) x LIMIT ?",
        )
    };
    let said_so = said(&mut connection, &request).await.unwrap();
    assert_eq!(said_so.rows.len(), 2);
    assert_eq!(said_so.rows[0][1..], [Cell::Text(hostile.to_owned()), Cell::Null]);
    assert_eq!(said_so.rows[0][0].to_text().unwrap(), "8");
    for (sql, given) in [("SELECT ?", 0), ("SELECT 1", 1)] {
        let request = RunRequest { parameters: vec![None; given], ..RunRequest::read(sql) };
        let error = said(&mut connection, &request).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Statement, "{error:?}");
        assert!(connection.is_usable());
    }
}

#[tokio::test]
async fn nothing_but_reading_gets_through() {
    let server = Server::mariadb().await;
    let mut owner = owner(&server).await;
    for sql in [
        "CREATE TABLE kept (id int PRIMARY KEY)",
        "INSERT INTO kept VALUES (1)",
        "CREATE PROCEDURE commits() BEGIN COMMIT; DELETE FROM kept; COMMIT; SELECT 1; END",
        "CREATE FUNCTION wipe() RETURNS int MODIFIES SQL DATA BEGIN DELETE FROM kept; RETURN 1; END",
        "GRANT FILE ON *.* TO app@'127.0.0.1'",
        "CREATE SEQUENCE counted",
    ] {
        write(&mut owner, sql).await;
    }
    let mut connection = server.connect().await;
    let file = format!("{}/dragoman-kept-{}", std::env::temp_dir().display(), server.port);
    let outfile = format!("SELECT * INTO OUTFILE '{file}' FROM kept");
    let dumpfile = format!("SELECT * FROM kept INTO DUMPFILE '{file}'");
    for sql in REFUSED.iter().copied().chain([outfile.as_str(), dumpfile.as_str()]) {
        let error = said(&mut connection, &RunRequest::read(sql)).await.expect_err(sql);
        let class = error.class();
        assert!(matches!(class, ErrorClass::Permission | ErrorClass::Statement), "{sql}: {error:?}");
        assert!(connection.is_usable(), "{sql}: {error:?}");
    }
    for sql in [
        "SELECT GET_LOCK('x', 1)",
        "SELECT @x := 7",
        "SHOW TABLES",
        "SHOW CREATE TABLE kept",
        "SHOW PROCESSLIST",
        "SHOW GRANTS",
        "DESCRIBE kept",
        "EXPLAIN SELECT * FROM kept",
        "SELECT 1 -- end",
        "(SELECT 1) UNION (SELECT 2);",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "VALUES (1)",
    ] {
        said(&mut connection, &RunRequest::read(sql))
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let error = said(&mut connection, &RunRequest::read("DELETE FROM kept")).await.expect_err(sql);
        assert_eq!(error.class(), ErrorClass::Permission, "{sql}");
    }
    assert_eq!(texts(&mut connection, "SELECT @x, IS_USED_LOCK('x')").await, [["NULL", "NULL"]]);
    assert_eq!(texts(&mut owner, "SELECT count(*) FROM kept").await, [["1"]]);
    assert!(!std::path::Path::new(&file).exists());
}

#[tokio::test]
async fn a_statement_that_may_write_is_kept_whole_or_not_at_all() {
    let server = Server::mariadb().await;
    let mut connection = server.connect().await;
    write(&mut connection, "CREATE TABLE t (id int PRIMARY KEY)").await;
    let request = RunRequest { read_only: false, ..RunRequest::read("INSERT INTO t VALUES (1), (2), (3)") };
    assert_eq!(said(&mut connection, &request).await.unwrap().done.unwrap().affected, Some(3));
    let request = RunRequest {
        rows_max: 1,
        read_only: false,
        ..RunRequest::read("INSERT INTO t VALUES (4), (5) RETURNING id")
    };
    let done = said(&mut connection, &request).await.unwrap().done.unwrap();
    assert_eq!(done.truncated, Some(Truncation::Rows));
    assert_eq!(texts(&mut connection, "SELECT count(*) FROM t").await, [["3"]]);
}

#[tokio::test]
async fn rows_bytes_and_time_have_bounds() {
    let server = Server::mariadb().await;
    let mut owner = owner(&server).await;
    let mut connection = server.connect().await;
    let request = RunRequest { rows_max: 10, ..RunRequest::read("SELECT seq FROM seq_1_to_100000000") };
    let done = said(&mut connection, &request).await.unwrap().done.unwrap();
    assert_eq!((done.rows, done.truncated), (10, Some(Truncation::Rows)));
    wait_until_idle(&mut owner).await;
    let request = RunRequest {
        bytes_max: 10_000,
        rows_max: u64::MAX,
        ..RunRequest::read("SELECT REPEAT('x', 999) FROM seq_1_to_1000000")
    };
    let done = said(&mut connection, &request).await.unwrap().done.unwrap();
    assert_eq!((done.rows, done.bytes, done.truncated), (10, 9_990, Some(Truncation::Bytes)));
    let request = RunRequest { bytes_max: 1_000, ..RunRequest::read("SELECT 1, REPEAT('x', 30000000)") };
    let done = said(&mut connection, &request).await.unwrap().done.unwrap();
    assert_eq!((done.rows, done.truncated), (0, Some(Truncation::Bytes)));
    assert!(connection.is_usable());
    // More than is taken in at all.
    let error = said(&mut connection, &RunRequest::read("SELECT REPEAT('x', 90000000)")).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Limit, "{error:?}");

    let mut connection = server.connect().await;
    let request = RunRequest { timeout: Duration::from_millis(200), ..RunRequest::read("SELECT SLEEP(600)") };
    let begun = Instant::now();
    let error = said(&mut connection, &request).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Timeout, "{error:?}");
    assert!(begun.elapsed() >= request.timeout);
    wait_until_idle(&mut owner).await;
}

#[tokio::test]
async fn who_goes_away_cancels_the_servers_work() {
    let server = Server::mariadb().await;
    let mut owner = owner(&server).await;
    let endless = "SELECT seq, REPEAT('x', 200) FROM seq_1_to_1000000000";
    let all = |sql: &str| RunRequest { rows_max: u64::MAX, bytes_max: u64::MAX, ..RunRequest::read(sql) };
    for (sql, hear) in [("SELECT SLEEP(600)", 0), (endless, 20), (endless, 0)] {
        let mut connection = server.connect().await;
        let (sender, mut events) = mpsc::channel(2);
        let request = all(sql);
        let leaving = async {
            for _ in 0..hear {
                assert!(events.recv().await.is_some());
            }
            wait_until_busy(&mut owner).await;
            drop(events);
        };
        let (result, ()) = tokio::join!(connection.run(&request, &sender), leaving);
        assert_eq!(result.unwrap_err().class(), ErrorClass::Cancelled, "{sql}");
        wait_until_idle(&mut owner).await;
    }
    // A run that is dropped.
    let mut connection = server.connect().await;
    let (sender, _events) = mpsc::channel(2);
    let request = all("SELECT SLEEP(600)");
    tokio::select! {
        result = connection.run(&request, &sender) => panic!("{result:?}"),
        () = wait_until_busy(&mut owner) => {}
    }
    wait_until_idle(&mut owner).await;
    assert!(!connection.is_usable());
    // A cancel from elsewhere.
    let mut connection = server.connect().await;
    let canceller = connection.canceller();
    let cancelling = async {
        wait_until_busy(&mut owner).await;
        canceller.cancel().await.unwrap();
    };
    let request = all("SELECT SLEEP(600), BENCHMARK(1000000000000, MD5('x'))");
    let (result, ()) = tokio::join!(said(&mut connection, &request), cancelling);
    assert_eq!(result.unwrap_err().class(), ErrorClass::Cancelled);
    assert_eq!(texts(&mut connection, "SELECT 1").await, [["1"]]);
}

#[tokio::test]
async fn a_plan_is_shown_and_nothing_is_run() {
    let server = Server::mariadb().await;
    let mut connection = server.connect().await;
    write(&mut connection, "CREATE TABLE t (id int PRIMARY KEY)").await;
    write(&mut connection, "INSERT INTO t VALUES (1)").await;
    let limit = Duration::from_secs(10);
    let plan =
        connection.explain("SELECT * FROM t WHERE id > ?", &[Some("0".to_owned())], limit).await.unwrap();
    assert_eq!(plan.format, PlanFormat::Mariadb);
    assert!(plan.json["query_block"].is_object(), "{}", plan.json);
    let error = connection.explain("SELECT nothing FROM t", &[], limit).await.unwrap_err();
    assert_eq!((error.class(), error.sqlstate()), (ErrorClass::Statement, Some("42S22")), "{error:?}");
    assert_eq!(texts(&mut connection, "SELECT count(*) FROM t").await, [["1"]]);
}
