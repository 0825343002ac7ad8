//! What does each key, flag and column mean?

use super::super::columns::dropped;
use super::super::filter::FIELDS;
use super::super::keys::KEYS;
use super::super::pretty::wrapped;
use super::palette::{Emphasis, Palette};
use ratatui::text::{Line, Span};

/// Cells of the names.
const NAMES: usize = 26;

const FLAGS: [(&str, &str); 4] = [
    ("slow", "p95 is 100 ms or more; red when a tenth of all time goes there"),
    ("N+1", "a short read that comes right after itself, again and again in one session"),
    ("errors", "one call of a hundred or more fails or is refused"),
    ("new", "not seen before this view began"),
];

const COLUMNS: [(&str, &str); 6] = [
    ("calls/s", "over the last interval; - where that is not known"),
    ("time", "part of the time of all statements"),
    ("first", "median time to the first byte of the answer"),
    ("rows, bytes", "for each call"),
    ("errors", "calls that failed or were refused"),
    ("seen", "how long ago it was seen last"),
];

/// The help, for a screen of this width.
pub(super) fn lines(width: u16, palette: Palette) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut section = |title: &'static str, pairs: &[(&'static str, String)]| {
        lines.push(Line::from(Span::styled(title, palette.emphasis(Emphasis::Title))));
        for (name, text) in pairs {
            let room = usize::from(width).saturating_sub(NAMES).max(20);
            for (position, part) in wrapped(text, room).into_iter().enumerate() {
                let name = if position == 0 { name } else { "" };
                lines.push(Line::from(vec![
                    Span::styled(format!("  {name:<24}"), palette.emphasis(Emphasis::Value)),
                    Span::raw(part),
                ]));
            }
        }
    };
    let owned = |pairs: &[(&'static str, &str)]| {
        pairs.iter().map(|(name, text)| (*name, (*text).to_owned())).collect::<Vec<_>>()
    };
    section("Keys", &owned(&KEYS));
    section("Flags", &owned(&FLAGS));
    section("Columns", &owned(&COLUMNS));
    let order =
        format!("{} go in this order; all can be sorted by, and that one stays", dropped().join(", "));
    section("More", &[("fields of a filter", FIELDS.join(", ")), ("on a narrow screen", order)]);
    lines
}
