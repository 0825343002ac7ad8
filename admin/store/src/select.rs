//! How is a question asked whose conditions depend on what was asked for? The text is put together from
//! our own constants; what people typed is bound.

use crate::{Result, Tx};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, Arguments, AssertSqlSafe, Encode, Type};

/// A statement that grows: each condition brings its value, so numbers of placeholders are right by
/// construction and an index can be used for what is asked.
#[derive(Default)]
pub(crate) struct Select {
    text: String,
    values: AnyArguments,
    count: usize,
}

impl Select {
    /// Begins with `text`.
    pub(crate) fn new(text: &'static str) -> Select {
        Select { text: text.to_owned(), ..Select::default() }
    }

    /// Adds `text`, the placeholder of `value`, and `after`.
    #[must_use]
    pub(crate) fn with<T>(mut self, text: &'static str, value: T, after: &'static str) -> Select
    where
        T: for<'a> Encode<'a, Any> + Type<Any>,
    {
        self.text.push_str(text);
        // Values of the four types of the state are kept as they are: there is nothing to fail.
        if self.values.add(value).is_ok() {
            self.count += 1;
        }
        self.text.push_str(&format!("${}", self.count));
        self.text.push_str(after);
        self
    }

    /// The same when there is a value, and nothing otherwise.
    #[must_use]
    pub(crate) fn with_any<T>(self, text: &'static str, value: Option<T>) -> Select
    where
        T: for<'a> Encode<'a, Any> + Type<Any>,
    {
        match value {
            Some(value) => self.with(text, value, ""),
            None => self,
        }
    }

    /// Asks it.
    pub(crate) async fn rows(self, tx: &mut Tx) -> Result<Vec<AnyRow>> {
        Ok(sqlx::query_with(AssertSqlSafe(self.text), self.values).fetch_all(tx.on()).await?)
    }
}
