//! Where did a page of records end?
//!
//! At a moment and the id of a record: everything older than both comes next, whatever was written in
//! between. As text it is the 24 bytes of both, highest first, in base64 for URLs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A place between records. Ordered as the records are: the newest is the highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cursor {
    pub(super) ts: i64,
    pub(super) id: u128,
}

impl Cursor {
    /// Before every record.
    pub(super) const NEWEST: Cursor = Cursor { ts: i64::MAX, id: u128::MAX };

    /// Before everything that happened at `ts` or earlier.
    pub(super) fn at(ts: i64) -> Cursor {
        ts.checked_add(1).map_or(Cursor::NEWEST, |ts| Cursor { ts, id: 0 })
    }

    /// The latest moment of what comes after it.
    pub(super) fn newest(self) -> i64 {
        if self.id == 0 { self.ts.saturating_sub(1) } else { self.ts }
    }

    pub(super) fn read(text: &str) -> Option<Cursor> {
        let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (ts, id) = bytes.split_first_chunk()?;
        Some(Cursor { ts: i64::from_be_bytes(*ts), id: u128::from_be_bytes(id.try_into().ok()?) })
    }

    pub(super) fn write(self) -> String {
        let mut bytes = [0; 24];
        let (ts, id) = bytes.split_at_mut(8);
        ts.copy_from_slice(&self.ts.to_be_bytes());
        id.copy_from_slice(&self.id.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_nothing_else_is() {
        for cursor in [
            Cursor::NEWEST,
            Cursor::at(0),
            Cursor { ts: -1, id: 0 },
            Cursor { ts: i64::MIN, id: 1 << 127 },
            Cursor { ts: 1_785_846_896_000_789, id: 0x0198_c0de_1234_7abc_8def_0123_4567_89ab },
        ] {
            let text = cursor.write();
            assert_eq!(text.len(), 32);
            assert_eq!(Cursor::read(&text), Some(cursor));
            assert_eq!(Cursor::read(&text[1..]), None);
            assert_eq!(Cursor::read(&format!("{text}A")), None);
        }
        for text in ["", "=", "!!!!", "AAAA", &"A".repeat(33), &"é".repeat(16)] {
            assert_eq!(Cursor::read(text), None, "{text}");
        }
    }
}
