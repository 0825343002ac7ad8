//! What does the control plane remember, and how is it kept? SQLite in the data directory by default,
//! PostgreSQL by URL when several nodes share it.
//!
//! One SQL text serves both. What they differ in is kept out of it:
//!
//! - ids and keys that are ordered are bytes (`BYTEA`), compared byte by byte on both; no order and no
//!   equality relies on a collation or on the case of letters;
//! - booleans are 0 and 1 in a `BIGINT`, times are microseconds since 1970-01-01 UTC in a `BIGINT`,
//!   JSON is `TEXT`;
//! - nothing is ordered by a column that can be NULL, and nothing is looked for with LIKE;
//! - work is claimed by a conditional `UPDATE … RETURNING`, tried again by whoever comes too late.
//!
//! Everything goes through a [`Tx`]: whoever wants to change something begins one with
//! [`Store::write`], makes all changes and their activity entry in it, and commits.

pub mod access_review;
pub mod activity;
pub mod backup;
pub mod connections;
pub mod ended;
mod error;
pub mod favourites;
pub mod group_grants;
mod id;
pub mod idempotency;
pub mod identities;
mod insert;
pub mod invitations;
pub mod jobs;
pub mod kept;
pub mod listeners;
pub mod machines;
pub mod members;
mod migrations;
pub mod mode_changes;
pub mod notices;
mod page;
pub mod plane_restarts;
pub mod planes;
pub mod principals;
pub mod privacy;
pub mod publications;
pub mod queries;
pub mod resets;
pub mod roles;
mod row;
pub mod rule_sets;
pub mod runs;
pub mod schema;
pub mod second_factors;
pub mod secrets;
mod select;
pub mod sessions;
pub mod settings;
mod store;
pub mod teams;
mod text;
pub mod throttles;
pub mod tokens;
pub mod traffic;
pub mod users;
pub mod viewpoints;
mod words;
pub mod workspaces;

pub use error::StoreError;
pub use id::Id;
pub use page::{PAGE_ROWS_MAX, Page};
pub use store::{Backend, Location, Store, Tx, now_us};

/// What a function of the store returns.
pub type Result<T> = std::result::Result<T, StoreError>;
