//! How do lines of one process get into the ledger of the one that has replaced it?
//!
//! The process before makes them without writer, number and chain and sends them in batches ([`push`]); this one reads
//! a batch, looks at each line once, and lays it into a journal like a record of its own ([`Arrivals`]). A batch is
//! answered when its last line is kept, and so all before it.
//!
//! ```text
//! line = class: u8 (255: no statement), length of front: u32, length of rest: u32 (little endian), front, rest
//! ```

use super::line::BEGINNING;
use super::{past, segment_name};
use exchange::{Class, Event, OpenLine, Record, RecordBody};
use relay::journal::{Journal, JournalReader, LedgerHealth, Ticket, journal};
use std::collections::HashSet;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

/// Stands for the class of a line that tells of no statement.
const NO_STATEMENT: u8 = u8::MAX;

/// How often it is looked whether there is room for a line.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Bytes at the end of a ledger in which lines are looked for that were sent and not answered: twice as many as can be.
const LAST_BYTES: u64 = 16 * 1024 * 1024;

/// What came is no batch of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what the process before has sent are no lines of a ledger")]
pub(crate) struct NoLines;

/// Appends a line to a batch.
pub(super) fn push(batch: &mut Vec<u8>, line: &OpenLine) {
    let class = line.class.and_then(|class| u8::try_from(class.index()).ok()).unwrap_or(NO_STATEMENT);
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
    batch.push(class);
    batch.extend_from_slice(&length(&line.front));
    batch.extend_from_slice(&length(&line.rest));
    batch.extend_from_slice(&line.front);
    batch.extend_from_slice(&line.rest);
}

/// The lines of a batch, each of which can be tied into the chain as it is.
pub(super) fn read(mut batch: &[u8]) -> Result<Vec<(Event, OpenLine)>, NoLines> {
    let mut lines = Vec::new();
    while !batch.is_empty() {
        let class = take(&mut batch, 1)?.first().copied().unwrap_or(NO_STATEMENT);
        let class = match class {
            NO_STATEMENT => None,
            index => Some(Class::ALL.get(usize::from(index)).copied().ok_or(NoLines)?),
        };
        let (front, rest) = (length(&mut batch)?, length(&mut batch)?);
        let (front, rest) = (take(&mut batch, front)?, take(&mut batch, rest)?);
        if !is_plain(front) || !is_plain(rest) || !matches!(rest.first(), None | Some(b',')) {
            return Err(NoLines);
        }
        let line = OpenLine { class, front: front.into(), rest: rest.into() };
        lines.push((event(front).ok_or(NoLines)?, line));
    }
    Ok(lines)
}

/// A line as a record.
pub(super) fn record(event: Event, line: OpenLine) -> Record {
    Record { event, at_us: 0, session: None, body: RecordBody::Line(Box::new(line)) }
}

fn take<'a>(batch: &mut &'a [u8], count: usize) -> Result<&'a [u8], NoLines> {
    let (taken, left) = batch.split_at_checked(count).ok_or(NoLines)?;
    *batch = left;
    Ok(taken)
}

fn length(batch: &mut &[u8]) -> Result<usize, NoLines> {
    let bytes: [u8; 4] = take(batch, 4)?.try_into().map_err(|_| NoLines)?;
    usize::try_from(u32::from_le_bytes(bytes)).map_err(|_| NoLines)
}

/// Whether it is text on one line: what would end a line early would be two.
fn is_plain(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok() && bytes.iter().all(|byte| *byte >= b' ')
}

/// The event that a line begins with.
fn event(front: &[u8]) -> Option<Event> {
    let word = front.strip_prefix(BEGINNING)?;
    let end = word.iter().position(|byte| *byte == b'"')?;
    let word = word.get(..end)?;
    Event::ALL.into_iter().find(|event| event.as_str().as_bytes() == word)
}

/// A record's id, as a line has it.
pub(super) type Id = [u8; 36];

/// The id that a line, or the front of one, tells.
pub(super) fn id(line: &[u8]) -> Option<Id> {
    let word = line.strip_prefix(BEGINNING)?;
    let end = word.iter().position(|byte| *byte == b'"')?;
    let rest = word.get(end..)?.strip_prefix(b"\",\"id\":\"")?;
    rest.first_chunk().copied()
}

/// The ids of the lines at the end of a ledger: of as many bytes as a process that has ended can have written without
/// saying so, and more.
pub(super) fn last_ids(directory: &Path) -> io::Result<HashSet<Id>> {
    let (_, segments) = past::segments(directory)?;
    let mut ids = HashSet::new();
    let mut left = LAST_BYTES;
    for segment in segments.iter().rev().filter(|segment| !segment.is_compressed) {
        let mut file = segment_name::open(&segment.path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(left)))?;
        let mut bytes = Vec::new();
        file.take(left).read_to_end(&mut bytes)?;
        ids.extend(bytes.split(|byte| *byte == b'\n').filter_map(id));
        left = left.saturating_sub(length);
        if left == 0 {
            break;
        }
    }
    Ok(ids)
}

/// Takes lines of the process before into this one's ledger.
#[derive(Debug)]
pub(crate) struct Arrivals {
    journal: Journal,
    health: Arc<LedgerHealth>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrived {
    /// Whether it is kept as the ledger's `sync` promises; if not it is in memory and tried again.
    pub(crate) is_kept: bool,
    /// Whether a copy that is required takes nothing.
    pub(crate) is_copy_failing: bool,
}

impl Arrivals {
    /// Both ends of the journal they go by.
    pub(crate) fn new(health: &Arc<LedgerHealth>) -> (Arrivals, JournalReader) {
        let (journal, reader) = journal(Arc::clone(health));
        (Arrivals { journal, health: Arc::clone(health) }, reader)
    }

    /// Takes a batch and waits until it is kept, or cannot be for now. `None` once `stopped` is set: nobody can tell then
    /// how much of it is kept.
    pub(crate) fn take(&mut self, batch: &[u8], stopped: &AtomicBool) -> Result<Option<Arrived>, NoLines> {
        let mut lines = read(batch)?;
        let last = lines.pop();
        for (event, line) in lines {
            if !self.make_room(stopped) {
                return Ok(None);
            }
            self.journal.write_reserved(record(event, line));
        }
        let Some((event, line)) = last else { return Ok(Some(self.arrived(true))) };
        if !self.make_room(stopped) {
            return Ok(None);
        }
        self.journal.release();
        let ticket = Arc::new(Ticket::default());
        // There was room just now, and nobody else writes.
        let taken = self.journal.intend(record(event, line), &ticket).is_ok();
        Ok(Some(self.arrived(taken && wait_for(&ticket))))
    }

    fn arrived(&self, is_kept: bool) -> Arrived {
        Arrived { is_kept, is_copy_failing: self.health.is_copy_failing() }
    }

    /// Waits for room for one line.
    fn make_room(&mut self, stopped: &AtomicBool) -> bool {
        while self.journal.reserve().is_err() {
            if stopped.load(Ordering::Relaxed) {
                return false;
            }
            std::thread::park_timeout(LOOK_EVERY);
        }
        true
    }
}

/// Waits for the answer: every ticket gets one.
fn wait_for(ticket: &Ticket) -> bool {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Unpark>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    loop {
        if let Poll::Ready(answer) = ticket.poll(&mut Context::from_waker(&waker)) {
            return answer;
        }
        std::thread::park();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn line(front: &str, rest: &str, class: Option<Class>) -> OpenLine {
        OpenLine { class, front: front.as_bytes().into(), rest: rest.as_bytes().into() }
    }

    const FRONT: &str = r#"{"v":1,"event":"session.end","id":"x","ts":"y"#;

    #[test]
    fn a_batch_is_read_as_it_was_written() {
        let lines = [line(FRONT, "", None), line(FRONT, r#","note":"é""#, Some(Class::Unknown))];
        let mut batch = Vec::new();
        lines.iter().for_each(|line| push(&mut batch, line));
        let read = read(&batch).unwrap();
        assert_eq!(read, lines.map(|line| (Event::SessionEnd, line)));
        assert_eq!(super::read(b""), Ok(Vec::new()));
    }

    #[test]
    fn the_ids_of_the_last_lines_are_found_whatever_is_around_them() {
        let folder = tempfile::tempdir().unwrap();
        let id_of = |number: usize| format!("019fccc5-1589-7fae-94ff-{number:012}");
        let line = |number: usize| {
            format!("{{\"v\":1,\"event\":\"session.end\",\"id\":\"{}\",\"ts\":\"y\"}}\n", id_of(number))
        };
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("00000001.jsonl", &(line(1) + &line(2)));
        write("00000002.jsonl", &(line(3) + "{\"v\":1,\"event\":\"torn"));
        write("00000003.jsonl", "");
        let ids = last_ids(folder.path()).unwrap();
        let expected: HashSet<Id> =
            [1, 2, 3].map(|number| id_of(number).into_bytes().try_into().unwrap()).into();
        assert_eq!(ids, expected);
    }

    #[test]
    fn what_could_not_be_a_line_is_refused() {
        let cases = [
            (FRONT.to_owned(), ",\"note\":\"a\nb\"".to_owned(), "two lines"),
            (FRONT.to_owned(), "\"note\":\"a\"".to_owned(), "no comma"),
            (FRONT.replace("session.end", "session.ended"), String::new(), "no event of ours"),
            (FRONT.replace("\"v\":1", "\"v\":2"), String::new(), "another version"),
        ];
        for (front, rest, what) in cases {
            let mut batch = Vec::new();
            push(&mut batch, &line(&front, &rest, None));
            assert_eq!(read(&batch), Err(NoLines), "{what}");
        }
        let mut batch = Vec::new();
        push(&mut batch, &line(FRONT, "", None));
        for cut in 1..batch.len() {
            assert_eq!(read(batch.get(..cut).unwrap()), Err(NoLines), "cut at {cut}");
        }
        *batch.first_mut().unwrap() = 200;
        assert_eq!(read(&batch), Err(NoLines), "no class of ours");
    }
}
