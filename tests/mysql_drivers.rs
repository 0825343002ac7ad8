//! Do the drivers that applications use, and mysqldump, see anything else through the gateway?
//!
//! Each runs its script three times: directly, through a gateway that observes, and through one that enforces
//! and has no rules, where everything that is judged passes. What the program could see must be the same text.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::clients::run;
use harness::mariadb::{Mariadb, at, mariadb, node_mysql, printed, python_mysql};
use harness::places;
use harness::script::assert_same_text;
use harness::server::PASSWORD;
use mysql_async::prelude::{BatchQuery, Query, Queryable, WithParams};
use mysql_async::{Opts, OptsBuilder, Row, TxOpts, Value};
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow, MySqlSslMode};
use sqlx::{Column, ConnectOptions, Connection, Executor, TypeInfo};
use std::fmt::{Debug, Write};
use std::path::Path;
use std::process::Command;
use tokio::runtime::Runtime;

const CONNECTOR_J: &str = "/usr/share/java/mariadb-java-client.jar";
/// mysqlclient belongs to the Python of the system.
const PYTHON: &str = "/usr/bin/python3";

/// Runs a client directly and through the gateways, and compares what it saw.
fn check(name: &str, see: impl Fn(u16) -> String) {
    let server = Mariadb::start();
    let observing = server.plan().start();
    let enforcing = server.plan().mode("enforce").start();
    let direct = see(server.port);
    assert!(direct.lines().count() > 12, "the script shows next to nothing: {direct}");
    assert_same_text(name, &direct, &see(observing.port));
    // What nobody can read nobody can judge: such a text is refused in the gateway's words.
    let (told, passed) = without_nonsense(&see(enforcing.port));
    assert!(told.contains("cannot be judged"), "{told}");
    assert_same_text(&format!("{name}, enforcing"), &without_nonsense(&direct).1, &passed);
}

/// What was said of the text that is no SQL, and everything else.
fn without_nonsense(seen: &str) -> (String, String) {
    let is_nonsense = |line: &&str| line.starts_with("SELEC |");
    let (said, rest): (Vec<&str>, Vec<&str>) = seen.lines().partition(is_nonsense);
    (said.join("\n"), rest.join("\n"))
}

/// A program that must be there: `make setup-test` installs it.
fn present(path: &str) -> &str {
    assert!(Path::new(path).exists(), "{path} is missing: `make setup-test` installs it");
    path
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn mysqlclient_sees_the_same_through_the_gateway() {
    check("mysqlclient", |port| {
        let mut command = Command::new(present(PYTHON));
        command.arg(places::client_script("transparency_mysqlclient.py"));
        printed(&mut at(command, port))
    });
}

#[test]
fn connector_j_sees_the_same_through_the_gateway() {
    check("Connector/J", |port| {
        let mut command = Command::new("java");
        command.args(["-XX:TieredStopAtLevel=1", "-cp", present(CONNECTOR_J)]);
        command.arg(places::client_script("TransparencyConnectorJ.java"));
        printed(&mut at(command, port))
    });
}

#[test]
fn a_dump_is_the_same_through_the_gateway() {
    let server = Mariadb::start();
    server.ask("CREATE OR REPLACE VIEW shop.rich AS SELECT * FROM shop.customers WHERE balance > 200; \
                CREATE OR REPLACE TRIGGER shop.scratched BEFORE INSERT ON shop.scratch FOR EACH ROW SET NEW.amount = 1; \
                CREATE OR REPLACE EVENT shop.daily ON SCHEDULE EVERY 1 DAY DO DELETE FROM shop.big;");
    // What may only read may dump, too: mysqldump locks nothing with a snapshot.
    let read_only = server.plan().mode("enforce").listener("policies = [\"read-only\"]").start();
    let observing = server.plan().start();
    let direct = dump(server.port);
    assert!(direct.contains("INSERT INTO `customers`") && direct.contains("PROCEDURE `doubled`"), "{direct}");
    assert_same_text("mysqldump, observing", &direct, &dump(observing.port));
    assert_same_text("mysqldump, read-only", &direct, &dump(read_only.port));
    // And what it wrote can be read again through a gateway that lets it.
    let enforcing = server.plan().mode("enforce").start();
    let mut client = mariadb(enforcing.port, "app");
    let again =
        harness::clients::run_with_input(&mut client, &format!("CREATE DATABASE copy; USE copy;\n{direct}"));
    assert!(again.success, "{}", again.error);
    let sums = "CHECKSUM TABLE shop.customers, copy.customers";
    let answer = server.ask(sums);
    let sum = |line: &str| line.split_whitespace().last().map(str::to_owned);
    let mut sums = answer.lines().map(sum);
    assert_eq!(sums.next(), sums.next(), "{answer}");
}

fn dump(port: u16) -> String {
    let mut command = Command::new("mariadb-dump");
    command.args([
        "--no-defaults",
        "--protocol=tcp",
        "--host=127.0.0.1",
        "--user=app",
        "--single-transaction",
    ]);
    command.args(["--routines", "--events", "--triggers", "--hex-blob", "--skip-dump-date", "shop"]);
    command.arg(format!("--port={port}")).env("MYSQL_PWD", PASSWORD).env("HOME", "/nonexistent");
    run(&mut command).printed().to_owned()
}

/// Pools make a session as new between its users, which takes the guard away at the server.
#[test]
fn pools_hand_out_sessions_that_still_only_read() {
    let server = Mariadb::start();
    let gateway = server.plan().mode("enforce").listener("policies = [\"read-only\"]").start();
    let reset = printed(&mut python_mysql("pool_mysql_connector.py", gateway.port));
    assert_eq!(reset, "[(1, None, 1)]\n1792 25006\n".repeat(3));
    let changed = printed(&mut node_mysql("pool_mysql2.js", gateway.port));
    let refused = "1792 25006\n".repeat(2);
    assert_eq!(changed, ["bob 1\n", "app 1\n", "bob 1\n"].map(|who| format!("{who}{refused}")).concat());
    assert_eq!(server.ask("SELECT COUNT(*) FROM scratch"), "0");
}

/// What a driver saw, a line each.
#[derive(Default)]
struct Seen(String);

impl Seen {
    fn line(&mut self, title: &str, value: impl Debug) {
        writeln!(self.0, "{title} | {value:?}").unwrap();
    }
}

#[test]
fn mysql_async_sees_the_same_through_the_gateway() {
    check("mysql_async", |port| runtime().block_on(with_mysql_async(port)).unwrap());
}

async fn with_mysql_async(port: u16) -> Result<String, mysql_async::Error> {
    let options = || {
        let options = OptsBuilder::default().ip_or_hostname("127.0.0.1").tcp_port(port).prefer_socket(false);
        Opts::from(options.user(Some("app")).pass(Some(PASSWORD)).db_name(Some("shop")))
    };
    let mut seen = Seen::default();
    let mut connection = mysql_async::Conn::new(options()).await?;
    seen.line("server", connection.server_version());
    let mut result =
        connection.query_iter("SELECT 1 AS a; SELECT id, name FROM customers WHERE id < 4; DO 1").await?;
    while !result.is_empty() {
        let rows: Vec<Row> = result.collect().await?;
        seen.line("rows", rows);
    }
    seen.line("affected", result.affected_rows());
    result.drop_result().await?;
    let several: Vec<Row> = "CALL three_results()".fetch(&mut connection).await?;
    seen.line("called", several);
    let statement =
        connection.prep("SELECT id, born, balance, ?, ? FROM customers WHERE id BETWEEN ? AND ?").await?;
    seen.line("prepared", (statement.num_params(), statement.num_columns()));
    for from in [1, 50, 199] {
        let parameters = (Value::NULL, "naïve ✓", from, from + 2);
        let rows: Vec<Row> = connection.exec(&statement, parameters).await?;
        seen.line("executed", rows);
    }
    connection.close(statement).await?;
    let rows = (0..30).map(|row| (format!("row {row}"), f64::from(row) / 2.0));
    "INSERT INTO scratch (label, amount) VALUES (?, ?)".with(rows).batch(&mut connection).await?;
    let mut transaction = connection.start_transaction(TxOpts::default()).await?;
    transaction.query_drop("DELETE FROM scratch").await?;
    transaction.rollback().await?;
    let count: Option<u64> = connection.query_first("SELECT COUNT(*) FROM scratch").await?;
    seen.line("count", count);
    for text in ["SELEC", "SELECT no_such", "CALL fails()"] {
        match connection.query_drop(text).await {
            Err(mysql_async::Error::Server(error)) => seen.line(text, error),
            other => seen.line(text, other.is_ok()),
        }
    }
    let long: Option<(u64,)> = connection.exec_first("SELECT LENGTH(?)", ("z".repeat(17_000_000),)).await?;
    seen.line("long", long);
    connection.reset().await?;
    let database: Option<Option<String>> = connection.query_first("SELECT DATABASE()").await?;
    seen.line("after reset", database);
    connection.query_drop("TRUNCATE scratch").await?;
    connection.disconnect().await?;
    Ok(seen.0)
}

#[test]
fn sqlx_sees_the_same_through_the_gateway() {
    check("sqlx", |port| runtime().block_on(with_sqlx(port)).unwrap());
}

fn row(row: &MySqlRow) -> Vec<(String, String, Option<String>)> {
    use sqlx::{Row as _, ValueRef};
    let value = |at: usize| {
        let value = row.try_get_raw(at).unwrap();
        let bytes = <&[u8] as sqlx::Decode<'_, sqlx::MySql>>::decode;
        if value.is_null() { None } else { bytes(value).ok().map(|bytes| format!("{bytes:02x?}")) }
    };
    let column = |(at, column): (usize, &sqlx::mysql::MySqlColumn)| {
        (column.name().to_owned(), column.type_info().name().to_owned(), value(at))
    };
    row.columns().iter().enumerate().map(column).collect()
}

async fn with_sqlx(port: u16) -> Result<String, sqlx::Error> {
    let options = MySqlConnectOptions::new().host("127.0.0.1").port(port).username("app").password(PASSWORD);
    let options = options.database("shop").ssl_mode(MySqlSslMode::Disabled).disable_statement_logging();
    let mut seen = Seen::default();
    let mut connection: MySqlConnection = options.connect().await?;
    for text in [
        "SELECT id, name, born FROM customers WHERE id < 4 ORDER BY id",
        "SELECT @@sql_mode, @@time_zone, DATABASE()",
    ] {
        for one in sqlx::raw_sql(text).fetch_all(&mut connection).await? {
            seen.line(text, row(&one));
        }
    }
    for id in [1_i32, 7, 200] {
        let query = sqlx::query("SELECT id, name, balance, ?, ? FROM customers WHERE id = ?");
        let query = query.bind("naïve ✓").bind(Option::<i64>::None).bind(id);
        seen.line("prepared", row(&query.fetch_one(&mut connection).await?));
    }
    let text = sqlx::SqlSafeStr::into_sql_str("SELECT id, city FROM customers WHERE id = ?");
    let prepared = (&mut connection).prepare(text).await?;
    let names: Vec<_> = sqlx::Statement::columns(&prepared).iter().map(|one| one.name().to_owned()).collect();
    seen.line("prepared columns", names);
    for round in 0..20 {
        let query = sqlx::query("INSERT INTO scratch (label, amount) VALUES (?, ?)");
        let done = query.bind(format!("row {round}")).bind(f64::from(round)).execute(&mut connection).await?;
        seen.line("inserted", done.rows_affected());
    }
    let mut transaction = connection.begin().await?;
    sqlx::query("DELETE FROM scratch").execute(&mut *transaction).await?;
    transaction.rollback().await?;
    let (count,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM scratch").fetch_one(&mut connection).await?;
    seen.line("count", count);
    for text in ["SELEC", "SELECT no_such", "INSERT INTO customers (id, name) VALUES (1, 'again')"] {
        let error = sqlx::raw_sql(text).execute(&mut connection).await.unwrap_err();
        seen.line(
            text,
            error
                .as_database_error()
                .map(|error| (error.code().map(String::from), error.message().to_owned())),
        );
    }
    connection.ping().await?;
    sqlx::raw_sql("TRUNCATE scratch").execute(&mut connection).await?;
    connection.close().await?;
    Ok(seen.0)
}
