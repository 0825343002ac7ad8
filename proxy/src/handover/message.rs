//! What do two processes say to each other while one takes the place of the other?

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Everything but the lines of the ledger.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub(crate) enum Message {
    /// The new process is there.
    Hello {
        /// [`super::VERSION`].
        version: u32,
        /// Its number.
        process: u32,
        /// Whether it understands [`Message::Sessions`], which older ones do not.
        #[serde(default)]
        hears_sessions: bool,
    },
    /// A socket that listens on what the settings call `address`; it travels beside this message.
    Socket {
        /// As the old process's settings have it.
        address: SocketAddr,
    },
    /// That were all sockets.
    Offered {
        /// [`super::VERSION`].
        version: u32,
        /// The number of the old process.
        process: u32,
        /// The ledger it writes.
        ledger: PathBuf,
    },
    /// The new process could begin.
    Prepared,
    /// The old process has no control plane any more.
    ControlEnded,
    /// The new one has, where its settings want one.
    ControlStarted,
    /// The ledger's directory is free.
    Released {
        /// How often the old process has put settings in force.
        epoch: u64,
    },
    /// The new process has the ledger and accepts connections.
    Opened,
    /// The new process cannot go on.
    Failed {
        /// Why, for people.
        why: String,
    },
    /// What became of all batches of lines up to this one.
    Kept {
        /// Which.
        number: u64,
        /// Whether they are kept; if not they are in memory for now.
        is_kept: bool,
        /// Whether a copy of the ledger that is required takes nothing.
        is_copy_failing: bool,
    },
    /// A client wants something cancelled whose key the new process has not given out.
    Cancel {
        /// To be answered with it.
        number: u64,
        /// Behind which listener.
        listener: String,
        /// The server's process id.
        process: u32,
        /// The key.
        key: Vec<u8>,
    },
    /// A cancel has arrived, or there was nobody for it.
    Cancelled {
        /// Which.
        number: u64,
    },
    /// How many sessions the old process still has.
    Sessions {
        /// Open, or being opened.
        count: u64,
    },
    /// Other rules are in force: the old process's sessions shall have them, too.
    RulesChanged,
    /// The new process is being stopped, and the old one shall be as well.
    Stop,
    /// The old process has told everything.
    Bye,
}

impl std::fmt::Debug for Message {
    /// Without what is in it: keys are.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Message::Hello { .. } => "Hello",
            Message::Socket { .. } => "Socket",
            Message::Offered { .. } => "Offered",
            Message::Prepared => "Prepared",
            Message::ControlEnded => "ControlEnded",
            Message::ControlStarted => "ControlStarted",
            Message::Released { .. } => "Released",
            Message::Opened => "Opened",
            Message::Failed { .. } => "Failed",
            Message::Kept { .. } => "Kept",
            Message::Cancel { .. } => "Cancel",
            Message::Cancelled { .. } => "Cancelled",
            Message::Sessions { .. } => "Sessions",
            Message::RulesChanged => "RulesChanged",
            Message::Stop => "Stop",
            Message::Bye => "Bye",
        })
    }
}
