//! What is in a database: schemas, tables and what hangs on them?
//!
//! [`model`] says what a snapshot is made of; [`postgres`], [`mysql`], [`sqlite`] and [`sqlserver`] read one from a server,
//! [`upload`] from a file; [`diff`] compares two of them; [`usage`] joins in what was seen on the wire.

pub mod diff;
pub mod model;
pub mod mysql;
mod options;
pub mod postgres;
pub mod sqlite;
pub mod sqlserver;
pub mod upload;
pub mod usage;

pub use options::{CatalogError, Options};
