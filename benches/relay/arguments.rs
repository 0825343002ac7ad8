//! What does the command line ask for?

use super::lane::Kind;
use super::mysql_server::MysqlServer;
use super::plan::{Held, Server, Transport};
use super::process;
use super::workload::Scenario;
use clap::Parser;
use clap::builder::PossibleValuesParser;
use std::net::SocketAddr;
use std::time::Duration;

/// Measures what it costs to have the gateway in between, in one run beside a direct connection, a
/// relay that does not look, and peers where they are installed.
#[derive(Debug, Parser)]
#[command(name = "relay")]
struct CommandLine {
    /// A few minutes: fewer and shorter rounds, fewer clients, less data; for a look, not for a claim
    #[arg(long)]
    quick: bool,
    /// Measures only this; may be given several times. `mysql` is all that begins with it
    #[arg(long, value_name = "SCENARIO", value_parser = PossibleValuesParser::new(Group::ALL.map(Group::name)))]
    only: Vec<String>,
    /// Opens only these lanes; `direct` is always among them
    #[arg(long, value_name = "LANE,...", value_delimiter = ',',
          value_parser = PossibleValuesParser::new(Kind::ALL.map(Kind::name)))]
    lanes: Vec<String>,
    /// How often each measurement is repeated
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: Option<u32>,
    /// How long each measurement of a rate takes
    #[arg(long)]
    seconds: Option<f64>,
    /// Connections for the point selects
    #[arg(long, value_name = "CLIENTS,...", value_delimiter = ',')]
    clients: Vec<usize>,
    /// Replaces the results in benches/README.md with this run's
    #[arg(long)]
    write_readme: bool,
    /// Is the relay that does not look (the bench starts itself so)
    #[arg(long, hide = true)]
    blind_relay: Option<SocketAddr>,
    /// Is what stands in for the server (the bench starts itself so)
    #[arg(long, hide = true)]
    double: bool,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

/// What is measured together and fails together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Point selects of one scenario.
    Select(Scenario),
    /// Logins.
    Login,
    /// Memory of idle sessions.
    Idle,
    /// Long results.
    Stream,
    /// Point selects and idle sessions of clients that use TLS.
    Tls,
    /// What it costs that records reach the disk.
    Sync,
    /// What it costs to judge by rules and to enforce them.
    Judge,
    /// Point selects by MySQL's protocol, where MariaDB is installed; so are the following.
    Mysql,
    /// What it costs to judge them by rules and to enforce these.
    MysqlJudge,
    /// Point selects and idle sessions of MySQL's clients that use TLS.
    MysqlTls,
    /// Logins by MySQL's protocol.
    MysqlLogin,
    /// Memory of idle sessions of MySQL's protocol.
    MysqlIdle,
    /// Long results by MySQL's protocol.
    MysqlStream,
}

impl Group {
    /// All of them, in the order of a run.
    pub const ALL: [Group; 15] = [
        Group::Select(Scenario::ALL[0]),
        Group::Select(Scenario::ALL[1]),
        Group::Select(Scenario::ALL[2]),
        Group::Login,
        Group::Idle,
        Group::Stream,
        Group::Tls,
        Group::Sync,
        Group::Judge,
        Group::Mysql,
        Group::MysqlJudge,
        Group::MysqlTls,
        Group::MysqlLogin,
        Group::MysqlIdle,
        Group::MysqlStream,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Group::Select(scenario) => scenario.name(),
            Group::Login => "login",
            Group::Idle => "idle",
            Group::Stream => "stream",
            Group::Tls => "tls",
            Group::Sync => "sync",
            Group::Judge => "judge",
            Group::Mysql => "mysql",
            Group::MysqlJudge => "mysql-judge",
            Group::MysqlTls => "mysql-tls",
            Group::MysqlLogin => "mysql-login",
            Group::MysqlIdle => "mysql-idle",
            Group::MysqlStream => "mysql-stream",
        }
    }

    /// Whether it needs a MariaDB.
    pub fn is_mysql(self) -> bool {
        self.name().starts_with(Group::Mysql.name())
    }

    /// Whether it is meant by one of these names: `mysql` means all of its kind.
    fn is_among(self, names: &[String]) -> bool {
        let means = |name: &String| name == self.name() || (name == Group::Mysql.name() && self.is_mysql());
        names.is_empty() || names.iter().any(means)
    }
}

/// What a run does.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// What is measured.
    pub groups: Vec<Group>,
    /// Over which lanes, those that are installed.
    pub lanes: Vec<Kind>,
    /// How often.
    pub rounds: u32,
    /// The length of a measurement of a rate.
    pub window: Duration,
    /// Connections for the point selects.
    pub clients: Vec<usize>,
    /// Sessions held idle.
    pub idle_sessions: usize,
    /// The same before the server's double.
    pub idle_many: usize,
    /// Bytes of each long result.
    pub stream_bytes: u64,
    /// Whether the README is to be written.
    pub write_readme: bool,
    /// How the run is called in the report.
    pub size: &'static str,
    /// Be something else instead.
    pub instead: Option<Instead>,
}

/// What the bench is when it has started itself.
#[derive(Clone, Copy, Debug)]
pub enum Instead {
    /// The relay that does not look, to this server.
    Blind(SocketAddr),
    /// What stands in for the server.
    Double,
}

impl Arguments {
    /// What is held idle in plaintext.
    pub fn idle(&self) -> [Held; 2] {
        let held = |sessions, server| Held { transport: Transport::Plain, sessions, server };
        [held(self.idle_sessions, Server::Postgres), held(self.idle_many, Server::Double)]
    }

    /// What is held idle through TLS.
    pub fn idle_tls(&self) -> Held {
        Held { transport: Transport::Tls, sessions: self.idle_sessions, server: Server::Postgres }
    }

    /// What is held idle before MariaDB.
    pub fn idle_mysql(&self, transport: Transport) -> Held {
        Held { transport, sessions: self.idle_sessions, server: Server::Mysql }
    }
}

/// As many sessions as one process between two sockets can hold, of those wanted: a multiple of 100.
fn possible(wanted: usize) -> usize {
    let files = usize::try_from(process::file_limit()).unwrap_or(usize::MAX);
    wanted.min(files.saturating_sub(FILES_BESIDE) / 2 / 100 * 100)
}

/// Open files of a lane's program that are no session's.
const FILES_BESIDE: usize = 150;

/// Reads the command line; ends the program with a message when it is wrong.
pub fn parse() -> Arguments {
    let line = CommandLine::parse();
    let (rounds, seconds, clients, [idle_sessions, idle_many], stream_bytes) = if line.quick {
        (2, 0.4, vec![1, 64], [300, 1000], 100_000_000)
    } else {
        (5, 1.25, vec![1, 8, 64], [1000, 10_000], 1_000_000_000)
    };
    let instead = if line.double { Some(Instead::Double) } else { line.blind_relay.map(Instead::Blind) };
    let named = |names: &[String], name: &str| names.is_empty() || names.iter().any(|one| one == name);
    let seconds = line.seconds.filter(|seconds| seconds.is_finite()).unwrap_or(seconds).clamp(0.1, 600.0);
    Arguments {
        groups: Group::ALL
            .into_iter()
            .filter(|group| group.is_among(&line.only))
            .filter(|group| !group.is_mysql() || MysqlServer::is_installed())
            .collect(),
        lanes: Kind::ALL
            .into_iter()
            .filter(|kind| *kind == Kind::Direct || named(&line.lanes, kind.name()))
            .filter(|kind| kind.is_installed())
            .collect(),
        rounds: line.rounds.unwrap_or(rounds),
        window: Duration::from_secs_f64(seconds),
        clients: if line.clients.is_empty() {
            clients
        } else {
            line.clients.into_iter().map(|count| count.clamp(1, 900)).collect()
        },
        idle_sessions,
        idle_many: possible(idle_many),
        stream_bytes,
        write_readme: line.write_readme,
        size: if line.quick { "quick" } else { "full" },
        instead,
    }
}
