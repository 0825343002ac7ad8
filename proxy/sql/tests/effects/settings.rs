//! Settings and transactions.

use crate::check;

#[test]
fn transactions_and_settings() {
    check(&[
        ("begin", "transaction begin | literals_decide"),
        (
            "begin read only",
            "transaction begin | literals_decide begins_read_only | settings: local transaction_read_only = on",
        ),
        (
            "start transaction isolation level serializable, read write",
            "transaction start transaction | literals_decide undoes_read_only | settings: local transaction_read_only = off",
        ),
        ("commit and chain", "transaction commit | literals_decide"),
        ("rollback to a", "transaction rollback to savepoint | literals_decide"),
        ("prepare transaction 'x'", "write prepare transaction"),
        ("commit prepared 'x'", "write commit prepared"),
        (
            "set transaction read write",
            "transaction set | literals_decide undoes_read_only | settings: local transaction_read_only = off",
        ),
        (
            "set transaction read only",
            "transaction set | literals_decide begins_read_only | settings: local transaction_read_only = on",
        ),
        (
            "set session characteristics as transaction read write",
            "session set | literals_decide undoes_read_only changes_setting | settings: default_transaction_read_only = off",
        ),
        (
            "set session characteristics as transaction isolation level serializable",
            "session set | literals_decide changes_setting",
        ),
        ("set transaction snapshot 'x'", "transaction set | literals_decide marks_transaction"),
        (
            "set default_transaction_read_only = off",
            "session set | literals_decide undoes_read_only changes_setting | settings: default_transaction_read_only = off",
        ),
        (
            "set DEFAULT_TRANSACTION_READ_ONLY to 'tr'",
            "session set | literals_decide changes_setting | settings: default_transaction_read_only = tr",
        ),
        (
            "set default_transaction_read_only to default",
            "session reset | literals_decide changes_setting | settings: default_transaction_read_only = ?",
        ),
        (
            "reset transaction_read_only",
            "session reset | literals_decide undoes_read_only changes_setting | settings: transaction_read_only = ?",
        ),
        (
            "set local transaction_read_only = 0",
            "session set | literals_decide undoes_read_only changes_setting | settings: local transaction_read_only = 0",
        ),
        (
            "set transaction_read_only = 1",
            "session set | literals_decide changes_setting | settings: transaction_read_only = 1",
        ),
        (
            "set transaction_read_only to x, y",
            "session set | literals_decide undoes_read_only changes_setting | settings: transaction_read_only = x, y",
        ),
        ("reset all", "session reset | literals_decide resets_settings"),
        ("set role x", "session set | literals_decide changes_role | settings: role = x"),
        ("set role none", "session reset | literals_decide changes_role | settings: role = none"),
        ("reset role", "session reset | literals_decide changes_role | settings: role = ?"),
        (
            "set session authorization default",
            "session reset | literals_decide changes_role | settings: session_authorization = ?",
        ),
        (
            "set search_path = a, pg_catalog",
            "session set | literals_decide changes_path shadows_catalog | settings: search_path = a, pg_catalog",
        ),
        (
            "set search_path = pg_catalog, a",
            "session set | literals_decide changes_path | settings: search_path = pg_catalog, a",
        ),
        (
            "set search_path to 'a, pg_catalog'",
            "session set | literals_decide changes_path | settings: search_path = a, pg_catalog",
        ),
        (
            "set local search_path to default",
            "session reset | literals_decide changes_path | settings: local search_path = ?",
        ),
        ("set schema 'x'", "session set | literals_decide changes_path | settings: search_path = x"),
        (
            "set names 'latin1'",
            "session set | literals_decide changes_reading | settings: client_encoding = latin1",
        ),
        (
            "set standard_conforming_strings = off",
            "session set | literals_decide changes_reading | settings: standard_conforming_strings = off",
        ),
        ("set time zone 'utc'", "session set | literals_decide changes_setting | settings: timezone = utc"),
        (
            "set time zone interval '1' hour to minute",
            "session set | literals_decide changes_setting | settings: timezone = ?",
        ),
        ("set time zone local", "session reset | literals_decide changes_setting | settings: timezone = ?"),
        ("set work_mem = '1GB'", "session set | literals_decide changes_setting | settings: work_mem = 1GB"),
        (
            "set session_replication_role = replica",
            "session set | literals_decide changes_setting | settings: session_replication_role = replica",
        ),
        ("set x.y = 1.5", "session set | literals_decide changes_setting | settings: x.y = 1.5"),
        ("show all", "read show | returns_rows"),
        ("show search_path", "read show | returns_rows"),
        (
            "alter system set a = 1",
            "privilege alter system | literals_decide changes_stored_setting | settings: a = 1",
        ),
        (
            "alter system reset all",
            "privilege alter system | literals_decide undoes_read_only changes_stored_setting",
        ),
        (
            "alter role x set default_transaction_read_only = off",
            "privilege alter role | literals_decide undoes_read_only changes_stored_setting | settings: default_transaction_read_only = off",
        ),
        (
            "alter role x reset default_transaction_read_only",
            "privilege alter role | literals_decide undoes_read_only changes_stored_setting | settings: default_transaction_read_only = ?",
        ),
        (
            "alter role all in database d set search_path = a, pg_catalog",
            "privilege alter role | literals_decide changes_path changes_stored_setting shadows_catalog | settings: search_path = a, pg_catalog",
        ),
        (
            "alter database d set work_mem = 1",
            "privilege alter database | literals_decide changes_stored_setting | settings: work_mem = 1",
        ),
        ("set constraints all deferred", "transaction set constraints | literals_decide"),
        ("savepoint a", "transaction savepoint | literals_decide"),
        ("release a", "transaction release | literals_decide"),
        (
            "select set_config('search_path', '\"a\", PG_CATALOG', false)",
            "session select | literals_decide changes_path returns_rows shadows_catalog | functions: set_config acts | settings: search_path = a, pg_catalog",
        ),
        (
            "select set_config('search_path', 'pg_catalog, a', true)",
            "session select | literals_decide changes_path returns_rows | functions: set_config acts | settings: local search_path = pg_catalog, a",
        ),
        (
            "select set_config('TRANSACTION_READ_ONLY', null, false)",
            "session select | literals_decide undoes_read_only changes_setting returns_rows | functions: set_config acts | settings: transaction_read_only = ?",
        ),
        (
            "select set_config('default_transaction_read_only', null, false)",
            "session select | literals_decide changes_setting returns_rows | functions: set_config acts | settings: default_transaction_read_only = ?",
        ),
        (
            "select set_config('default_transaction_read_only', 'y', false)",
            "session select | literals_decide changes_setting returns_rows | functions: set_config acts | settings: default_transaction_read_only = y",
        ),
        (
            "select set_config('work_mem', '1', $1)",
            "session select | literals_decide changes_setting returns_rows | functions: set_config acts | settings: work_mem = 1",
        ),
        (
            "select set_config(variadic array['role', 'x', 'f'])",
            "session select | literals_decide undoes_read_only changes_role changes_path changes_reading changes_setting returns_rows shadows_catalog | functions: set_config acts | settings:  = ?",
        ),
        (
            "select pg_catalog.set_config('client_encoding', 'SJIS', false)",
            "session select | literals_decide changes_reading returns_rows | functions: pg_catalog.set_config acts | settings: client_encoding = SJIS",
        ),
        (
            "select set_config('search_path', lower('A'), false)",
            "session select | literals_decide changes_path returns_rows shadows_catalog | functions: set_config acts, lower reads | settings: search_path = ?",
        ),
        (
            "set transaction_read_only to default",
            "session reset | literals_decide undoes_read_only changes_setting | settings: transaction_read_only = ?",
        ),
        (
            "set session transaction_read_only = off",
            "session set | literals_decide undoes_read_only changes_setting | settings: transaction_read_only = off",
        ),
        (
            "set default_transaction_read_only = 'of'",
            "session set | literals_decide undoes_read_only changes_setting | settings: default_transaction_read_only = of",
        ),
    ]);
}

#[test]
fn settings_by_every_other_way() {
    check(&[
        (
            "set default_transaction_read_only = 'o'",
            "session set | literals_decide undoes_read_only changes_setting | settings: default_transaction_read_only = o",
        ),
        (
            "set default_transaction_read_only = 'YES'",
            "session set | literals_decide changes_setting | settings: default_transaction_read_only = YES",
        ),
        (
            "set default_transaction_read_only from current",
            "session set | literals_decide undoes_read_only changes_setting | settings: default_transaction_read_only = ?",
        ),
        (
            "set search_path = a, \"PG_CATALOG\"",
            "session set | literals_decide changes_path | settings: search_path = a, PG_CATALOG",
        ),
        (
            "set search_path to \"$user\", public",
            "session set | literals_decide changes_path | settings: search_path = $user, public",
        ),
        (
            "set client_encoding to 'UTF8'",
            "session set | literals_decide changes_reading | settings: client_encoding = UTF8",
        ),
        (
            "set backslash_quote = on",
            "session set | literals_decide changes_reading | settings: backslash_quote = on",
        ),
        (
            "set xml option document",
            "session set | literals_decide changes_setting | settings: xmloption = DOCUMENT",
        ),
        (
            "begin transaction read only, read write",
            "transaction begin | literals_decide undoes_read_only begins_read_only | settings: local transaction_read_only = on, local transaction_read_only = off",
        ),
        (
            "alter role x reset all",
            "privilege alter role | literals_decide undoes_read_only changes_stored_setting",
        ),
        (
            "alter role x set role = y",
            "privilege alter role | literals_decide changes_role changes_stored_setting | settings: role = y",
        ),
        (
            "alter database d reset default_transaction_read_only",
            "privilege alter database | literals_decide undoes_read_only changes_stored_setting | settings: default_transaction_read_only = ?",
        ),
        (
            "set session_authorization = x",
            "session set | literals_decide changes_role | settings: session_authorization = x",
        ),
        (
            "set session authorization 'x'",
            "session set | literals_decide changes_role | settings: session_authorization = x",
        ),
        (
            "set jit_provider = 'x'",
            "session set | literals_decide changes_setting | settings: jit_provider = x",
        ),
    ]);
}
