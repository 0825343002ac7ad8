//! What does judging cost, beside the same gateway without rules?
//!
//! The cost is small beside what a query costs as a whole, so each difference comes with the interval
//! its median lies in, and with what two gateways differ by that are told the same.

use super::client::Login;
use super::failure::Failure;
use super::figures::Figures;
use super::lane::{Kind, Lane};
use super::median::{Median, number, with_interval, with_spread};
use super::mysql_server::TRUSTED;
use super::plan::Subject;
use super::select::Point;
use super::table::Table;

/// The lane that the others are compared with: the gateway without rules.
pub const BARE: Kind = Kind::Gateway;

const COLUMNS: [&str; 12] = [
    "protocol",
    "clients",
    "lane",
    "queries/s",
    "spread",
    "ratio",
    "95 %",
    "p50 us",
    "CPU us/query",
    "spread",
    "added",
    "95 %",
];

/// Refused by the packs of the lanes that enforce, and by nothing else: the server takes it from everybody.
const REFUSED: &str = "LISTEN bench";
const REFUSED_MYSQL: &str = "EXECUTE IMMEDIATE 'SELECT 1'";

/// Makes sure that a lane does what it is named after: figures of a gateway that only seems to enforce
/// would be good ones.
pub fn verify(lane: &Lane, kind: Kind, login: &Login) -> Result<(), Failure> {
    let mut client = lane.log_in(login)?;
    let enforces = match client.query(REFUSED) {
        Ok(_) => client.leave().map(|()| false)?,
        Err(Failure::Refused { .. }) => true,
        Err(other) => return Err(other),
    };
    as_named(kind, enforces, REFUSED)
}

/// The same by MySQL's protocol.
pub fn verify_mysql(lane: &Lane, kind: Kind) -> Result<(), Failure> {
    let mut session = lane.log_in_mysql(&TRUSTED)?;
    let enforces = session.is_refused(REFUSED_MYSQL)?;
    session.leave()?;
    as_named(kind, enforces, REFUSED_MYSQL)
}

fn as_named(kind: Kind, enforces: bool, statement: &str) -> Result<(), Failure> {
    let wanted = Kind::ENFORCING.contains(&kind);
    let words = |refused: bool| if refused { "a refusal" } else { "no refusal" }.to_owned();
    if enforces == wanted {
        return Ok(());
    }
    Err(Failure::WrongAnswer {
        expected: format!("{} of `{statement}`", words(wanted)),
        got: words(enforces),
    })
}

/// All lanes that judge differently, each with its figures and how they compare with the bare path's.
pub fn table(figures: &Figures) -> Table {
    let title = "What judging costs the gateway: point selects (ratio and added CPU are against `gateway`, which \
                 has no rules, in the same round)";
    let mut table = Table::new(title, 3, &COLUMNS);
    for subject in figures.subjects() {
        let (name, clients) = match subject {
            Subject::Judge(scenario, clients) => (scenario.name().to_owned(), clients),
            Subject::MysqlJudge(form, clients) => (format!("MySQL {}", form.name()), clients),
            _ => continue,
        };
        for lane in Kind::JUDGING {
            let names = [name.clone(), clients.to_string(), lane.name().to_owned()];
            row(figures, subject, lane).into_iter().for_each(|row| table.push([&names[..], &row].concat()));
        }
    }
    table
}

fn row(figures: &Figures, subject: Subject, lane: Kind) -> Option<Vec<String>> {
    let of = |figure: fn(&Point) -> Option<f64>| figures.select(subject, lane, figure);
    let rate = of(|point| Some(point.rate))?;
    let compared = |median: Option<Median>| median.filter(|_| lane != BARE);
    let mut row = with_spread(Some(rate), 0);
    row.extend(with_interval(compared(kept(figures, subject, lane)), 3));
    row.push(number(of(|point| Some(point.latency_us[0])), 1));
    row.extend(with_spread(of(|point| point.cpu_us), 2));
    row.extend(with_interval(compared(added(figures, subject, lane)), 2));
    Some(row)
}

/// The share of the bare path's queries each second that is left.
pub fn kept(figures: &Figures, subject: Subject, lane: Kind) -> Option<Median> {
    figures.select_beside(subject, [lane, BARE], |point| Some(point.rate), |own, bare| own / bare)
}

/// Processor time for a query beyond the bare path's, in microseconds.
pub fn added(figures: &Figures, subject: Subject, lane: Kind) -> Option<Median> {
    figures.select_beside(subject, [lane, BARE], |point| point.cpu_us, |own, bare| own - bare)
}
