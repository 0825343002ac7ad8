//! How is mail sent? Through a bounded queue and one task, so that no request waits for a mail server and
//! none is asked while the state is held.

mod transport;

use crate::problem::{Code, Problem};
use crate::settings::Mail;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
pub use transport::{MailError, Transport};

/// Mails that wait to be sent for the first time.
const QUEUE_MAX: usize = 1_000;
/// Mails that wait to be tried again; more are not taken from the queue.
const WAITING_MAX: usize = 1_000;
/// How long until a mail is tried again, after each failure. After the last one it is given up.
const WAITS: [Duration; 6] = [
    Duration::from_secs(2),
    Duration::from_secs(10),
    Duration::from_secs(60),
    Duration::from_secs(300),
    Duration::from_secs(900),
    Duration::from_secs(3_600),
];

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

/// Where mails are put to be sent.
#[derive(Clone, Debug)]
pub struct Outbox {
    queue: mpsc::Sender<Message>,
}

impl Outbox {
    /// Sends by `mail` until `stopping` turns true.
    pub fn start(mail: &Mail, stopping: watch::Receiver<bool>) -> Result<Outbox, MailError> {
        let transport = Transport::new(mail)?;
        let (queue, taken) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(send_all(transport, taken, stopping));
        Ok(Outbox { queue })
    }

    /// Puts a mail into the queue.
    pub fn send(&self, message: Message) -> Result<(), Problem> {
        self.queue.try_send(message).map_err(|_| {
            Problem::new(Code::Unavailable, "too many mails wait to be sent")
                .with_retry_after(60)
                .with_hint("try again; an admin can look why the mail server takes none")
        })
    }
}

/// A mail that failed.
struct Waiting {
    due: Instant,
    failures: usize,
    message: Message,
}

async fn send_all(
    transport: Transport,
    mut queue: mpsc::Receiver<Message>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut waiting: Vec<Waiting> = Vec::new();
    loop {
        let next = waiting.iter().map(|one| one.due).min();
        let due = async {
            match next {
                Some(next) => tokio::time::sleep_until(next).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = stopping.wait_for(|stops| *stops) => break,
            message = queue.recv(), if waiting.len() < WAITING_MAX => match message {
                Some(message) => waiting.push(Waiting { due: Instant::now(), failures: 0, message }),
                None => break,
            },
            () = due => {}
        }
        let now = Instant::now();
        let Some(place) = waiting.iter().position(|one| one.due <= now) else { continue };
        let one = waiting.swap_remove(place);
        waiting.extend(sent(&transport, one).await);
    }
    if !waiting.is_empty() {
        tracing::warn!(mails = waiting.len(), "mails were not sent before the end");
    }
}

/// Tries once; gives back what is to be tried again.
async fn sent(transport: &Transport, one: Waiting) -> Option<Waiting> {
    let error = match transport.send(&one.message).await {
        Ok(()) => return None,
        Err(error) => error,
    };
    let wait = if error.is_for_good() { None } else { WAITS.get(one.failures) };
    let (subject, failures) = (&one.message.subject, one.failures + 1);
    let Some(wait) = wait else {
        tracing::error!(%error, subject, failures, "a mail could not be sent and is given up");
        return None;
    };
    tracing::warn!(%error, subject, failures, again_in = ?wait, "a mail could not be sent");
    Some(Waiting { due: Instant::now() + *wait, failures, message: one.message })
}
