//! Does a program see anything else through the gateway than it sees directly?
//!
//! Each test runs one script of a real client twice, and everything the client could see must be
//! the same text: rows, types, command tags, notices, every field of every error.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use futures_util::{SinkExt, StreamExt, TryStreamExt};
use harness::clients::{node, psql, python, run};
use harness::each_version;
use harness::gateway::Plan;
use harness::script::assert_same_text;
use harness::server::{PASSWORD, Server};
use std::fmt::Write;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// Runs a client directly and through a gateway, and compares what it saw.
fn check(name: &str, see: impl Fn(u16) -> String + Sync) {
    each_version(|version| {
        let server = Server::start(version);
        let gateway = Plan::before(&server).start();
        let direct = see(server.port);
        assert!(direct.lines().count() > 20, "the script shows next to nothing: {direct}");
        assert_same_text(&format!("{name} with PostgreSQL {version}"), &direct, &see(gateway.port));
    });
}

#[test]
fn psql_sees_the_same_through_the_gateway() {
    check("psql", |port| {
        let script = harness::places::client_script("transparency.sql");
        run(psql(port, "app").arg("-f").arg(script)).transcript()
    });
}

#[test]
fn psycopg_sees_the_same_through_the_gateway() {
    check("psycopg", |port| run(&mut python("transparency_psycopg.py", port, "app")).printed().to_owned());
}

#[test]
fn node_postgres_sees_the_same_through_the_gateway() {
    check("node-postgres", |port| run(&mut node("transparency_node.js", port, "app")).printed().to_owned());
}

#[test]
fn tokio_postgres_sees_the_same_through_the_gateway() {
    check("tokio-postgres", |port| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let work =
            async { tokio::time::timeout(harness::PATIENCE, everything_of_tokio_postgres(port)).await };
        runtime.block_on(work).expect("the client ends in time")
    });
}

async fn everything_of_tokio_postgres(port: u16) -> String {
    let mut client = connect(port).await;
    let mut seen = String::new();
    simple(&client, &mut seen).await;
    pipelined(&client, &mut seen).await;
    portals(&mut client, &mut seen).await;
    copies(&client, &mut seen).await;
    failures(&mut client, &mut seen).await;
    seen
}

async fn connect(port: u16) -> Client {
    let mut config = tokio_postgres::Config::new();
    config.host("127.0.0.1").port(port).user("app").password(PASSWORD).dbname("shop");
    let (client, connection) = config.connect(NoTls).await.expect("a login");
    tokio::spawn(connection);
    client
}

async fn simple(client: &Client, seen: &mut String) {
    let many = (1..40).map(|n| format!("SELECT {n} AS n, repeat('x', {n})")).collect::<Vec<_>>().join("; ");
    for sql in [
        many.as_str(),
        "",
        ";;",
        "SELECT 1; SELECT 1/0; SELECT 3",
        "SELECT * FROM customers ORDER BY id LIMIT 3",
    ] {
        match client.simple_query(sql).await {
            Ok(messages) => messages.iter().for_each(|message| show_simple(message, seen)),
            Err(error) => show_error(&error, seen),
        }
    }
}

fn show_simple(message: &SimpleQueryMessage, seen: &mut String) {
    let line = match message {
        SimpleQueryMessage::Row(row) => {
            format!("row {:?}", (0..row.len()).map(|n| row.get(n)).collect::<Vec<_>>())
        }
        SimpleQueryMessage::CommandComplete(rows) => format!("complete {rows}"),
        other => format!("{other:?}"),
    };
    writeln!(seen, "{line}").expect("text");
}

async fn pipelined(client: &Client, seen: &mut String) {
    let by_id =
        client.prepare("SELECT name, city, born::text FROM customers WHERE id = $1").await.expect("prepared");
    writeln!(seen, "{:?} {:?}", by_id.params(), by_id.columns()).expect("text");
    let questions = (0..200_i32).map(|n| {
        let by_id = by_id.clone();
        async move { client.query(&by_id, &[&n]).await }
    });
    // All are on the wire before the first answer is looked at.
    for answer in futures_util::future::join_all(questions).await {
        for row in answer.expect("rows") {
            let name: &str = row.get(0);
            let born: &str = row.get(2);
            writeln!(seen, "{name} {born}").expect("text");
        }
    }
    let unnamed =
        client.query_typed("SELECT $1 || '!'", &[(&"typed", tokio_postgres::types::Type::TEXT)]).await;
    writeln!(seen, "{:?}", unnamed.expect("rows")[0].get::<_, String>(0)).expect("text");
}

async fn portals(client: &mut Client, seen: &mut String) {
    let transaction = client.transaction().await.expect("begun");
    let portal = transaction.bind("SELECT id FROM customers ORDER BY id", &[]).await.expect("bound");
    for rows in [7, 1, 100, 0, 5] {
        let page = transaction.query_portal(&portal, rows).await.expect("a page");
        let ids: Vec<i32> = page.iter().map(|row| row.get(0)).collect();
        writeln!(seen, "page of {} from {:?}", ids.len(), ids.first()).expect("text");
    }
    transaction.rollback().await.expect("rolled back");
}

async fn copies(client: &Client, seen: &mut String) {
    let sink = client.copy_in("COPY scratch FROM STDIN").await.expect("a copy");
    futures_util::pin_mut!(sink);
    for n in 0..500 {
        sink.send(bytes::Bytes::from(format!("{n}\tlabel {n}\t{n}.5\n"))).await.expect("sent");
    }
    writeln!(seen, "copied {}", sink.finish().await.expect("finished")).expect("text");
    let out = client.copy_out("COPY (SELECT * FROM scratch ORDER BY id) TO STDOUT").await.expect("a copy");
    let pieces: Vec<bytes::Bytes> = out.try_collect().await.expect("all of it");
    writeln!(seen, "{}", String::from_utf8_lossy(&pieces.concat())).expect("text");
    {
        // Dropped before it is finished: the driver sends CopyFail.
        let given_up = client.copy_in::<_, bytes::Bytes>("COPY scratch FROM STDIN").await.expect("a copy");
        drop(given_up);
    }
    writeln!(seen, "deleted {:?}", client.execute("DELETE FROM scratch", &[]).await).expect("text");
}

async fn failures(client: &mut Client, seen: &mut String) {
    for sql in ["SELECT 1/0", "SELECT no_such", "SELEC", "INSERT INTO customers VALUES (1, 'x')"] {
        show_error(&client.query(sql, &[]).await.expect_err("an error"), seen);
    }
    let transaction = client.transaction().await.expect("begun");
    show_error(&transaction.execute("SELECT 1/0", &[]).await.expect_err("an error"), seen);
    show_error(&transaction.execute("SELECT 1", &[]).await.expect_err("an error"), seen);
    transaction.commit().await.expect("ended");
    let stream =
        client.query_raw("SELECT 10 / (5 - n) FROM generate_series(1, 9) AS n", [] as [i32; 0]).await;
    let stream = stream.expect("rows");
    futures_util::pin_mut!(stream);
    while let Some(row) = stream.next().await {
        match row {
            Ok(row) => writeln!(seen, "row {:?}", row.get::<_, i32>(0)).expect("text"),
            Err(error) => show_error(&error, seen),
        }
    }
}

fn show_error(error: &tokio_postgres::Error, seen: &mut String) {
    writeln!(seen, "error {:?}", error.as_db_error()).expect("text");
}
