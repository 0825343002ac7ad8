//! Is every statement of PostgreSQL's log in the ledger once, and nothing else?

use crate::client::Claims;
use crate::compare;
use crate::entry::of_ledger;
use crate::harness::gateway::{Gateway, Plan};
use crate::harness::server::{PASSWORD, Server};
use crate::harness::{each_version, eventually};
use crate::postgres_drivers::{psycopg, tokio_postgres};
use crate::postgres_load::Client;
use crate::postgres_log::{self, Account};
use std::collections::BTreeSet;

/// What the load works on.
const SETTING: [&str; 5] = [
    "CREATE TABLE load (owner int, n int); CREATE TABLE keys (id text PRIMARY KEY)",
    "ALTER TABLE load REPLICA IDENTITY FULL",
    "CREATE TABLE later (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)",
    "GRANT ALL ON load, keys, later, customers TO hashed; GRANT CREATE ON SCHEMA public TO hashed",
    "CREATE ROLE dragoman_probe LOGIN PASSWORD 'correct-horse-7391'",
];

/// Refuses each DELETE of every row.
const RULES: &str = "[[rule]]\nname = \"no-delete\"\nwhen = { verb = [\"delete\"] }\ndecision = \"refuse\"\n";

/// Things each client does.
const ROUNDS: usize = 80;

#[test]
fn the_ledger_is_the_account_that_postgres_gives_of_itself() {
    each_version(|version| {
        let log = [
            ("logging_collector", "on"),
            ("log_destination", "csvlog"),
            ("log_filename", "account"),
            ("log_statement", "all"),
            ("log_min_error_statement", "error"),
            ("log_min_messages", "error"),
            ("log_error_verbosity", "default"),
        ];
        let server = Server::start_with(version, &log);
        SETTING.iter().for_each(|statement| drop(server.ask(statement)));
        let folder = tempfile::tempdir().expect("a folder");
        let (observing, enforcing) = gateways(&server, folder.path());
        let claims = load(&server, &observing, &enforcing);
        let sessions: BTreeSet<String> = claims.iter().map(|claims| claims.session.clone()).collect();
        let records = [&observing, &enforcing].map(|gateway| compare::ended(gateway, &sessions)).concat();
        let told = of_ledger(&records, &sessions);
        let account = postgres_log::read(&whole_log(&server), &sessions);
        of_others(&account);
        assert!(account.entries.iter().any(|entry| !entry.source.is_empty()), "no EXECUTE tells its text");
        let name = format!("PostgreSQL {version}");
        compare::accounts(&name, &claims, &told, account.entries, account.marked);
    });
}

/// Sessions of nobody among the clients: the test's own, and the gateway's that looks at roles. Errors of no
/// statement: a batch that each client of the raw kind could not commit.
fn of_others(account: &Account) {
    let others: Vec<(&str, &str)> =
        account.others.keys().map(|(user, application)| (user.as_str(), application.as_str())).collect();
    assert_eq!(others, [("dragoman_probe", "dragoman probe"), ("trusted", "")], "{:?}", account.others);
    let expected: Vec<_> = (0..6).map(|client| (format!("bytes {client}"), "23505".to_owned())).collect();
    let mut found = account.of_no_statement.clone();
    found.sort();
    assert_eq!(found, expected);
}

/// One that lets everything pass and looks at roles itself, one that refuses.
fn gateways(server: &Server, folder: &std::path::Path) -> (Gateway, Gateway) {
    let secret = folder.join("probe.secret");
    std::fs::write(&secret, PASSWORD).expect("the secret");
    let probe = format!(
        "user = 'dragoman_probe'\npassword = {{ file = '{}' }}\ndatabases = ['shop']",
        secret.display()
    );
    let observing = Plan::before(server).table("listener.probe", &probe).start();
    std::fs::write(folder.join("own.toml"), RULES).expect("the rules");
    let rules = format!("directory = \"{}\"", folder.display());
    let enforcing = Plan::before(server).mode("enforce").listener("policies = [\"own\"]");
    (observing, enforcing.table("policies", &rules).start())
}

/// All clients at once, to their ends.
fn load(server: &Server, observing: &Gateway, enforcing: &Gateway) -> Vec<Claims> {
    let (port, strict) = (observing.port, enforcing.port);
    std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for client in 0..6 {
            threads.push(scope.spawn(move || {
                let session = format!("bytes {client}");
                Client::login(server, port, client, &session, "clear").work(ROUNDS)
            }));
        }
        for client in 10..12 {
            let session = format!("defiant {client}");
            let login = move || Client::login(server, strict, client, &session, "clear");
            threads.push(scope.spawn(move || login().defy(ROUNDS / 5)));
        }
        for client in 20..23 {
            let session = format!("vanishing {client}");
            let login = move || Client::login(server, port, client, &session, "clear");
            threads.push(scope.spawn(move || login().vanish(observing)));
        }
        for (client, user) in [(30, "app"), (31, "hashed")] {
            threads.push(scope.spawn(move || psycopg(port, client, user, ROUNDS)));
        }
        for (client, user) in [(40, "app"), (41, "hashed")] {
            threads.push(scope.spawn(move || tokio_postgres(port, client, user, ROUNDS)));
        }
        threads.into_iter().map(|thread| thread.join().expect("a client")).collect()
    })
}

/// The log, once every client's process is gone and what comes after them is written.
fn whole_log(server: &Server) -> String {
    let left = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' \
                AND application_name ~ '^(bytes|defiant|vanishing|psycopg|tokio)'";
    eventually("every client's process is gone", || (server.ask(left)? == "0").then_some(()));
    server.ask("SELECT 'the end of the load'");
    eventually("the log is written", || {
        let log = server.ask("SELECT pg_read_file('log/account.csv')")?;
        let whole = log.contains("statement: SELECT 'the end of the load'");
        whole.then_some(log)
    })
}
