//! How long does a search of the ledger take?
//!
//! Writes a ledger of as many records as the command line says (a million when it says nothing) with the
//! ledger's own thread, makes its indexes, and asks 2,000 questions in a fixed mix, one after the other, on
//! a machine that has the ledger in its page cache. What is found is checked: every record against the
//! question, the order, and for rare things that all of them are found. Then whole answers are taken, as the commands
//! `ledger query` and `ledger export` give them.
//!
//! `cargo bench --bench ledger_search -- 10000000 --write-readme`

#[allow(dead_code)] // this benchmark needs what makes a report only
mod relay {
    pub mod machine;
    pub mod readme;
    pub mod table;
}
mod ledger {
    pub mod commands;
    pub mod folder;
    pub mod questions;
    pub mod records;
}

use control::LedgerQuery;
use ledger::questions::{self, Kind, Question};
use ledger::records::Written;
use ledger::{commands, folder};
use proxy::ledger::search::Searcher;
use relay::machine::Machine;
use relay::readme;
use relay::table::Table;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The program's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Questions of a run.
const QUESTIONS: usize = 2_000;
/// Records of a page, as the control plane asks for them.
const PAGE: u32 = 100;
/// How long a search may take before it says how far it got.
const DEADLINE: Duration = Duration::from_secs(2);
const P50_TARGET_MS: f64 = 20.0;
const P99_TARGET_MS: f64 = 100.0;

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
    let records = words.iter().find_map(|word| word.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let (written, line) = folder::write(folder.path(), records)?;
    println!("{line}");
    let (stats, made) = folder::index(folder.path())?;
    println!("{made}");
    let mut lines = vec![line, made];
    lines.push(first_search(folder.path())?);
    let searcher = Searcher::new(folder.path());
    let asked = questions::mix(&written, QUESTIONS, PAGE);
    // Once unmeasured: the page cache holds what it can.
    for question in &asked {
        ask(&searcher, question)?;
    }
    let mut figures: Vec<(Kind, Vec<Asked>)> = Kind::ALL.iter().map(|kind| (*kind, Vec::new())).collect();
    for question in &asked {
        let asked = ask(&searcher, question)?;
        if let Some((_, figures)) = figures.iter_mut().find(|(kind, _)| *kind == question.kind) {
            figures.push(asked);
        }
    }
    lines.push(complete(&searcher, &written)?);
    let held = stats.held_bytes as f64 * 1e6 / records as f64 / 1024.0;
    lines.push(format!("in memory for the indexes of closed segments: {held:.0} KiB a million records"));
    let (tables, line) = commands::measure(folder.path(), &written, records)?;
    lines.push(line);
    publish(figures, &tables, &lines, words.iter().any(|word| word == "--write-readme"))
}

/// What somebody waits for who asks a program that has just started: the open segment has no index.
fn first_search(directory: &Path) -> Result<String, String> {
    let searcher = Searcher::new(directory);
    let query = questions::everything(PAGE);
    let began = Instant::now();
    let page = searcher.search(&query, began + DEADLINE).map_err(|failure| failure.to_string())?;
    if page.records.len() != PAGE as usize {
        return Err(format!("the first search found {} records", page.records.len()));
    }
    let milliseconds = began.elapsed().as_secs_f64() * 1e3;
    let open = segment_open_mb(directory)?;
    Ok(format!(
        "the first search after a start, which reads an open segment of {open:.0} MB: {milliseconds:.0} ms"
    ))
}

fn segment_open_mb(directory: &Path) -> Result<f64, String> {
    let entries = std::fs::read_dir(directory).map_err(|error| error.to_string())?;
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension() == Some("jsonl".as_ref()));
    paths.sort();
    let newest = paths.pop().and_then(|path| path.metadata().ok());
    Ok(newest.map_or(0.0, |metadata| metadata.len() as f64 / 1e6))
}

/// What one search was like.
struct Asked {
    milliseconds: f64,
    records: usize,
    records_read: u64,
    is_unfinished: bool,
}

fn ask(searcher: &Searcher, question: &Question) -> Result<Asked, String> {
    let began = Instant::now();
    let page = searcher.search(&question.query, began + DEADLINE).map_err(|failure| failure.to_string())?;
    let milliseconds = began.elapsed().as_secs_f64() * 1e3;
    let moments: Vec<Option<&str>> = page.records.iter().map(|record| record["ts"].as_str()).collect();
    if !moments.iter().rev().is_sorted() || !page.records.iter().all(|record| question.is_answer(record)) {
        return Err(format!("a wrong answer to {:?}", question.query));
    }
    Ok(Asked {
        milliseconds,
        records: page.records.len(),
        records_read: page.records_read,
        is_unfinished: page.searched_until_us.is_some(),
    })
}

/// Whether all that was written of something is found, page after page.
fn complete(searcher: &Searcher, written: &Written) -> Result<String, String> {
    let refused = LedgerQuery { events: vec!["statement.refused".to_owned()], ..questions::everything(500) };
    let deadlocks = LedgerQuery { sqlstate: Some("40P01".to_owned()), ..questions::everything(500) };
    for (query, expected) in [(refused, written.refused), (deadlocks, written.deadlocks)] {
        let mut query = query;
        let mut found = 0;
        loop {
            let page =
                searcher.search(&query, Instant::now() + DEADLINE).map_err(|failure| failure.to_string())?;
            found += page.records.len() as u64;
            query.cursor = page.cursor;
            if query.cursor.is_none() {
                break;
            }
        }
        if found != expected {
            return Err(format!("{found} records found, {expected} written: {query:?}"));
        }
    }
    Ok(format!(
        "all {} refusals and all {} deadlocks are found by turning pages",
        written.refused, written.deadlocks
    ))
}

fn publish(
    figures: Vec<(Kind, Vec<Asked>)>,
    whole: &[Table],
    lines: &[String],
    write_readme: bool,
) -> Result<(), String> {
    let header = ["question", "searches", "p50 ms", "p99 ms", "max ms", "records", "read", "unfinished"];
    let mut table = Table::new("Searching the ledger", 1, &header);
    let mut worst: (f64, f64, &str, &str) = (0.0, 0.0, "", "");
    for (kind, asked) in figures {
        let mut times: Vec<f64> = asked.iter().map(|asked| asked.milliseconds).collect();
        times.sort_by(f64::total_cmp);
        let at = |share: f64| {
            times.get(((times.len() as f64 - 1.0) * share).round() as usize).copied().unwrap_or(0.0)
        };
        let mean = |of: fn(&Asked) -> f64| asked.iter().map(of).sum::<f64>() / asked.len().max(1) as f64;
        let (p50, p99) = (at(0.5), at(0.99));
        if !kind.is_text() {
            if p50 > worst.0 {
                (worst.0, worst.2) = (p50, kind.name());
            }
            if p99 > worst.1 {
                (worst.1, worst.3) = (p99, kind.name());
            }
        }
        table.push(vec![
            kind.name().to_owned(),
            asked.len().to_string(),
            format!("{p50:.2}"),
            format!("{p99:.2}"),
            format!("{:.2}", at(1.0)),
            format!("{:.0}", mean(|asked| asked.records as f64)),
            format!("{:.0}", mean(|asked| asked.records_read as f64)),
            asked.iter().filter(|asked| asked.is_unfinished).count().to_string(),
        ]);
    }
    let state = |value: f64, limit: f64| if value < limit { "met" } else { "missed" };
    let targets = [
        format!(
            "p50 of all but text, target < {P50_TARGET_MS} ms: {}, {:.2} ms at most ({})",
            state(worst.0, P50_TARGET_MS),
            worst.0,
            worst.2
        ),
        format!(
            "p99 of all but text, target < {P99_TARGET_MS} ms: {}, {:.2} ms at most ({})",
            state(worst.1, P99_TARGET_MS),
            worst.1,
            worst.3
        ),
    ];
    let notes: Vec<String> = lines.iter().chain(&targets).map(|line| format!("- {line}\n")).collect();
    let more: String = whole.iter().map(Table::terminal).collect();
    print!("{}{more}\n{}", table.terminal(), notes.concat());
    if write_readme {
        let taken = format!("Taken on: {}\n", Machine::here());
        let path = readme::write(
            "ledger_search",
            &[
                taken,
                table.markdown(),
                whole.iter().map(Table::markdown).collect::<Vec<_>>().join("\n"),
                notes.concat(),
            ]
            .join("\n"),
        );
        println!("\nwritten: {}", path.map_err(|error| format!("cannot write the README: {error}"))?);
    }
    Ok(())
}
