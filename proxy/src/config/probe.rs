//! As whom does the gateway itself log in to an upstream?

use super::path::{Origin, Path};
use super::problem::{Cause, Problem};
use super::secret;
use super::settings::{Listener, Probe, Protocol};
use relay::settings as ready;
use std::time::Duration;

/// What makes no sense about the settings of the probe, without a look at any file.
pub(crate) fn check(listener: &Listener, path: &Path, tell: &mut impl FnMut(&Path, Cause)) {
    let (probe, path) = (&listener.probe, path.clone());
    let inner = path.key("probe");
    let password = inner.key("password");
    let secret = &probe.password;
    match (&secret.file, &secret.env) {
        (Some(_), Some(_)) => secret::check(secret, &password, tell),
        (Some(_), None) if probe.user.is_none() => {
            tell(&password.key("file"), Cause::HalfPair { present: "password", absent: "user" });
        }
        (None, Some(_)) if probe.user.is_none() => {
            tell(&password.key("env"), Cause::HalfPair { present: "password", absent: "user" });
        }
        _ => {}
    }
    if probe.user.as_deref() == Some("") {
        tell(&inner.key("user"), Cause::EmptyName);
    }
    if listener.require_verified && probe.user.is_none() {
        tell(
            &path.key("require_verified"),
            Cause::HalfPair { present: "require_verified", absent: "probe.user" },
        );
    }
    if listener.protocol == Protocol::Mysql && !probe.databases.is_empty() {
        tell(&inner.key("databases"), Cause::UnusedDatabases);
    }
}

/// The probe of a listener, its password read; `None` where none is set.
pub(crate) fn ready(
    probe: &Probe,
    path: &Path,
    origin: &Origin,
) -> Result<Option<ready::Probe>, Vec<Problem>> {
    let Some(user) = &probe.user else { return Ok(None) };
    let password =
        secret::read(&probe.password, &path.key("password"), origin).map_err(|problem| vec![*problem])?;
    Ok(Some(ready::Probe {
        user: user.as_str().into(),
        password: password.map(|password| ready::Secret::new(password.reveal())),
        databases: probe.databases.iter().map(|name| name.as_str().into()).collect(),
        interval: Duration::from_secs(probe.interval_seconds.into()),
    }))
}
