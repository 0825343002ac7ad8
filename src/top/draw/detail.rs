//! What is everything about one row?

use super::super::amounts::{bytes, count, harmless, long_time, rate, share, time};
use super::super::columns::Tone;
use super::super::conditions::condition;
use super::super::picture::{ListenerRow, Picture, StatementRow};
use super::super::pretty;
use super::super::view::{Tab, View};
use super::palette::{Emphasis, Palette};
use proxy::live::wire::{Distribution, SessionLook};
use ratatui::text::{Line, Span};

/// Widest bar of a histogram.
const BAR_MAX: usize = 50;

/// The lines about the chosen row, for a screen of this width.
pub(super) fn lines(view: &View, width: u16, palette: Palette) -> Vec<Line<'static>> {
    let mut sheet = Sheet { lines: Vec::new(), width: usize::from(width), palette };
    match view.tab {
        Tab::Statements => match (view.chosen_statement(), &view.picture) {
            (Some(row), Some(picture)) => sheet.statement(row, picture),
            _ => sheet.gone("this statement is not among those that are shown any more"),
        },
        Tab::Sessions => match view.chosen_session() {
            Some(session) => sheet.session(session),
            None => sheet.gone("this session has ended"),
        },
        Tab::Listeners => match view.chosen_listener() {
            Some(row) => sheet.listener(row),
            None => sheet.gone("this listener is gone"),
        },
        Tab::Errors => {}
    }
    sheet.lines
}

struct Sheet {
    lines: Vec<Line<'static>>,
    width: usize,
    palette: Palette,
}

impl Sheet {
    fn gone(&mut self, text: &'static str) {
        self.lines.push(Line::raw(text));
    }

    fn heading(&mut self, text: &str) {
        self.lines.push(Line::raw(""));
        self.lines.push(Line::from(Span::styled(text.to_owned(), self.palette.emphasis(Emphasis::Title))));
    }

    fn pair(&mut self, name: &str, value: String) {
        self.lines.push(Line::from(vec![
            Span::styled(format!("{name:<14}"), self.palette.emphasis(Emphasis::Label)),
            Span::raw(value),
        ]));
    }

    fn sql(&mut self, text: &str) {
        for line in pretty::lines(&harmless(text), self.width.saturating_sub(2).max(20)) {
            self.lines.push(Line::raw(format!("  {line}")));
        }
    }

    fn statement(&mut self, row: &StatementRow, picture: &Picture) {
        let one = &row.statement;
        self.pair(
            "fingerprint",
            format!("{}  {}, listener {}", one.fingerprint, one.class, harmless(&one.listener)),
        );
        self.flags(row);
        self.heading("Statement");
        self.sql(&one.text);
        self.heading("Figures");
        let figures = &row.figures;
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let each = |time: Option<u64>| or_dash(time.map(|us| self::time(us as f64)));
        self.pair(
            "calls",
            format!(
                "{}, {} a second",
                or_dash(figures.calls.map(count)),
                or_dash(figures.per_second.map(rate))
            ),
        );
        self.pair(
            "time",
            format!("{} of all, mean {}", or_dash(figures.share.map(share)), or_dash(figures.mean.map(time))),
        );
        self.pair(
            "",
            format!("p50 {}, p95 {}, p99 {}", each(figures.p50), each(figures.p95), each(figures.p99)),
        );
        self.pair(
            "",
            format!("longest {}, first byte p50 {}", time(one.total.max_us as f64), each(figures.first)),
        );
        self.pair(
            "for each call",
            format!("{} rows, {}", or_dash(figures.rows.map(rate)), or_dash(figures.bytes.map(bytes))),
        );
        self.pair("repeated", repeated(figures.repeated));
        self.pair("users", list(&one.users, one.more_users));
        self.pair("applications", list(&one.applications, one.more_applications));
        self.pair("tables", list(&one.tables, false));
        let ago = |at: u64| long_time(picture.look.at_us.saturating_sub(at) as f64);
        self.pair(
            "seen",
            format!("first {} ago, last {} ago", ago(one.first_seen_us), ago(one.last_seen_us)),
        );
        self.errors(row);
        self.heading("Times of all calls");
        self.histogram(&one.total);
    }

    fn flags(&mut self, row: &StatementRow) {
        let words = row.flags.words();
        if !words.is_empty() {
            let tone = if row.flags.heavy || row.flags.failing { Tone::Bad } else { Tone::Hint };
            self.lines.push(Line::from(vec![
                Span::styled(format!("{:<14}", "flags"), self.palette.emphasis(Emphasis::Label)),
                Span::styled(words.join(", "), self.palette.tone(tone)),
            ]));
        }
    }

    fn errors(&mut self, row: &StatementRow) {
        let one = &row.statement;
        if one.totals.errors() == 0 {
            return;
        }
        self.heading("Errors");
        for (sqlstate, number) in &one.errors {
            self.pair(&harmless(sqlstate), format!("{:>7}  {}", count(*number), condition(sqlstate, "")));
        }
        if one.other_errors > 0 {
            self.pair("other", format!("{:>7}", count(one.other_errors)));
        }
        if one.totals.refused > 0 {
            self.pair("refused", format!("{:>7}  by the gateway", count(one.totals.refused)));
        }
    }

    /// A bar for each step of 1, 2, 5, 10 … that holds anything, and those between.
    fn histogram(&mut self, times: &Distribution) {
        let bins = bins(times);
        let all = times.count();
        let most = bins.iter().map(|(_, count)| *count).max().unwrap_or(0);
        if most == 0 {
            self.gone("none ended yet");
            return;
        }
        let room = self.width.saturating_sub(30).clamp(1, BAR_MAX);
        for (bound, number) in bins {
            let long = ((number as f64 / most as f64) * room as f64).ceil() as usize;
            let part = share(number as f64 / all as f64);
            self.lines.push(Line::from(vec![
                Span::styled(
                    format!("  to {:>6} ", time(bound as f64)),
                    self.palette.emphasis(Emphasis::Label),
                ),
                Span::raw(format!("{:>7} {part:>5} ", count(number))),
                Span::raw("█".repeat(long)),
            ]));
        }
    }

    fn session(&mut self, one: &SessionLook) {
        self.pair("session", one.id.clone());
        self.pair("user", harmless(&one.user));
        self.pair("database", harmless(&one.database));
        self.pair("application", harmless(&one.application));
        self.pair("address", one.address.clone());
        self.pair("listener", harmless(&one.listener));
        self.pair("activity", format!("{}, for {}", one.activity, long_time(one.activity_us as f64)));
        self.pair("age", long_time(one.age_us as f64));
        self.pair("requests", count(one.exchanges));
        if let Some(current) = &one.current {
            self.heading("Current statement");
            self.sql(&current.text);
            self.lines.push(Line::raw(""));
            self.pair("fingerprint", current.fingerprint.clone());
            self.pair("came by", current.kind.clone());
            self.pair("for", time(current.for_us as f64));
        }
        self.lines.push(Line::raw(""));
        self.gone("The ledger has all of its statements, under this session's id.");
    }

    fn listener(&mut self, row: &ListenerRow) {
        let one = &row.listener;
        self.pair("listener", harmless(&one.name));
        self.pair("protocol", one.protocol.clone());
        self.pair("listens on", one.listen.clone());
        self.pair("mode", one.mode.clone());
        self.pair("environment", one.environment.clone());
        self.pair("sessions", format!("{} open, {} logins", count(one.sessions), count(one.logins)));
        self.pair("statements", format!("{}, {} failed", count(one.exchanges), count(one.failed)));
        let (sent, got) = (one.bytes_client as f64, one.bytes_upstream as f64);
        self.pair("bytes", format!("{} from clients, {} from servers", bytes(sent), bytes(got)));
        for (reason, number) in &one.logins_failed {
            self.pair("login failed", format!("{:>7}  {reason}", count(*number)));
        }
        for (reason, number) in &one.refusals {
            self.pair("refused", format!("{:>7}  {reason}", count(*number)));
        }
        self.heading("Servers behind it");
        for upstream in &one.upstreams {
            let word = match (&upstream.reason, upstream.up) {
                (_, true) => Span::styled("up".to_owned(), self.palette.tone(Tone::Good)),
                (Some(reason), false) => {
                    Span::styled(format!("down: {}", harmless(reason)), self.palette.tone(Tone::Bad))
                }
                (None, false) => Span::raw("not asked yet".to_owned()),
            };
            self.lines
                .push(Line::from(vec![Span::raw(format!("  {:<28} ", harmless(&upstream.address))), word]));
        }
        self.heading("Times of its statements");
        self.histogram(&row.latency);
    }
}

fn repeated(part: Option<f64>) -> String {
    let part = part.map_or_else(|| "-".to_owned(), share);
    format!("{part} of the calls came at once after an answer to the same statement")
}

fn list(names: &[String], more: bool) -> String {
    let text = if names.is_empty() { "-".to_owned() } else { harmless(&names.join(", ")) };
    if more { format!("{text}, and more") } else { text }
}

/// The counts by steps of 1, 2, 5, 10 …, from the first that holds anything to the last.
fn bins(times: &Distribution) -> Vec<(u64, u64)> {
    let bounds = (0..12).flat_map(|power| [1, 2, 5].map(|digit| digit * 10u64.pow(power)));
    let mut steps = times.steps.iter().peekable();
    let mut bins = Vec::new();
    for bound in bounds {
        let mut count = 0;
        while let Some((_, came)) = steps.next_if(|(step, _)| *step <= bound) {
            count += came;
        }
        if count > 0 || !bins.is_empty() {
            bins.push((bound, count));
        }
        if steps.peek().is_none() {
            break;
        }
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_go_from_the_first_step_that_holds_anything_to_the_last() {
        let times = Distribution { steps: vec![(90, 3), (100, 1), (480, 2), (2_100, 4)], max_us: 2_050 };
        assert_eq!(bins(&times), [(100, 4), (200, 0), (500, 2), (1_000, 0), (2_000, 0), (5_000, 4)]);
        assert_eq!(bins(&Distribution::default()), []);
    }
}
