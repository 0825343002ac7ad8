//! Where else do checkpoints and records go, and does that make sense?

use super::nats::{self, Login};
use super::path::Path;
use super::problem::{Cause, ConfigError, Problem};
use super::settings::{Config, CopyContent, LedgerCopy, OnFailure};
use super::{UrlFault, address, invalid, ledger, secret, tls};
use crate::ledger::copies::{Content, CopySettings, Place};
use crate::nats::NatsLogin;
use relay::settings::UpstreamAddress;
use std::path::PathBuf;
use std::time::Duration;

/// How subjects of NATS begin where nothing is said.
const SUBJECT: &str = "dragoman.ledger";

fn path_of(index: usize) -> Path {
    Path::default().key("ledger").key("copies").index(index)
}

/// What makes no sense, without a look at any file.
pub(super) fn check(config: &Config, tell: &mut impl FnMut(&Path, Cause)) {
    let copies = &config.ledger.copies;
    for (index, copy) in copies.iter().enumerate() {
        let path = path_of(index);
        let mut earlier = copies.iter().take(index);
        if let Some(other) = earlier.position(|other| other.name == copy.name) {
            let other = config.origin.root.place(&path_of(other).key("name"));
            tell(&path.key("name"), Cause::CopyTaken { name: copy.name.clone(), other });
        }
        secret::check(&copy.token, &path.key("token"), tell);
        Login::from(copy).check(&path, tell);
        match place(copy) {
            Ok(place) => fits(config, copy, &place, &path, tell),
            Err(fault) => tell(&path.key("to"), Cause::BadPlace { fault }),
        }
    }
}

/// What would do nothing, or harm, with a place of this kind.
fn fits(config: &Config, copy: &LedgerCopy, place: &Place, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    let has_token = copy.token.file.is_some() || copy.token.env.is_some();
    if !matches!(place, Place::Nats { .. }) {
        let keys = Login::from(copy).own_keys().chain(copy.subject.as_ref().map(|_| "subject"));
        for key in keys {
            tell(
                &path.key(key),
                Cause::Useless { one: key, other: "an address that does not begin with nats" },
            );
        }
    }
    match place {
        Place::Folder(folder) => {
            let (folder, ledger) = (ledger::real(folder), ledger::real(&config.ledger.directory));
            if folder.starts_with(&ledger) {
                tell(&path.key("to"), Cause::OwnCopy);
            } else if ledger.starts_with(&folder) {
                tell(&path.key("to"), Cause::CopyAround);
            }
            if copy.ca.is_some() {
                tell(&path.key("ca"), Cause::Useless { one: "ca", other: "file://" });
            }
            if has_token {
                tell(&path.key("token"), Cause::Useless { one: "token", other: "file://" });
            }
        }
        Place::Syslog { .. } if has_token => {
            tell(&path.key("token"), Cause::Useless { one: "token", other: "syslog+tls://" });
        }
        Place::Nats { .. } if copy.ca.is_some() && !is_encrypted(copy) => {
            tell(&path.key("ca"), Cause::Useless { one: "ca", other: "nats://" });
        }
        Place::Syslog { .. } | Place::Web(_) | Place::Nats { .. } => {}
    }
}

/// Whether a place is spoken to by TLS.
fn is_encrypted(copy: &LedgerCopy) -> bool {
    !copy.to.starts_with("nats://")
}

/// The copies of `config`, with certificates and tokens loaded. All that is wrong with those is told at once.
pub fn copies(config: &Config) -> Result<Vec<CopySettings>, ConfigError> {
    let mut problems = Vec::new();
    let mut ready = Vec::new();
    for (index, copy) in config.ledger.copies.iter().enumerate() {
        match convert(config, copy, &path_of(index)) {
            Ok(settings) => ready.push(settings),
            Err(problem) => problems.push(*problem),
        }
    }
    if problems.is_empty() { Ok(ready) } else { Err(invalid(&config.origin.file, problems)) }
}

fn convert(config: &Config, copy: &LedgerCopy, path: &Path) -> Result<CopySettings, Box<Problem>> {
    let origin = &config.origin;
    let problem = |key: &str, cause| Box::new(origin.problem(&path.key(key), cause));
    let place = place(copy).map_err(|fault| problem("to", Cause::BadPlace { fault }))?;
    let tls = match &place {
        Place::Folder(_) => None,
        Place::Nats { .. } if !is_encrypted(copy) => None,
        Place::Syslog { .. } | Place::Web(_) | Place::Nats { .. } => {
            let key = if copy.ca.is_some() { "ca" } else { "to" };
            Some(tls::checked(copy.ca.as_deref()).map_err(|cause| problem(key, cause))?)
        }
    };
    let token = secret::read(&copy.token, &path.key("token"), origin)?;
    if token.as_ref().is_some_and(|token| token.reveal().is_empty()) {
        return Err(problem("token", Cause::EmptySecret));
    }
    let login = match &place {
        Place::Nats { .. } => Login::from(copy).read(config, path)?,
        Place::Folder(_) | Place::Syslog { .. } | Place::Web(_) => NatsLogin::Nobody,
    };
    Ok(CopySettings {
        name: copy.name.clone(),
        to: copy.to.clone(),
        place,
        content: match copy.content {
            CopyContent::Checkpoints => Content::Checkpoints,
            CopyContent::Records => Content::Records,
        },
        tls,
        token,
        login,
        is_required: copy.on_failure == OnFailure::Refuse,
        patience: Duration::from_secs(copy.patience_seconds.into()),
    })
}

/// Reads a place: `file:///folder`, `syslog+tls://host:port`, `https://host/path` or `nats+tls://host:port`.
fn place(copy: &LedgerCopy) -> Result<Place, UrlFault> {
    let text = copy.to.as_str();
    if nats::is_nats(text) {
        let nats::Server { host, port, .. } = nats::server(text)?;
        return Ok(Place::Nats { host, port, subject: copy.subject.as_deref().unwrap_or(SUBJECT).into() });
    }
    if let Some(folder) = text.strip_prefix("file://") {
        // Two slashes and a name would be a host to some.
        return match folder.starts_with('/') && folder.len() > 1 && !folder.contains(char::is_control) {
            true => Ok(Place::Folder(PathBuf::from(folder))),
            false => Err(UrlFault::NoFolder),
        };
    }
    if let Some(server) = text.strip_prefix("syslog+tls://") {
        return match address::server(server.strip_suffix('/').unwrap_or(server)) {
            Ok(UpstreamAddress::Tcp { host, port }) => Ok(Place::Syslog { host, port }),
            Ok(UpstreamAddress::Unix(_)) => Err(UrlFault::Host),
            Err(_) if server.contains('@') => Err(UrlFault::Credentials),
            Err(_) => Err(UrlFault::Host),
        };
    }
    if !text.starts_with("https://") {
        return Err(UrlFault::Scheme);
    }
    address::http_url(text).map(|()| Place::Web(text.into()))
}
