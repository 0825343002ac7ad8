//! How fast does the control plane answer when there is much data, and what does it cost those who only
//! query their database?
//!
//! A gateway with `[admin]` runs as a process of its own, on a state and a ledger made before: 100,000
//! fingerprints, minutes of 48 hours, hours of 30 days, ten million records. `api` asks it as people do,
//! `beside` loads its data path meanwhile. See `benches/README.md` for the method.

#[allow(dead_code)] // this benchmark needs the server, the load and what makes a report only
#[path = "relay"]
mod relay {
    pub mod certificate;
    pub mod channel;
    pub mod client;
    pub mod database;
    pub mod drive;
    pub mod failure;
    pub mod machine;
    pub mod median;
    pub mod process;
    pub mod readme;
    pub mod scram;
    pub mod table;
    pub mod wire;
    pub mod workload;
}
#[allow(dead_code)] // answers are judged by the API's own words here
#[path = "ledger"]
mod ledger {
    pub mod folder;
    pub mod questions;
    pub mod records;
}
#[allow(dead_code, clippy::unwrap_used)] // shared with the benchmark of the store, in its words
#[path = "../admin/store/benches/traffic/state.rs"]
mod state;
#[path = "control"]
mod control {
    pub mod api;
    pub mod arguments;
    pub mod beside;
    pub mod gateway;
    pub mod people;
    pub mod prepare;
    pub mod questions;
    pub mod run;
}

/// The program's own allocator: the ledger and the state are made here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    control::run::run(&control::arguments::parse())
}
