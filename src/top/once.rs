//! How is a look printed for people without a screen, and for scripts?

use super::ask::Line;
use super::columns::{Column, ERRORS, LISTENERS, SESSIONS, STATEMENTS};
use super::draw::{Palette, draw};
use super::figures::Window;
use super::filter::Filter;
use super::picture::{Moment, Picture, Row};
use super::table::{Stand, shown};
use super::view::{Start, Tab, View};
use super::{TopError, TopOptions, svg};
use proxy::live::wire::Sort;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::{Duration, Instant};
use tokio::time::sleep;

mod json;

/// Looks of a picture of the screen, which has a curve.
const PICTURE_LOOKS: usize = 30;

/// In which form a look is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// A table
    #[default]
    Text,
    /// One JSON object; docs/top.md has its fields
    Json,
    /// The screen as it would be seen, for documentation
    #[value(hide = true)]
    Svg,
}

/// A screen's columns and lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u16,
    pub(crate) height: u16,
}

impl std::str::FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Size, String> {
        let sides = text.split_once('x').and_then(|(width, height)| {
            Some(Size { width: width.parse().ok()?, height: height.parse().ok()? })
        });
        sides
            .filter(|size| (30..=400).contains(&size.width) && (8..=200).contains(&size.height))
            .ok_or_else(|| "a size is written `140x40`, from 30x8 to 400x200".to_owned())
    }
}

/// Prints what the options ask for.
pub(super) async fn print(mut line: Line, options: &TopOptions) -> Result<(), TopError> {
    let text = if options.format == Format::Svg {
        screen(&mut line, options).await?
    } else {
        let (earlier, now) = looks(&mut line, options).await?;
        let window = if earlier.is_some() { Window::Interval } else { Window::Start };
        // Nothing is new to somebody who looks once: what came since the first of two looks is.
        let began_us = earlier.as_ref().map_or(u64::MAX, |earlier| earlier.look.at_us);
        let picture = Picture::new(earlier.as_ref(), &now, window, began_us);
        match options.format {
            Format::Json => json::text(&picture, window, options)?,
            Format::Text | Format::Svg => text(&picture, window, options),
        }
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        // A reader that went away (`| head`) is no error of ours.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(TopError::Output(error)),
        _ => Ok(()),
    }
}

/// One look, or two with the interval between them.
async fn looks(line: &mut Line, options: &TopOptions) -> Result<(Option<Moment>, Moment), TopError> {
    let mut view = start(line, options);
    // What is sorted or filtered here should be chosen from all there is.
    let all = |view: &View| {
        let mut request = view.request();
        request.statements = proxy::live::wire::STATEMENTS_MAX;
        if options.show != Tab::Statements {
            request.sort = Sort::Time;
        }
        request
    };
    let mut first = line.ask(&all(&view)).await?;
    let Some(seconds) = options.interval else { return Ok((None, Moment::new(first))) };
    view.learn(Ok(first.clone()), Instant::now());
    sleep(Duration::from_secs_f64(seconds)).await;
    let second = line.ask(&all(&view)).await?;
    if first.started_us != second.started_us {
        // Another gateway answers now: what it did is all there is.
        first = proxy::live::wire::Look {
            at_us: second.started_us,
            started_us: second.started_us,
            ..Default::default()
        };
    }
    Ok((Some(Moment::new(first)), Moment::new(second)))
}

fn start(line: &Line, options: &TopOptions) -> View {
    View::new(Start {
        socket: line.path().to_owned(),
        tab: options.show,
        sort: options.sort.clone(),
        filter: options.filter.clone(),
        interval_ms: None,
    })
}

/// The screen after some looks, as a picture.
async fn screen(line: &mut Line, options: &TopOptions) -> Result<String, TopError> {
    let mut view = start(line, options);
    let interval = Duration::from_secs_f64(options.interval.unwrap_or(1.0));
    for look in 0..PICTURE_LOOKS {
        if look > 0 {
            sleep(interval).await;
        }
        view.learn(Ok(line.ask(&view.request()).await?), Instant::now());
    }
    let backend = TestBackend::new(options.size.width, options.size.height);
    let Ok(mut terminal) = Terminal::new(backend);
    let Ok(_) = terminal.draw(|frame| draw(frame, &mut view, Palette::Colours, Instant::now()));
    Ok(svg::text(terminal.backend().buffer()))
}

/// Which rows of a table are printed, and in what order.
pub(super) struct Choice<'a> {
    sort: Option<&'a str>,
    filter: Filter,
    limit: usize,
}

impl Choice<'_> {
    /// What was asked for holds for the table that was asked for; of the others there is everything.
    pub(super) fn of(options: &TopOptions, tab: Tab) -> Choice<'_> {
        if tab != options.show {
            return Choice { sort: None, filter: Filter::default(), limit: usize::MAX };
        }
        Choice { sort: options.sort.as_deref(), filter: Filter::new(&options.filter), limit: options.limit }
    }

    /// The rows, in order of the column that was asked for, or of the `usual` one.
    pub(super) fn rows<'a, R: Row>(&self, rows: &'a [R], columns: &[Column<R>], usual: &str) -> Vec<&'a R> {
        let stand = Stand::by(columns, self.sort.unwrap_or(usual));
        let mut rows = shown(rows, columns, &stand, &self.filter);
        rows.truncate(self.limit);
        rows
    }
}

/// The head in a few lines, then the table: every column, as wide as it needs to be, the last one
/// whole.
fn text(picture: &Picture, window: Window, options: &TopOptions) -> String {
    let mut text = head(picture, window);
    let choice = Choice::of(options, options.show);
    let (rows, all) = match options.show {
        Tab::Statements => {
            let rows = choice.rows(&picture.statements, STATEMENTS, "time");
            (table(&mut text, &rows, STATEMENTS), picture.statements.len())
        }
        Tab::Sessions => {
            let rows = choice.rows(&picture.look.sessions, SESSIONS, "activity");
            (table(&mut text, &rows, SESSIONS), picture.look.sessions.len())
        }
        Tab::Errors => {
            let rows = choice.rows(&picture.errors, ERRORS, "count");
            (table(&mut text, &rows, ERRORS), picture.errors.len())
        }
        Tab::Listeners => {
            let rows = choice.rows(&picture.listeners, LISTENERS, "name");
            (table(&mut text, &rows, LISTENERS), picture.listeners.len())
        }
    };
    if rows == 0 {
        let _ = writeln!(text, "(nothing{})", if all == 0 { "" } else { " is found by the filter" });
    }
    text
}

fn head(picture: &Picture, window: Window) -> String {
    use super::amounts::{bytes, long_time, rate, time};
    let (look, summary) = (&picture.look, &picture.summary);
    let mut text = String::new();
    let over = match (window, picture.seconds) {
        (Window::Interval, Some(seconds)) => format!("the last {}", time(seconds * 1e6)),
        _ => "since the start".to_owned(),
    };
    let _ =
        writeln!(text, "dragoman {}, up {}, figures {over}", look.version, long_time(look.uptime_us as f64));
    let quantile =
        |share: f64| summary.latency.quantile(share).map_or_else(|| "-".to_owned(), |us| time(us as f64));
    let calls = match (summary.statements_per_second, summary.errors_per_second) {
        (Some(calls), Some(errors)) => format!("{} calls/s, {} errors/s", rate(calls), rate(errors)),
        _ => format!("{} calls, {} errors", look.totals.calls, look.totals.errors()),
    };
    let _ = writeln!(text, "{calls}, p50 {}, p95 {}, p99 {}", quantile(0.5), quantile(0.95), quantile(0.99));
    let counts = look.session_counts;
    let records = match summary.records_per_second {
        Some(records) => format!("{} records/s", rate(records)),
        None => format!("{} records", look.ledger.records),
    };
    let _ = writeln!(
        text,
        "sessions: {} busy, {} idle, {} in transaction; ledger: {records}, {} waiting",
        counts.busy,
        counts.idle,
        counts.transaction,
        bytes(look.ledger.queue_bytes as f64)
    );
    text.push('\n');
    text
}

/// Writes a table and answers how many rows it has.
fn table<R>(text: &mut String, rows: &[&R], columns: &[Column<R>]) -> usize {
    let titles = columns.iter().map(|column| column.title.to_owned()).collect::<Vec<_>>();
    let cells = |row: &&R| columns.iter().map(|column| (column.entry)(row).text).collect::<Vec<_>>();
    let lines: Vec<_> = std::iter::once(titles).chain(rows.iter().map(cells)).collect();
    let width = |place: usize| {
        lines.iter().filter_map(|line| line.get(place)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns.len()).map(width).collect();
    let last = columns.len().saturating_sub(1);
    for line in &lines {
        let mut written = String::new();
        for (place, ((cell, column), width)) in line.iter().zip(columns).zip(&widths).enumerate() {
            let _ = match (place == last, column.right) {
                (true, _) => write!(written, "{cell}"),
                (false, true) => write!(written, "{cell:>width$}  "),
                (false, false) => write!(written, "{cell:<width$}  "),
            };
        }
        let _ = writeln!(text, "{}", written.trim_end());
    }
    rows.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_two_numbers_within_reason() {
        assert_eq!("140x40".parse(), Ok(Size { width: 140, height: 40 }));
        for wrong in ["140", "x", "140x", "10x10", "9000x40", "-1x40"] {
            assert!(wrong.parse::<Size>().is_err(), "{wrong}");
        }
    }
}
