//! The data path: what happens between accepting a connection and its last record.
//!
//! It knows sockets, sessions, the gate and the queue that records leave by. It must not know HTTP,
//! where records go, JSON, disks, or who makes the rules: it holds snapshots and bounded queues.
//!
//! The walk: [`threads`] gives a connection to a thread; `connection` lives its life;
//! `startup_postgres` or `startup_mysql` opens it; `session` is the seam to the two protocols; `pump` moves bytes; `gate` decides, by what `judge` is told by the rules; `exchanges` remembers what is
//! under way and writes [`journal`] entries. [`listener`] is what all sessions of a port share,
//! [`settings`] what was configured, [`counters`] what is counted.

mod analyses;
mod buffer;
pub mod cancel;
pub mod certificate;
mod circumstances;
mod command;
mod compressed;
mod connection;
pub mod control;
pub mod counters;
mod course;
mod current;
mod data;
mod encoding;
mod exchanges;
mod fault;
mod gate;
pub mod journal;
mod judge;
mod kills;
mod limit;
pub mod listener;
mod login;
mod logins;
mod long;
mod look;
mod meaning;
mod modes;
mod mysql_handshake;
mod mysql_login;
mod mysql_password;
mod naming;
mod opening;
mod outbox;
mod peer;
mod proxy_header;
mod pump;
mod rates;
mod scope;
mod session;
pub mod settings;
pub mod sight;
pub mod standing;
mod startup_mysql;
mod startup_postgres;
pub mod statistics;
mod stream;
mod sweep;
pub mod threads;
mod throttle;
pub mod upstream;
mod values;
pub mod verifiers;
mod verify_postgres;

pub use limit::Limit;
pub use listener::Listener;
pub use threads::{Arrival, Threads};
