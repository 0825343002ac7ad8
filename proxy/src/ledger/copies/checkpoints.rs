//! Which checkpoint has a place not taken yet?
//!
//! The ledger replaces its file `checkpoint` as a whole. The newest wins: one that was replaced before it was sent is
//! covered by the one that replaced it.

use super::batch::{At, Batch, moment};
use super::failure::{Failure, Kind};
use crate::ledger::note::{self, Note};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Follows the file.
#[derive(Debug)]
pub(super) struct Checkpoints {
    path: PathBuf,
    /// Hash of the note that was handed out last.
    last: String,
}

impl Checkpoints {
    /// Goes on after what `at` says.
    pub(super) fn new(directory: &Path, at: &At) -> Checkpoints {
        Checkpoints { path: directory.join("checkpoint"), last: at.hash.clone() }
    }

    /// Hands out again what came after `at`.
    pub(super) fn back_to(&mut self, at: &At) {
        self.last.clone_from(&at.hash);
    }

    /// The newest one, when it was not handed out yet.
    pub(super) fn next(&mut self) -> Result<Option<Batch>, Failure> {
        let mut bytes = Vec::new();
        match File::open(&self.path)
            .and_then(|file| file.take(note::BYTES_MAX as u64 + 1).read_to_end(&mut bytes))
        {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::of_ledger(&self.path, &error)),
        }
        let mut hash = String::new();
        for byte in Sha256::digest(&bytes) {
            let _ = write!(hash, "{byte:02x}");
        }
        if hash == self.last {
            return Ok(None);
        }
        let text = std::str::from_utf8(&bytes).ok().and_then(|text| Note::parse(text).ok());
        let Some(text) = text else {
            let detail = format!("`{}` holds no checkpoint", self.path.display());
            return Err(Failure::new(Kind::Unreadable, detail));
        };
        let words = |key: &str| {
            let mut lines = text.text().lines().map(|line| line.split(' '));
            lines.find_map(|mut words| (words.next() == Some(key)).then(|| words.collect::<Vec<_>>()))
        };
        let number = |words: &Option<Vec<&str>>, at: usize| {
            words.as_ref().and_then(|words| words.get(at)?.parse().ok()).unwrap_or_default()
        };
        let (writer, segment, time) = (words("writer"), words("segment"), words("time"));
        let name = writer.as_ref().and_then(|words| words.first()).map_or("", |name| name).to_owned();
        let after = At {
            segment: number(&segment, 0),
            bytes: number(&segment, 1),
            writer: name.clone(),
            seq: number(&writer, 1),
            hash: hash.clone(),
        };
        self.last = hash;
        let since_us = time.and_then(|words| moment(words.first()?));
        Ok(Some(Batch { bytes, from: 0, first: (name, after.seq), after, since_us }))
    }
}
