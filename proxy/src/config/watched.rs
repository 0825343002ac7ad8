//! Which files beside the settings does a gateway read anew when they change?

use super::settings::{Config, Listener};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The files of certificates, keys, authorities, revocation lists and verifiers that listeners name. Rule files are whatever
/// stands in their folder.
pub fn watched(config: &Config) -> BTreeSet<PathBuf> {
    config.listeners.iter().flat_map(of_listener).flatten().cloned().collect()
}

fn of_listener(listener: &Listener) -> impl Iterator<Item = &Option<PathBuf>> {
    let (tls, upstream) = (&listener.tls, &listener.upstream_tls);
    let clients = [&tls.certificate, &tls.key, &tls.client_ca, &tls.client_crl];
    let verifiers = &listener.authentication.verifiers;
    clients.into_iter().chain([&upstream.ca, &upstream.certificate, &upstream.key, verifiers])
}
