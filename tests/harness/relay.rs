//! How is a network made that hands over one byte at a time?

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

/// A TCP relay that knows nothing of what it carries. It lives until the test's process ends.
pub struct Relay {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
}

impl Relay {
    /// Relays to `port`, handing over at most `piece` bytes a segment, in both directions.
    pub fn before(port: u16, piece: usize) -> Relay {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let relay = Relay { port: listener.local_addr().expect("its address").port() };
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
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
