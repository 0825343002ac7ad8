//! How does a screen become a picture for the documentation?
//!
//! The same cells a terminal would be sent, in a font of equal widths: what is seen is the program's
//! own layout with figures it measured.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;

/// A cell, in the units of the picture.
const WIDTH: f32 = 8.4;
const HEIGHT: f32 = 18.0;

/// Around the cells.
const MARGIN: f32 = 12.0;

const BACKGROUND: &str = "#14171c";
const FOREGROUND: &str = "#d7dce3";
const DIM: &str = "#8b94a1";

/// The picture of a screen.
pub(super) fn text(buffer: &Buffer) -> String {
    let (width, height) = (f32::from(buffer.area.width), f32::from(buffer.area.height));
    let (across, down) = (width * WIDTH + 2.0 * MARGIN, height * HEIGHT + 2.0 * MARGIN);
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {across:.1} {down:.1}\" width=\"{across:.0}\" \
         height=\"{down:.0}\" font-family=\"'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <title>dragoman top</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{BACKGROUND}\"/>"
    );
    for y in 0..buffer.area.height {
        line(&mut svg, buffer, y);
    }
    svg.push_str("</svg>\n");
    svg
}

/// A line, in runs of cells that look the same.
fn line(svg: &mut String, buffer: &Buffer, y: u16) {
    let mut x = 0;
    while let Some(first) = buffer.cell((x, y)) {
        let look = Look::of(first);
        let mut run = String::new();
        let begin = x;
        while let Some(cell) = buffer.cell((x, y)).filter(|cell| Look::of(cell) == look) {
            run.push_str(cell.symbol());
            x += 1;
        }
        look.draw(svg, &run, (begin, x - begin), y);
    }
}

/// How a cell looks.
#[derive(PartialEq, Eq)]
struct Look {
    ink: &'static str,
    paper: Option<&'static str>,
    is_bold: bool,
    is_underlined: bool,
}

impl Look {
    fn of(cell: &Cell) -> Look {
        let ink = match cell.fg {
            Color::Red => "#ff7b72",
            Color::Green => "#7ee787",
            Color::Magenta => "#d2a8ff",
            _ if cell.modifier.contains(Modifier::DIM) => DIM,
            _ => FOREGROUND,
        };
        let reversed = cell.modifier.contains(Modifier::REVERSED);
        Look {
            ink: if reversed { BACKGROUND } else { ink },
            paper: reversed.then_some(ink),
            is_bold: cell.modifier.contains(Modifier::BOLD),
            is_underlined: cell.modifier.contains(Modifier::UNDERLINED),
        }
    }

    fn draw(&self, svg: &mut String, run: &str, (begin, long): (u16, u16), y: u16) {
        let (left, wide) = (MARGIN + f32::from(begin) * WIDTH, f32::from(long) * WIDTH);
        let top = MARGIN + f32::from(y) * HEIGHT;
        if let Some(paper) = self.paper {
            let _ = writeln!(
                svg,
                "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{HEIGHT:.1}\" fill=\"{paper}\"/>"
            );
        }
        if self.is_underlined {
            let low = top + HEIGHT - 2.0;
            let _ = writeln!(
                svg,
                "<rect x=\"{left:.1}\" y=\"{low:.1}\" width=\"{wide:.1}\" height=\"1\" fill=\"{}\"/>",
                self.ink
            );
        }
        let text = run.trim_end();
        if text.is_empty() {
            return;
        }
        let shown = text.trim_start();
        let skipped = text.chars().count() - shown.chars().count();
        let bold = if self.is_bold { " font-weight=\"bold\"" } else { "" };
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{}\"{bold} textLength=\"{:.1}\" lengthAdjust=\"spacingAndGlyphs\" \
             xml:space=\"preserve\">{}</text>",
            left + skipped as f32 * WIDTH,
            top + HEIGHT - 5.0,
            self.ink,
            shown.chars().count() as f32 * WIDTH,
            escaped(shown)
        );
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    #[test]
    fn every_run_of_cells_has_its_place_and_its_look() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 2));
        buffer.set_string(2, 1, "a<b", Style::new());
        buffer.set_string(6, 1, "slow", Style::new().fg(Color::Red).add_modifier(Modifier::BOLD));
        buffer.set_string(0, 0, " x ", Style::new().add_modifier(Modifier::REVERSED));
        let svg = text(&buffer);
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");
        assert!(svg.contains(">a&lt;b</text>"), "{svg}");
        let slow = "x=\"62.4\" y=\"43.0\" fill=\"#ff7b72\" font-weight=\"bold\" textLength=\"33.6\"";
        assert!(svg.contains(slow), "{svg}");
        assert!(svg.contains("<rect x=\"12.0\" y=\"12.0\" width=\"25.2\" height=\"18.0\""), "{svg}");
    }
}
