//! Whose connection does a load balancer bring, as it says by the PROXY protocol?
//!
//! ```text
//! version 1   PROXY TCP4 203.0.113.7 192.0.2.1 4711 5432\r\n
//! version 2   12 bytes of signature, version and command, family, 2 bytes of length; then addresses,
//!             ports, and what else it likes to tell
//! ```
//!
//! What follows is the client's: not a byte more is read than the header has.

use crate::fault::Fault;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::io::{AsyncRead, AsyncReadExt};

/// What version 2 begins with.
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";

/// What version 1 begins with.
const WORD: &[u8] = b"PROXY ";

/// Longest header of version 1 (the specification's own bound).
const LINE_BYTES_MAX: usize = 107;

/// Longest rest of a header of version 2: addresses, names and a certificate's facts.
const REST_BYTES_MAX: usize = 4096;

/// Reads the header; `None` where the balancer speaks for itself, as when it looks whether somebody listens.
pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<SocketAddr>, Fault> {
    let mut begins = [0; SIGNATURE.len()];
    stream.read_exact(&mut begins).await.map_err(Fault::Client)?;
    if begins == SIGNATURE {
        return read_second(stream).await;
    }
    if !begins.starts_with(WORD) {
        return Err(Fault::NoHeader);
    }
    let mut line = begins.to_vec();
    while !line.ends_with(b"\r\n") {
        if line.len() >= LINE_BYTES_MAX {
            return Err(Fault::NoHeader);
        }
        line.push(stream.read_u8().await.map_err(Fault::Client)?);
    }
    of_line(&line).ok_or(Fault::NoHeader)
}

async fn read_second(stream: &mut (impl AsyncRead + Unpin)) -> Result<Option<SocketAddr>, Fault> {
    let mut front = [0; 4];
    stream.read_exact(&mut front).await.map_err(Fault::Client)?;
    let [command, family, high, low] = front;
    let len = usize::from(u16::from_be_bytes([high, low]));
    if len > REST_BYTES_MAX {
        return Err(Fault::NoHeader);
    }
    let mut rest = vec![0; len];
    stream.read_exact(&mut rest).await.map_err(Fault::Client)?;
    of_fields(command, family, &rest).ok_or(Fault::NoHeader)
}

/// The client of a line of version 1: itself where the line names nobody.
fn of_line(line: &[u8]) -> Option<Option<SocketAddr>> {
    let text = std::str::from_utf8(line.strip_suffix(b"\r\n")?).ok()?;
    let mut words = text.split(' ').skip(1);
    let family = words.next()?;
    if family == "UNKNOWN" {
        return Some(None);
    }
    let address: IpAddr = words.next()?.parse().ok()?;
    let _server: IpAddr = words.next()?.parse().ok()?;
    let port = words.next()?.parse().ok()?;
    let _server_port: u16 = words.next()?.parse().ok()?;
    let fits = matches!((family, address), ("TCP4", IpAddr::V4(_)) | ("TCP6", IpAddr::V6(_)));
    (fits && words.next().is_none()).then_some(Some(SocketAddr::new(address, port)))
}

/// The client of version 2's fields: itself where they name nobody, or somebody without an IP address.
fn of_fields(command: u8, family: u8, rest: &[u8]) -> Option<Option<SocketAddr>> {
    const LOCAL: u8 = 0x20;
    const PROXY: u8 = 0x21;
    const TCP4: u8 = 0x11;
    const TCP6: u8 = 0x21;
    match (command, family) {
        (LOCAL, _) => Some(None),
        // Both addresses, then both ports.
        (PROXY, TCP4) => {
            let client = Ipv4Addr::from(*rest.first_chunk::<4>()?);
            Some(Some(SocketAddr::new(client.into(), port(rest.get(8..12)?)?)))
        }
        (PROXY, TCP6) => {
            let client = Ipv6Addr::from(*rest.first_chunk::<16>()?);
            Some(Some(SocketAddr::new(client.into(), port(rest.get(32..36)?)?)))
        }
        (PROXY, _) => Some(None),
        _ => None,
    }
}

fn port(ports: &[u8]) -> Option<u16> {
    ports.first_chunk().map(|client| u16::from_be_bytes(*client))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// What is read of `bytes`, and what is left of them.
    fn check(bytes: &[u8]) -> (Result<Option<SocketAddr>, Fault>, Vec<u8>) {
        let mut rest = bytes;
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let read = runtime.block_on(read(&mut rest));
        (read, rest.to_vec())
    }

    fn second(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let len = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[command, family], &len, rest, b"client"].concat()
    }

    #[test]
    fn both_versions_name_the_client_and_leave_its_bytes() {
        let four = b"\xcb\0\x71\x07\xc0\0\x02\x01\x12\x67\x15\x38";
        let mut six = [0; 36];
        six[..2].copy_from_slice(&[0xfd, 0]);
        six[15] = 7;
        six[32..].copy_from_slice(&[0x12, 0x67, 0x15, 0x38]);
        let long = [&four[..], &[0x20; 500]].concat();
        for (bytes, expected) in [
            (b"PROXY TCP4 203.0.113.7 192.0.2.1 4711 5432\r\nclient".to_vec(), Some("203.0.113.7:4711")),
            (b"PROXY TCP6 fd00::7 fd00::1 4711 5432\r\nclient".to_vec(), Some("[fd00::7]:4711")),
            (b"PROXY UNKNOWN\r\nclient".to_vec(), None),
            (b"PROXY UNKNOWN fd00::7 fd00::1 4711 5432\r\nclient".to_vec(), None),
            (second(0x21, 0x11, four), Some("203.0.113.7:4711")),
            (second(0x21, 0x11, &long), Some("203.0.113.7:4711")),
            (second(0x21, 0x21, &six), Some("[fd00::7]:4711")),
            (second(0x20, 0, b""), None),
            (second(0x21, 0x31, &[0; 216]), None),
        ] {
            let (read, rest) = check(&bytes);
            let expected: Option<SocketAddr> = expected.map(|text| text.parse().unwrap());
            assert_eq!((read.unwrap(), &*rest), (expected, &b"client"[..]), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_header_is_refused_as_early_as_it_shows() {
        let endless = [b"PROXY TCP4 ".to_vec(), vec![b'1'; 200]].concat();
        for bytes in [
            b"GET / HTTP/1.1\r\n".to_vec(),
            b"\0\0\0\x08\x04\xd2\x16\x2f\0\0\0\0".to_vec(),
            b"PROXY TCP4 fd00::7 192.0.2.1 4711 5432\r\n".to_vec(),
            b"PROXY TCP4 203.0.113.7 192.0.2.1 4711\r\n".to_vec(),
            b"PROXY TCP4 203.0.113.7 192.0.2.1 4711 5432 more\r\n".to_vec(),
            b"PROXY TCP4 203.0.113.7 192.0.2.1 471100 5432\r\n".to_vec(),
            second(0x11, 0x11, &[0; 12]),
            second(0x22, 0x11, &[0; 12]),
            second(0x21, 0x11, &[0; 11]),
            second(0x21, 0x21, &[0; 12]),
            second(0x21, 0x11, &[0; 5000]),
            endless,
        ] {
            assert!(matches!(check(&bytes).0, Err(Fault::NoHeader)), "{bytes:?}");
        }
    }

    #[test]
    fn a_header_that_is_cut_is_waited_for() {
        let line = b"PROXY TCP4 203.0.113.7 192.0.2.1 4711 5432\r\n";
        let second = second(0x21, 0x11, &[7; 12]);
        for bytes in [&line[..], &second[..28]] {
            for end in 0..bytes.len() {
                assert!(matches!(check(&bytes[..end]).0, Err(Fault::Client(_))), "{end}");
            }
        }
    }
}
