//! How are the live view's questions answered?
//!
//! A few clients, one line each way, everything bounded. While nobody asks, nothing is looked at.

use super::look::{Gathered, write};
use super::wire::{Answer, Request, VERSION};
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, timeout};

/// Views at once: people, not programs.
pub(crate) const CLIENTS_MAX: usize = 8;

/// Longest request, in bytes.
const REQUEST_BYTES_MAX: u64 = 4 * 1024;

/// Longest silence of a view; one that is paused connects again.
const SILENCE_MAX: Duration = Duration::from_secs(300);

/// Longest wait for a view to take its answer.
const WRITE_WAIT: Duration = Duration::from_secs(5);

/// How long a look is good for everybody who asks.
const LOOK_SHARED: Duration = Duration::from_millis(250);

/// Where looks come from.
pub(crate) trait Looks: Send + Sync + 'static {
    /// Looks now; an error is a sentence for the view.
    fn gather(&self) -> impl Future<Output = Result<Gathered, String>> + Send;
}

/// What all views share.
struct Shared<L> {
    looks: L,
    /// Who may ask, beside root.
    uid: u32,
    last: Mutex<Option<(Instant, Arc<Gathered>)>>,
}

/// Answers until aborted.
pub(crate) async fn serve<L: Looks>(socket: UnixListener, looks: L) {
    let Ok(uid) = own_uid() else {
        tracing::error!("the live view cannot tell whose the gateway is, and answers nobody");
        return;
    };
    let shared = Arc::new(Shared { looks, uid, last: Mutex::new(None) });
    let places = Arc::new(Semaphore::new(CLIENTS_MAX));
    loop {
        let stream = match socket.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a live view, trying again");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let place = Arc::clone(&places).try_acquire_owned();
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let ended = match place {
                Ok(_place) => {
                    let ended = attend(stream, &shared).await;
                    // Looks are large: none is kept for nobody.
                    *shared.last.lock().await = None;
                    ended
                }
                Err(_) => turn_away(stream).await,
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "live view");
            }
        });
    }
}

/// The user this process runs as: what the system says of a socket that is ours at both ends.
fn own_uid() -> io::Result<u32> {
    let (one, _other) = UnixStream::pair()?;
    Ok(one.peer_cred()?.uid())
}

async fn turn_away(mut stream: UnixStream) -> io::Result<()> {
    let error = format!("{CLIENTS_MAX} views are looking already: end one of them");
    say(&mut stream, &line(&Answer { v: VERSION, error: Some(error), look: None })).await
}

/// Answers one view until it goes.
async fn attend<L: Looks>(mut stream: UnixStream, shared: &Shared<L>) -> io::Result<()> {
    let peer = stream.peer_cred()?.uid();
    // The file's mode says so already; a descriptor can be handed on, though.
    if peer != shared.uid && peer != 0 {
        tracing::warn!(uid = peer, "a live view of another user was turned away");
        return Ok(());
    }
    let (reads, mut writes) = stream.split();
    let mut reads = BufReader::with_capacity(REQUEST_BYTES_MAX as usize, reads);
    let mut request = Vec::new();
    loop {
        request.clear();
        let mut bounded = (&mut reads).take(REQUEST_BYTES_MAX);
        match timeout(SILENCE_MAX, bounded.read_until(b'\n', &mut request)).await {
            Ok(Ok(0)) | Err(_) => return Ok(()),
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(error),
        }
        if request.last() != Some(&b'\n') {
            let error = format!("a request is one line of at most {REQUEST_BYTES_MAX} bytes");
            return say(&mut writes, &line(&Answer { v: VERSION, error: Some(error), look: None })).await;
        }
        let answer = match answer(&request, shared).await {
            Ok(answer) => answer,
            Err(error) => line(&Answer { v: VERSION, error: Some(error), look: None }),
        };
        say(&mut writes, &answer).await?;
    }
}

/// The answer's line, or a sentence why there is none.
async fn answer<L: Looks>(request: &[u8], shared: &Shared<L>) -> Result<Vec<u8>, String> {
    let version = serde_json::from_slice::<serde_json::Value>(request)
        .map_err(|error| format!("the request cannot be read: {error}"))?
        .get("v")
        .and_then(serde_json::Value::as_u64);
    if version != Some(VERSION.into()) {
        let spoken = version.map_or_else(|| "none".to_owned(), |version| version.to_string());
        return Err(format!(
            "this gateway speaks version {VERSION}, the view asked in version {spoken}: use a `dragoman` of the \
             gateway's version ({})",
            env!("CARGO_PKG_VERSION")
        ));
    }
    let request: Request =
        serde_json::from_slice(request).map_err(|error| format!("the request cannot be read: {error}"))?;
    let gathered = shared.look().await?;
    // Other tasks of this thread accept connections: a long answer must not hold them up.
    tokio::task::spawn_blocking(move || line(&write(&gathered, &request)))
        .await
        .map_err(|_| "the gateway is stopping".to_owned())
}

impl<L: Looks> Shared<L> {
    /// A look that is at most [`LOOK_SHARED`] old; whoever asks meanwhile waits for the same one.
    async fn look(&self) -> Result<Arc<Gathered>, String> {
        let mut last = self.last.lock().await;
        if let Some((_, gathered)) = last.as_ref().filter(|(at, _)| at.elapsed() < LOOK_SHARED) {
            return Ok(Arc::clone(gathered));
        }
        *last = None;
        let gathered = Arc::new(self.looks.gather().await?);
        *last = Some((Instant::now(), Arc::clone(&gathered)));
        Ok(gathered)
    }
}

fn line(answer: &Answer) -> Vec<u8> {
    // A struct of strings and numbers has a JSON form; an empty line would say that it had none.
    let mut line = serde_json::to_vec(answer).unwrap_or_default();
    line.push(b'\n');
    line
}

async fn say(stream: &mut (impl AsyncWrite + Unpin), line: &[u8]) -> io::Result<()> {
    timeout(WRITE_WAIT, stream.write_all(line)).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

#[cfg(test)]
mod tests;
