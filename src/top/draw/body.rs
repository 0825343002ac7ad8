//! How is a table drawn, and what stands in its place when it is empty?

use super::super::columns::{Column, ERRORS, LISTENERS, SESSIONS, STATEMENTS};
use super::super::figures::Window;
use super::super::filter::Filter;
use super::super::picture::{Picture, Row};
use super::super::pretty::wrapped;
use super::super::table::{GAP, Stand, fitting, shown};
use super::super::view::{Tab, View};
use super::palette::{Emphasis, Palette, put};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

pub(super) fn draw(buffer: &mut Buffer, area: Rect, view: &mut View, palette: Palette) {
    let Some(picture) = &view.picture else {
        let waiting = format!("asking the gateway at {}", view.socket.display());
        sentence(buffer, area, view.trouble.as_deref().unwrap_or(&waiting), palette);
        return;
    };
    let room = usize::from(area.height.saturating_sub(1));
    let mut sheet = Sheet { buffer, area, filter: &view.filter, palette };
    let drawn = match view.tab {
        Tab::Statements => sheet.table(&picture.statements, STATEMENTS, &mut view.statements),
        Tab::Sessions => sheet.table(&picture.look.sessions, SESSIONS, &mut view.sessions),
        Tab::Errors => sheet.table(&picture.errors, ERRORS, &mut view.errors),
        Tab::Listeners => sheet.table(&picture.listeners, LISTENERS, &mut view.listeners),
    };
    if drawn == 0 {
        let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        sentence(buffer, below, &empty(view, picture), palette);
    }
    view.room = room;
}

/// Why there are no rows, and what to do.
fn empty(view: &View, picture: &Picture) -> String {
    let rows = match view.tab {
        Tab::Statements => picture.statements.len(),
        Tab::Sessions => picture.look.sessions.len(),
        Tab::Errors => picture.errors.len(),
        Tab::Listeners => picture.listeners.len(),
    };
    if rows > 0 {
        return format!("nothing of {rows} is found by `{}`: Esc drops the filter", view.typed);
    }
    let listens: Vec<_> = picture
        .look
        .listeners
        .iter()
        .filter(|listener| listener.served)
        .map(|listener| listener.listen.as_str())
        .collect();
    let point = format!("point a client at {}", listens.join(" or "));
    match view.tab {
        Tab::Statements if picture.look.totals.calls == 0 => format!("no statement has passed yet: {point}"),
        Tab::Statements if view.window == Window::Interval => {
            "no statement ran in the last interval: w shows figures since the start".to_owned()
        }
        Tab::Statements => "no statement is kept".to_owned(),
        Tab::Sessions => format!("nobody is connected: {point}"),
        Tab::Errors => {
            "no errors so far: what servers reject, what the gateway refuses and logins that fail \
                        will stand here"
                .to_owned()
        }
        Tab::Listeners => "nothing is served: the gateway is stopping".to_owned(),
    }
}

/// A text of a few lines, broken at spaces, with a margin.
fn sentence(buffer: &mut Buffer, area: Rect, text: &str, palette: Palette) {
    let width = usize::from(area.width.saturating_sub(4)).max(10);
    let lines = text.lines().enumerate().flat_map(|(position, paragraph)| {
        wrapped(paragraph, width).into_iter().map(move |line| (position == 0, line))
    });
    for ((is_first, line), y) in lines.zip(1..) {
        let style = if is_first { palette.emphasis(Emphasis::Value) } else { Style::new() };
        put(buffer, area, 2, y, &line, style);
    }
}

/// Where a table is drawn, and what of it.
struct Sheet<'a> {
    buffer: &'a mut Buffer,
    area: Rect,
    filter: &'a Filter,
    palette: Palette,
}

impl Sheet<'_> {
    /// Draws a table and answers how many rows it has.
    fn table<R: Row>(&mut self, rows: &[R], columns: &[Column<R>], stand: &mut Stand) -> usize {
        let rows = shown(rows, columns, stand, self.filter);
        let places = fitting(columns, stand.sort, self.area.width);
        let widths = widths(columns, &places, self.area.width);
        self.titles(columns, &widths, stand);
        let room = usize::from(self.area.height.saturating_sub(1));
        let position = stand.position(&rows);
        stand.follow(position, rows.len(), room);
        let in_sight = rows.iter().enumerate().skip(stand.top).take(room);
        for ((place, row), y) in in_sight.zip(self.area.y + 1..) {
            let mut x = self.area.x;
            for (column, width) in
                widths.iter().filter_map(|(place, width)| Some((columns.get(*place)?, *width)))
            {
                let entry = (column.entry)(row);
                let area = Rect { x, y, width, height: 1 };
                cell(self.buffer, area, &entry.text, column.right, self.palette.tone(entry.tone));
                x += width + GAP;
            }
            if place == position {
                let line = Rect { y, height: 1, ..self.area };
                // Quiet on a reversed line cannot be read.
                let style = self.palette.emphasis(Emphasis::Chosen).remove_modifier(Modifier::DIM);
                self.buffer.set_style(line, style);
            }
        }
        rows.len()
    }

    fn titles<R>(&mut self, columns: &[Column<R>], widths: &[(usize, u16)], stand: &Stand) {
        let mut x = self.area.x;
        for (place, width) in widths {
            let Some(column) = columns.get(*place) else { continue };
            let sorted = *place == stand.sort;
            let style = self.palette.emphasis(if sorted { Emphasis::Chosen } else { Emphasis::Title });
            let mut title = column.title.to_owned();
            if sorted && title.chars().count() < usize::from(*width) {
                title.push(if stand.reversed { '▲' } else { '▼' });
            }
            let area = Rect { x, width: *width, height: 1, ..self.area };
            cell(self.buffer, area, &title, column.right, style);
            x += width + GAP;
        }
    }
}

/// The width of each column that is shown: the last one takes what is left.
fn widths<R>(columns: &[Column<R>], places: &[usize], width: u16) -> Vec<(usize, u16)> {
    let mut left = width;
    let mut widths = Vec::with_capacity(places.len());
    for (position, place) in places.iter().enumerate() {
        let wanted = columns.get(*place).map_or(0, |column| column.width);
        let own = if position + 1 == places.len() { left } else { wanted.min(left) };
        widths.push((*place, own));
        left = left.saturating_sub(own + GAP);
    }
    widths
}

/// What does not fit ends in `…`.
fn cell(buffer: &mut Buffer, area: Rect, text: &str, right: bool, style: Style) {
    let room = usize::from(area.width);
    let width = Span::raw(text).width();
    if width <= room {
        let x = if right { u16::try_from(room - width).unwrap_or(0) } else { 0 };
        put(buffer, area, x, 0, text, style);
        return;
    }
    if room > 0 {
        put(buffer, Rect { width: area.width - 1, ..area }, 0, 0, text, style);
        put(buffer, area, area.width - 1, 0, "…", style);
    }
}
