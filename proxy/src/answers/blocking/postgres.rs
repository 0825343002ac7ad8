//! What does a PostgreSQL server say of who waits for whom?

use super::{Process, Seen};
use ::control::Wait;
use std::collections::{BTreeSet, HashMap};
use std::time::Instant;
use tokio_postgres::Client;

/// Everybody may see of everybody's process the role, the database and the application's name; what it waits
/// for is seen of roles one is a member of, or with `pg_read_all_stats`. Whom a process waits for the server
/// tells everybody. Looking that up holds its lock tables, so it is not done for a process that is seen not to
/// wait for a lock, itself or in a parallel worker.
const PROCESSES: &str = "SELECT a.pid, a.usename::pg_catalog.text, a.datname::pg_catalog.text, a.application_name, \
    a.wait_event_type, a.wait_event, \
    CASE WHEN a.state IS NULL OR a.wait_event_type IN ('Lock', 'IPC') THEN pg_catalog.pg_blocking_pids(a.pid) END \
    FROM pg_catalog.pg_stat_activity a WHERE a.pid OPERATOR(pg_catalog.=) ANY($1)";

/// The same of processes of which only the name is asked.
const NAMES: &str = "SELECT a.pid, a.usename::pg_catalog.text, a.datname::pg_catalog.text, a.application_name \
    FROM pg_catalog.pg_stat_activity a WHERE a.pid OPERATOR(pg_catalog.=) ANY($1)";

/// Asks a PostgreSQL server about these of its processes.
pub(super) async fn read(client: &Client, processes: &[u32]) -> Result<Seen, tokio_postgres::Error> {
    let at = Instant::now();
    let mut asked: HashMap<u32, Option<Process>> = processes.iter().map(|process| (*process, None)).collect();
    for row in client.query(PROCESSES, &[&numbers(processes)]).await? {
        let (kind, event): (Option<String>, Option<String>) = (row.try_get(4)?, row.try_get(5)?);
        let blocked_by: Option<Vec<i32>> = row.try_get(6)?;
        // A process that waits in several workers may be named more than once.
        let blocked_by: BTreeSet<u32> =
            blocked_by.unwrap_or_default().into_iter().filter_map(|one| u32::try_from(one).ok()).collect();
        let process = Process {
            wait: kind.zip(event).map(|(kind, event)| Wait { kind, event }),
            blocked_by: blocked_by.into_iter().collect(),
            ..named(&row)?
        };
        asked.insert(number(&row)?, Some(process));
    }
    let blockers = asked.values().flatten().flat_map(|process| process.blocked_by.iter().copied());
    let unknown: BTreeSet<u32> =
        blockers.filter(|process| *process != 0 && !asked.contains_key(process)).collect();
    let mut others = HashMap::new();
    if !unknown.is_empty() {
        let unknown: Vec<u32> = unknown.into_iter().collect();
        for row in client.query(NAMES, &[&numbers(&unknown)]).await? {
            others.insert(number(&row)?, named(&row)?);
        }
    }
    Ok(Seen { at, asked, others })
}

fn numbers(processes: &[u32]) -> Vec<i32> {
    processes.iter().filter_map(|process| i32::try_from(*process).ok()).collect()
}

fn number(row: &tokio_postgres::Row) -> Result<u32, tokio_postgres::Error> {
    Ok(u32::try_from(row.try_get::<_, i32>(0)?).unwrap_or(0))
}

fn named(row: &tokio_postgres::Row) -> Result<Process, tokio_postgres::Error> {
    let text = |column: usize| row.try_get::<_, Option<String>>(column).map(Option::unwrap_or_default);
    Ok(Process {
        user: text(1)?,
        database: text(2)?,
        application: text(3)?,
        wait: None,
        blocked_by: Vec::new(),
        unclear: None,
    })
}
