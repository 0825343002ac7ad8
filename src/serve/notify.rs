//! What does the service manager hear of this process? (sd_notify(3), without its library.)

use std::env;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Where a service manager listens, if there is one.
const VARIABLE: &str = "NOTIFY_SOCKET";

/// Connections are accepted.
pub(super) fn ready() {
    tell("READY=1");
}

/// The process is being stopped.
pub(super) fn stopping() {
    tell("STOPPING=1");
}

/// Another process is the service from now on.
pub(super) fn replaced_by(process: u32) {
    tell(&format!("MAINPID={process}"));
}

fn tell(what: &str) {
    let Some(place) = env::var_os(VARIABLE) else { return };
    if let Err(error) = send(place.as_bytes(), what) {
        tracing::warn!(%error, what, "the service manager could not be told");
    }
}

fn send(place: &[u8], what: &str) -> io::Result<()> {
    let address = match place.split_first() {
        Some((b'@', name)) => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(std::ffi::OsStr::from_bytes(place))?,
    };
    UnixDatagram::unbound()?.send_to_addr(what.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_word_arrives_at_a_path_and_at_a_name_without_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let named = format!("dragoman-test-{}", std::process::id());
        let by_path = UnixDatagram::bind(&path).unwrap();
        let by_name =
            UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(named.as_bytes()).unwrap()).unwrap();
        send(path.as_os_str().as_bytes(), "READY=1").unwrap();
        send(format!("@{named}").as_bytes(), "MAINPID=7").unwrap();
        for (socket, expected) in [(by_path, "READY=1"), (by_name, "MAINPID=7")] {
            let mut bytes = [0; 32];
            let length = socket.recv(&mut bytes).unwrap();
            assert_eq!(bytes.get(..length).unwrap(), expected.as_bytes());
        }
    }
}
