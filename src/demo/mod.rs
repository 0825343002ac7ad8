//! How can somebody see the gateway at work within a minute, with nothing installed?
//!
//! `dragoman demo` starts a real PostgreSQL as an unprivileged child ([`server`]), fills the sample
//! database `shop` ([`shop`]) on the first start, starts the gateway in front of it, sends light
//! sample traffic through it ([`traffic`]) and shows where to look. With `--mysql` a MariaDB of the
//! machine and a second listener run beside it. Ctrl-C stops traffic, gateway
//! and server, in that order.

mod console;
mod failure;
mod gateway;
mod mysql;
mod place;
mod ports;
mod screen;
mod secret;
pub mod server;
mod settings;
pub mod shop;
pub mod traffic;

pub use failure::DemoError;
pub use ports::{MysqlPorts, NoBase, Ports, Wanted, ports_base};
pub use secret::NoRandom;

use crate::serve::Watch;
use gateway::{Started, follow_settings, start_gateway};
use mysql::MysqlTraffic;
use place::Place;
use screen::{Ready, Screen};
use server::{MariadbServer, PostgresServer, ServerOptions, find_binaries};
use settings::Prepared;
use shop::{APPLICATION, FillError, Filled, OWNER, PROBE, READER};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_postgres::Config;
use traffic::Traffic;

/// What is logged beside the screen: no warning for each of the shop's roles that it can do more than read, for
/// that is so on purpose.
pub const LOG: &str = "warn,proxy::probe::tell[{gaps}]=error";

/// How often it is looked whether the sample server still lives.
const WATCH_INTERVAL: Duration = Duration::from_millis(250);
/// The sample server's superuser, who gets in by the unix socket only.
const SUPERUSER: &str = "postgres";

/// What the command line asks of the demo.
#[derive(Debug, Default)]
pub struct DemoOptions {
    /// Where to keep everything; `demo-data` without it.
    pub data: Option<PathBuf>,
    /// The directory with `initdb` and `postgres`.
    pub postgres_bin: Option<PathBuf>,
    /// The first of the ports in a row; 6432, 9432, 6431 and 8432 without it, and 6033 and 6034 for MySQL.
    pub ports: Option<u16>,
    /// Whether a MySQL side is wanted as well.
    pub mysql: bool,
}

/// Runs the demo until it is told to stop by SIGINT, SIGTERM or SIGHUP. Must not be called within a
/// tokio runtime.
pub fn run(options: DemoOptions) -> Result<(), DemoError> {
    let start = Instant::now();
    let screen = Screen::new();
    let ports = Ports::choose(options.ports, options.mysql)?;
    let client = options.mysql.then(mysql::check).transpose()?;
    let bin = find_binaries(options.postgres_bin.as_deref())?;
    ports.check_free()?;
    let place = Place::choose(options.data)?;
    if let Some(remark) = &place.remark {
        screen.step(remark);
    }
    let runtime =
        Builder::new_current_thread().enable_all().build().map_err(|source| DemoError::System { source })?;
    // Before anything runs: from here on a Ctrl-C is remembered until somebody looks.
    let mut interrupt =
        runtime.block_on(async { Interrupt::new() }).map_err(|source| DemoError::System { source })?;
    if !place.cluster().exists() {
        screen.step(format_args!("first start: making a database cluster in {}", place.cluster().display()));
    }
    let server = PostgresServer::start(server_options(bin, &place, ports))?;
    let mysql = match (ports.mysql, client) {
        (Some(ports), Some(client)) => Some((mysql::start(place.mariadb(), ports)?, ports, client)),
        _ => None,
    };
    let scene = Scene { server: &server, mysql: mysql.as_ref(), place: &place, ports, start };
    let ended = serve(&runtime, &mut interrupt, screen, &scene);
    let stopped = mysql.map_or(Ok(()), |(server, ..)| server.stop()).and(server.stop());
    ended?;
    stopped?;
    screen.step("stopped: traffic, gateway and server are gone");
    Ok(())
}

/// What is there once the sample server runs.
struct Scene<'a> {
    server: &'a PostgresServer,
    /// The MySQL side: its server, its ports, and the client its traffic is made with.
    mysql: Option<&'a (MariadbServer, MysqlPorts, PathBuf)>,
    place: &'a Place,
    ports: Ports,
    start: Instant,
}

/// From the running server to the stopped gateway.
fn serve(
    runtime: &Runtime,
    interrupt: &mut Interrupt,
    screen: Screen,
    scene: &Scene<'_>,
) -> Result<(), DemoError> {
    if let Step::Interrupted = runtime.block_on(fill(interrupt, screen, scene))? {
        return Ok(());
    }
    let settings = scene.place.settings();
    match settings::prepare(&settings, scene.ports)? {
        Prepared::Ours => {}
        Prepared::Kept => screen.step(format_args!("{} has changes of yours: kept", settings.display())),
        Prepared::Replaced { old } => screen.step(format_args!(
            "{} is for other ports: written anew, yours is now {}",
            settings.display(),
            old.display()
        )),
    }
    settings::prepare_rules(&scene.place.rules())?;
    let mut watch = Watch::new(&settings);
    let Started { gateway, ledger, control } = start_gateway(&settings, &mut watch)?;
    let traffic = runtime.block_on(async { Traffic::start(scene.ports.gateway) });
    let shoppers = scene
        .mysql
        .map(|(_, ports, client)| runtime.block_on(async { MysqlTraffic::start(client, ports.gateway) }));
    let console = control.as_ref().and_then(|control| {
        let link = control.set_up_link();
        match runtime.block_on(console::prepare(control, link, scene.place)) {
            Ok(entry) => Some((control.address().port(), entry)),
            Err(error) => {
                screen.trouble(&format!("{error}; the gateway goes on without"));
                None
            }
        }
    });
    screen.ready(&Ready {
        console: console.as_ref().map(|(port, entry)| (*port, entry)),
        ports: scene.ports,
        place: scene.place,
        ledger: &ledger,
        version: scene.server.version(),
        mariadb: scene.mysql.map(|(server, ..)| server.version()),
        took: scene.start.elapsed(),
    });
    let ended = runtime.block_on(async {
        tokio::select! {
            () = interrupt.wait() => Ok(()),
            never = follow_settings(&mut watch, &gateway, screen) => match never {},
            log = death(scene) => Err(DemoError::ServerEnded { log }),
        }
    });
    screen.step("stopping");
    if let Some(shoppers) = shoppers {
        runtime.block_on(shoppers.stop());
    }
    runtime.block_on(traffic.stop());
    // Its only sessions were the traffic's and those of whoever tries it out.
    gateway.stop(&AtomicBool::new(true));
    if let Some(control) = control {
        control.stop();
    }
    ended
}

/// Whether to go on.
enum Step {
    Done,
    Interrupted,
}

async fn fill(interrupt: &mut Interrupt, screen: Screen, scene: &Scene<'_>) -> Result<Step, DemoError> {
    let mut config = Config::new();
    config.host_path(scene.server.socket_directory()).port(scene.server.port()).user(SUPERUSER);
    let mut progress = |progress| screen.progress(progress);
    let (password, file) = (secret::random_text()?, scene.place.probe_secret());
    let filled = async {
        let filled = shop::fill(&config, &mut progress).await?;
        shop::prepare_probe(&config, &password).await?;
        Ok(filled)
    };
    if let Some((server, _, client)) = scene.mysql {
        mysql::prepare_probe(server, client, &password).await?;
    }
    let filled = tokio::select! {
        () = interrupt.wait() => return Ok(Step::Interrupted),
        filled = filled => filled,
    };
    let place = scene.place.root().to_owned();
    match filled {
        Ok(Filled::Now { rows }) => screen.filled(rows),
        Ok(Filled::AlreadyThere) => {}
        Err(FillError::DiskFull) => return Err(DemoError::DiskFull { place }),
        Err(source) => return Err(DemoError::Fill { place, source }),
    }
    secret::write(&file, &password).map_err(|source| DemoError::file(file, source))?;
    Ok(Step::Done)
}

/// The shop's roles prove who they are over TCP, which the gateway relays, and the gateway's own does so too; the
/// superuser gets in by the unix socket alone, whose directory is closed to others.
fn server_options(bin: PathBuf, place: &Place, ports: Ports) -> ServerOptions {
    let roles = [OWNER, APPLICATION, READER, PROBE].join(",");
    let mut options = ServerOptions::new(bin, place.cluster());
    options.port = ports.server;
    options.superuser = SUPERUSER.to_owned();
    options.hba = Some(format!("local all all trust\nhost all {roles} 127.0.0.1/32 scram-sha-256\n"));
    options
        // The sample traffic fails on purpose, for days perhaps: its errors belong in the ledger.
        .with("log_min_messages", "fatal")
        .with("max_connections", "60")
        .with("max_wal_size", "128MB")
        .with("min_wal_size", "32MB")
        .with("random_page_cost", "1.1")
}

/// Comes back when a server has ended, with the place of its log.
async fn death(scene: &Scene<'_>) -> PathBuf {
    let mut interval = tokio::time::interval(WATCH_INTERVAL);
    loop {
        if scene.server.has_ended() {
            return scene.server.log_file();
        }
        if let Some((server, ..)) = scene.mysql
            && server.has_ended()
        {
            return server.log_file();
        }
        interval.tick().await;
    }
}

/// The signals that ask the demo to stop.
struct Interrupt {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Interrupt {
    fn new() -> io::Result<Interrupt> {
        Ok(Interrupt {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}
