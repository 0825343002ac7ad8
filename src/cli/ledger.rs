//! What can be done with a ledger at the command line?
//!
//! Everything here works on the files alone, beside a gateway that runs or without any.

mod asking;
mod conditions;
mod erase;
mod export;
mod key;
mod query;
mod reveal;
mod verify;
pub(super) mod whereabouts;

use clap::Subcommand;
use std::process::ExitCode;

/// What to do with a ledger.
#[derive(Debug, Subcommand)]
pub(super) enum Ledger {
    /// Says whether a ledger is whole and unchanged, from its bytes alone: exit code 0 when all holds, 1 when it is
    /// broken, 2 when that cannot be told
    Verify(verify::Verify),
    /// Prints the records that somebody asks for
    Query(query::Query),
    /// Writes records as a file for other programs: JSON Lines, CSV, Parquet or OCSF
    Export(export::Export),
    /// Prints what a rule had kept of statements: texts, parameters, errors
    Reveal(reveal::Reveal),
    /// Makes the values of a day unreadable for good; the ledger stays whole
    Erase(erase::Erase),
    /// Makes a key that signs checkpoints, or shows whom to believe for one
    Key(key::Key),
}

/// Does it.
pub(super) fn run(command: Ledger) -> ExitCode {
    match command {
        Ledger::Verify(verify) => verify::run(&verify),
        Ledger::Query(query) => query::run(&query),
        Ledger::Export(export) => export::run(&export),
        Ledger::Reveal(reveal) => reveal::run(&reveal),
        Ledger::Erase(erase) => erase::run(&erase),
        Ledger::Key(key) => key::run(&key),
    }
}
