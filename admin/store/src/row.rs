//! How is a value taken out of a row? By its column's name, as one of the few types both databases have.

use crate::{Id, Result, StoreError};
use sqlx::Row;
use sqlx::any::AnyRow;

/// Values of a row by column. A column that is not there or is of another type means the state is not
/// what this program wrote.
pub(crate) trait Values {
    fn text(&self, column: &str) -> Result<String>;
    fn text_opt(&self, column: &str) -> Result<Option<String>>;
    fn int(&self, column: &str) -> Result<i64>;
    fn int_opt(&self, column: &str) -> Result<Option<i64>>;
    fn bytes(&self, column: &str) -> Result<Vec<u8>>;
    fn bytes_opt(&self, column: &str) -> Result<Option<Vec<u8>>>;
    /// 0 and 1.
    fn flag(&self, column: &str) -> Result<bool> {
        Ok(self.int(column)? != 0)
    }
    fn id(&self, column: &str) -> Result<Id> {
        Id::from_bytes(&self.bytes(column)?)
    }
    fn id_opt(&self, column: &str) -> Result<Option<Id>> {
        self.bytes_opt(column)?.as_deref().map(Id::from_bytes).transpose()
    }
    /// A document.
    fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T> {
        serde_json::from_str(&self.text(column)?)
            .map_err(|error| StoreError::Damaged(format!("column `{column}`: {error}")))
    }
}

impl Values for AnyRow {
    fn text(&self, column: &str) -> Result<String> {
        Ok(self.try_get(column)?)
    }
    fn text_opt(&self, column: &str) -> Result<Option<String>> {
        Ok(self.try_get(column)?)
    }
    fn int(&self, column: &str) -> Result<i64> {
        Ok(self.try_get(column)?)
    }
    fn int_opt(&self, column: &str) -> Result<Option<i64>> {
        Ok(self.try_get(column)?)
    }
    fn bytes(&self, column: &str) -> Result<Vec<u8>> {
        Ok(self.try_get(column)?)
    }
    fn bytes_opt(&self, column: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.try_get(column)?)
    }
}

/// A document as the state holds it.
pub(crate) fn document<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Unavailable(format!("a document cannot be written: {error}")))
}
