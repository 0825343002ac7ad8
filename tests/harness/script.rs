//! How are the bytes of a server and the bytes of a gateway before it compared?
//!
//! A [`Script`] is what a client sends and how far it reads after each piece. It is run twice, and
//! the two replies must be the same bytes, but for what a server draws anew for each connection.

use super::server::PASSWORD;
use super::wire::{Frame, VERSION_3_0, Wire};

/// What a raw client does after its login.
#[derive(Clone, Debug)]
pub enum Step {
    /// Sends these bytes at once.
    Send(Vec<u8>),
    /// Reads until so many messages of this type have come.
    Until(u8, usize),
}

/// One raw client from its first to its last byte.
#[derive(Clone, Debug)]
pub struct Script {
    /// What it shows, for the message of a failure.
    pub name: &'static str,
    /// The protocol version it asks for.
    pub version: u32,
    /// Its startup parameters.
    pub parameters: Vec<(&'static str, &'static str)>,
    /// What it does when logged in.
    pub steps: Vec<Step>,
}

impl Script {
    /// A script of the usual user in the usual database with protocol 3.0.
    pub fn new(name: &'static str, steps: Vec<Step>) -> Script {
        let parameters = vec![("user", "clear"), ("database", "shop"), ("application_name", "raw")];
        Script { name, version: VERSION_3_0, parameters, steps }
    }

    /// Sends all of `messages` in one write, then reads `ready` times up to ReadyForQuery.
    pub fn batch(name: &'static str, messages: &[Vec<u8>], ready: usize) -> Script {
        Script::new(name, vec![Step::Send(messages.concat()), Step::Until(b'Z', ready)])
    }

    /// The same with another version.
    pub fn version(mut self, version: u32) -> Script {
        self.version = version;
        self
    }

    /// The same with one more startup parameter.
    pub fn parameter(mut self, name: &'static str, value: &'static str) -> Script {
        self.parameters.push((name, value));
        self
    }

    /// Everything the server at `port` answers, from the first byte to the end of the connection.
    pub fn run(&self, port: u16) -> Vec<Frame> {
        self.run_on(Wire::connect(port))
    }

    /// [`Script::run`] on a connection made before.
    pub fn run_on(&self, mut wire: Wire) -> Vec<Frame> {
        let mut frames = wire.open(self.version, &self.parameters);
        for step in &self.steps {
            match step {
                Step::Send(bytes) => {
                    // A peer that refused the login or a message has closed; its words still count.
                    let _ = wire.try_send(bytes);
                }
                Step::Until(tag, count) => frames.extend(wire.until(*tag, *count)),
            }
        }
        frames.extend(wire.terminate());
        frames.into_iter().map(masked).collect()
    }
}

/// Hides what a server draws anew: process numbers and cancel keys. Lengths stay.
fn masked(mut frame: Frame) -> Frame {
    match frame.tag {
        b'K' => frame.body.fill(b'*'),
        b'A' => frame.body.iter_mut().take(4).for_each(|byte| *byte = b'*'),
        _ => {}
    }
    frame
}

/// Panics at the first difference, showing what came before it.
pub fn assert_same(name: &str, direct: &[Frame], through: &[Frame]) {
    let differs = direct.iter().zip(through).position(|(left, right)| left != right);
    let at = differs.unwrap_or(direct.len().min(through.len()));
    if differs.is_none() && direct.len() == through.len() {
        return;
    }
    let before: Vec<String> = direct[at.saturating_sub(3)..at].iter().map(shown).collect();
    panic!(
        "{name}: message {at} differs\n  before:  {}\n  direct:  {}\n  through: {}",
        before.join("\n           "),
        direct.get(at).map_or("nothing".to_owned(), shown),
        through.get(at).map_or("nothing".to_owned(), shown),
    );
}

/// Panics at the first line in which two transcripts differ.
pub fn assert_same_text(name: &str, direct: &str, through: &str) {
    let (mut left, mut right) = (direct.lines(), through.lines());
    let mut before = Vec::new();
    loop {
        match (left.next(), right.next()) {
            (None, None) => return,
            (left, right) if left == right => before.extend(left),
            (left, right) => {
                let before = before.split_off(before.len().saturating_sub(6)).join("\n           ");
                panic!("{name}:\n  before:  {before}\n  direct:  {left:?}\n  through: {right:?}")
            }
        }
    }
}

fn shown(frame: &Frame) -> String {
    let body: String = frame.body.iter().take(600).map(|byte| byte.escape_ascii().to_string()).collect();
    format!("{} {} bytes: {body}", char::from(frame.tag), frame.body.len()).replace(PASSWORD, "the password")
}
