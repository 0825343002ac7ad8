//! Is a function that is called by its number judged by what it does to large objects?

use crate::harness::each_version;
use crate::harness::gateway::Plan;
use crate::harness::server::{Server, rows};
use crate::harness::wire::{Wire, function_call, query, tags};
use crate::rules::{Case, logging, reading_only, told};

/// The object that is there.
const OBJECT: &str = "4711";
/// The descriptor of the first object a transaction opens.
const DESCRIPTOR: &str = "0";
const FOR_READING: &str = "262144";

/// What each of the server's functions of large objects counts as, by its name.
fn class(name: &str) -> &'static str {
    match name {
        "lo_get" | "loread" | "lo_tell" | "lo_tell64" => "read",
        "lo_open" | "lo_close" | "lo_lseek" | "lo_lseek64" => "session",
        "lo_import" | "lo_export" => "code",
        _ => "write",
    }
}

fn with_object(version: &str) -> Server {
    let server = logging(version);
    server.ask(&format!("SELECT lo_from_bytea({OBJECT}, 'what is in it')"));
    server
}

#[test]
fn each_function_of_large_objects_is_known_by_its_number_in_every_version() {
    each_version(|version| {
        let server = with_object(version);
        let gateway = Plan::before(&server).start();
        let ask = "SELECT proname, oid FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND \
                   (proname LIKE 'lo\\_%' OR proname IN ('loread', 'lowrite')) ORDER BY oid";
        let found = rows(&mut Wire::login(server.port, "clear"), ask);
        let functions: Vec<(String, u32)> = found
            .into_iter()
            .filter_map(|row| Some((row[0].clone()?, row[1].clone()?.parse().ok()?)))
            .filter(|(name, _)| name != "lo_manage")
            .collect();
        assert!(functions.len() >= 20, "{functions:?}");
        let mut wire = Wire::login(gateway.port, "clear");
        for (_, oid) in &functions {
            // Without arguments: what it would do is not done.
            wire.send(&function_call(*oid, &[]));
            assert_eq!(tags(&wire.until(b'Z', 1)), "EZ");
        }
        wire.terminate();
        gateway.recorded("every call by number", |records| {
            let outcomes = records
                .iter()
                .filter(|one| one.event() == "statement.outcome" && one.text_of("kind") == "function");
            let outcomes: Vec<_> = outcomes.collect();
            for (one, (name, oid)) in outcomes.iter().zip(&functions) {
                assert_eq!(one.text_of("text"), format!("function call {oid}"));
                assert_eq!(one.text_of("class"), class(name), "{name}, {oid}");
            }
            (outcomes.len() == functions.len()).then_some(())
        });
    });
}

#[test]
fn a_reader_reads_a_large_object_by_number_and_gets_the_servers_own_answers() {
    each_version(|version| {
        let server = with_object(version);
        let gateway = reading_only(Plan::before(&server)).start();
        let reads = [
            query("BEGIN"),
            function_call(952, &[OBJECT, FOR_READING]),
            function_call(954, &[DESCRIPTOR, "4"]),
            function_call(958, &[DESCRIPTOR]),
            function_call(956, &[DESCRIPTOR, "-2", "2"]),
            function_call(3171, &[DESCRIPTOR]),
            function_call(954, &[DESCRIPTOR, "100"]),
            function_call(953, &[DESCRIPTOR]),
            function_call(3458, &[OBJECT]),
            function_call(3459, &[OBJECT, "5", "2"]),
            function_call(952, &["990009", FOR_READING]),
            query("ROLLBACK"),
        ];
        let play = |port| {
            let mut wire = Wire::login(port, "clear");
            wire.send(&reads.concat());
            wire.until(b'Z', reads.len())
        };
        let (direct, through) = (play(server.port), play(gateway.port));
        assert_eq!(tags(&direct), "CZVZVZVZVZVZVZVZVZVZEZCZ");
        assert_eq!(direct, through);
    });
}

/// Directly stands a call that the server itself rejects where the reader's is refused.
#[test]
fn a_reader_changes_no_large_object_by_number_and_each_error_stands_in_its_place() {
    each_version(|version| {
        let server = with_object(version);
        let gateway = reading_only(Plan::before(&server)).start();
        let state = "SELECT string_agg(loid || encode(data, 'hex'), ' ' ORDER BY loid) FROM pg_largeobject";
        let before = server.ask(state);
        let open = [query("BEGIN"), function_call(952, &[OBJECT, FOR_READING])].concat();
        for (name, refused) in [
            ("lo_creat", function_call(957, &["-1"])),
            ("lo_create", function_call(715, &["0"])),
            ("lowrite", function_call(955, &[DESCRIPTOR, "overwritten"])),
            ("lo_truncate", function_call(1004, &[DESCRIPTOR, "1"])),
            ("lo_truncate64", function_call(3172, &[DESCRIPTOR, "1"])),
            ("lo_unlink", function_call(964, &[OBJECT])),
            ("lo_put", function_call(3460, &[OBJECT, "0", "x"])),
            ("lo_from_bytea", function_call(3457, &["0", "x"])),
            ("lo_import", function_call(764, &["/etc/hostname"])),
            ("lo_export", function_call(765, &[OBJECT, "/tmp/never"])),
        ] {
            let read = function_call(954, &[DESCRIPTOR, "4"]);
            let with = |call: &Vec<u8>| {
                vec![
                    call.clone(),
                    open.clone(),
                    [&read, call, &read, &query("COMMIT")].map(Vec::as_slice).concat(),
                ]
            };
            let case =
                Case { name, instead: with(&function_call(4_000_000_000, &[])), asked: with(&refused) };
            let refusals = case.check(&server, gateway.port);
            assert_eq!(refusals.len(), 2, "{name}: {refusals:?}");
            for refusal in refusals {
                let [sqlstate, message, detail, _] = told(&[refusal]);
                assert_eq!(sqlstate, "25006", "{name}: {message}");
                let rule = if name.ends_with("port") { "server-file" } else { "writing-function" };
                assert!(detail.contains(rule), "{name}: {detail}");
            }
        }
        assert_eq!(server.ask(state), before);
        let log = server.log();
        assert!(!log.contains("lo_creat") && !log.contains("lowrite"), "the server was asked to call it");
    });
}
