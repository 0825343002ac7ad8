//! How is the gateway asked?

use proxy::live::socket::{SocketError, check_length};
use proxy::live::wire::{Answer, Look, Request, VERSION};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

/// Longest wait for an answer: the gateway waits two seconds for a thread that does not answer.
const ANSWER_WAIT: Duration = Duration::from_secs(5);

/// Longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// Why the gateway gave no look.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody listens.
    #[error(
        "no gateway answers at `{}`\n    hint: start it with `dragoman serve`, with the same settings file; its log \
         says why when it could not make that socket", path.display()
    )]
    NoGateway {
        /// The socket.
        path: PathBuf,
    },
    /// The path cannot be a socket's.
    #[error(transparent)]
    Path(#[from] SocketError),
    /// It is another user's.
    #[error(
        "the socket `{}` is another user's\n    hint: run this as the user the gateway runs as, or as root", path.display()
    )]
    Denied {
        /// The socket.
        path: PathBuf,
    },
    /// The gateway gave a reason.
    #[error("the gateway at `{}` gave no look: {reason}", path.display())]
    Refused {
        /// The socket.
        path: PathBuf,
        /// The gateway's words.
        reason: String,
    },
    /// What came cannot be read.
    #[error(
        "the answer of `{}` cannot be read\n    hint: use a `dragoman` of the gateway's version", path.display()
    )]
    Unreadable {
        /// The socket.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// Nothing came in time.
    #[error("the gateway at `{}` did not answer within {} s", path.display(), ANSWER_WAIT.as_secs())]
    Silent {
        /// The socket.
        path: PathBuf,
    },
    /// The connection broke.
    #[error("the connection to `{}` broke", path.display())]
    Broken {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// The way to a gateway, connected when it is needed.
#[derive(Debug)]
pub(super) struct Line {
    path: PathBuf,
    stream: Option<BufReader<UnixStream>>,
}

impl Line {
    pub(super) fn new(path: PathBuf) -> Line {
        Line { path, stream: None }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Asks for a look. Not cancel safe: an answer that was not waited for is read as the next one.
    pub(super) async fn ask(&mut self, request: &Request) -> Result<Look, AskError> {
        let was_connected = self.stream.is_some();
        let mut asked = self.ask_once(request).await;
        // The gateway hangs up on a view that was silent for long, and one that came back is new.
        if was_connected && matches!(asked, Err(AskError::Broken { .. })) {
            asked = self.ask_once(request).await;
        }
        asked
    }

    async fn ask_once(&mut self, request: &Request) -> Result<Look, AskError> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => BufReader::new(self.connect().await?),
        };
        let told = timeout(ANSWER_WAIT, exchange(&mut stream, request)).await;
        let line = match told {
            Err(_) => return Err(AskError::Silent { path: self.path.clone() }),
            Ok(Err(source)) => return Err(AskError::Broken { path: self.path.clone(), source }),
            Ok(Ok(line)) => line,
        };
        let answer: Answer = serde_json::from_slice(&line)
            .map_err(|source| AskError::Unreadable { path: self.path.clone(), source })?;
        let refused = |reason: String| AskError::Refused { path: self.path.clone(), reason };
        match answer {
            Answer { look: Some(look), v: VERSION, .. } => {
                self.stream = Some(stream);
                Ok(*look)
            }
            Answer { error: Some(reason), .. } => Err(refused(reason)),
            Answer { v, .. } => Err(refused(format!("it speaks version {v}, and this view {VERSION}"))),
        }
    }

    async fn connect(&self) -> Result<UnixStream, AskError> {
        check_length(&self.path)?;
        UnixStream::connect(&self.path).await.map_err(|source| {
            let path = self.path.clone();
            match source.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => AskError::NoGateway { path },
                io::ErrorKind::PermissionDenied => AskError::Denied { path },
                _ => AskError::Broken { path, source },
            }
        })
    }
}

async fn exchange(stream: &mut BufReader<UnixStream>, request: &Request) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    // A gateway with too many views says so at once and hangs up: its words matter, not that.
    let sent = stream.get_mut().write_all(&line).await;
    line.clear();
    let read = stream.take(ANSWER_BYTES_MAX).read_until(b'\n', &mut line).await;
    if line.last() == Some(&b'\n') {
        return Ok(line);
    }
    sent?;
    read?;
    Err(io::ErrorKind::UnexpectedEof.into())
}
