//! Which rule sets are built in? Written in the same language as everybody's; `packs/*.toml` explain
//! themselves.

use crate::pattern::Pattern;

/// The names of the packs. No file can take one of them.
pub const PACKS: [&str; 5] = ["read-only", "production", "development", "analyst", "agent"];

/// The text of a pack.
pub fn pack(name: &str) -> Option<&'static str> {
    match name {
        "read-only" => Some(include_str!("../packs/read-only.toml")),
        "production" => Some(include_str!("../packs/production.toml")),
        "development" => Some(include_str!("../packs/development.toml")),
        "analyst" => Some(include_str!("../packs/analyst.toml")),
        "agent" => Some(include_str!("../packs/agent.toml")),
        _ => None,
    }
}

/// The settings that load code, weaken what the server checks or hide traces, as the rules
/// `unsafe-setting` of the packs name them.
const UNSAFE_SETTINGS: [&str; 48] = [
    "session_replication_role",
    "allow_system_table_mods",
    "session_preload_libraries",
    "local_preload_libraries",
    "shared_preload_libraries",
    "dynamic_library_path",
    "extension_control_path",
    "lo_compat_privileges",
    "ignore_system_indexes",
    "zero_damaged_pages",
    "ignore_checksum_failure",
    "ignore_invalid_pages",
    "event_triggers",
    "plperl.*",
    "pltcl*.*",
    "plv8.start_proc",
    "log_*",
    "track_*",
    "pgaudit.*",
    "pg_stat_statements.*",
    // Of MySQL and MariaDB.
    "sql_log_bin",
    "sql_log_off",
    "slow_query_log*",
    "long_query_time",
    "min_examined_row_limit",
    "binlog_*",
    "gtid_*",
    "server_id",
    "pseudo_slave_mode",
    "pseudo_replica_mode",
    "pseudo_thread_id",
    "skip_replication",
    "skip_parallel_replication",
    "rbr_exec_mode",
    "original_commit_timestamp",
    "original_server_version",
    "immediate_server_version",
    "wsrep_on",
    "wsrep_osu_method",
    "wsrep_gtid_*",
    "wsrep_trx_fragment_*",
    "foreign_key_checks",
    "unique_checks",
    "check_constraint_checks",
    "innodb_tmpdir",
    "debug",
    "debug_dbug",
    "debug_sync",
];

/// Whether the setting `name`, in lower case, is one that no session should change by the way.
pub fn is_unsafe_setting(name: &str) -> bool {
    UNSAFE_SETTINGS.iter().any(|one| Pattern::of(one).matches(name))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_packs_name_the_same_unsafe_settings() {
        let quoted: Vec<_> = UNSAFE_SETTINGS.iter().map(|one| format!("{one:?}")).collect();
        let line = format!("when = {{ setting = [{}] }}", quoted.join(", "));
        for name in ["read-only", "production"] {
            assert_eq!(pack(name).unwrap().matches(&line).count(), 1, "{name}: {line}");
        }
    }

    #[test]
    fn an_unsafe_setting_is_told_by_its_name() {
        for name in [
            "session_replication_role",
            "plperl.on_init",
            "pltclu.start_proc",
            "log_statement",
            "sql_log_bin",
        ] {
            assert!(is_unsafe_setting(name), "{name}");
        }
        for name in
            ["application_name", "search_path", "client_min_messages", "plpgsql.extra_warnings", "sql_mode"]
        {
            assert!(!is_unsafe_setting(name), "{name}");
        }
    }
}
