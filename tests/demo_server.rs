//! Does the demo's PostgreSQL start, fill, stop and die without leaving anything behind?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "harness/places.rs"]
#[allow(dead_code)] // shared with tests that need more of it
mod places;

use dragoman::demo::server::{PostgresServer, ServerError, ServerOptions};
use dragoman::demo::shop::{self, Filled, Progress};
use dragoman::demo::traffic::Traffic;
use std::env;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio_postgres::{Client, Config, NoTls};

/// The server the environment names, else the one `make setup` fetched; stops the test without one.
fn bin() -> PathBuf {
    match (env::var_os("DRAGOMAN_POSTGRES_BIN_18"), env::var_os("DRAGOMAN_POSTGRES_BIN")) {
        (None, Some(named)) => PathBuf::from(named),
        _ => places::postgres_binaries("18"),
    }
}

fn options(place: &TempDir) -> ServerOptions {
    ServerOptions::new(bin(), place.path())
}

fn config(server: &PostgresServer) -> Config {
    let mut config = Config::new();
    config.host_path(server.socket_directory()).port(server.port()).user("postgres").dbname("postgres");
    config
}

async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The process ids of everything that runs on `data`: the postmaster names it in its arguments, and
/// its children are found by their parent.
fn processes_on(data: &Path) -> Vec<i32> {
    let needle = data.as_os_str().as_encoded_bytes();
    let ids = || {
        let entries = fs::read_dir("/proc").unwrap();
        entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
    };
    let arguments = |id: i32| fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    ids().filter(|id| arguments(*id).split(|byte| *byte == 0).any(|argument| argument == needle)).collect()
}

fn children_of(parent: i32) -> Vec<i32> {
    let text = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    text.split_whitespace().map(|id| id.parse().unwrap()).collect()
}

/// Whether it runs; what only waits to be reaped does not.
fn is_alive(id: i32) -> bool {
    let status = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    status.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

fn assert_nothing_left(server: &[i32], port: u16, data: &Path) {
    for id in server {
        assert!(!is_alive(*id), "process {id} is left");
    }
    assert_eq!(processes_on(data), Vec::<i32>::new());
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err(), "somebody listens on port {port}");
}

fn family(server: &PostgresServer) -> Vec<i32> {
    let mut family = children_of(server.process_id());
    assert!(!family.is_empty(), "a server has children");
    family.push(server.process_id());
    family
}

#[tokio::test]
async fn a_server_starts_answers_and_stops() {
    let place = TempDir::new().unwrap();
    let server = PostgresServer::start(options(&place)).unwrap();
    let client = connect(&config(&server)).await;
    let row = client.query_one("SHOW server_version", &[]).await.unwrap();
    assert!(row.get::<_, &str>(0).starts_with(server.version()), "{row:?}");
    let (family, port, data) = (family(&server), server.port(), server.data().to_owned());
    assert_eq!(processes_on(&data), [server.process_id()]);
    server.stop().unwrap();
    assert_nothing_left(&family, port, &data);
    let control = fs::read_to_string(data.join("server.log")).unwrap();
    assert!(control.contains("database system is shut down"), "{control}");
}

#[tokio::test]
async fn dropping_a_server_stops_it_even_with_a_busy_session() {
    let place = TempDir::new().unwrap();
    let server = PostgresServer::start(options(&place)).unwrap();
    let client = connect(&config(&server)).await;
    let busy = tokio::spawn(async move { client.batch_execute("SELECT pg_sleep(600)").await });
    let watcher = connect(&config(&server)).await;
    let query = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'";
    while watcher.query(query, &[]).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let (family, port, data) = (family(&server), server.port(), server.data().to_owned());
    drop(server);
    assert_nothing_left(&family, port, &data);
    assert!(busy.await.unwrap().is_err());
}

#[tokio::test]
async fn a_killed_server_is_gone_with_its_children_and_restarts_with_what_was_committed() {
    let place = TempDir::new().unwrap();
    let mut server = PostgresServer::start(options(&place).with("synchronous_commit", "on")).unwrap();
    let client = connect(&config(&server)).await;
    client.batch_execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)").await.unwrap();
    let (family, port, data) = (family(&server), server.port(), server.data().to_owned());
    server.kill().unwrap();
    assert!(server.has_ended());
    assert_nothing_left(&family, port, &data);
    server.restart().unwrap();
    assert_eq!(server.port(), port);
    let client = connect(&config(&server)).await;
    let row = client.query_one("SELECT n FROM kept", &[]).await.unwrap();
    assert_eq!(row.get::<_, i32>(0), 42);
    let former = server.process_id();
    server.restart().unwrap();
    assert!(!is_alive(former) && is_alive(server.process_id()));
}

#[tokio::test]
async fn a_password_is_asked_for_over_tcp() {
    let place = TempDir::new().unwrap();
    let mut options = options(&place);
    options.password = Some("it's a secret".to_owned());
    let server = PostgresServer::start(options).unwrap();
    let mut config = Config::new();
    config.host("127.0.0.1").port(server.port()).user("postgres").dbname("postgres").password("wrong");
    let refused = config.connect(NoTls).await.map(drop).unwrap_err();
    assert_eq!(refused.code().unwrap().code(), "28P01");
    connect(config.password("it's a secret")).await.batch_execute("SELECT 1").await.unwrap();
}

#[test]
fn a_taken_port_is_an_error_that_names_it_and_leaves_nothing() {
    let place = TempDir::new().unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut options = options(&place);
    options.port = listener.local_addr().unwrap().port();
    let error = PostgresServer::start(options.clone()).unwrap_err();
    assert!(matches!(error, ServerError::PortTaken { port } if port == options.port), "{error}");
    assert_eq!(processes_on(place.path()), Vec::<i32>::new());
}

#[test]
fn a_cluster_in_use_and_a_foreign_directory_are_errors_that_name_them() {
    let place = TempDir::new().unwrap();
    let server = PostgresServer::start(options(&place)).unwrap();
    let error = PostgresServer::start(options(&place)).unwrap_err();
    let expected = server.process_id();
    assert!(matches!(error, ServerError::InUse { process, .. } if process == expected), "{error}");
    server.stop().unwrap();

    fs::write(place.path().join("PG_VERSION"), "9\n").unwrap();
    let error = PostgresServer::start(options(&place)).unwrap_err();
    assert!(matches!(&error, ServerError::Version { found, .. } if found == "9"), "{error}");

    let foreign = TempDir::new().unwrap();
    fs::write(foreign.path().join("letter"), "dear diary").unwrap();
    let error = PostgresServer::start(options(&foreign)).unwrap_err();
    assert!(matches!(error, ServerError::NotACluster { .. }), "{error}");
    assert_eq!(fs::read_to_string(foreign.path().join("letter")).unwrap(), "dear diary");
}

#[test]
fn initdb_that_fails_leaves_no_half_cluster() {
    let place = TempDir::new().unwrap();
    let mut options = options(&place);
    options.initdb_arguments.push("--no-such-argument".to_owned());
    let error = PostgresServer::start(options).unwrap_err();
    assert!(
        matches!(&error, ServerError::Initdb { output, .. } if output.contains("no-such-argument")),
        "{error}"
    );
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    let draft = format!("{}.initializing", place.path().display());
    assert!(!Path::new(&draft).exists(), "{draft} is left");
}

#[tokio::test]
async fn the_shop_is_filled_once_and_again_when_it_is_not_whole() {
    let place = TempDir::new().unwrap();
    let server = PostgresServer::start(options(&place)).unwrap();
    let config = config(&server);
    let mut tables = Vec::new();
    let mut progress = |progress| {
        if let Progress::Table { name, .. } = progress {
            tables.push(name);
        }
    };
    let filled = shop::fill(&config, &mut progress).await.unwrap();
    assert_eq!(tables, shop::TABLES.map(|table| table.name));
    check_rows(&config, filled).await;

    let mut untouched = |progress| panic!("a second fill did something: {progress:?}");
    assert_eq!(shop::fill(&config, &mut untouched).await.unwrap(), Filled::AlreadyThere);

    // What an interrupted fill leaves: a database without the mark.
    let administrator = connect(&config).await;
    administrator.batch_execute("COMMENT ON DATABASE shop IS NULL").await.unwrap();
    let mut again = 0;
    let filled = shop::fill(&config, &mut |_| again += 1).await.unwrap();
    assert!(again > shop::TABLES.len());
    check_rows(&config, filled).await;
}

#[tokio::test]
async fn the_probes_role_is_made_where_there_is_none_and_logs_in_with_its_last_password() {
    let place = TempDir::new().unwrap();
    let mut options = options(&place);
    options.hba = Some("local all all trust\nhost all shop_probe 127.0.0.1/32 scram-sha-256\n".to_owned());
    // Whatever is logged, the password is not.
    for (name, value) in [("log_statement", "all"), ("log_min_duration_statement", "0")] {
        options = options.with(name, value);
    }
    let server = PostgresServer::start(options).unwrap();
    let config = config(&server);
    shop::fill(&config, &mut |_| ()).await.unwrap();
    let administrator = connect(&config).await;
    administrator.batch_execute("CREATE TABLE letters ()").await.unwrap();
    let found = "SELECT rolcanlogin, rolconnlimit, rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication \
                    OR rolbypassrls, pg_has_role('shop_probe', 'pg_read_all_stats', 'USAGE'), \
                    has_database_privilege('shop_probe', 'shop', 'CONNECT'), \
                    has_table_privilege('shop_probe', 'letters', 'SELECT') \
                    FROM pg_roles WHERE rolname = 'shop_probe'";
    assert!(administrator.query_opt(found, &[]).await.unwrap().is_none(), "the fill made the role");
    let mut over_tcp = Config::new();
    over_tcp.host("127.0.0.1").port(server.port()).user("shop_probe").dbname("shop");
    let harms = [
        "REVOKE CONNECT ON DATABASE shop FROM PUBLIC",
        "REVOKE CONNECT ON DATABASE shop FROM shop_probe",
        "ALTER ROLE shop_probe NOLOGIN CONNECTION LIMIT 0; REVOKE pg_read_all_stats FROM shop_probe",
        "DROP OWNED BY shop_probe; DROP ROLE shop_probe",
    ];
    for (round, harm) in harms.iter().enumerate() {
        administrator.batch_execute(harm).await.unwrap();
        let [former, password] = [round, round + 1].map(|number| format!("it's-secret-{number}-7391"));
        shop::prepare_probe(&config, &password).await.unwrap();
        let row = administrator.query_one(found, &[]).await.unwrap();
        let rights = [0, 2, 3, 4, 5].map(|column| row.get::<usize, bool>(column));
        assert_eq!((rights, row.get(1)), ([true, false, true, true, false], 10), "{harm}");
        connect(over_tcp.password(&password)).await.batch_execute("SELECT 1").await.unwrap();
        let former = over_tcp.clone().password(&former).connect(NoTls).await.map(drop);
        assert_eq!(former.unwrap_err().code().unwrap().code(), "28P01");
    }
    let log = fs::read_to_string(server.log_file()).unwrap();
    assert!(log.contains("REVOKE CONNECT") && !log.contains("-secret-"), "{log}");
}

async fn check_rows(config: &Config, filled: Filled) {
    let client = connect(config.clone().dbname(shop::DATABASE)).await;
    let world = shop::world();
    let mut total = 0;
    for table in shop::TABLES {
        let count = format!("SELECT count(*) FROM {}", table.name);
        let rows: i64 = client.query_one(&count, &[]).await.unwrap().get(0);
        let expected = table.generate(&world).rows();
        assert_eq!(u64::try_from(rows).unwrap(), expected, "{}", table.name);
        total += expected;
    }
    assert_eq!(filled, Filled::Now { rows: total });
    // The sums a reader would check: an order costs what its items cost, and the undeclared relation holds.
    let broken = "SELECT count(*) FROM orders o WHERE subtotal <> \
                  (SELECT sum(quantity * unit_price) FROM order_items i WHERE i.order_id = o.id) \
                  OR total <> subtotal - discount + shipping";
    assert_eq!(client.query_one(broken, &[]).await.unwrap().get::<_, i64>(0), 0);
    let matched = "SELECT count(*) FILTER (WHERE o.id IS NOT NULL) * 100 / count(*) FROM support_tickets t \
                   LEFT JOIN orders o ON o.number = t.order_number AND o.customer_id = t.customer_id";
    let percent: i64 = client.query_one(matched, &[]).await.unwrap().get(0);
    assert!((80..100).contains(&percent), "{percent}% of the tickets name an order of their customer");
    let next: i64 = client
        .query_one("INSERT INTO coupons (code, percent, valid_from, valid_until) VALUES ('NEXT', 5, now(), now()) RETURNING id", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(next, 201);
}

#[tokio::test]
async fn the_traffic_works_comes_back_after_a_crash_and_stops_at_once() {
    let place = TempDir::new().unwrap();
    let mut server = PostgresServer::start(options(&place)).unwrap();
    let config = config(&server);
    shop::fill(&config, &mut |_| ()).await.unwrap();
    let traffic = Traffic::start(server.port());
    let administrator = connect(&config).await;
    everybody_is_there(&administrator).await;
    // Both ways to end, and both kinds of work: rows are read and written.
    let query = "SELECT 1 FROM pg_stat_database WHERE datname = 'shop' AND xact_rollback > 0 \
                 AND tup_fetched > 100 AND EXISTS (SELECT FROM pg_stat_activity \
                 WHERE application_name = 'checkout' AND query IN ('COMMIT', 'ROLLBACK'))";
    eventually(&administrator, query).await;

    server.kill().unwrap();
    server.restart().unwrap();
    let administrator = connect(&config).await;
    everybody_is_there(&administrator).await;

    let start = Instant::now();
    traffic.stop().await;
    assert!(start.elapsed() < Duration::from_secs(2), "stopping took {:?}", start.elapsed());
    let gone = "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = 'shop')";
    eventually(&administrator, gone).await;
}

async fn everybody_is_there(administrator: &Client) {
    let applications = Traffic::APPLICATIONS;
    let query = format!(
        "SELECT 1 FROM pg_stat_activity WHERE datname = 'shop' AND backend_type = 'client backend' \
         AND application_name <> '' AND query <> '' HAVING count(DISTINCT application_name) = {applications}"
    );
    eventually(administrator, &query).await;
}

/// Asks until there is an answer, for no longer than twenty seconds.
async fn eventually(administrator: &Client, query: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    while administrator.query_opt(query, &[]).await.unwrap().is_none() {
        assert!(Instant::now() < deadline, "no answer within 20 s: {query}");
        pace.tick().await;
    }
}
