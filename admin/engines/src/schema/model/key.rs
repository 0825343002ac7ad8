//! What stays the same of an object while it changes?

use serde::{Deserialize, Serialize};
use std::fmt;

/// What an object is found by in every snapshot: what shares names with it, where it is, what it is called,
/// and for functions, which may share a name, their arguments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectKey {
    /// The kinds that share names.
    pub group: KeyGroup,
    /// The schema; empty for schemas and extensions themselves.
    pub schema: String,
    /// The name.
    pub name: String,
    /// The types of a function's arguments; empty for everything else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub signature: String,
}

/// Kinds of objects among which a name stands for one thing. A table that becomes a view keeps its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyGroup {
    /// Schemas.
    Schema,
    /// Tables and views of every kind.
    Relation,
    /// Sequences.
    Sequence,
    /// Enums, domains and other types.
    Type,
    /// Functions.
    Function,
    /// Procedures.
    Procedure,
    /// Extensions.
    Extension,
}

impl ObjectKey {
    /// The key of these parts.
    pub fn new(group: KeyGroup, schema: &str, name: &str, signature: &str) -> ObjectKey {
        let (schema, name) = (schema.to_owned(), name.to_owned());
        ObjectKey { group, schema, name, signature: signature.to_owned() }
    }

    /// The key of a table or a view.
    pub fn relation(schema: &str, name: &str) -> ObjectKey {
        ObjectKey::new(KeyGroup::Relation, schema, name, "")
    }

    /// Bytes that are equal for equal keys only, and sort as the keys do.
    pub fn bytes(&self) -> Vec<u8> {
        let length = self.schema.len() + self.name.len() + self.signature.len() + 3;
        let mut bytes = Vec::with_capacity(length);
        bytes.push(self.group.number());
        for (index, part) in [&self.schema, &self.name, &self.signature].into_iter().enumerate() {
            if index > 0 {
                bytes.push(0);
            }
            // 0 ends a part, so a part may not hold one as it is: 0 becomes 1 1, and 1 becomes 1 2.
            for byte in part.bytes() {
                match byte {
                    0 | 1 => bytes.extend([1, byte + 1]),
                    _ => bytes.push(byte),
                }
            }
        }
        bytes
    }

    /// The key these bytes stand for.
    pub fn from_bytes(bytes: &[u8]) -> Option<ObjectKey> {
        let (number, rest) = bytes.split_first()?;
        let group = KeyGroup::ALL.into_iter().find(|group| group.number() == *number)?;
        let mut parts = rest.split(|byte| *byte == 0).map(unescaped);
        let (schema, name, signature) = (parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(ObjectKey { group, schema, name, signature })
    }
}

fn unescaped(part: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            1 => rest.next().filter(|next| matches!(next, 1 | 2))? - 1,
            _ => *byte,
        });
    }
    String::from_utf8(bytes).ok()
}

impl KeyGroup {
    const ALL: [KeyGroup; 7] = [
        KeyGroup::Schema,
        KeyGroup::Relation,
        KeyGroup::Sequence,
        KeyGroup::Type,
        KeyGroup::Function,
        KeyGroup::Procedure,
        KeyGroup::Extension,
    ];

    // Part of stored keys: never to be changed.
    fn number(self) -> u8 {
        match self {
            KeyGroup::Schema => 1,
            KeyGroup::Relation => 2,
            KeyGroup::Sequence => 3,
            KeyGroup::Type => 4,
            KeyGroup::Function => 5,
            KeyGroup::Procedure => 6,
            KeyGroup::Extension => 7,
        }
    }

    /// Its word, as it is written in JSON.
    pub fn word(self) -> &'static str {
        match self {
            KeyGroup::Schema => "schema",
            KeyGroup::Relation => "relation",
            KeyGroup::Sequence => "sequence",
            KeyGroup::Type => "type",
            KeyGroup::Function => "function",
            KeyGroup::Procedure => "procedure",
            KeyGroup::Extension => "extension",
        }
    }
}

/// `relation public.orders`, `function public.total(integer)`, `schema sales`.
impl fmt::Display for ObjectKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ", self.group.word())?;
        if !self.schema.is_empty() {
            write!(formatter, "{}.", self.schema)?;
        }
        formatter.write_str(&self.name)?;
        match self.group {
            KeyGroup::Function | KeyGroup::Procedure => write!(formatter, "({})", self.signature),
            _ => Ok(()),
        }
    }
}
