//! Which settings and which published rules are in force, and how do others take their place?
//!
//! One at a time: the file's settings and what is published above them go into force together, or nothing
//! changes. A listener's epoch grows, and the ledger tells what changed.

mod changes;
pub(crate) mod start;

pub(crate) use changes::run as run_changes;

use crate::config::{self, Config};
use crate::gateway::ReloadError;
use crate::ledger::{LedgerHandle, Notes};
use crate::listeners::Listeners;
use crate::managed;
use crate::managed::changes::{Changes, Moment, Told};
use crate::managed::kept::{Kept, KeptError};
use control::{Acknowledgement, CertificateState, ListenerState, ManagedListener, RuleSetText, Snapshot};
use exchange::Event;
use relay::settings::{Expiry, ListenerSettings};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;

/// Rule sets of a listener whose publishers the ledger names.
const ORIGINS_MAX: usize = 16;

/// What is in force.
#[derive(Debug)]
pub(crate) struct InForce {
    /// What the process began with: what cannot be reloaded is still as it says.
    started: Config,
    listeners: Arc<Listeners>,
    runtime: Handle,
    notes: Notes,
    kept: Kept,
    now: Mutex<Now>,
}

#[derive(Debug)]
struct Now {
    config: Config,
    /// The listeners as the file alone has them.
    floor: Vec<ListenerSettings>,
    /// The same with what is published above them, in the modes they have for good.
    base: Vec<ListenerSettings>,
    /// Modes they have for a stated time.
    changes: Changes,
    snapshot: Option<Arc<Snapshot>>,
    /// The version that was looked at last, taken or not.
    seen: u64,
    /// Why published rules are not in force.
    trouble: Option<String>,
}

/// Listeners, and the snapshot that is above the file's own rules in them.
type Above = (Vec<ListenerSettings>, Option<Arc<Snapshot>>);

/// What a data plane begins with.
#[derive(Debug)]
pub(crate) struct Beginning {
    pub(crate) wanted: Vec<ListenerSettings>,
    floor: Vec<ListenerSettings>,
    base: Vec<ListenerSettings>,
    changes: Changes,
    /// What became of changes of modes since they were kept.
    told: Vec<Told>,
    snapshot: Option<Arc<Snapshot>>,
    trouble: Option<String>,
}

/// The listeners of `config` with the last good snapshot above them. Where it cannot be had the file's own floor
/// holds, and it is said.
pub(crate) fn begin(config: &Config, floor: Vec<ListenerSettings>) -> Beginning {
    let alone = |trouble| Beginning::of(config, floor.clone(), floor.clone(), None, trouble);
    if !managed::concerns(config) {
        return alone(None);
    }
    let snapshot = match Kept::beside(&config.ledger.directory).snapshot() {
        Ok(snapshot) => snapshot,
        Err(error) => {
            tracing::error!(%error, "the published rules of before are lost; the file's own rules hold");
            return alone(Some(format!("the snapshot of before cannot be used: {}", told(&error))));
        }
    };
    match managed::over(floor.clone(), config, snapshot.as_ref()) {
        Ok(base) => Beginning::of(config, floor, base, snapshot, None),
        Err(problems) => {
            let version = snapshot.map_or(0, |snapshot| snapshot.version);
            let problems = problems.join("; ");
            tracing::error!(
                version,
                problems,
                "the published rules of before do not fit; the file's own rules hold"
            );
            alone(Some(format!("version {version} does not fit the settings, whose own rules hold")))
        }
    }
}

impl Beginning {
    fn of(
        config: &Config,
        floor: Vec<ListenerSettings>,
        base: Vec<ListenerSettings>,
        snapshot: Option<Snapshot>,
        trouble: Option<String>,
    ) -> Beginning {
        let now = Moment::now();
        let mut changes = Changes::begin(&Kept::beside(&config.ledger.directory), snapshot.as_ref(), &now);
        let told = changes.settle(config, &now);
        let wanted = changes.over(base.clone());
        Beginning { wanted, floor, base, changes, told, snapshot: snapshot.map(Arc::new), trouble }
    }
}

/// In words that name no file: everybody may see them.
fn told(error: &KeptError) -> &'static str {
    match error {
        KeptError::File { .. } => "its file cannot be read",
        KeptError::Damaged { .. } => "its file is damaged",
    }
}

impl InForce {
    pub(crate) fn new(
        config: Config,
        beginning: Beginning,
        listeners: Arc<Listeners>,
        ledger: &LedgerHandle,
        runtime: Handle,
    ) -> InForce {
        let Beginning { floor, base, changes, told, snapshot, trouble, wanted: _ } = beginning;
        let seen = snapshot.as_ref().map_or(0, |snapshot| snapshot.version);
        let in_force = InForce {
            started: config.clone(),
            listeners,
            runtime,
            notes: ledger.notes(),
            kept: Kept::beside(&config.ledger.directory),
            now: Mutex::new(Now { config, floor, base, changes, snapshot, seen, trouble }),
        };
        in_force.tell_beginning(told);
        in_force
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The settings in force.
    pub(crate) fn config(&self) -> Config {
        self.now().config.clone()
    }

    /// The data plane's own id.
    pub(crate) fn plane_id(&self) -> Result<String, KeptError> {
        self.kept.plane_id()
    }

    /// The ledger's folder.
    pub(crate) fn ledger_directory(&self) -> &Path {
        &self.started.ledger.directory
    }

    /// Takes new settings, with the last snapshot above them. Returns the settings that wait for a restart.
    pub(crate) fn reload(&self, new: Config) -> Result<Vec<String>, ReloadError> {
        let floor = config::listeners(&new)?;
        let mut now = self.now();
        let (base, snapshot) = self.above(&now, &floor, &new)?;
        let mut changes = now.changes.clone();
        let told = self.settle(&mut changes, &now.changes, &new);
        self.put(changes.over(base.clone()), None, told)?;
        now.changes = changes;
        now.base = base;
        let waiting = config::restart_needed(&self.started, &new);
        let changed = config::changed(&now.config, &new);
        let mut note = if changed.is_empty() {
            "settings reloaded, none of them changed".to_owned()
        } else {
            format!("settings reloaded: {}", changed.join(", "))
        };
        if !waiting.is_empty() {
            note.push_str("; a restart is needed for ");
            note.push_str(&waiting.join(", "));
        }
        if snapshot.is_some() || !managed::concerns(&new) {
            now.trouble = None;
        }
        now.config = new;
        now.floor = floor;
        // What did not fit before may fit now.
        now.seen = snapshot.as_ref().map_or(0, |snapshot| snapshot.version);
        now.snapshot = snapshot;
        self.notes.tell(Event::ConfigChanged, note);
        self.listeners.tell_rules_changed();
        Ok(waiting)
    }

    /// The listeners of new settings with the last snapshot above them. One that is in force must fit; one of
    /// before that was not may.
    fn above(&self, now: &Now, floor: &[ListenerSettings], new: &Config) -> Result<Above, ReloadError> {
        let kept = || self.kept.snapshot().ok().flatten().map(Arc::new);
        let snapshot = now.snapshot.clone().or_else(kept).filter(|_| managed::concerns(new));
        match managed::over(floor.to_vec(), new, snapshot.as_deref()) {
            Ok(wanted) => Ok((wanted, snapshot.or(now.snapshot.clone()))),
            Err(_) if now.snapshot.is_none() => Ok((floor.to_vec(), None)),
            Err(problems) => Err(ReloadError::Published { problems }),
        }
    }

    /// Gives the sessions that are left the rules that another process has put in force: those of the file, with what was
    /// published above them.
    pub(crate) fn follow(&self) -> Result<(), ReloadError> {
        let config = config::load(&self.started.origin.file, config::process_environment())?;
        let floor = config::listeners(&config)?;
        self.listeners.follow(begin(&config, floor).wanted);
        Ok(())
    }

    /// Takes what was published, all of it or nothing.
    pub(crate) fn publish(&self, snapshot: Arc<Snapshot>) -> Acknowledgement {
        let version = snapshot.version;
        let mut now = self.now();
        if now.snapshot.as_ref().is_some_and(|kept| kept.version >= version) {
            return Acknowledgement { version, problems: Vec::new() };
        }
        now.seen = version;
        let mut changes = now.changes.clone();
        changes.want(&snapshot);
        let told = self.settle(&mut changes, &now.changes, &now.config);
        let (base, mut problems) = match managed::over(now.floor.clone(), &now.config, Some(&snapshot)) {
            Ok(base) => (base, Vec::new()),
            // A mistake in rules keeps no mode from being changed, nor from changing back.
            Err(problems) => (now.base.clone(), problems),
        };
        let published = problems.is_empty().then_some(&*snapshot);
        let done = if problems.is_empty() || !told.is_empty() {
            self.put(changes.over(base.clone()), published, told)
        } else {
            Ok(())
        };
        match done {
            Ok(()) => {
                now.changes = changes;
                now.base = base;
            }
            Err(error) => problems.push(error.to_string()),
        }
        let mut acknowledgement = Acknowledgement { version, problems };
        if acknowledgement.problems.is_empty() {
            now.trouble = None;
            if let Err(error) = self.kept.keep(&snapshot) {
                // It is in force; a restart without the control plane would not know it.
                tracing::error!(%error, version, "a published snapshot cannot be kept");
                now.trouble = Some(format!("version {version} is in force and cannot be kept for a restart"));
            }
            now.snapshot = Some(snapshot);
            self.listeners.tell_rules_changed();
            tracing::info!(version, "published rules are in force");
        } else {
            acknowledgement.problems.sort();
            let problems = acknowledgement.problems.join("; ");
            tracing::error!(
                version,
                problems,
                "published rules are not taken; what was in force before still is"
            );
            now.trouble = Some(format!("version {version} was not taken, what was in force before still is"));
            self.listeners.tell_rules_changed();
        }
        acknowledgement
    }

    /// Serves `wanted`, and tells what changed, and who published it where somebody did.
    fn put(
        &self,
        wanted: Vec<ListenerSettings>,
        published: Option<&Snapshot>,
        told: Vec<Told>,
    ) -> Result<(), crate::listeners::BindError> {
        let changes = self.changes(&wanted, published, told);
        self.listeners.apply(wanted, &self.runtime)?;
        for (event, change) in changes {
            match event {
                Event::ModeChanged => tracing::warn!("{change}"),
                _ => tracing::info!("{change}"),
            }
            self.notes.tell(event, change);
        }
        Ok(())
    }

    /// Accepts nothing until [`InForce::serve_again`]; rules are taken all the same.
    pub(crate) fn shut(&self) {
        self.listeners.shut();
    }

    /// Opens the ports that are wanted now. Where one cannot be opened all stay shut.
    pub(crate) fn serve_again(&self) -> Result<(), crate::listeners::BindError> {
        let now = self.now();
        self.listeners.unlock();
        let served = self.listeners.apply(now.changes.over(now.base.clone()), &self.runtime);
        if served.is_err() {
            self.listeners.shut();
        }
        served
    }

    /// In words, which listeners begin or cease to enforce, which show other certificates, and which get other rules.
    /// Where that is a change of a mode for a stated time it is said which.
    fn changes(
        &self,
        wanted: &[ListenerSettings],
        published: Option<&Snapshot>,
        mut told: Vec<Told>,
    ) -> Vec<(Event, String)> {
        let served = self.listeners.served();
        let mut changes = Vec::new();
        for new in wanted {
            let settings = served.iter().map(|listener| listener.settings.load_full());
            let Some(old) = settings.into_iter().find(|old| old.name == new.name) else { continue };
            let name = &new.name;
            let by = origin(name, &new.workspace, published);
            if old.mode != new.mode {
                let (from, to) = (old.mode.as_str(), new.mode.as_str());
                let mine = told.extract_if(.., |one| *one.listener == **name).map(|one| one.words);
                let mine = mine.collect::<Vec<_>>().join("; ");
                let by = if mine.is_empty() { by.clone() } else { format!(": {mine}") };
                let change = format!("listener `{name}` changes from {from} to {to}{by}");
                changes.push((Event::ModeChanged, change));
            }
            if old.client_tls.digest != new.client_tls.digest {
                let change = format!("listener `{name}` has other certificates towards clients");
                changes.push((Event::ConfigChanged, change));
            }
            if !old.rules.agrees_with(&new.rules) {
                let (from, to) = (old.rules.rules(), new.rules.rules());
                let count = if from == to { String::new() } else { format!(": {to} in place of {from}") };
                changes
                    .push((Event::PolicyChanged, format!("rules of listener `{name}` changed{count}{by}")));
            }
        }
        let told = told.into_iter();
        changes.extend(told.map(|one| (Event::ModeChanged, changes::mode_stays(&one))));
        changes
    }

    /// The version of the snapshot that was looked at last, taken or not.
    pub(crate) fn seen(&self) -> u64 {
        self.now().seen
    }

    /// The version of the snapshot that is in force; 0 for none.
    pub(crate) fn version(&self) -> u64 {
        self.now().snapshot.as_ref().map_or(0, |snapshot| snapshot.version)
    }

    /// Why published rules are not in force, in words that everybody may see.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.now().trouble.clone()
    }

    /// How the listeners are.
    pub(crate) fn listener_states(&self) -> Vec<ListenerState> {
        let (config, changes) = {
            let now = self.now();
            (now.config.clone(), now.changes.clone())
        };
        let served = self.listeners.served();
        let state = |listener: &Arc<relay::Listener>| {
            let settings = listener.settings.load_full();
            let written = config.listeners.iter().find(|one| *one.name == *settings.name)?;
            let upstream: Vec<_> = settings.upstream.iter().map(ToString::to_string).collect();
            let is_up = |server: &String| listener.upstreams.is_up(server);
            let was_asked = |server: &String| listener.upstreams.reason(server).is_some();
            let upstream_up = match (upstream.iter().any(is_up), upstream.iter().all(was_asked)) {
                (true, _) => Some(true),
                (false, true) => Some(false),
                (false, false) => None,
            };
            Some(ListenerState {
                name: written.name.clone(),
                protocol: settings.protocol.as_str().to_owned(),
                workspace: settings.workspace.to_string(),
                environment: settings.environment.as_str().to_owned(),
                listen: settings.listen.to_string(),
                upstream,
                mode: settings.mode.as_str().to_owned(),
                floor_mode: managed::mode_word(written.mode).to_owned(),
                floor_policies: written.policies.clone(),
                default: if settings.rules.default_allows() { "allow" } else { "refuse" }.to_owned(),
                managed: written.managed,
                mode_changes: written.managed && written.mode_changes,
                mode_changed: changes.told(&written.name),
                upstream_up,
                sessions: listener.sessions() as u64,
                certificates: settings.expiries.iter().map(certificate).collect(),
            })
        };
        served.iter().filter_map(state).collect()
    }
}

/// When a certificate no longer holds, as it is told.
fn certificate(expiry: &Expiry) -> CertificateState {
    let expires_at_us = i64::try_from(expiry.at).unwrap_or(i64::MAX).saturating_mul(1_000_000);
    CertificateState { setting: expiry.setting.to_owned(), expires_at_us }
}

/// From where the rules of a listener come, for the ledger: whoever reads it later asks who approved of them.
fn origin(listener: &str, workspace: &str, published: Option<&Snapshot>) -> String {
    let Some(snapshot) = published else { return String::from(", by the settings file") };
    let of_owner = |one: &&ManagedListener| one.name == listener && one.workspace == workspace;
    let mut origin = format!(", published as version {}", snapshot.version);
    let Some(managed) = snapshot.listeners.iter().find(of_owner) else {
        // Nothing is published for it any more: its file alone decides again.
        return origin;
    };
    if !managed.by.is_empty() {
        let _ = write!(origin, " by {}", managed.by);
    }
    for RuleSetText { name, version, by, .. } in managed.texts.iter().take(ORIGINS_MAX) {
        let _ = write!(origin, "; rule set `{name}` version {version}");
        if !by.is_empty() {
            let _ = write!(origin, " by {by}");
        }
    }
    if let Some(more @ 1..) = managed.texts.len().checked_sub(ORIGINS_MAX) {
        let _ = write!(origin, "; and {more} more rule sets");
    }
    origin
}
