//! How does a whole run go: start the server, open the lanes, take every step, report?

use super::arguments::Arguments;
use super::client::Client;
use super::database::Database;
use super::failure::Failure;
use super::figures::{Figures, Miss, Point};
use super::lane::{Kind, Lane};
use super::machine::Machine;
use super::plan::{Challenge, Step, Subject, steps};
use super::progress::{Progress, minutes};
use super::report::{self, Setting};
use super::table::Table;
use super::workload::{Scenario, Workload};
use super::{idle, login, process, readme, select, stream, targets};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

/// Sessions the server takes besides the idle ones.
const SESSIONS: usize = 200;

/// Takes all steps and reports; fails when any lane gave a wrong answer or none.
pub fn run(arguments: &Arguments) -> ExitCode {
    match measure_all(arguments).and_then(|(setting, figures)| publish(arguments, &setting, &figures)) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("the bench cannot run: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn measure_all(arguments: &Arguments) -> Result<(Setting, Figures), Failure> {
    let begun = Instant::now();
    let clients = arguments.clients.iter().copied().max().unwrap_or(0);
    let sessions = arguments.idle_sessions.max(clients) + SESSIONS;
    // Two sockets for each session in a lane's program, one here.
    let files = process::raise_file_limit(4 * sessions as u64 + 1024);
    println!("{} open files allowed; making a server for {sessions} sessions ...", files);
    let database = Database::start(sessions)?;
    let machine = Machine::here();
    println!("PostgreSQL {} on {machine}; ready after {}", database.version(), minutes(begun.elapsed()));
    let mut direct = Client::log_in(database.address(), &database.trusted)?;
    let workloads = Scenario::ALL
        .into_iter()
        .map(|scenario| Ok((scenario, Workload::learn(scenario, &mut direct)?)))
        .collect::<Result<BTreeMap<_, _>, Failure>>()?;
    direct.leave()?;
    let setting = Setting {
        machine,
        server: format!("PostgreSQL {}", database.version()),
        programs: arguments.lanes.iter().filter_map(|kind| kind.version()).collect(),
        absent: Kind::ALL.into_iter().filter(|kind| !kind.is_installed()).collect(),
    };
    let mut bench = Bench { arguments, database: &database, workloads: &workloads, lanes: BTreeMap::new() };
    Ok((setting, bench.take_all(&steps(arguments))))
}

/// What steps need.
struct Bench<'a> {
    arguments: &'a Arguments,
    database: &'a Database,
    workloads: &'a BTreeMap<Scenario, Workload>,
    /// Those open, to be used again.
    lanes: BTreeMap<Kind, Lane>,
}

impl Bench<'_> {
    fn take_all(&mut self, steps: &[Step]) -> Figures {
        let mut figures = Figures::default();
        let mut progress = Progress::new(steps, self.arguments);
        for step in steps {
            progress.begin(step, self.arguments);
            let group = step.subject.group();
            if figures.has_failed(step.lane, group) {
                progress.end("left out: failed before");
                continue;
            }
            match self.take(step) {
                Ok(Some(point)) => {
                    progress.end(&show(&point));
                    figures.add(*step, point);
                }
                Ok(None) => progress.end("nothing to measure"),
                Err(why) => {
                    progress.end(&format!("FAILED: {why}"));
                    figures.misses.push(Miss { lane: step.lane, group, why });
                }
            }
        }
        figures
    }

    /// One step; a failure comes with the last words of the lane's program.
    fn take(&mut self, step: &Step) -> Result<Option<Point>, String> {
        let again = match step.subject {
            Subject::Select(..) | Subject::Login(_) => true,
            Subject::Idle(_) | Subject::Stream(_) => false,
        };
        // Memory is read on a program that has done nothing yet; its predecessor ends first. What
        // failed may be beyond repair: it is not kept, and the next group begins with a new program.
        let open = self.lanes.remove(&step.lane).filter(|_| again);
        let lane = open.map_or_else(|| Lane::open(step.lane, self.database), Ok);
        let lane = lane.map_err(|failure| failure.to_string())?;
        let point = self.measure(&lane, step).map_err(|failure| match lane.last_words() {
            words if words.is_empty() => failure.to_string(),
            words => format!("{failure}; it last said: {words}"),
        })?;
        if again {
            self.lanes.insert(step.lane, lane);
        }
        Ok(point)
    }

    fn measure(&self, lane: &Lane, step: &Step) -> Result<Option<Point>, Failure> {
        let (trusted, window) = (&self.database.trusted, step.window(self.arguments));
        match step.subject {
            Subject::Select(scenario, clients) => {
                let Some(workload) = self.workloads.get(&scenario) else { return Ok(None) };
                let point = select::measure(lane, trusted, workload, clients, window)?;
                Ok(Some(Point::Select(point)))
            }
            Subject::Login(challenge) => {
                let role = match challenge {
                    Challenge::Trust => trusted,
                    Challenge::Scram => &self.database.challenged,
                };
                Ok(Some(Point::Login(login::measure(lane, role, window)?)))
            }
            Subject::Idle(sessions) => Ok(idle::measure(lane, trusted, sessions)?.map(Point::Idle)),
            Subject::Stream(width) => {
                let point = stream::measure(lane, trusted, width, self.arguments.stream_bytes)?;
                Ok(Some(Point::Stream(point)))
            }
        }
    }
}

fn show(point: &Point) -> String {
    match point {
        Point::Select(point) => point.to_string(),
        Point::Login(point) => point.to_string(),
        Point::Idle(point) => point.to_string(),
        Point::Stream(point) => point.to_string(),
    }
}

fn publish(arguments: &Arguments, setting: &Setting, figures: &Figures) -> Result<ExitCode, Failure> {
    let checks = targets::compare(figures, arguments);
    for table in report::tables(figures, &arguments.lanes) {
        print!("{}", table.terminal());
    }
    if !checks.is_empty() {
        print!("{}\n{}", Table::terminal(&report::comparison(&checks)), report::missed(&checks));
    }
    for lane in &setting.absent {
        println!("\n{} is not installed: no such lane.", lane.name());
    }
    let markdown = report::markdown(arguments, setting, figures, &checks);
    let json = report::json(arguments, setting, figures, &checks);
    let directory = report::write(&markdown, &json).map_err(Failure::system("write the report"))?;
    println!("\nwritten: {directory}/relay.md, {directory}/relay.json");
    if arguments.write_readme {
        println!("written: {}", readme::write(&markdown)?);
    }
    for miss in &figures.misses {
        eprintln!("FAILED: {} over {}: {}", miss.group.name(), miss.lane.name(), miss.why);
    }
    Ok(if figures.misses.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
