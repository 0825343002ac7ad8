//! The data plane as a library: settings, listeners, ledger, metrics and status around the relay.
//!
//! It knows files, HTTP for machines and the process; of the control plane it knows the contract (`control`)
//! and nothing else. Start at [`gateway`]: how everything starts, takes new settings and stops. [`config`]
//! reads the settings, [`listeners`] accepts, [`probe`] looks at what roles may do, [`ledger`] writes records
//! down, `verifiers` has what logins are verified by, `metrics` and `status` tell machines, [`live`] tells who watches, `expiry` warns of certificates. [`link`] keeps in touch with the
//! control plane: `reports` adds up what it tells, `managed` is what may be published, `in_force` puts it
//! above the file. [`handover`] lets one process take the place of another, [`replacement`] has it asked for; `drain` takes no more sessions for a while. `nats` is how records and reports get into a stream.

mod answers;
pub mod config;
#[cfg(test)]
mod documents;
mod drain;
mod expiry;
pub mod gateway;
pub mod handover;
mod in_force;
mod killer;
pub mod ledger;
pub mod link;
pub mod listeners;
pub mod live;
mod managed;
mod metrics;
mod nats;
pub mod probe;
pub mod replacement;
mod reports;
mod status;
mod verifiers;

pub use expiry::warnings;
pub use gateway::{Gateway, Prepared, ReloadError, StartError};
