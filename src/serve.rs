//! How does the gateway run until it is told to stop? `dragoman serve`.

mod notify;
mod replace;
mod take_over;

use crate::cli::Plane;
use crate::planes::{Control, ControlError};
use control::{Carrier, CarrierError};
use proxy::config::{self, Config};
use proxy::handover::{HandoverError, Predecessor};
use proxy::link::{HttpCarrier, LinkError};
use proxy::{Gateway, ReloadError, StartError};
use replace::{ReplaceError, Replacing};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Scope;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// How often the files of settings and rules are looked at.
const FILE_PERIOD: Duration = Duration::from_secs(1);

/// How often a process that was replaced looks whether it has sessions left.
const STAY_PERIOD: Duration = Duration::from_millis(20);

/// Largest part of a file that is looked at: more than one that can be used has.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Why the gateway did not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] config::ConfigError),
    /// The control plane did not start.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The data plane cannot be linked to the control plane.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// What is said to a control plane elsewhere cannot be carried.
    #[error(transparent)]
    Carrier(#[from] CarrierError),
    /// Only the control plane was asked for, and there is none.
    #[error(
        "`--plane control` needs the table `[admin]` in the settings\n    hint: add it; `dragoman config example` shows one"
    )]
    NoAdmin,
    /// The place of another process cannot be taken.
    #[error(transparent)]
    Handover(#[from] HandoverError),
    /// The process cannot wait for signals.
    #[error("cannot wait for signals")]
    Signals(#[source] io::Error),
}

/// What runs in this process.
#[derive(Debug)]
struct Begun {
    config: Config,
    gateway: Gateway,
    control: Option<Control>,
}

/// Runs the gateway with the settings of `path` until SIGTERM or SIGINT; a second one ends the wait
/// for sessions. SIGHUP, or a change of the file or of a rule file, takes new settings and rules; a bad
/// file is told about and changes nothing. SIGUSR2, or the control plane, has a new process take the place of this
/// one, which lets its sessions end. Without `plane` both planes run, the control plane where the settings have one.
pub(crate) fn serve(path: &Path, plane: Option<Plane>) -> Result<(), ServeError> {
    raise_descriptor_limit();
    let waits =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ServeError::Signals)?;
    // From here on a signal is waited for, so one that comes while starting is not lost.
    let mut signals = waits.block_on(async { Signals::new() }).map_err(ServeError::Signals)?;
    let mut watch = Watch::new(path);
    if plane == Some(Plane::Control) {
        let control = Control::start(&read(path)?)?.ok_or(ServeError::NoAdmin)?;
        control.greet();
        notify::ready();
        waits.block_on(signals.told_to_stop());
        notify::stopping();
        control.stop();
        return Ok(());
    }
    let Begun { config, gateway, control } = match Predecessor::find()? {
        Some((predecessor, sockets)) => take_over::take_over(predecessor, sockets, path, plane, &mut watch)?,
        None => begin(path, plane, &mut watch)?,
    };
    notify::ready();
    let control = Mutex::new(control);
    let end = {
        let replacing = Replacing::new(&gateway, &control, &config);
        std::thread::scope(|scope| {
            waits.block_on(wait(&mut watch, &gateway, &mut signals, &replacing, scope))
        })
    };
    match end {
        Awaited::Stop => notify::stopping(),
        Awaited::Replaced { process, stops } => {
            notify::replaced_by(process);
            if !stops {
                waits.block_on(stay(&gateway, &mut signals));
            }
        }
    }
    stop(gateway, waits, signals);
    if let Some(control) = control.into_inner().unwrap_or_else(PoisonError::into_inner) {
        control.stop();
    }
    Ok(())
}

/// Starts both planes, as far as they are wanted.
fn begin(path: &Path, plane: Option<Plane>, watch: &mut Watch) -> Result<Begun, ServeError> {
    let config = read(path)?;
    watch.follow(&config);
    let control = match plane {
        Some(Plane::Data) => None,
        _ => Control::start(&config)?,
    };
    if let Some(control) = &control {
        control.greet();
    }
    let gateway = start_gateway(config.clone(), control.as_ref())?;
    Ok(Begun { config, gateway, control })
}

/// Starts the data plane and links it to the control plane: the one of this process, or one elsewhere.
pub(crate) fn start_gateway(config: Config, control: Option<&Control>) -> Result<Gateway, ServeError> {
    let elsewhere = match control {
        Some(_) => None,
        None => elsewhere(&config)?,
    };
    let gateway = Gateway::start(config)?;
    gateway.replacement().offer(replace::unable(control.is_some()));
    gateway.tell(control.map(|control| vec![control.carrier()]).or(elsewhere))?;
    Ok(gateway)
}

/// The nodes of the control plane that the settings name.
fn elsewhere(config: &Config) -> Result<Option<Vec<Arc<dyn Carrier>>>, ServeError> {
    let token = config::link_token(config)?;
    let Some((link, token)) = config.link.as_ref().zip(token) else { return Ok(None) };
    let node = |url: &String| -> Result<Arc<dyn Carrier>, ServeError> {
        Ok(Arc::new(HttpCarrier::new(url, token.clone())?))
    };
    std::iter::once(&link.url).chain(&link.nodes).map(node).collect::<Result<_, _>>().map(Some)
}

fn stop(gateway: Gateway, waits: Runtime, mut signals: Signals) {
    let hurry = Arc::new(AtomicBool::new(false));
    let told_twice = Arc::clone(&hurry);
    // Not joined: it waits for a signal that may never come, and ends with the process.
    std::thread::spawn(move || {
        waits.block_on(signals.told_to_stop());
        tracing::warn!("told to stop again: waiting for no session");
        told_twice.store(true, Ordering::Relaxed);
    });
    gateway.stop(&hurry);
}

fn read(path: &Path) -> Result<Config, config::ConfigError> {
    config::load(path, config::process_environment())
}

#[derive(Debug)]
struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
    replace: Signal,
}

impl Signals {
    fn new() -> io::Result<Signals> {
        Ok(Signals {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            replace: signal(SignalKind::user_defined2())?,
        })
    }

    /// Waits for SIGTERM or SIGINT. Cancel safe.
    async fn told_to_stop(&mut self) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.replace.recv() => {
                    tracing::warn!("this process cannot be replaced: it serves no listeners, or not any more");
                }
            }
        }
    }
}

/// What a process that serves has waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    /// It is to stop.
    Stop,
    /// Another one serves, and this one lets its sessions end, unless it is to stop as well.
    Replaced { process: u32, stops: bool },
}

/// The new process that is to take the place of this one, as long as that is under way.
type UnderWay = Option<oneshot::Receiver<Result<u32, ReplaceError>>>;

/// Takes new settings until told to stop, or until another process serves.
async fn wait<'scope>(
    watch: &mut Watch,
    gateway: &Gateway,
    signals: &mut Signals,
    replacing: &'scope Replacing<'_>,
    scope: &'scope Scope<'scope, '_>,
) -> Awaited {
    let mut under_way: UnderWay = None;
    loop {
        let is_still = under_way.is_none();
        tokio::select! {
            _ = signals.terminate.recv() => return stops(replacing, under_way).await,
            _ = signals.interrupt.recv() => return stops(replacing, under_way).await,
            _ = signals.replace.recv() => match gateway.process_before() {
                _ if !is_still => tracing::warn!("a new process is taking over already: one at a time"),
                Some(before) => tracing::warn!(
                    before,
                    "the process before this one still has sessions, so this one is not replaced yet: try again when it has \
                     ended, or end it with SIGTERM"
                ),
                None => {
                    gateway.replacement().begun();
                    under_way = Some(begin_to_replace(replacing, scope));
                }
            },
            // A signal may have been faster: it is the same restart then.
            () = gateway.replacement().wanted() => if is_still {
                gateway.replacement().begun();
                under_way = Some(begin_to_replace(replacing, scope));
            },
            done = outcome(&mut under_way), if !is_still => {
                under_way = None;
                match done {
                    Ok(process) => return Awaited::Replaced { process, stops: false },
                    Err(error) => not_replaced(gateway, &error),
                }
            }
            // New settings would be old ones for the process that has read them already.
            _ = signals.hangup.recv(), if is_still => {
                watch.settle();
                reload(watch, gateway);
            }
            () = watch.changed(), if is_still => reload(watch, gateway),
        }
    }
}

fn begin_to_replace<'scope>(
    replacing: &'scope Replacing<'_>,
    scope: &'scope Scope<'scope, '_>,
) -> oneshot::Receiver<Result<u32, ReplaceError>> {
    let (done, outcome) = oneshot::channel();
    scope.spawn(move || {
        // It is waited for as long as this process waits for anything.
        let _ = done.send(replacing.run());
    });
    outcome
}

/// Waits until it is known how it went. Cancel safe.
async fn outcome(under_way: &mut UnderWay) -> Result<u32, ReplaceError> {
    match under_way {
        Some(under_way) => under_way.await.unwrap_or(Err(ReplaceError::Fault)),
        None => std::future::pending().await,
    }
}

/// Told to stop, perhaps while another process takes over: then either it has, or nothing of it is left.
async fn stops(replacing: &Replacing<'_>, mut under_way: UnderWay) -> Awaited {
    if under_way.is_none() {
        return Awaited::Stop;
    }
    replacing.interrupt();
    match outcome(&mut under_way).await {
        Ok(process) => Awaited::Replaced { process, stops: true },
        Err(_) => Awaited::Stop,
    }
}

fn not_replaced(gateway: &Gateway, error: &ReplaceError) {
    tracing::error!("this process was not replaced and goes on as before");
    let why = crate::cli::with_causes(error);
    // A line each: a log line cannot hold several.
    for line in why.lines() {
        tracing::error!("{line}");
    }
    gateway.replacement().failed(&why);
}

/// Waits until no session is left, for as long as the settings say, or until told to stop.
async fn stay(gateway: &Gateway, signals: &mut Signals) {
    let bound = gateway.handover_bound();
    tracing::info!(
        sessions = gateway.sessions(),
        bound_seconds = bound.as_secs(),
        "another process serves; this one stays until its sessions have ended"
    );
    let left = async {
        while gateway.sessions() > 0 && !gateway.is_told_to_stop() {
            tokio::time::sleep(STAY_PERIOD).await;
        }
    };
    tokio::select! {
        () = signals.told_to_stop() => {}
        _ = tokio::time::timeout(bound, left) => {}
    }
}

/// The files of settings, rules and certificates, whose changes are noticed; the demo watches its own as well.
#[derive(Debug)]
pub(crate) struct Watch {
    settings: PathBuf,
    /// Where the rule files are.
    rules: Option<PathBuf>,
    /// What else the settings name.
    named: BTreeSet<PathBuf>,
    seen: Seen,
    /// What a look found that may be half of a change.
    unsettled: Option<Seen>,
}

/// What files held: a number that changes when the content does, for each that is there.
type Seen = BTreeMap<PathBuf, u64>;

impl Watch {
    /// Notices what changes in `settings` from now on.
    pub(crate) fn new(settings: &Path) -> Watch {
        let mut watch = Watch {
            settings: settings.to_owned(),
            rules: None,
            named: BTreeSet::new(),
            seen: Seen::new(),
            unsettled: None,
        };
        watch.seen = watch.sight();
        watch
    }

    /// Notices what changes in the files that `config` names from now on, too; those it no longer names are left alone.
    pub(crate) fn follow(&mut self, config: &Config) {
        self.attend(&config.policies.directory, config::watched(config));
    }

    fn attend(&mut self, rules: &Path, named: BTreeSet<PathBuf>) {
        if self.rules.as_deref() == Some(rules) && self.named == named {
            return;
        }
        let before = std::mem::take(&mut self.seen);
        (self.rules, self.named) = (Some(rules.to_owned()), named);
        // What was seen before counts: a change meanwhile is noticed at the next look.
        let mut seen = self.sight();
        for (file, content) in &mut seen {
            *content = before.get(file).copied().unwrap_or(*content);
        }
        self.seen = seen;
        self.unsettled = None;
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
        // Settings that are away are being replaced.
        if now == self.seen || !now.contains_key(&self.settings) {
            self.unsettled = None;
            return false;
        }
        // A file that is away twice is gone. A certificate is of use with its key only: what is seen twice is whole.
        let is_away = self.seen.keys().any(|file| !now.contains_key(file));
        let is_half = is_away || self.named.iter().any(|file| now.get(file) != self.seen.get(file));
        if is_half && self.unsettled.as_ref() != Some(&now) {
            self.unsettled = Some(now);
            return false;
        }
        self.seen = now;
        self.unsettled = None;
        true
    }

    /// Takes what the files hold now for seen.
    fn settle(&mut self) {
        let now = self.sight();
        if now.contains_key(&self.settings) {
            self.seen = now;
        }
        self.unsettled = None;
    }

    fn sight(&self) -> Seen {
        let rules = self.rules.iter().flat_map(|folder| rule_files(folder));
        rules.chain(self.named.iter().cloned()).chain([self.settings.clone()]).filter_map(sighted).collect()
    }

    /// Gives the gateway what the files say now, read by `read`; answers the settings that wait for a
    /// restart. What cannot be used leaves everything as it was.
    pub(crate) fn reload(
        &mut self,
        gateway: &Gateway,
        read: impl Fn(&Path) -> Result<Config, config::ConfigError>,
    ) -> Result<Vec<String>, ReloadError> {
        let taken = read(&self.settings).map_err(ReloadError::from).and_then(|config| {
            self.follow(&config);
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
        watch.attend(&rules, BTreeSet::new());
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
        watch.attend(folder.path(), BTreeSet::new());
        assert!(!watch.look());
        fs::write(rules.join("elsewhere.toml"), "").unwrap();
        assert!(!watch.look(), "another folder is followed now");
    }

    #[test]
    fn a_certificate_and_its_key_are_one_change_when_both_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        fs::write(file("settings.toml"), "one").unwrap();
        fs::write(file("server.pem"), "one").unwrap();
        fs::write(file("server.key"), "one").unwrap();
        let mut watch = Watch::new(&file("settings.toml"));
        let named = BTreeSet::from([file("server.pem"), file("server.key"), file("later.crl")]);
        watch.attend(&file("policies"), named.clone());
        assert!(!watch.look() && !watch.look(), "it is as it was");
        fs::write(file("server.pem"), "two").unwrap();
        assert!(!watch.look(), "the key may follow");
        fs::write(file("server.key"), "two").unwrap();
        assert!(!watch.look() && watch.look() && !watch.look());
        // Told by a signal: what is there is taken at once, and is no change afterwards.
        fs::write(file("server.pem"), "three").unwrap();
        watch.settle();
        assert!(!watch.look() && !watch.look());
        fs::write(file("later.crl"), "one").unwrap();
        assert!(!watch.look() && watch.look(), "a file that was not there before");
        fs::remove_file(file("server.pem")).unwrap();
        assert!(!watch.look() && watch.look() && !watch.look(), "one that is gone is told about once");
        watch.attend(&file("policies"), BTreeSet::from([file("server.key")]));
        fs::write(file("later.crl"), "two").unwrap();
        assert!(!watch.look() && !watch.look(), "nobody names it any more");
    }
}
