//! What is shown at this moment, and what do keys and answers change about it?

use super::columns::{Column, ERRORS, LISTENERS, SESSIONS, STATEMENTS};
use super::figures::Window;
use super::filter::Filter;
use super::picture::{ErrorRow, ErrorSource, ListenerRow, Moment, Picture, Row, StatementRow};
use super::table::{Stand, shown};
use proxy::live::wire::{Look, Request, STATEMENTS_USUAL, SessionLook, Sort, VERSION, Want};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Between two looks, in milliseconds: what `+` and `-` go through.
pub(super) const INTERVALS_MS: [u64; 8] = [500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000];

/// Looks that are remembered for the curve.
const HISTORY_MAX: usize = 600;

/// Longest filter that can be typed.
const FILTER_MAX: usize = 200;

/// Which table is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Tab {
    /// What is asked
    #[default]
    Statements,
    /// Who is connected
    Sessions,
    /// What went wrong
    Errors,
    /// Where clients connect
    Listeners,
}

impl Tab {
    /// All of them, by their keys.
    pub(super) const ALL: [Tab; 4] = [Tab::Statements, Tab::Sessions, Tab::Errors, Tab::Listeners];

    pub(super) fn title(self) -> &'static str {
        match self {
            Tab::Statements => "Statements",
            Tab::Sessions => "Sessions",
            Tab::Errors => "Errors",
            Tab::Listeners => "Listeners",
        }
    }
}

/// What keys go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Focus {
    /// The table.
    #[default]
    Table,
    /// The filter that is being typed.
    Filter,
    /// Everything about the chosen row, in place of the table.
    Detail,
    /// The keys, in place of the table.
    Help,
}

/// What the view was started with.
#[derive(Clone, Debug, Default)]
pub(super) struct Start {
    pub(super) socket: PathBuf,
    pub(super) tab: Tab,
    /// A column of the first table.
    pub(super) sort: Option<String>,
    pub(super) filter: String,
    pub(super) interval_ms: Option<u64>,
}

/// The live view, without its terminal.
#[derive(Debug)]
pub(super) struct View {
    pub(super) socket: PathBuf,
    pub(super) tab: Tab,
    pub(super) statements: Stand,
    pub(super) sessions: Stand,
    pub(super) errors: Stand,
    pub(super) listeners: Stand,
    pub(super) typed: String,
    pub(super) filter: Filter,
    pub(super) focus: Focus,
    /// Lines of the detail or the help that are above the screen.
    pub(super) scroll: u16,
    pub(super) window: Window,
    pub(super) interval_ms: u64,
    pub(super) is_paused: bool,
    pub(super) picture: Option<Picture>,
    /// When the picture was taken.
    pub(super) taken: Option<Instant>,
    /// Statements a second, the latest last.
    pub(super) history: VecDeque<f64>,
    /// Why there is nothing new.
    pub(super) trouble: Option<String>,
    /// Rows of a table that fit, as it was drawn last.
    pub(super) room: usize,
    /// Whether the gateway should be asked at once.
    pub(super) is_hasty: bool,
    pub(super) has_ended: bool,
    earlier: Option<Moment>,
    now: Option<Moment>,
    began_us: Option<u64>,
}

impl View {
    pub(super) fn new(start: Start) -> View {
        let sort = start.sort.as_deref();
        let by = |tab: Tab, usual: &'static str| sort.filter(|_| start.tab == tab).unwrap_or(usual);
        View {
            socket: start.socket,
            tab: start.tab,
            statements: Stand::by(STATEMENTS, by(Tab::Statements, "time")),
            sessions: Stand::by(SESSIONS, by(Tab::Sessions, "activity")),
            errors: Stand::by(ERRORS, by(Tab::Errors, "count")),
            listeners: Stand::by(LISTENERS, by(Tab::Listeners, "name")),
            filter: Filter::new(&start.filter),
            typed: start.filter,
            focus: Focus::Table,
            scroll: 0,
            window: Window::Start,
            interval_ms: start.interval_ms.unwrap_or(2_000),
            is_paused: false,
            picture: None,
            taken: None,
            history: VecDeque::new(),
            trouble: None,
            room: 1,
            is_hasty: false,
            has_ended: false,
            earlier: None,
            now: None,
            began_us: None,
        }
    }

    /// What to ask the gateway next.
    pub(super) fn request(&self) -> Request {
        let sort = STATEMENTS.get(self.statements.sort).map_or(Sort::Time, |column| column.asked);
        let active_since_us = self.now.as_ref().map(|now| now.look.at_us);
        Request {
            v: VERSION,
            want: Want::Sight,
            statements: STATEMENTS_USUAL,
            sort,
            active_since_us,
            read: None,
        }
    }

    /// How long to wait between two looks.
    pub(super) fn interval(&self) -> Duration {
        Duration::from_millis(self.interval_ms)
    }

    /// Takes in an answer, or why there was none.
    pub(super) fn learn(&mut self, answer: Result<Look, String>, at: Instant) {
        if self.is_paused {
            return;
        }
        let look = match answer {
            Ok(look) => look,
            Err(reason) => {
                self.trouble = Some(reason);
                return;
            }
        };
        self.trouble = None;
        let restarted = self.now.as_ref().is_some_and(|now| now.look.started_us != look.started_us);
        if restarted {
            self.history.clear();
        }
        let began_us = *self.began_us.get_or_insert(look.at_us);
        self.earlier = self.now.take();
        let now = Moment::new(look);
        let picture = Picture::new(self.earlier.as_ref(), &now, self.window, began_us);
        if let Some(rate) = picture.summary.statements_per_second {
            self.history.push_back(rate);
            while self.history.len() > HISTORY_MAX {
                self.history.pop_front();
            }
        }
        self.now = Some(now);
        self.picture = Some(picture);
        self.taken = Some(at);
    }

    /// Shows figures since the start, or of the last interval.
    pub(super) fn turn_window(&mut self) {
        self.window = match self.window {
            Window::Start => Window::Interval,
            Window::Interval => Window::Start,
        };
        if let (Some(now), Some(began_us)) = (&self.now, self.began_us) {
            self.picture = Some(Picture::new(self.earlier.as_ref(), now, self.window, began_us));
        }
    }

    pub(super) fn type_filter(&mut self, letter: char) {
        if self.typed.len() < FILTER_MAX && !letter.is_control() {
            self.typed.push(letter);
            self.filter = Filter::new(&self.typed);
        }
    }

    pub(super) fn set_filter(&mut self, typed: &str) {
        self.typed = typed.to_owned();
        self.filter = Filter::new(typed);
    }

    pub(super) fn erase_filter(&mut self) {
        self.typed.pop();
        self.filter = Filter::new(&self.typed);
    }

    pub(super) fn change_interval(&mut self, longer: bool) {
        let next = if longer {
            INTERVALS_MS.into_iter().find(|ms| *ms > self.interval_ms)
        } else {
            INTERVALS_MS.into_iter().rev().find(|ms| *ms < self.interval_ms)
        };
        self.interval_ms = next.unwrap_or(self.interval_ms);
    }

    pub(super) fn pause(&mut self) {
        self.is_paused = !self.is_paused;
        self.is_hasty = !self.is_paused;
    }

    pub(super) fn show(&mut self, tab: Tab) {
        self.tab = tab;
        self.focus = Focus::Table;
    }

    /// Goes to the next or the previous sort column of the table that is shown.
    pub(super) fn change_sort(&mut self, forward: bool) {
        fn turn<R>(columns: &[Column<R>], stand: &mut Stand, forward: bool) {
            let step = if forward { 1 } else { columns.len().saturating_sub(1) };
            stand.sort = (stand.sort + step) % columns.len().max(1);
            stand.reversed = false;
        }
        match self.tab {
            Tab::Statements => {
                turn(STATEMENTS, &mut self.statements, forward);
                // The gateway shows the first ones of this order, which may be others.
                let missing = |picture: &Picture| picture.look.statements_kept > picture.statements.len();
                self.is_hasty |= self.picture.as_ref().is_some_and(missing);
            }
            Tab::Sessions => turn(SESSIONS, &mut self.sessions, forward),
            Tab::Errors => turn(ERRORS, &mut self.errors, forward),
            Tab::Listeners => turn(LISTENERS, &mut self.listeners, forward),
        }
    }

    pub(super) fn reverse(&mut self) {
        let stand = match self.tab {
            Tab::Statements => &mut self.statements,
            Tab::Sessions => &mut self.sessions,
            Tab::Errors => &mut self.errors,
            Tab::Listeners => &mut self.listeners,
        };
        stand.reversed = !stand.reversed;
    }

    /// Chooses another row of the table, or moves what is in the table's place.
    pub(super) fn step(&mut self, steps: isize) {
        if matches!(self.focus, Focus::Detail | Focus::Help) {
            let steps = steps.clamp(-10_000, 10_000) as i16;
            self.scroll = self.scroll.saturating_add_signed(steps);
            return;
        }
        fn choose<R: Row>(
            rows: &[R],
            columns: &[Column<R>],
            stand: &mut Stand,
            filter: &Filter,
            steps: isize,
        ) {
            let rows = shown(rows, columns, stand, filter);
            stand.step(&rows, steps);
        }
        let Some(picture) = &self.picture else { return };
        match self.tab {
            Tab::Statements => {
                choose(&picture.statements, STATEMENTS, &mut self.statements, &self.filter, steps);
            }
            Tab::Sessions => {
                choose(&picture.look.sessions, SESSIONS, &mut self.sessions, &self.filter, steps);
            }
            Tab::Errors => choose(&picture.errors, ERRORS, &mut self.errors, &self.filter, steps),
            Tab::Listeners => choose(&picture.listeners, LISTENERS, &mut self.listeners, &self.filter, steps),
        }
    }

    /// Opens what there is to say about the chosen row. Of an error these are its statements.
    pub(super) fn open(&mut self) {
        if self.tab == Tab::Errors {
            let found = self
                .chosen_error()
                .filter(|error| error.source == ErrorSource::Statement && !error.code.is_empty());
            if let Some(filter) = found.map(|error| format!("error:{}", error.code)) {
                self.set_filter(&filter);
                self.show(Tab::Statements);
            }
            return;
        }
        let is_there = match self.tab {
            Tab::Statements => self.chosen_statement().is_some(),
            Tab::Sessions => self.chosen_session().is_some(),
            Tab::Listeners => self.chosen_listener().is_some(),
            Tab::Errors => false,
        };
        if is_there {
            self.focus = Focus::Detail;
            self.scroll = 0;
        }
    }

    pub(super) fn chosen_statement(&self) -> Option<&StatementRow> {
        let rows = shown(&self.picture.as_ref()?.statements, STATEMENTS, &self.statements, &self.filter);
        rows.get(self.statements.position(&rows)).copied()
    }

    pub(super) fn chosen_session(&self) -> Option<&SessionLook> {
        let rows = shown(&self.picture.as_ref()?.look.sessions, SESSIONS, &self.sessions, &self.filter);
        rows.get(self.sessions.position(&rows)).copied()
    }

    pub(super) fn chosen_error(&self) -> Option<&ErrorRow> {
        let rows = shown(&self.picture.as_ref()?.errors, ERRORS, &self.errors, &self.filter);
        rows.get(self.errors.position(&rows)).copied()
    }

    pub(super) fn chosen_listener(&self) -> Option<&ListenerRow> {
        let rows = shown(&self.picture.as_ref()?.listeners, LISTENERS, &self.listeners, &self.filter);
        rows.get(self.listeners.position(&rows)).copied()
    }
}

#[cfg(test)]
mod tests;
