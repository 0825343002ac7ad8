//! What does a MySQL or MariaDB server say of who waits for whom?
//!
//! InnoDB says who holds a row that somebody waits for. Who holds a table or a name somebody waits for
//! the server keeps to itself, and so it is said that this is not known.

use super::{Process, Seen};
use crate::probe::ProbeError;
use crate::probe::mysql::{Link, Server, not_allowed, word};
use ::control::Wait;
use mysql_async::Row;
use mysql_async::prelude::Queryable;
use std::collections::{BTreeSet, HashMap};
use std::time::Instant;

/// Who waits for a row, and who holds it, each by the number of its connection.
const WAITS_OF_MARIADB: &str = "SELECT r.trx_mysql_thread_id, b.trx_mysql_thread_id \
    FROM information_schema.INNODB_LOCK_WAITS w \
    JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id \
    JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id";
const WAITS_OF_MYSQL: &str = "SELECT r.trx_mysql_thread_id, b.trx_mysql_thread_id \
    FROM performance_schema.data_lock_waits w \
    JOIN information_schema.INNODB_TRX r ON r.trx_id = w.REQUESTING_ENGINE_TRANSACTION_ID \
    JOIN information_schema.INNODB_TRX b ON b.trx_id = w.BLOCKING_ENGINE_TRANSACTION_ID";

const UNCLEAR: &str = "it waits for a lock of which the server does not say who holds it";

/// Asks a server about these of its connections.
pub(super) async fn read(link: &mut Link, processes: &[u32]) -> Result<Seen, ProbeError> {
    match ask(link, processes).await {
        Ok(seen) => Ok(seen),
        Err(error) => {
            let grant = match link.server {
                Server { is_mariadb: true, .. } => &["PROCESS ON *.*"][..],
                Server { is_mariadb: false, .. } => {
                    &["PROCESS ON *.*", "SELECT ON performance_schema.data_lock_waits"][..]
                }
            };
            Err(not_allowed(link, error, "see who waits for whom", grant).await)
        }
    }
}

async fn ask(link: &mut Link, processes: &[u32]) -> Result<Seen, mysql_async::Error> {
    let at = Instant::now();
    let waits = if link.server.is_mariadb { WAITS_OF_MARIADB } else { WAITS_OF_MYSQL };
    let waits: Vec<Row> = link.conn.query(waits).await?;
    let mut blockers: HashMap<u32, BTreeSet<u32>> = HashMap::new();
    for row in &waits {
        if let (Ok(waiting), Ok(holding)) = (word(row, 0).parse(), word(row, 1).parse()) {
            blockers.entry(waiting).or_default().insert(holding);
        }
    }
    let wanted: BTreeSet<u32> = processes.iter().copied().collect();
    let named: BTreeSet<u32> = wanted.iter().filter_map(|one| blockers.get(one)).flatten().copied().collect();
    let mut found = named_all(link, wanted.union(&named)).await?;
    for (process, holding) in blockers {
        if let Some(found) = found.get_mut(&process) {
            found.wait = Some(Wait { kind: "InnoDB".to_owned(), event: "row lock".to_owned() });
            found.blocked_by = holding.into_iter().collect();
            found.unclear = None;
        }
    }
    let asked = wanted.iter().map(|process| (*process, found.remove(process))).collect();
    Ok(Seen { at, asked, others: found })
}

/// Connections by their number, as the list of processes has them.
async fn named_all(
    link: &mut Link,
    processes: impl Iterator<Item = &u32>,
) -> Result<HashMap<u32, Process>, mysql_async::Error> {
    let list: Vec<String> = processes.map(ToString::to_string).collect();
    if list.is_empty() {
        return Ok(HashMap::new());
    }
    let list = list.join(", ");
    let asked =
        format!("SELECT ID, USER, DB, STATE FROM information_schema.PROCESSLIST WHERE ID IN ({list})");
    let rows: Vec<Row> = link.conn.query(asked).await?;
    Ok(rows.iter().filter_map(|row| Some((word(row, 0).parse().ok()?, process(row)))).collect())
}

fn process(row: &Row) -> Process {
    let wait = lock(&word(row, 3)).map(|event| Wait { kind: "Lock".to_owned(), event });
    Process {
        user: word(row, 1),
        database: word(row, 2),
        application: String::new(),
        unclear: wait.is_some().then_some(UNCLEAR),
        wait,
        blocked_by: Vec::new(),
    }
}

/// The lock that a state of the server's own says is waited for.
fn lock(state: &str) -> Option<String> {
    if state == "User lock" {
        return Some("user lock".to_owned());
    }
    state.strip_prefix("Waiting for ").filter(|what| what.ends_with("lock")).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_says_whether_a_lock_is_waited_for() {
        let check =
            |state: &str, expected: Option<&str>| assert_eq!(lock(state).as_deref(), expected, "{state}");
        check("Waiting for table metadata lock", Some("table metadata lock"));
        check("Waiting for backup lock", Some("backup lock"));
        check("User lock", Some("user lock"));
        check("Updating", None);
        check("Waiting for next activation", None);
        check("", None);
    }
}
