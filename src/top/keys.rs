//! What does each key do?

use super::view::{Focus, Tab, View};
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// The keys and what they do, for the help and the documentation.
pub(super) const KEYS: [(&str, &str); 15] = [
    ("1 2 3 4, Tab", "statements, sessions, errors, listeners"),
    ("up down, k j", "choose a row"),
    ("PgUp PgDn, Home End", "the same by pages; the first, the last"),
    ("Enter", "everything about the row; of an error: its statements"),
    ("Esc", "back, then drop the filter"),
    ("< >", "sort by the previous or next column; s is >"),
    ("r", "turn the order around"),
    ("/", "filter: words that all have to be found; user:shop looks in one field"),
    ("w", "figures since the gateway started, or of the last interval"),
    ("Space", "pause: nothing changes and nothing is asked until the next Space"),
    ("+ -", "look less often, more often"),
    ("Ctrl-L", "draw everything anew"),
    ("Ctrl-Z", "go to the shell; `fg` comes back"),
    ("?", "this help"),
    ("q, Ctrl-C", "quit"),
];

/// What a key asks of the terminal, beside what it changed in the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Nothing,
    /// Draw everything anew.
    Redraw,
    /// Give the terminal back to the shell for a while.
    Suspend,
}

/// Does what a key says.
pub(super) fn press(view: &mut View, key: KeyEvent) -> Wish {
    if key.kind == KeyEventKind::Release {
        return Wish::Nothing;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        match key.code {
            KeyCode::Char('c' | 'C') => view.has_ended = true,
            KeyCode::Char('l' | 'L') => return Wish::Redraw,
            KeyCode::Char('z' | 'Z') => return Wish::Suspend,
            KeyCode::Char('u' | 'U') if view.focus == Focus::Filter => view.set_filter(""),
            _ => {}
        }
        return Wish::Nothing;
    }
    if view.focus == Focus::Filter {
        type_key(view, key.code);
    } else {
        plain_key(view, key.code);
    }
    Wish::Nothing
}

fn type_key(view: &mut View, code: KeyCode) {
    match code {
        KeyCode::Enter => view.focus = Focus::Table,
        KeyCode::Esc => {
            view.focus = Focus::Table;
            view.set_filter("");
        }
        KeyCode::Backspace => view.erase_filter(),
        KeyCode::Char(letter) => view.type_filter(letter),
        _ => {}
    }
}

fn plain_key(view: &mut View, code: KeyCode) {
    let page = isize::try_from(view.room.max(1)).unwrap_or(isize::MAX);
    match code {
        KeyCode::Char('q') => view.has_ended = true,
        KeyCode::Char('?') | KeyCode::F(1) => turn_help(view),
        KeyCode::Esc => go_back(view),
        KeyCode::Char('1') => view.show(Tab::Statements),
        KeyCode::Char('2') => view.show(Tab::Sessions),
        KeyCode::Char('3') => view.show(Tab::Errors),
        KeyCode::Char('4') => view.show(Tab::Listeners),
        KeyCode::Tab | KeyCode::Right => view.show(beside(view.tab, 1)),
        KeyCode::BackTab | KeyCode::Left => view.show(beside(view.tab, Tab::ALL.len() - 1)),
        KeyCode::Up | KeyCode::Char('k') => view.step(-1),
        KeyCode::Down | KeyCode::Char('j') => view.step(1),
        KeyCode::PageUp => view.step(-page),
        KeyCode::PageDown => view.step(page),
        KeyCode::Home => view.step(isize::MIN),
        KeyCode::End => view.step(isize::MAX),
        KeyCode::Enter if view.focus == Focus::Table => view.open(),
        KeyCode::Enter => view.focus = Focus::Table,
        KeyCode::Char(' ') => view.pause(),
        KeyCode::Char('+' | '=') => view.change_interval(true),
        KeyCode::Char('-') => view.change_interval(false),
        KeyCode::Char('w') => view.turn_window(),
        _ if view.focus == Focus::Table => table_key(view, code),
        _ => {}
    }
}

/// Keys that only mean something while a table is seen.
fn table_key(view: &mut View, code: KeyCode) {
    match code {
        KeyCode::Char('/') => view.focus = Focus::Filter,
        KeyCode::Char('s' | '>') => view.change_sort(true),
        KeyCode::Char('<') => view.change_sort(false),
        KeyCode::Char('r') => view.reverse(),
        _ => {}
    }
}

fn turn_help(view: &mut View) {
    view.focus = if view.focus == Focus::Help { Focus::Table } else { Focus::Help };
    view.scroll = 0;
}

fn go_back(view: &mut View) {
    if view.focus == Focus::Table {
        view.set_filter("");
    }
    view.focus = Focus::Table;
}

fn beside(tab: Tab, steps: usize) -> Tab {
    let place = Tab::ALL.iter().position(|other| *other == tab).unwrap_or(0);
    Tab::ALL.get((place + steps) % Tab::ALL.len()).copied().unwrap_or_default()
}
