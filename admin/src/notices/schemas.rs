//! Which schemas changed in a way that breaks what uses them?

use super::count;
use crate::app::notifications::Kind;
use crate::app::schema::changes;
use crate::plane::App;
use crate::problem::{Code, Problem};
use admin_engines::schema::diff::Severity;
use admin_store::notices::{self, Changed, NewNotice};
use admin_store::schema::{self, Snapshot};
use admin_store::{Id, StoreError, Tx, now_us};

/// Schemas compared at one look: each is read into memory.
const AT_ONCE: i64 = 4;
/// A schema that changed longer ago than this when nobody had looked is no news, in microseconds.
const NEWS_US: i64 = 86_400_000_000;
/// Changes that are told in words.
const TOLD: usize = 3;

/// Compares schemas that are others than when it was last looked.
pub(super) async fn look(app: &App) -> Result<(), StoreError> {
    let mut tx = app.store.read().await?;
    let changed = notices::changed_schemas(&mut tx, AT_ONCE).await?;
    tx.commit().await?;
    for one in changed {
        let is_news = now_us() - one.taken_at < NEWS_US;
        let broken = if is_news { breaking(app, &one).await? } else { None };
        let mut tx = app.store.write().await?;
        notices::remember(&mut tx, "schema", &one.connection.bytes(), one.taken_at).await?;
        if let Some((before, sentences)) = broken {
            let number = u64::try_from(sentences.len()).unwrap_or(u64::MAX);
            let more = sentences.len().saturating_sub(TOLD);
            let mut detail = sentences.into_iter().take(TOLD).collect::<Vec<_>>().join("; ");
            if more > 0 {
                detail.push_str(&format!("; and {more} more"));
            }
            let new = NewNotice {
                workspace: one.workspace,
                kind: Kind::SchemaBreaking.as_str(),
                key: &format!("schema {} {} {before}", one.connection, one.snapshot),
                at: now_us(),
                title: &format!("The schema of {} has {}", one.name, count(number, "breaking change")),
                detail: &detail,
                target: ("connection", &one.connection.to_string()),
                actor: None,
            };
            notices::put(&mut tx, &new).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// The snapshot that was compared last, and what breaks since, in words; nothing where nothing does.
async fn breaking(app: &App, one: &Changed) -> Result<Option<(Id, Vec<String>)>, StoreError> {
    let mut tx = app.store.read().await?;
    let before = match one.compared {
        Some(compared) => known(&mut tx, one, compared).await?,
        None => {
            schema::list(&mut tx, one.workspace, one.connection, Some(one.snapshot), 1).await?.items.pop()
        }
    };
    let after = known(&mut tx, one, one.snapshot).await?;
    let (Some(before), Some(after)) = (before, after) else { return Ok(None) };
    let id = before.id;
    let found = match changes::between(tx, before, after).await {
        Ok(found) => found,
        Err(problem) => {
            tracing::warn!(connection = %one.connection, reason = problem.detail(), "two snapshots were not compared");
            return unless_away(&problem);
        }
    };
    let breaks = |change: &admin_engines::schema::diff::Change| change.severity == Severity::Breaking;
    let sentences: Vec<String> =
        found.changes.into_iter().filter(breaks).map(|change| change.sentence).collect();
    Ok((!sentences.is_empty()).then_some((id, sentences)))
}

/// A snapshot, unless it was pruned meanwhile.
async fn known(tx: &mut Tx, one: &Changed, id: Id) -> Result<Option<Snapshot>, StoreError> {
    match schema::get(tx, one.workspace, id).await {
        Ok(snapshot) => Ok(Some(snapshot)),
        Err(StoreError::Missing(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What cannot be compared is not tried for ever; where the state was away it is.
fn unless_away(problem: &Problem) -> Result<Option<(Id, Vec<String>)>, StoreError> {
    if problem.code() == Code::Unavailable {
        return Err(StoreError::Unavailable(problem.detail().to_owned()));
    }
    Ok(None)
}
