//! What would somebody see who sits at a terminal and types?
//!
//! A pseudo-terminal with the program at one end, and at the other a screen of cells that
//! understands the few controls the program sends.

use crate::harness::{PATIENCE, eventually, signal};
use nix::pty::{OpenptyResult, Winsize, openpty};
use nix::sys::termios::{LocalFlags, tcgetattr};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// A program at a terminal of its own.
pub struct Terminal {
    keys: File,
    /// Kept open, so that the terminal outlives the program and can be asked what state it is in.
    other_end: OwnedFd,
    screen: Arc<Mutex<Screen>>,
    program: Child,
}

impl Terminal {
    /// Starts `command` at a terminal of this size.
    pub fn start(mut command: Command, width: u16, height: u16) -> Terminal {
        let size = Winsize { ws_row: height, ws_col: width, ws_xpixel: 0, ws_ypixel: 0 };
        let OpenptyResult { master, slave } = openpty(&size, None).expect("a pseudo-terminal");
        let end = || slave.try_clone().expect("the terminal again");
        command.stdin(end()).stdout(end()).stderr(end()).env("TERM", "xterm-256color").env_remove("NO_COLOR");
        let program = command.spawn().expect("the program starts");
        let screen = Arc::new(Mutex::new(Screen::new(usize::from(width), usize::from(height))));
        let keys = File::from(master);
        let mut output = keys.try_clone().expect("the terminal again");
        let drawn = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            loop {
                match output.read(&mut bytes) {
                    Ok(0) => return,
                    Ok(read) => drawn.lock().expect("the screen").take(&bytes[..read]),
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    // Nobody holds the other end any more.
                    Err(_) => return,
                }
            }
        });
        Terminal { keys, other_end: slave, screen, program }
    }

    /// Types keys.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("keys are taken");
    }

    /// The lines of the screen.
    pub fn lines(&self) -> Vec<String> {
        self.screen.lock().expect("the screen").lines()
    }

    /// Waits until `look` finds something on the screen.
    pub fn shows<T>(&self, what: &str, mut look: impl FnMut(&[String]) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let lines = self.lines();
            if let Some(found) = look(&lines) {
                return found;
            }
            assert!(Instant::now() < deadline, "not shown: {what}\n{}", lines.join("\n"));
            std::thread::park_timeout(std::time::Duration::from_millis(10));
        }
    }

    /// Waits until some line has all of these.
    pub fn shows_line(&self, parts: &[&str]) -> String {
        self.shows(&parts.join(" … "), |lines| {
            lines.iter().find(|line| parts.iter().all(|part| line.contains(part))).cloned()
        })
    }

    /// Whether lines are read whole and typed letters are shown, as a shell wants it.
    pub fn is_a_shells(&self) -> bool {
        let flags = tcgetattr(&self.other_end).expect("the terminal's state").local_flags;
        flags.contains(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG)
    }

    /// Whether the program has a screen of its own, and whether the cursor is seen.
    pub fn modes(&self) -> (bool, bool) {
        let screen = self.screen.lock().expect("the screen");
        (screen.is_alternate, screen.shows_cursor)
    }

    /// Loses what is on the screen, as when another program wrote over it.
    pub fn forget(&self) {
        self.screen.lock().expect("the screen").cells.iter_mut().for_each(|line| line.fill('x'));
    }

    /// Makes the terminal another size, as dragging a window's corner does.
    pub fn resize(&self, width: u16, height: u16) {
        *self.screen.lock().expect("the screen") = Screen::new(usize::from(width), usize::from(height));
        let end = std::os::fd::AsRawFd::as_raw_fd(&self.other_end);
        let path = format!("/proc/{}/fd/{end}", std::process::id());
        let (rows, columns) = (height.to_string(), width.to_string());
        let status = Command::new("stty")
            .arg("-F")
            .arg(Path::new(&path))
            .args(["rows", &rows, "cols", &columns])
            .status();
        assert!(status.is_ok_and(|status| status.success()), "the terminal has another size");
        self.signal("WINCH");
    }

    /// Sends the program a signal.
    pub fn signal(&self, name: &str) {
        signal(self.program.id(), name);
    }

    /// Waits for the program's end.
    pub fn ended(&mut self) -> ExitStatus {
        let what = format!("the program ends\n{}", self.lines().join("\n"));
        eventually(&what, || self.program.try_wait().expect("its status"))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Cells, and where the cursor is.
struct Screen {
    cells: Vec<Vec<char>>,
    line: usize,
    column: usize,
    is_alternate: bool,
    shows_cursor: bool,
    /// The beginning of a control or a letter whose rest has not come yet.
    rest: Vec<u8>,
}

impl Screen {
    fn new(width: usize, height: usize) -> Screen {
        Screen {
            cells: vec![vec![' '; width]; height],
            line: 0,
            column: 0,
            is_alternate: false,
            shows_cursor: true,
            rest: Vec::new(),
        }
    }

    fn lines(&self) -> Vec<String> {
        self.cells.iter().map(|line| line.iter().collect::<String>().trim_end().to_owned()).collect()
    }

    fn take(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        let all = std::mem::take(&mut self.rest);
        let mut at = 0;
        while at < all.len() {
            match self.one(&all[at..]) {
                Some(used) => at += used,
                None => break,
            }
        }
        self.rest = all[at..].to_vec();
    }

    /// Takes a letter or a control and answers its length; `None` when it is not there whole.
    fn one(&mut self, bytes: &[u8]) -> Option<usize> {
        match bytes[0] {
            0x1b => self.control(bytes),
            b'\r' => {
                self.column = 0;
                Some(1)
            }
            b'\n' => {
                self.line += 1;
                Some(1)
            }
            0..0x20 => Some(1),
            first => {
                let length = match first {
                    0xf0.. => 4,
                    0xe0.. => 3,
                    0xc0.. => 2,
                    _ => 1,
                };
                let letter = std::str::from_utf8(bytes.get(..length)?).expect("UTF-8").chars().next()?;
                if let Some(cell) = self.cells.get_mut(self.line).and_then(|line| line.get_mut(self.column)) {
                    *cell = letter;
                }
                self.column += 1;
                Some(length)
            }
        }
    }

    /// ECMA-48: `ESC [ parameters final`; any other is two bytes long here.
    fn control(&mut self, bytes: &[u8]) -> Option<usize> {
        if *bytes.get(1)? != b'[' {
            return Some(2);
        }
        let end = bytes.iter().skip(2).position(|byte| (0x40..0x7f).contains(byte))? + 2;
        let parameters = std::str::from_utf8(&bytes[2..end]).expect("ASCII");
        let number = |place: usize| {
            parameters.split(';').nth(place).and_then(|number| number.parse::<usize>().ok()).unwrap_or(1)
        };
        match (bytes[end], parameters) {
            (b'H', _) => (self.line, self.column) = (number(0) - 1, number(1) - 1),
            (b'J', "2") => self.cells.iter_mut().for_each(|line| line.fill(' ')),
            (b'h' | b'l', "?1049") => self.is_alternate = bytes[end] == b'h',
            (b'h' | b'l', "?25") => self.shows_cursor = bytes[end] == b'h',
            // Colours and the like do not move anything.
            _ => {}
        }
        Some(end + 1)
    }
}
