//! What stands in for a server that thousands can be logged in to at once?
//!
//! [`Crowd`] is no database: it asks everybody for a password, takes any, and answers each query with one row. It
//! keeps nothing of a session but its socket, so that a machine has room for as many as a gateway shall hold.

use crate::harness::double::{complete, one_column, ready, row};
use crate::harness::wire::{SSL_REQUEST, message};
use std::io;
use std::net::Ipv4Addr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;

/// A server for a crowd. It lives until the test's process ends.
pub struct Crowd {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
}

impl Crowd {
    /// Begins to serve, on a thread of its own.
    pub fn start() -> Crowd {
        let (told, port) = std::sync::mpsc::sync_channel(1);
        std::thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_io().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
                told.send(listener.local_addr().expect("its address").port()).expect("somebody waits");
                loop {
                    if let Ok((socket, _)) = listener.accept().await {
                        // A connection that breaks off is its client's matter.
                        drop(tokio::spawn(serve(socket)));
                    }
                }
            });
        });
        Crowd { port: port.recv().expect("a port") }
    }
}

async fn serve(mut socket: TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut opening = first(&mut socket).await?;
    if opening == SSL_REQUEST {
        socket.write_all(b"N").await?;
        opening = first(&mut socket).await?;
    }
    if !opening.get(4..).is_some_and(|rest| rest.starts_with(&[0, 3])) {
        return Ok(());
    }
    socket.write_all(&message(b'R', &3_u32.to_be_bytes())).await?;
    tagged(&mut socket).await?;
    let welcome = [
        message(b'R', &0_u32.to_be_bytes()),
        message(b'S', b"server_version\x0018.0\0"),
        message(b'K', &[0, 0, 0, 1, 0, 0, 0, 1]),
        ready(b'I'),
    ];
    socket.write_all(&welcome.concat()).await?;
    let answer = [one_column(), row("7"), complete("SELECT 1"), ready(b'I')].concat();
    while tagged(&mut socket).await? == b'Q' {
        socket.write_all(&answer).await?;
    }
    Ok(())
}

/// A packet without a type.
async fn first(socket: &mut TcpStream) -> io::Result<Vec<u8>> {
    let length = socket.read_u32().await?;
    let mut packet = vec![0; length as usize];
    packet[..4].copy_from_slice(&length.to_be_bytes());
    socket.read_exact(&mut packet[4..]).await?;
    Ok(packet)
}

/// The type of the next message.
async fn tagged(socket: &mut TcpStream) -> io::Result<u8> {
    let tag = socket.read_u8().await?;
    let length = socket.read_u32().await?;
    let mut body = vec![0; length as usize - 4];
    socket.read_exact(&mut body).await?;
    Ok(tag)
}
