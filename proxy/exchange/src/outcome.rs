//! How an exchange ended.

/// The five characters of an SQLSTATE (SQL:2016 part 2, section 24; PostgreSQL appendix A).
pub type SqlState = [u8; 5];

/// Every exchange ends in exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server finished it.
    Completed {
        /// Rows returned, or changed where none are returned.
        rows: u64,
    },
    /// The server answered with an error.
    Failed {
        /// The server's SQLSTATE; `None` when it sent none.
        sqlstate: Option<SqlState>,
    },
    /// The server never ran it: an earlier request of the same batch failed.
    Skipped,
    /// The gateway refused it.
    Refused {
        /// The SQLSTATE the client was given.
        sqlstate: SqlState,
    },
    /// The connection ended before the answer did: nobody can tell whether it took effect.
    Lost,
}

impl Outcome {
    /// The SQLSTATE, where the outcome has one.
    pub fn sqlstate(&self) -> Option<SqlState> {
        match self {
            Outcome::Completed { .. } | Outcome::Skipped | Outcome::Lost => None,
            Outcome::Failed { sqlstate } => *sqlstate,
            Outcome::Refused { sqlstate } => Some(*sqlstate),
        }
    }

    /// A word for what happened that carries no value of any row: `ok`, `skipped`, `lost`, or the
    /// name of the SQLSTATE's class. Server error text can quote row values, so it is never kept.
    pub fn message_class(&self) -> &'static str {
        match self {
            Outcome::Completed { .. } => "ok",
            Outcome::Skipped => "skipped",
            Outcome::Lost => "lost",
            Outcome::Refused { .. } => "refused",
            Outcome::Failed { sqlstate } => sqlstate.as_ref().map_or("error", sqlstate_class),
        }
    }
}

/// The name of an SQLSTATE's class (its first two characters), PostgreSQL appendix A.
fn sqlstate_class(sqlstate: &SqlState) -> &'static str {
    match &[sqlstate[0], sqlstate[1]] {
        b"00" => "successful_completion",
        b"01" => "warning",
        b"02" => "no_data",
        b"03" => "sql_statement_not_yet_complete",
        b"08" => "connection_exception",
        b"09" => "triggered_action_exception",
        b"0A" => "feature_not_supported",
        b"0B" => "invalid_transaction_initiation",
        b"0F" => "locator_exception",
        b"0L" => "invalid_grantor",
        b"0P" => "invalid_role_specification",
        b"0Z" => "diagnostics_exception",
        b"10" => "xquery_error",
        b"20" => "case_not_found",
        b"21" => "cardinality_violation",
        b"22" => "data_exception",
        b"23" => "integrity_constraint_violation",
        b"24" => "invalid_cursor_state",
        b"25" => "invalid_transaction_state",
        b"26" => "invalid_sql_statement_name",
        b"27" => "triggered_data_change_violation",
        b"28" => "invalid_authorization_specification",
        b"2B" => "dependent_privilege_descriptors_still_exist",
        b"2D" => "invalid_transaction_termination",
        b"2F" => "sql_routine_exception",
        b"34" => "invalid_cursor_name",
        b"38" => "external_routine_exception",
        b"39" => "external_routine_invocation_exception",
        b"3B" => "savepoint_exception",
        b"3D" => "invalid_catalog_name",
        b"3F" => "invalid_schema_name",
        b"40" => "transaction_rollback",
        b"42" => "syntax_error_or_access_rule_violation",
        b"45" => "unhandled_user_defined_exception",
        b"70" => "interrupted",
        b"XA" => "distributed_transaction_exception",
        b"44" => "with_check_option_violation",
        b"53" => "insufficient_resources",
        b"54" => "program_limit_exceeded",
        b"55" => "object_not_in_prerequisite_state",
        b"57" => "operator_intervention",
        b"58" => "system_error",
        b"72" => "snapshot_failure",
        b"F0" => "configuration_file_error",
        b"HY" => "general_error",
        b"HV" => "foreign_data_wrapper_error",
        b"P0" => "plpgsql_error",
        b"XX" => "internal_error",
        _ => "error",
    }
}
