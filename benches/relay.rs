//! What does it cost to have the gateway in between: per query, per login, per idle session, per byte?
//!
//! One run drives the same load over several lanes to one server: directly, through a relay that
//! does not look, through the gateway, and through haproxy and pgbouncer where they are installed.
//! See `benches/README.md` for the method.

mod relay {
    pub mod arguments;
    pub mod blind;
    pub mod certificate;
    pub mod channel;
    pub mod client;
    pub mod database;
    pub mod double;
    pub mod drive;
    pub mod failure;
    pub mod figures;
    pub mod idle;
    pub mod judging;
    pub mod lane;
    pub mod login;
    pub mod machine;
    pub mod median;
    pub mod mysql;
    pub mod mysql_server;
    pub mod plan;
    pub mod process;
    pub mod progress;
    pub mod readme;
    pub mod report;
    pub mod run;
    pub mod scram;
    pub mod select;
    pub mod settings;
    pub mod stopped;
    pub mod stream;
    pub mod table;
    pub mod targets;
    pub mod wire;
    pub mod workload;
}

fn main() -> std::process::ExitCode {
    let arguments = relay::arguments::parse();
    match arguments.instead {
        Some(relay::arguments::Instead::Blind(upstream)) => {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            relay::blind::serve(upstream, cores)
        }
        Some(relay::arguments::Instead::Double) => relay::double::serve(),
        None => relay::run::run(&arguments),
    }
}
