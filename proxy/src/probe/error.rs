//! Why could the gateway not find something out at an upstream?

use std::io;

/// Why the gateway could not find something out.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// No server of the listener accepts.
    #[error("upstream `{upstream}` does not answer: {source}")]
    Unreachable {
        /// The last one that was asked.
        upstream: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The connection cannot be encrypted as the listener wants it (MySQL).
    #[error("the connection to upstream `{upstream}` cannot be encrypted: {source}")]
    Encryption {
        /// Which one.
        upstream: String,
        /// What is wrong.
        #[source]
        source: io::Error,
    },
    /// What answers speaks another protocol (MySQL).
    #[error("what answers at upstream `{upstream}` does not speak MySQL's protocol")]
    Foreign {
        /// Which one.
        upstream: String,
    },
    /// The server does not let the gateway in.
    #[error("the upstream does not let `{user}` in: {}", words(source))]
    Login {
        /// As whom.
        user: Box<str>,
        /// What the server said.
        #[source]
        source: tokio_postgres::Error,
    },
    /// A MySQL server does not let the gateway in.
    #[error("the upstream does not let `{user}` in: {}", mysql_words(error))]
    MysqlLogin {
        /// As whom.
        user: Box<str>,
        /// What the server said.
        error: mysql_async::Error,
    },
    /// The server does not answer a question.
    #[error("the upstream's catalog cannot be read: {}", words(_0))]
    Query(#[from] tokio_postgres::Error),
    /// A MySQL server does not answer a question.
    #[error("the upstream's tables of privileges cannot be read: {}", mysql_words(_0))]
    MysqlQuery(mysql_async::Error),
    /// The gateway's own account may not do what is needed.
    #[error("the upstream does not let {account} {deed}; this lets it: {remedy}")]
    NotAllowed {
        /// Which account, as SQL writes it.
        account: String,
        /// What it may not.
        deed: &'static str,
        /// The statements that change it.
        remedy: String,
    },
    /// It takes too long.
    #[error("the upstream did not answer within {0} seconds")]
    Slow(u64),
    /// The server has no role of that name.
    #[error("the upstream has no role of this name")]
    NoRole,
    /// The server has no account that takes a login of that name from the gateway (MySQL).
    #[error("the upstream has no account for this name at {0}, from where the gateway comes")]
    NoAccount(String),
    /// The listener has no probe.
    #[error("the listener has no `probe.user`")]
    NoProbe,
}

/// What it says is in the message whole, so it is no cause beside it.
impl From<mysql_async::Error> for ProbeError {
    fn from(error: mysql_async::Error) -> ProbeError {
        ProbeError::MysqlQuery(error)
    }
}

/// What the server said, or else the driver.
pub(crate) fn words(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(said) => format!("{} (SQLSTATE {})", said.message(), said.code().code()),
        None => std::error::Error::source(error)
            .map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}")),
    }
}

/// The same of MySQL's.
fn mysql_words(error: &mysql_async::Error) -> String {
    match error {
        mysql_async::Error::Server(said) => {
            format!("{} (error {}, SQLSTATE {})", said.message, said.code, said.state)
        }
        mysql_async::Error::Driver(said) => said.to_string().trim_end_matches('.').to_owned(),
        other => other.to_string(),
    }
}
