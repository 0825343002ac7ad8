//! Does an open SQLite file let itself be read, and nothing else?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use admin_engines::{
    Cell, CellKind, Connection, Egress, ErrorClass, Kind, Place, PlanFormat, RunRequest, Target, Tls,
    Truncation, connect,
};
use harness::{PATIENCE, rows, said, texts};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Counts without end.
const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
const BUSY: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

/// What an open file does not run.
const REFUSED: &[&str] = &[
    "DELETE FROM t",
    "INSERT INTO t (id) VALUES (3) RETURNING id",
    "UPDATE t SET name = 'x'",
    "REPLACE INTO t (id) VALUES (1)",
    "DROP TABLE t",
    "CREATE TABLE more (id)",
    "CREATE TEMP TABLE more (id)",
    "CREATE TEMP VIEW more AS SELECT 1",
    "CREATE TABLE more AS SELECT 1",
    "CREATE VIRTUAL TABLE more USING fts5(x)",
    "CREATE INDEX i ON t (name)",
    "ALTER TABLE t ADD x",
    "REINDEX",
    "ANALYZE",
    "VACUUM",
    "ATTACH ':memory:' AS x",
    "ATTACH 'file:/etc/passwd?mode=ro' AS x",
    "DETACH main",
    "PRAGMA query_only = off",
    "PRAGMA query_only(0)",
    "PRAGMA user_version = 9",
    "PRAGMA journal_mode = wal",
    "PRAGMA writable_schema = on",
    "PRAGMA trusted_schema = on",
    "PRAGMA temp_store_directory = '/tmp'",
    "PRAGMA database_list",
    "PRAGMA wal_checkpoint",
    "SELECT * FROM pragma_journal_mode('wal')",
    "SELECT * FROM pragma_database_list",
    "SELECT load_extension('x')",
    "SELECT writefile('/tmp/x', 'x')",
    "SELECT readfile('/etc/passwd')",
    "SELECT fts3_tokenizer('x', x'00')",
    "SAVEPOINT x",
    "BEGIN",
    "BEGIN IMMEDIATE",
    "ROLLBACK",
    "SELECT 1; SELECT 2",
    "SELECT 1; DELETE FROM t",
    "COMMIT; DELETE FROM t",
    "DELETE FROM t; SELECT 1",
    "",
    " ; ",
    "-- nothing",
    "SELECT 1\0",
    "SELECT 'unended",
    "EXPLAIN DELETE FROM t",
];

struct Folder {
    folder: tempfile::TempDir,
    egress: Egress,
}

impl Folder {
    fn new() -> Folder {
        let folder = tempfile::tempdir().unwrap();
        let egress = Egress::default().with_sqlite_folder(Some(folder.path().to_owned()));
        let made = rusqlite::Connection::open(folder.path().join("shop.db")).unwrap();
        made.execute_batch(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(20), price DECIMAL(10,2), born DATE, at DATETIME, \
             raw BLOB, ok BOOLEAN, ratio REAL, doc JSON, anything); \
             INSERT INTO t VALUES (1, 'ünï', 1.5, '2026-07-30', '2026-07-30 07:08:09', x'00ff', 1, 2, '{\"a\":1}', 'x'), \
             (2, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, 7); \
             CREATE VIEW v AS SELECT id FROM t; PRAGMA user_version = 7;",
        )
        .unwrap();
        Folder { folder, egress }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("shop.db")
    }

    fn target(path: impl AsRef<Path>) -> Target {
        Target {
            kind: Kind::Sqlite,
            place: Place::File { path: path.as_ref().to_owned() },
            user: String::new(),
            password: String::new().into(),
            database: String::new(),
            tls: Tls::default(),
            application: "engines-test".to_owned(),
        }
    }

    async fn connect(&self) -> Connection {
        connect(&Folder::target("shop.db"), &self.egress, PATIENCE).await.unwrap()
    }
}

#[tokio::test]
async fn a_file_is_read_with_its_types() {
    let folder = Folder::new();
    let mut connection = folder.connect().await;
    let facts = connection.facts().await.unwrap();
    assert_eq!((facts.product.as_str(), facts.read_only), ("SQLite", Some(true)));
    assert_eq!(facts.database.as_deref(), Some("shop.db"));
    assert!(facts.version_number > 34_000 && facts.version.starts_with("3."), "{facts:?}");
    assert!(connection.ping().await.unwrap() < PATIENCE);
    let said =
        said(&mut connection, &RunRequest::read("SELECT *, count(*) OVER () AS n FROM t")).await.unwrap();
    let kinds: Vec<CellKind> = said.columns.iter().map(|column| column.kind).collect();
    let expected = [
        CellKind::Integer,
        CellKind::Text,
        CellKind::Any,
        CellKind::Date,
        CellKind::Timestamp,
        CellKind::Bytes,
        CellKind::Boolean,
        CellKind::Float,
        CellKind::Json,
        CellKind::Any,
        CellKind::Any,
    ];
    assert_eq!(kinds, expected);
    assert_eq!(said.columns[1].type_name, "VARCHAR(20)");
    let expected = [
        Cell::Integer(1),
        Cell::Text("ünï".to_owned()),
        Cell::Float(1.5),
        Cell::Date("2026-07-30".to_owned()),
        Cell::Timestamp("2026-07-30T07:08:09".to_owned()),
        Cell::Bytes(vec![0, 255]),
        Cell::Boolean(true),
        Cell::Float(2.0),
        Cell::Json("{\"a\":1}".to_owned()),
        Cell::Text("x".to_owned()),
        Cell::Integer(2),
    ];
    assert_eq!(said.rows[0], expected);
    assert_eq!(said.rows[1][9], Cell::Integer(7));
    let catalog = connection.catalog(&Default::default()).await.unwrap();
    assert!(format!("{catalog:?}").contains("name"), "the catalog is read past the authorizer");
    assert_eq!(texts(&mut connection, "SELECT name FROM pragma_table_info('v')").await, [["id"]]);
    connection.close().await;
}

#[tokio::test]
async fn nothing_but_reading_gets_through() {
    let folder = Folder::new();
    let other = folder.folder.path().join("other.db");
    let mut connection = folder.connect().await;
    let attach = format!("ATTACH '{}' AS other", other.display());
    let vacuum = format!("VACUUM INTO '{}'", other.display());
    for sql in REFUSED.iter().copied().chain([attach.as_str(), vacuum.as_str()]) {
        let error = said(&mut connection, &RunRequest::read(sql)).await.expect_err(sql);
        let class = error.class();
        assert!(matches!(class, ErrorClass::Permission | ErrorClass::Statement), "{sql}: {error:?}");
        // A wish to write does not lift the walls.
        let request = RunRequest { read_only: false, ..RunRequest::read(sql) };
        assert!(said(&mut connection, &request).await.is_err(), "{sql}");
    }
    for sql in [
        "SELECT 1;",
        "SELECT 1 -- end",
        "SELECT 1; -- end",
        "PRAGMA user_version",
        "VALUES (1)",
        "EXPLAIN SELECT 1",
    ] {
        rows(&mut connection, sql).await;
    }
    let many = format!("SELECT {}", vec!["1"; 3_000].join(","));
    let deep = format!("SELECT {}", vec!["1"; 1_500].join("+"));
    for sql in
        [many, deep, format!("SELECT '{}'", "x".repeat(2_000_000)), "SELECT zeroblob(1000000000)".to_owned()]
    {
        let error = said(&mut connection, &RunRequest::read(sql)).await.unwrap_err();
        assert!(matches!(error.class(), ErrorClass::Statement | ErrorClass::Limit), "{error:?}");
    }
    assert_eq!(texts(&mut connection, "SELECT count(*) FROM t").await, [["2"]]);
    assert!(!other.exists());
}

#[tokio::test]
async fn another_programs_changes_are_seen() {
    let folder = Folder::new();
    let mut connection = folder.connect().await;
    assert_eq!(texts(&mut connection, "SELECT count(*) FROM t").await, [["2"]]);
    rusqlite::Connection::open(folder.path()).unwrap().execute("DELETE FROM t WHERE id = 2", []).unwrap();
    assert_eq!(texts(&mut connection, "SELECT count(*) FROM t").await, [["1"]]);
}

#[tokio::test]
async fn only_databases_inside_the_folder_are_opened() {
    let folder = Folder::new();
    std::fs::write(
        folder.folder.path().join("text.db"),
        "this is no database, and long enough to be read as one",
    )
    .unwrap();
    let outside = tempfile::tempdir().unwrap();
    rusqlite::Connection::open(outside.path().join("out.db"))
        .unwrap()
        .execute_batch("CREATE TABLE t (a)")
        .unwrap();
    std::os::unix::fs::symlink(outside.path().join("out.db"), folder.folder.path().join("link.db")).unwrap();
    let whole = outside.path().join("out.db");
    for path in [
        "text.db",
        "none.db",
        "link.db",
        "../x.db",
        "file:shop.db",
        "shop.db?mode=rwc",
        whole.to_str().unwrap(),
    ] {
        let error = connect(&Folder::target(path), &folder.egress, PATIENCE).await.expect_err(path);
        assert_eq!(error.class(), ErrorClass::File, "{path}: {error:?}");
        assert!(!error.tips().is_empty());
    }
    let error = connect(&Folder::target("shop.db"), &Egress::default(), PATIENCE).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Egress);
    assert!(!folder.folder.path().join("none.db").exists());
}

#[tokio::test]
async fn parameters_are_never_sql() {
    let folder = Folder::new();
    let mut connection = folder.connect().await;
    let hostile = "x'; DELETE FROM t; --";
    let request = RunRequest {
        parameters: [Some("1"), Some(hostile), None, Some("1")].map(|text| text.map(str::to_owned)).to_vec(),
        ..RunRequest::read(
            "SELECT id, ?2, ?3 FROM t WHERE id = ?1 AND (SELECT count(*) FROM t) > ?1 LIMIT ?4",
        )
    };
    let row = said(&mut connection, &request).await.unwrap().rows.remove(0);
    assert_eq!(row, [Cell::Integer(1), Cell::Text(hostile.to_owned()), Cell::Null]);
    // A text that only looks like a number keeps its zeros.
    let request = RunRequest { parameters: vec![Some("007".to_owned())], ..RunRequest::read("SELECT ?") };
    assert_eq!(said(&mut connection, &request).await.unwrap().rows, [[Cell::Text("007".to_owned())]]);
    let request = RunRequest { parameters: vec![None], ..RunRequest::read("SELECT 1") };
    let error = said(&mut connection, &request).await.unwrap_err();
    assert!(error.message().contains("parameters"), "{error:?}");
}

#[tokio::test]
async fn rows_bytes_and_time_have_bounds() {
    let folder = Folder::new();
    let mut connection = folder.connect().await;
    let request = RunRequest { rows_max: 1_234, ..RunRequest::read(ENDLESS) };
    let done = said(&mut connection, &request).await.unwrap().done.unwrap();
    assert_eq!((done.rows, done.truncated), (1_234, Some(Truncation::Rows)));
    let request = RunRequest {
        bytes_max: 10_000,
        rows_max: u64::MAX,
        ..RunRequest::read(format!("SELECT printf('%.999c', 'x') FROM ({ENDLESS})"))
    };
    let done = said(&mut connection, &request).await.unwrap().done.unwrap();
    assert_eq!((done.rows, done.bytes, done.truncated), (10, 9_990, Some(Truncation::Bytes)));
    for sql in [ENDLESS, BUSY] {
        let timeout = Duration::from_millis(200);
        let request =
            RunRequest { timeout, rows_max: u64::MAX, bytes_max: u64::MAX, ..RunRequest::read(sql) };
        let begun = Instant::now();
        let error = said(&mut connection, &request).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Timeout, "{sql}: {error:?}");
        assert!(begun.elapsed() >= timeout);
        assert_eq!(texts(&mut connection, "SELECT 1").await, [["1"]]);
    }
}

#[tokio::test]
async fn who_goes_away_interrupts_the_work() {
    let folder = Folder::new();
    let mut connection = folder.connect().await;
    let all = |sql: &str| RunRequest {
        rows_max: u64::MAX,
        bytes_max: u64::MAX,
        timeout: Duration::from_secs(600),
        ..RunRequest::read(sql)
    };
    // The receiver goes away: behind a full channel, and while nothing comes.
    for sql in [ENDLESS, BUSY] {
        let (sender, mut events) = mpsc::channel(1);
        let leaving = async {
            assert!(events.recv().await.is_some());
            drop(events);
        };
        let request = all(sql);
        let (result, ()) = tokio::join!(connection.run(&request, &sender), leaving);
        assert_eq!(result.unwrap_err().class(), ErrorClass::Cancelled, "{sql}");
        assert_eq!(texts(&mut connection, "SELECT 1").await, [["1"]]);
    }
    // A cancel from elsewhere, and a run that is dropped: the next question waits for its end.
    let canceller = connection.canceller();
    let (sender, mut events) = mpsc::channel(1);
    let cancelling = async {
        assert!(events.recv().await.is_some());
        canceller.cancel().await.unwrap();
        while events.recv().await.is_some() {}
    };
    let request = all(BUSY);
    let running = async {
        let result = connection.run(&request, &sender).await;
        drop(sender);
        result
    };
    let (result, ()) = tokio::join!(running, cancelling);
    assert_eq!(result.unwrap_err().class(), ErrorClass::Cancelled);
    let (sender, mut events) = mpsc::channel(1);
    tokio::select! {
        result = connection.run(&request, &sender) => panic!("{result:?}"),
        event = events.recv() => assert!(event.is_some()),
    }
    assert!(connection.is_usable());
    assert_eq!(texts(&mut connection, "SELECT 1").await, [["1"]]);
}

#[tokio::test]
async fn a_plan_is_a_tree() {
    let folder = Folder::new();
    let mut connection = folder.connect().await;
    let limit = Duration::from_secs(10);
    let sql = "SELECT * FROM t WHERE id = ?1 UNION SELECT * FROM t";
    let plan = connection.explain(sql, &[Some("1".to_owned())], limit).await.unwrap();
    assert_eq!(plan.format, PlanFormat::Sqlite);
    let top = &plan.json["nodes"][0];
    assert!(top["detail"].as_str().is_some_and(|word| word.contains("COMPOUND")), "{}", plan.json);
    assert!(top["children"].as_array().is_some_and(|below| !below.is_empty()), "{}", plan.json);
    let error = connection.explain("SELECT nothing FROM t", &[], limit).await.unwrap_err();
    assert_eq!((error.class(), error.position()), (ErrorClass::Statement, Some(8)), "{error:?}");
    let error = connection.explain("DELETE FROM t", &[], limit).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Permission, "{error:?}");
}
