//! Who sends the mails that wait? Every node looks, and claims one after the other for a while: what a node that dies
//! has claimed, another one sends when that while is over.
//!
//! A mail is sent at least once. Where a node dies between the server's answer and the note that it is sent, it goes
//! out again, with another link.

use crate::app::{invitations, resets};
use crate::mail::{Errand, MailError, Message};
use crate::notices;
use crate::plane::App;
use crate::problem::Problem;
use admin_store::jobs::{self, Job};
use admin_store::resets::Purpose;
use admin_store::{StoreError, Tx, now_us};
use std::time::Duration;

/// How often it is looked for mails that another node was asked for, and for those to be tried again.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Longest time one mail may take.
const SEND_MAX: Duration = Duration::from_secs(60);
/// A claim lasts that long, in microseconds: longer than a mail takes.
const CLAIM_US: i64 = 120_000_000;
/// How long until a mail is tried again, after each failure, in microseconds. After the last one it is given up.
const WAITS_US: [i64; 6] = [2_000_000, 10_000_000, 60_000_000, 300_000_000, 900_000_000, 3_600_000_000];

/// Sends until the control plane stops.
pub(crate) async fn work(app: App) {
    let mut stopping = app.stopping.clone();
    loop {
        if let Err(error) = send_due(&app).await {
            tracing::warn!(%error, "mails wait for the state");
        }
        tokio::select! {
            _ = stopping.wait_for(|stops| *stops) => return,
            () = app.mail.asked() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

async fn send_due(app: &App) -> Result<(), StoreError> {
    loop {
        let now = now_us();
        let mut tx = app.store.read().await?;
        let is_due = jobs::is_any_due(&mut tx, Errand::KIND, now).await?;
        tx.commit().await?;
        if !is_due || *app.stopping.borrow() {
            return Ok(());
        }
        let mut tx = app.store.write().await?;
        let claimed = jobs::claim(&mut tx, Errand::KIND, now, now + CLAIM_US, 1).await?;
        tx.commit().await?;
        for job in &claimed {
            let outcome = attempt(app, job).await;
            note(app, job, outcome).await?;
        }
    }
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{}", .0.detail())]
    Unwritten(Problem),
    #[error(transparent)]
    Unsent(#[from] MailError),
    #[error("the mail server took longer than {} s", SEND_MAX.as_secs())]
    Slow,
}

impl Failure {
    /// When it is tried again, after so many failures; `None` for never.
    fn again_in(&self, failures: i64) -> Option<i64> {
        if matches!(self, Failure::Unsent(error) if error.is_for_good()) {
            return None;
        }
        WAITS_US.get(usize::try_from(failures - 1).ok()?).copied()
    }
}

async fn attempt(app: &App, job: &Job) -> Result<(), Failure> {
    let written = async {
        let mut tx = app.store.write().await?;
        let message = write(app, &mut tx, job).await?;
        tx.commit().await?;
        Ok(message)
    };
    let Some(message) = written.await.map_err(Failure::Unwritten)? else {
        tracing::info!(mail = job.key, "a mail that waited is of no use any more");
        return Ok(());
    };
    match tokio::time::timeout(SEND_MAX, app.mail.transport.send(&message)).await {
        Ok(sent) => Ok(sent?),
        Err(_) => Err(Failure::Slow),
    }
}

/// The mail as it is to be sent now; `None` where nobody needs it any more.
async fn write(app: &App, tx: &mut Tx, job: &Job) -> Result<Option<Message>, Problem> {
    match Errand::of(&job.key) {
        Some(Errand::Password { user }) => resets::mail(app, tx, Purpose::Password, user).await,
        Some(Errand::Address { user }) => resets::mail(app, tx, Purpose::Email, user).await,
        Some(Errand::Invitation { workspace, invitation }) => {
            invitations::mail(app, tx, workspace, invitation).await
        }
        Some(Errand::Digest(to)) => Ok(notices::mails::write(app, tx, &to, &job.body).await?),
        None => Ok(None),
    }
}

async fn note(app: &App, job: &Job, outcome: Result<(), Failure>) -> Result<(), StoreError> {
    let mail = Errand::of(&job.key).map_or("unknown", |errand| errand.word());
    let failures = job.attempts;
    let mut tx = app.store.write().await?;
    match outcome {
        Ok(()) => jobs::done(&mut tx, job).await?,
        Err(error) => match error.again_in(failures) {
            Some(wait) => {
                tracing::warn!(%error, mail, failures, again_in_seconds = wait / 1_000_000, "a mail could not be sent");
                // What a server says may name the address: it is in the log alone.
                jobs::again(&mut tx, job, now_us() + wait, Some("the mail could not be sent")).await?
            }
            None => {
                tracing::error!(%error, mail, failures, "a mail could not be sent and is given up");
                jobs::done(&mut tx, job).await?
            }
        },
    };
    tx.commit().await
}
