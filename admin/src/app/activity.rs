//! What did people do?

use crate::operation::Operation;
use crate::plane::App;
use crate::problem::Problem;
use admin_store::activity::{self, Entry, Filter};
use admin_store::{Id, Page};
use futures_util::Stream;
use futures_util::stream::try_unfold;

/// Entries of one part of a copy.
const PART_ENTRIES: i64 = 500;

/// Entries of the workspace that is asked in, or of the whole instance where none is; latest first.
pub async fn list(
    operation: &Operation,
    filter: Filter,
    before: Option<Id>,
    limit: u32,
) -> Result<Page<Entry>, Problem> {
    let filter = within(operation, filter);
    let mut tx = operation.read().await?;
    let page = activity::list(&mut tx, &filter, before, limit.into()).await?;
    tx.commit().await?;
    Ok(page)
}

fn within(operation: &Operation, mut filter: Filter) -> Filter {
    filter.workspace = operation.entered.as_ref().map(|entered| entered.workspace.id);
    filter
}

/// All entries, earliest first, part by part: each part is read when the one before was taken.
pub fn export(
    operation: &Operation,
    filter: Filter,
) -> impl Stream<Item = Result<Vec<Entry>, Problem>> + Send + 'static {
    parts(operation.app.clone(), within(operation, filter))
}

/// What one person did anywhere, earliest first, part by part.
pub(crate) fn of_person(
    app: App,
    user: Id,
) -> impl Stream<Item = Result<Vec<Entry>, Problem>> + Send + 'static {
    parts(app, Filter { user: Some(user), ..Filter::default() })
}

/// Where a copy goes on.
enum Next {
    After(Option<Id>),
    End,
}

fn parts(app: App, filter: Filter) -> impl Stream<Item = Result<Vec<Entry>, Problem>> + Send + 'static {
    try_unfold((app, filter, Next::After(None)), |(app, filter, next)| async move {
        let Next::After(after) = next else { return Ok(None) };
        let mut tx = app.store.read().await?;
        let page = activity::export(&mut tx, &filter, after, PART_ENTRIES).await?;
        tx.commit().await?;
        let next = page.next.map_or(Next::End, |id| Next::After(Some(id)));
        Ok(Some((page.items, (app, filter, next))))
    })
}
