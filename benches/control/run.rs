//! How does a whole run go: prepare, start, ask, load, report?

use super::arguments::Arguments;
use super::gateway::Gateway;
use super::{api, beside, prepare};
use crate::relay::database::Database;
use crate::relay::machine::Machine;
use crate::relay::readme;
use crate::relay::table::Table;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

/// Sessions of the server.
const SESSIONS: usize = 200;

/// Results to be published.
#[derive(Default)]
pub struct Figures {
    /// Tables.
    pub tables: Vec<Table>,
    /// What there is to say: targets, met or missed.
    pub lines: Vec<String>,
    /// Answers that were none.
    pub failures: Vec<String>,
}

/// Measures what is asked for; fails when an answer was none.
pub fn run(arguments: &Arguments) -> ExitCode {
    match measure(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<(), String> {
    let prepared = prepare::prepare(arguments)?;
    let database = Database::start(SESSIONS).map_err(|failure| failure.to_string())?;
    let gateway = Gateway::with_control(&arguments.gateway, &prepared, database.address())?;
    let mut lines = prepared.lines.clone();
    let began = Instant::now();
    gateway.settle()?;
    lines.push(format!(
        "the gateway was ready after {:.1} s, and had done what it does by itself (statements are analysed) {:.0} s later",
        gateway.started_in.as_secs_f64(),
        began.elapsed().as_secs_f64()
    ));
    let (mut tables, mut failures) = (Vec::new(), Vec::new());
    if arguments.api {
        let figures = api::measure(&gateway, &prepared, arguments)?;
        tables.extend(figures.tables);
        lines.extend(figures.lines);
        failures.extend(figures.failures);
    }
    if arguments.beside {
        let figures = beside::measure(&gateway, &prepared, &database, arguments)?;
        tables.extend(figures.tables);
        lines.extend(figures.lines);
        failures.extend(figures.failures);
    }
    lines.extend(failures.iter().map(|why| format!("FAILED: {why}")));
    publish(arguments, &database, &tables, &lines)?;
    match failures.first() {
        None => Ok(()),
        Some(_) => Err("some answers were none".to_owned()),
    }
}

fn publish(
    arguments: &Arguments,
    database: &Database,
    tables: &[Table],
    lines: &[String],
) -> Result<(), String> {
    let notes: String = lines.iter().map(|line| format!("- {line}\n")).collect();
    let shown: String = tables.iter().map(Table::terminal).collect();
    println!("{shown}\n{notes}");
    if arguments.write_readme {
        let setting = format!(
            "Taken on: {}; PostgreSQL {}; {}\n",
            Machine::here(),
            database.version(),
            version(&arguments.gateway).unwrap_or_default()
        );
        let tables: Vec<String> = tables.iter().map(Table::markdown).collect();
        let path = readme::write("control", &[setting, tables.join("\n"), notes].join("\n"));
        println!("written: {}", path.map_err(|error| format!("cannot write the README: {error}"))?);
    }
    Ok(())
}

/// What the measured program says of itself.
fn version(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).lines().next()?.trim().to_owned())
}
