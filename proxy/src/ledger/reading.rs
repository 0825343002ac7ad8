//! Which records does a ledger have, in the order they were written?
//!
//! Every segment is read from its first byte to its last, plain ones and compressed ones (`.jsonl.zst`) alike, in
//! bounded memory. A line is looked at with vector instructions first and taken apart only if it may be wanted. Closed
//! segments whose index says that nothing in them happened in the time asked for are passed over.

mod lines;

use super::index::{Glance, Sidecar};
use super::search::{Question, Scope};
use control::{LedgerQuery, QuestionFailure};
use lines::Lines;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Why records cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The question makes no sense.
    #[error("{}", .0.message)]
    Question(QuestionFailure),
    /// The directory or a segment cannot be read.
    #[error("cannot read the ledger at `{}`: {source}\n    hint: check its owner and its permissions", path.display())]
    Unreadable {
        /// The directory or the segment.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What was read cannot be handed on.
    #[error(transparent)]
    Taker(#[from] io::Error),
}

/// A line that is wanted.
#[derive(Debug)]
pub struct Line<'a> {
    /// When it happened, in microseconds since 1970-01-01 UTC.
    pub at_us: i64,
    /// As it is stored, without its line feed.
    pub bytes: &'a [u8],
    record: OnceCell<Value>,
}

impl Line<'_> {
    /// What it says.
    pub fn record(&self) -> &Value {
        // It was a JSON text when it was taken.
        self.record.get_or_init(|| serde_json::from_slice(self.bytes).unwrap_or_default())
    }

    /// Its UUID.
    pub fn id(&self) -> Option<u128> {
        super::index::id(self.record().get("id")?.as_str()?.as_bytes())
    }
}

/// Says of each line whether it is wanted.
#[derive(Debug)]
pub struct Sieve<'a> {
    question: Question<'a>,
    glance: Glance,
    /// What was looked at so far.
    pub seen: Seen,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Records.
    pub records: u64,
    /// Lines that are none.
    pub lines_skipped: u64,
}

impl<'a> Sieve<'a> {
    /// For a question. Its limit and cursor do not matter.
    pub fn of(query: &'a LedgerQuery, scope: Scope) -> Result<Sieve<'a>, QuestionFailure> {
        let question = Question::of(query, scope)?;
        Ok(Sieve { question, glance: Glance::default(), seen: Seen::default() })
    }

    /// The line, without its line feed, if it is wanted.
    pub fn take<'l>(&mut self, bytes: &'l [u8]) -> Option<Line<'l>> {
        let Some(at_us) = self.glance.look(bytes) else {
            self.seen.lines_skipped += 1;
            return None;
        };
        self.seen.records += 1;
        if self.question.wants_everything() {
            // The glance takes more for a record than is one.
            let is_json = serde_json::from_slice::<&RawValue>(bytes).is_ok();
            return is_json.then(|| Line { at_us, bytes, record: OnceCell::new() });
        }
        if !self.question.may_want(at_us, &self.glance) {
            return None;
        }
        let record: Value = serde_json::from_slice(bytes).ok()?;
        self.question.wants(&record).then(|| Line { at_us, bytes, record: OnceCell::from(record) })
    }
}

/// Which segments are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Those that a search by index leaves out.
    Compressed,
}

/// A segment's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Plain,
    Compressed,
}

/// How many bytes the segments of a ledger have, for who shows how far reading has come.
pub fn segment_bytes(directory: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for (number, form) in segments(directory)? {
        // One that is gone meanwhile has none.
        bytes += fs::metadata(path(directory, number, form)).map_or(0, |metadata| metadata.len());
    }
    Ok(bytes)
}

/// Whether there are segments that a search by index leaves out.
pub fn has_compressed(directory: &Path) -> io::Result<bool> {
    Ok(segments(directory)?.values().any(|form| *form == Form::Compressed))
}

/// Whether there is any segment.
pub fn has_segments(directory: &Path) -> io::Result<bool> {
    Ok(!segments(directory)?.is_empty())
}

/// Shows every record that `sieve` takes in the order of writing, until `each` breaks it off. `progress` is told now
/// and then how many bytes of segments are done.
pub fn read(
    directory: &Path,
    which: Which,
    sieve: &mut Sieve<'_>,
    progress: &mut dyn FnMut(u64),
    each: &mut dyn FnMut(&Line<'_>) -> io::Result<ControlFlow<()>>,
) -> Result<(), ReadError> {
    let unreadable = |path: PathBuf| move |source| ReadError::Unreadable { path, source };
    let segments = segments(directory).map_err(unreadable(directory.to_owned()))?;
    let newest = segments.last_key_value().map(|(number, _)| *number);
    let mut repeats = Repeats::default();
    let mut done = 0;
    for (number, form) in segments {
        let wanted = which == Which::All || form == Form::Compressed;
        let Some((path, mut lines)) = (if wanted { open(directory, number, form)? } else { None }) else {
            continue;
        };
        let bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
        if Some(number) == newest || form == Form::Compressed || may_hold(directory, number, &sieve.question)
        {
            let ended =
                segment(&mut lines, &mut repeats, sieve, &mut |read| progress(done + read.min(bytes)), each);
            match ended {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => return Ok(()),
                Err(Ended::Source(source)) => return Err(ReadError::Unreadable { path, source }),
                Err(Ended::Taker(error)) => return Err(ReadError::Taker(error)),
            }
        }
        done += bytes;
        progress(done);
    }
    Ok(())
}

/// Why a segment was not read to its end.
enum Ended {
    Source(io::Error),
    Taker(io::Error),
}

fn segment(
    lines: &mut Lines,
    repeats: &mut Repeats,
    sieve: &mut Sieve<'_>,
    progress: &mut dyn FnMut(u64),
    each: &mut dyn FnMut(&Line<'_>) -> io::Result<ControlFlow<()>>,
) -> Result<ControlFlow<()>, Ended> {
    let mut told = 0;
    while let Some(line) = lines.next().map_err(Ended::Source)? {
        if repeats.is_repeated(line) {
            continue;
        }
        if let Some(line) = sieve.take(line)
            && each(&line).map_err(Ended::Taker)?.is_break()
        {
            return Ok(ControlFlow::Break(()));
        }
        if lines.bytes() - told >= lines::READ_BYTES as u64 {
            told = lines.bytes();
            progress(told);
        }
    }
    sieve.seen.lines_skipped += lines.too_long();
    repeats.end_of_segment(lines.last());
    Ok(ControlFlow::Continue(()))
}

/// Whether something in a closed segment may have happened in the time asked for, as far as an index says.
fn may_hold(directory: &Path, number: u64, question: &Question<'_>) -> bool {
    match Sidecar::load(directory, number) {
        Ok(Some(sidecar)) => sidecar.parts.iter().any(|part| question.spans(part.span())),
        _ => true,
    }
}

/// After a failed disk the lines at the end of a segment stand again at the beginning of the next: they are one record
/// each.
#[derive(Debug, Default)]
struct Repeats {
    /// The last line of the segment before, while the lines of this one may stand in it.
    last: Option<Numbered>,
}

#[derive(Debug, Deserialize)]
struct Numbered {
    writer: String,
    seq: u64,
}

impl Repeats {
    fn is_repeated(&mut self, line: &[u8]) -> bool {
        let Some(last) = &self.last else { return false };
        let is_repeated = serde_json::from_slice::<Numbered>(line)
            .is_ok_and(|line| line.writer == last.writer && line.seq <= last.seq);
        if !is_repeated {
            self.last = None;
        }
        is_repeated
    }

    fn end_of_segment(&mut self, last: &[u8]) {
        if let Ok(last) = serde_json::from_slice(last) {
            self.last = Some(last);
        }
    }
}

/// Every segment and its form. One that is there in both forms is being compressed: the plain one is whole.
fn segments(directory: &Path) -> io::Result<BTreeMap<u64, Form>> {
    let mut segments = BTreeMap::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let Some((digits, ending)) = name.to_str().and_then(|name| name.split_once('.')) else { continue };
        let Some(number) = crate::ledger::segment_name::number(digits) else { continue };
        let form = match ending {
            // As the ledger writes it; `7.jsonl` is somebody else's.
            _ if format!("{number:08}") != digits => continue,
            "jsonl" => Form::Plain,
            "jsonl.zst" => Form::Compressed,
            _ => continue,
        };
        let known = segments.entry(number).or_insert(form);
        if form == Form::Plain {
            *known = form;
        }
    }
    Ok(segments)
}

/// The newest plain segment; with `after` the next one above that number.
pub(super) fn plain_after(directory: &Path, after: Option<u64>) -> io::Result<Option<u64>> {
    let segments = segments(directory)?;
    let mut plain = segments.into_iter().filter(|(_, form)| *form == Form::Plain).map(|(number, _)| number);
    Ok(match after {
        Some(after) => plain.find(|number| *number > after),
        None => plain.next_back(),
    })
}

fn path(directory: &Path, number: u64, form: Form) -> PathBuf {
    directory.join(match form {
        Form::Plain => format!("{number:08}.jsonl"),
        Form::Compressed => format!("{number:08}.jsonl.zst"),
    })
}

/// `None` when the segment was removed meanwhile.
fn open(directory: &Path, number: u64, form: Form) -> Result<Option<(PathBuf, Lines)>, ReadError> {
    // What was plain a moment ago may have been compressed.
    let forms: &[Form] =
        if form == Form::Plain { &[Form::Plain, Form::Compressed] } else { &[Form::Compressed] };
    for form in forms {
        let path = path(directory, number, *form);
        let opened = File::open(&path).and_then(|file| match form {
            Form::Plain => Ok(Lines::plain(file)),
            Form::Compressed => Lines::compressed(file),
        });
        match opened {
            Ok(lines) => return Ok(Some((path, lines))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(ReadError::Unreadable { path, source }),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
