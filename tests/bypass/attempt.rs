//! How is a vector played, and who stopped it?

use super::harness::wire::{Frame, VERSION_3_0, Wire, copy_data, copy_done, query, sync};
use super::path::{Case, Step};
use super::vector::Vector;
use super::watch::DATABASE;

/// A write in the look of a read: `public.length(int)` is the owner's and leaves a row.
pub const DISGUISED_WRITE: &str = "SELECT length(1)";

/// What a client puts into a table when it is asked for data.
const DATA: &[u8] = b"666\n";

/// Who stopped an attempt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// The gateway, with this SQLSTATE.
    Gateway(String),
    /// The server, with this SQLSTATE.
    Server(String),
    /// Nobody.
    Nobody,
}

/// A played case.
pub struct Attempt {
    /// Everything that came back.
    pub frames: Vec<Frame>,
    /// Who stopped it.
    pub stop: Stop,
    /// Whether the login succeeded.
    pub was_let_in: bool,
    wire: Option<Wire>,
}

impl Attempt {
    /// Logs in at `port` and plays a case of `vector`.
    pub fn play(port: u16, user: &str, vector: &Vector, case: &Case) -> Attempt {
        let mut wire = Wire::connect(port);
        let mut parameters = vec![("user", user), ("database", DATABASE)];
        parameters.extend(vector.startup.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let frames = wire.open(VERSION_3_0, &parameters);
        let is_open = frames.last().is_some_and(|frame| frame.tag == b'Z');
        Attempt::over(is_open.then_some(wire), frames, vector, case)
    }

    /// Plays a case in a session that is open, as [`Attempt::into_session`] left it.
    pub fn again(wire: Wire, vector: &Vector, case: &Case) -> Attempt {
        Attempt::over(Some(wire), Vec::new(), vector, case)
    }

    fn over(mut wire: Option<Wire>, mut frames: Vec<Frame>, vector: &Vector, case: &Case) -> Attempt {
        let was_let_in = wire.is_some();
        let mut steps: Vec<Step> = case.steps.clone();
        if vector.watch == "canary" {
            steps.extend([super::path::simple(DISGUISED_WRITE), super::path::simple("COMMIT")].concat());
        }
        for step in &steps {
            wire = wire.and_then(|mut wire| exchange(&mut wire, step, &mut frames).then_some(wire));
        }
        Attempt { stop: stop(&frames), frames, was_let_in, wire }
    }

    /// The session, as new, for another attempt that needs none of its own.
    pub fn into_session(self) -> Option<Wire> {
        let mut wire = self.wire?;
        wire.send(&[query("ROLLBACK"), query("DISCARD ALL")].concat());
        let frames = wire.until(b'Z', 2);
        (frames.iter().filter(|frame| frame.tag == b'Z').count() == 2).then_some(wire)
    }

    /// The session as it is, for the next case of the same vector.
    pub fn take_session(&mut self) -> Option<Wire> {
        self.wire.take()
    }

    /// Whether the answer shows `text`.
    pub fn shows(&self, text: &str) -> bool {
        let answers = self.frames.iter().filter(|frame| matches!(frame.tag, b'D' | b'd' | b'V'));
        let text = text.as_bytes();
        answers.into_iter().any(|frame| frame.body.windows(text.len()).any(|part| part == text))
    }

    /// Whether anything was answered by an error.
    pub fn failed(&self) -> bool {
        self.frames.iter().any(|frame| frame.tag == b'E')
    }

    /// The errors in a few words.
    pub fn errors(&self) -> String {
        let errors = self.frames.iter().filter(|frame| frame.tag == b'E').map(Frame::fields);
        let words = errors
            .map(|fields| ['C', 'M'].map(|field| fields.get(&field).cloned().unwrap_or_default()).join(" "));
        words.collect::<Vec<_>>().join("; ")
    }

    /// Ends the session and waits until the server has let go of everything it held.
    pub fn finish(self) {
        if let Some(wire) = self.wire {
            wire.terminate();
        }
    }

    /// Whether the session heard a notification.
    pub fn heard(&self) -> bool {
        self.frames.iter().any(|frame| frame.tag == b'A')
    }

    /// Whether the session still answers a query. It also tries to write, in the open and in
    /// disguise: what that leaves is seen by whoever watches.
    pub fn is_usable(&mut self) -> bool {
        let Some(wire) = &mut self.wire else { return false };
        let write = "INSERT INTO canary VALUES (666, 'afterwards')";
        let bytes: Vec<u8> = ["ROLLBACK", write, DISGUISED_WRITE, "COMMIT", "SELECT 1"]
            .iter()
            .flat_map(|sql| query(sql))
            .collect();
        if wire.try_send(&bytes).is_err() {
            return false;
        }
        let frames = wire.until(b'Z', 5);
        let last: Vec<u8> = frames.iter().rev().take(4).rev().map(|frame| frame.tag).collect();
        self.frames.extend(frames);
        last == *b"TDCZ"
    }
}

/// Sends a step and reads its answer; `false` when the session is over.
fn exchange(wire: &mut Wire, step: &Step, frames: &mut Vec<Frame>) -> bool {
    if step.bytewise {
        wire.send_bytewise(&step.bytes);
    } else if wire.try_send(&step.bytes).is_err() {
        return false;
    }
    let mut ready = 0;
    while ready < step.ready {
        let Some(frame) = wire.frame() else { return false };
        match frame.tag {
            b'Z' => ready += 1,
            b'G' => {
                let mut bytes = [copy_data(DATA), copy_done()].concat();
                if step.extended {
                    bytes.extend(sync());
                }
                wire.send(&bytes);
            }
            // A stream of replication has no end that could be waited for.
            b'W' => {
                frames.push(frame);
                return false;
            }
            _ => {}
        }
        frames.push(frame);
    }
    true
}

/// The gateway's own errors have no place in the server's sources; the server's always have one.
fn stop(frames: &[Frame]) -> Stop {
    let errors = || frames.iter().filter(|frame| frame.tag == b'E');
    let by_gateway = errors().find(|frame| !frame.fields().contains_key(&'R'));
    match (by_gateway, errors().next()) {
        (Some(error), _) => Stop::Gateway(error.sqlstate()),
        (None, Some(error)) => Stop::Server(error.sqlstate()),
        (None, None) => Stop::Nobody,
    }
}
