//! How does the gateway run until it is told to stop? `dragoman serve`.

use proxy::config::{self, Config};
use proxy::{Gateway, StartError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How often the settings' file is looked at.
const FILE_PERIOD: Duration = Duration::from_secs(1);

/// Why the gateway did not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] config::ConfigError),
    /// The process cannot wait for signals.
    #[error("cannot wait for signals")]
    Signals(#[source] io::Error),
}

/// Runs the gateway with the settings of `path` until SIGTERM or SIGINT; a second one ends the wait
/// for sessions. SIGHUP, or a change of the
/// file, takes new settings; a bad file is told about and changes nothing.
pub fn serve(path: &Path) -> Result<(), ServeError> {
    raise_descriptor_limit();
    let waits =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServeError::Signals)?;
    // From here on a signal is waited for, so one that comes while starting is not lost.
    let mut signals = waits.block_on(async { Signals::new() }).map_err(ServeError::Signals)?;
    let gateway = Gateway::start(read(path)?)?;
    waits.block_on(wait(path, &gateway, &mut signals));
    let hurry = Arc::new(AtomicBool::new(false));
    let told_twice = Arc::clone(&hurry);
    // Not joined: it waits for a signal that may never come, and ends with the process.
    std::thread::spawn(move || {
        waits.block_on(signals.told_to_stop());
        tracing::warn!("told to stop again: waiting for no session");
        told_twice.store(true, Ordering::Relaxed);
    });
    gateway.stop(&hurry);
    Ok(())
}

fn read(path: &Path) -> Result<Config, config::ConfigError> {
    config::load(path, config::process_environment())
}

#[derive(Debug)]
struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Signals> {
        Ok(Signals {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for SIGTERM or SIGINT. Cancel safe.
    async fn told_to_stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Takes new settings until told to stop.
async fn wait(path: &Path, gateway: &Gateway, signals: &mut Signals) {
    let mut watch = Watch::new(path);
    loop {
        tokio::select! {
            _ = signals.terminate.recv() => return,
            _ = signals.interrupt.recv() => return,
            _ = signals.hangup.recv() => {
                watch.look();
                reload(path, gateway);
            }
            () = watch.changed() => reload(path, gateway),
        }
    }
}

/// A file whose changes are noticed; the demo watches its own as well.
#[derive(Debug)]
pub(crate) struct Watch {
    path: PathBuf,
    seen: Option<u64>,
}

impl Watch {
    /// Notices what changes from now on.
    pub(crate) fn new(path: &Path) -> Watch {
        Watch { path: path.to_owned(), seen: fingerprint(path) }
    }

    /// Waits until the content has changed. Cancel safe.
    pub(crate) async fn changed(&mut self) {
        loop {
            tokio::time::sleep(FILE_PERIOD).await;
            if self.look() {
                return;
            }
        }
    }

    /// Whether the content has changed since the last look.
    fn look(&mut self) -> bool {
        let now = fingerprint(&self.path);
        // A file that is away for a moment is being replaced.
        let changed = now.is_some() && now != self.seen;
        if changed {
            self.seen = now;
        }
        changed
    }
}

/// A number that changes when the file's content does.
fn fingerprint(path: &Path) -> Option<u64> {
    let content = std::fs::read(path).ok()?;
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    Some(hasher.finish())
}

fn reload(path: &Path, gateway: &Gateway) {
    let taken = read(path).map_err(proxy::ReloadError::from).and_then(|config| gateway.reload(config));
    let path: PathBuf = path.into();
    match taken {
        Ok(waiting) if waiting.is_empty() => tracing::info!(file = %path.display(), "settings reloaded"),
        Ok(waiting) => tracing::warn!(
            file = %path.display(),
            settings = waiting.join(", "),
            "settings reloaded, but some wait for a restart"
        ),
        Err(error) => {
            tracing::error!(file = %path.display(), "settings not reloaded, the old ones stay in force");
            // A line each: a log line cannot hold several.
            for line in crate::cli::with_causes(&error).lines() {
                tracing::error!("{line}");
            }
        }
    }
}

/// Every session needs two descriptors; the usual soft limit of 1,024 is a third of what one
/// application pool can open. The hard limit is the administrator's word and stays.
#[allow(unsafe_code)]
fn raise_descriptor_limit() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls only read or write the struct they are given.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) == 0 && limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max;
            if libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) != 0 {
                tracing::warn!("the limit on open files could not be raised");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use std::fs;

    #[test]
    fn a_change_is_noticed_once_and_a_file_that_is_away_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        fs::write(&path, "one").unwrap();
        let mut watch = Watch::new(&path);
        assert!(!watch.look());
        fs::write(&path, "two").unwrap();
        assert!(watch.look());
        assert!(!watch.look());
        fs::remove_file(&path).unwrap();
        assert!(!watch.look());
        fs::write(&path, "two").unwrap();
        assert!(!watch.look(), "the same content again is no change");
        fs::write(&path, "one").unwrap();
        assert!(watch.look());
    }
}
