//! What does the control plane cost those who only query their database?
//!
//! The same point selects through a gateway without a control plane and through one that has it, idle, at
//! work, and asked by people. In each round every way is measured once, each round begins with another one.
//! Only one gateway runs at a time: the other one stands still.

use super::arguments::Arguments;
use super::gateway::{Gateway, LINK_TOKEN};
use super::people::{self, Answers, Way as Asking, percentile};
use super::prepare::{PEOPLE, Prepared, WORKSPACE};
use super::questions::Asked;
use super::run::Figures;
use crate::relay::channel::Opening;
use crate::relay::client::Client;
use crate::relay::database::{DATABASE, Database, TRUSTED};
use crate::relay::drive::{Load, Sessions, drive};
use crate::relay::failure::Failure;
use crate::relay::median::{Median, number, with_interval, with_spread};
use crate::relay::process::Used;
use crate::relay::table::Table;
use crate::relay::wire;
use crate::relay::workload::{Scenario, Workload};
use crate::state::{self, Dice, Scale, TABLES};
use control::{Report, StatementText};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Connections of the load.
const CLIENTS: usize = 8;
/// Before a turn counts: what stood still goes on, caches are warm again.
const WARM_UP: Duration = Duration::from_millis(1_500);
/// Longest wait for a look at the schema.
const SCHEMA_LIMIT: Duration = Duration::from_secs(60);
/// How often another data plane reports, and the schema is looked at.
const BUSY_EVERY: Duration = Duration::from_millis(500);
/// Statements in a report that nobody has seen before, and fingerprints it counts.
const NEW_STATEMENTS: u64 = 200;
const COUNTS: usize = 1_000;
/// How much the 99th of 100 latencies may rise while background work runs.
const RISE_TARGET: f64 = 1.10;

/// What runs beside the load, a row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The settings have no control plane.
    Without,
    /// The same once more: what two equal ways differ by.
    Again,
    /// It is linked: reports, roll-up, what it does by itself. Nobody asks.
    Linked,
    /// Another data plane reports much, which makes work, and a schema is read again and again besides.
    Busy,
    /// So many people, each asks once a second.
    People(usize),
    /// So many people who never pause.
    Crowd(usize),
}

impl Way {
    const ALL: [Way; 7] = [
        Way::Without,
        Way::Linked,
        Way::Busy,
        Way::Again,
        Way::People(20),
        Way::People(PEOPLE),
        Way::Crowd(PEOPLE),
    ];

    fn name(self) -> String {
        match self {
            Way::Without => "no control plane".to_owned(),
            Way::Again => "no control plane, again".to_owned(),
            Way::Linked => "linked, nobody asks".to_owned(),
            Way::Busy => "linked, much reported, a schema read".to_owned(),
            Way::People(people) => format!("{people} people ask, 1/s each"),
            Way::Crowd(people) => format!("{people} people ask without a pause"),
        }
    }

    /// The target is about what the control plane does by itself.
    fn has_target(self) -> bool {
        matches!(self, Way::Linked | Way::Busy)
    }
}

/// What one turn gave.
#[derive(Clone, Debug)]
struct Turn {
    way: Way,
    round: u32,
    rate: f64,
    p50_us: f64,
    p99_us: f64,
    cpu_us: f64,
    /// Of one processor.
    control_share: f64,
    answers: Option<Answers>,
    /// Looks at the schema.
    looks: u32,
}

/// Loads both gateways by turns.
pub fn measure(
    control: &Gateway,
    prepared: &Prepared,
    database: &Database,
    arguments: &Arguments,
) -> Result<Figures, String> {
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let bench = Bench {
        without: Gateway::without_control(&arguments.gateway, folder.path(), database.address())?,
        control,
        prepared,
        database,
        workload: learn(database, arguments.tables).map_err(|failure| failure.to_string())?,
        snapshots: connect(control, prepared, database)?,
        turn: arguments.turn,
    };
    let mut turns = Vec::new();
    for round in 0..arguments.rounds {
        let first = round as usize % Way::ALL.len();
        for way in Way::ALL.into_iter().cycle().skip(first).take(Way::ALL.len()) {
            let turn = bench.take(way, round)?;
            println!(
                "[{}/{}] {:<42} {:>7.0} q/s  p50 {:.1}  p99 {:.0} us  CPU {:.1} us/q",
                round + 1,
                arguments.rounds,
                way.name(),
                turn.rate,
                turn.p50_us,
                turn.p99_us,
                turn.cpu_us
            );
            turns.push(turn);
        }
    }
    let failures = turns.iter().filter_map(|turn| {
        let answers = turn.answers.as_ref()?;
        let why = answers.failure.as_ref()?;
        let (way, round, count) = (turn.way.name(), turn.round + 1, answers.failures);
        Some(format!("{way}, round {round}: {count} answers were none; the first: {why}"))
    });
    let failures = failures.collect();
    Ok(Figures { tables: vec![table(&turns)], lines: targets(&turns), failures })
}

/// The point selects; the database gets a schema that is worth a look besides.
fn learn(database: &Database, tables: u32) -> Result<Workload, Failure> {
    let mut client = Client::log_in(database.address(), &Opening::Plain, &database.trusted)?;
    client.query("CREATE SCHEMA crowd")?;
    client.query(&format!(
        "DO $$ BEGIN FOR number IN 1..{tables} LOOP EXECUTE format('CREATE TABLE crowd.table_%s (id bigint \
         PRIMARY KEY, owner bigint NOT NULL, name text NOT NULL UNIQUE, state smallint DEFAULT 0 CHECK (state >= 0), \
         total numeric(12,2), placed timestamptz DEFAULT now())', number); END LOOP; END $$"
    ))?;
    let workload = Workload::learn(Scenario::Prepared, &mut client)?;
    client.leave()?;
    Ok(workload)
}

/// Makes the database known; answers the path under which its schema is read.
fn connect(control: &Gateway, prepared: &Prepared, database: &Database) -> Result<String, String> {
    let path = format!("/api/v1/workspaces/{WORKSPACE}/connections");
    let draft = json!({
        "name": "bench",
        "kind": "postgres",
        "host": database.address().ip(),
        "port": database.address().port(),
        "database": DATABASE,
        "user": TRUSTED,
        "tls": { "mode": "disable" },
    });
    let made = post(control, token(prepared)?, &path, &draft)?;
    let id = made["id"].as_str().ok_or("a connection without an id")?;
    let path = format!("{path}/{id}/schema/snapshots");
    post(control, token(prepared)?, &path, &json!({}))?;
    Ok(path)
}

fn token(prepared: &Prepared) -> Result<&str, String> {
    prepared.tokens.first().map(String::as_str).ok_or_else(|| "nobody asks".to_owned())
}

fn post(control: &Gateway, token: &str, path: &str, body: &Value) -> Result<Value, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
    let url = format!("http://{}{path}", control.api()?);
    let failed = |error: reqwest::Error| format!("`{path}` is not answered: {error}");
    runtime.block_on(async {
        let request = people::client()?.post(url).bearer_auth(token).timeout(SCHEMA_LIMIT).json(body);
        let response = request.send().await.map_err(failed)?;
        let status = response.status();
        let text = response.text().await.map_err(failed)?;
        if !status.is_success() {
            return Err(format!("`{path}` is answered with {status}: {text}"));
        }
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text)
            .map_err(|error| format!("`{path}` is answered by what is no JSON: {error}"))
    })
}

struct Bench<'a> {
    without: Gateway,
    control: &'a Gateway,
    prepared: &'a Prepared,
    database: &'a Database,
    workload: Workload,
    snapshots: String,
    turn: Duration,
}

impl Bench<'_> {
    fn take(&self, way: Way, round: u32) -> Result<Turn, String> {
        let (loaded, other) = match way {
            Way::Without | Way::Again => (&self.without, self.control),
            _ => (self.control, &self.without),
        };
        other.hold()?;
        loaded.go_on()?;
        let stop = AtomicBool::new(false);
        let (sample, beside) = thread::scope(|scope| {
            let beside = scope.spawn(|| self.beside((way, round), &stop));
            let sample = self.load(loaded);
            stop.store(true, Ordering::Relaxed);
            let beside = beside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (sample, beside)
        });
        other.go_on()?;
        let (mut turn, beside) = (sample?, beside?);
        turn.way = way;
        turn.round = round;
        turn.answers = beside.answers;
        turn.looks = beside.looks;
        Ok(turn)
    }

    fn load(&self, gateway: &Gateway) -> Result<Turn, String> {
        let open = || {
            let mut client = Client::log_in(gateway.address, &Opening::Plain, &self.database.trusted)?;
            if let Some(setup) = &self.workload.setup {
                client.exchange(setup)?;
            }
            Ok((client.into_channel(), self.workload.question()))
        };
        let mut marks: Vec<(Used, Duration)> = Vec::with_capacity(2);
        let mut mark = || {
            marks.push((gateway.process.used()?, gateway.control_time()));
            Ok(())
        };
        let load = Load { clients: CLIENTS, warm_up: WARM_UP, window: self.turn };
        let sessions = Sessions { open: &open, goodbye: &wire::terminate() };
        let sample = drive(&sessions, load, &mut mark).map_err(|failure| failure.to_string())?;
        let [(before, control_before), (after, control_after)] = marks.as_slice() else {
            return Err("a turn without an end".to_owned());
        };
        let (used, of_control) = (after.since(*before).total, control_after.saturating_sub(*control_before));
        Ok(Turn {
            way: Way::Without,
            round: 0,
            rate: sample.rate(),
            p50_us: sample.percentile_us(0.5),
            p99_us: sample.percentile_us(0.99),
            cpu_us: used.as_secs_f64() * 1e6 / sample.queries.max(1) as f64,
            control_share: of_control.as_secs_f64() / sample.window.as_secs_f64(),
            answers: None,
            looks: 0,
        })
    }

    /// What goes on until `stop`.
    fn beside(&self, (way, round): (Way, u32), stop: &AtomicBool) -> Result<Beside, String> {
        // They are on other machines: what their programs need here is not to be counted against anybody.
        yield_to_others()?;
        let (people, pause) = match way {
            Way::Without | Way::Again | Way::Linked => return Ok(Beside::default()),
            Way::Busy => return self.busy(round, stop),
            Way::People(people) => (people, Duration::from_secs(1)),
            Way::Crowd(people) => (people, Duration::ZERO),
        };
        let asking = Asking { people, pause, warm_up: WARM_UP, window: self.turn };
        let asked = Asked::of(self.prepared);
        let answers = people::ask(self.control.api()?, &self.prepared.tokens, asked, asking, stop)?;
        Ok(Beside { answers: Some(answers), looks: 0 })
    }

    /// Every half second a report of another data plane with statements that are new, and a look at a schema
    /// that has changed.
    fn busy(&self, round: u32, stop: &AtomicBool) -> Result<Beside, String> {
        let failed = |failure: Failure| failure.to_string();
        let opened = Client::log_in(self.database.address(), &Opening::Plain, &self.database.trusted);
        let (mut owner, mut looks) = (opened.map_err(failed)?, 0);
        let mut dice = Dice(u64::from(round) + 1);
        while !stop.load(Ordering::Relaxed) {
            let began = Instant::now();
            looks += 1;
            let report = report(&mut dice, (round, looks), self.prepared.fingerprints);
            let body = serde_json::to_value(report).map_err(|error| error.to_string())?;
            post(self.control, LINK_TOKEN, "/api/v1/link/report", &body)?;
            // Each look finds something new: a snapshot is written and compared as well.
            let column = format!("ALTER TABLE crowd.table_1 ADD COLUMN added_{round}_{looks} text");
            owner.query(&column).map_err(failed)?;
            post(self.control, token(self.prepared)?, &self.snapshots, &json!({}))?;
            thread::sleep(BUSY_EVERY.saturating_sub(began.elapsed()));
        }
        owner.leave().map_err(failed)?;
        Ok(Beside { answers: None, looks })
    }
}

/// What another data plane tells: statements nobody has seen, and a part of a busy minute.
fn report(dice: &mut Dice, (round, number): (u32, u32), fingerprints: u64) -> Report {
    const LISTENER: &str = "elsewhere";
    let first = u64::from(round * 10_000 + number) * NEW_STATEMENTS;
    let statements = (first..first + NEW_STATEMENTS).map(|number| StatementText {
        listener: LISTENER.to_owned(),
        fingerprint: format!("1-e{number:015x}"),
        text: format!("SELECT elsewhere_{number} FROM table_{} WHERE id = $1", number % TABLES),
        ..state::statement(number)
    });
    let minute = state::minute(dice, LISTENER, Scale::this_minute(), (fingerprints, COUNTS));
    Report {
        plane: "elsewhere".to_owned(),
        start: format!("round {round}"),
        number: u64::from(number),
        statements: statements.collect(),
        minutes: vec![minute],
        ..Report::default()
    }
}

#[derive(Default)]
struct Beside {
    answers: Option<Answers>,
    looks: u32,
}

/// Lets all other threads run first.
fn yield_to_others() -> Result<(), String> {
    rustix::process::setpriority_process(None, 10).map_err(|error| format!("cannot set a priority: {error}"))
}

/// A figure of each turn of a way.
fn of(turns: &[Turn], way: Way, figure: impl Fn(&Turn) -> f64) -> Option<Median> {
    Median::of(turns.iter().filter(|turn| turn.way == way).map(figure).collect())
}

/// The same against the way without a control plane, in the same round.
fn against(turns: &[Turn], way: Way, figure: impl Fn(&Turn) -> f64) -> Option<Median> {
    let mine = turns.iter().filter(|turn| turn.way == way);
    let ratios = mine.filter_map(|turn| {
        let other = turns.iter().find(|other| other.way == Way::Without && other.round == turn.round)?;
        Some(figure(turn) / figure(other))
    });
    Median::of(ratios.collect())
}

fn table(turns: &[Turn]) -> Table {
    let header = [
        "beside the load",
        "queries/s",
        "ratio",
        "p50 us",
        "p99 us",
        "spread",
        "p99 ratio",
        "95 %",
        "CPU us/query",
        "control plane, processors",
        "answers/s",
        "p50 ms",
        "p99 ms",
    ];
    let mut table = Table::new("Prepared point selects by 8 clients beside the control plane", 1, &header);
    for way in Way::ALL {
        let mut row = vec![way.name(), number(of(turns, way, |turn| turn.rate), 0)];
        row.push(number(against(turns, way, |turn| turn.rate), 2));
        row.push(number(of(turns, way, |turn| turn.p50_us), 1));
        row.extend(with_spread(of(turns, way, |turn| turn.p99_us), 0));
        row.extend(with_interval(against(turns, way, |turn| turn.p99_us), 2));
        row.push(number(of(turns, way, |turn| turn.cpu_us), 2));
        row.push(number(of(turns, way, |turn| turn.control_share), 2));
        let answers: Vec<&Answers> =
            turns.iter().filter(|turn| turn.way == way).filter_map(|turn| turn.answers.as_ref()).collect();
        let seconds: f64 = answers.iter().map(|answers| answers.seconds).sum();
        let mut times: Vec<f64> = answers.iter().flat_map(|answers| answers.sorted(None)).collect();
        times.sort_by(f64::total_cmp);
        if times.is_empty() {
            row.extend(["-"; 3].map(str::to_owned));
        } else {
            row.push(format!("{:.0}", times.len() as f64 / seconds));
            row.extend([0.5, 0.99].map(|share| format!("{:.1}", percentile(&times, share))));
        }
        table.push(row);
    }
    table
}

fn targets(turns: &[Turn]) -> Vec<String> {
    let looks: u32 = turns.iter().map(|turn| turn.looks).sum();
    let mut lines = vec![format!(
        "reports of another data plane, each with 200 new statements, and looks at a changed schema, in all rounds: {looks} each"
    )];
    for way in Way::ALL.into_iter().filter(|way| *way != Way::Without) {
        let Some(ratio) = against(turns, way, |turn| turn.p99_us) else { continue };
        let interval = ratio.interval;
        let interval = interval.map_or(String::new(), |(low, high)| {
            format!(" (95 %: {:+.0} to {:+.0} %)", (low - 1.0) * 100.0, (high - 1.0) * 100.0)
        });
        let said =
            format!("rise of the p99 with `{}`: {:+.0} %{interval}", way.name(), (ratio.value - 1.0) * 100.0);
        let state = if ratio.value <= RISE_TARGET { "met" } else { "missed" };
        lines.push(if way.has_target() { format!("{said}, target <= +10 %: {state}") } else { said });
    }
    lines
}
