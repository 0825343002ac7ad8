//! Is what the catalogs say of real servers true, and what the rest of the module makes of it?
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "schema/mariadb.rs"]
mod mariadb;
#[path = "schema/postgres.rs"]
mod postgres;
#[path = "schema/servers.rs"]
mod servers;
#[path = "schema/sqlite.rs"]
mod sqlite;
