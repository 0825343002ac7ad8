//! How is a server's port reached, where the rules allow it?

use crate::egress::Egress;
use crate::error::{EngineError, ErrorClass, from_io};
use crate::target::{Kind, Place, Target};
use socket2::{SockRef, TcpKeepalive};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

/// Longest wait for one address of several; the last one has whatever time is left.
const ADDRESS_LIMIT: Duration = Duration::from_secs(5);
/// A connection that says nothing for so long is asked whether it is still there: a statement may
/// run for minutes, and a translator of addresses between forgets.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Connects to the first address of the target's host that is allowed and answers.
pub(crate) async fn connect(
    target: &Target,
    egress: &Egress,
) -> Result<(TcpStream, SocketAddr), EngineError> {
    let (host, port) = host_of(target)?;
    let addresses = egress.resolve(target.kind, host, port).await?;
    let mut last = None;
    for (at, address) in addresses.iter().enumerate() {
        let connecting = connect_to(target.kind, *address);
        let is_last = at + 1 == addresses.len();
        let result = if is_last {
            connecting.await
        } else {
            tokio::time::timeout(ADDRESS_LIMIT, connecting).await.unwrap_or_else(|_| {
                let message = format!("`{address}` did not answer in time");
                Err(EngineError::new(ErrorClass::Timeout, target.kind, message))
            })
        };
        match result {
            Ok(stream) => return Ok((stream, *address)),
            Err(error) => last = Some(error),
        }
    }
    let nothing = || EngineError::new(ErrorClass::Dns, target.kind, format!("`{host}` has no address"));
    Err(last.unwrap_or_else(nothing))
}

/// Connects to an address that was checked before.
pub(crate) async fn connect_to(kind: Kind, address: SocketAddr) -> Result<TcpStream, EngineError> {
    let failed = |error: std::io::Error| from_io(kind, &address.to_string(), &error);
    let stream = TcpStream::connect(address).await.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE);
    SockRef::from(&stream).set_tcp_keepalive(&keepalive).map_err(failed)?;
    Ok(stream)
}

/// The host and port of a target that is a server.
pub(crate) fn host_of(target: &Target) -> Result<(&str, u16), EngineError> {
    match &target.place {
        Place::Tcp { host, port } => Ok((host.trim_start_matches('[').trim_end_matches(']'), *port)),
        Place::File { .. } => {
            let message =
                format!("a database of kind {} is a server: a host and a port are needed", target.kind);
            Err(EngineError::new(ErrorClass::Protocol, target.kind, message))
        }
    }
}
