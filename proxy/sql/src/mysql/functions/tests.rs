//! Is what is known of the functions of MySQL and MariaDB what it should be?

use super::*;

const MYSQL: MysqlServer = MysqlServer::Mysql(80_404);
const MARIADB: MysqlServer = MysqlServer::Mariadb(101_119);

#[test]
fn every_section_is_a_kind_of_a_server() {
    for (name, section) in entries(KINDS) {
        assert!(read(section).is_some(), "`{name}` stands in `{section}`");
        assert_eq!(name, name.to_lowercase());
    }
}

#[test]
fn no_function_stands_twice_for_one_server() {
    let mut seen = std::collections::BTreeSet::new();
    for (name, section) in entries(KINDS) {
        let (_, in_mysql, in_mariadb) = read(section).expect("a section");
        assert!(!in_mysql || seen.insert((name, "mysql")), "`{name}` of `{section}`");
        assert!(!in_mariadb || seen.insert((name, "mariadb")), "`{name}` of `{section}`");
    }
}

#[test]
fn a_function_has_the_kind_its_name_is_listed_with() {
    for (name, kind) in [
        ("count", Kind::Reads),
        ("now", Kind::Reads),
        ("rand", Kind::Reads),
        ("json_extract", Kind::Reads),
        ("st_distance_sphere", Kind::Reads),
        ("row_number", Kind::Reads),
        ("is_used_lock", Kind::Reads),
        ("release_all_locks", Kind::Reads),
        ("extractvalue", Kind::Reads),
        ("sleep", Kind::Sleeps),
        ("benchmark", Kind::Sleeps),
        ("master_pos_wait", Kind::Sleeps),
        ("last_insert_id", Kind::Session),
        ("get_lock", Kind::Locks),
        ("release_lock", Kind::Locks),
        ("load_file", Kind::ServerFile),
    ] {
        for server in [MYSQL, MARIADB, MysqlServer::Unknown] {
            assert_eq!(function(name, server), Some(kind), "{name}");
        }
    }
}

#[test]
fn what_one_server_has_is_somebodys_own_on_the_other() {
    for (name, mysql, mariadb) in [
        ("bin_to_uuid", Some(Kind::Reads), None),
        ("any_value", Some(Kind::Reads), None),
        ("regexp_like", Some(Kind::Reads), None),
        ("wait_for_executed_gtid_set", Some(Kind::Sleeps), None),
        ("service_get_write_locks", Some(Kind::Locks), None),
        ("group_replication_set_as_primary", Some(Kind::Administers), None),
        ("nvl2", None, Some(Kind::Reads)),
        ("astext", None, Some(Kind::Reads)),
        ("sys_guid", None, Some(Kind::Reads)),
        ("lastval", None, Some(Kind::Reads)),
        ("nextval", None, Some(Kind::Writes)),
        ("setval", None, Some(Kind::Writes)),
        ("master_gtid_wait", None, Some(Kind::Sleeps)),
    ] {
        assert_eq!(function(name, MYSQL), mysql, "{name}");
        assert_eq!(function(name, MARIADB), mariadb, "{name}");
        assert_eq!(function(name, MysqlServer::Unknown), mysql.or(mariadb), "{name}");
    }
}

#[test]
fn a_version_that_is_too_old_has_not_got_it() {
    assert_eq!(function("natural_sort_key", MysqlServer::Mariadb(100_622)), None);
    assert_eq!(function("natural_sort_key", MARIADB), Some(Kind::Reads));
    assert_eq!(function("vec_distance", MARIADB), None);
    assert_eq!(function("vec_distance", MysqlServer::Mariadb(110_802)), Some(Kind::Reads));
    assert_eq!(function("rank", MysqlServer::Mysql(50_744)), None);
    assert_eq!(function("rank", MYSQL), Some(Kind::Reads));
}

#[test]
fn what_nobody_brings_along_is_unknown() {
    for name in
        ["", "COUNT", "my_function", "sys_exec", "lib_mysqludf_sys_info", "keyring_key_fetch", "password2"]
    {
        for server in [MYSQL, MARIADB, MysqlServer::Unknown] {
            assert_eq!(function(name, server), None, "{name}");
        }
    }
}

#[test]
fn some_words_are_functions_only_with_their_parenthesis_at_once() {
    for word in ["count", "COUNT", "substring", "trim", "now"] {
        for server in [MYSQL, MARIADB, MysqlServer::Unknown] {
            assert!(needs_its_parenthesis_at_once(word, server), "{word}");
        }
    }
    assert!(needs_its_parenthesis_at_once("rank", MARIADB) && !needs_its_parenthesis_at_once("rank", MYSQL));
    assert!(
        needs_its_parenthesis_at_once("sysdate", MYSQL) && !needs_its_parenthesis_at_once("sysdate", MARIADB)
    );
    assert!(needs_its_parenthesis_at_once("rank", MysqlServer::Unknown));
    for word in ["avg", "lower", "concat", "if", "left"] {
        assert!(!needs_its_parenthesis_at_once(word, MysqlServer::Unknown), "{word}");
    }
}

#[test]
fn some_are_the_servers_own_with_their_number_of_arguments_only() {
    assert!(is_own_with("point", 2) && !is_own_with("point", 1) && !is_own_with("point", 3));
    assert!(is_own_with("linestring", 1) && !is_own_with("linestring", 0));
    assert!(is_own_with("now", 0) && is_own_with("concat", 9));
}

#[test]
fn some_are_called_without_parentheses() {
    assert!(is_called_without_parentheses("Current_User") && is_called_without_parentheses("UTC_TIMESTAMP"));
    assert!(!is_called_without_parentheses("now") && !is_called_without_parentheses("sysdate"));
    let listed = |name: &&str| {
        function(name, MARIADB) == Some(Kind::Reads) && function(name, MYSQL) == Some(Kind::Reads)
    };
    assert!(WITHOUT_PARENTHESES.iter().all(listed));
    assert!(AT_ONCE.iter().all(listed));
    assert!(AT_ONCE_IN_MARIADB.iter().all(|name| function(name, MARIADB) == Some(Kind::Reads)));
    assert!(AT_ONCE_IN_MYSQL.iter().all(|name| function(name, MYSQL) == Some(Kind::Reads)));
}
