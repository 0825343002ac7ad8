//! Is what is known of functions complete, and is it what it should be?

use super::*;
use std::collections::BTreeMap;

#[test]
fn every_volatile_function_stands_in_a_list() {
    for (servers, kinds) in [(BUILTIN, BUILTIN_KINDS), (CONTRIB, CONTRIB_KINDS), (INFORMATION_SCHEMA, "")] {
        let listed: BTreeMap<&str, &str> = entries(kinds).collect();
        let missing: Vec<&str> = functions(servers)
            .filter(|(name, volatility, _)| *volatility == "volatile" && !listed.contains_key(name))
            .map(|(name, ..)| name)
            .collect();
        assert!(missing.is_empty(), "say what these do, in functions/kinds: {missing:?}");
    }
}

#[test]
fn every_function_of_a_list_is_one_that_servers_have() {
    for (servers, kinds) in [(BUILTIN, BUILTIN_KINDS), (CONTRIB, CONTRIB_KINDS)] {
        let there: BTreeMap<&str, &str> = functions(servers).map(|(name, worst, _)| (name, worst)).collect();
        for (name, section) in entries(kinds) {
            let worst = there.get(name);
            assert!(worst.is_some(), "no server has `{name}`: take it off its list");
            let needless = section == "reads" && worst != Some(&"volatile");
            assert!(!needless, "`{name}` is not volatile and reads all the same: take it off its list");
        }
    }
}

#[test]
fn no_list_names_a_function_twice() {
    for kinds in [BUILTIN_KINDS, CONTRIB_KINDS, ELSEWHERE_KINDS] {
        let mut seen = BTreeMap::new();
        for (name, section) in entries(kinds) {
            let before = seen.insert(name, section);
            assert_eq!(before, None, "`{name}` stands in `{section}` and before that");
        }
    }
}

#[test]
fn extensions_from_elsewhere_hide_none_that_comes_with_postgresql() {
    for (name, _) in entries(ELSEWHERE_KINDS) {
        let is_twice = functions(CONTRIB).any(|(other, ..)| other == name);
        assert!(!is_twice, "`{name}` comes with PostgreSQL: its list is contrib.txt");
    }
}

#[test]
fn every_section_is_a_kind() {
    for kinds in [BUILTIN_KINDS, CONTRIB_KINDS, ELSEWHERE_KINDS] {
        for (name, section) in entries(kinds) {
            assert!(Kind::of_section(section).is_some(), "`{name}` stands in `{section}`");
        }
    }
}

#[test]
fn every_line_of_the_servers_is_understood() {
    for servers in [BUILTIN, INFORMATION_SCHEMA, CONTRIB] {
        let lines: Vec<&str> = servers.lines().skip(1).collect();
        assert!(lines.is_sorted() && !lines.is_empty());
        assert_eq!(functions(servers).count(), lines.len());
        for (name, volatility, _) in functions(servers) {
            assert!(["immutable", "stable", "volatile"].contains(&volatility), "{name} {volatility}");
            assert_eq!(name, name.to_lowercase());
        }
    }
}

#[test]
fn a_builtin_has_the_kind_that_its_worst_overload_has() {
    for (name, kind) in [
        ("now", Some(Kind::Reads)),
        ("count", Some(Kind::Reads)),
        ("row_number", Some(Kind::Reads)),
        ("random", Some(Kind::Reads)),
        ("gen_random_uuid", Some(Kind::Reads)),
        ("uuidv7", Some(Kind::Reads)),
        ("currval", Some(Kind::Reads)),
        ("pg_blocking_pids", Some(Kind::Reads)),
        ("has_table_privilege", Some(Kind::Reads)),
        ("timezone", Some(Kind::Reads)),
        ("pg_sleep_for", Some(Kind::Sleeps)),
        ("nextval", Some(Kind::Writes)),
        ("lo_put", Some(Kind::Writes)),
        ("pg_logical_slot_get_changes", Some(Kind::Writes)),
        ("pg_logical_slot_peek_changes", Some(Kind::Writes)),
        ("pg_logical_emit_message", Some(Kind::Writes)),
        ("set_config", Some(Kind::Session)),
        ("txid_current", Some(Kind::Session)),
        ("pg_current_xact_id", Some(Kind::Session)),
        ("pg_export_snapshot", Some(Kind::Session)),
        ("pg_try_advisory_xact_lock_shared", Some(Kind::Locks)),
        ("pg_notify", Some(Kind::Notifies)),
        ("pg_terminate_backend", Some(Kind::Administers)),
        ("pg_read_binary_file", Some(Kind::ServerFile)),
        ("lo_import", Some(Kind::ServerFile)),
        ("query_to_xml", Some(Kind::RunsText)),
        ("table_to_xml", Some(Kind::RunsText)),
        ("ts_stat", Some(Kind::RunsText)),
        ("ts_rewrite", Some(Kind::RunsText)),
    ] {
        assert_eq!(builtin(name), kind, "{name}");
    }
}

#[test]
fn what_no_statement_can_call_is_unknown() {
    for name in
        ["", "RANDOM", "my_function", "tsvector_update_trigger", "int4recv", "plpgsql_call_handler", "dblink"]
    {
        assert_eq!(builtin(name), None, "{name}");
    }
    assert_eq!(of_information_schema("now"), None);
    assert_eq!(of_extension("now"), None);
}

#[test]
fn extensions_are_known_by_name() {
    for (name, kind) in [
        ("similarity", Some(Kind::Reads)),
        ("uuid_generate_v4", Some(Kind::Reads)),
        ("crypt", Some(Kind::Reads)),
        ("pg_stat_statements", Some(Kind::Reads)),
        ("st_dwithin", Some(Kind::Reads)),
        ("cosine_distance", Some(Kind::Reads)),
        ("time_bucket", Some(Kind::Reads)),
        ("h3_cell_to_parent", Some(Kind::Reads)),
        ("set_limit", Some(Kind::Session)),
        ("pg_stat_statements_reset", Some(Kind::Writes)),
        ("drop_chunks", Some(Kind::Writes)),
        ("pg_file_write", Some(Kind::ServerFile)),
        ("dblink", Some(Kind::RunsText)),
        ("dblink_connect", Some(Kind::RunsText)),
        ("crosstab", Some(Kind::RunsText)),
        ("pgr_dijkstra", Some(Kind::RunsText)),
    ] {
        assert_eq!(of_extension(name), kind, "{name}");
    }
}

#[test]
fn a_types_name_written_as_a_call_is_a_cast() {
    for name in ["jsonb", "uuid", "timestamptz", "int4", "regclass", "tstzrange"] {
        assert_eq!(of_type(name), Some(Kind::Reads), "{name}");
    }
    for name in ["serial", "widget", "Uuid", ""] {
        assert_eq!(of_type(name), None, "{name}");
    }
    assert!(TYPES.is_sorted());
}

#[test]
fn functions_of_the_information_schema_read() {
    assert_eq!(of_information_schema("_pg_expandarray"), Some(Kind::Reads));
    assert_eq!(of_information_schema("_pg_truetypid"), Some(Kind::Reads));
}

#[test]
fn a_field_may_be_a_call() {
    for name in
        ["nextval", "pg_sleep", "pg_terminate_backend", "pg_create_physical_replication_slot", "dblink_exec"]
    {
        assert!(acts_on_one_argument(name), "{name}");
    }
    // A read, two arguments at least, none at all, no function.
    for name in ["lower", "set_config", "pg_reload_conf", "name", "amount"] {
        assert!(!acts_on_one_argument(name), "{name}");
    }
}
