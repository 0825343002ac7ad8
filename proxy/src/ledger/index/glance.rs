//! What does one line say, for somebody who reads lines without an index?

use super::facts::{self, Facts};
use super::scan;

/// What was seen of the line that was looked at last. Kept between lines for its memory.
#[derive(Debug, Default)]
pub(in crate::ledger) struct Glance(Facts);

impl Glance {
    /// Looks at a line without its line feed. Says when it happened; `None` if it cannot be a record.
    pub(in crate::ledger) fn look(&mut self, line: &[u8]) -> Option<i64> {
        self.0.clear();
        if !scan::line(line, &mut self.0) {
            self.0.clear();
            let parsed = serde_json::from_slice(line).ok()?;
            if !facts::of_value(&parsed, &mut self.0) {
                return None;
            }
        }
        self.0.finish()
    }

    /// Whether the line has one of these keys, which are in order.
    pub(in crate::ledger) fn has_any(&self, keys: &[u64]) -> bool {
        self.0.keys.iter().any(|key| keys.binary_search(key).is_ok())
    }

    /// `timing_us.total`.
    pub(in crate::ledger) fn total_us(&self) -> Option<u64> {
        self.0.total_us
    }

    /// Its texts, one behind the other, in lower case.
    pub(in crate::ledger) fn texts(&self) -> &[u8] {
        &self.0.texts
    }
}
