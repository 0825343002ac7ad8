//! How do sessions reach the one thread that carries them?
//!
//! The main thread accepts and connects, as the gateway's does, and sleeps while queries flow.

use crate::relay::blind::SERVING;
use crate::relay::process;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

/// Sessions accepted that the carrying thread has not taken yet; accepting waits beyond.
const WAITING_MAX: usize = 1024;

/// Both sockets of a session: the client's, the server's.
pub type Streams = [TcpStream; 2];

/// What the carrying thread gets its sessions from.
pub struct Arrivals {
    /// Readable when a session has come.
    pub bell: UnixStream,
    sessions: Receiver<Streams>,
}

impl Arrivals {
    /// The sessions that have come.
    pub fn take(&mut self) -> impl Iterator<Item = Streams> + '_ {
        let mut rings = [0; WAITING_MAX];
        // Nothing to read means that an earlier look took what this ring was for.
        let _ = self.bell.read(&mut rings);
        self.sessions.try_iter()
    }
}

/// Serves until it is killed, says on its output where; `carry` runs on a thread of its own.
pub fn serve<C>(upstream: SocketAddr, carry: C) -> ExitCode
where
    C: FnOnce(Arrivals) -> io::Result<()> + Send + 'static,
{
    match accept(upstream, carry) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("relay: {error}");
            ExitCode::FAILURE
        }
    }
}

fn accept<C>(upstream: SocketAddr, carry: C) -> io::Result<()>
where
    C: FnOnce(Arrivals) -> io::Result<()> + Send + 'static,
{
    process::raise_file_limit(u64::MAX);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let (mut rope, bell) = UnixStream::pair()?;
    bell.set_nonblocking(true)?;
    let (sender, sessions) = sync_channel(WAITING_MAX);
    thread::spawn(move || {
        if let Err(error) = carry(Arrivals { bell, sessions }) {
            // Its sessions end with it, which the bench sees.
            eprintln!("relay: {error}");
        }
    });
    println!("{SERVING}{}", listener.local_addr()?);
    for client in listener.incoming() {
        let server = TcpStream::connect(upstream)?;
        let streams = [client?, server];
        for stream in &streams {
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
        }
        sender.send(streams).map_err(|_| io::Error::other("the carrying thread has ended"))?;
        rope.write_all(&[1])?;
    }
    Ok(())
}
