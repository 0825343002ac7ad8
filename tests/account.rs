//! Is the ledger the same account of what ran as the server's own log?
//!
//! Several clients of several users are at work at once, and everything the server wrote down of them is
//! compared with everything the gateways did: each statement once, with its text, user, database and
//! ending, in the order of its session. What the clients themselves saw is the third account. It is
//! compared by marks planted in the statements, so that no part of the product reads a text there.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod harness;

#[path = "account/client.rs"]
mod client;
#[path = "account/compare.rs"]
mod compare;
#[path = "account/entry.rs"]
mod entry;
#[path = "account/mariadb.rs"]
mod mariadb;
#[path = "account/mariadb_load.rs"]
mod mariadb_load;
#[path = "account/mariadb_log.rs"]
mod mariadb_log;
#[path = "account/postgres.rs"]
mod postgres;
#[path = "account/postgres_drivers.rs"]
mod postgres_drivers;
#[path = "account/postgres_load.rs"]
mod postgres_load;
#[path = "account/postgres_log.rs"]
mod postgres_log;
