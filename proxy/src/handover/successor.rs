//! What does a process know of the one that takes its place, and do for it?

use super::channel::{ChannelError, Frame, Receiver, Sender, halves};
use super::message::Message;
use super::{CONTROL_MAX, HELLO_MAX, HandoverError, OPENED_MAX, PREPARED_MAX, SESSIONS_PERIOD, VERSION};
use crate::ledger::forward::{Outlet, Unanswered};
use crate::listeners::Listeners;
use relay::Threads;
use relay::journal::LedgerHealth;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;

/// The process that takes this one's place, as long as it has not.
#[derive(Debug)]
pub struct Successor {
    sender: Arc<Sender>,
    receiver: Receiver,
    process: u32,
    hears_sessions: bool,
}

impl Successor {
    /// The process at the other end of `stream`, once it says that it is there. Blocks.
    pub fn greet(stream: UnixStream) -> Result<Successor, HandoverError> {
        let (sender, mut receiver) = halves(stream).map_err(HandoverError::Channel)?;
        let what = "it is there";
        let (process, hears_sessions) = match wait(&mut receiver, what, HELLO_MAX)? {
            Message::Hello { version: VERSION, process, hears_sessions } => (process, hears_sessions),
            Message::Hello { .. } => return Err(HandoverError::Version),
            _ => return Err(HandoverError::Unexpected { who: "new", what }),
        };
        Ok(Successor { sender: Arc::new(sender), receiver, process, hears_sessions })
    }

    /// Its number.
    pub fn process(&self) -> u32 {
        self.process
    }

    /// Whether it wants to be told how many sessions are left here.
    pub(crate) fn hears_sessions(&self) -> bool {
        self.hears_sessions
    }

    /// Gives it the sockets, and waits until it has read its settings and could begin. Blocks.
    pub fn offer(&mut self, sockets: &[(SocketAddr, OwnedFd)], ledger: &Path) -> Result<(), HandoverError> {
        for (address, socket) in sockets {
            let message = Message::Socket { address: *address };
            self.sender.give(&message, socket.as_fd()).map_err(HandoverError::Channel)?;
        }
        let process = std::process::id();
        self.say(&Message::Offered { version: VERSION, process, ledger: ledger.to_owned() })?;
        self.expect(&Message::Prepared, "its settings can be used", PREPARED_MAX)
    }

    /// Says that no control plane runs here, and waits until one does there. Blocks.
    pub fn control_ended(&mut self) -> Result<(), HandoverError> {
        self.say(&Message::ControlEnded)?;
        self.expect(&Message::ControlStarted, "its control plane runs", CONTROL_MAX)
    }

    /// Says that the ledger is free, and waits until it is written there and connections are accepted. Blocks.
    pub(crate) fn released(&mut self, epoch: u64) -> Result<(), HandoverError> {
        self.say(&Message::Released { epoch })?;
        self.expect(&Message::Opened, "it has opened the ledger", OPENED_MAX)
    }

    fn say(&self, message: &Message) -> Result<(), HandoverError> {
        self.sender.say(message).map_err(HandoverError::Channel)
    }

    fn expect(&mut self, message: &Message, what: &'static str, max: Duration) -> Result<(), HandoverError> {
        if wait(&mut self.receiver, what, max)? == *message {
            return Ok(());
        }
        Err(HandoverError::Unexpected { who: "new", what })
    }

    /// Where the ledger's lines go from now on.
    pub(crate) fn outlet(&self) -> Box<dyn Outlet> {
        Box::new(Lines(Arc::clone(&self.sender)))
    }

    /// Does what it asks for, on a thread of its own, until one of the two ends, and says how many sessions are left.
    pub(crate) fn heed(self, duties: Duties) -> io::Result<InCharge> {
        if self.hears_sessions() {
            duties.runtime.spawn(tell_sessions(Arc::clone(&self.sender), Arc::clone(&duties.threads)));
        }
        let is_told_to_stop = Arc::new(AtomicBool::new(false));
        let in_charge =
            InCharge { sender: Arc::clone(&self.sender), is_told_to_stop: Arc::clone(&is_told_to_stop) };
        let run = move || heed(self, &duties, &is_told_to_stop);
        std::thread::Builder::new().name("handover".to_owned()).spawn(run)?;
        Ok(in_charge)
    }
}

fn wait(receiver: &mut Receiver, what: &'static str, max: Duration) -> Result<Message, HandoverError> {
    let who = "new";
    match receiver.next(Some(max)) {
        Ok(Frame::Message(Message::Failed { why })) => Err(HandoverError::Failed { why }),
        Ok(Frame::Message(message)) => Ok(message),
        Ok(Frame::Lines { .. }) | Err(ChannelError::Malformed) => {
            Err(HandoverError::Unexpected { who, what })
        }
        Err(ChannelError::Late) => Err(HandoverError::Late { who, what, after: max }),
        Err(ChannelError::Ended) => Err(HandoverError::Ended { who, what }),
        Err(ChannelError::Io(source)) => Err(HandoverError::Channel(source)),
    }
}

/// Sends lines to the process that ties them into the chain.
#[derive(Debug)]
struct Lines(Arc<Sender>);

impl Outlet for Lines {
    fn send(&mut self, number: u64, batch: &[u8]) -> io::Result<()> {
        self.0.lines(number, batch)
    }
}

/// What a process that was replaced does for the one that has replaced it.
pub(crate) struct Duties {
    pub(crate) unanswered: Arc<Unanswered>,
    pub(crate) health: Arc<LedgerHealth>,
    pub(crate) listeners: Arc<Listeners>,
    pub(crate) threads: Arc<Threads>,
    pub(crate) runtime: Handle,
    /// Gives sessions that are left the rules that are in force now.
    pub(crate) follow_rules: Box<dyn Fn() + Send>,
}

/// The process that has taken this one's place.
#[derive(Debug)]
pub(crate) struct InCharge {
    sender: Arc<Sender>,
    is_told_to_stop: Arc<AtomicBool>,
}

impl InCharge {
    /// Whether it is being stopped and this one is to stop as well.
    pub(crate) fn is_told_to_stop(&self) -> bool {
        self.is_told_to_stop.load(Ordering::Relaxed)
    }

    /// Says that everything was told.
    pub(crate) fn leave(self) {
        // It may be gone.
        let _ = self.sender.say(&Message::Bye);
        self.sender.end();
    }
}

/// Says how many sessions are left, when that has changed, for as long as somebody hears it.
async fn tell_sessions(sender: Arc<Sender>, threads: Arc<Threads>) {
    let mut ticks = tokio::time::interval(SESSIONS_PERIOD);
    let mut told = None;
    loop {
        ticks.tick().await;
        let count = threads.sessions() as u64;
        if told != Some(count) && sender.say(&Message::Sessions { count }).is_err() {
            return;
        }
        told = Some(count);
    }
}

fn heed(successor: Successor, duties: &Duties, is_told_to_stop: &AtomicBool) {
    let Successor { sender, mut receiver, .. } = successor;
    loop {
        match receiver.next(None) {
            Ok(Frame::Message(Message::Kept { number, is_kept, is_copy_failing })) => {
                // First, so that who is answered "not recorded" sees why.
                duties.health.set_failing(!is_kept);
                duties.health.set_copy_failing(is_copy_failing);
                duties.unanswered.settle(number, is_kept);
            }
            Ok(Frame::Message(Message::Cancel { number, listener, process, key })) => {
                let listeners = Arc::clone(&duties.listeners);
                let sender = Arc::clone(&sender);
                duties.runtime.spawn(async move {
                    let all = listeners.all();
                    if let Some(found) = all.iter().find(|one| *one.settings.load().name == *listener) {
                        found.cancel(process, &key).await;
                    }
                    let _ = sender.say(&Message::Cancelled { number });
                });
            }
            Ok(Frame::Message(Message::RulesChanged)) => (duties.follow_rules)(),
            Ok(Frame::Message(Message::Stop)) => is_told_to_stop.store(true, Ordering::Relaxed),
            Ok(frame) => {
                tracing::debug!(?frame, "the new process says something that is nobody's business here")
            }
            Err(error) => {
                tracing::debug!(%error, "the new process says nothing more");
                duties.unanswered.gone();
                return;
            }
        }
    }
}
