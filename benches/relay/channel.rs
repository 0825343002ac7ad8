//! How do the load's bytes reach a lane: as they are, or through TLS?

use super::client::PATIENCE;
use super::failure::Failure;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;

/// What a client says before anything else.
#[derive(Clone, Debug)]
pub enum Opening {
    /// Nothing: no TLS.
    Plain,
    /// Asks for TLS as the server's protocol has it.
    Asked(Arc<ClientConfig>),
    /// Begins with TLS: for a lane that ends TLS and knows nothing of the protocol.
    Direct(Arc<ClientConfig>),
}

/// SSLRequest: length and code.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A connection over a socket that blocks or one that does not.
#[derive(Debug)]
pub enum Channel<S: Read + Write> {
    /// In plaintext.
    Plain(S),
    /// Through TLS.
    Tls(Box<StreamOwned<ClientConnection, S>>),
}

impl Channel<TcpStream> {
    /// Connects, and agrees on TLS where that is wanted, as PostgreSQL's protocol has it.
    pub fn open(address: SocketAddr, opening: &Opening) -> Result<Channel<TcpStream>, Failure> {
        let mut stream =
            TcpStream::connect_timeout(&address, PATIENCE).map_err(Failure::system("connect to the lane"))?;
        stream.set_nodelay(true).map_err(Failure::system("set TCP_NODELAY"))?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(Failure::system("set a read timeout"))?;
        let config = match opening {
            Opening::Plain => return Ok(Channel::Plain(stream)),
            Opening::Asked(config) => {
                if !offers_tls(&mut stream)? {
                    return Err(Failure::Login("TLS was asked for and not offered"));
                }
                config
            }
            Opening::Direct(config) => config,
        };
        Channel::begin_tls(stream, config)
    }

    /// Agrees on TLS over a socket on which both sides have said that they want it.
    pub fn begin_tls(
        mut stream: TcpStream,
        config: &Arc<ClientConfig>,
    ) -> Result<Channel<TcpStream>, Failure> {
        let name = rustls::pki_types::ServerName::from(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST));
        let mut connection = ClientConnection::new(Arc::clone(config), name)?;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream).map_err(Failure::system("agree on TLS"))?;
        }
        Ok(Channel::Tls(Box::new(StreamOwned::new(connection, stream))))
    }
}

/// Whether the server behind a socket just opened answers a request for TLS with yes.
pub fn offers_tls(stream: &mut TcpStream) -> Result<bool, Failure> {
    stream.write_all(&SSL_REQUEST).map_err(Failure::system("ask for TLS"))?;
    let mut answer = [0];
    stream.read_exact(&mut answer).map_err(Failure::system("ask for TLS"))?;
    Ok(answer == *b"S")
}

impl<S: Read + Write> Channel<S> {
    /// The same connection over its socket in another form.
    pub fn map<T: Read + Write>(
        self,
        change: impl FnOnce(S) -> Result<T, Failure>,
    ) -> Result<Channel<T>, Failure> {
        match self {
            Channel::Plain(socket) => Ok(Channel::Plain(change(socket)?)),
            Channel::Tls(stream) => {
                let (connection, socket) = stream.into_parts();
                Ok(Channel::Tls(Box::new(StreamOwned::new(connection, change(socket)?))))
            }
        }
    }

    /// The socket below.
    pub fn socket(&mut self) -> &mut S {
        match self {
            Channel::Plain(socket) => socket,
            Channel::Tls(stream) => stream.get_mut(),
        }
    }
}

impl<S: Read + Write> Read for Channel<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Channel::Plain(socket) => socket.read(buffer),
            Channel::Tls(stream) => match stream.read(buffer) {
                // Closed without TLS' own goodbye: an end all the same.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(0),
                result => result,
            },
        }
    }
}

impl<S: Read + Write> Write for Channel<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Channel::Plain(socket) => socket.write(bytes),
            Channel::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Channel::Plain(socket) => socket.flush(),
            Channel::Tls(stream) => stream.flush(),
        }
    }
}
