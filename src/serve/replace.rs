//! How does a new process take the place of this one, and what does this one do where that fails? SIGUSR2.
//!
//! The program is started anew: the same path, the same arguments, the same environment; by then another version may lie
//! there. What both say to each other is in `proxy::handover`.

use super::{ServeError, elsewhere};
use crate::planes::Control;
use proxy::Gateway;
use proxy::config::Config;
use proxy::gateway::GiveWayError;
use proxy::handover::{self, HandoverError, Successor};
use std::env;
use std::ffi::OsString;
use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Why no other process has taken the place of this one, which goes on.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReplaceError {
    /// It cannot be started.
    #[error("the program cannot be started anew as `{}`: {source}", program.display())]
    Start {
        /// What was started.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The sockets cannot be handed over.
    #[error("the listening sockets cannot be handed over: {0}")]
    Sockets(#[source] io::Error),
    /// It could not, or did not say so.
    #[error(transparent)]
    Handover(#[from] HandoverError),
    /// The data plane cannot be left as it is.
    #[error(transparent)]
    GiveWay(#[from] GiveWayError),
    /// A fault of our own.
    #[error("a fault of the gateway has ended it; see the lines before")]
    Fault,
}

/// The first process of a container, which ends with it.
const FIRST_PROCESS: u32 = 1;

/// Why this process cannot be replaced when the control plane asks; `None` where it can.
pub(super) fn unable(has_control: bool) -> Option<&'static str> {
    if !cfg!(target_os = "linux") {
        return Some("it does not run on Linux: stop it and start it there");
    }
    if std::process::id() == FIRST_PROCESS {
        return Some(
            "it is the first process of a container, which ends with it: start a new container, and stop this one",
        );
    }
    if has_control {
        return Some(
            "the control plane runs in the same process, and would end with it: replace it there with SIGUSR2",
        );
    }
    None
}

/// What is needed to be replaced.
#[derive(Debug)]
pub(super) struct Replacing<'a> {
    program: OsString,
    arguments: Vec<OsString>,
    gateway: &'a Gateway,
    control: &'a Mutex<Option<Control>>,
    config: &'a Config,
    /// The channel to the new process, while it takes over.
    under_way: Mutex<Option<UnixStream>>,
}

impl<'a> Replacing<'a> {
    pub(super) fn new(
        gateway: &'a Gateway,
        control: &'a Mutex<Option<Control>>,
        config: &'a Config,
    ) -> Replacing<'a> {
        let mut arguments = env::args_os();
        // As it was called: a link may lead to another version by now.
        let called = arguments.next().filter(|program| !program.is_empty());
        let program = called.or_else(|| env::current_exe().ok().map(OsString::from)).unwrap_or_default();
        let arguments = arguments.collect();
        Replacing { program, arguments, gateway, control, config, under_way: Mutex::new(None) }
    }

    /// Gives up what is under way. Whoever runs it comes back soon.
    pub(super) fn interrupt(&self) {
        if let Some(stream) = &*held(&self.under_way) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Has a new process take the place of this one; its number. On an error everything here is as before, and the new
    /// process is gone. Blocks.
    pub(super) fn run(&self) -> Result<u32, ReplaceError> {
        let (ours, theirs) = UnixStream::pair().map_err(ReplaceError::Sockets)?;
        *held(&self.under_way) = Some(ours.try_clone().map_err(ReplaceError::Sockets)?);
        let mut child = Some(self.start(theirs)?);
        let done = self.hand_over(ours, &mut child);
        *held(&self.under_way) = None;
        if done.is_err() {
            end(&mut child);
        }
        done
    }

    fn start(&self, channel: UnixStream) -> Result<Child, ReplaceError> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env(handover::VARIABLE, handover::VARIABLE_VALUE);
        command.stdin(Stdio::from(OwnedFd::from(channel)));
        command
            .spawn()
            .map_err(|source| ReplaceError::Start { program: PathBuf::from(&self.program), source })
    }

    fn hand_over(&self, channel: UnixStream, child: &mut Option<Child>) -> Result<u32, ReplaceError> {
        let mut successor = Successor::greet(channel)?;
        let process = successor.process();
        tracing::info!(process, "a new process is there to take the place of this one");
        let mut sockets = self.gateway.sockets().map_err(ReplaceError::Sockets)?;
        let control_socket = match &*held(self.control) {
            Some(control) => Some(control.socket().map_err(ReplaceError::Sockets)?),
            None => None,
        };
        if let Some((address, socket)) = &control_socket {
            sockets.push((*address, socket.try_clone().map_err(ReplaceError::Sockets)?));
        }
        successor.offer(&sockets, &self.gateway.ledger_directory())?;
        // Here the others' copies are closed: what the new process does not want is not listened on any more.
        drop(sockets);
        self.gateway.unlink();
        let control = held(self.control).take();
        if let Some(control) = control {
            control.stop();
        }
        let handed = successor.control_ended().map_err(ReplaceError::from);
        let handed =
            handed.and_then(|()| Ok(self.gateway.give_way(successor, || end(child)).map(|()| process)?));
        if handed.is_err() {
            // First: two control planes are not to have one state.
            end(child);
            self.restore(control_socket);
        }
        handed
    }

    /// Starts the control plane again, and the link to it.
    fn restore(&self, socket: Option<(SocketAddr, OwnedFd)>) {
        let restored = match socket {
            Some((_, socket)) => Control::start_on(Some(TcpListener::from(socket)), self.config),
            None => Ok(None),
        };
        let control = restored.unwrap_or_else(|error| {
            tracing::error!(%error, "the control plane does not run any more; listeners are served all the same");
            None
        });
        let linked = match &control {
            Some(control) => Ok(Some(vec![control.carrier()])),
            None => elsewhere(self.config),
        };
        let linked = linked.and_then(|nodes| self.gateway.tell(nodes).map_err(ServeError::from));
        if let Err(error) = linked {
            tracing::error!(%error, "the data plane is not linked to its control plane any more");
        }
        *held(self.control) = control;
    }
}

/// Makes sure that the new process does nothing any more.
fn end(child: &mut Option<Child>) {
    if let Some(mut child) = child.take() {
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
