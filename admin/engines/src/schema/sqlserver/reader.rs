//! How is one part of `sys` asked for, and how are its rows read?

use super::super::CatalogError;
use super::super::model::Warning;
use crate::sqlserver::Driver;
use std::time::Duration;
use tiberius::error::Error;
use tiberius::{ColumnData, Row};

/// The server's numbers for what a login may not see, and for what an older or other server does not have: no
/// permission, unknown object, unknown column.
const HIDDEN: [u32; 7] = [229, 230, 262, 297, 300, 208, 207];

/// What asks the server.
pub(super) struct Reader<'a> {
    client: &'a mut Driver,
    timeout: Duration,
    /// What could not be read.
    pub(super) warnings: Vec<Warning>,
}

impl<'a> Reader<'a> {
    pub(super) async fn new(client: &'a mut Driver, timeout: Duration) -> Result<Reader<'a>, CatalogError> {
        let mut reader = Reader { client, timeout, warnings: Vec::new() };
        let limit = timeout.as_millis().min(2_147_483_647);
        reader.needed("settings of the session", &format!("SET LOCK_TIMEOUT {limit}")).await?;
        Ok(reader)
    }

    /// What there is no catalog without.
    pub(super) async fn needed(
        &mut self,
        what: &'static str,
        sql: &str,
    ) -> Result<Vec<Fields>, CatalogError> {
        self.ask(sql).await.map_err(|source| CatalogError::SqlServer { what, source })
    }

    /// What is left out, with a warning, where the login may not read it. Any other failure is one of the
    /// whole: a definition that is missing by chance would look like a change.
    pub(super) async fn optional(
        &mut self,
        what: &'static str,
        sql: &str,
    ) -> Result<Vec<Fields>, CatalogError> {
        match self.ask(sql).await {
            Err(Error::Server(error)) if HIDDEN.contains(&error.code()) => {
                let reason = error.message().to_owned();
                self.warnings.push(Warning { missing: what.to_owned(), reason });
                Ok(Vec::new())
            }
            other => other.map_err(|source| CatalogError::SqlServer { what, source }),
        }
    }

    async fn ask(&mut self, sql: &str) -> Result<Vec<Fields>, Error> {
        let asking = async { self.client.simple_query(sql).await?.into_first_result().await };
        let Ok(rows) = tokio::time::timeout(self.timeout, asking).await else {
            let message = "a part of the catalog did not come in time".to_owned();
            return Err(Error::Io { kind: std::io::ErrorKind::TimedOut, message });
        };
        Ok(rows?.into_iter().map(Fields).collect())
    }
}

/// A row whose columns are found by name, and read in whatever type they have there.
pub(super) struct Fields(Row);

impl Fields {
    /// As text that is there and not empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.value(name)? {
            ColumnData::String(Some(text)) if !text.is_empty() => Some(text.clone().into_owned()),
            _ => None,
        }
    }

    /// As a number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        match *self.value(name)? {
            ColumnData::U8(number) => number.map(i64::from),
            ColumnData::I16(number) => number.map(i64::from),
            ColumnData::I32(number) => number.map(i64::from),
            ColumnData::I64(number) => number,
            ColumnData::Bit(bit) => bit.map(i64::from),
            _ => None,
        }
    }

    /// As a number that is never below zero.
    pub(super) fn count(&self, name: &str) -> Option<u64> {
        u64::try_from(self.number(name)?).ok()
    }

    /// Whether it says yes.
    pub(super) fn is_yes(&self, name: &str) -> bool {
        self.number(name) == Some(1)
    }

    fn value(&self, name: &str) -> Option<&ColumnData<'static>> {
        self.0.cells().find(|(column, _)| column.name().eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// A type as it is written: `nvarchar(100)`, `decimal(10,2)`, `dbo.money_of_ours`. A length of -1 stands for the
/// longest, and characters of two bytes are counted in bytes.
pub(super) fn type_text(row: &Fields) -> String {
    let name = row.text("type_name").unwrap_or_default();
    if row.is_yes("type_is_own") {
        return format!("{}.{name}", row.text("type_schema").unwrap_or_default());
    }
    let number = |field: &str| row.number(field).unwrap_or_default();
    let length = |unit: i64| match number("max_length") {
        -1 => format!("{name}(max)"),
        bytes => format!("{name}({})", bytes / unit),
    };
    match name.as_str() {
        "nvarchar" | "nchar" => length(2),
        "varchar" | "char" | "varbinary" | "binary" => length(1),
        "decimal" | "numeric" => format!("{name}({},{})", number("precision"), number("scale")),
        "datetime2" | "datetimeoffset" | "time" => format!("{name}({})", number("scale")),
        _ => name,
    }
}
