//! How are things named that nobody gave a name?

use crate::StoreError;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A UUID of version 7 (RFC 9562 section 5.7): ids of things made later are greater, byte by byte, so a
/// list ordered by id is one ordered by time and an id is a cursor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(Uuid);

impl Id {
    /// A new one, of now.
    pub fn new() -> Id {
        Id(Uuid::now_v7())
    }

    /// As the state holds it.
    pub fn bytes(self) -> Vec<u8> {
        self.0.as_bytes().to_vec()
    }

    /// The sixteen bytes.
    pub fn array(self) -> [u8; 16] {
        *self.0.as_bytes()
    }

    /// From what the state holds.
    pub fn from_bytes(bytes: &[u8]) -> Result<Id, StoreError> {
        Uuid::from_slice(bytes)
            .map(Id)
            .map_err(|_| StoreError::Damaged(format!("an id has {} bytes", bytes.len())))
    }

    /// The least one made at `at` (microseconds since 1970-01-01 UTC) or later: where a range of time begins
    /// in a list ordered by id. An id knows the millisecond it was made in.
    pub fn least_of(at: i64) -> Id {
        let milliseconds = u128::try_from(at / 1_000).unwrap_or(0) & 0xffff_ffff_ffff;
        Id(Uuid::from_u128(milliseconds << 80))
    }

    /// The greatest there can be: where a list that goes backwards begins.
    pub fn greatest() -> Id {
        Id(Uuid::max())
    }
}

impl Default for Id {
    fn default() -> Id {
        Id::new()
    }
}

impl fmt::Display for Id {
    /// 8-4-4-4-12 hexadecimal digits.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl FromStr for Id {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Id, uuid::Error> {
        Uuid::try_parse(text).map(Id)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| serde::de::Error::custom(format!("`{text}` is not an id")))
    }
}
