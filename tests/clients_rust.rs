//! Does a program in Rust see anything else through the gateway than it sees directly?
//!
//! sqlx, and what `transparency.rs` leaves out of tokio-postgres: types looked up in the catalog, binary
//! copies, notifications, cancels. Each runs its script directly and through a gateway that observes, then
//! only what reads directly and through one that enforces `read-only`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use futures_util::{SinkExt, StreamExt, TryStreamExt};
use harness::compared::{Part, check};
use harness::server::PASSWORD;
use sqlx::postgres::types::{PgInterval, PgRange};
use sqlx::postgres::{
    PgAdvisoryLock, PgConnectOptions, PgConnection, PgDatabaseError, PgListener, PgPoolCopyExt,
    PgPoolOptions, PgRow, PgSslMode,
};
use sqlx::{
    Column as _, ConnectOptions as _, Connection as _, Executor as _, Row as _, TypeInfo as _, ValueRef as _,
};
use std::fmt::{Debug, Write as _};
use std::time::{Duration, Instant};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, Client, NoTls};

/// What a client has seen: a line for each thing.
#[derive(Default)]
struct Seen(String);

impl Seen {
    fn line(&mut self, title: &str, value: impl Debug) {
        writeln!(self.0, "{title} | {value:?}").unwrap();
    }
}

fn to_its_end<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(harness::PATIENCE, work).await }).expect("it ends in time")
}

// ---- sqlx ----

#[test]
fn sqlx_sees_the_same() {
    check("sqlx", |port, part| to_its_end(with_sqlx(port, part)).unwrap());
}

fn sqlx_options(port: u16) -> PgConnectOptions {
    let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port).username("app");
    let options = options.password(PASSWORD).database("shop").ssl_mode(PgSslMode::Disable);
    options.application_name("client").statement_cache_capacity(3).disable_statement_logging()
}

async fn with_sqlx(port: u16, part: Part) -> Result<String, sqlx::Error> {
    let mut seen = Seen::default();
    let mut connection = sqlx_options(port).connect().await?;
    sqlx_values(&mut connection, &mut seen).await?;
    sqlx_statements(&mut connection, &mut seen).await?;
    sqlx_failures(&mut connection, &mut seen).await;
    sqlx_catalog(&mut connection, &mut seen).await?;
    if part == Part::All {
        sqlx_transactions(&mut connection, &mut seen).await?;
        sqlx_types(&mut connection, &mut seen).await?;
        let (first, other) = (sqlx_options(port).connect().await?, sqlx_options(port));
        sqlx_locks(first, other.connect().await?, &mut seen).await?;
    }
    connection.ping().await?;
    connection.close().await?;
    sqlx_pools(sqlx_options(port), part, &mut seen).await?;
    Ok(seen.0)
}

/// A row as it came: names, types, bytes.
fn raw(row: &PgRow) -> Vec<(String, String, Option<String>)> {
    let value = |at: usize| {
        let value = row.try_get_raw(at).unwrap();
        let bytes = |bytes: &[u8]| bytes.escape_ascii().to_string();
        (!value.is_null()).then(|| bytes(value.as_bytes().unwrap()))
    };
    let columns = row.columns().iter().enumerate();
    columns
        .map(|(at, column)| (column.name().to_owned(), column.type_info().name().to_owned(), value(at)))
        .collect()
}

async fn sqlx_values(connection: &mut PgConnection, seen: &mut Seen) -> Result<(), sqlx::Error> {
    for text in [
        "SELECT * FROM customers ORDER BY id LIMIT 5",
        "SELECT 1 AS a; SELECT 2 AS b, 3 AS c; SELECT WHERE false; ; SELECT 'x'::text AS d",
        "",
    ] {
        for row in sqlx::raw_sql(text).fetch_all(&mut *connection).await? {
            seen.line("simple", raw(&row));
        }
    }
    let query =
        sqlx::query("SELECT $1 AS b, $2::int4 AS i, $3::text AS t, $4::bytea AS y, $5::float8[] AS f");
    let query = query.bind(true).bind(Option::<i32>::None).bind("naïve ✓").bind(&b"\x00\xff"[..]);
    seen.line("bound", raw(&query.bind([1.5, f64::INFINITY]).fetch_one(&mut *connection).await?));
    let day = PgInterval { months: 14, days: 2, microseconds: 3_000_000 };
    let query = sqlx::query("SELECT $1 AS interval, $2 AS range, $3::int8[] AS numbers");
    let query = query.bind(day).bind(PgRange::from(3_i32..9)).bind(vec![1_i64, i64::MAX]);
    seen.line("types", raw(&query.fetch_one(&mut *connection).await?));
    let mut rows =
        sqlx::query("SELECT id, placed, tags, detail FROM orders ORDER BY id").fetch(&mut *connection);
    for _ in 0..3 {
        seen.line("streamed", rows.try_next().await?.as_ref().map(raw));
    }
    // Left in the middle: the next statement reads what is still to come.
    drop(rows);
    let (count,): (i64,) = sqlx::query_as("SELECT count(*) FROM orders").fetch_one(&mut *connection).await?;
    seen.line("after it", count);
    Ok(())
}

/// More texts than the cache of prepared statements holds: the driver closes the oldest.
async fn sqlx_statements(connection: &mut PgConnection, seen: &mut Seen) -> Result<(), sqlx::Error> {
    let texts = [
        "SELECT name FROM customers WHERE id = $1",
        "SELECT city FROM customers WHERE id = $1",
        "SELECT born FROM customers WHERE id = $1",
        "SELECT balance FROM customers WHERE id = $1",
        "SELECT note FROM customers WHERE id = $1",
    ];
    for round in 0..4_i32 {
        for text in texts {
            let row = sqlx::query(text).bind(1 + round).fetch_one(&mut *connection).await?;
            seen.line("cached", raw(&row));
            seen.line("in the cache", connection.cached_statements_size());
        }
    }
    for id in [5_i32, 6] {
        let query = sqlx::query("SELECT name FROM customers WHERE id = $1").bind(id).persistent(false);
        seen.line("not kept", raw(&query.fetch_one(&mut *connection).await?));
    }
    let held = "SELECT name, statement, parameter_types::text FROM pg_prepared_statements ORDER BY name";
    for row in sqlx::raw_sql(held).fetch_all(&mut *connection).await? {
        seen.line("held by the server", raw(&row));
    }
    connection.clear_cached_statements().await?;
    let left =
        sqlx::raw_sql("SELECT count(*) FROM pg_prepared_statements").fetch_one(&mut *connection).await?;
    seen.line("after clearing", raw(&left));
    let text =
        sqlx::SqlSafeStr::into_sql_str("SELECT id, name, $1::numeric AS n FROM customers WHERE city = $2");
    let prepared = (&mut *connection).prepare(text).await?;
    let columns = sqlx::Statement::columns(&prepared).iter();
    seen.line(
        "described",
        columns.map(|one| (one.name().to_owned(), one.type_info().name().to_owned())).collect::<Vec<_>>(),
    );
    Ok(())
}

async fn sqlx_failures(connection: &mut PgConnection, seen: &mut Seen) {
    for text in ["SELECT 1/0", "SELECT no_such", "SELECT 'x'::int", "SELECT 1; SELECT 1/0; SELECT 3"] {
        let simple = sqlx::raw_sql(text).fetch_all(&mut *connection).await.unwrap_err();
        seen.line(text, told(&simple));
        let extended = sqlx::query(text).fetch_all(&mut *connection).await.unwrap_err();
        seen.line(text, told(&extended));
    }
    let rows =
        sqlx::query("SELECT 10 / (5 - n) AS n FROM generate_series(1, 9) AS n").fetch(&mut *connection);
    let rows: Vec<_> = rows.map(|row| row.map(|row| raw(&row)).map_err(|error| told(&error))).collect().await;
    seen.line("a failure behind rows", rows);
}

/// Every field of the server's error.
fn told(error: &sqlx::Error) -> String {
    let Some(error) = error.as_database_error() else { return error.to_string() };
    let error = error.downcast_ref::<PgDatabaseError>();
    let words =
        (error.severity(), error.code(), error.message(), error.detail(), error.hint(), error.r#where());
    let place = (error.schema(), error.table(), error.column(), error.data_type(), error.constraint());
    format!("{words:?} {place:?} {:?} {:?}", error.position(), (error.file(), error.line(), error.routine()))
}

/// Types that the driver looks up by their names and numbers.
async fn sqlx_catalog(connection: &mut PgConnection, seen: &mut Seen) -> Result<(), sqlx::Error> {
    let query = "SELECT yes_or_no FROM (SELECT 'YES'::information_schema.yes_or_no) AS t (yes_or_no)";
    seen.line("a domain", raw(&sqlx::query(query).fetch_one(&mut *connection).await?));
    let query = "SELECT ROW(1, 'a')::customers IS NULL AS n, c FROM customers c WHERE id = 1";
    match sqlx::query(query).fetch_one(&mut *connection).await {
        Ok(row) => seen.line("a composite", raw(&row)),
        Err(error) => seen.line("a composite", told(&error)),
    }
    let query = "SELECT c AS customer FROM customers c WHERE id = 2";
    seen.line("a row of a table", raw(&sqlx::query(query).fetch_one(&mut *connection).await?));
    Ok(())
}

async fn sqlx_transactions(connection: &mut PgConnection, seen: &mut Seen) -> Result<(), sqlx::Error> {
    let mut outer = connection.begin().await?;
    for n in 0..5_i32 {
        let insert = sqlx::query("INSERT INTO scratch (id, label) VALUES ($1, $2)");
        let done = insert.bind(n).bind(format!("row {n}")).execute(&mut *outer).await?;
        seen.line("inserted", done.rows_affected());
    }
    let mut inner = outer.begin().await?;
    seen.line("fails", told(&sqlx::query("SELECT 1/0").execute(&mut *inner).await.unwrap_err()));
    seen.line("still fails", told(&sqlx::query("SELECT 1").execute(&mut *inner).await.unwrap_err()));
    inner.rollback().await?;
    let count = sqlx::query("SELECT count(*) FROM scratch").fetch_one(&mut *outer).await?;
    seen.line("kept", raw(&count));
    outer.commit().await?;
    // Dropped: the driver rolls back before the next statement.
    let mut dropped = connection.begin().await?;
    sqlx::query("DELETE FROM scratch").execute(&mut *dropped).await?;
    drop(dropped);
    seen.line(
        "after the drop",
        raw(&sqlx::raw_sql("SELECT count(*) FROM scratch").fetch_one(&mut *connection).await?),
    );
    let begun = connection.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE").await?;
    begun.rollback().await?;
    seen.line("deleted", sqlx::raw_sql("DELETE FROM scratch").execute(connection).await?.rows_affected());
    Ok(())
}

/// Types that were made a moment ago.
async fn sqlx_types(connection: &mut PgConnection, seen: &mut Seen) -> Result<(), sqlx::Error> {
    let made = "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TYPE pair AS (number int, mood mood); \
                CREATE DOMAIN positive AS int CHECK (VALUE > 0); CREATE TYPE span AS RANGE (subtype = float8)";
    sqlx::raw_sql(made).execute(&mut *connection).await?;
    let query = sqlx::query(
        "SELECT 'sad'::mood AS m, ARRAY['happy'::mood] AS ms, ROW(1, 'sad')::pair AS p, \
                             5::positive AS d, span(1, 2) AS s",
    );
    // What is in arrays and composites has the number of its type with it, which is another one each time.
    let row = query.fetch_one(&mut *connection).await?;
    let made = raw(&row).into_iter().map(|(name, kind, value)| {
        let numbered = matches!(name.as_str(), "ms" | "p");
        (name, kind, value.filter(|_| !numbered))
    });
    seen.line("made", made.collect::<Vec<_>>());
    let failed = sqlx::query("SELECT (-5)::positive AS d").fetch_one(&mut *connection).await.unwrap_err();
    seen.line("not positive", told(&failed));
    sqlx::raw_sql("DROP TYPE span, pair, mood; DROP DOMAIN positive").execute(connection).await?;
    Ok(())
}

async fn sqlx_locks(one: PgConnection, other: PgConnection, seen: &mut Seen) -> Result<(), sqlx::Error> {
    let lock = PgAdvisoryLock::new("a lock of the tests");
    let held = lock.acquire(one).await?;
    let refused = lock.try_acquire(other).await?;
    seen.line("taken by somebody else", refused.is_right());
    let one = held.release_now().await?;
    one.close().await
}

async fn sqlx_pools(options: PgConnectOptions, part: Part, seen: &mut Seen) -> Result<(), sqlx::Error> {
    let pool = PgPoolOptions::new().max_connections(4).connect_with(options).await?;
    let questions = (0..60_i32).map(|n| {
        let pool = pool.clone();
        async move { sqlx::query("SELECT $1 * 2 AS twice").bind(n).fetch_one(&pool).await }
    });
    for answer in futures_util::future::join_all(questions).await {
        seen.line("pooled", raw(&answer?));
    }
    let out = pool.copy_out_raw("COPY (SELECT id, name FROM customers ORDER BY id) TO STDOUT").await?;
    let pieces: Vec<bytes::Bytes> = out.try_collect().await?;
    seen.line("copied out", String::from_utf8_lossy(&pieces.concat()));
    if part == Part::All {
        let mut copy = pool.copy_in_raw("COPY scratch FROM STDIN").await?;
        for n in 0..500 {
            copy.send(format!("{n}\tlabel {n}\t{n}.5\n").into_bytes()).await?;
        }
        seen.line("copied in", copy.finish().await?);
        let copy = pool.copy_in_raw("COPY scratch FROM STDIN").await?;
        seen.line("given up", copy.abort("no more data").await.map_err(|error| told(&error)));
        seen.line("deleted", sqlx::raw_sql("DELETE FROM scratch").execute(&pool).await?.rows_affected());
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.listen_all(["bell", "gong"]).await?;
        for (channel, payload) in [("bell", "one"), ("gong", "two"), ("bell", "three")] {
            sqlx::query("SELECT pg_notify($1, $2)").bind(channel).bind(payload).execute(&pool).await?;
        }
        for _ in 0..3 {
            let heard = listener.recv().await?;
            seen.line("heard", (heard.channel(), heard.payload()));
        }
        listener.unlisten_all().await?;
        drop(listener);
    }
    pool.close().await;
    Ok(())
}

// ---- tokio-postgres ----

#[test]
fn tokio_postgres_sees_the_same_of_types_copies_and_cancels() {
    check("tokio-postgres", |port, part| to_its_end(with_tokio_postgres(port, part)).unwrap());
}

/// The script brings about three.
const UNASKED_MAX: usize = 64;

/// Notices and notifications, as they come.
type Unasked = tokio::sync::mpsc::Receiver<AsyncMessage>;

async fn connected(port: u16) -> Result<(Client, Unasked), tokio_postgres::Error> {
    let mut config = tokio_postgres::Config::new();
    config.host("127.0.0.1").port(port).user("app").password(PASSWORD).dbname("shop");
    let (client, mut connection) = config.connect(NoTls).await?;
    let (sender, unasked) = tokio::sync::mpsc::channel(UNASKED_MAX);
    let mut messages = futures_util::stream::poll_fn(move |context| connection.poll_message(context));
    tokio::spawn(async move {
        while let Some(Ok(message)) = messages.next().await {
            let _ = sender.try_send(message);
        }
    });
    Ok((client, unasked))
}

async fn with_tokio_postgres(port: u16, part: Part) -> Result<String, tokio_postgres::Error> {
    let mut seen = Seen::default();
    let (mut client, mut unasked) = connected(port).await?;
    types_of_the_catalog(&client, &mut seen).await?;
    binary_copy_out(&client, &mut seen).await?;
    portals(&mut client, &mut seen).await?;
    if part == Part::All {
        made_types(&client, &mut seen).await?;
        binary_copy_in(&client, &mut seen).await?;
        unasked_messages(&client, &mut unasked, &mut seen).await?;
        cancelled(&client, &connected(port).await?.0, &mut seen).await?;
    }
    Ok(seen.0)
}

async fn types_of_the_catalog(client: &Client, seen: &mut Seen) -> Result<(), tokio_postgres::Error> {
    for text in [
        "SELECT 'YES'::information_schema.yes_or_no",
        "SELECT c FROM customers c",
        "SELECT ARRAY['a'::information_schema.sql_identifier]",
        "SELECT i FROM pg_index i WHERE indexrelid = $1",
        "SELECT int4range(1, $1), int4multirange(int4range(1, $1)), $2::text[], $3::regclass",
    ] {
        let statement = client.prepare(text).await?;
        let columns = statement.columns().iter();
        let columns: Vec<_> =
            columns.map(|column| (column.name(), column.type_().name(), kind(column.type_()))).collect();
        seen.line(text, (statement.params(), columns));
    }
    let values: [(&(dyn ToSql + Sync), Type); 3] =
        [(&"typed", Type::TEXT), (&7_i32, Type::INT4), (&vec![1.5_f64], Type::FLOAT8_ARRAY)];
    let rows = client.query_typed("SELECT $1 || $2::text, $3", &values).await?;
    seen.line("typed", (rows[0].get::<_, String>(0), rows[0].get::<_, Vec<f64>>(1)));
    for id in 0..20_i32 {
        let row = client.query_opt("SELECT id, name, note FROM customers WHERE id = $1", &[&id]).await?;
        seen.line(
            "row",
            row.map(|row| (row.get::<_, i32>(0), row.get::<_, String>(1), row.get::<_, Vec<u8>>(2))),
        );
    }
    Ok(())
}

/// A type's kind, without the numbers that a new type gets.
fn kind(type_: &Type) -> String {
    use tokio_postgres::types::Kind;
    match type_.kind() {
        Kind::Simple => "simple".to_owned(),
        Kind::Enum(words) => format!("enum {words:?}"),
        Kind::Pseudo => "pseudo".to_owned(),
        Kind::Array(of) => format!("array of {} {}", of.name(), kind(of)),
        Kind::Range(of) => format!("range of {}", of.name()),
        Kind::Multirange(of) => format!("multirange of {}", of.name()),
        Kind::Domain(of) => format!("domain over {}", of.name()),
        Kind::Composite(fields) => {
            let fields = fields.iter().map(|field| (field.name(), field.type_().name()));
            format!("composite {:?}", fields.collect::<Vec<_>>())
        }
        other => format!("{other:?}"),
    }
}

async fn made_types(client: &Client, seen: &mut Seen) -> Result<(), tokio_postgres::Error> {
    let made = "CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TYPE pair AS (number int, mood mood[]); \
                CREATE TYPE span AS RANGE (subtype = float8, multirange_type_name = spans)";
    client.batch_execute(made).await?;
    let statement =
        client.prepare("SELECT $1::mood, $2::pair, $3::span, spans(span(1, 2)), ARRAY[$1]").await?;
    let kinds = statement.params().iter().chain(statement.columns().iter().map(|column| column.type_()));
    seen.line("made", kinds.map(|one| (one.name().to_owned(), kind(one))).collect::<Vec<_>>());
    client.batch_execute("DROP TYPE span, pair, mood").await
}

async fn binary_copy_out(client: &Client, seen: &mut Seen) -> Result<(), tokio_postgres::Error> {
    let text = "COPY (SELECT id, name, note FROM customers ORDER BY id LIMIT 50) TO STDOUT (FORMAT binary)";
    let rows = tokio_postgres::binary_copy::BinaryCopyOutStream::new(
        client.copy_out(text).await?,
        &[Type::INT4, Type::TEXT, Type::BYTEA],
    );
    futures_util::pin_mut!(rows);
    while let Some(row) = rows.next().await {
        let row = row?;
        seen.line("binary", (row.get::<i32>(0), row.get::<&str>(1), row.get::<&[u8]>(2)));
    }
    {
        // Left in the middle: the driver reads the rest before the next statement's answer.
        let left = client.copy_out("COPY (SELECT generate_series(1, 50000)) TO STDOUT").await?;
        futures_util::pin_mut!(left);
        seen.line("its beginning", left.next().await.transpose()?.is_some());
    }
    seen.line("after it", client.query_one("SELECT 5", &[]).await?.get::<_, i32>(0));
    Ok(())
}

async fn binary_copy_in(client: &Client, seen: &mut Seen) -> Result<(), tokio_postgres::Error> {
    let types = [Type::INT4, Type::TEXT, Type::FLOAT8];
    let sink = client.copy_in("COPY scratch FROM STDIN (FORMAT binary)").await?;
    let writer = tokio_postgres::binary_copy::BinaryCopyInWriter::new(sink, &types);
    futures_util::pin_mut!(writer);
    for n in 0..300_i32 {
        writer.as_mut().write(&[&n, &format!("label {n}"), &Option::<f64>::None]).await?;
    }
    seen.line("copied", writer.finish().await?);
    // Bytes that are no rows: the error comes in the middle of the copy.
    let sink = client.copy_in::<_, bytes::Bytes>("COPY scratch FROM STDIN (FORMAT binary)").await?;
    futures_util::pin_mut!(sink);
    let _ = sink.send(bytes::Bytes::from_static(b"this is no binary copy at all")).await;
    let error = sink.finish().await.expect_err("no rows");
    seen.line("no rows", error.as_db_error());
    seen.line("deleted", client.execute("DELETE FROM scratch", &[]).await?);
    Ok(())
}

async fn portals(client: &mut Client, seen: &mut Seen) -> Result<(), tokio_postgres::Error> {
    let transaction = client.build_transaction().read_only(true).start().await?;
    let one = transaction.bind("SELECT id, name FROM customers ORDER BY id", &[]).await?;
    let other = transaction.bind("SELECT id FROM orders WHERE id > $1 ORDER BY id", &[&100_i32]).await?;
    for rows in [3, 20, 1, 7] {
        let (left, right) =
            tokio::try_join!(transaction.query_portal(&one, rows), transaction.query_portal(&other, rows))?;
        let ids = |rows: &[tokio_postgres::Row]| rows.iter().map(|row| row.get(0)).collect::<Vec<i32>>();
        seen.line("two portals", (ids(&left), ids(&right)));
    }
    transaction.commit().await
}

async fn unasked_messages(
    client: &Client,
    unasked: &mut Unasked,
    seen: &mut Seen,
) -> Result<(), tokio_postgres::Error> {
    client.batch_execute("LISTEN bell; NOTIFY bell, 'one'; NOTIFY bell, 'two'").await?;
    client.query("SELECT warn_and_add(1, 2)", &[]).await?;
    for _ in 0..3 {
        match unasked.recv().await {
            Some(AsyncMessage::Notification(bell)) => seen.line("heard", (bell.channel(), bell.payload())),
            Some(AsyncMessage::Notice(notice)) => seen.line("notice", notice),
            other => panic!("{other:?}"),
        }
    }
    Ok(())
}

async fn cancelled(client: &Client, watcher: &Client, seen: &mut Seen) -> Result<(), tokio_postgres::Error> {
    let token = client.cancel_token();
    let asleep =
        "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query = 'SELECT pg_sleep(60)'";
    let sleeping = client.query("SELECT pg_sleep(60)", &[]);
    let cancel = async {
        let deadline = Instant::now() + Duration::from_secs(10);
        while watcher.query_opt(asleep, &[]).await?.is_none() {
            assert!(Instant::now() < deadline, "it does not sleep");
        }
        token.cancel_query(NoTls).await
    };
    let (slept, cancelled) = tokio::join!(sleeping, cancel);
    cancelled?;
    seen.line("cancelled", slept.expect_err("an error").as_db_error());
    seen.line("after it", client.query_one("SELECT 6", &[]).await?.get::<_, i32>(0));
    Ok(())
}
