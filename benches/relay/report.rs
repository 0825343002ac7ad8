//! How does a run read: tables for people, JSON for programs?

use super::arguments::Arguments;
use super::figures::{Figures, Point};
use super::judging;
use super::lane::Kind;
use super::machine::Machine;
use super::median::{number, with_spread};
use super::plan::{Held, Server, Subject, Transport, Width};
use super::table::Table;
use super::targets::{Check, State};
use serde_json::{Value, json};
use std::path::Path;
use std::{env, fs, io};

/// What a report says beside the figures.
pub struct Setting {
    /// Where they were taken.
    pub machine: Machine,
    /// The servers behind the lanes.
    pub servers: Vec<String>,
    /// The programs in between and their versions.
    pub programs: Vec<String>,
    /// Lanes that could not be opened because nothing is installed for them.
    pub absent: Vec<Kind>,
}

/// The columns of tables of point selects, after those that name the row.
const OF_SELECTS: [&str; 10] = [
    "queries/s",
    "spread",
    "ratio",
    "p50 us",
    "added",
    "p95 us",
    "p99 us",
    "CPU us/query",
    "spread",
    "of it user",
];

/// The tables of a run, those with something in them.
pub fn tables(figures: &Figures, lanes: &[Kind]) -> Vec<Table> {
    let selects =
        |title: &str, names: &[&str]| Table::new(title, names.len(), &[names, &OF_SELECTS].concat());
    let mut plain = selects(
        "Point selects (medians of the rounds; ratio and added latency are against `direct` in the same round)",
        &["protocol", "clients", "lane"],
    );
    let mut tls = selects(
        "Prepared point selects of clients that use TLS (in the lanes `direct` and `blind` it ends at the server)",
        &["clients", "lane"],
    );
    let mut sync = selects(
        "What the ledger costs the gateway: prepared point selects (ratio and added are against one whose ledger stands still)",
        &["clients", "ledger"],
    );
    let mut mysql = selects("Point selects by MySQL's protocol", &["protocol", "clients", "lane"]);
    let mut mysql_tls = selects(
        "Prepared point selects of MySQL's clients that use TLS (in the lanes `direct` and `blind` it ends at the server)",
        &["clients", "lane"],
    );
    let [mut logins, mut idle, mut streams] = of_other_kinds();
    for subject in figures.subjects() {
        if let Subject::Sync(clients) = subject {
            for (lane, name) in Kind::RECORDING.into_iter().zip(["stands still", "none", "group", "each"]) {
                let beside = [lane, Kind::Unrecorded];
                sync.rows(select_row(figures, subject, beside, &[&clients.to_string(), name]));
            }
        }
        let enforcing = Kind::ENFORCING.iter().filter(|_| matches!(subject, Subject::Mysql(..)));
        let verifying = [Kind::Verifying].iter().filter(|_| matches!(subject, Subject::Login(_)));
        for lane in lanes.iter().chain(enforcing).chain(verifying) {
            let (name, beside) = (lane.name(), [*lane, Kind::Direct]);
            match subject {
                Subject::Select(Transport::Plain, scenario, clients) => {
                    let names = [scenario.name(), &clients.to_string(), name];
                    plain.rows(select_row(figures, subject, beside, &names));
                }
                Subject::Select(Transport::Tls, _, clients) => {
                    tls.rows(select_row(figures, subject, beside, &[&clients.to_string(), name]));
                }
                Subject::Login(challenge) => {
                    logins.rows(login_row(figures, subject, challenge.name(), *lane))
                }
                Subject::MysqlLogin(transport) => {
                    let name = match transport {
                        Transport::Plain => "MySQL, native",
                        Transport::Tls => "MySQL, native, TLS",
                    };
                    logins.rows(login_row(figures, subject, name, *lane));
                }
                Subject::Idle(held) => idle.rows(idle_row(figures, held, *lane)),
                Subject::Stream(server, width) => streams.rows(stream_row(figures, server, width, *lane)),
                Subject::Mysql(Transport::Plain, form, clients) => {
                    let names = [form.name(), &clients.to_string(), name];
                    mysql.rows(select_row(figures, subject, beside, &names));
                }
                Subject::Mysql(Transport::Tls, _, clients) => {
                    mysql_tls.rows(select_row(figures, subject, beside, &[&clients.to_string(), name]));
                }
                Subject::Sync(_) | Subject::Judge(..) | Subject::MysqlJudge(..) => {}
            }
        }
    }
    let all = [plain, tls, mysql, mysql_tls, sync, judging::table(figures), logins, idle, streams];
    all.into_iter().filter(|table| !table.is_empty()).collect()
}

/// The tables of what is no point select.
fn of_other_kinds() -> [Table; 3] {
    let logins = Table::new(
        "Logins (4 at once, one connection each)",
        2,
        &["login", "lane", "logins/s", "spread", "CPU ms/login", "spread"],
    );
    let idle = Table::new(
        "Idle sessions (resident memory, without the kernel's)",
        3,
        &["sessions", "client, server", "lane", "bytes/session"],
    );
    let streams = Table::new(
        "Long results",
        2,
        &["rows", "lane", "MB/s", "spread", "CPU s/GB", "spread", "memory growth KiB"],
    );
    [logins, idle, streams]
}

/// The figures of a lane, compared with those of another one.
fn select_row(figures: &Figures, subject: Subject, lanes: [Kind; 2], names: &[&str]) -> Option<Vec<String>> {
    let [lane, other] = lanes;
    let of = |figure: fn(&super::select::Point) -> Option<f64>| figures.select(subject, lane, figure);
    let beside = |figure: fn(&super::select::Point) -> Option<f64>, compare: fn(f64, f64) -> f64| {
        figures.select_beside(subject, lanes, figure, compare).filter(|_| lane != other)
    };
    let rate = of(|point| Some(point.rate))?;
    let ratio = beside(|point| Some(point.rate), |own, other| own / other);
    let added = beside(|point| Some(point.latency_us[0]), |own, other| own - other);
    let mut row: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    row.extend(with_spread(Some(rate), 0));
    row.push(number(ratio, 2));
    row.push(number(of(|point| Some(point.latency_us[0])), 1));
    row.push(number(added, 1));
    row.push(number(of(|point| Some(point.latency_us[1])), 0));
    row.push(number(of(|point| Some(point.latency_us[2])), 0));
    row.extend(with_spread(of(|point| point.cpu_us), 1));
    row.push(number(of(|point| point.user_us), 1));
    Some(row)
}

fn login_row(figures: &Figures, subject: Subject, name: &str, lane: Kind) -> Option<Vec<String>> {
    let rate = figures.login(subject, lane, |point| Some(point.rate))?;
    let cpu = figures.login(subject, lane, |point| point.cpu_ms);
    let names = vec![name.to_owned(), lane.name().to_owned()];
    Some([names, with_spread(Some(rate), 0), with_spread(cpu, 3)].concat())
}

fn idle_row(figures: &Figures, held: Held, lane: Kind) -> Option<Vec<String>> {
    let bytes = figures.idle(held, lane)?;
    let client = match held.transport {
        Transport::Plain => "plaintext",
        Transport::Tls => "TLS",
    };
    let server = match held.server {
        Server::Postgres => "PostgreSQL",
        Server::Double => "double",
        Server::Mysql => "MariaDB",
    };
    let ways = format!("{client}, {server}");
    Some(vec![held.sessions.to_string(), ways, lane.name().to_owned(), number(Some(bytes), 0)])
}

fn stream_row(figures: &Figures, server: Server, width: Width, lane: Kind) -> Option<Vec<String>> {
    let subject = Subject::Stream(server, width);
    let rate = figures.stream(subject, lane, |point| Some(point.megabytes_rate))?;
    let cpu = figures.stream(subject, lane, |point| point.cpu_per_gigabyte);
    let growth = figures.stream(subject, lane, |point| point.growth_bytes.map(|bytes| bytes as f64 / 1024.0));
    let mysql = if server == Server::Mysql { "MySQL, " } else { "" };
    let names = vec![format!("{mysql}{} bytes", width.bytes()), lane.name().to_owned()];
    Some([names, with_spread(Some(rate), 0), with_spread(cpu, 2), vec![number(growth, 0)]].concat())
}

impl Table {
    fn rows(&mut self, row: Option<Vec<String>>) {
        row.into_iter().for_each(|row| self.push(row));
    }
}

/// The comparison with the targets, as a table.
pub fn comparison(checks: &[Check]) -> Table {
    let mut table = Table::new("Against the targets", 4, &["figure", "target", "measured", ""]);
    for check in checks {
        let state = match check.state {
            State::Met => "met",
            State::Missed => "**missed**",
            State::NotMeasured => "not measured",
        };
        table.push(vec![
            check.figure.clone(),
            check.target.clone(),
            check.measured.clone(),
            state.to_owned(),
        ]);
    }
    table
}

/// The whole report as Markdown.
pub fn markdown(arguments: &Arguments, setting: &Setting, figures: &Figures, checks: &[Check]) -> String {
    let mut parts = vec![format!(
        "Taken by a {} run: rounds: {}, of {:.2} s; {} MB for each long result.\n\n- machine: {}\n- server: {}\n{}",
        arguments.size,
        arguments.rounds,
        arguments.window.as_secs_f64(),
        arguments.stream_bytes / 1_000_000,
        setting.machine,
        setting.servers.join("; "),
        setting.programs.iter().map(|program| format!("- {program}\n")).collect::<String>()
    )];
    for lane in &setting.absent {
        parts.push(format!("`{}` is not installed on this machine and not in the tables.\n", lane.name()));
    }
    parts.extend(tables(figures, &arguments.lanes).iter().map(Table::markdown));
    if !checks.is_empty() {
        parts.push(comparison(checks).markdown());
        parts.push(missed(checks));
    }
    for miss in &figures.misses {
        parts.push(format!("**Failed:** {} over {}: {}\n", miss.group.name(), miss.lane.name(), miss.why));
    }
    parts.join("\n")
}

/// Each missed target by name.
pub fn missed(checks: &[Check]) -> String {
    let missed: Vec<String> = checks
        .iter()
        .filter(|check| check.state == State::Missed)
        .map(|check| format!("- {}: {}, target {}\n", check.figure, check.measured, check.target))
        .collect();
    let open = checks.iter().filter(|check| check.state == State::NotMeasured).count();
    let mut text = match missed.as_slice() {
        [] if open == checks.len() => return "None of the targets was measured in this run.\n".to_owned(),
        [] => "No measured target was missed.\n".to_owned(),
        missed => format!("Missed, {} of {}:\n\n{}", missed.len(), checks.len(), missed.concat()),
    };
    if open > 0 {
        text.push_str(&format!("\nNot measured in this run: {open} of {}.\n", checks.len()));
    }
    text
}

/// Every single measurement, for programs.
pub fn json(arguments: &Arguments, setting: &Setting, figures: &Figures, checks: &[Check]) -> Value {
    let machine = &setting.machine;
    json!({
        "run": {
            "size": arguments.size,
            "rounds": arguments.rounds,
            "window_seconds": arguments.window.as_secs_f64(),
            "stream_bytes": arguments.stream_bytes,
            "idle_sessions": arguments.idle_sessions,
            "idle_sessions_before_double": arguments.idle_many,
        },
        "machine": {
            "cores": machine.cores,
            "processor": machine.processor,
            "kernel": machine.kernel,
            "kernel_build": machine.kernel_build,
            "memory_mib": machine.memory_mib,
        },
        "servers": setting.servers,
        "programs": setting.programs,
        "points": figures.points().iter().map(|(step, point)| json!({
            "subject": step.subject.to_string(),
            "lane": step.lane.name(),
            "round": step.round,
            "figures": figures_of(point),
        })).collect::<Vec<_>>(),
        "targets": checks.iter().map(|check| json!({
            "figure": check.figure,
            "target": check.target,
            "measured": check.measured,
            "met": match check.state {
                State::Met => Some(true),
                State::Missed => Some(false),
                State::NotMeasured => None,
            },
        })).collect::<Vec<_>>(),
        "failures": figures.misses.iter().map(|miss| json!({
            "group": miss.group.name(),
            "lane": miss.lane.name(),
            "why": miss.why,
        })).collect::<Vec<_>>(),
    })
}

fn figures_of(point: &Point) -> Value {
    match point {
        Point::Select(point) => json!({
            "queries_per_second": point.rate,
            "p50_us": point.latency_us[0],
            "p95_us": point.latency_us[1],
            "p99_us": point.latency_us[2],
            "cpu_us_per_query": point.cpu_us,
            "cpu_user_us_per_query": point.user_us,
        }),
        Point::Login(point) => json!({ "logins_per_second": point.rate, "cpu_ms_per_login": point.cpu_ms }),
        Point::Idle(point) => json!({ "bytes_per_session": point.bytes }),
        Point::Stream(point) => json!({
            "megabytes_per_second": point.megabytes_rate,
            "cpu_seconds_per_gigabyte": point.cpu_per_gigabyte,
            "memory_growth_bytes": point.growth_bytes,
        }),
    }
}

/// Writes both files below the target directory this program was built in; answers where.
pub fn write(markdown: &str, json: &Value) -> io::Result<String> {
    // TARGET/release/deps/relay-HASH
    let program = env::current_exe()?;
    let target = program.ancestors().nth(3).unwrap_or(Path::new("target"));
    let directory = target.join("bench");
    fs::create_dir_all(&directory)?;
    fs::write(directory.join("relay.md"), markdown)?;
    fs::write(directory.join("relay.json"), format!("{json:#}\n"))?;
    Ok(directory.display().to_string())
}
