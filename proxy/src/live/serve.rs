//! How are the live view's questions answered, and who reads the ledger beside the gateway?
//!
//! A few clients, one line each way, everything bounded. While nobody asks, nothing is looked at.

use super::look::{Gathered, write};
use super::wire::{Answer, Read, Request, VERSION, Want};
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

/// Connections at once. Those that do not look are for who is about to read the ledger: a reader finds a place even where
/// every view is taken.
const CONNECTIONS_MAX: usize = 32;

/// Longest silence of a connection that does not look. Who comes meanwhile and finds no place waits for it.
const QUIET_MAX: Duration = Duration::from_secs(3);

/// Longest request, in bytes.
const REQUEST_BYTES_MAX: u64 = 16 * 1024;

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

    /// Has it written into the ledger that `peer` is about to read it, and comes back when that is kept; an error is a
    /// sentence for who reads.
    fn write_down(&self, read: Read, peer: Peer) -> impl Future<Output = Result<(), String>> + Send;
}

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The user the process runs as.
    pub(crate) uid: u32,
    /// The process, where the system tells.
    pub(crate) pid: Option<i32>,
}

/// What all views share.
struct Shared<L> {
    looks: L,
    /// Who may ask, beside root.
    uid: u32,
    last: Mutex<Option<(Instant, Arc<Gathered>)>>,
    /// Places for those who look.
    views: Arc<Semaphore>,
}

/// Answers until aborted.
pub(crate) async fn serve<L: Looks>(socket: UnixListener, looks: L) {
    let Ok(uid) = own_uid() else {
        tracing::error!("the live view cannot tell whose the gateway is, and answers nobody");
        return;
    };
    let views = Arc::new(Semaphore::new(CLIENTS_MAX));
    let shared = Arc::new(Shared { looks, uid, last: Mutex::new(None), views });
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        // Whoever does not look goes soon: nobody waits long, and nobody is turned away who wants to be written down.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let stream = match socket.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a live view, trying again");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = attend(stream, &shared).await {
                tracing::debug!(%error, "live view");
            }
            // Looks are large: none is kept for nobody.
            *shared.last.lock().await = None;
        });
    }
}

/// The user this process runs as: what the system says of a socket that is ours at both ends.
fn own_uid() -> io::Result<u32> {
    let (one, _other) = UnixStream::pair()?;
    Ok(one.peer_cred()?.uid())
}

/// Answers one client until it goes.
async fn attend<L: Looks>(mut stream: UnixStream, shared: &Shared<L>) -> io::Result<()> {
    let credentials = stream.peer_cred()?;
    let peer = Peer { uid: credentials.uid(), pid: credentials.pid() };
    // The file's mode says so already; a descriptor can be handed on, though.
    if peer.uid != shared.uid && peer.uid != 0 {
        tracing::warn!(uid = peer.uid, "a live view of another user was turned away");
        return Ok(());
    }
    let (reads, mut writes) = stream.split();
    let mut reads = BufReader::with_capacity(REQUEST_BYTES_MAX as usize, reads);
    let mut request = Vec::new();
    // Taken with the first look.
    let mut view = None;
    loop {
        request.clear();
        let silence = if view.is_some() { SILENCE_MAX } else { QUIET_MAX };
        let mut bounded = (&mut reads).take(REQUEST_BYTES_MAX);
        match timeout(silence, bounded.read_until(b'\n', &mut request)).await {
            Ok(Ok(0)) | Err(_) => return Ok(()),
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(error),
        }
        if request.last() != Some(&b'\n') {
            let error = format!("a request is one line of at most {REQUEST_BYTES_MAX} bytes");
            return say(&mut writes, &line(&refusal(error))).await;
        }
        let request = read(&request);
        if view.is_none() && request.as_ref().is_ok_and(|request| request.want == Want::Sight) {
            let Ok(place) = Arc::clone(&shared.views).try_acquire_owned() else {
                let error = format!("{CLIENTS_MAX} views are looking already: end one of them");
                return say(&mut writes, &line(&refusal(error))).await;
            };
            view = Some(place);
        }
        let answer = match request {
            Ok(request) => answer(request, peer, shared).await,
            Err(error) => Err(error),
        };
        say(&mut writes, &answer.unwrap_or_else(|error| line(&refusal(error)))).await?;
    }
}

/// What is asked, or a sentence why that cannot be told.
fn read(request: &[u8]) -> Result<Request, String> {
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
    serde_json::from_slice(request).map_err(|error| format!("the request cannot be read: {error}"))
}

/// The answer's line, or a sentence why there is none.
async fn answer<L: Looks>(request: Request, peer: Peer, shared: &Shared<L>) -> Result<Vec<u8>, String> {
    if request.want == Want::Read {
        let Some(read) = request.read else { return Err("the request does not say what is read".to_owned()) };
        shared.looks.write_down(*read, peer).await?;
        return Ok(line(&Answer { v: VERSION, written_down: true, ..Answer::default() }));
    }
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

fn refusal(error: String) -> Answer {
    Answer { v: VERSION, error: Some(error), ..Answer::default() }
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
