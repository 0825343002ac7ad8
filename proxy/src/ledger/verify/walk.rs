//! May this line stand behind that one?

use super::finding::Code;
use super::record::{Record, writer_text};
use crate::ledger::chain::Hash;

/// The line that was looked at last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tail {
    pub(super) writer: u128,
    pub(super) seq: u64,
    pub(super) hash: Expected,
    /// It says that its writer stops.
    pub(super) is_stop: bool,
}

/// What the next line has to call it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    One(Hash),
    /// The line was changed: the hash of its bytes, or the one it states.
    Either(Hash, Hash),
    /// The line cannot be read.
    Any,
}

impl Expected {
    pub(super) fn of(record: &Record<'_>) -> Expected {
        match record.stated {
            None => Expected::One(record.hash),
            Some(stated) => Expected::Either(record.hash, stated),
        }
    }

    pub(super) fn allows(&self, previous: &Hash) -> bool {
        match self {
            Expected::One(hash) => hash == previous,
            Expected::Either(computed, stated) => computed == previous || stated == previous,
            Expected::Any => true,
        }
    }

    /// The hash, where the line is as it was written.
    pub(super) fn sure(&self) -> Option<Hash> {
        match self {
            Expected::One(hash) => Some(*hash),
            Expected::Either(..) | Expected::Any => None,
        }
    }
}

/// What a line says of its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub(super) writer: u128,
    pub(super) seq: u64,
    pub(super) previous: Hash,
    pub(super) is_start: bool,
}

impl Claim {
    pub(super) fn of(record: &Record<'_>) -> Claim {
        let Record { writer, seq, previous, .. } = *record;
        Claim { writer, seq, previous, is_start: record.event == b"writer.start" }
    }
}

impl Tail {
    /// A line behind this one of which nothing is known but that it is there.
    pub(super) fn passed_over(self, lines: u64) -> Tail {
        if lines == 0 {
            self
        } else {
            Tail { seq: self.seq.saturating_add(lines), hash: Expected::Any, is_stop: false, ..self }
        }
    }

    /// Whether a line can be the next one, by its numbers alone.
    pub(super) fn is_before(&self, next: &Claim) -> bool {
        match self.writer == next.writer {
            true => Some(next.seq) == self.seq.checked_add(1),
            false => next.seq == 1,
        }
    }

    /// What is wrong if that line stands behind this one.
    pub(super) fn objection(&self, next: &Claim) -> Option<(Code, String)> {
        let (writer, seq) = (writer_text(next.writer), next.seq);
        if self.writer != next.writer {
            return match seq {
                1 if !self.hash.allows(&next.previous) => Some((
                    Code::MissingMiddle,
                    format!(
                        "writer {writer} went on from a line that is not the one before: lines between them are \
                         missing, or that line was rewritten"
                    ),
                )),
                1 if !next.is_start => Some(begins_without_start()),
                1 => None,
                _ => Some((
                    Code::MissingMiddle,
                    format!(
                        "{} missing before this line, and perhaps others before that",
                        records(1, seq.saturating_sub(1), &writer)
                    ),
                )),
            };
        }
        if Some(seq) == self.seq.checked_add(1) {
            let text = "the line names another line before it than the one that is there, which was put in or rewritten";
            return (!self.hash.allows(&next.previous)).then(|| (Code::BrokenLink, text.to_owned()));
        }
        if seq > self.seq {
            let text = format!(
                "{} missing before this line",
                records(self.seq.saturating_add(1), seq.saturating_sub(1), &writer)
            );
            return Some((Code::MissingMiddle, text));
        }
        let text = format!("record {seq} stands behind record {} of the same writer", self.seq);
        Some((Code::OutOfOrder, text))
    }
}

pub(super) fn begins_without_start() -> (Code, String) {
    (Code::NotARecord, "a writer begins with another record than its `writer.start`".to_owned())
}

/// `record 7 of writer … is`, `records 7 to 9 of writer … (3) are`.
pub(super) fn records(from: u64, until: u64, writer: &str) -> String {
    match until.saturating_sub(from) {
        0 => format!("record {from} of writer {writer} is"),
        more => format!("records {from} to {until} of writer {writer} ({}) are", more.saturating_add(1)),
    }
}
