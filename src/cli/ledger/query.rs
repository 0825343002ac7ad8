//! The command `ledger query`: which records are there?

mod follow;
mod long;
mod table;

use super::asking::{self, Asking, End, Failed};
use super::conditions::{Asked, Conditions, Parameter};
use super::whereabouts::Whereabouts;
use clap::Args;
use control::LedgerQuery;
use proxy::ledger::follow::Follower;
use proxy::ledger::reading::{self, Line, Sieve, Which};
use proxy::ledger::search::{Searcher, Visited};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{self, BufWriter, IsTerminal as _, StdoutLock, Write as _};
use std::ops::ControlFlow;
use std::process::ExitCode;
use table::Table;

/// Records that are shown where nothing is said.
const LIMIT: usize = 100;
/// The same before what comes, where somebody follows.
const LIMIT_FOLLOWING: usize = 10;
/// Records that are counted one by one; where there are more, all are read in order, which is faster then.
const COUNTED_BY_INDEX: u64 = 2_000;

/// What `ledger query` is asked.
#[derive(Debug, Args)]
pub(in crate::cli) struct Query {
    #[command(flatten)]
    whereabouts: Whereabouts,
    /// Most records; 100 if not given, 10 with --follow
    #[arg(long, value_name = "RECORDS", conflicts_with = "count")]
    limit: Option<usize>,
    /// Begins with the oldest record; the newest comes first otherwise
    #[arg(long, conflicts_with_all = ["follow", "count"])]
    oldest_first: bool,
    /// In which form; a table on a terminal, the ledger's own lines otherwise
    #[arg(long, value_name = "table|jsonl|long", value_parser = form, conflicts_with = "count")]
    format: Option<Format>,
    /// Goes on with what comes, until Ctrl-C
    #[arg(long, short, conflicts_with_all = ["count", "until"])]
    follow: bool,
    /// Prints only how many records there are
    #[arg(long)]
    count: bool,
    #[command(flatten)]
    conditions: Conditions,
    #[command(flatten)]
    parameter: Parameter,
}

/// In which form records are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// A line for people: time, user, class, verdict, outcome, milliseconds, rows, text
    Table,
    /// The ledger's own lines, byte for byte
    Jsonl,
    /// Every field on a line of its own, with an empty line between records
    Long,
}

/// The form of a word.
fn form(word: &str) -> Result<Format, String> {
    match word {
        "table" => Ok(Format::Table),
        "jsonl" => Ok(Format::Jsonl),
        "long" => Ok(Format::Long),
        "csv" | "parquet" | "ocsf" => {
            Err(format!("that is for other programs: `dragoman ledger export --format {word}`"))
        }
        _ => Err("one of `table`, `jsonl`, `long`; `dragoman ledger export` has others".to_owned()),
    }
}

impl Format {
    fn as_str(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Jsonl => "jsonl",
            Format::Long => "long",
        }
    }
}

/// Answers it.
pub(super) fn run(query: &Query) -> ExitCode {
    asking::ended(answer(query))
}

fn answer(query: &Query) -> Result<(), Failed> {
    let settings = query.whereabouts.ledger_settings()?;
    let asked = query.parameter.with(query.conditions.asked()?, &settings)?;
    let form = query.format.unwrap_or(if io::stdout().is_terminal() { Format::Table } else { Format::Jsonl });
    let format = match (query.count, query.follow) {
        (true, _) => "count".to_owned(),
        (_, true) => format!("{} (follow)", form.as_str()),
        _ => form.as_str().to_owned(),
    };
    let directory = asking::ledger_at(&settings)?;
    let follower = if query.follow { Some(Follower::at_end(&directory)?) } else { None };
    let asking = Asking::begin(&settings, false, &asked, &format)?;
    let mut shown = Shown::new(form);
    if let Some(follower) = follower {
        let limit = query.limit.unwrap_or(if query.conditions.has_since() { LIMIT } else { LIMIT_FOLLOWING });
        return follow::follow(follower, &asking, &asked, limit, &mut shown);
    }
    if query.count {
        return count(&asking, &asked);
    }
    let limit = query.limit.unwrap_or(LIMIT);
    let (looked, end) = if query.oldest_first {
        oldest_first(&asking, &asked, limit, &mut shown)?
    } else {
        newest_first(&asking, &asked, limit, &mut shown)?
    };
    shown.out.flush()?;
    asking.say(shown.records, looked, end);
    Ok(())
}

/// How records are written where they are shown.
enum Form {
    Table(Table),
    Lines,
    Long,
}

/// Where records are shown.
struct Shown {
    out: BufWriter<StdoutLock<'static>>,
    form: Form,
    records: u64,
}

impl Shown {
    fn new(form: Format) -> Shown {
        let form = match form {
            Format::Table => Form::Table(Table::of_terminal()),
            Format::Jsonl => Form::Lines,
            Format::Long => Form::Long,
        };
        Shown { out: BufWriter::with_capacity(64 * 1024, io::stdout().lock()), form, records: 0 }
    }

    fn show(&mut self, line: &[u8], record: &Value) -> io::Result<()> {
        match &self.form {
            Form::Table(table) => {
                if self.records == 0 {
                    writeln!(self.out, "{}", table.head())?;
                }
                writeln!(self.out, "{}", table.row(record))?;
            }
            Form::Lines => {
                self.out.write_all(line)?;
                self.out.write_all(b"\n")?;
            }
            Form::Long => {
                if self.records > 0 {
                    self.out.write_all(b"\n")?;
                }
                self.out.write_all(long::text(record).as_bytes())?;
            }
        }
        self.records += 1;
        Ok(())
    }
}

/// Shows records as they come by index, those of compressed segments in between. Returns how many were looked at.
fn newest_first(
    asking: &Asking,
    asked: &Asked,
    limit: usize,
    shown: &mut Shown,
) -> Result<(u64, End), Failed> {
    // One more than is shown says that there are more.
    let mut compressed = of_compressed(asking, asked, limit.saturating_add(1))?;
    let mut left = limit;
    let mut end = End::All;
    let mut problem = None;
    let searcher = Searcher::new(&asking.directory);
    let mut show = |line: &[u8], record: &Value| {
        if left == 0 {
            end = End::Newest;
            return ControlFlow::Break(());
        }
        left -= 1;
        match shown.show(line, record) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                problem = Some(error);
                ControlFlow::Break(())
            }
        }
    };
    let mut is_over = false;
    let mut visit = |found: Visited| {
        while let Some(entry) =
            compressed.newest.last_entry().filter(|entry| *entry.key() >= (found.at_us, found.id))
        {
            let (place, (line, record)) = entry.remove_entry();
            // A record that stands in both is one.
            if place != (found.at_us, found.id) {
                show(&line, &record)?;
            }
        }
        if asking.is_own(found.at_us, || &found.record) {
            ControlFlow::Continue(())
        } else {
            show(&found.line, &found.record)
        }
    };
    let looked = searcher.visit(&asked.query, asked.scope, &mut |found| {
        let went = visit(found);
        is_over |= went.is_break();
        went
    })?;
    for (_, (line, record)) in std::mem::take(&mut compressed.newest).into_iter().rev() {
        if is_over || show(&line, &record).is_break() {
            break;
        }
    }
    problem.map_or(Ok((compressed.looked + looked.records, end)), |error| Err(error.into()))
}

/// The moment and the id of a record.
type Place = (i64, u128);

/// The newest records of compressed segments, which have no index, and how many were looked at.
#[derive(Default)]
struct Compressed {
    newest: BTreeMap<Place, (Box<[u8]>, Value)>,
    looked: u64,
}

fn of_compressed(asking: &Asking, asked: &Asked, limit: usize) -> Result<Compressed, Failed> {
    let mut compressed = Compressed::default();
    if !reading::has_compressed(&asking.directory)? {
        return Ok(compressed);
    }
    let mut sieve = Sieve::of(&asked.query, asked.scope)?;
    let mut each = |line: &Line<'_>| {
        let Some(id) = line.id().filter(|_| !asking.is_own(line.at_us, || line.record())) else {
            return Ok(ControlFlow::Continue(()));
        };
        let newest = &mut compressed.newest;
        let is_newer = newest.first_key_value().is_none_or(|(oldest, _)| *oldest < (line.at_us, id));
        if newest.len() < limit || is_newer {
            newest.insert((line.at_us, id), (line.bytes.into(), line.record().clone()));
        }
        if newest.len() > limit {
            newest.pop_first();
        }
        Ok(ControlFlow::Continue(()))
    };
    reading::read(&asking.directory, Which::Compressed, &mut sieve, &mut |_| (), &mut each)?;
    compressed.looked = sieve.seen.records;
    Ok(compressed)
}

fn oldest_first(
    asking: &Asking,
    asked: &Asked,
    limit: usize,
    shown: &mut Shown,
) -> Result<(u64, End), Failed> {
    let mut sieve = Sieve::of(&asked.query, asked.scope)?;
    let mut left = limit;
    let mut end = End::All;
    let mut each = |line: &Line<'_>| {
        if asking.is_own(line.at_us, || line.record()) {
            return Ok(ControlFlow::Continue(()));
        }
        if left == 0 {
            end = End::Oldest;
            return Ok(ControlFlow::Break(()));
        }
        left -= 1;
        shown.show(line.bytes, line.record())?;
        Ok(ControlFlow::Continue(()))
    };
    reading::read(&asking.directory, Which::All, &mut sieve, &mut |_| (), &mut each)?;
    Ok((sieve.seen.records, end))
}

fn count(asking: &Asking, asked: &Asked) -> Result<(), Failed> {
    let mut records = 0_u64;
    let mut looked = 0;
    let mut is_all = !reading::has_compressed(&asking.directory)?;
    if is_all {
        let searcher = Searcher::new(&asking.directory);
        let seen = searcher.visit(&asked.query, asked.scope, &mut |found: Visited| {
            records += u64::from(!asking.is_own(found.at_us, || &found.record));
            is_all = records < COUNTED_BY_INDEX;
            if is_all { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        looked = seen?.records;
    }
    if !is_all {
        records = 0;
        let mut sieve = Sieve::of(&asked.query, asked.scope)?;
        let mut each = |line: &Line<'_>| {
            records += u64::from(!asking.is_own(line.at_us, || line.record()));
            Ok(ControlFlow::Continue(()))
        };
        reading::read(&asking.directory, Which::All, &mut sieve, &mut |_| (), &mut each)?;
        looked = sieve.seen.records;
    }
    writeln!(io::stdout(), "{records}")?;
    asking.say(records, looked, End::All);
    Ok(())
}

/// The newest records that match, oldest first, with their places.
fn newest(asking: &Asking, asked: &Asked, limit: usize) -> Result<Vec<Visited>, Failed> {
    let mut found = Vec::new();
    if limit == 0 {
        return Ok(found);
    }
    let query = LedgerQuery { cursor: None, ..asked.query.clone() };
    Searcher::new(&asking.directory).visit(&query, asked.scope, &mut |one: Visited| {
        if !asking.is_own(one.at_us, || &one.record) {
            found.push(one);
        }
        if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    found.reverse();
    Ok(found)
}
