//! In which order is everything measured, and how long will it take?

use super::arguments::{Arguments, Group};
use super::lane::Kind;
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
    Select(Scenario, usize),
    /// Logins.
    Login(Challenge),
    /// Memory of this many idle sessions.
    Idle(usize),
    /// A long result.
    Stream(Width),
}

impl Subject {
    /// What fails together with it.
    pub fn group(self) -> Group {
        match self {
            Subject::Select(scenario, _) => Group::Select(scenario),
            Subject::Login(_) => Group::Login,
            Subject::Idle(_) => Group::Idle,
            Subject::Stream(_) => Group::Stream,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Select(scenario, 1) => write!(formatter, "{}, 1 client", scenario.name()),
            Subject::Select(scenario, clients) => write!(formatter, "{}, {clients} clients", scenario.name()),
            Subject::Login(challenge) => write!(formatter, "login, {}", challenge.name()),
            Subject::Idle(sessions) => write!(formatter, "{sessions} idle sessions"),
            Subject::Stream(width) => write!(formatter, "rows of {} bytes", width.bytes()),
        }
    }
}

impl Step {
    /// How long a rate is taken for.
    pub fn window(&self, arguments: &Arguments) -> Duration {
        arguments.window / shares(self.subject)
    }

    /// About how long it takes, opening and closing connections included.
    pub fn estimate(&self, arguments: &Arguments) -> Duration {
        let window = self.window(arguments);
        match self.subject {
            Subject::Select(_, clients) => {
                window + warm_up(window) + Duration::from_millis(4 * clients as u64)
            }
            Subject::Login(_) => window,
            Subject::Idle(sessions) => Duration::from_millis(1500 + 4 * sessions as u64),
            Subject::Stream(_) => Duration::from_millis(300 + arguments.stream_bytes / 700_000),
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
        let mut lanes = arguments.lanes.clone();
        lanes.rotate_left(round as usize % arguments.lanes.len().max(1));
        if let Subject::Idle(_) = subject {
            // Nothing in between holds no memory; and memory hardly varies, so once is enough.
            lanes.retain(|lane| *lane != Kind::Direct && round == 0);
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
        Subject::Select(_, 1) => 3,
        Subject::Select(..) | Subject::Login(_) | Subject::Idle(_) | Subject::Stream(_) => 1,
    }
}

fn subjects(group: Group, arguments: &Arguments) -> Vec<Subject> {
    match group {
        Group::Select(scenario) => {
            arguments.clients.iter().map(|clients| Subject::Select(scenario, *clients)).collect()
        }
        Group::Login => Challenge::ALL.map(Subject::Login).to_vec(),
        Group::Idle => vec![Subject::Idle(arguments.idle_sessions)],
        Group::Stream => Width::ALL.map(Subject::Stream).to_vec(),
    }
}
