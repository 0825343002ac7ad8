//! What does the command line ask for?

use crate::state::Scale;
use clap::Parser;
use clap::builder::PossibleValuesParser;
use std::path::PathBuf;
use std::time::Duration;

/// Measures the control plane: how fast it answers with much data, and what it costs the data path.
#[derive(Debug, Parser)]
#[command(name = "control")]
struct CommandLine {
    /// Little data and short rounds; for a look, not for a claim
    #[arg(long)]
    quick: bool,
    /// Records of the ledger
    #[arg(long, value_name = "N")]
    records: Option<u64>,
    /// Measures only this
    #[arg(long, value_name = "LANE", value_parser = PossibleValuesParser::new(["api", "beside"]))]
    only: Option<String>,
    /// How often each way is measured beside the others
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: Option<u32>,
    /// Where the ledger is made and stays; one of as many records that is there is used again
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// The program that is measured, when it is not the one built with this benchmark
    #[arg(long, value_name = "PROGRAM")]
    gateway: Option<PathBuf>,
    /// Replaces the results in benches/README.md with this run's; not with `--only`
    #[arg(long, conflicts_with = "only")]
    write_readme: bool,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

/// What is measured, and how long.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// Whether the API is asked by many.
    pub api: bool,
    /// Whether the data path is loaded meanwhile.
    pub beside: bool,
    /// What is in the state.
    pub scale: Scale,
    /// Entries of the activity.
    pub entries: u32,
    /// Records of the ledger.
    pub records: u64,
    /// Tables of the schema that is read again and again.
    pub tables: u32,
    /// How long people ask before it counts.
    pub warm_up: Duration,
    /// How long it counts.
    pub window: Duration,
    /// How long the data path is loaded in one turn.
    pub turn: Duration,
    /// Turns of each way.
    pub rounds: u32,
    /// What is measured.
    pub gateway: PathBuf,
    /// Where the ledger stays.
    pub folder: Option<PathBuf>,
    /// Whether the results go into the README.
    pub write_readme: bool,
}

/// Reads the command line; ends the program when it cannot be understood.
pub fn parse() -> Arguments {
    let line = CommandLine::parse();
    let is_asked = |lane: &str| line.only.as_deref().is_none_or(|only| only == lane);
    let (api, beside) = (is_asked("api"), is_asked("beside"));
    let scale = Scale::full(Scale::this_minute());
    let seconds = Duration::from_secs;
    let gateway = line.gateway.unwrap_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_dragoman")));
    if line.quick {
        return Arguments {
            api,
            beside,
            scale: Scale { fingerprints: 5_000, sessions: 5_000, hours: 4, days: 3, ..scale },
            entries: 1_000,
            records: line.records.unwrap_or(100_000),
            tables: 50,
            warm_up: seconds(2),
            window: seconds(5),
            turn: seconds(1),
            rounds: line.rounds.unwrap_or(2),
            gateway,
            folder: line.folder,
            write_readme: line.write_readme,
        };
    }
    Arguments {
        api,
        beside,
        scale,
        entries: 50_000,
        records: line.records.unwrap_or(10_000_000),
        tables: 1_000,
        warm_up: seconds(5),
        window: seconds(30),
        turn: seconds(4),
        rounds: line.rounds.unwrap_or(7),
        gateway,
        folder: line.folder,
        write_readme: line.write_readme,
    }
}
