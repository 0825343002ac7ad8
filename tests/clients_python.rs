//! Do clients in Python see anything else through the gateway than they see directly?
//!
//! Each runs its script whole, directly and through a gateway that observes, and the reads in it again, directly and
//! through a gateway that lets only reads pass. What it prints must be the same text.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod harness;

use harness::clients::python;
use harness::compared::{Part, check};

fn seen(script: &str, port: u16, part: Part) -> String {
    part.printed(&mut python(script, port, "app"))
}

#[test]
fn psycopg_2_sees_the_same_through_the_gateway() {
    check("psycopg 2", |port, part| seen("python/with_psycopg2.py", port, part));
}

#[test]
fn psycopg_3_sees_the_same_in_its_pipelines() {
    check("psycopg 3", |port, part| seen("python/with_psycopg3.py", port, part));
}

#[test]
fn asyncpg_sees_the_same_through_the_gateway() {
    check("asyncpg", |port, part| seen("python/with_asyncpg.py", port, part));
}

#[test]
fn sqlalchemy_sees_the_same_with_psycopg() {
    check("SQLAlchemy with psycopg", |port, part| seen("python/with_sqlalchemy.py", port, part));
}

#[test]
fn sqlalchemy_sees_the_same_with_asyncpg() {
    check("SQLAlchemy with asyncpg", |port, part| {
        part.printed(python("python/with_sqlalchemy.py", port, "app").arg("asyncpg"))
    });
}

#[test]
fn django_sees_the_same_through_the_gateway() {
    check("Django", |port, part| seen("python/with_django.py", port, part));
}

#[test]
fn statements_of_activerecord_are_answered_the_same() {
    check("ActiveRecord's statements", |port, part| seen("python/with_activerecord.py", port, part));
}
