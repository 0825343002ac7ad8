//! Is every statement of MariaDB's general log in the ledger once, and nothing else?

use crate::client::Claims;
use crate::compare;
use crate::entry::{Entry, OK, REFUSED, of_ledger};
use crate::harness::eventually;
use crate::harness::gateway::Gateway;
use crate::harness::mariadb::Mariadb;
use crate::mariadb_load::{Client, drivers};
use crate::mariadb_log::{self, Command, Event};
use std::collections::BTreeSet;

/// What the server is to keep of each statement.
const KEEPS: [&str; 5] = [
    "--log-output=TABLE",
    "--performance-schema=ON",
    "--performance-schema-consumer-events-statements-current=ON",
    "--performance-schema-consumer-events-statements-history-long=ON",
    "--performance-schema-events-statements-history-long-size=50000",
];

/// What the load works on.
const SETTING: &str = "CREATE TABLE load_rows (owner INT, n INT, KEY (owner));\n\
    SET GLOBAL general_log = ON;\n";

/// Things each client does.
const ROUNDS: usize = 100;

#[test]
fn the_ledger_is_the_account_that_mariadb_gives_of_itself() {
    let server = Mariadb::start_with(&KEEPS);
    server.ask(SETTING);
    let gateway = server.plan().listener("allow_unauthenticated = true").start();
    let claims = load(&server, &gateway);
    let sessions: BTreeSet<String> = claims.iter().map(|claims| claims.session.clone()).collect();
    let mut told = of_ledger(&compare::ended(&gateway, &sessions), &sessions);
    // Nothing goes to the server in the place of a command that is refused: only its client knows of it.
    for claims in &claims {
        let refused = |entry: &mut Entry| entry.session == claims.session && entry.ending == REFUSED;
        assert_eq!(told.entries.extract_if(.., refused).count(), claims.refusals, "{}", claims.session);
    }
    // The server has no text of what it could not prepare; that of the ledger is compared by its mark.
    told.entries.iter_mut().filter(|entry| entry.kind == "prepare").for_each(|entry| entry.text.clear());
    let account = mariadb_log::read(&commands(&server), &events(&server), &claims);
    // The test's own sessions are the only others.
    let others: Vec<&str> = account.others.keys().map(String::as_str).collect();
    assert_eq!(others, ["app"], "{:?}", account.others);
    compare::accounts("MariaDB", &claims, &told, account.entries, account.marked);
}

/// All clients at once, to their ends.
fn load(server: &Mariadb, gateway: &Gateway) -> Vec<Claims> {
    let port = gateway.port;
    std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for client in 0..6 {
            threads.push(scope.spawn(move || {
                let (session, user) = (format!("bytes {client}"), ["ann", "nobody"][client % 2]);
                vec![Client::login(server, port, client, &session, user).work(ROUNDS)]
            }));
        }
        for client in 20..23 {
            let session = format!("vanishing {client}");
            let login = move || Client::login(server, port, client, &session, "nobody");
            threads.push(scope.spawn(move || vec![login().vanish()]));
        }
        for client in [30, 32] {
            threads.push(scope.spawn(move || drivers(port, client, ROUNDS / 3)));
        }
        threads.into_iter().flat_map(|thread| thread.join().expect("a client")).collect()
    })
}

/// The general log in its order, once every client's session is gone.
fn commands(server: &Mariadb) -> Vec<Command> {
    let left = "SELECT COUNT(*) FROM information_schema.processlist WHERE user <> 'app' AND user <> 'event_scheduler' \
                AND user <> 'system user' OR user = 'app' AND id <> CONNECTION_ID()";
    eventually("every client's session is gone", || (server.ask(left) == "0").then_some(()));
    server.ask("SET GLOBAL general_log = OFF");
    let rows = server.ask(
        "SELECT thread_id, command_type, SUBSTRING_INDEX(SUBSTRING_INDEX(user_host, '[', -2), ']', 1), \
         HEX(argument) FROM mysql.general_log",
    );
    let command = |row: &str| {
        let columns: Vec<&str> = row.split('\t').collect();
        Command {
            connection: columns[0].parse().expect("a number"),
            kind: columns[1].to_owned(),
            user: columns[2].to_owned(),
            text: text_of(columns[3]),
        }
    };
    rows.lines().map(command).collect()
}

/// What the performance schema has, in the order of each session; without what procedures ran.
fn events(server: &Mariadb) -> Vec<Event> {
    let rows = server.ask(
        "SELECT thread_id, event_name, IFNULL(current_schema, ''), HEX(IFNULL(sql_text, '')), \
         IFNULL(returned_sqlstate, '00000'), mysql_errno FROM performance_schema.events_statements_history_long \
         WHERE nesting_event_type IS NULL ORDER BY thread_id, event_id",
    );
    let event = |row: &str| {
        let columns: Vec<&str> = row.split('\t').collect();
        let error = columns[5].parse().expect("a number");
        Event {
            thread: columns[0].parse().expect("a number"),
            name: columns[1].to_owned(),
            database: columns[2].to_owned(),
            text: text_of(columns[3]),
            ending: if error == 0 { OK } else { columns[4] }.to_owned(),
            error,
        }
    };
    rows.lines().map(event).collect()
}

fn text_of(hexadecimal: &str) -> String {
    let digits = hexadecimal.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).into_owned());
    let bytes = digits.map(|pair| u8::from_str_radix(&pair, 16).expect("two digits")).collect::<Vec<_>>();
    String::from_utf8_lossy(&bytes).into_owned()
}
