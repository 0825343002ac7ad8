//! How is a result written as JSON, whole or a line for each row?

use super::ExportError;
use crate::cell::Cell;

#[derive(Debug)]
pub(super) struct Json {
    /// Names as JSON, each with the colon behind it.
    names: Vec<Vec<u8>>,
    out: Vec<u8>,
    rows: u64,
    array: bool,
}

impl Json {
    /// One array of objects.
    pub(super) fn array() -> Json {
        Json { names: Vec::new(), out: b"[".to_vec(), rows: 0, array: true }
    }

    /// An object a line.
    pub(super) fn lines() -> Json {
        Json { names: Vec::new(), out: Vec::new(), rows: 0, array: false }
    }

    pub(super) fn names(&mut self, names: Vec<String>) {
        self.names = names
            .into_iter()
            .map(|name| format!("{}:", serde_json::Value::String(name)).into_bytes())
            .collect();
    }

    pub(super) fn row(&mut self, row: &[Cell]) -> Result<(), ExportError> {
        if self.array {
            self.out.extend_from_slice(if self.rows == 0 { b"\n" } else { b",\n" });
        }
        self.rows = self.rows.saturating_add(1);
        self.out.push(b'{');
        for (at, (name, cell)) in self.names.iter().zip(row).enumerate() {
            if at > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(name);
            serde_json::to_writer(&mut self.out, cell)?;
        }
        self.out.push(b'}');
        if !self.array {
            self.out.push(b'\n');
        }
        Ok(())
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.array {
            self.out.extend_from_slice(b"\n]\n");
        }
        self.out
    }
}
