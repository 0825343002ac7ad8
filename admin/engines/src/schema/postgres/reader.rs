//! How is one part of the catalog asked for, and what if the role may not read it?

use super::super::CatalogError;
use super::super::model::Warning;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, Type};
use tokio_postgres::{Client, Error, Row};

/// What asks the server, within the transaction.
pub(super) struct Reader<'a> {
    client: &'a Client,
    /// As `server_version_num`.
    pub(super) version: i32,
    /// The schemas to read, `$1` of every statement.
    pub(super) schemas: Vec<u32>,
    /// What could not be read.
    pub(super) warnings: Vec<Warning>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(client: &'a Client) -> Reader<'a> {
        Reader { client, version: 0, schemas: Vec::new(), warnings: Vec::new() }
    }

    /// The only row.
    pub(super) async fn one(&self, what: &'static str, sql: &str) -> Result<Row, CatalogError> {
        self.client.query_typed_one(sql, &[]).await.map_err(|source| CatalogError::Postgres { what, source })
    }

    /// What there is no catalog without.
    pub(super) async fn needed(&self, what: &'static str, sql: &str) -> Result<Vec<Row>, CatalogError> {
        self.ask(sql).await.map_err(|source| CatalogError::Postgres { what, source })
    }

    /// What is left out, with a warning, where the role may not read it. Any other failure is one of the
    /// whole: a definition that is missing by chance would look like a change.
    pub(super) async fn optional(&mut self, what: &'static str, sql: &str) -> Result<Vec<Row>, CatalogError> {
        self.within_savepoint(what, sql, is_hidden).await
    }

    /// What is left out, with a warning, however it fails, as long as the session lives.
    pub(super) async fn measured(&mut self, what: &'static str, sql: &str) -> Result<Vec<Row>, CatalogError> {
        self.within_savepoint(what, sql, |error| error.code().is_some()).await
    }

    async fn within_savepoint(
        &mut self,
        what: &'static str,
        sql: &str,
        forgiven: fn(&Error) -> bool,
    ) -> Result<Vec<Row>, CatalogError> {
        let told = |source| CatalogError::Postgres { what, source };
        self.client.batch_execute("SAVEPOINT part").await.map_err(told)?;
        match self.ask(sql).await {
            Ok(rows) => {
                self.client.batch_execute("RELEASE part").await.map_err(told)?;
                Ok(rows)
            }
            Err(error) if forgiven(&error) => {
                self.client.batch_execute("ROLLBACK TO part; RELEASE part").await.map_err(told)?;
                let reason =
                    error.as_db_error().map(|answer| answer.message().to_owned()).unwrap_or_default();
                self.warnings.push(Warning { missing: what.to_owned(), reason });
                Ok(Vec::new())
            }
            Err(error) => Err(told(error)),
        }
    }

    /// By the unnamed statement: poolers that share sessions between transactions keep no other.
    async fn ask(&self, sql: &str) -> Result<Vec<Row>, Error> {
        self.client.query_typed(sql, &[(&self.schemas, Type::OID_ARRAY)]).await
    }
}

/// Whether the server keeps it from this role, or does not have it.
fn is_hidden(error: &Error) -> bool {
    let hidden = [
        SqlState::INSUFFICIENT_PRIVILEGE,
        SqlState::UNDEFINED_TABLE,
        SqlState::UNDEFINED_COLUMN,
        SqlState::UNDEFINED_FUNCTION,
        SqlState::FEATURE_NOT_SUPPORTED,
    ];
    error.code().is_some_and(|code| hidden.contains(code))
}

/// The column of a row.
pub(super) fn get<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<T, CatalogError> {
    row.try_get(column).map_err(|source| CatalogError::Postgres { what: "answer", source })
}

/// Words that are counted in signed numbers and never below zero.
pub(super) fn counted(number: Option<i64>) -> Option<u64> {
    number.and_then(|number| u64::try_from(number).ok())
}
