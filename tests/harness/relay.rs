//! How is a network made that hands over one byte at a time, or is seen at another address?

use socket2::{Domain, Socket, Type};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};

/// A TCP relay that knows nothing of what it carries. It lives until the test's process ends.
pub struct Relay {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
}

/// Bytes handed over at once where that is not of interest.
const PIECE: usize = 16 * 1024;

impl Relay {
    /// Relays to `port`, handing over at most `piece` bytes a segment, in both directions.
    pub fn before(port: u16, piece: usize) -> Relay {
        Relay::start(Ipv4Addr::LOCALHOST, port, piece, Vec::new())
    }

    /// Relays to `port`, where its clients are seen at `address`, one of this machine's own.
    pub fn as_seen_from(address: Ipv4Addr, port: u16) -> Relay {
        Relay::start(address, port, PIECE, Vec::new())
    }

    /// Relays to `port`, and says `header` ahead of each client.
    pub fn announcing(header: &[u8], port: u16) -> Relay {
        Relay::start(Ipv4Addr::LOCALHOST, port, PIECE, header.to_vec())
    }

    fn start(address: Ipv4Addr, port: u16, piece: usize, header: Vec<u8>) -> Relay {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let relay = Relay { port: listener.local_addr().expect("its address").port() };
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(mut server) = connect(address, port) else { continue };
                if server.write_all(&header).is_err() {
                    continue;
                }
                let (Ok(client_again), Ok(server_again)) = (client.try_clone(), server.try_clone()) else {
                    continue;
                };
                std::thread::spawn(move || carry(client, server, piece));
                std::thread::spawn(move || carry(server_again, client_again, piece));
            }
        });
        relay
    }
}

fn connect(from: Ipv4Addr, port: u16) -> std::io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((from, 0)).into())?;
    socket.connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    Ok(socket.into())
}

fn carry(mut from: TcpStream, mut to: TcpStream, piece: usize) {
    let _ = to.set_nodelay(true);
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(count) = from.read(&mut bytes) {
        if count == 0 || bytes[..count].chunks(piece).any(|piece| to.write_all(piece).is_err()) {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
