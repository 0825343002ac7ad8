//! Does a text of several statements run as a whole or not at all, wherever the refused one stands?

use crate::harness::each_version;
use crate::harness::gateway::Plan;
use crate::harness::wire::{Wire, function_call, query, tags};
use crate::rules::{Case, NEVER, NO_DELETE, Rules, assert_never_seen, logging, passes, told};

#[test]
fn nothing_of_a_text_runs_wherever_its_refused_statement_stands() {
    let delete = format!("DELETE FROM scratch /* {NEVER} */");
    let insert = |id| format!("INSERT INTO scratch (id) VALUES ({id}) /* {NEVER} */");
    let texts = [
        format!("{delete}; {}; {}", insert(1), insert(2)),
        format!("{}; {delete}; {}", insert(1), insert(2)),
        format!("{}; {};\n {delete};;", insert(1), insert(2)),
        format!("BEGIN; {}; COMMIT; {delete}", insert(1)),
        format!("{}; WITH gone AS ({delete} RETURNING id) SELECT * FROM gone", insert(1)),
        format!("/* none */ -- of this\n {}; EXPLAIN ANALYZE {delete}", insert(1)),
    ];
    let rules = Rules::of(
        "[[rule]]\nname = \"no-delete\"\nwhen = { access = [\"delete\"] }\ndecision = \"refuse\"\n\
         message = \"nothing is deleted here\"\nhint = \"mark the row instead\"\n",
    );
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        for text in &texts {
            let case = Case { name: text, instead: vec![query("!")], asked: vec![query(text)] };
            let refusals = case.check(&server, gateway.port);
            assert_eq!(refusals.len(), 1, "{text}");
            let mut wire = Wire::login(gateway.port, "clear");
            let frames = wire.query(text);
            assert_eq!(tags(&frames), "EZ");
            assert_eq!(frames[1].body, b"I");
            let [sqlstate, message, detail, hint] = told(&frames);
            assert_eq!(
                [&*sqlstate, &*message, &*hint],
                ["42501", "nothing is deleted here", "mark the row instead"]
            );
            assert!(detail.ends_with("rule `own/no-delete` of listener `shop`"), "{detail}");
            assert_eq!(passes(&mut wire, "SELECT count(*) FROM scratch").as_deref(), Some("0"));
        }
        assert_never_seen(&server);
    });
}

#[test]
fn queries_sent_one_behind_the_other_are_judged_one_by_one() {
    let rules = Rules::of(NO_DELETE);
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let delete = query(&format!("DELETE FROM scratch /* {NEVER} */"));
        let (insert, select) =
            (query("INSERT INTO scratch (id) VALUES (1)"), query("SELECT count(*) FROM scratch"));
        let with =
            |refused: &[u8]| vec![[&insert, refused, &select, refused, refused, &insert, &select].concat()];
        let case =
            Case { name: "seven queries in one write", instead: with(&query("!")), asked: with(&delete) };
        assert_eq!(case.check(&server, gateway.port).len(), 3);
        assert_never_seen(&server);
    });
}

#[test]
fn a_function_called_by_its_number_is_judged() {
    let rules = Rules::of(
        "[[rule]]\nname = \"by-number\"\nwhen = { kind = [\"function\"] }\ndecision = \"refuse\"\n",
    );
    each_version(|version| {
        let server = logging(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let with = |call: Vec<u8>| {
            vec![
                call.clone(),
                query("BEGIN"),
                [call, query("SELECT 1"), query("COMMIT"), query("SELECT 2")].concat(),
            ]
        };
        // int4pl; and one that nobody has.
        let case = Case {
            name: "a FunctionCall",
            instead: with(function_call(4_000_000_000, &[])),
            asked: with(function_call(177, &["40", "2"])),
        };
        assert_eq!(case.check(&server, gateway.port).len(), 2);
        let log = server.log();
        assert!(!log.contains("(OID 177)"), "the server was asked to call it");
    });
}
