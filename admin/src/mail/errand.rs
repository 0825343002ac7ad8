//! What is a mail about that waits? What waits says whom and what it concerns, never its link: the link is made when
//! the mail is sent, so that no secret of one is ever kept. A mail that is sent once more has another link, and the
//! former is void.

use crate::problem::{Code, Problem};
use admin_store::jobs::{self, NewJob};
use admin_store::notices::Recipient;
use admin_store::{Id, StoreError, Tx, now_us};
use serde_json::Value;

/// Mails that may wait at once.
const WAITING_MAX: i64 = 1_000;

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// A link to a new password.
    Password {
        /// Whose.
        user: Id,
    },
    /// A link that confirms an address.
    Address {
        /// Whose.
        user: Id,
    },
    /// A link to join a workspace.
    Invitation {
        /// Which workspace.
        workspace: Id,
        /// Which invitation.
        invitation: Id,
    },
    /// What somebody has not read.
    Digest(Recipient),
}

impl Errand {
    /// The kind of the jobs.
    pub const KIND: &'static str = "mail";

    /// What kind of mail it is, in one word.
    pub fn word(&self) -> &'static str {
        match self {
            Errand::Password { .. } => "password",
            Errand::Address { .. } => "address",
            Errand::Invitation { .. } => "invitation",
            Errand::Digest(_) => "digest",
        }
    }

    /// The key of the job.
    pub fn key(&self) -> String {
        let word = self.word();
        match self {
            Errand::Password { user } | Errand::Address { user } => format!("{word}/{user}"),
            Errand::Invitation { workspace, invitation } => format!("{word}/{workspace}/{invitation}"),
            Errand::Digest(to) => format!("{word}/{}/{}", to.workspace, to.user),
        }
    }

    /// The errand of a key; `None` where another version wrote it.
    pub fn of(key: &str) -> Option<Errand> {
        let mut parts = key.split('/');
        let word = parts.next()?;
        let first: Id = parts.next()?.parse().ok()?;
        let second: Option<Id> = parts.next().map(str::parse).transpose().ok()?;
        match (word, second, parts.next()) {
            ("password", None, None) => Some(Errand::Password { user: first }),
            ("address", None, None) => Some(Errand::Address { user: first }),
            ("invitation", Some(invitation), None) => {
                Some(Errand::Invitation { workspace: first, invitation })
            }
            ("digest", Some(user), None) => Some(Errand::Digest(Recipient { user, workspace: first })),
            _ => None,
        }
    }

    /// Asks for the mail, in the change that makes it due.
    pub async fn ask(&self, tx: &mut Tx) -> Result<(), Problem> {
        if self.put(tx, &Value::Null).await? {
            return Ok(());
        }
        Err(Problem::new(Code::Unavailable, "too many mails wait to be sent")
            .with_retry_after(60)
            .with_hint("try again; an admin can look why the mail server takes none"))
    }

    /// The same, with what else must be known to write it. One that waits already is sent once. `false` where too
    /// many wait.
    pub async fn put(&self, tx: &mut Tx, body: &Value) -> Result<bool, StoreError> {
        if jobs::count(tx, Errand::KIND).await? >= WAITING_MAX {
            return Ok(false);
        }
        jobs::put(tx, NewJob { kind: Errand::KIND, key: &self.key(), body, due_at: now_us() }).await?;
        Ok(true)
    }

    /// Whether it waits.
    pub async fn waits(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        jobs::is_asked_for(tx, Errand::KIND, &self.key()).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_errand_is_read_back_from_its_key() {
        let [user, workspace] = [Id::new(), Id::new()];
        for errand in [
            Errand::Password { user },
            Errand::Address { user },
            Errand::Invitation { workspace, invitation: user },
            Errand::Digest(Recipient { user, workspace }),
        ] {
            assert_eq!(Errand::of(&errand.key()), Some(errand));
        }
        for key in ["", "password", "password/x", "digest/", "weather/0199-"] {
            assert_eq!(Errand::of(key), None, "{key}");
        }
        assert_eq!(Errand::of(&format!("password/{user}/{user}")), None);
        assert_eq!(Errand::of(&format!("invitation/{user}")), None);
    }
}
