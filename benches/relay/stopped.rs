//! How does one thread of a program stand still while the others run?
//!
//! By what debuggers use (ptrace): the gateway has no switch that turns recording off, and must not have one for the
//! sake of a figure.

use super::failure::Failure;
use nix::sys::ptrace::{self, Options};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use std::fs;
use std::io;

/// A thread that stands still until this is dropped, which has to be on the thread that made it.
pub struct Stopped(Pid);

impl Stopped {
    /// Stops the thread of that name.
    pub fn thread_of(process: u32, name: &str) -> Result<Stopped, Failure> {
        let failed = Failure::system("stop a thread of the gateway");
        let id = find(process, name).map_err(&failed)?;
        let stop = || {
            ptrace::seize(id, Options::empty())?;
            ptrace::interrupt(id)?;
            waitpid(id, Some(WaitPidFlag::__WALL))
        };
        stop().map_err(|errno| failed(errno.into()))?;
        Ok(Stopped(id))
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        // A thread that is gone already needs nothing.
        let _ = ptrace::detach(self.0, None);
    }
}

fn find(process: u32, name: &str) -> io::Result<Pid> {
    for entry in fs::read_dir(format!("/proc/{process}/task"))? {
        let entry = entry?;
        if fs::read_to_string(entry.path().join("comm"))?.trim_end() == name {
            let id = entry.file_name().to_str().and_then(|id| id.parse().ok());
            return id.map(Pid::from_raw).ok_or_else(|| io::ErrorKind::InvalidData.into());
        }
    }
    Err(io::Error::new(io::ErrorKind::NotFound, format!("it has no thread `{name}`")))
}
