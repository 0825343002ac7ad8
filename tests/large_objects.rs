//! Do large objects, whose functions clients call by number, pass where they may, and are they refused where they may not?
//!
//! What each number counts as, and where a refusal stands among other messages, is in `judgement/objects.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::clients::python;
use harness::compared::{Part, check, reading_only};
use harness::compiled::java;
use harness::each_version;
use harness::script::assert_same_text;
use harness::server::Server;
use std::process::Command;

#[test]
fn jdbc_uses_large_objects_as_it_does_directly() {
    check("JDBC's large objects", |port, part| part.printed(&mut java("LargeObjects", port, "app")));
}

#[test]
fn jdbc_goes_on_after_a_large_object_was_refused() {
    goes_on(5, |port| java("LargeObjects", port, "app"));
}

#[test]
fn psycopg_2_goes_on_after_a_large_object_was_refused() {
    goes_on(6, |port| python("python/with_psycopg2.py", port, "app"));
}

/// What the client makes directly it reads through a gateway that lets only reads pass; its `refusals` writes are refused there,
/// each as an error of the server, and the session goes on. Since version 16 the server itself refuses them in such a
/// session: there both are held beside one another.
fn goes_on(refusals: usize, client: impl Fn(u16) -> Command + Sync) {
    each_version(|version| {
        let server = Server::start(version);
        Part::All.printed(&mut client(server.port));
        let state = "SELECT count(*) || md5(string_agg(loid || encode(data, 'hex'), ' ' ORDER BY loid, pageno)) FROM pg_largeobject";
        let before = server.ask(state);
        let gateway = reading_only(&server).start();
        let through = Part::Refused.printed(&mut client(gateway.port));
        assert_eq!(through.matches("goes on").count(), refusals, "{through}");
        let behind = |line: &&str| {
            (line.starts_with("after") || line.starts_with("behind it")) && line.contains("25P02")
        };
        assert_eq!(through.lines().filter(behind).count(), refusals, "{through}");
        assert_eq!(server.ask(state), before, "{through}");
        let refused = |records: &[harness::ledger::Record]| {
            let calls = records
                .iter()
                .filter(|one| one.text_of("kind") == "function" && one.text_of("verdict") == "refuse");
            let calls: Vec<_> =
                calls.map(|one| (one.text_of("class").to_owned(), one.text_of("text").to_owned())).collect();
            (calls.len() >= refusals / 2).then_some(calls)
        };
        let refused = gateway.recorded("the refused calls", refused);
        assert!(refused.iter().all(|(class, _)| class == "write"), "{refused:?}");
        if version.parse::<u32>().unwrap() >= 16 {
            server.ask("ALTER ROLE app SET default_transaction_read_only = on");
            let direct = Part::Refused.printed(&mut client(server.port));
            assert_same_text(
                &format!("refusals with PostgreSQL {version}"),
                &shape(&direct),
                &shape(&through),
            );
        }
    });
}

/// What was said without the words of errors, which are the gateway's or the server's.
fn shape(seen: &str) -> String {
    let lines = seen.lines().filter(|line| !line.starts_with("  "));
    let cut = |line: &str| match line.contains("ERROR") {
        true => line.split(" | ").take(3).collect::<Vec<_>>().join(" | "),
        false => line.to_owned(),
    };
    lines.map(cut).collect::<Vec<_>>().join("\n")
}
