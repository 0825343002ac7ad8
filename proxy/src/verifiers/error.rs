//! Why could the gateway not look up a verifier, and what helps?

use crate::probe::{ProbeError, words};
use relay::verifiers::Question;
use std::sync::Arc;
use tokio_postgres::error::SqlState;

/// Why nothing was found out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LookupError {
    /// The gateway does not get to ask.
    #[error(transparent)]
    Probe(#[from] Arc<ProbeError>),
    /// The server does not answer.
    #[error("what is stored of passwords cannot be read: {}", words(_0))]
    Query(#[from] tokio_postgres::Error),
    /// The function said more than one thing.
    #[error("the function of `authentication.lookup` returns more than one row")]
    Ambiguous,
    /// It takes too long.
    #[error("the upstream did not answer within {0} seconds")]
    Slow(u64),
}

impl LookupError {
    /// What to do about it, where that can be told.
    pub(crate) fn remedy(&self, user: &str, question: &Question) -> Option<String> {
        let LookupError::Query(error) = self else { return None };
        let code = error.code()?;
        let Question { function, database } = question;
        let (user, database) = (identifier(user), identifier(database));
        let Some([schema, name]) = function else {
            return (*code == SqlState::INSUFFICIENT_PRIVILEGE).then(|| {
                // The table is the same in each database; what is granted on it is not.
                format!(
                    "in database {database}: GRANT SELECT (rolname, rolpassword, rolcanlogin, rolvaliduntil) ON \
                     pg_catalog.pg_authid TO {user}"
                )
            });
        };
        let (schema, name) = (identifier(schema), identifier(name));
        if *code == SqlState::INSUFFICIENT_PRIVILEGE {
            return Some(format!(
                "in database {database}: GRANT USAGE ON SCHEMA {schema} TO {user}; GRANT EXECUTE ON FUNCTION \
                 {schema}.{name} TO {user}"
            ));
        }
        let missing = [SqlState::UNDEFINED_FUNCTION, SqlState::INVALID_SCHEMA_NAME].contains(code);
        missing.then(|| {
            format!(
                "make the function {schema}.{name}(text) in database {database}: see docs/authentication.md"
            )
        })
    }
}

/// A name as SQL writes it.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
