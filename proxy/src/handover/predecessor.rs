//! What does a process know of the one whose place it takes, and have from it?

use super::channel::{ChannelError, Frame, Receiver, Sender, halves};
use super::message::Message;
use super::{HandoverError, Sockets, VARIABLE, VARIABLE_VALUE, VERSION, WORD_MAX};
use crate::ledger::Notes;
use crate::ledger::open_lines::Arrivals;
use exchange::Event;
use relay::cancel::Elsewhere;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Cancels that may be on their way at once: few enough that telling of them never waits for room in the channel.
const CANCELS_MAX: usize = 256;

/// The process whose place this one takes, as long as it has not.
#[derive(Debug)]
pub struct Predecessor {
    sender: Arc<Sender>,
    receiver: Receiver,
    process: u32,
    ledger: PathBuf,
}

impl Predecessor {
    /// The process that has started this one to take its place, and the sockets it hands over; `None` where this
    /// one was started by anybody else. Blocks.
    pub fn find() -> Result<Option<(Predecessor, Sockets)>, HandoverError> {
        if std::env::var_os(VARIABLE).is_none_or(|value| value != VARIABLE_VALUE) {
            return Ok(None);
        }
        let stream = take_standard_input().map_err(HandoverError::NoChannel)?;
        Predecessor::meet(stream).map(Some)
    }

    /// The process at the other end of `stream`.
    pub(crate) fn meet(stream: UnixStream) -> Result<(Predecessor, Sockets), HandoverError> {
        let (sender, mut receiver) = halves(stream).map_err(HandoverError::Channel)?;
        let hello = Message::Hello { version: VERSION, process: std::process::id(), hears_sessions: true };
        sender.say(&hello).map_err(HandoverError::Channel)?;
        let sockets = Sockets::none();
        let what = "these are all sockets";
        loop {
            match wait(&mut receiver, what)? {
                Message::Socket { address } => {
                    let socket = receiver.take_socket();
                    let socket = socket.ok_or(HandoverError::Unexpected { who: "old", what })?;
                    sockets.add(address, socket);
                }
                Message::Offered { version: VERSION, process, ledger } => {
                    return Ok((
                        Predecessor { sender: Arc::new(sender), receiver, process, ledger },
                        sockets,
                    ));
                }
                Message::Offered { .. } => return Err(HandoverError::Version),
                _ => return Err(HandoverError::Unexpected { who: "old", what }),
            }
        }
    }

    /// Its number.
    pub fn process(&self) -> u32 {
        self.process
    }

    /// Whether it writes the ledger in `directory`: a line of its last sessions has to go where all others are.
    pub fn check_ledger(&self, directory: &Path) -> Result<(), HandoverError> {
        let whole = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if whole(directory) == whole(&self.ledger) {
            return Ok(());
        }
        let (old, new) = (self.ledger.display().to_string(), directory.display().to_string());
        Err(HandoverError::OtherLedger { old, new })
    }

    /// Says why this process does not go on: that one does.
    pub fn failed(&self, why: &str) {
        let _ = self.sender.say(&Message::Failed { why: why.to_owned() });
    }

    /// Says that this process could begin, and waits until there is no control plane there. Blocks.
    pub fn prepared(&mut self) -> Result<(), HandoverError> {
        self.say(&Message::Prepared)?;
        let what = "its control plane has ended";
        match wait(&mut self.receiver, what)? {
            Message::ControlEnded => Ok(()),
            _ => Err(HandoverError::Unexpected { who: "old", what }),
        }
    }

    /// Says that the control plane runs here, where there is one, and waits until the ledger is free. Gives the epoch
    /// of that process's settings. Blocks.
    pub fn control_started(&mut self) -> Result<u64, HandoverError> {
        self.say(&Message::ControlStarted)?;
        let what = "the ledger is free";
        match wait(&mut self.receiver, what)? {
            Message::Released { epoch } => Ok(epoch),
            _ => Err(HandoverError::Unexpected { who: "old", what }),
        }
    }

    fn say(&self, message: &Message) -> Result<(), HandoverError> {
        self.sender.say(message).map_err(HandoverError::Channel)
    }

    /// What can be asked of it from now on; heard once [`Former::hear`] runs.
    pub(crate) fn former(&self) -> Arc<Former> {
        Arc::new(Former {
            sender: Arc::clone(&self.sender),
            process: self.process,
            sessions: AtomicU64::new(0),
            next: AtomicU64::new(0),
            cancels: Mutex::default(),
            stopped: AtomicBool::new(false),
            ended: Mutex::new(false),
            news: Condvar::new(),
        })
    }

    /// Says that this process serves, and hears from now on what that one's last sessions bring, on a thread of its own.
    pub(crate) fn opened(self, former: &Arc<Former>, arrivals: Arrivals, notes: Notes) -> io::Result<()> {
        // One that is gone is noticed by who hears.
        let _ = self.sender.say(&Message::Opened);
        let former = Arc::clone(former);
        let hear = move || former.hear(self.receiver, arrivals, &notes);
        std::thread::Builder::new().name("handover".to_owned()).spawn(hear).map(drop)
    }
}

/// The socket that standard input is; nothing is left in its place, so that the channel ends with who holds it.
fn take_standard_input() -> io::Result<UnixStream> {
    let stream = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    // Fails for what is no such socket.
    stream.peer_addr()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(stream)
}

fn wait(receiver: &mut Receiver, what: &'static str) -> Result<Message, HandoverError> {
    let who = "old";
    match receiver.next(Some(WORD_MAX)) {
        Ok(Frame::Message(message)) => Ok(message),
        Ok(Frame::Lines { .. }) | Err(ChannelError::Malformed) => {
            Err(HandoverError::Unexpected { who, what })
        }
        Err(ChannelError::Late) => Err(HandoverError::Late { who, what, after: WORD_MAX }),
        Err(ChannelError::Ended) => Err(HandoverError::Ended { who, what }),
        Err(ChannelError::Io(source)) => Err(HandoverError::Channel(source)),
    }
}

/// The process whose place this one has taken, and which lets its last sessions end.
#[derive(Debug)]
pub(crate) struct Former {
    sender: Arc<Sender>,
    process: u32,
    /// How many sessions it still has, as it has said last.
    sessions: AtomicU64,
    next: AtomicU64,
    /// Who waits for a cancel to arrive.
    cancels: Mutex<HashMap<u64, oneshot::Sender<()>>>,
    /// Whether this process is being stopped and hears no more.
    stopped: AtomicBool,
    ended: Mutex<bool>,
    news: Condvar,
}

impl Former {
    /// Its number, as long as it has sessions.
    pub(crate) fn process(&self) -> Option<u32> {
        (!*self.ended()).then_some(self.process)
    }

    /// How many sessions it still has, as far as it says so.
    pub(crate) fn sessions(&self) -> u64 {
        self.sessions.load(Ordering::Relaxed)
    }

    fn ended(&self) -> MutexGuard<'_, bool> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cancels(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<()>>> {
        self.cancels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has its sessions go by the rules that are in force now.
    pub(crate) fn rules_changed(&self) {
        if !*self.ended() {
            let _ = self.sender.say(&Message::RulesChanged);
        }
    }

    /// Has it stop, because this process is being stopped.
    pub(crate) fn tell_to_stop(&self) {
        if !*self.ended() {
            let _ = self.sender.say(&Message::Stop);
        }
    }

    /// Waits until it has told everything, at most for so long. What it still has then it writes itself, once this
    /// process has left the ledger.
    pub(crate) fn wait(&self, longest: Duration, hurry: &AtomicBool) {
        let deadline = Instant::now() + longest;
        let mut ended = self.ended();
        while !*ended && Instant::now() < deadline && !hurry.load(Ordering::Relaxed) {
            let waited = self.news.wait_timeout(ended, Duration::from_millis(20));
            ended = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(ended);
        self.stopped.store(true, Ordering::Relaxed);
        self.sender.end();
    }

    /// Hears until it ends.
    fn hear(&self, mut receiver: Receiver, mut arrivals: Arrivals, notes: &Notes) {
        let left_in_order = self.hear_to_the_end(&mut receiver, &mut arrivals);
        self.cancels().clear();
        self.sessions.store(0, Ordering::Relaxed);
        *self.ended() = true;
        self.news.notify_all();
        let process = self.process;
        if left_in_order {
            tracing::info!(process, "the process before has ended");
        } else if !self.stopped.load(Ordering::Relaxed) {
            tracing::error!(
                process,
                "the process before ended while it had sessions; records of them may be missing"
            );
            let note = format!(
                "process {process}, which this one has replaced, ended while it had sessions; records of them may be missing"
            );
            notes.tell(Event::WriterGap, note);
        }
        self.sender.end();
    }

    /// Whether it said goodbye.
    fn hear_to_the_end(&self, receiver: &mut Receiver, arrivals: &mut Arrivals) -> bool {
        loop {
            match receiver.next(None) {
                Ok(Frame::Lines { number, batch }) => match arrivals.take(&batch, &self.stopped) {
                    Ok(Some(arrived)) => {
                        let (is_kept, is_copy_failing) = (arrived.is_kept, arrived.is_copy_failing);
                        let _ = self.sender.say(&Message::Kept { number, is_kept, is_copy_failing });
                    }
                    Ok(None) => return false,
                    Err(error) => {
                        tracing::error!(%error, "the process before is not heard any more");
                        return false;
                    }
                },
                Ok(Frame::Message(Message::Cancelled { number })) => {
                    if let Some(waits) = self.cancels().remove(&number) {
                        let _ = waits.send(());
                    }
                }
                Ok(Frame::Message(Message::Sessions { count })) => {
                    self.sessions.store(count, Ordering::Relaxed);
                }
                Ok(Frame::Message(Message::Bye)) => return true,
                Ok(frame) => {
                    tracing::debug!(
                        ?frame,
                        "the process before says something that is nobody's business here"
                    );
                }
                Err(ChannelError::Ended) => return false,
                Err(error) => {
                    tracing::warn!(%error, "the process before is not heard any more");
                    return false;
                }
            }
        }
    }
}

impl Elsewhere for Former {
    fn cancel(&self, listener: &str, process: u32, key: &[u8]) -> Option<oneshot::Receiver<()>> {
        if *self.ended() {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (arrived, waits) = oneshot::channel();
        {
            let mut cancels = self.cancels();
            // Whoever has stopped waiting makes room.
            cancels.retain(|_, waits| !waits.is_closed());
            if cancels.len() >= CANCELS_MAX {
                return None;
            }
            cancels.insert(number, arrived);
        }
        let message = Message::Cancel { number, listener: listener.to_owned(), process, key: key.to_owned() };
        if self.sender.say(&message).is_err() {
            self.cancels().remove(&number);
            return None;
        }
        Some(waits)
    }
}
