//! How does a whole run go: start the server, open the lanes, take every step, report?

use super::arguments::Arguments;
use super::channel::Opening;
use super::client::Client;
use super::database::Database;
use super::failure::Failure;
use super::figures::{Figures, Miss, Point};
use super::lane::{Kind, Lane, Route};
use super::machine::Machine;
use super::mysql::{self, Form};
use super::mysql_server::{self, MysqlServer};
use super::plan::{Challenge, Held, Server, Step, Subject, Transport, steps};
use super::progress::{Progress, minutes};
use super::report::{self, Setting};
use super::table::Table;
use super::workload::{Scenario, Workload};
use super::{idle, judging, login, process, readme, select, stream, targets, wire};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

/// Sessions the server takes besides the idle ones.
const SESSIONS: usize = 200;
/// Sessions a lane takes that is not opened to hold idle ones.
const LANE_SESSIONS: usize = 2000;

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
    let files = process::raise_file_limit(4 * sessions.max(arguments.idle_many) as u64 + 1024);
    println!("{} open files allowed; making a server for {sessions} sessions ...", files);
    let database = Database::start(sessions)?;
    let machine = Machine::here();
    println!("PostgreSQL {} on {machine}; ready after {}", database.version(), minutes(begun.elapsed()));
    let mut direct = Client::log_in(database.address(), &Opening::Plain, &database.trusted)?;
    let workloads = Scenario::ALL
        .into_iter()
        .map(|scenario| Ok((scenario, Workload::learn(scenario, &mut direct)?)))
        .collect::<Result<BTreeMap<_, _>, Failure>>()?;
    direct.leave()?;
    let wants_mysql = arguments.groups.iter().any(|group| group.is_mysql());
    let mysql = if wants_mysql { Some(Mysql::start(arguments, &database)?) } else { None };
    let servers = [Some(format!("PostgreSQL {}", database.version())), mysql.as_ref().map(Mysql::version)];
    let setting = Setting {
        machine,
        servers: servers.into_iter().flatten().collect(),
        programs: arguments.lanes.iter().filter_map(|kind| kind.version()).collect(),
        absent: Kind::ALL.into_iter().filter(|kind| !kind.is_installed()).collect(),
    };
    let mut bench = Bench {
        arguments,
        database: &database,
        workloads: &workloads,
        lanes: BTreeMap::new(),
        double: None,
        mysql: mysql.as_ref(),
        offered: Transport::Plain,
    };
    Ok((setting, bench.take_all(&steps(arguments))))
}

/// What a lane is opened for: with another one it is opened again.
type Way = (Transport, Server);

/// MariaDB and what is asked of it.
struct Mysql {
    server: MysqlServer,
    workloads: BTreeMap<Form, Workload>,
}

impl Mysql {
    fn start(arguments: &Arguments, database: &Database) -> Result<Mysql, Failure> {
        let sessions = arguments.idle_sessions + LANE_SESSIONS + SESSIONS;
        let server = MysqlServer::start(sessions, &database.certificate)?;
        let mut direct = mysql_server::session(server.address)?;
        let workloads = Form::ALL.into_iter().map(|form| Ok((form, mysql::learn(form, &mut direct)?)));
        let workloads = workloads.collect::<Result<_, Failure>>()?;
        direct.leave()?;
        Ok(Mysql { server, workloads })
    }

    fn version(&self) -> String {
        self.server.version.clone()
    }
}

/// What steps need.
struct Bench<'a> {
    arguments: &'a Arguments,
    database: &'a Database,
    workloads: &'a BTreeMap<Scenario, Workload>,
    /// Those open, to be used again.
    lanes: BTreeMap<Kind, (Way, Lane)>,
    /// What stands in for the server, once it is needed.
    double: Option<Lane>,
    /// MariaDB, when it is measured.
    mysql: Option<&'a Mysql>,
    /// What the server offers now.
    offered: Transport,
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
            Subject::Select(..)
            | Subject::Login(_)
            | Subject::Sync(_)
            | Subject::Judge(..)
            | Subject::Mysql(..)
            | Subject::MysqlLogin(_)
            | Subject::MysqlJudge(..) => true,
            Subject::Idle(_) | Subject::Stream(..) => false,
        };
        let way = (step.subject.transport(), step.subject.server());
        // Memory is read on a program that has done nothing yet; its predecessor ends first. What
        // failed may be beyond repair: it is not kept, and the next group begins with a new program.
        let open = self.lanes.remove(&step.lane).filter(|(before, _)| again && *before == way);
        let lane = open.map_or_else(|| self.open(step), |(_, lane)| Ok(lane));
        let lane = lane.map_err(|failure| failure.to_string())?;
        let point = self.measure(&lane, step).map_err(|failure| match lane.last_words() {
            words if words.is_empty() => failure.to_string(),
            words => format!("{failure}; it last said: {words}"),
        })?;
        if again {
            self.lanes.insert(step.lane, (way, lane));
        }
        Ok(point)
    }

    fn open(&mut self, step: &Step) -> Result<Lane, Failure> {
        let transport = step.subject.transport();
        if step.subject.server() != Server::Mysql && self.offered != transport {
            self.database.offer_tls(transport == Transport::Tls)?;
            self.offered = transport;
        }
        let sessions = match step.subject {
            Subject::Idle(held) => held.sessions,
            _ => LANE_SESSIONS,
        };
        let server = step.subject.server();
        let upstream = match (server, &self.double, self.mysql) {
            (Server::Double, Some(double), _) => double.address,
            (Server::Double, None, _) => self.double.insert(Lane::open_double()?).address,
            (Server::Mysql, _, Some(mysql)) => mysql.server.address,
            (Server::Postgres | Server::Mysql, ..) => self.database.address(),
        };
        let database = self.database;
        let lane = Lane::open(step.lane, &Route { server, upstream, database, transport, sessions })?;
        match step.subject {
            Subject::Judge(..) => judging::verify(&lane, step.lane, &database.trusted)?,
            Subject::Mysql(..) | Subject::MysqlJudge(..) => judging::verify_mysql(&lane, step.lane)?,
            _ => {}
        }
        Ok(lane)
    }

    fn measure(&self, lane: &Lane, step: &Step) -> Result<Option<Point>, Failure> {
        let (trusted, window) = (&self.database.trusted, step.window(self.arguments));
        match step.subject {
            Subject::Select(_, scenario, clients) | Subject::Judge(scenario, clients) => {
                let Some(workload) = self.workloads.get(&scenario) else { return Ok(None) };
                let point = select::measure(lane, trusted, workload, clients, window)?;
                Ok(Some(Point::Select(point)))
            }
            Subject::Sync(clients) => {
                let Some(workload) = self.workloads.get(&Scenario::Prepared) else { return Ok(None) };
                let point = select::measure(lane, trusted, workload, clients, window)?;
                Ok(Some(Point::Select(point)))
            }
            Subject::Mysql(_, form, clients) | Subject::MysqlJudge(form, clients) => {
                let Some(workload) = self.mysql_workload(form) else { return Ok(None) };
                Ok(Some(Point::Select(select::measure_mysql(lane, workload, clients, window)?)))
            }
            Subject::Login(challenge) => {
                let role = match challenge {
                    Challenge::Trust => trusted,
                    Challenge::Scram => &self.database.challenged,
                };
                let visit = || lane.log_in(role)?.leave();
                Ok(Some(Point::Login(login::measure(lane, &visit, window)?)))
            }
            Subject::MysqlLogin(_) => {
                let visit = || lane.log_in_mysql(&mysql_server::CHALLENGED)?.leave();
                Ok(Some(Point::Login(login::measure(lane, &visit, window)?)))
            }
            Subject::Idle(held) => self.hold(lane, held),
            Subject::Stream(server, width) => {
                let bytes = self.arguments.stream_bytes;
                let point = match server {
                    Server::Mysql => stream::measure_mysql(lane, width, bytes)?,
                    Server::Postgres | Server::Double => stream::measure(lane, trusted, width, bytes)?,
                };
                Ok(Some(Point::Stream(point)))
            }
        }
    }

    fn hold(&self, lane: &Lane, held: Held) -> Result<Option<Point>, Failure> {
        let point = match (held.server, self.mysql_workload(Form::Text)) {
            (Server::Mysql, Some(workload)) => {
                let open = || idle::used_once_mysql(lane, workload);
                idle::measure(lane, &idle::Sessions { open: &open, goodbye: &mysql::GOODBYE }, held.sessions)?
            }
            (Server::Mysql, None) => None,
            (Server::Postgres | Server::Double, _) => {
                let open = || idle::used_once(lane, &self.database.trusted);
                let goodbye = wire::terminate();
                idle::measure(lane, &idle::Sessions { open: &open, goodbye: &goodbye }, held.sessions)?
            }
        };
        Ok(point.map(Point::Idle))
    }

    fn mysql_workload(&self, form: Form) -> Option<&Workload> {
        self.mysql.and_then(|mysql| mysql.workloads.get(&form))
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
        println!(
            "written: {}",
            readme::write("relay", &markdown).map_err(Failure::system("write the README"))?
        );
    }
    for miss in &figures.misses {
        eprintln!("FAILED: {} over {}: {}", miss.group.name(), miss.lane.name(), miss.why);
    }
    Ok(if figures.misses.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
