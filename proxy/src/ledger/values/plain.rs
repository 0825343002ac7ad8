//! How are values written before they are sealed, and read when they are opened?
//!
//! As a JSON object. Bytes that are text without control characters are a string; all others, such as a
//! parameter in binary form, are `{"base64":"…"}`, so that both can be told apart and read.

use crate::ledger::json;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exchange::Values;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::{Zeroize as _, Zeroizing};

/// Values that were opened. What they hold leaves no copy in memory.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plain {
    /// The statement's text as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Bytes>,
    /// Its parameters, `None` for NULL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Vec<Option<Bytes>>>,
    /// The text of the server's error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Bytes>,
}

/// Bytes of a client or a server.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Drop for Bytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Bytes {
    /// Says how much there is, and nothing of what it is.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Bytes({})", self.0.len())
    }
}

impl std::fmt::Debug for Plain {
    /// Says what there is, and nothing of what it is.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parameters = self.parameters.as_ref().map(Vec::len);
        write!(formatter, "Plain({:?}, {parameters:?}, {:?})", self.text, self.error)
    }
}

impl Bytes {
    /// As text, if that is what they are.
    pub fn as_text(&self) -> Option<&str> {
        text(&self.0)
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_text() {
            Some(text) => serializer.serialize_str(text),
            None => Written::Binary { base64: STANDARD.encode(&self.0) }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Text(text) => Ok(Bytes(text.into_bytes())),
            Written::Binary { base64 } => {
                STANDARD.decode(base64).map(Bytes).map_err(serde::de::Error::custom)
            }
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Binary { base64: String },
}

fn text(bytes: &[u8]) -> Option<&str> {
    let is_plain = |text: &&str| !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    std::str::from_utf8(bytes).ok().filter(is_plain)
}

/// Writes what is to be sealed; `None` when it is nothing.
pub(super) fn write(values: &Values) -> Option<Zeroizing<Vec<u8>>> {
    if values.text.is_none() && values.parameters.is_none() && values.error.is_none() {
        return None;
    }
    // Enough for most; a buffer that grows leaves its former place behind unwiped.
    let mut json = Zeroizing::new(Vec::with_capacity(values.held_bytes() * 2));
    let mut before: &[u8] = b"{";
    if let Some(text) = &values.text {
        json.extend_from_slice(b"{\"text\":");
        bytes(&mut json, text);
        before = b",";
    }
    if let Some(parameters) = &values.parameters {
        json.extend_from_slice(before);
        json.extend_from_slice(b"\"parameters\":");
        json.push(b'[');
        for (at, parameter) in parameters.iter().enumerate() {
            if at > 0 {
                json.push(b',');
            }
            match parameter {
                Some(parameter) => bytes(&mut json, parameter),
                None => json.extend_from_slice(b"null"),
            }
        }
        json.push(b']');
        before = b",";
    }
    if let Some(error) = &values.error {
        json.extend_from_slice(before);
        json.extend_from_slice(b"\"error\":");
        bytes(&mut json, error);
    }
    json.push(b'}');
    Some(json)
}

fn bytes(json: &mut Vec<u8>, bytes: &[u8]) {
    match text(bytes) {
        Some(text) => json::string(json, text),
        None => {
            json.extend_from_slice(b"{\"base64\":\"");
            base64(json, bytes);
            json.extend_from_slice(b"\"}");
        }
    }
}

/// Writes bytes in base64, without quotes.
pub(super) fn base64(line: &mut Vec<u8>, bytes: &[u8]) {
    let from = line.len();
    line.resize(from + bytes.len().div_ceil(3) * 4, b'=');
    let room = line.get_mut(from..).unwrap_or_default();
    let written = STANDARD.encode_slice(bytes, room);
    debug_assert_eq!(written.ok(), Some(line.len() - from));
}
