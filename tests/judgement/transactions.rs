//! Is a refusal inside a transaction what an error of the server's own is there?

use crate::harness::each_version;
use crate::harness::gateway::Plan;
use crate::harness::wire::{Wire, bind, execute, first_error, parse, query, sync, tags};
use crate::rules::{Case, NEVER, NO_DELETE, Rules, assert_never_seen, logging, passes, refuses};

fn refused() -> Vec<u8> {
    query(&format!("DELETE FROM scratch /* {NEVER} */"))
}

#[test]
fn a_refused_statement_fails_its_transaction() {
    let rules = Rules::of(NO_DELETE);
    let insert = |id: u32| query(&format!("INSERT INTO scratch (id) VALUES ({id})"));
    let select = || query("SELECT id FROM scratch ORDER BY id");
    let scripts: [(&str, Vec<Vec<u8>>); 5] = [
        ("what follows fails, and COMMIT rolls back", {
            vec![query("BEGIN"), insert(1), vec![], select(), query("COMMIT"), select()]
        }),
        ("what follows fails until ROLLBACK", {
            vec![query("BEGIN"), insert(1), vec![], insert(2), query("ROLLBACK"), select()]
        }),
        ("ROLLBACK TO goes on before it", {
            let keep = [query("SAVEPOINT s"), insert(2)].concat();
            let back = [query("ROLLBACK TO s"), insert(3), query("RELEASE s"), query("COMMIT")].concat();
            vec![query("BEGIN"), insert(1), keep, vec![], back, select()]
        }),
        ("two savepoints, two refusals", {
            let keep = |name: &str| query(&format!("SAVEPOINT {name}"));
            let back = |name: &str| query(&format!("ROLLBACK TO {name}"));
            let second = vec![back("b"), insert(2), vec![], back("a"), insert(3), query("COMMIT"), select()];
            [vec![query("BEGIN"), keep("a"), insert(1), keep("b"), vec![]], second].concat()
        }),
        ("COMMIT AND CHAIN of a failed transaction", {
            vec![query("BEGIN"), insert(1), vec![], query("COMMIT AND CHAIN"), select(), query("ROLLBACK")]
        }),
    ];
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        for (name, script) in &scripts {
            let with = |refused: Vec<u8>| -> Vec<Vec<u8>> {
                let fill = |write: &Vec<u8>| if write.is_empty() { refused.clone() } else { write.clone() };
                script.iter().map(fill).collect()
            };
            Case { name, instead: with(query("!")), asked: with(refused()) }.check(&server, gateway.port);
            // The same with everything on its way before anything is answered.
            let (instead, asked) = (vec![with(query("!")).concat()], vec![with(refused()).concat()]);
            Case { name, instead, asked }.check(&server, gateway.port);
        }
        assert_never_seen(&server);
    });
}

/// What JDBC sends with `autosave=always`: a savepoint before each statement, all by Parse, Bind,
/// Execute.
#[test]
fn savepoints_around_each_statement_keep_a_transaction_alive() {
    let rules = Rules::of(NO_DELETE);
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let run = |sql: &str| [parse("", sql, &[]), bind("", "", &[], 0), execute("", 0)].concat();
        let guarded = |sql: &str| [run("SAVEPOINT PGJDBC_AUTOSAVE"), sync(), run(sql), sync()].concat();
        let with = |bad: &str| {
            vec![
                [run("BEGIN"), guarded("INSERT INTO scratch (id) VALUES (1)")].concat(),
                guarded(bad),
                [run("ROLLBACK TO SAVEPOINT PGJDBC_AUTOSAVE"), sync()].concat(),
                guarded("INSERT INTO scratch (id) VALUES (2)"),
                [run("RELEASE SAVEPOINT PGJDBC_AUTOSAVE"), run("COMMIT"), sync()].concat(),
                [run("SELECT id FROM scratch ORDER BY id"), sync()].concat(),
            ]
        };
        let case = Case {
            name: "autosave",
            instead: with("!"),
            asked: with(&format!("DELETE FROM scratch /* {NEVER} */")),
        };
        case.check(&server, gateway.port);
        assert_never_seen(&server);
    });
}

#[test]
fn what_ends_a_transaction_passes_where_nothing_else_does() {
    let nothing = Rules::of("[[rule]]\nname = \"nothing\"\ndecision = \"refuse\"\noverridable = false\n");
    let paced = Rules::of(
        "[[rule]]\nname = \"pace\"\ndecision = \"limit\"\nlimit = { per_second = 1, burst = 3, by = \"user\" }\n",
    );
    let ends = [
        "ROLLBACK TO s",
        "RELEASE s",
        "COMMIT",
        "END",
        "ABORT",
        "ROLLBACK",
        "COMMIT AND NO CHAIN",
        "commit work",
    ];
    each_version(|version| {
        let server = logging(version);
        for (plan, code) in [
            (nothing.enforced(Plan::before(&server)), "42501"),
            (Plan::before(&server).mode("enforce").listener("default = \"refuse\""), "42501"),
            (paced.enforced(Plan::before(&server)), "53400"),
        ] {
            let gateway = plan.start();
            let mut wire = Wire::login(gateway.port, "clear");
            if code == "53400" {
                wire.query("BEGIN");
                wire.query("SAVEPOINT s");
                wire.query("SELECT 1");
            }
            for end in ends.iter().cycle().take(3 * ends.len()) {
                let frames = wire.query(end);
                let error = first_error(&frames).unwrap_or_default();
                assert!(!["42501", "53400"].contains(&error.as_str()), "`{end}` is refused: {frames:?}");
                wire.send(&[parse("", end, &[]), bind("", "", &[], 0), execute("", 0), sync()].concat());
                let frames = wire.until(b'Z', 1);
                let error = first_error(&frames).unwrap_or_default();
                assert!(!["42501", "53400"].contains(&error.as_str()), "`{end}` is refused: {frames:?}");
            }
            if code == "42501" {
                refuses(&mut wire, "SELECT 1", code);
                refuses(&mut wire, "COMMIT; SELECT 1", code);
            }
        }
    });
}

#[test]
fn the_state_after_a_refusal_is_the_transactions() {
    let rules = Rules::of(NO_DELETE);
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        let state = |wire: &mut Wire, sql: &str| -> (String, u8) {
            let frames = wire.query(sql);
            (tags(&frames), frames.last().unwrap().body[0])
        };
        assert_eq!(state(&mut wire, "DELETE FROM scratch"), ("EZ".to_owned(), b'I'));
        assert_eq!(state(&mut wire, "BEGIN"), ("CZ".to_owned(), b'T'));
        assert_eq!(state(&mut wire, "DELETE FROM scratch"), ("EZ".to_owned(), b'E'));
        refuses(&mut wire, "SELECT 1", "25P02");
        // In a failed transaction the rules have nothing to add.
        let frames = wire.query("COMMIT");
        assert_eq!((frames[0].command(), frames[1].body[0]), ("ROLLBACK".to_owned(), b'I'));
        assert_eq!(passes(&mut wire, "SELECT 1").as_deref(), Some("1"));
    });
}
