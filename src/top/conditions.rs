//! What does an SQLSTATE say in words?

/// The name of the condition where it is a usual one (PostgreSQL appendix A; the ones MySQL shares
/// mean the same), the name of its class otherwise.
pub(super) fn condition<'a>(sqlstate: &str, class: &'a str) -> &'a str {
    USUAL.iter().find(|(known, _)| *known == sqlstate).map_or(class, |(_, name)| name)
}

const USUAL: [(&str, &str); 52] = [
    ("08000", "connection_exception"),
    ("08006", "connection_failure"),
    ("0A000", "feature_not_supported"),
    ("21000", "cardinality_violation"),
    ("22001", "string_data_right_truncation"),
    ("22003", "numeric_value_out_of_range"),
    ("22007", "invalid_datetime_format"),
    ("22008", "datetime_field_overflow"),
    ("22012", "division_by_zero"),
    ("22021", "character_not_in_repertoire"),
    ("22023", "invalid_parameter_value"),
    ("22P02", "invalid_text_representation"),
    ("23502", "not_null_violation"),
    ("23503", "foreign_key_violation"),
    ("23505", "unique_violation"),
    ("23514", "check_violation"),
    ("23P01", "exclusion_violation"),
    ("25001", "active_sql_transaction"),
    ("25006", "read_only_sql_transaction"),
    ("25P02", "in_failed_sql_transaction"),
    ("25P03", "idle_in_transaction_session_timeout"),
    ("26000", "invalid_sql_statement_name"),
    ("28000", "invalid_authorization_specification"),
    ("28P01", "invalid_password"),
    ("34000", "invalid_cursor_name"),
    ("3D000", "invalid_catalog_name"),
    ("3F000", "invalid_schema_name"),
    ("40001", "serialization_failure"),
    ("40P01", "deadlock_detected"),
    ("42501", "insufficient_privilege"),
    ("42601", "syntax_error"),
    ("42701", "duplicate_column"),
    ("42702", "ambiguous_column"),
    ("42703", "undefined_column"),
    ("42704", "undefined_object"),
    ("42710", "duplicate_object"),
    ("42723", "duplicate_function"),
    ("42725", "ambiguous_function"),
    ("42803", "grouping_error"),
    ("42804", "datatype_mismatch"),
    ("42883", "undefined_function"),
    ("42P01", "undefined_table"),
    ("42P05", "duplicate_prepared_statement"),
    ("42P07", "duplicate_table"),
    ("53100", "disk_full"),
    ("53200", "out_of_memory"),
    ("53300", "too_many_connections"),
    ("54000", "program_limit_exceeded"),
    ("55P03", "lock_not_available"),
    ("57014", "query_canceled"),
    ("57P01", "admin_shutdown"),
    ("P0001", "raise_exception"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_conditions_have_their_own_name_and_others_that_of_their_class() {
        assert_eq!(condition("23505", "integrity_constraint_violation"), "unique_violation");
        assert_eq!(condition("23999", "integrity_constraint_violation"), "integrity_constraint_violation");
        assert_eq!(condition("", "error"), "error");
    }
}
