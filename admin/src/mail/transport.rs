//! Where does a mail go: to a server, or into a folder?

use super::Message;
use crate::settings::{Mail, MailTls};
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Longest wait for one answer of a mail server.
const SERVER_WAIT: Duration = Duration::from_secs(20);
/// Whom mails in a folder are from.
const FROM_FOLDER: &str = "Dragoman <dragoman@localhost>";

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// An address is not one.
    #[error("`{0}` is not an address mail can be sent to or from")]
    Address(String),
    /// It cannot be put together.
    #[error("the mail cannot be written: {0}")]
    Content(#[from] lettre::error::Error),
    /// The server does not take it.
    #[error("the mail server does not take it: {0}")]
    Server(#[from] lettre::transport::smtp::Error),
    /// The folder does not take it.
    #[error("the folder of mails does not take it: {0}")]
    Folder(#[from] std::io::Error),
}

impl MailError {
    /// Whether trying again is of no use.
    pub fn is_for_good(&self) -> bool {
        match self {
            MailError::Address(_) | MailError::Content(_) => true,
            MailError::Server(error) => error.is_permanent(),
            MailError::Folder(_) => false,
        }
    }
}

/// What sends mail.
#[derive(Debug)]
pub struct Transport {
    from: Mailbox,
    way: Way,
}

#[derive(Debug)]
enum Way {
    Folder { path: PathBuf, count: AtomicU64 },
    Server(Box<AsyncSmtpTransport<Tokio1Executor>>),
}

impl Transport {
    /// As the settings say.
    pub fn new(mail: &Mail) -> Result<Transport, MailError> {
        match mail {
            Mail::Files(path) => Ok(Transport {
                from: mailbox(FROM_FOLDER)?,
                way: Way::Folder { path: path.clone(), count: AtomicU64::new(0) },
            }),
            Mail::Smtp { host, port, tls, login, from } => {
                let builder = match tls {
                    MailTls::Disable => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host),
                    MailTls::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host)?,
                    MailTls::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(host)?,
                };
                let builder = builder.port(*port).timeout(Some(SERVER_WAIT));
                let builder = match login {
                    Some((user, password)) => {
                        builder.credentials(Credentials::new(user.clone(), password.to_string()))
                    }
                    None => builder,
                };
                Ok(Transport { from: mailbox(from)?, way: Way::Server(Box::new(builder.build())) })
            }
        }
    }

    /// Sends one mail.
    pub async fn send(&self, message: &Message) -> Result<(), MailError> {
        let mail = MessageBuilder::new()
            .from(self.from.clone())
            .to(mailbox(&message.to)?)
            .subject(message.subject.clone())
            .date_now()
            .message_id(None)
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.clone())?;
        match &self.way {
            Way::Server(server) => {
                server.send(mail).await?;
            }
            Way::Folder { path, count } => {
                let number = count.fetch_add(1, Ordering::Relaxed);
                let file = path.join(format!("{}-{number}.eml", admin_store::now_us()));
                write(path, &file, &mail.formatted())?;
                // Who has no mail server has no other way to the link.
                tracing::info!(to = message.to, subject = message.subject, link = message.link, "mail");
            }
        }
        Ok(())
    }
}

fn mailbox(address: &str) -> Result<Mailbox, MailError> {
    address.parse().map_err(|_| MailError::Address(address.to_owned()))
}

/// A mail holds a link that is a secret: nobody else may read it.
fn write(folder: &Path, file: &Path, mail: &[u8]) -> Result<(), MailError> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    file.write_all(mail)?;
    Ok(())
}
