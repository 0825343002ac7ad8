//! How does the gateway run until it is told to stop? `dragoman serve`.

use proxy::config::{self, Config};
use proxy::{Gateway, ReloadError, StartError};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How often the files of settings and rules are looked at.
const FILE_PERIOD: Duration = Duration::from_secs(1);

/// Largest part of a file that is looked at: more than one that can be used has.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

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
/// for sessions. SIGHUP, or a change of the file or of a rule file, takes new settings and rules; a bad
/// file is told about and changes nothing.
pub fn serve(path: &Path) -> Result<(), ServeError> {
    raise_descriptor_limit();
    let waits =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServeError::Signals)?;
    // From here on a signal is waited for, so one that comes while starting is not lost.
    let mut signals = waits.block_on(async { Signals::new() }).map_err(ServeError::Signals)?;
    let mut watch = Watch::new(path);
    let config = read(path)?;
    watch.follow(&config.policies.directory);
    let gateway = Gateway::start(config)?;
    waits.block_on(wait(&mut watch, &gateway, &mut signals));
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
async fn wait(watch: &mut Watch, gateway: &Gateway, signals: &mut Signals) {
    loop {
        tokio::select! {
            _ = signals.terminate.recv() => return,
            _ = signals.interrupt.recv() => return,
            _ = signals.hangup.recv() => {
                watch.look();
                reload(watch, gateway);
            }
            () = watch.changed() => reload(watch, gateway),
        }
    }
}

/// The files of settings and rules, whose changes are noticed; the demo watches its own as well.
#[derive(Debug)]
pub(crate) struct Watch {
    settings: PathBuf,
    /// Where the rule files are.
    rules: Option<PathBuf>,
    seen: Seen,
    /// What a look found when a rule file was away.
    without: Option<Seen>,
}

/// What files held: a number that changes when the content does, for each that is there.
type Seen = BTreeMap<PathBuf, u64>;

impl Watch {
    /// Notices what changes in `settings` from now on.
    pub(crate) fn new(settings: &Path) -> Watch {
        let mut watch =
            Watch { settings: settings.to_owned(), rules: None, seen: Seen::new(), without: None };
        watch.seen = watch.sight();
        watch
    }

    /// Notices what changes in the rule files of `folder` from now on, too; those of another one no longer.
    pub(crate) fn follow(&mut self, folder: &Path) {
        if self.rules.as_deref() == Some(folder) {
            return;
        }
        self.rules = Some(folder.to_owned());
        let settings = self.seen.remove_entry(&self.settings);
        self.seen = rule_files(folder).filter_map(sighted).chain(settings).collect();
        self.without = None;
    }

    /// Waits until something has changed. Cancel safe.
    pub(crate) async fn changed(&mut self) {
        loop {
            tokio::time::sleep(FILE_PERIOD).await;
            if self.look() {
                return;
            }
        }
    }

    /// Whether something has changed since the last look.
    fn look(&mut self) -> bool {
        let now = self.sight();
        // Settings that are away are being replaced; a rule file that is away twice is gone.
        let is_away = |file: &PathBuf| !now.contains_key(file);
        let settings_away = is_away(&self.settings);
        if now == self.seen || settings_away {
            self.without = None;
            return false;
        }
        if self.seen.keys().any(is_away) && self.without.as_ref() != Some(&now) {
            self.without = Some(now);
            return false;
        }
        self.seen = now;
        self.without = None;
        true
    }

    fn sight(&self) -> Seen {
        let rules = self.rules.iter().flat_map(|folder| rule_files(folder));
        rules.chain([self.settings.clone()]).filter_map(sighted).collect()
    }

    /// Gives the gateway what the files say now, read by `read`; answers the settings that wait for a
    /// restart. What cannot be used leaves everything as it was.
    pub(crate) fn reload(
        &mut self,
        gateway: &Gateway,
        read: impl Fn(&Path) -> Result<Config, config::ConfigError>,
    ) -> Result<Vec<String>, ReloadError> {
        let taken = read(&self.settings).map_err(ReloadError::from).and_then(|config| {
            self.follow(&config.policies.directory);
            gateway.reload(config)
        });
        gateway.note_reload(taken.as_ref().err().map(ToString::to_string).as_deref());
        taken
    }
}

fn rule_files(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    files.filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
}

fn sighted(path: PathBuf) -> Option<(PathBuf, u64)> {
    let mut content = Vec::new();
    File::open(&path).ok()?.take(FILE_BYTES_MAX).read_to_end(&mut content).ok()?;
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    Some((path, hasher.finish()))
}

fn reload(watch: &mut Watch, gateway: &Gateway) {
    let taken = watch.reload(gateway, read);
    let file = watch.settings.display();
    match taken {
        Ok(waiting) if waiting.is_empty() => tracing::info!(%file, "settings and rules reloaded"),
        Ok(waiting) => tracing::warn!(
            %file,
            settings = waiting.join(", "),
            "settings and rules reloaded, but some settings wait for a restart"
        ),
        Err(error) => {
            tracing::error!(%file, "settings and rules not reloaded, the old ones stay in force");
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
        assert!(!watch.look() && !watch.look());
        fs::write(&path, "two").unwrap();
        assert!(!watch.look(), "the same content again is no change");
        fs::write(&path, "one").unwrap();
        assert!(watch.look());
    }

    #[test]
    fn a_rule_file_that_comes_changes_or_goes_is_noticed_once() {
        let folder = tempfile::tempdir().unwrap();
        let (path, rules) = (folder.path().join("settings.toml"), folder.path().join("policies"));
        fs::write(&path, "one").unwrap();
        let mut watch = Watch::new(&path);
        watch.follow(&rules);
        assert!(!watch.look(), "there is no folder");
        fs::create_dir(&rules).unwrap();
        fs::write(rules.join("notes.txt"), "no rules").unwrap();
        assert!(!watch.look());
        let file = rules.join("shop.toml");
        for content in ["[lists]", "[lists]\nwriters = []"] {
            fs::write(&file, content).unwrap();
            assert!(watch.look() && !watch.look(), "{content}");
        }
        // An editor that moves the old file away first.
        fs::remove_file(&file).unwrap();
        assert!(!watch.look());
        fs::write(&file, "[lists]").unwrap();
        assert!(watch.look() && !watch.look());
        fs::remove_file(&file).unwrap();
        assert!(!watch.look() && watch.look() && !watch.look());
        watch.follow(folder.path());
        assert!(!watch.look());
        fs::write(rules.join("elsewhere.toml"), "").unwrap();
        assert!(!watch.look(), "another folder is followed now");
    }
}
