//! How is a long list handed out? A page at a time, each saying where the next begins.

use crate::Result;
use sqlx::any::AnyRow;

/// Rows a page has at most, whatever was asked for.
pub const PAGE_ROWS_MAX: i64 = 1_000;

/// A part of a list, in the list's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, C = crate::Id> {
    /// What is on it.
    pub items: Vec<T>,
    /// What to ask for to get the next one; `None` at the end.
    pub next: Option<C>,
}

/// How many rows to ask for, so that it is known whether there are more: one more than the page has.
pub(crate) fn ask(limit: i64) -> i64 {
    limit.clamp(1, PAGE_ROWS_MAX) + 1
}

/// Makes a page of what [`ask`] brought; `cursor` is what the last row of a page is found by.
pub(crate) fn page<T, C>(
    rows: &[AnyRow],
    limit: i64,
    read: impl Fn(&AnyRow) -> Result<T>,
    cursor: impl Fn(&T) -> C,
) -> Result<Page<T, C>> {
    let most = usize::try_from(limit.clamp(1, PAGE_ROWS_MAX)).unwrap_or(1);
    let items = rows.iter().take(most).map(read).collect::<Result<Vec<T>>>()?;
    let next = if rows.len() > most { items.last().map(cursor) } else { None };
    Ok(Page { items, next })
}
