//! How is a record shown to people?

use super::super::asking::grouped;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};

/// Columns where there is no screen: nothing is cut, for a text has at most 8 KiB.
const WIDTH_MAX: usize = 64 * 1024;
/// From this width on everything has room.
const WIDE: usize = 116;
/// The columns before the text.
const COLUMNS: [Column; 7] = [
    Column { of: Of::Moment, name: "time (UTC)", width: 23 },
    Column { of: Of::User, name: "user", width: 14 },
    Column { of: Of::Class, name: "class", width: 11 },
    Column { of: Of::Verdict, name: "verdict", width: 8 },
    Column { of: Of::Outcome, name: "outcome", width: 9 },
    Column { of: Of::Milliseconds, name: "ms", width: 9 },
    Column { of: Of::Rows, name: "rows", width: 8 },
];
/// The same on a narrow screen: without what the outcome says as well, and without the day.
const COLUMNS_NARROW: [Column; 5] = [
    Column { of: Of::Time, name: "UTC", width: 8 },
    Column { of: Of::User, name: "user", width: 8 },
    Column { of: Of::Class, name: "class", width: 6 },
    Column { of: Of::Outcome, name: "outcome", width: 7 },
    Column { of: Of::Milliseconds, name: "ms", width: 8 },
];

#[derive(Clone, Copy, Debug)]
struct Column {
    of: Of,
    name: &'static str,
    width: usize,
}

/// What a column is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Moment,
    Time,
    User,
    Class,
    Verdict,
    Outcome,
    Milliseconds,
    Rows,
}

impl Of {
    /// Figures stand to the right.
    fn is_figure(self) -> bool {
        matches!(self, Of::Milliseconds | Of::Rows)
    }

    /// Whether only statements have it: of anything else what happened stands there.
    fn is_of_statement(self) -> bool {
        !matches!(self, Of::Moment | Of::Time | Of::User)
    }

    fn cell(self, record: &Value) -> String {
        let figure = |path: &str| record.pointer(path).and_then(Value::as_u64);
        match self {
            Of::Moment => text(record, "/ts").replace('T', " ").chars().take(23).collect(),
            Of::Time => text(record, "/ts").chars().skip(11).take(8).collect(),
            Of::User => text(record, "/principal/user").to_owned(),
            Of::Class => text(record, "/class").to_owned(),
            Of::Verdict => text(record, "/verdict").to_owned(),
            Of::Outcome => outcome(record),
            Of::Milliseconds => {
                let total =
                    figure("/timing_us/total").filter(|_| text(record, "/event") == "statement.outcome");
                total.map_or_else(String::new, |us| format!("{}.{:03}", us / 1_000, us % 1_000))
            }
            Of::Rows => figure("/rows").map_or_else(String::new, |rows| rows.to_string()),
        }
    }
}

/// A table on a screen.
#[derive(Debug)]
pub(super) struct Table {
    width: usize,
}

impl Table {
    /// As wide as the terminal that it is shown on; whole where that is a file or a pipe.
    pub(super) fn of_terminal() -> Table {
        let size = if io::stdout().is_terminal() { crossterm::terminal::size().ok() } else { None };
        let width = size.map(|(width, _)| usize::from(width)).filter(|width| *width > 0);
        Table { width: width.unwrap_or(WIDTH_MAX) }
    }

    fn columns(&self) -> &'static [Column] {
        if self.width >= WIDE { &COLUMNS } else { &COLUMNS_NARROW }
    }

    pub(super) fn head(&self) -> String {
        let cells = self.columns().iter().map(|column| (*column, column.name.to_owned()));
        self.line(cells, "text")
    }

    pub(super) fn row(&self, record: &Value) -> String {
        let is_statement = is_statement(record);
        let columns = self.columns().iter().filter(|column| is_statement || !column.of.is_of_statement());
        self.line(columns.map(|column| (*column, column.of.cell(record))), &about(record))
    }

    fn line(&self, cells: impl Iterator<Item = (Column, String)>, text: &str) -> String {
        let mut line = String::new();
        for (Column { of, width, .. }, cell) in cells {
            let cell = fitted(&cell, width);
            let _ = if of.is_figure() {
                write!(line, "{cell:>width$}  ")
            } else {
                write!(line, "{cell:<width$}  ")
            };
        }
        let room = self.width.saturating_sub(line.chars().count()).max(20);
        line.push_str(&fitted(text, room));
        line.truncate(line.trim_end().len());
        line
    }
}

fn is_statement(record: &Value) -> bool {
    text(record, "/event").starts_with("statement.")
}

/// What became of it, in a word.
fn outcome(record: &Value) -> String {
    let word = match text(record, "/event") {
        "statement.outcome" => match text(record, "/sqlstate") {
            "" => text(record, "/message_class"),
            sqlstate => sqlstate,
        },
        "statement.intent" => "intent",
        "statement.refused" => "refused",
        "statement.held" => "held",
        _ => "",
    };
    word.to_owned()
}

/// What was asked; of what is no statement, what happened.
fn about(record: &Value) -> String {
    if is_statement(record) {
        return text(record, "/text").to_owned();
    }
    let mut about = text(record, "/event").to_owned();
    if let Some(removed) = record.get("removed") {
        let _ = write!(about, ": {}", gone(removed));
    }
    for (name, path) in [
        ("listener", "/listener"),
        ("by", "/reader/name"),
        ("asked", "/asked"),
        ("", "/message_class"),
        ("", "/note"),
    ] {
        let value = text(record, path);
        match (name, value) {
            (_, "") => {}
            ("", value) => drop(write!(about, ": {value}")),
            (name, value) => drop(write!(about, ", {name} {value}")),
        }
    }
    about
}

/// What retention took away: `80 records, segments 1 to 2`.
fn gone(removed: &Value) -> String {
    let figure = |path: &str| removed.pointer(path).and_then(Value::as_u64).unwrap_or_default();
    let (records, first, last) = (figure("/records"), figure("/segments/0"), figure("/segments/1"));
    let plural = if records == 1 { "" } else { "s" };
    if first == last {
        format!("{} record{plural}, segment {first}", grouped(records))
    } else {
        format!("{} record{plural}, segments {first} to {last}", grouped(records))
    }
}

/// What clients wrote is shown, never obeyed: what moves a cursor or turns the direction of writing is a space.
pub(super) fn shown(cell: &str) -> String {
    let is_obeyed = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    cell.chars().map(|letter| if is_obeyed(letter) { ' ' } else { letter }).collect()
}

/// As it is shown; what does not fit is cut.
fn fitted(cell: &str, width: usize) -> String {
    let cell = shown(cell);
    let mut letters = cell.chars();
    let fitted: String = letters.by_ref().take(width).collect();
    if letters.next().is_none() {
        return fitted;
    }
    fitted.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

fn text<'a>(record: &'a Value, path: &str) -> &'a str {
    record.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_statement_is_one_line_whatever_a_client_wrote() {
        let record = json!({
            "event": "statement.outcome", "ts": "2026-08-04T12:34:56.000789Z", "class": "write", "verdict": "allow",
            "principal": { "user": "ap\u{1b}[2Jp" }, "timing_us": { "total": 1234567 }, "rows": 42,
            "message_class": "ok", "text": "UPDATE orders\nSET state = ?",
        });
        let table = Table { width: 160 };
        assert_eq!(
            table.row(&record),
            "2026-08-04 12:34:56.000  ap [2Jp         write        allow     ok          1234.567        42  \
             UPDATE orders SET state = ?"
        );
        assert_eq!(table.head().find("text"), table.row(&record).find("UPDATE"));
        let just_wide = Table { width: 116 };
        assert!(just_wide.row(&record).ends_with("  UPDATE orders SET s…"), "{}", just_wide.row(&record));
    }

    #[test]
    fn on_a_narrow_screen_the_text_has_room() {
        let record = json!({
            "event": "statement.outcome", "ts": "2026-08-04T12:34:56.000789Z", "class": "maintenance",
            "verdict": "allow", "principal": { "user": "app" }, "timing_us": { "total": 1234 }, "rows": 42,
            "message_class": "ok", "text": "UPDATE orders SET state = ? WHERE id = ?",
        });
        let table = Table { width: 80 };
        assert_eq!(table.head(), "UTC       user      class   outcome        ms  text");
        assert_eq!(
            table.row(&record),
            "12:34:56  app       maint…  ok          1.234  UPDATE orders SET state = ? WHER…"
        );
        assert_eq!(table.row(&record).chars().count(), 80);
    }

    #[test]
    fn what_is_no_statement_says_what_happened() {
        let read = json!({
            "event": "ledger.read", "ts": "2026-08-04T12:34:56.000789Z", "reader": { "name": "ada" }, "asked": "all",
        });
        let row = Table { width: 160 }.row(&read);
        let user = " ".repeat(14);
        assert_eq!(row, format!("2026-08-04 12:34:56.000  {user}  ledger.read, by ada, asked all"));
        let removed = json!({ "event": "ledger.removed", "removed": { "records": 80, "segments": [1, 2] } });
        let row = Table { width: 80 }.row(&removed);
        assert!(row.ends_with("ledger.removed: 80 records, segments 1 to 2"), "{row}");
    }
}
