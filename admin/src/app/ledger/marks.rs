//! What do the ledgers say of themselves: what was signed, what is missing, what was removed or erased, and when
//! did a writer start and stop?
//!
//! These records belong to no listener. They are of the whole ledger of each data plane that has listeners of the
//! workspace, as the status is, and hold nothing of anybody's statements.

use super::looks::{Asking, Part};
use super::readers::{Handed, reader};
use super::{Answer, Asked, Place, ask, conditions, write_down};
use crate::operation::Operation;
use crate::problem::Problem;
use admin_store::now_us;
use exchange::Event;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// What stands between what was signed and its signatures.
const BEFORE_SIGNATURES: &str = "\n\n";
const SIGNATURE: &str = "\u{2014} ";

/// The events that a ledger has of itself.
pub const EVENTS: [Event; 6] = [
    Event::Checkpoint,
    Event::WriterGap,
    Event::LedgerRemoved,
    Event::LedgerErased,
    Event::WriterStart,
    Event::WriterStop,
];

/// Looks for what the ledgers say of themselves, newest first, and writes down that somebody did.
pub async fn marks(operation: &Operation, mut asked: Asked) -> Result<Answer, Problem> {
    if asked.query.events.is_empty() {
        asked.query.events = EVENTS.iter().map(|event| event.as_str().to_owned()).collect();
    }
    asked.query.gateway = true;
    asked.is_of_own_planes = true;
    let mut details = conditions(&asked);
    let part = if asked.after.is_none() { Part::First } else { Part::Later };
    let asking = Asking::of(operation, &details, asked.limit, part, now_us())?;
    // The newest are asked for again and again, by a page that stays open: that tells nothing new of who looks.
    if !asking.is_told {
        asked.query.reader = Some(reader(operation, &details, Handed::Shown("marks")).await?);
    }
    let answer = ask(operation, asked).await?;
    if !asking.is_told {
        asking.told(operation);
    }
    if !asking.goes_on {
        details.insert("records".to_owned(), json!(answer.found.len()));
        write_down(operation, details).await?;
        asking.written_down(operation);
    }
    Ok(answer)
}

/// What a checkpoint says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose ledger it is.
    pub ledger: String,
    /// Records that it covers, of all writers.
    pub records: u64,
    /// Writers.
    pub writers: u64,
    /// The root of the tree over the last lines of all writers, in base64.
    pub root: String,
    /// The segment in which the last line it covers stands.
    pub segment: String,
    /// SHA-256 of what is signed by the one before, in hexadecimal digits.
    pub previous: String,
    /// The same of this one.
    pub digest: String,
    /// The id of the key that signed, eight hexadecimal digits.
    pub key_id: String,
    /// All of it, with its signature.
    pub note: String,
}

impl Checkpoint {
    /// Of a record; nothing of it is verified here. `None` where it has none that can be read.
    pub fn of(record: &Value) -> Option<Checkpoint> {
        let note = record.get("checkpoint")?.as_str()?;
        let (text, signatures) = note.rsplit_once(BEFORE_SIGNATURES)?;
        let text = format!("{text}\n");
        let mut lines = text.lines();
        let ledger = lines.next()?.to_owned();
        let mut read =
            Checkpoint { ledger, note: note.to_owned(), digest: digest(&text), ..Checkpoint::default() };
        for (word, rest) in lines.filter_map(|line| line.split_once(' ')) {
            match word {
                "records" => read.records = rest.parse().ok()?,
                "writers" => read.writers = rest.parse().ok()?,
                "root" => rest.clone_into(&mut read.root),
                "segment" => rest.split(' ').next()?.clone_into(&mut read.segment),
                "previous" => rest.clone_into(&mut read.previous),
                _ => {}
            }
        }
        read.key_id = key_id(signatures)?;
        Some(read)
    }
}

/// The id of the key of the first signature: the first four bytes of what is signed in base64.
fn key_id(signatures: &str) -> Option<String> {
    use base64::Engine as _;
    let (_, signature) = signatures.lines().next()?.strip_prefix(SIGNATURE)?.split_once(' ')?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(signature).ok()?;
    Some(hex(bytes.get(..4)?))
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// Where a part goes on.
pub fn next(answer: &Answer) -> Option<[u8; 24]> {
    answer.next.map(Place::bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Checkpoint;
    use serde_json::json;

    /// The example of docs/ledger.md.
    const NOTE: &str = "dragoman-ledger/01a1ff2b-d5d4-747f-8603-cb53e7135113\nversion 1\nrecords 6749\nwriters 1\n\
        root 6BfsE2YRuhOxv/ZdjjDt5shN1c2CO2G6QF4iB/iaplw=\n\
        writer 01a1ff2b-d5d4-747f-8603-cb53e7135113 6749 aee6fccad1e59a674731bc936aa68b154915b9b27a374a289d6d57ee3cbf60a7\n\
        segment 00000794 12248\ntime 2026-11-21T17:33:45.668642Z\n\
        previous f5fad9f08441759717be04c5b888b6c7c5560ffb073d1cefa022e7de8a9e9668\n\n\
        \u{2014} dragoman-ledger/01a1ff2b-d5d4-747f-8603-cb53e7135113 cJmlJ6H/F0VtVIEkhrJ8yi6KpUIbyFAnLjlpsPnGDh1KsR5DRgRuQzWwfFm47ppFL9l9jAR6npWXmjCOKi0e7z1FfQQ=\n";

    #[test]
    fn a_checkpoint_is_read_as_it_is_signed() {
        let read = Checkpoint::of(&json!({ "checkpoint": NOTE })).unwrap();
        assert_eq!(read.ledger, "dragoman-ledger/01a1ff2b-d5d4-747f-8603-cb53e7135113");
        assert_eq!((read.records, read.writers, read.segment.as_str()), (6_749, 1, "00000794"));
        assert_eq!((read.key_id.as_str(), read.note.as_str()), ("7099a527", NOTE));
        assert!(read.previous.starts_with("f5fad9f0") && read.root.starts_with("6BfsE2YR"));
        // By `sha256sum`, of what stands above the empty line, with its last line feed.
        let signed = NOTE.split("\n\n").next().unwrap();
        let changed = Checkpoint::of(&json!({ "checkpoint": NOTE.replace("6749", "6748") })).unwrap();
        assert!(signed.len() > 100 && read.digest.len() == 64 && changed.digest != read.digest);
    }

    #[test]
    fn what_is_no_checkpoint_is_none() {
        for record in
            [json!({}), json!({ "checkpoint": "text" }), json!({ "checkpoint": "a\n\nno signature" })]
        {
            assert_eq!(Checkpoint::of(&record), None, "{record}");
        }
    }
}
