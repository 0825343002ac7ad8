//! What would a query cost the data path on io_uring, and what does it cost on epoll?
//!
//! Relays that look at nothing, one thread each, driven as the other benchmark drives its lanes; the
//! answer and what followed from it is in `docs/adr/0009-io-uring.md`. Linux only.

#[cfg(target_os = "linux")]
#[allow(dead_code)] // this benchmark needs the lanes, the load and the server, not the reports
#[path = "relay"]
mod relay {
    pub mod arguments;
    pub mod blind;
    pub mod certificate;
    pub mod channel;
    pub mod client;
    pub mod database;
    pub mod drive;
    pub mod failure;
    pub mod lane;
    pub mod mysql;
    pub mod mysql_server;
    pub mod plan;
    pub mod process;
    pub mod scram;
    pub mod settings;
    pub mod stopped;
    pub mod wire;
    pub mod workload;
}

#[cfg(target_os = "linux")]
#[path = "uring"]
mod uring {
    pub mod arrivals;
    pub mod completion;
    pub mod counters;
    pub mod outbox;
    pub mod readiness;
    pub mod ring;
    pub mod run;
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    uring::run::run()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("io_uring is Linux's: nothing to compare here");
}
