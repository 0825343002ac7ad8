//! What is decided about functions, procedures, sequences and range types?

use super::is_false;
use serde::{Deserialize, Serialize};

/// A function or a procedure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Routine {
    /// What it is called as.
    #[serde(default, skip_serializing_if = "RoutineForm::is_plain")]
    pub form: RoutineForm,
    /// What it is written in.
    pub language: String,
    /// Its arguments as it was declared with them.
    pub arguments: String,
    /// The types by which it is told from others of its name.
    pub identity_arguments: String,
    /// What it returns; absent for procedures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// What its result depends on; absent where the server does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volatility: Option<Volatility>,
    /// Whether it runs with its owner's privileges.
    #[serde(default, skip_serializing_if = "is_false")]
    pub security_definer: bool,
    /// Whether it is not called for NULL.
    #[serde(default, skip_serializing_if = "is_false")]
    pub strict: bool,
    /// Settings that hold while it runs, such as `search_path=public`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<String>,
    /// The statement that makes it, or its body: as the server tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
}

/// What a function is called as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoutineForm {
    /// For one row.
    #[default]
    Plain,
    /// Over many rows.
    Aggregate,
    /// Over a window of rows.
    Window,
}

/// What a function's result depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Volatility {
    /// Its arguments alone.
    Immutable,
    /// Its arguments and the data as one statement sees them.
    Stable,
    /// Anything.
    Volatile,
}

/// A sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// The type of its numbers.
    pub data_type: String,
    /// Its first number.
    pub start: i64,
    /// The step from one to the next.
    pub increment: i64,
    /// Its least number.
    pub minimum: i64,
    /// Its greatest number.
    pub maximum: i64,
    /// How many a session takes at once.
    pub cache: i64,
    /// Whether it begins again after the last.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cycle: bool,
    /// The column it numbers, as `schema.table.column`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owned_by: Option<String>,
}

/// A range type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The type of its bounds.
    pub subtype: String,
}

impl RoutineForm {
    /// Whether it is what is usual.
    pub fn is_plain(&self) -> bool {
        *self == RoutineForm::Plain
    }
}
