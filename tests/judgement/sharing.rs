//! Do texts that differ in a literal only share a judgement where the literal decides nothing, and
//! nowhere else?

use crate::harness::each_version;
use crate::harness::gateway::Plan;
use crate::harness::wire::{Wire, first_error, parse, sync};
use crate::rules::{Rules, logging, reading_only};

/// Pairs of one shape: the first passes a read-only session, the second does not.
const PAIRS: [(&str, &str); 12] = [
    (
        "SELECT set_config('statement_timeout', '0', false)",
        "SELECT set_config('transaction_read_only', 'off', false)",
    ),
    (
        "SELECT set_config('transaction_read_only', 'on', false)",
        "SELECT set_config('transaction_read_only', 'off', false)",
    ),
    ("SELECT set_config('search_path', 'public', false)", "SELECT set_config('role', 'app', false)"),
    ("SELECT currval(NULL::regclass)", "SELECT nextval('a')"),
    ("SET application_name TO 'on'", "SET default_transaction_read_only TO 'off'"),
    ("SET default_transaction_read_only TO 'on'", "SET default_transaction_read_only TO 'off'"),
    ("SET default_transaction_read_only TO on", "SET default_transaction_read_only TO off"),
    ("SET default_transaction_read_only TO 1", "SET default_transaction_read_only TO 0"),
    (
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    ),
    ("EXPLAIN (ANALYZE false) SELECT 1", "EXPLAIN (ANALYZE true) DELETE FROM scratch"),
    ("SET search_path TO 'public'", "SET search_path TO 'public', 'pg_catalog'"),
    ("SELECT 'SELECT 1'", "SELECT query_to_xml('SELECT 1', true, true, '')"),
];

#[test]
fn a_literal_that_decides_is_looked_at_each_time() {
    each_version(|version| {
        let server = logging(version);
        let gateway = reading_only(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        // Often enough that whatever is remembered is.
        for round in 0..6 {
            for (harmless, refused) in PAIRS {
                for (sql, passes) in [(harmless, true), (refused, false), (harmless, true)] {
                    let by_query = wire.query(sql);
                    wire.send(&[parse("", sql, &[]), sync()].concat());
                    let by_parse = wire.until(b'Z', 1);
                    for frames in [by_query, by_parse] {
                        let refused = first_error(&frames).is_some_and(|code| code == "25006");
                        assert_eq!(!refused, passes, "round {round}: {sql}: {frames:?}");
                    }
                }
            }
        }
        assert_eq!(
            server.ask("SELECT count(*) FROM pg_class WHERE relkind = 'S' AND relname = 'a'").as_deref(),
            Some("0")
        );
    });
}

#[test]
fn a_limit_in_a_literal_is_the_texts_own() {
    let rules =
        Rules::of("[[rule]]\nname = \"portion\"\nwhen = { rows_over = 100 }\ndecision = \"refuse\"\n");
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        for _ in 0..6 {
            for (limit, passes) in [(5, true), (5000, false), (100, true), (101, false)] {
                let error = first_error(&wire.query(&format!("SELECT id FROM orders LIMIT {limit}")));
                assert_eq!(error.is_none(), passes, "LIMIT {limit}: {error:?}");
            }
        }
    });
}
