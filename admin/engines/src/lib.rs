//! Which databases can the control plane look at, and how does it connect, look and ask?
//!
//! One closed seam, [`Connection`], with one variant for each kind of database. Nothing here knows
//! people, workspaces or HTTP.
//!
//! Start at [`connect`]: a [`Target`] says which database, [`Egress`] says whether the control plane may
//! go there. A [`Connection`] runs statements into a channel ([`run`]), and [`export`] writes what comes
//! out of it as CSV, JSON or Parquet. What fails is an [`EngineError`], with tips for people. [`health`]
//! decides when a connection is tried again.

pub mod cell;
pub mod connection;
pub mod egress;
pub mod error;
pub mod export;
pub mod health;
pub mod run;
pub mod schema;
pub mod target;
pub mod tsql;

mod mysql;
mod plan_text;
mod postgres;
mod socket;
mod sqlite;
mod sqlserver;
mod stream;
mod tls;

pub use cell::{Cell, CellKind, Column};
pub use connection::{Canceller, Connection, Excess, ServerFacts, connect};
pub use egress::Egress;
pub use error::{EngineError, ErrorClass};
pub use mysql::Mysql;
pub use postgres::Postgres;
pub use run::{Explaining, Plan, PlanFormat, RunEvent, RunRequest, RunSummary, Truncation};
pub use sqlite::Sqlite;
pub use sqlserver::SqlServer;
pub use target::{Kind, Place, Target, Tls, TlsMode};
