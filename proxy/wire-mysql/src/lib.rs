//! The MySQL client/server protocol (MySQL documentation, "Client/Server Protocol"; MariaDB Knowledge
//! Base, "Client/Server Protocol") as sans-I/O state machines: bytes in, steps out.
//!
//! It knows packets, messages and whose turn it is. It must not know sockets, clocks, files, rules or
//! what SQL means. A session is born from [`startup`] and [`authentication`], or [`abandon`]ed, and lives in
//! [`session`]; [`capabilities`] says which variants of the protocol it can follow; [`frame`], [`message`],
//! [`name`] and [`compression`] read bytes, [`refusal`] writes the few bytes that are ours, [`violation`] names what a
//! peer did wrong. Start at [`session::Session`].

pub mod abandon;
mod attributes;
pub mod authentication;
mod binary;
pub mod bound;
pub mod capabilities;
pub mod compression;
pub mod frame;
pub mod message;
pub mod name;
mod names;
pub mod refusal;
pub mod session;
pub mod startup;
pub mod violation;

pub use session::{Ask, Event, Heard, Session, Step};
pub use violation::Violation;
