//! How are many rows put in with one statement, and what does it mean when a row is refused?

use crate::StoreError;

/// Parameters in one statement. Both databases take 32 times as many; more makes nothing faster.
pub(crate) const PARAMETERS_MAX: usize = 1_000;

/// `($1, $2), ($3, $4)` for two rows of two columns, numbered from `first`.
pub(crate) fn placeholders(first: usize, rows: usize, columns: usize) -> String {
    let mut text = String::with_capacity(rows * columns * 7);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            if column > 0 {
                text.push_str(", ");
            }
            text.push_str(&format!("${}", first + row * columns + column));
        }
        text.push(')');
    }
    text
}

/// Names what was refused: `what` when there is one already, `owner` when what it refers to is missing.
pub(crate) fn refused(what: &'static str, owner: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| match StoreError::from(error) {
        StoreError::Duplicate(_) => StoreError::Duplicate(what),
        StoreError::Missing(_) => StoreError::Missing(owner),
        other => other,
    }
}
