//! What can go wrong with the state?

use sqlx::Error;

/// Why the state could not be read or changed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such thing.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// There is one already.
    #[error("there is such a {0} already")]
    Duplicate(&'static str),
    /// Somebody else changed it meanwhile: read it again and try again.
    #[error("the {0} was changed by somebody else meanwhile")]
    Changed(&'static str),
    /// Something else refers to it, so it stays.
    #[error("the {0} is in use; take it out where it is used first")]
    InUse(&'static str),
    /// A text that no database could keep.
    #[error("the {0} holds a NUL character, which cannot be kept; leave it out")]
    Unfit(&'static str),
    /// There would be none left, and there must be one.
    #[error("the last {0} cannot go; name another one first")]
    LastOne(&'static str),
    /// Others are writing, and it took too long; trying again helps.
    #[error("the state is busy; try again")]
    Busy,
    /// It cannot be reached, or cannot be written.
    #[error("the state cannot be used: {0}")]
    Unavailable(String),
    /// It is not what this program wrote.
    #[error("the state is damaged: {0}; restore a backup with `dragoman state restore`")]
    Damaged(String),
    /// A file is no whole backup of a state.
    #[error("the backup cannot be used: {0}; nothing was changed, take another one")]
    Backup(String),
    /// A backup would replace what is there.
    #[error("there is a state that is not empty; say `--force` to replace it")]
    NotEmpty,
    /// It was written by a later version of the program.
    #[error(
        "the state is of a later version of this program (migration {found}, known up to {known}); run that one"
    )]
    TooNew {
        /// The latest migration it has.
        found: i64,
        /// The latest this program knows.
        known: i64,
    },
}

impl StoreError {
    /// Names the thing in an error that a constraint gave.
    #[must_use]
    pub fn about(self, what: &'static str) -> StoreError {
        match self {
            StoreError::Duplicate(_) => StoreError::Duplicate(what),
            StoreError::Missing(_) => StoreError::Missing(what),
            StoreError::Changed(_) => StoreError::Changed(what),
            other => other,
        }
    }
}

/// What the code of a database means here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    Busy,
    Damaged,
    Unfit,
    Other,
}

/// PostgreSQL's codes have five characters (its manual, "PostgreSQL Error Codes"); SQLite's are numbers,
/// whose lowest byte is the cause ("Result and Error Codes").
fn cause(code: &str) -> Cause {
    if code.len() == 5 {
        return match code {
            "40001" | "40P01" | "55P03" | "53300" => Cause::Busy,
            "XX001" | "XX002" => Cause::Damaged,
            "22021" | "22P05" => Cause::Unfit,
            _ => Cause::Other,
        };
    }
    match code.parse::<u32>().map(|number| number & 0xff) {
        Ok(5 | 6) => Cause::Busy,
        Ok(11 | 26) => Cause::Damaged,
        _ => Cause::Other,
    }
}

/// Whether others are writing and trying again helps.
pub(crate) fn is_busy(error: &Error) -> bool {
    matches!(error, Error::Database(database) if database.code().is_some_and(|code| cause(&code) == Cause::Busy))
}

impl From<Error> for StoreError {
    fn from(error: Error) -> StoreError {
        match &error {
            Error::RowNotFound => StoreError::Missing("thing"),
            Error::PoolTimedOut => StoreError::Busy,
            Error::Database(database) if database.is_unique_violation() => StoreError::Duplicate("thing"),
            Error::Database(database) if database.is_foreign_key_violation() => StoreError::Missing("thing"),
            Error::Database(database) => match database.code().map_or(Cause::Other, |code| cause(&code)) {
                Cause::Busy => StoreError::Busy,
                Cause::Damaged => StoreError::Damaged(database.message().to_owned()),
                Cause::Unfit => StoreError::Unfit("text"),
                Cause::Other => StoreError::Unavailable(error.to_string()),
            },
            Error::ColumnDecode { .. } | Error::ColumnNotFound(_) | Error::Decode(_) => {
                StoreError::Damaged(error.to_string())
            }
            _ => StoreError::Unavailable(error.to_string()),
        }
    }
}
