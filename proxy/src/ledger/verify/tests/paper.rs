//! A ledger written with pen and paper: by the words of docs/ledger.md and docs/evidence.md, and by nothing that the
//! writer or the verifier uses, so that both are checked against a third.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A ledger in memory, segment by segment, line by line.
#[derive(Clone)]
pub(super) struct Paper {
    pub(super) segments: Vec<Vec<u8>>,
    seed: u8,
    origin: String,
    writer: String,
    started: u32,
    pub(super) seq: u64,
    pub(super) hash: String,
    /// Leaves of writers that have ended, and how many lines they have.
    ended: Vec<String>,
    ended_records: u64,
    pub(super) checkpoints: Vec<String>,
    previous: String,
    minute: u32,
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha(bytes: impl AsRef<[u8]>) -> String {
    hex(Sha256::digest(bytes))
}

/// RFC 6962 section 2.1, as it is written there.
fn root(leaves: &[String]) -> Vec<u8> {
    match leaves {
        [] => Sha256::digest([]).to_vec(),
        [leaf] => Sha256::digest([&[0], leaf.as_bytes()].concat()).to_vec(),
        _ => {
            let mut split = 1;
            while split * 2 < leaves.len() {
                split *= 2;
            }
            Sha256::digest([vec![1], root(&leaves[..split]), root(&leaves[split..])].concat()).to_vec()
        }
    }
}

pub(super) fn writer_name(number: u32) -> String {
    format!("01990a3b-4d20-7b31-8c55-{number:012x}")
}

impl Paper {
    /// Its first writer starts.
    pub(super) fn new(seed: u8) -> Paper {
        let mut paper = Paper {
            segments: Vec::new(),
            seed,
            origin: format!("dragoman-ledger/{}", writer_name(1)),
            writer: String::new(),
            started: 0,
            seq: 0,
            hash: ZEROS.to_owned(),
            ended: Vec::new(),
            ended_records: 0,
            checkpoints: Vec::new(),
            previous: ZEROS.to_owned(),
            minute: 0,
        };
        paper.start("");
        paper
    }

    /// It signs as another ledger.
    pub(super) fn named(mut self, number: u32) -> Paper {
        self.origin = format!("dragoman-ledger/{}", writer_name(number));
        self
    }

    fn pair(&self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&[self.seed; 32]).unwrap()
    }

    /// The key, as others are told of it.
    pub(super) fn verifier_key(&self) -> String {
        let public = [&[1], self.pair().public_key().as_ref()].concat();
        let id = Sha256::digest([self.origin.as_bytes(), b"\n", &public].concat());
        format!("{}+{}+{}", self.origin, hex(&id[..4]), STANDARD.encode(public))
    }

    /// The key as OpenSSL writes it.
    pub(super) fn public_pem(&self) -> String {
        let info = [&hex_bytes("302a300506032b6570032100")[..], self.pair().public_key().as_ref()].concat();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(info))
    }

    fn minute(&mut self) -> String {
        self.minute += 1;
        format!("2026-08-04T{:02}:{:02}:56.000789Z", self.minute / 60 % 24, self.minute % 60)
    }

    /// A line of any event with these members, which begin with a comma.
    pub(super) fn line(&mut self, event: &str, members: &str) {
        self.seq += 1;
        let ts = self.minute();
        let (writer, seq, hash) = (&self.writer, self.seq, &self.hash);
        let attested = format!(
            r#"{{"v":1,"event":"{event}","id":"019fccc5-1580-7c9f-98f2-{seq:012x}","ts":"{ts}","writer":"{writer}","seq":{seq}{members},"prev":"{hash}""#
        );
        self.hash = sha(format!("{attested}}}"));
        let line = format!("{attested},\"hash\":\"{}\"}}\n", self.hash);
        self.segments.last_mut().unwrap().extend_from_slice(line.as_bytes());
    }

    /// A few lines of no meaning.
    pub(super) fn lines(&mut self, count: usize) -> &mut Paper {
        for _ in 0..count {
            let note = format!(r#","note":"line {} of it""#, self.seq);
            self.line("config.changed", &note);
        }
        self
    }

    /// The text of a checkpoint over everything so far, signed.
    pub(super) fn signed(&mut self) -> String {
        let leaf = format!("{} {} {}", self.writer, self.seq, self.hash);
        let leaves = [self.ended.clone(), vec![leaf.clone()]].concat();
        let time = self.minute();
        let text = format!(
            "{}\nversion 1\nrecords {}\nwriters {}\nroot {}\nwriter {leaf}\nsegment {:08} {}\ntime {}\nprevious {}\n",
            self.origin,
            self.ended_records + self.seq,
            leaves.len(),
            STANDARD.encode(root(&leaves)),
            self.segments.len(),
            self.segments.last().unwrap().len(),
            time,
            self.previous,
        );
        self.previous = sha(&text);
        let public = [&[1], self.pair().public_key().as_ref()].concat();
        let id = Sha256::digest([self.origin.as_bytes(), b"\n", &public].concat());
        let signature = [&id[..4], self.pair().sign(text.as_bytes()).as_ref()].concat();
        format!("{text}\n\u{2014} {} {}\n", self.origin, STANDARD.encode(signature))
    }

    pub(super) fn checkpoint(&mut self) -> &mut Paper {
        let note = self.signed();
        let member = format!(",\"checkpoint\":{}", serde_json::to_string(&note).unwrap());
        self.line("checkpoint", &member);
        self.checkpoints.push(note);
        self
    }

    /// Somebody sets the clock back by a few minutes.
    pub(super) fn set_clock_back(&mut self) {
        self.minute -= 5;
    }

    /// A new segment.
    pub(super) fn rotate(&mut self) -> &mut Paper {
        self.segments.push(Vec::new());
        self
    }

    /// Bytes of a line that is not finished.
    pub(super) fn tear(&mut self) -> usize {
        let torn = br#"{"v":1,"event":"statement.intent","id":"019fcc"#;
        self.segments.last_mut().unwrap().extend_from_slice(torn);
        torn.len()
    }

    /// Another start of the program, in a segment of its own.
    pub(super) fn start(&mut self, remark: &str) -> &mut Paper {
        if self.started > 0 {
            self.ended.push(format!("{} {} {}", self.writer, self.seq, self.hash));
            self.ended_records += self.seq;
        }
        self.started += 1;
        (self.writer, self.seq) = (writer_name(self.started), 0);
        self.rotate();
        self.line("writer.start", &format!(r#","note":"version 0.1.0, process 4711{remark}""#));
        self
    }

    pub(super) fn stop(&mut self) -> &mut Paper {
        self.checkpoint();
        self.line("writer.stop", "");
        self
    }

    /// Old segments are removed, and the ledger says so: those before the one with number `first`.
    pub(super) fn removed(&mut self, first: usize) {
        let mut writers: Vec<serde_json::Value> = Vec::new();
        let mut records = 0;
        for line in
            self.segments[..first - 1].concat().split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
        {
            let line: serde_json::Value = serde_json::from_slice(line).unwrap();
            records += 1;
            let leaf =
                serde_json::json!({"writer": line["writer"], "records": line["seq"], "hash": line["hash"]});
            match writers.last_mut().filter(|last| last["writer"] == line["writer"]) {
                Some(last) => *last = leaf,
                None => writers.push(leaf),
            }
        }
        let removed = serde_json::json!({
            "segments": [1, first - 1], "records": records, "bytes": 1, "from": "", "until": "", "writers": writers,
        });
        self.line("ledger.removed", &format!(",\"removed\":{removed}"));
    }

    /// What the file `head` says of the last line.
    pub(super) fn head(&self) -> String {
        let (writer, seq, hash) = (&self.writer, self.seq, &self.hash);
        let (segment, bytes) = (self.segments.len(), self.segments.last().unwrap().len());
        format!(
            r#"{{"v":1,"writer":"{writer}","seq":{seq},"hash":"{hash}","segment":{segment},"bytes":{bytes}}}"#
        ) + "\n"
    }

    /// Writes everything into a new folder.
    pub(super) fn save(&self) -> Folder {
        let folder = tempfile::tempdir().unwrap();
        for (at, segment) in self.segments.iter().enumerate() {
            fs::write(folder.path().join(name(at + 1)), segment).unwrap();
        }
        fs::write(folder.path().join("head"), self.head()).unwrap();
        if let Some(checkpoint) = self.checkpoints.last() {
            fs::write(folder.path().join("checkpoint"), checkpoint).unwrap();
        }
        fs::write(
            folder.path().join("writers"),
            self.ended.iter().map(|leaf| format!("{leaf}\n")).collect::<String>(),
        )
        .unwrap();
        fs::write(folder.path().join("verifier.keys"), self.verifier_key() + "\n").unwrap();
        Folder { folder }
    }
}

fn hex_bytes(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// The name of a segment.
pub(super) fn name(number: usize) -> String {
    format!("{number:08}.jsonl")
}

/// A line of a hand that can compute hashes and has no key.
pub(super) fn sealed(attested: &str) -> (String, String) {
    let hash = sha(format!("{attested}}}"));
    (format!("{attested},\"hash\":\"{hash}\"}}"), hash)
}

/// A ledger on the disk.
pub(super) struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn segment(&self, number: usize) -> PathBuf {
        self.path().join(name(number))
    }

    pub(super) fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, contents).unwrap();
        path
    }

    pub(super) fn lines(&self, number: usize) -> Vec<String> {
        let text = fs::read_to_string(self.segment(number)).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// Has the lines of a segment changed.
    pub(super) fn edit(&self, number: usize, edit: impl FnOnce(&mut Vec<String>)) {
        let mut lines = self.lines(number);
        edit(&mut lines);
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(self.segment(number), text).unwrap();
    }
}
