//! What has a gateway written into its ledger?

use serde_json::Value;
use std::path::{Path, PathBuf};

/// One line of the ledger.
#[derive(Clone, Debug)]
pub struct Record(pub Value);

impl Record {
    /// A field as text; empty when absent.
    pub fn text_of(&self, field: &str) -> &str {
        self.0.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// A field as a number.
    pub fn number(&self, field: &str) -> Option<u64> {
        self.0.get(field).and_then(Value::as_u64)
    }

    /// What happened.
    pub fn event(&self) -> &str {
        self.text_of("event")
    }

    /// A field of the principal as text; empty when absent.
    pub fn principal(&self, field: &str) -> &str {
        self.0.pointer(&format!("/principal/{field}")).and_then(Value::as_str).unwrap_or_default()
    }

    /// The text a name in the statement stands for; empty when absent.
    pub fn source(&self) -> &str {
        self.0.pointer("/source/text").and_then(Value::as_str).unwrap_or_default()
    }
}

/// All whole lines of all segments, in order.
pub fn read(folder: &Path) -> Vec<Record> {
    let mut records = Vec::new();
    for segment in segments(folder) {
        let text = std::fs::read_to_string(&segment).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        for line in whole.lines() {
            let value = serde_json::from_str(line);
            records.push(Record(value.unwrap_or_else(|error| panic!("not JSON: {error}: {line}"))));
        }
    }
    records
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut segments: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")).collect();
    segments.sort();
    segments
}

/// Every file below `folder` that contains any of `secrets`, with the secret.
pub fn files_that_tell(folder: &Path, secrets: &[&str]) -> Vec<(PathBuf, String)> {
    let mut telling = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap_or_default();
            for secret in secrets {
                if bytes.windows(secret.len()).any(|window| window == secret.as_bytes()) {
                    telling.push((path.clone(), (*secret).to_owned()));
                }
            }
        }
    }
    telling
}
