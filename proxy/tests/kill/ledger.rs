//! What is in a ledger, by the format's description alone, read on from where the last look ended?

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// How far a ledger was read, and what was in it.
pub struct Checked {
    directory: PathBuf,
    /// The number of the last segment that was read.
    segment: u64,
    previous: String,
    /// The writer of the last line, and its number.
    last: (String, u64),
    intents: HashMap<u64, u32>,
    /// What the next start has to tell: bytes of unfinished lines at the ends of segments.
    unfinished: Vec<String>,
    /// Unfinished lines so far.
    pub torn: u64,
    /// Segments with at least one line.
    pub segments: u64,
    /// Lines that sign.
    pub checkpoints: u64,
}

impl Checked {
    /// Nothing was read yet.
    pub fn new(directory: &Path) -> Checked {
        Checked {
            directory: directory.to_owned(),
            segment: 0,
            previous: "0".repeat(64),
            last: (String::new(), 0),
            intents: HashMap::new(),
            unfinished: Vec::new(),
            torn: 0,
            segments: 0,
            checkpoints: 0,
        }
    }

    /// How often the intent of that exchange is there.
    pub fn times(&self, exchange: u64) -> u32 {
        self.intents.get(&exchange).copied().unwrap_or(0)
    }

    /// Reads what is new. What was read before is behind the last kill and does not change any more.
    pub fn go_on(&mut self) {
        for path in self.paths() {
            let number: u64 = path.file_stem().unwrap().to_str().unwrap().parse().unwrap();
            if number > self.segment {
                assert_eq!(number, self.segment + 1, "a number is missing");
                self.segment = number;
                self.read(&path);
            }
        }
    }

    /// Leaves the beginning of a line at the end of the newest segment.
    pub fn tear(&self) {
        let Some(newest) = self.newest() else { return };
        let mut file = OpenOptions::new().append(true).open(newest).unwrap();
        file.write_all(b"{\"v\":1,\"event\":\"statement.int").unwrap();
    }

    /// Changes one byte in the middle of the newest segment that has a line.
    pub fn damage(&self) {
        let mut paths = self.paths();
        paths.retain(|path| fs::read(path).unwrap().contains(&b'\n'));
        let path = paths.last().unwrap();
        let mut bytes = fs::read(path).unwrap();
        let at = bytes.iter().position(|byte| *byte == b'\n').unwrap() / 2;
        bytes[at] ^= 1;
        fs::write(path, bytes).unwrap();
    }

    fn newest(&self) -> Option<PathBuf> {
        self.paths().pop()
    }

    /// The segments, oldest first.
    fn paths(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.directory) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension() == Some("jsonl".as_ref()));
        paths.sort();
        paths
    }

    fn read(&mut self, path: &Path) {
        let bytes = fs::read(path).unwrap();
        let mut whole = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if let Some(line) = line.strip_suffix(b"\n") {
                whole += line.len() + 1;
                self.line(std::str::from_utf8(line).unwrap(), path);
            }
        }
        self.segments += u64::from(whole > 0);
        if whole < bytes.len() {
            let name = path.file_name().unwrap().to_str().unwrap();
            self.unfinished
                .push(format!("{name} ends in {} bytes of an unfinished line", bytes.len() - whole));
            self.torn += 1;
        }
    }

    fn line(&mut self, line: &str, path: &Path) {
        let (attested, ending) = line.rsplit_once(",\"hash\":\"").unwrap();
        let digest = Sha256::digest(format!("{attested}}}"));
        let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(ending, format!("{hash}\"}}"), "{}: {line}", path.display());
        let value: Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["prev"], self.previous, "{}: {line}", path.display());
        self.previous = hash;
        let writer = value["writer"].as_str().unwrap();
        if self.last.0 != writer {
            assert_eq!(value["event"], "writer.start", "{line}");
            let note = value["note"].as_str().unwrap();
            for unfinished in self.unfinished.drain(..) {
                assert!(note.contains(&unfinished), "`{unfinished}` is not told of: {line}");
            }
            assert!(!note.contains("lines are missing"), "{line}");
            self.last = (writer.to_owned(), 0);
        }
        self.last.1 += 1;
        assert_eq!(value["seq"], self.last.1, "{line}");
        self.checkpoints += u64::from(value["event"] == "checkpoint");
        if value["event"] == "statement.intent" {
            *self.intents.entry(value["exchange"].as_u64().unwrap()).or_default() += 1;
        }
    }
}
