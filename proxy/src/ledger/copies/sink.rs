//! What can be done with any place?

use super::batch::{At, Batch};
use super::failure::Failure;
use super::folder::Folder;
use super::nats::Nats;
use super::syslog::Syslog;
use super::web::Web;
use super::{Content, CopySettings, Place};
use std::path::Path;
use std::time::Duration;

/// The near end of a place.
#[derive(Debug)]
pub(super) enum Sink {
    Folder(Folder),
    Syslog(Box<Syslog>),
    Web(Web),
    Nats(Box<Nats>),
}

/// What a place is known to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) at: At,
    /// The moment of the oldest that it was sent and is not known to have.
    pub(super) left: Option<u64>,
}

impl Sink {
    /// The near end of the place that `settings` name.
    pub(super) fn new(settings: &CopySettings, ledger: &Path) -> Result<Sink, Failure> {
        Ok(match &settings.place {
            Place::Folder(folder) => Sink::Folder(Folder::new(folder, ledger, settings.content)),
            Place::Syslog { host, port } => Sink::Syslog(Box::new(Syslog::new(host, *port, settings))),
            Place::Web(url) => Sink::Web(Web::new(url, settings)?),
            Place::Nats { host, port, subject } => {
                Sink::Nats(Box::new(Nats::new(host, *port, subject, settings)))
            }
        })
    }

    /// Sends a batch. Not cancel safe: what is sent twice arrives twice.
    pub(super) async fn send(
        &mut self,
        batch: &Batch,
        content: Content,
        ledger: &str,
    ) -> Result<(), Failure> {
        match self {
            Sink::Folder(folder) => folder.send(batch),
            Sink::Syslog(syslog) => syslog.send(batch, content, ledger).await,
            Sink::Web(web) => web.send(batch, content, ledger).await,
            Sink::Nats(nats) => nats.send(batch, content, ledger).await,
        }
    }

    /// What the place has by now of what it was sent, `sent` being the end of that; `None` when nothing is new.
    pub(super) fn taken(&mut self, sent: &At) -> Option<Taken> {
        match self {
            Sink::Folder(_) | Sink::Web(_) | Sink::Nats(_) => Some(Taken { at: sent.clone(), left: None }),
            Sink::Syslog(syslog) => syslog.taken(),
        }
    }

    /// Whether the place has everything it was sent.
    pub(super) fn is_settled(&self) -> bool {
        match self {
            Sink::Folder(_) | Sink::Web(_) | Sink::Nats(_) => true,
            Sink::Syslog(syslog) => syslog.is_settled(),
        }
    }

    /// Waits for as long, or until the place is seen to be gone. Cancel safe.
    pub(super) async fn rest(&mut self, pause: Duration) -> Result<(), Failure> {
        match self {
            Sink::Syslog(syslog) => syslog.rest(pause).await,
            Sink::Folder(_) | Sink::Web(_) | Sink::Nats(_) => {
                tokio::time::sleep(pause).await;
                Ok(())
            }
        }
    }

    /// Ends what is open after a failure.
    pub(super) fn give_up(&mut self) {
        match self {
            Sink::Folder(folder) => folder.close(),
            Sink::Syslog(syslog) => syslog.close(),
            Sink::Nats(nats) => nats.close(),
            Sink::Web(_) => {}
        }
    }

    /// Ends in order; what the place is known to have by that.
    pub(super) async fn finish(&mut self) -> Option<Taken> {
        match self {
            Sink::Syslog(syslog) => syslog.finish().await,
            Sink::Folder(_) | Sink::Web(_) | Sink::Nats(_) => None,
        }
    }
}
