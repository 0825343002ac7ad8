//! Facts in, verdict out.
//!
//! The judge is pure: it is handed facts and hands back a verdict, never fails, never waits, and
//! knows no wire, socket or clock. Today a rule set holds only the listener's default; rules will
//! be compiled into the same type. Start at [`ruleset`].

pub mod facts;
pub mod ruleset;
pub mod verdict;

pub use facts::Facts;
pub use ruleset::Ruleset;
pub use verdict::{Decision, Verdict};
