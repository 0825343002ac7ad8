//! How is one part of `information_schema` asked for, and how are its rows read?

use super::super::CatalogError;
use super::super::model::Warning;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Params, Row, Value};
use std::time::Duration;

/// The server's numbers for what an account may not see or a server does not have: access denied to a
/// database, a table, a column, a routine or for want of a privilege; unknown table in information_schema,
/// no such table, unknown column, broken view.
const HIDDEN: [u16; 10] = [1044, 1142, 1143, 1370, 1227, 1109, 1146, 1054, 1356, 1049];

/// What asks the server.
pub(super) struct Reader<'a> {
    connection: &'a mut Conn,
    timeout: Duration,
    pub(super) is_mariadb: bool,
    /// The databases to read: what `{schemas}` in a statement stands for.
    pub(super) schemas: Vec<String>,
    /// What could not be read.
    pub(super) warnings: Vec<Warning>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(connection: &'a mut Conn, timeout: Duration) -> Reader<'a> {
        Reader { connection, timeout, is_mariadb: false, schemas: Vec::new(), warnings: Vec::new() }
    }

    /// The only row.
    pub(super) async fn one(&mut self, what: &'static str, sql: &str) -> Result<Fields, CatalogError> {
        let row: Result<Option<Row>, Error> = self.connection.query_first(sql).await;
        let row = row.map_err(|source| CatalogError::Mysql { what, source })?;
        Ok(Fields { row })
    }

    /// What there is no catalog without, in all databases.
    pub(super) async fn everywhere(
        &mut self,
        what: &'static str,
        sql: &str,
    ) -> Result<Vec<Fields>, CatalogError> {
        self.ask(sql, Params::Empty).await.map_err(|source| CatalogError::Mysql { what, source })
    }

    /// What there is no catalog without, in the databases to read.
    pub(super) async fn needed(
        &mut self,
        what: &'static str,
        sql: &str,
    ) -> Result<Vec<Fields>, CatalogError> {
        self.ask_of_schemas(sql).await.map_err(|source| CatalogError::Mysql { what, source })
    }

    /// What is left out, with a warning, where the account may not read it. Any other failure is one of the
    /// whole: a definition that is missing by chance would look like a change.
    pub(super) async fn optional(
        &mut self,
        what: &'static str,
        sql: &str,
    ) -> Result<Vec<Fields>, CatalogError> {
        match self.ask_of_schemas(sql).await {
            Err(Error::Server(error)) if HIDDEN.contains(&error.code) => {
                self.warn(what, error.message);
                Ok(Vec::new())
            }
            other => other.map_err(|source| CatalogError::Mysql { what, source }),
        }
    }

    /// What is left out, with a warning, however it fails, as long as the session lives.
    pub(super) async fn measured(
        &mut self,
        what: &'static str,
        sql: &str,
    ) -> Result<Vec<Fields>, CatalogError> {
        match self.ask_of_schemas(sql).await {
            Err(Error::Server(error)) => {
                self.warn(what, error.message);
                Ok(Vec::new())
            }
            other => other.map_err(|source| CatalogError::Mysql { what, source }),
        }
    }

    fn warn(&mut self, what: &str, reason: String) {
        self.warnings.push(Warning { missing: what.to_owned(), reason });
    }

    async fn ask_of_schemas(&mut self, sql: &str) -> Result<Vec<Fields>, Error> {
        let places = vec!["?"; self.schemas.len()].join(", ");
        let times = sql.matches("{schemas}").count();
        let values: Vec<Value> =
            self.schemas.iter().cycle().take(self.schemas.len() * times).map(Value::from).collect();
        let params = if values.is_empty() { Params::Empty } else { Params::Positional(values) };
        self.ask(&sql.replace("{schemas}", &places), params).await
    }

    /// The time a statement may take is bounded by the statement itself, not by the session.
    async fn ask(&mut self, sql: &str, params: Params) -> Result<Vec<Fields>, Error> {
        let sql = sql.trim_start();
        let bounded = match sql.strip_prefix("SELECT") {
            Some(_) if self.is_mariadb => {
                format!("SET STATEMENT max_statement_time = {} FOR {sql}", self.timeout.as_secs().max(1))
            }
            Some(rest) => {
                format!("SELECT /*+ MAX_EXECUTION_TIME({}) */{rest}", self.timeout.as_millis().max(1))
            }
            None => sql.to_owned(),
        };
        let rows: Vec<Row> = self.connection.exec(bounded, params).await?;
        Ok(rows.into_iter().map(|row| Fields { row: Some(row) }).collect())
    }
}

/// A row whose columns are found by name, in whatever case the server's version writes it, and read in
/// whatever type it has there.
pub(super) struct Fields {
    row: Option<Row>,
}

impl Fields {
    /// As text; nothing where it is NULL or not there.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::NULL => None,
            Value::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Value::Int(number) => Some(number.to_string()),
            Value::UInt(number) => Some(number.to_string()),
            Value::Float(number) => Some(number.to_string()),
            Value::Double(number) => Some(number.to_string()),
            Value::Date(..) | Value::Time(..) => None,
        }
    }

    /// As text that is there and not empty.
    pub(super) fn filled(&self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// As a number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        match self.value(name)? {
            Value::Int(number) => Some(*number),
            Value::UInt(number) => i64::try_from(*number).ok(),
            Value::Bytes(bytes) => std::str::from_utf8(bytes).ok()?.parse().ok(),
            Value::NULL | Value::Float(_) | Value::Double(_) | Value::Date(..) | Value::Time(..) => None,
        }
    }

    /// As a number that is never below zero.
    pub(super) fn count(&self, name: &str) -> Option<u64> {
        match self.value(name)? {
            Value::UInt(number) => Some(*number),
            _ => u64::try_from(self.number(name)?).ok(),
        }
    }

    /// Whether it says yes.
    pub(super) fn is_yes(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| text.eq_ignore_ascii_case("YES") || text == "1")
    }

    /// The two columns by which everything is found.
    pub(super) fn place(&self, schema: &str, name: &str) -> (String, String) {
        (self.text(schema).unwrap_or_default(), self.text(name).unwrap_or_default())
    }

    fn value(&self, name: &str) -> Option<&Value> {
        let row = self.row.as_ref()?;
        let columns = row.columns_ref();
        let index = columns.iter().position(|column| column.name_str().eq_ignore_ascii_case(name))?;
        row.as_ref(index)
    }
}
