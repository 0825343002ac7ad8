//! Does a connection to a real PostgreSQL read what is there, and only that?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use admin_engines::{
    Cell, CellKind, Connection, Egress, ErrorClass, Kind, RunEvent, RunRequest, Truncation, connect,
};
use harness::{PATIENCE, Server, eventually, rows, said, texts};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Values of every type, in the server's words.
const VALUES: &[&str] = &[
    "true",
    "(-32768)::int2",
    "2147483647",
    "(-9223372036854775808)",
    "4294967295::oid",
    "'12'::xid8",
    "3::small",
    "0::numeric",
    "-0.0001::numeric",
    "1234567890123456789012345678901234567890.12345",
    "10000::numeric",
    "100000000::numeric(20,5)",
    "0.00000000000000000001",
    "1e100::numeric",
    "'NaN'::numeric",
    "'Infinity'::numeric",
    "12345.6700::numeric",
    "99990000.0001",
    "'text'",
    "'x'::varchar(9)",
    "'pad'::char(6)",
    "'n'::name",
    "'c'::\"char\"",
    "'ok, \"fine\"'::mood",
    "'2026-07-30'::date",
    "'infinity'::date",
    "'0001-01-01'::date",
    "'2000-02-29'::date",
    "'1600-12-31'::date",
    "'07:08:09.5'::time",
    "'24:00'::time",
    "'07:08:09+02'::timetz",
    "'07:08:09.000001-03:30'::timetz",
    "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
    "'{\"a\": [1, 2.50]}'::json",
    "'{\"b\":1,\"a\":2}'::jsonb",
    "'192.168.0.1'::inet",
    "'192.168.0.0/24'::inet",
    "'10.0.0.0/8'::cidr",
    "'::1'::inet",
    "'2001:db8::/32'::cidr",
    "'::ffff:1.2.3.4'::inet",
    "'08:00:2b:01:02:03'::macaddr",
    "'08:00:2b:01:02:03:04:05'::macaddr8",
    "B'10110'::bit(5)",
    "B''::varbit",
    "'16/B374D848'::pg_lsn",
    "'\\xdeadbeef'::bytea",
    "''::bytea",
    "'{}'::int[]",
    "'{1,NULL,-3}'::int[]",
    "'{{1,2},{3,4}}'::int8[]",
    "'[0:1]={a,b}'::text[]",
    "ARRAY['', 'NULL', 'a b', 'q\"\\', '{}', 'x,y', E'line\\nbreak', 'ünï']",
    "'{t,f}'::bool[]",
    "ARRAY['2026-07-30 01:02:03.5'::timestamp]",
    "ARRAY['2026-07-30'::date, 'infinity']",
    "ARRAY[1.50, 2]::numeric[]",
    "ARRAY['sad'::mood]",
    "ARRAY['\\x00ff'::bytea]",
    "ARRAY['{\"a\": 1}'::jsonb]",
    "int4range(1, 5)",
    "int4range(NULL, 5)",
    "'empty'::int8range",
    "numrange(1.5, 2.5, '[]')",
    "tsrange('2026-07-30', '2026-07-31 12:00')",
    "daterange('2026-07-30', NULL)",
    "tstzrange('2026-07-30+00', NULL)",
    "ARRAY[int4range(1, 5)]",
    "'<a/>'::xml",
    "NULL::int",
    "''",
    "1.5::float8 / 3",
    "0.1::float4",
    "'NaN'::float8",
    "'-Infinity'::float4",
    // Types that are not read from their binary format come as the server's text.
    "'(1,2)'::point",
    "'a:1 b:2'::tsvector",
    "ROW(1, 'x')::pair",
    "'{[1,3),[5,7)}'::int4multirange",
    "'$1.50'::money",
    "'pg_class'::regclass",
    "'owner=r/owner'::aclitem",
    "'(0,1)'::tid",
    "ARRAY['(1,2)'::point]",
    "'1:2:'::pg_snapshot",
];

/// What a connection that only reads does not run, and what no connection does.
const REFUSED: &[&str] = &[
    "DELETE FROM kept",
    "INSERT INTO kept VALUES (2)",
    "WITH gone AS (DELETE FROM kept RETURNING *) SELECT * FROM gone",
    "DROP TABLE kept",
    "TRUNCATE kept",
    "CREATE TABLE more (id int)",
    "SELECT * INTO more FROM kept",
    "SELECT wipe()",
    "SELECT sneak()",
    "SELECT point(sneak(), 1)",
    "SELECT nextval('counted')",
    "SELECT * FROM kept FOR UPDATE",
    "DO $$ BEGIN DELETE FROM kept; END $$",
    "DO $$ BEGIN SET TRANSACTION READ WRITE; DELETE FROM kept; END $$",
    "DO $$ BEGIN COMMIT; DELETE FROM kept; END $$",
    "CALL commits()",
    "SET TRANSACTION READ WRITE",
    "COPY kept FROM STDIN",
    "COPY kept TO STDOUT",
    "COPY kept TO '/tmp/kept'",
    "COPY (SELECT 1) TO PROGRAM 'touch /tmp/kept'",
    "GRANT ALL ON kept TO public",
    "COMMENT ON TABLE kept IS 'x'",
    "REINDEX TABLE kept",
    "VACUUM kept",
    "ANALYZE kept",
    "LOCK TABLE kept",
    "NOTIFY news",
    "COMMIT",
    "COMMIT AND CHAIN",
    "ROLLBACK",
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    "SET default_transaction_read_only = off",
    "PREPARE later AS SELECT 1",
    "DEALLOCATE ALL",
    "LISTEN news",
    "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
    "SET ROLE owner",
    "RESET ALL",
    "DISCARD ALL",
    "CREATE ROLE other",
    "COMMIT; DELETE FROM kept",
    "SELECT 1; SELECT 2",
    "SELECT 1; DELETE FROM kept; COMMIT",
    "BEGIN; DELETE FROM kept; COMMIT",
    "EXPLAIN ANALYZE DELETE FROM kept",
    "",
    " \n ",
    "SELECT 1\0",
    "\u{202e}SELECT 1",
    "SELECT 'unended",
    "/* unended",
    "SELECT $q$ unended",
];

/// What sessions named as ours do, but for idle ones.
async fn busy(owner: &tokio_postgres::Client) -> Vec<String> {
    let sql = "SELECT state || ': ' || query FROM pg_stat_activity \
               WHERE application_name = 'engines-test' AND state <> 'idle'";
    owner.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn wait_until_idle(owner: &tokio_postgres::Client) {
    eventually("no session is busy", async || busy(owner).await.is_empty().then_some(())).await;
}

#[tokio::test]
async fn the_servers_facts_are_known() {
    let server = Server::postgres().await;
    let mut connection = server.connect().await;
    let facts = connection.facts().await.unwrap();
    assert_eq!(facts.product, "PostgreSQL");
    assert!((180_000..190_000).contains(&facts.version_number), "{facts:?}");
    assert!(facts.version.starts_with("18"), "{facts:?}");
    assert_eq!((facts.read_only, facts.in_recovery), (Some(false), Some(false)));
    assert_eq!((facts.current_user.as_deref(), facts.database.as_deref()), (Some("app"), Some("shop")));
    assert_eq!(facts.encrypted, Some(true));
    assert!(connection.ping().await.unwrap() < PATIENCE);
    assert_eq!(connection.kind(), Kind::Postgres);
    let catalog = connection.catalog(&Default::default()).await.unwrap();
    assert_eq!(catalog.database, "shop");
    assert_eq!(texts(&mut connection, "SELECT 1").await, [["1"]], "usable after the catalog was read");
    connection.close().await;
}

/// Compares each value as it is shown with what the server writes for it.
#[tokio::test]
async fn every_type_is_shown_as_the_server_writes_it() {
    let server = Server::postgres().await;
    let owner = server.owner("shop").await;
    let types = "CREATE TYPE mood AS ENUM ('sad', 'ok, \"fine\"'); CREATE DOMAIN small AS int CHECK (value < 10); \
                 CREATE TYPE pair AS (a int, b text)";
    owner.batch_execute(types).await.unwrap();
    let mut connection = server.connect().await;

    for &value in VALUES {
        let shown = texts(&mut connection, &format!("SELECT {value}")).await.remove(0).remove(0);
        let answer = owner.simple_query(&format!("SELECT {value}")).await.unwrap();
        let written = answer.iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or("NULL").to_owned()),
            _ => None,
        });
        let written = written.map(|word| if value == "true" { "true".to_owned() } else { word }).unwrap();
        assert_eq!(shown, written, "{value}");
    }
}

#[tokio::test]
async fn moments_and_intervals_are_iso_8601() {
    let server = Server::postgres().await;
    let mut connection = server.connect().await;
    for (value, expected) in [
        ("'2026-07-30 07:08:09.5'::timestamp", Cell::Timestamp("2026-07-30T07:08:09.5".to_owned())),
        ("'2026-07-30 07:08:09+02'::timestamptz", Cell::Moment("2026-07-30T05:08:09Z".to_owned())),
        (
            "'1969-12-31 23:59:59.999999+00'::timestamptz",
            Cell::Moment("1969-12-31T23:59:59.999999Z".to_owned()),
        ),
        ("'infinity'::timestamp", Cell::Timestamp("infinity".to_owned())),
        ("'-infinity'::timestamptz", Cell::Moment("-infinity".to_owned())),
        ("'0044-03-15 BC'::date", Cell::Date("-0043-03-15".to_owned())),
        ("'0001-01-01 BC'::date", Cell::Date("0000-01-01".to_owned())),
        ("'5874897-12-31'::date", Cell::Date("5874897-12-31".to_owned())),
        ("'1 year 2 mons 3 days 04:05:06.7'::interval", Cell::Interval("P1Y2M3DT4H5M6.7S".to_owned())),
        (
            "'-1 year -2 mons +3 days -04:05:06.7'::interval",
            Cell::Interval("P-1Y-2M3DT-4H-5M-6.7S".to_owned()),
        ),
        ("'-0.5 seconds'::interval", Cell::Interval("PT-0.5S".to_owned())),
        ("'0'::interval", Cell::Interval("PT0S".to_owned())),
        ("'infinity'::interval", Cell::Interval("infinity".to_owned())),
        ("'100 hours'::interval", Cell::Interval("PT100H".to_owned())),
    ] {
        assert_eq!(rows(&mut connection, &format!("SELECT {value}")).await, [[expected]], "{value}");
    }
}

#[tokio::test]
async fn columns_have_names_types_and_kinds() {
    let server = Server::postgres().await;
    let mut connection = server.connect().await;
    let sql = "SELECT 1 AS id, 2::int8 AS id, 1.5 AS price, 'x'::text, now(), '(1,2)'::point AS place, \
               NULL::jsonb AS doc, '{1}'::int[] AS list, 1::float4 AS ratio WHERE false";
    let said = said(&mut connection, &RunRequest::read(sql)).await.unwrap();
    let columns: Vec<(&str, &str, CellKind)> =
        said.columns.iter().map(|c| (c.name.as_str(), c.type_name.as_str(), c.kind)).collect();
    let expected = [
        ("id", "int4", CellKind::Integer),
        ("id", "int8", CellKind::Integer),
        ("price", "numeric", CellKind::Decimal),
        ("text", "text", CellKind::Text),
        ("now", "timestamptz", CellKind::Moment),
        ("place", "point", CellKind::Other),
        ("doc", "jsonb", CellKind::Json),
        ("list", "_int4", CellKind::Array),
        ("ratio", "float4", CellKind::Float),
    ];
    assert_eq!(columns, expected);
    assert!(said.rows.is_empty());
}

#[tokio::test]
async fn parameters_are_read_by_the_server_and_never_as_sql() {
    let server = Server::postgres().await;
    let mut connection = server.connect().await;
    let parameters = ["7", "it's; DROP TABLE x; --", "2026-07-30", "{1,2}"].map(|text| Some(text.to_owned()));
    let request = RunRequest {
        parameters: parameters.into_iter().chain([None]).collect(),
        ..RunRequest::read("SELECT $1::int + 1, $2::text, $3::date, $4::int[], $5::int")
    };
    let row = said(&mut connection, &request).await.unwrap().rows.remove(0);
    let expected = [
        Cell::Integer(8),
        Cell::Text("it's; DROP TABLE x; --".to_owned()),
        Cell::Date("2026-07-30".to_owned()),
        Cell::Array("{1,2}".to_owned()),
        Cell::Null,
    ];
    assert_eq!(row, expected);
    // With a column that comes as text too: the cursor takes the same parameters.
    let request =
        RunRequest { parameters: vec![Some("3".to_owned())], ..RunRequest::read("SELECT point($1::int, 4)") };
    assert_eq!(said(&mut connection, &request).await.unwrap().rows, [[Cell::Other("(3,4)".to_owned())]]);
    for (sql, given) in [("SELECT $1::int", 0), ("SELECT 1", 1)] {
        let request = RunRequest { parameters: vec![None; given], ..RunRequest::read(sql) };
        let error = said(&mut connection, &request).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Statement, "{error:?}");
        assert!(error.message().contains("parameters"), "{error}");
    }
    let request = RunRequest { parameters: vec![Some("x".to_owned())], ..RunRequest::read("SELECT $1::int") };
    let error = said(&mut connection, &request).await.unwrap_err();
    assert_eq!((error.class(), error.sqlstate()), (ErrorClass::Statement, Some("22P02")));
}

#[tokio::test]
async fn nothing_but_reading_gets_through() {
    let server = Server::postgres().await;
    let owner = server.owner("shop").await;
    let fixture = "CREATE TABLE kept (id int PRIMARY KEY); INSERT INTO kept VALUES (1); GRANT ALL ON kept TO app; \
                   GRANT ALL ON SCHEMA public TO app; CREATE SEQUENCE counted; GRANT ALL ON SEQUENCE counted TO app; \
                   CREATE FUNCTION sneak() RETURNS int LANGUAGE plpgsql AS $$ BEGIN \
                     PERFORM set_config('transaction_read_only', 'off', true); DELETE FROM kept; RETURN 1; END $$; \
                   CREATE FUNCTION wipe() RETURNS int LANGUAGE sql AS 'DELETE FROM kept RETURNING id'; \
                   CREATE PROCEDURE commits() LANGUAGE plpgsql AS $$ BEGIN COMMIT; DELETE FROM kept; COMMIT; END $$";
    owner.batch_execute(fixture).await.unwrap();
    let mut connection = server.connect().await;
    for &sql in REFUSED {
        let error = said(&mut connection, &RunRequest::read(sql)).await.expect_err(sql);
        let class = error.class();
        assert!(matches!(class, ErrorClass::Permission | ErrorClass::Statement), "{sql}: {error:?}");
        assert!(connection.is_usable(), "{sql}: {error:?}");
    }
    // These are harmless, and nothing of them stays.
    let before = texts(&mut connection, "SELECT pg_backend_pid(), current_setting('search_path')").await;
    for sql in [
        "SELECT set_config('search_path', 'elsewhere', false)",
        "SELECT set_config('default_transaction_read_only', 'off', false)",
        "SELECT pg_advisory_lock(7)",
        "SELECT pg_advisory_lock(7), point(1, 2)",
        "SHOW ALL",
        "EXPLAIN SELECT 1",
        "VALUES (1)",
        "TABLE kept",
        "(SELECT 1)",
        "-- a comment\nSELECT 1 /* more */ ;",
    ] {
        said(&mut connection, &RunRequest::read(sql))
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let error = said(&mut connection, &RunRequest::read("DELETE FROM kept")).await.expect_err(sql);
        assert_eq!(error.class(), ErrorClass::Permission, "{sql}");
    }
    let after = texts(&mut connection, "SELECT pg_backend_pid(), current_setting('search_path')").await;
    assert_eq!(before, after);
    let sql = "SELECT (SELECT count(*) FROM kept), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'), \
               (SELECT is_called::int FROM counted), to_regclass('more') IS NULL";
    let row = owner.query_one(sql, &[]).await.unwrap();
    assert_eq!(
        (row.get::<_, i64>(0), row.get::<_, i64>(1)),
        (1, 0),
        "nothing was deleted, nothing is locked"
    );
    assert_eq!((row.get::<_, i32>(2), row.get::<_, bool>(3)), (0, true));
}

#[tokio::test]
async fn a_statement_that_may_write_is_kept_whole_or_not_at_all() {
    let server = Server::postgres().await;
    let owner = server.owner("shop").await;
    owner
        .batch_execute("CREATE TABLE t (id int PRIMARY KEY, r int REFERENCES t DEFERRABLE INITIALLY DEFERRED); GRANT ALL ON t TO app")
        .await
        .unwrap();
    let mut connection = server.connect().await;
    let write = |sql: &str| RunRequest { read_only: false, ..RunRequest::read(sql) };
    let count = async || owner.query_one("SELECT count(*) FROM t", &[]).await.unwrap().get::<_, i64>(0);
    let done =
        said(&mut connection, &write("INSERT INTO t SELECT g FROM generate_series(1, 3) g")).await.unwrap();
    assert_eq!(done.done.unwrap().affected, Some(3));
    assert_eq!(count().await, 3);
    // A constraint that is looked at when the transaction ends.
    let error = said(&mut connection, &write("INSERT INTO t VALUES (9, 99)")).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("23503"), "{error:?}");
    // A result that is not taken whole is not kept.
    let cut = RunRequest { rows_max: 1, ..write("INSERT INTO t VALUES (4), (5) RETURNING id") };
    let done = said(&mut connection, &cut).await.unwrap().done.unwrap();
    assert_eq!(done.truncated, Some(Truncation::Rows));
    assert_eq!(count().await, 3);
    assert!(connection.is_usable());
}

#[tokio::test]
async fn rows_and_bytes_have_bounds() {
    let server = Server::postgres().await;
    let owner = server.owner("shop").await;
    let mut connection = server.connect().await;
    let request = RunRequest { rows_max: 10, ..RunRequest::read("SELECT generate_series(1, 1000000000)") };
    let done = said(&mut connection, &request).await.unwrap().done.unwrap();
    assert_eq!((done.rows, done.truncated), (10, Some(Truncation::Rows)));
    wait_until_idle(&owner).await;
    let exact = RunRequest { rows_max: 10, ..RunRequest::read("SELECT generate_series(1, 10)") };
    let done = said(&mut connection, &exact).await.unwrap().done.unwrap();
    assert_eq!((done.rows, done.truncated), (10, None), "a result that just fits is whole");
    let request = RunRequest {
        bytes_max: 10_000,
        rows_max: u64::MAX,
        ..RunRequest::read("SELECT repeat('x', 999) FROM generate_series(1, 1000000)")
    };
    let done = said(&mut connection, &request).await.unwrap().done.unwrap();
    assert_eq!((done.rows, done.bytes, done.truncated), (10, 9_990, Some(Truncation::Bytes)));
    // The same for rows that come as text.
    let text = "SELECT point(g, g), repeat('x', 999) FROM generate_series(1, 1000000) g";
    let request = RunRequest { rows_max: 1_200, bytes_max: u64::MAX, ..RunRequest::read(text) };
    let done = said(&mut connection, &request).await.unwrap().done.unwrap();
    assert_eq!((done.rows, done.truncated), (1_200, Some(Truncation::Rows)));
    let request = RunRequest { rows_max: u64::MAX, bytes_max: 50_000, ..RunRequest::read(text) };
    let done = said(&mut connection, &request).await.unwrap().done.unwrap();
    assert_eq!(done.truncated, Some(Truncation::Bytes));
    assert!(connection.is_usable());
    wait_until_idle(&owner).await;
}

#[tokio::test]
async fn one_huge_value_is_held_neither_twice_nor_without_end() {
    let server = Server::postgres().await;
    let mut connection = server.connect().await;
    let before = peak();
    let grown = || peak().saturating_sub(before) / 1_000_000;
    let request = RunRequest { bytes_max: 1_000_000, ..RunRequest::read("SELECT 1, repeat('x', 40000000)") };
    let done = said(&mut connection, &request).await.unwrap().done.unwrap();
    assert_eq!((done.rows, done.truncated), (0, Some(Truncation::Bytes)));
    println!("a value of 40 MB over a bound of 1 MB: the peak of memory grew by {} MB", grown());
    // The driver's buffer doubles as it grows.
    assert!(grown() < 140, "{} MB", grown());
    assert!(connection.is_usable());
    // A value of a gigabyte is never in memory, in whatever format it comes.
    for sql in ["SELECT repeat('x', 400000000)", "SELECT point(1, 2), repeat('x', 400000000)"] {
        let error = said(&mut connection, &RunRequest::read(sql)).await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Limit, "{error:?}");
        assert!(grown() < 140, "{} MB", grown());
        assert!(!connection.is_usable());
        connection = server.connect().await;
    }
}

#[tokio::test]
async fn a_statement_ends_when_its_time_is_over() {
    let server = Server::postgres().await;
    let owner = server.owner("shop").await;
    let mut connection = server.connect().await;
    let request =
        RunRequest { timeout: Duration::from_millis(200), ..RunRequest::read("SELECT pg_sleep(600)") };
    let begun = Instant::now();
    let error = said(&mut connection, &request).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Timeout, "{error:?}");
    assert!(begun.elapsed() >= request.timeout);
    wait_until_idle(&owner).await;
    assert!(connection.is_usable());
    assert_eq!(texts(&mut connection, "SELECT 1").await, [["1"]]);
}

#[tokio::test]
async fn a_statement_is_cancelled_from_elsewhere() {
    let server = Server::postgres().await;
    let owner = server.owner("shop").await;
    for mode in [admin_engines::TlsMode::Disable, admin_engines::TlsMode::VerifyFull] {
        let target = server.target_with_tls(mode);
        let mut connection = connect(&target, &Egress::default(), PATIENCE).await.unwrap();
        let canceller = connection.canceller();
        let request = RunRequest::read("SELECT pg_sleep(600)");
        let cancelling = async {
            eventually("it sleeps", async || (!busy(&owner).await.is_empty()).then_some(())).await;
            canceller.cancel().await.unwrap();
        };
        let (result, ()) = tokio::join!(said(&mut connection, &request), cancelling);
        assert_eq!(result.unwrap_err().class(), ErrorClass::Cancelled, "{mode:?}");
        wait_until_idle(&owner).await;
        // One that comes too late hits nothing.
        canceller.cancel().await.unwrap();
        assert_eq!(texts(&mut connection, "SELECT 1").await, [["1"]]);
    }
}

#[tokio::test]
async fn a_receiver_that_goes_away_cancels_the_servers_work() {
    let server = Server::postgres().await;
    let owner = server.owner("shop").await;
    let mut connection = server.connect().await;
    // One that sleeps, one that sends on and on, one that is stuck behind a full channel.
    for (sql, hear) in [
        ("SELECT pg_sleep(600)", 0),
        ("SELECT generate_series(1, 1000000000), repeat('x', 200)", 20),
        ("SELECT generate_series(1, 1000000000), repeat('x', 200)", 0),
    ] {
        let (sender, mut events) = mpsc::channel(2);
        let request = RunRequest { rows_max: u64::MAX, bytes_max: u64::MAX, ..RunRequest::read(sql) };
        let leaving = async {
            for _ in 0..hear {
                assert!(events.recv().await.is_some());
            }
            eventually("it runs", async || (!busy(&owner).await.is_empty()).then_some(())).await;
            drop(events);
        };
        let (result, ()) = tokio::join!(connection.run(&request, &sender), leaving);
        assert_eq!(result.unwrap_err().class(), ErrorClass::Cancelled, "{sql}");
        wait_until_idle(&owner).await;
        assert!(connection.is_usable());
    }
}

#[tokio::test]
async fn a_run_that_is_dropped_is_cancelled_and_its_connection_given_up() {
    let server = Server::postgres().await;
    let owner = server.owner("shop").await;
    let mut connection = server.connect().await;
    let (sender, _events) = mpsc::channel(2);
    let request = RunRequest::read("SELECT pg_sleep(600)");
    let running = connection.run(&request, &sender);
    let begun = eventually("it runs", async || (!busy(&owner).await.is_empty()).then_some(()));
    tokio::select! {
        result = running => panic!("{result:?}"),
        () = begun => {}
    }
    wait_until_idle(&owner).await;
    assert!(!connection.is_usable());
    let error = connection.run(&request, &sender).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Lost);
}

#[tokio::test]
async fn a_slow_reader_slows_the_server() {
    let server = Server::postgres().await;
    let owner = server.owner("shop").await;
    let mut connection = server.connect().await;
    let (sender, mut events) = mpsc::channel(1);
    let request = RunRequest {
        rows_max: u64::MAX,
        bytes_max: u64::MAX,
        ..RunRequest::read("SELECT generate_series(1, 1000000000), repeat('x', 1000)")
    };
    let running = connection.run(&request, &sender);
    let watching = async {
        assert!(matches!(events.recv().await, Some(RunEvent::Columns(_))));
        eventually("the server waits for its client", async || {
            let sql = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'engines-test' AND wait_event = 'ClientWrite'";
            owner.query_opt(sql, &[]).await.unwrap().map(drop)
        })
        .await;
        drop(events);
    };
    let (result, ()) = tokio::join!(running, watching);
    assert_eq!(result.unwrap_err().class(), ErrorClass::Cancelled);
}

#[tokio::test]
async fn rows_come_while_the_statement_still_runs_and_notices_too() {
    let server = Server::postgres().await;
    let owner = server.owner("shop").await;
    let talk = "CREATE FUNCTION talk(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'at %', n; \
                IF n = 3 THEN PERFORM pg_sleep(600); END IF; RETURN n; END $$";
    owner.batch_execute(talk).await.unwrap();
    let mut connection = server.connect().await;
    let (sender, mut events) = mpsc::channel(4);
    let request = RunRequest::read("SELECT talk(g) FROM generate_series(1, 3) g");
    let hearing = async {
        let mut rows = 0;
        while rows < 2 {
            if let Some(RunEvent::Rows(some)) = events.recv().await {
                rows += some.len();
            }
        }
        drop(events);
    };
    let (result, ()) = tokio::join!(connection.run(&request, &sender), hearing);
    assert_eq!(result.unwrap_err().class(), ErrorClass::Cancelled);
    let said = said(&mut connection, &RunRequest::read("SELECT talk(g) FROM generate_series(1, 2) g"))
        .await
        .unwrap();
    assert_eq!(said.notices, ["at 1", "at 2"]);
}

#[tokio::test]
async fn a_plan_is_shown_and_nothing_is_run() {
    let server = Server::postgres().await;
    let owner = server.owner("shop").await;
    owner
        .batch_execute("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); GRANT ALL ON t TO app")
        .await
        .unwrap();
    let mut connection = server.connect().await;
    let limit = Duration::from_secs(10);
    let plan =
        connection.explain("SELECT * FROM t WHERE id = $1", &[Some("1".to_owned())], limit).await.unwrap();
    let node = &plan.json[0]["Plan"];
    assert!(node["Node Type"].as_str().is_some_and(|word| word.contains("Scan")), "{}", plan.json);
    assert!(node["Output"].is_array(), "VERBOSE: {}", plan.json);
    // What would change something is planned and not run.
    let plan = connection.explain("DELETE FROM t", &[], limit).await;
    assert!(plan.is_ok() || plan.is_err_and(|error| error.class() == ErrorClass::Permission));
    for sql in ["ANALYZE DELETE FROM t", "(ANALYZE) DELETE FROM t", "SELECT 1; DELETE FROM t", "VACUUM"] {
        let error = connection.explain(sql, &[], limit).await.expect_err(sql);
        assert_eq!(error.class(), ErrorClass::Statement, "{sql}: {error:?}");
    }
    let error = connection.explain("SELECT nothing FROM t", &[], limit).await.unwrap_err();
    assert_eq!((error.sqlstate(), error.position()), (Some("42703"), Some(8)), "{error:?}");
    assert_eq!(owner.query_one("SELECT count(*) FROM t", &[]).await.unwrap().get::<_, i64>(0), 1);
}

#[tokio::test]
async fn an_error_says_where_and_keeps_values_out_of_its_message() {
    let server = Server::postgres().await;
    let mut connection = server.connect().await;
    let error = said(&mut connection, &RunRequest::read("SELECT 'planted'::int")).await.unwrap_err();
    assert_eq!(
        (error.class(), error.sqlstate(), error.position()),
        (ErrorClass::Statement, Some("22P02"), Some(8))
    );
    assert!(!error.to_string().contains("planted"), "{error}");
    assert!(error.detail().is_some_and(|detail| detail.contains("planted")), "{error:?}");
}

#[tokio::test]
async fn a_server_that_ends_the_session_is_told_from_a_failing_statement() {
    let server = Server::postgres().await;
    let owner = server.owner("shop").await;
    let mut connection = server.connect().await;
    let request = RunRequest::read("SELECT pg_sleep(600)");
    let ending = async {
        eventually("it runs", async || (!busy(&owner).await.is_empty()).then_some(())).await;
        let sql =
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'engines-test'";
        owner.query(sql, &[]).await.unwrap();
    };
    let (result, ()) = tokio::join!(said(&mut connection, &request), ending);
    let error = result.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Lost, "{error:?}");
    assert_eq!(error.sqlstate(), Some("57P01"), "{error:?}");
    assert!(!connection.is_usable());
    assert_eq!(connection.ping().await.unwrap_err().class(), ErrorClass::Lost);
}

/// Measured, not asserted but for memory: how fast rows stream, and in how much of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_million_rows_stream_in_flat_memory() {
    let server = Server::postgres().await;
    let mut connection = server.connect().await;
    let (sender, mut events) = mpsc::channel(8);
    let request = RunRequest {
        rows_max: u64::MAX,
        bytes_max: u64::MAX,
        timeout: PATIENCE,
        ..RunRequest::read("SELECT g, g * 1.5, 'row ' || g, now() FROM generate_series(1, 1000000) g")
    };
    let before = peak();
    let begun = Instant::now();
    let running = tokio::spawn(async move {
        let result = connection.run(&request, &sender).await;
        drop(sender);
        result
    });
    let mut heard = 0;
    while let Some(event) = events.recv().await {
        if let RunEvent::Rows(rows) = event {
            heard += rows.len();
        }
    }
    let elapsed = begun.elapsed();
    assert_eq!(running.await.unwrap().unwrap().rows, 1_000_000);
    assert_eq!(heard, 1_000_000);
    let grown = peak().saturating_sub(before) / 1_000_000;
    println!(
        "1,000,000 rows in {elapsed:?}: {:.0} rows/s, the peak of memory grew by {grown} MB",
        1e6 / elapsed.as_secs_f64()
    );
    assert!(grown < 50, "{grown} MB: rows are gathered somewhere");
}

/// The most memory this process has had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[tokio::test]
async fn the_drivers_client_is_there_for_who_reads_catalogs() {
    let server = Server::postgres().await;
    let Connection::Postgres(postgres) = server.connect().await else { panic!("PostgreSQL") };
    let row = postgres.client().query_one("SELECT current_user::text", &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0), "app");
}
