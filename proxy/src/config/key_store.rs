//! Do the settings of a secret store make sense?

use super::address::{self, UrlFault};
use super::path::Path;
use super::problem::Cause;
use super::settings::{Admin, KeyStore, KeyStoreKind, Secret};
use std::net::IpAddr;

/// What makes no sense, without a look at any file.
pub(super) fn check(admin: &Admin, admin_path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    let Some(store) = &admin.key_store else { return };
    let path = admin_path.key("key_store");
    let Secret { file, env } = &admin.master_key;
    if file.is_some() || env.is_some() {
        tell(&admin_path.key("master_key"), Cause::Useless { one: "master_key", other: "key_store" });
    }
    if address::http_url(&store.url).is_ok() && !is_safe(&store.url) {
        tell(&path.key("url"), Cause::BadUrl { fault: UrlFault::NotEncrypted });
    }
    if store.key.is_empty() {
        tell(&path.key("key"), Cause::EmptyName);
    }
    identity(store, &path, tell);
    let useless = [
        (store.field.is_some() && store.kind != KeyStoreKind::VaultKv, "field"),
        (store.mount.is_some() && store.kind == KeyStoreKind::Kms, "mount"),
        (store.namespace.is_some() && store.kind == KeyStoreKind::Kms, "namespace"),
        (store.role_id.is_some() && store.kind == KeyStoreKind::Kms, "role_id"),
    ];
    for (_, one) in useless.into_iter().filter(|(is_there, _)| *is_there) {
        tell(&path.key(one), Cause::Useless { one, other: word(store.kind) });
    }
}

/// Who this is, is shown by a token or by an AppRole.
fn identity(store: &KeyStore, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    match (&store.token_file, &store.role_id) {
        (None, None) => tell(path, Cause::Lacks { what: "key_store", needs: "token_file" }),
        (Some(_), Some(_)) => {
            tell(&path.key("role_id"), Cause::Useless { one: "role_id", other: "token_file" })
        }
        (Some(_), None) | (None, Some(_)) => {}
    }
    let mut half = |one: &'static str, absent| tell(&path.key(one), Cause::HalfPair { present: one, absent });
    match (&store.role_id, &store.secret_id_file) {
        (Some(_), None) => half("role_id", "secret_id_file"),
        (None, Some(_)) => half("secret_id_file", "role_id"),
        (Some(_), Some(_)) | (None, None) => {}
    }
    if store.role_mount.is_some() && store.role_id.is_none() {
        half("role_mount", "role_id");
    }
}

fn word(kind: KeyStoreKind) -> &'static str {
    match kind {
        KeyStoreKind::VaultKv => "vault-kv",
        KeyStoreKind::VaultTransit => "vault-transit",
        KeyStoreKind::Kms => "kms",
    }
}

/// Whether nobody on the way can read along: the way is encrypted, or does not leave this machine.
fn is_safe(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return true };
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
