//! What does the judge say?

use exchange::Refusal;

/// What is decided of one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may pass.
    Allow,
    /// It was not judged, and the listener only observes: it may pass.
    Unjudged,
    /// It may not pass.
    Refuse(Box<Refusal>),
}

/// A verdict and the rules it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// The epoch of the rules that decided.
    pub epoch: u64,
}
