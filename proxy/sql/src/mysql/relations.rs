//! Which tables of MySQL and MariaDB are the server's own, which of them hold secrets, and which act when they are read?

use exchange::Marks;

/// What the use of a relation by this name means; names are compared without case. Where the text names no schema the
/// table is in the session's database, which may be one of these: then what nobody else calls a table like that is
/// taken for the server's own.
pub(crate) fn relation_marks(schema: Option<&str>, name: &str) -> Marks {
    let is_among = |names: &[&str]| names.iter().any(|one| name.eq_ignore_ascii_case(one));
    let own = match schema {
        Some(schema) => match SCHEMAS.iter().find(|(one, _)| schema.eq_ignore_ascii_case(one)) {
            Some((_, secrets)) if is_among(secrets) => Marks::READS_SECRETS,
            Some(_) => Marks::NONE,
            None => return Marks::NONE,
        },
        None if is_among(&UNMISTAKABLE) => Marks::READS_SECRETS,
        None if is_among(&RESETTING) => Marks::NONE,
        None => return Marks::NONE,
    };
    let acts = if is_among(&RESETTING) { Marks::ADMINISTERS } else { Marks::NONE };
    Marks::READS_CATALOG.with(own).with(acts)
}

/// Whoever reads these sets the server's counters to zero.
const RESETTING: [&str; 3] = ["innodb_cmp_per_index_reset", "innodb_cmp_reset", "innodb_cmpmem_reset"];

/// Those with secrets whose names are hardly anybody's own.
const UNMISTAKABLE: [&str; 10] = [
    "events_statements_current",
    "events_statements_history",
    "events_statements_history_long",
    "events_statements_summary_by_digest",
    "global_priv",
    "innodb_ft_index_cache",
    "innodb_ft_index_table",
    "prepared_statements_instances",
    "slave_master_info",
    "user_variables_by_thread",
];

/// The schemas of the server's own, each with what in it holds passwords, other people's statements with their
/// literals, or the content of tables; `docs/functions.md` has the reasons.
const SCHEMAS: [(&str, &[&str]); 5] = [
    (
        "mysql",
        &[
            "column_stats",
            "general_log",
            "global_priv",
            "password_history",
            "servers",
            "slave_master_info",
            "slow_log",
            "user",
        ],
    ),
    ("information_schema", &["innodb_ft_index_cache", "innodb_ft_index_table"]),
    (
        "performance_schema",
        &[
            "events_statements_current",
            "events_statements_history",
            "events_statements_history_long",
            "events_statements_summary_by_digest",
            "prepared_statements_instances",
            "user_variables_by_thread",
        ],
    ),
    ("sys", &[]),
    ("ndbinfo", &[]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_table_of_the_servers_own_means_is_known_by_its_name() {
        let secrets = Marks::READS_CATALOG.with(Marks::READS_SECRETS);
        for (schema, name, marks) in [
            (Some("mysql"), "user", secrets),
            (Some("MySQL"), "User", secrets),
            (Some("mysql"), "global_priv", secrets),
            (Some("mysql"), "servers", secrets),
            (Some("mysql"), "slave_master_info", secrets),
            (Some("mysql"), "general_log", secrets),
            (Some("mysql"), "db", Marks::READS_CATALOG),
            (Some("mysql"), "time_zone_name", Marks::READS_CATALOG),
            (Some("INFORMATION_SCHEMA"), "tables", Marks::READS_CATALOG),
            (Some("information_schema"), "INNODB_FT_INDEX_TABLE", secrets),
            (Some("performance_schema"), "threads", Marks::READS_CATALOG),
            (Some("performance_schema"), "events_statements_history", secrets),
            (Some("performance_schema"), "user_variables_by_thread", secrets),
            (Some("sys"), "schema_unused_indexes", Marks::READS_CATALOG),
            (Some("information_schema"), "INNODB_CMP_RESET", Marks::READS_CATALOG.with(Marks::ADMINISTERS)),
            (None, "innodb_cmpmem_reset", Marks::READS_CATALOG.with(Marks::ADMINISTERS)),
            (None, "Global_Priv", secrets),
            (Some("shop"), "global_priv", Marks::NONE),
            (Some("shop"), "innodb_cmp_reset", Marks::NONE),
            (Some("shop"), "user", Marks::NONE),
            (None, "user", Marks::NONE),
        ] {
            assert_eq!(relation_marks(schema, name), marks, "{schema:?} {name}");
        }
    }
}
