//! The data path: connections, pump, gate, records.

pub mod journal;
pub mod settings;
