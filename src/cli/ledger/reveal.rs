//! The command `ledger reveal`: what had a rule kept of these statements?

mod shown;

use super::asking::{self, Failed};
use super::conditions::{Asked, Conditions, Parameter};
use super::whereabouts::Whereabouts;
use crate::cli::{USAGE, with_causes};
use clap::Args;
use control::{LedgerQuery, QuestionFailure};
use exchange::Event;
use proxy::config::ConfigError;
use proxy::ledger::LedgerSettings;
use proxy::ledger::access::{self, Use, Written};
use proxy::ledger::reading::{self, ReadError, Sieve, Which};
use proxy::ledger::search::Scope;
use proxy::ledger::values::Opener;
use serde_json::Value;
use shown::Shown;
use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, ErrorKind};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

const MICROS_A_MILLI: i64 = 1_000;

/// What `ledger reveal` is asked.
#[derive(Debug, Args)]
pub(in crate::cli) struct Reveal {
    #[command(flatten)]
    whereabouts: Whereabouts,
    /// The record's `id`. May be repeated
    #[arg(long, value_name = "RECORD_ID")]
    id: Vec<RecordId>,
    /// Prints one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    conditions: Conditions,
    #[command(flatten)]
    parameter: Parameter,
}

/// The `id` of a record: a UUID in its usual text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RecordId(u128);

impl FromStr for RecordId {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<RecordId, &'static str> {
        let lengths: Vec<usize> = text.split('-').map(str::len).collect();
        let digits = text.replace('-', "");
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        match u128::from_str_radix(&digits, 16) {
            Ok(id) if is_plain && lengths == [8, 4, 4, 4, 12] => Ok(RecordId(id)),
            _ => Err("the `id` of a record looks like 019fccc5-1583-76a3-b9a6-10202eac4a80"),
        }
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:032x}", self.0);
        let mut rest = digits.as_str();
        for (length, before) in [(8, ""), (4, "-"), (4, "-"), (4, "-"), (12, "-")] {
            let (part, behind) = rest.split_at(length);
            write!(formatter, "{before}{part}")?;
            rest = behind;
        }
        Ok(())
    }
}

/// Why no values are shown.
#[derive(Debug, thiserror::Error)]
enum NotShown {
    /// The settings do not say where the ledger is.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is nothing to be read.
    #[error("there is no ledger at `{}`\n    hint: name the folder of the files `00000001.jsonl` …", .0.display())]
    NoLedger(PathBuf),
    /// The conditions make no sense together.
    #[error(transparent)]
    Conditions(#[from] Failed),
    /// The conditions make no sense.
    #[error("{}", .0.message)]
    Question(QuestionFailure),
    /// The ledger cannot be read, or what was read cannot be printed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The keys cannot be read.
    #[error("the value cannot be looked for with the keys in `{}`: {source}\n    hint: check the folder's owner and permissions, or name another one with `--keys`", keys.display())]
    Keys {
        /// The folder.
        keys: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// No record is asked for.
    #[error(
        "nothing says whose values to show\n    hint: `--id RECORD_ID`, or conditions as for `ledger query`"
    )]
    Nobody,
}

/// What was shown.
#[derive(Debug, Default)]
struct Tally {
    /// The records that were asked for and are not there.
    missing: BTreeSet<RecordId>,
    /// Records with values that were opened.
    opened: u64,
    /// Records with values that did not open, erased days aside.
    failed: u64,
    /// Records without any.
    without: u64,
    /// The session and the exchange of outcomes that were asked for and have none themselves.
    begun_before: BTreeSet<(String, u64)>,
}

/// Answers it.
pub(super) fn run(reveal: &Reveal) -> ExitCode {
    match answer(reveal, &mut io::stdout().lock()) {
        Ok(tally) => summed_up(&tally),
        // Who reads has gone: `| head`.
        Err(NotShown::Read(ReadError::Taker(error))) if error.kind() == ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("dragoman: {}", with_causes(&error));
            match error {
                NotShown::Conditions(Failed::Unwritten(_)) => ExitCode::FAILURE,
                NotShown::Nobody | NotShown::Question(_) | NotShown::Conditions(_) => ExitCode::from(USAGE),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn summed_up(tally: &Tally) -> ExitCode {
    for id in &tally.missing {
        eprintln!("dragoman: there is no record `{id}` in this ledger");
    }
    if tally.opened + tally.failed == 0 && tally.missing.is_empty() {
        let noun = if tally.without == 1 { "record" } else { "records" };
        eprintln!("dragoman: {} {noun} found, and no rule had values of them kept", tally.without);
    }
    if tally.failed > 0 || !tally.missing.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn answer(reveal: &Reveal, output: &mut dyn io::Write) -> Result<Tally, NotShown> {
    let settings = reveal.whereabouts.ledger_settings()?;
    let wanted: BTreeSet<RecordId> = reveal.id.iter().copied().collect();
    let unread = |source| NotShown::Keys { keys: settings.keys.clone(), source };
    let asked = reveal.parameter.with(asked(reveal, &wanted)?, &settings).map_err(unread)?;
    let mut sieve = Sieve::of(&asked.query, asked.scope).map_err(NotShown::Question)?;
    match reading::has_segments(&settings.directory) {
        Ok(true) => {}
        Err(source) if source.kind() != ErrorKind::NotFound => {
            return Err(ReadError::Unreadable { path: settings.directory, source }.into());
        }
        Ok(false) | Err(_) => return Err(NotShown::NoLedger(settings.directory)),
    }
    tell(&settings, reveal, &asked)?;
    let mut opener = Opener::new(&settings.keys);
    let mut tally = Tally { missing: wanted.clone(), ..Tally::default() };
    reading::read(&settings.directory, Which::All, &mut sieve, &mut |_| {}, &mut |line| {
        let record = line.record();
        if !wanted.is_empty() && !line.id().is_some_and(|id| wanted.contains(&RecordId(id))) {
            return Ok(ControlFlow::Continue(()));
        }
        tally.missing.remove(&RecordId(line.id().unwrap_or_default()));
        match Shown::of(record, &mut opener) {
            Some(shown) => {
                tally.opened += u64::from(!shown.is_failure());
                tally.failed += u64::from(shown.is_failure());
                let text = if reveal.json { shown.json() } else { shown.text() };
                output.write_all(text.as_bytes())?;
            }
            None => {
                tally.without += 1;
                tally.begun_before.extend(begun_before(record));
            }
        }
        let is_done = !wanted.is_empty() && tally.missing.is_empty();
        Ok(if is_done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    if !wanted.is_empty() {
        show_beginnings(&settings, reveal, &mut opener, &mut tally, output)?;
    }
    output.flush().map_err(ReadError::Taker)?;
    Ok(tally)
}

/// Where the values of a statement stand of which this is the outcome: with the record it began with.
fn begun_before(record: &Value) -> Option<(String, u64)> {
    if record["event"] != Event::StatementOutcome.as_str() {
        return None;
    }
    Some((record["session"].as_str()?.to_owned(), record["exchange"].as_u64()?))
}

/// Shows the values of the statements whose outcomes were asked for by their ids.
fn show_beginnings(
    settings: &LedgerSettings,
    reveal: &Reveal,
    opener: &mut Opener,
    tally: &mut Tally,
    output: &mut dyn io::Write,
) -> Result<(), NotShown> {
    for (session, exchange) in std::mem::take(&mut tally.begun_before) {
        let query = LedgerQuery {
            session: Some(session),
            events: vec![Event::StatementIntent.as_str().to_owned()],
            // A sieve gives all there are.
            limit: 1,
            ..LedgerQuery::default()
        };
        let before = (tally.opened, tally.failed);
        let mut sieve = Sieve::of(&query, Scope::Everything).map_err(NotShown::Question)?;
        reading::read(&settings.directory, Which::All, &mut sieve, &mut |_| {}, &mut |line| {
            let record = line.record();
            let shown = (record["exchange"] == exchange).then(|| Shown::of(record, opener)).flatten();
            let Some(shown) = shown else { return Ok(ControlFlow::Continue(())) };
            tally.opened += u64::from(!shown.is_failure());
            tally.failed += u64::from(shown.is_failure());
            output.write_all(if reveal.json { shown.json() } else { shown.text() }.as_bytes())?;
            Ok(ControlFlow::Continue(()))
        })?;
        let is_found = before != (tally.opened, tally.failed);
        tally.without = tally.without.saturating_sub(u64::from(is_found));
    }
    Ok(())
}

/// The question: the conditions, and where ids are given only what may have one of them, for an id has the moment of
/// its record in it.
fn asked(reveal: &Reveal, ids: &BTreeSet<RecordId>) -> Result<Asked, NotShown> {
    let mut asked = reveal.conditions.asked()?;
    let millis = |id: &RecordId| i64::try_from(id.0 >> 80).unwrap_or(i64::MAX / MICROS_A_MILLI);
    match (ids.iter().map(millis).min(), ids.iter().map(millis).max()) {
        (Some(first), Some(last)) => {
            let query = &mut asked.query;
            let (from_us, until_us) = (first * MICROS_A_MILLI, (last + 1) * MICROS_A_MILLI);
            query.from_us = Some(query.from_us.map_or(from_us, |since| since.max(from_us)));
            query.until_us = Some(query.until_us.map_or(until_us, |until| until.min(until_us)));
        }
        _ if asked.words() == "all" && reveal.parameter.is_none() => return Err(NotShown::Nobody),
        _ => {}
    }
    Ok(asked)
}

/// Has it written down, before anything is shown, that values are read. Where a gateway could have and did not, nothing is
/// shown.
fn tell(settings: &LedgerSettings, reveal: &Reveal, asked: &Asked) -> Result<(), Failed> {
    let ids = reveal.id.iter().map(|id| format!("id={id} "));
    let is_all = reveal.conditions.asked().is_ok_and(|asked| asked.words() == "all");
    // The moments that ids have in them say nothing more.
    let is_by_ids = is_all && !reveal.id.is_empty() && reveal.parameter.is_none();
    let words = if is_by_ids { String::new() } else { asked.words() };
    let usage = Use {
        takes_away: false,
        asked: asking::fitting(
            format!("values of {}{words}", ids.collect::<String>()).trim_end().to_owned(),
        )?,
        format: if reveal.json { "json" } else { "text" }.to_owned(),
    };
    match access::write_down(settings, &usage) {
        Written::Refused(why) => return Err(Failed::Unwritten(why)),
        Written::Nowhere(why) => {
            eprintln!("dragoman: that these values are read is not recorded in the ledger: {why}");
        }
        Written::ByGateway | Written::ByOneself => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_record_is_read_as_it_is_written() {
        for text in ["019fccc5-1583-76a3-b9a6-10202eac4a80", "00000000-0000-0000-0000-000000000000"] {
            assert_eq!(text.parse::<RecordId>().map(|id| id.to_string()), Ok(text.to_owned()));
        }
        for bad in
            ["", "019fccc5", "019fccc5158376a3b9a610202eac4a80", "+19fccc5-1583-76a3-b9a6-10202eac4a80", "é"]
        {
            assert!(bad.parse::<RecordId>().is_err(), "{bad}");
        }
    }
}
