//! The data plane as a library: settings, listeners, ledger, metrics and status around the relay.
//!
//! It knows files, HTTP for machines and the process; it must not know the control plane. Start at
//! [`gateway`]: how everything starts, takes new settings and stops. [`config`] reads the settings,
//! [`listeners`] accepts, [`probe`] looks at what roles may do, [`ledger`] writes records down, `metrics` and `status` tell machines, [`live`]
//! tells who watches.

pub mod config;
#[cfg(test)]
mod documents;
pub mod gateway;
pub mod ledger;
pub mod listeners;
pub mod live;
mod metrics;
pub mod probe;
mod status;

pub use gateway::{Gateway, ReloadError, StartError};
