//! The PostgreSQL frontend/backend protocol 3.x (PostgreSQL documentation, chapter "Frontend/Backend
//! Protocol") as sans-I/O state machines: bytes in, steps out.
//!
//! It knows frames, messages and whose turn it is. It must not know sockets, clocks, files, rules or
//! what SQL means. A session is born from [`startup`] and [`authentication`], or from [`verification`] (over [`scram`]
//! and [`mod@md5`]) where the gateway checks the login itself, and lives in
//! [`session`]; [`frame`], [`message`] and [`bound`] read bytes, [`refusal`] writes the few bytes that are ours,
//! [`violation`] names what a peer did wrong. Start at [`session::Session`].

pub mod authentication;
pub mod bound;
pub mod frame;
pub mod md5;
pub mod message;
mod names;
pub mod refusal;
pub mod scram;
pub mod session;
pub mod startup;
pub mod verification;
pub mod violation;

pub use session::{Ask, Event, Heard, Session, Step};
pub use violation::Violation;
