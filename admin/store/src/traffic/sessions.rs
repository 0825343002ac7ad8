//! Which sessions are there, and which were?

use super::ingest::Names;
use super::{bounded, counted, id_at, id_from, name, stored};
use crate::insert::placeholders;
use crate::page::ask;
use crate::row::Values;
use crate::{Id, Page, Result, Tx};
use control::{Caller, Report};
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

/// Columns of a row that is put in, and rows put in at once.
const COLUMNS: usize = 14;
const ROWS: usize = 64;
/// Why a session ended that its plane can no longer tell of.
const RESTARTED: &str = "plane restarted";

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Its place in lists, by when it started.
    pub id: Id,
    /// Its UUID, as the ledger has it.
    pub session: String,
    /// Its listener.
    pub listener: i64,
    /// Who.
    pub caller: Caller,
    /// From where.
    pub address: String,
    /// `TLSv1.3`, …; empty without TLS.
    pub tls: String,
    /// When it began.
    pub started_at: i64,
    /// When it ended; `None` while it lives.
    pub ended_at: Option<i64>,
    /// Why; empty while it lives.
    pub cause: String,
    /// Bytes from the client; 0 while it lives.
    pub bytes_in: u64,
    /// Bytes to the client; 0 while it lives.
    pub bytes_out: u64,
}

/// Which sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// Only those that live, or only those that ended.
    pub live: Option<bool>,
    /// Only those of a role.
    pub user: Option<String>,
    /// Only those of an application.
    pub application: Option<String>,
    /// Only those that began before, in microseconds since 1970.
    pub before: Option<i64>,
}

/// Keeps what a report tells of sessions. `latest`: the report is of its plane's latest start.
pub(crate) async fn take(tx: &mut Tx, report: &Report, names: &Names, latest: bool, now: i64) -> Result<()> {
    let starts: Vec<_> = report.session_starts.iter().take(Report::EVENTS_MAX).collect();
    for chunk in starts.chunks(ROWS) {
        let text = format!(
            "INSERT INTO traffic_sessions (id, plane, start, session, listener, caller, address, tls, started_at, \
             live, ended_at, cause, bytes_in, bytes_out) VALUES {} ON CONFLICT (plane, session) DO NOTHING",
            placeholders(1, chunk.len(), COLUMNS)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for start in chunk {
            query = query
                .bind(id_at(start.at_us)?.bytes())
                .bind(names.plane.as_str())
                .bind(names.start.as_str())
                .bind(name(&start.session))
                .bind(names.listener(&start.listener))
                .bind(names.caller(&start.caller).map_or(0, i64::from))
                .bind(name(&start.address))
                .bind(name(&start.tls))
                .bind(start.at_us)
                .bind(i64::from(latest))
                .bind(if latest { 0 } else { now })
                .bind(if latest { "" } else { RESTARTED })
                .bind(0_i64)
                .bind(0_i64);
        }
        query.execute(tx.on()).await?;
    }
    for end in report.session_ends.iter().take(Report::EVENTS_MAX) {
        // Also one that was taken to have ended with its plane: this is how it really did.
        sqlx::query(
            "UPDATE traffic_sessions SET live = 0, ended_at = $3, cause = $4, bytes_in = $5, bytes_out = $6 \
             WHERE plane = $1 AND session = $2 AND (live = 1 OR cause = $7)",
        )
        .bind(names.plane.as_str())
        .bind(name(&end.session))
        .bind(end.at_us)
        .bind(name(&end.cause))
        .bind(stored(end.bytes_in))
        .bind(stored(end.bytes_out))
        .bind(RESTARTED)
        .execute(tx.on())
        .await?;
    }
    Ok(())
}

/// Ends the sessions of a plane that has started anew.
pub(crate) async fn end_all(tx: &mut Tx, plane: &str, now: i64) -> Result<()> {
    sqlx::query(
        "UPDATE traffic_sessions SET live = 0, ended_at = $2, cause = $3 WHERE plane = $1 AND live = 1",
    )
    .bind(plane)
    .bind(now)
    .bind(RESTARTED)
    .execute(tx.on())
    .await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<SessionRow> {
    Ok(SessionRow {
        id: row.id("id")?,
        session: row.text("session")?,
        listener: row.int("listener")?,
        caller: caller(row)?,
        address: row.text("address")?,
        tls: row.text("tls")?,
        started_at: row.int("started_at")?,
        ended_at: if row.flag("live")? { None } else { Some(row.int("ended_at")?) },
        cause: row.text("cause")?,
        bytes_in: counted(row.int("bytes_in")?),
        bytes_out: counted(row.int("bytes_out")?),
    })
}

/// Who, of a row that is joined with `callers`.
pub(crate) fn caller(row: &AnyRow) -> Result<Caller> {
    Ok(Caller {
        user: row.text_opt("user_name")?.unwrap_or_default(),
        database: row.text_opt("database_name")?.unwrap_or_default(),
        application: row.text_opt("application")?.unwrap_or_default(),
    })
}

/// Sessions of some listeners, those that began last first.
pub async fn sessions(
    tx: &mut Tx,
    listeners: &[i64],
    filter: &SessionFilter,
    after: Option<Id>,
    limit: i64,
) -> Result<Page<SessionRow>> {
    let life = if filter.live.is_some() { "AND s.live = $6" } else { "AND $6 = $6" };
    let text = format!(
        "SELECT s.id, s.session, s.listener, s.address, s.tls, s.started_at, s.live, s.ended_at, s.cause, \
         s.bytes_in, s.bytes_out, c.user_name, c.database_name, c.application \
         FROM traffic_sessions s LEFT JOIN callers c ON c.id = s.caller \
         WHERE s.listener = $1 AND s.id < $2 AND ($3 = '' OR c.user_name = $4) AND ($5 = '' OR c.application = $7) \
         {life} ORDER BY s.id DESC LIMIT $8"
    );
    let before = before(after, filter.before);
    let mut found = Vec::new();
    for listener in listeners {
        let rows = sqlx::query(AssertSqlSafe(text.clone()))
            .bind(*listener)
            .bind(before.as_slice())
            .bind(wanted(&filter.user))
            .bind(name(filter.user.as_deref().unwrap_or_default()))
            .bind(wanted(&filter.application))
            .bind(i64::from(filter.live.unwrap_or(false)))
            .bind(name(filter.application.as_deref().unwrap_or_default()))
            .bind(ask(limit))
            .fetch_all(tx.on())
            .await?;
        for row in &rows {
            found.push(read(row)?);
        }
    }
    Ok(newest_first(found, limit, |session| session.id))
}

/// `1` for a filter that is set: an empty name is a name too.
pub(crate) fn wanted<T>(filter: &Option<T>) -> &'static str {
    if filter.is_some() { "1" } else { "" }
}

/// Where a list begins that goes backwards: behind `after`, and before a time.
pub(crate) fn before(after: Option<Id>, at: Option<i64>) -> Vec<u8> {
    let after = after.unwrap_or_else(Id::greatest).bytes();
    match at {
        Some(at) => after.min(id_from(at)),
        None => after,
    }
}

/// What several listeners gave, as one page.
pub(crate) fn newest_first<T>(mut found: Vec<T>, limit: i64, id: impl Fn(&T) -> Id) -> Page<T> {
    let most = usize::try_from(ask(limit) - 1).unwrap_or(1);
    found.sort_by_key(|row| std::cmp::Reverse(id(row)));
    let next = if found.len() > most { found.get(most - 1).map(&id) } else { None };
    found.truncate(most);
    Page { items: found, next }
}

/// A note as it is kept.
pub(crate) fn note(text: &str) -> String {
    bounded(text, 4_096)
}
