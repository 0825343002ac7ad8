//! Do rules about roles and schemas follow what the session has become?

use crate::harness::each_version;
use crate::harness::gateway::Plan;
use crate::harness::server::Server;
use crate::harness::wire::{
    VERSION_3_0, Wire, bind, execute, first_error, function_call, parse, query, sync, tags,
};
use crate::rules::{NEVER, Rules, assert_never_seen, logging, passes, refuses};

/// Whoever runs as `visitor` may not insert; what the gateway cannot tell counts as `visitor` too.
const VISITOR: &str = r#"
[[rule]]
name = "visitors-look"
when = { role = ["visitor"], access = ["insert"] }
decision = "refuse"
"#;

const INSERT: &str = "INSERT INTO scratch (id) VALUES (1)";

fn server(version: &str) -> Server {
    let server = logging(version);
    for sql in [
        "CREATE ROLE visitor",
        "CREATE ROLE member",
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO visitor, member",
        "CREATE SCHEMA evil",
        "CREATE TABLE evil.orders (id int)",
    ] {
        server.ask(sql);
    }
    server
}

/// The role the server says, with what the gateway takes it for: an insert passes or not.
#[track_caller]
fn assert_role(wire: &mut Wire, role: &str, may_insert: bool) {
    assert_eq!(passes(wire, "SELECT current_user").as_deref(), Some(role));
    let failing = "INSERT INTO scratch (id) SELECT 1 WHERE false";
    let error = first_error(&wire.query(failing));
    assert_eq!(error.is_none(), may_insert, "as {role}: {error:?}");
}

#[test]
fn rules_follow_the_role_through_every_way_it_changes() {
    let rules = Rules::of(VISITOR);
    let steps: [(&[&str], &str, bool); 20] = [
        (&[], "clear", true),
        (&["SET ROLE visitor"], "visitor", false),
        (&["SET ROLE NONE"], "clear", true),
        (&["SET ROLE member"], "member", true),
        (&["SET ROLE visitor", "RESET ROLE"], "clear", true),
        (&["SET ROLE visitor", "SET role TO DEFAULT"], "clear", true),
        (&["SET role = 'visitor'"], "visitor", false),
        (&["DISCARD ALL"], "clear", true),
        (&["SELECT set_config('role', 'visitor', false)"], "visitor", false),
        (&["RESET ALL"], "visitor", false),
        (&["RESET ROLE"], "clear", true),
        (&["SET SESSION AUTHORIZATION visitor"], "visitor", false),
        (&["RESET SESSION AUTHORIZATION"], "clear", true),
        (&["BEGIN", "SET LOCAL ROLE visitor", "COMMIT"], "clear", true),
        (&["BEGIN", "SET LOCAL ROLE visitor", "ROLLBACK"], "clear", true),
        (&["BEGIN", "SET ROLE visitor", "ROLLBACK"], "clear", true),
        (&["BEGIN", "SET ROLE visitor", "COMMIT"], "visitor", false),
        (&["BEGIN", "SET ROLE member", "SELECT 1/0", "COMMIT"], "visitor", false),
        (&["BEGIN; SET LOCAL ROLE member; COMMIT"], "visitor", false),
        (&["RESET ROLE"], "clear", true),
    ];
    each_version(|version| {
        let server = server(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        for (step, role, may_insert) in steps {
            for sql in step {
                wire.query(sql);
            }
            assert_role(&mut wire, role, may_insert);
        }
        wire.query("BEGIN");
        wire.query("SET LOCAL ROLE visitor");
        assert_eq!(passes(&mut wire, "SELECT current_user").as_deref(), Some("visitor"));
        refuses(&mut wire, &format!("{INSERT} /* {NEVER} */"), "42501");
        wire.query("ROLLBACK");
        assert_role(&mut wire, "clear", true);
        assert_never_seen(&server);
    });
}

/// `set_config`, by its number.
#[test]
fn a_role_set_by_a_function_called_by_its_number_counts() {
    let rules = Rules::of(VISITOR);
    each_version(|version| {
        let server = server(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        wire.send(&function_call(2078, &["role", "visitor", "f"]));
        assert_eq!(first_error(&wire.until(b'Z', 1)), None);
        assert_eq!(passes(&mut wire, "SELECT current_user").as_deref(), Some("visitor"));
        refuses(&mut wire, &format!("{INSERT} /* {NEVER} */"), "42501");
        let mut wire = Wire::login(gateway.port, "clear");
        passes(&mut wire, "DO $$ BEGIN PERFORM set_config('role', 'visitor', false); END $$");
        refuses(&mut wire, &format!("{INSERT} /* {NEVER} */"), "42501");
        assert_never_seen(&server);
    });
}

/// In one text, in one batch, in two messages at once: the role is that of the moment it runs.
#[test]
fn a_role_set_in_the_same_breath_counts() {
    let rules = Rules::of(VISITOR);
    let insert = format!("{INSERT} /* {NEVER} */");
    let run = |sql: &str| [parse("", sql, &[]), bind("", "", &[], 0), execute("", 0)].concat();
    each_version(|version| {
        let server = server(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        for (what, bytes, ready) in [
            ("one text", query(&format!("SET ROLE visitor; {insert}")), 1),
            ("set_config", query(&format!("SELECT set_config('role', 'visitor', false); {insert}")), 1),
            ("locally", query(&format!("BEGIN; SET LOCAL ROLE visitor; {insert}; COMMIT")), 1),
            ("two messages", [query("SET ROLE visitor"), query(&insert)].concat(), 2),
            ("one batch", [run("SET ROLE visitor"), run(&insert), sync()].concat(), 1),
            ("two batches", [run("SET ROLE visitor"), sync(), run(&insert), sync()].concat(), 2),
        ] {
            let mut wire = Wire::login(gateway.port, "clear");
            wire.send(&bytes);
            let frames = wire.until(b'Z', ready);
            assert_eq!(first_error(&frames).as_deref(), Some("42501"), "{what}: {frames:?}");
        }
        assert_never_seen(&server);
        // What the same text has taken back does not count, and neither does what it sets for itself.
        for text in [
            format!("BEGIN; SET LOCAL ROLE visitor; ROLLBACK; {INSERT}"),
            format!("SET ROLE visitor; RESET ROLE; {INSERT}"),
            format!("SET ROLE member; {INSERT}; RESET ROLE"),
        ] {
            let mut wire = Wire::login(gateway.port, "clear");
            assert_eq!(first_error(&wire.query(&text)), None, "{text}");
        }
    });
}

#[test]
fn a_role_set_after_a_return_to_a_savepoint_counts() {
    let rules = Rules::of(VISITOR);
    each_version(|version| {
        let server = server(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        for sql in ["BEGIN", "SAVEPOINT s", "SELECT 1/0", "ROLLBACK TO s", "SET ROLE visitor", "COMMIT"] {
            wire.query(sql);
        }
        assert_eq!(passes(&mut wire, "SELECT current_user").as_deref(), Some("visitor"));
        refuses(&mut wire, &format!("{INSERT} /* {NEVER} */"), "42501");
        // What a savepoint has taken back: the role is the former one again.
        passes(&mut wire, "RESET ROLE");
        for sql in ["BEGIN", "SET LOCAL ROLE visitor", "SAVEPOINT s", "SET ROLE member", "ROLLBACK TO s"] {
            wire.query(sql);
        }
        assert_eq!(passes(&mut wire, "SELECT current_user").as_deref(), Some("visitor"));
        refuses(&mut wire, &format!("{INSERT} /* {NEVER} */"), "42501");
        wire.query("ROLLBACK");
        assert_role(&mut wire, "clear", true);
        assert_never_seen(&server);
    });
}

/// A login can bring a role with it.
#[test]
fn a_role_set_by_the_login_counts() {
    let rules = Rules::of(VISITOR);
    each_version(|version| {
        let server = server(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        for (name, value) in [
            ("options", "-c role=visitor"),
            ("role", "visitor"),
            ("options", "--role=visitor"),
            ("Role", "visitor"),
        ] {
            let mut wire = Wire::connect(gateway.port);
            let parameters = [("user", "clear"), ("database", "shop"), (name, value)];
            let frames = wire.open(VERSION_3_0, &parameters);
            assert_eq!(frames.last().unwrap().tag, b'Z', "{frames:?}");
            assert_eq!(passes(&mut wire, "SELECT current_user").as_deref(), Some("visitor"), "{name}");
            refuses(&mut wire, &format!("{INSERT} /* {NEVER} */"), "42501");
            // What RESET returns to is what the login set.
            passes(&mut wire, "RESET ROLE");
            assert_eq!(passes(&mut wire, "SELECT current_user").as_deref(), Some("visitor"), "{name}");
            refuses(&mut wire, &format!("{INSERT} /* {NEVER} */"), "42501");
            passes(&mut wire, "SET ROLE member");
            assert_role(&mut wire, "member", true);
        }
        assert_never_seen(&server);
    });
}

const ORDERS_ONLY: &str = r#"
[[rule]]
name = "orders"
when = { class = ["read"], table = ["public.orders"] }
decision = "allow"

[[rule]]
name = "settings"
when = { class = ["session", "transaction"] }
decision = "allow"
"#;

#[test]
fn an_allowed_table_is_none_found_by_another_search_path() {
    let rules = Rules::of(ORDERS_ONLY);
    let count = format!("SELECT count(*) FROM orders /* {NEVER} */");
    each_version(|version| {
        let server = server(version);
        let gateway = rules.enforced(Plan::before(&server)).listener("default = \"refuse\"").start();
        let mut wire = Wire::login(gateway.port, "clear");
        let qualified = "SELECT count(*) FROM public.orders";
        assert_eq!(passes(&mut wire, "SELECT count(*) FROM orders").as_deref(), Some("2000"));
        for (change, back) in [
            ("SET search_path TO evil, public", "RESET search_path"),
            ("SET SCHEMA 'evil'", "RESET ALL"),
            ("BEGIN; SET LOCAL search_path TO evil", "COMMIT"),
            ("BEGIN; SET search_path TO evil", "ROLLBACK"),
            ("SET search_path TO evil", "DISCARD ALL"),
        ] {
            assert_eq!(first_error(&wire.query(change)), None, "{change}");
            assert_eq!(passes(&mut wire, qualified).as_deref(), Some("2000"), "{change}");
            refuses(&mut wire, &count, "42501");
            if change.starts_with("BEGIN") {
                wire.query("ROLLBACK");
            } else {
                assert_eq!(first_error(&wire.query(back)), None, "{back}");
            }
            assert_eq!(passes(&mut wire, "SELECT count(*) FROM orders").as_deref(), Some("2000"), "{back}");
        }
        refuses(&mut wire, &format!("SET search_path TO evil; {count}"), "42501");
        for (name, value) in [("options", "-c search_path=evil"), ("search_path", "evil")] {
            let mut wire = Wire::connect(gateway.port);
            let frames = wire.open(VERSION_3_0, &[("user", "clear"), ("database", "shop"), (name, value)]);
            assert_eq!(frames.last().unwrap().tag, b'Z', "{frames:?}");
            refuses(&mut wire, &count, "42501");
            assert_eq!(passes(&mut wire, qualified).as_deref(), Some("2000"), "{name}");
        }
        assert_never_seen(&server);
    });
}

/// A text may open the transaction its other statements run in.
#[test]
fn the_transaction_of_a_statement_is_the_one_its_own_text_has_opened() {
    let rules = Rules::of(
        "[[rule]]\nname = \"no-long-writes\"\nwhen = { access = [\"insert\"], transaction = [\"open\"] }\n\
         decision = \"refuse\"\n",
    );
    each_version(|version| {
        let server = server(version);
        let gateway = rules.enforced(Plan::before(&server)).start();
        let mut wire = Wire::login(gateway.port, "clear");
        assert_eq!(tags(&wire.query(INSERT)), "CZ");
        refuses(&mut wire, &format!("BEGIN; {INSERT} /* {NEVER} */; COMMIT"), "42501");
        assert_eq!(tags(&wire.query(&format!("BEGIN; COMMIT; {INSERT}"))), "CCCZ");
        wire.query("BEGIN");
        assert_eq!(tags(&wire.query(&format!("COMMIT; {INSERT}"))), "CCZ");
        assert_never_seen(&server);
    });
}
