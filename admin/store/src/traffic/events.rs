//! What did the gateway do itself?

use super::ingest::Names;
use super::sessions::{before, newest_first, note};
use super::{id_at, name};
use crate::insert::placeholders;
use crate::page::ask;
use crate::row::Values;
use crate::{Id, Page, Result, Tx};
use control::Report;
use sqlx::AssertSqlSafe;

const COLUMNS: usize = 6;
const ROWS: usize = 100;

/// Something the gateway did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Its place in lists, by when it happened.
    pub id: Id,
    /// Whose.
    pub plane: String,
    /// The listener it is about; `None` for the gateway itself.
    pub listener: Option<i64>,
    /// When.
    pub at: i64,
    /// The ledger's word for it.
    pub event: String,
    /// The gateway's own words.
    pub note: String,
}

/// Keeps what a report tells of events.
pub(crate) async fn take(tx: &mut Tx, report: &Report, names: &Names) -> Result<()> {
    let told: Vec<_> = report.events.iter().take(Report::EVENTS_MAX).collect();
    for chunk in told.chunks(ROWS) {
        let text = format!(
            "INSERT INTO traffic_events (id, plane, listener, at, event, note) VALUES {}",
            placeholders(1, chunk.len(), COLUMNS)
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for event in chunk {
            query = query
                .bind(id_at(event.at_us)?.bytes())
                .bind(names.plane.as_str())
                .bind(names.listener(&event.listener))
                .bind(event.at_us)
                .bind(name(&event.event))
                .bind(note(&event.note));
        }
        query.execute(tx.on()).await?;
    }
    Ok(())
}

/// Events of some listeners, the last first; with `gateway`, also those that are about none.
pub async fn events(
    tx: &mut Tx,
    listeners: &[i64],
    gateway: bool,
    after: Option<Id>,
    limit: i64,
) -> Result<Page<EventRow>> {
    let mut found = Vec::new();
    for listener in listeners.iter().copied().chain(gateway.then_some(0)) {
        let rows = sqlx::query(
            "SELECT id, plane, listener, at, event, note FROM traffic_events WHERE listener = $1 AND id < $2 \
             ORDER BY id DESC LIMIT $3",
        )
        .bind(listener)
        .bind(before(after, None))
        .bind(ask(limit))
        .fetch_all(tx.on())
        .await?;
        for row in &rows {
            let listener = row.int("listener")?;
            found.push(EventRow {
                id: row.id("id")?,
                plane: row.text("plane")?,
                listener: (listener > 0).then_some(listener),
                at: row.int("at")?,
                event: row.text("event")?,
                note: row.text("note")?,
            });
        }
    }
    Ok(newest_first(found, limit, |event| event.id))
}
