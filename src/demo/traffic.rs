//! Who uses the shop while somebody looks at the gateway?
//!
//! Seven applications with a connection each, about thirty statements a second together: most are
//! fast, one is slow now and then, one asks for lines one by one, one fails. They log in through
//! the gateway as anybody would, come back when it was away, and stop at once.

mod applications;

use super::shop::{DATABASE, PASSWORD, Random};
use applications::Application;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_postgres::{Client, Config, Connection, NoTls, Socket, tls::NoTlsStream};

/// The first wait before a lost connection is tried again; it doubles each time.
const BACKOFF_FIRST: Duration = Duration::from_millis(250);
/// The longest such wait.
const BACKOFF_LONGEST: Duration = Duration::from_secs(5);
/// Longest wait for a login.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// Longest wait for a connection to say goodbye: whoever is in the middle of a slow statement is cut off.
const GOODBYE_LIMIT: Duration = Duration::from_millis(300);

/// Sample traffic. It runs on the runtime it was started in.
#[derive(Debug)]
pub struct Traffic {
    stop: watch::Sender<bool>,
    applications: JoinSet<()>,
}

impl Traffic {
    /// How many applications there are.
    pub const APPLICATIONS: usize = Application::ALL.len();

    /// Starts the traffic to `port` on this machine. Has to be called within a runtime.
    pub fn start(port: u16) -> Traffic {
        let (stop, stopped) = watch::channel(false);
        let mut applications = JoinSet::new();
        for application in Application::ALL {
            applications.spawn(keep_connected(application, port, stopped.clone()));
        }
        Traffic { stop, applications }
    }

    /// Ends every connection and waits until the last one is closed, well below a second.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.applications.join_next().await.is_some() {}
    }
}

async fn keep_connected(application: Application, port: u16, mut stop: watch::Receiver<bool>) {
    let mut config = Config::new();
    config.host(Ipv4Addr::LOCALHOST.to_string()).port(port).dbname(DATABASE).user(application.user());
    config.password(PASSWORD).application_name(application.name()).connect_timeout(CONNECT_LIMIT);
    let mut random = Random::new(u64::from(port), application.name());
    let mut wait = BACKOFF_FIRST;
    loop {
        tokio::select! {
            () = stopped(&mut stop) => return,
            connected = config.connect(NoTls) => if let Ok((client, connection)) = connected {
                wait = BACKOFF_FIRST;
                use_connection(application, client, connection, &mut random, &mut stop.clone()).await;
            }
        }
        tokio::select! {
            () = stopped(&mut stop) => return,
            () = sleep(wait) => wait = (wait * 2).min(BACKOFF_LONGEST),
        }
    }
}

async fn use_connection(
    application: Application,
    mut client: Client,
    connection: Connection<Socket, NoTlsStream>,
    random: &mut Random,
    stop: &mut watch::Receiver<bool>,
) {
    let mut connection = pin!(connection);
    tokio::select! {
        () = stopped(stop) => {}
        () = application.work(&mut client, random) => {}
        _ = &mut connection => return,
    }
    // Without its client the connection sends Terminate and ends.
    drop(client);
    let _ = timeout(GOODBYE_LIMIT, connection).await;
}

/// Comes back when the traffic has to stop; whoever started it being gone counts as well.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
