//! Where else do checkpoints and records go, and does that make sense?

use super::path::Path;
use super::problem::{Cause, ConfigError, Problem};
use super::settings::{Config, CopyContent, LedgerCopy, OnFailure};
use super::{UrlFault, address, invalid, ledger, secret, tls};
use crate::ledger::copies::{Content, CopySettings, Place};
use relay::settings::UpstreamAddress;
use std::path::PathBuf;
use std::time::Duration;

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
        match place(&copy.to) {
            Ok(place) => fits(config, copy, &place, &path, tell),
            Err(fault) => tell(&path.key("to"), Cause::BadPlace { fault }),
        }
    }
}

/// What would do nothing, or harm, with a place of this kind.
fn fits(config: &Config, copy: &LedgerCopy, place: &Place, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    let has_token = copy.token.file.is_some() || copy.token.env.is_some();
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
        Place::Syslog { .. } | Place::Web(_) => {}
    }
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
    let place = place(&copy.to).map_err(|fault| problem("to", Cause::BadPlace { fault }))?;
    let tls = match &place {
        Place::Folder(_) => None,
        Place::Syslog { .. } | Place::Web(_) => {
            let key = if copy.ca.is_some() { "ca" } else { "to" };
            Some(tls::checked(copy.ca.as_deref()).map_err(|cause| problem(key, cause))?)
        }
    };
    let token = secret::read(&copy.token, &path.key("token"), origin)?;
    if token.as_ref().is_some_and(|token| token.reveal().is_empty()) {
        return Err(problem("token", Cause::EmptySecret));
    }
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
        is_required: copy.on_failure == OnFailure::Refuse,
        patience: Duration::from_secs(copy.patience_seconds.into()),
    })
}

/// Reads a place: `file:///folder`, `syslog+tls://host:port` or `https://host/path`.
fn place(text: &str) -> Result<Place, UrlFault> {
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
