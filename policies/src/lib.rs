//! Facts in, verdict out.
//!
//! The judge is pure: it is handed facts and hands back a verdict, never fails, never waits, and
//! knows no wire, socket, file or clock. Rules are text in TOML (docs/policies.md): [`document`]
//! reads a file, [`compile()`] makes one [`Ruleset`] of all a listener names, [`Ruleset::decide`] judges
//! a statement, [`Ruleset::explain`] says why. Shipped rule sets are in [`packs`], what they are
//! expected to say in `cases/`, which [`cases`] runs. Where each thing stands in a file tells [`outline`](mod@outline),
//! for whoever changes a part of it. Start at [`ruleset`].

mod bits;
pub mod cases;
pub mod compile;
mod condition;
mod diagnostic;
mod document;
pub mod explain;
pub mod facts;
mod index;
mod key;
mod network;
pub mod outline;
pub mod packs;
mod pattern;
mod rule;
pub mod ruleset;
mod schedule;
mod tree;
pub mod verdict;

pub use compile::{Listener, compile, join};
pub use diagnostic::{Diagnostic, nearest};
pub use document::FILE_BYTES_MAX;
pub use explain::{Explanation, Met, RuleExplanation};
pub use facts::{Facts, Path, Role};
pub use network::Network;
pub use outline::outline;
pub use packs::{PACKS, is_unsafe_setting, pack};
pub use ruleset::{Ruleset, SessionMask};
pub use verdict::{Decision, Keep, LimitRules, Limits, Rate, RateBy, Rates, Verdict, Would};
