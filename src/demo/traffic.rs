//! Who uses the shop while somebody looks at the gateway?
//!
//! Seven applications with a connection each, about thirty statements a second together: most are
//! fast, one is slow now and then, one asks for lines one by one, one fails. They log in through
//! the gateway as anybody would, come back when it was away, and stop at once.

mod applications;

use super::shop::{DATABASE, PASSWORD, Random};
use applications::Application;
use std::io;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_postgres::{Client, Config, Connection, NoTls, tls::NoTlsStream};

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
    config.dbname(DATABASE).user(application.user());
    config.password(PASSWORD).application_name(application.name());
    let mut random = Random::new(u64::from(port), application.name());
    let mut wait = BACKOFF_FIRST;
    loop {
        tokio::select! {
            () = stopped(&mut stop) => return,
            connected = timeout(CONNECT_LIMIT, Line::connect(&config, port)) => if let Ok(Some(line)) = connected {
                wait = BACKOFF_FIRST;
                line.be_used(application, &mut random, &mut stop.clone()).await;
            }
        }
        tokio::select! {
            () = stopped(&mut stop) => return,
            () = sleep(wait) => wait = (wait * 2).min(BACKOFF_LONGEST),
        }
    }
}

/// A connection of an application.
struct Line {
    client: Client,
    connection: Connection<TcpStream, NoTlsStream>,
    /// The same socket, to see the other side close it.
    socket: TcpStream,
}

impl Line {
    async fn connect(config: &Config, port: u16) -> Option<Line> {
        let (stream, socket) = twice(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok()?).ok()?;
        let (client, connection) = config.connect_raw(stream, NoTls).await.ok()?;
        Some(Line { client, connection, socket })
    }

    async fn be_used(
        mut self,
        application: Application,
        random: &mut Random,
        stop: &mut watch::Receiver<bool>,
    ) {
        let mut connection = pin!(self.connection);
        tokio::select! {
            () = stopped(stop) => {}
            () = application.work(&mut self.client, random) => {}
            _ = &mut connection => return,
        }
        // Without its client the connection sends Terminate and ends; the gateway then closes the
        // session, which is seen before anything else is stopped.
        drop(self.client);
        let goodbye = async {
            let _ = connection.await;
            while self.socket.read(&mut [0; 512]).await.is_ok_and(|read| read > 0) {}
        };
        let _ = timeout(GOODBYE_LIMIT, goodbye).await;
    }
}

/// A socket under two descriptors.
fn twice(stream: TcpStream) -> io::Result<(TcpStream, TcpStream)> {
    stream.set_nodelay(true)?;
    let stream = stream.into_std()?;
    let again = stream.try_clone()?;
    Ok((TcpStream::from_std(stream)?, TcpStream::from_std(again)?))
}

/// Comes back when the traffic has to stop; whoever started it being gone counts as well.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
