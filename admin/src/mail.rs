//! What is sent by mail, and where does it wait? In the state, as jobs: no request waits for a mail server, and when
//! the node that was asked is gone, another one sends it ([`crate::mailing`]).

mod errand;
mod transport;

use crate::settings::Mail;
pub use errand::Errand;
use tokio::sync::Notify;
pub use transport::{MailError, Transport};

/// A mail: plain text with one link.
#[derive(Clone)]
pub struct Message {
    /// Whom it is for.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// The link in it, for the log of a machine without a mail server.
    pub link: String,
}

impl std::fmt::Debug for Message {
    /// The link is a secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Message").field("subject", &self.subject).finish_non_exhaustive()
    }
}

impl Message {
    /// Somebody forgot the password.
    pub fn password_reset(to: &str, link: String) -> Message {
        let text = format!(
            "Somebody asked for a new password of the Dragoman account {to}.\n\nSet one within an hour:\n{link}\n\n\
             If it was not you, nothing has changed and there is nothing to do.\n"
        );
        Message { to: to.to_owned(), subject: "Set a new password".to_owned(), text, link }
    }

    /// An address has to be shown to be somebody's.
    pub fn verification(to: &str, link: String) -> Message {
        let text = format!(
            "Confirm within a day that {to} is the address of your Dragoman account. Be signed in and open:\n{link}\n\n\
             If you have no such account, do not open it.\n"
        );
        Message { to: to.to_owned(), subject: "Confirm your address".to_owned(), text, link }
    }

    /// Somebody wants to know of what they have not read.
    pub fn digest(to: &str, workspace: &str, lines: &[String], has_more: bool, link: String) -> Message {
        let listed: String = lines.iter().map(|line| format!("- {line}\n")).collect();
        let more = if has_more { "and more\n" } else { "" };
        let text = format!(
            "New in the workspace \"{workspace}\" on Dragoman:\n\n{listed}{more}\nAll of it:\n{link}\n\n\
             You asked for this mail; on that page you can end it.\n"
        );
        let count = if has_more { format!("more than {}", lines.len()) } else { lines.len().to_string() };
        Message { to: to.to_owned(), subject: format!("{workspace}: {count} new"), text, link }
    }

    /// Somebody is asked to join a workspace.
    pub fn invitation(to: &str, inviter: &str, workspace: &str, link: String) -> Message {
        let text = format!(
            "{inviter} invites you to the workspace \"{workspace}\" on Dragoman.\n\nJoin within a week:\n{link}\n\n\
             If you do not know who that is, do not open it.\n"
        );
        Message { to: to.to_owned(), subject: "You are invited to a workspace".to_owned(), text, link }
    }
}

/// What mails of this node go through, and how it hears of one that waits.
#[derive(Debug)]
pub struct Post {
    /// Where they go.
    pub transport: Transport,
    asked: Notify,
}

impl Post {
    /// As the settings say.
    pub fn new(mail: &Mail) -> Result<Post, MailError> {
        Ok(Post { transport: Transport::new(mail)?, asked: Notify::new() })
    }

    /// Says that a mail waits: after the change that asks for it is committed. Without this it is found a little
    /// later.
    pub fn wake(&self) {
        self.asked.notify_one();
    }

    /// Until the next time somebody said so.
    pub async fn asked(&self) {
        self.asked.notified().await;
    }
}
