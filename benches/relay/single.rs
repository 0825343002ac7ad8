//! What do the benchmarks of one thread share: what they are asked for, and how they report?

use super::machine::Machine;
use super::median::Median;
use super::readme;
use super::table::Table;
use std::process::ExitCode;

/// How often each row is measured.
pub const ROUNDS: usize = 41;

/// What the command line asks for.
pub struct Asked {
    /// Only rows whose names hold one of these words; none: all rows.
    only: Vec<String>,
    /// Whether the README is to be written.
    write_readme: bool,
}

impl Asked {
    /// Reads it: words choose rows, cargo adds `--bench`.
    pub fn read() -> Asked {
        let words = || std::env::args().skip(1);
        Asked {
            only: words().filter(|word| !word.starts_with("--")).collect(),
            write_readme: words().any(|word| word == "--write-readme"),
        }
    }

    /// Whether a row is to be measured.
    pub fn wants(&self, row: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|word| row.contains(word.as_str()))
    }

    /// Prints what was measured, and puts it into the README if that was asked for.
    pub fn publish(&self, bench: &str, tables: &[Table], targets: &[Target]) -> ExitCode {
        let targets: Vec<String> = targets.iter().map(Target::words).collect();
        tables.iter().for_each(|table| print!("{}", table.terminal()));
        targets.iter().for_each(|target| println!("\n{target}"));
        if !self.write_readme {
            return ExitCode::SUCCESS;
        }
        if !self.only.is_empty() {
            eprintln!("the README takes whole runs only: leave the words out");
            return ExitCode::FAILURE;
        }
        let taken = format!("Taken in {ROUNDS} rounds on: {}\n", Machine::here());
        let targets = targets.iter().map(|target| format!("- {target}\n")).collect();
        let parts: Vec<String> =
            [taken].into_iter().chain(tables.iter().map(Table::markdown)).chain([targets]).collect();
        match readme::write(bench, &parts.join("\n")) {
            Ok(path) => println!("\nwritten: {path}"),
            Err(error) => {
                eprintln!("cannot write the README: {error}");
                return ExitCode::FAILURE;
            }
        }
        ExitCode::SUCCESS
    }
}

/// The most that a figure may be.
pub struct Target {
    /// Which figure.
    pub figure: &'static str,
    /// The bound.
    pub limit: f64,
    /// In what it is measured.
    pub unit: &'static str,
    /// How exactly that is shown.
    pub decimals: usize,
    /// The rows it holds for, with what was measured; none: not in this run.
    pub measured: Vec<(String, Option<Median>)>,
}

impl Target {
    /// The target, the row that comes closest to missing it, and whether it does.
    fn words(&self) -> String {
        let Target { figure, limit, unit, decimals, measured } = self;
        let figures = measured.iter().filter_map(|(row, median)| Some((row, median.as_ref()?.value)));
        let Some((row, worst)) = figures.max_by(|one, other| one.1.total_cmp(&other.1)) else {
            return format!("{figure}, target <= {limit} {unit}: not measured in this run");
        };
        let state = if worst <= *limit { "met" } else { "missed" };
        format!("{figure}, target <= {limit} {unit}: {state}, {worst:.decimals$} {unit} at most ({row})")
    }
}
