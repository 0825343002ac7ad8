//! What do the lines before a checkpoint say it has to be? By the format's description alone.

use super::*;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// All lines up to one.
#[derive(Default)]
pub(super) struct Seen {
    /// Each writer's id, how many lines it has, and the hash of the last.
    writers: Vec<(String, u64, String)>,
    /// The number of the last line's segment, and where it ends there.
    place: (String, usize),
    /// Whom the directories say to believe.
    keys: String,
    /// The text of the checkpoint before.
    before: Option<String>,
}

impl Seen {
    /// One line more; within one writer the numbers have no holes.
    pub(super) fn line(&mut self, value: &Value, hash: &str, path: &Path, end: usize) {
        let writer = value["writer"].as_str().unwrap();
        if self.writers.last().is_none_or(|(last, ..)| last != writer) {
            self.writers.push((writer.to_owned(), 0, String::new()));
        }
        let (_, records, last) = self.writers.last_mut().unwrap();
        *records += 1;
        let seq = *records;
        assert_eq!(value["seq"], seq, "{value}");
        hash.clone_into(last);
        self.place = (path.file_stem().unwrap().to_str().unwrap().to_owned(), end);
        if seq == 1 {
            self.keys
                .push_str(&std::fs::read_to_string(path.with_file_name("verifier.keys")).unwrap_or_default());
        }
    }

    /// A checkpoint that comes next.
    pub(super) fn check(&mut self, note: &str) {
        let (text, signature) = note.split_once("\n\n").unwrap();
        let text = format!("{text}\n");
        let lines: Vec<&str> = text.lines().collect();
        let name = format!("dragoman-ledger/{}", self.writers[0].0);
        let (writer, seq, hash) = self.writers.last().unwrap();
        let leaves: Vec<String> =
            self.writers.iter().map(|(writer, records, hash)| format!("{writer} {records} {hash}")).collect();
        let expected = [
            name.clone(),
            "version 1".to_owned(),
            format!("records {}", self.writers.iter().map(|(_, records, _)| records).sum::<u64>()),
            format!("writers {}", leaves.len()),
            format!("root {}", STANDARD.encode(root(&leaves))),
            format!("writer {writer} {seq} {hash}"),
            format!("segment {} {}", self.place.0, self.place.1),
            lines[7].to_owned(),
            format!("previous {}", self.before.as_ref().map_or("0".repeat(64), sha256)),
        ];
        assert_eq!(lines, expected);
        assert!(lines[7].starts_with("time 20") && lines[7].ends_with('Z'), "{}", lines[7]);
        self.signature(&text, signature, &name);
        self.before = Some(text);
    }

    fn signature(&self, text: &str, line: &str, name: &str) {
        let bytes = line.strip_prefix(&format!("\u{2014} {name} ")).unwrap().strip_suffix('\n').unwrap();
        let bytes = STANDARD.decode(bytes).unwrap();
        let holds = self.keys.lines().any(|key| {
            let (named, rest) = key.split_once('+').unwrap();
            let (id, public) = rest.split_once('+').unwrap();
            let public = STANDARD.decode(public).unwrap();
            let own_id: String = bytes[..4].iter().map(|byte| format!("{byte:02x}")).collect();
            let known = UnparsedPublicKey::new(&ED25519, &public[1..]);
            named == name && id == own_id && known.verify(text.as_bytes(), &bytes[4..]).is_ok()
        });
        assert!(holds, "nobody who is believed has signed {text}");
    }
}

/// RFC 6962 section 2.1.
fn root(leaves: &[String]) -> Vec<u8> {
    match leaves {
        [leaf] => Sha256::digest([b"\0", leaf.as_bytes()].concat()).to_vec(),
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(split);
            Sha256::digest([vec![1], root(left), root(right)].concat()).to_vec()
        }
    }
}
