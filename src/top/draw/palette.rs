//! How do meanings look, in colours and without?
//!
//! Only the terminal's own colours, which its owner chose to be read on its background, and never
//! colour alone: each has a word or a place of its own as well.

use super::super::columns::Tone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

/// Whether colours are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::top) enum Palette {
    Colours,
    Plain,
}

/// What stands out, and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Emphasis {
    /// A heading.
    Title,
    /// A figure among words.
    Value,
    /// A word beside a figure.
    Label,
    /// The chosen row or tab, the column that rows are in order of.
    Chosen,
}

impl Palette {
    /// By the user's word (no-color.org) and what the terminal says of itself.
    pub(in crate::top) fn of_environment() -> Palette {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if unwanted { Palette::Plain } else { Palette::Colours }
    }

    pub(super) fn emphasis(self, emphasis: Emphasis) -> Style {
        let style = Style::new();
        match emphasis {
            Emphasis::Title => style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            Emphasis::Value => style.add_modifier(Modifier::BOLD),
            Emphasis::Label => style.add_modifier(Modifier::DIM),
            Emphasis::Chosen => style.add_modifier(Modifier::REVERSED),
        }
    }

    pub(super) fn tone(self, tone: Tone) -> Style {
        let style = Style::new();
        let coloured = |colour: Color| match self {
            Palette::Colours => style.fg(colour),
            Palette::Plain => style,
        };
        match tone {
            Tone::Plain => style,
            Tone::Quiet => style.add_modifier(Modifier::DIM),
            Tone::Good => coloured(Color::Green),
            // Yellow cannot be read on white.
            Tone::Hint => coloured(Color::Magenta),
            Tone::Bad => coloured(Color::Red).add_modifier(Modifier::BOLD),
        }
    }
}

/// Writes `text` at (`x`, `y`) of `area`, as far as there is room. Answers the place after it.
pub(super) fn put(buffer: &mut Buffer, area: Rect, x: u16, y: u16, text: &str, style: Style) -> u16 {
    if x >= area.width || y >= area.height {
        return x;
    }
    let room = usize::from(area.width - x);
    let (end, _) = buffer.set_stringn(area.x + x, area.y + y, text, room, style);
    end - area.x
}

/// Writes `text` at the right end of line `y`, when it fits to the right of `least`.
pub(super) fn put_right(buffer: &mut Buffer, area: Rect, y: u16, least: u16, text: &str, style: Style) {
    let width = u16::try_from(ratatui::text::Span::raw(text).width()).unwrap_or(u16::MAX);
    if let Some(x) = area.width.checked_sub(width).filter(|x| *x >= least) {
        put(buffer, area, x, y, text, style);
    }
}
