//! What runs beside the shop's PostgreSQL when the demo is asked for MySQL as well?
//!
//! A MariaDB of the machine with a small shop of its own, a listener `shop-mysql` before it, and two
//! clients that use it through the gateway: the `mariadb` program, told a few statements a second.

use super::DemoError;
use super::ports::MysqlPorts;
use super::server::{MariadbOptions, MariadbServer, ServerError, find_client};
use super::shop::{APPLICATION, DATABASE, PASSWORD, PROBE, READER};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

/// Between two rounds of statements of one client.
const PACE: Duration = Duration::from_millis(350);
/// Before a client that ended is started again.
const BACKOFF: Duration = Duration::from_secs(2);
/// Longest wait for a client to end.
const GOODBYE_LIMIT: Duration = Duration::from_secs(2);

/// Checks, before anything is started, that there is all it takes.
pub(super) fn check() -> Result<PathBuf, ServerError> {
    find_client()
}

/// Starts the server, which makes its shop where there is none.
pub(super) fn start(data: PathBuf, ports: MysqlPorts) -> Result<MariadbServer, DemoError> {
    let statements = include_str!("mysql/shop.sql").lines().map(|line| format!("{line};\n")).collect();
    let options = MariadbOptions { data, port: ports.server, statements, arguments: Vec::new() };
    Ok(MariadbServer::start(&options)?)
}

/// Makes the account the gateway's probe logs in as, which may look at privileges and end statements, and gives
/// it this password. Only who may open the server's socket in its folder gets in as root.
pub(super) async fn prepare_probe(
    server: &MariadbServer,
    client: &Path,
    password: &str,
) -> Result<(), ServerError> {
    let account = format!("{PROBE}@'127.0.0.1'");
    let statements = format!(
        "CREATE OR REPLACE USER {account} IDENTIFIED BY '{password}';\n\
         GRANT SELECT ON mysql.* TO {account};\nGRANT PROCESS, CONNECTION ADMIN ON *.* TO {account};\n"
    );
    let failed = |source| ServerError::Spawn { program: client.to_owned(), source };
    let mut command = Command::new(client);
    command.args(["--no-defaults", "--user=root"]).arg(format!("--socket={}", server.socket().display()));
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut running = command.spawn().map_err(failed)?;
    if let Some(mut input) = running.stdin.take() {
        // A client that has ended says why itself.
        let _ = input.write_all(statements.as_bytes()).await;
    }
    let ended = running.wait_with_output().await.map_err(failed)?;
    if ended.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
    Err(failed(io::Error::other(said)))
}

/// How somebody who writes, and somebody who reads, connects to it through the gateway.
pub(super) fn connect_words(ports: MysqlPorts) -> [String; 2] {
    [APPLICATION, READER]
        .map(|user| format!("mariadb -h 127.0.0.1 -P {} -u {user} -p{PASSWORD} {DATABASE}", ports.gateway))
}

/// The clients at work.
#[derive(Debug)]
pub(super) struct MysqlTraffic {
    stop: watch::Sender<bool>,
    clients: JoinSet<()>,
}

impl MysqlTraffic {
    /// Begins to send. Must be called within a runtime.
    pub(super) fn start(client: &Path, port: u16) -> MysqlTraffic {
        let (stop, stopped) = watch::channel(false);
        let mut clients = JoinSet::new();
        for (user, statements) in [(APPLICATION, shopping as fn(u64) -> String), (READER, reporting)] {
            clients.spawn(use_shop(client.to_owned(), port, user, statements, stopped.clone()));
        }
        MysqlTraffic { stop, clients }
    }

    /// Ends it and waits until the clients are gone.
    pub(super) async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.clients.join_next().await.is_some() {}
    }
}

async fn use_shop(
    program: PathBuf,
    port: u16,
    user: &'static str,
    statements: fn(u64) -> String,
    mut stop: watch::Receiver<bool>,
) {
    let mut round = 0;
    while !*stop.borrow() {
        if let Some((mut client, input)) = launch(&program, port, user) {
            tokio::select! {
                () = stopped(&mut stop) => {}
                () = talk(input, statements, &mut round) => {}
            }
            // Its input is closed by now: it says goodbye and ends.
            let _ = timeout(GOODBYE_LIMIT, client.wait()).await;
        }
        tokio::select! {
            () = stopped(&mut stop) => {}
            () = sleep(BACKOFF) => {}
        }
    }
}

fn launch(program: &Path, port: u16, user: &str) -> Option<(Child, ChildStdin)> {
    let mut command = Command::new(program);
    // Errors are a part of the traffic.
    command.args(["--no-defaults", "--force", "--unbuffered", "--protocol=tcp", "--host=127.0.0.1"]);
    command.arg(format!("--port={port}")).arg(format!("--user={user}")).arg(DATABASE);
    command.env("MYSQL_PWD", PASSWORD).env_remove("MYSQL_HOST").env_remove("MYSQL_TCP_PORT");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut client = command.process_group(0).kill_on_drop(true).spawn().ok()?;
    let input = client.stdin.take()?;
    Some((client, input))
}

/// Sends round after round until the client is gone.
async fn talk(mut input: ChildStdin, statements: fn(u64) -> String, round: &mut u64) {
    let mut pace = interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        pace.tick().await;
        *round += 1;
        let text = statements(*round);
        if input.write_all(text.as_bytes()).await.is_err() || input.flush().await.is_err() {
            return;
        }
    }
}

/// Comes back when the traffic has to stop; whoever started it being gone counts as well.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// What a customer does: looks, buys now and then, and asks for what is not there.
fn shopping(round: u64) -> String {
    let (product, customer) = (1 + round * 17 % 300, 1 + round * 31 % 2_000);
    match round % 6 {
        0 => format!(
            "BEGIN;\nINSERT INTO orders (customer_id, placed) VALUES ({customer}, NOW());\n\
             INSERT INTO order_lines SELECT LAST_INSERT_ID(), id, 1, price FROM products WHERE id = {product};\n\
             UPDATE products SET stock = stock - 1 WHERE id = {product};\nCOMMIT;\n"
        ),
        1 => format!(
            "SELECT o.id, o.placed, SUM(l.quantity * l.price) AS total FROM orders o \
             JOIN order_lines l ON l.order_id = o.id WHERE o.customer_id = {customer} GROUP BY o.id, o.placed;\n"
        ),
        2 if round.is_multiple_of(5) => format!("SELECT * FROM wishlists WHERE customer_id = {customer};\n"),
        _ => format!(
            "SELECT name, price, stock FROM products WHERE id = {product};\n\
             SELECT name FROM products WHERE category = 'light' AND price < {} LIMIT 5;\n",
            20 + round % 60
        ),
    }
}

/// What somebody who counts does.
fn reporting(round: u64) -> String {
    match round % 4 {
        // Who is no writer calls nothing of which nobody can tell what it does.
        0 if round.is_multiple_of(20) => "CALL best_sellers(5);\n".to_owned(),
        0 => "SELECT p.name, SUM(l.quantity) AS sold FROM order_lines l JOIN products p ON p.id = l.product_id \
              GROUP BY p.name ORDER BY sold DESC LIMIT 5;\n"
            .to_owned(),
        1 => "SELECT p.category, COUNT(*), SUM(l.quantity * l.price) FROM order_lines l \
              JOIN products p ON p.id = l.product_id GROUP BY p.category;\n"
            .to_owned(),
        2 => format!(
            "SELECT city, COUNT(*) FROM customers WHERE since > '20{:02}-01-01' GROUP BY city;\n",
            15 + round % 6
        ),
        _ => "SELECT DATE(placed) AS day, COUNT(*) FROM orders GROUP BY day ORDER BY day DESC LIMIT 7;\n"
            .to_owned(),
    }
}
