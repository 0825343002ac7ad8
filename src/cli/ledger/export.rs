//! The command `ledger export`: how do records become a file of other programs?

use super::asking::{self, Asking, End, Failed, grouped};
use super::conditions::{Asked, Conditions, Parameter};
use super::whereabouts::Whereabouts;
use clap::{Args, ValueEnum};
use proxy::ledger::export::{self, Destination, Export as Exporting};
use proxy::ledger::reading::{self, Line, Sieve, Which};
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How often somebody at a terminal is told how far it is.
const TELL_EVERY: Duration = Duration::from_millis(200);
/// What is written at once.
const WRITE_BYTES: usize = 256 * 1024;

/// What `ledger export` is asked.
#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    #[command(flatten)]
    whereabouts: Whereabouts,
    /// In which form
    #[arg(long, value_enum)]
    format: Format,
    /// The file to write, `-` for standard output; it appears when it is complete. A pipe or a device is written into
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Replaces the file if there is one already
    #[arg(long)]
    force: bool,
    /// Most records; all there are if not given
    #[arg(long, value_name = "RECORDS")]
    limit: Option<u64>,
    #[command(flatten)]
    conditions: Conditions,
    #[command(flatten)]
    parameter: Parameter,
}

/// In which form records leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The ledger's own lines, byte for byte
    Jsonl,
    /// A table as text (RFC 4180)
    Csv,
    /// A table with types (Apache Parquet)
    Parquet,
    /// Events of the Open Cybersecurity Schema Framework, one a line
    Ocsf,
}

impl Format {
    fn form(self) -> export::Format {
        match self {
            Format::Jsonl => export::Format::Jsonl,
            Format::Csv => export::Format::Csv,
            Format::Parquet => export::Format::Parquet,
            Format::Ocsf => export::Format::Ocsf,
        }
    }
}

/// Answers it.
pub(super) fn run(export: &Export) -> ExitCode {
    asking::ended(answer(export))
}

fn answer(export: &Export) -> Result<(), Failed> {
    let settings = export.whereabouts.ledger_settings()?;
    let asked = export.parameter.with(export.conditions.asked()?, &settings)?;
    let to_stdout = export.output == Path::new("-");
    if to_stdout && export.format == Format::Parquet && io::stdout().is_terminal() {
        return Err(Failed::NoText);
    }
    // A file that cannot be written is told of before anything is read.
    let file = if to_stdout {
        None
    } else {
        asking::ledger_at(&settings)?;
        Some(Destination::open(&export.output, export.force).map_err(of_file(&export.output))?)
    };
    let asking = Asking::begin(&settings, true, &asked, export.format.form().as_str())?;
    let (records, looked, end) = match file {
        None => {
            let out = BufWriter::with_capacity(WRITE_BYTES, io::stdout());
            let Wrote { records, looked, end, .. } = write(export, &asking, &asked, out)?;
            (records, looked, end)
        }
        Some(file) => {
            let out = BufWriter::with_capacity(WRITE_BYTES, file);
            let written = write(export, &asking, &asked, out);
            let Wrote { records, looked, end, out } = written.map_err(|failed| match failed {
                Failed::Io(source) => of_file(&export.output)(source),
                other => other,
            })?;
            let file = out.into_inner().map_err(|error| of_file(&export.output)(error.into_error()))?;
            file.keep().map_err(of_file(&export.output))?;
            (records, looked, end)
        }
    };
    asking.say(records, looked, end);
    Ok(())
}

fn of_file(path: &Path) -> impl Fn(io::Error) -> Failed {
    move |source| match source.kind() {
        io::ErrorKind::AlreadyExists => Failed::Exists(path.to_owned()),
        _ => Failed::File { path: path.to_owned(), source },
    }
}

/// What was written.
struct Wrote<W> {
    records: u64,
    looked: u64,
    end: End,
    out: W,
}

/// Writes all that is asked for.
fn write<W: Write + Send>(
    export: &Export,
    asking: &Asking,
    asked: &Asked,
    out: W,
) -> Result<Wrote<W>, Failed> {
    let mut exporting = Exporting::begin(export.format.form(), out)?;
    let mut sieve = Sieve::of(&asked.query, asked.scope)?;
    let mut told = Told::begin(reading::segment_bytes(&asking.directory)?);
    let limit = export.limit.unwrap_or(u64::MAX);
    let mut end = End::All;
    let mut each = |line: &Line<'_>| {
        if exporting.records >= limit {
            end = End::Oldest;
            return Ok(ControlFlow::Break(()));
        }
        exporting.take(line)?;
        Ok(ControlFlow::Continue(()))
    };
    reading::read(&asking.directory, Which::All, &mut sieve, &mut |bytes| told.tell(bytes), &mut each)?;
    told.end();
    let records = exporting.records;
    Ok(Wrote { records, looked: sieve.seen.records, end, out: exporting.finish()? })
}

/// How far it is, for somebody at a terminal.
struct Told {
    total: u64,
    last: Option<Instant>,
}

impl Told {
    fn begin(total: u64) -> Told {
        // Where records go to the same screen there is no room for it.
        let is_watched = io::stderr().is_terminal() && !io::stdout().is_terminal();
        Told { total, last: is_watched.then(Instant::now) }
    }

    fn tell(&mut self, bytes: u64) {
        if self.last.is_some_and(|last| last.elapsed() >= TELL_EVERY) {
            self.last = Some(Instant::now());
            let percent = (bytes.saturating_mul(100) / self.total.max(1)).min(100);
            eprint!("\r{percent:>3} % of {} MB", grouped(self.total / 1_000_000));
        }
    }

    fn end(&self) {
        if self.last.is_some() {
            // What stood there is wiped out.
            eprint!("\r{:<40}\r", "");
        }
    }
}
