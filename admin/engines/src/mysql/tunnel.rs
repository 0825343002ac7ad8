//! How is a connection to MySQL encrypted by our own rules?
//!
//! The driver has a TLS of its own that knows neither the modes people expect nor a connection that
//! was made before. So the driver is given a unix socket in a private folder, and between it and the server
//! TLS is agreed on here:
//!
//! ```text
//! driver                     here                          server
//!        <── greeting (no TLS)    <── greeting (0), offers TLS
//!  response (1) ──>               ──> request for TLS (1), then TLS
//!                                 ──> response (2)
//!        <── answer (n - 1)       <── answer (n)              until OK or an error
//!        <────────────────────── bytes ──────────────────────>
//! ```
//!
//! To the driver the socket is as safe as TLS, so it sends what only TLS may carry; a connection in the
//! clear never goes this way.

use crate::error::{EngineError, ErrorClass, from_io};
use crate::target::{Kind, Target, TlsMode};
use crate::{socket, tls};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

/// Longest packet of a login.
const LOGIN_PACKET_BYTES_MAX: usize = 64 * 1024;
/// Most packets of a login after the greeting; the longest login known has six.
const LOGIN_PACKETS_MAX: usize = 32;
/// What is copied at once.
const COPY_BYTES: usize = 64 * 1024;
/// The capability of TLS, in the second byte of the flags.
const CAPABILITY_TLS: u8 = 0x08;

/// A socket the driver can connect to once, with an encrypted connection behind it.
pub(super) struct Tunnel {
    path: String,
    failed: oneshot::Receiver<EngineError>,
}

impl Tunnel {
    /// Reads the server's greeting from `stream`; `None` where it offers no TLS and need not.
    pub(super) async fn open(target: &Target, mut stream: TcpStream) -> Result<Option<Tunnel>, EngineError> {
        let place = target.place.to_string();
        let broken = |error: io::Error| login_error(&place, &error);
        let Some(config) = tls::client_config(Kind::Mysql, &target.tls)? else { return Ok(None) };
        let greeting = read_packet(&mut stream).await.map_err(broken)?;
        let offer = Offer::read(&greeting.payload);
        match offer {
            Offer::Tls { .. } | Offer::Error => {}
            Offer::Clear if target.tls.mode == TlsMode::Prefer => return Ok(None),
            Offer::Clear => {
                let message = "the server does not offer an encrypted connection";
                return Err(EngineError::new(ErrorClass::Tls, Kind::Mysql, message));
            }
            Offer::Unknown => {
                let message = format!("what answers at `{place}` does not speak the protocol of mysql");
                return Err(EngineError::new(ErrorClass::Protocol, Kind::Mysql, message));
            }
        }
        let (host, _) = socket::host_of(target)?;
        let name = ServerName::try_from(host.to_owned()).map_err(|_| {
            EngineError::new(ErrorClass::Tls, Kind::Mysql, "the host is no name that a certificate can have")
        })?;
        let own =
            |_| EngineError::new(ErrorClass::Lost, Kind::Mysql, "no private folder for a socket can be made");
        let folder = tempfile::Builder::new().prefix("dragoman-").tempdir().map_err(own)?;
        let path: PathBuf = folder.path().join("mysql");
        let listener = UnixListener::bind(&path).map_err(own)?;
        let (failing, failed) = oneshot::channel();
        let config = Arc::new(config);
        tokio::spawn(async move {
            let accepted = listener.accept().await;
            drop((listener, folder));
            let Ok((driver, _)) = accepted else { return };
            let login = Login { driver, stream, greeting, offer, name, config };
            if let Err(error) = login.relay().await {
                // Nobody asks for the reason once the login has succeeded.
                let _ = failing.send(login_error(&place, &error));
            }
        });
        let path = path.to_string_lossy().into_owned();
        Ok(Some(Tunnel { path, failed }))
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Why the connection behind the socket ended, if it failed.
    pub(super) async fn failure(self) -> Option<EngineError> {
        self.failed.await.ok()
    }
}

/// What a server's first packet offers.
#[derive(Clone, Copy, Debug)]
enum Offer {
    /// TLS: `at` is the byte of the flags that says so.
    Tls { at: usize },
    /// A login in the clear only.
    Clear,
    /// No login: the packet is an error.
    Error,
    /// Something else than MySQL's protocol, version 10.
    Unknown,
}

impl Offer {
    /// Protocol, version and a zero, 4 bytes id, 8 bytes scramble, a zero, 2 bytes flags.
    fn read(greeting: &[u8]) -> Offer {
        match greeting.split_first() {
            Some((255, _)) => return Offer::Error,
            Some((10, _)) => {}
            _ => return Offer::Unknown,
        }
        let Some(zero) = greeting.iter().position(|byte| *byte == 0) else { return Offer::Unknown };
        let at = zero + 1 + 4 + 8 + 1 + 1;
        match greeting.get(at) {
            Some(flags) if flags & CAPABILITY_TLS != 0 => Offer::Tls { at },
            Some(_) => Offer::Clear,
            None => Offer::Unknown,
        }
    }
}

struct Packet {
    sequence: u8,
    payload: Vec<u8>,
}

struct Login {
    driver: UnixStream,
    stream: TcpStream,
    greeting: Packet,
    offer: Offer,
    name: ServerName<'static>,
    config: Arc<ClientConfig>,
}

impl Login {
    /// Everything from the greeting to the end of the connection. Fails only until the login is over.
    async fn relay(mut self) -> io::Result<()> {
        if let Offer::Tls { at } = self.offer
            && let Some(flags) = self.greeting.payload.get_mut(at)
        {
            *flags &= !CAPABILITY_TLS;
        }
        write_packet(&mut self.driver, &self.greeting).await?;
        if matches!(self.offer, Offer::Error) {
            return Ok(());
        }
        let mut response = read_packet(&mut self.driver).await?;
        let Some(flags) = response.payload.get_mut(1) else { return Err(io::ErrorKind::InvalidData.into()) };
        *flags |= CAPABILITY_TLS;
        // Flags, longest packet, character set, zeros: the response up to the user's name.
        let Some(opening) = response.payload.get(..32) else { return Err(io::ErrorKind::InvalidData.into()) };
        let request = Packet { sequence: response.sequence, payload: opening.to_vec() };
        write_packet(&mut self.stream, &request).await?;
        let connector = TlsConnector::from(self.config);
        let mut server = connector.connect(self.name, self.stream).await?;
        response.sequence = response.sequence.wrapping_add(1);
        write_packet(&mut server, &response).await?;
        for _ in 0..LOGIN_PACKETS_MAX {
            let mut packet = read_packet(&mut server).await?;
            packet.sequence = packet.sequence.wrapping_sub(1);
            write_packet(&mut self.driver, &packet).await?;
            match *packet.payload.as_slice() {
                // OK or an error: the login is over. How the session ends is for the driver to see.
                [] | [0 | 255, ..] => {
                    let driver = &mut self.driver;
                    let _ =
                        tokio::io::copy_bidirectional_with_sizes(driver, &mut server, COPY_BYTES, COPY_BYTES)
                            .await;
                    return Ok(());
                }
                // caching_sha2_password knew the password: OK follows.
                [1, 3] => {}
                _ => {
                    let mut answer = read_packet(&mut self.driver).await?;
                    answer.sequence = answer.sequence.wrapping_add(1);
                    write_packet(&mut server, &answer).await?;
                }
            }
        }
        Err(io::ErrorKind::InvalidData.into())
    }
}

/// A packet of a login: 3 bytes length, a sequence number, the payload.
async fn read_packet(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Packet> {
    let mut header = [0_u8; 4];
    from.read_exact(&mut header).await?;
    let [a, b, c, sequence] = header;
    let length = usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16;
    if length > LOGIN_PACKET_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut payload = vec![0; length];
    from.read_exact(&mut payload).await?;
    Ok(Packet { sequence, payload })
}

async fn write_packet(to: &mut (impl AsyncWrite + Unpin), packet: &Packet) -> io::Result<()> {
    let length = u32::try_from(packet.payload.len()).map_err(|_| io::ErrorKind::InvalidData)?;
    let [a, b, c, _] = length.to_le_bytes();
    let mut bytes = Vec::with_capacity(packet.payload.len() + 4);
    bytes.extend_from_slice(&[a, b, c, packet.sequence]);
    bytes.extend_from_slice(&packet.payload);
    to.write_all(&bytes).await?;
    to.flush().await
}

fn login_error(place: &str, error: &io::Error) -> EngineError {
    match error.kind() {
        io::ErrorKind::InvalidData if error.get_ref().is_none() => {
            let message = format!("what answers at `{place}` does not speak the protocol of mysql");
            EngineError::new(ErrorClass::Protocol, Kind::Mysql, message)
        }
        _ => from_io(Kind::Mysql, place, error),
    }
}
