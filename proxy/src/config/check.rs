//! Do the settings make sense together?

use super::address;
use super::path::Path;
use super::probe;
use super::problem::{Cause, Place, Problem};
use super::settings::{Config, Listener, Mode, Protocol, TlsMode, UpstreamTlsMode};
use super::tree::Value;
use relay::settings::UpstreamAddress;
use std::net::SocketAddr;

/// Tells everything that does not.
pub(crate) fn check(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut tell = |path: &Path, cause: Cause| problems.push(config.origin.problem(path, cause));
    // Listeners that were found broken were there all the same.
    let listeners = config.origin.root.get("listener").map(|node| &node.value);
    if listeners.is_none_or(|value| matches!(value, Value::Array(items) if items.is_empty())) {
        tell(&Path::default(), Cause::NoListener);
    }
    names(config, &mut tell);
    addresses(config, &mut tell);
    for listener in &config.listeners {
        let path = Path::listener(listener.index);
        if (listener.protocol, listener.mode) == (Protocol::Mysql, Mode::Enforce) {
            tell(&path.key("mode"), enforce_mysql());
        }
        upstream(listener, &path, &mut tell);
        client_tls(listener, &path.key("tls"), &mut tell);
        upstream_tls(listener, &path.key("upstream_tls"), &mut tell);
        probe::check(listener, &path, &mut tell);
    }
    problems
}

fn enforce_mysql() -> Cause {
    Cause::NotInThisVersion {
        word: String::from("enforce"),
        instead: String::from("use `observe`: MySQL's traffic is seen and recorded, and not refused yet"),
    }
}

fn names(config: &Config, tell: &mut impl FnMut(&Path, Cause)) {
    for (position, listener) in config.listeners.iter().enumerate() {
        let mut earlier = config.listeners.iter().take(position);
        if let Some(other) = earlier.find(|other| other.name == listener.name) {
            let path = |listener: &Listener| Path::listener(listener.index).key("name");
            let place = config.origin.root.place(&path(other));
            tell(&path(listener), Cause::NameTaken { name: listener.name.clone(), other: place });
        }
    }
}

fn addresses(config: &Config, tell: &mut impl FnMut(&Path, Cause)) {
    let status = Path::default().key("status").key("listen");
    let mut taken: Vec<(SocketAddr, String, Place)> =
        vec![(config.status.listen, String::from("status.listen"), config.origin.root.place(&status))];
    for listener in &config.listeners {
        let path = Path::listener(listener.index).key("listen");
        let place = config.origin.root.place(&path);
        if let Some((_, other, place)) =
            taken.iter().find(|(other, _, _)| address::collide(*other, listener.listen))
        {
            let (other, place) = (other.clone(), place.clone());
            tell(&path, Cause::AddressTaken { address: listener.listen.to_string(), other, place });
        }
        taken.push((listener.listen, format!("listener[{}].listen", listener.name), place));
    }
}

fn upstream(listener: &Listener, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    let path = path.key("upstream");
    for (index, server) in listener.upstream.iter().enumerate() {
        // A single server is no list: the index then leads nowhere and the place is the value's.
        let path = if listener.upstream.len() > 1 { path.index(index) } else { path.clone() };
        if address::arrives_at(server, listener.listen) {
            tell(&path, Cause::OwnUpstream { address: server.to_string() });
        }
        if let Err(fault) = address::server(&server.to_string()) {
            tell(&path, Cause::BadUpstream { value: server.to_string(), fault });
        }
    }
}

fn client_tls(listener: &Listener, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    let tls = &listener.tls;
    match (&tls.certificate, &tls.key, tls.mode) {
        (Some(_), None, _) => {
            tell(&path.key("certificate"), Cause::HalfPair { present: "certificate", absent: "key" });
        }
        (None, Some(_), _) => {
            tell(&path.key("key"), Cause::HalfPair { present: "key", absent: "certificate" })
        }
        (None, None, Some(TlsMode::Require)) => {
            tell(&path.key("mode"), Cause::NoCertificate { mode: "require" })
        }
        (None, None, Some(TlsMode::Prefer)) => {
            tell(&path.key("mode"), Cause::NoCertificate { mode: "prefer" })
        }
        (None, None, Some(TlsMode::Disable) | None) | (Some(_), Some(_), _) => {}
    }
}

fn upstream_tls(listener: &Listener, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    let mode = listener.upstream_tls.mode;
    let word = mode.as_str();
    match (mode, &listener.upstream_tls.ca) {
        (UpstreamTlsMode::VerifyCa | UpstreamTlsMode::VerifyFull, None) => {
            tell(&path.key("mode"), Cause::NoCa { mode: word });
        }
        (UpstreamTlsMode::Disable | UpstreamTlsMode::Prefer | UpstreamTlsMode::Require, Some(_)) => {
            tell(&path.key("ca"), Cause::UnusedCa { mode: word });
        }
        _ => {}
    }
    if matches!(mode, UpstreamTlsMode::Disable | UpstreamTlsMode::Prefer) {
        return;
    }
    for server in &listener.upstream {
        if let UpstreamAddress::Unix(_) = server {
            tell(&path.key("mode"), Cause::TlsOverUnix { mode: word, address: server.to_string() });
        }
    }
}
