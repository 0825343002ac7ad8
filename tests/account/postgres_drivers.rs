//! What do two drivers of the load do, and what do they claim?

use crate::client::{Claims, Random};
use crate::harness::PATIENCE;
use crate::harness::clients::{python, run};
use crate::harness::server::PASSWORD;
use futures_util::future::join_all;
use futures_util::{SinkExt, TryStreamExt};
use tokio_postgres::{Client, NoTls};

/// psycopg 3, as a program of its own.
pub fn psycopg(port: u16, client: usize, user: &str, rounds: usize) -> Claims {
    let session = format!("psycopg {client}");
    let mut command = python("account_psycopg.py", port, user);
    command.env("PGAPPNAME", &session).arg(client.to_string()).arg(rounds.to_string());
    let mut claims = Claims::of(client, &session);
    for line in run(&mut command).printed().lines() {
        let (mark, ending) = line.split_once(' ').expect("a mark and an ending");
        claims.ended(mark, ending);
    }
    claims
}

/// tokio-postgres, with everything it can have under way at once.
pub fn tokio_postgres(port: u16, client: usize, user: &str, rounds: usize) -> Claims {
    let mut claims = Claims::of(client, &format!("tokio {client}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let work = async { tokio::time::timeout(PATIENCE, work(port, user, rounds, &mut claims)).await };
    runtime.block_on(work).expect("the client ends in time");
    claims
}

async fn work(port: u16, user: &str, rounds: usize, claims: &mut Claims) {
    let mut config = tokio_postgres::Config::new();
    config.host("127.0.0.1").port(port).user(user).password(PASSWORD).dbname("shop");
    let (mut client, connection) =
        config.application_name(&*claims.session).connect(NoTls).await.expect("a login");
    let connection = tokio::spawn(connection);
    let mut random = Random::of(claims.client);
    for _ in 0..rounds {
        match random.below(5) {
            0 => pipeline(&client, claims).await,
            1 => transaction(&mut client, claims).await,
            2 => copies(&client, claims).await,
            3 => batch(&client, claims).await,
            _ => failures(&client, claims).await,
        }
    }
    drop(client);
    connection.await.expect("the connection's task").expect("an orderly end");
}

async fn pipeline(client: &Client, claims: &mut Claims) {
    let mark = claims.mark();
    let text = format!("SELECT name AS {mark} FROM customers WHERE id = $1");
    let statement = client.prepare(&text).await.expect("prepared");
    // All are on the wire before the first answer is looked at.
    let questions = (0..20_i32).map(|id| {
        let statement = statement.clone();
        async move { client.query(&statement, &[&id]).await }
    });
    for rows in join_all(questions).await {
        rows.expect("rows");
        claims.ran(&mark);
    }
}

async fn transaction(client: &mut Client, claims: &mut Claims) {
    let (mark, owner) = (claims.mark(), i32::try_from(claims.client).expect("a number"));
    let transaction = client.transaction().await.expect("a transaction");
    let text = format!("INSERT INTO load AS {mark} (owner, n) VALUES ($1, $2)");
    transaction.execute(&text, &[&owner, &1]).await.expect("inserted");
    claims.ran(&mark);
    let read = claims.mark();
    let text = format!("SELECT n AS {read} FROM generate_series(1, $1) AS n");
    let statement = transaction.prepare(&text).await.expect("prepared");
    let portal = transaction.bind(&statement, &[&owner]).await.expect("bound");
    transaction.query_portal(&portal, 20).await.expect("rows");
    transaction.query_portal(&portal, 50).await.expect("rows");
    claims.ran(&read);
    transaction.rollback().await.expect("rolled back");
}

async fn copies(client: &Client, claims: &mut Claims) {
    let mark = claims.mark();
    client.batch_execute(&format!("CREATE TEMP TABLE {mark} (n int)")).await.expect("made");
    claims.ran(&mark);
    let copy = client.copy_in::<_, bytes::Bytes>(&format!("COPY {mark} FROM STDIN")).await.expect("a copy");
    let mut copy = std::pin::pin!(copy);
    copy.send(bytes::Bytes::from_static(b"1\n2\n")).await.expect("taken");
    copy.finish().await.expect("copied");
    claims.ran(&mark);
    let out = client.copy_out(&format!("COPY {mark} TO STDOUT")).await.expect("a copy");
    out.try_collect::<Vec<_>>().await.expect("copied");
    claims.ran(&mark);
}

async fn batch(client: &Client, claims: &mut Claims) {
    let marks: Vec<String> = (0..10).map(|_| claims.mark()).collect();
    let text: Vec<String> = marks.iter().map(|mark| format!("SELECT {} AS {mark}", mark.len())).collect();
    client.simple_query(&text.join(";\n")).await.expect("answered");
    marks.iter().for_each(|mark| claims.ran(mark));
}

async fn failures(client: &Client, claims: &mut Claims) {
    let (missing, doubled) = (claims.mark(), claims.mark());
    let text = format!("SELECT * FROM {missing} WHERE id = $1");
    let error = client.query(&text, &[&1]).await.expect_err("no such table");
    claims.ended(&missing, error.code().expect("a SQLSTATE").code());
    let text = format!("INSERT INTO keys AS {doubled} VALUES ('{doubled}'), ('{doubled}')");
    let error = client.execute(&text, &[]).await.expect_err("not unique");
    claims.ended(&doubled, error.code().expect("a SQLSTATE").code());
}
