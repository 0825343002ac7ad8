//! Which relays are compared, how often, and what came out?

use super::arrivals;
use super::completion::{Receive, Relay, Send};
use super::counters::{Counters, Reading};
use super::outbox::Outbox;
use super::readiness::{self, Poller};
use crate::relay::blind;
use crate::relay::channel::Opening;
use crate::relay::client::Client;
use crate::relay::database::Database;
use crate::relay::drive::{Load, Sessions, drive};
use crate::relay::failure::Failure;
use crate::relay::lane::{Kind, Lane, Route, open_myself};
use crate::relay::plan::{Server, Transport, warm_up};
use crate::relay::wire;
use crate::relay::workload::{Scenario, Workload};
use clap::Parser;
use clap::builder::PossibleValuesParser;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

/// Compares relays that look at nothing: what does a query cost them on epoll, and on io_uring?
#[derive(Debug, Parser)]
#[command(name = "uring")]
struct Arguments {
    /// How often each measurement is repeated
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// How long each takes
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// Connections
    #[arg(long, value_name = "CLIENTS,...", value_delimiter = ',', default_value = "1,8,64")]
    clients: Vec<usize>,
    /// Opens only these lanes
    #[arg(long, value_name = "LANE,...", value_delimiter = ',', default_values_t = NAMES.map(str::to_owned),
          value_parser = PossibleValuesParser::new(NAMES))]
    lanes: Vec<String>,
    /// Is the relay of that name (the bench starts itself so)
    #[arg(long, hide = true, num_args = 2)]
    relay: Vec<String>,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

/// The lanes. `mio` is the blind relay of the other benchmark on one thread, `epoll` the same without a
/// library, `epoll-batch` the same with all sends of a turn in one call to a ring, `poll` is `epoll` told
/// by a ring what is ready. The others leave receiving to the kernel, by a request for each chunk
/// (`each`) or one for each socket (`multishot`), and sending too, unless the name ends in `call`.
const NAMES: [&str; 11] = [
    "mio",
    "epoll",
    "epoll-batch",
    "poll",
    "each",
    "each-link",
    "each-call",
    "multishot",
    "multishot-call",
    "pgbouncer",
    "gateway",
];

const SCENARIOS: [Scenario; 2] = [Scenario::Prepared, Scenario::Simple];

/// One cell of the tables: scenario, clients, lane.
type Cell = (Scenario, usize, usize);
type Readings = BTreeMap<Cell, Vec<Figures>>;

/// What one measurement says of each query.
#[derive(Clone, Copy, Debug)]
struct Figures {
    time_us: f64,
    /// In user space, in the kernel.
    cycles: [f64; 2],
    instructions: [f64; 2],
    /// How often a thread slept, and how often it had to wait for another.
    switches: [f64; 2],
    /// Queries for each second.
    rate: f64,
}

/// Runs what the command line asks for.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    if let [name, upstream] = arguments.relay.as_slice() {
        return match upstream.parse() {
            Ok(upstream) => serve(name, upstream),
            Err(_) => ExitCode::FAILURE,
        };
    }
    match measure_all(&arguments) {
        Ok(readings) => {
            print(&arguments, &readings);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn serve(name: &str, upstream: SocketAddr) -> ExitCode {
    use Receive::{Each, Multishot};
    use Send::{Called, Linked, Queued};
    let complete =
        |receive, send| arrivals::serve(upstream, move |arrivals| Relay::new(receive, send)?.carry(arrivals));
    let ready = |poller: fn() -> io::Result<Poller>, batch: bool| {
        arrivals::serve(upstream, move |arrivals| {
            let outbox = batch.then(Outbox::new).transpose()?;
            readiness::Relay::new(poller()?, outbox).carry(arrivals)
        })
    };
    match name {
        "mio" => blind::serve(upstream, 1),
        "epoll" => ready(Poller::epoll, false),
        "epoll-batch" => ready(Poller::epoll, true),
        "poll" => ready(Poller::ring, false),
        "each" => complete(Each, Queued),
        "each-link" => complete(Each, Linked),
        "each-call" => complete(Each, Called),
        "multishot" => complete(Multishot, Queued),
        "multishot-call" => complete(Multishot, Called),
        _ => ExitCode::FAILURE,
    }
}

fn measure_all(arguments: &Arguments) -> Result<Readings, Failure> {
    let most = arguments.clients.iter().copied().max().unwrap_or(1);
    let database = Database::start(most + 10)?;
    let route = Route {
        server: Server::Postgres,
        upstream: database.address(),
        database: &database,
        transport: Transport::Plain,
        sessions: most,
    };
    let mut workloads = Vec::new();
    for scenario in SCENARIOS {
        let mut direct = Client::log_in(database.address(), &Opening::Plain, &database.trusted)?;
        workloads.push((scenario, Workload::learn(scenario, &mut direct)?));
        direct.leave()?;
    }
    let mut readings = Readings::new();
    for round in 0..arguments.rounds {
        for (scenario, workload) in &workloads {
            for &clients in &arguments.clients {
                for turn in 0..arguments.lanes.len() {
                    // Each round begins with another lane.
                    let number = (round + turn) % arguments.lanes.len();
                    let name = arguments.lanes[number].as_str();
                    let lane = open(name, &route)?;
                    let figures = measure(&lane, &database, workload, clients, arguments.seconds)?;
                    eprintln!("{} {clients} {name}: {figures:.1?}", scenario.name());
                    readings.entry((*scenario, clients, number)).or_default().push(figures);
                }
            }
        }
    }
    Ok(readings)
}

fn open(name: &str, route: &Route<'_>) -> Result<Lane, Failure> {
    match name {
        "pgbouncer" => Lane::open(Kind::Pgbouncer, route),
        "gateway" => Lane::open(Kind::Gateway, route),
        name => open_myself(name, &["--relay", name, &route.upstream.to_string()]),
    }
}

fn measure(
    lane: &Lane,
    database: &Database,
    workload: &Workload,
    clients: usize,
    seconds: f64,
) -> Result<Figures, Failure> {
    let window = Duration::from_secs_f64(seconds);
    let load = Load { clients, warm_up: warm_up(window), window };
    let mut counters = None;
    let mut reading = Reading::default();
    let mut mark = || {
        match &mut counters {
            None => counters = lane.process().map(Counters::open).transpose()?,
            Some(counters) => reading = counters.read()?,
        }
        Ok(())
    };
    let open = || {
        let mut client = lane.log_in(&database.trusted)?;
        if let Some(setup) = &workload.setup {
            client.exchange(setup)?;
        }
        Ok((client.into_channel(), workload.question()))
    };
    let sample = drive(&Sessions { open: &open, goodbye: &wire::terminate() }, load, &mut mark)?;
    let queries = sample.queries.max(1) as f64;
    let each = |counts: [f64; 2]| counts.map(|count| count / queries);
    Ok(Figures {
        time_us: reading.time.as_secs_f64() * 1e6 / queries,
        cycles: each(reading.cycles),
        instructions: each(reading.instructions),
        switches: each(reading.switches),
        rate: sample.rate(),
    })
}

fn print(arguments: &Arguments, readings: &Readings) {
    for scenario in SCENARIOS {
        for &clients in &arguments.clients {
            println!("\n{}, {clients} clients: medians (and the least) for each query\n", scenario.name());
            println!("| lane | CPU µs | cycles | user | kernel | instructions | slept | preempted | q/s |");
            println!("|:--|--:|--:|--:|--:|--:|--:|--:|--:|");
            for (lane, name) in arguments.lanes.iter().enumerate() {
                if let Some(rounds) = readings.get(&(scenario, clients, lane)) {
                    println!("{}", row(name, rounds));
                }
            }
        }
    }
}

fn row(name: &str, rounds: &[Figures]) -> String {
    let of = |figure: &dyn Fn(&Figures) -> f64| {
        let mut values: Vec<f64> = rounds.iter().map(figure).collect();
        values.sort_by(f64::total_cmp);
        (values.get(values.len() / 2).copied().unwrap_or(0.0), values.first().copied().unwrap_or(0.0))
    };
    let (time, time_least) = of(&|figures| figures.time_us);
    let (cycles, cycles_least) = of(&|figures| figures.cycles.iter().sum());
    let (instructions, instructions_least) = of(&|figures| figures.instructions.iter().sum());
    let [user, kernel] = [0, 1].map(|part| of(&|figures| figures.cycles[part]).0);
    let [slept, preempted] = [0, 1].map(|part| of(&|figures| figures.switches[part]).0);
    let rate = of(&|figures| figures.rate).0;
    format!(
        "| {name} | {time:.1} ({time_least:.1}) | {cycles:.0} ({cycles_least:.0}) | {user:.0} | {kernel:.0} \
         | {instructions:.0} ({instructions_least:.0}) | {slept:.2} | {preempted:.2} | {rate:.0} |"
    )
}
