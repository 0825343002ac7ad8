//! Why did a secret store not do what it was asked, and what helps?

use crate::problem::{Code, Problem};

/// Why a secret store did not do what it was asked. Holds no token and no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyStoreError {
    /// A setting cannot be used.
    #[error("`admin.key_store` cannot be used: {0}")]
    Settings(String),
    /// A file with a token, or with an authority, cannot be read.
    #[error("`{path}`, which `admin.key_store` names, cannot be used: {cause}")]
    File {
        /// Which file.
        path: String,
        /// Why not.
        cause: String,
    },
    /// Nobody answered.
    #[error(
        "the secret store at {url} does not answer: {cause}; look whether it runs and can be reached from here"
    )]
    Away {
        /// Where it is.
        url: String,
        /// What the system said.
        cause: String,
    },
    /// It answered that it does not.
    #[error("the secret store at {url} answered {status} {said}: {hint}")]
    Refused {
        /// Where it is.
        url: String,
        /// The status of HTTP.
        status: u16,
        /// Its own words, cut.
        said: String,
        /// What helps.
        hint: String,
    },
    /// What it answered is not what it should be.
    #[error("the secret store at {url} answered what cannot be read; look whether `url` leads to it")]
    Unreadable {
        /// Where it is.
        url: String,
    },
}

impl KeyStoreError {
    /// Whether it may pass by itself: nobody has to change settings, tokens or policies.
    pub fn passes(&self) -> bool {
        match self {
            KeyStoreError::Away { .. } => true,
            KeyStoreError::Refused { status, .. } => passes(*status),
            KeyStoreError::Settings(_) | KeyStoreError::File { .. } | KeyStoreError::Unreadable { .. } => {
                false
            }
        }
    }

    /// Whether the store is well, and what it was asked to open is not what it wrapped for this place.
    pub(super) fn is_of_the_text(&self) -> bool {
        matches!(self, KeyStoreError::Refused { status: 400, .. })
    }

    /// What somebody is told whose secret it did not open.
    pub(crate) fn of_opening(self) -> Problem {
        if !self.is_of_the_text() {
            return self.into();
        }
        Problem::new(Code::Unavailable, "the secret store does not open this stored secret")
            .with_hint("bring the key back that it was sealed with, or set the secret anew")
            .with_cause(self)
    }
}

/// Whether an answer of this status may be another one soon.
pub(super) fn passes(status: u16) -> bool {
    matches!(status, 408 | 412 | 429 | 472 | 473 | 500..=599)
}

impl From<KeyStoreError> for Problem {
    fn from(error: KeyStoreError) -> Problem {
        Problem::new(Code::Unavailable, "the secret store that has the master key cannot be used now")
            .with_hint(
                "what needs no stored secret goes on; who runs the control plane finds the cause in the log, and at `GET /api/v1/health` when it is over",
            )
            .with_cause(error)
    }
}
