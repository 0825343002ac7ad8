//! Does a program in Node.js see anything else through the gateway than it sees directly?
//!
//! node-postgres by itself is in `transparency.rs`; here are its pool, cursors and streams, postgres.js and
//! Prisma.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::clients::node;
use harness::compared::{Part, check};
use harness::places;

fn seen(script: &str, port: u16, part: Part) -> String {
    part.printed(&mut node(script, port, "app"))
}

#[test]
fn pools_cursors_and_streams_of_node_postgres_see_the_same() {
    check("node-postgres", |port, part| seen("streams_node_postgres.js", port, part));
}

#[test]
fn postgres_js_sees_the_same_in_its_pipelines() {
    check("postgres.js", |port, part| seen("transparency_postgres_js.js", port, part));
}

#[test]
fn prisma_sees_the_same() {
    check("Prisma", |port, part| {
        part.printed(node("transparency_prisma.js", port, "app").env("NODE_PATH", places::prisma_modules()))
    });
}
