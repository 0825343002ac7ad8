//! How does a child process end with us, whatever happens to us?
//!
//! Each child has a keeper: a thread that starts it, lives exactly as long as it, and reaps it. On
//! Linux the kernel sends the child a signal when the keeper's thread is gone (`PR_SET_PDEATHSIG` is
//! tied to the thread that forked), which happens only when this whole process dies. The keeper
//! also makes signals safe: a process id is used only under the lock that guards its reaping, so it
//! can never have been given to somebody else.

#![allow(unsafe_code)] // waiting, signalling and the death signal have no safe form in the standard library

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// Longest wait for killed processes to disappear. The kernel needs milliseconds.
const KILL_LIMIT: Duration = Duration::from_secs(10);
/// How often it is looked whether they have.
const KILL_INTERVAL: Duration = Duration::from_millis(2);

/// A child process. Dropping it kills it and its descendants if it still runs.
#[derive(Debug)]
pub(super) struct Process {
    id: i32,
    life: Arc<Life>,
}

#[derive(Debug)]
struct Life {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Running,
    Ended(Option<ExitStatus>),
}

/// Starts a child with a keeper. It is sent SIGINT, PostgreSQL's fast shutdown, when this process
/// dies.
pub(super) fn spawn(command: Command) -> io::Result<Process> {
    spawn_ended_by(command, libc::SIGINT)
}

/// The same with another signal.
pub(super) fn spawn_ended_by(command: Command, signal: i32) -> io::Result<Process> {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::Builder::new().name("server-keeper".to_owned()).spawn(move || keep(command, signal, &sender))?;
    receiver.recv().map_err(io::Error::other)?
}

/// A number that is new at each call in this process.
pub(super) fn serial() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The effective user id of this process.
pub fn effective_user() -> u32 {
    // SAFETY: geteuid has no preconditions and cannot fail.
    unsafe { libc::geteuid() }
}

/// Whether a process of this id exists and is a PostgreSQL server, as far as can be told: a process
/// id in an old file may belong to anything by now.
pub(super) fn is_postgres(id: i32) -> bool {
    if id <= 1 || !exists(id) {
        return false;
    }
    match std::fs::read_to_string(format!("/proc/{id}/comm")) {
        Ok(name) => name.trim() == "postgres",
        Err(_) => !cfg!(target_os = "linux"),
    }
}

impl Process {
    /// Its process id.
    pub(super) fn id(&self) -> i32 {
        self.id
    }

    /// Whether it has ended.
    pub(super) fn has_ended(&self) -> bool {
        matches!(*self.life.lock(), State::Ended(_))
    }

    /// Whether it has ended with exit code 0.
    pub(super) fn succeeded(&self) -> bool {
        matches!(*self.life.lock(), State::Ended(Some(status)) if status.success())
    }

    /// Waits until it has ended, no longer than `limit`; `true` when it has.
    pub(super) fn wait(&self, limit: Duration) -> bool {
        let state = self.life.lock();
        let running = |state: &mut State| matches!(state, State::Running);
        let (state, _) =
            self.life.ended.wait_timeout_while(state, limit, running).unwrap_or_else(PoisonError::into_inner);
        matches!(*state, State::Ended(_))
    }

    /// Sends it a signal; nothing happens when it has ended.
    pub(super) fn signal(&self, signal: i32) -> io::Result<()> {
        match *self.life.lock() {
            State::Running => send(self.id, signal),
            State::Ended(_) => Ok(()),
        }
    }

    /// Kills it and all its descendants, and waits until none is left.
    pub(super) fn kill_tree(&self) -> io::Result<()> {
        let mut descendants = Vec::new();
        if let State::Running = *self.life.lock() {
            // A stopped parent neither forks nor reaps: the ids of its children stay theirs while
            // they are being killed.
            send(self.id, libc::SIGSTOP)?;
            descendants = tree::descendants(self.id);
            for descendant in &descendants {
                let _ = send(*descendant, libc::SIGKILL);
            }
            send(self.id, libc::SIGKILL)?;
        }
        let deadline = Instant::now() + KILL_LIMIT;
        let gone = self.wait(KILL_LIMIT);
        while gone && Instant::now() < deadline {
            descendants.retain(|descendant| tree::is_alive(*descendant));
            if descendants.is_empty() {
                return Ok(());
            }
            thread::sleep(KILL_INTERVAL);
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "killed processes are still there"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.has_ended() {
            let _ = self.kill_tree();
        }
    }
}

impl Life {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keep(mut command: Command, signal: i32, sender: &mpsc::SyncSender<io::Result<Process>>) {
    end_with_this_process(&mut command, signal);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let _ = sender.send(Err(error));
            return;
        }
    };
    // The command holds the writing ends of the child's pipes: a reader waits for them to close.
    drop(command);
    let id = process_id(&child);
    let life = Arc::new(Life { state: Mutex::new(State::Running), ended: Condvar::new() });
    // If nobody takes it, it is dropped, and so killed.
    let _ = sender.send(Ok(Process { id, life: Arc::clone(&life) }));
    wait_without_reaping(id);
    let mut state = life.lock();
    *state = State::Ended(child.wait().ok());
    life.ended.notify_all();
}

/// A process id is a positive `pid_t`; the standard library shows it unsigned.
fn process_id(child: &Child) -> i32 {
    child.id().cast_signed()
}

#[cfg(target_os = "linux")]
fn end_with_this_process(command: &mut Command, signal: i32) {
    let parent = std::process::id().cast_signed();
    // SAFETY: between fork and exec only async-signal-safe calls are made: prctl, getppid. Neither
    // allocates nor takes a lock; the error made on failure holds only a number.
    unsafe {
        command.pre_exec(move || {
            // After the change of uid, which would clear it.
            if libc::prctl(libc::PR_SET_PDEATHSIG, signal) != 0 {
                return Err(io::Error::last_os_error());
            }
            // The parent may have died before the line above.
            if libc::getppid() != parent {
                return Err(io::Error::from_raw_os_error(libc::ESRCH));
            }
            Ok(())
        });
    }
}

#[cfg(not(target_os = "linux"))]
fn end_with_this_process(_command: &mut Command, _signal: i32) {}

fn wait_without_reaping(id: i32) {
    loop {
        let mut information = std::mem::MaybeUninit::<libc::siginfo_t>::zeroed();
        // SAFETY: `information` is writable and large enough; the id is of a child that nobody but
        // this thread reaps, so it names that child until this thread calls `wait`.
        let answer = unsafe {
            libc::waitid(
                libc::P_PID,
                id.cast_unsigned(),
                information.as_mut_ptr(),
                libc::WEXITED | libc::WNOWAIT,
            )
        };
        if answer == 0 || io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            return;
        }
    }
}

fn send(id: i32, signal: i32) -> io::Result<()> {
    // SAFETY: kill touches no memory of ours. INVARIANT: ids are positive, so no group is meant.
    match unsafe { libc::kill(id, signal) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn exists(id: i32) -> bool {
    match send(id, 0) {
        Ok(()) => true,
        Err(error) => error.raw_os_error() == Some(libc::EPERM),
    }
}

#[cfg(target_os = "linux")]
mod tree {
    //! Who descends from whom, read from /proc.

    use std::fs;

    /// Every living process below `ancestor`, parents before children.
    pub(super) fn descendants(ancestor: i32) -> Vec<i32> {
        let processes: Vec<(i32, i32)> = fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let id: i32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
                Some((id, status(id)?.1))
            })
            .collect();
        let mut found = vec![ancestor];
        let mut next = 0;
        while let Some(parent) = found.get(next).copied() {
            found.extend(processes.iter().filter(|(_, of)| *of == parent).map(|(id, _)| *id));
            next += 1;
        }
        found.split_off(1)
    }

    /// Whether it runs; what is dead and only waits to be reaped does not.
    pub(super) fn is_alive(id: i32) -> bool {
        status(id).is_some_and(|(state, _)| !matches!(state, 'Z' | 'X'))
    }

    /// State and parent: the fields after the name in parentheses, which may hold anything.
    fn status(id: i32) -> Option<(char, i32)> {
        let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let mut fields = text.rsplit_once(") ")?.1.split(' ');
        Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
    }
}

#[cfg(not(target_os = "linux"))]
mod tree {
    //! Without /proc: the server's children notice by themselves that their postmaster is gone.

    pub(super) fn descendants(_ancestor: i32) -> Vec<i32> {
        Vec::new()
    }

    pub(super) fn is_alive(_id: i32) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn shell(script: &str) -> Process {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        spawn(command).unwrap()
    }

    #[test]
    fn the_end_of_a_child_is_noticed_with_its_exit_code() {
        for (script, expected) in [("exit 0", true), ("exit 3", false)] {
            let process = shell(script);
            assert!(process.wait(Duration::from_secs(10)));
            assert!(process.has_ended());
            assert_eq!(process.succeeded(), expected, "{script}");
            process.signal(libc::SIGKILL).unwrap();
        }
    }

    #[test]
    fn a_wait_ends_at_its_limit() {
        let process = shell("sleep 60");
        assert!(!process.wait(Duration::from_millis(1)));
        assert!(!process.has_ended());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn dropping_kills_the_child_and_its_children() {
        let process = shell("sleep 60 & sleep 60 & wait");
        let id = process.id();
        let deadline = Instant::now() + Duration::from_secs(10);
        let children = loop {
            let children = tree::descendants(id);
            if children.len() == 2 || Instant::now() > deadline {
                break children;
            }
            thread::yield_now();
        };
        assert_eq!(children.len(), 2);
        drop(process);
        for process in children.into_iter().chain([id]) {
            assert!(!tree::is_alive(process), "process {process} is left");
        }
    }

    #[test]
    fn a_program_that_does_not_exist_is_an_error() {
        let error = spawn(Command::new("/nonexistent/program")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
