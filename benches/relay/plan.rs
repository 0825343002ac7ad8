//! In which order is everything measured, and how long will it take?

use super::arguments::{Arguments, Group};
use super::lane::Kind;
use super::mysql::Form;
use super::workload::Scenario;
use std::fmt;
use std::time::Duration;

/// How wide the rows of a long result are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Width {
    /// 1,000 bytes of text in each row.
    Wide,
    /// 100 bytes of text in each row.
    Narrow,
}

impl Width {
    /// Both.
    pub const ALL: [Width; 2] = [Width::Wide, Width::Narrow];

    /// Bytes of text in each row.
    pub fn bytes(self) -> usize {
        match self {
            Width::Wide => 1000,
            Width::Narrow => 100,
        }
    }
}

/// How a role logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Challenge {
    /// Without a challenge.
    Trust,
    /// With SCRAM-SHA-256.
    Scram,
}

impl Challenge {
    /// Both.
    pub const ALL: [Challenge; 2] = [Challenge::Trust, Challenge::Scram];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Challenge::Trust => "trust",
            Challenge::Scram => "SCRAM",
        }
    }
}

/// How clients reach a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transport {
    /// In plaintext.
    Plain,
    /// Through TLS.
    Tls,
}

/// What is behind the lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Server {
    /// PostgreSQL.
    Postgres,
    /// What stands in for it (`double.rs`).
    Double,
    /// MariaDB.
    Mysql,
}

/// Sessions that are held idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// How their clients connect.
    pub transport: Transport,
    /// How many.
    pub sessions: usize,
    /// Before what.
    pub server: Server,
}

/// One measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Over which lane.
    pub lane: Kind,
    /// Of which round.
    pub round: u32,
    /// Of what.
    pub subject: Subject,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Point selects.
    Select(Transport, Scenario, usize),
    /// Logins.
    Login(Challenge),
    /// Memory of idle sessions.
    Idle(Held),
    /// A long result of this server.
    Stream(Server, Width),
    /// Prepared point selects over gateways that differ in their ledger only.
    Sync(usize),
    /// Point selects over gateways that differ in what they judge by only.
    Judge(Scenario, usize),
    /// Point selects by MySQL's protocol, over gateways that enforce a pack as well.
    Mysql(Transport, Form, usize),
    /// Logins by MySQL's protocol, with a password.
    MysqlLogin(Transport),
    /// As [`Subject::Judge`], by MySQL's protocol.
    MysqlJudge(Form, usize),
}

impl Subject {
    /// What fails together with it.
    pub fn group(self) -> Group {
        match self {
            Subject::Select(Transport::Plain, scenario, _) => Group::Select(scenario),
            Subject::Login(_) => Group::Login,
            Subject::Idle(Held { server: Server::Mysql, transport: Transport::Plain, .. }) => {
                Group::MysqlIdle
            }
            Subject::Idle(Held { server: Server::Mysql, .. }) => Group::MysqlTls,
            Subject::Idle(held) if held.transport == Transport::Plain => Group::Idle,
            Subject::Stream(Server::Mysql, _) => Group::MysqlStream,
            Subject::Stream(..) => Group::Stream,
            Subject::Select(Transport::Tls, ..) | Subject::Idle(_) => Group::Tls,
            Subject::Sync(_) => Group::Sync,
            Subject::Judge(..) => Group::Judge,
            Subject::Mysql(Transport::Plain, ..) => Group::Mysql,
            Subject::Mysql(Transport::Tls, ..) => Group::MysqlTls,
            Subject::MysqlLogin(_) => Group::MysqlLogin,
            Subject::MysqlJudge(..) => Group::MysqlJudge,
        }
    }

    /// What is behind the lanes.
    pub fn server(self) -> Server {
        match self {
            Subject::Idle(held) => held.server,
            Subject::Stream(server, _) => server,
            Subject::Mysql(..) | Subject::MysqlLogin(_) | Subject::MysqlJudge(..) => Server::Mysql,
            Subject::Select(..) | Subject::Login(_) | Subject::Sync(_) | Subject::Judge(..) => {
                Server::Postgres
            }
        }
    }

    /// How its clients connect.
    pub fn transport(self) -> Transport {
        match self {
            Subject::Select(transport, ..)
            | Subject::Idle(Held { transport, .. })
            | Subject::Mysql(transport, ..)
            | Subject::MysqlLogin(transport) => transport,
            Subject::Login(_)
            | Subject::Stream(..)
            | Subject::Sync(_)
            | Subject::Judge(..)
            | Subject::MysqlJudge(..) => Transport::Plain,
        }
    }

    /// Over which of the lanes of a run it is measured.
    fn lanes(self, arguments: &Arguments) -> Vec<Kind> {
        let fits = |lane: &Kind| self.server() != Server::Mysql || lane.carries_mysql(self.transport());
        let all = arguments.lanes.iter().copied().filter(fits);
        let has_gateway = arguments.lanes.contains(&Kind::Gateway);
        match self {
            // Who has no password is not verified.
            Subject::Login(Challenge::Scram) if has_gateway => all.chain([Kind::Verifying]).collect(),
            Subject::Select(..) | Subject::Login(_) | Subject::Stream(..) | Subject::MysqlLogin(_) => {
                all.collect()
            }
            Subject::Mysql(..) if has_gateway => all.chain(Kind::ENFORCING).collect(),
            Subject::Mysql(..) => all.collect(),
            // Nothing in between holds no memory.
            Subject::Idle(_) => all.filter(|lane| *lane != Kind::Direct).collect(),
            Subject::Sync(_) if has_gateway => Kind::RECORDING.to_vec(),
            Subject::Judge(..) | Subject::MysqlJudge(..) if has_gateway => Kind::JUDGING.to_vec(),
            Subject::Sync(_) | Subject::Judge(..) | Subject::MysqlJudge(..) => Vec::new(),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tls = if self.transport() == Transport::Tls { "TLS, " } else { "" };
        let mysql = if self.server() == Server::Mysql { "MySQL, " } else { "" };
        let many = |clients: usize| if clients == 1 { "" } else { "s" };
        match self {
            Subject::Idle(held) => write!(formatter, "{held}"),
            Subject::Select(_, scenario, clients) => {
                write!(formatter, "{tls}{}, {clients} client{}", scenario.name(), many(*clients))
            }
            Subject::Mysql(_, form, clients) => {
                write!(formatter, "{mysql}{tls}{}, {clients} client{}", form.name(), many(*clients))
            }
            Subject::Login(challenge) => write!(formatter, "login, {}", challenge.name()),
            Subject::MysqlLogin(_) => write!(formatter, "{mysql}{tls}login"),
            Subject::Stream(_, width) => write!(formatter, "{mysql}rows of {} bytes", width.bytes()),
            Subject::Sync(clients) => write!(formatter, "sync, {clients} clients"),
            Subject::Judge(scenario, clients) => {
                write!(formatter, "judge, {}, {clients} clients", scenario.name())
            }
            Subject::MysqlJudge(form, clients) => {
                write!(formatter, "{mysql}judge, {}, {clients} clients", form.name())
            }
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tls = if self.transport == Transport::Tls { "TLS, " } else { "" };
        let (before, behind) = match self.server {
            Server::Postgres => ("", ""),
            Server::Double => ("", " (double)"),
            Server::Mysql => ("MySQL, ", ""),
        };
        write!(formatter, "{before}{tls}{} idle sessions{behind}", self.sessions)
    }
}

impl Step {
    /// How long a rate is taken for.
    pub fn window(&self, arguments: &Arguments) -> Duration {
        arguments.window / cuts(self.subject)
    }

    /// About how long it takes, opening and closing connections included.
    pub fn estimate(&self, arguments: &Arguments) -> Duration {
        let window = self.window(arguments);
        match self.subject {
            Subject::Select(.., clients)
            | Subject::Sync(clients)
            | Subject::Judge(_, clients)
            | Subject::Mysql(.., clients)
            | Subject::MysqlJudge(_, clients) => {
                window + warm_up(window) + Duration::from_millis(4 * clients as u64)
            }
            Subject::Login(_) | Subject::MysqlLogin(_) => window,
            Subject::Idle(Held { sessions, server, .. }) => {
                let each = if server == Server::Double { 1 } else { 4 };
                Duration::from_millis(1500 + each * sessions as u64)
            }
            Subject::Stream(..) => Duration::from_millis(300 + arguments.stream_bytes / 700_000),
        }
    }
}

/// How long a lane is loaded before anything is counted.
pub fn warm_up(window: Duration) -> Duration {
    (window / 5).clamp(Duration::from_millis(100), Duration::from_millis(500))
}

/// All steps. Lanes take turns within a round, and each round begins with another lane, so that a
/// disturbance or a drift of the machine does not fall on one lane alone.
pub fn steps(arguments: &Arguments) -> Vec<Step> {
    let mut steps = Vec::new();
    for group in &arguments.groups {
        for round in 0..arguments.rounds {
            for subject in subjects(*group, arguments) {
                steps.extend(turns(subject, round, arguments));
            }
        }
    }
    steps
}

/// What a round has of one subject.
fn turns(subject: Subject, round: u32, arguments: &Arguments) -> Vec<Step> {
    let shares = shares(subject);
    let mut turns = Vec::new();
    for round in round * shares..(round + 1) * shares {
        let mut lanes = subject.lanes(arguments);
        let first = round as usize % lanes.len().max(1);
        lanes.rotate_left(first);
        if let Subject::Idle(_) = subject {
            // Memory hardly varies, so once is enough.
            lanes.retain(|_| round == 0);
        }
        turns.extend(lanes.into_iter().map(|lane| Step { lane, round, subject }));
    }
    turns
}

/// Into how many shorter ones a round is divided. With one client the latency depends on which
/// processors the scheduler puts client, lane and server on, and that stays as it is for the life of
/// a connection: more connections give a median over more such choices in the same time.
fn shares(subject: Subject) -> u32 {
    match subject {
        Subject::Select(.., 1) | Subject::Mysql(.., 1) => 3,
        Subject::Select(..)
        | Subject::Login(_)
        | Subject::Idle(_)
        | Subject::Stream(..)
        | Subject::Sync(_)
        | Subject::Mysql(..)
        | Subject::MysqlLogin(_) => 1,
        Subject::Judge(..) | Subject::MysqlJudge(..) => 6,
    }
}

/// By how much shorter each of them is than a round. What judging costs is a small difference of large
/// figures: it is looked for over more time than other figures, by lanes that alternate quickly, so that
/// both sides of a ratio see the same machine.
fn cuts(subject: Subject) -> u32 {
    match subject {
        Subject::Judge(..) | Subject::MysqlJudge(..) => 3,
        _ => shares(subject),
    }
}

fn subjects(group: Group, arguments: &Arguments) -> Vec<Subject> {
    let selects = |transport, scenario| {
        let of = move |clients: &usize| Subject::Select(transport, scenario, *clients);
        arguments.clients.iter().map(of)
    };
    let mysql = |transport, form| {
        let of = move |clients: &usize| Subject::Mysql(transport, form, *clients);
        arguments.clients.iter().map(of)
    };
    let many = arguments.clients.iter().copied().filter(|clients| *clients > 1);
    let streams = |server| Width::ALL.map(|width| Subject::Stream(server, width)).to_vec();
    match group {
        Group::Select(scenario) => selects(Transport::Plain, scenario).collect(),
        Group::Login => Challenge::ALL.map(Subject::Login).to_vec(),
        Group::Idle => arguments.idle().map(Subject::Idle).to_vec(),
        Group::Stream => streams(Server::Postgres),
        Group::Tls => {
            selects(Transport::Tls, Scenario::Prepared).chain([Subject::Idle(arguments.idle_tls())]).collect()
        }
        Group::Sync => arguments.clients.iter().max().map(|most| Subject::Sync(*most)).into_iter().collect(),
        Group::Judge => {
            let judged = |scenario| many.clone().map(move |clients| Subject::Judge(scenario, clients));
            Scenario::ALL.into_iter().flat_map(judged).collect()
        }
        Group::Mysql => Form::ALL.into_iter().flat_map(|form| mysql(Transport::Plain, form)).collect(),
        Group::MysqlTls => {
            let idle = Subject::Idle(arguments.idle_mysql(Transport::Tls));
            mysql(Transport::Tls, Form::Prepared).chain([idle]).collect()
        }
        Group::MysqlLogin => [Transport::Plain, Transport::Tls].map(Subject::MysqlLogin).to_vec(),
        Group::MysqlIdle => vec![Subject::Idle(arguments.idle_mysql(Transport::Plain))],
        Group::MysqlStream => streams(Server::Mysql),
        Group::MysqlJudge => {
            let judged = |form| many.clone().map(move |clients| Subject::MysqlJudge(form, clients));
            Form::ALL.into_iter().flat_map(judged).collect()
        }
    }
}
