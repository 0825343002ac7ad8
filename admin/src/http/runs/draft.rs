//! What does somebody say who wants to run something?

use crate::app::runs::RunDraft;
use admin_store::Id;
use serde::Deserialize;
use utoipa::ToSchema;

/// A statement to run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunInput {
    /// On which connection.
    #[schema(value_type = String, format = Uuid)]
    pub connection: Id,
    /// The statement: one, and a query.
    #[schema(
        min_length = 1,
        max_length = 1_048_576,
        example = "SELECT id, total FROM orders WHERE customer = $1"
    )]
    pub sql: String,
    /// The values of `$1`, `$2`, … (PostgreSQL) or of each `?`, in order, written as the server reads them from a text;
    /// `null` for a missing value.
    #[schema(max_items = 1000, example = json!(["42"]))]
    pub parameters: Option<Vec<Option<String>>>,
    /// Most rows; 1,000 where nothing is said. More are left out, and the end of the answer says so.
    #[schema(minimum = 1, maximum = 100_000)]
    pub rows_max: Option<u64>,
    /// Most bytes of values; 16 MiB where nothing is said.
    #[schema(minimum = 1, maximum = 268_435_456)]
    pub bytes_max: Option<u64>,
    /// Longest time in seconds; 30 where nothing is said.
    #[schema(minimum = 1, maximum = 300)]
    pub timeout_seconds: Option<u32>,
    /// The saved query the statement comes from, for the history.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub saved_query: Option<Id>,
}

impl RunInput {
    /// As the product takes it.
    pub(super) fn draft(self) -> RunDraft {
        RunDraft {
            connection: self.connection,
            sql: self.sql,
            parameters: self.parameters.unwrap_or_default(),
            rows_max: self.rows_max,
            bytes_max: self.bytes_max,
            timeout_seconds: self.timeout_seconds,
            saved_query: self.saved_query,
        }
    }
}

/// A statement to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextInput {
    /// For which connection.
    #[schema(value_type = String, format = Uuid)]
    pub connection: Id,
    /// The statement.
    #[schema(min_length = 1, max_length = 1_048_576, example = "SELECT * FROM orders")]
    pub sql: String,
}
