//! Do pools of drivers get through with what they send to clean a session?

use crate::harness::each_version;
use crate::harness::gateway::Plan;
use crate::harness::wire::{Wire, bind, execute, first_error, parse, query, sync};
use crate::rules::{logging, passes, reading_only, refuses};

/// What asyncpg sends when a connection returns to its pool.
const ASYNCPG: &str = "SELECT pg_advisory_unlock_all();\nCLOSE ALL;\nUNLISTEN *;\nRESET ALL;";

/// What Npgsql sends in front of the first statement.
const NPGSQL: [&str; 2] = [
    "DISCARD ALL",
    "SET SESSION AUTHORIZATION DEFAULT;RESET ALL;CLOSE ALL;UNLISTEN *;SELECT pg_advisory_unlock_all();DISCARD SEQUENCES;DISCARD TEMP",
];

#[test]
fn what_pools_send_to_clean_a_session_passes_and_the_session_still_only_reads() {
    let others = [
        "DISCARD ALL",
        "RESET ALL",
        "UNLISTEN *",
        "CLOSE ALL",
        "DEALLOCATE ALL",
        "ABORT; DISCARD ALL",
        "ROLLBACK",
        "SELECT pg_advisory_unlock_all()",
        "SET SESSION AUTHORIZATION DEFAULT",
        "RESET ROLE",
        "RESET SESSION AUTHORIZATION",
        "SET role TO DEFAULT",
        "SET application_name = ''",
        "SET client_encoding TO 'UTF8'",
        "SET extra_float_digits = 3",
        "SET statement_timeout = 0",
        "RESET statement_timeout",
        "",
    ];
    each_version(|version| {
        let server = logging(version);
        let gateway = reading_only(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        for text in [ASYNCPG].into_iter().chain(NPGSQL).chain(others) {
            let direct = Wire::login(server.port, "clear").query(text);
            let through = wire.query(text);
            assert_eq!(first_error(&through), first_error(&direct), "{text}: {through:?}");
            assert_eq!(
                passes(&mut wire, "SHOW default_transaction_read_only").as_deref(),
                Some("on"),
                "{text}"
            );
            refuses(&mut wire, "DELETE FROM scratch", "25006");
        }
        // In front of the next statement, in one write.
        let next = [parse("", "SELECT 7", &[]), bind("", "", &[], 0), execute("", 0), sync()].concat();
        wire.send(&[query("DISCARD ALL"), next].concat());
        assert_eq!(first_error(&wire.until(b'Z', 2)), None);
    });
}
