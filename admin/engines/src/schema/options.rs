//! What of a database is to be read, and what may go wrong?

use std::time::Duration;

/// What a catalog is to hold.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only these schemas; all but the server's own when empty. For MySQL: databases.
    pub include: Vec<String>,
    /// Not these schemas.
    pub exclude: Vec<String>,
    /// Functions and procedures too.
    pub functions: bool,
    /// Longest any one of the statements may run.
    pub statement_timeout: Duration,
    /// Most objects a catalog may hold; more is an error, not a part of them.
    pub objects_max: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            include: Vec::new(),
            exclude: Vec::new(),
            functions: true,
            statement_timeout: Duration::from_secs(30),
            objects_max: 200_000,
        }
    }
}

impl Options {
    /// Whether `schema` is to be read, when it is not one of the server's own.
    pub fn admits(&self, schema: &str) -> bool {
        let included = self.include.is_empty() || self.include.iter().any(|name| name == schema);
        included && !self.exclude.iter().any(|name| name == schema)
    }
}

/// Why a catalog could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// PostgreSQL said no.
    #[error("the {what} cannot be read")]
    Postgres {
        /// What was asked for.
        what: &'static str,
        /// The server's answer.
        #[source]
        source: tokio_postgres::Error,
    },
    /// MySQL or MariaDB said no.
    #[error("the {what} cannot be read")]
    Mysql {
        /// What was asked for.
        what: &'static str,
        /// The server's answer.
        #[source]
        source: mysql_async::Error,
    },
    /// SQLite said no.
    #[error("the {what} cannot be read")]
    Sqlite {
        /// What was asked for.
        what: &'static str,
        /// The library's answer.
        #[source]
        source: rusqlite::Error,
    },
    /// SQL Server said no.
    #[error("the {what} cannot be read")]
    SqlServer {
        /// What was asked for.
        what: &'static str,
        /// The server's answer.
        #[source]
        source: tiberius::error::Error,
    },
    /// There is more than a catalog may hold.
    #[error("the database has more than {objects_max} objects; name the schemas to read")]
    TooMany {
        /// How many there may be.
        objects_max: usize,
    },
    /// The server is older than what is supported.
    #[error("PostgreSQL `{version}` is too old; 14 is the oldest whose catalog is read")]
    TooOld {
        /// What it calls itself.
        version: String,
    },
}
