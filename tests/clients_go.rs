//! Do clients in Go see anything else through the gateway than they see directly?
//!
//! Each runs its program whole, directly and through a gateway that observes, and the reads in it again, directly and
//! through a gateway that lets only reads pass. What it prints must be the same text.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::compared::check;
use harness::compiled::go;

#[test]
fn pgx_sees_the_same_through_the_gateway() {
    check("pgx", |port, part| part.printed(&mut go("pgx", port, "app")));
}

#[test]
fn lib_pq_sees_the_same_through_the_gateway() {
    check("lib/pq", |port, part| part.printed(&mut go("pq", port, "app")));
}
