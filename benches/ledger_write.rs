//! What does it cost to write the ledger?
//!
//! Has the ledger's own thread write as many records as the command line says (600,000 when it says nothing), with each
//! way of keeping them, and measures the processor time of that thread by its own clock: encoding, hashing, writing,
//! signing. Then one session and 64 wait for each intent they write, as the gateway has them. The ledger is
//! in the folder that `TMPDIR` names: what the disk there is like is in the waits, and hardly in the processor time.
//!
//! `cargo bench --bench ledger_write -- 600000 --write-readme`

#[allow(dead_code)] // this benchmark needs what makes a report only
mod relay {
    pub mod machine;
    pub mod readme;
    pub mod table;
}
#[allow(dead_code)] // and the records, not what was written of them
mod ledger {
    pub mod awaited;
    pub mod load;
    pub mod records;
}

use ledger::awaited::{self, Waits};
use ledger::load::{self, Load};
use proxy::ledger::{LedgerSettings, Sync};
use relay::machine::Machine;
use relay::readme;
use relay::table::Table;
use std::process::ExitCode;

/// The program's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Records that are to go through one core in a second, with the chain and `group`.
const TARGET: f64 = 300_000.0;
/// Runs of each load; the figures are of the median one.
const ROUNDS: usize = 5;
/// Intents of one session, and of each of many.
const INTENTS: usize = 2_000;
const SESSIONS: [usize; 2] = [1, 64];
const MODES: [(&str, Sync); 3] = [("none", Sync::None), ("group", Sync::Group), ("each", Sync::Each)];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let records = words.iter().find_map(|word| word.parse().ok()).unwrap_or(600_000);
    let mut loads: Vec<(&str, Vec<Load>)> = MODES.iter().map(|(name, _)| (*name, Vec::new())).collect();
    let mut never = Vec::new();
    let mut often = Vec::new();
    // In turn, so that what else the machine does meets all of them.
    for _ in 0..ROUNDS {
        for ((_, sync), (_, of_mode)) in MODES.iter().zip(&mut loads) {
            of_mode.push(load::run(records, &|settings| settings.sync = *sync)?);
        }
        // With `none` the two differ in nothing else: every commit is signed, or none.
        let signing = |every: u64| {
            move |settings: &mut LedgerSettings| {
                settings.sync = Sync::None;
                settings.checkpoints.every_records = every;
            }
        };
        never.push(load::run(records, &signing(u64::MAX))?);
        often.push(load::run(records, &signing(1))?);
    }
    let mut waits = Vec::new();
    for (name, sync) in MODES {
        for sessions in SESSIONS {
            waits.push((name, sessions, awaited::run(sessions, INTENTS, sync)?));
        }
    }
    let notes = notes(&loads, load::median(never), load::median(often))?;
    publish(&[throughput(&loads), waiting(&waits)], &notes, words.iter().any(|word| word == "--write-readme"))
}

fn throughput(loads: &[(&str, Vec<Load>)]) -> Table {
    let header = [
        "sync",
        "records/s on one core",
        "µs CPU a record",
        "records/s",
        "MB/s",
        "bytes a record",
        "trips to the disk",
    ];
    let mut table = Table::new("Records into the ledger", 1, &header);
    for (name, of_mode) in loads {
        let load = load::median(of_mode.clone());
        table.push(vec![
            (*name).to_owned(),
            format!("{:.0}", load.records_a_core()),
            format!("{:.2}", load.cpu_us()),
            format!("{:.0}", load.records as f64 / load.seconds),
            format!("{:.0}", load.bytes as f64 / 1e6 / load.seconds),
            format!("{:.0}", load.bytes as f64 / load.records as f64),
            load.syncs.to_string(),
        ]);
    }
    table
}

fn waiting(waits: &[(&str, usize, Waits)]) -> Table {
    let header = ["sync", "sessions", "p50 µs", "p99 µs", "max µs", "intents/s", "intents a trip"];
    let mut table = Table::new("An intent that is waited for", 2, &header);
    for (name, sessions, waits) in waits {
        let trip = if waits.syncs == 0 {
            "-".to_owned()
        } else {
            format!("{:.1}", waits.intents as f64 / waits.syncs as f64)
        };
        table.push(vec![
            (*name).to_owned(),
            sessions.to_string(),
            format!("{:.0}", waits.at(0.5)),
            format!("{:.0}", waits.at(0.99)),
            format!("{:.0}", waits.at(1.0)),
            format!("{:.0}", waits.intents as f64 / waits.seconds),
            trip,
        ]);
    }
    table
}

/// What the tables do not say.
fn notes(loads: &[(&str, Vec<Load>)], never: Load, often: Load) -> Result<Vec<String>, String> {
    let group = loads.iter().find(|(name, _)| *name == "group");
    let group = group.map(|(_, loads)| load::median(loads.clone())).ok_or("no load with `group`")?;
    let state = if group.records_a_core() >= TARGET { "met" } else { "missed" };
    let cpu = |load: &Load| load.cpu_us() * load.records as f64;
    let more = often.checkpoints.saturating_sub(never.checkpoints).max(1) as f64;
    let checkpoint = (cpu(&often) - cpu(&never)) / more;
    let share = |us: f64, every: f64| us * 100.0 / (every * group.cpu_us());
    let head = load::replacing_us()?;
    Ok(vec![
        format!(
            "target, {TARGET:.0} records/s on one core with `group`: {state}, {:.0}",
            group.records_a_core()
        ),
        format!(
            "checkpoints: {checkpoint:.0} µs CPU each ({} in place of {} in {} records), {:.2} % of the thread's time with one \
             every 10,000 records",
            often.checkpoints,
            never.checkpoints,
            group.records,
            share(checkpoint, 10_000.0)
        ),
        format!(
            "`head`: {head:.0} µs CPU for each time it is replaced, a hundred times a second at most: {:.2} % of a core",
            head * 100.0 / 1e6 * 100.0
        ),
    ])
}

fn publish(tables: &[Table], notes: &[String], write_readme: bool) -> Result<(), String> {
    let notes: String = notes.iter().map(|note| format!("- {note}\n")).collect();
    for table in tables {
        print!("{}", table.terminal());
    }
    print!("\n{notes}");
    if write_readme {
        let mut parts = vec![format!("Taken on: {}\n", Machine::here())];
        parts.extend(tables.iter().map(Table::markdown));
        parts.push(notes);
        let path = readme::write("ledger_write", &parts.join("\n"));
        println!("\nwritten: {}", path.map_err(|error| format!("cannot write the README: {error}"))?);
    }
    Ok(())
}
