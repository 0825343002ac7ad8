//! What does the control plane want a data plane to do?

use serde::{Deserialize, Serialize};

/// Everything that is published, as one whole: a data plane takes all of it or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Grows with every change; 0 before anything was published.
    pub version: u64,
    /// When it was made, in microseconds since 1970-01-01 UTC.
    pub made_at_us: i64,
    /// What is published for listeners. One that is not named here is left to its file.
    pub listeners: Vec<ManagedListener>,
    /// Listeners that have another mode for a stated time. It takes effect only where the listener's file says
    /// `managed = true` and `mode_changes = true`, and ends by the data plane's own clocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mode_changes: Vec<ModeChange>,
}

/// Longest time a listener has another mode, in seconds, whoever asks.
pub const MODE_CHANGE_SECONDS_MAX: u32 = 86_400;

/// Another mode of a listener for a stated time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeChange {
    /// Unique; the ledger names it.
    pub id: String,
    /// The listener's name.
    pub listener: String,
    /// The slug of the workspace that wants it: one that does not own the listener by its file has no say.
    pub workspace: String,
    /// Whether what is refused does not pass meanwhile.
    pub enforces: bool,
    /// When it ends at the latest, in microseconds since 1970-01-01 UTC.
    pub until_us: i64,
    /// How long it was asked for, in seconds, counted from when a data plane takes it; at most
    /// [`MODE_CHANGE_SECONDS_MAX`] counts.
    pub seconds: u32,
    /// Why, in the words of who asked.
    pub reason: String,
    /// Who asked, as an e-mail.
    pub asked_by: String,
    /// Who approved, as an e-mail; empty where nobody had to.
    #[serde(default)]
    pub approved_by: String,
    /// Who ended it before its time, as an e-mail.
    #[serde(default)]
    pub ended_by: Option<String>,
}

/// What is published for one listener. It takes effect only where the listener's file says
/// `managed = true`, and only above what the file asks for: published rule sets come after the
/// file's own, and a listener that enforces by its file goes on enforcing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedListener {
    /// The listener's name.
    pub name: String,
    /// The slug of the workspace that publishes: one that does not own the listener by its file has no say.
    pub workspace: String,
    /// Whether what is refused does not pass; `None` leaves it to the file.
    pub enforces: Option<bool>,
    /// Rule sets in order: names of packs, or of texts in `texts`.
    pub policies: Vec<String>,
    /// The texts of rule sets that are no packs, with those they include.
    pub texts: Vec<RuleSetText>,
    /// Who published this list, as an e-mail; empty where that is not known. The ledger tells it.
    #[serde(default)]
    pub by: String,
}

/// One rule set as it was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSetText {
    /// Its name: never one of a pack.
    pub name: String,
    /// Which of its versions.
    pub version: u32,
    /// The document, TOML.
    pub text: String,
    /// Who published this version, as an e-mail; empty where that is not known. The ledger tells it.
    #[serde(default)]
    pub by: String,
}

/// What a data plane made of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Which one.
    pub version: u64,
    /// Why it was not taken; empty when it is in force. What was in force before still is.
    pub problems: Vec<String>,
}
