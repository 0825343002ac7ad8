//! How is a statement of PostgreSQL cancelled from elsewhere?

use crate::error::{EngineError, ErrorClass, from_postgres};
use crate::socket;
use crate::target::Kind;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{CancelToken, Client, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Longest wait for a cancel to be delivered.
const CANCEL_LIMIT: Duration = Duration::from_secs(5);

/// Cancels what one session of a PostgreSQL server runs: over a connection of its own to the same
/// address, encrypted as the session is.
#[derive(Clone)]
pub struct PostgresCanceller {
    token: CancelToken,
    address: SocketAddr,
    host: String,
    tls: Option<MakeRustlsConnect>,
}

impl std::fmt::Debug for PostgresCanceller {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PostgresCanceller").field("address", &self.address).finish_non_exhaustive()
    }
}

impl PostgresCanceller {
    pub(super) fn new(
        token: CancelToken,
        address: SocketAddr,
        host: String,
        tls: Option<MakeRustlsConnect>,
    ) -> PostgresCanceller {
        PostgresCanceller { token, address, host, tls }
    }

    /// Asks the server, and waits until it has passed the cancel on to the session: it closes the
    /// connection then. Without that wait a cancel could hit the session's next statement.
    pub(crate) async fn cancel(&self) -> Result<(), EngineError> {
        tokio::time::timeout(CANCEL_LIMIT, self.ask()).await.unwrap_or_else(|_| {
            let message = "the server did not take the cancel in time";
            Err(EngineError::new(ErrorClass::Timeout, Kind::Postgres, message))
        })
    }

    async fn ask(&self) -> Result<(), EngineError> {
        let stream = socket::connect_to(Kind::Postgres, self.address).await?;
        let (back, returned) = oneshot::channel();
        let stream = Lent { stream: Some(stream), back: Some(back) };
        let sent = match self.tls.clone() {
            Some(mut make) => {
                let connector = MakeTlsConnect::<Lent>::make_tls_connect(&mut make, &self.host)
                    .map_err(|_| EngineError::new(ErrorClass::Tls, Kind::Postgres, "TLS cannot be set up"))?;
                self.token.cancel_query_raw(stream, connector).await
            }
            None => self.token.cancel_query_raw(stream, NoTls).await,
        };
        sent.map_err(|error| from_postgres(&self.address.to_string(), &error))?;
        if let Ok(mut stream) = returned.await {
            let mut rest = [0_u8; 256];
            while matches!(stream.read(&mut rest).await, Ok(read) if read > 0) {}
        }
        Ok(())
    }
}

/// Cancels and rolls back in the background when it is dropped before its time.
pub(super) struct CancelOnDrop(Option<(PostgresCanceller, Arc<Client>)>);

impl CancelOnDrop {
    pub(super) fn new(canceller: PostgresCanceller, client: Arc<Client>) -> CancelOnDrop {
        CancelOnDrop(Some((canceller, client)))
    }

    pub(super) fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        let Some((canceller, client)) = self.0.take() else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = canceller.cancel().await {
                    tracing::warn!(%error, "an abandoned statement could not be cancelled");
                }
                // The transaction must not keep its locks for as long as somebody keeps the connection. A session
                // that ended has none.
                let _ = tokio::time::timeout(CANCEL_LIMIT, client.batch_execute("ROLLBACK")).await;
            });
        }
    }
}

/// A socket that comes back from who drops it.
struct Lent {
    stream: Option<TcpStream>,
    back: Option<oneshot::Sender<TcpStream>>,
}

impl Lent {
    fn poll<T>(
        &mut self,
        work: impl FnOnce(Pin<&mut TcpStream>) -> Poll<std::io::Result<T>>,
    ) -> Poll<std::io::Result<T>> {
        match &mut self.stream {
            Some(stream) => work(Pin::new(stream)),
            None => Poll::Ready(Err(std::io::ErrorKind::NotConnected.into())),
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(stream), Some(back)) = (self.stream.take(), self.back.take()) {
            // Nobody waits for it: it is closed.
            let _ = back.send(stream);
        }
    }
}

impl AsyncRead for Lent {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        self.poll(|stream| stream.poll_read(context, buffer))
    }
}

impl AsyncWrite for Lent {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.poll(|stream| stream.poll_write(context, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        self.poll(|stream| stream.poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        self.poll(|stream| stream.poll_shutdown(context))
    }
}
