//! Do the settings make sense together?

use super::address;
use super::admin;
use super::authentication;
use super::copies;
use super::ledger;
use super::nats;
use super::path::Path;
use super::probe;
use super::problem::{Cause, Place, Problem};
use super::settings::{CertificateNames, Config, Listener, TlsMode, UpstreamTlsMode};
use super::tree::Value;
use relay::settings::UpstreamAddress;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Tells everything that does not.
pub(crate) fn check(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut tell = |path: &Path, cause: Cause| problems.push(config.origin.problem(path, cause));
    // Listeners that were found broken were there all the same.
    let listeners = config.origin.root.get("listener").map(|node| &node.value);
    let none = listeners.is_none_or(|value| matches!(value, Value::Array(items) if items.is_empty()));
    // A control plane alone has none.
    if none && config.origin.root.get("admin").is_none() {
        tell(&Path::default(), Cause::NoListener);
    }
    names(config, &mut tell);
    addresses(config, &mut tell);
    admin::check(config, &mut tell);
    copies::check(config, &mut tell);
    nats::check(config, &mut tell);
    ledger::check(config, &mut tell);
    for listener in &config.listeners {
        let path = Path::listener(listener.index);
        upstream(listener, &path, &mut tell);
        client_tls(listener, &path.key("tls"), &mut tell);
        upstream_tls(listener, &path.key("upstream_tls"), &mut tell);
        probe::check(listener, &path, &mut tell);
        authentication::check(listener, &path, &mut tell);
        if listener.mode_changes && !listener.managed {
            tell(&path.key("mode_changes"), Cause::HalfPair { present: "mode_changes", absent: "managed" });
        }
    }
    problems
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
    if let Some(admin) = &config.admin {
        let path = Path::default().key("admin").key("listen");
        tell_taken(admin.listen, &path, &taken, tell);
        taken.push((admin.listen, String::from("admin.listen"), config.origin.root.place(&path)));
    }
    for listener in &config.listeners {
        let path = Path::listener(listener.index).key("listen");
        let place = config.origin.root.place(&path);
        tell_taken(listener.listen, &path, &taken, tell);
        taken.push((listener.listen, format!("listener[{}].listen", listener.name), place));
    }
}

fn tell_taken(
    address: SocketAddr,
    path: &Path,
    taken: &[(SocketAddr, String, Place)],
    tell: &mut impl FnMut(&Path, Cause),
) {
    if let Some((_, other, place)) = taken.iter().find(|(other, _, _)| address::collide(*other, address)) {
        let (other, place) = (other.clone(), place.clone());
        tell(path, Cause::AddressTaken { address: address.to_string(), other, place });
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

fn half_pair(
    certificate: &Option<PathBuf>,
    key: &Option<PathBuf>,
    path: &Path,
    tell: &mut impl FnMut(&Path, Cause),
) {
    match (certificate, key) {
        (Some(_), None) => {
            tell(&path.key("certificate"), Cause::HalfPair { present: "certificate", absent: "key" });
        }
        (None, Some(_)) => tell(&path.key("key"), Cause::HalfPair { present: "key", absent: "certificate" }),
        (Some(_), Some(_)) | (None, None) => {}
    }
}

fn client_tls(listener: &Listener, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    let tls = &listener.tls;
    half_pair(&tls.certificate, &tls.key, path, tell);
    match (&tls.certificate, &tls.key, tls.mode) {
        (None, None, Some(TlsMode::Require)) => {
            tell(&path.key("mode"), Cause::NoCertificate { mode: "require" })
        }
        (None, None, Some(TlsMode::Prefer)) => {
            tell(&path.key("mode"), Cause::NoCertificate { mode: "prefer" })
        }
        _ => {}
    }
    client_certificates(listener, path, tell);
}

/// What is asked of clients' certificates makes sense only where clients are asked for them.
fn client_certificates(listener: &Listener, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    let tls = &listener.tls;
    let mut lacks = |present: bool, what, needs, path: &Path| {
        if present {
            tell(path, Cause::Lacks { what, needs });
        }
    };
    if tls.client_ca.is_some() {
        lacks(tls.certificate.is_none(), "client_ca", "certificate", &path.key("client_ca"));
        if tls.certificate.is_some() && tls.mode == Some(TlsMode::Disable) {
            tell(&path.key("client_ca"), Cause::Useless { one: "client_ca", other: "mode = \"disable\"" });
        }
        return;
    }
    let certificate = "client_certificate";
    lacks(tls.client_certificate.is_some(), certificate, "client_ca", &path.key(certificate));
    lacks(tls.client_crl.is_some(), "client_crl", "client_ca", &path.key("client_crl"));
    let names = listener.authentication.certificate == CertificateNames::User;
    let path = Path::listener(listener.index).key("authentication").key("certificate");
    lacks(names, "certificate = \"user\"", "tls.client_ca", &path);
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
    half_pair(&listener.upstream_tls.certificate, &listener.upstream_tls.key, path, tell);
    if mode == UpstreamTlsMode::Disable && listener.upstream_tls.certificate.is_some() {
        let useless = Cause::Useless { one: "certificate", other: "mode = \"disable\"" };
        tell(&path.key("certificate"), useless);
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
