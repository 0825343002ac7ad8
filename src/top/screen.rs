//! How is the view shown on a terminal, and how does the terminal get back what it was?

use super::TopError;
use super::ask::Line;
use super::draw::{Palette, draw};
use super::keys::{Wish, press};
use super::view::View;
use crate::cli::with_causes;
use crossterm::event::{Event, EventStream};
use crossterm::execute;
use crossterm::terminal::{Clear, ClearType};
use futures_util::StreamExt;
use proxy::live::wire::{Look, Request};
use ratatui::backend::CrosstermBackend;
use ratatui::{DefaultTerminal, Terminal};
use std::io;
use std::pin::pin;
use std::time::{Duration, Instant};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::sleep;

/// How often ages are drawn anew when nothing else happens.
const AGES: Duration = Duration::from_secs(1);

/// The terminal as a screen of cells. Given back however this ends: by `q`, an error, a signal or,
/// through ratatui's hook, a panic.
struct Screen {
    terminal: DefaultTerminal,
}

impl Screen {
    fn take() -> io::Result<Screen> {
        Ok(Screen { terminal: ratatui::try_init()? })
    }

    fn draw(&mut self, view: &mut View, palette: Palette) -> io::Result<()> {
        self.terminal.draw(|frame| draw(frame, view, palette, Instant::now())).map(|_| ())
    }

    /// Gives the terminal to the shell until the process is continued.
    fn suspend(&mut self) -> io::Result<()> {
        ratatui::try_restore()?;
        self.terminal.show_cursor()?;
        stop_here();
        // Its screen is empty, and it knows of nothing drawn.
        self.terminal = ratatui::try_init()?;
        Ok(())
    }

    /// Forgets what was drawn. ratatui's own way asks the terminal where its cursor is, and the answer
    /// would be taken for keys.
    fn redraw(&mut self) -> io::Result<()> {
        execute!(io::stdout(), Clear(ClearType::All))?;
        self.terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.terminal.show_cursor();
        ratatui::restore();
    }
}

/// Stops the process as Ctrl-Z would, were it not read as a key.
#[allow(unsafe_code)]
fn stop_here() {
    // SAFETY: raise takes a number and touches no memory of ours.
    unsafe {
        libc::raise(libc::SIGTSTP);
    }
}

/// What ends the view from outside.
struct Ends {
    terminate: Signal,
    hangup: Signal,
    interrupt: Signal,
}

impl Ends {
    fn new() -> io::Result<Ends> {
        Ok(Ends {
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Cancel safe.
    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Questions to the gateway and what came of them; one of each at a time. Asked elsewhere, so that
/// keys are heard while a gateway is slow.
struct Asking {
    questions: Sender<Request>,
    answers: Receiver<Result<Look, String>>,
    /// Whether an answer is waited for.
    is_open: bool,
    next: Instant,
}

impl Asking {
    fn start(mut line: Line) -> Asking {
        let (questions, mut asked) = mpsc::channel::<Request>(1);
        let (told, answers) = mpsc::channel(1);
        tokio::spawn(async move {
            while let Some(request) = asked.recv().await {
                let answer = line.ask(&request).await.map_err(|error| with_causes(&error));
                if told.send(answer).await.is_err() {
                    return;
                }
            }
        });
        Asking { questions, answers, is_open: false, next: Instant::now() }
    }

    /// Asks if it is time.
    fn ask_if_due(&mut self, view: &mut View) {
        let is_due = self.next <= Instant::now() || view.is_hasty;
        if !self.is_open && is_due && !view.is_paused && self.questions.try_send(view.request()).is_ok() {
            self.is_open = true;
            view.is_hasty = false;
            self.next = Instant::now() + view.interval();
        }
    }
}

/// Shows the view until somebody ends it.
pub(super) async fn show(mut view: View, line: Line, palette: Palette) -> Result<(), TopError> {
    let mut ends = Ends::new().map_err(TopError::Signals)?;
    let mut screen = Screen::take().map_err(TopError::Terminal)?;
    let mut events = EventStream::new();
    let mut asking = Asking::start(line);
    while !view.has_ended {
        asking.ask_if_due(&mut view);
        screen.draw(&mut view, palette).map_err(TopError::Terminal)?;
        // A shorter interval than the one under way holds at once.
        asking.next = asking.next.min(Instant::now() + view.interval());
        let wait = asking.next.saturating_duration_since(Instant::now());
        let wait = if asking.is_open || view.is_paused { AGES } else { wait.min(AGES) };
        let pause = pin!(sleep(wait));
        tokio::select! {
            () = ends.wait() => return Ok(()),
            () = pause => {}
            answer = asking.answers.recv() => {
                asking.is_open = false;
                let gone = || Err("the view cannot ask any more: start it again".to_owned());
                view.learn(answer.unwrap_or_else(gone), Instant::now());
            }
            event = events.next() => match event {
                Some(event) => take_event(&mut view, &mut screen, event).map_err(TopError::Terminal)?,
                // The terminal is gone.
                None => return Ok(()),
            }
        }
    }
    Ok(())
}

fn take_event(view: &mut View, screen: &mut Screen, event: io::Result<Event>) -> io::Result<()> {
    if let Event::Key(key) = event? {
        match press(view, key) {
            Wish::Nothing => {}
            Wish::Redraw => screen.redraw()?,
            Wish::Suspend => screen.suspend()?,
        }
    }
    // A new size is seen when it is drawn next.
    Ok(())
}
