//! What is said of the gateway as a whole?

use super::super::amounts::{bytes, count, harmless, long_time, rate, time};
use super::super::columns::{Column, ERRORS, LISTENERS, SESSIONS, STATEMENTS, Tone};
use super::super::figures::Window;
use super::super::picture::Picture;
use super::super::table::Stand;
use super::super::view::{Tab, View};
use super::palette::{Emphasis, Palette, put, put_right};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::time::{Duration, Instant};

/// Steps of the curve.
const LEVELS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Widest curve, in looks.
const CURVE_MAX: u16 = 90;

/// Writes parts of a line one after the other.
struct Pen<'a> {
    buffer: &'a mut Buffer,
    area: Rect,
    palette: Palette,
    x: u16,
    y: u16,
}

impl Pen<'_> {
    fn value(&mut self, text: &str) {
        self.x = put(self.buffer, self.area, self.x, self.y, text, self.palette.emphasis(Emphasis::Value));
    }

    fn label(&mut self, text: &str) {
        self.x = put(self.buffer, self.area, self.x, self.y, text, self.palette.emphasis(Emphasis::Label));
    }

    fn toned(&mut self, text: &str, tone: Tone) {
        self.x = put(self.buffer, self.area, self.x, self.y, text, self.palette.tone(tone));
    }

    fn line(&mut self, y: u16) {
        (self.x, self.y) = (0, y);
    }
}

pub(super) fn draw(buffer: &mut Buffer, area: Rect, view: &View, palette: Palette, now: Instant) {
    let mut pen = Pen { buffer, area, palette, x: 0, y: 0 };
    let age = view.taken.map(|taken| now.saturating_duration_since(taken));
    title(&mut pen, view, age);
    pen.line(1);
    match (&view.trouble, &view.picture) {
        (Some(trouble), Some(_)) => {
            let age = long_time(age.unwrap_or_default().as_micros() as f64);
            let first = trouble.lines().next().unwrap_or_default();
            pen.toned(&format!("{first} - figures are {age} old, trying again"), Tone::Bad);
        }
        (_, Some(picture)) => listeners(&mut pen, picture),
        (_, None) => {}
    }
    if let Some(picture) = &view.picture {
        pen.line(2);
        rates(&mut pen, picture);
        let end = pen.x;
        curve(&mut pen, view, end + 2);
        pen.line(3);
        sessions_and_ledger(&mut pen, picture);
    }
    pen.line(4);
    tabs(&mut pen, view);
}

fn title(pen: &mut Pen<'_>, view: &View, age: Option<Duration>) {
    pen.value("Dragoman");
    if let Some(picture) = &view.picture {
        pen.value(&format!(" {}", picture.look.version));
        pen.label("  up ");
        pen.value(&long_time(picture.look.uptime_us as f64));
        pen.label(match (view.window, picture.seconds) {
            (Window::Start, _) => "  figures ",
            (Window::Interval, _) => "  figures of ",
        });
        match (view.window, picture.seconds) {
            (Window::Start, _) | (Window::Interval, None) => pen.value("since the start"),
            (Window::Interval, Some(seconds)) => pen.value(&format!("the last {}", time(seconds * 1e6))),
        }
    }
    if view.is_paused {
        let age = long_time(age.unwrap_or_default().as_micros() as f64);
        // Whatever it covers: nobody should take what is old for what is.
        let text = format!(" paused, {age} old ");
        put_right(pen.buffer, pen.area, 0, 0, &text, pen.palette.emphasis(Emphasis::Chosen));
    } else {
        let every = format!("every {}", time(view.interval_ms as f64 * 1e3).replace(".00", ""));
        put_right(pen.buffer, pen.area, 0, pen.x + 1, &every, pen.palette.emphasis(Emphasis::Label));
    }
}

/// Each with where it listens and whether it is up, as many as there is room for; those that are
/// down first.
fn listeners(pen: &mut Pen<'_>, picture: &Picture) {
    let mut all: Vec<_> = picture.look.listeners.iter().filter(|listener| listener.served).collect();
    all.sort_by_key(|listener| listener.up);
    for (position, listener) in all.iter().enumerate() {
        let what = format!("{} {} {} ", listener.protocol, listener.listen, listener.mode);
        let name = harmless(&listener.name);
        let width = u16::try_from(name.chars().count() + what.len() + 6).unwrap_or(u16::MAX);
        let left = all.len() - position;
        let more = if left > 1 { 12 } else { 0 };
        if position > 0 && pen.x.saturating_add(width).saturating_add(more) > pen.area.width {
            pen.label(&format!("and {left} more"));
            return;
        }
        pen.value(&name);
        pen.label(&format!(" {what}"));
        if listener.up {
            pen.toned("up", Tone::Good);
        } else {
            pen.toned("down", Tone::Bad);
        }
        pen.label("  ");
    }
    if all.is_empty() {
        pen.toned("stopping: nothing is served any more", Tone::Hint);
    }
}

fn rates(pen: &mut Pen<'_>, picture: &Picture) {
    let summary = &picture.summary;
    match summary.statements_per_second {
        Some(statements) => {
            pen.value(&rate(statements));
            pen.label(" calls/s  ");
            let errors = summary.errors_per_second.unwrap_or(0.0);
            if errors > 0.0 {
                pen.toned(&rate(errors), Tone::Bad);
            } else {
                pen.value("0");
            }
            pen.label(" errors/s");
        }
        None => {
            pen.value(&count(picture.look.totals.calls));
            pen.label(" calls  ");
            pen.value(&count(picture.look.totals.errors()));
            pen.label(" errors since the start");
        }
    }
    for (name, share) in [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
        pen.label(&format!("  {name} "));
        match summary.latency.quantile(share) {
            Some(us) => pen.value(&time(us as f64)),
            None => pen.value("-"),
        }
    }
}

/// Statements a second over the last looks, the latest at the right end.
fn curve(pen: &mut Pen<'_>, view: &View, least: u16) {
    let label = " calls/s";
    let room = pen.area.width.saturating_sub(least + label.len() as u16).min(CURVE_MAX);
    if room < 8 || view.history.len() < 2 {
        return;
    }
    let shown = view.history.len().min(usize::from(room));
    let part: Vec<f64> = view.history.iter().skip(view.history.len() - shown).copied().collect();
    let most = part.iter().copied().fold(0.0, f64::max);
    let level = |rate: &f64| {
        let level = if most > 0.0 { (rate / most * 8.0).ceil() as usize } else { 0 };
        LEVELS.get(level).copied().unwrap_or("█")
    };
    let text: String = part.iter().map(level).collect();
    put_right(pen.buffer, pen.area, pen.y, least, &text, pen.palette.tone(Tone::Plain));
}

fn sessions_and_ledger(pen: &mut Pen<'_>, picture: &Picture) {
    let counts = picture.look.session_counts;
    let all = counts.busy + counts.idle + counts.transaction + counts.login + counts.leaving;
    pen.label("sessions ");
    pen.value(&count(all));
    for (number, name) in
        [(counts.busy, "busy"), (counts.idle, "idle"), (counts.transaction, "in transaction")]
    {
        pen.label(if name == "busy" { ": " } else { ", " });
        pen.value(&count(number));
        pen.label(&format!(" {name}"));
    }
    let ledger = &picture.look.ledger;
    pen.label("  ledger ");
    match picture.summary.records_per_second {
        Some(records) => pen.value(&format!("{}/s", rate(records))),
        None => pen.value(&format!("{} records", count(ledger.records))),
    }
    pen.label(", queue ");
    pen.value(&bytes(ledger.queue_bytes as f64));
    if ledger.gaps > 0 {
        pen.toned(&format!(", {} gaps", count(ledger.gaps)), Tone::Bad);
    }
}

fn tabs(pen: &mut Pen<'_>, view: &View) {
    for (position, tab) in Tab::ALL.into_iter().enumerate() {
        let rows = view.picture.as_ref().map(|picture| match tab {
            Tab::Statements => picture.look.statements_kept,
            Tab::Sessions => picture.look.sessions.len(),
            Tab::Errors => picture.errors.len(),
            Tab::Listeners => picture.listeners.len(),
        });
        let rows = rows.map_or(String::new(), |rows| format!(" {rows}"));
        let text = format!(" {} {}{rows} ", position + 1, tab.title());
        let style = if tab == view.tab {
            pen.palette.emphasis(Emphasis::Chosen)
        } else {
            pen.palette.emphasis(Emphasis::Label)
        };
        pen.x = put(pen.buffer, pen.area, pen.x, pen.y, &text, style);
    }
    let order = match view.tab {
        Tab::Statements => order(STATEMENTS, &view.statements),
        Tab::Sessions => order(SESSIONS, &view.sessions),
        Tab::Errors => order(ERRORS, &view.errors),
        Tab::Listeners => order(LISTENERS, &view.listeners),
    };
    let filtered = !view.filter.is_empty();
    let text = if filtered { format!("/{}  {order}", view.typed) } else { order };
    let style = if filtered { pen.palette.tone(Tone::Hint) } else { pen.palette.emphasis(Emphasis::Label) };
    put_right(pen.buffer, pen.area, pen.y, pen.x + 1, &text, style);
}

fn order<R>(columns: &[Column<R>], stand: &Stand) -> String {
    let title = columns.get(stand.sort).map_or("", |column| column.title);
    format!("by {title}{}", if stand.reversed { ", reversed" } else { "" })
}
