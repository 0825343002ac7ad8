//! How is the view laid out on a screen of any size?
//!
//! Head, tabs, then the table or what is in its place, and a line of hints. Everything is drawn anew
//! each time; the terminal is sent what changed.

mod body;
mod detail;
mod head;
mod help;
mod palette;

pub(super) use palette::Palette;

use super::view::{Focus, View};
use palette::{Emphasis, put, put_right};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};
use std::time::Instant;

/// Lines of the head, tabs among them.
const HEAD: u16 = 5;

/// Below this nothing can be read.
const SMALLEST: (u16, u16) = (30, 8);

/// Draws the view as it is at `now`.
pub(super) fn draw(frame: &mut Frame<'_>, view: &mut View, palette: Palette, now: Instant) {
    let area = frame.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let text = format!("too small: {} x {} is the least", SMALLEST.0, SMALLEST.1);
        frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
        return;
    }
    let head = Rect { height: HEAD, ..area };
    let foot = Rect { y: area.bottom() - 1, height: 1, ..area };
    let body = Rect { y: head.bottom(), height: area.height - HEAD - 1, ..area };
    head::draw(frame.buffer_mut(), head, view, palette, now);
    match view.focus {
        Focus::Table | Focus::Filter => body::draw(frame.buffer_mut(), body, view, palette),
        Focus::Detail => scrolled(frame, body, view, detail::lines(view, body.width, palette)),
        Focus::Help => scrolled(frame, body, view, help::lines(body.width, palette)),
    }
    draw_foot(frame, foot, view, palette);
}

/// Lines of which some may be above the screen; never more than need be.
fn scrolled(frame: &mut Frame<'_>, area: Rect, view: &mut View, lines: Vec<Line<'static>>) {
    view.room = usize::from(area.height);
    let most = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_sub(area.height);
    view.scroll = view.scroll.min(most);
    frame.render_widget(Paragraph::new(lines).scroll((view.scroll, 0)), area);
}

fn draw_foot(frame: &mut Frame<'_>, area: Rect, view: &View, palette: Palette) {
    let buffer = frame.buffer_mut();
    if view.focus == Focus::Filter {
        let typed = format!("/{}", view.typed);
        let cursor = put(buffer, area, 0, 0, &typed, palette.emphasis(Emphasis::Value));
        put(buffer, area, cursor, 0, " ", palette.emphasis(Emphasis::Chosen));
        put_right(
            buffer,
            area,
            0,
            cursor + 2,
            "Enter keeps it, Esc drops it",
            palette.emphasis(Emphasis::Label),
        );
        return;
    }
    let hints: &[&str] = match view.focus {
        Focus::Table => &[
            "? help",
            "q quit",
            "Enter detail",
            "/ filter",
            "< > sort",
            "w window",
            "Space pause",
            "r reverse",
            "+ - interval",
        ],
        Focus::Detail | Focus::Filter => &["Esc back", "up down PgUp PgDn scroll", "Space pause", "q quit"],
        Focus::Help => &["Esc back", "up down PgUp PgDn scroll", "q quit"],
    };
    let mut x = 0;
    for hint in hints {
        // Half a hint is none.
        if usize::from(x) + hint.len() > usize::from(area.width) {
            return;
        }
        x = put(buffer, area, x, 0, hint, palette.emphasis(Emphasis::Label)) + 2;
    }
}

#[cfg(test)]
mod tests;
