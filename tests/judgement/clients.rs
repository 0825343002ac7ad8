//! Does a person at psql, or a program with psycopg, find a refusal to be an error like any other?

use crate::harness::clients::{Ended, psql, python, run, run_with_input};
use crate::harness::each_version;
use crate::harness::gateway::Plan;
use crate::harness::script::assert_same_text;
use crate::rules::{NEVER, NO_DELETE, Rules, assert_never_seen, logging, reading_only};

#[test]
fn psql_goes_on_in_its_transaction_after_a_refusal() {
    let rules = Rules::of(NO_DELETE);
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let delete = format!("DELETE FROM scratch /* {NEVER} */");
        let script = |refused: &str| {
            format!(
                "BEGIN;\nINSERT INTO scratch (id) VALUES (1);\n{refused};\n\\echo :SQLSTATE\n\
                 INSERT INTO scratch (id) VALUES (2);\nCOMMIT;\nSELECT id FROM scratch ORDER BY id;\n\
                 {refused} \\; SELECT 1;\nSELECT 'usable';\n"
            )
        };
        let session = |port, refused: &str, rollback: &str| -> Ended {
            let mut client = psql(port, "app");
            let ended = run_with_input(
                client.args(["-v", &format!("ON_ERROR_ROLLBACK={rollback}")]),
                &script(refused),
            );
            server.ask("TRUNCATE scratch");
            ended
        };
        for rollback in ["on", "off"] {
            let direct = session(server.port, "!", rollback);
            let through = session(gateway.port, &delete, rollback);
            let output = through.printed();
            assert!(output.contains("42501") && output.contains("usable"), "{output}");
            assert_same_text("psql", direct.printed(), &output.replace("42501", "42601"));
            let error = &through.error;
            assert!(error.contains("ERROR:  42501: nothing is deleted here"), "{error}");
            assert!(error.contains("DETAIL:  ") && error.contains("own/no-delete"), "{error}");
            assert!(error.contains("HINT:  mark the row instead"), "{error}");
        }
        assert_never_seen(&server);
    });
}

#[test]
fn psql_reads_a_database_that_it_may_only_read() {
    each_version(|version| {
        let server = logging(version);
        let gateway = reading_only(Plan::before(&server)).start();
        let script = "\\d\n\\d orders\n\\dt+ public.*\n\\du\n\\df warn_and_add\n\\dn\n\\di\n\\dp\n\\x\nSELECT * FROM orders WHERE id = 7;\n\
                      \\copy (SELECT id FROM customers ORDER BY id LIMIT 3) TO STDOUT\nBEGIN;\nDECLARE c CURSOR FOR SELECT id FROM orders;\n\
                      FETCH 2 FROM c;\nROLLBACK;\n\\set FETCH_COUNT 100\nSELECT id FROM orders ORDER BY id LIMIT 250;\n\
                      EXPLAIN (COSTS off) SELECT * FROM orders WHERE id = 7;\nSHOW search_path;\nTABLE customers LIMIT 1;\nVALUES (1);\n\
                      WITH a AS (SELECT 1) SELECT * FROM a;\nSELECT 1 AS a \\gset\n\\echo :a\n";
        let session = |port| run_with_input(&mut psql(port, "app"), script);
        let (direct, through) = (session(server.port), session(gateway.port));
        assert_same_text("psql", direct.printed(), through.printed());
        assert_same_text("psql's errors", &direct.error, &through.error);
        // Used wrongly, it says what is wrong and goes on.
        let wrong = "INSERT INTO scratch (id) VALUES (1);\nSELEC 1;\nSET ROLE app;\nSELECT nextval('x');\n\
                     \\copy scratch FROM /dev/null\nDO $$ BEGIN END $$;\nLISTEN a;\nSELECT * FROM orders FOR UPDATE;\n\
                     CREATE TEMP TABLE t (id int);\nSELECT 'usable';\n";
        let ended = run_with_input(&mut psql(gateway.port, "app"), wrong);
        assert!(ended.printed().contains("usable"), "{ended:?}");
        assert_eq!(ended.error.matches("ERROR:  25006: ").count(), 8, "{}", ended.error);
        assert_eq!(ended.error.matches("ERROR:  42601: ").count(), 1, "{}", ended.error);
        assert_eq!(ended.error.matches("LINE 1: SELEC 1;").count(), 1, "{}", ended.error);
    });
}

#[test]
fn psycopg_sees_a_rule_as_an_error_of_the_server() {
    let rules = Rules::of(NO_DELETE);
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let session = |port, refused: &str, code: &str| {
            let mut client = python("refusals.py", port, "app");
            run(client.env("REFUSED", refused).env("SQLSTATE", code)).printed().to_owned()
        };
        let delete = format!("DELETE FROM scratch /* {NEVER} */");
        let direct = session(server.port, "!", "42601");
        assert_same_text("psycopg", &direct, &session(gateway.port, &delete, "42501"));
        assert_never_seen(&server);
    });
}
