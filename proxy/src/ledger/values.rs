//! What becomes of the values that a rule has kept: texts, parameters, errors?
//!
//! They are sealed with a key of their day, which lies in a folder apart from the ledger
//! (`KEYS/values/2026-11-21.key`). Whoever has the ledger and not the key has nothing; destroying the key
//! destroys the values of that day and changes no line. Of parameters there can be hashes with a key as well,
//! so that equal values are found without opening any.
//!
//! `keys` are the files, `sealer` is the ledger's thread, `opener` opens, `erasure` destroys, `equality` says
//! which hashes a value has. The form is in docs/values.md.

mod day;
mod equality;
mod erasure;
mod keys;
mod opener;
mod plain;
mod sealer;

pub use day::{BadDay, Day};
pub use equality::{Equals, hashes_of};
pub(crate) use erasure::was_erased;
pub use erasure::{EraseError, Erased, confirm, days_before, erase};
pub use keys::{KeyFailure, KeyState};
pub use opener::{OpenError, Opener};
pub use plain::{Bytes, Plain};
pub(super) use sealer::Sealer;

#[cfg(test)]
mod tests;
