//! How does the gateway stop what a session of a MySQL server runs?
//!
//! MySQL cancels by a statement in another session, `KILL`. An account may kill its own sessions; for those of others
//! the probe's account needs a privilege.

use super::connect::{Link, Server, connect_to};
use crate::probe::ProbeError;
use mysql_async::prelude::Queryable;
use relay::settings::{ListenerSettings, UpstreamAddress};
use std::time::Duration;

/// Longest wait for a server to take a KILL.
const KILL_WAIT: Duration = Duration::from_secs(5);

/// ER_NO_SUCH_THREAD: it has ended by itself.
const NO_SUCH_THREAD: u16 = 1094;
/// ER_KILL_DENIED_ERROR, and ER_SPECIFIC_ACCESS_DENIED_ERROR, which newer servers say.
const DENIED: [u16; 2] = [1095, 1227];

/// Stops what the session with this connection id runs at one server of the listener; the session goes on. One
/// that has ended by itself is no mistake.
pub(crate) async fn kill(
    settings: &ListenerSettings,
    upstream: &UpstreamAddress,
    connection: u32,
) -> Result<(), ProbeError> {
    let probe = settings.probe.as_ref().ok_or(ProbeError::NoProbe)?;
    let killing = async {
        let mut link = connect_to(upstream, settings, probe).await?;
        let killed = told(&mut link, connection).await;
        link.close().await;
        killed
    };
    tokio::time::timeout(KILL_WAIT, killing).await.unwrap_or(Err(ProbeError::Slow(KILL_WAIT.as_secs())))
}

async fn told(link: &mut Link, connection: u32) -> Result<(), ProbeError> {
    match link.conn.query_drop(format!("KILL QUERY {connection}")).await {
        Err(mysql_async::Error::Server(said)) if said.code == NO_SUCH_THREAD => Ok(()),
        Err(mysql_async::Error::Server(said)) if DENIED.contains(&said.code) => {
            let account = super::itself(link).await?.quoted();
            let remedy = format!("GRANT {} ON *.* TO {account};", privilege(link.server));
            Err(ProbeError::NotAllowed { account, deed: "stop statements of others", remedy })
        }
        other => other.map_err(ProbeError::from),
    }
}

/// What lets an account kill sessions of others, and nothing more than it must.
pub(crate) fn privilege(server: Server) -> &'static str {
    match server {
        Server { is_mariadb: true, version: 100_502.. } => "CONNECTION ADMIN",
        Server { is_mariadb: false, version: 80_000.. } => "CONNECTION_ADMIN",
        Server { .. } => "SUPER",
    }
}
