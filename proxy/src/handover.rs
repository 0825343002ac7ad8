//! How does one process of a gateway take the place of another, with nobody refused?
//!
//! ```text
//! the one before                                  the one that takes its place
//!   starts it, with one socket as standard input
//!                                ◄── Hello          is there
//!   Socket …, Offered ──►                           reads its settings, takes the sockets that they name
//!                                ◄── Prepared
//!   stops its control plane
//!   ControlEnded ──►                                starts its own
//!                                ◄── ControlStarted
//!   ends its writer, releases the ledger
//!   Released ──►                                    opens the ledger, begins to accept
//!                                ◄── Opened
//!   accepts no more, lets its sessions end
//!   Sessions ──►                                    shows how many are left
//!   Lines ──►                                       ties them into the chain
//!                                ◄── Kept
//!                                ◄── Cancel         whose key it does not know
//!   Cancelled ──►
//!                                ◄── RulesChanged, Stop
//!   Bye ──►
//! ```
//! Up to `Opened` the one before can go on as if nothing had been, and does so whatever goes wrong ([`HandoverError`]). Each
//! wait has a bound. What both sides say is in [`message`], how it is carried in [`channel`]; [`successor`] is what the
//! one before knows of the other, [`predecessor`] what the other knows of it.

mod channel;
mod message;
pub(crate) mod predecessor;
mod sockets;
pub(crate) mod successor;
#[cfg(test)]
mod tests;

pub use predecessor::Predecessor;
pub use sockets::Sockets;
pub use successor::Successor;

use std::io;
use std::time::Duration;

/// The variable that says to a process that it takes the place of another, which its standard input leads to.
pub const VARIABLE: &str = "DRAGOMAN_HANDOVER";

/// What that variable says.
pub const VARIABLE_VALUE: &str = "stdin";

/// Raised when the two sides would misunderstand each other.
pub(crate) const VERSION: u32 = 1;

/// Longest until the new process says a word: it has done nothing yet.
pub(crate) const HELLO_MAX: Duration = Duration::from_secs(10);
/// Longest until it has read its settings and rules and opened its ports.
pub(crate) const PREPARED_MAX: Duration = Duration::from_secs(60);
/// Longest until its control plane runs: the state may have to be brought to a newer form.
pub(crate) const CONTROL_MAX: Duration = Duration::from_secs(120);
/// Longest until it has opened the ledger. Statements wait meanwhile, for ten seconds at most.
pub(crate) const OPENED_MAX: Duration = Duration::from_secs(8);
/// How often the old process looks how many sessions it still has.
pub(crate) const SESSIONS_PERIOD: Duration = Duration::from_millis(500);
/// Longest the new process waits for a word of the one before.
pub(crate) const WORD_MAX: Duration = Duration::from_secs(30);

/// Why one process did not take the place of the other.
#[derive(Debug, thiserror::Error)]
pub enum HandoverError {
    /// The other process said nothing for too long.
    #[error("the {who} process has not said within {} s that {what}", after.as_secs())]
    Late {
        /// `new` or `old`.
        who: &'static str,
        /// What was waited for.
        what: &'static str,
        /// How long.
        after: Duration,
    },
    /// The other process ended.
    #[error("the {who} process ended before it said that {what}")]
    Ended {
        /// `new` or `old`.
        who: &'static str,
        /// What was waited for.
        what: &'static str,
    },
    /// The new process says why it cannot.
    #[error("{why}")]
    Failed {
        /// Its words.
        why: String,
    },
    /// The other process speaks another version of this.
    #[error(
        "the two versions of the program cannot hand over to each other: stop the old one and start the new one"
    )]
    Version,
    /// What was said makes no sense here.
    #[error("the {who} process said something else than that {what}")]
    Unexpected {
        /// `new` or `old`.
        who: &'static str,
        /// What was waited for.
        what: &'static str,
    },
    /// The ledger is another.
    #[error(
        "the new settings name another ledger, `{new}` and not `{old}`: it can only change with a stop and a start"
    )]
    OtherLedger {
        /// What the old process writes.
        old: String,
        /// What the new one would.
        new: String,
    },
    /// There is no channel where there should be one.
    #[error("`{VARIABLE}` is set, and standard input leads to no process that hands over: unset it")]
    NoChannel(#[source] io::Error),
    /// The system refused.
    #[error("the other process cannot be talked to: {0}")]
    Channel(#[source] io::Error),
}
